"""What is said above and under a table that describes participants: heads of columns on request, notes, marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import listing
from ..ground.columns import Floats
from ..ground.language import filled, number, plural, read, template, tr
from .described import Described
from .extras import More
from .significance import CORRECTIONS
from .variables import Groups

if TYPE_CHECKING:
    from ..survey.survey import Survey
#: What must be known to read columns on request.
DEFF_NOTE = template("Design effect: variance relative to that of a simple random sample of as many participants.")
SMD_NOTE = template(
    "Standardised difference: distance of the two groups in standard deviations (Austin 2009; of several categories Yang and Dalton "
    "2012)."
)
SMD_LARGEST_NOTE = template(
    "Standardised difference: the largest distance of two groups in standard deviations (Austin 2009; of several categories Yang "
    "and Dalton 2012)."
)
TREND_NOTE = template(
    "p for trend: t test of the linear contrast over the groups in their order (of means, shares, or mean ranks of ordered levels), "
    "with the design's variance."
)
#: Marks of shares by what presentation standards say of them.
NCHS_MARKS = {"suppress": "*", "review": "†", "complement": "‡"}
NCHS_NOTES = {
    "suppress": template(
        "* Not shown, because it is too uncertain by the standards of the National Center for Health Statistics (Parker and others "
        "2017): fewer than 30 participants in number or in effect, or a 95% interval of 30 points or wider, or wider than 1.3 times "
        "the share where it is wider than 5 points."
    ),
    "review": template(
        "† To be reviewed by the standards of the National Center for Health Statistics: fewer than 8 degrees of freedom, or a share "
        "of nobody or everybody."
    ),
    "complement": template(
        "‡ By the standards of the National Center for Health Statistics the share of all others may be unreliable."
    ),
}
NCHS_ALL = template(
    "All shares meet the standards of the National Center for Health Statistics (Parker and others 2017)."
)
#: Letters that say which test a p-value comes from.
MARKS = "ᵃᵇᶜᵈᵉ"


def titled(survey: Survey, parts: Groups) -> str:
    """Return a title for who are described."""
    called = survey.sample.called
    title = tr("Participants by {group}", group=called(parts.name)) if parts.name else tr("Participants")
    return title if parts.where is None else tr("{title}, where {where}", title=title, where=called(parts.where))


def more_heads(names: Sequence[str], *, test: bool, more: More) -> list[str]:
    """Return the heads of what stands beside the groups."""
    effects = [tr("design effect")] if len(names) == 1 else [tr("design effect: {group}", group=name) for name in names]
    return [
        *(effects if more.deff else []),
        *([tr("standardised difference")] if more.smd else []),
        *(["p"] if test else []),
        *([tr("p for trend")] if more.trend else []),
    ]


def asked_for(found: Sequence[Described], parts: Groups, more: More) -> list[str]:
    """Say what differences, effects, trends and standards are."""
    notes = []
    if more.deff:
        notes.append(filled(DEFF_NOTE))
    if more.smd:
        notes.append(filled(SMD_NOTE if len(parts.labels) == 2 else SMD_LARGEST_NOTE))
    if more.trend:
        notes.append(filled(TREND_NOTE))
    if more.rules is not None:
        seen = {
            one
            for made in found
            if made.verdicts is not None
            for one in made.verdicts[list(made.variable.shown)].ravel()
        }
        notes += [filled(note) for verdict, note in NCHS_NOTES.items() if verdict in seen]
        notes += [] if seen & set(NCHS_NOTES) else [filled(NCHS_ALL)]
    return notes


def said_of(
    survey: Survey,
    found: Sequence[Described],
    parts: Groups,
    ends: Floats | None,
    level: float,
    tests: Sequence[str],
    correction: str,
) -> list[str]:
    """Say what numbers of participants, means and p-values are."""
    weighted = survey.record.weighted or survey.sample.calibrated
    notes = []
    if any(made.variable.codes is not None for made in found):
        share = tr("weighted share of those who answered") if weighted else tr("share of those who answered")
        if ends is None:
            notes.append(tr("Number of participants ({share}).", share=share))
        else:
            notes.append(tr("Number of participants ({share}; {level:g}% interval).", share=share, level=100 * level))
    if any(made.variable.kind == "continuous" for made in found):
        means = tr("Weighted means") if weighted else tr("Means")
        if ends is not None:
            means = tr("{what} with {level:g}% intervals", what=means, level=100 * level)
        notes.append(tr("{means}, standard deviations and quantiles.", means=means))
    few = [made.variable.title for made in found if made.variable.few]
    if few:
        notes.append(
            tr("Taken for measurements though they have few different values: {columns}.", columns=", ".join(few))
        )
    for made in found:
        silent = [str(label) for label, n in zip(parts.labels, made.n.sum(axis=0), strict=False) if n == 0]
        if silent and parts.name:
            notes.append(
                tr("{variable}: nobody answered in {groups}.", variable=made.variable.title, groups=listing(silent))
            )
    notes += _without_group(survey, parts)
    if tests:
        marks = [f"{MARKS[i % len(MARKS)]} " if len(tests) > 1 else "" for i in range(len(tests))]
        words = "; ".join(f"{mark}{read(name)}" for mark, name in zip(marks, tests, strict=True))
        if correction == "none":
            notes.append(tr("p: {tests}.", tests=words))
        else:
            notes.append(tr("p: {tests}, corrected by {method}.", tests=words, method=CORRECTIONS[correction]))
    return notes


def _without_group(survey: Survey, parts: Groups) -> list[str]:
    """Say how many have no group."""
    lacking = parts.codes < 0 if parts.domain is None else (parts.codes < 0) & parts.domain
    outside = int(survey.sample.multiplicity[lacking].sum()) if parts.name else 0
    if not outside:
        return []
    if parts.total:
        return [
            plural(
                "{n} participant has no value of {group} and is counted in the last column only.",
                "{n:,} participants have no value of {group} and are counted in the last column only.",
                n=outside,
                group=survey.sample.called(parts.name),
            )
        ]
    return [
        plural(
            "{n} participant has no value of {group} and is left out.",
            "{n:,} participants have no value of {group} and are left out.",
            n=outside,
            group=survey.sample.called(parts.name),
        )
    ]


def missing_codes(survey: Survey, found: Sequence[Described]) -> list[str]:
    """Say what the codes of missing answers were, where a file brought them."""
    codes = survey.sample.units.attrs.get("missing_codes", {})
    notes = []
    for made in found:
        known = codes.get(made.variable.name) if isinstance(codes, dict) else None
        if known:
            listed = ", ".join(f"{label} {number(count, ',')}" for label, count in known.items())
            notes.append(tr("{variable}, missing in the file: {codes}.", variable=made.variable.title, codes=listed))
    return notes
