"""What a hub knows of people, carts and shelves, kept on disk so that it goes on with it after a crash."""
