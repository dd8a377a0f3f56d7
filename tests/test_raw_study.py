"""From two exports with every trouble to sizes and a report: what must be said is said, and numbers are those of plain pandas."""

import re
import warnings
from pathlib import Path
from typing import Any

import hiddenpop as hp
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError

from .facts import ROOT

FILES = ROOT / "notebooks" / "data"
INTERVIEWS, REGISTER = FILES / "synthetic_interviews.csv", FILES / "synthetic_register.csv"
CITIES = {"'s-Gravenhage": "Den Haag", "UTRECHT": "Utrecht"}
BY = ["group", "city"]


def told(call: Any, *args: Any, **options: Any) -> tuple[Any, str]:
    """Return what a call returns, and what it warned of."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        made = call(*args, **options)
    return made, "\n".join(str(one.message) for one in said)


@pytest.fixture(scope="module")
def interviews() -> pd.DataFrame:
    read: pd.DataFrame = told(hp.read_csv, INTERVIEWS)[0]
    return read.drop_duplicates("nr")


@pytest.fixture(scope="module")
def answers(interviews: pd.DataFrame) -> Any:
    return hp.recode(interviews, yes=["ja", 1], no=["nee", 2], missing=["onbekend", "weet niet", 9])


@pytest.fixture(scope="module")
def survey(answers: Any) -> hp.Survey:
    labels = {"treat": "In treatment", "abroad": "Born abroad", "group": "Group"}
    return hp.Survey(answers.table, id="nr", strata="group", labels=labels, name="interviews 2023", replicates=500)


@pytest.fixture(scope="module")
def register() -> pd.DataFrame:
    table: pd.DataFrame = hp.recode(hp.read_csv(REGISTER), columns="dossier").table
    return table.replace(CITIES)


def plain_answers() -> pd.DataFrame:
    """Read the interviews by hand."""
    raw = pd.read_csv(INTERVIEWS, sep=";", encoding="cp1252", dtype=str, keep_default_na=False, quoting=3)
    raw = raw[~raw["nr"].duplicated()]
    words = {"ja": 1.0, "nee": 0.0}
    return raw.assign(
        treat=raw["treat"].str.strip().str.lower().map(words),
        abroad=raw["abroad"].str.strip().str.lower().map(words),
        injected=raw["injected"].map({"1": 1.0, "2": 0.0}),
        age=pd.to_numeric(raw["age"].str.replace(",", ".")),
        city=raw["city"].str.strip().str.capitalize().replace({"Den haag": "Den Haag"}),
    )


def plain_register() -> pd.DataFrame:
    """Read the rows of 2023 by hand, in their order."""
    raw = pd.read_csv(REGISTER, dtype=str, keep_default_na=False)
    raw = raw[raw["month"].str.startswith("2023")].sort_values("month", kind="stable")
    return raw.assign(dossier=raw["dossier"].str.upper(), city=raw["city"].replace(CITIES))


def test_the_files_are_read_and_what_was_found_is_said() -> None:
    read, said = told(hp.read_csv, INTERVIEWS)
    assert read.attrs["read"] == "separator ';', decimal comma, encoding cp1252"
    assert "not in UTF-8 and was read as cp1252" in said
    assert "Cells of 'nr' are written as =\"001\"" in said
    assert "Days that are in no calendar were made missing: 'date' in 1 row (row number 76, counted from 0)." in said
    assert {"Curaçao", "België"} < set(read["born"])
    assert read["nr"].iloc[0] == "001"
    assert read["date"].isna().sum() == 1
    register, said = told(hp.read_csv, REGISTER)
    assert register.attrs["read"] == "separator ',', decimal point, encoding UTF-8"
    assert not said


def test_who_is_there_twice_is_refused_by_row() -> None:
    read = told(hp.read_csv, INTERVIEWS)[0]
    with pytest.raises(
        InputError, match=r"more than once, in 2 rows \(row number 41, 520, counted from 0\)"
    ) as refused:
        hp.Survey(read, id="nr")
    assert "042" not in str(refused.value)  # never an id


def test_what_is_doubtful_of_answers_is_said_once_and_the_advice_settles_it(interviews: pd.DataFrame) -> None:
    made, said = told(hp.Survey, interviews, id="nr")
    assert "'treat' ('onbekend' in 24 answers)" in said
    assert "'abroad' ('weet niet' in 14 answers)" in said
    assert "'Rotterdam' in 230 answers, 'rotterdam ' in 12 answers" in said
    assert "'injected' (9 in 14 answers)" in said
    assert not told(made.proportion, "treat")[1]
    table = interviews
    for advice in re.findall(r"table = (hp\.recode\(.*\)\.table)", said):
        table = eval(advice, {"hp": hp, "table": table})
    assert not told(hp.Survey, table, id="nr")[1]


def test_answers_are_those_of_plain_pandas(answers: Any) -> None:
    plain = plain_answers()
    for column in ("treat", "abroad", "injected", "age"):
        assert answers.table[column].astype(float).tolist() == pytest.approx(plain[column].tolist(), nan_ok=True), (
            column
        )
    assert answers.table["city"].tolist() == plain["city"].tolist()
    changed = answers.changes.set_index(["column", "value"])["rows"]
    assert changed["treat", "onbekend"] == 24
    assert changed["injected", 9] == 14


def test_distinct_people_are_those_of_plain_pandas(register: pd.DataFrame) -> None:
    plain = plain_register()
    known = plain[plain["dossier"] != ""]
    unknown = (plain["dossier"] == "").sum()
    each = hp.benchmark(register, id="dossier", date="month", period="2023", by=BY)
    assert each.point.to_dict() == known.groupby(BY)["dossier"].nunique().to_dict()
    # Who has rows of several groups in the first month counts in each; here nobody has.
    first = hp.benchmark(register, id="dossier", date="month", period="2023", by=BY, several="first")
    counted = known.drop_duplicates("dossier")
    assert first.point.to_dict() == counted.groupby(BY)["dossier"].nunique().to_dict()
    people = known["dossier"].nunique()
    several = (known.drop_duplicates(["dossier", *BY]).groupby("dossier").size() > 1).sum()
    outside = len(pd.read_csv(REGISTER)) - len(plain)
    assert list(first.notes) == [
        f"{people} people by 'dossier' in {len(known):,} rows of the period",
        f"{several} of them have rows in several groups, and are counted in that of their first row",
        f"{unknown} rows without an id: there may be up to {unknown} people more",
        f"{outside} rows outside of the period, not counted",
    ]
    assert first.point.sum() == people
    assert each.duplicates == pytest.approx(1 - people / each.point.sum())
    adjusted = hp.adjust.duplicates(each.sum("all"), share=each.duplicates)
    assert adjusted.point == pytest.approx(people)
    assert (first.bounds()["most"] - first.bounds()["people"]).sum() == unknown


def test_ids_in_two_spellings_are_said() -> None:
    raw = hp.benchmark(hp.read_csv(REGISTER), id="dossier", date="month", period="2023")
    found = plain_register()["dossier"]
    spelled = pd.read_csv(REGISTER, dtype=str).query("month.str.startswith('2023')")["dossier"].dropna()
    apart = spelled.nunique() - found[found != ""].nunique()
    assert f"{apart} ids are another's but for spaces, capitals or being text" in str(raw)


def test_names_of_cities_that_differ_are_refused(survey: hp.Survey) -> None:
    found = hp.benchmark(hp.read_csv(REGISTER), id="dossier", date="month", period="2023", by=BY)
    with pytest.raises(InputError, match=r"Labels don't match: .*'UTRECHT'"):
        hp.multiplier(found, survey.proportion("treat", by=BY))


def test_a_count_where_the_share_should_be_is_named(survey: hp.Survey, register: pd.DataFrame) -> None:
    found = hp.benchmark(register, id="dossier", date="month", period="2023", by="group")
    with pytest.raises(
        InputError, match=r"'benchmark' is a number, not a share .* stands first: hp\.multiplier\(benchmark, share\)"
    ):
        hp.multiplier(survey.proportion("treat", by="group"), found)


def test_the_share_of_the_time_asked_about_is_counted_day_by_day(
    interviews: pd.DataFrame, register: pd.DataFrame
) -> None:
    found = hp.benchmark(register, id="dossier", date="month", period="2023")
    shares = []
    for day in interviews["date"].dropna():
        asked = pd.date_range(day - pd.DateOffset(months=12), day - pd.Timedelta(days=1))
        shares.append((asked.year == 2023).mean())
    assert found.agreement(interviews["date"], asked="12m") == pytest.approx(sum(shares) / len(shares))


def test_sizes_are_counts_by_shares(survey: hp.Survey, register: pd.DataFrame, tmp_path: Path) -> None:
    found = hp.benchmark(
        register, id="dossier", date="month", period="2023", by=BY, several="first", source="the register"
    )
    sizes, said = told(hp.multiplier, found, survey.proportion("treat", by=BY))
    assert not said
    people = plain_register().query("dossier != ''").drop_duplicates("dossier").groupby(BY)["dossier"].nunique()
    expected = people / plain_answers().groupby(BY)["treat"].mean()
    assert sizes.point.to_dict() == pytest.approx(expected.to_dict())
    assert sizes.sum(by="group").point.to_dict() == pytest.approx(expected.groupby("group").sum().to_dict())
    assert f"{sizes['opioids', 'Utrecht']:,.0f}" == f"{expected['opioids', 'Utrecht']:,.0f}"
    assert "the register from 1 January 2023 to 31 December 2023, each once" in sizes.methods()
    sizes.unstack("city").to_docx(tmp_path / "sizes.docx")
    cells = [cell.text for cell in pytest.importorskip("docx").Document(tmp_path / "sizes.docx").tables[0]._cells]
    assert {"Rotterdam", "Den Haag", "Utrecht", "opioids", "crack only"} < set(cells)


def test_the_report_holds_the_study_in_word_and_as_a_page(
    survey: hp.Survey, register: pd.DataFrame, tmp_path: Path
) -> None:
    found = hp.benchmark(register, id="dossier", date="month", period="2023", by="group", several="first")
    sizes = hp.multiplier(found, survey.proportion("treat", by="group"))
    model = hp.regress(survey, "treat ~ age + abroad + group", family="binomial")
    odds = model.table(crude=True)
    plain = plain_answers().dropna(subset=["treat", "age", "abroad"])
    assert f"{len(plain)} in all" in str(odds)
    crude = pd.crosstab(plain["abroad"], plain["treat"])
    assert f"{crude.loc[1, 1] * crude.loc[0, 0] / (crude.loc[1, 0] * crude.loc[0, 1]):.2f} (" in str(odds)  # ad / bc
    report = hp.Report("High-risk use (synthetic)").add(sizes, odds, hp.describe(survey, ["age", "treat"], by="group"))
    report.add(hp.plausible(sizes["opioids"], 250_000, "people with high-risk opioid use"))
    report.add(report.checklist("STROBE"), section="Checklist")
    report.to_docx(tmp_path / "report.docx")
    page = str(report.to_html()).replace("\u00a0", " ").replace("\u202f", " ").replace("\u2060", "")
    written = pytest.importorskip("docx").Document(tmp_path / "report.docx")
    word = "\n".join(cell.text for table in written.tables for cell in table._cells).replace("\u00a0", " ")
    for text in (
        f"{sizes.point['opioids']:,.0f}",
        "In treatment",
        "Born abroad",
        "crude OR (95% CI)",
        "To be filled in by",
    ):
        assert text in page, text
        assert text in word, text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "nr"}, "nr"),
        ({"date": "maand"}, "maand"),
        ({"period": ("2023-12", "2023-01")}, "period"),
        ({"period": "2019"}, "period"),
        ({"by": "stad"}, "stad"),
    ],
)
def test_slips_are_named(register: pd.DataFrame, change: dict[str, Any], message: str) -> None:
    wanted: dict[str, Any] = {"id": "dossier", "date": "month", "period": "2023", "by": "group"} | change
    with pytest.raises(InputError, match=message):
        hp.benchmark(register, **wanted)


def test_a_list_that_leaves_out_a_word_is_said(interviews: pd.DataFrame) -> None:
    with pytest.warns(HiddenpopWarning, match="'treat'"):
        made = hp.recode(interviews, columns="treat", yes=["ja"], no=["nee"])
    assert "onbekend" in set(made.table["treat"].dropna())
