"""What plans are asked with, checked once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import InputError, in_words, listing
from ..estimate.estimate import Estimate
from ..expression import graph
from ..ground import checks
from ..ground.language import tr


def share(value: object, name: str = "share") -> float:
    """Return the share expected, strictly between 0 and 1; of an estimate its point."""
    if isinstance(value, Estimate):
        value = _scalar(value, name)
    found = checks.number(value, name)
    if not 0 < found < 1:
        percent = f" If {found:g} per cent is meant, write {found / 100:g}." if 1 < found < 100 else ""
        raise InputError(f"{name}={found:g} must lie between 0 and 1, ends excluded.{percent}")
    return found


def shares(values: object, name: str = "shares") -> list[float]:
    """Return several shares."""
    return [share(value, name) for value in several(values, name)]


def design_effect(value: object) -> float:
    """Return a design effect: above 1 for clusters and chains, below 1 where strata do better than no design."""
    return checks.positive(value, "design_effect")


def taking_part(response: object, eligible: object) -> tuple[float, float]:
    """Return the shares of those invited who take part, and who are eligible: above 0, up to 1."""
    found = []
    for value, name in ((response, "response"), (eligible, "eligible")):
        one = checks.positive(value, name)
        if one > 1:
            percent = f" If {one:g} per cent is meant, write {one / 100:g}." if one <= 100 else ""
            raise InputError(f"{name}={one:g} is a share of the people invited, up to 1.{percent}")
        found.append(one)
    return found[0], found[1]


def invited(n: int, response: float, eligible: float) -> int:
    """Return how many people to invite for n interviews."""
    return needed(n / (response * eligible))


def invitation(n: int, response: float, eligible: float) -> str:
    """Say how many people to invite, where that isn't everybody who is interviewed."""
    if response == eligible == 1:
        return ""
    parts = [tr("{response:.1%} take part", response=response)] if response < 1 else []
    parts += [tr("{eligible:.1%} are eligible", eligible=eligible)] if eligible < 1 else []
    return tr(" (invite {invite:,}: {why})", invite=invited(n, response, eligible), why=", ".join(parts))


#: Nobody plans more interviews than people have ever lived.
MOST = 1e12


def needed(wanted: float) -> int:
    """Return a whole number of interviews or people that is enough, one at least."""
    if not wanted <= MOST:
        raise InputError(
            "No number of people that can be asked reaches this; ask for less, or check the design effect and shares."
        )
    return max(1, math.ceil(wanted - 1e-9))


def several(values: object, name: str) -> list[Any]:
    """Return a list of one or more values."""
    if isinstance(values, (str, bytes)):
        raise InputError(f"{name}={in_words(values)} must be numbers.")
    found = list(values) if isinstance(values, Iterable) else [values]
    if not found:
        raise InputError(f"{name} is empty.")
    return found


def benchmark(value: object) -> tuple[float, float]:
    """Return a register's count and its standard error, zero for a number."""
    if isinstance(value, Estimate):
        if value.quantity == "share" or value.node.no_size:
            what = value.node.no_size or "a share"
            raise InputError(f"benchmark is {what}, where a number of people in the register is wanted.")
        found, se = checks.positive(_scalar(value, "benchmark"), "benchmark"), _se(value)
        if not math.isfinite(se):
            raise InputError("The benchmark's standard error is not finite; give it as a number or another input.")
        return found, se
    return checks.positive(value, "benchmark"), 0.0


def one_of(**given: object) -> str:
    """Return the name of the one argument that is given."""
    names = [name for name, value in given.items() if value is not None]
    if len(names) != 1:
        asked = listing(list(given))
        said = f"{listing(names)} are given" if names else "none is"
        raise InputError(f"Give exactly one of {asked}: a precision asks for n, and n for its precision; {said}.")
    return names[0]


def pair(values: object, name: str) -> Sequence[Any]:
    """Return two values."""
    found = several(values, name)
    if len(found) != 2:
        raise InputError(f"{name} takes two values, not {len(found)}.")
    return found


def _se(est: Estimate) -> float:
    """Return a standard error that is the same whatever inputs are called and wherever in a document they are made."""
    known = est.node.exact_se
    if known is not None:
        return float(known[0])
    return float(Estimate(graph.numbered(est.node), est.labels, est.scalar, est.name).se())  # type: ignore[arg-type]


def _scalar(est: Estimate, name: str) -> float:
    if est.quantity == "event":
        raise InputError(f"{name} is a comparison, not a number.")
    if not est.scalar:
        raise InputError(f"{name} has {len(est)} labels; pick one: {name}['label'].")
    return float(est.node.point[0])
