"""Simulation-based calibration of posteriors from lists: the tables in docs/bayes_lists.md.

Talts, Betancourt, Simpson, Vehtari and Gelman (2018), arXiv:1804.06788: parameters are drawn from the prior and lists
from the parameters; the share of the posterior below the true size is then uniform, if the posterior is right. `make
validate` may call `write`: about five minutes. The other table has the scenarios of `assumptions.py`.
"""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import assumptions
import hiddenpop as hp
import numpy as np
import numpy.typing as npt
import pandas as pd
from hiddenpop import _core
from scipy import stats

Floats = npt.NDArray[np.float64]
Generator = np.random.Generator
PAGE = Path(__file__).parent.parent / "docs" / "bayes_lists.md"
SEED, POPULATIONS = 20, 2000
#: The prior of the size is proportional to 1 / N between these.
LEAST, MOST = 50, 500
#: Latent classes: shape and rate of alpha; sweeps before and between, and number of, the draws of a posterior.
CLASSES, ALPHA = 4, (1.0, 1.0)
BURN_IN, THIN, DRAWS = 1000, 40, 99
LEVELS = (0.5, 0.8, 0.95)
#: Populations whose assumptions fail, and a short run of the sampler for each.
FAILURES, SHORT = 100, {"chains": 2, "draws": 500, "burn_in": 2000, "thin": 10}
METHODS: dict[str, Callable[[hp.Lists], float]] = {
    "decomposable graphs, delta 1/8": lambda lists: hp.decomposable_bma(lists).point,
    "decomposable graphs, delta 1": lambda lists: hp.decomposable_bma(lists, delta=1).point,
    "latent classes, up to 10": lambda lists: hp.latent_class(lists, **SHORT).point,
}


def size(rng: Generator) -> int:
    """Draw a size from its prior."""
    people = np.arange(LEAST, MOST + 1)
    return int(rng.choice(people, p=(1 / people) / (1 / people).sum()))


def unseen(seen: int) -> tuple[int, int]:
    """Return how many people may be unseen."""
    return max(0, LEAST - seen), MOST - seen


def table(rng: Generator, cells: Floats) -> tuple[Floats, int]:
    """Draw a table and the people unseen; nobody seen is drawn again, which the posterior given the table allows."""
    while True:
        counts = rng.multinomial(size(rng), cells / cells.sum()).astype(float)
        if counts[1:].any():
            break
    missed = int(counts[0])
    counts[0] = 0
    return counts, missed


def cells_of(rng: Generator, factors: list[tuple[int, int]], lists: int, delta: float) -> Floats:
    """Draw cell probabilities from the hyper-Dirichlet law of a graph: list after list, given its earlier neighbours."""
    cliques = [term for term, exponent in factors if exponent > 0]
    near = [0] * lists
    for clique in cliques:
        for j in range(lists):
            if clique >> j & 1:
                near[j] |= clique & ~(1 << j)
    cells, done = np.ones(1 << lists), 0
    history = np.arange(1 << lists)
    for _ in range(lists):
        # Maximum cardinality search: earlier neighbours of the next list know one another.
        j = max((v for v in range(lists) if not done >> v & 1), key=lambda v: (near[v] & done).bit_count())
        given = near[j] & done
        each = delta * 2 ** (lists - 1 - given.bit_count())
        for state in np.unique(history & given):
            chance = rng.beta(each, each)
            inside = (history & given) == state
            cells[inside & (history >> j & 1 == 1)] *= chance
            cells[inside & (history >> j & 1 == 0)] *= 1 - chance
        done |= 1 << j
    return cells


def graphs(rng: Generator, lists: int, delta: float) -> Iterator[float]:
    """Return shares of exact posteriors below the truth."""
    every = _core.decomposable_graphs(lists)
    while True:
        counts, missed = table(rng, cells_of(rng, every[rng.integers(len(every))], lists, delta))
        seen = int(counts.sum())
        low, high = unseen(seen)
        weights = 1 / (seen + np.arange(high + 1.0))
        weights[:low] = 0
        probability, _ = _core.decomposable_average(counts, delta, "", high, 1, weights)
        yield float(probability[:missed].sum() + rng.random() * probability[missed])


