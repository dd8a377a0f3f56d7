"""A sensitivity analysis: how a result moves with what it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from ..errors import EstimationError, InputError, in_words, listing, once, suggest, warn
from ..estimate.estimate import Estimate
from ..ground import checks, notebook
from ..ground.language import read, tr
from ..ground.signatures import checked
from ..ground.stays import Stays
from ..ground.text import capital
from ..words import methods
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from . import figures, ranges, tipping, variance_shares
from .digits import write
from .evaluate import Model, fitting, function_of, present, require_lasting
from .figures import Result
from .grids import tabulate
from .ranges import Varied
from .scenario import Scenarios, scenarios
from .variance_shares import VarianceShares

if TYPE_CHECKING:
    from matplotlib.axes import Axes
#: Values at which points are looked up between an input's ends, to find the extremes.
LOOK = 101
#: And where every value is a call of the model.
GLANCE = 31


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity(Tabled, Stays):
    """How a result moves with its inputs; made by `hp.sensitivity`.

    Attributes
    ----------
    estimate : Estimate
        The result in the base case, with the uncertainty of its surveys and other sources.
    inputs : tuple
        The inputs: `name`, `low`, `base` and `high` of each.

    See Also
    --------
    sensitivity : makes it.
    variance_shares : whose uncertainty an estimate's is.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> survey = hp.Survey({"registered": [1, 0], "count": [39, 88]}, counts="count")
    >>> people = hp.multiplier(4_912, survey.proportion("registered")).rename("crack only")
    >>> study = hp.sensitivity(lambda completeness: people / completeness, completeness=(0.6, 1))
    >>> round(study.estimate.point)
    19994
    >>> study["crack only"]
    Traceback (most recent call last):
    ...
    hiddenpop.errors.InputError: The result has one label; it needs no picking.
    """

    unsaved: ClassVar[str] = (
        "A study of sensitivity can't be saved, because it holds your function and all that this refers to. Save its estimate "
        "(study.estimate.to_json()) and its tables"
    )

    estimate: Estimate
    inputs: tuple[Varied, ...]
    model: Model

    @property
    def title(self) -> str:
        """What a report calls it."""
        return tr("{what}: how it moves with its inputs", what=read(self.estimate.name))

    def __getitem__(self, label: Any) -> Sensitivity:
        """Return the same analysis for one label of the result."""
        if self.estimate.scalar:
            raise InputError("The result has one label; it needs no picking.")
        model = replace(self.model, picks=(*self.model.picks, label))
        return Sensitivity(self.estimate[label], self.inputs, model)

    @property
    def base(self) -> dict[str, float]:
        """The base value of each input."""
        return dict(self.model.base)

    def one_way(self, *, points: int = 11, level: float = 0.95, intervals: bool = True) -> pd.DataFrame:
        """Vary one input at a time, the others at their base values.

        Parameters
        ----------
        points : int
            Values of each input, from end to end (evenly on the log scale for ratios); lists keep their own.
        level : float
            Level of the intervals. They hold the uncertainty of surveys and other sources in the model; the varied
            inputs are numbers here.
        intervals : bool
            Whether to compute intervals; points alone take no redraws.

        Returns
        -------
        DataFrame
            A row for each value (and label): input, value, estimate, lower, upper.

        See Also
        --------
        Sensitivity.grid, Sensitivity.summary

        Examples
        --------
        >>> import hiddenpop as hp
        >>> size = hp.published(16_000, 11_300, 25_200, name="size")
        >>> study = hp.sensitivity(lambda completeness: size / completeness, completeness=(0.5, 1))
        >>> study.one_way(points=3)["estimate"].round().to_list()
        [32000.0, 21333.0, 16000.0]
        """
        points = _points(points)
        cases = [{varied.name: float(v)} for varied in self.inputs for v in varied.grid(points)]
        head = pd.DataFrame([*(next(iter(case.items())) for case in cases)], columns=["input", "value"])
        return tabulate(self.model, self.estimate, head, cases, level if checks.flag(intervals, "intervals") else None)

    def grid(self, x: str, y: str, *, points: int = 11, level: float = 0.95, intervals: bool = True) -> pd.DataFrame:
        """Vary two inputs together, as `one_way`.

        Returns
        -------
        DataFrame
            A row for each pair of values (and label): the two inputs by name, estimate, lower, upper.

        See Also
        --------
        Sensitivity.one_way, Sensitivity.contour

        Examples
        --------
        >>> import hiddenpop as hp
        >>> size = hp.published(16_000, 11_300, 25_200, name="size")
        >>> study = hp.sensitivity(lambda c, f: size * (1 - f) / c, c=(0.5, 1), f=(0, 0.2))
        >>> len(study.grid("c", "f", points=3))
        9
        """
        points = _points(points)
        first, second = self._two(x, y)
        pairs = list(product(first.grid(points).tolist(), second.grid(points).tolist()))
        cases = [{first.name: a, second.name: b} for a, b in pairs]
        return tabulate(
            self.model,
            self.estimate,
            pd.DataFrame(cases),
            cases,
            level if checks.flag(intervals, "intervals") else None,
        )

    def summary(self) -> pd.DataFrame:
        """Return what the tornado shows: a row for each input, the one that moves the point estimate most first.

        Columns: the input's low, base and high value; the lowest point estimate between its ends and the value where it
        is found, the highest and its value, and the swing, which is what lies between the two. NaN, with a warning, where
        there is no estimate within the range; infinite where it is unbounded.

        See Also
        --------
        Sensitivity.plot : the same as a figure.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> size = hp.published(16_000, 11_300, 25_200, name="size")
        >>> study = hp.sensitivity(lambda c, f: size * (1 - f) / c, c=(0.5, 1), f=(0, 0.2))
        >>> study.summary()["swing"].round().to_dict()
        {'c': 14400.0, 'f': 4267.0}
        """
        self._require_one("A tornado")
        rows, lost = [], []
        for varied in self.inputs:
            with once():
                values = np.union1d(varied.grid(LOOK if self.model.quick else GLANCE), [varied.base])
                found = self.model.points({varied.name: values})[0]
            known = ~np.isnan(found)
            lost += [varied.name] if not known.all() else []
            values, found = values[known], found[known]
            low, high = int(np.argmin(found)), int(np.argmax(found))
            swing = 0.0 if found[low] == found[high] else found[high] - found[low]
            rows.append(
                (varied.low, varied.base, varied.high, found[low], values[low], found[high], values[high], swing)
            )
        if lost:
            warn(f"There is no estimate in a part of the range of {listing(lost)}; the table leaves that part out.")
        columns = ["low", "base", "high", "lowest", "at_lowest", "highest", "at_highest", "swing"]
        index = pd.Index([varied.name for varied in self.inputs], name="input")
        return pd.DataFrame(rows, index=index, columns=columns).sort_values("swing", ascending=False, kind="stable")

    def tornado(self, *, ax: Axes | None = None) -> Axes:
        """Draw a bar for each input: how far the point estimate moves within the input's range. Needs matplotlib.

        The widest bar is on top; the line is the base case; numbers at a bar's ends are the input's values there.

        See Also
        --------
        Sensitivity.contour, Sensitivity.summary

        Examples
        --------
        >>> import hiddenpop as hp
        >>> size = hp.published(16_000, 11_300, 25_200, name="size")
        >>> study = hp.sensitivity(lambda c, f: size * (1 - f) / c, c=(0.5, 1), f=(0, 0.2))
        >>> axes = study.tornado()
        """
        return figures.tornado(self._result(), self.summary(), ax=ax)

    plot = tornado

    def contour(
        self,
        x: str | None = None,
        y: str | None = None,
        *,
        published: float | None = None,
        points: int = 50,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw the point estimate over two inputs. Needs matplotlib.

        Parameters
        ----------
        x, y : str, optional
            The inputs; by default the two that move the estimate most.
        published : float, optional
            A value to mark by a heavy line: where the inputs give it. By default that of the base case, which a
            cross marks as well.
        points : int
            Values of each input.
        ax : matplotlib Axes, optional
            Where to draw.

        See Also
        --------
        Sensitivity.tornado, Sensitivity.grid

        Examples
        --------
        >>> import hiddenpop as hp
        >>> size = hp.published(16_000, 11_300, 25_200, name="size")
        >>> study = hp.sensitivity(lambda c, f: size * (1 - f) / c, c=(0.5, 1), f=(0, 0.2))
        >>> axes = study.contour("c", "f", points=10)
        """
        self._require_one("A contour figure")
        if x is None and y is None and len(self.inputs) >= 2:
            x, y = (str(name) for name in self.summary().index[:2])
        if x is None or y is None:
            raise InputError("A contour figure needs two inputs: study.contour('completeness', 'odds').")
        first, second = self._two(x, y)
        points = _points(points)
        marked = None if published is None else checks.number(published, "published")
        grid = np.meshgrid(first.grid(points), second.grid(points))
        found = self.model.points({first.name: grid[0].ravel(), second.name: grid[1].ravel()})[0]
        if not np.isfinite(found).any():
            raise EstimationError(f"There is no estimate anywhere over {first.name!r} and {second.name!r}.")
        shape = grid[0].shape
        return figures.contour(self._result(), first, second, grid, found.reshape(shape), marked, ax=ax)

    def tipping_point(
        self,
        event: Any = None,
        *,
        above: float | None = None,
        below: float | None = None,
        probability: float | None = None,
    ) -> pd.DataFrame:
        """Find how far each input must move, the others at their base values, until a conclusion no longer holds.

        Parameters
        ----------
        event : Estimate or callable, optional
            The conclusion: a comparison with a number such as ``people > 20_000``. Its direction and its number count,
            and are applied to what the model returns, whatever estimate it was written with. Or a function that gets the
            model's result and returns a comparison, such as ``lambda people: people > other``.
        above, below : float, optional
            The same in other words: ``above=20_000``.
        probability : float, optional
            The conclusion then holds while the share of draws with the event is at least so much, such as 0.95; without
            it while the point estimate says so. For redrawn samples it is a bootstrap probability.

        Returns
        -------
        DataFrame
            A row for each input: its base value and ends, whether the conclusion `holds` in the base case, the value
            nearest to the base where that changes (`tips_at`, NaN if it does not within the range), and a note.

        Raises
        ------
        InputError
            The event compares with no single number, or another quantity (a share with a size).

        See Also
        --------
        Sensitivity.one_way

        Examples
        --------
        >>> import hiddenpop as hp
        >>> size = hp.published(16_000, 11_300, 25_200, name="size")
        >>> study = hp.sensitivity(lambda completeness: size / completeness, completeness=(0.5, 1))
        >>> study.tipping_point(above=20_000)["tips_at"].round(2).to_dict()
        {'completeness': 0.8}
        """
        self._require_one("A tipping point")
        condition = tipping.read(event, above, below, probability, self.estimate)
        return tipping.table(self.model, self.inputs, condition)

    def probabilistic(self, *, replicates: int | None = None, seed: int | None = None) -> Estimate:
        """Return the result with all inputs uncertain at once, independently, as an Estimate.

        Distributions are taken as given. A range (low, high) is uniform, for ratios on the log scale; (low, middle,
        high) is triangular.

        See Also
        --------
        Sensitivity.variance_shares

        Examples
        --------
        >>> import hiddenpop as hp
        >>> size = hp.published(16_000, 11_300, 25_200, name="size")
        >>> study = hp.sensitivity(lambda completeness: size / completeness, completeness=(0.5, 1))
        >>> study.probabilistic(replicates=1_000)
        size / completeness: 21,300 (95% interval 13,400 to 38,000)
        """
        with once():
            try:
                found = self.model({varied.name: varied.distribution() for varied in self.inputs})
            except TypeError as error:
                raise InputError(
                    f"The model can't calculate with uncertain inputs ({error}). Use arithmetic of estimates, and hp.apply for "
                    "functions: hp.apply(numpy.sqrt, odds)."
                ) from error
        found = found.rename(self.estimate.name)
        return found if replicates is None and seed is None else found.replay(replicates=replicates, seed=seed)

    def variance_shares(self, *, replicates: int | None = None, scale: str | None = None) -> VarianceShares:
        """Say whose uncertainty it is when all inputs are uncertain at once; see `hp.variance_shares`.

        Inputs go by their names here. Sizes and rates are taken on the log scale unless `scale` says otherwise.

        See Also
        --------
        variance_shares : of any estimate.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> size = hp.published(16_000, 11_300, 25_200, name="size")
        >>> study = hp.sensitivity(lambda c, f: size * (1 - f) / c, c=(0.5, 1), f=(0, 0.1))
        >>> study.variance_shares(replicates=1_000).summary()["total"].round(1).to_dict()
        {'size': 0.5, 'c': 0.5, 'f': 0.0}
        """
        chosen = scale or ("log" if self.estimate.quantity in ("size", "rate") else "identity")
        called: dict[object, str] = {}
        for varied in self.inputs:
            own = variance_shares.uncertain_inputs(varied.distribution())
            called |= dict.fromkeys(own, varied.name) if len(own) == 1 else {}
        return variance_shares.decompose(self.probabilistic(), replicates, chosen, called)

    def scenarios(self, cases: Mapping[str, Mapping[str, Any]], *, base: str | None = None) -> Scenarios:
        """Set named cases beside one another: for each the inputs that differ from the base case.

        Parameters
        ----------
        cases : mapping of name to mapping of input to value
            Values are numbers or uncertain inputs; an empty mapping is the base case.
        base : str, optional
            The scenario that the others are compared with; by default the first.

        See Also
        --------
        scenarios : of any estimates.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> people = hp.published(16_000, 11_300, 25_200, name="crack")
        >>> study = hp.sensitivity(lambda completeness: people / completeness, completeness=(0.6, 1))
        >>> study.scenarios({"as published": {"completeness": 1}, "misses 20%": {"completeness": 0.8}})
        crack / completeness
                        estimate        95% interval    change
        as published      16,000    11,300 to 25,400      base
        misses 20%        20,000    14,100 to 31,700      +25%
        """
        if not isinstance(cases, Mapping) or not all(isinstance(case, Mapping) for case in cases.values()):
            raise InputError("scenarios takes a mapping such as {'register misses 20%': {'completeness': 0.8}}.")
        self._require_one("A scenario table")
        names = list(self.base)
        for title, case in cases.items():
            unknown = [name for name in case if name not in names]
            if unknown:
                raise InputError(f"Scenario {title!r} sets {in_words(unknown[0])}. {suggest(unknown[0], names)}")
        with once():
            found = {title: self.model(dict(case)) for title, case in cases.items()}
        shown = [
            [value.name if isinstance(value, Estimate) else value for value in (self.base | dict(case)).values()]
            for case in cases.values()
        ]
        given = pd.DataFrame(shown, index=list(cases), columns=names)
        made = scenarios(found, base=base, name=self.estimate.name)
        return replace(made, given=given)

    def methods(self) -> str:
        """Return sentences for a paper's methods section.

        See Also
        --------
        Estimate.methods

        Examples
        --------
        >>> import hiddenpop as hp
        >>> size = hp.published(16_000, 11_300, 25_200, name="size")
        >>> study = hp.sensitivity(lambda completeness: size / completeness, completeness=(0.5, 1))
        >>> text = study.methods()
        """
        described = []
        for v in self.inputs:
            fields = {"name": v.name, "base": write(v.base), "low": write(v.low), "high": write(v.high)}
            if v.uncertain is None:
                described.append(tr("{name} ({base}; {low} to {high})", **fields))
            else:
                described.append(tr("{name} ({base}; {low} to {high}, the central 95% of its distribution)", **fields))
        said = tr(
            "In a sensitivity analysis these inputs were varied one at a time, the others at their base values: {inputs}.",
            inputs="; ".join(described),
        )
        return f"{said} {self.estimate.methods()}"

    def _as_table(self) -> Table:
        if not self.estimate.scalar:
            return self.estimate._as_table()
        return of_frame(capital(self.estimate.name), self.summary(), methods.caveats(self.estimate.node))

    def __repr__(self) -> str:
        shown, notes = self._shown()
        note, _, _ = tr("Note: {note}.", note="\0").partition("\0")
        return "\n".join([repr(self.estimate).partition(f"\n{note}")[0], shown.to_string(), *notes])

    def _repr_html_(self) -> str:
        shown, notes = self._shown()
        return notebook.show(self.estimate, shown, notes=notes)

    def _shown(self) -> tuple[pd.DataFrame, list[str]]:
        if not self.estimate.scalar:
            rows = [(write(v.low), write(v.base), write(v.high)) for v in self.inputs]
            shown = pd.DataFrame(rows, index=[v.name for v in self.inputs], columns=["low", "base", "high"])
            return shown, _notes(self.estimate)
        table = self.summary()
        share = self.estimate.quantity == "share"
        shown = table[["low", "base", "high"]].map(write)
        spans = [
            tr("{low} to {high}", low=write(low, 3, share=share), high=write(high, 3, share=share))
            for low, high in zip(table["lowest"], table["highest"], strict=True)
        ]
        shown.index.name = None
        return shown.assign(estimate=spans), _notes(self.estimate)

    def _result(self) -> Result:
        """Return what figures say of the result in the base case."""
        est = self.estimate
        return Result(read(est.name), est.quantity, float(est.node.point[0]), methods.caveats(est.node))

    def _two(self, x: str, y: str) -> tuple[Varied, Varied]:
        known = {varied.name: varied for varied in self.inputs}
        for name in (x, y):
            if name not in known:
                raise InputError(f"The study varies no input {name!r}. {suggest(name, known)}")
        if x == y:
            raise InputError(f"Two different inputs are varied together, and both are {in_words(x)}.")
        return known[x], known[y]

    def _require_one(self, what: str) -> None:
        if not self.estimate.scalar:
            labels = list(self.estimate.labels)
            raise InputError(
                f"{what} is of one label, and the result has {listing(labels)}; pick one: study[{in_words(labels[0])}]."
            )


