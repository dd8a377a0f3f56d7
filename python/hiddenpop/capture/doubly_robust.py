"""Two lists that are independent given covariates: doubly robust estimation with any classifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from ..draws.settings import check_replicates
from ..errors import EstimationError, InputError, suggest, warn
from ..estimate.estimate import Estimate
from ..expression.nodes import Node
from ..ground import checks
from ..ground.aside import aside
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Codes, Floats
from ..ground.products import weighted_sum
from ..ground.signatures import checked
from ..sample import design
from . import learners
from .estimator import check, not_below
from .people import LIST, People, PeopleSize, check_bootstrap, grouped, people, read
from .redraws import Resize

if TYPE_CHECKING:
    from .lists import Lists
REFERENCE = BIBLIOGRAPHY["Das, Kennedy and Jewell 2023"]
METHODS = {
    "one-step": "a doubly robust one-step estimator",
    "plug-in": "a plug-in estimator",
}
#: A learner works on each number more often than arithmetic does.
FITTED = 20
#: A warning when the chance of being on both lists is raised to the margin for more people than this share.
MANY = 0.05


@dataclass(frozen=True, eq=False)
class Chances:
    """Of those seen, the chances of being on the first list, on the second and on both, given covariates."""

    first: Floats
    second: Floats
    both: Floats
    #: Share of people whose chance of being on both was raised.
    raised: float = 0.0

    @property
    def inverse(self) -> Floats:
        """One over the chance of being seen: q1 q2 / q12."""
        return self.first * self.second / self.both

    def influence(self, history: Codes) -> Floats:
        """Return each person's part of the size: (Y1 / q1 + Y2 / q2 - Y1 Y2 / q12) q1 q2 / q12."""
        a, b = history & 1, history >> 1 & 1
        return np.asarray(self.inverse * (a / self.first + b / self.second - a * b / self.both))

    def parts(self, history: Codes, method: str) -> Floats:
        """Return what a method sums up over people."""
        return self.influence(history) if method == "one-step" else self.inverse


@dataclass(frozen=True, eq=False)
class Settings:
    """How to estimate."""

    learner: Any
    folds: int
    method: str
    margin: float
    split: int
    seed: int


def folds_of(history: Codes, folds: int, split: int, seed: int) -> Codes:
    """Deal people to folds by chance, each history evenly."""
    rng = np.random.default_rng([split, seed])
    fold = np.zeros(len(history), dtype=np.int64)
    for cell in np.unique(history):
        rows = rng.permutation(np.flatnonzero(history == cell))
        fold[rows] = np.arange(len(rows)) % folds
    return fold


def cross_fit(features: Floats, history: Codes, settings: Settings, again: Codes | None = None) -> Chances:
    """Return each person's chances by models of the other folds; `again` are rows drawn for a redraw.

    A person drawn several times stays in one fold, so nobody is predicted by a model that saw them.
    """
    fold = folds_of(history, settings.folds, settings.split, settings.seed)
    rows = np.arange(len(history)) if again is None else again
    drawn, cell, place = features[rows], history[rows], fold[rows]
    result = np.empty((len(rows), 3))
    for k in range(settings.folds):
        held = place == k
        train = ~held if settings.folds > 1 else held
        if not held.any():
            continue
        counts = np.bincount(cell[train], minlength=4)
        if (counts[1:4] == 0).any():
            raise EstimationError("A fold's training people lack a history.")
        result[held] = _predicted(settings, drawn[train], cell[train], drawn[held], k)
    lowest = result[:, 2] < settings.margin
    both = np.clip(result[:, 2], settings.margin, 1.0)
    # Who is on both is on each.
    first, second = (np.clip(np.maximum(result[:, j], both), settings.margin, 1.0) for j in (0, 1))
    return Chances(first, second, both, float(lowest.mean()))


def _predicted(settings: Settings, known: Floats, cell: Codes, asked: Floats, k: int) -> Floats:
    if isinstance(settings.learner, dict):
        targets = {"q1": cell & 1, "q2": cell >> 1 & 1, "q12": (cell == 3).astype(np.int64)}
        parts = []
        for key in learners.NUISANCES:
            made = learners.fresh(settings.learner[key], settings.seed + k)
            aside(partial(made.fit, known, targets[key]), numbers=FITTED * known.size)
            parts.append(learners.chances(made, asked, 2)[:, 1])
        return np.column_stack(parts)
    made = learners.fresh(settings.learner, settings.seed + k)
    aside(lambda: made.fit(known, cell), numbers=FITTED * known.size)
    chance = learners.chances(made, asked, 4)
    return np.column_stack([chance[:, 1] + chance[:, 3], chance[:, 2] + chance[:, 3], chance[:, 3]])


