"""The networks' cards: what each is for, takes and gives, under which licence, and what it was measured to do."""

from collections.abc import Iterable
from dataclasses import dataclass

from models.errors import UnknownModel
from models.lock import Lock, Network, Tensor, built_in


@dataclass(frozen=True, slots=True)
class TensorCard:
    """An input or output of the ONNX network; a dimension that is a word may have any size."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """A figure and what it was measured on: it says nothing about anything else."""

    what: str
    value: float
    measured_on: str


@dataclass(frozen=True, slots=True)
class Card:
    """What a person should know of a network before using it."""

    name: str
    purpose: str
    licence: str
    origin: str
    package: str
    download_bytes: int
    inputs: tuple[TensorCard, ...]
    outputs: tuple[TensorCard, ...]
    measured: tuple[Measurement, ...]


def cards() -> tuple[Card, ...]:
    """Every network's card, in the order of the lock file."""
    lock = built_in()
    return tuple(_card(lock, name, network) for name, network in lock.networks.items())


def card(name: str) -> Card:
    """The card of network `name`. UnknownModel lists those that there are."""
    lock = built_in()
    return _card(lock, name, network_named(lock, name))


def network_named(lock: Lock, name: str) -> Network:
    """The lock file's entry of network `name`. UnknownModel lists those that there are."""
    if name not in lock.networks:
        raise UnknownModel(f"there is no network '{name}'; there are: {', '.join(lock.networks)}")
    return lock.networks[name]


def _card(lock: Lock, name: str, network: Network) -> Card:
    package = lock.packages[network.package]
    return Card(
        name=name,
        purpose=network.purpose,
        licence=network.licence,
        origin=network.origin,
        package=f"{package.manager} {package.title}",
        download_bytes=package.bytes,
        inputs=_tensors(network.inputs),
        outputs=_tensors(network.outputs),
        measured=tuple(Measurement(figure.what, figure.value, figure.measured_on) for figure in network.measured),
    )


def _tensors(tensors: Iterable[Tensor]) -> tuple[TensorCard, ...]:
    return tuple(TensorCard(t.name, t.dtype, t.shape, t.meaning) for t in tensors)
