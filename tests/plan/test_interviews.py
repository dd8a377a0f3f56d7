"""Interviews for shares and sizes: published figures, algebra, the package's own intervals, simulation."""

import math
from dataclasses import replace

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import HiddenpopWarning, InputError

from ..facts import OPAAK_BENCHMARKS, RSURVEILLANCE_N_AP, Z


@pytest.mark.parametrize("asked", RSURVEILLANCE_N_AP)
def test_shares_need_what_another_implementation_says(asked: tuple[float, float, float]) -> None:
    share, precision, level = asked
    assert hp.plan.proportion(share, precision=precision, level=level).n == RSURVEILLANCE_N_AP[asked]


def test_about_400_is_z_rounded_to_two() -> None:
    # Textbooks' n = 4 p q / d²: the level at which z is 2 is 95.45%.
    level = math.erf(2 / math.sqrt(2))
    assert hp.plan.proportion(0.5, precision=0.05, level=level).n == 400
    assert hp.plan.proportion(0.5, precision=0.05).n == 385


def test_a_finite_population_as_cochran() -> None:
    # Cochran (1977), eq. 4.2, worked by hand: n0 = 384.1, n = n0 / (1 + (n0 - 1) / N).
    n0 = Z**2 / 4 / 0.05**2
    for size in (500, 2_000, 1e6):
        assert hp.plan.proportion(0.5, precision=0.05, population=size).n == math.ceil(n0 / (1 + (n0 - 1) / size))
    # A census has no error, and a large design effect never needs more people than there are.
    assert hp.plan.proportion(0.3, n=500, population=500).half_width == 0
    assert hp.plan.proportion(0.5, precision=0.01, population=500, design_effect=50).n <= 500


def test_design_effects_multiply() -> None:
    one, four = (hp.plan.proportion(0.3, precision=0.05, design_effect=effect) for effect in (1, 4))
    assert four.n == pytest.approx(4 * one.n, abs=4)
    # Strata can do better than no design.
    assert hp.plan.proportion(0.3, precision=0.05, design_effect=0.8).n < one.n


def test_n_and_precision_are_inverse() -> None:
    for share in (0.1, 0.5, 0.8):
        plan = hp.plan.proportion(share, precision=0.04, design_effect=2)
        assert hp.plan.proportion(share, n=plan.n, design_effect=2).half_width <= 0.04
        assert hp.plan.proportion(share, n=plan.n - 1, design_effect=2).half_width > 0.04
    relative = hp.plan.proportion(0.2, relative_precision=0.25)
    assert relative.n == hp.plan.proportion(0.2, precision=0.05).n


def test_a_multiplier_by_hand() -> None:
    # n = deff z² (1 - p) / (p r²).
    plan = hp.plan.multiplier(benchmark=4_900, share=0.31, relative_precision=0.2, design_effect=2)
    assert plan.n == math.ceil(2 * Z**2 * 0.69 / 0.31 / 0.2**2) == 428
    assert plan.estimate == pytest.approx(4_900 / 0.31)
    assert hp.plan.multiplier(4_900, 0.31, width=2 * 0.2 * 4_900 / 0.31, design_effect=2).n == 428


def test_an_uncertain_benchmark_adds_its_variance() -> None:
    benchmark = hp.normal(4_900, 245, name="register", replicates=20_000)
    plan = hp.plan.multiplier(benchmark, 0.31, relative_precision=0.2)
    assert plan.n == math.ceil(Z**2 * 0.69 / 0.31 / (0.2**2 - (Z * plan.benchmark_se / 4_900) ** 2))
    assert plan.benchmark_se == pytest.approx(245, rel=0.02)
    # The package's own arithmetic, by the delta method: benchmark over a survey of 1,000.
    survey = hp.Survey({"registered": [1, 0], "people": [310, 690]}, counts="people", replicates=20_000)
    size = hp.multiplier(benchmark, survey.proportion("registered"))
    assert hp.plan.multiplier(benchmark, 0.31, n=1_000).se == pytest.approx(size.se(), rel=0.03)
    with pytest.raises(InputError, match=r"own uncertainty gives ±9\.\d%"):
        hp.plan.multiplier(benchmark, 0.31, relative_precision=0.08)


