"""Ranges of replicates on other threads, processes and machines: any `concurrent.futures.Executor`.

Kernels travel, never surveys or a user's arithmetic. An executor says nothing about its workers, so a
worker asks for what it lacks: tasks name a parcel of kernels, workers keep the last parcels, and one
that finds no such parcel says so; the next task then carries it. Each worker gets the columns about
once, however many ranges there are. Within one process nothing is pickled or copied.

Nothing that comes back is believed: an answer must be to the range that was asked, once, and of the right shape
(`Work._check`); else the error names the range, and nothing is kept.
"""

from __future__ import annotations

import os
import pickle
import queue
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any, cast
from uuid import uuid4

import numpy as np

from .. import _core
from ..errors import EstimationError, InputError
from ..ground.columns import Floats
from . import ranges, settings
from .kernel import Kernel

#: A range should take a worker about this long, in seconds: sending it then costs nothing, and what runs when
#: work is called off ends soon.
RANGE_SECONDS = 0.25
#: Ranges under way for each worker: one that it computes, one that waits.
AHEAD = 2
#: Parcels that a worker keeps: two evaluations may take turns.
MOST_PARCELS = 2
#: A range returns at most so many numbers: 16 megabytes.
MOST_NUMBERS = 2_000_000
#: Some systems don't hear Ctrl-C while waiting, so nothing waits longer than this, in seconds.
LISTEN = 0.1
Fill = Callable[[int, int, Floats, Iterable[Floats]], None]


def evaluate(
    executor: Executor,
    kernels: Sequence[Kernel],
    fill: Fill,
    labels: int,
    replicates: int,
    first: int,
    rows: Sequence[int] | None = None,
) -> Floats:
    """Fill an array (labels x replicates): kernels run elsewhere, `fill` puts their blocks together here.

    `first` is a guess at the replicates that all threads of this process do in a tenth of a second; `rows` are the labels
    of each block, as the first answer has them if nobody says.
    """
    ranges.check_memory(labels, replicates)
    out = np.empty((labels, replicates))
    work = Work(executor, kernels, replicates, rows)
    size = first * work.threads * RANGE_SECONDS / (settings.threads() * ranges.RANGE_SECONDS)
    with ranges.bar(replicates) as done, closing(work.blocks(int(size))) as results:
        for start, stop, blocks in results:
            fill(start, stop, out[:, start:stop], blocks)
            done(stop - start)
    return out


class Parcel:
    """Kernels under a key; pickled once, and only if an executor pickles what it is given."""

    def __init__(self, kernels: Sequence[Kernel]) -> None:
        self.key = uuid4().hex
        self.kernels = list(kernels)
        #: Why they can't be pickled: executors report that in words of their own, and some from other threads.
        self.failure: InputError | None = None
        self._data: bytes | None = None

    def pickled(self) -> bytes:
        """Return the kernels as bytes."""
        if self._data is None:
            try:
                self._data = _pickle(self.kernels)
            except InputError as error:
                self.failure = error
                raise
        return self._data


@dataclass(frozen=True)
class Ticket:
    """A task's claim to a parcel: by reference within a process, else its key, or all of it."""

    parcel: Parcel
    whole: bool

    @property
    def key(self) -> str:
        """The parcel's key."""
        return self.parcel.key

    def open(self) -> list[Kernel]:
        """Return the kernels themselves: nothing was pickled on the way."""
        return self.parcel.kernels

    def __reduce__(self) -> tuple[Any, ...]:
        return Arrived, (self.parcel.key, self.parcel.pickled() if self.whole else None)


#: A worker's parcels, the latest last.
_kept: dict[str, list[Kernel]] = {}


@dataclass(frozen=True)
class Arrived:
    """What a ticket has become in a worker."""

    key: str
    data: bytes | None

    def open(self) -> list[Kernel] | None:
        """Return the kernels, or None if they are neither here nor kept from before."""
        kernels = _kept.get(self.key)
        if kernels is None and self.data is not None:
            try:
                kernels = cast("list[Kernel]", pickle.loads(self.data))
            except Exception as error:
                raise InputError(
                    f"A worker can't load what it needs ({type(error).__name__}: {error}). A function given to "
                    "survey.replicate or hp.plan.simulate, or a learner given to hp.doubly_robust, must be importable there: "
                    "define it in a module, or install cloudpickle."
                ) from error
            _kept[self.key] = kernels
            for old in list(_kept)[:-MOST_PARCELS]:
                _kept.pop(old, None)
        return kernels


