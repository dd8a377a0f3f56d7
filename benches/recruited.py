"""The cases of people who recruited one another: redraws beside recorded times of others, sizes by quadrature and by chains."""

from __future__ import annotations

import warnings
from pathlib import Path

import hiddenpop as hp
import measure
import numpy as np
import pandas as pd
from cases import Result, on, on_each, thread_numbers
from hiddenpop.rds.visibility import VisibilitySize
from measure import Timing

DATA = Path(__file__).parent.parent / "tests" / "data" / "rds" / "fauxmadrona.csv"
REPLICATES = 10_000
#: Seconds a replicate that others took, and how many times faster ours is to be: R's RDS 0.9-10 on the same 500 participants,
#: and Python's RDSTools on its own 251, on two cores.
RECORDED = {
    "salganik": ("R's RDS, recorded", 0.016, 1_000.0),
    "successive": ("R's RDS, recorded", 0.024, 500.0),
    "homophily_graph": ("R's RDS by Gile's scheme, recorded", 0.024, 500.0),
    "seeds": ("RDSTools' chains, recorded", 0.024, 5_000.0),
    "tree": ("RDSTools' trees, recorded", 0.234, 10_000.0),
}


def redraws() -> Result:
    """Compare 10,000 redraws of a share of 500 participants, with its interval, by five schemes."""
    table = pd.read_csv(DATA)
    result = Result()
    for scheme, (other, seconds, target) in RECORDED.items():
        follows = {"homophily_on": "disease"} if scheme in ("salganik", "successive", "homophily_graph") else {}
        survey = hp.Survey.rds(
            table,
            id="id",
            recruiter="recruiter.id",
            degree="degree",
            population=1_000,
            redraws=scheme,  # type: ignore[arg-type]
            replicates=REPLICATES,
            **follows,
        )

        def run(survey: hp.Survey = survey) -> object:
            return survey.proportion("disease").interval(method="percentile")

        found = measure.race(on_each(run), 5)
        recorded = Timing(seconds * REPLICATES, seconds * REPLICATES, 1)
        for threads in thread_numbers():
            result.compare(f"p {scheme}", threads, found[f"ours {threads}"], other, recorded, REPLICATES, target)
    result.notes.append(
        "the others' times were recorded on another machine; RDSTools' are of its own data of 251 participants"
    )
    return result


def graphs() -> Result:
    """Find a share by the homophily configuration graph anew in each of 10,000 redraws, beside R's one answer, recorded."""
    table = pd.read_csv(DATA.with_name("fauxtime.csv"))
    table["DATEINTERVIEW"] = pd.to_datetime(table["DATEINTERVIEW"])
    result = Result()
    # R's RDS 0.9-10: one answer of the same 511 participants, without its uncertainty.
    for population, seconds, target in ((None, 0.036, 300.0), (3_000, 0.644, 1_000.0)):
        survey = hp.Survey.rds(
            table,
            id="SER",
            recruiter="recruiter.id",
            degree="NETWORK",
            time="DATEINTERVIEW",
            population=population,
            homophily_on="var1",
            redraws="homophily_graph",
            replicates=REPLICATES,
        )

        def run(survey: hp.Survey = survey) -> object:
            return survey.proportion("var1", estimator="homophily_graph").interval(method="percentile")

        found = measure.race(on_each(run), 3)
        recorded = Timing(seconds * REPLICATES, seconds * REPLICATES, 1)
        case = "p graph without a population" if population is None else f"p graph of {population:,} people"
        for threads in thread_numbers():
            result.compare(case, threads, found[f"ours {threads}"], "R's RDS, recorded", recorded, REPLICATES, target)
    return result


def recruited(people: int, participants: int, most: int) -> hp.Survey:
    """Draw a sample by size, without replacement, and let each participant recruit the next but ten."""
    rng = np.random.default_rng(8)
    sizes = np.minimum(rng.negative_binomial(2, 0.1, people) + 2, most)
    came = sizes[np.argsort(rng.exponential(1 / sizes))][:participants]
    table = pd.DataFrame({"id": range(participants), "by": [-1] * 10 + list(range(participants - 10)), "knows": came})
    return hp.Survey.rds(table, id="id", recruiter="by", degree="knows")


def sizes_by_order() -> Result:
    """Find the size from 500 participants, and from 20,000 with sizes up to 200."""
    result = Result()
    for people, participants, most, seconds in ((2_000, 500, 40, 0.2), (60_000, 20_000, 200, 5.0)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", hp.HiddenpopWarning)  # what the prior does is not what is measured
            survey = recruited(people, participants, most)
            runs = {"ours": on(1, lambda survey=survey, people=people: find(survey, people))}
            found = measure.race(runs, 3)
        case = f"p size from {participants:,} recruited, sizes up to {most}"
        result.limit(case, 1, found["ours"].best, f"{seconds:g} s", seconds, 1.0)
    return result


def sizes_by_visibility() -> Result:
    """Draw sizes from reports by 500 participants: seconds for an effective draw of the number of people."""
    result = Result()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", hp.HiddenpopWarning)
        survey = recruited(2_000, 500, 40)
        runs = {"ours": on(1, lambda: visible(survey))}
        found = measure.race(runs, 3)
        effective = float(visible(survey).diagnostics["ess_bulk"].iloc[0])
    result.limit(
        "p effective draw with visibility, 500 recruited", 1, found["ours"].best / effective, "20 ms", 0.02, 1.0
    )
    result.notes.append(
        "the R package sspse is not in Debian and was not run beside it; its 150,000 iterations without visibility, recorded "
        "elsewhere, were worth 414 independent draws"
    )
    return result


def visible(survey: hp.Survey) -> VisibilitySize:
    """Estimate the size where degrees are reports, by four chains on one core."""
    size = hp.successive_sampling_size(survey, prior_median=2_000, visibility=True, thin=4)
    assert isinstance(size, VisibilitySize)
    return size


def find(survey: hp.Survey, people: int) -> hp.Estimate:
    """Estimate the size under a prior around the truth."""
    return hp.successive_sampling_size(survey, prior_median=people)


ALL = (redraws, graphs, sizes_by_order, sizes_by_visibility)
