"""What a form needs of an estimate: the size and the population inside a rate, and the method that made it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..answers.statistic import statistics
from ..errors import InputError
from ..estimate.estimate import Estimate
from ..expression import graph
from ..expression.nodes import Node
from ..expression.operations import Take, symbol_of
from ..ground.text import label_of
from ..multipliers.multiplier import Multiplied, multiplied

#: Methods of the European agency that a register of a kind gives, by words in its name or in the survey's column.
REGISTERS = {
    "TM": ("treat", "clinic", "methadone", "opioid agonist", "ost"),
    "PM": ("police", "arrest", "offence"),
    "MM": ("death", "mortal", "overdose"),
    "HM": ("hiv",),
}
#: Codes of data sources of the European agency, by words in how a source is called.
DATA_SOURCES = {
    "TR": ("treatment", "clinic"),
    "HO": ("hospital",),
    "CJ": ("police", "arrest", "prison", "court", "offence", "probation"),
    "DRD": ("death", "mortal"),
    "DRID": ("hiv", "hepatitis", "infectious"),
    "LTS": ("low-threshold", "low threshold", "needle", "drop-in"),
    "OST": ("substitution", "agonist", "methadone", "ost"),
    "OS": ("survey", "interview"),
}
MULTIPLIERS = ("TM", "PM", "MM", "HM")
#: How the other form calls them.
NAMES = {"CR": "capture-recapture", "TP": "truncated counts", "CM": "several methods", "OT": "other"} | dict.fromkeys(
    MULTIPLIERS, "multiplier"
)


class Rate(NamedTuple):
    """A rate taken apart: so many of a population."""

    size: Estimate
    population: Estimate
    base: float


def take_apart(est: Estimate) -> Rate:
    """Find the size and the population of a rate that `Estimate.per` made.

    Its expression is (size / population) * base, whole or with some labels taken; anything else is refused, because then
    nothing says which number is which.
    """
    found = _rate(est.node)
    if found is None:
        raise InputError(
            f"'{est.name}' is a rate, but was not made by size.per(population), so its size can't be read from it. Give the size "
            "and population=."
        )
    size, population, base = found
    width = len(est.labels)
    parts = [
        Estimate(node if len(node.point) == width else Take((node,), (0,) * width), est.labels, est.scalar, name)
        for node, name in ((size, est.name), (population, "population"))
    ]
    return Rate(parts[0], parts[1], base)


def _rate(node: Node) -> tuple[Node, Node, float] | None:
    whole, positions = node.picked
    if symbol_of(whole) != "*" or whole.quantity != "rate":
        return None
    share, base = whole.args
    if symbol_of(share) != "/" or not base.constant or len(base.point) != 1:
        return None
    size, population = share.args
    if size.quantity != "size":
        return None
    if whole is not node:
        size, population = (
            part if len(part.point) < len(whole.point) else Take((part,), tuple(positions)) for part in share.args
        )
    return size, population, float(base.point[0])


def methods(est: Estimate) -> tuple[str, ...]:
    """List the European agency's method codes that an estimate's history allows, the likeliest first.

    An empty list says that nothing is known of how it was made (published figures, numbers given).
    """
    walked = graph.walk(est.node)
    found: list[tuple[str, ...]] = []
    sizes = multiplied(est.node)
    if sizes:
        found.append(_registers(sizes))
    if any(node.sized_by == "lists" for node in walked):
        found.append(("CR",))
    if any(node.sized_by == "recruitment" for node in walked):
        found.append(("OT",))
    for node in walked:
        if node.sized_by == "register":
            words = str(node.estimator).lower()
            found.append(("TP",) if "poisson" in words or "zelterman" in words or "chao" in words else ("OT", "TP"))
    kinds = list(dict.fromkeys(found))
    return ("CM",) if len(kinds) > 1 else kinds[0] if kinds else ()


def _registers(nodes: Iterable[Multiplied]) -> tuple[str, ...]:
    """Guess from names which kind of register a multiplier's is."""
    codes: set[str] = set()
    for node in nodes:
        columns = [str(column) for answer in statistics(node) for column in answer.question.columns]
        named = " ".join([node.name, *columns]).lower().replace("_", " ")
        fitting = [code for code, words in REGISTERS.items() if any(_holds(named, word) for word in words)]
        if len(fitting) != 1:
            return MULTIPLIERS
        codes.add(fitting[0])
    return (codes.pop(),) if len(codes) == 1 else ("CM",)


def data_source(sources: Iterable[str]) -> str | None:
    """Read the codes of data sources from what they are called; None where that doesn't say it of each, once."""
    found: list[str] = []
    for source in sources:
        text = source.lower().replace("_", " ")
        codes = [code for code, words in DATA_SOURCES.items() if any(_holds(text, word) for word in words)]
        if len(codes) != 1:
            return None
        found += codes
    return "; ".join(dict.fromkeys(found)) or None


def _holds(text: str, word: str) -> bool:
    return word in (text.split() if len(word) <= 3 else text)


def labels(est: Estimate) -> list[str]:
    """Write labels of one or several levels."""
    return [label_of(label) for label in est.labels]
