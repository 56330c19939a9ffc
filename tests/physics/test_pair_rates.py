"""Pairs of higher spin and of two masses, and one vector, against reference numbers, limits and general properties."""

from __future__ import annotations

import csv
import itertools
import pathlib

import explicit_amplitudes as explicit
import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from darkpenguin._jax import jax, jnp
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.types import AbstractContinuum, Couplings, contract
from darkpenguin.errors import OutOfDomain
from darkpenguin.flavour.form_factors import BToP, BToV, b_to_k
from darkpenguin.flavour.invisible import fermion_pair, vector_pair
from darkpenguin.flavour.rates import dBR_dq2, default_edges, line_branching_fraction, mode_spectrum
from darkpenguin.flavour.rescaled import RescaledContinuum, RescaledLine
from darkpenguin.flavour.spectral import (
    BroadBoson,
    FermionPair,
    NeutrinoPair,
    RaritaSchwingerPair,
    ScalarBoson,
    ScalarPair,
    UnequalFermionPair,
    VectorBoson,
    VectorPair,
)
from darkpenguin.flavour.transitions import Masses, pseudoscalar_hadron, transition, vector_hadron

DATA = pathlib.Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def A() -> Inputs:
    return load_inputs("reference-A").at()


@pytest.fixture(scope="module")
def R() -> Inputs:
    return load_inputs("reference-R").at()


@pytest.fixture(scope="module")
def spectrum():
    compiled = jax.jit(mode_spectrum, static_argnames=("mode", "n_node"))

    def run(state: AbstractContinuum, mode: str, inputs: Inputs):
        return compiled(Couplings(continua=(state,)), mode, inputs, default_edges())

    return run


def at(state: AbstractContinuum, channel: str, q2: float) -> float:
    return float(getattr(state.spectral(jnp.array([q2])), channel)[0])


# --- reference numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "channel", "power", "value"),
    [
        ("V2", "V1", 1, 16.4814814815),  # S001-O-007
        ("V2", "V0", 1, 122.237654321),  # S001-O-008
        ("T1", "TE", 1, 3.68544238683),  # S001-O-009
        ("T1", "TB", 1, 1.32407407407),  # S001-O-010
        ("S", "S", 0, 37.3364197531),  # S001-O-011
    ],
)
def test_spin_sums_of_vector_pairs(operator, channel, power, value):
    """D = 8 pi rho q2^power / beta at q2 = 5, m = 0.6; twelve digits are given."""
    beta = np.sqrt(1 - 4 * 0.6**2 / 5.0)
    spin_sum = at(VectorPair(0.6, **{operator: 1.0}), channel, 5.0) * 8 * np.pi / beta * 5.0**power
    assert spin_sum == pytest.approx(value, rel=1e-11)


@pytest.mark.parametrize(
    ("state", "channel", "power", "value"),
    [
        (VectorPair(1.0, S=1.0), "S", 0, 0.422609),  # rho_VS_a
        (RaritaSchwingerPair(1.0, V1=1.0), "V1", 1, 2.57025),  # rho_RSV_a
        (RaritaSchwingerPair(1.0, S1=1.0), "S", 0, 1.48284),  # sig_RSS_a
        (RaritaSchwingerPair(1.0, A2=1.0), "A0", 1, 1.9244),  # rho_RSA0_a
    ],
)
def test_spectral_functions_of_set_R(state, channel, power, value):
    """q2 = 9, m = 1; six digits are printed."""
    assert at(state, channel, 9.0) * 9.0**power == pytest.approx(value, rel=4e-6)


FF_P = BToP(*(jnp.array([f]) for f in (0.5, 0.4, 0.45)))
FF_V = BToV(*(jnp.array([f]) for f in (0.6, 0.65, 0.36, 0.31, 0.52, 0.38, 0.8)))


