"""Write form-factor sets that two public packages distribute as coefficients with a covariance.

    pip install eoshep==1.0.21 flavio==2.7.1
    python tools/tabulate_form_factors.py

reads the packages' data and rewrites, the same on every run, the sets listed in SETS, in data/inputs/form_factors. Each
table states the SHA-256 of what was read: names, centres and covariance as JSON.

- Names become ours: "B->pi::alpha^f+_0@BSZ2015" and "D->pi BSZ a0_f+" are "f+_0".
- The form of arXiv:2102.07233 has products f(0) b_k. Ours is linear: coefficients f(0), f(0) b_k, and their covariance
  to first order in the errors.
- K -> pi is a dispersive representation; its coefficients in the BSZ form are fitted to it over the physical region, at
  the centre and for a small step of each of its parameters.
- Lattice results distributed as values at points of q2: generalised least-squares fit of the BSZ form, as in
  tools/refit_form_factors.py.
- Lambda_b -> Lambda with two terms: centres of the paper; covariance of a generalised least-squares fit of the same
  form to the distributed covariance of 25 values at q2 = 13, 16, 19 GeV^2.
"""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import eos
import flavio
import numpy as np
import scipy.linalg
import yaml

FOLDER = Path(__file__).parents[1] / "src" / "darkpenguin" / "data" / "inputs" / "form_factors"
EOS_DATA = Path(eos.__file__).parents[1] / "_eos_data" / "constraints" / "theoretical"


class Table(NamedTuple):
    """Coefficients with their covariance, and the checksum of what was read."""

    names: tuple[str, ...]
    central: np.ndarray
    covariance: np.ndarray
    sha256: str


class Target(NamedTuple):
    """A set to write; masses of the z map and poles in GeV."""

    folder: str
    transition: str
    name: str
    date: str
    references: tuple[str, ...]
    note: str
    form: str
    m_B: float
    m_M: float
    poles: dict[str, float]
    read: Callable[[], Table]
    q_0: float = 0.0
    eigenvalue_floor: float | None = None


def checksum(names: list[str], central: Any, covariance: Any) -> str:
    """SHA-256 of what a package distributes, as JSON."""
    content = {"names": names, "central": np.asarray(central).tolist(), "covariance": np.asarray(covariance).tolist()}
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


# --- reading --------------------------------------------------------------------------------------------------------


def our_name(name: str) -> str:
    """The name of a coefficient, from that of EOS or flavio; of the form factor itself, "f+", at a point."""
    if found := re.search(r"alpha\^(\S+)_(\d)@BSZ2015", name):
        return f"{found[1]}_{found[2]}"
    if found := re.search(r"(?:BSZ|SSE) a(\d)_(\S+)", name):
        return f"{found[2]}_{found[1]}"
    if found := re.search(r"f_([+T])\(0\)@BCL2008", name):
        return f"f{found[1]}_0"
    if found := re.search(r"b_([+0T])\^(\d)@BCL2008", name):
        return f"f{found[1]}_{found[2]}"
    raise ValueError(name)


def read_eos(file: str, key: str) -> Callable[[], Table]:
    """A multivariate constraint of EOS."""

    def read() -> Table:
        entry = yaml.safe_load((EOS_DATA / file).read_text())[key]
        names, central, covariance = entry["observables"], np.array(entry["means"]), np.array(entry["covariance"])
        covariance = covariance + np.triu(covariance, 1).T if not np.any(np.tril(covariance, -1)) else covariance
        return Table(tuple(map(our_name, names)), central, covariance, checksum(names, central, covariance))

    return read


