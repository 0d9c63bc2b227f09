"""Which values a network's maps take on pictures of the kind it is to see: all that eight bits need to know.

Measured once, by hand (`tillfree models quantise`), and kept as a file of this folder, so that every machine makes the
same network. Of each map's values on a picture the `BEYOND`th part at either end is left out, and the widest range of
all pictures is taken: one value that stands out would cost all others their steps.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper
from pydantic import Field, ValidationError

from models.errors import ConversionFailed, WrongHash
from models.quantise.eight_bits import INTEGER, Ranges
from models.runtime import onnxruntime
from protocol.model import Model

FOLDER = Path(__file__).parent / "ranges"
BEYOND = 1e-5
STEP = 3
"""Every third value of a map is looked at: sorting all of them would take minutes, and neighbours are alike."""

FIRST = 3
"""So many convolutions from the picture on stay in float. They have few channels and large maps, so that float costs no
more than rounding would; and they bring half of the whole error in."""

Floats = npt.NDArray[np.float32]


class RangesFile(Model):
    """What stands in a file of ranges."""

    format: Literal[1]
    network: str
    measured_on: str
    beyond: Annotated[float, Field(ge=0, lt=0.1)]
    maps: dict[str, tuple[float, float]]


def read_ranges(name: str, sha256: str, folder: Path = FOLDER) -> RangesFile:
    """The file called `name`, which must have this hash. WrongHash and ConversionFailed say what is wrong with it."""
    path = folder / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConversionFailed(f"{path}: {error.strerror}; it comes with Tillfree: install that anew") from None
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise WrongHash(f"{path}: its SHA-256 is {found}, and lock.yaml says {sha256}; install Tillfree anew")
    try:
        return RangesFile.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ConversionFailed(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def write_ranges(path: Path, network: str, measured_on: str, ranges: Ranges) -> str:
    """Write the file; its SHA-256, for lock.yaml."""
    maps = {name: (_short(least), _short(most)) for name, (least, most) in ranges.items()}
    content = RangesFile(format=1, network=network, measured_on=measured_on, beyond=BEYOND, maps=maps)
    lines = json.dumps(content.model_dump(), indent=1)
    # A map a line: what changes shows in a comparison of two files.
    text = lines.replace("[\n   ", "[").replace(",\n   ", ", ").replace("\n  ]", "]") + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def measured(
    model: bytes, pictures: Iterable[Floats], beyond: float = BEYOND, first: int = FIRST
) -> dict[str, tuple[float, float]]:
    """The ranges of the `folded` network's maps on `pictures`, inputs as the network takes them; ValueError for none.

    The `first` convolutions stay in float, and the last ones, so that what these give is not cut to 256 steps: their
    maps have no range.
    """
    whole = onnx.load_from_string(model)
    entry = whole.graph.input[0].name
    maps = list(_maps(whole.graph, first))
    asked = [name for name in maps if name != entry]
    given = {output.name for output in whole.graph.output}
    whole.graph.output.extend(helper.make_tensor_value_info(name, 1, None) for name in asked if name not in given)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(whole.SerializeToString(), options, providers=["CPUExecutionProvider"])
    shown = 0
    least: dict[str, float] = {}
    most: dict[str, float] = {}
    for picture in pictures:
        shown += 1
        # Asked for nothing, onnxruntime would give everything.
        given_out = session.run(asked, {entry: picture}) if asked else []
        taken = dict(zip(asked, given_out, strict=True)) | {entry: picture}
        for name in maps:
            values = taken[name]
            low, high = np.quantile(values.reshape(-1)[::STEP], [beyond, 1.0 - beyond]).tolist()
            least[name] = min(least.get(name, 0.0), low)
            most[name] = max(most.get(name, 0.0), high)
    if not shown:
        raise ValueError("there are no pictures to measure ranges on")
    return {name: (least[name], most[name]) for name in least}


def _maps(graph: onnx.GraphProto, first: int) -> Iterator[str]:
    """The maps that nodes in whole numbers take and give: neither the first convolutions nor the last ones."""
    takers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            takers.setdefault(name, []).append(node)
    before_convolution: dict[str, bool] = {}
    for node in reversed(graph.node):
        after = [taker for output in node.output for taker in takers.get(output, ())]
        leads = any(taker.op_type == "Conv" or before_convolution[taker.output[0]] for taker in after)
        before_convolution[node.output[0]] = leads
    counted = {entry.name for entry in graph.input}
    convolutions = 0
    if first == 0:
        yield graph.input[0].name
    for node in graph.node:
        # Shapes are computed in whole numbers anyway: only what follows from the picture is a map.
        if node.op_type not in INTEGER or not counted.intersection(node.input):
            continue
        counted.add(node.output[0])
        convolutions += node.op_type == "Conv"
        if convolutions > first and before_convolution[node.output[0]]:
            yield node.output[0]


def _short(value: float) -> float:
    return float(f"{value:.6g}")
