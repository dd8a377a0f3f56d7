"""What somebody chose on the page, as values. Nothing here knows of a browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

#: Answers by which groups are told apart.
Level: TypeAlias = "str | int | float | bool"
How: TypeAlias = Literal["simple", "fieldwork", "counts", "peers", "lists"]


@dataclass(frozen=True)
class Column:
    """What is known of a column, to choose it by."""

    name: str
    label: str
    #: "number", "categories", "yes or no", "text", "date".
    kind: str
    missing: int
    #: The answers that there are, where they are few.
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True)
class Source:
    """A table: a file, or one of a data set."""

    kind: Literal["file", "dataset"]
    name: str
    #: The sheet of a workbook, or the table of a data set.
    table: str = ""
    separator: str = ""
    decimal: str = ""
    encoding: str = ""
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    missing: tuple[str | float, ...] = ()
    #: Whether blank text is a missing answer.
    blank: bool = False


@dataclass(frozen=True)
class Found:
    """How people were found."""

    how: How = "simple"
    id: str = ""
    strata: tuple[str, ...] = ()
    clusters: str = ""
    weights: str = ""
    fpc: str = ""
    counts: str = ""
    #: The participant's id where people recruited one another.
    person: str = ""
    recruiter: str = ""
    coupons: tuple[str, ...] = ()
    own_coupon: str = ""
    degree: str = ""
    time: str = ""
    population: float | None = None
    homophily_on: str = ""
    lists: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sizes:
    """A size by the multiplier method."""

    column: str = ""
    #: The answer that means "in the register", where the column has several.
    level: Level | None = None
    by: str = ""
    #: The register's count, by group (None: of all).
    benchmark: tuple[tuple[Level | None, float], ...] = ()
    name: str = ""
    population: float | None = None


@dataclass(frozen=True)
class Table1:
    """Who took part."""

    columns: tuple[str, ...] = ()
    by: str = ""
    test: bool = False
    smd: bool = False


@dataclass(frozen=True)
class Shares:
    """A column by groups."""

    column: str = ""
    by: str = ""


@dataclass(frozen=True)
class Doubts:
    """How far off the parts of a size may be: a range each."""

    completeness: tuple[float, float] = (1.0, 1.0)
    false_records: tuple[float, float] = (0.0, 0.0)
    truthful: tuple[float, float] = (1.0, 1.0)
    false_reports: tuple[float, float] = (0.0, 0.0)
    recruitment: tuple[float, float] = (1.0, 1.0)
    #: The group that the tornado shows.
    label: Level | None = None
    above: float | None = None


@dataclass(frozen=True)
class Models:
    """Sizes from lists that overlap."""

    criterion: str = "AIC"


@dataclass(frozen=True)
class Peers:
    """How recruitment by peers went."""

    column: str = ""
    prior_median: float | None = None


@dataclass(frozen=True)
class Planned:
    """A study to come."""

    method: Literal["multiplier", "proportion", "rds", "capture"] = "multiplier"
    benchmark: float | None = 5_000
    share: float = 0.3
    precision: float = 0.2
    design_effect: float = 2.0
    population: float | None = 10_000


@dataclass(frozen=True)
class Paper:
    """A report."""

    title: str = ""
    author: str = ""
    language: str = "en"
    suppress_below: int | None = 5
    views: tuple[str, ...] = ()
    #: Whether somebody looked at overlaps of lists and models, which are not looked at for small numbers.
    looked: bool = False
    formats: tuple[Literal["html", "docx"], ...] = ("html", "docx")


@dataclass(frozen=True)
class Choices:
    """All that was chosen."""

    source: Source | None = None
    columns: tuple[Column, ...] = ()
    found: Found = field(default_factory=Found)
    sizes: Sizes = field(default_factory=Sizes)
    table1: Table1 = field(default_factory=Table1)
    shares: Shares = field(default_factory=Shares)
    doubts: Doubts = field(default_factory=Doubts)
    models: Models = field(default_factory=Models)
    peers: Peers = field(default_factory=Peers)
    planned: Planned = field(default_factory=Planned)
    paper: Paper = field(default_factory=Paper)

    def column(self, name: str) -> Column | None:
        """Return what is known of a column."""
        return next((column for column in self.columns if column.name == name), None)
