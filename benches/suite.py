"""Run all cases, print them and the table of ratios; `--record` keeps the run in results/."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bayes
import cases
import describing
import designs
import doubt
import growth
import hiddenpop as hp
import lists
import living
import measure
import numpy as np
import pandas as pd
import pools
import recruited
import scipy
from cases import Result, Row

import counts

RESULTS = Path(__file__).with_name("results")
#: Others may use this much of a processor meanwhile.
QUIET = 0.1
#: More than so many times as slow as the newest run of record is shown.
SLOWER = 1.5


def commit() -> str:
    """Name the commit that is measured; -dirty where files differ from it."""
    command = ["git", "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, cwd=RESULTS.parent, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def versions() -> dict[str, str]:
    """Say what was compared, on how many processors."""
    return {
        "hiddenpop": f"{hp.__version__} ({commit()})",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "pandas": pd.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "processors": str(os.cpu_count()),
    }


def amount(value: float, unit: str) -> str:
    """Write a time or a size with three digits."""
    if unit == "B":
        return f"{value / 1e6:.1f} MB"
    for factor, name in ((1, "s"), (1e3, "ms"), (1e6, "us")):
        if value * factor >= 1:
            return f"{value * factor:.3g} {name}"
    return f"{value * 1e9:.3g} ns"


def cells(row: Row) -> list[str]:
    """Write a row of the table."""
    target = "–" if row.target is None else f"{'<=' if row.limit else '>='} {row.target:g}"
    met = {True: "yes", False: "NO", None: "–"}[row.met]
    # Times of a replicate only where there are several.
    each = [amount(v / row.replicates, row.unit) if row.replicates > 1 else "–" for v in (row.ours, row.other)]
    return [
        row.case,
        str(row.threads),
        amount(row.ours, row.unit),
        each[0],
        row.other_name,
        amount(row.other, row.unit),
        each[1],
        f"{row.ratio:,.2f}" if row.ratio < 100 else f"{row.ratio:,.0f}",
        target,
        met,
    ]


HEAD = ["case", "threads", "ours", "a replicate", "peer", "peer takes", "a replicate", "ratio", "target", "met?"]


def table(rows: list[Row]) -> str:
    """Write all rows in aligned columns, as Markdown."""
    lines = [HEAD, *map(cells, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    texts = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |" for line in lines]
    texts.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(texts)


def run_all() -> Result:
    """Run case after case; one that fails is shown and doesn't stop the others."""
    everything = Result()
    for case in (
        *cases.ALL,
        *designs.ALL,
        *describing.ALL,
        *counts.ALL,
        *lists.ALL,
        *bayes.ALL,
        *doubt.ALL,
        *living.ALL,
        *growth.ALL,
        *recruited.ALL,
        pools.process_pool,
    ):
        try:
            result = case()
        except Exception:
            print(f"\n{case.__name__} FAILED\n{traceback.format_exc()}", flush=True)
            continue
        name = result.rows[0].case.split()[0]
        print(f"\n({name})", *(f"  {note}" for note in result.notes), sep="\n", flush=True)
        everything.rows += result.rows
        everything.notes += [f"({name}) {note}" for note in result.notes]
    return everything


def scaling(rows: list[Row]) -> list[str]:
    """Say for each case that ran on several threads how many times faster it was."""
    times = {(row.case, row.threads): row.ours for row in rows if row.unit == "s"}
    return [
        f"{case}: {times[case, 1] / taken:.2f} times on {threads} threads"
        for (case, threads), taken in times.items()
        if threads > 1 and (case, 1) in times
    ]


def newest() -> dict[str, Any] | None:
    """Read the newest run of record."""
    paths = sorted(RESULTS.glob("*.json"))
    return json.loads(paths[-1].read_text(encoding="utf-8")) if paths else None


def history(rows: list[Row], before: dict[str, Any]) -> list[str]:
    """Compare each case with a run of record; what the peers took says how fast the machine is now."""
    then = {(row["case"], row["threads"], row["other_name"]): row for row in before["rows"]}
    lines, seen = [], set()
    for row in rows:
        if (row.case, row.threads) in seen:
            continue
        seen.add((row.case, row.threads))
        name, known = f"{row.case}, {row.threads} thread(s)", then.get((row.case, row.threads, row.other_name))
        if known is None:
            lines.append(f"{name}: new")
            continue
        ours, peer = row.ours / known["ours"], row.other / known["other"]
        slower = f"  SLOWER by more than {SLOWER:g}" if ours > SLOWER else ""
        lines.append(f"{name}: {ours:.2f} (its peer {peer:.2f}){slower}")
    return lines


def record(result: Result, about: dict[str, str], seconds: float, others: float) -> Path:
    """Keep a run of record, under its date."""
    date = datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat()
    rows = [asdict(row) | {"ratio": row.ratio, "met": row.met} for row in result.rows]
    content = {
        "date": date,
        "versions": about,
        "seconds": seconds,
        "others": others,
        "rows": rows,
        "notes": result.notes,
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{date}.json"
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true", help="keep this run in benches/results/<date>.json")
    options = parser.parse_args()
    about, neighbours, began = versions(), measure.Neighbours(), time.perf_counter()
    print(", ".join(f"{name} {version}" for name, version in about.items()))
    result = run_all()
    others, seconds = neighbours.processors(), time.perf_counter() - began
    print("\nBest of several repeats; ratio: how many times ours is faster (<=: ours as a part of the other)\n")
    print(table(result.rows))
    print("\nThreads, ours:", *scaling(result.rows), sep="\n  ")
    before = newest()
    if before is not None:
        print(f"\nTimes of those of {before['date']} ({before['versions']['hiddenpop']}):", end="\n  ")
        print(*history(result.rows, before), sep="\n  ")
    noise = "; too many for fair times, run again" if others > QUIET else ""
    print(f"\n{seconds:.0f} s; other programs used {others:.2f} processors{noise}")
    if options.record:
        print(f"Recorded in {record(result, about, seconds, others).relative_to(RESULTS.parent.parent)}")


if __name__ == "__main__":
    main()
