"""Draws from a normal distribution for what is known by its covariance only, so that it mixes with other draws."""

from __future__ import annotations

import hashlib

import numpy as np

from ..draws import settings
from ..errors import EstimationError, InputError, listing
from ..expression import graph
from ..expression.labelled import Labelled
from ..ground import scales
from ..ground.language import ENGLISH
from ..sources.normal_draws import NormalDraws
from ..uncertainty import variance
from ..words import methods


def normal_draws(est: Labelled, *, seed: int | None, replicates: int | None, name: str | None) -> Labelled:
    """Make the estimate; see `Estimate.to_normal`."""
    if name is not None and not isinstance(name, str):
        raise InputError(f"name={name!r} must be a text.")
    node = est.node
    if not graph.sources(node):
        raise InputError(f"'{est.name}' is made of numbers without uncertainty, so there is nothing to draw.")
    defaults = settings.defaults()
    found = variance.measured(node)
    links = tuple(scales.LINKS.get(quantity, "identity") for quantity in node.quantities)
    # A size from lists is drawn on log(N - n).
    least = node.floor
    begins = np.zeros(len(node.point)) if least is None else np.where(np.isfinite(least), least, 0.0)
    above = np.where(np.array(links) == "log", node.point - begins, node.point)
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = np.array([float(scales.SCALES[k][2](np.array(v))) for k, v in zip(links, above, strict=True)])
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
    with settings.within(language=ENGLISH):  # it is kept, and read in the language of the moment
        given = methods.measures(node)
    content = hashlib.blake2b(node.point.tobytes() + found.covariance.tobytes(), digest_size=16).hexdigest()
    surveys = [people for source in graph.sources(node) for people in sorted(source.origin.people)]
    new = NormalDraws(
        point=node.point,
        links=links,
        root=root,
        key=f"normal {name} {content}",
        name=name or est.name,
        seed=settings.check_seed(defaults.seed if seed is None else seed),
        replicates=settings.check_replicates(defaults.replicates if replicates is None else replicates),
        quantity=node.quantity,
        surveys=tuple(dict.fromkeys(surveys)),
        given=given,
        n=node.n,
        missing=node.missing,
        calls=tuple(dict.fromkeys(call for source in graph.sources(node) for call in source.origin.calls)),
        least=least,
    )
    title = name or est.name
    labels = est.labels if not est.scalar or name is None else type(est.labels)([name])
    return Labelled(new, labels, est.scalar, title)
