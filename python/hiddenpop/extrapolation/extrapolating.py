"""From cities with a study to a nation: indicator methods, ratios, synthetic estimates, small areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from ..errors import InputError, in_words, listing, suggest, warn
from ..estimate.combine import concat
from ..estimate.estimate import Estimate
from ..ground import checks
from ..ground.checks import real
from ..ground.signatures import checked
from . import reading
from .fay_herriot import VARIANCES
from .plan import FEWEST_DF, Plan
from .result import Extrapolation
from .sentences import METHODS


@checked
def extrapolate(
    local_estimates: Estimate | Mapping[Any, Estimate],
    indicators: object,
    *,
    target: Any = "nation",
    method: str = "mim_regression",
    population: str = "population",
    transform: str | Mapping[str, str] = "log_rate",
    variance: str = "REML",
    between: float | None = None,
) -> Extrapolation:
    """Extrapolate from areas with an estimate to areas without one, and to the nation.

    Parameters
    ----------
    local_estimates : Estimate or mapping of area to Estimate
        Sizes by area; for ``method="synthetic"`` by area and group.
    indicators : DataFrame
        One row for each area of the nation, with and without an estimate: its index names the areas (for synthetic
        estimates area and group), a column has the population, all other columns are indicators.
    target : "nation", "areas", area or list of areas
        What `result.estimate` is: the total of all areas, the areas without an estimate, or those named.
    method : str
        - "mim_regression": multivariate indicator method, log prevalence regressed on all indicators.
        - "mim_pca": the same on the first principal component of the indicators of all areas.
        - "ratio": in proportion to one indicator (a treatment multiplier across areas).
        - "synthetic": rates by group of the areas with an estimate, applied to every area's population by group.
        - "fay_herriot": regression with the estimates' own variances; areas with an estimate combine it with the
          model's (EBLUP).
    population : str
        The column with the population.
    transform : str or mapping of indicator to str
        How indicators enter regressions: "log_rate" (the logarithm per inhabitant), "rate" (per inhabitant; for counts
        that are zero somewhere), "log" and "none" (for what is no count, such as an index). They are then standardised.
    variance : {"REML", "ML", "FH", "adjusted"}
        For Fay-Herriot: how the variance between areas is estimated for the points. "adjusted" is never zero.
    between : float, optional
        The standard deviation between areas on the log scale, where there are too few to estimate it (0.3 means that
        two of three areas lie within about 30% of what the model says).

    Returns
    -------
    Extrapolation

    Raises
    ------
    InputError
        Areas without a row, missing indicators, too few areas for the number of indicators (each named).

    Warns
    -----
    HiddenpopWarning
        Areas beyond the range of an indicator among areas with an estimate; no variance between areas found.

    See Also
    --------
    trend : over time.
    triangulate : several estimates of one place.

    Notes
    -----
    With y the logarithms of the anchors' rates, X their indicators, y = X b + v + e: v ~ N(0, s) differs between areas,
    e is the estimates' own error, as their draws say. Every replicate fits the model again, to its draws of the anchors less
    area effects v drawn with a variance s from its posterior (Jeffreys' prior of the restricted likelihood), predicts,
    and adds the target's own effect. With anchors known exactly this is the regression's t interval for a new
    observation. Points are means: exp(x'b + s / 2), so that areas add up to the total. Sources: Mariani, Guaiana and Di Fiandra
    (1994) and Kraus et al. (2003, Addiction 98:471-485) for the indicator method; Fay and Herriot (1979, JASA 74:269-277);
    Datta and Lahiri (2000, Statistica Sinica 10:613-627) for mean squared errors; Li and Lahiri (2010) for the
    adjusted likelihood.

    No method knows whether areas that were never studied are like those that were: cities with a study are often those
    with a problem.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"population": [300, 200, 400, 250, 150, 100], "treated": [60, 30, 90, 44, 28, 18]},
    ...                      index=list("ABCDEF")) * [1_000, 10]
    >>> sizes = {"A": hp.published(1_300, 1_100, 1_550, name="A"), "B": hp.published(600, 480, 750, name="B"),
    ...          "C": hp.published(1_700, 1_500, 1_950, name="C"), "D": hp.published(900, 720, 1_150, name="D")}
    >>> nation = hp.extrapolate(sizes, areas, method="ratio")
    >>> round(nation.total.point)
    5424
    >>> nation.areas.labels.to_list()
    ['A', 'B', 'C', 'D', 'E', 'F']
    """
    if method not in METHODS:
        raise InputError(f"method={method!r} must be one of {', '.join(map(repr, METHODS))}.")
    if variance not in VARIANCES:
        raise InputError(f"variance={in_words(variance)} must be one of {', '.join(map(repr, VARIANCES))}.")
    if between is not None and not 0 <= real(between) < 10:
        raise InputError(
            f"between={in_words(between)} must be a standard deviation on the log scale, such as 0.3: zero or more, below 10."
        )
    anchors = reading.read_anchors(local_estimates)
    frame = reading.read_areas(indicators, population)
    reading.check_complete(frame)
    reading.check_known(list(anchors.labels), frame.index)
    reading.check_fits(anchors, frame[population])
    beyond, loadings = pd.DataFrame(), None
    if method == "synthetic":
        plan = _by_group(anchors, frame[population])
    else:
        plan, beyond, loadings = _by_indicators(anchors, frame, population, method, transform)
    plan = replace(plan, variance=variance, fixed=None if between is None else float(between))
    plan.require(len(plan.anchors))
    known = set(plan.anchors)
    without = [i for i in range(len(plan.areas)) if i not in known]
    everywhere = method == "fay_herriot"
    if not without and not everywhere:
        raise InputError("Every area has an estimate, so there is nothing to extrapolate: estimates.sum().")
    predicted = plan.predict(range(len(plan.anchors)), range(len(plan.areas)) if everywhere else without)
    direct = _totals(anchors, plan)
    areas = predicted
    if not everywhere:
        both = concat([direct, predicted], name="population size")
        areas = both[list(plan.areas)]
    areas = replace(areas, labels=plan.areas)
    total = areas.sum("nation")
    chosen = _target(target, areas, total, [plan.areas[i] for i in without])
    result = Extrapolation(chosen, areas, total, predicted, direct, plan, beyond, loadings)
    _warn(result, without)
    return result


def _by_indicators(
    anchors: Estimate, frame: pd.DataFrame, population: str, method: str, transform: str | Mapping[str, str]
) -> tuple[Plan, pd.DataFrame, pd.Series[Any] | None]:
    if anchors.labels.nlevels > 1 or frame.index.nlevels > 1:
        raise InputError(
            "Areas have labels of one level. Estimates by area and group go with method='synthetic'; else add up groups first: "
            "estimates.sum(by='area')."
        )
    columns = frame.drop(columns=population)
    if columns.shape[1] == 0:
        raise InputError("indicators has no column beside the population.")
    loadings = None
    if method == "ratio":
        if columns.shape[1] > 1:
            raise InputError(
                f"A ratio estimate takes one indicator, and there are {columns.shape[1]} ({listing(list(columns))}). Keep one "
                "column beside the population, or use method='mim_regression'."
            )
        zero = columns.index[columns.iloc[:, 0] <= 0]
        if len(zero):
            raise InputError(
                f"The indicator is zero or negative at {listing(list(zero))}; sizes can't be in proportion to it."
            )
        reading.check_counts(columns)
        design, terms = columns.to_numpy(), tuple(map(str, columns.columns))
        made = columns.div(frame[population], axis=0)
    else:
        made = reading.transformed(columns, frame[population], transform)
        used = made
        if method == "mim_pca":
            loadings, explained = reading.first_component(made)
            used = pd.DataFrame({f"the first principal component ({explained:.0%} of variance)": made @ loadings})
        design, terms = reading.constant(used), ("constant", *map(str, used.columns))
    places = tuple(int(i) for i in frame.index.get_indexer(anchors.labels))
    plan = Plan(method, frame.index, frame[population].to_numpy(), design, terms, places, anchors, "REML", None)
    # With a given spread there may be too few areas to have a range.
    ranged = len(places) >= plan.unknowns + FEWEST_DF
    return plan, reading.outside(made, list(anchors.labels)) if ranged else pd.DataFrame(), loadings


def _by_group(anchors: Estimate, people: pd.Series[Any]) -> Plan:
    if anchors.labels.nlevels != 2 or people.index.nlevels != 2:
        raise InputError(
            "Synthetic estimates need estimates by area and group, such as {'Utrecht': sizes_by_group, ...}, and a table with "
            "area and group as its index: indicators.set_index(['area', 'group'])."
        )
    areas = people.index.get_level_values(0).unique()
    groups = people.index.get_level_values(1).unique()
    wide = people.unstack().reindex(index=areas, columns=groups)
    if wide.isna().any(axis=None):
        lost = [pair for pair in pd.MultiIndex.from_product([areas, groups]) if pair not in people.index]
        raise InputError(f"The population of {listing(lost)} is missing; every area needs all groups.")
    cities = anchors.labels.get_level_values(0).unique()
    wanted = pd.MultiIndex.from_product([cities, groups])
    lacking = [pair for pair in wanted if pair not in anchors.labels]
    if lacking:
        raise InputError(f"There is no estimate of {listing(lacking)}; areas need estimates of all groups, or none.")
    sizes = anchors[list(wanted)]
    sizes = replace(sizes, labels=pd.MultiIndex.from_tuples(list(wanted), names=["area", "group"]))
    values = wide.to_numpy(dtype=float)
    places = tuple(int(i) for i in areas.get_indexer(cities))
    return Plan("synthetic", areas, values.sum(axis=1), values, tuple(map(str, groups)), places, sizes, "REML", None)


def _totals(anchors: Estimate, plan: Plan) -> Estimate:
    """Return the areas' own estimates, groups added up."""
    return plan.sizes.sum(by="area") if plan.method == "synthetic" else anchors


