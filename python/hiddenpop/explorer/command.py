"""The command `hiddenpop explore`: what it takes, where it listens, and what it leaves behind, which is nothing."""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from threading import Timer

from .files import plain_name, refusal

#: Folders of explorers that were killed bear the number of their process, and are deleted by the next.
FOLDER = "hiddenpop-explorer-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns 0, or 2 with a sentence on the error stream."""
    parser = argparse.ArgumentParser(
        prog="hiddenpop", description="Estimate how many people there are that no list holds."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    explore = commands.add_parser(
        "explore", help="the package in your browser, without writing code", description="The package in your browser."
    )
    explore.add_argument("table", nargs="?", help="a table to open: CSV, Excel, SPSS, Stata or Parquet")
    explore.add_argument(
        "--port", type=int, default=0, help="where to listen on this machine; by default any free port"
    )
    explore.add_argument("--no-browser", action="store_true", help="print the address, and open no browser")
    given = parser.parse_args(arguments)
    try:
        start = _file(given.table) if given.table else None
        listening = _listen(given.port)
    except _RefusedError as refused:
        print(f"hiddenpop explore: {refused}", file=sys.stderr)
        return 2
    return _serve(listening, start, browser=not given.no_browser)


class _RefusedError(Exception):
    pass


def _file(table: str) -> tuple[str, bytes]:
    """Read a table that was named into memory."""
    place = Path(table).expanduser()
    try:
        content = place.read_bytes()
    except FileNotFoundError:
        raise _RefusedError(
            f"There is no file {table!r}. Name a table, or start without one and load it in the browser."
        ) from None
    except IsADirectoryError:
        raise _RefusedError(f"{table!r} is a folder. Name a table in it.") from None
    except OSError as error:
        raise _RefusedError(
            f"{table!r} can't be read ({error.strerror}). Look whether you may read it, and whether a program holds it."
        ) from None
    name = plain_name(place.name)
    refused = refusal(name, content)
    if refused:
        raise _RefusedError(refused)
    return name, content


def _listen(port: int) -> socket.socket:
    """Listen on the loopback interface, and on no other."""
    if not 0 <= port <= 65535:
        raise _RefusedError(f"--port {port} is no port. Take one from 1024 to 65535, or none for any free one.")
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":  # elsewhere it would let two programs share a port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen()  # who is quick waits, and isn't turned away
    except OSError as error:
        listening.close()
        if isinstance(error, PermissionError):
            raise _RefusedError(
                f"Port {port} is kept for the system. Take one from 1024 to 65535, or leave --port out."
            ) from None
        raise _RefusedError(
            f"Port {port} is in use, perhaps by another explorer. Close that, choose another --port, or leave it out: any free "
            "port is taken."
        ) from None
    return listening


def _own_folder() -> Path:
    """Make a folder for whatever must lie in a file for a moment, which only this user may read; and sweep what was left."""
    above = Path(tempfile.gettempdir())
    for left in above.glob(f"{FOLDER}*"):
        number = left.name.removeprefix(FOLDER).split("-")[0]
        if number.isdigit() and not _runs(int(number)):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-"))


def _leave(*_: object) -> None:
    """End as Ctrl-C does, when the system says so: the server hands on what it was told once it has closed."""
    raise KeyboardInterrupt


def _runs(process: int) -> bool:
    if os.name != "posix":  # asking would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _serve(listening: socket.socket, start: tuple[str, bytes] | None, *, browser: bool) -> int:
    os.environ["SHINY_OTEL_COLLECT"] = "none"
    try:
        import uvicorn  # noqa: PLC0415 (of the extra `explorer`)

        from .session import application  # noqa: PLC0415 (needs shiny, of the extra `explorer`)
    except ImportError as error:
        print(
            f"hiddenpop explore: the explorer needs more libraries ({error.name} is lacking): pip install 'hiddenpop[explorer]'",
            file=sys.stderr,
        )
        return 2
    try:
        folder = _own_folder()
    except OSError as error:
        print(
            f"hiddenpop explore: nothing can be written where temporary files go ({error}). Set TMPDIR (on Windows TEMP) to a "
            "folder that you may write.",
            file=sys.stderr,
        )
        return 2
    for name in ("TMPDIR", "TEMP", "TMP"):
        os.environ[name] = str(folder)  # of the windows' processes
    tempfile.tempdir = str(folder)
    port = listening.getsockname()[1]
    key = secrets.token_urlsafe(24)
    address = f"http://127.0.0.1:{port}/?key={key}"
    print(
        f"The hiddenpop explorer is open at\n\n    {address}\n\nOnly this machine can reach it, and nothing leaves it. Ctrl-C ends "
        "it; then all data are gone.",
        flush=True,
    )
    config = uvicorn.Config(
        application(start, key, port),
        log_level="error",
        access_log=False,
        timeout_graceful_shutdown=1,
        ws_max_size=2**26,
    )
    server = uvicorn.Server(config)
    if browser:
        Timer(0.5, webbrowser.open, [address]).start()
    signal.signal(signal.SIGTERM, _leave)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        shutil.rmtree(folder, ignore_errors=True)
    return 0
