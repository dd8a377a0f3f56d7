"""What readers could work out of several tables and estimates of the same people: the attacker's problem of a whole report.

A published number is a sum over cells of a cross-table, all of which the reader may know or not (`attack`). `suppress` sees to one
table; here all that is published of the same people is looked at together: the same answers by several groups, totals, domains,
recodes of a column, columns that follow from two others, and how many were in the groups of other questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd

from ..errors import InputError, listing
from ..ground.columns import Bools, Codes
from ..sample.cut import COUNTED, Cut, Known
from .attack import Problem, Verdict, protect
from .people import Cell, People

#: More cells than this are not looked through; what would need them is hidden, or refused.
MOST_CELLS = 30_000
#: Cells that may differ from what they are in a table that a reader has to reckon with; others stay, which hides more.
MOST_LOOSE = 300
#: Groups of each small cell that may differ in any case.
FEW_GROUPS = 4
#: What hiding a label of what yields costs, beside another.
LITTLE = 0.01
#: What a sum may be off by and still be one.
ROUNDING = 1e-7
#: Decimals to which average weights are told apart.
WEIGHED = 6
#: A cell of a cut: a level and a group.
Place = tuple[Cut, tuple[int, int]]


@dataclass(frozen=True, eq=False)
class Fact:
    """A number that a reader sees, or must not work out: a cell as allowed codes by variable."""

    cell: Cell
    #: The labels that show it; a reader knows it in any case if there are none.
    labels: tuple[int, ...]
    #: Whether zero would be shown.
    positive: bool = True


@dataclass(eq=False)
class _Label:
    """One label of a cut: what can be hidden by itself."""

    cut: Cut
    place: tuple[int, int]


@dataclass(eq=False)
class _Read:
    """All that is published of the same people, as facts about variables."""

    below: int
    people: People
    cuts: Sequence[Cut]
    labels: list[_Label] = field(default_factory=list)
    #: Facts, and what must stay unknown, by the answer's variable or the values that are summed.
    facts: list[tuple[object, Fact]] = field(default_factory=list)
    secrets: list[tuple[object, Cell, Place | None]] = field(default_factory=list)
    #: Those of them that are secret however many are in them: sums to which few contribute.
    concentrated: list[Cell] = field(default_factory=list)
    #: Cells of those who have no value of what makes a cut's groups, and that variable.
    apart: list[tuple[object, Cell, int]] = field(default_factory=list)
    #: What each cut is about: its family before recodes are brought together.
    about: list[tuple[object, int, frozenset[int]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for cut in self.cuts:
            self._read(cut)

    def _read(self, cut: Cut) -> None:
        answer = self.people.answer(cut)
        topic: object = self.people.values(cut) if cut.sums else None
        by = frozenset(self.people.groups(cut))
        self.about.append((topic, answer, by))
        lines = list(cut.lines)
        first = len(self.labels)
        self.labels += [_Label(cut, (line, group)) for group in cut.places for line in lines]
        for group in cut.places:
            own = range(first, first + len(lines))
            first += len(lines)
            inside = self.people.inside(cut, group)
            few = 0 < cut.count(None, group) < self.below
            answered = inside | {answer: self.people.level(cut, None)}
            # How many answered everybody may know, but not what their answers add up to.
            self.facts.append((topic, Fact(answered, tuple(own) if cut.sums else ())))
            # Numbers of participants stand beside what is shown; a table's heads tell sizes.
            if inside:
                self.facts.append((None, Fact(inside, () if cut.headed else tuple(own))))
            for level in range(cut.levels):
                cell = answered if cut.sums else inside | {answer: self.people.level(cut, level)}
                if level in lines and not cut.sums:
                    self.facts.append((topic, Fact(cell, (own[lines.index(level)],), not few)))
                self.secrets.append((topic, cell, (cut, (level, group))))
                if cut.secret is not None and cut.secret[level, group]:
                    self.concentrated.append(cell)
                if cut.where and cut.domain is not None:
                    rest = cell | {self.people.domain(cut): frozenset([0])}
                    self.secrets.append((topic, rest, None))
                    if cut.secret_rest is not None and cut.secret_rest[level, group]:
                        self.concentrated.append(rest)

        self._read_apart(cut, topic, answer)

    def _read_apart(self, cut: Cut, topic: object, answer: int) -> None:
        """Note the answers of those without a group: where all together are shown too, theirs are the difference."""
        groups = [self.people.group(cut, name) for name in cut.by]
        within = self.people.inside(cut, cut.groups) if cut.everyone else {}
        for place, group in enumerate(groups):
            others = [one for one in groups if one != group]
            combos, of_rows = self.people.occurring(others)
            without = np.unique(of_rows[self.people.codes[group] < 0])
            cells: list[Cell] = [dict(zip(others, map(_only, combos[i]), strict=True)) for i in without]
            cells += [{}] if others and len(without) else []
            for beside in cells:
                for level in range(cut.levels):
                    answers = self.people.level(cut, None if cut.sums else level)
                    cell = within | beside | {group: _only(-1), answer: answers}
                    self.apart.append((topic, cell, group))
                    if cut.secret_apart and cut.secret_apart[place]:
                        self.concentrated.append(cell)

    def families(self) -> Iterator[tuple[object, frozenset[int]]]:
        """Bring together answers that follow from one another; values that are summed stay by themselves."""
        for topic in dict.fromkeys(topic for topic, _, _ in self.about if topic is not None):
            yield topic, frozenset(answer for one, answer, _ in self.about if one == topic)
        counted = [answer for topic, answer, _ in self.about if topic is None]
        others = [one for _, _, by in self.about for one in sorted(by)]
        together = {one: frozenset([one]) for one in dict.fromkeys([*counted, *others])}
        groups = {(answer, one) for topic, answer, by in self.about if topic is None for one in by}
        pairs = [
            pair
            for pair in combinations(together, 2)
            if set(pair) & set(counted) and pair not in groups and pair[::-1] not in groups
        ]
        for linked in [*self.people.excluding(pairs), *self.people.linked(list(together))] if counted else ():
            joined = frozenset().union(*(together[one] for one in linked))
            together.update(dict.fromkeys(joined, joined))
        for members in dict.fromkeys(together.values()):
            if members & set(counted):
                yield None, members


def close(cuts: Sequence[Cut], below: int, *, exact: bool = False) -> None:
    """Hide more cells of cuts that are not fixed, until no hidden cell of fewer than `below` can be worked out.

    What is known of each small cell then is kept in its cut (`Cut.known`): ranges that are wide enough, or `exact` ones.

    Raises
    ------
    InputError
        Finished tables alone give a cell away.
    """
    for key in dict.fromkeys(cut.key for cut in cuts):
        of_one = [cut for cut in cuts if cut.key == key]
        read = _Read(below, People(of_one[0].sample), of_one)
        for topic, family in read.families():
            _Family(read, topic, family).close(exact=exact)


class _Family:
    """What is published of answers that follow from one another, or of sums of the same values."""

    def __init__(self, read: _Read, topic: object, members: frozenset[int]) -> None:
        self.read, self.topic, self.members = read, topic, members
        beside: set[int] = set()
        for about, answer, by in read.about:
            if about == topic and answer in members:
                beside |= by
        facts = [fact for about, fact in read.facts if about == topic]
        sizes = [by for _, _, by in read.about]
        if topic is None:
            # How many are in groups that are answers elsewhere.
            beside |= {one for names in sizes if names & members for one in names}
        self.beside = sorted(beside - members)
        known = members | beside
        self.facts = [fact for fact in facts if set(fact.cell) <= known and set(fact.cell) & members]

    def close(self, *, exact: bool) -> None:
        """Hide what must be."""
        places: list[tuple[Cell, Place | None]] = [
            (cell, place) for about, cell, place in self.read.secrets if about == self.topic and self._concerns(cell)
        ]
        together = [
            frozenset() if cut.total and cut.everyone else by
            for cut, (about, answer, by) in zip(self.read.cuts, self.read.about, strict=True)
            if about == self.topic and answer in self.members
        ]
        places += [
            (cell, None)
            for about, cell, group in self.read.apart
            if about == self.topic and self._concerns(cell) and any(group not in by for by in together)
        ]
        self._hide_whole_groups()
        made = self._problem(places)
        if made is None:
            return
        problem, secrets = made
        verdict = protect(problem, self.read.below, exact=exact)
        self._tell(problem, secrets, verdict)
        self._hide_whole_groups()
        self._require_one_weighting()

    def _concerns(self, cell: Cell) -> bool:
        """Say whether a cell is one of these answers."""
        return bool(set(cell) & self.members) and set(cell) <= self.members | set(self.beside)

    def _problem(self, places: Sequence[tuple[Cell, Place | None]]) -> tuple[Problem, list[Place | None]] | None:
        """Write facts and small cells as sums of unknown numbers."""
        people, below = self.read.people, self.read.below
        members = sorted(self.members)
        atoms, of_atoms = people.occurring(members)
        heads, of_heads = people.occurring(self.beside)
        extra: list[tuple[Cell, Place | None]] = list(places)
        rows = [fact.cell for fact in self.facts] + [cell for cell, _ in extra]
        across = _masks(rows, self.beside, heads)
        down = _masks(rows, members, atoms)
        parts, of_facts = self._by_weight(across, of_heads)
        if len(parts):
            first = len(self.facts)
            self.facts += [Fact(self.facts[i].cell, self.facts[i].labels, positive=False) for i in of_facts]
            across = np.vstack([across[:first], parts, across[first:]])
            down = np.vstack([down[:first], down[of_facts], down[first:]])
            rows = [fact.cell for fact in self.facts] + rows[first:]
        refined = self._refined(rows[len(self.facts) :], across[len(self.facts) :], atoms, len(members))
        if refined is not None:
            across, down = np.vstack([across, refined[0]]), np.vstack([down, refined[1]])
            extra += [({}, None)] * len(refined[0])
        # Whether somebody answered is no secret: how many of each group did not, a reader is taken to know.
        lacking = [] if self.topic is not None else [atoms[:, i] < 0 for i in range(len(members))]
        unanswered = np.array([one for one in lacking if one.any()], dtype=bool).reshape(-1, len(atoms))
        across, of_across = _merged(across)
        down, of_down = _merged(np.vstack([down, unanswered]))
        down, unanswered = np.split(down, [len(across)])
        size = (across.shape[1], down.shape[1])
        joint = of_across[of_heads] * size[1] + of_down[of_atoms]
        truth = np.bincount(joint, weights=people.multiplicity, minlength=size[0] * size[1]).astype(np.int64)
        counts = _products(across, down, truth.reshape(size))
        first = len(self.facts)
        told = [any(cell is one for one in self.read.concentrated) for cell, _ in extra]
        small = np.flatnonzero((counts[first:] > 0) & ((counts[first:] < below) | np.array(told, dtype=bool)))
        if not len(small):
            return None
        if size[0] * size[1] > MOST_CELLS:
            self._too_many(size[0] * size[1])
            return None
        kept = first + small
        heads_kept = _loose(across[kept], truth.reshape(size))
        inner = (across[:, heads_kept, None] & down[:, None, :]).reshape(len(across), -1)
        truth = truth.reshape(size)[heads_kept].ravel()
        rest = counts - inner @ truth
        if self.topic is None:  # how large groups are, everybody knows
            parts = np.vstack([np.ones((1, size[1]), dtype=bool), unanswered])
            known = np.kron(np.eye(len(heads_kept), dtype=bool), parts)
        else:
            known = np.zeros((0, len(truth)), dtype=bool)
        always, shown, labels, used = self._labelled()
        self.used = [self.read.labels[label] for label in used]
        cost = [_price(one, i / len(self.used)) for i, one in enumerate(self.used)]
        problem = Problem(
            truth,
            np.vstack([known, inner[always]]).astype(bool),
            inner[shown],
            inner[kept],
            labels,
            np.array([bool(one.cut.hidden[one.place]) for one in self.used], dtype=bool),
            np.array([not one.cut.fixed for one in self.used], dtype=bool),
            np.array(cost, dtype=float),
            np.array([self.facts[i].positive for i in shown], dtype=bool),
            rest[shown],
            rest[kept],
            int(people.multiplicity.sum()),
        )
        return problem, [extra[i][1] for i in small]

    def _hide_whole_groups(self) -> None:
        """Where people weigh by what they answered, shares that are shown tell how hidden ones divide: none is shown."""
        for cut, (about, answer, _) in zip(self.read.cuts, self.read.about, strict=True):
            if about != self.topic or answer not in self.members or cut.sums or cut.fixed:
                continue
            if cut.weighting in (None, COUNTED):
                continue
            for group in cut.places:
                own = cut.hidden[list(cut.lines), group]
                if own.any() and not own.all() and _weigh_by_answer(cut, group):
                    cut.hidden[:, group] = True

    def _labelled(self) -> tuple[list[int], list[int], Bools, list[int]]:
        """Return the facts that are known anyway, those that labels show, which labels show which, and the labels."""
        always = [i for i, fact in enumerate(self.facts) if not fact.labels]
        shown = [i for i, fact in enumerate(self.facts) if fact.labels]
        used = sorted({label for fact in self.facts for label in fact.labels})
        position = {label: i for i, label in enumerate(used)}
        labels = np.zeros((len(shown), len(used)), dtype=bool)
        for i, at in enumerate(shown):
            labels[i, [position[label] for label in self.facts[at].labels]] = True
        return always, shown, labels, used

    def _by_weight(self, across: Bools, of_heads: Codes) -> tuple[Bools, list[int]]:
        """Take apart shares of people who weigh unlike: by the weights several unknown numbers may follow from one sum.

        Return the groups of each part (parts x groups), and the facts that they are of: whoever sees the share is taken to know all.
        """
        parts: list[Bools] = []
        of_facts: list[int] = []
        if self.topic is not None:
            return np.zeros((0, across.shape[1]), dtype=bool), of_facts
        means: dict[str, Codes] = {}
        for i, fact in enumerate(self.facts):
            cut = self.read.labels[fact.labels[0]].cut if len(fact.labels) == 1 else None
            if cut is None or cut.weighting in (None, COUNTED):
                continue
            kinds = means.setdefault(str(cut.weighting), _kinds_of_weight(cut, of_heads, across.shape[1]))
            inside = np.unique(kinds[across[i]])
            if len(inside) > 1:
                parts += [across[i] & (kinds == kind) for kind in inside]
                of_facts += [i] * len(inside)
        return np.array(parts, dtype=bool).reshape(-1, across.shape[1]), of_facts

    def _refined(self, cells: Sequence[Cell], across: Bools, atoms: Codes, members: int) -> tuple[Bools, Bools] | None:
        """List the parts that several recodes of a column make together: differences of two shown numbers."""
        if members < 2 or self.topic is not None or not len(cells):
            return None
        # A difference needs two numbers of the same people: groups of which two of the columns are told, or add up to.
        told = {one: across[[one in cell for cell in cells]] for one in self.members}
        groups = np.array(
            [group for group in np.unique(across, axis=0) if sum(_adds_up(group, told[one]) for one in told) > 1],
            dtype=bool,
        ).reshape(-1, across.shape[1])
        parts = np.eye(len(atoms), dtype=bool)[(atoms >= 0).all(axis=1)]
        return np.repeat(groups, len(parts), axis=0), np.tile(parts, (len(groups), 1))

    def _tell(self, problem: Problem, secrets: Sequence[Place | None], verdict: Verdict) -> None:
        """Hide what was found, and keep what is known of each small cell."""
        if verdict.bare.any():
            self._refuse(problem, secrets, verdict)
        for i, label in enumerate(self.used):
            if verdict.hidden[i] and not label.cut.hidden[label.place]:
                label.cut.hidden[label.place] = True
                for_whom = secrets[verdict.protects[i]] if verdict.protects[i] >= 0 else None
                label.cut.known[label.place] = Known(protects=for_whom)
        for place, (low, high) in zip(secrets, verdict.ranges.tolist(), strict=True):
            if place is not None:
                cut, at = place
                cut.known[at] = Known(int(low), int(high))

    def _refuse(self, problem: Problem, secrets: Sequence[Place | None], verdict: Verdict) -> None:
        given = next((one for i, one in enumerate(secrets) if verdict.bare[i] and one), None)
        named = list(dict.fromkeys(one.cut.title for one in self.used if one.cut.fixed))
        own = given[0].title if given is not None else named[-1] if named else "an estimate"
        raise InputError(
            f"A cell of few participants in the table of {own} could be worked out from what the report shows "
            f"of {'; '.join(named) or own}. Leave one of them out, or join small categories."
        )

    def _require_one_weighting(self) -> None:
        """Refuse what shows the same answers by several weights: each is an equation more in the same hidden numbers."""
        labels = sorted({label for fact in self.facts for label in fact.labels})
        cuts = list(dict.fromkeys(self.read.labels[label].cut for label in labels))
        shown = [cut for cut in cuts if cut.weighting is not None and not cut.hidden[:, list(cut.places)].all()]
        if any(cut.hidden.any() for cut in cuts):
            for cut in cuts:
                cut.bare = cut.bare or cut.counted
        ways = {cut.weighting: cut for cut in shown}
        if len(ways) > 1 and any(cut.hidden.any() for cut in cuts):
            titles = "; ".join(dict.fromkeys(cut.title for cut in ways.values()))
            raise InputError(
                f"The report hides cells of few participants, and shows the same answers by different weights, or weighted and "
                f"counted ({titles}). Together they could tell what is hidden. Leave one of them out, or put all by the same weights."
            )

    def _too_many(self, cells: int) -> None:
        """Hide what can't be looked through; finished tables are refused."""
        used = {label for fact in self.facts for label in fact.labels}
        cuts = list(dict.fromkeys(self.read.labels[label].cut for label in sorted(used)))
        fixed = [cut.title for cut in cuts if cut.fixed]
        if fixed:
            raise InputError(
                f"What the report shows of {listing([cut.title for cut in cuts])} makes {cells:,} cells together, too many to "
                f"look through for small numbers ({MOST_CELLS:,} at most). Leave some of it out, or use fewer groups."
            )
        for cut in cuts:
            cut.hidden[:] = True


