"""What was believed of the number of people before: distributions on n, n + 1, ..."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from ..errors import InputError, in_words
from ..expression import evaluate
from ..expression.labelled import Labelled
from ..ground import checks
from ..ground.columns import Floats
from ..ground.language import english

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["beta", "flat", "negative_binomial", "poisson_lognormal"]
#: By default a prior ends where this share of it lies beyond.
BEYOND = 1e-4
#: How near the share below a median or quartile comes to what it should be.
CLOSE = 1e-3
#: And at the latest at so many people, or so many times the participants where that is more.
LATEST, FAR = 300_000, 100
#: No prior is longer.
MOST_PEOPLE = 20_000_000


@dataclass(frozen=True)
class Asked:
    """How a prior is given; see `hp.successive_sampling_size`."""

    kind: Kind = "beta"
    median: float | None = None
    mode: float | None = None
    quartiles: tuple[float, float] | None = None
    largest: int | None = None
    #: Probabilities of n, n + 1, ..., as they were supplied.
    supplied: Floats | None = None
    #: What a supplied prior is called.
    called: str = ""

    def __str__(self) -> str:
        if self.supplied is not None:
            return self.called
        if self.kind == "flat":
            return english("flat up to {most:,}", most=self.largest)
        how = {
            "beta": english("beta for the share in the sample"),
            "negative_binomial": english("negative binomial"),
            "poisson_lognormal": english("Poisson-lognormal"),
        }[self.kind]
        if self.quartiles is not None:
            low, high = self.quartiles
            return english("{law}, quartiles {low:,.0f} and {high:,.0f}", law=how, low=low, high=high)
        if self.median is None:
            return english("{law}, mode {middle:,.0f}", law=how, middle=self.middle)
        return english("{law}, median {middle:,.0f}", law=how, middle=self.middle)

    @property
    def highest(self) -> float:
        """The highest number that says where it lies."""
        return max((one for one in (self.median, self.mode, *(self.quartiles or ())) if one is not None), default=0.0)

    @property
    def middle(self) -> float:
        """The median or mode that was given."""
        given = self.mode if self.median is None else self.median
        assert given is not None
        return given


@dataclass(frozen=True)
class Prior:
    """Probabilities of n, n + 1, ... people."""

    n: int
    probability: Floats

    @property
    def log(self) -> Floats:
        """Their logarithms."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.probability))

    @property
    def largest(self) -> int:
        """The largest number that it allows."""
        return self.n + len(self.probability) - 1

    def quantile(self, share: float) -> float:
        """Return the smallest number that holds this share."""
        return float(self.n + np.searchsorted(self._cumulative, share * self._cumulative[-1]))

    def below(self, people: float) -> float:
        """Return the share up to a number of people, straight between whole ones, of which half lies below."""
        place = people - self.n + 0.5
        whole = int(np.clip(np.floor(place), 0, len(self.probability)))
        held = float(self._cumulative[whole - 1]) if whole else 0.0
        part = self.probability[whole] * (place - whole) if 0 <= place < len(self.probability) else 0.0
        return held + float(part)

    @cached_property
    def _cumulative(self) -> Floats:
        return np.cumsum(self.probability)


