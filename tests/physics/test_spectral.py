"""Invisible and hadron side, every entry and every interference, against explicit spinors and Lorentz tensors."""

from __future__ import annotations

import itertools

import explicit_amplitudes as explicit
import numpy as np
import pytest

from darkpenguin._jax import jnp
from darkpenguin.core.types import Channels, contract
from darkpenguin.errors import OutOfDomain
from darkpenguin.flavour.form_factors import BToP, BToV
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
from darkpenguin.flavour.transitions import Hadron, Masses, pseudoscalar_hadron, vector_hadron

# kinematics and constant form factors of reference rows S001-O-012 ff.; the explicit sums are exact at each q2, so that
# what is left is rounding in the products of matrices
Q2, M_CHI = 6.0, 0.55
M_B, M_K, M_KST, M_BOTTOM, M_STRANGE = 5.27934, 0.493677, 0.89555, 4.18, 0.0785
FF_P = {"f_plus": 0.5, "f_0": 0.4, "f_T": 0.45}
FF_V = {"V": 0.6, "A0": 0.65, "A1": 0.36, "A12": 0.31, "T1": 0.52, "T2": 0.38, "T23": 0.8}
ROUNDING = 1e-11


def arrays(form_factors: dict[str, float]) -> dict[str, jnp.ndarray]:
    return {name: jnp.array([value]) for name, value in form_factors.items()}


class Mode:
    """One hadron, in the library's form and in the explicit one."""

    def __init__(self, name: str) -> None:
        self.name = name
        q2 = jnp.array([Q2])
        if name == "K":
            masses = Masses(*map(jnp.array, (M_B, M_K, M_BOTTOM, M_STRANGE)))
            self.ours: Hadron = pseudoscalar_hadron(masses, BToP(**arrays(FF_P)), q2)
            self.explicit = explicit.hadron_pseudoscalar(M_B, M_K, M_BOTTOM, M_STRANGE, Q2, **FF_P)
        else:
            masses = Masses(*map(jnp.array, (M_B, M_KST, M_BOTTOM, M_STRANGE)))
            self.ours = vector_hadron(masses, BToV(**arrays(FF_V)), q2)
            self.explicit = explicit.hadron_vector(M_B, M_KST, M_BOTTOM, M_STRANGE, Q2, **FF_V)

    def rates(self, rho: Channels, mass: float) -> np.ndarray:
        """(transverse, longitudinal) sum of |M|^2, directions averaged: the phase space beta/(8 pi) divided out."""
        beta = np.sqrt(1 - 4 * mass**2 / Q2)
        return np.array([float(np.squeeze(contract(part, rho))) for part in self.ours]) * 8 * np.pi / beta

    def split(self, by_polarisation: np.ndarray) -> np.ndarray:
        return np.array([by_polarisation[:-1].sum(), by_polarisation[-1]])


@pytest.fixture(scope="module", params=["K", "K*"])
def mode(request) -> Mode:
    return Mode(request.param)


OPERATORS = tuple(explicit.FERMION_OPERATORS)


@pytest.mark.parametrize("operator", OPERATORS)
def test_each_fermion_operator(mode, operator):
    ours = mode.rates(FermionPair(M_CHI, **{operator: 1.0}).spectral(jnp.array([Q2])), M_CHI)
    theirs = mode.split(explicit.fermion_rate(mode.explicit, Q2, M_CHI, {operator: 1.0}))
    np.testing.assert_allclose(ours, theirs, rtol=ROUNDING, atol=ROUNDING * (1 + theirs.max()))


@pytest.mark.parametrize("pair", list(itertools.combinations(OPERATORS, 2)), ids="-".join)
def test_each_interference_of_two_fermion_operators(mode, pair):
    """All 45 pairs with complex couplings of unlike phase: those with an interference and those without."""
    couplings = {pair[0]: 0.8 - 0.5j, pair[1]: 0.3 + 0.9j}
    ours = mode.rates(FermionPair(M_CHI, **couplings).spectral(jnp.array([Q2])), M_CHI)
    theirs = mode.split(explicit.fermion_rate(mode.explicit, Q2, M_CHI, couplings))
    np.testing.assert_allclose(ours, theirs, rtol=ROUNDING, atol=ROUNDING * (1 + theirs.max()))


