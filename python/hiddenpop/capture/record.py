"""What an estimate keeps of its lists: who they are, how they are redrawn, what must not be mixed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from ..errors import InputError, warn
from ..expression.nodes import reseeded


@dataclass(frozen=True)
class ListsRecord:
    """What an estimate keeps of its lists when saved: a description, never rows."""

    public: ClassVar[tuple[str, ...]] = ("fingerprint", "seed", "replicates", "seen", "design", "name", "note")

    fingerprint: int
    seed: int
    replicates: int
    seen: int
    design: str
    name: str | None
    note: str | None
    #: Numbers the call of `Lists` that made it; None when read from a file.
    build: int | None = field(default=None)

    #: Corrections for bias make sense: these draws redraw the people seen.
    sampled: ClassVar[bool] = True
    draws: ClassVar[str] = "redraws"

    @property
    def identity(self) -> int:
        """Its fingerprint: the same people."""
        return self.fingerprint

    @property
    def people(self) -> frozenset[int]:
        """The people are its own."""
        return frozenset({self.fingerprint})

    @property
    def no_draws(self) -> str | None:
        """None: it has draws."""
        return None

    @property
    def df(self) -> int | None:
        """None: people are independent."""
        return None

    @property
    def title(self) -> str:
        """How messages call the lists."""
        return f"the lists '{self.name}'" if self.name else f"the lists of {self.seen:,} people"

    def reseed(self, *, seed: int | None, replicates: int | None) -> ListsRecord:
        """Return the same lists' record under other settings."""
        return reseeded(self, seed, replicates)

    def check_against(self, other: object) -> None:
        """Close the traps of combining estimates of what may be the same people."""
        if not isinstance(other, ListsRecord) or self.fingerprint != other.fingerprint:
            return
        if self.seed != other.seed:
            raise InputError(
                f"These estimates redraw {self.title} under different seeds ({other.seed} and {self.seed}), so their "
                "draws would count as independent although the people are the same. Replay one of them: "
                f"estimate.replay(seed={self.seed})."
            )
        if self.build is not None and other.build is not None and self.build != other.build:
            warn(
                f"Two Lists with identical counts ({self.title}) are combined; they are taken to be the same people. If "
                "so, make them once and use them twice; if not, give each a name: hp.Lists(..., name='2012').",
            )
