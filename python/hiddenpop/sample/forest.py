"""Who recruited whom: a forest of participants, read from recruiters' ids or from coupons."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from ..errors import InputError, name_rows, warn
from ..ground import columns
from ..ground.columns import Bools, Codes, Floats

#: Takes what must be known, in words.
Tell = Callable[[str], None]
#: What to do about people whom nobody in the table recruited although somebody did.
Orphans = Literal["error", "seeds"]
#: What to do about coupons that were given or redeemed more than once.
Repeats = Literal["error", "last"]


@dataclass(frozen=True, eq=False, repr=False)
class Forest:
    """Participants in the trees in which they recruited one another."""

    #: The row of each participant's recruiter; -1 for seeds.
    recruiter: Codes
    #: How many recruitments lead from a seed to each participant.
    wave: Codes
    #: The row of the seed of each participant's chain.
    seed: Codes
    #: The participants in the order in which they came: by time, then wave, then row.
    order: Codes
    #: When each one came; all at once where nobody knows.
    when: Floats

    @property
    def recruits(self) -> Codes:
        """How many participants each one recruited."""
        return np.bincount(self.recruiter[self.recruiter >= 0], minlength=len(self.recruiter)).astype(np.int64)

    @property
    def seeds(self) -> Bools:
        """Those whom nobody recruited."""
        return np.asarray(self.recruiter < 0)

    @property
    def chain(self) -> Codes:
        """The number of each participant's chain: 1, 2, ... as their seeds came."""
        first = self.order[self.seeds[self.order]]
        number = np.zeros(len(self.seed), dtype=np.int64)
        number[first] = np.arange(1, len(first) + 1)
        return np.asarray(number[self.seed])

    @property
    def waves(self) -> list[Codes]:
        """The participants of each wave, seeds first."""
        by_wave = np.argsort(self.wave, kind="stable")
        return np.split(by_wave, np.cumsum(np.bincount(self.wave))[:-1])


