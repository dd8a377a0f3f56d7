"""People who differ in their chances: models Mh and Mth, as log-linear models with a column of heterogeneity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..errors import InputError, suggest
from ..estimate.estimate import Estimate
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Floats
from ..ground.signatures import checked
from .estimator import check, estimate
from .loglinear import LogLinear

if TYPE_CHECKING:
    from .lists import Lists
Heterogeneity = Literal["Chao", "Poisson", "Darroch", "Gamma"]
#: The parameter of the column, where it has one.
THETA = {"Poisson": 2.0, "Gamma": 3.5}
KINDS = ("Chao", "Poisson", "Darroch", "Gamma")
SOURCE = BIBLIOGRAPHY["Rivest and Baillargeon 2007"]


@checked
def mth(
    lists: Lists,
    heterogeneity: Heterogeneity = "Chao",
    *,
    theta: float | None = None,
    by: str | Sequence[str] | None = None,
    bootstrap: str = "full",
) -> Estimate:
    """Estimate a population's size when people differ in their chances, and so do lists (model Mth).

    Lists are independent for each person, but a person who is often seen by one is often seen by all.
    How people differ can't be learnt from overlaps: the four laws may fit equally well and give sizes
    that differ two- or threefold. Chao's is a lower bound.

    Parameters
    ----------
    lists : Lists
        Three lists or more.
    heterogeneity : {"Chao", "Poisson", "Darroch", "Gamma"}
        Law of the logit chances: any (lower bound), Poisson, normal, Gamma.
    theta : float, optional
        Parameter of Poisson (2, its base) and Gamma (3.5).
    by : str or list of str, optional
        Strata to estimate separately.
    bootstrap : {"full", "conditional", "parametric"}
        As for `loglinear`.

    Returns
    -------
    Estimate
        With `interval(method="profile")` as well.

    See Also
    --------
    mh : with lists of one reach.
    loglinear : dependence between pairs of lists.

    Notes
    -----
    A history with j lists gets the column theta^j - 1 (Poisson), j^2 / 2 (Darroch 1993, JASA 88:1137-1148),
    or -log(theta + j) + log theta (Gamma); Chao's bound has a column max(j - 2, 0), max(j - 3, 0), ... for
    every number of lists beyond two, and those with negative coefficients are left out (Rivest and Baillargeon 2007,
    Biometrics 63:999-1006; Baillargeon and Rivest 2007, Journal of Statistical Software 19(5)).

    Examples
    --------
    >>> import hiddenpop as hp
    >>> rome = hp.datasets.load("rome_hiv")["overlaps"]
    >>> lists = hp.Lists(rome, ["c1", "c2", "c3", "c4"], counts="people")
    >>> for law in ("Chao", "Poisson", "Darroch", "Gamma"):
    ...     print(law, round(hp.mth(lists, law).point))
    Chao 11701
    Poisson 14850
    Darroch 21327
    Gamma 30623
    """
    return _estimate(lists, heterogeneity, theta, by, bootstrap, lists_differ=True)


@checked
def mh(
    lists: Lists,
    heterogeneity: Heterogeneity = "Chao",
    *,
    theta: float | None = None,
    by: str | Sequence[str] | None = None,
    bootstrap: str = "full",
) -> Estimate:
    """Estimate a population's size when people differ in their chances and lists do not (model Mh).

    Parameters and notes as for `mth`. Lists that see very different numbers of people don't fit it: compare the
    deviance of both.

    See Also
    --------
    mth : with lists of different reach.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> rome = hp.datasets.load("rome_hiv")["overlaps"]
    >>> round(hp.mh(hp.Lists(rome, ["c1", "c2", "c3", "c4"], counts="people"), "Chao").point)
    12145
    """
    return _estimate(lists, heterogeneity, theta, by, bootstrap, lists_differ=False)


def _estimate(
    lists: Lists,
    kind: str,
    theta: float | None,
    by: str | Sequence[str] | None,
    bootstrap: str,
    *,
    lists_differ: bool,
) -> Estimate:
    check(lists)
    method = model(len(lists), kind, theta, lists_differ=lists_differ)
    name = "population size, at least" if kind == "Chao" else "population size"
    return estimate(lists, method, by=by, bootstrap=bootstrap, name=name)


def model(lists: int, kind: str, theta: float | None, *, lists_differ: bool) -> LogLinear:
    """Return the log-linear model of a law."""
    if kind not in KINDS:
        raise InputError(f"heterogeneity={kind!r} is not one of them. {suggest(kind, KINDS)}")
    if lists < 3:
        raise InputError(
            "Two lists can't tell heterogeneity from chance: three at least. hp.chao_lower_bound gives a bound from two."
        )
    if theta is not None and kind not in THETA:
        raise InputError(f"theta= is a parameter of {' and '.join(THETA)}, not of {kind}.")
    value = THETA.get(kind, 1.0) if theta is None else float(theta)
    if not (np.isfinite(value) and value > 0) or (kind == "Poisson" and value == 1):
        raise InputError(f"theta={theta!r} must be a positive number" + (", not 1." if kind == "Poisson" else "."))
    number = np.array([int(history).bit_count() for history in range(1 << lists)], dtype=float)
    columns = _columns(number, kind, value, lists)
    terms: tuple[int, ...] = tuple(1 << j for j in range(lists)) if lists_differ else ()
    main = () if lists_differ else (tuple(number.tolist()),)
    name = f"{'Mth' if lists_differ else 'Mh'} {kind}" + (f" ({value:g})" if kind in THETA else "")
    return LogLinear(
        lists,
        terms,
        name,
        1,
        extras=(*main, *(tuple(c.tolist()) for c in columns)),
        constrained=len(columns) if kind == "Chao" else 0,
        source=SOURCE,
    )


def _columns(number: Floats, kind: str, theta: float, lists: int) -> list[Floats]:
    if kind == "Chao":
        return [np.maximum(number - beyond, 0) for beyond in range(2, lists)]
    if kind == "Poisson":
        return [theta**number - 1]
    if kind == "Darroch":
        return [number**2 / 2]
    return [np.log(theta) - np.log(theta + number)]
