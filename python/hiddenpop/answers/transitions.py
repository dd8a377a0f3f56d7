"""Shares from who recruits whom (RDS-I): what categories of participants pass on to one another, and how many people they know."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from .. import _core
from ..draws import settings
from ..errors import EstimationError, InputError, listing
from ..expression.nodes import Quantity, Reading
from ..expression.rests import Rests
from ..expression.typed import require
from ..ground import columns
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Bools, Codes, Floats
from ..sample import recruited_again
from ..sample.record import Record
from ..sample.sample import Sample
from . import participants
from .asked import Asked, Scheme, placed
from .question import Question
from .totals import Answers

#: Categories that transitions are counted between.
MOST = 10
#: How users ask for it.
RDS_I = "estimator='salganik_heckathorn'"
#: A step for derivatives, as a share of what is moved.
STEP = 1e-5


@dataclass(frozen=True, eq=False, repr=False)
class ByTransitions(Asked):
    """The shares of a column's categories by the estimator of Salganik and Heckathorn.

    With T_ab recruits in b of recruiters in a, q the stationary distribution of T's row shares, and h_a the harmonic mean
    degree of the participants in a, p_a is proportional to q_a / h_a (Salganik and Heckathorn 2004, Sociological Methodology
    34:193-239).
    """

    public: ClassVar[tuple[str, ...]] = ("column", "record", "labels", "scalar", "point", "n", "missing", "args")

    column: str
    #: Participants where all weigh 1; None once an estimate was saved: rows stay where they were.
    sample: Sample | None
    record: Record
    labels: pd.Index[Any]
    scalar: bool
    point: Floats
    n: Floats | None
    missing: Floats | None
    args: tuple[()] = ()

    def confirm(self) -> None:
        """Refuse labels that are not those of the numbers."""
        super().confirm()
        require(self, len(self.labels) == len(self.point), not self.scalar or len(self.point) == 1)

    @property
    def quantity(self) -> Quantity:
        """A share of the population."""
        return "share"

    @property
    def title(self) -> str:
        """A short name for tables and messages."""
        return f"proportion of {self.column} (RDS-I)"

    @property
    def about(self) -> object:
        """The column, and how its shares are found."""
        return ("RDS-I", self.column)

    @property
    def asked(self) -> str:
        """The shares, and whose estimator they are."""
        return f"the proportion of {self.column} by the estimator of Salganik and Heckathorn (RDS-I)"

    @property
    def estimator(self) -> str:
        """For a table's column of methods."""
        return "proportion (RDS-I)"

    def describe(self) -> tuple[list[str], list[str]]:
        """Cite the estimator."""
        return [], [BIBLIOGRAPHY["Salganik and Heckathorn 2004"]]

    def require_live(self) -> None:
        """Say why it can't be drawn or asked again."""
        if self.sample is None:
            raise EstimationError(
                f"'{self.title}' was saved without its survey's rows, so it can't be drawn again. Give the survey: "
                "estimate.replay(survey=survey)."
            )

    def ask(self, sample: Sample) -> ByTransitions:
        """Put the same question to another survey; labels come out in the same order."""
        answer = by_transitions(sample, self.column)
        return answer._take(placed(answer, self.labels))

    def _take(self, positions: Codes) -> ByTransitions:
        n = None if self.n is None else self.n[positions]
        missing = None if self.missing is None else self.missing[positions]
        return replace(self, labels=self.labels[positions], point=self.point[positions], n=n, missing=missing)

    def rests_on(self, below: int) -> Rests:
        """Count the participants of each category."""
        return participants.rests_on(self.at_hand(), Question("proportion", (self.column,)), self.labels, below)

    @property
    def linearizable(self) -> bool:
        """As long as the sample is at hand, whose design has variances."""
        return self.sample is not None

    @property
    def deletable(self) -> bool:
        """As long as the sample is at hand."""
        return self.sample is not None

    def influence(self) -> list[Floats]:
        """Return how each participant moves each share, through the totals."""
        made = Counted.of(self.live, self.column)
        totals = np.array([self.live.sampling.total(column) for column in made.columns])
        step = STEP * np.maximum(np.abs(totals), 1.0)
        moved = totals[:, None] + np.concatenate([np.diag(step), -np.diag(step)], axis=1)
        up, down = np.split(made.shares(moved), 2, axis=1)
        slopes = ((up - down) / (2 * step))[made.places(self.labels)]
        return list(slopes @ np.stack(made.columns))

    def in_replicates(self, scheme: Scheme, rows: Callable[[], Iterator[Floats]], *, smooth_only: bool) -> Floats:
        """Find the shares from the totals in each replicate."""
        made = Counted.of(self.live, self.column)
        return made.shares(scheme.totals(made.columns))[made.places(self.labels)]

    def left_out(self, scheme: Scheme, varies: Bools) -> Floats:
        """Find the shares without each participant."""
        return self.in_replicates(scheme, lambda: iter(()), smooth_only=True)

    @classmethod
    def reader(cls, together: Sequence[ByTransitions]) -> Reading:
        """Draw all totals of one sample in one pass."""
        sample = together[0].live
        made = [Counted.of(sample, leaf.column) for leaf in together]
        totals = _core.Totals(sample.sampling.core, [column for one in made for column in one.columns])
        ends = np.cumsum([0, *(len(one.columns) for one in made)]).tolist()
        places = [(np.arange(a, b), None) for a, b in itertools.pairwise(ends)]
        answers = Answers(sample.record.seed, sample.record.fingerprint, totals, np.asarray(totals.fixed), places, [])
        kept = [one.places(leaf.labels) for one, leaf in zip(made, together, strict=True)]
        cost = sample.sampling.drawn * (1 + ends[-1])
        first = int(np.clip(2e7 * settings.threads() / cost, 1, 65_536))
        return Reading(together, Drawn(answers, [one.size for one in made], kept), first)


