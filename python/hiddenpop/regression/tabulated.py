"""A model as the table that a paper prints: reference rows, participants and events by level, crude beside adjusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError
from ..ground.columns import Floats
from ..ground.language import english, filled, number, read, template, tr
from ..ground.text import capital
from ..sample.cut import Cut
from ..words import disclosure, printed
from ..words.rows import HIDDEN, Row
from ..words.table import NOTHING, Made, Table
from . import glm, told
from .lines import Fitted, Line, levels_of, of_model

#: What exp(coefficient) is called in a column's head, by what it is.
SHORT = {"odds ratio": english("OR"), "risk ratio": english("RR"), "rate ratio": english("IRR")}
#: A ratio has two decimals, and more only where its ends would read the same.
RATIO_PLACES, MOST_PLACES = 2, 5
#: Heads of columns, and what stands at references.
HEAD = template("{what} ({level:g}% CI)")
CRUDE = template("crude {head}")
ADJUSTED = template("adjusted {head}")
REFERENCE = template("{value} (reference)")
TITLE = template("{model} of {outcome}")
#: What must be known to read the table.
RATIOS = template("{short}: {ratio}; CI: confidence interval, by the t distribution and the design's variance.")
BY_DRAWS = template(
    "CI: confidence interval, of the redraws; the design states no degrees of freedom, so there are no tests."
)
DIFFERENCES = template("Differences of means (numbers: for one unit more); CI: confidence interval.")
POINTS = template(
    "Linear regression of yes and no: differences of shares, in percentage points; CI: confidence interval."
)
LOGS = template("Coefficients on the scale of the model (logarithms of the {ratio}); CI: confidence interval.")
COUNTED = template("n: participants in the model, {n:,} in all.")
LEFT_OUT = template(
    "n: participants in the model, {n:,} in all; {missing:,} were left out because an answer is missing."
)
EVENTS = template("Events: those of them with the outcome ({outcome}).")
SUMS = template("Events: the sum of {outcome} over them.")
UNWEIGHTED = template("Estimates are weighted; numbers of participants and events are not.")
BESIDE = template(
    "Crude: each predictor by itself, for the same participants. Adjusted: for all others in the table. p is that of adjusted "
    "estimates."
)
TESTED = template("p beside the name of a variable: Wald test of all its coefficients together.")
INTERACTIONS = template(
    "With an interaction, the lines of its own variables hold where the others are at their reference (or zero)."
)
IMPUTED = template("{count} imputations pooled by Rubin's rules; numbers of participants are their means.")
FEW = template(
    "Hidden: a model that rests on fewer than {below} participants somewhere, of which its estimates would tell."
)
ROUNDED = template("Numbers behind the table are rounded as it shows them.")


@dataclass(frozen=True, eq=False)
class Asked:
    """What of a model is shown, and how."""

    #: By sample: one, or as many as there are imputations.
    models: tuple[Fitted, ...]
    #: Estimates, their ends and p by coefficient; ratios where these are shown.
    adjusted: pd.DataFrame
    #: The same of each term by itself, where that is asked for.
    crude: Mapping[str, pd.DataFrame] | None
    #: p of whole terms, where that is asked for.
    tests: Mapping[str, float]
    labels: Mapping[str, str] | None
    level: float
    ratios: bool
    intercept: bool
    title: str | None
    #: Participants in the model, and those who are left out.
    counts: tuple[float, float]
    #: What a methods section says of it.
    methods: str

    @property
    def first(self) -> Fitted:
        """The model that says what all are about."""
        return self.models[0]

    @property
    def family(self) -> glm.Family:
        """The family."""
        return self.first.leaf.specification.family

    @property
    def fit(self) -> glm.Fit:
        """The first fit."""
        assert self.first.leaf.plan is not None
        return self.first.leaf.plan.fit

    @property
    def binary(self) -> bool:
        """Whether the outcome is yes or no."""
        return bool(np.isin(self.fit.y, (0.0, 1.0)).all())

    @property
    def outcome(self) -> str:
        """What the outcome is called."""
        assert self.first.leaf.plan is not None
        assert self.first.leaf.plan.margins is not None
        name, sample = self.first.leaf.plan.margins.outcome, self.first.leaf.live
        return (self.labels or {}).get(name) or sample.called(name)

    @property
    def ratio(self) -> str:
        """What exp(coefficient) is."""
        return english("risk ratio") if self.family == "poisson" and self.binary else glm.WORDS[self.family][2]

    @property
    def head(self) -> str:
        """What estimates are called in a column's head."""
        if self.ratios:
            return SHORT[self.ratio]
        if self.family != "gaussian":
            return english("coefficient")
        return english("difference, points") if self.binary else english("difference")