@dataclass(frozen=True)
class Recruitment:
    """The columns that say who recruited whom."""

    id: str
    recruiter: str | None = None
    coupons: tuple[str, ...] = ()
    own_coupon: str | None = None
    time: str | None = None
    orphans: Orphans = "error"
    repeats: Repeats = "error"

    def __post_init__(self) -> None:
        if (self.recruiter is None) == (self.own_coupon is None):
            raise InputError(
                "Say who recruited whom in one way: recruiter= (a column with the recruiter's id), or coupons= (columns with "
                "the coupons that each participant was given) and own_coupon= (the one that was redeemed)."
            )
        if bool(self.coupons) != (self.own_coupon is not None):
            raise InputError("coupons= (given) and own_coupon= (redeemed) go together: one says what the other means.")
        if self.orphans not in get_args(Orphans):
            raise InputError(f"orphans={self.orphans!r} must be 'error' or 'seeds'.")
        if self.repeats not in get_args(Repeats):
            raise InputError(f"repeats={self.repeats!r} must be 'error' or 'last'.")

    @property
    def columns(self) -> tuple[str, ...]:
        """Their names, time aside."""
        given = (self.id, self.recruiter, *self.coupons, self.own_coupon)
        return tuple(dict.fromkeys(name for name in given if name is not None))

    def read(self, frame: pd.DataFrame, site: Codes, tell: Tell = warn) -> Forest:
        """Read the forest; each row lies at one of some sites. What is taken as the user says is told.

        Raises
        ------
        InputError
            Duplicate ids, people who recruited themselves or one another in a circle, recruiters who are no participants,
            coupons redeemed or given twice, recruits before their recruiters, chains across sites. Rows are named.
        """
        ids = self._ids(frame)
        recruiter = self._by_id(frame, ids, tell) if self.recruiter is not None else self._by_coupon(frame, tell)
        own = recruiter == np.arange(len(recruiter))
        if own.any():
            raise InputError(f"Participants recruited themselves, in {name_rows(own)}. Correct who recruited them.")
        seeds = recruiter < 0
        wave, seed = _chains(recruiter)
        across = ~seeds & (site != site[recruiter])
        if across.any():
            raise InputError(
                f"Participants were recruited by somebody of another site, in {name_rows(across)}. Sites are surveyed apart: "
                "correct the site or the recruiter, or leave site= out."
            )
        when = self._time(frame, recruiter)
        return Forest(recruiter, wave, seed, np.lexsort((np.arange(len(wave)), wave, when)).astype(np.int64), when)

    def given(self, frame: pd.DataFrame) -> int | None:
        """Count the coupons that participants were given, where a table has them."""
        return sum(int(_coupons(frame, name)[1].sum()) for name in self.coupons) if self.coupons else None

    def _ids(self, frame: pd.DataFrame) -> pd.Index[Any]:
        given = columns.column(frame, self.id)
        columns.require_digits(given)
        lacking = columns.missing(given)
        if lacking.any():
            raise InputError(f"Column {self.id!r} (who each participant is) is missing in {name_rows(lacking)}.")
        ids: pd.Index[Any] = pd.Index(_texts(given))
        twice = ids.duplicated(keep=False)
        if twice.any():
            raise InputError(f"Column {self.id!r} names more than one participant alike, in {name_rows(twice)}.")
        return ids

    def _by_id(self, frame: pd.DataFrame, ids: pd.Index[Any], tell: Tell) -> Codes:
        assert self.recruiter is not None
        given = columns.column(frame, self.recruiter)
        columns.require_digits(given)
        lacking = columns.missing(given)
        texts = _texts(given)
        found = ids.get_indexer(pd.Index(texts)).astype(np.int64)
        found[lacking] = -1
        unknown = (found < 0) & ~lacking
        if not lacking.any() and len(set(texts[unknown].tolist())) <= 1:
            return found  # one value that is nobody's id marks every seed
        self._orphaned(
            unknown,
            f"Column {self.recruiter!r} names recruiters who are no participants, in",
            "Correct them; a seed has no recruiter (missing everywhere, or one mark that is nobody's id everywhere), or say ",
            tell,
        )
        return found

    def _by_coupon(self, frame: pd.DataFrame, tell: Tell) -> Codes:
        own, redeemed = _coupons(frame, str(self.own_coupon))
        givers, given = [], []
        for name in self.coupons:
            texts, held = _coupons(frame, name)
            givers.append(np.flatnonzero(held))
            given.append(texts[held])
        giver, coupon = np.concatenate(givers), np.concatenate(given)
        in_order = np.argsort(giver, kind="stable")
        giver, coupon = giver[in_order], pd.Index(coupon[in_order])
        again = coupon.duplicated(keep=False)
        self._repeated(_marked(giver[again], len(own)), int(coupon.duplicated().sum()), "given", tell)
        last = ~coupon.duplicated(keep="last")
        found = np.full(len(own), -1)
        place = coupon[last].get_indexer(pd.Index(own))
        found[redeemed & (place >= 0)] = giver[last][place[redeemed & (place >= 0)]]
        twice = np.zeros(len(own), dtype=bool)
        twice[redeemed] = pd.Index(own[redeemed]).duplicated(keep=False)
        nobodys = redeemed & (found < 0)
        marks = set(own[nobodys].tolist())
        if redeemed.all() and len(marks) == 1:
            return found.astype(np.int64)  # one mark that is nobody's coupon, for every seed
        repeated = int(pd.Index(own[redeemed]).duplicated().sum())
        self._repeated(twice, repeated, "redeemed", tell)
        self._orphaned(
            nobodys,
            f"Coupons in column {self.own_coupon!r} were given to nobody, in",
            "Correct them; a seed has no coupon of its own (missing), or say ",
            tell,
        )
        return found.astype(np.int64)

    def _orphaned(self, who: Bools, what: str, instead: str, tell: Tell) -> None:
        if not who.any():
            return
        if self.orphans == "error":
            raise InputError(f"{what} {name_rows(who)}. {instead}orphans='seeds' to take these participants for seeds.")
        tell(f"{what} {name_rows(who)}; these participants are taken for seeds.")

    def _repeated(self, who: Bools, times: int, done: str, tell: Tell) -> None:
        if not times:
            return
        what = f"Coupons were {done} more than once ({times:,} too many), in {name_rows(who)}"
        if self.repeats == "error":
            raise InputError(
                f"{what}. Correct them, or say repeats='last': a coupon is then that of the last participant it was given to, "
                "and whoever redeemed it was recruited by that participant."
            )
        who_recruited = (
            "the last one in the table counts"
            if done == "given"
            else "all who redeemed it count as its giver's recruits"
        )
        tell(f"{what}; {who_recruited}.")

    def _time(self, frame: pd.DataFrame, recruiter: Codes) -> Floats:
        """Return when each participant came; all at once where nobody knows."""
        if self.time is None:
            return np.zeros(len(recruiter))
        given = columns.column(frame, self.time)
        lacking = columns.missing(given)
        if lacking.any():
            raise InputError(f"Column {self.time!r} (when participants came) is missing in {name_rows(lacking)}.")
        days = all(isinstance(time, datetime.date) for time in given.tolist())  # as readers of SPSS and Stata give them
        if columns.kind(given) == "date" or days:
            when = pd.to_datetime(given).to_numpy().astype("datetime64[us]").astype(np.int64).astype(float)
        elif columns.kind(given) in ("number", "boolean"):
            when = columns.numbers(given)
        else:
            raise InputError(
                f"Column {self.time!r} holds texts, not times. Make them dates beforehand: "
                f"df[{self.time!r}] = pandas.to_datetime(df[{self.time!r}])."
            )
        before = (recruiter >= 0) & (when < when[recruiter])
        if before.any():
            raise InputError(
                f"Participants came before those who recruited them, in {name_rows(before)} ({self.time!r})."
            )
        return when


