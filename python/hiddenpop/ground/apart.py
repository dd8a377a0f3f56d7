"""Libraries in C that damaged files can kill: their work is done by a process of its own, which dies alone.

It is stopped by Ctrl-C as well, which such a library does not hear.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from importlib import import_module
from types import TracebackType
from typing import Any

#: What the other process runs: calls come in, and answers or exceptions go out, until nothing comes.
#: What a library prints would be among the answers, so it goes nowhere.
_CHILD = """
import os, sys
out = os.fdopen(os.dup(1), "wb")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
import pickle
sys.path[:] = pickle.load(sys.stdin.buffer)
import importlib
while True:
    try:
        module, name, given, named = pickle.load(sys.stdin.buffer)
    except EOFError:
        break
    try:
        answer = pickle.dumps((None, getattr(importlib.import_module(module), name)(*given, **named)), protocol=5)
    except BaseException as error:
        answer = pickle.dumps((type(error).__name__, str(error)), protocol=5)
    out.write(answer)
    out.flush()
"""


class DiedError(Exception):
    """The process died at its work."""


class OtherError(Exception):
    """The work raised an exception: its kind and what it says."""

    def __init__(self, kind: str, said: str) -> None:
        self.kind, self.said = kind, said
        super().__init__(said)


class Apart:
    """A library's functions, called in a process of its own while the context lasts.

    >>> with Apart("math") as call:
    ...     call("sqrt", 16.0)
    4.0
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Apart:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()

    def __call__(self, function: str, *given: Any, **named: Any) -> Any:
        """Call a function of the library; `DiedError` or `OtherError` where it gives no answer."""
        if not sys.executable:  # Python within another program: there is no process to start
            try:
                return getattr(import_module(self._module), function)(*given, **named)
            except Exception as error:
                raise OtherError(type(error).__name__, str(error)) from None
        try:
            if self._child is None:
                # -I: nothing that lies in the working directory is taken for a library.
                self._child = subprocess.Popen(
                    [sys.executable, "-I", "-c", _CHILD],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
                self._send(self._child, sys.path)
            self._send(self._child, (self._module, function, given, named))
            kind, found = pickle.load(self._child.stdout)  # type: ignore[arg-type]
        except (OSError, EOFError, pickle.UnpicklingError):
            raise DiedError from None
        if kind is not None:
            raise OtherError(kind, found)
        return found

    def _send(self, child: subprocess.Popen[bytes], what: object) -> None:
        if child.stdin is not None:
            pickle.dump(what, child.stdin, protocol=5)
            child.stdin.flush()
