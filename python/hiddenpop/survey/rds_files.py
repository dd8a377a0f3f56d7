"""Files of respondent-driven samples: those of RDSAT, and those of R's package RDS."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, listing, warn
from ..ground.files import exists
from ..ground.signatures import checked

#: What a table's `attrs` call the arguments of `Survey.rds` that a file says.
SAID = "rds"
ID, DEGREE, OWN, GIVEN = "id", "network_size", "own_coupon", "coupon_{}"
#: What R's tables call the arguments of `Survey.rds`.
_IN_R = {
    "id": "id",
    "recruiter": "recruiter.id",
    "degree": "network.size.variable",
    "time": "time",
    "population": "population.size.mid",
}


@checked
def read_rdsat(path: str | PathLike[str]) -> pd.DataFrame:
    r"""Read a file of RDSAT (.rdsat, .txt): coupons given and redeemed, degrees, answers.

    Parameters
    ----------
    path : path
        The file. Its first line holds "RDS"; the second how many participants there are, how many coupons each could be given, what
        stands for missing, and the variables' names. Each further line is a participant: id, network size, own coupon, coupons
        given, variables. Tabs, commas, semicolons or spaces separate.

    Returns
    -------
    DataFrame
        Columns id, network_size, own_coupon, coupon_1, ..., and the variables; what is missing is missing. `attrs["rds"]` holds the
        arguments that `hp.Survey.rds` needs.

    Raises
    ------
    InputError
        No such file, another format, lines of another length (the first are named).

    See Also
    --------
    Survey.rds, read_rdsobj

    Notes
    -----
    The format of RDSAT 7.1 (Volz, Wejnert, Cameron, Spiller, Barash, Degani and Heckathorn 2012, Cornell University).

    Examples
    --------
    >>> import hiddenpop as hp, pathlib
    >>> lines = ["RDS", "4 2 0 hiv", "1 5 0 11 12 1", "2 3 11 21 0 2", "3 4 12 0 0 1", "4 2 21 0 0 2"]
    >>> _ = pathlib.Path("study.rdsat").write_text("\n".join(lines), encoding="utf-8")
    >>> table = hp.read_rdsat("study.rdsat")
    >>> table.columns.tolist()
    ['id', 'network_size', 'own_coupon', 'coupon_1', 'coupon_2', 'hiv']
    >>> table.attrs["rds"]  # for hp.Survey.rds(table, **table.attrs["rds"])
    {'id': 'id', 'degree': 'network_size', 'own_coupon': 'own_coupon', 'coupons': ['coupon_1', 'coupon_2']}
    >>> pathlib.Path("study.rdsat").unlink()
    """
    text = _bytes(path).decode("utf-8-sig", errors="replace")
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(lines) < 3 or lines[0][1].split()[0].strip(",;\t").upper() != "RDS":
        raise InputError(f"{str(path)!r} is no file of RDSAT: its first line is not RDS, or it has no participants.")
    between = next((sign for sign in "\t,;" if sign in lines[1][1]), None)
    head = cells(lines[1][1], between)
    try:
        people, coupons = int(head[0]), int(head[1])
    except (IndexError, ValueError):
        raise InputError(
            f"Line 2 of {str(path)!r} should begin with the number of participants and the most coupons that one was given."
        ) from None
    missing, variables = (head[2] if len(head) > 2 else ""), head[3:]
    names = [ID, DEGREE, OWN, *(GIVEN.format(k) for k in range(1, coupons + 1)), *variables]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise InputError(f"{str(path)!r} has more than one column {listing(twice)}. Rename the variables in line 2.")
    rows, wrong = [], []
    for number, line in lines[2:]:
        row = cells(line, between)
        rows.append(row)
        wrong += [number] if len(row) != len(names) else []
    if wrong:
        some = ", ".join(map(str, wrong[:5])) + (", ..." if len(wrong) > 5 else "")
        raise InputError(
            f"{len(wrong)} lines of {str(path)!r} (line {some}) don't have {len(names)} cells: id, network size, own coupon, "
            f"{coupons} coupons given, {len(variables)} variables."
        )
    if len(rows) != people:
        warn(f"{str(path)!r} says that it has {people:,} participants, and has {len(rows):,} lines of them.")
    made = {name: _typed(list(values), missing) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
    table = pd.DataFrame(made)
    given = [GIVEN.format(k) for k in range(1, coupons + 1)]
    table.attrs[SAID] = {"id": ID, "degree": DEGREE, "own_coupon": OWN, "coupons": given}
    return table


@checked
def read_rdsobj(path: str | PathLike[str]) -> pd.DataFrame:
    """Read a file of R's package RDS (.rdsobj): a saved data frame that says who recruited whom.

    Parameters
    ----------
    path : path
        The file, as R's `write.rdsobj`, `save` or `saveRDS` writes an `rds.data.frame`. Reading it needs the library rdata:
        ``pip install 'hiddenpop[rds]'``.

    Returns
    -------
    DataFrame
        Its columns. `attrs["rds"]` holds the arguments of `hp.Survey.rds` that it says: columns of ids, recruiters, degrees and times,
        and the population.

    Raises
    ------
    InputError
        No such file, a file that is none of R's, no `rds.data.frame` in it or more than one.

    See Also
    --------
    Survey.rds, read_rdsat

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.read_rdsobj("study.rdsobj")
    Traceback (most recent call last):
        ...
    hiddenpop.errors.InputError: There is no file 'study.rdsobj'.
    """
    data = _bytes(path)
    try:
        import rdata  # noqa: PLC0415 (an optional dependency)
    except ImportError as error:
        raise InputError("read_rdsobj needs rdata: pip install 'hiddenpop[rds]'.") from error

    found: list[pd.DataFrame] = []

    def frame(columns: Any, attributes: Mapping[str, Any]) -> pd.DataFrame:
        table = pd.DataFrame(rdata.conversion.dataframe_constructor(columns, attributes)).reset_index(drop=True)
        table.attrs[SAID] = _said(attributes)
        found.append(table)
        return table

    kinds = {
        **rdata.conversion.DEFAULT_CLASS_MAP,
        "rds.data.frame": frame,
        "Date": lambda days, _: pd.to_datetime(np.ma.filled(np.ma.asarray(days, float), np.nan), unit="D"),
        "POSIXct": lambda seconds, _: pd.to_datetime(np.ma.filled(np.ma.asarray(seconds, float), np.nan), unit="s"),
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rdata.conversion.convert(rdata.parser.parse_data(data), kinds)
    except Exception as error:  # whatever a damaged file makes of the library
        raise InputError(f"{str(path)!r} can't be read as a file of R's.") from error
    if len(found) != 1:
        what = "no rds.data.frame" if not found else f"{len(found)} tables of the class rds.data.frame"
        raise InputError(f"{str(path)!r} holds {what}; save one such table: write.rdsobj(study, 'study.rdsobj') in R.")
    return found[0]


def _said(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `Survey.rds` that R's attributes say."""
    said: dict[str, Any] = {}
    for argument, name in _IN_R.items():
        values = np.ravel(attributes.get(name, []))
        if len(values) == 1 and not pd.isna(values[0]):
            said[argument] = values[0].item() if isinstance(values[0], np.generic) else values[0]
    return said


def _bytes(path: str | PathLike[str]) -> bytes:
    place = Path(path)
    if not exists(place):
        raise InputError(f"There is no file {str(path)!r}.")
    try:
        return place.read_bytes()
    except OSError as error:
        raise InputError(f"{str(path)!r} can't be read: {error.strerror}.") from None


def cells(line: str, between: str | None) -> list[str]:
    """Return what a line holds; what separates may stand at its end too."""
    if between is None:
        return line.split()
    found = [cell.strip().strip('"') for cell in line.split(between)]
    while found and not found[-1]:
        found.pop()
    return found


def _typed(values: list[str], missing: str) -> pd.Series[Any]:
    """Return numbers where all are; None for what is missing."""
    given = [None if value in ("", missing) else value for value in values]
    texts = pd.Series(given, dtype=object)
    try:
        return pd.to_numeric(texts)
    except (ValueError, TypeError):
        return texts
