"""Who recruits whom: transitions between categories, and what they say of the sample and of the population."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..answers.by_recruitment import between
from ..answers.transitions import chances, settles
from ..errors import InputError, in_words, listing, name_rows
from ..ground import columns, notebook
from ..ground.columns import Bools, Codes, Floats
from ..ground.language import english, filled, numerals, read, template, tr
from ..ground.signatures import checked
from ..ground.text import capital
from ..sample.forest import Forest
from ..sample.recruited_again import recruits_of
from ..sample.sample import Sample
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled

#: Recruitment has settled when no share is further than this from where it goes.
NEAR = 0.02
#: Who has not settled after so many waves never does, for all that fieldwork knows.
MOST_WAVES = 1_000
#: With fewer participants a mean degree would tell what one of them reported.
FEW = 5
#: Sums of minors below this are rounding.
NOTHING = 1e-12
#: What the numbers are called that stand beside the tables.
NUMBERS = (
    template("recruitment homophily"),
    template("population homophily (recruits)"),
    template("population homophily (contacts)"),
    template("second eigenvalue"),
    template("recruits a participant"),
    template("m l^2"),
    template("waves to equilibrium"),
    template("waves reached"),
    template("chains"),
    template("effective chains"),
    template("coupons given"),
    template("coupons unreturned"),
    template("reciprocity"),
)
#: Below this share of recruits who know their recruiter, taking ties for mutual is a doubt: a judgement.
MUTUAL = 0.9


@checked
@dataclass(frozen=True, eq=False, repr=False)
class WhoRecruits(Tabled):
    """Who recruits whom by a column; made by `Survey.recruitment`.

    Attributes
    ----------
    column : str
        The column.
    transitions : DataFrame
        Numbers of recruits: a row for each category of recruiters, a column for each category of recruits. Those whose answer
        and whose recruiter's answer are known.
    table : DataFrame
        See `summary`.
    numbers : Series
        One number each: see `Survey.recruitment`.
    waves : DataFrame
        For each wave the participants, and their share in each category among those whose answer is known.

    See Also
    --------
    Survey.recruitment : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> table = {"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6],
    ...          "knows": [4, 2, 6, 3, 8, 4, 4, 2], "hiv": [1, 0, 0, 1, 1, 0, 0, 0]}
    >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=200)
    >>> survey.recruitment("hiv").transitions
    recruit    0  1
    recruiter
    0          3  0
    1          0  2
    """

    _as_it_reads: ClassVar[bool] = True
    column: str
    transitions: pd.DataFrame
    table: pd.DataFrame
    numbers: pd.Series[Any]
    waves: pd.DataFrame

    @property
    def title(self) -> str:
        """What a report calls it."""
        return tr("Who recruits whom by {column}", column=self.column)

    @property
    def shares(self) -> pd.DataFrame:
        """Each category's recruits by their category, as shares; NaN where a category recruited nobody."""
        return self.transitions.div(self.transitions.sum(axis=1).replace(0, np.nan), axis=0)

    def summary(self) -> pd.DataFrame:
        """Return a row for each category.

        Columns: `participants`, `seeds` and `recruits` with a known answer; `seed_share` and `recruit_share`, their shares among
        seeds and recruits; `equilibrium`, the share of recruits at which recruitment settles whoever the seeds are; `activity`,
        the weighted mean degree of the category in those of all others (differential activity; missing with fewer than 5
        participants on a side).

        See Also
        --------
        Survey.recruitment

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6],
        ...          "knows": [4, 2, 6, 3, 8, 4, 4, 2], "sex": ["f", "m", "m", "f", "m", "m", "f", "m"]}
        >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=200)
        >>> survey.recruitment("sex").summary().index.to_list()
        ['f', 'm']
        """
        return self.table.copy()

    @property
    def worries(self) -> list[str]:
        """What these numbers warn of, in sentences."""
        found, n = [], self.numbers
        if n["reciprocity"] < MUTUAL:
            found.append(
                english(
                    "{share:.0%} of recruits say that they know their recruiter, and weights take ties for mutual.",
                    share=n["reciprocity"],
                )
            )
        if n["m l^2"] > 1:
            found.append(
                english(
                    "Recruitment by {column} keeps to itself: m l^2 is {value:.2f}. Above 1 more interviews barely make shares more "
                    "certain (Rohe 2019).",
                    column=self.column,
                    value=n["m l^2"],
                )
            )
        if n["waves to equilibrium"] > n["waves reached"]:
            never = np.isinf(n["waves to equilibrium"])
            after = english("never") if never else english("after {waves:.0f} waves", waves=n["waves to equilibrium"])
            found.append(
                english(
                    "Recruitment by {column} forgets the seeds {after}, and there are {reached:.0f}: shares may still be those of "
                    "the seeds.",
                    column=self.column,
                    after=after,
                    reached=n["waves reached"],
                )
            )
        if np.isnan(n["waves to equilibrium"]):
            empty = self.transitions.index[(self.transitions.sum(axis=1) == 0).to_numpy()].tolist()
            why = (
                english("{names} recruited nobody", names=listing(empty))
                if empty
                else english("some categories are never left for others")
            )
            found.append(
                english("Nobody can say where recruitment by {column} settles: {why}.", column=self.column, why=why)
            )
        return found

    def _as_table(self) -> Table:
        shares = ("seed_share", "recruit_share", "equilibrium")
        numbers = self._numbers().iloc[:, 0]
        beside = capital("; ".join(f"{name} {value}" for name, value in numbers.items()))
        notes = [f"{beside}.", *map(read, self.worries)]
        return of_frame(self.title, self.summary(), notes, units=dict.fromkeys(shares, "share"))

    def _numbers(self) -> pd.DataFrame:
        known = self.numbers.dropna()
        written = [numerals(f"{value:,.3f}".rstrip("0").rstrip(".")) for value in known]
        return pd.DataFrame({"": written}, index=[filled(str(name)) for name in known.index])

    def __repr__(self) -> str:
        parts = [self.title, self.transitions.to_string(), self.table.round(3).to_string()]
        return "\n\n".join([*parts, self._numbers().to_string(header=False), *map(read, self.worries)])

    def _repr_html_(self) -> str:
        return notebook.show(
            self.title, self.transitions, self.table.round(3), self._numbers(), notes=map(read, self.worries)
        )


