"""Draws from a normal distribution for what is known by its covariance only, so that it mixes with other draws."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import expression, interval, noise, replicate, report, variance
from .columns import Floats
from .errors import EstimationError, HiddenpopWarning, InputError, listing
from .estimate import Estimate
from .nodes import Node, Quantity, reseeded


@dataclass(frozen=True)
class NormalOrigin:
    """Where normal draws come from, and of which surveys' people they speak."""

    key: str
    seed: int
    surveys: tuple[int, ...]
    given: str

    #: No sample is redrawn, so corrections for bias decline.
    sampled = False

    def check_against(self, other: Any) -> None:
        """Warn where the other estimate comes from the same people, or the same draws under another seed."""
        if getattr(other, "key", None) == self.key and other.seed != self.seed:
            raise InputError(
                f"Normal draws of one estimate are used under two seeds ({other.seed} and {self.seed}), so they would count "
                f"as two independent ones. Replay one: estimate.replay(seed={self.seed})."
            )
        theirs = getattr(other, "surveys", (getattr(other, "fingerprint", None),))
        if set(self.surveys) & set(theirs):
            warnings.warn(
                f"Normal draws of '{self.given}' are combined with another estimate of the same survey as if the two were "
                "independent. Combine the estimates first and call to_normal() on the result.",
                HiddenpopWarning,
                stacklevel=5,
            )


@dataclass(frozen=True, eq=False, repr=False)
class NormalDraws:
    """Draws of a multivariate normal on link scales, as a leaf of expressions."""

    point: Floats
    #: The link of each label.
    links: tuple[str, ...]
    #: A square root of the covariance on the link scale (labels x labels).
    root: Floats
    key: str
    name: str
    seed: int
    replicates: int
    quantity: Quantity
    surveys: tuple[int, ...]
    #: What the covariance was measured by, for the methods section.
    given: str
    n: Floats | None = None
    missing: Floats | None = None
    args: tuple[Node, ...] = ()

    @property
    def origin(self) -> NormalOrigin:
        """What its draws depend on."""
        return NormalOrigin(self.key, self.seed, self.surveys, self.name)

    @property
    def short(self) -> str:
        """What a table's column of methods says."""
        return f"normal draws of {self.name}"

    def reseed(self, *, seed: int | None, replicates: int | None) -> NormalDraws:
        """Return the same quantity under other settings."""
        return reseeded(self, seed, replicates)

    def block(self, values: Sequence[Floats], start: int, stop: int) -> Floats:
        """Draw independent normals from each label's stream, correlate them and leave the link scale."""
        normals = [
            noise.standard("normal", self.seed, f"{self.key} {label}", start, stop) for label in range(len(self.point))
        ]
        moved = self.root @ np.concatenate(normals)
        result = np.empty(moved.shape)
        for label, (link, value) in enumerate(zip(self.links, self.point, strict=True)):
            to, back, _ = interval.SCALES[link]
            with np.errstate(divide="ignore", over="ignore"):
                fixed = not self.root[label].any()
                result[label] = value if fixed else back(to(np.array(value)) + moved[label])
        return result


def make(est: Estimate, *, seed: int | None, replicates: int | None, name: str | None) -> Estimate:
    """Make the estimate; see `Estimate.to_normal`."""
    if name is not None and not isinstance(name, str):
        raise InputError(f"name={name!r} must be a text.")
    node = est.node
    if not expression.sources(node):
        raise InputError(f"'{est.name}' is made of numbers without uncertainty, so there is nothing to draw.")
    defaults = replicate.defaults()
    found = variance.measured(node)
    links = tuple(interval.LINKS.get(quantity, "identity") for quantity in expression.quantities(node))
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = np.array([float(interval.SCALES[k][2](np.array(v))) for k, v in zip(links, node.point, strict=True)])
    known = ~np.isnan(node.point)
    lost = known & (~np.isfinite(found.se) | (~np.isfinite(slopes) & (found.se > 0)))
    if lost.any():
        raise EstimationError(
            f"There is no normal distribution for {listing(list(est.labels[lost]))} of '{est.name}': no standard error, or a "
            "point on the edge of what is possible."
        )
    # Labels without an answer, or without variation, are drawn as they are.
    varies = known & (found.se > 0)
    slopes = np.where(varies, slopes, 0.0)
    covariance = np.where(varies[:, None] & varies, found.covariance, 0.0)
    values, vectors = np.linalg.eigh(slopes[:, None] * covariance * slopes)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    root[~varies] = 0.0
    content = hashlib.blake2b(node.point.tobytes() + found.covariance.tobytes(), digest_size=16).hexdigest()
    surveys = [getattr(source.origin, "fingerprint", None) for source in expression.sources(node)]
    new = NormalDraws(
        point=node.point,
        links=links,
        root=root,
        key=f"normal {name} {content}",
        name=name or est.name,
        seed=replicate.check_seed(defaults.seed if seed is None else seed),
        replicates=replicate.check_replicates(defaults.replicates if replicates is None else replicates),
        quantity=node.quantity,
        surveys=tuple(dict.fromkeys(f for f in surveys if f is not None)),
        given=report.measures(node),
        n=node.n,
        missing=node.missing,
    )
    title = name or est.name
    labels = est.labels if not est.scalar or name is None else type(est.labels)([name])
    return Estimate(new, labels, est.scalar, title)