def _pickle(kernels: list[Kernel]) -> bytes:
    """Pickle; functions of a notebook or script by value, where cloudpickle is at hand."""
    plain, reason = None, None
    try:
        plain = pickle.dumps(kernels, protocol=5)
        if b"__main__" not in plain:
            return plain
    except Exception as error:
        reason = error
    try:
        import cloudpickle  # noqa: PLC0415 (an optional dependency: dask brings it)

        return cast("bytes", cloudpickle.dumps(kernels, protocol=5))
    except Exception as error:
        if plain is not None:
            return plain  # a forked worker knows the functions of __main__
        if not isinstance(error, ImportError):
            reason = error
    raise InputError(
        f"The function or learner can't be sent to another process ({type(reason).__name__}: {reason}). Define it in a module "
        "that workers can import; or pip install cloudpickle, which also sends lambdas and functions of a notebook; "
        "or use threads, which send nothing: executor=ThreadPoolExecutor()."
    ) from reason


_HERE = uuid4().hex


@dataclass(frozen=True)
class Outcome:
    """What a worker answers."""

    worker: str
    #: What was asked: the parcel's key, first and last replicate.
    asked: tuple[str, int, int]
    #: None when it lacks the parcel.
    blocks: list[Floats] | None = None
    seconds: float = 0.0
    error: InputError | EstimationError | None = None


def run(ticket: Ticket | Arrived, version: str, start: int, stop: int, threads: int) -> Outcome:
    """Evaluate a range; our own errors come back as a value, so that any other is the executor's."""
    worker, asked = f"{_HERE} {os.getpid()}", (ticket.key, start, stop)
    try:
        if version != _core.VERSION:
            raise InputError(
                f"A worker has hiddenpop {_core.VERSION}, but it is asked for the digits of {version}. Install the same "
                "version there."
            )
        kernels = ticket.open()
        if kernels is None:
            return Outcome(worker, asked)
        began = time.perf_counter()
        # A worker has settings of its own; those of who asks come with the task. It doesn't hand work on.
        with settings.within(executor=None, progress=False):
            blocks = list(chain.from_iterable(kernel.block(start, stop, threads) for kernel in kernels))
        return Outcome(worker, asked, blocks, time.perf_counter() - began)
    except (InputError, EstimationError) as error:
        return Outcome(worker, asked, error=error)


@dataclass(frozen=True)
class _Task:
    """A range under way."""

    start: int
    stop: int
    #: For whom it carries the parcel; None if it doesn't.
    lacks: str | None
    #: Whether an answer without draws can be right: the parcel may not be there.
    may_lack: bool

    def __str__(self) -> str:
        return f"replicates {self.start:,} to {self.stop:,}"


