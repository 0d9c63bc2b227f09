"""What lock.yaml says: the networks, the packages that hold them, and how each becomes ONNX."""

import hashlib
import json
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from models.errors import ModelsError
from protocol.document import FileError, parse, read_as, read_text
from protocol.model import Id, Model

LOCK_FILE = Path(__file__).parent / "lock.yaml"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ByteCount = Annotated[int, Field(gt=0)]
Text = Annotated[str, Field(min_length=1)]


class LockError(ModelsError):
    """The lock file does not say what it should; one line a problem, with file, line and key."""


class Package(Model):
    """An archive that a package manager holds."""

    manager: Literal["npm", "pypi"]
    name: Text
    version: Text
    bytes: ByteCount
    sha256: Sha256

    @property
    def title(self) -> str:
        """`name@version` or `name==version`, as its package manager writes it."""
        return f"{self.name}{'@' if self.manager == 'npm' else '=='}{self.version}"


class NpmCarrier(Model):
    """The PyPI package that brings npm; one wheel for each platform, so several hashes."""

    name: Text
    version: Text
    bytes: ByteCount
    """Of the largest wheel, about."""
    sha256: Annotated[tuple[Sha256, ...], Field(min_length=1)]


class LockedFile(Model):
    """A file inside a package's archive."""

    path: Text
    bytes: ByteCount
    sha256: Sha256

    @property
    def name(self) -> str:
        """The last part of its path."""
        return PurePosixPath(self.path).name


class Check(Model):
    """A stored run of a reference implementation, in models/check/."""

    file: Text
    reference: Text
    tolerance: Annotated[float, Field(gt=0, lt=0.1)]


class Tensor(Model):
    """An input or output: its name in ONNX, and in the published network."""

    name: Text
    tensor: Text
    dtype: Literal["float32", "int32"]
    shape: tuple[int | str, ...]
    meaning: Text


class Figure(Model):
    """A measured figure and what it was measured on."""

    what: Text
    value: float
    measured_on: Text


class EightBits(Model):
    """How the network's variant in eight-bit integers is made: from ranges measured beforehand (models/quantise/)."""

    ranges: Text
    """A file in models/quantise/ranges/."""
    sha256: Sha256
    tolerance: Annotated[float, Field(gt=0, lt=1)]
    """How far it may be from what the float network gives on the stored input, in the mean."""
    measured: tuple[Figure, ...] = ()


class Network(Model):
    """One network's entry."""

    package: Id
    files: Annotated[tuple[LockedFile, ...], Field(min_length=1)]
    converter: Literal["tensorflow-js", "efficientnet-lite"]
    check: Check
    purpose: Text
    licence: Text
    origin: Text
    inputs: Annotated[tuple[Tensor, ...], Field(min_length=1)]
    outputs: Annotated[tuple[Tensor, ...], Field(min_length=1)]
    measured: tuple[Figure, ...] = ()
    eight_bits: EightBits | None = None

    @field_validator("files")
    @classmethod
    def _names_apart(cls, files: tuple[LockedFile, ...]) -> tuple[LockedFile, ...]:
        if len({file.name for file in files}) < len(files):
            raise ValueError("two files have the same name; they are kept in one folder")
        return files

    @property
    def tensor_names(self) -> dict[str, str]:
        """The ONNX name of each input and output, by its name in the published network."""
        return {tensor.tensor: tensor.name for tensor in (*self.inputs, *self.outputs)}

    def key(self, converter_version: int, quantiser_version: int | None = None) -> str:
        """What identifies the converted network: the files it is made of, and everything that decides what is made.

        With the version of what quantises, its variant in eight bits.
        """
        made_of: dict[str, object] = {
            "files": [file.sha256 for file in self.files],
            "converter": [self.converter, converter_version],
            "tensors": list(self.tensor_names.items()),
        }
        if quantiser_version is not None and self.eight_bits is not None:
            made_of["eight bits"] = [self.eight_bits.sha256, quantiser_version]
        return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:16]


class OwnNetwork(Model):
    """A network of our own: its ONNX file lies in the repository, beside how it was trained."""

    file: Text
    """Relative to the lock file."""
    bytes: ByteCount
    sha256: Sha256
    purpose: Text
    licence: Text
    origin: Text
    inputs: Annotated[tuple[Tensor, ...], Field(min_length=1)]
    outputs: Annotated[tuple[Tensor, ...], Field(min_length=1)]
    measured: tuple[Figure, ...] = ()


class Lock(Model):
    """The whole file."""

    format: Literal[1]
    npm_carrier: NpmCarrier
    packages: dict[Id, Package]
    networks: Annotated[dict[Id, Network], Field(min_length=1)]
    own: dict[Id, OwnNetwork] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_known(self) -> "Lock":
        for name in self.own:
            if name in self.networks:
                raise ValueError(f"network '{name}' is both fetched and our own")
        for name, network in self.networks.items():
            if network.package not in self.packages:
                raise ValueError(f"network '{name}' comes from package '{network.package}', which `packages` lacks")
        return self


def read_lock(path: Path) -> Lock:
    """The lock file at `path`. LockError says file, line and key of everything that is wrong with it."""
    try:
        return read_as(Lock, parse(read_text(path), str(path)))
    except FileError as error:
        raise LockError(str(error)) from None


@cache
def built_in() -> Lock:
    """The lock file that comes with Tillfree."""
    return read_lock(LOCK_FILE)
