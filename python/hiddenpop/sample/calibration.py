"""Calibration: weights that make the sample agree with what is known of the population, in every replicate."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from .. import _core
from ..errors import EstimationError, InputError, Refusal, Said, listing
from ..expression import evaluate
from ..expression.nodes import Node
from ..ground import grouping
from ..ground.aside import aside
from ..ground.columns import Bools, Codes, Floats
from ..ground.language import english
from . import margins
from .margins import Margin
from .record import Record
from .sample import Sample
from .sampling import Apart, Deletable, Linear, Sampling

if TYPE_CHECKING:
    from scipy import sparse
    from scipy.sparse.linalg import SuperLU

Distance = Literal["raking", "linear", "logit"]
_NAMES = {
    "raking": english("raking"),
    "linear": english("linear calibration"),
    "logit": english("logit calibration"),
}
#: Replicates that are tried at once when a calibration is made, to see whether they can be calibrated.
TRIED = 1000
#: Above this share of replicates that can't be calibrated there is no answer.
MOST_FAILURES = 0.01


@dataclass(frozen=True, eq=False, repr=False)
class Residuals(Linear):
    """Linearised variances of calibrated weights: those of residuals from the regression on the auxiliaries.

    Deville and Särndal (1992), JASA 87:376-382, eq. 3.4; the same for every distance.
    """

    base: Linear
    #: The factor g that made each row's weight from the one before.
    g: Floats
    #: Auxiliaries (rows x auxiliaries), each divided by its size, the rows' weights, and what solves the normal equations.
    x: sparse.csr_matrix
    weight: Floats
    size: Floats
    normal: SuperLU
    #: The auxiliaries' totals where some are estimates; None when all are known.
    estimated: Node | None

    @property
    def followed(self) -> tuple[str, ...]:
        """As the base design's."""
        return self.base.followed

    @property
    def metric(self) -> Hashable:
        """As the base design's."""
        return self.base.metric

    @property
    def df(self) -> int:
        """As the base design's."""
        return self.base.df

    def df_of(self, inside: Bools) -> int:
        """As the base design's."""
        return self.base.df_of(inside)

    def df_by(self, domain: Codes, size: int) -> Floats:
        """As the base design's."""
        return self.base.df_by(domain, size)

    def apart(self) -> Apart | None:
        """As the base design's, but not to be weighed by: residuals vary less than answers."""
        found = self.base.apart()
        return None if found is None else found._replace(calibrated=True)

    def collect(self, column: Floats) -> Floats:
        """Return residuals times g, by unit of the base design."""
        return self.base.collect(self.g * (column - self.x @ self._regress(column)))

    def variance(self, influence: Floats) -> Floats:
        """As the base design's."""
        return self.base.variance(influence)

    def by_totals(self, column: Floats) -> Floats:
        """Return how a column's total moves with the total of each auxiliary."""
        return np.asarray(self._regress(column) / self.size)

    def _regress(self, column: Floats) -> Floats:
        """Return the coefficients of a column's regression on the auxiliaries."""
        return np.asarray(self.normal.solve(self.x.T @ (self.weight * column)))


@dataclass(frozen=True, eq=False, repr=False)
class Recalibrated:
    """A design's units left out in turn, the rest calibrated again each time."""

    base: Deletable
    core: _core.Design
    rows: int

    @property
    def stratum(self) -> Codes:
        """As the base design's."""
        return self.base.stratum

    @property
    def fraction(self) -> Floats:
        """As the base design's."""
        return self.base.fraction

    @property
    def counted(self) -> Floats:
        """As the base design's."""
        return self.base.counted

    def without_each(self, columns: Sequence[Floats]) -> list[Floats]:
        """Total columns without each unit."""
        values = np.stack(columns, axis=1)
        return list(np.concatenate([weights @ values for weights in self.deleted()]).T)

    def deleted(self) -> Iterator[Floats]:
        """Yield the rows' weights without each unit."""
        return self.deletions(self.rows)

    def deletions(self, rows: int) -> Iterator[Floats]:
        """Yield the same: rows are the core's units."""
        for factors in self.base.deletions(rows):
            weights, failed = self.core.calibrate(factors)
            if any(f is not None for f in failed):
                raise EstimationError(
                    "The weights can't be calibrated again without one of the participants (or clusters), so there is no "
                    "jackknife. Use se() or interval(method='percentile')."
                )
            yield weights


