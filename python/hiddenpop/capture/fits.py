"""All models of some lists, ranked: what `hp.loglinear` returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
import pandas as pd

from ..drawing.axes import COLOUR, PLAIN, axes_for, formatted, items, named, note, rows_done, tell
from ..draws import settings
from ..errors import InputError, suggest, visible
from ..estimate.estimate import Estimate
from ..ground import checks
from ..ground.signatures import checked
from ..ground.stays import Stays
from ..ground.text import capital
from ..words import methods
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from . import notation
from .estimator import Captured, check, estimate
from .loglinear import CRITERIA, MOST_LISTS, NEGLIGIBLE, LogLinear, averaged, fit_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .lists import Lists
#: Models whose criterion is no more than this above the lowest have support worth showing (Burnham and Anderson
#: 2002, section 2.6).
NEAR = 4.0
#: Sizes of supported models that differ by more than this factor disagree.
WILD = 1.5
SHOWN = 12


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Selection:
    """How often redraws chose each model.

    Attributes
    ----------
    table : DataFrame
        Models by how often they were chosen, with their weight in the data.
    without_estimate : float
        Share of all fits, over replicates and models, that had no estimate.
    """

    table: pd.DataFrame
    without_estimate: float

    def __repr__(self) -> str:
        return f"{self.table.head(SHOWN).round(3).to_string()}\nFits without an estimate: {self.without_estimate:.1%}"


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Fits(Tabled, Stays):
    """Log-linear models of some lists, ranked.

    `table` holds them all. `best` and `average()` are estimates whose redraws choose and weigh models
    anew; where models that the data support about equally give very different sizes, they say so.
    """

    unsaved: ClassVar[str] = (
        "Models of lists can't be saved, because they hold the lists. Save their estimates (best, average()) by estimate.to_json() "
        "or pickle, and their table"
    )

    lists: Lists
    method: LogLinear
    by: str | Sequence[str] | None
    bootstrap: str
    replicates: int | None

    @property
    def title(self) -> str:
        """What a report calls it."""
        return f"Log-linear models of {len(self.lists)} lists"

    @cached_property
    def table(self) -> pd.DataFrame:
        """Every model: size (Poisson form), its s.e., deviance, df, criteria, weight; best first.

        With `by`, strata are the outer level. A model whose likelihood is highest at an infinite size, or with nobody
        unseen, has that limit and takes part in the ranking; one that says nothing of the size has no size and no
        weight. Both have a note.
        """
        names = self.lists.names
        frames = []
        for counts, open in zip(self._tables, self._opens, strict=True):
            frame, models = fit_table(self.method, counts, open)
            frame.index = pd.Index([notation.name(terms, names) for terms in models])
            frames.append(frame)
        if self.by is None:
            return frames[0]
        return pd.concat(dict(zip(self._groups[1], frames, strict=True)), names=list(self._groups[1].names))

    @cached_property
    def best(self) -> Estimate:
        """The size by the best model, chosen anew in each redraw."""
        return self._estimate(self.method)

    def average(self, criterion: str | None = None) -> Estimate:
        """Return the size averaged over all models with weights exp(-criterion / 2), anew in each redraw.

        Burnham and Anderson (2002), Model Selection and Multimodel Inference, section 4.3. `se("linearized")`
        is their unconditional standard error. Where models with an infinite size hold 1% of the weights or more, the average is
        infinite; where they hold less they are left out of it.
        """
        criterion = criterion or self.method.criterion
        if criterion not in CRITERIA:
            raise InputError(f"criterion={criterion!r} is not one of {', '.join(CRITERIA)}.")
        if self.method.lists > MOST_LISTS:
            raise InputError("With more than five lists there is one selected model, not a family to average.")
        if criterion not in self._averages:
            name = f"log-linear, {criterion} average"
            self._averages[criterion] = self._estimate(
                replace(self.method, criterion=criterion, average=True, name=name)
            )
        return self._averages[criterion]

    def model(self, formula: str) -> Estimate:
        """Return the size by one model, as `hp.loglinear(lists, formula)` does."""
        terms = notation.parse(formula, self.lists.names)
        method = replace(self.method, terms=terms, name=notation.name(terms, self.lists.names))
        return estimate(self.lists, method, by=self.by, bootstrap=self.bootstrap)

    @property
    def spread(self) -> tuple[float, float]:
        """Smallest and largest size among models whose criterion is within 4 of the best."""
        if self.by is not None:
            raise InputError("With by= there is a spread in each stratum; look at the table.")
        return _spread(self.table, self.method.criterion)[:2]

    def selection(self, replicates: int | None = None) -> Selection:
        """Redraw the lists and count which model is best; and how many fits have no estimate.

        Parameters
        ----------
        replicates : int, optional
            Default: those of the estimates, at most 1,000.
        """
        if self.by is not None or self.method.lists > MOST_LISTS:
            raise InputError("Selection is counted for all strata together and up to five lists.")
        count = settings.check_replicates(replicates or min(self.replicates or self.lists.replicates, 1000))
        core = self.method.core(self._opens[0], self._tables[0])
        threads = settings.threads()
        if np.isposinf(self._best["abundance"]):
            # There is no estimate to ask, but people of an infinite population can be redrawn.
            redraw = self.lists.redrawn(np.array([self.lists.n if self.bootstrap == "conditional" else np.inf]))
        else:
            redraw = cast("Captured", self.best.node).kernel.redraw
        tables = np.ascontiguousarray(redraw.tables(0, count, threads)[0])
        _, _, best, lost = core.rank(tables, self.method.criterion, threads)
        chosen = best[np.isfinite(best)].astype(int)
        names = [notation.name(terms, self.lists.names) for terms in self.method.models]
        often = pd.Series(np.bincount(chosen, minlength=len(names)) / count, index=names, name="chosen")
        frame = pd.DataFrame({"chosen": often, "weight": self.table["weight"]})
        frame = frame.sort_values(["chosen", "weight"], ascending=False)
        return Selection(frame, float(lost.mean() / len(names)))

    def plot(self, *, most: int = 20, ax: Axes | None = None) -> Axes:
        """Draw sizes of the best models with 95% intervals (log scale), thicker where the weight is larger."""
        if self.by is not None:
            raise InputError("Plot strata one at a time: hp.loglinear of a stratum's lists.")
        frame = self.table[np.isfinite(self.table["abundance"])].head(checks.whole(most, "most", 1))
        axes = axes_for(ax, max(2, len(frame) // 2))
        size, error = frame["abundance"].to_numpy(), frame["se"].to_numpy()
        unseen = np.maximum(size - self.lists.n, 1e-9)
        half = np.exp(1.96 * np.sqrt(np.log1p((error / unseen) ** 2)))  # Burnham et al. 1987, p. 212
        low, high = self.lists.n + unseen / half, self.lists.n + unseen * half
        place = np.arange(len(frame))
        axes.hlines(place, low, high, color=COLOUR, linewidth=1 + 8 * frame["weight"], alpha=0.5)
        axes.plot(size, place, "o", color=COLOUR)
        average = averaged(self.table)
        if np.isfinite(average):
            axes.axvline(average, color="0.3", linestyle="--", linewidth=1)
            axes.annotate("average", (average, -0.7), ha="center", va="bottom", fontsize="small")
        gap = frame[self.method.criterion] - self.table[self.method.criterion].min()
        axes.set_yticks(
            place, [f"{visible(name)}  (+{d:.1f})" for name, d in zip(frame.index, gap, strict=True)], **PLAIN
        )
        axes.set_ylim(len(frame) - 0.5, -1.6)
        axes.set_xscale("log")
        axes.minorticks_off()
        formatted(axes, "x", "size")
        rows_done(axes)
        title = f"population size (95% interval), models by {self.method.criterion}"
        named(axes, "x", title)
        notes = self._caveats()
        note(axes, notes)
        each = zip(size, low, high, frame["weight"], strict=True)
        texts = [f"{n:,.0f} ({a:,.0f} to {b:,.0f}), weight {weight:.0%}" for n, a, b, weight in each]
        mean = f"{average:,.0f}" if np.isfinite(average) else "infinite"
        words = [f"{capital(title)}; average {mean}.", items(frame.index, texts), *notes]
        tell(axes, " ".join(words))
        return axes

    def _as_table(self) -> Table:
        return of_frame(self._head(), self.table, [*self._foot(), *self._caveats()])

    def __repr__(self) -> str:
        return "\n".join([self._head(), self._shown().to_string(), *self._foot()])

    def _repr_html_(self) -> str:
        foot = "<br>".join(escape(line) for line in self._foot())
        return f"{escape(self._head())}{self._shown().to_html()}<small>{foot}</small>"

    # Within

    @cached_property
    def _averages(self) -> dict[str, Estimate]:
        return {}

    @cached_property
    def _groups(self) -> tuple[Any, pd.Index[Any]]:
        return self.lists.groups(self.by)

    @cached_property
    def _tables(self) -> Any:
        return self.lists.tables(self._groups[0])

    @cached_property
    def _opens(self) -> Any:
        return self.lists.open(self._groups[0])

    def _estimate(self, method: LogLinear) -> Estimate:
        notes: tuple[str, ...] = ()
        if self.by is None:
            notes = tuple(filter(None, (disagreement(self.table, self.method.criterion), self._unbounded())))
        return estimate(
            self.lists, method, by=self.by, bootstrap=self.bootstrap, replicates=self.replicates, notes=notes
        )

    def _caveats(self) -> list[str]:
        """Return what must be known to read the models, be the best one's size infinite."""
        if self.by is None and np.isposinf(self._best["abundance"]):
            return [text for text in (disagreement(self.table, self.method.criterion), self._unbounded()) if text]
        return list(methods.caveats(self.best.node))

    @property
    def _best(self) -> pd.Series[Any]:
        """The first model of the table with a size, be it a limit."""
        return self.table[self.table["weight"] > 0].iloc[0]

    def _unbounded(self) -> str:
        """Say which models are most likely at an infinite size, or say nothing of it, if they count for something."""
        criterion, table = self.method.criterion, self.table
        first = table.index[0]
        if np.isnan(table["abundance"].iloc[0]):
            return f"The lowest {criterion} is that of {first}, under which the counts say nothing of the size"
        infinite = table[np.isposinf(table["abundance"])]
        share = float(infinite["weight"].sum())
        if share < NEGLIGIBLE:
            return ""
        several = {1: "", 2: " and another model"}.get(len(infinite), f" and {len(infinite) - 1} others")
        return (
            f"{share:.0%} of the {criterion} weights belong to models that are most likely at an infinite size "
            f"({infinite.index[0]}{several}): these counts set no upper bound"
        )

    def _head(self) -> str:
        what = "hierarchical log-linear models" if self.method.lists <= MOST_LISTS else "models of forward selection"
        return f"{len(self.table):,} {what} of {len(self.lists)} lists ({self.lists.n:,} people), by {self.method.criterion}"

    def _shown(self) -> pd.DataFrame:
        frame = self.table if self.by is None else self.table.groupby(level=self._groups[1].names, sort=False).head(3)
        frame = frame.head(SHOWN)[["abundance", "se", "deviance", "df", self.method.criterion, "weight"]]
        return frame.round({"abundance": 0, "se": 0, "deviance": 2, self.method.criterion: 2, "weight": 3})

    def _foot(self) -> list[str]:
        lines = []
        lost = int(self.table["abundance"].isna().sum())
        infinite = int(np.isposinf(self.table["abundance"]).sum())
        if len(self.table) > SHOWN:
            lines.append(f"... {len(self.table) - SHOWN:,} more models, in .table")
        if lost:
            what = "1 model says" if lost == 1 else f"{lost} models say"
            lines.append(f"Of the size {what} nothing; averages leave that out.")
        if infinite:
            what = "1 model is" if infinite == 1 else f"{infinite} models are"
            lines.append(f"{what} most likely at an infinite size.")
        if self.by is None:
            lines += [f"{text}." for text in [self._unbounded()] if text]
            text = disagreement(self.table, self.method.criterion)
            low, high, count = _spread(self.table, self.method.criterion)
            near = f"Models within {NEAR:g} of the best {self.method.criterion} ({count}) give {low:,.0f} to {high:,.0f} people."
            lines += [text or near] if count > 1 and np.isfinite(low) else []
        return lines


