"""What surveys of people who recruited one another say of their recruitment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..ground.signatures import checked
from ..sample.design import names
from ..sample.sample import Sample
from . import checkup, in_order, populations, trees, whom
from .checkup import Checkup
from .in_order import Bottleneck, Convergence
from .populations import ByPopulation
from .whom import WhoRecruits

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@checked
class Diagnosed:
    """Looks at who recruited whom; on a survey made otherwise all of it refuses."""

    sample: Sample

    def recruitment(
        self, column: str, *, contacts: Mapping[Any, str] | None = None, reciprocity: str | None = None
    ) -> WhoRecruits:
        """Say who recruits whom, and what that means for estimates.

        Parameters
        ----------
        column : str
            A column of 2 to 10 categories.
        contacts : mapping of category to column, optional
            Columns with how many contacts of each category participants reported: {True: "knows_with", False: "knows_without"}.
        reciprocity : str, optional
            A column of yes and no: whether a recruit knows the recruiter (what seeds say doesn't count).

        Returns
        -------
        WhoRecruits
            `transitions` and their `shares`; `summary()` with a row for each category; `waves`; and `numbers`, of which

            * recruitment homophily: recruits of their recruiter's category, in those expected if recruiters did not matter;
            * population homophily: ties to other categories expected if ties did not matter, in those estimated from recruits and
              from contacts (1: people know others as if by chance; above: their like);
            * second eigenvalue l of the shares of transitions, and m l^2 with m recruits a participant: above 1 more interviews
              barely help;
            * waves to equilibrium: how many bring recruits within 2 points of where recruitment settles, whoever the seeds were;
            * effective chains: how many of one length make up the sample as these do, 1 / sum of squared shares;
            * coupons given and unreturned, where the table has coupons;
            * reciprocity: the share of recruits who say that they know their recruiter, where they were asked.

        Raises
        ------
        InputError
            No survey of `Survey.rds`, calibrated weights, a column without categories or with too many.

        See Also
        --------
        Survey.check

        Notes
        -----
        All transitions with both answers known count. Recruits a participant are those of the first half of
        participants, in the order in which they came: those of the others may not have come yet.
        The threshold is of Rohe (2019, Annals of Statistics 47:556-582); equilibrium and homophily are of Heckathorn (1997, Social
        Problems 44:174-199).

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6],
        ...          "knows": [4, 2, 6, 3, 8, 4, 4, 2], "sex": ["f", "m", "m", "f", "m", "m", "f", "m"]}
        >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=200)
        >>> survey.recruitment("sex").shares
        recruit           f         m
        recruiter
        f          0.500000  0.500000
        m          0.333333  0.666667
        """
        return whom.whom(self.sample, self._answer(column), contacts, self._asked(reciprocity))

    def convergence(self, column: str) -> Convergence:
        """Estimate after each participant, in the order in which they came: by time, then wave, then row.

        An estimate that still moves at the end has not forgotten the seeds, or the sample is too small (Gile, Johnston and
        Salganik 2015, JRSS A 178:241-269). Weights are those that the participants so far would have.

        Parameters
        ----------
        column : str
            A column of 2 to 10 categories, or of numbers.

        Returns
        -------
        Convergence
            `table`, `summary()` and `plot()`. It goes person by person, and is for those who analyse the survey.

        Raises
        ------
        InputError
            As `recruitment`.

        See Also
        --------
        Survey.bottleneck

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6],
        ...          "knows": [4, 2, 6, 3, 8, 4, 4, 2], "hiv": [1, 0, 0, 1, 1, 0, 0, 0]}
        >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=200)
        >>> survey.convergence("hiv").table["proportion of hiv"].round(2).tolist()[-3:]
        [0.44, 0.38, 0.3]
        """
        return in_order.converging(self.sample, self._answer(column))

    def bottleneck(self, column: str) -> Bottleneck:
        """Estimate in each chain of recruitment, as its participants came.

        Chains that end up at different values recruited within groups that hardly recruit one another (Gile, Johnston and
        Salganik 2015, JRSS A 178:241-269). Weights are the survey's.

        Parameters
        ----------
        column : str
            A column of 2 to 10 categories, or of numbers.

        Returns
        -------
        Bottleneck
            `table`, `summary()` and `plot()`. It goes person by person, and is for those who analyse the survey.

        Raises
        ------
        InputError
            As `recruitment`.

        See Also
        --------
        Survey.convergence

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6],
        ...          "knows": [4, 2, 6, 3, 8, 4, 4, 2], "hiv": [1, 0, 0, 1, 1, 0, 0, 0]}
        >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=200)
        >>> survey.bottleneck("hiv").summary()["participants"].tolist()
        [3, 3, 2]
        """
        return in_order.by_chain(self.sample, self._answer(column))

    def sensitivity(
        self, column: str, *, population: Sequence[float | Mapping[Any, float]], level: float = 0.95
    ) -> ByPopulation:
        """Estimate under several sizes of the population, on which weights of successive sampling rest.

        Parameters
        ----------
        column : str
            A column of categories, or of numbers, whose mean is taken.
        population : list of numbers, or of mappings
            Sizes of the population, none smaller than the sample. Where there are several sites each item has all of them,
            {"A": 900, "B": 2_000}, and they are tried in this order.
        level : float
            Of the intervals.

        Returns
        -------
        ByPopulation
            `summary()` and `plot()`.

        Raises
        ------
        InputError
            As `recruitment`; weights that depend on no population; sizes that are too small, or stand twice; items that lack a site.

        See Also
        --------
        successive_sampling_size : the size itself.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6],
        ...          "knows": [4, 2, 6, 3, 8, 4, 4, 2], "hiv": [1, 0, 0, 1, 1, 0, 0, 0]}
        >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=200)
        >>> survey.sensitivity("hiv", population=[8, 200]).summary()["estimate"].round(3).tolist()
        [0.375, 0.3]
        """
        return populations.by_population(self.sample, self._answer(column), population, level)

    def plot_tree(self, colour: str | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw who recruited whom: seeds on top, recruits below them, nobody by name. Needs matplotlib.

        Parameters
        ----------
        colour : str, optional
            A column of 2 to 10 categories, which colours and marks tell apart.
        ax : Axes, optional
            Where to draw; else a figure as high as the trees need.

        Returns
        -------
        Axes

        Raises
        ------
        InputError
            As `recruitment`.

        See Also
        --------
        Survey.recruitment

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6],
        ...          "knows": [4, 2, 6, 3, 8, 4, 4, 2], "hiv": [1, 0, 0, 1, 1, 0, 0, 0]}
        >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=200)
        >>> hp.plot.describe(survey.plot_tree(colour="hiv"))
        'Trees of recruitment: 8 participants from 3 seeds (large) in 2 waves, by hiv. 0 5; 1 3.'
        """
        return trees.plot(self.sample, self._asked(colour), ax=ax)

    def check(self, columns: str | Sequence[str] | None = None, *, reciprocity: str | None = None) -> Checkup:
        """Say on one page what to worry about.

        Chains, seeds and coupons, what was said when the table was read, the population; and for each column who recruits whom,
        whether seeds are forgotten, whether estimates still move and whether chains agree. A chain lies far off by more than three
        standard errors of as many people drawn at random.

        Parameters
        ----------
        columns : str or list of str, optional
            Columns of 2 to 10 categories; by default those in `homophily_on`, or all.
        reciprocity : str, optional
            A column of yes and no: whether a recruit knows the recruiter. Fewer than 90% are a worry.

        Returns
        -------
        Checkup
            Prints as a page; `worries` are its warnings. In a report it fills items of the checklist STROBE-RDS.

        Raises
        ------
        InputError
            As `recruitment`.

        See Also
        --------
        Survey.recruitment, Survey.convergence, Survey.bottleneck

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6],
        ...          "knows": [4, 2, 6, 3, 8, 4, 4, 2], "hiv": [1, 0, 0, 1, 1, 0, 0, 0]}
        >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=200)
        >>> survey.check("hiv").worries[-1]
        'Shares of hiv still moved by more than 2 points in the last quarter of participants.'
        """
        return checkup.check(self.sample, self._answers(columns), self._asked(reciprocity))

    def _answers(self, columns: str | Sequence[str] | None) -> tuple[str, ...]:
        return tuple(self._answer(name) for name in names(columns))

    def _asked(self, column: str | None) -> str | None:
        return None if column is None else self._answer(column)

    def _answer(self, column: str) -> str:
        """Refuse columns that tell who knows whom."""
        if column in self.sample.no_answers:
            held = self.sample.no_answers[column]
            raise InputError(f"Column {column!r} holds {held}, so it is no answer of participants.")
        return column
