"""Whose uncertainty is it? Shares of a result's variance, by source: Sobol's indices on the expression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from ..draws import settings
from ..errors import EstimationError, InputError, warn
from ..estimate.estimate import Estimate
from ..expression import evaluate, graph, one_source, pooled
from ..expression.nodes import Node, Portable, Source
from ..expression.operations import Stack
from ..ground import distributions, notebook, scales
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Floats
from ..ground.language import number, read, tr
from ..ground.signatures import checked
from ..uncertainty import notes
from ..words import methods
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from . import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
#: A share known no better than this (half its 95% interval) is worth a warning.
NOISE = 0.1


@checked
@dataclass(frozen=True, eq=False, repr=False)
class VarianceShares(Tabled):
    """Shares of a result's variance, by source; made by `hp.variance_shares`.

    Attributes
    ----------
    estimate : Estimate
        What was decomposed.
    table : DataFrame
        See `summary`.
    scale : str
        The scale on which the variance was taken: log, logit or identity.
    replicates, left_out : int
        Pairs of draws that were made, and how many of them were left out as infinite or undefined.

    See Also
    --------
    variance_shares : makes them.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> product = hp.lognormal(1, 0.5, 2, name="wide") * hp.lognormal(1, 0.8, 1.25, name="narrow")
    >>> shares = hp.variance_shares(product, scale="log")
    >>> shares.summary()[["first", "total"]].round(1)
            first  total
    source
    wide      0.9    0.9
    narrow    0.1    0.1
    """

    estimate: Estimate
    table: pd.DataFrame
    scale: str
    replicates: int
    left_out: int

    @property
    def title(self) -> str:
        """What a report calls them."""
        return tr("{what}: where its uncertainty comes from", what=read(self.estimate.name))

    def summary(self) -> pd.DataFrame:
        """Return a row for each source (and label), the largest total first.

        Columns: `first`, the share of the variance that the source explains by itself; `total`, the share that would
        remain if everything else were known, so that total - first is what it does together with others; and the
        limits of both (`first_lower`, ...), which are 95% intervals for the Monte Carlo error. A first share may come
        out slightly below zero by chance.

        See Also
        --------
        VarianceShares.plot

        Examples
        --------
        >>> import hiddenpop as hp
        >>> product = hp.lognormal(1, 0.5, 2, name="wide") * hp.lognormal(1, 0.8, 1.25, name="narrow")
        >>> hp.variance_shares(product, scale="log").summary()["total"].round(1).to_dict()
        {'wide': 0.9, 'narrow': 0.1}
        """
        return self.table.copy()

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw both shares of each source with their Monte Carlo error. Needs matplotlib.

        See Also
        --------
        VarianceShares.summary

        Examples
        --------
        >>> import hiddenpop as hp
        >>> product = hp.lognormal(1, 0.5, 2, name="wide") * hp.lognormal(1, 0.8, 1.25, name="narrow")
        >>> axes = hp.variance_shares(product, scale="log").plot()
        """
        name = read(self.estimate.name) if self.scale == "identity" else f"{self.scale} {read(self.estimate.name)}"
        what = tr("share of the variance of {what}", what=name)
        return figures.shares(self.table, what, methods.caveats(self.estimate.node), ax=ax)

    def methods(self) -> str:
        """Return sentences for a paper's methods section.

        See Also
        --------
        Estimate.methods

        Examples
        --------
        >>> import hiddenpop as hp
        >>> product = hp.lognormal(1, 0.5, 2, name="wide") * hp.lognormal(1, 0.8, 1.25, name="narrow")
        >>> text = hp.variance_shares(product, scale="log").methods()
        """
        said = tr(
            "The variance of '{name}' ({scale}) was divided among its independent sources, each survey being one, by first-order and "
            "total Sobol indices from {count:,} pairs of replicates (Saltelli et al. 2010; Jansen 1999).",
            name=read(self.estimate.name),
            scale=self._scale,
            count=self.replicates,
        )
        if self.left_out:
            said += " " + tr("{count:,} pairs with an infinite or undefined result were left out.", count=self.left_out)
        body, listed = methods.apart(self.estimate.methods())
        return methods.together(f"{said} {body}", [BIBLIOGRAPHY["Saltelli 2010"], BIBLIOGRAPHY["Jansen 1999"], *listed])

    @property
    def _scale(self) -> str:
        return tr("as it is") if self.scale == "identity" else tr("{scale} scale", scale=self.scale)

    def _as_table(self) -> Table:
        title, _, left = self._shown()
        return of_frame(
            title,
            self.summary(),
            [*left, *methods.caveats(self.estimate.node)],
            units={"first": "share", "total": "share"},
        )

    def __repr__(self) -> str:
        title, shown, left = self._shown()
        return "\n".join([title, shown.rename_axis(index=_no_names(shown)).to_string(), *left])

    def _repr_html_(self) -> str:
        title, shown, left = self._shown()
        return notebook.show(title, shown, notes=left)

    def _shown(self) -> tuple[str, pd.DataFrame, list[str]]:
        shown = self.table[["first", "total"]].map(lambda share: "–" if np.isnan(share) else number(share, ".0%"))
        left = (
            [tr("Left out as infinite or undefined: {count:,} pairs of draws.", count=self.left_out)]
            if self.left_out
            else []
        )
        name = read(self.estimate.name)
        return tr("Shares of the variance of '{name}' ({scale})", name=name, scale=self._scale), shown, left