def width(state: AbstractContinuum, mode: str, q2: float) -> float:
    """dGamma/dq2 [GeV^-1] at the form factors above, masses of set A."""
    m_B, m_M = (5.27934, 0.493677) if mode == "B+->K+" else (5.27966, 0.89555)
    masses = Masses(*map(jnp.array, (m_B, m_M, 4.18, 0.0785)))
    at_q2 = jnp.array([q2])
    hadron = pseudoscalar_hadron(masses, FF_P, at_q2) if mode == "B+->K+" else vector_hadron(masses, FF_V, at_q2)
    lam = ((m_B + m_M) ** 2 - q2) * ((m_B - m_M) ** 2 - q2)
    total = sum(float(np.squeeze(contract(part, state.spectral(at_q2)))) for part in hadron)
    return np.sqrt(lam) / (32 * np.pi**2 * m_B**3) * total


@pytest.mark.parametrize(
    ("mode", "operator", "value"),
    [
        ("B+->K+", "V2", 6.18358167561e-17),  # S001-O-017
        ("B+->K+", "T2", 6.42699316452e-20),  # S001-O-018
        ("B0->K*0", "T2", 8.81647518034e-18),  # S001-O-022
    ],
)
def test_differential_rates_of_vector_pairs(A, mode, operator, value):
    m = transition(mode).masses(A)
    assert width(VectorPair(0.4, **{operator: 1e-8}), mode, 6.0) == pytest.approx(value, rel=1e-10)
    assert float(m.m_b) == 4.18  # the masses written above are those of the set
    assert float(m.m_s) == 0.0785


def test_interference_of_vector_operators(A):
    """S001-O-045: V4 with V5; twelve digits."""
    pair = VectorPair(0.55, V4=1e-8, V5=7e-9)
    rate = dBR_dq2(Couplings(continua=(pair,)), "B+->K+", A, jnp.array([6.0]))[0] / A.tau_Bplus
    assert float(rate) == pytest.approx(7.14191368764e-19, rel=1e-9)


def test_integrated_rates(spectrum, A, R):
    assert float(spectrum(VectorPair(0.5, V6=4e-9), "B+->K+", A).total()) == pytest.approx(
        1.5597154434e-05, rel=1e-9
    )  # S001-O-028
    assert float(spectrum(RaritaSchwingerPair(1.0, V1=1e-10), "B+->K+", R).total()) == pytest.approx(
        1.00573e-08, rel=4e-6
    )  # BKRS_V, six digits


def test_normalised_spectra_of_vector_pairs(spectrum, A):
    """q2 has eight printed digits: near the end points that limits the density, hence the slope in the tolerance."""
    with (DATA / "vector_pair_spectra.csv").open() as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert len(rows) == 32
    state = VectorPair(0.6, V4=1.0)
    for mode in ("B+->K+", "B0->K*0"):
        chosen = [r for r in rows if r["mode"] == mode]
        q2 = jnp.array([float(r["q2_GeV2"]) for r in chosen])
        published = np.array([float(r["norm_dGamma_dq2_GeV-2"]) for r in chosen])
        total = float(spectrum(state, mode, A).total())
        density, slope = jax.jvp(
            lambda x, m=mode: dBR_dq2(Couplings(continua=(state,)), m, A, x), (q2,), (jnp.ones_like(q2),)
        )
        tolerance = 1e-6 * published + 1.0e-6 * np.abs(np.asarray(slope)) / total
        assert np.all(np.abs(np.asarray(density) / total - published) < tolerance)


