"""Rows of agencies' forms: numbers from the Dutch study and closed forms, the schemas against jsonschema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hiddenpop as hp
import jsonschema
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.export import forms, parts

FIXED = {
    "country": "Netherlands",
    "year": 2023,
    "area": "national",
    "substance": {"opioids": "opioids", "crack only": "crack cocaine"},
    "target_group": "PDU",
    "case_definition": "used at least weekly in the last month",
    "ages": (19, 79),
    "sources": ["treatment register", "field survey"],
}
KEY = {
    "country": "Netherlands",
    "population": "people who inject drugs",
    "definition": "injected in the last year",
    "area": "national",
    "year": 2023,
    "adequacy": "nationally adequate",
    "sources": "field survey",
}
ALL = FIXED | {"substance": "opioids"}


@pytest.fixture(scope="module")
def survey() -> hp.Survey:
    interviews = hp.datasets.load("synthetic_opaak")["interviews"]
    aged = np.where(interviews["age"].isna(), None, interviews["age"] < 65)
    return hp.Survey(interviews.assign(aged_15_64=pd.array(aged, dtype="boolean")), strata="group", replicates=500)


@pytest.fixture(scope="module")
def sizes(survey: hp.Survey) -> hp.Estimate:
    return hp.multiplier({"opioids": 8126, "crack only": 4912}, survey.proportion("in_treatment", by="group"))


@pytest.fixture(scope="module")
def share(survey: hp.Survey) -> hp.Estimate:
    return survey.proportion("aged_15_64", by="group")


def test_a_rate_brings_size_and_population(sizes: hp.Estimate, share: hp.Estimate) -> None:
    rows = hp.export.euda(sizes.per(11_700_000, base=1000), share_in_ages=share, **FIXED)
    assert list(rows.columns) == list(forms.schema("euda")["properties"])
    # The study's register and survey: 8,126 / (240 / 393) and 4,912 / (39 / 127).
    assert rows["central"].tolist() == [round(8126 * 393 / 240), round(4912 * 127 / 39)]
    assert rows[["lower", "upper"]].to_numpy() == pytest.approx(sizes.interval().to_numpy(), abs=0.5)
    restricted = (sizes * share).per(11_700_000)
    assert rows["rate"].tolist() == pytest.approx(restricted.point.tolist(), abs=0.005)
    assert rows[["rate_lower", "rate_upper"]].to_numpy() == pytest.approx(restricted.interval().to_numpy(), abs=0.005)
    assert rows["method"].tolist() == ["TM", "TM"]  # the survey's column says treatment
    assert rows["age_range"].tolist() == ["19-79"] * 2
    assert rows["substance"].tolist() == ["opioids", "crack cocaine"]
    assert rows["sources"][0] == "treatment register; field survey"
    assert "aged 15 to 64. Nobody below 19 was counted." in rows["note"][0]
    assert "SYNTHETIC" in rows["note"][0]
    same = hp.export.euda(sizes, population=11_700_000, share_in_ages=share, **FIXED)
    pd.testing.assert_frame_equal(rows, same)
    for base in (100, 100_000):
        other = hp.export.euda(sizes.per(11_700_000, base=base), share_in_ages=share, **FIXED)
        pd.testing.assert_frame_equal(rows, other)


def test_the_published_figures() -> None:
    # The study's own: 13,300 (12,600 to 14,200) of 11.7 million.
    people = hp.published(13_300, 12_600, 14_200, name="opioids").per(11_700_000)
    row = hp.export.euda(people, **ALL | {"ages": (15, 64)}, method="TM").iloc[0]
    assert row[["central", "lower", "upper"]].tolist() == [13_300, 12_600, 14_200]
    assert row[["rate", "rate_lower", "rate_upper"]].tolist() == [1.14, 1.08, 1.21]
    assert row["note"] == ""


def test_some_labels_of_a_rate(sizes: hp.Estimate, share: hp.Estimate) -> None:
    populations = {"opioids": 11_700_000, "crack only": 11_000_000}
    rate = sizes.per(populations)
    both = hp.export.euda(rate, share_in_ages=share, **FIXED)
    one = hp.export.euda(rate["crack only"], share_in_ages=share["crack only"], **ALL | {"substance": "crack cocaine"})
    pd.testing.assert_frame_equal(both.iloc[[1]].reset_index(drop=True), one)
    found = parts.take_apart(rate["crack only"])
    assert found.population.point == 11_000_000
    assert found.base == 1000
    with pytest.raises(InputError, match=r"not made by size\.per"):
        hp.export.euda(rate.sum("all"), **ALL)


def test_numerator_and_denominator_are_of_the_same_ages(sizes: hp.Estimate) -> None:
    one = sizes["opioids"]
    with pytest.raises(InputError, match=r"aged 19 to 79, the rate's population 15 to 64.*share_in_ages=.*multiply it"):
        hp.export.euda(one, population=11_700_000, **ALL)
    with pytest.raises(InputError, match="lack some who are"):
        hp.export.euda(one, population=11_700_000, **ALL | {"ages": (19, 64)})
    with pytest.raises(InputError, match="not all need be 15 to 64"):
        hp.export.euda(one, population=11_700_000, share_in_ages=1, **ALL)
    with pytest.raises(InputError, match="an Estimate"):
        hp.export.euda(one, population=11_700_000, share_in_ages=0.9, **ALL)
    with pytest.raises(InputError, match="not a share"):
        hp.export.euda(one, population=11_700_000, share_in_ages=hp.published(5, 4, 6, name="x"), **ALL)
    young = hp.export.euda(one, population=11_700_000, share_in_ages=1, **ALL | {"ages": (19, 64)})
    assert "Nobody below 19 was counted." in young["note"][0]
    same = hp.export.euda(one, population=12_500_000, population_ages=(19, 79), **ALL)
    assert same["rate_ages"][0] == "19-79"


def test_methods_are_read_from_the_history(survey: hp.Survey) -> None:
    beta = hp.beta(80, 20, name="share")
    assert parts.methods(hp.multiplier(100, beta, name="police register")) == ("PM",)
    assert parts.methods(hp.multiplier(100, beta, name="overdose deaths")) == ("MM",)
    assert parts.methods(hp.multiplier(100, beta, name="known HIV infections")) == ("HM",)
    assert parts.methods(hp.multiplier(100, beta)) == ("TM", "PM", "MM", "HM")
    assert parts.methods(hp.published(10, 8, 13, name="x")) == ()
    lists = hp.Lists({"a": [1, 1, 0], "b": [1, 0, 1], "people": [30, 50, 60]}, ["a", "b"], counts="people")
    size = hp.lincoln_petersen(lists, bootstrap="conditional")
    assert parts.methods(size) == ("CR",)
    counts = hp.CaptureCounts({"times": [1, 2, 3], "people": [60, 20, 8]}, "times", counts="people")
    assert parts.methods(hp.zero_truncated(counts).size) == ("TP",)
    assert parts.methods(hp.chao(counts).size) == ("TP",)
    assert parts.methods(hp.concat({"x": size, "y": hp.multiplier(100, beta)})) == ("CM",)


def test_method_contradictions(sizes: hp.Estimate) -> None:
    one, given = sizes["opioids"], {"population": 12_500_000, "population_ages": (19, 79)}
    for code in ("TM", "CM", "OT"):
        assert hp.export.euda(one, **given, method=code, **ALL)["method"][0] == code
    with pytest.raises(InputError, match=r"method='CR' contradicts how .* made .multiplier"):
        hp.export.euda(one, **given, method="CR", **ALL)
    unsure = hp.multiplier(100, hp.beta(80, 20, name="s"))
    with pytest.raises(InputError, match=r"may be TM, PM, MM, HM\. Say which"):
        hp.export.euda(unsure, **given, **ALL)
    with pytest.raises(InputError, match=r"method is missing .*CR capture-recapture"):
        hp.export.euda(hp.published(10, 8, 13, name="x"), **given, **ALL)
    with pytest.raises(InputError, match="method is 'XX'; it must be one of 'CR'"):
        hp.export.euda(hp.published(10, 8, 13, name="x"), **given, method="XX", **ALL)


def test_limits_of_a_sensitivity_analysis() -> None:
    one = hp.published(13_300, 12_600, 14_200, name="opioids")
    given: dict[str, Any] = {"population": 10_000_000, "method": "TM", **ALL, "ages": (15, 64)}
    row = hp.export.euda(one, **given, interval="sensitivity", bounds=(10_000, 20_000)).iloc[0]
    assert row[["lower", "upper", "rate_lower", "rate_upper"]].tolist() == [10_000, 20_000, 1.0, 2.0]
    assert row["interval"] == "sensitivity"
    for bounds, message in (
        (None, "needs the limits"),
        ((15_000, 20_000), "outside its bounds"),
        ((20_000, 10_000), "two numbers"),
        ("wide", "two numbers"),
    ):
        with pytest.raises(InputError, match=message):
            hp.export.euda(one, **given, interval="sensitivity", bounds=bounds)
    with pytest.raises(InputError, match="say interval='sensitivity'"):
        hp.export.euda(one, **given, bounds=(1, 2))
    with pytest.raises(InputError, match="interval is '90%'"):
        hp.export.euda(one, **given, interval="90%")


def test_mixed_years() -> None:
    both = hp.concat(
        {2012: hp.published(14_300, 13_400, 16_300, name="a"), 2023: hp.published(13_300, 12_600, 14_200, name="b")}
    )
    given = ALL | {"ages": {2012: (15, 64), 2023: (15, 64)}, "year": {2012: 2012, 2023: "2022/23"}}
    rows = hp.export.euda(both, population={2012: 11_000_000, 2023: 11_700_000}, method="TM", **given)
    assert rows["year"].tolist() == [2012, "2022/23"]
    assert rows["rate"].tolist() == [1.3, 1.14]
    with pytest.raises(InputError, match="2023: year is missing"):
        hp.export.euda(both, population=11_700_000, method="TM", **given | {"year": {2012: 2012}})
    with pytest.raises(InputError, match="which is no label"):
        hp.export.euda(both, population=11_700_000, method="TM", **given | {"year": {2013: 2012}})


MISSING = ["country", "area", "substance", "target_group", "case_definition", "sources", "year"]


@pytest.mark.parametrize("name", MISSING)
@pytest.mark.parametrize("value", [None, "", 3.5])
def test_a_missing_or_bad_field_is_named(name: str, value: object) -> None:
    one = hp.published(13_300, 12_600, 14_200, name="opioids")
    with pytest.raises(InputError, match=rf"opioids: {name} is"):
        hp.export.euda(one, population=11_700_000, method="TM", **ALL | {"ages": (15, 64), name: value})


def test_other_bad_input(sizes: hp.Estimate, survey: hp.Survey) -> None:
    one = hp.published(13_300, 12_600, 14_200, name="opioids")
    given = ALL | {"ages": (15, 64), "method": "TM"}
    with pytest.raises(InputError, match="population= is missing"):
        hp.export.euda(one, **given)
    with pytest.raises(InputError, match="has its population already"):
        hp.export.euda(one.per(1_000_000), population=1_000_000, **given)
    with pytest.raises(InputError, match="this is a share"):
        hp.export.euda(hp.beta(1, 2, name="b"), population=1_000_000, **given)
    with pytest.raises(InputError, match=r"by hp\.published"):
        hp.export.euda(13_300, population=1_000_000, **given)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="youngest and the oldest"):
        hp.export.euda(one, population=1_000_000, **given | {"ages": (64, 15)})
    with pytest.raises(InputError, match="year is 1850; it must be between 1950 and 2100"):
        hp.export.euda(one, population=1_000_000, **given | {"year": 1850})
    # Lists that hardly overlap: an interval without an upper end is no row.
    lists = hp.Lists({"p": [1, 0, 1], "q": [0, 1, 1], "n": [29, 299, 1]}, ["p", "q"], counts="n", replicates=500)
    open_ended = hp.lincoln_petersen(lists, bootstrap="conditional")
    with pytest.raises(InputError, match="upper is inf; it must be a finite number"):
        hp.export.euda(open_ended, population=1_000_000, **given | {"method": "CR"})


def test_key_populations(sizes: hp.Estimate) -> None:
    rows = hp.export.gam(sizes, **KEY)
    assert list(rows.columns) == list(forms.schema("gam")["properties"])
    assert rows["method"].tolist() == ["multiplier"] * 2
    assert rows["estimate"].tolist() == [round(8126 * 393 / 240), round(4912 * 127 / 39)]
    with pytest.raises(InputError, match="population is 'drug users'; it must be one of 'sex workers'"):
        hp.export.gam(sizes, **KEY | {"population": "drug users"})
    with pytest.raises(InputError, match="adequacy is missing"):
        hp.export.gam(sizes, **KEY | {"adequacy": None})
    with pytest.raises(InputError, match="contradicts"):
        hp.export.gam(sizes, method="capture-recapture", **KEY)
    with pytest.raises(InputError, match="this is a rate"):
        hp.export.gam(sizes.per(10_000_000), **KEY)


@pytest.mark.parametrize("form", ["euda", "gam"])
def test_the_schema_means_to_others_what_it_means_here(form: str, sizes: hp.Estimate, share: hp.Estimate) -> None:
    schema = forms.schema(form)
    jsonschema.Draft202012Validator.check_schema(schema)
    others = jsonschema.Draft202012Validator(schema)
    frame = (
        hp.export.gam(sizes, **KEY)
        if form == "gam"
        else hp.export.euda(sizes, population=11_700_000, share_in_ages=share, **FIXED)
    )
    good = {k: v.item() if isinstance(v, np.generic) else v for k, v in frame.iloc[0].items()}
    assert not forms.wrong(form, good)
    assert others.is_valid(good)
    for name in good:
        for value in ("", "nonsense", -1, 1e9, 3.5, True, "1999/00", "15-64", "CR", 2023):
            row = good | {name: value}
            assert bool(forms.wrong(form, row)) != others.is_valid(row), (name, value)
        without = {k: v for k, v in good.items() if k != name}
        assert others.is_valid(without) == (name not in schema["required"])
        assert [text.startswith(f"{name} is missing") for text in forms.wrong(form, without)] == [True] * (
            name in schema["required"]
        )
    assert forms.wrong(form, good | {"sourcs": "x"}) == ["sourcs is no field of the form. Did you mean 'sources'?"]


def test_written_by_pandas(sizes: hp.Estimate, tmp_path: Path) -> None:
    rows = hp.export.gam(sizes, **KEY)
    rows.to_csv(tmp_path / "g.csv", index=False)
    rows.to_excel(tmp_path / "g.xlsx", index=False)
    again = pd.read_csv(tmp_path / "g.csv")
    assert again["upper"].tolist() == rows["upper"].tolist()
    assert pd.read_excel(tmp_path / "g.xlsx")["area"].tolist() == ["national"] * 2


def test_what_is_wrong_everywhere_is_said_once() -> None:
    many = hp.concat({city: hp.published(100, 90, 120, name=city) for city in ("a", "b", "c", "d")})
    with pytest.raises(InputError) as caught:
        hp.export.euda(
            many, population=11_700_000, method="TM", **ALL | {"ages": (15, 64), "substance": "x", "year": 24}
        )
    assert str(caught.value).count("year is 24") == 1
    assert "more.)" not in str(caught.value)


# What the agency prints, and what its tables ask for besides


def test_the_row_of_the_statistical_bulletin() -> None:
    """Netherlands 2008: 17,700 (17,300 to 18,100), TM, TR, as the European agency's table has it."""
    people = hp.published(17_700, 17_300, 18_100, name="opioids")
    given = ALL | {"year": 2008, "ages": (15, 64), "target_group": "POU", "sources": "treatment register"}
    row = hp.export.euda(people, population=11_000_000, method="TM", reference="Cruts and Van Laar 2010", **given).iloc[
        0
    ]
    wanted = ["country", "year", "central", "lower", "upper", "method", "data_source", "reference"]
    assert row[wanted].tolist() == [
        "Netherlands", 2008, 17_700, 17_300, 18_100, "TM", "TR", "Cruts and Van Laar 2010",
    ]  # fmt: skip
    assert row["group_definition"].startswith("long-duration or regular use, or injecting, of opioids")