def read(
    given: Kind | Sequence[float] | pd.Series[Any] | Labelled,
    *,
    median: float | None,
    mode: float | None,
    quartiles: Sequence[float] | None,
    largest: int | None,
    n: int,
) -> Asked:
    """Check what is said of a prior.

    Raises
    ------
    InputError
        Too little, too much, or numbers below the participants.
    """
    if largest is not None:
        largest = checks.whole(largest, "largest", n + 1, MOST_PEOPLE)
    said = {"prior_median": median, "prior_mode": mode, "prior_quartiles": quartiles}
    named = [name for name, value in said.items() if value is not None]
    if not isinstance(given, str):
        if named:
            raise InputError(f"{named[0]}= says how large the population may be, and so does prior=: leave one out.")
        return _supplied(given, largest, n)
    if given not in get_args(Kind):
        raise InputError(
            f"prior={given!r} must be one of {', '.join(map(repr, get_args(Kind)))}, an estimate or numbers."
        )
    if given == "flat":
        if named or largest is None:
            raise InputError(
                "A flat prior needs largest=, where it ends, and nothing else: the answer will depend on it."
            )
        return Asked("flat", largest=largest)
    if len(named) != 1:
        raise InputError(
            "Say once how large the population may be, before these data: prior_median=, prior_mode= or prior_quartiles=(lower, "
            f"upper); {'none is' if not named else ' and '.join(named) + ' are'} given. Nothing in the sample replaces it."
        )
    if given != "beta" and quartiles is None:
        raise InputError(
            f"prior={given!r} needs prior_quartiles=(lower, upper): one number doesn't say how wide it is."
        )
    if quartiles is not None:
        ends = [checks.number(one, "prior_quartiles") for one in quartiles]
        if len(ends) != 2 or not n < ends[0] < ends[1]:
            raise InputError(
                f"prior_quartiles={in_words(tuple(ends))} must be two numbers, the lower first, above the {n:,} participants."
            )
        return Asked(given, quartiles=(ends[0], ends[1]), largest=largest)
    middle = checks.number(median if mode is None else mode, named[0])
    if not middle > n or middle > MOST_PEOPLE:
        raise InputError(
            f"{named[0]}={in_words(middle)} must be above the {n:,} participants, who are part of the population."
        )
    return Asked(
        "beta", median=None if median is None else middle, mode=None if mode is None else middle, largest=largest
    )


def make(asked: Asked, n: int, most: int | None = None) -> Prior:
    """Find the probabilities; what doesn't say where it ends, ends at `most` people at the latest."""
    most = min(max(LATEST, FAR * n, int(10 * asked.highest)) if most is None else most, MOST_PEOPLE)
    if asked.supplied is not None:
        return Prior(n, asked.supplied)
    if asked.kind == "flat":
        assert asked.largest is not None
        return Prior(n, np.full(asked.largest - n + 1, 1 / (asked.largest - n + 1)))
    if asked.kind == "beta":
        return _beta(asked, n, most)
    return _by_quartiles(_counting(asked.kind), asked, n, most)


def _supplied(given: Sequence[float] | pd.Series[Any] | Labelled, largest: int | None, n: int) -> Asked:
    if isinstance(given, Labelled):
        return _estimate(given, largest, n)
    weights = np.array([checks.real(one) for one in given], dtype=float)
    if weights.ndim != 1 or len(weights) < 2 or not (np.isfinite(weights) & (weights >= 0)).all() or not weights.any():
        raise InputError(
            f"prior= as numbers holds weights of {n:,}, {n + 1:,}, ... people: two at least, zero or more, and not all zero."
        )
    if largest is not None and largest != n + len(weights) - 1:
        raise InputError(f"prior= gives weights up to {n + len(weights) - 1:,} people: leave largest= out.")
    return Asked(supplied=weights / weights.sum(), called=english("weights as given"))


def _estimate(given: Labelled, largest: int | None, n: int) -> Asked:
    """Spread the draws of an estimate over whole numbers, straight between a thousand of their quantiles."""
    if len(given.node.point) != 1:
        raise InputError(f"prior= should be one number, and the estimate has {len(given.node.point)} labels: pick one.")
    draws = evaluate.draws(given.node)[0]
    inside = draws[np.isfinite(draws) & (draws >= n) & (draws <= (largest or MOST_PEOPLE))]
    if len(inside) < len(draws) / 2 or len(inside) < 100:
        raise InputError(
            f"Only {len(inside):,} of {len(draws):,} draws of prior= are at least the {n:,} participants (and at most largest=), so "
            "this can't be how large the population may be."
        )
    shares = np.linspace(0, 1, 1001)
    ends = np.quantile(inside, shares)
    if ends[0] == ends[-1]:
        raise InputError(
            "prior= has no spread: give the population to hp.Survey.rds(population=...), where it is known."
        )
    last = int(np.ceil(ends[-1]))
    below = np.interp(np.arange(n, last + 2) - 0.5, ends, shares)
    return Asked(
        supplied=np.diff(below) / np.diff(below).sum(), called=english("the estimate {names}", names=repr(given.name))
    )


