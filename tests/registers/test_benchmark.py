"""A register's rows to a benchmark: registers small enough to count by hand."""

import datetime
import pickle

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError


@pytest.fixture
def months() -> pd.DataFrame:
    """A row a month: 1 twice in Assen, 2 in both cities, 3 in Oss a year before, 4 in Oss, 5 without a city, and two unknown."""
    return pd.DataFrame(
        {
            "dossier": [1, 1, 2, 2, 3, 4, 5, None, None, 4],
            "month": ["2023-01", "2023-02", "2023-02", "2023-06", "2022-12", "2023-12", "2023-03", "2023-03", "2022-01", None],
            "city": ["Assen", "Assen", "Assen", "Oss", "Oss", "Oss", None, "Oss", "Oss", "Oss"],
        }
    )  # fmt: skip


def test_people_are_counted_once(months: pd.DataFrame) -> None:
    whole = hp.benchmark(months, id="dossier", date="month", period=("2023-01", "2023-12"))
    assert whole.point == 4  # 1, 2, 4 and 5
    assert isinstance(whole, hp.Estimate)
    found = hp.benchmark(
        months, id="dossier", date="month", period="2023", by="city", source="the register of treatment"
    )
    assert found.point.to_dict() == {"Assen": 2, "Oss": 2}
    assert found.notes == (
        "3 people by 'dossier' in 5 rows of the period",
        "1 of them has rows in several groups, and is counted in each of them",
        "1 row without an id: there may be up to 1 person more",
        "1 person is in no group ('city' is missing) and not counted",
        "1 row without a date, not counted",
        "2 rows outside of the period, not counted",
    )
    assert found.duplicates == pytest.approx(1 / 4)  # of 2 + 2 people one is counted twice
    assert hp.adjust.duplicates(found.sum("all"), share=found.duplicates).point == pytest.approx(3)
    assert found.bounds().loc["Oss"].to_dict() == {"people": 2, "fewest": 2, "most": 3, "rows": 3}
    assert "3 people by 'dossier'" in repr(found)
    assert "<small>" in found._repr_html_()


def test_where_people_of_several_groups_count(months: pd.DataFrame) -> None:
    options = {"id": "dossier", "date": "month", "period": "2023", "by": "city"}
    assert hp.benchmark(months, **options, several="first").point.to_dict() == {"Assen": 2, "Oss": 1}
    assert hp.benchmark(months, **options, several="last").point.to_dict() == {"Assen": 1, "Oss": 2}
    months.loc[3, "month"] = "2023-02"  # both rows of 2 are of one month: nothing says which is the last
    found = hp.benchmark(months, **options, several="last")
    assert found.point.to_dict() == {"Assen": 2, "Oss": 2}
    assert found.notes[1:3] == (
        "1 of them has rows in several groups, and is counted in that of their last row",
        "1 person has their last row in several groups on one day, and is counted in each of these",
    )
    assert found.duplicates == pytest.approx(1 / 4)


def test_spells() -> None:
    rows = pd.DataFrame(
        {
            "id": ["a", "b", "c", "d", "e"],
            "since": pd.to_datetime(["2022-06-01", "2023-03-01", "2023-12-01", "2024-01-01", "2023-05-01"]),
            "until": pd.to_datetime(["2023-01-10", "2023-03-10", None, None, "2024-03-01"]),
        }
    )
    found = hp.benchmark(rows, id="id", start="since", end="until", period="2023")
    assert found.point == 4
    assert found.notes[-1] == (
        "of the people counted, 1 was there before it began, 1 after it ended, 1 has no last day and is taken to be there still"
    )
    assert found.window == datetime.timedelta(days=365)
    # Days within 2023: a 10, b 10, c 31, e 245; b, c and e began in it.
    assert found.stay == datetime.timedelta(days=(10 + 10 + 31 + 245) / 3)
    assert 0 < hp.adjust.turnover(found, window=found.window, stay=found.stay).point < 4
    rows.loc[1, "until"] = pd.Timestamp("2022-01-01")
    with pytest.raises(InputError, match=r"end \('until'\) before they begin \('since'\) in 1 row"):
        hp.benchmark(rows, id="id", start="since", end="until", period="2023")


@pytest.mark.parametrize(
    ("written", "inside"),
    [
        ("2023-07-14", True), (pd.Timestamp("2023-12-31 23:59"), True), (datetime.date(2024, 1, 1), False), ("2023Q4", True),
        (2023, True), (202312, True), ("20240101", False), (pd.Period("2023-12", "M"), True), ("2022-12-31T10:00:00", False),
        ("2023-M02", True),
    ],
)  # fmt: skip
def test_forms_of_dates(written: object, inside: bool) -> None:
    rows = pd.DataFrame({"id": ["a", "b"], "when": [written, written]}, dtype=object)
    rows.loc[1, "when"] = "2023-05-05"
    assert hp.benchmark(rows, id="id", date="when", period="2023").point == 1 + inside


