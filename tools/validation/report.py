"""A page of the docs: summary, how to read it, tables."""

from __future__ import annotations

import math
import platform
import sys
import textwrap
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import hiddenpop as hp
import numpy as np
import pandas as pd

from .assess import FEWEST, Check, Defaults, Figures, Row, assess
from .simulate import NEAR, NEIGHBOURS, SEED, Setting, workers

DOCS = Path(__file__).parents[2] / "docs"


@dataclass(frozen=True)
class Scenario:
    """A table of the report, with what must be known to read it."""

    title: str
    about: str
    rows: list[Row]


@dataclass(frozen=True)
class Family:
    """Scenarios that have a page of the docs together."""

    name: str
    title: str
    page: str
    #: Redraws of each simulated sample.
    replicates: int
    scenarios: Callable[[ProcessPoolExecutor], list[Scenario]]
    checks: Sequence[Check | Defaults]
    summary: Callable[[Figures], str]
    #: More to know before reading the tables.
    reading: str = ""

    def run(self) -> int:
        """Simulate, write the page and return the number of checks that fail."""
        with workers(self.replicates) as pool:
            found = self.scenarios(pool)
        figures = Figures(found)
        failures = [failure for check in self.checks for failure in check.failures(figures)]
        DOCS.mkdir(exist_ok=True)
        (DOCS / self.page).write_text(page(self, found, figures, failures), encoding="utf-8")
        print(f"Wrote {DOCS.name}/{self.page}.")
        for failure in failures:
            print(f"Check fails. {failure}", file=sys.stderr)
        return len(failures)


def rows(settings: Sequence[Setting]) -> list[Row]:
    """Assess several settings."""
    return [row for setting in settings for row in assess(setting)]


def wrap(paragraph: str) -> str:
    """Break a paragraph or a bullet into lines."""
    text = " ".join(paragraph.split())
    return textwrap.fill(text, 118, subsequent_indent="  " if text.startswith("- ") else "", break_on_hyphens=False)


#: Figure, title and digits.
COLUMNS = (
    ("coverage", "coverage %", 1),
    ("error", "s.e.", 2),
    ("least", "least nearby %", 1),
    ("most", "most nearby %", 1),
    ("below", "truth below %", 1),
    ("above", "truth above %", 1),
    ("no_estimate", "no estimate %", 1),
    ("no_interval", "no interval %", 1),
    ("no_upper", "upper = ∞ %", 1),
    ("no_lower", "lower ≤ 0 %", 1),
    ("width", "width / truth", 3),
)
#: Shown only in tables where they are not zero or unknown throughout.
RARE = ("least", "most", "no_estimate", "no_interval", "no_upper", "no_lower")

READING = f"""\
Each row simulates surveys of a population whose true value is known, makes a 95% interval from each survey's
{{replicates:,}} replicates, and counts how often the interval holds the true value.

- **coverage %**: intervals that hold the truth; 95 is promised. Limits belong to the interval.
- **s.e.**: Monte Carlo standard error of the coverage, in percentage points.
- **least nearby %**, **most nearby %**: the least and the most coverage for {NEIGHBOURS} values of p from {1 - NEAR:g} to
  {1 + NEAR:g} times the stated one, with the same n. Coverage jumps up and down with p, as counts are whole numbers: a
  single p can be lucky.
- **truth below %**, **truth above %**: intervals that lie wholly above or wholly below the truth, so that the truth
  is below their lower or above their upper limit; 2.5 each is ideal.
- **no estimate %**: of all samples, those where nobody was in the register, so that the size has no estimate
  (`EstimationError`). They count nowhere else: all other columns are about samples with an estimate.
- **no interval %**: of samples with an estimate, those where the method gives NaN and a warning. Coverage and width
  are about the intervals that were given, so a method that declines hard samples looks better than it is.
- **upper = ∞ %**: intervals without an upper limit. They count as covering, unless the truth is below them.
- **lower ≤ 0 %**: intervals whose lower limit says nothing about a positive quantity (zero, negative or minus
  infinity).
- **width / truth**: median width of the intervals, relative to the true value.

Columns that would be zero throughout a table are left out. A dash stands where fewer than {FEWEST:.0%} of samples with
an estimate got an interval. The package's default is 10,000 replicates, whose limits wobble less than these do."""


def markdown(rows: Sequence[Row]) -> str:
    """Return a table, without columns that say nothing."""
    shown = [c for c in COLUMNS if c[0] not in RARE or any(getattr(r, c[0]) >= 0.05 for r in rows)]
    lines = [["setting", "method", *(title for _, title, _ in shown)]]
    last = ""
    for row in rows:
        setting, last = ("" if row.setting == last else row.setting), row.setting
        lines.append([setting, row.way, *(_number(getattr(row, name), digits) for name, _, digits in shown)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [_line(cells, widths) for cells in lines]
    rule = [f"{'-' * w}" if i < 2 else f"{'-' * (w - 1)}:" for i, w in enumerate(widths)]
    return "\n".join([text[0], _line(rule, widths), *text[1:]])


def _number(value: float, digits: int) -> str:
    if math.isnan(value):
        return "–"
    return "∞" if math.isinf(value) else f"{value:.{digits}f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))]
    return f"| {' | '.join(padded)} |"


def page(family: Family, found: Sequence[Scenario], figures: Figures, failures: Sequence[str]) -> str:
    """Return the whole page."""
    versions = (
        f"hiddenpop {hp.__version__}, Python {platform.python_version()}, NumPy {np.__version__}, "
        f"pandas {pd.__version__}"
    )
    held = f"All {len(family.checks)} checks on these numbers hold." if not failures else "Checks that fail:"
    made = (
        f"Written on {date.today():%Y-%m-%d} by `python tools/validate.py {family.name}` (`make validate` runs all "
        f"families) with {versions}. Seeds are fixed ({SEED} and the number of the sample): the same versions give the "
        f"same numbers. {held}"
    )
    parts = [
        f"# {family.title}",
        wrap(made),
        *(["\n".join(f"- {failure}" for failure in failures)] if failures else []),
        "## What this says: which interval should I use?",
        family.summary(figures) if not failures else "Withheld: the numbers no longer match the text.",
        "## How to read the tables",
        READING.format(replicates=family.replicates),
        *([family.reading] if family.reading else []),
    ]
    for scenario in found:
        parts += [f"## {scenario.title}", wrap(scenario.about), markdown(scenario.rows)]
    return "\n\n".join(parts) + "\n"
