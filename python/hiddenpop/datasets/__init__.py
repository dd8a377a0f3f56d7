"""Small data sets with their sources. Synthetic data say so in their name and in what is made from them.

See Also
--------
hiddenpop.read_csv, hiddenpop.read_sav : tables of your own.

Examples
--------
>>> import hiddenpop as hp
>>> hp.datasets.names()
['opaak', 'synthetic_opaak', 'synthetic_peers', 'rome_hiv', 'uk_modern_slavery', 'kosovo', ...]
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import InputError, suggest
from ..ground.signatures import checked

HERE = Path(__file__).parent
__all__ = ["load", "names"]


def __dir__() -> list[str]:
    return __all__


@checked
@dataclass(frozen=True)
class Dataset:
    """A data set: tables by name, with where they come from.

    Attributes
    ----------
    name, title : str
        What it is called.
    source, licence : str
        Where the numbers come from, and under which terms they are here.
    note : str
        What must be known to use them; it travels with the tables into every table and figure.
    tables : mapping of str to DataFrame
        The tables; `dataset["name"]` gives a copy of one.

    See Also
    --------
    datasets.load : reads one.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.datasets.load("opaak").name
    'opaak'
    """

    name: str
    title: str
    source: str
    licence: str
    note: str
    tables: Mapping[str, pd.DataFrame]

    def __getitem__(self, table: str) -> pd.DataFrame:
        if table not in self.tables:
            raise InputError(f"Data set '{self.name}' has no table {table!r}. {suggest(table, self.tables)}")
        return self.tables[table].copy()

    def __repr__(self) -> str:
        tables = "\n".join(
            f"  ['{name}']: {len(table)} rows; {', '.join(map(str, table.columns))}"
            for name, table in self.tables.items()
        )
        return f"{self.title}\n{tables}\nSource: {self.source}\nLicence: {self.licence}\nNote: {self.note}"


@checked
def load(name: str) -> Dataset:
    """Load a data set.

    Parameters
    ----------
    name : {"kosovo", "netherlands_immigrants", "opaak", "rome_hiv", "synthetic_opaak", "synthetic_peers", "uk_modern_slavery"}
        `netherlands_immigrants`: how often the police apprehended each of 1,880 immigrants without papers.
        `opaak`: published figures of a Dutch study of people who use crack or opioids (2023), with
        counts recovered from its percentages. `synthetic_opaak`: 520 invented interviews that are
        consistent with them, short and with the whole questionnaire. `synthetic_peers`: 400 invented interviews with
        people who recruited one another, of 2,000 of whom all is known. `rome_hiv`, `uk_modern_slavery`
        and `kosovo`: overlaps of four, six and four lists, for capture-recapture.

    Raises
    ------
    InputError
        No such data set.

    See Also
    --------
    names : what there is.
    hiddenpop.read_csv : a table of your own.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.datasets.load("opaak")["benchmarks"]
            group  registered      status
    0     opioids        8126     implied
    1  crack only        4912     implied
    """
    if name not in _LOADERS:
        raise InputError(f"There is no data set {name!r}. {suggest(name, _LOADERS)}")
    return _LOADERS[name]()


@checked
def names() -> list[str]:
    """List the data sets.

    See Also
    --------
    load : reads one.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.datasets.names()
    ['opaak', 'synthetic_opaak', 'synthetic_peers', 'rome_hiv', 'uk_modern_slavery', 'kosovo', 'netherlands_immigrants']
    """
    return list(_LOADERS)


def _netherlands_immigrants() -> Dataset:
    stored: dict[str, Any] = json.loads((HERE / "netherlands_immigrants.json").read_text(encoding="utf-8"))
    return _dataset(stored, {"apprehensions": pd.read_csv(HERE / "netherlands_immigrants.csv")})


def _opaak() -> Dataset:
    stored: dict[str, Any] = json.loads((HERE / "opaak.json").read_text(encoding="utf-8"))
    tables = {key: pd.DataFrame(rows) for key, rows in stored["tables"].items()}
    for key, note in stored["notes"].items():
        tables[key].attrs["note"] = note
    return _dataset(stored, tables)


def _synthetic_opaak() -> Dataset:
    stored: dict[str, Any] = json.loads((HERE / "synthetic_opaak.json").read_text(encoding="utf-8"))
    interviews = pd.read_csv(HERE / "synthetic_opaak.csv")
    tables = {
        "interviews": interviews,
        "questionnaire": interviews.merge(pd.read_csv(HERE / "synthetic_opaak_health.csv"), on="id"),
    }
    for table in tables.values():
        table.attrs["note"] = stored["note"]
    return _dataset(stored, tables)


def _synthetic_peers() -> Dataset:
    stored: dict[str, Any] = json.loads((HERE / "synthetic_peers.json").read_text(encoding="utf-8"))
    whole = {"own_coupon": "Int64", "knows_recruiter": "Int64"}
    interviews = pd.read_csv(HERE / "synthetic_peers.csv", parse_dates=["date"], dtype=whole)
    tables = {"interviews": interviews, **{key: pd.DataFrame(rows) for key, rows in stored["tables"].items()}}
    for table in tables.values():
        table.attrs["note"] = stored["note"]
    return _dataset(stored, tables)


def _overlaps(name: str) -> Dataset:
    stored: dict[str, Any] = json.loads((HERE / "overlaps.json").read_text(encoding="utf-8"))[name]
    table = pd.read_csv(HERE / f"{name}.csv")
    return _dataset({"name": name, **stored}, {"overlaps": table})


def _dataset(stored: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Dataset:
    about = {key: stored[key] for key in ("name", "title", "source", "licence", "note")}
    return Dataset(**about, tables=tables)


_LOADERS: dict[str, Callable[[], Dataset]] = {
    "opaak": _opaak,
    "synthetic_opaak": _synthetic_opaak,
    "synthetic_peers": _synthetic_peers,
    **{name: partial(_overlaps, name) for name in ("rome_hiv", "uk_modern_slavery", "kosovo")},
    "netherlands_immigrants": _netherlands_immigrants,
}