@checked
def sensitivity(
    model: Any, /, *, base: Mapping[str, float] | None = None, name: str | None = None, **inputs: Any
) -> Sensitivity:
    """Ask how a result moves with what it was made from.

    Parameters
    ----------
    model : callable or Estimate
        A function of the inputs, by name, that returns an Estimate: it gets numbers for one- and two-way analyses and
        scenarios (as estimates without uncertainty if it can't calculate with numbers, as `hp.apply`), uncertain inputs for
        `probabilistic`. Or an Estimate with named inputs (the `benchmark` of a
        multiplier, ``hp.beta(80, 20, name="completeness")``), which are replaced as `Estimate.replay` does.
    base : mapping of str to float, optional
        Base values, where they are not what follows from the ranges.
    name : str, optional
        What the result is called; by default as the model calls it.
    **inputs
        What is doubted, and how far. ``(low, high)`` is a range, whose base value is the middle; for a ratio, which is
        a range of positive numbers on both sides of 1, it is the geometric middle, and its steps are even on the log
        scale. ``(low, middle, high)`` says the base value. Four or more values are taken as they are, the middle one as the base. An
        uncertain input (`hp.beta`, `hp.lognormal`, any one-label Estimate) has its point as base value and is varied between its 2.5%
        and 97.5% quantiles. Inputs of an Estimate keep their present values as base.

    Returns
    -------
    Sensitivity
        With `one_way`, `grid`, `summary`, `tornado`, `contour`, `tipping_point`, `probabilistic`, `variance_shares` and
        `scenarios`. A result with several labels is picked from: ``study["crack only"].tornado()``.

    Raises
    ------
    InputError
        A range from high to low, a name that the model does not take, a model that returns no Estimate, or one that
        makes a new uncertain input at every call.

    See Also
    --------
    scenarios : named cases.
    adjust.register, adjust.turnover : what the inputs may be.
    variance_shares : whose uncertainty it is.

    Notes
    -----
    A one-way analysis shows what an input could do alone, not how probable it is; variance shares weigh it by its
    distribution and add what inputs do together (Saltelli et al. 2008, Global Sensitivity Analysis: The Primer,
    chapters 1 and 4).

    Examples
    --------
    >>> import hiddenpop as hp
    >>> survey = hp.Survey({"registered": [1, 0], "count": [39, 88]}, counts="count")
    >>> treated = survey.proportion("registered")
    >>> def people(completeness, odds):  # the register misses some; those registered are easier to find
    ...     share = treated / (treated + odds * (1 - treated))
    ...     return (hp.multiplier(4_912, share) / completeness).rename("crack only")
    >>> study = hp.sensitivity(people, completeness=(0.6, 1), odds=(0.5, 2), base={"completeness": 1})
    >>> study
    crack only: 16,000 (95% interval 12,500 to 21,000)
                  low base high          estimate
    odds          0.5    1    2  10,500 to 27,100
    completeness  0.6    1    1  16,000 to 26,700
    >>> study.tipping_point(above=20_000)[["base", "holds", "tips_at"]].round(2)
                  base  holds  tips_at
    input
    completeness   1.0  False     0.80
    odds           1.0  False     1.36
    """
    if not inputs:
        raise InputError("Say what is doubted, and how far: hp.sensitivity(model, completeness=(0.6, 1)).")
    given = ranges.read_base(base, list(inputs))
    function = function_of(model, list(inputs))
    if isinstance(model, Estimate):
        given = {name: present(model, name) for name in inputs} | given
    varied = tuple(ranges.read(name, value, given.get(name)) for name, value in inputs.items())
    ends = {v.name: (v.low, v.high) for v in varied}
    with once():
        made = fitting(Model(function, {v.name: v.base for v in varied}, ends))
        estimate = made({})
        require_lasting(made, estimate)
    title = name or (made.named[0].name if made.named is not None else estimate.name)
    return Sensitivity(estimate.rename(title), varied, made)


def _notes(est: Estimate) -> list[str]:
    return [tr("Note: {note}.", note=note.removesuffix(".")) for note in methods.caveats(est.node)]


def _points(points: int) -> int:
    return checks.whole(points, "points", 2, 2_000)
