"""People recruited by people (respondent-driven sampling): how they are weighed, recruited again and linearised."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, get_args

import numpy as np
import pandas as pd

from .. import _core
from ..errors import InputError, Said, in_words, listing, name_rows
from ..expression import evaluate, graph
from ..expression.labelled import Labelled
from ..expression.nodes import Node
from ..expression.operations import Constant, Stack
from ..ground import checks, columns, grouping
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Bools, Codes, Floats
from ..ground.language import english
from ..ground.text import enumerated
from . import degrees
from .design import Drawn, Multiplicity, Words
from .forest import Forest, Recruitment
from .record import Record
from .sample import Sample
from .sampling import Apart, Linear, Sampling
from .strata import Deletions, Stage, Strata

#: What participants weigh.
Weighing = Literal["gile", "volz_heckathorn"]
#: How they are recruited again.
Scheme = Literal["successive", "salganik", "tree", "seeds", "neighbourhood"]
Seeds = Literal["in", "out"]
#: Schemes that follow a category.
BY_CATEGORY = ("successive", "salganik")
#: Categories (or cells of several columns) that a scheme may follow.
MOST_CELLS = 12
#: With fewer chains nobody knows how chains differ.
FEW_CHAINS = 3
#: Above this share of draws of a population that are smaller than the sample there is no answer.
MOST_SMALLER = 0.01
#: No recruiter, for the core.
NOBODY = 2**32 - 1

_WEIGHED = {
    "gile": (english("weighted by Gile's successive sampling"), "Gile 2011"),
    "volz_heckathorn": (
        english("weighted by the inverse of their degrees (Volz-Heckathorn)"),
        "Volz and Heckathorn 2008",
    ),
}
_REDRAWN = {
    "successive": (
        english("recruiting again, without replacement, from the population that the sample stands for"),
        "Gile 2011",
    ),
    "salganik": (english("one chain through the participants' recruits"), "Salganik 2006"),
    "tree": (
        english("redrawing seeds, then each recruiter's recruits, with replacement"),
        "Baraff, McCormick and Raftery 2016",
    ),
    "seeds": (english("redrawing seeds with all of their chains"), "Salganik 2006"),
    "neighbourhood": (
        english("redrawing participants with those they recruited or were recruited by"),
        "Yauck and others 2022",
    ),
}


@dataclass(frozen=True)
class Recruited:
    """The design of a survey whose participants recruited one another; see `Survey.rds`."""

    recruitment: Recruitment
    degree: str
    #: People of the population, in all or by site: numbers, or estimates with one label.
    population: Any = field(default=None, compare=False)
    site: str | None = None
    homophily_on: tuple[str, ...] = ()
    weights: Weighing | None = None
    redraws: Scheme | None = None
    seeds: Seeds = "in"
    impute_degree: degrees.Impute | float | None = None
    degree_floor: bool = False
    centre: bool = True
    #: What was said when the table was read: once, though other settings read it again.
    said: Said = field(default_factory=Said, compare=False)

    def __post_init__(self) -> None:
        checks.flag(self.degree_floor, "degree_floor")
        checks.flag(self.centre, "centre")
        known = self.population is not None
        if self.weights is not None and self.weights not in get_args(Weighing):
            raise InputError(f"weights={self.weights!r} must be one of {listing(get_args(Weighing))}.")
        if self.redraws is not None and self.redraws not in get_args(Scheme):
            raise InputError(f"redraws={self.redraws!r} must be one of {listing(get_args(Scheme))}.")
        if self.seeds not in get_args(Seeds):
            raise InputError(f"seeds={self.seeds!r} must be 'in' or 'out'.")
        if not known and (self.weights == "gile" or self.redraws == "successive"):
            what = "weights='gile'" if self.weights == "gile" else "redraws='successive'"
            raise InputError(
                f"{what} needs population=, the number of people in the population: who was taken without replacement depends "
                "on how many there are. Without it weights are the inverse of degrees."
            )
        if self.redraws in BY_CATEGORY and not self.homophily_on:
            raise InputError(
                f"redraws={self.redraws!r} follows who recruits whom by a category, which homophily_on= names: the outcome, or "
                "what recruitment goes by. redraws='tree' needs none."
            )
        if self.homophily_on and self.scheme not in BY_CATEGORY:
            raise InputError(
                f"homophily_on= is followed by redraws='successive' and 'salganik'; redraws={self.redraws!r} follows the trees. "
                "Leave one of them out."
            )
        if self.site is not None and not isinstance(self.population, (Mapping, pd.Series)):
            raise InputError(
                "With site= give the population of each site, population={'A': 900, 'B': 2_000}: sites are added by their "
                "populations. Otherwise make a survey of each site."
            )

    @property
    def weighing(self) -> Weighing:
        """What participants weigh: by default what the population allows."""
        return self.weights or ("volz_heckathorn" if self.population is None else "gile")

    @property
    def scheme(self) -> Scheme:
        """How they are recruited again."""
        if self.redraws is not None:
            return self.redraws
        if not self.homophily_on:
            return "tree"
        return "salganik" if self.population is None else "successive"

    @property
    def columns(self) -> tuple[str, ...]:
        """Who recruited whom, when, and degrees: no answers."""
        when = () if self.recruitment.time is None else (self.recruitment.time,)
        return tuple(dict.fromkeys((*self.recruitment.columns, *when, self.degree)))

    @property
    def hidden(self) -> dict[str, str]:
        """The same but for the time: they tell who knows whom."""
        who = dict.fromkeys(self.recruitment.columns, "who recruited whom")
        return {**who, self.degree: "how many people participants know"}

    @property
    def fixed(self) -> tuple[str, ...]:
        """Sites, and what recruitment goes by."""
        when = () if self.recruitment.time is None else (self.recruitment.time,)
        return (*(() if self.site is None else (self.site,)), *self.homophily_on, *when)

    @property
    def collapses(self) -> bool:
        """Nobody recruits like another."""
        return False

    @property
    def fingerprint(self) -> tuple[str, ...]:
        """Columns and choices; sizes of the population weigh participants, who are redrawn alike."""
        return (
            "rds",
            repr(self.recruitment),
            f"degree={self.degree},{self.impute_degree},{self.degree_floor}",
            f"site={self.site}",
            f"homophily_on={','.join(self.homophily_on)}",
            f"{self.weighing},{self.scheme},{self.seeds},{self.centre}",
        )

    def frequencies(self, frame: pd.DataFrame) -> Multiplicity:
        """Return one participant a row; nobody where somebody is left out."""
        return self._counted(frame, self._sites(frame)[0])[1].astype(np.uint64)

    def read(self, frame: pd.DataFrame, multiplicity: Multiplicity) -> Drawn:
        """Read trees, degrees and populations."""
        site, names = self._sites(frame)
        forest, counted = self._counted(frame, site)
        degree = degrees.read(
            columns.column(frame, self.degree), forest, counted, self.impute_degree, self.degree_floor, self.said
        )
        cell = self._cells(frame)
        n = np.bincount(site[counted], minlength=len(names)).astype(float)
        sizes, node = self._population(names, n)
        if not (forest.recruiter >= 0).any():
            raise InputError("Nobody recruited anybody, so all participants are seeds: use hp.Survey, without rds.")
        lonely = [name for one, name in enumerate(names) if forest.seeds[site == one].all()]
        if lonely:
            raise InputError(
                f"Nobody recruited anybody at {listing(lonely)}, so all there are seeds: leave the site out."
            )
        chains = int(forest.seeds.sum())
        if chains < FEW_CHAINS:
            self.said(
                english(
                    "The sample has {chains} chains of recruitment, so little says how chains differ: intervals may be too short.",
                    chains=chains,
                )
                if chains > 1
                else english(
                    "The sample has 1 chain of recruitment, so little says how chains differ: intervals may be too short."
                )
            )
        weight, slope = _weigh(degree, counted, site, sizes, self.weighing)
        recruits = Recruits(
            forest,
            site,
            cell,
            degree,
            counted,
            weight,
            slope,
            sizes,
            node,
            self.scheme,
            self.weighing,
            self.centre,
            self.homophily_on,
            self.recruitment.given(frame),
        )
        words = Words(int(counted.sum()), self._sentence(forest, counted, names, sizes, node), *self._redrawn())
        return Drawn(
            recruits.sampling(np.zeros((0, len(names)))),
            words,
            df=Trees(recruits, plain=False, estimated=node).df,
            independent=False,
            weighted=True,
            replicates=None,
        )

    def _sites(self, frame: pd.DataFrame) -> tuple[Codes, list[Any]]:
        if self.site is None:
            return np.zeros(len(frame), dtype=np.int64), ["all"]
        given = columns.column(frame, self.site)
        lacking = columns.missing(given)
        if lacking.any():
            raise InputError(
                f"Column {self.site!r} is missing in {name_rows(lacking)}: everyone was recruited at some site."
            )
        codes, labels = columns.used(*columns.categories(given))
        return codes.astype(np.int64), labels.tolist()

    def _counted(self, frame: pd.DataFrame, site: Codes) -> tuple[Forest, Bools]:
        """Return the forest, and who counts: seeds may be left out, and people without a degree."""
        forest = self.recruitment.read(frame, site, self.said)
        counted = np.ones(len(frame), dtype=bool) if self.seeds == "in" else ~forest.seeds
        if self.impute_degree == "leave_out":
            counted &= degrees.reported(columns.column(frame, self.degree), self.degree)
        if not counted.any():
            raise InputError("Nobody is left in the sample: all are seeds, or have no degree.")
        return forest, counted

    def _cells(self, frame: pd.DataFrame) -> Codes:
        """Return each participant's cell of the columns that recruitment goes by."""
        if not self.homophily_on:
            return np.zeros(len(frame), dtype=np.int64)
        lacking = "drives the redraws (homophily_on=) and is missing in {rows}. Fill it in, or make 'unknown' a category of its own."
        cell, labels = columns.used(
            *grouping.cross(grouping.read(frame, self.homophily_on, lacking), self.homophily_on)
        )
        if len(labels) > MOST_CELLS:
            raise InputError(
                f"homophily_on= makes {len(labels):,} cells of {enumerated(list(map(repr, self.homophily_on)))}, and redraws follow "
                f"{MOST_CELLS} at most: join categories."
            )
        return cell.astype(np.int64)

    def _population(self, names: Sequence[Any], n: Floats) -> tuple[Floats, Node | None]:
        """Return the people of each site, 0 where nobody knows, and the node of those that are estimates."""
        if self.population is None:
            return np.zeros(len(n)), None
        if self.site is None:
            if isinstance(self.population, (Mapping, pd.Series)):
                raise InputError(
                    "population= by site needs site=, the column that says where participants were recruited."
                )
            nodes = [_size(self.population, "population=")]
        else:
            given = checks.by_label(self.population, "population= has")
            lacking, more = [name for name in names if name not in given], [name for name in given if name not in names]
            if lacking or more:
                which = f"lacks {listing(lacking)}" if lacking else f"has {listing(more)}, where nobody was recruited"
                raise InputError(f"population= {which}: give one number for each site in column {self.site!r}.")
            nodes = [_size(given[name], f"The population of {in_words(name)}") for name in names]
        node = nodes[0] if len(nodes) == 1 else Stack(tuple(nodes))
        sizes = np.asarray(node.point, dtype=float)
        small = sizes < n
        if small.any():
            where = "" if self.site is None else f" at {listing([names[i] for i in np.flatnonzero(small).tolist()])}"
            raise InputError(
                f"population= is {sizes[small][0]:,.6g}{where}, and the sample has {n[small][0]:,.0f} participants there: a "
                "population is never smaller than a sample from it."
            )
        return sizes, node if graph.sources(node) else None

    def _sentence(self, forest: Forest, counted: Bools, names: list[Any], sizes: Floats, node: Node | None) -> str:
        chains, waves = int(forest.seeds.sum()), int(forest.wave.max())
        sample = english("a respondent-driven sample of {count:,} participants", count=int(counted.sum()))
        if self.site is not None:
            sample = english("{sample} at {sites} sites", sample=sample, sites=len(names))
        seeds = english("{chains:,} seeds", chains=chains) if chains > 1 else english("1 seed")
        if self.seeds == "out":
            seeds = english("{seeds} (who are left out)", seeds=seeds)
        text = english(
            "{sample}, recruited from {seeds} in {waves}, {weighed}",
            sample=sample,
            seeds=seeds,
            waves=english("{waves:,} waves", waves=waves) if waves > 1 else english("1 wave"),
            weighed=_WEIGHED[self.weighing][0],
        )
        if self.population is None:
            return text
        if node is None:
            return english("{sample}, with a population of {size:,.6g}", sample=text, size=sizes.sum())
        return english("{sample}, with a population of an estimate of {size:,.6g}", sample=text, size=sizes.sum())

    def _redrawn(self) -> tuple[str, tuple[str, ...]]:
        what, cited = _REDRAWN[self.scheme]
        if self.homophily_on:
            *first, last = dict.fromkeys(self.homophily_on)
            by = f"{', '.join(first)} and {last}" if first else last
            what = english("{redraws}, by {columns}", redraws=what, columns=by)
        if not self.centre:
            what = english("{redraws}, without centring", redraws=what)
        _, weighed = _WEIGHED[self.weighing]
        references = tuple(BIBLIOGRAPHY[key] for key in dict.fromkeys((weighed, cited)))
        return what, references


