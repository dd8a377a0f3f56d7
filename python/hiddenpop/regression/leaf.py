"""Coefficients and predictive margins of a regression as a leaf of expressions, fitted again in every replicate."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd

from .. import _core
from ..answers.asked import Asked, Scheme
from ..draws import settings
from ..errors import EstimationError, InputError, Refusal, granted, listing, warn
from ..expression import evaluate
from ..expression.nodes import GIVEN, Node, Quantity, Reading
from ..expression.rests import Rests
from ..expression.typed import require
from ..ground import columns, formulas, matrices
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Bools, Codes, Floats
from ..ground.formula_text import INTERCEPT
from ..ground.formulas import Formula
from ..ground.language import english, read, tr
from ..ground.matrices import ModelMatrix
from ..ground.products import product
from ..sample.groups import Mask, inside_of
from ..sample.record import Record
from ..sample.sample import Sample
from . import glm, told
from .glm import Fit
from .told import Margins

#: Replicates that are tried at once where a category is sparse.
TRIED = 500
FITTED = english("Regression models were fitted by weighted pseudo-maximum likelihood, in every replicate again.")
TAKEN = english("Their t intervals have the design's degrees of freedom less the number of predictors.")
#: Weights that are held at a time: some megabytes.
SOME_WEIGHTS = 500_000
#: Fits this close (relatively) are equal.
ROUNDING = 1e-11


@dataclass(frozen=True)
class Specification:
    """What is asked of a survey: a model and, for margins, in which columns everybody gets which values."""

    public: ClassVar[tuple[str, ...]] = ("formula", "family", "offset", "where", "variable", "values", "shift")

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
        fields = {"model": glm.WORDS[self.family][0], "text": self.formula}
        if self.variable is None:
            what = english("coefficients of the {model} {text}", **fields)
        else:
            what = english("predictive margins of '{column}' by the {model} {text}", column=self.variable, **fields)
        if self.offset:
            what = english("{what} with offset {column}", what=what, column=self.offset)
        return what if self.where is None else english("{what}, where {where}", what=what, where=self.where)


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """The fit, and the x at which means are asked for."""

    fit: Fit
    targets: tuple[Floats, ...] = ()
    #: Which of the model's coefficients each label is; None for all of them in the model's order.
    order: tuple[int, ...] | None = None
    #: The terms, whose cells the coefficients tell.
    margins: Margins | None = None

    @property
    def back(self) -> Floats | None:
        """What turns the kernel's answers into coefficients."""
        if self.targets:
            return None
        return self.fit.basis if self.order is None else self.fit.basis[list(self.order)]


