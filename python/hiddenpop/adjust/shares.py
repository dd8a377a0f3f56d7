"""Flaws of the share of the population that is in the register: misreport, linkage, recruitment."""

from __future__ import annotations

from ..errors import InputError
from ..estimate.estimate import Estimate
from ..ground.signatures import checked
from . import targets
from .records import Amount


@checked
def self_report(target: Estimate, *, sensitivity: Amount = 1.0, specificity: Amount = 1.0) -> Estimate:
    """Adjust a share, or a size divided by it, for participants who misreport whether they are registered.

    Parameters
    ----------
    target : Estimate
        The share that says to be in the register, or a size made of it by `hp.multiplier`: then its share is
        adjusted inside, because the size is not proportional to what changes.
    sensitivity : number, mapping by label, Series or Estimate
        The chance that a registered participant says so.
    specificity : number, mapping by label, Series or Estimate
        The chance that a participant who is not registered says that.

    Returns
    -------
    Estimate
        The share that is registered, or the size. The share rises, and the size falls, as sensitivity falls; the share
        falls, and the size rises, as specificity falls.

    Raises
    ------
    InputError
        Sensitivity and specificity that sum to 1 or less, so that answers say nothing; numbers outside 0 to 1;
        a size that `hp.multiplier` did not make, or that is made of several multipliers.
    EstimationError
        A share that these errors can't give (a tenth says yes, but a fifth would by error alone). With several labels
        those concerned are NaN, and a warning names them.

    Warns
    -----
    HiddenpopWarning
        By `interval` and `summary`, when more than 1% of the draws had to be truncated to 0 to 1.

    See Also
    --------
    linkage : where participants are linked to the register.
    register : flaws of the count.

    Notes
    -----
    p = (r + c - 1) / (s + c - 1) with r the share that says yes, s the sensitivity and c the specificity (Rogan and
    Gladen 1978, American Journal of Epidemiology 107:71-76). In draws where this falls outside 0 to 1 it is truncated, as
    is usual; how often is said in `methods()`. A point estimate outside is not truncated but
    refused: it means that data and inputs contradict each other, and 0 or 1 would only look like an answer. Draws
    of uncertain inputs with s + c of 1 or less are undefined. Sensitivity and specificity count as independent of one another and
    the same for everyone with a label.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> survey = hp.Survey({"says so": [1, 0], "count": [240, 153]}, counts="count")
    >>> treated = survey.proportion("says so")
    >>> round(hp.adjust.self_report(treated, sensitivity=0.92, specificity=0.975).point, 3)
    0.654
    >>> people = hp.multiplier(8126, treated)
    >>> round(hp.adjust.self_report(people, sensitivity=0.92, specificity=0.975).point)
    12418
    """
    return targets.share("self-report", target, sensitivity, specificity)


@checked
def linkage(
    target: Estimate, *, recall: Amount = 1.0, false_matches: Amount | None = None, precision: Amount | None = None
) -> Estimate:
    """Adjust a share that was found by linking participants to the register, or a size divided by it, for linkage errors.

    Parameters
    ----------
    target : Estimate
        The share of participants who were linked, or a size made of it by `hp.multiplier`.
    recall : number, mapping by label, Series or Estimate
        The chance that a registered participant is linked. Missed matches make p too low and N too high.
    false_matches : number, mapping by label, Series or Estimate, optional
        The chance that a participant who is not registered is linked all the same.
    precision : number, mapping by label, Series or Estimate, optional
        Instead: the share of links that are right, as a clerical review of links measures it.

    Returns
    -------
    Estimate
        The share that is registered, or the size. The share rises, and the size falls, as recall falls; the share falls,
        and the size rises, as false matches rise or precision falls.

    Raises
    ------
    InputError, EstimationError
        As `self_report`.

    See Also
    --------
    self_report : where participants say whether they are registered.
    hiddenpop.dedupe_check

    Notes
    -----
    With m linked, recall c and false match rate f the share is (m - f) / (c - f); with precision q it is m q / c. Ding
    and Fienberg (1994, Survey Methodology 20:149-158) correct two lists in this way. So two lists go through the multiplier
    method: the share of the first list that was linked to the second is adjusted, and the second's count is divided
    by it (Lincoln and Petersen's estimator). Sizes of other models for lists can't be adjusted afterwards.

    Examples
    --------
    Of 1,000 people on one list 200 were linked to another of 3,000, and a tenth of the true matches is missed:

    >>> import hiddenpop as hp
    >>> first = hp.Survey({"linked": [1, 0], "count": [200, 800]}, counts="count")
    >>> linked = first.proportion("linked")
    >>> hp.multiplier(3000, linked).point
    15000.0
    >>> round(hp.multiplier(3000, hp.adjust.linkage(linked, recall=0.9)).point)
    13500
    """
    if precision is not None:
        if false_matches is not None:
            raise InputError("Give false_matches or precision: both say how many links are wrong.")
        return targets.share("linkage, precision", target, recall, precision)
    return targets.share("linkage", target, recall, 0.0 if false_matches is None else false_matches)


@checked
def recruitment(target: Estimate, *, odds: Amount) -> Estimate:
    """Adjust a share, or a size divided by it, because registered people are easier (or harder) to recruit.

    Parameters
    ----------
    target : Estimate
        The share of participants who are in the register, or a size made of it by `hp.multiplier`.
    odds : number, mapping by label, Series or Estimate
        How many times likelier a registered person is to be recruited than another one: above 1 if interviewers
        stood at the clinic's door, below 1 if those in treatment had left the scene.

    Returns
    -------
    Estimate
        The share in the population, or the size. As the odds rise, the share falls and the size rises.

    Raises
    ------
    InputError
        Odds that are not above zero; otherwise as `self_report`.

    See Also
    --------
    hiddenpop.Survey.rds : weights for who is recruited more easily.
    self_report, linkage

    Notes
    -----
    With chances a and b of being recruited, the odds in the sample are p / (1 - p) times a / b. So the odds of the share
    are divided by the ratio: p = r / (r + odds (1 - r)). This is the selection-bias factor of Greenland (1996,
    International Journal of Epidemiology 25:1107-1116); Lash, Fox and Fink (2009), Applying Quantitative Bias Analysis to
    Epidemiologic Data, chapter 4.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> survey = hp.Survey({"treated": [1, 0], "count": [39, 88]}, counts="count")
    >>> treated = survey.proportion("treated")
    >>> round(hp.adjust.recruitment(treated, odds=1.5).point, 4)
    0.2281
    >>> people = hp.multiplier(4912, treated)
    >>> round(hp.adjust.recruitment(people, odds=1.5).point, -1)
    21540.0
    """
    return targets.share("recruitment", target, odds)