@dataclass(frozen=True, eq=False, repr=False)
class Recruits:
    """Participants, who recruited them, and what they weigh."""

    forest: Forest
    site: Codes
    #: The cell of the columns that recruitment goes by.
    cell: Codes
    degree: Floats
    #: Who counts in estimates.
    counted: Bools
    weight: Floats
    #: How each weight moves with its site's population.
    slope: Floats
    #: The people of each site; 0 where nobody knows.
    sizes: Floats
    #: The same, where they are estimates.
    node: Node | None
    scheme: Scheme
    weighing: Weighing
    centre: bool
    homophily_on: tuple[str, ...]
    #: Coupons that were given to participants, where they were counted.
    coupons: int | None = None

    @property
    def n(self) -> Floats:
        """The participants of each site who count."""
        return np.bincount(self.site[self.counted], minlength=len(self.sizes)).astype(float)

    @property
    def fraction(self) -> Floats:
        """The share of each site's population that is in the sample; 0 where nobody knows."""
        return np.where(self.sizes > 0, self.n / np.where(self.sizes > 0, self.sizes, 1.0), 0.0)

    def sampling(self, drawn: Floats) -> Sampling:
        """Return the sample as it is weighed and redrawn, with the populations that were drawn (replicates x sites)."""
        return Sampling(
            self._core(drawn, plain=False),
            self.weight,
            None,
            None,
            even=self.node is None and bool((self.sizes > 0).all()),
            drawn=len(self.weight),
            linear=Trees(self, plain=False, estimated=self.node),
            deletable=self._deletable(self.weight),
            again=None if self.node is None else self._again,
        )

    def plain(self) -> Sampling:
        """Return the same sample and redraws where all weigh 1: how often each is taken."""
        ones = np.ones(len(self.weight))
        return Sampling(
            self._core(np.zeros((0, len(self.sizes))), plain=True),
            ones,
            None,
            None,
            even=False,
            drawn=len(ones),
            linear=Trees(self, plain=True, estimated=None),
            deletable=self._deletable(ones),
            again=None,
        )

    def among(self, sizes: Floats, design: Recruited) -> Recruits:
        """Return the same participants as a design weighs and redraws them in populations of other sizes, one a site."""
        weight, slope = _weigh(self.degree, self.counted, self.site, sizes, design.weighing)
        return replace(
            self, weight=weight, slope=slope, sizes=sizes, node=None, scheme=design.scheme, weighing=design.weighing
        )

    def _core(self, drawn: Floats, *, plain: bool) -> _core.Design:
        recruiter = np.where(self.forest.recruiter < 0, NOBODY, self.forest.recruiter).astype(np.uint32)
        return _core.Design.recruited(
            self.scheme,
            self.centre,
            recruiter,
            self.site.astype(np.uint32),
            self.cell.astype(np.uint32),
            self.degree,
            self.weight,
            self.sizes,
            np.ascontiguousarray(drawn),
            self.weighing == "gile",
            plain,
        )

    def _deletable(self, weight: Floats) -> Participants:
        names = tuple(map(str, range(len(self.sizes))))
        people = (weight > 0).astype(float)
        return Participants(Deletions(Strata((Stage(self.site, self.fraction),), names, people, None, weight)))

    def _again(self, record: Record) -> Sampling:
        """Return the sample with weights solved for each replicate's own population."""
        assert self.node is not None
        drawn = evaluate.draws(self.node)[:, : record.replicates].T
        if len(drawn) < record.replicates:
            raise InputError(
                f"population= has {len(drawn):,} draws, and the survey {record.replicates:,} replicates. Ask for no more, or replay "
                "the estimate with as many."
            )
        smaller = float((drawn < self.n).any(axis=1).mean())
        if smaller > MOST_SMALLER:
            raise InputError(
                f"{smaller:.1%} of the draws of population= are smaller than the sample of {int(self.n.sum()):,}, so this can't be "
                "how large the population may be. Give an estimate that is never smaller than the sample."
            )
        return self.sampling(drawn)


