"""Circles whose regions have given areas: exact for two sets, as near as circles come for three.

Areas are exact, by Green's theorem over the arcs between intersections. For three sets the seven areas are fitted by
least squares over centres and radii, the loss of Wilkinson (2012), IEEE Transactions on Visualization and Computer
Graphics 18:321-331; circles can't meet all sevens, and how far they are off is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from ..ground.columns import Bools, Floats


@dataclass(frozen=True, eq=False)
class Circles:
    """Circles, one a set; region r holds what lies in exactly the sets whose bits it has."""

    centres: Floats
    radii: Floats

    def areas(self) -> Floats:
        """Return the area of every region; the first, outside all circles, is zero."""
        found = np.zeros(1 << len(self.radii))
        for i, (centre, radius) in enumerate(zip(self.centres, self.radii, strict=True)):
            if radius == 0:
                continue
            cuts = np.sort(np.concatenate([[0.0], *(self._crossings(i, j) for j in range(len(self.radii)) if j != i)]))
            for start, end in zip(cuts, np.append(cuts[1:], 2 * np.pi), strict=True):
                middle = centre + radius * np.array([np.cos((start + end) / 2), np.sin((start + end) / 2)])
                outside = sum(1 << j for j in range(len(self.radii)) if j != i and self._around(j, i, middle))
                # Half of the integral of x dy - y dx along the arc: the region within gains it, that without loses it.
                part = 0.5 * radius * (radius * (end - start) + _turn(centre, start, end))
                found[outside | 1 << i] += part
                found[outside] -= part
        found[0] = 0.0
        return np.maximum(found, 0.0)

    def _crossings(self, i: int, j: int) -> Floats:
        """Angles at which circle i meets circle j, from 0 to two pi."""
        gap = self.centres[j] - self.centres[i]
        distance = float(np.hypot(*gap))
        r, other = self.radii[i], self.radii[j]
        if self._same(i, j) or distance == 0 or distance >= r + other or distance <= abs(r - other):
            return np.empty(0)
        half = np.arccos(np.clip((distance**2 + r**2 - other**2) / (2 * distance * r), -1, 1))
        towards = np.arctan2(gap[1], gap[0])
        return np.mod([towards - half, towards + half], 2 * np.pi)

    def _around(self, j: int, i: int, point: Floats) -> bool:
        """Tell whether circle j holds a point on circle i; of two that lie on one another the later one is around the other."""
        if self._same(i, j):
            return j > i
        return bool(np.hypot(*(point - self.centres[j])) < self.radii[j])

    def _same(self, i: int, j: int) -> bool:
        """Tell whether two circles lie on one another, but for rounding."""
        off = np.hypot(*(self.centres[j] - self.centres[i])) + abs(self.radii[j] - self.radii[i])
        return bool(off <= 1e-9 * self.radii[i])

    def inside(self, points: Floats) -> Bools:
        """Return for points (n x 2) and sets whether one holds the other."""
        gaps = points[:, None, :] - self.centres[None, :, :]
        return np.asarray(np.hypot(gaps[..., 0], gaps[..., 1]) < self.radii)

    def core(self, region: int, cells: int = 220) -> tuple[Floats, float] | None:
        """Return the point of a region that is furthest from all circles, and how far; None where there is no region."""
        low, high = (self.centres - self.radii[:, None]).min(0), (self.centres + self.radii[:, None]).max(0)
        grid = np.stack(np.meshgrid(*np.linspace(low, high, cells).T), axis=-1).reshape(-1, 2)
        marks = self.inside(grid) @ (1 << np.arange(len(self.radii)))
        grid = grid[marks == region]
        if not len(grid):
            return None
        gaps = grid[:, None, :] - self.centres[None, :, :]
        free = np.abs(np.hypot(gaps[..., 0], gaps[..., 1]) - self.radii).min(1)
        return grid[free.argmax()], float(free.max())

    def common(self, sets: tuple[int, ...], steps: int = 360) -> Floats:
        """Return the outline of what several circles share: a convex shape, so its points are in order of angle."""
        turn = np.linspace(0, 2 * np.pi, steps, endpoint=False)
        edges = []
        for i in sets:
            angles = np.concatenate([turn, *(self._crossings(i, j) for j in sets if j != i)])
            edge = self.centres[i] + self.radii[i] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
            gaps = edge[:, None, :] - self.centres[None, list(sets), :]
            within = (np.hypot(gaps[..., 0], gaps[..., 1]) <= self.radii[list(sets)] * (1 + 1e-9)).all(1)
            edges.append(edge[within])
        outline = np.concatenate(edges)
        if len(outline) < 3:
            return np.empty((0, 2))
        around = outline - outline.mean(0)
        return np.asarray(outline[np.argsort(np.arctan2(around[:, 1], around[:, 0]))])


def _turn(centre: Floats, start: float, end: float) -> float:
    """Return what a circle's shift from the origin adds to the arc's integral, over the radius."""
    return float(centre[0] * (np.sin(end) - np.sin(start)) - centre[1] * (np.cos(end) - np.cos(start)))


def lens(r: float, s: float, distance: float) -> float:
    """Return the area that two circles share."""
    if distance >= r + s:
        return 0.0
    if distance <= abs(r - s):
        return float(np.pi * min(r, s) ** 2)
    a = np.arccos(np.clip((distance**2 + r**2 - s**2) / (2 * distance * r), -1, 1))
    b = np.arccos(np.clip((distance**2 + s**2 - r**2) / (2 * distance * s), -1, 1))
    return float(r**2 * (a - np.sin(2 * a) / 2) + s**2 * (b - np.sin(2 * b) / 2))


def apart(r: float, s: float, shared: float) -> float:
    """Return the distance at which two circles share an area."""
    from scipy.optimize import brentq  # noqa: PLC0415 (only when something is plotted)

    if shared <= 0:
        return r + s + 0.1 * min(r, s)  # a gap says more clearly that nobody is in both than a touch
    near, far = abs(r - s), r + s
    if shared >= np.pi * min(r, s) ** 2 * (1 - 1e-12):
        return near * 0.5  # within, not touching
    return float(brentq(lambda d: lens(r, s, d) - shared, near, far, xtol=1e-15, rtol=1e-14))


def fit(sizes: Floats) -> Circles:
    """Return circles for the sizes of regions (index: the bits of the sets), with areas that add up to one."""
    shares = np.asarray(sizes, dtype=float) / np.sum(sizes)
    k = int(np.log2(len(shares)))
    bits = np.arange(len(shares))
    like = _like(shares, k)
    different = sorted({one for one in like if one is not None})
    if len(different) < k:
        return _with_copies(shares, like, different)
    radii = np.array([np.sqrt(shares[(bits >> i) & 1 == 1].sum() / np.pi) for i in range(k)])
    pairs = {
        (i, j): apart(radii[i], radii[j], shares[(bits >> i) & (bits >> j) & 1 == 1].sum())
        for i, j in combinations(range(k), 2)
    }
    if k == 1:
        return Circles(np.zeros((1, 2)), radii)
    if k == 2:
        return Circles(np.array([[0.0, 0.0], [pairs[0, 1], 0.0]]), radii)
    return _three(shares, radii, pairs)


def _like(shares: Floats, k: int) -> list[int | None]:
    """Return for each set the first one of the same people; None for an empty set."""
    bits = np.arange(len(shares))
    inside = [(bits >> i) & 1 == 1 for i in range(k)]
    found: list[int | None] = []
    for i in range(k):
        same = [j for j in range(i) if not shares[inside[i] ^ inside[j]].any()]
        found.append(None if not shares[inside[i]].any() else (found[same[0]] if same else i))
    return found


def _with_copies(shares: Floats, like: list[int | None], different: list[int]) -> Circles:
    """Fit sets that differ, which are fewer; equal ones lie on one another, and an empty one is a point."""
    merged = np.zeros(1 << len(different))
    for region, share in enumerate(shares):
        merged[sum(1 << place for place, i in enumerate(different) if region >> i & 1)] += share
    circles = fit(merged)
    places = [0 if one is None else different.index(one) for one in like]
    radii = np.array([0.0 if one is None else circles.radii[p] for one, p in zip(like, places, strict=True)])
    return Circles(circles.centres[places], radii)


def _three(shares: Floats, radii: Floats, pairs: dict[tuple[int, int], float]) -> Circles:
    """Start from a triangle with the pairwise distances, or near it, and fit all seven areas; the best of several."""
    from scipy.optimize import least_squares  # noqa: PLC0415 (scipy only when something is computed with it)

    def unpack(at: Floats) -> Circles:
        return Circles(at[:6].reshape(3, 2), np.abs(at[6:]))

    def off(at: Floats) -> Any:
        return unpack(at).areas()[1:] - shares[1:]

    best, least = None, np.inf
    for start in _starts(pairs):
        found = least_squares(off, np.concatenate([start.ravel(), radii]), xtol=1e-12, ftol=1e-12, gtol=1e-12)
        settled = abs(found.cost - least) <= 1e-6 * least  # the same optimum twice
        if found.cost < least:
            best, least = unpack(found.x), found.cost
        if settled or least < 1e-12:
            break
    assert best is not None
    return _upright(best)


def _upright(circles: Circles) -> Circles:
    """Turn three circles so that the second is to the right of the first and the third above: areas say nothing of it."""
    around = circles.centres - circles.centres[0]
    if not around[1].any():
        return circles
    x, y = around[1] / np.hypot(*around[1])
    turned = around @ np.array([[x, -y], [y, x]])
    return Circles(turned * np.array([1.0, -1.0 if turned[2, 1] < 0 else 1.0]), circles.radii)


def _starts(pairs: dict[tuple[int, int], float]) -> list[Floats]:
    """Centres to begin with: the triangle, stretched where its sides don't close, and shaken."""
    a, b, c = pairs[0, 1], pairs[0, 2], pairs[1, 2]
    x = (a**2 + b**2 - c**2) / (2 * a)
    triangle = np.array([[0.0, 0.0], [a, 0.0], [x, np.sqrt(max(b**2 - x**2, 1e-4 * a**2))]])
    rng = np.random.default_rng(0)  # the same picture every time
    return [triangle, *(triangle + rng.normal(0, 0.25 * a, triangle.shape) for _ in range(7))]
