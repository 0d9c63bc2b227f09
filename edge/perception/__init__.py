"""Pixels to observations: persons in an area camera's picture, hands and changes in a shelf camera's, looks."""