def _beta(asked: Asked, n: int, most: int) -> Prior:
    """Find p(N) ~ (N + 1/2 - n)^(b - 1) (N + 1/2)^-(a + b), as if n/N had a beta distribution (Handcock, Gile and Mar 2014)."""
    from scipy import optimize  # noqa: PLC0415 (a heavy library)

    if asked.quartiles is not None:
        return _by_quartiles(_shares, asked, n, most)
    a = asked.middle / (asked.middle - n)

    def prior(b: float) -> Prior:
        return _ended(lambda people: _log_beta(people, n, a, b), asked.largest or _beta_end(n, a, b, most), n)

    if asked.median is None:
        # The mode of the density in N is n (a + b) / (a + 1).
        return prior(asked.middle * (a + 1) / n - a)

    def off(log_b: float) -> float:
        return prior(float(np.exp(log_b))).below(asked.middle) - 0.5

    start = _continuous(asked.middle, n, a, asked.largest)
    if start is not None:
        found = optimize.root_scalar(off, x0=start, x1=start + 0.01, method="secant", xtol=1e-7, maxiter=20)
        if found.converged and abs(off(found.root)) < CLOSE:
            return prior(float(np.exp(found.root)))
    raise InputError(
        f"No beta prior that ends at {asked.largest:,} has the median {asked.middle:,.0f}: raise largest=."
        if asked.largest
        else f"No beta prior has the median {asked.middle:,.0f}; give prior_quartiles=."
    )


def _continuous(median: float, n: int, a: float, largest: int | None) -> float | None:
    """Return log b of the beta distribution with this median of n over the share, where it ends at `largest`; None if none has."""
    from scipy import optimize, special  # noqa: PLC0415 (a heavy library)

    def off(log_b: float) -> float:
        b = float(np.exp(log_b))
        inside = 1.0 if largest is None else float(special.betainc(b, a, 1 - n / (largest + 1)))
        return float(special.betainc(b, a, 1 - n / (median + 0.5))) / max(inside, 1e-300) - 0.5

    low, high = np.log(1e-3), np.log(1e3)
    return float(optimize.brentq(off, low, high, xtol=1e-4)) if off(low) * off(high) < 0 else None


def _log_beta(people: Floats, n: int, a: float, b: float) -> Floats:
    return np.asarray((b - 1) * np.log(people + 0.5 - n) - (a + b) * np.log(people + 0.5))


def _beta_end(n: int, a: float, b: float, most: int) -> int:
    from scipy import special  # noqa: PLC0415 (a heavy library)

    share = float(special.betaincinv(a, b, BEYOND))
    return int(min(max(np.ceil(n / max(share, n / most)), n + 10), most))


def _ended(log: Callable[[Floats], Floats], largest: int, n: int) -> Prior:
    logs = log(np.arange(n, largest + 1, dtype=float))
    weights = np.exp(logs - logs.max())
    return Prior(n, weights / weights.sum())


#: From two numbers, n, where a prior ends (None: where next to nothing is beyond) and where at the latest, to the prior.
Family = Callable[[Floats, int, int | None, int], Prior]


def _shares(at: Floats, n: int, largest: int | None, most: int) -> Prior:
    a, b = np.exp(np.clip(at, -7, 7)).tolist()
    return _ended(lambda people: _log_beta(people, n, a, b), largest or _beta_end(n, a, b, most), n)