def test_one_vector_of_dimension_4_5_6(R):
    """Widths of arXiv:2311.14629: f_+^2 lambda^(3/2) and f_T^2 as corrected (the talk prints f_+ and f_T), by hand.

    Coefficients there are g_V = g_R + g_L, twice ours.
    """
    m, Lambda = 2.0, 50.0
    m_B, m_K = float(R.m_Bplus), float(R.m_Kplus)
    ff = b_to_k(R.form_factors["B->K"], jnp.array([m**2]))
    lam = 1 + (m_K / m_B) ** 4 + (m / m_B) ** 4 - 2 * ((m_K / m_B) ** 2 + (m / m_B) ** 2 + (m_K * m / m_B**2) ** 2)
    f_plus, f_T = float(ff.f_plus[0]), float(ff.f_T[0])
    G4 = m_B**3 * lam**1.5 * f_plus**2 / (64 * np.pi * m**2)
    G5 = m_B * m**2 * lam**1.5 * f_T**2 / (16 * np.pi * Lambda**2 * (1 + m_K / m_B) ** 2)
    G6 = m_B**3 * m**2 * lam**1.5 * f_plus**2 / (64 * np.pi * Lambda**4)
    for boson, G in (
        (VectorBoson(m, g_V=0.5), G4),
        (VectorBoson(m, f_T=0.5 / Lambda), G5),
        (VectorBoson(m, d_V=0.5 / Lambda**2), G6),
    ):
        rate = float(line_branching_fraction(boson, "B+->K+", R)) / float(R.tau_Bplus)
        assert rate == pytest.approx(G, rel=1e-12)
    # section of the same source: BR = 1e-5 at 2 GeV needs g_V = 1.44e-8, with its own form factors (f_+ to about 1 %)
    g = 1e-8 * np.sqrt(1e-5 / (G4 * 1e-16 * float(R.tau_Bplus)))
    assert g == pytest.approx(1.44e-8, rel=0.02)


# --- limits -----------------------------------------------------------------------------------------------------------


def test_longitudinal_vectors_are_goldstone_bosons():
    """m -> 0: X_S is s^2/(4 m^4) times phi_S, X_V4 the same times phi_V; corrections of relative order m^2/s."""
    m, s = 1e-3, 6.0
    scale = s**2 / (4 * m**4)
    assert at(VectorPair(m, S=1.0), "S", s) == pytest.approx(scale * at(ScalarPair(m, S=1.0), "S", s), rel=1e-6)
    assert at(VectorPair(m, V4=1.0), "V1", s) == pytest.approx(scale * at(ScalarPair(m, V=1.0), "V1", s), rel=1e-6)
    # field strengths know no longitudinal part: two massless photons, 2 s^2/(8 pi) for either density
    for name in ("SF", "SFd"):
        assert at(VectorPair(m, **{name: 1.0}), "S", s) == pytest.approx(2 * s**2 / (8 * np.pi), rel=4e-6)


@pytest.mark.parametrize("kind", [FermionPair, RaritaSchwingerPair])
def test_ward_identity(kind):
    """q_mu chibar gamma^mu gamma5 chi = 2 m chibar gamma5 chi: rho0 of the axial current is 4 m^2 sigma_P / q2^2."""
    m, s = 0.8, 7.0
    axial, density = at(kind(m, A2=1.0), "A0", s), at(kind(m, P2=1.0), "P", s)
    assert axial == pytest.approx(4 * m**2 * density / s**2, rel=1e-13)


def test_massless_fermions_are_a_neutrino():
    """V1 = -V2 = C_L N / 2 for one flavour, and A1, A2 with it."""
    neutrino = NeutrinoPair(2e-8, 0.5 * np.diag([1.0, 0, 0]))
    c = 2e-8 * 0.5 / 2
    fermion = FermionPair(0.0, V1=c, V2=-c, A1=-c, A2=c)
    for channel in ("V1", "A1"):
        assert at(fermion, channel, 5.0) == pytest.approx(at(neutrino, channel, 5.0), rel=1e-13)


def test_right_handed_neutrinos():
    """C_Lp, C_Rp give what C_L, C_R give, and add without interference."""
    rng = np.random.default_rng(4)
    a, b, c, d = (rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)) for _ in range(4))
    zero = np.zeros((3, 3))
    left, right = NeutrinoPair(1.0, a, C_R=b), NeutrinoPair(1.0, zero, C_Lp=c, C_Rp=d)
    both, mirrored = NeutrinoPair(1.0, a, C_R=b, C_Lp=c, C_Rp=d), NeutrinoPair(1.0, c, C_R=d)
    for channel in ("V1", "A1"):
        assert at(right, channel, 5.0) == pytest.approx(at(mirrored, channel, 5.0), rel=1e-14)
        assert at(both, channel, 5.0) == pytest.approx(at(left, channel, 5.0) + at(right, channel, 5.0), rel=1e-14)


