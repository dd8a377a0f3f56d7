"""The case of growth: every size doubled twice; what is asked for twice as much may take little more than twice as long."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable

import hiddenpop as hp
import numpy as np
from cases import Result, Row

#: Time by size to this power at most, over the last doubling.
MOST = 1.2
#: Repeats of each size; the best counts.
REPEATS = 3
ROWS = 20_000

Work = Callable[[], object]


def people(groups: int, rows: int = ROWS, replicates: int = 100, **how: str) -> hp.Survey:
    """Make a survey in which every group has somebody."""
    rng = np.random.default_rng(0)
    group = np.concatenate([np.arange(groups), rng.integers(0, groups, rows - groups)]).astype(str)
    table = {"x": rng.integers(0, 2, rows).astype(bool), "age": rng.normal(40, 9, rows), "group": group}
    return hp.Survey(table, replicates=replicates, **how)


def rows(size: int) -> Work:
    survey = people(50, size)
    return lambda: (survey.mean("age", by="group").draws, survey.proportion("x").interval())


def groups(size: int) -> Work:
    survey = people(size)
    return lambda: (survey.mean("age", by="group").draws, survey.mean("age", by="group").interval())


def quantiles(size: int) -> Work:
    survey = people(size)
    return lambda: survey.median("age", by="group").draws


def sizes(size: int) -> Work:
    survey = people(size)
    counts = {str(i): 100 + i for i in range(size)}
    return lambda: hp.multiplier(counts, survey.proportion("x", by="group")).interval()


def saved(size: int) -> Work:
    shares = people(size).proportion("x", by="group")
    return shares.to_json


def studentized(size: int) -> Work:
    survey = people(size)
    return lambda: survey.mean("age", by="group").interval(method="studentized")


def simultaneous(size: int) -> Work:
    survey = people(size)
    return lambda: survey.proportion("group").interval(simultaneous=True)


def cells(size: int) -> Work:
    survey = people(size, 10_000, 10, redraws="bayesian")  # who leaves no cell empty
    return lambda: survey.poststratify("group", {str(i): 1 / size for i in range(size)}).mean("age").draws


def strata(size: int) -> Work:
    rng = np.random.default_rng(0)
    table = {"age": rng.normal(size=ROWS), "stratum": np.arange(ROWS) % size}

    def work() -> object:
        mean = hp.Survey(table, strata="stratum", replicates=100).mean("age")
        return mean.draws, mean.interval()

    return work


def columns(size: int) -> Work:
    rng = np.random.default_rng(0)
    survey = hp.Survey({f"v{i}": rng.normal(size=1_000) for i in range(size)}, replicates=100)
    return lambda: repr(hp.describe(survey))


def texts(size: int) -> Work:
    rng = np.random.default_rng(0)
    table = {f"v{i}": np.char.add(f"v{i} ", rng.integers(0, 2_000, 2_000).astype(str)) for i in range(size)}
    table["x"] = rng.integers(0, 2, 2_000).astype(bool)
    return lambda: hp.Survey(table).proportion("x").interval()


def covariates(size: int) -> Work:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(6_000, size))
    seen = rng.random((6_000, 3)) < 1 / (1 + np.exp(1 + values.sum(axis=1, keepdims=True) / (10 * np.sqrt(size))))
    some = seen.any(axis=1)
    marks = {f"l{i}": seen[some, i].astype(int) for i in range(3)}
    lists = hp.Lists({**marks, **{f"x{i}": values[some, i] for i in range(size)}}, list(marks), replicates=20)
    formula = f"~ {' + '.join(f'x{i}' for i in range(size))}"
    return lambda: hp.capture_covariates(lists, formula).size.draws


def compared(size: int) -> Work:
    survey = people(size)
    return lambda: hp.compare(survey, "age", "group", reference="0").summary()


def steps(size: int) -> Work:
    def work() -> object:
        share = people(2, 500).proportion("x")
        total = share
        for _ in range(size):
            total = total + share
        return total.draws, total.interval()

    return work


def tables(size: int) -> Work:
    survey = people(6, 2_000)

    def work() -> object:
        report = hp.Report("Growth")
        for i in range(size):
            report.add(survey.proportion("x", by="group").rename(f"Share {i}"))
        return report.to_html()

    return work


#: What is doubled, and its first size.
SIZES: dict[str, tuple[Callable[[int], Work], int]] = {
    "rows": (rows, 50_000),
    "groups of a mean": (groups, 125),
    "groups of a median": (quantiles, 125),
    "groups of a size": (sizes, 125),
    "groups of studentized intervals": (studentized, 60),
    "labels of a saved estimate": (saved, 125),
    "labels of simultaneous intervals": (simultaneous, 125),
    "cells of a poststratification": (cells, 250),
    "strata": (strata, 125),
    "columns described": (columns, 20),
    "columns of text": (texts, 20),
    "covariates of lists": (covariates, 4),
    "groups compared with one": (compared, 10),
    "steps of arithmetic": (steps, 500),
    "tables in a report": (tables, 4),
}


def seconds(work: Work) -> float:
    """Time something a few times, and return the best."""
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)


def growth() -> Result:
    """Double each size twice, on one thread; the last doubling has a target."""
    result = Result()
    for name, (make, first) in SIZES.items():
        with warnings.catch_warnings(), hp.settings(threads=1):
            warnings.simplefilter("ignore")
            taken = [seconds(make(first * 2**k)) for k in range(3)]
        power = math.log2(taken[2] / taken[1])
        result.notes.append(f"{name}: {first:,} to {4 * first:,}, by size to the power of {power:.2f}")
        case = f"n {4 * first:,} {name}"
        half = f"{2 * first:,}, times 2^{MOST:g}"
        result.rows.append(Row(case, 1, half, taken[2], taken[1] * 2**MOST, target=1.0, limit=True))
    return result


ALL = (growth,)
