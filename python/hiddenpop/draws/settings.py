"""Idea 3, the defaults of evaluation: replicates, seed, threads, progress and executor."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace
from types import EllipsisType, TracebackType
from typing import TYPE_CHECKING, Any

from .. import _core
from ..errors import InputError
from ..ground import checks

if TYPE_CHECKING:
    from concurrent.futures import Executor

#: A survey's draws beyond this many replicates serve no purpose that we know.
MOST_REPLICATES = 100_000_000


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
            changes["progress"] = checks.flag(progress, "progress")
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


def _check_threads(threads: int) -> int:
    count = checks.whole(threads, "threads")
    most = max(64, 4 * (os.cpu_count() or 1))
    if not 1 <= count <= most:
        raise InputError(f"threads={count} is outside 1 to {most}.")
    return count
