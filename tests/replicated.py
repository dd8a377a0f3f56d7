"""People with replicate weights, and what their definition says, for the tests of variance replicates."""

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd


def make_pairs() -> pd.DataFrame:
    """Return ten strata of two clusters of three people, with weights and a fraction sampled."""
    rng = np.random.default_rng(5)
    stratum, cluster = np.repeat(np.arange(10), 6), np.repeat(np.arange(20), 3)
    frame = pd.DataFrame({"h": stratum, "k": cluster, "w": rng.uniform(1, 9, 60).round(2)})
    frame["y"] = (rng.normal(5, 2, 20)[cluster] + rng.normal(0, 1, 60)).round(3)
    frame["f"] = np.linspace(0.05, 0.6, 10)[stratum]
    return frame.assign(yes=lambda t: t["y"] > 5, g=["a", "b", "b"] * 20)


def make_agency(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the same people with 12 columns of BRR weights and nothing that says how they were sampled."""
    survey = hp.Survey(pairs, strata="h", clusters="k", weights="w").with_replicates("BRR")
    return pd.concat([pairs.drop(columns=["h", "k", "f"]), survey.to_replicate_weights()], axis=1)


def columns_of(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if str(name).startswith("rw")]


def by_hand(frame: pd.DataFrame, theta: Any, factor: Any, centre: str = "estimate") -> float:
    """Apply the definition: the root of sum_r factor_r (theta_r - c)^2."""
    values = np.array([theta(frame[name].to_numpy()) for name in columns_of(frame)])
    middle = theta(frame["w"].to_numpy()) if centre == "estimate" else values.mean()
    return float(np.sqrt((factor * (values - middle) ** 2).sum()))
