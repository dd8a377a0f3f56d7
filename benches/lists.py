"""Cases of capture-recapture. Peers are R packages, whose times were recorded once on a 2-core Zen 3 machine."""

from __future__ import annotations

import hiddenpop as hp
import measure
import pandas as pd
from cases import Result, on_each, thread_numbers
from measure import Timing

#: Seconds that R took, recorded: Rcapture 1.4-4 closedpMS.t on `rome_hiv`, SparseMSE 2.0.1 estimatepopulation on five lists.
RCAPTURE, SPARSEMSE = 0.95, 38.973
SPARSE_REPLICATES = 200
SELECTION_REPLICATES = 1000


def recorded(seconds: float) -> Timing:
    """Take a time that was measured elsewhere."""
    return Timing(seconds, seconds, 1)


def rome(replicates: int) -> hp.Lists:
    names = ["c1", "c2", "c3", "c4"]
    return hp.Lists(hp.datasets.load("rome_hiv")["overlaps"], names, counts="people", replicates=replicates)


def five_lists(replicates: int) -> hp.Lists:
    """Join police and NCA, as the figures of SparseMSE do."""
    table = hp.datasets.load("uk_modern_slavery")["overlaps"]
    table = table.assign(PFNCA=table[["PF", "NCA"]].max(axis=1))
    return hp.Lists(table, ["LA", "NG", "PFNCA", "GO", "GP"], counts="people", replicates=replicates)


def all_models() -> Result:
    """Fit and rank all 113 models of four lists; and once more in each of 1,000 redraws."""
    lists = rome(SELECTION_REPLICATES)
    runs = on_each(lambda: hp.loglinear(lists).table)
    runs |= {
        f"redraws {k}": run
        for k, run in on_each(lambda: hp.loglinear(lists).average().interval(method="percentile")).items()
    }
    found = measure.race(runs, 5)
    result = Result()
    for threads in thread_numbers():
        fits = found[f"ours {threads}"]
        result.compare("l1 113 models of 4 lists", threads, fits, "Rcapture, recorded", recorded(RCAPTURE), 1, 100.0)
        peer = recorded(RCAPTURE * SELECTION_REPLICATES)
        ours = found[f"redraws ours {threads}"]
        result.compare(
            "l1 selection redrawn, 113 models", threads, ours, "Rcapture, recorded", peer, SELECTION_REPLICATES, None
        )
    table: pd.DataFrame = hp.loglinear(lists).table
    result.notes.append(
        f"best of {len(table)} models: {table.index[0]}, {table['abundance'].iloc[0]:,.1f} people (Rcapture 12,318.5)"
    )
    return result


def sparse_bootstrap() -> Result:
    """Select pairs anew in 200 conditional redraws, with the BCa interval of SparseMSE."""

    def run() -> pd.DataFrame:
        lists = five_lists(SPARSE_REPLICATES)
        return hp.sparse_mse(lists, 0.05, bootstrap="conditional").interval(method="bca")

    found = measure.race(on_each(run), 5)
    result = Result()
    for threads in thread_numbers():
        result.compare(
            "l2 sparse overlaps, BCa",
            threads,
            found[f"ours {threads}"],
            "SparseMSE, recorded",
            recorded(SPARSEMSE),
            SPARSE_REPLICATES,
            200.0,
        )
    size = hp.sparse_mse(five_lists(SPARSE_REPLICATES), 0.05).point
    result.notes.append(f"{size:,.2f} people (SparseMSE 11,312.99)")
    return result


ALL = (all_models, sparse_bootstrap)
