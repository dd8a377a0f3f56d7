"""Reading files of SPSS, Stata and SAS with what they say about themselves: labels, and codes of missing answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from ..errors import in_words, warn
from ..ground import written
from ..ground.columns import column
from ..ground.signatures import checked
from ..ground.written import Key, key
from .stat_files import IMPOSSIBLE, open_file

#: Labels and codes that are no answers, of all columns or by column.
Missing: TypeAlias = "Sequence[str | float] | Mapping[str, Sequence[str | float]]"
#: Parts of labels that say there is no answer, in the languages of most files; whole ones are in `ground/written.py`.
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
    "Numbers among which some have labels stay numbers ({listed}). If these are codes and not amounts, read the file with "
    "missing={codes}."
)
SILENT = (
    "Levels whose labels say that there is no answer count as answers ({listed}), because the file does not declare them missing. "
    "If nobody answered there, read the file with missing={codes}."
)
NO_LABEL = (
    "Some codes have no label and are levels by the name of their code ({listed}). Look whether they are answers."
)


@checked
def read_sav(
    path: str | PathLike[str],
    *,
    columns: list[str] | None = None,
    encoding: str | None = None,
    missing: Missing | None = None,
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
    missing : list, or mapping of column to list, optional
        Labels ("Don't know"; capitals don't matter) and codes that are no answers though the file does not declare them so: a list
        for all columns that have them among their labels, or, by column, any codes ({"educ": [7, 9]}).

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
        Codes of a number that were made missing because of their labels, other labelled codes of a number, levels whose
        labels say that there is no answer, and codes without a label among labelled ones, with how many rows have them and the
        `missing=` that settles them; impossible dates, which are missing.

    See Also
    --------
    read_dta, read_xpt, read_csv : other files.
    recode : yes and no, missing answers and spellings.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.read_sav("interviews.sav")
    Traceback (most recent call last):
        ...
    hiddenpop.errors.InputError: There is no file 'interviews.sav'.
    """
    readers = {".sav": "read_sav", ".zsav": "read_sav", ".por": "read_por"}
    return _read(path, "SPSS", readers, columns, encoding, missing, user_missing=True)


@checked
def read_dta(
    path: str | PathLike[str],
    *,
    columns: list[str] | None = None,
    encoding: str | None = None,
    missing: Missing | None = None,
) -> pd.DataFrame:
    """Read a Stata file (.dta) with labels and extended missing values (.a to .z); as `read_sav` otherwise.

    See Also
    --------
    read_sav, read_xpt, read_csv, recode

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.read_dta("interviews.csv")
    Traceback (most recent call last):
        ...
    hiddenpop.errors.InputError: 'interviews.csv' is no Stata file by its name; it should end in .dta.
    """
    return _read(path, "Stata", {".dta": "read_dta"}, columns, encoding, missing, user_missing=True)


@checked
def read_xpt(
    path: str | PathLike[str],
    *,
    columns: list[str] | None = None,
    encoding: str | None = None,
    missing: Missing | None = None,
) -> pd.DataFrame:
    """Read a SAS transport file (.xpt), as agencies publish their surveys, with the labels of its columns.

    Such a file holds no labels of values and declares no codes missing: 7 for "refused" is a number unless
    `missing={"DMDEDUC2": [7, 9]}` says so, by column. The rest is as in `read_sav`.

    See Also
    --------
    read_sav, read_dta, read_csv, recode

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.read_xpt("DEMO_J.csv")
    Traceback (most recent call last):
        ...
    hiddenpop.errors.InputError: 'DEMO_J.csv' is no SAS transport file by its name; it should end in .xpt or .xport.
    """
    return _read(path, "SAS transport", {".xpt": "read_xport", ".xport": "read_xport"}, columns, encoding, missing)


