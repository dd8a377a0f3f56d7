"""The Rust core: arrays in, arrays out."""

from collections.abc import Sequence
from typing import TypeAlias, final

import numpy as np
import numpy.typing as npt

# Of all units, or of some units (by number) and zero (for quantiles: none) for the others.
_Column: TypeAlias = npt.NDArray[np.float64] | tuple[npt.NDArray[np.uint32], npt.NDArray[np.float64]]

__all__ = [
    "MOST_KINDS",
    "ROWS_PER_KIND",
    "VERSION",
    "ConditionalFit",
    "CountFit",
    "CountModel",
    "Covariance",
    "Design",
    "LatentClasses",
    "ListsPeople",
    "ListsRedraw",
    "LogLinear",
    "Quantiles",
    "Recruitment",
    "Regression",
    "Totals",
    "Visibilities",
    "available_threads",
    "chi_square_tails",
    "decomposable_average",
    "decomposable_graphs",
    "draw_quantiles",
    "forward_path",
    "forward_sizes",
    "grid_draws",
    "hierarchical_models",
    "inclusion_time",
    "input_draws",
    "input_quantiles",
    "simulated_network",
    "simulated_recruits",
    "sparse_path",
    "sparse_sizes",
    "stored_draws",
    "successive_size",
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
    @staticmethod
    def recruited(
        scheme: str,
        centre: bool,
        recruiter: npt.NDArray[np.uint32],
        order: npt.NDArray[np.uint32],
        site: npt.NDArray[np.uint32],
        category: npt.NDArray[np.uint32],
        degree: npt.NDArray[np.float64],
        weight: npt.NDArray[np.float64],
        population: npt.NDArray[np.float64],
        drawn: npt.NDArray[np.float64],
        solved: bool,
        plain: bool,
        reweigh: bool,
    ) -> Design: ...
    def calibrated(
        self,
        unit: npt.NDArray[np.uint32],
        weight: npt.NDArray[np.float64],
        cell: npt.NDArray[np.uint32],
        x: tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32], npt.NDArray[np.float64]],
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
class Recruitment:
    """Who recruits whom in the redrawn sample."""

    def __new__(
        cls,
        design: Design,
        category: npt.NDArray[np.uint8],
        categories: int,
        values: npt.NDArray[np.float64] | None = None,
    ) -> Recruitment: ...
    def transitions(
        self, seed: int, fingerprint: int, start: int, stop: int, threads: int
    ) -> npt.NDArray[np.float64]: ...
    def graphs(self, seed: int, fingerprint: int, start: int, stop: int, threads: int) -> npt.NDArray[np.float64]: ...
    def graph(self, factors: npt.NDArray[np.float64], population: float, threads: int) -> npt.NDArray[np.float64]: ...

@final
class Totals:
    """Totals of columns over the redrawn sample."""

    def __new__(cls, design: Design, columns: Sequence[_Column]) -> Totals: ...
    @property
    def fixed(self) -> npt.NDArray[np.float64]: ...
    def replicates(
        self, seed: int, fingerprint: int, start: int, stop: int, threads: int
    ) -> npt.NDArray[np.float64]: ...

@final
class Covariance:
    """Totals of columns over the redrawn sample, with their linearised covariances."""

    def __new__(cls, design: Design, columns: Sequence[_Column], pairs: Sequence[tuple[int, int]]) -> Covariance: ...
    def replicates(
        self, seed: int, fingerprint: int, start: int, stop: int, threads: int
    ) -> npt.NDArray[np.float64]: ...