@pytest.mark.parametrize(
    ("sources", "code"),
    [
        ("treatment register", "TR"),
        (["treatment register", "field survey"], "TR; OS"),
        ("police records, hospital discharges", "CJ; HO"),
        ("needle exchange", "LTS"),
        ("deaths by overdose", "DRD"),
        ("methadone register", "OST"),
        ("methadone treatment", None),  # two of them
        ("the usual", None),
    ],
)
def test_codes_of_data_sources(sources: Any, code: str | None) -> None:
    people = hp.published(17_700, 17_300, 18_100, name="opioids")
    given = ALL | {"ages": (15, 64), "sources": sources}
    found = hp.export.euda(people, population=11_000_000, method="TM", **given)["data_source"][0]
    assert found == code or (code is None and pd.isna(found))
    assert hp.export.euda(people, population=11e6, method="TM", data_source="lts", **given)["data_source"][0] == "LTS"
    with pytest.raises(InputError, match="TR, or TR; LTS for several"):
        hp.export.euda(people, population=11e6, method="TM", data_source="register", **given)


def test_definitions_by_substance(sizes: hp.Estimate) -> None:
    definitions = {"opioids": "weekly for a month", "crack cocaine": "weekly for half a year"}
    rows = hp.export.euda(sizes, population=1e6, **FIXED | {"ages": (15, 64), "case_definition": definitions})
    assert rows["case_definition"].tolist() == list(definitions.values())
    with pytest.raises(InputError, match="no label and no substance"):
        hp.export.euda(sizes, population=1e6, **FIXED | {"ages": (15, 64), "case_definition": {"heroin": "weekly"}})


