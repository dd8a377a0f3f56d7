"""Shares from who recruits whom (RDS-I): what categories of participants pass on to one another, and how many people they know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import _core
from ..draws import settings
from ..errors import EstimationError, InputError, listing
from ..expression.nodes import Reading
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Bools, Codes, Floats
from ..sample import recruited_again
from ..sample.sample import Sample
from .asked import Scheme
from .by_recruitment import OfRecruits, Smoothing, between, coded, pairs, places

#: How users ask for it.
RDS_I = "estimator='salganik_heckathorn'"
#: A step for derivatives, as a share of what is moved.
STEP = 1e-5


@dataclass(frozen=True, eq=False, repr=False)
class ByTransitions(OfRecruits):
    """The shares of a column's categories by the estimator of Salganik and Heckathorn.

    With T_ab recruits in b of recruiters in a, q the stationary distribution of T's row shares, and h_a the harmonic mean
    degree of the participants in a, p_a is proportional to q_a / h_a (Salganik and Heckathorn 2004, Sociological Methodology
    34:193-239). By least squares p_a h_a P_ab is as near p_b h_b P_ba as can be, over all pairs (Heckathorn 2002).
    """

    public: ClassVar[tuple[str, ...]] = (*OfRecruits.public, "smoothing")

    smoothing: Smoothing | None = None

    @property
    def title(self) -> str:
        """A short name for tables and messages."""
        return f"proportion of {self.column} ({short(self.smoothing)})"

    @property
    def about(self) -> object:
        """The column, and how its shares are found."""
        return (short(self.smoothing), self.column)

    @property
    def asked(self) -> str:
        """The shares, and whose estimator they are."""
        return f"the proportion of {self.column} by the estimator of Salganik and Heckathorn ({short(self.smoothing)})"

    @property
    def estimator(self) -> str:
        """For a table's column of methods."""
        return f"proportion ({short(self.smoothing)})"

    def describe(self) -> tuple[list[str], list[str]]:
        """Cite the estimator."""
        keys = ["Salganik and Heckathorn 2004", *(["Heckathorn 2002"] if self.smoothing else [])]
        return [], [BIBLIOGRAPHY[key] for key in keys]

    def again(self, sample: Sample) -> ByTransitions:
        """Answer the same question about another survey."""
        return by_transitions(sample, self.column, self.smoothing)

    def influence(self) -> list[Floats]:
        """Return how each participant moves each share, through the totals."""
        made = Counted.of(self.live, self.column, self.smoothing)
        totals = np.array([self.live.sampling.total(column) for column in made.columns])
        step = STEP * np.maximum(np.abs(totals), 1.0)
        moved = totals[:, None] + np.concatenate([np.diag(step), -np.diag(step)], axis=1)
        up, down = np.split(made.shares(moved), 2, axis=1)
        slopes = ((up - down) / (2 * step))[made.places(self.labels)]
        return list(slopes @ np.stack(made.columns))

    def in_replicates(self, scheme: Scheme, rows: Callable[[], Iterator[Floats]], *, smooth_only: bool) -> Floats:
        """Find the shares from the totals in each replicate."""
        made = Counted.of(self.live, self.column, self.smoothing)
        return made.shares(scheme.totals(made.columns))[made.places(self.labels)]

    @classmethod
    def reader(cls, together: Sequence[ByTransitions]) -> Reading:
        """Draw each column's transitions; replicates are the same, and recruiters theirs."""
        sample = together[0].live
        made = [Counted.of(sample, leaf.column, leaf.smoothing) for leaf in together]
        kernels = [_core.Recruitment(sample.sampling.core, one.category, one.size) for one in made]
        kept = [one.places(leaf.labels) for one, leaf in zip(made, together, strict=True)]
        cost = sample.sampling.drawn * (1 + sum(one.size * (one.size + 2) for one in made))
        first = int(np.clip(2e7 * settings.threads() / cost, 1, 65_536))
        where = sample.record.seed, sample.record.fingerprint
        return Reading(together, Drawn(*where, kernels, [(one.size, one.smoothing) for one in made], kept), first)


def short(smoothing: Smoothing | None) -> str:
    """Name the estimator."""
    return "RDS-I by least squares" if smoothing else "RDS-I"


@dataclass(frozen=True, eq=False)
class Drawn:
    """A kernel: transitions and degrees, and the shares that they give."""

    seed: int
    fingerprint: int
    kernels: Sequence[_core.Recruitment]
    #: For each answer the number of its categories and their smoothing, and which of them are its labels.
    sizes: Sequence[tuple[int, Smoothing | None]]
    kept: Sequence[Codes]

    def block(self, start: int, stop: int, threads: int) -> list[Floats]:
        """Draws of each answer."""
        where = (self.seed, self.fingerprint, start, stop, threads)
        parts = zip(self.kernels, self.sizes, self.kept, strict=True)
        return [shares(kernel.transitions(*where), *size)[kept] for kernel, size, kept in parts]


