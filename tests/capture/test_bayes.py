"""Averages over decomposable graphs: closed forms, dga's figures, and what must not depend on anything."""

import itertools
import math
from typing import Any

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import HiddenpopWarning, InputError, _core
from scipy import stats
from scipy.special import gammaln

from ..on_lists import EXPECTED, KOSOVO, kosovo, small

# Averaging over decomposable graphs


def test_as_many_graphs_as_labelled_chordal_graphs() -> None:
    # OEIS A058862
    assert [len(_core.decomposable_graphs(k)) for k in (2, 3, 4, 5)] == [2, 8, 61, 822]


@pytest.mark.parametrize("delta", ["0.0625", "0.5", "1"])
@pytest.mark.parametrize("most", [20_000, 40_000])
def test_kosovo_is_dgas(delta: str, most: int) -> None:
    theirs = EXPECTED["kosovo.csv"]["dga"][f"delta{delta}_max{most}"]
    ours = hp.decomposable_bma(kosovo(), delta=float(delta), max_missed=most)
    # Both are exact up to rounding.
    assert ours.point == pytest.approx(theirs["mean"], rel=1e-9)
    assert [ours.quantile(q) for q in (0.025, 0.5, 0.975)] == theirs["q"]
    assert ours.graphs["probability"].head(3).tolist() == pytest.approx(theirs["top_weights"], rel=1e-9)
    assert len(ours.graphs) == theirs["n_graphs"] == 61
    assert ours.graphs["probability"].sum() == pytest.approx(1, rel=1e-12)


def test_three_lists_are_dgas() -> None:
    theirs = EXPECTED["kosovo.csv"]["dga three lists, delta 1/8, Nmissing 0..300"]
    ours = hp.decomposable_bma(small(), max_missed=300)
    assert ours.point == pytest.approx(theirs["mean"], rel=1e-9)
    assert [ours.quantile(q) for q in (0.025, 0.5, 0.975)] == theirs["q"]


def test_small_counts_by_hand() -> None:
    # The definition, written with gamma functions and sums over cliques found by brute force.
    counts = np.array([0, 3.0, 2, 1, 4, 0, 2, 1])
    delta, most = 0.3, 40
    unseen = np.arange(most + 1)
    total = 8 * delta

    def marginal(inside: tuple[int, ...]) -> Any:
        if not inside:
            return 0 * unseen
        each = delta * 2 ** (3 - len(inside))
        result = gammaln(total) - gammaln(total + counts.sum() + unseen)
        for cell in itertools.product((0, 1), repeat=len(inside)):
            people = sum(
                counts[h] for h in range(1, 8) if all((h >> j & 1) == c for j, c in zip(inside, cell, strict=True))
            )
            result = result + gammaln(each + people + (0 if any(cell) else unseen)) - gammaln(each)
        return result

    a, b, c = (0,), (1,), (2,)
    graphs = [[(a, 1), (b, 1), (c, 1)], [((0, 1, 2), 1)]]
    graphs += [[(pair, 1), (rest, 1)] for pair, rest in (((0, 1), c), ((0, 2), b), ((1, 2), a))]
    graphs += [
        [((0, 1), 1), ((1, 2), 1), (b, -1)],
        [((0, 1), 1), ((0, 2), 1), (a, -1)],
        [((0, 2), 1), ((1, 2), 1), (c, -1)],
    ]
    people = counts.sum() + unseen
    logs = np.array([sum(sign * marginal(inside) for inside, sign in graph) for graph in graphs])
    weights = np.exp(logs + gammaln(people + 1) - gammaln(unseen + 1) - np.log(people))
    weights /= weights.sum()
    missed, probability = _core.decomposable_average(counts, delta, "log-uniform", most, 1)
    np.testing.assert_allclose(missed, weights.sum(axis=0), rtol=1e-10)
    np.testing.assert_allclose(np.sort(probability), np.sort(weights.sum(axis=1)), rtol=1e-10)


