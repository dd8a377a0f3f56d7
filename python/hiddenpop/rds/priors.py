"""What was believed of the number of people before: distributions on n, n + 1, ..."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from ..errors import InputError, in_words
from ..expression import evaluate
from ..expression.labelled import Labelled
from ..ground import checks
from ..ground.columns import Floats

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["beta", "flat", "negative_binomial", "poisson_lognormal"]
#: By default a prior ends where this share of it lies beyond.
BEYOND = 1e-4
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
            return f"flat up to {self.largest:,}"
        how = {
            "beta": "beta for the share in the sample",
            "negative_binomial": "negative binomial",
            "poisson_lognormal": "Poisson-lognormal",
        }[self.kind]
        if self.quartiles is not None:
            return f"{how}, quartiles {self.quartiles[0]:,.0f} and {self.quartiles[1]:,.0f}"
        return f"{how}, {'mode' if self.median is None else 'median'} {self.middle:,.0f}"

    @property
    def middle(self) -> float:
        """The median or mode that was given."""
        given = self.mode if self.median is None else self.median
        assert given is not None
        return given

    def moved(self, median: float) -> Asked:
        """Return the same with another median."""
        return replace(self, kind="beta", median=median, mode=None, quartiles=None, supplied=None, largest=None)


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
        below = np.cumsum(self.probability)
        return float(self.n + np.searchsorted(below, share * below[-1]))


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
        raise InputError(f"prior={given!r} must be one of {', '.join(map(repr, get_args(Kind)))}, an estimate or numbers.")
    if given == "flat":
        if named or largest is None:
            raise InputError("A flat prior needs largest=, where it ends, and nothing else: the answer will depend on it.")
        return Asked("flat", largest=largest)
    if len(named) != 1:
        raise InputError(
            "Say once how large the population may be, before these data: prior_median=, prior_mode= or prior_quartiles=(lower, "
            f"upper); {'none is' if not named else ' and '.join(named) + ' are'} given. Nothing in the sample replaces it."
        )
    if given != "beta" and quartiles is None:
        raise InputError(f"prior={given!r} needs prior_quartiles=(lower, upper): one number doesn't say how wide it is.")
    if quartiles is not None:
        ends = [checks.number(one, "prior_quartiles") for one in quartiles]
        if len(ends) != 2 or not n < ends[0] < ends[1]:
            raise InputError(
                f"prior_quartiles={in_words(tuple(ends))} must be two numbers, the lower first, above the {n:,} participants."
            )
        return Asked(given, quartiles=(ends[0], ends[1]), largest=largest)
    middle = checks.number(median if mode is None else mode, named[0])
    if not middle > n or middle > MOST_PEOPLE:
        raise InputError(f"{named[0]}={in_words(middle)} must be above the {n:,} participants, who are part of the population.")
    return Asked("beta", median=None if median is None else middle, mode=None if mode is None else middle, largest=largest)


def make(asked: Asked, n: int) -> Prior:
    """Find the probabilities."""
    if asked.supplied is not None:
        return Prior(n, asked.supplied)
    if asked.kind == "flat":
        assert asked.largest is not None
        return Prior(n, np.full(asked.largest - n + 1, 1 / (asked.largest - n + 1)))
    if asked.kind == "beta":
        return _beta(asked, n)
    assert asked.quartiles is not None
    return _by_quartiles(_counting(asked.kind), asked.quartiles, asked.largest, n)


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
    return Asked(supplied=weights / weights.sum(), called="weights as given")


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
        raise InputError("prior= has no spread: give the population to hp.Survey.rds(population=...), where it is known.")
    last = int(np.ceil(ends[-1]))
    below = np.interp(np.arange(n, last + 2) - 0.5, ends, shares)
    return Asked(supplied=np.diff(below) / np.diff(below).sum(), called=f"the estimate {given.name!r}")


def _beta(asked: Asked, n: int) -> Prior:
    """Find p(N) ~ (N + 1/2 - n)^(b - 1) (N + 1/2)^-(a + b), as if n/N had a beta distribution (Handcock, Gile and Mar 2014)."""
    from scipy import optimize  # noqa: PLC0415 (a heavy library)

    if asked.quartiles is not None:
        return _by_quartiles(_shares, asked.quartiles, asked.largest, n)
    a = asked.middle / (asked.middle - n)
    if asked.median is None:
        # The mode of the density in N is n (a + b) / (a + 1).
        b = asked.middle * (a + 1) / n - a
        return _ended(lambda people: _log_beta(people, n, a, b), asked.largest or _beta_end(n, a, b), n)

    def off(log_b: float) -> float:
        b = float(np.exp(log_b))
        prior = _ended(lambda people: _log_beta(people, n, a, b), asked.largest or _beta_end(n, a, b), n)
        below = np.cumsum(prior.probability)
        return float(np.interp(asked.middle, np.arange(n, prior.largest + 1) + 0.5, below)) - 0.5

    try:
        b = float(np.exp(optimize.brentq(off, np.log(1e-3), np.log(1e3), xtol=1e-6)))
    except ValueError:
        raise InputError(
            f"No beta prior that ends at {asked.largest:,} has the median {asked.middle:,.0f}: raise largest=."
            if asked.largest
            else f"No beta prior has the median {asked.middle:,.0f}; give prior_quartiles=."
        ) from None
    return _ended(lambda people: _log_beta(people, n, a, b), asked.largest or _beta_end(n, a, b), n)


def _log_beta(people: Floats, n: int, a: float, b: float) -> Floats:
    return np.asarray((b - 1) * np.log(people + 0.5 - n) - (a + b) * np.log(people + 0.5))


def _beta_end(n: int, a: float, b: float) -> int:
    from scipy import special  # noqa: PLC0415 (a heavy library)

    share = float(special.betaincinv(a, b, BEYOND))
    return int(min(max(np.ceil(n / max(share, n / MOST_PEOPLE)), n + 10), MOST_PEOPLE))


def _ended(log: Callable[[Floats], Floats], largest: int, n: int) -> Prior:
    logs = log(np.arange(n, largest + 1, dtype=float))
    weights = np.exp(logs - logs.max())
    return Prior(n, weights / weights.sum())


#: From two numbers, n and where a prior ends (None: where next to nothing is beyond) to the prior.
Family = Callable[[Floats, int, int | None], Prior]


def _shares(at: Floats, n: int, largest: int | None) -> Prior:
    a, b = np.exp(np.clip(at, -7, 7)).tolist()
    return _ended(lambda people: _log_beta(people, n, a, b), largest or _beta_end(n, a, b), n)


def _counting(kind: Kind) -> Family:
    """Return a distribution of the number of people by the logarithms of its mean and of its standard deviation over that."""

    def found(at: Floats, n: int, largest: int | None) -> Prior:
        from scipy import special, stats  # noqa: PLC0415 (heavy libraries)

        mean, spread = float(np.exp(np.clip(at[0], 0, np.log(MOST_PEOPLE)))), float(np.exp(np.clip(at[1], -7, 2)))
        if kind == "negative_binomial":
            size = 1 / spread**2
            end = largest or int(special.nbdtrik(1 - BEYOND, size, size / (size + mean))) + 2
            end = int(min(max(end, n + 10), MOST_PEOPLE))
            return _ended(lambda people: stats.nbinom.logpmf(people, size, size / (size + mean)), end, n)
        sd = float(np.sqrt(np.log1p(spread**2)))
        middle = np.log(mean) - sd**2 / 2
        end = largest or int(np.exp(min(middle + sd * stats.norm.isf(BEYOND), np.log(MOST_PEOPLE))) + 10)
        end = int(min(max(end, n + 10), MOST_PEOPLE))
        return _ended(lambda people: _log_poisson_lognormal(people, middle, sd), end, n)

    return found


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


def _by_quartiles(family: Family, quartiles: tuple[float, float], largest: int | None, n: int) -> Prior:
    from scipy import optimize  # noqa: PLC0415 (a heavy library)

    low, high = quartiles

    def off(at: Floats) -> list[float]:
        prior = family(at, n, largest)
        people = np.arange(n, prior.largest + 1) + 0.5
        below = np.cumsum(prior.probability)
        return [float(np.interp(low, people, below)) - 0.25, float(np.interp(high, people, below)) - 0.75]

    middle = np.sqrt(low * high)
    starts = [[np.log(2.0), np.log(2.0)], [0.0, 0.0]] if family is _shares else [[np.log(middle), np.log((high - low) / (1.35 * middle))]]
    for start in starts:
        found = optimize.root(off, start)
        if np.abs(found.fun).max() < 1e-3:
            return family(found.x, n, largest)
    raise InputError(f"No such prior has the quartiles {low:,.0f} and {high:,.0f} and is never below the {n:,} participants.")
