"""Idea 2: an estimate is a distribution whose history can be replayed.

This file holds the value and its arithmetic. Its other behaviours have rooms of their own:
intervals in `interval`, tables in `table`, figures in `plot`, sentences in `report`, files in `store`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from . import expression, interval
from .columns import Floats
from .errors import HiddenpopWarning, InputError, listing, suggest
from .expression import Apply, Constant, Node, Operation, Stack, Take, Weigh
from .statistic import Statistic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .survey import Survey


@dataclass(frozen=True, eq=False, repr=False)
class Estimate:
    """An uncertain quantity: labelled points, their draws, and how they were computed.

    Estimates come from a survey's statistics, from `multiplier` and other methods, from published
    figures and from arithmetic with any of these. They are values: nothing changes one.

    Arithmetic (``+ - * / **``) works draw by draw with other estimates, numbers and pandas Series.
    Labels align as in pandas, except that labels without a partner are an error. One-label
    estimates, as `est["crack only"]`, combine with any other. Comparisons give events, for `prob`.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> table = {"group": ["opioids", "opioids", "crack only", "crack only"],
    ...          "in_treatment": [1, 0, 1, 0], "count": [240, 153, 39, 88]}
    >>> survey = hp.Survey(table, counts="count", strata="group")
    >>> treated = survey.proportion("in_treatment", by="group")
    >>> people = hp.multiplier({"opioids": 8126, "crack only": 4912}, treated)
    >>> people
    population size
                estimate              95% interval
    opioids       13,310      12,330 to 14,450
    crack only    16,000      12,700 to 21,500
    >>> people.sum("people")
    people: 29,300 (95% interval 25,800 to 34,900)
    """

    node: Node
    labels: pd.Index[Any]
    scalar: bool
    name: str

    # pandas and NumPy let an estimate do the arithmetic.
    __array_ufunc__ = None
    __pandas_priority__ = 5000

    @classmethod
    def of(cls, statistic: Statistic) -> Estimate:
        """Wrap a survey's answer."""
        return cls(statistic, statistic.labels, statistic.scalar, statistic.question.title)

    # What it holds

    @property
    def point(self) -> pd.Series[Any] | float:
        """Point values: a Series by label, or a number for a one-label estimate."""
        return self._series(self.node.point)

    @property
    def draws(self) -> Floats:
        """Draws, labels x replicates: made when first asked for, then kept; read-only."""
        return expression.draws(self.node)

    @property
    def replicates(self) -> int:
        """Number of draws."""
        return expression.replicates(self.node)

    @property
    def quantity(self) -> str:
        """What it measures: size, rate, share, mean, total, event or other."""
        return self.node.quantity

    def __len__(self) -> int:
        return len(self.labels)

    def __bool__(self) -> bool:
        raise InputError(
            "An estimate is neither true nor false. For the share of draws in which a comparison holds use "
            "hp.prob(a > b)."
        )

    __iter__ = None

    def __copy__(self) -> Estimate:
        return self

    def __deepcopy__(self, memo: object) -> Estimate:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        from . import store  # noqa: PLC0415 (only when pickled)

        return store.from_record, (store.to_record(self, draws=True),)

    # Labels

    def __getitem__(self, label: Any) -> Estimate:
        if isinstance(label, (list, pd.Index)):
            positions = [self._position(one) for one in label]
            return Estimate(Take((self.node,), tuple(positions)), self.labels[positions], False, self.name)
        if self.labels.nlevels > 1 and not (isinstance(label, tuple) and len(label) == self.labels.nlevels):
            return self._partial(label)
        position = self._position(label)
        name = ", ".join(map(str, label)) if isinstance(label, tuple) else str(label)
        return Estimate(Take((self.node,), (position,)), pd.Index([name]), True, name)

    def _position(self, label: Hashable) -> int:
        try:
            found = self.labels.get_loc(label)
        except (KeyError, TypeError):
            known = [", ".join(map(str, k)) if isinstance(k, tuple) else k for k in self.labels]
            raise InputError(f"{self.name!r} has no label {label!r}. {suggest(label, known)}") from None
        return int(cast("int", found))

    def _partial(self, label: Any) -> Estimate:
        outer = label if isinstance(label, tuple) else (label,)
        keep = [i for i, row in enumerate(self.labels) if row[: len(outer)] == outer]
        if not keep:
            level = self.labels.get_level_values(0).unique()
            raise InputError(f"{self.name!r} has no label {label!r}. {suggest(outer[0], level)}")
        rest = self.labels[keep].droplevel(list(range(len(outer))))
        return Estimate(Take((self.node,), tuple(keep)), rest, False, f"{self.name}, {', '.join(map(str, outer))}")

    def rename(self, name: str | Mapping[Any, Any]) -> Estimate:
        """Return the estimate under another name, or with labels renamed by a mapping.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.beta(80, 20, name="completeness").rename("share in the register").name
        'share in the register'
        """
        if isinstance(name, str):
            labels = pd.Index([name]) if self.scalar else self.labels
            return Estimate(self.node, labels, self.scalar, name)
        if self.labels.nlevels > 1:
            raise InputError("Labels of several levels are renamed one level at a time: pick a group first.")
        unknown = [label for label in name if label not in self.labels]
        if unknown:
            raise InputError(f"{self.name!r} has no label {unknown[0]!r}. {suggest(unknown[0], self.labels)}")
        new = pd.Index([name.get(label, label) for label in self.labels], name=self.labels.name)
        if not new.is_unique:
            raise InputError("Renaming gives two labels the same name.")
        return Estimate(self.node, new, self.scalar, str(new[0]) if self.scalar else self.name)

    # Arithmetic

    def __add__(self, other: object) -> Estimate:
        return _binary("+", self, other)

    def __radd__(self, other: object) -> Estimate:
        return _binary("+", other, self)

    def __sub__(self, other: object) -> Estimate:
        return _binary("-", self, other)

    def __rsub__(self, other: object) -> Estimate:
        return _binary("-", other, self)

    def __mul__(self, other: object) -> Estimate:
        return _binary("*", self, other)

    def __rmul__(self, other: object) -> Estimate:
        return _binary("*", other, self)

    def __truediv__(self, other: object) -> Estimate:
        return _binary("/", self, other)

    def __rtruediv__(self, other: object) -> Estimate:
        return _binary("/", other, self)

    def __pow__(self, other: object) -> Estimate:
        return _binary("**", self, other)

    def __rpow__(self, other: object) -> Estimate:
        return _binary("**", other, self)

    def __neg__(self) -> Estimate:
        return Estimate(Operation("negative", (self.node,), "other"), self.labels, self.scalar, f"-{self.name}")

    def __gt__(self, other: object) -> Estimate:
        return _binary(">", self, other)

    def __ge__(self, other: object) -> Estimate:
        return _binary(">=", self, other)

    def __lt__(self, other: object) -> Estimate:
        return _binary("<", self, other)

    def __le__(self, other: object) -> Estimate:
        return _binary("<=", self, other)

    def sum(self, name: str = "total") -> Estimate:
        """Add up the labels, draw by draw, under a new name.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.concat({"a": hp.normal(10, 1, name="a"), "b": hp.normal(5, 1, name="b")}).sum("both").point
        15.0
        """
        ones = np.ones((1, len(self.labels)))
        quantity = self.node.quantity if self.node.quantity in ("size", "rate", "total") else "other"
        return Estimate(Weigh((self.node,), ones, quantity), pd.Index([name]), True, name)

    def contrast(self, weights: Mapping[Any, float], name: str | None = None) -> Estimate:
        """Combine labels linearly, for example their difference ``{"a": 1, "b": -1}``.

        Parameters
        ----------
        weights : mapping of label to number
            Labels left out weigh nothing.
        name : str, optional
            Name of the result.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> both = hp.concat({"2012": hp.normal(79, 1, name="x"), "2023": hp.normal(61, 1, name="y")})
        >>> both.contrast({"2023": 1, "2012": -1}).point
        -18.0
        """
        if not isinstance(weights, Mapping) or not weights:
            raise InputError("contrast needs a mapping of labels to weights, such as {'a': 1, 'b': -1}.")
        row = np.zeros(len(self.labels))
        for label, weight in weights.items():
            if not np.isfinite(weight):
                raise InputError(f"The weight of {label!r} is {weight!r}; weights are finite numbers.")
            row[self._position(label)] = weight
        title = name or " ".join(f"{w:+g} {label}" for label, w in weights.items())
        return Estimate(Weigh((self.node,), row[None, :], "other"), pd.Index([title]), True, title)

    def per(self, population: float | Mapping[Any, float] | pd.Series[Any] | Estimate, base: float = 1000) -> Estimate:
        """Express as a rate: how many for every `base` of a population.

        Parameters
        ----------
        population : number, mapping, Series or Estimate
            The population at risk, for each label or for all.
        base : float
            1000 gives the rate per thousand.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> size = hp.published(13_300, 12_600, 14_200, name="opioids")
        >>> round(size.per(11_700_000).point, 2)
        1.14
        """
        below = _estimate(population)
        if np.any(below.node.point <= 0):
            raise InputError("A rate needs a population above zero.")
        if not (np.isfinite(base) and base > 0):
            raise InputError(f"base={base!r} must be a number above zero.")
        rate = self / below
        node = Operation("*", (rate.node, Constant(np.array([float(base)]))), "rate")
        return Estimate(node, rate.labels, rate.scalar, f"{self.name} per {base:,g}")

    # Summaries

    def interval(self, level: float = 0.95, method: str = "percentile", scale: str | None = None) -> pd.DataFrame:
        """Return intervals, one row a label.

        Parameters
        ----------
        level : float
            Confidence level, between 0 and 1.
        method : {"percentile", "basic", "normal", "bc"}
            Percentiles of the draws; basic (reflected) bootstrap; normal with the draws' standard
            error; bias-corrected percentiles (Efron and Tibshirani 1993, An Introduction to the
            Bootstrap, ch. 13 and 14; Davison and Hinkley 1997, eq. 5.6 and 5.20).
        scale : {"log", "identity"}, optional
            Scale on which basic and normal intervals are formed: log for sizes and rates, else
            identity.

        Returns
        -------
        DataFrame
            Columns `lower` and `upper`. NaN, with a warning that says why, where there is no answer.

        Raises
        ------
        InputError
            Impossible level or method, or a bias correction of something that is no redrawn sample.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.published(16_000, 11_300, 25_200, name="crack").interval(0.95).round(-2)
                 lower    upper
        crack  11300.0  25200.0
        """
        ends, notes = interval.interval(self.node, level, method, scale)
        _warn(notes, self.labels)
        return pd.DataFrame(ends, index=self.labels, columns=["lower", "upper"])

    def se(self) -> pd.Series[Any] | float:
        """Return standard errors: the standard deviation of the draws.

        NaN, with a warning, where some draws are infinite (a share of zero in a replicate).
        """
        values, notes = interval.standard_error(self.draws)
        _warn(notes, self.labels)
        return self._series(values)

    def cv(self) -> pd.Series[Any] | float:
        """Return coefficients of variation: standard errors relative to the points."""
        values, notes = interval.standard_error(self.draws)
        _warn(notes, self.labels)
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._series(values / np.abs(self.node.point))

    def quantile(self, q: float | Sequence[float]) -> pd.DataFrame | pd.Series[Any] | float:
        """Return quantiles of the draws; several give a column each.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.uniform(0, 1, replicates=100_000, name="u").quantile(0.5).round(2)
        0.5
        """
        shares = np.atleast_1d(np.asarray(q, dtype=float))
        if not ((shares >= 0) & (shares <= 1)).all():
            raise InputError(f"q={q!r} must hold shares between 0 and 1.")
        values, notes = interval.percentiles(self.draws, shares.tolist())
        _warn(notes, self.labels)
        if np.ndim(q) == 0:
            return self._series(values[:, 0])
        return pd.DataFrame(values, index=self.labels, columns=shares)

    def vcov(self) -> pd.DataFrame:
        """Return the covariance matrix of the labels over the draws.

        NaN, with a warning, for labels with infinite or undefined draws.
        """
        values, notes = interval.covariance(self.draws)
        _warn(notes, self.labels)
        return pd.DataFrame(values, index=self.labels, columns=self.labels)

    def summary(self, level: float = 0.95, method: str = "percentile") -> pd.DataFrame:
        """Return a tidy table: estimate, lower, upper, se, n, missing and method for every label.

        `n` counts the participants behind a label and `missing` those who did not answer; both are
        <NA> where arithmetic combined different groups.
        """
        from . import table  # noqa: PLC0415 (rooms open when used)

        frame, notes = table.summary(self, level, method)
        _warn(notes, self.labels)
        return frame

    def methods(self, level: float = 0.95, method: str = "percentile") -> str:
        """Return sentences for a paper's methods section: estimator, design, replicates, references."""
        from . import report  # noqa: PLC0415

        return report.methods(self, level, method)

    def plot(self, kind: str = "interval", *, level: float = 0.95, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw points with intervals, or the draws' densities; needs matplotlib.

        Parameters
        ----------
        kind : {"interval", "density"}
            What to draw.
        level : float
            Confidence level of the intervals.
        ax : matplotlib Axes, optional
            Where to draw; a new figure otherwise.
        **options
            Passed to matplotlib: `color`, and what `errorbar` or `fill_between` take.

        Returns
        -------
        matplotlib Axes
        """
        from . import plot  # noqa: PLC0415 (matplotlib only when something is plotted)

        return plot.estimate(self, kind, level=level, ax=ax, **options)

    def to_json(self, path: str | PathLike[str] | None = None, *, draws: bool = True) -> str | None:
        """Save points, draws, labels and history; `hp.read_estimate` loses nothing.

        No respondent's row is written: only the description of the survey, and the draws.

        Parameters
        ----------
        path : path, optional
            File to write; without it the text is returned.
        draws : bool
            Whether to keep the draws (8 bytes each, compressed). Without them a read estimate has
            its points and can be replayed on its survey.
        """
        from . import store  # noqa: PLC0415

        return store.to_json(self, path, draws=draws)

    def to_xarray(self) -> Any:
        """Return the draws as an xarray DataArray with dimensions label and replicate."""
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

    def __repr__(self) -> str:
        from . import table  # noqa: PLC0415

        return table.text(self)

    def _repr_html_(self) -> str:
        from . import table  # noqa: PLC0415

        return table.html(self)

    # Replay

    def replay(
        self,
        *,
        seed: int | None = None,
        replicates: int | None = None,
        survey: Survey | None = None,
        **inputs: Any,
    ) -> Estimate:
        """Evaluate the same expression on other redraws or with other inputs.

        Parameters
        ----------
        seed : int, optional
            Another seed for all sources: shows the Monte Carlo error.
        replicates : int, optional
            Another number of replicates; the first ones stay the same.
        survey : Survey, optional
            Ask another survey the same questions, by column names.
        **inputs
            Replacements by name: `benchmark` for that of `multiplier`, the `name` of an uncertain
            input, or of a survey when there are several.

        Returns
        -------
        Estimate
            With the same labels.

        Raises
        ------
        InputError
            A name that the expression does not hold, or a question that fits its own survey only.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> survey = hp.Survey({"in_treatment": [1, 0], "count": [61, 39]}, counts="count")
        >>> people = hp.multiplier(6_100, survey.proportion("in_treatment"))
        >>> people.replay(benchmark=12_200).point
        20000.0
        """
        from . import replay  # noqa: PLC0415

        return replay.replay(self, seed=seed, replicates=replicates, survey=survey, inputs=inputs)

    def _series(self, values: Floats) -> pd.Series[Any] | float:
        if self.scalar:
            return float(values[0])
        return pd.Series(values, index=self.labels, name=self.name)


def _warn(notes: Sequence[interval.Note], labels: pd.Index[Any]) -> None:
    for note in notes:
        where = "" if len(labels) == 1 else f" ({listing([labels[i] for i in note.labels])})"
        warnings.warn(note.text + where, HiddenpopWarning, stacklevel=3)


def _estimate(value: object, *, name: str | None = None) -> Estimate:
    """Make numbers, mappings and Series estimates without uncertainty."""
    if isinstance(value, Estimate):
        return value
    if isinstance(value, (bool, np.bool_)):
        raise InputError(f"{value!r} is not a number to calculate with.")
    if isinstance(value, (int, float, np.number)):
        text = f"{value:,g}"
        return Estimate(Constant(_finite(np.array([float(value)])), name), pd.Index([text]), True, text)
    if isinstance(value, Mapping):
        value = pd.Series(dict(value))
    if isinstance(value, pd.Series):
        if not value.index.is_unique:
            raise InputError("The labels of the Series are not unique, so they can't be aligned.")
        if len(value) == 0:
            raise InputError("The Series has no values.")
        try:
            numbers = value.to_numpy(dtype=float)
        except (TypeError, ValueError):
            raise InputError("The values of the Series are not all numbers.") from None
        return Estimate(Constant(_finite(numbers), name, value.index), value.index, False, str(value.name or "numbers"))
    raise InputError(
        f"An estimate combines with numbers, pandas Series and other estimates, not with {type(value).__name__}; put "
        "an array into a Series with the estimate's labels."
    )


def _finite(numbers: Floats) -> Floats:
    if not np.isfinite(numbers).all():
        raise InputError("A number to calculate with is missing or infinite.")
    return numbers


def _binary(symbol: str, left: object, right: object) -> Estimate:
    a, b = _estimate(left), _estimate(right)
    expression.check_joint([a.node, b.node])
    a, b, labels = align(a, b)
    node = Operation(symbol, (a.node, b.node), expression.product_of(symbol, a.node, b.node))
    shown = {"*": "×", "-": "−", "/": "/"}.get(symbol, symbol)
    name = f"{a.name} {shown} {b.name}"
    if a.scalar and b.scalar:
        same = a.name == b.name
        name = a.name if same and symbol in ("*", "/") else name
        return Estimate(node, pd.Index([name]), True, name)
    return Estimate(node, labels, False, name)


def align(a: Estimate, b: Estimate) -> tuple[Estimate, Estimate, pd.Index[Any]]:
    """Bring two estimates to the same labels, or say which have no partner.

    One-label estimates go with everything. Otherwise labels must be the same, in any order; or one
    side's level names must all be levels of the other, whose labels then remain (sizes by group
    times shares by group and category).
    """
    if a.scalar or b.scalar or a.labels.equals(b.labels):
        return a, b, (b if a.scalar else a).labels
    if a.labels.nlevels < b.labels.nlevels:
        return _widen(a, b.labels), b, b.labels
    return a, _widen(b, a.labels), a.labels


def _widen(narrow: Estimate, labels: pd.Index[Any]) -> Estimate:
    wanted = labels
    if narrow.labels.nlevels < labels.nlevels:
        names = list(narrow.labels.names)
        if not all(name is not None and name in labels.names for name in names):
            raise InputError(
                f"The labels of '{narrow.name}' ({names}) don't say to which of the levels {list(labels.names)} they "
                "belong."
            )
        dropped = [name for name in labels.names if name not in names]
        wanted = labels.droplevel(dropped)
        if wanted.nlevels > 1:
            wanted = wanted.reorder_levels(names)
    positions = narrow.labels.get_indexer(wanted)
    unmatched = [*wanted[positions < 0].unique(), *narrow.labels.difference(wanted, sort=False)]
    if unmatched:
        raise InputError(
            f"Labels don't match: {listing(unmatched)} occur on one side only. Select the labels you mean on both "
            "sides (est[['a', 'b']]), rename them, or pick one (est['a']), which combines with all."
        )
    return Estimate(Take((narrow.node,), tuple(int(p) for p in positions)), labels, False, narrow.name)


def concat(estimates: Mapping[Any, Estimate] | Sequence[Estimate], name: str | None = None) -> Estimate:
    """Stack estimates under new labels.

    Parameters
    ----------
    estimates : mapping of label to Estimate, or list of Estimate
        Keys become labels (the outer level, where an estimate has labels of its own). A list keeps
        the estimates' own labels.
    name : str, optional
        Name of the result.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> sizes = hp.concat({2012: hp.published(14_300, 13_400, 16_300, name="2012"),
    ...                    2023: hp.published(13_300, 12_600, 14_200, name="2023")}, name="opioids")
    >>> sizes.point.round(0).to_dict()
    {2012: 14300.0, 2023: 13300.0}
    """
    if not estimates:
        raise InputError("There is nothing to stack.")
    keyed = isinstance(estimates, Mapping)
    items = list(estimates.items()) if isinstance(estimates, Mapping) else [(None, e) for e in estimates]
    for key, value in items:
        if not isinstance(value, Estimate):
            raise InputError(f"concat stacks estimates, but {key!r} is {type(value).__name__}.")
    parts = [value for _, value in items]
    expression.check_joint([part.node for part in parts])
    rows: list[Any] = []
    for key, part in items:
        for label in part.labels:
            inner = label if isinstance(label, tuple) else (label,)
            rows.append(label if not keyed else key if part.scalar else (key, *inner))
    widths = {len(row) if isinstance(row, tuple) else 1 for row in rows}
    if len(widths) > 1:
        raise InputError("Estimates with different numbers of label levels don't stack; pick labels first.")
    names = [None, *parts[0].labels.names] if keyed else list(parts[0].labels.names)
    tuples = widths != {1}
    labels = pd.MultiIndex.from_tuples(rows, names=names) if tuples else pd.Index(rows)
    if not labels.is_unique:
        raise InputError("Two of the stacked labels are the same; give the estimates as a mapping of new labels.")
    return Estimate(Stack(tuple(p.node for p in parts)), labels, False, name or parts[0].name)


def prob(event: Estimate) -> pd.Series[Any] | float:
    """Return the share of draws in which a comparison holds.

    For redrawn samples this is a bootstrap probability: how often the redrawn sample says so. It is
    not the probability of a hypothesis.

    Parameters
    ----------
    event : Estimate
        A comparison such as ``a > b``.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.prob(hp.uniform(0, 1, name="u", replicates=100_000) > 0.25).round(2)
    0.75
    """
    if not isinstance(event, Estimate) or event.quantity != "event":
        raise InputError("prob takes a comparison of estimates, such as hp.prob(a > b).")
    draws = event.draws
    undefined = np.isnan(draws).sum(axis=1)
    notes = interval.undefined_notes(undefined, draws.shape[1])
    _warn(notes, event.labels)
    defined = draws.shape[1] - undefined
    with np.errstate(invalid="ignore"):
        share = np.nansum(draws, axis=1) / np.where(interval.too_many(undefined, draws.shape[1]), np.nan, defined)
    return event._series(share)


def apply(
    function: Callable[..., Any], *estimates: Estimate, labels: Sequence[Any] | None = None, name: str | None = None
) -> Estimate:
    """Lift a function of arrays to estimates.

    Parameters
    ----------
    function : callable
        Takes an array for each estimate, (labels, replicates) or, for a one-label estimate,
        (replicates,), and returns an array of one of these shapes. Replicate *i* of the result may
        depend only on replicate *i* of the arguments; this is checked.
    *estimates : Estimate
        The arguments.
    labels : sequence, optional
        Labels of the result, where its number differs from the arguments'.
    name : str, optional
        Name of the result.

    Raises
    ------
    InputError
        The function mixes replicates, changes their number, or returns an unlabelled shape.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> import numpy as np
    >>> hp.apply(np.log, hp.uniform(1, np.e, name="u"), name="log").point.round(3)
    0.62
    """
    if not estimates or not all(isinstance(e, Estimate) for e in estimates):
        raise InputError("apply takes a function and one or more estimates.")
    expression.check_joint([e.node for e in estimates])
    title = name or getattr(function, "__name__", "function")
    scalars = tuple(e.scalar for e in estimates)
    point = expression.call(function, [e.node.point[:, None] for e in estimates], scalars)
    if point.ndim != 2 or point.shape[1] != 1:
        raise InputError(
            f"{title!r} returned an array of shape {point.shape} for one replicate; it should return one value for "
            "each label and replicate."
        )
    like = next((e for e in estimates if len(e.labels) == len(point) and not e.scalar), estimates[0])
    if labels is not None:
        if len(labels) != len(point):
            raise InputError(f"{title!r} returns {len(point)} labels, but {len(labels)} were named.")
        index, scalar = pd.Index(list(labels)), False
    elif len(point) == 1 and all(scalars):
        index, scalar = pd.Index([title]), True
    elif len(point) == len(like.labels):
        index, scalar = like.labels, False
    elif len(point) == 1:
        index, scalar = pd.Index([title]), True
    else:
        raise InputError(f"{title!r} returns {len(point)} labels; name them with labels=.")
    node = Apply(function, tuple(e.node for e in estimates), title, scalars, point[:, 0])
    _check_replicatewise(node, estimates)
    return Estimate(node, index, scalar, title)


def _check_replicatewise(node: Apply, estimates: Sequence[Estimate]) -> None:
    """Call the function on a few draws, in two orders and one by one: all must agree."""
    some = min(8, min(e.replicates for e in estimates))
    values = [expression.preview(e.node, some) for e in estimates]
    whole = node.block(values, 0, some)
    if whole.shape != (len(node.point), some):
        raise InputError(
            f"{node.name!r} returned shape {whole.shape} for {some} replicates of {len(node.point)} labels; it must "
            "return one value for each label and replicate."
        )
    back = node.block([v[:, ::-1] for v in values], 0, some)[:, ::-1]
    single = np.concatenate([node.block([v[:, i : i + 1] for v in values], 0, 1) for i in range(some)], axis=1)
    if not (np.allclose(whole, back, equal_nan=True) and np.allclose(whole, single, equal_nan=True)):
        raise InputError(
            f"{node.name!r} mixes replicates: its result for one depends on the others. Work along axis 0 (labels), "
            "never along the last axis (replicates)."
        )


def constant(value: object, name: str) -> Estimate:
    """Return numbers under a name by which a replay can replace them."""
    made = _estimate(value, name=name)
    if isinstance(made.node, Constant) and made.node.name is None:
        return Estimate(Constant(made.node.point, name, made.node.labels), made.labels, made.scalar, made.name)
    return made
