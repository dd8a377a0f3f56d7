"""What `hp.regress` returns: coefficients with their table, tests, margins, effects and predictions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from ..errors import EstimationError, InputError, listing, suggest
from ..estimate.estimate import Estimate
from ..expression.nodes import Node
from ..expression.operations import Apply, Weigh
from ..ground import checks, columns, distributions, matrices
from ..ground.columns import Floats
from ..ground.formulas import Formula
from ..ground.language import english, filled, read, tr
from ..ground.matrices import ModelMatrix
from ..ground.signatures import checked
from ..ground.stays import Stays
from ..ground.text import capital
from ..sample.cut import Cut
from ..sample.labels import of_term
from ..uncertainty import ends, freedom, notes, of_draws
from ..uncertainty.notes import tell
from ..uncertainty.variance import measured
from ..words.printed import RATIO, show
from ..words.table import Table
from ..words.tabled import Tabled
from . import figures, glm, leaf, tabulated
from .leaf import Plan, Regressed, Specification
from .lines import Fitted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
#: Most values of a numeric column that margins take one by one.
MOST_VALUES = 10
#: The step of a marginal effect, in standard deviations: central differences are then exact to nine digits.
STEP = 1e-4


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Regression(Tabled, Stays):
    """A regression model fitted to a survey, as `hp.regress` returns it.

    Attributes
    ----------
    coefficients : Estimate
        One label a coefficient: joint with all other estimates of the survey, so contrasts, differences between
        models and products with sizes have the right variance.

    See Also
    --------
    regress : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> table = {"treated": [1, 0, 1, 0], "group": ["a", "a", "b", "b"], "count": [60, 40, 20, 80]}
    >>> model = hp.regress(hp.Survey(table, counts="count"), "treated ~ group", family="binomial")
    >>> round(float(model.coefficients.point.iloc[1]), 3), len(model.methods()) > 100
    (-1.792, True)
    """

    unsaved: ClassVar[str] = (
        "A model can't be saved, because it needs respondents' rows to predict. Save its estimates (model.coefficients, "
        "margins, predictions): estimate.to_json() or pickle"
    )

    coefficients: Estimate
    _formula: Formula
    _predictors: ModelMatrix

    @property
    def formula(self) -> str:
        """The formula."""
        return self._formula.text

    @property
    def family(self) -> str:
        """The family."""
        return self._specification.family

    @property
    def n(self) -> int:
        """Participants in the model."""
        return int(self._counts[0])

    @property
    def missing(self) -> int:
        """Participants who belong to the domain but are left out, because an answer is missing."""
        return int(self._counts[1])

    @property
    def terms(self) -> list[str]:
        """The terms that `test` takes."""
        return list(self._predictors.places)

    @property
    def df(self) -> float:
        """Degrees of freedom: those of the participants concerned, less predictors. Of imputations those of complete answers."""
        self._leaf.live.df  # noqa: B018 (says why where nothing is known of them)
        return float(freedom.of_answer(self._leaf)[0])

    def summary(self, exponentiate: bool = False, level: float = 0.95) -> pd.DataFrame:
        """Return a tidy table: estimate, se, t, p, lower and upper for every term.

        Standard errors are linearised (or those of the survey's variance replicates) and t has the design's degrees
        of freedom less the number of predictors, as in R's `svyglm`. For intervals from redraws use
        ``model.coefficients.interval()``; they stand here, without t and p, where a design states no degrees of freedom.

        Parameters
        ----------
        exponentiate : bool
            Odds ratios (binomial), risk ratios (log-binomial) or rate ratios (poisson): exp of estimates and
            intervals. Standard errors are then those of the ratio (delta method); t and p stay as they are.
        level : float
            Confidence level of the intervals.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"treated": [1, 0, 1, 0], "group": ["a", "a", "b", "b"], "count": [60, 40, 20, 80]}
        >>> model = hp.regress(hp.Survey(table, counts="count"), "treated ~ group", family="binomial")
        >>> model.summary(exponentiate=True).round(3)[["estimate", "lower", "upper"]]
                   estimate  lower  upper
        term
        Intercept     1.500  1.002  2.246
        group[T.b]    0.167  0.088  0.315
        """
        level = checks.check_level(level)
        frame = self._lines(checks.flag(exponentiate, "exponentiate"), level)
        if self._leaf.live.known_df is not None:
            df, limits = measured(self._node).df, frame[["lower", "upper"]].to_numpy()
            tell(ends.on_few(self._node, df, limits), self._leaf.labels)
        return frame

    def _lines(self, exponentiate: bool, level: float = 0.95) -> pd.DataFrame:
        b = self._node.point
        numbers = self._by_draws(level) if self._leaf.live.known_df is None else self._by_t(level)
        se = numbers["se"]
        frame = pd.DataFrame({"estimate": b, **numbers}, index=pd.Index(self._leaf.labels, name="term"))
        if exponentiate:
            if self.family == "gaussian":
                raise InputError(
                    "Coefficients of a linear regression are differences; exponentiate=True has no meaning for them."
                )
            frame["se"] = np.exp(b) * se
            for name in ("estimate", "lower", "upper"):
                frame[name] = np.exp(frame[name])
        return frame

    def test(self, term: str | Sequence[str] | None = None, *, adjust: bool = True) -> pd.DataFrame:
        """Test that all coefficients of a term are zero (Wald).

        Parameters
        ----------
        term : str or list of str, optional
            A term as the formula has it, or several that are tested together; by default each term by itself.
        adjust : bool
            Whether to adjust the F statistic for the design's few degrees of freedom d: (d - q + 1) / (d q) times
            Wald's statistic W of q coefficients, on q and d - q + 1 degrees of freedom (Korn and Graubard 1990, American
            Statistician 44:270-276). Without it W / q on q and the model's degrees of freedom (R's `regTermTest`).

        Returns
        -------
        DataFrame
            Columns `F`, `df1`, `df2` and `p`, a row a term.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"treated": [1, 0, 1, 0], "group": ["a", "a", "b", "b"], "count": [60, 40, 20, 80]}
        >>> model = hp.regress(hp.Survey(table, counts="count"), "treated ~ group", family="binomial")
        >>> model.test("group").round(2)
                   F  df1    df2    p
        term
        group  30.67    1  199.0  0.0
        """
        from scipy.special import fdtrc  # noqa: PLC0415 (a tenth of a second, only for tests)

        checks.flag(adjust, "adjust")
        rows = {}
        wanted = self.terms if term is None else [term]
        if not wanted:
            raise InputError("The model has no terms to test, only an intercept.")
        for asked in wanted:
            names = [asked] if isinstance(asked, str) else list(asked)
            if not names:
                raise InputError("The list of terms to test is empty.")
            places = [place for name in names for place in self._places(name)]
            q = len(places)
            b, v = self._node.point[places], self._within[np.ix_(places, places)]
            # A design with fewer degrees of freedom than coefficients can't vary in all directions.
            d = self.df + self._leaf.taken_df
            df = d - q + 1 if adjust else self.df
            if d < q or df < 1 or not np.isfinite(v).all() or np.linalg.matrix_rank(v, hermitian=True) < q:
                raise EstimationError(
                    f"The term {' + '.join(names)!r} has {q} coefficients, but the design has {d:g} degrees of freedom, so there is "
                    "no Wald test of it. Join categories, or test coefficients one by one (summary)."
                )
            factor = df / (d * q) if adjust else 1 / q
            inflation, df = self._inflation(places, df)
            wald = float(b @ np.linalg.solve(v, b)) / inflation
            f = wald * factor
            rows[" + ".join(names)] = {"F": f, "df1": q, "df2": df, "p": float(fdtrc(q, df, f))}
        frame = pd.DataFrame.from_dict(rows, orient="index")
        frame.index.name = "term"
        return frame

    def margins(self, variable: str, *, at: Sequence[Any] | None = None) -> Estimate:
        """Estimate predictive margins: the mean outcome if everybody belonged to each category.

        Parameters
        ----------
        variable : str
            A column of the formula.
        at : list, optional
            Values that everybody gets, one after another; needed for columns of many different numbers.

        Returns
        -------
        Estimate
            A label a value. Differences, ratios and comparisons of labels are adjusted for everything else in the
            model: ``m["a"] / m["b"]`` is a standardised risk ratio.

        Notes
        -----
        Graubard and Korn (1999), Biometrics 55:652-659: weighted means of what the model predicts for all participants
        used. Their variance counts the coefficients' and that of the participants' answers.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"treated": [1, 0, 1, 0], "group": ["a", "a", "b", "b"], "count": [60, 40, 20, 80]}
        >>> model = hp.regress(hp.Survey(table, counts="count"), "treated ~ group", family="binomial")
        >>> model.margins("group").point.round(3).to_dict()
        {'a': 0.6, 'b': 0.2}
        """
        specification = replace(self._specification, variable=variable, values=tuple(self._values(variable, at)))
        node = leaf.margins(self._leaf, specification, self._predictors)
        return Estimate(
            node, node.labels, False, english("predictive margins of {column}", column=self._leaf.live.called(variable))
        )

    def effects(self, variable: str) -> Estimate:
        """Estimate average marginal effects on the mean outcome.

        For categories (and True and False) each one's predictive margin less that of the reference; for a number the mean
        change for one unit more (the derivative).

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"treated": [1, 0, 1, 0], "group": ["a", "a", "b", "b"], "count": [60, 40, 20, 80]}
        >>> model = hp.regress(hp.Survey(table, counts="count"), "treated ~ group", family="binomial")
        >>> model.effects("group").point.round(3).to_dict()
        {'b': -0.4}
        """
        name = english("average marginal effects of {column}", column=self._leaf.live.called(variable))
        if self._is_category(variable):
            seen = self._values(variable, None)
            order = list(self._predictors.categories.get(variable, seen))
            if len(order) < 2:
                raise InputError(f"Column {variable!r} has one value only, so it has no effect.")
            margins = self.margins(variable, at=order)
            size = len(order) - 1
            weights = np.hstack([-np.ones((size, 1)), np.eye(size)])
            node = Weigh((margins.node,), weights, "other", *_shared(margins.node, size))
            return Estimate(node, margins.labels[1:], False, name)
        values = self._predictors.frame[variable].astype(float)
        h = STEP * float(values.std()) or STEP
        specification = replace(self._specification, variable=variable, values=(h, -h), shift=True)
        found = leaf.margins(self._leaf, specification, self._predictors)
        assert found.plan is not None
        self._require_slope(variable, *found.plan.targets)
        weights = np.array([[1.0, -1.0]]) / (2 * h)
        return Estimate(Weigh((found,), weights, "other", *_shared(found, 1)), pd.Index([name]), True, name)

    def predict(self, newdata: object, *, offset: float | Sequence[float] | None = None) -> Estimate:
        """Estimate the mean outcome for people of given kinds.

        Parameters
        ----------
        newdata : DataFrame or mapping
            A row a kind; all columns that the formula's right side names.
        offset : float, list or Series, optional
            What is added to the linear predictors, needed for models with an offset; a Series is matched by its index.

        Returns
        -------
        Estimate
            A label a row (the table's index). `interval()` and `summary()` give confidence intervals of the mean, not of
            a single person's outcome.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"treated": [1, 0, 1, 0], "group": ["a", "a", "b", "b"], "count": [60, 40, 20, 80]}
        >>> model = hp.regress(hp.Survey(table, counts="count"), "treated ~ group", family="binomial")
        >>> model.predict({"group": ["b"]}).interval(method="t").round(3)
           lower  upper
        0  0.132  0.291
        """
        frame = matrices.like(self._predictors, newdata)
        if offset is None and self._specification.offset is not None:
            raise InputError(
                f"The model has the offset {self._specification.offset!r}: say which one predictions are for, offset=0."
            )
        index = newdata.index if isinstance(newdata, pd.DataFrame) else pd.RangeIndex(len(frame))
        checks.once(index, "The new data's index has")
        if isinstance(offset, pd.Series):
            offset = columns.matched(offset, index, "offset=")
        added = np.broadcast_to(np.asarray(0.0 if offset is None else offset, dtype=float), (len(frame),))
        x = self._predictors.at(frame)
        family = self._specification.family
        linear = Weigh((self._leaf,), x, "other", *_shared(self._leaf, len(x)))
        function: Callable[[Floats], Floats] = partial(_predicted, family, added)
        point = function(linear.point[:, None])[:, 0]
        quantity = glm.WORDS[family][1]
        node = Apply(
            function, (linear,), f"mean {self._formula.outcome}", (False,), point, quantity, linear.n, linear.missing
        )
        return Estimate(node, index, False, english("predicted {column}", column=self._formula.outcome))

    def table(
        self,
        *,
        crude: bool = False,
        test: bool = False,
        intercept: bool = False,
        exponentiate: bool | None = None,
        labels: Mapping[str, str] | None = None,
        level: float = 0.95,
        suppress_below: int | None = None,
        title: str | None = None,
    ) -> Table:
        """Return the table that a paper prints: levels with their reference, participants and events, estimates, p.

        Parameters
        ----------
        crude : bool
            Whether each predictor by itself stands beside the whole model: fitted to the same participants, with the same offset.
        test : bool
            Whether the Wald test of a term with several coefficients stands beside its name.
        intercept : bool
            Whether the intercept has a line.
        exponentiate : bool, optional
            Ratios, or coefficients as they are; by default ratios, but for linear regression. Linear regression of yes and no
            gives differences of shares in percentage points.
        labels : mapping of column or term to label, optional
            What to call them; by default the labels of the SPSS or Stata file, or their names.
        level : float
            Confidence level of the intervals.
        suppress_below : int, optional
            Hide the whole table where a level holds 1 to `suppress_below - 1` participants, or as few with or without the
            outcome, or where as few could be worked out from it; see `docs/confidentiality.md`.
        title : str, optional
            Title of the table.

        Returns
        -------
        Table
            With `to_docx`, `to_excel`, `to_html`, `to_latex`; `numbers` are unrounded.

        Raises
        ------
        InputError
            A crude model without an intercept, `suppress_below` of imputations.

        See Also
        --------
        Regression.plot : the same as a figure.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"treated": [1, 0, 1, 0], "group": ["a", "a", "b", "b"], "count": [60, 40, 20, 80]}
        >>> model = hp.regress(hp.Survey(table, counts="count"), "treated ~ group", family="binomial")
        >>> model.table().to_pandas()["OR (95% CI)"].tolist()
        ['', '1 (reference)', '0.17 (0.09 to 0.32)']
        """
        for flagged, called in ((crude, "crude"), (test, "test"), (intercept, "intercept")):
            checks.flag(flagged, called)
        below = None if suppress_below is None else checks.check_below(suppress_below)
        asked = self._asked(crude, test, intercept, exponentiate, labels, level, title)

        def again(below: int | None, also: Sequence[Cut] = ()) -> Table:
            made = tabulated.table(asked, below, hide=any(cut.hidden.any() for cut in also))
            assert made.made is not None
            return replace(made, made=replace(made.made, again=again))

        return again(below)

    def plot(
        self,
        *,
        crude: bool = False,
        exponentiate: bool | None = None,
        labels: Mapping[str, str] | None = None,
        level: float = 0.95,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw a forest plot: a row a level, the reference among them, ratios on a log scale; needs matplotlib.

        Parameters
        ----------
        crude, exponentiate, labels, level
            As in `table`.
        ax : matplotlib Axes, optional
            Where to draw; a new figure otherwise.

        Returns
        -------
        matplotlib Axes

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"treated": [1, 0, 1, 0], "group": ["a", "a", "b", "b"], "count": [60, 40, 20, 80]}
        >>> model = hp.regress(hp.Survey(table, counts="count"), "treated ~ group", family="binomial")
        >>> [text.get_text() for text in model.plot().get_yticklabels()]
        ['group', 'a', 'b']
        """
        asked = self._asked(checks.flag(crude, "crude"), False, False, exponentiate, labels, level, None)
        return figures.draw(asked, ax)

    def methods(self, level: float = 0.95) -> str:
        """Return sentences for a paper's methods section."""
        return self.coefficients.methods(level, "t")

    def _as_table(self) -> Table:
        return self.table(intercept=True)

    def __repr__(self) -> str:
        head, foot = self._about
        return "\n".join([head, self._shown.to_string(), foot, *self._taken])

    def _repr_html_(self) -> str:
        head, foot = (escape(text) for text in self._about)
        foot = "<br>".join([foot, *map(escape, self._taken)])
        table = self._shown.reset_index().to_html(index=False, border=0)
        return f'<p style="margin:0.3em 0">{head}</p>{table}<small style="opacity:0.75">{foot}</small>'

    # How it works

    def _asked(
        self, crude: bool, test: bool, intercept: bool, exponentiate: bool | None, labels: Any, level: float, title: Any
    ) -> tabulated.Asked:
        """Gather what a table or figure shows."""
        level = checks.check_level(level)
        ratios = self.family != "gaussian" if exponentiate is None else checks.flag(exponentiate, "exponentiate")
        terms = self.terms
        whole = [term for term in terms if len(self._predictors.places[term]) > 1]
        simple = (
            [] if self._predictors.terms is None else [t for t in terms if len(self._predictors.terms.factors[t]) == 1]
        )
        return tabulated.Asked(
            models=self._fits,
            adjusted=self._lines(ratios, level),
            crude={term: self._crude(term)._lines(ratios, level) for term in simple} if crude else None,
            tests={term: float(self.test(term)["p"].iloc[0]) for term in whole} if test else {},
            labels=labels,
            level=level,
            ratios=ratios,
            intercept=intercept,
            title=title,
            counts=self._counts,
            methods=self.methods(level),
        )

    @property
    def _fits(self) -> tuple[Fitted, ...]:
        """The model as it was fitted to each sample."""
        return (Fitted(self._leaf, self._predictors),)

    def _crude(self, term: str) -> Regression:
        """Fit one term by itself to the same participants."""
        node, alone = leaf.crude(self._leaf, self._predictors, term)
        return Regression(Estimate(node, node.labels, False, node.title), self._formula, alone)

    @property
    def _leaf(self) -> Regressed:
        return leaf.model_of(self.coefficients.node)

    @property
    def _node(self) -> Node:
        """The coefficients, pooled where there are imputations."""
        return self.coefficients.node

    @property
    def _within(self) -> Floats:
        """The covariance of the coefficients, as it is without imputing."""
        return measured(self._leaf).covariance

    def _inflation(self, places: Sequence[int], df: float) -> tuple[float, float]:
        """Return what imputing multiplies the covariance of some coefficients by, and the degrees of freedom left."""
        return 1.0, df

    @property
    def _specification(self) -> Specification:
        return self._leaf.specification

    @property
    def _fitted(self) -> Plan:
        plan = self._leaf.plan
        assert plan is not None
        return plan

    @property
    def _counts(self) -> tuple[float, float]:
        node = self._leaf
        assert node.n is not None
        assert node.missing is not None
        return float(node.n[0]), float(node.missing[0])

    def _by_t(self, level: float) -> dict[str, Floats]:
        """Return what variances and the design's degrees of freedom say."""
        found = measured(self._node)
        b, se = self._node.point, found.se
        tell(notes.lost_notes(self._leaf, se), self._leaf.labels)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = b / se
        half = distributions.t_quantile((1 + level) / 2, found.df) * se
        return {"se": se, "t": t, "p": _two_sided(t, found.df), "lower": b - half, "upper": b + half}

    def _by_draws(self, level: float) -> dict[str, Floats]:
        """Return what the draws say, where a design states no degrees of freedom: no t, so no p."""
        (se, _), limits = of_draws.standard_error(self.coefficients.draws), self.coefficients.interval(level)
        unknown = np.full(len(se), np.nan)
        return {
            "se": se,
            "t": unknown,
            "p": unknown,
            "lower": limits["lower"].to_numpy(),
            "upper": limits["upper"].to_numpy(),
        }

    @property
    def _shown(self) -> pd.DataFrame:
        """The summary in texts: ratios where they are what people report."""
        ratios = self.family != "gaussian"
        frame = self._lines(ratios)  # whose last line says the degrees of freedom
        numbers = frame[["estimate", "lower", "upper"]]
        if ratios:
            shown = numbers.map(lambda v: show(v, RATIO, "ratio"))
        else:  # each in the unit of its term
            shown = numbers.map(lambda v: f"{v:.3g}" if 1e-3 <= abs(v) < 1e4 else f"{v:.2e}")
        shown["p"] = ["" if np.isnan(p) else "<0.001" if p < 0.001 else f"{p:.3f}" for p in frame["p"]]
        ratio = glm.WORDS[self._specification.family][2]
        labels = self._leaf.live.labels
        return shown.rename(
            index=lambda term: of_term(term, labels),
            columns={"estimate": ratio if ratios else "coefficient", "lower": "95% lower", "upper": "upper"},
        )

    #: What else the last line says.
    _more: ClassVar[str] = ""

    @property
    def _about(self) -> tuple[str, str]:
        family = glm.WORDS[self._specification.family][0]
        name = f"{capital(read(family))}: {self.formula}"
        said = tr("{count:,} participants", count=self.n)
        if self.missing:
            said += tr(", {count:,} left out (missing answers)", count=self.missing)
        known = self._leaf.live.known_df is not None
        df = tr("{df:g} degrees of freedom", df=self.df) if known else tr("intervals of the draws")
        return name, f"{said}; {df}{self._more}"

    @property
    def _taken(self) -> list[str]:
        """Say which family was taken, where another would be expected."""
        binary = bool(np.isin(self._fitted.fit.y, (0.0, 1.0)).all())
        return [filled(glm.OF_SHARES)] if binary and self.family == "gaussian" else []

    def _places(self, term: str) -> list[int]:
        if not isinstance(term, str):
            raise InputError(f"A term is a text as in the formula, not {type(term).__name__}.")
        found = None if self._predictors.terms is None else self._predictors.terms.find(term)
        if found is not None and found in self._predictors.places:
            return list(self._predictors.places[found])
        raise InputError(f"The model has no term {term!r}. {suggest(term, self._predictors.places)}")

    def _is_category(self, variable: str) -> bool:
        frame = self._predictors.frame
        if variable not in frame.columns:
            raise InputError(
                f"The right side of the formula has no column {variable!r}. {suggest(variable, frame.columns)}"
            )
        return variable in self._predictors.categories or columns.kind(frame[variable]) != "number"

    def _values(self, variable: str, at: Sequence[Any] | None) -> list[Any]:
        categorical = self._is_category(variable)
        seen = columns.categories(self._predictors.frame[variable])[1].tolist()
        if at is None:
            if not categorical and len(seen) > MOST_VALUES:
                raise InputError(
                    f"Column {variable!r} has {len(seen):,} different numbers. Say at which of them everybody is put: "
                    f"margins({variable!r}, at=[20, 40]); for the mean change with it use effects."
                )
            return seen
        if isinstance(at, str) or not len(at):
            raise InputError("at= is a list of values that everybody gets.")
        at = [v.item() if isinstance(v, np.generic) else v for v in at]
        unknown = [v for v in at if v not in seen] if categorical else []
        if unknown:
            raise InputError(f"Column {variable!r} holds no {listing(unknown)}; the model knows {listing(seen)}.")
        if categorical:
            return list(dict.fromkeys(at))
        wrong = [v for v in at if not columns.is_number(v) or not np.isfinite(float(v))]
        if wrong:
            raise InputError(f"Column {variable!r} holds numbers, so at= can't hold {listing(wrong)}.")
        return list(dict.fromkeys(columns.settled(pd.Series(at, dtype=object)).tolist()))

    def _require_slope(self, variable: str, above: Floats, below: Floats) -> None:
        """Refuse a derivative by a number that the formula cuts into steps."""
        for place in self._predictors.using(variable):
            column = self._fitted.fit.x[:, place]
            change = float(np.abs(above[:, place] - below[:, place]).max())
            if change == 0 or change > 100 * STEP * float(np.ptp(column)):
                raise InputError(
                    f"'{self._predictors.names[place]}' changes in steps with {variable!r}, so there is no mean change for one unit "
                    f"more. Compare values: margins({variable!r}, at=[...])."
                )


def _two_sided(t: Floats, df: Floats) -> Floats:
    from scipy.special import stdtr  # noqa: PLC0415 (a tenth of a second, only for tests)

    return np.asarray(2 * stdtr(df, -np.abs(t)))


def _predicted(family: glm.Family, offset: Floats, linear: Floats) -> Floats:
    """Return means from linear predictors (labels x replicates)."""
    return np.asarray(glm.mean(family, linear + offset[:, None]))


def _shared(node: Any, size: int) -> tuple[Floats | None, Floats | None]:
    """Return the counts of a node whose labels all rest on the same participants, for so many labels."""
    return tuple(None if c is None else np.full(size, c[0]) for c in (node.n, node.missing))  # type: ignore[return-value]