def whom(
    sample: Sample, column: str, contacts: Mapping[Any, str] | None = None, reciprocity: str | None = None
) -> WhoRecruits:
    """Count who recruits whom; see `Survey.recruitment`."""
    recruits = recruits_of(sample, "recruitment()")
    codes, labels, _ = between(sample, column)
    forest, size = recruits.forest, len(labels)
    recruiter, seeds = forest.recruiter, forest.seeds
    by = np.where(seeds, -1, codes[recruiter])
    pairs = (by >= 0) & (codes >= 0)
    counts = np.zeros((size, size))
    np.add.at(counts, (by[pairs], codes[pairs]), 1)
    first, later = (_counted(codes[who & (codes >= 0)], size) for who in (seeds, ~seeds))
    settled = equilibrium(counts)
    weight = np.where(codes >= 0, recruits.weight, 0.0)
    table = pd.DataFrame(
        {
            "participants": (first + later).astype(int),
            "seeds": first.astype(int),
            "recruits": later.astype(int),
            "seed_share": _share(first),
            "recruit_share": _share(later),
            "equilibrium": settled,
            "activity": _activity(codes, weight, recruits.degree, size),
        },
        index=pd.Index(labels.tolist(), name=column),
    )
    second = _second(counts)
    branching = recruits_a_person(forest)
    given = np.nan if recruits.coupons is None else float(recruits.coupons)
    numbers = {
        "recruitment homophily": _homophily(counts),
        "population homophily (recruits)": _by_recruits(forest, codes, weight, recruits.degree, size),
        "population homophily (contacts)": _by_contacts(sample, codes, labels, weight, contacts),
        "second eigenvalue": second,
        "recruits a participant": branching,
        "m l^2": branching * second**2,
        "waves to equilibrium": _waves_needed(counts, _share(first), settled),
        "waves reached": float(forest.wave.max()),
        "chains": float(seeds.sum()),
        "effective chains": effective_chains(forest),
        "coupons given": given,
        "coupons unreturned": given - float((~seeds).sum()),
        "reciprocity": np.nan if reciprocity is None else mutual(sample, reciprocity)[0],
    }
    names = pd.Index(labels.tolist())
    transitions = pd.DataFrame(counts.astype(int), names.rename("recruiter"), names.rename("recruit"))
    return WhoRecruits(
        column,
        transitions,
        table,
        pd.Series(numbers, name="value").reindex(list(NUMBERS)),
        _waves(forest, codes, labels),
    )


def mutual(sample: Sample, column: str) -> tuple[float, int]:
    """Return the share of recruits who say that they know their recruiter, and how many answered."""
    forest = recruits_of(sample, "reciprocity=").forest
    values = sample.column(column)
    if not columns.is_binary(values):
        raise InputError(
            f"reciprocity={column!r} is a column of yes and no: whether a recruit knows the recruiter. Make one of others beforehand: "
            f"table['knows'] = table[{column!r}] != 'stranger'."
        )
    known = sample.numbers(columns.as_asked(values))[~forest.seeds]
    known = known[~np.isnan(known)]
    if not len(known):
        raise InputError(f"No recruit's answer to {column!r} is known.")
    return float(known.mean()), len(known)


def effective_chains(forest: Forest) -> float:
    """Return how many chains of one length would make up the sample as these do."""
    shares = _share(np.bincount(forest.seed).astype(float))
    return float(1 / (shares**2).sum())


