"""Reading SPSS and Stata files with what they say about themselves: labels, and codes of missing answers."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError
from ..ground.files import needed
from ..ground.signatures import checked


@checked
def read_sav(path: str | PathLike[str], *, columns: list[str] | None = None) -> pd.DataFrame:
    """Read an SPSS file (.sav, .zsav) with labels and user-missing codes.

    Columns whose values all have labels become categoricals, in the order of their codes; labelled
    codes of missing answers ("refused") become missing, and are counted.

    Parameters
    ----------
    path : path
        The file.
    columns : list of str, optional
        Columns to read; all by default.

    Returns
    -------
    DataFrame
        Its `attrs` hold "labels" (column to label), "value_labels" (column to code to label) and "missing_codes"
        (column to code, or its label, to number of rows). `hp.describe` uses them.

    Raises
    ------
    InputError
        No such file, another format, or a damaged one.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.read_sav("interviews.sav")
    Traceback (most recent call last):
        ...
    hiddenpop.errors.InputError: There is no file 'interviews.sav'.
    """
    return _read(path, "SPSS", (".sav", ".zsav", ".por"), columns)


@checked
def read_dta(path: str | PathLike[str], *, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a Stata file (.dta) with labels and extended missing values (.a to .z); as `read_sav` otherwise.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.read_dta("interviews.csv")
    Traceback (most recent call last):
        ...
    hiddenpop.errors.InputError: 'interviews.csv' is no Stata file by its name; it should end in .dta.
    """
    return _read(path, "Stata", (".dta",), columns)


def _read(path: str | PathLike[str], program: str, endings: tuple[str, ...], columns: list[str] | None) -> pd.DataFrame:
    place = Path(path)
    ending = place.suffix.lower()
    if ending not in endings:
        raise InputError(f"{str(path)!r} is no {program} file by its name; it should end in {' or '.join(endings)}.")
    if not place.is_file():
        raise InputError(f"There is no file {str(path)!r}.")
    reader = needed("pyreadstat", "pyreadstat")
    read: Callable[..., Any] = {".dta": reader.read_dta, ".por": reader.read_por}.get(ending, reader.read_sav)
    options: dict[str, Any] = {} if columns is None else {"usecols": list(columns)}
    if ending != ".por":
        options["user_missing"] = True
    try:
        frame, meta = read(str(place), **options)
    except Exception as error:
        # pyreadstat raises its own errors, and those of decoding.
        raise InputError(
            f"{str(path)!r} can't be read as a {program} file ({str(error).strip() or type(error).__name__}). It may be damaged, "
            "or in another format under this name."
        ) from None
    lacking = [name for name in columns or [] if name not in frame.columns]
    if lacking:
        raise InputError(f"{str(path)!r} has no column {lacking[0]!r}.")
    return _tell(frame, meta)


def _tell(frame: pd.DataFrame, meta: Any) -> pd.DataFrame:
    """Turn codes into labels and missing answers, and keep what the file says in attrs."""
    value_labels = {name: dict(found) for name, found in meta.variable_value_labels.items() if name in frame.columns}
    counts: dict[str, dict[Any, int]] = {}
    made = {}
    for name in frame.columns:
        values, known = frame[name], value_labels.get(name, {})
        user = _user_missing(values, meta, name)
        if user.any():
            found = values[user].value_counts(sort=False)
            counts[name] = {_word(code, known): int(n) for code, n in found.items()}
            values = values.mask(user)
            rest = values.dropna()
            if values.dtype == object and rest.map(lambda v: isinstance(v, (int, float, np.number))).all():
                values = values.astype(float)  # letters for missing answers made it a column of objects
        made[name] = _labelled(values, known)
    result = pd.DataFrame(made, index=frame.index, columns=frame.columns)
    labels = {name: text for name, text in meta.column_names_to_labels.items() if text and name in frame.columns}
    result.attrs = {"labels": labels, "value_labels": value_labels, "missing_codes": counts}
    return result


def _word(code: Any, known: dict[Any, str]) -> Any:
    if code in known:
        return known[code]
    return int(code) if isinstance(code, float) and code.is_integer() else code


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


def _labelled(values: pd.Series[Any], known: dict[Any, str]) -> pd.Series[Any]:
    """Return a categorical where every value has a label of its own; else the values as they are."""
    present = values.dropna().unique()
    if not known or not len(present) or any(value not in known for value in present):
        return values
    codes = sorted((code for code in known if not isinstance(code, str)), key=float) or list(known)
    codes = [code for code in codes if code in set(present) or not isinstance(code, str)]
    texts = [known[code] for code in codes]
    if len(set(texts)) < len(texts):
        return values
    return pd.Series(pd.Categorical(values.map(known), categories=texts), index=values.index, name=values.name)
