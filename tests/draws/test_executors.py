"""Draws made elsewhere: the same digits, each column sent once, nothing half when something breaks."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, InputError
from hiddenpop.draws import executors, ranges, settings
from hiddenpop.expression import evaluate

#: Processes that share nothing with this one, forked where that can be from one that has imported the package.
FRESH = multiprocessing.get_context(
    "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
)
if FRESH.get_start_method() == "forkserver":
    FRESH.set_forkserver_preload(["hiddenpop", __name__])
#: A worker of the tests that is told to die must not take the tests along.
TESTS = "HIDDENPOP_TESTS"


def first_weights(weights: np.ndarray) -> list[float]:
    """Sum up some weights; importable, so that any worker finds it."""
    return [float(weights[:50].sum()), float(weights.max())]


def dies(weights: np.ndarray) -> float:
    """End the worker in the first replicate that draws the first person four times."""
    if weights[0] == 4 and os.environ.get(TESTS) != str(os.getpid()):
        os._exit(1)
    return float(weights[0])


def slow(weights: np.ndarray) -> float:
    """Take a while."""
    time.sleep(0.01)
    return float(weights[0])


def raises(weights: np.ndarray) -> float:
    """Have no answer in some replicate."""
    if weights[0] == 4:
        raise ZeroDivisionError("no controls")
    return 1.0


@pytest.fixture(scope="module")
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(2, FRESH) as pool:
        yield pool


@pytest.fixture(scope="module")
def dask() -> Iterator[Executor]:
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 1, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        yield client.get_executor()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count tasks, parcels that went out whole, and how often a parcel was pickled."""
    counts = {"tasks": 0, "parcels": 0, "pickled": 0}

    def count(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any) -> Any:
            counts[name] += 1
            return function(*args)

        return counted

    monkeypatch.setattr(executors.Work, "_submit", count("tasks", executors.Work._submit))
    monkeypatch.setattr(executors, "_pickle", count("pickled", executors._pickle))
    # A ticket that is pickled whole asks for the parcel's bytes.
    monkeypatch.setattr(executors.Parcel, "pickled", count("parcels", executors.Parcel.pickled))
    return counts


def everything(interviews: pd.DataFrame) -> dict[str, hp.Estimate]:
    """Every kernel and design, and an expression over two surveys whose lambdas stay here."""
    weighted = interviews.assign(w=np.linspace(1, 3, len(interviews)))
    plain = hp.Survey(interviews, strata="group", replicates=2_000)
    kinds = hp.Survey(interviews[["group", "in_treatment"]], strata="group", replicates=2_000, name="register")
    clustered = hp.Survey(weighted, clusters="city", weights="w", replicates=2_000, name="weighted")
    calibrated = clustered.calibrate({"group": {"opioids": 800, "crack only": 400}})
    bayesian = hp.Survey(interviews, strata="group", replicates=2_000, name="bayesian", redraws="bayesian")
    people = hp.multiplier({"opioids": 8126, "crack only": 4912}, kinds.proportion("in_treatment", by="group"))
    return {
        "totals": plain.mean("age", by="group"),
        "kinds": kinds.proportion("in_treatment", by="group"),
        "quantiles": hp.concat({"low": plain.quantile("age", 0.1), "high": plain.quantile("age", 0.9)}),
        "clusters": clustered.mean("age", by="group"),
        "weighted quantile": clustered.median("age"),
        "function": plain.replicate(first_weights),
        "calibrated": calibrated.mean("age", by="group"),
        "calibrated quantile": calibrated.median("age"),
        "calibrated function": calibrated.replicate(first_weights),
        "bayesian": bayesian.mean("age", by="group"),
        "two surveys": hp.apply(
            lambda a, b, c: a * np.log(b) + c,
            people,
            clustered.mean("age", by="group"),
            hp.beta(80, 20, name="completeness", replicates=2_000),
        ),
    }


@pytest.fixture(scope="module")
def here() -> dict[str, np.ndarray]:
    interviews = hp.datasets.load("synthetic_opaak")["interviews"]
    return {name: estimate.draws for name, estimate in everything(interviews).items()}


@pytest.mark.parametrize("where", ["threads", "processes", "dask"])
def test_no_digit_changes(
    interviews: pd.DataFrame, here: dict[str, np.ndarray], where: str, request: pytest.FixtureRequest
) -> None:
    executor = request.getfixturevalue(where)
    with hp.settings(executor=executor):
        there = {name: estimate.draws for name, estimate in everything(interviews).items()}
    for name, draws in here.items():
        np.testing.assert_array_equal(there[name], draws, err_msg=name)


