"""What the fit did with the register: frequencies, influence of people, tests, families side by side."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from .. import _core
from ..errors import EstimationError, HiddenpopWarning, InputError
from . import families
from .compiled import compile_model
from .families import FAMILIES
from .fit import CountFit
from .fitting import fit_family
from .formulas import constant
from .register import CaptureCounts

#: Chi-square wants at least this many people expected in a cell.
FEWEST = 5
#: Families within this much of the lowest AIC count as equally good (Burnham and Anderson 2002, section 2.6).
CLOSE = 2
#: Sizes of such families that differ by more than this factor are worth a warning.
APART = 1.5


def frequencies(fit: CountFit) -> pd.DataFrame:
    """Return observed and fitted frequencies; see `CountFit.frequencies`."""
    _require(fit)
    observed = fit.counts.frequencies
    if not fit._family.full:
        observed = observed.reindex(pd.RangeIndex(1, 3, name=observed.index.name), fill_value=0)
    fitted = fit._compiled.model.frequencies(fit._fit, len(observed))
    return pd.DataFrame({"observed": observed, "fitted": fitted})


def goodness_of_fit(fit: CountFit) -> pd.DataFrame:
    """Return Pearson's and the likelihood-ratio statistic; see `CountFit.goodness_of_fit`."""
    table = frequencies(fit)
    if not fit._family.full:
        raise InputError(
            f"{fit._family.title} fits the ones and twos exactly by construction; there is nothing to test."
        )
    observed, fitted = table["observed"].to_numpy(float), table["fitted"].to_numpy(float)
    # Beyond the largest count there is more that the model expects and nobody that was observed.
    observed, fitted = np.append(observed, 0.0), np.append(fitted, max(fit.counts.n - fitted.sum(), 0.0))
    cells: list[list[float]] = [[0.0, 0.0]]
    for o, f in zip(observed, fitted, strict=True):
        if cells[-1][1] >= FEWEST:
            cells.append([0.0, 0.0])
        cells[-1][0] += o
        cells[-1][1] += f
    if len(cells) > 1 and cells[-1][1] < FEWEST:
        last = cells.pop()
        cells[-1] = [cells[-1][0] + last[0], cells[-1][1] + last[1]]
    o, f = np.array(cells).T
    df = len(o) - 1 - fit.parameters
    if df < 1:
        warnings.warn(
            f"No p-values: {len(o)} groups of counts with at least {FEWEST} people expected are too few to test a model "
            f"of {fit.parameters} coefficients. Compare the frequencies by eye: fit.plot().",
            HiddenpopWarning,
            stacklevel=3,
        )
    pearson = float(((o - f) ** 2 / f).sum())
    ratio = float(2 * (o[o > 0] * np.log(o[o > 0] / f[o > 0])).sum())
    values = [pearson, ratio]
    p = _core.chi_square_tails(values, [float(df)] * 2)
    return pd.DataFrame({"statistic": values, "df": df, "p": p}, index=["Pearson", "likelihood ratio"])


def one_inflation(fit: CountFit) -> pd.DataFrame:
    """Return the score and the likelihood-ratio test; see `CountFit.one_inflation_test`.

    No inflation (omega = 0) is the end of the range of omega, so that the statistic is a mixture of 0 and
    chi-square with one degree of freedom, in equal parts (Self and Liang 1987, JASA 82:605-610): p is half of the usual.
    """
    _require(fit)
    plain = fit if fit.family.startswith("zt") and families.base_of(fit._family) is None else None
    if plain is None:
        raise InputError(
            f"The test of one-inflation belongs to a zero-truncated family, not to {fit._family.title}: fit family='poisson', "
            "'geometric' or 'negbin' and test that."
        )
    inflated = FAMILIES["ztoi" + fit.family[2:]]
    more = compile_model(fit.counts, inflated, (*fit._covariates, constant(fit.counts))).model.fit()
    ratio = max(2 * (more.loglik - fit.loglik), 0.0)
    rows = {"likelihood ratio": (ratio, 0.5 * _core.chi_square_tails([ratio], [1.0])[0] if ratio > 1e-8 else 1.0)}
    score = fit._compiled.model.inflation(fit._fit)
    if score is not None:
        tail = 0.5 * _core.chi_square_tails([score[1]], [1.0])[0]
        rows["score"] = (score[1], tail if score[0] > 0 else 1 - tail)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["statistic", "p"])


def influence(fit: CountFit) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Return dfbeta and dfpopsize, each by fitting again without one person; see `CountFit.dfbeta`."""
    _require(fit)
    coefficients, sizes, _ = fit._compiled.kernel(fit.counts, fit._fit).without_each()
    index = fit.counts._table.index
    beta = pd.DataFrame(fit._fit.coefficients - coefficients, index=index, columns=fit._index)
    size = pd.Series(fit.size.node.point[0] - sizes[:, 0], index=index, name="dfpopsize")
    return beta, size


def compare_families(
    counts: CaptureCounts,
    formula: str = "~ 1",
    *,
    family: Sequence[str] = (
        "ztpoisson",
        "ztgeom",
        "ztnegbin",
        "oiztpoisson",
        "ztoipoisson",
        "Hurdleztpoisson",
        "ztHurdlepoisson",
        "oiztgeom",
        "ztoigeom",
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
        Covariates of lambda, the same for all.
    family : list of str
        Families, as in `zero_truncated`.

    Returns
    -------
    DataFrame
        A row a family, best first: as `CountFit.summary`, with `delta_AIC`. Families without a size have NaN there.

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
        warnings.warn(
            f"{len(close)} families fit about equally well (AIC within {CLOSE} of the lowest), yet their sizes run from "
            f"{close.min():,.0f} to {close.max():,.0f}. The counts can't choose between them: report the range, or what is "
            "known about why people are seen once only.",
            HiddenpopWarning,
            stacklevel=2,
        )
    return table


def _require(fit: CountFit) -> None:
    if fit.status not in ("maximum", "settled"):
        raise EstimationError(fit.reason or "No fit.")
