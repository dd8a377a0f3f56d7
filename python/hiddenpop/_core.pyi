"""The Rust core: arrays in, arrays out."""

from collections.abc import Sequence
from typing import final

import numpy as np
import numpy.typing as npt

__all__ = [
    "MOST_KINDS",
    "ROWS_PER_KIND",
    "VERSION",
    "Covariance",
    "Design",
    "Quantiles",
    "Regression",
    "Totals",
    "available_threads",
    "draw_quantiles",
    "input_draws",
    "input_quantiles",
]

MOST_KINDS: int
ROWS_PER_KIND: int
VERSION: str

@final
class Design:
    """How a sample is redrawn."""

    @staticmethod
    def resample(
        stratum: npt.NDArray[np.uint32],
        multiplicity: npt.NDArray[np.uint64],
        rules: Sequence[tuple[int, float, float]] | None = None,
    ) -> Design: ...
    @staticmethod
    def dirichlet(
        stratum: npt.NDArray[np.uint32], people: npt.NDArray[np.float64], alpha: npt.NDArray[np.float64]
    ) -> Design: ...
    @staticmethod
    def nested(stages: Sequence[tuple[npt.NDArray[np.uint32], Sequence[tuple[int, float, float]]]]) -> Design: ...
    def calibrated(
        self,
        unit: npt.NDArray[np.uint32],
        weight: npt.NDArray[np.float64],
        cell: npt.NDArray[np.uint32],
        x: npt.NDArray[np.float64],
        totals: npt.NDArray[np.float64],
        drawn: npt.NDArray[np.float64],
        distance: str,
        low: float,
        high: float,
    ) -> Design: ...
    def calibrate(self, factors: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], list[int | None]]: ...
    @property
    def resamples(self) -> bool: ...
    @property
    def by_kind(self) -> bool: ...
    @property
    def units(self) -> int: ...
    def factors(self, seed: int, fingerprint: int, start: int, stop: int) -> npt.NDArray[np.float64]: ...

@final
class Totals:
    """Totals of columns over the redrawn sample."""

    def __new__(cls, design: Design, columns: Sequence[npt.NDArray[np.float64]]) -> Totals: ...
    @property
    def fixed(self) -> npt.NDArray[np.float64]: ...
    def replicates(
        self, seed: int, fingerprint: int, start: int, stop: int, threads: int
    ) -> npt.NDArray[np.float64]: ...

@final
class Covariance:
    """Totals of columns over the redrawn sample, with their linearised covariances."""

    def __new__(
        cls, design: Design, columns: Sequence[npt.NDArray[np.float64]], pairs: Sequence[tuple[int, int]]
    ) -> Covariance: ...
    def replicates(
        self, seed: int, fingerprint: int, start: int, stop: int, threads: int
    ) -> npt.NDArray[np.float64]: ...

@final
class Quantiles:
    """Quantiles of columns over the redrawn sample."""

    def __new__(
        cls,
        design: Design,
        columns: Sequence[npt.NDArray[np.float64]],
        probabilities: Sequence[float],
        midpoint: bool,
        unit: npt.NDArray[np.uint32] | None = None,
        weight: npt.NDArray[np.float64] | None = None,
    ) -> Quantiles: ...
    def sample(self, people: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]: ...
    def replicates(
        self, seed: int, fingerprint: int, start: int, stop: int, threads: int
    ) -> npt.NDArray[np.float64]: ...

@final
class Regression:
    """A generalised linear model, fitted in every redrawn sample."""

    def __new__(
        cls,
        design: Design,
        family: str,
        x: npt.NDArray[np.float64],
        y: npt.NDArray[np.float64],
        offset: npt.NDArray[np.float64],
        unit: npt.NDArray[np.uint32],
        weight: npt.NDArray[np.float64],
        start: npt.NDArray[np.float64],
        targets: Sequence[npt.NDArray[np.float64]],
    ) -> Regression: ...
    def fits(self, weights: npt.NDArray[np.float64], threads: int) -> npt.NDArray[np.float64]: ...
    def replicates(
        self, seed: int, fingerprint: int, start: int, stop: int, threads: int
    ) -> npt.NDArray[np.float64]: ...

def input_draws(
    name: str,
    parameters: Sequence[float],
    seed: int,
    fingerprint: int,
    start: int,
    stop: int,
    threads: int,
) -> npt.NDArray[np.float64]: ...
def input_quantiles(
    name: str, parameters: Sequence[float], probabilities: Sequence[float]
) -> npt.NDArray[np.float64]: ...
def draw_quantiles(
    draws: npt.NDArray[np.float64], probabilities: Sequence[float], threads: int
) -> tuple[npt.NDArray[np.float64], list[int]]: ...
def available_threads() -> int: ...