def table(asked: Asked, below: int | None, *, hide: bool = False) -> Table:
    """Put a model into words; with `below` hide it as a whole where it rests on few, or for the sake of other tables."""
    lines = of_model(asked.first, asked.labels, intercept=asked.intercept)
    cuts = [] if below is None else _cuts(asked, lines, below, hide=hide)
    hidden = any(bool(cut.hidden.any()) for cut in cuts)
    events = asked.family != "gaussian"
    places = _places(asked, lines)
    rows, numbers = [], []
    for line in lines:
        n, happened = _counts(asked, line)
        texts = [_count(n), *([_count(happened)] if events else [])]
        texts += [_text(asked, frame, line, places) for frame in _frames(asked, line)]
        p = _p(asked, line)
        cells = (*texts, "" if line.heading and np.isnan(p) else printed.p_text(p) if not line.reference else "")
        rows.append(Row(line.says, tuple(HIDDEN if hidden and cell else cell for cell in cells), _opens(line)))
        if not line.heading:
            numbers += _numbers(asked, line, n, happened, hidden=hidden, rounds=below is not None, places=places)
    head = filled(HEAD, what=read(asked.head), level=100 * asked.level)
    estimates = [head] if asked.crude is None else [filled(CRUDE, head=head), filled(ADJUSTED, head=head)]
    record = asked.first.leaf.record
    notes = [filled(FEW, below=below)] if hidden else _notes(asked, lines, rounds=below is not None)
    model = capital(read(glm.WORDS[asked.family][0]))
    return Table(
        asked.title or filled(TITLE, model=model, outcome=asked.outcome),
        (tr("n"), *([tr("events")] if events else []), *estimates, "p"),
        tuple(rows),
        (*notes, *([str(record.note)] if record.note else [])),
        pd.DataFrame(
            numbers, columns=["variable", "level", "statistic", "n", "events", "estimate", "lower", "upper", "p"]
        ),
        Made(below, record, tuple(cuts), methods="" if hidden else asked.methods),
    )


def _opens(line: Line) -> bool:
    """Say whether a line stands at the margin: headings, and terms of one line."""
    return line.heading or not line.heads


def _frames(asked: Asked, line: Line) -> list[pd.DataFrame | None]:
    if asked.crude is None:
        return [asked.adjusted]
    return [asked.crude.get(line.term or ""), asked.adjusted]


def _counts(asked: Asked, line: Line) -> tuple[float, float]:
    """Return how many participants a line is about, and their events: means over imputations."""
    if line.column is None:
        return np.nan, np.nan
    found = []
    for model in asked.models:
        assert model.leaf.plan is not None
        fit, inside = model.leaf.plan.fit, line.who(model)
        people = model.leaf.live.multiplicity[fit.rows].astype(float)
        found.append((people[inside].sum(), people[inside] @ fit.y[inside]))
    n, events = np.mean(found, axis=0)
    return float(n), float(events)


def _count(value: float) -> str:
    return "" if np.isnan(value) else number(value, ",.0f" if float(value).is_integer() else ",.1f")


def _places(asked: Asked, lines: Sequence[Line]) -> dict[str, int]:
    """Return the decimals of differences: one number for the lines of a term, as its finest interval wants."""
    found: dict[str, int] = {}
    if asked.ratios:
        return found
    for line in lines:
        for frame in _frames(asked, line):
            if frame is not None and line.coefficient in frame.index:
                ends = [np.array([value]) for value in ends_of(asked, frame, line)]
                most = printed.decimals(*ends)[0]
                found[line.term or ""] = max(found.get(line.term or "", 0), most)
    return found


def ends_of(asked: Asked, frame: pd.DataFrame, line: Line) -> Floats:
    """Return estimate and interval of a line in the table's unit."""
    return _values(frame, line)[:3] * (100 if asked.head == "difference, points" else 1)


def _values(frame: pd.DataFrame, line: Line) -> Floats:
    """Return estimate, ends and p of a line."""
    (place,) = frame.index.get_indexer(pd.Index([line.coefficient]))
    return np.asarray(frame[["estimate", "lower", "upper", "p"]].to_numpy(dtype=float)[place])


def _text(asked: Asked, frame: pd.DataFrame | None, line: Line, places: Mapping[str, int]) -> str:
    if line.reference:
        return filled(REFERENCE, value=1 if asked.ratios else 0) if frame is not None else NOTHING
    if line.coefficient is None:
        return ""
    if frame is None or line.coefficient not in frame.index:
        return NOTHING
    values = ends_of(asked, frame, line)
    shown = [_number(value, _decimals(asked, values, line, places)) for value in values]
    if np.isnan(values[1:]).all():
        return shown[0]
    return tr("{value} ({low} to {high})", value=shown[0], low=shown[1], high=shown[2])


def _decimals(asked: Asked, values: Floats, line: Line, places: Mapping[str, int]) -> int:
    if not asked.ratios:
        return places[line.term or ""]
    found = RATIO_PLACES
    finite = np.isfinite(values).all()
    while finite and found < MOST_PLACES and len({round(value, found) for value in values}) < len(set(values)):
        found += 1
    return found


