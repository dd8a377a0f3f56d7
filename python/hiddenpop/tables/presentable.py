"""Which of an estimate's shares an agency's standards would show."""

from __future__ import annotations

import pandas as pd

from ..errors import InputError, in_words
from ..estimate.estimate import Estimate
from ..ground.signatures import checked
from ..uncertainty.presentation import nchs
from .extras import RULES


@checked
def presentation(estimate: Estimate, rules: str = "nchs") -> pd.DataFrame:
    """Say which shares are precise enough to be shown, by the standards of an agency.

    Parameters
    ----------
    estimate : Estimate
        A survey's proportions, as ``survey.proportion("housing", by="group")``.
    rules : {"nchs"}
        The National Center for Health Statistics: a share is suppressed if fewer than 30 participants answered, in number or in
        effect (n over the design effect), if its 95% interval is 0.30 or wider, or if that is wider than 0.05 and than 1.3 times
        the share. With fewer than 8 degrees of freedom, or a narrow interval of a share of nobody or everybody, it is to be reviewed.

    Returns
    -------
    DataFrame
        A row a label: `estimate`, `n`, `effective` (never more than n), `df` (infinite in a simple random sample, for which there is
        no such rule), `lower` and `upper` (Korn and Graubard's interval, with n at most), `width`, `relative` (width over share),
        `verdict` ("show", "review", "suppress") and `complement`, whether the share of all others would be suppressed.

    Raises
    ------
    InputError
        What are no proportions of a survey at hand, other rules.

    Notes
    -----
    Parker JD, Talih M, Malec DJ, et al. (2017), National Center for Health Statistics data presentation standards for proportions,
    Vital and Health Statistics 2(175). Where nobody (or everybody) has the property, and the design effect is unknown, Kish's
    effective number of the weights stands in, which is cautious: the standards take n.

    See Also
    --------
    describe : `presentation="nchs"` marks the shares of a table.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> survey = hp.Survey({"sleeps": ["home", "street", "car"], "count": [90, 28, 2]}, counts="count")
    >>> hp.presentation(survey.proportion("sleeps"))[["width", "relative", "verdict"]].round(2)
            width  relative   verdict
    sleeps
    home     0.16      0.22      show
    street   0.16      0.68      show
    car      0.06      3.41  suppress
    """
    if rules not in RULES:
        raise InputError(f"rules={in_words(rules)} must be one of {', '.join(map(repr, RULES))}.")
    found = nchs(estimate.node)
    return pd.DataFrame(
        {
            "estimate": found.share,
            "n": found.n,
            "effective": found.effective,
            "df": found.df,
            "lower": found.lower,
            "upper": found.upper,
            "width": found.width,
            "relative": found.relative,
            "verdict": found.verdicts,
            "complement": found.complement,
        },
        index=estimate.labels,
    )
