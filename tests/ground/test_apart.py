"""A library that dies takes nobody along; the right answers are Python's own."""

import signal
import subprocess
import sys
import time

import pytest
from hiddenpop.ground.apart import Apart, DiedError, OtherError

#: Waits where no Python can be interrupted, and says how long Ctrl-C took.
WAITING = """
import _thread, threading, time
from hiddenpop.ground.apart import Apart
threading.Timer(1.0, _thread.interrupt_main).start()
start = time.monotonic()
try:
    with Apart("time") as call:
        call("sleep", 60)
except KeyboardInterrupt:
    print(time.monotonic() - start)
"""


def test_answers_come_back_until_the_context_ends() -> None:
    with Apart("math") as call:
        assert [call("sqrt", 16.0), call("isclose", 1.0, 1.1, rel_tol=0.5)] == [4.0, True]
        with pytest.raises(OtherError, match="math domain error") as raised:
            call("sqrt", -1.0)
        assert raised.value.kind == "ValueError"
        assert call("gcd", 12, 18) == 6  # an exception ends nothing


@pytest.mark.parametrize(("module", "function", "given"), [("os", "abort", ()), ("os", "_exit", (0,))])
def test_a_library_dies_alone(module: str, function: str, given: tuple[int, ...]) -> None:
    with Apart(module) as call, pytest.raises(DiedError):
        call(function, *given)


def test_what_a_library_prints_is_no_answer() -> None:
    with Apart("builtins") as call:
        assert call("print", "noise") is None
        assert call("abs", -3) == 3


def test_without_a_python_to_start_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    with Apart("math") as call:
        assert call("sqrt", 16.0) == 4.0
        with pytest.raises(OtherError, match="math domain error"):
            call("sqrt", -1.0)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
def test_it_is_interrupted() -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            WAITING.replace("threading.Timer(1.0, _thread.interrupt_main).start()", "print('on', flush=True)"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=20)
    assert 0 < float(said) < 10
