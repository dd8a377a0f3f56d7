"""Rows of agencies' forms without those of few participants: what is left out is what a report hides."""

from __future__ import annotations

import json
import warnings
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError
from hiddenpop.report import builder

KEY: dict[str, Any] = {
    "country": "Netherlands",
    "population": "people who inject drugs",
    "definition": "in the last year",
    "area": {"a": "Amsterdam", "b": "Breda", "c": "Delft"},
    "year": 2024,
    "adequacy": "locally adequate",
    "sources": "needle exchange",
    "method": "multiplier",
}


def sizes(few: int = 2) -> hp.Estimate:
    """Return sizes of three towns, of which one rests on few."""
    towns = {"a": (few, 40), "b": (30, 60), "c": (25, 60)}
    parts = [pd.DataFrame({"town": t, "listed": [1] * k + [0] * (n - k)}) for t, (k, n) in towns.items()]
    survey = hp.Survey(pd.concat(parts, ignore_index=True), strata="town", replicates=100)
    return hp.multiplier({"a": 100, "b": 900, "c": 500}, survey.proportion("listed", by="town"))


def test_rows_of_few_are_left_out_and_the_others_are_those_of_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "_picture", lambda _: builder.NOT_DRAWN)
    assert len(hp.export.gam(sizes(), **KEY)) == 3
    with pytest.warns(HiddenpopWarning, match="Left out, because they rest on fewer than 5 participants .* 'a'"):
        rows = hp.export.gam(sizes(), **KEY, suppress_below=5)
    assert rows["area"].tolist() == ["Breda", "Delft"]
    data = json.loads(hp.Report("r", suppress_below=5).add(sizes()).to_json() or "")
    numbers = pd.DataFrame(data["content"][0]["table"]["numbers"])
    assert rows[["estimate", "lower", "upper"]].to_numpy() == pytest.approx(
        np.round(numbers.loc[1:, ["estimate", "lower", "upper"]].to_numpy(dtype=float))
    )


def test_nothing_of_a_form_tells_what_was_left_out() -> None:
    given = {**KEY, "case_definition": "in the last year", "target_group": "IDU", "substance": "any", "ages": (15, 64)}
    del given["population"], given["definition"], given["adequacy"]
    forms = set()
    for few in (1, 4):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            rates = sizes(few).per({"a": 80_000, "b": 90_000, "c": 70_000})
            rows = hp.export.euda(rates, **{**given, "method": "TM"}, suppress_below=5)
        forms.add((rows.to_csv(), *(str(one.message) for one in caught)))
    assert len(forms) == 1


def test_where_nothing_is_left_or_known_it_is_refused() -> None:
    whole = {**KEY, "area": "national"}
    with pytest.raises(InputError, match="no row is left"):
        hp.export.gam(sizes().sum("all"), **whole, suppress_below=5)
    with pytest.raises(InputError, match="read from a file"):
        hp.export.gam(hp.read_estimate(sizes().to_json() or ""), **KEY, suppress_below=5)
    with pytest.raises(InputError, match="suppress_below=1 must be"):
        hp.export.gam(sizes(), **KEY, suppress_below=1)
    published = hp.published(1_200, 900, 1_700, name="people who inject")
    assert hp.export.gam(published, **whole, suppress_below=5)["estimate"].tolist() == [1200]
    bounds = {"a": (1, 1e5), "b": (1_500, 2_000), "c": (1_000, 2_000)}
    with pytest.warns(HiddenpopWarning, match="Left out"):
        rows = hp.export.gam(sizes(), **KEY, interval="sensitivity", bounds=bounds, suppress_below=5)
    assert rows["lower"].tolist() == [1_500, 1_000]


def test_sites_are_suppressed_too() -> None:
    towns = sizes()
    given = {**KEY, "area": None}
    with pytest.raises(InputError, match="Site 'Amsterdam'"):
        hp.export.gam({"Amsterdam": towns["a"], "Breda": towns["b"]}, **given, suppress_below=5)
    rows = hp.export.gam({"Breda": towns["b"], "Delft": towns["c"]}, **given, suppress_below=5)
    assert rows["area"].tolist() == ["Breda", "Delft"]