def test_all_fermion_operators_at_once(mode):
    couplings = {name: np.exp(1j * k**2) * (1 + 0.1 * k) for k, name in enumerate(OPERATORS)}
    ours = mode.rates(FermionPair(M_CHI, **couplings).spectral(jnp.array([Q2])), M_CHI)
    theirs = mode.split(explicit.fermion_rate(mode.explicit, Q2, M_CHI, couplings))
    np.testing.assert_allclose(ours, theirs, rtol=ROUNDING)


# --- other spins, other masses ----------------------------------------------------------------------------------------

M_OTHER = 0.9


def unequal(mode, rho: Channels) -> np.ndarray:
    """As `Mode.rates` for two masses."""
    momentum = np.sqrt((Q2 - (M_CHI + M_OTHER) ** 2) * (Q2 - (M_CHI - M_OTHER) ** 2)) / (2 * np.sqrt(Q2))
    return mode.rates(rho, 0.0) / (2 * momentum / np.sqrt(Q2))


STATES = {
    "vectors": (
        tuple(explicit.VECTOR_OPERATORS),
        lambda mode, c: mode.rates(VectorPair(M_CHI, **c).spectral(jnp.array([Q2])), M_CHI),
        lambda mode, c: explicit.vector_rate(mode.explicit, Q2, M_CHI, c),
    ),
    "spin-3/2": (
        OPERATORS,
        lambda mode, c: mode.rates(RaritaSchwingerPair(M_CHI, **c).spectral(jnp.array([Q2])), M_CHI),
        lambda mode, c: explicit.fermion_rate(
            mode.explicit, Q2, M_CHI, c, bilinears=explicit.spin_three_half_bilinears
        ),
    ),
    "two masses": (
        OPERATORS,
        lambda mode, c: unequal(mode, UnequalFermionPair(M_CHI, mass_2=M_OTHER, **c).spectral(jnp.array([Q2]))),
        lambda mode, c: explicit.fermion_rate(mode.explicit, Q2, M_CHI, c, mass_2=M_OTHER),
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_every_operator_and_every_pair_of_operators(mode, state):
    """Each operator alone, each two with couplings of unlike phase, all at once: total and polarised rates."""
    names, ours, theirs = STATES[state]
    rng = np.random.default_rng(7)
    value = dict(zip(names, rng.normal(size=len(names)) + 1j * rng.normal(size=len(names)), strict=True))
    subsets = [*itertools.combinations(names, 1), *itertools.combinations(names, 2), names]
    largest = 0.0
    for subset in subsets:
        chosen = {name: value[name] for name in subset}
        expected = mode.split(theirs(mode, chosen))
        largest = max(largest, expected.max())
        np.testing.assert_allclose(
            ours(mode, chosen), expected, rtol=ROUNDING, atol=ROUNDING * (1e-3 + expected.max()), err_msg=str(subset)
        )
    assert largest > 100.0


def test_spinor_vectors_obey_their_equations():
    """gamma_mu U^mu = 0, p_mu U^mu = 0, (pslash - m) U = 0, Ubar_mu U^mu = -2m for each state."""
    p = np.array([np.sqrt(0.7**2 + 0.3**2 + 0.4**2 + 0.5**2), 0.3, -0.4, 0.5])
    for U, sign in zip(explicit.vector_spinors(p, 0.7), (1, -1), strict=True):
        low = np.einsum("lri,rq->lqi", U, explicit.METRIC)
        np.testing.assert_allclose(np.einsum("rij,lrj->li", explicit.GAMMA, low), 0, atol=1e-14)
        np.testing.assert_allclose(np.einsum("r,lri->li", p, low), 0, atol=1e-14)
        np.testing.assert_allclose(
            np.einsum("ij,lrj->lri", explicit.slash(p) - sign * 0.7 * np.eye(4), U), 0, atol=1e-13
        )
        norm = np.einsum("lri,ij,kqj,rq->lk", U.conj(), explicit.GAMMA[0], U, explicit.METRIC)
        np.testing.assert_allclose(norm, -2 * sign * 0.7 * np.eye(4), atol=1e-14)


def test_scalar_pair(mode):
    couplings = {"S": 0.8 - 0.5j, "P": 0.2 + 0.7j, "V": 0.3 + 0.9j, "A": 1.1j}
    for chosen in ([name] for name in couplings):
        subset = {name: couplings[name] for name in chosen}
        ours = mode.rates(ScalarPair(M_CHI, **subset).spectral(jnp.array([Q2])), M_CHI)
        theirs = mode.split(explicit.scalar_rate(mode.explicit, Q2, M_CHI, subset))
        np.testing.assert_allclose(ours, theirs, rtol=ROUNDING, atol=ROUNDING)
    ours = mode.rates(ScalarPair(M_CHI, **couplings).spectral(jnp.array([Q2])), M_CHI)
    theirs = mode.split(explicit.scalar_rate(mode.explicit, Q2, M_CHI, couplings))
    np.testing.assert_allclose(ours, theirs, rtol=ROUNDING)


def test_one_boson(mode):
    """Scalar with g and derivative couplings, and vector, summed over polarisations: sum_c H_c R_c = sum |M|^2."""
    mass = np.sqrt(Q2)
    q = np.array([mass, 0, 0, 0])
    g_S, g_P, h_V, h_A = 0.8 - 0.5j, 0.2 + 0.7j, 0.3 + 0.9j, -0.4 + 0.1j
    amplitude = 0.0
    for name, value in {"S": g_S, "P": g_P}.items():
        amplitude = amplitude + value * mode.explicit.get(name, 0.0)
    for name, value in {"V": h_V, "A": h_A}.items():
        if name in mode.explicit:  # d^mu phi -> i q^mu for an outgoing particle
            amplitude = amplitude + value * 1j * (mode.explicit[name] @ explicit.METRIC @ q)
    boson = ScalarBoson(mass, g_S=g_S, g_P=g_P, h_V=h_V, h_A=h_A)
    ours = [float(np.squeeze(contract(part, boson.residues()))) for part in mode.ours]
    np.testing.assert_allclose(ours, mode.split(np.abs(amplitude) ** 2), rtol=ROUNDING, atol=ROUNDING)


def test_one_vector_with_operators_of_dimension_4_5_6(mode):
    """Explicit polarisations; d_nu X^{mu nu} written out: d_mu -> i q_mu on an outgoing particle."""
    mass = np.sqrt(Q2)
    q = np.array([mass, 0, 0, 0])
    given = {"g_V": 0.7 + 0.2j, "g_A": -0.3 + 1.0j, "f_T": 0.4 - 0.6j, "f_T5": 0.5 + 0.1j, "d_V": 0.1j, "d_A": 0.2}
    currents = mode.explicit | {"T5": explicit.sigma_gamma5(mode.explicit["T"])}
    quark = {"g_V": "V", "g_A": "A", "f_T": "T", "f_T5": "T5", "d_V": "V", "d_A": "A"}
    e = np.column_stack([np.zeros(3), explicit.CIRCULAR]).conj()
    strength = 1j * (np.einsum("m,sn->smn", q, e) - np.einsum("n,sm->smn", q, e))
    divergence = 1j * np.einsum("smn,nr,r->sm", strength, explicit.METRIC, q)  # d_nu X^{mu nu}
    dark = {"g": ("current", e), "f": ("tensor", strength), "d": ("current", divergence)}
    for chosen in [*itertools.combinations(given, 1), *itertools.combinations(given, 2), tuple(given)]:
        amplitude = np.zeros((len(mode.explicit["V"]), 3, 1))
        for name in chosen:
            if quark[name] in currents:
                kind, value = dark[name[0]]
                amplitude = amplitude + given[name] * explicit.contract(kind, currents[quark[name]], value[:, None])
        theirs = mode.split((np.abs(amplitude) ** 2).sum(axis=(1, 2)))
        residues = VectorBoson(mass, **{name: given[name] for name in chosen}).residues()
        ours = [float(np.squeeze(contract(part, residues))) for part in mode.ours]
        np.testing.assert_allclose(ours, theirs, rtol=ROUNDING, atol=ROUNDING * (1e-3 + theirs.max()), err_msg=chosen)


# --- phases of the form-factor definitions ----------------------------------------------------------------------------


def quark_current(gamma: np.ndarray, p_b: np.ndarray, p_s: np.ndarray) -> np.ndarray:
    u_b, _ = explicit.spinors(p_b, M_BOTTOM)
    u_s, _ = explicit.spinors(p_s, M_STRANGE)
    return np.einsum("si,ij,...jk,tk->...st", u_s.conj(), explicit.GAMMA[0], gamma, u_b)


def on_shell(mass: float, momentum: np.ndarray) -> np.ndarray:
    return np.array([np.sqrt(mass**2 + momentum @ momentum), *momentum])


def test_equations_of_motion_of_the_quarks():
    """q_mu sbar gamma^mu gamma5 b = -(m_b + m_s) sbar gamma5 b, and the identities of sigma^{mu nu} q_nu."""
    p_b, p_s = on_shell(M_BOTTOM, np.array([0.3, -0.2, 0.4])), on_shell(M_STRANGE, np.array([-0.5, 0.9, 1.3]))
    q, total = p_b - p_s, p_b + p_s
    one, g5 = quark_current(np.eye(4), p_b, p_s), quark_current(explicit.GAMMA5, p_b, p_s)
    vector, axial = (quark_current(g, p_b, p_s) for g in (explicit.GAMMA, explicit.GAMMA @ explicit.GAMMA5))
    sigma, sigma5 = (quark_current(g, p_b, p_s) for g in (explicit.SIGMA, explicit.SIGMA @ explicit.GAMMA5))
    q_lower = explicit.lower(q)
    np.testing.assert_allclose(np.tensordot(q_lower, vector, 1), (M_BOTTOM - M_STRANGE) * one, atol=1e-12)
    np.testing.assert_allclose(np.tensordot(q_lower, axial, 1), -(M_BOTTOM + M_STRANGE) * g5, atol=1e-12)
    outer = np.multiply.outer
    np.testing.assert_allclose(
        1j * np.einsum("mnst,n->mst", sigma, q_lower), -(M_BOTTOM + M_STRANGE) * vector + outer(total, one), atol=1e-12
    )
    np.testing.assert_allclose(
        1j * np.einsum("mnst,n->mst", sigma5, q_lower), (M_BOTTOM - M_STRANGE) * axial + outer(total, g5), atol=1e-12
    )


def test_signs_of_the_form_factors_obey_the_equations_of_motion():
    """For V, T1, A1, T2 > 0 the identities above make <i sigma q>/<gamma> < 0, <i sigma gamma5 q>/<gamma gamma5> > 0.

    These two signs decide those of the interferences VT and AT.
    """
    p, k = explicit.kinematics(M_B, M_KST, Q2)
    q_lower = explicit.lower(p - k)
    hadron = Mode("K*").explicit
    for h in range(2):  # transverse polarisations: no term from (p_b + p_s)^mu
        i_sigma_q = 1j * hadron["T"][h] @ q_lower
        dual = np.einsum("mnrs,ra,sb,ab->mn", explicit.EPSILON, explicit.METRIC, explicit.METRIC, hadron["T"][h])
        check = np.einsum("mnrs,ra,sb,abij->mnij", explicit.EPSILON, explicit.METRIC, explicit.METRIC, explicit.SIGMA)
        # sigma gamma5 = factor * dual(sigma): the factor from the matrices
        factor = np.vdot(check, explicit.SIGMA @ explicit.GAMMA5) / np.vdot(check, check)
        i_sigma5_q = 1j * (factor * dual) @ q_lower
        vector, axial = hadron["V"][h], hadron["A"][h]
        assert np.real(np.vdot(vector, i_sigma_q)) < 0
        assert np.real(np.vdot(axial, i_sigma5_q)) > 0


# --- self-conjugate fields and neutrinos ------------------------------------------------------------------------------


def majorana_density(gamma: np.ndarray, kind: str, mass: float) -> float:
    """sum |<N N| Nbar Gamma N |0>|^2, directions averaged: both contractions, factor 1/2 of identical particles."""
    C = 1j * explicit.GAMMA[2] @ explicit.GAMMA[0]
    total = 0.0
    energy = 0.5 * np.sqrt(Q2)
    momentum = np.sqrt(energy**2 - mass**2)
    for n, weight in explicit.directions():
        p = [np.array([energy, *(s * momentum * n)]) for s in (1, -1)]
        u = [explicit.spinors(x, mass)[0] for x in p]
        v = [np.einsum("ij,sj->si", C, x.conj() @ explicit.GAMMA[0]) for x in u]
        direct = np.einsum("si,ij,...jk,tk->st...", u[0].conj(), explicit.GAMMA[0], gamma, v[1])
        exchange = np.einsum("ti,ij,...jk,sk->st...", u[1].conj(), explicit.GAMMA[0], gamma, v[0])
        amplitude = direct - exchange
        square = np.abs(amplitude) ** 2
        if kind != "density":
            square = square[..., 1:]  # J = 1 part, or the space-like components of a tensor
        total += 0.5 * weight * square.sum()
    return total


@pytest.mark.parametrize(("bilinear", "factor"), [("1", 2), ("i5", 2), ("A", 2), ("V", 0), ("T", 0), ("T5", 0)])
def test_majorana_bilinears_against_both_contractions(bilinear, factor):
    """Reference rows S001-O-031, S001-O-032: twice the Dirac rate, or nothing."""
    gamma, kind = explicit.DARK[bilinear]
    dirac = sum(
        weight * (np.abs(d if kind == "density" else d[..., 1:]) ** 2).sum()
        for weight, d in explicit.fermion_bilinears(Q2, M_CHI, gamma)
    )
    assert majorana_density(gamma, kind, M_CHI) == pytest.approx(factor * dirac, rel=ROUNDING, abs=1e-11)


def test_self_conjugate_rates_are_twice_the_others(mode):
    q2 = jnp.array([Q2])
    couplings = {"S1": 0.4, "S2": 0.7j, "V2": 0.2 + 1j, "P1": 0.3, "P2": -0.5, "A2": 1.1}
    dirac = mode.rates(FermionPair(M_CHI, **couplings).spectral(q2), M_CHI)
    majorana = mode.rates(FermionPair(M_CHI, **couplings, self_conjugate=True).spectral(q2), M_CHI)
    np.testing.assert_allclose(majorana, 2 * dirac, rtol=1e-14)
    # rows S001-O-029, S001-O-030: real phi, L = C sbar b phi^2: 2; with C/2: 1/2
    once = float(ScalarPair(M_CHI, S=1.0).spectral(q2).S[0])
    assert float(ScalarPair(M_CHI, S=1.0, self_conjugate=True).spectral(q2).S[0]) == pytest.approx(2 * once)
    assert float(ScalarPair(M_CHI, S=0.5, self_conjugate=True).spectral(q2).S[0]) == pytest.approx(0.5 * once)


@pytest.mark.parametrize("operator", ["V1", "A1", "T1", "T2"])
def test_vanishing_fermion_operators_are_refused(operator):
    with pytest.raises(OutOfDomain, match=rf"operator {operator} vanishes .*survive: S1, S2, P1, P2, V2, A2"):
        FermionPair(1.0, self_conjugate=True, **{operator: 0.0})


@pytest.mark.parametrize("operator", ["V", "A"])
def test_vanishing_scalar_operators_are_refused(operator):
    with pytest.raises(OutOfDomain, match=rf"operator {operator} vanishes .*survive: S, P"):
        ScalarPair(1.0, self_conjugate=True, **{operator: 1e-9})


def neutrino_matrix_rate(hadron, coefficients: dict[str, np.ndarray], N: float) -> np.ndarray:
    """Lepton-number violating terms with explicit massless spinors, flavour by flavour, both contractions.

    L = 2N sum_ij C_ij (sbar .. b)(Nbar_i Gamma P_L N_j): for i < j the amplitude is C_ij A(1,2) - C_ji A(2,1).
    """
    P_L = 0.5 * (np.eye(4) - explicit.GAMMA5)
    C = 1j * explicit.GAMMA[2] @ explicit.GAMMA[0]
    quark = {"SL": {"S": 0.5, "P": 0.5j}, "SR": {"S": 0.5, "P": -0.5j}}  # P_L, P_R in (1, i gamma5)
    total = 0.0
    energy = 0.5 * np.sqrt(Q2)
    for n, weight in explicit.directions():
        p = [np.array([energy, *(s * energy * n)]) for s in (1, -1)]
        u = [explicit.spinors(x, 0.0)[0] for x in p]
        v = [np.einsum("ij,sj->si", C, x.conj() @ explicit.GAMMA[0]) for x in u]
        for i, j in itertools.combinations_with_replacement(range(3), 2):
            amplitude = 0.0
            for name, c in coefficients.items():
                gamma = P_L if name != "TL" else explicit.SIGMA @ P_L
                direct = np.einsum("si,ij,...jk,tk->st...", u[0].conj(), explicit.GAMMA[0], gamma, v[1])
                exchange = np.einsum("ti,ij,...jk,sk->st...", u[1].conj(), explicit.GAMMA[0], gamma, v[0])
                dark = c[i, j] * direct - c[j, i] * exchange
                if name == "TL":
                    # sigma P_L in both factors: sigma x sigma P_L, the other half vanishes
                    amplitude = amplitude + explicit.contract("tensor", hadron["T"], dark)
                else:
                    h = sum(f * hadron[k] for k, f in quark[name].items() if k in hadron)
                    amplitude = amplitude + explicit.contract("density", h, dark)
            identical = 0.5 if i == j else 1.0
            total = total + identical * weight * (np.abs(2 * N * amplitude) ** 2).sum(axis=(1, 2))
    return total


def test_scalar_and_tensor_neutrino_currents_with_flavour(mode):
    """Random complex matrices: symmetric and antisymmetric parts, identical particles, no S-T interference."""
    rng = np.random.default_rng(1)
    c = {name: rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)) for name in ("SL", "SR", "TL")}
    pair = NeutrinoPair(0.7, np.zeros((3, 3)), C_SL=c["SL"], C_SR=c["SR"], C_TL=c["TL"])
    ours = mode.rates(pair.spectral(jnp.array([Q2])), 0.0)
    theirs = mode.split(neutrino_matrix_rate(mode.explicit, c, 0.7))
    np.testing.assert_allclose(ours, theirs, rtol=ROUNDING)


