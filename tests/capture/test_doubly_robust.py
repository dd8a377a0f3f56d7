"""Doubly robust sizes: closed forms, double robustness with known truth, any classifier, bad input."""

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError
from hiddenpop.capture.learners import Logistic
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from ..on_lists import SEXES, expit, population


@pytest.fixture
def sexes() -> hp.Lists:
    return hp.Lists(SEXES, ["a", "b"], counts="people", by="sex", replicates=400)


def test_a_factor_gives_the_sum_of_its_strata(sexes: hp.Lists) -> None:
    # Closed form: Lincoln-Petersen in each stratum, with Seber's variances; both methods, as the model is saturated.
    simple = hp.lincoln_petersen(sexes, by="sex")
    for method in ("one-step", "plug-in"):
        robust = hp.doubly_robust(sexes, "~ sex", folds=1, method=method)
        assert robust.point == pytest.approx(simple.sum("all").point, rel=1e-9)
        assert robust.se("linearized") == pytest.approx(simple.sum("all").se("linearized"), rel=1e-6)
    by = hp.doubly_robust(sexes, "~ sex", folds=1, by="sex")
    np.testing.assert_allclose(by.point, simple.point, rtol=1e-9)
    np.testing.assert_allclose(by.se("linearized"), simple.se("linearized"), rtol=1e-6)


def test_models_fitted_anew_give_the_same_redraws_as_the_closed_form() -> None:
    lists = hp.Lists({"a": [1, 0, 1], "b": [0, 1, 1], "n": [40, 60, 32]}, ["a", "b"], counts="n", replicates=200)
    simple = hp.lincoln_petersen(lists)
    np.testing.assert_allclose(hp.doubly_robust(lists, folds=1, refit=True).draws, simple.draws, rtol=1e-8)
    # With chances kept, redraws are linear: the same to first order.
    linear = hp.doubly_robust(lists, folds=1)
    assert np.corrcoef(linear.draws[0], simple.draws[0])[0, 1] > 0.95
    assert linear.se() == pytest.approx(linear.se("linearized"), rel=4 / np.sqrt(2 * 200))


def test_with_logistic_chances_the_plug_in_is_the_conditional_likelihood_estimate() -> None:
    # If log odds of being on each list are linear, so are those of the histories seen; two implementations.
    lists = hp.Lists(population(7, lists=2), ["a", "b"])
    expected = hp.capture_covariates(lists, "~ age + sex").size.point
    assert hp.doubly_robust(lists, "~ age + sex", folds=1, method="plug-in").point == pytest.approx(expected, rel=1e-7)
    free = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000)
    other = hp.doubly_robust(lists, "~ age + sex", folds=1, method="plug-in", learner=free)
    assert other.point == pytest.approx(expected, rel=1e-4)


class Given:
    """A learner that knows its chances."""

    def __init__(self, chance: Any) -> None:
        self.chance = chance

    def fit(self, features: Any, classes: Any) -> "Given":
        return self

    def predict_proba(self, features: Any) -> Any:
        chance = self.chance(features[:, 0])
        return np.column_stack([1 - chance, chance])


def test_one_wrong_chance_does_no_harm() -> None:
    # Known truth: 40,000 people, chances expit(-0.5 + x) and expit(-0.8 + 0.7 x), x uniform on (-1, 1). The paper: the error
    # is that in q1 times that in q2 plus that in q12 times that in the chance of being seen.
    rng = np.random.default_rng(8)
    x = rng.uniform(-1, 1, 40_000)
    on = np.column_stack([rng.random(len(x)) < expit(-0.5 + x), rng.random(len(x)) < expit(-0.8 + 0.7 * x)])
    table = pd.DataFrame(on, columns=["a", "b"]).assign(x=x)[on.any(axis=1)]
    lists = hp.Lists(table, ["a", "b"])

    def p1(x: Any) -> Any:
        return expit(-0.5 + x)

    def p2(x: Any) -> Any:
        return expit(-0.8 + 0.7 * x)

    def seen(x: Any) -> Any:
        return 1 - (1 - p1(x)) * (1 - p2(x))

    right = {
        "q1": lambda x: p1(x) / seen(x),
        "q2": lambda x: p2(x) / seen(x),
        "q12": lambda x: p1(x) * p2(x) / seen(x),
    }

    def size(method: str, **wrong: Any) -> float:
        learner = {key: Given(chance) for key, chance in {**right, **wrong}.items()}
        return hp.doubly_robust(lists, "~ x", learner=learner, method=method).point / 40_000

    tolerance = 4 * hp.doubly_robust(lists, "~ x").se("linearized") / 40_000
    assert tolerance < 0.06

    def flat(x: Any) -> Any:
        return np.full(len(x), 0.75)

    assert abs(size("one-step") - 1) < tolerance
    assert abs(size("one-step", q1=flat) - 1) < tolerance
    assert abs(size("plug-in", q1=flat) - 1) > 0.08
    assert abs(size("one-step", q2=flat) - 1) < tolerance
    # q12 wrong, with q1 wrong so that the chance of being seen is right.
    both = {"q1": lambda x: 0.8 * right["q1"](x), "q12": lambda x: 0.8 * right["q12"](x)}
    assert abs(size("one-step", **both) - 1) < tolerance
    # q12 alone wrong, by a factor c: then the chance of being seen is wrong as well, and the size is that times (2 - 1 / c) / c,
    # and what chance does to those on both counts 1 / c^2 times.
    assert abs(size("one-step", q12=lambda x: 0.6 * right["q12"](x)) - (2 - 1 / 0.6) / 0.6) < tolerance / 0.6**2


