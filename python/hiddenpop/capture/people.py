"""People on lists with their covariates: formulas, who stands behind a redrawn history, and the leaf of expressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import _core
from ..errors import EstimationError, InputError
from ..expression.nodes import SELF, Node, Quantity, Reading, Sizing, Source
from ..expression.rests import Rests, on_seen
from ..expression.typed import require
from ..expression.typed import settings as settings_within
from ..ground import collinear, formulas, matrices
from ..ground.columns import Bools, Codes, Floats
from ..ground.matrices import ModelMatrix
from ..ground.stays import Stays
from .estimator import BOOTSTRAPS, CITED, ROUNDING, account, check
from .method import ADVICE
from .record import ListsRecord
from .redraws import PeopleKernel, Resize

if TYPE_CHECKING:
    from .lists import Lists
#: The factor of formulas that says which list.
LIST = "list"


@dataclass(frozen=True, eq=False)
class People(Stays):
    """People on at least one of the lists in use, a row each as the table has them."""

    lists: Lists
    #: Row of the table, stratum, history on the lists in use, unit of redrawing and number of people.
    row: Codes
    stratum: Codes
    history: Codes
    unit: Codes
    count: Floats

    @cached_property
    def table(self) -> pd.DataFrame:
        """Their rows of the table."""
        return self.lists._rows[0].iloc[self.row].reset_index(drop=True)

    @property
    def n(self) -> int:
        """How many they are."""
        return int(self.count.sum())

    def expand(self) -> People:
        """Give each person a row."""
        again = np.repeat(np.arange(len(self.row)), self.count.astype(np.int64))
        parts = (self.row[again], self.stratum[again], self.history[again], self.unit[again])
        return People(self.lists, *parts, np.ones(len(again)))

    def take(self, rows: Codes, count: Floats) -> People:
        """Return some rows with other counts."""
        return People(self.lists, self.row[rows], self.stratum[rows], self.history[rows], self.unit[rows], count)

    @cached_property
    def units(self) -> tuple[Codes, Codes]:
        """Units of redrawing that they belong to, and the place of each row's among these."""
        used, place = np.unique(self.unit, return_inverse=True)
        return np.asarray(used, dtype=np.int64), np.asarray(place, dtype=np.int64)

    @cached_property
    def core(self) -> _core.ListsPeople:
        """Who they are, as the core holds them."""
        used, place = self.units
        return _core.ListsPeople(place.astype(np.uint32), self.count.astype(np.uint64), len(used))


def people(lists: Lists) -> People:
    """Return the people on at least one of the lists in use."""
    check(lists)
    covered = lists._covered[:, list(lists._chosen)]
    if not covered.all():
        name = lists.names[int(np.flatnonzero(~covered.all(axis=0))[0])]
        raise InputError(
            f"List {name!r} covers some strata only, where chances of being on it are zero by design. Make Lists of the strata "
            "that all lists cover, or leave the list out."
        )
    _, stratum, full, count = lists._rows
    history = np.zeros(len(full), dtype=np.int64)
    for bit, place in enumerate(lists._chosen):
        history |= ((full.astype(np.int64) >> place) & 1) << bit
    row = np.flatnonzero((history > 0) & (count > 0))
    cells = 1 << len(lists._all)
    unit = np.searchsorted(lists._stratum * cells + lists._history, stratum[row] * cells + full[row].astype(np.int64))
    return People(lists, row, stratum[row], history[row], unit.astype(np.int64), count[row])


@dataclass(frozen=True, eq=False)
class Design:
    """What log odds depend on."""

    matrix: ModelMatrix
    #: Each list has coefficients of its own, and rows are people; otherwise rows are people times lists.
    own: bool


def read(formula: object, found: People) -> Design:
    """Return the covariates that a formula asks for.

    A formula that does not name `list` gives each list coefficients of its own. One that does is taken as it is written, for
    a table with a row a person and list.

    Raises
    ------
    InputError
        No formula, unknown columns, missing values, or covariates that say the same.
    """
    text = formulas.one_sided(formula, "", "Which lists people are on is said in hp.Lists")
    lists = found.lists
    others = [name for name in found.table.columns if name not in (*lists._all, lists._counts, LIST)]
    terms = formulas.read_right(text, [*found.table.columns, LIST], others)
    own = LIST not in terms.columns
    if not own and LIST in found.table.columns:
        raise InputError(
            "The formula names 'list', which says which list a chance is of, but the table has a column 'list' as well. Rename "
            "the column."
        )
    table, rows = found.table[[name for name in terms.columns if name != LIST]], found.row
    matrices.require(table, list(table.columns), rows)
    if not own:
        names = lists.names
        rows = rows.repeat(len(names))
        table = table.loc[table.index.repeat(len(names))].reset_index(drop=True)
        table[LIST] = pd.Categorical(np.tile(np.array(names, dtype=object), len(found.row)), categories=list(names))
    made = matrices.make(terms, table, rows)
    collinear.check(made.values, made.names)
    return Design(made, own)