def recruits_of(sample: Sample, what: str) -> Recruits:
    """Return the participants of a survey who recruited one another, or say why what asks for them has none."""
    linear = sample.sampling.linear
    if not isinstance(linear, Trees):
        why = "calibrated weights say nothing of recruitment" if sample.calibrated else "nobody recruited anybody here"
        raise InputError(f"{what} counts who recruits whom, in surveys of hp.Survey.rds as they were made: {why}.")
    return linear.recruits


def _size(given: object, what: str) -> Node:
    """Return the node of a population: a number, or an estimate with one label."""
    if isinstance(given, Labelled):
        if len(given.node.point) != 1:
            raise InputError(
                f"{what} should be one number, and the estimate has {len(given.node.point)} labels: pick one."
            )
        return given.node
    number = checks.real(given)
    if not (np.isfinite(number) and number > 0):
        raise InputError(f"{what} is {in_words(given)}, which is no number of people.")
    return Constant(np.array([float(number)]))


def _weigh(degree: Floats, counted: Bools, site: Codes, sizes: Floats, how: Weighing) -> tuple[Floats, Floats]:
    """Return each participant's weight, and how it moves with its site's population."""
    weight, slope = np.zeros(len(degree)), np.zeros(len(degree))
    for one, size in enumerate(sizes.tolist()):
        here = counted & (site == one)
        if not here.any():
            continue
        own = degree[here]
        if how == "volz_heckathorn":
            whole = size if size > 0 else float(here.sum())
            weight[here] = whole * (1 / own) / (1 / own).sum()
            slope[here] = weight[here] / whole if size > 0 else 0.0
            continue
        kinds, people = np.unique(own, return_counts=True)
        time = _core.inclusion_time(kinds, people.astype(float), size)
        assert time is not None  # no population is smaller than its sample
        weight[here] = -1 / np.expm1(-own * time)
        if np.isfinite(time):
            by_time = -own * np.exp(-own * time) * weight[here] ** 2
            slope[here] = by_time / by_time.sum()
    return weight, slope


