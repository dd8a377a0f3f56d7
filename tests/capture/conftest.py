"""Lists and fits that several files ask."""

from typing import Any

import hiddenpop as hp
import pandas as pd
import pytest

from ..on_lists import SMALL, rome


@pytest.fixture(scope="module")
def regions() -> hp.Lists:
    north = pd.DataFrame(SMALL).assign(region="north", d=0)
    south = pd.DataFrame(SMALL).assign(region="south", d=0)
    south["people"] *= 3
    shelter = pd.DataFrame(
        {"a": [0, 1, 1], "b": [0, 0, 1], "c": [0, 0, 0], "d": 1, "people": [30, 12, 5], "region": "south"}
    )
    table = pd.concat([north, south, shelter], ignore_index=True)
    return hp.Lists(table, ["a", "b", "c", "d"], counts="people", by="region", covers={"d": ["south"]})


@pytest.fixture(scope="module")
def fits() -> Any:
    return hp.loglinear(rome(replicates=300))