def classes(rng: Generator, lists: int) -> Iterator[float]:
    """Return ranks of the truth among draws of the sampler."""
    history = np.arange(1 << lists)
    while True:
        alpha = rng.gamma(ALPHA[0], 1 / ALPHA[1])
        sticks = np.append(rng.beta(1, max(alpha, 1e-12), CLASSES - 1), 1.0)
        weight = sticks * np.append(1.0, np.cumprod(1 - sticks[:-1]))
        chance = rng.random((CLASSES, lists))
        on = np.stack([history >> j & 1 for j in range(lists)])
        within = np.where(on[None], chance[:, :, None], 1 - chance[:, :, None]).prod(axis=1)
        counts, missed = table(rng, weight @ within)
        stream = int(rng.integers(2**62))
        core = _core.LatentClasses(counts, CLASSES, ALPHA, unseen(int(counts.sum())), 1, SEED, stream)
        core.advance(1, BURN_IN, 1)
        draws = core.advance(DRAWS, THIN, 1)[0, :, 0]
        # Ties in a random order.
        yield float(((draws < missed).sum() + rng.integers((draws == missed).sum() + 1) + rng.random()) / (DRAWS + 1))


CASES: dict[str, Callable[[Generator], Iterator[float]]] = {
    "decomposable graphs, 3 lists, delta 1/8": lambda rng: graphs(rng, 3, 1 / 8),
    "decomposable graphs, 4 lists, delta 1/16": lambda rng: graphs(rng, 4, 1 / 16),
    "decomposable graphs, 4 lists, delta 1": lambda rng: graphs(rng, 4, 1.0),
    "decomposable graphs, 5 lists, delta 1/2": lambda rng: graphs(rng, 5, 1 / 2),
    f"latent classes, 3 lists, {CLASSES} classes": lambda rng: classes(rng, 3),
    f"latent classes, 5 lists, {CLASSES} classes": lambda rng: classes(rng, 5),
}


def calibrate(populations: int = POPULATIONS) -> pd.DataFrame:
    """Return for each case how often intervals hold the truth, and how uniform the shares below it are."""
    rows = {}
    for row, (name, case) in enumerate(CASES.items()):
        shares = case(np.random.default_rng([SEED, row]))
        below = np.array([next(shares) for _ in range(populations)])
        parts = np.bincount(np.minimum((below * 20).astype(int), 19), minlength=20)
        held = [float((np.abs(below - 0.5) <= level / 2).mean()) for level in LEVELS]
        rows[name] = [*held, float(below.mean()), float(stats.chisquare(parts).pvalue)]
    columns = [*(f"{100 * level:g}% interval" for level in LEVELS), "mean share", "p, chi-square of 20 parts"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def markdown(frame: pd.DataFrame) -> str:
    """Write the table."""
    lines = ["| posterior | " + " | ".join(frame.columns) + " |", "|---|" + "---:|" * len(frame.columns)]
    for name, values in zip(frame.index, frame.to_numpy(), strict=True):
        texts = [f"{100 * v:.1f}%" for v in values[: len(LEVELS)]] + [f"{v:.3f}" for v in values[len(LEVELS) :]]
        lines.append("| " + " | ".join([str(name), *texts]) + " |")
    date = datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat()
    lines.append(f"\n`python tools/calibration.py`, {date}: {POPULATIONS:,} populations a row.")
    return "\n".join(lines)


def failures() -> pd.DataFrame:
    """Return each method's median relative error in each scenario (methods x scenarios)."""
    found = {}
    for column, (name, make) in enumerate(assumptions.SCENARIOS.items()):
        rng = np.random.default_rng([SEED, column])
        rows = []
        for _ in range(FAILURES):
            on = make(rng)
            table = pd.DataFrame(on, columns=assumptions.NAMES)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", hp.HiddenpopWarning)
                lists = hp.Lists(table[on.any(axis=1)], assumptions.NAMES, replicates=2)
                rows.append([method(lists) / assumptions.PEOPLE - 1 for method in METHODS.values()])
        found[name] = np.median(rows, axis=0)
    return pd.DataFrame(found, index=list(METHODS))


def write() -> None:
    """Put the tables into the page."""
    text = PAGE.read_text(encoding="utf-8")
    for name, table in (("failures", assumptions.markdown(failures())), ("calibration", markdown(calibrate()))):
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{table}\n{end}{rest.split(end)[1]}"
    PAGE.write_text(text, encoding="utf-8")
    print(f"Wrote the tables of {PAGE.parent.name}/{PAGE.name}.")


if __name__ == "__main__":
    write()
