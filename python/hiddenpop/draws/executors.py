"""Ranges of replicates on other threads, processes and machines: any `concurrent.futures.Executor`.

Kernels travel, never surveys or a user's arithmetic. An executor says nothing about its workers, so a
worker asks for what it lacks: tasks name a parcel of kernels, workers keep the last parcels, and one
that finds no such parcel says so; the next task then carries it. Each worker gets the columns about
once, however many ranges there are. Within one process nothing is pickled or copied.
"""

from __future__ import annotations

import os
import pickle
import queue
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import closing, contextmanager
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
    executor: Executor, kernels: Sequence[Kernel], fill: Fill, labels: int, replicates: int, first: int
) -> Floats:
    """Fill an array (labels x replicates): kernels run elsewhere, `fill` puts their blocks together here.

    `first` is a guess at the replicates that all threads of this process do in a tenth of a second.
    """
    ranges.check_memory(labels, replicates)
    out = np.empty((labels, replicates))
    work = Work(executor, kernels, replicates)
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
    #: None when it lacks the parcel.
    blocks: list[Floats] | None = None
    seconds: float = 0.0
    error: InputError | EstimationError | None = None


def run(ticket: Ticket | Arrived, version: str, start: int, stop: int, threads: int) -> Outcome:
    """Evaluate a range; our own errors come back as a value, so that any other is the executor's."""
    worker = f"{_HERE} {os.getpid()}"
    try:
        if version != _core.VERSION:
            raise InputError(
                f"A worker has hiddenpop {_core.VERSION}, but it is asked for the digits of {version}. Install the same "
                "version there."
            )
        kernels = ticket.open()
        if kernels is None:
            return Outcome(worker)
        began = time.perf_counter()
        blocks = list(chain.from_iterable(kernel.block(start, stop, threads) for kernel in kernels))
        return Outcome(worker, blocks, time.perf_counter() - began)
    except (InputError, EstimationError) as error:
        return Outcome(worker, error=error)


class Work:
    """One evaluation: which ranges are under way, and which workers lack the parcel."""

    def __init__(self, executor: Executor, kernels: Sequence[Kernel], replicates: int) -> None:
        self.threads = settings.defaults().threads or 1
        self._executor = executor
        self._replicates = replicates
        self._parcel = Parcel(kernels)
        self._under_way: dict[Future[Outcome], tuple[int, int, str | None]] = {}
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
                    with self._translated():
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
        future = self._executor.submit(run, ticket, _core.VERSION, start, stop, self.threads)
        self._under_way[future] = (start, stop, lacks)
        future.add_done_callback(self._finished.put)

    def _next(self) -> tuple[int, int, Outcome]:
        """Wait for a range; raise what went wrong with it."""
        while True:
            try:
                future = self._finished.get(timeout=LISTEN)
                break
            except queue.Empty:
                continue
        start, stop, _ = self._under_way.pop(future)
        with self._translated():
            outcome = future.result()
        if outcome.error is not None:
            raise outcome.error
        if outcome.blocks is None and all(outcome.worker != lacks for *_, lacks in self._under_way.values()):
            self._lacking.add(outcome.worker)
        return start, stop, outcome

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn whatever the executor raises into an error that says so; Ctrl-C stays what it is."""
        try:
            yield
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if self._parcel.failure is not None:
                raise self._parcel.failure from None
            said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            raise EstimationError(
                f"The executor failed after {self._done:,} of {self._replicates:,} replicates ({said}). Nothing was "
                "kept: evaluate again with another executor, or here with executor=None."
            ) from error


def _workers(executor: Executor) -> int:
    """Return how many ranges it runs at a time; most executors know, but none must tell."""
    client = _dask_client(executor)
    count = getattr(executor, "_max_workers", None) if client is None else sum(client.nthreads().values())
    return count if isinstance(count, int) and count > 0 else os.cpu_count() or 1


def _dask_client(executor: Executor) -> Any:
    return getattr(executor, "_client", None) if type(executor).__module__.startswith("distributed.") else None
