"""The cases: what ours and the alternatives compute."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import hiddenpop as hp
import measure
import numpy as np
import numpy.typing as npt
import pandas as pd
from measure import Run, Timing
from scipy import stats

Floats = npt.NDArray[np.float64]

BENCHMARKS = {"opioids": 8126, "crack only": 4912}
#: The smallest published table: group x treated.
TREATED = pd.DataFrame(
    {
        "group": ["opioids", "opioids", "crack only", "crack only"],
        "in_treatment": [1, 0, 1, 0],
        "count": [240, 153, 39, 88],
    }
)
TABLE_REPLICATES = 1_000_000
ROWS_REPLICATES = 100_000
LARGE_REPLICATES = 1_000
LARGE_ROWS = 1_000_000
COLUMNS = "abcde"
PERCENTILES = (2.5, 97.5)
#: Fewer replicates for slow alternatives; their times are scaled.
SCIPY_RESAMPLES = 20_000
SCIPY_BATCHES = (200, 500, 1000)
PANDAS_REPLICATES = 100
NUMPY_REPLICATES = 20


@dataclass(frozen=True)
class Row:
    """One comparison: ours beside something else, and the target for their ratio."""

    case: str
    threads: int
    other_name: str
    ours: float
    other: float
    unit: str = "s"
    #: At least this for other / ours; or, for a limit, at most this for ours / other.
    target: float | None = None
    limit: bool = False
    replicates: int = 1
    ours_median: float | None = None
    other_median: float | None = None

    @property
    def ratio(self) -> float:
        """How many times faster; for a limit, which part of the allowance was used."""
        return self.ours / self.other if self.limit else self.other / self.ours

    @property
    def met(self) -> bool | None:
        """Whether the target is met."""
        if self.target is None:
            return None
        return self.ratio <= self.target if self.limit else self.ratio >= self.target


@dataclass
class Result:
    """The rows of a case and what should be known about them."""

    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def compare(
        self, case: str, threads: int, ours: Timing, name: str, other: Timing, replicates: int, target: float | None
    ) -> None:
        """Add a row of times."""
        self.rows.append(
            Row(
                case,
                threads,
                name,
                ours.best,
                other.best,
                target=target,
                replicates=replicates,
                ours_median=ours.median,
                other_median=other.median,
            )
        )

    def limit(
        self, case: str, threads: int, ours: float, name: str, other: float, target: float, replicates: int = 1
    ) -> None:
        """Add a row of times of which ours may be so many times the other."""
        self.rows.append(Row(case, threads, name, ours, other, target=target, limit=True, replicates=replicates))


def thread_numbers() -> tuple[int, ...]:
    """One thread, and all that this process may use."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return (1, allowed) if allowed > 1 else (1,)


def on(threads: int, run: Run) -> Run:
    """Run ours on a number of threads."""

    def timed() -> object:
        with hp.settings(threads=threads):
            return run()

    return timed


def on_each(run: Run) -> dict[str, Run]:
    """Run ours on one thread and on all."""
    return {f"ours {threads}": on(threads, run) for threads in thread_numbers()}


def agreement(ours: Floats, other: Floats, replicates: int) -> str:
    """Say how far two interval ends are apart, relative to the interval's width."""
    width = ours[..., 1] - ours[..., 0]
    apart = float(np.max(np.abs(ours - other) / width[..., None]))
    # Five standard errors of a percentile from that many draws, and a step between counts.
    allowed = 3.4 / np.sqrt(replicates) + 0.03
    verdict = "" if apart <= allowed else " THEY DIFFER:"
    return f"same intervals?{verdict} {apart:.1%} of the width apart, chance explains {allowed:.1%}"


# (a) a published table


def multiplier(survey: hp.Survey) -> pd.DataFrame:
    """Run what a user runs: from the share in treatment to the interval."""
    treated = survey.proportion("in_treatment", by="group")
    people = hp.multiplier(BENCHMARKS, treated)
    return people.interval(0.95, method="percentile")


def numpy_binomial(rng: np.random.Generator) -> Floats:
    """Do the same by hand: one binomial draw for each group and replicate."""
    ends = []
    for benchmark, treated, n in ((8126, 240, 393), (4912, 39, 127)):
        x = rng.binomial(n, treated / n, TABLE_REPLICATES)
        ends.append(np.percentile(benchmark / (x / n), PERCENTILES))
    return np.array(ends)


def numpy_multinomial(rng: np.random.Generator) -> Floats:
    """Do the same by hand, with four kinds of people in each group: born x treated."""
    ends = []
    for benchmark, counts in ((8126, (140, 67, 100, 86)), (4912, (17, 29, 22, 59))):
        n = sum(counts)
        x = rng.multinomial(n, np.array(counts) / n, TABLE_REPLICATES)
        ends.append(np.percentile(benchmark / ((x[:, 0] + x[:, 2]) / n), PERCENTILES))
    return np.array(ends)


