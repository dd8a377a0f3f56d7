"""Cells of a cross-table and tests of independence under the design."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import numpy as np
import pandas as pd

from ..answers.question import Question
from ..answers.statistic import ask
from ..errors import HiddenpopWarning, InputError, listing, suggest, warn
from ..estimate.combine import pool
from ..estimate.estimate import Estimate
from ..expression.nodes import Node
from ..expression.operations import Operation, Weigh
from ..ground import columns
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Bools, Codes, Floats
from ..ground.language import english
from ..sample.groups import Mask, inside_of, levels_of, where_of
from ..sample.sample import Indicator, Sample
from .imputations import Moments, moved, united
from .levels import numbered, placed
from .significance import Significance, mixture, of_imputations, require_degrees, special, upper_f, wald

if TYPE_CHECKING:
    from ..survey.survey import Survey
Percent = Literal["row", "column", "total"]
METHODS = ("F", "Chisq", "Wald", "adjWald", "lincom", "saddlepoint")
RAO_SCOTT = BIBLIOGRAPHY["Rao and Scott 1984"]
THOMAS_RAO = BIBLIOGRAPHY["Thomas and Rao 1987"]
KUONEN = BIBLIOGRAPHY["Kuonen 1999"]
KOCH = BIBLIOGRAPHY["Koch, Freeman and Freeman 1975"]


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a cross-table: the survey, or that of each imputation, with their numbers made."""

    surveys: tuple[Survey, ...]
    asked: tuple[Crossed, ...]
    rows: pd.Index[Any]
    columns: pd.Index[Any]
    name: str

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return len(self.rows), len(self.columns)

    def nodes(self, kind: Literal["proportion", "count"]) -> list[Node]:
        """Ask for all cells, empty ones too, in the order of rows, in every imputation."""
        found: list[Node] = []
        for survey, asked in zip(self.surveys, self.asked, strict=True):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", HiddenpopWarning)
                question = Question(kind, (asked,), where=asked.where, weighted=survey.record.weighted)
                leaf = ask(survey.sample, question)
            # Shares of cells are no shares of one column: they get the intervals of what is computed.
            found.append(Weigh((leaf,), np.eye(len(leaf.labels)), leaf.quantity))
        return found

    def ask(self, kind: Literal["proportion", "count"]) -> Estimate:
        """Estimate all cells, empty ones too, in the order of rows."""
        return self._pooled(self.nodes(kind), kind)

    def _pooled(self, nodes: Sequence[Node], kind: Literal["proportion", "count"]) -> Estimate:
        labels = pd.MultiIndex.from_product([self.rows, self.columns])
        weighted = self.surveys[0].record.weighted
        title = Question(kind, (self.asked[0],), where=self.asked[0].where, weighted=weighted).title
        made = [Estimate(node, labels, False, title) for node in nodes]
        return made[0] if len(made) == 1 else pool(made)

    def shares(self, percent: Percent) -> Estimate:
        """Return shares of cells: of their row, of their column, or of all who answered both."""
        if percent == "total":
            return self.ask("proportion")
        if percent not in ("row", "column"):
            raise InputError(f"percent={listing([percent])} must be 'row', 'column' or 'total'.")
        rows, heads = self.shape
        place = np.arange(rows * heads)
        same = place // heads if percent == "row" else place % heads
        sums = (same[:, None] == same[None, :]).astype(float)
        wholes = self.nodes("proportion")
        return self._pooled(
            [Operation("/", (one, Weigh((one,), sums, "share")), "share") for one in wholes], "proportion"
        )

    @property
    def domain(self) -> str:
        """Say who is in the table; nothing where that is everyone."""
        where = self.asked[0].where
        return "" if where is None else english(", where {where}", where=where)

    @property
    def participants(self) -> Floats:
        """Count the participants in each cell: of imputations the mean."""
        size = len(self.rows) * len(self.columns)
        found = []
        for survey, codes in zip(self.surveys, self.codes, strict=True):
            people, inside = survey.sample.multiplicity.astype(float), codes >= 0
            found.append(np.bincount(codes[inside], weights=people[inside], minlength=size).reshape(self.shape))
        return np.asarray(np.mean(found, axis=0))

    @property
    def codes(self) -> list[Codes]:
        """The cell of each unit, in the order of rows, in every imputation; -1 where one of the two is missing."""
        samples = (survey.sample for survey in self.surveys)
        return [np.asarray(one.column(asked).cat.codes) for one, asked in zip(samples, self.asked, strict=True)]


@dataclass(frozen=True)
class Crossed(Indicator):
    """The cells of two columns, by number in the order of rows: empty ones too, and none of other levels."""

    public: ClassVar[tuple[str, ...]] = ("row", "column", "rows", "columns", "where")
    whole: ClassVar[bool] = True
    own: ClassVar[bool] = True

    row: str | Indicator
    column: str | Indicator
    rows: tuple[Any, ...]
    columns: tuple[Any, ...]
    #: Who is in the table: its levels are those that they have.
    where: str | Mask | None = None

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
        a, b = together(sample, a, b, f"{self.row} by {self.column}", inside_of(sample, self.where)[0])
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


