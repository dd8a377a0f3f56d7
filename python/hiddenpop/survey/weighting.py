"""What people of a survey count for: calibrated weights, and replicates that measure variance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..draws import settings
from ..errors import InputError
from ..estimate.estimate import Estimate
from ..ground.signatures import checked
from ..sample.calibration import Distance, calibrate
from ..sample.design import names
from ..sample.sample import Held, Sample
from ..sample.weights import Weights, base_weights
from . import made_replicates

if TYPE_CHECKING:
    from typing_extensions import Self


@checked
class Weighted(Held):
    """A survey whose people count for more or less."""

    @classmethod
    def of(cls, sample: Sample) -> Self:
        """Return a sample with verbs."""
        made = cls.__new__(cls)
        made.sample = sample
        return made

    def calibrate(
        self,
        margins: Mapping[Any, Any],
        *,
        method: Distance = "raking",
        bounds: tuple[float | None, float | None] | None = None,
    ) -> Self:
        """Return the survey with weights that agree with what is known of the population.

        Weights change as little as they can, and are fitted again in every replicate, so intervals
        know that the margins are known (or, where a margin is an Estimate, how well).

        Parameters
        ----------
        margins : mapping of column to totals
            For a column of categories a mapping (or Series, or Estimate) of each category to its total
            in the population, or to its share (shares add up to 1 and are those of what the weights
            add up to); for a numeric column its total. A tuple of columns is their cross-classification.
        method : {"raking", "linear", "logit"}
            Raking keeps weights positive; linear is the general regression estimator (GREG); logit
            keeps the factors within bounds.
        bounds : (float, float), optional
            Least and greatest factor by which a weight may change; None for no limit. Raking within
            bounds is logit.

        Returns
        -------
        Survey
            The same people and redraws, so its estimates are joint with those of this survey.

        Raises
        ------
        InputError
            Margins that disagree, lack a category, or name one that nobody in the sample is in.
        EstimationError
            The weights can't be calibrated (the margin is named), or more than 1% of replicates can't.

        See Also
        --------
        Survey.poststratify

        Notes
        -----
        Deville and Särndal (1992), JASA 87:376-382; Deville, Särndal and Sautory (1993), JASA
        88:1013-1020. Linearised variances are those of regression residuals.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"sex": ["m", "m", "m", "f"], "treated": [1, 0, 1, 0], "count": [300, 100, 200, 60]}
        >>> survey = hp.Survey(table, counts="count").calibrate({"sex": {"m": 700, "f": 300}})
        >>> round(survey.proportion("treated").point, 3)
        0.583
        """
        return self.of(calibrate(self.sample, margins, method, bounds))

    def poststratify(self, by: str | Sequence[str], totals: Mapping[Any, Any] | pd.Series[Any] | Estimate) -> Self:
        """Return the survey with weights that add up to known totals of the cells of some columns.

        Parameters
        ----------
        by : str or list of str
            Columns whose combinations are the poststrata.
        totals : mapping, Series or Estimate
            Each cell's total in the population (a tuple of categories for several columns), or its share.

        See Also
        --------
        Survey.calibrate

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"sex": ["m", "m", "m", "f"], "treated": [1, 0, 1, 0], "count": [300, 100, 200, 60]}
        >>> survey = hp.Survey(table, counts="count").poststratify("sex", {"m": 0.7, "f": 0.3})
        >>> survey.weights.round(3).tolist()
        [0.77, 0.77, 0.77, 3.3]
        """
        columns = names(by)
        return self.calibrate({columns[0] if len(columns) == 1 else columns: totals}, method="linear")

    @property
    def weights(self) -> pd.Series[Any]:
        """What a participant of each row of the table counts for: 1, a sampling weight, a calibrated one."""
        sample = self.sample
        weights = base_weights(sample)
        if sample.row_unit is None:
            weights = weights / np.maximum(sample.multiplicity, 1)  # a row of counts stands for many
        return pd.Series(weights, index=sample.index, name="weight")

    def with_replicates(
        self,
        method: str,
        *,
        rho: float | None = None,
        groups: int | None = None,
        seed: int | None = None,
        centre: str = "estimate",
    ) -> Self:
        """Return the survey with its variance measured by replicates made from the design, not by redraws.

        Same people, same estimates; standard errors come from the replicates and intervals are t intervals with
        the replicates' degrees of freedom. There are no draws, so no percentiles and probabilities.

        Parameters
        ----------
        method : {"JKn", "JK1", "BRR", "Fay", "SDR", "DAGJK"}
            The jackknife in strata, or without; balanced repeated replication, or Fay's, of two clusters in every
            stratum; successive differences, for systematic samples in the order of the table (in a circle within each
            stratum, clusters where they first appear); or the delete-a-group jackknife.
        rho : float, optional
            For Fay: how far weights are shrunk, in 0 to 1; 0.5 as a rule.
        groups : int, optional
            For DAGJK: random groups within strata (30).
        seed : int, optional
            For DAGJK: of the groups; the survey's own by default.
        centre : {"estimate", "mean"}
            What replicates are compared with: the estimate, or their mean (R's default).

        Raises
        ------
        InputError
            A design that the method is not for, replicate weights that came with the data, impossible settings.

        See Also
        --------
        Survey.to_replicate_weights

        Notes
        -----
        JKn: Wolter (2007), Introduction to Variance Estimation, eq. 4.5.5. BRR: McCarthy (1969), Review of the
        International Statistical Institute 37:239-264; Fay: Judkins (1990), Journal of Official Statistics
        6:223-239. SDR: Fay and Train (1995), Proceedings of the Government Statistics Section, ASA, 154-159. DAGJK:
        Kott (2001), Journal of Official Statistics 17:521-526. Hadamard matrices come from Sylvester's and
        Paley's constructions, so a number of replicates that they don't give is rounded up.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> survey = hp.Survey({"city": [1, 1, 2, 2, 3, 3], "x": [1, 1, 0, 0, 1, 1]}, clusters="city")
        >>> share = survey.with_replicates("JK1").proportion("x")
        >>> round(share.se(), 3) == round(share.se("linearized"), 3) == 0.333
        True
        """
        made = made_replicates.make(self.sample, method, rho=rho, groups=groups, seed=seed, centre=centre)
        return self.of(self.sample.measured(made))

    def to_replicate_weights(self, replicates: int | None = None) -> pd.DataFrame:
        """Return the weights of the first replicates (500 by default), a column each, for other software.

        Rows have the table's index and order, and carry nothing but weights. A survey whose variance is measured by
        replicates gives all of those; the table's `attrs` hold the scale, rscales, centre and df that go
        with them, for `hp.Survey(..., replicate_weights=..., method="other", scale=..., rscales=...)`.

        See Also
        --------
        Survey.with_replicates

        Examples
        --------
        >>> import hiddenpop as hp
        >>> weights = hp.Survey({"age": [30, 41, 52, 63]}).to_replicate_weights(3)
        >>> weights.shape, weights.sum().tolist()
        ((4, 3), [4.0, 4.0, 4.0])
        """
        if self.sample.variance is not None:
            if replicates is not None:
                raise InputError(
                    f"This survey has {self.sample.variance.size:,} variance replicates, all of which are needed."
                )
            return self.sample.variance.table(Weights.of(self.sample)).set_axis(self.sample.index)
        count = settings.check_replicates(500 if replicates is None else replicates)
        if self.sample.record.no_draws:
            raise InputError(self.sample.record.no_draws)
        weights = Weights.of(self.sample).block(0, count)
        return pd.DataFrame(weights.T, self.sample.index, [f"rw{i}" for i in range(1, count + 1)], copy=False)
