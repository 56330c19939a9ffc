"""Asymptotic CLs upper limits on one parameter, for many settings of the others at once.

Test statistic q-tilde of arXiv:1007.1727, eq. (16): the parameter cannot be negative, and an upward fluctuation does
not count against a
hypothesis. CLs: hep-ex/9902006. Expected limits: the Asimov data set of the background-only fit to the observed data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from darkpenguin.result import CONVERGED, INVALID

Scan = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""values [n_setting, n_value] of the parameter -> -2 ln L on the observed and on the Asimov data, same shape."""

BANDS = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
NO_LIMIT = "no limit inside the range of the parameter"
NO_SENSITIVITY = "the likelihood does not depend on the parameter"
N_COARSE, N_ZOOM, ZOOMS = 60, 9, 3
FAR = 1e6


class UpperLimits(NamedTuple):
    """observed [n_setting], expected [n_setting, 5] at -2..2 sigma; NaN goes with a status other than 'converged'."""

    observed: np.ndarray
    expected: np.ndarray
    status: list[str]


def cls_value(q_observed: np.ndarray, q_asimov: np.ndarray) -> np.ndarray:
    """CLs = p_sb / p_b of q-tilde in the asymptotic limit [arXiv:1007.1727, eqs. (64)-(66)].

    q_observed, q_asimov : test statistic of the tested value on the observed and on the background-only Asimov data,
        >= 0.
    """
    root, sigma = np.sqrt(np.maximum(q_observed, 0.0)), np.sqrt(np.maximum(q_asimov, 1e-300))
    beyond = root > sigma
    shift = (np.maximum(q_observed, 0.0) - sigma**2) / (2 * sigma)
    p_sb = ndtr(-np.where(beyond, shift + sigma, root))
    p_b = ndtr(-np.where(beyond, shift, root - sigma))
    return p_sb / p_b


def expected_roots(confidence_level: float) -> np.ndarray:
    """sqrt(q_A) at which a data set fluctuated by N = -2..2 sigma just excludes: solves CLs(N) = 1 - CL in closed
    form."""
    alpha = 1.0 - confidence_level
    return BANDS - ndtri(alpha * ndtr(BANDS))


def upper_limits(scan: Scan, n_setting: int, high: float, confidence_level: float = 0.95) -> UpperLimits:
    """Upper limits on a parameter that lies in [0, high].

    The crossings are bracketed on a logarithmic grid and then zoomed into; the last step interpolates over 1/500 of
    the first one.
    """
    values = np.tile(np.concatenate([[0.0], np.geomspace(1e-5 * high, high, N_COARSE)]), (n_setting, 1))
    observed, asimov = scan(values)
    status = _status(observed, asimov)
    scan, observed, asimov = _finite(scan), _far(observed), _far(asimov)
    lowest = _lowest(scan, values, observed)
    rows = np.arange(n_setting)
    null = asimov[:, 0]
    targets = np.concatenate([[np.nan], expected_roots(confidence_level)])

    def excess(v: np.ndarray, t_observed: np.ndarray, t_asimov: np.ndarray, which: int) -> np.ndarray:
        # positive once the value is excluded: observed CLs below 1 - CL, or Asimov root beyond its target
        q_asimov = t_asimov - null[:, None]
        if which > 0:
            return np.sqrt(np.maximum(q_asimov, 0.0)) - targets[which]
        best, minimum = lowest
        q = np.where(v > best[:, None], t_observed - minimum[:, None], 0.0)
        return (1.0 - confidence_level) - cls_value(q, q_asimov)

    brackets, found = [], []
    for which in range(6):
        above = excess(values, observed, asimov, which) > 0
        # the last value that is not excluded, so that an isolated early crossing does not count
        last = np.where(~above, np.arange(above.shape[1]), -1).max(axis=1)
        ok = (last >= 0) & (last < above.shape[1] - 1)
        left = np.clip(last, 0, above.shape[1] - 2)
        brackets.append((values[rows, left], values[rows, left + 1]))
        found.append(ok)
    crossings = _zoom(scan, brackets, excess)
    limits = np.where(np.array(found).T, np.stack(crossings, axis=1), np.nan)
    for i in rows:
        if status[i] == CONVERGED and not np.isfinite(limits[i]).all():
            status[i] = NO_LIMIT
        if status[i] in (INVALID, NO_SENSITIVITY):
            limits[i] = np.nan
    return UpperLimits(limits[:, 0], limits[:, 1:], status)


def _finite(scan: Scan) -> Scan:
    """The scan with a large number for points that cannot be computed, so that they count as far from any minimum."""

    def finite(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        observed, asimov = scan(values)
        return _far(observed), _far(asimov)

    return finite


def _far(t: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(t), t, FAR)


def _status(observed: np.ndarray, asimov: np.ndarray) -> list[str]:
    out = []
    for t_observed, t_asimov in zip(observed, asimov, strict=True):
        if not (np.isfinite(t_observed).any() and np.isfinite(t_asimov).any()):
            out.append(INVALID)
        elif np.nanmax(t_asimov[np.isfinite(t_asimov)]) - t_asimov[0] < 1e-6:
            out.append(NO_SENSITIVITY)
        else:
            out.append(CONVERGED)
    return out


def _lowest(scan: Scan, values: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Best value in [0, high] and its -2 ln L, by zooming around the lowest grid point."""
    rows = np.arange(len(values))
    for _ in range(ZOOMS + 1):
        i = np.argmin(t, axis=1)
        left, right = values[rows, np.maximum(i - 1, 0)], values[rows, np.minimum(i + 1, values.shape[1] - 1)]
        values = np.linspace(left, right, 2 * N_ZOOM + 1, axis=1)
        t = scan(values)[0]
    i = np.argmin(t, axis=1)
    return values[rows, i], t[rows, i]


def _zoom(
    scan: Scan, brackets: list[tuple[np.ndarray, np.ndarray]], excess: Callable[..., np.ndarray]
) -> list[np.ndarray]:
    rows = np.arange(len(brackets[0][0]))
    for _ in range(ZOOMS):
        grids = [np.linspace(lo, hi, N_ZOOM, axis=1) for lo, hi in brackets]
        observed, asimov = scan(np.concatenate(grids, axis=1))
        narrowed, crossings = [], []
        for which, grid in enumerate(grids):
            part = slice(which * N_ZOOM, (which + 1) * N_ZOOM)
            f = excess(grid, observed[:, part], asimov[:, part], which)
            left = np.clip(np.where(f <= 0, np.arange(N_ZOOM), 0).max(axis=1), 0, N_ZOOM - 2)
            lo, hi = grid[rows, left], grid[rows, left + 1]
            f_lo, f_hi = f[rows, left], f[rows, left + 1]
            share = np.where(f_hi != f_lo, -f_lo / np.where(f_hi != f_lo, f_hi - f_lo, 1.0), 0.5)
            crossings.append(lo + np.clip(share, 0.0, 1.0) * (hi - lo))
            narrowed.append((lo, hi))
        brackets = narrowed
    return crossings
