"""Lambda_b -> Lambda with every current, from explicit spinors: rates and interferences of all operators at once."""

from __future__ import annotations

import explicit_amplitudes as explicit
import numpy as np
import pytest

from darkpenguin._jax import jnp
from darkpenguin.core.types import contract
from darkpenguin.flavour.form_factors import LambdabToLambda
from darkpenguin.flavour.hadrons import Hadron, Masses, baryon_hadron
from darkpenguin.flavour.spectral import FermionPair

M, m, MB, MS = 5.6196, 1.115683, 4.18, 0.08
ONE, FIVE = np.eye(4), explicit.GAMMA5


def sandwich(structure: np.ndarray, q2: float) -> np.ndarray:
    """ubar(k) Gamma u(p) for the four spin states, [4, ...]."""
    p, k = explicit.kinematics(M, m, q2)
    bar = explicit.spinors(k, m)[0].conj() @ explicit.GAMMA[0]
    found = np.einsum("si,...ij,tj->st...", bar, structure, explicit.spinors(p, M)[0])
    return found.reshape(4, *found.shape[2:])


def matrix_elements(q2: float, ff: dict[str, float]) -> dict[str, np.ndarray]:
    """Definitions of the helicity form factors, arXiv:1602.01399, eqs. (2)-(5); upper indices."""
    p, k = explicit.kinematics(M, m, q2)
    q, P = p - k, p + k
    s_plus, s_minus = (M + m) ** 2 - q2, (M - m) ** 2 - q2
    along = P - (M**2 - m**2) / q2 * q
    slashed = np.einsum("m,ij->mij", 2 / s_plus * (m * p + M * k), ONE)
    across = explicit.GAMMA - slashed
    across5 = explicit.GAMMA + np.einsum("m,ij->mij", 2 / s_minus * (m * p - M * k), ONE)

    def times(vector: np.ndarray) -> np.ndarray:
        return np.einsum("m,ij->mij", vector, ONE)

    V = ff["Vt"] * (M - m) / q2 * times(q) + ff["V0"] * (M + m) / s_plus * times(along) + ff["Vperp"] * across
    A = ff["At"] * (M + m) / q2 * times(q) + ff["A0"] * (M - m) / s_minus * times(along) + ff["Aperp"] * across5
    T = -ff["T0"] * q2 / s_plus * times(along) - ff["Tperp"] * (M + m) * across
    T5 = ff["T50"] * q2 / s_minus * times(along) + ff["T5perp"] * (M - m) * across5
    # signs of the paper: its third line is -ubar [...] u, its second and fourth are -ubar gamma5 [...] u
    vector, axial = sandwich(V, q2), sandwich(-FIVE @ A, q2)
    sigma_q, sigma5_q = -1j * sandwich(T, q2), -1j * sandwich(-FIVE @ T5, q2)
    low = explicit.METRIC @ q
    return {
        "V": vector,
        "A": axial,
        "S": vector @ low / (MB - MS),
        "P": -1j * (axial @ low) / (MB + MS),
        "T": np.array(
            [explicit.tensor_from_contractions(a, b, np.sqrt(q2)) for a, b in zip(sigma_q, sigma5_q, strict=True)]
        ),
    }


@pytest.mark.parametrize("q2", [1.0, 9.0])
def test_without_structure_these_are_quark_currents(q2: float) -> None:
    """All form factors 1: ubar gamma^mu u, ubar gamma^mu gamma5 u, ubar sigma^{mu nu} u, by the Dirac equation."""
    found = matrix_elements(q2, dict.fromkeys(LambdabToLambda._fields, 1.0))
    np.testing.assert_allclose(found["V"], sandwich(explicit.GAMMA, q2), atol=1e-11)
    np.testing.assert_allclose(found["A"], sandwich(explicit.GAMMA @ FIVE, q2), atol=1e-11)
    np.testing.assert_allclose(found["T"], sandwich(explicit.SIGMA, q2), atol=1e-11)


@pytest.mark.parametrize("q2", [2.0, 8.0, 16.0])
def test_all_operators_at_once(q2: float) -> None:
    """Ten complex couplings to a pair of 0.6 GeV, random form factors; every square and every interference."""
    rng = np.random.default_rng(int(q2))
    ff = dict(zip(LambdabToLambda._fields, rng.uniform(0.3, 1.5, 10), strict=True))
    couplings = {
        name: complex(*rng.normal(size=2)) for name in ("S1", "S2", "P1", "P2", "V1", "V2", "A1", "A2", "T1", "T2")
    }
    mass = 0.6
    beta = np.sqrt(1 - 4 * mass**2 / q2)
    expected = explicit.fermion_rate(matrix_elements(q2, ff), q2, mass, couplings).sum() / 2 * beta / (8 * np.pi)
    at = jnp.array([q2])
    hadron = baryon_hadron(
        Masses(*map(jnp.array, (M, m, MB, MS))), LambdabToLambda(**{n: jnp.array([x]) for n, x in ff.items()}), at
    )
    rho = FermionPair(mass, **couplings).spectral(at)
    found = sum(float(contract(part, rho)[0]) for part in hadron)
    assert found == pytest.approx(expected, rel=1e-11)  # rounding


@pytest.mark.parametrize("operator", ["V1", "A1", "T1", "T2"])
def test_longitudinal_part_is_helicity_zero(operator: str) -> None:
    """The part of the rate in which the current's spin has no component along the direction of flight."""
    q2, mass = 6.0, 0.6
    ff = dict(zip(LambdabToLambda._fields, np.linspace(0.4, 1.3, 10), strict=True))
    elements = matrix_elements(q2, ff)
    projected = {}
    for name, element in elements.items():
        zero = np.zeros_like(element)
        if name == "T":
            for a, b in ((0, 3), (3, 0), (1, 2), (2, 1)):
                zero[:, a, b] = element[:, a, b]
        elif name in "VA":
            zero[:, 0], zero[:, 3] = element[:, 0], element[:, 3]
        projected[name] = zero
    beta = np.sqrt(1 - 4 * mass**2 / q2)
    rate = explicit.fermion_rate(projected, q2, mass, {operator: 1.0}).sum() / 2 * beta / (8 * np.pi)
    at = jnp.array([q2])
    hadron = baryon_hadron(
        Masses(*map(jnp.array, (M, m, MB, MS))), LambdabToLambda(**{n: jnp.array([x]) for n, x in ff.items()}), at
    )
    assert isinstance(hadron, Hadron)
    found = float(contract(hadron.longitudinal, FermionPair(mass, **{operator: 1.0}).spectral(at))[0])
    assert found == pytest.approx(rate, rel=1e-11)
