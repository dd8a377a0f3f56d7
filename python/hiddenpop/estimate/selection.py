"""Picking labels of an estimate, as pandas would: one, several, by outer or inner level, by a mask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, in_words, suggest
from ..expression.labelled import Labelled
from ..expression.operations import Take
from ..ground import checks
from ..ground.text import cut, label_of


def pick(est: Labelled, label: Any) -> Labelled:
    """Return what `est[label]` means."""
    if isinstance(label, (pd.Series, np.ndarray)) and label.dtype == bool:
        label = _marked(est, label)
    if isinstance(label, (list, pd.Index)):
        several = [i for one in label for i in _under(est, one)]
        if not several:
            raise InputError(f"No label of {est.name!r} was picked.")
        checks.once(est.labels[several], f"What is picked of {est.name!r} has")
        return _take(est, several, est.labels[several], est.name)
    if isinstance(label, slice) or (isinstance(label, tuple) and any(isinstance(one, slice) for one in label)):
        return _inner(est, label)
    if est.labels.nlevels > 1 and not (isinstance(label, tuple) and len(label) == est.labels.nlevels):
        keep = _under(est, label)
        outer = label if isinstance(label, tuple) else (label,)
        title = cut(f"{est.name}, {', '.join(map(str, outer))}")
        return _take(est, keep, _without(est.labels[keep], range(len(outer))), title)
    place = (position(est, label),)
    name = label_of(label)
    return Labelled(Take((est.node,), place), pd.Index([name]), True, name)


def position(est: Labelled, label: Any) -> int:
    """Return the position of one whole label."""
    try:
        hash(label)
        found = est.labels.get_loc(label)
    except (KeyError, TypeError, ValueError, OverflowError, pd.errors.InvalidIndexError):
        found = None
    if not isinstance(found, (int, np.integer)):
        known = [", ".join(map(str, k)) if isinstance(k, tuple) else k for k in est.labels]
        raise InputError(f"{est.name!r} has no label {in_words(label)}. {suggest(label, known)}")
    return int(found)


def _under(est: Labelled, label: Any) -> list[int]:
    """Positions of a label, or of all labels under an outer one."""
    outer = label if isinstance(label, tuple) else (label,)
    if est.labels.nlevels == len(outer):
        return [position(est, label)]
    keep = [
        i for i, row in enumerate(est.labels) if isinstance(row, tuple) and checks.among(outer, [row[: len(outer)]])
    ]
    if not keep:
        raise InputError(
            f"{est.name!r} has no label {in_words(label)}. {suggest(outer[0], est.labels.get_level_values(0).unique())}"
        )
    return keep


def _inner(est: Labelled, label: Any) -> Labelled:
    """Pick by inner levels: est[:, "yes"]."""
    picks = label if isinstance(label, tuple) else (label,)
    if len(picks) != est.labels.nlevels or any(isinstance(p, slice) and p != slice(None) for p in picks):
        raise InputError("Only whole levels are taken by a colon, one entry a level, such as est[:, 'yes'].")
    fixed = {level: p for level, p in enumerate(picks) if not isinstance(p, slice)}
    if not fixed:
        return est
    keep = [i for i, row in enumerate(est.labels) if all(checks.among(p, [row[level]]) for level, p in fixed.items())]
    if not keep:
        level, wanted = next(iter(fixed.items()))
        known = est.labels.get_level_values(level).unique()
        raise InputError(f"{est.name!r} has no label {in_words(wanted)} there. {suggest(wanted, known)}")
    title = cut(f"{est.name}, {', '.join(str(p) for p in fixed.values())}")
    return _take(est, keep, _without(est.labels[keep], fixed), title)


def _marked(est: Labelled, mask: Any) -> pd.Index[Any]:
    if isinstance(mask, pd.Series):
        checks.once(mask.index, "The mask has")
    marks = mask.reindex(est.labels) if isinstance(mask, pd.Series) else pd.Series(mask)
    if len(marks) != len(est.labels) or marks.isna().any():
        raise InputError(f"The mask does not say for each of the {len(est.labels)} labels whether to pick it.")
    return est.labels[marks.to_numpy(dtype=bool)]


def _without(labels: Any, levels: Any) -> Any:
    for level in sorted(levels, reverse=True):
        labels = labels.droplevel(level)
    return labels


def _take(est: Labelled, positions: list[int], labels: pd.Index[Any], name: str) -> Labelled:
    return Labelled(Take((est.node,), tuple(positions)), labels, False, name)


def renamed(est: Labelled, name: object) -> pd.Index[Any]:
    """Return labels under other names, given by a mapping; see `Estimate.rename`."""
    if est.labels.nlevels > 1:
        raise InputError("Labels of several levels are renamed one level at a time: pick a group first.")
    if not isinstance(name, Mapping):
        raise InputError("rename takes a new name, or a mapping of labels to new labels.")
    unknown = [label for label in name if label not in est.labels]
    if unknown:
        raise InputError(f"{est.name!r} has no label {in_words(unknown[0])}. {suggest(unknown[0], est.labels)}")
    if any(isinstance(label, tuple) for label in name.values()):
        raise InputError("Labels are renamed to texts or numbers; a tuple would be a label of several levels.")
    if pd.Series(list(name.values()), dtype=object).isna().any():
        raise InputError("Renaming gives a label no name.")
    new: pd.Index[Any] = pd.Index([name.get(label, label) for label in est.labels], name=est.labels.name)
    if not new.is_unique:
        raise InputError("Renaming gives two labels the same name.")
    return new
