"""What an analyst says about an input: a range, a middle, values, or a distribution."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..errors import InputError, in_words, suggest
from ..estimate import inputs
from ..estimate.estimate import Estimate
from ..ground.checks import real
from ..ground.columns import Floats

#: An uncertain input is varied between these quantiles.
ENDS = (0.025, 0.975)


@dataclass(frozen=True, eq=False)
class Varied:
    """One input and the values that it may have."""

    name: str
    low: float
    base: float
    high: float
    #: The values given one by one; None where everything between the ends is possible.
    values: tuple[float, ...] | None = None
    #: The middle that a range was given with.
    middle: float | None = None
    #: The distribution, where the input was given as one.
    uncertain: Estimate | None = None

    @property
    def ratio(self) -> bool:
        """Whether it is taken as a ratio, such as an odds ratio: positive, on both sides of 1."""
        return self.values is None and 0 < self.low < 1 < self.high

    def grid(self, points: int) -> Floats:
        """Return values from end to end: evenly spaced, for ratios on the log scale; those given, if some were."""
        if self.values is not None:
            return np.array(self.values)
        if self.ratio:
            return np.asarray(np.geomspace(self.low, self.high, points))
        return np.linspace(self.low, self.high, points)

    def distribution(self) -> Estimate:
        """Return the input as an uncertain one; a range says that all of it is equally likely."""
        if self.uncertain is not None:
            return self.uncertain
        if self.values is not None:
            raise InputError(
                f"The values of {self.name!r} have no probabilities. Give a distribution, such as "
                f"hp.uniform({self.low:g}, {self.high:g}), to vary all inputs at once."
            )
        if self.ratio and self.middle is None:
            logarithm = inputs.uniform(math.log(self.low), math.log(self.high), name=f"log {self.name}")
            return (math.e**logarithm).rename(self.name)
        if self.middle is not None:
            return inputs.triangular(self.low, self.middle, self.high, name=self.name)
        return inputs.uniform(self.low, self.high, name=self.name)


def read(name: str, given: Any, base: float | None) -> Varied:
    """Understand what was given for an input; `base` overrides the base value that follows from it."""
    if isinstance(given, Estimate):
        return _checked(_uncertain(name, given, base))
    if isinstance(given, (str, bytes, Mapping)) or np.ndim(given) != 1 or len(given) < 2:
        hint = (
            " One value is no range: leave it out and write it into the model."
            if isinstance(given, (int, float, np.number))
            else ""
        )
        raise InputError(
            f"{name}={in_words(given)} should be a range (low, high), (low, middle, high), four values or more, or an uncertain "
            f"input such as hp.beta(80, 20).{hint}"
        )
    numbers = [_number(name, value) for value in given]
    _ordered(name, numbers)
    low, high = numbers[0], numbers[-1]
    if len(numbers) == 3:
        return _checked(Varied(name, low, numbers[1] if base is None else base, high, middle=numbers[1]))
    if len(numbers) > 3:
        if base is None and len(numbers) % 2 == 0:
            raise InputError(f"{len(numbers)} values of {name!r} have no middle one; say base={{{name!r}: ...}}.")
        return _checked(Varied(name, low, numbers[len(numbers) // 2] if base is None else base, high, tuple(numbers)))
    if base is None:
        base = math.sqrt(low * high) if 0 < low < 1 < high else (low + high) / 2
    return _checked(Varied(name, low, base, high))


def read_base(base: Mapping[str, float] | None, names: list[str]) -> dict[str, float]:
    """Check the base values that were given."""
    if base is None:
        return {}
    if not isinstance(base, Mapping):
        raise InputError(
            f"base={in_words(base)} should say for each input its value, such as base={{'completeness': 1}}."
        )
    unknown = [name for name in base if name not in names]
    if unknown:
        raise InputError(f"base= names {in_words(unknown[0])}, which has no range. {suggest(unknown[0], names)}")
    return {name: _number(name, value) for name, value in base.items()}


def _uncertain(name: str, given: Estimate, base: float | None) -> Varied:
    if not given.scalar:
        raise InputError(f"{name!r} has {len(given)} labels; pick one: estimate['label'].")
    low, high = (float(q) for q in np.ravel(given.quantile(list(ENDS))))
    point = float(given.node.point[0])
    if base is None:  # the mean of a very skewed distribution may lie beyond its quantiles
        low, high, base = min(low, point), max(high, point), point
    if not np.isfinite([low, high]).all():
        raise InputError(f"The quantiles of {name!r} are infinite or undefined, so it has no range to vary over.")
    if low == high:
        raise InputError(f"{name!r} has no uncertainty, so there is nothing to vary.")
    return Varied(name, low, base, high, uncertain=given)


def _number(name: str, value: Any) -> float:
    if not np.isfinite(real(value)):
        raise InputError(f"{name!r} is varied over numbers, not {in_words(value)}.")
    return real(value)


def _ordered(name: str, numbers: list[float]) -> None:
    shown = ", ".join(f"{n:g}" for n in numbers)
    if len(numbers) == 3 and numbers[0] <= numbers[1] <= numbers[2] and numbers[0] < numbers[2]:
        return
    if all(a < b for a, b in pairwise(numbers)):
        return
    right = ", ".join(f"{n:g}" for n in sorted(set(numbers)))
    hint = f" Did you mean ({right})?" if len(set(numbers)) > 1 else ""
    raise InputError(f"{name}=({shown}) should go from low to high.{hint}")


def _checked(varied: Varied) -> Varied:
    if not varied.low <= varied.base <= varied.high:
        raise InputError(
            f"The base value {varied.base:g} of {varied.name!r} lies outside its range, {varied.low:g} to {varied.high:g}. "
            f"Widen the range or say base={{{varied.name!r}: ...}}."
        )
    return varied
