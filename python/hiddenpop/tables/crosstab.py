"""Two columns against each other: counts, shares with intervals, and tests of independence made for designs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..estimate.estimate import Estimate
from ..ground.signatures import checked
from ..survey.required import require_survey
from . import crosstab_table
from .cells import Cells, Percent, cells, independence
from .significance import Significance
from .table import Table

if TYPE_CHECKING:
    from ..survey.survey import Survey


@checked
def crosstab(survey: Survey, row: str, column: str) -> Crosstab:
    """Cross two columns of a survey.

    Parameters
    ----------
    survey : Survey
        Whom to count.
    row, column : str
        Columns of categories, or of True and False; numbers only where they are few codes.

    Returns
    -------
    Crosstab
        With `counts()`, `shares("row")`, `test()` and `table()`.

    Raises
    ------
    InputError
        Unknown columns, a column with one level only, or nobody who answered both.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> interviews = hp.datasets.load("synthetic_opaak")["interviews"]
    >>> survey = hp.Survey(interviews, strata="group")
    >>> cross = hp.crosstab(survey, "born", "group")
    >>> cross.test()
    Rao-Scott F test (second order): F = 6.186 on 2 and 1036 df, p = 0.002
    """
    require_survey(survey, "crosstab")
    return Crosstab(survey, row, column, cells(survey, row, column))


@dataclass(frozen=True, eq=False, repr=False)
class Crosstab:
    """Two columns of a survey against each other."""

    survey: Survey
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
        name = f"{self.row} by {self.column}{'' if percent == 'total' else f', of its {percent}'}"
        return Estimate(est.node, est.labels.set_names([self.row, self.column]), False, name)

    def test(self, method: str = "F") -> Significance:
        """Test whether the two columns are independent.

        Parameters
        ----------
        method : {"F", "Chisq", "Wald", "adjWald", "lincom", "saddlepoint"}
            As `statistic` in R's `svychisq`.

            - "F": Pearson's statistic with Rao and Scott's second-order correction, referred to F with the
              design's degrees of freedom.
            - "Chisq": the same referred to chi-squared.
            - "lincom": Pearson's statistic against its own distribution, a weighted sum of chi-squared
              variables over the variance's chi-squared, exactly; "saddlepoint": approximated.
            - "Wald": Koch's Wald test of observed against expected counts; "adjWald": reduced where the design
              has few degrees of freedom.

        Returns
        -------
        Significance
            Its statistic is the F; for Chisq, lincom and saddlepoint Pearson's.

        Raises
        ------
        InputError
            A column with one level, no degrees of freedom, or a singular covariance (Wald).

        Notes
        -----
        Rao and Scott (1984), Annals of Statistics 12:46-60; degrees of freedom after Thomas and Rao (1987), JASA
        82:630-636; Koch, Freeman and Freeman (1975), International Statistical Review 43:59-78. R's "lincom"
        gives the saddlepoint's value where p is small.

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
            `labels`, `suppress_below`, `method` (of intervals), `test` and `title`, as in `hp.describe`.
        """
        return crosstab_table.make(self.survey, (self.row, self.column), self.cells, percent, level, **options)

    def __repr__(self) -> str:
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()
