"""Cases of posteriors from lists. Peers are R packages, whose times were recorded once on a 2-core Zen 3 machine."""

from __future__ import annotations

import warnings

import hiddenpop as hp
import measure
import pandas as pd
from cases import Result, on_each, thread_numbers
from lists import recorded

#: Seconds that R took, recorded: dga 2.0.2 for one delta and 20,000 people unseen; LCMCR 0.4.14 (C++) for 112,000 sweeps.
DGA, LCMCR = 0.078, 2.3
CUT_OFF = 20_000
#: 2 x (6,000 + 2,500 x 20) sweeps are as many, and leave 5,000 draws as well.
SWEEPS = {"chains": 2, "burn_in": 6_000, "draws": 2_500, "thin": 20}


def kosovo() -> hp.Lists:
    return hp.Lists(hp.datasets.load("kosovo")["overlaps"], ["EXH", "ABA", "OSCE", "HRW"], counts="people")


def decomposable() -> Result:
    """Average over 61 graphs of four lists; ours shows two other priors as well."""
    lists = kosovo()

    def run() -> pd.DataFrame:
        return hp.decomposable_bma(lists, max_missed=CUT_OFF).interval()

    found, result = measure.race(on_each(run), 15), Result()
    for threads in thread_numbers():
        ours = found[f"ours {threads}"]
        result.compare("l3 61 graphs, 3 priors", threads, ours, "dga (1 prior), recorded", recorded(DGA), 1, 3.0)
    size = hp.decomposable_bma(lists, max_missed=CUT_OFF)
    result.notes.append(f"posterior mean {size.point:,.2f} (dga 12,749.17)")
    return result


def latent() -> Result:
    """Sweep 112,000 times over four lists and ten classes."""
    lists = kosovo()

    def run() -> hp.Estimate:
        with warnings.catch_warnings():
            # So many sweeps are too few for these lists, and say so.
            warnings.simplefilter("ignore", hp.HiddenpopWarning)
            return hp.latent_class(lists, **SWEEPS)

    found, result = measure.race(on_each(run), 3), Result()
    for threads in thread_numbers():
        ours = found[f"ours {threads}"]
        result.compare("l4 112,000 sweeps, 10 classes", threads, ours, "LCMCR, recorded", recorded(LCMCR), 1, 2.0)
    size = run()
    result.notes.append(
        f"posterior mean {size.point:,.0f}, Monte Carlo error {size.diagnostics['mcse'].iloc[0]:,.0f} (LCMCR 10,936)"
    )
    return result


ALL = (decomposable, latent)