@final
class Quantiles:
    """Quantiles of columns over the redrawn sample."""

    def __new__(
        cls,
        design: Design,
        columns: Sequence[_Column],
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

@final
class ListsRedraw:
    """How lists are redrawn: histories within strata."""

    def __new__(
        cls,
        stratum: npt.NDArray[np.uint32],
        weights: npt.NDArray[np.float64],
        people: npt.NDArray[np.uint64],
    ) -> ListsRedraw: ...
    def replicates(
        self, seed: int, fingerprint: int, start: int, stop: int, sizes: Sequence[float], threads: int
    ) -> npt.NDArray[np.float64]: ...

@final
class LogLinear:
    """Log-linear models of one family of lists."""

    def __new__(
        cls,
        models: Sequence[Sequence[int]],
        open: npt.NDArray[np.float64],
        extras: Sequence[Sequence[float]] | None = None,
        constrained: int = 0,
        start: npt.NDArray[np.float64] | None = None,
    ) -> LogLinear: ...
    def fits(self, counts: npt.NDArray[np.float64], threads: int) -> npt.NDArray[np.float64]: ...
    def rank(self, tables: npt.NDArray[np.float64], criterion: str, threads: int) -> npt.NDArray[np.float64]: ...
    def fitted(self, counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]: ...
    def multinomial(self, tables: npt.NDArray[np.float64], threads: int) -> npt.NDArray[np.float64]: ...
    def profile(self, counts: npt.NDArray[np.float64], drop: float) -> tuple[float, float, float] | None: ...

@final
class ListsPeople:
    """Who stands behind the histories of redrawn lists."""

    def __new__(cls, unit: npt.NDArray[np.uint32], people: npt.NDArray[np.uint64], units: int) -> ListsPeople: ...
    def replicates(
        self, seed: int, fingerprint: int, start: int, counts: npt.NDArray[np.float64], threads: int
    ) -> npt.NDArray[np.float64]: ...

@final
class ConditionalFit:
    """Chances of being on lists that depend on covariates, fitted by conditional likelihood."""

    def __new__(
        cls,
        lists: int,
        own: bool,
        values: npt.NDArray[np.float64],
        histories: npt.NDArray[np.uint32],
        group: npt.NDArray[np.uint32],
        groups: int,
    ) -> ConditionalFit: ...
    def fit(
        self, weights: npt.NDArray[np.float64]
    ) -> tuple[
        int,
        float,
        npt.NDArray[np.float64],
        npt.NDArray[np.float64],
        npt.NDArray[np.float64],
        npt.NDArray[np.float64],
        npt.NDArray[np.float64],
    ]: ...
    def replicates(
        self, weights: npt.NDArray[np.float64], start: npt.NDArray[np.float64], threads: int
    ) -> npt.NDArray[np.float64]: ...

@final
class Visibilities:
    """Chains that find a size from reported degrees and recruits, where visibilities are not seen."""

    def __new__(
        cls,
        reports: npt.NDArray[np.uint32],
        or_more: int,
        recruits: npt.NDArray[np.uint32],
        coupons: npt.NDArray[np.uint32],
        times: npt.NDArray[np.float64],
        most: int,
        family: str,
        sizes: tuple[float, float, float, float],
        jacobian: bool,
        optimism: tuple[float, float],
        error: tuple[float, float],
        recruiting: Sequence[tuple[float, float]],
        log_prior: npt.NDArray[np.float64],
        chains: int,
        seed: int,
        fingerprint: int,
    ) -> Visibilities: ...
    def settle(self, sweeps: int, threads: int) -> None: ...
    def advance(self, draws: int, thin: int, threads: int) -> npt.NDArray[np.float64]: ...
    def found(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]: ...

@final
class LatentClasses:
    """Chains of the latent class model for one table."""

    def __new__(
        cls,
        counts: npt.NDArray[np.float64],
        classes: int,
        alpha: tuple[float, float],
        unseen: tuple[int, int],
        chains: int,
        seed: int,
        fingerprint: int,
    ) -> LatentClasses: ...
    def advance(self, draws: int, thin: int, threads: int) -> npt.NDArray[np.float64]: ...

def decomposable_graphs(lists: int) -> list[list[tuple[int, int]]]: ...
def decomposable_average(
    counts: npt.NDArray[np.float64],
    delta: float,
    prior: str,
    most: int,
    threads: int,
    weights: npt.NDArray[np.float64] | None = None,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]: ...
def grid_draws(
    cumulative: npt.NDArray[np.float64], seed: int, fingerprint: int, start: int, stop: int
) -> npt.NDArray[np.float64]: ...
def stored_draws(
    draws: npt.NDArray[np.float64], seed: int, fingerprint: int, start: int, stop: int
) -> npt.NDArray[np.float64]: ...
def chi_square_tails(values: Sequence[float], df: Sequence[float]) -> list[float]: ...
def inclusion_time(
    degrees: npt.NDArray[np.float64], people: npt.NDArray[np.float64], population: float
) -> float | None: ...
def successive_size(
    sizes: npt.NDArray[np.uint32],
    most: int,
    family: str,
    prior: tuple[float, float, float, float],
    jacobian: bool,
    log_prior: npt.NDArray[np.float64],
    threads: int,
    arrivals: npt.NDArray[np.float64] | None = None,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]: ...
def simulated_network(
    people: int,
    traits: Sequence[tuple[Sequence[int], Sequence[float], float]],
    ties: int,
    spread: float,
    seed: int,
    fingerprint: int,
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]: ...
def simulated_recruits(
    start: npt.NDArray[np.uint32],
    neighbour: npt.NDArray[np.uint32],
    size: int,
    seeds: int,
    by: npt.NDArray[np.float64],
    coupons: int,
    refuse: float,
    time: float,
    replacement: bool,
    reseed: bool,
    seed: int,
    fingerprint: int,
) -> tuple[
    npt.NDArray[np.uint32],
    npt.NDArray[np.int64],
    npt.NDArray[np.uint32],
    npt.NDArray[np.float64],
]: ...
def hierarchical_models(lists: int, order: int) -> list[list[int]]: ...
def sparse_sizes(
    tables: npt.NDArray[np.float64], open: npt.NDArray[np.float64], threshold: float, threads: int
) -> npt.NDArray[np.float64]: ...
def sparse_path(
    counts: npt.NDArray[np.float64], open: npt.NDArray[np.float64], threshold: float
) -> tuple[list[int], list[float], list[float]]: ...
def forward_sizes(
    tables: npt.NDArray[np.float64], open: npt.NDArray[np.float64], order: int, criterion: str, threads: int
) -> npt.NDArray[np.float64]: ...
def forward_path(
    counts: npt.NDArray[np.float64], open: npt.NDArray[np.float64], order: int, criterion: str
) -> tuple[list[int], list[float], list[float]]: ...
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

@final
class CountFit:
    """A fitted model of counts."""

    @property
    def coefficients(self) -> npt.NDArray[np.float64]: ...
    @property
    def loglik(self) -> float: ...
    @property
    def status(self) -> str: ...
    @property
    def direction(self) -> npt.NDArray[np.float64]: ...
    @property
    def covariance(self) -> npt.NDArray[np.float64] | None: ...

@final
class CountModel:
    """A model of the counts of one register."""

    def __new__(
        cls,
        family: str,
        designs: Sequence[npt.NDArray[np.float64]],
        row: npt.NDArray[np.uint32],
        count: npt.NDArray[np.uint32],
        people: npt.NDArray[np.float64],
    ) -> CountModel: ...
    def fit(self) -> CountFit: ...
    def sizes(
        self, fit: CountFit, parts: npt.NDArray[np.uint32], number: int
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64] | None]: ...
    def frequencies(self, fit: CountFit, most: int) -> npt.NDArray[np.float64]: ...
    def scores(self, fit: CountFit) -> npt.NDArray[np.float64]: ...
    def slopes(
        self, fit: CountFit, parts: npt.NDArray[np.uint32], number: int
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]: ...
    @property
    def cells(self) -> int: ...
    def without_each(
        self, fit: CountFit, parts: npt.NDArray[np.uint32], number: int, threads: int
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]: ...
    def inflation(self, fit: CountFit) -> tuple[float, float] | None: ...
    def replicates(
        self,
        fit: CountFit,
        person: npt.NDArray[np.uint32],
        parts: npt.NDArray[np.uint32],
        number: int,
        scheme: str,
        seed: int,
        fingerprint: int,
        start: int,
        stop: int,
        threads: int,
    ) -> npt.NDArray[np.float64]: ...
