"""The design of people recruited by people (respondent-driven sampling): what its keywords mean, and how a table is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from ..errors import InputError, Said, in_words, listing, name_rows
from ..expression import graph
from ..expression.labelled import Labelled
from ..expression.nodes import Node
from ..expression.operations import Constant, Stack
from ..ground import checks, columns, grouping
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Bools, Codes, Floats
from ..ground.language import english
from ..ground.text import enumerated
from . import degrees, recruited_again
from .along_trees import Trees
from .design import Drawn, Multiplicity, Words
from .forest import Forest, Recruitment
from .recruits import Recruits, Scheme, Weighing, weigh

Seeds = Literal["in", "out"]
#: Schemes that follow a category.
BY_CATEGORY = ("successive", "salganik", "homophily_graph")
#: Categories (or cells of several columns) that a scheme may follow.
MOST_CELLS = 12
#: With fewer chains nobody knows how chains differ.
FEW_CHAINS = 3

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
    "homophily_graph": (
        english("recruiting again along the same trees, by the ties between categories"),
        "Fellows 2019",
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
    reweigh: bool = False
    #: What was said when the table was read: once, though other settings read it again.
    said: Said = field(default_factory=Said, compare=False)

    def __post_init__(self) -> None:
        checks.flag(self.degree_floor, "degree_floor")
        checks.flag(self.centre, "centre")
        checks.flag(self.reweigh, "reweigh")
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
                f"homophily_on= is followed by redraws={listing(BY_CATEGORY)}; redraws={self.redraws!r} follows the trees. "
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
        if self.scheme == "homophily_graph":
            self._require_transitions(forest, cell, site)
        weight, slope = weigh(degree, counted, site, sizes, self.weighing)
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
            self.reweigh,
            self.homophily_on,
            self.recruitment.given(frame),
        )
        words = Words(int(counted.sum()), self._sentence(forest, counted, names, sizes, node), *self._redrawn())
        return Drawn(
            recruited_again.sampling(recruits, np.zeros((0, len(names)))),
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

    def _require_transitions(self, forest: Forest, cell: Codes, site: Codes) -> None:
        """Say where a category never recruited another, which its ties are estimated from."""
        recruit = np.flatnonzero(forest.recruiter >= 0)
        for one in np.unique(site).tolist():
            here = recruit[site[recruit] == one]
            made = set(zip(cell[forest.recruiter[here]].tolist(), cell[here].tolist(), strict=True))
            if len(made) < len(np.unique(cell[site == one])) ** 2:
                self.said(
                    "Participants of some categories of homophily_on= recruited nobody of some others, so their ties have no "
                    "estimate: for the redraws 1 is added to every number of recruits between categories. Join categories to do "
                    "without."
                )
                return

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
        if self.reweigh:
            what = english("{redraws}, with weights found anew in each", redraws=what)
        _, weighed = _WEIGHED[self.weighing]
        references = tuple(BIBLIOGRAPHY[key] for key in dict.fromkeys((weighed, cited)))
        return what, references


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
