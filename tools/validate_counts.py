"""How far off sizes from one register get when an assumption fails, and how often intervals cover when none does.

Prints the tables of docs/one_list.md. `.venv/bin/python tools/validate_counts.py` takes about two minutes on two
cores; `--registers 50` is a quick look. `tables(registers)` is what other scripts call.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import hiddenpop as hp
import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

SIZE = 5_000
REGISTERS = 200
SEED = 2003
REPLICATES = 500
METHODS = (
    "ztpoisson",
    "ztgeom",
    "ztnegbin",
    "ones_in_population_poisson",
    "ones_among_seen_poisson",
    "Hurdleztpoisson",
    "ztHurdlepoisson",
    "chao",
    "oichao",
    "zelterman",
    "ratio_regression",
)


@dataclass(frozen=True)
class World:
    """How a register comes about: a population of which each person has a rate of being seen."""

    title: str
    #: Dispersion alpha of the gamma distributed rates that covariates do not explain.
    spread: float = 0.0
    #: Share of the population that can be seen once only, whatever their rate.
    once_only: float = 0.0
    #: Share of those seen whose later sightings are not recorded.
    removed: float = 0.0
    #: Factor on the rate after the first sighting.
    contagion: float = 1.0
    #: Share of the population that is there for half of the period.
    short: float = 0.0
    #: Share of the population that can't be seen at all.
    hidden: float = 0.0
    #: Share of sightings that are filed under a new person.
    unlinked: float = 0.0
    #: Whether the covariate is in the table.
    covariate: bool = True


WORLDS = (
    World("all assumptions of Poisson hold"),
    World("the covariate (rates 0.4 and 1.1) is left out", covariate=False),
    World("people differ beyond it, alpha 0.5", spread=0.5),
    World("people differ beyond it, alpha 1", spread=1.0),
    World("20% of the population can be seen once only", once_only=0.2),
    World("of 20% of those seen only one sighting is kept", removed=0.2),
    World("the rate halves after the first sighting", contagion=0.5),
    World("the rate doubles after the first sighting", contagion=2.0),
    World("30% are there for half of the period", short=0.3),
    World("20% can never be seen", hidden=0.2),
    World("10% of sightings are filed under a new person", unlinked=0.1),
)


def register(world: World, rng: np.random.Generator, size: int = SIZE) -> pd.DataFrame:
    """Draw one register, sighting by sighting."""
    male = rng.random(size) < 0.5
    rate: Floats = np.where(male, 1.1, 0.4)
    if world.spread:
        rate = rate * rng.gamma(1 / world.spread, world.spread, size)
    period = np.where(rng.random(size) < world.short, 0.5, 1.0)
    first = rng.exponential(size=size) / np.maximum(rate, 1e-12)
    seen = (first < period) & (rng.random(size) >= world.hidden)
    later = rng.poisson(rate * world.contagion * np.maximum(period - first, 0))
    once = rng.random(size) < world.once_only
    seen = np.where(once, True, seen)
    later = np.where(once | (rng.random(size) < world.removed), 0, later)
    times = np.where(seen, 1 + later, 0)
    moved = rng.binomial(times, world.unlinked)
    kept = times - moved
    table = pd.DataFrame({"times": kept, "male": male})
    table = pd.concat([table, pd.DataFrame({"times": 1, "male": np.repeat(male, moved)})])
    table = table[table["times"] > 0].reset_index(drop=True)
    return table if world.covariate else table.drop(columns="male")


def fit(counts: hp.CaptureCounts, method: str, formula: str) -> object:
    """Fit by name."""
    if method in ("chao", "oichao", "zelterman"):
        return getattr(hp, method)(counts, formula)
    if method == "ratio_regression":
        return hp.ratio_regression(counts)
    return hp.zero_truncated(counts, formula, family=method)


def failures(registers: int) -> pd.DataFrame:
    """Return median size over truth for each world and method; the share without a size where that is above 5%."""
    rows = {}
    for number, world in enumerate(WORLDS):
        rng = np.random.default_rng((SEED, number))
        found: dict[str, list[float]] = {method: [] for method in METHODS}
        for _ in range(registers):
            counts = hp.CaptureCounts(register(world, rng), "times", replicates=2)
            for method in METHODS:
                row = fit(counts, method, "~ male" if world.covariate else "~ 1").summary()  # type: ignore[attr-defined]
                found[method].append(float(row["size"].iloc[0]) / SIZE)
        rows[world.title] = {method: _cell(np.array(sizes)) for method, sizes in found.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def _cell(ratios: Floats) -> str:
    lacking = float(np.isnan(ratios).mean())
    if lacking > 0.5:
        return f"none in {lacking:.0%}"
    middle = f"{np.nanmedian(ratios):.2f}"
    return middle + (f" (none in {lacking:.0%})" if lacking > 0.05 else "")


def coverage(registers: int) -> pd.DataFrame:
    """Return how often 95% intervals hold the truth when the fitted family is the right one."""
    cases: list[tuple[str, str, World, int]] = [
        ("ztpoisson", "~ male", WORLDS[0], 500),
        ("ztpoisson", "~ male", WORLDS[0], SIZE),
        ("ztgeom", "~ male", World("", spread=1.0), 500),
        ("ztgeom", "~ male", World("", spread=1.0), SIZE),
        ("ztnegbin", "~ male", World("", spread=0.5), SIZE),
        ("ones_in_population_poisson", "~ male", World("", once_only=0.2), 500),
        ("ones_in_population_poisson", "~ male", World("", once_only=0.2), SIZE),
        ("chao", "~ male", WORLDS[0], SIZE),
        ("zelterman", "~ male", WORLDS[0], SIZE),
        ("oichao", "~ male", World("", once_only=0.2), SIZE),
        ("zotpoisson", "~ male", World("", once_only=0.2), SIZE),
    ]
    ways: dict[str, Callable[[hp.CaptureCounts, str, str], pd.DataFrame]] = {
        "analytic, log-normal": lambda c, m, f: fit(c, m, f).interval(),  # type: ignore[attr-defined]
        "analytic, normal": lambda c, m, f: fit(c, m, f).interval(scale="identity"),  # type: ignore[attr-defined]
        "t of size": lambda c, m, f: fit(c, m, f).size.interval(method="t"),  # type: ignore[attr-defined]
        "percentile": lambda c, m, f: fit(c, m, f).size.interval(method="percentile"),  # type: ignore[attr-defined]
        "bca": lambda c, m, f: fit(c, m, f).size.interval(method="bca"),  # type: ignore[attr-defined]
    }
    rows = []
    for number, (method, formula, world, size) in enumerate(cases):
        rng = np.random.default_rng((SEED, 100 + number))
        hits = dict.fromkeys(ways, 0.0)
        none = 0
        for _ in range(registers):
            counts = hp.CaptureCounts(register(world, rng, size), "times", replicates=REPLICATES)
            try:
                for way, interval in ways.items():
                    low, high = interval(counts, method, formula).to_numpy()[0]
                    hits[way] += bool(low <= size <= high)
            except hp.EstimationError:
                none += 1
        rows.append(
            {"family": method, "N": f"{size:,}"}
            | {way: f"{100 * count / (registers - none):.1f}" for way, count in hits.items()}
            | {"no size %": f"{100 * none / registers:.1f}"}
        )
    return pd.DataFrame(rows)


def tables(registers: int = REGISTERS) -> dict[str, pd.DataFrame]:
    """Return both tables."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", hp.HiddenpopWarning)  # counted in the tables
        return {"failures": failures(registers), "coverage": coverage(registers)}


def markdown(frame: pd.DataFrame, corner: str | None) -> str:
    """Write a table for the docs."""
    head = ([] if corner is None else [corner]) + list(frame.columns)
    lines = [head, ["---"] * len(head)]
    lines += [
        ([] if corner is None else [str(label)]) + list(row)
        for label, row in zip(frame.index, frame.to_numpy(), strict=True)
    ]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registers", type=int, default=REGISTERS)
    made = tables(parser.parse_args().registers)
    print(markdown(made["failures"], "what is true"), markdown(made["coverage"], None), sep="\n\n")


if __name__ == "__main__":
    main()
