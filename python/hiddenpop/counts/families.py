"""The families of counts: their names, what is modelled in them, and who proposed them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError, suggest, warn
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Bools, Codes
from ..ground.language import english

BASES = {"poisson": english("Poisson"), "geom": english("geometric"), "negbin": english("negative binomial")}
#: Names of forms, and their extra parameter.
FORMS = {
    "zt": None,
    "zot": None,
    "ones_in_population_": "omega",
    "ones_among_seen_": "omega",
    "Hurdlezt": "pi",
    "ztHurdle": "pi",
}
#: What singleRcapture 1.0 and later call the inflated forms; up to 0.2.3 each name was the other's.
IN_R = {"ztoi": "ones_in_population_", "oizt": "ones_among_seen_"}
ALIASES = {
    "poisson": "ztpoisson",
    "geometric": "ztgeom",
    "geom": "ztgeom",
    "ztgeometric": "ztgeom",
    "negbin": "ztnegbin",
    "negative binomial": "ztnegbin",
}
#: What the ratios of neighbouring frequencies may be a line in.
LINES = {"log": "log(y + 1)", "linear": "y"}
_HEIJDEN = (
    "van der Heijden PGM, Bustami R, Cruyff MJLF, Engbersen G, van Houwelingen HC (2003). Point and interval estimation "
    "of the population size using the truncated Poisson regression model. Statistical Modelling 3:305-322."
)
_CRUYFF = BIBLIOGRAPHY["Cruyff and van der Heijden 2008"]
_INFLATED = (
    BIBLIOGRAPHY["Godwin and Böhning 2017"],
    BIBLIOGRAPHY["Böhning and Friedl 2021"],
)
_SINGLE = BIBLIOGRAPHY["Chlebicki and Beręsewicz 2025"]
_COVARIATES = BIBLIOGRAPHY["Böhning and van der Heijden 2009"]
_TWOS_AND_THREES = BIBLIOGRAPHY["Böhning and others 2019"]
_ADJUSTED = BIBLIOGRAPHY["Colwell 2013"]


@dataclass(frozen=True)
class Family:
    """A family of counts, or an estimator of some of them."""

    name: str
    title: str
    #: Parameters with covariates: lambda first.
    parameters: tuple[str, ...]
    references: tuple[str, ...]
    #: The fewest and the most times that people are seen whose counts are modelled; None without end.
    modelled: tuple[int, int | None] = (1, None)
    #: How the size follows from those people, after "as".
    how: str = english("the sum of the inverse chances of being seen (Horvitz-Thompson)")
    #: Whether it is fitted by its likelihood, and not a formula of the frequencies.
    likelihood: bool = True
    #: The public function that fits it, where that is not `zero_truncated`.
    method: str | None = None

    @property
    def full(self) -> bool:
        """Whether it describes all counts, so that they can be drawn from it."""
        return self.modelled == (1, None) and self.likelihood

    @property
    def whom(self) -> str:
        """Whose counts it models."""
        low, high = self.modelled
        words = {1: "once", 2: "twice", 3: "three times"}
        return f"at least {words[low]}" if high is None else f"{words[low]} or {words[high]}"

    def uses(self, times: Codes) -> Bools:
        """Mark people whose counts are modelled."""
        low, high = self.modelled
        return np.asarray((times >= low) & (True if high is None else times <= high))


def _titled(form: str, base: str) -> str:
    """Name a form of a family."""
    return {
        "zt": english("zero-truncated {base}", base=base),
        "zot": english("zero-one-truncated {base}", base=base),
        "ones_in_population_": english("one-inflated, then zero-truncated {base}", base=base),
        "ones_among_seen_": english("zero-truncated, then one-inflated {base}", base=base),
        "Hurdlezt": english("hurdle at one, then zero-truncated {base}", base=base),
        "ztHurdle": english("zero-truncated {base} with a hurdle at one", base=base),
    }[form]


def _families() -> dict[str, Family]:
    made = {}
    for form, extra in FORMS.items():
        for base, called in BASES.items():
            parameters = ("lambda", *(("alpha",) if base == "negbin" else ()), *((extra,) if extra else ()))
            references: tuple[str, ...] = (_CRUYFF if base == "negbin" else _HEIJDEN,)
            if extra:
                references = (_SINGLE, *_INFLATED) if extra == "omega" else (_SINGLE,)
            name, words = form + base, _titled(form, called)
            made[name] = Family(name, words, parameters, references)
            if form == "zot":
                references = (BIBLIOGRAPHY["Böhning and van der Heijden 2019"],)
                made[name] = Family(
                    name, words, parameters, references, (2, None), _stand_for(english("at least twice"))
                )
    chao = (BIBLIOGRAPHY["Chao 1987"], _COVARIATES)
    once, twice = _stand_for(english("once or twice")), _stand_for(english("twice or three times"))
    others = [
        Family("chao", english("Chao's lower bound"), ("lambda",), chao, (1, 2), once, method="chao"),
        Family(
            "chao_adjusted",
            english("Chao's lower bound, bias-corrected"),
            ("unseen",),
            (BIBLIOGRAPHY["Chao 1987"], _ADJUSTED),
            (1, 2),
            english("the number seen plus f1 (f1 - 1) / (2 (f2 + 1)), f1 and f2 people seen once and twice"),
            likelihood=False,
            method="chao",
        ),
        Family(
            "oichao",
            english("Chao's lower bound from twos and threes"),
            ("lambda",),
            (_TWOS_AND_THREES,),
            (2, 3),
            twice,
            method="oichao",
        ),
        Family(
            "oichao_adjusted",
            english("Chao's lower bound from twos and threes, bias-corrected"),
            ("unseen",),
            (_TWOS_AND_THREES,),
            (2, 3),
            english(
                "the number seen plus 2 f2 (f2 - 1) (f2 - 2) / (9 (f3 + 1) (f3 + 2)), f2 and f3 people seen twice and three times"
            ),
            likelihood=False,
            method="oichao",
        ),
        Family(
            "zelterman",
            english("Zelterman's estimator"),
            ("lambda",),
            (BIBLIOGRAPHY["Zelterman 1988"], _COVARIATES),
            (1, 2),
            method="zelterman",
        ),
        *(_ratios(line, inflated) for line in LINES for inflated in (False, True)),
    ]
    return made | {family.name: family for family in others}


def _ratios(line: str, inflated: bool) -> Family:
    back = (
        english(
            "2 f2 exp(-b0 - b1), b0 and b1 being the values at 0 and 1 of the line through the logs of the ratios but the first"
        )
        if inflated
        else english("f1 exp(-b0), b0 being the value at 0 of the line through the logs of the ratios")
    )
    return Family(
        name_of_ratios(line, inflated),
        english("ratio regression with ones inflated") if inflated else english("ratio regression"),
        ("log ratio",),
        (BIBLIOGRAPHY["Rocchetti and others 2011"], BIBLIOGRAPHY["Böhning 2016"]),
        (2 if inflated else 1, None),
        english(
            "the number seen plus {back} of neighbouring frequencies, (y + 1) f(y + 1) / f(y), on {label}, weighted by "
            "1 / (1 / f(y) + 1 / f(y + 1))",
            back=back,
            label=LINES[line],
        ),
        likelihood=False,
        method="ratio_regression",
    )


def name_of_ratios(line: str, inflated: bool) -> str:
    """Return the name of a ratio regression."""
    return f"ratio_regression_{line}" + ("_inflated" if inflated else "")


def _stand_for(whom: str) -> str:
    return english("the number seen plus, for those seen {times}, the unseen they stand for", times=whom)


FAMILIES = _families()


def find(name: object) -> Family:
    """Return a family of whole distributions by its name."""
    if not isinstance(name, str):
        raise InputError(f"family={name!r} must be a name, such as 'poisson', 'geometric' or 'negbin'.")
    key = ALIASES.get(name, name)
    known = {k: family for k, family in FAMILIES.items() if family.method is None}
    if key in FAMILIES and key not in known:
        raise InputError(f"family={name!r} is a method of its own: hp.{FAMILIES[key].method}(counts, ...).")
    if key not in known:
        lowered = {k.lower(): k for k in known}
        for theirs, ours in IN_R.items():
            lowered |= {(theirs + base).lower(): ours + base for base in BASES}
        for long, short in (("geometric", "geom"), ("negative binomial", "negbin")):
            lowered |= {k.removesuffix(short) + long: v for k, v in lowered.items() if k.endswith(short)}
        if key.lower() in lowered:
            found = lowered[key.lower()]
            if key.lower().startswith(tuple(IN_R)):
                _warn_exchanged(name, found)
            return FAMILIES[found]
        raise InputError(f"family={name!r} is unknown. {suggest(name, [*ALIASES, *known])}")
    return FAMILIES[key]


def _warn_exchanged(name: str, found: str) -> None:
    inside = found.startswith("ones_in_population_")
    meaning, other = (
        ("a share omega of the population is seen exactly once", "ones_among_seen_")
        if inside
        else ("a share omega of those seen is seen exactly once", "ones_in_population_")
    )
    base = found.removeprefix("ones_in_population_").removeprefix("ones_among_seen_")
    warn(
        f"family={name!r} is read as singleRcapture (R) 1.0 and later read it: {meaning}. Up to singleRcapture 0.2.3, and in "
        f"what was published with it, ztoi and oizt were each other's names. Say {found!r} for this one, or "
        f"{other + base!r} for what {name!r} was then; the sizes differ."
    )


def base_of(family: Family) -> Family | None:
    """Return the zero-truncated family that an inflated or hurdle family extends."""
    for form in FORMS:
        if form not in ("zt", "zot") and family.name.startswith(form):
            return FAMILIES["zt" + family.name[len(form) :]]
    return None
