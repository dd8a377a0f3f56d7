"""How often intervals of extrapolated sizes, and of smooth trends, hold the truth: simulation with known sizes.

Writes docs/validation_extrapolate.md. `.venv/bin/python tools/validate_extrapolate.py` takes about three minutes;
`--nations 40` is a quick look that writes nothing. `tables(nations)` is what other scripts call.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import warnings
from dataclasses import dataclass
from pathlib import Path

import hiddenpop as hp
import numpy as np
import pandas as pd

NATIONS = 400
AREAS = 20
REPLICATES = 1_000
SEED = 1994
Z = 1.959964
PAGE = Path(__file__).parents[1] / "docs" / "validation_extrapolate.md"


@dataclass(frozen=True)
class World:
    """A kind of nation: how many areas are studied, how well, and how much areas differ beyond their indicator."""

    method: str
    anchors: int
    #: Standard deviations on the log scale.
    between: float
    error: float
    title: str = ""
    #: By how much (log) studied areas are above what their indicator says.
    chosen: float = 0.0
    #: Given to the method instead of being estimated.
    given: float | None = None


WORLDS = [
    World(method, anchors, between, error)
    for method, few in (("mim_regression", 5), ("mim_pca", 5), ("fay_herriot", 5), ("ratio", 4))
    for anchors in (few, 10)
    for between, error in ((0.0, 0.15), (0.2, 0.1), (0.4, 0.1))
] + [
    World("mim_regression", 10, 0.2, 0.1, "refitted, without differences between areas (`between=0`)", given=0.0),
    World("ratio", 1, 0.2, 0.1, "one city, its likeness given (`between=0.2`)", given=0.2),
    World("mim_regression", 10, 0.2, 0.1, "studied areas are those with a problem: 0.2 above", chosen=0.2),
    World("fay_herriot", 10, 0.2, 0.1, "the same", chosen=0.2),
]


def simulate(world: World, seed: int) -> tuple[float, float, float, float]:
    """Return the share of unstudied areas held, whether the total is, and the relative widths of both."""
    rng = np.random.default_rng([SEED, seed])
    names = [f"a{i}" for i in range(AREAS)]
    people = rng.integers(100, 900, AREAS) * 1000.0
    drive = rng.normal(0, 0.4, AREAS)
    treated = people * 0.003 * np.exp(drive)
    deaths = people * 2e-4 * np.exp(drive + rng.normal(0, 0.2, AREAS))
    slope = 1.0 if world.method == "ratio" else 0.8
    effects = rng.normal(0, world.between, AREAS)
    effects[: world.anchors] += world.chosen
    truth = people * 0.008 * np.exp(slope * drive + effects)
    if world.chosen:
        # Only the difference between studied and others matters, not the level.
        truth *= np.exp(-world.chosen * world.anchors / AREAS)
    frame = pd.DataFrame({"population": people, "treated": treated}, index=names)
    if world.method == "mim_pca":
        frame["deaths"] = deaths
    wide = np.exp(Z * world.error)
    measured = truth * np.exp(rng.normal(0, world.error, AREAS))
    with hp.settings(replicates=REPLICATES, seed=seed):
        sizes = {
            n: hp.lognormal(s, s / wide, s * wide, name=n)
            for n, s in zip(names[: world.anchors], measured, strict=False)
        }
        found = hp.extrapolate(sizes, frame, method=world.method, between=world.given)
        drawn, total = found.areas.draws[world.anchors :], found.total.draws[0]
    rest = truth[world.anchors :]
    low, high = np.quantile(drawn, [0.025, 0.975], axis=1)
    below, above = np.quantile(total, [0.025, 0.975])
    held = float(((low <= rest) & (rest <= high)).mean())
    return (
        held,
        float(below <= truth.sum() <= above),
        float(((high - low) / rest).mean()),
        (above - below) / truth.sum(),
    )


def nations(count: int) -> pd.DataFrame:
    """Return coverage and widths for every kind of nation."""
    rows = []
    for world in WORLDS:
        held = np.array([simulate(world, seed) for seed in range(count)])
        middle = np.median(held[:, 2:], axis=0)
        rows.append(
            {
                "method": f"`{world.method}`" + (f", {world.title}" if world.title else ""),
                "studied areas": world.anchors,
                "s.d. between areas": world.between,
                "s.d. of estimates": world.error,
                "areas: cover": f"{held[:, 0].mean():.1%}",
                "width": f"{middle[0]:.2f}",
                "total: cover": f"{held[:, 1].mean():.1%}",
                "its width": f"{middle[1]:.2f}",
            }
        )
    return pd.DataFrame(rows)


def walks(count: int) -> pd.DataFrame:
    """Return coverage of smooth trends: at the last study, between studies, and four years on."""
    rows = []
    settings: list[tuple[int, float, dict[str, float]]] = [
        (2, 0.05, {"step": 0.05}),
        (2, 0.05, {"prior": 0.1}),
        (4, 0.05, {"prior": 0.1}),
        (4, 0.15, {"prior": 0.1}),
        (6, 0.05, {}),
        (6, 0.15, {}),
        (10, 0.05, {}),
    ]
    for studies, step, options in settings:
        held, widths = np.zeros(3), []
        for seed in range(count):
            rng = np.random.default_rng([SEED, studies, seed])
            gaps = rng.integers(2, 6, studies - 1)
            years = np.concatenate([[0], np.cumsum(gaps)])
            level = np.log(5_000) + np.concatenate([[0], np.cumsum(rng.normal(0, step, years[-1] + 4))])
            wide = np.exp(Z * 0.1)
            sizes = np.exp(level[years] + rng.normal(0, 0.1, studies))
            asked = [int(years[-1]), int(years[-2]) + 1, int(years[-1]) + 4]
            with hp.settings(replicates=REPLICATES, seed=seed):
                made = {
                    int(y): hp.lognormal(s, s / wide, s * wide, name=str(y)) for y, s in zip(years, sizes, strict=True)
                }
                drawn = hp.trend(made).smooth(at=asked, **options).estimate.draws
            low, high = np.quantile(drawn, [0.025, 0.975], axis=1)
            truth = np.exp(level[asked])
            held += (low <= truth) & (truth <= high)
            widths.append((high - low) / truth)
        told = ", ".join(f"`{name}={value:g}`" for name, value in options.items()) or "Jeffreys' prior"
        middle = np.median(widths, axis=0)
        cells = [f"{share:.1%} ({width:.2f})" for share, width in zip(held / count, middle, strict=True)]
        rows.append(
            {"studies": studies, "true step a year": step, "step": told}
            | dict(zip(("last study", "between studies", "four years on"), cells, strict=True))
        )
    return pd.DataFrame(rows)


def tables(count: int = NATIONS) -> dict[str, pd.DataFrame]:
    """Return all tables."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", hp.HiddenpopWarning)
        return {"nations": nations(count), "walks": walks(count)}


