"""Intervals made for proportions: they hold where hardly anybody, or nearly everybody, has the property."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

import numpy as np

from .. import _core
from ..answers.asked import Asked
from ..answers.indicators import Split
from ..answers.statistic import Statistic, picked_statistic, plan_of
from ..errors import EstimationError, InputError, Refusal
from ..expression.nodes import Node
from ..ground import distributions
from ..ground.columns import Bools, Floats
from ..ground.language import english
from ..sample.sampling import Apart
from . import freedom, kept, simultaneous, variance
from .kept import ByPeople
from .method import Aim, Ends, Method
from .notes import Note
from .of_draws import ROUNDING

#: They bring an end to all digits that it has.
HALVINGS = 60


class Seen(NamedTuple):
    """What the sample says of each share."""

    p: Floats
    #: Participants.
    n: Floats
    se: Floats
    #: Degrees of freedom; infinite in a simple random sample, where the share alone says how it varies.
    df: Floats
    #: As many participants of a simple random sample would say as much, as the standard error has it.
    effective: Floats
    #: The same where the standard error is not believed below what people's weights alone make it.
    cautious: Floats


def seen_of(node: Node, method: str) -> Seen:
    """Return what a sample says of the shares of a node, for an interval's method or whoever else judges them."""
    below, _ = _statistic(node)
    point, n = node.point, np.asarray(node.n, dtype=float)
    lin, own = variance.measured(node), freedom.fewest(node)
    if np.isinf(own[~np.isnan(point)]).any():
        raise EstimationError(
            f"Nothing is known of the degrees of freedom of {below.record.title}, which method={method!r} rests on. Use "
            "method='percentile'."
        )
    stored = kept.kept_of(node)
    people = by_people(node) if stored is None else stored[0].by_people.at(stored[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        # No variation, no design effect to know but that of the weights.
        flat = lin.se <= ROUNDING * np.maximum(point, 1 - point)
        effective = np.where(flat, people.whole, point * (1 - point) / lin.se**2)
        cautious = np.where(flat, people.whole, point * (1 - point) / np.maximum(lin.se**2, people.least))
    df = np.where(people.simple & (own >= 1), np.inf, own)
    return Seen(point, n, lin.se, df, np.where(people.simple, n, effective), np.where(people.simple, n, cautious))


def clustered(answer: Asked) -> bool:
    """Tell whether people were drawn in clusters, or as nobody knows, rather than one by one."""
    stored = kept.kept_of(answer)
    if stored is not None:
        return stored[0].clustered
    if answer.sample is None:
        return not answer.record.independent
    apart = _apart(answer)
    return apart is None or not apart.truly or apart.calibrated


def _apart(answer: Asked) -> Apart | None:
    """Return the strata that people would be drawn from one by one."""
    linear = answer.live.sampling.linear
    return None if isinstance(linear, Refusal) else linear.apart()


def by_people(node: Node) -> ByPeople:
    """Return what each share would be like if people had been drawn one by one.

    The variance: within strata and weighted as they are, answers having nothing to do with weights: the sum over strata of
    (W_h / W)^2 p_h (1 - p_h) (1 - f_h) / n_h, W_h being the sum of weights, p_h the share, n_h Kish's (1965, section 11.7)
    effective number (sum w)^2 / sum w^2. Where weights were calibrated this says nothing, and is 0. That number of all
    participants, and whether they are a simple random sample: of one stratum, drawn one by one with one chance.
    """
    below, positions = _statistic(node)
    sample, plan = below.live, plan_of(below)
    assert plan.denominators is not None  # or it were no share
    weight = sample.sampling.weights
    agency = sample.variance is not None and sample.variance.agency
    apart = None if agency else _apart(below)
    stratum = None if apart is None else apart.stratum
    fraction = np.zeros(1) if apart is None else apart.fraction
    strata = len(fraction)

    def totals(column: Split, values: Floats) -> Floats:
        """Add up by column and stratum."""
        cell = column.place.astype(np.int64)
        cell += 1
        if strata > 1 and stratum is not None:
            cell *= strata
            cell += stratum
        sums = np.bincount(cell, weights=values, minlength=(column.size + 1) * strata)
        return np.asarray(sums.reshape(-1, strata)[1:], dtype=float)

    with np.errstate(divide="ignore", invalid="ignore"):
        whole = totals(plan.denominators, weight)
        top = plan.numerators
        yes = totals(top, weight if top.values is None else weight * top.values)
        weight = weight * weight
        weight /= np.maximum(sample.multiplicity, 1)
        squares = totals(plan.denominators, weight)
        labels = plan.labels.get_indexer(below.labels)[positions]
        group = plan.group[labels]
        share = np.where(whole[group] > 0, yes[labels] / whole[group], 0.0)
        least = (squares[group] * share * (1 - share) * (1 - fraction)).sum(axis=1) / whole[group].sum(axis=1) ** 2
        effective = whole[group].sum(axis=1) ** 2 / squares[group].sum(axis=1)
    truly = apart is not None and apart.truly and not apart.calibrated and below.record.independent
    if not agency and (apart is None or apart.calibrated):
        least[:] = 0.0
    return ByPeople(least, effective, truly & ((whole[group] > 0).sum(axis=1) == 1))


def _of_shares(name: str, make: Callable[[Seen, float], Floats]) -> Ends:
    """Make ends from what the sample says of each share."""

    def ends(node: Node, aim: Aim) -> tuple[Floats, list[Note]]:
        seen = seen_of(node, name)
        result = make(seen, aim.tail)
        result[np.isnan(node.point) | ~(seen.df >= 1)] = np.nan
        return result, []

    return ends


def _statistic(node: Node) -> tuple[Statistic, list[int]]:
    found = picked_statistic(node)
    if found is None or found[0].question.kind != "proportion":
        raise InputError(
            "Wilson, beta and likelihood intervals are those of a survey's proportions, not of what is computed from them."
        )
    return found


def wilson(seen: Seen, tail: float) -> Floats:
    """Return Wilson's score intervals (1927, JASA 22:209-212) with the effective number of participants, and t.

    As Franco, Little, Louis and Slud (2019, Journal of Survey Statistics and Methodology 7:334-364) do for complex samples;
    in simple random samples with n and z. The effective number is the cautious one: where weights differ, samples that
    miss the few with large weights would seem to know more than they do.
    """
    p, n = seen.p, seen.cautious
    z = distributions.t_quantile(1 - tail, seen.df)
    centre = p + z**2 / (2 * n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    ends = np.stack([centre - half, centre + half], axis=1) / (1 + z**2 / n)[:, None]
    # Rounding must not shut out what was seen.
    ends[p == 0, 0], ends[p == 1, 1] = 0.0, 1.0
    return cast("Floats", np.clip(ends, 0.0, 1.0))


def at_the_edge(node: Node, tail: float) -> Floats:
    """Return Wilson's intervals of shares of nobody or everybody, which have no standard error."""
    return wilson(seen_of(node, "t"), tail)


def is_share(node: Node) -> bool:
    """Tell whether a node is a survey's proportions, or some of them."""
    found = picked_statistic(node)
    return found is not None and found[0].question.kind == "proportion"


def _korn_graubard(seen: Seen, tail: float) -> Floats:
    """Return Clopper-Pearson intervals with the effective number, adjusted to the degrees of freedom.

    Korn and Graubard (1998), Survey Methodology 24:193-201, as `svyciprop(method="beta")` in R.
    """
    effective = seen.effective
    complex_design = np.isfinite(seen.df)
    if complex_design.any():
        of_people, of_design = (distributions.t_quantile(1 - tail, df) for df in (seen.n - 1, seen.df))
        effective = np.where(complex_design, effective * (of_people / of_design) ** 2, effective)
    return np.array([beta(float(p), float(m), tail) for p, m in zip(seen.p, effective, strict=True)])


def beta(p: float, n: float, tail: float) -> list[float]:
    """Return Clopper and Pearson's ends (1934, Biometrika 26:404-413) for a share of so many people, no whole number as a rule."""
    if not np.isfinite(n):
        return [np.nan, np.nan]
    yes, no = n * p, n * (1 - p)
    lower = 0.0 if yes <= 0 else _core.input_quantiles("beta", [yes, no + 1], [tail])[0]
    upper = 1.0 if no <= 0 else _core.input_quantiles("beta", [yes + 1, no], [1 - tail])[0]
    return [float(lower), float(upper)]


def _likelihood(seen: Seen, tail: float) -> Floats:
    """Return all shares that the likelihood ratio, scaled to the design, does not reject.

    They are those q with 2 m [p log(p / q) + (1 - p) log((1 - p) / (1 - q))] at most z^2. In a simple or stratified
    sample m is the number of participants n. With weights, clusters or fpc the binomial deviance is divided by the
    design effect of the logit (Rao and Scott 1984, Annals of Statistics 12:46-60), and by the dispersion n / (n - 1)
    of an intercept-only quasi-binomial model: m = (n - 1) / n p (1 - p) / se^2; and t with the design's degrees of
    freedom takes the place of z. So does `svyciprop(method="likelihood")` in R.
    """
    p, n, se = seen.p, seen.n, seen.se
    limit = distributions.t_quantile(1 - tail, seen.df)
    with np.errstate(divide="ignore", invalid="ignore"):
        by_design = np.isfinite(seen.df) & (se > 0)
        effective = np.where(by_design, p * (1 - p) / se**2 * (n - 1) / n, n)

    def rejected(q: Floats) -> Bools:
        with np.errstate(divide="ignore", invalid="ignore"):
            yes = np.where(p > 0, p * np.log(p / q), 0.0)
            no = np.where(p < 1, (1 - p) * np.log((1 - p) / (1 - q)), 0.0)
        return np.asarray(2 * effective * (yes + no) > limit**2)

    ends = []
    for outside in (np.zeros(len(p)), np.ones(len(p))):
        out, inside = outside.copy(), p.copy()
        for _ in range(HALVINGS):
            middle = (out + inside) / 2
            beyond = rejected(middle)
            out, inside = np.where(beyond, middle, out), np.where(beyond, inside, middle)
        ends.append(inside)
    result = np.stack(ends, axis=1)
    result[np.isnan(limit)] = np.nan
    return result


WILSON = Method(
    name="wilson",
    words=english("Wilson score (effective number of participants)"),
    reference="Wilson 1927",
    ends=_of_shares("wilson", wilson),
    rests_on="kind",
    by_design=True,
    simultaneous=simultaneous.MULTIVARIATE_T,
)
BETA = Method(
    name="beta",
    words=english("Korn-Graubard (Clopper-Pearson with the effective number of participants)"),
    reference="Korn and Graubard 1998",
    ends=_of_shares("beta", _korn_graubard),
    rests_on="kind",
    by_design=True,
)
LIKELIHOOD = Method(
    name="likelihood",
    words=english("likelihood-ratio (scaled to the design as Rao and Scott do)"),
    reference="Rao and Scott 1984",
    ends=_of_shares("likelihood", _likelihood),
    rests_on="kind",
    by_design=True,
)
