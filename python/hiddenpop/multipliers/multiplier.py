"""The multiplier method: a register's count divided by the share of the population it sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from ..answers.asked import Asked
from ..errors import EstimationError, InputError, in_words, listing, warn
from ..estimate import arithmetic
from ..estimate.estimate import Estimate
from ..expression import graph
from ..expression.nodes import ON_OTHERS, Elementwise, Node, Sizing
from ..expression.operations import partials
from ..expression.typed import require
from ..ground import written
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Bools, Floats
from ..ground.language import english, read
from ..ground.signatures import checked
from .adjusted import unadjusted

SENTENCE = english(
    "Population sizes were estimated by the multiplier method: a register's count (the benchmark) divided by "
    "the share of the surveyed population that is in the register."
)


@dataclass(frozen=True, eq=False, repr=False)
class Multiplied(Elementwise):
    """Population sizes N = B / p from benchmarks and shares, as a node of expressions."""

    public: ClassVar[tuple[str, ...]] = ("args", "labels", "name", "quantity")

    args: tuple[Node, Node]
    #: Names the labels in messages.
    labels: pd.Index[Any]
    #: By which a replay replaces the benchmark.
    name: str = "benchmark"
    quantity: Literal["size"] = "size"
    point: Floats = field(init=False)
    writes: ClassVar[bool] = True

    def confirm(self) -> None:
        """Refuse labels that are not those of the numbers."""
        require(self, len(self.labels) == len(self.point))

    def __post_init__(self) -> None:
        benchmark, share = np.broadcast_arrays(*(arg.point for arg in self.args))
        self._check(benchmark, share)
        with np.errstate(divide="ignore", invalid="ignore"):
            sizes = np.where(share > 0, benchmark / share, np.nan)
        undefined = np.isnan(sizes)
        unknown = np.isnan(share) | np.isnan(benchmark)
        if undefined.all():
            raise EstimationError(
                "Share or benchmark have no estimate, so neither has the size."
                if unknown.all()
                else "Nobody in the sample is in the register (a share of zero), so the size has no estimate."
            )
        nobody = undefined & ~unknown
        if nobody.any():
            warn(f"Nobody in the sample is in the register at {self._at(nobody)}: no estimate there.")
        if unknown.any():
            warn(f"The share or the benchmark at {self._at(unknown)} has no estimate, so neither has the size.")
        object.__setattr__(self, "point", sizes)

    tells: ClassVar[int] = ON_OTHERS
    sized_by: ClassVar[Sizing] = "multiplier"

    @property
    def estimator(self) -> str:
        """Its name, for tables."""
        return english("multiplier")

    def preamble(self, *, by_t: bool) -> tuple[list[str], list[str]]:
        """Say what the method is."""
        return [read(SENTENCE)], [BIBLIOGRAPHY["UNAIDS/WHO 2010"]]

    def replaceable(self) -> Mapping[str, tuple[Node, pd.Index[Any] | None]]:
        """Return the benchmark as it was before adjustments."""
        return {self.name: unadjusted(self.args[0], self.labels)}

    def own_small(self, below: int) -> Bools:
        """Say which benchmarks count few people; those that rest on a sample or on lists are no counts of a register."""
        small = super().own_small(below)
        if any(source.origin.people for source in graph.sources(self.args[0])):
            return small
        benchmark = self.args[0].point
        return np.asarray(small | ((benchmark > 0) & (benchmark < below)))

    def partials(self, values: Sequence[Floats]) -> Sequence[Any]:
        """Return derivatives of a quotient."""
        return partials("/", *values)

    @property
    def n(self) -> Floats | None:
        """Participants behind the share."""
        return self.args[1].n

    @property
    def missing(self) -> Floats | None:
        """Missing answers behind the share."""
        return self.args[1].missing

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Divide, into `out` if it is given; a share of zero in a replicate gives an infinite size."""
        benchmark, share = values
        if self.args[1].quantity != "share" and bool(np.any((share < 0.0) | (share > 1.0))):
            raise EstimationError(
                "Some draws of the share lie outside 0 to 1, so they are no shares. Describe the share by a "
                "distribution within 0 to 1, such as hp.beta."
            )
        if bool(np.any(benchmark < 0.0)):
            raise EstimationError(
                "Some draws of the benchmark are negative. Describe it by a distribution of positive numbers, such "
                "as hp.published or hp.lognormal."
            )
        with np.errstate(divide="ignore", invalid="ignore"):
            sizes = np.divide(benchmark, share, out=out)
        undefined = np.isnan(self.point)
        if undefined.any():
            sizes[undefined] = np.nan
        return sizes

    def _check(self, benchmark: Floats, share: Floats) -> None:
        outside = (share < 0) | (share > 1)
        if outside.any():
            where = f" at {self._at(outside)}" if len(outside) > 1 else ""
            raise InputError(
                f"A share lies outside 0 to 1{where}. The multiplier method divides by the proportion of "
                "participants who are in the register, not by a percentage or a count."
            )
        if (benchmark < 0).any():
            raise InputError(f"The benchmark is negative at {self._at(benchmark < 0)}; it counts people.")
        n = self.args[1].n
        # With weights, or adjusted, a share times n is no number of participants.
        counted = n is not None and not any(
            other.adjusted_for or (isinstance(other, Asked) and other.record.weighted)
            for other in graph.walk(self.args[1])
        )
        registered = np.nan_to_num(np.round(share * n)) if n is not None and counted else np.zeros(len(share))
        fewer = benchmark < registered
        if fewer.any():
            first = int(np.flatnonzero(fewer)[0])
            raise InputError(
                f"The register counts {benchmark[first]:,g} people at {in_words(self.labels[first])}, fewer than the "
                f"{registered[first]:,.0f} participants who are in it. Check that register and survey cover the same "
                "area and period, and that the benchmark is a count of people."
            )

    def _at(self, marked: Bools) -> str:
        return listing(list(self.labels[marked]))


