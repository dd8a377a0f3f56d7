"""Variance replicates made from a design: jackknives, balanced repeated replication, successive differences.

Each is a matrix of factors of the first-stage units (people or clusters). Finite population corrections enter the
jackknife's scale, as in R's survey; elsewhere they shrink the factors, f = 1 + sqrt(1 - fraction) (f - 1),
which gives a linear statistic the corrected variance.
"""

from __future__ import annotations

import numpy as np

from .. import _core
from ..answers.asked import Scheme
from ..draws import ranges, settings
from ..errors import InputError, in_words, listing
from ..ground.columns import Codes, Floats
from ..ground.language import english
from ..sample.sample import Sample
from ..sample.strata import Deletions, Strata
from ..uncertainty.variance_replicates import (
    NAMES,
    Centre,
    DeleteOne,
    Matrix,
    VarianceReplicates,
    deletable_of,
    rank,
    references,
)
from . import agency_replicates

METHODS = ("JKn", "JK1", "BRR", "Fay", "SDR", "DAGJK")
#: Successive differences take their rows from a Hadamard matrix of this order at most, again and again.
MOST_ROWS = 160


def make(
    sample: Sample,
    method: str,
    *,
    rho: float | None,
    groups: int | None,
    seed: int | None,
    centre: str,
) -> VarianceReplicates:
    """Return a survey's variance replicates; see `Survey.with_replicates`."""
    method = agency_replicates.check_method(method, METHODS)
    rho = agency_replicates.check_rho(method, rho)
    if centre not in ("estimate", "mean"):
        raise InputError(f"centre={centre!r} must be 'estimate' or 'mean'.")
    if method != "DAGJK" and (groups is not None or seed is not None):
        raise InputError("groups= and seed= belong to method='DAGJK', the delete-a-group jackknife.")
    if sample.record.by_draws:
        raise InputError(
            f"method={method!r} leaves out or reweighs units that were drawn, and nobody drew people who recruited one another. Their "
            "uncertainty comes from redraws, which to_replicate_weights() hands out, or from se('linearized')."
        )
    deletable = deletable_of(sample, f"method {method!r}")
    if not isinstance(deletable, Deletions) or len(deletable.strata.stages) > 1:
        raise InputError(
            "Variance replicates are made for one stage of sampling and weights that are not calibrated. This survey's redraws, "
            "linearised variances and jackknife know its stages and margins: se(), se('linearized'), se('jackknife')."
        )
    units_of = deletable.strata
    about: Centre = "mean" if centre == "mean" else "estimate"
    if method in ("JK1", "JKn"):
        return _delete_one(sample, units_of, method, about)
    units = Units(sample, units_of)
    scheme: Scheme
    called = NAMES[method]
    if method in ("BRR", "Fay"):
        factors = balanced(units, rho, sample)
        scale, df = 1 / (len(factors) * (1 - rho) ** 2), units_of.df
        if method == "Fay":
            called = english("{method}, rho {rho:g}", method=called, rho=rho)
    elif method == "SDR":
        factors = successive(units)
        scale, df = 4 / len(factors), rank(factors[:, units.counts]) - 1
    else:
        factors, seed = _groups_of(units, sample, groups, seed)
        # Small strata are dealt to few groups at a time, so that fewer than groups - 1 may vary freely.
        scale, df = (len(factors) - 1) / len(factors), rank(factors[:, units.counts]) - 1
        called = english("{method}, seed {seed}", method=called, seed=seed)
    scheme = Matrix(sample.sampling, units.collect(factors))
    count = len(factors)
    # A jackknife measures quantiles once it leaves out at least sqrt(n) of n (Shao and Wu 1989, Annals of Statistics
    # 17:1176-1197).
    smooth_only = method == "DAGJK" and count**2 > int(units.varies.sum())
    return _finish(method, scheme, np.full(count, scale), about, df, called, np.ones(count), smooth_only=smooth_only)


def _finish(
    method: str,
    scheme: Scheme,
    factors: Floats,
    centre: Centre,
    df: int,
    called: str,
    times: Floats,
    *,
    smooth_only: bool = False,
) -> VarianceReplicates:
    count = int(times.sum())
    words = english("{count:,} replicates by {method}", count=count, method=called)
    if centre == "mean":
        words = english("{replicates}, about their mean", replicates=words)
    return VarianceReplicates(
        method, scheme, factors, centre, int(df), words, times, references(method), smooth_only=smooth_only
    )


