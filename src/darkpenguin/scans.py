"""Grids of parameter points: preferred regions, limits, and what everything published leaves of a model."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Protocol

import numpy as np

from darkpenguin.constraints import Constraints
from darkpenguin.core.model import Range
from darkpenguin.errors import OutOfDomain, UnknownName
from darkpenguin.exclusion import ExclusionPlane, LimitAtPoint, LimitGrid, grid_of
from darkpenguin.experiments import published
from darkpenguin.inference.limits import upper_limits
from darkpenguin.line import Line, ModelClass
from darkpenguin.models.standard_model import StandardModel
from darkpenguin.result import LimitPoint, Plane, PointConstraints
from darkpenguin.setup import Setup


class Scanned(Protocol):
    """What a scan needs of an analysis: a model bound to data, with ranges."""

    model_class: ModelClass
    setup: Setup
    line: Line
    free: dict[str, Range]

    def theta(self, values: Mapping[str, float]) -> np.ndarray:
        """The full parameter vector at given values of some parameters."""


# --- planes -----------------------------------------------------------------------------------------------------------


def plane(analysis: Scanned, x: str, y: str) -> Plane:
    """See `Analysis.plane`."""
    grid_x, grid_y, thetas = _grid(analysis, x, y)
    delta, best, _ = _preference(analysis, thetas)
    units = _units(analysis)
    return Plane(
        analysis.model_class.title,
        x,
        units[x],
        y,
        units[y],
        tuple(grid_x.tolist()),
        tuple(grid_y.tolist()),
        grid_of(delta),
        (float(grid_x[best[1]]), float(grid_y[best[0]])),
    )


def exclusions(analysis: Scanned, x: str, y: str, title: str = "") -> ExclusionPlane:
    """See `Analysis.exclusions`."""
    grid_x, grid_y, thetas = _grid(analysis, x, y)
    values = zip(analysis.line.names, thetas[0, 0].tolist(), strict=True)
    held = {name: value for name, value in values if name not in (x, y)}
    constraints = Constraints(analysis.model_class, analysis.setup, held)
    found = constraints.at(thetas.reshape(-1, thetas.shape[-1]))
    shape = thetas.shape[:2]
    delta, _, lowest = _preference(analysis, thetas)
    standard = float(Line(StandardModel, analysis.setup).values(np.ones((1, 1)))[0])  # mu = 1
    limits = tuple(
        LimitGrid(limit, grid_of(column.reshape(shape)))
        for limit, column in zip(constraints.described, found.over_limit.T, strict=True)
        if np.any(column != 0.0)  # a search that says nothing anywhere is left out
    )
    units = _units(analysis)
    return ExclusionPlane(
        title=title or analysis.model_class.title,
        model=analysis.model_class.name,
        experiments=analysis.setup.experiments,
        inputs=analysis.setup.input_set.name,
        fixed=held,
        x_name=x,
        x_unit=units[x],
        x=tuple(grid_x.tolist()),
        y_name=y,
        y_unit=units[y],
        y=tuple(grid_y.tolist()),
        delta_chi2=grid_of(delta),
        gain=standard - lowest if np.isfinite(standard - lowest) else None,
        omega_h2=grid_of(found.omega_h2.reshape(shape)) if constraints.has_relic else (),
        measured_omega_h2=published.relic_density(),
        limits=limits,
        version=version("darkpenguin"),
    )


def constraints_at(analysis: Scanned, theta: np.ndarray) -> PointConstraints:
    """See `Analysis.constraints`; the farthest above its limit first."""
    parameters = dict(zip(analysis.line.names, theta.tolist(), strict=True))
    constraints = Constraints(analysis.model_class, analysis.setup, parameters)
    found = constraints.at(theta[None])
    rows = [
        LimitAtPoint(limit, _number(ratio))
        for limit, ratio in zip(constraints.described, found.over_limit[0], strict=True)
    ]
    return PointConstraints(
        model=analysis.model_class.name,
        parameters=parameters,
        inputs=analysis.setup.input_set.name,
        omega_h2=_number(found.omega_h2[0]),
        limits=tuple(sorted(rows, key=lambda row: -(np.inf if row.over_limit is None else row.over_limit))),
    )


def _grid(analysis: Scanned, x: str, y: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values of both parameters, and the points [n_y, n_x, n_parameter]."""
    for name in (x, y):
        if name not in analysis.free:
            raise UnknownName("free parameter", name, analysis.free)
    grid_x, grid_y = analysis.free[x].grid(), analysis.free[y].grid()
    return grid_x, grid_y, np.array([[analysis.theta({x: u, y: v}) for u in grid_x] for v in grid_y])


