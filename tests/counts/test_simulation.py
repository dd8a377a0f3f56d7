"""One-register models on registers of populations whose size is known."""

from __future__ import annotations

import warnings
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest

SIZE = 4_000
RUNS = 40


def register(family: str, rng: np.random.Generator) -> pd.DataFrame:
    """Draw a register: log lambda = -0.3 + 0.5 x, dispersion 0.8, a share 0.3 bound to be seen once."""
    x = rng.integers(0, 2, SIZE)
    base = family.removeprefix("ones_in_population_").removeprefix("Hurdlezt").removeprefix("zt")

    def draw() -> Any:
        mean = np.exp(-0.3 + 0.5 * x)
        if base == "geom":
            mean = mean * rng.exponential(size=SIZE)
        if base == "negbin":
            mean = mean * rng.gamma(1 / 0.8, 0.8, SIZE)
        return rng.poisson(mean)

    y, once = draw(), rng.random(SIZE) < 0.3
    if family.startswith("Hurdlezt"):
        while (y == 1).any():
            y = np.where(y == 1, draw(), y)
    if family.startswith(("ones_in_population_", "Hurdlezt")):
        y[once] = 1
    return pd.DataFrame({"y": y, "x": x})[y > 0]


def fits(family: str, seed: int, runs: int = RUNS) -> list[Any]:
    rng = np.random.default_rng(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", hp.HiddenpopWarning)
        return [
            hp.zero_truncated(hp.CaptureCounts(register(family, rng), "y", replicates=50), "~ x", family=family)
            for _ in range(runs)
        ]


@pytest.mark.parametrize(
    "family",
    [
        "ztpoisson",
        "ztgeom",
        "ztnegbin",
        "ones_in_population_poisson",
        "ones_in_population_geom",
        "Hurdleztpoisson",
        "Hurdleztgeom",
    ],
)
def test_the_right_family_finds_the_size(family: str) -> None:
    found = fits(family, 1)
    sizes = np.array([fit.size.point for fit in found])
    errors = np.array([fit.se() for fit in found])
    # On the log scale, where the sizes are nearly normal: the mean within 4 s.e., and 1% for what is left of the bias.
    logs = np.log(sizes / SIZE)
    assert abs(logs.mean()) < 4 * logs.std(ddof=1) / np.sqrt(RUNS) + 0.01
    # The analytic standard error is the spread that repeated registers show: a s.d. from 40 is right to 11%.
    assert np.median(errors / sizes) == pytest.approx(logs.std(ddof=1), rel=0.45)


def test_intervals_cover() -> None:
    # 95% of 150 registers: a binomial s.d. of 1.8%, so 88% to 100% within 4 of them.
    rng = np.random.default_rng(7)
    covered = np.zeros(2)
    for _ in range(150):
        counts = hp.CaptureCounts(register("ztpoisson", rng), "y", replicates=200)
        fit = hp.zero_truncated(counts, "~ x")
        for i, ends in enumerate((fit.interval(), fit.size.interval())):
            low, high = ends.to_numpy()[0]
            covered[i] += low <= SIZE <= high
    assert (covered / 150 > 0.88).all(), covered / 150


def test_chao_is_a_lower_bound_and_poisson_is_lower_still() -> None:
    # Where people differ beyond covariates, Poisson < Chao < truth (Chao 1987; Böhning 2010, for mixtures of Poissons).
    rng = np.random.default_rng(3)
    sizes = []
    for _ in range(20):
        counts = hp.CaptureCounts(register("ztgeom", rng), "y", replicates=50)
        sizes.append((hp.zero_truncated(counts, "~ x").size.point, hp.chao(counts, "~ x").size.point))
    poisson, chao = np.mean(sizes, axis=0)
    assert poisson < chao < SIZE
    assert poisson < 0.8 * SIZE


def test_covariates_on_the_inflation_are_found() -> None:
    rng = np.random.default_rng(5)
    x = rng.integers(0, 2, 20_000)
    y = rng.poisson(1.0, 20_000)
    y[rng.random(20_000) < np.where(x == 1, 0.5, 0.1)] = 1
    counts = hp.CaptureCounts({"y": y[y > 0], "x": x[y > 0]}, "y", replicates=50)
    found = hp.zero_truncated(counts, family="ones_in_population_poisson", omega="~ x").coefficients
    truth = [0.0, np.log(1 / 9), np.log(9)]
    assert np.abs((found["estimate"] - truth) / found["se"]).max() < 4
