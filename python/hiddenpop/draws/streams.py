"""Streams of random numbers that are keyed by what they are for."""

from __future__ import annotations

import hashlib

import numpy as np

from .. import _core
from ..ground.columns import Floats


def standard(law: str, seed: int, key: str, start: int, stop: int, threads: int) -> Floats:
    """Draw replicates of a standard normal, or of a uniform, from the stream of a key (1 x replicates)."""
    return _core.input_draws(law, (0.0, 1.0), seed, stream(key), start, stop, threads)


def stream(key: str) -> int:
    """Return the number of the random stream that belongs to a key."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=16).digest(), "little")


def digest(*parts: object) -> str:
    """Return a short text that differs where a model's ingredients differ."""
    hashed = hashlib.blake2b(digest_size=12)
    for part in parts:
        hashed.update(part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode())
        hashed.update(b"|")
    return hashed.hexdigest()