@dataclass(frozen=True, eq=False)
class Influence:
    """Sums each redrawn person's part of the size, with the chances as estimated."""

    #: Size of each group, and each person's part.
    point: Floats
    parts: Floats
    group: Codes

    def sizes(self, weights: Floats, threads: int) -> Floats:
        """Add to each size by how much its people's parts grew."""
        grown = []
        for place, size in enumerate(self.point):
            mine = np.flatnonzero(self.group == place)
            parts = self.parts[mine]
            grown.append(
                size - parts.sum() + weighted_sum(parts, weights if len(mine) == len(weights) else weights[mine])
            )
        return np.stack(grown)


@dataclass(frozen=True, eq=False)
class Relearn:
    """Fits all models anew to redrawn people, by the user's learner if there is one: that must travel with it.

    Where nobody redrawn is on both lists the size is infinite, and where one list holds the other it is the people redrawn.
    """

    features: Floats
    history: Codes
    group: Codes
    groups: int
    settings: Settings

    def sizes(self, weights: Floats, threads: int) -> Floats:
        """Fit and sum; NaN where redrawn people can't be fitted."""
        return np.column_stack([self._again(column) for column in weights.T])

    def _again(self, weights: Floats) -> Floats:
        rows = np.repeat(np.arange(len(weights)), weights.astype(np.int64))
        neither, first, second, both = np.bincount(self.history[rows], minlength=4)
        if first and second and not both:
            return np.full(self.groups, np.inf)
        if both and not (first and second) and not neither:
            # Everybody on one list is on the other, so nobody was missed.
            return grouped(weights, self.group, self.groups)
        try:
            found = cross_fit(self.features, self.history, self.settings, rows)
        except EstimationError:
            return np.full(self.groups, np.nan)
        return grouped(found.parts(self.history[rows], self.settings.method), self.group[rows], self.groups)


@dataclass(frozen=True, eq=False)
class Robust:
    """The estimate's work on some people."""

    people: People
    features: Floats
    history: Codes
    group: Codes
    groups: int
    settings: Settings
    chances: Chances
    refit: bool

    @property
    def influence(self) -> Floats:
        """Each person's part of the size."""
        return self.chances.influence(self.history)

    @property
    def parts(self) -> Floats:
        """What the point sums up."""
        return self.chances.parts(self.history, self.settings.method)

    @property
    def first_range(self) -> int:
        """A few million people redrawn; one replicate if models are fitted anew."""
        return 1 if self.refit else int(np.clip(4e6 / len(self.history), 1, 4096))

    @property
    def strata(self) -> Floats:
        """Estimated size of each stratum."""
        return grouped(self.parts, self.people.stratum, len(self.people.lists.strata))

    def point(self) -> Floats:
        """Size of each group."""
        return grouped(self.parts, self.group, self.groups)

    @property
    def resize(self) -> Resize:
        """Sum the influence function over redrawn people, or fit anew."""
        if self.refit:
            return Relearn(self.features, self.history, self.group, self.groups, self.settings)
        return Influence(self.point(), self.influence, self.group)

    def covariance(self) -> Floats:
        """Return the paper's variance: that of the influence function and of how many are seen.

        N (psi s^2 + (1 - psi) / psi), s^2 the variance of a person's part, is the sum of squared parts less N.
        """
        return np.diag(grouped(self.influence**2, self.group, self.groups) - self.point())


