"""How uncertain estimates are on the scale of a model that takes them as its data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import EstimationError, listing
from ..expression import evaluate, graph
from ..expression.nodes import Node
from ..ground import scales
from ..ground.columns import Floats

#: Errors are found from this many first draws: always the same, so that more replicates move no point.
VARIANCE_DRAWS = 4_000
#: Correlations of up to so many of their standard errors are chance.
CHANCE = 4.0


def error_covariance(
    node: Node, names: Sequence[Any], *, link: str = "log", sums: Floats | None = None, what: str = "areas"
) -> Floats:
    """Return the covariance of estimates on a link scale, from their draws.

    Parameters
    ----------
    node : Node
        The estimates.
    names : sequence
        What messages call them.
    link : str
        One of `scales.SCALES`.
    sums : array (values x labels), optional
        Which labels are added up to each value.
    what : str
        What messages call several of them.
    """
    sums = np.eye(len(node.point)) if sums is None else sums
    if not graph.sources(node):
        return np.zeros((len(sums), len(sums)))
    graph.require_draws(node)
    try:
        drawn = evaluate.preview(node, VARIANCE_DRAWS)
    except EstimationError:  # read from a file, without its survey
        drawn = evaluate.preview(node, min(VARIANCE_DRAWS, graph.replicates(node)))
    with np.errstate(divide="ignore", invalid="ignore"):
        values = scales.SCALES[link][0](sums @ drawn)
    lost = ~np.isfinite(values).all(axis=1)
    if lost.any():
        bad = [name for name, one in zip(names, np.atleast_1d(lost), strict=True) if one]
        raise EstimationError(
            f"Some draws of the estimates of {listing(bad)} have no "
            f"finite value on the {link} scale (zero, negative, infinite or undefined), so they have no variance there. Leave "
            f"these {what} out, or describe them by a distribution inside the scale, such as hp.published."
        )
    covariance = np.atleast_2d(np.cov(values))
    spread = np.sqrt(np.diag(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = ~(np.abs(covariance / np.outer(spread, spread)) > CHANCE / np.sqrt(VARIANCE_DRAWS))
    covariance[chance & ~np.eye(len(covariance), dtype=bool)] = 0.0
    return covariance
