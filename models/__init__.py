"""The networks: which, from where, how they become ONNX, and what they were measured to do."""
