"""What a method of lists offers: from tables of people by history to sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from ..errors import InputError
from ..ground import distributions
from ..ground.columns import Floats

#: What to do where a size has no upper limit, and what that assumes.
ADVICE = (
    "What to do: interval(method='profile') of one log-linear model says how few and how many its likelihood allows; "
    "hp.chapman of two lists, with interval(method='logit'), is finite and assumes that these two are independent; from three lists "
    "on hp.decomposable_bma and hp.latent_class are finite by their priors. Otherwise report the lower limit alone"
)
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
    def preferred(self) -> str | None:
        """The one of these to use unless told otherwise; None for percentiles of redraws."""
        ...

    @property
    def first_range(self) -> int:
        """Replicates that take about a tenth of a second."""
        ...

    @property
    def whole(self) -> bool:
        """Whether it finds a whole population, which is no smaller than the people seen."""
        ...

    @property
    def bounded(self) -> bool:
        """Whether its own interval is finite whatever the estimate."""
        ...

    @property
    def advice(self) -> str:
        """What to do where a size has no upper limit."""
        ...

    def blind(self, counts: Floats) -> bool:
        """Tell whether redraws of a table can't show how large the size may be."""
        ...

    def sizes(self, counts: Floats, open: Floats) -> Sizes:
        """Make the function of tables, given the observed one.

        Sizes are infinite where counts set no bound, and NaN where they say nothing.
        """
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
    def preferred(self) -> str | None:
        """The first of its own."""
        return next(iter(self.intervals), None)

    @property
    def first_range(self) -> int:
        """Arithmetic on columns is quick."""
        return 65_536

    @property
    def whole(self) -> bool:
        """A whole population."""
        return True

    @property
    def bounded(self) -> bool:
        """Infinite where the estimate is."""
        return False

    @property
    def advice(self) -> str:
        """Other methods."""
        return ADVICE

    def blind(self, counts: Floats) -> bool:
        """Redraws show how the size varies."""
        return False

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


def logit(counts: Floats, tail: float) -> tuple[float, float]:
    """Return the transformed logit interval of two independent lists (Sadinle 2009, eq. 8)."""
    a, b, both = (float(counts[cell]) + 0.5 for cell in (1, 2, 3))
    spread = distributions.quantile(1 - tail) * np.sqrt(1 / both + 1 / a + 1 / b + both / (a * b))
    low, high = (float(counts.sum() + a * b / both * np.exp(side * spread) - 0.5) for side in (-1, 1))
    return low, high
