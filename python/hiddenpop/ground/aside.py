"""Long calls of other libraries, on a thread beside: the one that called hears Ctrl-C.

Python handles signals in the main thread, between two of its own steps. A query of DuckDB or a decomposition is one step however
long it takes, and some libraries take the signal for their own error.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from threading import Event, Thread, current_thread, main_thread
from typing import TypeVar

#: Nothing waits longer than this for Ctrl-C, in seconds: some systems don't hear it while they wait.
LISTEN = 0.1
#: So many numbers take a tenth of a second.
MANY = 1_000_000
T = TypeVar("T")


def aside(
    work: Callable[[], T],
    stop: Callable[[], object] | None = None,
    *,
    numbers: int | None = None,
    patience: float = 10.0,
) -> T:
    """Do some work on another thread; when Ctrl-C is pressed, `stop` it, wait until it has stopped, and go.

    Work without a `stop` goes on beside to its end, and what it finds is dropped: it may only read what others might change.
    `numbers` is how many it works on: a few are done here, where that costs nothing.
    `patience` is for work that doesn't stop when it is told to, in seconds.
    """
    few = numbers is not None and numbers < MANY
    if few or current_thread() is not main_thread():  # no signal reaches the others
        return work()
    found: list[T] = []
    failed: list[BaseException] = []
    over = Event()  # a thread whose join was interrupted is taken for dead by Python 3.11

    def run() -> None:
        try:
            found.append(work())
        except BaseException as error:  # raised where the work was asked for
            failed.append(error)
        finally:
            over.set()

    # At Python's end, what is in C++ must not be killed; what stops when it is told to is waited for.
    Thread(target=copy_context().run, args=(run,), name="hiddenpop aside", daemon=stop is None).start()
    try:
        while not over.wait(LISTEN):
            pass
    except BaseException:
        if stop is not None:
            stop()
            over.wait(patience)
        raise
    if failed:
        try:
            raise failed[0]
        finally:
            failed.clear()  # an exception that its own frame holds would keep that frame's tables alive
    return found[0]
