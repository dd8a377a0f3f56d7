"""The attacker's problem: what a reader can reckon of numbers that are hidden, and which others must be hidden with them.

A reader sees sums of counts that are whole and not negative, knows others (how large groups are), and that no hidden number is
zero, as zeros are shown. Of a small count that leaves a range, from the least to the most that some table which agrees with
everything would have there (Willenborg and de Waal 2001, Elements of Statistical Disclosure Control, ch. 6; Fischetti and
Salazar 2001, Management Science 47, 1008-1027). A count below a threshold is safe if its range reaches the threshold, so that
nobody can tell that it is small, and holds as many numbers as the threshold says. A hidden group whose sum is small follows:
none of its parts can be as large as the threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import bmat, csr_array
from scipy.sparse.csgraph import connected_components

from ..ground.columns import Bools, Codes, Floats

#: Branches that are tried for one range or one choice: a number, not a time, so that all machines hide the same.
MOST_NODES = 2_000
#: Unknown numbers up to which what is hidden is the least that can be; with more, one small count is seen to after another.
EXACT = 300
#: Labels up to which each of those hides the least for itself; with more, what costs least when costs may be shared out.
MOST_CHOICES = 400
#: Parts that are kept when they were solved, for reports that are looked at again with every result.
KEPT = 2_000


@dataclass(frozen=True, eq=False)
class Problem:
    """Counts that a reader doesn't know, and the sums of them that are known, shown or hidden.

    A fact is a sum that is shown while one of its labels is; a label is what can be hidden by itself.
    """

    #: Participants in each cell.
    truth: Codes
    #: Sums that everybody knows, those that may be shown, and those that nobody may narrow down (each x cells).
    known: Bools
    facts: Bools
    secrets: Bools
    #: Which labels show a fact (facts x labels), which are hidden, which may be, and what that costs.
    labels: Bools
    hidden: Bools
    free: Bools
    cost: Floats
    #: Which facts a reader knows not to be zero when they are hidden, as zeros are shown.
    positive: Bools
    #: No number is larger than that.
    most: int


@dataclass(frozen=True, eq=False)
class Verdict:
    """What must be hidden, and what a reader can tell of the small counts then."""

    hidden: Bools
    #: For each label that had to be hidden the secret that it was hidden for; -1 for others.
    protects: Codes
    #: Least and most of each secret (secrets x 2).
    ranges: Codes
    #: Secrets that are given away by what can't be hidden.
    bare: Bools


def protect(problem: Problem, below: int) -> Verdict:
    """Hide labels until every secret is safe, or as safe as it can be where everything is hidden."""
    hidden = problem.hidden.copy()
    protects = np.full(len(hidden), -1, dtype=np.int64)
    ranges = np.repeat((problem.secrets @ problem.truth)[:, None], 2, axis=1).astype(np.int64)
    bare = np.zeros(len(ranges), dtype=bool)
    for cells, known, facts, labels, secrets in _parts(problem):
        if not len(secrets):
            continue
        more, own, ends, open_to_all = _part(
            below,
            problem.most,
            (len(cells), len(known), len(facts), len(secrets), len(labels)),
            problem.truth[cells].astype(np.int64).tobytes(),
            problem.known[np.ix_(known, cells)].tobytes(),
            problem.facts[np.ix_(facts, cells)].tobytes(),
            problem.secrets[np.ix_(secrets, cells)].tobytes(),
            problem.labels[np.ix_(facts, labels)].tobytes(),
            hidden[labels].tobytes(),
            problem.free[labels].tobytes(),
            problem.cost[labels].astype(float).tobytes(),
            problem.positive[facts].tobytes(),
        )
        hidden[labels] |= np.array(more, dtype=bool)
        new = np.array(own, dtype=np.int64)
        protects[labels[new >= 0]] = secrets[new[new >= 0]]
        ranges[secrets] = np.array(ends, dtype=np.int64)
        bare[secrets] = np.array(open_to_all, dtype=bool)
    return Verdict(hidden, protects, ranges, bare)


def _parts(problem: Problem) -> list[tuple[Codes, Codes, Codes, Codes, Codes]]:
    """Take apart what has no sum and no label in common; cells that are in the same sums can be one."""
    labelled = np.flatnonzero(problem.labels.any(axis=0))
    rows = np.vstack([problem.known, problem.facts, problem.secrets])
    k, f = len(problem.known), len(problem.facts)
    beside = np.zeros((len(rows), len(labelled)), dtype=bool)
    beside[k : k + f] = problem.labels[:, labelled]
    both = csr_array(np.hstack([rows, beside]))
    of = connected_components(bmat([[None, both], [both.T, None]]), directed=False)[1]
    of_rows, of_cells, of_labels = np.split(of, [len(rows), len(rows) + rows.shape[1]])
    found = []
    for part in np.unique(of_rows[k + f :]):
        among = [np.flatnonzero(one == part) for one in (of_cells, of_rows[:k], of_rows[k : k + f])]
        secrets = np.flatnonzero(of_rows[k + f :] == part)
        found.append((*among, labelled[of_labels == part], secrets))
    return found


@lru_cache(maxsize=KEPT)
def _part(below: int, most: int, sizes: tuple[int, ...], *arrays: bytes) -> tuple[tuple[Any, ...], ...]:
    """Protect one part, given as texts that can be remembered: labels to hide, for which secret, ranges, what is bare."""
    cells, known, facts, secrets, labels = sizes
    truth, costs = np.frombuffer(arrays[0], dtype=np.int64), np.frombuffer(arrays[7], dtype=float)
    shapes = [(known, cells), (facts, cells), (secrets, cells), (facts, labels), (labels,), (labels,), (facts,)]
    flags = [*arrays[1:7], arrays[8]]
    rows = [np.frombuffer(one, dtype=bool).reshape(shape) for one, shape in zip(flags, shapes, strict=True)]
    # Cells that are in the same sums are one unknown number.
    merged, place = np.unique(np.vstack(rows[:3]), axis=1, return_inverse=True)
    total = np.bincount(place.ravel(), weights=truth, minlength=merged.shape[1]).astype(np.int64)
    sums, published, small = np.split(merged, [known, known + facts])
    labelled, hides, free, positive = rows[3:]
    part = Problem(total, sums, published, small, labelled, hides, free, costs, positive, most)
    attacker = _Attacker(part, below)
    hidden, protects, bare = attacker.close()
    ranges = [attacker.extremes(s, hidden) for s in range(secrets)]
    return tuple(hidden.tolist()), tuple(protects.tolist()), tuple(ranges), tuple(bare.tolist())


class _Attacker:
    """Works out ranges, and hides until they are wide."""

    def __init__(self, problem: Problem, below: int) -> None:
        self.problem, self.below = problem, below
        self.counts = problem.facts @ problem.truth
        self.rows = np.vstack([problem.known, problem.facts]).astype(float)
        self.sums = problem.known @ problem.truth
        #: What a hidden fact is at least.
        self.least = np.minimum(self.counts, problem.positive)
        self._found: dict[tuple[int, bytes], tuple[int, int]] = {}

    def visible(self, hidden: Bools) -> Bools:
        """Say which facts are shown."""
        return np.asarray((self.problem.labels & ~hidden[None, :]).any(axis=1))

    def extremes(self, secret: int, hidden: Bools) -> tuple[int, int]:
        """Return the least and the most that a reader must reckon with."""
        return self._extremes(secret, self.visible(hidden))

    def _extremes(self, secret: int, shown: Bools) -> tuple[int, int]:
        """Solve for both ends, in whole numbers: what is said to be possible is a table that agrees with everything."""
        key = secret, shown.tobytes()
        if key not in self._found:
            row = self.problem.secrets[secret].astype(float)
            lower = np.concatenate([self.sums, np.where(shown, self.counts, self.least)])
            upper = np.concatenate([self.sums, np.where(shown, self.counts, self.problem.most)])
            own = round(float(row @ self.problem.truth))
            ends = []
            for sign in (1, -1):
                found = milp(
                    sign * row,
                    integrality=np.ones(len(row)),
                    bounds=Bounds(0, self.problem.most),
                    constraints=LinearConstraint(csr_array(self.rows), lower, upper),
                    options={"node_limit": MOST_NODES},
                ).x
                table = self.problem.truth if found is None else np.round(found)
                sums = self.rows @ table
                # The true table always agrees; one that doesn't by rounding proves nothing.
                agrees = bool(((sums >= lower) & (sums <= upper)).all())
                ends.append(round(float(row @ table)) if agrees else own)
            self._found[key] = min(ends[0], own), max(ends[1], own)
        return self._found[key]

    def close(self) -> tuple[Bools, Codes, Bools]:
        """Return what is hidden at last, for which secret each was, and which secrets can't be protected."""
        p = self.problem
        hidden, bare = p.hidden.copy(), np.zeros(len(p.secrets), dtype=bool)
        protects = np.full(len(hidden), -1, dtype=np.int64)
        need = {s: self._need(s) for s in range(len(p.secrets)) if not self._safe(s, hidden, self._all())}
        everything = hidden | p.free
        for s, wanted in need.items():
            bare[s] = not self._safe(s, everything, wanted)
        open_to_all = [s for s in need if not bare[s] and not self._safe(s, hidden, need[s])]
        start = hidden.copy()
        if 2 * len(p.truth) * len(open_to_all) <= EXACT:
            hidden = self._hide(open_to_all, need, hidden, protects)
        for s in open_to_all:
            hidden = self._hide([s], need, hidden, protects)
        self._spare(open_to_all, need, start, hidden, protects)
        return hidden, protects, bare

    def _all(self) -> tuple[int, int]:
        return self.below, self.below - 1

    def _need(self, secret: int) -> tuple[int, int]:
        """Say how far a range must reach and how wide it must be: no more than if nothing at all were shown."""
        low, high = self._extremes(secret, np.zeros(len(self.counts), dtype=bool))
        return min(self.below, high), min(self.below - 1, high - low)

    def _safe(self, secret: int, hidden: Bools, need: tuple[int, int]) -> bool:
        low, high = self.extremes(secret, hidden)
        return high >= need[0] and high - low >= need[1]

    def _hide(self, secrets: Sequence[int], need: dict[int, tuple[int, int]], hidden: Bools, protects: Codes) -> Bools:
        """Hide more until some secrets are safe."""
        whole = False
        while True:
            left = [s for s in secrets if not self._safe(s, hidden, need[s])]
            if not left:
                return hidden
            more = self._choice(left, need, hidden, whole=whole)
            if not (more & ~hidden).any():
                if not whole:
                    whole = True  # what would do if people could be halved
                    continue
                more = hidden | self.problem.free  # which is known to do
            protects[more & ~hidden] = left[0]
            hidden = hidden | more

    def _spare(
        self, secrets: Sequence[int], need: dict[int, tuple[int, int]], start: Bools, hidden: Bools, protects: Codes
    ) -> None:
        """Show again what turned out not to be needed, the most costly first."""
        added = np.flatnonzero(hidden & ~start)
        for label in sorted(added.tolist(), key=lambda one: (-self.problem.cost[one], one)):
            hidden[label] = False
            if all(self._safe(s, hidden, need[s]) for s in secrets):
                protects[label] = -1
            else:
                hidden[label] = True

    def _choice(self, secrets: Sequence[int], need: dict[int, tuple[int, int]], hidden: Bools, *, whole: bool) -> Bools:
        """Find the labels to hide at least cost so that each secret has a table where it is large and one where it is small."""
        p, shown = self.problem, self.visible(hidden)
        beside = p.labels & ~hidden[None, :]
        loose = shown & ~(beside & ~p.free[None, :]).any(axis=1)
        choices, facts = np.flatnonzero(p.free & ~hidden & beside.any(axis=0)), np.flatnonzero(loose)
        cells, tables = len(p.truth), 2 * len(secrets)
        size = tables * cells + len(choices) + len(facts)
        reach = 2 * self.below + 2
        lower = np.concatenate([self.sums, np.where(shown, self.counts, self.least)]).astype(float)
        upper = np.concatenate([self.sums, np.where(shown, self.counts, p.most)]).astype(float)
        # How far a shown number may move once it is hidden: a little is enough, and keeps the choice sharp.
        moved = np.zeros((len(self.rows), len(facts)))
        fall, rise = moved.copy(), moved.copy()
        at = len(p.known) + facts
        fall[at, np.arange(len(facts))] = np.minimum(self.counts[facts] - self.least[facts], reach)
        rise[at, np.arange(len(facts))] = -reach
        rules: list[tuple[Any, Floats, Floats]] = []
        infinite = np.full(len(lower), np.inf)
        blank = csr_array((len(self.rows), len(choices)))
        for t in range(tables):
            left, right = csr_array((len(self.rows), t * cells)), csr_array((len(self.rows), (tables - t - 1) * cells))
            rules.append((_beside(left, self.rows, right, blank, fall), lower, infinite))
            rules.append((_beside(left, self.rows, right, blank, rise), -infinite, upper))
        for i, s in enumerate(secrets):
            row = np.zeros((2, size))
            row[:, 2 * i * cells : (2 * i + 1) * cells] = p.secrets[s]
            row[1, (2 * i + 1) * cells : (2 * i + 2) * cells] = -p.secrets[s].astype(float)
            rules.append((csr_array(row), np.array(need[s], dtype=float), np.full(2, np.inf)))
        # A fact is hidden with the last of its labels.
        pairs = np.argwhere(beside[np.ix_(facts, choices)])
        tied = np.zeros((len(pairs), size))
        tied[np.arange(len(pairs)), tables * cells + len(choices) + pairs[:, 0]] = 1
        tied[np.arange(len(pairs)), tables * cells + pairs[:, 1]] = -1
        if len(pairs):
            rules.append((csr_array(tied), np.full(len(pairs), -np.inf), np.zeros(len(pairs))))
        costs, kinds, ends = np.zeros(size), np.zeros(size), np.ones(size)
        costs[tables * cells :][: len(choices)] = p.cost[choices]
        kinds[: tables * cells] = whole
        ends[: tables * cells] = p.most
        kinds[tables * cells :][: len(choices)] = len(choices) <= MOST_CHOICES
        found = milp(
            costs,
            integrality=kinds,
            bounds=Bounds(0, ends),
            constraints=[LinearConstraint(*rule) for rule in rules],
            options={"node_limit": MOST_NODES},
        ).x
        more = hidden.copy()
        if found is not None:
            more[choices[found[tables * cells :][: len(choices)] > 1e-6]] = True
        return more


def _beside(*blocks: Any) -> Any:
    return bmat([[csr_array(block) for block in blocks]], format="csr")
