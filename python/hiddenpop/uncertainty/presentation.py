"""Which shares are precise enough to be shown: the standards of an agency that publishes many of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..expression.nodes import Node
from ..ground import distributions
from ..ground.columns import Bools, Floats
from . import proportions

Verdict = Literal["show", "review", "suppress"]
#: Parker and others (2017): the least sample, widths of the 95% interval, the relative width, degrees of freedom.
LEAST, NARROW, WIDE, RELATIVE, FEW_DF = 30, 0.05, 0.30, 1.30, 8
#: Widths are compared to as many digits as they are computed to.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Presentation:
    """What the standards say of each share."""

    share: Floats
    #: Participants, and as many of a simple random sample as would say as much; never more than there were.
    n: Floats
    effective: Floats
    df: Floats
    lower: Floats
    upper: Floats

    @property
    def width(self) -> Floats:
        """Width of the interval."""
        return self.upper - self.lower

    @property
    def relative(self) -> Floats:
        """Width relative to the share; infinite for a share of nobody."""
        return self._relative_to(self.share)

    @property
    def suppressed(self) -> Bools:
        """Shares that should not be shown: of few people, or too uncertain."""
        few = ~((self.n >= LEAST) & (self.effective >= LEAST))
        return np.asarray(
            few | ~(self.width < WIDE - ROUNDING) | (self._between & (self.relative > RELATIVE + ROUNDING))
        )

    @property
    def reviewed(self) -> Bools:
        """Shares that may be shown once somebody has looked: few degrees of freedom, or nobody (everybody) has the property."""
        edge = ~self._between & ((self.share == 0) | (self.share == 1))
        return np.asarray(~self.suppressed & (edge | ~(self.df >= FEW_DF)))

    @property
    def complement(self) -> Bools:
        """Shares that may be shown while that of all others may not."""
        return np.asarray(~self.suppressed & self._between & (self._relative_to(1 - self.share) > RELATIVE + ROUNDING))

    @property
    def verdicts(self) -> list[Verdict]:
        """Each share's verdict."""
        return [
            "suppress" if gone else "review" if look else "show"
            for gone, look in zip(self.suppressed, self.reviewed, strict=True)
        ]

    @property
    def _between(self) -> Bools:
        """Intervals that are neither narrow nor wide."""
        return np.asarray(self.width > NARROW + ROUNDING)

    def _relative_to(self, share: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(share > 0, self.width / share, np.inf)


def nchs(node: Node) -> Presentation:
    """Return what the standards of the US National Center for Health Statistics say of a survey's proportions.

    Parker JD and others (2017), National Center for Health Statistics data presentation standards for proportions, Vital and
    Health Statistics 2(175): the interval is Korn and Graubard's with no more than the participants there were.
    """
    seen = proportions.seen_of(node, "beta")
    return of_numbers(seen.p, seen.n, seen.effective, seen.df)


def of_numbers(share: Floats, n: Floats, effective: Floats, df: Floats) -> Presentation:
    """Judge shares by what is known of them; degrees of freedom are infinite in a simple random sample."""
    tail = 0.025
    with np.errstate(invalid="ignore"):
        adjusted = effective.copy()
        complex_design = np.isfinite(df)
        if complex_design.any():
            of_people, of_design = (distributions.t_quantile(1 - tail, one) for one in (n - 1, df))
            adjusted = np.where(complex_design, effective * (of_people / of_design) ** 2, effective)
        effective, adjusted = np.minimum(effective, n), np.minimum(adjusted, n)
    ends = np.array([proportions.beta(float(p), float(m), tail) for p, m in zip(share, adjusted, strict=True)])
    ends = ends.reshape(-1, 2)
    return Presentation(share, n, effective, df, ends[:, 0], ends[:, 1])
