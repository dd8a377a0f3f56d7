"""A column read as levels, as tables and comparisons read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np
import pandas as pd

from ..errors import InputError, listing
from ..ground import columns, written
from ..ground.columns import Codes
from ..sample.groups import Mask, inside_of, levels_of
from ..sample.sample import Indicator, Sample


@dataclass(frozen=True)
class Levels(Indicator):
    """A column's levels: whole numbers where an answer is missing are whole all the same."""

    public: ClassVar[tuple[str, ...]] = ("column", "where")
    own: ClassVar[bool] = True

    column: str
    #: Who counts: others have no level, so that levels of others make no groups.
    where: str | Mask | None = None

    @property
    def title(self) -> str:
        """The column's name."""
        return self.column

    @property
    def variable(self) -> str:
        """The column."""
        return self.column

    def make(self, sample: Sample) -> pd.Series[Any]:
        """Read the column."""
        codes, labels = levels_of(sample, self.column)
        if self.where is not None:
            codes, labels = columns.used(np.where(inside_of(sample, self.where)[0] & sample.counted, codes, -1), labels)
        return pd.Series(pd.Categorical.from_codes(codes, categories=labels), name=self.title, copy=False)


@dataclass(frozen=True)
class Numbered(Indicator):
    """A column's levels by number, in an order that is laid down: any label will do in a table."""

    public: ClassVar[tuple[str, ...]] = ("column", "levels", "left_out")
    own: ClassVar[bool] = True

    column: str
    levels: tuple[Any, ...]
    #: Levels that count as missing.
    left_out: tuple[Any, ...] = ()

    @property
    def title(self) -> str:
        """The column's name."""
        return self.column

    def make(self, sample: Sample) -> pd.Series[Any]:
        """Read the column."""
        codes = placed(self.column, *levels_of(sample, self.column), self.levels)
        outside = [i for i, level in enumerate(self.levels) if level in self.left_out]
        return numbered(np.where(np.isin(codes, outside), -1, codes), len(self.levels), self.title)


@dataclass(frozen=True)
class YesNo(Indicator):
    """A column of True and False, 1 and 0, yes and no (in any language that is read): no is number 0 and yes number 1."""

    public: ClassVar[tuple[str, ...]] = ("column",)
    own: ClassVar[bool] = True

    column: str | Indicator

    @property
    def title(self) -> str:
        """The column's name."""
        return str(self.column)

    def make(self, sample: Sample) -> pd.Series[Any]:
        """Read the column."""
        return numbered(self.read(*levels_of(sample, self.column)), 2, self.title)

    def read(self, codes: Codes, labels: pd.Index[Any]) -> Codes:
        """Say of codes of levels which mean yes."""
        words = written.binary(labels)
        yes = [i for i, label in enumerate(labels) if (written.says(label) if words else _is_yes(label))]
        if not words and (len(labels) > 2 or (len(labels) == 2 and len(yes) != 1)):
            raise InputError(
                f"Column {self.title!r} can't be shown as yes or no: its values are not True and False, 1 and 0 or yes and no. "
                f"Use kinds={{{self.title!r}: 'categorical'}}."
            )
        answers = np.array([*(i in yes for i in range(len(labels))), -1], dtype=np.int8)
        return cast("Codes", answers[codes])


def placed(name: object, codes: Codes, labels: pd.Index[Any], wanted: tuple[Any, ...]) -> Codes:
    """Return codes that count levels in the order in which another survey had them; it must be the same levels."""
    found, place = labels.tolist(), {level: i for i, level in enumerate(wanted)}
    differ = sorted(set(found) ^ set(wanted), key=str)
    if differ:
        raise InputError(
            f"Column {str(name)!r} has other levels here than in the survey that was asked first ({listing(differ)} stand in one "
            "of them only), so the shares would be of other people. Ask this survey anew."
        )
    return np.array([*(place[level] for level in found), -1])[codes]


def numbered(codes: Any, size: int, name: str) -> pd.Series[Any]:
    """Make a column of numbers from 0 to size - 1, which are labels; -1 for missing."""
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.RangeIndex(size)), name=name, copy=False)


def _is_yes(label: object) -> bool:
    if isinstance(label, str):
        return bool(written.says(label)) or label.strip().lower() in ("true", "1")
    return bool(label == 1)
