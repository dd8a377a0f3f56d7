"""Simulated studies as a kernel: ranges of them run here, or wherever an executor sends them."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..draws import settings
from ..errors import EstimationError, HiddenpopWarning, InputError
from ..estimate.arithmetic import within
from ..estimate.estimate import Estimate
from ..ground.columns import Bools, Floats
from . import study

#: What a study leaves: estimate, lower and upper end, whether it failed, whether it drew from its stream.
ROWS = 5


@dataclass(frozen=True, eq=False)
class Studies:
    """A function that simulates a study, and for which sizes."""

    function: Callable[..., Any]
    #: How the function takes its stream: by the keyword, as second argument, or not at all.
    passing: str
    n: tuple[int, ...]
    seed: int
    level: float
    method: str | None
    #: Replicates and seed of the surveys that the function makes, which workers would not know.
    replicates: int
    own_seed: int

    def block(self, start: int, stop: int, threads: int) -> list[Floats]:
        """Return, for each size, what studies start..stop found (rows x studies)."""
        found = []
        with self._quiet(threads):
            for size in self.n:
                rows = np.empty((ROWS, stop - start))
                for number in range(start, stop):
                    rows[:, number - start] = self._study(size, number)
                found.append(rows)
        return found

    def _study(self, size: int, number: int) -> tuple[float, float, float, float, float]:
        bits = self._bits(size, number)
        untouched = bits.state
        try:
            answer = self._answer(size, np.random.Generator(bits))
        except EstimationError:
            answer = (math.nan, math.nan, math.nan)
        except InputError as error:
            raise InputError(f"Study {number} with n={size:,} can't be made: {error}") from error
        except Exception as error:
            raise InputError(
                f"The function failed in study {number} with n={size:,} ({type(error).__name__}: {error})."
            ) from error
        failed = any(math.isnan(value) for value in answer)
        if failed:
            answer = (math.nan, math.nan, math.nan)
        return (*answer, float(failed), float(bits.state != untouched))

    def _bits(self, size: int, number: int) -> np.random.PCG64:
        """Return a study's own randomness: a function of seed, size and number alone."""
        return np.random.PCG64(np.random.SeedSequence([self.seed, size, number]))

    def _answer(self, size: int, stream: np.random.Generator) -> tuple[float, float, float]:
        with study.drawing(stream):
            if self.passing == "keyword":
                made = self.function(size, rng=stream)
            elif self.passing == "second":
                made = self.function(size, stream)
            else:
                made = self.function(size)
            return self._read(made)

    def _read(self, made: object) -> tuple[float, float, float]:
        if isinstance(made, Estimate):
            if not made.scalar:
                raise InputError(
                    f"the function returns an estimate with {len(made)} labels; pick one: estimate['label']."
                )
            lower, upper = made.interval(self.level, self.method).to_numpy()[0]
            return float(made.node.point[0]), float(lower), float(upper)
        try:
            estimate, lower, upper = (float(value) for value in made)  # type: ignore[attr-defined]
        except (TypeError, ValueError):
            raise InputError(
                f"the function returns {type(made).__name__}; it must return an Estimate or (estimate, lower, upper). "
                f"{within(made)}".rstrip()
            ) from None
        if lower > upper:
            raise InputError(f"the function returns a lower end ({lower:g}) above the upper ({upper:g}).")
        return estimate, lower, upper

    def _quiet(self, threads: int) -> AbstractContextManager[None]:
        """Return the settings of whoever asked, and no warnings: on workers as well."""
        return _quiet(replicates=self.replicates, seed=self.own_seed, executor=None, threads=threads)

    def reason(self, failed: Bools) -> str | None:
        """Say why the first failed study failed, by making it again."""
        if not failed.any():
            return None
        place, number = np.argwhere(failed)[0]
        bits = self._bits(self.n[place], int(number))
        try:
            with self._quiet(settings.threads()):
                self._answer(self.n[place], np.random.Generator(bits))
        except EstimationError as error:
            return str(error)
        return "the estimate or its interval is NaN."


def passing(function: Callable[..., Any]) -> str:
    """Say how a function takes its stream."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # some built-in functions don't tell
        return "none"
    if "rng" in parameters:
        return "keyword"
    ordered = [p for p in parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = [p for p in ordered if p.default is p.empty]
    return "second" if len(needed) == 2 else "none"


@contextmanager
def _quiet(**held: Any) -> Iterator[None]:
    """Keep settings, and ignore warnings unless the caller does: threads share them with it, and must leave them alone."""
    with settings.within(**held):
        if _ignored():
            yield
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", HiddenpopWarning)
                yield


def _ignored() -> bool:
    return any(action == "ignore" and category is HiddenpopWarning for action, _, category, *_ in warnings.filters[:1])
