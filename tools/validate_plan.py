"""How far closed forms for sample sizes are off the intervals that simulated studies get.

Writes docs/validation_plan.md. `.venv/bin/python tools/validate_plan.py` takes about two minutes on two cores;
`--studies 50` is a quick look.
"""

from __future__ import annotations

import argparse
import warnings
from datetime import date
from pathlib import Path

import hiddenpop as hp

PAGE = Path(__file__).parents[1] / "docs" / "validation_plan.md"
BENCHMARK = 4_900
SHARES = (0.1, 0.31, 0.6)
SIZES = (50, 127, 250, 400, 1_000)
EFFECTS = (1, 2)
STUDIES = 300
REPLICATES = 1_000


def widths(studies: int) -> list[str]:
    """Return the rows of a table: half widths relative to the size, by formula and in simulated studies."""
    rows = []
    for effect in EFFECTS:
        for share in SHARES:
            found = hp.plan.simulate(
                lambda n, share=share, effect=effect: hp.plan.multiplier_study(
                    n, benchmark=BENCHMARK, share=share, design_effect=effect, replicates=REPLICATES
                ),
                SIZES,
                truth=BENCHMARK / share,
                replicates=studies,
            ).summary()
            for n, row in found.iterrows():
                delta, percentile = (
                    hp.plan.multiplier(BENCHMARK, share, n=n, design_effect=effect, method=method).relative_precision
                    for method in ("delta", "percentile")
                )
                rows.append(
                    f"| {effect} | {share:.0%} | {n:,} | {delta:.1%} | {percentile:.1%} | {row['relative']:.1%} "
                    f"({row['relative_10']:.1%} to {row['relative_90']:.1%}) | {row['relative'] / delta:.2f} | "
                    f"{(row['failed'] + row['unbounded']) / studies:.1%} | {row['coverage']:.1%} |"
                )
    return rows


def chances(studies: int) -> list[str]:
    """Return the rows of a table: how many studies are as precise as asked, by formula and simulated."""
    rows = []
    for effect in EFFECTS:
        for method in ("delta", "percentile"):
            for assurance in (None, 0.8, 0.9):
                plan = hp.plan.multiplier(
                    BENCHMARK,
                    0.31,
                    relative_precision=0.2,
                    design_effect=effect,
                    method=method,
                    assurance=assurance,
                )
                found = hp.plan.simulate(
                    lambda n, effect=effect: hp.plan.multiplier_study(
                        n, benchmark=BENCHMARK, share=0.31, design_effect=effect, replicates=REPLICATES
                    ),
                    plan.n,
                    relative_precision=0.2,
                    replicates=studies,
                )
                asked = "" if assurance is None else f"{assurance:.0%}"
                rows.append(f"| {effect} | {method} | {asked} | {plan.n:,} | {plan.chance:.0%} | {found.met[0]:.0%} |")
    return rows


def page(studies: int) -> str:
    """Return the page."""
    return "\n".join(
        [
            "# Sample sizes by formula, and what simulated studies get",
            "",
            f"Written by `.venv/bin/python tools/validate_plan.py` on {date.today():%d %B %Y}: {studies:,} simulated "
            f"multiplier studies a row, benchmark {BENCHMARK:,} known exactly, {REPLICATES:,} redraws, default intervals "
            "(the image of the share's: Wilson's, or t by the jackknife among few clusters). With design effect 2 people come in "
            "clusters of ten.",
            "",
            "## Half width of the 95% interval relative to the size",
            "",
            'The delta method\'s symmetric interval and that of the share carried to the size, `method="percentile"` (∞: it '
            "has no end), beside the median of the studies with a size (and 10% and 90% quantiles). The ratio is that of "
            "the median to the delta method. Without end are studies without a size or with an infinite interval; "
            "coverage is that of studies with a size.",
            "",
            "| design effect | share | n | delta | percentile | simulated | ratio | without end | coverage |",
            "|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
            *widths(studies),
            "",
            "## The chance that ± 20% is met, with a share of 31%",
            "",
            "n is planned for the interval named, with the assurance asked for; the simulated studies have the package's "
            "default intervals.",
            "",
            "| design effect | planned for | assurance | n | chance by formula | simulated |",
            "|--:|---|--:|--:|--:|--:|",
            *chances(studies),
            "",
        ]
    ).replace("inf%", "∞")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--studies", type=int, default=STUDIES)
    studies = parser.parse_args().studies
    # Rows with few people expected in the register are there to show how far off the formula is.
    warnings.simplefilter("ignore", hp.HiddenpopWarning)
    PAGE.write_text(page(studies), encoding="utf-8")
    print(f"Wrote docs/{PAGE.name}.")


if __name__ == "__main__":
    main()
