"""Formulas: their terms, and the numbers that one side makes of a table.

formulaic tells which terms the operators make, codes categories and puts the columns side by side; nothing else in the package
knows it. Its evaluation, which is Python's eval, is never called: it gets operators, whole numbers and stand-ins to read, and looks
each factor up by its name, computed already by the walk of `formula_values`. What a formula's text names is read in
`formula_text`; what is made of the numbers (which rows, in which types, checked for what) is in `matrices`.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from pandas.api import types

from ..errors import InputError, listing
from . import columns, formula_text, formula_values
from .columns import Floats
from .formula_text import Text

#: Codings whose coefficients mean the same whatever the order of the levels that have names in them.
BY_NAME = ("Treatment", "SAS", "Sum", "NoneType")


@dataclass(frozen=True, eq=False, repr=False)
class Terms:
    """One side of a formula: what it adds up."""

    #: The formula as messages call it.
    text: str
    #: The columns of the table that each term uses.
    uses: Mapping[str, frozenset[str]]
    #: The factors of each term.
    factors: Mapping[str, tuple[str, ...]]
    #: What stands in it for columns.
    read: Text
    #: What formulaic made of the text; after an evaluation also the levels that it found.
    parsed: Any
    #: Those of its factors that are computed of columns.
    codes: frozenset[str]
    evaluated: bool = False
    #: The knots, means and the like that functions found in an evaluation, by their calls.
    kept: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table that it uses."""
        return tuple(sorted(frozenset().union(*self.uses.values())))

    def find(self, asked: str) -> str | None:
        """Return the term that a text means: as it is shown, or written in another way."""
        if asked in self.uses:
            return asked
        try:
            written = read_right(f"~ 0 + {asked}", self.columns)
        except InputError:
            return None
        (wanted, *more) = [*written.factors.values(), ()]
        same = [term for term, own in self.factors.items() if sorted(own) == sorted(wanted)]
        return same[0] if same and len(more) == 1 else None


@dataclass(frozen=True, eq=False, repr=False)
class Formula:
    """A formula with both sides."""

    text: str
    #: What stands on the left.
    outcome: str
    #: The column that it is, where nothing is computed.
    column: str | None
    left: Terms
    right: Terms


@dataclass(frozen=True, eq=False, repr=False)
class Evaluated:
    """A side in numbers: a column a coefficient."""

    values: Floats
    names: tuple[str, ...]
    #: Which coefficients each term has, the intercept's left out.
    places: Mapping[str, tuple[int, ...]]
    #: Columns of the table that stand for categories, with those that occur, the reference first.
    levels: Mapping[str, tuple[Any, ...]]
    #: What categories' coefficients compare: each factor's levels, in their order where the order matters.
    compared: tuple[tuple[str, tuple[str, ...]], ...]
    #: A digest of the means, knots and the like that were found in these rows; nothing where none were.
    kept: bytes
    #: The same terms, which make the same columns of other rows.
    again: Terms


def one_sided(formula: object, subject: str, elsewhere: str) -> str:
    """Return a formula that has a right side only; `elsewhere` says where its left side was given."""
    if not isinstance(formula, str) or not formula.strip():
        raise InputError(f"The formula{subject} is {_called(formula)}; it should read like '~ age + sex', or '~ 1'.")
    left, mark, right = "", "", formula
    if len(sides := formula_text.sides(formula)) > 1:
        left, mark, right = "~".join(sides[:-1]), "~", sides[-1]
    if left.strip():
        raise InputError(f"The formula {formula!r} has something left of '~'. {elsewhere}; write only '~{right}'.")
    return f"~ {(right if mark else formula).strip()}"


def read_right(text: str, known: Collection[str], others: Sequence[str] | None = None) -> Terms:
    """Read a formula that has a right side only, all of whose names are known columns; `others` are those that a dot means."""
    read = formula_text.read(text, known, others)
    parsed = _parse(read)
    if not _is_sum(parsed):
        raise InputError(f"The formula {text!r} should be one list of terms, such as '~ age + sex'.")
    return _side(read, parsed)


def read_both(text: object, known: Collection[str], others: Sequence[str] | None = None) -> Formula:
    """Read a formula with both sides, as `read_right` does; a dot does not mean columns on the left."""
    if not isinstance(text, str):
        raise InputError(f"A formula is a text such as 'in_treatment ~ age + C(born)', not {type(text).__name__}.")
    if len(formula_text.sides(text)) < 2:
        raise InputError(f"The formula {text!r} needs an outcome and predictors: 'outcome ~ age + group'.")
    read = formula_text.read(text, known, others)
    parsed = _parse(read)
    if not hasattr(parsed, "lhs") or not hasattr(parsed, "rhs") or not _is_sum(parsed.rhs):
        raise InputError(f"The formula {text!r} needs an outcome and predictors: 'outcome ~ age + group'.")
    if not _is_sum(parsed.lhs) or len(parsed.lhs) != 1:
        raise InputError(
            f"The formula {text!r} should have one outcome on the left and one list of terms on the right."
        )
    left, right = _side(read, parsed.lhs), _side(read, parsed.rhs)
    if not left.uses:
        raise InputError(f"The outcome of the formula {text!r} is a number and no column.")
    (outcome,) = left.uses
    factors = list(parsed.lhs[0].factors)
    alone = len(factors) == 1 and read.stand_ins.fullmatch(factors[0].expr)
    column = next(iter(left.uses[outcome])) if alone else None
    return Formula(text, outcome, column, left, right)


