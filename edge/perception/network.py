"""Running a network: the one place that opens onnxruntime's sessions.

Theory of operation. The providers of `Running` that this onnxruntime offers are tried in their order. One works when a
session opens, when that session really has it (onnxruntime goes on silently without a provider whose libraries are
missing), and when a first run on zeros succeeds, which also warms it up: graphs are compiled and memory is taken before
the first picture comes. One that does not, gives way to the next with a warning that says why; so does one that breaks
later, in the midst of work. When none is left the network says so at every run, and costs nothing.

Inputs have fixed shapes and lie in memory as the network wants them, so that a CPU reads them where they are; there
binding inputs and outputs beforehand gains nothing, and is not done.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edge.errors import PerceptionError
from edge.perception.running import ORT_NAMES, Running
from edge.perception.timing import NetworkTiming, Stopwatch
from hardware.boards.board import Provider
from models.runtime import onnxruntime as ort

logger = logging.getLogger(__name__)

WARNINGS_OFF = 3
FREE_SIDE = 224
"""Where a network takes pictures of any size it is warmed up with this one."""
DTYPES: Mapping[str, Any] = {"tensor(float)": np.float32, "tensor(int32)": np.int32, "tensor(uint8)": np.uint8}

SHAPES_MAX = 4
"""Shapes of input that stay open, some 20 MB each; the one that was longest not used goes first."""

Tensor = npt.NDArray[Any]
Shape = tuple[int, ...]
Fit = Callable[[Path, Shape], bytes]
"""Makes the network in a file to the measure of an input."""
Open = Callable[[Path | bytes, Any, Provider], Any]
"""Opens a session of onnxruntime for a model, options and a provider."""


class Network:
    """An ONNX network that is open. PerceptionError where no provider opens it.

    By default it runs on one CPU thread: two were slower than one in every trial, and a spinning thread takes the core
    from the next network. A network that can be made to measure is given `fit` and the `shapes` of input to begin with:
    others are opened when they come. `opener` and `offered` are onnxruntime's own unless somebody tries something.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        running: Running | None = None,
        *,
        fit: Fit | None = None,
        shapes: tuple[Shape, ...] = (),
        opener: Open | None = None,
        offered: tuple[str, ...] | None = None,
    ) -> None:
        self.name = name
        self.runs = 0
        self.run_s = 0.0
        """Of the runs, seconds: processor time of the one thread that works; of the wall's clock where several do."""
        self._path, self._fit, self._opener = path, fit, opener or _session
        self._running = running or Running()
        self._watch = Stopwatch()
        self._refused: list[str] = []
        self._sessions: OrderedDict[Shape, _Opened] = OrderedDict()
        by_runtime = tuple(ort.get_available_providers()) if offered is None else offered
        self._left = list(self._running.offered(by_runtime))
        for provider in self._running.providers if self._running.asked else ():
            if provider not in self._left:
                self._refused.append(self._warn(provider, f"this onnxruntime offers {', '.join(by_runtime)} only"))
        for shape in shapes or ((),):
            self._open(shape)

    @property
    def provider(self) -> Provider | None:
        """Where it runs just now; None where nothing is left that works."""
        return self._left[0] if self._left else None

    @property
    def timing(self) -> NetworkTiming:
        """How long its runs take."""
        return self._watch.timing(self.name, self.provider or "none", self.runs)

    def run(self, tensor: Tensor, outputs: list[str] | None = None) -> list[Tensor]:
        """The network's outputs for `tensor`, all of them or those named. PerceptionError where no provider is left."""
        while True:
            opened = self._open(tensor.shape if self._fit is not None else ())
            clock = time.thread_time if self._running.threads == 1 and self.provider == "CPU" else time.perf_counter
            began, began_work = time.perf_counter(), clock()
            try:
                result: list[Tensor] = opened.session.run(outputs, {opened.input: tensor})
            except Exception as error:  # noqa: BLE001 - onnxruntime's own exceptions share no narrower base
                self._refuse(f"it broke while it ran ({error})")
                continue
            self.run_s += clock() - began_work
            self.runs += 1
            self._watch.add(time.perf_counter() - began)
            return result

    def _open(self, shape: Shape) -> "_Opened":
        """The session for inputs of `shape`, on the first provider of those left that works."""
        if shape in self._sessions:
            self._sessions.move_to_end(shape)
            return self._sessions[shape]
        model = self._path if self._fit is None else self._fitted(shape)
        while self._left:
            provider = self._left[0]
            try:
                session = self._opener(model, _options(self._running.threads), provider)
                if ORT_NAMES[provider] not in session.get_providers():
                    self._refuse("onnxruntime could not load it; are its libraries and driver installed?")
                    continue
                wanted = session.get_inputs()[0]
                session.run(None, {wanted.name: _zeros(wanted)})
            except Exception as error:  # noqa: BLE001 - onnxruntime's own exceptions share no narrower base
                self._refuse(str(error))
                continue
            self._sessions[shape] = _Opened(session, wanted.name)
            if len(self._sessions) > SHAPES_MAX:
                self._sessions.popitem(last=False)
            return self._sessions[shape]
        tried = "; ".join(self._refused) or f"of {', '.join(self._running.providers)} this onnxruntime offers none"
        raise PerceptionError(
            f"network {self.name!r}: {self._path} cannot be loaded: no execution provider works ({tried}). Pull it "
            "again (tillfree models pull), and look at TILLFREE_PROVIDERS and TILLFREE_BOARD"
        )

    def _fitted(self, shape: Shape) -> bytes:
        assert self._fit is not None, "asked of networks that can be made to measure"
        try:
            return self._fit(self._path, shape)
        except Exception as error:  # onnx's own exceptions share no narrower base
            raise PerceptionError(
                f"network {self.name!r}: {self._path} cannot be loaded ({error}); pull it again"
            ) from error

    def _refuse(self, why: str) -> None:
        """Give up the provider that was tried, and all that is open on it."""
        self._sessions.clear()
        self._refused.append(self._warn(self._left.pop(0), why))

    def _warn(self, provider: Provider, why: str) -> str:
        logger.warning("network %r does not run on %s: %s", self.name, provider, why)
        return f"{provider}: {why}"


@dataclass(frozen=True, slots=True)
class _Opened:
    session: Any
    input: str


def _options(threads: int) -> Any:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = WARNINGS_OFF
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _session(model: Path | bytes, options: Any, provider: Provider) -> Any:
    # What a provider has no kernel for runs on the CPU; it stands behind every other.
    names = list(dict.fromkeys((ORT_NAMES[provider], ORT_NAMES["CPU"])))
    return ort.InferenceSession(str(model) if isinstance(model, Path) else model, options, providers=names)


def _zeros(wanted: Any) -> Tensor:
    """Zeros of an input's shape: dimensions that may be anything are one picture, and `FREE_SIDE` pixels."""
    shape = [size if isinstance(size, int) else 1 if axis == 0 else FREE_SIDE for axis, size in enumerate(wanted.shape)]
    return np.zeros(shape, DTYPES[wanted.type])
