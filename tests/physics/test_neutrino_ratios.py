"""R_K and R_K* as polynomials of the coefficients, against reference rows and the spectra themselves."""

from __future__ import annotations

import numpy as np
import pytest

from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.types import Couplings
from darkpenguin.flavour.neutrino_ratios import (
    R_K,
    ROUNDED,
    NeutrinoCoefficients,
    R_Kst,
    difference,
    kappa,
    polynomial,
)
from darkpenguin.flavour.rates import default_edges, mode_spectrum
from darkpenguin.flavour.sm_amplitude import normalisation, standard_model_coefficient
from darkpenguin.flavour.spectral import NeutrinoPair


@pytest.fixture(scope="module")
def A() -> Inputs:
    """Inputs of the reference rows S001-O-..."""
    return load_inputs("reference-A").at()


@pytest.fixture(scope="module")
def kappa_A(A) -> float:
    """kappa of B0 -> K*0."""
    return float(kappa(A))


def entries(**given: float) -> np.ndarray:
    """A matrix from entries such as mu_tau=3."""
    matrix, order = np.zeros((3, 3)), ("e", "mu", "tau")
    for name, value in given.items():
        i, j = name.split("_")
        matrix[order.index(i), order.index(j)] = value
    return matrix


def test_kappa(kappa_A):
    assert kappa_A == pytest.approx(1.33121896832, rel=1e-6)  # reference row S001-O-038
    assert kappa_A == pytest.approx(1.34, abs=0.04)  # arXiv:1409.4557


def test_numbers(A, kappa_A):
    exact = polynomial(A, kappa_A)
    assert float(exact.linear) == pytest.approx(-0.105430916553, rel=1e-9)  # reference rows S001-O-043, 044
    assert float(exact.quadratic) == pytest.approx(0.00833675862385, rel=1e-9)
    assert float(exact.linear_R) == pytest.approx(0.0702, rel=1e-3)
    assert float(exact.cross) == pytest.approx(-0.0111, rel=2e-3)
    for found, rounded in zip(exact, ROUNDED, strict=True):  # the talk's numbers are roundings to one digit
        assert f"{float(found):.0e}" == f"{rounded:.0e}"


@pytest.mark.parametrize(
    ("C", "ratio_K", "ratio_Kst"),
    [
        # reference rows S001-O-039 to 042, and C_R^{tau tau} = -15, -16 to three digits
        (NeutrinoCoefficients.of(C_R=entries(tau_tau=-12)), 3.46566424047, 1.35838342605),
        (
            NeutrinoCoefficients.of(C_L=entries(mu_tau=3, e_e=-2), C_R=entries(tau_tau=5, mu_tau=1.5)),
            1.09429261257,
            1.84735422716,
        ),
    ],
)
def test_reference_rows(A, kappa_A, C, ratio_K, ratio_Kst):
    numbers = polynomial(A, kappa_A)
    assert float(R_K(C, numbers)) == pytest.approx(ratio_K, rel=1e-8)
    assert float(R_Kst(C, numbers)) == pytest.approx(ratio_Kst, rel=1e-6)


@pytest.mark.parametrize(("C_R", "ratio_K", "ratio_Kst"), [(-15.0, 4.46, 1.82), (-16.0, 4.82, 2.01)])
def test_right_handed_tau(A, kappa_A, C_R, ratio_K, ratio_Kst):
    C = NeutrinoCoefficients.of(C_R=entries(tau_tau=C_R))
    assert float(R_K(C, polynomial(A, kappa_A))) == pytest.approx(ratio_K, abs=0.005)
    assert float(R_Kst(C, polynomial(A, kappa_A))) == pytest.approx(ratio_Kst, abs=0.005)


def test_diagonal_bounds_of_global_fits(A, kappa_A):
    """C9(ee) = C9(mu mu) = -1: S1 has C_L = C9/2 and R = 1.11, V1 C_L = 2 C9 and R = 1.49."""
    for C_L, expected in ((-0.5, 1.11), (-2.0, 1.49)):
        C = NeutrinoCoefficients.of(C_L=entries(e_e=C_L, mu_mu=C_L))
        assert float(R_K(C, polynomial(A, kappa_A))) == pytest.approx(expected, abs=0.005)


def test_against_spectra(A, kappa_A):
    """Complex random matrices of all four kinds: the polynomial is the ratio of integrated rates."""
    random = np.random.default_rng(7)
    C = NeutrinoCoefficients.of(*(random.normal(size=(3, 3)) * 3 + 1j * random.normal(size=(3, 3)) for _ in range(4)))
    C_SM = float(standard_model_coefficient(A))
    N = normalisation(A)
    numbers = polynomial(A, kappa_A)
    for mode, ratio in (("B+->K+", R_K), ("B0->K*0", R_Kst)):
        pair = NeutrinoPair(N, C.C_L + C_SM * np.eye(3), C_R=C.C_R, C_Lp=C.C_Lp, C_Rp=C.C_Rp)
        standard = NeutrinoPair(N, C_SM * np.eye(3))
        rates = [mode_spectrum(Couplings(continua=(p,)), mode, A, default_edges()).total() for p in (pair, standard)]
        assert float(ratio(C, numbers)) == pytest.approx(float(rates[0] / rates[1]), rel=1e-9)
    assert float(difference(C, A, kappa_A)) == pytest.approx(float(R_K(C, numbers) - R_Kst(C, numbers)), rel=1e-10)


def test_equal_without_right_handed_quarks(A, kappa_A):
    C = NeutrinoCoefficients.of(C_L=entries(tau_tau=-5, e_mu=2), C_Lp=entries(mu_mu=1))
    assert float(difference(C, A, kappa_A)) == 0.0
    # right-handed but off the diagonal: no overlap with the Standard Model
    C = NeutrinoCoefficients.of(C_R=entries(mu_tau=4))
    assert float(difference(C, A, kappa_A)) == 0.0
