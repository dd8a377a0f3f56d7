"""Ctrl-C in long calls, of other libraries and of the core: heard within half a second, and Python is usable afterwards."""

import os
import signal
import threading
import time
from collections.abc import Callable

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.ground import aside


def bma() -> None:
    """Average over 822 graphs for so many numbers of people unseen that it takes many seconds."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({f"L{i}": (rng.random(3000) < 0.25).astype(int) for i in range(5)})
    lists = hp.Lists(table[table.any(axis=1)], [f"L{i}" for i in range(5)])
    for _ in range(50):
        hp.decomposable_bma(lists, max_missed=3_000_000)


def read() -> None:
    """Let DuckDB count for many seconds."""
    pytest.importorskip("duckdb")
    hp.Survey.from_parquet("SELECT hash(i) % 900000 AS a, i % 2 AS b FROM range(2_000_000_000) r(i)")


def elsewhere() -> None:
    """Call what hears nothing by itself."""
    aside.aside(lambda: time.sleep(5))


@pytest.mark.parametrize("work", [bma, read, elsewhere])
def test_ctrl_c_is_heard(work: Callable[[], None]) -> None:
    sent: list[float] = []

    def press() -> None:
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(1.0, press)
    try:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            work()
        # Half a second is promised; four times that on a loaded machine. The work itself takes longer.
        assert time.monotonic() - sent[0] < 2
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, before)
    survey = hp.Survey({"x": [1, 0, 1, 1]}, replicates=50)
    np.testing.assert_array_equal(survey.mean("x").draws, hp.Survey({"x": [1, 0, 1, 1]}, replicates=50).mean("x").draws)


def test_answers_and_errors_come_back() -> None:
    assert aside.aside(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        aside.aside(lambda: 1 / 0)
    assert aside.aside(threading.get_ident, numbers=3) == threading.get_ident()
