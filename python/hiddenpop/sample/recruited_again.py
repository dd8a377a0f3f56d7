"""How people who recruited one another are recruited again, and left out one by one."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .. import _core
from ..errors import InputError
from ..expression import evaluate
from ..ground.columns import Codes, Floats
from .along_trees import Trees
from .record import Record
from .recruits import Recruits
from .sample import Sample
from .sampling import Sampling
from .strata import Deletions, Stage, Strata

#: Above this share of draws of a population that are smaller than the sample there is no answer.
MOST_SMALLER = 0.01
#: No recruiter, for the core.
NOBODY = 2**32 - 1


def sampling(recruits: Recruits, drawn: Floats) -> Sampling:
    """Return the sample as it is weighed and redrawn, with the populations that were drawn (replicates x sites)."""
    return Sampling(
        _core_of(recruits, drawn, plain=False),
        recruits.weight,
        None,
        None,
        even=recruits.node is None and bool((recruits.sizes > 0).all()),
        drawn=len(recruits.weight),
        linear=Trees(recruits, plain=False, estimated=recruits.node),
        deletable=_deletable(recruits, recruits.weight),
        again=None if recruits.node is None else functools.partial(_again, recruits),
    )


def plain(recruits: Recruits, record: Record | None = None) -> Sampling:
    """Return the same sample and redraws where all weigh 1: how often each is taken.

    Populations that are estimates are drawn for a record, where one is given.
    """
    ones = np.ones(len(recruits.weight))
    by_size = record is not None and recruits.node is not None
    drawn = _drawn(recruits, record) if by_size and record is not None else np.zeros((0, len(recruits.sizes)))
    return Sampling(
        _core_of(recruits, drawn, plain=True),
        ones,
        None,
        None,
        even=False,
        drawn=len(ones),
        linear=Trees(recruits, plain=True, estimated=None),
        deletable=_deletable(recruits, ones),
        again=functools.partial(plain, recruits) if by_size else None,
    )


def _core_of(recruits: Recruits, drawn: Floats, *, plain: bool) -> _core.Design:
    recruiter = np.where(recruits.forest.recruiter < 0, NOBODY, recruits.forest.recruiter).astype(np.uint32)
    return _core.Design.recruited(
        recruits.scheme,
        recruits.centre,
        recruiter,
        recruits.forest.order.astype(np.uint32),
        recruits.site.astype(np.uint32),
        recruits.cell.astype(np.uint32),
        recruits.degree,
        recruits.weight,
        recruits.sizes,
        np.ascontiguousarray(drawn),
        recruits.weighing == "gile",
        plain,
        recruits.reweigh,
    )


def _deletable(recruits: Recruits, weight: Floats) -> Participants:
    names = tuple(map(str, range(len(recruits.sizes))))
    people = (weight > 0).astype(float)
    return Participants(Deletions(Strata((Stage(recruits.site, recruits.fraction),), names, people, None, weight)))


def _again(recruits: Recruits, record: Record) -> Sampling:
    """Return the sample with weights solved for each replicate's own population."""
    return sampling(recruits, _drawn(recruits, record))


def _drawn(recruits: Recruits, record: Record) -> Floats:
    """Return the populations of each replicate (replicates x sites)."""
    assert recruits.node is not None
    drawn = evaluate.draws(recruits.node)[:, : record.replicates].T
    if len(drawn) < record.replicates:
        raise InputError(
            f"population= has {len(drawn):,} draws, and the survey {record.replicates:,} replicates. Ask for no more, or replay "
            "the estimate with as many."
        )
    smaller = float((drawn < recruits.n).any(axis=1).mean())
    if smaller > MOST_SMALLER:
        raise InputError(
            f"{smaller:.1%} of the draws of population= are smaller than the sample of {int(recruits.n.sum()):,}, so this can't be "
            "how large the population may be. Give an estimate that is never smaller than the sample."
        )
    return np.asarray(drawn)


def recruits_of(sample: Sample, what: str) -> Recruits:
    """Return the participants of a survey who recruited one another, or say why what asks for them has none."""
    linear = sample.sampling.linear
    if not isinstance(linear, Trees):
        why = "calibrated weights say nothing of recruitment" if sample.calibrated else "nobody recruited anybody here"
        raise InputError(f"{what} counts who recruits whom, in surveys of hp.Survey.rds as they were made: {why}.")
    return linear.recruits


@dataclass(frozen=True, eq=False, repr=False)
class Participants:
    """Participants left out in turn, the rest weighted up: their skewness tells (`Deletable`), their squares know no recruitment."""

    base: Deletions

    @property
    def stratum(self) -> Codes:
        """The site of each."""
        return self.base.stratum

    @property
    def fraction(self) -> Floats:
        """The share of each site's population that is in the sample."""
        return self.base.fraction

    @property
    def counted(self) -> Floats:
        """One each; nobody who is left out of the sample."""
        return self.base.counted

    def without_each(self, columns: Sequence[Floats]) -> list[Floats]:
        """Total columns without each participant."""
        return self.base.without_each(columns)

    def deletions(self, rows: int) -> Iterator[Floats]:
        """Yield the weights of the others: the core's factors are weights."""
        for factors in self.base.deletions(rows):
            yield np.stack([self.base.strata.spread(row) for row in factors])

    def deleted(self) -> Iterator[Floats]:
        """Yield the same."""
        return self.base.deleted()
