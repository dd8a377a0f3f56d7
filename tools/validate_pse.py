"""Simulation-based calibration of sizes from one recruited sample (SS-PSE): the table in docs/rds.md.

Talts, Betancourt, Simpson, Vehtari and Gelman (2018), arXiv:1804.06788: the number of people and the distribution of their sizes are
drawn from the prior, and a sample from them by the model itself (by size, without replacement); the share of the posterior below the
true number is then uniform, if the posterior is right. `make validate` calls it: a minute.
"""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from hiddenpop import _core
from scipy import optimize, stats
from scipy.special import gammaln

Floats = npt.NDArray[np.float64]
PAGE = Path(__file__).parent.parent / "docs" / "rds.md"
SEED, SAMPLES = 22, 2_000
#: Prior mean and standard deviation of sizes, worth so many participants; sizes count up to the last.
MEAN, SD, MEAN_WEIGHT, SD_WEIGHT, MOST = 6.0, 3.0, 1.0, 3.0, 20
LEVELS = (0.5, 0.8, 0.95)
#: Participants, and up to how many people there may be; all numbers are as likely.
CASES = {
    "20 participants of 20 to 100": (20, 100),
    "100 of 100 to 400": (100, 400),
    "300 of 300 to 3,000": (300, 3_000),
}


def sizes_of(rng: np.random.Generator) -> Floats:
    """Draw a Conway-Maxwell-Poisson distribution on 1..MOST whose mean and variance have their prior."""
    k = np.arange(1, MOST + 1.0)

    def shares(at: Floats) -> Floats:
        logs = at[0] * k - at[1] * gammaln(k + 1)
        p = np.exp(logs - logs.max())
        return np.asarray(p / p.sum())

    while True:
        variance = SD_WEIGHT * SD**2 / rng.chisquare(SD_WEIGHT)
        mean = rng.normal(MEAN, np.sqrt(variance / MEAN_WEIGHT))
        # No distribution on 1..MOST has another mean, or a larger variance with this one.
        if not 1 < mean < MOST or variance >= (mean - 1) * (MOST - mean):
            continue

        def off(at: Floats, mean: float = mean, variance: float = variance) -> list[float]:
            p = shares(at)
            return [float(p @ k) - mean, float(p @ k**2 - (p @ k) ** 2) - variance]

        nu = mean / variance
        found = optimize.root(off, [nu * np.log(mean + 0.5), nu])
        if found.success and found.x[1] >= 0:
            return shares(found.x)


def below(rng: np.random.Generator, participants: int, last: int, samples: int) -> Floats:
    """Return the shares of posteriors below the truth."""
    found = []
    for _ in range(samples):
        people = int(rng.integers(participants, last + 1))
        sizes = rng.choice(np.arange(1, MOST + 1), people, p=sizes_of(rng))
        first = sizes[np.argsort(rng.exponential(1 / sizes))][:participants].astype(np.uint32)
        prior = (MEAN, SD, MEAN_WEIGHT, SD_WEIGHT)
        flat = np.zeros(last - participants + 1)
        posterior, _ = _core.successive_size(first, MOST, "conway_maxwell_poisson", prior, True, flat, 1)
        unseen = people - participants
        found.append(float(posterior[:unseen].sum() + rng.random() * posterior[unseen]))
    return np.array(found)


def calibrate(samples: int = SAMPLES) -> pd.DataFrame:
    """Return for each case how often intervals hold the truth, and how uniform the shares below it are."""
    rows = {}
    for row, (name, (participants, last)) in enumerate(CASES.items()):
        shares = below(np.random.default_rng([SEED, row]), participants, last, samples)
        parts = np.bincount(np.minimum((shares * 20).astype(int), 19), minlength=20)
        held = [float((np.abs(shares - 0.5) <= level / 2).mean()) for level in LEVELS]
        rows[name] = [*held, float(shares.mean()), float(stats.chisquare(parts).pvalue)]
    columns = [*(f"{100 * level:g}% interval" for level in LEVELS), "mean share", "p, chi-square of 20 parts"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def markdown(frame: pd.DataFrame, samples: int) -> str:
    """Write the table."""
    lines = ["| sample | " + " | ".join(frame.columns) + " |", "|---|" + "---:|" * len(frame.columns)]
    for name, values in zip(frame.index, frame.to_numpy(), strict=True):
        texts = [f"{100 * v:.1f}%" for v in values[: len(LEVELS)]] + [f"{v:.3f}" for v in values[len(LEVELS) :]]
        lines.append("| " + " | ".join([str(name), *texts]) + " |")
    date = datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat()
    lines.append(f"\n`python tools/validate_pse.py`, {date}: {samples:,} samples a row.")
    return "\n".join(lines)


def write(samples: int = SAMPLES) -> None:
    """Put the table into the page."""
    begin, end = "<!-- sizes: begin -->", "<!-- sizes: end -->"
    before, rest = PAGE.read_text(encoding="utf-8").split(begin)
    text = f"{before}{begin}\n{markdown(calibrate(samples), samples)}\n{end}{rest.split(end)[1]}"
    PAGE.write_text(text, encoding="utf-8")
    print(f"Wrote the table of {PAGE.parent.name}/{PAGE.name}.")


if __name__ == "__main__":
    write()
