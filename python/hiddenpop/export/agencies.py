"""Rows of agencies' forms: `euda` for the European Union Drugs Agency, `gam` for UNAIDS and WHO."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from ..draws.settings import within
from ..errors import HiddenpopWarning, InputError, in_words, suggest
from ..estimate.arithmetic import as_estimate
from ..estimate.estimate import Estimate
from ..expression.nodes import Node
from ..ground import checks
from ..ground.columns import Floats
from ..ground.language import ENGLISH
from ..ground.signatures import checked
from ..words import methods
from . import forms, parts
from .small import Small

Said = TypeVar("Said")
Ages = tuple[int, int]
Each = Any  # one value for all labels, or a mapping of label to value


@checked
def euda(
    estimate: Estimate,
    *,
    country: Each,
    year: Each,
    area: Each,
    substance: Each,
    target_group: Each,
    case_definition: Each,
    ages: Ages | Mapping[Any, Ages] | pd.Series[Any],
    sources: str | Sequence[str] | Mapping[Any, str],
    population: float | Mapping[Any, float] | pd.Series[Any] | Estimate | None = None,
    population_ages: Ages = (15, 64),
    share_in_ages: Estimate | float | None = None,
    data_source: Each = None,
    reference: Each = None,
    method: Each = None,
    interval: str = "95%",
    bounds: Mapping[Any, tuple[float, float]] | pd.Series[Any] | tuple[float, float] | None = None,
    suppress_below: int | None = None,
) -> pd.DataFrame:
    """Return rows for the tables of high-risk drug use of the European Union Drugs Agency (EUDA), one a label.

    Parameters
    ----------
    estimate : Estimate
        Sizes, or rates made by `size.per(population)`, in whose history size and population are found again.
    country, year, area, substance, target_group, case_definition : str (year: int or "2022/23"), or mapping of label to it
        What the agency asks for. Target groups in its tables are POU, PSU, IDU and PDU (problem opioid, stimulant, injecting
        and drug use), later HRDU, HROU and PWID (high-risk drug and opioid use, people who inject drugs), whose definitions are
        written beside them; any other text goes. A `case_definition` may be a mapping of the substances given, too.
    ages : (int, int), or mapping of label to it
        Youngest and oldest of the people counted.
    sources : str, list of str, or mapping of label to str
        Where the data come from.
    population : number, mapping, Series or Estimate, optional
        People aged `population_ages`; needed with sizes.
    population_ages : (int, int)
        Ages of the population in the rate.
    share_in_ages : Estimate or 1, optional
        Share of the people counted who are of these ages, such as ``survey.proportion("aged_15_64", by="group")``. Needed where
        `ages` are others, because the rate's numerator must be of the denominator's ages. 1 says that all are, which
        can only be so where `ages` lie within; where they do, no smaller share is taken.
    data_source : str or list of str, or mapping of label to it, optional
        TR treatment, HO hospital, CJ criminal justice, DRD drug-related deaths, DRID drug-related infectious diseases, LTS
        low-threshold services, OST opioid substitution treatment, OS other sources. Read from `sources` where each of them says
        one of these; left blank where not.
    reference : str, or mapping of label to it, optional
        Where the estimate was published.
    method : str, or mapping of label to it, optional
        CR capture-recapture, TM treatment multiplier, PM police multiplier, MM mortality multiplier, HM HIV multiplier, MI
        multivariate indicator, TP truncated Poisson, CM combined methods, OT other. Found in the estimate's history where that
        says it: a multiplier's register by the benchmark's name and the survey's column.
    interval : {"95%", "sensitivity"}
        A 95% interval of the estimate, or limits of a sensitivity analysis, then given by `bounds`.
    bounds : (low, high), or mapping of label to it, optional
        Limits of the size from a sensitivity analysis.
    suppress_below : int, optional
        Leave out labels that rest on 1 to `suppress_below - 1` participants, and those from which others could be worked out, as
        `hp.Report` does; a warning names them. Numbers keep the digits that a report shows.

    Returns
    -------
    DataFrame
        Sizes in whole people, of the ages counted; rates per 1,000 with two decimals, of `population_ages`. Write it with `to_csv` or
        `to_excel`.

    Raises
    ------
    InputError
        A field that is missing or holds what the form doesn't take; ages of numerator and denominator that differ; a
        method that contradicts the estimate's history; with `suppress_below`, nothing that is left, or an estimate that doesn't say
        on whom it rests.

    See Also
    --------
    gam : UNAIDS's form.
    hiddenpop.Estimate.per : rates for a population.

    Notes
    -----
    Columns follow the agency's Statistical bulletin of 2012 (Tables PDU-1, PDU-102, PDU-103 and Figure PDU-1), whose method
    codes these are: country, year, method, low, high and central estimate. The template in which countries enter them
    (Fonte) is not public, so the names of columns are ours.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> people = hp.published(13_300, 12_600, 14_200, name="people who use opioids")
    >>> rows = hp.export.euda(people.per(11_700_000), country="Netherlands", year=2023, area="national",
    ...     substance="opioids", target_group="POU", case_definition="at least weekly", ages=(15, 64),
    ...     method="TM", sources="treatment register, field survey")
    >>> rows[["central", "lower", "upper", "rate", "method"]].values.tolist()
    [[13300, 12600, 14200, 1.14, 'TM']]
    """
    size, people = _size_and_population(estimate, population)
    _check_kind(interval, bounds)
    covered = _ages(population_ages, "population_ages")
    numerator, note = _restrict(size, ages, covered, share_in_ages)
    rate = numerator.per(people, base=1000)
    small = None if suppress_below is None else Small.of(suppress_below, size, rate)
    sizes, rates, warned = _numbers(size, rate, interval, bounds, small)
    allowed = parts.methods(size)
    rows: list[tuple[str, dict[str, Any]]] = []
    for i, (label, key) in enumerate(zip(parts.labels(size), size.labels, strict=True)):
        if small is not None and small.hidden[i]:
            continue

        def of(value: Any, name: str, key: Any = key) -> Any:
            return _of(value, key, name, size)

        found: dict[str, Any] = {
            name: of(value, name)
            for name, value in (
                ("country", country),
                ("year", year),
                ("area", area),
                ("substance", substance),
                ("target_group", target_group),
                ("case_definition", _by_substance(case_definition, substance, key, size)),
                ("reference", reference),
            )
        }
        low, high = _ages(of(ages, "ages"), "ages")
        found |= {
            "age_range": f"{low}-{high}",
            "central": _people(sizes[i, 0]),
            "lower": _people(sizes[i, 1]),
            "upper": _people(sizes[i, 2]),
            "rate": _per_thousand(rates[i, 0]),
            "rate_lower": _per_thousand(rates[i, 1]),
            "rate_upper": _per_thousand(rates[i, 2]),
            "rate_ages": f"{covered[0]}-{covered[1]}",
            "method": _code(of(method, "method"), allowed, size),
            "interval": interval,
            "sources": _sources(of(sources, "sources")),
            "data_source": _data_source(of(data_source, "data_source"), of(sources, "sources")),
            "group_definition": forms.target_groups().get(found["target_group"], ""),
            "note": " ".join([*note, *warned, *_in_english(methods.caveats, estimate)]),
        }
        rows.append((label, found))
    return forms.table("euda", rows)


@checked
def gam(
    estimate: Estimate | Mapping[str, Estimate],
    *,
    country: Each,
    population: Each,
    definition: Each,
    year: Each,
    adequacy: Each,
    sources: str | Sequence[str] | Mapping[Any, str],
    area: Each = None,
    method: Each = None,
    interval: str = "95%",
    bounds: Mapping[Any, tuple[float, float]] | pd.Series[Any] | tuple[float, float] | None = None,
    suppress_below: int | None = None,
) -> pd.DataFrame:
    """Return rows for the sizes of key populations in Global AIDS Monitoring (UNAIDS/WHO), one a label.

    Parameters
    ----------
    estimate : Estimate or mapping of site to Estimate
        Sizes; several sites as ``{"Rotterdam": sizes, "Amsterdam": others}``, whose names are then their areas. What follows may be a
        mapping of sites to values, too.
    country, definition, area : str, or mapping of label to it
        Country; who belongs to the population, with the inclusion criteria of the study; "national", or the site.
    population : str, or mapping of label to it
        "sex workers", "gay men and other men who have sex with men", "people who inject drugs", "transgender people" or "people
        in prisons and other closed settings": populations A to E of the indicator.
    year : int or str, or mapping of label to it
        When it was.
    adequacy : {"nationally adequate", "locally adequate", "inadequate"}, or mapping of label to it
        Whether the estimate is good for the country, for its area only, or not. Shortened from the five categories of Sabin
        et al. (2016, PLoS One 11:e0155150), whose criteria are not checked here.
    sources : str, list of str, or mapping of label to str
        Where the data come from.
    method : str, or mapping of label to it, optional
        "capture-recapture", "multiplier", "network scale-up", "respondent-driven sampling", "census or enumeration",
        "truncated counts", "several methods" or "other". Found in the estimate's history where that says it.
    interval, bounds, suppress_below
        As in `euda`.

    Returns
    -------
    DataFrame
        Sizes in whole people.

    Raises
    ------
    InputError
        As `euda`.

    See Also
    --------
    euda : the drugs agency's form.

    Notes
    -----
    Populations, and that definition, method and site-specific estimates are asked for, are from the indicator registry
    (Estimates of the size of key populations). The entry form was not seen: names of columns and methods are ours.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> people = hp.published(1_200, 900, 1_700, name="people who inject")
    >>> rows = hp.export.gam(people, country="Netherlands", population="people who inject drugs", definition="in the last year",
    ...     area="Rotterdam", year=2023, adequacy="locally adequate", method="multiplier", sources="needle exchange")
    >>> rows[["estimate", "lower", "upper"]].values.tolist()
    [[1200, 900, 1700]]
    """
    if isinstance(estimate, Mapping):
        every = {
            "country": country, "population": population, "definition": definition, "year": year, "adequacy": adequacy,
            "sources": sources, "area": area, "method": method, "bounds": bounds, "suppress_below": suppress_below,
        }  # fmt: skip
        return _of_sites(estimate, every, interval)
    if not isinstance(estimate, Estimate) or estimate.quantity != "size":
        raise InputError(f"The form takes sizes of populations, as Estimates; this is {_called(estimate)}.")
    _check_kind(interval, bounds)
    small = None if suppress_below is None else Small.of(suppress_below, estimate)
    sizes, _, warned = _numbers(estimate, estimate, interval, bounds, small)
    allowed = tuple(dict.fromkeys(parts.NAMES.get(code, "other") for code in parts.methods(estimate)))
    rows: list[tuple[str, dict[str, Any]]] = []
    for i, (label, key) in enumerate(zip(parts.labels(estimate), estimate.labels, strict=True)):
        if small is not None and small.hidden[i]:
            continue
        given = {
            "country": country,
            "population": population,
            "definition": definition,
            "area": area,
            "year": year,
            "method": method,
            "adequacy": adequacy,
            "sources": sources,
        }
        found = {name: _of(value, key, name, estimate) for name, value in given.items()}
        found |= {
            "method": _code(found["method"], allowed, estimate, others=("several methods", "other")),
            "estimate": _people(sizes[i, 0]),
            "lower": _people(sizes[i, 1]),
            "upper": _people(sizes[i, 2]),
            "interval": interval,
            "sources": _sources(found["sources"]),
            "note": " ".join([*warned, *_in_english(methods.caveats, estimate)]),
        }
        rows.append((label, found))
    return forms.table("gam", rows)


def _of_sites(sites: Mapping[str, Estimate], every: Mapping[str, Any], interval: str) -> pd.DataFrame:
    """Return the rows of several sites under one another."""
    if not sites:
        raise InputError("There are no sites: give {'Rotterdam': sizes, ...}.")
    for name, value in every.items():
        if isinstance(value, Mapping) and any(key in sites for key in value):
            unknown = [key for key in value if key not in sites]
            if unknown:
                raise InputError(
                    f"{name}= has {in_words(unknown[0])}, which is no site. {suggest(unknown[0], list(sites))}"
                )
    frames = []
    for site, est in sites.items():
        mine: dict[str, Any] = {
            n: v.get(site) if isinstance(v, Mapping) and any(k in sites for k in v) else v for n, v in every.items()
        }
        mine["area"] = site if mine["area"] is None else mine["area"]
        try:
            frames.append(gam(est, interval=interval, **mine))
        except InputError as error:
            raise InputError(f"Site {in_words(site)}: {error}") from error
    return pd.concat(frames, ignore_index=True)


def _called(thing: object) -> str:
    return f"a {thing.quantity}" if isinstance(thing, Estimate) else type(thing).__name__


def _size_and_population(estimate: Any, population: Any) -> tuple[Estimate, Estimate]:
    if not isinstance(estimate, Estimate) or estimate.quantity not in ("size", "rate"):
        raise InputError(
            f"The form takes sizes of populations or rates, as Estimates; this is {_called(estimate)}. Published figures enter by "
            "hp.published."
        )
    if estimate.quantity == "size":
        if population is None:
            raise InputError(
                "population= is missing: how many people of the rate's ages there are. Or give a rate: size.per(population)."
            )
        return estimate, Estimate.wrap(as_estimate(population))
    if population is not None:
        raise InputError("The rate has its population already; leave population= out, or give the size.")
    rate = parts.take_apart(estimate)
    return rate.size, rate.population


def _check_kind(interval: str, bounds: object) -> None:
    if interval == "sensitivity" and bounds is None:
        raise InputError("interval='sensitivity' needs the limits that the analysis gave: bounds=(low, high).")
    if interval != "sensitivity" and bounds is not None:
        raise InputError("bounds= are limits of a sensitivity analysis: say interval='sensitivity'.")


def _restrict(size: Estimate, ages: Any, covered: Ages, share: Estimate | float | None) -> tuple[Estimate, list[str]]:
    """Return the people of the denominator's ages, and what to note about them."""
    every = [_ages(_of(ages, key, "ages", size), "ages") for key in size.labels]
    named = f"{covered[0]} to {covered[1]}"
    other = [one for one in every if one != covered]
    if share is None:
        if other:
            raise InputError(
                f"The people counted are aged {other[0][0]} to {other[0][1]}, the rate's population {named}, so the rate would "
                f"count people who are not in its population, or lack some who are. Give the share of those aged {named}: "
                "share_in_ages=survey.proportion(...). Or restrict the size: multiply it by that share, and say "
                f"ages={covered}."
            )
        return size, []
    if isinstance(share, Estimate):
        if share.quantity not in ("share", "mean", "other") or np.any((share.node.point < 0) | (share.node.point > 1)):
            raise InputError(f"share_in_ages= is {_called(share)}, not a share between 0 and 1.")
        numerator = size * share
        _check_within(size, numerator, every, covered)
    elif share == 1 and not isinstance(share, bool):
        outside = [one for one in every if one[0] < covered[0] or one[1] > covered[1]]
        if outside:
            raise InputError(
                f"The people counted are aged {outside[0][0]} to {outside[0][1]}, so not all need be {named}. Give their share "
                "as an Estimate: share_in_ages=survey.proportion(...)."
            )
        numerator = size
    else:
        raise InputError(
            "share_in_ages= is an Estimate, such as survey.proportion(...), or 1 if all are of these ages."
        )
    note = f"The rate counts those aged {named}."
    low = max(one[0] for one in every)
    high = min(one[1] for one in every)
    if low > covered[0]:
        note += f" Nobody below {low} was counted."
    if high < covered[1]:
        note += f" Nobody above {high} was counted."
    return numerator, [note]


