"""The data of capture-recapture: people, and which of several lists each of them is on."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import _core
from ..draws import settings
from ..errors import InputError, suggest, warn
from ..expression.origins import a_call
from ..ground import checks, columns
from ..ground.columns import Codes, Floats
from ..ground.language import english
from ..ground.signatures import checked
from ..sample import design
from ..sample.doubts import doubts
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from . import describe, histories, upset
from .describe import Description
from .record import ListsRecord
from .redraws import Redraw, tabulate

if TYPE_CHECKING:
    from matplotlib.axes import Axes


#: What is said of lists that are given one by one.
APART = (
    "Lists are made of one table, with a row a person and a column of 0 and 1 for each list, not of one list of people each: "
    "hp.Lists(table, ['treatment', 'police']). Of ids, table = pandas.DataFrame({name: pandas.Series(1, index=sorted(set(ids))) "
    "for name, ids in {'treatment': treated, 'police': arrested}.items()}).fillna(0) makes it."
)


@checked
class Lists(Tabled):
    """People on several lists that overlap.

    Lists are a value, like a `Survey`: nothing changes them, and replicate *i* of every estimate made
    from them is the same redrawn people, so such estimates are jointly distributed.

    Parameters
    ----------
    table : DataFrame
        One row a person with a column of 0 and 1 for each list; or, with `counts`, one row an overlap.
        Records must be linked beforehand: one row per person, see `dedupe_check`.
    lists : list of str
        Columns of the lists: 2 to 12.
    by : str or list of str, optional
        Columns that define strata, such as regions; people are redrawn within strata.
    counts : str, optional
        Column with the number of people in each row.
    covers : mapping, optional
        For lists that operate in some strata only: ``{"shelter": ["north", "east"]}``. Overlaps with
        them can't occur elsewhere.
    replicates, seed : int, optional
        How often people are redrawn, and from which seed (default: `hp.settings`).
    name : str, optional
        A name that sets these lists apart from others with equal counts.

    Raises
    ------
    InputError
        Fewer than two lists or more than 12; marks other than 0 and 1; rows on no list; negative,
        fractional or missing counts; a list with nobody in a stratum.

    Warns
    -----
    HiddenpopWarning
        Nobody is on two lists.

    See Also
    --------
    chapman, loglinear, sample_coverage, decomposable_bma : sizes from lists.
    dedupe_check : people under several ids.
    plot.venn : sizes of up to three sets.

    Notes
    -----
    With N the estimated size and n the people seen, a replicate draws the number of people seen from
    Binomial(N, n / N) and their histories from those observed (Buckland and Garthwaite 1991,
    Biometrics 47:255-268). Resampling the n people alone would forget that n itself is random.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> cells = {"treatment": [1, 0, 1], "police": [0, 1, 1], "people": [40, 60, 12]}
    >>> lists = hp.Lists(cells, ["treatment", "police"], counts="people")
    >>> lists.n
    112
    >>> round(hp.chapman(lists).point)
    297
    """

    def __init__(
        self,
        table: object,
        lists: Sequence[str],
        *,
        by: str | Sequence[str] | None = None,
        counts: str | None = None,
        covers: Mapping[str, Any] | None = None,
        replicates: int | None = None,
        seed: int | None = None,
        name: str | None = None,
    ) -> None:
        defaults = settings.defaults()
        replicates = settings.check_replicates(defaults.replicates if replicates is None else replicates)
        seed = settings.check_seed(defaults.seed if seed is None else seed)
        if name is not None and not isinstance(name, str):
            raise InputError(f"name={name!r} must be a text.")
        if isinstance(table, (list, tuple, set, frozenset)):
            raise InputError(APART)
        frame = columns.read_table(table)
        note = frame.attrs.get("note")
        #: The user's row labels.
        self._index = frame.index
        frame = frame.reset_index(drop=True)
        self._all = histories.names(lists)
        self.by = design.names(by)
        apart = self.by if counts is None else (*self.by, *design.names([counts]))
        twice = [column for column in apart if column in self._all]
        if twice:
            raise InputError(f"Column {twice[0]!r} can't be a list and something else as well.")
        #: The column of frequencies, which is no covariate.
        self._counts = counts
        history = histories.histories(frame, self._all)
        people = histories.people(frame, counts, history)
        if covers is not None and not self.by:
            raise InputError("covers= says which strata a list covers; name the strata's columns with by=.")
        stratum, self.strata = histories.strata(frame, self.by)
        for text in doubts(frame, people, self.by):
            warn(text)
        #: Rows as they came, for methods with covariates: the table, and each row's stratum, history and people.
        self._rows = (frame, stratum, history, people)
        cells = np.zeros((len(self.strata), 1 << len(self._all)))
        np.add.at(cells, (stratum, history), people)
        self._covered = histories.coverage(covers, self._all, self.strata, cells)
        #: Units of redrawing: histories with people, within strata.
        self._stratum, self._history = (part.astype(np.int64) for part in np.nonzero(cells))
        self._people = cells[self._stratum, self._history]
        #: Places of the lists in use among all.
        self._chosen: tuple[int, ...] = tuple(range(len(self._all)))
        if not (_sizes(self._history) > 1).any():
            warn(
                "Nobody is on two lists, which only says that the population is large: most sizes are infinite. Either records of the "
                "same person were not linked (check the identifiers with hp.dedupe_check), or the lists serve different people."
            )
        self.record = ListsRecord(
            fingerprint=self._fingerprint(name),
            seed=seed,
            replicates=replicates,
            seen=int(self._people.sum()),
            design=self._sentence(),
            name=name,
            note=note,
            build=a_call(),
        )

    # What they are

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the lists."""
        return tuple(self._all[place] for place in self._chosen)

    @property
    def n(self) -> int:
        """People on at least one of the lists."""
        return int(self.tables()[0].sum())

    @property
    def replicates(self) -> int:
        """Number of replicates of their estimates."""
        return self.record.replicates

    @property
    def seed(self) -> int:
        """Seed of their redraws."""
        return self.record.seed

    def __len__(self) -> int:
        return len(self._chosen)

    def __getitem__(self, names: str | Sequence[str]) -> Lists:
        """Return some of the lists; people on none of these are then unseen. Same people, same redraws."""
        wanted = [names] if isinstance(names, str) else list(names)
        for name in wanted:
            if name not in self.names:
                raise InputError(f"There is no list {name!r}. {suggest(name, self.names)}")
        if len(wanted) < 2 or len(set(wanted)) < len(wanted):
            raise InputError("Pick two or more different lists, such as lists['treatment', 'police'].")
        made = copy.copy(self)
        made.__dict__.pop("core", None)
        made._chosen = tuple(self._all.index(name) for name in wanted)
        return made

    __iter__ = None

    def _as_table(self) -> Table:
        found = self.describe()
        return of_frame(self._head(), found.lists, [self.record.note] if self.record.note else [])

    def __repr__(self) -> str:
        return describe.text(self._head(), self.names, self.tables()[0], self.record.note)

    def _repr_html_(self) -> str:
        return describe.html(self._head(), self.names, self.tables()[0], self.record.note)

    def _head(self) -> str:
        name = f" '{self.record.name}'" if self.record.name else ""
        strata = f"; {len(self.strata)} strata by {' and '.join(self.by)}" if self.by else ""
        return (
            f"Lists{name}: {self.n:,} people on {len(self)} lists{strata}; {self.replicates:,} replicates, "
            f"seed {self.seed}"
        )

    def overlaps(self) -> pd.DataFrame:
        """Return the table of overlaps: a row a history that has people, largest first.

        See Also
        --------
        Lists.pairs, Lists.plot

        Examples
        --------
        >>> import hiddenpop as hp
        >>> cells = {"treatment": [1, 0, 1], "police": [0, 1, 1], "people": [40, 60, 12]}
        >>> hp.Lists(cells, ["treatment", "police"], counts="people").overlaps()
           treatment  police  people
        0          0       1      60
        1          1       0      40
        2          1       1      12
        """
        return describe.overlaps(self.names, self.tables()[0])

    def pairs(self) -> pd.DataFrame:
        """Return for each pair of lists their overlap, what independence would give, and the odds ratio.

        The odds ratio is that among people on at least one other list (three lists or more): above 1
        the two lists share more people than independence would have it. Its 95% interval is Woolf's,
        with half a person added to each cell (Haldane, Anscombe). With two lists it can't be known.

        See Also
        --------
        dependence : what it does to a size of two lists.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> rome = hp.datasets.load("rome_hiv")["overlaps"]
        >>> lists = hp.Lists(rome, ["c1", "c2", "c3", "c4"], counts="people")
        >>> lists.pairs()[["both", "odds_ratio"]].round(2).head(3)
               both  odds_ratio
        c1 c2    37        2.93
           c3    23        1.33
           c4     7        1.30
        """
        return describe.pairs(self.names, self.tables()[0])

    @property
    def never_overlapping(self) -> list[tuple[str, str]]:
        """Pairs of lists that share nobody."""
        return describe.never(self.names, self.tables()[0])

    def describe(self) -> Description:
        """Describe the lists: people on each, overlaps, pairs with odds ratios, lists that never overlap.

        See Also
        --------
        Lists.overlaps, Lists.pairs

        Examples
        --------
        >>> import hiddenpop as hp
        >>> lists = hp.Lists({"a": [1, 0, 1], "b": [0, 1, 1], "people": [40, 60, 12]}, ["a", "b"], counts="people")
        >>> str(lists.describe()).splitlines()[0]
        'Lists'
        """
        return describe.describe(self.names, self.tables()[0])

    def plot(self, *, most: int = 30, ax: Axes | None = None) -> Axes:
        """Draw an UpSet plot: a bar a history, and under it the lists it is made of; needs matplotlib.

        Parameters
        ----------
        most : int
            Histories to show, the largest first.
        ax : matplotlib Axes, optional
            Where to draw the bars; the matrix hangs below.

        See Also
        --------
        plot.venn : sets with sizes.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> lists = hp.Lists({"a": [1, 0, 1], "b": [0, 1, 1], "people": [40, 60, 12]}, ["a", "b"], counts="people")
        >>> axes = lists.plot()
        """
        return upset.draw(self.names, self.tables()[0], checks.whole(most, "most", 1), ax)

    # What estimators use

    def groups(self, by: str | Sequence[str] | None) -> tuple[Codes, pd.Index[Any]]:
        """Return each stratum's group and the groups' labels; all together without `by`."""
        wanted = design.names(by)
        if not wanted:
            return np.zeros(len(self.strata), dtype=np.int64), pd.Index(["all"])
        unknown = [name for name in wanted if name not in self.by]
        if unknown:
            raise InputError(
                f"by={unknown[0]!r} is no stratum of these lists. Make them with it: hp.Lists(..., by={unknown[0]!r})."
            )
        frame = self.strata.to_frame(index=False)
        frame.columns = pd.Index(self.by)
        if len(wanted) == 1:
            codes, labels = pd.factorize(frame[wanted[0]])
            return np.asarray(codes, dtype=np.int64), pd.Index(labels, name=wanted[0])
        codes, found = pd.factorize(pd.MultiIndex.from_frame(frame[list(wanted)]))
        return np.asarray(codes, dtype=np.int64), pd.MultiIndex.from_tuples(list(found), names=list(wanted))

    def tables(self, group: Codes | None = None) -> Floats:
        """Return people by history (groups x 2^k); bit j of a history is list j, history 0 is unseen."""
        return self.project(self._people[:, None], group)[:, 0]

    def project(self, people: Floats, group: Codes | None = None) -> Floats:
        """Bring counts of units (units x replicates) to tables of the lists in use (groups x replicates x 2^k)."""
        return tabulate(people, *self._places(group))

    def _places(self, group: Codes | None) -> tuple[Codes, Codes, tuple[int, int]]:
        """Return each unit's table and its history on the lists in use, and how many of both there are."""
        group = np.zeros(len(self.strata), dtype=np.int64) if group is None else group
        history = np.zeros(len(self._history), dtype=np.int64)
        for bit, place in enumerate(self._chosen):
            history |= ((self._history >> place) & 1) << bit
        return group[self._stratum], history, (int(group.max()) + 1, 1 << len(self._chosen))

    def open(self, group: Codes | None = None) -> Floats:
        """Return which histories can occur (groups x 2^k): not those on lists that don't cover a stratum."""
        group = np.zeros(len(self.strata), dtype=np.int64) if group is None else group
        cells = np.arange(1 << len(self._chosen))
        result = np.ones((int(group.max()) + 1, len(cells)))
        result[:, 0] = 0
        for row in range(len(result)):
            covered = self._covered[group == row][:, list(self._chosen)]
            partly = covered.any(axis=0) & ~covered.all(axis=0)
            if partly.any():
                name = self.names[int(np.flatnonzero(partly)[0])]
                raise InputError(
                    f"List {name!r} covers some strata only, so strata can't be estimated as one. Estimate by "
                    f"stratum and add: (..., by={list(self.by)!r}).sum()."
                )
            for bit in np.flatnonzero(~covered.all(axis=0)):
                result[row, (cells >> bit) & 1 == 1] = 0
        return result

    def redraw(self, start: int, stop: int, sizes: Floats, group: Codes | None = None) -> Floats:
        """Return redrawn tables (groups x replicates x 2^k); `sizes` are the groups' estimated sizes."""
        return self.redrawn(sizes, group).tables(start, stop, settings.threads())

    def redrawn(self, sizes: Floats, group: Codes | None = None) -> Redraw:
        """Return what redraws the groups' tables; `sizes` are the groups' estimated sizes."""
        group = np.zeros(len(self.strata), dtype=np.int64) if group is None else group
        # A group's size belongs to its strata as the people seen on the lists in use do.
        seen = self.project(self._people[:, None], np.arange(len(self.strata)))[:, 0].sum(axis=1)
        share = seen / np.bincount(group, weights=seen)[group]
        strata = (np.asarray(sizes)[group] * share).tolist()
        return Redraw(self.core, self.record.seed, self.record.fingerprint, strata, *self._places(group))

    @cached_property
    def core(self) -> _core.ListsRedraw:
        """How histories are redrawn within strata."""
        seen = np.bincount(self._stratum, weights=self._people).astype(np.uint64)
        return _core.ListsRedraw(self._stratum.astype(np.uint32), self._people, seen)

    def _reseed(self, *, seed: int | None, replicates: int | None) -> Lists:
        made = copy.copy(self)
        made.record = self.record.reseed(seed=seed, replicates=replicates)
        return made

    def _fingerprint(self, name: str | None) -> int:
        hashed = hashlib.blake2b(digest_size=16)
        for part in (*self._all, "by", *self.by, *map(str, self.strata), f"name={name}"):
            hashed.update(part.encode() + b"\0")
        for values in (self._stratum, self._history, self._people.astype(np.int64), self._covered.astype(np.int64)):
            hashed.update(np.ascontiguousarray(values, dtype="<i8").data)
        return int.from_bytes(hashed.digest(), "little")

    def _sentence(self) -> str:
        text = english(
            "{people:,} people on {count} lists ({names})",
            people=int(self._people.sum()),
            count=len(self._all),
            names=", ".join(self._all),
        )
        if not self.by:
            return text
        columns = " and ".join(self.by)
        return english("{lists}, in {count} strata by {columns}", lists=text, count=len(self.strata), columns=columns)


def _sizes(history: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return on how many lists each history is."""
    return np.array([int(h).bit_count() for h in history], dtype=np.int64)