@dataclass(frozen=True, eq=False, repr=False)
class Trees(Linear):
    """Linearised variances of people recruited by people: alike along the trees, by the correlation that they show.

    With values z of the influence (sum 0), weights a = w / sum w, and r the correlation of z / a between recruits and recruiters,
    the variance is sum a (z / a)^2 times sum a_i a_j r^d(i,j), d being the distance in the tree (Rohe 2019, Annals of Statistics
    47:556-582, function G), times 1 - n/N where the population is known. Labels covary by its square roots and the correlations
    of their z. Sites are independent.
    """

    by_draws: ClassVar[bool] = True
    recruits: Recruits
    #: Whether all weigh 1 in what is added up.
    plain: bool
    #: The populations, where they are estimates.
    estimated: Node | None

    @property
    def followed(self) -> tuple[str, ...]:
        """Columns that recruitment goes by."""
        return self.recruits.homophily_on

    @property
    def metric(self) -> Hashable:
        """Weights and populations."""
        return self.recruits.weight.tobytes(), self.recruits.sizes.tobytes()

    @property
    def relative(self) -> str | None:
        """Degrees say how people weigh against one another."""
        if self.recruits.sizes.all():
            return None
        return (
            "Weights are relative, as population= is not given: totals and counts add up to the participants and are no numbers of "
            "people. Shares and means stand."
        )

    @property
    def df(self) -> int:
        """Participants less sites."""
        return self.df_of(np.ones(len(self.recruits.weight), dtype=bool))

    def df_of(self, inside: Bools) -> int:
        """Those of them who count, less their sites."""
        here = np.bincount(self.recruits.site[inside & self.recruits.counted], minlength=len(self.recruits.sizes))
        return int(np.maximum(here - 1, 0).sum())

    def apart(self) -> Apart | None:
        """Nobody was drawn one by one."""
        return None

    def collect(self, column: Floats) -> Floats:
        """Weigh a column."""
        return column if self.plain else self.recruits.weight * column

    def by_totals(self, column: Floats) -> Floats:
        """Return how a column's total moves with each site's population."""
        site, moved = self.recruits.site, self.recruits.slope * column
        return np.asarray(np.bincount(site, weights=moved, minlength=len(self.recruits.sizes)), dtype=float)

    def variance(self, influence: Floats) -> Floats:
        """Return the covariance of totals of linearised values (participants x labels)."""
        result = np.zeros((influence.shape[1],) * 2)
        for one, fraction in enumerate(self.recruits.fraction.tolist()):
            here = (self.recruits.site == one) & (self.recruits.weight > 0)
            if here.any() and fraction < 1:
                result += (1 - fraction) * self._within(np.where(here, self.recruits.weight, 0.0), influence)
        return result

    def _within(self, weight: Floats, influence: Floats) -> Floats:
        """Do it for one site, whose participants alone have weights."""
        a = weight / weight.sum()
        inside = a > 0
        z = np.where(inside[:, None], influence, 0.0)
        z = z - a[:, None] * z.sum(axis=0)
        each = np.divide(z, a[:, None], out=np.zeros_like(z), where=inside[:, None])
        squares = (z * each).sum(axis=0)
        size = np.sqrt(np.maximum(squares * self._alike(a, self._correlation(each, inside)), 0.0))
        norm = np.sqrt(np.where(squares > 0, squares, 1.0))
        alike = (z.T @ each) / (norm[:, None] * norm)
        np.fill_diagonal(alike, 1.0)
        return np.asarray(size[:, None] * alike * size)

    def _correlation(self, each: Floats, inside: Bools) -> Floats:
        """Return the correlation between recruits and recruiters, 0 at least."""
        recruiter = self.recruits.forest.recruiter
        pairs = np.flatnonzero((recruiter >= 0) & inside & inside[recruiter])
        if len(pairs) < 2:
            return np.zeros(each.shape[1])
        child, parent = each[pairs], each[recruiter[pairs]]
        child, parent = child - child.mean(axis=0), parent - parent.mean(axis=0)
        norm = np.sqrt((child**2).sum(axis=0) * (parent**2).sum(axis=0))
        r = np.divide((child * parent).sum(axis=0), norm, out=np.zeros(each.shape[1]), where=norm > 0)
        return np.asarray(np.clip(r, 0.0, 1.0))

    def _alike(self, a: Floats, r: Floats) -> Floats:
        """Return the sum of a_i a_j r^d(i,j) over pairs, for each r: those whose common ancestor is v, for every v."""
        below = np.repeat(a[:, None], len(r), axis=1)
        forest = self.recruits.forest
        for wave in forest.waves[:0:-1]:
            np.add.at(below, forest.recruiter[wave], r * below[wave])
        recruits = ~forest.seeds
        return np.asarray((below**2).sum(axis=0) - r**2 * (below[recruits] ** 2).sum(axis=0))


@dataclass(frozen=True, eq=False, repr=False)
class Participants:
    """Participants left out in turn, the rest weighted up: their skewness tells (`Deletable`), their squares know no recruitment."""

    base: Deletions

    @property
    def stratum(self) -> Codes:
        """The site of each."""
        return self.base.stratum

    @property
    def fraction(self) -> Floats:
        """The share of each site's population that is in the sample."""
        return self.base.fraction

    @property
    def counted(self) -> Floats:
        """One each; nobody who is left out of the sample."""
        return self.base.counted

    def without_each(self, columns: Sequence[Floats]) -> list[Floats]:
        """Total columns without each participant."""
        return self.base.without_each(columns)

    def deletions(self, rows: int) -> Iterator[Floats]:
        """Yield the weights of the others: the core's factors are weights."""
        for factors in self.base.deletions(rows):
            yield np.stack([self.base.strata.spread(row) for row in factors])

    def deleted(self) -> Iterator[Floats]:
        """Yield the same."""
        return self.base.deleted()
