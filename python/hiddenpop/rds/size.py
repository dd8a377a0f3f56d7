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
from ..draws.settings import check_replicates
from ..errors import InputError, warn
from ..estimate.estimate import Estimate
from ..expression import graph
from ..expression.labelled import Labelled
from ..ground import checks
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Floats
from ..ground.language import english, number, read, tr
from ..ground.signatures import checked
from ..ground.text import enumerated
from ..sample import recruited_again
from ..sources.posterior import Grid, Posterior
from ..survey.survey import Survey
from . import priors
from .priors import Kind, Prior

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

#: How network sizes are distributed in the population.
Sizes = Literal["conway_maxwell_poisson", "negative_binomial", "poisson_lognormal"]
_CALLED = {
    "conway_maxwell_poisson": english("Conway-Maxwell-Poisson"),
    "negative_binomial": english("negative binomial"),
    "poisson_lognormal": english("Poisson-lognormal"),
}
#: What a size is called.
NAME = english("population size")
#: By default no size counts for more.
MOST_SIZE = 200
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
REFERENCES = (BIBLIOGRAPHY["Handcock, Gile and Mar 2014"], BIBLIOGRAPHY["Handcock, Gile and Mar 2015"])


@dataclass(frozen=True)
class _Asked:
    """What a size was found from, while it is in memory: degrees go into no file."""

    sizes: npt.NDArray[np.uint32]
    most: int
    distribution: Sizes
    mean: float
    sd: float
    jacobian: bool
    prior: priors.Asked

    def posterior(self, prior: Prior) -> tuple[Floats, Floats]:
        """Find the probabilities of n, n + 1, ... people, and of the sizes 1, 2, ... among all of them."""
        return _core.successive_size(
            np.minimum(self.sizes, np.uint32(self.most)),
            self.most,
            self.distribution,
            (self.mean, self.sd, MEAN_WEIGHT, SD_WEIGHT),
            self.jacobian,
            np.ascontiguousarray(prior.log),
            settings.threads(),
        )


