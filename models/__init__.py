"""The networks: which, from where, how they become ONNX, and what they were measured to do.

`catalogue` has their cards, `cache.onnx_path` is what the edge loads, `pull` gets them: `fetch`, `convert`, `check`.
"""
