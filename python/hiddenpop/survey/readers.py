"""Reading files of SPSS, Stata and SAS with what they say about themselves: labels, and codes of missing answers."""

from __future__ import annotations

import re
from collections import Counter
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd

from ..errors import warn
from ..ground.signatures import checked
from .stat_files import IMPOSSIBLE, open_file

#: Labels that say there is no answer, in the languages of most files.
NO_ANSWER = re.compile(
    r"refus|don.?t know|do not know|not know|no answer|not answer|no response|missing|not appl|inappl|\bn/?a\b|not stated|not ask"
    r"|unknown|\bskip|declin|prefer not|not avail|not ascert|\bdk\b|keine angabe|wei(ss|ß) nicht|verweiger|ne sa(it|is) pas"
    r"|sans r.ponse|non r.ponse|no sabe|no contest|non sa\b|non rispo|rifiut|geweigerd|weet niet|geen antwoord",
    re.IGNORECASE,
)
#: So many columns, and codes of one, are named in a warning.
MOST_TOLD = 6
MADE_MISSING = (
    "Codes whose labels say that there is no answer were made missing ({listed}). The file does not declare them so; where they "
    "are answers, read the file with pyreadstat and make the table yourself."
)
AVERAGED = (
    "Numbers among which some have labels stay numbers ({listed}). If these are codes and not amounts, make them missing before "
    "making the survey: df[column] = df[column].replace(code, None)."
)
NO_LABEL = (
    "Some codes have no label and are levels by the name of their code ({listed}). Look whether they are answers."
)


@checked
def read_sav(
    path: str | PathLike[str], *, columns: list[str] | None = None, encoding: str | None = None
) -> pd.DataFrame:
    """Read an SPSS file (.sav, .zsav) with labels and user-missing codes.

    Columns whose values have labels become categoricals, in the order of their codes; where two codes have one label the code
    stands behind it ("Other (11)"). Codes that the file declares missing ("refused") become missing, and are counted. So do codes
    of a number whose labels say that nobody answered, which a warning tells.

    Parameters
    ----------
    path : path
        The file.
    columns : list of str, optional
        Columns to read; all by default.
    encoding : str, optional
        The encoding of its text, as 'CP1252', where it isn't what the file declares.

    Returns
    -------
    DataFrame
        Its `attrs` hold "labels" (column to label), "value_labels" (column to code to label) and "missing_codes"
        (column to code, or its label, to number of rows). `hp.describe` uses them.

    Raises
    ------
    InputError
        No such file, another format, a damaged one, or text in another encoding.

    Warns
    -----
    HiddenpopWarning
        Codes of a number that were made missing because of their labels, other labelled codes of a number, and codes
        without a label among labelled ones, with how many rows have them; impossible dates, which are missing.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.read_sav("interviews.sav")
    Traceback (most recent call last):
        ...
    hiddenpop.errors.InputError: There is no file 'interviews.sav'.
    """
    readers = {".sav": "read_sav", ".zsav": "read_sav", ".por": "read_por"}
    return _read(path, "SPSS", readers, columns, encoding, user_missing=True)


@checked
def read_dta(
    path: str | PathLike[str], *, columns: list[str] | None = None, encoding: str | None = None
) -> pd.DataFrame:
    """Read a Stata file (.dta) with labels and extended missing values (.a to .z); as `read_sav` otherwise.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.read_dta("interviews.csv")
    Traceback (most recent call last):
        ...
    hiddenpop.errors.InputError: 'interviews.csv' is no Stata file by its name; it should end in .dta.
    """
    return _read(path, "Stata", {".dta": "read_dta"}, columns, encoding, user_missing=True)


@checked
def read_xpt(
    path: str | PathLike[str], *, columns: list[str] | None = None, encoding: str | None = None
) -> pd.DataFrame:
    """Read a SAS transport file (.xpt), as agencies publish their surveys, with the labels of its columns.

    Such a file holds no labels of values and declares no codes missing: 7 for "refused" is a number until it is replaced.
    The rest is as in `read_sav`.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.read_xpt("DEMO_J.csv")
    Traceback (most recent call last):
        ...
    hiddenpop.errors.InputError: 'DEMO_J.csv' is no SAS transport file by its name; it should end in .xpt or .xport.
    """
    return _read(path, "SAS transport", {".xpt": "read_xport", ".xport": "read_xport"}, columns, encoding)


def _read(
    path: str | PathLike[str],
    program: str,
    readers: dict[str, str],
    columns: list[str] | None,
    encoding: str | None,
    **options: bool,
) -> pd.DataFrame:
    frame, meta, impossible = open_file(path, program, readers, columns, encoding, **options)
    result = _tell(frame, meta)
    for name, rows in impossible.items():
        result.attrs["missing_codes"].setdefault(name, {})[IMPOSSIBLE] = int(rows.sum())
    return result