def read_flavio(prefix: str) -> Callable[[], Table]:
    """All parameters of flavio whose name starts with `prefix`, in blocks that are correlated among themselves."""

    def read() -> Table:
        blocks: dict[int, tuple[Any, list[tuple[int, str]]]] = {}
        for name, (index, block) in flavio.default_parameters._parameters.items():
            if name.startswith(prefix):
                blocks.setdefault(id(block), (block, []))[1].append((index, name))
        members = [(block, [name for _, name in sorted(indexed)]) for block, indexed in blocks.values()]
        names = [name for _, of_block in members for name in of_block]
        central = np.concatenate([block.central_value for block, _ in members])
        covariance = scipy.linalg.block_diag(*[block.covariance for block, _ in members])
        return Table(tuple(map(our_name, names)), central, covariance, checksum(names, central, covariance))

    return read


def linear(read: Callable[[], Table]) -> Callable[[], Table]:
    """f(0) and b_k -> f(0) and f(0) b_k; f_0 shares f(0) with f_+."""

    def transformed() -> Table:
        table = read()
        at = {name: i for i, name in enumerate(table.names)}
        central, jacobian = table.central.copy(), np.eye(len(at))
        for name, i in at.items():
            function, power = name.split("_")
            if power != "0":
                norm = at["fT_0" if function == "fT" else "f+_0"]
                central[i] *= table.central[norm]
                jacobian[i, i], jacobian[i, norm] = table.central[norm], table.central[i]
        return Table(table.names, central, jacobian @ table.covariance @ jacobian.T, table.sha256)

    return transformed


# --- K -> pi --------------------------------------------------------------------------------------------------------

# value and error; H1 symmetrised. f+(0): FLAG 2021. ln C, Lambda_+: arXiv:1602.04113. D, d, k, H1, H2: arXiv:0903.1654,
# tables 1 and 2. fT(0), s_T [GeV^-2]: arXiv:1108.1021
DISPERSIVE = {
    "f+(0)": (0.9698, 0.0017),
    "ln C": (0.1998, 0.0138),
    "Lambda_+": (24.22e-3, 1.16e-3),
    "D": (0.0209, 0.0021),
    "d": (0.0398, 0.0044),
    "k": (0.0045, 0.0004),
    "H1": (1.92e-3, 0.475e-3),
    "H2": (2.63e-4, 0.215e-4),
    "fT(0)": (0.417, 0.015),
    "s_T": (1.10, 0.14),
}
M_K, M_PI = 0.497611, 0.13957039  # GeV
K_POLES = {"f+": 0.8955, "f0": 1.425, "fT": 0.8955}


def dispersive(p: dict[str, float], t: np.ndarray) -> dict[str, np.ndarray]:
    """f_+, f_0 of arXiv:0903.1654, eqs. A.1 and A.3, and arXiv:1005.2323, eqs. 33 and 37; f_T of arXiv:1108.1021."""
    x = t / (M_K - M_PI) ** 2
    G = x * p["D"] + (1 - x) * p["d"] + x * (1 - x) * p["k"]
    H = x * p["H1"] + x**2 * p["H2"]
    return {
        "f+": p["f+(0)"] * np.exp(t / M_PI**2 * (p["Lambda_+"] + H)),
        "f0": p["f+(0)"] * np.exp(t / (M_K**2 - M_PI**2) * (p["ln C"] - G)),
        "fT": p["fT(0)"] / (1 - p["s_T"] * t),
    }


def bsz_powers(t: np.ndarray, m_B: float, m_M: float) -> np.ndarray:
    """[z(t) - z(0)]^k, k = 0, 1, 2."""
    t_plus, t_minus = (m_B + m_M) ** 2, (m_B - m_M) ** 2
    t_0 = t_plus * (1 - np.sqrt(1 - t_minus / t_plus))

    def z(s: Any) -> Any:
        return (np.sqrt(t_plus - s) - np.sqrt(t_plus - t_0)) / (np.sqrt(t_plus - s) + np.sqrt(t_plus - t_0))

    return np.vander(z(t) - z(0.0), 3, increasing=True)