def begin_with(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the first ranges of another size."""
    blocks = executors.Work.blocks
    monkeypatch.setattr(executors.Work, "blocks", lambda self, _: blocks(self, size))


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_ranges_change_no_digit(
    interviews: pd.DataFrame, size: int, threads: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = hp.Survey(interviews, strata="group", replicates=300)
    begin_with(size, monkeypatch)
    np.testing.assert_array_equal(survey.mean("age", executor=threads).draws, survey.mean("age").draws)


def test_each_question_takes_an_executor(interviews: pd.DataFrame, processes: Executor) -> None:
    survey = hp.Survey(interviews, strata="group", replicates=200)
    asked: list[Callable[..., hp.Estimate]] = [
        lambda **o: survey.proportion("in_treatment", by="group", **o),
        lambda **o: survey.mean("age", **o),
        lambda **o: survey.total("age", where="in_treatment", **o),
        lambda **o: survey.ratio("age", "in_treatment", **o),
        lambda **o: survey.count("city", **o),
        lambda **o: survey.quantile("age", 0.25, **o),
        lambda **o: survey.median("age", **o),
        lambda **o: survey.replicate(first_weights, **o),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", hp.HiddenpopWarning)  # a total leaves out missing ages
        for ask in asked:
            there = ask(executor=processes)
            kept = evaluate.kept_draws(there.node)
            assert kept is not None
            np.testing.assert_array_equal(kept, ask().draws)


def test_workers_get_the_columns_once(sent: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "RANGE_SECONDS", 0.01)
    survey = hp.Survey({"x": np.random.default_rng(0).normal(size=20_000)}, replicates=20_000)
    with ProcessPoolExecutor(2, FRESH) as fresh:  # whose workers start one after the other
        draws = survey.mean("x", executor=fresh).draws
    assert sent["tasks"] > 30
    assert sent["pickled"] == 1
    assert 1 <= sent["parcels"] <= 2 * 2
    np.testing.assert_array_equal(draws, survey.mean("x").draws)


def test_nothing_is_pickled_within_a_process(sent: dict[str, int], threads: Executor) -> None:
    lock = threading.Lock()  # which nothing could pickle
    survey = hp.Survey({"x": [1.0, 2.0, 4.0]}, replicates=300)
    there = survey.replicate(lambda w: float(w[0]) if lock else 0.0, executor=threads)
    assert sent["tasks"] > 1
    assert sent["parcels"] == sent["pickled"] == 0
    np.testing.assert_array_equal(there.draws, survey.replicate(lambda w: w[0]).draws)


def test_dask_gets_large_columns_beforehand(sent: dict[str, int], dask: Executor) -> None:
    # Dask warns of more than 10 MB in a task graph; these columns and their design have 27.
    values = np.random.default_rng(0).normal(size=(2, 1_000_000))
    survey = hp.Survey({"x": values[0], "y": values[1]}, replicates=40)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draws = survey.ratio("x", "y", executor=dask).draws
    assert sent["pickled"] == 1
    np.testing.assert_array_equal(draws, survey.ratio("x", "y").draws)


class Forgetful(ThreadPoolExecutor):
    """Pickles what it is given, as if for another process, which forgets every parcel."""

    def submit(self, function: Any, /, *args: Any, **_: Any) -> Future[Any]:
        args = pickle.loads(pickle.dumps(args))
        return super().submit(self._forget, function, args)

    @staticmethod
    def _forget(function: Any, args: Any) -> Any:
        executors._kept.clear()
        return function(*args)


def test_a_worker_that_forgets_is_sent_the_columns_again(
    interviews: pd.DataFrame, sent: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "MOST_NUMBERS", 20)
    begin_with(20, monkeypatch)
    survey = hp.Survey(interviews, replicates=500)
    with Forgetful(1) as executor:
        draws = survey.mean("age", executor=executor).draws
    assert sent["parcels"] > 5
    np.testing.assert_array_equal(draws, survey.mean("age").draws)


def test_workers_keep_few_parcels() -> None:
    executors._kept.clear()
    for _ in range(5):
        parcel = executors.Parcel([])
        assert pickle.loads(pickle.dumps(executors.Ticket(parcel, whole=True))).open() == []
    assert len(executors._kept) == executors.MOST_PARCELS
    assert pickle.loads(pickle.dumps(executors.Ticket(executors.Parcel([]), whole=False))).open() is None
    executors._kept.clear()


def test_only_needed_columns_travel() -> None:
    rows = 50_000
    table = {"person": [f"person {i}" for i in range(rows)], "x": np.arange(rows) + 0.5, "y": np.arange(rows) + 0.5}
    survey = hp.Survey(table, strata=None)
    statistics = [survey.mean("x").node, survey.median("x").node, survey.median("y").node]
    (reader,) = evaluate._readers(statistics)
    data = executors.Parcel([reader.kernel]).pickled()
    assert b"person" not in data
    # A mean needs its column, a quantile three numbers a row, and the design, sent once for all three,
    # two: in bytes at most 8 + 2 (8 + 8 + 4) + (8 + 4) a row.
    assert len(data) < 60 * rows + 10_000
    # Not even that: a function of weights is sent the design alone.
    function = survey.replicate(first_weights).node
    (reader,) = evaluate._readers([function])
    assert len(executors.Parcel([reader.kernel]).pickled()) < 21 * rows


# What goes wrong


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> Iterator[None]:
    """Do something when the first range is reported."""

    @contextmanager
    def bar(_: int) -> Iterator[Callable[[int], object]]:
        yield lambda _: act()

    with monkeypatch.context() as patch:
        patch.setattr(ranges, "bar", bar)
        yield


class Remembering(ThreadPoolExecutor):
    """Remembers what it was given."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self.futures: list[Future[Any]] = []

    def submit(self, function: Any, /, *args: Any, **options: Any) -> Future[Any]:
        self.futures.append(super().submit(function, *args, **options))
        return self.futures[-1]


def test_an_interruption_calls_everything_off(monkeypatch: pytest.MonkeyPatch) -> None:
    estimate = hp.Survey({"x": [1, 0, 2, 3]}, replicates=500).replicate(slow)
    interrupted = 0.0

    def interrupt() -> None:
        nonlocal interrupted
        interrupted = time.perf_counter()
        raise KeyboardInterrupt

    with Remembering(1) as executor:
        with watched(monkeypatch, interrupt), hp.settings(executor=executor), pytest.raises(KeyboardInterrupt):
            _ = estimate.draws
        assert time.perf_counter() - interrupted < 0.5
        assert len(executor.futures) >= 2
        assert all(future.cancelled() or future.running() or future.done() for future in executor.futures)
        assert evaluate.kept_draws(estimate.node) is None
    assert time.perf_counter() - interrupted < 1.0


@pytest.mark.parametrize("where", ["processes", "dask"])
def test_an_interruption_of_other_processes(
    where: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = request.getfixturevalue(where)
    survey = hp.Survey({"x": [1, 0, 2, 3]}, replicates=2_000)
    interrupted = 0.0

    def interrupt() -> None:
        nonlocal interrupted
        interrupted = time.perf_counter()
        raise KeyboardInterrupt

    with watched(monkeypatch, interrupt), pytest.raises(KeyboardInterrupt):
        survey.replicate(slow, executor=executor)
    assert time.perf_counter() - interrupted < 0.5
    # What was under way is no hindrance to the next question.
    np.testing.assert_array_equal(survey.mean("x", executor=executor).draws, survey.mean("x").draws)


def test_ctrl_c_is_heard_at_once(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(
        "import multiprocessing, time\n"
        "def slow(weights):\n"
        "    if multiprocessing.parent_process() is not None:\n"
        "        print('working', flush=True)\n"
        "    time.sleep(0.01)\n"
        "    return float(weights[0])\n"
    )
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import multiprocessing, hiddenpop as hp, work\n"
        "from concurrent.futures import ProcessPoolExecutor\n"
        "survey = hp.Survey({'x': [1, 0, 2, 3]}, replicates=2_000)\n"
        "with ProcessPoolExecutor(1, multiprocessing.get_context('spawn')) as pool:\n"
        "    try:\n"
        "        survey.replicate(work.slow, executor=pool)\n"
        "    except KeyboardInterrupt:\n"
        "        print('stopped', flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"working\n"
    started = time.perf_counter()
    os.kill(process.pid, signal.SIGINT)
    while (line := process.stdout.readline()) == b"working\n":
        pass
    assert line == b"stopped\n"
    # Half a second, and as much again for a loaded machine.
    assert time.perf_counter() - started < 1.0
    process.communicate(timeout=30)


def test_an_executor_that_dies_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TESTS, str(os.getpid()))
    estimate = hp.Survey({"x": np.arange(50)}, replicates=2_000).replicate(dies)
    with ProcessPoolExecutor(2, FRESH) as pool, hp.settings(executor=pool):
        with pytest.raises(EstimationError, match=r"failed after [\d,]+ of 2,000 replicates \(BrokenProcessPool"):
            _ = estimate.draws
        with pytest.raises(EstimationError, match=r"failed after 0 of 2,000 .* executor=None"):
            _ = estimate.draws
        assert evaluate.kept_draws(estimate.node) is None
        with hp.settings(executor=None):
            assert estimate.draws.max() >= 4


def test_an_executor_that_is_shut_down(monkeypatch: pytest.MonkeyPatch) -> None:
    survey = hp.Survey({"x": [1, 0, 2, 3]}, replicates=100)
    executor = ThreadPoolExecutor(1)

    def shut() -> None:
        executor.shutdown(wait=False, cancel_futures=True)

    with watched(monkeypatch, shut), pytest.raises(EstimationError, match=r"failed after [1-9]\d* of 100"):
        survey.replicate(slow, executor=executor)
    with pytest.raises(EstimationError, match="RuntimeError: cannot schedule new futures"):
        survey.mean("x", executor=executor)


def test_a_function_that_raises_there(processes: Executor) -> None:
    survey = hp.Survey({"x": np.arange(50)}, replicates=2_000)
    with pytest.raises(EstimationError, match=r"ZeroDivisionError in replicate \d+ .no controls"):
        survey.replicate(raises, executor=processes)


def test_functions_that_cannot_be_sent(processes: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = hp.Survey({"x": [1, 0, 2, 3]}, replicates=100)
    lock = threading.Lock()
    for _ in range(2):  # the pool survives
        with pytest.raises(InputError, match=r"can't be sent .*lock.* Define it in a module"):
            survey.replicate(lambda w: float(w[0]) if lock else 0.0, executor=processes)
    # cloudpickle sends lambdas by value; without it they stay here.
    pytest.importorskip("cloudpickle")
    there = survey.replicate(lambda w: w[0], executor=processes)
    np.testing.assert_array_equal(there.draws, survey.replicate(lambda w: w[0]).draws)
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    with pytest.raises(InputError, match=r"can't be sent .*lambda.* pip install cloudpickle"):
        survey.replicate(lambda w: w[0], executor=processes)


def test_a_function_that_a_worker_does_not_find(processes: Executor) -> None:
    # Pickled by name, as a notebook's function is without cloudpickle, but the worker's module lacks it.
    def late(weights: np.ndarray) -> float:
        return float(weights[0])

    late.__qualname__ = "late"
    late.__module__ = "tests.facts"
    sys.modules["tests.facts"].late = late  # type: ignore[attr-defined]
    try:
        with pytest.raises(InputError, match=r"worker can't load .*AttributeError.*late"):
            hp.Survey({"x": [1, 0, 2]}, replicates=50).replicate(late, executor=processes)
    finally:
        del sys.modules["tests.facts"].late  # type: ignore[attr-defined]


def test_another_version_there_is_refused() -> None:
    class Older(ThreadPoolExecutor):
        def submit(self, function: Any, /, *args: Any, **_: Any) -> Future[Any]:
            return super().submit(function, args[0], "0.0.1", *args[2:])

    with Older(1) as executor, pytest.raises(InputError, match=r"digits of 0\.0\.1\. Install the same"):
        hp.Survey({"x": [1, 0, 2]}).mean("x", executor=executor)


@pytest.mark.parametrize(
    ("executor", "message"),
    [
        (3, "ProcessPoolExecutor"),
        (ThreadPoolExecutor, "is a class: make one"),
        (type("Client", (), {"get_executor": None, "submit": None})(), "client.get_executor"),
    ],
)
def test_what_is_no_executor(executor: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        hp.settings(executor=executor)
    with pytest.raises(InputError, match=message):
        hp.Survey({"x": [1, 0, 2]}).mean("x", executor=executor)
    assert settings.defaults().executor is None


def test_progress(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, threads: Executor) -> None:
    pytest.importorskip("tqdm")
    monkeypatch.setattr(ranges, "PATIENCE", 0.0)
    with hp.settings(progress=True, replicates=200):
        hp.Survey({"x": [1, 0, 1]}).replicate(slow, executor=threads)
    shown = capsys.readouterr().err
    assert "replicates" in shown
    assert len(shown.split("\r")) > 3
