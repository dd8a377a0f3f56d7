"""Groups against each other: differences, ratios, odds ratios, and tests made for designs."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from ..answers.question import Question
from ..answers.statistic import Statistic, ask
from ..errors import EstimationError, HiddenpopWarning, InputError, said, suggest, warn
from ..estimate.estimate import Estimate
from ..expression.nodes import Node
from ..expression.operations import Constant, Operation, Take, Weigh
from ..ground import columns
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Codes, Floats
from ..ground.signatures import checked
from ..sample.groups import levels_of
from ..survey.required import require_survey
from ..uncertainty import interval, variance
from .cells import cells, independence
from .levels import Levels
from .ranks import SCORES, Ranks
from .significance import (
    CORRECTIONS,
    Significance,
    correct,
    degrees,
    p_text,
    require_degrees,
    two_sided_t,
    upper_f,
    wald,
)

if TYPE_CHECKING:
    from ..survey.survey import Survey
Measure = Literal["difference", "ratio", "odds ratio"]
LUMLEY = BIBLIOGRAPHY["Lumley 2010"]
LUMLEY_SCOTT = BIBLIOGRAPHY["Lumley and Scott 2013"]


@checked
def compare(survey: Survey, column: str, by: str, *, reference: object = None, correction: str = "holm") -> Comparison:
    """Compare groups by the mean of a number, or by shares.

    Parameters
    ----------
    survey : Survey
        Whom to compare.
    column : str
        A column of numbers (means), of True and False or 1 and 0 (shares), or of categories (the share of each).
    by : str
        The column of the groups.
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

    Examples
    --------
    >>> import hiddenpop as hp
    >>> interviews = hp.datasets.load("synthetic_opaak")["interviews"]
    >>> ages = hp.compare(hp.Survey(interviews, strata="group"), "age", by="group")
    >>> round(ages.difference.point, 1)
    2.9
    >>> ages.test()
    design-based t test: t = 2.71 on 517 df, p = 0.007
    """
    require_survey(survey, "compare")
    if correction not in CORRECTIONS:
        raise InputError(f"correction={correction!r} must be one of {', '.join(map(repr, CORRECTIONS))}.")
    if column == by:
        raise InputError(f"Column {by!r} is compared with itself; give two columns.")
    group, labels = levels_of(survey.sample, by)
    if len(labels) < 2:
        raise InputError(f"Column {by!r} makes one group only ({labels[0]!r}), so there is nothing to compare.")
    values = columns.column(survey.sample.units, column)
    kind = columns.kind(values)
    if kind == "date":
        raise InputError(f"Column {column!r} holds dates; compare days since some date, as numbers.")
    _require_answers(survey, column, values, group, labels)
    question = Question(
        "mean" if kind == "number" else "proportion", (column,), (Levels(by),), weighted=survey.record.weighted
    )
    leaf = ask(survey.sample, question)
    positions = _pairs(labels, reference)
    return Comparison(survey, column, by, correction, leaf, labels, positions)


def _require_answers(survey: Survey, column: str, values: Any, group: Codes, labels: pd.Index[Any]) -> None:
    answered = ~columns.missing(values) & (survey.sample.multiplicity > 0)
    silent = [labels[g] for g in range(len(labels)) if not (answered & (group == g)).any()]
    if silent:
        raise InputError(
            f"Column {column!r} has no answers in group {silent[0]!r}, so it can't be compared there. Leave the group out: "
            "make it missing with survey.assign."
        )


def _pairs(labels: pd.Index[Any], reference: object) -> list[tuple[int, int]]:
    if reference is None:
        return list(itertools.combinations(range(len(labels)), 2))
    known = labels.tolist()
    if not isinstance(reference, Hashable) or reference not in known:
        raise InputError(f"There is no group {said(reference)}. {suggest(reference, known)}")
    return [(i, known.index(reference)) for i in range(len(known)) if known[i] != reference]


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Groups of a survey against each other."""

    survey: Survey
    column: str
    by: str
    correction: str
    leaf: Statistic
    groups: pd.Index[Any]
    pairs: list[tuple[int, int]]

    @property
    def values(self) -> Estimate:
        """What is compared: means or shares by group."""
        return Estimate.of(self.leaf)

    @property
    def difference(self) -> Estimate:
        """First group less second."""
        above, below = self._sides()
        rows = np.arange(len(above))
        weights = np.zeros((len(above), len(self.leaf.labels)))
        weights[rows, above] += 1
        weights[rows, below] -= 1
        return self._estimate(Weigh((self.leaf,), weights, "other"), "difference")

    @property
    def ratio(self) -> Estimate:
        """First group divided by second; intervals on the log scale where all are above zero."""
        return self._estimate(self._ratio(self.leaf), "ratio")

    @property
    def odds_ratio(self) -> Estimate:
        """Odds of the first group divided by those of the second."""
        if self.leaf.question.kind != "proportion":
            raise InputError(f"Column {self.column!r} holds numbers, whose means have no odds; cut it into categories.")
        rest = Operation("-", (Constant(np.array([1.0])), self.leaf), "share")
        return self._estimate(self._ratio(Operation("/", (self.leaf, rest), "rate")), "odds ratio")

    def summary(self, level: float = 0.95, method: str | None = None) -> pd.DataFrame:
        """Return all measures of all pairs: estimate, interval, p and corrected p.

        The p-values are those of differences: t with the design's degrees of freedom, less one for each group beyond
        the first.
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
        design-based Wilcoxon rank test: t = 2.514 on 517 df, p = 0.012
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
            return equal_means(self.survey, self.leaf, self.column, f=method == "F", order=self._order)
        if numbers or method == "t":
            raise InputError(
                f"method={method!r} is no test of {self.column!r}; see Comparison.test for those there are."
            )
        return independence(cells(self.survey, self.column, self.by), method or "F")

    def __repr__(self) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HiddenpopWarning)
            frame = self.summary()
        shown = frame.copy()
        for name in ("estimate", "lower", "upper"):
            shown[name] = [f"{value:.4g}" for value in frame[name]]
        for name in ("p", "p_corrected"):
            shown[name] = [p_text(float(value)) for value in frame[name]]
        return f"{self.leaf.question.title}, compared by {self.by}\n{shown.to_string()}"

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
        if len(labels) == 1:
            name = f"{self.leaf.question.title}: {labels[0][0]} against {labels[0][1]}, {measure}"
            return Estimate(node, pd.Index([name]), True, name)
        return Estimate(node, labels, False, f"{self.leaf.question.title}, {measure}")

    def _ratio(self, node: Node) -> Node:
        above, below = self._sides()
        sides = (Take((node,), tuple(above.tolist())), Take((node,), tuple(below.tolist())))
        return Operation("/", sides, "rate" if (self.leaf.point > 0).all() else "other")

    def _p(self) -> Floats:
        found = variance.measured(self.difference.node)
        df = degrees(self.survey) - (len(self.groups) - 1)
        require_degrees(df, f"The comparison of {self.column!r} by {self.by!r}")
        with np.errstate(divide="ignore", invalid="ignore"):
            t = self.difference.node.point / found.se
        return np.array([np.nan if np.isnan(one) else two_sided_t(float(one), df) for one in t])

    def _rank(self, scores: str) -> Significance:
        ranks, survey = Ranks(self.column, self.by, scores), self.survey
        sample = survey.sample.with_made({ranks: ranks.make(survey.sample)})
        leaf = ask(sample, Question("mean", (ranks,), (Levels(self.by),), weighted=survey.record.weighted))
        words = {"wilcoxon": "Wilcoxon rank", "normal": "normal-scores rank", "median": "median"}[scores]
        if len(self.groups) > 2 and scores == "wilcoxon":
            words = "Kruskal-Wallis rank"
        found = equal_means(survey, leaf, self.column, order=self._order)
        return Significance(
            f"design-based {words} test", found.statistic, found.df, found.p, found.distribution, LUMLEY_SCOTT
        )


def equal_means(
    survey: Survey, leaf: Statistic, name: str, *, f: bool = False, order: Sequence[int] = ()
) -> Significance:
    """Test whether groups have one mean: t for two groups, Wald's F for more (or with `f`)."""
    known = np.array(order) if len(order) else np.flatnonzero(np.isfinite(leaf.point))
    if len(known) < 2:
        raise InputError(f"Only one group has answers for {name!r}, so there is nothing to compare.")
    above = len(known) - 1
    df = degrees(survey) - above
    require_degrees(df, f"The comparison of {name!r}")
    contrasts = np.zeros((above, len(leaf.point)))
    contrasts[:, known[0]] = 1
    contrasts[np.arange(above), known[1:]] = -1
    node = leaf if known.tolist() == list(range(len(leaf.point))) else Take((leaf,), tuple(known.tolist()))
    covariance = variance.measured(node).covariance
    contrasts = contrasts[:, known]
    difference = contrasts @ leaf.point[known]
    spread = contrasts @ covariance @ contrasts.T
    if above == 1 and not f:
        if not spread[0, 0] > 0:
            raise EstimationError(
                f"The means of {name!r} don't vary in this design, so their difference can't be tested."
            )
        t = float(difference[0] / np.sqrt(spread[0, 0]))
        return Significance("design-based t test", t, (df,), two_sided_t(t, df), "t", LUMLEY)
    statistic = wald(difference, spread, f"{name!r}") / above
    return Significance(
        "design-based Wald F test", statistic, (float(above), df), upper_f(statistic, above, df), "F", LUMLEY
    )