_ASKED: WeakKeyDictionary[Posterior, _Asked] = WeakKeyDictionary()


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
        n = len(asked.sizes)
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
        top = int(asked.sizes.max())
        for most, called in ((asked.most // 2, "sizes up to half of that"), (top, "sizes up to the largest")):
            if 2 <= most <= top and most != asked.most:
                rows[called] = (replace(asked, most=most), given)
        for other, called in _CALLED.items():
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


def _formats(frame: pd.DataFrame) -> dict[str, Any]:
    return dict.fromkeys(map(str, frame.columns), "{:,}".format)


@checked
def successive_sampling_size(
    survey: Survey,
    *,
    prior: Kind | Sequence[float] | pd.Series[Any] | Labelled = "beta",
    prior_median: float | None = None,
    prior_mode: float | None = None,
    prior_quartiles: Sequence[float] | None = None,
    largest: int | None = None,
    largest_size: int | None = None,
    sizes: Sizes = "conway_maxwell_poisson",
    mean_size: float | None = None,
    sd_size: float | None = None,
    jacobian: bool = True,
    name: str = NAME,
    replicates: int | None = None,
) -> SuccessiveSize:
    """Estimate how many people there are from one respondent-driven sample, by the order of network sizes (SS-PSE).

    People with large networks are recruited first. If they become rare as recruitment goes on, the sample has taken a good part
    of the population; if not, a small one. The sample says little about this, so what is believed beforehand matters, and the
    result says how much.

    Parameters
    ----------
    survey : Survey
        A survey of people who recruited one another, of one site: `hp.Survey.rds(..., time=...)` in their order.
    prior : {"beta", "flat", "negative_binomial", "poisson_lognormal"}, list of float or Estimate
        What is believed of the number of people N without these data: a beta distribution of the share that is in the sample, which
        has a long tail; constant up to `largest`; a distribution of N by its quartiles; weights of n, n + 1, ... people; or an
        estimate, whose draws are smoothed.
    prior_median, prior_mode, prior_quartiles : float, float, (float, float), optional
        One of them says where the prior lies.
    largest : int, optional
        Where the prior ends; by default where 1e-4 of it lies beyond, and at 300,000 people or 100 times the participants at the
        latest. Where it ends is a part of the prior.
    largest_size : int, optional
        Sizes above count as this one: by default the largest reported, 200 at most.
    sizes : {"conway_maxwell_poisson", "negative_binomial", "poisson_lognormal"}
        How network sizes are distributed in the population.
    mean_size, sd_size : float, optional
        Prior mean and standard deviation of sizes, worth one participant and three: by default those of the sample, weighted by the
        inverse of size.
    jacobian : bool
        Whether the prior of sizes is a density of their mean and variance; False takes it as one of the distribution's own two
        numbers, as the R package sspse does.
    name : str
        Name of the result.
    replicates : int, optional
        Draws that are handed out; those of the survey by default.

    Returns
    -------
    SuccessiveSize
        An `Estimate` (the posterior mean; `quantile(0.5)` is the median) with `.prior`, `.common`, `.sizes`,
        `.prior_sensitivity()` and `.plot("prior")`.

    Raises
    ------
    InputError
        A survey of another design or of several sites, or a prior that says too little, too much or what can't be, or was
        found from the same participants.

    Warns
    -----
    HiddenpopWarning
        Where the posterior mostly repeats the prior, or lies at its end.

    See Also
    --------
    Survey.rds : Surveys of people who recruited one another.
    multiplier : A size from a count and a share, which needs no such prior.
    triangulate : Several sizes together.

    Notes
    -----
    Handcock, Gile and Mar (2014), Electronic Journal of Statistics 8:1491-1521, and (2015), Biometrics 71:258-266 (from memory). A
    participant's size is the degree, and the number of those recruited and of the recruiter where that is more. With exponential
    arrival times, given the time r of the last one, N and the distribution of sizes are left, and the posterior is found by
    quadrature: it has no Monte Carlo error. The model assumes that people come by size, without replacement, that reported sizes
    are true, and that everybody can be reached.

    Examples
    --------
    >>> import numpy as np, pandas as pd, hiddenpop as hp
    >>> rng = np.random.default_rng(1)
    >>> knows = rng.integers(2, 40, 400)
    >>> came = np.argsort(rng.exponential(1 / knows))[:300]  # of 400 people, those who know many come first
    >>> table = pd.DataFrame({"id": range(300), "by": [-1] * 3 + list(range(297)), "knows": knows[came]})
    >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows")
    >>> size = hp.successive_sampling_size(survey, prior_median=2_000)
    >>> size.prior.index.tolist()
    ['prior', 'posterior']
    >>> bool(size.quantile(0.5) < size.prior.loc["prior", "0.5"])
    True
    """
    sample = survey.sample
    recruits = recruited_again.recruits_of(sample, "successive_sampling_size()")
    if len(recruits.sizes) > 1:
        raise InputError(
            f"The survey has {len(recruits.sizes)} sites, each with an order of its own. Make a survey of each, estimate its size, "
            "and add the sizes."
        )
    taken = recruits.forest.order[recruits.counted[recruits.forest.order]]
    known = recruits.forest.recruits + ~recruits.forest.seeds
    reported = np.maximum(np.maximum(np.rint(recruits.degree), known), 1)[taken]
    n = len(reported)
    most = (
        min(int(reported.max()), MOST_SIZE)
        if largest_size is None
        else checks.whole(largest_size, "largest_size", 2, 10_000)
    )
    most = max(most, 2)
    own = np.minimum(reported, most).astype(np.uint32)
    inverse = 1 / own
    mean = float(n / inverse.sum())
    sd = float(np.sqrt((inverse * (own - mean) ** 2).sum() / inverse.sum()))
    mean = mean if mean_size is None else checks.positive(mean_size, "mean_size")
    sd = max(sd, 0.1) if sd_size is None else checks.positive(sd_size, "sd_size")
    believed = priors.read(prior, median=prior_median, mode=prior_mode, quartiles=prior_quartiles, largest=largest, n=n)
    _check_apart(prior, sample.record.fingerprint)
    before = priors.make(believed, n)
    asked = _Asked(reported.astype(np.uint32), most, sizes, mean, sd, jacobian, believed)
    after, shares = asked.posterior(before)
    common = _common(before, after)
    _tell(before, after, common)
    law = Grid.of(n, after)
    record = sample.record
    # The largest network is a participant's own answer.
    capped = f"{most:,}" if largest_size is not None or most == MOST_SIZE else english("the largest reported")
    taken_for = {
        "prior": str(believed),
        "largest": before.largest,
        "law": _CALLED[sizes],
        "capped": capped,
        "mean": mean,
        "sd": sd,
    }
    says = english(
        "prior of the size: {prior}, up to {largest:,}; network sizes {law} up to {capped}, with prior mean {mean:.2f} and standard "
        "deviation {sd:.2f}",
        **taken_for,
    )
    notes = (
        english(
            "Posterior mean. Prior of the size: {prior}, up to {largest:,}; network sizes {law} up to {capped}, with prior mean "
            "{mean:.2f} and standard deviation {sd:.2f}",
            **taken_for,
        ),
        english(
            "Prior and posterior have {common:.0%} in common; the median is {before:,.0f} before and {after:,.0f} after",
            common=common,
            before=before.quantile(0.5),
            after=law.exact([0.5])[0],
        ),
        *((record.note,) if record.note else ()),
    )
    node = Posterior(
        title=english("successive sampling (SS-PSE)"),
        sentence=english(
            "From {sample} the size was estimated from the order in which participants with larger and smaller networks came "
            "(successive sampling population size estimation); {says}; prior and posterior have {common:.0%} in common.",
            sample=record.design,
            says=says,
            common=common,
        ),
        references=REFERENCES,
        laws=(law,),
        key=f"successive sampling of {record.fingerprint}: {_digest(before)}, {most}, {sizes}, {mean!r}, {sd!r}, {jacobian}",
        data=(record.fingerprint, record.title),
        seed=record.seed,
        replicates=record.replicates if replicates is None else check_replicates(replicates),
        point=np.array([law.mean]),
        n=np.array([float(n)]),
        notes=notes,
        found=(_numbers(n, before.probability), _numbers(n, after), common, _moments(shares), _curves(before, after)),
        view=SuccessiveSize.__name__,
        sized_by="recruitment",
        calls=record.calls,
    )
    _ASKED[node] = asked
    return SuccessiveSize(node, pd.Index([name]), True, name)


def _check_apart(prior: object, fingerprint: int) -> None:
    """Refuse a prior that was found from the same participants."""
    if isinstance(prior, Labelled) and any(fingerprint in one.origin.people for one in graph.sources(prior.node)):
        raise InputError(
            f"prior= ({prior.name!r}) was found from the participants of this survey, who would count twice. A prior says "
            "what is known without them."
        )


def _digest(prior: Prior) -> str:
    return hashlib.blake2b(prior.probability.tobytes(), digest_size=16).hexdigest()


def _row(n: int, asked: _Asked, prior: Prior) -> dict[str, float]:
    """Return what one choice says."""
    try:
        posterior = asked.posterior(prior)[0]
        mean, low, _, median, _, high = _numbers(n, posterior)
        common = _common(prior, posterior)
    except InputError:
        mean = low = median = high = common = np.nan
    return {"mean": mean, "median": median, "lower": low, "upper": high, "common": common, "largest": prior.largest}


def _moments(shares: Floats) -> tuple[float, float]:
    """Return mean and standard deviation of sizes 1, 2, ... with these shares."""
    at = np.arange(1, len(shares) + 1)
    mean = float((shares * at).sum())
    return mean, float(np.sqrt((shares * (at - mean) ** 2).sum()))


def _curves(prior: Prior, posterior: Floats) -> tuple[tuple[float, ...], ...]:
    """Return numbers of people, and the probability of each before and after, as far as a figure shows."""
    ends = (prior.quantile(0.95), Prior(prior.n, posterior).quantile(0.99))
    people = np.unique(np.linspace(prior.n, max(ends), CURVE).astype(int))
    return tuple(
        tuple(map(float, one)) for one in (people, prior.probability[people - prior.n], posterior[people - prior.n])
    )


def _numbers(n: int, probability: Floats) -> tuple[float, ...]:
    """Return mean, and the quantiles that are shown."""
    below = np.cumsum(probability)
    shares = np.array([0.025, 0.25, 0.5, 0.75, 0.975]) * below[-1]
    places = np.minimum(np.searchsorted(below, shares), len(below) - 1)
    mean = n + float((probability * np.arange(len(probability))).sum() / below[-1])
    return (mean, *(n + places).astype(float).tolist())


def _common(prior: Prior, posterior: Floats) -> float:
    return float(np.minimum(prior.probability, posterior / posterior.sum()).sum())


def _tell(prior: Prior, posterior: Floats, common: float) -> None:
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
