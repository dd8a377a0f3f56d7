"""Hostile texts wherever a user's text may be, in every writer: read back by a parser, they are texts where they belong."""

import csv
import io
import json
import re
import warnings
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import plot
from hiddenpop.errors import visible
from hiddenpop.ground.handed import FORMULA

from .effort import rounds

docx = pytest.importorskip("docx")
openpyxl = pytest.importorskip("openpyxl")
pyplot = pytest.importorskip("matplotlib.pyplot")
pytest.importorskip("great_tables")

NASTY = (
    "=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1", '=HYPERLINK("http://x","y")', "#N/A", "{=1}",
    "_x0041_", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='x",
    "javascript:alert(1)", "</title><b>", "&lt;b&gt;", "-->", "]]>", "</svg>", "<![CDATA[", "&amp;", "a & b < c",
    "**bold**", "[x](javascript:1)", "|", "`", "# head", "::: {.x}", "\\input{x}", "\\", "\\\\", "$x$", "$\\frac$",
    "$", "a_b^c", "%", "^^41", "~", "{", "}", "[1]", "*", "\\end{tabular*}", "a\n\nb", "_hidden", "_", "a\x0bb",
    "\x1b[2J\x1b[31m", "\x00", "\x7f", "\x9b1m", "a\rb", "a\nb", "\ufffe", "\uffff", "\u202eabc", "\u2066x",
    "\u200b", "\u2028", "\ufeffx", "\u2060", "n", "se", "lower", "upper", "estimate", "missing", "method", "label",
    "level", "p", "group", "variable", "statistic", "index", "level_0", "measure", "people", "all", "total",
    "count", "number of rows", "Intercept", "x", "NaN", "nan", "None", "True", "1", "-3", "1e5", "", " ", "  ",
    "a'b", 'a"b', "a;b", "a,b", "--", "DROP TABLE x", "{0}", "{name}", "%s", "%(x)s", "l" * 300, "ß", "İ", "ﬁ",
    "👩\u200d⚕️", "می\u200cخواهم", "e\u0301", "日本",
)  # fmt: skip
#: What a table in LaTeX may be made of, beside what texts become.
COMMANDS = re.compile(r"\\(?:[A-Za-z]+\*?|[^A-Za-z])")


def nasty(rng: np.random.Generator) -> str:
    """Return a hostile text, two of them, or any signs at all."""
    kind = rng.integers(4)
    if kind < 2:
        return NASTY[rng.integers(len(NASTY))]
    if kind == 2:
        return NASTY[rng.integers(len(NASTY))] + NASTY[rng.integers(len(NASTY))]
    points = rng.integers(0, 0x3000 if rng.integers(2) else 0x110000, rng.integers(1, 9))
    return "".join(chr(p) for p in points if not 0xD800 <= p < 0xE000)


class Texts:
    """A text for each place, all of them different."""

    PLACES = (
        "column",
        "answer",
        "first",
        "second",
        "name",
        "title",
        "note",
        "author",
        "survey",
        "one",
        "two",
        "section",
    )

    def __init__(self, make: Any) -> None:
        for place in self.PLACES:
            text = make()
            while any(text.strip() == other.strip() for other in vars(self).values()):
                text += make() + "."
            setattr(self, place, text)
        for place in ("title", "author", "survey", "section", "name", "note"):
            setattr(self, place, vars(self)[place] if vars(self)[place].strip() else "blank")


class Tame(Texts):
    def __init__(self) -> None:
        names = iter([f"text{chr(97 + i)}" for i in range(len(self.PLACES))])
        super().__init__(lambda: next(names))


