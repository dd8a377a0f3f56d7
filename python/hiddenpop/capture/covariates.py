"""Chances that depend on covariates: conditional likelihood of lists that are independent given them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
import pandas as pd

from .. import _core
from ..draws import settings
from ..errors import EstimationError, listing, warn
from ..estimate.estimate import Estimate
from ..expression.nodes import Node
from ..ground import distributions
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.checks import check_level
from ..ground.columns import Floats
from ..ground.language import english
from ..ground.signatures import checked
from ..ground.stays import Stays
from ..ground.text import another
from ..sample import design
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from .people import Design, People, PeopleSize, check_bootstrap, grouped, people, read

if TYPE_CHECKING:
    from .lists import Lists
REFERENCES = (
    BIBLIOGRAPHY["Huggins 1989"],
    BIBLIOGRAPHY["Alho 1990"],
)
#: Outcomes of the core's fits.
EXISTS, SEPARATED = 0, 1
#: Coefficients that a separation moves by more than this share of the largest move run away.
RUNS = 1e-3


@dataclass(frozen=True, eq=False)
class Refit:
    """Fits anew to redrawn people."""

    core: _core.ConditionalFit
    #: Coefficients to begin from.
    start: Floats

    def sizes(self, weights: Floats, threads: int) -> Floats:
        """Sum the inverse chances of the people redrawn, by chances fitted to them."""
        return self.core.replicates(weights, self.start, threads)


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fit of the core, and what redraws need of it."""

    people: People
    own: bool
    lists: int
    #: Columns made orthogonal, and the triangle that turns coefficients back: values = columns @ triangle.
    columns: Floats
    triangle: Floats
    group: Any
    groups: int

    @cached_property
    def core(self) -> _core.ConditionalFit:
        """The core's design."""
        history = self.people.history.astype(np.uint32)
        return _core.ConditionalFit(
            self.lists, self.own, self.columns, history, self.group.astype(np.uint32), self.groups
        )

    @cached_property
    def fit(self) -> Any:
        """Outcome, log-likelihood, coefficients, information, sizes, their derivatives, chances of being seen."""
        return self.core.fit(self.people.count)

    @property
    def first_range(self) -> int:
        """About five steps, each the square of the coefficients for each row."""
        cost = len(self.people.row) * (len(self.fit[2]) ** 2 + 20 * self.lists) * 5
        return int(np.clip(1e8 * settings.threads() / cost, 1, 4096))

    @cached_property
    def strata(self) -> Floats:
        """Estimated size of each stratum."""
        return grouped(self.people.count / self.fit[6], self.people.stratum, len(self.people.lists.strata))

    @property
    def resize(self) -> Refit:
        """Fit anew, beginning from this fit; but one at the edge is no place to begin from."""
        return Refit(self.core, self.fit[2] if self.fit[0] == EXISTS else np.zeros_like(self.fit[2]))

    def covariance(self) -> Floats:
        """Return Huggins' two parts: people unseen by chance, and coefficients estimated."""
        outcome, _, _, information, _, slopes, chance = self.fit
        if outcome != EXISTS:
            raise EstimationError(
                "Some coefficients have no finite estimate, so there is no formula for the standard error. Use the draws: se()."
            )
        unseen = grouped(self.people.count * (1 - chance) / chance**2, self.group, self.groups)
        return np.asarray(np.diag(unseen) + slopes @ np.linalg.solve(information, slopes.T))

    def back(self, coefficients: Floats) -> Floats:
        """Return coefficients (terms x any) of the columns as the formula has them."""
        parts = np.split(coefficients, self.lists if self.own else 1)
        return np.concatenate([np.linalg.solve(self.triangle, part) for part in parts])


def fit_design(found: People, made: Design, group: Any, groups: int) -> Fitted:
    """Gather people who are alike, and fit."""
    lists = len(found.lists)
    width = made.matrix.values.shape[1]
    # Orthogonal columns keep Newton's steps accurate, whatever the covariates' units.
    basis, triangle = np.linalg.qr(made.matrix.values)
    scale = np.sqrt(len(basis))
    basis, triangle = basis * scale, triangle / scale
    rows = made.matrix.values.reshape(len(found.row), -1)
    key = np.column_stack([found.unit, found.history, group, rows])
    _, first, place = np.unique(key, axis=0, return_index=True, return_inverse=True)
    count = grouped(found.count, place.reshape(-1), len(first))
    columns = basis.reshape(len(found.row), -1)[first].reshape(-1, width)
    kinds = found.take(first.astype(np.int64), count)
    return Fitted(kinds, made.own, lists, np.ascontiguousarray(columns), triangle, group[first], groups)