@checked
def variance_shares(estimate: Estimate, *, replicates: int | None = None, scale: str | None = None) -> VarianceShares:
    """Say which of its sources an estimate's uncertainty comes from.

    Parameters
    ----------
    estimate : Estimate
        Computed from two independent sources or more. A survey is one source, whatever was asked of it; so is each
        uncertain input, a register, a set of lists or a posterior.
    replicates : int, optional
        Pairs of draws; by default as many as the estimate has draws.
    scale : {"log", "logit", "identity"}, optional
        Where the variance is taken: by default log for sizes and rates, identity for all else.

    Returns
    -------
    VarianceShares

    Raises
    ------
    InputError
        A single source, or none.
    EstimationError
        A source has no draws (variance replicates), or imputations were pooled.

    Warns
    -----
    HiddenpopWarning
        Infinite or undefined draws are left out; above 1% there are no shares. A share that the draws
        leave uncertain by more than 0.1 is said to be.

    See Also
    --------
    Sensitivity.variance_shares : of a study's inputs.

    Notes
    -----
    With f_A and f_B the result from two independent sets of draws, and f_AB that of set A with source i taken from set
    B, the first-order share is mean(f_B (f_AB - f_A)) / V (Saltelli et al. 2010, Computer Physics Communications
    181:259-270, Table 2 (b), with f centred at its mean) and the total share mean((f_A - f_AB)^2) / 2V (the same, (f), after
    Jansen 1999, Computer Physics Communications 117:35-43); V is the variance of all f_A and f_B. Set A
    holds the estimate's own draws, set B as many further replicates. The Monte Carlo intervals are normal, from the
    delta method for ratios of means over pairs of draws. On the log scale a product of independent factors is
    additive: its shares add up to 1, and first and total shares agree.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> survey = hp.Survey({"registered": [1, 0], "count": [39, 88]}, counts="count", name="interviews")
    >>> people = hp.multiplier(4_912, survey.proportion("registered")) / hp.beta(80, 20, name="completeness")
    >>> hp.variance_shares(people)
    Shares of the variance of 'population size / completeness' (log scale)
                        first total
    survey 'interviews'   87%   88%
    completeness          12%   12%
    """
    if not isinstance(estimate, Estimate):
        raise InputError(f"variance_shares takes an Estimate, not {type(estimate).__name__}.")
    return decompose(
        estimate, replicates, scale or ("log" if estimate.quantity in ("size", "rate") else "identity"), {}
    )


def uncertain_inputs(est: Estimate) -> list[object]:
    """List the sources of an estimate that redraw no sample, by what tells them apart."""
    sources = (source for source in graph.sources(est.node) if not source.origin.sampled)
    return list(dict.fromkeys(source.origin.identity for source in sources))


def decompose(est: Estimate, replicates: int | None, scale: str, called: Mapping[object, str]) -> VarianceShares:
    """Find the shares; `called` names some sources."""
    if scale not in scales.SCALES:
        raise InputError(f"scale={scale!r} is not one of {', '.join(scales.SCALES)}.")
    if est.quantity == "event":
        raise InputError("A comparison is 0 or 1; decompose the estimate that is compared.")
    if pooled.find(est.node):
        raise EstimationError(
            "Imputations are pooled in this estimate, and each replicate is of one of them, so its variance is not divided "
            "among sources. Decompose the estimate of one imputation."
        )
    graph.require_draws(est.node)
    groups: dict[object, list[Source]] = {}
    for source in graph.sources(est.node):
        groups.setdefault(source.origin.identity, []).append(source)
    if len(groups) < 2:
        what = "one source only" if groups else "no uncertain source"
        raise InputError(f"'{est.name}' has {what}, so there is nothing to divide.")
    count = graph.replicates(est.node) if replicates is None else settings.check_replicates(replicates)
    a, b, frozen = _evaluate(est.node, list(groups.values()), count)
    to = scales.SCALES[scale][0]
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b, frozen = to(a), to(b), to(frozen)
    lost = ~(np.isfinite(a) & np.isfinite(b) & np.isfinite(frozen).all(axis=0))
    _tell_lost(lost, count, scale)
    names = _names(groups, called)
    rows: list[tuple[Any, ...]] = []
    for i in range(len(est)):
        kept = ~lost[i]
        known = not notes.too_many(lost[i].sum(), count)
        found = [estimators(a[i, kept], b[i, kept], one[i, kept]) if known else _NONE for one in frozen]
        rows += [(name, *indices) for name, indices in zip(names, found, strict=True)]
    table = _table(est, rows)
    widest = float(
        np.nanmax(table[["first_upper", "total_upper"]].to_numpy() - table[["first", "total"]].to_numpy(), initial=0)
    )
    if widest > NOISE:
        warn(
            f"Some variance shares are uncertain by ±{widest:.2f} from {count:,} pairs of draws alone; ask for more: "
            f"replicates={10 * count:_}.",
        )
    return VarianceShares(est, table, scale, count, int(lost.sum(axis=1).max()))