@dataclass(frozen=True, eq=False, repr=False)
class Calibration:
    """How a survey is calibrated, kept to do it again under other settings."""

    given: Mapping[Any, Any]
    method: Distance
    low: float
    high: float
    #: What was said of it: once, though other settings read the margins anew.
    said: Said = field(default_factory=Said)

    @property
    def sentence(self) -> str:
        """For the design's sentence."""
        how = _NAMES[self.method]
        if np.isfinite(self.high - self.low):
            how = english("{method} (factors from {low:g} to {high:g})", method=how, low=self.low, high=self.high)
        columns = " and ".join(margins.title(key) for key in self.given)
        return english("calibrated by {method} to {columns}", method=how, columns=columns)

    def apply(self, frame: pd.DataFrame, base: Sampling, record: Record) -> Sampling:
        """Calibrate the sample, and try some replicates."""
        from scipy import sparse  # noqa: PLC0415 (scipy only when it is needed)
        from scipy.sparse.linalg import splu  # noqa: PLC0415 (scipy only when it is needed)

        weight = base.weights
        found = margins.read(frame, self.given, weight, record.participants, record.replicates, self.said)
        auxiliaries = margins.independent(found, weight)
        rows = len(weight)
        columns = margins.matrix(auxiliaries, rows)
        size = abs(columns).max(axis=0).toarray().ravel()
        columns.data = columns.data / np.repeat(size, np.diff(columns.indptr))
        x = columns.tocsr()
        totals = np.array([a.total for a in auxiliaries]) / size
        node = margins.node(found, auxiliaries)
        drawn = np.zeros((0, len(size))) if node is None else evaluate.draws(node)[:, : record.replicates].T / size
        cell = margins.cells(columns)
        cells = x[grouping.first_of(cell)]
        core = base.core.calibrated(
            (np.arange(rows) if base.row_unit is None else base.row_unit).astype(np.uint32),
            np.ones(rows) if base.row_weight is None else base.row_weight,
            cell.astype(np.uint32),
            (cells.indptr.astype(np.uint32), cells.indices.astype(np.uint32), cells.data),
            totals,
            np.ascontiguousarray(drawn),
            self.method,
            self.low,
            self.high,
        )
        weights, failed = core.calibrate(base.factors[None, :])
        if failed[0] is not None:
            self._say_failure(auxiliaries[failed[0]], weight)
        negative = int((weights[0] < 0).sum())
        if negative:
            self.said(
                f"{negative:,} weights are negative after linear calibration: such people count against themselves, and quantiles "
                "leave them out. Use method='raking', or bounds=(0, None).",
            )
        _try_replicates(core, record, self.said)
        with np.errstate(invalid="ignore"):
            g = np.where(weight > 0, weights[0] / weight, 1.0)
        products = (x.T @ sparse.diags(weight) @ x).tocsc()
        normal = aside(lambda: splu(products), numbers=products.nnz)
        return Sampling(
            core,
            weights[0],
            None,  # rows are the core's units, and factors their weights
            None,
            even=False,
            drawn=rows,
            linear=base.linear
            if isinstance(base.linear, Refusal)
            else Residuals(base.linear, g, x, weight, size, normal, node),
            deletable=base.deletable
            if isinstance(base.deletable, Refusal)
            else Recalibrated(base.deletable, core, rows),
            # Margins that are estimates have draws of their own, and other replicates others that fail.
            again=lambda other: self.apply(frame, base if base.again is None else base.again(other), other),
        )

    def _say_failure(self, auxiliary: Margin, weight: Floats) -> None:
        now = float(auxiliary.values @ weight[auxiliary.rows])
        tight = np.isfinite(self.high) or np.isfinite(self.low)
        what = f" with factors from {self.low:g} to {self.high:g}. Widen the bounds, or look" if tight else ". Look"
        raise EstimationError(
            f"The weights can't be calibrated{what} at '{auxiliary.name}': its total should be {auxiliary.total:,.6g} "
            f"and is {now:,.6g} before calibration."
        )