def _delete_one(sample: Sample, strata: Strata, method: str, centre: Centre) -> VarianceReplicates:
    """Leave out each unit: factors (1 - f_h)(n_h - 1)/n_h (Wolter 2007, eq. 4.5.5)."""
    if method == "JK1" and len(strata.fraction) > 1:
        raise InputError(
            f"method='JK1' is for designs without strata; this one has {len(strata.fraction)}: with_replicates('JKn')."
        )
    scheme = DeleteOne.of(sample)
    own = strata.stratum[scheme.varies]
    n = np.bincount(strata.stratum, weights=strata.people)[own]
    factors = (1 - strata.fraction[own]) * (n - 1) / n
    return _finish(
        method, scheme, factors, centre, strata.df, NAMES[method], strata.people[scheme.varies], smooth_only=True
    )


class Units:
    """The people or clusters that chance chose, one by one, with their strata, in the order of the table."""

    def __init__(self, sample: Sample, strata: Strata) -> None:
        self.names = strata.names
        self._kinds = len(strata.people)
        # Identical participants are one unit of the survey, but each is in a replicate or not.
        if strata.unit is None and sample.row_unit is not None:
            self._of = sample.row_unit
        else:
            self._of = np.repeat(np.arange(self._kinds), strata.people.astype(np.int64))
        self.stratum: Codes = strata.stratum[self._of]
        size = np.bincount(self.stratum, minlength=len(strata.fraction))
        fraction = strata.fraction[self.stratum]
        self.varies = (size[self.stratum] > 1) & (fraction < 1)
        #: Those of them that hold anybody whose weight is not zero: what degrees of freedom are counted of.
        self.counts = self.varies & strata.holding(np.ones(strata.rows, dtype=bool))[self._of]
        self._shrink = np.sqrt(1 - fraction)

    def __len__(self) -> int:
        return len(self._of)

    @property
    def strata(self) -> list[Codes]:
        """The units that chance chose, stratum by stratum."""
        chosen = np.flatnonzero(self.varies)
        return [chosen[self.stratum[chosen] == h] for h in np.unique(self.stratum[chosen])]

    def collect(self, factors: Floats) -> Floats:
        """Bring factors of people (replicates x people) to the survey's units, with the correction."""
        shrunk = 1 + self._shrink * (factors - 1)
        if len(self) == self._kinds:
            return np.ascontiguousarray(shrunk[:, np.argsort(self._of)])
        return np.stack([np.bincount(self._of, weights=row, minlength=self._kinds) for row in shrunk])


def balanced(units: Units, rho: float, sample: Sample) -> Floats:
    """Return factors 1 +- (1 - rho) of half-samples (McCarthy 1969; Judkins 1990, J. Official Statistics 6:223-239).

    Each stratum of two units takes a column of a Hadamard matrix, never the constant one, so that replicates are
    in full orthogonal balance: a linear statistic gets its linearised variance exactly, and the mean of its
    replicates is the estimate.
    """
    strata = units.strata
    wrong = [str(units.stratum[members[0]]) for members in strata if len(members) != 2]
    if wrong:
        shown = listing([units.names[int(h)] for h in wrong])
        raise InputError(
            f"Balanced repeated replication needs two clusters (or participants) in every stratum; {len(wrong)} of "
            f"{len(strata)} have another number: {shown}. Use with_replicates('JKn') or 'DAGJK'."
        )
    signs = hadamard(len(strata) + 1)
    ranges.check_memory(len(units), len(signs))
    factors = np.ones((len(signs), len(units)))
    for column, (first, second) in enumerate(strata, start=1):
        factors[:, first] += (1 - rho) * signs[:, column]
        factors[:, second] -= (1 - rho) * signs[:, column]
    return factors


def successive(units: Units) -> Floats:
    """Return factors 1 + (h_a - h_b) / 2^(3/2) of successive differences (Fay and Train 1995).

    Units follow one another in the order of the table, in a circle within each stratum; unit i takes rows i and
    i + 1 of a Hadamard matrix. Half the sum of squared differences between neighbours results, for a linear
    statistic: exactly while the matrix has a row for each unit, else nearly.
    """
    strata = units.strata
    rows = min(sum(map(len, strata)) + 1, MOST_ROWS)
    signs = hadamard(rows)
    while any(len(members) > len(signs) - 1 and len(members) % (len(signs) - 1) == 1 for members in strata):
        signs = hadamard(len(signs) + 1)  # the last unit of a circle would meet its own row
    ranges.check_memory(len(units), len(signs))
    factors = np.ones((len(signs), len(units)))
    start = 0
    for members in strata:
        place = np.arange(len(members))
        here = 1 + (start + place) % (len(signs) - 1)
        there = np.roll(here, -1)
        factors[:, members] += (signs[:, here] - signs[:, there]) / 2**1.5
        start += len(members)
    return factors


