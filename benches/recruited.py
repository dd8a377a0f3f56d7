"""The cases of people who recruited one another: ours beside times of R's RDS and of RDSTools that were recorded elsewhere."""

from __future__ import annotations

from pathlib import Path

import hiddenpop as hp
import measure
import pandas as pd
from cases import Result, on_each, thread_numbers
from measure import Timing

DATA = Path(__file__).parent.parent / "tests" / "data" / "rds" / "fauxmadrona.csv"
REPLICATES = 10_000
#: Seconds a replicate that others took, and how many times faster ours is to be: R's RDS 0.9-10 on the same 500 participants,
#: and Python's RDSTools on its own 251, on two cores.
RECORDED = {
    "salganik": ("R's RDS, recorded", 0.016, 1_000.0),
    "successive": ("R's RDS, recorded", 0.024, 500.0),
    "seeds": ("RDSTools' chains, recorded", 0.024, 5_000.0),
    "tree": ("RDSTools' trees, recorded", 0.234, 10_000.0),
}


def redraws() -> Result:
    """Compare 10,000 redraws of a share of 500 participants, with its interval, by four schemes."""
    table = pd.read_csv(DATA)
    result = Result()
    for scheme, (other, seconds, target) in RECORDED.items():
        follows = {"homophily_on": "disease"} if scheme in ("salganik", "successive") else {}
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


ALL = (redraws,)
