"""Quantiles: of the sample, and the kernel that finds them in redraws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .. import _core
from ..ground.columns import Floats
from ..sample.sample import Sample
from .indicators import Column
from .question import Rule


def sample_quantiles(values: Floats, weight: Floats, shares: Sequence[float], rule: Rule) -> list[float]:
    """Return weighted quantiles, as the kernel finds them in redraws: what is as near as rounding has reached a share."""
    total = weight.sum()
    if (weight <= 0).any():
        values, weight = values[weight > 0], weight[weight > 0]
    if not total > 0:
        return [np.nan] * len(shares)
    equal = weight.min() == weight.max()
    order = None if equal else np.argsort(values, kind="stable")
    below = weight[0] * np.arange(1, len(values) + 1) if order is None else weight[order]
    if order is not None:
        np.cumsum(below, out=below)
    needed, slack, last = np.asarray(shares) * total, 1e-9 * total, len(values) - 1
    place = np.minimum(np.searchsorted(below, needed - slack), last)
    tie = (rule == "midpoint") & (np.abs(below[place] - needed) <= slack) & (below[place] < total - slack)
    after = np.where(tie, np.minimum(place + 1, last), place)
    if order is None:
        # Sorted only where quantiles lie.
        ranked = np.partition(values, np.unique([*place, *after]))
        low, high = ranked[place], ranked[after]
    else:
        low, high = values[order[place]], values[order[after]]
    return ((low + high) / 2).tolist()  # type: ignore[no-any-return]


def quantile_kernel(
    sample: Sample, columns: Sequence[Column], shares: list[float], rule: Rule, *, whole: bool = False
) -> _core.Quantiles:
    """Return the kernel of quantiles; `whole` when it will be given whole weights of rows."""
    sampling, midpoint = sample.sampling, rule == "midpoint"
    if sampling.row_unit is None or whole:
        return _core.Quantiles(sampling.core, columns, shares, midpoint)
    unit = sampling.row_unit.astype(np.uint32)
    weight = np.ones(len(unit)) if sampling.row_weight is None else sampling.row_weight
    return _core.Quantiles(sampling.core, columns, shares, midpoint, unit, weight)
