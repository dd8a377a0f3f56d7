"""Sizes where network sizes are not what people say, but how visible they are: chains (visibility SS-PSE)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from .. import _core
from ..draws import settings
from ..draws.streams import stream
from ..errors import InputError
from ..estimate.sampled import Sampled
from ..ground import checks
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Floats
from ..ground.language import english
from ..ground.signatures import checked
from ..sources import sampler
from ..sources.chains import ess_bulk, r_hat
from ..sources.posterior import Chains, Posterior
from .ordered import Counts, Ordered
from .priors import Prior
from .size import Asked, Found, SuccessiveSize

#: 95% intervals of priors: reported degrees over visibility, and the variance of reports over their mean.
OPTIMISM, ERROR = (0.5, 2.0), (0.25, 4.0)
#: Normal priors of what recruits depend on: the logit of a coupon's return where visibility and time are middling, and by how much it
#: rises with the logarithm of visibility and with a standard deviation of time.
RECRUITING = ((0.0, 2.0), (0.0, 1.0), (0.0, 1.0))
#: A 95% interval has so many standard deviations.
WIDE = 2 * 1.959964
#: Without `thin`, thinning starts here and doubles until the chains agree, up to a limit.
FIRST_THIN, LAST_THIN = 4, 64
#: Sensitivity asks shorter chains.
SHORT_CHAINS, SHORT_DRAWS = 2, 500
#: No report stands for those above.
NO_CAP = 2**32 - 1
#: What draws hold besides the people unseen.
FOLLOWED = ("optimism", "error", "mean_visibility", "sd_visibility", "recruits_by_visibility")


@dataclass(frozen=True)
class Runs:
    """How many chains are run, and how long."""

    chains: int
    draws: int
    burn_in: int
    thin: int | None


@dataclass(frozen=True)
class Believed:
    """What is believed of reports and recruits beforehand."""

    optimism: tuple[float, float]
    error: tuple[float, float]
    #: Whether the number of recruits tells something of visibility.
    recruits: bool

    @classmethod
    def read(cls, optimism: object, error: object, recruits: object) -> Believed:
        """Check what is said: a number, or the ends of a 95% interval."""
        return cls(
            _interval(optimism, "optimism", 0.01, 100),
            _interval(error, "error", 1e-5, 100),
            checks.flag(recruits, "recruits"),
        )

    @staticmethod
    def logs(ends: tuple[float, float]) -> tuple[float, float]:
        """Return mean and standard deviation of the logarithm."""
        low, high = np.log(ends)
        return float((low + high) / 2), float((high - low) / WIDE)


def _interval(given: object, name: str, least: float, most: float) -> tuple[float, float]:
    ends = tuple(given) if isinstance(given, (tuple, list)) else (given, given)
    if len(ends) != 2:
        raise InputError(f"{name}= must be a number, or the two ends of its 95% interval beforehand, such as (0.5, 2).")
    low, high = (checks.number(one, name) for one in ends)
    if not least <= low <= high <= most:
        raise InputError(
            f"{name}={(low, high) if low != high else low} must lie between {least:g} and {most:g}, the lower end first."
        )
    return low, high


@dataclass(frozen=True)
class AskedVisible(Asked):
    """What a size with visibilities was found from, while it is in memory."""

    ordered: Ordered
    coupons: Counts
    believed: Believed
    runs: Runs
    seed: int
    key: str

    def posterior(self, prior: Prior) -> tuple[Floats, Floats]:
        """Find the probabilities of n, n + 1, ... people by short chains."""
        short = replace(self, runs=Runs(SHORT_CHAINS, SHORT_DRAWS, self.runs.burn_in, None))
        core = short.core(prior)
        threads = settings.threads()
        sampler.settle(lambda sweeps: core.settle(sweeps, threads), short.runs.burn_in)
        for _ in range(10):
            core.advance(SHORT_DRAWS // 10, FIRST_THIN, threads)
        return core.found()[0], np.empty(0)

    def core(self, prior: Prior) -> _core.Visibilities:
        """Make the chains."""
        believed = self.believed
        none = np.empty(0, dtype=np.uint32)
        reports = np.minimum(self.ordered.reported, np.uint32(self.most))
        capped = bool((self.ordered.reported > self.most).any())
        used = believed.recruits
        return _core.Visibilities(
            reports,
            self.most if capped else NO_CAP,
            self.ordered.recruits if used else none,
            self.coupons if used else none,
            self.ordered.time if used else np.empty(0),
            self.most,
            self.distribution,
            self.weighed,
            self.jacobian,
            Believed.logs(believed.optimism),
            Believed.logs(believed.error),
            list(RECRUITING),
            np.ascontiguousarray(prior.log),
            self.runs.chains,
            self.seed,
            stream(f"{self.key}, sampler"),
        )

    def sample(self, prior: Prior) -> tuple[Chains, int, Floats, Floats]:
        """Run the chains until they agree, or as long as was asked.

        Returns draws, sweeps between them, the probabilities of n, n + 1, ... people (the mean of what sweeps say of them) and the
        mean visibility of each row's participant.
        """
        core, n, threads = self.core(prior), prior.n, settings.threads()

        def law(kept: Floats) -> Chains:
            others = {name: kept[:, :, 1 + i] for i, name in enumerate(FOLLOWED)}
            if not self.believed.recruits:
                del others["recruits_by_visibility"]
            return Chains.of(n + kept[:, :, 0], **others)

        def advance(draws: int, thin: int) -> Floats:
            return core.advance(draws, thin, threads)

        sampler.settle(lambda sweeps: core.settle(sweeps, threads), self.runs.burn_in)
        found, thin = sampler.sample(advance, law, self.runs.draws, self.runs.thin, FIRST_THIN, LAST_THIN)
        sampler.tell(found, "", "Chains that stay apart mean that reports, recruits and the order allow several sizes.")
        people, visible = core.found()
        return found, thin, people, self.ordered.by_row(visible)


def find(
    asked: Asked, sample: Ordered, believed: Believed, runs: Runs, coupons: object, before: Prior, key: str
) -> FoundVisible:
    """Find a posterior by chains."""
    given = None if coupons is None else checks.whole(coupons, "coupons", 1, 1_000)
    held = sample.coupons(given)
    seed = sample.sample.record.seed
    # The seed as well: another sample of the posterior is another set of draws.
    key = f"{key}, visibility {believed}, {given}, {runs}, {seed}"
    whole = AskedVisible(**vars(asked), ordered=sample, coupons=held, believed=believed, runs=runs, seed=seed, key=key)
    law, thin, people, visible = whole.sample(before)
    followed = law.followed()
    mean, sd = followed["mean_visibility"], followed["sd_visibility"]
    shown = np.quantile(law.values, [0.025, 0.25, 0.5, 0.75, 0.975])
    return FoundVisible(
        whole,
        law,
        people,
        (law.mean, *(float(round(one)) for one in shown)),
        (float(mean.mean()), float(np.sqrt((sd**2 + mean**2).mean() - mean.mean() ** 2))),
        english("successive sampling with visibility"),
        key,
        words(believed, held, runs, law, thin),
        (BIBLIOGRAPHY["McLaughlin and others 2024"], BIBLIOGRAPHY["Vehtari and others 2021"]),
        ((thin,),),
        VisibilitySize,
        visible=visible,
    )


#: Participants and their visibilities, of estimates that are in memory.
_VISIBLE: WeakKeyDictionary[Posterior, tuple[Ordered, Floats]] = WeakKeyDictionary()


@checked
@dataclass(frozen=True, eq=False, repr=False)
class VisibilitySize(Sampled, SuccessiveSize):
    """A size from visibilities: a `SuccessiveSize` that also knows how its sampler fared.

    Attributes
    ----------
    prior : DataFrame
        Mean and quantiles of the prior and of the posterior.
    parameters : DataFrame
        What reports and recruits say of visibility.
    diagnostics : DataFrame
        Mean, sd, Monte Carlo error of the mean, R-hat and effective sample sizes.
    """

    @property
    def parameters(self) -> pd.DataFrame:
        """Mean, 95% interval, R-hat and effective draws of what else was followed.

        `optimism` is reported degrees over visibility, `error` the variance of reports over their mean, `mean_visibility` and
        `sd_visibility` are among all people, and `recruits_by_visibility` is by how much the logit of a coupon's return rises with the
        logarithm of visibility.
        """
        rows = {}
        for name, draws in self._laws[0].followed().items():
            low, middle, high = np.quantile(draws, [0.025, 0.5, 0.975])
            rows[name] = {
                "mean": float(draws.mean()),
                "0.025": low,
                "0.5": middle,
                "0.975": high,
                "r_hat": r_hat(draws),
                "ess_bulk": ess_bulk(draws),
            }
        return pd.DataFrame.from_dict(rows, orient="index")

    def visibilities(self) -> pd.Series[Any]:
        """Return the mean visibility of each participant, as the survey's table has its rows; NaN at those who don't count.

        They may take the place of degrees: assign them to the table, and make another survey with `degree="visibility"`. They are
        about participants, so no file holds them.

        Returns
        -------
        Series
            Visibilities, a row a participant.

        Raises
        ------
        InputError
            After reading the size from a file.
        """
        kept = _VISIBLE.get(cast("Posterior", self.node))
        if kept is None:
            raise InputError(
                "Visibilities are about participants, and no file holds them: ask the survey again, "
                "hp.successive_sampling_size(survey, visibility=True, ...).visibilities()."
            )
        ordered, visible = kept
        table = ordered.sample.table(pd.DataFrame({"visibility": visible}))
        return table["visibility"]

    def _found_whole(self) -> None:
        super()._found_whole()
        _ = self.parameters


@dataclass(frozen=True, eq=False)
class FoundVisible(Found):
    """A posterior by chains."""

    #: Mean visibility of each row's participant.
    visible: Floats = field(default_factory=lambda: np.empty(0))

    def keep(self, node: Posterior) -> None:
        """Keep what was asked, and who is how visible, while the estimate is in memory."""
        super().keep(node)
        _VISIBLE[node] = (cast("AskedVisible", self.asked).ordered, self.visible)


def words(believed: Believed, coupons: Counts, runs: Runs, law: Chains, thin: int) -> tuple[str, str]:
    """Say what was believed, for a sentence and for notes; and how the chains were run."""

    def said(ends: tuple[float, float]) -> str:
        low, high = ends
        return f"{low:g}" if low == high else english("{low:g} to {high:g}", low=low, high=high)

    used = (
        english("and recruits of up to {coupons:,} coupons", coupons=int(coupons.max(initial=1)))
        if believed.recruits
        else english("without recruits")
    )
    what = english(
        "visibility is known from reported degrees (reports over visibility {optimism}, their variance over their mean {error}, "
        "beforehand) {used}",
        optimism=said(believed.optimism),
        error=said(believed.error),
        used=used,
    )
    how = english(
        "{chains} chains of {draws:,} draws, {burn:,} sweeps before and {thin} between draws, Monte Carlo error of the mean "
        "{mcse:.2g}",
        chains=runs.chains,
        draws=runs.draws,
        burn=runs.burn_in,
        thin=thin,
        mcse=law.mcse,
    )
    return what, how


def asked_runs(chains: object, draws: object, burn_in: object, thin: object) -> Runs:
    """Check how many chains are run, and how long."""
    return Runs(
        checks.whole(chains, "chains", 2, 100),
        checks.whole(draws, "draws", 100, 1_000_000),
        checks.whole(burn_in, "burn_in", 100, 10**9),
        None if thin is None else checks.whole(thin, "thin", 1, 10**6),
    )
