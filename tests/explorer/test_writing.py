"""Choices become programs; a program gives, by itself, the very digits that are shown, and those of calls written by hand."""

import ast
import warnings
from dataclasses import replace
from pathlib import Path

import hiddenpop as hp
import matplotlib as mpl
import pandas as pd
import pytest
from hiddenpop.explorer import writing
from hiddenpop.explorer.choices import Choices, Column, Doubts, Found, Paper, Peers, Planned, Sizes, Source, Table1
from hiddenpop.explorer.program import Program, Wanted
from hiddenpop.explorer.runner import Outcome, Runner

from .. import facts
from .conftest import REGISTERED
from .test_program import HOSTILE


def run(runner: Runner, program: Program | Wanted) -> Outcome:
    assert isinstance(program, Program), program
    outcome = runner.run(program)
    assert not outcome.error, outcome.error
    return outcome


def by_itself(program: Program | Wanted, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Run the whole text as a file of Python, and return its names."""
    assert isinstance(program, Program)
    monkeypatch.chdir(folder)
    names: dict[str, object] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(program.text, "pasted.py", "exec"), names)
    return names


def test_sizes_are_those_of_calls_written_by_hand(
    runner: Runner, chosen: Choices, sav: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = run(runner, writing.sizes(chosen)).shown
    survey = hp.Survey(hp.read_sav(sav), strata="q1", id="id")
    people = hp.multiplier(dict(REGISTERED), survey.proportion("q7", by="q1")).rename("people who use")
    assert shown[0].content == people._repr_html_()
    assert shown[1].content == people.sum("all groups")._repr_html_()
    assert shown[-1].content == people.methods()
    assert "people who use" in shown[2].alt
    # Pasted as it stands, beside the file: every digit.
    names = by_itself(writing.sizes(chosen), sav.parent, monkeypatch)
    pd.testing.assert_frame_equal(names["people"].summary(), people.summary(), check_exact=True)  # type: ignore[attr-defined]
    monkeypatch.chdir(tmp_path)


def test_the_tornado_is_that_of_the_adjustments(runner: Runner, chosen: Choices) -> None:
    """Closed form: of B / p completeness of 0.7 makes 1 / 0.7 times as many; odds o make p into p / (p + o (1 - p))."""
    shown = run(runner, writing.doubts(chosen)).shown
    share = 39 / 127
    highest = 4912 / (share / (share + 2 * (1 - share)))
    table = shown[1].content
    assert f"{4912 / share / 0.7:.2f}" in table
    assert f"{highest:.2f}" in table
    # Specificity (Rogan and Gladen): p = (r + c - 1) / c with c = 0.95.
    assert f"{4912 / ((share - 0.05) / 0.95):.2f}" in table
    moved = run(runner, writing.doubts(replace(chosen, doubts=replace(chosen.doubts, completeness=(0.5, 1.0))))).shown
    assert f"{4912 / share / 0.5:.2f}" in moved[1].content
    assert moved[0].content != shown[0].content


def test_what_is_no_doubt_is_not_varied(chosen: Choices) -> None:
    sure = replace(chosen, doubts=Doubts(completeness=(0.8, 0.8), recruitment=(0.5, 2.0)))
    text = writing.doubts(sure).text
    assert "def doubted(recruitment_odds):" in text
    assert "completeness=0.8)" in text
    assert "self_report" not in text
    assert isinstance(writing.doubts(replace(chosen, doubts=Doubts())), Wanted)


def test_table1_hides_small_numbers_unless_told_otherwise(runner: Runner, chosen: Choices, sav: Path) -> None:
    survey = hp.Survey(hp.read_sav(sav), strata="q1", id="id")
    hidden = hp.describe(survey, ["age", "sex", "housing"], by="q1", total=True, test=True, suppress_below=5)
    assert run(runner, writing.table1(chosen)).shown[0].content == hidden._repr_html_()
    told = replace(chosen, paper=replace(chosen.paper, suppress_below=None))
    assert "suppress_below" not in writing.table1(told).text


def test_shares_are_the_surveys(runner: Runner, chosen: Choices, sav: Path) -> None:
    survey = hp.Survey(hp.read_sav(sav), strata="q1", id="id")
    assert run(runner, writing.shares(chosen)).shown[0].content == survey.proportion("housing", by="q1")._repr_html_()
    age = replace(chosen, shares=replace(chosen.shares, column="age"))
    assert run(runner, writing.shares(age)).shown[0].content == survey.mean("age", by="q1")._repr_html_()


def test_one_answer_of_several_is_the_register(runner: Runner, chosen: Choices) -> None:
    """All who sleep rough are 'registered': the size is the count over their share of all."""
    sizes = Sizes("housing", level="sleeps rough", benchmark=((None, 1000.0),))
    assert isinstance(writing.sizes(replace(chosen, sizes=replace(sizes, level=None))), Wanted)
    shown = run(runner, writing.sizes(replace(chosen, sizes=sizes, found=Found()))).shown
    table = hp.datasets.load("synthetic_opaak")["questionnaire"]["housing"]
    share = (table == "sleeps rough").sum() / table.notna().sum()
    assert f"{1000 / share:,.0f}"[:3] in shown[0].content


def test_codes_without_labels_are_read_as_somebody_says(runner: Runner) -> None:
    """Of 105 who answered 45 say 1, and 9 is no answer: 300 registered make 700."""
    runner.take("t.csv", b"q7;sex\n" + b"1;1\n2;2\n9;1\n2;2\n" * 30 + b"1;2\n" * 15)
    source = Source("file", "t.csv", missing=(9.0,))
    columns = runner.look(writing.table(Choices(source))).columns  # type: ignore[arg-type]
    assert columns[0].kind == "number"
    choices = Choices(source, columns, sizes=Sizes("q7", benchmark=((None, 300.0),)))
    assert isinstance(writing.sizes(choices), Wanted)
    shown = run(runner, writing.sizes(replace(choices, sizes=replace(choices.sizes, level=1)))).shown
    assert f"{300 / (45 / 105):,.0f}" in shown[0].content


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_columns_answers_and_files_are_harmless(text: str) -> None:
    column = Column(text, text, "yes or no", 0, (text, "x"))
    choices = Choices(
        source=Source("file", f"{text}.csv", missing=(text,), yes=(text,)),
        columns=(column,),
        found=Found("fieldwork", id=text, strata=(text,), weights=text, clusters=text),
        sizes=Sizes(text, by=text, benchmark=((text, 5.0), ("x", 6.0)), name=text),
        table1=Table1((text,), text),
        doubts=Doubts(completeness=(0.5, 1.0), label=text),
        paper=Paper(title=text, author=text, views=tuple(writing.SECTIONS)),
    )
    known = {"hp", "table", "survey", "registered", "people", "table1", "shares", "study", "size", "plan", "report"}
    for make in (*writing.VIEWS.values(), writing.report):
        program = make(choices)
        if isinstance(program, Wanted):
            continue
        for cell in program.cells:
            tree = ast.parse(cell.text)
            imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
            assert all(alias.name == "hiddenpop" for node in imports for alias in node.names)
            names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            assert names <= known | {"together", "str", "doubted", "completeness"}, names


def test_a_hostile_column_runs_as_any_other(runner: Runner) -> None:
    """The same digits as under a plain name."""
    bad = '"); import os; os.mkdir("owned"); ("'
    for name in (bad, "registered"):
        runner.take("t.parquet", pd.DataFrame({name: [1, 0, 1, 0] * 20}).to_parquet())
        source = Source("file", "t.parquet")
        columns = runner.look(writing.table(Choices(source))).columns  # type: ignore[arg-type]
        assert [column.name for column in columns] == [name]
        choices = Choices(source, columns, sizes=Sizes(name, benchmark=((None, 500.0),)))
        assert "1,000" in run(runner, writing.sizes(choices)).shown[0].content


def test_lists_are_ranked_and_averaged(runner: Runner) -> None:
    """Closed form for two lists (Chapman); for three the package's own calls."""
    rows = {"a": [1, 0, 1, 1, 0, 1, 0], "b": [0, 1, 1, 0, 0, 1, 1], "c": [0, 0, 0, 1, 1, 1, 1]}
    people = [60, 50, 20, 15, 70, 8, 12]
    table = pd.DataFrame({**rows, "people": people})
    runner.take("lists.csv", table.to_csv(index=False).encode())
    source = Source("file", "lists.csv")
    choices = Choices(source, (), Found("lists", lists=("a", "b", "c"), counts="people"))
    shown = run(runner, writing.models(choices)).shown
    models = hp.loglinear(hp.Lists(table, ["a", "b", "c"], counts="people"))
    assert shown[2].content == models._repr_html_()
    assert shown[4].content == models.average()._repr_html_()
    two = table[(table["a"] == 1) | (table["b"] == 1)]
    runner.take("lists.csv", two.to_csv(index=False).encode())
    choices = Choices(source, (), Found("lists", lists=("a", "b"), counts="people"))
    n1, n2, m = 60 + 20 + 15 + 8, 50 + 20 + 8 + 12, 20 + 8
    assert f"{(n1 + 1) * (n2 + 1) / (m + 1) - 1:.0f}" in run(runner, writing.models(choices)).shown[2].content


def test_peers_are_a_survey_by_recruitment(runner: Runner) -> None:
    runner.take("peers.csv", (facts.DATA / "rds" / "fauxmadrona.csv").read_bytes())
    source = Source("file", "peers.csv")
    columns = (Column("disease", "", "yes or no", 0, (0, 1)),)
    found = Found("peers", person="id", recruiter="recruiter.id", degree="degree", population=1000.0)
    choices = Choices(source, columns, found, peers=Peers())
    text = run(runner, writing.design(choices)).shown[0].content
    assert "respondent-driven sample of 500 participants" in text
    assert run(runner, writing.peers(choices)).shown[0].kind == "figure"
    wrong = runner.run(writing.design(replace(choices, found=replace(found, population=100.0))))  # type: ignore[arg-type]
    assert "population" in wrong.error
    assert wrong.place == "found_population"


def test_planning_needs_no_table(runner: Runner) -> None:
    """The documented plan: 428 people for a benchmark of 4,900, a share of 31%, +- 20% and a design effect of 2."""
    planned = Planned(benchmark=4900.0, share=0.31, precision=0.2, design_effect=2.0)
    assert "Interview 428 people" in run(runner, writing.plan(Choices(planned=planned))).shown[0].content
    for method in ("proportion", "rds", "capture"):
        program = writing.plan(Choices(planned=replace(planned, method=method, precision=0.1)))  # type: ignore[arg-type]
        run(runner, Program(program.cells[:1]))  # type: ignore[union-attr]


def test_the_report_is_that_of_its_text(
    runner: Runner, chosen: Choices, sav: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is handed over is what the text writes, letter by letter, run by itself in another folder."""
    plain = replace(chosen, paper=replace(chosen.paper, views=("sizes", "table1"), formats=("html",)))
    program = writing.report(plain)
    handed = run(runner, program).files["report.html"]
    with mpl.rc_context({"svg.hashsalt": "same"}):
        by_itself(program, sav.parent, monkeypatch)
    page = sav.parent / "report.html"
    assert page.read_text(encoding="utf-8").split("<svg")[0] == handed.decode().split("<svg")[0]
    page.unlink()
    assert "People who use crack or opioids" in handed.decode()
    assert "suppress_below=5" in program.text  # type: ignore[union-attr]
    monkeypatch.chdir(tmp_path)


def test_what_is_to_be_chosen_is_said() -> None:
    assert all(isinstance(make(Choices()), Wanted) for name, make in writing.VIEWS.items() if name != "plan")
    assert isinstance(writing.report(Choices()), Wanted)


def test_a_group_without_a_count_is_asked_for(chosen: Choices) -> None:
    some = replace(chosen, sizes=replace(chosen.sizes, benchmark=chosen.sizes.benchmark[:1]))
    asked = writing.sizes(some)
    assert isinstance(asked, Wanted)
    assert str(chosen.sizes.benchmark[1][0]) in asked.text
