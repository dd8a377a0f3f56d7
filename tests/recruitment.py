"""Respondent-driven samples that tests share, each with its source."""

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd

from .facts import DATA

#: R package RDS 0.9-10: a simulated sample of 500 from a network of 1,000 people, a fifth of whom have the disease.
MADRONA = {"id": "id", "recruiter": "recruiter.id", "degree": "degree"}
#: The same package: 511 people with times of interviews.
TIMED = {"id": "SER", "recruiter": "recruiter.id", "degree": "NETWORK", "time": "DATEINTERVIEW"}
#: The same package: 389 people from one seed, whose recruiter is 0, with answers in two and in three categories.
FAUX = {"id": "id", "recruiter": "recruiter.id", "degree": "network.size"}


def madrona() -> pd.DataFrame:
    """Return its sample of 500, with an age and a group that recruitment does not go by."""
    table = pd.read_csv(DATA / "rds" / "fauxmadrona.csv")[["id", "recruiter.id", "degree", "disease", "wave"]]
    rng = np.random.default_rng(5)
    return table.assign(age=rng.integers(18, 60, len(table)), group=np.where(rng.random(len(table)) < 0.4, "a", "b"))


def survey(**options: Any) -> hp.Survey:
    """Return a survey of it, or of another table like it, of 1,000 people unless said."""
    table = options.pop("table", None)
    return hp.Survey.rds(
        madrona() if table is None else table, **{**MADRONA, "population": 1_000, "replicates": 2_000, **options}
    )


def timed() -> pd.DataFrame:
    """Return the sample with times."""
    table = pd.read_csv(DATA / "rds" / "fauxtime.csv")
    return table.assign(DATEINTERVIEW=pd.to_datetime(table["DATEINTERVIEW"]))


def faux() -> pd.DataFrame:
    """Return the sample with three categories."""
    return pd.read_csv(DATA / "rds" / "faux.csv")


def elsewhere() -> pd.DataFrame:
    """Return the same sample as if it came from elsewhere, with ids of its own."""
    table = madrona()
    by = [f"e{k}" if k != "seed" else "seed" for k in table["recruiter.id"].astype(str)]
    return table.assign(**{"id": "e" + table["id"].astype(str), "recruiter.id": by})