def test_two_masses():
    """Equal masses give `FermionPair`; unequal ones the lepton tensor of B -> K l1 l2, in closed form.

    D_L = 2 (m1 - eta m2)^2 (1 - (m1 + eta m2)^2/s), D_T = [D_L + 4 (s - m1^2 - m2^2) + 16 eta m1 m2]/3 with eta = 1
    for the vector and -1 for the axial current. [arXiv:1602.00881]
    """
    c = dict(zip(fermion_pair.OPERATORS, np.exp(1j * np.arange(10)), strict=True))
    q2 = jnp.array([2.0, 4.0, 9.0])
    two, one = UnequalFermionPair(0.7, mass_2=0.7, **c).spectral(q2), FermionPair(0.7, **c).spectral(q2)
    for channel, ours, theirs in zip(one._fields, two, one, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-13, atol=1e-15, err_msg=channel)
    m1, m2, s = 0.1056, 1.777, 9.0
    lam = (s - (m1 + m2) ** 2) * (s - (m1 - m2) ** 2)
    for operator, eta in (("V1", 1), ("V2", -1)):
        D_L = 2 * (m1 - eta * m2) ** 2 * (1 - (m1 + eta * m2) ** 2 / s)
        D_T = (D_L + 4 * (s - m1**2 - m2**2) + 16 * eta * m1 * m2) / 3
        state = UnequalFermionPair(m1, mass_2=m2, **{operator: 1.0})
        for channel, D in (("V1", D_T), ("V0", D_L)):
            assert at(state, channel, s) == pytest.approx(np.sqrt(lam) / s / (8 * np.pi) * D / s, rel=1e-12)


# --- self-conjugate fields --------------------------------------------------------------------------------------------


def both_contractions(name: str, p_1, p_2, e_1, e_2) -> np.ndarray:
    """Real X: the matrix element with the two particles exchanged is added."""
    direct = explicit.vector_bilinear(name, p_1, p_2, e_1, e_2)
    return direct + np.swapaxes(explicit.vector_bilinear(name, p_2, p_1, e_2, e_1), 0, 1)


@pytest.mark.parametrize("operator", [o for o in vector_pair.OPERATORS if o[0] in "SVT"])
def test_real_vectors(operator):
    """What vanishes and what doubles, from both contractions."""
    mass, q2 = 0.55, 6.0
    _, bilinear, kind = explicit.VECTOR_OPERATORS[operator]
    complex_sum = real_sum = 0.0
    for weight, p_1, p_2 in explicit.momenta(q2, mass, mass):
        e = explicit.polarisation_vectors(p_1, mass), explicit.polarisation_vectors(p_2, mass)
        complex_sum += weight * (np.abs(explicit.vector_bilinear(bilinear, p_1, p_2, *e)) ** 2).sum()
        real_sum += 0.5 * weight * (np.abs(both_contractions(bilinear, p_1, p_2, *e)) ** 2).sum()
    expected = 0.0 if operator in vector_pair.VANISHING else 2.0
    assert real_sum / complex_sum == pytest.approx(expected, abs=1e-12)
    assert kind in ("density", "current", "tensor")
    if expected == 0.0:
        with pytest.raises(OutOfDomain, match=rf"operator {operator} vanishes .*survive: S, P, SF, PF, SFd, PFd, V2"):
            VectorPair(mass, self_conjugate=True, **{operator: 1.0})
    else:
        channel = "S" if kind == "density" else "V1"
        single, double = (VectorPair(mass, **{operator: 1.0}, self_conjugate=x) for x in (False, True))
        assert at(double, channel, q2) == pytest.approx(2 * at(single, channel, q2), rel=1e-14)


