"""Minimum and errors of one or two parameters from values alone: for likelihoods that no gradient can follow.

A narrow line in bins of true q2 makes -2 ln L a function of the mass with kinks, or a staircase: Minuit then stays on
a step that is not the lowest, and finds no errors. Here grids close in on the region where -2 ln L is low, and every
line of a grid is minimised along the other parameter. What is narrower than 1/20 of the region is not seen unless a
line meets it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from darkpenguin.core.model import Range
from darkpenguin.inference.fit import Minimum, Objective, from_unit_scale, minimise, to_unit_scale

Values = Callable[[np.ndarray], np.ndarray]
"""Points [n, n_free], in the units of the parameters -> -2 ln L [n], infinity where there is none."""

MOST_PARAMETERS = 2
SAME = 1e-3  # differences of -2 ln L that do not count
N_NODE, N_ZOOM = 22, 11  # 22 * 22 points, and 2 * 22 lines of 11 points, fill one compiled block of 512
N_INSIDE, N_CLOSER = 5, 3  # points inside the bracket of an end, and how often it is made narrower
KEEP = 4.0  # the region holds whatever lies at most this far above the lowest point
FLAT, N_FLAT = 2e-3, 6  # a flat stretch: so many nodes this low, twice as many as a parabola has there
MOST_ROUNDS, SETTLED = 6, 0.7  # a region that keeps this share of its length has been found


class ProfileScan(NamedTuple):
    """What a scan found.

    x [n], value : the lowest point and its -2 ln L.   flat : it is the middle of a stretch as low to 2e-3.
    interval [n, 2] : where the profile first rises by 1 on either side (the nearest crossing, as MINOS takes it), NaN
        where the range ends before.
    confirmed : the last grid found nothing lower than those before.
    """

    x: np.ndarray
    value: float
    flat: bool
    interval: np.ndarray
    confirmed: bool


def profile_scan(values: Values, ranges: Sequence[Range], start: np.ndarray, errors: bool = True) -> ProfileScan:
    """Scan the ranges of one or two parameters, each on its own scale.

    start [n] : a point that the grids contain.   errors : find the intervals (NaN otherwise).
    """
    scan = _Scan(values, ranges, start)
    confirmed = scan.close_in()
    interval = np.full((len(ranges), 2), np.nan)
    if not np.isfinite(scan.lowest):
        return ProfileScan(np.array(start, dtype=float), scan.lowest, False, interval, False)
    lowest, flat = scan.lowest, False
    if errors:
        interval = scan.ends(1.0)
        flat = scan.move_to_middle()
    x = scan.physical(scan.best[None])[0]
    physical = [from_unit_scale(ends, r) for ends, r in zip(interval, ranges, strict=True)]
    return ProfileScan(x, scan.lowest, flat, np.array(physical), confirmed and scan.lowest > lowest - SAME)


def second_opinion(
    first: Minimum, objective: Objective, values: Values, ranges: Sequence[Range], errors: bool = True
) -> Minimum:
    """What a scan makes of a minimum that Minuit is not sure of.

    Minuit starts again from a point of the scan that is lower. The point is the scan's where Minuit then finds no
    minimum with all errors, on a flat stretch, and where the scan ends in another minimum that is as low. The errors
    are the scan's: those of MINOS that are left belong to a part of the likelihood only.
    """
    scan = profile_scan(values, ranges, first.x, errors)
    if not np.isfinite(scan.value):
        return first
    found = first
    if scan.value < first.value - SAME:
        found = minimise(objective, scan.x, ranges, errors)
        if found.valid and found.complete and found.value < scan.value + SAME:
            return found
    outside = (scan.interval[:, 0] > found.x) | (scan.interval[:, 1] < found.x)  # in another minimum, as low
    if scan.flat or found is not first or outside.any():
        unknown = np.full((len(ranges), len(ranges)), np.nan)
        found = found._replace(x=scan.x, value=scan.value, covariance=unknown)
    low, high = found.x - scan.interval[:, 0], scan.interval[:, 1] - found.x
    return found._replace(low=low, high=high, valid=found.valid or scan.confirmed, complete=True)


class _Scan:
    """The state of a scan, in coordinates in which every range is [0, 1].

    best [n], lowest : the lowest point so far.   nodes, profile : of each axis, over the region: positions and the
    minimum of -2 ln L over the other parameter.   near : the same from the first grid around the lowest point.
    """

    def __init__(self, values: Values, ranges: Sequence[Range], start: np.ndarray) -> None:
        self.values, self.ranges, self.n = values, ranges, len(ranges)
        self.best = np.array([to_unit_scale(x, r) for x, r in zip(start, ranges, strict=True)]).clip(0.0, 1.0)
        self.lowest = np.inf
        self.lowest = float(self.at(self.best[None])[0])
        self.nodes: list[np.ndarray] = []
        self.profile: list[np.ndarray] = []
        self.near: list[tuple[np.ndarray, np.ndarray]] = []

    def physical(self, u: np.ndarray) -> np.ndarray:
        return np.stack([np.clip(from_unit_scale(u[:, i], r), r.low, r.high) for i, r in enumerate(self.ranges)], 1)

    def at(self, u: np.ndarray) -> np.ndarray:
        """-2 ln L [m] at u [m, n]; remembers the lowest."""
        found = np.asarray(self.values(self.physical(u)), dtype=float)
        i = int(np.argmin(found))
        if found[i] < self.lowest:
            self.best, self.lowest = u[i].copy(), float(found[i])
        return found

    # --- lines: one parameter held at `position`, the other at its best ----------------------------------------------

    def along(self, axis: np.ndarray, position: np.ndarray, grid: np.ndarray) -> np.ndarray:
        """-2 ln L [m, k] on m lines: parameter axis[m] at position[m], the other at grid[m, k]."""
        u = np.repeat(position[:, None, None], grid.shape[1], axis=1).repeat(2, axis=2)
        u[np.arange(len(axis)), :, 1 - axis] = grid
        return self.at(u.reshape(-1, 2)).reshape(grid.shape)

    def zoomed(self, axis: np.ndarray, position: np.ndarray, grid: np.ndarray, found: np.ndarray) -> np.ndarray:
        """The minimum [m] along each line, twice closing in on the lowest of its points."""
        row, lowest = np.arange(len(axis)), found.min(axis=1)
        for _ in range(2):
            i = np.argmin(found, axis=1)
            left, right = grid[row, np.maximum(i - 1, 0)], grid[row, np.minimum(i + 1, grid.shape[1] - 1)]
            grid = left[:, None] + (right - left)[:, None] * np.linspace(0.0, 1.0, N_ZOOM + 2)[1:-1]
            found = self.along(axis, position, grid)
            lowest = np.minimum(lowest, found.min(axis=1))
        return lowest

    def minimum_at(self, axis: np.ndarray, position: np.ndarray) -> np.ndarray:
        """The profile [m] of parameter axis[m] at position[m]."""
        if self.n == 1:
            return self.at(position[:, None])
        grid = np.array([self.nodes[1 - i] for i in axis])
        return self.zoomed(axis, position, grid, self.along(axis, position, grid))

    # --- the region -------------------------------------------------------------------------------------------------

    def close_in(self) -> bool:
        """Grids over smaller and smaller regions, then around the lowest point; whether the last found nothing
        lower."""
        box = np.array([[0.0, 1.0]] * self.n)
        for _ in range(MOST_ROUNDS):
            self.nodes, self.profile = self.grid(box)
            if not np.isfinite(self.lowest):
                return False
            smaller = self.box_around()
            if (np.diff(smaller) > SETTLED * np.diff(box)).all():
                break
            box = smaller
        near = self.nodes
        for i in range(MOST_ROUNDS):
            before = self.lowest
            place = [int(np.argmin(np.abs(x - b))) for x, b in zip(near, self.best, strict=True)]
            box = np.array([(x[max(k - 2, 0)], x[min(k + 2, N_NODE - 1)]) for x, k in zip(near, place, strict=True)])
            near, profile = self.grid(box)
            if i == 0:
                self.near = [*zip(near, profile, strict=True)]
            if self.lowest > before - SAME:
                return True
        return False

    def grid(self, box: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Nodes and profile of each axis in a region [n, 2] that holds the lowest point."""
        nodes = [
            np.sort(np.append(np.linspace(low, high, N_NODE - 1), b))
            for (low, high), b in zip(box, self.best, strict=True)
        ]
        if self.n == 1:
            return nodes, [self.at(nodes[0][:, None])]
        position, axis = np.concatenate(nodes), np.repeat([0, 1], N_NODE)
        across = np.stack([nodes[1 - i] for i in axis])
        found = self.along(axis[:N_NODE], position[:N_NODE], across[:N_NODE])
        lowest = self.zoomed(axis, position, across, np.concatenate([found, found.T]))
        return nodes, [lowest[:N_NODE], lowest[N_NODE:]]

    def box_around(self) -> np.ndarray:
        """Ends [n, 2] of the region within KEEP of the lowest point, one node further out on each side."""
        out = []
        for nodes, profile in zip(self.nodes, self.profile, strict=True):
            kept = np.flatnonzero(profile <= max(self.lowest + KEEP, profile.min()))
            out.append((nodes[max(kept[0] - 1, 0)], nodes[min(kept[-1] + 1, len(nodes) - 1)]))
        return np.array(out)

    # --- ends -------------------------------------------------------------------------------------------------------

    def ends(self, level: float) -> np.ndarray:
        """Positions [n, 2], next to the best point, where the profile rises above the lowest value by `level`."""
        out, places, brackets = np.full((self.n, 2), np.nan), [], []
        for i, (nodes, profile) in enumerate(self.near):
            x, y = np.append(self.nodes[i], nodes), np.append(self.profile[i], profile)
            for side, outward in enumerate((self.best[i] - x, x - self.best[i])):
                order = [k for k in np.argsort(outward, kind="stable") if outward[k] > 0.0]
                path = np.array([(self.best[i], self.lowest), *zip(x[order], y[order], strict=True)]).T
                first = int(np.argmax(path[1] > self.lowest + level))
                if first:
                    places.append((i, side))
                    brackets.append(path[:, first - 1 : first + 1])
        if places:
            axis = np.array([i for i, _ in places])
            out[tuple(np.transpose(places))] = self._closer(axis, np.array(brackets), self.lowest + level)
        return out

    def _closer(self, axis: np.ndarray, brackets: np.ndarray, target: float) -> np.ndarray:
        """Where the profile passes `target` inside brackets [m, (position, value), (below, above)]."""
        row = np.arange(len(axis))
        for _ in range(N_CLOSER):
            left, right = brackets[:, 0, :1], brackets[:, 0, 1:]
            inside = left + (right - left) * np.linspace(0.0, 1.0, N_INSIDE + 2)
            found = self.minimum_at(axis.repeat(N_INSIDE), inside[:, 1:-1].ravel()).reshape(-1, N_INSIDE)
            y = np.concatenate([brackets[:, 1, :1], found, brackets[:, 1, 1:]], axis=1)
            first = np.argmax(y > target, axis=1)
            brackets = np.stack([np.stack([v[row, first - 1], v[row, first]], axis=1) for v in (inside, y)], axis=1)
        (low, high), (y_low, y_high) = brackets[:, 0].T, brackets[:, 1].T
        rise = np.where(np.isfinite(y_high), y_high - y_low, np.inf)
        return low + (high - low) * np.clip((target - y_low) / rise, 0.0, 1.0)

    def move_to_middle(self) -> bool:
        """From any point of a flat stretch to its middle; whether there is a middle that is as low."""
        moved = False
        for i, (_, profile) in enumerate(self.near):
            best, lowest = self.best, self.lowest
            if (profile < lowest + FLAT).sum() < N_FLAT:
                continue
            ends = self.ends(FLAT)[i]
            if np.isnan(ends).any():
                continue
            self.lowest = np.inf
            self.minimum_at(np.array([i]), ends.mean(keepdims=True))
            if self.lowest > lowest + FLAT:
                self.best, self.lowest = best, lowest
            else:
                moved = True
        return moved
