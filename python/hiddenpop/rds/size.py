"""How many people there are, from one recruited sample: those with large networks come first (SS-PSE)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any, Literal, cast
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from .. import _core
from ..drawing.axes import COLOUR, ORANGE, across, bare, formatted, named, tell
from ..draws import settings
from ..errors import InputError, warn
from ..estimate.estimate import Estimate
from ..ground.columns import Floats
from ..ground.language import english, number, read, tr
from ..ground.signatures import checked
from ..ground.text import enumerated
from ..sources.posterior import Chains, Grid, Posterior
from . import priors
from .ordered import Orders
from .priors import Prior

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: How network sizes are distributed in the population.
Sizes = Literal["conway_maxwell_poisson", "negative_binomial", "poisson_lognormal"]
#: What they are called.
CALLED = {
    "conway_maxwell_poisson": english("Conway-Maxwell-Poisson"),
    "negative_binomial": english("negative binomial"),
    "poisson_lognormal": english("Poisson-lognormal"),
}
#: How much the prior of the mean size and of its standard deviation count, in participants (sspse's defaults).
MEAN_WEIGHT, SD_WEIGHT = 1.0, 3.0
#: More of the prior than this in common with the posterior: then the data say little.
COMMON = 0.6
#: A share of the posterior above this in the last tenth of what the prior allows: then its end decides.
AT_THE_END = 0.01
#: Flat priors that are tried end at so many times the participants.
FLAT = (10, 40)
#: The curves of a figure are known at so many numbers of people.
CURVE = 200


@dataclass(frozen=True)
class Asked:
    """What a size was found from, while it is in memory: degrees go into no file."""

    orders: Orders
    most: int
    distribution: Sizes
    mean: float
    sd: float
    jacobian: bool
    prior: priors.Asked

    @property
    def weighed(self) -> tuple[float, float, float, float]:
        """The prior of sizes: mean, standard deviation, and how much each of them counts."""
        return self.mean, self.sd, MEAN_WEIGHT, SD_WEIGHT

    def posterior(self, prior: Prior) -> tuple[Floats, Floats]:
        """Find the probabilities of n, n + 1, ... people, and of the sizes 1, 2, ... among all of them."""
        sizes, arrivals = self.orders.capped(self.most)
        return _core.successive_size(
            sizes,
            self.most,
            self.distribution,
            self.weighed,
            self.jacobian,
            np.ascontiguousarray(prior.log),
            settings.threads(),
            arrivals,
        )


#: What estimates were found from.
_ASKED: WeakKeyDictionary[Posterior, Asked] = WeakKeyDictionary()


@checked
@dataclass(frozen=True, eq=False, repr=False)
class SuccessiveSize(Estimate):
    """A size from the order of network sizes: an `Estimate` that also knows what its prior does.

    Attributes
    ----------
    prior : DataFrame
        Mean and quantiles of the prior and of the posterior.
    common : float
        The share of probability that they have in common.
    sizes : Series
        Mean and standard deviation of network sizes among all people, as the posterior has them.

    See Also
    --------
    successive_sampling_size : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> knows = rng.integers(2, 40, 400)
    >>> came = np.argsort(rng.exponential(1 / knows))[:300]  # those who know many come first
    >>> table = pd.DataFrame({"id": range(300), "by": [-1] * 3 + list(range(297)), "knows": knows[came]})
    >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows")
    >>> size = hp.successive_sampling_size(survey, prior_median=2_000)
    >>> 0 < size.common < 1
    True
    >>> axes = size.plot()
    >>> others = size.prior_sensitivity([1_000, 4_000])  # doctest: +SKIP
    """

    @property
    def prior(self) -> pd.DataFrame:
        """Mean and quantiles of the prior beside those of the posterior."""
        columns = ["mean", "0.025", "0.25", "0.5", "0.75", "0.975"]
        return pd.DataFrame(list(self._found[:2]), index=pd.Index(["prior", "posterior"]), columns=columns)

    @property
    def common(self) -> float:
        """The share of probability that prior and posterior have in common: 1 where the data say nothing."""
        return float(self._found[2])

    @property
    def sizes(self) -> pd.Series[float]:
        """Mean and standard deviation of network sizes among all people, who are smaller than participants as a rule."""
        return pd.Series(list(self._found[3]), index=["mean", "sd"], name="network size")

    def prior_sensitivity(self, medians: Sequence[float] | None = None) -> pd.DataFrame:
        """Return what other priors, caps and distributions of sizes would have said.

        Parameters
        ----------
        medians : list of float, optional
            Medians of beta priors to try; by default half, twice and five times the people unseen that the prior's median has.

        Returns
        -------
        DataFrame
            Mean, median and 95% interval of each posterior, the part that it has in common with its prior, and where that ends: no
            later than 100 times the participants, or than the prior given. Flat priors end at 10 and at 40 times. NaN where a
            distribution of sizes can't be determined.

        Raises
        ------
        InputError
            After reading it from a file, which holds no network sizes.
        """
        asked = _ASKED.get(cast("Posterior", self.node))
        if asked is None:
            raise InputError(
                "What other priors say is found from the network sizes, which no file holds: ask the survey again, "
                "hp.successive_sampling_size(survey, ...).prior_sensitivity()."
            )
        n = asked.orders.n
        given = priors.make(asked.prior, n)
        middle = given.quantile(0.5)
        tried = [n + (middle - n) * times for times in (0.5, 2.0, 5.0)] if medians is None else list(medians)
        rows = {"as asked": (asked, given)}
        for median in tried:
            moved = priors.read("beta", median=median, mode=None, quartiles=None, largest=None, n=n)
            most = max(given.largest, priors.FAR * n, int(10 * median))
            rows[f"prior median {median:,.0f}"] = (asked, priors.make(moved, n, min(most, priors.MOST_PEOPLE)))
        for times in FLAT:
            flat = priors.Asked("flat", largest=times * n)
            rows[str(flat)] = (asked, priors.make(flat, n))
        top = int(asked.orders.distinct.max())
        for most, called in ((asked.most // 2, "sizes up to half of that"), (top, "sizes up to the largest")):
            if 2 <= most <= top and most != asked.most:
                rows[called] = (replace(asked, most=most), given)
        for other, called in CALLED.items():
            if other != asked.distribution:
                rows[called] = (replace(asked, distribution=cast("Sizes", other)), given)
        lines = {label: _row(n, one, prior) for label, (one, prior) in rows.items()}
        return pd.DataFrame.from_dict(lines, orient="index")

    def plot(self, kind: str = "interval", *, level: float = 0.95, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw prior and posterior as curves (`kind="prior"`), or what `Estimate.plot` draws; needs matplotlib.

        Parameters
        ----------
        kind : {"interval", "density", "prior"}
            What to draw.
        level : float
            Confidence level of the intervals.
        ax : matplotlib Axes, optional
            Where to draw; a new figure otherwise.
        **options
            Passed to matplotlib.

        Returns
        -------
        matplotlib Axes
        """
        if kind != "prior":
            return super().plot(kind, level=level, ax=ax, **options)
        people, before, after = (np.array(one) for one in self._found[4])
        axes = across(ax)
        axes.plot(people, before, "--", **({"color": ORANGE, "label": tr("prior")} | options))
        axes.plot(people, after, "-", **({"color": COLOUR, "label": tr("posterior")} | options))
        axes.fill_between(people, after, color=COLOUR, alpha=0.2, linewidth=0)
        axes.set_ylim(0, None)
        axes.set_yticks([])
        bare(axes, "left", "top", "right")
        named(axes, "x", read(self.name))
        formatted(axes, "x", "size")
        axes.legend(frameon=False)
        before_and_after = (float(numbers[3]) for numbers in self._found[:2])
        tell(
            axes,
            tr(
                "Prior and posterior of {name}: medians {medians}; they have {common:.0%} in common.",
                name=read(self.name),
                medians=enumerated([number(median) for median in before_and_after]),
                common=self.common,
            ),
        )
        return axes

    def _found_whole(self) -> None:
        _ = self.prior.round().astype(int), self.common, self.sizes, np.array(self._found[4], dtype=float)

    @property
    def _found(self) -> tuple[Any, ...]:
        return cast("Posterior", self.node).found

    def __repr__(self) -> str:
        return f"{super().__repr__()}\n{self.prior.round().astype(int).to_string(formatters=_formats(self.prior))}"

    def _repr_html_(self) -> str:
        shown = self.prior.round().astype(int).to_html(formatters=_formats(self.prior), border=0)
        what = tr("What was believed before, and what the sample makes of it")
        return f"{super()._repr_html_()}<small>{escape(what)}:{shown}</small>"