def _check_within(size: Estimate, numerator: Estimate, every: Sequence[Ages], covered: Ages) -> None:
    """Refuse a share below one of people who all are of the ages."""
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = numerator.node.point / size.node.point
    for label, one, share in zip(parts.labels(size), every, shares, strict=True):
        if covered[0] <= one[0] and one[1] <= covered[1] and share < 1:
            raise InputError(
                f"The people counted as {label} are aged {one[0]} to {one[1]}, all of them within {covered[0]} to {covered[1]}, so "
                "share_in_ages= can't be less than 1. Leave it out or give 1; or say in ages= how young and old they really are."
            )


def _numbers(
    size: Estimate, rate: Estimate, interval: str, bounds: Any, small: Small | None
) -> tuple[Floats, Floats, list[str]]:
    """Return sizes and rates, each with its limits (labels x 3), and what must be known about them."""
    if interval == "sensitivity":
        pairs = [_pair(_of(bounds, key, "bounds", size)) for key in size.labels]
        limits = np.array(pairs, dtype=float)
        wrong = (limits[:, 0] > size.node.point) | (limits[:, 1] < size.node.point)
        if wrong.any():
            label = parts.labels(size)[int(np.flatnonzero(wrong)[0])]
            raise InputError(f"The estimate of {in_words(label)} lies outside its bounds.")
        rates = limits * (rate.node.point / size.node.point)[:, None]
        points = [one.node.point if small is None else small.numbers(one)[:, 0] for one in (size, rate)]
        return np.column_stack([points[0], limits]), np.column_stack([points[1], rates]), []
    if small is not None:
        said = dict.fromkeys(text for one in (size, rate) for text in small.notes(one))
        return small.numbers(size), small.numbers(rate), list(said)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", HiddenpopWarning)
        found = [np.column_stack([one.node.point, one.interval(0.95).to_numpy()]) for one in (size, rate)]
    said = dict.fromkeys(f"{str(one.message).rstrip('.')}." for one in caught)
    return found[0], found[1], list(said)


