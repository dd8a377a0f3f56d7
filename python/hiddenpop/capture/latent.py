"""Sizes by latent classes of people, from a sampler's chains."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from .. import _core
from ..draws import ranges, settings
from ..draws.streams import stream
from ..errors import InputError, listing, warn
from ..estimate.estimate import Estimate
from ..ground import checks
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Floats
from ..ground.signatures import checked
from ..sources.chains import ess_bulk, ess_tail, r_hat
from ..sources.posterior import Chains, Posterior
from . import bayes
from .histories import MOST_LISTS

if TYPE_CHECKING:
    from .lists import Lists
#: Above this the chains disagree; below this many effective draws quantiles are rough (Vehtari et al. 2021, section 4).
MOST_R_HAT, LEAST_ESS = 1.01, 400
#: Without `thin`, thinning starts here and doubles until the chains agree, up to a limit.
FIRST_THIN, LAST_THIN = 20, 320
#: People unseen are counted in 32 bits.
NO_CUT_OFF = 2**31 - 1
REFERENCES = (
    BIBLIOGRAPHY["Manrique-Vallier 2016"],
    BIBLIOGRAPHY["Vehtari and others 2021"],
)


@checked
@dataclass(frozen=True, eq=False, repr=False)
class LatentClassSize(Estimate):
    """A size by latent classes: an `Estimate` that also knows how its sampler fared.

    Attributes
    ----------
    diagnostics : DataFrame
        For each label mean, sd, Monte Carlo error of the mean, R-hat and effective sample sizes.

    See Also
    --------
    latent_class : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> cells = {"a": [1, 0, 0, 1, 1, 0, 1], "b": [0, 1, 0, 1, 0, 1, 1], "c": [0, 0, 1, 0, 1, 1, 1],
    ...          "people": [60, 52, 40, 16, 12, 11, 5]}
    >>> size = hp.latent_class(hp.Lists(cells, ["a", "b", "c"], counts="people"), classes=1, thin=10)
    >>> size.diagnostics.index.to_list() == size.summary().index.to_list()
    True
    >>> axes = size.plot_trace()  # doctest: +SKIP
    """

    @property
    def diagnostics(self) -> pd.DataFrame:
        """Mean, sd, Monte Carlo error, R-hat, effective sample sizes, and sweeps between draws."""
        rows = [diagnose(law) | {"thin": thin} for law, thin in zip(self._laws, self._found[0], strict=True)]
        return pd.DataFrame(rows, index=self.labels)

    def summary(self, level: float = 0.95, method: str | None = None, *, simultaneous: bool = False) -> pd.DataFrame:
        """Return the tidy table of `Estimate.summary` with the Monte Carlo error of the estimate (`mcse`)."""
        frame = super().summary(level, method, simultaneous=simultaneous)
        frame.insert(4, "mcse", [law.mcse for law in self._laws])
        return frame

    def to_arviz(self, label: Any = None) -> Any:
        """Return the chains of one label as ArviZ holds them: size, alpha, occupied_classes; needs arviz.

        Parameters
        ----------
        label : optional
            Which stratum, if there are several.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> cells = hp.datasets.load("rome_hiv")["overlaps"]
        >>> lists = hp.Lists(cells, ["c1", "c2", "c3", "c4"], counts="people")
        >>> size = hp.latent_class(lists)  # doctest: +SKIP
        >>> size.to_arviz().posterior.sizes  # doctest: +SKIP
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # its own announcement of version 1
                import arviz  # noqa: PLC0415 (an optional dependency)
        except ImportError as error:
            raise InputError("to_arviz needs ArviZ: pip install 'hiddenpop[arviz]'.") from error
        law = self._law(label)
        return (
            arviz.from_dict({"posterior": self._followed(law)}) if _new(arviz) else arviz.from_dict(self._followed(law))
        )

    def plot_trace(self, label: Any = None) -> Any:
        """Draw each chain's course and distribution with ArviZ (`plot_trace`); what it returns is ArviZ's."""
        data = self.to_arviz(label)
        import arviz  # noqa: PLC0415 (an optional dependency)

        draw: Any = getattr(arviz, "plot_trace_dist" if _new(arviz) else "plot_trace")
        return draw(data)

    def _found_whole(self) -> None:
        _ = self.diagnostics, self._state()

    @property
    def _laws(self) -> tuple[Chains, ...]:
        return cast("Posterior", self.node).laws

    @property
    def _found(self) -> tuple[Any, ...]:
        return cast("Posterior", self.node).found

    def _law(self, label: Any) -> Chains:
        if label is None:
            if not self.scalar:
                raise InputError(f"Say which label: {listing(list(self.labels))}.")
            return self._laws[0]
        if label not in self.labels:
            raise InputError(f"There is no label {label!r}. There are {listing(list(self.labels))}.")
        return self._laws[int(np.flatnonzero(self.labels == label)[0])]

    def _followed(self, law: Chains) -> dict[str, Floats]:
        return {"size": law.values, **law.followed()}

    def __repr__(self) -> str:
        return f"{super().__repr__()}\n{self._state()}"

    def _repr_html_(self) -> str:
        return f"{super()._repr_html_()}<small>{escape(self._state())}</small>"

    def _state(self) -> str:
        frame = self.diagnostics
        return (
            f"Sampler: {self._laws[0].chains} chains, Monte Carlo error up to {frame['mcse'].max():,.3g}, R-hat up to "
            f"{frame['r_hat'].max():.3f}, effective draws {frame['ess_bulk'].min():,.0f} or more."
        )


