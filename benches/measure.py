"""Clocks, memory and floors: how the cases are measured."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

Run = Callable[[], object]


@dataclass(frozen=True)
class Timing:
    """Seconds that something took in several repeats."""

    best: float
    median: float
    repeats: int

    def times(self, factor: float) -> Timing:
        """Scale to another number of replicates."""
        return Timing(self.best * factor, self.median * factor, self.repeats)


def race(runs: Mapping[str, Run], repeats: int) -> dict[str, Timing]:
    """Time everything in turns, after one run each to warm up, so that noise meets all alike."""
    for run in runs.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            began = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - began)
    return {name: Timing(min(taken), median(taken), repeats) for name, taken in seconds.items()}


# Floors: what no implementation of a case can avoid, as fast as NumPy does it


def seconds_a_word() -> float:
    """Time one 64-bit random number from NumPy's fastest generator."""
    rng, size = np.random.Generator(np.random.SFC64(0)), 1_000_000
    timing = race({"words": lambda: rng.integers(0, 2**64, dtype=np.uint64, size=size)}, 9)["words"]
    return timing.best / size


def seconds_an_index(rows: int) -> float:
    """Time one random row number, in the cheapest type that holds it."""
    rng, size = np.random.Generator(np.random.SFC64(0)), 1_000_000
    kind = np.uint16 if rows <= 2**16 else np.uint32
    timing = race({"indices": lambda: rng.integers(0, rows, dtype=kind, size=size)}, 9)["indices"]
    return timing.best / size


def seconds_to_read(columns: np.ndarray) -> tuple[str, float]:
    """Time NumPy reading columns (rows x columns, by column) once; return its fastest way."""
    flat, weights = columns.reshape(-1, order="A"), np.ones(len(columns))
    ways: dict[str, Run] = {
        "X.sum()": flat.sum,
        "X.max()": flat.max,
        "w @ X": lambda: weights @ columns,
        "x @ x": lambda: flat @ flat,
    }
    found = race(ways, 9)
    fastest = min(found, key=lambda name: found[name].best)
    return fastest, found[fastest].best


# Noise


class Neighbours:
    """How much of the processors others used since this was made."""

    def __init__(self) -> None:
        self._began, self._busy, self._own = time.perf_counter(), _busy_seconds(), _own_seconds()

    def processors(self) -> float:
        """Return how many processors others kept busy; NaN where the system doesn't say."""
        others = (_busy_seconds() - self._busy) - (_own_seconds() - self._own)
        return max(0.0, others) / (time.perf_counter() - self._began)


def _busy_seconds() -> float:
    counters = Path("/proc/stat")
    if not counters.exists():
        return float("nan")
    user, nice, system, _idle, _waiting, *rest = map(int, counters.read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    taken = os.times()
    return taken.user + taken.system + taken.children_user + taken.children_system


# Memory


def peak_bytes() -> int:
    """Return the most memory that this process held since `reset_peak`, or else since its start.

    Linux hands the peak of a parent down to the child in ru_maxrss, so its own count is preferred.
    """
    own = _status("VmHWM")
    if own is not None:
        return own
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def current_bytes() -> int:
    """Return the memory that this process holds now (where unknown: its peak)."""
    own = _status("VmRSS")
    return peak_bytes() if own is None else own


def reset_peak() -> None:
    """Forget the peak so far, where the system can; else an earlier peak hides a later one."""
    control = Path("/proc/self/clear_refs")
    if control.exists():
        control.write_text("5")


def _status(field: str) -> int | None:
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    return int(lines[field].split()[0]) * 1024
