"""Cells of a cross-table and tests of independence under the design."""

from __future__ import annotations

import itertools
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, cast

import numpy as np
import pandas as pd

from ..answers.question import Question
from ..answers.statistic import ask
from ..errors import HiddenpopWarning, InputError
from ..estimate.estimate import Estimate
from ..expression.operations import Operation, Weigh
from ..ground import columns
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Codes, Floats
from ..sample.groups import levels_of
from ..sample.sample import Indicator, Sample
from ..uncertainty import variance
from .levels import numbered, placed
from .significance import Significance, degrees, mixture, require_degrees, special, upper_f, wald

if TYPE_CHECKING:
    from ..survey.survey import Survey
Percent = Literal["row", "column", "total"]
METHODS = ("F", "Chisq", "Wald", "adjWald", "lincom", "saddlepoint")
RAO_SCOTT = BIBLIOGRAPHY["Rao and Scott 1984"]
THOMAS_RAO = BIBLIOGRAPHY["Thomas and Rao 1987"]
KOCH = BIBLIOGRAPHY["Koch, Freeman and Freeman 1975"]


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a cross-table: the survey with their numbers made."""

    survey: Survey
    asked: Crossed
    rows: pd.Index[Any]
    columns: pd.Index[Any]
    name: str

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return len(self.rows), len(self.columns)

    def ask(self, kind: Literal["proportion", "count"]) -> Estimate:
        """Ask for all cells, empty ones too, in the order of rows."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HiddenpopWarning)
            leaf = ask(self.survey.sample, Question(kind, (self.asked,), weighted=self.survey.record.weighted))
        labels = pd.MultiIndex.from_product([self.rows, self.columns])
        # Shares of cells are no shares of one column: they get the intervals of what is computed.
        node = Weigh((leaf,), np.eye(len(leaf.labels)), leaf.quantity)
        return Estimate(node, labels, False, leaf.question.title)

    def shares(self, percent: Percent) -> Estimate:
        """Return shares of cells: of their row, of their column, or of all who answered both."""
        whole = self.ask("proportion")
        if percent == "total":
            return whole
        if percent not in ("row", "column"):
            raise InputError(f"percent={percent!r} must be 'row', 'column' or 'total'.")
        rows, heads = self.shape
        place = np.arange(rows * heads)
        same = place // heads if percent == "row" else place % heads
        sums = (same[:, None] == same[None, :]).astype(float)
        node = Operation("/", (whole.node, Weigh((whole.node,), sums, "share")), "share")
        return Estimate(node, whole.labels, False, whole.name)

    @property
    def answered(self) -> int:
        """How many participants answered both."""
        return int(self.survey.sample.multiplicity[self.codes >= 0].sum())

    @property
    def codes(self) -> Codes:
        """The cell of each unit, in the order of rows; -1 where one of the two is missing."""
        return np.asarray(self.survey.sample.column(self.asked).cat.codes)


@dataclass(frozen=True)
class Crossed(Indicator):
    """The cells of two columns, by number in the order of rows: empty ones too, and none of other levels."""

    public: ClassVar[tuple[str, ...]] = ("row", "column", "rows", "columns")
    whole: ClassVar[bool] = True
    own: ClassVar[bool] = True

    row: str | Indicator
    column: str | Indicator
    rows: tuple[Any, ...]
    columns: tuple[Any, ...]

    @property
    def title(self) -> str:
        """Both columns."""
        return f"{self.row} and {self.column}"

    @property
    def key(self) -> str:
        """The cells by name."""
        return f"cells of {self.row} by {self.column}"

    def make(self, sample: Sample) -> pd.Series[Any]:
        """Give the cells their numbers; a survey with other levels makes another table."""
        a, b = (Side(name, *levels_of(sample, name)) for name in (self.row, self.column))
        a, b = together(sample, a, b, f"{self.row} by {self.column}")
        return self.number(placed(*a, self.rows), placed(*b, self.columns))

    def number(self, a: Codes, b: Codes) -> pd.Series[Any]:
        """Give each pair of levels its cell."""
        across = len(self.columns)
        number = np.where(a >= 0, a.astype(np.int16) * np.int16(across) + b.astype(np.int16), np.int16(-1))
        return numbered(number, len(self.rows) * across, self.title)


class Side(NamedTuple):
    """One of the two columns of a cross-table: what is asked, and the levels of the units."""

    asked: str | Indicator
    codes: Codes
    levels: pd.Index[Any]


def together(sample: Sample, row: Side, column: Side, name: str) -> tuple[Side, Side]:
    """Keep who answered both columns, and the levels that they have."""
    both = (row.codes >= 0) & (column.codes >= 0) & sample.counted
    if not both.any():
        raise InputError(f"Nobody answered both columns of {name!r}.")
    row, column = (Side(s.asked, *columns.used(np.where(both, s.codes, -1), s.levels)) for s in (row, column))
    return row, column


def cells(survey: Survey, row: str, column: str) -> Cells:
    """Give numbers to the cells of two columns."""
    if isinstance(row, str) and isinstance(column, str) and row == column:
        raise InputError(f"Column {row!r} is crossed with itself; give two columns.")
    a, b = (Side(name, *levels_of(survey.sample, name)) for name in (row, column))
    return joined(survey, a, b, f"{row} by {column}")


