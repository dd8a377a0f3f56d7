"""Simulation-based calibration of sizes from one recruited sample (SS-PSE): the table in docs/rds.md.

Talts, Betancourt, Simpson, Vehtari and Gelman (2018), arXiv:1804.06788: the number of people and the distribution of their sizes are
drawn from the prior, and a sample from them by the model itself (by size, without replacement); the share of the posterior below the
true number is then uniform, if the posterior is right. So are two samples of one population, and reports and recruits of people whose
visibility nobody sees. `make validate` calls it: some ten minutes for 2,000 samples a row, and a tenth of them where chains are run.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from hiddenpop import _core
from hiddenpop.rds.ordered import Orders
from hiddenpop.rds.visibility import NO_CAP, RECRUITING
from scipy import optimize, stats
from scipy.special import gammaln

Floats = npt.NDArray[np.float64]
PAGE = Path(__file__).parent.parent / "docs" / "rds.md"
SEED, SAMPLES = 22, 2_000
#: Prior mean and standard deviation of sizes, worth so many participants; sizes count up to the last.
MEAN, SD, MEAN_WEIGHT, SD_WEIGHT, MOST = 6.0, 3.0, 1.0, 3.0, 20
LEVELS = (0.5, 0.8, 0.95)
#: Mean and standard deviation beforehand of log optimism, and of the logarithm of reports' variance over their mean.
OPTIMISM, ERROR = (0.0, 0.35), (0.0, 0.7)
COUPONS = 3
#: Chains of each sample with visibility: sweeps to settle, draws, and sweeps between them.
CHAINS, SETTLE, DRAWS, THIN = 2, 300, 250, 4
#: Of so many samples one where chains are run.
FEWER = 10


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


def arrive(rng: np.random.Generator, sizes: Floats, participants: int) -> npt.NDArray[np.int64]:
    """Return who comes first."""
    return np.argsort(rng.exponential(1 / sizes))[:participants]


def below(rng: np.random.Generator, participants: int, last: int, samples: int) -> Floats:
    """Return the shares of posteriors below the truth."""
    found = []
    for _ in range(samples):
        people = int(rng.integers(participants, last + 1))
        sizes = rng.choice(np.arange(1, MOST + 1), people, p=sizes_of(rng))
        first = sizes[arrive(rng, sizes, participants)].astype(np.uint32)
        prior = (MEAN, SD, MEAN_WEIGHT, SD_WEIGHT)
        flat = np.zeros(last - participants + 1)
        posterior, _ = _core.successive_size(first, MOST, "conway_maxwell_poisson", prior, True, flat, 1)
        unseen = people - participants
        found.append(float(posterior[:unseen].sum() + rng.random() * posterior[unseen]))
    return np.array(found)


def below_two(rng: np.random.Generator, participants: int, last: int, samples: int) -> Floats:
    """Return the same of two samples of one population."""
    found = []
    for _ in range(samples):
        people = int(rng.integers(participants, last + 1))
        sizes = rng.choice(np.arange(1, MOST + 1), people, p=sizes_of(rng))
        one, two = (arrive(rng, sizes, participants) for _ in range(2))
        orders = Orders(sizes[one].astype(np.uint32), sizes[two].astype(np.uint32), np.isin(two, one))
        distinct, arrivals = orders.capped(MOST)
        # Nobody knew beforehand how many the samples would hold together: there are no fewer people, and any number above is as likely.
        flat = np.zeros(last - orders.n + 1)
        prior = (MEAN, SD, MEAN_WEIGHT, SD_WEIGHT)
        posterior, _ = _core.successive_size(distinct, MOST, "conway_maxwell_poisson", prior, True, flat, 1, arrivals)
        unseen = people - orders.n
        found.append(float(posterior[:unseen].sum() + rng.random() * posterior[unseen]))
    return np.array(found)


def below_visible(rng: np.random.Generator, participants: int, last: int, samples: int) -> Floats:
    """Return the same where visibilities are not seen: people report them with error, and recruit by them."""
    found = []
    time = np.repeat(np.linspace(1, -1, 5), -(-participants // 5))[:participants]
    for _ in range(samples):
        people = int(rng.integers(participants, last + 1))
        visible = rng.choice(np.arange(1, MOST + 1), people, p=sizes_of(rng))
        first = visible[arrive(rng, visible, participants)]
        optimism, error = (float(np.exp(rng.normal(*believed))) for believed in (OPTIMISM, ERROR))
        reports = np.maximum(reported(rng, first, optimism, 1 / error), 1).astype(np.uint32)
        beta = [rng.normal(*believed) for believed in RECRUITING]
        logit = beta[0] + beta[1] * (np.log(first) - np.log(MEAN)) + beta[2] * time
        recruits = rng.binomial(COUPONS, 1 / (1 + np.exp(-logit))).astype(np.uint32)
        chains = _core.Visibilities(
            reports,
            NO_CAP,
            recruits,
            np.full(participants, COUPONS, dtype=np.uint32),
            time,
            MOST,
            "conway_maxwell_poisson",
            (MEAN, SD, MEAN_WEIGHT, SD_WEIGHT),
            True,
            OPTIMISM,
            ERROR,
            list(RECRUITING),
            np.zeros(last - participants + 1),
            CHAINS,
            int(rng.integers(2**32)),
            1,
        )
        chains.settle(SETTLE, 1)
        chains.advance(DRAWS, THIN, 1)
        posterior = chains.found()[0]
        unseen = people - participants
        found.append(float(posterior[:unseen].sum() + rng.random() * posterior[unseen]))
    return np.array(found)


def reported(
    rng: np.random.Generator, visible: npt.NDArray[np.int64], optimism: float, nu: float
) -> npt.NDArray[np.int64]:
    """Draw Conway-Maxwell-Poisson reports whose means are a multiple of visibilities."""
    d = np.arange(0, 1_500.0)
    logs = gammaln(d + 1)
    found = np.zeros(len(visible), dtype=np.int64)

    def shares(log_mu: float) -> Floats:
        at = nu * (d * log_mu - logs)
        p = np.exp(at - at.max())
        return np.asarray(p / p.sum())

    for u in np.unique(visible):
        mean = optimism * float(u)
        low = -5 / min(nu, 1)
        log_mu = optimize.brentq(lambda at, mean=mean: float(shares(at) @ d) - mean, low, np.log(mean + 2))
        who = visible == u
        found[who] = rng.choice(len(d), int(who.sum()), p=shares(log_mu))
    return found


#: Participants (of each sample), and up to how many people there may be; all numbers are as likely.
Below = Callable[[np.random.Generator, int, int, int], Floats]
CASES: dict[str, tuple[Below, int, int]] = {
    "20 participants of 20 to 100": (below, 20, 100),
    "100 of 100 to 400": (below, 100, 400),
    "300 of 300 to 3,000": (below, 300, 3_000),
    "two samples of 40, of 40 to 400": (below_two, 40, 400),
    "with visibility, 20 of 20 to 100": (below_visible, 20, 100),
    "with visibility, 100 of 100 to 400": (below_visible, 100, 400),
}


def calibrate(samples: int = SAMPLES) -> pd.DataFrame:
    """Return for each case how often intervals hold the truth, and how uniform the shares below it are."""
    rows = {}
    for row, (name, (find, participants, last)) in enumerate(CASES.items()):
        wanted = samples // FEWER if find is below_visible else samples
        shares = find(np.random.default_rng([SEED, row]), participants, last, wanted)
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
    lines.append(
        f"\n`python tools/validate_pse.py`, {date}: {samples:,} samples a row, {samples // FEWER:,} with visibility."
    )
    return "\n".join(lines)


def write(samples: int = SAMPLES) -> None:
    """Put the table into the page."""
    begin, end = "<!-- sizes: begin -->", "<!-- sizes: end -->"
    table = markdown(calibrate(samples), samples)
    # The page as it is by then: finding the table takes a while.
    before, rest = PAGE.read_text(encoding="utf-8").split(begin)
    text = f"{before}{begin}\n{table}\n{end}{rest.split(end)[1]}"
    PAGE.write_text(text, encoding="utf-8")
    print(f"Wrote the table of {PAGE.parent.name}/{PAGE.name}.")


if __name__ == "__main__":
    write()