def test_the_prior_of_the_size() -> None:
    lists = small()
    seen, most = lists.n, 300
    named = hp.decomposable_bma(lists, max_missed=most)
    given = hp.decomposable_bma(lists, prior=1 / (seen + np.arange(most + 1)))
    assert given.point == pytest.approx(named.point, rel=1e-12)
    # 1 / N pulls towards fewer people than a constant prior: 151.26 is the definition's value (NumPy).
    flat = hp.decomposable_bma(lists, prior="uniform", max_missed=most)
    assert flat.point == pytest.approx(151.26462313828284, rel=1e-9)
    certain = hp.decomposable_bma(lists, prior=np.eye(101)[40])
    assert certain.point == seen + 40
    assert certain.interval().to_numpy().tolist() == [[seen + 40, seen + 40]]


def test_order_of_lists_changes_nothing() -> None:
    first = hp.decomposable_bma(kosovo(), max_missed=20_000)
    other = hp.decomposable_bma(kosovo(KOSOVO[::-1]), max_missed=20_000)
    assert other.point == pytest.approx(first.point, rel=1e-9)
    assert other.graphs["probability"].tolist() == pytest.approx(
        first.graphs["probability"].tolist(), rel=1e-6, abs=1e-15
    )


def test_five_lists() -> None:
    table = hp.datasets.load("uk_modern_slavery")["overlaps"]
    table = table.assign(PFNCA=table[["PF", "NCA"]].max(axis=1))
    lists = hp.Lists(table, ["LA", "NG", "PFNCA", "GO", "GP"], counts="people")
    with pytest.warns(HiddenpopWarning, match="12% of the posterior lies in the last tenth"):
        size = hp.decomposable_bma(lists)
    assert len(size.graphs) == 822
    low, high = size.interval().to_numpy()[0]
    assert lists.n < low < size.point < high
    with pytest.raises(InputError, match="up to 5 lists"):
        hp.decomposable_bma(hp.Lists(table, ["LA", "NG", "PF", "NCA", "GO", "GP"], counts="people"))


def test_the_prior_is_shown() -> None:
    size = hp.decomposable_bma(kosovo())
    text = repr(size)
    # The figures of dga for three deltas.
    for shown in (
        "12,749",
        "11,014",
        "4,828",
        "cut-off at 44,000",
        "p(N) proportional to 1 / N",
        "What the prior does",
    ):
        assert shown in text
    assert "What the prior does" in size._repr_html_()
    assert size.sensitivity.index.names == ["delta", "cut_off"]
    assert size.sensitivity.index.get_level_values("cut_off").tolist() == [44_000] * 3 + [22_000]
    # What is computed from it says it, too.
    assert "delta 1 gives 4,828 (4,407 to 6,844)" in repr(size * 2)
    sentence = size.methods()
    assert "Madigan" in sentence
    assert "cut-off at 44,000" in sentence


def test_posterior_at_the_cut_off_warns() -> None:
    with pytest.warns(HiddenpopWarning, match="lies in the last tenth below the cut-off of 80"):
        hp.decomposable_bma(small(), max_missed=80)


def test_draws_follow_the_posterior() -> None:
    size = hp.decomposable_bma(kosovo(replicates=20_000), max_missed=20_000)
    law = size.node.laws[0]  # type: ignore[attr-defined]
    draws = size.draws[0]
    assert draws.mean() == pytest.approx(size.point, abs=4 * draws.std() / np.sqrt(20_000))
    # Goodness of fit in 20 parts that are about equally likely.
    ends = np.unique(law.exact(np.arange(1, 20) / 20))
    expected = np.diff(np.concatenate([[0], np.cumsum(law.probability)[(ends - law.first).astype(int)], [1]]))
    observed = np.bincount(np.searchsorted(ends, draws), minlength=len(expected))
    assert stats.chisquare(observed, expected * len(draws)).pvalue > 1e-4
    # Replicates are fixed by the seed, in any number; another seed draws others.
    again = hp.decomposable_bma(kosovo(replicates=20_000), max_missed=20_000)
    assert np.array_equal(again.draws, size.draws)
    assert np.array_equal(size.replay(replicates=500).draws, size.draws[:, :500])
    assert not np.array_equal(size.replay(seed=3).draws, size.draws)


