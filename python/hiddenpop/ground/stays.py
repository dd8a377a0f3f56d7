"""What refers to people's rows stays in memory: it is copied as the value that it is, and never pickled."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn, SupportsIndex, TypeVar

from ..errors import InputError

Own = TypeVar("Own", bound="Stays")


class Stays:
    """A value that is never written, so that nobody's answers leave memory unnoticed, whatever holds it."""

    #: What it is, and what to save of it; a class says so of itself.
    unsaved: ClassVar[str] = (
        "What refers to people's rows can't be saved or pickled. Save estimates (estimate.to_json(), or pickle) or tables of "
        "numbers, or make it again where it is needed"
    )

    def __copy__(self: Own) -> Own:
        return self

    def __deepcopy__(self: Own, memo: object) -> Own:
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise InputError(f"{self.unsaved}.")

    def __getstate__(self) -> Any:
        raise InputError(f"{self.unsaved}.")