@pytest.mark.parametrize(("bilinear", "factor"), [("1", 2), ("i5", 2), ("A", 2), ("V", 0), ("T", 0), ("T5", 0)])
def test_majorana_particles_of_spin_three_half(bilinear, factor):
    """Both contractions of Psibar_rho Gamma Psi^rho for a self-conjugate field; the second with a minus sign."""
    mass, q2 = 0.55, 6.0
    gamma, _ = explicit.DARK[bilinear]
    dirac = majorana = 0.0
    for weight, p_1, p_2 in explicit.momenta(q2, mass, mass):
        (u_1, v_1), (u_2, v_2) = (explicit.vector_spinors(p, mass) for p in (p_1, p_2))

        def element(u, v):
            return np.einsum("sri,ij,...jk,rq,tqk->st...", u.conj(), explicit.GAMMA[0], gamma, explicit.METRIC, v)

        direct, exchange = element(u_1, v_2), np.swapaxes(element(u_2, v_1), 0, 1)
        dirac += weight * (np.abs(direct) ** 2).sum()
        majorana += 0.5 * weight * (np.abs(direct - exchange) ** 2).sum()
    assert majorana / dirac == pytest.approx(factor, abs=1e-12)


def test_vanishing_operators_of_spin_three_half():
    with pytest.raises(OutOfDomain, match=r"V1 vanishes .*survive: S1, S2, P1, P2, V2, A2"):
        RaritaSchwingerPair(1.0, V1=1.0, self_conjugate=True)


# --- K_L --------------------------------------------------------------------------------------------------------------

# charge conjugation of the quark bilinear, and its sign under hermitian conjugation: gamma0 Gamma^dag gamma0 = +- Gamma
QUARK = {"S": np.eye(4), "P": 1j * explicit.GAMMA5, "V": explicit.GAMMA, "A": explicit.GAMMA @ explicit.GAMMA5}
QUARK |= {"T": explicit.SIGMA, "T5": explicit.SIGMA @ explicit.GAMMA5}
C_MATRIX = 1j * explicit.GAMMA[2] @ explicit.GAMMA[0]


def sign(a: np.ndarray, b: np.ndarray) -> int:
    """+1 if a = b, -1 if a = -b."""
    found = [s for s in (1, -1) if np.allclose(a, s * b, atol=1e-12)]
    assert len(found) == 1
    return found[0]


def hermitian(gamma: np.ndarray) -> int:
    bar = explicit.GAMMA[0] @ np.conj(np.swapaxes(gamma, -1, -2)) @ explicit.GAMMA[0]
    return sign(bar, gamma)


def conjugation(gamma: np.ndarray) -> int:
    """sbar Gamma d -> dbar (C Gamma^T C^-1) s for anticommuting fields."""
    return sign(C_MATRIX @ np.swapaxes(gamma, -1, -2) @ np.linalg.inv(C_MATRIX), gamma)


def vector_hermitian(name: str) -> int:
    """Matrix elements of D^dag: exchange the fields, complex-conjugate constants."""
    mass = 0.55
    _, p_1, p_2 = next(iter(explicit.momenta(6.0, mass, mass)))
    e_1, e_2 = explicit.polarisation_vectors(p_1, mass), explicit.polarisation_vectors(p_2, mass)
    dagger = explicit.vector_bilinear(name, -p_2, -p_1, e_2.conj(), e_1.conj()).conj()
    return sign(np.swapaxes(dagger, 0, 1), explicit.vector_bilinear(name, p_1, p_2, e_1, e_2))


C = 0.6 - 0.9j


def of_k_long(quark: str, dark_sign: int) -> complex:
    """(C + C_Gamma eps_Gamma eps_D C*)/2 : Re C or i Im C."""
    return (C + conjugation(QUARK[quark]) * hermitian(QUARK[quark]) * dark_sign * np.conj(C)) / 2


@pytest.mark.parametrize("kind", [FermionPair, RaritaSchwingerPair])
@pytest.mark.parametrize("operator", fermion_pair.OPERATORS)
def test_fermions_of_a_k_long(kind, operator):
    quark, bilinear = explicit.FERMION_OPERATORS[operator]
    expected = of_k_long(quark, hermitian(explicit.DARK[bilinear][0]))
    assert complex(getattr(kind(1.0, **{operator: C}).k_long(), operator)) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("operator", vector_pair.OPERATORS)
