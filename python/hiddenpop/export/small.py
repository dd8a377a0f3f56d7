"""Which labels of an agency's form rest on few participants: they are left out, and the others have a report's digits."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from ..errors import HiddenpopWarning, InputError, listing, warn
from ..estimate.estimate import Estimate
from ..ground.checks import check_below
from ..ground.columns import Bools, Floats
from ..report import rounded, shown
from ..report.privacy import Privacy
from . import parts

#: Forms ask for intervals of this level.
LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Small:
    """What of a size, and what is computed from it, a form must not show."""

    below: int
    privacy: Privacy
    hidden: Bools

    @classmethod
    def of(cls, below: int, *estimates: Estimate) -> Small:
        """Look at estimates together; what is hidden of one is of all. A warning says which labels are left out."""
        below = check_below(below)
        privacy = Privacy(below, [one.node for one in estimates], [])
        hidden = privacy.hidden(estimates[0].node)
        for one in estimates[1:]:
            hidden = hidden | privacy.hidden(one.node)
        if hidden.all():
            raise InputError(
                f"Every label of '{estimates[0].name}' rests on fewer than {below} participants, or would reveal one that does, so "
                "no row is left. Join small groups."
            )
        if hidden.any():
            names = [name for name, gone in zip(parts.labels(estimates[0]), hidden, strict=True) if gone]
            warn(
                f"Left out, because they rest on fewer than {below} participants or would reveal others that do: {listing(names)}."
            )
        return cls(below, privacy, hidden)

    def numbers(self, est: Estimate) -> Floats:
        """Return points, lower and upper ends as a report shows them (labels x 3)."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HiddenpopWarning)  # said in notes
            return rounded.of(est, LEVEL, self.below, est.summary(LEVEL)).values

    def notes(self, est: Estimate) -> list[str]:
        """Say what must be known about the labels that are left."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HiddenpopWarning)
            return [f"{text.rstrip('.')}." for text in shown.reasons(est, self.privacy, LEVEL)]
