"""Multiple imputation in an expression: the same statistic of several completed tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..errors import InputError, listing
from ..ground.columns import Bools, Floats
from . import graph
from .nodes import Node, Quantity
from .typed import require


@dataclass(frozen=True, eq=False, repr=False)
class Pooled(Node):
    """The same statistic of several imputations."""

    public: ClassVar[tuple[str, ...]] = ("args",)

    args: tuple[Node, ...]

    def confirm(self) -> None:
        """Refuse imputations of different questions, or of one only."""
        require(self, len(self.args) > 1, len({(len(arg.point), arg.quantity) for arg in self.args}) == 1)

    @property
    def point(self) -> Floats:
        """The mean over imputations (Rubin 1987, Multiple Imputation for Nonresponse in Surveys, eq. 3.1.2)."""
        return np.asarray(np.mean([arg.point for arg in self.args], axis=0))

    @property
    def quantity(self) -> Quantity:
        """As the imputations'."""
        return self.args[0].quantity

    @property
    def units(self) -> list[str]:
        """As the imputations'."""
        return self.args[0].units

    @property
    def n(self) -> Floats | None:
        """The participants of the first imputation; all have the same ones."""
        return self.args[0].n

    @property
    def missing(self) -> Floats | None:
        """Answers that are missing after imputation."""
        return self.args[0].missing

    @property
    def imputations(self) -> int:
        """How many there are."""
        return len(self.args)

    def reaches(self) -> list[Bools]:
        """Return each label's own in every imputation."""
        return [np.eye(len(self.args[0].point), dtype=bool)] * len(self.args)

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Take each replicate from its imputation, stretched away from the mean."""
        count = len(self.args)
        which = np.arange(start, stop) % count
        points = np.stack([arg.point for arg in self.args])
        shift = (np.sqrt((count + 1) / (count - 1)) - 1) * (points - points.mean(axis=0))
        out = np.empty((points.shape[1], stop - start))
        for m, value in enumerate(values):
            mine = which == m
            whole = np.broadcast_to(value, out.shape)
            out[:, mine] = whole[:, mine] + shift[m][:, None]
        return out


def find(node: Node) -> list[Pooled]:
    """List the pooled statistics in an expression."""
    return [other for other in graph.walk(node) if isinstance(other, Pooled)]


def parts(node: Node) -> list[Node]:
    """List what an expression is computed from: its sources, those of imputations pooled."""
    found = graph.walk(node, known=lambda other: isinstance(other, Pooled))
    return [part for part in found if isinstance(part, Pooled) or graph.is_source(part)]


def first(node: Node) -> Node:
    """Return an expression with the first imputation in place of all, to describe it by."""
    return graph.rebuild(node, lambda leaf: leaf, {p: p.args[0] for p in find(node)})


def rubin(node: Node, each: Callable[[Node], tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Pool what `each` says of an expression (covariance, degrees of freedom) over its imputations.

    Rubin (1987), eq. 3.1.5; degrees of freedom of Barnard and Rubin (1999, Biometrika 86:948-955), whose
    complete-data degrees of freedom are the smallest of the imputations'.
    """
    pooled = find(node)
    counts = {len(p.args) for p in pooled}
    if len(counts) > 1:
        raise InputError(f"The expression pools different numbers of imputations ({listing(sorted(counts))}).")
    count = counts.pop()
    covariances, points, freedoms = [], [], []
    for m in range(count):
        one = graph.rebuild(node, lambda leaf: leaf, {p: p.args[m] for p in pooled})
        covariance, df = each(one)
        covariances.append(covariance)
        points.append(one.point)
        freedoms.append(df)
    within = np.mean(covariances, axis=0)
    with np.errstate(invalid="ignore"):  # of what is infinite
        between = np.atleast_2d(np.cov(np.stack(points, axis=1), ddof=1))
    total = within + (1 + 1 / count) * between
    complete = np.min(freedoms, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(np.diag(total) > 0, (1 + 1 / count) * np.diag(between) / np.diag(total), 0.0)
    return total, freedom(share, count, complete)


def freedom(share: Floats, count: int, complete: Floats, numbers: int = 1) -> Floats:
    """Return Barnard and Rubin's degrees of freedom, where imputing makes up a share of the variance.

    Of several numbers together, whose average share it is, imputations say more: Li, Raghunathan and Rubin (1991, JASA
    86:1065-1073).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        from_imputing, times = (count - 1) / share**2, numbers * (count - 1)
        if numbers > 1 and times > 4:
            from_imputing = 4 + (times - 4) * (1 + (1 - 2 / times) * (1 - share) / share) ** 2
        elif numbers > 1:
            from_imputing = times * (1 + 1 / numbers) / 2 / share**2
        observed = np.where(np.isinf(complete), np.inf, (complete + 1) / (complete + 3) * complete * (1 - share))
        return np.asarray(1 / (1 / from_imputing + 1 / observed))