def multiplied(node: Node) -> list[Multiplied]:
    """List the sizes by the multiplier method in an expression."""
    return [other for other in graph.walk(node) if isinstance(other, Multiplied)]


SILENT = (
    " Who answered {listed} counts as not in the register there: make such answers missing first, "
    "hp.recode(table, missing=[{listed}])."
)


def _warn_of_fewer(node: Multiplied) -> None:
    """Warn of sizes below the participants behind their shares: weights bring them about. What is adjusted has its own reasons."""
    n = node.n
    if n is None or any(other.adjusted_for for other in graph.walk(node)):
        return
    people = np.broadcast_to(np.asarray(n, dtype=float), node.point.shape)
    # A quotient of whole numbers may miss one by rounding.
    fewer = node.point < people * (1.0 - 1e-9)
    if not fewer.any():
        return
    first = int(np.flatnonzero(fewer)[0])
    where = f" at {in_words(node.labels[first])}" if len(node.point) > 1 else ""
    warn(
        f"The size{where} is {node.point[first]:,.1f}, below the {people[first]:,.0f} participants of the survey behind its "
        "share, who are members of the population. Check that the benchmark and the weights are of the same people, and that "
        "nobody was interviewed twice."
    )


def _yes(labels: pd.Index[Any]) -> Any:
    """Return the answer that means yes; the word where there is none."""
    return next((label for label in labels if written.says(label)), "yes")


def _silent(labels: pd.Index[Any]) -> str:
    """Say what is wrong with answers that are none."""
    found = [label for label in labels if isinstance(label, str) and written.bare(label) in {*written.NO_ANSWER, ""}]
    return SILENT.format(listed=listing(found)) if found else ""


