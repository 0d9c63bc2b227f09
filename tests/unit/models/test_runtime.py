"""onnxruntime says nothing to its maker."""

import subprocess
import sys


def test_the_switch_is_set_before_onnxruntime_is_loaded() -> None:
    watch = (
        "import os, sys\n"
        "os.environ.pop('ORT_DISABLE_TELEMETRY', None)\n"
        "class Watch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'onnxruntime':\n"
        "            print('loaded with', os.environ.get('ORT_DISABLE_TELEMETRY'))\n"
        "sys.meta_path.insert(0, Watch())\n"
        "import edge.node\n"
    )
    result = subprocess.run([sys.executable, "-c", watch], capture_output=True, text=True, check=True)
    assert result.stdout == "loaded with 1\n"