class Work:
    """One evaluation: which ranges are under way, and which workers lack the parcel."""

    def __init__(
        self, executor: Executor, kernels: Sequence[Kernel], replicates: int, rows: Sequence[int] | None = None
    ) -> None:
        defaults = settings.defaults()
        self.threads = defaults.threads or 1
        self._timeout = defaults.timeout
        self._executor = executor
        self._replicates = replicates
        self._rows = None if rows is None else list(rows)
        self._parcel = Parcel(kernels)
        self._under_way: dict[Future[Outcome], _Task] = {}
        self._finished: queue.SimpleQueue[Future[Outcome]] = queue.SimpleQueue()
        #: Workers for which a task must carry the parcel; at first for whoever takes it.
        self._lacking = {"anybody"}
        self._done = 0

    def blocks(self, size: int) -> Generator[tuple[int, int, list[Floats]], None, None]:
        """Yield (start, stop, blocks) in the order in which workers finish; `size` is that of the first ranges."""
        again: list[tuple[int, int]] = []
        start, end = 0, self._replicates
        try:
            with self._translated():
                workers, staged = _workers(self._executor), self._stage()
            most = -(-end // workers)
            size = min(max(1, size), most)
            while self._done < end:
                while (again or start < end) and len(self._under_way) < AHEAD * workers:
                    if not again:
                        again.append((start, min(end, start + size)))
                        start = again[-1][1]
                    self._submit(staged, *again.pop())
                first, last, outcome = self._next()
                if outcome.blocks is None:
                    again.append((first, last))
                    continue
                self._done += last - first
                wanted = RANGE_SECONDS / max(outcome.seconds, 1e-9) * (last - first)
                allowed = MOST_NUMBERS // max(1, sum(len(block) for block in outcome.blocks))
                size = max(1, min(int(wanted), 4 * (last - first), allowed, most))
                yield first, last, outcome.blocks
        finally:
            for future in list(self._under_way):
                with suppress(Exception):  # an executor that breaks has been reported
                    future.cancel()

    def _stage(self) -> Any:
        """Dask can put a thing on all workers beforehand, and to new ones when they need it; then no task carries it."""
        client = _dask_client(self._executor)
        if client is None:
            return None
        if not str(client.scheduler.address).startswith("inproc"):
            self._parcel.pickled()  # what can't be pickled is found here, not in the depths of dask
        return client.scatter([Ticket(self._parcel, whole=True)], broadcast=True, hash=False)[0]

    def _submit(self, staged: Any, start: int, stop: int) -> None:
        lacks = self._lacking.pop() if staged is None and self._lacking else None
        ticket = Ticket(self._parcel, whole=lacks is not None) if staged is None else staged
        task = _Task(start, stop, lacks, may_lack=staged is None and lacks is None)
        with self._translated(task):
            future = self._executor.submit(run, ticket, _core.VERSION, start, stop, self.threads)
        if not all(callable(getattr(future, name, None)) for name in ("result", "cancel", "add_done_callback")):
            raise self._failure(f"it gave a {type(future).__name__} for a Future", task)
        if future in self._under_way:
            raise self._failure(f"it gave one Future for two ranges, the other is {self._under_way[future]}", task)
        self._under_way[future] = task
        with self._translated(task):
            future.add_done_callback(self._finished.put)

    def _next(self) -> tuple[int, int, Outcome]:
        """Wait for a range; raise what went wrong with it."""
        began = time.monotonic()
        while True:
            try:
                future = self._finished.get(timeout=LISTEN)
                break
            except queue.Empty:
                if self._timeout is not None and time.monotonic() - began > self._timeout:
                    late = ", ".join(map(str, list(self._under_way.values())[:4])) or "no range"
                    more = f" and {len(self._under_way) - 4} more ranges" if len(self._under_way) > 4 else ""
                    raise self._failure(
                        f"nothing came back for {self._timeout:g} seconds, under way: {late}{more}"
                    ) from None
        task = self._under_way.pop(future, None)
        if task is None:
            raise self._failure("it answered a range twice")
        with self._translated(task):
            outcome = future.result(timeout=0)
        self._check(task, outcome)
        if outcome.error is not None:
            raise outcome.error
        if outcome.blocks is None and all(outcome.worker != other.lacks for other in self._under_way.values()):
            self._lacking.add(outcome.worker)
        return task.start, task.stop, outcome

    def _check(self, task: _Task, outcome: Outcome) -> None:
        """Refuse what is no answer to what was asked."""
        if not isinstance(outcome, Outcome):
            raise self._failure(f"it answered with a {type(outcome).__name__}", task)
        asked = (self._parcel.key, task.start, task.stop)
        if outcome.asked != asked or not isinstance(outcome.worker, str):
            raise self._failure("its answer is to another range or another question", task)
        if outcome.error is not None:
            if isinstance(outcome.error, (InputError, EstimationError)):
                return
            raise self._failure(f"its error is a {type(outcome.error).__name__}", task)
        if outcome.blocks is None:
            if task.may_lack:
                return
            raise self._failure("its answer has no draws", task)
        if not isinstance(outcome.seconds, (int, float)) or not outcome.seconds >= 0:
            raise self._failure("its answer doesn't say how long it took", task)
        said = self._wrong(outcome.blocks, task.stop - task.start)
        if said:
            raise self._failure(said, task)

    def _wrong(self, blocks: object, replicates: int) -> str | None:
        """Say what is wrong with draws, if anything; the first answer says how many labels there are if nobody does."""
        if not isinstance(blocks, list) or not all(isinstance(block, np.ndarray) for block in blocks):
            return "its draws are no list of arrays"
        for block in blocks:
            if block.dtype != np.float64 or block.ndim != 2 or block.shape[1] not in (1, replicates):
                return f"draws of shape {block.shape} and type {block.dtype} are no {replicates:,} replicates"
        rows = [len(block) for block in blocks]
        if self._rows is None:
            self._rows = rows
        return None if rows == self._rows else f"it answered for {rows} labels where {self._rows} were asked"

    def _failure(self, said: str, task: _Task | None = None) -> EstimationError:
        where = "" if task is None else f" with {task}"
        return EstimationError(
            f"The executor failed after {self._done:,} of {self._replicates:,} replicates ({said}){where}. Nothing was "
            "kept: evaluate again with another executor, or here with executor=None."
        )

    @contextmanager
    def _translated(self, task: _Task | None = None) -> Iterator[None]:
        """Turn whatever the executor raises into an error that says so; Ctrl-C stays what it is."""
        try:
            yield
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if self._parcel.failure is not None:
                raise self._parcel.failure from None
            said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            raise self._failure(said, task) from error


def _workers(executor: Executor) -> int:
    """Return how many ranges it runs at a time; most executors know, but none must tell."""
    client = _dask_client(executor)
    count = getattr(executor, "_max_workers", None) if client is None else sum(client.nthreads().values())
    return count if isinstance(count, int) and count > 0 else os.cpu_count() or 1


def _dask_client(executor: Executor) -> Any:
    return getattr(executor, "_client", None) if type(executor).__module__.startswith("distributed.") else None
