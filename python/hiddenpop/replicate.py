"""Idea 3: the defaults of evaluation, and the loop over ranges of replicates.

A range is the unit of work. Between ranges Python looks for Ctrl-C and reports progress; no
range's size, nor the number of threads, changes a digit.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, fields, replace
from types import EllipsisType, TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core, checks
from .columns import Floats
from .errors import InputError

if TYPE_CHECKING:
    from concurrent.futures import Executor

#: A survey's draws beyond this many replicates serve no purpose that we know.
MOST_REPLICATES = 100_000_000
#: Draws of one estimate may take this much memory, in bytes.
MOST_MEMORY = 8 * 2**30
#: A range should take about this long, in seconds: Ctrl-C is heard between ranges.
RANGE_SECONDS = 0.1
#: Work longer than this, in seconds, shows its progress when asked to.
PATIENCE = 2.0


@dataclass(frozen=True)
class Defaults:
    """The defaults that `settings` holds."""

    replicates: int = 10_000
    seed: int = 0
    threads: int | None = None
    progress: bool = False
    executor: Executor | None = None


_current = Defaults()


class settings:
    """Set defaults, for good or within a ``with`` block.

    Parameters
    ----------
    replicates : int, optional
        Replicates of surveys and uncertain inputs made from now on (10,000 at first).
    seed : int, optional
        Their seed (0 at first), so that the same data give the same digits tomorrow.
    threads : int, optional
        Threads that evaluate replicates; all processors at first. Never changes a digit.
    progress : bool, optional
        Show a tqdm bar on work of more than about two seconds.
    executor : concurrent.futures.Executor, optional
        Where draws are made from now on: a process pool, threads, ``client.get_executor()`` of dask. Never
        changes a digit. None makes them here again.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> with hp.settings(replicates=500, seed=7):
    ...     survey = hp.Survey({"in_treatment": [1, 0, 1, 1]})
    >>> survey.replicates, survey.seed
    (500, 7)
    """

    def __init__(
        self,
        *,
        replicates: int | None = None,
        seed: int | None = None,
        threads: int | None = None,
        progress: bool | None = None,
        executor: Executor | EllipsisType | None = ...,
    ) -> None:
        global _current  # noqa: PLW0603 (this is the one place that holds the defaults)
        self._before = _current
        changes: dict[str, Any] = {}
        if replicates is not None:
            changes["replicates"] = check_replicates(replicates)
        if seed is not None:
            changes["seed"] = check_seed(seed)
        if threads is not None:
            changes["threads"] = _check_threads(threads)
        if progress is not None:
            changes["progress"] = bool(progress)
        if executor is not ...:
            changes["executor"] = check_executor(executor)
        _current = replace(_current, **changes)

    def __enter__(self) -> settings:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        global _current  # noqa: PLW0603
        _current = self._before

    def __repr__(self) -> str:
        shown = ", ".join(f"{f.name}={getattr(_current, f.name)!r}" for f in fields(_current))
        return f"hiddenpop settings: {shown}"


def defaults() -> Defaults:
    """Return the defaults in force."""
    return _current


def threads() -> int:
    """Return the number of threads to evaluate on."""
    return _current.threads or _core.available_threads()


def check_replicates(replicates: int) -> int:
    """Return the number of replicates, or say what is wrong with it."""
    count = checks.whole(replicates, "replicates")
    if count < 2:
        raise InputError(f"replicates={count} says nothing about uncertainty: 2 at least, 10,000 as a rule.")
    if count > MOST_REPLICATES:
        raise InputError(
            f"replicates={count:,} would take {count * 8 / 1e9:,.1f} GB for every label of an estimate. Up to "
            f"{MOST_REPLICATES:,} are possible; 10,000 fix a 95% interval to about 1% of its width."
        )
    return count


def check_seed(seed: int) -> int:
    """Return the seed, or say what is wrong with it."""
    value = checks.whole(seed, "seed")
    if not 0 <= value < 2**64:
        raise InputError(f"seed={value} is outside 0 to 2^64 - 1.")
    return value


def check_executor(executor: Executor | None) -> Executor | None:
    """Return the executor, or say what to give instead."""
    if isinstance(executor, type):
        raise InputError(f"executor={executor.__name__} is a class: make one, executor={executor.__name__}().")
    if hasattr(executor, "get_executor"):
        raise InputError(
            f"executor={type(executor).__name__} is a client: give its executor, executor=client.get_executor()."
        )
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise InputError(
            f"executor={executor!r} can't be given work: it needs a concurrent.futures.Executor, such as "
            "ProcessPoolExecutor(), ThreadPoolExecutor() or, with dask, client.get_executor()."
        )
    return executor


def check_memory(labels: int, replicates: int) -> None:
    """Refuse draws that would not fit, and say the memory they would take."""
    size = labels * replicates * 8
    if size > MOST_MEMORY:
        raise InputError(
            f"{replicates:,} replicates of {labels:,} labels would take {size / 1e9:,.1f} GB. Ask for fewer "
            "replicates, or evaluate fewer labels at a time."
        )


def _check_threads(threads: int) -> int:
    count = checks.whole(threads, "threads")
    most = max(64, 4 * (os.cpu_count() or 1))
    if not 1 <= count <= most:
        raise InputError(f"threads={count} is outside 1 to {most}.")
    return count


def evaluate(fill: Callable[[int, int, Floats], None], labels: int, replicates: int, first: int) -> Floats:
    """Fill an array (labels x replicates) range by range.

    `fill(start, stop, out)` writes the draws of a range; `first` is the size of the first range, a
    guess that the time it takes corrects.
    """
    check_memory(labels, replicates)
    out = np.empty((labels, replicates))
    with bar(replicates) as done:
        for start, stop in _ranges(replicates, first):
            fill(start, stop, out[:, start:stop])
            done(stop - start)
    return out


def _ranges(replicates: int, first: int) -> Iterator[tuple[int, int]]:
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
    if not _current.progress:
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