def _new(arviz: Any) -> bool:
    """Tell ArviZ 1 and later, whose functions were renamed."""
    return int(arviz.__version__.split(".")[0]) >= 1


def diagnose(law: Chains) -> dict[str, float]:
    """Return what is known of a sampler's draws."""
    values = law.values
    return {
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)),
        "mcse": law.mcse,
        "r_hat": r_hat(values),
        "ess_bulk": ess_bulk(values),
        "ess_tail": ess_tail(values),
    }


@checked
def latent_class(
    lists: Lists,
    classes: int = 10,
    *,
    alpha: tuple[float, float] = (0.25, 0.25),
    max_missed: int | None = None,
    chains: int = 4,
    draws: int = 2500,
    burn_in: int = 10_000,
    thin: int | None = None,
    by: str | Sequence[str] | None = None,
    name: str = "population size",
    replicates: int | None = None,
) -> LatentClassSize:
    """Estimate the size by classes of people with chances of their own to be on each list.

    Within a class lists are independent; classes are as many as the data ask for, up to `classes`. The
    point is the posterior mean; `quantile(0.5)` gives the median.

    Parameters
    ----------
    lists : Lists
        Three lists or more. Where a list does not operate (`covers`) it is left out.
    classes : int
        Where the stick-breaking prior ends. More than are occupied change nothing.
    alpha : (float, float)
        Shape and rate of the Gamma prior of alpha, which says how soon the stick is used up.
    max_missed : int, optional
        A cut-off for the prior of the people unseen; none by default.
    chains, draws : int
        Chains, which start from different draws of the prior, and draws kept of each.
    burn_in : int
        Sweeps of each chain before the first draw.
    thin : int, optional
        Sweeps between draws. By default 20, doubled (to 320 at most) until R-hat is 1.01 or less and the effective
        sample sizes are 400 or more.
    by : str or list of str, optional
        Strata: a posterior each, independent of one another. Add them with `.sum()`.
    name : str
        Name of the result.
    replicates : int, optional
        Draws that are handed out; those of the lists by default.

    Returns
    -------
    LatentClassSize
        An `Estimate` with `.diagnostics`, `.to_arviz()` and `.plot_trace()`.

    Raises
    ------
    InputError
        Fewer than three lists, or an impossible setting.

    Warns
    -----
    HiddenpopWarning
        R-hat above 1.01 or fewer than 400 effective draws at the end.

    See Also
    --------
    decomposable_bma : the other Bayesian model of lists.
    loglinear

    Notes
    -----
    Manrique-Vallier (2016), Biometrics 72:1246-1254: p(N) proportional to 1 / N; weights V_k ~ Beta(1, alpha) of what is
    left of the stick; alpha ~ Gamma(1/4, 1/4); chances uniform. Draws are kept; a replay with another seed hands them out
    in another order. For other draws make the lists with another seed.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> cells = {"a": [1, 0, 0, 1, 1, 0, 1], "b": [0, 1, 0, 1, 0, 1, 1], "c": [0, 0, 1, 0, 1, 1, 1],
    ...          "people": [60, 52, 40, 16, 12, 11, 5]}
    >>> lists = hp.Lists(cells, ["a", "b", "c"], counts="people")
    >>> size = hp.latent_class(lists, classes=1, thin=10)
    >>> size.quantity, size.replicates
    ('size', 10000)
    """
    parts, labels = bayes.strata(lists, by, "hp.latent_class", MOST_LISTS)
    classes = checks.whole(classes, "classes", 1, 100)
    chains = checks.whole(chains, "chains", 2, 100)
    draws = checks.whole(draws, "draws", 100, 1_000_000)
    burn_in = checks.whole(burn_in, "burn_in", 0, 10**9)
    thin = None if thin is None else checks.whole(thin, "thin", 1, 10**6)
    cut = NO_CUT_OFF if max_missed is None else checks.whole(max_missed, "max_missed", 1, NO_CUT_OFF)
    if not isinstance(alpha, tuple) or len(alpha) != 2:
        raise InputError(
            f"alpha={alpha!r} must be the shape and the rate of a Gamma distribution, such as (0.25, 0.25)."
        )
    shape, rate = checks.positive(alpha[0], "alpha's shape"), checks.positive(alpha[1], "alpha's rate")
    # The seed as well: another sample of the posterior is another set of draws.
    key = bayes.key(
        lists, "latent classes", by, classes, shape, rate, max_missed, chains, draws, burn_in, thin, lists.seed
    )
    laws, thins = [], []
    for place, part in enumerate(parts):
        keyed_by = stream(f"{key}, sampler {place}")
        core = _core.LatentClasses(part.table, classes, (shape, rate), (0, cut), chains, lists.seed, keyed_by)
        law, used = _sample(core, part.seen, draws, burn_in, thin)
        laws.append(law)
        thins.append(used)
        where = f" in {part.label!r}" if by is not None else ""
        _warn(law, where)
    sweeps = (
        f"{chains} chains of {draws:,} draws, {burn_in:,} sweeps before and {listing(sorted(set(thins)))} between draws"
    )
    ends = "" if max_missed is None else f" with a cut-off at {cut:,} people unseen"
    believed = f"p(N) proportional to 1 / N{ends}, alpha ~ Gamma({shape:g}, {rate:g}), uniform chances within up to {classes} classes"
    node = bayes.leaf(
        lists,
        parts,
        laws,
        title=f"latent classes, up to {classes}",
        sentence=(
            f"the size was estimated by a Bayesian latent class model of the lists ({', '.join(lists.names)}) with a truncated "
            f"stick-breaking prior; the prior held {believed}; the Gibbs sampler ran {sweeps} (Monte Carlo error of the mean "
            f"up to {max(law.mcse for law in laws):,.2g})"
        ),
        references=REFERENCES,
        key=key,
        notes=[f"Posterior mean. Prior: {believed}"],
        found=(tuple(thins),),
        view=LatentClassSize.__name__,
        replicates=replicates,
    )
    index, scalar = bayes.labelled(by, labels, name)
    return LatentClassSize(node, index, scalar, name)