def _read(
    path: str | PathLike[str],
    program: str,
    readers: dict[str, str],
    columns: list[str] | None,
    encoding: str | None,
    missing: Missing | None,
    **options: bool,
) -> pd.DataFrame:
    frame, meta, impossible = open_file(path, program, readers, columns, encoding, **options)
    result = _tell(frame, meta, missing)
    for name, rows in impossible.items():
        result.attrs["missing_codes"].setdefault(name, {})[IMPOSSIBLE] = int(rows.sum())
    return result


def _tell(frame: pd.DataFrame, meta: Any, missing: Missing | None) -> pd.DataFrame:
    """Turn codes into labels and missing answers, keep what the file says in attrs, and warn of codes that are neither."""
    wanted = _wanted(missing, frame)
    value_labels = {name: dict(found) for name, found in meta.variable_value_labels.items() if name in frame.columns}
    counts: dict[str, dict[Any, int]] = {}
    doubts: dict[str, dict[str, tuple[str, list[Any]]]] = {}
    made = {}
    for name in frame.columns:
        values, known = frame[name], value_labels.get(name, {})
        texts = {code: str(text).strip() for code, text in known.items() if str(text).strip()}
        user = _user_missing(values, meta, name) | values.isin(_named(values, texts, wanted, name))
        undeclared = ~user & values.isin(_undeclared(values[~user], texts))
        if undeclared.any():
            _add(doubts, MADE_MISSING, name, values[undeclared], texts)
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
                _add(doubts, AVERAGED, name, values[values.isin(of_their_own)], texts)
            continue
        made[name] = _categorical(values, texts, bare)
        if bare and any(bool(str(code).strip()) for code in bare):
            _add(doubts, NO_LABEL, name, values[values.isin(bare)], {})
        silent = [code for code in labelled if _says_nothing(texts[code])]
        if silent:
            _add(doubts, SILENT, name, values[values.isin(silent)], texts)
    result = pd.DataFrame(made, index=frame.index, columns=frame.columns)
    labels = {name: text for name, text in meta.column_names_to_labels.items() if text and name in frame.columns}
    result.attrs = {"labels": labels, "value_labels": value_labels, "missing_codes": counts}
    for text, found in doubts.items():
        more = f"; and {len(found) - MOST_TOLD} more columns" if len(found) > MOST_TOLD else ""
        told = [f"{name!r}: {counted}" for name, (counted, _) in found.items()]
        codes = in_words({name: own for name, (_, own) in found.items()}, shown=len(found))
        warn(text.format(listed="; ".join(told[:MOST_TOLD]) + more, codes=codes))
    return result


def _wanted(missing: Missing | None, frame: pd.DataFrame) -> dict[str | None, set[Key]]:
    """Return what a user says are no answers: by column, or for all of them under None."""
    if isinstance(missing, Mapping):
        for name in missing:
            column(frame, name)
        return {name: set(map(key, own)) for name, own in missing.items()}
    return {None: set(map(key, missing or ()))}


def _named(values: pd.Series[Any], texts: dict[Any, str], wanted: dict[str | None, set[Key]], name: str) -> list[Any]:
    """Return the codes of a column that a user says are no answers, by themselves or by their labels."""
    everywhere, here = wanted.get(None, set()), wanted.get(name, set())
    if not (everywhere or here):
        return []
    codes = [code for code, text in texts.items() if {key(code), key(text)} & (everywhere | here)]
    return codes + [code for code in (values.dropna().unique().tolist() if here else []) if key(code) in here]


def _add(
    doubts: dict[str, dict[str, tuple[str, list[Any]]]],
    text: str,
    name: str,
    values: pd.Series[Any],
    texts: dict[Any, str],
) -> None:
    codes = [_plain(code) for code in values.dropna().unique().tolist()]
    doubts.setdefault(text, {})[name] = _counted(values, texts), codes


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
    silent = [code for code in labelled if _says_nothing(texts[code])]
    if not bare or isinstance(bare[0], str) or (_by_code(labelled, bare) and len(silent) < len(labelled)):
        return []
    return silent


def _says_nothing(label: str) -> bool:
    """Tell labels that say there is no answer."""
    return bool(NO_ANSWER.search(label)) or written.bare(label) in written.NO_ANSWER


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
