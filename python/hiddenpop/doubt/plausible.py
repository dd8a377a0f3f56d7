"""A size beside what was published of such populations: where it is unusual, what to ask oneself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, in_words, suggest
from ..estimate.estimate import Estimate
from ..ground import checks, notebook
from ..ground.signatures import checked
from ..ground.text import capital
from ..words import methods, printed

#: Questions, by where the estimate and its interval lie beside the published range.
QUESTIONS = {
    "below": (
        "The estimate is below what was published. Are all {counted} counted, also those whom neither the register nor the survey "
        "reaches, and is the population that of {of}?"
    ),
    "above": (
        "The estimate is above what was published. Are people counted twice, or others than {counted}, and is the population that "
        "of {of}?"
    ),
    "across": (
        "The estimate is within what was published, but part of its interval is not. What would it take for the number to lie there?"
    ),
    "within": "The estimate is within what was published. Is it of the same people ({counted}, of all {of}), in the same period?",
    "unknown": "There is no estimate or no interval to compare. What would give one?",
}


@cache
def published_ranges() -> dict[str, Any]:
    """Return shares that were published, by population, with their sources."""
    found: dict[str, Any] = json.loads((files(__package__) / "plausible.json").read_text(encoding="utf-8"))
    return found


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Plausibility:
    """Sizes as shares of a population, beside what was published; made by `hp.plausible`.

    Attributes
    ----------
    shares : Estimate
        The sizes for every 100 of the population.
    group : str
        Who they are, as the published shares call them.
    region : str
        Where the published shares are from.

    See Also
    --------
    plausible : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> size = hp.published(21_000, 15_000, 30_000, name="men who have sex with men")
    >>> hp.plausible(size, 3_000_000, "men who have sex with men").summary()["place"].tolist()
    ['below']
    """

    shares: Estimate
    group: str
    region: str

    @property
    def title(self) -> str:
        """What a report calls it."""
        return f"{self.shares.name}, beside published shares"

    @property
    def source(self) -> str:
        """Where the published shares are from."""
        return str(published_ranges()[self.group]["source"])

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest published share, in per cent; 0 or infinite where none was named."""
        return _range(self.group, self.region)

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Return a tidy table: one row a label.

        Columns: estimate, lower and upper for every 100 of the population, the `published` range, the `place` of the estimate
        (below, within, above, across where part of the interval is outside, or unknown) and the `question` that follows.

        See Also
        --------
        plausible

        Examples
        --------
        >>> import hiddenpop as hp
        >>> size = hp.published(21_000, 15_000, 30_000, name="men who have sex with men")
        >>> hp.plausible(size, 3_000_000, "men who have sex with men").summary().columns.to_list()
        ['estimate', 'lower', 'upper', 'published', 'place', 'question']
        """
        ends = self.shares.interval(checks.check_level(level)).to_numpy()
        point = self.shares.node.point
        known = published_ranges()[self.group]
        places = [_place(value, low, high, self.range) for value, (low, high) in zip(point, ends, strict=True)]
        return pd.DataFrame(
            {
                "estimate": point,
                "lower": ends[:, 0],
                "upper": ends[:, 1],
                "published": _written(self.range),
                "place": places,
                "question": [QUESTIONS[place].format(counted=known["counted"], of=known["of"]) for place in places],
            },
            index=self.shares.labels,
        )

    def methods(self) -> str:
        """Return sentences for a paper's methods section.

        See Also
        --------
        Estimate.methods

        Examples
        --------
        >>> import hiddenpop as hp
        >>> size = hp.published(21_000, 15_000, 30_000, name="men who have sex with men")
        >>> text = hp.plausible(size, 3_000_000, "men who have sex with men").methods()
        """
        body, listed = methods.apart(self.shares.methods())
        return methods.together(f"{self._about()} {body}", [self.source, *listed])

    def _about(self) -> str:
        known = published_ranges()[self.group]
        return (
            f"Sizes for every 100 {known['of']} were set beside published shares of {known['counted']} "
            f"({_written(self.range)}; {self.region}). {known['says']}"
        )

    def _lines(self) -> list[tuple[str, str, str, str]]:
        rows, _ = printed.rows(self.shares)
        asked = self.summary()["question"]
        return [(label, f"{value}%", span, text) for (label, value, span), text in zip(rows, asked, strict=True)]

    def __repr__(self) -> str:
        lines = [f"{label}: {value} ({span}). {question}" for label, value, span, question in self._lines()]
        notes = [f"Note: {note.rstrip('.')}." for note in methods.caveats(self.shares.node)]
        return "\n".join([self._about(), *lines, self.source, *notes])

    def _repr_html_(self) -> str:
        shown = pd.DataFrame(self._lines(), columns=["", "per cent", "95% interval", "question"]).set_index("")
        return notebook.show(capital(self.title), shown, notes=[self._about(), self.source])


@checked
def plausible(
    size: Estimate,
    population: float | Mapping[Any, float] | pd.Series[Any] | Estimate,
    group: str,
    *,
    region: str | None = None,
) -> Plausibility:
    """Set a size beside the shares that were published of such populations: a question where it is unusual, never a verdict.

    Parameters
    ----------
    size : Estimate
        How many there are.
    population : number, mapping, Series or Estimate
        Those among whom they are counted: adult men for men who have sex with men, women aged 15 to 49 for female sex workers,
        people aged 15 to 64 for people who inject drugs and people with high-risk opioid use.
    group : str
        One of these: "men who have sex with men", "female sex workers", "people who inject drugs", "people with high-risk opioid
        use".
    region : str, optional
        Where, if published shares are given by region, such as "West Europe". All regions together otherwise.

    Returns
    -------
    Plausibility
        Prints the shares, the published range with its source, and the question that follows.

    Raises
    ------
    InputError
        A population or region of which no share is at hand; a size that is none; fewer people than are counted among them.

    See Also
    --------
    sensitivity : How the size moves with what it rests on.

    Notes
    -----
    A published range is what others found, with their definitions and methods. A size outside may be right, and one inside wrong.
    Sources stand in `hiddenpop/doubt/plausible.json`: UNAIDS/WHO (2020), Vandepitte et al. (2006), UNODC (2016), EMCDDA (2020).

    Examples
    --------
    >>> import hiddenpop as hp
    >>> size = hp.published(21_000, 15_000, 30_000, name="men who have sex with men")
    >>> found = hp.plausible(size, 3_000_000, "men who have sex with men")
    >>> print(found.summary()["question"].iloc[0][:50])
    The estimate is below what was published. Are all
    >>> found.range
    (1.0, inf)
    """
    if size.quantity != "size":
        raise InputError(f"size= is the size of a population; '{size.name}' is a {size.quantity}.")
    known = published_ranges()
    named = {name.casefold(): key for key, one in known.items() for name in (key, *one["also"])}
    if group.strip().casefold() not in named:
        raise InputError(f"No published shares of {in_words(group)} are at hand. {suggest(group, known)}")
    key = named[group.strip().casefold()]
    regions = list(known[key]["ranges"])
    if region is not None and region not in regions:
        raise InputError(f"region={in_words(region)} has no published share of {key}. {suggest(region, regions)}")
    where = region or (regions[0] if len(regions) == 1 else "all regions")
    return Plausibility(size.per(population, base=100), key, where)


def _range(group: str, region: str) -> tuple[float, float]:
    ranges = published_ranges()[group]["ranges"]
    chosen = [ranges[region]] if region in ranges else list(ranges.values())
    lows = [0.0 if one["low"] is None else 100 * float(one["low"]) for one in chosen]
    highs = [np.inf if one["high"] is None else 100 * float(one["high"]) for one in chosen]
    return round(min(lows), 6), round(float(max(highs)), 6)


def _written(span: tuple[float, float]) -> str:
    low, high = span
    if not np.isfinite(high):
        return f"{low:g}% or more"
    return f"{low:g}% to {high:g}%" if low else f"up to {high:g}%"


def _place(value: float, low: float, high: float, span: tuple[float, float]) -> str:
    if not np.isfinite(value):
        return "unknown"
    if value < span[0]:
        return "below"
    if value > span[1]:
        return "above"
    return "across" if low < span[0] or high > span[1] else "within"