def _sample(core: _core.LatentClasses, seen: int, draws: int, burn_in: int, thin: int | None) -> tuple[Chains, int]:
    """Run the chains; without `thin`, until they agree or the longest run is done."""
    _run(core, 1, burn_in)
    used = thin or FIRST_THIN
    kept = _run(core, draws, used)
    while True:
        law = Chains.of(seen + kept[:, :, 0], alpha=kept[:, :, 1], occupied_classes=kept[:, :, 2])
        if thin is not None or used >= LAST_THIN or not _lacking(law):
            return law, used
        # Twice as long: every second draw so far, and as many new ones at twice the distance.
        used *= 2
        old = kept[:, 1::2]
        kept = np.concatenate([old, _run(core, draws - old.shape[1], used)], axis=1)


def _run(core: _core.LatentClasses, draws: int, thin: int) -> Floats:
    """Sweep in short pieces: between them Ctrl-C is heard."""
    if draws * thin == 0:
        return np.empty((0, 0, 3))
    pieces, count = [], draws if draws > 1 else thin
    with ranges.bar(count) as done:
        for start, stop in ranges.spans(count, 10):
            if draws > 1:
                pieces.append(core.advance(stop - start, thin, settings.threads()))
            else:
                core.advance(1, stop - start, settings.threads())
            done(stop - start)
    return np.concatenate(pieces, axis=1) if pieces else np.empty((0, 0, 3))


def _lacking(law: Chains) -> list[str]:
    """Say what a sampler's draws lack."""
    found = diagnose(law)
    lacking = []
    if found["r_hat"] > MOST_R_HAT:
        lacking.append(f"R-hat is {found['r_hat']:.3f} (1.01 at most)")
    effective = min(found["ess_bulk"], found["ess_tail"])
    if effective < LEAST_ESS:
        lacking.append(f"there are {effective:,.0f} effective draws ({LEAST_ESS} at least)")
    return lacking


def _warn(law: Chains, where: str) -> None:
    if lacking := _lacking(law):
        warn(
            f"The chains{where} have not settled: {' and '.join(lacking)}. Run longer, with a larger thin= or draws=, and look at "
            "plot_trace(). Chains that stay apart mean that the lists allow several sizes.",
        )
