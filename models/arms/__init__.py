"""The shelf network: hands and products in a shelf camera's view, found by weights of our own.

`shelf.onnx` is what runs; training/ is how it came about; README.md is its card.
"""
