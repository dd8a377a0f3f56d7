"""What a fit did with its register: frequencies, and tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from .. import _core
from ..errors import InputError, warn
from ..ground.matrices import ModelMatrix
from . import families
from .compiled import Compiled, compile_model
from .covariates import constant
from .families import FAMILIES, Family
from .register import CaptureCounts

#: Chi-square wants at least this many people expected in a cell.
FEWEST = 5


def frequencies(counts: CaptureCounts, family: Family, compiled: Compiled, fit: _core.CountFit) -> pd.DataFrame:
    """Return observed and fitted frequencies; see `CountFit.frequencies`."""
    if not family.likelihood:
        raise InputError(
            f"{family.title.capitalize()} is a formula of the frequencies and fits none, so none are expected."
        )
    observed, (low, high) = counts.frequencies, family.modelled
    last = len(observed) if high is None else high
    observed = observed.reindex(pd.RangeIndex(low, last + 1, name=observed.index.name), fill_value=0)
    fitted = compiled.model.frequencies(fit, last)[low - 1 :]
    return pd.DataFrame({"observed": observed, "fitted": fitted})


def goodness_of_fit(table: pd.DataFrame, family: Family, parameters: int) -> pd.DataFrame:
    """Return Pearson's and the likelihood-ratio statistic of frequencies; see `CountFit.goodness_of_fit`."""
    if family.modelled[1] is not None:
        raise InputError(
            f"{family.title} fits those seen {family.whom} exactly by construction; there is nothing to test."
        )
    observed, fitted = table["observed"].to_numpy(float), table["fitted"].to_numpy(float)
    # Beyond the largest count there is more that the model expects and nobody that was observed.
    observed, fitted = np.append(observed, 0.0), np.append(fitted, max(observed.sum() - fitted.sum(), 0.0))
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
    df = len(o) - 1 - parameters
    if df < 1:
        warn(
            f"No p-values: {len(o)} groups of counts with at least {FEWEST} people expected are too few to test a model "
            f"of {parameters} coefficients. Compare the frequencies by eye: fit.plot().",
        )
    pearson = float(((o - f) ** 2 / f).sum())
    ratio = float(2 * (o[o > 0] * np.log(o[o > 0] / f[o > 0])).sum())
    values = [pearson, ratio]
    p = _core.chi_square_tails(values, [float(df)] * 2)
    return pd.DataFrame({"statistic": values, "df": df, "p": p}, index=["Pearson", "likelihood ratio"])


def one_inflation(
    counts: CaptureCounts, family: Family, covariates: Sequence[ModelMatrix], compiled: Compiled, fit: _core.CountFit
) -> pd.DataFrame:
    """Return the score and the likelihood-ratio test; see `CountFit.one_inflation_test`.

    No inflation (omega = 0) is the end of the range of omega, so that the statistic is a mixture of 0 and
    chi-square with one degree of freedom, in equal parts (Self and Liang 1987, JASA 82:605-610): p is half of the usual.
    """
    if not family.name.startswith("zt") or families.base_of(family) is not None:
        raise InputError(
            f"The test of one-inflation belongs to a zero-truncated family, not to {family.title}: fit family='poisson', "
            "'geometric' or 'negbin' and test that."
        )
    inflated = FAMILIES["ones_among_seen_" + family.name[2:]]
    more = compile_model(counts, inflated, (*covariates, constant(counts))).model.fit()
    ratio = max(2 * (more.loglik - fit.loglik), 0.0)
    rows = {"likelihood ratio": (ratio, 0.5 * _core.chi_square_tails([ratio], [1.0])[0] if ratio > 1e-8 else 1.0)}
    score = compiled.model.inflation(fit)
    if score is not None:
        tail = 0.5 * _core.chi_square_tails([score[1]], [1.0])[0]
        rows["score"] = (score[1], tail if score[0] > 0 else 1 - tail)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["statistic", "p"])
