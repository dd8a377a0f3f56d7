"""Which labels of estimates rest on so few participants that a report must not show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np

from ..expression import graph
from ..expression.nodes import Node
from ..expression.rests import Rests
from ..ground.columns import Bools
from ..sample.cut import Cut
from ..words import disclosure
from ..words.audit import HiddenCell, of_cuts
from ..words.table import Table

#: On whom leaves rest, by the threshold: a report looks at them again with every result that it takes.
_LOOKED_AT: WeakKeyDictionary[Node, dict[int, Rests]] = WeakKeyDictionary()


class Privacy:
    """What is hidden of all that a report shows, found for everything together.

    A label is hidden when its number, its complement or those who answered are 1 to `below - 1` participants, when another
    hidden one could be worked out with it, and when anything that it was computed from is hidden.
    """

    def __init__(self, below: int | None, nodes: Sequence[Node], tables: Sequence[Table]) -> None:
        self.below = below
        self._hidden: dict[Node, Bools] = {}
        self._cuts: list[Cut] = []
        self._tables: dict[Table, list[Cut]] = {}
        if below is None:
            return
        self._tables = {table: [cut.again() for cut in table.made.cuts] for table in tables if table.made is not None}
        for table, cuts in self._tables.items():
            for cut in cuts:  # a table that can be made again may hide more
                cut.fixed = table.made is None or table.made.again is None
        self._cuts = [cut for cuts in self._tables.values() for cut in cuts]
        leaves = dict.fromkeys(leaf for node in nodes for leaf in graph.walk(node) if not leaf.args)
        found = {leaf: _rests_on(leaf, below) for leaf in leaves}
        self._cuts += [cut for rests in found.values() for cut in rests.cuts]
        disclosure.close(self._cuts, below)
        self._hidden.update({leaf: rests.hidden for leaf, rests in found.items()})

    def audit(self) -> list[HiddenCell]:
        """List every hidden cell of the survey's people, and why: for who checks the report, never for who reads it.

        What was computed from hidden cells is not among them: `hidden` tells.
        """
        if self.below is None:
            return []
        disclosure.close(self._cuts, self.below, exact=True)
        return of_cuts(self._cuts, self.below)

    def beside(self, table: Table) -> list[Cut]:
        """Return what a table is of, with all that is hidden of it, if that is more for the sake of other results."""
        cuts = self._tables.get(table, [])
        before = table.made.cuts if table.made is not None else ()
        more = any(
            (cut.hidden & ~one.hidden).any() or cut.bare > one.bare for cut, one in zip(cuts, before, strict=False)
        )
        return cuts if more else []

    def hidden(self, node: Node) -> Bools:
        """Say which labels of a node are hidden."""
        if self.below is None:
            return np.zeros(len(node.point), dtype=bool)
        for part in graph.walk(node, known=lambda other: other in self._hidden):
            if part not in self._hidden:
                self._hidden[part] = self._computed(part, self.below)
        return self._hidden[node]

    def _computed(self, node: Node, below: int) -> Bools:
        """Hide what depends on a hidden label of an argument, and what is few people by itself."""
        if not node.args:  # nobody looked at this leaf together with the others
            return np.ones(len(node.point), dtype=bool)
        hidden = node.own_small(below)
        for arg, reached in zip(node.args, node.reaches(), strict=True):
            hidden = hidden | (reached & self._hidden[arg]).any(axis=1)
        return hidden

    def untouched(self, node: Node) -> bool:
        """Say whether nothing at all is hidden behind a node, so that all of its history may be written."""
        return not any(self.hidden(part).any() for part in graph.walk(node))


def _rests_on(leaf: Node, below: int) -> Rests:
    """Return on whom a leaf rests, with cells of its own to hide."""
    known = _LOOKED_AT.setdefault(leaf, {})
    if below not in known:
        known[below] = leaf.rests_on(below)
    rests = known[below]
    whole = tuple(cut.again() for cut in rests.whole)
    return replace(rests, cut=None if rests.cut is None else rests.cut.again(), whole=whole)
