"""The cases of one register: ours beside times of singleRcapture that were recorded, not measured in this run."""

from __future__ import annotations

import warnings

import hiddenpop as hp
import measure
import numpy as np
import pandas as pd
from cases import Result, on_each, thread_numbers
from measure import Timing

#: Seconds that R 4 with singleRcapture 0.2.3 took on the machine of the reference numbers.
RECORDED_BOOTSTRAP = 1.488
RECORDED_NEGBIN = 62.0
REPLICATES = 100
ROWS = 12_036


def recorded(seconds: float) -> Timing:
    """Wrap a time that is not measured here."""
    return Timing(seconds, seconds, 1)


def bootstrap() -> Result:
    """Compare the semiparametric bootstrap of a zero-truncated Poisson regression, 100 replicates of 1,880 people."""
    table = hp.datasets.load("netherlands_immigrants")["apprehensions"]
    counts = hp.CaptureCounts(table, "capture", replicates=REPLICATES)

    def run() -> object:
        return hp.zero_truncated(counts, "~ gender + age + nation").size.draws

    found = measure.race(on_each(run), 7)
    result = Result()
    for threads in thread_numbers():
        result.compare(
            "r1 one register, bootstrap",
            threads,
            found[f"ours {threads}"],
            "singleRcapture, recorded",
            recorded(RECORDED_BOOTSTRAP),
            REPLICATES,
            100.0,
        )
    result.notes.append(
        "ours: the fit, and 100 redraws with a fit each (the register's covariates are read once, before the clock "
        "starts); singleRcapture's time was recorded on another machine"
    )
    return result


def overdispersed() -> pd.DataFrame:
    """Make a register of 12,036 people with two numbers and a category as covariates, every row different."""
    rng, size = np.random.default_rng(0), 40_000
    table = pd.DataFrame(
        {"a": rng.normal(size=size), "b": rng.normal(size=size), "kind": rng.choice(["beef", "dairy"], size)}
    )
    mean = np.exp(-0.2 + 0.5 * table["a"] - 0.3 * table["b"] + 0.4 * (table["kind"] == "dairy"))
    table["times"] = rng.poisson(mean * rng.gamma(1 / 1.5, 1.5, size))
    return table[table["times"] > 0].head(ROWS)


def negative_binomial() -> Result:
    """Compare the fit of a zero-truncated negative binomial regression, three covariates and 12,036 rows."""
    counts = hp.CaptureCounts(overdispersed(), "times")

    def run() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("error", hp.HiddenpopWarning)  # a fit without a maximum would not count
            return hp.zero_truncated(counts, "~ a + b + kind", family="negbin").se()

    found = measure.race(on_each(run), 5)
    result = Result()
    for threads in thread_numbers():
        result.compare(
            "r2 negative binomial, 12,036 rows",
            threads,
            found[f"ours {threads}"],
            "singleRcapture, recorded",
            recorded(RECORDED_NEGBIN),
            1,
            500.0,
        )
    result.notes.append(
        "simulated rows of the same number and kind; ours includes finding people alike and the analytic variance, not "
        "reading the formula (8 ms, once); singleRcapture's time was recorded on another machine and other data"
    )
    return result


ALL = (bootstrap, negative_binomial)
