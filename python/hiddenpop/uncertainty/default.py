"""Which interval an estimate gets when nobody says: chosen once, here, by what covers in `docs/validation*.md`.

* A survey's shares: Wilson's, with z in a simple random sample, and with t and the effective number of participants where people were
  drawn one by one with strata or weights; t on the logit scale where clusters were, as Wilson's with t is too wide with few of them.
* Means, totals, ratios, coefficients of models: t. Percentiles of few clusters, of rare traits and of skewed sizes are too short.
* Quantiles: percentiles of the draws; Woodruff's with few degrees of freedom.
* What is computed from these: MOVER, which carries the limits of the parts through the arithmetic, so that a size B / p has the image
  of its share's interval, and the two never contradict each other.
* What no sample is behind, lists, registers and models with draws of their own: percentiles of the draws.
"""

from __future__ import annotations

from ..answers.asked import Asked
from ..answers.statistic import picked_statistic
from ..expression import graph, pooled
from ..expression.nodes import Node
from ..expression.operations import stacked
from . import freedom, variance
from .proportions import clustered

#: With fewer degrees of freedom too few patterns of clusters exist for percentiles.
FEW_DF = 30


def default_method(node: Node) -> str:
    """Return the name of the interval of a node."""
    sources = graph.sources(node)
    if not sources or node.quantity == "event":
        return "percentile"
    if node.default_interval is not None:
        return node.default_interval
    below, _ = node.picked
    if isinstance(below, Asked):
        return _of_answer(node, below)
    parts = stacked(below)
    if parts is not None:
        own = {default_method(part) for part in parts}
        if len(own) == 1:
            return own.pop()
    if not graph.drawable(node) and not all(one.smooth for one in graph.walk(node)):
        return "t"
    if pooled.find(node):  # draws lie around as many centres as there are imputations
        return "t" if _measurable(node) else "percentile"
    if not below.args and not graph.drawable(node):
        return "t"
    if not below.args or not all(one.smooth for one in graph.walk(node)):
        return "percentile"  # one source, or a consensus that draws what its sources leave open
    if not any(source.origin.sampled for source in sources):
        return "percentile"
    answers = [source for source in sources if isinstance(source, Asked)]
    if variance.measurable(node) and all(variance.known(answer) for answer in answers):
        return "mover"
    return "percentile" if graph.drawable(node) else "t"


def _of_answer(node: Node, answer: Asked) -> str:
    """Return the interval of what a survey answers."""
    found = picked_statistic(node)
    if found is not None and found[0].question.kind == "quantile":
        return _of_quantile(node, answer)
    drawable = graph.drawable(answer)
    if not variance.known(answer) or not (answer.linearizable or not drawable or answer.sample is None):
        few = freedom.fewest(node).min(initial=float("inf")) < FEW_DF
        return "t" if few and variance.known(answer) else "percentile" if drawable else "t"
    if found is None or found[0].question.kind != "proportion":
        return "t"
    return "t" if clustered(found[0]) else "wilson"


def _of_quantile(node: Node, answer: Asked) -> str:
    replicates = None if answer.sample is None else answer.sample.variance
    if not graph.drawable(answer):
        return "woodruff" if answer.sample is not None and (replicates is None or replicates.smooth_only) else "t"
    few = freedom.fewest(node).min(initial=float("inf")) < FEW_DF
    return "woodruff" if few and answer.sample is not None and answer.sample.known_df is not None else "percentile"


def _measurable(node: Node) -> bool:
    return all(one.smooth for one in graph.walk(node)) and all(
        variance.known(leaf) for leaf in graph.sources(node) if leaf.origin.sampled
    )
