"""Plans of several groups or cities at once, and what they say together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..errors import InputError, listing
from ..estimate.estimate import Estimate
from ..ground import distributions, notebook
from ..ground.language import filled, template
from ..ground.signatures import checked
from ..ground.text import label_of
from ..words import methods
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from .precision import Plan, rounded

#: How plans of several groups read.
HEAD = template("Interview {n:,} people in {groups} groups")
GIVEN = template("{n:,} interviews in {groups} groups")
INVITED = template(" (invite {invite:,})")
TOGETHER = template("together: a size of {size} ± {reach:.1%} ({level:g}% interval)")
METHODS = template("The groups are sampled separately; {n:,} people are interviewed in all.")
METHODS_SUM = template("The sum of the sizes then has a {level:g}% confidence interval of ± {reach:.1%}.")


@checked
@dataclass(frozen=True, repr=False)
class Plans(Tabled):
    """A plan for each of several groups or cities, as `hp.plan.by_group` returns them.

    Attributes
    ----------
    plans : mapping of label to Plan
        Each group's plan; ``plans["opioids"]`` is one.

    See Also
    --------
    by_group : makes them.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> plans = hp.plan.by_group(hp.plan.proportion, share={"Utrecht": 0.5, "Leiden": 0.2}, precision=0.05)
    >>> plans.n, plans["Leiden"].n
    (631, 246)
    """

    plans: Mapping[Any, Plan]

    @property
    def n(self) -> int:
        """Interviews in all groups together."""
        return sum(plan.n for plan in self.plans.values())

    @property
    def invite(self) -> int:
        """People to invite in all groups together."""
        return sum(plan.invite for plan in self.plans.values())

    @property
    def relative_precision(self) -> float:
        """Half the width of the interval of the sum of sizes, relative to it; NaN for shares, which have no sum.

        Groups are taken as sampled separately, and their benchmarks as independent.
        """
        plans = list(self.plans.values())
        if any(plan.benchmark is None for plan in plans):
            return math.nan
        spread = math.sqrt(sum(plan.se**2 for plan in plans))
        return distributions.quantile((1 + plans[0].level) / 2) * spread / sum(plan.estimate for plan in plans)

    def __getitem__(self, label: Any) -> Plan:
        if label not in self.plans:
            raise InputError(f"There is no plan for {label!r}; there are {listing(list(self.plans))}.")
        return self.plans[label]

    def __len__(self) -> int:
        return len(self.plans)

    def summary(self) -> pd.DataFrame:
        """Return a table, a row a group: interviews, people to invite, what is expected and how precise it is.

        See Also
        --------
        by_group

        Examples
        --------
        >>> import hiddenpop as hp
        >>> plans = hp.plan.by_group(hp.plan.proportion, share={"Utrecht": 0.5, "Leiden": 0.2}, precision=0.05)
        >>> plans.summary().iloc[:, 0].to_list()
        [385, 246]
        """
        rows = {
            label: {
                "n": plan.n,
                "invite": plan.invite,
                "share": plan.share,
                "design_effect": plan.design_effect,
                "estimate": plan.estimate,
                "relative_precision": plan.relative_precision,
                "half_width": plan.half_width,
            }
            for label, plan in self.plans.items()
        }
        frame = pd.DataFrame.from_dict(rows, orient="index")
        frame.index = pd.Index(list(self.plans), name="group", tupleize_cols=False)
        return frame

    def methods(self) -> str:
        """Return sentences for a paper's methods section: each group's, and what they say together.

        See Also
        --------
        hiddenpop.Estimate.methods

        Examples
        --------
        >>> import hiddenpop as hp
        >>> text = hp.plan.by_group(hp.plan.proportion, share={"Utrecht": 0.5, "Leiden": 0.2}, precision=0.05).methods()
        """
        said, references = [], []
        for label, plan in self.plans.items():
            sentences, cited = methods.apart(plan.methods())
            said.append(f"{label_of(label)}: {sentences}")
            references += cited
        said.append(filled(METHODS, n=self.n))
        if not math.isnan(self.relative_precision):
            level = 100 * next(iter(self.plans.values())).level
            said.append(filled(METHODS_SUM, level=level, reach=self.relative_precision))
        return methods.together("\n".join(said), dict.fromkeys(references))

    def _as_table(self) -> Table:
        title, *notes = repr(self).split("\n")
        return of_frame(title, self.summary(), notes)

    def __repr__(self) -> str:
        plans = list(self.plans.values())
        head = GIVEN if all(plan.target is None for plan in plans) else HEAD
        first = filled(head, n=self.n, groups=len(plans))
        if self.invite > self.n:
            first += filled(INVITED, invite=self.invite)
        lines = [first]
        lines += [f"{label_of(label)}: {repr(plan).splitlines()[0]}" for label, plan in self.plans.items()]
        if not math.isnan(self.relative_precision):
            size = rounded(sum(plan.estimate for plan in plans))
            lines.append(filled(TOGETHER, size=size, reach=self.relative_precision, level=100 * plans[0].level))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return notebook.show(repr(self), self.summary())


@checked
def by_group(plan: Callable[..., Plan], **arguments: Any) -> Plans:
    """Plan several groups or cities at once, each with its own shares, benchmarks and design.

    Parameters
    ----------
    plan : function
        `hp.plan.multiplier`, `hp.plan.proportion` or `hp.plan.rds`.
    **arguments
        Its arguments; a mapping (or an Estimate with labels, of a pilot) has a value for each group, anything else counts for all.

    Returns
    -------
    Plans

    Raises
    ------
    InputError
        No argument that differs by group, or arguments of different groups; and what the plan itself refuses.

    See Also
    --------
    multiplier, proportion, rds : the plans of one group.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.plan.by_group(
    ...     hp.plan.multiplier, benchmark={"opioids": 8_126, "crack": 4_912}, share={"opioids": 0.61, "crack": 0.31},
    ...     relative_precision=0.2, response=0.6,
    ... )
    Interview 276 people in 2 groups (invite 461)
    opioids: Interview 62 people (invite 104: 60.0% take part): a size of 13,300 (8,126 / 61.0%) ± 19.9% (95% interval, ...
    crack: Interview 214 people (invite 357: 60.0% take part): a size of 15,800 (4,912 / 31.0%) ± 20.0% (95% interval, ...
    together: a size of 29,200 ± 14.2% (95% interval)
    """
    given = {name: _by_label(value) for name, value in arguments.items()}
    by = {name: value for name, value in given.items() if isinstance(value, dict)}
    if not by:
        raise InputError(
            "by_group plans several groups: give at least one argument as a mapping of them, such as share={'a': 0.3, 'b': 0.5}."
        )
    first, labels = next((name, list(value)) for name, value in by.items())
    for name, value in by.items():
        if set(value) != set(labels):
            raise InputError(
                f"{name}= is of {listing(list(value))} and {first}= of {listing(labels)}; give each group a value in both."
            )
    if not labels:
        raise InputError(f"{first}= names no group.")
    made = {}
    for label in labels:
        own = {name: value[label] if name in by else value for name, value in given.items()}
        try:
            made[label] = plan(**own)
        except InputError as error:
            raise InputError(f"Group {label!r}: {error}") from None
    if not all(isinstance(one, Plan) for one in made.values()):
        raise InputError(
            "by_group takes a function that returns a plan: hp.plan.multiplier, hp.plan.proportion or hp.plan.rds."
        )
    return Plans(made)


def _by_label(value: Any) -> Any:
    """Return values by group as a dict; anything else as it is."""
    if isinstance(value, Estimate) and not value.scalar:
        return {label: value[label] for label in value.labels}
    if isinstance(value, (Mapping, pd.Series)):
        return dict(value)
    return value
