"""Degrees of freedom of each label: those of the people it is about, not those of the whole design.

A group that lies in k clusters of s strata has k - s (Korn and Graubard 1999, section 5.2; R's `degf` of a subset), less what
the predictors of a model take. What is computed from several groups of one sample has Satterthwaite's (1946, Biometrics
Bulletin 2:110-114), as if the groups were independent, but no more than all their people together; none where one of them
has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from weakref import WeakKeyDictionary

import numpy as np

from ..answers.asked import Asked
from ..draws.streams import digest
from ..expression import graph
from ..expression.nodes import Node
from ..ground.columns import Bools, Codes, Floats
from . import kept

#: Found once for each answer, which never changes.
_found: WeakKeyDictionary[Node, Floats] = WeakKeyDictionary()


def of_answer(leaf: Asked) -> Floats:
    """Return the degrees of freedom of each label of a sample's answer; infinite where nobody knows."""
    if leaf not in _found:
        stored, alone, known = kept.kept_of(leaf), kept.alone_of(leaf), leaf.record.df
        if stored is not None:
            _found[leaf] = stored[0].df[stored[1]]
        elif alone is not None:
            _found[leaf] = alone.df
        elif leaf.sample is None:
            _found[leaf] = np.full(len(leaf.point), np.inf if known is None else float(known) - leaf.taken_df)
        else:
            domain, which = leaf.domains()
            _found[leaf] = leaf.sample.df_by(domain, int(which.max(initial=-1)) + 1)[which] - leaf.taken_df
    return _found[leaf]


def together(leaves: Sequence[Asked], slopes: Mapping[Node, Floats], variances: Callable[[Asked], Floats]) -> Floats:
    """Return the degrees of freedom of labels that are computed from answers of one sample.

    Parameters
    ----------
    leaves : sequence of Asked
        The answers.
    slopes : mapping
        Derivatives of the labels by each answer (labels x its labels).
    variances : function
        The variance of each label of an answer.
    """
    own = np.concatenate([of_answer(leaf) for leaf in leaves])
    slope = np.concatenate([slopes[leaf] for leaf in leaves], axis=1)
    reached = slope != 0
    least: Floats = np.where(reached, own, np.inf).min(axis=1, initial=np.inf)
    if any(leaf.sample is None for leaf in leaves) or (reached.sum(axis=1) < 2).all():
        return least
    domains = _Domains(leaves)
    parts: Floats | None = None
    for row, cells in enumerate(reached):
        places = domains.of(np.flatnonzero(cells))
        if len(places) < 2 or not 1 <= least[row] < np.inf:
            continue
        if parts is None:
            parts = np.concatenate([variances(leaf) for leaf in leaves])
        with np.errstate(invalid="ignore", divide="ignore"):
            each = (slope[row] ** 2 * parts)[cells]
            df = each.sum() ** 2 / (each**2 / own[cells]).sum()
        if np.isfinite(df):
            least[row] = max(least[row], min(df, domains.joint(places)))
    return least


class _Domains:
    """The domains of several answers of one sample, those of equal people told to be one."""

    def __init__(self, leaves: Sequence[Asked]) -> None:
        self._sample, self._taken = leaves[0].live, max(leaf.taken_df for leaf in leaves)
        found: dict[str, int] = {}
        self._masks: list[Bools] = []
        self._of: list[int] = []
        for leaf in leaves:
            domain, which = leaf.domains()
            places = {}
            for one in np.unique(which).tolist():
                inside = domain == one
                key = digest(inside)
                if key not in found:
                    found[key] = len(self._masks)
                    self._masks.append(inside)
                places[one] = found[key]
            self._of += [places[one] for one in which.tolist()]
        self._joint: dict[tuple[int, ...], float] = {}

    def of(self, labels: Codes) -> tuple[int, ...]:
        """Return the different domains of some labels."""
        return tuple(sorted({self._of[int(label)] for label in labels}))

    def joint(self, domains: tuple[int, ...]) -> float:
        """Return the degrees of freedom of all people of some domains."""
        if domains not in self._joint:
            inside = np.logical_or.reduce([self._masks[one] for one in domains])
            codes = np.where(inside, 0, -1)
            self._joint[domains] = float(self._sample.df_by(codes, 1)[0]) - self._taken
        return self._joint[domains]


def fewest(node: Node, only: Sequence[Node] | None = None) -> Floats:
    """Return the fewest degrees of freedom that each label rests on, of all answers or of some; infinite where on none."""
    found: dict[Node, Floats] = {}
    for one in graph.walk(node):
        least = np.full(len(one.point), np.inf)
        if isinstance(one, Asked) and (only is None or one in only):
            least = of_answer(one)
        for arg, reached in zip(one.args, one.reaches() if one.args else [], strict=True):
            below = np.where(reached, found[arg][None, :], np.inf).min(axis=1, initial=np.inf)
            least = np.minimum(least, below)
        found[one] = least
    return found[node]
