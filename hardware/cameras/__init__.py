"""Cameras behind their port: recordings, and live ones that cannot stop the store."""
