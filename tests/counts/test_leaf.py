"""Sizes from one register as estimates: draws, arithmetic, files, sentences."""

from __future__ import annotations

import json
import pickle

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop.ground import records
from hiddenpop.uncertainty import jackknife


@pytest.fixture(scope="module")
def survey() -> hp.Survey:
    return hp.Survey({"uses_crack": [1, 0], "n": [60, 40]}, counts="n", replicates=400)


def test_sizes_multiply_with_shares(counts: hp.CaptureCounts, survey: hp.Survey) -> None:
    size, share = hp.zero_truncated(counts, "~ sex").size, survey.proportion("uses_crack")
    people = size * share
    assert people.quantity == "size"
    assert people.point == pytest.approx(size.point * share.point)
    assert people.draws == pytest.approx(size.draws * share.draws)
    # Delta method by hand: relative variances add.
    relative = (size.se("linearized") / size.point) ** 2 + (share.se("linearized") / share.point) ** 2
    assert people.se("linearized") == pytest.approx(people.point * relative**0.5)


def test_analytic_intervals_by_hand(counts: hp.CaptureCounts) -> None:
    fit = hp.zero_truncated(counts, "~ sex")
    size, se, z = fit.size.point, fit.se(), 1.959963984540054
    assert fit.size.se("linearized") == pytest.approx(se)
    assert fit.interval(scale="identity").to_numpy()[0] == pytest.approx([size - z * se, size + z * se])
    # Chao (1987), eq. 8: log-normal for those not seen.
    unseen = size - counts.n
    factor = np.exp(z * np.sqrt(np.log(1 + se**2 / unseen**2)))
    assert fit.interval().to_numpy()[0] == pytest.approx([counts.n + unseen / factor, counts.n + unseen * factor])
    assert fit.size.interval(method="t").to_numpy()[0] == pytest.approx(fit.interval().to_numpy()[0])
    on_logs = fit.size.interval(method="t", scale="log").to_numpy()[0]
    assert on_logs == pytest.approx(np.maximum(size * np.exp(np.array([-z, z]) * se / size), counts.n))
    assert fit.interval(method="percentile").equals(fit.size.interval(method="percentile"))


def test_parts_add_up_in_every_draw(counts: hp.CaptureCounts) -> None:
    fit = hp.zero_truncated(counts, "~ sex")
    parts = fit.size_by("sex")
    assert parts.sum().point == pytest.approx(fit.size.point)
    assert parts.sum().draws[0] == pytest.approx(fit.size.draws[0])
    assert parts.vcov("linearized").to_numpy().sum() == pytest.approx(fit.se() ** 2)
    assert parts.node.n.sum() == counts.n
    # Columns that are no covariates split the same people.
    by_age = fit.size_by(["sex", "age"])
    assert by_age.sum().draws[0] == pytest.approx(fit.size.draws[0])
    with pytest.raises(hp.InputError, match="no column 'sexes'"):
        fit.size_by("sexes")


def test_replicate_i_is_the_same_register_for_all_estimators(counts: hp.CaptureCounts) -> None:
    # Zelterman's and Chao's estimates rest on the same ones and twos, and rise and fall together.
    zelterman, chao = hp.zelterman(counts).size, hp.chao(counts).size
    assert np.corrcoef(zelterman.draws[0], chao.draws[0])[0, 1] > 0.99
    independent = hp.chao(counts).size.replay(seed=5)
    assert abs(np.corrcoef(independent.draws[0], chao.draws[0])[0, 1]) < 0.25
    with pytest.raises(hp.InputError, match="different seeds"):
        _ = independent - chao
    with pytest.warns(hp.HiddenpopWarning, match="parametric bootstrap"):
        _ = hp.zero_truncated(counts, bootstrap="parametric").size - chao
    with pytest.raises(hp.EstimationError, match="which only the draws know"):
        (zelterman - chao).se("linearized")


def test_nonparametric_redraws_keep_the_number_seen(counts: hp.CaptureCounts) -> None:
    # Their variance lacks N (1 - p) / p, the chance in how many are seen.
    fit = hp.zero_truncated(counts, "~ sex")
    less = hp.zero_truncated(counts, "~ sex", bootstrap="nonparametric")
    assert less.size.se() < fit.size.se()
    assert fit.size.se() == pytest.approx(fit.se(), rel=0.2)


def test_more_replicates_begin_with_the_same_ones(counts: hp.CaptureCounts) -> None:
    size = hp.zero_truncated(counts, "~ sex").size
    with hp.settings(threads=1):
        more = size.replay(replicates=500)
        assert np.array_equal(more.draws[:, :400], size.draws)


def test_saved_sizes_come_back(counts: hp.CaptureCounts, survey: hp.Survey) -> None:
    size = hp.zero_truncated(counts, "~ sex", family="geometric").size
    people = size * survey.proportion("uses_crack")
    for again in (hp.read_estimate(people.to_json()), pickle.loads(pickle.dumps(people))):
        assert again.point == people.point
        assert np.array_equal(again.draws, people.draws)
    again = hp.read_estimate(size.to_json())
    assert again.interval(method="t").equals(size.interval(method="t"))
    assert again.methods() == size.methods()
    with pytest.raises(hp.EstimationError, match=r"hp\.CaptureCounts"):
        _ = again.replay(seed=3).draws
    record = json.loads(size.to_json().replace('"ztgeom"', '"oiztgeom"'))
    with pytest.raises(hp.InputError, match=r"'oiztgeom', which is no family"):
        hp.read_estimate(json.dumps(record | {"checksum": records.checksum(record)}))


def test_methods_say_what_was_done(counts: hp.CaptureCounts) -> None:
    text = hp.zero_truncated(counts, "~ sex + age", family="Hurdleztpoisson", pi="~ sex").size.methods()
    for part in ("Register 'clinics'", "hurdle at one", "sex + age on lambda", "sex on pi", "Bin(N, n/N)", "Chlebicki"):
        assert part in text
    assert "Chao A (1987)" in hp.chao(counts).size.methods()
    assert hp.chao(counts).size.summary()["method"].iloc[0].startswith("Chao's lower bound")


def test_jackknife_and_bca_go_through_the_register(counts: hp.CaptureCounts, survey: hp.Survey) -> None:
    # The jackknife of all N people estimates the same variance as redrawing them, whatever the true distribution (Efron
    # and Tibshirani 1993, section 11.5); a s.d. of 400 draws is right to 3.5%.
    fit = hp.zero_truncated(counts, "~ sex")
    assert fit.size.se("jackknife") == pytest.approx(fit.size.se(), rel=0.12)
    size = fit.size.point
    without = (size - fit.dfpopsize()) * size / (size - 1)
    squares = ((without - size) ** 2).sum() + (size - counts.n) * (size / (size - 1)) ** 2
    assert fit.size.se("jackknife") ** 2 == pytest.approx(squares * (1 - 1 / size), rel=1e-6)
    people = fit.size * survey.proportion("uses_crack")
    low, high = people.interval(method="bca").to_numpy()[0]
    assert low < people.point < high
    # Acceleration by hand: a sixth of the skewness of the influence of all N people (Efron 1987, eq. 4.4).
    unseen = fit.size.point - counts.n
    influence = fit.dfpopsize().to_numpy() - fit.dfpopsize().sum() / fit.size.point
    rest = -fit.dfpopsize().sum() / fit.size.point
    cubes, squares = (influence**3).sum() + unseen * rest**3, (influence**2).sum() + unseen * rest**2
    assert jackknife.acceleration(fit.size.node)[0] == pytest.approx(cubes / (6 * squares**1.5), rel=1e-6)