def together(sample: Sample, row: Side, column: Side, name: str, inside: Bools) -> tuple[Side, Side]:
    """Keep who answered both columns and counts for anything, and the levels that they have."""
    both = (row.codes >= 0) & (column.codes >= 0) & inside & sample.counted & (sample.sampling.weights != 0)
    if not both.any():
        among = "" if inside.all() else ", of those whom where= names"
        raise InputError(f"Nobody answered both columns of {name!r}{among}.")
    row, column = (Side(s.asked, *columns.used(np.where(both, s.codes, -1), s.levels)) for s in (row, column))
    return row, column


def cells(surveys: Sequence[Survey], row: str, column: str, where: object = None) -> Cells:
    """Give numbers to the cells of two columns."""
    for name in (row, column):
        if not isinstance(name, str):
            raise InputError(f"A cross-table is of two columns, given by their names, not by {type(name).__name__}.")
    if row == column:
        raise InputError(f"Column {row!r} is crossed with itself; give two columns.")
    sides = [[Side(name, *levels_of(survey.sample, name)) for survey in surveys] for name in (row, column)]
    wheres = [where_of(survey.sample, where) for survey in surveys]
    _tell_unknown(surveys[0].sample, wheres[0])
    return joined(surveys, sides[0], sides[1], f"{row} by {column}", wheres)


def joined(
    surveys: Sequence[Survey],
    rows: Sequence[Side],
    heads: Sequence[Side],
    name: str,
    wheres: Sequence[str | Mask | None],
) -> Cells:
    """Give numbers to the cells of two columns of codes; levels that nobody has with the other are left out.

    There is one of each for every imputation, whose levels are put together.
    """
    pairs = []
    for survey, row, head, where in zip(surveys, rows, heads, wheres, strict=True):
        pairs.append(together(survey.sample, row, head, name, inside_of(survey.sample, where)[0]))
    row_levels, head_levels = (united([pair[i].levels for pair in pairs]) for i in (0, 1))
    numbered_surveys, asked = [], []
    for survey, (row, head), where in zip(surveys, pairs, wheres, strict=True):
        one = Crossed(row.asked, head.asked, tuple(row_levels.tolist()), tuple(head_levels.tolist()), where)
        number = one.number(moved(row.codes, row.levels, row_levels), moved(head.codes, head.levels, head_levels))
        numbered_surveys.append(survey.of(survey.sample.with_made({one: number})))
        asked.append(one)
    return Cells(tuple(numbered_surveys), tuple(asked), row_levels, head_levels, name)


def _tell_unknown(sample: Sample, where: str | Mask | None) -> None:
    """Say who did not answer whether they are in the domain."""
    unknown = inside_of(sample, where)[1] & sample.counted
    if unknown.any():
        warn(f"{sample.name_rows(unknown)} have no value of {where} and are left out.")


def independence(crossed: Cells, method: str = "F") -> Significance:
    """Test whether rows and columns are independent."""
    return of_imputations(_test(crossed, method), len(crossed.surveys))


def _test(crossed: Cells, method: str) -> Significance:
    check_method(method)
    rows, heads = crossed.shape
    name = crossed.name
    if min(rows, heads) < 2:
        raise InputError(
            f"There is nothing to test in {name!r}: one of the two has a single level among those who answered both."
        )
    special()
    df = min(s.sample.df_of(codes >= 0) for s, codes in zip(crossed.surveys, crossed.codes, strict=True))
    require_degrees(df, f"The test of {name!r}")
    if method in ("Wald", "adjWald"):
        return _wald(crossed, method, df, name)
    pearson, moved, contrasts, df = _pearson(crossed, df)
    total = float(np.trace(moved))
    free = total**2 / float((moved**2).sum())
    if method == "F":
        f = pearson / total
        p = upper_f(f, free, free * df)
        return Significance(
            english("Rao-Scott F test (second order)"), f, (free, free * df), p, "F", RAO_SCOTT, pearson
        )
    if method == "Chisq":
        corrected = pearson / total * contrasts
        p = float(special().chdtrc(contrasts, corrected))
        words = english("Rao-Scott chi-squared test (first order)")
        return Significance(words, corrected, (float(contrasts),), p, "chi-squared", RAO_SCOTT, pearson)
    # The variance counts for as many degrees of freedom as F's, whole ones, as in R: its chi-squared is then a little
    # smaller than what it is divided by, and p a little larger.
    whole = np.floor(free * df + 1e-9)
    weights = np.linalg.eigvalsh(moved)
    weights = weights[weights > 1e-12 * weights[-1]]
    p = mixture(weights.tolist(), pearson * whole / (free * df), whole, saddlepoint=method == "saddlepoint")
    words = english("Pearson's statistic against its weighted sum of chi-squared")
    source = RAO_SCOTT
    if method == "saddlepoint":
        words, source = english("{test}, by saddlepoint", test=words), f"{RAO_SCOTT}\n{KUONEN}"
    return Significance(words, pearson, (), p, "mixture", source, pearson)


