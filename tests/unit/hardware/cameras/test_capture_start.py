"""A capture process is there again in a moment: it loads no more than it needs to take pictures."""

import subprocess
import sys

HEAVY = {"pydantic", "cv2", "onnx", "onnxruntime", "paho", "sqlalchemy"}


def test_a_capture_process_loads_nothing_heavy_but_its_driver() -> None:
    ask = "import hardware.cameras.capture_process, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY.intersection(loaded)
