"""Sparse overlaps: stepwise selection of pairs that still has an estimate when lists never meet."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from .. import _core
from ..draws import settings
from ..errors import InputError, in_words
from ..estimate.estimate import Estimate
from ..ground import distributions
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.checks import check_level, real
from ..ground.columns import Floats
from ..ground.language import english
from ..ground.signatures import checked
from . import notation
from .estimator import check, estimate, leaves
from .loglinear import LogLinear
from .method import Plain, Sizes

if TYPE_CHECKING:
    from .lists import Lists


@dataclass(frozen=True)
class Sparse(Plain):
    """Chan, Silverman and Vincent's selection."""

    public: ClassVar[tuple[str, ...]] = ("threshold",)

    threshold: float

    @property
    def title(self) -> str:
        """A short name."""
        return english("sparse overlaps, p < {threshold:g}", threshold=self.threshold)

    @property
    def sentence(self) -> str:
        """What it does."""
        return english(
            "the population's size was estimated by a log-linear model with pairs of lists chosen forward by one-sided Poisson "
            "p-values below {threshold:g}, empty overlaps as terms at minus infinity, chosen anew in every redraw",
            threshold=self.threshold,
        )

    @property
    def reference(self) -> str:
        """Where it comes from."""
        return BIBLIOGRAPHY["Chan, Silverman and Vincent 2021"]

    @property
    def intervals(self) -> tuple[str, ...]:
        """Profile likelihood of the model chosen."""
        return ("profile",)

    @property
    def first_range(self) -> int:
        """A replicate takes some fifty microseconds."""
        return 2048

    def sizes(self, counts: Floats, open: Floats) -> Sizes:
        """Select in the core."""

        def sizes(tables: Floats, threads: int) -> Floats:
            found = _core.sparse_sizes(np.ascontiguousarray(tables), open, self.threshold, threads)
            return np.asarray(found[0])

        return sizes

    def chosen(self, counts: Floats, open: Floats) -> LogLinear:
        """Return the model that a table leads to."""
        terms = tuple(_core.sparse_path(counts, open, self.threshold)[0])
        return LogLinear(len(counts).bit_length() - 1, terms, self.title, 2)

    def variance(self, counts: Floats, open: Floats) -> float:
        """Return the variance within the model chosen, as if it had been known."""
        return self.chosen(counts, open).variance(counts, open)

    def interval(self, name: str, counts: Floats, open: Floats, tail: float) -> tuple[float, float]:
        """Return the profile interval of the model chosen."""
        return self.chosen(counts, open).interval(name, counts, open, tail)

    def fitted(self, counts: Floats, open: Floats) -> Floats:
        """Return the fitted counts."""
        return self.chosen(counts, open).fitted(counts, open)

    def reason(self, counts: Floats, open: Floats) -> str:
        """Even independence has none."""
        return f"even with independent lists {self.chosen(counts, open).reason(counts, open)}"


@checked
def sparse_mse(
    lists: Lists,
    p_threshold: float = 0.02,
    *,
    by: str | Sequence[str] | None = None,
    bootstrap: str = "full",
) -> Estimate:
    """Estimate a population's size from many lists with sparse or empty overlaps (multiple systems estimation).

    Beginning with independent lists, the pair whose overlap is least likely under the model so far comes
    in, while its one-sided Poisson p-value is below the threshold and the model with it has an estimate.

    Parameters
    ----------
    lists : Lists
        Two lists or more.
    p_threshold : float
        Threshold of the p-values; 0 keeps the lists independent.
    by : str or list of str, optional
        Strata to estimate separately.
    bootstrap : {"full", "conditional", "parametric"}
        "conditional" redraws the people seen alone, as the paper does; pairs are selected anew in every
        replicate.

    Returns
    -------
    Estimate
        `interval(method="bca")` is the paper's with `bootstrap="conditional"`. See `sparse_path` for the pairs
        that came in.

    Raises
    ------
    InputError
        A threshold outside 0 to 1.

    See Also
    --------
    sparse_path, sparse_selection : how its model came about.
    loglinear : lists that overlap.

    Notes
    -----
    Chan, Silverman and Vincent (2021), JASA 116:1297-1306. A pair in the model that shares nobody has
    its term at minus infinity, so cells with both lists are left out. Whether the rest has a maximum is decided
    by a linear program, and whether it identifies the size by the rank of what is left.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> uk = hp.datasets.load("uk_modern_slavery")["overlaps"]
    >>> lists = hp.Lists(uk, ["LA", "NG", "PF", "GO", "GP", "NCA"], counts="people", replicates=1000)
    >>> round(hp.sparse_mse(lists).point)
    11418
    """
    check(lists)
    threshold = _threshold(p_threshold)
    return estimate(lists, Sparse(threshold), by=by, bootstrap=bootstrap)


