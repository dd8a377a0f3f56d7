"""A model of inputs, evaluated at many values: its points in one pass where that can be, its intervals one by one."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ..errors import EstimationError, HiddenpopWarning, InputError, in_words, once, suggest
from ..estimate import replay
from ..estimate.arithmetic import within
from ..estimate.estimate import Estimate
from ..expression import evaluate, graph, one_source
from ..expression.nodes import Node
from ..expression.operations import Constant, Stack
from ..ground.columns import Floats
from ..uncertainty import interval

#: How far the pass over the expression may lie from the model called with numbers (relatively).
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Model:
    """A function of named numbers that returns an estimate."""

    function: Callable[..., Any]
    #: The base value of each input.
    base: Mapping[str, float]
    #: The ends of each input's range, where the fast way is compared with the plain one.
    ends: Mapping[str, tuple[float, float]]
    #: The labels to pick of what the function returns, one after the other.
    picks: tuple[Any, ...] = ()
    #: Whether the function wants numbers as estimates without uncertainty, since it can't calculate with plain ones.
    wraps: bool = False

    def __call__(self, changes: Mapping[str, Any]) -> Estimate:
        """Return the estimate where some inputs have other values than in the base case."""
        try:
            return self._pick(self._answer({**self.base, **changes}))
        except InputError as error:
            if not changes or not all(isinstance(value, (int, float)) for value in changes.values()):
                raise
            where = ", ".join(f"{name}={value:.6g}" for name, value in changes.items())
            raise InputError(f"The model can't be evaluated at {where}: {error}") from error

    def _answer(self, values: Mapping[str, Any]) -> Any:
        if self.wraps:
            values = {n: v if isinstance(v, Estimate) else _known(n, v)[0] for n, v in values.items()}
        return self.function(**values)

    def points(self, values: Mapping[str, Floats]) -> Floats:
        """Return point values (labels x values) for arrays of equal length; the other inputs keep their base values.

        NaN where there is no estimate.
        """
        width = len(next(iter(values.values())))
        if self._expression is not None:
            node, leaves = self._expression
            known: dict[Node, Floats] = {
                leaf: np.broadcast_to(values.get(name, np.array(self.base[name])), (1, width))
                for name, leaf in leaves.items()
            }
            try:
                with np.errstate(all="ignore"):
                    return np.array(one_source.replayed(node, known))
            except (InputError, EstimationError):
                pass  # called with numbers the model says at which value
        return self._one_by_one(values, width)

    @property
    def quick(self) -> bool:
        """Whether points come from one pass over an expression."""
        return self._expression is not None

    def _one_by_one(self, values: Mapping[str, Floats], width: int) -> Floats:
        columns: list[Floats | None] = []
        with once():
            for i in range(width):
                try:
                    columns.append(self({name: float(given[i]) for name, given in values.items()}).node.point)
                except EstimationError:
                    columns.append(None)
        size = next((len(column) for column in columns if column is not None), 1)
        return np.stack([np.full(size, np.nan) if column is None else column for column in columns], axis=1)

    def intervals(self, cases: Sequence[Mapping[str, float]], level: float, labels: int) -> tuple[Floats, list[str]]:
        """Return estimate, lower and upper (cases x labels x 3), and what must be known to read them.

        The redraws of surveys and other sources are made once and serve all cases.
        """
        self.draw_sources()
        result = np.full((len(cases), labels, 3), np.nan)
        notes: dict[str, None] = {}
        with once():
            for row, case in zip(result, cases, strict=True):
                try:
                    node = self(case).node
                    row[:, 0] = node.point
                    row[:, 1:], found = interval.interval(node, level, interval.default_method(node), None)
                    notes.update(dict.fromkeys(note.text for note in found))
                except EstimationError as error:
                    notes[str(error).rstrip(".")] = None
        return result, list(notes)

    def draw_sources(self) -> None:
        """Draw all sources of the base case together and keep the draws with them."""
        node = self({}).node
        leaves = [leaf for leaf in graph.sources(node) if evaluate.kept_draws(leaf) is None]
        if not leaves or not graph.drawable(node):
            return
        drawn = evaluate.draws(Stack(tuple(leaves)))
        first = 0
        for leaf in leaves:
            last = first + len(leaf.point)
            evaluate.keep_draws(leaf, drawn[first:last])
            first = last

    def _pick(self, result: Any) -> Estimate:
        if not isinstance(result, Estimate):
            raise InputError(
                f"The model returned {type(result).__name__}, not an Estimate. {within(result)}Let it return the size (or "
                "share, or rate) itself, such as hp.multiplier(4_912, treated) / completeness."
            )
        if result.quantity == "event":
            raise InputError(
                f"The model returned a comparison, '{result.name}'. Let it return what is compared, and ask "
                "study.tipping_point(...) when the comparison no longer holds."
            )
        picked: Estimate = result
        for label in self.picks:
            picked = picked[label]
        return picked

    @cached_property
    def named(self) -> tuple[Estimate, dict[str, Constant]] | None:
        """The base case as an expression of named numbers, and these; None where the model needs plain numbers."""
        made = {name: _known(name, value) for name, value in self.base.items()}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", HiddenpopWarning)  # said when it was called with numbers
                return self({name: est for name, (est, _) in made.items()}), {n: leaf for n, (_, leaf) in made.items()}
        except Exception:  # a model may do anything with a number; then it is called with numbers
            return None

    @cached_property
    def _expression(self) -> tuple[Node, dict[str, Constant]] | None:
        """The model in one expression, unless it gives other values than the model called with numbers."""
        if self.named is None:
            return None
        node, leaves = self.named[0].node, self.named[1]
        cases = [{}, *({name: end} for name, ends in self.ends.items() for end in ends)]
        values = [{**self.base, **case} for case in cases]
        known: dict[Node, Floats] = {
            leaf: np.array([[value[name] for value in values]]) for name, leaf in leaves.items()
        }
        try:
            with np.errstate(all="ignore"):
                found = one_source.replayed(node, known)
        except (InputError, EstimationError):
            return None
        with once():
            for case, column in zip(cases, found.T, strict=True):
                try:
                    plain = self(case).node.point
                except EstimationError:
                    plain = np.full(len(column), np.nan)
                if not np.allclose(column, plain, rtol=ROUNDING, atol=0, equal_nan=True):
                    return None
        return node, leaves


def fitting(model: Model) -> Model:
    """Return the model, called with estimates if it can't calculate with numbers (`hp.apply` can't)."""
    try:
        with once():
            model.function(**model.base)
    except (TypeError, AttributeError, InputError):
        if model.named is not None:
            return replace(model, wraps=True)
    return model


def _known(name: str, value: float) -> tuple[Estimate, Constant]:
    """Return a named number as an estimate without uncertainty, and its leaf."""
    leaf = Constant(np.array([float(value)]), name=name)
    return Estimate(leaf, pd.Index([name]), True, name), leaf


def function_of(model: Any, names: Sequence[str]) -> Callable[..., Any]:
    """Return the model as a function of the named inputs, or say which names don't fit."""
    if isinstance(model, Estimate):
        for name in names:
            present(model, name)
        return model.replay
    if not callable(model):
        raise InputError(
            f"The model is {type(model).__name__}. {within(model)}It should be a function of the inputs that returns an "
            "Estimate, or an Estimate with named inputs."
        )
    try:
        parameters = inspect.signature(model).parameters.values()
    except (TypeError, ValueError):  # some functions written in C have no signature
        return model  # type: ignore[no-any-return]
    takes = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    if not any(p.kind is p.VAR_KEYWORD for p in parameters):
        unknown = [name for name in names if name not in takes]
        if unknown:
            hint = suggest(unknown[0], takes) if takes else "It takes none."
            raise InputError(f"The model takes no input {in_words(unknown[0])}. {hint}")
    needs = [p.name for p in parameters if p.name in takes and p.default is p.empty and p.name not in names]
    if needs:
        raise InputError(
            f"The model needs {in_words(needs[0])}, which has no range. Give it one: hp.sensitivity(..., {needs[0]}=(low, high))."
        )
    return model  # type: ignore[no-any-return]


def present(est: Estimate, name: str) -> float:
    """Return the value that a named input has in an estimate."""
    nodes = graph.walk(est.node)
    held = [len(node.point) for node in replay.named_nodes(nodes).get(name, ())]
    if held and max(held) > 1:
        raise InputError(
            f"{name!r} holds {max(held)} numbers, and an input that is varied is one. Write the model as a function that "
            f"picks its label: hp.sensitivity(lambda {name}: hp.multiplier({name}, share['label']), {name}=(low, high))."
        )
    old = next(iter(replay.named(nodes, {name: 1.0})))  # says what names there are, if this is none
    return float(old.point[0])


def require_lasting(model: Model, first: Estimate) -> None:
    """Refuse a model that makes new uncertain inputs whenever it is called: its values would differ by chance."""
    with once():
        again = model({})
    before = {source.origin.identity for source in graph.sources(first.node)}
    fresh = [s for s in graph.sources(again.node) if s.origin.identity not in before]
    if fresh:
        what = fresh[0].given_as or "one"
        raise InputError(
            f"The model makes a new independent uncertain input ({what}) at every call, so that its results would differ by "
            "chance. Make it outside of the model, or give it a name: hp.beta(80, 20, name='...')."
        )