def fit_k_to_pi(p: dict[str, float]) -> np.ndarray:
    """BSZ coefficients of f_+, f_0, f_T by least squares over 0 < t < (m_K - m_pi)^2; f(0) exact."""
    t = np.linspace(0.0, 0.1318, 60)
    values, coefficients = dispersive(p, t), []
    for function in ("f+", "f0", "fT"):
        y = values[function] * (1 - t / K_POLES[function] ** 2)
        powers = bsz_powers(t, M_K, M_PI)
        rest = np.linalg.lstsq(powers[1:, 1:], y[1:] - y[0], rcond=None)[0]
        coefficients += [*([] if function == "f0" else [y[0]]), *rest]
    return np.array(coefficients)


def read_k_to_pi() -> Table:
    """The dispersive representation in the BSZ form; errors of its parameters taken as independent."""
    centre = {name: value for name, (value, _) in DISPERSIVE.items()}
    steps = []
    for name, (value, error) in DISPERSIVE.items():
        up, down = (fit_k_to_pi(centre | {name: value + sign * 0.01 * error}) for sign in (1, -1))
        steps.append((up - down) / 0.02)
    names = ("f+_0", "f+_1", "f+_2", "f0_1", "f0_2", "fT_0", "fT_1", "fT_2")
    J = np.array(steps).T
    numbers = list(DISPERSIVE.values())
    return Table(names, fit_k_to_pi(centre), J @ J.T, checksum(list(DISPERSIVE), numbers, []))


# --- values at points ---


def fit_points(key: str, m_B: float, m_M: float, poles: dict[str, float]) -> Callable[[], Table]:
    """A pseudoscalar's BSZ coefficients from values of EOS at points of q2; f_0(0) = f_+(0)."""

    def read() -> Table:
        entry = yaml.safe_load((EOS_DATA / B_P).read_text())[key]
        functions = [re.search(r"f_(.)", o)[0].replace("_", "") for o in entry["observables"]]  # type: ignore[index]
        q2 = np.array([k["q2"] for k in entry["kinematics"]], dtype=float)
        names = ("f+_0", "f+_1", "f+_2", "f0_1", "f0_2", "fT_0", "fT_1", "fT_2")
        A = np.zeros((len(q2), 8))
        for i, (f, powers) in enumerate(zip(functions, bsz_powers(q2, m_B, m_M), strict=True)):
            for k in range(3):
                A[i, names.index("f+_0" if f"{f}_{k}" == "f0_0" else f"{f}_{k}")] = powers[k] / (
                    1 - q2[i] / poles[f] ** 2
                )
        if "covariance" not in entry:  # symmetric errors and their correlations
            entry["covariance"] = np.array(entry["correlations"]) * np.outer(*[entry["sigma-stat-hi"]] * 2)
        whiten = np.linalg.inv(np.linalg.cholesky(np.array(entry["covariance"])))
        y, A = whiten @ np.array(entry["means"]), whiten @ A
        covariance = np.linalg.inv(A.T @ A)
        central = covariance @ A.T @ y
        print(f"{key}: chi2 = {np.sum((y - A @ central) ** 2):.4g} for {len(y) - 8} degrees of freedom")
        return Table(names, central, covariance, checksum(entry["observables"], entry["means"], entry["covariance"]))

    return read


# --- Lambda_b -> Lambda ---------------------------------------------------------------------------------------------

LB_POLES = {
    "fVt": 5.711,
    "fVperp": 5.416,
    "fV0": 5.416,
    "fAt": 5.367,
    "fAperp": 5.75,
    "fA0": 5.75,
    "fTperp": 5.416,
    "fT0": 5.416,
    "fT5perp": 5.75,
    "fT50": 5.75,
}
# arXiv:1602.01399, nominal fit: a_0, a_1
NOMINAL = {
    "fVt": (0.3725, -0.9389),
    "fVperp": (0.5182, -1.3495),
    "fV0": (0.4221, -1.1386),
    "fAt": (0.4028, -1.0290),
    "fAperp": (0.3563, -1.1357),
    "fA0": (0.3563, -1.0612),
    "fTperp": (0.3876, -0.9623),
    "fT0": (0.4960, -1.1275),
    "fT5perp": (0.3403, -0.8008),
    "fT50": (0.3403, -0.7697),
}
LB_MAP = (5.27934, 0.493677, 4.503917)  # m_B, m_K, sqrt(t_0), GeV
EOS_LB = {"time": "t", "long": "0", "perp": "perp"}


