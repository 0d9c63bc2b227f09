"""Drivers behind the scale port."""
