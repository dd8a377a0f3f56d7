"""Variances relative to simple random samples of the same size."""

from __future__ import annotations

import numpy as np

from ..answers.statistic import Statistic, picked_statistic, totals
from ..errors import InputError
from ..expression.nodes import Node
from ..ground.columns import Floats
from .variance import measured


def has_design_effect(node: Node) -> bool:
    """Tell whether a node is a mean or proportion of a survey at hand, or some labels of one."""
    found = picked_statistic(node)
    return found is not None and found[0].question.kind in ("mean", "proportion") and found[0].sample is not None


def design_effect(node: Node, *, replacement: bool = False) -> Floats:
    """Return variances relative to simple random samples of the same size, as a rule without replacement.

    Kish (1965), Survey Sampling, section 8.2; R's `svymean(deff=TRUE)`, or `deff="replace"`. Weights that add
    up to no more than the sample are relative ones and say nothing of the population's size.
    """
    found = picked_statistic(node)
    if found is None or not has_design_effect(node):
        raise InputError("A design effect is that of a mean or a proportion, as a survey gives it.")
    statistic, positions = found
    variance = np.diag(measured(statistic).covariance)
    sample = statistic.live
    sampling = sample.sampling
    size = np.asarray(statistic.n, dtype=float)
    spread, population = _spreads(statistic)
    whole = sampling.total(np.ones(len(sample.units)))
    known = statistic.record.weighted and not replacement and whole > sample.n * (1 + 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):  # of a group in which nobody has a weight nothing is known
        fraction = size / population if known else np.zeros(len(size))
        result: Floats = variance / (spread / size * (1 - np.minimum(fraction, 1)))
    return result[positions]


def _spreads(statistic: Statistic) -> tuple[Floats, Floats]:
    """Return each label's weighted variance among participants, and the population they stand for."""
    pairs = totals(statistic)
    sampling = statistic.live.sampling
    spread, population = [], []
    for (values, inside), n in zip(pairs, np.asarray(statistic.n), strict=True):
        assert inside is not None
        whole = sampling.total(inside)
        with np.errstate(divide="ignore", invalid="ignore"):  # one participant has no variance among participants: NaN
            mean = np.divide(sampling.total(values), whole)
            spread.append(np.divide(sampling.total((values - mean * inside) ** 2) * n, whole * (n - 1)))
        population.append(whole)
    return np.array(spread), np.array(population)
