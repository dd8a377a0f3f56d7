"""A node that says that something was adjusted: for what, by how much, and what that does to N = B / p."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from ..errors import EstimationError, InputError, in_words, listing, warn
from ..expression import evaluate, graph
from ..expression.nodes import Elementwise, Node, Quantity
from ..expression.typed import require
from ..ground.columns import Bools, Floats
from ..ground.language import filled, number, read, tr
from ..ground.text import enumerated
from .adjustments import ADJUSTMENTS, Adjustment, Slot

#: An adjusted share may leave 0 to 1 by this much and still be rounding.
ROUNDING = 1e-12
#: Above this share of truncated draws every interval says so.
MUCH = 0.01
#: All but one of a thousand draws lies between these quantiles.
ENDS = (0.0005, 0.9995)
#: A step into the complex plane, for derivatives without rounding (Squire and Trapp 1998, SIAM Review 40:110-112).
STEP = 1e-30
_truncations: WeakKeyDictionary[Adjusted, Floats] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False, repr=False)
class Adjusted(Elementwise):
    """A benchmark, share or size without one of its flaws: `args` are what is adjusted and the adjustment's inputs."""

    public: ClassVar[tuple[str, ...]] = ("args", "kind", "labels")

    args: tuple[Node, ...]
    #: Names the adjustment in `adjustments`.
    kind: str
    #: Names the labels in messages.
    labels: pd.Index[Any]
    point: Floats = field(init=False)

    def confirm(self) -> None:
        """Refuse labels that are not those of the numbers."""
        require(self, len(self.labels) == len(self.point))

    def __post_init__(self) -> None:
        require(self, self.kind in ADJUSTMENTS)
        values = [arg.point for arg in self.args]
        for slot, arg in zip(self.does.slots, self.args[1:], strict=True):
            self._check(slot, arg.point)
            if arg.given_as is not None:
                self._check_ends(slot, arg)
        if self._contradicts(values).any():
            raise InputError(f"{self._impossible}, so answers or links say nothing of who is in the register.")
        point = np.array(np.broadcast_to(self._formula(values), len(self.labels)))
        outside = self._outside(point)
        if outside.any():
            text = (
                f"{self._observed(values, outside)}, which {self._inputs()} can't give: the adjusted share would be "
                f"{listing([round(float(p), 3) for p in point[outside]])}. Check these numbers, or widen them"
            )
            if outside.all():
                raise EstimationError(f"{text}.")
            warn(f"{text}. No estimate there.")
            point[outside] = np.nan
        object.__setattr__(self, "point", self._clipped(point))

    def _check_ends(self, slot: Slot, given: Node) -> None:
        """Refuse a distribution that reaches beyond what is possible: intervals without draws would not notice."""
        low, high = given.exact(ENDS)[0]
        if low < slot.lowest - ROUNDING or high > slot.highest + ROUNDING:
            raise InputError(
                f"{slot.name} is {given.estimator}, which reaches from {low:.3g} to {high:.3g}; it must be {slot.range}. Describe it "
                f"by a distribution within, such as {'hp.lognormal' if slot.highest == float('inf') else 'hp.beta'}."
            )

    @property
    def does(self) -> Adjustment:
        """What is adjusted for, and how."""
        return ADJUSTMENTS[self.kind]

    @property
    def quantity(self) -> Quantity:
        """As what is adjusted; a number of people in a register is a size."""
        before = self.args[0].quantity
        return "size" if before == "plain" else before

    @property
    def no_size(self) -> str | None:
        """As what is adjusted."""
        return self.args[0].no_size

    @property
    def n(self) -> Floats | None:
        """Participants behind what is adjusted."""
        return self.args[0].n

    @property
    def missing(self) -> Floats | None:
        """Missing answers behind what is adjusted."""
        return self.args[0].missing

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Adjust draw by draw; shares are truncated to 0 to 1, undefined where the inputs contradict themselves."""
        for slot, value in zip(self.does.slots, values[1:], strict=True):
            if bool(np.any((value < slot.lowest) | (value > slot.highest))):
                raise EstimationError(
                    f"Some draws of {slot.name} are not {slot.range}. Describe it by a distribution within, such as "
                    f"{'hp.lognormal' if slot.highest == float('inf') else 'hp.beta'}."
                )
        result = self._clipped(self._formula(values))
        lost = self._contradicts(values)
        result[np.broadcast_to(lost, result.shape) | np.isnan(self.point)[:, None]] = np.nan
        return result

    def partials(self, values: Sequence[Floats]) -> list[Floats]:
        """Return the derivatives by each argument, at values of all of them; of shares before they are truncated."""
        result = []
        for i in range(len(values)):
            moved = [value + STEP * 1j if i == j else value for j, value in enumerate(values)]
            result.append(np.asarray(np.imag(self._formula(moved)) / STEP))
        return result

    def truncated(self) -> Floats | None:
        """Return for each label the share of draws that were truncated; None where that is not known."""
        if not self.does.truncates or not graph.sources(self) or not graph.drawable(self):
            return None
        if self not in _truncations:
            try:
                outside = evaluate.draws(_Outside(self.args, self))
            except EstimationError:  # read without draws
                return None
            _truncations[self] = np.mean(outside, axis=1)
        return _truncations[self]

    @property
    def remarks(self) -> list[str]:
        """What must be known to read an interval."""
        shares = self.truncated()
        if shares is None or not (shares > MUCH).any():
            return []
        often = listing(list(self.labels[shares > MUCH]))
        return [
            f"Adjusting for {self.does.title} puts {100 * shares.max():.1f}% of the draws outside 0 to 1 ({often}), where they "
            "are truncated: data and inputs hardly agree, and the interval leans on its edge"
        ]

    @property
    def adjusted_for(self) -> str:
        """The flaw, for tables."""
        return self.does.title

    def replaceable(self) -> Mapping[str, tuple[Node, pd.Index[Any] | None]]:
        """Return the adjustment's inputs."""
        return {
            slot.name: (arg, self.labels if len(arg.point) > 1 else None)
            for slot, arg in zip(self.does.slots, self.args[1:], strict=True)
        }

    def describe(self) -> tuple[list[str], list[str]]:
        """Say what was done, by which inputs, and in which direction."""
        inputs = {slot.name: _said(arg, self.labels) for slot, arg in zip(self.does.slots, self.args[1:], strict=True)}
        sentences = [filled(self.does.words, what=self._what, **inputs), self._effect()]
        shares = self.truncated()
        if shares is not None and (shares > 0).any():
            sentences.append(
                tr(
                    "Of the draws, {share:.2g}% fell outside 0 to 1 by this adjustment and were truncated.",
                    share=100 * shares.max(),
                )
            )
        return sentences, [self.does.reference]

    @property
    def _what(self) -> str:
        if self.does.acts_on == "share":
            return tr("the share p")
        surveyed = any(source.origin.sampled for source in graph.sources(self.args[0]))
        return tr("the size N") if surveyed else tr("the benchmark B")

    def _effect(self) -> str:
        """Say what this did at the points, to N above all."""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = self.point / self.args[0].point
        ratio = np.broadcast_to(ratio, len(self.labels))[np.isfinite(ratio) & (ratio > 0)]
        if not len(ratio):
            return tr("What this does to N is not defined here.")
        if self.does.acts_on == "benchmark":
            return tr("This {moves}.", moves=_moves("N = B / p", ratio))
        return tr("This {moves} and so {then}.", moves=_moves("p", ratio), then=_moves("N = B / p", 1 / ratio))

    def _formula(self, values: Sequence[Any]) -> Any:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return np.asarray(self.does.formula(*values))

    def _clipped(self, result: Floats) -> Floats:
        return np.clip(result, 0.0, 1.0) if self.does.truncates else np.array(result)

    def _outside(self, share: Floats) -> Bools:
        if not self.does.truncates:
            return np.zeros(share.shape, dtype=bool)
        return np.asarray((share < -ROUNDING) | (share > 1 + ROUNDING))

    def _contradicts(self, values: Sequence[Floats]) -> Bools:
        """Mark where saying yes is no likelier for registered participants than for others."""
        if self.kind == "self-report":
            return np.asarray(values[1] + values[2] <= 1)
        if self.kind == "linkage":
            return np.asarray(values[1] <= values[2])
        return np.zeros(1, dtype=bool)

    @property
    def _impossible(self) -> str:
        if self.kind == "linkage":
            return "Registered participants are no likelier to be linked than others (recall <= false_matches)"
        return "Registered participants are no likelier to say so than others (sensitivity + specificity <= 1)"

    def _observed(self, values: Sequence[Floats], outside: Bools) -> str:
        share = np.broadcast_to(values[0], len(self.labels))[outside]
        return f"The share at {listing(list(self.labels[outside]))} is {listing([round(float(p), 3) for p in share])}"

    def _inputs(self) -> str:
        pairs = zip(self.does.slots, self.args[1:], strict=True)
        return " and ".join(f"{slot.name} {_said(arg, self.labels)}" for slot, arg in pairs)

    def _check(self, slot: Slot, value: Floats) -> None:
        wrong = (value < slot.lowest) | (value > slot.highest)
        wrong |= (slot.above & (value == slot.lowest)) | (slot.below & (value == slot.highest))
        if wrong.any():
            first = float(value[wrong][0])
            where = f" at {listing(list(self.labels[wrong]))}" if len(wrong) > 1 else ""
            hint = f" For {first:g}% give {first / 100:g}." if slot.highest == 1 and 1 < first <= 100 else ""
            raise InputError(f"{slot.name} is {first:g}{where}; it must be {slot.range}.{hint}")


