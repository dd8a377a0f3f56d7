"""What an interval method is: one object says how it is made, what it needs, and what a paper says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ..expression.nodes import Node
from ..ground.columns import Floats
from ..ground.language import english
from .notes import Note


@dataclass(frozen=True)
class Aim:
    """What an interval should hold, and on which scale it is made."""

    level: float
    #: A name from `scales.SCALES`; None for the scale of what is measured.
    scale: str | None = None

    @property
    def tail(self) -> float:
        """What the level leaves on either side."""
        return (1 - self.level) / 2


#: Makes the ends of each label (labels x 2), and what must be known about them.
Ends = Callable[[Node, Aim], tuple[Floats, list[Note]]]


def _as_aimed(node: Node, aim: Aim) -> float:
    return aim.level


def _bonferroni(node: Node, aim: Aim) -> float:
    labels = int((~np.isnan(node.point)).sum())
    return 1 - (1 - aim.level) / max(labels, 1)


@dataclass(frozen=True, kw_only=True)
class Simultaneous:
    """What makes a method's intervals hold for all labels at once."""

    #: In brackets behind "They are simultaneous".
    words: str
    #: A key of the bibliography.
    reference: str | None = None
    #: The level that each label's own interval needs.
    level: Callable[[Node, Aim], float] = _as_aimed
    #: Made in place of the method's own ends, where these say nothing of labels together.
    ends: Ends | None = None


BONFERRONI = Simultaneous(words=english("by Bonferroni's inequality"), level=_bonferroni)


@dataclass(frozen=True, kw_only=True)
class Method:
    """One way to make intervals."""

    #: What users call it.
    name: str
    #: Between "95%" and "intervals" in a sentence.
    words: str
    #: A key of the bibliography.
    reference: str
    ends: Ends
    #: Whether the reference is about samples that are redrawn, so that it says nothing of other draws.
    of_resampling: bool = False
    #: What it rests on: draws, a measured variance, a formula that only one kind of estimate has, or intervals of the parts.
    rests_on: Literal["draws", "variance", "kind", "parts"] = "draws"
    #: Whether it needs the variance formula of a design, which some designs decline.
    by_design: bool = False
    #: Whether it corrects for how a sample is redrawn, so that nothing else may be uncertain.
    sampling: bool = False
    #: Whether it takes parts that measure different things one by one, since each has a scale of its own.
    by_part: bool = True
    #: What parts that no sample stands behind get instead.
    unsampled: Method | None = None
    #: The words where replicates measure the variance.
    words_by_replicates: str | None = None
    simultaneous: Simultaneous = BONFERRONI

    def jointly(self, node: Node, aim: Aim) -> tuple[Method, Aim]:
        """Return what to do, and to ask of each label, so that all hold at once."""
        level = min(self.simultaneous.level(node, aim), 1 - 1e-15)
        return replace(self, ends=self.simultaneous.ends or self.ends), replace(aim, level=level)
