"""Every leaf travels: an executor draws the digits that are drawn here, and is sent nothing that names people."""

import multiprocessing
import pickle
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from functools import cache
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.capture.learners import Logistic
from hiddenpop.draws import executors, settings
from hiddenpop.expression import evaluate, graph

#: Stands in all labels, names and answers of people.
PLANTED = "Quastenflosser"
FEW = 40


class Counting(ProcessPoolExecutor):
    """Counts what it is given to do."""

    tasks = 0

    def submit(self, function: Any, /, *args: Any, **options: Any) -> Future[Any]:
        self.tasks += 1
        return super().submit(function, *args, **options)


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    with Counting(2, multiprocessing.get_context("spawn")) as executor:
        yield executor


def first_weights(weights: np.ndarray) -> list[float]:
    """Sum up some weights; importable, so that any worker finds it."""
    return [float(weights[:50].sum()), float(weights.max())]


class Learner(Logistic):
    """A user's learner; importable as well."""


@cache
def people() -> pd.DataFrame:
    """People on four lists, named by what must not travel; each is on a list at least."""
    rng = np.random.default_rng(5)
    age = rng.normal(size=500)
    on = rng.random((500, 4)) < (1 / (1 + np.exp(0.4 - 0.5 * age)))[:, None]
    table = pd.DataFrame(on.astype(int), columns=list("abcd"))
    table["age"], table["times"] = age.round(1), 1 + rng.poisson(0.4, 500)
    table["name"] = [f"{PLANTED} {i}" for i in range(500)]
    table["group"] = rng.choice([f"{PLANTED} f", f"{PLANTED} m"], 500)
    return table[(table["a"] == 1) | (table["b"] == 1)].set_index("name", drop=False)


def survey() -> hp.Survey:
    return hp.Survey(people(), strata="group")


