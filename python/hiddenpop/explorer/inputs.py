"""From the values of the page's fields to what was chosen. What a browser sends is checked: columns are those of the table."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

from .choices import (
    Choices,
    Column,
    Doubts,
    Found,
    Level,
    Models,
    Paper,
    Peers,
    Planned,
    Shares,
    Sizes,
    Source,
    Table1,
)

Kind = TypeVar("Kind", bound=str)
Get = Callable[[str], Any]
CRITERIA = ("AIC", "AICc", "BIC")
LANGUAGES = {"en": "English", "nl": "Dutch", "de": "German", "fr": "French", "es": "Spanish", "pt": "Portuguese"}


def text(value: Any) -> str:
    """Return what was typed, without blanks around it."""
    return value.strip() if isinstance(value, str) else ""


def words(value: Any) -> tuple[str, ...]:
    """Return words that were typed with commas between them."""
    return tuple(word for word in map(str.strip, text(value).split(",")) if word)


def number(value: Any) -> float | None:
    """Return a number that was typed, or nothing."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def _code(word: str) -> str | float:
    """Return a code as the number that it is."""
    return word if number(word) is None else float(word)


def one_of(value: Any, known: tuple[Kind, ...]) -> Kind:
    """Return one of some words, the first if it is none of them."""
    return next((word for word in known if word == value), known[0])


def ends(value: Any, neutral: float) -> tuple[float, float]:
    """Return the ends of a range that a slider says."""
    try:
        low, high = (round(float(end), 6) for end in value)
    except (TypeError, ValueError):
        return neutral, neutral
    return low, high


def source(get: Get, kind: str, name: str) -> Source:
    """Return the table that was loaded, with what was settled about it."""
    if kind == "dataset":
        return Source("dataset", name, text(get("dataset_table")))
    return Source(
        "file",
        name,
        text(get("source_sheet")),
        text(get("source_separator")).replace("tab", "\t"),
        one_of(get("source_decimal"), ("", ".", ",")),
        text(get("source_encoding")),
        words(get("source_yes")),
        words(get("source_no")),
        tuple(_code(word) for word in words(get("source_missing"))),
        bool(get("source_blank")),
    )


def choices(get: Get, table: Source | None, columns: tuple[Column, ...]) -> Choices:
    """Return all that was chosen."""
    known = {column.name: column for column in columns}

    def column(field: str) -> str:
        value = get(field)
        return value if value in known else ""

    def several(field: str) -> tuple[str, ...]:
        return tuple(name for name in get(field) or () if name in known)

    def levels(name: str) -> tuple[Level, ...]:
        return known[name].levels if name in known else ()

    def level(field: str, name: str) -> Level | None:
        place = number(get(field))
        own = levels(name)
        return own[int(place)] if place is not None and 0 <= place < len(own) else None

    by, asked = column("sizes_by"), column("sizes_column")
    given: list[tuple[Level | None, float | None]] = [(None, number(get("sizes_benchmark_all")))]
    if by:
        given = [(one, number(get(f"sizes_benchmark_{i}"))) for i, one in enumerate(levels(by))]
    smallest = number(get("paper_below"))
    return Choices(
        source=table,
        columns=columns,
        found=Found(
            how=one_of(get("found_how"), ("simple", "fieldwork", "counts", "peers", "lists")),
            id=column("found_id"),
            strata=several("found_strata"),
            clusters=column("found_clusters"),
            weights=column("found_weights"),
            fpc=column("found_fpc"),
            counts=column("found_list_counts") if get("found_how") == "lists" else column("found_counts"),
            person=column("found_person"),
            recruiter=column("found_recruiter"),
            coupons=several("found_coupons"),
            own_coupon=column("found_own_coupon"),
            degree=column("found_degree"),
            time=column("found_time"),
            population=number(get("found_population")),
            homophily_on=column("found_homophily_on"),
            lists=several("found_lists"),
        ),
        sizes=Sizes(
            column=asked,
            level=level("sizes_level", asked) if asked and known[asked].kind != "yes or no" else None,
            by=by,
            benchmark=tuple((one, count) for one, count in given if count is not None),
            name=text(get("sizes_name")),
            population=number(get("sizes_population")),
        ),
        table1=Table1(
            several("table1_columns"), column("table1_by"), bool(get("table1_test")), bool(get("table1_smd"))
        ),
        shares=Shares(column("shares_column"), column("shares_by")),
        doubts=Doubts(
            completeness=ends(get("doubts_completeness"), 1.0),
            false_records=ends(get("doubts_false_records"), 0.0),
            truthful=ends(get("doubts_truthful"), 1.0),
            false_reports=ends(get("doubts_false_reports"), 0.0),
            recruitment=ends(get("doubts_recruitment"), 1.0),
            label=level("doubts_label", by),
            above=number(get("doubts_above")),
        ),
        models=Models(one_of(get("models_criterion"), CRITERIA)),
        peers=Peers(column("peers_column"), number(get("peers_prior"))),
        planned=Planned(
            method=one_of(get("plan_method"), ("multiplier", "proportion", "rds", "capture")),
            benchmark=number(get("plan_benchmark")),
            share=(number(get("plan_share")) or 0.0) / 100,
            precision=(number(get("plan_precision")) or 0.0) / 100,
            design_effect=number(get("plan_effect")) or 1.0,
            population=number(get("plan_population")),
        ),
        paper=Paper(
            title=text(get("paper_title")),
            author=text(get("paper_author")),
            language=one_of(get("paper_language"), tuple(LANGUAGES)),
            suppress_below=int(smallest) if get("paper_suppress") and smallest is not None else None,
            views=tuple(get("paper_views") or ()),
            looked=bool(get("paper_looked")),
        ),
    )
