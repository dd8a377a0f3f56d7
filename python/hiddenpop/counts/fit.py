"""A fitted model of one register's counts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from .. import _core
from ..errors import EstimationError, InputError, listing, warn
from ..estimate.estimate import Estimate
from ..ground import distributions
from ..ground.checks import check_level
from ..ground.columns import Bools, Floats
from ..ground.matrices import ModelMatrix
from ..ground.signatures import checked
from ..ground.stays import Stays
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from . import all_seen, figures, fit_checks, sandwich
from .compiled import Compiled, compile_model
from .families import Family
from .leaf import RegisterSize, outcomes
from .register import CaptureCounts
from .sandwich import FEW_CLUSTERS, Sandwich

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
#: How replicates end, in the core's order.
OUTCOMES = ("maximum", "settled", "unbounded", "unidentified", "failed")
#: The last step of a fit at a boundary moves what runs away by up to 2, and the rest by nearly nothing.
RUNNING = 0.2
_ONCE = {1: "once", 2: "twice"}


@checked
class CountFit(Tabled, Stays):
    """A fitted model of one register's counts.

    Made by `hp.zero_truncated`, `hp.chao`, `hp.oichao`, `hp.zelterman` and `hp.ratio_regression`.

    Attributes
    ----------
    counts : CaptureCounts
        The register.
    status : str
        "maximum"; "settled" (an extra parameter lies at its boundary, where the size is that of the simpler model);
        "unbounded" (no maximum, and a size without bound); "unidentified"; "failed".
    reason : str or None
        What must be known about the fit.
    loglik, aic, bic : float
        Log-likelihood given being seen, and the criteria from it; `bic` counts the people seen. NaN for formulas of the
        frequencies, which have no likelihood.

    See Also
    --------
    zero_truncated, chao, oichao, zelterman, ratio_regression : make it.
    compare_families : several side by side.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> cells = {"seen": [1, 2, 3, 4], "people": [600, 240, 65, 12]}
    >>> fit = hp.zero_truncated(hp.CaptureCounts(cells, "seen", counts="people", replicates=200))
    >>> round(fit.size.point), round(fit.se()), fit.summary().index.to_list()
    (1687, 64, ['ztpoisson'])
    >>> fit.frequencies().columns.to_list()
    ['observed', 'fitted']
    >>> fit.goodness_of_fit().index.to_list()
    ['Pearson', 'likelihood ratio']
    >>> len(fit.dfbeta()), len(fit.dfpopsize()), len(fit.one_inflation_test())
    (4, 4, 2)
    >>> int(fit.bootstrap_outcomes().sum())
    200
    >>> axes = fit.plot()
    """

    unsaved: ClassVar[str] = (
        "A fit to a register can't be saved, because it holds the register's rows. Save its estimates (fit.size, size_by) by "
        "estimate.to_json() or pickle, and its coefficients as a table"
    )

    def __init__(
        self,
        counts: CaptureCounts,
        family: Family,
        covariates: tuple[ModelMatrix, ...],
        bootstrap: str,
        compiled: Compiled,
        fit: _core.CountFit,
        robust: Sandwich | None = None,
    ) -> None:
        self.counts = counts
        self.bootstrap = bootstrap
        self._family = family
        self._covariates = covariates
        self._compiled = compiled
        self._fit = fit
        self._sandwich = robust

    # What was fitted

    @property
    def family(self) -> str:
        """The family's name."""
        return self._family.name

    @property
    def title(self) -> str:
        """The family and its formulas, in words."""
        formulas = [made.formula for made in self._covariates]
        extra = [
            f"{parameter} {formula}"
            for parameter, formula in zip(self._family.parameters[1:], formulas[1:], strict=True)
            if formula != "~ 1"
        ]
        return "; ".join([f"{self._family.title}, {formulas[0]}", *extra])

    @property
    def status(self) -> str:
        """How the search for the maximum ended."""
        return self._fit.status

    @property
    def loglik(self) -> float:
        """The log-likelihood, given that people were seen as often as the estimator models (Chao: once or twice)."""
        return self._fit.loglik

    @property
    def parameters(self) -> int:
        """The number of coefficients."""
        return len(self._terms)

    @property
    def aic(self) -> float:
        """Akaike's information criterion."""
        return 2 * self.parameters - 2 * self.loglik

    @property
    def bic(self) -> float:
        """Schwarz's criterion, with the number of people seen."""
        return float(np.log(self.counts.n)) * self.parameters - 2 * self.loglik

    def robust(self, cluster: str | None = None) -> CountFit:
        """Return the same fit with variances that don't rest on the family of counts.

        The variance of the coefficients becomes the sandwich estimate, from the scores of people or of clusters of people
        (households, hotspots, police districts), and standard errors, analytic intervals and `method="t"` follow. Points
        stay. A wrong family still gives a wrong size: this says how far off the fit is from what it would be with
        endless data. The chance of who is seen stays as the family says, person by person.

        Parameters
        ----------
        cluster : str, optional
            A column of the register that says which people are seen together. The size then has no draws, for the
            bootstrap redraws people one by one: intervals are t, and products with shares are linearised.

        References
        ----------
        White H (1982), Econometrica 50:1-25. Liang K-Y, Zeger SL (1986), Biometrika 73:13-22. Zeileis A, Köll S, Graham N
        (2020), Journal of Statistical Software 95(1), of R's sandwich, whose HC0 this is (for clusters with
        g / (g - 1), its default).

        Examples
        --------
        >>> import hiddenpop as hp
        >>> immigrants = hp.datasets.load("netherlands_immigrants")["apprehensions"]
        >>> fit = hp.zero_truncated(hp.CaptureCounts(immigrants, "capture", replicates=100), "~ gender + age")
        >>> round(fit.se()), round(fit.robust().se())
        (597, 639)
        """
        if not self._family.likelihood:
            raise InputError(
                f"The variance of {self._family.title} rests on no family of counts as it is; there is nothing to make robust."
            )
        if self.status != "maximum":
            raise EstimationError(f"A robust variance needs a maximum inside the parameter space. {self.reason}")
        made = sandwich.make(self.counts, self._compiled, self._fit, cluster)
        if made.clusters is not None and made.clusters < FEW_CLUSTERS:
            warn(
                f"Column {cluster!r} has {made.clusters} clusters. With so few the variance by clusters is too low as a rule, "
                "and intervals from it cover too seldom."
            )
        return CountFit(
            self.counts, self._family, self._covariates, self.bootstrap, self._compiled, self._fit, robust=made
        )

    @property
    def _terms(self) -> list[tuple[str, str]]:
        named = zip(self._family.parameters, self._covariates, strict=True)
        return [(parameter, term) for parameter, made in named for term in made.names]

    @cached_property
    def coefficients(self) -> pd.DataFrame:
        """Coefficients with standard errors (observed information), z and two-sided p; NaN for those that run away."""
        values, running = self._fit.coefficients, self._running
        errors = np.sqrt(np.diag(self.vcov.to_numpy()))
        values = np.where(running, np.nan, values)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = values / errors
        p = [2 * (1 - distributions.cdf(abs(v))) if np.isfinite(v) else np.nan for v in z]
        return pd.DataFrame({"estimate": values, "se": errors, "z": z, "p": p}, index=self._index)

    @cached_property
    def vcov(self) -> pd.DataFrame:
        """Covariance of the coefficients: the inverse of the observed information, or the sandwich of `robust`."""
        found = self._fit.covariance if self.status in ("maximum", "settled") else None
        if self._sandwich is not None:
            found = self._sandwich.covariance
        size = len(self._terms)
        values = np.full((size, size), np.nan) if found is None else np.array(found)
        lost = self._running
        values[lost] = np.nan
        values[:, lost] = np.nan
        return pd.DataFrame(values, index=self._index, columns=self._index)

    @property
    def _index(self) -> pd.MultiIndex:
        return pd.MultiIndex.from_tuples(self._terms, names=["parameter", "term"])

    @property
    def _running(self) -> Any:
        direction = np.abs(self._fit.direction)
        away = direction > 0.05 * max(float(direction.max()), 1e-300)
        found = self._fit.covariance
        # A group in which nobody's count is modelled says nothing of its coefficient.
        return away if found is None else away | (np.diag(found) == 0)

    # Whether there is a size

    @cached_property
    def reason(self) -> str | None:
        """What must be known about the fit: why there is no size, or which parameter lies at a boundary."""
        if self._at_floor:
            return (
                f"{self.title}: the size is the number seen, {self.counts.n:,}. {self._none_to_add} A size can't be lower. Redraws of "
                "such a register hardly vary, so it has no draws: its interval says what the size would be if those not seen so "
                "seldom were missed by chance (Garwood 1936)."
            )
        if self.status == "maximum":
            return None
        running = [term if parameter == "lambda" else f"{term} of {parameter}" for (parameter, term), away
                   in zip(self._terms, self._running, strict=True) if away]  # fmt: skip
        away = f"{listing(running)} {'runs' if len(running) == 1 else 'run'} away"
        if self.status == "unbounded":
            dispersed = "alpha" in {
                parameter for (parameter, _), gone in zip(self._terms, self._running, strict=True) if gone
            }
            advice = (
                "The dispersion alpha has no upper bound here: use family='geometric', or hp.chao for a lower bound."
                if dispersed
                else self._what_to_do
            )
            return (
                f"No size by {self.title}: the estimate lies on the boundary of the parameter space. The likelihood keeps "
                f"rising as {away}, and with that the chance of being seen tends to zero for some people, so that the size "
                f"grows without bound. {advice}"
            )
        if self.status == "settled":
            return (
                f"{self.title}: the estimate lies on the boundary of the parameter space, as {away} ({self._settled_as}). The "
                f"size is that of the model at this boundary, and its standard error {self._allowing}."
            )
        if self.status == "unidentified":
            advice = (
                "Use a family with fewer."
                if self._family.full
                else f"It rests on those seen {self._family.whom}; join groups without them, or leave the covariate out."
            )
            return f"No size by {self.title}: these counts don't tell its parameters apart. {advice}"
        return f"No size by {self.title}: the search for the maximum of the likelihood did not end."

    @property
    def _what_to_do(self) -> str:
        if not self._family.full:
            return (
                f"It rests on those seen {self._family.whom}. Join groups in which they are few, leave the covariate out, or "
                "use an estimator of all counts: hp.zero_truncated."
            )
        return "Join groups in which nobody was seen more often, or leave the covariate out; hp.chao needs less."

    @property
    def _settled_as(self) -> str:
        if self._family.method is None:
            return "no over-dispersion, no inflation, or a share of zero or one there"
        return f"nobody there was seen exactly {_ONCE[self._family.modelled[0]]}, so nobody is added to those seen"

    @property
    def _allowing(self) -> str:
        if self._family.method is None:
            return "takes the boundary as known"
        return "allows for some of them having been missed by chance"

    @property
    def _none_to_add(self) -> str:
        fewest = self._family.modelled[0]
        if self.counts.frequencies.get(fewest, 0) == 0:
            return f"Nobody was seen exactly {_ONCE[fewest]}, from whom this estimator tells how many were never seen."
        return "So few were seen seldom that it adds nobody."

    @cached_property
    def _at_floor(self) -> bool:
        """Whether nobody is added to those seen."""
        return (
            self.status in ("maximum", "settled") and float(self._compiled.sizes(self._fit)[0].sum()) <= self.counts.n
        )

    def _require_size(self) -> None:
        if self.status not in ("maximum", "settled"):
            raise EstimationError(self.reason or "No size.")

    @cached_property
    def size(self) -> Estimate:
        """The size of the population: an Estimate with draws from the register's bootstrap.

        Raises
        ------
        EstimationError
            The estimate lies on the boundary, or the data don't identify the model.
        """
        self._require_size()
        return self._estimate(self._compiled, scalar=True)

    def size_by(self, by: str | Sequence[str]) -> Estimate:
        """Return the sizes of parts of the population, which add up to `size`.

        Parameters
        ----------
        by : str or list of str
            Columns of the register; they need not be covariates.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> immigrants = hp.datasets.load("netherlands_immigrants")["apprehensions"]
        >>> fit = hp.zero_truncated(hp.CaptureCounts(immigrants, "capture", replicates=100), "~ gender + age")
        >>> fit.size_by("gender").point.round()
        gender
        male      5568.0
        female    2240.0
        Name: people, dtype: float64
        """
        self._require_size()
        names = [by] if isinstance(by, str) else list(by)
        if not names:
            raise InputError("by=[] names no column; for the whole population use size.")
        return self._estimate(compile_model(self.counts, self._family, self._covariates, names), scalar=False)

    def _estimate(self, compiled: Compiled, *, scalar: bool) -> Estimate:
        sizes, variance = self._measured(compiled)
        part = compiled.parts[compiled.row]
        node = RegisterSize(
            record=self.counts.record,
            family=self.family,
            formulas=tuple(made.formula for made in self._covariates),
            scheme=self.bootstrap,
            point=sizes,
            variance=variance,
            n=np.bincount(part, weights=self.counts._people, minlength=len(sizes)).astype(float),
            refit=compiled.refit(self.counts, self._fit),
            robust=None if self._sandwich is None else self._sandwich.whom,
            undrawn=self._undrawn,
        )
        return Estimate(node, pd.Index(["people"]) if scalar else compiled.labels, scalar, "people")

    def _measured(self, compiled: Compiled) -> tuple[Floats, Floats]:
        """Return sizes of parts and their covariance."""
        sizes, variance = compiled.sizes(self._fit)
        if self._sandwich is not None:
            variance = self._sandwich.sizes(compiled, self._fit)
        if self._at_floor:
            variance = np.diag(self._missed(compiled, self.counts._times > 0))
        elif self.status == "settled" and self._family.method is not None:
            variance = variance + np.diag(self._missed(compiled, self._alone))
        return sizes, variance

    def _missed(self, compiled: Compiled, rows: Bools) -> list[float]:
        """Return the variance that each part has from those of its people, in some rows, whom the estimator gives nobody unseen."""
        times, people = self.counts._times, self.counts._people.astype(np.float64)
        among = [rows & (compiled.parts[compiled.row] == k) for k in range(len(compiled.labels))]
        return [all_seen.variance(self._family, times, people, some) if some.any() else 0.0 for some in among]

    @property
    def _alone(self) -> Bools:
        """Mark people with covariates by which nobody is unseen: their lambda runs away."""
        return np.asarray(self._covariates[0].values @ self._fit.direction > RUNNING)

    @property
    def _undrawn(self) -> str | None:
        if self._at_floor:
            return (
                "The size is the number seen, and redraws of a register whose estimator adds nobody hardly vary, so it has no "
                "draws. Use interval(), which is t, or fit.interval()."
            )
        if self._sandwich is not None and self._sandwich.clusters is not None:
            return (
                f"The variance of this size is by {self._sandwich.whom}, and the bootstrap redraws people "
                "one by one, so it has no draws. Use interval(), which is t, or the fit without cluster=."
            )
        return None

    # Intervals and tables

    def se(self) -> float:
        """Return the analytic standard error of the size (van der Heijden et al. 2003, eq. 9)."""
        return float(np.sqrt(self._variance[0, 0])) if self.status in ("maximum", "settled") else np.nan

    @cached_property
    def _variance(self) -> Floats:
        return self._measured(self._compiled)[1]

    def interval(self, level: float = 0.95, method: str = "analytic", scale: str = "log") -> pd.DataFrame:
        """Return an interval of the size.

        Parameters
        ----------
        level : float
            Confidence level.
        method : str
            "analytic", from the delta method; or any method of `Estimate.interval`, from the bootstrap's draws.
        scale : {"log", "identity"}
            For "analytic": log-normal for those not seen (Chao 1987, eq. 8), so that the lower end stays above the number
            seen; or normal for the size, and no lower than the number seen.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> counts = hp.CaptureCounts({"seen": [1, 2, 3], "people": [1645, 183, 52]}, "seen", counts="people")
        >>> hp.chao(counts).interval().round()
                 lower    upper
        people  8085.0  10690.0
        """
        level = check_level(level)
        if method != "analytic":
            found = self.size.interval(level, method, None if method == "percentile" else scale)
            return found.clip(lower=self.counts.n)
        if scale not in ("log", "identity"):
            raise InputError(f"scale={scale!r} must be 'log' or 'identity'.")
        self._require_size()
        return pd.DataFrame([self._ends(level, scale)], index=["people"], columns=["lower", "upper"])

    def _ends(self, level: float, scale: str) -> tuple[float, float]:
        size, seen = float(self.size.node.point[0]), float(self.counts.n)
        z, variance = distributions.quantile((1 + level) / 2), float(self._variance[0, 0])
        if self._at_floor:
            times, people = self.counts._times, self.counts._people.astype(np.float64)
            return seen, seen + all_seen.most(self._family, times, people, times > 0, level)
        if scale == "identity":
            return max(seen, size - z * variance**0.5), size + z * variance**0.5
        unseen = size - seen
        factor = float(np.exp(z * np.sqrt(np.log1p(variance / unseen**2))))
        return seen + unseen / factor, seen + unseen * factor

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Return one tidy row: family, formula, people seen, size with analytic interval, and criteria of fit.

        Where there is no size it is NaN, and `status` says what happened.
        """
        level = check_level(level)
        has = self.status in ("maximum", "settled")
        low, high = self._ends(level, "log") if has else (np.nan, np.nan)
        return pd.DataFrame(
            {
                "formula": self._covariates[0].formula,
                "seen": self.counts.n,
                "size": self.size.node.point[0] if has else np.nan,
                "se": self.se(),
                "lower": low,
                "upper": high,
                "loglik": self.loglik,
                "parameters": self.parameters,
                "AIC": self.aic,
                "BIC": self.bic,
                "status": self.status,
            },
            index=pd.Index([self.family], name="family"),
        )

    def bootstrap_outcomes(self) -> pd.Series[Any]:
        """Count how the fits of the replicates ended.

        Draws whose size has no bound are infinite and stay so in percentiles; those without a fit are left out, and above
        1% of them there is no interval.
        """
        self._require_size()
        if self._undrawn:
            raise EstimationError(self._undrawn)
        codes = outcomes(self.size.node)
        return pd.Series(np.bincount(codes, minlength=len(OUTCOMES)), index=list(OUTCOMES), name="replicates")

    # Diagnostics

    def frequencies(self) -> pd.DataFrame:
        """Return how many people were seen once, twice, ... and how many the model expects among those seen."""
        self._require_size()
        return fit_checks.frequencies(self.counts, self._family, self._compiled, self._fit)

    def goodness_of_fit(self) -> pd.DataFrame:
        """Test observed against fitted frequencies; counts with fewer than 5 expected are joined.

        Degrees of freedom are the joined counts less one and less the coefficients. With covariates that is too few, and so the
        test rejects too readily, because frequencies of all people together use only part of what the coefficients fit.
        """
        return fit_checks.goodness_of_fit(self.frequencies(), self._family, self.parameters)

    def one_inflation_test(self) -> pd.DataFrame:
        """Test whether more people were seen exactly once than a zero-truncated family allows."""
        self._require_size()
        return fit_checks.one_inflation(self.counts, self._family, self._covariates, self._compiled, self._fit)

    def dfbeta(self) -> pd.DataFrame:
        """Return by how much each row of the register moves the coefficients: with it less without one such person.

        Rows have the table's index; those that stand for nobody are left out.
        """
        values = self._fit.coefficients - self._without_each()[0]
        return pd.DataFrame(values, index=self.counts._index, columns=self._index)

    def dfpopsize(self) -> pd.Series[Any]:
        """Return by how much each row of the register moves the size: with it less without one such person.

        Rows have the table's index; those that stand for nobody are left out.
        """
        values = self.size.node.point[0] - self._without_each()[1][:, 0]
        return pd.Series(values, index=self.counts._index, name="dfpopsize")

    def _without_each(self) -> tuple[Floats, Floats]:
        """Return coefficients and sizes, fitted again without one person of each row."""
        self._require_size()
        return self._compiled.refit(self.counts, self._fit).without_each()[:2]

    def plot(self, kind: str = "rootogram", *, ax: Axes | None = None) -> Axes:
        """Draw observed and fitted frequencies; needs matplotlib.

        Parameters
        ----------
        kind : {"rootogram", "frequencies"}
            A hanging rootogram (Kleiber and Zeileis 2016, The American Statistician 70:296-303): bars hang from the fitted
            curve on the scale of square roots, and should end near zero; or plain bars and a line.
        ax : matplotlib Axes, optional
            Where to draw.
        """
        if kind not in figures.KINDS:
            raise InputError(f"kind={kind!r} is not one of {', '.join(figures.KINDS)}.")
        return figures.fitted(self.frequencies(), self.title, self.counts.record.note or "", kind, ax=ax)

    def _as_table(self) -> Table:
        notes = [self.counts.record.note] if self.counts.record.note else []
        return of_frame(self.title, self.summary().drop(columns="formula"), notes, units={"size": "size"})

    def __repr__(self) -> str:
        lines = [self.title]
        if self.status in ("maximum", "settled"):
            low, high = self._ends(0.95, "log")
            size = float(self.size.node.point[0])
            lines.append(
                f"size: {size:,.0f} (95% interval {low:,.0f} to {high:,.0f}, analytic); {self.counts.n:,} seen"
            )
        else:
            lines.append(f"size: no estimate; {self.counts.n:,} seen")
        if self._family.likelihood:
            lines.append(f"log-likelihood {self.loglik:.2f}, {self.parameters} coefficients, AIC {self.aic:.1f}")
        if self._sandwich is not None:
            lines.append(f"variance of coefficients: sandwich, by {self._sandwich.whom}")
        lines += self.coefficients.round(3).to_string().splitlines()
        if self.reason:
            lines.append(f"Note: {self.reason}")
        if self.counts.record.note:
            lines.append(f"Note: {self.counts.record.note}")
        return "\n".join(lines)
