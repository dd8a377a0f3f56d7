"""How a cross-table reads."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..answers.participants import weighting
from ..errors import EstimationError, HiddenpopWarning, InputError
from ..ground.checks import check_below
from ..ground.columns import Bools, Floats
from ..ground.language import number, read, tr
from ..ground.text import label_of
from ..sample.cut import COUNTED, Cut
from ..sample.groups import inside_of
from ..uncertainty import interval
from ..words.printed import with_share
from ..words.rows import HIDDEN, Row
from ..words.table import NOTHING, NUMBERS, Made, Table
from . import imputations, suppress
from .cells import Cells, Percent, check_method, independence

if TYPE_CHECKING:
    from ..survey.survey import Survey


def make(
    names: tuple[str, str],
    cells: Cells,
    percent: Percent,
    level: float,
    *,
    labels: Mapping[str, str] | None = None,
    method: str | None = None,
    suppress_below: int | None = None,
    test: bool | str = True,
    title: str | None = None,
    also: Cut | None = None,
) -> Table:
    """Return participants, shares and intervals of all cells of two columns, with margins."""
    check_method(test, "test")
    shape, surveys = cells.shape, cells.surveys
    survey = surveys[0]
    if suppress_below is not None:
        imputations.require_answers(surveys)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        shares = cells.shares(percent)
        chosen = method or interval.default_method(shares.node)
        ends = interval.interval(shares.node, level, chosen, None)[0].reshape(*shape, 2)
    point = shares.node.point.reshape(shape)
    n = cells.participants
    hidden, bare = _hidden(survey, names, n, percent, suppress_below, also)
    if percent == "row" and not bare:  # beside its number of participants a share of the row tells the whole row's
        point = np.where(hidden[:, -1:], np.nan, point)
    beside = _beside(hidden[:, : shape[1]], percent)
    ends[beside] = np.nan
    row_title, column_title = ((labels or {}).get(name) or survey.sample.called(name) for name in names)
    heads = [
        tr("{group} (n = {count:,.0f})", group=label_of(head), count=size)
        for head, size in zip(cells.columns, n.sum(axis=0), strict=True)
    ]
    rows = [Row(row_title, ("",) * (shape[1] + 1), heading=True)]
    numbers = []
    for i, label in enumerate(cells.rows):
        texts = [
            _cell(
                None if bare else n[i, j], point[i, j], ends[i, j], hidden=bool(hidden[i, j]), alone=bool(hidden[i, -1])
            )
            for j in range(shape[1])
        ]
        rows.append(Row(label_of(label), (*texts, HIDDEN if hidden[i, -1] else number(n[i].sum()))))
        for j, head in enumerate(cells.columns):
            told = [np.nan] * 4 if hidden[i, j] else [np.nan if bare else n[i, j], point[i, j], *ends[i, j]]
            if suppress_below is not None:  # digits that nobody reads tell of others
                told[1:] = [round(float(value), 3) for value in told[1:]]
            numbers.append([names[0], label_of(label), f"share of {percent}", label_of(head), *told, np.nan])
    share = {
        ("row", False): tr("share of the row"),
        ("column", False): tr("share of the column"),
        ("total", False): tr("share of the total"),
        ("row", True): tr("weighted share of the row"),
        ("column", True): tr("weighted share of the column"),
        ("total", True): tr("weighted share of the total"),
    }[percent, bool(survey.record.weighted)]
    notes = [
        tr(
            "Number of participants ({share}; {level:g}% interval), of {count:,.0f} who answered both{domain}.",
            share=share,
            level=100 * level,
            count=n.sum(),
            domain=read(cells.domain),
        )
    ]
    if len(surveys) > 1:
        notes.append(imputations.note(len(surveys)))
    if test and not hidden.any():  # statistic and p follow from all cells, so that they tell of hidden ones
        try:
            found = independence(cells, "F" if test is True else test)
            notes.append(found.words)
            for line in numbers:
                line[-1] = found.p if suppress_below is None else round(found.p, 3)
        except (InputError, EstimationError) as error:
            notes.append(tr("No test: {reason}", reason=error))
    notes += _of_hidden(hidden, suppress_below, bare=bare)
    return Table(
        title or tr("{row} by {column}{domain}", row=row_title, column=column_title, domain=read(cells.domain)),
        (*heads, tr("{group} (n = {count:,.0f})", group=tr("all"), count=n.sum())),
        tuple(rows),
        tuple(notes),
        pd.DataFrame(numbers, columns=NUMBERS),
        Made(
            suppress_below,
            survey.record,
            () if len(surveys) > 1 else (_cut(survey, names, cells, hidden, bare=bare),),
            lambda below, also=(): make(
                names,
                cells,
                percent,
                level,
                labels=labels,
                method=method,
                suppress_below=below,
                test=test,
                title=title,
                also=also[0] if also else None,
            ),
        ),
    )


def _hidden(
    survey: Survey, names: tuple[str, str], n: Floats, percent: Percent, below: int | None, also: Cut | None
) -> tuple[Bools, bool]:
    """Say which cells are hidden (the last column is that of all), and whether shares stand without numbers beside them."""
    shape = n.shape
    hidden = np.zeros((shape[0], shape[1] + 1), dtype=bool)
    if below is None:
        return hidden, False
    below = check_below(below)
    if n.sum() < below or (n.sum(axis=0) < below).any():
        raise InputError(f"A column of {names[1]!r} has fewer than {below} participants; join it with another.")
    whole = np.column_stack([n, n.sum(axis=1)])
    hidden |= suppress.hide(whole, np.zeros(shape[1] + 1), below, total=True)
    if also is not None:  # for the sake of other tables
        hidden |= also.hidden
    # Numbers beside weighted shares could tell hidden cells; so could the numbers of a line beside its shares.
    bare = weighting(survey.sample) != COUNTED and (bool(hidden.any()) or (also is not None and also.bare))
    if bare:
        hidden[:, -1] = True
        if percent == "row":
            hidden |= hidden[:, :-1].any(axis=1, keepdims=True)
    return hidden, bare


def _of_hidden(hidden: Bools, below: int | None, *, bare: bool) -> list[str]:
    """Say what is hidden, and what stands without numbers for its sake."""
    notes = []
    if bare:
        notes.append(
            tr(
                "Beside hidden cells weighted shares stand without numbers of participants, which together could tell them."
            )
        )
    if hidden.any():
        notes.append(
            tr(
                "Hidden: cells of fewer than {below} participants, and others that would reveal them: intervals of shares of the "
                "same whole and tests too.",
                below=below,
            )
        )
    return notes


def _beside(hidden: Bools, percent: Percent) -> Bools:
    """Mark cells whose intervals follow from hidden ones: those of the same whole, whose parts' limits are carried to each."""
    if percent == "total":
        return np.zeros(hidden.shape, dtype=bool)
    return np.broadcast_to(hidden.any(axis=1 if percent == "row" else 0, keepdims=True), hidden.shape)


def _cut(survey: Survey, names: tuple[str, str], cells: Cells, hidden: Bools, *, bare: bool) -> Cut:
    """Say who is in which cell, for a report that shows other tables too."""
    codes, where = cells.codes[0].astype(np.int64), cells.asked[0].where
    rows, heads = cells.shape
    answered = codes >= 0
    level, group = np.where(answered, codes // heads, -1), np.where(answered, codes % heads, -1)
    return Cut(
        survey.sample,
        names[0],
        names[1:],
        level,
        group,
        rows,
        heads,
        hidden.copy(),
        total=True,
        everyone=False,
        where=where,
        domain=None if where is None else inside_of(survey.sample, where)[0],
        headed=True,
        weighting=weighting(survey.sample),
        counted=weighting(survey.sample) != COUNTED,
        bare=bare,
        names=tuple(map(label_of, cells.rows)),
        heads=tuple(map(label_of, cells.columns)),
    )


def _cell(n: float | None, point: float, ends: Floats, *, hidden: bool, alone: bool) -> str:
    if hidden:
        return HIDDEN
    if np.isnan(point):
        return NOTHING if n is None or not alone else number(n)
    return with_share(n, point, (ends[0], ends[1]) if ends[0] < ends[1] else None)