def _texts(given: pd.Series[Any]) -> Any:
    """Write ids and coupons alike, however a table holds them: 7, 7.0 and " 7" are one."""
    return np.array([_text(value) for value in given.tolist()], dtype=object)


def _text(value: object) -> str:
    if columns.is_number(value):
        number = float(value)  # type: ignore[arg-type]
        return str(int(value)) if number.is_integer() else str(value)  # type: ignore[call-overload]
    text = str(value).strip()
    return text[:-2] if text.endswith(".0") and text[:-2].isdigit() else text


def _coupons(frame: pd.DataFrame, name: str) -> tuple[Any, Bools]:
    """Return a column of coupons as texts, and where there are any."""
    given = columns.column(frame, name)
    columns.require_digits(given)
    texts = _texts(given)
    return texts, np.asarray(~columns.missing(given) & (texts != ""))


def _marked(rows: Codes, size: int) -> Bools:
    marked = np.zeros(size, dtype=bool)
    marked[rows] = True
    return marked


def _chains(recruiter: Codes) -> tuple[Codes, Codes]:
    """Return each participant's wave and seed, or an error where there is none."""
    seeds = recruiter < 0
    seed = np.where(seeds, np.arange(len(recruiter)), recruiter).astype(np.int64)
    wave = (~seeds).astype(np.int64)
    # Twice as far up with each round, so that long chains cost little.
    for _ in range(len(recruiter).bit_length()):
        wave += wave[seed]
        seed = seed[seed]
    circle = ~seeds[seed]
    if circle.any():
        raise InputError(
            f"Participants recruited one another in a circle (or were recruited by such people), in {name_rows(circle)}: no "
            "seed leads to them. Correct who recruited them."
        )
    return wave, seed