def test_what_127_participants_gave() -> None:
    # Percentiles of redraws of 39 in 127 are the reference; the plan expects them from share and n alone.
    plan = hp.plan.multiplier(OPAAK_BENCHMARKS["crack only"], 39 / 127, n=127)
    survey = hp.Survey({"treated": [1, 0], "people": [39, 88]}, counts="people")
    size = hp.multiplier(OPAAK_BENCHMARKS["crack only"], survey.proportion("treated"))
    lower, upper = size.interval(method="percentile").to_numpy()[0]
    assert plan.interval == pytest.approx((lower, upper), rel=0.01)
    assert plan.relative_precision == pytest.approx(Z * math.sqrt(88 / 39 / 127))


def test_percentiles_are_wider_than_the_symmetric_interval() -> None:
    # r / (1 - r²): the half width of B / (p (1 ± r)).
    plan = hp.plan.multiplier(4_900, 0.31, relative_precision=0.2, method="percentile")
    lower, upper = plan.interval
    assert (upper - lower) / 2 / plan.estimate == pytest.approx(plan.relative_precision)
    assert plan.relative_precision == pytest.approx(0.2, abs=5e-4)
    assert plan.n > hp.plan.multiplier(4_900, 0.31, relative_precision=0.2).n
    # ... which has no end where the share's interval reaches zero.
    with pytest.warns(HiddenpopWarning, match="too few"):
        few = hp.plan.multiplier(100, 0.1, n=20, method="percentile")
    assert few.relative_precision == math.inf
    assert "infinity" in repr(few)


@pytest.mark.parametrize("method", ["delta", "percentile"])
@pytest.mark.parametrize("share", [0.1, 0.31, 0.6])
def test_the_chance_of_precision_by_simulation(share: float, method: str) -> None:
    plan = hp.plan.multiplier(4_900, share, relative_precision=0.25, method=method)
    found = np.random.default_rng(1).binomial(plan.n, share, 20_000) / plan.n
    reach = Z * np.sqrt((1 - found) / (found * plan.n))
    half = reach if method == "delta" else reach / (1 - reach**2)
    # Whole people: the formula's binomial distribution is continued between them.
    step = np.mean(found == np.median(found))
    assert plan.chance == pytest.approx(np.mean(half <= 0.25), abs=step + 0.01)
    assured = hp.plan.multiplier(4_900, share, relative_precision=0.25, method=method, assurance=0.9)
    assert assured.n > plan.n
    # The smallest n that does it.
    assert assured.chance >= 0.9 > replace(assured, n=assured.n - 1).chance


@pytest.mark.parametrize("share", [0.5, 0.35, 0.2, 0.9])
def test_the_chance_of_a_shares_precision(share: float) -> None:
    plan = hp.plan.proportion(share, precision=0.05, assurance=0.8)
    found = np.random.default_rng(2).binomial(plan.n, share, 20_000) / plan.n
    reached = np.mean(Z * np.sqrt(found * (1 - found) / plan.n) <= 0.05)
    assert plan.chance == pytest.approx(reached, abs=0.05)
    assert reached >= 0.75


def test_a_finite_population_of_a_size_is_the_size() -> None:
    plan = hp.plan.multiplier(300, 0.3, relative_precision=0.1, finite_population=True)
    assert plan.population == pytest.approx(1_000)
    n0 = Z**2 * 0.7 / 0.3 / 0.01
    assert plan.n == math.ceil(n0 / (1 + (n0 - 1) / 1_000))
    assert plan.vary(share=0.6).population == pytest.approx(500)
    # With n given, another share is a smaller population, which may not hold as many.
    given = hp.plan.multiplier(300, 0.3, n=800, finite_population=True)
    table = given.summary(shares=[0.3, 0.5], design_effects=[1])
    assert list(table["lower"].isna()) == [False, True]
    given.plot()
    assert math.isnan(given.vary(share=0.5).se)
    # A precision that only a census has.
    tiny = hp.plan.multiplier(100, 0.5, relative_precision=0.001, finite_population=True, assurance=0.9)
    assert tiny.n == 200
    assert tiny.half_width == 0
    with pytest.raises(InputError, match=r"more than the 32 people that a benchmark of 10 .* finite_population=True"):
        hp.plan.multiplier(10, 0.31, relative_precision=0.2)
    with pytest.raises(InputError, match="more than the population of 1,000"):
        hp.plan.multiplier(300, 0.3, n=1_001, finite_population=True)


