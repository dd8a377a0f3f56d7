"""What expressions are made of: what every node must say, what a source must say, and what either may be able to do.

A node knows its point values (shape: labels), how to make a range of draws (labels x replicates) from its arguments'
draws, and what it measures. Leaves are statistics of surveys, uncertain inputs and constants; everything else is
arithmetic or a model. Labels belong to estimates; here all is positions.

What a node can do beyond that is declared here and refused until a class says otherwise, so that nothing has to be
probed for: a consumer that meets a node it does not know gets a reason, never a guess.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypeVar, cast

import numpy as np
import pandas as pd

from ..draws.kernel import Kernel
from ..errors import EstimationError, InputError
from ..ground.columns import Bools, Codes, Floats
from ..ground.stays import Stays
from .origins import Origin
from .rests import Rests

Made = TypeVar("Made", bound=Any)

#: What an estimate measures: sizes and rates are positive (intervals on the log scale), shares lie
#: in 0 to 1, an event is true or false in each draw.
Quantity = Literal["size", "rate", "share", "mean", "total", "event", "plain", "other"]
#: Relative step of numerical derivatives: the cube root of rounding balances both errors.
STEP = 6e-6
#: How much a node's name says: nothing; how numbers were given; a question to a survey; a method that describes itself; a
#: method of sizes that rests on others.
NOTHING, GIVEN, QUESTION, SELF, ON_OTHERS = range(5)
#: What finds a size: a register's count over a share, lists that overlap, how often one register saw people.
Sizing = Literal["multiplier", "lists", "register", "recruitment"]
#: How many replicates a leaf makes at first that is no work to speak of.
MANY = 65_536
#: An answer that may be written with so many decimals is that of several participants, to the last digit.
SHARED = 9


class Node(Stays):
    """What every node offers."""

    #: Fields that a file may hold. A class that does not name them can't be saved.
    public: ClassVar[tuple[str, ...] | None] = None
    #: Whether nodes of one name are one quantity, so that all are replaced together.
    one_by_name: ClassVar[bool] = False
    #: Whether it holds known numbers and nothing else.
    constant: ClassVar[bool] = False
    #: Whether it is arithmetic that derives a quantity from others.
    derived: ClassVar[bool] = False
    #: Whether `block` can write its draws where they are wanted.
    writes: ClassVar[bool] = False

    if TYPE_CHECKING:

        @property
        def point(self) -> Floats:
            """Point values, one a label."""

        @property
        def args(self) -> tuple[Node, ...]:
            """The nodes that this one is computed from."""

        @property
        def quantity(self) -> Quantity:
            """What it measures."""

        @property
        def n(self) -> Floats | None:
            """Participants behind each label: NaN where that has no answer, None where it has no bearing."""

        @property
        def missing(self) -> Floats | None:
            """Missing answers behind each label."""

    # Draws

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Draws of replicates start..stop, given those of the arguments."""
        raise NotImplementedError(f"{type(self).__name__} makes no draws.")

    @property
    def first_range(self) -> int:
        """How many replicates to begin with: what may take a tenth of a second."""
        return MANY

    def exact(self, shares: Sequence[float]) -> Floats:
        """Return quantiles that are known without draws (labels x shares); NaN for other labels."""
        return np.full((len(self.point), len(shares)), np.nan)

    @property
    def exact_se(self) -> Floats | None:
        """Standard errors that are known without draws; None where they are not."""
        return None

    # Structure

    def with_args(self, args: tuple[Node, ...]) -> Node:
        """Make it again from other arguments."""
        return cast("Node", replace(cast("Any", self), args=args))

    def replaceable(self) -> Mapping[str, tuple[Node, pd.Index[Any] | None]]:
        """Return what `replay` can replace here, by name, with the labels of its numbers."""
        return {}

    @property
    def quantities(self) -> list[Quantity]:
        """What each label measures."""
        return [self.quantity] * len(self.point)

    @property
    def units(self) -> list[str]:
        """In what each label is written: its quantity, points for differences of shares, ratio for what compares two of a kind."""
        return list(self.quantities)

    @property
    def no_size(self) -> str | None:
        """What it is, where that can be no number of people whatever its numbers; None where it may be one."""
        return {"mean": "a mean", "event": "a comparison"}.get(self.quantity)

    def reaches(self) -> list[Bools]:
        """Return for each argument which of its labels each label depends on (labels x its labels): all, unless said."""
        return [np.ones((len(self.point), len(arg.point)), dtype=bool) for arg in self.args]

    @property
    def picked(self) -> tuple[Node, list[int]]:
        """The node that labels are picked of, and which; other nodes are picked whole."""
        return self, list(range(len(self.point)))

    # Small numbers

    def rests_on(self, below: int) -> Rests:
        """Say which labels of a leaf rest on fewer than `below` participants: nobody knows, unless its class says so."""
        raise InputError(
            f"Nothing says on how many participants '{self.estimator or type(self).__name__}' rests, so it can't be checked for "
            "small numbers. Leave it out of a report with suppress_below, or leave suppress_below out."
        )

    def decimals(self, below: int, numbers: Floats, sides: Sequence[int] = (0,)) -> Codes | None:
        """Say how many decimals numbers (labels x numbers) may have at most, where they are participants' own answers.

        Each column is rounded to the nearest (0), down (-1) or up (1). With so many at least `below` participants' answers are
        written alike; negative ones round to tens. None where labels are no answers that somebody gave, but sums over many.
        """
        return None

    def own_small(self, below: int) -> Bools:
        """Say which labels tell of few people by themselves: what is computed from an answer that fewer than `below` gave."""
        small = np.zeros(len(self.point), dtype=bool)
        for arg, reached in zip(self.args, self.reaches() if self.args else (), strict=True):
            most = arg.decimals(below, arg.point[:, None])
            if most is not None:
                small |= (reached & (most[:, 0] < SHARED)).any(axis=1)
        return small

    # Derivatives

    @property
    def evaluable(self) -> bool:
        """Whether it can be evaluated with other arguments."""
        return True

    @property
    def smooth(self) -> bool:
        """Whether the derivatives of `block` at the arguments' points say all of its variance."""
        return True

    def derivatives(self) -> list[Floats]:
        """Return derivatives by each argument at their points (labels x its labels)."""
        raise EstimationError(f"Nothing is known of the derivatives of {type(self).__name__}. Use the draws: se().")

    def carry(self, before: Sequence[Floats], given: Sequence[Floats | None], width: int) -> Floats:
        """Carry derivatives through (labels x replicates), given the arguments' values and derivatives.

        One step to either side, along the derivative, where nothing better is known.
        """
        ends = [
            self.block([v if t is None else v + sign * STEP * t for v, t in zip(before, given, strict=True)], 0, width)
            for sign in (1, -1)
        ]
        return np.asarray((ends[0] - ends[1]) / (2 * STEP))

    # Words

    #: How much its name says of an estimate, from `NOTHING` to `ON_OTHERS`: of several nodes those that say most are named.
    tells: ClassVar[int] = NOTHING

    @property
    def estimator(self) -> str | None:
        """What it is called in a table's column of methods; None where its arguments say enough."""
        return None

    @property
    def sized_by(self) -> Sizing | None:
        """The kind of method that finds a size here; None where none does."""
        return None

    @property
    def adjusted_for(self) -> str | None:
        """The flaw that it undoes; None where it undoes none."""
        return None

    @property
    def given_as(self) -> str | None:
        """How an uncertain input was given; None for what is none."""
        return None

    def preamble(self, *, by_t: bool) -> tuple[list[str], list[str]]:
        """Return sentences and references that stand first in a methods section: what was done above all."""
        return [], []

    def describe(self) -> tuple[list[str], list[str]]:
        """Return sentences and references for a methods section."""
        return [], []

    @property
    def caveats(self) -> Sequence[str]:
        """What must be known to read its numbers."""
        return ()

    @property
    def remarks(self) -> Sequence[str]:
        """What must be known to read an interval."""
        return ()

    @property
    def view(self) -> str:
        """The kind of estimate that shows it, where that is more than numbers."""
        return ""

    # Limits

    @property
    def floor(self) -> Floats | None:
        """The least that each label can be, with certainty: minus infinity, or None for all, where nothing is known."""
        return None

    @property
    def blind(self) -> Bools:
        """Which labels of a leaf have draws that can't show how large they may be."""
        return np.zeros(len(self.point), dtype=bool)

    @property
    def advice(self) -> str:
        """What to do where the upper end of an interval is open."""
        return ""

    # Intervals of its own

    @property
    def default_interval(self) -> str | None:
        """The one of `own_intervals` to use unless told otherwise, where draws say too little; None where they don't."""
        return None

    @property
    def own_intervals(self) -> tuple[str, ...]:
        """Names of the intervals that its model has, apart from draws."""
        return ()

    def own_interval(self, method: str, tail: float) -> tuple[Floats, list[Any]]:
        """Return such an interval (labels x 2) and notes."""
        raise InputError(f"There is no interval {method!r} of {type(self).__name__}.")


