"""Sizes averaged over decomposable graphs of dependence, exactly."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from .. import _core
from ..draws import settings
from ..errors import InputError, warn
from ..estimate.estimate import Estimate
from ..ground import checks
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Floats
from ..ground.signatures import checked
from ..sources.posterior import Grid, Posterior
from . import bayes, notation

if TYPE_CHECKING:
    from .lists import Lists
#: More lists have too many graphs to list.
MOST_LISTS = 5
#: The grid of people unseen is not longer than this.
MOST_MISSED = 10_000_000
#: The default cut-off, as a multiple of the people seen; and at least so many people.
DEFAULT_TIMES, DEFAULT_LEAST = 10, 1000
#: More of the posterior than this in the last tenth below the cut-off, or more of the mean: then the cut-off decides.
AT_THE_END, OF_THE_MEAN = 0.005, 0.01
#: The prior's influence is shown by these values besides the given one and 1 / 2^k.
DELTAS = (0.5, 1.0)
PRIORS = {
    "log-uniform": "p(N) proportional to 1 / N",
    "uniform": "p(N) constant",
    "weights": "the given weights",
}
REFERENCES = (
    BIBLIOGRAPHY["Madigan and York 1997"],
    BIBLIOGRAPHY["Dawid and Lauritzen 1993"],
)


@checked
@dataclass(frozen=True, eq=False, repr=False)
class GraphAverage(Estimate):
    """A size averaged over graphs: an `Estimate` that also knows the graphs and what the prior does.

    Attributes
    ----------
    graphs : DataFrame
        Posterior probability of every decomposable graph, written by its cliques, largest first.
    sensitivity : DataFrame
        Posterior mean and 95% interval under other values of delta and half the cut-off.

    See Also
    --------
    decomposable_bma : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> cells = hp.datasets.load("kosovo")["overlaps"]
    >>> killed = hp.decomposable_bma(hp.Lists(cells, ["EXH", "ABA", "OSCE", "HRW"], counts="people"))
    >>> len(killed.graphs), killed.sensitivity.columns.to_list()
    (61, ['mean', 'lower', 'upper'])
    """

    @property
    def graphs(self) -> pd.DataFrame:
        """Posterior probability of every graph, largest first; with `by`, strata are the outer level."""
        frames = []
        for part in self._found[0]:
            frame = pd.DataFrame(
                {"probability": [p for _, p in part]}, index=pd.Index([g for g, _ in part], name="graph")
            )
            frames.append(frame.sort_values("probability", ascending=False, kind="stable"))
        return frames[0] if self.scalar else pd.concat(dict(zip(self.labels, frames, strict=True)))

    @property
    def sensitivity(self) -> pd.DataFrame:
        """Posterior mean and 95% interval by delta and cut-off; with `by`, strata are the outer level."""
        columns = ["delta", "cut_off", "mean", "lower", "upper"]
        frames = [pd.DataFrame(list(part), columns=columns).set_index(["delta", "cut_off"]) for part in self._found[1]]
        return frames[0] if self.scalar else pd.concat(dict(zip(self.labels, frames, strict=True)))

    def _found_whole(self) -> None:
        _ = self.graphs, self.sensitivity.round().astype(int)

    @property
    def _found(self) -> tuple[Any, ...]:
        return cast("Posterior", self.node).found

    def __repr__(self) -> str:
        shown = self.sensitivity.round().astype(int).to_string(formatters=_FORMATS)
        return f"{super().__repr__()}\nWhat the prior does (posterior mean, 95% interval):\n{shown}"

    def _repr_html_(self) -> str:
        shown = self.sensitivity.round().astype(int).to_html(formatters=_FORMATS, border=0)
        return f"{super()._repr_html_()}<small>{escape('What the prior does')}:{shown}</small>"


_FORMATS = dict.fromkeys(("mean", "lower", "upper"), "{:,}".format)


@checked
def decomposable_bma(
    lists: Lists,
    *,
    delta: float | None = None,
    prior: str | Sequence[float] = "log-uniform",
    max_missed: int | None = None,
    by: str | Sequence[str] | None = None,
    name: str = "population size",
    replicates: int | None = None,
) -> GraphAverage:
    """Average the size over all graphs of dependence between 3 to 5 lists, by their posterior probability.

    The posterior is exact: the distribution of the people unseen and of the graph on a grid. The point
    is the posterior mean; `quantile(0.5)` gives the median.

    Parameters
    ----------
    lists : Lists
        Three to five lists. Where a list does not operate (`covers`) it is left out.
    delta : float, optional
        The hyper-Dirichlet prior counts so many people in each of the 2^k histories: 1 / 2^k by default, one
        person in all. It matters, see `.sensitivity`: a larger delta favours sparser tables less.
    prior : {"log-uniform", "uniform"} or sequence of float
        What is believed of the size N beforehand: p(N) proportional to 1 / N, or constant; or weights of
        0, 1, 2, ... people unseen.
    max_missed : int, optional
        The prior's cut-off: no more people than this are unseen. Ten times those seen by default, 1,000 at
        least. A warning says when the posterior reaches it.
    by : str or list of str, optional
        Strata: a posterior each, independent of one another. Add them with `.sum()`.
    name : str
        Name of the result.
    replicates : int, optional
        Draws that are handed out; those of the lists by default.

    Returns
    -------
    GraphAverage
        An `Estimate` with `.graphs` and `.sensitivity`.

    Raises
    ------
    InputError
        Fewer than three lists or more than five, or an impossible prior.

    See Also
    --------
    loglinear : averages over log-linear models.
    latent_class : the other Bayesian model of lists.

    Notes
    -----
    All decomposable graphs (8 of three lists, 61, 822) are equally likely beforehand. Madigan and York
    (1997), Biometrika 84:19-31, equations 2 to 4. Quantiles are those of the posterior itself. What else is computed
    from the estimate uses draws from it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> cells = hp.datasets.load("kosovo")["overlaps"]
    >>> lists = hp.Lists(cells, ["EXH", "ABA", "OSCE", "HRW"], counts="people")
    >>> killed = hp.decomposable_bma(lists)
    >>> round(killed.point), round(killed.quantile(0.5))
    (12749, 12595)
    >>> killed.sensitivity["mean"].round()[:3].tolist()
    [12749.0, 11014.0, 4828.0]
    >>> killed.graphs.index[0]
    'EXH*ABA*OSCE + EXH*OSCE*HRW'
    """
    parts, labels = bayes.strata(lists, by, "hp.decomposable_bma", MOST_LISTS)
    given, weights = _prior(prior)
    if weights is not None:
        if max_missed is not None and max_missed != len(weights) - 1:
            raise InputError(
                f"prior= gives weights of 0 to {len(weights) - 1:,} people unseen, max_missed={max_missed!r} says otherwise. Leave "
                "max_missed out."
            )
        max_missed = len(weights) - 1
    if max_missed is not None:
        max_missed = checks.whole(max_missed, "max_missed", 1, MOST_MISSED)
    delta = None if delta is None else checks.positive(delta, "delta")
    laws, graphs, rows = [], [], []
    for part in parts:
        used = delta or 1 / len(part.table)
        cut = max_missed or min(max(DEFAULT_TIMES * part.seen, DEFAULT_LEAST), MOST_MISSED)
        where = f" in {part.label!r}" if by is not None else ""
        missed, graph = _posterior(part, used, given, cut, weights)
        _check_end(part, missed, cut, where)
        laws.append(Grid.of(part.seen, missed))
        graphs.append(tuple(zip(_names(part.names), graph.tolist(), strict=True)))
        mine = []
        for other in sorted({used, 1 / len(part.table), *DELTAS}):
            values = missed if other == used else _posterior(part, other, given, cut, weights)[0]
            mine.append((other, cut, *_numbers(part.seen, values)))
        half = missed[: cut // 2 + 1]
        mine.append((used, cut // 2, *_numbers(part.seen, half / half.sum())))
        rows.append(tuple(mine))
    shown = "1 / 2^k" if delta is None else f"{delta:g}"
    cuts = sorted({row[0][1] for row in rows})
    span = f"{cuts[0]:,}" if len(cuts) == 1 else f"{cuts[0]:,} to {cuts[-1]:,}, by stratum"
    believed = (
        f"all decomposable graphs equally likely, hyper-Dirichlet with delta = {shown} for the cells, {PRIORS[given]} with a "
        f"cut-off at {span} people unseen"
    )
    notes = [f"Posterior mean. Prior: {believed}"]
    # Strata differ; one line says it for those that are one number.
    if by is None:
        others = [f"delta {row[0]:g} gives {row[2]:,.0f} ({row[3]:,.0f} to {row[4]:,.0f})" for row in rows[0][:-1]]
        notes.append(f"What the prior does: {', '.join(others)}")
    weighed = hashlib.blake2b(weights.tobytes(), digest_size=8).hexdigest() if weights is not None else ""
    node = bayes.leaf(
        lists,
        parts,
        laws,
        title=f"decomposable graphs, delta = {shown}",
        sentence=(
            "the size was estimated by Bayesian model averaging over decomposable graphs of dependence between the lists "
            f"({', '.join(lists.names)}); the prior held {believed}"
        ),
        references=REFERENCES,
        key=bayes.key(lists, "decomposable graphs", by, delta, given, max_missed, weighed),
        notes=notes,
        found=(tuple(graphs), tuple(rows)),
        view=GraphAverage.__name__,
        replicates=replicates,
    )
    index, scalar = bayes.labelled(by, labels, name)
    return GraphAverage(node, index, scalar, name)


def _prior(prior: object) -> tuple[str, Floats | None]:
    if isinstance(prior, str):
        if prior not in ("log-uniform", "uniform"):
            raise InputError(
                f"prior={prior!r} must be 'log-uniform', 'uniform', or weights of 0, 1, 2, ... people unseen."
            )
        return prior, None
    try:
        weights = np.ascontiguousarray(prior, dtype=float)
    except (TypeError, ValueError):
        raise InputError("prior= must be 'log-uniform', 'uniform', or a list of numbers.") from None
    if weights.ndim != 1 or len(weights) < 2:
        raise InputError("Weights of a prior are one list of numbers, for 0, 1, 2, ... people unseen.")
    if not (np.isfinite(weights) & (weights >= 0)).all() or not weights.any():
        raise InputError("Weights of a prior are zero or more, and not all zero.")
    return "weights", weights


def _posterior(
    part: bayes.Stratum, delta: float, prior: str, cut: int, weights: Floats | None
) -> tuple[Floats, Floats]:
    return _core.decomposable_average(part.table, delta, prior, cut, settings.threads(), weights)


def _numbers(seen: int, missed: Floats) -> tuple[float, float, float]:
    """Return mean and 95% interval of the size."""
    low, high = np.minimum(np.searchsorted(np.cumsum(missed), [0.025, 0.975]), len(missed) - 1)
    return seen + float((missed * np.arange(len(missed))).sum()), float(seen + low), float(seen + high)


def _check_end(part: bayes.Stratum, missed: Floats, cut: int, where: str) -> None:
    share = float(missed[-(cut // 10 + 1) :].sum())
    if share > AT_THE_END or share * cut > OF_THE_MEAN * _numbers(part.seen, missed)[0]:
        warn(
            f"{100 * share:.2g}% of the posterior{where} lies in the last tenth below the cut-off of {cut:,} people unseen, so the "
            "mean and upper limit depend on where the prior ends. Raise max_missed; if the mean keeps growing, these lists "
            "set no bound on the size, and only the median and the lower limit can be reported.",
        )


@lru_cache(maxsize=32)
def _names(lists: tuple[str, ...]) -> tuple[str, ...]:
    """Write each graph by its cliques."""
    made = []
    for factors in _core.decomposable_graphs(len(lists)):
        made.append(notation.name(tuple(term for term, exponent in factors if exponent > 0), lists))
    return tuple(made)
