"""A finished table: what a paper or a ministry gets to see, and its way into HTML, Word, Excel and LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from ..errors import InputError, visible
from ..ground.checks import flag
from ..ground.files import needed, unwritten
from ..ground.signatures import checked
from ..ground.text import show_texts
from . import disclosure, excel, word
from .audit import HiddenCell, of_cuts
from .rows import Row

if TYPE_CHECKING:
    from docx.document import Document

    from ..sample.cut import Cut
    from ..sample.record import Record
NUMBERS = ["variable", "level", "statistic", "group", "n", "estimate", "lower", "upper", "p"]
#: What stands where there is no answer.
NOTHING = "–"
#: A cell of more letters is a text, which is folded.
LONG = 34
#: Indent of a line under its heading.
INDENT = "\u2003"
#: Ends of lines, with the spaces around them.
LINES = re.compile(r"[ \t]*[\n\t][\n\t ]*")
#: Stands before what LaTeX would take for an option; no text of a table has it (`visible`).
GUARD = "\u2060"
#: Signs that LaTeX needs told.
LATEX = {INDENT: r"\quad ", "²": r"\textsuperscript{2}", "–": "--"} | {
    sign: rf"\textsuperscript{{{letter}}}" for sign, letter in zip("ᵃᵇᶜᵈᵉ", "abcde", strict=True)
}


class Again(Protocol):
    """Makes a table again."""

    def __call__(self, below: int, also: Sequence[Cut] = ()) -> Table:
        """Return it with cells below a number hidden, and what else must be: its cuts with all that is hidden."""


@dataclass(frozen=True, eq=False)
class Made:
    """How a table was made of a survey, so that a report can make it again with small cells hidden."""

    #: Below how many participants cells are hidden.
    below: int | None
    record: Record
    #: What it shows of which columns.
    cuts: tuple[Cut, ...]
    #: Makes it again, with cells below a number hidden, and what else must be.
    again: Again | None = None
    #: Sentences and references for a methods section, where it shows more than who the participants are.
    methods: str = ""

    def audit(self) -> list[HiddenCell]:
        """List what is hidden in the table and why, as far as the table by itself tells."""
        if self.below is None:
            return []
        cuts = [cut.again() for cut in self.cuts]
        for cut in cuts:
            disclosure.close([cut], self.below, exact=True)
        return of_cuts(cuts, self.below)


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """A table of texts with its notes, and the numbers behind it.

    Attributes
    ----------
    title : str
        What it shows.
    columns : tuple of str
        Headings of the columns after the first, which holds the labels of the rows.
    rows : tuple of Row
        The lines.
    notes : tuple of str
        What must be known to read it: intervals, tests, missing answers, hidden cells.
    numbers : DataFrame
        The same, unrounded and tidy: one row a number. Hidden cells are missing in it.

    See Also
    --------
    describe, crosstab, compare : tables of a survey.
    Report : several of them with figures and methods.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> survey = hp.Survey({"sex": ["man", "man", "woman", "man"], "age": [30, 41, 52, 63]})
    >>> hp.describe(survey, ["sex"], interval=False)
             all (n = 4)
    sex
      man    3 (75.0%)
      woman  1 (25.0%)
    Number of participants (share of those who answered).
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    numbers: pd.DataFrame
    #: Refers to the survey, so it stays in memory and is never saved.
    made: Made | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        show_texts(self, "title", "columns", "notes")

    def __reduce__(self) -> tuple[Any, ...]:
        return Table, (self.title, self.columns, self.rows, self.notes, self.numbers)

    def __copy__(self) -> Table:
        return self

    def __deepcopy__(self, memo: object) -> Table:
        return self

    def to_pandas(self, *, numbers: bool = False) -> pd.DataFrame:
        """Return the table as texts, a row a line; or, with `numbers`, the tidy numbers behind it.

        See Also
        --------
        Table.to_excel

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = hp.describe(hp.Survey({"sex": ["man", "man", "woman"]}), ["sex"], interval=False)
        >>> table.to_pandas(numbers=True)["estimate"].round(2).to_list()
        [0.67, 0.33, nan]
        """
        if flag(numbers, "numbers"):
            return self.numbers.copy()
        heading, outer = "", []
        for row in self.rows:
            heading = row.label if row.heading else heading
            outer.append((heading, "" if row.heading else row.label))
        index = pd.MultiIndex.from_tuples(outer, names=["variable", "level"])
        return pd.DataFrame([row.cells for row in self.rows], index=index, columns=list(self.columns))

    def to_html(self, path: str | PathLike[str] | None = None) -> str | None:
        """Return the table as HTML by great-tables, or write it to a file that any browser opens.

        See Also
        --------
        Report.to_html

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = hp.describe(hp.Survey({"sex": ["man", "man", "woman"]}), ["sex"], interval=False)
        >>> "66.7%" in table.to_html()
        True
        """
        text = str(self._great(styled=True).as_raw_html())
        if path is None:
            return text
        page = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(self.title)}</title>'
            f"</head><body>{text}</body></html>"
        )
        _write(path, page)
        return None

    def to_latex(self, path: str | PathLike[str] | None = None) -> str | None:
        """Return the table as LaTeX by great-tables (packages booktabs and caption), or write it to a file.

        See Also
        --------
        Table.to_markdown

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = hp.describe(hp.Survey({"sex": ["man", "man", "woman"]}), ["sex"], interval=False)
        >>> "66.7" in table.to_latex()
        True
        """
        text = _folding(str(self._great(styled=False).as_latex()), self.rows, len(self.columns))
        for sign, command in (LATEX | {GUARD: "{}"}).items():
            text = text.replace(sign, command)
        if path is None:
            return text
        _write(path, text)
        return None

    def to_markdown(self, path: str | PathLike[str] | None = None) -> str | None:
        """Return the table as Markdown (with tables, as GitHub, Quarto and pandoc read it), or write it to a file.

        See Also
        --------
        Table.to_latex

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = hp.describe(hp.Survey({"sex": ["man", "man", "woman"]}), ["sex"], interval=False)
        >>> "66.7%" in table.to_markdown()
        True
        """
        head = ["", *map(_for_markdown, self.columns)]
        long = [any(len(row.cells[i]) > LONG for row in self.rows) for i in range(len(self.columns))]
        rule = [":--", *(":--" if one else "--:" for one in long)]
        lines = [
            [
                f"**{_for_markdown(row.label)}**" if row.heading and row.label else _for_markdown(row.label),
                *map(_for_markdown, row.cells),
            ]
            for row in self.rows
        ]
        table = "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *lines))
        text = "\n\n".join([f"**{_for_markdown(self.title)}**", table, *map(_for_markdown, self.notes)]) + "\n"
        if path is None:
            return text
        _write(path, text)
        return None

    def to_docx(self, path: str | PathLike[str]) -> None:
        """Write a Word file that holds the table, a real one that can be edited there.

        See Also
        --------
        Table.add_to_docx, Report.to_docx

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import tempfile
        >>> table = hp.describe(hp.Survey({"sex": ["man", "man", "woman"]}), ["sex"], interval=False)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     table.to_docx(f"{folder}/table1.docx")
        """
        word.write(path, self.title, self.columns, self.rows, self.notes)

    def add_to_docx(self, document: Document) -> None:
        """Append title, table and notes to a document of python-docx.

        See Also
        --------
        Table.to_docx

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import docx
        >>> document = docx.Document()
        >>> hp.describe(hp.Survey({"sex": ["man", "man", "woman"]}), ["sex"], interval=False).add_to_docx(document)
        >>> len(document.tables)
        1
        """
        word.append(document, self.title, self.columns, self.rows, self.notes)

    def to_excel(self, path: str | PathLike[str]) -> None:
        """Write an Excel file: the table as it reads on one sheet, the numbers behind it on another.

        See Also
        --------
        Table.to_pandas

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import tempfile
        >>> table = hp.describe(hp.Survey({"sex": ["man", "man", "woman"]}), ["sex"], interval=False)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     table.to_excel(f"{folder}/table1.xlsx")
        """
        excel.write(path, self.title, self.columns, self.rows, self.notes, self.numbers)

    def __repr__(self) -> str:
        lines = [("", *self.columns)]
        lines += [(self._indent(row, "  ") + row.label, *row.cells) for row in self.rows]
        lines = [tuple(visible(cell, lines=False) for cell in line) for line in lines]
        widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
        texts = ["  ".join(f"{cell:<{w}}" for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines]
        return "\n".join([*texts, *self.notes])

    def _repr_html_(self) -> str:
        try:
            return str(self.to_html())
        except InputError:  # without great-tables a plain table has to do
            return str(self.to_pandas().to_html())

    def _great(self, *, styled: bool) -> Any:
        great = needed("great_tables", "great-tables")
        plain = str if styled else _for_latex
        frame = pd.DataFrame(
            [[plain(c) for c in (self._indent(row, INDENT) + row.label, *row.cells)] for row in self.rows],
            columns=["", *map(plain, self._unique())],
        )
        table = great.GT(frame, id="hiddenpop").tab_header(title=plain(self.title))
        for note in self.notes:
            table = table.tab_source_note(source_note=plain(note))
        if not styled:
            return table
        headings = [i for i, row in enumerate(self.rows) if row.heading]
        table = table.cols_align(align="left", columns=[""]).cols_align(align="center", columns=self._unique())
        table = table.tab_style(great.style.text(weight="bold"), great.loc.body(columns=[""], rows=headings))
        return table.tab_options(
            table_font_size="14px",
            heading_align="left",
            heading_title_font_size="16px",
            data_row_padding="3px",
            column_labels_font_weight="bold",
            table_body_hlines_style="none",
            source_notes_font_size="12px",
        )

    def _indent(self, row: Row, by: str) -> str:
        """Lines stand further in where there are headings above them."""
        return by if not row.heading and any(one.heading for one in self.rows) else ""

    def _unique(self) -> list[str]:
        """Headings that great-tables can tell apart."""
        return [name + "\u200b" * self.columns[:i].count(name) for i, name in enumerate(self.columns)]


def _for_latex(text: str) -> str:
    """Keep a text in its cell: an empty line ends one, and [ or * after the end of a line are taken for its options."""
    text = LINES.sub(" ", text)
    return GUARD + text if text.lstrip().startswith(("[", "*")) else text


def _for_markdown(text: str) -> str:
    """Write a text so that Markdown takes nothing in it for a sign of its own, in one line."""
    escaped = re.sub(r"([\\`*_{}\[\]<>|#~$])", r"\\\1", " ".join(text.split("\n")))
    return re.sub(
        r"^(\d+)([.)])(?=\s)|^([-+])(?=\s)",
        lambda at: "\\".join(filter(None, at.groups())) if at[1] else f"\\{at[0]}",
        escaped,
    )


def _folding(text: str, rows: Sequence[Row], columns: int) -> str:
    """Give columns of texts a width in LaTeX, in which they are folded."""
    long = [any(len(row.cells[i]) > LONG for row in rows) for i in range(columns)]
    if not any(long):
        return text
    share = f"p{{{0.8 / sum(long):.2f}\\linewidth}}"

    def spec(found: re.Match[str]) -> str:
        kinds = zip(found[2], [False, *long], strict=True)
        return found[1] + "".join(share if one else kind for kind, one in kinds) + "}"

    return re.sub(rf"(\\extracolsep{{\\fill}}}})([lrc]{{{columns + 1}}})}}", spec, text)


def _write(path: str | PathLike[str], text: str) -> None:
    with unwritten("table", path):
        Path(path).write_text(text, encoding="utf-8")
