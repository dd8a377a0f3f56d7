"""What of a sample's answers goes into a file (`kept` is what comes out of it)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..answers.asked import Asked
from ..errors import EstimationError
from ..expression.nodes import Source
from ..expression.operations import Stack
from . import freedom, kept, proportions, variance
from .kept import Kept


def of_answers(leaves: Sequence[Source]) -> Kept | None:
    """Return what to keep of the answers of one sample; None for what is none, or has no measured variance."""
    answers = [leaf for leaf in leaves if isinstance(leaf, Asked)]
    if len(answers) < len(leaves) or not all(variance.known(leaf) for leaf in leaves):
        return None
    try:
        found = variance.measured(Stack(tuple(leaves)))
    except EstimationError:
        return None
    df = np.concatenate([freedom.of_answer(leaf) for leaf in answers])
    least, whole = [], []
    for leaf in answers:
        stored = kept.kept_of(leaf)
        if stored is not None:
            least.append(stored[0].least[stored[1]])
            whole.append(stored[0].whole[stored[1]])
        elif proportions.is_share(leaf):
            by_people = proportions.by_people(leaf)
            least.append(by_people[0])
            whole.append(by_people[1])
        else:
            least.append(np.full(len(leaf.point), np.nan))
            whole.append(np.full(len(leaf.point), np.nan))
    return Kept(found.covariance, df, np.concatenate(least), np.concatenate(whole), proportions.drawn(answers[0]))
