"""Refit the B -> K form-factor sets that are published as values at points of q2.

    python tools/refit_form_factors.py

reads data/inputs/form_factors/points/*.csv and rewrites, the same on every run, in data/inputs/form_factors/b_to_k:

    hpqcd-2022.csv                covariance in HPQCD's own form (the centres come from the publication)
    hpqcd-2022-bsz                the HPQCD points in the BSZ form
    flag-2021                     the FLAG points in the BSZ form
    belle2-average                both sets of points in the BSZ form
    belle2-average-published.csv  correlation of belle2-average, for the printed centres and errors of the same fit

Every form is linear in its coefficients a, so with design matrix A, values y and covariance C of the points the fit is
generalised least squares: V = (A^T C^-1 A)^-1, a = V A^T C^-1 y, chi2 = (y - A a)^T C^-1 (y - A a).
"""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import NamedTuple

import equinox as eqx
import numpy as np
import scipy.linalg

import darkpenguin
from darkpenguin._jax import jnp
from darkpenguin.core.form_factor_series import Series, form_factors, free_coefficients
from darkpenguin.flavour.form_factors import series as evaluate

FOLDER = Path(darkpenguin.__file__).parent / "data" / "inputs" / "form_factors"
NAMES = free_coefficients("B->K", "BSZ")

# the constants of the BSZ form in EOS 1.0.21, with which the published average was made; GeV
BSZ = Series("BSZ", 5.279, 0.492, {"f+": 5.415, "f0": 5.630, "fT": 5.415})
HPQCD = Series(
    "HPQCD",
    5.279495108051249,
    0.495644,
    {"f+": 5.415766151925566, "f0": 5.729495108051249, "fT": 5.415766151925566},
    1.3036556717286227,
)

PARROTT, FLAG = "Parrott:2022rgu", "FlavourLatticeAveragingGroupFLAG:2021npn"


class Points(NamedTuple):
    """Values of form factors at q2 [GeV^2] with their covariance [n, n]."""

    function: tuple[str, ...]
    q2: np.ndarray
    value: np.ndarray
    covariance: np.ndarray


class Fit(NamedTuple):
    """Coefficients in the order of NAMES."""

    central: np.ndarray
    covariance: np.ndarray
    chi2: float
    n_dof: int


def read_points(name: str, folder: Path = FOLDER) -> Points:
    """One table of points/*.csv."""
    lines = [line for line in (folder / "points" / f"{name}.csv").read_text().splitlines() if not line.startswith("#")]
    _, *rows = csv.reader(lines)
    numbers = np.array([row[1:] for row in rows], dtype=float)
    return Points(tuple(row[0] for row in rows), numbers[:, 0], numbers[:, 1], numbers[:, 2:])


def combine(*sets: Points) -> Points:
    """Independent sets of points as one."""
    return Points(
        tuple(f for s in sets for f in s.function),
        np.concatenate([s.q2 for s in sets]),
        np.concatenate([s.value for s in sets]),
        scipy.linalg.block_diag(*[s.covariance for s in sets]),
    )


def design(points: Points, scheme: Series) -> np.ndarray:
    """A [n_point, n_coefficient]: the form factor of each point for each coefficient set to 1 and the others to 0."""
    ff = form_factors("B->K", scheme, NAMES, np.zeros(len(NAMES)))
    columns = []
    for unit in np.eye(len(NAMES)):
        values = np.asarray(
            evaluate(eqx.tree_at(lambda f: f.coefficients, ff, jnp.asarray(unit)), jnp.asarray(points.q2))
        )
        columns.append([values[ff.functions.index(f), i] for i, f in enumerate(points.function)])
    return np.array(columns).T


def least_squares(points: Points, scheme: Series) -> Fit:
    """Generalised least squares with the full covariance of the points."""
    whiten = np.linalg.inv(np.linalg.cholesky(points.covariance))
    A, y = whiten @ design(points, scheme), whiten @ points.value
    q, r = np.linalg.qr(A)
    central = scipy.linalg.solve_triangular(r, q.T @ y)
    inverse = scipy.linalg.solve_triangular(r, np.eye(len(NAMES)))
    residual = y - A @ central
    return Fit(central, inverse @ inverse.T, float(residual @ residual), len(y) - len(NAMES))


