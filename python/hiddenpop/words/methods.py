"""Sentences about an estimate, read off its expression."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
from ..ground.language import english, inside, plural, read, tr
from ..ground.text import enumerated
from ..sample.record import Record
from ..uncertainty.default import default_method
from ..uncertainty.interval_methods import named
from ..uncertainty.method import Method

#: Stands for sentences whose numbers follow from what a report hides.
UNTOLD = english("What was done in figures is left out where it would tell of hidden numbers.")

SOFTWARE = f"hiddenpop {_core.VERSION}"  # stays English (a name)


def short(node: Node, level: float, method: str, *, simultaneous: bool = False) -> str:
    """Name the estimator and the interval in a few words, for a table's column."""
    how, per_cent = estimator(node), 100 * level
    if simultaneous and len(node.point) > 1:
        return tr("{how}; {level:g}% simultaneous {method}", how=how, level=per_cent, method=read(method))
    return tr("{how}; {level:g}% {method}", how=how, level=per_cent, method=read(method))


def estimator(node: Node) -> str:
    """Name what made an estimate."""
    if node.tells == SELF and node.estimator is not None:
        return read(node.estimator)
    nodes = graph.walk(node)
    most = max(one.tells for one in nodes)
    names = [read(one.estimator) for one in nodes if one.tells == most > 0 and one.estimator is not None]
    adjusted = list(dict.fromkeys(read(one.adjusted_for) for one in nodes if one.adjusted_for is not None))
    found = ", ".join(list(dict.fromkeys(names))[:3] or [tr("numbers given")])
    return tr("{estimator}, adjusted for {flaws}", estimator=found, flaws=enumerated(adjusted)) if adjusted else found


def evaluation(node: Node) -> str:
    """Say how many draws there are, under which seed, and of what: enough to repeat the result."""
    sources = graph.sources(node)
    if not sources:
        return tr("Numbers given, without uncertainty.")
    measure: list[str] = []
    if not graph.drawable(node):
        linear = [source for source in sources if _linearised(source)]
        measure = [
            tr("{count:,} variance replicates", count=record.replicates)
            for record in _records(node)
            if record.variance == "replicates"
        ]
        measure += [tr("linearised variances")] if linear else []
        sources = [s for s in sources if s not in linear and not s.origin.no_draws]
        if not sources:
            return ", ".join([*measure, SOFTWARE])
    seeds = sorted({source.origin.seed for source in sources})
    kinds = [source.origin.draws for source in sources]
    what = enumerated([read(kind) for kind in kinds])
    seed = plural("seed {seeds}", "seeds {seeds}", n=len(seeds), seeds=", ".join(map(str, seeds)))
    count = max(source.replicates for source in sources)
    return ", ".join([*measure, tr("{count:,} {draws}", count=count, draws=what), seed, SOFTWARE])


def _linearised(source: Node) -> bool:
    """Tell whether a source beside one without draws adds its linearised variance."""
    return isinstance(source, Asked) and source.record.variance != "replicates" and source.by_influence


def measures(node: Node) -> str:
    """Say what measures an estimate's variance."""
    parts = [read(record.redraws) if record.no_draws else tr("linearisation") for record in _records(node)]
    if any(source.analytic for source in graph.sources(node)):
        parts.append(tr("the formula of its method"))
    if any(not source.origin.sampled for source in graph.sources(node)):
        parts.append(tr("the draws of uncertain inputs"))
    return enumerated(parts)


def caveats(node: Node) -> list[str]:
    """Return the notes that came with the data, such as that they are synthetic."""
    return list(dict.fromkeys(read(note) for one in graph.walk(node) for note in one.caveats))


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
        computed = [how if how.endswith(".") else tr("Computed from {how}.", how=how) for how in self.settings]
        notes = [tr("Note: {note}.", note=note.removesuffix(".")) for note in self.notes]
        return together(" ".join(dict.fromkeys([*self.sentences, *computed, *notes])), self.references)


def together(body: str, references: Iterable[str]) -> str:
    """Put references under sentences."""
    listed = "\n".join(references)
    return f"{body}\n\n{tr('References')}\n{listed}" if listed else body


def apart(text: str) -> tuple[str, list[str]]:
    """Return the sentences of a methods section and its references."""
    head = tr("References")
    if f"\n\n{head}\n" not in text:
        head = "References"  # written in English
    body, _, listed = text.partition(f"\n\n{head}\n")
    return body, [line for line in listed.split("\n") if line]


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
        sentences.append(tr("Statistics of {count} imputations were pooled by Rubin's rules.", count=max(imputed)))
        references.append(BIBLIOGRAPHY["Rubin 1987"])
    for n in nodes:
        sentence, sources = n.describe()
        plain = [text for text in sentence if not any(sign.isdigit() for sign in text) or not untold(n)]
        sentences += [text for text in plain if text not in sentences]
        if len(plain) < len(sentence) and read(UNTOLD) not in sentences:
            sentences.append(read(UNTOLD))
        references += [text for text in sources if text not in references]
    given = list(dict.fromkeys(read(n.given_as) for n in nodes if n.given_as is not None))
    if given:
        sentences.append(
            tr("Uncertain inputs, independent of one another and of any survey: {inputs}.", inputs="; ".join(given))
        )
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
        if record.name:
            sentences.append(tr("Survey '{name}' is {design}.", name=record.name, design=read(record.design)))
        elif len(all_records) == 1:
            sentences.append(tr("The survey is {design}.", design=read(record.design)))
        else:
            sentences.append(tr("A survey is {design}.", design=read(record.design)))
        sentences[-1] += " " + tr("From it came {statistics}.", statistics=enumerated([n.asked for n in mine]))
        if any(n.missing is not None and n.missing.sum() > 0 for n in mine if not n.is_model):
            sentences.append(tr("Participants with a missing answer were left out of the statistic concerned."))
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
        several = enumerated([f"'{read(name)}'" for name in of])
        first = tr("For {estimates}: {sentence}", estimates=several, sentence=inside(sentences[0]))
        found.append(" ".join([first, *sentences[1:]]))
    return found


