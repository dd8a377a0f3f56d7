"""Sizes from one or two recruited samples, by the order in which large and small networks came (SS-PSE)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..draws.settings import check_replicates
from ..errors import InputError
from ..expression import graph
from ..expression.labelled import Labelled
from ..ground import checks
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.language import english
from ..ground.signatures import checked
from ..sample.record import Record
from ..sources.posterior import Grid, Posterior
from ..survey.survey import Survey
from . import ordered, priors
from . import visibility as visibilities
from .priors import Kind
from .size import CALLED, Asked, Found, Sizes, SuccessiveSize, curves, digest, in_common, moments, numbers, tell_doubts
from .visibility import ERROR, OPTIMISM

#: What a size is called.
NAME = english("population size")
#: By default no size counts for more.
MOST_SIZE = 200
REFERENCES = (BIBLIOGRAPHY["Handcock, Gile and Mar 2014"], BIBLIOGRAPHY["Handcock, Gile and Mar 2015"])


@checked
def successive_sampling_size(
    survey: Survey | Sequence[Survey],
    *,
    prior: Kind | Sequence[float] | pd.Series[Any] | Labelled = "beta",
    prior_median: float | None = None,
    prior_mode: float | None = None,
    prior_quartiles: Sequence[float] | None = None,
    largest: int | None = None,
    largest_size: int | None = None,
    sizes: Sizes = "conway_maxwell_poisson",
    mean_size: float | None = None,
    sd_size: float | None = None,
    jacobian: bool = True,
    also_in: str | None = None,
    visibility: bool = False,
    optimism: float | tuple[float, float] = OPTIMISM,
    error: float | tuple[float, float] = ERROR,
    recruits: bool = True,
    coupons: int | None = None,
    chains: int = 4,
    draws: int = 500,
    burn_in: int = 500,
    thin: int | None = None,
    name: str = NAME,
    replicates: int | None = None,
) -> SuccessiveSize:
    """Estimate how many people there are from respondent-driven samples, by the order of network sizes (SS-PSE).

    People with large networks are recruited first. If they become rare as recruitment goes on, the sample has taken a good part
    of the population; if not, a small one. The sample says little about this, so what is believed beforehand matters, and the
    result says how much.

    Parameters
    ----------
    survey : Survey, or a list of two
        A survey of people who recruited one another, of one site: `hp.Survey.rds(..., time=...)` in their order. Or two of one
        population, taken apart.
    prior : {"beta", "flat", "negative_binomial", "poisson_lognormal"}, list of float or Estimate
        What is believed of the number of people N without these data: a beta distribution of the share that is in the sample, which
        has a long tail; constant up to `largest`; a distribution of N by its quartiles; weights of n, n + 1, ... people; or an
        estimate, whose draws are smoothed.
    prior_median, prior_mode, prior_quartiles : float, float, (float, float), optional
        One of them says where the prior lies.
    largest : int, optional
        Where the prior ends; by default where 1e-4 of it lies beyond, and at 300,000 people or 100 times the participants at the
        latest. Where it ends is a part of the prior.
    largest_size : int, optional
        Sizes above count as this one: by default the largest reported, 200 at most.
    sizes : {"conway_maxwell_poisson", "negative_binomial", "poisson_lognormal"}
        How network sizes are distributed in the population.
    mean_size, sd_size : float, optional
        Prior mean and standard deviation of sizes, worth one participant and three: by default those of the sample, weighted by the
        inverse of size.
    jacobian : bool
        Whether the prior of sizes is a density of their mean and variance; False takes it as one of the distribution's own two
        numbers, as the R package sspse does.
    also_in : str, optional
        With two surveys: the column of the second that says who had taken part in the first.
    visibility : bool
        Whether degrees are reports of a visibility that nobody sees, and people come by that. Then chains are run; with False the
        posterior is exact.
    optimism : float or (float, float)
        With visibility: the mean report over visibility, known or as a 95% interval beforehand, of which the sample says next to
        nothing.
    error : float or (float, float)
        With visibility: the variance of reports over their mean, known or as a 95% interval beforehand; 1 is a Poisson number.
    recruits : bool
        With visibility: whether the number of people somebody recruited tells of it, besides the time there was to recruit.
    coupons : int, optional
        With visibility: coupons that each participant was given; by default the most that anybody's recruits redeemed.
    chains, draws, burn_in : int
        With visibility: chains from different starts, draws kept of each, and sweeps before the first, by which the sampler learns.
    thin : int, optional
        With visibility: sweeps between draws. By default 4, doubled (to 64 at most) until R-hat is 1.01 or less and the effective
        sample sizes are 400 or more.
    name : str
        Name of the result.
    replicates : int, optional
        Draws that are handed out; those of the survey by default.

    Returns
    -------
    SuccessiveSize
        An `Estimate` (the posterior mean; `quantile(0.5)` is the median) with `.prior`, `.common`, `.sizes`,
        `.prior_sensitivity()` and `.plot("prior")`. With visibility also `.diagnostics`, `.parameters`, `.visibilities()`,
        `.to_arviz()` and `.plot_trace()`.

    Raises
    ------
    InputError
        A survey of another design or of several sites; a prior that says too little, too much or what can't be, or was
        found from the same participants; more recruits than coupons; two surveys without a column that says who was in both.

    Warns
    -----
    HiddenpopWarning
        Where the posterior mostly repeats the prior, or lies at its end, or where chains have not settled.

    See Also
    --------
    Survey.rds : Surveys of people who recruited one another.
    multiplier : A size from a count and a share, which needs no such prior.
    triangulate : Several sizes together.

    Notes
    -----
    Handcock, Gile and Mar (2014), Electronic Journal of Statistics 8:1491-1521, and (2015), Biometrics 71:258-266 (from memory). A
    participant's size is the degree, and the number of those recruited and of the recruiter where that is more. With exponential
    arrival times, given the time r of the last one, N and the distribution of sizes are left, and the posterior is found by
    quadrature: it has no Monte Carlo error. The model assumes that people come by size, without replacement, that reported sizes
    are true, and that everybody can be reached.

    Two samples: Kim and Handcock (2021), Journal of Survey Statistics and Methodology 9:94-120 (from memory). All depends on the sum
    of the times of the two last arrivals, so the same quadrature finds it. Sizes are those that the first sample reports, and those of
    the second for people who are new.

    Visibility: after McLaughlin and others (2024), Annals of Applied Statistics 18:683-703 (from memory), with choices of our own.
    Reports are Conway-Maxwell-Poisson numbers whose mean is `optimism` times visibility; each coupon brings a recruit with a chance
    whose logit is linear in log visibility and time. Given times of arrival t, visibilities are independent, with
    p(u) ~ pi_u u exp(-u t) p(report | u) p(recruits | u). With errors and optimism known to be none it is the model without.

    Examples
    --------
    >>> import numpy as np, pandas as pd, hiddenpop as hp
    >>> rng = np.random.default_rng(1)
    >>> knows = rng.integers(2, 40, 400)
    >>> came = np.argsort(rng.exponential(1 / knows))[:300]  # of 400 people, those who know many come first
    >>> table = pd.DataFrame({"id": range(300), "by": [-1] * 3 + list(range(297)), "knows": knows[came]})
    >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows")
    >>> size = hp.successive_sampling_size(survey, prior_median=2_000)
    >>> size.prior.index.tolist()
    ['prior', 'posterior']
    >>> bool(size.quantile(0.5) < size.prior.loc["prior", "0.5"])
    True
    """
    samples = [ordered.read(one) for one in _surveys(survey)]
    visible = checks.flag(visibility, "visibility")
    if visible and len(samples) > 1:
        raise InputError("visibility=True is for one survey. Estimate from each with it, or from both without.")
    orders = ordered.orders(samples, also_in)
    n, most = orders.n, _most(orders, largest_size)
    mean, sd = _moments_of(orders, most)
    mean = mean if mean_size is None else checks.positive(mean_size, "mean_size")
    sd = max(sd, 0.1) if sd_size is None else checks.positive(sd_size, "sd_size")
    believed = priors.read(prior, median=prior_median, mode=prior_mode, quartiles=prior_quartiles, largest=largest, n=n)
    _check_apart(prior, [one.sample.record.fingerprint for one in samples])
    before = priors.make(believed, n)
    asked = Asked(orders, most, sizes, mean, sd, jacobian, believed)
    people = _people(samples, orders, also_in)
    record = people.record
    key = f"successive sampling of {people.key}: {digest(before)}, {most}, {sizes}, {mean!r}, {sd!r}, {jacobian}"
    result: Found
    if visible:
        reports = visibilities.Believed.read(optimism, error, recruits)
        runs = visibilities.asked_runs(chains, draws, burn_in, thin)
        result = visibilities.find(asked, samples[0], reports, runs, coupons, before, key)
    else:
        result = _find(asked, before, key)
    common = in_common(before, result.after)
    tell_doubts(before, result.after, common)
    # The largest network is a participant's own answer.
    capped = f"{most:,}" if largest_size is not None or most == MOST_SIZE else english("the largest reported")
    taken_for = {
        "prior": str(believed),
        "largest": before.largest,
        "law": CALLED[sizes],
        "capped": capped,
        "mean": mean,
        "sd": sd,
    }
    says = english(
        "prior of the size: {prior}, up to {largest:,}; network sizes {law} up to {capped}, with prior mean {mean:.2f} and standard "
        "deviation {sd:.2f}",
        **taken_for,
    )
    node = Posterior(
        title=result.title,
        sentence=_sentence(people.called, says, result.how, common),
        references=(*REFERENCES, *people.references, *result.references),
        laws=(result.law,),
        key=result.key,
        data=(record.fingerprint, record.title),
        seed=record.seed,
        replicates=record.replicates if replicates is None else check_replicates(replicates),
        point=np.array([result.law.mean]),
        n=np.array([float(n)]),
        notes=(
            english(
                "Posterior mean. Prior of the size: {prior}, up to {largest:,}; network sizes {law} up to {capped}, with prior mean "
                "{mean:.2f} and standard deviation {sd:.2f}",
                **taken_for,
            ),
            *result.how,
            english(
                "Prior and posterior have {common:.0%} in common; the median is {before:,.0f} before and {after:,.0f} after",
                common=common,
                before=before.quantile(0.5),
                after=result.numbers[3],
            ),
            *((record.note,) if record.note else ()),
        ),
        found=(
            numbers(n, before.probability),
            result.numbers,
            common,
            result.moments,
            curves(before, result.after),
            *result.besides,
        ),
        view=result.view.__name__,
        sized_by="recruitment",
        calls=record.calls,
        besides=people.besides,
    )
    result.keep(node)
    return result.view(node, pd.Index([name]), True, name)


def _sentence(people: str, says: str, how: Sequence[str], common: float) -> str:
    """Say for a methods section what was done."""
    if not how:
        return english(
            "From {sample} the size was estimated from the order in which participants with larger and smaller networks came "
            "(successive sampling population size estimation); {says}; prior and posterior have {common:.0%} in common.",
            sample=people,
            says=says,
            common=common,
        )
    reports, runs = how
    return english(
        "From {sample} the size was estimated from the order in which participants who are more and less visible came (successive "
        "sampling population size estimation with visibility); {says}; {reports}; {runs}; prior and posterior have {common:.0%} in "
        "common.",
        sample=people,
        says=says,
        reports=reports,
        runs=runs,
        common=common,
    )


def _most(orders: ordered.Orders, given: int | None) -> int:
    """Return the largest size that counts."""
    if given is not None:
        return checks.whole(given, "largest_size", 2, 10_000)
    return max(min(int(orders.distinct.max()), MOST_SIZE), 2)


def _moments_of(orders: ordered.Orders, most: int) -> tuple[float, float]:
    """Return mean and standard deviation of sizes, weighted by their inverse."""
    own = np.minimum(orders.distinct, np.uint32(most))
    inverse = 1 / own
    mean = float(len(own) / inverse.sum())
    return mean, float(np.sqrt((inverse * (own - mean) ** 2).sum() / inverse.sum()))


def _find(asked: Asked, before: priors.Prior, key: str) -> Found:
    """Find a posterior by quadrature."""
    after, shares = asked.posterior(before)
    return Found(
        asked,
        Grid.of(before.n, after),
        after,
        numbers(before.n, after),
        moments(shares),
        english("successive sampling (SS-PSE)"),
        key,
    )


@dataclass(frozen=True)
class _People:
    """Who took part, for words and for what must not be mixed."""

    record: Record
    called: str
    key: str
    besides: tuple[tuple[int, str], ...] = ()
    references: tuple[str, ...] = ()


def _people(samples: Sequence[ordered.Ordered], orders: ordered.Orders, also_in: str | None) -> _People:
    record = samples[0].sample.record
    if orders.again is None:
        return _People(record, record.design, str(record.fingerprint))
    other = samples[1].sample.record
    called = english(
        "{first} and {second}, {again:,} of whom were in both",
        first=record.design,
        second=other.design,
        again=int(orders.again.sum()),
    )
    return _People(
        record,
        called,
        f"{record.fingerprint} and {other.fingerprint} by {also_in!r}",
        ((other.fingerprint, other.title),),
        (BIBLIOGRAPHY["Kim and Handcock 2021"],),
    )


def _surveys(given: Survey | Sequence[Survey]) -> list[Survey]:
    """Return one survey or two."""
    surveys = [given] if isinstance(given, Survey) else list(given)
    if len(surveys) not in (1, 2) or not all(isinstance(one, Survey) for one in surveys):
        raise InputError(
            "successive_sampling_size() takes a survey of people who recruited one another, or a list of two of one population, "
            "[first, second]."
        )
    return surveys


def _check_apart(prior: object, fingerprints: Sequence[int]) -> None:
    """Refuse a prior that was found from the same participants."""
    if isinstance(prior, Labelled) and any(
        one.origin.people.intersection(fingerprints) for one in graph.sources(prior.node)
    ):
        raise InputError(
            f"prior= ({prior.name!r}) was found from the participants of this survey, who would count twice. A prior says "
            "what is known without them."
        )
