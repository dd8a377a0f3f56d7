"""What reads as a table, and the ways out of it: the same for estimates and for all that is fitted."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from ..ground import checks
from ..ground.signatures import checked
from .table import Table


@checked
class Tabled:
    """What has a table: `_as_table` makes it, and everything here writes it."""

    #: Whether a report shows this table rather than the summary: its cells are words in the reader's language, or units.
    _as_it_reads: ClassVar[bool] = False

    if TYPE_CHECKING:

        def _as_table(self) -> Table:
            """Make the table: its title, what stands in its cells, its notes and the numbers behind it."""
            ...

    def to_frame(self) -> pd.DataFrame:
        """Return the numbers of its table, unrounded: one row a line, labels as columns.

        See Also
        --------
        hiddenpop.Table.to_pandas

        Examples
        --------
        >>> import hiddenpop as hp
        >>> lists = hp.Lists({"a": [1, 0, 1], "b": [0, 1, 1], "people": [40, 60, 12]}, ["a", "b"], counts="people")
        >>> type(lists.to_frame()).__name__
        'DataFrame'
        """
        return self._as_table().to_pandas(numbers=True)

    def round(self, decimals: int = 0) -> pd.DataFrame:
        """Return the numbers of `to_frame` with so many decimals; negative ones round to tens, hundreds, ...

        See Also
        --------
        hiddenpop.Table.to_pandas

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.published(16_012, 11_310, 25_221, name="crack").round(-2).iloc[0].to_list()
        [16000.0, 11300.0, 25200.0]
        """
        return self.to_frame().round(checks.whole(decimals, "decimals", -300, 300))

    def to_html(self, path: str | PathLike[str] | None = None) -> str | None:
        """Return its table as HTML by great-tables, or write it to a file that any browser opens.

        See Also
        --------
        hiddenpop.Table.to_html, hiddenpop.Report.to_html

        Examples
        --------
        >>> import hiddenpop as hp
        >>> "16,000" in hp.published(16_000, 11_300, 25_200, name="crack").to_html()
        True
        """
        return self._as_table().to_html(path)

    def to_latex(self, path: str | PathLike[str] | None = None) -> str | None:
        """Return its table as LaTeX by great-tables (packages booktabs and caption), or write it to a file.

        See Also
        --------
        hiddenpop.Table.to_latex

        Examples
        --------
        >>> import hiddenpop as hp
        >>> "16,000" in hp.published(16_000, 11_300, 25_200, name="crack").to_latex()
        True
        """
        return self._as_table().to_latex(path)

    def to_docx(self, path: str | PathLike[str]) -> None:
        """Write a Word file that holds its table, a real one that can be edited there.

        See Also
        --------
        hiddenpop.Table.to_docx, hiddenpop.Report.to_docx

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     hp.published(16_000, 11_300, 25_200, name="crack").to_docx(f"{folder}/size.docx")
        """
        self._as_table().to_docx(path)

    def to_excel(self, path: str | PathLike[str]) -> None:
        """Write an Excel file: its table as it reads on one sheet, the numbers behind it on another.

        See Also
        --------
        hiddenpop.Table.to_excel

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     hp.published(16_000, 11_300, 25_200, name="crack").to_excel(f"{folder}/size.xlsx")
        """
        self._as_table().to_excel(path)