def _target(target: Any, areas: Estimate, total: Estimate, without: list[Any]) -> Estimate:
    words = {"nation": total, "areas": areas[without] if without else areas}
    if isinstance(target, str) and target in words:
        if target in areas.labels:
            raise InputError(
                f"An area is called {in_words(target)}, so target={in_words(target)} is not clear; rename it."
            )
        return words[target]
    wanted = list(target) if isinstance(target, Sequence) and not isinstance(target, (str, tuple)) else [target]
    lost = [area for area in wanted if not checks.among(area, areas.labels)]
    if lost or not wanted:
        near = suggest(lost[0], areas.labels) if lost else ""
        raise InputError(f"target={in_words(target)} must be 'nation', 'areas', an area or a list of areas. {near}")
    return areas[wanted] if isinstance(target, Sequence) and not isinstance(target, (str, tuple)) else areas[target]


def _warn(result: Extrapolation, without: Sequence[int]) -> None:
    far = result.outside
    if len(far):
        marked = far.iloc[list(without)]
        said = [
            f"{column!r} at {listing(list(marked.index[marked[column]]))}"
            for column in far
            if bool(marked[column].any())
        ]
        if said:
            warn(
                f"Areas lie beyond the range of the areas with an estimate: {'; '.join(said)}. There the model is not supported "
                "by any study; result.summary() lists them.",
            )
    if result.plan.method == "fay_herriot" and result.plan.fixed is None and result.model.between == 0:
        warn(
            "The estimates differ no more than their own errors do, so the variance between areas is estimated as zero and "
            "points are the regression's alone. Intervals still allow for such differences. variance='adjusted' gives an "
            "estimate above zero.",
        )