@dataclass(frozen=True, eq=False, repr=False)
class Regressed(Asked):
    """The answer of a survey to a regression."""

    public: ClassVar[tuple[str, ...]] = (
        "specification",
        "record",
        "labels",
        "point",
        "n",
        "missing",
        "taken_df",
        "compared",
        "args",
    )

    specification: Specification
    #: None once an estimate was saved: rows stay where they were.
    sample: Sample | None
    record: Record
    labels: pd.Index[Any]
    point: Floats
    n: Floats | None
    missing: Floats | None
    #: Degrees of freedom that the predictors take from the design.
    taken_df: int = 0
    #: What coefficients of categories compare, as the model matrix says.
    compared: tuple[tuple[str, tuple[str, ...]], ...] = ()
    #: A digest of what the formula's functions found in these rows: knots, means. None once an estimate was saved.
    kept: bytes | None = None
    args: tuple[Node, ...] = ()
    plan: Plan | None = None

    def confirm(self) -> None:
        """Refuse labels that are not those of the numbers."""
        super().confirm()
        require(self, len(self.labels) == len(self.point), self.taken_df >= 0)

    @property
    def quantity(self) -> Quantity:
        """What it measures: margins are means of what is predicted."""
        return "other" if self.specification.variable is None else glm.WORDS[self.specification.family][1]

    @property
    def title(self) -> str:
        """What was asked."""
        return self.specification.title

    tells: ClassVar[int] = GIVEN
    is_model: ClassVar[bool] = True

    def preamble(self, *, by_t: bool) -> tuple[list[str], list[str]]:
        """Say how models are fitted, and what t intervals of them rest on."""
        margins = [] if self.specification.variable is None else [BIBLIOGRAPHY["Graubard and Korn 1999"]]
        return [read(FITTED), *([read(TAKEN)] if by_t else [])], [BIBLIOGRAPHY["Binder 1983"], *margins]

    @property
    def no_size(self) -> str | None:
        """Coefficients and predictions are none."""
        return "a number of a model" if self.quantity == "other" else super().no_size

    @property
    def asked(self) -> str:
        """What was asked, for a sentence."""
        return tr("the {what}", what=read(self.title))

    @property
    def estimator(self) -> str:
        """The estimator in a table's column."""
        return glm.WORDS[self.specification.family][0]

    @property
    def drawn_with(self) -> Hashable:
        """Nothing: each model is fitted by itself."""
        return self

    def require_live(self) -> None:
        """Say why it can't be fitted again."""
        if self.sample is None or self.plan is None:
            raise EstimationError(
                f"The {self.title} were saved without the survey's rows, so they can't be drawn again. Give the survey: "
                "estimate.replay(survey=survey)."
            )

    def ask(self, sample: Sample) -> Regressed:
        """Fit the same model to another sample; coefficients come out in the same order."""
        if isinstance(self.specification.where, Mask) and not sample.same_people(self.sample):
            raise InputError(
                f"The {self.title} were asked where an array says so, which fits only the survey it was made for. Make the "
                "condition a column of both surveys and name it: where='column'."
            )
        answer = fit(sample, self.specification).leaf
        positions = answer.labels.get_indexer(self.labels)
        lacking = list(self.labels[positions < 0])
        if lacking:
            raise InputError(f"The other survey has no {listing(lacking)} for the {self.title}.")
        if len(answer.labels) > len(self.labels):
            extra = [label for label in answer.labels if label not in self.labels]
            raise InputError(f"The other survey has {listing(extra)} too, so its {self.title} mean something else.")
        if self.specification.variable is None:
            self._require_same_meaning(answer)
        return answer.take(positions)

    def _require_same_meaning(self, other: Regressed) -> None:
        """Refuse coefficients of the same names that measure something else."""
        mine, theirs = dict(self.compared), dict(other.compared)
        for factor, levels in mine.items():
            if theirs.get(factor) != levels:
                others = listing(theirs.get(factor, ()))
                raise InputError(
                    f"The categories of {factor!r} are {others} in the other survey and {listing(levels)} in this "
                    f"one, so its {self.title} compare with something else. Give both surveys the same categories in one order."
                )
        same = self.record.fingerprint == other.record.fingerprint
        if not same and other.kept not in (b"", self.kept):
            raise InputError(
                f"The {self.title} are of terms that a function makes by what it finds in the answers (knots, means, scales), "
                "which differs in the other survey, so they would mean something else. Write numbers in its place: I(age - 40), "
                "or bs(age, knots=[30, 45], lower_bound=15, upper_bound=80). Margins can be replayed."
            )

    def take(self, positions: Codes) -> Regressed:
        """Put the coefficients into another order, such as that of a survey whose levels come in another one."""
        order = [int(p) for p in positions]
        if order == list(range(len(self.labels))):
            return self
        assert self.plan is not None
        assert not self.plan.targets  # margins stand in the order of the values that were asked for
        plan = replace(self.plan, order=tuple(order))
        return replace(self, labels=self.labels[order], point=self.point[order], plan=plan)

    @classmethod
    def reader(cls, together: Sequence[Regressed]) -> Reading:
        """Fit the model in each replicate."""
        (leaf,) = together
        plan, kernel = leaf._model()
        cost = plan.fit.x.shape[0] * (60 + 3 * plan.fit.x.shape[1] ** 2 + 20 * len(plan.targets))
        first = int(np.clip(1e8 * settings.threads() / (cost + leaf.live.sampling.drawn), 1, 65_536))
        record = leaf.record
        return Reading([leaf], Refits(record.seed, record.fingerprint, kernel, plan.back, leaf.point), first)

    def rests_on(self, below: int) -> Rests:
        """Look at the cells that the terms make: one label of a model is computed from all of them."""
        sample, plan = self.at_hand(), self.plan
        assert plan is not None
        assert plan.margins is not None
        return told.rests_on(sample, plan.fit, plan.margins, self.specification.where, len(self.point), below)

    # What measures its variance

    @property
    def linearizable(self) -> bool:
        """Whether the design has linearised variances."""
        return self.sample is not None and not isinstance(self.sample.sampling.linear, Refusal)

    @property
    def deletable(self) -> bool:
        """Whether the design says what is left without each of its units."""
        return self.sample is not None and not isinstance(self.sample.sampling.deletable, Refusal)

    def domains(self) -> tuple[Codes, Codes]:
        """Return the rows that the model was fitted to, for all coefficients."""
        assert self.plan is not None
        inside = np.full(len(self.live.units), -1, dtype=np.int64)
        inside[self.plan.fit.rows] = 0
        return inside, np.zeros(len(self.point), dtype=np.int64)

    def influence(self) -> list[Floats]:
        """Return for each label the linearised values of the sample's rows: how their weights move it."""
        (plan, _), sample = self._model(), self.live
        fit = plan.fit
        weight = sample.sampling.weights[fit.rows]
        values = fit.target_influence(weight, plan.targets)[1] if plan.targets else fit.influence(weight)
        if plan.order is not None:
            values = values[:, list(plan.order)]
        rows = np.zeros((values.shape[1], len(sample.units)))
        rows[:, fit.rows] = values.T
        return list(rows)

    def in_replicates(self, scheme: Scheme, rows: Callable[[], Iterator[Floats]], *, smooth_only: bool) -> Floats:
        """Fit with the weights of the table's rows of each variance replicate (labels x replicates)."""
        (plan, _), sample = self._model(), self.live
        kind, units = sample.row_unit, len(sample.units)
        return self._fits(
            (row if kind is None else np.bincount(kind, weights=row, minlength=units).astype(float))[plan.fit.rows]
            for row in rows()
        )

    def left_out(self, scheme: Scheme, varies: Bools) -> Floats:
        """Fit without each of the design's units (labels x units): its jackknife."""
        plan, _ = self._model()
        units = granted(self.live.sampling.deletable)
        values = self._fits(row[plan.fit.rows] for sets in units.deleted() for row in sets)
        if np.isnan(values).any():
            raise EstimationError(
                f"The {self.title} have no answer without one of the participants (or clusters): separation, or an empty "
                "category. So there is no jackknife; use se('linearized') or interval(method='t')."
            )
        return np.asarray(values[:, varies])

    def _fits(self, weights: Iterable[Floats]) -> Floats:
        """Fit to many sets of weights, some at a time."""
        plan, kernel = self._model()
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
        return values if plan.back is None else plan.back @ values

    def _model(self) -> tuple[Plan, _core.Regression]:
        sampling = self.live.sampling
        assert self.plan is not None
        return self.plan, self.plan.fit.kernel(sampling, self.plan.targets)


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
        values = values if self.back is None else product(self.back, values)
        # A redrawn sample that says what the sample says must say it exactly: bias corrections count ties.
        tied = np.abs(values - self.point[:, None]) <= ROUNDING * np.abs(self.point[:, None])
        return [np.where(tied, self.point[:, None], values)]


