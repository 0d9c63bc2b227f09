"""The mock store's world: a pure function of a scene and a moment. Numpy and the protocol, no graphics, no files."""
