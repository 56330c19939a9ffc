"""Leptoquarks and Z' matched at tree level: published relations, reference rows, Fierz identities by brute force."""

from __future__ import annotations

import numpy as np
import pytest

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.model import build, check_values
from darkpenguin.errors import CardError
from darkpenguin.flavour.charged_leptons import charged_current_ratio, r_D_of_C_L
from darkpenguin.flavour.matching import matching_factor
from darkpenguin.flavour.mixing import mass_difference_ratio
from darkpenguin.flavour.sm_amplitude import standard_model_coefficient
from darkpenguin.models.index import load_model
from darkpenguin.models.zprime import largest_coefficient

LEPTOQUARKS = ("leptoquark_S0", "leptoquark_S1", "leptoquark_S12t", "leptoquark_V12", "leptoquark_V1")


@pytest.fixture(scope="module")
def A() -> Inputs:
    """Inputs of the reference rows S001-O-..."""
    return load_inputs("reference-A").at()


def new_physics(model, inputs: Inputs, quarks: str = "bs") -> tuple[np.ndarray, np.ndarray]:
    """C_L and C_R of a model, Standard Model subtracted."""
    couplings = model.couplings(inputs) if quarks == "bs" else model.couplings_in(quarks, inputs)
    (pair,) = couplings.continua
    C_R = np.zeros((3, 3)) if pair.C_R is None else np.asarray(pair.C_R)
    return np.asarray(pair.C_L) - complex(standard_model_coefficient(inputs)) * np.eye(3), C_R


TAU_POINT = {"M": 3000.0, "lam_stau": 0.5, "lam_btau": 0.8, "positive_ckm": 1.0}


def test_matching_factor(A):
    # reference row S001-O-048; in the PDG phase convention the product is close to real and negative
    assert float(jnp.abs(matching_factor(A))) == pytest.approx(588643262.518, rel=1e-9)
    assert float(jnp.real(matching_factor(A, positive_ckm=1.0))) == pytest.approx(588643262.518, rel=1e-9)
    assert float(jnp.real(matching_factor(A))) == pytest.approx(-588643262.518, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "left", "right"),
    [
        # reference rows S001-O-049 to 052: Fierz identities by hand, and the tree dictionary of the SMEFT
        ("leptoquark_S1", 13.0809613893, 0.0),
        ("leptoquark_S12t", 0.0, -13.0809613893),
        ("leptoquark_V12", 0.0, 26.1619227786),
        ("leptoquark_V1", -52.3238455572, 0.0),
        ("leptoquark_S0", 13.0809613893, 0.0),
    ],
)
def test_neutrino_matching(A, name, left, right):
    C_L, C_R = new_physics(build(load_model(name), TAU_POINT, A), A)
    assert C_L[2, 2] == pytest.approx(left, rel=1e-9, abs=1e-9)
    assert C_R[2, 2] == pytest.approx(right, rel=1e-9, abs=1e-9)
    assert np.abs(C_L).sum() + np.abs(C_R).sum() == pytest.approx(abs(left) + abs(right), rel=1e-9)


@pytest.mark.parametrize(
    ("name", "ratio", "primed"),
    # reference rows S001-O-053 to 055 (C9' = C_R, not half of it)
    [
        ("leptoquark_S0", 0.0, False),
        ("leptoquark_S1", 2.0, False),
        ("leptoquark_V1", 0.5, False),
        ("leptoquark_S12t", 1.0, True),
        ("leptoquark_V12", 1.0, True),
    ],
)
def test_charged_leptons_follow_neutrinos(A, name, ratio, primed):
    random = np.random.default_rng(1)
    names = [o.name for o in load_model(name).operators]
    values = {"M": 2000.0} | {n + end: random.uniform(-1, 1) for n in names for end in ("", "_im")}
    model = build(load_model(name), values, A)
    C_L, C_R = new_physics(model, A)
    visible = model.visible(A)
    C9, C10, other = (visible.C9p, visible.C10p, visible.C9) if primed else (visible.C9, visible.C10, visible.C9p)
    np.testing.assert_allclose(C9, ratio * (C_R if primed else C_L), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(C10, -C9, rtol=1e-14)
    assert np.all(np.asarray(other) == 0.0)


# --- the matching by brute force: components of anticommuting fields ---------------------------

# chiral representation; C = i gamma^2 gamma^0
ZERO, UNIT = np.zeros((2, 2)), np.eye(2)
PAULI = [np.array(m, complex) for m in ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]])]
GAMMA = [np.block([[ZERO, UNIT], [UNIT, ZERO]])] + [np.block([[ZERO, s], [-s, ZERO]]) for s in PAULI]
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
GAMMA5 = np.diag([-1.0, -1.0, 1.0, 1.0])
P_L, P_R = (np.eye(4) - GAMMA5) / 2, (np.eye(4) + GAMMA5) / 2
CHARGE = 1j * GAMMA[2] @ GAMMA[0]


