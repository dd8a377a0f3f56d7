"""Populations with one flaw each and a known size: unadjusted the size is wrong, adjusted it is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import adjust

#: The true size, the chance of being treated, the number of interviews.
N, TREATED, SAMPLE = 200_000, 0.35, 20_000
RNG = np.random.default_rng


@dataclass(frozen=True)
class World:
    """What is observed, and what undoes the flaw in it."""

    benchmark: float
    answers: np.ndarray
    undo_size: Callable[[hp.Estimate], hp.Estimate]
    truth: float = N


def draw_sample(rng: np.random.Generator, states: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    chance = None if weights is None else weights / weights.sum()
    return states[rng.choice(len(states), SAMPLE, replace=True, p=chance)]


def incomplete_register(rng: np.random.Generator) -> World:
    treated = rng.random(N) < TREATED
    held = treated & (rng.random(N) < 0.8)
    strangers = rng.poisson(0.1 / 0.9 * held.sum())  # a tenth of the records
    return World(
        held.sum() + strangers,
        draw_sample(rng, treated),
        lambda size: adjust.register(size, completeness=0.8, false_positives=0.1),
    )


def incomplete_register_linked(rng: np.random.Generator) -> World:
    held = rng.random(N) < TREATED * 0.8
    strangers = rng.poisson(0.1 / 0.9 * held.sum())
    return World(
        held.sum() + strangers,
        draw_sample(rng, held),
        lambda size: adjust.register(size, completeness=0.8, false_positives=0.1, measured_by="linkage"),
    )


def repeated_records(rng: np.random.Generator) -> World:
    treated = rng.random(N) < TREATED
    return World(
        treated.sum() + rng.binomial(treated.sum(), 0.25),
        draw_sample(rng, treated),
        lambda size: adjust.duplicates(size, share=0.2),
    )


def neighbours_in_the_register(rng: np.random.Generator) -> World:
    treated = rng.random(N) < TREATED
    return World(treated.sum() / 0.85, draw_sample(rng, treated), lambda size: adjust.cross_border(size, share=0.15))


def wider_register(rng: np.random.Generator) -> World:
    treated = rng.random(N) < TREATED
    return World(treated.sum() / 0.7, draw_sample(rng, treated), lambda size: adjust.definition(size, share=0.3))


def misreported(rng: np.random.Generator) -> World:
    treated = rng.random(N) < TREATED
    said = np.where(treated, rng.random(N) < 0.85, rng.random(N) < 0.05)
    return World(
        treated.sum(),
        draw_sample(rng, said),
        lambda size: adjust.self_report(size, sensitivity=0.85, specificity=0.95),
    )


def misread_and_easier_to_find(rng: np.random.Generator) -> World:
    # Whom interviewers meet is decided before anybody answers, so the answers are put right first.
    treated = rng.random(N) < TREATED
    said = np.where(treated, rng.random(N) < 0.85, rng.random(N) < 0.05)
    return World(
        treated.sum(),
        draw_sample(rng, said, np.where(treated, 1.8, 1.0)),
        lambda size: adjust.recruitment(adjust.self_report(size, sensitivity=0.85, specificity=0.95), odds=1.8),
    )


def easier_to_find(rng: np.random.Generator) -> World:
    treated = rng.random(N) < TREATED
    return World(
        treated.sum(),
        draw_sample(rng, treated, np.where(treated, 1.8, 1.0)),
        lambda size: adjust.recruitment(size, odds=1.8),
    )


def badly_linked(rng: np.random.Generator) -> World:
    held = rng.random(N) < TREATED
    linked = np.where(held, rng.random(N) < 0.9, rng.random(N) < 0.08)
    return World(
        held.sum(),
        draw_sample(rng, linked),
        lambda size: adjust.linkage(size, recall=0.9, false_matches=0.08),
    )


def badly_linked_reviewed(rng: np.random.Generator) -> World:
    held = rng.random(N) < TREATED
    linked = np.where(held, rng.random(N) < 0.9, rng.random(N) < 0.08)
    right = TREATED * 0.9 / (TREATED * 0.9 + (1 - TREATED) * 0.08)
    return World(
        held.sum(),
        draw_sample(rng, linked),
        lambda size: adjust.linkage(size, recall=0.9, precision=right),
    )


def stays(rng: np.random.Generator, rate: float, span: float) -> tuple[np.ndarray, np.ndarray]:
    """Entries and exits over `span` years, long after the start; stays are gamma distributed with mean 2."""
    entry = rng.uniform(-40, span, rng.poisson(rate * (40 + span)))
    return entry, entry + rng.gamma(0.7, 2 / 0.7, len(entry))


def passing_through(rng: np.random.Generator, asked: float) -> World:
    # The population is closed; each spell in the register is of another member.
    entry, leaving = stays(rng, N * TREATED / 2, 1.0)
    counted = ((entry < 1) & (leaving > 0)).sum()  # during the year 0 to 1
    known = ((entry < 1) & (leaving > 1 - asked)).sum()  # by those asked at its end
    answers = np.zeros(N, dtype=bool)
    answers[:known] = True
    return World(
        counted,
        draw_sample(rng, answers),
        lambda size: adjust.turnover(size, window="1y", stay="2y", asked=f"{asked}y"),
    )


def passing_through_asked_now(rng: np.random.Generator) -> World:
    return passing_through(rng, 0.0)


def passing_through_asked_of_a_month(rng: np.random.Generator) -> World:
    return passing_through(rng, 1 / 12)


def population_left_and_came(rng: np.random.Generator) -> tuple[int, np.ndarray]:
    treated = rng.random(N) < TREATED
    staying = treated[rng.random(N) < 0.8]
    return int(treated.sum()), np.concatenate([staying, np.zeros(70_000, dtype=bool)])


def size_at_the_survey(rng: np.random.Generator) -> World:
    benchmark, now = population_left_and_came(rng)
    return World(benchmark, draw_sample(rng, now), lambda size: adjust.migration(size, left=0.2), len(now))


def size_at_the_register(rng: np.random.Generator) -> World:
    benchmark, now = population_left_and_came(rng)
    return World(benchmark, draw_sample(rng, now), lambda size: adjust.migration(size, entered=70_000 / len(now)), N)


FLAWS = [
    incomplete_register,
    incomplete_register_linked,
    repeated_records,
    neighbours_in_the_register,
    wider_register,
    misreported,
    easier_to_find,
    misread_and_easier_to_find,
    badly_linked,
    badly_linked_reviewed,
    passing_through_asked_now,
    passing_through_asked_of_a_month,
    size_at_the_survey,
    size_at_the_register,
]


@pytest.mark.parametrize("flaw", FLAWS, ids=lambda f: f.__name__)
def test_the_true_size_comes_back(flaw: Callable[[np.random.Generator], World]) -> None:
    world = flaw(RNG(20231117))
    yes = int(world.answers.sum())
    survey = hp.Survey({"x": [1, 0], "n": [yes, SAMPLE - yes]}, counts="n", replicates=500)
    raw = hp.multiplier(world.benchmark, survey.proportion("x"))
    found = world.undo_size(raw)
    assert abs(found.point - world.truth) < 3.5 * found.se("linearized")
    assert abs(raw.point - world.truth) > 4 * raw.se("linearized"), "the flaw does no harm, so this tests nothing"


def test_two_lists_with_linkage_errors() -> None:
    # Lincoln and Petersen's estimator as a multiplier: Ding and Fienberg's (1994) correction recovers the size.
    rng = RNG(5)
    first, second = rng.random(N) < 0.2, rng.random(N) < 0.3
    linked = first & np.where(second, rng.random(N) < 0.85, rng.random(N) < 0.02)
    n1, m = int(first.sum()), int(linked.sum())
    share = hp.Survey({"linked": [1, 0], "n": [m, n1 - m]}, counts="n", replicates=500).proportion("linked")
    size = hp.multiplier(int(second.sum()), share)
    found = adjust.linkage(size, recall=0.85, false_matches=0.02)
    assert abs(size.point - N) > 5 * size.se("linearized")
    assert abs(found.point - N) < 3.5 * found.se("linearized")


def sizes_of(yes: np.ndarray, n: int, benchmark: float, replicates: int) -> hp.Estimate:
    """Return sizes by independent samples: strata of one survey, so that all are drawn in one pass."""
    count = np.concatenate([yes, n - yes])
    sample = np.tile(np.arange(len(yes)), 2)
    table = {"x": np.repeat([1, 0], len(yes)), "n": count, "sample": sample}
    shares = hp.Survey(table, counts="n", strata="sample", replicates=replicates).proportion("x", by="sample")
    return hp.multiplier(dict.fromkeys(range(len(yes)), benchmark), shares)


def coverage(sizes: hp.Estimate, truth: float) -> float:
    ends = sizes.interval()
    return float(((ends["lower"] <= truth) & (truth <= ends["upper"])).mean())


def test_intervals_cover_with_estimated_errors() -> None:
    # Lang and Reiczigel (2014) study just this: 95% intervals where sensitivity and specificity come from samples of known
    # cases and others. Here their counts give beta distributions (Jeffreys). 250 samples: 95% plus or minus 2.8% (two s.e.).
    rng = RNG(2014)
    p, se, sp, n, cases, others, samples = 0.3, 0.9, 0.95, 400, 100, 150, 250
    truth = 10_000.0
    yes = rng.binomial(n, p * se + (1 - p) * (1 - sp), samples)

    def found(chance: float, people: int, name: str) -> hp.Estimate:
        right = rng.binomial(people, chance, samples)
        laws = {i: hp.beta(k + 0.5, people - k + 0.5, name=f"{name} {i}", replicates=200) for i, k in enumerate(right)}
        return hp.concat(laws)

    sizes = adjust.self_report(
        sizes_of(yes, n, truth * p, replicates=200),
        sensitivity=found(se, cases, "sensitivity"),
        specificity=found(sp, others, "specificity"),
    )
    assert 0.922 <= coverage(sizes, truth) <= 0.978


def test_uncertain_recruitment_covers() -> None:
    # The analyst's odds are the true ones times an error whose spread the input states.
    rng = RNG(96)
    p, n, truth, samples = 0.3, 300, 10_000.0, 300
    real = 1.5 * np.exp(rng.normal(0, 0.12, samples))
    yes = rng.binomial(n, p * real / (p * real + 1 - p))
    wide = 1.2652  # exp(1.96 x 0.12)
    odds = hp.concat(
        {i: hp.lognormal(1.5, 1.5 / wide, 1.5 * wide, name=f"odds {i}", replicates=1_000) for i in range(samples)}
    )
    sizes = adjust.recruitment(sizes_of(yes, n, truth * p, replicates=1_000), odds=odds)
    assert 0.92 <= coverage(sizes, truth) <= 0.98
