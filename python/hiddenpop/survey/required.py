"""What methods that take a survey say to what is none."""

from __future__ import annotations

from ..errors import InputError
from ..sample.sample import Held
from .imputed import Imputed
from .survey import Survey


def completed(thing: object, call: str, where: object = None) -> tuple[Survey, ...]:
    """Return a survey by itself, or those of all imputations, whose rows a mask must fit."""
    if isinstance(thing, Imputed):
        thing.check_rows(where)
        return thing.surveys
    require_survey(thing, call)
    assert isinstance(thing, Survey)
    return (thing,)


def require_survey(thing: object, call: str) -> None:
    """Refuse what is no survey, such as the table that one is made of."""
    if isinstance(thing, Imputed):
        raise InputError(
            f"{call} takes one Survey, and this is several imputations. Where it returns an estimate ask each of them and pool: "
            f"imputed.ask(lambda survey: hp.{call}(survey, ...)); one of them is imputed.surveys[0]."
        )
    if not isinstance(thing, Held):
        raise InputError(
            f"{call} takes a Survey first, and this is {type(thing).__name__}. A table becomes one by "
            "hp.Survey(table, strata=..., clusters=..., weights=...)."
        )
