"""What an estimate keeps of its lists: who they are, how they are redrawn, what must not be mixed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from ..expression.nodes import reseeded
from ..expression.origins import Redrawn
from ..expression.typed import require, settings


@dataclass(frozen=True)
class ListsRecord(Redrawn):
    """What an estimate keeps of its lists when saved: a description, never rows."""

    public: ClassVar[tuple[str, ...]] = ("fingerprint", "seed", "replicates", "seen", "design", "name", "note", "build")

    sealed: ClassVar[tuple[str, ...]] = ("fingerprint",)

    fingerprint: int
    seed: int
    replicates: int
    seen: int
    design: str
    name: str | None
    note: str | None
    #: Names the call of `Lists` that made it.
    build: str | None = field(default=None, compare=False)

    twins: ClassVar[str] = "Lists with identical counts"
    door: ClassVar[str] = "hp.Lists"

    def confirm(self) -> None:
        """Refuse numbers that no lists have."""
        require(self, self.seen >= 0, settings(self.seed, self.replicates), 0 <= self.fingerprint < 2**128)

    @property
    def title(self) -> str:
        """How messages call the lists."""
        return f"the lists '{self.name}'" if self.name else f"the lists of {self.seen:,} people"

    def reseed(self, *, seed: int | None, replicates: int | None) -> ListsRecord:
        """Return the same lists' record under other settings."""
        return reseeded(self, seed, replicates)
