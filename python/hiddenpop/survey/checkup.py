"""One page on a survey of people who recruited one another: what to worry about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from ..answers.by_recruitment import MOST, between
from ..errors import InputError
from ..ground import columns, notebook
from ..ground.language import english, filled, read, template, tr
from ..ground.signatures import checked
from ..sample.recruited import FEW_CHAINS, Recruited
from ..sample.recruited_again import recruits_of
from ..sample.recruits import Recruits
from ..sample.sample import Sample
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from . import in_order, whom

#: A chain lies far off if it does so by more standard errors of as many people drawn at random.
FAR = 3.0
#: A chain with more of the sample than this speaks for all.
LARGE = 0.5
#: What no sample shows, and has to be known otherwise.
UNSEEN = english(
    "Not to be seen in any sample: whether people recruited at random among those they know, whether they know how many that are, "
    "whether ties are mutual, and whether there are groups that nobody here knows."
)
#: Topics that are no columns.
TOPICS = frozenset(
    {
        template("chains"),
        template("recruits"),
        template("seeds"),
        template("links"),
        template("coupons"),
        template("population"),
        template("reciprocity"),
        template("table"),
    }
)


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Checkup(Tabled):
    """What was looked at in a survey of people who recruited one another; made by `Survey.check`.

    Attributes
    ----------
    table : DataFrame
        See `summary`.

    See Also
    --------
    Survey.check : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> table = {"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6],
    ...          "knows": [4, 2, 6, 3, 8, 4, 4, 2], "hiv": [1, 0, 0, 1, 1, 0, 0, 0]}
    >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=200)
    >>> survey.check().finding("seeds")
    'Seeds count in estimates.'
    """

    _as_it_reads: ClassVar[bool] = True
    table: pd.DataFrame

    @property
    def title(self) -> str:
        """What a report calls it."""
        return tr("What to worry about in a respondent-driven sample")

    def summary(self) -> pd.DataFrame:
        """Return a row for each finding, what to worry about first: `topic`, `finding` in words, and whether to `worry`.

        See Also
        --------
        Survey.check

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6],
        ...          "knows": [4, 2, 6, 3, 8, 4, 4, 2], "hiv": [1, 0, 0, 1, 1, 0, 0, 0]}
        >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=200)
        >>> survey.check("hiv").summary().columns.to_list()
        ['topic', 'finding', 'worry']
        """
        return self.table.copy()

    @property
    def worries(self) -> list[str]:
        """What to worry about, in sentences."""
        return [str(text) for text in self.table.loc[self.table["worry"], "finding"]]

    def finding(self, topic: str) -> str:
        """Return what was found on a topic, such as "chains", "seeds", "links", "population" or a column; empty if nothing."""
        return " ".join(map(str, self.table.loc[self.table["topic"] == topic, "finding"]))

    def _as_table(self) -> Table:
        return of_frame(self.title, self._said().set_index("topic"), [read(UNSEEN)])

    def _said(self) -> pd.DataFrame:
        """Return the table as readers get it."""
        topics = [filled(topic) if topic in TOPICS else topic for topic in self.table["topic"]]
        return self.table.assign(topic=topics, finding=[read(text) for text in self.table["finding"]])

    def __repr__(self) -> str:
        fine = [read(str(text)) for text in self.table.loc[~self.table["worry"], "finding"]]
        head = self.title if self.worries else tr("Nothing to worry about was found")
        parts = [f"{head}:" if self.worries else f"{head}.", *(f"! {read(text)}" for text in self.worries)]
        return "\n".join([*parts, *(f"- {text}" for text in fine), "", read(UNSEEN)])

    def _repr_html_(self) -> str:
        return notebook.show(self.title, self._said(), notes=[read(UNSEEN)])


def check(sample: Sample, names: tuple[str, ...], reciprocity: str | None = None) -> Checkup:
    """Look at a survey and some columns; see `Survey.check`."""
    recruits = recruits_of(sample, "check()")
    design = sample.design
    if not isinstance(design, Recruited):
        raise InputError("check() is of surveys as hp.Survey.rds makes them.")
    found = [*_chains(recruits), *_coupons(recruits, design), *_population(recruits)]
    if reciprocity is not None:
        found.append(_reciprocity(*whom.mutual(sample, reciprocity)))
    found += [("table", text, True) for text in sorted(design.said.texts)]
    for name in names or design.homophily_on or _all(sample):
        found += _column(sample, recruits, name)
    found.sort(key=lambda one: not one[2])
    return Checkup(pd.DataFrame(found, columns=["topic", "finding", "worry"]))


def _all(sample: Sample) -> tuple[str, ...]:
    """List the columns that recruitment can be counted between."""
    names = []
    for name, values in sample.units.items():
        if str(name) in sample.design.columns or columns.kind(values) in ("number", "date"):
            continue
        if 1 < values.nunique(dropna=True) <= MOST:
            names.append(str(name))
    return tuple(names)


#: A topic, what was found in words, and whether to worry.
Finding = tuple[str, str, bool]


def _chains(recruits: Recruits) -> list[Finding]:
    forest = recruits.forest
    sizes = np.bincount(forest.seed, minlength=len(forest.wave))[forest.seeds]
    n, effective = len(forest.wave), whom.effective_chains(forest)
    low, high, many = int(sizes.min()), int(sizes.max()), english("{chains:,} chains", chains=len(sizes))
    text = english(
        "{chains} of {sizes} participants count as much as {effective:.1f} of one size, in {waves:,} waves.",
        chains=many if len(sizes) > 1 else english("1 chain"),
        sizes=f"{low:,}" if low == high else english("{low:,} to {high:,}", low=low, high=high),
        effective=effective,
        waves=int(forest.wave.max()),
    )
    few = len(sizes) >= FEW_CHAINS and (effective < FEW_CHAINS or sizes.max() > LARGE * n)  # fewer were told already
    if few:
        text = english("{chains} Little says how chains differ, and intervals may be too short.", chains=text)
    alone = float((sizes == 1).mean())
    empty = (
        [("chains", english("{share:.0%} of the seeds recruited nobody.", share=alone), alone > LARGE)] if alone else []
    )
    none = float((forest.recruits == 0).mean())
    whose = english(
        "{share:.0%} of participants recruited nobody; the first half brought {mean:.2f} each.",
        share=none,
        mean=whom.recruits_a_person(forest),
    )
    return [("chains", text, few), *empty, ("recruits", whose, False)]


def _coupons(recruits: Recruits, design: Recruited) -> list[Finding]:
    counted = (
        english("Seeds count in estimates.") if design.seeds == "in" else english("Seeds are left out of estimates.")
    )
    linked = (
        english("Recruits and recruiters are linked by the recruiter's id.")
        if recruits.coupons is None
        else english("Recruits and recruiters are linked by numbers of coupons.")
    )
    found = [("seeds", counted, False), ("links", linked, False)]
    if recruits.coupons:
        back = int((~recruits.forest.seeds).sum())
        text = english(
            "{back:,} of {given:,} coupons came back ({share:.0%}).",
            back=back,
            given=recruits.coupons,
            share=back / recruits.coupons,
        )
        found.append(("coupons", text, False))
    return found


def _population(recruits: Recruits) -> list[Finding]:
    if not recruits.sizes.all():
        text = english(
            "No population is known: weights are the inverse of degrees, as if it were much larger than the sample."
        )
        return [("population", text, True)]
    share = float(recruits.n.sum() / recruits.sizes.sum())
    text = english(
        "The sample is {share:.0%} of the population of {size:,.0f}.", share=share, size=recruits.sizes.sum()
    )
    if recruits.weighing == "gile":
        text = english("{sample} Weights rest on that number: see sensitivity().", sample=text)
    return [("population", text, False)]


def _reciprocity(share: float, n: int) -> Finding:
    text = english(
        "{share:.0%} of the {n:,} recruits who answered say that they know their recruiter; weights take ties for mutual.",
        share=share,
        n=n,
    )
    return ("reciprocity", text, share < whom.MUTUAL)


def _column(sample: Sample, recruits: Recruits, name: str) -> list[Finding]:
    who = whom.whom(sample, name)
    n = who.numbers
    found: list[Finding] = [(name, text, True) for text in who.worries]
    if not np.isnan(n["recruitment homophily"]):
        text = english(
            "Recruits are of their recruiter's {column} {times:.2f} times as often as if recruiters did not matter.",
            column=name,
            times=n["recruitment homophily"],
        )
        settled = n["waves to equilibrium"]
        if settled < np.inf:
            text = english(
                "Recruits are of their recruiter's {column} {times:.2f} times as often as if recruiters did not matter; seeds are "
                "forgotten after {waves}, and m l^2 is {value:.2f}.",
                column=name,
                times=n["recruitment homophily"],
                waves=english("1 wave") if settled == 1 else english("{waves:,} waves", waves=int(settled)),
                value=n["m l^2"],
            )
        found.append((name, text, False))
    lines = in_order.converging(sample, name)
    ends = lines.summary()
    moved = ends["settled"] > 0.75 * len(lines.table)
    if moved.any():
        found.append(
            (
                name,
                english(
                    "Shares of {column} still moved by more than 2 points in the last quarter of participants.",
                    column=name,
                ),
                True,
            )
        )
    codes, labels, _ = between(sample, name)
    far = _far(recruits, codes, len(labels))
    if far:
        *first, last = map(str, far)
        text = (
            english(
                "Shares of {column} in chains {names} and {last} lie far from those of all: see bottleneck().",
                column=name,
                names=", ".join(first),
                last=last,
            )
            if first
            else english(
                "Shares of {column} in chain {last} lie far from those of all: see bottleneck().",
                column=name,
                last=last,
            )
        )
        found.append((name, text, True))
    return found


def _far(recruits: Recruits, codes: np.ndarray, size: int) -> list[int]:
    """Return the numbers of chains, as their seeds came, with a share further off than chance would put people drawn at random."""
    forest, chain = recruits.forest, recruits.forest.chain
    weight = np.where(codes >= 0, recruits.weight, 0.0)
    each = codes[:, None] == np.arange(size)
    whole = weight @ each / weight.sum()
    far = []
    for number in range(1, int(forest.seeds.sum()) + 1):
        here = (chain == number) & (weight > 0)
        n = int(here.sum())
        if n < in_order.SHORT:
            continue
        share = weight[here] @ each[here] / weight[here].sum()
        if (np.abs(share - whole) > FAR * np.sqrt(whole * (1 - whole) / n)).any():
            far.append(number)
    return far
