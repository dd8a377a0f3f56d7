"""A window's process: its own data, its own folder, and nothing left when it ends."""

import os
import time
from pathlib import Path
from threading import Thread

import pytest
from hiddenpop.explorer.program import Cell, Program
from hiddenpop.explorer.room import DIED, STOPPED, Room


def program(text: str) -> Program:
    return Program((Cell("x = 1", "starting", "a"), Cell(text, "waiting", "b")))


def none(_: object) -> None:
    pass


@pytest.mark.skipif(os.name != "posix", reason="asks the system whether a process is there")
def test_rooms_are_apart_stop_and_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    one, other = Room(), Room()
    one.take("a.csv", b"a\n1\n")
    number = one.run(program("import os\nos.getpid()"), none, none).shown[0].content
    assert number == str(one.process)
    assert other.run(program("import os\nos.getpid()"), none, none).shown[0].content == str(other.process)
    assert (
        other.run(program("import os\n[f for f in os.listdir('..') if os.path.isfile(f)]"), none, none).shown[0].content
        == "[]"
    )
    # Stopped while it works: said, and the next program finds the file again.
    since = time.monotonic()

    def stop(text: str) -> None:
        if text == "waiting":
            Thread(target=one.stop).start()

    assert one.run(program("import time\ntime.sleep(60)"), stop, none).error == STOPPED
    reads = Program((Cell("open('a.csv').read()", "", ""),))
    assert one.run(reads, none, none).shown[0].content == "a\n1\n"
    assert time.monotonic() - since < 50
    # Gone by itself, as where memory runs out.
    assert one.run(program("import os\nos._exit(1)"), none, none).error == DIED
    assert one.run(reads, none, none).shown[0].content == "a\n1\n"
    pids = [one.process, other.process]
    one.close()
    other.close()
    assert list(tmp_path.iterdir()) == []
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(int(str(pid)), 0)
