"""The early universe and detectors: relic densities, N_eff, the CMB, scattering; mostly a dark U(1) of L_mu - L_tau."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np

from darkpenguin import units
from darkpenguin._jax import jax, jnp
from darkpenguin.cosmology import direct_detection as dd
from darkpenguin.cosmology.freeze_out import ACCURATE, FAST, GOOD, annihilation_strength, freeze_out
from darkpenguin.cosmology.late_time import cmb_ratio
from darkpenguin.cosmology.neff import LightBoson, load_plasma, n_eff
from darkpenguin.cosmology.thermal_average import thermal_average
from darkpenguin.cosmology.thermal_bath import load_bath
from darkpenguin.decays import dark_photon
from darkpenguin.decays import lmu_ltau_annihilation as ann
from darkpenguin.decays import lmu_ltau_scalars as scalars
from darkpenguin.decays.dark_higgs import width_leptons
from validation import early_universe_models as models
from validation.early_universe_models import BENCHMARKS, K, benchmark
from validation.table import NUMBERS

Numbers = dict[str, float]
Point = tuple[str, float, float, float, float]
"""Benchmark, m_1, m_X, lambda, and 0 or 1 for a fixed or a running width of H_1."""
TESTS = Path(__file__).parents[1] / "tests"
BATH = "saikawa-shirai-2018"
PER_YIELD = 2.7438e8
"""Omega h^2 over m Y [1/GeV] in the reference; ours is 0.6 % more, with the entropy today of the plasma's table."""
X_CUT, X_CUT_ROW = 1500.0, 3000.0
"""m/T where the reference stops: found for the figures, documented for the single rows."""
CM2, CM3_PER_S = units.from_gev(1.0, "cm^2"), units.from_gev(1.0, "cm^3/s")
ALPHA_0 = 0.007297352573756914


def columns(path: Path) -> dict[str, list[str]]:
    """The columns of a CSV file by name; lines that begin with # are comments."""
    lines = [x.split(",") for x in path.read_text(encoding="utf-8").splitlines() if x and x[0] != "#"]
    return {name: list(column) for name, *column in zip(*lines, strict=True)}