def test_no_share_of_people_who_are_all_of_the_ages(sizes: hp.Estimate, share: hp.Estimate) -> None:
    with pytest.raises(InputError, match="can't be less than 1"):
        hp.export.euda(sizes, population=1e6, share_in_ages=share, **FIXED | {"ages": (15, 64)})
    ages = {"opioids": (19, 79), "crack only": (20, 60)}
    with pytest.raises(InputError, match="counted as crack only are aged 20 to 60"):
        hp.export.euda(sizes, population=1e6, share_in_ages=share, **FIXED | {"ages": ages})
    rows = hp.export.euda(sizes, population=1e6, share_in_ages=1, **FIXED | {"ages": (20, 60)})
    assert rows["age_range"].tolist() == ["20-60"] * 2


def test_sites_in_one_call() -> None:
    sites = {
        "Rotterdam": hp.published(1_200, 900, 1_700, name="injecting"),
        "Amsterdam": hp.published(900, 700, 1_200, name="injecting too"),
    }
    given = {k: v for k, v in KEY.items() if k != "area"} | {"adequacy": "locally adequate", "method": "multiplier"}
    rows = hp.export.gam(sites, **given | {"year": {"Rotterdam": 2022, "Amsterdam": 2023}})
    assert rows[["area", "year", "estimate", "upper"]].to_numpy().tolist() == [
        ["Rotterdam", 2022, 1200, 1700], ["Amsterdam", 2023, 900, 1200],
    ]  # fmt: skip
    with pytest.raises(InputError, match="which is no site"):
        hp.export.gam(sites, **given | {"year": {"Rotterdam": 2022, "Utrecht": 2023}})
    with pytest.raises(InputError, match=r"Site 'Amsterdam'.*year"):
        hp.export.gam(sites, **given | {"year": {"Rotterdam": 2022}})
    with pytest.raises(InputError, match="area is missing"):
        hp.export.gam(sites["Rotterdam"], **given)
