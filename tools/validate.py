"""Coverage and width of the package's 95% intervals, by simulation with known truth.

`make validate` simulates every family and writes their pages in docs/; `python tools/validate.py designs` simulates
one. It takes about six minutes on two cores. Numbers in the summaries are computed and judgements written by hand:
each judgement rests on checks, and when one fails the page withholds the summary and the script exits with 1.
"""

from __future__ import annotations

import argparse
import sys

from validation import designs_summary, intervals_summary

FAMILIES = {family.name: family for family in (intervals_summary.FAMILY, designs_summary.FAMILY)}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("families", nargs="*", metavar="family", help=f"one of {', '.join(FAMILIES)}; default: all")
    chosen = parser.parse_args().families or list(FAMILIES)
    unknown = set(chosen) - set(FAMILIES)
    if unknown:
        parser.error(f"no family {', '.join(sorted(unknown))}; there are {', '.join(FAMILIES)}")
    return 1 if sum([FAMILIES[name].run() for name in chosen]) else 0


if __name__ == "__main__":
    sys.exit(main())