def _spread(table: pd.DataFrame, criterion: str) -> tuple[float, float, int]:
    near = table[table[criterion] - table[criterion].min() <= NEAR]["abundance"].dropna()
    return float(near.min()), float(near.max()), len(near)


def disagreement(table: pd.DataFrame, criterion: str) -> str:
    """Say when models that fit about equally well give very different sizes; empty otherwise."""
    low, high, count = _spread(table, criterion)
    if not high > WILD * low:
        return ""
    return (
        f"Models disagree: {count} of them are within {NEAR:g} of the best {criterion} and give from {low:,.0f} to "
        f"{f'{high:,.0f}' if np.isfinite(high) else 'infinitely many'} people. One number hides that; report the spread"
    )


#: Bootstrap replicates where a replicate fits thousands of models (some 80 ms each).
FEW_REPLICATES = 500
MANY_MODELS = 1000


@checked
def loglinear(
    lists: Lists,
    formula: str | None = None,
    *,
    by: str | Sequence[str] | None = None,
    criterion: str = "AIC",
    order: int | None = None,
    likelihood: str = "poisson",
    bootstrap: str = "full",
    replicates: int | None = None,
) -> Any:
    """Estimate a population's size by log-linear models of the overlaps.

    Parameters
    ----------
    lists : Lists
        Two lists or more.
    formula : str, optional
        One hierarchical model, such as ``"A*B + C"``, by names of lists or by letters in their order.
        Without it all hierarchical models of up to five lists are fitted and ranked; with more lists
        models come from forward selection.
    by : str or list of str, optional
        Strata of the lists to estimate separately.
    criterion : {"AIC", "AICc", "BIC"}
        How models are ranked and weighted. BIC and AICc count the people seen.
    order : int, optional
        Most lists in one interaction: all but one by default, two with more than five lists.
    likelihood : {"poisson", "multinomial"}
        Of one model: print n + exp(intercept), or the size at which the multinomial likelihood is largest.
    bootstrap : {"full", "conditional", "parametric"}
        How people are redrawn; models are fitted, chosen and weighted anew in every replicate.
    replicates : int, optional
        Replicates of these estimates; by default the lists', but 500 where a replicate fits thousands
        of models.

    Returns
    -------
    Fits
        `table`, `best`, `average()`, `model(formula)`, `selection()`, `plot()`. With a formula the
        `Estimate` of that model, which also has `interval(method="profile")`.

    Raises
    ------
    InputError
        A formula that names no list, leaves one out, or joins all of them.
    EstimationError
        The counts don't identify the size, or it is infinite.

    See Also
    --------
    chapman : two lists.
    mh, mth : heterogeneity.
    sparse_mse : many lists that hardly overlap.
    decomposable_bma, sample_coverage : other answers to the same question.

    Notes
    -----
    Counts of the 2^k - 1 histories that can be seen are independent Poisson with log mu linear in the
    model's terms (Fienberg 1972, Biometrika 59:591-603; Cormack 1989, Biometrics 45:395-413). The
    size printed is n + exp(intercept), the Poisson or conditional maximum likelihood estimate; the
    maximum of the multinomial likelihood in N, around which `interval(method="profile")` lies, is a little
    smaller. The standard error is that of a fixed population: var = u + u^2 var(log u) with u people
    unseen. Where nobody is on all lists of a term, its estimate is minus infinity; the size still has
    one when the other cells identify it (Fienberg and Rinaldo 2012). Else it may have a limit: the likelihood is then
    highest at an infinite size, or with nobody unseen. Otherwise the model says nothing of the size.

    Assumes a closed population, perfect matching, and that the model holds for those unseen.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> rome = hp.datasets.load("rome_hiv")["overlaps"]
    >>> lists = hp.Lists(rome, ["c1", "c2", "c3", "c4"], counts="people")
    >>> hp.loglinear(lists, "A + B + C + D").interval(method="profile").round()
                      lower    upper
    population size  9532.0  13114.0
    >>> fits = hp.loglinear(lists, criterion="BIC")
    >>> fits.table[["abundance", "se", "deviance", "df"]].head(2).round(1)
                       abundance      se  deviance  df
    c1 + c2 + c3 + c4    11124.6   904.8      13.0  10
    c1*c2 + c3 + c4      12318.5  1188.7       7.6   9
    """
    check(lists)
    if criterion not in CRITERIA:
        raise InputError(f"criterion={criterion!r} is not one of them. {suggest(criterion, CRITERIA)}")
    if likelihood not in ("poisson", "multinomial"):
        raise InputError(f"likelihood={likelihood!r} must be 'poisson' or 'multinomial'.")
    if likelihood == "multinomial" and formula is None:
        raise InputError(
            "likelihood='multinomial' is for one model: give its formula. All models are ranked by Poisson fits."
        )
    by = by or None
    k = len(lists)
    most = check_order(order, k)
    if formula is not None:
        terms = notation.parse(formula, lists.names)
        name = notation.name(terms, lists.names)
        method = LogLinear(k, terms, name, most, criterion, multinomial=likelihood == "multinomial")
        return estimate(lists, method, by=by, bootstrap=bootstrap, replicates=replicates)
    method = LogLinear(k, None, f"log-linear, {criterion}", most, criterion)
    if replicates is None and k <= MOST_LISTS and len(method.models) > MANY_MODELS:
        replicates = min(lists.replicates, FEW_REPLICATES)
    return Fits(lists, method, by, bootstrap, replicates)


def check_order(order: int | None, lists: int) -> int:
    """Return the most lists that one interaction may join."""
    if order is None:
        return max(lists - 1, 1) if lists <= MOST_LISTS else 2
    if isinstance(order, bool) or not isinstance(order, (int, np.integer)) or not order >= 1:
        raise InputError(f"order={order!r} must be a whole number: 1 for independent lists, 2 for pairs, ...")
    return min(int(order), max(lists - 1, 1))
