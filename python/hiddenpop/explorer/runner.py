"""Running a program cell by cell, as a notebook does, and what its cells show, ready for a page."""

from __future__ import annotations

import ast
import base64
import io
import time
import warnings
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import hiddenpop as hp

from . import files
from .choices import Column, Level
from .program import Cell, Program

#: So many states after a cell are kept, the last that were used: going back to a choice costs nothing.
KEPT = 40
#: Columns with at most so many answers have them listed, to choose by.
MOST_LEVELS = 40
#: After so many seconds, what there is already is shown.
PATIENCE = 1.0
#: What is shown of a table: rows, and columns.
ROWS, COLUMNS = 8, 12
NAMELESS = (
    "Columns whose names are no text are left out ({names}). Give them names in the workbook that begin with a letter, and load it "
    "again."
)
UNEXPECTED = (
    "This should not have happened ({kind}: {said}). The Python beside it repeats it in a notebook; please report it with "
    "what hp.__version__ says, without the data."
)


@dataclass(frozen=True)
class Shown:
    """What a cell shows: a table or words as HTML, a text, or a figure."""

    kind: str
    content: str
    #: What a figure shows, in words.
    alt: str = ""
    title: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of a program."""

    shown: tuple[Shown, ...] = ()
    warnings: tuple[str, ...] = ()
    error: str = ""
    #: The field that the error is about.
    place: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    #: Of a program that ends in a table.
    columns: tuple[Column, ...] = ()
    rows: int = 0


@dataclass(frozen=True)
class _State:
    names: dict[str, Any]
    shown: Shown | None
    warnings: tuple[str, ...]


class Runner:
    """Runs programs in the folder where it is, and keeps what cells made."""

    def __init__(self) -> None:
        self._states: OrderedDict[tuple[str, ...], _State] = OrderedDict()
        self._file: tuple[str, bytes] | None = None

    def take(self, name: str, content: bytes) -> None:
        """Keep a file in memory, in place of another; it lies in the folder only while it is read."""
        self._file = name, content
        self._states.clear()

    def run(
        self,
        program: Program,
        tell: Callable[[str], None] = lambda text: None,
        part: Callable[[Outcome], None] = lambda outcome: None,
    ) -> Outcome:
        """Run a program; `tell` hears what it is doing, and `part` what there is already, where it takes long."""
        since = time.monotonic()
        state = _State({"__name__": "explorer"}, None, ())
        heard: list[str] = []
        shown: list[Shown] = []
        done: tuple[str, ...] = ()
        first_own = len(program.cells) - program.own
        for number, cell in enumerate(program.cells):
            done = (*done, cell.text)
            last = number == len(program.cells) - 1
            try:
                state = self._after(done, state, cell, tell, keep=not (last and program.files))
            except Exception as error:
                self._tidy(program.files)
                said = files.explained(error, self._file) if number == 0 else _said(error)
                return Outcome(warnings=tuple(heard), error=said, place=cell.blamed(said))
            heard += [text for text in state.warnings if text not in heard]
            if number >= first_own and state.shown:
                shown.append(replace(state.shown, title=cell.title))
                if number + 1 < len(program.cells) and time.monotonic() - since > PATIENCE:
                    part(Outcome(tuple(shown), tuple(heard)))
                    since = time.monotonic()
        handed = {name: Path(name).read_bytes() for name in program.files}
        self._tidy(program.files)
        return Outcome(tuple(shown), tuple(heard), files=handed)

    def look(
        self,
        program: Program,
        tell: Callable[[str], None] = lambda text: None,
        part: Callable[[Outcome], None] = lambda outcome: None,
    ) -> Outcome:
        """Run a program that ends in a table, and say what its columns are."""
        made = self.run(program, tell, part)
        if made.error:
            return made
        tell("Looking at its columns")
        table = self._states[tuple(cell.text for cell in program.cells)].names["table"]
        try:
            columns = _columns(table)
        except Exception as error:
            return Outcome(warnings=made.warnings, error=_said(error), place="file")
        head = table.iloc[:ROWS, :COLUMNS].to_html(index=False, na_rep="", border=0, classes="preview")
        nameless = [str(name) for name in table.columns if not isinstance(name, str)]
        told = (NAMELESS.format(names=", ".join(nameless[:6])),) if nameless else ()
        return Outcome((Shown("html", head),), made.warnings + told, columns=columns, rows=len(table))

    def _after(
        self, done: tuple[str, ...], before: _State, cell: Cell, tell: Callable[[str], None], *, keep: bool
    ) -> _State:
        if done in self._states:
            self._states.move_to_end(done)
            return self._states[done]
        tell(cell.doing)
        names = dict(before.names)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if len(done) == 1 and self._file:
                with files.lying_there(*self._file):
                    value = _execute(cell.text, names)
            else:
                value = _execute(cell.text, names)
            shown = _shown(value)
        said = tuple(dict.fromkeys(str(one.message) for one in caught if issubclass(one.category, hp.HiddenpopWarning)))
        state = _State(names, shown, said)
        if keep:  # what writes files must write them each time
            self._states[done] = state
            while len(self._states) > KEPT:
                self._states.popitem(last=False)
        return state

    def _tidy(self, names: tuple[str, ...]) -> None:
        for name in names:
            Path(name).unlink(missing_ok=True)


def _execute(text: str, names: dict[str, Any]) -> Any:
    """Run a cell, and return the value of its last line if that is an expression."""
    tree = ast.parse(text)
    last = tree.body[-1]
    shown = last.value if isinstance(last, ast.Expr) else None
    if shown:
        tree.body.pop()
    exec(compile(tree, "<cell>", "exec"), names)
    return eval(compile(ast.Expression(shown), "<cell>", "eval"), names) if shown else None


def _said(error: Exception) -> str:
    if isinstance(error, (hp.InputError, hp.EstimationError)):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory for this. Take fewer columns, or a sample of the rows."
    return UNEXPECTED.format(kind=type(error).__name__, said=error)


def _shown(value: Any) -> Shown | None:
    if value is None:
        return None
    if isinstance(value, str):
        return Shown("text", value)
    if hasattr(value, "get_figure"):
        return _figure(value)
    if hasattr(value, "_repr_html_"):
        return Shown("html", value._repr_html_())
    return Shown("text", repr(value))


def _figure(axes: Any) -> Shown:
    from matplotlib import pyplot  # noqa: PLC0415 (only for figures)

    figure = axes.get_figure()
    into = io.BytesIO()
    figure.savefig(into, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    words = hp.plot.describe(axes)
    pyplot.close(figure)
    return Shown("figure", base64.b64encode(into.getvalue()).decode("ascii"), words)


def _columns(table: Any) -> tuple[Column, ...]:
    labels = table.attrs.get("labels", {})
    return tuple(
        _column(name, str(labels.get(name, "")), table[name]) for name in table.columns if isinstance(name, str)
    )


def _column(name: str, label: str, values: Any) -> Column:
    missing = int(values.isna().sum())
    if values.dtype.kind in "mM" or _days(values):
        return Column(name, label, "date", missing)
    categories = values.dtype.name == "category"
    different = values.dropna().unique()
    listed = 0 < len(different) <= MOST_LEVELS
    present = set(different.tolist()) if listed else set()
    found = [level for level in values.cat.categories if level in present] if categories else list(present)
    levels = tuple(level for level in map(_plain, found) if level is not None)
    number = values.dtype.kind in "iufb" and not categories
    few = listed and len(levels) == len(present)
    if few and not categories:
        levels = tuple(sorted(levels, key=lambda level: (isinstance(level, str), level)))
    if few and len(levels) <= 3 and _yes_or_no(levels):
        return Column(name, label, "yes or no", missing, levels)
    if number:
        return Column(name, label, "number", missing, levels if few else ())
    if few and (categories or len(levels) < max(len(values) - missing, 2)):
        return Column(name, label, "categories", missing, levels)
    return Column(name, label, "text", missing)


def _days(values: Any) -> bool:
    """Say whether all answers are days, as readers of SPSS and Stata give them."""
    return bool(
        values.dtype == object and values.notna().any() and values.dropna().map(type).isin((date, datetime)).all()
    )


def _yes_or_no(levels: tuple[Level, ...]) -> bool:
    """Ask the package whether it reads these answers as yes and no."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            asked = hp.Survey({"answer": list(levels) * 2}, replicates=2).proportion("answer")
        except (hp.InputError, hp.EstimationError):
            return False
    return asked.scalar


def _plain(level: Any) -> Level | None:
    """Return a level as Python's own text or number; others can't be written into a program."""
    value = level.item() if hasattr(level, "item") else level
    return value if type(value) in (str, int, float, bool) else None