def _preference(analysis: Scanned, thetas: np.ndarray) -> tuple[np.ndarray, tuple[int, int], float]:
    """Delta(-2 ln L) [n_y, n_x], NaN where there is none; the position and the value of the lowest point."""
    values = analysis.line.values(thetas.reshape(-1, thetas.shape[-1])).reshape(thetas.shape[:2])
    i, j = np.unravel_index(int(np.argmin(values)), values.shape)
    lowest = float(values[i, j])
    return np.where(np.isfinite(values), values - lowest, np.nan), (int(i), int(j)), lowest


def _units(analysis: Scanned) -> dict[str, str]:
    return {p.name: p.unit for p in analysis.model_class.parameters()}


# --- CLs limits -------------------------------------------------------------------------------------------------------


def limits(
    analysis: Scanned, parameter: str, grid: Mapping[str, Sequence[float]] | None, confidence_level: float
) -> list[LimitPoint]:
    """See `Analysis.limits`."""
    if parameter not in analysis.free:
        raise UnknownName("free parameter", parameter, analysis.free)
    if len(analysis.setup.profiled) != 1 or len(analysis.setup.likelihoods) != 1:
        raise OutOfDomain("CLs limits need exactly one binned result, e.g. experiments = ['belle2-2023-bknunu']")
    axes = dict(grid or {n: r.grid().tolist() for n, r in analysis.free.items() if n != parameter})
    points = [dict(zip(axes, combination, strict=True)) for combination in itertools.product(*axes.values())]
    found: dict[int, LimitPoint] = {}
    for members in _same_background(analysis, points, parameter):
        of_group = _limits_at(analysis, [points[i] for i in members], parameter, confidence_level)
        found |= dict(zip(members, of_group, strict=True))
    return [found[i] for i in range(len(points))]


def _same_background(analysis: Scanned, points: Sequence[Mapping[str, float]], parameter: str) -> list[list[int]]:
    """Points, by position, grouped by what they expect at parameter = 0: each group has one Asimov data set."""
    factors = analysis.line.factors(np.array([analysis.theta({**p, parameter: 0.0}) for p in points]))
    groups: dict[bytes, list[int]] = {}
    for i, row in enumerate(np.round(factors, 10)):
        groups.setdefault(row.tobytes(), []).append(i)
    return list(groups.values())


def _limits_at(
    analysis: Scanned, points: Sequence[Mapping[str, float]], parameter: str, confidence_level: float
) -> list[LimitPoint]:
    asimov = analysis.line.asimov(analysis.theta({**points[0], parameter: 0.0}))

    def scan(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        thetas = [analysis.theta({**p, parameter: v}) for p, row in zip(points, values, strict=True) for v in row]
        found = analysis.line.values_on(np.array(thetas), (None, asimov))
        return found[0].reshape(values.shape), found[1].reshape(values.shape)

    found = upper_limits(scan, len(points), analysis.free[parameter].high, confidence_level)
    unit = _units(analysis)[parameter]
    return [
        LimitPoint(parameter, unit, dict(p), confidence_level, _number(o), tuple(map(_number, e)), s)
        for p, o, e, s in zip(points, found.observed, found.expected, found.status, strict=True)
    ]


def _number(x: float) -> float | None:
    return float(x) if np.isfinite(x) else None
