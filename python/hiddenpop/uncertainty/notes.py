"""What the reader of an interval must know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..answers.asked import Asked
from ..errors import listing, warn
from ..expression import evaluate, graph
from ..expression.nodes import Node
from ..ground.columns import Bools, Floats
from ..ground.language import english


def tell(notes: Sequence[Note], labels: pd.Index[Any]) -> None:
    """Warn of what must be known about some labels."""
    for note in notes:
        where = "" if len(labels) == 1 or not note.labels else f" ({listing([labels[i] for i in note.labels])})"
        warn(note.text + where)


#: Weights that add up to a share of everyone do so but for rounding.
ROUNDING = 1e-12
#: Above this share of undefined draws an interval would describe too few redraws to stand.
MOST_UNDEFINED = 0.01


class Note(NamedTuple):
    """Something about some labels that the reader of a number must know."""

    text: str
    labels: tuple[int, ...]

    @classmethod
    def at(cls, text: str, marked: Any) -> Note:
        """Make a note about the labels that are marked."""
        return cls(text, tuple(int(i) for i in np.flatnonzero(marked)))


def joined(notes: Sequence[Note]) -> list[Note]:
    """Say each thing once, of all labels that it is about: what parts say may hold of the whole too."""
    about: dict[str, tuple[int, ...]] = {}
    for text, labels in notes:
        known = about.get(text)
        everywhere = not labels or (known is not None and not known)
        about[text] = () if everywhere else tuple(sorted({*(known or ()), *labels}))
    return [Note(text, labels) for text, labels in about.items()]


def no_variation(node: Node) -> list[Note]:
    """Say where redraws of a sample have nothing to vary, so that their percentiles would be a point."""
    leaves = graph.sources(node)
    if (
        node.quantity == "event"
        or not leaves
        or not all(isinstance(leaf, Asked) and leaf.by_influence for leaf in leaves)
    ):
        return []  # a quantile of few values may well be the same in each redraw
    draws = evaluate.kept_draws(node)
    if draws is None or not _still(draws[:, :100]).any():  # a short look spares a long one
        return []
    flat = _still(draws) & ~np.isnan(node.point)
    if not flat.any():
        return []
    n = None if node.n is None else node.n[flat]
    recruited = any(leaf.record.by_draws for leaf in leaves if isinstance(leaf, Asked))
    if node.quantity in ("share", "size") and n is not None and not np.isnan(n).all() and _extreme(leaves):
        people = int(np.nanmin(n))
        share = min(1.0, 3 / people)
        if recruited:  # no interval of theirs has more to say
            text = english(
                "No interval: everyone or nobody in a sample of {people:,} has this property, so redraws don't vary. Unless it is so "
                "by definition, the true share may be {share:.2g} away (the rule of three), and further where people recruit their "
                "like",
                people=people,
                share=share,
            )
        else:
            text = english(
                "No interval by this method: everyone or nobody in a sample of {people:,} has this property, so redraws don't vary. "
                "Unless it is so by definition, the true share may be {share:.2g} away (the rule of three); the default interval() "
                "says how far",
                people=people,
                share=share,
            )
    elif recruited and node.quantity in ("share", "size"):
        text = english(
            "No interval by this method: each redraw takes the same participants (all of the population, or chains that can be "
            "redrawn in one way only), so redraws don't vary"
        )
    else:
        text = english(
            "No interval by this method: redraws don't vary, as all answers are the same or the design fixes the number"
        )
    return [Note.at(text, flat)]


def _extreme(leaves: Sequence[Node]) -> bool:
    """Tell whether some share is that of everyone or nobody."""
    shares = [leaf for leaf in leaves if leaf.quantity == "share"]
    return any(bool((np.abs(leaf.point - np.round(leaf.point)) < ROUNDING).any()) for leaf in shares)


def _still(draws: Floats) -> Bools:
    """Tell which labels' draws are all the same, but for rounding: the shares of all answers add up to 1."""
    first = draws[:, :1]
    with np.errstate(invalid="ignore"):
        close = np.isfinite(first) & (np.abs(draws - first) <= 1e-14 * np.abs(first))
        return np.asarray(((draws == first) | close).all(axis=1))


def no_freedom(none: Any) -> Note:
    """Say why a label has no interval by any method."""
    text = english(
        "No interval: these participants have no degree of freedom (one cluster, or one participant, in each stratum that they "
        "lie in), so nothing in the sample says how the estimate varies"
    )
    return Note.at(text, none)