def joined(survey: Survey, row: Side, column: Side, name: str) -> Cells:
    """Give numbers to the cells of two columns of codes; levels that nobody has with the other are left out."""
    row, column = together(survey.sample, row, column, name)
    asked = Crossed(row.asked, column.asked, tuple(row.levels.tolist()), tuple(column.levels.tolist()))
    sample = survey.sample.with_made({asked: asked.number(row.codes, column.codes)})
    return Cells(survey.of(sample), asked, row.levels, column.levels, name)


def independence(crossed: Cells, method: str = "F") -> Significance:
    """Test whether rows and columns are independent."""
    if method not in METHODS:
        raise InputError(f"method={method!r} must be one of {', '.join(map(repr, METHODS))}.")
    rows, heads = crossed.shape
    name = crossed.name
    if min(rows, heads) < 2:
        raise InputError(
            f"There is nothing to test in {name!r}: one of the two has a single level among those who answered both."
        )
    special()
    df = degrees(crossed.survey)
    require_degrees(df, f"The test of {name!r}")
    if method in ("Wald", "adjWald"):
        return _wald(crossed, method, df, name)
    pearson, weights = _pearson(crossed)
    free = weights.sum() ** 2 / (weights**2).sum()
    if method == "F":
        f = pearson / weights.sum()
        p = upper_f(f, free, free * df)
        return Significance("Rao-Scott F test (second order)", f, (free, free * df), p, "F", RAO_SCOTT)
    if method == "Chisq":
        p = float(special().chdtrc(free, pearson / weights.sum() * free))
        return Significance("Rao-Scott chi-squared test (second order)", pearson, (free,), p, "chi-squared", RAO_SCOTT)
    p = mixture(weights.tolist(), pearson, df, saddlepoint=method == "saddlepoint")
    words = "Pearson's statistic against its weighted sum of chi-squared"
    words += ", by saddlepoint" if method == "saddlepoint" else ""
    return Significance(words, pearson, (), p, "mixture", RAO_SCOTT)


def _pearson(crossed: Cells) -> tuple[float, Floats]:
    """Return Pearson's statistic of the shares, for as many as answered, and the weights of its distribution.

    The weights are eigenvalues of (C'D C / n)^-1 (C'D V D C), with C the interaction contrasts, D the inverse of
    observed shares (nothing for empty cells) and V the shares' covariance (Rao and Scott 1984, section 4).
    """
    rows, heads = crossed.shape
    est = crossed.ask("proportion")
    n = crossed.answered
    p, covariance = est.node.point, variance.measured(est.node).covariance
    table = p.reshape(rows, heads)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)).ravel()
    pearson = float(n * ((p - expected) ** 2 / expected).sum())
    contrasts = _interactions(rows, heads)
    inverse = np.divide(1.0, p, out=np.zeros_like(p), where=p > 0)
    scaled = inverse[:, None] * contrasts
    simple = contrasts.T @ scaled / n
    # The eigenvalues are those of a symmetric matrix: real, and none below zero.
    values, vectors = np.linalg.eigh(simple)
    kept = values > 1e-12 * values[-1]
    root = vectors[:, kept] / np.sqrt(values[kept])
    weights = np.linalg.eigvalsh(root.T @ (scaled.T @ covariance @ scaled) @ root)
    weights = weights[weights > 1e-12 * weights[-1]]
    if not len(weights) or not np.isfinite(weights).all():
        raise InputError(
            f"The shares of {crossed.name!r} don't vary in this design, so their independence can't be tested."
        )
    return pearson, cast("Floats", weights)


def _interactions(rows: int, heads: int) -> Floats:
    """Return the contrasts of cells that vanish when rows and columns are independent (on the log scale)."""
    made = []
    for i, j in itertools.product(range(rows - 1), range(heads - 1)):
        one = np.zeros((rows, heads))
        one[i, j] = one[-1, -1] = 1
        one[i, -1] = one[-1, j] = -1
        made.append(one.ravel())
    return np.stack(made, axis=1)


def _wald(crossed: Cells, method: str, df: float, name: str) -> Significance:
    """Test observed against expected counts, whose total the design may leave to vary."""
    rows, heads = crossed.shape
    est = crossed.ask("count")
    counts = est.node.point.reshape(rows, heads)
    covariance = variance.measured(est.node).covariance
    whole, by_row, by_head = counts.sum(), counts.sum(axis=1), counts.sum(axis=0)
    i, j = np.divmod(np.arange(rows * heads), heads)
    slopes = (
        np.eye(rows * heads)
        - (i[:, None] == i[None, :]) * (by_head[j] / whole)[:, None]
        - (j[:, None] == j[None, :]) * (by_row[i] / whole)[:, None]
        + (by_row[i] * by_head[j] / whole**2)[:, None]
    )
    free = (i < rows - 1) & (j < heads - 1)
    above = float(free.sum())
    below = df - above + 1
    if method == "adjWald":
        require_degrees(below, f"The adjusted Wald test of {name!r}")
    off = (counts - np.outer(by_row, by_head) / whole).ravel()[free]
    slopes = slopes[free]
    statistic = wald(off, slopes @ covariance @ slopes.T, f"{name!r}")
    if method == "Wald":
        f = statistic / above
        return Significance("Wald test", f, (above, df), upper_f(f, above, df), "F", KOCH)
    f = statistic * below / (above * df)
    return Significance("adjusted Wald test", f, (above, below), upper_f(f, above, below), "F", THOMAS_RAO)
