"""The cases beside svy, which is alive and has a core in Rust too: where it is installed."""

from __future__ import annotations

import importlib
import importlib.util

import hiddenpop as hp
import measure
import numpy as np
import pandas as pd
from cases import Result, Row, on

#: A survey of 520 rows, a share by group and its default interval: seconds.
SMALL = 3e-3
REPLICATES = 500


def people(rows: int, clusters: int, groups: int) -> pd.DataFrame:
    """Make a sample in clusters of several strata, weighted."""
    rng, cluster = np.random.default_rng(0), np.arange(rows) % clusters
    return pd.DataFrame(
        {
            "stratum": cluster % 4,
            "cluster": cluster,
            "weight": 1 + rng.random(rows),
            "group": rng.integers(0, groups, rows).astype(str),
            "age": 40 + 5 * rng.normal(size=clusters)[cluster] + rng.normal(0, 10, rows),
        }
    )


def small() -> Result:
    """Time a survey of 520 rows with a share by group and its default interval, as applications ask thousands of times."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": rng.integers(0, 2, 520).astype(bool), "group": rng.choice(["a", "b"], 520)})
    run = on(1, lambda: hp.Survey(table).proportion("x", by="group").interval())
    found = measure.race({"ours": run}, 50)["ours"]
    row = Row(
        "v1 520 rows, a survey, a share by group, its interval", 1, "3 ms", found.best, SMALL, target=1.0, limit=True
    )
    return Result([row])


def means() -> Result:
    """Compare linearised means by group, everything included, and bootstrap replicates of them, with svy's."""
    result = Result()
    if importlib.util.find_spec("svy") is None:
        result.notes.append("svy isn't installed here, so it is not compared (pip install svy)")
        result.rows.append(small().rows[0])
        return result
    svy, polars = importlib.import_module("svy"), importlib.import_module("polars")

    def sample(table: object) -> object:
        return svy.Sample(table, svy.Design(stratum="stratum", psu="cluster", wgt="weight"))

    def survey(table: object, replicates: int = REPLICATES) -> hp.Survey:
        return hp.Survey(table, strata="stratum", clusters="cluster", weights="weight", replicates=replicates)

    for rows, clusters, groups, repeats, target in ((200, 100, 2, 30, 1.0), (200_000, 2_000, 10, 5, 1.0)):
        table = people(rows, clusters, groups)
        theirs = polars.DataFrame({name: table[name].to_numpy() for name in table})
        runs = {
            "ours": on(1, lambda table=table: survey(table).mean("age", by="group").interval()),
            "svy": lambda table=theirs: sample(table).estimation.mean("age", by="group"),
        }
        found = measure.race(runs, repeats)
        case = f"v2 {rows:,} rows, {clusters:,} clusters, means by {groups}"
        result.compare(case, 1, found["ours"], "svy", found["svy"], 1, target)
        ours = survey(table).mean("age", by="group")
        their = sample(theirs).estimation.mean("age", by="group")
        off = np.abs(np.sort([one.se for one in their.estimates]) / np.sort(ours.se("linearized").to_numpy()) - 1).max()
        result.notes.append(f"{case}: standard errors differ by {off:.1e} of themselves at most")
    runs = {
        "ours": on(1, lambda: survey(table).mean("age", by="group").interval(method="percentile")),
        "svy": lambda: sample(theirs).weighting.create_bs_wgts(REPLICATES),
    }
    found = measure.race(runs, 1)
    case = f"v3 {REPLICATES} bootstrap replicates of them, with intervals"
    result.compare(case, 1, found["ours"], "svy, weights alone", found["svy"], REPLICATES, 10.0)
    return result


ALL = (small, means)
