"""Exports of offices: each table is what was written, cell by cell."""

import warnings
from pathlib import Path

import hiddenpop as hp
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "export.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_dutch_export(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        'nr;stad;leeftijd;bedrag;datum;\u20ac\r\n007;Oss, noord;31;1.234,5;2023-07-14;1\r\n008;"E;de";;3,0;2023-01-01;2\r\n',
        "utf-8-sig",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = hp.read_csv(path)
    assert read["nr"].tolist() == ["007", "008"]
    assert read["stad"].tolist() == ["Oss, noord", "E;de"]
    assert read["leeftijd"].tolist()[0] == 31
    assert read["leeftijd"].isna().tolist() == [False, True]
    assert read["bedrag"].tolist() == [1234.5, 3.0]
    assert read["datum"].tolist() == [pd.Timestamp("2023-07-14"), pd.Timestamp("2023-01-01")]
    assert read["\u20ac"].tolist() == [1, 2]
    assert read.attrs["read"] == "separator ';', decimal comma, encoding UTF-8"


@pytest.mark.parametrize("sign", [",", "\t", "|", ";"])
def test_separators(tmp_path: Path, sign: str) -> None:
    read = hp.read_csv(written(tmp_path, f"a{sign}b\n1{sign}x\n2{sign}y\n"))
    assert read.to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}


def test_an_old_encoding_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, "town;x\nZo\u00eb;1\n", "cp1252")
    with pytest.warns(HiddenpopWarning, match="was read as cp1252"):
        assert hp.read_csv(path)["town"].tolist() == ["Zo\u00eb"]
    assert hp.read_csv(path, encoding="latin-1")["town"].tolist() == ["Zo\u00eb"]
    assert hp.read_csv(written(tmp_path, "town;x\nZo\u00eb;1\n", "utf-16"))["town"].tolist() == ["Zo\u00eb"]
    with pytest.raises(InputError, match="'klingon' is not known"):
        hp.read_csv(path, encoding="klingon")


def test_numbers_that_can_be_read_in_two_ways_stay_text(tmp_path: Path) -> None:
    path = written(tmp_path, "a;b\n1,234;x\n5,678;y\n")
    with pytest.warns(HiddenpopWarning, match="Numbers of 'a' could be read in two ways"):
        assert hp.read_csv(path, decimal=".")["a"].tolist() == ["1,234", "5,678"]
    assert hp.read_csv(path, decimal=",")["a"].tolist() == [1.234, 5.678]


