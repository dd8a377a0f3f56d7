"""Who is in which group, and who is in the domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd

from ..draws.streams import digest
from ..errors import InputError, in_words, listing
from ..ground import columns, grouping
from ..ground.columns import Bools, Codes, Floats
from .sample import Indicator, Sample


def categories_of(name: str | Indicator, values: pd.Series[Any]) -> tuple[Codes, pd.Index[Any]]:
    """Return codes and labels of the values of a column or an indicator."""
    if isinstance(name, Indicator) and name.whole:
        return np.asarray(values.cat.codes, dtype=np.int64), values.cat.categories
    return columns.categories(values)


def levels_of(sample: Sample, name: str | Indicator, *, most: int = 50) -> tuple[Codes, pd.Index[Any]]:
    """Return a column's codes and levels; measurements and columns that tell people apart are errors."""
    values = sample.column(name)
    kind = columns.kind(values)
    if kind == "date":
        raise InputError(
            f"Column {str(name)!r} holds dates; cut them into periods first (dt.to_period, then astype(str))."
        )
    codes, labels = columns.categories(values)
    if len(labels) == 0:
        raise InputError(f"Column {str(name)!r} is missing in every row, so there is nothing to describe or compare.")
    if len(labels) > most:
        raise InputError(
            f"Column {str(name)!r} has {len(labels):,} different values. Cut numbers into bands (pandas.cut), and leave out "
            "columns that tell people apart."
        )
    if all(isinstance(label, float) and label.is_integer() for label in labels):
        labels = pd.Index(
            [int(label) for label in labels], name=labels.name
        )  # whole numbers become floats in pandas where an answer is missing
    return codes, labels


#: Groups times rows beyond which a by= is a mistake: their indicator columns would take gigabytes.
MOST_CELLS = 250_000_000


@dataclass(frozen=True, eq=False, repr=False)
class Mask:
    """A domain given as an array and not by name, so it fits one survey only."""

    public: ClassVar[tuple[str, ...]] = ()

    inside: Bools = field(default_factory=lambda: np.zeros(0, dtype=bool))

    @property
    def key(self) -> str:
        """Equal for masks of the same participants."""
        return f"a mask {digest(self.inside)}"

    def __str__(self) -> str:
        return "a mask"


class Domain(NamedTuple):
    """Who counts under each label: a group number for each unit, -1 outside."""

    groups: Codes
    labels: pd.Index[Any]
    n: Floats
    missing: Floats


def domain(
    sample: Sample,
    by: tuple[str | Indicator, ...],
    where: str | Mask | None,
    answers: Mapping[str, pd.Series[Any]],
) -> Domain:
    """Return who counts for a question to some columns, in which group; missing answers are counted and left out."""
    counted = sample.counted
    groups, labels = groups_of(sample, by)
    names = [str(one) for one in by]
    if len(labels) == 0:
        raise InputError(f"Column {' and '.join(names)!r} is missing in every row, so it makes no groups.")
    if len(labels) * len(groups) > MOST_CELLS:
        raise InputError(
            f"{' and '.join(names)!r} makes {len(labels):,} groups of {sample.n:,} participants. Cut numbers into "
            "bands first (pandas.cut), and leave out columns that tell people apart."
        )
    inside, unknown = inside_of(sample, where)
    unplaced = counted & inside & (groups < 0)
    if unplaced.any():
        sample.said(f"{sample.name_rows(unplaced)} have no value of {' or '.join(names)} and belong to no group.")
    if (unknown & counted).any():
        sample.said(f"{sample.name_rows(unknown & counted)} have no value of {where} and are left out.")
    counts = inside & counted
    if not counts.all():  # else all questions share the survey's groups
        groups = np.where(counts, groups, groups.dtype.type(-1))
    lacking = np.zeros(len(groups), dtype=bool)
    for answer in answers.values():
        lacking |= columns.missing(answer)
    size = len(labels)

    def people(groups: Codes) -> Floats:
        return np.bincount(groups + 1, weights=sample.multiplicity, minlength=size + 1)[1:].astype(float)

    n = people(groups)
    answered = np.where(lacking, groups.dtype.type(-1), groups) if lacking.any() else groups
    missing = n - people(answered) if lacking.any() else np.zeros(size)
    n -= missing
    silent = np.flatnonzero((n == 0) & (missing > 0))
    if len(silent) and answers:
        place = f" in {listing(list(labels[silent]))}" if by else ""
        silenced = " and ".join(repr(name) for name in answers)
        rows = lacking & np.isin(groups, silent)
        raise InputError(
            f"Column {silenced} has no answers{place}: all are missing, in {sample.name_rows(rows)}. Leave the group out "
            "with where=, or use a question that was answered there."
        )
    return Domain(answered, labels, n, missing)


def groups_of(sample: Sample, by: tuple[str | Indicator, ...]) -> tuple[Codes, pd.Index[Any]]:
    """Return each row's group and the groups' labels; found once for a survey, which never changes."""
    if by not in sample.found:
        groups, labels = _find_groups(sample, by)
        sample.found[by] = columns.compact(groups, len(labels)), labels
    return sample.found[by]


def _find_groups(sample: Sample, by: tuple[str | Indicator, ...]) -> tuple[Codes, pd.Index[Any]]:
    if not by:
        return np.zeros(len(sample.units), dtype=np.int8), pd.Index(["all"])
    return grouping.cross([categories_of(name, sample.column(name)) for name in by], [str(name) for name in by])


def inside_of(sample: Sample, where: str | Mask | None) -> tuple[Bools, Bools]:
    """Who is in the domain, and who might be but didn't say."""
    nobody = np.zeros(len(sample.units), dtype=bool)
    if where is None:
        return ~nobody, nobody
    if isinstance(where, Mask):
        return where.inside, nobody
    values = columns.column(sample.units, where)
    if not columns.is_binary(values):
        raise InputError(
            f"where={in_words(where)} must name a column of True and False, 1 and 0 or yes and no, which this is not. Make one "
            f"first: survey.assign(name=lambda table: table[{in_words(where)}] == ...)."
        )
    answers = columns.numbers(values)
    return answers == 1, np.isnan(answers)


def where_of(sample: Sample, where: object) -> str | Mask | None:
    """Return a domain as it was asked for: a column's name, or a mask of the sample's units."""
    if where is None or isinstance(where, str):
        return where
    try:
        flat = not (np.isscalar(where) or callable(where)) and np.ndim(where) == 1  # type: ignore[arg-type]
    except (TypeError, ValueError):  # an estimate, or lists of several lengths
        flat = False
    if not flat:
        raise InputError(
            "where= names a column of True and False or holds one for every row. For a condition make a mask, "
            "where=table['age'] > 45, or a column, survey.assign(older=lambda table: table['age'] > 45)."
        )
    mask: pd.Series[Any] = pd.Series(where) if not isinstance(where, pd.Series) else where
    if columns.kind(mask) != "boolean" or mask.isna().any():
        raise InputError("where= must name a column or hold True or False for every row, without missing values.")
    # A copy: what its owner changes later is another domain.
    return Mask(np.array(sample.by_unit("where", where), dtype=bool))
