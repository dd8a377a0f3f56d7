"""People in the order in which they were recruited, with what they said of themselves: of one sample, or of two of one population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..ground import columns
from ..ground.columns import Bools, Codes, Floats
from ..sample import recruited_again
from ..sample.sample import Sample
from ..survey.survey import Survey

Counts = npt.NDArray[np.uint32]
#: Times are told apart in so many parts.
TIMES = 10


@dataclass(frozen=True, eq=False)
class Ordered:
    """Participants who count, in the order in which they came."""

    sample: Sample
    #: Their rows.
    rows: Codes
    #: The degree, and the number of those recruited and of the recruiter where that is more.
    reported: Counts
    recruits: Counts
    #: How long there was time to recruit, in parts, around 0 with a standard deviation of 1.
    time: Floats

    def __len__(self) -> int:
        return len(self.rows)

    def by_row(self, values: Floats) -> Floats:
        """Put values of participants at their rows; NaN at those who don't count."""
        found = np.full(len(self.sample.units), np.nan)
        found[self.rows] = values
        return found

    def coupons(self, given: int | None) -> Counts:
        """Return the coupons of each: as said, or as many as anybody's recruits."""
        most = int(self.recruits.max(initial=0))
        if given is None:
            return np.full(len(self), max(most, 1), dtype=np.uint32)
        above = np.zeros(len(self.sample.units), dtype=bool)
        above[self.rows] = self.recruits > given
        if above.any():
            raise InputError(
                f"coupons={given} is how many coupons each participant was given, and more were redeemed, of those in "
                f"{self.sample.name_rows(above)}. Say how many there were at most, {most} or more, or leave coupons= out."
            )
        return np.full(len(self), given, dtype=np.uint32)


def read(survey: Survey) -> Ordered:
    """Read a survey of people who recruited one another, of one site.

    Raises
    ------
    InputError
        Another design, or several sites.
    """
    sample = survey.sample
    recruits = recruited_again.recruits_of(sample, "successive_sampling_size()")
    if len(recruits.sizes) > 1:
        raise InputError(
            f"The survey has {len(recruits.sizes)} sites, each with an order of its own. Make a survey of each, estimate its size, "
            "and add the sizes."
        )
    forest = recruits.forest
    taken = forest.order[recruits.counted[forest.order]]
    known = forest.recruits + ~forest.seeds
    reported = np.maximum(np.maximum(np.rint(recruits.degree), known), 1)[taken]
    return Ordered(
        sample,
        taken,
        reported.astype(np.uint32),
        forest.recruits[taken].astype(np.uint32),
        _parts(forest.when[taken]),
    )


def _parts(when: Floats) -> Floats:
    """Return the time until the last came, by the clock or else by who came after, in parts of equally many."""
    n = len(when)
    if n < 2:
        return np.zeros(n)
    timed = bool((when != when[0]).any())
    left = when.max() - when if timed else np.arange(n, dtype=float)[::-1].copy()
    part = np.minimum(np.argsort(np.argsort(left, kind="stable"), kind="stable") * TIMES // n, TIMES - 1)
    # Equal times are in one part.
    part = np.array([part[left == one].min() for one in left]) if timed else part
    means = np.bincount(part, weights=left, minlength=TIMES) / np.maximum(np.bincount(part, minlength=TIMES), 1)
    spread = float(left.std())
    found = (means[part] - left.mean()) / spread if spread > 0 else np.zeros(n)
    return np.asarray(found)


@dataclass(frozen=True, eq=False)
class Orders:
    """Reported sizes in order, of one sample or of two, and who of the second was in the first."""

    first: Counts
    second: Counts | None = None
    again: Bools | None = None

    @property
    def n(self) -> int:
        """Different people."""
        return len(self.distinct)

    @property
    def distinct(self) -> Counts:
        """Sizes of different people."""
        if self.second is None or self.again is None:
            return self.first
        return np.concatenate([self.first, self.second[~self.again]])

    def capped(self, most: int) -> tuple[Counts, Floats | None]:
        """Return sizes of different people up to a largest, and the rates of arrivals where there are two samples.

        In each sample, whoever is only in the other has not come by the time of its last arrival.
        """
        cap = np.uint32(most)
        sizes = np.minimum(self.distinct, cap)
        if self.second is None or self.again is None:
            return sizes, None
        first, second = np.minimum(self.first, cap).astype(float), np.minimum(self.second, cap).astype(float)
        only_second = float(second[~self.again].sum())
        left = len(first) - int(self.again.sum())
        only_first = max(float(first.sum() - second[self.again].sum()), float(left))
        rates = [np.cumsum(one[::-1])[::-1] + others for one, others in ((first, only_second), (second, only_first))]
        return sizes, np.concatenate(rates)


def orders(samples: Sequence[Ordered], also_in: str | None) -> Orders:
    """Bring together the orders of one sample or two.

    Raises
    ------
    InputError
        Nobody says who was in both, or what is said can't be.
    """
    if len(samples) == 1:
        if also_in is not None:
            raise InputError(
                "also_in= says who of a second sample was in the first: give both, successive_sampling_size([first, second], "
                "also_in=...), or leave it out."
            )
        return Orders(samples[0].reported)
    first, second = samples
    if first.sample.record.fingerprint == second.sample.record.fingerprint:
        raise InputError("The two surveys are one: give two samples of one population, taken apart.")
    if also_in is None:
        raise InputError(
            "also_in= must name the column of the second survey that says who had taken part in the first (1) and who had not "
            "(0). Without it nobody knows how many different people the two samples hold. If nobody asked, estimate from each and "
            "compare."
        )
    given = second.sample.column(also_in)
    lacking = columns.missing(given)
    if lacking.any():
        raise InputError(
            f"Column {also_in!r} (who was in the first survey) is missing, in {second.sample.name_rows(lacking)}. Leave these "
            "participants out of both surveys, or say what is likely for each."
        )
    if not columns.is_binary(given):
        raise InputError(
            f"Column {also_in!r} must say who of the second survey was in the first: 1 and 0, True and False, or yes and no."
        )
    again = second.sample.numbers(columns.as_asked(given))[second.rows] == 1
    if int(again.sum()) > len(first):
        raise InputError(
            f"By column {also_in!r} {int(again.sum()):,} participants of the second survey were in the first, which had "
            f"{len(first):,}."
        )
    left = len(first) - int(again.sum())
    if left and int(first.reported.sum()) - int(second.reported[again].sum()) < left:
        raise InputError(
            f"Those who were in both surveys by column {also_in!r} report more contacts in the second than everybody did in the "
            "first, so nothing is left for those who were in the first alone. See whether the column means what it should, and "
            "whether both surveys asked for contacts in the same way."
        )
    return Orders(first.reported, second.reported, np.asarray(again, dtype=bool))
