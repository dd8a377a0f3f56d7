"""Multiple imputation: several completed tables of the same people, pooled by Rubin's rules.

Replicate *i* redraws imputation i modulo M, so that draws vary between imputations as well as within
them; what they lie apart is stretched so that the draws' variance is Rubin's T = W + (1 + 1/M) B.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..answers.question import Kind
from ..errors import InputError, once
from ..estimate.combine import pool
from ..estimate.estimate import Estimate
from ..ground import checks
from ..ground.columns import column, read_table
from ..ground.signatures import checked
from ..sample.sample import Indicator
from .questions import Questions
from .survey import Survey

if TYPE_CHECKING:
    from concurrent.futures import Executor

ONE = "One imputation can't show how uncertain imputing is; give two at least, twenty as a rule."


@checked
class Imputed(Questions):
    """Several imputed tables of the same people, asked like one `Survey`.

    Parameters
    ----------
    tables : list of DataFrame, or DataFrame, or list of Survey
        One table for each imputation; or one long table with a column that numbers them, as `mice` in R
        makes with `complete(imp, "long")`; or surveys that are made already (`Survey.venue_day`, for example).
    imputation : str, optional
        That column of a long table. Rows with 0 in it are the data before imputation and left out.
    **design
        As for `Survey`: strata, clusters, weights, fpc, replicates, seed, ...

    Raises
    ------
    InputError
        Fewer than two imputations, tables of different lengths, or anything `Survey` refuses.

    See Also
    --------
    Survey : one table.
    Survey.worst_case : what the sample says without any model of the missing.

    Notes
    -----
    Every statistic is computed in each imputation and pooled by Rubin's rules (Rubin 1987). What is
    computed from statistics stays joint, because replicate *i* takes the same imputation everywhere.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> long = {".imp": [1, 1, 1, 2, 2, 2], "treated": [1, 0, 1, 1, 0, 0]}
    >>> survey = hp.Imputed(long, imputation=".imp")
    >>> survey.proportion("treated").point
    0.5
    """

    #: A survey for each imputation.
    surveys: tuple[Survey, ...]

    def __init__(self, tables: object, *, imputation: str | None = None, **design: Any) -> None:
        if isinstance(tables, Sequence) and len(tables) and all(isinstance(one, Survey) for one in tables):
            self.surveys = _checked(tables, imputation, design)
            return
        frames = _split(tables, imputation)
        if len({len(frame) for frame in frames}) > 1:
            sizes = ", ".join(f"{len(frame):,}" for frame in frames)
            raise InputError(f"The imputations have different numbers of rows ({sizes}); they are the same people.")
        self.surveys = _made(frames, design)

    @classmethod
    def _of(cls, surveys: Sequence[Survey]) -> Imputed:
        made = cls.__new__(cls)
        made.surveys = tuple(surveys)
        return made

    @property
    def n(self) -> int:
        """Number of participants."""
        return self.surveys[0].n

    def __len__(self) -> int:
        return self.n

    def __repr__(self) -> str:
        return f"{len(self.surveys)} imputations of: {self.surveys[0]!r}"

    def map(self, function: Callable[[Survey], Survey]) -> Imputed:
        """Return the imputations, each changed by a function of its survey: calibrated, or with new columns.

        See Also
        --------
        Survey.calibrate, Survey.assign

        Examples
        --------
        >>> import hiddenpop as hp
        >>> survey = hp.Imputed([{"age": [30, 41]}, {"age": [30, 45]}])
        >>> survey.map(lambda s: s.assign(older=lambda t: t["age"] > 40)).proportion("older").point
        0.5
        """
        with once():
            surveys = [checks.called(function, survey, what="map") for survey in self.surveys]
        if not all(isinstance(survey, Survey) for survey in surveys):
            raise InputError("map needs a function that returns a Survey.")
        return Imputed._of(surveys)

    def ask(self, question: Callable[[Survey], Estimate]) -> Estimate:
        """Put any question to every imputation and pool the answers.

        See Also
        --------
        Imputed.map

        Examples
        --------
        >>> import hiddenpop as hp
        >>> survey = hp.Imputed([{"age": [30, 41]}, {"age": [30, 45]}])
        >>> survey.ask(lambda s: s.mean("age") / 10).point
        3.65
        """
        with once():
            return pool([checks.called(question, survey, what="ask") for survey in self.surveys])

    def _labels(self) -> Mapping[str, str]:
        return self.surveys[0].sample.labels

    def _ask(
        self,
        kind: Kind,
        asked: tuple[str | Indicator, ...],
        by: object,
        where: object,
        executor: Executor | None,
        **more: Any,
    ) -> Estimate:
        self.check_rows(where)
        return self.ask(lambda survey: survey._ask(kind, asked, by, where, executor, **more))

    def check_rows(self, where: object) -> None:
        """Refuse a mask where nobody knows which rows of two imputations are one person."""
        if where is None or isinstance(where, str):
            return
        first = self.surveys[0].sample.index
        for survey in self.surveys[1:]:
            index = survey.sample.index
            if not (index.equals(first) or (isinstance(where, pd.Series) and set(index) == set(first))):
                raise InputError(
                    "The imputations have their rows in different orders, so a mask can't say of each who is in it. Give all tables "
                    "one index and a Series with that index, or name a column: where='older'."
                )


def _made(frames: Sequence[pd.DataFrame], design: Mapping[str, Any]) -> tuple[Survey, ...]:
    """Make the surveys, which are of the same people: what is said of one is said of all."""
    with once():
        surveys = [Survey(frame, **design) for frame in frames]
    said = surveys[0].sample.said
    return tuple(Survey.of(replace(survey.sample, said=said)) for survey in surveys)


def _indexed(parts: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Give rows of each part of a long table numbers, unless the parts have one index or were put in another order."""
    first = parts[0].index
    if all(part.index.is_unique and set(part.index) == set(first) for part in parts):
        return parts
    stacked = all(part.index.is_monotonic_increasing for part in parts)
    return [part.reset_index(drop=True) for part in parts] if stacked else parts


def _checked(surveys: Sequence[Survey], imputation: str | None, design: Mapping[str, Any]) -> tuple[Survey, ...]:
    """Check surveys of the same people, which bring their design."""
    if imputation is not None or design:
        given = "imputation" if imputation is not None else next(iter(design))
        raise InputError(
            f"Surveys are made already, so {given}= says nothing of them: give it to the surveys, or give tables."
        )
    if len(surveys) < 2:
        raise InputError(ONE)
    if len({survey.n for survey in surveys}) > 1 or len({survey.record.design for survey in surveys}) > 1:
        raise InputError(
            "The surveys have different designs or numbers of participants; imputations are of the same people."
        )
    return tuple(surveys)


def _split(tables: object, imputation: str | None) -> list[pd.DataFrame]:
    if imputation is None:
        if isinstance(tables, (str, Mapping, pd.DataFrame)) or not isinstance(tables, Sequence):
            raise InputError(
                "Imputed takes a list of tables, or one long table with imputation= naming the column that numbers them."
            )
        frames = [read_table(table) for table in tables]
    else:
        whole = read_table(tables)
        if column(whole, imputation).isna().any():
            raise InputError(f"Column {imputation!r} numbers imputations and must not be missing.")
        parts = [(key, part) for key, part in whole.groupby(imputation, sort=True) if str(key) not in ("0", "0.0")]
        frames = _indexed([part.drop(columns=imputation) for _, part in parts])
    if len(frames) < 2:
        raise InputError(ONE)
    return frames
