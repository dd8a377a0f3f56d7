"""The sources of a synthesis: checked, brought to one scale, with the covariance that common surveys give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from ..errors import EstimationError, InputError, in_words, listing
from ..estimate import inputs
from ..estimate.arithmetic import within
from ..estimate.estimate import Estimate
from ..expression import evaluate, graph
from ..expression.nodes import Node, Quantity
from ..expression.operations import Stack
from ..ground import scales
from ..ground.columns import Floats
from ..uncertainty import variance

#: What is positive is combined on the log scale, shares on the logit scale.
LINKS = {"share": "logit"}
#: Two sources whose difference has less than this share of their variances are one.
SAME = 1e-9
#: A variance below this is rounding.
STILL = 1e-20


@dataclass(frozen=True, eq=False, repr=False)
class Evidence:
    """Sources of one quantity, in order.

    Attributes
    ----------
    names : tuple of str
        What each is called: the method, with its site where there are several.
    estimates : tuple of Estimate
        One label each.
    sites, kinds : tuple of str
        Site and method of each source.
    quantity : str
        What they measure.
    """

    names: tuple[str, ...]
    estimates: tuple[Estimate, ...]
    sites: tuple[Any, ...]
    kinds: tuple[Any, ...]
    quantity: Quantity

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The sources' expressions."""
        return tuple(est.node for est in self.estimates)

    @property
    def several(self) -> bool:
        """Whether there are several sites."""
        return len(set(self.sites)) > 1

    @property
    def link(self) -> str:
        """The scale to combine on."""
        return LINKS.get(self.quantity, "log")

    @property
    def shared(self) -> list[tuple[int, int]]:
        """Pairs of sources that have randomness in common, as estimates from one survey."""
        return common(self.nodes)

    def codes(self, of: tuple[Any, ...]) -> Floats:
        """Return numbers for sites or kinds, in order of appearance."""
        order = list(dict.fromkeys(of))
        return np.array([float(order.index(one)) for one in of])


def gather(given: object) -> Evidence:
    """Check what the user gave and return it as evidence."""
    if isinstance(given, pd.DataFrame):
        given = _of_table(given)
    if not isinstance(given, Mapping):
        raise InputError(
            "triangulate takes a mapping of names to estimates, such as {'multiplier': a, 'capture-recapture': b}; for "
            "several sites a mapping of sites to such mappings; or a table with the columns source, estimate, lower, upper "
            f"(and site). This is {type(given).__name__}."
        )
    nested = [isinstance(value, Mapping) for value in given.values()]
    if any(nested) and not all(nested):
        raise InputError("Some entries are sites (mappings), others estimates; give all sources of all sites by site.")
    rows: list[tuple[Any, Any, Any]] = []
    if nested and all(nested):
        rows = [(site, kind, est) for site, sources in given.items() for kind, est in sources.items()]
        empty = [site for site, sources in given.items() if not sources]
        if empty:
            raise InputError(f"The site {in_words(empty[0])} has no source.")
    else:
        rows = [(None, kind, est) for kind, est in given.items()]
    if len(rows) < 2:
        raise InputError(
            f"There {'is one source' if rows else 'are no sources'}, so there is nothing to triangulate. Give two estimates "
            "of the same quantity at least."
        )
    names = tuple(str(kind) if site is None else f"{site}: {kind}" for site, kind, _ in rows)
    for name, (_, _, est) in zip(names, rows, strict=True):
        _check(name, est)
    if len(set(names)) < len(names):
        raise InputError("Two sources read the same; give each its own name.")
    estimates = tuple(est for _, _, est in rows)
    graph.check_joint([est.node for est in estimates])
    return Evidence(
        names,
        estimates,
        tuple(site for site, _, _ in rows),
        tuple(kind for _, kind, _ in rows),
        _quantity(names, estimates),
    )


def _check(name: str, est: object) -> None:
    if not isinstance(est, Estimate):
        raise InputError(
            f"The source {name!r} is {type(est).__name__}, not an estimate. {within(est)}A published figure enters with its "
            "interval: hp.published(16_000, 11_300, 25_200)."
        )
    if len(est) > 1 or (not est.scalar and len(est) != 1):
        raise InputError(
            f"The source {name!r} has {len(est)} labels ({listing(list(est.labels), shown=3)}); pick one: estimate['label'], "
            "or add them up: estimate.sum()."
        )
    if est.node.no_size:
        raise InputError(
            f"The source {name!r} is {est.node.no_size}, not a quantity to combine. Sources are sizes of one population, or all of "
            "them its shares or rates."
        )
    if not graph.sources(est.node):
        raise InputError(
            f"The source {name!r} is a number without uncertainty, so it would take all the weight. Give it with an "
            "interval: hp.published(...), or hp.triangular(...) for what experts say."
        )
    value = float(est.node.point[0])
    if not np.isfinite(value):
        raise InputError(f"The source {name!r} has no estimate (its point is {value}); leave it out.")
    if value <= 0 or (est.quantity == "share" and value >= 1):
        raise InputError(
            f"The source {name!r} is {value:,g}. What is combined must be positive, and a share below 1: sources are weighed "
            "on the log scale (shares on the logit scale)."
        )


