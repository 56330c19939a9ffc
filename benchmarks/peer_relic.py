"""Worker without ours: the same relic densities by scipy's Radau and by hazma's two solvers.

`scipy` is a stand-in for codes that step the equation: average by Gauss panels graded around pole and threshold, then
Radau in ln Y. `hazma` runs in the peers' Python.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.integrate import quad, solve_ivp
from scipy.interpolate import CubicSpline
from scipy.special import kve

from benchmarks.relic_points import N_KIND, read
from benchmarks.serve import Timing, serve, timed

N_SCIPY = 2 * N_KIND
X_FIRST, X_LAST = 3.0, 1e7
GRADING = 0.5


def beta_squared(y: np.ndarray, above: np.ndarray, y_c: float, y_m: float) -> np.ndarray:
    """1 - (y_m/y)^2 for y = y_c + above, y_c >= y_m, without cancellation."""
    return (above + (y_c - y_m)) * (y + y_m) / y**2


def panels(centre: float, width: float, last: float) -> np.ndarray:
    """Edges in u = y - y_c, graded towards 0 and towards a pole at `centre` of that width; centre <= 0: none."""
    edges = [np.exp(np.arange(np.log(1e-16), np.log(last) + GRADING, GRADING))]
    if centre > 0.0:
        away = width * np.exp(np.arange(-2.0, np.log(last / width) + GRADING, GRADING))
        edges += [centre + away, centre - away, np.array([centre])]
    together = np.unique(np.concatenate(edges))
    return together[(together >= 1e-16) & (together <= last)]


def thermal_average(p: dict[str, float], x: np.ndarray) -> np.ndarray:
    """<sigma v> [GeV^-2] at every x, both channels."""
    m, gauss = p["m"], np.polynomial.legendre.leggauss(12)
    total = np.zeros_like(x)
    for final, which in ((p["mf"], "A"), (p["mc"], "C")):
        if p[which] == 0.0:
            continue
        y_c, y_f = max(1.0, final / m), final / m
        y_R = p["M"] / (2 * m)
        width = max(p["G"] / (4 * m), 1e-14)
        edge = panels(y_R - y_c if which == "A" else -1.0, width, 60.0 / X_FIRST)
        half, middle = 0.5 * np.diff(edge)[:, None], 0.5 * (edge[1:] + edge[:-1])[:, None]
        u, weight = (middle + half * gauss[0]).ravel(), (half * gauss[1]).ravel()
        y = y_c + u
        l_f, l_i = (p["lf"], p["li"]) if which == "A" else (p["lfc"], p["lic"])
        sigma = beta_squared(y, u, y_c, y_f) ** (l_f + 0.5) * beta_squared(y, u, y_c, 1.0) ** (l_i - 0.5)
        sigma *= p[which] / (8 * np.pi)
        if which == "A":
            distance = 4 * m**2 * ((u - (y_R - y_c)) * (y + y_R))
            sigma /= distance**2 + (p["M"] * p["G"]) ** 2
        weight = weight * sigma * y**2 * (u + y_c - 1.0) * (y + 1.0)
        for i, one in enumerate(x):
            kernel = np.exp(-2 * one * (y_c - 1.0 + u)) * kve(1, 2 * one * y)
            total[i] += 8 * one / kve(2, one) ** 2 * np.sum(weight * kernel)
    return total


class Plasma:
    """h and sqrt(g*) by cubic splines through the rows of the table that ours reads."""

    def __init__(self, table: str, M_Planck: float) -> None:
        T, h, g = np.loadtxt(table, delimiter=",", skiprows=1).T
        self.low, self.high = np.log(T[0]), np.log(T[-1])
        self.ln_h, self.ln_g, self.M_Planck = (
            CubicSpline(np.log(T), np.log(h)),
            CubicSpline(np.log(T), np.log(g)),
            M_Planck,
        )

    def h_and_sqrt_gstar(self, T: float) -> tuple[float, float]:
        """Constant outside the table."""
        ln_T = np.log(T)
        t = min(max(ln_T, self.low), self.high)
        slope = self.ln_h(t, 1) if t == ln_T else 0.0
        h = np.exp(self.ln_h(t))
        return float(h), float(h / np.exp(0.5 * self.ln_g(t)) * (1 + slope / 3))


def radau(p: dict[str, float], plasma: Plasma) -> float:
    """Yield today of self-conjugate dark matter with two states, rtol 1e-9."""
    grid = np.geomspace(X_FIRST, X_LAST, 700)
    ln_average = CubicSpline(np.log(grid), np.log(np.maximum(thermal_average(p, grid), 1e-290)))
    strength = np.sqrt(np.pi / 45) * plasma.M_Planck * p["m"]

    def rates(t: float) -> tuple[float, float]:
        x = np.exp(t)
        h, sqrt_gstar = plasma.h_and_sqrt_gstar(p["m"] / x)
        E = 45 / (4 * np.pi**4) * 2 * x**2 * kve(2, x) * np.exp(-x) / h
        return strength * sqrt_gstar * np.exp(float(ln_average(t))) / x, E

    def slope(t: float, w: np.ndarray) -> list[float]:
        a, E = rates(t)
        return [-a * (np.exp(w[0]) - E**2 * np.exp(-w[0]))]

    def jacobian(t: float, w: np.ndarray) -> list[list[float]]:
        a, E = rates(t)
        return [[-a * (np.exp(w[0]) + E**2 * np.exp(-w[0]))]]

    start = [np.log(rates(np.log(X_FIRST))[1])]
    ends = (np.log(X_FIRST), np.log(X_LAST))
    found = solve_ivp(slope, ends, start, method="Radau", jac=jacobian, rtol=1e-9, atol=1e-10)
    return float(np.exp(found.y[0, -1]))


def compared(found: np.ndarray, ours: np.ndarray) -> str:
    """Median and largest relative difference."""
    error = np.abs(ours / found - 1.0)
    return f"median {np.median(error):.1g}, largest {error.max():.1g}"


def scipy_contest(folder: Path) -> dict[str, Callable[[], Timing]]:
    """The general points, all kinds twice."""
    told = read(folder)
    plasma = Plasma(told["table"], told["M_Planck"])
    rows = [i for i in range(len(told["good"])) if told["good"][i]][:N_SCIPY]
    points = [{name: column[i] for name, column in told["points"].items()} for i in rows]

    def ask() -> Timing:
        found: list[float] = []
        wall, cpu = timed(lambda: found.extend(radau(p, plasma) for p in points))
        notes = [f"ours {what}: {compared(np.array(found), np.array(told[key])[rows])}" for what, key in OURS]
        return Timing(wall / len(rows), cpu / len(rows), f"{len(rows)} points; " + "; ".join(notes))

    return {"radau": ask}


OURS = (("accurate", "Y"), ("fast", "Y_fast"))


def hazma_contest(folder: Path) -> dict[str, Callable[[], Timing]]:
    """Its vector mediator with electrons alone: its own average, and the same solver with a converged one."""
    from hazma.parameters import rho_crit, sm_entropy_density_today
    from hazma.relic_density import relic_density
    from hazma.vector_mediator import VectorMediator

    warnings.filterwarnings("ignore")

    class Converged(VectorMediator):
        """The average as one integral in ln(y - 1), to 1e-9."""

        def thermal_cross_section(self, x: float) -> float:
            y_R, width = self.mv / (2 * self.mx), self.width_v / (2 * self.mx)
            cuts = [np.log(u) for u in (y_R - 1 - 5 * width, y_R - 1, y_R - 1 + 5 * width) if 1e-13 < u < 30 / x]

            def integrand(t: float) -> float:
                y = 1 + np.exp(t)
                sigma = self.sigma_xx_to_v_to_ff(2 * self.mx * y, "e")
                return sigma * y**2 * (y + 1) * np.exp(2 * t - 2 * x * np.exp(t)) * kve(1, 2 * x * y)

            accurate = {"points": cuts or None, "limit": 400, "epsabs": 0.0, "epsrel": 1e-9}
            total = quad(integrand, np.log(1e-13), np.log(30 / x), **accurate)[0]
            return 8 * x / kve(2, x) ** 2 * total

    told = read(folder)
    vectors = told["vectors"]
    ours = np.array(told["Y_vector"])
    masses = 1e3 * np.array(vectors["m"])  # hazma has MeV

    def measure(cls: Any, n: int, options: dict[str, Any], what: str) -> Callable[[], Timing]:
        rows = zip(masses[:n], 1e3 * np.array(vectors["M"]), vectors["g"], strict=False)
        models = [cls(m, M, 1.0, 0.0, 0.0, 0.0, g, 0.0) for m, M, g in rows]

        def ask() -> Timing:
            omega: list[float] = []
            wall, cpu = timed(lambda: omega.extend(relic_density(model, **options) for model in models))
            Y = np.array(omega) * rho_crit / sm_entropy_density_today / masses[:n]
            note = f"{n} points, {what}; ours against it: {compared(Y, ours[:n])}"
            return Timing(wall / n, cpu / n, note, float(Y[0]))

        return ask

    tight = {"semi_analytic": False, "xf": 1e6, "rtol": 1e-8, "atol": 1e-8}
    return {
        "radau": measure(VectorMediator, len(ours), {"semi_analytic": False}, "its average"),
        "semi-analytic": measure(VectorMediator, len(ours), {"semi_analytic": True}, "its average"),
        "converged": measure(Converged, 3, tight, "converged average, rtol 1e-8, to x = 1e6"),
    }


if __name__ == "__main__":
    contest = {"scipy": scipy_contest, "hazma": hazma_contest}[sys.argv[2]]
    serve(contest(Path(sys.argv[1])))
