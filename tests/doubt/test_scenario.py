"""Scenarios: several inputs together."""

from __future__ import annotations

import hiddenpop as hp
import pytest
from hiddenpop.errors import InputError

from .. import facts


def test_scenarios_move_together(study: hp.Sensitivity, crack: hp.Estimate) -> None:
    cases = study.scenarios(
        {
            "as published": {"completeness": 1},
            "misses 20%": {"completeness": 0.8},
            "odds 2": {"odds": 2, "completeness": 1},
        }
    )
    table = cases.summary()
    assert table["estimate"].to_numpy() == pytest.approx([facts.CRACK, facts.CRACK / 0.8, facts.crack_size(1, 2)])
    assert table["change"].to_numpy() == pytest.approx([0, facts.CRACK / 4, facts.crack_size(1, 2) - facts.CRACK])
    assert table["relative"].to_numpy()[:2] == pytest.approx([0, 0.25])
    assert table["completeness"].tolist() == [1, 0.8, 1]
    assert table["odds"].tolist() == [1, 1, 2]
    # The same redraws: the ratio of two sizes that differ by a factor is certain.
    assert cases.relative("misses 20%").se() == pytest.approx(0, abs=1e-12)
    assert cases.change("misses 20%").interval().to_numpy() == pytest.approx(crack.interval().to_numpy() / 4)
    assert "+25%" in repr(cases)
    assert "<table" in cases._repr_html_()
    assert "compared with 'as published'" in cases.methods()
    other = study.scenarios({"a": {"completeness": 1}, "b": {}}, base="b").summary()
    assert other.loc["b", "change"] == 0
    assert other.loc["a", "relative"] == pytest.approx(-0.2)


def test_scenarios_with_uncertain_values(study: hp.Sensitivity) -> None:
    cases = study.scenarios({"base": {}, "doubt": {"completeness": hp.beta(80, 20, name="c")}})
    wide = cases.summary()
    assert wide.loc["doubt", "estimate"] == pytest.approx(wide.loc["base", "estimate"])
    assert wide.loc["doubt", "upper"] > wide.loc["base", "upper"]
    assert wide.loc["doubt", "completeness"] == "c"


def test_bad_scenarios(study: hp.Sensitivity, crack: hp.Estimate, people: hp.Estimate) -> None:
    with pytest.raises(InputError, match=r"Scenario 'a' sets 'complete'. Did you mean 'completeness'"):
        study.scenarios({"a": {"complete": 1}, "b": {}})
    with pytest.raises(InputError, match="takes a mapping"):
        study.scenarios({"a": 0.8})  # type: ignore[dict-item]
    for cases, message in (
        ({"a": crack}, "two names or more"),
        ({"a": crack, "b": {"completeness": 1}}, "To set inputs use a study"),
        ({"a": crack, "b": people}, "pick one"),
        ({"a": crack, "b": hp.beta(2, 3, name="c")}, "of one quantity"),
    ):
        with pytest.raises(InputError, match=message):
            hp.scenarios(cases)  # type: ignore[arg-type]
    made = hp.scenarios({"a": crack, "b": crack * 2})
    with pytest.raises(InputError, match="no scenario 'c'"):
        made.change("c")
    with pytest.raises(InputError, match="the base itself"):
        made.change("a")
    with pytest.raises(InputError, match="to compare with"):
        hp.scenarios({"a": crack, "b": crack * 2}, base="c")
