"""Sizes from recruited samples: a posterior by quadrature, small and large."""

from __future__ import annotations

import warnings

import hiddenpop as hp
import measure
import numpy as np
import pandas as pd
from cases import Result, on


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
    for people, participants, most, seconds in ((2_000, 500, 40, 1.0), (60_000, 20_000, 200, 5.0)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", hp.HiddenpopWarning)  # what the prior does is not what is measured
            survey = recruited(people, participants, most)
            runs = {"ours": on(1, lambda survey=survey, people=people: find(survey, people))}
            found = measure.race(runs, 3)
        case = f"r1 size from {participants:,} recruited, sizes up to {most}"
        result.limit(case, 1, found["ours"].best, f"{seconds:g} s", seconds, 1.0)
    return result


def find(survey: hp.Survey, people: int) -> hp.Estimate:
    """Estimate the size under a prior around the truth."""
    return hp.successive_sampling_size(survey, prior_median=people)


ALL = (sizes_by_order,)
