"""Many simulated studies of each size: how wide their intervals are, and how often they are narrow enough."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from ..draws import executors, ranges, settings
from ..errors import EstimationError, HiddenpopWarning, InputError, warn
from ..ground import checks, notebook
from ..ground.checks import check_level
from ..ground.columns import Bools, Floats
from ..ground.language import number, tr
from ..ground.signatures import checked
from ..ground.stays import Stays
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from . import arguments, figures
from .figures import Chances, Widths
from .studies import ROWS, Studies, passing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
#: Columns of the summary that are printed.
SHOWN = {
    "relative": "median",
    "relative_10": "10%",
    "relative_90": "90%",
    "met": "as precise as asked",
    "coverage": "covers the truth",
}


@checked
@dataclass(frozen=True, eq=False, repr=False)
class SimulatedPlan(Tabled, Stays):
    """What studies of several sizes would find.

    Attributes
    ----------
    n : tuple of int
        Sizes of the simulated studies.
    estimates, lower, upper : ndarray
        Of every study (sizes x studies); NaN where it failed.
    failed : ndarray of bool
        Studies without an answer, such as those in which nobody is in the register.
    relative_precision, precision : float or None
        The precision asked for: half the interval's width, relative to the study's estimate or absolute.
    truth : float or None
        The true value in the simulated population.
    level : float
        Confidence level of the intervals.
    seed : int
        Under which the studies can be repeated.
    reason : str or None
        Why the first study failed, if any did.

    See Also
    --------
    simulate : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> def study(n, rng):
    ...     found = rng.normal(10, 5 / n**0.5)
    ...     return found, found - 9.8 / n**0.5, found + 9.8 / n**0.5
    >>> hp.plan.simulate(study, n=[25, 100], precision=1, replicates=20).summary()[["half_width", "met"]]
         half_width  met
    n
    25         1.96  0.0
    100        0.98  1.0
    """

    unsaved: ClassVar[str] = (
        "A simulated plan can't be saved, because it holds your function and all that this refers to. Save its summary()"
    )

    n: tuple[int, ...]
    estimates: Floats
    lower: Floats
    upper: Floats
    failed: Bools
    relative_precision: float | None
    precision: float | None
    truth: float | None
    level: float
    seed: int
    reason: str | None

    @property
    def replicates(self) -> int:
        """Studies of each size."""
        return int(self.estimates.shape[1])

    @property
    def half_widths(self) -> Floats:
        """Half the width of each study's interval; infinite where a redraw held nobody in the register."""
        return (self.upper - self.lower) / 2

    @property
    def relative(self) -> Floats:
        """The same relative to the study's own estimate."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.half_widths / np.abs(self.estimates))

    @property
    def met(self) -> Floats | None:
        """The share of studies of each size that are as precise as asked, or None if nothing was; failures are not."""
        if self.relative_precision is not None:
            return np.asarray((self.relative <= self.relative_precision).mean(axis=1))
        return None if self.precision is None else np.asarray((self.half_widths <= self.precision).mean(axis=1))

    def needed(self, chance: float = 0.8) -> int:
        """Return the smallest simulated n whose studies are as precise as asked with this chance.

        It and every larger one must reach the chance, within what was simulated: give more values of n for more
        detail, and more replicates for less chance of error.

        Raises
        ------
        InputError
            No precision was asked for, or the chance is impossible.
        EstimationError
            None of the sizes reaches it.

        See Also
        --------
        simulate

        Examples
        --------
        >>> import hiddenpop as hp
        >>> def study(n, rng):
        ...     found = rng.normal(10, 5 / n**0.5)
        ...     return found, found - 9.8 / n**0.5, found + 9.8 / n**0.5
        >>> hp.plan.simulate(study, n=[25, 100, 400], precision=1, replicates=20).needed()
        100
        """
        checks.between(chance, "chance", example="0.8")
        met = self.met
        if met is None:
            raise InputError("Say which precision is needed: hp.plan.simulate(..., relative_precision=0.2).")
        order = np.argsort(self.n)
        found = None
        for place in order[::-1]:
            if met[place] < chance:
                break
            found = int(self.n[place])
        if found is None:
            largest = int(order[-1])
            raise EstimationError(
                f"Of the studies with n={self.n[largest]:,}, the most simulated, only {met[largest]:.0%} are as precise as "
                f"asked, fewer than {chance:.0%}. Simulate larger n, or ask for less."
            )
        return found

    def summary(self) -> pd.DataFrame:
        """Return a tidy table, one row a size.

        Columns: `studies` and how many `failed` or have an `unbounded` interval; `estimate` (median of the studies),
        `half_width` (mean; infinite if any is) and its median; `relative` (median of the half width relative to the
        study's estimate) with the 10% and 90% quantiles; `met`, the share of all studies as precise as asked, and
        its Monte Carlo standard error; `coverage`, the share of intervals (failed studies have none) that hold the
        truth, and its. Columns without a meaning are left out.

        See Also
        --------
        SimulatedPlan.needed

        Examples
        --------
        >>> import hiddenpop as hp
        >>> def study(n, rng):
        ...     found = rng.normal(10, 5 / n**0.5)
        ...     return found, found - 9.8 / n**0.5, found + 9.8 / n**0.5
        >>> hp.plan.simulate(study, n=[25, 100], precision=1, replicates=20).summary()["half_width"].round(2).to_list()
        [1.96, 0.98]
        """
        rows = []
        for place in range(len(self.n)):
            kept = ~self.failed[place]
            half, relative = self.half_widths[place][kept], self.relative[place][kept]
            row = {
                "studies": self.replicates,
                "failed": int((~kept).sum()),
                "unbounded": int(np.isinf(half).sum()),
                "estimate": _median(self.estimates[place][kept]),
                "half_width": float(half.mean()) if kept.any() else math.nan,
                "half_width_median": _median(half),
                "relative": _median(relative),
                "relative_10": _quantile(relative, 0.1),
                "relative_90": _quantile(relative, 0.9),
            }
            if self.met is not None:
                row["met"], row["met_se"] = float(self.met[place]), _se(float(self.met[place]), self.replicates)
            if self.truth is not None:
                holds = (self.lower[place][kept] <= self.truth) & (self.truth <= self.upper[place][kept])
                row["coverage"] = float(holds.mean()) if kept.any() else math.nan
                row["coverage_se"] = _se(row["coverage"], int(kept.sum()))
            rows.append(row)
        return pd.DataFrame(rows, index=pd.Index(self.n, name="n"))

    def plot(self, kind: str | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw the width of intervals against n, and the chance that precision is met; needs matplotlib.

        Parameters
        ----------
        kind : {"width", "chance"}, optional
            One of them; by default both, one above the other, or the width where `ax` is given.
        ax : matplotlib Axes, optional
            Where to draw.

        Returns
        -------
        matplotlib Axes
            The upper of two; the other is ``axes.figure.axes[1]``.

        See Also
        --------
        SimulatedPlan.summary

        Examples
        --------
        >>> import hiddenpop as hp
        >>> def study(n, rng):
        ...     found = rng.normal(10, 5 / n**0.5)
        ...     return found, found - 9.8 / n**0.5, found + 9.8 / n**0.5
        >>> axes = hp.plan.simulate(study, n=[25, 100], precision=1, replicates=20).plot()
        """
        if kind not in (None, "width", "chance"):
            raise InputError(f"kind={kind!r} is not one of width, chance.")
        if kind == "chance" and self.met is None:
            raise InputError("Say which precision is needed: hp.plan.simulate(..., relative_precision=0.2).")
        table = self.summary().sort_index()
        both = kind is None and ax is None and self.met is not None
        wide = self._widths(table) if both or kind != "chance" else None
        met = self._chances(table) if both or kind == "chance" else None
        return figures.simulated(list(table.index), wide, met, level=self.level, studies=self.replicates, ax=ax)

    def _widths(self, table: pd.DataFrame) -> Widths:
        if self.precision is None:
            middle, low, high = (table[name].to_numpy() for name in ("relative", "relative_10", "relative_90"))
            return Widths(middle, low, high, self.relative_precision, relative=True)
        places = [self.n.index(n) for n in table.index]
        half = [self.half_widths[place][~self.failed[place]] for place in places]
        middle, low, high = (np.array([_quantile(values, share) for values in half]) for share in (0.5, 0.1, 0.9))
        return Widths(middle, low, high, self.precision, relative=False)

    def _chances(self, table: pd.DataFrame) -> Chances:
        coverage = None if self.truth is None else table["coverage"].to_numpy()
        return Chances(table["met"].to_numpy(), table["met_se"].to_numpy(), coverage)

    def methods(self) -> str:
        """Return sentences for a paper's methods section.

        See Also
        --------
        hiddenpop.Estimate.methods

        Examples
        --------
        >>> import hiddenpop as hp
        >>> def study(n, rng):
        ...     found = rng.normal(10, 5 / n**0.5)
        ...     return found, found - 9.8 / n**0.5, found + 9.8 / n**0.5
        >>> text = hp.plan.simulate(study, n=[25, 100], precision=1, replicates=20).methods()
        """
        said = tr(
            "{count:,} studies were simulated with each of n = {sizes} (seed {seed})",
            count=self.replicates,
            sizes=", ".join(number(n, ",") for n in self.n),
            seed=self.seed,
        )
        if self.met is not None:
            goal = self.relative_precision if self.relative_precision is not None else self.precision
            said += tr(
                "; {shares} had a {level:g}% interval of ± {goal} or narrower",
                shares=", ".join(number(share, ".0%") for share in self.met),
                level=100 * self.level,
                goal=number(goal or 0, ".0%" if self.relative_precision is not None else "g"),
            )
        if self.failed.any():
            count = int(self.failed.sum())
            said += tr("; {count:,} had no estimate and count as not precise enough", count=count)
        return said + "."

    def _as_table(self) -> Table:
        return of_frame(self._title(), self.summary(), self._failures())

    def __repr__(self) -> str:
        shown = self.summary()
        shown = shown[[name for name in SHOWN if name in shown]].rename(columns=SHOWN)
        table = shown.map(lambda value: f"{value:.1%}" if math.isfinite(value) else str(value)).to_string()
        return "\n".join([self._title(), table, *self._failures()])

    def _repr_html_(self) -> str:
        return notebook.show("\n".join([self._title(), *self._failures()]), self.summary())

    def _title(self) -> str:
        return tr("{count:,} simulated studies for each n: half width relative to the estimate", count=self.replicates)

    def _failures(self) -> list[str]:
        if not self.failed.any():
            return []
        failed, studies = int(self.failed.sum()), self.failed.size
        return [
            tr(
                "{failed:,} of {studies:,} studies had no answer: {reason}",
                failed=failed,
                studies=studies,
                reason=self.reason,
            )
        ]


@checked
def simulate(
    function: Callable[..., Any],
    n: int | Sequence[int],
    *,
    relative_precision: float | None = None,
    precision: float | None = None,
    truth: float | None = None,
    replicates: int = 200,
    level: float = 0.95,
    method: str | None = None,
    seed: int | None = None,
) -> SimulatedPlan:
    """Simulate many studies of each size, to see how precise they would be.

    Parameters
    ----------
    function : callable
        Simulates one study of n interviews: ``function(n)`` or ``function(n, rng)``. It returns a one-label Estimate, or
        (estimate, lower, upper). Random numbers come from `rng`, a numpy Generator, or inside a function of n alone
        from `hp.plan.rng`. `hp.plan.multiplier_study` is ready made.
    n : int or list of int
        Sizes.
    relative_precision : float, optional
        Half the width wanted, relative to each study's estimate.
    precision : float, optional
        Or half the width wanted, absolute.
    truth : float, optional
        The true value in the simulated population: gives the coverage of the intervals.
    replicates : int
        Studies of each size.
    level : float
        Confidence level of the intervals of Estimates.
    method : str, optional
        Their kind; see `Estimate.interval`.
    seed : int, optional
        Default: `hp.settings`.

    Returns
    -------
    SimulatedPlan

    Raises
    ------
    InputError
        What the function returns is no answer, or it raised an error (which is told, with the study's number).

    See Also
    --------
    multiplier_study : a study to simulate.
    multiplier, proportion : formulas.

    Notes
    -----
    A study that raises `EstimationError` (nobody in the register) or whose estimate is NaN has failed: it is counted,
    and is not as precise as asked. Warnings about single studies are not shown. With 200 studies the chance of
    precision has a standard error of up to 3.5 percentage points.

    Studies run one after another, or on the workers of ``hp.settings(executor=...)``: a process pool helps, threads
    hardly, since most of a study is Python. Neither changes a digit.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> result = hp.plan.simulate(lambda n: hp.plan.multiplier_study(n, benchmark=4_900, share=0.31),
    ...                           n=[100, 400], relative_precision=0.2, truth=4_900 / 0.31, replicates=50)
    >>> bool(result.met[1] > result.met[0])
    True
    """
    if not callable(function):
        raise InputError(
            f"function={function!r} must be a function of n, such as lambda n: hp.plan.multiplier_study(n, ...)."
        )
    sizes = tuple(checks.whole(value, "n", 1) for value in arguments.several(n, "n"))
    if len(set(sizes)) < len(sizes):
        raise InputError("n holds a value twice.")
    if relative_precision is not None and precision is not None:
        raise InputError("Give relative_precision or precision, not both.")
    relative = None if relative_precision is None else checks.positive(relative_precision, "relative_precision")
    absolute = None if precision is None else checks.positive(precision, "precision")
    number = settings.check_replicates(replicates)
    if truth is not None:
        truth = checks.number(truth, "truth")
    defaults = settings.defaults()
    seed = settings.check_seed(defaults.seed if seed is None else seed)
    studies = Studies(
        function, passing(function), sizes, seed, check_level(level), method, defaults.replicates, defaults.seed
    )
    values = _run(studies, number).reshape(len(sizes), ROWS, number)
    failed = values[:, 3] > 0
    result = SimulatedPlan(
        n=sizes,
        estimates=values[:, 0],
        lower=values[:, 1],
        upper=values[:, 2],
        failed=failed,
        relative_precision=relative,
        precision=absolute,
        truth=truth,
        level=studies.level,
        seed=seed,
        reason=studies.reason(failed),
    )
    _tell(values, result)
    return result


def _run(studies: Studies, number: int) -> Floats:
    """Evaluate all studies, on the executor of the settings if there is one."""
    defaults = settings.defaults()

    def place(start: int, stop: int, out: Floats, blocks: Iterable[Floats]) -> None:
        for size, block in enumerate(blocks):
            out[ROWS * size : ROWS * (size + 1)] = block

    labels = ROWS * len(studies.n)
    threads = defaults.threads if defaults.executor is None else defaults.threads or 1
    # What a study itself evaluates must not wait for the workers that the studies keep busy.
    with settings.within(executor=None, threads=threads), warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        if defaults.executor is not None:
            return executors.evaluate(defaults.executor, [studies], place, labels, number, 1)
        return ranges.evaluate(
            lambda start, stop, out: place(start, stop, out, studies.block(start, stop, settings.threads())),
            labels,
            number,
            1,
        )


def _tell(values: Floats, result: SimulatedPlan) -> None:
    """Warn of what must be known to read the result."""
    if not values[:, 4].any():
        warn(
            "The function did not draw from the random numbers it was offered, so the result can't be repeated, and "
            "workers may repeat one another. Take them as function(n, rng) or from hp.plan.rng().",
        )
    none = [n for n, failed in zip(result.n, result.failed, strict=True) if failed.all()]
    if none:
        warn(f"No study with n={', '.join(map(str, none))} has an answer ({result.reason})")


def _se(share: float, studies: int) -> float:
    return math.sqrt(share * (1 - share) / studies) if studies else math.nan


def _median(values: Floats) -> float:
    return float(np.median(values)) if len(values) else math.nan


def _quantile(values: Floats, share: float) -> float:
    # An order statistic: between a finite and an infinite width there is nothing to interpolate.
    return float(np.quantile(values, share, method="inverted_cdf")) if len(values) else math.nan
