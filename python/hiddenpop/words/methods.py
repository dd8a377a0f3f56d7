"""Sentences about an estimate, read off its expression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from .. import _core
from ..answers.function import Replicated
from ..answers.question import Question
from ..answers.statistic import Statistic
from ..errors import InputError
from ..expression import graph, pooled
from ..expression.nodes import Described, Node
from ..expression.operations import Operation, Stack, Weigh
from ..ground.checks import check_level
from ..multipliers.adjusted import Adjusted
from ..multipliers.multiplier import Multiplied
from ..regression.leaf import Regressed
from ..sources.uncertain_input import Input
from ..uncertainty.interval import METHODS
from .references import (
    BONFERRONI,
    BOOTSTRAP,
    BY_REPLICATES,
    INTERVALS,
    REFERENCES,
    REGRESSION,
    REGRESSION_DF,
    REPLICATES,
    SIMULTANEOUS,
)

if TYPE_CHECKING:
    from ..estimate.estimate import Estimate
    from ..sample.record import Record


def short(node: Node, level: float, method: str, *, simultaneous: bool = False) -> str:
    """Name the estimator and the interval in a few words, for a table's column."""
    together = "simultaneous " if simultaneous and len(node.point) > 1 else ""
    return f"{estimator(node)}; {100 * level:g}% {together}{method}"


def estimator(node: Node) -> str:
    """Name what made an estimate."""
    if isinstance(node, Described) and not isinstance(node, Adjusted):
        return node.estimator
    nodes = graph.walk(node)
    names = ["multiplier"] if any(isinstance(n, Multiplied) for n in nodes) else []
    if not names:
        names = list(
            dict.fromkeys(n.estimator for n in nodes if isinstance(n, Described) and not isinstance(n, Adjusted))
        )
    if not names:
        names = list(dict.fromkeys(n.question.kind for n in nodes if isinstance(n, Statistic)))
    if not names:
        titles = (n.given if isinstance(n, Input) else getattr(n, "short", None) for n in nodes)
        names = [title for title in dict.fromkeys(titles) if title] or ["numbers given"]
    adjusted = list(dict.fromkeys(n.does.title for n in nodes if isinstance(n, Adjusted)))
    more = f", adjusted for {_enumerate(adjusted)}" if adjusted else ""
    return ", ".join(names[:3]) + more


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
        sources = [s for s in sources if s not in linear and not getattr(s.origin, "no_draws", None)]
        if not sources:
            return ", ".join([*measure, f"hiddenpop {_core.VERSION}"])
    seeds = sorted({getattr(source.origin, "seed", 0) for source in sources})
    kinds = [
        "redraws" if source.origin.sampled else getattr(source.origin, "draws", "draws of uncertain inputs")
        for source in sources
    ]
    what = " and ".join(dict.fromkeys(kinds))
    seed = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {', '.join(map(str, seeds))}"
    count = max(source.replicates for source in sources)
    return ", ".join([*measure, f"{count:,} {what}", seed, f"hiddenpop {_core.VERSION}"])


def _linearised(source: Node) -> bool:
    """Tell whether a source beside one without draws adds its linearised variance."""
    return (
        isinstance(source, (Statistic, Regressed))
        and source.record.variance != "replicates"
        and (isinstance(source, Regressed) or source.question.kind != "quantile")
    )


def measures(node: Node) -> str:
    """Say what measures an estimate's variance."""
    parts = [record.redraws if record.no_draws else "linearisation" for record in _records(node)]
    if any(not source.origin.sampled for source in graph.sources(node)):
        parts.append("the draws of uncertain inputs")
    return _enumerate(parts)


def caveats(node: Node) -> list[str]:
    """Return the notes that came with the data, such as that they are synthetic."""
    records = [getattr(leaf, "record", None) for leaf in graph.walk(node)]
    notes = [record.note for record in records if record is not None and record.note]
    notes += [note for leaf in graph.walk(node) for note in getattr(leaf, "caveats", ())]
    return list(dict.fromkeys(notes))


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

    estimate: Estimate
    level: float
    method: str
    simultaneous: bool = False


def methods(est: Estimate, level: float, method: str, simultaneous: bool) -> str:
    """Return sentences for a methods section; see `Estimate.methods`."""
    return account([Told(est, level, method, simultaneous)]).text


def account(told: Sequence[Told]) -> Account:
    """Say once how several estimates were made."""
    for one in told:
        check_level(one.level)
        if one.method not in METHODS:
            raise InputError(f"method={one.method!r} is not one of {', '.join(METHODS)}.")
    if not told:
        return Account((), (), (), ())
    imputed = [n.imputations for one in told for n in pooled.find(one.estimate.node)]
    firsts = [pooled.first(one.estimate.node) for one in told]
    nodes = graph.walk(Stack(tuple(firsts)))[:-1] if len(firsts) > 1 else graph.walk(firsts[0])
    by_t = any(one.method == "t" and _has_model(node) for one, node in zip(told, firsts, strict=True))
    sentences, references = _estimators(nodes, by_t=by_t)
    if imputed:
        sentences.append(f"Statistics of {max(imputed)} imputations were pooled by Rubin's rules.")
        references.append(REFERENCES["imputation"])
    sentences += _normals(nodes)
    for sentence, sources in (n.describe() for n in nodes if isinstance(n, Described)):
        sentences += [text for text in sentence if text not in sentences]
        references += [text for text in sources if text not in references]
    given = list(dict.fromkeys(_input(n) for n in nodes if isinstance(n, Input)))
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


def _has_model(node: Node) -> bool:
    return any(isinstance(n, Regressed) for n in graph.walk(node))


