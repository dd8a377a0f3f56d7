"""A process of each browser window's own, where its programs run: with its data and with nobody else's."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from .program import Program
from .runner import Outcome, Runner

STOPPED = "Stopped. Nothing of it is kept; change something to start again."
DIED = (
    "This took more than the machine has (its process ended by itself, as it does where memory runs out). Take fewer columns or "
    "rows, and try again."
)


def _live(pipe: Connection, folder: str) -> None:
    """Answer programs until the window is gone; what they write lies in the folder."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    os.environ["MPLBACKEND"] = "Agg"  # figures are drawn without a screen
    os.chdir(folder)
    runner = Runner()
    while True:
        try:
            kind, *given = pipe.recv()
        except (EOFError, OSError):
            return
        if kind == "take":
            runner.take(*given)
            continue
        answer = runner.look if kind == "look" else runner.run
        done = answer(given[0], lambda text: pipe.send(("doing", text)), lambda some: pipe.send(("part", some)))
        pipe.send(("done", done))


class Room:
    """The process, and the file that was loaded, which is given again to a new process when one was stopped."""

    def __init__(self) -> None:
        self._file: tuple[str, bytes] | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._start()

    def _start(self) -> None:
        self._stopped = self._given = False
        context = multiprocessing.get_context("spawn")
        self._folder = tempfile.TemporaryDirectory(prefix="window-", ignore_cleanup_errors=True)
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_live, args=(other, self._folder.name), daemon=True)
        self._process.start()
        other.close()

    @property
    def process(self) -> int | None:
        """The number of its process."""
        return self._process.pid

    def take(self, name: str, content: bytes) -> None:
        """Give it a file, in place of another."""
        with self._lock:
            self._file = name, content
            self._given = False

    def run(
        self, program: Program, tell: Callable[[str], None], part: Callable[[Outcome], None], *, look: bool = False
    ) -> Outcome:
        """Run a program there, and wait for what comes of it; as `Runner.run` else."""
        with self._lock:
            if not self._process.is_alive() and not self._closed:
                self._end()
                self._start()
            pipe = self._pipe
            try:
                if self._file and not self._given:
                    pipe.send(("take", *self._file))
                    self._given = True
                pipe.send(("look" if look else "run", program))
                while True:
                    kind, given = pipe.recv()
                    if kind == "done":
                        return self._outcome(given)
                    if kind == "part":
                        part(self._outcome(given))
                    else:
                        tell(given)
            except (EOFError, OSError):
                self._process.join(1)
                return Outcome(error=STOPPED if self._stopped else DIED)

    def stop(self) -> None:
        """End what runs; the next program starts afresh, with the same file."""
        self._stopped = True
        self._process.kill()

    def close(self) -> None:
        """End the process, with all that it holds."""
        self._closed = self._stopped = True
        self._file = None
        self._end()

    def _end(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()
        self._folder.cleanup()

    @staticmethod
    def _outcome(given: Any) -> Outcome:
        assert isinstance(given, Outcome)
        return given