class Answer(NamedTuple):
    """A fitted model: its leaf, and what it was read from."""

    leaf: Regressed
    formula: Formula
    predictors: ModelMatrix


def fit(sample: Sample, specification: Specification) -> Answer:
    """Fit a model to a sample, and say what must be known of the fit."""
    table, people = sample.units, sample.multiplicity.astype(float)
    apart = (*sample.design.columns, *sample.design.fixed, specification.offset, specification.where)
    formula = formulas.read_both(specification.formula, table.columns, [c for c in table.columns if c not in apart])
    used = (*formula.left.columns, *formula.right.columns)
    if specification.offset is not None:
        columns.column(table, specification.offset)
        used = (*used, specification.offset)
    inside, unknown = inside_of(sample, specification.where)
    if (unknown & (people > 0)).any():
        sample.said(
            f"{sample.name_rows(unknown & (people > 0))} have no value of {specification.where} and are left out."
        )
    inside = inside & (people > 0)
    lacking = matrices.missing(table, tuple(dict.fromkeys(used)))
    rows = inside & ~lacking
    if not rows.any():
        raise InputError(
            f"Nobody is left for {specification.formula!r}: {people[inside].sum():,.0f} participants are in the domain, "
            f"all without an answer to one of {listing(list(dict.fromkeys(used)))}."
        )
    family = specification.family
    some, places = table.loc[rows].reset_index(drop=True), np.flatnonzero(rows)
    y = glm.outcome(family, matrices.outcome(formula, some, places), formula.outcome, rows)
    predictors = matrices.make(formula.right, some, places, left_out=True)
    added = np.zeros(len(y)) if specification.offset is None else sample.answers(specification.offset)[rows]
    fitted = glm.fit(
        family,
        sample.sampling,
        places,
        x=predictors.values,
        names=predictors.names,
        y=y,
        offset=added,
        outcome=formula.outcome,
    )
    df = float(sample.df_by(np.where(rows, 0, -1), 1)[0])
    if df < len(predictors.names):
        raise InputError(
            f"These participants have {df:g} degrees of freedom (clusters or participants less strata, or "
            f"replicates), which {len(predictors.names) - 1} predictors use up. Use fewer predictors, or join categories."
        )
    counts = float(people[rows].sum()), float(people[inside & lacking].sum())
    coefficients = replace(specification, variable=None, values=(), shift=False)
    told_of = Margins.of(predictors, formula.column or formula.outcome)
    node = _leaf(sample, coefficients, predictors, fitted, counts, told_of)
    _tell_sparse(sample, node, glm.sparse(family, predictors.values, y, people[rows], predictors.names))
    if specification.variable is not None:
        node = _leaf(sample, specification, predictors, fitted, counts, told_of)
    return Answer(node, formula, predictors)


