"""A Table 1: who the people are, by group, weighted and with the design's intervals where there is one."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import HiddenpopWarning, InputError, in_words, listing, suggest, warn
from ..ground.checks import check_below, check_level, flag
from ..ground.signatures import checked
from ..sample.cut import Cut
from ..sample.labels import check_apart
from ..survey.required import completed
from ..uncertainty.interval_methods import named
from ..words.table import Table
from . import imputations, layout, multiselect, numbers, variables
from .extras import More
from .levels import YesNo
from .significance import CORRECTIONS

if TYPE_CHECKING:
    from ..survey.imputed import Imputed
    from ..survey.survey import Survey
STATISTICS = ("mean", "sd", "median", "range")


@checked
def describe(
    survey: Survey | Imputed,
    columns: Sequence[str] | None = None,
    *,
    by: str | None = None,
    where: object = None,
    test: bool = False,
    total: bool = False,
    multiple: Mapping[str, str | Sequence[str]] | None = None,
    kinds: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    statistics: Sequence[str] = STATISTICS,
    interval: bool = True,
    level: float = 0.95,
    method: str | None = None,
    smd: bool = False,
    trend: bool = False,
    deff: bool = False,
    presentation: str | None = None,
    correction: str = "none",
    suppress_below: int | None = None,
    title: str | None = None,
) -> Table:
    """Describe the participants of a survey, or the population that its weights stand for.

    Parameters
    ----------
    survey : Survey or Imputed
        Whom to describe. Imputations are pooled by Rubin's rules: means, shares, their intervals and tests; numbers of
        participants, standard deviations and quartiles are means of the imputations.
    columns : list of str, optional
        What to describe, in this order. By default all columns that are no part of the design (clusters, weights, corrections,
        strata that are numbers) and are not named by `where`.
    by : str, optional
        A column whose groups stand side by side.
    where : str or array of bool, optional
        Column (or mask) that says who is described: a domain, as in `Survey.proportion`, so that strata and clusters stay
        what they are.
    test : bool
        Whether to add a p-value a row: do the groups differ?
    total : bool
        Whether to add a column for all together (always there without `by`).
    multiple : mapping of title to prefix or columns, optional
        Questions with several answers, as `{"complaints": "complaint_"}`; see `hp.multiselect`.
    kinds : mapping of column to kind, optional
        "continuous", "categorical", "binary" or "date", where the automatic kind is not what you mean. By default
        True and False, 1 and 0, words for yes and no (as in `Survey.proportion`) are binary; text, categoricals and whole
        numbers with fewer than ten values categorical, unless those look measured (five or more of them, from 10 up, over a
        span of 20 or more), which a note says.
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
    smd : bool
        Whether to add the standardised difference of the groups (of more than two the largest of any pair): Austin (2009), of several
        categories Yang and Dalton (2012), weighted where the survey is.
    trend : bool
        Whether to add a p-value for a trend over ordered groups: the linear contrast of means, of shares of yes, or of mean ranks of
        ordered levels. `by` must be an ordered categorical, hold numbers, or make two groups.
    deff : bool
        Whether to add a column of design effects for each group's means and shares.
    presentation : {"nchs"}, optional
        Show only shares that are precise enough by an agency's standards, and flag others: those of the National Center for Health
        Statistics (Parker et al. 2017); see `hp.presentation`.
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

    See Also
    --------
    compare : differences and ratios with intervals.
    crosstab : one column by another.
    Table : the ways out.

    Notes
    -----
    Intervals are those of the survey's estimates. Standard deviations are those of the population, with n / (n - 1).
    Tests: Rao and Scott's F (1984) for shares; the design-based t test for means of two groups, Wald's F for more
    (Lumley 2010, Complex Surveys, sections 2.3 and 5.2). Trends: t, with the design's degrees of freedom less one.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> interviews = hp.datasets.load("synthetic_opaak")["interviews"]
    >>> survey = hp.Survey(interviews, strata="group")
    >>> table = hp.describe(survey, ["born"], by="group", test=True, interval=False)
    >>> table.to_pandas()["opioids (n = 393)"].tolist()
    ['', '140 (35.6%)', '207 (52.7%)', '46 (11.7%)']
    """
    surveys = completed(survey, "describe", where)
    level = check_level(level)
    more = More(smd=smd, deff=deff, trend=trend, rules=presentation)
    requests = ((smd, "smd"), (trend, "trend"), (deff, "deff"))
    for flagged, called in ((test, "test"), (total, "total"), (interval, "interval"), *requests):
        flag(flagged, called)
    if title is not None and not isinstance(title, str):
        raise InputError(f"title= is a text, not {listing([title])}.")
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
    if suppress_below is not None:
        imputations.require_answers(surveys)
    first = surveys[0]
    parts = variables.groups_in_common(surveys, by, total=total or by is None, where=where)
    more.check(surveys, by, parts)
    names = _names(first, parts[0], columns, by, multiple, kinds, labels)
    asked = []
    for m, one in enumerate(surveys):
        with warnings.catch_warnings():
            if m:  # what is said of a column is the same for all imputations
                warnings.simplefilter("ignore", HiddenpopWarning)
            asked.append(
                [
                    *_variables(surveys, one, names, kinds, labels),
                    *(v for name, given in (multiple or {}).items() for v in _options(one, name, given, labels)),
                ]
            )
    if not asked[0]:
        raise InputError("There is no column to describe; name some.")
    asked = [list(row) for row in zip(*map(variables.united_levels, zip(*asked, strict=True)), strict=True)]
    sizes = _sizes(surveys, parts, suppress_below)
    made = [variables.with_levels(one, own) for one, own in zip(surveys, asked, strict=True)]
    found = numbers.evaluate(made, asked, parts, test=test, correction=correction, more=more)
    ends, told = numbers.intervals(made[0], found, level, method) if interval else (None, [])
    if len(surveys) > 1:
        told = [imputations.note(len(surveys)), *told]

    def written(also: Sequence[Cut] = ()) -> Table:
        table = layout.table(
            first, found, parts[0], sizes, ends, told, statistics, level, test, correction, suppress_below, title, more,
            also,
        )  # fmt: skip
        assert table.made is not None
        return replace(table, made=replace(table.made, again=again))

    def again(below: int, also: Sequence[Cut] = ()) -> Table:
        if below == suppress_below:
            return written(also)
        other = describe(
            survey, columns, by=by, where=where, test=test, total=total, multiple=multiple, kinds=kinds, labels=labels,
            statistics=statistics, interval=interval, level=level, method=method, correction=correction,
            smd=smd, trend=trend, deff=deff, presentation=presentation,
            suppress_below=below, title=title,
        )  # fmt: skip
        return other.made.again(below, also) if also and other.made and other.made.again else other

    return written()


def _names(
    survey: Survey, parts: variables.Groups, columns: Any, by: Any, multiple: Any, kinds: Any, labels: Any
) -> list[str]:
    """Return the names of the columns to describe."""
    if columns is None:
        several = {name for given in (multiple or {}).values() for name in multiselect.options(survey, given)}
        columns = [name for name in variables.default_columns(survey, by, parts.where) if name not in several]
        units = survey.sample.units if parts.domain is None else survey.sample.units[parts.domain]
        empty = [name for name in columns if units[name].isna().all()]
        if empty:
            _warn(f"Left out, because nobody answered: {listing(empty)}.")
            columns = [name for name in columns if name not in empty]
    unknown = _without_column(survey, multiple, labels)
    if unknown:
        _warn(f"labels= names {unknown[0]!r}, which is no column. {suggest(unknown[0], survey.columns)}")
    names = [str(name) for name in columns]
    variables.check_kinds(kinds, names)
    doubled = {name for name in names if names.count(name) > 1}
    if doubled:
        raise InputError(f"Column {doubled.pop()!r} is named twice.")
    if by in names:
        raise InputError(f"Column {by!r} makes the groups, so it can't be described by them; leave it out of columns=.")
    return names


def _variables(
    surveys: Sequence[Survey], survey: Survey, names: Sequence[str], kinds: Any, labels: Any
) -> list[variables.Variable]:
    """Read the columns of one of the imputations."""
    titles = {n: (labels or {}).get(n) or survey.sample.called(n) for n in names}
    check_apart(titles, labels or {})
    return [
        variables.variable(survey, n, titles[n], (kinds or {}).get(n) or variables.kind_of(surveys, n)) for n in names
    ]


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


def _sizes(surveys: Sequence[Survey], parts: Sequence[variables.Groups], below: int | None) -> Any:
    each = [
        part.count(survey, np.zeros(len(survey.sample.units), dtype=np.int8), 1)[1]
        for survey, part in zip(surveys, parts, strict=True)
    ]
    sizes, labels = np.mean(each, axis=0), parts[0].labels
    if below is None:
        return sizes
    below = check_below(below)
    small = [labels[i] for i in range(len(labels)) if sizes[i] < below]
    if small:
        raise InputError(
            f"Group {small[0]!r} has fewer than {in_words(below)} participants, so nothing can be shown of it. Join it with another, "
            "or leave it out with where=."
        )
    people, inside = surveys[0].sample.multiplicity, parts[0].domain
    if people[slice(None) if inside is None else inside].sum() < below:
        who = "The survey" if inside is None else "The domain"
        raise InputError(f"{who} has fewer than {in_words(below)} participants, so nothing can be shown of it.")
    return sizes