@dataclass(frozen=True, eq=False)
class Counted:
    """The columns of a sample whose totals give the shares: transitions by row, participants and inverse degrees by category."""

    labels: pd.Index[Any]
    columns: list[Floats]
    #: Each participant's category, for the core.
    category: npt.NDArray[np.uint8]
    known: Bools
    #: Whether the shares are those of yes alone.
    yes: bool
    smoothing: Smoothing | None

    @classmethod
    def of(cls, sample: Sample, name: str, smoothing: Smoothing | None) -> Counted:
        """Make them."""
        recruits = recruited_again.recruits_of(sample, RDS_I)
        codes, labels, yes = between(sample, name)
        size = len(labels)
        pair = pairs(codes, recruits.forest.recruiter, size)
        own = np.where(recruits.counted, codes, -1)
        made = [(pair == k).astype(float) for k in range(size * size)]
        made += [(own == k).astype(float) for k in range(size)]
        made += [np.where(own == k, 1 / recruits.degree, 0.0) for k in range(size)]
        return cls(labels, made, coded(codes), np.asarray(codes >= 0), yes, smoothing)

    @property
    def size(self) -> int:
        """The number of categories."""
        return len(self.labels)

    def shares(self, totals: Floats) -> Floats:
        """Return the categories' shares (categories x replicates), given totals of the columns."""
        return shares(totals, self.size, self.smoothing)

    def places(self, labels: pd.Index[Any]) -> Codes:
        """Return the categories that labels are; yes or no has one label, which is yes."""
        return places(self.labels, labels, self.yes)


def shares(totals: Floats, size: int, smoothing: Smoothing | None = None) -> Floats:
    """Return the categories' shares (categories x replicates) from transitions, participants and inverse degrees.

    NaN where a category has no recruits or no participants, or where recruitment never leaves several groups of categories.
    """
    transitions = totals[: size * size].T.reshape(-1, size, size)
    people, inverse = totals[size * size : size * size + size], totals[size * size + size :]
    with np.errstate(divide="ignore", invalid="ignore"):
        if smoothing == "least_squares" and size > 2:
            each = balances(chances(transitions), people / inverse)
        else:
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


def balances(chances: Floats, degree: Floats) -> Floats:
    """Return shares p (categories x tables) of sum 1 with the least squares of p_a h_a P_ab - p_b h_b P_ba over pairs.

    `chances` are P (tables x categories x categories), `degree` is h (categories x tables).
    """
    size = len(degree)
    ends = degree.T[:, :, None] * chances
    # Of the squares: what multiplies p_a p_b, bordered by the sum of shares.
    both = np.zeros((len(ends), size + 1, size + 1))
    both[:, :size, :size] = -ends * ends.swapaxes(1, 2)
    own = (ends**2).sum(axis=2) - np.einsum("raa->ra", ends) ** 2
    scale = np.maximum(own.max(axis=1), np.finfo(float).tiny)
    place = np.arange(size)
    both[:, place, place] = own
    both[:, :size, :size] /= scale[:, None, None]
    both[:, size, :size] = both[:, :size, size] = 1.0
    lacking = ~np.isfinite(both).all(axis=(1, 2))
    both[lacking] = np.eye(size + 1)
    lacking |= np.linalg.matrix_rank(both) <= size
    both[lacking] = np.eye(size + 1)
    right = np.zeros((len(both), size + 1, 1))  # one for each: NumPy 1 and 2 read a single one differently
    right[:, size] = 1.0
    found = np.linalg.solve(both, right)[:, :size, 0]
    return np.asarray(np.where(lacking[:, None], np.nan, np.maximum(found, 0.0)).T)


def by_transitions(sample: Sample, name: str, smoothing: Smoothing | None = None) -> ByTransitions:
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
    made = Counted.of(plain, name, smoothing)
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
    title = f"proportion of {name} ({short(smoothing)})"
    labels = pd.Index([title]) if made.yes else pd.Index(made.labels.tolist(), name=name)
    own = made.places(labels)
    known = made.known[recruits.counted]
    n, lacking = np.full(len(own), float(known.sum())), np.full(len(own), float((~known).sum()))
    return ByTransitions(name, plain, plain.record, labels, made.yes, found[own], n, lacking, smoothing=smoothing)