@checked
def doubly_robust(
    lists: Lists,
    formula: str = "~ 1",
    *,
    learner: Any = "logistic",
    folds: int = 5,
    method: str = "one-step",
    pair: Sequence[str] | None = None,
    by: str | Sequence[str] | None = None,
    margin: float = 0.005,
    split: int = 0,
    bootstrap: str = "full",
    refit: bool = False,
    replicates: int | None = None,
) -> Estimate:
    """Estimate a population's size from two lists that are independent given covariates, by any classifier.

    Models of who is on which list may be wrong in part, or flexible and slow to learn: errors enter the size
    only as products of two of them.

    Parameters
    ----------
    lists : Lists
        Two lists; or more, with `pair`. Their table has the covariates as well.
    formula : str
        Covariates, as ``"~ age + sex"``; a classifier gets the columns that the formula makes, without an intercept.
        Formulas: `docs/regress.md`.
    learner : classifier or mapping, optional
        Any object with ``fit(X, y)`` and ``predict_proba(X)``, such as scikit-learn's classifiers. It learns who of those seen
        is on the first list only, on the second only, or on both. A mapping with keys ``"q1"``, ``"q2"``, ``"q12"`` has a
        learner of yes or no for each chance: on the first list, on the second, on both. By default multinomial
        logistic regression without penalty, which is the model of `capture_covariates`.
    folds : int
        People are dealt into so many parts; each person's chances come from models of the others. 1 fits and predicts on all
        people, which is right only for learners that can't overfit.
    method : {"one-step", "plug-in"}
        The doubly robust estimator, or the sum of q1 q2 / q12, which has no valid standard error for flexible learners.
    pair : two names, optional
        With three lists or more, the two that are independent given covariates. People on other lists only count as
        seen, and the chances are among all those seen.
    by : str or list of str, optional
        Strata of the lists to sum separately; models are fitted to all people.
    margin : float
        Chances below it are raised to it.
    split : int
        Another number deals people to other folds, which shows how much the split matters.
    bootstrap : {"full", "conditional"}
        As for `loglinear`.
    refit : bool
        Fit all models anew in each redraw: slow, 200 redraws by default. Otherwise redraws sum each redrawn person's part of the
        size (the influence function), with the chances as estimated.
    replicates : int, optional
        Default: those of the lists; with `refit` at most 200.

    Returns
    -------
    Estimate
        ``se("linearized")`` is the paper's standard error and ``interval(method="t", scale="identity")`` its interval.

    Raises
    ------
    InputError
        No such column, covariates missing, too few people on both lists for the folds, a learner without chances.
    EstimationError
        Nobody is on both lists.

    Warns
    -----
    HiddenpopWarning
        Chances of being on both lists are below `margin` for more than 5% of people.

    See Also
    --------
    capture_covariates : one model of the chances.
    chapman : without covariates.

    Notes
    -----
    Assumes a closed population, perfect matching, two lists independent given the covariates, and a chance above zero to
    be on both. Das, Kennedy and Jewell (2023), Journal of the American Statistical Association (arXiv:2104.14091): given
    covariates x the chance of being seen is q12 / (q1 q2), with q the chances among those seen, so 1 / psi = E[q1 q2 /
    q12]; its efficient influence function is (q1 q2 / q12) (Y1 / q1 + Y2 / q2 - Y1 Y2 / q12) - 1 / psi. The one-step
    estimator of N = n / psi sums its first part over the n people seen; its error is that in q1 times that in q2, and that
    in q12 times that in psi(x).

    Examples
    --------
    >>> import hiddenpop as hp
    >>> cells = {"sex": ["f", "f", "f", "m", "m", "m"], "a": [1, 0, 1] * 2, "b": [0, 1, 1] * 2,
    ...          "people": [40, 60, 12, 10, 20, 30]}
    >>> lists = hp.Lists(cells, ["a", "b"], counts="people")
    >>> round(hp.doubly_robust(lists, "~ sex", folds=1).point)
    379
    """
    check(lists)
    check_bootstrap(bootstrap)
    learners.check_learner(learner)
    if method not in METHODS:
        raise InputError(f"method={method!r} is not one of {', '.join(map(repr, METHODS))}.")
    checks.flag(refit, "refit")
    checks.whole(folds, "folds", 1, 100)
    checks.whole(split, "split", 0)
    checks.between(margin, "margin", 0, 0.5, example="0.005")
    names = _pair(lists, pair)
    found = people(lists).expand()
    made = read(formula, found)
    if not made.own:
        raise InputError(f"The formula {formula!r} names {LIST!r}; here it holds people's covariates only.")
    # An intercept is the learners' own affair.
    varies = np.ptp(made.matrix.values, axis=0) > 0
    features = np.ascontiguousarray(made.matrix.values[:, varies])
    if not features.shape[1]:
        features = np.zeros((len(features), 1))
    history = _history(lists, found, names)
    _check_folds(history, names, int(folds))
    learner = dict(learner) if not isinstance(learner, str) and hasattr(learner, "keys") else learner
    settings = Settings(learner, int(folds), method, float(margin), int(split), lists.record.fingerprint % 2**63)
    chances = cross_fit(features, history, settings)
    group, labels = lists.groups(by)
    work = Robust(found, features, history, group[found.stratum], len(labels), settings, chances, bool(refit))
    notes = _notes(settings, chances, refit)
    title = f"doubly robust ({method})" if method != "plug-in" else "plug-in with covariates"
    seen = grouped(np.ones(len(history)), work.group, work.groups)
    point, more = not_below(title, work.point(), seen, labels)
    if replicates is None:
        replicates = min(lists.replicates, 200) if refit else lists.replicates
    redraws = "models are fitted anew in each redraw" if refit else "redraws keep the fitted chances"
    fitting = f"cross-fitted in {folds} folds" if folds > 1 else "fitted without folds"
    node = PeopleSize(
        title=title,
        sentence=(
            f"the population's size was estimated by {METHODS[method]} of two lists ({names[0]}, {names[1]}) independent given "
            f"covariates ({made.matrix.formula}; chances by {learners.named(learner)}, {fitting}; {redraws})"
        ),
        references=(REFERENCE,),
        record=lists.record,
        names=lists.names,
        by=design.names(by),
        bootstrap=bootstrap,
        replicates=check_replicates(replicates),
        point=point,
        n=seen,
        notes=(*notes, *more),
        people=work,
    )
    name = "population size"
    index = pd.Index([name]) if by is None else labels
    return Estimate(cast("Node", node), index, by is None, name)


