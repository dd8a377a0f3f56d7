"""Replicates in ranges.

A range is the unit of work. Between ranges Python looks for Ctrl-C and reports progress; no
range's size, nor the number of threads, changes a digit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from ..errors import InputError
from ..ground.columns import Floats
from . import settings

#: Draws of one estimate may take this much memory, in bytes.
MOST_MEMORY = 8 * 2**30
#: A range should take about this long, in seconds: Ctrl-C is heard between ranges.
RANGE_SECONDS = 0.1
#: Work longer than this, in seconds, shows its progress when asked to.
PATIENCE = 2.0


def check_memory(labels: int, replicates: int) -> None:
    """Refuse draws that would not fit, and say the memory they would take."""
    size = labels * replicates * 8
    if size > MOST_MEMORY:
        raise InputError(
            f"{replicates:,} replicates of {labels:,} labels would take {size / 1e9:,.1f} GB. Ask for fewer "
            "replicates, or evaluate fewer labels at a time."
        )


def evaluate(fill: Callable[[int, int, Floats], None], labels: int, replicates: int, first: int) -> Floats:
    """Fill an array (labels x replicates) range by range.

    `fill(start, stop, out)` writes the draws of a range; `first` is the size of the first range, a
    guess that the time it takes corrects.
    """
    check_memory(labels, replicates)
    out = np.empty((labels, replicates))
    with bar(replicates) as done:
        for start, stop in spans(replicates, first):
            fill(start, stop, out[:, start:stop])
            done(stop - start)
    return out


def spans(replicates: int, first: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of replicates, the next longer or shorter as the last took less or more time than it should."""
    start, size = 0, max(1, first)
    while start < replicates:
        stop = min(replicates, start + size)
        began = time.perf_counter()
        yield start, stop
        taken = time.perf_counter() - began
        if taken < RANGE_SECONDS / 2:
            size = min(size * 2, 65_536)
        elif taken > RANGE_SECONDS * 2:
            size = max(1, int(size * RANGE_SECONDS / taken))
        start = stop


def bar(replicates: int) -> AbstractContextManager[Callable[[int], object]]:
    """Return what counts finished replicates, and shows them when asked to."""
    if not settings.defaults().progress:
        return nullcontext(lambda _: None)
    try:
        from tqdm.auto import tqdm  # noqa: PLC0415 (only when progress is asked for)
    except ImportError as error:
        raise InputError("progress=True needs tqdm: pip install 'hiddenpop[progress]'.") from error
    return _Bar(tqdm(total=replicates, delay=PATIENCE, unit=" replicates", leave=False))


class _Bar(AbstractContextManager[Callable[[int], object]]):
    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def __enter__(self) -> Callable[[int], object]:
        return self._bar.update  # type: ignore[no-any-return]

    def __exit__(self, *_: object) -> None:
        self._bar.close()