@dataclass(frozen=True, eq=False)
class Drawn:
    """A kernel: totals of transitions and degrees, and the shares that they give."""

    answers: Answers
    #: For each answer the number of its categories, and which of them are its labels.
    sizes: Sequence[int]
    kept: Sequence[Codes]

    def block(self, start: int, stop: int, threads: int) -> list[Floats]:
        """Draws of each answer."""
        totals = self.answers.block(start, stop, threads)
        parts = zip(totals, self.sizes, self.kept, strict=True)
        return [np.broadcast_to(shares(t, size)[kept], (len(kept), stop - start)).copy() for t, size, kept in parts]


@dataclass(frozen=True, eq=False)
class Counted:
    """The columns of a sample whose totals give the shares: transitions by row, participants and inverse degrees by category."""

    labels: pd.Index[Any]
    columns: list[Floats]
    known: Bools
    #: Whether the shares are those of yes alone.
    yes: bool

    @classmethod
    def of(cls, sample: Sample, name: str) -> Counted:
        """Make them."""
        recruits = recruited_again.recruits_of(sample, RDS_I)
        codes, labels, yes = between(sample, name)
        recruiter = recruits.forest.recruiter
        by = np.where(recruiter >= 0, codes[recruiter], -1)
        size = len(labels)
        pair = np.where((by >= 0) & (codes >= 0), by * size + codes, -1)
        own = np.where(recruits.counted, codes, -1)
        made = [(pair == k).astype(float) for k in range(size * size)]
        made += [(own == k).astype(float) for k in range(size)]
        made += [np.where(own == k, 1 / recruits.degree, 0.0) for k in range(size)]
        return cls(labels, made, np.asarray(codes >= 0), yes)

    @property
    def size(self) -> int:
        """The number of categories."""
        return len(self.labels)

    def shares(self, totals: Floats) -> Floats:
        """Return the categories' shares (categories x replicates), given totals of the columns."""
        return shares(totals, self.size)

    def places(self, labels: pd.Index[Any]) -> Codes:
        """Return the categories that labels are; yes or no has one label, which is yes."""
        if self.yes:
            return np.flatnonzero([bool(label) for label in self.labels])
        return np.asarray(self.labels.get_indexer(labels), dtype=np.int64)


