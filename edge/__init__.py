"""What runs in the store: pixels in, events out."""
