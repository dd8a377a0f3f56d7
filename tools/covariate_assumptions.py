"""How far off sizes from two lists with covariates get when an assumption fails: the table in docs/covariate_lists.md.

`python tools/covariate_assumptions.py` takes some minutes. 3,000 people differ by age (standardised) and sex, on which two
lists' chances depend; each assumption fails in turn. The table holds the median error of the size over the populations.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import hiddenpop as hp
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

Floats = npt.NDArray[np.float64]
Generator = np.random.Generator

PAGE = Path(__file__).parents[1] / "docs" / "covariate_lists.md"
MARKS = ("<!-- assumptions: begin -->", "<!-- assumptions: end -->")
PEOPLE = 3_000
POPULATIONS = 30
SEED = 2021


def expit(odds: Floats) -> Floats:
    """Return chances."""
    return 1 / (1 + np.exp(-odds))


def drawn(
    rng: Generator, age: Floats, sex: Floats, extra: Floats | float = 0.0, ratio: float = 1.0, square: float = 0.0
) -> pd.DataFrame:
    """Draw who is on which list; `ratio` is the odds ratio between the lists given age and sex."""
    first = expit(-0.6 + 0.8 * age + 0.5 * sex - square * (age**2 - 1) + extra)
    second = expit(-0.9 + 0.6 * age - 0.5 * sex - square * (age**2 - 1) + extra)
    a = rng.random(len(age)) < first
    # The odds of b for those not on a, so that b keeps its chance.
    low, high = np.zeros(len(age)), np.ones(len(age))
    for _ in range(50):
        p = (low + high) / 2
        size = first * ratio * p / (1 - p + ratio * p) + (1 - first) * p
        low, high = np.where(size < second, p, low), np.where(size < second, high, p)
    b = rng.random(len(age)) < np.where(a, ratio * p / (1 - p + ratio * p), p)
    return pd.DataFrame({"a": a, "b": b, "age": age, "sex": np.where(sex == 1, "m", "f")})


def people(rng: Generator) -> tuple[Floats, Floats]:
    """Return age and sex."""
    return rng.normal(size=PEOPLE), (rng.random(PEOPLE) < 0.5).astype(float)


def unlinked(rng: Generator) -> pd.DataFrame:
    """Lose the link of a tenth of those on both lists."""
    table = drawn(rng, *people(rng))
    lost = (table["a"] & table["b"] & (rng.random(len(table)) < 0.1)).to_numpy()
    again = table[lost].assign(a=False)
    table.loc[lost, "b"] = False
    return pd.concat([table, again])


def misread(rng: Generator) -> pd.DataFrame:
    """Record age with an error of the same standard deviation as age has."""
    table = drawn(rng, *people(rng))
    return table.assign(age=(table["age"] + rng.normal(size=len(table))) / np.sqrt(2))


def forest(lists: hp.Lists, method: str) -> float:
    """Estimate with chances by a random forest."""
    learner = RandomForestClassifier(60, min_samples_leaf=40)
    return hp.doubly_robust(lists, "~ age + sex", learner=learner, method=method, folds=2).point


SCENARIOS: dict[str, Callable[[Generator], pd.DataFrame]] = {
    "all hold": lambda rng: drawn(rng, *people(rng)),
    "odds ratio 2": lambda rng: drawn(rng, *people(rng), ratio=2.0),
    "odds ratio 0.5": lambda rng: drawn(rng, *people(rng), ratio=0.5),
    "not recorded": lambda rng: drawn(rng, *people(rng), extra=rng.normal(size=PEOPLE)),
    "age misread": misread,
    "not logistic": lambda rng: drawn(rng, *people(rng), square=0.5),
    "10% unlinked": unlinked,
}
METHODS: dict[str, Callable[[hp.Lists], float]] = {
    "Chapman, no covariates": lambda lists: hp.chapman(lists).point,
    "capture_covariates, age + sex": lambda lists: hp.capture_covariates(lists, "~ age + sex").size.point,
    "doubly_robust, logistic": lambda lists: hp.doubly_robust(lists, "~ age + sex").point,
    "plug-in, forest": lambda lists: forest(lists, "plug-in"),
    "doubly_robust, forest": lambda lists: forest(lists, "one-step"),
}


def errors(populations: int = POPULATIONS) -> pd.DataFrame:
    """Return median relative errors (methods x scenarios)."""
    result = {}
    for scenario, draw in SCENARIOS.items():
        rng = np.random.default_rng(SEED)
        found: dict[str, list[float]] = {method: [] for method in METHODS}
        for _ in range(populations):
            table = draw(rng)
            lists = hp.Lists(table[table["a"] | table["b"]], ["a", "b"])
            for method, size in METHODS.items():
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", hp.HiddenpopWarning)
                    found[method].append(size(lists) / PEOPLE - 1)
        result[scenario] = {method: float(np.median(values)) for method, values in found.items()}
    return pd.DataFrame(result)


def write() -> None:
    """Put the table into the page."""
    table = errors()
    lines = [f"| method | {' | '.join(table.columns)} |", "|---|" + "---:|" * len(table.columns)]
    lines += [
        f"| {name} | {' | '.join(f'{value:+.0%}' for value in row)} |"
        for name, row in zip(table.index, table.to_numpy(), strict=True)
    ]
    before, rest = PAGE.read_text(encoding="utf-8").split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    PAGE.write_text("\n".join([before + MARKS[0], *lines, MARKS[1] + after]), encoding="utf-8")


if __name__ == "__main__":
    write()
