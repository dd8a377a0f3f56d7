"""What of a sample's answers goes into a file (`kept` is what comes out of it)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..answers.asked import Asked
from ..errors import EstimationError
from ..expression.nodes import Source
from ..expression.operations import Stack
from . import freedom, jackknife, kept, proportions, variance, woodruff
from .default import default_method
from .kept import ByPeople, Kept, KeptAlone


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
    each = [_by_people(leaf) for leaf in answers]
    least, whole, simple = (np.concatenate(part) for part in zip(*each, strict=True))
    together = ByPeople(least, whole, simple)
    errors = [
        jackknife.standard_error(leaf) if default_method(leaf) == "jackknife" else np.full(len(leaf.point), np.nan)
        for leaf in answers
    ]
    return Kept(found.covariance, df, together, np.concatenate(errors), proportions.clustered(answers[0]))


def of_answer(leaf: Source) -> KeptAlone | None:
    """Return what to keep of an answer whose variance nothing measures; None for what is none."""
    if not isinstance(leaf, Asked):
        return None
    alone = kept.alone_of(leaf)
    if alone is not None:
        return alone
    ends = np.full((len(leaf.point), 2), np.nan)
    if default_method(leaf) == "woodruff":
        ends = woodruff.interval(leaf, 0.025)
    return KeptAlone(freedom.of_answer(leaf), ends)


def _by_people(leaf: Asked) -> ByPeople:
    stored = kept.kept_of(leaf)
    if stored is not None:
        return stored[0].by_people.at(stored[1])
    if proportions.is_share(leaf):
        return proportions.by_people(leaf)
    unknown = np.full(len(leaf.point), np.nan)
    return ByPeople(unknown, unknown, np.zeros(len(unknown), dtype=bool))
