"""What methods that take a survey say to what is none."""

from __future__ import annotations

from ..errors import InputError
from ..sample.sample import Held


def require_survey(thing: object, call: str) -> None:
    """Refuse what is no survey, such as the table that one is made of."""
    if not isinstance(thing, Held):
        raise InputError(
            f"{call} takes a Survey first, and this is {type(thing).__name__}. A table becomes one by "
            "hp.Survey(table, strata=..., clusters=..., weights=...)."
        )
