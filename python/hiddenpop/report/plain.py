"""Notes for readers who redraw nothing: what they must know of a number, with the reason that applies, and how often it does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..answers.asked import Asked
from ..estimate.estimate import Estimate
from ..expression import graph
from ..ground.language import filled, number, numerals, read, template, tr
from ..uncertainty.notes import infinite_note, too_many, undefined_notes

#: What happens in a redrawn sample without an estimate, and in one where it is infinite.
MODEL = template("a model can't be fitted to it")
WEIGHTS = template("its weights can't be made to fit the population's numbers")
NOBODY = template("nobody of a group is in it")
APART = template("no two lists share a person")
DIVIDED = template("nobody has the property by whose share the number is divided")
FEW = template("In up to {share} of the redrawn samples there is no estimate, because {reason}. These are left out.")
MANY = template("No interval: in up to {share} of the redrawn samples there is no estimate, because {reason}.")
OPEN = template(
    "The interval is open at one end: in up to {share} of the redrawn samples {reason}. The sample is too small to say more."
)


def plainly(est: Estimate, reasons: Sequence[str]) -> list[str]:
    """Say what notes say of draws as something that happened in redrawn samples; other notes stay."""
    node = est.node
    if not reasons or node.quantity == "event" or not graph.drawable(node):
        return list(reasons)
    draws = est.draws
    count = draws.shape[1]
    undefined, infinite = np.isnan(draws).sum(axis=1), np.isinf(draws)
    known = {}
    for marked, sentence in ((~too_many(undefined, count) & (undefined > 0), FEW), (too_many(undefined, count), MANY)):
        if marked.any():
            technical = undefined_notes(np.where(marked, undefined, 0), count)[0].text
            known[read(technical)] = filled(
                sentence, share=_share(undefined[marked].max(), count), reason=_undefined(est)
            )
    ends = infinite.any(axis=1)
    for label in np.flatnonzero(ends):  # a note is of the labels whose interval is open, which may be some of these
        alone = np.arange(len(draws)) == label
        often = _share(infinite[label].sum(), count)
        known[read(infinite_note(draws, alone).text)] = filled(OPEN, share=often, reason=_infinite(est))
    return [known.get(text, text) for text in reasons]


def _share(times: float, count: int) -> str:
    share = 100 * float(times) / count
    return number(share / 100, ".0%") if share >= 10 else numerals(f"{share:.2g}%")


def _undefined(est: Estimate) -> str:
    answers = [leaf for leaf in graph.sources(est.node) if isinstance(leaf, Asked)]
    lists = any(one.sized_by == "lists" for one in graph.walk(est.node))
    if lists or any(leaf.is_model for leaf in answers):
        return filled(MODEL)
    calibrated = any(leaf.sample is not None and leaf.sample.calibrated for leaf in answers)
    return tr("{reason}, or {other}", reason=filled(NOBODY), other=filled(WEIGHTS)) if calibrated else filled(NOBODY)


def _infinite(est: Estimate) -> str:
    lists = any(one.sized_by == "lists" for one in graph.walk(est.node))
    return filled(APART if lists else DIVIDED)