def _quantity(names: Sequence[str], estimates: Sequence[Estimate]) -> Quantity:
    known = {est.quantity for est in estimates} - {"other"}
    if len(known) > 1:
        said = "; ".join(f"{name}: {est.quantity}" for name, est in zip(names, estimates, strict=True))
        raise InputError(
            f"The sources measure different quantities ({said}). Bring them to one: a share times the population is a size, "
            "estimate.per(population) makes a rate of a size."
        )
    if known == {"share"}:
        beyond = [name for name, est in zip(names, estimates, strict=True) if not est.node.point[0] < 1]
        if beyond:
            raise InputError(f"Other sources are shares, and {beyond[0]!r} is no share: it is not below 1.")
    return cast("Quantity", known.pop() if known else "other")


def _of_table(table: pd.DataFrame) -> dict[Any, Any]:
    """Turn a long table of published figures into estimates."""
    needed = ["source", "estimate", "lower", "upper"]
    lacking = [name for name in needed if name not in table.columns]
    if lacking:
        raise InputError(
            f"The table of sources has no column {in_words(lacking[0])}; it needs {', '.join(needed)} (and site)."
        )
    sited = "site" in table.columns
    keys = ["site", "source"] if sited else ["source"]
    twice = table.duplicated(keys)
    if twice.any():
        raise InputError(f"The table of sources has {in_words(table.loc[twice, keys].iloc[0].tolist())} twice.")
    found: dict[Any, Any] = {}
    for row in table.to_dict("records"):
        name = f"{row['site']}: {row['source']}" if sited else str(row["source"])
        est = inputs.published(row["estimate"], row["lower"], row["upper"], name=name)
        (found.setdefault(row["site"], {}) if sited else found)[row["source"]] = est
    return found


def scaled(nodes: Sequence[Node], link: str) -> Floats:
    """Return points on the combining scale."""
    return np.asarray(scales.SCALES[link][0](np.array([float(node.point[0]) for node in nodes])))


def scaled_draws(nodes: Sequence[Node], link: str, names: Sequence[str]) -> Floats:
    """Return joint draws on the combining scale (sources x replicates), or say which source has none to use."""
    together = evaluate.draws(Stack(tuple(nodes)))
    with np.errstate(divide="ignore", invalid="ignore"):
        result = np.asarray(scales.SCALES[link][0](together))
    for name, row, given in zip(names, result, together, strict=True):
        lost = ~np.isfinite(row)
        if lost.any():
            what = "infinite" if np.isinf(given).any() else "undefined, zero or negative"
            raise EstimationError(
                f"{int(lost.sum()):,} of {len(row):,} draws of the source {name!r} are {what}, so it has no variance to be "
                "weighed by. A multiplier's share of zero in a replicate does this: its survey is too small. Leave it out, or "
                "describe what it says by hp.published(...) or hp.lognormal(...)."
            )
    return result


def common(nodes: Sequence[Node]) -> list[tuple[int, int]]:
    """List pairs of nodes with a source of randomness in common."""
    origins = [{source.origin for source in graph.sources(node)} for node in nodes]
    return [(i, j) for j in range(len(nodes)) for i in range(j) if origins[i] & origins[j]]


def replaced(before: Sequence[Node], after: Sequence[Node]) -> bool:
    """Tell whether some uncertainty is another one: not where only seed or number of replicates changed."""
    return [_uncertainty(node) for node in before] != [_uncertainty(node) for node in after]


def _uncertainty(node: Node) -> set[object]:
    return {(source.origin.identity, source.specified) for source in graph.sources(node)}


def covariance(nodes: Sequence[Node], link: str, names: Sequence[str]) -> Floats:
    """Return the sources' covariance on the combining scale: of their joint draws, or as their surveys measure it.

    What has no source in common is independent, so its covariance is exactly zero.
    """
    together = Stack(tuple(nodes))
    if graph.drawable(together):
        found = np.cov(scaled_draws(nodes, link, names))
    else:
        slopes = np.asarray(scales.SCALES[link][2](together.point))
        found = slopes[:, None] * variance.measured(together).covariance * slopes
    apart = np.ones(found.shape, dtype=bool)
    np.fill_diagonal(apart, False)
    for i, j in common(nodes):
        apart[i, j] = apart[j, i] = False
    found = np.where(apart, 0.0, found)
    spread = np.diag(found)
    for name, node, own in zip(names, nodes, spread, strict=True):
        if not graph.sources(node):  # the variance of equal draws is rounding, and not always zero
            raise InputError(
                f"The source {name!r} is a number without uncertainty here, so it would take all the weight. Replace it by an "
                "uncertain input, such as hp.published(16_000, 11_300, 25_200)."
            )
        if not own > STILL:
            raise InputError(
                f"The source {name!r} does not vary, so it would take all the weight. Its uncertainty is missing: a share of "
                "0 or 1 in a sample says less than it seems."
            )
    for i, j in common(nodes):
        apart_by = spread[i] + spread[j] - 2 * found[i, j]
        if apart_by < SAME * (spread[i] + spread[j]):
            raise InputError(
                f"The sources {names[i]!r} and {names[j]!r} vary as one: they are the same estimate (or one times a fixed "
                "number) and count once. Leave one out."
            )
    errors = np.sqrt(spread)
    if np.linalg.eigvalsh(found / np.outer(errors, errors))[0] < SAME:
        raise InputError(
            "One source follows from the others (a mean of two of them, for one), so it is no evidence of its own. Leave it out."
        )
    return np.asarray(found)
