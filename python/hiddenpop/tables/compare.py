"""Groups against each other: differences, ratios, odds ratios, and tests made for designs."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from ..answers.question import Question
from ..answers.statistic import Statistic, ask
from ..errors import EstimationError, HiddenpopWarning, InputError, in_words, listing, suggest, warn
from ..estimate.estimate import Estimate
from ..expression.nodes import Node
from ..expression.operations import Constant, Operation, Take, Weigh
from ..ground import checks, columns
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Codes, Floats
from ..ground.language import english, read, tr
from ..ground.signatures import checked
from ..ground.stays import Stays
from ..ground.text import capital
from ..sample.groups import Mask, domain, inside_of, levels_of, where_of
from ..survey.required import completed
from ..uncertainty import interval
from ..words.framed import of_frame
from ..words.printed import in_column, p_text, show
from ..words.table import Table
from ..words.tabled import Tabled
from .cells import METHODS, Cells, Side, independence, joined
from .imputations import Moments, aligned, node_of
from .levels import Levels
from .ranks import SCORES, Ranks
from .significance import (
    CORRECTIONS,
    Significance,
    correct,
    of_imputations,
    require_degrees,
    two_sided_t,
    upper_f,
    wald,
)

if TYPE_CHECKING:
    from ..survey.imputed import Imputed
    from ..survey.survey import Survey
Measure = Literal["difference", "ratio", "odds ratio"]
LUMLEY = BIBLIOGRAPHY["Lumley 2010"]
LUMLEY_SCOTT = BIBLIOGRAPHY["Lumley and Scott 2013"]


@checked
def compare(
    survey: Survey | Imputed,
    column: str,
    by: str,
    *,
    where: object = None,
    reference: object = None,
    correction: str = "holm",
) -> Comparison:
    """Compare groups by the mean of a number, or by shares.

    Parameters
    ----------
    survey : Survey or Imputed
        Whom to compare. Imputations are pooled by Rubin's rules.
    column : str
        A column of numbers (means), of True and False or 1 and 0 (shares), or of categories (the share of each).
    by : str
        The column of the groups.
    where : str or array of bool, optional
        Column (or mask) that says who is compared: a domain, as in `Survey.proportion`.
    reference : label, optional
        The group that all others are compared with; by default each is compared with every one after it.
    correction : {"holm", "bonferroni", "bh", "none"}
        Correction of p-values for the number of pairs; see `hp.correct`.

    Returns
    -------
    Comparison
        With the estimates `difference`, `ratio` and (of shares) `odds_ratio`, with `summary()` and `test()`.

    Raises
    ------
    InputError
        A single group, an unknown reference, a group without answers.

    See Also
    --------
    describe : Table 1.
    regress : several variables at once.
    correct : many comparisons.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> interviews = hp.datasets.load("synthetic_opaak")["interviews"]
    >>> ages = hp.compare(hp.Survey(interviews, strata="group"), "age", by="group")
    >>> round(ages.difference.point, 1)
    2.9
    >>> ages.test()
    design-based t test: t = 2.71 on 515 df, p = 0.007
    """
    surveys = completed(survey, "compare", where)
    if correction not in CORRECTIONS:
        raise InputError(f"correction={correction!r} must be one of {', '.join(map(repr, CORRECTIONS))}.")
    if not isinstance(by, str):
        raise InputError("by= names one column; for several make a column of their combinations with survey.assign.")
    if column == by:
        raise InputError(f"Column {by!r} is compared with itself; give two columns.")
    values = [columns.column(one.sample.units, column) for one in surveys]
    kind = columns.kind(values[0] if len(values) == 1 else pd.concat(values, ignore_index=True))
    if kind == "date":
        raise InputError(f"Column {column!r} holds dates; compare days since some date, as numbers.")
    leaves = []
    for i, (one, answers) in enumerate(zip(surveys, values, strict=True)):
        with warnings.catch_warnings():
            if i:  # what is said of groups and where= is the same for all
                warnings.simplefilter("ignore", HiddenpopWarning)
            domain = where_of(one.sample, where)
            _require_groups(one, column, by, answers, domain)
            question = Question(
                "mean" if kind == "number" else "proportion",
                (column,),
                (Levels(by, domain),),
                domain,
                weighted=one.record.weighted,
            )
            leaves.append(ask(one.sample, question))
    leaves = aligned(leaves)
    first = leaves[0].labels
    labels = pd.Index(first.get_level_values(0).unique().tolist() if first.nlevels > 1 else first.tolist(), name=by)
    return Comparison(surveys, column, by, correction, tuple(leaves), labels, _pairs(labels, reference))


def _require_groups(survey: Survey, column: str, by: str, values: pd.Series[Any], where: str | Mask | None) -> None:
    """Refuse to compare a single group, or one without answers."""
    group, labels = levels_of(survey.sample, by)
    inside, among = (
        inside_of(survey.sample, where)[0] & survey.sample.counted,
        "" if where is None else " in its domain",
    )
    group, labels = columns.used(np.where(inside, group, -1), labels)
    if len(labels) < 2:
        made = f"one group only ({listing(labels.tolist())})" if len(labels) else "no group"
        raise InputError(f"Column {by!r} makes {made}{among}, so there is nothing to compare.")
    answered = ~columns.missing(values) & inside
    silent = [g for g in range(len(labels)) if not (answered & (group == g)).any()]
    if silent:
        raise InputError(
            f"Column {column!r} has no answers in group {listing(labels[silent].tolist())}{among}, so it can't be compared there. "
            "Leave the group out with where=."
        )


def _pairs(labels: pd.Index[Any], reference: object) -> list[tuple[int, int]]:
    if reference is None:
        return list(itertools.combinations(range(len(labels)), 2))
    known = labels.tolist()
    if not checks.among(reference, known):
        raise InputError(f"There is no group {in_words(reference)}. {suggest(reference, known)}")
    return [(i, known.index(reference)) for i in range(len(known)) if known[i] != reference]


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Tabled, Stays):
    """Groups of a survey against each other, or of several imputations.

    See Also
    --------
    compare : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> survey = hp.Survey({"sex": ["m", "m", "f", "f"], "treated": [1, 0, 1, 0], "n": [30, 10, 15, 25]}, counts="n")
    >>> found = hp.compare(survey, "treated", by="sex")
    >>> round(found.difference.point, 3), len(found.summary())
    (0.375, 3)
    """

    unsaved: ClassVar[str] = (
        "A comparison can't be saved, because it needs respondents' rows to be tested. Save its estimates (difference, ratio, "
        "odds_ratio), summary and tests: estimate.to_json() or pickle"
    )

    surveys: tuple[Survey, ...]
    column: str
    by: str
    correction: str
    leaves: tuple[Statistic, ...]
    groups: pd.Index[Any]
    pairs: list[tuple[int, int]]

    @property
    def leaf(self) -> Statistic:
        """What is compared; in the first imputation where there are several."""
        return self.leaves[0]

    @property
    def values(self) -> Estimate:
        """What is compared: means or shares by group."""
        return Estimate(self._node, self.leaf.labels, False, self.leaf.title)

    @property
    def _node(self) -> Node:
        return node_of(self.leaves)

    @property
    def difference(self) -> Estimate:
        """First group less second."""
        return self._estimate(Weigh((self._node,), self._contrasts, "other"), "difference")

    @property
    def _contrasts(self) -> Floats:
        """First group less second, for each pair (and level)."""
        above, below = self._sides()
        rows = np.arange(len(above))
        weights = np.zeros((len(above), len(self.leaf.labels)))
        weights[rows, above] += 1
        weights[rows, below] -= 1
        return weights

    @property
    def ratio(self) -> Estimate:
        """First group divided by second; intervals on the log scale where all are above zero."""
        return self._estimate(self._ratio(self._node), "ratio")

    @property
    def odds_ratio(self) -> Estimate:
        """Odds of the first group divided by those of the second."""
        if self.leaf.question.kind != "proportion":
            raise InputError(f"Column {self.column!r} holds numbers, whose means have no odds; cut it into categories.")
        rest = Operation("-", (Constant(np.array([1.0])), self._node), "share")
        return self._estimate(self._ratio(Operation("/", (self._node, rest), "rate")), "odds ratio")

    def summary(self, level: float = 0.95, method: str | None = None) -> pd.DataFrame:
        """Return all measures of all pairs: estimate, interval, p and corrected p.

        The p-values are those of differences: t with the degrees of freedom of both groups' people (clusters less strata), less
        one.
        """
        p = self._p()
        corrected = correct(p, self.correction).to_numpy()
        frames = {}
        measures = {"difference": self.difference, "ratio": self.ratio}
        if self.leaf.question.kind == "proportion":
            measures["odds ratio"] = self.odds_ratio
        for name, est in measures.items():
            chosen = method or interval.default_method(est.node)
            ends, notes = interval.interval(est.node, level, chosen, None)
            for note in dict.fromkeys(note.text for note in notes):
                warn(f"{name}: {note}")
            index = est.labels if not est.scalar else self._labels()
            frames[name] = pd.DataFrame(
                {
                    "estimate": est.node.point,
                    "lower": ends[:, 0],
                    "upper": ends[:, 1],
                    "p": p,
                    "p_corrected": corrected,
                },
                index=index,
            )
        return pd.concat(frames, names=["measure"])

    def test(self, method: str | None = None) -> Significance:
        """Test whether all groups are alike.

        Parameters
        ----------
        method : {"t", "F", "wilcoxon", "normal", "median", or those of `Crosstab.test`}, optional
            For numbers "t" (the design-based t test of two groups), "F" (Wald's, of any number of groups), or
            a rank test: Wilcoxon and Mann and Whitney's (Kruskal and Wallis's with more groups), with
            normal scores, or Mood's median test. For shares and categories Rao and Scott's F, or
            another test of `Crosstab.test`; "t" for one share too. By default t or F, and Rao and Scott's F.

        Notes
        -----
        The rank tests rank by the estimated distribution in the population, with middle ranks for ties, and
        compare the scores' means as the t test does (Lumley and Scott 2013, Biometrika 100:831-842).

        Examples
        --------
        >>> import hiddenpop as hp
        >>> interviews = hp.datasets.load("synthetic_opaak")["interviews"]
        >>> ages = hp.compare(hp.Survey(interviews, strata="group"), "age", by="group")
        >>> ages.test("wilcoxon")
        design-based Wilcoxon rank test: t = 2.514 on 515 df, p = 0.012
        """
        numbers = self.leaf.question.kind == "mean"
        if method in SCORES:
            if not numbers:
                raise InputError(f"Column {self.column!r} holds no numbers to rank.")
            return self._rank(str(method))
        if method in ((None, "t", "F") if numbers else ("t",)) and (numbers or self._one_share):
            if method == "t" and len(self.groups) > 2:
                raise InputError(
                    f"A t test compares two groups, but {self.by!r} has {len(self.groups)}; use method='F'."
                )
            return equal_means(self.leaves, self.column, f=method == "F", order=self._order)
        if numbers or method == "t":
            known = ["t", "F", *SCORES] if numbers else list(METHODS)
            raise InputError(
                f"method={listing([method])} is no test of {self.column!r}, which holds {'numbers' if numbers else 'categories'}: "
                f"there are {listing(known, shown=len(known))}."
            )
        return independence(self._cells, method or "F")

    def _as_table(self) -> Table:
        frame = self.summary()
        title = capital(tr("{what}, compared by {group}", what=read(self.values.name), group=self._called))
        return of_frame(title, frame, [f"{self.test().words}."], units={"estimate": self._units(frame)})

    def _units(self, frame: pd.DataFrame) -> list[str]:
        """Say in what the estimates of the summary are written."""
        units = {"difference": self.difference.node.units[0], "ratio": "ratio", "odds ratio": "ratio"}
        return [units[str(measure)] for measure, *_ in frame.index]

    def __repr__(self) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HiddenpopWarning)
            frame = self.summary()
        shown = frame.astype(object)
        numbers = frame[["estimate", "lower", "upper"]].to_numpy()
        kinds = self._units(frame)
        point, low, high = numbers.T
        places = in_column(point, low, high, None, kinds)
        for name, column in (("estimate", point), ("lower", low), ("upper", high)):
            shown[name] = [show(float(v), p, kind) for v, p, kind in zip(column, places, kinds, strict=True)]
        for name in ("p", "p_corrected"):
            shown[name] = [p_text(float(value)) for value in frame[name]]
        title = tr("{what}, compared by {group}", what=read(self.leaf.question.title), group=self._called)
        return f"{title}\n{shown.to_string()}"

    @property
    def _called(self) -> str:
        return self.leaf.question.called(self.by)

    @property
    def _cells(self) -> Cells:
        """The cross-table of the same people."""
        sides = [[Side(name, *levels_of(one.sample, name)) for one in self.surveys] for name in (self.column, self.by)]
        wheres = [leaf.question.where for leaf in self.leaves]
        return joined(self.surveys, sides[0], sides[1], f"{self.column} by {self.by}", wheres)

    @property
    def _order(self) -> tuple[int, ...]:
        """Two groups as they are compared, so that t has the difference's sign."""
        return self.pairs[0] if len(self.pairs) == 1 else ()

    @property
    def _one_share(self) -> bool:
        return self.leaf.labels.nlevels == 1

    def _sides(self) -> tuple[Codes, Codes]:
        """Return the positions of both sides among the labels, for each pair (and level)."""
        place = {label: i for i, label in enumerate(self.leaf.labels)}
        levels = [()] if self._one_share else [(level,) for level in self.leaf.labels.get_level_values(1).unique()]
        above, below = [], []
        for level in levels:
            for a, b in self.pairs:
                one, other = ((self.groups[i], *level) if level else self.groups[i] for i in (a, b))
                above.append(place[one])
                below.append(place[other])
        return np.array(above), np.array(below)

    def _labels(self) -> pd.MultiIndex:
        pairs = [(self.groups[a], self.groups[b]) for a, b in self.pairs]
        if self._one_share:
            return pd.MultiIndex.from_tuples(pairs, names=[self.by, "against"])
        levels = self.leaf.labels.get_level_values(1).unique()
        return pd.MultiIndex.from_tuples(
            [(level, *pair) for level in levels for pair in pairs], names=[self.column, self.by, "against"]
        )

    def _estimate(self, node: Node, measure: Measure) -> Estimate:
        labels = self._labels()
        measures = {
            "difference": english("difference"),
            "ratio": english("ratio"),
            "odds ratio": english("odds ratio"),
        }
        if len(labels) == 1:
            group, other = labels[0][:2]
            called = english("{what}: {label} against {other}", what=self.leaf.question.title, label=group, other=other)
            name = english("{what}, {measure}", what=called, measure=measures[measure])
            return Estimate(node, pd.Index([name]), True, name)
        named = english("{what}, {measure}", what=self.leaf.question.title, measure=measures[measure])
        return Estimate(node, labels, False, named)

    def _ratio(self, node: Node) -> Node:
        above, below = self._sides()
        sides = (Take((node,), tuple(above.tolist())), Take((node,), tuple(below.tolist())))
        return Operation("/", sides, "rate" if (self.leaf.point > 0).all() else "other")

    def _p(self) -> Floats:
        """Test each difference, with the people of its two groups."""
        levels = len(self.leaf.labels) // len(self.groups)
        moments = Moments.of([Weigh((leaf,), self._contrasts, "other") for leaf in self.leaves])
        free, found = _degrees(self.leaves, [[self.groups[i] for i in pair] for pair in self.pairs]) - 1, []
        if not (free >= 1).any():
            require_degrees(free.max(), f"The comparison of {self.column!r} by {self.by!r}")
        for row, df in enumerate(np.tile(free, levels).tolist()):
            own = moments.through(np.eye(len(moments.point))[[row]])
            found.append(_t(own, df)[2] if df >= 1 else np.nan)
        return np.array(found)

    def _rank(self, scores: str) -> Significance:
        leaves = []
        for survey, asked in zip(self.surveys, self.leaves, strict=True):
            ranks = Ranks(self.column, self.by, scores, asked.question.where)
            sample = survey.sample.with_made({ranks: ranks.make(survey.sample)})
            leaves.append(ask(sample, replace(asked.question, columns=(ranks,))))
        words = {
            "wilcoxon": english("design-based Wilcoxon rank test"),
            "normal": english("design-based normal-scores rank test"),
            "median": english("design-based median test"),
        }[scores]
        if len(self.groups) > 2 and scores == "wilcoxon":
            words = english("design-based Kruskal-Wallis rank test")
        return equal_means(aligned(leaves), self.column, order=self._order, rank=words)