def between(sample: Sample, name: str) -> tuple[Codes, pd.Index[Any], bool]:
    """Return each participant's category (-1 where it is missing), the categories, and whether they are no and yes.

    Raises
    ------
    InputError
        Numbers or dates, one category, or too many.
    """
    values = sample.column(name)
    kind = columns.kind(values)
    if kind in ("number", "date"):
        raise InputError(
            f"Column {name!r} holds {kind}s, not categories, and recruitment is counted between categories. Cut it into some "
            "(pandas.cut)."
        )
    codes, labels = columns.used(*columns.categories(values))
    if not 1 < len(labels) <= MOST:
        raise InputError(
            f"Column {name!r} has {len(labels):,} categor{'y' if len(labels) == 1 else 'ies'}, and recruitment is counted between "
            f"2 to {MOST}. Join some."
        )
    return codes.astype(np.int64), labels, kind == "boolean"


def shares(totals: Floats, size: int) -> Floats:
    """Return the categories' shares (categories x replicates) from transitions, participants and inverse degrees.

    NaN where a category has no recruits or no participants, or where recruitment never leaves several groups of categories.
    """
    transitions = totals[: size * size].T.reshape(-1, size, size)
    people, inverse = totals[size * size : size * size + size], totals[size * size + size :]
    with np.errstate(divide="ignore", invalid="ignore"):
        each = settles(transitions) * inverse / people
        return np.asarray(each / each.sum(axis=0))


def chances(transitions: Floats) -> Floats:
    """Return row shares of tables of transitions; NaN where a category has none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(transitions / transitions.sum(axis=-1, keepdims=True))


def settles(transitions: Floats) -> Floats:
    """Return numbers in proportion to the stationary distributions of tables of transitions (categories x tables)."""
    size = transitions.shape[-1]
    stay = np.eye(size) - chances(transitions)
    # Of the Markov chain tree theorem: the stationary distribution has the principal minors of 1 - P.
    minors = [np.linalg.det(np.delete(np.delete(stay, a, axis=-2), a, axis=-1)) for a in range(size)]
    return np.asarray(np.maximum(np.stack(minors), 0.0))


def by_transitions(sample: Sample, name: str) -> ByTransitions:
    """Answer from the sample as it is.

    Raises
    ------
    InputError
        No survey of people who recruited one another, calibrated weights, several sites, a column without categories or with too
        many, a category that recruited nobody or that nobody was recruited of.
    """
    recruits = recruited_again.recruits_of(sample, RDS_I)
    if len(recruits.sizes) > 1:
        raise InputError(f"{RDS_I} is of one site. Make a survey of each, and add them by population.")
    plain = replace(sample, sampling=recruited_again.plain(recruits), found={}, made={})
    made = Counted.of(plain, name)
    totals = np.array([plain.sampling.total(column) for column in made.columns])
    count = totals[: made.size**2].reshape(made.size, made.size)
    for empty, what in (
        (count.sum(axis=1) == 0, "recruited nobody"),
        (count.sum(axis=0) == 0, "were recruited by nobody"),
    ):
        if empty.any():
            raise InputError(
                f"Participants in {listing(list(made.labels[empty]))} of {name!r} {what} whose answer is known, so recruitment says "
                "nothing of their share. Join categories, or leave estimator= out."
            )
    found = made.shares(totals[:, None])[:, 0]
    if np.isnan(found).any():
        raise EstimationError(
            f"Recruitment never leaves some categories of {name!r} for others, so it says nothing of their shares. Join "
            "categories, or leave estimator= out."
        )
    labels = pd.Index([f"proportion of {name} (RDS-I)"]) if made.yes else pd.Index(made.labels.tolist(), name=name)
    own = made.places(labels)
    n, lacking = float(made.known[recruits.counted].sum()), float((~made.known[recruits.counted]).sum())
    return ByTransitions(
        name, plain, plain.record, labels, made.yes, found[own], np.full(len(own), n), np.full(len(own), lacking)
    )
