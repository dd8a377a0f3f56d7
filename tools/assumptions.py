"""How far off sizes from lists get when an assumption fails, by simulation: the table in docs/lists.md.

`make validate` may call `write`: about a minute. 2,000 people, three lists that see 30%, 25% and 20% of them; each
assumption fails in turn. The table holds the median error of the size over the simulated populations.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import hiddenpop as hp
import numpy as np
import numpy.typing as npt
import pandas as pd

Bools = npt.NDArray[np.bool_]
Generator = np.random.Generator

PAGE = Path(__file__).parents[1] / "docs" / "lists.md"
MARKS = ("<!-- assumptions: begin -->", "<!-- assumptions: end -->")
PEOPLE = 2_000
CHANCES = np.array([0.3, 0.25, 0.2])
POPULATIONS = 200
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


def markdown(frame: pd.DataFrame) -> str:
    """Write the table."""
    lines = ["| method | " + " | ".join(frame.columns) + " |", "|---|" + "---:|" * len(frame.columns)]
    lines += [
        "| " + " | ".join([name, *(f"{100 * v:+.0f}%" for v in row)]) + " |"
        for name, row in zip(frame.index, frame.to_numpy(), strict=True)
    ]
    return "\n".join(lines)


def write() -> None:
    """Put the table into the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    PAGE.write_text(f"{before}{MARKS[0]}\n{markdown(errors())}\n{MARKS[1]}{after}", encoding="utf-8")
    print(f"Wrote the table of {PAGE.parent.name}/{PAGE.name}.")


if __name__ == "__main__":
    write()