def _degrees(leaves: Sequence[Statistic], among: Sequence[Sequence[Any]]) -> Floats:
    """Return the degrees of freedom of those who answered in some groups, for each such set; of imputations the fewest."""
    found = []
    for leaf in leaves:
        sample, question = leaf.live, leaf.question
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HiddenpopWarning)
            answers = {str(name): sample.column(name) for name in question.columns}
            there = domain(sample, question.by, question.where, answers)
        places = {label: i for i, label in enumerate(there.labels.tolist())}
        inside = [there.groups == place for place in range(len(there.labels))]
        sets = ([inside[places[group]] for group in groups] for groups in among)
        found.append([sample.df_of(np.logical_or.reduce(one)) for one in sets])
    return np.asarray(np.min(found, axis=0), dtype=float)


def _t(moments: Moments, df: float) -> tuple[float, float, float]:
    """Return the t statistic of one number, its degrees of freedom and p."""
    factor, df = moments.inflated(np.eye(1), df)
    spread = float(moments.within[0, 0]) * factor
    if not spread > 0:
        return np.nan, df, np.nan
    t = float(moments.point[0]) / float(np.sqrt(spread))
    return t, df, two_sided_t(t, df)


def linear_trend(leaves: Sequence[Statistic], weights: Floats, groups: Sequence[Any], name: str) -> Significance:
    """Test whether a contrast of means over ordered groups is zero: t with the design's degrees of freedom less one."""
    moments = Moments.of([Weigh((leaf,), weights[None, :], "other") for leaf in leaves])
    df = float(_degrees(leaves, [list(groups)])[0]) - 1
    require_degrees(df, f"The trend of {name!r}")
    t, df, p = _t(moments, df)
    if np.isnan(t):
        raise EstimationError(f"The means of {name!r} don't vary in this design, so their trend can't be tested.")
    called = "design-based t test of the linear contrast"  # stays English (only p is read)
    found = Significance(called, t, (df,), p, "t", LUMLEY)
    return of_imputations(found, len(leaves))


