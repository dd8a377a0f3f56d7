"""Tables of a model at many values of its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..errors import warn
from ..estimate.estimate import Estimate
from ..ground import checks
from ..ground.text import another
from .evaluate import Model


def tabulate(
    model: Model, base: Estimate, head: pd.DataFrame, cases: Sequence[Mapping[str, float]], level: float | None
) -> pd.DataFrame:
    """Put estimates beside the values in `head`, a row for each case and label; intervals where there is a level."""
    labels = len(base)
    if level is not None:
        values, notes = model.intervals(cases, checks.check_level(level), labels)
    else:
        # Inputs that a case leaves out keep their base values.
        changed = dict.fromkeys(name for case in cases for name in case)
        given = {n: np.array([case.get(n, model.base[n]) for case in cases]) for n in changed}
        values = model.points(given).T[:, :, None]
        lost = int(np.isnan(values).sum())
        notes = [f"There is no estimate at {lost:,} of {values.size:,} values"] if lost else []
    for note in notes:
        warn(note)
    columns = ["estimate", "lower", "upper"][: values.shape[2]]
    numbers = pd.DataFrame(values.reshape(-1, len(columns)), columns=columns)
    head = head.rename(columns={name: another(str(name), columns, "input") for name in head})
    if base.scalar:
        return pd.concat([head, numbers], axis=1)
    head = head.loc[head.index.repeat(labels)].reset_index(drop=True)
    frame = base.labels.to_frame(index=False)
    names = [name if isinstance(name, str) else "label" for name in base.labels.names]
    frame.columns = pd.Index([another(name, [*head.columns, *columns], "label") for name in names])
    return pd.concat([head, pd.concat([frame] * len(cases), ignore_index=True), numbers], axis=1)