def _estimators(nodes: list[Node], *, by_t: bool) -> tuple[list[str], list[str]]:
    """Say what was asked of registers and surveys."""
    sentences: list[str] = []
    references: list[str] = []
    if any(isinstance(node, Multiplied) for node in nodes):
        sentences.append(
            "Population sizes were estimated by the multiplier method: a register's count (the benchmark) divided by "
            "the share of the surveyed population that is in the register."
        )
        references.append(REFERENCES["multiplier"])
    models = [n for n in nodes if isinstance(n, Regressed)]
    if models:
        sentences += [REGRESSION, REGRESSION_DF] if by_t else [REGRESSION]
        references.append(REFERENCES["regression"])
        if any(n.specification.variable is not None for n in models):
            references.append(REFERENCES["margins"])
    all_records = list(dict.fromkeys(n.record for n in nodes if isinstance(n, (Statistic, Replicated, Regressed))))
    for record in all_records:
        asked = [_asked(n) for n in nodes if getattr(n, "record", None) == record]
        called = f"Survey '{record.name}'" if record.name else "The survey" if len(all_records) == 1 else "A survey"
        sentences.append(f"{called} is {record.design}. From it came {_enumerate(asked)}.")
        lacking = [n for n in nodes if isinstance(n, Statistic) and n.record == record and n.missing is not None]
        if any(n.missing is not None and n.missing.sum() > 0 for n in lacking):
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
        several = _enumerate([f"'{name}'" for name in of])
        found.append(" ".join([f"For {several}: {sentences[0][0].lower()}{sentences[0][1:]}", *sentences[1:]]))
    return found


def _normals(nodes: list[Node]) -> list[str]:
    from ..sources.normal_draws import NormalDraws  # noqa: PLC0415 (it needs this module)

    sentences = []
    for draws in (n for n in nodes if isinstance(n, NormalDraws)):
        scales = _enumerate([{"identity": "natural"}.get(link, link) for link in draws.links])
        many = "multivariate " if len(draws.point) > 1 else ""
        sentences.append(
            f"'{draws.name}' enters by draws from a {many}normal distribution on the {scales} scale with its covariance as "
            f"measured by {draws.given}, independent of everything else."
        )
    return sentences


class Uncertainty(NamedTuple):
    """How uncertainty came to the result, what the intervals are, and references."""

    carried: list[str]
    intervals: tuple[str, ...]
    references: list[str]


def _uncertainty(node: Node, told: Told) -> Uncertainty:
    """Say how uncertainty was carried to the result and what measures it, with references."""
    nodes, records, method = graph.walk(node), _records(node), told.method
    drawn = [record for record in records if record.no_draws is None]
    measured = [record for record in records if record.no_draws]
    sentences: list[str] = []
    references: list[str] = []
    intervals: list[str] = []
    if measured and any(isinstance(n, (Operation, Weigh, Multiplied)) for n in nodes):
        sentences.append(
            "For derived quantities the variances that the sources add were summed, each source being varied with the "
            "others at their estimates."
        )
    elif any(isinstance(n, (Operation, Weigh)) for n in nodes):
        sentences.append(
            "Derived quantities were computed draw by draw, so that estimates from one survey keep their joint "
            "distribution and different sources are independent."
        )
    if measured:
        sentences.append(f"Variance is measured by {' and '.join(dict.fromkeys(r.redraws for r in measured))}.")
        references.extend(REPLICATES[key] for key in REPLICATES if any(key in r.redraws for r in measured))
    if drawn and measured:
        others = (
            "linearised"
            if all(_linearised(n) for n in nodes if getattr(n, "record", None) in drawn)
            else "that of redraws"
        )
        sentences.append(f"The variance of other surveys' estimates is {others}.")
    elif drawn:
        sentences.append(f"Uncertainty comes from {' and '.join(dict.fromkeys(r.redraws for r in drawn))}.")
        references.append(BOOTSTRAP)
    if node.quantity == "event":
        graph.require_draws(node)
        kind = "bootstrap probability (the share of redrawn samples in which it holds)" if records else "probability"
        intervals.append(f"For the comparison a {kind} is given; it is not the probability of a hypothesis.")
    elif graph.sources(node):
        by_replicates = method == "t" and any(record.variance == "replicates" for record in measured)
        words = BY_REPLICATES if by_replicates else INTERVALS[method]
        intervals.append(f"Intervals are {100 * told.level:g}% {words} intervals.")
        references.append(REFERENCES[method])
        if told.simultaneous and len(node.point) > 1:
            how, reference = SIMULTANEOUS.get(method, BONFERRONI)
            intervals.append(f"They are simultaneous: all {len(node.point)} hold at once with this level ({how}).")
            references += [reference] if reference else []
    return Uncertainty(sentences, tuple(intervals), references)


def _records(node: Node) -> list[Record]:
    return list(dict.fromkeys(n.record for n in graph.walk(node) if isinstance(n, (Statistic, Replicated, Regressed))))


def _asked(node: object) -> str:
    if isinstance(node, Regressed):
        return f"the {node.title}"
    return (
        _question(node.question)
        if isinstance(node, Statistic)
        else f"{getattr(node, 'title', 'a function')}, a function of weights"
    )


def _question(question: Question) -> str:
    by = f" by {' and '.join(question.by)}" if question.by else ""
    return f"the {question.title}{by}" if question.kind != "count" else f"the number of {question.title}{by}"


def _input(node: Input) -> str:
    return f"{node.name}, {node.given}" if node.name and node.name != node.given else node.given


def _enumerate(parts: list[str]) -> str:
    distinct = list(dict.fromkeys(parts))
    if len(distinct) == 1:
        return distinct[0]
    return ", ".join(distinct[:-1]) + " and " + distinct[-1]
