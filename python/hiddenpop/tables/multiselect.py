"""Questions with several answers: tick all that apply."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from ..answers.question import Question
from ..answers.statistic import ask
from ..errors import HiddenpopWarning, InputError, suggest
from ..estimate.combine import concat
from ..estimate.estimate import Estimate
from ..ground.columns import Floats, column, is_binary, numbers
from ..ground.language import english
from ..ground.signatures import checked
from ..sample.design import names
from ..sample.groups import where_of
from ..sample.sample import Indicator, Sample
from ..survey.imputed import Imputed
from ..survey.required import require_survey

if TYPE_CHECKING:
    from ..survey.survey import Survey


@checked
def multiselect(
    survey: Survey | Imputed,
    prefix: str | None = None,
    *,
    columns: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    by: str | None = None,
    where: object = None,
) -> Estimate:
    """Estimate what share of people ticked each option of a question with several answers.

    The base is everyone who answered the question: those with a value in at least one of its columns. An
    option that such a person left blank counts as not ticked.

    Parameters
    ----------
    survey : Survey or Imputed
        Whom to ask.
    prefix : str, optional
        What the names of the columns begin with; the rest names the option.
    columns : list of str, optional
        The columns, instead of a prefix.
    labels : mapping of column (or option) to label, optional
        What to call options; by default the labels of the SPSS or Stata file, or the rest of the names.
    by, where : optional
        As in `Survey.proportion`.

    Returns
    -------
    Estimate
        Shares, one an option (or group and option); they add up to more than 1 where people tick several.

    Raises
    ------
    InputError
        No such columns, answers other than yes and no, or columns that hold ticks only, so that nobody who
        ticked nothing can be told from those who were not asked.

    See Also
    --------
    describe, recode

    Examples
    --------
    >>> import hiddenpop as hp
    >>> table = {"complaint_teeth": [1, 0, 1, None], "complaint_sleep": [0, 0, 1, None], "count": [50, 20, 10, 5]}
    >>> hp.multiselect(hp.Survey(table, counts="count"), "complaint_").summary()[["estimate", "n", "missing"]].round(3)
           estimate   n  missing
    teeth     0.750  80        5
    sleep     0.125  80        5
    """
    if isinstance(survey, Imputed):
        return survey.ask(lambda s: multiselect(s, prefix, columns=columns, labels=labels, by=by, where=where))
    require_survey(survey, "multiselect")
    if (prefix is None) == (columns is None):
        raise InputError("multiselect takes a prefix or a list of columns.")
    given = prefix if prefix is not None else list(columns or ())
    found = ticks(survey, given, labels)
    made: dict[Indicator, pd.Series[Any]] = {
        asked: pd.Series(ticked, name=asked.title, copy=False) for asked, _, ticked in found
    }
    sample, groups, domain = survey.sample.with_made(made), names(by), where_of(survey.sample, where)
    shares = []
    for i, asked in enumerate(made):
        with warnings.catch_warnings():
            if i:  # what is said of groups and where= is the same for all
                warnings.simplefilter("ignore", HiddenpopWarning)
            question = Question("proportion", (asked,), groups, domain, weighted=survey.record.weighted)
            shares.append(Estimate.of(ask(sample, question)))
    title = english("share who ticked")
    if prefix:
        title = english("share who ticked {column}", column=prefix.rstrip("_ ."))
    result = concat({label: share for (_, label, _), share in zip(found, shares, strict=True)}, name=title)
    if by is not None and isinstance(result.labels, pd.MultiIndex):
        return Estimate(result.node, result.labels.set_names(["option", by]), False, title)
    return result


@dataclass(frozen=True)
class Ticked(Indicator):
    """Who ticked an option of a question, of those who answered it: who has a value in any of its columns."""

    public: ClassVar[tuple[str, ...]] = ("option", "columns")
    own: ClassVar[bool] = True

    option: str
    columns: tuple[str, ...]

    @property
    def title(self) -> str:
        """What was ticked."""
        return english("ticked {option}", option=self.option)

    def make(self, sample: Sample) -> pd.Series[Any]:
        """Read the question's columns."""
        ticked = _ticked(sample, self.columns)[self.columns.index(self.option)]
        return pd.Series(ticked, name=self.title)


def _ticked(sample: Sample, asked: Sequence[str]) -> Floats:
    """Return the ticks of all options (options x units), NaN where the question was not answered."""
    values = []
    for name in asked:
        found = sample.column(name)
        if found.isna().all():
            values.append(np.full(len(found), np.nan))
            continue
        if not is_binary(found):
            found = _read_words(found)
        if not is_binary(found):
            raise InputError(
                f"Column {name!r} of a question with several answers should hold 1 (ticked) and 0, or True and False."
            )
        values.append(numbers(found))
    whole = np.stack(values)
    answered = ~np.isnan(whole).all(axis=0)
    if not (whole == 0).any() and (~answered | np.isnan(whole).any(axis=0)).any():
        raise InputError(
            f"The columns {asked[0]!r} to {asked[-1]!r} hold ticks only and no zeros, so people who ticked nothing can't be "
            "told from those who were not asked. Fill in 0 for everyone who answered the question."
        )
    return np.where(answered[None, :], np.nan_to_num(whole), np.nan)


def options(survey: Survey, given: str | Sequence[str]) -> list[str]:
    """Return the columns of a question, given by their prefix or one by one."""
    if not isinstance(given, str):
        listed = [str(name) for name in given]
        for name in listed:
            column(survey.sample.units, name)
        if not listed:
            raise InputError("A question with several answers needs at least one column.")
        return listed
    if not given:
        raise InputError("The prefix of a question with several answers is empty.")
    found = [name for name in survey.columns if name.startswith(given) and name != given]
    if not found:
        raise InputError(f"No column begins with {given!r}. {suggest(given, survey.columns)}")
    return found


def ticks(
    survey: Survey, given: str | Sequence[str], labels: Mapping[str, str] | None = None
) -> list[tuple[Ticked, str, Floats]]:
    """Return every option with its label and ticks (NaN where the question was not answered)."""
    asked = tuple(options(survey, given))
    whole = _ticked(survey.sample, asked)
    labelled = survey.sample.units.attrs.get("labels", {})
    result = []
    for name, ticked in zip(asked, whole, strict=True):
        rest = name.removeprefix(given) if isinstance(given, str) else name
        label = (labels or {}).get(name) or (labels or {}).get(rest) or labelled.get(name) or rest
        result.append((Ticked(name, asked), str(label), ticked))
    if len({label for _, label, _ in result}) < len(result):
        raise InputError("Two options of the question have the same label; give labels=.")
    return result


def _read_words(column: Any) -> Any:
    """Read ticks as programs for forms write them."""
    words = {"yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0, "selected": 1.0, "not selected": 0.0}
    texts = column.astype(object).map(lambda v: words.get(str(v).strip().lower(), v), na_action="ignore")
    return texts.rename(column.name)
