"""Surveys of people who recruited one another: respondent-driven sampling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pandas as pd

from ..answers.by_recruitment import ByRecruitment
from ..answers.homophily_graph import ByHomophilyGraph, by_homophily_graph
from ..answers.transitions import ByTransitions, by_transitions
from ..estimate.estimate import Estimate
from ..expression import evaluate
from ..expression.labelled import Labelled
from ..ground.signatures import checked
from ..sample.degrees import Impute
from ..sample.design import names
from ..sample.forest import Orphans, Recruitment, Repeats
from ..sample.recruited import Recruited, Seeds
from ..sample.recruited_again import recruits_of
from ..sample.recruits import Scheme, Weighing
from ..sample.sample import Sample
from . import network_files
from .diagnosed import Diagnosed

if TYPE_CHECKING:
    from concurrent.futures import Executor

Itself = TypeVar("Itself", bound="ByPeers")


@checked
class ByPeers(Diagnosed):
    """What makes surveys of people recruited by people, and what they alone answer."""

    sample: Sample

    @classmethod
    def rds(
        cls: type[Itself],
        table: object,
        *,
        id: str,
        recruiter: str | None = None,
        coupons: str | Sequence[str] | None = None,
        own_coupon: str | None = None,
        degree: str,
        population: float | Labelled | Mapping[Any, Any] | pd.Series[Any] | None = None,
        homophily_on: str | Sequence[str] | None = None,
        site: str | None = None,
        time: str | None = None,
        weights: Weighing | None = None,
        redraws: Scheme | None = None,
        seeds: Seeds = "in",
        impute_degree: Impute | float | None = None,
        degree_floor: bool = False,
        orphans: Orphans = "error",
        repeats: Repeats = "error",
        centre: bool = True,
        reweigh: bool = False,
        replicates: int | None = None,
        seed: int | None = None,
        name: str | None = None,
    ) -> Itself:
        """Make a survey of people who recruited one another (respondent-driven sampling).

        Seeds hand out coupons, and those who bring one are interviewed and hand out others. Who knows many people is recruited
        often, so participants weigh less the more people they know. Recruiters, coupons and degrees are no answers: the survey
        does not keep their columns.

        Parameters
        ----------
        table : DataFrame
            One row a participant.
        id : str
            Column that names each participant.
        recruiter : str, optional
            Column with the id of who recruited each participant; missing for seeds, or one mark that is nobody's id (0, "seed").
        coupons, own_coupon : list of str, str, optional
            In place of `recruiter`: columns with the coupons that a participant was given, and the one that was redeemed,
            missing for seeds.
        degree : str
            Column with how many people of the population a participant knows (personal network size).
        population : float, Estimate or mapping, optional
            How many people the population has; by site where there are several. Every replicate takes a draw of an estimate.
        homophily_on : str or list of str, optional
            Columns that recruitment goes by, 12 cells at most: redraws "successive", "salganik" and "homophily_graph" follow who
            recruits whom by them, and ignore how far recruitment goes by anything else.
        site : str, optional
            Column of sites that were surveyed apart. They are added by their populations.
        time : str, optional
            Column that says when participants came: dates or numbers.
        weights : {"gile", "volz_heckathorn"}, optional
            Successive sampling, which takes people without replacement from `population` (the default where that is given), or
            the inverse of degrees (RDS-II), as if the population had no end.
        redraws : {"successive", "salganik", "homophily_graph", "tree", "seeds", "neighbourhood"}, optional
            How replicates come about. By default "successive" with `homophily_on` and a population, "salganik" with
            `homophily_on` alone, else "tree", whose intervals are wide.
        seeds : {"in", "out"}
            Whether seeds count in estimates.
        impute_degree : {"median", "mean", "leave_out"} or float, optional
            What to put where a degree is missing or not above zero, or to leave these participants out.
        degree_floor : bool
            Whether to raise degrees to the number of people recruited, and the recruiter.
        orphans : {"error", "seeds"}
            Whether people whose recruiter is no participant, or whose coupon was given to nobody, are seeds.
        repeats : {"error", "last"}
            Whether a coupon that was given more than once is that of the last one in the table, and one that was redeemed more
            than once brings several recruits.
        centre : bool
            Whether participants' factors are divided by what is expected, so that draws lie around the estimate. Without it
            redraws are as published.
        reweigh : bool
            Whether weights are found anew from the degrees that a replicate has. By default they are those of the sample, which
            costs less and moves standard errors little.
        replicates, seed, name : optional
            As for `Survey`.

        Returns
        -------
        Survey

        Raises
        ------
        InputError
            Ids that are missing or stand twice, people who recruited themselves or one another in a circle, recruiters who are
            no participants, coupons given or redeemed twice, recruits who came before their recruiters, chains across sites,
            degrees that are missing or zero, a population smaller than the sample, a choice that needs another argument.

        Notes
        -----
        Volz and Heckathorn (2008, Journal of Official Statistics 24:79-97); Gile (2011, JASA 106:135-146): with a
        population of N the weights 1 / (1 - exp(-d t)) add up to N. Linearised variances take the correlation along the trees
        (Rohe 2019, Annals of Statistics 47:556-582). docs/rds.md says what must hold, and where numbers differ from R's.

        See Also
        --------
        read_rdsat, read_rdsobj : tables for it
        Survey.check, Survey.recruitment : how recruitment went

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6],
        ...          "knows": [4, 2, 6, 3, 8, 4, 4, 2], "hiv": [1, 0, 0, 1, 1, 0, 0, 0]}
        >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=200)
        >>> round(survey.proportion("hiv").point, 3), round(survey.count().point)
        (0.3, 200)
        """
        design = Recruited(
            Recruitment(id, recruiter, names(coupons), own_coupon, time, orphans, repeats),
            degree,
            population,
            site,
            names(homophily_on),
            weights,
            redraws,
            seeds,
            impute_degree,
            degree_floor,
            centre,
            reweigh,
        )
        made: Any = cls
        return cast("Itself", made(table, design=design, replicates=replicates, seed=seed, name=name))

    def _by_recruitment(self, asked: ByRecruitment, executor: Executor | None) -> Estimate:
        """Answer from who recruited whom."""
        answer: ByTransitions | ByHomophilyGraph
        if asked.estimator == "salganik_heckathorn":
            answer = by_transitions(self.sample, asked.column, asked.smoothing)
        else:
            answer = by_homophily_graph(self.sample, asked.column, asked.cuts)
        evaluate.draw_with(answer, executor)
        return Estimate(answer, answer.labels, answer.scalar, answer.title)

    @property
    def chains(self) -> pd.Series[Any]:
        """The number of each participant's chain of recruitment, 1, 2, ... as their seeds came.

        Rows have the table's index: `table.assign(chain=survey.chains)` makes it a column for models that take chains for clusters.

        Raises
        ------
        InputError
            No survey of `Survey.rds`, or calibrated weights.

        See Also
        --------
        Survey.bottleneck : estimates in each chain, by the same numbers

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"id": [1, 2, 3, 4, 5, 6], "by": [None, None, None, 1, 2, 4], "knows": [4, 2, 6, 3, 8, 4]}
        >>> hp.Survey.rds(table, id="id", recruiter="by", degree="knows").chains.tolist()
        [1, 2, 3, 1, 2, 1]
        """
        forest = recruits_of(self.sample, "chains").forest
        return pd.Series(forest.chain, self.sample.index, name="chain")

    def to_netdraw(
        self, path: str | PathLike[str], columns: str | Sequence[str] | None = None, *, confidential: bool = False
    ) -> None:
        """Write who recruited whom for NetDraw (.vna).

        Participants are numbered as the rows of the table (1 is the first): no ids and no coupons are in the file. With seeds, waves
        and chains.

        Parameters
        ----------
        path : path
            The file.
        columns : str or list of str, optional
            Answers to write beside them; by default none.
        confidential : bool
            Has to be True: the file tells, person by person, who recruited whom.

        Raises
        ------
        InputError
            Without `confidential=True`; no survey of `Survey.rds`, calibrated weights; a column of ids, recruiters, coupons or
            degrees; another ending; answers that differ and would read alike (quotation marks become apostrophes).

        See Also
        --------
        Survey.to_graphviz, Survey.to_rdsat, Survey.plot_tree

        Examples
        --------
        >>> import hiddenpop as hp, pathlib
        >>> table = {"id": [7, 8, 9, 5], "by": [None, None, None, 7], "knows": [4, 2, 3, 6],
        ...          "city": ["Ede", "The Hague", "Ede", "Ede"]}
        >>> hp.Survey.rds(table, id="id", recruiter="by", degree="knows").to_netdraw("net.vna", "city", confidential=True)
        >>> print(pathlib.Path("net.vna").read_text(encoding="utf-8"))
        *Node data
        ID seed wave chain city
        1 1 0 1 Ede
        2 1 0 2 "The Hague"
        3 1 0 3 Ede
        4 0 1 1 Ede
        *Tie data
        from to recruited
        1 4 1
        <BLANKLINE>
        >>> pathlib.Path("net.vna").unlink()
        """
        network_files.netdraw(self.sample, path, self._answers(columns), confidential=confidential)

    def to_graphviz(self, path: str | PathLike[str], colour: str | None = None, *, confidential: bool = False) -> None:
        """Write who recruited whom for GraphViz (.dot, .gv): ``dot -Tsvg net.dot -o net.svg``.

        Participants are numbered as the rows of the table, and named by nothing else. Seeds are large.

        Parameters
        ----------
        path : path
            The file.
        colour : str, optional
            A column of 2 to 10 categories, which colours and shapes tell apart.
        confidential : bool
            Has to be True, as for `to_netdraw`.

        Raises
        ------
        InputError
            As `to_netdraw`; a column that holds no categories.

        See Also
        --------
        Survey.plot_tree, Survey.to_netdraw, Survey.to_rdsat

        Examples
        --------
        >>> import hiddenpop as hp, pathlib
        >>> table = {"id": [7, 8, 9, 5], "by": [None, None, None, 7], "knows": [4, 2, 3, 6]}
        >>> hp.Survey.rds(table, id="id", recruiter="by", degree="knows").to_graphviz("net.dot", confidential=True)
        >>> pathlib.Path("net.dot").read_text(encoding="utf-8").splitlines()[-2]
        '  1 -> 4;'
        >>> pathlib.Path("net.dot").unlink()
        """
        network_files.graphviz(self.sample, path, self._asked(colour), confidential=confidential)

    def to_rdsat(
        self, path: str | PathLike[str], columns: str | Sequence[str] | None = None, *, confidential: bool = False
    ) -> None:
        """Write the survey for RDSAT (.rdsat, .txt), and for `hp.read_rdsat`.

        Participants are numbered as the rows of the table, and coupons are new numbers, of those that came back alone: the file has
        neither ids nor coupons of the study. Degrees are those that weights rest on, imputed ones too; who doesn't count has none.

        Parameters
        ----------
        path : path
            The file.
        columns : str or list of str, optional
            Answers to write; by default none. True and False are 1 and 0.
        confidential : bool
            Has to be True, as for `to_netdraw`.

        Raises
        ------
        InputError
            As `to_netdraw`; texts with tabs, line breaks, or spaces or quotation marks at the ends, which the format can't hold.

        See Also
        --------
        read_rdsat, Survey.to_netdraw

        Examples
        --------
        >>> import hiddenpop as hp, pathlib
        >>> table = {"id": [7, 8, 9, 5], "by": [None, None, None, 7], "knows": [4, 2, 3, 6], "hiv": [1, 0, 0, 1]}
        >>> hp.Survey.rds(table, id="id", recruiter="by", degree="knows").to_rdsat("net.rdsat", "hiv", confidential=True)
        >>> again = hp.read_rdsat("net.rdsat")
        >>> again["hiv"].tolist(), again.attrs["rds"]["own_coupon"]
        ([1, 0, 0, 1], 'own_coupon')
        >>> pathlib.Path("net.rdsat").unlink()
        """
        network_files.rdsat(self.sample, path, self._answers(columns), confidential=confidential)
