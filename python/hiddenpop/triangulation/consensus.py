"""The consensus of estimates that are combined with weights on one scale, as a node of expressions.

With the estimates' draws y on that scale, draw r of the consensus is

theta_r = A y_r + E z_r,

A the weights, z standard normal, and E E' = A B A' what the variance between sources (B = tau^2 I for independent ones)
adds to what their own draws hold. So a consensus stays jointly distributed with its sources. Where the between-source
variance has a posterior, tau is drawn first and A and E are those of its value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from ..errors import EstimationError
from ..expression import graph
from ..expression.nodes import SELF, Fitted, Node, Quantity
from ..expression.typed import require
from ..ground import scales
from ..ground.columns import Floats
from ..ground.products import product
from . import evidence, pooling, quadrature, wording


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """Weights and spreads: one set, or one for each point of a grid of between-source standard deviations."""

    probability: Floats
    #: Between-source standard deviations (points x 2).
    sds: Floats
    #: Weights (points x results x sources) and what is added (points x results x results).
    weights: Floats
    extra: Floats
    #: The consensus and its standard error at each point (points x results), on the combining scale.
    mean: Floats
    sd: Floats
    #: Degrees of freedom and factor of Hartung and Knapp; infinite and 1 without.
    df: float = np.inf
    stretch: float = 1.0

    def quantiles(self, result: int, shares: Floats) -> Floats:
        """Return quantiles of one result on the combining scale."""
        if len(self.probability) > 1:
            return quadrature.mixture_quantiles(self.probability, self.mean[:, result], self.sd[:, result], shares)
        from scipy.special import ndtri, stdtrit  # noqa: PLC0415 (only when something is combined)

        standard = stdtrit(self.df, shares) if np.isfinite(self.df) else ndtri(shares)
        return np.asarray(self.mean[0, result] + self.stretch * self.sd[0, result] * standard)

    def spread(self, shares: Floats, which: int = 0) -> Floats:
        """Return quantiles of a between-source standard deviation; where it is estimated, the estimate."""
        order = np.argsort(self.sds[:, which])
        below = np.cumsum(self.probability[order])
        place = np.minimum(np.searchsorted(below, shares), len(order) - 1)
        return np.asarray(self.sds[order[place], which])


@dataclass(frozen=True, eq=False, repr=False)
class Consensus(Fitted):
    """Estimates combined by their weights; the last argument is noise where the method adds any."""

    tells: ClassVar[int] = SELF
    public: ClassVar[tuple[str, ...]] = (
        "args",
        "names",
        "method",
        "link",
        "quantity",
        "covariance",
        "fitted",
        "site",
        "kind",
        "bounded",
        "adjust",
        "prior",
        "given",
        "n",
        "missing",
    )

    args: tuple[Node, ...]
    names: tuple[str, ...]
    method: str
    link: str
    quantity: Quantity
    #: Covariance of the sources and the points it was found with, on the combining scale.
    covariance: Floats
    fitted: Floats
    #: Which result (site) and which method each source belongs to.
    site: Floats
    kind: Floats
    bounded: bool = True
    adjust: str = "none"
    prior: tuple[str, float] | None = None
    #: Relative weights of an opinion pool.
    given: Floats | None = None
    n: Floats | None = None
    missing: Floats | None = None
    point: Floats = field(init=False)

    def confirm(self) -> None:
        """Refuse to measure what no source does."""
        require(self, self.quantity in {arg.quantity for arg in self.args[: len(self.names)]})

    def __post_init__(self) -> None:
        count = len(self.names)
        require(self, count > 0, count <= len(self.args) <= count + 1, self.link in scales.SCALES)
        require(self, all(len(arg.point) == 1 for arg in self.args[:count]), self.method in wording.TITLES)
        require(self, self.covariance.shape == (count, count), _numbers(self.site, count), _numbers(self.kind, count))
        require(self, self.given is None or self.given.shape == (count,))
        y = self.y
        if not np.array_equal(y, self.fitted):
            # Replayed with other inputs: sources vary otherwise than before.
            found = evidence.covariance(self.args[: len(self.names)], self.link, self.names)
            object.__setattr__(self, "covariance", found)
            object.__setattr__(self, "fitted", y)
        back = scales.SCALES[self.link][1]
        model = self.model
        centre = [float(model.quantiles(s, np.array([0.5]))[0]) for s in range(model.mean.shape[1])]
        object.__setattr__(self, "point", np.asarray(back(np.array(centre))))

    def with_args(self, args: tuple[Node, ...]) -> Consensus:
        """Combine other sources: an input that keeps its point and loses its uncertainty changes weights as well."""
        count = len(self.names)
        again = evidence.replaced(self.args[:count], args[:count])
        return replace(self, args=args, fitted=np.full(count, np.nan) if again else self.fitted)

    @property
    def y(self) -> Floats:
        """The sources' points on the combining scale."""
        return evidence.scaled(self.args[: len(self.names)], self.link)

    @property
    def levels(self) -> Floats:
        """Which result each source informs (sources x results)."""
        return np.asarray(np.eye(int(max(self.site)) + 1)[np.asarray(self.site, dtype=int)])

    @property
    def methods(self) -> Floats:
        """Which method each source came by (sources x methods)."""
        return np.asarray(np.eye(int(max(self.kind)) + 1)[np.asarray(self.kind, dtype=int)])

    @property
    def weights(self) -> Floats:
        """The weight of each source in the result of its site: with a posterior, the mean over it."""
        mean = np.einsum("g,gsk->sk", self.model.probability, self.model.weights)
        return np.asarray(mean[np.asarray(self.site, dtype=int), np.arange(len(self.names))])

    @cached_property
    def model(self) -> Model:
        """Weights, spreads and their probabilities."""
        if self.method == "bayesian":
            assert self.prior is not None
            grid = quadrature.posterior(self.fitted, self.covariance, self.levels, self.methods, self.prior)
            return _of_grid(self, grid)
        if self.method == "log_pool":
            return _log_pool(self)
        return _single(self)

    @property
    def noisy(self) -> bool:
        """Whether the last argument is noise."""
        return len(self.args) > len(self.names)

    @property
    def smooth(self) -> bool:
        """Whether its derivatives say all of its variance: what noise adds is none of them."""
        return not self.noisy

    @property
    def rough(self) -> str:
        """What its derivatives leave out."""
        return "A consensus that draws what its sources leave open varies by more than they do."

    @property
    def estimator(self) -> str:
        """Its name, for tables."""
        return wording.TITLES[self.method]

    def describe(self) -> tuple[list[str], list[str]]:
        """Sentences and references for a methods section."""
        model = self.model
        if self.method == "bayesian":
            assert self.prior is not None
            return wording.bayesian(self.link, len(self.point), self.prior, float(model.spread(np.array([0.5]))[0]))
        listed, tau = wording.shares(self.names, model.weights[0, 0]), float(model.sds[0, 0])
        return wording.weighted(self.method, self.link, listed, tau=tau, bounded=self.bounded, adjust=self.adjust)

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Combine draws."""
        to, back, _ = scales.SCALES[self.link]
        model, count = self.model, len(self.names)
        width = max(value.shape[1] for value in values)
        with np.errstate(divide="ignore", invalid="ignore"):
            y = np.concatenate([np.broadcast_to(to(value), (1, width)) for value in values[:count]])
        unused = np.asarray(~model.weights.any(axis=(0, 1)))
        if unused.any():  # infinite times zero is no answer
            y = np.where(unused[:, None], 0.0, y)
        if not self.noisy:
            return np.asarray(back(product(model.weights[0], y)))
        noise = np.broadcast_to(values[count], (values[count].shape[0], width))
        results = model.weights.shape[1]
        z, u = noise[:results], noise[results]
        if len(model.probability) == 1:
            theta = product(model.weights[0], y) + product(model.extra[0], z)
        else:
            which = np.minimum(np.searchsorted(np.cumsum(model.probability), u), len(model.probability) - 1)
            # Each replicate has a matrix of its own.
            theta = sum(model.weights[which, :, s].T * row for s, row in enumerate(y))
            theta = theta + sum(model.extra[which, :, k].T * row for k, row in enumerate(z))
        if np.isfinite(model.df):
            from scipy.special import chdtri  # noqa: PLC0415 (scipy only when something is computed with it)

            shrink = np.sqrt(chdtri(model.df, 1 - u) / model.df)
            centre = model.mean[0][:, None]
            theta = centre + (theta - centre) * model.stretch / shrink
        return np.asarray(back(theta))


def _single(node: Consensus) -> Model:
    """Weigh with one covariance: of the sources alone, or with an estimated variance between them."""
    y, v = node.fitted, node.covariance
    tau2 = pooling.BETWEEN[node.method](y, v) if node.method in pooling.BETWEEN else 0.0
    b = tau2 * np.eye(len(y))
    w = pooling.weights(v + b, bounded=node.bounded)[None, :]
    more: dict[str, Any] = {}
    if node.adjust != "none":
        stretch = pooling.hartung_knapp(y, v + b, modified=node.adjust == "modified")
        more = {"df": float(len(y) - 1), "stretch": stretch}
    return Model(
        probability=np.ones(1),
        sds=np.array([[np.sqrt(tau2), 0.0]]),
        weights=w[None],
        extra=np.asarray(np.sqrt(w @ b @ w.T), dtype=float)[None],
        mean=(w @ y)[None],
        sd=np.sqrt(w @ (v + b) @ w.T)[0][None],
        **more,
    )


def _of_grid(node: Consensus, grid: quadrature.Grid) -> Model:
    """Weigh for each between-source standard deviation that the data and the prior leave possible."""
    b = quadrature.between(grid.sds, node.methods)
    inverse = np.linalg.inv(node.covariance + b)
    across = node.levels.T @ inverse
    spread = np.linalg.inv(across @ node.levels)
    a: Floats = np.asarray(spread @ across, dtype=float)
    roots, vectors = np.linalg.eigh(a @ b @ a.transpose(0, 2, 1))
    extra = np.asarray(vectors * np.sqrt(np.maximum(roots, 0.0))[:, None, :], dtype=float)
    sd = np.asarray(np.sqrt(np.diagonal(spread, axis1=1, axis2=2)), dtype=float)
    return Model(grid.probability, grid.sds, a, extra, a @ node.fitted, sd)


def _log_pool(node: Consensus) -> Model:
    """Multiply normal densities, each to the power of its weight."""
    assert node.given is not None
    precision = node.given / np.diag(node.covariance)
    w = (precision / precision.sum())[None, :]
    # A pool of densities does not know of common surveys: its variance is 1 / sum(w / v), which no correlation exceeds.
    added = 1 / precision.sum() - float((w @ node.covariance @ w.T)[0, 0])
    return Model(
        probability=np.ones(1),
        sds=np.zeros((1, 2)),
        weights=w[None],
        extra=np.array([[[np.sqrt(max(added, 0.0))]]], dtype=float),
        mean=(w @ node.fitted)[None],
        sd=np.array([[np.sqrt(1 / precision.sum())]]),
    )


def laws(method: str, results: int) -> tuple[str, ...]:
    """Say what noise a method needs: a normal for each result, and a uniform."""
    if method in ("fixed", "minimum_variance"):
        return ()
    if method == "linear_pool":
        return ("uniform",)
    return (*("normal" for _ in range(results)), "uniform")


def require_draws(node: Node, method: str) -> None:
    """Refuse what works on draws where there are none."""
    if not graph.drawable(node):
        raise EstimationError(
            f"method={method!r} works on draws, and a source's variance is measured by replicates. Use method='fixed', or turn "
            "such sources into draws. Those of one survey go together, or they would count as independent: "
            "joint = hp.concat({'a': a, 'b': b}).to_normal(), then joint['a']."
        )


def by_method(node: Node, *methods: str) -> Consensus | None:
    """Return a consensus that was found by one of some methods; None for anything else."""
    return node if isinstance(node, Consensus) and node.method in methods else None


def _numbers(which: Floats, count: int) -> bool:
    """Tell whether each of some sources has the number of a result or a method, of which there are no more."""
    return which.shape == (count,) and bool(((which >= 0) & (which < count) & (which % 1 == 0)).all())
