"""From a published network to ONNX, with numpy and onnx alone: neither TensorFlow nor torch is needed.

Every converter is deterministic: the same input gives the same bytes.
"""
