"""Idea 3, the defaults: replicates, seed, threads, progress, executor and timeout; and the language of what readers see."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
from threading import Lock, current_thread, main_thread
from types import EllipsisType, TracebackType
from typing import TYPE_CHECKING, Any
from weakref import ReferenceType, ref

from .. import _core
from ..errors import InputError, in_words
from ..ground import checks
from ..ground.language import ENGLISH, check_language, follow
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
    timeout: float | None = None
    language: str = ENGLISH


class _Everywhere:
    """The defaults where nothing nearer is set: changes on top of one another.

    Only the main thread makes them. `hp.settings(...)` doesn't know whether a `with` follows, so as long as its object lives and the
    main thread asks for nothing, the last change is the main thread's own: others never see what is meant for a block.
    """

    def __init__(self) -> None:
        self.now = self._base = Defaults()
        self._changes: list[dict[str, Any]] = []
        self._fresh: tuple[ReferenceType[settings], Defaults] | None = None
        self._lock = Lock()

    def add(self, owner: settings) -> None:
        """Change the defaults."""
        with self._lock:
            before = self.now
            self._changes.append(owner.changes)
            if len(self._changes) > MANY_CHANGES:  # the first ones are there to stay
                self._base = replace(self._base, **self._changes.pop(0))
            self._make()
            self._fresh = (ref(owner), before)

    def remove(self, changes: dict[str, Any]) -> None:
        """Take a change back, whatever was changed since."""
        with self._lock:
            self._changes = [one for one in self._changes if one is not changes]
            self._fresh = None
            self._make()

    def seen(self) -> Defaults:
        """Return the defaults as this thread sees them."""
        fresh = self._fresh
        if fresh is not None:
            if current_thread() is main_thread():
                self._fresh = None
            elif fresh[0]() is not None:
                return fresh[1]
        return self.now

    def _make(self) -> None:
        self.now = self._base
        for changes in self._changes:
            self.now = replace(self.now, **changes)


@dataclass(frozen=True)
class _Change:
    """A change of this thread (or task) alone."""

    changes: dict[str, Any]
    #: Whose `with` it belongs to, and which one of them: None is until the thread ends.
    owner: object = None
    block: object = None


_everywhere = _Everywhere()
_here: ContextVar[tuple[_Change, ...]] = ContextVar("hiddenpop_settings", default=())


@checked
class settings:
    """Set defaults: from now on, or within a ``with`` block.

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
    timeout : float, optional
        Seconds after which an executor from which no range comes back has failed; None, at first, waits for ever (and for
        Ctrl-C). A range takes about a quarter of a second, but for slow functions.
    language : {"en", "nl", "fr", "de", "es", "pt"}, optional
        The language of what readers see: numbers, tables, figures, methods sentences and reports made from now on. Errors, warnings
        and the names of columns that programs read stay English.

    Raises
    ------
    InputError
        A number outside its range, what is no executor, or a language without a catalogue.

    See Also
    --------
    Survey : takes replicates and seed of its own.

    Notes
    -----
    ``with hp.settings(...)`` holds for the thread or asynchronous task that is in the block (and for tasks it starts there), never
    for other threads; a thread pool's workers have the defaults, whoever gave them work. Blocks may overlap: each takes back what it
    set, and nothing else. In a generator that yields inside a block, the block holds for who iterates until the generator goes on.

    ``hp.settings(...)`` by itself, in the main thread (the next cells of a notebook too), holds from now on wherever nothing nearer is
    set. In another thread or in an asynchronous task it holds for that thread or task alone, and inside a block until the block ends.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> with hp.settings(replicates=500, seed=7):
    ...     survey = hp.Survey({"in_treatment": [1, 0, 1, 1]})
    >>> survey.replicates, survey.seed
    (500, 7)
    >>> size = hp.published(13_300, 12_600, 14_200, name="opioïden")
    >>> with hp.settings(language="nl"):
    ...     print(size)
    opioïden: 13.300 (95%-BI 12.600 tot 14.200)
    """

    def __init__(
        self,
        *,
        replicates: int | None = None,
        seed: int | None = None,
        threads: int | None = None,
        progress: bool | None = None,
        executor: Executor | EllipsisType | None = ...,
        timeout: float | EllipsisType | None = ...,
        language: str | None = None,
    ) -> None:
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
        if timeout is not ...:
            changes["timeout"] = _check_timeout(timeout)
        if language is not None:
            changes["language"] = check_language(language)
        self.changes = changes
        here = _here.get()
        if here or not _for_all():
            block = here[-1].block if here else None
            _here.set((*here, _Change(changes, block=block)))
        else:
            _everywhere.add(self)

    def __enter__(self) -> settings:
        # What holds inside a `with` is no business of other threads.
        _everywhere.remove(self.changes)
        before = tuple(one for one in _here.get() if one.owner is not None or one.changes is not self.changes)
        _here.set((*before, _Change(self.changes, self, object())))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        _leave(self)

    def __repr__(self) -> str:
        now = defaults()
        shown = ", ".join(f"{f.name}={getattr(now, f.name)!r}" for f in fields(now))
        return f"hiddenpop settings: {shown}"


def defaults() -> Defaults:
    """Return the defaults in force."""
    now = _everywhere.seen()
    for one in _here.get():
        now = replace(now, **one.changes)
    return now


def _spoken() -> str:
    """Return the language in force: every sentence asks for it, so the other defaults are not put together."""
    now = _everywhere.seen()
    return next(
        (str(one.changes["language"]) for one in reversed(_here.get()) if "language" in one.changes), now.language
    )


follow(_spoken)


@contextmanager
def within(**changes: Any) -> Iterator[None]:
    """Hold settings that were checked before, in this thread alone."""
    owner = object()
    _here.set((*_here.get(), _Change(changes, owner, object())))
    try:
        yield
    finally:
        _leave(owner)


def _leave(owner: object) -> None:
    """Take back the last block that an owner began here, with what was changed inside it; blocks that overlap it stay."""
    here = _here.get()
    block = next((one.block for one in reversed(here) if one.owner is owner), None)
    if block is not None:
        _here.set(tuple(one for one in here if one.block is not block))


def _for_all() -> bool:
    """Whether this is the thread whose settings are everybody's, and no task beside others: a notebook's cell is one, but its only."""
    if current_thread() is not main_thread():
        return False
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or "ipykernel" in sys.modules:
        return True
    try:
        return asyncio.current_task() is None
    except RuntimeError:
        return True


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


def _check_timeout(timeout: float | None) -> float | None:
    if timeout is None:
        return None
    seconds = checks.number(timeout, "timeout")
    if not seconds > 0:
        raise InputError(f"timeout={seconds:g} is no time: seconds above 0, or None to wait for ever.")
    return seconds


def _check_threads(threads: int) -> int:
    count = checks.whole(threads, "threads")
    most = max(64, 4 * (os.cpu_count() or 1))
    if not 1 <= count <= most:
        raise InputError(f"threads={count} is outside 1 to {most}.")
    return count
