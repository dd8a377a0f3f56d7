"""Tables that are handed out: pandas DataFrames whose texts stay texts wherever they are written."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Hashable
from typing import Any, cast

import pandas as pd

from ..errors import visible

#: What spreadsheets take for the beginning of a formula, in full width too.
FORMULA = re.compile(r"[\s\u200e\u200f'\"]*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]|[\t\r\n]")
#: Texts that are numbers stay as they are: a spreadsheet that makes numbers of them does no harm.
_NUMBER = re.compile(r"[+-]?(\d[\d ,.]*)?\d([eE][+-]?\d+)?\s?%?")
#: How Excel's files write signs that XML lacks; who has such a text means the text.
_CODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
#: Letters that fit into a cell of Excel.
LONGEST = 32_767


def csv_text(text: str) -> str:
    """Return a text as a CSV file holds it: an apostrophe stands before what a spreadsheet would take for a formula."""
    text = visible(text)
    return f"'{text}" if FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def excel_text(text: str) -> str:
    """Return a text as a cell of Excel holds it; one that is too long is cut, and says so."""
    coded = _CODED.sub("_x005F_", visible(text))
    return coded if len(coded) <= LONGEST else f"{coded[: LONGEST - 3]}..."


def as_text(cell: Any) -> None:
    """Make sure that a text in a cell of openpyxl is no formula, link or error, neither now nor when somebody edits it."""
    if isinstance(cell.value, str):
        cell.data_type = "s"
        if FORMULA.match(cell.value):
            cell.quotePrefix = True


class DataFrame(pd.DataFrame):
    r"""A table as pandas has it, which writes texts as texts.

    Labels and answers come from registers and forms that anybody may have filled in. `to_excel` writes no formula, `to_csv`
    puts an apostrophe before a text that a spreadsheet would run as one (``=``, ``+``, ``-``, ``@``, and no number), `to_latex`
    escapes what LaTeX would obey, and control characters are shown. `reset_index` gives a group that is called like one of the
    columns ("n", "se") another name. For the texts as they are make it a plain table: ``pandas.DataFrame(table)``.

    Examples
    --------
    >>> DataFrame({"n": [3, -2]}, index=["=1+1", "-"]).to_csv()
    ",n\n'=1+1,3\n'-,-2\n"
    """

    @property
    def _constructor(self) -> Callable[..., DataFrame]:
        return DataFrame

    def to_csv(self, path_or_buf: Any = None, *args: Any, **options: Any) -> Any:
        """Write a CSV file as pandas does, with an apostrophe before what a spreadsheet would run."""
        chosen = options.pop("columns", None)
        return _written(self if chosen is None else self[list(chosen)], csv_text).to_csv(path_or_buf, *args, **options)

    def to_excel(self, excel_writer: Any, *args: Any, **options: Any) -> None:  # type: ignore[misc]  # final for stubs
        """Write an Excel file as pandas does, all texts as texts."""
        chosen = options.pop("columns", None)
        plain = _written(self if chosen is None else self[list(chosen)], excel_text)
        if args:  # pandas once took it by place
            options["sheet_name"], args = args[0], args[1:]
        if isinstance(excel_writer, pd.ExcelWriter):
            _fill(plain, cast("Any", excel_writer), args, options)
            return
        engine, more = options.pop("engine", None), options.pop("engine_kwargs", None)
        with pd.ExcelWriter(excel_writer, engine=engine, engine_kwargs=more) as writer:
            _fill(plain, writer, args, options)

    def to_latex(self, *args: Any, **options: Any) -> Any:
        """Return LaTeX as pandas does, with its special characters escaped unless told otherwise."""
        return _written(self, _one_line).to_latex(*args, **{"escape": True, **options})

    def to_string(self, *args: Any, **options: Any) -> Any:
        """Return what `print` shows, as pandas does, control characters shown."""
        return _seen(super().to_string(*args, **options))

    def to_html(self, *args: Any, **options: Any) -> Any:
        """Return HTML as pandas does, control characters shown."""
        return _seen(super().to_html(*args, **options))

    def _repr_html_(self) -> Any:
        return _seen(super()._repr_html_())  # type: ignore[misc]  # stubs lack it

    def reset_index(self, *args: Any, **options: Any) -> Any:
        """Make columns of the labels, as pandas does; a name that is taken has "(group)" behind it."""
        if not args and not options.keys() - {"drop", "inplace"} and not options.get("drop"):
            names = [name for name in (*self.columns, *self.index.names) if name is not None]
            if len(set(names)) < len(names):
                options["names"] = _apart(list(self.index.names), set(self.columns))
        return super().reset_index(*args, **options)


def handed(value: Any) -> Any:
    """Return a DataFrame as one that writes itself safely; anything else as it is."""
    if type(value) is not pd.DataFrame:
        return value
    made = DataFrame(value)
    made.attrs = value.attrs
    return made


def handing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function hand out such tables, if its signature says that it returns any."""
    if "DataFrame" not in str(function.__annotations__.get("return", "")):
        return function

    @functools.wraps(function)
    def hands_out(*args: Any, **options: Any) -> Any:
        return handed(function(*args, **options))

    return hands_out


