"""What adjustments exist: their formulas, what they act on in N = B / p, the words and the sources they are told with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.language import english, template

#: What is adjusted and its inputs, as arrays that broadcast, to what it should have been.
Formula = Callable[..., Any]
PPV = BIBLIOGRAPHY["Brenner and Gefeller 1993"]
ROGAN_GLADEN = BIBLIOGRAPHY["Rogan and Gladen 1978"]
GREENLAND = BIBLIOGRAPHY["Greenland 1996"]
LITTLE = BIBLIOGRAPHY["Little 1961"]
SEBER = BIBLIOGRAPHY["Seber 1982, section 3.2"]
LINKAGE = BIBLIOGRAPHY["Ding and Fienberg 1994"]


@dataclass(frozen=True)
class Slot:
    """An input of an adjustment: what it is called and which numbers it may be."""

    name: str
    lowest: float = 0.0
    highest: float = 1.0
    #: Whether the ends themselves are impossible.
    above: bool = False
    below: bool = False

    @property
    def range(self) -> str:
        """The possible numbers, in words."""
        if self.highest == float("inf"):
            return "above 0" if self.above else "0 or more"
        low = f"above {self.lowest:g}" if self.above else f"{self.lowest:g}"
        return f"{low} to {'below ' if self.below else ''}{self.highest:g}"


@dataclass(frozen=True)
class Adjustment:
    """One kind of flaw and how it is undone."""

    title: str
    acts_on: Literal["benchmark", "share"]
    slots: tuple[Slot, ...]
    formula: Formula
    #: What was done: a sentence with the inputs' names in braces, and {what} for what was adjusted.
    words: str
    reference: str
    #: Whether the formula can leave 0 to 1, where no share is.
    truncates: bool = False


def _misclassified(share: Any, sensitivity: Any, false: Any) -> Any:
    return (share - false) / (sensitivity - false)


#: A share of records that have to go.
_GONE = Slot("share", below=True)
ADJUSTMENTS: Mapping[str, Adjustment] = {
    "register": Adjustment(
        english("what the register misses"),
        "benchmark",
        (Slot("completeness", above=True), Slot("false_positives", below=True)),
        lambda value, completeness, false: value * (1 - false) / completeness,
        template(
            "For what the register misses, {what} was multiplied by (1 - f) / c, where c = {completeness} is the share of "
            "members that the register holds and f = {false_positives} the share of its records that are of no member (a register "
            "that misses people makes B too small and N = B / p too low, false records do the opposite)."
        ),
        PPV,
    ),
    "register, linked": Adjustment(
        english("false records in the register"),
        "benchmark",
        (Slot("completeness", above=True), Slot("false_positives", below=True)),
        lambda value, completeness, false: value * (1 - false) + 0 * completeness,
        template(
            "For false records in the register, {what} was multiplied by 1 - f, where f = {false_positives} is the share of "
            "records that are of no member (they make B too large and N = B / p too high). The register's completeness, "
            "{completeness}, changes nothing, because the share was measured by linkage to the same register: whom it "
            "misses lacks in B and in p alike."
        ),
        PPV,
    ),
    "duplicates": Adjustment(
        english("duplicate records"),
        "benchmark",
        (_GONE,),
        lambda value, share: value * (1 - share),
        template(
            "For people who are counted more than once, {what} was multiplied by 1 - s, where s = {share} is the share of "
            "repeated records (they make B too large and N = B / p too high)."
        ),
        PPV,
    ),
    "cross-border": Adjustment(
        english("people from elsewhere"),
        "benchmark",
        (_GONE,),
        lambda value, share: value * (1 - share),
        template(
            "For people who live outside the survey's area, {what} was multiplied by 1 - s, where s = {share} is their share "
            "of the register (they make B too large and N = B / p too high)."
        ),
        PPV,
    ),
    "definition": Adjustment(
        english("people outside the case definition"),
        "benchmark",
        (_GONE,),
        lambda value, share: value * (1 - share),
        template(
            "For people whom the case definition does not cover, {what} was multiplied by 1 - s, where s = {share} is their "
            "share of the register (they make B too large and N = B / p too high)."
        ),
        PPV,
    ),
    "turnover": Adjustment(
        english("turnover"),
        "benchmark",
        (
            Slot("window", highest=float("inf")),
            Slot("stay", highest=float("inf"), above=True),
            Slot("asked", highest=float("inf")),
        ),
        lambda value, window, stay, asked: value * ((1 + asked / stay) / (1 + window / stay)),
        template(
            "For turnover in the register, {what} was multiplied by (1 + a / d) / (1 + w / d), where w = {window} years is how "
            "long the register counts, a = {asked} years how far back the survey's question reaches and d = {stay} years how "
            "long people stay in the register (a longer window sees more people pass, which makes B too large and N = B / p "
            "too high)."
        ),
        LITTLE,
    ),
    "left": Adjustment(
        english("people who left since"),
        "benchmark",
        (Slot("left", below=True),),
        lambda value, left: value * (1 - left),
        template(
            "For registered people who left the population before the survey, {what} was multiplied by 1 - l, where "
            "l = {left} is their share (they make B too large and N = B / p too high for the time of the survey)."
        ),
        SEBER,
    ),
    "entered": Adjustment(
        english("people who came since"),
        "benchmark",
        (Slot("entered", below=True),),
        lambda value, entered: value * (1 - entered),
        template(
            "For people who entered the population after the register's period, {what} was multiplied by 1 - e, where "
            "e = {entered} is their share of the population surveyed (they can't be in the register, which makes p too low and "
            "N = B / p too high for the time of the register)."
        ),
        SEBER,
    ),
    "self-report": Adjustment(
        english("misreported registration"),
        "share",
        (Slot("sensitivity"), Slot("specificity")),
        lambda value, sensitivity, specificity: _misclassified(value, sensitivity, 1 - specificity),
        template(
            "For misreported registration, {what} was corrected by p = (r + c - 1) / (s + c - 1), where r is the share that says so, "
            "s = {sensitivity} the chance that a registered participant says so (sensitivity) and c = {specificity} the chance that "
            "one who is not says that (specificity)."
        ),
        ROGAN_GLADEN,
        truncates=True,
    ),
    "linkage": Adjustment(
        english("linkage errors"),
        "share",
        (Slot("recall"), Slot("false_matches")),
        _misclassified,
        template(
            "For errors of linkage, {what} was corrected by p = (m - f) / (c - f), where m is the share that was linked, "
            "c = {recall} the chance that a registered participant is found and f = {false_matches} the chance that another one is "
            "linked all the same."
        ),
        LINKAGE,
        truncates=True,
    ),
    "linkage, precision": Adjustment(
        english("linkage errors"),
        "share",
        (Slot("recall", above=True), Slot("precision", above=True)),
        lambda value, recall, precision: value * precision / recall,
        template(
            "For errors of linkage, {what} was multiplied by q / c, where q = {precision} is the share of links that are right and "
            "c = {recall} the chance that a registered participant is found."
        ),
        LINKAGE,
        truncates=True,
    ),
    "recruitment": Adjustment(
        english("differential recruitment"),
        "share",
        (Slot("odds", highest=float("inf"), above=True),),
        lambda value, odds: value / (value + odds * (1 - value)),
        template(
            "For differential recruitment, the odds of {what} were divided by {odds}, which is how many times likelier registered "
            "people were to be recruited than others."
        ),
        GREENLAND,
    ),
}


def names(kind: str) -> Sequence[str]:
    """Return what the inputs of a kind are called."""
    return [slot.name for slot in ADJUSTMENTS[kind].slots]
