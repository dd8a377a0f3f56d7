"""Sentences about an estimate, read off its expression."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .. import _core
from ..answers.asked import Asked
from ..errors import granted
from ..expression import graph, pooled
from ..expression.labelled import Labelled
from ..expression.nodes import ON_OTHERS, SELF, Node
from ..expression.operations import Stack
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.checks import check_level, flag
from ..ground.text import enumerated
from ..sample.record import Record
from ..uncertainty.default import default_method
from ..uncertainty.interval_methods import named
from ..uncertainty.method import Method

#: Stands for sentences whose numbers follow from what a report hides.
UNTOLD = "What was done in figures is left out where it would tell of hidden numbers."


def short(node: Node, level: float, method: str, *, simultaneous: bool = False) -> str:
    """Name the estimator and the interval in a few words, for a table's column."""
    together = "simultaneous " if simultaneous and len(node.point) > 1 else ""
    return f"{estimator(node)}; {100 * level:g}% {together}{method}"


def estimator(node: Node) -> str:
    """Name what made an estimate."""
    if node.tells == SELF and node.estimator is not None:
        return node.estimator
    nodes = graph.walk(node)
    most = max(one.tells for one in nodes)
    names = [one.estimator for one in nodes if one.tells == most > 0 and one.estimator is not None]
    adjusted = list(dict.fromkeys(one.adjusted_for for one in nodes if one.adjusted_for is not None))
    more = f", adjusted for {enumerated(adjusted)}" if adjusted else ""
    return ", ".join(list(dict.fromkeys(names))[:3] or ["numbers given"]) + more


def evaluation(node: Node) -> str:
    """Say how many draws there are, under which seed, and of what: enough to repeat the result."""
    sources = graph.sources(node)
    if not sources:
        return "Numbers given, without uncertainty."
    measure: list[str] = []
    if not graph.drawable(node):
        linear = [source for source in sources if _linearised(source)]
        measure = [
            f"{record.replicates:,} variance replicates" for record in _records(node) if record.variance == "replicates"
        ]
        measure += ["linearised variances"] if linear else []
        sources = [s for s in sources if s not in linear and not s.origin.no_draws]
        if not sources:
            return ", ".join([*measure, f"hiddenpop {_core.VERSION}"])
    seeds = sorted({source.origin.seed for source in sources})
    kinds = [source.origin.draws for source in sources]
    what = " and ".join(dict.fromkeys(kinds))
    seed = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {', '.join(map(str, seeds))}"
    count = max(source.replicates for source in sources)
    return ", ".join([*measure, f"{count:,} {what}", seed, f"hiddenpop {_core.VERSION}"])


def _linearised(source: Node) -> bool:
    """Tell whether a source beside one without draws adds its linearised variance."""
    return isinstance(source, Asked) and source.record.variance != "replicates" and source.by_influence


def measures(node: Node) -> str:
    """Say what measures an estimate's variance."""
    parts = [record.redraws if record.no_draws else "linearisation" for record in _records(node)]
    if any(source.analytic for source in graph.sources(node)):
        parts.append("the formula of its method")
    if any(not source.origin.sampled for source in graph.sources(node)):
        parts.append("the draws of uncertain inputs")
    return enumerated(parts)


def caveats(node: Node) -> list[str]:
    """Return the notes that came with the data, such as that they are synthetic."""
    return list(dict.fromkeys(note for one in graph.walk(node) for note in one.caveats))


