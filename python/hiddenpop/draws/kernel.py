"""What evaluates a range of replicates, here or elsewhere: arrays in, arrays out.

A kernel holds the needed columns and nothing else: no survey, no labels, no user's arithmetic. So it
can be pickled and sent to another process, and what it returns is put together where it was asked for.
"""

from __future__ import annotations

from typing import Protocol

from ..ground.columns import Floats


class Kernel(Protocol):
    """Evaluates several leaves of an expression together; can be pickled."""

    def block(self, start: int, stop: int, threads: int) -> list[Floats]:
        """Draws of each leaf (labels x replicates, or labels x 1 where nothing varies) for replicates start..stop."""
        ...