def _pair(value: Any) -> tuple[float, float]:
    try:
        low, high = (float(one) for one in value)
    except (TypeError, ValueError):
        raise InputError(f"bounds={in_words(value)} must be two numbers of people, (low, high).") from None
    if not (math.isfinite(low) and math.isfinite(high) and 0 <= low <= high):
        raise InputError(f"bounds={in_words(value)} must be two numbers of people, (low, high).")
    return low, high


def _of(value: Any, label: Any, name: str, est: Estimate) -> Any:
    """Return what a label is given, of a mapping, or what all are given."""
    if isinstance(value, np.generic):
        return value.item()
    if not isinstance(value, (Mapping, pd.Series)):
        return value
    value = checks.by_label(value, f"{name}= has")
    unknown = [key for key in value if key not in est.labels]
    if unknown:
        raise InputError(f"{name}= has {in_words(unknown[0])}, which is no label. {suggest(unknown[0], est.labels)}")
    found = value.get(label)
    return found.item() if isinstance(found, np.generic) else found


def _ages(value: Any, name: str) -> Ages:
    whole = isinstance(value, (tuple, list)) and len(value) == 2
    if not whole or not all(isinstance(one, (int, np.integer)) and not isinstance(one, bool) for one in value):
        raise InputError(f"{name}={in_words(value)} must be the youngest and the oldest age, such as (15, 64).")
    low, high = int(value[0]), int(value[1])
    if not 0 <= low <= high <= 120:
        raise InputError(f"{name}={in_words(value)} must be the youngest and the oldest age, such as (15, 64).")
    return low, high