class Indices(NamedTuple):
    """Shares with the limits of their Monte Carlo error."""

    first: float
    first_lower: float
    first_upper: float
    total: float
    total_lower: float
    total_upper: float


_NONE = Indices(*[np.nan] * 6)


def estimators(a: Floats, b: Floats, ab: Floats) -> Indices:
    """Return first-order and total shares from f_A, f_B and f_AB, with 95% limits of their Monte Carlo error."""
    middle = (a.mean() + b.mean()) / 2
    a, b, ab = a - middle, b - middle, ab - middle
    spread = (a**2 + b**2) / 2
    whole = spread.mean()
    if len(a) < 2 or not whole > 0:
        return _NONE
    found: list[float] = []
    for part in (b * (ab - a), (a - ab) ** 2 / 2):
        share = part.mean() / whole
        error = np.std(part - share * spread, ddof=1) / whole / np.sqrt(len(a))
        half = distributions.quantile(0.975) * error
        found += [share, share - half, share + half]
    return Indices(*map(float, found))


def _evaluate(node: Node, groups: list[list[Source]], count: int) -> tuple[Floats, Floats, Floats]:
    """Return the result from two sets of draws, and from the first with each group from the second."""
    leaves: list[Node] = [leaf for group in groups for leaf in group]
    drawn = evaluate.preview(Stack(tuple(leaves)), 2 * count)
    ends = np.cumsum([len(leaf.point) for leaf in leaves])
    parts = dict(zip(leaves, np.split(drawn, ends[:-1]), strict=True))
    first: dict[Node, Floats] = {leaf: part[:, :count] for leaf, part in parts.items()}
    second: dict[Node, Floats] = {leaf: part[:, count:] for leaf, part in parts.items()}
    frozen = [one_source.replayed(node, first | {leaf: second[leaf] for leaf in group}) for group in groups]
    return one_source.replayed(node, first), one_source.replayed(node, second), np.stack(frozen)


def _tell_lost(lost: Any, count: int, scale: str) -> None:
    most = int(lost.sum(axis=1).max())
    if most == 0:
        return
    why = {"log": ", or not positive on the log scale", "logit": ", or not inside 0 to 1"}.get(scale, "")
    end = "there is too little to divide" if notes.too_many(most, count) else "they are left out"
    warn(
        f"In up to {most:,} of {count:,} pairs of draws the result is infinite or undefined{why} (a share of zero in a redrawn "
        f"sample, for one); {end}.",
    )


def _names(groups: Mapping[object, list[Source]], called: Mapping[object, str]) -> list[str]:
    names: list[str] = []
    for key, sources in groups.items():
        source = sources[0]
        own = next(iter(source.replaceable()), None) if isinstance(source, Portable) else None
        name = str(called.get(key) or own or source.given_as or source.origin.title)
        again = sum(other == name or other.startswith(f"{name} (") for other in names)
        names.append(f"{name} ({again + 1})" if again else name)
    return names


def _table(est: Estimate, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["source", *Indices._fields])
    frame["label"] = np.repeat(np.arange(len(est)), len(rows) // len(est))
    frame = frame.sort_values(["label", "total"], ascending=[True, False], kind="stable")
    if est.scalar:
        return frame.drop(columns="label").set_index("source")
    labels = est.labels.take(frame["label"].to_numpy())
    levels = [labels.get_level_values(i) for i in range(labels.nlevels)]
    index = pd.MultiIndex.from_arrays([*levels, frame["source"]], names=[*labels.names, "source"])
    return frame.drop(columns=["label", "source"]).set_axis(index)


def _no_names(frame: pd.DataFrame) -> Any:
    return [None] * frame.index.nlevels if frame.index.nlevels > 1 else None
