"""Log-linear models of lists: one model, and all of them ranked, averaged and redrawn."""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
import pandas as pd

from .. import _core
from ..draws import settings
from ..ground import distributions
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Floats
from ..ground.language import english
from . import notation
from .method import Plain, Sizes, logit

CRITERIA = ("AIC", "AICc", "BIC")
#: All hierarchical models are fitted up to this many lists; beyond, forward selection.
MOST_LISTS = 5
STATUS = {
    0: "",
    1: "an empty overlap: a term is minus infinity",
    2: "these counts don't identify the size under this model",
    3: "the fit did not come to rest",
    4: "these counts are most likely with nobody unseen, a limit without a standard error",
    5: "these counts are most likely at an infinite size, so they set no upper bound under this model",
}
#: States in which nothing is known of the size, in which nothing is known of the likelihood either, and of no bound.
UNKNOWN, LOST, INFINITE = (2, 3), 3, 5
#: Averages leave out models with an infinite size that hold less than this share of the weights, as the core does.
NEGLIGIBLE = 0.01


@lru_cache(maxsize=16)
def all_models(lists: int, order: int) -> tuple[tuple[int, ...], ...]:
    """Return all hierarchical models of k lists."""
    return tuple(notation.order(model) for model in _core.hierarchical_models(lists, order))


