"""Two columns against each other: counts, shares with intervals, and tests of independence made for designs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ..estimate.estimate import Estimate
from ..ground.signatures import checked
from ..ground.stays import Stays
from ..survey.required import completed
from ..words.table import Table
from ..words.tabled import Tabled
from . import crosstab_table
from .cells import Cells, Percent, cells, independence
from .significance import Significance

if TYPE_CHECKING:
    from ..survey.imputed import Imputed
    from ..survey.survey import Survey


@checked
def crosstab(survey: Survey | Imputed, row: str, column: str, *, where: object = None) -> Crosstab:
    """Cross two columns of a survey.

    Parameters
    ----------
    survey : Survey or Imputed
        Whom to count. Imputations are pooled by Rubin's rules.
    row, column : str
        Columns of categories, or of True and False; numbers only where they are few codes.
    where : str or array of bool, optional
        Column (or mask) that says who is in the table: a domain, as in `Survey.proportion`.

    Returns
    -------
    Crosstab
        With `counts()`, `shares("row")`, `test()` and `table()`.

    Raises
    ------
    InputError
        Unknown columns, a column with one level only, or nobody who answered both.

    See Also
    --------
    describe : Table 1.
    plot.stacked : its shares as a figure.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> interviews = hp.datasets.load("synthetic_opaak")["interviews"]
    >>> survey = hp.Survey(interviews, strata="group")
    >>> cross = hp.crosstab(survey, "born", "group")
    >>> cross.test()
    Rao-Scott F test (second order): F = 6.186 on 2 and 1036 df, p = 0.002
    """
    return Crosstab(survey, row, column, cells(completed(survey, "crosstab", where), row, column, where))


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Crosstab(Tabled, Stays):
    """Two columns of a survey against each other.

    See Also
    --------
    crosstab : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> survey = hp.Survey({"sex": ["m", "m", "f", "f"], "treated": [1, 0, 1, 0], "n": [30, 10, 15, 25]}, counts="n")
    >>> cross = hp.crosstab(survey, "sex", "treated")
    >>> cross.counts().point.to_list()
    [10.0, 30.0, 25.0, 15.0]
    >>> cross.shares().point.round(2).to_list()
    [0.29, 0.67, 0.71, 0.33]
    >>> cross.table()
         0 (n = 35)                1 (n = 45)                all (n = 80)
    sex
      m  10 (28.6%; 16.2 to 44.9)  30 (66.7%; 52.2 to 78.7)  40
      f  25 (71.4%; 55.1 to 83.8)  15 (33.3%; 21.3 to 47.8)  40
    Number of participants (share of the column; 95% interval), of 80 who answered both.
    Rao-Scott F test (second order): F = 11.29 on 1 and 79 df, p = 0.001
    """

    unsaved: ClassVar[str] = (
        "A cross-table can't be saved, because it needs respondents' rows to be tested. Save its estimates (shares, counts), "
        "table and tests: estimate.to_json() or pickle"
    )

    survey: Survey | Imputed
    row: str
    column: str
    cells: Cells

    def counts(self) -> Estimate:
        """Estimate how many are in each cell: people where there are weights, else participants."""
        est = self.cells.ask("count")
        return Estimate(est.node, est.labels.set_names([self.row, self.column]), False, est.name)

    def shares(self, percent: Percent = "column") -> Estimate:
        """Estimate shares of cells: of their row, of their column, or of all who answered both."""
        est = self.cells.shares(percent)
        name = f"{self.row} by {self.column}{'' if percent == 'total' else f', of its {percent}'}{self.cells.domain}"
        return Estimate(est.node, est.labels.set_names([self.row, self.column]), False, name)

    def test(self, method: str = "F") -> Significance:
        """Test whether the two columns are independent.

        Parameters
        ----------
        method : {"F", "Chisq", "Wald", "adjWald", "lincom", "saddlepoint"}
            As `statistic` in R's `svychisq`, with its p-values.

            - "F": Pearson's statistic with Rao and Scott's second-order correction, referred to F with the
              design's degrees of freedom.
            - "Chisq": with their first-order correction, divided by the mean of the weights of its distribution and
              referred to chi-squared. It takes the variance for known, and rejects too often where clusters are few.
            - "lincom": Pearson's statistic against its own distribution, a weighted sum of chi-squared
              variables over the variance's chi-squared, by integration; "saddlepoint": approximated.
            - "Wald": Koch's Wald test of observed against expected counts; "adjWald": reduced where the design
              has few degrees of freedom.

        Returns
        -------
        Significance
            Its statistic is what p follows from: the F, for Chisq Pearson's statistic after its correction, for lincom and
            saddlepoint Pearson's. `pearson` is Pearson's before any correction, which R prints for Chisq.

        Raises
        ------
        InputError
            A column with one level, no degrees of freedom, or a singular covariance (Wald).

        Notes
        -----
        Rao and Scott (1984), Annals of Statistics 12:46-60; degrees of freedom after Thomas and Rao (1987), JASA
        82:630-636; Koch, Freeman and Freeman (1975), International Statistical Review 43:59-78. Degrees of freedom are
        those of the people in the table (R's `degf` of a subset). R's "lincom" gives the saddlepoint's value where p is
        small. Tests of imputations use the pooled shares and their covariance within imputations, times what imputing adds
        to it on average, with Barnard and Rubin's degrees of freedom.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> interviews = hp.datasets.load("synthetic_opaak")["interviews"]
        >>> cross = hp.crosstab(hp.Survey(interviews, strata="group"), "born", "group")
        >>> cross.test("adjWald").df
        (2.0, 517.0)
        """
        return independence(self.cells, method)

    def table(self, percent: Percent = "column", *, level: float = 0.95, **options: Any) -> Table:
        """Return the table to look at and to export: participants, shares and intervals.

        Parameters
        ----------
        percent : {"column", "row", "total"}
            What the shares are of.
        level : float
            Confidence level.
        **options
            `labels`, `suppress_below`, `method` (of intervals) and `title`, as in `hp.describe`; `test`, which is True, False or
            a method of `test`.
        """
        return crosstab_table.make((self.row, self.column), self.cells, percent, level, **options)

    def _as_table(self) -> Table:
        return self.table()

    def __repr__(self) -> str:
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()
