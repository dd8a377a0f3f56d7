"""What all estimates of lists share: a leaf of expressions that redraws lists and asks a method.

A method turns tables of people by history into sizes. How lists are redrawn, by which bootstrap, for which
strata, and what BCa and linearised standard errors need, is here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, cast

import numpy as np
import pandas as pd

from .. import _core
from ..draws import settings
from ..errors import EstimationError, InputError, in_words, listing, warn
from ..estimate.estimate import Estimate
from ..expression import graph
from ..expression.nodes import SELF, Node, Quantity, Reading, Sizing, Source
from ..expression.one_source import Units
from ..expression.rests import Rests, on_seen
from ..expression.typed import require
from ..expression.typed import settings as settings_within
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Bools, Codes, Floats
from ..ground.language import english, read, tr
from ..ground.signatures import MADE_BY
from ..ground.text import enumerated
from ..sample import design
from ..uncertainty import kept
from ..uncertainty.notes import Note
from .lists import Lists
from .method import Method
from .record import ListsRecord
from .redraws import ListsKernel, Redraw

#: How people are redrawn.
BOOTSTRAPS = {
    "full": english(
        "drawing the number of people seen from Binomial(N, n / N), with N the estimate, and their histories from those "
        "observed (Buckland and Garthwaite 1991)"
    ),
    "conditional": english("redrawing the n people seen with replacement, as if their number were fixed"),
    "parametric": english("drawing histories from the fitted model, seen or not (parametric bootstrap)"),
}
#: What to cite for it.
CITED = {"full": (BIBLIOGRAPHY["Buckland and Garthwaite 1991"],)}
#: A size that lies beside the people seen by less than this share of them does so by rounding.
ROUNDING = 1e-9
NO_JACKKNIFE = (
    "Leaving out people who were seen says nothing about how many are, so there is no jackknife standard error of a "
    "size from lists. Use the draws: se(), or se('linearized')."
)


def account(record: ListsRecord, sentence: str, names: Sequence[str], by: Sequence[str], bootstrap: str) -> str:
    """Say from which lists something was estimated, and where uncertainty comes from."""
    used = tr("lists {names}", names=", ".join(names))
    if by:
        used = tr("{lists}, by {columns}", lists=used, columns=enumerated(list(by)))
    first = tr("From {design} {sentence} ({lists}).", design=read(record.design), sentence=read(sentence), lists=used)
    return f"{first} {tr('Uncertainty comes from {redraws}.', redraws=read(BOOTSTRAPS[bootstrap]))}"


@dataclass(frozen=True, eq=False, repr=False)
class Captured(Source):
    """A size that a method finds from lists, as a leaf of expressions."""

    tells: ClassVar[int] = SELF
    public: ClassVar[tuple[str, ...]] = (
        "method",
        "record",
        "names",
        "by",
        "bootstrap",
        "replicates",
        "point",
        "n",
        "notes",
        "args",
        "quantity",
        "missing",
        "unmet",
    )

    method: Method
    #: None once an estimate was saved.
    lists: Lists | None
    record: ListsRecord
    names: tuple[str, ...]
    by: tuple[str, ...]
    bootstrap: str
    replicates: int
    point: Floats
    n: Floats | None
    notes: tuple[str, ...] = ()
    args: tuple[Node, ...] = ()
    quantity: Quantity = "size"
    missing: Floats | None = None
    #: Groups whose redraws lack what says how large the size may be.
    unmet: tuple[int, ...] = ()

    def confirm(self) -> None:
        """Refuse a bootstrap that there is not, and people of other labels."""
        require(
            self, self.bootstrap in BOOTSTRAPS, settings_within(self.record.seed, self.replicates), self.n is not None
        )
        require(self, all(0 <= place < len(self.point) for place in self.unmet))

    @property
    def origin(self) -> ListsRecord:
        """The lists' record: joint with all their estimates."""
        return self.record

    @property
    def title(self) -> str:
        """The method's name, for tables."""
        return self.method.title

    @property
    def caveats(self) -> tuple[str, ...]:
        """What must be known to read the number."""
        return (*((self.record.note,) if self.record.note else ()), *self.notes)

    @property
    def floor(self) -> Floats | None:
        """The people seen on the lists in use."""
        return self.n if self.method.whole else None

    @property
    def blind(self) -> Bools:
        """Groups with nobody unseen, or infinitely many, and those whose lists never meet."""
        result = np.isposinf(self.point)
        if self.method.whole:
            result |= self.point <= cast("Floats", self.n) * (1 + ROUNDING)
        result[list(self.unmet)] = True
        return np.asarray(result)

    @property
    def advice(self) -> str:
        """What the method says."""
        return self.method.advice

    @property
    def default_interval(self) -> str | None:
        """The method's own, if it has one: it covers better than redraws where nearly all, or hardly any, are on several lists.

        Never one that ends below an estimate which is infinite. Who asks for another bootstrap than the full one is given its
        percentiles, unless they are blind.
        """
        own = next(iter(self.own_intervals), None)
        if self.lists is None:
            return None if kept.limits_of(self) is None else own
        if self.method.bounded and np.isposinf(self.point).any():
            return None
        return own if self.blind.any() else self.method.preferred if self.bootstrap == "full" else None

    @property
    def estimator(self) -> str:
        """What made it, for tables."""
        return self.title

    @property
    def no_jackknife(self) -> str:
        """Leaving out people who were seen says nothing about how many are."""
        return NO_JACKKNIFE

    @property
    def deletable(self) -> bool:
        """Kinds of people can be left out in turn: that is what accelerates an interval."""
        return True

    @property
    def analytic(self) -> bool:
        """Some methods have a formula, and say so where not."""
        return True

    def describe(self) -> tuple[list[str], list[str]]:
        """Return a sentence and references for a methods section."""
        return [account(self.record, self.method.sentence, self.names, self.by, self.bootstrap)], [
            self.method.reference,
            *CITED.get(self.bootstrap, ()),
        ]

    sized_by: ClassVar[Sizing] = "lists"

    def rests_on(self, below: int) -> Rests:
        """Hide sizes of groups of whom few were seen; others are shown, however few people are in an overlap."""
        return on_seen(len(self.point), self.n, below)

    def reseed(self, *, seed: int | None, replicates: int | None) -> Captured:
        """Return the same estimate under other settings."""
        return replace(
            self,
            lists=self.lists and self.lists._reseed(seed=seed, replicates=replicates),
            record=self.record.reseed(seed=seed, replicates=replicates),
            replicates=self.replicates if replicates is None else replicates,
        )

    # Draws

    @classmethod
    def reader(cls, together: Sequence[Captured]) -> Reading:
        """Ask the method for the sizes of redrawn lists."""
        (leaf,) = together
        return Reading([leaf], leaf.kernel, leaf.method.first_range)

    def require_live(self) -> None:
        """Say why it can't be drawn again."""
        if self.lists is None:
            raise EstimationError(
                f"'{self.title}' was saved without its lists, so it can't be drawn again. Make it anew from the lists."
            )

    @cached_property
    def kernel(self) -> ListsKernel:
        """What redraws the lists and asks the method."""
        lists, group, tables, opens = self.data
        if self.bootstrap == "parametric":
            redraw = self._from_model()
        else:
            redraw = lists.redrawn(self.point if self.bootstrap == "full" else tables.sum(axis=1), group)
        return ListsKernel(redraw, self.method, tables, opens, ~np.isnan(self.point))

    def _from_model(self) -> Redraw:
        """Redraw histories from the fitted model."""
        _, _, tables, opens = self.data
        fitted = np.stack([self.method.fitted(t, o) for t, o in zip(tables, opens, strict=True)])
        fitted[:, 0] = 0
        fitted[~(fitted > 0)] = 0
        group, cell = np.nonzero(fitted)
        core = _core.ListsRedraw(group.astype(np.uint32), fitted[group, cell], tables.sum(axis=1).astype(np.uint64))
        record = self.record
        shape = len(tables), tables.shape[1]
        return Redraw(core, record.seed, record.fingerprint, self.point.tolist(), group, cell, shape)

    @cached_property
    def data(self) -> tuple[Lists, Codes, Floats, Floats]:
        """The lists, each stratum's group, and the groups' tables and which of their histories can occur."""
        self.require_live()
        lists = cast(Lists, self.lists)
        group = lists.groups(self.by)[0]
        return lists, group, lists.tables(group), lists.open(group)

    # What intervals and standard errors ask for

    @property
    def own_intervals(self) -> tuple[str, ...]:
        """Names of the method's own intervals."""
        return self.method.intervals

    def own_interval(self, name: str, tail: float) -> tuple[Floats, list[Note]]:
        """Return an interval of the method's own (labels x 2)."""
        limits = kept.limits_of(self) if self.lists is None else None
        if limits is not None and name == self.default_interval:
            return limits.at(tail, self.title), []
        _, _, tables, opens = self.data
        ends = np.full((len(tables), 2), np.nan)
        for row, (table, open) in enumerate(zip(tables, opens, strict=True)):
            if not np.isnan(self.point[row]):
                ends[row] = self.method.interval(name, table, open, tail)
        lost = np.isnan(ends).any(axis=1) & ~np.isnan(self.point)
        notes = [Note(f"No {name} interval: the model could not be fitted", tuple(np.flatnonzero(lost)))]
        beyond = np.isinf(ends).any(axis=1)
        if beyond.any():
            text = "An end of the interval is infinite: the counts set no bound on that side"
            notes.append(Note(text, tuple(np.flatnonzero(beyond))))
        return ends, notes if lost.any() else notes[1:]

    def covariance(self) -> Floats:
        """Return the analytic covariance (labels x labels): groups are independent."""
        _, _, tables, opens = self.data
        values = [self.method.variance(t, o) for t, o in zip(tables, opens, strict=True)]
        if np.isnan(values).all():
            raise EstimationError(f"There is no formula for the standard error of '{self.title}'. Use the draws: se().")
        return np.diag(values)

    def without_each(self) -> tuple[Floats, Units]:
        """Return the sizes without one person of each history (labels x units), the unseen ones last.

        The people whose chance is redrawn are those seen, and as many unseen as estimated.
        """
        lists, group, _, _ = self.data
        units, strata = len(lists._people), len(lists.strata)
        less = np.tile(lists._people[:, None], (1, units)) - np.eye(units)
        redrawn = lists.project(less, group)
        result = np.tile(self.point[:, None], (1, units + strata))
        with np.errstate(divide="ignore", invalid="ignore"):
            for row, (size, table) in enumerate(zip(self.kernel.sizes, redrawn, strict=True)):
                mine = group[lists._stratum] == row
                result[row, :units][mine] = size(np.ascontiguousarray(table[mine]), settings.threads())
        seen = np.bincount(lists._stratum, weights=lists._people, minlength=strata)
        used = lists.project(lists._people[:, None], np.arange(strata))[:, 0].sum(axis=1)
        sizes = self.point[group] * used / np.bincount(group, weights=used)[group]
        unseen = np.maximum(np.nan_to_num(sizes, posinf=0) - seen, 0) if self.bootstrap != "conditional" else 0 * seen
        stratum = np.concatenate([lists._stratum, np.arange(strata)])
        return result, Units(np.concatenate([lists._people, unseen]), stratum)