def lambda_b_design(functions: list[str], q2: np.ndarray, names: list[str]) -> np.ndarray:
    """The two-term form, one column per coefficient; the two axial and the two T5 functions meet at t_0."""
    m_B, m_K, q_0 = LB_MAP
    u, v = np.sqrt((m_B + m_K) ** 2 - q2), np.sqrt((m_B + m_K) ** 2 - q_0**2)
    z = (u - v) / (u + v)
    A = np.zeros((len(q2), len(names)))
    same = {"fAperp_0": "fA0_0", "fT5perp_0": "fT50_0"}
    for i, f in enumerate(functions):
        for k in (0, 1):
            name = same.get(f"{f}_{k}", f"{f}_{k}")
            A[i, names.index(name)] = z[i] ** k / (1 - q2[i] / LB_POLES[f] ** 2)
    return A


def read_lambda_b() -> Table:
    """Nominal centres; covariance of the fit without priors."""
    key = "Lambda_b->Lambda::f_time+long+perp^V+A+T+T5[nominal,no-prior]@DM:2016A"
    entry = yaml.safe_load((EOS_DATA / "Lb-to-Lq-form-factors.yaml").read_text())[key]
    labels = [re.search(r"f_(\w+)\^(\w+)\(q2\)", o) for o in entry["observables"]]
    functions = [f"f{m[2]}{EOS_LB[m[1]]}" for m in labels if m is not None]
    q2 = np.array([k["q2"] for k in entry["kinematics"]], dtype=float)
    covariance = np.array(entry["covariance"])
    names = [f"{f}_{k}" for f in NOMINAL for k in (0, 1) if f"{f}_{k}" not in ("fAperp_0", "fT5perp_0")]
    whiten = np.linalg.inv(np.linalg.cholesky(covariance))
    A = whiten @ lambda_b_design(functions, q2, names)
    central = np.array([NOMINAL[n[:-2]][int(n[-1])] for n in names])
    digest = checksum(entry["observables"], entry["means"], covariance)
    return Table(tuple(names), central, np.linalg.inv(A.T @ A), digest)


# --- the sets -------------------------------------------------------------------------------------------------------


def vector_poles(m_0: float, m_1: float, m_1p: float) -> dict[str, float]:
    """Poles of A0; V, T1; A1, A12, T2, T23."""
    return {"V": m_1, "A0": m_0, "A1": m_1p, "A12": m_1p, "T1": m_1, "T2": m_1p, "T23": m_1p}


def scalar_poles(m_1: float, m_0p: float) -> dict[str, float]:
    """Poles of f_+, f_T; f_0."""
    return {"f+": m_1, "f0": m_0p, "fT": m_1}


GKVD, GVDV, BSZ15, DM16 = "Gubernari:2018wyi", "Gubernari:2020eft", "Bharucha:2015bzk", "Detmold:2016pkz"
LCSR = "B-meson light-cone sum rules alone, without lattice QCD: for comparison, not for large q2."
EOS_BSZ = "BSZ constants of EOS."
B_P, B_V, BS_P, BS_V = (f"{x}-form-factors.yaml" for x in ("B-to-P", "B-to-V", "Bs-to-P", "Bs-to-V"))
ANCILLARY = str(Path(flavio.__file__).parent / "physics/data/arXiv-2305-06301v1/BSZ-parameters-N2.yaml")
B_K, B_PI, BS_K = scalar_poles(5.415, 5.630), scalar_poles(5.325, 5.540), scalar_poles(5.325, 5.540)
B_KST, B_RHO = vector_poles(5.366, 5.415, 5.829), vector_poles(5.279, 5.324, 5.716)
B_RHO_EOS = vector_poles(5.279, 5.325, 5.724)

