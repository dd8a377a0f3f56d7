"""Draw the coverage tables of docs/validation*.md as figures, and set them first on their pages, with their words.

`.venv/bin/python -m tools.validation_figures`, after the pages were written (`make validate` does both). Nothing is simulated here.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

DOCS = Path(__file__).parents[1] / "docs"
BEGIN, END = "<!-- figure: begin -->", "<!-- figure: end -->"
#: What the default interval is held to: design.md's promise, in per cent.
PROMISED = (93.5, 98.0)


@dataclass(frozen=True)
class Drawing:
    """A page, what its dots are, and which numbers of its tables they are."""

    page: str
    each: str
    #: Headings of columns with coverage; each is a line of its own unless `method` names one.
    columns: tuple[str, ...]
    method: str | None = None
    #: Tables under headings with this are drawn.
    section: str = ""
    #: A column whose rows with 10 are drawn.
    among: str = ""
    #: Lines with fewer dots are left out: what was looked at in few settings.
    least: int = 1

    @property
    def picture(self) -> str:
        """Name of its file."""
        return f"coverage_{self.page}.svg"


DRAWINGS = (
    Drawing("validation", "setting", ("coverage %",), method="method", least=5),
    Drawing("validation_designs", "setting", ("coverage %",), method="method", least=5),
    Drawing("validation_extrapolate", "setting", ("areas: cover", "total: cover"), method="method", least=3),
    Drawing("validation_plan", "share and number of interviews", ("coverage",), method="design effect"),
    Drawing(
        "validation_rds",
        "kind of sample with ten seeds from everybody",
        ("successive", "salganik", "tree", "seeds (again)", "neighbourhood", "linearised t", "as if simple"),
        among="seeds",
    ),
    Drawing("validation_synthesis", "set of sources with biases", ("covers",), method="method", section="biases"),
)


def tables(text: str) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Return the tables of a page, each with the heading that it stands under; an empty first cell is that above."""
    heading, block = "", []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            block.append([cell.strip() for cell in line.strip("|").split("|")])
            continue
        if len(block) > 2:
            head, _, *rows = block
            head = [f"{name} (again)" if name in head[:i] else name for i, name in enumerate(head)]
            for above, below in itertools.pairwise(rows):
                below[0] = below[0] or above[0]
            yield heading, [dict(zip(head, row, strict=True)) for row in rows]
        block = []
        if line.startswith("#"):
            heading = line.lstrip("# ")


def coverage(drawing: Drawing) -> dict[str, list[float]]:
    """Return coverage in per cent by what the figure has a line for, in the order of the page."""
    found: dict[str, list[float]] = {}
    drawn: list[dict[str, str]] = []  # worlds that stand in two tables have equal lines, and are drawn once
    text = (DOCS / f"{drawing.page}.md").read_text(encoding="utf-8")
    for heading, rows in tables(text):
        if not set(drawing.columns) & set(rows[0]) or not re.search(drawing.section, heading):
            continue
        for row in rows:
            if drawing.among and (row[drawing.among] != "10" or row in drawn):
                continue
            drawn.append(row)
            for column in drawing.columns:
                number = re.match(r"[\d.]+", row.get(column, ""))
                if number is None:
                    continue
                line = row[drawing.method].strip("`") if drawing.method else column.removesuffix(" (again)")
                if drawing.method == "design effect":
                    line = f"design effect {line}"
                if len(drawing.columns) > 1 and drawing.method:
                    line = f"{line}, {column.partition(':')[0]}"
                found.setdefault(line, []).append(float(number[0]))
    return {line: shares for line, shares in found.items() if len(shares) >= drawing.least}


def words(drawing: Drawing, found: dict[str, list[float]]) -> str:
    """Say what the figure shows, with its numbers."""
    said = [
        f"{line} {min(shares):.0f} to {max(shares):.0f}% (median {np.median(shares):.0f}%)"
        for line, shares in found.items()
    ]
    return f"How often 95% intervals hold the truth, a dot for each {drawing.each}: {'; '.join(said)}."


def draw(drawing: Drawing, found: dict[str, list[float]]) -> None:
    """Draw a dot for each setting, a line for each method, and the range that is promised."""
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": drawing.page, "font.family": "sans-serif"})
    figure = Figure(figsize=(7.2, 0.9 + 0.27 * len(found)), layout="constrained")
    axes = figure.subplots()
    axes.axvspan(*PROMISED, color="#0072b2", alpha=0.12, lw=0)
    axes.axvline(95, color="#555555", lw=1, ls=(0, (4, 2)))
    lowest = max(0.0, min(min(shares) for shares in found.values()) - 1)
    for place, (line, shares) in enumerate(found.items()):
        spread = np.linspace(-0.22, 0.22, len(shares)) if len(shares) > 1 else np.zeros(1)
        colour = "#d55e00" if line == "default" else "#0072b2"
        axes.plot(shares, place + spread, "o", ms=3.2, color=colour, alpha=0.75, mew=0)
        axes.plot([np.median(shares)] * 2, [place - 0.32, place + 0.32], color="#000000", lw=1.2)
    axes.set_yticks(range(len(found)), list(found))
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.set_xlim(max(lowest, 0), 100.8)
    axes.set_xlabel("95% intervals that hold the truth, per cent; shaded: 93.5 to 98")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(DOCS / drawing.picture, metadata={"Date": None, "Creator": None})


def placed(text: str, picture: str) -> str:
    """Set the picture under the page's title, in place of the one that stands there."""
    block = f"{BEGIN}\n{picture}\n{END}"
    if BEGIN in text:
        return re.sub(f"{BEGIN}.*?{END}", lambda _: block, text, flags=re.DOTALL)
    title, _, rest = text.partition("\n")
    return f"{title}\n\n{block}\n{rest}"


def main() -> None:
    for drawing in DRAWINGS:
        found = coverage(drawing)
        draw(drawing, found)
        page = DOCS / f"{drawing.page}.md"
        picture = f"![{words(drawing, found)}]({drawing.picture})"
        page.write_text(placed(page.read_text(encoding="utf-8"), picture), encoding="utf-8")
        print(words(drawing, found))


if __name__ == "__main__":
    main()
