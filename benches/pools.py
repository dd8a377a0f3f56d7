"""What an executor costs: draws of two worker processes beside those of two threads."""

from __future__ import annotations

import multiprocessing
import pickle
import time
from concurrent.futures import Executor, ProcessPoolExecutor

import hiddenpop as hp
import measure
import numpy as np
from cases import COLUMNS, Floats, Result, five_means, million_rows
from hiddenpop.expression import evaluate
from measure import Run

WORKERS = 2
LARGE = 300
SMALL = 1_000_000
CALLS = 20_000


def median_of_ages(weights: Floats) -> float:
    """Compute what only a function of weights can: importable, so that workers find it."""
    ages = np.arange(len(weights))
    return float(ages[np.searchsorted(np.cumsum(weights), weights.sum() / 2)])


def elsewhere(executor: Executor, ask: Run) -> Run:
    """Evaluate through the executor."""

    def timed() -> object:
        with hp.settings(executor=executor):
            return ask()

    return timed


def process_pool() -> Result:
    """Compare a pool with threads: large columns, many cheap replicates, a slow function."""
    frame = million_rows()
    large, small = hp.Survey(frame, replicates=LARGE), hp.Survey(frame.head(520), replicates=SMALL)
    calls = hp.Survey(frame.head(520), replicates=CALLS)
    asked: dict[str, tuple[int, Run]] = {
        "x1 1,000,000 rows, 5 means": (LARGE, lambda: five_means(large).draws),
        "x2 520 rows, mean": (SMALL, lambda: small.mean(COLUMNS[0]).draws),
        "x3 520 rows, a function of weights": (CALLS, lambda: calls.replicate(median_of_ages).draws),
    }
    result = Result()
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn")) as pool:
        for case, (replicates, ask) in asked.items():
            found = measure.race({"pool": elsewhere(pool, ask), "here": ask}, 5)
            result.compare(case, WORKERS, found["pool"], "no executor", found["here"], replicates, None)
    kernels = [reader.kernel for reader in evaluate._readers([large.mean(name).node for name in COLUMNS])]
    began = time.perf_counter()
    data = pickle.dumps(kernels, protocol=5)
    pickled = time.perf_counter()
    pickle.loads(data)
    loaded = time.perf_counter()
    result.notes += [
        f"ours is {WORKERS} worker processes of one thread, the other {WORKERS} threads without an executor (a "
        "function of weights runs on one)",
        f"x1 sends {len(data) / 1e6:.0f} MB to each worker once: {1e3 * (pickled - began):.0f} ms to pickle, "
        f"{1e3 * (loaded - pickled):.0f} ms to load; the columns alone are {len(frame) * len(COLUMNS) * 8 / 1e6:.0f} MB",
    ]
    return result
