"""What a file keeps of a sample's answers, whose rows stayed where they were: enough for their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from ..errors import EstimationError
from ..expression.nodes import Node
from ..ground.columns import Bools, Codes, Floats


class ByPeople(NamedTuple):
    """What a share would be like if people had been drawn one by one; NaN for what is no share."""

    #: Its variance.
    least: Floats
    #: Kish's effective number of participants.
    whole: Floats
    #: Whether they are a simple random sample: of one stratum, drawn one by one with one chance.
    simple: Bools

    def at(self, places: Codes) -> ByPeople:
        """Return some of the labels."""
        return ByPeople(self.least[places], self.whole[places], self.simple[places])


@dataclass(frozen=True, eq=False)
class Kept:
    """The variance of answers of one sample, all labels together, and what shares need for intervals of their own."""

    #: Labels x labels.
    covariance: Floats
    df: Floats
    #: Of shares.
    by_people: ByPeople
    #: The jackknife's standard errors, where intervals rest on them; NaN elsewhere.
    jackknife: Floats
    #: Whether people were drawn in clusters, or as nobody knows.
    clustered: bool


@dataclass(frozen=True, eq=False)
class KeptAlone:
    """What is kept of an answer whose variance nothing measures, such as a quantile."""

    df: Floats
    #: Woodruff's 95% limits (labels x 2), where intervals rest on them; NaN elsewhere.
    woodruff: Floats


#: By leaf that was read, of those that were saved alone.
_alone: WeakKeyDictionary[Node, KeptAlone] = WeakKeyDictionary()
#: By leaf that was read: what was saved, and where the leaf's labels begin in it.
_kept: WeakKeyDictionary[Node, tuple[Kept, int]] = WeakKeyDictionary()


def keep(leaves: Sequence[Node], kept: Kept) -> None:
    """Attach what was saved to the leaves that were read, in their order."""
    first = 0
    for leaf in leaves:
        _kept[leaf] = kept, first
        first += len(leaf.point)


def keep_alone(leaf: Node, kept: KeptAlone) -> None:
    """Attach what was saved of a leaf that was read."""
    _alone[leaf] = kept


def alone_of(leaf: Node) -> KeptAlone | None:
    """Return what was saved of an answer alone."""
    return _alone.get(leaf)


def kept_of(node: Node) -> tuple[Kept, Codes] | None:
    """Return what was saved of an answer, or of some of its labels, and the places of these in it."""
    below, positions = node.picked
    found = _kept.get(below)
    return None if found is None else (found[0], found[1] + np.asarray(positions, dtype=np.int64))


def together(leaves: Sequence[Node]) -> tuple[Floats, Floats] | None:
    """Return the covariance and degrees of freedom of answers that were saved together; None where they were not."""
    found = [kept_of(leaf) for leaf in leaves]
    some = [one for one in found if one is not None]
    if not some or len(some) < len(found) or any(one[0] is not some[0][0] for one in some):
        return None
    places = np.concatenate([own for _, own in some])
    return some[0][0].covariance[np.ix_(places, places)], some[0][0].df[places]


#: Levels at which limits of a model's own are kept.
LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True, eq=False)
class Limits:
    """Limits of a leaf whose model makes intervals of its own, at some levels."""

    #: By level: labels x 2.
    ends: Mapping[float, Floats]

    def at(self, tail: float, title: str) -> Floats:
        """Return the limits that leave so much on either side."""
        for level, ends in self.ends.items():
            if abs((1 - level) / 2 - tail) < ROUNDING:
                return ends.copy()
        levels = ", ".join(f"{level:g}" for level in self.ends)
        raise EstimationError(
            f"'{title}' was saved without its lists, with limits of its own at the levels {levels}. Use one of these, or "
            "method='percentile'."
        )


#: A level this close to another one is the same.
ROUNDING = 1e-9
_limits: WeakKeyDictionary[Node, Limits] = WeakKeyDictionary()


def keep_limits(leaf: Node, limits: Limits) -> None:
    """Attach limits that were saved to the leaf that was read."""
    _limits[leaf] = limits


def limits_of(leaf: Node) -> Limits | None:
    """Return limits that were saved with a leaf."""
    return _limits.get(leaf)
