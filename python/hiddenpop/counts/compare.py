"""Families of counts side by side."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..errors import HiddenpopWarning, InputError, warn
from ..ground.signatures import checked
from . import families
from .fitting import fit_family
from .register import CaptureCounts

#: Families within this much of the lowest AIC count as equally good (Burnham and Anderson 2002, section 2.6).
CLOSE = 2
#: Sizes of such families that differ by more than this factor are worth a warning.
APART = 1.5


@checked
def compare_families(
    counts: CaptureCounts,
    formula: str = "~ 1",
    *,
    family: Sequence[str] = (
        "ztpoisson",
        "ztgeom",
        "ztnegbin",
        "ones_in_population_poisson",
        "ones_among_seen_poisson",
        "Hurdleztpoisson",
        "ztHurdlepoisson",
        "ones_in_population_geom",
        "ones_among_seen_geom",
        "Hurdleztgeom",
        "ztHurdlegeom",
    ),
) -> pd.DataFrame:
    """Fit several families to one register and rank them by AIC.

    Families that fit equally well may give very different sizes, because the data say nothing about those
    never seen. Where those within 2 of the lowest AIC differ by more than half, a warning says so.

    Parameters
    ----------
    counts : CaptureCounts
        The register.
    formula : str
        Covariates of lambda, the same for all. Formulas: `docs/regress.md`.
    family : list of str
        Families of all counts, as in `zero_truncated`.

    Returns
    -------
    DataFrame
        A row a family, best first: as `CountFit.summary`, with `delta_AIC`. Families without a size have NaN there.

    See Also
    --------
    zero_truncated : fits one.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> counts = hp.CaptureCounts({"seen": [1, 2, 3, 4], "people": [600, 240, 65, 12]}, "seen", counts="people")
    >>> hp.compare_families(counts, family=["poisson", "geometric"])[["size", "AIC"]].round(1)
                 size     AIC
    family
    ztpoisson  1687.3  1607.2
    ztgeom     2988.2  1633.5
    """
    if isinstance(family, str) or not len(family):
        raise InputError("family must be a list of names, such as ['poisson', 'geometric'].")
    found = [families.find(name) for name in family]
    for one in found:
        if not one.full:
            raise InputError(
                f"{one.name!r} models the counts of people seen {one.whom} only, so its AIC can't be compared with that of "
                "families of all counts. Fit it by itself: hp.zero_truncated."
            )
    rows = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)  # the column status says it
        rows = [fit_family(counts, formula, one, {}, "semiparametric").summary() for one in found]
    table = pd.concat(rows)
    # Forms that fit exactly alike keep the order in which they were asked for.
    table = table.iloc[np.argsort(table["AIC"].round(6), kind="stable")]
    best = table.loc[table["status"].isin(["maximum", "settled"]), "AIC"].min()
    table.insert(list(table.columns).index("BIC"), "delta_AIC", table["AIC"] - best)
    close = table.loc[(table["delta_AIC"].abs() <= CLOSE) & table["size"].notna(), "size"]
    if len(close) > 1 and close.max() > APART * close.min():
        warn(
            f"{len(close)} families fit about equally well (AIC within {CLOSE} of the lowest), yet their sizes run from "
            f"{close.min():,.0f} to {close.max():,.0f}. The counts can't choose between them: report the range, or what is "
            "known about why people are seen once only.",
        )
    return table
