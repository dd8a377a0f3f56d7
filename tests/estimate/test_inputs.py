"""Uncertain inputs: their laws, and which of them are one quantity."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError

from .. import facts


@pytest.mark.parametrize(("point", "lower", "upper"), facts.PUBLISHED)
def test_published_figures_come_out_as_published(point: float, lower: float, upper: float) -> None:
    est = hp.published(point, lower, upper)
    assert est.point == point
    np.testing.assert_allclose(est.quantile([0.025, 0.5, 0.975]).iloc[0], [lower, point, upper], rtol=1e-12)
    # The draws follow: a quantile's Monte Carlo s.e. is sqrt(q (1 - q) / R) of the mass, 0.16% here.
    drawn = [(est.replay(replicates=10_000).draws < x).mean() for x in (lower, point, upper)]
    np.testing.assert_allclose(drawn, [0.025, 0.5, 0.975], atol=0.02)


@pytest.mark.parametrize("numbers", [(1.5, 1.2, 1.9), (50, 20, 60), (50, 40, 60), (50, 39.99999, 60)])
def test_lognormal_meets_its_three_numbers(numbers: tuple[float, float, float]) -> None:
    point, lower, upper = numbers
    est = hp.published(*numbers, level=0.9, size=False)
    np.testing.assert_allclose(est.interval(0.9).iloc[0], [lower, upper], rtol=1e-9)
    np.testing.assert_allclose(est.quantile(0.5), point, rtol=1e-9)
    if (lower, upper) == (1.2, 1.9):
        np.testing.assert_allclose(hp.lognormal(*numbers).interval().iloc[0], [1.2, 1.9], rtol=1e-12)


def test_published_intervals_stay_published_beside_others(people: hp.Estimate) -> None:
    both = hp.concat({2012: hp.published(14_300, 13_400, 16_300), 2023: people["opioids"]})
    np.testing.assert_allclose(both.interval().loc[2012], [13_400, 16_300])
    np.testing.assert_array_equal(both.interval().loc[2023], people.interval().loc["opioids"])


def test_laws_are_scipys() -> None:
    # Another implementation of the distribution functions.
    stats = pytest.importorskip("scipy.stats")
    shares = [0.001, 0.025, 0.3, 0.5, 0.9, 0.999]
    for ours, theirs in (
        (hp.beta(80, 20), stats.beta(80, 20)),
        (hp.beta(0.5, 0.5), stats.beta(0.5, 0.5)),
        (hp.uniform(2, 5), stats.uniform(2, 3)),
        (hp.triangular(1, 2, 5), stats.triang(0.25, 1, 4)),
        (hp.normal(50, 3), stats.norm(50, 3)),
    ):
        np.testing.assert_allclose(ours.quantile(shares).iloc[0], theirs.ppf(shares), rtol=1e-8)
        # Kolmogorov-Smirnov on the draws.
        assert stats.kstest(ours.draws[0], theirs.cdf).pvalue > 1e-4


def test_points() -> None:
    assert hp.beta(80, 20).point == 0.8
    assert hp.uniform(2, 5).point == 3.5
    assert hp.triangular(1, 2, 6).point == 3
    assert hp.normal(50, 3).point == 50


def test_unnamed_inputs_are_new_and_one_object_is_itself() -> None:
    a, b = hp.beta(80, 20), hp.beta(80, 20)
    assert (a - a).se() == 0
    assert (a - b).se() ** 2 == pytest.approx(a.se() ** 2 + b.se() ** 2, rel=0.1)
    named = hp.beta(80, 20, name="completeness"), hp.beta(80, 20, name="completeness")
    assert (named[0] - named[1]).se() == 0


def test_share_times_size_is_a_size(people: hp.Estimate) -> None:
    assert (people * hp.beta(80, 20)).quantity == "size"
    assert (people / 2).quantity == "size"
    assert (people - people[["opioids", "crack only"]]).quantity == "other"
    assert (people["opioids"] / people["crack only"]).quantity == "other"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: hp.beta(0, 1), "two numbers between 0.5 and 100,000"),
        (lambda: hp.beta(float("nan"), 1), "a=nan must be a finite number"),
        (lambda: hp.uniform(2, 1), "lower end first"),
        (lambda: hp.triangular(1, 5, 2), "in order"),
        (lambda: hp.normal(0, 0), "standard deviation above zero"),
        (lambda: hp.published(10, 12, 15), "must lie between the limits"),
        (lambda: hp.published(10, 0, 15), "lower limit of zero or less"),
        (lambda: hp.published(100, 20, 190), "negative values a chance of"),
        (lambda: hp.published(100, 2, 150), "negative values a chance of"),
        (lambda: hp.published(100, 5, 195), "negative values a chance of"),
        (lambda: hp.lognormal(1, 0.01, 2.5), "negative values a chance of"),
        (lambda: hp.published(10, 8, 15, level=95), r"Did you mean 0.95\?"),
        (lambda: hp.beta(1, 1, name=3), "must be a text"),
        (lambda: hp.beta(1, 1, replicates=0), "2 at least"),
    ],
)
def test_bad_inputs(make: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()  # type: ignore[operator]


def test_standard_deviations_are_those_of_the_distributions() -> None:
    """Closed forms beside a fine grid of the quantile functions, which are tested against SciPy."""
    shares = (np.arange(400_000) + 0.5) / 400_000
    for est in (
        hp.beta(80, 20),
        hp.uniform(3, 9),
        hp.triangular(1, 2, 7),
        hp.normal(5, 2),
        hp.published(100, 80, 140),
        hp.published(100, 60, 120, size=False),
        hp.lognormal(1.5, 1.2, 1.9),
    ):
        quantiles = est.node.exact(shares.tolist())[0]
        known = est.node.exact_se
        assert known is not None
        assert known[0] == pytest.approx(quantiles.std(), rel=1e-3)


def test_a_table_of_published_figures() -> None:
    table = pd.DataFrame(
        {"group": ["opioids", "crack"], "Estimate": [14_300, 3_400], "low": [13_400, 2_900], "high": [16_300, 4_400]}
    )
    figures = hp.published(table, name="2012")
    assert figures.labels.tolist() == ["opioids", "crack"]
    assert figures.labels.name == "group"
    np.testing.assert_allclose(figures.interval(), [[13_400, 16_300], [2_900, 4_400]])
    assert figures.point.tolist() == [14_300, 3_400]  # type: ignore[union-attr]
    alone = hp.published(14_300, 13_400, 16_300, name="2012, opioids")
    assert (figures.draws[0] == alone.draws[0]).all()  # one quantity by its name
    by_two = hp.published(table.assign(city="A").rename(columns={"low": "lower", "high": "upper"}))
    assert by_two.labels.tolist() == [("opioids", "A"), ("crack", "A")]
    by_index = hp.published(table.set_index("group"))
    assert by_index.labels.tolist() == ["opioids", "crack"]
    assert by_index["crack"].point == 3_400


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"low": None}, "one column called 'lower', 'low'; this one has none"),
        ({"lower": 1}, "one column called 'lower', 'low'; this one has 'low', 'lower'"),
        ({"group": "opioids"}, "more than once"),
        ({"high": 1}, "the point must lie between the limits"),
    ],
)
def test_tables_that_are_none_are_refused(change: dict[str, object], said: str) -> None:
    table = pd.DataFrame({"group": ["a", "b"], "estimate": [5, 6], "low": [3, 4], "high": [7, 9]}).assign(**change)
    table = table.drop(columns=[name for name, value in change.items() if value is None])
    with pytest.raises(hp.InputError, match=said):
        hp.published(table)


def test_published_needs_its_interval() -> None:
    with pytest.raises(hp.InputError, match="the point and both limits"):
        hp.published(14_300)
    with pytest.raises(hp.InputError, match="a table alone"):
        hp.published(pd.DataFrame({"estimate": [1]}), 3)
