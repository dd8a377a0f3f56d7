"""The models as nodes of expressions: sizes of areas computed from those of anchors and from what the model doesn't know.

Given the variance s between areas, each replicate takes the anchors' draws y*, draws area effects v* ~ N(0, s) for all
areas, and predicts from y* - v* with the model's linear predictor p before adding the area's own effect,

    theta* = p(y* - v*) + v0*,

which has the prediction's mean and its whole mean squared error (conditional simulation: Journel and Huijbregts 1978,
Mining Geostatistics, section VII.A). The variance is drawn from its posterior. With anchors known exactly the
regression's interval is Student's prediction interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

import numpy as np

from ..expression import evaluate
from ..expression.nodes import SELF, Fitted, Node
from ..expression.typed import require
from ..ground.columns import Floats
from ..ground.products import product
from ..ground.random_effects import Component, Predictor
from ..uncertainty.on_scale import error_covariance
from . import sentences
from .fay_herriot import AreaModel


def _rows(rows: Sequence[int], count: int, errors: int) -> bool:
    """Tell whether each of some areas has its row among the errors."""
    return len(rows) == count and all(0 <= row < errors for row in rows)


@dataclass(frozen=True, eq=False, repr=False)
class IndicatorModel(Fitted):
    """Sizes from a linear model of log prevalence: ordinary least squares, or Fay and Herriot's."""

    tells: ClassVar[int] = SELF
    public: ClassVar[tuple[str, ...]] = (
        "args",
        "method",
        "terms",
        "anchor_rows",
        "target_rows",
        "design",
        "target_design",
        "population",
        "target_population",
        "covariance",
        "variance",
        "fixed",
        "quantity",
        "n",
        "missing",
    )

    #: The anchors' sizes, and the errors of the model (the variance's first, then one an area).
    args: tuple[Node, ...]
    method: str
    #: What the columns of the design are.
    terms: tuple[str, ...]
    #: Rows of the errors that belong to anchors and to targets.
    anchor_rows: tuple[int, ...]
    target_rows: tuple[int, ...]
    design: Floats
    target_design: Floats
    population: Floats
    target_population: Floats
    #: Covariance of the anchors' logs.
    covariance: Floats
    variance: str = "REML"
    #: The standard deviation between areas, where it is given.
    fixed: float | None = None
    quantity: Literal["size"] = "size"
    n: Floats | None = None
    missing: Floats | None = None
    point: Floats = field(init=False)
    predictor: Predictor = field(init=False)
    #: The variance between areas that points rest on.
    between: float = field(init=False)

    def __post_init__(self) -> None:
        count, targets, errors = len(self.population), len(self.target_population), len(self.args[-1].point)
        require(self, len(self.args) == 2, self.population.shape == self.args[0].point.shape == (count,))
        require(self, self.covariance.shape == (count, count), self.design.shape == (count, len(self.terms)))
        require(
            self, self.target_design.shape == (targets, len(self.terms)), self.target_population.shape == (targets,)
        )
        require(self, _rows(self.anchor_rows, count, errors), _rows(self.target_rows, targets, errors))
        component = Component(
            self._logs(self.args[0].point[:, None])[:, 0],
            self.design,
            np.eye(count),
            self.covariance,
            fixed=None if self.fixed is None else self.fixed**2,
        )
        shared = (np.array(self.target_rows)[:, None] == np.array(self.anchor_rows)).astype(float)
        object.__setattr__(self, "predictor", Predictor(component, self.target_design, shared))
        between = component.reml()
        if self.method == "fay_herriot" and self.fixed is None:
            between = self.areas.variance(self.variance)
        object.__setattr__(self, "between", between)
        # The mean of a size whose logarithm is uncertain by what the area itself keeps (Slud and Maiti 2006).
        own = shared @ (between**2 / np.maximum(between + np.diag(self.covariance), 1e-300))
        keeps = between - (own if self.method == "fay_herriot" else 0.0)
        middle = self._predict(component.y[:, None], np.array([between]))[:, 0]
        object.__setattr__(self, "point", self.target_population * np.exp(middle + keeps / 2))

    @property
    def component(self) -> Component:
        """What the anchors say of the variance between areas."""
        return self.predictor.component

    @property
    def areas(self) -> AreaModel:
        """The area-level model of the anchors."""
        return AreaModel(self.component.y, self.design, np.diag(self.covariance))

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Fit to each replicate's anchors less their effects, predict, and add the targets' effects."""
        logs, variance, effects = self._drawn(values)
        own = np.sqrt(variance) * values[1][list(self.target_rows)]
        with np.errstate(over="ignore"):
            predicted = np.exp(self._predict(logs - effects, variance) + own)
        result: Floats = self.target_population[:, None] * predicted
        return result

    @property
    def shrunk(self) -> AreaModel | None:
        """The model that draws areas' own estimates towards it, where it is one."""
        return self.areas if self.method == "fay_herriot" else None

    def coefficients(self) -> tuple[Floats, Floats] | None:
        """Return the coefficients and their draws (coefficients x replicates)."""
        logs, variance, effects = self._drawn([evaluate.draws(arg) for arg in self.args])
        return self.fit(self.component.y[:, None], np.array([self.between]))[:, 0], self.fit(logs - effects, variance)

    @property
    def smooth(self) -> bool:
        """Whether derivatives (found numerically) say all of its variance: at one variance between areas, they do if it is known."""
        return self.fixed is not None

    def with_args(self, args: tuple[Node, ...]) -> IndicatorModel:
        """Fit again to other anchors."""
        count = len(self.population)
        found = error_covariance(args[0], range(count))
        return replace(self, args=args, covariance=np.diag(np.diag(found)) if self.method == "fay_herriot" else found)

    def _drawn(self, values: Sequence[Floats]) -> tuple[Floats, Floats, Floats]:
        variance = self.component.draws(values[1][0])
        return self._logs(values[0]), variance, np.sqrt(variance) * values[1][list(self.anchor_rows)]

    def _logs(self, sizes: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            result: Floats = np.log(sizes) - np.log(self.population)[:, None]
        return result

    def fit(self, logs: Floats, variance: Floats) -> Floats:
        """Return the coefficients of given logs of rates."""
        if self.method == "fay_herriot":
            return self.predictor.unknowns(logs, variance)
        inverse: Floats = np.linalg.pinv(self.design).astype(float)
        return product(inverse, logs)

    def _predict(self, logs: Floats, variance: Floats) -> Floats:
        if self.method == "fay_herriot":
            return self.predictor(logs, variance)
        return product(self.target_design, self.fit(logs, variance))

    @property
    def caveats(self) -> tuple[str, ...]:
        """What must be known to read the sizes."""
        return sentences.few(self.component.df, fixed=self.fixed is not None)

    @property
    def estimator(self) -> str:
        """What made it, for tables."""
        return sentences.METHODS[self.method]

    def describe(self) -> tuple[list[str], list[str]]:
        """Return sentences and references for a methods section."""
        said = [
            sentences.first(self.method, self.terms[1:], len(self.population), len(self.target_population)),
            sentences.errors(float(np.sqrt(self.between)), fixed=self.fixed is not None),
        ]
        sources = list(sentences.REFERENCES[self.method])
        if self.fixed is None:
            sources += [sentences.VARIANCES[self.variance]] if self.method == "fay_herriot" else []
            sources.append(sentences.PRIOR)
        return said, sources


@dataclass(frozen=True, eq=False, repr=False)
class ProportionModel(Fitted):
    """Sizes in proportion to an indicator, or to groups of the population by their rates.

    An area's expected size is sum_g r_g P_g times exp(v - s/2) of mean one. Given the effects v of the anchors, the rates are
    r_g = sum N_g / sum P_g exp(v - s/2), summed over anchors.
    """

    tells: ClassVar[int] = SELF
    public: ClassVar[tuple[str, ...]] = (
        "args",
        "method",
        "terms",
        "anchor_rows",
        "target_rows",
        "base",
        "target_base",
        "covariance",
        "fixed",
        "quantity",
        "n",
        "missing",
    )

    #: The anchors' sizes (by area, then group), and the errors of the model.
    args: tuple[Node, ...]
    method: str
    #: The indicator, or the groups.
    terms: tuple[str, ...]
    anchor_rows: tuple[int, ...]
    target_rows: tuple[int, ...]
    #: The indicator, or each group's population (areas x groups).
    base: Floats
    target_base: Floats
    #: Covariance of the logs of the anchors' totals.
    covariance: Floats
    fixed: float | None = None
    quantity: Literal["size"] = "size"
    n: Floats | None = None
    missing: Floats | None = None
    point: Floats = field(init=False)
    component: Component = field(init=False)
    between: float = field(init=False)

    def __post_init__(self) -> None:
        require(self, len(self.args) == 2, self.base.ndim == 2, self.target_base.ndim == 2)
        count, targets, errors = len(self.base), len(self.target_base), len(self.args[-1].point)
        require(self, self.base.size == self.args[0].point.size, self.covariance.shape == (count, count))
        require(self, _rows(self.anchor_rows, count, errors), _rows(self.target_rows, targets, errors))
        sizes = self.args[0].point.reshape(self.base.shape)
        rates = sizes.sum(axis=0) / self.base.sum(axis=0)
        component = Component(
            np.log(sizes.sum(axis=1) / (self.base @ rates)),
            np.ones((count, 1)),
            np.eye(count),
            self.covariance,
            fixed=None if self.fixed is None else self.fixed**2,
        )
        object.__setattr__(self, "component", component)
        object.__setattr__(self, "between", component.reml())
        object.__setattr__(self, "point", self.target_base @ rates)

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Compute each replicate's rates given its anchors' effects, and apply them."""
        variance = self.component.draws(values[1][0])
        effects = self._effects(values[1], self.anchor_rows, variance)
        with np.errstate(divide="ignore", invalid="ignore"):  # a variance beyond all bounds has no effects
            rates = self._sums(values[0]) / product(self.base.T, effects)
            result: Floats = self._effects(values[1], self.target_rows, variance) * product(self.target_base, rates)
        return result

    @property
    def smooth(self) -> bool:
        """Whether derivatives (found numerically) say all of its variance: at one variance between areas, they do if it is known."""
        return self.fixed is not None

    def with_args(self, args: tuple[Node, ...]) -> ProportionModel:
        """Fit again to other anchors."""
        count, groups = self.base.shape
        sums: Floats = np.kron(np.eye(count), np.ones((1, groups))).astype(float)
        return replace(self, args=args, covariance=error_covariance(args[0], range(count), sums=sums))

    @property
    def shrunk(self) -> AreaModel | None:
        """None: areas with an estimate keep it."""
        return None

    def coefficients(self) -> tuple[Floats, Floats] | None:
        """None: its rates are estimates of their own."""
        return None

    def _sums(self, sizes: Floats) -> Floats:
        """Add up anchors' sizes in each group (groups x replicates)."""
        total: Floats = sizes.reshape(*self.base.shape, -1).sum(axis=0)
        return total

    @staticmethod
    def _effects(normals: Floats, rows: tuple[int, ...], variance: Floats) -> Floats:
        with np.errstate(over="ignore"):
            result: Floats = np.exp(np.sqrt(variance) * normals[list(rows)] - variance / 2)
        return result

    @property
    def caveats(self) -> tuple[str, ...]:
        """What must be known to read the sizes."""
        return sentences.few(self.component.df, fixed=self.fixed is not None)

    @property
    def estimator(self) -> str:
        """What made it, for tables."""
        return sentences.METHODS[self.method]

    def describe(self) -> tuple[list[str], list[str]]:
        """Return sentences and references for a methods section."""
        said = [
            sentences.first(self.method, self.terms, len(self.base), len(self.target_base)),
            sentences.errors(float(np.sqrt(self.between)), fixed=self.fixed is not None),
        ]
        return said, [*sentences.REFERENCES[self.method], *([] if self.fixed is not None else [sentences.PRIOR])]


def model_of(node: Node) -> IndicatorModel | ProportionModel:
    """Return the model that an expression of predicted sizes is."""
    assert isinstance(node, (IndicatorModel, ProportionModel))
    return node