def published_table(
    case: str, table: pd.DataFrame, by_hand: Callable[[np.random.Generator], Floats], name: str
) -> Result:
    """Compare a million replicates of two sizes; the survey is made before the clock starts."""
    rng = np.random.default_rng(0)

    def make() -> hp.Survey:
        return hp.Survey(table, counts="count", strata="group", replicates=TABLE_REPLICATES)

    survey = make()
    whole = on(1, lambda: multiplier(make()))
    found = measure.race({**on_each(lambda: multiplier(survey)), "with survey": whole, "peer": lambda: by_hand(rng)}, 7)
    result = Result()
    for threads in thread_numbers():
        target = 8.0 if threads == 1 else None
        result.compare(case, threads, found[f"ours {threads}"], name, found["peer"], TABLE_REPLICATES, target)
    result.compare(
        f"{case}, making hp.Survey too", 1, found["with survey"], name, found["peer"], TABLE_REPLICATES, None
    )
    word = measure.seconds_a_word()
    floor = word * len(BENCHMARKS) * TABLE_REPLICATES
    result.notes += [
        f"floor: {word * 1e9:.2f} ns a 64-bit random number, {len(BENCHMARKS)} a replicate: {floor * 1e3:.1f} ms; "
        f"ours on one thread takes {found['ours 1'].best / floor:.1f} times that",
        agreement(multiplier(survey).to_numpy(), by_hand(rng), TABLE_REPLICATES),
    ]
    return result


def smallest_table() -> Result:
    return published_table("a1 table, 4 kinds", TREATED, numpy_binomial, "NumPy binomial")


def born_table() -> Result:
    table = hp.datasets.load("opaak")["treatment"][["group", "born", "in_treatment", "count"]]
    return published_table("a2 table, 8 kinds", table, numpy_multinomial, "NumPy multinomial")


# (b) rows of a small survey


def crack_users(survey: hp.Survey) -> hp.Estimate:
    """Derive a total: users of opioids who also use crack, and users of crack only."""
    treated = survey.proportion("in_treatment", by="group")
    people = hp.multiplier(BENCHMARKS, treated)
    uses = survey.proportion("uses_crack", by="group")
    return (people * uses).sum("people who use crack")


def scipy_share(answers: Floats, batch: int) -> Floats:
    """Redraw the simplest single part of it: one share, among opioid users."""
    rng = np.random.default_rng(0)
    interval = stats.bootstrap(
        (answers,), np.mean, n_resamples=SCIPY_RESAMPLES, batch=batch, vectorized=True, method="percentile", rng=rng
    ).confidence_interval
    return np.array([interval.low, interval.high])


def pandas_loop(frame: pd.DataFrame, replicates: int) -> Floats:
    """Redraw the whole total by the loop that people write."""
    rng, benchmarks, totals = np.random.default_rng(0), pd.Series(BENCHMARKS), []
    for _ in range(replicates):
        drawn = frame.groupby("group").sample(frac=1, replace=True, random_state=rng)
        shares = drawn.groupby("group")[["in_treatment", "uses_crack"]].mean()
        people = benchmarks / shares["in_treatment"]
        totals.append((people * shares["uses_crack"]).sum())
    return np.percentile(totals, PERCENTILES)


def interviews() -> Result:
    """Compare 100,000 replicates of a total derived from shares, on 520 rows."""
    frame = hp.datasets.load("synthetic_opaak")["interviews"]
    survey = hp.Survey(frame, strata="group", replicates=ROWS_REPLICATES)
    answers = frame.loc[frame["group"] == "opioids", "in_treatment"].to_numpy(dtype=float)
    opioids = survey.proportion("in_treatment", by="group")["opioids"].interval(method="percentile").to_numpy()[0]
    found = measure.race(
        {
            **on_each(lambda: crack_users(survey).interval(method="percentile")),
            "share": on(1, lambda: survey.proportion("in_treatment", by="group").interval(method="percentile")),
            **{f"scipy {batch}": _scipy_run(answers, batch) for batch in SCIPY_BATCHES},
        },
        5,
    )
    batch = min(SCIPY_BATCHES, key=lambda b: found[f"scipy {b}"].best)
    scipy = found[f"scipy {batch}"].times(ROWS_REPLICATES / SCIPY_RESAMPLES)
    loop = measure.race({"pandas": lambda: pandas_loop(frame, PANDAS_REPLICATES)}, 3)["pandas"]
    pandas = loop.times(ROWS_REPLICATES / PANDAS_REPLICATES)
    result, case = Result(), "b 520 rows, whole total"
    for threads in thread_numbers():
        taken = found[f"ours {threads}"]
        result.compare(case, threads, taken, "scipy, one share", scipy, ROWS_REPLICATES, None)
        result.compare(case, threads, taken, "pandas loop", pandas, ROWS_REPLICATES, 500.0)
    result.compare("b 520 rows, one share", 1, found["share"], "scipy, one share", scipy, ROWS_REPLICATES, None)
    index, rows = measure.seconds_an_index(len(answers)), len(frame)
    a_row = found["ours 1"].best / ROWS_REPLICATES / rows
    floor = index * rows * ROWS_REPLICATES
    result.limit(case, 1, found["ours 1"].best, "floor: a random index a row", floor, 0.75, ROWS_REPLICATES)
    result.notes += [
        f"floor: {index * 1e9:.2f} ns a random index from NumPy, {index * rows * 1e6:.2f} us for {rows} rows; ours on "
        f"one thread, all included, {a_row * 1e9:.2f} ns a row (one 64-bit number gives 6 indices)",
        f"scipy: best of batches {', '.join(map(str, SCIPY_BATCHES))} is {batch}; {SCIPY_RESAMPLES:,} resamples of "
        f"{len(answers)} rows, scaled; pandas: {PANDAS_REPLICATES} replicates, scaled",
        f"scipy, {agreement(opioids, scipy_share(answers, batch), SCIPY_RESAMPLES)}",
        "pandas, "
        + agreement(
            crack_users(survey).interval(method="percentile").to_numpy()[0],
            pandas_loop(frame, PANDAS_REPLICATES),
            PANDAS_REPLICATES,
        ),
    ]
    return result