SETS = (
    Target(
        "b_to_pi", "B->pi", "lmvd-2021", "2021-02-14", ("Leljak:2021vte",),
        "Light-cone sum rules combined with lattice QCD. Published as f(0) and b_k; here f(0) and f(0) b_k, "
        "covariance to first order in the errors. Poles and masses of the paper.",
        "BCL", 5.279, 0.135, B_PI,
        linear(read_eos(B_P, "B->pi::FormFactors[parametric,LCSR+LQCD]@LMvD:2021A")),
    ),
    Target(
        "b_to_pi", "B->pi", "gkvd-2018", "2018-11-05", (GKVD,),
        f"B-meson light-cone sum rules combined with lattice QCD. {EOS_BSZ}",
        "BSZ", 5.279, 0.135, B_PI, read_eos(B_P, "B->pi::FormFactors[parametric,LCSRLattice]@GKvD:2018A"),
    ),
    Target(
        "b_to_pi", "B->pi", "gkvd-2018-lcsr", "2018-11-05", (GKVD,), f"{LCSR} {EOS_BSZ}",
        "BSZ", 5.279, 0.135, B_PI, read_eos(B_P, "B->pi::FormFactors[parametric,LCSR]@GKvD:2018A"),
    ),
    Target(
        "b_to_k", "B->K", "gkvd-2018-lcsr", "2018-11-05", (GKVD,), f"{LCSR} {EOS_BSZ}",
        "BSZ", 5.279, 0.492, B_K, read_eos(B_P, "B->K::FormFactors[parametric,LCSR]@GKvD:2018A"),
    ),
    Target(
        "b_to_kstar", "B->K*", "gkvd-2018-lcsr", "2018-11-05", (GKVD,), f"{LCSR} {EOS_BSZ}",
        "BSZ", 5.279, 0.896, B_KST, read_eos(B_V, "B->K^*::FormFactors[parametric,LCSR]@GKvD:2018A"),
    ),
    Target(
        "b_to_k", "B->K", "fnal-milc-2015", "2015-09-21", ("Bailey:2015dka",),
        "Lattice QCD, N_f = 2+1: the nine distributed points, fitted by us in the BSZ form with three terms; chi2 = "
        "0.007 for one degree of freedom. BSZ constants of EOS.",
        "BSZ", 5.279, 0.492, B_K, fit_points("B->K::f_0+f_++f_T@FNAL+MILC:2015D", 5.279, 0.492, B_K),
    ),
    Target(
        "b_to_k", "B->K", "hpqcd-2013", "2013-06-10", ("Bouchard:2013pna",),
        "Lattice QCD, N_f = 2+1, superseded by hpqcd-2022: the nine distributed points, fitted by us in the BSZ form "
        "with three terms; chi2 = 0.09 for one degree of freedom. BSZ constants of EOS.",
        "BSZ", 5.279, 0.492, B_K, fit_points("B->K::f_0+f_++f_T@HPQCD:2013A", 5.279, 0.492, B_K),
    ),
    Target(
        "b_to_pi", "B->pi", "fnal-milc-2015", "2015-07-06", ("Bailey:2015nbd",),
        "Lattice QCD, N_f = 2+1: the eleven distributed points, fitted by us in the BSZ form with three terms; chi2 = "
        "1.6 for three degrees of freedom. Lattice alone: an extrapolation at small q2. BSZ constants of EOS.",
        "BSZ", 5.279, 0.135, B_PI, fit_points("B->pi::f_++f_0+f_T@FNAL+MILC:2015C", 5.279, 0.135, B_PI),
    ),
    Target(
        "b_to_rho", "B->rho", "bsz-2015", "2016-08-01", (BSZ15,),
        "Light-cone sum rules, version 2 of the paper. Poles 0-: 5.279, 1-: 5.324, 1+: 5.716 GeV; z map with m_B0 "
        "and m_rho0.",
        "BSZ", 5.27966, 0.77526, B_RHO, read_flavio("B->rho BSZ"),
    ),
    Target(
        "b_to_rho", "B->rho", "gkvd-2018-lcsr", "2018-11-05", (GKVD,), f"{LCSR} {EOS_BSZ}",
        "BSZ", 5.279, 0.7751, B_RHO_EOS, read_eos(B_V, "B->rho::FormFactors[parametric,LCSR]@GKvD:2018A"),
    ),
    Target(
        "bs_to_phi", "Bs->phi", "gvdv-2020", "2020-11-19", (GVDV,),
        f"B-meson light-cone sum rules combined with lattice QCD. {EOS_BSZ}",
        "BSZ", 5.366, 1.020, B_KST, read_eos(BS_V, "B_s->phi::FormFactors[parametric,LCSRLattice]@GvDV:2020A"),
    ),
    Target(
        "bs_to_phi", "Bs->phi", "gvdv-2020-lcsr", "2020-11-19", (GVDV,), f"{LCSR} {EOS_BSZ}",
        "BSZ", 5.366, 1.020, B_KST, read_eos(BS_V, "B_s->phi::FormFactors[parametric,LCSR]@GvDV:2020A"),
    ),
    Target(
        "bs_to_phi", "Bs->phi", "grvdv-2023", "2023-05-10", ("Gubernari:2023puw",),
        "Dispersive analysis of lattice QCD and light-cone sum rules, given as coefficients of the BSZ form with three "
        "terms; ancillary data of the paper as distributed with flavio 2.7.1. BSZ constants of EOS.",
        "BSZ", 5.366, 1.020, B_KST, read_eos(ANCILLARY, "B_s->phi::FormFactors[parametric,BSZ]@GRvDV:2023A"),
    ),
    Target(
        "bs_to_k", "Bs->K", "gvdv-2020", "2020-11-19", (GVDV,),
        f"B-meson light-cone sum rules combined with lattice QCD. {EOS_BSZ}",
        "BSZ", 5.366, 0.492, BS_K, read_eos(BS_P, "B_s->K::FormFactors[parametric,LCSRLattice]@GvDV:2020A"),
    ),
    Target(
        "bs_to_k", "Bs->K", "gvdv-2020-lcsr", "2020-11-19", (GVDV,), f"{LCSR} {EOS_BSZ}",
        "BSZ", 5.366, 0.492, BS_K, read_eos(BS_P, "B_s->K::FormFactors[parametric,LCSR]@GvDV:2020A"),
    ),
    Target(
        "d_to_pi", "D->pi", "etm-2017", "2017-06-09", ("Lubicz:2017syv", "Lubicz:2018rfs"),
        "Lattice QCD, N_f = 2+1+1; f_T from the second reference, uncorrelated with the others. In the BSZ form "
        "as distributed with flavio 2.7.1. Poles 1-: 2.007, 0+: 2.318 GeV; z map with m_D0 and m_pi+. Later "
        "lattice results: f_+(0) = 0.63.",
        "BSZ", 1.86484, 0.13957039, scalar_poles(2.007, 2.318), read_flavio("D->pi BSZ"),
    ),
    Target(
        "lambdab_to_lambda", "Lambda_b->Lambda", "detmold-meinel-2016", "2016-02-03", (DM16,),
        "Lattice QCD, nominal two-parameter fit of the paper. Covariance: that of the nominal form without "
        "priors, fitted here to the distributed covariance of form factors at q2 = 13, 16, 19 GeV^2. Statistical "
        "only: the difference to the paper's fit of higher order, which raises the Standard Model rate by about "
        "10 %, is not in it. Names: fVt, fVperp, fV0 are f_0, f_perp, f_+ of the paper, fAt, fAperp, fA0 are g_0, "
        "g_perp, g_+, fTperp, fT0 are h_perp, h_+, and fT5perp, fT50 those with a tilde.",
        "DM", LB_MAP[0], LB_MAP[1], LB_POLES, read_lambda_b, q_0=LB_MAP[2],
    ),
    Target(
        "lambdab_to_lambda", "Lambda_b->Lambda", "detmold-meinel-2016-higher-order", "2016-02-03", (DM16,),
        "Lattice QCD, the three-parameter fit of the paper, from which it takes systematic errors; as distributed "
        "with flavio 2.7.1. (The evaluation there drops the last term of each function and is lower.) Names as in "
        "detmold-meinel-2016.",
        "DM3", LB_MAP[0], LB_MAP[1], LB_POLES, read_flavio("Lambdab->Lambda SSE"), q_0=LB_MAP[2],
    ),
    Target(
        "k_to_pi", "K->pi", "dispersive-2016", "2016-02-12",
        ("FlavourLatticeAveragingGroupFLAG:2021npn", "Carrasco:2016kpy", "Bernard:2009zm", "Baum:2011rm"),
        "f_+(0) of FLAG 2021; shapes of f_+ and f_0 in the dispersive representation, with ln C and Lambda_+ from "
        "lattice QCD; f_T: lattice QCD, N_f = 2. Fitted by us in the BSZ form over 0 < q2 < 0.1318 GeV^2, where "
        "it follows them to 1e-5. The representation has fewer parameters than f_T has terms: eigenvalues of the "
        "correlation below 1e-6 are raised to it. Poles K*(892) and K0*(1430); z map with m_K0 and m_pi+.",
        "BSZ", M_K, M_PI, K_POLES, read_k_to_pi, eigenvalue_floor=1e-6,
    ),
)  # fmt: skip