@dataclass(frozen=True, eq=False, repr=False)
class _Outside(Node):
    """Marks the draws that an adjustment truncates."""

    args: tuple[Node, ...]
    of: Adjusted
    quantity: Literal["other"] = "other"
    n: Floats | None = None
    missing: Floats | None = None

    @property
    def point(self) -> Floats:
        """Nothing at the points."""
        return np.zeros(len(self.of.labels))

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Return 1 where a draw is truncated."""
        outside = self.of._outside(self.of._formula(values)) & ~self.of._contradicts(values)
        return np.broadcast_to(outside, (len(self.of.labels), stop - start)).astype(float)


def is_adjusted_for(node: Node, kind: str) -> bool:
    """Tell whether an expression holds an adjustment of a kind."""
    return any(isinstance(other, Adjusted) and other.kind == kind for other in graph.walk(node))


def unadjusted(node: Node, labels: pd.Index[Any]) -> tuple[Node, pd.Index[Any]]:
    """Return what a chain of adjustments starts from, with its labels; anything else as it is."""
    below, _ = node.picked
    if not isinstance(below, Adjusted):
        return node, labels
    return unadjusted(below.args[0], below.labels)


def _moves(what: str, ratio: Floats) -> str:
    """Say in which direction and how far something moves, in per cent."""
    low, high = float(ratio.min()) - 1, float(ratio.max()) - 1
    if max(abs(low), abs(high)) < ROUNDING:
        return tr("does not change {what}", what=what)
    if low * high < 0:
        return tr("changes {what} by {low:+.3g}% to {high:+.3g}%", what=what, low=100 * low, high=100 * high)
    near, far = sorted((abs(low), abs(high)))
    if far - near < 5e-4:
        span = tr("{share:.3g}%", share=100 * far)
    else:
        span = tr("{low:.3g}% to {high:.3g}%", low=100 * near, high=100 * far)
    if high > 0:
        return tr("raises {what} by {span}", what=what, span=span)
    return tr("lowers {what} by {span}", what=what, span=span)


def _said(node: Node, labels: pd.Index[Any]) -> str:
    """Say what an input is, as it was given."""
    if node.given_as is not None:
        return read(str(node.estimator))
    numbers = [number(value, ".4g") for value in node.point]
    if len(numbers) > 1:
        numbers = [
            tr("{number} for {label}", number=one, label=in_words(label))
            for one, label in zip(numbers, labels, strict=True)
        ]
    given = [read(str(arg.estimator)) for arg in graph.walk(node) if arg.given_as is not None]
    shown = enumerated(numbers)
    if not graph.sources(node):
        return shown
    return tr("{numbers} ({uncertain})", numbers=shown, uncertain=", ".join(dict.fromkeys([tr("uncertain"), *given])))
