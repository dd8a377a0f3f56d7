"""Two lists: what their overlap says when they are independent, and when they are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from ..drawing.axes import COLOUR, across, curves_done, formatted, items, named, note, tell
from ..drawing.marks import caveats, measured
from ..errors import InputError, in_words
from ..estimate.combine import concat
from ..estimate.estimate import Estimate
from ..expression.operations import AtLeast
from ..ground import checks
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Floats
from ..ground.language import english
from ..ground.signatures import checked
from ..ground.text import capital
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from .estimator import check, estimate
from .method import Plain, Sizes, logit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .lists import Lists


@dataclass(frozen=True)
class TwoLists(Plain):
    """Estimators of two independent lists."""

    public: ClassVar[tuple[str, ...]] = ("chapman",)

    chapman: bool

    @property
    def intervals(self) -> tuple[str, ...]:
        """Sadinle's."""
        return ("logit",)

    @property
    def bounded(self) -> bool:
        """Sadinle's has an end even where nobody is on both lists."""
        return True

    @property
    def advice(self) -> str:
        """What is finite for two lists."""
        return (
            "What to do: interval(method='logit') (Sadinle 2009) is finite, also of hp.chapman(lists), and holds its level with "
            "hardly anybody on both lists; like this estimate it assumes that the two lists are independent. Otherwise report "
            "the lower limit alone"
        )

    def blind(self, counts: Floats) -> bool:
        """Tell whether the lists never meet, as they then don't in any redraw."""
        return bool(counts[3] == 0)

    @property
    def title(self) -> str:
        """A short name."""
        return "Chapman" if self.chapman else "Lincoln-Petersen"

    @property
    def sentence(self) -> str:
        """What it does."""
        return english(
            "the population's size was estimated by the {label} estimator from the overlap of two lists",
            label=self.title,
        )

    @property
    def reference(self) -> str:
        """Where it comes from."""
        if self.chapman:
            return BIBLIOGRAPHY["Chapman 1951"]
        return BIBLIOGRAPHY["Seber 1982, section 3.1"]

    def sizes(self, counts: Floats, open: Floats) -> Sizes:
        """Return N = n1 n2 / m, or with one added to each."""
        one = float(self.chapman)

        def sizes(tables: Floats, threads: int) -> Floats:
            first, second, both = _margins(tables)
            size = (first + one) * (second + one) / (both + one) - one
            # Without anybody on one of the lists there is nothing to compare.
            return np.asarray(np.where((first > 0) & (second > 0), size, np.nan))

        return sizes

    def variance(self, counts: Floats, open: Floats) -> float:
        """Return Seber's variance."""
        first, second, both = (float(v[0]) for v in _margins(counts[None, :]))
        if self.chapman:
            return (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
        return first * second * (first - both) * (second - both) / both**3 if both else float("nan")

    def interval(self, name: str, counts: Floats, open: Floats, tail: float) -> tuple[float, float]:
        """Return Sadinle's transformed logit interval."""
        return logit(counts, tail)

    def fitted(self, counts: Floats, open: Floats) -> Floats:
        """Return what independence expects: two lists fit it exactly."""
        return counts

    def reason(self, counts: Floats, open: Floats) -> str:
        """Nobody on both, or nobody on one."""
        return _reason(counts)


@dataclass(frozen=True)
class Lower(Plain):
    """Chao's lower bound from people on one and on two lists."""

    public: ClassVar[tuple[str, ...]] = ()

    title: ClassVar[str] = english("Chao's lower bound")
    sentence: ClassVar[str] = english(
        "a lower bound of the population's size was estimated from the numbers of people on one and on two lists"
    )
    reference: ClassVar[str] = BIBLIOGRAPHY["Chao 1987"]

    def blind(self, counts: Floats) -> bool:
        """Tell whether nobody is on two lists, as then in any redraw."""
        return not any(counts[cell] for cell in range(len(counts)) if cell.bit_count() == 2)

    def sizes(self, counts: Floats, open: Floats) -> Sizes:
        """Return n + (k - 1) / k f1^2 / (2 f2)."""
        number = np.array([int(cell).bit_count() for cell in range(len(counts))])
        lists = number.max()

        def sizes(tables: Floats, threads: int) -> Floats:
            once, twice = tables[:, number == 1].sum(axis=1), tables[:, number == 2].sum(axis=1)
            ratio = np.where(twice > 0, once**2 / (2 * np.maximum(twice, 1)), once * (once - 1) / 2)
            return np.asarray(tables.sum(axis=1) + (lists - 1) / lists * ratio)

        return sizes

    def variance(self, counts: Floats, open: Floats) -> float:
        """Return the delta method's variance (Chao 1987, eq. 10 with the factor (k - 1) / k)."""
        number = np.array([int(cell).bit_count() for cell in range(len(counts))])
        a, once, twice = 1 - 1 / number.max(), counts[number == 1].sum(), counts[number == 2].sum()
        if twice == 0:
            return float("nan")
        r = once / twice
        return float(twice * (a / 2 * r**2 + a**2 * r**3 + a**2 / 4 * r**4))


@dataclass(frozen=True)
class Dependent(Plain):
    """Two lists whose odds ratio is given."""

    public: ClassVar[tuple[str, ...]] = ("odds_ratio",)

    odds_ratio: float

    @property
    def title(self) -> str:
        """A short name."""
        return english("two lists with odds ratio {ratio:g}", ratio=self.odds_ratio)

    @property
    def sentence(self) -> str:
        """What it does."""
        return english(
            "the population's size was computed under an odds ratio of {ratio:g} between two lists",
            ratio=self.odds_ratio,
        )

    @property
    def reference(self) -> str:
        """Where it comes from."""
        return BIBLIOGRAPHY["Gerritse, van der Heijden and Bakker 2015"]

    def sizes(self, counts: Floats, open: Floats) -> Sizes:
        """Return n + odds ratio x only first x only second / both."""

        def sizes(tables: Floats, threads: int) -> Floats:
            return np.asarray(tables.sum(axis=1) + self.odds_ratio * tables[:, 1] * tables[:, 2] / tables[:, 3])

        return sizes

    def reason(self, counts: Floats, open: Floats) -> str:
        """Nobody on both, or nobody on one."""
        return _reason(counts)


@dataclass(frozen=True)
class Part(Plain):
    """The people seen, or those unseen under independence."""

    public: ClassVar[tuple[str, ...]] = ("seen",)

    seen: bool

    @property
    def whole(self) -> bool:
        """Only with the other part."""
        return False

    def blind(self, counts: Floats) -> bool:
        """Tell whether nobody is unseen, in any redraw."""
        return not self.seen and not counts[1:3].all()

    def reason(self, counts: Floats, open: Floats) -> str:
        """Nobody on both, or nobody on one."""
        return _reason(counts)

    @property
    def title(self) -> str:
        """A short name."""
        return english("people seen") if self.seen else english("people unseen under independence")

    @property
    def sentence(self) -> str:
        """What it does."""
        return english("{people} were counted on two lists", people=self.title)

    @property
    def reference(self) -> str:
        """Where it comes from."""
        return Dependent(1.0).reference

    def sizes(self, counts: Floats, open: Floats) -> Sizes:
        """Return a count."""
        if self.seen:
            return lambda tables, threads: np.asarray(tables.sum(axis=1))
        return lambda tables, threads: np.asarray(tables[:, 1] * tables[:, 2] / tables[:, 3])


@checked
def lincoln_petersen(lists: Lists, *, by: str | Sequence[str] | None = None, bootstrap: str = "full") -> Estimate:
    """Estimate a population's size from two independent lists: N = n1 n2 / m.

    Parameters
    ----------
    lists : Lists
        Two lists; pick two of several by ``lists["a", "b"]``.
    by : str or list of str, optional
        Strata of the lists to estimate separately; their sum is the estimate of Sekar and Deming.
    bootstrap : {"full", "conditional"}
        Redraw the number of people seen as well, or hold it fixed.

    Returns
    -------
    Estimate
        `se("linearized")` is Seber's; `interval(method="logit")` Sadinle's (2009). A redraw without
        overlap gives an infinite draw; no draw and no limit lies below the people seen.

    Raises
    ------
    EstimationError
        Nobody is on both lists.

    See Also
    --------
    chapman : better where the overlap is small.
    dependence : what dependent lists would do to it.

    Notes
    -----
    With n1 and n2 people on the lists and m on both, var N = n1 n2 (n1 - m)(n2 - m) / m^3 (Seber 1982,
    The Estimation of Animal Abundance, eq. 3.4). Assumes a closed population, perfect matching, lists that
    are independent, and equal chances within one list. Prefer `chapman`, whose bias is smaller.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> cells = {"a": [1, 0, 1], "b": [0, 1, 1], "people": [40, 60, 12]}
    >>> hp.lincoln_petersen(hp.Lists(cells, ["a", "b"], counts="people")).point
    312.0
    """
    return estimate(_two(lists), TwoLists(chapman=False), by=by, bootstrap=bootstrap)


@checked
def chapman(lists: Lists, *, by: str | Sequence[str] | None = None, bootstrap: str = "full") -> Estimate:
    """Estimate a population's size from two independent lists, nearly without bias.

    N = (n1 + 1)(n2 + 1) / (m + 1) - 1; parameters as for `lincoln_petersen`.

    See Also
    --------
    lincoln_petersen : without the correction for small overlaps.
    dependence : what dependent lists would do to it.
    sekar_deming : stratum by stratum.

    Notes
    -----
    Chapman (1951). Its variance is Seber's, (n1 + 1)(n2 + 1)(n1 - m)(n2 - m) / ((m + 1)^2 (m + 2)) (Seber
    1970, Biometrika 57:313-318). `interval(method="logit")` is the transformed logit interval (Sadinle 2009,
    Communications in Statistics: Simulation and Computation 38:1909-1924), which holds its level even
    when hardly anybody is on both lists. With nobody on both it is the default, since no redraw has an overlap then.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> cells = {"a": [1, 0, 1], "b": [0, 1, 1], "people": [5, 10, 5]}
    >>> size = hp.chapman(hp.Lists(cells, ["a", "b"], counts="people"))
    >>> size.interval(method="logit").round()
                     lower  upper
    population size   22.0   65.0
    """
    return estimate(_two(lists), TwoLists(chapman=True), by=by, bootstrap=bootstrap)


@checked
def sekar_deming(lists: Lists, *, by: str | Sequence[str] | None = None, bootstrap: str = "full") -> Estimate:
    """Estimate each stratum by `chapman` and add up, so that chances may differ between strata.

    Lists that are independent within strata are dependent in the whole when chances differ between
    strata, and the estimate from the whole is then too small.

    Parameters
    ----------
    lists : Lists
        Two lists, with strata.
    by : str or list of str, optional
        Strata to use; all by default.
    bootstrap : {"full", "conditional"}
        As for `lincoln_petersen`.

    See Also
    --------
    chapman : all strata together.
    capture_covariates : a model instead of strata.

    Notes
    -----
    Chandra Sekar and Deming (1949), Journal of the American Statistical Association 44:101-115.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> cells = {"sex": ["f", "f", "f", "m", "m", "m"], "a": [1, 0, 1] * 2, "b": [0, 1, 1] * 2,
    ...          "people": [40, 60, 12, 10, 20, 30]}
    >>> round(hp.sekar_deming(hp.Lists(cells, ["a", "b"], by="sex", counts="people")).point)
    363
    """
    check(lists)
    if not lists.by:
        raise InputError("There are no strata: name their columns when making the Lists, hp.Lists(..., by='region').")
    return chapman(lists, by=lists.by if by is None else by, bootstrap=bootstrap).sum("population size")


@checked
def chao_lower_bound(lists: Lists, *, by: str | Sequence[str] | None = None, bootstrap: str = "full") -> Estimate:
    """Estimate the least size that unequal chances allow, from the people on one and on two lists.

    Parameters as for `lincoln_petersen`; any number of lists.

    See Also
    --------
    chao : from how often each was seen.
    loglinear : models of the dependence.

    Notes
    -----
    N >= n + (k - 1) / k f1^2 / (2 f2), with f1 people on exactly one of k lists and f2 on two (Chao 1987,
    Biometrics 43:783-791); where f2 is 0, f1 (f1 - 1) / 2 takes the place of f1^2 / (2 f2). Equal to the
    log-linear model Mh of Chao without constraints (Rivest and Baillargeon 2007, Biometrics 63:999-1006).
    It is a bound when each person has the same chance on every list, however much people differ.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> rome = hp.datasets.load("rome_hiv")["overlaps"]
    >>> lists = hp.Lists(rome, ["c1", "c2", "c3", "c4"], counts="people")
    >>> round(hp.chao_lower_bound(lists).point)
    12158
    """
    return estimate(lists, Lower(), by=by, bootstrap=bootstrap, name="population size, at least")


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Dependence(Tabled):
    """How a size moves with the odds ratio between two lists.

    Attributes
    ----------
    estimate : Estimate
        Sizes, labelled by odds ratio.
    """

    estimate: Estimate

    @property
    def table(self) -> pd.DataFrame:
        """Estimate and 95% interval by odds ratio."""
        return self.estimate.summary()[["estimate", "lower", "upper"]]

    def _as_table(self) -> Table:
        title = f"{self.estimate.name} by the odds ratio between the lists"
        return of_frame(
            capital(title), self.table, caveats(self.estimate), units={"estimate": self.estimate.node.units}
        )

    def __repr__(self) -> str:
        return repr(self.estimate)

    def _repr_html_(self) -> str:
        return self.estimate._repr_html_()

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the size against the odds ratio, with 95% intervals; needs matplotlib."""
        axes = across(ax)
        table = self.table
        ratio = table.index.to_numpy(dtype=float)
        axes.fill_between(
            ratio, table["lower"].to_numpy(), table["upper"].to_numpy(), color=COLOUR, alpha=0.25, linewidth=0
        )
        axes.plot(ratio, table["estimate"].to_numpy(), "o-", color=COLOUR)
        axes.axvline(1.0, color="0.4", linestyle=":", linewidth=1)
        axes.set_xscale("log")
        axes.set_xticks(ratio, [f"{r:.2g}" for r in ratio])
        axes.minorticks_off()
        axes.set_xlabel("odds ratio between the lists (1 = independent)")
        named(axes, "y", "population size (95% interval)")
        formatted(axes, "y", "size")
        curves_done(axes)
        notes = caveats(self.estimate)
        note(axes, notes)
        texts = measured(self.estimate, 0.95, warned=False).texts()
        title = "Population size with 95% intervals by the odds ratio between the lists (1 = independent)."
        tell(axes, " ".join([title, items([f"{r:.2g}" for r in ratio], texts), *notes]))
        return axes


@checked
def dependence(lists: Lists, odds_ratio: Any = (0.5, 2.0), *, steps: int = 7, bootstrap: str = "full") -> Any:
    """Show how the size moves when two lists are not independent.

    Nothing in two lists tells whether they depend on one another. If treatment centres are told of
    people by the police, the odds ratio is above 1 and there are more people than independence says.

    Parameters
    ----------
    lists : Lists
        Two lists.
    odds_ratio : pair of numbers, or Estimate
        Lowest and highest odds ratio; or an uncertain one, such as ``hp.lognormal(1.3, 0.9, 1.9)``, which
        gives one size with that uncertainty in it.
    steps : int
        Odds ratios to look at, evenly on the log scale.

    Returns
    -------
    Dependence or Estimate
        With `plot()` and `table`; an Estimate for an uncertain odds ratio.

    See Also
    --------
    chapman, lincoln_petersen : sizes if lists are independent.
    loglinear : three lists say something of dependence.

    Notes
    -----
    N = n + odds ratio x (only on the first) x (only on the second) / (on both): Gerritse, van der
    Heijden and Bakker (2015), Journal of Official Statistics 31:357-379.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> cells = {"a": [1, 0, 1], "b": [0, 1, 1], "people": [40, 60, 12]}
    >>> lists = hp.Lists(cells, ["a", "b"], counts="people")
    >>> hp.dependence(lists, (0.5, 2), steps=3).estimate.point
    odds ratio
    0.5    212.0
    1.0    312.0
    2.0    512.0
    Name: population size, dtype: float64
    """
    two = _two(lists)
    if isinstance(odds_ratio, Estimate):
        if not odds_ratio.scalar or not float(odds_ratio.node.point[0]) > 0:
            raise InputError("odds_ratio must be one positive number, such as hp.lognormal(1.3, 0.9, 1.9).")
        parts = [estimate(two, Part(seen), bootstrap=bootstrap) for seen in (True, False)]
        size = parts[0] + odds_ratio * parts[1]
        least = np.array([float(two.n)])
        return Estimate(AtLeast((size.node,), least), pd.Index(["population size"]), True, "population size")
    try:
        low, high = (float(v) for v in odds_ratio)
    except (TypeError, ValueError, OverflowError):
        raise InputError(
            f"odds_ratio={in_words(odds_ratio)} must be a pair such as (0.5, 2), or an Estimate."
        ) from None
    if not 0 < low < high < np.inf:
        raise InputError(f"odds_ratio=({low:g}, {high:g}) must be two positive numbers, the lower first.")
    steps = checks.whole(steps, "steps", 2, 100)
    ratios = [float(f"{r:.6g}") for r in np.geomspace(low, high, steps)]
    sizes = concat({r: estimate(two, Dependent(r), bootstrap=bootstrap) for r in ratios})
    labels = pd.Index(ratios, name="odds ratio")
    return Dependence(Estimate(sizes.node, labels, False, "population size"))


def _reason(counts: Floats) -> str:
    """Say what two lists lack."""
    if counts[1:3].all() and not counts[3]:
        return (
            "nobody is on both lists, which only says that the population is large (hp.chapman gives a number, with an "
            "interval to match)"
        )
    return "one of the lists is empty"


def _margins(tables: Floats) -> tuple[Floats, Floats, Floats]:
    """Return people on the first list, on the second, on both."""
    return tables[:, 1] + tables[:, 3], tables[:, 2] + tables[:, 3], tables[:, 3]


def _two(lists: Lists) -> Lists:
    check(lists)
    if len(lists) != 2:
        raise InputError(
            f"This method takes two lists, not {len(lists)} ({', '.join(lists.names)}). Pick two: "
            f"lists[{lists.names[0]!r}, {lists.names[1]!r}]; for all together: hp.loglinear(lists)."
        )
    return lists
