"""Running a network: one place that opens onnxruntime, and keeps how long its bare runs took."""

import time
from pathlib import Path
from typing import Any

import numpy.typing as npt

from edge.errors import PerceptionError
from models.runtime import onnxruntime as ort

WARNINGS_OFF = 3


class Network:
    """An ONNX network on one CPU thread.

    Two threads were slower than one in every trial, and a spinning thread takes the core from the next network.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.runs = 0
        self.run_s = 0.0
        """Processor time of the runs, seconds: a session works on the thread that calls it, and on no other."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = WARNINGS_OFF
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own exceptions share no narrower base
            raise PerceptionError(f"network {name!r}: {path} cannot be loaded ({error}); pull it again") from error
        self._input = self._session.get_inputs()[0].name

    def run(self, tensor: npt.NDArray[Any], outputs: list[str] | None = None) -> list[npt.NDArray[Any]]:
        """The network's outputs for `tensor`, all of them or those named."""
        began = time.thread_time()
        result: list[npt.NDArray[Any]] = self._session.run(outputs, {self._input: tensor})
        self.run_s += time.thread_time() - began
        self.runs += 1
        return result
