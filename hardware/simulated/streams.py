"""Chance with names: every entity draws from its own stream, so that one more shopper changes nobody else's looks."""

import hashlib

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


def key(seed: int, *names: str | int) -> int:
    """64 bits that depend on the seed and on every name: the same in every process and on every machine."""
    text = "\x1f".join(str(part) for part in (seed, *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """The stream of random numbers that belongs to the entity with these names."""
    return np.random.Generator(np.random.PCG64(key(seed, *names)))


def normals(stream_key: int, at: Indices) -> Doubles:
    """Standard normal noise as a pure function of `at` (any shape): the same number for the same index, in any order.

    Two counter-hashed uniforms (splitmix64: Steele, Lea and Flood, OOPSLA 2014) through Box and Muller.
    """
    first, second = uniforms(stream_key, 2 * at), uniforms(stream_key, 2 * at + 1)
    return np.asarray(np.sqrt(-2.0 * np.log(first)) * np.cos(2.0 * np.pi * second), np.float64)


def uniforms(stream_key: int, at: Indices) -> Doubles:
    """Uniform noise in (0, 1) as a pure function of `at`."""
    with np.errstate(over="ignore"):
        bits = np.uint64(stream_key) + (at.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        bits ^= bits >> np.uint64(31)
    return np.asarray(((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53, np.float64)
