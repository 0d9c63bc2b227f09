"""Listening to the broker: messages in, acks out."""
