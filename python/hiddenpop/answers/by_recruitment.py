"""What answers from who recruits whom have in common: how they are asked for, and what an answer can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import EstimationError, InputError
from ..expression.nodes import Quantity
from ..expression.rests import Rests
from ..expression.typed import require
from ..ground import columns
from ..ground.columns import Bools, Codes, Floats
from ..sample.record import Record
from ..sample.sample import Sample
from . import participants
from .asked import Asked, Scheme, placed
from .question import Kind, Question

#: Estimators that follow recruitment.
Estimator = Literal["salganik_heckathorn", "homophily_graph"]
Smoothing = Literal["least_squares"]
#: No category, for the core.
NONE = 255
#: Categories that recruitment is counted between.
MOST = 10


@dataclass(frozen=True)
class ByRecruitment:
    """What is asked: a column, by an estimator with its choices."""

    estimator: Estimator
    column: str
    #: How three categories or more are made to agree (RDS-I).
    smoothing: Smoothing | None = None
    #: Where a number's categories begin (homophily graph); a mean is asked for where there are some.
    cuts: Sequence[float] | None = None


@dataclass(frozen=True, eq=False, repr=False)
class OfRecruits(Asked):
    """An answer from who recruits whom, of participants where all weigh 1."""

    public: ClassVar[tuple[str, ...]] = ("column", "record", "labels", "scalar", "point", "n", "missing", "args")

    column: str
    #: None once an estimate was saved: rows stay where they were.
    sample: Sample | None
    record: Record
    labels: pd.Index[Any]
    scalar: bool
    point: Floats
    n: Floats | None
    missing: Floats | None
    args: tuple[()] = ()

    def confirm(self) -> None:
        """Refuse labels that are not those of the numbers."""
        super().confirm()
        require(self, len(self.labels) == len(self.point), not self.scalar or len(self.point) == 1)

    @property
    def kind(self) -> Kind:
        """A proportion, unless said."""
        return "proportion"

    @property
    def quantity(self) -> Quantity:
        """A share of the population."""
        return "share"

    def require_live(self) -> None:
        """Say why it can't be drawn or asked again."""
        if self.sample is None:
            raise EstimationError(
                f"'{self.title}' was saved without its survey's rows, so it can't be drawn again. Give the survey: "
                "estimate.replay(survey=survey)."
            )

    def again(self, sample: Sample) -> OfRecruits:
        """Answer the same question about another survey."""
        raise NotImplementedError

    def ask(self, sample: Sample) -> OfRecruits:
        """Put the same question to another survey; labels come out in the same order."""
        answer = self.again(sample)
        positions = placed(answer, self.labels)
        n = None if answer.n is None else answer.n[positions]
        missing = None if answer.missing is None else answer.missing[positions]
        return replace(answer, labels=answer.labels[positions], point=answer.point[positions], n=n, missing=missing)

    def rests_on(self, below: int) -> Rests:
        """Count the participants of each category."""
        return participants.rests_on(self.at_hand(), Question(self.kind, (self.column,)), self.labels, below)

    @property
    def linearizable(self) -> bool:
        """As long as the sample is at hand, whose design has variances."""
        return self.sample is not None

    @property
    def deletable(self) -> bool:
        """As long as the sample is at hand."""
        return self.sample is not None

    def left_out(self, scheme: Scheme, varies: Bools) -> Floats:
        """Find the answers without each participant."""
        return self.in_replicates(scheme, lambda: iter(()), smooth_only=True)


def places(own: pd.Index[Any], labels: pd.Index[Any], yes: bool) -> Codes:
    """Return the categories that labels are; yes or no has one label, which is yes."""
    if yes:
        return np.flatnonzero([bool(label) for label in own])
    return np.asarray(own.get_indexer(labels), dtype=np.int64)


def between(sample: Sample, name: str) -> tuple[Codes, pd.Index[Any], bool]:
    """Return each participant's category (-1 where it is missing), the categories, and whether they are no and yes.

    Raises
    ------
    InputError
        Numbers or dates, one category, or too many.
    """
    values = sample.column(name)
    kind = columns.kind(values)
    if kind in ("number", "date"):
        raise InputError(
            f"Column {name!r} holds {kind}s, not categories, and recruitment is counted between categories. Cut it into some "
            f"(pandas.cut), or, if its {kind}s are codes, say so before making the survey: table[{name!r}].astype('category')."
        )
    codes, labels = columns.used(*columns.categories(values))
    if not 1 < len(labels) <= MOST:
        raise InputError(
            f"Column {name!r} has {len(labels):,} categor{'y' if len(labels) == 1 else 'ies'}, and recruitment is counted between "
            f"2 to {MOST}. Join some."
        )
    return codes.astype(np.int64), labels, kind == "boolean"


def coded(codes: Codes) -> npt.NDArray[np.uint8]:
    """Write categories for the core, which has no negative ones."""
    return np.where(codes >= 0, codes, NONE).astype(np.uint8)


def pairs(codes: Codes, recruiter: Codes, size: int) -> Codes:
    """Return each participant's pair of categories, recruiter's first; -1 where one is not known."""
    by = np.where(recruiter >= 0, codes[recruiter], -1)
    return np.asarray(np.where((by >= 0) & (codes >= 0), by * size + codes, -1))
