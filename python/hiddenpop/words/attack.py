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
from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import heappop, heappush
from typing import Any

import numpy as np

from ..ground.columns import Bools, Codes, Floats

#: Branches that are tried for one range: a number, not a time, so that all machines hide the same.
MOST_NODES = 200
LIMITS = {"node_limit": MOST_NODES}
#: Choices that are tried for one, the first of which will do: of small problems (so many unknown numbers), and of larger ones, where
#: more than these hardly ever hid a label less, and took most of the time.
MOST_CHOICES = 50
SMALL = 30
SOME_CHOICES = 4
#: Unknown numbers up to which what is hidden is the least that can be; with more, one small count is seen to after another.
EXACT = 300
#: Unknown numbers up to which a small count by itself hides the least; with more, what costs least when costs may be divided.
LARGE = 100
#: How many times what is needed is asked for where less doesn't do.
MOST_ASKED = 8
#: Labels for which it is tried whether they can be shown again.
MOST_SPARED = 30
#: How many times the threshold a count is imagined to be of whose size nothing is known, and rounds of making such counts add up.
MANY = 4
ROUNDS = 5
#: What a number that is no whole one may be off by.
ROUNDING = 1e-6
#: Parts that are kept when they were solved, for reports that are looked at again with every result.
KEPT = 2_000


#: How far a range must reach, and how wide it must be.
Need = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Problem:
    """Counts that a reader doesn't know, and the sums of them that are known, shown or hidden.

    A fact is a sum that is shown while one of its labels is; a label is what can be hidden by itself.
    """

    #: Participants in each cell.
    truth: Codes | Floats
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
    #: How many of each fact and secret are in cells that are not looked at, which a reader may know.
    facts_rest: Codes
    secrets_rest: Codes
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


