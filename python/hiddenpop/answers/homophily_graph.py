"""Shares and means by the homophily configuration graph: who recruits whom, as the ties of a population are used up."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from .. import _core
from ..draws import settings
from ..errors import EstimationError, InputError, listing, warn
from ..expression.nodes import Quantity, Reading
from ..expression.typed import require
from ..ground import checks, columns
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Bools, Codes, Floats
from ..sample import recruited_again
from ..sample.recruits import Recruits
from ..sample.sample import Sample
from .asked import Scheme
from .by_recruitment import MOST, OfRecruits, between, coded, pairs, places
from .question import Kind

#: How users ask for it.
GRAPH = "estimator='homophily_graph'"
#: How often a participant counts more, or less, for slopes.
STEP = 0.01
#: Numbers that are held at once while slopes are found.
AT_ONCE = 4_000_000


@dataclass(frozen=True, eq=False, repr=False)
class ByHomophilyGraph(OfRecruits):
    """The shares of a column's categories, or the mean of a number by its cut categories (Fellows 2019)."""

    public: ClassVar[tuple[str, ...]] = (*OfRecruits.public, "cuts")

    #: Where categories of a number begin, after the first; a mean is what is answered where there are some.
    cuts: tuple[float, ...] = ()

    def confirm(self) -> None:
        """Refuse cuts that are no limits of categories."""
        super().confirm()
        require(self, all(np.isfinite(self.cuts)), list(self.cuts) == sorted(set(self.cuts)))

    @property
    def kind(self) -> Kind:
        """A mean where a number is cut."""
        return "mean" if self.cuts else "proportion"

    @property
    def quantity(self) -> Quantity:
        """A share of the population, or the mean of a number."""
        return "mean" if self.cuts else "share"

    @property
    def title(self) -> str:
        """A short name for tables and messages."""
        return f"{self.kind} of {self.column} (homophily graph)"

    @property
    def about(self) -> object:
        """The column, and how it is answered."""
        return ("homophily graph", self.column, self.cuts)

    @property
    def asked(self) -> str:
        """What was asked, and by which estimator."""
        cut = f", cut at {' and '.join(f'{one:g}' for one in self.cuts)}," if self.cuts else ""
        return f"the {self.kind} of {self.column}{cut} by the homophily configuration graph"

    @property
    def estimator(self) -> str:
        """For a table's column of methods."""
        return f"{self.kind} (homophily graph)"

    def describe(self) -> tuple[list[str], list[str]]:
        """Cite the estimator."""
        return [], [BIBLIOGRAPHY["Fellows 2019"]]

    def again(self, sample: Sample) -> ByHomophilyGraph:
        """Answer the same question about another survey."""
        return by_homophily_graph(sample, self.column, self.cuts or None)

    @property
    def linearizable(self) -> bool:
        """As long as the sample is at hand and nobody had to estimate the population: shares are no totals that move with it."""
        return self.sample is not None and _recruits(self.sample).node is None

    def influence(self) -> list[Floats]:
        """Return how each participant moves each answer: by differences, each a little more often and a little less."""
        if not self.linearizable:
            raise EstimationError(
                f"population= is an estimate, and how '{self.title}' moves with it has no linearised standard error. Use the draws: "
                "se(), interval(method='percentile')."
            )
        graph = Graph.of(self.live, self.column, self.cuts)
        n = len(graph.known)
        slopes = np.zeros((len(self.point), n))
        own = graph.answers(self.labels)
        for some in np.array_split(np.arange(n), max(1, n * n // AT_ONCE)):
            factors = np.ones((2 * len(some), n))
            for sign, first in ((STEP, 0), (-STEP, len(some))):
                factors[first + np.arange(len(some)), some] += sign
            up, down = np.split(graph.of_factors(factors), 2, axis=1)
            slopes[:, some] = ((up - down) / (2 * STEP))[own]
        return list(slopes)

    def in_replicates(self, scheme: Scheme, rows: Callable[[], Iterator[Floats]], *, smooth_only: bool) -> Floats:
        """Find the answers in each replicate."""
        graph = Graph.of(self.live, self.column, self.cuts)
        own, found = graph.answers(self.labels), []
        for some in np.array_split(np.arange(scheme.size), max(1, scheme.size * len(graph.known) // AT_ONCE)):
            found.append(graph.of_factors(np.stack([scheme.units(int(one)) for one in some]))[own])
        return np.concatenate(found, axis=1)

    @classmethod
    def reader(cls, together: Sequence[ByHomophilyGraph]) -> Reading:
        """Draw each column's graph; replicates are the same."""
        sample = together[0].live
        graphs = [Graph.of(sample, leaf.column, leaf.cuts) for leaf in together]
        kept = [graph.answers(leaf.labels) for graph, leaf in zip(graphs, together, strict=True)]
        kernels = [graph.kernel for graph in graphs]
        cost = sample.sampling.drawn * sum(20 * (1 + graph.size) for graph in graphs)
        first = int(np.clip(2e7 * settings.threads() / cost, 1, 65_536))
        return Reading(together, Drawn(sample.record.seed, sample.record.fingerprint, kernels, kept), first)


@dataclass(frozen=True, eq=False)
class Drawn:
    """A kernel: the graphs of some columns, and which of their answers are wanted."""

    seed: int
    fingerprint: int
    kernels: Sequence[_core.Recruitment]
    kept: Sequence[Codes]

    def block(self, start: int, stop: int, threads: int) -> list[Floats]:
        """Draws of each answer."""
        where = (self.seed, self.fingerprint, start, stop, threads)
        return [kernel.graphs(*where)[kept] for kernel, kept in zip(self.kernels, self.kept, strict=True)]


@dataclass(frozen=True, eq=False)
class Graph:
    """A sample's graph of one column."""

    kernel: _core.Recruitment
    labels: pd.Index[Any]
    #: Transitions, recruiters' categories in rows.
    transitions: Floats
    #: Who answered.
    known: Bools
    population: float
    #: Whether the shares are those of yes alone, and whether a mean is wanted.
    yes: bool
    mean: bool

    @classmethod
    def of(cls, sample: Sample, name: str, cuts: tuple[float, ...]) -> Graph:
        """Lay it out, for participants where all weigh 1."""
        recruits = _recruits(sample)
        values = None
        if cuts:
            values, codes, labels = _cut(sample, name, cuts)
            yes = False
        else:
            codes, labels, yes = between(sample, name)
        size = len(labels)
        pair = pairs(codes, recruits.forest.recruiter, size)
        count = np.bincount(pair[pair >= 0], minlength=size * size).astype(float).reshape(size, size)
        kernel = _core.Recruitment(sample.sampling.core, coded(codes), size, values)
        return cls(kernel, labels, count, np.asarray(codes >= 0), float(recruits.sizes[0]), yes, bool(cuts))

    @property
    def size(self) -> int:
        """The number of categories."""
        return len(self.labels)

    def of_factors(self, factors: Floats) -> Floats:
        """Find the answers where participants count so often (sets x participants)."""
        return self.kernel.graph(np.ascontiguousarray(factors), self.population, settings.threads())

    def answers(self, labels: pd.Index[Any]) -> Codes:
        """Return which of the core's answers labels are."""
        return np.array([self.size]) if self.mean else places(self.labels, labels, self.yes)


def _recruits(sample: Sample) -> Recruits:
    return recruited_again.recruits_of(sample, GRAPH)


def _cut(sample: Sample, name: str, cuts: tuple[float, ...]) -> tuple[Floats, Codes, pd.Index[Any]]:
    """Return a number's values (0 where they are missing), its categories, and what these are called."""
    values = sample.column(name)
    if columns.kind(values) != "number":
        raise InputError(f"Column {name!r} holds no numbers to cut. Leave cuts= out and ask for a proportion.")
    number = columns.numbers(values)
    lacking = np.isnan(number)
    codes = np.where(lacking, -1, np.searchsorted(np.array(cuts), number, side="right"))
    ends = [f"under {cuts[0]:g}", *(f"{a:g} to under {b:g}" for a, b in itertools.pairwise(cuts))]
    labels = pd.Index([*ends, f"{cuts[-1]:g} or more"])
    empty = np.bincount(codes[~lacking], minlength=len(labels)) == 0
    if empty.any():
        raise InputError(f"Nobody's {name!r} is {listing(list(labels[empty]))}: leave cuts out or move them.")
    return np.where(lacking, 0.0, number), codes.astype(np.int64), labels


def _limits(cuts: Sequence[float]) -> tuple[float, ...]:
    """Return where categories begin, in order."""
    given = tuple(checks.number(one, "cuts=") for one in cuts)
    if not given or list(given) != sorted(set(given)) or not np.isfinite(given).all():
        raise InputError(
            "cuts= are numbers in order at which the next category begins: cuts=[25, 40] makes under 25, 25 to under 40, and 40 "
            "or more."
        )
    if len(given) >= MOST:
        raise InputError(f"cuts= makes {len(given) + 1} categories, and recruitment is counted between 2 to {MOST}.")
    return given


def by_homophily_graph(sample: Sample, name: str, cuts: Sequence[float] | None = None) -> ByHomophilyGraph:
    """Answer from the sample as it is: shares of categories, or the mean of a number that `cuts` make categories of.

    Raises
    ------
    InputError
        No survey of people who recruited one another, calibrated weights, several sites, a column without categories or with too
        many, a category that nobody was recruited of.
    """
    recruits = _recruits(sample)
    if len(recruits.sizes) > 1:
        raise InputError(f"{GRAPH} is of one site. Make a survey of each, and add them by population.")
    limits = () if cuts is None else _limits(cuts)
    sampling = recruited_again.plain(recruits, sample.record)
    plain = replace(sample, sampling=sampling, found={}, made={})
    made = Graph.of(plain, name, limits)
    unseen = made.transitions.sum(axis=0) == 0
    if unseen.any():
        raise InputError(
            f"Participants in {listing(list(made.labels[unseen]))} of {name!r} were recruited by nobody whose answer is known, so "
            "recruitment says nothing of their share. Join categories, or leave estimator= out."
        )
    if (made.transitions == 0).any():
        never = [
            f"{made.labels[a]} to {made.labels[b]}" for a, b in zip(*np.nonzero(made.transitions == 0), strict=True)
        ]
        warn(
            f"Nobody recruited from one to the other of these categories of {name!r}: {listing(never)}. That has no estimate, so 1 is "
            "added to every number of recruits between categories. Join categories to do without."
        )
    found = made.of_factors(np.ones((1, len(made.known))))[:, 0]
    if np.isnan(found).any():
        raise EstimationError(
            f"Recruitment has no most likely ties between the categories of {name!r} in a population of "
            f"{recruits.sizes[0]:,.6g}. Join categories, or leave estimator= out."
        )
    title = f"{'mean' if limits else 'proportion'} of {name} (homophily graph)"
    one = made.yes or bool(limits)
    labels = pd.Index([title]) if one else pd.Index(made.labels.tolist(), name=name)
    own = made.answers(labels)
    known = made.known[recruits.counted]
    n, lacking = np.full(len(own), float(known.sum())), np.full(len(own), float((~known).sum()))
    return ByHomophilyGraph(name, plain, plain.record, labels, one, found[own], n, lacking, cuts=limits)