def recruited(**options: Any) -> hp.Survey:
    """Return a survey of the same people, who recruited one another."""
    table = people().reset_index(drop=True)
    by = [None if i < 5 else table["name"][i // 2] for i in range(len(table))]
    table = table.assign(by=by, knows=table.index % 7 + 4)
    return hp.Survey.rds(table, id="name", recruiter="by", degree="knows", homophily_on="group", **options)


def lists(names: str = "abcd", **options: Any) -> hp.Lists:
    return hp.Lists(people(), list(names), by="group", **options)


def register() -> hp.CaptureCounts:
    return hp.CaptureCounts(people(), "times")


def sources() -> dict[str, hp.Estimate]:
    sizes = {"v": 1_300, "w": 1_050, "x": 1_000, "y": 1_250, "z": 1_100}
    return {name: hp.published(m, 0.85 * m, 1.2 * m, name=name) for name, m in sizes.items()}


def combined(method: str, **options: Any) -> hp.Estimate:
    return hp.triangulate(sources(), method=method, **options).estimate


def extrapolated(method: str) -> hp.Estimate:
    """Return the sizes of ten areas, of which seven have a study."""
    rng, areas = np.random.default_rng(2), [f"area {i}" for i in range(10)]
    population = pd.Series(rng.integers(100, 900, 10) * 1000.0, areas)
    treated = population * 0.003 * np.exp(np.linspace(-0.6, 0.6, 10)[[0, 9, 1, 8, 2, 7, 3, 6, 4, 5]])
    table = pd.DataFrame({"population": population, "treated": treated})
    known = {area: hp.published(m := 3 * treated[area], 0.9 * m, 1.1 * m, name=area) for area in areas[:7]}
    return hp.extrapolate(known, table, method=method).total


def by_group() -> hp.Estimate:
    """Return the sizes of five areas, from those of two groups in three of them."""
    table = pd.DataFrame(
        {"population": np.linspace(1e5, 4e5, 10)}, pd.MultiIndex.from_product([list("ABCDE"), ["f", "m"]])
    )
    rates = {"f": 0.02, "m": 0.011}

    def size(area: str, group: str) -> hp.Estimate:
        middle = rates[group] * float(table.loc[(area, group), "population"])
        return hp.published(middle, 0.8 * middle, 1.3 * middle, name=area + group)

    sizes = {area: hp.concat({group: size(area, group) for group in rates}) for area in "ABC"}
    return hp.extrapolate(sizes, table, method="synthetic").total


def shares(method: str) -> hp.Estimate:
    """Return the share that three inputs agree on."""
    found = {name: hp.beta(a, b, name=name) for name, a, b in (("x", 40, 60), ("y", 30, 55), ("z", 25, 25))}
    return hp.triangulate(found, method=method).estimate


def imputed() -> hp.Imputed:
    """Return two imputations of an answer."""
    return hp.Imputed(
        [people().assign(d=lambda t, m=m: np.where(t["age"] > 1, m, t["d"])) for m in (0, 1)], strata="group"
    )


CASES: dict[str, Callable[[], Any]] = {
    "survey": lambda: survey().proportion("c", by="group"),
    "quantile": lambda: survey().quantile("age", 0.3, by="group"),
    "recruited": lambda: recruited(population=hp.published(2_000, 1_500, 2_600, name="N")).proportion("c", by="group"),
    "homophily graph": lambda: recruited(redraws="homophily_graph", population=2_000).proportion(
        "c", estimator="homophily_graph"
    ),
    "transitions": lambda: recruited().proportion("c", estimator="salganik_heckathorn"),
    "regression": lambda: hp.regress(survey(), "c ~ age + group + d", family="binomial").coefficients,
    "margins": lambda: hp.regress(survey(), "c ~ age + group", family="binomial").margins("group"),
    "function of weights": lambda: survey().replicate(first_weights),
    "cross-table": lambda: hp.crosstab(survey(), "c", "group", where="d").shares("row"),
    "imputations": lambda: hp.compare(imputed(), "d", "group").odds_ratio,
    "regression of imputations": lambda: hp.regress(imputed(), "c ~ age + d", family="binomial").coefficients,
    "two lists": lambda: hp.chapman(lists("ab"), by="group"),
    "two lists, odds ratio": lambda: hp.dependence(lists("ab"), hp.lognormal(1.3, 0.9, 1.9, name="odds")),
    "lower bound": lambda: hp.chao_lower_bound(lists(), bootstrap="conditional"),
    "log-linear": lambda: hp.loglinear(lists(), by="group").average(),
    "log-linear, parametric": lambda: hp.loglinear(lists("abc"), bootstrap="parametric").best,
    "mh": lambda: hp.mh(lists(), "Poisson"),
    "mth": lambda: hp.mth(lists(), "Chao", by="group"),
    "sample coverage": lambda: hp.sample_coverage(lists("abc"), one_step=True),
    "sparse": lambda: hp.sparse_mse(lists(), by="group"),
    "covariates": lambda: hp.capture_covariates(lists(), "~ age + group").size_by("group"),
    "covariates, conditional": lambda: hp.capture_covariates(lists("ab"), "~ age", bootstrap="conditional").size,
    "doubly robust": lambda: hp.doubly_robust(lists("ab"), "~ age + group", by="group"),
    "doubly robust, together": lambda: hp.doubly_robust(lists("ab"), "~ age + group", method="plug-in"),
    "doubly robust, refitted": lambda: hp.doubly_robust(lists("ab"), "~ age", refit=True, replicates=FEW),
    "doubly robust, learner": lambda: hp.doubly_robust(
        lists("ab"), "~ group", learner=Learner(), refit=True, replicates=FEW
    ),
    "register": lambda: hp.zero_truncated(register(), "~ age + group").size_by("group"),
    "register, nonparametric": lambda: hp.chao(register(), "~ group", bootstrap="nonparametric").size,
    "register, parametric": lambda: hp.zero_truncated(register(), "~ group", bootstrap="parametric").size,
    "inputs": lambda: hp.beta(80, 20, name="completeness") * hp.uniform(1, 3, name="factor"),
    "normal draws": lambda: survey().mean("age", by=["group", "c"]).to_normal(),
    "posterior": lambda: hp.decomposable_bma(lists("abc"), max_missed=2_000),
    "size of peers": lambda: hp.successive_sampling_size(recruited(), prior_median=1_000, largest=3_000),
    "chains": lambda: hp.latent_class(lists("abc"), by="group", draws=100, burn_in=10, thin=1),
    "consensus": lambda: combined("random_effects"),
    "hierarchical consensus": lambda: combined("bayesian", prior=0.2),
    "pool": lambda: combined("linear_pool"),
    "consensus without noise": lambda: combined("fixed"),
    "beta distribution": lambda: shares("beta"),
    "trend": lambda: (
        hp.trend({2010: sources()["x"], 2014: sources()["y"], 2020: sources()["z"]})
        .smooth(at=[2012, 2016], prior=0.1)
        .estimate
    ),
    "extrapolation": lambda: extrapolated("fay_herriot"),
    "extrapolation by indicators": lambda: extrapolated("mim_regression"),
    "extrapolation by group": by_group,
}


@pytest.fixture(params=CASES)
def made(request: pytest.FixtureRequest) -> Iterator[Callable[[], hp.Estimate]]:
    """Make an estimate, whose leaves nobody has drawn yet."""
    with warnings.catch_warnings(), hp.settings(replicates=300):
        warnings.simplefilter("ignore", hp.HiddenpopWarning)  # chains this short don't settle
        yield CASES[request.param]


def test_no_digit_changes_and_nobody_is_named(
    made: Callable[[], hp.Estimate], pool: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []
    send, blocks = executors._pickle, executors.Work.blocks

    def noted(kernels: Any) -> bytes:
        sent.append(send(kernels))
        return sent[-1]

    monkeypatch.setattr(executors, "_pickle", noted)
    # Ranges of odd sizes: sums must not depend on how many replicates are made at a time.
    monkeypatch.setattr(executors.Work, "blocks", lambda self, _: blocks(self, 7))
    here, tasks = np.asarray(made().draws), pool.tasks
    with hp.settings(executor=pool):
        there = np.asarray(made().draws)
    np.testing.assert_array_equal(there, here)
    assert pool.tasks > tasks + 1
    assert sent
    assert not any(PLANTED.encode() in data for data in sent)


def test_kernels_take_the_threads_that_they_are_told(
    made: Callable[[], hp.Estimate], monkeypatch: pytest.MonkeyPatch
) -> None:
    estimate = made()
    kernels = [reader.kernel for reader in evaluate._readers(graph.sources(estimate.node))]

    def asked() -> int:
        raise AssertionError("these are the threads of whoever made the kernel")

    monkeypatch.setattr(settings, "threads", asked)
    for kernel in kernels:
        one, two = (kernel.block(0, 5, threads) for threads in (1, 2))
        for a, b in zip(one, two, strict=True):
            np.testing.assert_array_equal(a, b)


def test_rows_would_be_found() -> None:
    assert PLANTED.encode() in pickle.dumps(people())


def test_leaves_of_all_kinds_go_together(pool: Counting) -> None:
    def made() -> hp.Estimate:
        parts = {
            "survey": 900 / survey().proportion("c"),
            "lists": hp.chapman(lists("ab")),
            "register": hp.chao(register()).size,
            "input": hp.published(1_000, 900, 1_200, name="x"),
        }
        return hp.concat(parts).sum()

    with hp.settings(replicates=300):
        here = made().draws
        with hp.settings(executor=pool):
            np.testing.assert_array_equal(made().draws, here)


def test_a_learner_that_cannot_be_sent(pool: Counting) -> None:
    class Locked(Learner):
        """Holds what nothing can pickle, and so says how it is copied."""

        def __init__(self) -> None:
            self.lock = threading.Lock()

        def __deepcopy__(self, _: object) -> Learner:
            return Locked()

    def size(*, refit: bool) -> hp.Estimate:
        return hp.doubly_robust(lists("ab"), "~ age", learner=Locked(), refit=refit, replicates=FEW)

    with hp.settings(executor=pool), pytest.raises(InputError, match=r"learner can't be sent .*lock.* Define it"):
        _ = size(refit=True).draws
    # Without new fits the learner stays here.
    here = size(refit=False).draws
    with hp.settings(executor=pool):
        np.testing.assert_array_equal(size(refit=False).draws, here)