def _groups_of(units: Units, sample: Sample, groups: int | None, seed: int | None) -> tuple[Floats, int]:
    """Check the settings of the delete-a-group jackknife and return its factors, and the seed."""
    count = 30 if groups is None else groups
    most = int(units.varies.sum())
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or not 2 <= count <= most:
        raise InputError(
            f"groups={in_words(count)} must be a whole number from 2 to {most:,}, the units that chance chose."
        )
    seed = sample.record.seed if seed is None else settings.check_seed(seed)
    ranges.check_memory(len(units), int(count))
    # The package's own streams: the same seed makes the same groups tomorrow.
    order = _core.input_draws("uniform", (0.0, 1.0), seed, sample.record.fingerprint, 0, len(units), settings.threads())
    return delete_groups(units, int(count), order[0]), seed


def delete_groups(units: Units, groups: int, order: Floats) -> Floats:
    """Return factors of the delete-a-group jackknife (Kott 2001, J. Official Statistics 17:521-526).

    Units are shuffled within strata and dealt to groups in turn. In a stratum of at least G units those left count
    n_h / (n_h - n_hg); smaller strata use Kott's extension, in which a unit of the deleted group keeps
    1 - (n_h - 1) Z and the others 1 + Z, with Z^2 = G / ((G - 1) n_h (n_h - 1)).
    """
    factors = np.ones((groups, len(units)))
    dealt = 0
    for members in units.strata:
        n = len(members)
        group = np.empty(n, dtype=np.int64)
        group[np.argsort(order[members])] = (dealt + np.arange(n)) % groups
        dealt += n
        for g in np.unique(group):
            out = group == g
            if n >= groups:
                factors[g, members] = np.where(out, 0.0, n / (n - out.sum()))
            else:
                z = np.sqrt(groups / ((groups - 1) * n * (n - 1)))
                factors[g, members] = np.where(out, 1 - (n - 1) * z, 1 + z)
    return factors


def hadamard(least: int) -> Floats:
    """Return a Hadamard matrix of the smallest order from `least` on that Sylvester's and Paley's constructions give.

    Its first column is constant (Hedayat and Wallis 1978, Annals of Statistics 6:1184-1238). Every multiple of 4
    up to 100 but 52, 92 and 100 is such an order; where one is missing the next serves.
    """
    order = max(least, 1)
    while (made := _of_order(order)) is None:
        order += 1
    return made * made[:, :1]


def _of_order(order: int) -> Floats | None:
    if order <= 2:
        return np.array([[1.0, 1.0], [1.0, -1.0]])[:order, :order]
    if order % 4:
        return None
    half = _of_order(order // 2)
    if half is not None:
        return np.kron(np.array([[1.0, 1.0], [1.0, -1.0]]), half)
    q = order - 1
    if q % 4 == 3 and _is_prime(q):
        skew = np.zeros((order, order))
        skew[0, 1:], skew[1:, 0], skew[1:, 1:] = 1.0, -1.0, _jacobsthal(q)
        return skew + np.eye(order)
    q = order // 2 - 1
    if q % 4 == 1 and _is_prime(q):
        symmetric = np.ones((q + 1, q + 1))
        symmetric[0, 0], symmetric[1:, 1:] = 0.0, _jacobsthal(q)
        ones = np.array([[1.0, 1.0], [1.0, -1.0]])
        return np.kron(symmetric, ones) + np.kron(np.eye(q + 1), np.array([[1.0, -1.0], [-1.0, -1.0]]))
    return None


def _jacobsthal(q: int) -> Floats:
    """Return the matrix of quadratic characters of i - j modulo a prime q (Paley 1933)."""
    character = np.full(q, -1.0)
    character[np.arange(1, q) ** 2 % q] = 1.0
    character[0] = 0.0
    return np.asarray(character[(np.arange(q)[:, None] - np.arange(q)[None, :]) % q])


def _is_prime(q: int) -> bool:
    return q > 1 and all(q % d for d in range(2, int(q**0.5) + 1))
