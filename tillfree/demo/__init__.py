"""Broker, cloud and edge in one go: a recording played, or a webcam watched, until there is a receipt."""