def evaluate(terms: Terms, frame: pd.DataFrame) -> Evaluated:
    """Return the numbers that terms make of a table without missing values; what they can't is an input error."""
    data, spec, kept = _data(terms.read, frame), terms.parsed, deepcopy(dict(terms.kept))
    made_of = _computed(terms, frame, data, kept)
    if not terms.evaluated:
        _check_width(terms, data, made_of)
    # Terms that were evaluated before keep what they were told then.
    options = {} if terms.evaluated else {"na_action": "ignore"}
    made, mismatch = None, False
    try:
        made = _matrix(spec, data, made_of, options)
    except Exception as error:  # said below, outside, so that it doesn't lead to one that holds answers
        mismatch = _is_mismatch(error)
    if made is None:
        _refuse(terms, frame, data, made_of, mismatch=mismatch)
    if not hasattr(made, "model_spec") or made.shape[1] == 0:
        raise InputError(f"The formula {terms.text!r} has no terms; an intercept alone is '~ 1'.")
    spec, read = made.model_spec, terms.read
    _check_categories(terms, spec, data, made_of)
    names = tuple(read.shown(str(name)) for name in spec.column_names)
    places = {_term(read, term): tuple(found) for term, found in spec.term_indices.items() if _factors(term)}
    if len(set(names)) < len(names) or made.shape != (len(frame), len(names)):
        doubled = [name for name in names if names.count(name) > 1] or list(names)
        raise InputError(
            f"The formula {terms.text!r} has several coefficients called {listing(list(dict.fromkeys(doubled)))}. Rename the "
            "columns or their categories."
        )
    values = np.ascontiguousarray(made, dtype=np.float64)
    return Evaluated(
        values,
        names,
        places,
        _levels(read, spec, frame),
        _compared(read, spec),
        _kept(kept),
        replace(terms, parsed=spec, evaluated=True, kept=kept),
    )


def _parse(read: Text) -> Any:
    import formulaic  # noqa: PLC0415 (a third of a second, only for models)

    try:
        parsed = formulaic.Formula(read.plain)
        return _with_code(read, parsed) if _is_sum(parsed) else parsed._map(lambda side: _with_code(read, side))
    except Exception:  # whatever it does not understand
        raise InputError(
            f"The formula {read.written!r} can't be read. {formula_text.HOW}; a name with spaces or signs stands in backquotes, "
            "`my age`, and what is computed in I(...), as in I(age > 40)."
        ) from None


def _with_code(read: Text, side: Any) -> Any:
    """Put what is computed in the place of its stand-ins."""
    import formulaic  # noqa: PLC0415 (as above)
    from formulaic.parser.types import Factor, Term  # noqa: PLC0415 (as above)

    def factor(one: Any) -> Any:
        code = read.code.get(one.expr)
        return one if code is None else Factor(code, eval_method="lookup")

    return formulaic.Formula([Term([factor(one) for one in term.factors]) for term in side], _ordering="none")


def _is_sum(side: Any) -> bool:
    """Tell one list of terms from several, as '|' makes them."""
    return hasattr(side, "get_model_matrix") and all(hasattr(term, "factors") for term in side)


def _factors(term: Any) -> list[Any]:
    """Return what a term multiplies, other than numbers: nothing for the intercept."""
    return [factor for factor in term.factors if factor.eval_method.value != "literal"]


def _term(read: Text, term: Any) -> str:
    return ":".join(read.shown(str(factor.expr)) for factor in term.factors)


def _side(read: Text, parsed: Any) -> Terms:
    own = [(term, [str(factor.expr) for factor in term.factors]) for term in parsed if _factors(term)]
    if any(len(factors) > formula_text.MOST_FACTORS for _, factors in own):
        read.refuse(f"a term multiplies more than {formula_text.MOST_FACTORS} things")
    uses = {_term(read, term): read.used(" ".join(factors)) for term, factors in own}
    factors = {_term(read, term): tuple(map(read.shown, factors)) for term, factors in own}
    if len(uses) < len(own):
        raise InputError(f"The formula {read.written!r} has terms that read the same. Rename the columns.")
    codes = frozenset(factor for _, factors in own for factor in factors) & frozenset(read.code.values())
    return Terms(read.written, uses, factors, read, parsed, codes)


