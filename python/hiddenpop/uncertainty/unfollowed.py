"""Redraws that follow how far recruitment goes by some columns say nothing of others: a look at the linearised variance tells."""

from __future__ import annotations

import numpy as np

from ..answers.statistic import picked_statistic
from ..errors import EstimationError, Refusal
from ..expression import evaluate
from ..expression.nodes import Node
from ..ground.language import english
from . import of_draws, variance
from .notes import Note

#: The linearised standard error may pass that of the draws by so much.
MUCH = 4 / 3
#: Draws that vary this much less don't vary, which is said of them already.
VASTLY = 1e6


def unfollowed(node: Node) -> list[Note]:
    """Say where people are much more alike along the trees of recruitment than redraws know."""
    found = picked_statistic(node)
    if found is None or found[0].sample is None or not found[0].record.by_draws:
        return []
    answer, positions = found
    linear = answer.live.sampling.linear
    if isinstance(linear, Refusal) or not answer.linearizable or set(answer.question.columns) <= set(linear.followed):
        return []
    draws = evaluate.kept_draws(node)
    if draws is None:
        return []
    try:
        se = variance.measured(answer).se[positions]
    except EstimationError:
        return []
    drawn, _ = of_draws.standard_error(draws)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = se / drawn
        far = (ratio > MUCH) & (ratio < VASTLY)
    if not far.any():
        return []
    column = answer.question.columns[0] if answer.question.columns else "it"
    text = english(
        "Participants are more alike along recruitment in '{column}' than the redraws know: its linearised standard error is up to "
        "{ratio:.2g} times that of the draws. Use interval(method='t'), or name the column in homophily_on",
        column=column,
        ratio=ratio[far].max(),
    )
    return [Note.at(text, far)]
