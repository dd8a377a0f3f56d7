"""Regression on survey data: the user's call."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from ..errors import HiddenpopWarning
from ..estimate.estimate import Estimate
from ..ground.signatures import checked
from ..sample.groups import where_of
from ..survey.required import completed
from . import glm, leaf
from .imputed import ImputedRegression
from .leaf import Specification
from .model import Regression

if TYPE_CHECKING:
    from ..survey.imputed import Imputed
    from ..survey.survey import Survey


@checked
def regress(
    survey: Survey | Imputed,
    formula: str,
    family: str = "gaussian",
    *,
    offset: str | None = None,
    where: object = None,
) -> Regression:
    """Regress an outcome on predictors, with variances of the survey's design.

    Parameters
    ----------
    survey : Survey or Imputed
        The survey, whatever its design; weights, calibration and replicate weights count. Imputations are fitted one by one
        and pooled by Rubin's rules.
    formula : str
        Outcome and predictors by names of columns, as in R: ``"in_treatment ~ age + C(born) + group"``. Text and
        categoricals become indicators (text in alphabetical, categoricals in their own order, less the first; of text for yes
        and no, less the no);
        ``C(year)`` makes categories of numbers, ``a * b`` adds interactions, ``np.log(x)``, ``poly(x, 2)`` and
        ``bs(x, df=4)`` transform; ``.`` is all other columns that are answers. A name with spaces or other signs stands in
        backquotes, or as ``Q("any name")``. All of it: `docs/regress.md`.
    family : {"gaussian", "binomial", "poisson", "log-binomial"}
        Linear; logistic (odds ratios); counts with the log link (rate ratios; for outcomes of 0 and 1 risk ratios by
        modified Poisson regression, Zou 2004, American Journal of Epidemiology 159:702-706); risk ratios by maximum
        likelihood. A linear regression of True and False estimates differences of shares, and says so.
    offset : str, optional
        Column that is added to the linear predictor: log of the time at risk, for example.
    where : str or array of bool, optional
        Column (or mask) that says who counts. The redraws keep the whole sample: this is a domain, not a deletion.

    Returns
    -------
    Regression
        With `summary()`, `table()`, `plot()`, `test()`, `margins()`, `effects()`, `predict()`, and `coefficients`, an Estimate
        that is joint with all others of the survey.

    Raises
    ------
    InputError
        Unknown columns, an outcome that the family can't have, constant or collinear predictors (named), fewer
        degrees of freedom in the design than predictors.
    EstimationError
        Separation: predictors (named) that predict some outcomes perfectly, so that estimates would be infinite.

    See Also
    --------
    describe, compare : tables without a model.
    Survey.standardize : rates as if ages were alike.

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
               odds ratio 95% lower upper       p
    term
    Intercept        1.50      1.00  2.25   0.049
    group[T.b]       0.17      0.09  0.32  <0.001
    200 participants; 198 degrees of freedom
    """
    surveys = completed(survey, "regress", where)
    models = []
    for m, one in enumerate(surveys):
        asked = Specification(formula, glm.check_family(family), offset, where_of(one.sample, where))
        with warnings.catch_warnings():
            if m:  # what is said of who is left out is the same for all imputations
                warnings.simplefilter("ignore", HiddenpopWarning)
            found = leaf.fit(one.sample, asked)
        estimate = Estimate(found.leaf, found.leaf.labels, False, found.leaf.title)
        models.append(Regression(estimate, found.formula, found.predictors))
    return models[0] if len(models) == 1 else ImputedRegression.of(models)