def equal_means(
    leaves: Sequence[Statistic], name: str, *, f: bool = False, order: Sequence[int] = (), rank: str | None = None
) -> Significance:
    """Test whether groups have one mean: t for two groups, Wald's F for more (or with `f`).

    Of each imputation the same means by group; `rank` names the test whose scores they are means of.
    """
    source = LUMLEY if rank is None else LUMLEY_SCOTT
    known = np.array(order) if len(order) else np.flatnonzero(np.isfinite([leaf.point for leaf in leaves]).all(axis=0))
    if len(known) < 2:
        raise InputError(f"Only one group has answers for {name!r}, so there is nothing to compare.")
    above = len(known) - 1
    df = float(_degrees(leaves, [leaves[0].labels[known].tolist()])[0]) - above
    require_degrees(df, f"The comparison of {name!r}")
    everyone = known.tolist() == list(range(len(leaves[0].point)))
    nodes = leaves if everyone else [Take((leaf,), tuple(known.tolist())) for leaf in leaves]
    contrasts = np.hstack([np.ones((above, 1)), -np.eye(above)])
    moments = Moments.of(nodes).through(contrasts)
    if above == 1 and not f:
        t, df, p = _t(moments, df)
        if np.isnan(t):
            raise EstimationError(
                f"The means of {name!r} don't vary in this design, so their difference can't be tested."
            )
        return of_imputations(
            Significance(rank or english("design-based t test"), t, (df,), p, "t", source), len(leaves)
        )
    statistic, df = wald(moments.point, moments, df, f"{name!r}")
    statistic /= above
    p = upper_f(statistic, above, df)
    found = Significance(rank or english("design-based Wald F test"), statistic, (float(above), df), p, "F", source)
    return of_imputations(found, len(leaves))
