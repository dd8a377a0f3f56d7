"""Where randomness comes from, and what tells two sources apart.

Sources of one origin are drawn together. Two origins are independent, which is a mistake where they are one thing under two
seeds, speak of the same people, or were made twice of equal data. Each origin states its facts and words; when to refuse
and when to warn is decided here, for all.
"""

from __future__ import annotations

import secrets
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import InputError, warn
from ..ground import sealed
from ..ground.language import english


def a_call() -> str:
    """Name a call that makes something, unlike all others of this run and of others: what one run numbers, the next does too."""
    return secrets.token_hex(8)


class Origin:
    """Where randomness comes from; hashable, and equal for what is drawn together."""

    if TYPE_CHECKING:
        #: Whether its draws redraw a sample, so that corrections for bias make sense.
        sampled: ClassVar[bool]

        @property
        def identity(self) -> Hashable:
            """What it is, whatever the seed: what is of one identity is never independent."""

        @property
        def people(self) -> frozenset[int]:
            """Fingerprints of the samples that it speaks of."""

        @property
        def title(self) -> str:
            """A short name."""

        @property
        def draws(self) -> str:
            """What its draws are called."""

        @property
        def seed(self) -> int:
            """Its seed."""

    @property
    def no_draws(self) -> str | None:
        """Why it has no draws, and what to do; None where it has."""
        return None

    @property
    def resampled(self) -> bool:
        """Whether its draws are samples redrawn from one: a bootstrap, and no posterior."""
        return self.sampled

    @property
    def df(self) -> int | None:
        """Degrees of freedom that intervals should know of; None where there are many or nobody knows."""
        return None

    # What tells it apart

    @property
    def called(self) -> str:
        """How messages call it."""
        return self.title

    @property
    def calls(self) -> tuple[str, ...]:
        """The calls that made it, or what it was found from, where its identity doesn't say all: equal data of two towns."""
        return ()

    def made_twice(self, other: Any) -> str | None:
        """Warn that another origin of its kind and identity was made by another call; None where nothing is known of that."""
        return None

    def contradicts(self, other: Any) -> str | None:
        """Say why another origin of its kind and identity can't be the same thing; None where it can."""
        return None

    @property
    def of_same_people(self) -> str | None:
        """Warn that another source speaks of its people; None where that is for the other to say."""
        return None

    def dependence(self, other: Origin) -> str | None:
        """Say why it counts as independent of another source and is not; None where nothing is known of that."""
        return self.of_same_people if self.people & other.people else None


class Redrawn(Origin):
    """People who are redrawn: the same ones for everything that is drawn of them."""

    sampled: ClassVar[bool] = True
    draws: ClassVar[str] = english("redraws")
    #: What two of them with equal data are called, and how one is made.
    twins: ClassVar[str]
    door: ClassVar[str]

    if TYPE_CHECKING:

        @property
        def fingerprint(self) -> int:
            """Says who they are."""

    @property
    def build(self) -> str | None:
        """Names the call that made it, which a file keeps; None where nobody knows."""
        return None

    @property
    def calls(self) -> tuple[str, ...]:
        """The call that made it."""
        return () if self.build is None else (self.build,)

    @property
    def identity(self) -> int:
        """Its fingerprint: the same people."""
        return self.fingerprint

    @property
    def people(self) -> frozenset[int]:
        """The people are its own."""
        return frozenset({self.fingerprint})

    def made_twice(self, other: Redrawn) -> str:
        """Warn that both may be made of one table."""
        return (
            f"Two {self.twins} ({self.title}) are combined; they are taken to be the same people. If so, make {self.door} once "
            f"and use it twice; if not, give each a name: {self.door}(..., name='2012')."
        )


def check_apart(a: Origin, b: Origin) -> None:
    """Refuse two origins that are one thing drawn twice; warn of what counts as independent and may not be."""
    alike = type(a) is type(b)
    same = alike and a.identity == b.identity
    # Equal origins are drawn together, so nothing counts as independent between them.
    warnings = [] if a == b else [a.dependence(b), None if alike else b.dependence(a)]
    if same:
        _refuse_twice(a, b)
        if a.calls and b.calls and a.calls != b.calls:
            warnings.insert(0, a.made_twice(b))
    elif a.people & b.people and not any(warnings):
        warnings.append(
            f"{a.called} and {b.called} speak of the same people. Their draws count as independent and are not: intervals of what "
            "combines them are not to be trusted."
        )
    if alike and not same and isinstance(a, Redrawn) and isinstance(b, Redrawn):
        warnings.append(_unknown(a, b))
    for text in warnings:
        if text is not None:
            warn(text)


def _unknown(a: Redrawn, b: Redrawn) -> str | None:
    """Warn that nobody can tell whether two are the same people: one was saved by somebody else, and both look alike."""
    if sealed.foreign(a.fingerprint) == sealed.foreign(b.fingerprint) or a.title != b.title:
        return None
    return (
        f"One of two estimates of {a.title} was saved by somebody else, so it can't be told whether they are of the same people; they "
        "count as independent. If they are the same people, ask one survey for both, or combine estimates that were saved together; "
        "if not, give each a name: name='2012'."
    )


def _refuse_twice(a: Origin, b: Origin) -> None:
    """Refuse one thing of two kinds, or under two seeds."""
    reason = a.contradicts(b)
    if reason is not None:
        raise InputError(reason)
    if a.seed != b.seed:
        seeds = f"({b.seed} and {a.seed})"
        what = (
            f"redraw {a.called} under different seeds {seeds}, so their draws would count as independent although the people are "
            "the same"
            if a.sampled
            else f"use {a.called} under two seeds {seeds}, so one quantity would count as two independent ones"
        )
        raise InputError(f"These estimates {what}. Replay one of them: estimate.replay(seed={a.seed}).")