def test_nothing_is_lost(tmp_path: Path) -> None:
    read = hp.read_csv(written(tmp_path, "id,word,code\n12345678901234567890,NA,1\n12345678901234567891,null,na\n"))
    assert read["id"].tolist() == ["12345678901234567890", "12345678901234567891"]
    assert read["word"].tolist() == ["NA", "null"]
    assert read["code"].tolist() == ["1", "na"]


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("a;b\n1;2\n1;2;3\n", "No separator cuts"),
        ("a;b,c\n1;2,3\n", "all cut the lines"),
        ("a;;c\n1;2;3\n", "Column 2 of .* has no name"),
        ("a;a\n1;2\n", "more than one column named 'a'"),
        ("a;b\n", "no rows"),
        ("", "is empty"),
        ("a\x00b", "another kind of file"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(InputError, match=match):
        hp.read_csv(written(tmp_path, text))


def test_lines_are_named(tmp_path: Path) -> None:
    path = written(tmp_path, "a;b\n1;2\n1;2;3\n4;5\n6\n")
    with pytest.raises(InputError, match=r"2 lines of .* have another number of cells than its first \(2\): line 3, 5"):
        hp.read_csv(path, separator=";")
    with pytest.raises(InputError, match="There is no file"):
        hp.read_csv(tmp_path / "none.csv")
    with pytest.raises(InputError, match=r"Line 2 of .* quotation mark"):
        hp.read_csv(written(tmp_path, 'a;b\n"1"x;2\n'), separator=";")


@pytest.mark.parametrize(
    "text",
    [
        "a;b;\n1;2;\n3;4;\n",
        "a;b\n1;2;\n3;4;\n",
        "a;b;;\n1;2;;\n3;4;;\n",
        "a;b;\n1;2\n3;4\n",
        "sep=;\na;b\n1;2\n3;4\n",
        "a;b\r1;2\r3;4\r",
        "a;b\n\n1;2\n   \n3;4\n\n",
    ],
)
def test_what_programs_add_to_lines_is_no_column(tmp_path: Path, text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert hp.read_csv(written(tmp_path, text)).to_dict("list") == {"a": [1, 3], "b": [2, 4]}


def test_lines_of_separators_are_left_out_and_told(tmp_path: Path) -> None:
    with pytest.warns(HiddenpopWarning, match="2 lines of .* with nothing but separators are left out"):
        read = hp.read_csv(written(tmp_path, "a;b\n1;2\n;\n ; \n"))
    assert read.to_dict("list") == {"a": [1], "b": [2]}
    # A column that nobody answered stays, and so does a participant who answered nothing but has a number.
    assert hp.read_csv(written(tmp_path, "a;b\n1;\n2;\n")).shape == (2, 2)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a;b\n1.234;x\n5.678;y\n", ["1.234", "5.678"]),  # thousands in most of Europe
        ("a;b\n1,234;x\n5,678;y\n", ["1,234", "5,678"]),  # thousands in Britain
        ("a;b\n1.234;1,5\n5.678;2,5\n", ["1.234", "5.678"]),
    ],
)
def test_thousands_are_not_taken_for_decimals(tmp_path: Path, text: str, wanted: list[str]) -> None:
    with pytest.warns(HiddenpopWarning, match="Numbers of 'a' could be read in two ways"):
        assert hp.read_csv(written(tmp_path, text))["a"].tolist() == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a;b\n1.234;0.5\n5.678;1.5\n", [1.234, 5.678]),
        ("a;b\n0,987;x\n1,234;y\n", [0.987, 1.234]),
        ("a;b\n1.234.567;x\n1.234;y\n", [1234567, 1234]),
        ('a,b\n"2,5",x\n"3,1",y\n', [2.5, 3.1]),
        ("a,b\n1.234,x\n5.678,y\n", [1.234, 5.678]),
        ("a;b\n1\u202f234,50;x\n204,81;y\n", [1234.5, 204.81]),
        ("a;b\n12\u00a0000;x\n300;y\n", [12000, 300]),
    ],
)
def test_what_settles_the_decimal_sign(tmp_path: Path, text: str, wanted: list[float]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert hp.read_csv(written(tmp_path, text))["a"].tolist() == wanted


def test_numbers_in_groups_by_a_plain_space_may_be_names(tmp_path: Path) -> None:
    assert hp.read_csv(written(tmp_path, "a;b\n123 456;x\n300;y\n"))["a"].tolist() == ["123 456", "300"]


def test_foreign_errors_are_said_in_words(tmp_path: Path) -> None:
    path = written(tmp_path, "a;b\n1;" + "x" * 200_000 + "\n")
    for separator in (None, ";"):
        with pytest.raises(InputError, match="a cell of more than 131,072 characters"):
            hp.read_csv(path, separator=separator)
    path = written(tmp_path, "town;x\nZo\u00eb;1\n", "cp1252")
    for encoding in ("utf-8\0", "", "base64"):
        with pytest.raises(InputError, match=r"is not known|no file can hold"):
            hp.read_csv(path, encoding=encoding)
    with pytest.raises(InputError, match="is not in the encoding punycode"):
        hp.read_csv(path, encoding="punycode")
    with pytest.raises(InputError, match="There is no file"):
        hp.read_csv("x" * 5000)
    with pytest.raises(InputError, match="must be one sign"):
        hp.read_csv(path, separator='"', encoding="cp1252")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # who said the encoding needs no advice to say it
        assert hp.read_csv(path, encoding="cp1252")["town"].tolist() == ["Zo\u00eb"]


@pytest.mark.parametrize("text", ["a,b\n1\r2,3\n", "a,b\n" + "x" * 200_000 + ",1\n", 'a;b\n"1;2\n'])
def test_lines_that_csv_does_not_know(tmp_path: Path, text: str) -> None:
    """A line break of another kind in a cell, a cell longer than 131,072 signs, a quotation that doesn't end."""
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    with pytest.raises(InputError):
        hp.read_csv(path)


def test_a_name_too_long_for_a_file_names_none() -> None:
    with pytest.raises(InputError, match="There is no file"):
        hp.read_csv("x" * 5000 + ".csv")


def test_text_as_excel_marks_it(tmp_path: Path) -> None:
    path = written(tmp_path, 'nr;x\n="001";1\n"=""002""";2\n;3\n')
    with pytest.warns(HiddenpopWarning, match="Cells of 'nr' are written as"):
        read = hp.read_csv(path)
    assert read["nr"].tolist() == ["001", "002", None]
    assert read["x"].tolist() == [1, 2, 3]
    # A formula among other texts stays what it is.
    assert hp.read_csv(written(tmp_path, 'nr;x\n="001";1\nb;2\n'))["nr"].tolist() == ['="001"', "b"]


@pytest.mark.parametrize(
    ("days", "form", "first"),
    [
        (["06-05-2023", "01-02-2023"], r"two ways .* format='%d-%m-%Y'\), or format='%m-%d-%Y'", None),
        (["14/07/2023", "01/02/2023"], r"format='%d/%m/%Y'\)\.", "2023-07-14"),
        (["7/14/23", "1/2/23"], r"format='%m/%d/%y'\)\.", "2023-07-14"),
        (["14.07.2023", ""], r"format='%d\.%m\.%Y'\)\.", "2023-07-14"),
    ],
)
def test_days_in_other_forms_are_told(tmp_path: Path, days: list[str], form: str, first: str | None) -> None:
    path = written(tmp_path, "day;x\n" + "".join(f"{day};1\n" for day in days))
    with pytest.warns(HiddenpopWarning, match=f"Days of 'day' .*{form}") as told:
        read = hp.read_csv(path)
    assert read["day"].tolist()[0] == days[0]
    if first:  # the advice works
        names = {"table": read, "pandas": pd}
        exec(str(told[0].message).partition(": ")[2].rstrip("."), names)
        assert read["day"].iloc[0] == pd.Timestamp(first)


@pytest.mark.parametrize(
    "text", ["v;x\n1.2.3000;1\n2.0.14;2\n", "v;x\n40-50-2023;1\n", "v;x\n1-2-2023;1\n3/4/2023;1\n"]
)
def test_other_texts_are_no_days(tmp_path: Path, text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hp.read_csv(written(tmp_path, text))


def test_a_day_that_is_in_no_calendar_spoils_its_cell(tmp_path: Path) -> None:
    path = written(tmp_path, "day;x\n2023-07-14;1\n2023-02-30 ;2\n;3\n2024-02-29;4\n")
    with pytest.warns(
        HiddenpopWarning, match=r"made missing: 'day' in 1 row \(row number 1, counted from 0\)\.$"
    ) as told:
        read = hp.read_csv(path)
    assert "02-30" not in str(told[0].message)
    assert read["day"].tolist() == [pd.Timestamp("2023-07-14"), pd.NaT, pd.NaT, pd.Timestamp("2024-02-29")]


@pytest.mark.parametrize("days", [["2023-02-30", "2023-00-00"], ["2023-01-02", "2023-14-07"]])
def test_days_none_of_which_or_all_of_which_may_be_meant_stay_text(tmp_path: Path, days: list[str]) -> None:
    # Nothing shows that they are days, or the day stands before the month, in the others as well.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = hp.read_csv(written(tmp_path, "day;x\n" + "".join(f"{day};1\n" for day in days)))
    assert read["day"].tolist() == days


def test_one_column_of_decimal_commas(tmp_path: Path) -> None:
    path = written(tmp_path, "age\n31,5\n40\n28,25\n")
    with pytest.raises(InputError, match=r"one column of numbers with decimal commas, separator=';' reads it so"):
        hp.read_csv(path)
    assert hp.read_csv(path, separator=";")["age"].tolist() == [31.5, 40, 28.25]
    # Where every line has one comma, two columns are meant as well as one: the header says which.
    assert hp.read_csv(written(tmp_path, "a,b\n1,5\n2,5\n")).shape == (2, 2)
