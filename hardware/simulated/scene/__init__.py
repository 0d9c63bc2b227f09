"""Who does what in a mock store: the cast, their plans, the language that writes them down, and a library of scenes."""