class Uncertainty(NamedTuple):
    """How uncertainty came to the result, what the intervals are, and references."""

    carried: list[str]
    intervals: tuple[str, ...]
    references: list[str]


def _uncertainty(node: Node, told: Told) -> Uncertainty:
    """Say how uncertainty was carried to the result and what measures it, with references."""
    records, method = _records(node), named(told.method)
    drawn = [record for record in records if record.no_draws is None]
    measured = [record for record in records if record.no_draws]
    linear = _rests_on_linearised(graph.walk(node), method)
    sentences = _derived(node, method, measured=bool(measured))
    references: list[str] = []
    if measured:
        how = enumerated([read(r.redraws) for r in measured])
        sentences.append(tr("Variance is measured by {redraws}.", redraws=how))
        references += [text for r in measured for text in r.references]
    if drawn:
        said, cited = _drawn(node, method, drawn, measured=bool(measured), linear=linear)
        sentences.append(said)
        references += cited
    if node.quantity == "event":
        graph.require_draws(node)
        return Uncertainty(sentences, (_probability(sampled=bool(records)),), references)
    if not graph.sources(node):
        return Uncertainty(sentences, (), references)
    by_replicates = any(record.variance == "replicates" for record in measured)
    words = (by_replicates and method.words_by_replicates) or method.words
    intervals = [tr("Intervals are {level:g}% {method} intervals.", level=100 * told.level, method=read(words))]
    if not method.of_resampling or any(source.origin.resampled for source in graph.sources(node)):
        references.append(BIBLIOGRAPHY[method.reference])
    if linear and measured and drawn:
        references.append(BIBLIOGRAPHY["Binder 1983"])
    if told.simultaneous and len(node.point) > 1:
        joint, count = method.simultaneous, len(node.point)
        intervals.append(
            tr(
                "They are simultaneous: all {count} hold at once with this level ({method}).",
                count=count,
                method=read(joint.words),
            )
        )
        references += [BIBLIOGRAPHY[joint.reference]] if joint.reference else []
    return Uncertainty(sentences, tuple(intervals), references)


def _derived(node: Node, method: Method, *, measured: bool) -> list[str]:
    """Say how uncertainty was carried through arithmetic."""
    nodes = graph.walk(node)
    derived = any(n.derived or n.tells == ON_OTHERS for n in nodes)
    if method.rests_on == "parts" and derived and node.quantity != "event":
        return [
            tr(
                "For derived quantities the limits of their parts were carried through the arithmetic, one part at a time, and "
                "put together with the correlations of estimates from one survey; different sources are independent."
            )
        ]
    if measured and derived:
        return [
            tr(
                "For derived quantities the variances that the sources add were summed, each source being varied with the "
                "others at their estimates."
            )
        ]
    if any(n.derived for n in nodes):
        return [
            tr(
                "Derived quantities were computed draw by draw, so that estimates from one survey keep their joint "
                "distribution and different sources are independent."
            )
        ]
    return []


def _drawn(
    node: Node, method: Method, drawn: Sequence[Record], *, measured: bool, linear: bool
) -> tuple[str, list[str]]:
    """Say what uncertainty comes from where there are draws, with references."""
    references = [text for r in drawn for text in r.references]
    redrawn = enumerated([read(r.redraws) for r in drawn])
    if measured:
        if all(_linearised(n) for n in graph.walk(node) if isinstance(n, Asked) and n.record in drawn):
            return tr("The variance of other surveys' estimates is linearised."), []
        return tr("The variance of other surveys' estimates is that of redraws."), []
    if not linear or node.quantity == "event":
        return tr("Uncertainty comes from {redraws}.", redraws=redrawn), references
    if method.name == "jackknife" or (
        method.rests_on == "parts" and any(default_method(leaf) == "jackknife" for leaf in graph.sources(node))
    ):
        how = tr("Variances behind intervals are the jackknife's; what is drawn comes from {redraws}.", redraws=redrawn)
        return how, [BIBLIOGRAPHY["Wolter 2007, chapter 4"], *references]
    how = tr("Variances behind intervals are linearised; what is drawn comes from {redraws}.", redraws=redrawn)
    return how, [BIBLIOGRAPHY["Binder 1983"], *references]


def _probability(*, sampled: bool) -> str:
    """Say what the probability of a comparison is."""
    if sampled:
        return tr(
            "For the comparison a bootstrap probability (the share of redrawn samples in which it holds) is given; it is not the "
            "probability of a hypothesis."
        )
    return tr("For the comparison a probability is given; it is not the probability of a hypothesis.")


def _rests_on_linearised(nodes: Sequence[Node], method: Method) -> bool:
    """Tell whether the intervals of answers that could be drawn rest on linearised variances instead."""
    answers = [n for n in nodes if isinstance(n, Asked) and n.record.no_draws is None]
    return (method.by_design or method.rests_on == "parts") and bool(answers) and all(map(_linearised, answers))


def _records(node: Node) -> list[Record]:
    return list(dict.fromkeys(n.record for n in graph.walk(node) if isinstance(n, Asked)))