class Word:
    """A product of four anticommuting fields as the antisymmetric tensor of its coefficient."""

    def __init__(self, first: np.ndarray, second: np.ndarray, order: str) -> None:
        """(field a) first (field b) x (field c) second (field d), `order` names the fields abcd, reordered to sbfF."""
        tensor = np.einsum("ij,kl->ijkl", first, second)
        wanted = [order.index(c) for c in "sbFf"]
        sign = np.linalg.det(np.eye(4)[wanted])
        self.tensor = sign * tensor.transpose(wanted)


def vector_form(quark: np.ndarray) -> np.ndarray:
    """(sbar gamma_mu P b)(Fbar gamma^mu P_L f), fields in the order sbar, b, Fbar, f."""
    return sum(METRIC[m, m] * Word(GAMMA[m] @ quark, GAMMA[m] @ P_L, "sbFf").tensor for m in range(4))


def transposed(matrix: np.ndarray) -> np.ndarray:
    """Charge conjugated bilinears: q^c-bar = -q^T C^-1, so that q^c-bar M l = -q^T C^-1 M l."""
    return -np.linalg.inv(CHARGE) @ matrix


def hermitian_partner(matrix: np.ndarray) -> np.ndarray:
    """(q^c-bar M l)^dagger = lbar (gamma0 M^dagger gamma0) q^c, with q^c = C qbar^T."""
    return GAMMA[0] @ matrix.conj().T @ GAMMA[0] @ CHARGE


@pytest.mark.parametrize("name", LEPTOQUARKS)
def test_fierz_identities(name):
    """The neutrino weight w of each multiplet from the exchange itself, by components of anticommuting fields."""
    model = load_model(name)
    quark = P_R if model.right_handed else P_L
    if name in ("leptoquark_S0", "leptoquark_S1"):  # +|J|^2/M^2, J = -b^c-bar P_L nu (isospin: unit weight)
        exchange = Word(transposed(P_L), hermitian_partner(P_L), "bfFs").tensor
    elif name == "leptoquark_S12t":  # J = d-bar_R nu_L
        exchange = Word(P_L, P_R, "sfFb").tensor
    else:  # vectors: -J J*/M^2
        bilinears = [(GAMMA[m], METRIC[m, m]) for m in range(4)]
        if name == "leptoquark_V1":  # tau.V: the charged component carries sqrt2, b -> nu by V^(2/3)
            exchange = -2 * sum(s * Word(g @ P_L, g @ P_L, "sfFb").tensor for g, s in bilinears)
        else:
            exchange = -sum(
                s * Word(transposed(g @ P_L), hermitian_partner(g @ P_L), "bfFs").tensor for g, s in bilinears
            )
    np.testing.assert_allclose(exchange, model.weight_neutrino * vector_form(quark), atol=1e-14)


# --- r_D(*) -----------------------------------------------------------------------------------------------------------


def test_charged_current_of_the_singlet(A):
    # reference row S001-O-056, C_L there to five digits; the talk's 1.06 has alpha/pi for alpha/(2 pi)
    C_L = jnp.zeros((3, 3)).at[2, 2].set(-12.112)
    assert float(r_D_of_C_L(C_L, A, ckm_factor=1.0)) == pytest.approx(1.0303577427, rel=1e-5)
    # the whole chain from the Yukawa couplings, complex, flavours mixed; the b tau coupling adds V_cb lambda^{b tau}
    values = {"M": 1500.0, "lam_stau": 0.4, "lam_stau_im": 0.3, "lam_btau": 0.7, "lam_bmu": -0.5, "lam_be_im": 0.2}
    model = build(load_model("leptoquark_S0"), values, A)
    C_L, _ = new_physics(model, A)
    eps = np.asarray(model.visible(A).charged_current)
    s, b, scale = 0.4 + 0.3j, np.array([0.2j, -0.5, 0.7]), 4 * np.sqrt(2) * float(A.G_F) * 1500.0**2
    own = b * (float(A.V_cs) / float(A.V_cb) * np.conj(s) + 0.7) / scale
    np.testing.assert_allclose(eps[2], own, rtol=1e-10)
    without = np.abs(np.array([0, 0, 1]) + b * float(A.V_cs) / float(A.V_cb) * np.conj(s) / scale) ** 2
    assert float(r_D_of_C_L(jnp.asarray(C_L), A)) == pytest.approx(without.sum(), rel=1e-10)


