"""A column read as levels, as tables and comparisons read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..errors import InputError
from ..ground.columns import Codes
from ..sample.groups import levels_of
from ..sample.sample import Indicator, Sample


@dataclass(frozen=True)
class Levels(Indicator):
    """A column's levels: whole numbers where an answer is missing are whole all the same."""

    public: ClassVar[tuple[str, ...]] = ("column", "left_out")
    own: ClassVar[bool] = True

    column: str | Indicator
    #: Levels that count as missing.
    left_out: tuple[Any, ...] = ()

    @property
    def title(self) -> str:
        """The column's name."""
        return str(self.column)

    @property
    def variable(self) -> str | Indicator:
        """The column, of which all levels are there."""
        return self if self.left_out else self.column

    def make(self, sample: Sample) -> pd.Series[Any]:
        """Read the column."""
        codes, labels = levels_of(sample, self.column)
        if self.left_out:
            codes = np.where(labels.isin(self.left_out)[codes], -1, codes)
        return coded(codes, labels, self.title)


@dataclass(frozen=True)
class YesNo(Indicator):
    """A column of True and False, 1 and 0, yes and no."""

    public: ClassVar[tuple[str, ...]] = ("column",)
    own: ClassVar[bool] = True
    levels: ClassVar[tuple[str, str]] = ("no", "yes")

    column: str | Indicator

    @property
    def title(self) -> str:
        """The column's name."""
        return str(self.column)

    def make(self, sample: Sample) -> pd.Series[Any]:
        """Read the column."""
        return self.read(*levels_of(sample, self.column))

    def read(self, codes: Codes, labels: pd.Index[Any]) -> pd.Series[Any]:
        """Say of codes of levels which mean yes."""
        yes = [i for i, label in enumerate(labels) if _is_yes(label)]
        if len(labels) > 2 or (len(labels) == 2 and len(yes) != 1):
            raise InputError(
                f"Column {self.title!r} can't be shown as yes or no: its values are not True and False, 1 and 0 or yes and no. "
                f"Use kinds={{{self.title!r}: 'categorical'}}."
            )
        answers = np.array([*(i in yes for i in range(len(labels))), -1], dtype=np.int8)
        return coded(answers[codes], self.levels, self.title)


def coded(codes: Any, labels: Any, name: str) -> pd.Series[Any]:
    """Make a column of codes (-1 for missing) and their labels."""
    return pd.Series(pd.Categorical.from_codes(codes, categories=labels), name=name, copy=False)


def _is_yes(label: object) -> bool:
    if isinstance(label, str):
        return label.strip().lower() in ("yes", "true", "1")
    return bool(label == 1)
