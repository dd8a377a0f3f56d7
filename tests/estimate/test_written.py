"""Estimates as tables, and numbers in a text."""

from pathlib import Path

import hiddenpop as hp
import pytest
from hiddenpop import InputError


def by_city() -> hp.Estimate:
    """Sizes by group and city."""
    rows = [(g, c, r) for g in ("opioids", "crack only") for c in ("Arnhem", "Utrecht") for r in (1, 0)]
    table = {
        "group": [g for g, _, _ in rows],
        "city": [c for _, c, _ in rows],
        "registered": [r for _, _, r in rows],
        "n": [60, 40, 55, 45, 30, 70, 25, 75],
    }
    share = hp.Survey(table, counts="n", strata="group").proportion("registered", by=["group", "city"])
    return hp.multiplier(dict(zip(share.labels, (6_000, 1_100, 300, 25), strict=True)), share)


def test_a_level_becomes_columns(tmp_path: Path) -> None:
    sizes = by_city()
    table = sizes.unstack("city")
    assert table.columns == ("Arnhem", "Utrecht")
    assert [row.label for row in table.rows] == ["opioids", "crack only"]
    low, high = sizes.interval().loc[("opioids", "Arnhem")].round(-1)
    assert table.rows[0].cells[0] == f"10,000 ({low:,.0f} to {high:,.0f})"  # 6,000 / 0.6
    assert table.rows[1].cells[1].startswith("100 (")  # 25 / 0.25
    assert table.notes == ("Estimate (95% interval).",)
    assert sizes.unstack("group").columns == ("opioids", "crack only")
    assert sizes.unstack().columns == sizes.unstack(1).columns == table.columns
    assert len(table.to_pandas(numbers=True)) == 4
    docx = pytest.importorskip("docx")
    table.to_docx(tmp_path / "sizes.docx")
    (grid,) = docx.Document(str(tmp_path / "sizes.docx")).tables
    assert [cell.text for cell in grid.rows[0].cells] == ["", "Arnhem", "Utrecht"]
    written = [cell.text.replace("\u00a0", " ") for cell in grid.rows[1].cells]  # no line breaks inside a number
    assert written == ["opioids", *table.rows[0].cells]


def test_cells_that_nobody_is_in_have_a_dash() -> None:
    sizes = by_city()
    assert sizes[list(sizes.labels[:3])].unstack("city").rows[1].cells[1] == "–"


def test_what_can_not_be_unstacked_is_refused() -> None:
    with pytest.raises(InputError, match="one level, and a wide table needs two"):
        hp.concat({"a": hp.beta(8, 2, name="a")}).unstack("city")
    with pytest.raises(InputError, match=r"no level 'town'\."):
        by_city().unstack("town")
    with pytest.raises(InputError, match="no level 2"):
        by_city().unstack(2)


def test_numbers_go_into_a_text() -> None:
    size = hp.published(13_300, 12_600, 14_200, name="opioids")
    assert f"{size:,.0f}" == "13,300"
    assert f"{hp.beta(80, 20, name='share'):.1%}" == "80.0%"
    assert f"{size}" == repr(size)
    with pytest.raises(InputError, match="has 4 labels"):
        f"{by_city():,.0f}"
    with pytest.raises(InputError, match=r"'%Q' is no format of a number"):
        f"{size:%Q}"


def test_frames_are_unrounded_and_rounded_when_asked() -> None:
    size = hp.published(13_310, 12_620, 14_240, name="opioids")
    assert size.to_frame().columns.tolist() == ["estimate", "lower", "upper"]
    assert size.round(-2).loc["opioids"].tolist() == [13_300, 12_600, 14_200]
    with pytest.raises(InputError, match=r"decimals=1\.5 must be a whole number"):
        size.round(1.5)  # type: ignore[arg-type]


def test_comparisons_have_tables_too() -> None:
    table = (by_city() > 1_000).unstack("city")
    assert table.rows[0].cells[0].startswith("holds in")


def test_a_rate_is_called_by_its_base_and_not_by_its_divisor() -> None:
    rate = hp.published(13_300, 12_600, 14_200, name="opioids").per(11_700_000)
    assert list(rate.labels) == [rate.name] == ["opioids per 1,000"]


def test_a_sum_by_levels_says_by() -> None:
    with pytest.raises(InputError, match=r"sum\(by=\['group'\]\)"):
        by_city().sum(["group"])


def test_a_stack_is_called_by_what_its_parts_have_in_common() -> None:
    survey = hp.Survey({"a": [1, 0, 1], "b": [0, 0, 1], "old": [True, True, True]})
    called = {name: survey.proportion(name) for name in ("a", "b")}
    assert hp.concat(called).name == "proportion"
    within = {name: survey.proportion(name, where="old") for name in ("a", "b")}
    assert hp.concat(within).name == "proportion, where old"
    assert hp.concat({"x": survey.proportion("a"), "y": survey.proportion("a")}).name == "proportion of a"
    assert hp.concat({"x": hp.beta(8, 2, name="left"), "y": hp.beta(8, 3, name="right")}).name == "estimates"
