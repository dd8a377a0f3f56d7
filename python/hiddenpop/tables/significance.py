"""Tests of hypotheses: their result, the distributions they refer to, and corrections for several of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from ..errors import InputError
from ..ground.columns import Floats
from ..ground.language import english, number, read, tr
from ..ground.signatures import checked
from ..ground.text import enumerated
from ..words.printed import p_text
from .imputations import LI, RUBIN, Moments

if TYPE_CHECKING:
    pass
Correction = Literal["holm", "bonferroni", "bh", "none"]
CORRECTIONS = {
    "holm": "Holm (1979)",
    "bonferroni": "Bonferroni",
    "bh": "Benjamini and Hochberg (1995)",
    "none": "no correction",
}


@checked
@dataclass(frozen=True)
class Significance:
    """The result of a test.

    Attributes
    ----------
    method : str
        The test in words.
    statistic : float
        What is referred to the distribution: p follows from it and from df.
    df : tuple of float
        Degrees of freedom: of numerator and denominator for an F, one for t and chi-squared, none for a mixture.
    p : float
        The p-value, of both sides.
    distribution : {"F", "t", "chi-squared", "mixture"}
        What the statistic is referred to.
    source : str
        Where the test comes from.
    pearson : float, optional
        Pearson's statistic of the weighted table before its correction for the design (R's `X-squared`), where it is a test
        of one.

    See Also
    --------
    compare : tests differences.
    correct : many P values.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> survey = hp.Survey({"sex": ["m", "m", "f", "f"], "treated": [1, 0, 1, 0], "n": [30, 10, 15, 25]}, counts="n")
    >>> round(hp.compare(survey, "treated", by="sex").test().p, 4)
    0.0012
    """

    method: str
    statistic: float
    df: tuple[float, ...]
    p: float
    distribution: str
    source: str
    pearson: float | None = None

    def __repr__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """The test and what came of it, in the language of the moment."""
        letter = {"chi-squared": "X²", "mixture": "X²"}.get(self.distribution, self.distribution)
        statistic = f"{letter} = {number(self.statistic, '.4g')}"
        if self.df:
            df = enumerated([number(one, ".4g") for one in self.df])
            statistic = tr("{statistic} on {df} df", statistic=statistic, df=df)
        said = f"{read(self.method)}: {statistic}, {p_text(self.p, equals=True)}"
        # Whoever compares with other software meets Pearson's statistic there.
        if self.distribution == "chi-squared" and self.pearson:
            said += tr(" (Pearson's X² = {statistic:.4g})", statistic=self.pearson)
        return said


def of_imputations(found: Significance, count: int) -> Significance:
    """Say of a test that it pools imputations."""
    if count == 1:
        return found
    sources = [found.source, RUBIN, *([] if found.distribution == "t" else [LI])]
    return replace(
        found,
        method=english("{test}, {count} imputations pooled by Rubin's rules", test=found.method, count=count),
        source="\n".join(sources),
    )


def special() -> Any:
    """Return scipy's special functions, which hold the distributions."""
    try:
        from scipy import special as functions  # noqa: PLC0415 (an optional dependency)
    except ImportError as error:
        raise InputError("Tests need scipy: pip install 'hiddenpop[report]'.") from error
    return functions


def require_degrees(df: float, what: str) -> None:
    """Refuse a test without degrees of freedom."""
    if not df >= 1:
        raise InputError(
            f"{what} has no degrees of freedom left: the design has too few clusters (or participants) for its strata "
            "and for what is tested. Join categories or strata, or test less."
        )


def wald(difference: Floats, moments: Moments, df: float, what: str) -> tuple[float, float]:
    """Return the Wald statistic of a vector that is zero under the hypothesis, and the covariance's degrees of freedom."""
    covariance = moments.within
    finite = bool(np.isfinite(covariance).all())
    values = np.linalg.eigvalsh(covariance) if finite else np.zeros(1)
    if not finite or values[0] <= 1e-10 * max(values[-1], 1e-300):
        raise InputError(
            f"{what} can't be tested by a Wald statistic: the covariance of what is compared is singular (a cell that is "
            "empty by design, a group or level without variation, or fewer clusters than cells). Join categories or use "
            "Rao and Scott's F."
        )
    factor, df = moments.inflated(np.asarray(np.linalg.inv(covariance), dtype=float), df, len(difference))
    return float(difference @ np.linalg.solve(covariance, difference)) / factor, df


def two_sided_t(statistic: float, df: float) -> float:
    """Return the p-value of a t statistic."""
    return float(2 * special().stdtr(df, -abs(statistic)))


