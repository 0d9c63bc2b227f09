"""Devices behind ports: cameras, scales, gates, lights."""