def _try_replicates(core: _core.Design, record: Record, tell: Said) -> None:
    count = int(min(record.replicates, np.clip(2e7 / core.units, 50, TRIED)))
    lost = 0
    for start in range(0, count, 50):
        factors = core.factors(record.seed, record.fingerprint, start, min(count, start + 50))
        lost += int(np.isnan(factors[:, 0]).sum())
    if lost > MOST_FAILURES * count:
        # People who recruited one another are redrawn along recruitment, and no redraw keeps everybody.
        instead = "." if record.by_draws else ", or use redraws='bayesian', which leaves nobody out."
        raise EstimationError(
            f"{lost:,} of the first {count:,} replicates can't be calibrated, more than 1%: a category of the margins is "
            "too small to be in every redrawn sample, or bounds are too narrow. Join small categories, or widen the bounds"
            f"{instead}"
        )
    if lost:
        tell(
            f"{lost:,} of the first {count:,} replicates can't be calibrated and are left out: a category of the margins is "
            "empty in the redrawn sample, or bounds are too narrow.",
        )


def calibrate(sample: Sample, given: object, method: str, bounds: object) -> Sample:
    """Return the sample with calibrated weights; see `Survey.calibrate`."""
    if sample.calibrated:
        raise InputError(
            "The survey is calibrated already. Give all margins in one call, on the survey before calibration."
        )
    if sample.variance is not None:
        raise InputError(
            "Replicate weights are left as they are: an agency's are calibrated by who made them, each replicate again. "
            "Calibrate a survey that is redrawn."
        )
    if method not in get_args(Distance):
        raise InputError(f"method={method!r} must be one of {listing(get_args(Distance))}.")
    low, high = _bounds(bounds)
    bounded = np.isfinite(low) or np.isfinite(high)
    if method == "raking" and bounded:
        method = "logit"  # raking within bounds (Deville and Särndal 1992, case 6)
    if method == "logit" and not (np.isfinite(low) and np.isfinite(high)):
        raise InputError("Raking within bounds needs both: bounds=(0.3, 3), the least and greatest factor.")
    if not isinstance(given, Mapping) or not given:
        raise InputError(
            "calibrate needs margins: a mapping of columns to totals, such as {'sex': {'m': 700, 'f': 300}}."
        )
    recipe = Calibration(dict(given), method, low, high)  # type: ignore[arg-type]
    sampling = recipe.apply(sample.units, sample.sampling, sample.record)
    description = sample.description.calibrated(recipe.sentence)
    record = replace(
        sample.record,
        design=description.sentence,
        redraws=description.redraws,
        references=description.references,
        weighted=True,
    )
    return replace(
        sample, sampling=sampling, description=description, record=record, calibrated=True, found={}, made={}
    )


def _bounds(bounds: object) -> tuple[float, float]:
    if bounds is None:
        return -np.inf, np.inf
    try:
        ends = tuple(end if end is None else float(end) for end in bounds)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        ends = ()
    if len(ends) != 2:
        raise InputError("bounds= are two numbers, the least and greatest factor of a weight: (0.3, 3).")
    low = -np.inf if ends[0] is None else ends[0]
    high = np.inf if ends[1] is None else ends[1]
    if not low < 1 < high:
        raise InputError(f"bounds=({low:g}, {high:g}) must lie below and above 1, where weights stay as they are.")
    return low, high