def _code(given: Any, allowed: tuple[str, ...], est: Estimate, others: tuple[str, ...] = ("CM", "OT")) -> Any:
    """Return the method: what was given if it can be, else what the history says."""
    if isinstance(given, str):  # tm is TM
        given = next((one for one in (*allowed, *others) if one.lower() == given.lower()), given)
    if given is None:
        if len(allowed) > 1:
            raise InputError(
                f"method= is missing: '{est.name}' was made by {_in_english(methods.estimator, est)}, which may be "
                f"{', '.join(allowed)}. Say which."
            )
        return allowed[0] if allowed else None
    if allowed and given not in (*allowed, *others):
        raise InputError(
            f"method={in_words(given)} contradicts how '{est.name}' was made ({_in_english(methods.estimator, est)}), which is "
            f"{' or '.join(allowed)}."
        )
    return given


def _data_source(given: Any, sources: Any) -> Any:
    """Return the codes given, or those that the sources' names say."""
    if given is None:
        named = [sources] if isinstance(sources, str) else sources
        listed = isinstance(named, (list, tuple)) and all(isinstance(one, str) for one in named)
        return parts.data_source(part for one in named for part in one.split(", ")) if listed else None
    codes = _sources(given)
    return codes.upper() if isinstance(codes, str) else codes


