"""Intervals that a leaf makes from its own model: profile likelihood and transformed logit."""

from __future__ import annotations

from ..errors import InputError
from ..expression.nodes import Node
from ..ground.columns import Floats
from ..ground.language import english
from .method import Aim, Ends, Method
from .notes import Note


def _ask(name: str) -> Ends:
    """Ask the node, which knows what its model has."""

    def ends(node: Node, aim: Aim) -> tuple[Floats, list[Note]]:
        if name not in node.own_intervals:
            raise InputError(
                f"method={name!r} is the interval of a model, which this estimate as a whole has not: 'profile' belongs to "
                "one log-linear model, 'logit' to two lists. Use method='percentile'."
            )
        return node.own_interval(name, aim.tail)

    return ends


PROFILE = Method(
    name="profile",
    words=english("profile likelihood"),
    reference="Cormack 1992",
    ends=_ask("profile"),
    rests_on="kind",
)
LOGIT = Method(
    name="logit",
    words=english("transformed logit"),
    reference="Sadinle 2009",
    ends=_ask("logit"),
    rests_on="kind",
)