def test_vectors_of_a_k_long(operator):
    quark, bilinear, _ = explicit.VECTOR_OPERATORS[operator]
    expected = of_k_long(quark, vector_hermitian(bilinear))
    assert complex(getattr(VectorPair(1.0, **{operator: C}).k_long(), operator)) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("state", "quarks"),
    [
        (ScalarPair(1.0, S=C, P=C, V=C, A=C), {"S": "S", "P": "P", "V": "V", "A": "A"}),
        (ScalarBoson(1.0, g_S=C, g_P=C, h_V=C, h_A=C), {"g_S": "S", "g_P": "P", "h_V": "V", "h_A": "A"}),
        (
            VectorBoson(1.0, g_V=C, g_A=C, f_T=C, f_T5=C, d_V=C, d_A=C),
            {"g_V": "V", "g_A": "A", "f_T": "T", "f_T5": "T5", "d_V": "V", "d_A": "A"},
        ),
    ],
)
def test_bosons_of_a_k_long(state, quarks):
    """Hermitian invisible parts; the rule agrees with the equations of motion, that turn h_V, h_A into g_S, g_P."""
    found = state.k_long()
    for name, quark in quarks.items():
        assert complex(getattr(found, name)) == pytest.approx(of_k_long(quark, 1), abs=1e-15)
    if isinstance(state, ScalarBoson):
        m_minus, m_plus = 0.09, 0.1
        assert complex(found.g_S + 1j * m_minus * found.h_V) == pytest.approx(np.real(C + 1j * m_minus * C))
        assert complex(found.g_P - m_plus * found.h_A) == pytest.approx(np.real(C - m_plus * C))


def test_neutrinos_of_a_k_long():
    """Diagonal: i Im C. A hermitian matrix gives nothing, an antihermitian one everything. hep-ph/9701313."""
    rng = np.random.default_rng(3)
    a = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    found = NeutrinoPair(1.0, a, C_R=a + a.conj().T, C_Lp=a - a.conj().T, C_SL=a).k_long()
    np.testing.assert_allclose(np.diag(found.C_L), 1j * np.diag(a).imag)
    np.testing.assert_allclose(found.C_R, 0, atol=1e-15)
    np.testing.assert_allclose(found.C_Lp, a - a.conj().T)
    # two states that do not interfere, each with half of the amplitude: half of the rate
    half = at(NeutrinoPair(1.0, np.zeros((3, 3)), C_SL=a), "S", 0.1) / 2
    assert at(found, "S", 0.1) == pytest.approx(half)
    unequal = UnequalFermionPair(0.0, mass_2=0.1, V1=C, T2=C)
    assert at(unequal.k_long(), "V1", 0.1) == pytest.approx(at(unequal, "V1", 0.1) / 2)


def test_states_inside_states_of_a_k_long():
    boson = ScalarBoson(0.2, width=0.01, g_S=C, h_V=C)
    assert complex(BroadBoson(boson).k_long().boson.h_V) == 1j * C.imag
    assert complex(RescaledLine(boson, 2.0).k_long().line.g_S) == C.real
    pair = RescaledContinuum(ScalarPair(0.1, V=C), 3.0).k_long()
    assert complex(pair.state.V) == 1j * C.imag
    assert float(pair.factor) == 3.0


# --- what holds for all couplings -------------------------------------------------------------------------------------

STATES = {
    "vectors": (vector_pair.OPERATORS, lambda m, c: VectorPair(m, **c)),
    "spin-3/2": (fermion_pair.OPERATORS, lambda m, c: RaritaSchwingerPair(m, **c)),
    "two masses": (fermion_pair.OPERATORS, lambda m, c: UnequalFermionPair(m, mass_2=0.3, **c)),
}
settings = hypothesis.settings(max_examples=25, deadline=None, derandomize=True)
numbers = st.complex_numbers(max_magnitude=1.0, allow_nan=False, allow_infinity=False)
COMPILED = {
    name: jax.jit(lambda m, c, phase, names=names, make=make: _channels(names, make, m, c * phase))
    for name, (names, make) in STATES.items()
}
GRID = jnp.linspace(0.01, 22.0, 45)