@dataclass(frozen=True)
class LogLinear(Plain):
    """Sizes by log-linear models: one model, or the best or the average of many."""

    #: A field that earlier files lack.
    came_later: ClassVar[tuple[str, ...]] = ("lists",)
    public: ClassVar[tuple[str, ...]] = (
        "lists",
        "terms",
        "name",
        "order",
        "criterion",
        "average",
        "extras",
        "constrained",
        "source",
        "multinomial",
    )

    lists: int
    #: One model's terms; None for all up to `order`.
    terms: tuple[int, ...] | None
    name: str
    order: int
    criterion: str = "AIC"
    average: bool = False
    #: Columns beside the terms, and how many of the last may not have negative coefficients.
    extras: tuple[tuple[float, ...], ...] = ()
    constrained: int = 0
    source: str = ""
    multinomial: bool = False

    @property
    def title(self) -> str:
        """A short name."""
        return self.name

    @property
    def sentence(self) -> str:
        """What it does."""
        if self.terms is not None:
            if self.multinomial:
                return english(
                    "the population's size was estimated by the log-linear model {label}, fitted by multinomial maximum likelihood",
                    label=self.name,
                )
            return english(
                "the population's size was estimated by the log-linear model {label}, fitted by Poisson maximum likelihood",
                label=self.name,
            )
        if self.lists and self.lists <= MOST_LISTS:
            how = english("all {count:,} hierarchical log-linear models", count=len(self.models))
        elif self.lists:
            how = english("log-linear models chosen by forward selection")
        else:
            how = english("log-linear models")
        if self.average:
            return english(
                "the population's size was estimated by {models} (Poisson maximum likelihood), averaged with {option} weights; in "
                "every redraw models were fitted and weighted anew",
                models=how,
                option=self.criterion,
            )
        return english(
            "the population's size was estimated by {models} (Poisson maximum likelihood), the best by {option} taken; in every "
            "redraw models were fitted and chosen anew",
            models=how,
            option=self.criterion,
        )

    @property
    def reference(self) -> str:
        """Where it comes from."""
        return self.source or (BIBLIOGRAPHY["Fienberg 1972"])

    @property
    def intervals(self) -> tuple[str, ...]:
        """Profile likelihood, where there is one model; for two independent lists, Sadinle's as well."""
        return () if self.average else ("logit", "profile") if self._two else ("profile",)

    @property
    def preferred(self) -> str | None:
        """The first, but for a model that was chosen by these counts: its own interval forgets the choice."""
        return next(iter(self.intervals), None) if self.terms is not None else None

    @property
    def _two(self) -> bool:
        """Whether this is Lincoln and Petersen's estimate of two lists, which are independent."""
        plain = not (self.multinomial or len(self.extras))
        return self.lists == 2 and self.terms is not None and sorted(self.terms) == [1, 2] and plain

    @property
    def first_range(self) -> int:
        """A model takes about five microseconds for four lists."""
        if self.terms is None and self.lists > MOST_LISTS:
            return 8
        return 512 if self.multinomial else max(8, 16_384 // len(self.models))

    @property
    def models(self) -> tuple[tuple[int, ...], ...]:
        """All models it is about."""
        return (self.terms,) if self.terms is not None else all_models(self.lists, self.order)

    def sizes(self, counts: Floats, open: Floats) -> Sizes:
        """Fit, rank and average in the core."""
        if self.terms is None and self.lists > MOST_LISTS:
            return lambda tables, threads: _core.forward_sizes(tables, open, self.order, self.criterion, threads)
        core = self.core(open, counts)
        if self.multinomial:
            return lambda tables, threads: core.multinomial(np.ascontiguousarray(tables), threads)
        row = int(self.average)
        return lambda tables, threads: core.rank(np.ascontiguousarray(tables), self.criterion, threads)[row]

    def core(self, open: Floats, start: Floats | None = None) -> _core.LogLinear:
        """Return the models as the core holds them."""
        return _core.LogLinear(self.models, open, self.extras, self.constrained, start)

    def chosen(self, counts: Floats, open: Floats) -> LogLinear:
        """Return the one model that is best for a table."""
        if self.terms is not None:
            return self
        if self.lists > MOST_LISTS:
            terms = tuple(_core.forward_path(counts, open, self.order, self.criterion)[0])
        else:
            place = self.core(open).rank(counts[None, :], self.criterion, 1)[2, 0]
            terms = self.models[int(place)] if np.isfinite(place) else self.models[0]
        return LogLinear(self.lists, terms, self.name, self.order, self.criterion)

    def variance(self, counts: Floats, open: Floats) -> float:
        """Return the variance of one model; for an average with that between models.

        The square of sum w sqrt(var + (N - average)^2): Burnham and Anderson (2002), Model Selection and
        Multimodel Inference, eq. 4.9.
        """
        if not self.average:
            unseen, spread = self.chosen(counts, open).core(open).fits(counts, 1)[0][1:3]
            return float(unseen + unseen**2 * spread)
        table, _ = fit_table(self, counts, open)
        good = table[np.isfinite(table["abundance"].to_numpy())]
        weights, sizes = good["weight"].to_numpy(), good["abundance"].to_numpy()
        if not np.isfinite(averaged(table)):
            return float("nan")
        weights = weights / weights.sum()
        apart = sizes - weights @ sizes
        # A limit at the people seen has no standard error; the formula's own limit there is zero.
        within = np.nan_to_num(good["se"].to_numpy())
        return float((weights @ np.sqrt(within**2 + apart**2)) ** 2)

    def interval(self, name: str, counts: Floats, open: Floats, tail: float) -> tuple[float, float]:
        """Return the profile likelihood interval of the multinomial likelihood."""
        if name == "logit":
            return logit(counts, tail)
        drop = distributions.quantile(1 - tail) ** 2 / 2
        found = self.chosen(counts, open).core(open).profile(counts, drop)
        return (math.nan, math.nan) if found is None else found[1:]

    def fitted(self, counts: Floats, open: Floats) -> Floats:
        """Return the fitted counts; for an average, averaged."""
        if not self.average:
            return self.chosen(counts, open).core(open).fitted(counts)
        table, models = fit_table(self, counts, open)
        total = np.zeros(len(counts))
        for model, weight in zip(models, table["weight"], strict=True):
            if weight > 1e-6:
                one = LogLinear(self.lists, model, "", self.order)
                total += weight * one.core(open).fitted(counts)
        return total

    def reason(self, counts: Floats, open: Floats) -> str:
        """Say which check failed."""
        if self.terms is not None:
            status = int(self.core(open).fits(counts, 1)[0][0])
            least = self.interval("profile", counts, open, 0.05)[0] if status == INFINITE else math.nan
            text = f"; at 95% confidence there are {least:,.0f} people or more (profile likelihood)"
            return STATUS[status] + (text if np.isfinite(least) else "")
        table, models = fit_table(self, counts, open)
        if not np.isposinf(table["abundance"]).any():
            return "no model has an estimate"
        letters = tuple(string.ascii_uppercase[: self.lists])
        place = int(np.argmax(table["weight"] > 0))
        best, name = table.iloc[place], notation.name(models[place], letters)
        if np.isposinf(best["abundance"]):
            return (
                f"the best model by {self.criterion}, {name} (lists by letters), is most likely at an infinite size: these counts set "
                "no upper bound. The table of models shows the others"
            )
        share = float(table["weight"][np.isposinf(table["abundance"])].sum())
        return (
            f"models that are most likely at an infinite size hold {share:.0%} of the weights by {self.criterion}, so the average has "
            "no bound"
        )


def fit_table(method: LogLinear, counts: Floats, open: Floats) -> tuple[pd.DataFrame, list[tuple[int, ...]]]:
    """Return every model's fit, best first, and its terms; those that say nothing of the size have no weight."""
    if method.terms is None and method.lists > MOST_LISTS:
        return _path_table(method, counts, open)
    fits = method.core(open).fits(counts, settings.threads())
    return _table(method.models, fits, counts, open, method.criterion)


def averaged(table: pd.DataFrame) -> float:
    """Return the average size of a table of models: infinite where infinite ones hold more than a negligible weight."""
    size, weight = table["abundance"].to_numpy(), table["weight"].to_numpy()
    bounded = np.isfinite(size)
    if weight[np.isposinf(size)].sum() >= NEGLIGIBLE or not weight[bounded].sum():
        return float("inf")
    return float(weight[bounded] @ size[bounded] / weight[bounded].sum())


def _path_table(method: LogLinear, counts: Floats, open: Floats) -> tuple[pd.DataFrame, list[tuple[int, ...]]]:
    """Return the models that forward selection passed through."""
    terms = _core.forward_path(counts, open, method.order, method.criterion)[0]
    models = [tuple(terms[:length]) for length in range(method.lists, len(terms) + 1)]
    return _table(
        models, _core.LogLinear(models, open).fits(counts, settings.threads()), counts, open, method.criterion
    )


def _table(
    models: Sequence[tuple[int, ...]], fits: Floats, counts: Floats, open: Floats, criterion: str
) -> tuple[pd.DataFrame, list[tuple[int, ...]]]:
    status, unseen, variance, deviance, pearson, likelihood, p = fits.T
    n, cells = counts.sum(), open.sum()
    factorials = sum(math.lgamma(y + 1) for y in counts)
    # The supremum of the likelihood exists whatever becomes of the size.
    lost, unknown = np.where(status == LOST, np.nan, 0.0), np.isin(status, UNKNOWN)
    minus = lost - 2 * (likelihood - factorials)
    with np.errstate(invalid="ignore", divide="ignore"):
        by = {
            "AIC": minus + 2 * p,
            "AICc": minus + 2 * p * n / np.where(n > p + 1, n - p - 1, np.nan),
            "BIC": minus + p * np.log(n),
        }
    order = np.argsort(by[criterion], kind="stable")  # NaN last
    known = np.where(unknown, np.nan, by[criterion])
    weight = np.nan_to_num(np.exp((np.nanmin([*known, np.inf]) - known) / 2))
    tails = _core.chi_square_tails(np.nan_to_num(deviance).tolist(), (cells - p).tolist())
    columns = {
        "abundance": np.where(unknown, np.nan, n + unseen),
        "se": np.where(unknown, np.nan, np.sqrt(unseen + unseen**2 * variance)),
        "deviance": lost + deviance,
        "df": (cells - p).astype(int),
        "p_deviance": lost + np.array(tails),
        "pearson": lost + pearson,
        **by,
        "weight": weight / (weight.sum() or 1.0),
    }
    notes = [STATUS[code] for code in status[order].astype(int).tolist()]
    # All columns at once: pandas takes as long to add one to a table as to make it of all.
    frame = pd.DataFrame({**{name: values[order] for name, values in columns.items()}, "note": notes})
    return frame, [models[place] for place in order.tolist()]