@dataclass(frozen=True, eq=False)
class Found:
    """A posterior, and what is told of it."""

    asked: Asked
    law: Grid | Chains
    #: Probabilities of n, n + 1, ... people.
    after: Floats
    #: Mean and the quantiles that are shown.
    numbers: tuple[float, ...]
    #: Mean and standard deviation of sizes among all people.
    moments: tuple[float, float]
    title: str
    key: str
    #: What more was believed, and how it was found.
    how: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    #: What a file holds of it besides.
    besides: tuple[Any, ...] = ()
    view: type[SuccessiveSize] = SuccessiveSize

    def keep(self, node: Posterior) -> None:
        """Keep what was asked, while the estimate is in memory."""
        _ASKED[node] = self.asked


def _formats(frame: pd.DataFrame) -> dict[str, Any]:
    return dict.fromkeys(map(str, frame.columns), "{:,}".format)


def digest(prior: Prior) -> str:
    """Tell priors apart."""
    return hashlib.blake2b(prior.probability.tobytes(), digest_size=16).hexdigest()


def _row(n: int, asked: Asked, prior: Prior) -> dict[str, float]:
    """Return what one choice says."""
    try:
        posterior = asked.posterior(prior)[0]
        mean, low, _, median, _, high = numbers(n, posterior)
        common = in_common(prior, posterior)
    except InputError:
        mean = low = median = high = common = np.nan
    return {"mean": mean, "median": median, "lower": low, "upper": high, "common": common, "largest": prior.largest}