@pytest.mark.parametrize("written", ["14/07/2023", "07-2023", "2023-13", "2023-02-30", "spring", 3.5, True])
def test_what_is_no_date_is_refused(written: object) -> None:
    rows = pd.DataFrame({"id": ["a", "b"], "when": ["2023-01", written]}, dtype=object)
    with pytest.raises(
        InputError, match="Column 'when' holds dates, and 1 of its 2 different values can't be read so"
    ) as told:
        hp.benchmark(rows, id="id", date="when", period="2023")
    assert "spring" not in str(told.value)


def test_refusals(months: pd.DataFrame) -> None:
    options = {"id": "dossier", "date": "month"}
    with pytest.raises(
        InputError,
        match=r"Nobody with an id is in the register from 2021-01-01 to 2021-12-31: of 10 rows 9 lie outside",
    ):
        hp.benchmark(months, **options, period="2021")
    with pytest.raises(InputError, match=r"ends .* before it begins"):
        hp.benchmark(months, **options, period=("2023", "2022"))
    with pytest.raises(InputError, match="'summer' is no day, month, quarter or year"):
        hp.benchmark(months, **options, period="summer")
    for given in ({}, {"date": "month", "start": "month", "end": "month"}, {"start": "month"}):
        with pytest.raises(InputError, match="Say when rows were"):
            hp.benchmark(months, id="dossier", period="2023", **given)
    with pytest.raises(InputError, match="more than 15 digits"):
        hp.benchmark({"id": [2.0**60, 1.0], "month": ["2023"] * 2}, id="id", date="month", period="2023")


def test_ids_as_people_write_them() -> None:
    rows = {"id": ["A1", "a1 ", "", "  ", "b"], "month": ["2023-01"] * 5}
    found = hp.benchmark(rows, id="id", date="month", period="2023")
    assert found.point == 3
    assert found.bounds()["most"].item() == 5
    assert found.notes[-1].startswith("1 id is another's but for spaces, capitals")
    # Spreadsheets hold some numbers as texts, and write what is unknown in words.
    mixed = pd.DataFrame({"id": [101, "101", "-", "Unknown", 7], "month": "2023-01"}, dtype=object)
    found = hp.benchmark(mixed, id="id", date="month", period="2023")
    assert found.point == 5
    assert found.notes[-2].startswith("1 id is another's but for")
    assert found.notes[-1] == "'-', 'Unknown' are taken for ids"


def test_groups_as_people_write_them() -> None:
    rows = pd.DataFrame({"id": ["a", "b", "c", "d", "e"], "month": "2023", "city": ["Oss", "oss ", "", "  ", "Oss"]})
    for cities in (rows["city"], rows["city"].astype("category")):
        with pytest.warns(hp.HiddenpopWarning, match="differ only in capitals.*'Oss' in 2 answers, 'oss ' in 1 answer"):
            found = hp.benchmark(rows.assign(city=cities), id="id", date="month", period="2023", by="city")
        assert found.point.to_dict() == {"Oss": 2, "oss ": 1}
        assert "2 people are in no group ('city' is missing) and not counted" in found.notes


def test_blank_dates_are_no_dates() -> None:
    spells = {
        "id": ["a", "b", "c"],
        "since": ["2023-01-05", " ", "2022-12-01"],
        "until": ["", "2023-02-01", "2022-12-31"],
    }
    found = hp.benchmark(spells, id="id", start="since", end="until", period="2023")
    assert found.point == 1  # a, who is still there; b has no first day, c had left
    assert "1 row without a date, not counted" in found.notes
    assert "of the people counted, 1 has no last day and is taken to be there still" in found.notes


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"several": "First"}, r"several='First' must be one of 'each', 'first', 'last'"),
        ({"period": (pd.NaT, "2023")}, "a missing value is no day"),
        ({"id": "listed"}, "Column 'listed' holds lists or mappings, which tell nobody apart"),
        ({"date": "listed"}, "Column 'listed' holds lists or mappings instead of dates"),
        ({"date": "far"}, "lie from 1800 to 2199"),
    ],
)
def test_odd_arguments_are_refused(changed: dict[str, object], match: str) -> None:
    rows = pd.DataFrame({"id": ["a", "a"], "month": "2023", "city": ["x", "y"], "far": "9999-12-31"})
    rows["listed"] = [[1], [2]]
    with pytest.raises(InputError, match=match):
        hp.benchmark(rows, **{"id": "id", "date": "month", "period": "2023", "by": "city", **changed})