def _channels(names, make, m, c):
    return make(m, dict(zip(names, c, strict=True))).spectral(GRID)


@settings
@hypothesis.given(
    st.sampled_from(sorted(STATES)), st.floats(0.05, 2.6), st.lists(numbers, min_size=18, max_size=18), st.floats(0, 6)
)
def test_gram_matrices_are_positive(name, mass, c, phase):
    """|interference|^2 <= 4 x product of squares, all squares >= 0, nothing below threshold, no overall phase."""
    couplings = np.array(c[: len(STATES[name][0])])
    rho, turned = (COMPILED[name](mass, couplings, x) for x in (1.0 + 0j, np.exp(1j * phase)))
    squares = {"SV": ("S", "V0", 1.0), "PA": ("P", "A0", 1.0), "VT": ("V1", "TE", GRID), "AT": ("A1", "TB", GRID)}
    for mixed, (first, second, power) in squares.items():
        a, b, x = (np.asarray(getattr(rho, n)) for n in (first, second, mixed))
        assert np.all(a >= 0)
        assert np.all(b >= 0)
        assert np.all(x**2 <= 4 * a * b * power * (1 + 1e-9) + 1e-300)
    threshold = (mass + (0.3 if name == "two masses" else mass)) ** 2
    scale = max(float(np.abs(entry).max()) for entry in rho)  # an interference is a difference of terms of that size
    for entry, same in zip(rho, turned, strict=True):
        assert np.all(np.isfinite(entry))
        assert np.all(np.asarray(entry)[np.asarray(GRID) <= threshold] == 0.0)
        np.testing.assert_allclose(same, entry, rtol=1e-9, atol=1e-12 * scale + 1e-300)


@pytest.mark.parametrize("name", STATES)
def test_gradients_are_finite_through_the_threshold(name):
    """In the mass and in couplings that are zero, at, below and above threshold."""
    names, make = STATES[name]
    q2 = jnp.array([0.0, 0.5, 0.64, 0.6400001, 1.0, 1.2099999, 1.21, 1.2100001, 9.0])

    def total(m, c):
        return sum(x.sum() for x in make(m, dict(zip(names, c, strict=True))).spectral(q2) if x is not None)

    for start in (jnp.zeros(len(names)), jnp.ones(len(names))):
        for mass in (0.4, 0.5, 0.55):
            slopes = jax.grad(total, argnums=(0, 1))(jnp.array(mass), start)
            assert all(np.all(np.isfinite(x)) for x in slopes)


def test_every_pair_of_operators_is_independent():
    """Two operators interfere where the docstring of `VectorPair` says so, and nowhere else."""
    documented = {
        *(
            ("S", "SF"),
            ("S", "V2"),
            ("SF", "V2"),
            ("SFd", "V3"),
            ("V4", "V5"),
            ("V4", "T1"),
            ("V5", "T1"),
            ("V6", "T2"),
        ),
        *(
            ("P", "PF"),
            ("P", "A2"),
            ("PF", "A2"),
            ("PFd", "A3"),
            ("A4", "A5"),
            ("A4", "T2"),
            ("A5", "T2"),
            ("A6", "T1"),
        ),
    }
    q2 = jnp.array([6.0])
    found = set()
    for a, b in itertools.combinations(vector_pair.OPERATORS, 2):
        plus, minus, turned = (VectorPair(0.6, **{a: 1.0, b: c}).spectral(q2) for c in (1.0, -1.0, 1j))
        for x, y, z in zip(plus, minus, turned, strict=True):
            if x is not None and (abs(float((x - y)[0])) > 1e-9 or abs(float((x - z)[0])) > 1e-9):
                found.add((a, b))
    assert found == documented
