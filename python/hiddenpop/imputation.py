"""Multiple imputation: several completed tables of the same people, pooled by Rubin's rules.

Replicate *i* redraws imputation i modulo M, so that draws vary between imputations as well as within
them; what they lie apart is stretched so that the draws' variance is Rubin's T = W + (1 + 1/M) B.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from . import expression
from .columns import Floats, read_table
from .errors import InputError, listing
from .estimate import Estimate
from .nodes import Node, Quantity
from .questions import Questions
from .statistic import Kind
from .survey import Survey

if TYPE_CHECKING:
    from concurrent.futures import Executor


@dataclass(frozen=True, eq=False, repr=False)
class Pooled:
    """The same statistic of several imputations."""

    args: tuple[Node, ...]

    @property
    def point(self) -> Floats:
        """The mean over imputations (Rubin 1987, Multiple Imputation for Nonresponse in Surveys, eq. 3.1.2)."""
        return np.asarray(np.mean([arg.point for arg in self.args], axis=0))

    @property
    def quantity(self) -> Quantity:
        """As the imputations'."""
        return self.args[0].quantity

    @property
    def n(self) -> Floats | None:
        """The participants of the first imputation; all have the same ones."""
        return self.args[0].n

    @property
    def missing(self) -> Floats | None:
        """Answers that are missing after imputation."""
        return self.args[0].missing

    @property
    def imputations(self) -> int:
        """How many there are."""
        return len(self.args)

    def block(self, values: Sequence[Floats], start: int, stop: int) -> Floats:
        """Take each replicate from its imputation, stretched away from the mean."""
        count = len(self.args)
        which = np.arange(start, stop) % count
        points = np.stack([arg.point for arg in self.args])
        shift = (np.sqrt((count + 1) / (count - 1)) - 1) * (points - points.mean(axis=0))
        out = np.empty((points.shape[1], stop - start))
        for m, value in enumerate(values):
            mine = which == m
            whole = np.broadcast_to(value, out.shape)
            out[:, mine] = whole[:, mine] + shift[m][:, None]
        return out


def find(node: Node) -> list[Pooled]:
    """List the pooled statistics in an expression."""
    return [other for other in expression.walk(node) if isinstance(other, Pooled)]


def first(node: Node) -> Node:
    """Return an expression with the first imputation in place of all, to describe it by."""
    return expression.rebuild(node, lambda leaf: leaf, {p: p.args[0] for p in find(node)})


def rubin(node: Node, each: Callable[[Node], tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Pool what `each` says of an expression (covariance, degrees of freedom) over its imputations.

    Rubin (1987), eq. 3.1.5; degrees of freedom of Barnard and Rubin (1999, Biometrika 86:948-955), whose
    complete-data degrees of freedom are the smallest of the imputations'.
    """
    pooled = find(node)
    counts = {len(p.args) for p in pooled}
    if len(counts) > 1:
        raise InputError(f"The expression pools different numbers of imputations ({listing(sorted(counts))}).")
    count = counts.pop()
    covariances, points, freedoms = [], [], []
    for m in range(count):
        one = expression.rebuild(node, lambda leaf: leaf, {p: p.args[m] for p in pooled})
        covariance, df = each(one)
        covariances.append(covariance)
        points.append(one.point)
        freedoms.append(df)
    within = np.mean(covariances, axis=0)
    between = np.atleast_2d(np.cov(np.stack(points, axis=1), ddof=1))
    total = within + (1 + 1 / count) * between
    complete = np.min(freedoms, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(np.diag(total) > 0, (1 + 1 / count) * np.diag(between) / np.diag(total), 0.0)
        from_imputing = (count - 1) / share**2
        observed = np.where(np.isinf(complete), np.inf, (complete + 1) / (complete + 3) * complete * (1 - share))
        df = 1 / (1 / from_imputing + 1 / observed)
    return total, df


def pool(estimates: Sequence[Estimate]) -> Estimate:
    """Pool the same estimate of several imputations by Rubin's rules.

    Parameters
    ----------
    estimates : list of Estimate
        One for each imputation, with equal labels.

    Returns
    -------
    Estimate
        Its point is the mean; t intervals and linearised standard errors follow Rubin's rules, and so
        do the variances of its draws.

    Raises
    ------
    InputError
        Fewer than two estimates, or labels that differ.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> tables = [{"treated": [1, 0, 1, 1, 0, 1]}, {"treated": [1, 0, 1, 0, 0, 1]}]
    >>> round(hp.pool([hp.Survey(table).proportion("treated") for table in tables]).point, 3)
    0.583
    """
    if isinstance(estimates, Estimate) or not all(isinstance(e, Estimate) for e in estimates):
        raise InputError("pool takes a list of estimates, one for each imputation.")
    if len(estimates) < 2:
        raise InputError("One imputation can't show how uncertain imputing is; give two at least, twenty as a rule.")
    first = estimates[0]
    nodes = []
    for m, est in enumerate(estimates):
        if len(est.labels) != len(first.labels) or set(est.labels) != set(first.labels):
            differ = sorted(map(str, set(est.labels) ^ set(first.labels)))
            raise InputError(
                f"Imputation {m + 1} has other labels than the first ({listing(differ)}): a category is in one and not in the "
                "other. Make the column categorical with all its categories, or join small ones."
            )
        nodes.append(est.node if est.scalar else est[list(first.labels)].node)
    return Estimate(Pooled(tuple(nodes)), first.labels, first.scalar, first.name)


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
        self, kind: Kind, names: tuple[str, ...], by: object, where: object, executor: Executor | None, **more: Any
    ) -> Estimate:
        return self.ask(lambda survey: survey._ask(kind, names, by, where, executor, **more))


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
