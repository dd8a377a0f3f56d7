"""The cases of describing: a Table 1 of 30 variables in 3 groups, beside tableone."""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import sys
import time
import warnings

import hiddenpop as hp
import measure
import numpy as np
import pandas as pd
from cases import LARGE_ROWS, Result, Row, on, on_each, thread_numbers
from measure import Timing

REPLICATES = 2_000
GROUP = "group"


def participants(rows: int) -> pd.DataFrame:
    """Make ten columns of numbers, ten of four categories, ten of yes and no; 2% missing."""
    rng = np.random.default_rng(0)
    numbers = {f"number {i}": rng.normal(50, 10, rows).round(1) for i in range(10)}
    categories = {f"category {i}": rng.choice(list("pqrs"), rows) for i in range(10)}
    ticks = {f"tick {i}": (rng.random(rows) < 0.3).astype(float) for i in range(10)}
    frame = pd.DataFrame({**numbers, **categories, **ticks})
    frame = frame.mask(rng.random(frame.shape) < 0.02)
    return frame.assign(**{GROUP: rng.choice(list("abc"), rows)})


def tableone(frame: pd.DataFrame) -> object:
    """Ask tableone for the same table; it has no intervals and no design."""
    columns = [name for name in frame.columns if name != GROUP]
    categorical = [name for name in columns if not name.startswith("number")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        make = importlib.import_module("tableone").TableOne
        return make(frame, columns=columns, categorical=categorical, groupby=GROUP, pval=True)


def table_one() -> Result:
    """Compare a Table 1 with intervals from 2,000 replicates in every cell with a second, and with tableone."""
    frame = participants(520)
    survey = hp.Survey(frame, replicates=REPLICATES)
    columns = [name for name in frame.columns if name != GROUP]
    found = measure.race(
        {
            **on_each(lambda: hp.describe(survey, columns, by=GROUP, total=True, method="percentile")),
            "with p": on(1, lambda: hp.describe(survey, columns, by=GROUP, total=True, test=True, method="percentile")),
        },
        3,
    )
    result, case = Result(), "g 520 rows, 30 variables, 3 groups and all, intervals"
    result.limit(case, 1, found["ours 1"].best, "a second", 1.0, 1.0, REPLICATES)
    result.limit(f"{case}, p", 1, found["with p"].best, "a second", 1.0, 1.0, REPLICATES)
    if importlib.util.find_spec("tableone") is None:
        result.notes.append("tableone isn't installed here, so it is not compared (pip install tableone)")
        return result
    taken: Timing = measure.race({"tableone": lambda: tableone(frame)}, 2)["tableone"]
    for threads in thread_numbers():
        result.compare(case, threads, found[f"ours {threads}"], "tableone, no intervals", taken, 1, None)
    result.notes.append("tableone gives p-values and no intervals; ours in this comparison intervals and no p-values")
    return result


def million() -> Result:
    """Compare the memory of the same Table 1 of a million rows, beside its table, with that of the table."""
    command = (sys.executable, __file__)  # a fresh process, where no earlier peak hides it
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    result, case = Result(), "g 1,000,000 rows, 30 variables, 3 groups and all, p"
    name = "the table itself"
    result.rows.append(
        Row(f"{case}: memory", 1, name, found["growth"], found["table"], unit="B", target=1.0, limit=True)
    )
    result.notes.append(
        "1,000,000 rows: {seconds:.1f} s of a processor; the peak grows by {growth:.0f} MB beside a table of {table:.0f} MB".format(
            seconds=found["seconds"], growth=found["growth"] / 1e6, table=found["table"] / 1e6
        )
    )
    return result


def main() -> None:
    """Describe a million rows; print as JSON what that took."""
    frame = participants(LARGE_ROWS)
    columns = [name for name in frame.columns if name != GROUP]

    def describe(survey: hp.Survey) -> None:
        hp.describe(survey, columns, by=GROUP, total=True, test=True)

    describe(hp.Survey(frame.head(200)))  # imports what is imported when used
    survey = hp.Survey(frame)
    before = measure.current_bytes()
    measure.reset_peak()
    began = time.process_time()
    with hp.settings(threads=1):
        describe(survey)
    found = {
        "seconds": time.process_time() - began,
        "growth": measure.peak_bytes() - before,
        "table": int(frame.memory_usage(index=False, deep=True).sum()),
    }
    print(json.dumps(found))


ALL = (table_one, million)

if __name__ == "__main__":
    main()
