"""Idea 2: an estimate is a distribution whose history can be replayed.

This file holds the value and its arithmetic. Its other behaviours have rooms of their own:
intervals in `uncertainty`, tables and sentences in `words`, figures in `drawing`, files in `files`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from ..answers.statistic import Statistic
from ..drawing.estimates import draw
from ..errors import InputError, in_words, suggest
from ..expression import graph, saved
from ..expression.labelled import Labelled
from ..expression.operations import Constant, Operation, Weigh
from ..ground import checks
from ..ground.columns import Floats
from ..ground.signatures import checked
from ..ground.text import cut
from ..sample.sample import Held
from ..uncertainty import floors, interval, jackknife, linearized, of_draws, variance, woodruff
from ..uncertainty.design_effect import design_effect
from ..uncertainty.notes import lost_notes, tell
from ..words import methods, printed
from . import arithmetic, files, selection
from .arithmetic import as_estimate
from .replay import replay
from .to_normal import normal_draws
from .written import Written

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Estimate(Written):
    """An uncertain quantity: labelled points, their draws, and how they were computed.

    Estimates come from a survey's statistics, from `multiplier` and other methods, from published
    figures and from arithmetic with any of these. They are values: nothing changes one.

    Arithmetic (``+ - * / **``) works draw by draw with other estimates, numbers and pandas Series.
    Labels align as in pandas, except that labels without a partner are an error. One-label
    estimates, as `est["crack only"]`, combine with any other. Comparisons give events, for `prob`.

    See Also
    --------
    read_estimate, concat, apply, prob

    Examples
    --------
    >>> import hiddenpop as hp
    >>> table = {"group": ["opioids", "opioids", "crack only", "crack only"],
    ...          "in_treatment": [1, 0, 1, 0], "count": [240, 153, 39, 88]}
    >>> survey = hp.Survey(table, counts="count", strata="group")
    >>> treated = survey.proportion("in_treatment", by="group")
    >>> people = hp.multiplier({"opioids": 8126, "crack only": 4912}, treated)
    >>> people
    population size
                estimate              95% interval
    opioids       13,310      12,360 to 14,470
    crack only    16,000      12,500 to 21,000
    >>> people.sum("people")
    people: 29,300 (95% interval 25,700 to 34,500)
    >>> people.summary().columns.to_list()
    ['estimate', 'lower', 'upper', 'se', 'n', 'missing', 'method']
    >>> people.cv().round(2).to_list(), people.vcov().shape
    ([0.04, 0.14], (2, 2))
    >>> hp.read_estimate(people.to_json()).point.equals(people.point)
    True
    >>> axes, text = people.plot(), people.methods()
    """

    # pandas and NumPy let an estimate do the arithmetic.
    __array_ufunc__ = None
    __pandas_priority__ = 5000

    @classmethod
    def of(cls, statistic: Statistic) -> Estimate:
        """Wrap a survey's answer."""
        return cls(statistic, statistic.labels, statistic.scalar, statistic.question.title)

    @classmethod
    def wrap(cls, made: Labelled) -> Estimate:
        """Give verbs to what has labels and a name."""
        return made if isinstance(made, Estimate) else cls(made.node, made.labels, made.scalar, made.name)

    # What it holds

    @property
    def point(self) -> pd.Series[Any] | float:
        """Point values: a Series by label, or a number for a one-label estimate."""
        return self._series(self.node.point)

    def __bool__(self) -> bool:
        raise InputError(
            "An estimate is neither true nor false. For the share of draws in which a comparison holds use "
            "hp.prob(a > b)."
        )

    __iter__ = None

    def __copy__(self) -> Estimate:
        return self

    def __deepcopy__(self, memo: object) -> Estimate:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return restore, (files.to_record(self, draws=True),)

    def _found_whole(self) -> None:
        """Look up what its method found besides, where it shows any."""

    # Labels

    def __getitem__(self, label: Any) -> Estimate:
        return Estimate.wrap(selection.pick(self, label))

    def rename(self, name: str | Mapping[Any, Any]) -> Estimate:
        """Return the estimate under another name, or with labels renamed by a mapping.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.beta(80, 20, name="completeness").rename("share in the register").name
        'share in the register'
        """
        if isinstance(name, str):
            labels = pd.Index([name]) if self.scalar else self.labels
            return replace(self, labels=labels, name=name)
        new = selection.renamed(self, name)
        return replace(self, labels=new, name=str(new[0]) if self.scalar else self.name)

    # Arithmetic

    def __add__(self, other: object) -> Estimate:
        return _combine("+", self, other)

    def __radd__(self, other: object) -> Estimate:
        return _combine("+", other, self)

    def __sub__(self, other: object) -> Estimate:
        return _combine("-", self, other)

    def __rsub__(self, other: object) -> Estimate:
        return _combine("-", other, self)

    def __mul__(self, other: object) -> Estimate:
        return _combine("*", self, other)

    def __rmul__(self, other: object) -> Estimate:
        return _combine("*", other, self)

    def __truediv__(self, other: object) -> Estimate:
        return _combine("/", self, other)

    def __rtruediv__(self, other: object) -> Estimate:
        return _combine("/", other, self)

    def __pow__(self, other: object) -> Estimate:
        return _combine("**", self, other)

    def __rpow__(self, other: object) -> Estimate:
        return _combine("**", other, self)

    def __neg__(self) -> Estimate:
        return Estimate(Operation("negative", (self.node,), "other"), self.labels, self.scalar, cut(f"-{self.name}"))

    def __gt__(self, other: object) -> Estimate:
        return _combine(">", self, other)

    def __and__(self, other: object) -> Estimate:
        return _combine("&", self, other)

    def __or__(self, other: object) -> Estimate:
        return _combine("|", self, other)

    def __rand__(self, other: object) -> Estimate:
        return _combine("&", other, self)

    def __ror__(self, other: object) -> Estimate:
        return _combine("|", other, self)

    def __invert__(self) -> Estimate:
        return Estimate.wrap(arithmetic.negate(self))

    def __ge__(self, other: object) -> Estimate:
        return _combine(">=", self, other)

    def __lt__(self, other: object) -> Estimate:
        return _combine("<", self, other)

    def __le__(self, other: object) -> Estimate:
        return _combine("<=", self, other)

    def sum(self, name: str | Sequence[str] = "total", *, by: str | Sequence[str] | None = None) -> Estimate:
        """Add up the labels, draw by draw.

        Parameters
        ----------
        name : str
            What to call the sum.
        by : str or list of str, optional
            Levels of the labels to keep: one sum for each of their values.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.concat({"a": hp.normal(10, 1, name="a"), "b": hp.normal(5, 1, name="b")}).sum("both").point
        15.0
        """
        if not isinstance(name, str):
            raise InputError(
                f"The first argument of sum is what to call it, a text, and {in_words(name)} is none. For a sum in each of the "
                f"values of a level of the labels: sum(by={in_words(name)})."
            )
        quantity = self.node.quantity if self.node.quantity in ("size", "rate", "total") else "other"
        if by is None:
            if name in self.labels.names:
                raise InputError(
                    f"{name!r} is a level of the labels. For a sum in each of its values: sum(by={name!r})."
                )
            ones = np.ones((1, len(self.labels)))
            return Estimate(Weigh((self.node,), ones, quantity), pd.Index([name]), True, name)
        levels = [by] if isinstance(by, str) else list(by)
        if not levels:
            raise InputError("by=[] names no level of the labels; leave it out for one sum of all.")
        lacking = [level for level in levels if level not in self.labels.names]
        if lacking:
            raise InputError(
                f"The labels have no level {in_words(lacking[0])}. {suggest(lacking[0], self.labels.names)}"
            )
        frame = self.labels.to_frame(index=False)[levels]
        group, first = pd.factorize(pd.MultiIndex.from_frame(frame) if len(levels) > 1 else frame[levels[0]])
        weights = (group[None, :] == np.arange(len(first))[:, None]).astype(float)
        labels = pd.Index(first, name=levels[0]) if len(levels) == 1 else pd.MultiIndex.from_tuples(first, names=levels)
        return Estimate(Weigh((self.node,), weights, quantity), labels, False, self.name)

    def contrast(self, weights: Mapping[Any, float], name: str | None = None) -> Estimate:
        """Combine labels linearly, for example their difference ``{"a": 1, "b": -1}``.

        Parameters
        ----------
        weights : mapping of label to number
            Labels left out weigh nothing.
        name : str, optional
            Name of the result.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> both = hp.concat({"2012": hp.normal(79, 1, name="x"), "2023": hp.normal(61, 1, name="y")})
        >>> both.contrast({"2023": 1, "2012": -1}).point
        -18.0
        """
        if not isinstance(weights, Mapping) or not weights:
            raise InputError("contrast needs a mapping of labels to weights, such as {'a': 1, 'b': -1}.")
        row = np.zeros(len(self.labels))
        for label, weight in weights.items():
            if not np.isfinite(checks.real(weight)):
                raise InputError(f"The weight of {in_words(label)} is {in_words(weight)}; weights are finite numbers.")
            row[selection.position(self, label)] = checks.real(weight)
        title = name or cut(" ".join(f"{checks.real(weight):+g} {label}" for label, weight in weights.items()))
        return Estimate(Weigh((self.node,), row[None, :], "other"), pd.Index([title]), True, title)

    def per(self, population: float | Mapping[Any, float] | pd.Series[Any] | Estimate, base: float = 1000) -> Estimate:
        """Express as a rate: how many for every `base` of a population.

        Parameters
        ----------
        population : number, mapping, Series or Estimate
            The population at risk, for each label or for all.
        base : float
            1000 gives the rate per thousand.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> size = hp.published(13_300, 12_600, 14_200, name="opioids")
        >>> round(size.per(11_700_000).point, 2)
        1.14
        """
        below = as_estimate(population)
        if np.any(below.node.point <= 0):
            raise InputError("A rate needs a population above zero.")
        base = checks.positive(base, "base")
        rate = self / below
        if self.node.quantity == "size" and np.any((rate.node.point > 1) & np.isfinite(rate.node.point)):
            raise InputError(
                f"The population is smaller than '{self.name}', which is counted in it. Give the population at risk, in people."
            )
        if graph.sources(below.node) and graph.drawable(below.node) and np.any(below.draws <= 0):
            raise InputError("Some draws of the population are zero or less; describe it by positive numbers only.")
        node = Operation("*", (rate.node, Constant(np.array([base]))), "rate")
        name = cut(f"{self.name} per {base:,g}")
        return Estimate(node, pd.Index([name]) if rate.scalar else rate.labels, rate.scalar, name)

    # Summaries

    def interval(
        self,
        level: float = 0.95,
        method: str | None = None,
        scale: str | None = None,
        *,
        simultaneous: bool = False,
    ) -> pd.DataFrame:
        """Return intervals, one row a label.

        Parameters
        ----------
        level : float
            Confidence level, between 0 and 1.
        method : str, optional
            By default what covers best (`docs/validation.md`): "wilson" for a survey's shares, "t" for those
            of clusters and for means, totals, ratios, coefficients and multiple imputations, "jackknife" in
            their place where a label has fewer than 30 degrees of freedom among clusters; "mover" for what
            is computed from these, so that a size B / p has the image of its share's interval; "logit" and
            "profile" for sizes from two lists and of one log-linear model; "percentile" for quantiles
            ("woodruff" below 30 degrees of freedom), uncertain inputs, registers and other sizes from lists.
            Degrees of freedom are those of the people a label is about: their clusters less their strata;
            without any there is no interval by any method.

            - "percentile", "basic", "normal": percentiles of the draws; the same reflected (Davison and
              Hinkley 1997, Bootstrap Methods and their Application, eq. 5.6); the draws' standard error.
            - "bc", "bca": bias-corrected percentiles (Efron and Tibshirani 1993, An Introduction to the
              Bootstrap, ch. 14); the same accelerated, with the design's jackknife (Efron 1987, JASA
              82:171-185).
            - "studentized": bootstrap-t; every redrawn sample gets its own linearised standard error
              (Davison and Hinkley 1997, eq. 5.7).
            - "hdi": the shortest interval that holds `level` of the draws (Hyndman 1996, American
              Statistician 50:120-126), for draws with one peak; always from draws, also where the
              distribution is known, as that of a published interval.
            - "t": linearised standard errors, or those of variance replicates, and Satterthwaite's degrees
              of freedom (Korn and Graubard 1999, Analysis of Health Surveys, section 2.4). A share of nobody
              or everybody has Wilson's interval with t.
            - "jackknife": the same with standard errors of the design's jackknife (`se("jackknife")`), which are
              not too small where clusters are few and unequal (Wolter 2007, Introduction to Variance Estimation).
            - "wilson", "beta", "likelihood": for a survey's proportions, also where hardly anybody has the
              property: Wilson's, with the effective number of participants and t in complex samples (Franco,
              Little, Louis and Slud 2019, Journal of Survey Statistics and Methodology 7:334-364); Korn and
              Graubard's (1998); the Rao-Scott likelihood ratio (1984).
            - "mover": the limits of the parts, each by its default, carried through the arithmetic with the
              parts' correlations (Zou and Donner 2008, Statistics in Medicine 27:1693-1702); on the log scale
              for sizes and rates, the logit scale for shares.
            - "woodruff": for a survey's quantiles (1952).
        scale : {"log", "logit", "identity"}, optional
            Scale on which basic, normal, t and studentized intervals are formed: log for sizes and
            rates, logit for shares (t and studentized only), else identity. Of sizes that are no less
            than the n people seen, t and normal intervals are formed on log(N - n).
        simultaneous : bool
            Whether the intervals of all labels shall hold at once with the level, instead of each by
            itself. Percentile: common ranks of the joint draws (Mandel and Betensky 2008, Computational
            Statistics & Data Analysis 52:2158-2165); normal: the draws' largest deviation; t, Wilson's and
            MOVER: the multivariate t distribution; others: Bonferroni.

        Returns
        -------
        DataFrame
            Columns `lower` and `upper`. NaN, with a warning that says why, where there is no answer.

        Raises
        ------
        InputError
            Impossible level or method, or a bias correction or a studentized interval of something that
            is no redrawn sample.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.published(16_000, 11_300, 25_200, name="crack").interval(0.95).round(-2)
                 lower    upper
        crack  11300.0  25200.0
        """
        method = method or interval.default_method(self.node)
        ends, notes = interval.interval(self.node, level, method, scale, simultaneous=simultaneous)
        tell(notes, self.labels)
        return pd.DataFrame(ends, index=self.labels, columns=["lower", "upper"])

    def se(self, method: str | None = None, centre: str | None = None) -> pd.Series[Any] | float:
        """Return standard errors.

        Parameters
        ----------
        method : {"draws", "replicates", "linearized", "jackknife"}, optional
            The standard deviation of the draws; the survey's variance replicates, each source's with the others
            at their points; Taylor linearisation with the design's variance
            formula (what R's `survey` prints), through all arithmetic by the delta method; or the
            jackknife that leaves out each participant or cluster in turn. By default the draws, or
            what measures variance where there are none (for quantiles that only Woodruff's interval serves,
            its width, as R's `svyquantile`).
        centre : {"estimate", "mean"}, optional
            What replicates are compared with: the estimate, or their mean (R's default). By default the
            estimate, or what the survey's replicates say.

        Returns
        -------
        Series or float
            NaN, with a warning, where some draws are infinite (a share of zero in a replicate), or can't vary (lists
            that never meet).

        Examples
        --------
        >>> import hiddenpop as hp
        >>> round(hp.Survey({"age": [30, 41, 52, 63]}).mean("age").se("linearized"), 3)
        7.1
        """
        if method == "draws" or (method is None and graph.drawable(self.node)):
            values, notes = floors.standard_error(self.node, self.draws)
            tell(notes, self.labels)
            return self._series(values)
        if method is None and interval.default_method(self.node) == "woodruff":
            return self._series(woodruff.standard_error(self.node))
        return self._series(np.sqrt(np.diag(self._covariance(method, centre))))

    def _covariance(self, method: str | None, centre: str | None) -> Floats:
        if centre not in (None, "estimate", "mean"):
            raise InputError(f"centre={centre!r} must be 'estimate' or 'mean'.")
        if method == "replicates":
            variance.require_replicates(self.node)
        if method in (None, "replicates"):
            found = variance.measured(self.node, centre)
            tell(lost_notes(self.node, found.se), self.labels)
            return found.covariance
        if method == "linearized":
            return linearized.linearize(self.node).covariance
        if method == "jackknife":
            graph.require_sampling(self.node, method)
            return jackknife.covariance(self.node, centre or "estimate")
        raise InputError(f"method={method!r} must be 'draws', 'replicates', 'linearized' or 'jackknife'.")

    def to_normal(self, *, seed: int | None = None, replicates: int | None = None, name: str | None = None) -> Estimate:
        """Return draws from a normal distribution with the same covariance, as an independent source.

        Variance replicates are no draws. To mix their estimates with draws, or to ask for percentiles and
        probabilities, this draws from a (multivariate) normal on the scale that intervals are made on: log for
        sizes and rates (of N - n, where n people were seen), logit for shares, else as it is.

        Parameters
        ----------
        seed, replicates : int, optional
            Default: `hp.settings`.
        name : str, optional
            What to call the new source. The same estimate under the same name gives the same draws.

        Raises
        ------
        EstimationError
            No standard error, or a point on the edge of the scale (a share of 0 or 1 that varies).

        Notes
        -----
        The link g(x) has covariance G V G with G = diag(g'(x)) (the delta method). Draws are independent of
        all other estimates, so combine what comes from one survey first.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> survey = hp.Survey({"city": [1, 1, 2, 2, 3, 3], "x": [1, 1, 0, 0, 1, 1]}, clusters="city")
        >>> share = survey.with_replicates("JK1").proportion("x")
        >>> bool(hp.prob(share.to_normal() > 0.5) > 0.5)
        True
        """
        return Estimate.wrap(normal_draws(self, seed=seed, replicates=replicates, name=name))

    def design_effect(self, *, replacement: bool = False) -> pd.Series[Any] | float:
        """Return the variance relative to that of a simple random sample of the same size.

        For means and proportions. The simple sample is drawn without replacement when there are
        weights to say from how many (R's `deff=TRUE`); with `replacement=True` never (`deff="replace"`).

        Examples
        --------
        >>> import hiddenpop as hp
        >>> survey = hp.Survey({"city": [1, 1, 2, 2, 3, 3], "x": [1, 1, 0, 0, 1, 1]}, clusters="city")
        >>> round(survey.mean("x").design_effect(), 2)
        2.5
        """
        return self._series(design_effect(self.node, replacement=checks.flag(replacement, "replacement")))

    def cv(self) -> pd.Series[Any] | float:
        """Return coefficients of variation: standard errors relative to the points."""
        values = np.atleast_1d(np.asarray(self.se(), dtype=float))
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._series(values / np.abs(self.node.point))

    def quantile(self, q: float | Sequence[float]) -> pd.DataFrame | pd.Series[Any] | float:
        """Return quantiles of the draws; several give a column each.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> round(hp.uniform(0, 1, name="u").quantile(0.25), 6)
        0.25
        """
        shares = np.array([checks.real(one) for one in np.atleast_1d(np.asarray(q, dtype=object)).ravel()])
        if np.ndim(q) > 1 or not ((shares >= 0) & (shares <= 1)).all():
            raise InputError(f"q={in_words(q)} must be a share between 0 and 1, or a list of them.")
        values, notes = of_draws.percentiles(self.node, shares.tolist())
        tell(notes, self.labels)
        if np.ndim(q) == 0:
            return self._series(values[:, 0])
        return pd.DataFrame(values, index=self.labels, columns=shares)

    def vcov(self, method: str | None = None, centre: str | None = None) -> pd.DataFrame:
        """Return the covariance matrix of the labels; methods as in `se`.

        NaN, with a warning, for labels with infinite or undefined draws.
        """
        if method == "draws" or (method is None and graph.drawable(self.node)):
            values, notes = of_draws.covariance(self.draws)
            tell(notes, self.labels)
        else:
            values = self._covariance(method, centre)
        return pd.DataFrame(values, index=self.labels, columns=self.labels)

    def summary(self, level: float = 0.95, method: str | None = None, *, simultaneous: bool = False) -> pd.DataFrame:
        """Return a tidy table: estimate, lower, upper, se, n, missing and method for every label.

        Intervals are those of `interval`; with t and studentized ones the standard errors are linearised.

        `n` counts the participants behind a label and `missing` those who did not answer; both are
        <NA> where arithmetic combined different groups. Means and proportions of a design with weights,
        clusters or fpc also have their design effect, `deff`.
        """
        frame, notes = printed.summary(self, level, method or interval.default_method(self.node), simultaneous)
        tell(notes, self.labels)
        return frame

    def methods(self, level: float = 0.95, method: str | None = None, *, simultaneous: bool = False) -> str:
        """Return sentences for a paper's methods section: estimator, design, replicates, references."""
        return methods.methods(self, level, method or interval.default_method(self.node), simultaneous)

    def plot(self, kind: str = "interval", *, level: float = 0.95, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw points with intervals, or the draws' densities; needs matplotlib.

        Parameters
        ----------
        kind : {"interval", "density"}
            What to draw.
        level : float
            Confidence level of the intervals.
        ax : matplotlib Axes, optional
            Where to draw; a new figure otherwise.
        **options
            Passed to matplotlib: `color`, and what `errorbar` or `fill_between` take.

        Returns
        -------
        matplotlib Axes
        """
        return draw(self, kind, level=level, ax=ax, **options)

    def to_json(self, path: str | PathLike[str] | None = None, *, draws: bool = True) -> str | None:
        """Save points, draws, labels and history; `hp.read_estimate` loses nothing.

        No respondent's row is written: only the description of the survey, and the draws. Numbers have all their digits, and
        draws of a small table tell the table to who can try all that are possible: give others `draws=False`, or a report
        with `suppress_below`. docs/files.md lists what a file holds.

        Parameters
        ----------
        path : path, optional
            File to write; without it the text is returned.
        draws : bool
            Whether to keep the draws (8 bytes each, compressed). Without them a read estimate has
            its points and can be replayed on its survey.
        """
        return files.to_json(self, path, draws=checks.flag(draws, "draws"))

    # Replay

    def replay(
        self,
        *,
        seed: int | None = None,
        replicates: int | None = None,
        survey: Held | None = None,
        **inputs: Any,
    ) -> Estimate:
        """Evaluate the same expression on other redraws or with other inputs.

        Parameters
        ----------
        seed : int, optional
            Another seed for all sources: shows the Monte Carlo error.
        replicates : int, optional
            Another number of replicates; the first ones stay the same.
        survey : Survey, optional
            Ask another survey the same questions, by column names.
        **inputs
            Replacements by name: `benchmark` for that of `multiplier`, the `name` of an uncertain
            input, or of a survey when there are several.

        Returns
        -------
        Estimate
            With the same labels.

        Raises
        ------
        InputError
            A name that the expression does not hold, or a question that fits its own survey only.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> survey = hp.Survey({"in_treatment": [1, 0], "count": [61, 39]}, counts="count")
        >>> people = hp.multiplier(6_100, survey.proportion("in_treatment"))
        >>> people.replay(benchmark=12_200).point
        20000.0
        """
        made = replay(self, seed=seed, replicates=replicates, survey=survey, inputs=inputs)
        return cast("Estimate", made)

    def _series(self, values: Floats) -> pd.Series[Any] | float:
        if self.scalar:
            return float(values[0])
        return pd.Series(values, index=self.labels, name=self.name)


def restore(record: Mapping[str, Any]) -> Estimate:
    """Return the estimate that a record of `files` holds, as what shows it best."""
    made = files.from_record(record)
    view = made.node.view
    kind = saved.named(view, saved.VIEWS) if view else Estimate
    result = cast("Estimate", kind(made.node, made.labels, made.scalar, made.name))
    files.confirmed(result._found_whole)
    return result


def _combine(symbol: str, left: object, right: object) -> Estimate:
    return Estimate.wrap(arithmetic.binary(symbol, left, right))
