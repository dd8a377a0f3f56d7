"""The result of an extrapolation: sizes of all areas and their total, and how far to trust them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError
from ..estimate.estimate import Estimate
from ..ground import checks, notebook
from ..ground.language import read, tr
from ..ground.signatures import checked
from ..ground.text import capital
from ..words import methods
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from . import figures
from .models import IndicatorModel, ProportionModel, model_of
from .plan import Plan

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Extrapolation(Tabled):
    """Sizes of areas without a study, and of the nation, from areas with one.

    Attributes
    ----------
    estimate : Estimate
        What was asked for: the nation's total, or the sizes of some areas.
    areas : Estimate
        Sizes of all areas: those with an estimate keep it (with Fay-Herriot they are combined with the model's).
    total : Estimate
        The sum of all areas.
    predicted : Estimate
        What the model says: of areas without an estimate, with Fay-Herriot of all.
    direct : Estimate
        The estimates that it started from, one an area.
    loadings : Series or None
        With principal components, the weight of each indicator.

    See Also
    --------
    extrapolate : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"population": [300_000, 150_000], "treated": [600, 280]}, index=["A", "B"])
    >>> sizes = {"A": hp.published(1_200, 1_000, 1_450, name="A")}
    >>> found = hp.extrapolate(sizes, areas, method="ratio", between=0.2)
    >>> found.areas.point.round().to_dict()
    {'A': 1200.0, 'B': 560.0}
    >>> found.summary().loc["B", "method"]
    'extrapolated'
    """

    estimate: Estimate
    areas: Estimate
    total: Estimate
    predicted: Estimate
    direct: Estimate
    plan: Plan
    outside: pd.DataFrame
    loadings: pd.Series[Any] | None = None

    @property
    def title(self) -> str:
        """What a report calls it."""
        return f"{self.areas.name} by area"

    @property
    def model(self) -> IndicatorModel | ProportionModel:
        """The fitted model."""
        return model_of(self.predicted.node)

    def between(self, level: float = 0.95) -> pd.Series[Any]:
        """Return the standard deviation between areas on the log scale, beyond what the model explains.

        Its estimate (restricted maximum likelihood, or as `variance` says) and its posterior interval.

        See Also
        --------
        Extrapolation.coefficients

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import pandas as pd
        >>> areas = pd.DataFrame({"population": [300_000, 150_000, 90_000], "treated": [600, 280, 210]}, index=list("ABC"))
        >>> sizes = {"A": hp.published(1_200, 1_000, 1_450, name="A"), "B": hp.published(620, 500, 760, name="B")}
        >>> found = hp.extrapolate(sizes, areas, method="ratio", between=0.2)
        >>> float(found.between()["estimate"])
        0.2
        """
        level = checks.check_level(level)
        ends = np.sqrt(self.model.component.quantile(np.array([(1 - level) / 2, (1 + level) / 2])))
        return pd.Series(
            [np.sqrt(self.model.between), *ends], index=["estimate", "lower", "upper"], name="between areas"
        )

    def coefficients(self, level: float = 0.95) -> pd.DataFrame:
        """Return the model's coefficients with intervals.

        For regressions the change of log prevalence with one standard deviation of an indicator; for ratio and
        synthetic estimates the people per unit of the indicator, or per inhabitant of a group, without the
        variance between areas.

        See Also
        --------
        Extrapolation.between

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import pandas as pd
        >>> areas = pd.DataFrame({"population": [300_000, 150_000, 90_000], "treated": [600, 280, 210]}, index=list("ABC"))
        >>> sizes = {"A": hp.published(1_200, 1_000, 1_450, name="A"), "B": hp.published(620, 500, 760, name="B")}
        >>> found = hp.extrapolate(sizes, areas, method="ratio", between=0.2)
        >>> found.coefficients()["estimate"].round(2).to_dict()
        {'treated': 2.07}
        """
        level = checks.check_level(level)
        model = self.model
        found = model.coefficients()
        if found is None:
            rates = self._rates()
            return pd.DataFrame({"estimate": rates.node.point, **_ends(rates, level)}, index=list(model.terms))
        point, drawn = found
        tail = (1 - level) / 2
        lower, upper = np.quantile(drawn, [tail, 1 - tail], axis=1)
        return pd.DataFrame({"estimate": point, "lower": lower, "upper": upper}, index=list(model.terms))

    def summary(self, level: float = 0.95, *, base: float = 1000) -> pd.DataFrame:
        """Return a tidy table: one row an area.

        Columns: estimate, lower, upper; the rate for `base` inhabitants; `method` ("own estimate", "extrapolated", or "own estimate
        and model" of Fay-Herriot); the
        area's own estimate `direct` where it has one; `beyond`, the indicators in which it lies beyond all areas with an
        estimate. With Fay-Herriot also the weight of the own estimate (`shrinkage`) and the mean squared error of the
        logarithm (`mse_log`).

        See Also
        --------
        Extrapolation.plot

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import pandas as pd
        >>> areas = pd.DataFrame({"population": [300_000, 150_000, 90_000], "treated": [600, 280, 210]}, index=list("ABC"))
        >>> sizes = {"A": hp.published(1_200, 1_000, 1_450, name="A"), "B": hp.published(620, 500, 760, name="B")}
        >>> found = hp.extrapolate(sizes, areas, method="ratio", between=0.2)
        >>> found.summary()["method"].to_dict()
        {'A': 'own estimate', 'B': 'own estimate', 'C': 'extrapolated'}
        """
        level, base = checks.check_level(level), checks.positive(base, "base")
        plan = self.plan
        table = pd.DataFrame({"estimate": self.areas.node.point, **_ends(self.areas, level)}, index=self.areas.labels)
        table["rate"] = table["estimate"] / plan.population * base
        own = pd.Series(self.direct.node.point, index=self.direct.labels)
        known = "own estimate and model" if plan.method == "fay_herriot" else "own estimate"
        table["method"] = np.where(table.index.isin(own.index), known, "extrapolated")
        table["direct"] = own.reindex(table.index)
        model = self.model
        found = model.shrunk
        if found is not None:
            for name, values in (
                ("shrinkage", found.shrinkage(model.between)),
                ("mse_log", found.mse(model.between, plan.variance if plan.fixed is None else "REML")),
            ):
                table[name] = pd.Series(values, index=own.index).reindex(table.index)
        table["beyond"] = [", ".join(row.index[row]) for _, row in self.outside.iterrows()] if len(self.outside) else ""
        return table

    def leave_one_out(self, level: float = 0.95) -> pd.DataFrame:
        """Predict every area that has an estimate from the others.

        Columns: the area's own estimate (`direct`) and what the others predict (`predicted`) with their intervals, the
        ratio of the two with its interval, and whether it holds 1 (`agrees`). Errors of one area at a time, not
        those of a total.

        Raises
        ------
        InputError
            Too few areas to do without one.

        See Also
        --------
        Extrapolation.plot : `kind="check"` draws it.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import pandas as pd
        >>> areas = pd.DataFrame({"population": [300_000, 150_000, 90_000], "treated": [600, 280, 210]}, index=list("ABC"))
        >>> sizes = {"A": hp.published(1_200, 1_000, 1_450, name="A"), "B": hp.published(620, 500, 760, name="B")}
        >>> found = hp.extrapolate(sizes, areas, method="ratio", between=0.2)
        >>> found.leave_one_out()["agrees"].to_dict()
        {'A': True, 'B': True}
        """
        level = checks.check_level(level)
        plan = self.plan
        count = len(plan.anchors)
        try:
            plan.require(count - 1)
        except InputError as error:
            raise InputError(f"No area can be left out of {count}. {error}") from None
        rows: list[dict[str, Any]] = []
        for i in range(count):
            area = plan.areas[plan.anchors[i]]
            predicted = plan.predict([j for j in range(count) if j != i], [plan.anchors[i]])[area]
            own = self.direct[area]
            ratio = predicted / own
            row: dict[str, Any] = {}
            for name, est in (("direct", own), ("predicted", predicted), ("ratio", ratio)):
                lower, upper = est.interval(level).to_numpy()[0]
                row |= {name: float(est.node.point[0]), f"{name}_lower": lower, f"{name}_upper": upper}
            rows.append(row | {"agrees": bool(row["ratio_lower"] <= 1 <= row["ratio_upper"])})
        return pd.DataFrame(rows, index=self.direct.labels)

    def plot(self, kind: str = "areas", *, level: float = 0.95, ax: Axes | None = None) -> Axes:
        """Draw rates by area, direct and predicted, or predictions from the other areas against direct estimates.

        Parameters
        ----------
        kind : {"areas", "check"}
            "check" shows `leave_one_out`.
        level : float
            Confidence level of the intervals.
        ax : matplotlib Axes, optional
            Where to draw; a new figure otherwise.

        See Also
        --------
        Extrapolation.summary, Extrapolation.leave_one_out

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import pandas as pd
        >>> areas = pd.DataFrame({"population": [300_000, 150_000, 90_000], "treated": [600, 280, 210]}, index=list("ABC"))
        >>> sizes = {"A": hp.published(1_200, 1_000, 1_450, name="A"), "B": hp.published(620, 500, 760, name="B")}
        >>> found = hp.extrapolate(sizes, areas, method="ratio", between=0.2)
        >>> axes = found.plot()
        """
        if kind not in ("areas", "check"):
            raise InputError(f"kind={kind!r} is not one of areas, check.")
        level = checks.check_level(level)
        caveats = methods.caveats(self.estimate.node)
        if kind == "check":
            return figures.check(self.leave_one_out(level), caveats, level=level, ax=ax)
        return figures.areas(
            self.summary(level, base=figures.BASE),
            self.direct.interval(level),
            pd.Series(self.plan.population, index=self.plan.areas),
            caveats,
            both=self.plan.method == "fay_herriot",
            level=level,
            ax=ax,
        )

    def methods(self, level: float = 0.95) -> str:
        """Return sentences for a paper's methods section.

        See Also
        --------
        Estimate.methods

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import pandas as pd
        >>> areas = pd.DataFrame({"population": [300_000, 150_000, 90_000], "treated": [600, 280, 210]}, index=list("ABC"))
        >>> sizes = {"A": hp.published(1_200, 1_000, 1_450, name="A"), "B": hp.published(620, 500, 760, name="B")}
        >>> found = hp.extrapolate(sizes, areas, method="ratio", between=0.2)
        >>> text = found.methods()
        """
        return self.estimate.methods(level)

    def _rates(self) -> Estimate:
        plan = self.plan
        places = list(plan.anchors)
        sizes = plan.sizes
        if plan.groups == 1:
            return sizes.sum("rate") / float(plan.columns[places].sum())
        by_group = sizes.sum(by="group")
        return by_group / pd.Series(plan.columns[places].sum(axis=0), index=by_group.labels)

    def _said(self) -> list[str]:
        spread = self.between()
        reach = tr("95% interval {low:.2f} to {high:.2f}", low=spread["lower"], high=spread["upper"])
        if self.plan.fixed is not None:
            told = tr("{spread:.2f} on the log scale, given", spread=spread["estimate"])
        elif spread["estimate"] == 0:
            told = tr("none seen beyond the estimates' own errors, {reach} on the log scale", reach=reach)
        else:
            told = tr("{spread:.2f} on the log scale, {reach}", spread=spread["estimate"], reach=reach)
        start = tr(
            "{method}, from {anchors} of {areas} areas",
            method=read(self.model.estimator),
            anchors=len(self.plan.anchors),
            areas=len(self.areas),
        )
        return [start, tr("differences between areas: {told}", told=told)]

    def _as_table(self) -> Table:
        notes = [*self._said(), *methods.caveats(self.estimate.node)]
        frame = self.summary()
        units = {"estimate": self.areas.node.units, "direct": self.areas.node.units}
        shown = frame.drop(columns="beyond") if (frame["beyond"] == "").all() else frame
        return of_frame(capital(self.estimate.name), shown, notes, units=units)

    def __repr__(self) -> str:
        return "\n".join([repr(self.estimate), *self._said()])

    def _repr_html_(self) -> str:
        return notebook.show(self.estimate, "\n".join(self._said()))


def _ends(est: Estimate, level: float) -> dict[str, Any]:
    ends = est.interval(level).to_numpy()
    return {"lower": ends[:, 0], "upper": ends[:, 1]}
