"""Regression on survey data: the user's call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError, listing, warn
from ..estimate.estimate import Estimate
from ..expression import evaluate
from ..ground import columns, formulas, matrices
from ..sample.groups import _inside
from . import glm, leaf
from .leaf import Regressed, Specification
from .model import Regression

if TYPE_CHECKING:
    from ..survey.survey import Survey
#: Replicates that are tried at once where a category is sparse.
TRIED = 500


def regress(
    survey: Survey,
    formula: str,
    family: str = "gaussian",
    *,
    offset: str | None = None,
    where: object = None,
) -> Regression:
    """Regress an outcome on predictors, with variances of the survey's design.

    Parameters
    ----------
    survey : Survey
        The survey, whatever its design; weights, calibration and replicate weights count.
    formula : str
        Outcome and predictors by names of columns, as in R: ``"in_treatment ~ age + C(born) + group"``. Text and
        categoricals become indicators (text in alphabetical, categoricals in their own order, less the first);
        ``C(year)`` makes categories of numbers, ``a * b`` adds interactions, ``np.log(x)``, ``poly(x, 2)`` and
        ``bs(x, df=4)`` transform. Read by formulaic.
    family : {"gaussian", "binomial", "poisson", "log-binomial"}
        Linear; logistic (odds ratios); counts with the log link (rate ratios; for outcomes of 0 and 1 risk ratios by
        modified Poisson regression, Zou 2004, American Journal of Epidemiology 159:702-706); risk ratios by maximum
        likelihood.
    offset : str, optional
        Column that is added to the linear predictor: log of the time at risk, for example.
    where : str or array of bool, optional
        Column (or mask) that says who counts. The redraws keep the whole sample: this is a domain, not a deletion.

    Returns
    -------
    Regression
        With `summary()`, `test()`, `margins()`, `effects()`, `predict()`, and `coefficients`, an Estimate that is joint with
        all others of the survey.

    Raises
    ------
    InputError
        Unknown columns, an outcome that the family can't have, constant or collinear predictors (named), fewer
        degrees of freedom in the design than predictors.
    EstimationError
        Separation: predictors (named) that predict some outcomes perfectly, so that estimates would be infinite.

    Notes
    -----
    Weighted pseudo-maximum likelihood. Linearised variances are those of weighted score contributions (Binder 1983,
    International Statistical Review 51:279-292), as in R's `svyglm`; the information is the observed one, which for all
    families but log-binomial is the expected one. In each replicate the model is fitted again until it converges; where
    it has no solution the draw is undefined. Participants with a missing answer stay in the redraws with weight
    zero and are counted in `missing`.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> table = {"treated": [1, 0, 1, 0], "group": ["a", "a", "b", "b"], "count": [60, 40, 20, 80]}
    >>> hp.regress(hp.Survey(table, counts="count"), "treated ~ group", family="binomial")
    Logistic regression: treated ~ group
               odds ratio 95% lower  upper       p
    term
    Intercept         1.5         1   2.25   0.049
    group[T.b]      0.167    0.0881  0.315  <0.001
    200 participants; 198 degrees of freedom
    """
    from ..survey.survey import Survey as _Survey  # noqa: PLC0415 (survey imports estimate)

    if not isinstance(survey, _Survey):
        raise InputError(
            f"regress takes a Survey first, not {type(survey).__name__}: hp.regress(hp.Survey(table), 'y ~ x')."
        )
    return _model(survey, Specification(formula, glm.check_family(family), offset, survey._where(where)))


def answer(survey: Survey, specification: Specification) -> Regressed:
    """Answer a specification from a survey."""
    model = _model(survey, replace(specification, variable=None, values=(), shift=False))
    if specification.variable is None:
        return model._leaf
    return leaf.leaf(survey, specification, model._predictors, model._fitted.fit, model._counts)


def _model(survey: Survey, specification: Specification) -> Regression:
    table, people = survey._units, survey._multiplicity.astype(float)
    formula = formulas.read_both(specification.formula, table.columns)
    used = (*formula.left.columns, *formula.right.columns)
    if specification.offset is not None:
        columns.column(table, specification.offset)
        used = (*used, specification.offset)
    inside, unknown = _inside(survey, specification.where)
    if (unknown & (people > 0)).any():
        warn(f"{survey._name_rows(unknown & (people > 0))} have no value of {specification.where} and are left out.")
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
    for term, coefficients in predictors.places.items():
        if not coefficients:
            raise InputError(
                f"The term {term!r} has a single category among the rows used, so it explains nothing; leave it out."
            )
    df = leaf.design_df(survey) - (len(predictors.names) - 1)
    added = np.zeros(len(y)) if specification.offset is None else survey._answers(specification.offset)[rows]
    fit = glm.fit(
        family,
        survey._sampling,
        places,
        x=predictors.values,
        names=predictors.names,
        y=y,
        offset=added,
        outcome=formula.outcome,
    )
    if df < 1:
        raise InputError(
            f"The design has {leaf.design_df(survey):g} degrees of freedom (clusters or participants less strata, or "
            f"replicates), which {len(predictors.names) - 1} predictors use up. Use fewer predictors, or join categories."
        )
    counts = float(people[rows].sum()), float(people[inside & lacking].sum())
    node = leaf.leaf(survey, specification, predictors, fit, counts)
    _tell_sparse(survey, node, glm.sparse(family, predictors.values, y, people[rows], predictors.names))
    return Regression(Estimate(node, node.labels, False, node.title), formula, predictors)


def _tell_sparse(survey: Survey, node: Regressed, names: Sequence[str]) -> None:
    """Warn of categories that hardly tell anything, and of redrawn samples that have no fit because of them."""
    if not names:
        return
    text = (
        f"Fewer than {glm.SPARSE} participants have (or lack) the outcome on one side of {listing(names)}, so the estimates there are "
        "unstable and intervals rough."
    )
    if survey.record.variance == "draws":
        count = min(TRIED, survey.replicates)
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
