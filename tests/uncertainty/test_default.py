"""The interval that is given when nobody says which: one for each kind of quantity and design (docs/validation.md says why)."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.uncertainty.default import default_method
from scipy import stats

RNG = np.random.default_rng(8)
FRAME = pd.DataFrame(
    {
        "c": np.repeat(np.arange(40), 5),
        "s": np.repeat(np.arange(4), 50),
        "y": RNG.integers(0, 2, 200),
        "x": RNG.normal(5, 1, 200),
        "w": RNG.uniform(1, 3, 200),
        "few": np.arange(200) < 25,
    }
)
SIMPLE, STRATA, WEIGHTS, CLUSTERS = (
    hp.Survey(FRAME, replicates=40, **design)
    for design in ({}, {"strata": "s"}, {"weights": "w", "strata": "s"}, {"clusters": "c"})
)
CALIBRATED = SIMPLE.calibrate({"few": {True: 300, False: 1700}})
DEFAULTS = [
    (SIMPLE.proportion("y"), "wilson"),
    (STRATA.proportion("y"), "wilson"),
    (WEIGHTS.proportion("y"), "wilson"),
    (CLUSTERS.proportion("y"), "t"),
    (CALIBRATED.proportion("y"), "t"),
    (CLUSTERS.with_replicates("JKn").proportion("y"), "t"),
    (SIMPLE.mean("x"), "t"),
    (SIMPLE.total("x"), "t"),
    (CLUSTERS.ratio("x", "w"), "t"),
    (SIMPLE.median("x"), "percentile"),
    (CLUSTERS.median("x", where="few"), "woodruff"),
    (hp.multiplier(900, SIMPLE.proportion("y")), "mover"),
    (SIMPLE.proportion("y") - SIMPLE.mean("x"), "mover"),
    (CLUSTERS.mean("x", where="few"), "jackknife"),
    (CLUSTERS.proportion("y", by="s"), "jackknife"),
    (CLUSTERS.calibrate({"few": {True: 300, False: 1700}}).mean("x", by="s"), "t"),
    (hp.beta(3, 4, name="b"), "percentile"),
    (hp.beta(3, 4, name="b") * hp.normal(5, 1, name="n"), "percentile"),
    (hp.multiplier(900, hp.beta(30, 40, name="b")), "percentile"),
    (SIMPLE.replicate(lambda w: w[:10].sum(), name="f"), "percentile"),
    (hp.Imputed([FRAME, FRAME]).proportion("y"), "t"),
]


@pytest.mark.filterwarnings("ignore:The interval rests on")
@pytest.mark.parametrize(("est", "method"), DEFAULTS, ids=[f"{i} {m}" for i, (_, m) in enumerate(DEFAULTS)])
def test_defaults(est: hp.Estimate, method: str) -> None:
    assert default_method(est.node) == method
    assert est.summary()["method"].iloc[0].endswith(f"95% {method}")
    pd.testing.assert_frame_equal(est.interval(), est.interval(method=method))


def test_wilson_in_complex_samples_by_hand() -> None:
    # Franco and others (2019): n is p (1 - p) / v, but no more than Kish's number makes of it; z is t.
    share = WEIGHTS.proportion("y")
    p, v = share.point, share.se("linearized") ** 2
    each = FRAME.groupby("s")["w"].agg(["sum", lambda w: (w**2).sum()]).to_numpy()
    own = FRAME.assign(wy=FRAME["w"] * FRAME["y"]).groupby("s")["wy"].sum().to_numpy() / each[:, 0]
    least = (each[:, 1] * own * (1 - own)).sum() / FRAME["w"].sum() ** 2
    n, t = p * (1 - p) / max(v, least), stats.t.ppf(0.975, 196)
    centre, half = (p + t**2 / (2 * n)), t * np.sqrt(p * (1 - p) / n + t**2 / (4 * n**2))
    assert np.ravel(share.interval()) == pytest.approx(
        np.array([centre - half, centre + half]) / (1 + t**2 / n), rel=1e-9
    )


def test_a_share_of_nobody_among_clusters_has_wilsons_upper_end() -> None:
    share = hp.Survey(FRAME.assign(none=0), clusters="c", replicates=40).proportion("none")
    t2 = stats.t.ppf(0.975, 39) ** 2
    assert np.ravel(share.interval()) == pytest.approx([0, t2 / (200 + t2)], rel=2e-8)  # older SciPy has t so exactly


def test_a_group_of_its_own_stratum_is_a_simple_sample() -> None:
    # One quota by itself, or beside others: the same people, the same interval.
    alone = hp.Survey(FRAME[FRAME["s"] == 2], replicates=40).proportion("y")
    beside = STRATA.proportion("y", by="s")
    np.testing.assert_allclose(beside.interval().loc[[2]], alone.interval(), rtol=1e-12)