def estimate(
    lists: Lists,
    method: Method,
    *,
    by: str | Sequence[str] | None = None,
    bootstrap: str = "full",
    name: str = "population size",
    replicates: int | None = None,
    notes: tuple[str, ...] = (),
) -> Estimate:
    """Estimate the size of each group by a method, as an `Estimate`."""
    check(lists)
    if bootstrap not in BOOTSTRAPS:
        raise InputError(f"bootstrap={bootstrap!r} is not one of {', '.join(map(repr, BOOTSTRAPS))}.")
    group, labels = lists.groups(by)
    tables, opens = lists.tables(group), lists.open(group)
    point = np.array(
        [_size(method, table, open) for table, open in zip(tables, opens, strict=True)],
        dtype=float,
    )
    undefined, infinite = np.isnan(point), np.isposinf(point)
    for marked, what in ((undefined, "has no estimate"), (infinite, "has no finite estimate")):
        reasons = [method.reason(tables[i], opens[i]) for i in np.flatnonzero(marked)]
        text = "; ".join(dict.fromkeys(reasons))
        if marked.any() and (undefined | infinite).all():
            raise EstimationError(f"'{method.title}' {what}: {text}.")
        if marked.any():
            warn(f"'{method.title}' {what} for {listing(list(labels[marked]))}: {text}.")
    seen = tables.sum(axis=1)
    if method.whole:
        point, more = not_below(method.title, point, seen, labels)
        notes = (*notes, *more)
    wanted = design.names(by)
    node = Captured(
        method=method,
        lists=lists,
        record=lists.record,
        names=lists.names,
        by=wanted,
        bootstrap=bootstrap,
        replicates=lists.replicates if replicates is None else settings.check_replicates(replicates),
        point=point,
        n=seen,
        notes=notes,
        unmet=tuple(row for row, table in enumerate(tables) if method.blind(table)),
    )
    if bootstrap == "parametric":
        method.fitted(tables[0], opens[0])  # raises where there is no model
    if not wanted:
        return Estimate(cast("Node", node), pd.Index([name]), True, name)
    return Estimate(cast("Node", node), labels, False, name)


