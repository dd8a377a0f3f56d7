"""Multiple imputation: several completed tables of the same people, pooled by Rubin's rules.

Replicate *i* redraws imputation i modulo M, so that draws vary between imputations as well as within
them; what they lie apart is stretched so that the draws' variance is Rubin's T = W + (1 + 1/M) B.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..answers.question import Kind
from ..errors import InputError
from ..estimate.combine import pool
from ..estimate.estimate import Estimate
from ..ground.columns import read_table
from ..ground.signatures import checked
from ..sample.sample import Indicator
from .questions import Questions
from .survey import Survey

if TYPE_CHECKING:
    from concurrent.futures import Executor


@checked
class Imputed(Questions):
    """Several imputed tables of the same people, asked like one `Survey`.

    Parameters
    ----------
    tables : list of DataFrame, or DataFrame
        One table for each imputation; or one long table with a column that numbers them, as `mice` in R
        makes with `complete(imp, "long")`.
    imputation : str, optional
        That column of a long table. Rows with 0 in it are the data before imputation and left out.
    **design
        As for `Survey`: strata, clusters, weights, fpc, replicates, seed, ...

    Raises
    ------
    InputError
        Fewer than two imputations, tables of different lengths, or anything `Survey` refuses.

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

    def __init__(self, tables: object, *, imputation: str | None = None, **design: Any) -> None:
        frames = _split(tables, imputation)
        if len({len(frame) for frame in frames}) > 1:
            sizes = ", ".join(f"{len(frame):,}" for frame in frames)
            raise InputError(f"The imputations have different numbers of rows ({sizes}); they are the same people.")
        #: A survey for each imputation.
        self.surveys: tuple[Survey, ...] = tuple(Survey(frame, **design) for frame in frames)

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

        Examples
        --------
        >>> import hiddenpop as hp
        >>> survey = hp.Imputed([{"age": [30, 41]}, {"age": [30, 45]}])
        >>> survey.map(lambda s: s.assign(older=lambda t: t["age"] > 40)).proportion("older").point
        0.5
        """
        surveys = [function(survey) for survey in self.surveys]
        if not all(isinstance(survey, Survey) for survey in surveys):
            raise InputError("map needs a function that returns a Survey.")
        return Imputed._of(surveys)

    def ask(self, question: Callable[[Survey], Estimate]) -> Estimate:
        """Put any question to every imputation and pool the answers.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> survey = hp.Imputed([{"age": [30, 41]}, {"age": [30, 45]}])
        >>> survey.ask(lambda s: s.mean("age") / 10).point
        3.65
        """
        return pool([question(survey) for survey in self.surveys])

    def _ask(
        self,
        kind: Kind,
        asked: tuple[str | Indicator, ...],
        by: object,
        where: object,
        executor: Executor | None,
        **more: Any,
    ) -> Estimate:
        return self.ask(lambda survey: survey._ask(kind, asked, by, where, executor, **more))


def _split(tables: object, imputation: str | None) -> list[pd.DataFrame]:
    if imputation is None:
        if isinstance(tables, (str, Mapping, pd.DataFrame)) or not isinstance(tables, Sequence):
            raise InputError(
                "Imputed takes a list of tables, or one long table with imputation= naming the column that numbers them."
            )
        frames = [read_table(table) for table in tables]
    else:
        whole = read_table(tables)
        if imputation not in whole.columns:
            raise InputError(f"The table has no column {imputation!r} to number imputations.")
        if whole[imputation].isna().any():
            raise InputError(f"Column {imputation!r} numbers imputations and must not be missing.")
        parts = [(key, part) for key, part in whole.groupby(imputation, sort=True) if str(key) != "0"]
        frames = [part.drop(columns=imputation).reset_index(drop=True) for _, part in parts]
    if len(frames) < 2:
        raise InputError("One imputation can't show how uncertain imputing is; give two at least, twenty as a rule.")
    return frames
