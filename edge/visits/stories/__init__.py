"""Who took what, decided together: stories of everything that happened, each with its probability."""