def test_vector_neutrino_current_with_flavour(mode):
    """One massless Dirac fermion per flavour pair, with the couplings V1, V2, A1, A2 of a chiral current."""
    rng = np.random.default_rng(2)
    left, right = (rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)) for _ in range(2))
    ours = mode.rates(NeutrinoPair(0.7, left, C_R=right).spectral(jnp.array([Q2])), 0.0)
    theirs = 0.0
    for i, j in itertools.product(range(3), repeat=2):
        v, a = 0.7 * 0.5 * (right + left)[i, j], 0.7 * 0.5 * (right - left)[i, j]
        couplings = {"V1": v, "V2": -v, "A1": a, "A2": -a}
        theirs = theirs + mode.split(explicit.fermion_rate(mode.explicit, Q2, 0.0, couplings))
    np.testing.assert_allclose(ours, theirs, rtol=ROUNDING)


# --- reference numbers ------------------------------------------------------------------------------------------------


def test_reference_values_of_spectral_functions():
    """Rows S001-O-005, -006 (D, q2 = 5, m = 0.6); rho_fV_a, rho0_fA_a, rho_phiV_a (q2 = 9, m = 1): q2 times ours."""
    q2, mass = jnp.array([5.0]), 0.6
    beta = float(np.sqrt(1 - 4 * mass**2 / 5.0))
    rho = FermionPair(mass, V2=1.0).spectral(q2)
    assert float(rho.V1[0]) * 5.0 * 8 * np.pi / beta == pytest.approx(4.74666666667, rel=1e-9)
    assert float(rho.V0[0]) * 5.0 * 8 * np.pi / beta == pytest.approx(2.88, rel=1e-9)
    q2 = jnp.array([9.0])
    # printed with six digits
    assert float(FermionPair(1.0, V1=1.0).spectral(q2).V1[0]) * 9 == pytest.approx(0.434966, abs=5.1e-7)
    assert float(FermionPair(1.0, A2=1.0).spectral(q2).A0[0]) * 9 == pytest.approx(0.237254, abs=5.1e-7)
    assert float(ScalarPair(1.0, V=1.0).spectral(q2).V1[0]) * 9 == pytest.approx(0.049428, abs=5.1e-7)


def test_below_threshold_everything_is_zero():
    q2 = jnp.array([0.0, 1e-12, 0.5, 1.2])
    every = dict.fromkeys(OPERATORS, 1.0)
    for rho in (FermionPair(M_CHI, **every).spectral(q2), ScalarPair(M_CHI, S=1, P=1, V=1, A=1).spectral(q2)):
        assert all(np.all(np.asarray(entry) == 0.0) for entry in rho if entry is not None)


def test_broad_boson_is_the_line_for_small_width():
    """int dq2 rho = 2 pi R p_invisible for a narrow peak; the tails outside miss a share of about Gamma/m."""
    boson = ScalarBoson(2.0, width=1e-5, p_invisible=0.3, g_S=2.0)
    q2, weight = BroadBoson(boson).nodes(jnp.linspace(0.0, 22.0, 101), jnp.array(22.0), 6)
    total = float((weight * BroadBoson(boson).spectral(q2.reshape(-1)).S.reshape(q2.shape)).sum())
    assert total == pytest.approx(2 * np.pi * 4.0 * 0.3, rel=1e-5)
