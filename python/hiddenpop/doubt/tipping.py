"""How far an input must move until a conclusion no longer holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..errors import EstimationError, InputError, in_words, once
from ..estimate.combine import prob
from ..estimate.estimate import Estimate
from ..expression.nodes import Node
from ..expression.operations import COMPARISONS, symbol_of
from ..ground import checks
from ..ground.columns import Bools, Floats
from ..ground.language import tr
from .digits import write
from .evaluate import Model
from .ranges import Varied

#: Values between the ends where points are looked up, and where whole estimates are.
POINTS, ESTIMATES = 201, 31
#: A tipping point is found to this part of the range.
PRECISION = 1e-9
#: With probabilities, which are steps of one draw, to this part.
COARSE = 1e-5
FLIPPED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
#: A comparison of these with one another is a slip.
SCALES = ("size", "rate", "share", "mean")


@dataclass(frozen=True)
class Condition:
    """A conclusion: a comparison with a number, or a function that makes a comparison of the result."""

    text: str
    symbol: str = ">"
    threshold: float = np.nan
    function: Callable[[Estimate], Any] | None = None
    probability: float | None = None

    @property
    def of_points(self) -> bool:
        """Whether the points alone decide, which need no estimate each."""
        return self.function is None and self.probability is None

    def holds(self, model: Model, name: str, values: Floats) -> Floats:
        """Tell for each value whether the conclusion holds: 1 or 0, NaN without an estimate."""
        if self.of_points:
            return _compare(self.symbol, model.points({name: values})[0], self.threshold)
        return np.array([self._one(model, {name: float(value)}) for value in values])

    def _one(self, model: Model, case: dict[str, float]) -> float:
        try:
            result = model(case)
            event = self._event(result)
        except EstimationError:
            return np.nan
        if self.probability is None:
            return float(event.node.point[0])
        share = float(np.asarray(prob(event)))
        return np.nan if np.isnan(share) else float(share >= self.probability)

    def _event(self, result: Estimate) -> Estimate:
        if self.function is None:
            event: Any = {
                ">": result.__gt__,
                ">=": result.__ge__,
                "<": result.__lt__,
                "<=": result.__le__,
            }[self.symbol](self.threshold)
        else:
            event = checks.called(self.function, result, what="event")
        if not isinstance(event, Estimate) or event.quantity != "event" or not event.scalar:
            raise InputError("The function should return one comparison of the result, such as people > 20_000.")
        return event


def read(
    event: Any, above: float | None, below: float | None, probability: float | None, result: Estimate
) -> Condition:
    """Understand a conclusion."""
    if sum(given is not None for given in (event, above, below)) != 1:
        raise InputError("Give one conclusion: tipping_point(people > 20_000), or above=20_000, or below=...")
    if probability is not None:
        checks.between(probability, "probability", example="0.95")
    often = "" if probability is None else tr(" in at least {share} of draws", share=write(probability, share=True))
    if isinstance(event, Estimate):
        symbol, threshold = _comparison(event, result)
    elif event is not None:
        if not callable(event):
            raise InputError(
                f"{in_words(event)} is no comparison. Write people > {in_words(event)}, or above={in_words(event)}."
            )
        return Condition(tr("the conclusion{often}", often=often), function=event, probability=probability)
    else:
        symbol, threshold = (">", above) if above is not None else ("<", below)  # type: ignore[assignment]
        checks.number(threshold, "above" if symbol == ">" else "below")
    shown = write(float(threshold), share=result.quantity == "share")
    return Condition(f"{symbol} {shown}{often}", symbol, float(threshold), None, probability)


def _comparison(event: Estimate, result: Estimate) -> tuple[str, float]:
    """Read direction and number off an event."""
    node, _ = event.node.picked
    sign = symbol_of(node)
    if sign is None or sign not in COMPARISONS:
        raise InputError(
            f"'{event.name}' is no single comparison with a number, such as people > 20_000. For anything else give a "
            "function: tipping_point(lambda people: (people > 15_000) & (people < 20_000))."
        )
    left, right = (_number(arg) for arg in node.args)
    if (left is None) == (right is None):
        raise InputError(
            f"'{event.name}' compares with no single number. To compare with another estimate give a function: "
            "tipping_point(lambda people: people > other)."
        )
    symbol, threshold = (sign, right) if right is not None else (FLIPPED[sign], left)
    assert threshold is not None
    compared = node.args[0 if right is not None else 1].quantity
    if (compared in SCALES or result.quantity in SCALES) and compared != result.quantity:
        one, other = (
            f"a {kind}" if kind in SCALES else "no size, rate or share" for kind in (compared, result.quantity)
        )
        raise InputError(
            f"'{event.name}' is about {one}, and the model returns {other}; compare what the model returns."
        )
    return symbol, threshold


def _number(node: Node) -> float | None:
    below, _ = node.picked
    return float(below.point[0]) if below.constant and bool(np.all(below.point == below.point[0])) else None


def _compare(symbol: str, values: Floats, threshold: float) -> Floats:
    holds = {">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal}[symbol](values, threshold)
    return np.where(np.isnan(values), np.nan, holds)


def table(model: Model, inputs: Sequence[Varied], condition: Condition) -> pd.DataFrame:
    """Make the table; see `Sensitivity.tipping_point`."""
    if not condition.of_points:
        model.draw_sources()
    rows = []
    with once():
        for varied in inputs:
            holds, where, note = _find(model, varied, condition)
            rows.append((varied.low, varied.base, varied.high, holds, where, note))
    columns = ["low", "base", "high", "holds", "tips_at", "note"]
    return pd.DataFrame(rows, index=pd.Index([v.name for v in inputs], name="input"), columns=columns)


def _find(model: Model, varied: Varied, condition: Condition) -> tuple[bool, float, str]:
    values = np.union1d(varied.grid(POINTS if condition.of_points else ESTIMATES), [varied.base])
    found = condition.holds(model, varied.name, values)
    at_base = found[values == varied.base][0]
    if np.isnan(at_base):
        raise EstimationError("The base case has no answer to this conclusion.")
    holds = bool(at_base)
    known = ~np.isnan(found)
    values, found = values[known], found[known]
    changed = found != at_base
    lost = "" if known.all() else tr("; there is no estimate in a part of the range")
    if not changed.any():
        extreme = _extreme(model, varied, condition, values, holds=holds)
        if holds:
            said = tr("not within the range: '{condition}' holds throughout", condition=condition.text)
        else:
            said = tr("not within the range: '{condition}' holds nowhere", condition=condition.text)
        return holds, np.nan, f"{said}{extreme}{lost}"
    places = [
        _edge(model, varied, condition, values, changed, side) for side in (values < varied.base, values > varied.base)
    ]
    near = min((p for p in places if p is not None), key=lambda p: abs(p - varied.base))
    again = bool(np.abs(np.diff(found)).sum() > 1)
    if near < varied.base and holds:
        said = tr("'{condition}' no longer holds from here down", condition=condition.text)
    elif near < varied.base:
        said = tr("'{condition}' holds from here down", condition=condition.text)
    elif holds:
        said = tr("'{condition}' no longer holds from here up", condition=condition.text)
    else:
        said = tr("'{condition}' holds from here up", condition=condition.text)
    more = tr("; and changes again further on or on the other side") if again else ""
    return holds, near, f"{said}{more}{lost}"


def _edge(
    model: Model, varied: Varied, condition: Condition, values: Floats, changed: Bools, side: Bools
) -> float | None:
    """Return where the answer changes first on one side of the base value."""
    places = np.flatnonzero(changed & side)
    if len(places) == 0:
        return None
    first = places[-1] if values[places[0]] < varied.base else places[0]
    outer = float(values[first])
    if varied.values is not None:
        return outer
    inner = float(values[first + (1 if outer < varied.base else -1)])
    precision = (PRECISION if condition.of_points else COARSE) * (varied.high - varied.low)
    before = condition.holds(model, varied.name, np.array([inner]))[0]
    while abs(outer - inner) > precision:
        middle = (outer + inner) / 2
        if condition.holds(model, varied.name, np.array([middle]))[0] == before:
            inner = middle
        else:
            outer = middle
    return (outer + inner) / 2


def _extreme(model: Model, varied: Varied, condition: Condition, values: Floats, *, holds: bool) -> str:
    """Say how near the point estimate comes."""
    if condition.function is not None:
        return ""
    points = model.points({varied.name: values})[0]
    low = (condition.symbol in (">", ">=")) == holds
    place = int(np.nanargmin(points) if low else np.nanargmax(points))
    point, value = write(points[place], 3), write(values[place])
    if low:
        return tr(" (lowest {point} at {value})", point=point, value=value)
    return tr(" (highest {point} at {value})", point=point, value=value)