def write(target: Target) -> None:
    """One set: covariance table and TOML file."""
    table, folder = target.read(), FOLDER / target.folder
    folder.mkdir(exist_ok=True)
    sigma = np.sqrt(np.diag(table.covariance))
    smallest = np.linalg.eigvalsh(table.covariance / np.outer(sigma, sigma))[0]
    lines = [
        f"# Covariance of the coefficients in {target.name}.toml, same order; dimensionless.",
        "# Written by tools/tabulate_form_factors.py: data of eoshep 1.0.21 or flavio 2.7.1, or its own numbers.",
        f"# SHA-256 of names, centres and covariance read, as JSON: {table.sha256}",
        ",".join(table.names),
        *(",".join(f"{x:.12g}" for x in row) for row in table.covariance),
    ]
    path = folder / f"{target.name}.csv"
    path.write_text("\n".join(lines) + "\n")
    floor = "" if target.eigenvalue_floor is None else f"eigenvalue_floor = {target.eigenvalue_floor:g}\n"
    remark = "no regularisation applied" if target.eigenvalue_floor is None else "raised to the floor"
    q_0 = f"q_0 = {target.q_0} # GeV, z map: t_0 = q_0^2 with q_0 = m_Lambda_b - m_Lambda\n" if target.q_0 else ""
    poles = "\n".join(f'"{f}" = {m}' for f, m in target.poles.items())
    (folder / f"{target.name}.toml").write_text(
        f'''# Written by tools/tabulate_form_factors.py; do not edit.
name = "{target.name}"
transition = "{target.transition}"
date = {target.date}
references = [{", ".join(f'"{r}"' for r in target.references)}]
note = """
{textwrap.fill(target.note, 120)}
"""

[series]
form = "{target.form}"
m_B = {target.m_B} # GeV, z map
m_M = {target.m_M} # GeV, z map
{q_0}[series.poles] # GeV
{poles}

[coefficients] # dimensionless
names = [{", ".join(f'"{n}"' for n in table.names)}]
central = [{", ".join(f"{x:.12g}" for x in table.central)}]
# square roots of the diagonal, for the reader: {", ".join(f"{x:.4g}" for x in sigma)}

[covariance]
file = "{target.name}.csv"
kind = "covariance"
{floor}# smallest eigenvalue of the correlation matrix: {smallest:.3g}; {remark}
sha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}"
'''
    )
    print(f"{target.folder}/{target.name}: {len(table.names)} coefficients, smallest eigenvalue {smallest:.3g}")


if __name__ == "__main__":
    for one in SETS:
        write(one)
