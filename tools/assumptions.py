"""How far off sizes from lists get when an assumption fails, and how often intervals hold them: tables in docs/lists.md.

`make validate` may call `write`: about two minutes. 2,000 people, three lists that see 30%, 25% and 20% of them; each
assumption fails in turn. The table holds the median error of the size over the simulated populations.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import hiddenpop as hp
import numpy as np
import numpy.typing as npt
import pandas as pd
from hiddenpop.capture.fits import Fits

Bools = npt.NDArray[np.bool_]
Generator = np.random.Generator

PAGE = Path(__file__).parents[1] / "docs" / "lists.md"
#: Where a table stands in the page.
MARKS = "<!-- {0}: begin -->", "<!-- {0}: end -->"
PEOPLE = 2_000
CHANCES = np.array([0.3, 0.25, 0.2])
POPULATIONS = 200
#: Populations and replicates for the coverage of intervals: 95% have a standard error of 1.1 points.
COVERED, REPLICATES = 400, 500
SEED = 2023
NAMES = ["a", "b", "c"]


def hold(rng: Generator) -> Bools:
    """All assumptions hold."""
    return rng.random((PEOPLE, 3)) < CHANCES


def turnover(rng: Generator) -> Bools:
    """Let a fifth leave before list b begins, and as many newcomers, not on list a, take their place."""
    on = hold(rng)
    gone = rng.random(PEOPLE) < 0.2
    stayed = on.copy()
    stayed[gone, 1:] = False
    new = hold(rng)[: int(gone.sum())]
    new[:, 0] = False
    return np.concatenate([stayed, new])


def dependent(rng: Generator) -> Bools:
    """List a sends people on to list b: an odds ratio of 2 between them, list b as large as before."""
    on = hold(rng)
    low, high = 0.0, 1.0
    for _ in range(60):  # the chance of b for those not on a that keeps its size
        p = (low + high) / 2
        referred = 2 * p / (1 - p + 2 * p)
        size = CHANCES[0] * referred + (1 - CHANCES[0]) * p
        low, high = (p, high) if size < CHANCES[1] else (low, p)
    on[:, 1] = rng.random(PEOPLE) < np.where(on[:, 0], 2 * p / (1 + p), p)
    return on


def unlinked(rng: Generator) -> Bools:
    """Lose one link of a tenth of those who are on several lists: a record counts as another person."""
    on = hold(rng)
    lost = (on.sum(axis=1) > 1) & (rng.random(PEOPLE) < 0.1)
    extra = np.zeros((int(lost.sum()), 3), dtype=bool)
    first = on[lost].argmax(axis=1)
    extra[np.arange(len(extra)), first] = True
    on[np.flatnonzero(lost), first] = False
    return np.concatenate([on, extra])


def unequal(rng: Generator) -> Bools:
    """People differ: their log odds of being seen, by every list, have a standard deviation of 1."""
    lean = rng.normal(0, 1, PEOPLE)[:, None]
    odds = CHANCES / (1 - CHANCES) * np.exp(lean)
    return rng.random((PEOPLE, 3)) < odds / (1 + odds)


def two_groups(rng: Generator) -> Bools:
    """Half of the people have twice the chances, and which half is known (strata)."""
    chances = np.where((np.arange(PEOPLE) % 2 == 0)[:, None], CHANCES * 4 / 3, CHANCES * 2 / 3)
    return rng.random((PEOPLE, 3)) < chances


SCENARIOS: dict[str, Callable[[Generator], Bools]] = {
    "all hold": hold,
    "a fifth leaves": turnover,
    "odds ratio 2": dependent,
    "10% unlinked": unlinked,
    "people differ": unequal,
    "two groups": two_groups,
}

METHODS: dict[str, Callable[[hp.Lists], float]] = {
    "Chapman, lists a and b": lambda lists: hp.chapman(lists["a", "b"]).point,
    "Sekar-Deming, a and b": lambda lists: hp.sekar_deming(lists["a", "b"]).point,
    "log-linear, independent": lambda lists: hp.loglinear(lists, "a + b + c").point,
    "log-linear, best AIC": lambda lists: hp.loglinear(lists).best.point,
    "log-linear, AIC average": lambda lists: hp.loglinear(lists).average().point,
    "sparse, p < 0.02": lambda lists: hp.sparse_mse(lists).point,
    "Chao's lower bound": lambda lists: hp.chao_lower_bound(lists).point,
    "Mth Chao": lambda lists: hp.mth(lists, "Chao").point,
    "Mth Darroch": lambda lists: hp.mth(lists, "Darroch").point,
    "sample coverage, one step": lambda lists: hp.sample_coverage(lists, one_step=True).point,
}


def errors(populations: int = POPULATIONS) -> pd.DataFrame:
    """Return each method's median relative error in each scenario (methods x scenarios)."""
    found = {}
    for column, (name, make) in enumerate(SCENARIOS.items()):
        rng = np.random.default_rng([SEED, column])
        rows = []
        for _ in range(populations):
            on = make(rng)
            table = pd.DataFrame(on, columns=NAMES).assign(half=np.arange(len(on)) % 2)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", hp.HiddenpopWarning)
                lists = hp.Lists(table[on.any(axis=1)], NAMES, by="half", replicates=2)
                rows.append([method(lists) / PEOPLE - 1 for method in METHODS.values()])
        found[name] = np.median(rows, axis=0)
    return pd.DataFrame(found, index=list(METHODS))


