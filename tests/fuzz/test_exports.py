"""Exports of offices in all forms: what is written is what is read, and a register's people are those that pandas counts."""

from __future__ import annotations

import csv
import io
import warnings
from pathlib import Path

import hiddenpop as hp
import numpy as np
import pandas as pd

from .effort import rounds

TEXTS = (
    "Oss",
    "Den Haag",
    "Cura\u00e7ao",
    'say "no"',
    "a;b",
    "a,b",
    "a\tb",
    "two\nlines",
    "NA",
    "007",
    "",
    "ja",
    "1-2",
    "12%",
)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    for rng in rounds(150):
        n = int(rng.integers(1, 12))
        words = [str(one) for one in rng.choice(TEXTS, n)]
        amounts = [f"{one:.1f}" for one in rng.uniform(-5_000, 5_000, n)]
        whole = [str(one) for one in rng.integers(0, 900, n)]
        separator, decimal = str(rng.choice([";", ",", "\t", "|"])), str(rng.choice([".", ","]))
        ending = str(rng.choice(["\n", "\r\n", "\r"]))
        written = io.StringIO(newline="")
        # Python leaves a line's end in a cell unquoted where it is none of the file's own.
        quoting = csv.QUOTE_ALL if ending == "\r" else csv.QUOTE_MINIMAL
        writer = csv.writer(written, delimiter=separator, lineterminator=ending, quoting=quoting)
        last = [""] if rng.random() < 0.3 else []
        writer.writerow(["word ", "amount", "whole", *last])
        for word, amount, number in zip(words, amounts, whole, strict=True):
            writer.writerow([word, amount.replace(".", decimal), number, *last])
            if rng.random() < 0.1:
                written.write(ending)
        path = tmp_path / "export.csv"
        path.write_bytes(written.getvalue().encode(str(rng.choice(["utf-8", "utf-8-sig", "utf-16"]))))
        read = hp.read_csv(path, separator=separator)
        assert read.columns.tolist() == ["word", "amount", "whole"]
        assert read["amount"].tolist() == [float(one) for one in amounts]
        assert read["whole"].tolist() == [int(one) for one in whole]
        if not all(word in ("", "007") for word in words):
            assert ["" if pd.isna(one) else one for one in read["word"]] == words


def test_spells_are_counted_as_pandas_counts_them() -> None:
    """Written anew with pandas: overlapping spells, spells without an end, rows without an id, groups that are missing."""
    for rng in rounds(60):
        n = int(rng.integers(1, 60))
        start = pd.Timestamp("2022-06-01") + pd.to_timedelta(rng.integers(0, 700, n), unit="D")
        stop = pd.Series(start + pd.to_timedelta(rng.integers(0, 300, n), unit="D")).where(rng.random(n) > 0.15)
        rows = pd.DataFrame({"id": rng.choice([1.0, 2, 3, 4, 5, np.nan], n), "from": start, "to": stop})
        rows["group"] = rng.choice(np.array(["x", "y", "z", None], dtype=object), n)
        first = pd.Timestamp("2023-01-01") + pd.Timedelta(days=int(rng.integers(0, 200)))
        last = first + pd.Timedelta(days=int(rng.integers(0, 200)))
        inside = rows[(rows["from"] <= last) & ~(rows["to"] < first)]
        wanted = inside.dropna(subset=["id", "group"]).groupby("group")["id"].nunique()
        if not len(wanted):
            continue
        found = hp.benchmark(rows, id="id", start="from", end="to", period=(first, last), by="group")
        assert found.point[found.point > 0].to_dict() == wanted.to_dict()
        more = found.bounds()["most"] - found.bounds()["people"]
        unknown = inside[inside["id"].isna()].groupby("group").size()
        assert more[more > 0].to_dict() == unknown.to_dict()


def test_what_recoding_leaves_is_told() -> None:
    answers = np.array(["ja", "JA ", "nee", "9", 9, 1, 0, "", None, "Oss", "oss", True, 2.5], dtype=object)
    for rng in rounds(100):
        given = pd.DataFrame({"x": pd.Series(rng.choice(answers, int(rng.integers(1, 9))), dtype=object)})
        before = given.copy(deep=True)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", hp.HiddenpopWarning)
            made = hp.recode(given, yes=["ja", 1], no=["nee", 0], missing=[9, ""])
        pd.testing.assert_frame_equal(given, before)
        left = made.table["x"].dropna()
        for value in left[[str(one).strip() == "9" for one in left]]:
            assert (made.changes["value"].astype(str) == str(value)).any()
        assert set(left) <= {1, 0} or not set(made.changes["became"]) & {"yes (1)", "no (0)"}