def test_bad_input_is_explained() -> None:
    lists = kosovo()
    for call, match in [
        (lambda: hp.decomposable_bma(lists["EXH", "ABA"]), "three lists at least"),
        (lambda: hp.latent_class(lists["EXH", "ABA"]), "three lists at least"),
        (lambda: hp.decomposable_bma(lists, delta=-1), "delta=-1 must be a number above zero"),
        (lambda: hp.decomposable_bma(lists, delta=0), "above zero"),
        (lambda: hp.decomposable_bma(lists, delta=math.nan), "above zero"),
        (lambda: hp.decomposable_bma(lists, delta=True), "above zero"),
        (lambda: hp.decomposable_bma(lists, prior="flat"), "'log-uniform', 'uniform'"),
        (lambda: hp.decomposable_bma(lists, prior=[1, -1]), "zero or more"),
        (lambda: hp.decomposable_bma(lists, prior=[0, 0]), "not all zero"),
        (lambda: hp.decomposable_bma(lists, prior=["a", 2]), "list of numbers"),
        (lambda: hp.decomposable_bma(lists, prior=[1, 1, 1], max_missed=7), "Leave max_missed out"),
        (lambda: hp.decomposable_bma(lists, max_missed=0), "whole number from 1 to"),
        (lambda: hp.decomposable_bma(lists, max_missed=2.5), "whole number"),
        (lambda: hp.decomposable_bma([1, 0]), "needs Lists"),
        (lambda: hp.decomposable_bma(lists, by="region"), "no stratum"),
        (lambda: hp.latent_class(lists, classes=0), "whole number from 1 to 100"),
        (lambda: hp.latent_class(lists, chains=1), "whole number from 2 to"),
        (lambda: hp.latent_class(lists, alpha=0.25), "shape and the rate"),
        (lambda: hp.latent_class(lists, alpha=(0.25, 0)), "above zero"),
        (lambda: hp.latent_class([1, 0]), "needs Lists"),
        (lambda: hp.latent_class(lists, thin=0), "whole number from 1 to"),
        (lambda: hp.Lists({"a": [], "b": [], "c": []}, ["a", "b", "c"]), "."),
    ]:
        with pytest.raises(InputError, match=match):
            call()


def test_corrections_for_bias_decline() -> None:
    size = hp.decomposable_bma(kosovo())
    for method in ("basic", "bc", "bca"):
        with pytest.raises(InputError, match="bias of redrawing"):
            size.interval(method=method)
    with pytest.raises(InputError, match="bias of redrawing"):
        size.se("jackknife")


# Strata


def test_strata_have_posteriors_of_their_own(regions: hp.Lists) -> None:
    size = hp.decomposable_bma(regions, by="region")
    # List d does not operate in the north, so that the others are all there is.
    assert size.point["north"] == pytest.approx(hp.decomposable_bma(small()).point, rel=1e-9)
    assert len(size.graphs.loc["north"]) == 8
    assert len(size.graphs.loc["south"]) == 61
    assert abs(np.corrcoef(size.draws)[0, 1]) < 4 / np.sqrt(size.replicates)
    total = size.sum("everyone")
    assert total.point == pytest.approx(size.point.sum())
    np.testing.assert_array_equal(total.draws[0], size.draws.sum(axis=0))
    assert size["north"].point == size.point["north"]
    assert "north" in repr(size)
    with pytest.raises(InputError, match="covers some strata only"):
        hp.decomposable_bma(regions)


def test_what_is_not_independent_warns() -> None:
    lists = kosovo()
    posterior, redrawn = hp.decomposable_bma(lists), hp.chapman(lists["EXH", "ABA"])
    for left, right in ((posterior, redrawn), (redrawn, posterior), (posterior, hp.decomposable_bma(lists, delta=1))):
        with pytest.warns(HiddenpopWarning, match="count as independent and are not"):
            left - right
    # One posterior is one quantity, however often it is made.
    difference = posterior - hp.decomposable_bma(lists)
    assert not difference.draws.any()
    with pytest.raises(InputError, match="two seeds"):
        posterior - posterior.replay(seed=5)
    share = hp.beta(80, 20, name="share")
    assert (posterior * share).quantity == "size"
