"""Sizes by latent classes of people, from a sampler's chains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import _core
from ..draws import settings
from ..draws.streams import stream
from ..errors import InputError, listing
from ..estimate.sampled import Sampled
from ..ground import checks
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Floats
from ..ground.signatures import checked
from ..sources import sampler
from ..sources.posterior import Chains
from . import bayes
from .histories import MOST_LISTS

if TYPE_CHECKING:
    from .lists import Lists
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
class LatentClassSize(Sampled):
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
        sampler.tell(law, where, "Chains that stay apart mean that the lists allow several sizes.")
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

    def advance(draws: int, thin: int) -> Floats:
        return core.advance(draws, thin, settings.threads())

    def law(kept: Floats) -> Chains:
        return Chains.of(seen + kept[:, :, 0], alpha=kept[:, :, 1], occupied_classes=kept[:, :, 2])

    sampler.settle(lambda sweeps: advance(1, sweeps), burn_in)
    return sampler.sample(advance, law, draws, thin, FIRST_THIN, LAST_THIN)