def _price(label: _Label, position: float) -> float:
    """Say what hiding a label costs: by where it stands, as a number that is hidden by how large it is would tell that.

    The commonest answer and the largest group, which a few people more or less hardly change, are dear, and so is what is of
    many: few groups, all together, no domain.
    """
    cut, (level, group) = label.cut, label.place
    counts = cut.counts[:, : cut.groups]
    of_many = 1.0 if group == cut.groups else 1 / max(cut.groups, 1)
    price = 1 + 0.01 * position + of_many * (0.5 if cut.where is not None else 1)
    price += 0.5 * (cut.levels > 1 and level == counts.sum(axis=1).argmax())
    price += 0.25 * (cut.groups > 1 and group == counts.sum(axis=0).argmax())
    return price * (LITTLE if cut.yields else 1)


def _loose(secrets: Bools, truth: Codes) -> Codes:
    """Choose the groups whose members may differ: the largest, and the largest of each small cell."""
    order = np.argsort(-truth.sum(axis=1), kind="stable")
    most = max(MOST_LOOSE // truth.shape[1], 1)
    if len(order) <= most:
        return np.arange(len(order))
    own = [order[mask[order]][:FEW_GROUPS] for mask in np.unique(secrets, axis=0)]
    needed = np.unique(np.concatenate(own))
    others = order[~np.isin(order, needed)]
    return np.sort(np.concatenate([needed, others[: max(most - len(needed), 0)]]))


def _weigh_by_answer(cut: Cut, group: int) -> bool:
    """Say whether all people of a group who gave the same answer weigh the same, and others otherwise."""
    people = np.asarray(cut.sample.multiplicity, dtype=float)
    inside = cut.members(None, group) & (people > 0)
    each = np.round(cut.sample.sampling.weights[inside] / people[inside], 9)
    apart = pd.DataFrame({"level": cut.level[inside], "weight": each}).drop_duplicates()
    return len(apart) == apart["level"].nunique() and apart["weight"].nunique() > 1


def _kinds_of_weight(cut: Cut, groups: Codes, size: int) -> Codes:
    """Give groups of people numbers by how much one of them weighs on the average."""
    people = np.asarray(cut.sample.multiplicity, dtype=float)
    weights = np.where(people > 0, cut.sample.sampling.weights, 0.0)
    number = np.bincount(groups, weights=people, minlength=size)
    mean = np.bincount(groups, weights=weights, minlength=size) / np.maximum(number, 1)
    return np.asarray(
        np.unique(np.round(mean / max(mean.max(initial=0), 1e-300), WEIGHED), return_inverse=True)[1].ravel()
    )


def _only(code: int) -> frozenset[int]:
    return frozenset([int(code)])


def _masks(rows: Sequence[Cell], names: Sequence[int], combos: Codes) -> Bools:
    """Say which combinations of some variables are in which cells (cells x combinations)."""
    found = np.ones((len(rows), len(combos)), dtype=bool)
    seen: dict[tuple[int, frozenset[int]], Bools] = {}
    for i, cell in enumerate(rows):
        for j, name in enumerate(names):
            if name in cell:
                key = j, cell[name]
                if key not in seen:
                    seen[key] = np.isin(combos[:, j], list(cell[name]))
                found[i] &= seen[key]
    return found


def _adds_up(group: Bools, others: Bools) -> bool:
    """Say whether a group is a sum or difference of others."""
    if not len(others):
        return False
    if (others == group).all(axis=1).any():
        return True
    across = others.T.astype(float)
    weights = np.linalg.lstsq(across, group.astype(float), rcond=None)[0]
    return bool(np.abs(across @ weights - group).max() < ROUNDING)


def _merged(masks: Bools) -> tuple[Bools, Codes]:
    """Join combinations that are in the same cells: nothing tells them apart."""
    found, place = np.unique(masks, axis=1, return_inverse=True)
    return found, place.ravel()


def _products(across: Bools, down: Bools, truth: Codes) -> Codes:
    """Count participants in cells, each the product of groups and answers."""
    found: Codes = ((across.astype(np.int64) @ truth) * down).sum(axis=1)
    return found
