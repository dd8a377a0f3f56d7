"""A smooth line through repeated studies: a random walk seen through each study's own error.

On the log scale (logit for shares) the level x(t) moves by steps that add up: x(t) - x(s) ~ N(0, h^2 |t - s|), and a
study at time t sees x(t) with its error. This is the local level model of Harvey (1989) and Durbin and Koopman (2012)
with irregular times. Given the step h, interpolation and forecasts are linear in the studies; h is drawn from its
posterior, found on a grid.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..answers.asked import whose
from ..draws import streams
from ..errors import InputError, in_words, listing
from ..estimate.estimate import Estimate
from ..expression.nodes import SELF, Fitted, Node, Quantity
from ..expression.typed import require
from ..ground import checks, scales
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Floats
from ..ground.language import tr
from ..ground.products import product
from ..ground.random_effects import Component, Predictor
from ..sources import noise
from ..uncertainty.on_scale import error_covariance

#: With fewer studies than this their scatter tells too little of how fast the population changes.
FEWEST_STUDIES = 5
#: The covariance of a walk at more times than this fills the memory.
MOST_TIMES = 5_000
REFERENCES = (
    BIBLIOGRAPHY["Harvey 1989"],
    BIBLIOGRAPHY["Durbin and Koopman 2012"],
)


@dataclass(frozen=True, eq=False, repr=False)
class Walk(Fitted):
    """Levels of a random walk at some times, given studies at others, as a node of expressions."""

    tells: ClassVar[int] = SELF
    public: ClassVar[tuple[str, ...]] = (
        "args",
        "link",
        "studied",
        "asked",
        "covariance",
        "quantity",
        "step",
        "prior",
        "n",
        "missing",
    )

    #: The studies' estimates, and the errors of the model (the step's first, then one a time).
    args: tuple[Node, ...]
    link: str
    #: Times of the studies and those asked for, as numbers.
    studied: tuple[float, ...]
    asked: tuple[float, ...]
    covariance: Floats
    quantity: Quantity
    step: float | None = None
    prior: float | None = None
    n: Floats | None = None
    missing: Floats | None = None
    point: Floats = field(init=False)
    predictor: Predictor = field(init=False)
    root: Floats = field(init=False)
    rows: tuple[list[int], list[int]] = field(init=False)

    def confirm(self) -> None:
        """Refuse to measure what no source does."""
        require(self, self.quantity == self.args[0].quantity)

    def __post_init__(self) -> None:
        require(self, self.link in scales.SCALES, len(self.args) == 2, len(self.asked) > 0)
        require(self, self.covariance.shape == 2 * (len(self.studied),), len(self.studied) == len(self.args[0].point))
        times = sorted({*self.studied, *self.asked})
        require(self, len(times) <= MOST_TIMES, len(self.args[1].point) == len(times) + 1)
        rows = ([times.index(t) for t in self.studied], [times.index(t) for t in self.asked])
        # The walk starts before all times; a level without a prior makes it no matter when.
        start = times[0] - (times[-1] - times[0]) / len(times)
        since = np.array(times) - start
        shape = np.minimum(since[:, None], since)
        to = scales.SCALES[self.link][0]
        component = Component(
            to(self.args[0].point),
            np.ones((len(self.studied), 1)),
            shape[np.ix_(rows[0], rows[0])],
            self.covariance,
            fixed=None if self.step is None else self.step**2,
            prior=self.prior,
        )
        predictor = Predictor(component, np.ones((len(self.asked), 1)), shape[np.ix_(rows[1], rows[0])])
        places, weights = component.posterior()
        matter = weights > 1e-9 * weights.max()
        same = np.broadcast_to(component.y[:, None], (len(self.studied), int(matter.sum())))
        middle = predictor(same, places[matter]) @ weights[matter] / weights[matter].sum()
        values = {
            "rows": rows,
            "predictor": predictor,
            "root": np.linalg.cholesky(shape),
            "point": scales.SCALES[self.link][1](middle),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Predict from each replicate's studies less a walk, and add that walk (conditional simulation)."""
        to, back, _ = scales.SCALES[self.link]
        variance = self.predictor.component.draws(values[1][0])
        walk = product(self.root, values[1][1:]) * np.sqrt(variance)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            levels = self.predictor(to(values[0]) - walk[self.rows[0]], variance) + walk[self.rows[1]]
            result: Floats = back(levels)
        return result

    @property
    def smooth(self) -> bool:
        """Whether derivatives (found numerically) say all of its variance: at one step, they do if it is known."""
        return self.step is not None

    def with_args(self, args: tuple[Node, ...]) -> Walk:
        """Smooth other studies."""
        return replace(
            self, args=args, covariance=error_covariance(args[0], self.studied, link=self.link, what="studies")
        )

    @property
    def estimator(self) -> str:
        """What made it, for tables."""
        return "random walk"

    def describe(self) -> tuple[list[str], list[str]]:
        """Return sentences and references for a methods section."""
        if self.step is not None:
            how = tr("given ({step:g})", step=self.step)
        elif self.prior is not None:
            how = tr("drawn from its posterior under a half-normal prior of scale {scale:g}", scale=self.prior)
        else:
            how = tr("drawn from its posterior under Jeffreys' prior of the restricted likelihood")
        return [
            tr(
                "{count} studies were joined by a random walk on the {link} scale that is observed with each study's own error "
                "(local level model); the standard deviation of its step in a unit of time was {how}.",
                count=len(self.studied),
                link=self.link,
                how=how,
            )
        ], list(REFERENCES)