def _apart(names: list[Hashable], taken: set[Hashable]) -> list[Hashable]:
    """Name levels of an index so that they differ from the columns."""
    result: list[Hashable] = []
    for i, name in enumerate(names):
        new = name if name is not None else ("index" if len(names) == 1 else f"level_{i}")
        while new in taken:
            new = f"{new} (group)"
        taken = taken | {new}
        result.append(new)
    return result


def _seen(made: Any) -> Any:
    return visible(made) if isinstance(made, str) else made


def _one_line(text: str) -> str:
    return " ".join(visible(text).split())


def _written(frame: pd.DataFrame, spelled: Callable[[str], str]) -> pd.DataFrame:
    """Return a plain table with all of its texts spelled for a kind of file."""

    def each(value: Any) -> Any:
        return spelled(str.__str__(value)) if isinstance(value, str) else value

    def labels(index: pd.Index[Any]) -> pd.Index[Any]:
        names = [each(name) for name in index.names]
        if isinstance(index, pd.MultiIndex):
            levels = [_texts(index.get_level_values(i), each) for i in range(index.nlevels)]
            return pd.MultiIndex.from_arrays(levels, names=names)
        return _texts(index, each).rename(names[0])

    places = {i: frame.iloc[:, i] for i in range(frame.shape[1])}
    plain = pd.DataFrame(
        {i: (_texts(pd.Index(one), each) if _holds_texts(one) else one).array for i, one in places.items()},
        index=range(len(frame)),
    )
    plain.index, plain.columns = labels(frame.index), labels(frame.columns)
    return plain


def _holds_texts(values: Any) -> bool:
    return not (pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(values.dtype))


def _texts(index: pd.Index[Any], each: Callable[[Any], Any]) -> pd.Index[Any]:
    if not _holds_texts(index):
        return index
    # Categories that are spelled alike are no reason to fail.
    return pd.Index([each(value) for value in index.astype(object)], dtype=object, tupleize_cols=False)


def _fill(plain: pd.DataFrame, writer: Any, args: Any, options: dict[str, Any]) -> None:
    """Write a sheet, and make its texts texts."""
    if writer.engine == "xlsxwriter":
        book = writer.book
        book.strings_to_formulas = book.strings_to_urls = book.strings_to_numbers = False
    plain.to_excel(writer, *args, **options)
    if writer.engine == "openpyxl":
        sheet = writer.sheets[options.get("sheet_name", "Sheet1")]
        top, left = options.get("startrow", 0) + 1, options.get("startcol", 0) + 1
        heads = plain.columns.nlevels + (plain.columns.nlevels > 1)  # names of the index stand in a line of their own
        high = len(plain) + (heads if options.get("header", True) is not False else 0)
        wide = plain.shape[1] + (plain.index.nlevels if options.get("index", True) else 0)
        for line in sheet.iter_rows(top, top + high - 1, left, left + wide - 1):
            for cell in line:
                as_text(cell)