class Seen(HTMLParser):
    """What a browser makes of a page: elements with their attributes, and text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: set[tuple[str, tuple[str, ...]]] = set()
        self.text: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add((tag, tuple(name for name, _ in attrs)))
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.elements.add(("comment", (data,)))

    def handle_decl(self, decl: str) -> None:
        assert decl.lower() == "doctype html"

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)


class Results:
    """Everything that is written, of a survey and lists with these texts."""

    def __init__(self, texts: Texts) -> None:
        table = pd.DataFrame(
            {
                texts.column: [texts.first, texts.second] * 30,
                texts.answer: [texts.one, texts.two, texts.two, texts.one, texts.two] * 12,
                "asked": [1, 0, 0, 1, 1, 0] * 10,
            }
        )
        table.attrs["note"] = texts.note
        self.texts = texts
        self.survey = hp.Survey(table, name=texts.survey, replicates=20)
        self.share = self.survey.proportion("asked", by=texts.column).rename(texts.name)
        self.cells = self.survey.proportion(texts.answer, by=texts.column)
        self.size = hp.multiplier({texts.first: 100, texts.second: 200}, self.share)
        self.table = hp.describe(self.survey, [texts.answer, "asked"], by=texts.column, title=texts.title)
        self.crossed = hp.crosstab(self.survey, texts.answer, texts.column)
        self.compared = hp.compare(self.survey, "asked", by=texts.column)
        marks = {texts.one: [1, 0, 1, 1, 0], texts.two: [0, 1, 1, 0, 1], "counted": [30, 20, 9, 8, 7]}
        marks[texts.column] = [texts.first] * 3 + [texts.second] * 2
        self.lists = hp.Lists(marks, [texts.one, texts.two], counts="counted", replicates=20)
        self.report = hp.Report(texts.title, author=texts.author, date="2025")
        self.report.add(self.size, section=texts.section, text=texts.note)
        self.report.add(self.table, self.compared, self.cells)

    def shown(self) -> tuple[Any, ...]:
        chapman = hp.chapman(self.lists)
        tested = self.crossed.test()
        return (
            self.survey, self.share, self.cells, self.size, self.table, self.crossed, self.compared, self.lists, chapman, tested,
            hp.loglinear(self.lists),
            hp.trend({2012: self.size.sum("a"), 2023: self.size.sum("b")}, comparable=False, why=self.texts.note),
        )  # fmt: skip

    def frames(self) -> Iterator[pd.DataFrame]:
        yield from (self.share.summary(), self.cells.summary().reset_index(), self.size.interval(), self.share.vcov())
        yield from (self.table.numbers, self.table.to_pandas(), self.compared.summary(), self.lists.overlaps())
        yield from (self.lists.pairs(), self.share.summary().T)


@pytest.fixture(scope="module")
def tame() -> dict[str, Any]:
    """What writers make of texts that mean nothing."""
    made = Results(Tame())
    pages = [*html(made)]
    return {
        "elements": set().union(*(Seen(page).elements for page in pages)),
        "commands": set(COMMANDS.findall(str(made.table.to_latex()))),
    }


def html(made: Results) -> Iterator[str]:
    for thing in made.shown():
        if hasattr(thing, "_repr_html_"):
            yield thing._repr_html_()
    for frame in made.frames():
        yield frame._repr_html_()
        yield frame.to_html()
    yield str(made.report.to_html())
    yield str(made.table.to_html())


def rejoined(text: str) -> str:
    return "".join(text.split())


def hostile() -> Iterator[Results]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", hp.HiddenpopWarning)
        warnings.simplefilter("ignore", UserWarning)  # signs that a font lacks
        for rng in rounds(2):
            texts = Texts(lambda rng=rng: nasty(rng))
            try:
                made = Results(texts)
            except hp.InputError as error:
                assert visible(str(error)) == str(error)
                continue
            yield made


@pytest.mark.filterwarnings("ignore::hiddenpop.HiddenpopWarning")
def test_hostile_texts_are_texts_in_every_writer(tame: dict[str, Any], tmp_path: Path) -> None:
    tried = 0
    for made in hostile():
        tried += 1
        _html(made, tame["elements"])
        _latex(made, tame["commands"])
        _sheets(made, tmp_path)
        _words(made, tmp_path)
        _records(made, tmp_path)
        _printed(made)
        _figures(made)
    assert tried  # some texts are refused, for good reasons


def _html(made: Results, known: set[Any]) -> None:
    texts = made.texts
    for page in html(made):
        seen = Seen(page)
        assert seen.elements - known <= {("br", ()), ("td", ("class",)), ("td", ()), ("th", ("scope", "colspan"))}, (
            texts.__dict__
        )
        for name, value in seen.attributes:
            assert not name.startswith("on")
            assert name not in ("href", "src") or value.startswith(("#", "data:image/"))
        assert visible(page) == page or "\u200b" in page
    text = rejoined("".join(Seen(str(made.report.to_html())).text))
    for one in (texts.title, texts.author, texts.note, texts.section):
        assert rejoined(visible(one.strip())) in text


def _latex(made: Results, known: set[str]) -> None:
    text = str(made.table.to_latex())
    known = known | {r"\textless", r"\textgreater", r"\textbackslash", r"\textasciitilde", r"\textasciicircum"}
    known |= {rf"\{sign}" for sign in "%&#_${}"}
    assert set(COMMANDS.findall(text)) <= known, made.texts.__dict__
    bare = re.sub(r"\\(?:[A-Za-z]+|.)", "", text.replace("\\\\", ""))
    assert not set(bare) & set("%$#^~_")
    assert bare.count("{") == bare.count("}")
    assert not re.search(r"\\\\\s*[\[*]", text)
    assert "\n\n\n" not in text


def _sheets(made: Results, folder: Path) -> None:
    made.table.to_excel(folder / "t.xlsx")
    files = [folder / "t.xlsx"]
    for i, frame in enumerate(made.frames()):
        frame.to_excel(folder / f"{i}.xlsx")
        files.append(folder / f"{i}.xlsx")
        for row in csv.reader(io.StringIO(frame.to_csv())):
            for cell in row:
                assert (
                    not FORMULA.match(cell)
                    or cell.startswith("'")
                    or float(cell.strip(" %").replace(",", "")) is not None
                )
    for file in files:
        for sheet in openpyxl.load_workbook(file):
            for cell in (cell for row in sheet.iter_rows() for cell in row):
                assert cell.data_type in ("s", "n", "b", "inlineStr"), (made.texts.__dict__, cell.value)
                assert cell.hyperlink is None
    sheet = openpyxl.load_workbook(folder / "t.xlsx")["table"]
    assert rejoined(str(sheet["A1"].value)).replace("_x005F", "") == rejoined(visible(made.texts.title))


def _words(made: Results, folder: Path) -> None:
    made.table.to_docx(folder / "t.docx")
    made.report.to_docx(folder / "r.docx")
    for file in ("t.docx", "r.docx"):
        document = docx.Document(str(folder / file))
        tags = {element.tag.rpartition("}")[2] for element in document.element.iter()}
        assert not tags & {"fldSimple", "instrText", "hyperlink", "object", "altChunk"}
        text = rejoined("".join(document.element.itertext()) + "".join(p.text for p in document.paragraphs))
        assert rejoined(visible(made.texts.title.strip())) in text


def _records(made: Results, folder: Path) -> None:
    made.report.to_json(folder / "r.json")
    record = json.loads((folder / "r.json").read_text(encoding="utf-8"))
    assert record["title"] == visible(made.texts.title).strip() or record["title"] == visible(made.texts.title.strip())
    for est in (made.share, made.cells, made.size):
        est.to_json(folder / "e.json")
        back = hp.read_estimate(folder / "e.json")
        assert back.labels.equals(est.labels)
        assert back.name == est.name
        assert back.summary().index.names == est.summary().index.names


def _printed(made: Results) -> None:
    for thing in made.shown():
        assert visible(repr(thing)) == repr(thing)
        if hasattr(thing, "methods"):
            assert visible(thing.methods()) == thing.methods()
    for frame in made.frames():
        assert visible(repr(frame)) == repr(frame)
    assert len(repr(made.share).split("\n")) >= 4
    for ask in (
        lambda: made.survey.proportion("asked", by=f"{made.texts.column}?"),
        lambda: made.share[f"{made.texts.first}?"],
        lambda: hp.multiplier({made.texts.first: 1}, made.share),
        lambda: made.share.to_json("/nowhere/" + made.texts.title),
    ):
        with pytest.raises((hp.InputError, OSError)) as caught:
            ask()
        assert isinstance(caught.value, hp.InputError)
        assert visible(str(caught.value)) == str(caught.value)


def _figures(made: Results) -> None:
    series = {
        made.texts.first: {2012: made.size[made.texts.first], 2023: made.size[made.texts.second]},
        made.texts.second: {2012: made.size[made.texts.second]},
    }
    own = [vars(made.texts)[place] for place in ("first", "second", "one", "two", "name", "column")]
    for draw in (
        made.share.plot,
        made.lists.plot,
        hp.loglinear(made.lists).plot,
        lambda: plot.sizes(series),
        lambda: plot.venn({(own[2],): 90, (own[3],): 50, (own[2], own[3]): 20}, name=own[4]),
        lambda: plot.stacked(made.survey, made.texts.answer, by=made.texts.column),
    ):
        axes = draw()
        figure = axes.figure
        for text in figure.findobj(pyplot.Text):
            if any(visible(one).strip() and visible(one) in text.get_text() for one in own if "$" in one):
                assert not text.get_parse_math()
                assert not text.get_usetex()
        drawn = io.BytesIO()
        figure.savefig(drawn, format="svg")
        figure.savefig(io.BytesIO(), format="png", dpi=40)
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(drawn.getvalue()).iter()}
        assert not tags & {"script", "foreignObject", "a", "image"}
        assert visible(plot.describe(axes)) == plot.describe(axes)
        pyplot.close(figure)
