"""Drivers behind the light port."""
