"""Samples from a network whose participants recruited one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from .. import _core
from ..draws import settings
from ..draws.streams import stream
from ..errors import InputError, in_words, warn
from ..ground import checks, columns
from ..ground.columns import Floats
from ..ground.signatures import checked
from .population import DEGREE, Network

MOST_PARTICIPANTS = 10_000_000
MOST_COUPONS = 100


@checked
def rds(
    network: Network,
    *,
    n: int,
    seeds: int = 10,
    coupons: int = 3,
    refuse: float = 0,
    seeds_from: Mapping[str, Any] | None = None,
    time: float = 1,
    replacement: bool = False,
    reseed: bool = True,
    seed: int | None = None,
) -> pd.DataFrame:
    """Draw a respondent-driven sample from a network, as a table for `Survey.rds`.

    Seeds come with chances proportional to how many they know. Every participant hands out coupons; each is brought, some time
    later, by one of those whom the participant knows and who has not come yet, anyone alike.

    Parameters
    ----------
    network : Network
        The population.
    n : int
        How many participants there shall be.
    seeds : int
        How many of them come first.
    coupons : int
        How many each participant hands out.
    refuse : float
        The chance that somebody who is handed a coupon does not come with it; another coupon may bring them.
    seeds_from : mapping, optional
        What all seeds are, as ``{"hiv": 1}``: biased seeds.
    time : float
        Mean time between a coupon and its interview, which is exponential; in whatever unit.
    replacement : bool
        Whether people may come again, each time as another participant. Then estimators that assume it are nearly unbiased.
    reseed : bool
        Whether another seed comes where all chains have ended, as in the field. Otherwise the sample ends there, and warns.
    seed : int, optional
        By default that of `settings`. Equal seeds give equal samples.

    Returns
    -------
    DataFrame
        One row a participant, in the order of coming: `id` (1 to n), `person` (who of the network), `recruiter` (an id, missing
        for seeds), `degree`, `wave` (0 for seeds), `time`, and the network's attributes.

    Raises
    ------
    InputError
        More participants than people, or nobody who could be a seed.

    See Also
    --------
    network : populations
    hiddenpop.Survey.rds : what the sample says of them

    Examples
    --------
    >>> import hiddenpop as hp
    >>> network = hp.simulate.network(10_000, {"hiv": 0.2}, homophily=2, activity=1.8, mean_degree=10, seed=4)
    >>> sample = hp.simulate.rds(network, n=500, coupons=2, refuse=0.2, seed=1)
    >>> survey = hp.Survey.rds(
    ...     sample, id="id", recruiter="recruiter", degree="degree", time="time", population=10_000, homophily_on="hiv"
    ... )
    >>> low, high = survey.proportion("hiv").interval().to_numpy()[0]
    >>> bool(low < 0.2 < high)
    True
    """
    size = checks.whole(n, "n", 1, MOST_PARTICIPANTS)
    people = network.people
    if size > len(people) and not replacement:
        raise InputError(f"n={size:,} is more than the {len(people):,} people of the network.")
    if not 0 <= checks.number(refuse, "refuse") <= 1:
        raise InputError(f"refuse={in_words(refuse)} must be a chance, from 0 to 1.")
    number = settings.check_seed(settings.defaults().seed if seed is None else seed)
    start, neighbour = network.neighbours
    person, recruiter, wave, when = _core.simulated_recruits(
        start,
        neighbour,
        size,
        checks.whole(seeds, "seeds", 1, size),
        _chances(network, seeds_from or {}),
        checks.whole(coupons, "coupons", 1, MOST_COUPONS),
        float(refuse),
        checks.positive(time, "time", example="7"),
        replacement,
        reseed,
        number,
        stream("simulated recruitment"),
    )
    if len(person) < size:
        warn(
            f"Recruitment ended after {len(person):,} of {size:,} participants, because nobody was left who could be recruited."
        )
    came = people.iloc[person]
    ids = np.arange(1, len(person) + 1)
    recruiters = pd.Series(recruiter + 1, dtype="Int64").mask(recruiter < 0)
    sample = {
        "id": ids,
        "person": came.index,
        "recruiter": recruiters,
        DEGREE: came[DEGREE].to_numpy(),
        "wave": wave.astype(np.int64),
        "time": when,
    }
    return pd.DataFrame(sample).join(came.drop(columns=DEGREE).reset_index(drop=True))


def _chances(network: Network, seeds_from: Mapping[str, Any]) -> Floats:
    """Return by what each person may be a seed: how many others they know, and nothing for those who may not."""
    chances = network.degrees.astype(float)
    for name, label in seeds_from.items():
        chances[np.asarray(columns.column(network.people, name) != label)] = 0
    if not chances.any():
        raise InputError(f"seeds_from={in_words(dict(seeds_from))} leaves nobody who knows anybody.")
    return chances