class Elementwise(Node):
    """A node that computes each label from the same label of its arguments, one label meeting many."""

    def partials(self, values: Sequence[Floats]) -> Sequence[Any]:
        """Return derivatives by each argument, at values of all of them."""
        raise NotImplementedError

    def reaches(self) -> list[Bools]:
        """Return which labels meet: the same ones."""
        size = len(self.point)
        return [np.ones((size, 1), dtype=bool) if len(a.point) == 1 else np.eye(size, dtype=bool) for a in self.args]

    def derivatives(self) -> list[Floats]:
        """Return diagonal matrices, or columns where one label meets many."""
        size = len(self.point)
        by_each = self.partials([arg.point for arg in self.args])
        # Exponents and other known numbers have no slope that matters, whatever the formula says.
        slopes = [0.0 if arg.constant else by for arg, by in zip(self.args, by_each, strict=True)]
        return [_spread(np.broadcast_to(s, size), len(a.point)) for s, a in zip(slopes, self.args, strict=True)]

    def carry(self, before: Sequence[Floats], given: Sequence[Floats | None], width: int) -> Floats:
        """Multiply by the derivatives and add up."""
        parts = [slope * t for slope, t in zip(self.partials(before), given, strict=True) if t is not None]
        return np.asarray(sum(parts[1:], parts[0]))