def write_matrix(path: Path, matrix: np.ndarray, header: str) -> str:
    """Write a covariance or correlation table; returns its SHA-256."""
    rows = [",".join(f"{x:.9e}" for x in row) for row in matrix]
    path.write_text("\n".join([f"# {header}", ",".join(NAMES), *rows]) + "\n")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_set(name: str, fit: Fit, references: tuple[str, ...], date: str, what: str, folder: Path) -> None:
    """Write one fitted set, TOML and CSV."""
    sha256 = write_matrix(
        folder / f"{name}.csv", fit.covariance, f"Covariance of {name}.toml, written by tools/refit_form_factors.py."
    )
    quality = (
        f"chi2 = {fit.chi2:.3f} for {fit.n_dof} degrees of freedom"
        if fit.n_dof
        else "as many points as coefficients, chi2 = 0"
    )
    errors = np.sqrt(np.diag(fit.covariance))
    smallest = np.linalg.eigvalsh(correlation(fit.covariance))[0]
    poles = "\n".join(f'"{f}" = {m}' for f, m in BSZ.poles.items())
    (folder / f"{name}.toml").write_text(
        f"""# Written by tools/refit_form_factors.py; do not edit.
name = "{name}"
transition = "B->K"
date = {date}
references = [{", ".join(f'"{r}"' for r in references)}]
note = \"\"\"
{what}, fitted by us in the BSZ form with three terms; {quality}.
Poles 1-: 5.415, 0+: 5.630 GeV; z map with m_B = 5.279 GeV and m_K = 0.492 GeV, the BSZ constants of EOS.
\"\"\"

[series]
form = "BSZ"
m_B = {BSZ.m_B} # GeV, z map
m_M = {BSZ.m_M} # GeV, z map
[series.poles] # GeV
{poles}

[coefficients] # dimensionless
names = [{", ".join(f'"{n}"' for n in NAMES)}]
central = [{", ".join(f"{x:.9e}" for x in fit.central)}]
# square roots of the diagonal, for the reader: {", ".join(f"{x:.4g}" for x in errors)}

[covariance]
file = "{name}.csv"
kind = "covariance"
digits = 6 # of the points fitted
# smallest eigenvalue of the correlation matrix: {smallest:.3g}; no regularisation applied
sha256 = "{sha256}"
"""
    )


def correlation(covariance: np.ndarray) -> np.ndarray:
    """Correlation matrix of a covariance."""
    sigma = np.sqrt(np.diag(covariance))
    return covariance / np.outer(sigma, sigma)


def main(folder: Path = FOLDER) -> None:
    """Rewrite all sets below `folder`, in the layout of data/inputs/form_factors."""
    hpqcd, flag = read_points("hpqcd-2022", folder), read_points("flag-2021", folder)
    out = folder / "b_to_k"
    native = least_squares(hpqcd, HPQCD)
    print(
        "hpqcd-2022.csv              ",
        write_matrix(
            out / "hpqcd-2022.csv",
            native.covariance,
            "Covariance of hpqcd-2022.toml, from the points; written by tools/refit_form_factors.py.",
        ),
    )
    write_set(
        "hpqcd-2022-bsz", least_squares(hpqcd, BSZ), (PARROTT,), "2022-07-25", "The eight points of HPQCD 2022", out
    )
    write_set(
        "flag-2021", least_squares(flag, BSZ), (FLAG,), "2021-11-17", "The eight points of the FLAG Review 2021", out
    )
    both = least_squares(combine(flag, hpqcd), BSZ)
    write_set(
        "belle2-average",
        both,
        (PARROTT, FLAG, "Belle-II:2025lfq"),
        "2025-07-16",
        "The eight points of HPQCD 2022 and the eight of the FLAG Review 2021, the combination chosen by Belle II",
        out,
    )
    print(
        "belle2-average-published.csv",
        write_matrix(
            out / "belle2-average-published.csv",
            correlation(both.covariance),
            "Correlation of belle2-average, for belle2-average-published.toml; written by tools/refit_form_factors.py.",
        ),
    )


if __name__ == "__main__":
    main()