def _counting(kind: Kind) -> Family:
    """Return a distribution of the number of people by the logarithms of its mean and of its standard deviation over that."""

    def found(at: Floats, n: int, largest: int | None, most: int) -> Prior:
        from scipy import special  # noqa: PLC0415 (a heavy library)

        mean, spread = float(np.exp(np.clip(at[0], 0, np.log(most)))), float(np.exp(np.clip(at[1], -7, 2)))
        if kind == "negative_binomial":
            size = 1 / spread**2
            end = largest or float(special.nbdtrik(1 - BEYOND, size, size / (size + mean))) + 2
            log = partial(_log_negative_binomial, mean=mean, size=size)
        else:
            sd = float(np.sqrt(np.log1p(spread**2)))
            middle = np.log(mean) - sd**2 / 2
            end = largest or np.exp(min(middle - sd * special.ndtri(BEYOND), np.log(most))) + 10
            log = partial(_log_poisson_lognormal, middle=middle, sd=sd)
        end = min(max(end, n + 10), most) if np.isfinite(end) else most
        return _ended(log, largest or int(end), n)

    return found


def _log_negative_binomial(people: Floats, mean: float, size: float) -> Floats:
    from scipy import special  # noqa: PLC0415 (a heavy library)

    log = special.gammaln(people + size) - special.gammaln(people + 1) - people * np.log1p(size / mean)
    return np.asarray(log)


def _log_poisson_lognormal(people: Floats, middle: float, sd: float) -> Floats:
    """Integrate Poisson(N; e^u) over normal u, for each N by Gauss and Hermite's nodes around where the product is highest."""
    from scipy import special  # noqa: PLC0415 (a heavy library)

    at = np.log(people)
    for _ in range(50):
        slope = people - np.exp(at) - (at - middle) / sd**2
        step = slope / (np.exp(at) + 1 / sd**2)
        at = at + step
        if np.abs(step).max() < 1e-10:
            break
    width = 1 / np.sqrt(np.exp(at) + 1 / sd**2)
    nodes, weights = np.polynomial.hermite_e.hermegauss(15)
    logs = []
    for node in nodes.tolist():
        u = at + width * node
        logs.append(people * u - np.exp(u) - (u - middle) ** 2 / (2 * sd**2) + node**2 / 2)
    sums = special.logsumexp(np.stack(logs), axis=0, b=weights[:, None])
    return np.asarray(sums + np.log(width) - special.gammaln(people + 1) - np.log(2 * np.pi * sd**2) / 2)


def _continuous_quartiles(low: float, high: float, n: int) -> list[float]:
    """Return log a and log b of the beta distribution with these quartiles of n over the share, or what is near."""
    from scipy import optimize, special  # noqa: PLC0415 (a heavy library)

    def off(at: Floats) -> list[float]:
        a, b = np.exp(np.clip(at, -7, 7)).tolist()
        return [float(special.betainc(a, b, n / (one + 0.5))) - share for one, share in ((low, 0.75), (high, 0.25))]

    found = [optimize.root(off, [start, start]) for start in (np.log(2.0), 0.0, 2.0, 4.0)]
    return list(min(found, key=lambda one: float(np.abs(one.fun).max())).x)


def _by_quartiles(family: Family, asked: Asked, n: int, most: int) -> Prior:
    from scipy import optimize  # noqa: PLC0415 (a heavy library)

    assert asked.quartiles is not None
    low, high = asked.quartiles

    def off(at: Floats) -> list[float]:
        prior = family(at, n, asked.largest, most)
        return [prior.below(low) - 0.25, prior.below(high) - 0.75]

    middle = np.sqrt(low * high)
    starts = (
        [[np.log(2.0), np.log(2.0)], [0.0, 0.0]]
        if family is _shares
        else [[np.log(middle), np.log((high - low) / (1.35 * middle))]]
    )
    for start in starts:
        found = optimize.root(off, start)
        if np.abs(found.fun).max() < CLOSE:
            return family(found.x, n, asked.largest, most)
    raise InputError(
        f"No such prior has the quartiles {low:,.0f} and {high:,.0f} and is never below the {n:,} participants."
    )
