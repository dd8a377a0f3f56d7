"""How a Table 1 reads: lines, cells, notes, and the tidy numbers behind them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..answers.contributions import NO_DECIMALS, Shared, concentrated, concentrated_by
from ..answers.participants import weighting
from ..ground.columns import Bools, Floats
from ..ground.language import english, number, read, tr
from ..sample.cut import COUNTED, Cut
from ..uncertainty.of_draws import ROUNDING
from ..words import disclosure
from ..words.printed import p_text, with_share
from ..words.rows import HIDDEN, Row
from ..words.table import NOTHING, NUMBERS, Made, Table
from . import suppress
from .described import Described
from .extras import More
from .remarks import MARKS, NCHS_MARKS, asked_for, missing_codes, more_heads, said_of, titled
from .variables import Groups, day

if TYPE_CHECKING:
    from ..survey.survey import Survey
#: Decimals of what isn't in the unit of the variable, where small cells are hidden.
ROUNDED = {"share": 3, "deff": 2, "smd": 2, "trend": 3}


def table(
    survey: Survey,
    found: Sequence[Described],
    parts: Groups,
    sizes: Floats,
    ends: Floats | None,
    told: Sequence[str],
    statistics: Sequence[str],
    level: float,
    test: bool,
    correction: str,
    below: int | None,
    title: str | None,
    more: More,
    also: Sequence[Cut] = (),
) -> Table:
    """Put everything into words; hide what is hidden in `also` for the sake of other tables."""
    names = [*parts.labels, *(["all"] if parts.total else [])]
    called = [*parts.labels, *([tr("all")] if parts.total else [])]
    heads = [tr("{group} (n = {count:,.0f})", group=one, count=size) for one, size in zip(called, sizes, strict=True)]
    tests = list(dict.fromkeys(made.test for made in found if made.test))
    rows: list[Row] = []
    numbers: list[list[Any]] = []
    hid, flat, fixed = False, False, False
    kept: list[Described] = []
    opened = ""
    unanswered = _unanswered(found)
    cells = [_hidden(survey, made, parts, below) for made in found]
    for hidden, others in zip(cells, also, strict=False):
        np.logical_or(hidden, others.hidden[:, : hidden.shape[1]], out=hidden)
    cuts = _together(survey, found, parts, cells, below)
    for cut, others in zip(cuts, also, strict=False):
        cut.bare = cut.bare or others.bare
    bare = [cut.bare for cut in cuts] or [False] * len(found)
    # Corrections that go by the order of all p-values tell of those that are hidden.
    chained = correction in ("holm", "bh") and any(hidden.any() for hidden in cells)
    for place, (made, hidden) in enumerate(zip(found, cells, strict=True)):
        hid = hid or bool(hidden.any())
        writer = _Writer(made, names, ends, hidden, _shared(survey, made, parts, below), below, bare=bare[place])
        untold = chained or bool(hidden.any())
        kept += [] if untold else [made]
        tail = _tail(made, tests, test=test, more=more, hidden=bool(hidden.any()), untold=untold)
        if made.variable.kind == "multiple" and made.variable.name != opened:
            blank = (*([""] * len(names) if more.deff else []), *[""] * len(tail))
            rows.append(_row(made.variable.name, [""] * len(names), blank, heading=True))
        opened = made.variable.name if made.variable.kind == "multiple" else ""
        rows += writer.lines(statistics, tail, missing=unanswered.get(place))
        numbers += writer.numbers(statistics, test=test and not untold, told=not untold)
        flat, fixed = flat or writer.flat, fixed or writer.fixed
    notes = said_of(survey, found, parts, ends, level, tests, correction if test else "none")
    if flat:
        notes.append(
            tr("No interval where everybody or nobody has a property and nothing in the sample says how that varies.")
        )
    if fixed:
        notes.append(
            tr(
                "No interval where nothing varies between clusters (a group within one cluster) or the design fixes the number."
            )
        )
    # How many redraws lack a group, or its degrees of freedom, tell how many are in it.
    notes += [read(text) for text in told if not hid or not any(letter.isdigit() for letter in text)]
    notes += missing_codes(survey, found)
    if any(bare):
        notes.append(
            tr(
                "Beside hidden cells weighted shares stand without numbers of participants, which together could tell them."
            )
        )
    if hid:
        notes.append(
            tr(
                "Hidden: cells of fewer than {below} participants, and others from which they could be worked out.",
                below=below,
            )
        )
    if below is not None and any(made.variable.answers is not None for made in found):
        notes.append(
            tr(
                "Quantiles and ranges are written so coarsely that {below} participants or more gave each answer; without one the "
                "place is hidden.",
                below=below,
            )
        )
    notes += list(dict.fromkeys(read(made.trouble) for made in kept if made.trouble))
    notes += list(dict.fromkeys(read(made.no_trend) for made in kept if made.no_trend))
    notes += asked_for(found, parts, more)
    if survey.record.note:
        notes.append(str(survey.record.note))
    return Table(
        title or titled(survey, parts),
        (*heads, *more_heads(called, test=test, more=more)),
        tuple(rows),
        tuple(notes),
        pd.DataFrame(numbers, columns=NUMBERS),
        Made(below, survey.record, tuple(cuts)),
    )


def _tail(
    made: Described, tests: Sequence[str], *, test: bool, more: More, hidden: bool, untold: bool
) -> tuple[str, ...]:
    """Return what stands once beside a variable: its standardised difference, p, p of a trend."""
    parts = []
    if more.smd:
        parts.append(HIDDEN if hidden else NOTHING if np.isnan(made.smd) else number(made.smd, ".2f"))
    if test:
        parts.append(HIDDEN if untold else _p(made, tests))
    if more.trend:
        parts.append(HIDDEN if untold else p_text(made.trend))
    return tuple(parts)


def _unanswered(found: Sequence[Described]) -> dict[int, str]:
    """Say after which variables a line of missing answers stands, and how it is called.

    Who left out a question with several answers left out all of its options: one line after the last will do.
    """
    lines: dict[int, str] = {}
    for place, made in enumerate(found):
        if not made.missing.any():
            continue
        if made.variable.kind != "multiple":
            lines[place] = tr("missing")
            continue
        options = [i for i, one in enumerate(found) if _question(one) == _question(made)]
        if any((found[i].missing != made.missing).any() for i in options):
            lines[place] = tr("{variable}: missing", variable=made.variable.title)
        elif place == options[-1]:
            lines[place] = tr("missing")
    return lines


def _question(made: Described) -> str | None:
    return made.variable.name if made.variable.kind == "multiple" else None


def _together(
    survey: Survey, found: Sequence[Described], parts: Groups, cells: Sequence[Bools], below: int | None
) -> list[Cut]:
    """Hide what one variable of the table would tell of another, such as a recode of it, and finish the table."""
    if below is None:
        return []
    cuts = [_cut(survey, made, parts, hidden, below) for made, hidden in zip(found, cells, strict=True)]
    for cut in cuts:
        cut.fixed = False
    disclosure.close(cuts, below)
    for cut, shown in zip(cuts, cells, strict=True):
        shown[cut.hidden[:, : shown.shape[1]]] = True
        cut.fixed, cut.bare = True, cut.counted and bool(cut.bare or shown.any())
    return cuts


def _cut(survey: Survey, made: Described, parts: Groups, hidden: Bools, below: int) -> Cut:
    """Say who is in which cell, for a report that shows other tables too."""
    one = made.variable
    codes = one.codes if one.codes is not None else np.where(one.answered, 0, -1)
    codes = codes if parts.domain is None else np.where(parts.domain, codes, -1)
    groups = len(parts.labels)
    return Cut(
        survey.sample,
        one.name if one.kind != "multiple" else f"{one.name}: {one.title}",
        (parts.name,) if parts.name else (),
        np.asarray(codes, dtype=np.int64),
        parts.codes if parts.name else np.zeros(len(codes), dtype=np.int64),
        len(one.levels) or 1,
        groups if parts.name else 1,
        hidden.copy(),
        total=parts.total and bool(parts.name),
        shown=tuple(one.shown) if one.codes is not None else None,
        sums=one.codes is None,
        where=parts.where,
        domain=parts.domain,
        secret=_concentrated(survey, made, parts, below)[None, :] if one.kind == "continuous" else None,
        secret_apart=_concentrated_apart(survey, made, parts, below) if one.kind == "continuous" and parts.name else (),
        headed=True,
        weighting=weighting(survey.sample),
        counted=weighting(survey.sample) != COUNTED and one.codes is not None,
        names=one.levels,
        heads=parts.labels,
    )


def _hidden(survey: Survey, made: Described, parts: Groups, below: int | None) -> Bools:
    if below is None:
        return np.zeros(made.n.shape, dtype=bool)
    hidden = suppress.hide(made.n, made.missing, below, total=parts.total and len(parts.labels) > 0)
    if made.variable.kind != "continuous":
        return hidden
    hidden[0] |= _concentrated(survey, made, parts, below)
    groups, last = len(parts.labels), parts.size - 1
    values, people = made.variable.values, survey.sample.multiplicity.astype(float)
    known = ~np.isnan(values) & (True if parts.domain is None else parts.domain)
    while parts.total and groups and not hidden[0, last] and hidden[0, :groups].any():
        # The mean of all is that of the groups together: the hidden ones' follows from those that are shown.
        together = known & np.isin(parts.codes, np.flatnonzero(hidden[0, :groups]))
        if hidden[0, :groups].sum() > 1 and not concentrated(values[together], people[together], below):
            break
        others = np.flatnonzero(~hidden[0, :groups] & (made.n[0, :groups] > 0))
        hidden[0, others[made.n[0, others].argmin()] if len(others) else last] = True
    return hidden


def _concentrated(survey: Survey, made: Described, parts: Groups, below: int) -> Bools:
    """Say in which columns few participants make up a mean."""
    values, people = made.variable.values, survey.sample.multiplicity
    inside = np.ones(len(values), dtype=bool) if parts.domain is None else parts.domain
    told = np.zeros(parts.size, dtype=bool)
    if parts.name is not None:
        groups = np.where(inside, parts.codes, -1).astype(np.int64)
        told[: len(parts.labels)] = concentrated_by(values, groups, len(parts.labels), people, below)
    if parts.total:
        told[-1:] = concentrated_by(values, np.where(inside, 0, -1), 1, people, below)
    return told


def _concentrated_apart(survey: Survey, made: Described, parts: Groups, below: int) -> tuple[bool, ...]:
    """Say whether few participants make up the mean of those without a group."""
    without = parts.codes < 0 if parts.domain is None else (parts.codes < 0) & parts.domain
    groups = np.where(without, 0, -1).astype(np.int64)
    return (bool(concentrated_by(made.variable.values, groups, 1, survey.sample.multiplicity, below)[0]),)


def _shared(survey: Survey, made: Described, parts: Groups, below: int | None) -> list[Shared] | None:
    """Return the answers in each column, of which no single one may be told."""
    if below is None or made.variable.answers is None:
        return None
    values, people = made.variable.values, survey.sample.multiplicity
    groups = []
    for column in range(parts.size):
        inside = parts.inside(column)
        groups.append(Shared(values, people if inside is None else np.where(inside, people, 0), below))
    return groups


def _p(made: Described, tests: Sequence[str]) -> str:
    if np.isnan(made.p):
        return NOTHING if made.trouble else ""
    mark = MARKS[tests.index(made.test) % len(MARKS)] if len(tests) > 1 else ""
    return p_text(made.p) + mark


def _row(label: str, cells: Sequence[str], tail: Sequence[str], *, heading: bool = False) -> Row:
    return Row(label, (*cells, *tail), heading)


class _Writer:
    """Writes one variable."""

    def __init__(
        self,
        made: Described,
        names: Sequence[str],
        ends: Floats | None,
        hidden: Bools,
        shared: list[Shared] | None,
        below: int | None,
        *,
        bare: bool,
    ) -> None:
        self.made, self.names, self.ends, self.hidden = made, names, ends, hidden
        #: The answers of each column, where small cells are hidden; whether weighted shares stand without numbers beside them.
        self.shared, self.rounds, self.bare = shared, below is not None, bare
        #: Whether an interval has no width because of a property that all or none have, or of the design.
        self.flat = self.fixed = False

    def lines(self, statistics: Sequence[str], tail: tuple[str, ...], *, missing: str | None) -> list[Row]:
        """Return the lines of the table; `missing` is how that of missing answers is called, if it stands here."""
        one, columns = self.made.variable, range(len(self.names))
        blank = ("",) * len(tail)
        rows = []
        if one.kind in ("binary", "multiple"):
            cells = [self._share(1, c) for c in columns]
            rows.append(_row(one.title, cells, (*self._effects(1), *tail), heading=one.kind == "binary"))
        else:
            rows.append(_row(one.title, [""] * len(self.names), (*self._effects(None), *tail), heading=True))
            if one.kind == "categorical":
                rows += [
                    _row(one.levels[s], [self._share(s, c) for c in columns], (*self._effects(s), *blank))
                    for s in one.shown
                ]
            else:
                rows += [
                    _row(
                        read(name),
                        [self._number(name, c) for c in columns],
                        (*self._effects(0 if name == "mean" else None), *blank),
                    )
                    for name in self._names(statistics)
                ]
        if missing is not None:
            cells = [number(m) for m in self.made.missing]
            rows.append(_row(missing, cells, (*self._effects(None), *blank)))
        return rows

    def _effects(self, line: int | None) -> list[str]:
        """Return the design effects of a line, where they are asked for."""
        if self.made.deff is None:
            return []
        if line is None:
            return [""] * len(self.names)
        return [
            HIDDEN if hidden else NOTHING if np.isnan(value) else number(value, ".2f")
            for value, hidden in zip(self.made.deff[line], self.hidden[line], strict=True)
        ]

    def _verdict(self, line: int, column: int) -> str:
        """Return what presentation standards say of a share: nothing where nobody asked."""
        return "" if self.made.verdicts is None else str(self.made.verdicts[line, column])

    def _names(self, statistics: Sequence[str]) -> list[str]:
        words = {
            "mean": english("mean"),
            "sd": english("standard deviation"),
            "median": english("median (quartiles)"),
            "range": english("range"),
        }
        date = self.made.variable.kind == "date"
        return [words[s] for s in statistics if not (date and s in ("mean", "sd"))]

    def _interval(self, line: int, column: int) -> tuple[float, float]:
        place = self.made.place[line, column]
        if self.ends is None or place < 0:
            return np.nan, np.nan
        low, high = self.ends[place]
        point = self.made.point[line, column]
        if not high - low > 2 * ROUNDING * abs(point):
            share = self.made.variable.codes is not None
            if share and point in (0.0, 1.0):
                self.flat = True
            elif low <= high:
                self.fixed = True
            return np.nan, np.nan
        return float(low), float(high)

    def _share(self, line: int, column: int) -> str:
        if self.hidden[line, column]:
            return HIDDEN
        point = self.made.point[line, column]
        if np.isnan(point):
            return NOTHING
        verdict = self._verdict(line, column)
        if verdict == "suppress":
            return NCHS_MARKS[verdict] if self.bare else f"{number(self.made.n[line, column])} ({NCHS_MARKS[verdict]})"
        low, high = self._interval(line, column)
        count = self.made.n[line, column]
        mark = NCHS_MARKS.get(verdict, "")
        return with_share(None if self.bare else count, point, None if np.isnan(low) else (low, high)) + mark

    def _number(self, name: str, column: int) -> str:
        if self.hidden[0, column]:
            return HIDDEN
        if self.made.n[0, column] == 0:
            return NOTHING
        show = self._show
        hidden = tr("hidden")
        answers = [self._answer(value, column) for value in self.made.spread[column]]
        low, first, middle, third, high = (hidden if one == HIDDEN else one for one in answers)
        if name == "mean":
            ends = self._interval(0, column)
            shown = show(self.made.point[0, column])
            if np.isnan(ends[0]):
                return shown
            return tr("{value} ({low} to {high})", value=shown, low=show(ends[0]), high=show(ends[1]))
        if name == "standard deviation":
            return show(self.made.sd[column])
        if name.startswith("median"):
            return tr("{value} ({low} to {high})", value=middle, low=first, high=third)
        return HIDDEN if low == high == hidden else tr("{low} to {high}", low=low, high=high)

    def _show(self, value: float) -> str:
        if self.made.variable.kind == "date":
            return day(value)
        if np.isnan(value):
            return NOTHING
        return number(value, f",.{0 if self._whole and value % 1 == 0 else self._places}f")

    def _answer(self, value: float, column: int) -> str:
        """Write a quantile or an end of the range, which is a participant's answer."""
        if self.shared is None or np.isnan(value):
            return self._show(value)
        if self.made.variable.kind == "date":
            return _period(value, self.shared[column])
        places = 0 if self._whole and float(value).is_integer() else self._places
        most = min(self.shared[column].decimals(value), places)
        return HIDDEN if most == NO_DECIMALS else number(round(value, most) + 0.0, f",.{max(most, 0)}f")

    def _plain(self, value: float, column: int) -> Any:
        """Return a quantile or an end of the range as a number, or a date."""
        if self.made.variable.kind == "date":
            return day(value) if self.shared is None else _period(value, self.shared[column])
        return value if self.shared is None else self.shared[column].written(value, self._places)

    @cached_property
    def _places(self) -> int:
        visible = self.made.sd if self.shared is None else np.where(self.hidden[0], np.nan, self.made.sd)
        spread = np.nanmax(visible, initial=0.0)
        return int(np.clip(2 - np.floor(np.log10(spread)), 0, 8)) if 0 < spread < np.inf else 1

    @cached_property
    def _whole(self) -> bool:
        """Whether all numbers are whole; most columns with decimals show it at once."""
        values = self.made.variable.values
        return all(bool(((part == np.rint(part)) | np.isnan(part)).all()) for part in (values[:1000], values))

    def numbers(self, statistics: Sequence[str], *, test: bool, told: bool) -> list[list[Any]]:
        """Return the tidy numbers."""
        made, one = self.made, self.made.variable
        p = made.p if test else np.nan
        found: list[list[Any]] = []
        level = one.title if one.kind == "multiple" else ""
        for column in range(len(self.names)):
            found += self._shares(column, p) if one.codes is not None else self._measures(column, statistics, p)
            found.append(
                self._tidy(level, "missing", column, made.missing[column], np.nan, None, False, p)
            )  # no secret
        found += self._beside(told=told)
        if self.rounds:
            for row in found:  # digits that nobody reads tell of others: of the redraws, and so of everybody
                row[5:] = [self._rounded(row[2], value) for value in row[5:8]] + [round(row[8], 3)]
        return found

    def _tidy(
        self, level: str, name: str, column: int, n: float, value: Any, ends: Any, hidden: bool, p: float
    ) -> list[Any]:
        """Return a line of the tidy numbers."""
        shown = [np.nan] * 4 if hidden else [n, value, *(ends or (np.nan, np.nan))]
        return [self.made.variable.name, level, name, self.names[column], *shown, p]

    def _shares(self, column: int, p: float) -> list[list[Any]]:
        made, one, found = self.made, self.made.variable, []
        for line in one.shown:
            level = one.title if one.kind == "multiple" else one.levels[line]
            hidden, n = bool(self.hidden[line, column]), np.nan if self.bare else made.n[line, column]
            uncertain = self._verdict(line, column) == "suppress"
            value, ends = (np.nan, None) if uncertain else (made.point[line, column], self._interval(line, column))
            found.append(self._tidy(level, "share", column, n, value, ends, hidden, p))
            if made.deff is not None:
                found.append(self._tidy(level, "deff", column, n, made.deff[line, column], None, hidden, p))
        return found

    def _measures(self, column: int, statistics: Sequence[str], p: float) -> list[list[Any]]:
        made, continuous = self.made, self.made.variable.kind == "continuous"
        hidden, n = bool(self.hidden[0, column]), made.n[0, column]
        least, first, middle, third, most = (self._plain(v, column) for v in made.spread[column])
        told: list[tuple[str, Any, Any]] = []
        if continuous and "mean" in statistics:
            told.append(("mean", made.point[0, column], self._interval(0, column)))
            told += [("deff", made.deff[0, column], None)] if made.deff is not None else []
        if continuous and "sd" in statistics:
            told.append(("sd", made.sd[column], None))
        if "median" in statistics:
            told += [("q1", first, None), ("median", middle, None), ("q3", third, None)]
        if "range" in statistics:
            told += [("min", least, None), ("max", most, None)]
        return [self._tidy("", name, column, n, value, ends, hidden, p) for name, value, ends in told]

    def _beside(self, *, told: bool) -> list[list[Any]]:
        """Return the tidy numbers that a variable has once: its standardised difference, and p of a trend."""
        made, one, found = self.made, self.made.variable, []
        level = one.title if one.kind == "multiple" else ""
        if not np.isnan(made.smd):
            gone = bool(self.hidden.any())
            found.append([one.name, level, "smd", "", np.nan, np.nan if gone else made.smd, np.nan, np.nan, np.nan])
        if not np.isnan(made.trend):
            found.append([one.name, level, "trend", "", *[np.nan] * 4, made.trend if told else np.nan])
        return found

    def _rounded(self, statistic: str, value: Any) -> Any:
        """Return a number as the table shows it."""
        if isinstance(value, str) or np.isnan(value):
            return value
        return round(float(value), ROUNDED.get(statistic, self._places))


def _period(value: float, answers: Shared) -> str:
    """Write a date as finely as several participants share it: a day, a month, a year."""
    for unit in ("D", "M", "Y"):
        period = np.datetime64(round(value), "D").astype(f"datetime64[{unit}]")
        first, after = (np.datetime64(one, "D").astype(np.int64) for one in (period, period + 1))
        if answers.several(float(first), float(after)):
            return str(period)
    return HIDDEN
