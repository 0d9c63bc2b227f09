"""A whole mock store behind the same device ports as a real one, with exact truth.

layout/ (what the store is), scene/ (who does what in it), world/ (where everybody and everything is at any moment,
pure), render/ (what a camera sees of it), sensor/ (what a real camera makes of that), and the devices.
"""
