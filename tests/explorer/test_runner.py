"""A runner does what a notebook would, keeps what it made, and leaves nothing in its folder."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hiddenpop.explorer import runner as module
from hiddenpop.explorer import writing
from hiddenpop.explorer.choices import Choices, Source
from hiddenpop.explorer.program import Cell, Program
from hiddenpop.explorer.runner import Outcome, Runner, _column


def cells(*texts: str, own: int = 1, files: tuple[str, ...] = ()) -> Program:
    return Program(tuple(Cell(text, f"doing {i}", f"field {i}") for i, text in enumerate(texts)), own, files)


def test_the_last_line_of_a_cell_is_shown(runner: Runner) -> None:
    made = runner.run(cells("x = 1", "x + 1", "y = x", own=2))
    assert [one.content for one in made.shown] == ["2"]


def test_what_was_made_is_made_once(runner: Runner) -> None:
    heard: list[str] = []
    runner.run(cells("x = 1", "x"), heard.append)
    runner.run(cells("x = 1", "x + 1"), heard.append)
    assert heard == ["doing 0", "doing 1", "doing 1"]


def test_names_of_one_cell_do_not_leak_into_another_program(runner: Runner) -> None:
    runner.run(cells("x = 1", "y = 2"))
    assert "name 'y' is not defined" in runner.run(cells("x = 1", "y")).error


def test_warnings_are_told_again_with_what_was_kept(runner: Runner) -> None:
    program = cells("import hiddenpop as hp", "hp.Survey({'a': [1, 0], 'w': ['', 'b']}).proportion('a')", "1")
    first = runner.run(program)
    assert len(first.warnings) == 1
    assert "Blank text" in first.warnings[0]
    assert runner.run(program).warnings == first.warnings


def test_errors_name_the_field_of_their_cell(runner: Runner) -> None:
    made = runner.run(cells("import hiddenpop as hp", "hp.Survey({'a': []})", "1"))
    assert made.place == "field 1"
    assert made.error
    assert "should not have happened" not in made.error
    assert "ZeroDivisionError" in runner.run(cells("1", "1 / 0")).error


def test_a_file_lies_in_the_folder_only_while_it_is_read(runner: Runner, tmp_path: Path) -> None:
    runner.take("t.csv", b"a,b\n1,2\n3,4\n")
    seen = Program((Cell("import os\nos.listdir()", "", ""), Cell("os.listdir()", "", "")), 2)
    there, gone = runner.run(seen).shown
    assert there.content == "['t.csv']"
    assert gone.content == "[]"


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"\xff\x00"])
def test_another_file_under_the_same_name_is_read_anew(runner: Runner, content: bytes) -> None:
    program = writing.table(Choices(Source("file", "t.csv")))
    assert isinstance(program, Program)
    runner.take("t.csv", b"a,b\n1,2\n3,4\n")
    assert runner.look(program).rows == 2
    runner.take("t.csv", content)
    assert runner.look(program).rows != 2


def test_files_are_handed_over_and_deleted_even_when_half_written(runner: Runner, tmp_path: Path) -> None:
    made = runner.run(cells("open('a.txt', 'w').write('whole')", files=("a.txt",)))
    assert made.files == {"a.txt": b"whole"}
    broken = runner.run(cells("open('a.txt', 'w').write('half')\n1 / 0", files=("a.txt",)))
    assert broken.error
    assert broken.files == {}
    assert list(tmp_path.iterdir()) == []


def test_long_programs_show_what_there_is(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    parts: list[Outcome] = []
    runner.run(cells("1", "2", "3", own=3), part=parts.append)
    assert [[one.content for one in some.shown] for some in parts] == [["1"], ["1", "2"]]


def test_what_no_program_can_name_is_no_level(runner: Runner) -> None:
    """Dates and mixtures are columns, but no groups to type a count for."""
    table = pd.DataFrame(
        {"day": pd.to_datetime(["2023-01-01", "2023-01-02"]), "code": [1.0, 2.5], "text": ["x1", "x2"]}
    )
    runner.take("t.parquet", table.to_parquet())
    made = runner.look(writing.table(Choices(Source("file", "t.parquet"))))  # type: ignore[arg-type]
    assert [(column.kind, column.levels) for column in made.columns] == [
        ("date", ()),
        ("number", (1.0, 2.5)),
        ("text", ()),
    ]


def test_days_of_spss_are_dates() -> None:
    values = pd.Series([date(2025, 1, 1), None, date(2025, 1, 2)], dtype=object)
    assert _column("day", "", values).kind == "date"
    assert _column("day", "", pd.Series([date(2025, 1, 1), "x1"], dtype=object)).kind == "text"
