"""Flaws of the register's count: whom it misses, and which records should not be in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import pandas as pd

from ..errors import InputError, in_words
from ..estimate.estimate import Estimate
from ..ground.signatures import checked
from . import targets

#: What can be adjusted, and what it can be adjusted by.
Count: TypeAlias = "float | Mapping[Any, float] | pd.Series[Any] | Estimate"
Amount: TypeAlias = "float | Mapping[Any, Any] | pd.Series[Any] | Estimate"


@checked
def register(
    target: Count,
    *,
    completeness: Amount = 1.0,
    false_positives: Amount = 0.0,
    measured_by: Literal["self-report", "linkage"] = "self-report",
) -> Estimate:
    """Adjust a benchmark, or a size made of it, for whom the register misses and for records that are of nobody it should hold.

    Parameters
    ----------
    target : number, mapping, Series or Estimate
        The register's count B, or a size N = B / p, which is proportional to it.
    completeness : number, mapping by label, Series or Estimate
        The share c of those who count as registered in the survey's question that the register does hold.
    false_positives : number, mapping by label, Series or Estimate
        The share f of the register's records that are of no such person (1 less the positive predictive value).
    measured_by : {"self-report", "linkage"}
        How the survey found out who is registered. With self-report people whom the register misses still say
        yes, so B alone is too small. With linkage to this register they are missing from B and from p alike, and
        N = B / p is right as it is: then completeness changes nothing, and only false records do.

    Returns
    -------
    Estimate
        B (1 - f) / c, or with linkage B (1 - f). It rises as completeness falls, and falls as false positives rise.

    Raises
    ------
    InputError
        Completeness not above 0 and up to 1, false positives not from 0 to below 1, or a size from lists, whose method
        estimates by itself whom they miss.

    See Also
    --------
    duplicates, definition, cross_border : other flaws of the count.
    self_report, linkage : flaws of the share.

    Notes
    -----
    Of B records B (1 - f) are of members, who are a share c of all members (Brenner and Gefeller 1993, American Journal
    of Epidemiology 138:1007-1015: the positive predictive value over the sensitivity). *Whom the register
    misses* depends on the survey's question: treatment by general practitioners that is never reported makes B too small
    only if participants who have it answer yes. If the question is about care that reports, B and p both leave such care
    out and no adjustment is due.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.adjust.register(4912, completeness=0.8).point
    6140.0
    >>> survey = hp.Survey({"treated": [1, 0], "count": [39, 88]}, counts="count")
    >>> people = hp.multiplier(4912, survey.proportion("treated"))
    >>> hp.adjust.register(people, completeness=hp.beta(80, 20, name="completeness")).rename("people")
    people: 20,000 (95% interval 15,400 to 26,900)
    """
    if measured_by not in ("self-report", "linkage"):
        raise InputError(f"measured_by={in_words(measured_by)} must be 'self-report' or 'linkage'.")
    kind = "register" if measured_by == "self-report" else "register, linked"
    return targets.count(kind, target, completeness, false_positives)


@checked
def duplicates(target: Count, *, share: Amount) -> Estimate:
    """Adjust a benchmark, or a size made of it, for people who are counted more than once.

    Parameters
    ----------
    target : number, mapping, Series or Estimate
        The register's count B, or a size N = B / p.
    share : number, mapping by label, Series or Estimate
        The share s of records that are of somebody whom another record already counts.

    Returns
    -------
    Estimate
        B (1 - s): it falls as s rises.

    See Also
    --------
    hiddenpop.dedupe_check : how many people stand under several ids.
    hiddenpop.benchmark : counts a register's people once.

    Notes
    -----
    Chained with `cross_border`, `definition` or `register`, each share is one of the records that the others leave.
    The formula is that of the positive predictive value (Brenner and Gefeller 1993, American Journal of Epidemiology
    138:1007-1015). To find duplicates in a register see `hp.dedupe_check`.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.adjust.duplicates(4912, share=0.05).point
    4666.4
    """
    return targets.count("duplicates", target, share)


@checked
def cross_border(target: Count, *, share: Amount) -> Estimate:
    """Adjust a benchmark, or a size made of it, for registered people who live outside the survey's area.

    Parameters
    ----------
    target : number, mapping, Series or Estimate
        The register's count B, or a size N = B / p.
    share : number, mapping by label, Series or Estimate
        The share s of registered people who live elsewhere and so can't be in the survey.

    Returns
    -------
    Estimate
        B (1 - s): it falls as s rises.

    See Also
    --------
    definition, duplicates, register : other records that should not be in it.
    migration : people who come and go in the period.

    Notes
    -----
    The formula is that of the positive predictive value (Brenner and Gefeller 1993, American Journal of Epidemiology
    138:1007-1015). The other way round, residents who are treated elsewhere and say so are missing from the register: that is
    `register(completeness=)`.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.adjust.cross_border({"Maastricht": 400, "Assen": 100}, share={"Maastricht": 0.2, "Assen": 0}).point.to_dict()
    {'Maastricht': 320.0, 'Assen': 100.0}
    """
    return targets.count("cross-border", target, share)


@checked
def definition(target: Count, *, share: Amount) -> Estimate:
    """Adjust a benchmark, or a size made of it, for registered people outside the survey's case definition.

    A register of treatment for crack may hold people who have not used for months, while the survey interviews
    weekly users.

    Parameters
    ----------
    target : number, mapping, Series or Estimate
        The register's count B, or a size N = B / p.
    share : number, mapping by label, Series or Estimate
        The share s of registered people whom the survey's case definition does *not* cover.

    Returns
    -------
    Estimate
        B (1 - s): it falls as s rises.

    See Also
    --------
    cross_border, duplicates, register : other records that should not be in it.

    Notes
    -----
    The formula is that of the positive predictive value (Brenner and Gefeller 1993, American Journal of Epidemiology
    138:1007-1015), the case definition being the truth.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.adjust.definition(4912, share=0.25).point
    3684.0
    """
    return targets.count("definition", target, share)