@dataclass(frozen=True)
class Way:
    """A size and an interval of it."""

    size: str
    interval: str
    make: Callable[[hp.Lists, Fits], pd.DataFrame]


WAYS = (
    Way(
        "Chapman, a and b", "percentile", lambda lists, fits: hp.chapman(lists["a", "b"]).interval(method="percentile")
    ),
    Way("", "logit (Sadinle)", lambda lists, fits: hp.chapman(lists["a", "b"]).interval(method="logit")),
    Way("independent lists", "percentile", lambda lists, fits: fits.model("a + b + c").interval(method="percentile")),
    Way("", "profile", lambda lists, fits: fits.model("a + b + c").interval(method="profile")),
    Way("best AIC", "percentile, selected anew", lambda lists, fits: fits.best.interval(method="percentile")),
    Way("", "BCa, selected anew", lambda lists, fits: fits.best.interval(method="bca")),
    Way("", "profile of the best alone", lambda lists, fits: fits.best.interval(method="profile")),
    Way("AIC average", "percentile, weighted anew", lambda lists, fits: fits.average().interval(method="percentile")),
    Way("", "t (Burnham and Anderson's s.e.)", lambda lists, fits: fits.average().interval(method="t")),
    Way("sparse, p < 0.02", "percentile", lambda lists, fits: hp.sparse_mse(lists).interval(method="percentile")),
    Way(
        "",
        "BCa, n fixed",
        lambda lists, fits: hp.sparse_mse(lists, bootstrap="conditional").interval(method="bca"),
    ),
)


def coverage(populations: int = COVERED) -> pd.DataFrame:
    """Return how often 95% intervals hold the size, and their median ratio of upper to lower end."""
    columns: dict[str, list[str]] = {}
    for number, name in enumerate(("all hold", "odds ratio 2")):
        rng = np.random.default_rng([SEED, 100 + number])
        ends = []
        for _ in range(populations):
            on = SCENARIOS[name](rng)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", hp.HiddenpopWarning)
                lists = hp.Lists(pd.DataFrame(on[on.any(axis=1)], columns=NAMES), NAMES, replicates=REPLICATES)
                fits = hp.loglinear(lists)
                ends.append([way.make(lists, fits).iloc[0].to_numpy(dtype=float) for way in WAYS])
        low, high = np.moveaxis(np.array(ends), -1, 0)
        inside = ((low <= PEOPLE) & (high >= PEOPLE)).mean(axis=0)
        width = np.median(high / low, axis=0)
        columns[f"{name}: held"] = [f"{100 * v:.0f}%" for v in inside]
        columns["upper / lower" + " " * number] = [f"{v:.2f}" for v in width]
    return pd.DataFrame({"size": [w.size for w in WAYS], "interval": [w.interval for w in WAYS]} | columns)


#: Few people, of whom nearly all, or hardly any, are seen: people and the lists' chances.
EXTREMES = ((200, (0.85, 0.8)), (200, (0.95, 0.9)), (250, (0.15, 0.12)), (200, (0.9, 0.8, 0.8)), (200, (0.7, 0.7, 0.6)))


def extremes(populations: int = COVERED) -> pd.DataFrame:
    """Return how often the default interval and percentiles hold sizes where nearly all, or hardly any, are seen."""
    rows = []
    for number, (people, chances) in enumerate(EXTREMES):
        rng = np.random.default_rng([SEED, 200 + number])
        names = NAMES[: len(chances)]
        held: list[list[bool]] = []
        for _ in range(populations):
            on = rng.random((people, len(chances))) < chances
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", hp.HiddenpopWarning)
                lists = hp.Lists(pd.DataFrame(on[on.any(axis=1)], columns=names), names, replicates=REPLICATES)
                size = hp.chapman(lists) if len(names) == 2 else hp.loglinear(lists, "a + b + c")
                ends = [size.interval(method=method).iloc[0] for method in (None, "percentile")]
            held.append([bool(one["lower"] <= people <= one["upper"]) for one in ends])
        own, percentile = np.mean(held, axis=0)
        method = "Chapman, logit" if len(names) == 2 else "independent lists, profile"
        seen = " and ".join(f"{100 * chance:.0f}%" for chance in chances)
        rows.append([f"{people}, lists that see {seen}", method, f"{100 * own:.1f}%", f"{100 * percentile:.1f}%"])
    return pd.DataFrame(rows, columns=["people", "size, and its default interval", "default: held", "percentile: held"])


def markdown(frame: pd.DataFrame) -> str:
    """Write a table: texts as they are, numbers as per cent."""
    lines = ["| " + " | ".join(str(c).strip() for c in frame.columns) + " |", "|" + "---|" * len(frame.columns)]
    cells = frame.map(lambda v: v if isinstance(v, str) else f"{100 * v:+.0f}%")
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in cells.to_numpy()])


def write() -> None:
    """Put the tables into the page."""
    text = PAGE.read_text(encoding="utf-8")
    off = errors()
    off.insert(0, "method", off.index)
    for name, frame in (("assumptions", off), ("coverage", coverage()), ("extremes", extremes())):
        begin, end = (mark.format(name) for mark in MARKS)
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{markdown(frame)}\n{end}{rest.split(end)[1]}"
    PAGE.write_text(text, encoding="utf-8")
    print(f"Wrote the tables of {PAGE.parent.name}/{PAGE.name}.")


if __name__ == "__main__":
    write()
