"""The gate: codes out of pictures, tokens checked and used once, what a lane shows, and when a store trades."""