def test_flexible_learners_are_cross_fitted_and_repeat_their_digits() -> None:
    lists = hp.Lists(population(9, size=3000, lists=2), ["a", "b"], replicates=300)
    forest = RandomForestClassifier(40, min_samples_leaf=40)
    size = hp.doubly_robust(lists, "~ age + sex", learner=forest, folds=3)
    assert size.point == hp.doubly_robust(lists, "~ age + sex", learner=forest, folds=3).point
    assert size.point != hp.doubly_robust(lists, "~ age + sex", learner=forest, folds=3, split=1).point
    assert not hasattr(forest, "classes_")  # the user's own stays as it was
    assert abs(size.point - 3000) < 4 * size.se("linearized")
    assert "RandomForestClassifier, cross-fitted in 3 folds" in size.methods()
    again = hp.read_estimate(size.to_json())
    np.testing.assert_array_equal(again.draws, size.draws)


def test_sizes_and_intervals_hold_in_simulation() -> None:
    # Known truth: 1,500 people, 60 populations; coverage above 95% less 4 s.e. (11 points).
    sizes, covered, errors = [], [], []
    for seed in range(60):
        size = hp.doubly_robust(hp.Lists(population(seed, lists=2), ["a", "b"], replicates=10), "~ age + sex", folds=2)
        sizes.append(size.point)
        errors.append(size.se("linearized"))
        low, high = size.interval(method="t").to_numpy()[0]
        covered.append(low <= 1500 <= high)
    assert abs(np.median(sizes) - 1500) < 1.25 * 4 * np.std(sizes) / np.sqrt(60)
    assert np.median(errors) == pytest.approx(np.std(sizes), rel=0.4)
    assert np.mean(covered) > 0.84


def test_people_on_other_lists_count_as_seen() -> None:
    # Closed form: with a factor alone they change nothing, since n q1 q2 / q12 = n1 n2 / m in each stratum.
    lists = hp.Lists(population(11), ["a", "b", "c"], replicates=100)
    three = hp.doubly_robust(lists, "~ sex", pair=("a", "b"), folds=1)
    two = hp.doubly_robust(lists["a", "b"], "~ sex", folds=1)
    assert three.point == pytest.approx(two.point, rel=1e-8)
    assert three.node.n[0] > two.node.n[0]
    assert np.corrcoef(three.draws[0], two.draws[0])[0, 1] > 0.9
    with pytest.raises(InputError, match=r"there are 3. Say which: pair=\('a', 'b'\)"):
        hp.doubly_robust(lists, "~ sex")
    with pytest.raises(InputError, match="names 'd', which is no list"):
        hp.doubly_robust(lists, "~ sex", pair=("a", "d"))
    with pytest.raises(InputError, match="two different lists"):
        hp.doubly_robust(lists, "~ sex", pair=("a", "a"))


def test_logistic_regression_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(500, 2))
    classes = np.array([1 + rng.choice(3, p=p / p.sum()) for p in np.exp(features @ rng.normal(size=(2, 3)))])
    ours = Logistic().fit(features, classes).predict_proba(features)
    theirs = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(features, classes).predict_proba(features)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_few_people_on_both_lists_are_named() -> None:
    few = hp.Lists({**SEXES, "people": [40, 60, 3, 10, 20, 0]}, ["a", "b"], counts="people")
    with pytest.raises(InputError, match=r"Only 3 people are on both lists, fewer than 5 folds\. Use folds=2"):
        hp.doubly_robust(few, "~ 1")
    with pytest.raises(hp.EstimationError, match="no finite maximum in a fold"):
        hp.doubly_robust(few, "~ sex", folds=1)
    nobody = hp.Lists({**SEXES, "people": [40, 0, 3, 10, 0, 5]}, ["a", "b"], counts="people")
    with pytest.raises(InputError, match="Nobody is on b but not on a"):
        hp.doubly_robust(nobody, "~ 1")


def test_chances_near_zero_are_raised_and_said() -> None:
    rng = np.random.default_rng(2)
    age = rng.normal(size=4000)
    on = np.column_stack([rng.random(4000) < expit(-1 + 2 * age), rng.random(4000) < expit(-1 - 2 * age)])
    table = pd.DataFrame(on, columns=["a", "b"]).assign(age=age)[on.any(axis=1)]
    lists = hp.Lists(table, ["a", "b"], replicates=100)
    with pytest.warns(HiddenpopWarning, match=r"below margin=0.1 for \d+\.\d% of people"):
        size = hp.doubly_robust(lists, "~ age", margin=0.1)
    assert "was raised" in repr(size)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learner": SVC()}, "needs methods fit and predict_proba"),
        ({"learner": LogisticRegression}, r"Make one first: LogisticRegression\(\)"),
        ({"learner": {"q1": LogisticRegression()}}, "keys 'q1', 'q2' and 'q12'"),
        ({"learner": "forest"}, "needs methods fit"),
        ({"method": "best"}, "not one of 'one-step'"),
        ({"folds": 0}, "whole number from 1 to 100"),
        ({"margin": 0.7}, "between 0 and 0.5"),
        ({"bootstrap": "parametric"}, "'full', 'conditional'"),
        ({"formula": "~ list + sex"}, "covariates only"),
        ({"formula": "~ region"}, "no column 'region'"),
    ],
)
def test_options_that_cannot_be_used(sexes: hp.Lists, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        hp.doubly_robust(sexes, **{"formula": "~ sex", **options})
