"""What a fitted model tells of groups of participants: sums of the outcome, for every term of the formula.

The score equations of a model say that its fitted values and the outcome have the same sums over every column of the model
matrix. Who knows the coefficients and how many participants are of each kind knows these sums, of the reference too: for a
term of categories they are how many with the outcome are in each of its cells (Reznek 2003, on models whose predictors are
all categories).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..answers.contributions import concentrated, concentrated_by
from ..errors import listing
from ..expression.rests import Rests
from ..ground.columns import Bools, Codes, Floats
from ..ground.matrices import ModelMatrix
from ..sample.cut import Cut
from ..sample.groups import Mask, inside_of
from ..sample.sample import Sample
from .glm import Fit


@dataclass(frozen=True, eq=False)
class Margins:
    """The terms of a model: which columns of the table make them, and which of the model matrix they and their parts have."""

    outcome: str
    terms: tuple[tuple[tuple[str, ...], tuple[int, ...]], ...]

    @classmethod
    def of(cls, predictors: ModelMatrix, outcome: str) -> Margins:
        """Read them off a model matrix."""
        always = tuple(j for j, column in enumerate(predictors.values.T) if np.ptp(column) == 0)
        found: list[tuple[tuple[str, ...], tuple[int, ...]]] = [((), always)]
        every: set[str] = set()
        if predictors.terms is not None:
            uses, factors = predictors.terms.uses, predictors.terms.factors
            for term, own in predictors.places.items():
                inner = [t for t in predictors.places if set(factors[t]) <= set(factors[term])]
                places = {j for t in inner for j in predictors.places[t]} | set(own) | set(always)
                found.append((tuple(sorted(uses[term])), tuple(sorted(places))))
                every |= uses[term]
        found.append((tuple(sorted(every)), tuple(range(predictors.values.shape[1]))))
        return cls(outcome, tuple(dict.fromkeys(found)))


def rests_on(sample: Sample, fit: Fit, margins: Margins, where: str | Mask | None, labels: int, below: int) -> Rests:
    """Return the margins that a model fits as cross-tables, and whether they tell of few: then nothing of it may be shown."""
    people = sample.multiplicity[fit.rows].astype(float)
    binary = bool(np.isin(fit.y, (0.0, 1.0)).all())
    cuts = list(_cuts(sample, fit, margins, where, binary=binary, below=below))
    few = bool(people.sum() - fit.x.shape[1] < below) or _column_of_few(fit, people, below, binary=binary)
    few |= any(of_few(cut, below) for cut in cuts)
    if few:
        for cut in cuts:
            cut.hidden[:] = True
    return Rests(np.full(labels, few), whole=tuple(cuts))


def of_few(cut: Cut, below: int) -> bool:
    """Say whether few are in a cell, or make up its sum."""
    counts = cut.counts[:, : cut.groups]
    small = (counts > 0) & (counts < below)
    small |= ((counts.sum(axis=0) > 0) & (counts.sum(axis=0) < below))[None, :]
    return bool(small.any()) or (cut.secret is not None and bool(cut.secret.any()))


def _column_of_few(fit: Fit, people: Floats, below: int, *, binary: bool) -> bool:
    """Say whether few make up a column of the model matrix, or its sum over those with or without the outcome."""
    sides = [fit.y, 1 - fit.y] if binary else [fit.y]
    return any(
        concentrated(values, people, below)
        for column in fit.x.T
        for values in ([column] if np.ptp(column) else []) + [column * side for side in sides]
    )


def _cuts(
    sample: Sample, fit: Fit, margins: Margins, where: str | Mask | None, *, binary: bool, below: int
) -> Iterator[Cut]:
    """Yield a cross-table for each term that has a coefficient for every one of its cells: their sums are told."""
    for names, places in margins.terms:
        pattern, cells = _patterns(fit.x[:, list(places)])
        if cells > max(len(places), 1):
            continue  # numbers among them: their sums are looked at column by column
        yield cut_of(sample, fit, margins.outcome, names, pattern, cells, where, binary=binary, below=below)


def cut_of(
    sample: Sample,
    fit: Fit,
    outcome: str,
    names: tuple[str, ...],
    pattern: Codes,
    cells: int,
    where: str | Mask | None,
    *,
    binary: bool,
    below: int,
) -> Cut:
    """Return the outcome of the participants in a model by cells of some columns; `pattern` has the cell of each."""
    rows = np.zeros(len(sample.units), dtype=bool)
    rows[fit.rows] = True
    asked, domain = _domain(sample, rows, where, outcome)
    y = np.full(len(rows), np.nan)
    y[fit.rows] = fit.y
    group = np.full(len(rows), -1, dtype=np.int64)
    group[fit.rows] = pattern
    level = np.where(rows, np.nan_to_num(y) if binary else 0, -1).astype(np.int64)
    lines = 2 if binary else 1
    cut = Cut(
        sample, outcome, names, level, group, lines, cells, np.zeros((lines, cells), dtype=bool),
        sums=not binary, where=asked, domain=domain, fixed=False,
        yields=True, names=("0", "1") if binary else None, heads=_heads(sample, names, pattern, fit.rows, cells),
    )  # fmt: skip
    if not binary:
        cut.secret = concentrated_by(y, group, cells, sample.multiplicity, below)[None, :]
    return cut


def _patterns(x: Floats) -> tuple[Codes, int]:
    """Return which rows are alike, and how many kinds there are."""
    if not x.shape[1]:
        return np.zeros(len(x), dtype=np.int64), 1
    found, place = np.unique(x, axis=0, return_inverse=True)
    return place.ravel().astype(np.int64), len(found)


def _heads(sample: Sample, names: tuple[str, ...], pattern: Codes, rows: Codes, cells: int) -> tuple[str, ...]:
    """Name the cells of a term by the answers that make them."""
    table = sample.units.iloc[rows]
    heads = []
    for cell in range(cells):
        among = table.iloc[np.flatnonzero(pattern == cell)]
        texts = [f"{name} {listing(list(dict.fromkeys(among[name].tolist())), shown=3)}" for name in names]
        heads.append(", ".join(texts))
    return tuple(heads)


def _domain(
    sample: Sample, rows: Bools, where: str | Mask | None, outcome: str
) -> tuple[str | Mask | None, Bools | None]:
    """Return whom the model is about: who answered the outcome in its domain, or fewer where predictors are missing."""
    inside, _ = inside_of(sample, where)
    answered = sample.counted.copy()
    if outcome in sample.units.columns:
        answered &= ~sample.units[outcome].isna().to_numpy()
    if ((inside & answered) == rows).all():
        return where, None if where is None else inside
    return Mask(rows), rows