@checked
def sparse_path(lists: Lists, p_threshold: float = 0.02, *, level: float = 0.95) -> pd.DataFrame:
    """Show the path of `sparse_mse`: the size with independent lists, and after each pair that came in.

    Returns
    -------
    DataFrame
        A row a step: `pair`, its `p_value`, `both` (people on both), `abundance`, and the normal interval of the
        people unseen on the log scale, as if the model had been known: `lower`, `upper`.

    See Also
    --------
    sparse_mse, sparse_selection

    Examples
    --------
    >>> import hiddenpop as hp
    >>> uk = hp.datasets.load("uk_modern_slavery")["overlaps"]
    >>> lists = hp.Lists(uk, ["LA", "NG", "PF", "GO", "GP", "NCA"], counts="people")
    >>> hp.sparse_path(lists)[["pair", "abundance"]].round().tail(2)
        pair  abundance
    7  GO:GP    12350.0
    8  NG:GO    11418.0
    """
    check(lists)
    counts, open = lists.tables()[0], lists.open()[0]
    terms, p_values, _ = _core.sparse_path(counts, open, _threshold(p_threshold))
    k, n = len(lists), counts.sum()
    models = [terms[:length] for length in range(k, len(terms) + 1)]
    fits = _core.LogLinear(models, open).fits(counts, 1)
    half = distributions.quantile((1 + check_level(level)) / 2) * np.sqrt(fits[:, 2])
    both = [counts[[c for c in range(len(counts)) if c & t == t]].sum() for t in terms[k:]]
    return pd.DataFrame(
        {
            "pair": ["", *(notation.join(t, lists.names, ":") for t in terms[k:])],
            "p_value": [np.nan, *p_values],
            "both": pd.array([pd.NA, *map(int, both)], dtype="Int64"),
            "abundance": n + fits[:, 1],
            "lower": n + fits[:, 1] * np.exp(-half),
            "upper": n + fits[:, 1] * np.exp(half),
        },
        index=pd.RangeIndex(1, len(models) + 1),
    )


@checked
def sparse_selection(size: Estimate, replicates: int = 1000) -> pd.Series[float]:
    """Return how often redraws of a `sparse_mse` estimate let each pair of lists in.

    See Also
    --------
    sparse_mse, sparse_path

    Examples
    --------
    >>> import hiddenpop as hp
    >>> uk = hp.datasets.load("uk_modern_slavery")["overlaps"]
    >>> lists = hp.Lists(uk, ["LA", "NG", "PF", "GO", "GP", "NCA"], counts="people", replicates=300)
    >>> hp.sparse_selection(hp.sparse_mse(lists), 300).index[0]
    'PF:NCA'
    """
    found = leaves(size.node) if isinstance(size, Estimate) else []
    if len(found) != 1 or not isinstance(found[0].method, Sparse) or found[0].by:
        raise InputError("sparse_selection takes an estimate of hp.sparse_mse, without by=.")
    leaf = found[0]
    count = settings.check_replicates(replicates)
    threads = settings.threads()
    tables = np.ascontiguousarray(leaf.kernel.redraw.tables(0, count, threads)[0])
    chosen = _core.sparse_sizes(tables, leaf.kernel.open[0], found[0].method.threshold, threads)[1:]
    # The core lists pairs by their later list.
    places = [(a, b) for b, a in itertools.product(range(len(leaf.names)), repeat=2) if a < b]
    names = [f"{leaf.names[a]}:{leaf.names[b]}" for a, b in places]
    return pd.Series(chosen.mean(axis=1), index=names, name="chosen").sort_values(ascending=False, kind="stable")


def _threshold(value: float) -> float:
    if not 0 <= real(value) <= 1:
        raise InputError(f"p_threshold={in_words(value)} must lie between 0 and 1, for example 0.02.")
    return float(value)
