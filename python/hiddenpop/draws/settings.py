"""Idea 3, the defaults of evaluation: replicates, seed, threads, progress and executor."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
from threading import Lock
from types import EllipsisType, TracebackType
from typing import TYPE_CHECKING, Any

from .. import _core
from ..errors import InputError, in_words
from ..ground import checks
from ..ground.signatures import checked

if TYPE_CHECKING:
    from concurrent.futures import Executor

#: A survey's draws beyond this many replicates serve no purpose that we know.
MOST_REPLICATES = 100_000_000
#: So many changes may wait to be known for those of a `with`.
MANY_CHANGES = 100


@dataclass(frozen=True)
class Defaults:
    """The defaults that `settings` holds."""

    replicates: int = 10_000
    seed: int = 0
    threads: int | None = None
    progress: bool = False
    executor: Executor | None = None


class _Everywhere:
    """The defaults of all threads: changes on top of one another, of which those of a `with` are taken back when it begins."""

    def __init__(self) -> None:
        self.now = self._base = Defaults()
        self._changes: list[dict[str, Any]] = []
        self._lock = Lock()

    def add(self, changes: dict[str, Any]) -> None:
        """Change the defaults."""
        with self._lock:
            self._changes.append(changes)
            if len(self._changes) > MANY_CHANGES:  # the first ones are there to stay
                self._base = replace(self._base, **self._changes.pop(0))
            self._make()

    def remove(self, changes: dict[str, Any]) -> None:
        """Take a change back, whatever was changed since."""
        with self._lock:
            self._changes = [one for one in self._changes if one is not changes]
            self._make()

    def _make(self) -> None:
        self.now = self._base
        for changes in self._changes:
            self.now = replace(self.now, **changes)


#: What holds everywhere, and inside a `with` of the thread (or task) that is in one.
_everywhere = _Everywhere()
_here: ContextVar[Defaults | None] = ContextVar("hiddenpop_settings", default=None)


@checked
class settings:
    """Set defaults: for good and everywhere, or within a ``with`` block and the thread that is in it.

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

    Notes
    -----
    ``hp.settings(...)`` by itself holds from now on and for all threads; ``with hp.settings(...)`` for the thread (or asynchronous
    task) that is in the block, and not for threads that it starts.

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
        self._here, before = _here.get(), defaults()
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
        self._changes, self._changed = changes, replace(before, **changes)
        if self._here is None:
            _everywhere.add(changes)
        else:
            _here.set(self._changed)

    def __enter__(self) -> settings:
        # What holds inside a `with` is no business of other threads.
        if self._here is None:
            _everywhere.remove(self._changes)
        _here.set(self._changed)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        _here.set(self._here)

    def __repr__(self) -> str:
        now = defaults()
        shown = ", ".join(f"{f.name}={getattr(now, f.name)!r}" for f in fields(now))
        return f"hiddenpop settings: {shown}"


def defaults() -> Defaults:
    """Return the defaults in force."""
    return _here.get() or _everywhere.now


@contextmanager
def within(**changes: Any) -> Iterator[None]:
    """Hold settings that were checked before, in this thread alone."""
    before = _here.get()
    _here.set(replace(defaults(), **changes))
    try:
        yield
    finally:
        _here.set(before)


def threads() -> int:
    """Return the number of threads to evaluate on."""
    return defaults().threads or _core.available_threads()


def check_replicates(replicates: int) -> int:
    """Return the number of replicates, or say what is wrong with it."""
    count = checks.whole(replicates, "replicates")
    if count < 2:
        raise InputError(f"replicates={count} says nothing about uncertainty: 2 at least, 10,000 as a rule.")
    if count > MOST_REPLICATES:
        shown = f"{count:,}" if count < 1e15 else in_words(replicates)
        raise InputError(
            f"replicates={shown} would take {min(count, 10**15) * 8 / 1e9:,.1f} GB or more for every label of an estimate. Up to "
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
