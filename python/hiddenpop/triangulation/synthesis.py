"""What several sources say together: the consensus, and what must be seen before it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError, in_words, suggest
from ..estimate.estimate import Estimate
from ..ground import checks, notebook
from ..ground.language import number, read, tr
from ..ground.signatures import checked
from ..ground.text import capital, enumerated
from ..words import methods, printed
from ..words.framed import flat
from ..words.rows import Row
from ..words.table import Table
from ..words.tabled import Tabled
from . import quadrature
from .conflict import Conflict
from .conjugate import Conjugate
from .consensus import Consensus, by_method
from .evidence import Evidence
from .figures import forest
from .pools import LinearPool

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Synthesis(Tabled):
    """Several estimates of one quantity, how far they disagree, and their consensus; made by `triangulate`.

    Attributes
    ----------
    evidence : Evidence
        The sources, in order.
    conflict : Conflict
        How far they disagree: see it before the consensus.
    estimate : Estimate
        The consensus, for further arithmetic; with several sites a label for each.
    combined : Consensus, Conjugate or LinearPool
        How it was computed.

    See Also
    --------
    triangulate : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> together = hp.triangulate({"multiplier": hp.lognormal(16_000, 11_300, 25_200, name="m"),
    ...                            "capture-recapture": hp.lognormal(13_000, 10_000, 17_500, name="c")}, method="fixed")
    >>> round(together.conflict.p, 1), together.weights["weight"].round(1).to_dict()
    (0.4, {'multiplier': 0.3, 'capture-recapture': 0.7})
    """

    evidence: Evidence
    conflict: Conflict
    estimate: Estimate
    combined: Consensus | Conjugate | LinearPool

    @property
    def title(self) -> str:
        """What a report calls it."""
        return f"Sources and {self.estimate.name}"

    @property
    def method(self) -> str:
        """The method's name."""
        return self.combined.method

    @property
    def sources(self) -> dict[str, Estimate]:
        """The sources' estimates by name."""
        return dict(zip(self.evidence.names, self.evidence.estimates, strict=True))

    @property
    def weights(self) -> pd.DataFrame:
        """The weight of each source in the consensus (of its site), and with which others it has a survey in common.

        With a posterior of the between-source variance they are means over it.
        """
        names = self.evidence.names
        common: dict[int, list[str]] = {i: [] for i in range(len(names))}
        for i, j in self.evidence.shared:
            common[i].append(names[j])
            common[j].append(names[i])
        together = [", ".join(common[i]) for i in range(len(names))]
        return pd.DataFrame(
            {"weight": self.combined.weights, "in common with": together}, index=pd.Index(names, name="source")
        )

    def spread(self, level: float = 0.95) -> pd.DataFrame:
        """Return the standard deviation between sources on the combining scale, with its interval where it has a posterior.

        Raises
        ------
        InputError
            The method has none.

        See Also
        --------
        Synthesis.biases

        Examples
        --------
        >>> import hiddenpop as hp
        >>> sources = {"m": hp.lognormal(16_000, 11_300, 25_200, name="m"), "c": hp.lognormal(13_000, 10_000, 17_500, name="c")}
        >>> hp.triangulate(sources, method="bayesian", prior=0.3).spread().columns.to_list()
        ['sd', 'lower', 'upper']
        """
        node = by_method(self.combined, "bayesian", "dersimonian_laird", "reml", "paule_mandel")
        if node is None:
            raise InputError(f"method={self.method!r} has no variance between sources.")
        tail = (1 - checks.check_level(level)) / 2
        shares = np.array([0.5, tail, 1 - tail])
        rows = [node.model.spread(shares)]
        labels = ["between sources"]
        if len(node.point) > 1:
            labels = ["between methods", "within methods"]
            rows.append(node.model.spread(shares, 1))
        found = pd.DataFrame(rows, index=labels, columns=["sd", "lower", "upper"])
        return found if node.method == "bayesian" else found.assign(lower=np.nan, upper=np.nan)

    def biases(self, level: float = 0.95, *, relative_to: Any = None) -> pd.DataFrame:
        """Return by what factor each method over- or understates (odds ratios for shares): posterior median, interval.

        Parameters
        ----------
        level : float
            Level of the intervals.
        relative_to : str, optional
            A method that others are compared with, which is what data can tell. By default factors are relative to the
            truth, where the prior says that methods are right on average.

        Raises
        ------
        InputError
            The method is not the Bayesian one, or there is no such method.

        See Also
        --------
        Synthesis.spread

        Examples
        --------
        >>> import hiddenpop as hp
        >>> cities = {"north": {"multiplier": hp.published(1_600, 1_300, 2_000), "scale-up": hp.published(1_700, 1_300, 2_200)},
        ...           "south": {"multiplier": hp.published(800, 650, 1_000), "scale-up": hp.published(900, 700, 1_200)}}
        >>> hp.triangulate(cities, method="bayesian").biases(relative_to="multiplier").index.to_list()
        ['multiplier', 'scale-up']
        """
        node = by_method(self.combined, "bayesian")
        if node is None:
            raise InputError("Only method='bayesian' has biases of methods.")
        tail = (1 - checks.check_level(level)) / 2
        kinds = list(dict.fromkeys(self.evidence.kinds))
        contrasts = np.eye(len(kinds))
        if relative_to is not None:
            if not checks.among(relative_to, kinds):
                raise InputError(f"There is no method {in_words(relative_to)}. {suggest(relative_to, kinds)}")
            contrasts -= contrasts[kinds.index(relative_to)]
        grid = quadrature.Grid(node.model.sds, node.model.probability)
        mean, sd = quadrature.biases(node.fitted, node.covariance, node.levels, node.methods, grid, contrasts)
        shares = np.array([0.5, tail, 1 - tail])
        rows = [
            np.exp(quadrature.mixture_quantiles(grid.probability, m, s, shares))
            for m, s in zip(mean.T, sd.T, strict=True)
        ]
        return pd.DataFrame(rows, index=pd.Index(kinds, name="method"), columns=["factor", "lower", "upper"])

    @property
    def groups(self) -> list[tuple[list[int], int, str]]:
        """For each site: its sources, the label of its consensus, and what that is called."""
        sites = list(dict.fromkeys(self.evidence.sites))
        return [
            (
                [i for i, of in enumerate(self.evidence.sites) if of == site],
                label,
                f"{site}: consensus" if self.evidence.several else str(self.estimate.labels[0]),
            )
            for label, site in enumerate(sites)
        ]

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Return a tidy table: one row a source and one for the consensus (of each site).

        Columns: estimate, lower, upper, weight and role (source or consensus).

        See Also
        --------
        Synthesis.plot

        Examples
        --------
        >>> import hiddenpop as hp
        >>> sources = {"m": hp.lognormal(16_000, 11_300, 25_200, name="m"), "c": hp.lognormal(13_000, 10_000, 17_500, name="c")}
        >>> hp.triangulate(sources, method="fixed").summary()["role"].to_list()
        ['source', 'source', 'consensus']
        """
        level = checks.check_level(level)
        weights = self.weights["weight"].to_numpy()
        consensus = self.estimate.interval(level).to_numpy()
        rows: dict[str, list[Any]] = {}
        for members, label, name in self.groups:
            for i in members:
                est = self.evidence.estimates[i]
                low, high = est.interval(level).to_numpy()[0]
                rows[self.evidence.names[i]] = [float(est.node.point[0]), low, high, weights[i], "source"]
            rows[name] = [float(self.estimate.node.point[label]), *consensus[label], np.nan, "consensus"]
        found = pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "lower", "upper", "weight", "role"])
        return found.rename_axis("source")

    def plot(self, *, level: float = 0.95, ax: Axes | None = None) -> Axes:
        """Draw a forest plot: sources with their weights, consensus, and what is to be said of conflict. Needs matplotlib.

        Squares are sources (larger with more weight), diamonds the consensus, as wide as its interval.

        See Also
        --------
        Synthesis.summary

        Examples
        --------
        >>> import hiddenpop as hp
        >>> sources = {"m": hp.lognormal(16_000, 11_300, 25_200, name="m"), "c": hp.lognormal(13_000, 10_000, 17_500, name="c")}
        >>> axes = hp.triangulate(sources, method="fixed").plot()
        """
        rows = self.summary(level)
        name, how = read(self.estimate.name), read(self.combined.estimator)
        title = tr("{what} by {method}", what=name, method=how)
        found = self.conflict
        notes = [found.verdict, found.sentence(), *methods.caveats(self.estimate.node)]
        return forest(rows, title, self.evidence.quantity, notes, strong=found.strong, level=level, ax=ax)

    def methods(self, level: float = 0.95) -> str:
        """Return sentences for a paper's methods section: conflict first.

        See Also
        --------
        Estimate.methods

        Examples
        --------
        >>> import hiddenpop as hp
        >>> sources = {"m": hp.lognormal(16_000, 11_300, 25_200, name="m"), "c": hp.lognormal(13_000, 10_000, 17_500, name="c")}
        >>> text = hp.triangulate(sources, method="fixed").methods()
        """
        names = ", ".join(self.evidence.names)
        count = len(self.evidence.names)
        before = tr("{count} sources were set beside one another ({names}).", count=count, names=names)
        before += f" {self.conflict.sentence()} "
        if self.conflict.strong:
            before += f"{self.conflict.verdict} "
        shared = self.evidence.shared
        if shared:
            pairs = "; ".join(enumerated([self.evidence.names[i], self.evidence.names[j]]) for i, j in shared)
            before += tr("Sources with draws in common, which enter with their covariance: {pairs}.", pairs=pairs) + " "
        return before + self.estimate.methods(level)

    def _lines(self) -> list[tuple[str, str, str, str]]:
        weights = self.weights["weight"].to_numpy()
        together, _ = printed.rows(self.estimate)
        lines = []
        for members, label, name in self.groups:
            for i in members:
                (_, value, span), *_ = printed.rows(self.evidence.estimates[i])[0]
                lines.append((self.evidence.names[i], value, span, number(weights[i], ".0%")))
            lines.append((name, *together[label][1:], ""))
        return lines

    def _as_table(self) -> Table:
        title = capital(f"{read(self.estimate.name)}: {read(self.combined.estimator)}")
        rows = [Row(name, tuple(cells)) for name, *cells in self._lines()]
        notes = [self.conflict.verdict, self.conflict.sentence(), *methods.caveats(self.estimate.node)]
        heads = (tr("estimate"), tr("95% interval"), tr("weight"))
        return Table(title, heads, tuple(rows), tuple(note for note in notes if note), flat(self.summary()))

    def __repr__(self) -> str:
        head = ("", tr("estimate"), tr("95% interval"), tr("weight"))
        shown = [head, *self._lines()]
        widths = [max(len(row[i]) for row in shown) for i in range(4)]
        lines = [f"{read(self.estimate.name)}: {read(self.combined.estimator)}"]
        for name, value, span, weight in shown:
            lines.append(
                f"{name:<{widths[0]}}    {value:>{widths[1]}}    {span:>{widths[2]}}    {weight:>{widths[3]}}".rstrip()
            )
        said = f"{self.conflict.verdict} {self.conflict.sentence()}".strip()
        return "\n".join([*lines, *textwrap.wrap(said, 100)])

    def _repr_html_(self) -> str:
        said = f"{self.conflict.verdict} {self.conflict.sentence()}".strip()
        shown = pd.DataFrame(self._lines(), columns=["", "estimate", "95% interval", "weight"]).set_index("")
        return notebook.show(f"{self.estimate.name}: {self.combined.estimator}", shown, said)