def smoothed(studies: Estimate, *, at: Sequence[Any] | None, step: float | None, prior: float | None) -> Estimate:
    """Return the levels of a random walk through studies, whose labels are their times; see `Trend.smooth`."""
    if step is not None and prior is not None:
        raise InputError("Give step= (how fast the population changes) or prior= (how fast it may), not both.")
    for name, value in (("step", step), ("prior", prior)):
        if value is not None:
            checks.between(value, name, 0, 10, example="0.05 for 5% in a unit of time")
    if step is None and prior is None and len(studies) < FEWEST_STUDIES:
        raise InputError(
            f"{len(studies)} studies tell too little of how fast the population changes ({FEWEST_STUDIES} are needed). Say it: "
            "prior=0.1 for changes of up to about 10 to 20% in a unit of time (a half-normal scale), or step=0.05 for 5%."
        )
    labels = list(studies.labels) if at is None else _listed(at)
    asked, studied = tuple(number(t) for t in labels), tuple(number(t) for t in studies.labels)
    if len(set(asked)) < len(asked) or len(set(studied)) < len(studied):
        raise InputError("Two of the times are the same.")
    link = scales.LINKS.get(studies.quantity, "identity")
    if link == "identity":
        link = "log"
    if not (studies.node.point > 0).all() or (link == "logit" and not (studies.node.point < 1).all()):
        raise InputError(
            f"The random walk is on the {link} scale, and an estimate of the trend lies on its edge or beyond."
        )
    names = ("step", *(repr(t) for t in sorted({*studied, *asked})))
    key = f"random walk {streams.digest(studied, asked, link, step, prior, *whose(studies.node))}"
    errors = noise.normals(names, key, studies.replicates, "model error")
    node = Walk(
        (studies.node, errors),
        link,
        studied,
        asked,
        error_covariance(studies.node, list(studies.labels), link=link, what="studies"),
        studies.node.quantity,
        step=None if step is None else float(step),
        prior=None if prior is None else float(prior),
    )
    return Estimate(node, pd.Index(labels), False, studies.name)


def walk_of(node: Node) -> Walk:
    """Return the walk that an expression of levels is."""
    assert isinstance(node, Walk)
    return node


def number(time: Any) -> float:
    """Return a time as a number: years, with their parts, for dates."""
    if np.isfinite(checks.real(time)):
        return checks.real(time)
    if isinstance(time, pd.Period):
        time = time.start_time
    if isinstance(time, datetime.date):
        begins = datetime.date(time.year, 1, 1)
        days = (datetime.date(time.year + 1, 1, 1) - begins).days
        return time.year + (datetime.date(time.year, time.month, time.day) - begins).days / days
    raise InputError(f"A smooth trend needs times that are numbers or dates, and {in_words(time)} is neither.")


def _listed(at: Any) -> list[Any]:
    if isinstance(at, (str, int, float, datetime.date)):
        at = [at]
    times = list(at)
    if not times:
        raise InputError(f"at={in_words(at)} holds no time, where times such as {listing([2015, 2025])} are wanted.")
    return times
