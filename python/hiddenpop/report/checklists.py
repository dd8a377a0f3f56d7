"""Checklists of what a report should tell, filled from what its results know; what they don't know is named for the author."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from .. import _core
from ..answers.asked import Asked
from ..doubt.scenario import Scenarios
from ..doubt.study import Sensitivity
from ..doubt.variance_shares import VarianceShares
from ..errors import InputError, in_words, suggest
from ..estimate.estimate import Estimate
from ..expression import graph
from ..expression.nodes import Node
from ..extrapolation.result import Extrapolation
from ..ground.language import filled, plural, read, tr
from ..ground.text import capital, enumerated, label_of
from ..regression.model import Regression
from ..sample.record import Record
from ..survey.checkup import Checkup
from ..survey.in_order import Bottleneck, Convergence
from ..survey.populations import ByPopulation
from ..survey.whom import WhoRecruits
from ..tables.compare import Comparison
from ..trends.grouped import Trends
from ..trends.trend import Trend
from ..triangulation.synthesis import Synthesis
from ..words.rows import Row
from ..words.table import Table
from . import shown
from .document import Document


class Checklist(Table):
    """A checklist as a table: what was read off a report's records, and nothing of participants.

    See Also
    --------
    Report.checklist : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> share = hp.Survey({"treated": [1, 0, 1, 0, 1, 0]}).proportion("treated")
    >>> checklist = hp.Report("Treatment").add(share).checklist("STROBE")
    >>> checklist.to_pandas().columns.to_list()
    ['what to report', 'where, or who has to say it']
    """


@dataclass(frozen=True)
class Numbered:
    """A result of a report, and the number of its table."""

    thing: Any
    number: int


@cache
def checklists() -> dict[str, Any]:
    """Return the items of all checklists."""
    found: dict[str, Any] = json.loads((files(__package__) / "checklists.json").read_text(encoding="utf-8"))
    return found


def fill(name: str, document: Document, results: Sequence[Numbered], level: float) -> Checklist:
    """Return a checklist for a report."""
    known = checklists()
    if name not in known:
        near = next((one for one in known if one.casefold() == str(name).strip().casefold()), None)
        if near is None:
            raise InputError(f"There is no checklist {in_words(name)}. {suggest(name, known)}")
        name = near
    if name == "GATHER" and not any(isinstance(one.thing, (Synthesis, Extrapolation)) for one in results):
        raise InputError(
            "GATHER is for estimates that combine sources: add what hp.triangulate or hp.extrapolate returned. For a survey there is "
            "report.checklist('STROBE')."
        )
    facts = _facts(document, results, level)
    rows, numbers = [], []
    for part in known[name]["parts"]:
        rows.append(Row(filled(part["title"]), ("", ""), heading=True))
        for item in part["items"]:
            answer = facts.get(item.get("known", ""), "")
            more = tr("To add: {what}.", what=filled(item["add"])) if answer and "add" in item else ""
            said = " ".join(text for text in (answer, more) if text) or tr("To be filled in by the author.")
            rows.append(Row(item["item"], (filled(item["asks"]), said)))
            numbers.append([item["item"], item["asks"], answer, not answer or bool(more)])
    notes = (
        tr(
            "Items of {name}, in short; the statement itself has them in full: {source}",
            name=name,
            source=known[name]["source"],
        ),
        tr("What is filled in was read off the results of this report; it says where, not whether that is enough."),
    )
    frame = pd.DataFrame(numbers, columns=["item", "asks", "answer", "open"])
    title = tr("{name} checklist for {of}", name=name, of=filled(known[name]["of"]))
    return Checklist(title, (tr("what to report"), tr("where, or who has to say it")), tuple(rows), notes, frame)


def _facts(document: Document, results: Sequence[Numbered], level: float) -> dict[str, str]:
    """Say what the report knows, by the name that items have for it."""
    nodes = [node for one in results for node in shown.nodes(one.thing, level)]
    leaves = list(dict.fromkeys(leaf for node in nodes for leaf in graph.walk(node)))
    answers = [leaf for leaf in leaves if isinstance(leaf, Asked)]
    made = [one.thing.made for one in results if isinstance(one.thing, Table) and one.thing.made is not None]
    records = list(dict.fromkeys([*(leaf.record for leaf in answers), *(one.record for one in made)]))
    lacking = any(leaf.missing is not None and leaf.missing.sum() > 0 for leaf in answers)

    def tables(fits: Callable[[Any], bool]) -> str:
        return _tables([one.number for one in results if fits(one.thing)])

    def of(*kinds: type) -> str:
        return tables(lambda thing: isinstance(thing, kinds))

    combined = of(Synthesis, Extrapolation)
    doubts = of(Sensitivity, Scenarios, VarianceShares, ByPopulation)
    checked = [one.thing for one in results if isinstance(one.thing, Checkup)]
    made_of_surveys = tables(lambda thing: isinstance(thing, Table) and thing.made is not None)
    others = of(Regression, Comparison, Trend, Trends, Sensitivity, Scenarios, VarianceShares)
    said = tr("Methods") if document.methods else ""
    asked = enumerated([read(leaf.asked) for leaf in answers] or [""])
    adjusted = enumerated([read(n.adjusted_for) for n in leaves if n.adjusted_for is not None] or [""])
    facts = {
        "title": tr("Title: '{title}'", title=document.title),
        "design": _of_surveys(records),
        "variables": tr("Methods, as to {asked}", asked=asked) if asked else "",
        "sources": _sources(leaves),
        "adjusted": tr("Methods: estimates are adjusted for {flaws}", flaws=adjusted) if adjusted else "",
        "statistics": said,
        "subgroups": tables(lambda thing: isinstance(thing, (Comparison, Regression))),
        "missing": tr("Methods: left out of the statistic concerned") if lacking else "",
        "uncertainty": said if nodes else "",
        "sensitivity": doubts,
        "participants": _of_surveys(records),
        "described": made_of_surveys,
        "absent": enumerated([text for text in (made_of_surveys, tables(_counts)) if text] or [""]),
        "estimates": of(Estimate, Trend, Trends, Synthesis, Extrapolation, Regression),
        "others": others,
        "caveats": tr("The caveats at the beginning") if document.caveats else "",
        "inputs": _inputs(results),
        "disagreement": tr("{tables}: how far sources disagree", tables=of(Synthesis)) if of(Synthesis) else "",
        "other_inputs": tr("{tables}: population and indicators by area", tables=of(Extrapolation))
        if of(Extrapolation)
        else "",
        "seeds": " ".join(dict.fromkeys(read(one.finding("seeds")) for one in checked)),
        "links": " ".join(dict.fromkeys(read(one.finding("links")) for one in checked)),
        "equilibrium": of(Checkup, WhoRecruits, Convergence, Bottleneck),
        "json": tr("The report as data (to_json): all tables with their numbers")
        if nodes and document.below is None
        else "",
        "synthesis": tr("Methods; {tables}", tables=combined) if combined else "",
        "code": tr("hiddenpop {version}, with seeds and numbers of redraws under Methods", version=_core.VERSION)
        if document.settings
        else "",
    }
    return {name: f"{text.rstrip('.')}." for name, text in facts.items() if text}


def _tables(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    listed = enumerated([str(number) for number in numbers])
    return capital(plural("Table {tables}", "Tables {tables}", n=len(numbers), tables=listed))


def _counts(thing: Any) -> bool:
    """Tell whether a table has a column of missing answers."""
    return isinstance(thing, Estimate) and thing.node.missing is not None and bool(thing.node.missing.sum() > 0)


def _of_surveys(records: Sequence[Record]) -> str:
    named = [
        tr("survey '{name}' is {design}", name=one.name, design=read(one.design)) if one.name else read(one.design)
        for one in records
    ]
    return tr("Methods: {what}", what="; ".join(dict.fromkeys(named))) if named else ""


def _sources(leaves: Sequence[Node]) -> str:
    given = list(dict.fromkeys(read(leaf.given_as) for leaf in leaves if leaf.given_as is not None))
    surveys = any(isinstance(leaf, Asked) for leaf in leaves)
    parts = [*([tr("a survey")] if surveys else []), *given]
    return tr("Methods: {what}", what=enumerated(parts)) if parts else ""


def _inputs(results: Sequence[Numbered]) -> str:
    """List the estimates that syntheses combine."""
    found = []
    for one in results:
        if isinstance(one.thing, Synthesis):
            names = enumerated([label_of(name) for name in one.thing.sources])
            found.append(f"{_tables([one.number])}: {names}")
        elif isinstance(one.thing, Extrapolation):
            names = enumerated([label_of(name) for name in one.thing.direct.labels])
            found.append(tr("{tables}: estimates of {names}", tables=_tables([one.number]), names=names))
    return "; ".join(found)