def _pair(lists: Lists, pair: Sequence[str] | None) -> tuple[str, str]:
    if pair is None:
        if len(lists) != 2:
            a, b = lists.names[:2]
            raise InputError(
                f"Two lists are assumed independent given covariates, and there are {len(lists)}. Say which: pair=({a!r}, {b!r}) "
                f"keeps people on the others as seen; lists[{a!r}, {b!r}] leaves them out."
            )
        return lists.names[0], lists.names[1]
    names = [pair] if isinstance(pair, str) else list(pair)
    for name in names:
        if name not in lists.names:
            raise InputError(f"pair= names {name!r}, which is no list. {suggest(name, lists.names)}")
    if len(set(names)) != 2 or len(names) != 2:
        raise InputError(f"pair={pair!r} must name two different lists.")
    return names[0], names[1]


def _history(lists: Lists, found: People, names: tuple[str, str]) -> Codes:
    a, b = (lists.names.index(name) for name in names)
    return np.asarray((found.history >> a & 1) | (found.history >> b & 1) << 1, dtype=np.int64)


def _check_folds(history: Codes, names: tuple[str, str], folds: int) -> None:
    counts = np.bincount(history, minlength=4)
    where = (f"on {names[0]} but not on {names[1]}", f"on {names[1]} but not on {names[0]}", "on both lists")
    if counts[1] and counts[2] and not counts[3]:
        raise EstimationError(
            f"The size is infinite: nobody is {where[2]}, which only says that the population is large. hp.chapman gives a number, "
            "with an interval to match, and assumes that the lists are independent."
        )
    for count, text in zip(counts[1:], where, strict=True):
        if count == 0:
            raise InputError(
                f"Nobody is {text}, so the covariates can't tell who is. hp.lincoln_petersen gives the limit, the people seen."
            )
        if count < folds:
            people = "1 person is" if count == 1 else f"{count} people are"
            raise InputError(f"Only {people} {text}, fewer than {folds} folds. Use folds={max(1, min(count, 2))}.")


def _notes(settings: Settings, chances: Chances, refit: bool) -> tuple[str, ...]:
    notes = []
    if settings.method == "plug-in" and not refit:
        notes.append(
            "The plug-in's draws and standard error are those of the doubly robust estimator; with flexible learners the plug-in is "
            "biased beyond them"
        )
    if chances.raised:
        text = (
            f"The chance of being on both lists was below margin={settings.margin:g} for {chances.raised:.1%} of people and was "
            "raised to it, which makes the size smaller. Some people are hardly ever on both lists; look at who they are"
        )
        notes.append(text)
        if chances.raised > MANY:
            warn(f"{text}.")
    return tuple(notes)