def test_tables_vary_what_was_not_given() -> None:
    asked = hp.plan.multiplier(4_900, 0.31, relative_precision=0.2).summary(shares=[0.31, 0.1], design_effects=[1, 2])
    assert list(asked.index.names) == ["share", "design_effect"]
    assert asked.loc[(0.31, 2), "n"] == 428
    assert asked["relative_precision"].max() <= 0.2
    assert asked.loc[(0.1, 1), "estimate"] == pytest.approx(49_000)
    given = hp.plan.multiplier(4_900, 0.31, n=127).summary(design_effects=[1, 4])
    assert (given["n"] == 127).all()
    assert "chance" not in given
    assert given.loc[(0.31, 4), "half_width"] == pytest.approx(2 * given.loc[(0.31, 1), "half_width"])


def test_rds_asks_for_its_design_effect() -> None:
    with pytest.raises(InputError, match=r"Salganik \(2006\) recommends 2, Wejnert"):
        hp.plan.rds(0.3, precision=0.05)
    plan = hp.plan.rds(0.3, precision=0.05, design_effect=4)
    assert plan.n == math.ceil(4 * Z**2 * 0.21 / 0.05**2)
    assert list(plan.summary(shares=[0.3]).index.get_level_values(1)) == [2, 3, 4, 6, 10]
    assert "by respondent-driven sampling" in plan.methods()
    assert "Wejnert" in plan.methods()
    with pytest.warns(HiddenpopWarning, match="below the 2"):
        hp.plan.rds(0.3, precision=0.05, design_effect=1.5)


def test_an_estimates_point_serves_as_share() -> None:
    pilot = hp.beta(31, 69, name="pilot")
    assert hp.plan.multiplier(4_900, pilot, relative_precision=0.2).n == 214
    groups = hp.concat({"a": pilot, "b": hp.beta(20, 80, name="other")})
    with pytest.raises(InputError, match="pick one: share"):
        hp.plan.multiplier(4_900, groups, relative_precision=0.2)


def test_a_plan_does_not_go_by_what_inputs_are_called() -> None:
    """Draws of an input go by its name, or by how many were made before it; how many to interview must not."""

    def plan(name: str | None) -> tuple[float, float]:
        register = hp.normal(4_900, 250, name=name)
        living = register * hp.uniform(0.9, 1, name=None if name is None else f"{name}, alive")
        return tuple(hp.plan.multiplier(made, 0.31, relative_precision=0.3).benchmark_se for made in (register, living))

    assert plan("register") == plan("Kartei") == plan(None) == plan(None)
    assert plan(None)[0] == 250  # as given, whatever the draws say
    # Var(XY) = E(X²)E(Y²) - E(X)²E(Y)² of independent X and Y.
    exact = math.sqrt((4_900**2 + 250**2) * (0.95**2 + 0.01 / 12) - (4_900 * 0.95) ** 2)
    assert plan(None)[1] == pytest.approx(exact, rel=0.03)


@pytest.mark.parametrize(
    ("benchmark", "words"),
    [
        (hp.beta(80, 20, name="s"), "is a share"),
        (hp.normal(5, 1, name="a") - hp.normal(3, 1, name="b"), "is a difference"),
        (hp.normal(5, 1, name="a") > 3, "is a comparison"),
    ],
)
def test_what_is_no_number_of_people_is_no_benchmark(benchmark: hp.Estimate, words: str) -> None:
    with pytest.raises(InputError, match=words):
        hp.plan.multiplier(benchmark, 0.31, relative_precision=0.3)
