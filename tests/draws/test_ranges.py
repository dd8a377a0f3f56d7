"""Replicates: the same digits on any number of threads, interruption, memory."""

import os
import signal
import subprocess
import sys
import time

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.draws import ranges

from .. import facts


def everything(interviews: pd.DataFrame) -> hp.Estimate:
    survey = hp.Survey(interviews, strata="group", replicates=3_000)
    return hp.concat(
        [
            survey.mean("age").rename("mean"),
            survey.median("age").rename("median"),
            hp.multiplier(8126, survey.proportion("in_treatment", where=(interviews["group"] == "opioids").to_numpy())),
            hp.beta(80, 20, name="b", replicates=3_000),
        ]
    )


def test_threads_change_no_digit(interviews: pd.DataFrame) -> None:
    with hp.settings(threads=1):
        one = everything(interviews).draws
    for threads in (2, 3, 7):
        with hp.settings(threads=threads):
            np.testing.assert_array_equal(everything(interviews).draws, one)


def test_ranges_change_no_digit(interviews: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = everything(interviews).draws
    monkeypatch.setattr(ranges, "spans", lambda n, first: ((a, min(n, a + 77)) for a in range(0, n, 77)))
    np.testing.assert_array_equal(everything(interviews).draws, whole)


def test_digits_are_fixed(survey: hp.Survey) -> None:
    # Any platform must give these; see facts.FIXED_DRAWS.
    rows = hp.Survey({"x": [3.0, 1.5, 4.25, 1.0, 5.5, 9.0, 2.0, 6.0], "g": list("aaabbbbb")}, strata="g")
    seen = {
        "kinds": (survey.proportion("in_treatment", by="group") * 393).draws[0, :5].round(6).tolist(),
        "rows": rows.total("x").draws[0, :5].tolist(),
        "quantile": rows.median("x").draws[0, :5].tolist(),
        "beta": hp.beta(80, 20, name="fixed").draws[0, :3].round(9).tolist(),
    }
    assert seen == facts.FIXED_DRAWS


def test_draws_that_would_not_fit_are_refused() -> None:
    survey = hp.Survey({"x": [str(i) for i in range(40)] * 2}, replicates=100_000_000)
    with pytest.raises(InputError, match=r"100,000,000 replicates of 40 labels would take 32.0 GB"):
        _ = survey.proportion("x").draws


def test_memory_does_not_grow_with_rows_times_replicates() -> None:
    resource = pytest.importorskip("resource")
    values = np.random.default_rng(0).normal(size=200_000)
    survey = hp.Survey({"x": values}, replicates=2_000)
    mean = survey.mean("x")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _ = mean.draws
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    # Rows x replicates would be 3.2 GB; a few copies of the column are 5 MB.
    assert grown < 50e6


def test_a_second_of_work_is_interrupted_at_once() -> None:
    code = (
        "import hiddenpop as hp, numpy as np;"
        "s = hp.Survey({'x': np.random.default_rng(0).normal(size=300_000)}, replicates=200_000);"
        "m = s.mean('x'); print('ready', flush=True); m.draws"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(1)
    started = time.perf_counter()
    os.kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    # Half a second, and as much again for a loaded machine and the interpreter's end.
    assert time.perf_counter() - started < 1.0
    assert b"KeyboardInterrupt" in errors


def test_progress_shows_on_long_work(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tqdm")
    monkeypatch.setattr(ranges, "PATIENCE", 0.0)
    with hp.settings(progress=True, replicates=200):
        _ = hp.Survey({"x": [1, 0, 1]}).mean("x").draws
    assert "replicates" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_evaluates() -> None:
    # Threads don't survive a fork: the child must make its own.
    code = (
        "import hiddenpop as hp, numpy as np, multiprocessing as m;"
        "f = lambda: hp.Survey({'x': np.arange(2000.)}, replicates=3000).mean('x').draws.sum();"
        "a = f();"
        "q = m.get_context('fork').Queue();"
        "p = m.get_context('fork').Process(target=lambda: q.put(f()));"
        "p.start(); b = q.get(timeout=20); p.join(); assert a == b"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=60)