class Fitted(Node):
    """A node of its own kind, such as a model fitted to its arguments, which says whether the delta method may pass."""

    @property
    def rough(self) -> str:
        """A sentence that says what derivatives leave out, where it is not smooth."""
        return "Derivatives would leave out some of the variance."

    def derivatives(self) -> list[Floats]:
        """Return numerical derivatives of `block`, where these say all of the variance."""
        if not self.smooth:
            raise EstimationError(
                f"There is no linearised standard error. {self.rough} Use the draws: se(), interval(method='percentile')."
            )
        return numerically(self)


class Reader(Protocol):
    """Evaluates leaves that are drawn together."""

    @property
    def nodes(self) -> Sequence[Node]:
        """The leaves, in the kernel's order."""
        ...

    @property
    def kernel(self) -> Kernel:
        """What draws them, here or elsewhere."""
        ...

    @property
    def first_range(self) -> int:
        """How many replicates may take a tenth of a second."""
        ...


@dataclass(frozen=True, eq=False)
class Reading:
    """A reader whose kernel is at hand."""

    nodes: Sequence[Node]
    kernel: Kernel
    first_range: int


class Source(Node):
    """A leaf with randomness of its own."""

    if TYPE_CHECKING:

        @property
        def replicates(self) -> int:
            """How many replicates it wants."""

        @property
        def origin(self) -> Origin:
            """Where its randomness comes from."""

    def reseed(self, *, seed: int | None, replicates: int | None) -> Source:
        """Return the same source under another seed or number of replicates."""
        raise NotImplementedError

    @property
    def specified(self) -> Hashable:
        """What else makes it the source it is, such as a distribution's parameters; None where its identity says all."""
        return None

    # How it is drawn

    @property
    def drawn_with(self) -> Hashable:
        """Equal for sources that one reader draws together: by itself, unless said."""
        return self

    @classmethod
    def reader(cls, together: Sequence[Any]) -> Reader:
        """Return what draws sources that are drawn together."""
        raise NotImplementedError(f"{cls.__name__} does not say how it is drawn.")

    def numbered(self, number: int) -> Source:
        """Return what only a name or the order of making tells from others under a number; anything else as it is."""
        return self

    def require_live(self) -> None:
        """Say why it can't be drawn or asked again, where what it came from stayed behind when it was saved."""

    # What measures its variance

    @property
    def linearizable(self) -> bool:
        """Whether its variance can be had without draws."""
        return False

    @property
    def analytic(self) -> bool:
        """Whether it brings the covariance of its labels with it, from a formula."""
        return False

    def covariance(self) -> Floats:
        """Return that covariance (labels x labels)."""
        raise EstimationError(
            "There is no formula for the variance. Use the draws: se(), interval(method='percentile')."
        )

    @property
    def deletable(self) -> bool:
        """Whether it knows what it would be without each of its units."""
        return False

    def without_each(self) -> tuple[Floats, Any]:
        """Return values without one of each kind of unit (labels x kinds), and the kinds (`one_source.Units`)."""
        raise EstimationError(
            "Nothing can be left out of this source in turn, so it has no jackknife. Use the draws: se()."
        )

    @property
    def no_jackknife(self) -> str | None:
        """Why a jackknife standard error of it would say nothing; None where it says something."""
        return None