def protect(problem: Problem, below: int, *, exact: bool = False) -> Verdict:
    """Hide labels until every secret is safe, or as safe as it can be where everything is hidden.

    Ranges are as wide as was needed, or, up to a hundred unknown numbers, `exact`.
    """
    hidden = problem.hidden.copy()
    protects = np.full(len(hidden), -1, dtype=np.int64)
    ranges = np.repeat((problem.secrets @ problem.truth + problem.secrets_rest)[:, None], 2, axis=1).astype(np.int64)
    bare = np.zeros(len(ranges), dtype=bool)
    for cells, known, facts, labels, secrets in _parts(problem):
        if not len(secrets):
            continue
        more, own, ends, open_to_all = _part(
            below,
            problem.most,
            (len(cells), len(known), len(facts), len(secrets), len(labels), int(exact)),
            problem.truth[cells].astype(np.int64).tobytes(),
            problem.known[np.ix_(known, cells)].tobytes(),
            problem.facts[np.ix_(facts, cells)].tobytes(),
            problem.secrets[np.ix_(secrets, cells)].tobytes(),
            problem.labels[np.ix_(facts, labels)].tobytes(),
            hidden[labels].tobytes(),
            problem.free[labels].tobytes(),
            problem.cost[labels].astype(float).tobytes(),
            problem.positive[facts].tobytes(),
            problem.facts_rest[facts].astype(np.int64).tobytes(),
            problem.secrets_rest[secrets].astype(np.int64).tobytes(),
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
    both = _sparse().csr_array(np.hstack([rows, beside]))
    of = _sparse().csgraph.connected_components(_sparse().bmat([[None, both], [both.T, None]]), directed=False)[1]
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
    cells, known, facts, secrets, labels, exact = sizes
    truth, *rest = (np.frombuffer(arrays[i], dtype=np.int64) for i in (0, 9, 10))
    costs = np.frombuffer(arrays[7], dtype=float)
    shapes = [(known, cells), (facts, cells), (secrets, cells), (facts, labels), (labels,), (labels,), (facts,)]
    flags = [*arrays[1:7], arrays[8]]
    rows = [np.frombuffer(one, dtype=bool).reshape(shape) for one, shape in zip(flags, shapes, strict=True)]
    # Cells that are in the same sums are one unknown number.
    merged, place = np.unique(np.vstack(rows[:3]), axis=1, return_inverse=True)
    total = np.bincount(place.ravel(), weights=truth, minlength=merged.shape[1]).astype(np.int64)
    sums, published, small = np.split(merged, [known, known + facts])
    labelled, hides, free, positive = rows[3:]
    beside, apart = rest
    part = Problem(total, sums, published, small, labelled, hides, free, costs, positive, beside, apart, most)
    chosen, whom, _ = _Attacker(_imagined(part, below), below, whole=False).close()
    attacker = _Attacker(replace(part, hidden=chosen), below)
    hidden, protects, bare = attacker.close()
    protects = np.where(protects < 0, whom, protects)
    ranges = [attacker.range(s, hidden, exact=bool(exact)) for s in range(secrets)]
    return tuple(hidden.tolist()), tuple(protects.tolist()), tuple(ranges), tuple(bare.tolist())


def _imagined(problem: Problem, below: int) -> Problem:
    """Return the problem of other people, of whom only that is true which no report hides.

    What is hidden beside small counts would tell how small they are, if it were chosen by them (Wong, Fu, Wang and Pei 2007, on
    attacks by minimality, VLDB 543-554). So it is chosen for people of whom sizes, zeros, and which counts are small are the
    same, but small counts are the least that they can be, and all others equal.
    """
    p = problem
    zero = (p.facts @ p.truth + p.facts_rest == 0) & p.positive
    open_to_all = ~p.facts[zero].any(axis=0)
    people = np.where(open_to_all, float(MANY * below), 0.0)
    few = np.zeros(len(people), dtype=bool)
    for secret in p.secrets & open_to_all:
        few |= secret
        people[secret] = np.minimum(people[secret], 1 / max(secret.sum(), 1))
    small = (p.secrets[:, None, :] == p.facts[None, :, :]).all(axis=2).any(axis=0) if len(p.secrets) else zero
    large = p.facts[~zero & ~small & (p.facts @ p.truth >= below)]
    sums = p.known @ p.truth
    for _ in range(ROUNDS):
        for row in large:
            _scaled(people, row, few, max(float(people[row].sum()), float(below)))
        for row, total in zip(p.known, sums, strict=True):
            _scaled(people, row, few, float(total))
    return replace(p, truth=people, facts_rest=np.zeros_like(p.facts_rest), secrets_rest=np.zeros_like(p.secrets_rest))


def _scaled(people: Floats, row: Bools, few: Bools, total: float) -> None:
    """Make some people add up to a total, by those who aren't few if that can be."""
    others = row & ~few
    beside, own = float(people[row & few].sum()), float(people[others].sum())
    if own and total > beside:
        people[others] *= (total - beside) / own
    elif beside + own:
        people[row] *= total / (beside + own)


class _Attacker:
    """Works out ranges, and hides until they are wide: in `whole` people, or as if they could be divided."""

    def __init__(self, problem: Problem, below: int, *, whole: bool = True) -> None:
        self.problem, self.below, self.whole = problem, below, whole
        self.counts = problem.facts @ problem.truth
        self.own = problem.secrets @ problem.truth
        self.rows = _sparse().csr_array(np.vstack([problem.known, problem.facts]).astype(float))
        self.moves = _beside(self.rows, -self.rows).tocsc()
        self.sums = problem.known @ problem.truth
        #: What a hidden fact is at least.
        self.least = np.where(problem.facts_rest > 0, 0, np.minimum(self.counts, problem.positive))
        #: Tables that were found: which facts each changes, and its secrets.
        self.changes = np.zeros((1, len(self.counts)), dtype=bool)
        self.values = self.own[None, :]
        self._found: dict[tuple[int, bytes], tuple[float, float]] = {}
        self._tried: dict[tuple[int, bytes, float, int], bool] = {}

    def visible(self, hidden: Bools) -> Bools:
        """Say which facts are shown."""
        return np.asarray((self.problem.labels & ~hidden[None, :]).any(axis=1))

    def range(self, secret: int, hidden: Bools, *, exact: bool) -> tuple[int, int]:
        """Return the least and the most that a reader must reckon with; of large problems, at least that."""
        shown, rest = self.visible(hidden), int(self.problem.secrets_rest[secret])
        exact = exact and len(self.problem.truth) <= LARGE
        low, high = self._extremes(secret, shown) if exact else self._met(secret, shown)
        return round(low) + rest, round(high) + rest

    def _met(self, secret: int, shown: Bools) -> tuple[float, float]:
        """Return the ends among the tables that were found already."""
        agreeing = self.values[~(self.changes & shown).any(axis=1), secret]
        return float(agreeing.min()), float(agreeing.max())

    def _extremes(self, secret: int, shown: Bools) -> tuple[float, float]:
        """Solve for both ends: what is said to be possible is a table that agrees with everything."""
        key = secret, shown.tobytes()
        if key not in self._found:
            lower = np.concatenate([self.sums, np.where(shown, self.counts, self.least)])
            upper = np.concatenate([self.sums, np.where(shown, self.counts, self.problem.most)])
            for sign in (1, -1):
                self._solve(sign * self.problem.secrets[secret].astype(float), lower, upper)
            self._found[key] = self._met(secret, shown)
        return self._found[key]

    def _solve(self, goal: Floats, lower: Floats, upper: Floats) -> None:
        """Find a table with the least of a sum."""
        found = (
            _optimize()
            .milp(
                goal,
                integrality=np.full(len(goal), self.whole),
                bounds=_optimize().Bounds(0, self.problem.most),
                constraints=_optimize().LinearConstraint(self.rows, lower, upper),
                options=LIMITS,
            )
            .x
        )
        if found is not None:
            self._keep(found, lower, upper)

    def _keep(self, found: Floats, lower: Floats, upper: Floats) -> None:
        """Keep a table: only whole numbers that agree with everything prove anything."""
        table = np.round(found).astype(np.int64) if self.whole else np.maximum(found, 0)
        sums = self.rows @ table
        if not self.whole or ((table >= 0).all() and ((sums >= lower) & (sums <= upper)).all()):
            facts = self.problem.facts @ table
            self.changes = np.vstack([self.changes, np.abs(facts - self.counts) > ROUNDING])
            self.values = np.vstack([self.values, self.problem.secrets @ table])

    def _reach(self, secret: int, shown: Bools, target: float, sign: int) -> bool:
        """Look for a table near the true one where a secret is at least a number (sign 1) or at most (-1).

        Returns whether there may be one: not even with halved people, if not.

        Its change is the least there is, which mostly moves whole people even where they might be halved.
        """
        key = secret, shown.tobytes(), target, sign
        if key in self._tried:
            return self._tried[key]
        truth, row = self.problem.truth, sign * self.problem.secrets[secret].astype(float)
        lower = np.concatenate([self.sums, np.where(shown, self.counts, self.least)])
        upper = np.concatenate([self.sums, np.where(shown, self.counts, self.problem.most)])
        now = self.rows @ truth
        rules = [
            _optimize().LinearConstraint(self.moves, lower - now, upper - now),
            _optimize().LinearConstraint(np.concatenate([row, -row]), sign * (target - self.own[secret]), np.inf),
        ]
        found = (
            _optimize()
            .milp(
                1 + np.arange(2 * len(truth)) % 7 / 1000,
                bounds=_optimize().Bounds(0, np.concatenate([np.full(len(truth), float(self.problem.most)), truth])),
                constraints=rules,
            )
            .x
        )
        if found is not None:
            self._keep(truth + found[: len(truth)] - found[len(truth) :], lower, upper)
        self._tried[key] = found is not None
        return self._tried[key]

    def close(self) -> tuple[Bools, Codes, Bools]:
        """Return what is hidden at last, for which secret each was, and which secrets can't be protected."""
        p = self.problem
        hidden, bare = p.hidden.copy(), np.zeros(len(p.secrets), dtype=bool)
        protects = np.full(len(hidden), -1, dtype=np.int64)
        need = {s: self._need(s) for s in range(len(p.secrets)) if not self._safe(s, hidden, self._all(s))}
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

    def _need(self, secret: int) -> Need:
        """Say how far a range must reach and how wide it must be: no more than if nothing at all were shown."""
        nothing = np.zeros(len(self.counts), dtype=bool)
        reach, width = self._all(secret)
        if self._safe(secret, np.ones(self.problem.labels.shape[1], dtype=bool), (reach, width)):
            return reach, width
        low, high = self._extremes(secret, nothing)
        return min(reach, high), min(width, high - low)

    def _all(self, secret: int) -> Need:
        return self.below - int(self.problem.secrets_rest[secret]), self.below - 1

    def _safe(self, secret: int, hidden: Bools, need: Need) -> bool:
        shown = self.visible(hidden)

        def wide(ends: tuple[float, float]) -> bool:
            return ends[1] >= need[0] - ROUNDING and ends[1] - ends[0] >= need[1] - ROUNDING

        if wide(self._met(secret, shown)):
            return True
        if not self._reach(secret, shown, max(need[0], float(self.own[secret])), 1):
            return False
        high = self._met(secret, shown)[1]
        if high >= need[0] - ROUNDING and not wide(self._met(secret, shown)):
            self._reach(secret, shown, max(high - need[1], 0), -1)
            if not wide(self._met(secret, shown)):
                self._reach(secret, shown, self._met(secret, shown)[0] + need[1], 1)
        if wide(self._met(secret, shown)):
            return True
        return len(self.problem.truth) <= LARGE and wide(self._extremes(secret, shown))

    def _hide(self, secrets: Sequence[int], need: dict[int, Need], hidden: Bools, protects: Codes) -> Bools:
        """Hide more until some secrets are safe."""
        whole, more_than = False, 1
        while True:
            left = [s for s in secrets if not self._safe(s, hidden, need[s])]
            if not left:
                return hidden
            asked = {s: (self.own[s] + more_than * (need[s][0] - self.own[s]), more_than * need[s][1]) for s in left}
            more = self._choice(left, asked if more_than > 1 else need, hidden, whole=whole)
            if not (more & ~hidden).any():
                # What was chosen would do if people could be halved. Of large problems more is asked than is needed instead.
                if self.whole and len(self.problem.truth) <= LARGE and not whole:
                    whole = True
                    continue
                if len(self.problem.truth) > LARGE and more_than < MOST_ASKED:
                    more_than *= 2
                    continue
                more = hidden | self.problem.free  # which is known to do
            protects[more & ~hidden] = left[0]
            hidden = hidden | more

    def _spare(
        self, secrets: Sequence[int], need: dict[int, Need], start: Bools, hidden: Bools, protects: Codes
    ) -> None:
        """Show again what turned out not to be needed, the most costly first."""
        added = np.flatnonzero(hidden & ~start)
        for label in sorted(added.tolist(), key=lambda one: (-self.problem.cost[one], one))[:MOST_SPARED]:
            hidden[label] = False
            if all(self._safe(s, hidden, need[s]) for s in secrets):
                protects[label] = -1
            else:
                hidden[label] = True

    def _choice(self, secrets: Sequence[int], need: dict[int, Need], hidden: Bools, *, whole: bool) -> Bools:
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
        moved = np.zeros((self.rows.shape[0], len(facts)))
        fall, rise = moved.copy(), moved.copy()
        at = len(p.known) + facts
        fall[at, np.arange(len(facts))] = np.minimum(self.counts[facts] - self.least[facts], reach)
        rise[at, np.arange(len(facts))] = -reach
        rules: list[tuple[Any, Floats, Floats]] = []
        infinite = np.full(len(lower), np.inf)
        blank = _sparse().csr_array((self.rows.shape[0], len(choices)))
        for t in range(tables):
            left, right = (
                _sparse().csr_array((self.rows.shape[0], t * cells)),
                _sparse().csr_array((self.rows.shape[0], (tables - t - 1) * cells)),
            )
            rules.append((_beside(left, self.rows, right, blank, fall), lower, infinite))
            rules.append((_beside(left, self.rows, right, blank, rise), -infinite, upper))
        for i, s in enumerate(secrets):
            row = np.zeros((2, size))
            row[:, 2 * i * cells : (2 * i + 1) * cells] = p.secrets[s]
            row[1, (2 * i + 1) * cells : (2 * i + 2) * cells] = -p.secrets[s].astype(float)
            rules.append((_sparse().csr_array(row), np.array(need[s], dtype=float), np.full(2, np.inf)))
        # A fact is hidden with the last of its labels.
        pairs = np.argwhere(beside[np.ix_(facts, choices)])
        tied = np.zeros((len(pairs), size))
        tied[np.arange(len(pairs)), tables * cells + len(choices) + pairs[:, 0]] = 1
        tied[np.arange(len(pairs)), tables * cells + pairs[:, 1]] = -1
        if len(pairs):
            rules.append((_sparse().csr_array(tied), np.full(len(pairs), -np.inf), np.zeros(len(pairs))))
        costs, ends = np.zeros(size), np.ones(size)
        labels = slice(tables * cells, tables * cells + len(choices))
        costs[labels] = p.cost[choices]
        ends[: tables * cells] = p.most
        unknown = tables * cells
        nodes = MOST_CHOICES if unknown <= SMALL else SOME_CHOICES if unknown <= max(EXACT, 2 * LARGE) else 1
        more = hidden.copy()
        more[choices[_cheapest(costs, labels, ends, rules, whole=whole, nodes=nodes)]] = True
        return more


def _cheapest(costs: Floats, labels: slice, ends: Floats, rules: Any, *, whole: bool, nodes: int) -> Bools:
    """Choose labels at least cost, by branching; each number is between zero and its end.

    It is not left to HiGHS, which writes to the standard output where it mends a choice of whole labels beside parts of people.
    """
    matrices, low_ends, high_ends = zip(*rules, strict=True)
    constraints = _optimize().LinearConstraint(
        _sparse().vstack(matrices, format="csc"), np.concatenate(low_ends), np.concatenate(high_ends)
    )
    count = labels.stop - labels.start
    best, least = np.zeros(count, dtype=bool), np.inf
    if whole:
        found = (
            _optimize()
            .milp(
                costs,
                integrality=np.ones(len(costs)),
                bounds=_optimize().Bounds(0, ends),
                constraints=constraints,
                options=LIMITS,
            )
            .x
        )
        return best if found is None else np.asarray(found[labels] > ROUNDING)
    waiting: list[tuple[float, int, Floats, Floats]] = [(0.0, 0, np.zeros(len(costs)), ends)]
    for node in range(1, nodes + 1):
        if not waiting:
            break
        bound, _, low, high = heappop(waiting)
        if bound >= least - ROUNDING:
            break
        solved = _optimize().milp(costs, bounds=_optimize().Bounds(low, high), constraints=constraints)
        if solved.x is None or solved.fun >= least - ROUNDING:
            continue
        part = solved.x[labels]
        chosen = part > ROUNDING
        price = float(costs[labels][chosen].sum())  # whoever is hidden a little may be hidden
        if price < least:
            best, least = chosen, price
        if price > solved.fun + ROUNDING:
            at = labels.start + int(np.where(part < 1 - ROUNDING, part, -1).argmax())
            for fixed in (1.0, 0.0):
                lower, upper = low.copy(), high.copy()
                lower[at] = upper[at] = fixed
                heappush(waiting, (float(solved.fun), 2 * node - int(fixed), lower, upper))
    return best


def _beside(*blocks: Any) -> Any:
    return _sparse().bmat([[_sparse().csr_array(block) for block in blocks]], format="csr")


def _optimize() -> Any:
    from scipy import optimize  # noqa: PLC0415 (heavy, only where small cells are hidden)

    return optimize


def _sparse() -> Any:
    import scipy.sparse.csgraph  # noqa: PLC0415 (heavy, only where small cells are hidden)

    return scipy.sparse
