"""What is left of a model in a plane of two parameters: what the data prefer, what is excluded, and by what."""

from __future__ import annotations

import dataclasses

import numpy as np

Grid = tuple[tuple[float | None, ...], ...]
"""Grid[i][j] belongs to y[i], x[j]; None: no number there."""

LEVELS_2_DOF = ((2.296, "1σ"), (6.180, "2σ"), (11.829, "3σ"))
"""Delta(-2 ln L) of one, two, three standard deviations for two parameters."""
PREFERRED = LEVELS_2_DOF[1][0]
ALIKE = 0.1  # in Delta(-2 ln L): points that the data cannot tell apart


@dataclasses.dataclass(frozen=True)
class PublishedLimit:
    """What a prediction is compared with.

    name : of the result or search, with its part, "belle-2017-bknunu:K*0".
    observable : as in the catalogue; of a search, the decay that it sees.
    """

    name: str
    title: str
    observable: str
    confidence_level: float
    references: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class LimitGrid:
    """Predicted over allowed on the grid of a plane: above 1 is excluded; 0 where nothing is said."""

    limit: PublishedLimit
    over_limit: Grid


@dataclasses.dataclass(frozen=True)
class LimitAtPoint:
    """The same at one point; None: the prediction is no number."""

    limit: PublishedLimit
    over_limit: float | None


@dataclasses.dataclass(frozen=True)
class ExclusionPlane:
    """Everything published against one model on a grid.

    title : in words.   fixed : parameters held, those at their defaults included.
    delta_chi2 : Delta(-2 ln L) of the fitted data, from the lowest value on the grid.
    gain : -2 ln L of the Standard Model minus that lowest value.
    omega_h2 : relic density, None where it could not be computed; empty if the model does not say.
    measured_omega_h2 : that of all dark matter.
    """

    title: str
    model: str
    experiments: tuple[str, ...]
    inputs: str
    fixed: dict[str, float]
    x_name: str
    x_unit: str
    x: tuple[float, ...]
    y_name: str
    y_unit: str
    y: tuple[float, ...]
    delta_chi2: Grid
    gain: float | None
    omega_h2: Grid
    measured_omega_h2: float
    limits: tuple[LimitGrid, ...]
    version: str


def numbers(grid: Grid) -> np.ndarray:
    """A grid as an array; NaN where there is no number."""
    return np.array([[np.nan if v is None else v for v in row] for row in grid], dtype=float)


def grid_of(values: np.ndarray) -> Grid:
    """An array as a grid of four digits; what is not finite becomes None."""
    return tuple(tuple(float(f"{v:.4g}") if np.isfinite(v) else None for v in row) for row in values)


def preferred(plane: ExclusionPlane) -> np.ndarray:
    """Where the data lie within two standard deviations of the best point, [n_y, n_x]."""
    return np.nan_to_num(numbers(plane.delta_chi2), nan=np.inf) <= PREFERRED


def excluded(limit: LimitGrid) -> np.ndarray:
    """Where one limit excludes, [n_y, n_x]; a prediction that is no number is not excluded."""
    return np.nan_to_num(numbers(limit.over_limit), nan=0.0) > 1.0


def allowed(plane: ExclusionPlane) -> np.ndarray:
    """Where the data prefer the model and nothing excludes it, [n_y, n_x]."""
    found = preferred(plane)
    for limit in plane.limits:
        found = found & ~excluded(limit)
    return found


def needed(plane: ExclusionPlane) -> tuple[LimitGrid, ...]:
    """The fewest limits, found greedily, that exclude all that is excluded: largest first."""
    left, candidates = np.zeros((len(plane.y), len(plane.x)), bool), list(plane.limits)
    for limit in candidates:
        left |= excluded(limit)
    chosen = []
    while left.any():
        best = max(candidates, key=lambda one: int((excluded(one) & left).sum()))
        chosen.append(best)
        left = left & ~excluded(best)
    return tuple(chosen)


@dataclasses.dataclass(frozen=True)
class Left:
    """What remains in a plane, in numbers.

    share : of the preferred points that nothing excludes.
    best : x and y of the allowed point that the data like most, among equals the one with most dark matter; None if
        nothing is allowed.
    delta_chi2, omega_h2 : there; None if nothing is allowed, or the model does not say.
    takers : limits with the share of the preferred points that each excludes, largest first.
    closest : if nothing is allowed, the smallest factor by which a preferred point exceeds its worst limit, and that
        limit.
    """

    share: float
    best: tuple[float, float] | None
    delta_chi2: float | None
    omega_h2: float | None
    takers: tuple[tuple[LimitGrid, float], ...]
    closest: tuple[float, LimitGrid] | None


def left(plane: ExclusionPlane) -> Left | None:
    """None if the data prefer no point of the plane."""
    wanted, fine = preferred(plane), allowed(plane)
    if not wanted.any():
        return None
    shares = [(limit, float((excluded(limit) & wanted).sum() / wanted.sum())) for limit in plane.limits]
    takers = tuple(sorted((s for s in shares if s[1] > 0.0), key=lambda s: -s[1]))
    if fine.any():
        i, j = _best(plane, fine)
        omega = plane.omega_h2[i][j] if plane.omega_h2 else None
        share = float(fine.sum() / wanted.sum())
        return Left(share, (plane.x[j], plane.y[i]), plane.delta_chi2[i][j], omega, takers, None)
    ratios = np.stack([np.nan_to_num(numbers(limit.over_limit)) for limit in plane.limits])
    worst = np.where(wanted, ratios.max(axis=0), np.inf)
    i, j = divmod(int(worst.argmin()), worst.shape[1])
    return Left(0.0, None, None, None, takers, (float(worst[i, j]), plane.limits[int(ratios[:, i, j].argmax())]))


def _best(plane: ExclusionPlane, fine: np.ndarray) -> tuple[int, int]:
    """Position of the best allowed point."""
    delta = np.where(fine, numbers(plane.delta_chi2), np.inf)
    score = -delta
    if plane.omega_h2:
        alike = delta < delta.min() + ALIKE
        score = np.where(alike, np.nan_to_num(numbers(plane.omega_h2)), -1.0)
    n_x = score.shape[1]
    return divmod(int(score.argmax()), n_x)