@dataclass(frozen=True)
class Account:
    """What was done, as sentences and references in the order in which they are needed."""

    sentences: tuple[str, ...]
    references: tuple[str, ...]
    #: Enough to repeat the numbers.
    settings: tuple[str, ...]
    #: What must be known to read them.
    notes: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text for a paper."""
        # Numbers given without uncertainty have a sentence of their own.
        computed = [how if how.endswith(".") else f"Computed from {how}." for how in self.settings]
        notes = [f"Note: {note}" + ("" if note.endswith(".") else ".") for note in self.notes]
        listed = "\n".join(self.references)
        body = " ".join(dict.fromkeys([*self.sentences, *computed, *notes]))
        return body + (f"\n\nReferences\n{listed}" if listed else "")


@dataclass(frozen=True)
class Told:
    """An estimate and how its intervals are made."""

    estimate: Labelled
    level: float
    method: str
    simultaneous: bool = False


def methods(est: Labelled, level: float, method: str, simultaneous: bool) -> str:
    """Return sentences for a methods section; see `Estimate.methods`."""
    return account([Told(est, check_level(level), method, simultaneous)]).text


def account(told: Sequence[Told], untold: Callable[[Node], bool] = lambda _: False) -> Account:
    """Say once how several estimates were made; nothing in figures of the nodes that are `untold`."""
    for one in told:
        check_level(one.level)
        flag(one.simultaneous, "simultaneous")
        _require(one)
    if not told:
        return Account((), (), (), ())
    imputed = [n.imputations for one in told for n in pooled.find(one.estimate.node)]
    firsts = [pooled.first(one.estimate.node) for one in told]
    nodes = graph.walk(Stack(tuple(firsts)))[:-1] if len(firsts) > 1 else graph.walk(firsts[0])
    by_t = any(one.method == "t" and _has_model(node) for one, node in zip(told, firsts, strict=True))
    sentences, references = _estimators(nodes, by_t=by_t)
    if imputed:
        sentences.append(f"Statistics of {max(imputed)} imputations were pooled by Rubin's rules.")
        references.append(BIBLIOGRAPHY["Rubin 1987"])
    for n in nodes:
        sentence, sources = n.describe()
        plain = [text for text in sentence if not any(sign.isdigit() for sign in text) or not untold(n)]
        sentences += [text for text in plain if text not in sentences]
        if len(plain) < len(sentence) and UNTOLD not in sentences:
            sentences.append(UNTOLD)
        references += [text for text in sources if text not in references]
    given = list(dict.fromkeys(n.given_as for n in nodes if n.given_as is not None))
    if given:
        sentences.append(f"Uncertain inputs, independent of one another and of any survey: {'; '.join(given)}.")
    more = [_uncertainty(node, one) for node, one in zip(firsts, told, strict=True)]
    sentences += [text for found in more for text in found.carried]
    sentences += _of_whom([(one.estimate.name, found.intervals) for one, found in zip(told, more, strict=True)])
    references += [text for found in more for text in found.references]
    return Account(
        tuple(dict.fromkeys(sentences)),
        tuple(dict.fromkeys(references)),
        tuple(dict.fromkeys(evaluation(one.estimate.node) for one in told)),
        tuple(dict.fromkeys(note for one in told for note in caveats(one.estimate.node))),
    )


def _require(told: Told) -> None:
    """Refuse to describe an interval that a design declines."""
    if named(told.method).by_design:
        for leaf in graph.sources(told.estimate.node):
            if isinstance(leaf, Asked) and leaf.sample is not None and leaf.sample.known_df is None:
                granted(leaf.sample.sampling.linear)


def _has_model(node: Node) -> bool:
    return any(isinstance(n, Asked) and n.is_model for n in graph.walk(node))


def _estimators(nodes: list[Node], *, by_t: bool) -> tuple[list[str], list[str]]:
    """Say what was asked of registers and surveys."""
    sentences: list[str] = []
    references: list[str] = []
    for said, cited in (node.preamble(by_t=by_t) for node in sorted(nodes, key=lambda n: -n.tells)):
        sentences += [text for text in said if text not in sentences]
        references += [text for text in cited if text not in references]
    answers = [node for node in nodes if isinstance(node, Asked)]
    all_records = list(dict.fromkeys(n.record for n in answers))
    for record in all_records:
        mine = [n for n in answers if n.record == record]
        called = f"Survey '{record.name}'" if record.name else "The survey" if len(all_records) == 1 else "A survey"
        sentences.append(f"{called} is {record.design}. From it came {enumerated([n.asked for n in mine])}.")
        if any(n.missing is not None and n.missing.sum() > 0 for n in mine if not n.is_model):
            sentences.append("Participants with a missing answer were left out of the statistic concerned.")
    return sentences, references


def _of_whom(said: list[tuple[str, tuple[str, ...]]]) -> list[str]:
    """Say of which estimates sentences about intervals hold, where they differ."""
    names: dict[tuple[str, ...], list[str]] = {}
    for name, sentences in said:
        if sentences:
            names.setdefault(sentences, []).append(name)
    if len(names) < 2:
        return [text for sentences in names for text in sentences]
    found: list[str] = []
    for sentences, of in names.items():
        several = enumerated([f"'{name}'" for name in of])
        found.append(" ".join([f"For {several}: {sentences[0][0].lower()}{sentences[0][1:]}", *sentences[1:]]))
    return found


class Uncertainty(NamedTuple):
    """How uncertainty came to the result, what the intervals are, and references."""

    carried: list[str]
    intervals: tuple[str, ...]
    references: list[str]


def _uncertainty(node: Node, told: Told) -> Uncertainty:
    """Say how uncertainty was carried to the result and what measures it, with references."""
    nodes, records, method = graph.walk(node), _records(node), named(told.method)
    drawn = [record for record in records if record.no_draws is None]
    measured = [record for record in records if record.no_draws]
    sentences: list[str] = []
    references: list[str] = []
    intervals: list[str] = []
    derived = any(n.derived or n.tells == ON_OTHERS for n in nodes)
    linear = _rests_on_linearised(nodes, method)
    if method.rests_on == "parts" and derived and node.quantity != "event":
        sentences.append(
            "For derived quantities the limits of their parts were carried through the arithmetic, one part at a time, and put "
            "together with the correlations of estimates from one survey; different sources are independent."
        )
    elif measured and derived:
        sentences.append(
            "For derived quantities the variances that the sources add were summed, each source being varied with the "
            "others at their estimates."
        )
    elif any(n.derived for n in nodes):
        sentences.append(
            "Derived quantities were computed draw by draw, so that estimates from one survey keep their joint "
            "distribution and different sources are independent."
        )
    if measured:
        sentences.append(f"Variance is measured by {' and '.join(dict.fromkeys(r.redraws for r in measured))}.")
        references += [text for r in measured for text in r.references]
    if drawn and measured:
        others = (
            "linearised"
            if all(_linearised(n) for n in nodes if isinstance(n, Asked) and n.record in drawn)
            else "that of redraws"
        )
        sentences.append(f"The variance of other surveys' estimates is {others}.")
    elif drawn and linear and node.quantity != "event":
        redrawn = " and ".join(dict.fromkeys(r.redraws for r in drawn))
        left_out = method.name == "jackknife" or (
            method.rests_on == "parts" and any(default_method(leaf) == "jackknife" for leaf in graph.sources(node))
        )
        measure, cited = ("the jackknife's", "Wolter 2007, chapter 4") if left_out else ("linearised", "Binder 1983")
        sentences.append(f"Variances behind intervals are {measure}; what is drawn comes from {redrawn}.")
        references += [BIBLIOGRAPHY[cited], *(text for r in drawn for text in r.references)]
    elif drawn:
        sentences.append(f"Uncertainty comes from {' and '.join(dict.fromkeys(r.redraws for r in drawn))}.")
        references += [text for r in drawn for text in r.references]
    if node.quantity == "event":
        graph.require_draws(node)
        kind = "bootstrap probability (the share of redrawn samples in which it holds)" if records else "probability"
        intervals.append(f"For the comparison a {kind} is given; it is not the probability of a hypothesis.")
    elif graph.sources(node):
        by_replicates = any(record.variance == "replicates" for record in measured)
        words = (by_replicates and method.words_by_replicates) or method.words
        intervals.append(f"Intervals are {100 * told.level:g}% {words} intervals.")
        if not method.of_resampling or any(source.origin.resampled for source in graph.sources(node)):
            references.append(BIBLIOGRAPHY[method.reference])
        if linear and measured and drawn:
            references.append(BIBLIOGRAPHY["Binder 1983"])
        if told.simultaneous and len(node.point) > 1:
            joint = method.simultaneous
            intervals.append(
                f"They are simultaneous: all {len(node.point)} hold at once with this level ({joint.words})."
            )
            references += [BIBLIOGRAPHY[joint.reference]] if joint.reference else []
    return Uncertainty(sentences, tuple(intervals), references)


def _rests_on_linearised(nodes: Sequence[Node], method: Method) -> bool:
    """Tell whether the intervals of answers that could be drawn rest on linearised variances instead."""
    answers = [n for n in nodes if isinstance(n, Asked) and n.record.no_draws is None]
    return (method.by_design or method.rests_on == "parts") and bool(answers) and all(map(_linearised, answers))


def _records(node: Node) -> list[Record]:
    return list(dict.fromkeys(n.record for n in graph.walk(node) if isinstance(n, Asked)))