def test_reference_periods_of_interviews(months: pd.DataFrame) -> None:
    found = hp.benchmark(months, id="dossier", date="month", period="2023")
    assert found.agreement(["2024-01-01"], asked="12m") == 1.0  # all of 2023, and nothing else
    assert found.agreement(pd.to_datetime(["2023-01-31", None]), asked="30d") == pytest.approx(1.0)
    assert found.agreement(["2023-01-16"], asked="30d") == pytest.approx(0.5)
    assert found.agreement(["2023-03-31"], asked="1m") == 1.0
    for asked in ("a while", "3min", "0m", "1.5y", "9" * 30 + "d", "1201m", "101y"):
        with pytest.raises(InputError, match="is no time back"):
            found.agreement(["2023-01-16"], asked=asked)
    assert found.agreement(["2023-01-16"], asked="30 days") == pytest.approx(0.5)
    with pytest.raises(InputError, match="must be days"):
        found.agreement(["2023-01"], asked="1m")


def test_it_is_an_input_like_any_other(months: pd.DataFrame) -> None:
    survey = hp.Survey({"city": ["Assen", "Oss"] * 50, "treated": [1, 0, 0, 1] * 25}, replicates=100)
    found = hp.benchmark(
        months, id="dossier", date="month", period="2023", by="city", source="the register of treatment"
    )
    size = hp.multiplier(found * 1000, survey.proportion("treated", by="city"))
    assert size.point.to_dict() == {"Assen": 4000, "Oss": 4000}
    sentence = (
        "The benchmark counts the people (told apart by 'dossier') in the register of treatment from 1 January 2023 to"
    )
    assert sentence in size.methods()
    pd.testing.assert_series_equal(hp.read_estimate(size.to_json()).point, size.point)
    assert "without an id" not in size.methods()  # how the register's rows were is not what was done
    again = hp.read_estimate(found.to_json())
    assert isinstance(again, hp.Benchmark)
    assert (again.notes, again.window, again.duplicates, again.period) == (
        found.notes, found.window, found.duplicates, found.period,
    )  # fmt: skip
    pd.testing.assert_frame_equal(again.bounds(), found.bounds())
    again = pickle.loads(pickle.dumps(found))
    assert again.point.to_dict() == found.point.to_dict()
    assert hp.Report("t", suppress_below=5).add(found).to_json().count('"hidden"') >= 2


def test_a_person_a_group_against_pandas() -> None:
    rng = np.random.default_rng(4)
    rows = pd.DataFrame(
        {
            "id": rng.integers(0, 300, 2000),
            "city": rng.choice(["a", "b", "c"], 2000),
            "sex": rng.choice([1, 2], 2000),
            "day": pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 1000, 2000), unit="D"),
        }
    )
    found = hp.benchmark(rows, id="id", date="day", period=("2022-07", "2023-06"), by=["city", "sex"]).point
    inside = rows[rows["day"].between("2022-07-01", "2023-06-30")]
    expected = inside.groupby(["city", "sex"])["id"].nunique()
    assert found.sort_index().astype(int).tolist() == expected.sort_index().tolist()


def test_known_numbers_have_no_interval(months: pd.DataFrame) -> None:
    found = hp.benchmark(months, id="dossier", date="month", period="2023", by="city")
    assert str(found.sum("all")) == "all: 4"
    assert str(found * 2).split() == ["benchmark", "×", "2", "estimate", "Assen", "4", "Oss", "4"]
    assert "interval" not in (found * 2)._repr_html_()
    assert "95% interval" in str(found.sum("all") * hp.beta(3, 4))


def test_rows_with_neither_id_nor_group_are_told() -> None:
    rows = {"id": ["a", None, "", None], "month": ["2023-01"] * 4, "city": ["Oss", None, " ", "Oss"]}
    found = hp.benchmark(rows, id="id", date="month", period="2023", by="city")
    assert "2 rows have neither an id nor a group ('city'), and are in no bound of a group" in found.notes
    assert found.bounds().loc["Oss"].to_dict() == {"people": 1, "fewest": 1, "most": 2, "rows": 2}


#: "str" makes words of missing texts before pandas 3.
TEXTS = ["string", "str"] if int(pd.__version__.split(".")[0]) >= 3 else ["string"]


@pytest.mark.parametrize("kind", [*TEXTS, "object", "category", "Int64", "float"])
def test_ids_of_every_type(kind: str) -> None:
    ids = pd.Series([1, 2, 2, None, 3]) if kind in ("Int64", "float") else pd.Series(["a", "b", "b", None, "c"])
    rows = pd.DataFrame({"id": ids.astype(kind), "month": "2023"})
    assert hp.benchmark(rows, id="id", date="month", period="2023").point == 3


def test_dates_of_numpy_are_those_of_python() -> None:
    days = pd.Series(
        pd.to_datetime(["1969-12-31 23:00", "1970-01-01 00:00", None, "2023-02-28 12:00", "2024-02-29 23:59"])
    )
    rows = pd.DataFrame({"id": list("abcde"), "day": days})
    plain = rows.assign(day=days.dt.date)
    for period in ("1969", "1970", "2023", ("2023-03", "2024"), ("1960", "2030")):
        ours, theirs = (hp.benchmark(one, id="id", date="day", period=period) for one in (rows, plain))
        assert (ours.point, ours.notes) == (theirs.point, theirs.notes)
