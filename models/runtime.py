"""The one place that loads onnxruntime.

Its wheels for Linux report to their maker from version 1.29 on, and begin when they are loaded: they write a device
id and a database of events and look for a collector on the internet. A store's computer has nothing to say there, so
the switch is set before.
"""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime

__all__ = ["onnxruntime"]
