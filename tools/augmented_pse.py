"""Sizes from one recruited sample by another algorithm: chains that draw everybody who was not seen. No quadrature, no saddlepoint.

The model is that of `hp.successive_sampling_size`. Its quadrature sums people out and approximates the density of the last arrival; here
nothing is summed out but the sizes themselves, in plain numpy: a sweep draws

1. gaps between arrivals, exponential with the sum of all sizes that are left, seen or not;
2. the number of people given the time of the last arrival, among all that the prior allows;
3. sizes of those who were not seen, multinomial;
4. the two numbers of the Conway-Maxwell-Poisson distribution given all sizes, by random walks.

Each sweep says how likely each number of people is given the rest (`averaged`), which is less rough than its draws.

`python tools/augmented_pse.py` compares flat priors on R's `fauxmadrona`, some minutes; a test runs it on a few people.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import gammaln

Floats = npt.NDArray[np.float64]
DATA = Path(__file__).parent.parent / "tests" / "data" / "rds" / "fauxmadrona.csv"
#: The prior of sizes that the R package sspse takes there, and where sizes end.
MEAN, SD, MOST = 5.83479965006, 2.98376310669, 35
SHARES = (0.025, 0.25, 0.5, 0.75, 0.975)


class Result(NamedTuple):
    """What sweeps say of the number of people."""

    people: Floats
    averaged: Floats
    draws: Floats

    @property
    def mean(self) -> float:
        """The posterior mean."""
        return float(self.people @ self.averaged)

    def quantiles(self) -> list[float]:
        """Return the quantiles that are shown."""
        upto = np.cumsum(self.averaged)
        return [float(self.people[np.searchsorted(upto, share)]) for share in SHARES]


class Sizes:
    """The distribution of sizes on 1..most, with its prior on the mean and variance as sspse weighs it."""

    def __init__(self, most: int, mean: float, sd: float) -> None:
        self.k = np.arange(1, most + 1.0)
        self.factorials = gammaln(self.k + 1)
        self.mean, self.sd = mean, sd

    def logs(self, at: Floats) -> Floats:
        """Return logarithms of probabilities at (log lambda, nu)."""
        logs = at[0] * self.k - at[1] * self.factorials
        logs = logs - logs.max()
        return np.asarray(logs - np.log(np.exp(logs).sum()))

    def height(self, at: Floats, counts: Floats) -> float:
        """Return the logarithm of prior and likelihood of people of each size."""
        if at[1] < 0:
            return -np.inf
        logs = self.logs(at)
        p = np.exp(logs)
        mean = float(p @ self.k)
        variance = float(p @ (self.k - mean) ** 2)
        prior = -0.5 * (mean - self.mean) ** 2 / variance - 3 * np.log(variance) - 1.5 * self.sd**2 / variance
        return float(prior + counts @ logs)


def sample(
    sizes: npt.NDArray[np.int64], last: int, sweeps: int, rng: np.random.Generator, model: Sizes, steps: int = 4
) -> Result:
    """Run one chain under a flat prior up to `last` people; the first fifth of the sweeps is left out."""
    n, most = len(sizes), len(model.k)
    seen = np.bincount(sizes, minlength=most + 1)[1:].astype(float)
    left = np.cumsum(sizes[::-1])[::-1].astype(float)
    unseen = np.arange(last - n + 1)
    weights = gammaln(n + unseen + 1) - gammaln(unseen + 1)
    at = np.array([np.log(seen @ model.k / n), 1.0])
    people = int(rng.integers(n, last + 1))
    hidden = rng.multinomial(people - n, np.full(most, 1 / most)).astype(float)
    averaged, draws = np.zeros(len(unseen)), []
    for sweep in range(sweeps):
        time = float((rng.exponential(size=n) / (left + hidden @ model.k)).sum())
        decay = np.exp(model.logs(at) - model.k * time)
        log = weights + unseen * np.log(decay.sum())
        p = np.exp(log - log.max())
        p /= p.sum()
        if sweep >= sweeps // 5:
            averaged += p
            draws.append(people)
        people = n + int(np.searchsorted(np.cumsum(p), rng.random()).clip(0, last - n))
        hidden = rng.multinomial(people - n, decay / decay.sum()).astype(float)
        counts = seen + hidden
        here = model.height(at, counts)
        for _ in range(steps):
            # About as wide as so many people leave the two numbers.
            nu = rng.normal() * 2.0 / np.sqrt(people)
            slope = np.log(counts @ model.k / people)
            there = at + np.array([slope * nu + rng.normal() * 0.5 / np.sqrt(people), nu])
            height = model.height(there, counts)
            if np.log(rng.random()) < height - here:
                at, here = there, height
    return Result((n + unseen).astype(float), averaged / averaged.sum(), np.array(draws))


def madrona() -> npt.NDArray[np.int64]:
    """Return its sizes in order: the degree, or recruits and recruiter where they are more, up to `MOST`."""
    table = pd.read_csv(DATA)
    recruits = table["id"].map(table["recruiter.id"].value_counts()).fillna(0)
    known = recruits + table["recruiter.id"].isin(table["id"])
    return np.asarray(np.minimum(np.maximum(table["degree"], known), MOST).to_numpy().astype(np.int64))


def main() -> None:
    """Print what flat priors say of the reference sample, by each of some chains."""
    for last, sweeps in ((5_000, 60_000), (20_000, 60_000)):
        for chain in range(2):
            found = sample(madrona(), last, sweeps, np.random.default_rng([last, chain]), Sizes(MOST, MEAN, SD))
            print(f"flat to {last:,}, chain {chain}: mean {found.mean:,.0f}, quantiles {found.quantiles()}", flush=True)


if __name__ == "__main__":
    main()
