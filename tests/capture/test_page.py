"""What docs/lists.md says about published data is what the package gives; and invariants of any lists."""

import re

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools import assumptions

from ..facts import ROOT
from ..on_lists import rome

TWO_METHODS = ("Chapman, lists a and b", "log-linear, independent")
PAGE = (ROOT / "docs" / "lists.md").read_text(encoding="utf-8")


def test_numbers_of_the_page() -> None:
    fits = hp.loglinear(rome(replicates=100))
    notes = fits.table["note"]
    found = [(notes == "").sum(), *(notes.str.contains(word).sum() for word in ("minus infinity", "nobody unseen"))]
    assert [*found, fits.table["abundance"].isna().sum()] == [94, 17, 1, 1]
    assert "of 113 models 94 have a maximum, 17 an extended one, one a limit" in PAGE
    near = fits.table[fits.table["AIC"] <= fits.table["AIC"].min() + 4]
    assert len(near) == 26
    assert "26 models do, from 10,500 to 19,700 people" in PAGE
    assert (round(fits.spread[0], -2), round(fits.spread[1], -2)) == (10_500, 19_700)
    laws = [round(hp.mth(rome(replicates=100), law).point) for law in ("Chao", "Poisson", "Darroch", "Gamma")]
    assert "in Rome {:,} (at least), {:,}, {:,} and {:,} people".format(*laws) in PAGE


def test_the_table_of_assumptions_follows_from_closed_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    # Two lists with odds ratio 2: half of the unseen are missed, with list sizes of 30% and 25% kept.
    p = np.roots([0.7, 0.3 * 2 + 0.7 - 0.25, -0.25]).max()  # 0.3 * 2p / (1 + p) + 0.7 p = 0.25
    both = 0.3 * 2 * p / (1 + p)
    expected = -(1 - 0.3 - 0.25 + both) / 2
    shown = re.search(r"\| Chapman, lists a and b \| (\S+) \| (\S+) \| (\S+) \|", PAGE)
    assert shown is not None
    assert float(shown[3].strip("%")) / 100 == pytest.approx(expected, abs=0.015)
    for name, kept in (("METHODS", TWO_METHODS), ("SCENARIOS", ("all hold", "odds ratio 2"))):
        everything = getattr(assumptions, name)
        monkeypatch.setattr(assumptions, name, {one: everything[one] for one in kept})
    found = assumptions.errors(20)
    assert found.loc[TWO_METHODS[0], "odds ratio 2"] == pytest.approx(expected, abs=0.04)
    assert abs(found.loc[TWO_METHODS[1], "all hold"]) < 0.04


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=7, max_size=7), st.permutations([0, 1, 2]), st.integers(2, 5))
def test_sizes_don_t_depend_on_the_order_of_lists_and_grow_with_counts(
    counts: list[int], order: list[int], factor: int
) -> None:
    cells = pd.DataFrame([[c >> j & 1 for j in range(3)] for c in range(1, 8)], columns=list("abc"))
    names = [list("abc")[j] for j in order]
    data = hp.Lists(cells.assign(n=counts), list("abc"), counts="n", replicates=2)
    turned = hp.Lists(cells.assign(n=counts), names, counts="n", replicates=2)
    more = hp.Lists(cells.assign(n=np.array(counts) * factor), list("abc"), counts="n", replicates=2)
    for model in ("a + b + c", "a*b + c", "a*b + b*c"):
        size = hp.loglinear(data, model).point
        assert hp.loglinear(turned, model).point == pytest.approx(size, rel=1e-9)
        # Maximum likelihood is homogeneous: twice the people, twice the size.
        assert hp.loglinear(more, model).point == pytest.approx(factor * size, rel=1e-9)
        assert size > data.n


def test_packaged_overlaps_have_the_published_totals() -> None:
    for name, people in (("rome_hiv", 1896), ("uk_modern_slavery", 2744), ("kosovo", 4400)):
        data = hp.datasets.load(name)
        assert data["overlaps"]["people"].sum() == people
        assert data.source