def recruits_a_person(forest: Forest) -> float:
    """Return how many recruits each of the first half of participants brought: those of the others may not have come yet."""
    half = forest.order[: (len(forest.order) + 1) // 2]
    return float(forest.recruits[half].mean())


def equilibrium(counts: Floats) -> Floats:
    """Return the stationary distribution of recruitment; NaN where there is no single one."""
    each = settles(counts)
    return each / each.sum() if each.sum() > NOTHING else np.full(len(counts), np.nan)


def _counted(codes: Codes, size: int) -> Floats:
    return np.bincount(codes, minlength=size).astype(float)


def _share(counts: Floats) -> Floats:
    return counts / counts.sum() if counts.sum() else np.full(len(counts), np.nan)


def _homophily(counts: Floats) -> float:
    """Return recruits of the recruiter's own category in those expected if recruiters did not matter."""
    expected = (counts.sum(axis=1) * counts.sum(axis=0)).sum() / counts.sum() if counts.sum() else np.nan
    return float(np.trace(counts) / expected) if expected else np.nan


def _second(counts: Floats) -> float:
    steps = chances(counts)
    if np.isnan(steps).any():
        return np.nan
    return float(np.sort(np.abs(np.linalg.eigvals(steps)))[-2])


def _waves_needed(counts: Floats, start: Floats, settled: Floats) -> float:
    """Return after how many waves recruits are as in equilibrium, beginning with these seeds; infinite if never."""
    if np.isnan(settled).any() or np.isnan(start).any():
        return np.nan
    steps = chances(counts)
    for wave in range(MOST_WAVES):
        if np.abs(start - settled).max() < NEAR:
            return float(wave)
        start = start @ steps
    return np.inf


def _activity(codes: Codes, weight: Floats, degree: Floats, size: int) -> Floats:
    """Return mean degrees of the categories in those of all others."""
    found = np.full(size, np.nan)
    for a in range(size):
        own, rest = (codes == a) & (weight > 0), (codes != a) & (weight > 0)
        if min(own.sum(), rest.sum()) >= FEW:
            found[a] = np.average(degree[own], weights=weight[own]) / np.average(degree[rest], weights=weight[rest])
    return found


def _by_recruits(forest: Forest, codes: Codes, weight: Floats, degree: Floats, size: int) -> float:
    """Return ties to others that are expected if ties did not matter, in those that recruits show, among who recruited.

    Recruiters know as large a share of others as they recruited.
    """
    seeds, recruiter = forest.seeds, forest.recruiter
    pairs = np.flatnonzero(~seeds & (codes >= 0) & (np.where(seeds, -1, codes[recruiter]) >= 0))
    whom = recruiter[pairs]
    people = len(codes)
    made = np.bincount(whom, minlength=people)
    other = np.bincount(whom, weights=(codes[pairs] != codes[whom]).astype(float), minlength=people)
    ties = weight * degree
    ends = np.array([ties[(codes == a) & (made > 0)].sum() for a in range(size)])
    across = float((ties * other / np.maximum(made, 1)).sum())
    return _expected(ends) / across if across else np.inf


def _by_contacts(
    sample: Sample, codes: Codes, labels: pd.Index[Any], weight: Floats, contacts: Mapping[Any, str] | None
) -> float:
    """Return the same by the contacts that participants reported in each category."""
    if contacts is None:
        return np.nan
    lacking, more = [one for one in labels if one not in contacts], [one for one in contacts if one not in labels]
    if lacking or more:
        which = f"lacks {listing(lacking)}" if lacking else f"has {listing(more)}, which nobody is"
        raise InputError(
            f"contacts= {which}: name for each category the column with how many contacts of it a participant reported."
        )
    reported = np.stack([_number(sample, contacts[one]) for one in labels], axis=1)
    known = (codes >= 0) & ~np.isnan(reported).any(axis=1)
    own, w = codes[known], weight[known]
    whole = reported[known].sum(axis=1)
    across = whole - reported[known][np.arange(len(own)), own]
    ends = np.array([(w * whole)[own == a].sum() for a in range(len(labels))])
    seen = float((w * across).sum())
    return _expected(ends) / seen if seen else np.inf


def _number(sample: Sample, column: str) -> Floats:
    if not isinstance(column, str):
        raise InputError(f"contacts= names columns by their names, as text, not by {in_words(column)}.")
    values = sample.answers(column)
    below: Bools = values < 0
    if below.any():
        raise InputError(f"Column {column!r} holds numbers of contacts below zero, in {name_rows(below)}.")
    return values


def _expected(ends: Floats) -> float:
    """Return how many tie ends would lead to another category if all ties were alike."""
    whole = float(ends.sum())
    return whole - float((ends**2).sum()) / whole if whole else np.nan


def _waves(forest: Forest, codes: Codes, labels: pd.Index[Any]) -> pd.DataFrame:
    size = len(labels)
    rows = [_counted(codes[wave][codes[wave] >= 0], size) for wave in forest.waves]
    shares = pd.DataFrame([_share(row) for row in rows], columns=[f"share of {label}" for label in labels])
    shares.insert(0, "participants", [len(wave) for wave in forest.waves])
    return shares.rename_axis(index="wave")
