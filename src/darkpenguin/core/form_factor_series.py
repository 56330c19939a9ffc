"""Published form-factor parametrisations as one linear container.

Every form in use is a pole times a polynomial in z, linear in its coefficients a_i:

    F(q2) = 1 / (1 - q2 / m_R^2) * sum_p [z(q2) - z_0]^p * sum_i W_pi a_i,
    z(q2) = [sqrt(t_+ - q2) - sqrt(t_+ - t_0)] / [sqrt(t_+ - q2) + sqrt(t_+ - t_0)],   t_+ = (m_B + m_M)^2.

W holds the prefactor, the basis and the end-point relations of the form, so that only the small product W a depends on
the coefficients, and everything that depends on q2 is shared by all of them.

- "BSZ" [Bharucha:2015bzk, eq. 15]: powers of z - z(0), t_0 = t_+ (1 - sqrt(1 - t_-/t_+)), t_- = (m_B - m_M)^2.
- "HPQCD" [Parrott:2022rgu]: t_0 = 0, one factor L for all functions, f_+ and f_T in z^n - (n/N)(-1)^(n-N) z^N with
  N = 3, f_0 in z^n.
- "DM", "DM3" [Detmold:2016pkz]: two or three terms in z^n, t_+ = (m_B + m_K)^2, t_0 = (m_Lambda_b - m_Lambda)^2.
- "BCL" [Leljak:2021vte]: t_0 as for BSZ, f(0) and powers of z^n - z(0)^n. f_+ and f_T: n = 1 to 3, each with the
  multiple of z^4 - z(0)^4 that removes the wrong threshold behaviour; f_0: n = 1 to 4.

End-point relations [Bharucha:2015bzk, eq. 17]: f_0(0) = f_+(0), T_2(0) = T_1(0),
A_12(0) = A_0(0) (m_B^2 - m_V^2) / (8 m_B m_V). Baryon: f_perp^A(t_0) = f_0^A(t_0), f_perp^T5(t_0) = f_0^T5(t_0)
[Detmold:2016pkz].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from darkpenguin._jax import jnp

PSEUDOSCALAR = ("f+", "f0", "fT")
VECTOR = ("V", "A0", "A1", "A12", "T1", "T2", "T23")
BARYON = ("fVt", "fVperp", "fV0", "fAt", "fAperp", "fA0", "fTperp", "fT0", "fT5perp", "fT50")
FUNCTIONS = {
    "B->K": PSEUDOSCALAR,
    "B->K*": VECTOR,
    "Bs->phi": VECTOR,
    "Lambda_b->Lambda": BARYON,
    "B->pi": PSEUDOSCALAR,
    "B->rho": VECTOR,
    "Bs->K": PSEUDOSCALAR,
    "K->pi": PSEUDOSCALAR,
    "D->pi": PSEUDOSCALAR,
}


class FormFactors(eqx.Module):
    """The form factors of one transition: coefficients, and the parametrisation that they belong to.

    coefficients [n_coefficient] : the free coefficients, in the order of `names`; dimensionless.
    weights [n_function, n_power, n_coefficient] : W above, one slice per function.
    poles [n_function] : m_R, GeV.  t_plus, t_0 : GeV^2.  z_0 : the point about which the powers are taken.
    """

    coefficients: Float[Array, " n_coefficient"]
    weights: Float[Array, "n_function n_power n_coefficient"]
    poles: Float[Array, " n_function"]
    t_plus: Float[Array, ""]
    t_0: Float[Array, ""]
    z_0: Float[Array, ""]
    transition: str = eqx.field(static=True)
    functions: tuple[str, ...] = eqx.field(static=True)
    names: tuple[str, ...] = eqx.field(static=True)


class Series(NamedTuple):
    """One parametrisation as its file states it: form, the two masses of the z map, poles, prefactor; masses in GeV.

    q_0 : sqrt(t_0) where the form does not fix it by the two masses.
    """

    form: str
    m_B: float
    m_M: float
    poles: Mapping[str, float]
    prefactor: float = 1.0
    q_0: float = 0.0


def functions_of(transition: str) -> tuple[str, ...]:
    """The form factors of a transition; those of a pseudoscalar if it is not listed."""
    return FUNCTIONS.get(transition, PSEUDOSCALAR)


def n_term(form: str, function: str) -> int:
    """Number of terms of a function in a form, end-point relations aside."""
    if form == "BCL":
        return 5 if function == "f0" else 4
    return 2 if form == "DM" else 3


def form_factors(transition: str, series: Series, names: tuple[str, ...], coefficients: np.ndarray) -> FormFactors:
    """Bind coefficients, named "f+_0", "f+_1", ..., to their parametrisation. `series.form` is a key of FORMS."""
    functions = functions_of(transition)
    t_plus, t_0, z_0, basis = FORMS[series.form](series)
    weights = np.stack([basis(f).T @ _coefficient_map(f, names, series, n_term(series.form, f)) for f in functions])
    return FormFactors(
        coefficients=jnp.asarray(coefficients, dtype=jnp.float64),
        weights=jnp.asarray(series.prefactor * weights),
        poles=jnp.asarray([series.poles[f] for f in functions], dtype=jnp.float64),
        t_plus=jnp.asarray(t_plus),
        t_0=jnp.asarray(t_0),
        z_0=jnp.asarray(z_0),
        transition=transition,
        functions=functions,
        names=names,
    )


def free_coefficients(transition: str, form: str) -> tuple[str, ...]:
    """The coefficient names that a set must give: all "F_k", k < n_term, that no end-point relation fixes."""
    every = [f"{f}_{k}" for f in functions_of(transition) for k in range(n_term(form, f))]
    return tuple(name for name in every if name not in ENDPOINTS)


# the coefficient that an end-point relation fixes: the free one it follows, and the factor between them
ENDPOINTS: dict[str, tuple[str, Callable[[Series], float]]] = {
    "f0_0": ("f+_0", lambda series: 1.0),
    "T2_0": ("T1_0", lambda series: 1.0),
    "A12_0": ("A0_0", lambda series: (series.m_B**2 - series.m_M**2) / (8.0 * series.m_B * series.m_M)),
    "fAperp_0": ("fA0_0", lambda series: 1.0),
    "fT5perp_0": ("fT50_0", lambda series: 1.0),
}


def _coefficient_map(function: str, names: tuple[str, ...], series: Series, n: int) -> np.ndarray:
    """[n, n_coefficient]: a_k, k < n, of one function from the free coefficients."""
    rows = np.zeros((n, len(names)))
    for k in range(n):
        source, factor = ENDPOINTS.get(f"{function}_{k}", (f"{function}_{k}", lambda series: 1.0))
        rows[k, names.index(source)] = factor(series)
    return rows


Form = tuple[float, float, float, Callable[[str], np.ndarray]]


def _bsz(series: Series) -> Form:
    t_plus, t_minus = (series.m_B + series.m_M) ** 2, (series.m_B - series.m_M) ** 2
    t_0 = t_plus * (1.0 - np.sqrt(1.0 - t_minus / t_plus))
    root, root_0 = np.sqrt(t_plus), np.sqrt(t_plus - t_0)
    return t_plus, t_0, (root - root_0) / (root + root_0), lambda function: np.eye(3)


def _hpqcd(series: Series) -> Form:
    t_plus = (series.m_B + series.m_M) ** 2
    n = np.arange(3)
    plain = np.eye(3, 4)
    # the z^3 term removes the p-wave current's wrong threshold behaviour from f_+ and f_T
    corrected = plain - np.outer(n / 3.0 * (-1.0) ** (n - 3), np.eye(4)[3])
    return t_plus, 0.0, 0.0, lambda function: plain if function == "f0" else corrected


def _dm(series: Series) -> Form:
    n = n_term(series.form, "fV0")
    return (series.m_B + series.m_M) ** 2, series.q_0**2, 0.0, lambda function: np.eye(n)


def _bcl(series: Series) -> Form:
    t_plus, t_0, at_zero, _ = _bsz(series)
    n = np.arange(5)
    plain = np.eye(5)
    plain[1:, 0] = -(at_zero ** n[1:])
    # the z^4 term removes the p-wave current's wrong threshold behaviour from f_+ and f_T
    corrected = plain[:4] - np.outer(n[:4] / 4.0 * (-1.0) ** (n[:4] - 4), plain[4])
    return t_plus, t_0, 0.0, lambda function: plain if function == "f0" else corrected


FORMS: dict[str, Callable[[Series], Form]] = {"BSZ": _bsz, "HPQCD": _hpqcd, "DM": _dm, "DM3": _dm, "BCL": _bcl}
