"""Sentences about an estimate, read off its expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from . import _core, expression
from .errors import InputError
from .inputs import Input
from .interval import METHODS, check_level
from .multiplying import Multiplied
from .nodes import Node, Operation, Weigh
from .statistic import Question, Statistic

if TYPE_CHECKING:
    from .estimate import Estimate
    from .record import Record

BOOTSTRAP = "Efron B (1979). Bootstrap methods: another look at the jackknife. Annals of Statistics 7:1-26."
REFERENCES = {
    "multiplier": (
        "UNAIDS/WHO Working Group on Global HIV/AIDS and STI Surveillance (2010). Guidelines on estimating the size "
        "of populations most at risk to HIV. Geneva: WHO."
    ),
    "percentile": (
        "Efron B, Tibshirani RJ (1993). An introduction to the bootstrap. New York: Chapman & Hall, chapter 13."
    ),
    "basic": "Davison AC, Hinkley DV (1997). Bootstrap methods and their application. Cambridge, equation 5.6.",
    "normal": "Davison AC, Hinkley DV (1997). Bootstrap methods and their application. Cambridge, section 5.2.",
    "bca": "Efron B (1987). Better bootstrap confidence intervals. JASA 82:171-185.",
    "woodruff": "Woodruff RS (1952). Confidence intervals for medians and other position measures. JASA 47:635-646.",
    "wilson": "Wilson EB (1927). Probable inference, the law of succession, and statistical inference. JASA 22:209-212.",
    "beta": (
        "Korn EL, Graubard BI (1998). Confidence intervals for proportions with small expected number of positive "
        "counts estimated from survey data. Survey Methodology 24:193-201."
    ),
    "t": "Korn EL, Graubard BI (1999). Analysis of health surveys. New York: Wiley, section 2.4.",
    "profile": (
        "Cormack RM (1992). Interval estimation for mark-recapture studies of closed populations. Biometrics 48:567-576."
    ),
    "logit": (
        "Sadinle M (2009). Transformed logit confidence intervals for small populations in single capture-recapture "
        "estimation. Communications in Statistics: Simulation and Computation 38:1909-1924."
    ),
    "bc": (
        "Efron B, Tibshirani RJ (1993). An introduction to the bootstrap. New York: Chapman & Hall, section 14.3 "
        "(acceleration zero)."
    ),
}
INTERVALS = {
    "percentile": "percentile",
    "basic": "basic bootstrap",
    "normal": "normal",
    "bc": "bias-corrected percentile",
    "bca": "BCa (bias-corrected and accelerated, acceleration from the design's jackknife)",
    "woodruff": "Woodruff",
    "wilson": "Wilson score (effective number of participants)",
    "beta": "Korn-Graubard (Clopper-Pearson with the effective number of participants)",
    "profile": "profile likelihood",
    "logit": "transformed logit",
    "t": "t (linearised standard errors, the design's degrees of freedom)",
}


def short(node: Node, level: float, method: str) -> str:
    """Name the estimator and the interval in a few words, for a table's column."""
    return f"{estimator(node)}; {100 * level:g}% {method}"


def estimator(node: Node) -> str:
    """Name what made an estimate."""
    nodes = expression.walk(node)
    names = ["multiplier"] if any(isinstance(n, Multiplied) for n in nodes) else []
    if not names:
        names = list(dict.fromkeys(n.question.kind for n in nodes if isinstance(n, Statistic)))
    names += list(dict.fromkeys(str(cast("Any", n).title) for n in nodes if hasattr(n, "about")))
    if not names:
        names = list(dict.fromkeys(n.given for n in nodes if isinstance(n, Input))) or ["numbers given"]
    return ", ".join(names[:3])


def evaluation(node: Node) -> str:
    """Say how many draws there are, under which seed, and of what: enough to repeat the result."""
    sources = expression.sources(node)
    if not sources:
        return "Numbers given, without uncertainty."
    seeds = sorted({getattr(source.origin, "seed", 0) for source in sources})
    kinds = [
        "redraws" if source.origin.sampled else getattr(source.origin, "draws", "draws of uncertain inputs")
        for source in sources
    ]
    what = " and ".join(dict.fromkeys(kinds))
    seed = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {', '.join(map(str, seeds))}"
    return f"{expression.replicates(node):,} {what}, {seed}, hiddenpop {_core.VERSION}"


def caveats(node: Node) -> list[str]:
    """Return the notes that came with the data, such as that they are synthetic."""
    notes = [record.note for record in _records(node) if record.note]
    notes += [note for leaf in expression.walk(node) for note in getattr(leaf, "caveats", ())]
    return list(dict.fromkeys(notes))


def methods(est: Estimate, level: float, method: str) -> str:
    """Return sentences for a methods section; see `Estimate.methods`."""
    level = check_level(level)
    nodes = expression.walk(est.node)
    sentences: list[str] = []
    references: list[str] = []
    if method not in METHODS:
        raise InputError(f"method={method!r} is not one of {', '.join(METHODS)}.")
    sizes = [node for node in nodes if isinstance(node, Multiplied)]
    if sizes:
        sentences.append(
            "Population sizes were estimated by the multiplier method: a register's count (the benchmark) divided by "
            "the share of the surveyed population that is in the register."
        )
        references.append(REFERENCES["multiplier"])
    all_records = _records(est.node)
    for record in all_records:
        asked = [n.question for n in nodes if isinstance(n, Statistic) and n.record == record]
        called = f"Survey '{record.name}'" if record.name else "The survey" if len(all_records) == 1 else "A survey"
        sentences.append(f"{called} is {record.design}. From it came {_enumerate([_question(q) for q in asked])}.")
        lacking = [n for n in nodes if isinstance(n, Statistic) and n.record == record and n.missing is not None]
        if any(n.missing is not None and n.missing.sum() > 0 for n in lacking):
            sentences.append("Participants with a missing answer were left out of the statistic concerned.")
    for leaf in nodes:
        # A family of methods whose leaves tell their own story.
        if hasattr(leaf, "about"):
            sentence, sources = leaf.about()
            sentences.append(sentence)
            references.extend(sources)
    given = list(dict.fromkeys(_input(n) for n in nodes if isinstance(n, Input)))
    if given:
        sentences.append(f"Uncertain inputs, independent of one another and of any survey: {'; '.join(given)}.")
    if any(isinstance(n, (Operation, Weigh)) for n in nodes):
        sentences.append(
            "Derived quantities were computed draw by draw, so that estimates from one survey keep their joint "
            "distribution and different sources are independent."
        )
    records = _records(est.node)
    event = est.node.quantity == "event"
    if records:
        sentences.append(f"Uncertainty comes from {' and '.join(dict.fromkeys(r.redraws for r in records))}.")
        references.append(BOOTSTRAP)
    if event:
        kind = "bootstrap probability (the share of redrawn samples in which it holds)" if records else "probability"
        sentences.append(f"For the comparison a {kind} is given; it is not the probability of a hypothesis.")
    elif method in METHODS and expression.sources(est.node):
        sentences.append(f"Intervals are {100 * level:g}% {INTERVALS[method]} intervals.")
        references.append(REFERENCES[method])
    sentences.append(f"Computed from {evaluation(est.node)}.")
    sentences += [f"Note: {note}" + ("" if note.endswith(".") else ".") for note in caveats(est.node)]
    listed = "\n".join(dict.fromkeys(references))
    return " ".join(dict.fromkeys(sentences)) + (f"\n\nReferences\n{listed}" if listed else "")


def _records(node: Node) -> list[Record]:
    return list(dict.fromkeys(n.record for n in expression.walk(node) if isinstance(n, Statistic)))


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
