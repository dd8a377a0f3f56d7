"""People on lists: published overlaps, small tables, and simulated people whose chances are known."""

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd

from . import facts

#: Rcapture 1.4-4, SparseMSE 2.0.1, dga 2.0.2 and LCMCR 0.4.14: settings are named in the file.
EXPECTED: dict[str, Any] = facts.printed("capture_expected")
ROME = ["c1", "c2", "c3", "c4"]
#: Rcapture's names, such as [12,34], of all 113 models of Rome.
ROME_MODELS: dict[str, Any] = EXPECTED["rome_hiv.csv"]["all hierarchical models (closedpMS.t, h=NULL)"]
KOSOVO = ["EXH", "ABA", "OSCE", "HRW"]
SEXES = {
    "sex": ["f", "f", "f", "m", "m", "m"],
    "a": [1, 0, 1] * 2,
    "b": [0, 1, 1] * 2,
    "people": [40, 60, 12, 10, 20, 30],
}
#: The three-list example of dga, without the cell of people unseen.
SMALL = {
    "a": [1, 0, 1, 0, 1, 0, 1],
    "b": [0, 1, 1, 0, 0, 1, 1],
    "c": [0, 0, 0, 1, 1, 1, 1],
    "people": [27, 37, 19, 4, 4, 1, 1],
}


def rome(**options: Any) -> hp.Lists:
    return hp.Lists(hp.datasets.load("rome_hiv")["overlaps"], ROME, counts="people", **options)


def kosovo(names: list[str] = KOSOVO, **options: Any) -> hp.Lists:
    return hp.Lists(hp.datasets.load("kosovo")["overlaps"], names, counts="people", **options)


def small(**options: Any) -> hp.Lists:
    return hp.Lists(SMALL, ["a", "b", "c"], counts="people", **options)


def hepatitis(**options: Any) -> hp.Lists:
    """Hepatitis A in a college in Taiwan (Chao et al. 2001, Statistics in Medicine 20:3123-3157)."""
    cells = {"P": [1, 1, 1, 0, 1, 0, 0], "Q": [1, 1, 0, 1, 0, 1, 0], "E": [1, 0, 1, 1, 0, 0, 1]}
    return hp.Lists(cells | {"n": [28, 21, 17, 18, 69, 55, 63]}, ["P", "Q", "E"], counts="n", **options)


def expit(odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-odds))


def population(seed: int, size: int = 1500, lists: int = 3) -> pd.DataFrame:
    """People whose log odds of being on each list are linear in age and sex."""
    rng = np.random.default_rng(seed)
    age, sex = rng.normal(size=size), rng.random(size) < 0.5
    odds = [-0.4 + 0.7 * age + 0.4 * sex, -0.8 + 0.5 * age - 0.4 * sex, -0.6 + 0.6 * age][:lists]
    on = np.column_stack([rng.random(size) < expit(o) for o in odds])
    table = pd.DataFrame(on, columns=list("abc")[:lists]).assign(age=age, sex=np.where(sex, "m", "f"))
    return table[on.any(axis=1)].reset_index(drop=True)