def _tell(frame: pd.DataFrame, meta: Any) -> pd.DataFrame:
    """Turn codes into labels and missing answers, keep what the file says in attrs, and warn of codes that are neither."""
    value_labels = {name: dict(found) for name, found in meta.variable_value_labels.items() if name in frame.columns}
    counts: dict[str, dict[Any, int]] = {}
    doubts: dict[str, list[str]] = {}
    made = {}
    for name in frame.columns:
        values, known = frame[name], value_labels.get(name, {})
        texts = {code: str(text).strip() for code, text in known.items() if str(text).strip()}
        user = _user_missing(values, meta, name)
        undeclared = ~user & values.isin(_undeclared(values[~user], texts))
        if undeclared.any():
            _add(doubts, MADE_MISSING, name, _counted(values[undeclared], texts))
        user |= undeclared
        if user.any():
            counts[name] = {}
            for code, n in values[user].value_counts(sort=False).items():
                word = texts[code] if code in texts else _plain(code)
                counts[name][word] = counts[name].get(word, 0) + int(n)
            values = values.mask(user)
            rest = values.dropna()
            if values.dtype == object and rest.map(lambda v: isinstance(v, (int, float, np.number))).all():
                values = values.astype(float)  # letters for missing answers made it a column of objects
        labelled, bare = _told(values, texts)
        if not labelled or (len(bare) and not _by_code(labelled, bare)):
            made[name] = values
            of_their_own = [code for code in labelled if str(_plain(code)) not in texts[code]]
            if of_their_own:
                _add(doubts, AVERAGED, name, _counted(values[values.isin(of_their_own)], texts))
            continue
        made[name] = _categorical(values, texts, bare)
        if bare and any(bool(str(code).strip()) for code in bare):
            _add(doubts, NO_LABEL, name, _counted(values[values.isin(bare)], {}))
    result = pd.DataFrame(made, index=frame.index, columns=frame.columns)
    labels = {name: text for name, text in meta.column_names_to_labels.items() if text and name in frame.columns}
    result.attrs = {"labels": labels, "value_labels": value_labels, "missing_codes": counts}
    for text, found in doubts.items():
        more = f"; and {len(found) - MOST_TOLD} more columns" if len(found) > MOST_TOLD else ""
        warn(text.format(listed="; ".join(found[:MOST_TOLD]) + more))
    return result


def _add(doubts: dict[str, list[str]], text: str, name: str, told: str) -> None:
    doubts.setdefault(text, []).append(f"{name!r}: {told}")


def _counted(values: pd.Series[Any], texts: dict[Any, str]) -> str:
    """Say which codes there are, with their labels, and how many answers have each."""
    counted = values.value_counts(sort=False)
    told = [
        f"{_plain(code)}{f' ({texts[code]})' if code in texts else ''} in {n:,} {'row' if n == 1 else 'rows'}"
        for code, n in counted.items()
    ]
    return ", ".join(told[:MOST_TOLD]) + (", ..." if len(told) > MOST_TOLD else "")


def _plain(code: Any) -> Any:
    return int(code) if isinstance(code, (float, np.floating)) and float(code).is_integer() else code


def _told(values: pd.Series[Any], texts: dict[Any, str]) -> tuple[list[Any], list[Any]]:
    """Return the codes that occur, with a label and without one."""
    present = values.dropna().unique().tolist()
    return [code for code in present if code in texts], [code for code in present if code not in texts]


def _by_code(labelled: list[Any], bare: list[Any]) -> bool:
    """Tell a question with labelled answers, some of whose labels are lacking, from a number with some labels."""
    numbers = [code for code in bare if not isinstance(code, str)]
    whole = all(float(code).is_integer() for code in numbers if isinstance(code, (int, float)))
    return whole and len(labelled) >= max(len(bare), 2)


def _undeclared(values: pd.Series[Any], texts: dict[Any, str]) -> list[Any]:
    """Return codes of a number whose labels say that there was no answer, though the file declares them as numbers."""
    labelled, bare = _told(values, texts)
    silent = [code for code in labelled if NO_ANSWER.search(texts[code])]
    if not bare or isinstance(bare[0], str) or (_by_code(labelled, bare) and len(silent) < len(labelled)):
        return []
    return silent


def _user_missing(values: pd.Series[Any], meta: Any, name: str) -> pd.Series[Any]:
    """Mark the values that the file declares to be missing answers."""
    marked = pd.Series(False, index=values.index)
    for span in (meta.missing_ranges or {}).get(name, []):
        low, high = span["lo"], span["hi"]
        if isinstance(low, str) or values.dtype == object:
            marked |= values == low
        else:
            marked |= (values >= low) & (values <= high)
    letters = (meta.missing_user_values or {}).get(name, [])
    if letters:
        marked |= values.isin(letters)
    return marked


def _categorical(values: pd.Series[Any], texts: dict[Any, str], bare: list[Any]) -> pd.Series[Any]:
    """Return the labels in the order of their codes; codes without a label, or with that of another, keep the code."""
    known = {**texts, **{code: str(_plain(code)) for code in bare}}
    numbers = sorted((code for code in known if not isinstance(code, str)), key=float)
    present = set(values.dropna().unique())
    codes = numbers + [code for code in known if isinstance(code, str) and (not numbers or code in present)]
    times = Counter(known[code] for code in codes)
    named = {code: f"{known[code]} ({_plain(code)})" if times[known[code]] > 1 else known[code] for code in codes}
    return pd.Series(pd.Categorical(values.map(named), categories=list(named.values())), values.index, name=values.name)
