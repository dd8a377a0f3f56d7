"""Idea 1, the half about sampling: how participants were found and so how they are redrawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Design:
    """How a sample was drawn, and what a replicate does with it.

    Attributes
    ----------
    strata : tuple of str
        Columns whose values split the sample into strata; empty for a simple sample.
    sizes : tuple of (str, int)
        Name and participants of each stratum.
    counts : str or None
        The column of frequencies, when the survey is a table of kinds of people.
    kinds : int or None
        How many kinds of identical rows are redrawn as counts; None when rows are drawn.
    """

    strata: tuple[str, ...]
    sizes: tuple[tuple[str, int], ...]
    counts: str | None
    kinds: int | None

    @property
    def participants(self) -> int:
        """All participants."""
        return sum(size for _, size in self.sizes)

    @property
    def sentence(self) -> str:
        """The design in words for a methods section."""
        n = f"{self.participants:,} participants"
        if not self.strata:
            return f"a sample of {n}, treated as a simple random sample"
        strata = ", ".join(f"{name}: {size:,}" for name, size in self.sizes[:8])
        more = ", ..." if len(self.sizes) > 8 else ""
        return f"a sample of {n} in {len(self.sizes)} strata by {' and '.join(self.strata)} ({strata}{more})"

    @property
    def redraws(self) -> str:
        """What a replicate does, in words."""
        within = " within each stratum" if self.strata else ""
        return f"redrawing with replacement as many participants as there were{within}"

    def __str__(self) -> str:
        smallest = min(size for _, size in self.sizes)
        factor = "(n_h - 1)/n_h in a stratum of n_h" if self.strata else "(n - 1)/n"
        unit = (
            f"Identical participants are drawn together, as counts of {self.kinds:,} kinds."
            if self.kinds is not None
            else "Participants are drawn one by one."
        )
        counted = f" Column '{self.counts}' holds frequencies, not sampling weights." if self.counts else ""
        return (
            f"{self.sentence[0].upper()}{self.sentence[1:]}.{counted}\n"
            f"A replicate comes from {self.redraws}, so variances are {factor} times the unbiased ones "
            f"(at least {(smallest - 1) / smallest:.3f}). {unit}"
        )
