"""What all answers of a sample share: whose they are, and what can be asked of them again."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

import numpy as np
import pandas as pd

from ..errors import EstimationError, InputError, listing
from ..expression import graph
from ..expression.nodes import QUESTION, Node, Source
from ..expression.operations import taken
from ..expression.typed import require
from ..ground.columns import Bools, Codes, Floats
from ..sample.record import Record
from ..sample.sample import Sample


class Scheme(Protocol):
    """How the units of a sample count in each of some replicates."""

    @property
    def size(self) -> int:
        """The number of replicates, equal ones taken together."""
        ...

    @property
    def whole(self) -> bool:
        """Whether its factors are the rows' weights already."""
        ...

    def totals(self, columns: Sequence[Floats]) -> Floats:
        """Total columns of the rows in each replicate (columns x replicates)."""
        ...

    def units(self, replicate: int) -> Floats:
        """Return what each unit counts for in a replicate."""
        ...


class Asked(Source):
    """A leaf that a sample answers. `sample` is None once an estimate was saved: rows stay where they were."""

    one_by_name: ClassVar[bool] = True
    tells: ClassVar[int] = QUESTION
    #: Whether it is fitted to answers, with predictors that take degrees of freedom.
    is_model: ClassVar[bool] = False
    #: Whether redraws lie on both sides of the answer, as those of means and totals do.
    surrounded: ClassVar[bool] = False

    if TYPE_CHECKING:

        @property
        def sample(self) -> Sample | None:
            """Who was asked."""

        @property
        def record(self) -> Record:
            """What an estimate keeps of the sample."""

        @property
        def labels(self) -> pd.Index[Any]:
            """The labels of the answer."""

        @property
        def title(self) -> str:
            """What was asked."""

        @property
        def asked(self) -> str:
            """What was asked, for a sentence: "the proportion of ... by ..."."""

    def confirm(self) -> None:
        """Refuse more answers than participants, or more that are missing."""
        given = [counts for counts in (self.n, self.missing) if counts is not None]
        require(self, all(bool((counts <= self.record.participants).all()) for counts in given))

    @property
    def about(self) -> object:
        """What was asked, as a key of what else is drawn for it; None where nothing tells."""
        return None

    @property
    def live(self) -> Sample:
        """The sample, or the reason why there is none."""
        self.require_live()
        return cast("Sample", self.sample)

    @property
    def replicates(self) -> int:
        """The sample's number of replicates."""
        return self.record.replicates

    @property
    def origin(self) -> Record:
        """The sample's record: joint with all of its answers."""
        return self.record

    @property
    def drawn_with(self) -> Hashable:
        """Answers of one kind from one sample are drawn together."""
        return self.sample

    def domains(self) -> tuple[Codes, Codes]:
        """Return the domain that each row of the sample is in (-1 for none), and the domain of each label: all, unless said."""
        return np.zeros(len(self.live.units), dtype=np.int64), np.zeros(len(self.point), dtype=np.int64)

    @property
    def taken_df(self) -> int:
        """Degrees of freedom that predictors take from the design (R's `svyglm`)."""
        return 0

    def reseed(self, *, seed: int | None, replicates: int | None) -> Asked:
        """Return the same answer of the same sample under other settings."""
        sample = self.sample and self.sample.reseed(seed=seed, replicates=replicates)
        record = self.record.reseed(seed=seed, replicates=replicates)
        return cast("Asked", replace(cast("Any", self), sample=sample, record=record))

    def replaceable(self) -> dict[str, tuple[Node, pd.Index[Any] | None]]:
        """Return itself under the survey's name: another survey takes its place."""
        return {} if self.record.name is None else {self.record.name: (self, None)}

    def at_hand(self) -> Sample:
        """Return the sample to count participants in, or say why that can't be done."""
        if self.sample is None:
            raise InputError(
                f"An estimate from {self.record.title} was read from a file, so it can't be checked for small numbers. Make it from "
                "the survey, or leave suppress_below out."
            )
        return self.sample

    @property
    def by_influence(self) -> bool:
        """Whether its variance is linearised beside sources that have no draws."""
        return True

    @property
    def caveats(self) -> Sequence[str]:
        """What came with the data, such as that they are synthetic."""
        return () if self.record.note is None else (self.record.note,)

    def ask(self, sample: Sample) -> Asked:
        """Put the same question to another sample; labels come out in the same order."""
        raise InputError(f"'{self.title}' can't be put to another survey; make it anew.")

    def influence(self) -> list[Floats]:
        """Return for each label the linearised values of the sample's rows: how their weights move it."""
        raise EstimationError(
            "A function of weights has no linearised standard error. Use the draws: se(), interval(method='percentile')."
        )

    def split(self) -> tuple[Codes, Floats | None, Floats] | None:
        """Return linearised values in two factors, where they are: each row's place and value, and slopes (places x labels)."""
        return None

    def in_replicates(self, scheme: Scheme, rows: Callable[[], Iterator[Floats]], *, smooth_only: bool) -> Floats:
        """Answer in each variance replicate (labels x replicates); `rows` yields weights of the table's rows."""
        raise EstimationError(f"'{self.title}' has no answer in variance replicates.")

    def left_out(self, scheme: Scheme, varies: Bools) -> Floats:
        """Answer without each unit that varies, the design's jackknife (labels x units)."""
        raise EstimationError(
            "A function of weights, or a size fitted to people, has no jackknife here. Use the draws: se()."
        )


def whose(node: Node) -> list[object]:
    """List what is known of an expression's sources without its numbers: whose draws they are, and what was asked.

    Noise that is drawn for an expression is keyed by it, so that it is another for other people and other questions.
    """
    found: list[object] = []
    for part in graph.walk(node):
        positions = taken(part)
        if positions is not None:
            found.append(positions)
        elif isinstance(part, Source):
            found.append(part.origin.identity)
            found.append(part.about if isinstance(part, Asked) else None)
    return found


def placed(answer: Asked, labels: pd.Index[Any]) -> Codes:
    """Return where labels stand in another sample's answer to the same question, which must have all of them."""
    positions = answer.labels.get_indexer(labels)
    lacking = list(labels[positions < 0])
    if lacking:
        raise InputError(f"The other survey has no {listing(lacking)} for '{answer.title}'.")
    return np.asarray(positions, dtype=np.int64)