def _by_substance(definition: Any, substance: Any, key: Any, est: Estimate) -> Any:
    """Return the definition of a label's substance, where definitions are given by substance."""
    if not isinstance(definition, Mapping) or all(name in est.labels for name in definition):
        return definition
    mine = _of(substance, key, "substance", est)
    every = {_of(substance, label, "substance", est) for label in est.labels}
    unknown = [name for name in definition if name not in every]
    if unknown:
        choices = [*est.labels, *every]
        raise InputError(
            f"case_definition= has {in_words(unknown[0])}, which is no label and no substance. {suggest(unknown[0], choices)}"
        )
    return definition.get(mine)


def _in_english(said: Callable[[Node], Said], est: Estimate) -> Said:
    """Say something of an estimate in the language of agencies and of errors."""
    with within(language=ENGLISH):
        return said(est.node)


def _sources(value: Any) -> Any:
    return "; ".join(str(one) for one in value) if isinstance(value, (list, tuple)) else value


def _people(value: float) -> float | int:
    return round(float(value)) if math.isfinite(value) else float(value)


def _per_thousand(value: float) -> float:
    """Round as the agency's tables do; a small rate keeps three digits."""
    value = float(value)
    if not math.isfinite(value) or value == 0:
        return value
    return round(value, 2 if value >= 1 else 2 - math.floor(math.log10(value)))
