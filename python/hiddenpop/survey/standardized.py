"""Direct standardisation: shares and means as if every group had the same ages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
import pandas as pd

from ..errors import InputError, listing
from ..estimate.estimate import Estimate
from ..expression import evaluate
from ..expression.operations import Weigh
from ..ground import checks
from ..ground.columns import Floats
from ..ground.signatures import checked
from ..ground.stays import Stays
from ..ground.text import enumerated, label_of
from ..sample.design import names

if TYPE_CHECKING:
    from concurrent.futures import Executor
#: What an answer is called.
NAME = "{name}, standardised by {by}"
#: For the methods section.
SENTENCE = "Answers were directly standardised by {by}, to a population of {shares}, which is taken as known."


@dataclass(frozen=True, eq=False, repr=False)
class Standard(Weigh):
    """Answers of the standard's categories weighed by it."""

    public: ClassVar[tuple[str, ...]] = (*Weigh.public, "by", "shares")

    by: tuple[str, ...] = ()
    #: The standard in words.
    shares: str = ""

    def describe(self) -> tuple[list[str], list[str]]:
        """Say what was standardised, and to which population."""
        return [SENTENCE.format(by=enumerated(list(self.by)), shares=self.shares)], []


class Asks(Protocol):
    """What answers questions about columns by groups."""

    def proportion(self, column: str, *, by: Any = None, where: object = None) -> Estimate:
        """Estimate a share."""
        ...

    def mean(self, column: str, *, by: Any = None, where: object = None) -> Estimate:
        """Estimate a mean."""
        ...


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Standardized(Stays):
    """A survey asked as if every group had the standard's make-up; `Survey.standardize` returns it.

    Attributes
    ----------
    by : tuple of str
        The columns that are standardised.
    population : mapping
        The standard: the share of each category, adding up to one.

    See Also
    --------
    Survey.standardize : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> table = {"age": ["young", "old", "young", "old"], "treated": [1, 0, 0, 1], "n": [30, 10, 20, 40]}
    >>> alike = hp.Survey(table, counts="n").standardize("age", {"young": 0.5, "old": 0.5})
    >>> round(alike.proportion("treated").point, 2)
    0.7
    """

    unsaved: ClassVar[str] = (
        "A standardisation refers to respondents' rows, so it can't be saved. Save its estimates: estimate.to_json() or pickle"
    )

    _survey: Asks
    by: tuple[str, ...]
    population: Mapping[Any, float]
    #: What its columns are called.
    _called: tuple[str, ...]

    def proportion(
        self,
        column: str,
        *,
        by: str | Sequence[str] | None = None,
        where: object = None,
        executor: Executor | None = None,
    ) -> Estimate:
        """Estimate the share of participants with a property, standardised; parameters as in `Survey.proportion`.

        Raises
        ------
        InputError
            A group in which nobody of some standard category answered, people of a category that the standard lacks.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"city": ["a", "a", "a", "b", "b", "b"], "age": ["young", "young", "old"] * 2, "x": [1, 0, 1, 0, 0, 1]}
        >>> standard = hp.Survey(table).standardize(by="age", population={"young": 300, "old": 100})
        >>> standard.proportion("x", by="city").point.to_dict()
        {'a': 0.625, 'b': 0.25}
        """
        return self._weigh(self._survey.proportion(column, by=self._groups(by), where=where), by, executor)

    def mean(
        self,
        column: str,
        *,
        by: str | Sequence[str] | None = None,
        where: object = None,
        executor: Executor | None = None,
    ) -> Estimate:
        """Estimate the mean of a numeric column, standardised; parameters as in `Survey.mean`.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> survey = hp.Survey({"age": ["young", "young", "old", "old"], "visits": [1, 3, 6, 8]})
        >>> survey.standardize(by="age", population={"young": 3, "old": 1}).mean("visits").point
        3.25
        """
        return self._weigh(self._survey.mean(column, by=self._groups(by), where=where), by, executor)

    def __repr__(self) -> str:
        return f"standardised by {enumerated(list(self._called))}: {self._shares}"

    @property
    def _shares(self) -> str:
        """The standard in words."""
        return ", ".join(f"{label_of(label)} {100 * share:.3g}%" for label, share in self.population.items())

    def _groups(self, by: str | Sequence[str] | None) -> list[str]:
        domains = list(names(by))
        twice = [name for name in domains if name in self.by]
        if twice:
            raise InputError(f"{twice[0]!r} is standardised, so it can't make the groups too; leave it out of by=.")
        return [*domains, *self.by]

    def _weigh(self, est: Estimate, by: str | Sequence[str] | None, executor: Executor | None) -> Estimate:
        """Weigh the answers of every group's cells by the standard."""
        outer, inner = len(names(by)), len(self.by)
        labels = [label if isinstance(label, tuple) else (label,) for label in est.labels]
        cells = [label[outer : outer + inner] for label in labels]
        keys = [cell[0] if inner == 1 else cell for cell in cells]
        self._require_known(keys)
        results = list(dict.fromkeys((label[:outer], label[outer + inner :]) for label in labels))
        weights = np.zeros((len(results), len(labels)))
        place = {result: i for i, result in enumerate(results)}
        there: dict[tuple[Any, ...], set[Any]] = {}
        for j, (label, key) in enumerate(zip(labels, keys, strict=True)):
            there.setdefault(label[:outer], set()).add(key)
            weights[place[label[:outer], label[outer + inner :]], j] = self.population[key]
        for group, found in there.items():
            self._require_all(group, found)
        n, missing = (self._people(counts, weights) for counts in (est.node.n, est.node.missing))
        node = Standard((est.node,), weights, est.node.quantity, n, missing, self._called, self._shares)
        evaluate.draw_with(node, executor)
        name = NAME.format(name=est.name, by=enumerated(list(self._called)))
        outside = [group + category for group, category in results]
        if outside == [()]:
            return Estimate(node, pd.Index([name]), True, name)
        level = [est.labels.names[i] for i in (*range(outer), *range(outer + inner, est.labels.nlevels))]
        index: pd.Index[Any] = (
            pd.MultiIndex.from_tuples(outside, names=level)
            if len(level) > 1
            else pd.Index([label[0] for label in outside], name=level[0], tupleize_cols=False)
        )
        return Estimate(node, index, False, name)

    def _people(self, counts: Floats | None, weights: Floats) -> Floats | None:
        """Add up participants over the cells that count."""
        return None if counts is None else (weights > 0) @ counts

    def _require_known(self, keys: Sequence[Any]) -> None:
        unknown = [key for key in dict.fromkeys(keys) if key not in self.population]
        if unknown:
            raise InputError(
                f"The standard population has no {listing(unknown)}, which participants are in; it has "
                f"{listing(list(self.population))}. Give every category its number; 0 leaves its people out."
            )

    def _require_all(self, group: tuple[Any, ...], found: set[Any]) -> None:
        lacking = [key for key, share in self.population.items() if share > 0 and key not in found]
        if lacking:
            where = f" in {label_of(group)!r}" if group else ""
            share = sum(self.population[key] for key in lacking)
            raise InputError(
                f"Nobody of {listing(lacking)} is{where}, which is {share:.1%} of the standard population, so there is no "
                "standardised answer there. Join categories of the standard, or leave the group out with where=."
            )


