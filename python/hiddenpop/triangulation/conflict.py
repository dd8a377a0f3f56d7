"""How far sources disagree, found before anything is combined."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..draws.settings import within
from ..errors import warn
from ..expression import evaluate, graph
from ..expression.operations import Stack
from ..ground import distributions, notebook
from ..ground.columns import Floats
from ..ground.language import ENGLISH, number, tr
from ..ground.signatures import checked
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from .evidence import Evidence
from .pooling import Disagreement, disagreement

#: A p below this is called a conflict.
CONFLICT = 0.05


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Conflict(Tabled):
    """Disagreement between sources.

    Attributes
    ----------
    q, df, p : float
        Cochran's Q (with the sources' full covariance), its degrees of freedom, and how often sources that measure one
        quantity differ as much.
    i2 : float
        The share of the differences that chance does not explain.
    pairs : DataFrame
        For each pair the ratio of the first to the second (the odds ratio of shares), its z and p, and the share of
        draws in which the first is the larger.
    """

    q: float
    df: int
    p: float
    i2: float
    pairs: pd.DataFrame

    @property
    def strong(self) -> bool:
        """Whether the sources disagree more than chance would have it in one of twenty cases."""
        return self.p < CONFLICT

    def sentence(self) -> str:
        """Say it."""
        if self.df == 0:
            return tr("No two sources measure the same, so that their conflict can't be seen.")
        p = f"p < {number(0.001, '.3f')}" if self.p < 0.001 else f"p = {number(self.p, '.2g')}"
        q = number(self.q, ".3g") if self.q >= 0.001 else "0"
        return tr("Cochran's Q is {q} on {df} df ({p}); I² is {share:.0%}.", q=q, df=self.df, p=p, share=self.i2)

    @property
    def verdict(self) -> str:
        """What to think of a consensus."""
        return tr("The sources disagree: no consensus may be meaningful.") if self.strong else ""

    def _as_table(self) -> Table:
        return of_frame(self.verdict, self.pairs, [self.sentence()])

    def __repr__(self) -> str:
        said = f"{self.verdict} {self.sentence()}".strip()
        return f"{said}\n{self.pairs.round(3).to_string()}"

    def _repr_html_(self) -> str:
        return notebook.show(f"{self.verdict} {self.sentence()}".strip(), self.pairs.round(3))


def find(sources: Evidence, y: Floats, covariance: Floats) -> Conflict:
    """Measure conflict, of sources of one site with one another."""
    levels = np.eye(len(set(sources.sites)))[sources.codes(sources.sites).astype(int)]
    total: Disagreement = disagreement(y, covariance, levels)
    together = Stack(sources.nodes)
    draws = evaluate.draws(together) if graph.drawable(together) else None
    rows = []
    for i, j in itertools.combinations(range(len(y)), 2):
        if sources.sites[i] != sources.sites[j]:
            continue
        apart = y[i] - y[j]
        z = apart / math.sqrt(covariance[i, i] + covariance[j, j] - 2 * covariance[i, j])
        rows.append(
            {
                "first": sources.names[i],
                "second": sources.names[j],
                "ratio": math.exp(apart),
                "z": z,
                "p": 2 * distributions.cdf(-abs(z)),
                "first_larger": math.nan if draws is None else float((draws[i] > draws[j]).mean()),
            }
        )
    columns = ["first", "second", "ratio", "z", "p", "first_larger"]
    pairs = pd.DataFrame(rows, columns=columns).set_index(["first", "second"])
    return Conflict(*total, pairs)


def tell(conflict: Conflict) -> None:
    """Warn of a strong one."""
    if conflict.strong:
        with within(language=ENGLISH):
            said = f"{conflict.verdict} {conflict.sentence()}"
        warn(f"{said} Look at .conflict and .plot() before the consensus.")