def reference_points() -> ModuleType:
    """tests/physics/relic_reference.py: the points that the tests hold as well."""
    spec = importlib.util.spec_from_file_location("relic_reference", TESTS / "physics" / "relic_reference.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def off(ratio: np.ndarray) -> np.ndarray:
    """|ratio - 1|; every entry has to be finite."""
    return np.abs(np.asarray(ratio) - 1.0)


# --- L_mu - L_tau: widths, annihilation -------------------------------------------------------------------------------


def widths() -> Numbers:
    """Scalar sector at BP1, m_H1 = 2."""
    p = benchmark("BP1", 2.0, 1.0, 1e-3)
    light = benchmark("BP1", 2.0, 0.3, 0.01)
    return {
        "S000-O017": p.v,
        "S000-O018": scalars.quartic_Phi_H(p, K),
        "S000-O019": scalars.cubic_112(p, K),
        "S000-O020": scalars.width_to_Z(p.sin_theta, p.m_2, p.m_Z, p.v),
        "S000-O021": scalars.width_2_to_11(p, K),
        "S000-O024": scalars.width_to_X(light.c, light.m_1, light),
        "S000-O025": scalars.width_to_Z(light.c, light.m_1, light.m_Z, light.v),
        "S000-O026": width_leptons(light.sin_theta, light.m_1, jnp.asarray(K.m_mu), K),
    }


def annihilation() -> Numbers:
    """Cross sections at s = 4.4 and near rest, the thermal average at x = 20."""
    p, s = benchmark("BP1", 0.7, 1.0, 3e-3), jnp.array([4.4])
    D_1, D_2, D_Z = (r.propagator(s) for r in models.resonances(p, 0.0))
    v = 2.0 * ann.velocity(s, p.m_X)
    muons = ann.sigma_ff(s, D_1, D_2, K.m_mu, p, K)
    sigma_v = {
        "S000-O034": ann.sigma_H1H1(s, D_1, D_2, p, K) * v,
        "S000-O035": ann.sigma_ZZ(s, D_1, D_2, p) * v,
        "S000-O036": ann.sigma_ZH1(s, D_Z, p) * v,
        "S000-O037": ann.sigma_nunu(s, D_Z, p) * v,
        "S000-O038": muons * v,
        "muons_through_Z": ann.sigma_ll(s, D_Z, K.m_mu, p) / muons,
    }
    total = jax.jit(lambda p: thermal_average(models.lmu_ltau(p).groups, p.m_X).total(jnp.array([20.0])))
    return {name: value[0].real for name, value in sigma_v.items()} | {
        "S000-O039": ann.s_wave_H1H1(p, K),
        "S000-O040": ann.s_wave_ZZ(p),
        "S000-O041": ann.p_wave_ZH1(p),
        "S000-O042": ann.p_wave_nunu(p),
        "S000-O043": total(p)[0],
    }


# --- L_mu - L_tau: relic density --------------------------------------------------------------------------------------


def relics(points: Sequence[Point]) -> tuple[np.ndarray, np.ndarray]:
    """Omega h^2, and what it is if annihilation stops at x = 1500 with the source's entropy of today; in one program.

    Not a number where the status is not good.
    """
    bath = load_bath(BATH)
    names, *values = zip(*points, strict=True)
    g, m_Z = np.array([BENCHMARKS[name] for name in names]).T

    def one(g: jax.Array, m_Z: jax.Array, m_1: jax.Array, m_X: jax.Array, lam: jax.Array, running: jax.Array):  # type: ignore[no-untyped-def]
        p = benchmark("BP1", m_1, m_X, lam)
        p = p._replace(g=g, m_Z=m_Z, v=scalars.vev(m_Z, g, jnp.array(0.4)))
        sector = models.lmu_ltau(p, running)
        relic = freeze_out(sector, bath)
        x = jnp.geomspace(X_CUT, 3e8, 400)
        sigma_v = thermal_average(sector.groups, m_X).total(x)
        late = annihilation_strength(m_X, bath) * bath.sqrt_gstar(m_X / x) * sigma_v / x
        stopped = 1.0 / (1.0 - relic.Y * jnp.trapezoid(late, jnp.log(x)))
        omega = jnp.where(relic.status == GOOD, relic.omega_h2, jnp.nan)
        return omega, 2.0 * PER_YIELD * m_X * relic.Y * stopped + 0.0 * omega  # keeps not-a-number

    omega, cut = jax.jit(jax.vmap(one))(jnp.asarray(g), jnp.asarray(m_Z), *(jnp.array(v) for v in values))
    return np.asarray(omega), np.asarray(cut)


def lines(name: str) -> list[Point]:
    """Points of one of the tables in numbers/early_universe."""
    c = columns(NUMBERS / "early_universe" / name)
    running = c.get("running", ["0"] * len(c["lambda"]))
    rows = zip(c["benchmark"], c["m_1"], c["m_X"], c["lambda"], running, strict=True)
    return [(bp, float(m_1), float(m_X), float(lam), float(r)) for bp, m_1, m_X, lam, r in rows]


def near(bp: str, m_1: float, m_X: float, low: float, high: float) -> list[Point]:
    """Nine values of lambda around a root of Omega h^2 = 0.12."""
    return [(bp, m_1, m_X, float(lam), 0.0) for lam in np.geomspace(low, high, 9)]


def root(points: Sequence[Point], omega: np.ndarray) -> float:
    """lambda of Omega h^2 = 0.12 by a cubic through ln Omega; not a number unless it lies between the ends."""
    ln, x = np.log(omega / 0.12), np.log([p[3] for p in points])
    if ln[0] * ln[-1] > 0.0:
        return float("nan")
    return float(np.exp(np.polyval(np.polyfit(ln, x, 3), 0.0)))


def relic_rows() -> Numbers:
    """Single points, roots, and the two figures, in one batch."""
    parts = {
        "point": [("BP1", 0.7, 1.0, 3e-4, 0.0)],
        "root": near("BP1", 2.0, 1.5, 1.0e-3, 1.15e-3),
        "upper": near("BP1", 8.0, 0.05, 2.2, 2.6),
        "lines": lines("relic_lines.csv"),
        "high": lines("relic_upper.csv"),
    }
    omega, cut = relics([p for part in parts.values() for p in part])
    ends = np.cumsum([len(part) for part in parts.values()])
    found = dict(zip(parts, np.split(omega, ends[:-1]), strict=True))
    same = dict(zip(parts, np.split(cut, ends[:-1]), strict=True))
    lowest, runs = off(same["lines"] / 0.12), np.array([p[4] == 1.0 for p in parts["high"]])
    high = off(same["high"] / 0.12)
    upper = benchmark("BP1", 8.0, 0.05, root(parts["upper"], found["upper"]))
    return {
        "S000-O046": found["point"][0],
        "S000-O047": root(parts["root"], found["root"]),
        "S000-O062": upper.lam,
        "upper_width": scalars.width_1(upper, K) / upper.m_1,
        "relic_lines_median": np.median(lowest),
        "relic_lines_90": np.quantile(lowest, 0.9),
        "relic_lines_max": lowest.max(),
        "relic_upper_fixed": high[~runs].max(),
        "relic_upper_running_median": np.median(high[runs]),
        "relic_upper_running_max": high[runs].max(),
        "lines_median": np.median(off(found["lines"] / 0.12)),
        "upper_uncut": (found["high"][runs] / 0.12).min(),
    }


def constant_cross_sections() -> Numbers:
    """Omega h^2 of given <sigma v>."""
    sigma_v = units.to_gev(4.4e-26, "cm^3/s")
    flat = models.flat_bath(61.75)
    cases = {
        "S000-O044": (models.constant(sigma_v, 1.0, False), flat),
        "S000-O045": (models.constant(sigma_v, 0.05, False), load_bath(BATH)),
        "S001-O-047": (models.constant(2.2e-9, 1.0, True), load_bath(BATH)),
        "dm_ratio": (models.constant(dirac_to_vectors(), 10.0, False, degrees=2.0), load_bath(BATH)),
    }
    relic = {name: jax.jit(lambda s=s, b=b: freeze_out(s, b))() for name, (s, b) in cases.items()}
    found = {name: float(r.omega_h2) for name, r in relic.items()}
    # the flat plasma has no entropy of today; beyond x = 3000 the row lets nothing annihilate
    beyond = annihilation_strength(jnp.ones(()), flat) * 61.75**0.5 * sigma_v / X_CUT_ROW
    return found | {
        "S000-O044": 2.0 * PER_YIELD / (1.0 / relic["S000-O044"].Y - beyond),
        "dm_sv": dirac_to_vectors() * CM3_PER_S,
        "dm_ratio": found["dm_ratio"] / 0.12,
    }


def dirac_to_vectors(g: float = 0.07, m_X: float = 10.0, m_Z: float = 2.1) -> float:
    """sigma v (X Xbar -> Z' Z') at rest = g^4/(16 pi m_X^2) (1 - r)^(3/2)/(1 - r/2)^2, r = m_Z'^2/m_X^2."""
    r = (m_Z / m_X) ** 2
    return g**4 / (16.0 * np.pi * m_X**2) * (1.0 - r) ** 1.5 / (1.0 - r / 2.0) ** 2


def mckeen() -> Numbers:
    """A light Dirac fermion through a mixed scalar to e+ e-: b of sigma v = b v^2, Omega h^2 by the usual estimate."""
    y, sine, m, m_1, m_2, x_f, g = 1e-4, 1e-3, 0.1, 1.0, 125.2, 20.0, 10.75
    exchange = 1.0 / (4.0 * m**2 - m_1**2) - 1.0 / (4.0 * m**2 - m_2**2)
    top = (y * sine * K.m_e * m * exchange) ** 2 * (1.0 - sine**2) * (1.0 - (K.m_e / m) ** 2) ** 1.5
    b = top / (8.0 * np.pi * K.v_H**2)
    return {"S000-O061": 1.75e-10 * x_f**2 / (3.0 * np.sqrt(g) * b)}


# --- other relic densities --------------------------------------------------------------------------------------------


def solver() -> Numbers:
    """The reference points of the freeze-out, with both settings, and hazma's."""
    reference = reference_points()
    _, parameters, Y = reference.read()
    # where there is no resonance its mass plays no part
    parameters["M"] = jnp.where(parameters["M"] == 0.0, 1.0, parameters["M"])
    found: Numbers = {}
    for name, accuracy in (("accurate", ACCURATE), ("fast", FAST)):
        solve = jax.jit(jax.vmap(lambda p, a=accuracy: freeze_out(reference.sector(p), load_bath(), a).Y))
        error = off(np.asarray(solve(parameters)) / Y)
        found |= {f"freeze_out_{name}_max": error.max(), f"freeze_out_{name}_median": np.median(error)}
    m, M, g, omega_h2 = reference.HAZMA.T
    bath = load_bath("drees-hajkarim-schmitz-2015")
    solve = jax.jit(jax.vmap(lambda *p: freeze_out(reference.vector_to_electrons(*p), bath).Y))
    Y = np.asarray(solve(jnp.asarray(m), jnp.asarray(M), jnp.asarray(g)))
    return found | {"hazma": off(Y / (omega_h2 * reference.HAZMA_YIELD / m)).max()}


def micromegas() -> Numbers:
    """The real singlet with 700 and 470 GeV, la_SH = 0.15."""
    bath = load_bath("drees-hajkarim-schmitz-2015")
    solve = jax.jit(jax.vmap(lambda m: freeze_out(models.singlet(m, 0.15), bath)))
    relic = solve(jnp.array([700.0, 470.0]))
    heavy, light = np.asarray(relic.omega_h2)
    return {"micromegas_exact": heavy, "micromegas_fast": heavy, "micromegas_470": light}


def chiral() -> Numbers:
    """phi phi -> mesons."""
    x, m, B = jnp.array([20.0]), 1.0, 2.52181845
    closed = models.contact_pair("closed", m, 1.05**0.5 * m, 64.0 * np.pi * m**2)
    return {
        "S001-O-065": thermal_average((closed,), jnp.array(m)).total(x)[0],
        "S001-O-066": thermal_average(models.mesons(m, 1e-4, 0.0, B), jnp.array(m)).total(x)[0],
    }


# --- plasma, neutrinos, CMB, detectors --------------------------------------------------------------------------------


def to_electrons(m: np.ndarray, g: float) -> np.ndarray:
    """Gamma(Z' -> e+ e-) with eps = -g/69.286, GeV."""
    charge = g / 69.286 * np.sqrt(4.0 * np.pi * ALPHA_0)
    return np.asarray(dark_photon.width_fermions(charge, 0.0, jnp.asarray(m), K.m_e))


def neutrinos() -> Numbers:
    """The whole grid with both treatments, the Standard Model, a public code."""
    plasma = load_plasma()
    table = {name: np.array(column, float) for name, column in columns(TESTS / "data" / "neff.csv").items()}
    m = table["mZp_MeV"] * 1e-3
    found: Numbers = {"S000-O052": jax.jit(lambda: n_eff(None, plasma).n_eff)()}
    couplings = {"nomix": 0.0, "g5e-4": 5e-4, "g1e-4": 1e-4}
    for kind, apart in (("commonT", False), ("3T", True)):
        solve = jax.jit(jax.vmap(lambda m, w, apart=apart: n_eff(LightBoson(m, w), plasma, apart).n_eff))
        every = solve(jnp.tile(m, 3), jnp.concatenate([to_electrons(m, g) for g in couplings.values()]))
        for name, values in zip(couplings, np.split(np.asarray(every), 3), strict=True):
            found[f"neff_{name}_{kind}"] = np.abs(values - table[f"Neff_{name}_{kind}"]).max()
            at = dict(zip(table["mZp_MeV"], values, strict=True))
            if (name, kind) == ("nomix", "commonT"):
                found["S000-O053"] = at[11.5]
                found |= {f"nudec_{mass:g}": at[mass] for mass in (8.0, 10.0, 11.5, 13.0, 15.0, 20.0)}
            if (name, kind) == ("g5e-4", "commonT"):
                found |= {"S000-O054": at[11.5], "S000-O063": at[20.0]}
    return found


def plasma() -> Numbers:
    """Degrees of freedom, the ratio R."""
    return {
        "S002-O42": dark_photon.r_ratio(jnp.array(0.775)),
        "S002-O43": load_bath("drees-hajkarim-schmitz-2015").h(jnp.array(0.1)),
    }


def detection() -> Numbers:
    """Scattering on nucleons and electrons, the limit of the CMB."""
    p = benchmark("BP1", 2.0, 5.0, 4.45e-3)
    m_N, m_p = jnp.array(0.938919), jnp.array(0.93827209)
    higgs = dd.scalar_on_nucleon(
        p.lam * p.v * p.sin_theta * p.c, 0.30 * m_N / K.v_H, p.m_X, m_N, 1.0 / p.m_1**2 - 1.0 / p.m_2**2
    )
    one, k = jnp.ones(()), K._replace(alpha_em=ALPHA_0)
    charge = scalars.electron_coupling(p.g, k) * k.e
    proton, electron = (dd.vector_on_charge(p.g, charge, one, m, p.m_Z) for m in (m_p, jnp.asarray(K.m_e)))
    sector = models.constant(1.0, 0.05, False)
    limit = 1.0 / cmb_ratio(sector, one[None], jnp.array([0.5]), "planck-2015")
    m_s, m_N = 0.0934, jnp.array(0.9389)
    f_s = 1e-4 * m_N * 0.044 / m_s
    f_dp, f_dn = (1e-4 * m_N * f_T / (m_s / 19.5) for f_T in (0.038, 0.056))
    by_s, by_dp, by_dn = (dd.real_scalar_on_quarks(f, f, one, m_N, 54.0, 131.293) for f in (f_s, f_dp, f_dn))
    return {
        "S000-O048": higgs * CM2,
        "S000-O049": proton * CM2,
        "S000-O050": electron * CM2,
        "S000-O051": limit * CM3_PER_S,
        "S001-O-067": (by_dp / by_s) ** 0.5,
        "S001-O-068": (by_dn / by_s) ** 0.5,
        "S001-O-069": by_s * CM2,
    }


def compute() -> Numbers:
    """All of this file."""
    found = widths() | annihilation() | relic_rows() | constant_cross_sections() | mckeen()
    found |= solver() | micromegas() | chiral() | neutrinos() | plasma() | detection()
    return {name: float(value) for name, value in found.items()}
