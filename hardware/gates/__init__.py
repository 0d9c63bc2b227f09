"""Drivers behind the gate port."""
