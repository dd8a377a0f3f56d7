"""The cases of doubt: whose uncertainty it is, and simulated studies, beside scipy."""

from __future__ import annotations

import hiddenpop as hp
import measure
import numpy as np
from cases import Result, on
from scipy import stats

#: Pairs of draws; scipy's points are powers of two.
PAIRS = 16_384
#: Log-scale standard deviations of five factors of a product.
SPREADS = (0.5, 0.4, 0.3, 0.2, 0.1)
STUDIES, INTERVIEWS, REDRAWS = 100, 400, 1_000


def shares() -> Result:
    """Compare Sobol shares of a product of five lognormal inputs with scipy's, whose truth is known."""
    truth = np.square(SPREADS) / np.square(SPREADS).sum()

    def ours() -> np.ndarray:
        size = hp.lognormal(1, np.exp(-1.96 * SPREADS[0]), np.exp(1.96 * SPREADS[0]), name="0")
        for i, spread in enumerate(SPREADS[1:], start=1):
            size = size * hp.lognormal(1, np.exp(-1.96 * spread), np.exp(1.96 * spread), name=str(i))
        found = hp.variance_shares(size, replicates=PAIRS, scale="log").summary()
        return found["first"].to_numpy()

    def theirs() -> np.ndarray:
        laws = [stats.lognorm(spread) for spread in SPREADS]
        found = stats.sobol_indices(
            func=lambda x: np.log(np.prod(x, axis=0)), n=PAIRS, dists=laws, rng=np.random.default_rng(0)
        )
        return np.asarray(found.first_order)

    found = measure.race({"ours": on(1, ours), "scipy": theirs}, 3)
    result = Result()
    case = f"s1 Sobol shares of five inputs, {PAIRS:,} pairs"
    result.compare(case, 1, found["ours"], "scipy sobol_indices", found["scipy"], 1, None)
    off = max(abs(np.sort(ours())[::-1] - truth)), max(abs(theirs() - truth))
    result.notes.append(
        f"largest error of a share: ours {off[0]:.3f} (random points), scipy {off[1]:.3f} (Sobol points)"
    )
    return result


def studies() -> Result:
    """Compare simulated multiplier studies, each redrawn 1,000 times, with the same by scipy's bootstrap."""

    def study(n: int, rng: np.random.Generator) -> hp.Estimate:
        inside = int(rng.binomial(n, 0.31))
        survey = hp.Survey({"t": [1, 0], "count": [inside, n - inside]}, counts="count", replicates=REDRAWS)
        return hp.multiplier(4_900, survey.proportion("t"))

    def ours() -> object:
        return hp.plan.simulate(
            study, n=[INTERVIEWS], relative_precision=0.2, replicates=STUDIES, method="percentile"
        ).summary()

    def theirs() -> object:
        rng = np.random.default_rng(0)
        widths = []
        for _ in range(STUDIES):
            answers = (rng.random(INTERVIEWS) < 0.31).astype(float)
            made = stats.bootstrap(
                (answers,), np.mean, n_resamples=REDRAWS, method="percentile", vectorized=True, rng=rng
            ).confidence_interval
            widths.append(4_900 / made.low - 4_900 / made.high)
        return np.median(widths)

    found = measure.race({"ours": on(1, ours), "scipy": theirs}, 3)
    result = Result()
    case = f"s2 {STUDIES} simulated studies of {INTERVIEWS} interviews, {REDRAWS:,} redraws each"
    result.compare(case, 1, found["ours"], "scipy bootstrap", found["scipy"], STUDIES, None)
    return result


ALL = (shares, studies)
