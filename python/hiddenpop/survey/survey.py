"""Idea 1: a survey is answers plus the way people were sampled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..answers.function import replicated
from ..answers.question import Kind, Question
from ..answers.statistic import ask
from ..draws import settings
from ..errors import InputError
from ..estimate.estimate import Estimate
from ..expression import evaluate
from ..ground import checks
from ..ground.columns import Floats
from ..ground.signatures import checked
from ..sample.design import Description, Design, names
from ..sample.fieldwork import Fieldwork, check_only_design
from ..sample.groups import where_of
from ..sample.labels import Labels
from ..sample.record import Record
from ..sample.sample import Indicator, Sample
from ..sample.sampling import Redraws
from ..sample.strata import Lonely
from . import agency_replicates, extract, peers, venues, worst_case
from .questions import Questions
from .weighting import Weighted
from .worst_case import WorstCase

if TYPE_CHECKING:
    from concurrent.futures import Executor


@checked
class Survey(peers.ByPeers, Questions, Weighted):
    """A sample of people, their answers and how they were found.

    A survey is a value: nothing changes it. Every statistic that it answers is an `Estimate` whose
    replicate *i* is the same redrawn sample, so estimates from one survey are jointly distributed.

    Parameters
    ----------
    table : DataFrame
        One row a participant (pandas, polars, pyarrow, anything that speaks the interchange or
        Arrow protocols, or a mapping of columns), or one row a kind of participant with `counts`.
    design : Design, optional
        How people were sampled, where the keywords below have no word for it; it stands in for them. `docs/architecture.md`
        says what a design must state.
    strata : str or list of str, optional
        Columns of quotas or groups that were sampled separately. Each is redrawn with its own size.
    clusters : str or list of str, optional
        Column of the clusters that were sampled first (primary sampling units: cities, sites, ...). Those of later
        stages may follow; without `fpc` only the first counts for the variance, as in R's survey.
    weights : str, optional
        Column of sampling weights: how many people of the population a participant stands for. Rows of weight zero
        stay units of the design, but count in no n, design effect or degree of freedom.
    fpc : str or list of str, optional
        Column with the number of clusters (or participants, without clusters) in the population of each stratum, or the
        fraction sampled: the finite population correction. Further columns are those of later stages: how many units
        the cluster of the stage before has; a stage without one counts as drawn with replacement. Without `weights`
        people weigh sizes over sample.
    counts : str, optional
        Column of frequencies: how many participants each row stands for. Never sampling weights.
    lonely : {"error", "participants", "certainty", "adjust", "average"}
        What to do about strata with a single cluster: refuse; or the cluster was taken for certain and is a stratum of
        its own, of the next stage's clusters or people (as are clusters of strata that `fpc` says were taken whole); or
        nothing there was left to chance. The last two, as R's `survey.lonely.psu`, give it a variance: the square
        about the mean of all clusters, or what the others add on average. No redraw does that, so such a survey
        has linearised variances and t intervals, but no draws.
    nest : bool
        Whether strata number their clusters anew, so that equal numbers in two strata are two clusters.
    redraws : {"resample", "bayesian"}
        Whether replicates redraw participants or clusters, or spread the weight of all at random (Bayesian bootstrap).
    replicates : int, optional
        How often the sample is redrawn (default: `hp.settings`, 10,000 at first).
    seed : int, optional
        Seed of the redraws (default: `hp.settings`, 0 at first): the same data give the same digits.
    name : str, optional
        A name that sets this survey apart from others with equal tables.
    replicate_weights : list of str, optional
        Columns of replicate weights that came with the data and measure its variance. They need `weights` and
        `method`, and stand in for strata, clusters and fpc. They are no draws: intervals are t intervals.
    method : {"BRR", "Fay", "JK1", "JK2", "JKn", "SDR", "bootstrap", "other"}, optional
        How replicate weights were made. SDR is successive differences, as in the American Community Survey.
    combined_weights : bool
        Whether the replicate weights hold the sampling weights, or are to be multiplied by them.
    scale, rscales : float, list of float, optional
        What the sum of squares, and each square, is multiplied by. With R replicates scale is 1/R for BRR,
        1/(R (1 - rho)^2) for Fay, (R - 1)/R for JK1, 1 for JK2 and JKn, 4/R for SDR, 1/(R - 1) for
        bootstrap; rscales are 1, but must be given for JKn and other. As in R's `svrepdesign`.
    rho : float, optional
        How far Fay's method shrank the weights, in 0 to 1.
    centre : {"estimate", "mean"}
        What replicates are compared with: the estimate (`mse=TRUE` in R), or their mean.
    df : int, optional
        Degrees of freedom; by default the rank of the replicate weights less one.
    id : str, optional
        Column that tells every participant apart. Two rows of one person are refused, and combining this survey with another
        that has some of its people (under whatever name their ids go there) warns. Ids are no answers and are not kept.
    labels : mapping of column to label, optional
        What tables, figures, reports and sentences call columns: ``{"treat": "In treatment"}``; and their levels, which are
        renamed: ``{"sex": {"m": "men", "f": "women"}}``; or both: ``{"sex": ("Sex", {"m": "men"})}``. By default the labels of the
        SPSS or Stata file. Columns are asked about by their names all the same.

    Raises
    ------
    InputError
        Empty table, duplicate or missing columns, counts that are no whole numbers, missing strata, a stratum with a
        single participant, a population all of which was taken, impossible settings.

    See Also
    --------
    Survey.rds, Survey.venue_day, Survey.from_parquet : surveys of other kinds.
    Imputed : several imputations of a table.
    multiplier : a size from a share.
    describe, compare, regress : tables and models.

    Notes
    -----
    Without weights, clusters and fpc a replicate draws, within each stratum, as many participants as
    there were, with replacement (Efron 1979, Annals of Statistics 7:1-26). The variance of a
    redrawn mean is therefore (n_h - 1)/n_h times the unbiased one. With any of them it draws
    n_h - 1 of the n_h clusters of a stratum and rescales the weights (Rao and Wu 1988, JASA
    83:231-241), and the variance is the unbiased one. `print(survey.design)` says what is redrawn.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> table = {"group": ["opioids", "opioids", "crack only", "crack only"],
    ...          "in_treatment": [1, 0, 1, 0], "count": [240, 153, 39, 88]}
    >>> survey = hp.Survey(table, counts="count", strata="group")
    >>> survey.proportion("in_treatment", by="group").point.round(3)
    group
    opioids       0.611
    crack only    0.307
    Name: proportion of in_treatment, dtype: float64
    """

    def __init__(
        self,
        table: object,
        *,
        design: Design | None = None,
        strata: str | Sequence[str] | None = None,
        clusters: str | Sequence[str] | None = None,
        weights: str | None = None,
        fpc: str | Sequence[str] | None = None,
        counts: str | None = None,
        lonely: Lonely = "error",
        nest: bool = False,
        redraws: Redraws = "resample",
        replicates: int | None = None,
        seed: int | None = None,
        name: str | None = None,
        replicate_weights: Sequence[str] | pd.Index[Any] | None = None,
        method: str | None = None,
        combined_weights: bool = True,
        scale: float | None = None,
        rscales: float | Sequence[float] | None = None,
        rho: float | None = None,
        centre: str = "estimate",
        df: int | None = None,
        id: str | None = None,
        labels: Labels | None = None,
    ) -> None:
        declared = agency_replicates.Declared(
            replicate_weights, method, combined_weights, scale, rscales, rho, centre, df
        )
        used = {"strata": strata, "clusters": clusters, "fpc": fpc, "counts": counts}
        if design is not None:
            check_only_design(
                {**used, "lonely": lonely, "nest": nest, "redraws": redraws, "weights": weights, **declared.stray}
            )
        declared.check_alone(others={**used, "replicates": replicates, "seed": seed}, weights=weights)
        defaults = settings.defaults()
        replicates = settings.check_replicates(defaults.replicates if replicates is None else replicates)
        seed = settings.check_seed(defaults.seed if seed is None else seed)
        if design is None:
            fieldwork = Fieldwork(
                names(strata), names(clusters), weights, names(fpc), counts, lonely=lonely, nest=nest, redraws=redraws
            )
            design = agency_replicates.AgencyReplicates(weights, declared) if declared.given else fieldwork
        #: Who was asked, what they said and how they were found: what the package's questions read.
        self.sample = Sample.read(table, design, replicates=replicates, seed=seed, name=name, id=id, labels=labels)

    @classmethod
    def from_parquet(
        cls,
        source: str | PathLike[str] | None = None,
        *,
        query: str | None = None,
        columns: Sequence[str] | None = None,
        strata: str | Sequence[str] | None = None,
        replicates: int | None = None,
        seed: int | None = None,
        name: str | None = None,
    ) -> Survey:
        """Make a survey from an extract that need not fit into memory.

        DuckDB counts identical rows; only their kinds are kept, and redrawn as counts. Fifty million rows take some megabytes.

        Parameters
        ----------
        source, query : path or query
            A Parquet file, a pattern of several (``"extract/*.parquet"``), or a query in DuckDB's SQL. What is there as a file
            is a file, else what begins with SELECT, WITH or FROM a query, as `query` is whatever is there.
        columns : list of str, optional
            Columns to keep; all by default. Fewer columns make fewer kinds.
        strata, replicates, seed, name : optional
            As for `Survey`.

        Raises
        ------
        InputError
            The source can't be read, or has more than a million different rows.

        See Also
        --------
        read_csv, read_sav, read_dta

        Examples
        --------
        >>> import hiddenpop as hp
        >>> query = "SELECT i % 2 AS region, i % 3 = 0 AS treated FROM range(600_000) AS rows(i)"
        >>> hp.Survey.from_parquet(query, strata="region").design.kinds
        4
        """
        table, counts = extract.kinds(source, columns, query)
        return cls(table, strata=strata, counts=counts, replicates=replicates, seed=seed, name=name)

    @classmethod
    def venue_day(
        cls,
        table: object,
        *,
        venue: str,
        day: str,
        attendance: str | None = None,
        counts: str | None = None,
        enrolled: str | None = None,
        strata: str | Sequence[str] | None = None,
        events: str | None = None,
        **options: Any,
    ) -> Survey:
        """Make a survey of people met at venues on sampled days (time-location sampling).

        Who goes out often is met often. A participant's weight is the number of people present for each
        enrolled one, divided by how often the participant attends; venue-days are the clusters.

        Parameters
        ----------
        table : DataFrame
            One row a participant.
        venue, day : str
            Columns that say where and when somebody was met; together they make a venue-day.
        attendance : str, optional
            Column with how often the participant attends any venue of the frame, in the same period for
            all (visits a month, days a week); above zero. Without it everyone is taken to attend alike, and
            a warning says what that does.
        counts, enrolled : str, optional
            Columns with how many people were counted at the venue-day and how many of them enrolled.
            Without `counts` everyone present is taken to be enrolled; without `enrolled` those in the table.
        strata : str or list of str, optional
            Columns by which venue-days were sampled separately.
        events : str, optional
            Column with the number of venue-days in the sampling frame (of the stratum). With it, and
            attendance in visits to the frame's venue-days, totals are numbers of people who attend.
        **options
            Other arguments of `Survey`.

        Returns
        -------
        Survey

        Raises
        ------
        InputError
            Attendance missing or zero, counts that differ within a venue-day, fewer counted than enrolled.

        See Also
        --------
        Survey.rds : people who recruited one another.

        Notes
        -----
        Generalised weight share: Leon, Jauffret-Roustide and Le Strat (2015, Biostatistics 16:565-579);
        Karon and Wejnert (2012, Journal of Urban Health 89:565-586). People who never attend have no
        chance to be met, and no weight makes up for them.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"bar": ["a", "a", "a", "b", "b", "c"], "night": [1, 1, 2, 1, 1, 2],
        ...          "nights_a_month": [20, 2, 10, 10, 2, 4], "tested": [1, 0, 1, 1, 0, 1]}
        >>> survey = hp.Survey.venue_day(table, venue="bar", day="night", attendance="nights_a_month")
        >>> round(survey.proportion("tested").point, 2)
        0.33
        """
        frame, keywords = venues.read(
            table,
            venue=venue,
            day=day,
            attendance=attendance,
            counts=counts,
            enrolled=enrolled,
            strata=strata,
            events=events,
        )
        return cls(frame, **keywords, **options)

    # What it is

    @property
    def n(self) -> int:
        """Number of participants."""
        return self.record.participants

    @property
    def record(self) -> Record:
        """What an estimate keeps of the survey."""
        return self.sample.record

    @property
    def design(self) -> Description:
        """The design in words: `print(survey.design)` says what a replicate does."""
        return self.sample.description

    @property
    def replicates(self) -> int:
        """Number of replicates of its estimates: redraws, or variance replicates where those measure it."""
        return self.record.replicates

    @property
    def seed(self) -> int:
        """Seed of its redraws."""
        return self.record.seed

    @property
    def name(self) -> str | None:
        """The name that sets it apart."""
        return self.record.name

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return [str(name) for name in self.sample.units.columns]

    def __len__(self) -> int:
        return self.n

    def __repr__(self) -> str:
        name = f" '{self.name}'" if self.name else ""
        note = f"\nNote: {self.record.note}" if self.record.note else ""
        measure = self.design.variance or f"{self.replicates:,} replicates, seed {self.seed}"
        return f"Survey{name}: {self.record.design}; {len(self.columns)} columns; {measure}{note}"

    def assign(self, /, **new: object) -> Survey:
        """Return the survey with columns added or replaced: same people, same redraws.

        Parameters
        ----------
        **new : array-like, scalar or callable
            Values for each row of the table (or one for all), or a function of the table (pandas, with the index it came
            with) that returns them. A Series is matched by its index, as pandas does; other values stand in the
            table's order.

        Raises
        ------
        InputError
            Wrong length, a Series with another index than the table's, or, where identical rows are redrawn together,
            values that differ within identical rows.

        See Also
        --------
        recode : before the survey is made.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> survey = hp.Survey({"age": [30, 41, 52, 63]})
        >>> older = survey.assign(over_50=lambda table: table["age"] > 50)
        >>> older.proportion("over_50").point
        0.5
        """
        units = self.sample.units.copy()
        for name, given in new.items():
            if name in self.sample.design.fixed:
                raise InputError(
                    f"Column {name!r} says how people were sampled (strata, sites, what recruitment goes by) and can't be replaced; "
                    "make a new survey."
                )
            values = checks.called(given, self.sample.table(units), what=name) if callable(given) else given
            units[name] = self.sample.by_unit(name, values)
        return Survey.of(self.sample.with_units(units, new))

    # What it answers

    def worst_case(
        self,
        column: str,
        *,
        limits: tuple[float, float] | None = None,
        by: str | Sequence[str] | None = None,
        where: object = None,
    ) -> WorstCase:
        """Estimate a share (or mean) twice: with all missing answers as low, and as high, as can be.

        Between the two lies what the sample says without any assumption about who did not answer
        (Manski 1990, American Economic Review 80(2):319-323).

        Parameters
        ----------
        column : str
            A column of yes and no, or of numbers with `limits`.
        limits : (float, float), optional
            The lowest and highest possible number.
        by, where : optional
            As in `proportion`.

        Returns
        -------
        WorstCase
            A pair `lowest`, `highest` of estimates with an `interval` that holds for both.

        See Also
        --------
        Imputed : a model of the missing answers.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> survey = hp.Survey({"treated": [1, 0, None], "count": [60, 30, 10]}, counts="count")
        >>> low, high = survey.worst_case("treated")
        >>> low.point, high.point
        (0.6, 0.7)
        """
        yes_no, ends = worst_case.filled(self.sample, column, limits)
        kind: Kind = "proportion" if yes_no else "mean"
        return WorstCase(*(self._ask(kind, (end,), by, where, None) for end in ends))

    def replicate(
        self,
        function: Callable[[Floats], Any],
        *,
        labels: Sequence[Any] | None = None,
        name: str | None = None,
        executor: Executor | None = None,
    ) -> Estimate:
        """Estimate any function of weights, as `withReplicates` in R's survey.

        Parameters
        ----------
        function : callable
            Takes an array with a weight for each row of the table and returns a number, a list or
            a Series. It is called once for every replicate.
        labels : sequence, optional
            Labels of the values; a Series brings its own.
        name : str, optional
            What to call the estimate.
        executor : concurrent.futures.Executor, optional
            As in `proportion`. To reach another process the function must be defined in a module, or
            cloudpickle be installed (dask brings it).

        Returns
        -------
        Estimate
            Joint with all other estimates of this survey.

        Raises
        ------
        EstimationError
            The function raises in some replicate (which one is said).
        InputError
            It returns something else than numbers, or another number of them, or can't be sent to the
            executor.

        See Also
        --------
        Survey.ratio, Survey.quantile, apply

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import numpy as np
        >>> survey = hp.Survey({"age": [30, 41, 52, 63]}, replicates=1_000)
        >>> ages = np.array([30, 41, 52, 63])
        >>> survey.replicate(lambda w: np.average(ages, weights=w), name="mean age").point
        46.5
        """
        made = replicated(self.sample, function, labels, name)
        evaluate.draw_with(made.node, executor)
        return Estimate.wrap(made)

    # How it works
    def _labels(self) -> Mapping[str, str]:
        return self.sample.labels

    def _ask(
        self,
        kind: Kind,
        asked: tuple[str | Indicator, ...],
        by: object,
        where: object,
        executor: Executor | None,
        **more: Any,
    ) -> Estimate:
        for name in asked:
            if isinstance(name, Indicator):
                continue
            if not isinstance(name, str):
                raise InputError(f"A question is about a column, given by its name, not by {type(name).__name__}.")
            if name in self.sample.no_answers:
                held = self.sample.no_answers[name]
                raise InputError(f"Column {name!r} holds {held}, so it is no answer of participants.")
        question = Question(kind, asked, names(by), where_of(self.sample, where), weighted=self.record.weighted, **more)
        statistic = ask(self.sample, question)
        evaluate.draw_with(statistic, executor)
        return Estimate.of(statistic)