class Work(Protocol):
    """What a method keeps while its lists are in memory."""

    @property
    def people(self) -> People:
        """Who is redrawn."""
        ...

    @property
    def strata(self) -> Floats:
        """Estimated size of each stratum."""
        ...

    @property
    def first_range(self) -> int:
        """Replicates that take about a tenth of a second."""
        ...

    @property
    def resize(self) -> Resize:
        """What finds sizes of redrawn people."""
        ...

    def covariance(self) -> Floats:
        """Return the analytic covariance (labels x labels)."""
        ...


@dataclass(frozen=True, eq=False, repr=False)
class PeopleSize(Source):
    """A size that a method finds from people on lists and their covariates, as a leaf of expressions."""

    tells: ClassVar[int] = SELF
    public: ClassVar[tuple[str, ...]] = (
        "title",
        "sentence",
        "references",
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
    )

    title: str
    sentence: str
    references: tuple[str, ...]
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
    #: The method's work on these people; None once an estimate was saved.
    people: Work | None = None

    def confirm(self) -> None:
        """Refuse a bootstrap that there is not, and people of other labels."""
        require(
            self, self.bootstrap in BOOTSTRAPS, settings_within(self.record.seed, self.replicates), self.n is not None
        )

    @property
    def origin(self) -> ListsRecord:
        """The lists' record: joint with all their estimates."""
        return self.record

    @property
    def caveats(self) -> tuple[str, ...]:
        """What must be known to read the number."""
        return (*((self.record.note,) if self.record.note else ()), *self.notes)

    @property
    def floor(self) -> Floats | None:
        """The people seen."""
        return self.n

    @property
    def blind(self) -> Bools:
        """Labels with nobody unseen, or infinitely many."""
        return np.asarray((self.point <= cast("Floats", self.n) * (1 + ROUNDING)) | np.isposinf(self.point))

    @property
    def advice(self) -> str:
        """Other methods."""
        return ADVICE

    @property
    def estimator(self) -> str:
        """What made it, for tables."""
        return self.title

    def describe(self) -> tuple[list[str], list[str]]:
        """Return a sentence and references for a methods section."""
        return [account(self.record, self.sentence, self.names, self.by, self.bootstrap)], [
            *self.references,
            *CITED.get(self.bootstrap, ()),
        ]

    sized_by: ClassVar[Sizing] = "lists"

    def rests_on(self, below: int) -> Rests:
        """Hide sizes of groups of whom few were seen; others are shown, however few people are in an overlap."""
        return on_seen(len(self.point), self.n, below)

    def reseed(self, *, seed: int | None, replicates: int | None) -> PeopleSize:
        """Return the same estimate under other settings."""
        return replace(
            self,
            record=self.record.reseed(seed=seed, replicates=replicates),
            replicates=self.replicates if replicates is None else replicates,
        )

    @classmethod
    def reader(cls, together: Sequence[PeopleSize]) -> Reading:
        """Ask the method for the sizes of redrawn people."""
        (leaf,) = together
        work, record = leaf._work, leaf.record
        found, strata = work.people, work.strata
        if leaf.bootstrap == "conditional":
            strata = grouped(found.count, found.stratum, len(strata))
        kernel = PeopleKernel(
            record.seed,
            record.fingerprint,
            found.lists.core,
            strata.tolist(),
            found.units[0],
            found.core,
            work.resize,
            ~np.isnan(leaf.point),
            cast("Floats", leaf.floor),
        )
        return Reading([leaf], kernel, work.first_range)

    def require_live(self) -> None:
        """Say why it can't be drawn again."""
        if self.people is None:
            raise EstimationError(
                f"'{self.title}' was saved without its lists, so it can't be drawn again. Make it anew from the lists."
            )

    @property
    def analytic(self) -> bool:
        """The method's own formula."""
        return True

    def covariance(self) -> Floats:
        """Return the analytic covariance (labels x labels)."""
        return self._work.covariance()

    @property
    def _work(self) -> Work:
        self.require_live()
        return cast("Work", self.people)


def check_bootstrap(bootstrap: str) -> None:
    """Refuse what is no way to redraw people."""
    if bootstrap not in ("full", "conditional"):
        raise InputError(f"bootstrap={bootstrap!r} is not one of 'full', 'conditional'.")


def grouped(values: Floats, group: npt.NDArray[Any], groups: int) -> Floats:
    """Add up values of people by group."""
    return np.bincount(group, weights=values, minlength=groups).astype(float)