@dataclass(frozen=True, eq=False)
class Alone:
    """A kernel: one leaf that holds no people, so that it may travel to a worker as it is."""

    leaf: Portable

    def block(self, start: int, stop: int, threads: int) -> list[Floats]:
        """Draws of the leaf."""
        return [self.leaf.drawn(start, stop, threads)]


class Portable(Source):
    """A source that holds all that its draws depend on, and nothing about people: so it travels."""

    __reduce_ex__ = object.__reduce_ex__  # type: ignore[assignment]

    def __getstate__(self) -> Any:
        """Let all of it travel."""
        return vars(self)

    @classmethod
    def reader(cls, together: Sequence[Any]) -> Reader:
        """Let the leaf draw itself."""
        (leaf,) = together
        return Reading([leaf], Alone(leaf), leaf.first_range)

    def drawn(self, start: int, stop: int, threads: int) -> Floats:
        """Draws of replicates start..stop (labels x replicates)."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it is drawn.")


def numerically(node: Node) -> list[Floats]:
    """Return numerical derivatives of a node by each argument, at their points."""
    points = [arg.point for arg in node.args]

    def at(values: list[Floats]) -> Floats:
        return node.block([v[:, None] for v in values], 0, 1)[:, 0]

    slopes = []
    for i, point in enumerate(points):
        columns = []
        for j, value in enumerate(point):
            step = max(abs(value), 1e-3) * STEP
            ends = []
            for sign in (1, -1):
                moved = [p.copy() for p in points]
                moved[i][j] += sign * step
                ends.append(at(moved))
            columns.append((ends[0] - ends[1]) / (2 * step))
        slopes.append(np.stack(columns, axis=1))
    return slopes


def _spread(slope: Any, labels: int) -> Floats:
    """Return a diagonal matrix, or a column where one label meets many."""
    return np.diag(slope) if labels == len(slope) else np.asarray(slope)[:, None]


def reseeded(made: Made, seed: int | None, replicates: int | None) -> Made:
    """Return a dataclass with a seed and a number of replicates under others; None keeps its own."""
    return replace(
        made,
        seed=made.seed if seed is None else seed,
        replicates=made.replicates if replicates is None else replicates,
    )