def few_note(df: Floats, few: Any, *, recruited: bool) -> Note:
    """Say that a standard error is hardly known: that of few clusters, or of few people who recruited one another."""
    least = float(np.min(df[few]))
    if recruited:
        text = english(
            "The interval rests on {df:.3g} degrees of freedom (participants less sites), so its width is hardly known",
            df=least,
        )
        return Note.at(text, few)
    if least == 1:
        text = english(
            "The interval rests on 1 degree of freedom (clusters less strata that these participants lie in), so its width is "
            "hardly known"
        )
    else:
        text = english(
            "The interval rests on {df:.3g} degrees of freedom (clusters less strata that these participants lie in), so its width "
            "is hardly known",
            df=least,
        )
    return Note.at(text, few)


def certain_notes(node: Node) -> list[Note]:
    """Say where a probability takes for certain what redraws can't vary: a share of everyone or nobody in a sample."""
    for leaf in graph.sources(node):
        if isinstance(leaf, Asked) and leaf.quantity == "share" and leaf.n is not None:
            extreme = np.isin(leaf.point, (0.0, 1.0)) & (leaf.n > 0)
            if extreme.any():
                n = int(leaf.n[extreme].min())
                text = english(
                    "Everyone or nobody in a sample of {people:,} has a property that this probability rests on ({text}), so redraws "
                    "don't vary and it is taken for certain. Unless it is so by definition, the true share may be {share:.2g} away "
                    "(the rule of three), and the probability says nothing of that",
                    people=n,
                    text=leaf.title,
                    share=min(1.0, 3 / n),
                )
                return [Note(text, ())]
    return []


def infinite_note(draws: Floats, beyond: Any) -> Note:
    """Say why an interval has an infinite end."""
    infinite = int(np.isinf(draws[beyond]).sum(axis=1).max())
    text = english(
        "An end of the interval is infinite: up to {infinite:,} of {draws:,} draws are (a share of zero, or lists without "
        "overlap, in the redrawn sample). The sample is too small to bound this estimate on that side",
        infinite=infinite,
        draws=draws.shape[1],
    )
    return Note.at(text, beyond)


def undefined_notes(undefined: Any, replicates: int) -> list[Note]:
    """Say how many draws are undefined, and what follows."""
    few = (undefined > 0) & ~too_many(undefined, replicates)
    many = too_many(undefined, replicates)
    notes = []
    if few.any():
        text = english(
            "Up to {undefined:,} of {draws:,} draws are undefined (nobody in the domain of the redrawn sample, weights that can't "
            "be calibrated, or a model that it does not identify) and are left out",
            undefined=int(undefined[few].max()),
            draws=replicates,
        )
        notes.append(Note.at(text, few))
    if many.any():
        text = english(
            "No interval: up to {undefined:,} of {draws:,} draws are undefined (nobody in the domain of the redrawn sample, "
            "weights that can't be calibrated, or a model that it does not identify); there is too little to redraw",
            undefined=int(undefined[many].max()),
            draws=replicates,
        )
        notes.append(Note.at(text, many))
    return notes


def too_many(undefined: Any, replicates: int) -> Bools:
    """Mark labels with too many undefined draws."""
    return np.asarray(undefined > MOST_UNDEFINED * replicates)


def lost_notes(node: Node, errors: Floats) -> list[Note]:
    """Say why an estimate has no standard error from its replicates."""
    lost = ~np.isfinite(errors) & ~np.isnan(node.point)
    if not lost.any():
        return []
    text = english(
        "No standard error: the estimate is undefined or infinite in some variance replicate or draw (nobody in the "
        "domain, or a share of zero)"
    )
    return [Note.at(text, lost)]


def lost_note(lost: Any, scale: str | None) -> Note:
    """Say that a label has no interval, where its method has not said why."""
    if scale is not None:
        text = english(
            "No interval with scale='{option}': the estimate, or what it may be, has no finite value on this scale",
            option=scale,
        )
    else:
        text = english(
            "No interval: its standard error, or an interval of a part that it rests on, is undefined or infinite"
        )
    return Note.at(text, lost)


def heaped_note(heaped: Any) -> Note:
    """Say that a quantile has the same value at both ends."""
    text = english(
        "No interval: both ends would be the estimate, as so many have this answer that no redraw or share near by has another. Say "
        "how many do: the proportion"
    )
    return Note.at(text, heaped)


def flat_note(flat: Any) -> Note:
    """Say why there is no interval from standard errors that are zero."""
    text = english(
        "No interval: the standard error is zero. All answers are the same, clusters agree by chance, or the design fixes the "
        "number (such as a stratum's own share)"
    )
    return Note.at(text, flat)
