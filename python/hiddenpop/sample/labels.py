"""What columns and their levels are called: as a file says, or the user."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from ..errors import InputError, in_words, listing, suggest
from ..ground import columns

#: A column's label; or those of its levels; or both.
Labels: TypeAlias = Mapping[str, "str | Mapping[Any, str] | tuple[str, Mapping[Any, str]]"]
#: A level of a column, and what is between two terms that are multiplied.
LEVEL, TIMES = "{column}: {level}", " × "
SHAPE = (
    "labels= names columns, as {{'treat': 'In treatment'}}, their levels, as {{'sex': {{'m': 'men', 'f': 'women'}}}}, or both, as "
    "{{'sex': ('Sex', {{'m': 'men'}})}}; {column!r} has {given}."
)


def labelled(frame: pd.DataFrame, given: Labels | None) -> pd.DataFrame:
    """Return a table whose columns are called as the user says, else as its file says, and whose levels have their labels."""
    if given is None:
        return frame
    names: dict[str, str] = {}
    made = {}
    for name, label in given.items():
        values = columns.column(frame, name)
        title, levels = _parts(label)
        if not (title is None or isinstance(title, str)) or not (levels is None or isinstance(levels, Mapping)):
            raise InputError(SHAPE.format(column=name, given=in_words(label)))
        if title is not None:
            if not title.strip():
                raise InputError(f"labels= gives column {name!r} a blank label.")
            names[str(name)] = title.strip()
        if levels:
            made[name] = _relabelled(name, values, levels)
    result = frame.assign(**made) if made else frame.copy(deep=False)
    from_file = frame.attrs.get("labels", {})
    known = {**(from_file if isinstance(from_file, Mapping) else {}), **names}
    check_apart(known, names)
    result.attrs = {**frame.attrs, "labels": known}
    return result


def check_apart(titles: Mapping[str, str], given: Iterable[str]) -> None:
    """Refuse a label that the user gives to a column while another is called so."""
    of: dict[str, str] = {}
    for name, title in titles.items():
        of.setdefault(title, name)
        if of[title] != name and not {name, of[title]}.isdisjoint(given):
            raise InputError(f"labels= calls two columns {title!r}: {listing([of[title], name])}.")


def _parts(label: object) -> tuple[Any, Any]:
    """Tell a column's label from those of its levels."""
    if isinstance(label, tuple) and len(label) == 2:
        return label
    return (None, label) if isinstance(label, Mapping) else (label, None)


def of_term(term: object, labels: Mapping[str, str]) -> str:
    """Call a term of a formula by the labels of its columns: group[T.crack] is Drug: crack, and a:b is A × B."""
    if not labels:
        return str(term)
    parts = [re.fullmatch(r"(.+?)\[(?:T\.)?(.*)\]", one) for one in str(term).split(":")]
    told = [
        labels.get(one, one) if part is None else LEVEL.format(column=labels.get(part[1], part[1]), level=part[2])
        for one, part in zip(str(term).split(":"), parts, strict=True)
    ]
    return TIMES.join(told)


def _relabelled(name: str, values: pd.Series[Any], levels: Mapping[Any, str]) -> pd.Series[Any]:
    """Put labels in the place of levels, in the order of the levels where they have one."""
    codes, found = columns.categories(values)
    known = found.tolist()
    unknown = [level for level in levels if level not in known]
    if unknown:
        raise InputError(
            f"labels= names the level {in_words(unknown[0])}, which column {name!r} doesn't have. {suggest(unknown[0], known)}"
        )
    new = [levels.get(level, level) for level in known]
    wrong = [label for label in levels.values() if not isinstance(label, str) or not label.strip()]
    if wrong:
        raise InputError(f"A level of column {name!r} is labelled {in_words(wrong[0])}; labels are texts.")
    if len(set(new)) < len(new):
        raise InputError(
            f"labels= gives two levels of column {name!r} one label. To join levels recode them beforehand."
        )
    ordered = isinstance(values.dtype, pd.CategoricalDtype) and bool(values.cat.ordered)
    texts = pd.Index(new, dtype=object)
    made = pd.Categorical.from_codes(np.asarray(codes, dtype=np.int64), categories=texts, ordered=ordered)
    return pd.Series(made, values.index, name=values.name)
