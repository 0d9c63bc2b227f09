"""Whether the person network runs in float or in eight-bit integers here, and where its file is.

`best` takes integers where they were measured to be right and quick: the board's profile says that they are (only the
x86 one does), the processor multiplies them four at a time, and the CPU is what runs the network. Whatever else is
there (a GPU) has precisions of its own, which nobody has measured with integers.
"""

import logging
from pathlib import Path

from edge.perception.needs import PERSONS
from edge.perception.running import Running
from hardware.boards.processor import integer_dot_products
from models.cache import onnx_path
from models.runtime import onnxruntime as ort

logger = logging.getLogger(__name__)


def person_network(running: Running) -> Path:
    """The file of the person network for this machine. ModelNotPulled where it is not here or is damaged."""
    return onnx_path(PERSONS, eight_bits=eight_bits(running, tuple(ort.get_available_providers())))


def eight_bits(running: Running, by_runtime: tuple[str, ...], *, dot_products: bool | None = None) -> bool:
    """Whether integers are to be used; `by_runtime` are the providers that the installed onnxruntime offers."""
    able = integer_dot_products() if dot_products is None else dot_products
    if running.precision == "int8":
        if not able:
            logger.warning("int8 was asked for, and this processor has no integer dot products: expect it to be slower")
        return True
    return running.precision == "best" and able and running.offered(by_runtime)[:1] == ("CPU",)