@checked
class CovariateFit(Tabled, Stays):
    """A fitted model of being on lists, given covariates; made by `hp.capture_covariates`.

    Attributes
    ----------
    lists : Lists
        The lists.
    formula : str
        What the log odds of being on a list depend on.
    loglik, aic, bic : float
        Log-likelihood of the histories given being seen, and the criteria from it; `bic` counts the people seen.

    See Also
    --------
    capture_covariates : fits it.
    doubly_robust : a size that survives one of two wrong models.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> cells = {"a": [1, 0, 1], "b": [0, 1, 1], "people": [40, 60, 12]}
    >>> fit = hp.capture_covariates(hp.Lists(cells, ["a", "b"], counts="people"))
    >>> fit.coefficients[["estimate", "se"]].round(3)
                    estimate     se
    list term
    a    Intercept    -1.609  0.316
    b    Intercept    -1.204  0.329
    """

    unsaved: ClassVar[str] = (
        "A fit to people on lists can't be saved, because it holds their rows. Save its estimates (size, size_by, "
        "coefficients): estimate.to_json() or pickle"
    )

    def __init__(self, lists: Lists, found: People, made: Design, bootstrap: str) -> None:
        self.lists = lists
        self.formula = made.matrix.formula
        self.bootstrap = bootstrap
        self._found, self._made = found, made
        self._all = fit_design(found, made, np.zeros(len(found.row), dtype=np.int64), 1)

    @property
    def parameters(self) -> int:
        """The number of coefficients."""
        return len(self._terms)

    @property
    def loglik(self) -> float:
        """The log-likelihood, given that people were seen."""
        return float(self._all.fit[1])

    @property
    def aic(self) -> float:
        """Akaike's information criterion."""
        return 2 * self.parameters - 2 * self.loglik

    @property
    def bic(self) -> float:
        """Schwarz's criterion, with the number of people seen."""
        return float(np.log(self._found.n)) * self.parameters - 2 * self.loglik

    @cached_property
    def coefficients(self) -> pd.DataFrame:
        """Coefficients of the log odds with standard errors, z and two-sided p; NaN for those that run away."""
        outcome, _, values, *_ = self._all.fit
        estimate = self._all.back(values)
        errors = np.sqrt(np.diag(self.vcov.to_numpy()))
        if outcome != EXISTS:
            estimate = np.where(self._running, np.nan, estimate)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = estimate / errors
        p = [2 * (1 - distributions.cdf(abs(v))) if np.isfinite(v) else np.nan for v in z]
        return pd.DataFrame({"estimate": estimate, "se": errors, "z": z, "p": p}, index=self._index)

    @cached_property
    def vcov(self) -> pd.DataFrame:
        """Covariance of the coefficients: the inverse of the information. NaN when some have no finite estimate."""
        outcome, information = self._all.fit[0], self._all.fit[3]
        size = len(self._terms)
        values = np.full((size, size), np.nan)
        if outcome == EXISTS:
            back = self._all.back(np.eye(size))
            values = back @ np.linalg.solve(information, back.T)
        return pd.DataFrame(values, index=self._index, columns=self._index)

    def chances(self) -> pd.DataFrame:
        """Return each row's fitted chances of being on each list and on any, with the table's index.

        People alike have one chance, so this tells who is hard to see: look for chances near 0.

        See Also
        --------
        CovariateFit.size_by

        Examples
        --------
        >>> import hiddenpop as hp
        >>> cells = {"a": [1, 0, 1], "b": [0, 1, 1], "people": [40, 60, 12]}
        >>> fit = hp.capture_covariates(hp.Lists(cells, ["a", "b"], counts="people"))
        >>> fit.chances().round(2).iloc[0].to_dict()
        {'a': 0.17, 'b': 0.23, 'any': 0.36}
        """
        beta = self._all.back(self._all.fit[2])
        if self._made.own:
            parts = np.split(beta, len(self.lists))
            odds = np.column_stack([self._made.matrix.values @ part for part in parts])
        else:
            odds = (self._made.matrix.values @ beta).reshape(-1, len(self.lists))
        chance = 1 / (1 + np.exp(-odds))
        frame = pd.DataFrame(chance, columns=list(self.lists.names), index=self.lists._index[self._found.row])
        frame[another("any", self.lists.names, "list")] = -np.expm1(np.log1p(-chance).sum(axis=1))
        return frame

    @cached_property
    def size(self) -> Estimate:
        """The population's size: an Estimate whose draws redraw people and fit anew.

        Raises
        ------
        EstimationError
            Some people's chance of being seen is estimated at zero.
        """
        return self._estimate(self._all, None)

    def size_by(self, by: str | Sequence[str]) -> Estimate:
        """Return sizes of strata, which add up to `size`; strata are those of the lists (`hp.Lists(..., by=)`).

        Draws are no less than the people seen in each stratum, so where that holds some up their sum is above that of `size`.

        See Also
        --------
        CovariateFit.chances

        Examples
        --------
        >>> import hiddenpop as hp
        >>> cells = {"sex": ["f", "f", "f", "m", "m", "m"], "a": [1, 0, 1] * 2, "b": [0, 1, 1] * 2,
        ...          "people": [40, 60, 12, 10, 20, 30]}
        >>> lists = hp.Lists(cells, ["a", "b"], by="sex", counts="people")
        >>> hp.capture_covariates(lists, "~ sex").size_by("sex").point.round()
        sex
        f    312.0
        m     67.0
        Name: population size, dtype: float64
        """
        group, labels = self.lists.groups(by)
        return self._estimate(fit_design(self._found, self._made, group[self._found.stratum], len(labels)), labels, by)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the log-normal interval of the size, from its analytic standard error.

        With f = N - n people unseen: n + f / C to n + f C, C = exp(z sqrt(log(1 + var N / f^2))) (Burnham et al. 1987,
        American Fisheries Society Monograph 5, p. 212). `size.interval()` gives percentiles of the redraws.

        See Also
        --------
        Estimate.interval

        Examples
        --------
        >>> import hiddenpop as hp
        >>> cells = {"a": [1, 0, 1], "b": [0, 1, 1], "people": [40, 60, 12]}
        >>> fit = hp.capture_covariates(hp.Lists(cells, ["a", "b"], counts="people"))
        >>> [round(end) for end in fit.interval()]
        [213, 509]
        """
        half = distributions.quantile(1 - (1 - check_level(level)) / 2)
        seen, unseen = self._found.n, float(self._all.fit[4][0]) - self._found.n
        factor = np.exp(half * np.sqrt(np.log1p(float(self._all.covariance()[0, 0]) / unseen**2)))
        return float(seen + unseen / factor), float(seen + unseen * factor)

    def _as_table(self) -> Table:
        return of_frame(self._head(), self.coefficients, [repr(self.size).replace("\n", " ")])

    def __repr__(self) -> str:
        return "\n".join([self._head(), self.coefficients.round(4).to_string(), f"\n{self.size!r}"])

    def _repr_html_(self) -> str:
        table = self.coefficients.to_html(float_format=lambda v: f"{v:.4f}")
        return f"{escape(self._head())}{table}{self.size._repr_html_()}"

    # Within

    def _head(self) -> str:
        what = "coefficients for each list" if self._made.own else "lists and people"
        return (
            f"Chances of being on {len(self.lists)} lists, {self.formula} ({what}): {self._found.n:,} people, "
            f"log-likelihood {self.loglik:.2f}, AIC {self.aic:.2f}"
        )

    @property
    def _terms(self) -> list[tuple[str, str]]:
        if self._made.own:
            return [(name, term) for name in self.lists.names for term in self._made.matrix.names]
        return [("all", term) for term in self._made.matrix.names]

    @property
    def _index(self) -> pd.MultiIndex:
        return pd.MultiIndex.from_tuples(self._terms, names=["list", "term"])

    @cached_property
    def _running(self) -> Any:
        """Which coefficients have no finite estimate: those that a separation still moves."""
        fit = self._all.fit
        values, vectors = np.linalg.eigh(fit[3])
        flat = vectors[:, values < 1e-6 * values[-1]]
        moved = np.abs(self._all.back(flat)).max(axis=1, initial=0.0)
        return moved > RUNS * max(float(moved.max(initial=0.0)), 1e-300)

    def _reason(self) -> str:
        running = [f"{term} of {name}" for (name, term), away in zip(self._terms, self._running, strict=True) if away]
        return (
            f"some chances are estimated at 0 or 1, as the coefficients {listing(running)} have no finite estimate. Look for "
            "groups in which nobody is on a list, or everybody, or nobody on two lists; join them or leave the covariate out"
        )

    def _estimate(self, fitted: Fitted, labels: pd.Index[Any] | None, by: str | Sequence[str] = ()) -> Estimate:
        outcome, point = fitted.fit[0], np.array(fitted.fit[4])
        if outcome not in (EXISTS, SEPARATED):
            raise EstimationError(f"{self.formula}: the search for the maximum of the likelihood did not end.")
        infinite = np.isposinf(point)
        if np.isnan(point).any() or infinite.all():
            raise EstimationError(f"No size by {self.formula}: it grows without bound, since {self._reason()}.")
        notes: tuple[str, ...] = ()
        if infinite.any() and labels is not None:
            where = listing(list(labels[infinite]))
            warn(f"{self.formula} has no finite size for {where}: it grows without bound, since {self._reason()}.")
        elif outcome == SEPARATED:
            text = f"{self.formula}: {self._reason()}. The size is that of the limit"
            notes = (text,)
            warn(f"{text}.")
        if self._made.own:
            said = english(
                "the population's size was estimated by conditional likelihood: logistic chances of being on each list ({text}, with "
                "coefficients of its own for each list), lists independent given these, and a Horvitz-Thompson sum over the people "
                "seen",
                text=self.formula,
            )
        else:
            said = english(
                "the population's size was estimated by conditional likelihood: logistic chances of being on each list ({text}, of "
                "list and covariates), lists independent given these, and a Horvitz-Thompson sum over the people seen",
                text=self.formula,
            )
        lists = self.lists
        node = PeopleSize(
            title=english("chances by covariates"),
            sentence=said,
            references=REFERENCES,
            record=lists.record,
            names=lists.names,
            by=design.names(by or None),
            bootstrap=self.bootstrap,
            replicates=lists.replicates,
            point=point,
            n=grouped(fitted.people.count, fitted.group, fitted.groups),
            notes=notes,
            people=fitted,
        )
        name = "population size"
        index = pd.Index([name]) if labels is None else labels
        return Estimate(cast("Node", node), index, labels is None, name)


@checked
def capture_covariates(lists: Lists, formula: str = "~ 1", *, bootstrap: str = "full") -> CovariateFit:
    """Estimate a population's size from lists whose chances of holding a person depend on covariates.

    People who differ are seen by lists to different degrees; ignoring that makes the size too small. Where what
    they differ in is recorded, it can be modelled.

    Parameters
    ----------
    lists : Lists
        Two lists or more, made from a row a person (or a row for people alike, with `counts`) whose table has the
        covariates as well.
    formula : str
        Covariates, as ``"~ age + sex"``. A formula that does not name ``list`` gives each list coefficients of its own. One
        that does is taken as written, for a table with a row a person and list: ``"~ list + age"`` has an intercept for
        each list and one slope of age for all, ``"~ list * age"`` equals ``"~ age"``. Formulas: `docs/regress.md`.
    bootstrap : {"full", "conditional"}
        As for `loglinear`. Each redraw fits anew.

    Returns
    -------
    CovariateFit
        With `size`, an `Estimate`; `size_by`, `coefficients`, `aic`, `chances()`, `interval()` (log-normal).
        ``size.se("linearized")`` is Huggins' standard error.

    Raises
    ------
    InputError
        No such column, a covariate is missing for some people, or follows from the others.
    EstimationError
        Asking for the size: it grows without bound.

    See Also
    --------
    doubly_robust : does with one of two right models.
    loglinear : without covariates.

    Notes
    -----
    Assumes a closed population, perfect matching, lists independent given the covariates, and that the covariates tell all
    by which chances differ. With p_ij person i's chance of being on list j, logit-linear in the covariates, and pi_i =
    1 - prod_j (1 - p_ij), the likelihood of the histories given being seen is maximised and N = sum 1 / pi_i over the people seen
    (Huggins 1989, Biometrika 76:133-140; Alho 1990, Biometrics 46:623-635). Its variance has two parts: sum (1 - pi_i)
    / pi_i^2 for who was seen, and d' I^-1 d for the coefficients, d the derivative of N and I the information.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> cells = {"sex": ["f", "f", "f", "m", "m", "m"], "a": [1, 0, 1] * 2, "b": [0, 1, 1] * 2,
    ...          "people": [40, 60, 12, 10, 20, 30]}
    >>> lists = hp.Lists(cells, ["a", "b"], counts="people")
    >>> fit = hp.capture_covariates(lists, "~ sex")
    >>> round(fit.size.point)
    379
    >>> round(hp.capture_covariates(lists).size.point)
    267
    """
    check_bootstrap(bootstrap)
    found = people(lists)
    return CovariateFit(lists, found, read(formula, found), bootstrap)