@checked
def multiplier(
    benchmark: float | Mapping[Any, float] | pd.Series[Any] | Estimate, share: Estimate, *, name: str = "benchmark"
) -> Estimate:
    """Estimate the size of a population by the multiplier (benchmark-multiplier) method.

    The size is N = B / p: B members of the population are known to a register in a period (the
    benchmark), and a share p of a sample of the population says, or is found, to be in that register
    in that period.

    Parameters
    ----------
    benchmark : number, mapping, Series or Estimate
        Register counts, with the labels of `share`; one number goes with a one-label share.
    share : Estimate
        Shares of the population that are in the register, usually `survey.proportion(...)`.
    name : str
        What `replay` calls the benchmark; give each its own where an expression has several.

    Returns
    -------
    Estimate
        Sizes, with the labels of `share`. A share of zero in a replicate gives an infinite draw.

    Raises
    ------
    InputError
        Labels that differ, a share outside 0 to 1, a negative benchmark, or a benchmark smaller than
        the number of participants who are in the register.
    EstimationError
        Nobody in the sample is in the register, so the size has no estimate. With several labels,
        those concerned are NaN and a warning names them.

    Warns
    -----
    HiddenpopWarning
        A size below the number of participants behind its share, which weights can bring about.

    See Also
    --------
    benchmark : the count from a register's rows.
    Survey.proportion : the share.
    adjust.register, adjust.self_report : what may be wrong with either.
    plan.multiplier : how many to interview.

    Notes
    -----
    The method assumes that the register's count and the survey's question describe the same people,
    area and period, that the register is complete and free of duplicates, and that being in the
    register does not change the chance of being interviewed; `hp.adjust` undoes what does not hold. See
    UNAIDS/WHO (2010), Guidelines on Estimating the Size of Populations Most at Risk to HIV, section 4;
    Fearon et al. (2017), JMIR Public Health and Surveillance 3:e59, for its variance.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> survey = hp.Survey({"registered": [1, 0], "count": [50, 50]}, counts="count")
    >>> hp.multiplier(100, survey.proportion("registered")).point
    200.0
    """
    first = benchmark.quantity if isinstance(benchmark, Estimate) else "count"
    second = share.quantity if isinstance(share, Estimate) else "count"
    if first == "share" and second in ("count", "size"):
        raise InputError(
            "The arguments stand the other way round: the register's count comes first and the share second, "
            "hp.multiplier(benchmark, share)."
        )
    if isinstance(benchmark, str):
        raise InputError(
            f"benchmark={in_words(benchmark)} is text; give the register's count as a number, such as 8126."
        )
    if not isinstance(share, Estimate):
        raise InputError(
            f"share must be an Estimate, such as survey.proportion(...), not {in_words(share)}: a share without uncertainty "
            "would give a size without an interval. For 61 of 100 from elsewhere use hp.beta(61, 39)."
        )
    if share.quantity not in ("share", "mean", "other"):
        kind = {"plain": "number"}.get(share.quantity, share.quantity)
        raise InputError(
            f"'{share.name}' is a {kind}, not a share of the population that is in the register. The register's count stands "
            "first: hp.multiplier(benchmark, share)."
        )
    count = arithmetic.as_estimate(benchmark)
    graph.check_joint([count.node, share.node])
    if count.scalar and not share.scalar and len(share) > 1:
        raise InputError(
            f"One benchmark for {len(share)} shares ({listing(list(share.labels))}). If these are answers to one question, "
            f"pick the one that means being in the register, such as share[{_yes(share.labels)!r}]; if they are groups, give each "
            f"its own count, as a mapping of labels to counts.{_silent(share.labels)}"
        )
    if not count.scalar and count.labels.nlevels < share.labels.nlevels:
        raise InputError(
            f"The shares have the levels {list(share.labels.names)}, the benchmarks {list(count.labels.names)}. If the last "
            "level holds the answers to a question, pick the one that means being in the register, such as "
            "share[:, 'yes']; otherwise give a count for each label."
        )
    if not count.scalar and share.scalar:
        raise InputError(
            "Several benchmarks for one share. Give the share of each register its label: "
            "hp.concat({'clinic': survey.proportion('clinic'), ...})."
        )
    below, above, labels = arithmetic.align(share, count)
    if share.scalar:
        labels = count.labels
    node = Multiplied((above.node, below.node), labels, name)
    _warn_of_fewer(node)
    adjusted = any(other.adjusted_for for other in graph.walk(node))
    title = english("population size, adjusted") if adjusted else english("population size")
    if share.scalar:
        return Estimate(node, pd.Index([title]), True, title)
    return Estimate(node, labels, False, title)
