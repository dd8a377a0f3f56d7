"""The cases of designed samples: strata with weights, clusters, and quantiles of many rows."""

from __future__ import annotations

import importlib
import importlib.util
import json
import shutil
import subprocess
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cases
import hiddenpop as hp
import measure
import numpy as np
import pandas as pd
from cases import Floats, Result, agreement, on, on_each, thread_numbers
from measure import Run, Timing

DATA = Path(__file__).parent.parent / "tests" / "data"
SCHOOLS_REPLICATES = 10_000
#: Fewer replicates for slow alternatives; their times are scaled.
SAMPLICS_REPLICATES = 500
CLUSTERS_REPLICATES = 1_000
QUANTILES_REPLICATES = 300
NUMPY_REPLICATES = 2
#: Prints the seconds of a stratified bootstrap by R's survey.
R_SCRIPT = """
library(survey)
schools <- read.csv(commandArgs(trailingOnly = TRUE)[1])
design <- svydesign(ids = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = schools)
taken <- system.time(svymean(~api00, as.svrepdesign(design, type = "subbootstrap", replicates = 10000)))
cat(taken[["elapsed"]])
"""

# (d) strata with weights and finite population corrections: 200 Californian schools


def seconds_of_r() -> tuple[float, str]:
    """Time R's survey where it is installed; else give the figure recorded elsewhere, and say so."""
    recorded = json.loads((DATA / "r_survey.json").read_text(encoding="utf-8"))["seconds"]["time_subboot10000"]
    if shutil.which("Rscript") is None:
        return recorded, f"R isn't installed here: its {recorded} s were recorded on another machine"
    command = ["Rscript", "-e", R_SCRIPT, str(DATA / "apistrat.csv")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        return recorded, f"R could not run its package survey here: its {recorded} s were recorded on another machine"
    return float(run.stdout), "R was measured in this run"


Counts = Callable[[np.random.Generator, int], Any]


def by_multinomial(rng: np.random.Generator, n: int) -> Any:
    """Draw n - 1 of n rows for every replicate, in one call."""
    return rng.multinomial(n - 1, np.full(n, 1 / n), SCHOOLS_REPLICATES)


def by_bincount(rng: np.random.Generator, n: int) -> Any:
    """Do the same faster, by counting row numbers."""
    rows = rng.integers(0, n, (SCHOOLS_REPLICATES, n - 1)) + n * np.arange(SCHOOLS_REPLICATES)[:, None]
    return np.bincount(rows.ravel(), minlength=SCHOOLS_REPLICATES * n).reshape(-1, n)


def weight_matrix(schools: pd.DataFrame, rng: np.random.Generator, counts: Counts) -> Floats:
    """Make Rao and Wu's replicate weights as a matrix, and the means they give."""
    stratum, weight, population = (schools[name].to_numpy() for name in ("stype", "pw", "fpc"))
    weights = np.empty((SCHOOLS_REPLICATES, len(schools)))
    for h in np.unique(stratum):
        inside = np.flatnonzero(stratum == h)
        n = len(inside)
        part = np.sqrt(1 - n / population[inside[0]])
        weights[:, inside] = weight[inside] * (1 - part + part * n / (n - 1) * counts(rng, n))
    totals = weights @ np.column_stack([schools["api00"], np.ones(len(schools))])
    return np.percentile(totals[:, 0] / totals[:, 1], cases.PERCENTILES)


def samplics_mean(schools: pd.DataFrame) -> object:
    """Ask samplics for the same mean and its standard error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weighting, estimation, types = (
            importlib.import_module(f"samplics.{name}") for name in ("weighting", "estimation", "utils.types")
        )
    bootstrap = types.RepMethod.bootstrap
    maker = weighting.ReplicateWeight(method=bootstrap, strat=True, nb_reps=SAMPLICS_REPLICATES, rand_seed=1)
    table = maker.replicate(samp_weight=schools["pw"], psu=schools["snum"], stratum=schools["stype"])
    estimator = estimation.ReplicateEstimator(method=bootstrap, param=types.PopParam.mean)
    return estimator.estimate(
        y=schools["api00"],
        samp_weight=schools["pw"],
        rep_weights=table.iloc[:, -SAMPLICS_REPLICATES:],
        rep_coefs=np.full(SAMPLICS_REPLICATES, 1 / SAMPLICS_REPLICATES),
    )


def schools() -> Result:
    """Compare 10,000 replicates of a mean of 200 schools in three strata."""
    frame, rng = pd.read_csv(DATA / "apistrat.csv"), np.random.default_rng(0)

    def make() -> hp.Survey:
        return hp.Survey(frame, strata="stype", weights="pw", fpc="fpc", replicates=SCHOOLS_REPLICATES)

    survey = make()
    runs: dict[str, Run] = {
        **on_each(lambda: survey.mean("api00").interval(method="percentile")),
        "with survey": on(1, lambda: make().mean("api00").interval(method="percentile")),
        "bincount": lambda: weight_matrix(frame, rng, by_bincount),
        "multinomial": lambda: weight_matrix(frame, rng, by_multinomial),
    }
    found, result = measure.race(runs, 7), Result()
    seconds, source = seconds_of_r()
    r = Timing(seconds, seconds, 1)
    case, n = "d 200 rows, 3 strata, weights, fpc", SCHOOLS_REPLICATES
    for threads in thread_numbers():
        ours = found[f"ours {threads}"]
        result.compare(case, threads, ours, "R survey", r, n, 100.0 if threads == 1 else None)
        result.compare(case, threads, ours, "NumPy, counts", found["bincount"], n, 50.0 if threads == 1 else None)
    result.compare(case, 1, found["ours 1"], "NumPy multinomial", found["multinomial"], n, 50.0)
    result.compare(f"{case}, making hp.Survey too", 1, found["with survey"], "R survey", r, n, 100.0)
    result.notes += [
        source + " (as.svrepdesign and svymean)",
        agreement(
            survey.mean("api00").interval(method="percentile").to_numpy()[0], weight_matrix(frame, rng, by_bincount), n
        ),
    ]
    if importlib.util.find_spec("samplics") is None:
        result.notes.append("samplics isn't installed here, so it is not compared (pip install samplics)")
        return result
    taken = measure.race({"samplics": lambda: samplics_mean(frame)}, 3)["samplics"]
    result.compare(case, 1, found["ours 1"], "samplics", taken.times(n / SAMPLICS_REPLICATES), n, 50.0)
    result.notes.append(f"samplics: {SAMPLICS_REPLICATES} replicates (without fpc, which it can't take), scaled")
    return result


# (e) clusters


def visits(rows: int, clusters: int) -> pd.DataFrame:
    """Make a two-stage sample: sites in 20 regions, days within sites, people of a site alike."""
    rng, site = np.random.default_rng(0), np.arange(rows) % clusters
    return pd.DataFrame(
        {
            "region": site % 20,
            "site": site,
            "day": rng.integers(0, 5, rows),
            "weight": 1 + rng.random(rows),
            "group": np.where(rng.random(rows) < 0.4, "a", "b"),
            "age": 40 + 5 * rng.normal(size=clusters)[site] + rng.normal(0, 10, rows),
            "income": rng.lognormal(7, 0.5, rows),
            "visits": rng.poisson(3, rows).astype(float),
            "registered": (rng.random(rows) < 0.3).astype(float),
        }
    )


def sites(rows: int, clusters: int) -> hp.Survey:
    """Declare the design."""
    design = {"strata": "region", "clusters": ["site", "day"], "weights": "weight"}
    return hp.Survey(visits(rows, clusters), **design, replicates=CLUSTERS_REPLICATES)


def several(survey: hp.Survey) -> hp.Estimate:
    """Ask for seven numbers: means, a total, a ratio, shares by group."""
    asked = [survey.mean("age"), survey.mean("income"), survey.total("visits"), survey.ratio("visits", "income")]
    return hp.concat([*asked, survey.proportion("registered", by="group"), survey.mean("registered")])


def slope(survey: hp.Survey, ask: Callable[[hp.Survey], hp.Estimate]) -> float:
    """Time one replicate more on one thread, whatever asking and collapsing cost."""
    few, many = 100, 5_000
    runs = {n: on(1, partial(lambda n: ask(survey).replay(replicates=n).draws, n)) for n in (few, many)}
    found = measure.race({str(n): run for n, run in runs.items()}, 4)
    return (found[str(many)].best - found[str(few)].best) / (many - few)


def clusters() -> Result:
    """Compare a replicate with reading the columns once, and with one of more rows or clusters."""
    rows, drawn = 100_000, 2_000
    survey = sites(rows, drawn)
    found = measure.race(
        {**on_each(lambda: several(survey).interval(method="percentile")), "asking": lambda: several(survey)}, 5
    )
    needed = visits(rows, drawn)[["weight", "age", "income", "visits", "registered"]].to_numpy()
    way, read = measure.seconds_to_read(needed.copy(order="F"))
    result, case, n = Result(), f"e {rows:,} rows in {drawn:,} clusters", CLUSTERS_REPLICATES
    for threads in thread_numbers():
        taken = found[f"ours {threads}"]
        result.limit(f"{case}, all / {n:,}", threads, taken.best / n, f"reading once, {way}", read, 2.0)
    one, asked = slope(survey, several), f"{rows:,} rows, {drawn:,}"
    result.limit(f"{case}, one more replicate", 1, one, f"reading once, {way}", read, 2.0)
    for times, size, target in ((4, drawn, 1.25), (4, 4 * drawn, 5.0)):
        other = sites(times * rows, size)
        name = f"e {times * rows:,} rows in {size:,} clusters, one more replicate"
        result.limit(name, 1, slope(other, several), asked, one, target)
    median = slope(survey, lambda survey: survey.median("income"))
    result.limit(f"{case}, a median, one more replicate", 1, median, "seven numbers", one, 5.0)
    result.notes += [
        f"reading weights and four columns ({needed.nbytes / 1e6:.0f} MB) once: {read * 1e6:.0f} us; one replicate more "
        f"of seven numbers: {one * 1e6:.1f} us, {one / drawn * 1e9:.1f} ns a cluster",
        f"asking, collapsing clusters included: {found['asking'].best * 1e3:.1f} ms, whatever the number of replicates",
        "where clusters are collapsed beforehand, four times the rows cost the same, and four times the clusters up to "
        "four times",
    ]
    return result


# (f) quantiles of a million rows


def five_medians(survey: hp.Survey) -> hp.Estimate:
    """Ask for five medians, to be evaluated in one pass."""
    return hp.concat([survey.median(name) for name in cases.COLUMNS])


def numpy_medians(values: Floats, rng: np.random.Generator) -> None:
    """Do the same by hand: draw the rows, and NumPy's median of each column."""
    for _ in range(NUMPY_REPLICATES):
        np.median(values[:, rng.integers(0, values.shape[1], values.shape[1])], axis=1)


def quantiles() -> Result:
    """Compare five medians with five means, and with NumPy's."""
    frame, rng, n = cases.million_rows(), np.random.default_rng(1), QUANTILES_REPLICATES
    survey = hp.Survey(frame, replicates=n)
    values = frame.to_numpy().T.copy()
    found = measure.race(
        {
            **on_each(lambda: five_medians(survey).interval(method="percentile")),
            "one": on(1, lambda: survey.median("a").interval(method="percentile")),
            "means": on(1, lambda: cases.five_means(survey).interval(method="percentile")),
        },
        2,
    )
    two = {
        "medians": on(1, lambda: five_medians(survey).replay(replicates=2).draws),
        "means": on(1, lambda: cases.five_means(survey).replay(replicates=2).draws),
    }
    asking = measure.race(two, 1)
    peer = measure.race({"NumPy": lambda: numpy_medians(values, rng)}, 1)["NumPy"].times(n / NUMPY_REPLICATES)
    medians, means = found["ours 1"].best, found["means"].best
    more = [(all_of_it - asking[name].best) / (n - 2) for name, all_of_it in (("medians", medians), ("means", means))]
    result, case = Result(), "f 1,000,000 rows, 5 medians"
    for threads in thread_numbers():
        result.compare(case, threads, found[f"ours {threads}"], "NumPy median", peer, n, None)
    result.limit(case, 1, medians, "5 means", means, 5.0, n)
    result.limit(f"{case}, one more replicate", 1, more[0], "5 means", more[1], 5.0)
    result.limit("f 1,000,000 rows, 1 median", 1, found["one"].best, "5 means", means, 5.0, n)
    result.notes += [
        f"ours on one thread: {asking['medians'].best:.2f} s of {medians:.2f} s is asking, sorting and laying out, "
        "whatever the number of replicates",
        f"NumPy: {NUMPY_REPLICATES} replicates, scaled",
    ]
    return result


ALL = (schools, clusters, quantiles)
