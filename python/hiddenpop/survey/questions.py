"""What can be asked of a sample, whether it is one survey or several imputations of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from ..answers.by_recruitment import ByRecruitment, Estimator, Smoothing
from ..answers.question import Kind, Rule
from ..errors import InputError, in_words
from ..estimate.estimate import Estimate
from ..ground.checks import real
from ..ground.signatures import checked
from ..sample.sample import Indicator
from . import standardized

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import pandas as pd


@checked
class Questions(ABC):
    """The questions; what answers them says how in `_ask`."""

    @abstractmethod
    def _ask(
        self,
        kind: Kind,
        asked: tuple[str | Indicator, ...],
        by: object,
        where: object,
        executor: Executor | None,
        **more: Any,
    ) -> Estimate:
        """Answer a question about columns."""
        ...

    @abstractmethod
    def _labels(self) -> Mapping[str, str]:
        """Return what columns are called, where they have labels."""
        ...

    def proportion(
        self,
        column: str,
        *,
        by: str | Sequence[str] | None = None,
        where: object = None,
        estimator: Estimator | None = None,
        smoothing: Smoothing | None = None,
        executor: Executor | None = None,
    ) -> Estimate:
        """Estimate the share of participants with a property, or of each category.

        Parameters
        ----------
        column : str
            A column of True and False, of 1 and 0, or of words for yes and no (English, Dutch, French, German, Spanish,
            Portuguese), which gives one share a group, or a column of categories, which gives one share for every category
            and group.
        by : str or list of str, optional
            Columns that define groups.
        where : str or array of bool, optional
            Column (or mask, one value a row) that says who counts. The redraws keep the whole
            sample: this is a domain, not a deletion.
        estimator : {"salganik_heckathorn", "homophily_graph"}, optional
            Another way to find the shares, in a survey of `Survey.rds` at one site: from who recruits whom between 2 to 10
            categories and how many people they know (RDS-I), or from that in the order in which participants came, with ties
            of the population that are used up (Fellows 2019). It goes through all participants, without `by` and `where`.
        smoothing : {"least_squares"}, optional
            With "salganik_heckathorn" and three categories or more: shares that make recruits between each two of them as
            equal as they can be (Heckathorn 2002), in place of those where recruitment settles. With two they are the same.
        executor : concurrent.futures.Executor, optional
            Makes the draws at once, elsewhere: a process pool, threads, ``client.get_executor()`` of dask.
            The digits are the same. Without it draws are made here when first needed (or as
            `hp.settings` says).

        Returns
        -------
        Estimate
            Shares between 0 and 1, of those who answered; `summary()` counts the missing.

        Raises
        ------
        InputError
            Unknown column, numbers other than 0 and 1, nobody answered in a group.
        EstimationError
            Nobody in the domain at all, or an executor that fails.

        See Also
        --------
        Survey.mean, Survey.ratio, Survey.count
        multiplier : a size from a share.

        Notes
        -----
        The Hajek ratio of two totals, redrawn together (Särndal, Swensson and Wretman 1992,
        Model Assisted Survey Sampling, eq. 5.7.4 and 5.8.3 for domains).

        Examples
        --------
        >>> import hiddenpop as hp
        >>> survey = hp.Survey({"sleeps": ["home", "street", None], "count": [60, 30, 10]}, counts="count")
        >>> survey.proportion("sleeps").summary()[["estimate", "n", "missing"]].round(3)
                estimate   n  missing
        sleeps
        home       0.667  90       10
        street     0.333  90       10
        """
        if estimator is None:
            if smoothing is not None:
                raise InputError("smoothing= goes with estimator='salganik_heckathorn'.")
            return self._ask("proportion", (column,), by, where, executor)
        if estimator == "homophily_graph" and smoothing is not None:
            raise InputError("smoothing= goes with estimator='salganik_heckathorn', and not with 'homophily_graph'.")
        return self._follow(ByRecruitment(estimator, column, smoothing), by, where, executor)

    def _follow(self, asked: ByRecruitment, by: object, where: object, executor: Executor | None) -> Estimate:
        """Answer from who recruited whom, of all participants."""
        if by is not None or where is not None:
            raise InputError(
                f"estimator={asked.estimator!r} follows recruitment through all participants: leave by= and where= out."
            )
        return self._by_recruitment(asked, executor)

    def _by_recruitment(self, asked: ByRecruitment, executor: Executor | None) -> Estimate:
        """Answer from who recruited whom, where that is known."""
        raise InputError(
            f"estimator={asked.estimator!r} counts who recruits whom, in one survey of people who recruited one another: "
            "hp.Survey.rds."
        )

    def mean(
        self,
        column: str,
        *,
        by: str | Sequence[str] | None = None,
        where: object = None,
        estimator: Literal["homophily_graph"] | None = None,
        cuts: Sequence[float] | None = None,
        executor: Executor | None = None,
    ) -> Estimate:
        """Estimate the mean of a numeric column; other parameters as in `proportion`.

        Parameters
        ----------
        estimator : {"homophily_graph"}, optional
            In a survey of `Survey.rds` at one site: participants weigh by the share of the category that their number is in,
            and by their degree within it (Fellows 2019).
        cuts : list of float, optional
            Where categories begin, in order, for that estimator: ``cuts=[25, 40]`` makes under 25, 25 to under 40, and 40 or more.

        See Also
        --------
        Survey.quantile, Survey.median, Survey.total

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.Survey({"age": [30, 41, 52, 63]}).mean("age").point
        46.5
        """
        if (estimator is None) != (cuts is None):
            raise InputError(
                "estimator='homophily_graph' and cuts= go together: recruitment is followed between categories of the number."
            )
        if estimator is None:
            return self._ask("mean", (column,), by, where, executor)
        return self._follow(ByRecruitment(estimator, column, cuts=cuts), by, where, executor)

    def total(
        self,
        column: str,
        *,
        by: str | Sequence[str] | None = None,
        where: object = None,
        executor: Executor | None = None,
    ) -> Estimate:
        """Estimate the total of a numeric column in the sample; parameters as in `proportion`.

        Without sampling weights this is a total of those interviewed and not of a population, and
        its label says so. With weights it is the estimated total of the population.

        See Also
        --------
        Survey.count : people instead of a column's sum.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.Survey({"visits": [3, 0, 1]}).total("visits")
        sample total of visits: 4.0 (95% interval -7.4 to 15.4)
        """
        return self._ask("total", (column,), by, where, executor)

    def ratio(
        self,
        numerator: str,
        denominator: str,
        *,
        by: str | Sequence[str] | None = None,
        where: object = None,
        executor: Executor | None = None,
    ) -> Estimate:
        """Estimate the ratio of two columns' totals; other parameters as in `proportion`.

        Participants with either answer missing are left out of both totals.

        See Also
        --------
        Survey.proportion, Survey.mean

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.Survey({"fixes": [3, 0, 6], "days": [3, 3, 3]}).ratio("fixes", "days").point
        1.0
        """
        return self._ask("ratio", (numerator, denominator), by, where, executor)

    def count(
        self,
        column: str | None = None,
        *,
        by: str | Sequence[str] | None = None,
        where: object = None,
        executor: Executor | None = None,
    ) -> Estimate:
        """Count participants in the sample, in all or in each category of a column.

        Strata have fixed sizes, so a count by stratum does not vary. Other parameters as in
        `proportion`.

        See Also
        --------
        Survey.total, Survey.proportion

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.Survey({"sex": ["m", "f", "m"]}).count("sex").point.to_dict()
        {'m': 2.0, 'f': 1.0}
        """
        return self._ask("count", () if column is None else (column,), by, where, executor)

    def quantile(
        self,
        column: str,
        q: float,
        *,
        by: str | Sequence[str] | None = None,
        where: object = None,
        rule: Rule = "midpoint",
        executor: Executor | None = None,
    ) -> Estimate:
        """Estimate a quantile of a numeric column; other parameters as in `proportion`.

        Parameters
        ----------
        column : str
            A numeric column.
        q : float
            The share below, between 0 and 1.
        by, where, executor : optional
            As in `proportion`.
        rule : {"midpoint", "lower"}
            What to take when exactly the share q lies at or below a value: the middle to the next
            value ("school" in R's survey; type 2 of Hyndman and Fan 1996, American Statistician
            50:361-365) or that value ("math"; type 1).

        See Also
        --------
        Survey.median, Survey.mean

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.Survey({"age": [30, 41, 52, 63]}).quantile("age", 0.25).point
        35.5
        """
        if not 0 <= real(q) <= 1:
            raise InputError(f"q={in_words(q)} must be a share between 0 and 1.")
        if rule not in ("midpoint", "lower"):
            raise InputError(f"rule={rule!r} must be 'midpoint' or 'lower'.")
        return self._ask("quantile", (column,), by, where, executor, probability=float(q), rule=rule)

    def median(
        self,
        column: str,
        *,
        by: str | Sequence[str] | None = None,
        where: object = None,
        executor: Executor | None = None,
    ) -> Estimate:
        """Estimate the median of a numeric column; parameters as in `proportion`.

        See Also
        --------
        Survey.quantile

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.Survey({"age": [30, 41, 52, 63]}).median("age").point
        46.5
        """
        return self.quantile(column, 0.5, by=by, where=where, executor=executor)

    def standardize(
        self, by: str | Sequence[str], population: Mapping[Any, float] | pd.Series[Any]
    ) -> standardized.Standardized:
        """Ask as if every group had the same ages (or whatever `by` holds): direct standardisation.

        Parameters
        ----------
        by : str or list of str
            Columns whose make-up is standardised, such as age groups; or age groups and sex.
        population : mapping or Series
            People (or shares) of the standard population in each category; tuples of categories for several columns.

        Returns
        -------
        Standardized
            With `proportion` and `mean`, by any groups, whose estimates are joint with all others of the survey.

        Raises
        ------
        InputError
            A standard that names no number for a category, or nobody.

        See Also
        --------
        Survey.poststratify : weights that agree with known totals.

        Notes
        -----
        The mean over the standard of what the categories of a group answer; estimates and variances are those of R's
        `svystandardize`, which poststratifies every group. The standard is taken as known.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"city": ["a", "a", "a", "b", "b", "b"], "age": ["young", "young", "old"] * 2, "x": [1, 0, 1, 0, 0, 1]}
        >>> standard = hp.Survey(table).standardize(by="age", population={"young": 300, "old": 100})
        >>> standard
        standardised by age: young 75%, old 25%
        >>> standard.proportion("x").point
        0.4375
        """
        return standardized.of(self, by, population, self._labels())
