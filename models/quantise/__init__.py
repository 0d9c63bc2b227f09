"""Networks in eight-bit integers, by onnxruntime's static quantisation, calibrated on pictures of the kind to be seen.

`quantised` rounds the convolutions that it is told to and leaves the others in float: which they are is what decides
whether anything is still found. Nothing that Tillfree ships is quantised: docs/models.md says what was measured.
"""