def test_ratio_divides_by_light_leptons(A):
    muon = build(load_model("leptoquark_S0"), {"M": 2000.0, "lam_smu": 0.8, "lam_bmu": 0.8}, A).visible(A)
    eps = complex(muon.charged_current[1, 1])
    assert float(charged_current_ratio(muon)) == pytest.approx(1 / (0.5 + 0.5 * abs(1 + eps) ** 2), rel=1e-12)


# --- other quark transitions ------------------------------------------------------------------------------------------


def test_other_quarks_need_the_down_row(A):
    model = build(load_model("leptoquark_S1"), {"M": 3000.0, "lam_stau": 0.5, "lam_btau": 0.8}, A)
    C_L, _ = new_physics(model, A, "bd")
    assert np.all(C_L == 0)
    model = build(load_model("leptoquark_S1"), {"M": 3000.0, "lam_dtau": 0.1, "lam_btau": 0.8}, A)
    C_L, _ = new_physics(model, A, "bd")
    expected = np.pi / (np.sqrt(2) * A.alpha_em_mZ * A.G_F * A.V_tb_V_td) * 0.08 / (2 * 3000.0**2)
    assert abs(C_L[2, 2]) == pytest.approx(float(expected), rel=1e-10)
    assert model.couplings_in("cu", A).continua == ()


# --- Z' ---------------------------------------------------------------------------------------------------------------


def test_zprime_matching(A):
    values = {"M": 5000.0, "gL": 2e-3, "gR_im": 1e-3, "g_mutau": 0.3, "g_mutau_im": -0.4, "g_ee": 0.2, "x_R": 1.0}
    model = build(load_model("zprime"), values | {"positive_ckm": 1.0}, A)
    C_L, C_R = new_physics(model, A)
    K = 588643262.518
    assert C_L[1, 2] == pytest.approx(-K * 2e-3 * (0.3 - 0.4j) / 5000.0**2, rel=1e-9)
    assert C_L[2, 1] == pytest.approx(-K * 2e-3 * (0.3 + 0.4j) / 5000.0**2, rel=1e-9)
    np.testing.assert_allclose(C_R, 0.5j * C_L, rtol=1e-12)
    visible = model.visible(A)
    np.testing.assert_allclose(visible.C9, 2 * C_L, rtol=1e-12)  # x_L = x_R: a vector current of the leptons
    assert np.all(np.asarray(visible.C10) == 0)


def test_largest_zprime_coefficient(A):
    """Delta M_s within 10 %: gL/M < 1/(238 TeV), hence |C_L| <= 2.5 (g TeV / M), with flavio 2.7.1 at 160 GeV."""
    assert float(largest_coefficient(jnp.asarray(160.0), A, 0.1, 1e-3)) == pytest.approx(2.5, rel=0.02)


@pytest.mark.parametrize("name", [*LEPTOQUARKS, "zprime"])
def test_switch(name, A):
    assert check_values(load_model(name), {"M": 2000.0, "positive_ckm": 1.0}) == []
    with pytest.raises(CardError, match="expected 0"):
        build(load_model(name), {"M": 2000.0, "positive_ckm": 0.5}, A)


@pytest.mark.parametrize("name", [*LEPTOQUARKS, "zprime"])
def test_benchmarks_raise_the_rate(name, A):
    """Every benchmark adds to the Standard Model in B -> K nu nu: sum |c_L + C_R|^2 > 3 C_SM^2, complex CKM product."""
    for values in load_model(name).benchmarks.values():
        (pair,) = build(load_model(name), values, A).couplings(A).continua
        total = pair.C_L if pair.C_R is None else pair.C_L + pair.C_R
        assert float(jnp.sum(jnp.abs(total) ** 2)) > 3 * float(standard_model_coefficient(A)) ** 2


def test_benchmark_without_shift_of_mixing(A):
    model = build(load_model("zprime"), load_model("zprime").benchmarks["no_shift_of_mixing"], A)
    left_alone = build(load_model("zprime"), {"M": 1000.0, "gL": 1.6e-2}, A)
    shifts = [float(mass_difference_ratio(m.visible(A), A)) - 1 for m in (model, left_alone)]
    assert abs(shifts[0]) < 0.02 * shifts[1]
