"""What a method of lists offers: from tables of people by history to sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ..errors import InputError
from ..ground.columns import Floats

#: Sizes of tables (replicates x 2^k), found on some threads.
Sizes = Callable[[Floats, int], Floats]


class Method(Protocol):
    """What a method of estimation offers; a frozen dataclass, so that it can be saved."""

    @property
    def title(self) -> str:
        """A short name."""
        ...

    @property
    def sentence(self) -> str:
        """What it does, for a methods section."""
        ...

    @property
    def reference(self) -> str:
        """Where it comes from."""
        ...

    @property
    def intervals(self) -> tuple[str, ...]:
        """Names of interval methods of its own."""
        ...

    @property
    def first_range(self) -> int:
        """Replicates that take about a tenth of a second."""
        ...

    def sizes(self, counts: Floats, open: Floats) -> Sizes:
        """Make the function of tables, given the observed one."""
        ...

    def variance(self, counts: Floats, open: Floats) -> float:
        """Return the analytic variance; NaN where there is no formula."""
        ...

    def interval(self, name: str, counts: Floats, open: Floats, tail: float) -> tuple[float, float]:
        """Return an interval of its own."""
        ...

    def fitted(self, counts: Floats, open: Floats) -> Floats:
        """Return expected people by history, for the parametric bootstrap."""
        ...

    def reason(self, counts: Floats, open: Floats) -> str:
        """Say why there is no estimate."""
        ...


class Plain:
    """What most methods leave as it is."""

    @property
    def intervals(self) -> tuple[str, ...]:
        """None of its own."""
        return ()

    @property
    def first_range(self) -> int:
        """Arithmetic on columns is quick."""
        return 65_536

    def variance(self, counts: Floats, open: Floats) -> float:
        """No formula."""
        return float("nan")

    def interval(self, name: str, counts: Floats, open: Floats, tail: float) -> tuple[float, float]:
        """None of its own."""
        raise InputError(f"There is no interval {name!r} for this method.")

    def fitted(self, counts: Floats, open: Floats) -> Floats:
        """No model of the histories."""
        raise InputError("bootstrap='parametric' draws from a fitted model, which this method has not. Use 'full'.")

    def reason(self, counts: Floats, open: Floats) -> str:
        """Blame the overlaps."""
        return "the overlaps are too small"
