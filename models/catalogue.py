"""The networks' cards: what each is for, takes and gives, under which licence, and what it was measured to do."""

from collections.abc import Iterable
from dataclasses import dataclass

from models.errors import UnknownModel
from models.lock import Figure, Lock, Network, OwnNetwork, Tensor, built_in


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
    """0 where nothing is fetched: the network comes with Tillfree."""
    inputs: tuple[TensorCard, ...]
    outputs: tuple[TensorCard, ...]
    measured: tuple[Measurement, ...]


def cards() -> tuple[Card, ...]:
    """Every network's card, in the order of the lock file, those of our own last."""
    lock = built_in()
    fetched = tuple(_card(lock, name, network) for name, network in lock.networks.items())
    return (*fetched, *(_own_card(name, network) for name, network in lock.own.items()))


def card(name: str) -> Card:
    """The card of network `name`. UnknownModel lists those that there are."""
    lock = built_in()
    own = own_named(lock, name)
    return _card(lock, name, network_named(lock, name)) if own is None else _own_card(name, own)


def network_named(lock: Lock, name: str) -> Network:
    """The lock file's entry of network `name`, one that is fetched. UnknownModel lists those that there are."""
    if name not in lock.networks:
        raise UnknownModel(f"there is no network '{name}'; there are: {', '.join((*lock.networks, *lock.own))}")
    return lock.networks[name]


def own_named(lock: Lock, name: str) -> OwnNetwork | None:
    """The lock file's entry of our own network `name`; None where none of our own is called so."""
    return lock.own.get(name)


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
        measured=_measurements(network),
    )


def _own_card(name: str, network: OwnNetwork) -> Card:
    return Card(
        name=name,
        purpose=network.purpose,
        licence=network.licence,
        origin=network.origin,
        package="comes with Tillfree",
        download_bytes=0,
        inputs=_tensors(network.inputs),
        outputs=_tensors(network.outputs),
        measured=_measured(network.measured),
    )


def _measured(figures: Iterable[Figure]) -> tuple[Measurement, ...]:
    return tuple(Measurement(figure.what, figure.value, figure.measured_on) for figure in figures)


def _measurements(network: Network) -> tuple[Measurement, ...]:
    """The network's figures, and after them those of its variant in eight bits."""
    plain = _measured(network.measured)
    if network.eight_bits is None:
        return plain
    whole = network.eight_bits.measured
    return *plain, *(Measurement(f"in eight bits: {each.what}", each.value, each.measured_on) for each in whole)


def _tensors(tensors: Iterable[Tensor]) -> tuple[TensorCard, ...]:
    return tuple(TensorCard(t.name, t.dtype, t.shape, t.meaning) for t in tensors)
