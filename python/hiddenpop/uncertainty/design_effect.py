"""Variances relative to simple random samples of the same size."""

from __future__ import annotations

from typing import cast

import numpy as np

from ..answers.statistic import Statistic, totals
from ..errors import InputError
from ..expression.nodes import Node
from ..expression.operations import Take
from ..ground.columns import Floats


def has_design_effect(node: Node) -> bool:
    """Tell whether a node is a mean or proportion of a survey at hand, or some labels of one."""
    below = _of_take(node)[0]
    return isinstance(below, Statistic) and below.question.kind in ("mean", "proportion") and below.survey is not None


def _of_take(node: Node) -> tuple[Node, list[int]]:
    """Return what labels were taken of, and which."""
    positions = list(range(len(node.point)))
    while isinstance(node, Take):
        positions = [node.positions[i] for i in positions]
        node = node.args[0]
    return node, positions


def design_effect(node: Node, *, replacement: bool = False) -> Floats:
    """Return variances relative to simple random samples of the same size, as a rule without replacement.

    Kish (1965), Survey Sampling, section 8.2; R's `svymean(deff=TRUE)`, or `deff="replace"`. Weights that add
    up to no more than the sample are relative ones and say nothing of the population's size.
    """
    if not has_design_effect(node):
        raise InputError("A design effect is that of a mean or a proportion, as a survey gives it.")
    below, positions = _of_take(node)
    statistic = cast("Statistic", below)
    from .variance import measured  # noqa: PLC0415 (it needs this module)

    variance = np.diag(measured(statistic).covariance)
    survey = statistic.survey
    assert survey is not None
    sampling = survey._sampling
    size = np.asarray(statistic.n, dtype=float)
    spread, population = _spreads(statistic)
    whole = sampling.total(np.ones(len(survey._units)))
    known = statistic.record.weighted and not replacement and whole > survey.n * (1 + 1e-9)
    fraction = size / population if known else np.zeros(len(size))
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = variance / (spread / size * (1 - np.minimum(fraction, 1)))
    return result[positions]


def _spreads(statistic: Statistic) -> tuple[Floats, Floats]:
    """Return each label's weighted variance among participants, and the population they stand for."""
    pairs = totals(statistic)
    assert statistic.survey is not None
    sampling = statistic.survey._sampling
    spread, population = [], []
    for (values, inside), n in zip(pairs, np.asarray(statistic.n), strict=True):
        assert inside is not None
        whole = sampling.total(inside)
        mean = sampling.total(values) / whole
        spread.append(sampling.total((values - mean * inside) ** 2) / whole * n / (n - 1))
        population.append(whole)
    return np.array(spread), np.array(population)