def check_method(method: object, argument: str = "method") -> None:
    """Refuse a test that there is not; `test=` may be True or False as well."""
    known = isinstance(method, str) and method in METHODS
    if not known and not (argument == "test" and isinstance(method, (bool, np.bool_))):
        hint = suggest(method, METHODS) if isinstance(method, str) else ""
        near = f" {hint}" if hint.startswith("Did") else ""
        flags = "True or False, or " if argument == "test" else ""
        raise InputError(f"{argument}={listing([method])} must be {flags}one of {', '.join(map(repr, METHODS))}.{near}")


def _pearson(crossed: Cells, df: float) -> tuple[float, Floats, int, float]:
    """Return Pearson's statistic of the shares, for as many as answered, a matrix with its weights, how many are tested, and df.

    The weights of its distribution are the eigenvalues of (C'D C / n)^-1 (C'D V D C), with C the interaction contrasts, D the
    inverse of observed shares (nothing for empty cells) and V the shares' covariance (Rao and Scott 1984, section 4). They are
    those of n (I - Q Q') V~ (I - Q Q') as well, where V~ is D^1/2 V D^1/2 and Q spans what no contrast of cells with
    anybody moves: D^-1/2 times effects of rows plus effects of columns, which are few. So sums of weights and of their squares
    are a trace and a sum of squares, and no system of as many equations as cells is solved. Zeros, because a design of few
    clusters can't vary in all directions, change no sum; they count among the contrasts.
    """
    rows, heads = crossed.shape
    moments = Moments.of(crossed.nodes("proportion"))
    n = crossed.participants.sum()
    p = moments.point
    table = p.reshape(rows, heads)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)).ravel()
    pearson = float(n * ((p - expected) ** 2 / expected).sum())
    some = p > 0
    root = np.sqrt(p[some])
    unmoved = np.linalg.qr(root[:, None] * _additive(table > 0)[some])[0]

    def contrasted(values: Floats) -> Floats:
        return np.asarray(values - unmoved @ (unmoved.T @ values))

    moved = contrasted(contrasted(moments.within[np.ix_(some, some)] / np.outer(root, root)).T) * n
    if not np.trace(moved) > 0 or not np.isfinite(moved).all():
        raise InputError(
            f"The shares of {crossed.name!r} don't vary in this design, so their independence can't be tested."
        )
    factor = 1.0
    if moments.imputations > 1:
        metric = np.zeros((len(p), len(p)))
        metric[np.ix_(some, some)] = contrasted(np.eye(len(root))) / np.outer(root, root) * n
        factor, df = moments.inflated(metric, df)
    return pearson, moved * factor, len(root) - unmoved.shape[1], df


def _additive(occupied: Bools) -> Floats:
    """Return a basis of what adds an effect of the row to one of the column and is zero in every empty cell (cells x effects).

    Where a cell is empty its row's effect is the negative of its column's, so rows and columns that empty cells link have one
    effect. Adding to all rows what is taken off all columns changes nothing, so one of the effects is left out.
    """
    rows, heads = occupied.shape
    effect = np.arange(rows + heads)
    for row, head in np.argwhere(~occupied).tolist():
        effect[effect == effect[rows + head]] = effect[row]
    chosen = np.unique(effect)[1:]
    of_rows = (effect[:rows, None] == chosen).astype(float)
    of_heads = (effect[rows:, None] == chosen).astype(float)
    return np.asarray((of_rows[:, None, :] - of_heads[None, :, :]).reshape(rows * heads, len(chosen)))


def _wald(crossed: Cells, method: str, df: float, name: str) -> Significance:
    """Test observed against expected counts, whose total the design may leave to vary."""
    rows, heads = crossed.shape
    moments = Moments.of(crossed.nodes("count"))
    counts = moments.point.reshape(rows, heads)
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
    if method == "adjWald":
        require_degrees(df - above + 1, f"The adjusted Wald test of {name!r}")
    off = (counts - np.outer(by_row, by_head) / whole).ravel()[free]
    below = df - above + 1
    statistic, left = wald(off, moments.through(slopes[free]), df if method == "Wald" else below, f"{name!r}")
    if method == "Wald":
        f = statistic / above
        return Significance(english("Wald test"), f, (above, left), upper_f(f, above, left), "F", KOCH)
    f = statistic * below / (above * df)
    return Significance(english("adjusted Wald test"), f, (above, left), upper_f(f, above, left), "F", THOMAS_RAO)
