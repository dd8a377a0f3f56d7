"""Coefficients and predictive margins of a regression as a leaf of expressions, fitted again in every replicate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .. import _core
from ..draws import settings
from ..errors import EstimationError, InputError, listing
from ..expression.nodes import Node, Quantity
from ..ground import matrices
from ..ground.columns import Floats
from ..ground.matrices import ModelMatrix
from ..sample.groups import Mask
from ..sample.sampling import Sampling
from . import glm
from .glm import Fit

if TYPE_CHECKING:
    from ..sample.record import Record
    from ..survey.survey import Survey
#: Weights that are held at a time: some megabytes.
SOME_WEIGHTS = 500_000
#: Fits this close (relatively) are equal.
ROUNDING = 1e-11


@dataclass(frozen=True)
class Specification:
    """What is asked of a survey: a model and, for margins, in which columns everybody gets which values."""

    formula: str
    family: glm.Family
    offset: str | None = None
    where: str | Mask | None = None
    variable: str | None = None
    values: tuple[Any, ...] = ()
    #: Whether values are added to the column and not put in its place.
    shift: bool = False

    @property
    def title(self) -> str:
        """A short name for tables and sentences."""
        what = "coefficients of" if self.variable is None else f"predictive margins of {self.variable!r} by"
        where = f", where {self.where}" if self.where is not None else ""
        offset = f" with offset {self.offset}" if self.offset else ""
        return f"{what} the {glm.WORDS[self.family][0]} {self.formula}{offset}{where}"


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """The fit, and the x at which means are asked for."""

    fit: Fit
    targets: tuple[Floats, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Regressed:
    """The answer of a survey to a regression."""

    specification: Specification
    #: None once an estimate was saved: rows stay where they were.
    survey: Survey | None
    record: Record
    labels: pd.Index[Any]
    point: Floats
    n: Floats | None
    missing: Floats | None
    #: Degrees of freedom that the predictors take from the design.
    taken_df: int = 0
    args: tuple[Node, ...] = ()
    plan: Plan | None = None

    @property
    def quantity(self) -> Quantity:
        """What it measures: margins are means of what is predicted."""
        return "other" if self.specification.variable is None else glm.WORDS[self.specification.family][1]

    @property
    def title(self) -> str:
        """What was asked."""
        return self.specification.title

    @property
    def short(self) -> str:
        """The estimator in a table's column."""
        return glm.WORDS[self.specification.family][0]

    @property
    def replicates(self) -> int:
        """The survey's number of replicates."""
        return self.record.replicates

    @property
    def origin(self) -> Record:
        """The survey's record: joint with its statistics."""
        return self.record

    def reseed(self, *, seed: int | None, replicates: int | None) -> Regressed:
        """Return the same model of the same survey under other settings."""
        survey = self.survey and self.survey._reseed(seed=seed, replicates=replicates)
        return replace(self, survey=survey, record=self.record.reseed(seed=seed, replicates=replicates))

    def ask(self, survey: Survey) -> Regressed:
        """Fit the same model to another survey; coefficients come out in the same order."""
        from . import regress  # noqa: PLC0415 (it makes these leaves)

        if isinstance(self.specification.where, Mask) and not survey._same_rows(self.survey):
            raise InputError(
                f"The {self.title} were asked where an array says so, which fits only the survey it was made for. Make the "
                "condition a column of both surveys and name it: where='column'."
            )
        answer = regress.answer(survey, self.specification)
        positions = answer.labels.get_indexer(self.labels)
        lacking = list(self.labels[positions < 0])
        if lacking:
            raise InputError(f"The other survey has no {listing(lacking)} for the {self.title}.")
        if len(answer.labels) > len(self.labels):
            extra = [label for label in answer.labels if label not in self.labels]
            raise InputError(f"The other survey has {listing(extra)} too, so its {self.title} mean something else.")
        return answer

    def block(self, values: Sequence[Floats], start: int, stop: int) -> Floats:
        """Say why there are no draws: with a survey in memory its reader makes them."""
        raise EstimationError(
            f"The {self.title} were saved without the survey's rows, so they can't be drawn again. Give the survey: "
            "estimate.replay(survey=survey)."
        )

    def reader(self) -> FitReader:
        """Return what draws it."""
        survey, plan, kernel = self._live()
        cost = (
            plan.fit.x.shape[0] * (60 + 3 * plan.fit.x.shape[1] ** 2 + 20 * len(plan.targets)) + survey._sampling.drawn
        )
        first = int(np.clip(1e8 * settings.threads() / cost, 1, 65_536))
        return FitReader(
            [self], Refits(self.record.seed, self.record.fingerprint, kernel, self._back, self.point), first
        )

    # What measures its variance

    def influence(self) -> list[Floats]:
        """Return for each label the linearised values of the survey's rows: how their weights move it."""
        survey, plan, _ = self._live()
        fit, sampling = plan.fit, survey._sampling
        weight = sampling.spread(sampling.factors)[fit.rows]
        values = fit.target_influence(weight, plan.targets)[1] if plan.targets else fit.influence(weight)
        rows = np.zeros((values.shape[1], len(survey._units)))
        rows[:, fit.rows] = values.T
        return list(rows)

    def values_at(self, weights: Iterable[Floats]) -> Floats:
        """Fit with the weights of the table's rows of each variance replicate (labels x replicates)."""
        survey, plan, _ = self._live()
        kind, units = survey._row_unit, len(survey._units)
        return self._fits(
            (row if kind is None else np.bincount(kind, weights=row, minlength=units).astype(float))[plan.fit.rows]
            for row in weights
        )

    def refit_without_each(self) -> Floats:
        """Fit without each unit of the design's first stage (labels x units): its jackknife."""
        survey, plan, _ = self._live()
        values = self._fits(row[plan.fit.rows] for sets in survey._sampling.deleted() for row in sets)
        if np.isnan(values).any():
            raise EstimationError(
                f"The {self.title} have no answer without one of the participants (or clusters): separation, or an empty "
                "category. So there is no jackknife; use se('linearized') or interval(method='t')."
            )
        return values

    def _fits(self, weights: Iterable[Floats]) -> Floats:
        """Fit to many sets of weights, some at a time."""
        _, plan, kernel = self._live()
        some = max(1, SOME_WEIGHTS // len(plan.fit.rows))
        parts, held = [], []
        for row in weights:
            held.append(row)
            if len(held) == some:
                parts.append(kernel.fits(np.stack(held), settings.threads()))
                held = []
        if held:
            parts.append(kernel.fits(np.stack(held), settings.threads()))
        values = np.concatenate(parts, axis=1)
        return values if self._back is None else self._back @ values

    def _live(self) -> tuple[Survey, Plan, _core.Regression]:
        if self.survey is None or self.plan is None:
            self.block([], 0, 0)  # raises, with the reason
        assert self.survey is not None
        assert self.plan is not None
        sampling: Sampling = self.survey._sampling
        return self.survey, self.plan, self.plan.fit.kernel(sampling, self.plan.targets)

    @property
    def _back(self) -> Floats | None:
        """What turns the kernel's answers into coefficients."""
        assert self.plan is not None
        return None if self.plan.targets else self.plan.fit.basis


@dataclass(frozen=True)
class FitReader:
    """Evaluates one model."""

    nodes: Sequence[Node]
    kernel: Refits
    first_range: int


@dataclass(frozen=True, eq=False)
class Refits:
    """A kernel: the model fitted in each replicate."""

    seed: int
    fingerprint: int
    core: _core.Regression
    back: Floats | None
    #: The sample's own answer.
    point: Floats

    def block(self, start: int, stop: int, threads: int) -> list[Floats]:
        """Coefficients or margins; NaN where a redrawn sample has none."""
        values = self.core.replicates(self.seed, self.fingerprint, start, stop, threads)
        values = values if self.back is None else self.back @ values
        # A redrawn sample that says what the sample says must say it exactly: bias corrections count ties.
        tied = np.abs(values - self.point[:, None]) <= ROUNDING * np.abs(self.point[:, None])
        return [np.where(tied, self.point[:, None], values)]


def leaf(
    survey: Survey, specification: Specification, predictors: ModelMatrix, fit: Fit, counts: tuple[float, float]
) -> Regressed:
    """Make the leaf of coefficients, or of margins."""
    if specification.variable is None:
        plan, labels, point = Plan(fit), pd.Index(predictors.names), fit.coefficients
    else:
        name, shift = specification.variable, specification.shift
        targets = tuple(matrices.everybody(predictors, name, value, shift=shift) for value in specification.values)
        plan, labels = Plan(fit, targets), pd.Index(list(specification.values), name=name)
        weight = survey._sampling.spread(survey._sampling.factors)[fit.rows]
        point = fit.target_influence(weight, targets)[0]
    n, missing = (np.full(len(labels), count) for count in counts)
    taken = len(predictors.names) - 1
    return Regressed(specification, survey, survey.record, labels, point, n, missing, taken, plan=plan)


def design_df(survey: Survey) -> int:
    """Return the design's degrees of freedom, or its replicates'."""
    return int(survey._sampling.df if survey._variance is None else survey._variance.df)
