"""Estimates as tables, numbers in a text, and data for other programs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, listing
from ..expression.labelled import Labelled
from ..ground import checks
from ..ground.signatures import checked
from ..words import estimates, printed
from ..words.table import Table
from ..words.tabled import Tabled


@checked
class Written(Tabled, Labelled):
    """An estimate's ways out; those of its table are `Tabled`'s."""

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return estimate, lower and upper, unrounded: one row a label.

        `summary` has more columns. For a column for each value of a level of the labels, unstack it.

        See Also
        --------
        Estimate.summary, Estimate.unstack

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.published(16_000, 11_300, 25_200, name="crack").to_frame().round(-2)
               estimate    lower    upper
        crack   16000.0  11300.0  25200.0
        """
        return estimates.numbers(self, checks.check_level(level))

    def unstack(self, by: str | int = -1, *, level: float = 0.95) -> Table:
        """Return a wide table: a column for each value of a level of the labels, with "estimate (lower to upper)" in its cells.

        Parameters
        ----------
        by : str or int
            The level, by name or number; the last one by default.
        level : float
            Confidence level of the intervals.

        Returns
        -------
        Table
            Its ways out are those of every table: `to_docx`, `to_excel`, `to_html`, `to_latex`; `to_pandas(numbers=True)`
            has the numbers.

        Raises
        ------
        InputError
            Labels of one level, or no such level.

        See Also
        --------
        Estimate.to_frame

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"city": ["A", "A", "B", "B"], "treated": [1, 0, 1, 0], "n": [60, 40, 30, 20]}
        >>> survey = hp.Survey(table, counts="n", strata="city")
        >>> survey.count("treated", by="city").unstack("city")
           A                    B
        0  40.0 (30.2 to 49.8)  20.0 (13.0 to 27.0)
        1  60.0 (50.2 to 69.8)  30.0 (23.0 to 37.0)
        Estimate (95% interval).
        """
        return estimates.wide(self, by, checks.check_level(level))

    def to_xarray(self) -> Any:
        """Return the draws as an xarray DataArray with dimensions label and replicate.

        See Also
        --------
        Estimate.to_frame

        Examples
        --------
        >>> import hiddenpop as hp
        >>> survey = hp.Survey({"treated": [1, 0], "n": [39, 88]}, counts="n", replicates=1_000)
        >>> survey.proportion("treated").to_xarray().dims
        ('label', 'replicate')
        """
        try:
            import xarray  # noqa: PLC0415 (an optional dependency)
        except ImportError as error:
            raise InputError("to_xarray needs xarray: pip install xarray.") from error
        labels = [", ".join(map(str, k)) if isinstance(k, tuple) else k for k in self.labels]
        return xarray.DataArray(
            self.draws,
            dims=("label", "replicate"),
            coords={"label": labels, "replicate": np.arange(self.replicates)},
            name=self.name,
        )

    def __format__(self, spec: str) -> str:
        """Write the point of a one-label estimate into a text: ``f"{people['opioids']:,.0f}"``."""
        if not spec:
            return str(self)
        if not self.scalar:
            raise InputError(
                f"A text has room for one number, and {self.name!r} has {len(self)} labels ({listing(list(self.labels))}). Pick "
                "one: f\"{estimate['label']:,.0f}\"."
            )
        try:
            return format(float(self.node.point[0]), spec)
        except ValueError:
            raise InputError(f"{spec!r} is no format of a number; examples are ,.0f and .1%.") from None

    def __repr__(self) -> str:
        return printed.text(self)

    def _repr_html_(self) -> str:
        return printed.html(self)

    def _as_table(self) -> Table:
        return estimates.table(self)