def _tell_sparse(sample: Sample, node: Regressed, names: Sequence[str]) -> None:
    """Warn of categories that hardly tell anything, and of redrawn samples that have no fit because of them."""
    if not names:
        return
    text = (
        f"Fewer than {glm.SPARSE} participants have (or lack) the outcome on one side of {listing(names)}, so the estimates there are "
        "unstable and intervals rough."
    )
    if sample.record.variance == "draws":
        count = min(TRIED, sample.record.replicates)
        lost = int(np.isnan(evaluate.preview(node, count)).any(axis=0).sum())
        if lost:
            text += (
                f" {lost:,} of the first {count:,} redrawn samples have no fit (separation, or an empty category)"
                + (
                    "; intervals from redraws can't be given, t intervals (summary) can."
                    if lost > 0.01 * count
                    else "."
                )
            )
    warn(text)


def margins(model: Regressed, specification: Specification, predictors: ModelMatrix) -> Regressed:
    """Return predictive margins of a model that was fitted."""
    sample = model.live
    assert model.plan is not None
    n, missing = (float(counts[0]) for counts in (model.n, model.missing) if counts is not None)
    assert model.plan.margins is not None
    return _leaf(sample, specification, predictors, model.plan.fit, (n, missing), model.plan.margins)


def crude(model: Regressed, predictors: ModelMatrix, term: str) -> tuple[Regressed, ModelMatrix]:
    """Fit one term by itself, with the intercept and the offset, to the same participants.

    Raises
    ------
    InputError
        A model without an intercept, whose terms mean nothing by themselves.
    """
    always = tuple(j for j, name in enumerate(predictors.names) if name == INTERCEPT)
    if not always:
        raise InputError(
            "crude=True fits each predictor by itself, which means something beside an intercept only. Keep the intercept in the "
            "formula, or leave crude out."
        )
    own, plan, sample = [*always, *predictors.places[term]], model.plan, model.live
    assert plan is not None
    assert plan.margins is not None
    names = tuple(predictors.names[place] for place in own)
    fit, part = plan.fit, np.ascontiguousarray(predictors.values[:, own])
    fitted = glm.fit(
        fit.family,
        sample.sampling,
        fit.rows,
        x=part,
        names=names,
        y=fit.y,
        offset=fit.offset,
        outcome=plan.margins.outcome,
    )
    alone = replace(predictors, values=part, names=names, places={term: tuple(range(1, len(own)))})
    specification = replace(model.specification, variable=None, values=(), shift=False)
    n, missing = (float(counts[0]) for counts in (model.n, model.missing) if counts is not None)
    return _leaf(sample, specification, alone, fitted, (n, missing), plan.margins), alone


def _leaf(
    sample: Sample,
    specification: Specification,
    predictors: ModelMatrix,
    fitted: Fit,
    counts: tuple[float, float],
    told_of: Margins,
) -> Regressed:
    """Make the leaf of coefficients, or of margins."""
    if specification.variable is None:
        plan, labels, point = Plan(fitted, margins=told_of), pd.Index(predictors.names), fitted.coefficients
    else:
        name, shift = specification.variable, specification.shift
        targets = tuple(matrices.everybody(predictors, name, value, shift=shift) for value in specification.values)
        plan, labels = Plan(fitted, targets, margins=told_of), pd.Index(list(specification.values), name=name)
        point = fitted.target_influence(sample.sampling.weights[fitted.rows], targets)[0]
    n, missing = (np.full(len(labels), count) for count in counts)
    taken = len(predictors.names) - 1
    return Regressed(
        specification,
        sample,
        sample.record,
        labels,
        point,
        n,
        missing,
        taken,
        predictors.compared,
        predictors.kept,
        plan=plan,
    )


def model_of(node: Node) -> Regressed:
    """Return the leaf that an expression of a model's coefficients is."""
    assert isinstance(node, Regressed)
    return node
