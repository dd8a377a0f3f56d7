"""Which interval an estimate gets when nobody says: chosen once, here, by what covers in `docs/validation*.md`.

* A survey's shares: Wilson's, with z in a simple random sample, and with t and the effective number of participants where people were
  drawn one by one with strata or weights; t on the logit scale where clusters were, as Wilson's with t is too wide with few of them.
* Means, totals, ratios, coefficients of models: t. Percentiles of few clusters, of rare traits and of skewed sizes are too short.
* Shares, means, totals and ratios that rest on few clusters: t with the jackknife's standard errors, as linearised ones are too small.
* Quantiles: percentiles of the draws; Woodruff's with few degrees of freedom.
* What is computed from these: MOVER, which carries the limits of the parts through the arithmetic, so that a size B / p has the image
  of its share's interval, and the two never contradict each other.
* Sizes from lists whose method has an interval of its own: that (`Node.default_interval`; the logit of two lists, the profile
  likelihood of one model).
* What a design says is covered better by its draws (people recruited by people), and all that is computed from it: percentiles.
* What no sample is behind, registers, other sizes from lists and models with draws of their own: percentiles of the draws.
"""

from __future__ import annotations

import numpy as np

from ..answers.asked import Asked
from ..answers.statistic import picked_statistic
from ..errors import Refusal
from ..expression import graph, one_source, pooled
from ..expression.nodes import Node
from ..expression.operations import stacked
from . import freedom, kept, variance
from .proportions import clustered

#: With fewer degrees of freedom too few patterns of clusters exist for percentiles.
FEW_DF = 30


def default_method(node: Node) -> str:
    """Return the name of the interval of a node."""
    sources = graph.sources(node)
    if not sources or node.quantity == "event" or _by_draws(node):
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
        if not _measurable(node):
            return "percentile"
        return "mover" if any(part is not below for part in pooled.parts(node)) and _evaluable(node) else "t"
    if not below.args and not graph.drawable(node):
        return "t"
    if not below.args or not all(one.smooth for one in graph.walk(node)):
        return "percentile"  # one source, or a consensus that draws what its sources leave open
    if not any(source.origin.sampled for source in sources):
        return "percentile"
    answers = [source for source in sources if isinstance(source, Asked)]
    if (
        _evaluable(node)
        and variance.measurable(node)
        and (all(variance.known(answer) for answer in answers) or _quantiles_of_few(node))
    ):
        return "mover"
    return "percentile" if graph.drawable(node) else "t"


def _by_draws(node: Node) -> bool:
    """Tell whether a design says that its draws cover better than its variances."""
    sampled = [source for source in graph.sources(node) if isinstance(source, Asked)]
    return any(answer.record.by_draws for answer in sampled) and graph.drawable(node)


def _of_answer(node: Node, answer: Asked) -> str:
    """Return the interval of what a survey answers: one for all of its labels, whichever are picked."""
    found = picked_statistic(node)
    if found is not None and found[0].question.kind == "quantile":
        return _of_quantile(answer)
    drawable = graph.drawable(answer)
    if not variance.known(answer):
        return "percentile" if drawable else "t"
    if drawable and answer.sample is not None and not answer.linearizable:
        return "t" if _few(answer) else "percentile"  # the covariance of draws, where degrees of freedom are stated
    if found is not None and found[0].question.kind == "proportion" and not clustered(answer):
        return "wilson"
    return "jackknife" if found is not None and _few_clusters(answer) else "t"


def _few(answer: Asked) -> bool:
    """Tell whether a label has few degrees of freedom."""
    return bool(freedom.of_answer(answer).min(initial=np.inf) < FEW_DF)


def _few_clusters(answer: Asked) -> bool:
    """Tell whether a label rests on few clusters, each of which can be left out."""
    stored = kept.kept_of(answer)
    if stored is not None:
        return not np.isnan(stored[0].jackknife[stored[1]]).all()
    sample = answer.sample
    if sample is None or sample.variance is not None or not answer.deletable or not _few(answer):
        return False
    apart = None if isinstance(sample.sampling.linear, Refusal) else sample.sampling.linear.apart()
    return apart is not None and not apart.truly and not apart.calibrated


def _quantiles_of_few(node: Node) -> bool:
    """Tell whether a quantile is among the sources whose interval is no percentile, and each survey beside it is asked once."""
    groups = [leaves for leaves in one_source.by_origin(node) if not all(variance.known(leaf) for leaf in leaves)]
    answers = [leaves[0] for leaves in groups if isinstance(leaves[0], Asked)]
    alone = all(len(leaves) == 1 for leaves in groups if isinstance(leaves[0], Asked))
    own = {default_method(answer) for answer in answers}
    return alone and "woodruff" in own and own <= {"woodruff", "percentile"}


def _of_quantile(answer: Asked) -> str:
    alone = kept.alone_of(answer)
    if alone is not None and not np.isnan(alone.woodruff).all():
        return "woodruff"
    replicates = None if answer.sample is None else answer.sample.variance
    if not graph.drawable(answer):
        return "woodruff" if answer.sample is not None and (replicates is None or replicates.smooth_only) else "t"
    known = answer.sample is not None and answer.sample.known_df is not None
    return "woodruff" if known and _few(answer) else "percentile"


def _evaluable(node: Node) -> bool:
    """Tell whether an expression can be taken to the limits of its parts: files keep no function of the user's."""
    return all(one.evaluable for one in graph.walk(node))


def _measurable(node: Node) -> bool:
    return all(one.smooth for one in graph.walk(node)) and all(
        variance.known(leaf) for leaf in graph.sources(node) if leaf.origin.sampled
    )
