"""A regression of several imputations: each is fitted by itself, and all that they say is pooled by Rubin's rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import InputError, listing
from ..estimate.combine import pool
from ..estimate.estimate import Estimate
from ..expression.pooled import freedom
from ..ground.columns import Floats
from ..ground.signatures import checked
from ..uncertainty.variance import measured
from . import leaf
from .leaf import Regressed
from .lines import Fitted
from .model import Regression


@checked
@dataclass(frozen=True, eq=False, repr=False)
class ImputedRegression(Regression):
    """A regression fitted to every imputation; what it answers is a `Regression`'s, pooled."""

    models: tuple[Regression, ...]

    @classmethod
    def of(cls, models: Sequence[Regression]) -> ImputedRegression:
        """Pool models of the same formula."""
        first = models[0]
        for m, model in enumerate(models):
            differ = sorted(set(model.coefficients.labels) ^ set(first.coefficients.labels))
            if differ:
                raise InputError(
                    f"Imputation {m + 1} has other coefficients than the first ({listing(differ)}): a category is in one and not in "
                    "the other. Join small categories."
                )
        return cls(pool([model.coefficients for model in models]), first._formula, first._predictors, tuple(models))

    def margins(self, variable: str, *, at: Sequence[Any] | None = None) -> Estimate:
        """Estimate predictive margins in every imputation, pooled; see `Regression.margins`."""
        return pool([model.margins(variable, at=at) for model in self.models])

    def effects(self, variable: str) -> Estimate:
        """Estimate average marginal effects in every imputation, pooled; see `Regression.effects`."""
        return pool([model.effects(variable) for model in self.models])

    def predict(self, newdata: object, *, offset: float | Sequence[float] | None = None) -> Estimate:
        """Estimate the mean outcome for people of given kinds, pooled; see `Regression.predict`."""
        return pool([model.predict(newdata, offset=offset) for model in self.models])

    @property
    def _fits(self) -> tuple[Fitted, ...]:
        return tuple(fit for model in self.models for fit in model._fits)

    def _crude(self, term: str) -> Regression:
        return ImputedRegression.of([model._crude(term) for model in self.models])

    @property
    def _leaf(self) -> Regressed:
        return leaf.model_of(self.models[0].coefficients.node)

    @cached_property
    def _covariances(self) -> tuple[Floats, Floats]:
        """The covariance of coefficients within imputations, and what lies between them, in the order of the first."""
        labels = list(self.coefficients.labels)
        nodes = [model.coefficients[labels].node for model in self.models]
        within = np.mean([measured(node).covariance for node in nodes], axis=0)
        return within, np.atleast_2d(np.cov([node.point for node in nodes], rowvar=False, ddof=1))

    @property
    def _within(self) -> Floats:
        return self._covariances[0]

    def _inflation(self, places: Sequence[int], df: float) -> tuple[float, float]:
        """Return the average over the coefficients (Li, Raghunathan and Rubin 1991, JASA 86:1065-1073)."""
        within, between = (one[np.ix_(places, places)] for one in self._covariances)
        count = len(self.models)
        added = (1 + 1 / count) * float(np.trace(np.linalg.solve(within, between))) / len(places)
        return 1 + added, float(freedom(np.array([added / (1 + added)]), count, np.array([df]), len(places))[0])

    @property
    def _more(self) -> str:  # type: ignore[override]
        return f" with complete answers; {len(self.models)} imputations pooled by Rubin's rules"