def not_below(title: str, point: Floats, seen: Floats, labels: pd.Index[Any]) -> tuple[Floats, tuple[str, ...]]:
    """Return sizes no smaller than the people seen, and a note where a method gave fewer; warns of it."""
    fewer = point < seen * (1 - ROUNDING)
    if not fewer.any():
        return np.maximum(point, seen), ()
    where = f" in {listing(list(labels[fewer]))}" if len(point) > 1 else ""
    given, known = (", ".join(f"{value:,.0f}" for value in values[fewer]) for values in (point, seen))
    text = (
        f"'{title}' gives fewer people than were seen{where} ({given} for {known}), so the size is given as those seen. The "
        "method does not fit these lists"
    )
    warn(f"{text}.")
    return np.maximum(point, seen), (text,)


def _size(method: Method, table: Floats, open: Floats) -> float:
    if table.sum() == 0:
        return float("nan")
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(method.sizes(table, open)(table[None, :], 1)[0])


def check(lists: Any) -> None:
    """Refuse what is not Lists."""
    if not isinstance(lists, Lists):
        raise InputError(f"This needs Lists, not {in_words(lists)}. {MADE_BY['a Lists']}")


def leaves(node: Node) -> list[Captured]:
    """List the leaves that come from lists."""
    return [leaf for leaf in graph.walk(node) if isinstance(leaf, Captured)]
