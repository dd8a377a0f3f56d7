"""Sample coverage of three lists: dependence of any kind, from who is on one list only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..errors import InputError
from ..estimate.estimate import Estimate
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.checks import flag
from ..ground.columns import Floats
from ..ground.language import english
from ..ground.signatures import checked
from .estimator import check, estimate
from .method import Plain, Sizes

if TYPE_CHECKING:
    from .lists import Lists
#: Below this coverage Chao and Tsay advise the one-step estimator.
SUFFICIENT = 0.55


@dataclass(frozen=True)
class SampleCoverage(Plain):
    """Chao and Tsay's estimators."""

    public: ClassVar[tuple[str, ...]] = ("one_step",)

    one_step: bool

    @property
    def title(self) -> str:
        """A short name."""
        return english("sample coverage, one step") if self.one_step else english("sample coverage")

    @property
    def sentence(self) -> str:
        """What it does."""
        if self.one_step:
            return english("the population's size was estimated by the sample coverage approach (one-step)")
        return english("the population's size was estimated by the sample coverage approach")

    @property
    def reference(self) -> str:
        """Where it comes from."""
        return BIBLIOGRAPHY["Chao and others 2001"]

    def sizes(self, counts: Floats, open: Floats) -> Sizes:
        """Return the estimates of Chao et al. (2001), eq. 11 and 14."""
        return lambda tables, threads: _sizes(tables, one_step=self.one_step)

    def reason(self, counts: Floats, open: Floats) -> str:
        """Name what is lacking."""
        if np.isnan(coverage(counts[None, :])[0]):
            return "one of the lists is empty"
        return "the lists overlap too little, or are so dependent, that the size has no bound"


def coverage(tables: Floats) -> Floats:
    """Return the sample coverage: one less the mean share of a list's people who are on no other."""
    return np.asarray(1 - sum(tables[:, 1 << j] / _on(tables, j) for j in range(3)) / 3)


def _on(tables: Floats, *lists: int) -> Floats:
    mask = sum(1 << j for j in lists)
    return np.asarray(tables[:, [c for c in range(8) if c & mask == mask]].sum(axis=1))


def _sizes(tables: Floats, *, one_step: bool) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        share = coverage(tables)
        alone = sum(tables[:, 1 << j] for j in range(3))
        first = (tables.sum(axis=1) - alone / 3) / share
        # For each pair: people on one of the two and not on the third list; the overlap by that of independence.
        parts = []
        for a, b, third in ((0, 1, 2), (0, 2, 1), (1, 2, 0)):
            outside = sum(_on(tables, j) - _on(tables, j, third) for j in (a, b))
            parts.append((outside, _on(tables, a, b) / (_on(tables, a) * _on(tables, b))))
        if one_step:
            size = first
            for _ in range(2):
                size = first + sum(outside * (size * ratio - 1) for outside, ratio in parts) / (3 * share)
            result = size
        else:
            pairs = _on(tables, 0, 1) + _on(tables, 0, 2) + _on(tables, 1, 2)
            below = 1 - sum(outside * ratio for outside, ratio in parts) / (3 * share)
            result = np.where(below > 0, pairs / (3 * share) / below, np.inf)
    # Where nobody is on two lists the coverage is 0, and n / 0 people are there; it is none where a list is empty.
    return np.asarray(np.where(share > 0, result, np.where(np.isnan(share), np.nan, np.inf)))


@checked
def sample_coverage(
    lists: Lists,
    *,
    one_step: bool | None = None,
    by: str | Sequence[str] | None = None,
    bootstrap: str = "full",
) -> Estimate:
    """Estimate a population's size from three lists that may depend on one another, by sample coverage.

    Parameters
    ----------
    lists : Lists
        Three lists.
    one_step : bool, optional
        The one-step estimator, which is more stable and, for positive dependence, a lower bound. By default where
        the coverage is below 55%.
    by : str or list of str, optional
        Strata to estimate separately.
    bootstrap : {"full", "conditional"}
        As for `loglinear`.

    See Also
    --------
    loglinear : models of the dependence.
    chao_lower_bound : a lower bound.

    Notes
    -----
    Coverage is one less the mean share of a list's people who are on no other list. Chao and Tsay (1998,
    Journal of the American Statistical Association 93:283-293) estimate from it how dependent each pair is;
    Chao et al. (2001), Statistics in Medicine 20:3123-3157, give both estimators for three lists.

    Examples
    --------
    Hepatitis A in a Taiwanese college (Chao et al. 2001), where the coverage is 51%:

    >>> import hiddenpop as hp
    >>> cells = {"P": [1, 1, 1, 0, 1, 0, 0], "Q": [1, 1, 0, 1, 0, 1, 0], "E": [1, 0, 1, 1, 0, 0, 1],
    ...          "people": [28, 21, 17, 18, 69, 55, 63]}
    >>> lists = hp.Lists(cells, ["P", "Q", "E"], counts="people")
    >>> round(hp.sample_coverage(lists).point)
    508
    >>> round(hp.sample_coverage(lists, one_step=False).point)
    971
    """
    check(lists)
    if len(lists) != 3:
        raise InputError(
            f"Sample coverage is for three lists, not {len(lists)}. Pick three: lists[{', '.join(map(repr, lists.names[:3]))}]."
        )
    share = float(coverage(lists.tables())[0])
    one_step = share < SUFFICIENT if one_step is None else flag(one_step, "one_step")
    notes: tuple[str, ...] = ()
    if share < SUFFICIENT and not one_step:
        notes = (f"The sample coverage is {share:.0%}, too low for this estimator; the one-step estimator is a bound",)
    return estimate(lists, SampleCoverage(one_step), by=by, bootstrap=bootstrap, notes=notes)
