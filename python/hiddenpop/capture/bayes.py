"""What Bayesian estimates of lists share: tables by stratum in, a leaf with posteriors out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from ..draws.settings import check_replicates
from ..errors import InputError
from ..ground.columns import Floats
from ..ground.language import english
from ..sample import design
from ..sources.posterior import Posterior
from .estimator import check

if TYPE_CHECKING:
    from .lists import Lists


class Stratum(NamedTuple):
    """One table to find a posterior for."""

    label: Any
    names: tuple[str, ...]
    #: People by history of these lists.
    table: Floats

    @property
    def seen(self) -> int:
        """People on at least one list."""
        return int(self.table.sum())


def strata(lists: Lists, by: str | Sequence[str] | None, what: str, most: int) -> tuple[list[Stratum], pd.Index[Any]]:
    """Return each stratum's table of the lists that operate there, or say why there is none."""
    check(lists)
    group, labels = lists.groups(by)
    found = []
    for label, table, open in zip(labels, lists.tables(group), lists.open(group), strict=True):
        where = f" in {label!r}" if by is not None else ""
        used = [j for j in range(len(lists)) if open[1 << j]]
        if len(used) < 3:
            raise InputError(
                f"{what} needs three lists at least{where}, not {len(used)}: two lists can't tell whether they depend on one "
                "another, and the prior alone would decide. For two lists: hp.chapman(lists), with hp.dependence(lists)."
            )
        if len(used) > most:
            raise InputError(
                f"{what} takes up to {most} lists, not {len(used)}. Pick some, lists['a', 'b', 'c'], or join lists of the same "
                "kind; for more lists use hp.latent_class."
            )
        cell = np.arange(len(table))
        kept = np.zeros(len(table), dtype=np.int64)
        for bit, place in enumerate(used):
            kept |= ((cell >> place) & 1) << bit
        counts = np.bincount(kept, weights=table, minlength=1 << len(used)).astype(float)
        counts[0] = 0
        if not counts.sum():
            raise InputError(f"Nobody{where} is on these lists, so there is nothing to estimate from.")
        if not any(counts[cell] for cell in range(len(counts)) if cell.bit_count() > 1):
            raise InputError(
                f"Nobody{where} is on two lists, so the lists set no bound and the prior alone would decide where the size ends. "
                "Check how records were linked (hp.dedupe_check)."
            )
        found.append(Stratum(label, tuple(lists.names[j] for j in used), counts))
    return found, labels


def leaf(
    lists: Lists,
    parts: list[Stratum],
    laws: Sequence[Any],
    *,
    title: str,
    sentence: str,
    references: tuple[str, ...],
    key: str,
    notes: Sequence[str],
    found: tuple[Any, ...],
    view: str,
    replicates: int | None,
) -> Posterior:
    """Make the leaf of an estimate."""
    record = lists.record
    return Posterior(
        title=title,
        sentence=english("From {design} {sentence}.", design=record.design, sentence=sentence),
        references=references,
        laws=tuple(laws),
        key=key,
        data=(record.fingerprint, record.title),
        seed=record.seed,
        replicates=record.replicates if replicates is None else check_replicates(replicates),
        point=np.array([law.mean for law in laws]),
        n=np.array([float(part.seen) for part in parts]),
        notes=(*notes, *((record.note,) if record.note else ())),
        found=found,
        view=view,
        sized_by="lists",
        calls=record.calls,
    )


def key(lists: Lists, method: str, by: str | Sequence[str] | None, *settings: object) -> str:
    """Name a posterior by all that it depends on."""
    return f"{method} of {lists.record.fingerprint}: {lists.names}, by {design.names(by)}, {settings}"


def labelled(by: str | Sequence[str] | None, labels: pd.Index[Any], name: str) -> tuple[pd.Index[Any], bool]:
    """Return labels of an estimate, and whether it is one number."""
    return (pd.Index([name]), True) if by is None else (labels, False)
