"""Conjugate beta synthesis: sources as counts of people, of whom some belong to the population.

Each source, a share with mean m and variance v, counts as n = m (1 - m) / v - 1 people of whom n m belong to the population:
the beta distribution with its moments. A beta prior and binomial counts are conjugate, so that counts add up, and an earlier
figure as prior counts like any other source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

import numpy as np

from ..errors import EstimationError, in_words
from ..expression.nodes import SELF, Fitted, Node
from ..expression.typed import require
from ..ground.columns import Floats
from ..ground.products import product
from . import evidence, wording

#: Where the distribution of the sources' mean is kept.
LEVELS = (np.arange(2048) + 0.5) / 2048


@dataclass(frozen=True, eq=False, repr=False)
class Conjugate(Fitted):
    """A posterior share; the last argument is a standard normal."""

    tells: ClassVar[int] = SELF
    public: ClassVar[tuple[str, ...]] = (
        "args",
        "names",
        "adjusted",
        "fitted",
        "covariance",
        "quantiles",
        "quantity",
        "n",
        "missing",
    )

    args: tuple[Node, ...]
    names: tuple[str, ...]
    #: Whether disagreement lowers what each source counts for.
    adjusted: bool
    #: The sources' shares and their covariance.
    fitted: Floats
    covariance: Floats
    #: Quantiles of the weighted mean of the sources' draws at `LEVELS`.
    quantiles: Floats
    quantity: Literal["share"] = "share"
    n: Floats | None = None
    missing: Floats | None = None
    point: Floats = field(init=False)

    #: The posterior's spread is not that of its derivatives.
    smooth = False
    rough = "Conjugate beta distributions spread by what their counts are worth, which the sources alone do not say."

    def __post_init__(self) -> None:
        count = len(self.names)
        require(self, count > 0, len(self.args) == count + 1, self.covariance.shape == (count, count))
        sources = self.args[: len(self.names)]
        shares = evidence.scaled(sources, "identity")
        if not np.array_equal(shares, self.fitted):
            for name, value in zip(("covariance", "quantiles"), measure(sources, self.names), strict=True):
                object.__setattr__(self, name, value)
            object.__setattr__(self, "fitted", shares)
        few = [name for name, count in zip(self.names, self.counts, strict=True) if not count > 0]
        if few:
            raise EstimationError(
                f"The source {in_words(few[0])} is more uncertain than any beta distribution with its mean, so it says nothing "
                "of the share."
            )
        object.__setattr__(self, "point", np.array([self.weights @ self.fitted]))

    def with_args(self, args: tuple[Node, ...]) -> Conjugate:
        """Combine other sources: an input that keeps its point and loses its uncertainty changes weights as well."""
        count = len(self.names)
        again = evidence.replaced(self.args[:count], args[:count])
        return replace(self, args=args, fitted=np.full(count, np.nan) if again else self.fitted)

    @property
    def method(self) -> str:
        """Its name among methods."""
        return "beta_adjusted" if self.adjusted else "beta"

    @property
    def counts(self) -> Floats:
        """For how many people each source counts."""
        return np.asarray(self.fitted * (1 - self.fitted) / np.diag(self.covariance) - 1)

    @property
    def weights(self) -> Floats:
        """The sources' weights."""
        return np.asarray(self.counts / self.counts.sum())

    @property
    def dispersion(self) -> float:
        """How much more the sources differ than they should: Pearson's chi-squared over its degrees of freedom, or 1."""
        middle = float(self.weights @ self.fitted)
        misfit = float(self.counts @ (self.fitted - middle) ** 2) / (middle * (1 - middle))
        return max(1.0, misfit / (len(self.names) - 1))

    @property
    def overlap(self) -> float:
        """By how much common surveys make the weighted mean vary more than independent sources would."""
        w = self.weights
        return float(w @ self.covariance @ w / (w**2 @ np.diag(self.covariance)))

    @property
    def parameters(self) -> tuple[float, float]:
        """Parameters of the posterior beta distribution."""
        count = float(self.counts.sum()) / max(self.overlap, 1e-9)
        count /= self.dispersion if self.adjusted else 1.0
        middle = float(self.weights @ self.fitted)
        return count * middle, count * (1 - middle)

    @property
    def estimator(self) -> str:
        """Its name, for tables."""
        return wording.TITLES[self.method]

    def describe(self) -> tuple[list[str], list[str]]:
        """Sentences and references for a methods section."""
        return wording.conjugate(self.parameters, self.dispersion if self.adjusted else None, self.overlap)

    def exact(self, shares: Sequence[float]) -> Floats:
        """Return quantiles of the beta distribution."""
        from scipy.special import betaincinv  # noqa: PLC0415 (only when something is combined)

        return np.asarray(betaincinv(*self.parameters, np.asarray(shares, dtype=float)))[None, :]

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Draw from the beta distribution, at the place where the sources' draws put the replicate.

        The normal score of the weighted mean of the sources' draws, and a normal, make a standard normal, at whose
        distribution function the beta distribution is inverted: so the posterior stays joint with its sources.
        """
        from scipy.special import betaincinv, ndtr, ndtri  # noqa: PLC0415 (scipy only when something is computed with it)

        width = max(value.shape[1] for value in values)
        drawn = np.concatenate([np.broadcast_to(value, (1, width)) for value in values])
        a, b = self.parameters
        part = min(1.0, float(self.weights @ self.covariance @ self.weights) * (a + b + 1) * (a + b) ** 2 / (a * b))
        place = ndtri(np.interp(product(self.weights[None, :], drawn[:-1])[0], self.quantiles, LEVELS))
        return np.asarray(betaincinv(a, b, ndtr(np.sqrt(part) * place + np.sqrt(1 - part) * drawn[-1])))[None, :]


def measure(sources: Sequence[Node], names: Sequence[str]) -> tuple[Floats, Floats]:
    """Return the covariance of shares, and the quantiles of their weighted mean."""
    found = evidence.covariance(sources, "identity", names)
    means = evidence.scaled(sources, "identity")
    counts = means * (1 - means) / np.diag(found) - 1
    draws = evidence.scaled_draws(sources, "identity", names)
    return found, np.quantile(counts / counts.sum() @ draws, LEVELS)