def _data(read: Text, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns under their stand-ins, in the types in which they are wanted."""
    data: dict[str, pd.Series[Any]] = {}
    for found in read.stand_ins.finditer(" ".join([read.plain, *read.code.values()])):
        name, how = read.columns[int(found[1])], found[2]
        if name not in frame.columns or found[0] in data:
            continue
        values = frame[name]
        yes_no = types.is_bool_dtype(values.dtype)
        number = types.is_numeric_dtype(values.dtype) and (not yes_no or how == formula_text.COUNTED)
        data[found[0]] = values.astype(np.float64) if number and how != formula_text.AS_IS else values
    return pd.DataFrame(data, index=frame.index)


def _library() -> dict[str, Callable[..., Any]]:
    """Return the functions that keep what they find, and the codings of categories, by the names on the list."""
    from formulaic.transforms import TRANSFORMS  # noqa: PLC0415 (as formulaic)

    of_contr = {f"contr.{name}": getattr(TRANSFORMS["contr"], name) for name in formula_values.OF_CONTR}
    own = {name: TRANSFORMS[name] for name in (*formula_values.KEEPING, *formula_values.CONTRASTS)}
    return {**own, **of_contr, "C": _as_categories}


def _computed(terms: Terms, frame: pd.DataFrame, data: pd.DataFrame, kept: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return what stands for columns by its own text; what functions keep is added."""
    codes = [code for code in dict.fromkeys(terms.read.code.values()) if code in terms.codes]
    if not codes:
        return {}
    walk = formula_values.Walk({str(name): data[name] for name in data}, _library(), kept)
    made: dict[str, Any] = {}
    for code in codes:
        with _quietly():
            try:
                made[code] = walk.value(code)
            except Exception:  # said below, without what numbers and texts it holds
                made.pop(code, None)
        if code not in made:
            _refuse_factor(terms, frame, code)
    return made


def _check_width(terms: Terms, data: pd.DataFrame, made_of: Mapping[str, Any]) -> None:
    """Refuse matrices that no memory holds and no rows could determine: categories times categories."""

    def width(code: str) -> int:
        values = made_of[code] if code in made_of else data[code]
        if isinstance(values, dict):
            return len(values)
        if getattr(values, "ndim", 1) == 2:
            return int(values.shape[1])
        told_apart = code.startswith("C(") or not types.is_numeric_dtype(getattr(values, "dtype", object))
        return max(len(pd.unique(pd.Series(np.asarray(values)))), 1) if told_apart else 1

    wide: dict[str, int] = {}
    total = 0
    for term in terms.parsed:
        size = 1
        for factor in _factors(term):
            code = str(factor.expr)
            wide[code] = wide.get(code) or width(code)
            size *= wide[code]
        total += size
    if total > 4 * len(data) + 1000 and total * len(data) > 2**24:
        raise InputError(
            f"The formula {terms.text!r} makes about {total:,} coefficients of {len(data):,} rows. Join categories, or leave "
            "interactions out."
        )


@contextmanager
def _quietly() -> Iterator[None]:
    from formulaic.errors import DataMismatchWarning  # noqa: PLC0415 (as formulaic)

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # what matters is checked in the numbers
        warnings.simplefilter("error", DataMismatchWarning)  # categories that it would count as none
        yield


def _matrix(spec: Any, data: pd.DataFrame, made_of: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
    # A context of its own, so that no name of any caller is one of a formula.
    with _quietly():
        return spec.get_model_matrix(data, context=made_of, **options)


def _as_categories(values: Any, *options: Any, **named: Any) -> Any:
    """Return what C() makes: whole numbers are categories as such, 2012 and not 2012.0."""
    from formulaic.transforms import C  # noqa: PLC0415 (as formulaic)

    if types.is_float_dtype(getattr(values, "dtype", object)):
        plain = np.asarray(values, dtype=np.float64)
        if (plain == np.round(plain)).all() and (np.abs(plain) < 2**53).all():
            values = pd.Series(plain.astype(np.int64), index=getattr(values, "index", None))
    return C(values, *options, **named)


def _check_categories(terms: Terms, spec: Any, data: pd.DataFrame, made_of: Mapping[str, Any]) -> None:
    """Refuse categories that read the same, and rows that a formula gives none: they would count as the reference."""
    made = False
    for factor, (kind, state) in spec.encoder_state.items():
        found = state.get("categories", ())
        if len({str(level) for level in found}) < len(found):
            doubled = [level for level in found if [str(other) for other in found].count(str(level)) > 1]
            raise InputError(
                f"{terms.read.shown(str(factor))!r} in the formula {terms.text!r} has categories that read the same, "
                f"{listing(doubled)}. Give them one type."
            )
        if any(terms.read.stand_ins.search(str(level)) for level in found):
            raise InputError(
                f"Categories with {formula_text.MARK!r} in them can't be told from other things; rename them."
            )
        made |= "categorical" in str(kind).lower() and _itself(terms.read, str(factor)) is None
    if not made:
        return
    lost: set[int] = set()
    spec.update(na_action="drop").get_model_matrix(data, context=made_of, drop_rows=lost)
    if lost:
        raise InputError(
            f"The formula {terms.text!r} gives no category in {len(lost):,} rows whose answers are there; say a category for "
            "every answer."
        )


def _is_mismatch(error: Exception) -> bool:
    from formulaic.errors import DataMismatchWarning  # noqa: PLC0415 (as formulaic)

    return isinstance(error, DataMismatchWarning)


def _refuse(
    terms: Terms, frame: pd.DataFrame, data: pd.DataFrame, made_of: Mapping[str, Any], *, mismatch: bool
) -> NoReturn:
    """Say which factor can't be put among the columns, in our own words."""
    import formulaic  # noqa: PLC0415 (as above)
    from formulaic.parser.types import Term  # noqa: PLC0415 (as above)

    if mismatch:
        raise InputError(
            f"The formula {terms.text!r} makes categories that it was not told of (levels=), or that the model has not seen. "
            "Name all that occur."
        )
    found = terms.parsed.formula if terms.evaluated else terms.parsed
    for factor in dict.fromkeys(factor for term in found for factor in _factors(term)):
        alone = formulaic.Formula([Term([factor])], _ordering="none")
        try:
            _matrix(alone, data, made_of, {"na_action": "ignore"})
        except Exception:  # said below, without what it holds
            alone = None
        if alone is None:
            _refuse_factor(terms, frame, str(factor.expr))
    raise InputError(f"The formula {terms.text!r} can't be evaluated on the table.")


def _refuse_factor(terms: Terms, frame: pd.DataFrame, code: str) -> NoReturn:
    shown = terms.read.shown(code)
    text = [name for name in sorted(terms.read.used(code)) if columns.kind(frame[name]) == "category"]
    why = "; they may lie beyond those of the sample" if terms.evaluated else ""
    if text:
        why = f"; {listing(text)} holds categories"
    raise InputError(
        f"The formula {terms.text!r} can't be evaluated on the table: {shown!r} makes no column of these answers{why}. "
        "Look at its options, or make it a column first, by survey.assign."
    )


def _itself(read: Text, code: str) -> str | None:
    """Return the stand-in that a factor is, by itself or as C() of it."""
    inner = code[2:].split(",", maxsplit=1)[0].rstrip(")") if code.startswith("C(") else code
    return inner if read.stand_ins.fullmatch(inner) else None


def _levels(read: Text, spec: Any, frame: pd.DataFrame) -> dict[str, tuple[Any, ...]]:
    """Return the categories that occur in the model's order, the one that others are compared with first."""
    result: dict[str, tuple[Any, ...]] = {}
    for factor, (kind, state) in spec.encoder_state.items():
        stand_in = _itself(read, str(factor))
        if "categorical" not in str(kind).lower() or stand_in is None:
            continue
        (name,) = read.used(stand_in)
        seen = columns.categories(frame[name])[1].tolist()
        order = [level for level in state.get("categories", ()) if level in seen]
        order += [level for level in seen if level not in order]
        base = getattr(_contrasts(state), "base", None)
        first = [level for level in order if isinstance(level, type(base)) and level == base]
        result[name] = (*first, *(level for level in order if level not in first))
    return result


def _compared(read: Text, spec: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each categorical factor's levels: coefficients of one name compare the same only where these agree."""
    result = []
    for factor, (_, state) in spec.encoder_state.items():
        if "categories" in state:
            coding = type(_contrasts(state)).__name__.removesuffix("Contrasts")
            names = [str(level) for level in state["categories"]]
            result.append((read.shown(str(factor)), tuple(sorted(names) if coding in BY_NAME else names)))
    return tuple(sorted(result))


def _contrasts(state: Mapping[str, Any]) -> Any:
    return getattr(state.get("contrasts"), "contrasts", None)


def _kept(kept: Mapping[str, dict[str, Any]]) -> bytes:
    found = {name: state for name, state in kept.items() if state}
    return hashlib.blake2b(_spelled(found).encode(), digest_size=16).digest() if found else b""


def _spelled(value: Any) -> str:
    """Write what a function kept, in all digits."""
    if isinstance(value, Mapping):
        return repr([(str(key), _spelled(one)) for key, one in value.items()])
    return repr(value.tolist() if isinstance(value, (np.ndarray, np.generic, pd.Series)) else value)


def _called(value: object) -> str:
    return repr(value) if isinstance(value, (str, int, float, type(None))) else f"a {type(value).__name__}"