def of(survey: Asks, by: str | Sequence[str], population: object, labels: Mapping[str, str]) -> Standardized:
    """Return a survey that answers as if every group had the standard's make-up; see `Survey.standardize`."""
    columns = names(by)
    if not columns:
        raise InputError("by= names the columns that are standardised, such as 'age_group'.")
    if isinstance(population, pd.Series):
        checks.once(population.index, "The standard population has")
        population = population.to_dict()
    if not isinstance(population, Mapping) or not population:
        raise InputError(
            "population= is a mapping of categories to numbers of the standard population, such as {'15-34': 4_100, '35-64': 6_900}; "
            "for several columns the categories are tuples."
        )
    numbers = {}
    for key, value in population.items():
        if len(columns) > 1 and (not isinstance(key, tuple) or len(key) != len(columns)):
            raise InputError(f"population= names {listing([key])}, where a tuple of {' and '.join(columns)} is wanted.")
        numbers[key] = checks.number(value, f"population[{listing([key])}]")
        if numbers[key] < 0:
            raise InputError(f"The standard population of {listing([key])} is {numbers[key]:g}; it can't be negative.")
    whole = sum(numbers.values())
    if whole <= 0:
        raise InputError("The standard population is of nobody: give a category a number above zero.")
    shares = {key: value / whole for key, value in numbers.items()}
    return Standardized(survey, columns, shares, tuple(str(labels.get(name, name)) for name in columns))
