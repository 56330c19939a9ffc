"""Belle II's published likelihood of B+ -> K+ nu nubar: log densities, signal strength, goodness, pulls, profiles."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyhf
from scipy.optimize import brentq
from scipy.stats import chi2

from darkpenguin._jax import jnp
from darkpenguin.experiments.histfactory import HistFactory
from darkpenguin.experiments.histfactory_pyhf import to_pyhf
from darkpenguin.experiments.histfactory_tables import Tables, builtin_folder, load_tables
from darkpenguin.inference.profile import Profile, Profiler

RESULT = "belle2-2023-bknunu"
STANDARD_MODEL = 4.97e-6  # the branching fraction that mu = 1 stands for [arXiv:2311.14647]
SHAPES = Path(__file__).parents[1] / "tests" / "data" / "belle2_profile_shapes.csv"


# --- log densities --------------------------------------------------------------------------------------------------


def log_densities() -> dict[str, float]:
    """ln L at points that are defined by the order of pyhf's parameter vector; pyhf gives the order, not the values."""
    tables = load_tables(builtin_folder(RESULT))
    ours = HistFactory.from_tables(tables)
    config = pyhf.Workspace(to_pyhf(tables)).model().config
    start, bounds = np.array(config.suggested_init()), np.array(config.suggested_bounds())
    names = [name for name in config.par_order for _ in range(config.param_set(name).n_parameters)]
    scalar = np.isin(names, [*tables.histosys, *tables.normsys])
    sign = (-1.0) ** np.arange(len(start))

    def shifted(by: float) -> np.ndarray:
        return np.where(scalar, np.clip(start + by * sign, bounds[:, 0], bounds[:, 1]), start)

    def at(vector: np.ndarray, mu: float | None = None) -> float:
        alpha, gamma, signal = _split(tables, ours, names, vector)
        return float(ours.log_density(alpha, gamma, jnp.full(ours.n_signal, signal if mu is None else mu)))

    return {
        "pyhf_init": at(start),
        "pyhf_mu_0.5": at(start, 0.5),
        "pyhf_mu_1.5": at(start, 1.5),
        "pyhf_shift_down": at(shifted(-0.5)),
        "pyhf_shift_up": at(shifted(0.5)),
    }


def _split(
    tables: Tables, ours: HistFactory, names: list[str], vector: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """(alpha, gamma, mu) of a vector of pyhf, in which a statistical error of several bins stands in their order."""
    first = {name: names.index(name) for name in dict.fromkeys(names)}
    staterror = dict(zip(tables.rows, tables.staterror, strict=True))
    alpha = np.array([vector[first[name]] for name in ours.alpha_names])
    gamma = np.array([vector[first[staterror[row]] + row.bin] for row in ours.rows])
    return alpha, gamma, float(vector[first["mu"]])


# --- signal strength ------------------------------------------------------------------------------------------------


class StrengthFit:
    """Best common factor mu of the signal, its Delta(-2 ln L) = 1 errors, and the gain over fixed values."""

    def __init__(self, channels: str) -> None:
        self.profiler = Profiler(HistFactory.load(RESULT, channels))
        self.mu = brentq(lambda mu: float(self.at(mu).gradient.sum()), 0.1, 20.0, xtol=1e-10)
        self.best = self.at(self.mu)

    def at(self, mu: float) -> Profile:
        return self.profiler(jnp.full(self.profiler.histfactory.n_signal, mu))

    def gain(self, mu: float) -> float:
        """-2 ln L at mu above the minimum."""
        return float(self.at(mu).minus_two_log_likelihood - self.best.minus_two_log_likelihood)

    def errors(self) -> tuple[float, float]:
        """Distances down and up to Delta(-2 ln L) = 1."""

        def excess(mu: float) -> float:
            return self.gain(mu) - 1.0

        return self.mu - brentq(excess, 0.0, self.mu), brentq(excess, self.mu, self.mu + 10.0) - self.mu


def strengths() -> dict[str, float]:
    """Fits of mu to all channels, to the inclusive tag, to the hadronic tag."""
    found: dict[str, float] = {}
    for channels in ("combined", "inclusive", "hadronic"):
        fit = StrengthFit(channels)
        down, up = fit.errors()
        z0, z1 = (fit.gain(mu) ** 0.5 for mu in (0.0, 1.0))
        found |= {f"{channels}_mu": fit.mu, f"{channels}_mu_up": up, f"{channels}_mu_down": down}
        found |= {f"{channels}_Z0": z0, f"{channels}_Z1": z1, f"{channels}_BR": fit.mu * STANDARD_MODEL}
        found |= {f"{channels}_BR_published": fit.mu * STANDARD_MODEL}
        found |= {
            f"{channels}_BR_up_published": up * STANDARD_MODEL,
            f"{channels}_BR_down_published": down * STANDARD_MODEL,
        }
        if channels == "combined":
            found |= {"combined_Z0_published": z0, "combined_Z1_published": z1} | _combined(fit)
    return found


def _combined(fit: StrengthFit) -> dict[str, float]:
    histfactory = fit.profiler.histfactory
    pulls = dict(zip(histfactory.alpha_names, np.asarray(fit.best.alpha).tolist(), strict=True))
    lowest = float(fit.best.minus_two_log_likelihood)
    saturated = float(histfactory.saturated())
    goodness = {
        "best": lowest - saturated,
        "1": lowest + fit.gain(1.0) - saturated,
        "0": lowest + fit.gain(0.0) - saturated,
    }
    wanted = ("corr_contD", "mu_bkg_ccbar", "norm_qqbar_1_had", "corr_nnbar", "gbc", "corr_exoticD")
    return {
        "profiled_2nll": lowest,
        "pyhf_2nll": lowest + float(histfactory.gaussian_constant()),
        "q0": fit.gain(0.0),
        "q1": fit.gain(1.0),
        **{f"chi2_{mu}": value for mu, value in goodness.items()},
        "p_best": float(chi2.sf(goodness["best"], 29)),
        "p_1": float(chi2.sf(goodness["1"], 30)),
        **{f"pull_{name}": _pull(pulls, name) for name in wanted},
    }


def _pull(pulls: dict[str, float], name: str) -> float:
    """The published names carry prefixes and suffixes; the part quoted must be unique."""
    (full,) = [n for n in pulls if n == name] or [n for n in pulls if name in n]
    return pulls[full]


# --- profiles of many shapes ----------------------------------------------------------------------------------------


def profiles() -> dict[str, float]:
    """Largest difference of the profiled -2 ln L for 100 signal shapes of eight classes."""
    with SHAPES.open(encoding="utf-8") as file:
        records = list(csv.DictReader(line for line in file if not line.startswith("#")))
    columns = [c for c in records[0] if c.startswith("f_")]
    f = np.array([[float(r[c]) for c in columns] for r in records])
    theirs = np.array([float(r["profiled_2nll"]) for r in records])
    profiler = Profiler(HistFactory.load(RESULT))
    found = profiler.batch(jnp.asarray(f))
    return {
        "profile_shapes": float(np.abs(np.asarray(found.minus_two_log_likelihood) - theirs).max()),
        "profile_shapes_number": float((np.asarray(found.status) == 0).sum()),
    }


def collected(*parts: Callable[[], dict[str, float]]) -> Callable[[], dict[str, float]]:
    """One compute function of several."""
    return lambda: {key: value for part in parts for key, value in part().items()}