def _scipy_run(answers: Floats, batch: int) -> Run:
    return lambda: scipy_share(answers, batch)


# (c) a million rows


def million_rows() -> pd.DataFrame:
    """Make five columns of numbers."""
    rng = np.random.default_rng(0)
    return pd.DataFrame({name: rng.normal(50, 10, LARGE_ROWS) for name in COLUMNS})


def five_means(survey: hp.Survey) -> hp.Estimate:
    """Ask for five statistics, to be evaluated in one pass."""
    return hp.concat([survey.mean(name) for name in COLUMNS])


def numpy_weights(values: Floats, rng: np.random.Generator, replicates: int) -> Floats:
    """Do the same by hand: how often each row is drawn, times the columns."""
    n, means = len(values), []
    for _ in range(replicates):
        weights = np.bincount(rng.integers(0, n, n), minlength=n)
        means.append(weights @ values / n)
    return np.array(means)


def large_survey() -> Result:
    """Compare 1,000 replicates of five means, on a million rows."""
    frame = million_rows()
    values, rng = frame.to_numpy().copy(order="C"), np.random.default_rng(1)
    survey = hp.Survey(frame, replicates=LARGE_REPLICATES)
    brief = hp.Survey(frame, replicates=2)
    runs = on_each(lambda: five_means(survey).interval(method="percentile"))
    runs["fixed"] = on(1, lambda: five_means(brief).interval(method="percentile"))
    runs["peer"] = lambda: numpy_weights(values, rng, NUMPY_REPLICATES)
    found = measure.race(runs, 3)
    peer = found["peer"].times(LARGE_REPLICATES / NUMPY_REPLICATES)
    way, read = measure.seconds_to_read(values.copy(order="F"))
    result, case = Result(), "c 1,000,000 rows, 5 means"
    for threads in thread_numbers():
        ours, target = found[f"ours {threads}"], 5.0 if threads == 1 else None
        result.compare(case, threads, ours, "NumPy bincount", peer, LARGE_REPLICATES, target)
    a_replicate = found["ours 1"].best / LARGE_REPLICATES
    result.limit("c a replicate and reading once", 1, a_replicate, f"NumPy {way}", read, 2.0)
    drawn = numpy_weights(values, rng, NUMPY_REPLICATES)
    result.notes += [
        f"floor: {read * 1e3:.2f} ms to read {values.nbytes / 1e6:.0f} MB once on one thread, fastest by {way}",
        f"ours on one thread: {found['fixed'].best:.2f} s of {found['ours 1'].best:.2f} s is asking and laying out, "
        "whatever the number of replicates",
        f"NumPy: {NUMPY_REPLICATES} replicates, scaled",
        agreement(
            five_means(survey).interval(method="percentile").to_numpy(),
            np.percentile(drawn, PERCENTILES, axis=0).T,
            NUMPY_REPLICATES,
        ),
    ]
    for threads in thread_numbers():
        _memory(result, threads)
    return result


def _memory(result: Result, threads: int) -> None:
    """Measure the evaluation in a fresh process, where no earlier peak hides it."""
    script = str(Path(__file__).with_name("memory.py"))
    command: Sequence[str] = (sys.executable, script, str(threads))
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    # Asking needs a column at a time beside those that are kept.
    allowed = found["columns"] + found["columns"] / len(COLUMNS) + found["draws"]
    name = "columns, one more, draws"
    result.rows.append(
        Row("c peak memory growth", threads, name, found["growth"], allowed, unit="B", target=1.05, limit=True)
    )
    megabytes = {key: size / 1e6 for key, size in found.items()}
    result.notes.append(
        "memory on {threads} thread(s): the evaluation grows the peak by {growth:.1f} MB; columns {columns:.1f} MB, "
        "draws {draws:.2f} MB (making the survey before: {survey:.1f} MB)".format(threads=threads, **megabytes)
    )


ALL = (smallest_table, born_table, interviews, large_survey)
