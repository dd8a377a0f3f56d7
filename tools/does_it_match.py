"""Where our numbers are those of other software, and where not: writes docs/does_it_match.md from the tests' own references.

`.venv/bin/python -m tools.does_it_match` computes everything anew from what is committed (a minute).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from .matching.compared import COMPARED
from .matching.numbers import Pair

PAGE = Path(__file__).parents[1] / "docs" / "does_it_match.md"
BEGIN = """# Does it match?

*Are these the numbers that other software gives?*

Yes, wherever both compute the same thing: to as many digits as theirs have, or to where their search ends. Where ours differ it is on purpose, and the reason
stands below the table. The numbers of others are committed beside the tests, which compare them at every change. What was compared:
"""


def largest(pairs: Iterable[Pair]) -> tuple[int, float]:
    """Return how many numbers were compared, and the largest difference relative to theirs (absolute where theirs is 0)."""
    found = [abs(ours - theirs) / (abs(theirs) or 1) for ours, theirs in pairs]
    if not found or any(math.isnan(one) for one in found):
        raise SystemExit("A comparison without numbers, or with NaN among them.")
    return len(found), max(found)


def page() -> str:
    """Compute every comparison, and write the page."""
    lines = [BEGIN + ", ".join(software.name for software in COMPARED) + ".", ""]
    for software in COMPARED:
        lines += [f"## {software.name}", ""]
        lines += ["| what | data | numbers | largest relative difference |", "|---|---|---:|---|"]
        for topic in software.topics:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about the data, such as that models disagree
                many, most = largest(topic.pairs())
            size = "none" if most < 1e-15 else f"{most:.0e}".replace("e-0", "e-")
            note = f" ({topic.note})" if topic.note else ""
            lines.append(f"| {topic.what} | {topic.data} | {many:,} | {size}{note} |")
            print(lines[-1], flush=True)
        lines += ["", f"Where the reference is: {software.source}.", ""]
        if software.differs:
            lines += ["Where we differ on purpose:", "", *(f"* {one}" for one in software.differs), ""]
    lines += [
        "## What was not compared",
        "",
        "networkscaleup: network scale-up is not in this package. svrep: replicate weights are tested against R survey and closed forms.",
        "MultipleSystemsEstimation: its stepwise selection was not run; SparseMSE's is above.",
        "",
        f"`python -m tools.does_it_match`, {date.today()}.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