def _number(value: float, places: int) -> str:
    if np.isnan(value):
        return NOTHING
    return printed.show(float(value), places, "other")


def _p(asked: Asked, line: Line) -> float:
    if line.heading:
        return float(asked.tests.get(line.term or "", np.nan))
    if line.coefficient is None:
        return np.nan
    return float(_values(asked.adjusted, line)[3])


def _numbers(
    asked: Asked,
    line: Line,
    n: float,
    events: float,
    *,
    hidden: bool,
    rounds: bool,
    places: Mapping[str, int],
) -> list[list[Any]]:
    """Return the tidy numbers of a line: crude and adjusted."""
    events = events if asked.family != "gaussian" else np.nan
    what = asked.ratio if asked.ratios else "coefficient"
    names = [what] if asked.crude is None else [CRUDE.format(head=what), ADJUSTED.format(head=what)]
    found: list[list[Any]] = []
    for name, frame in zip(names, _frames(asked, line), strict=True):
        values = np.full(4, np.nan)
        if line.reference and frame is not None:
            values[0] = 1.0 if asked.ratios else 0.0
        elif frame is not None and line.coefficient in frame.index:
            values = _values(frame, line)
            if rounds:  # digits that nobody reads tell of others
                unit = 2 if asked.head == "difference, points" else 0
                most = _decimals(asked, ends_of(asked, frame, line), line, places) + unit
                values = np.array([*(round(value, most) for value in values[:3]), round(values[3], 3)])
        told_of = [np.nan] * 6 if hidden else [n, events, *values]
        found.append([line.heads or line.label, line.label if line.heads else "", name, *told_of])
    return found


def _notes(asked: Asked, lines: Sequence[Line], *, rounds: bool) -> list[str]:
    leaf = asked.first.leaf
    n, missing = asked.counts
    about = LEFT_OUT if missing else COUNTED
    notes = [filled(about, n=round(n), missing=round(missing))]
    if asked.family != "gaussian":
        notes.append(filled(EVENTS if asked.binary else SUMS, outcome=asked.outcome))
    if leaf.record.weighted or leaf.live.calibrated:
        notes.append(filled(UNWEIGHTED))
    if asked.ratios:
        notes.append(filled(RATIOS, short=read(SHORT[asked.ratio]), ratio=read(asked.ratio)))
    elif asked.family != "gaussian":
        notes.append(filled(LOGS, ratio=read(asked.ratio)))
    else:
        notes.append(filled(POINTS if asked.binary else DIFFERENCES))
    if leaf.live.known_df is None:
        notes.append(filled(BY_DRAWS))
    if asked.crude is not None:
        notes.append(filled(BESIDE))
    if asked.tests:
        notes.append(filled(TESTED))
    terms = asked.first.predictors.terms
    if terms is not None and any(len(terms.factors[term]) > 1 for term in asked.first.predictors.places):
        notes.append(filled(INTERACTIONS))
    if len(asked.models) > 1:
        notes.append(filled(IMPUTED, count=len(asked.models)))
    if rounds:
        notes.append(filled(ROUNDED))
    return notes


def _cuts(asked: Asked, lines: Sequence[Line], below: int, *, hide: bool) -> list[Cut]:
    """Return what the table tells of whom, as cross-tables, all hidden if any cell must be.

    The estimates tell the margins that the model fits; the table adds who is of which level, whatever the coding.
    """
    if len(asked.models) > 1:
        raise InputError(
            "suppress_below= counts the participants who gave an answer, which imputed tables don't tell. Fit the model to the "
            "answers as they were given, or leave suppress_below out."
        )
    model, fit = asked.first, asked.fit
    leaf, sample = model.leaf, model.leaf.live
    rests = leaf.rests_on(below)
    cuts = [cut.again() for cut in rests.whole]
    assert leaf.plan is not None
    assert leaf.plan.margins is not None
    for term in dict.fromkeys(line.term for line in lines if line.level is not None):
        found = None if term is None else levels_of(model, term)
        if found is None or any(cut.by == (found[0],) and cut.groups == len(found[1]) for cut in cuts):
            continue
        column, levels, _ = found
        values = model.predictors.frame[column]
        pattern = np.argmax([np.asarray(values == level, dtype=bool) for level in levels], axis=0).astype(np.int64)
        where, outcome = leaf.specification.where, leaf.plan.margins.outcome
        cut = told.cut_of(
            sample, fit, outcome, (column,), pattern, len(levels), where, binary=asked.binary, below=below
        )
        if told.of_few(cut, below):
            cut.hidden[:] = True
        cuts.append(cut)
    disclosure.close(cuts, below)
    hide = hide or bool(rests.few.any()) or any(bool(cut.hidden.any()) for cut in cuts)
    for cut in cuts:
        cut.hidden[:] = hide
        cut.fixed = True
    return cuts