def moments(shares: Floats) -> tuple[float, float]:
    """Return mean and standard deviation of sizes 1, 2, ... with these shares."""
    at = np.arange(1, len(shares) + 1)
    mean = float((shares * at).sum())
    return mean, float(np.sqrt((shares * (at - mean) ** 2).sum()))


def curves(prior: Prior, posterior: Floats) -> tuple[tuple[float, ...], ...]:
    """Return numbers of people, and the probability of each before and after, as far as a figure shows."""
    ends = (prior.quantile(0.95), Prior(prior.n, posterior).quantile(0.99))
    people = np.unique(np.linspace(prior.n, max(ends), CURVE).astype(int))
    return tuple(
        tuple(map(float, one)) for one in (people, prior.probability[people - prior.n], posterior[people - prior.n])
    )


def numbers(n: int, probability: Floats) -> tuple[float, ...]:
    """Return mean, and the quantiles that are shown."""
    below = np.cumsum(probability)
    shares = np.array([0.025, 0.25, 0.5, 0.75, 0.975]) * below[-1]
    places = np.minimum(np.searchsorted(below, shares), len(below) - 1)
    mean = n + float((probability * np.arange(len(probability))).sum() / below[-1])
    return (mean, *(n + places).astype(float).tolist())


def in_common(prior: Prior, posterior: Floats) -> float:
    """Return the share of probability that prior and posterior have in common."""
    return float(np.minimum(prior.probability, posterior / posterior.sum()).sum())


def tell_doubts(prior: Prior, posterior: Floats, common: float) -> None:
    """Warn of a posterior that lies at the end of its prior, or repeats it."""
    end = float(posterior[-max(len(posterior) // 10, 1) :].sum())
    if end > AT_THE_END:
        warn(
            f"{end:.0%} of the posterior lies in the last tenth of what the prior allows (up to {prior.largest:,} people), so where "
            "the prior ends decides. Raise largest= and see whether the size follows: then this sample sets no upper limit."
        )
    if common > COMMON:
        warn(
            f"The posterior has {common:.0%} in common with the prior: it mostly says what was believed before. Look at "
            "prior_sensitivity(), and report the prior beside the size."
        )