def markdown(frame: pd.DataFrame) -> str:
    """Write a table."""
    rows = [list(map(str, frame.columns)), ["---"] * frame.shape[1], *frame.astype(str).to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def page(made: dict[str, pd.DataFrame], count: int) -> str:
    """Write the page."""
    error = 100 * np.sqrt(0.95 * 0.05 / count)
    return f"""# Validation: extrapolation and smooth trends

Written on {datetime.date.today()} by `python tools/validate_extrapolate.py` with hiddenpop {hp.__version__}, Python
{platform.python_version()}, NumPy {np.__version__}, pandas {pd.__version__}. Seeds are fixed: the same versions give the same
numbers. A coverage of 95% of {count} nations has a Monte Carlo error of {error:.1f} points (one standard error).

## What this says

- Where studied areas are like the others, 95% intervals of areas and totals hold the truth about that often, with four or five
  studied areas as well as with ten; with few they are wide.
- Where areas follow their indicator exactly, intervals are too wide: a handful of studies can't exclude that areas differ.
- A bootstrap of the regression without differences between areas misses most areas.
- If areas are studied because they have a problem beyond their indicator, no method sees it, and totals are too large.
- Smooth trends hold when the step is given rightly or learned from six studies or more. A prior that is too small for how
  fast the population changes gives forecasts that are too narrow.

## Nations

{count} nations of {AREAS} areas in each line. Log prevalence follows an indicator and differs between areas by the standard
deviation shown; estimates of studied areas are off by theirs. 95% percentile intervals of {REPLICATES:,} draws; widths are
relative to the truth (medians).

{markdown(made["nations"])}

## Trends

{count} random walks in each line, studied every two to five years with an error of 0.1 on the log scale. Coverage of 95%
intervals, with their width relative to the truth in brackets.

{markdown(made["walks"])}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nations", type=int, default=NATIONS)
    count = parser.parse_args().nations
    text = page(tables(count), count)
    if count == NATIONS:
        PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