def upper_f(statistic: float, above: float, below: float) -> float:
    """Return the p-value of an F statistic."""
    return float(special().fdtrc(above, below, max(statistic, 0.0)))


@checked
def correct(p: Any, method: str = "holm") -> Any:
    """Correct p-values of several tests.

    Parameters
    ----------
    p : sequence, mapping or Series
        The p-values; NaN stays NaN and doesn't count.
    method : {"holm", "bonferroni", "bh", "none"}
        Holm's (1979, Scandinavian Journal of Statistics 6:65-70) and Bonferroni's keep the chance of any false
        finding below the level; Benjamini and Hochberg's (1995, JRSS B 57:289-300) the share of false ones
        among the findings.

    Returns
    -------
    Series
        With the index of `p`.

    See Also
    --------
    compare, describe : where the P values come from.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.correct([0.01, 0.02, 0.04]).tolist()
    [0.03, 0.04, 0.04]
    """
    if method not in CORRECTIONS:
        raise InputError(f"method={method!r} must be one of {', '.join(map(repr, CORRECTIONS))}.")
    if isinstance(p, Mapping):
        p = pd.Series(dict(p))
    index = p.index if isinstance(p, pd.Series) else None
    try:
        values = np.array(p if not np.iscomplexobj(p) else "complex numbers", dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise InputError("p-values are a list of numbers between 0 and 1.") from None
    if values.ndim != 1 or ((values < 0) | (values > 1)).any():
        raise InputError("p-values are a list of numbers between 0 and 1.")
    known = np.flatnonzero(~np.isnan(values))
    result = values.copy()
    result[known] = _corrected(values[known], method)
    return pd.Series(result, index=index)


def _corrected(p: Floats, method: str) -> Floats:
    m = len(p)
    if method == "none" or m == 0:
        return p
    if method == "bonferroni":
        return np.minimum(m * p, 1.0)
    order = np.argsort(p, kind="stable")
    result = np.empty(m)
    if method == "holm":
        result[order] = np.minimum(np.maximum.accumulate((m - np.arange(m)) * p[order]), 1.0)
    else:
        steps = m / np.arange(1, m + 1) * p[order]
        result[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0)
    return result


def mixture(weights: Sequence[float], x: float, df: float, *, saddlepoint: bool) -> float:
    """Return how often a weighted sum of chi-squared variables (1 df each), divided by chi-squared / df, exceeds x.

    That is the chance that Q = sum of w Z^2 - (x / df) chi^2(df) is above zero, from its cumulant generating function
    K: exactly, by integrating exp(K(t)) / t along a parabola through the saddlepoint (which keeps all digits in the tail,
    and decays fast, as all singularities lie on the real axis); or by the saddlepoint approximation itself (Kuonen 1999,
    Biometrika 86:929-935).
    """
    from scipy import integrate, optimize  # noqa: PLC0415 (an optional dependency)

    if x <= 0:
        return 1.0
    scale = np.append(np.asarray(weights, dtype=float), -x / df)
    times = np.append(np.ones(len(weights)), df)
    most, least = 1 / (2 * scale.max()), -df / (2 * x)

    def cumulant(t: Any) -> Any:
        return -0.5 * (times * np.log(1 - 2 * t * scale)).sum()

    def slope(t: float) -> float:
        return float((times * scale / (1 - 2 * t * scale)).sum())

    def bend(t: float) -> float:
        return float((2 * times * scale**2 / (1 - 2 * t * scale) ** 2).sum())

    if saddlepoint:
        t = optimize.brentq(slope, least * (1 - 1e-12), most * (1 - 1e-12), xtol=1e-15)
        if abs(t) * np.sqrt(bend(0.0)) < 1e-4:  # at the mean the formula divides zero by zero; this is its limit
            third = float((8 * times * scale**3).sum())
            return float(special().ndtr(-third / (6 * bend(0.0) ** 1.5)))
        w = np.sign(t) * np.sqrt(-2 * cumulant(t))
        return float(special().ndtr(-(w + np.log(t * np.sqrt(bend(t)) / w) / w)))
    t = optimize.brentq(lambda s: slope(s) - 1 / s, most * 1e-9, most * (1 - 1e-12))
    width, height = 1 / np.sqrt(bend(t) + 1 / t**2), cumulant(t)

    def along(u: float) -> float:
        at = t + width * (1j * u + u**2 / 4)
        return float((np.exp(cumulant(at) - height) / at * (1j + u / 2)).imag)

    area = integrate.quad(along, 0, np.inf, limit=500, epsabs=0, epsrel=1e-10)[0]
    return float(min(area * width / np.pi * np.exp(height), 1.0))
