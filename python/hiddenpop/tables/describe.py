"""A Table 1: who the people are, by group, weighted and with the design's intervals where there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError, listing, suggest, warn
from ..ground.checks import check_level
from ..ground.signatures import checked
from ..survey.required import require_survey
from ..uncertainty.interval_methods import named
from . import layout, multiselect, numbers, variables
from .levels import YesNo
from .significance import CORRECTIONS
from .table import Table

if TYPE_CHECKING:
    from ..survey.survey import Survey
STATISTICS = ("mean", "sd", "median", "range")


@checked
def describe(
    survey: Survey,
    columns: Sequence[str] | None = None,
    *,
    by: str | None = None,
    test: bool = False,
    total: bool = False,
    multiple: Mapping[str, str | Sequence[str]] | None = None,
    kinds: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    statistics: Sequence[str] = STATISTICS,
    interval: bool = True,
    level: float = 0.95,
    method: str | None = None,
    correction: str = "none",
    suppress_below: int | None = None,
    title: str | None = None,
) -> Table:
    """Describe the participants of a survey, or the population that its weights stand for.

    Parameters
    ----------
    survey : Survey
        Whom to describe.
    columns : list of str, optional
        What to describe, in this order; all columns that are no part of the design by default.
    by : str, optional
        A column whose groups stand side by side.
    test : bool
        Whether to add a p-value a row: do the groups differ?
    total : bool
        Whether to add a column for all together (always there without `by`).
    multiple : mapping of title to prefix or columns, optional
        Questions with several answers, as `{"complaints": "complaint_"}`; see `hp.multiselect`.
    kinds : mapping of column to kind, optional
        "continuous", "categorical", "binary" or "date", where the automatic kind is not what you mean. By default
        True and False, 1 and 0, yes and no are binary; text, categoricals and whole numbers with fewer
        than ten values categorical.
    labels : mapping of column to label, optional
        What to call columns; by default the labels of the SPSS or Stata file, or their names.
    statistics : list of {"mean", "sd", "median", "range"}
        The lines of continuous columns.
    interval : bool
        Whether to show intervals of means and shares.
    level : float
        Confidence level.
    method : str, optional
        Method of the intervals, as in `Estimate.interval`; its default, but "t" for samples of more than 100,000.
    correction : {"none", "holm", "bonferroni", "bh"}
        Correction of the p-values for their number; see `hp.correct`.
    suppress_below : int, optional
        Hide cells of 1 to `suppress_below - 1` participants, and as many others as are needed so that they
        can't be worked out from totals.
    title : str, optional
        Title of the table.

    Returns
    -------
    Table
        Numbers of participants as they are; means, shares, standard deviations and quantiles weighted.

    Raises
    ------
    InputError
        Unknown columns, one without any answer, a `by` with a single group, impossible settings, or groups
        smaller than `suppress_below`.

    Notes
    -----
    Intervals are those of the survey's estimates. Standard deviations are those of the population, with n / (n - 1).
    Tests: Rao and Scott's F (1984) for shares; the design-based t test for means of two groups, Wald's F for more
    (Lumley 2010, Complex Surveys, sections 2.3 and 5.2).

    Examples
    --------
    >>> import hiddenpop as hp
    >>> interviews = hp.datasets.load("synthetic_opaak")["interviews"]
    >>> survey = hp.Survey(interviews, strata="group")
    >>> table = hp.describe(survey, ["born"], by="group", test=True, interval=False)
    >>> table.to_pandas()["opioids (n = 393)"].tolist()
    ['', '140 (35.6%)', '207 (52.7%)', '46 (11.7%)']
    """
    require_survey(survey, "describe")
    level = check_level(level)
    if title is not None and not isinstance(title, str):
        raise InputError(f"title= is a text, not {title!r}.")
    if method is not None:
        named(method)
    if correction not in CORRECTIONS:
        raise InputError(f"correction={correction!r} must be one of {', '.join(map(repr, CORRECTIONS))}.")
    unknown = [one for one in statistics if one not in STATISTICS]
    if isinstance(statistics, str) or unknown:
        raise InputError(f"statistics= is a list of {', '.join(map(repr, STATISTICS))}.")
    if test and by is None:
        raise InputError("test=True compares groups: name their column with by=.")
    if isinstance(columns, str):
        raise InputError(f"columns= is a list of columns: [{columns!r}].")
    parts = variables.groups(survey, by, total=total or by is None)
    asked = [
        *_asked(survey, columns, by, multiple, kinds, labels),
        *(one for name, given in (multiple or {}).items() for one in _options(survey, name, given, labels)),
    ]
    if not asked:
        raise InputError("There is no column to describe; name some.")
    sizes = _sizes(survey, parts, suppress_below)
    made = variables.with_levels(survey, asked)
    found = numbers.evaluate(made, asked, parts, test=test, correction=correction)
    ends, told = numbers.intervals(made, found, level, method) if interval else (None, [])
    table = layout.table(
        survey, found, parts, sizes, ends, told, statistics, level, test, correction, suppress_below, title
    )

    def again(below: int) -> Table:
        return describe(
            survey, columns, by=by, test=test, total=total, multiple=multiple, kinds=kinds, labels=labels,
            statistics=statistics, interval=interval, level=level, method=method, correction=correction,
            suppress_below=below, title=title,
        )  # fmt: skip

    assert table.made is not None
    return replace(table, made=replace(table.made, again=again))


def _asked(survey: Survey, columns: Any, by: Any, multiple: Any, kinds: Any, labels: Any) -> list[variables.Variable]:
    if columns is None:
        several = {name for given in (multiple or {}).values() for name in multiselect.options(survey, given)}
        columns = [name for name in variables.default_columns(survey, by) if name not in several]
        empty = [name for name in columns if survey.sample.units[name].isna().all()]
        if empty:
            _warn(f"Left out, because nobody answered: {listing(empty)}.")
            columns = [name for name in columns if name not in empty]
    unknown = _without_column(survey, multiple, labels)
    if unknown:
        _warn(f"labels= names {unknown[0]!r}, which is no column. {suggest(unknown[0], survey.columns)}")
    names = [str(name) for name in columns]
    kinds = variables.check_kinds(kinds, names)
    doubled = {name for name in names if names.count(name) > 1}
    if doubled:
        raise InputError(f"Column {doubled.pop()!r} is named twice.")
    if by in names:
        raise InputError(f"Column {by!r} makes the groups, so it can't be described by them; leave it out of columns=.")
    return [variables.variable(survey, n, variables.title_of(survey, n, labels), kinds.get(n)) for n in names]


def _without_column(survey: Survey, multiple: Any, labels: Any) -> list[str]:
    """List the labels that label nothing; options go by the rest of their column's name, too."""
    prefixes = [given for given in (multiple or {}).values() if isinstance(given, str)]
    rests = {name.removeprefix(p) for p in prefixes for name in survey.columns}
    return [name for name in labels or {} if name not in survey.columns and name not in rests]


def _warn(text: str) -> None:
    warn(text)  # at the line that calls describe


def _options(survey: Survey, title: str, given: Any, labels: Any) -> list[variables.Variable]:
    """Make a variable of every option; the title's heads them all."""
    made = []
    for asked, label, ticked in multiselect.ticks(survey, given, labels):
        codes = np.where(np.isnan(ticked), -1, ticked).astype(np.int8)
        made.append(variables.yes_or_no(title, label, "multiple", YesNo(asked), codes))
    return made


def _sizes(survey: Survey, parts: variables.Groups, below: int | None) -> Any:
    sizes = parts.count(survey, np.zeros(len(survey.sample.units), dtype=np.int8), 1)[1]
    if below is None:
        return sizes
    below = variables.check_below(below)
    small = [parts.labels[i] for i in range(len(parts.labels)) if sizes[i] < below]
    if small:
        raise InputError(
            f"Group {small[0]!r} has fewer than {below} participants, so nothing can be shown of it. Join it with another, or "
            "leave it out before making the survey."
        )
    if survey.n < below:
        raise InputError(f"The survey has fewer than {below} participants, so nothing can be shown of it.")
    return sizes
