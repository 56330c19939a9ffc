"""Bs -> phi and Lambda_b -> Lambda: rates, form factors, and the baryon's functions against traces of quark spinors."""

from __future__ import annotations

import explicit_amplitudes as explicit
import numpy as np
import pytest

from darkpenguin._jax import jax, jnp
from darkpenguin.analysis import Analysis
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.types import Couplings, ModeSpectrum
from darkpenguin.flavour.form_factors import LambdabToLambda, b_to_v, lambdab_to_lambda
from darkpenguin.flavour.hadrons import Masses, baryon_hadron
from darkpenguin.flavour.rates import dBR_dq2, dBR_dq2_polarised, default_edges, line_branching_fraction, mode_spectrum
from darkpenguin.flavour.sm_amplitude import standard_model_neutrinos
from darkpenguin.flavour.spectral import VectorBoson
from darkpenguin.flavour.transitions import q2_max, transition

MODES = ("Bs->phi", "Lambda_b->Lambda")


@pytest.fixture(scope="module")
def R() -> Inputs:
    return load_inputs("reference-R").at()


@pytest.fixture(scope="module")
def standard_model(R: Inputs) -> dict[str, ModeSpectrum]:
    compiled = jax.jit(mode_spectrum, static_argnames="mode")
    couplings = Couplings(continua=(standard_model_neutrinos(R),))
    return {mode: compiled(couplings, mode, R, default_edges()) for mode in MODES}


@pytest.mark.parametrize(("mode", "value"), [("Bs->phi", 1.05018e-05), ("Lambda_b->Lambda", 8.12312e-06)])
def test_standard_model_rates(standard_model: dict[str, ModeSpectrum], mode: str, value: float) -> None:
    """Reference rows sm_Bsphi, sm_LbL; they ask 1e-3, six digits are printed."""
    assert float(standard_model[mode].total()) == pytest.approx(value, rel=5e-6)


def test_longitudinal_shares_are_shares(standard_model: dict[str, ModeSpectrum]) -> None:
    """0 < F_L < 1 in every bin that has a rate."""
    shares = np.asarray(standard_model["Bs->phi"].longitudinal_fractions())
    rates = np.asarray(standard_model["Bs->phi"].rate)
    assert np.all((shares[rates > 0] > 0) & (shares[rates > 0] < 1))


def test_longitudinal_share_at_both_ends(R: Inputs) -> None:
    """F_L is 1 at q2 = 0, by angular momentum, and 1/3 at the end point, where no direction is left."""
    couplings = Couplings(continua=(standard_model_neutrinos(R),))
    end = float(q2_max(transition("Bs->phi"), R))
    parts = dBR_dq2_polarised(couplings, "Bs->phi", R, jnp.array([1e-9, end - 1e-7]))
    share = np.asarray(parts.longitudinal / (parts.longitudinal + parts.transverse))
    assert share[0] == pytest.approx(1.0, abs=1e-8)  # transverse part proportional to q2
    # the fitted A_1 and A_12 obey A_12 = A_1 (m_B + m_M)(m_B^2 - m_M^2 - q2)/(16 m_B m_M^2) only to a few per cent
    assert share[1] == pytest.approx(1 / 3, rel=0.1)


# arXiv:1503.05534, combined fits: a_0, a_1, a_2, pole; F = sum a_k (z - z(0))^k / (1 - q2/m_R^2)
BSZ = {
    "A0": (0.421328, -0.976454, 3.2714, 5.367),
    "A1": (0.288007, 0.350826, 1.69688, 5.83),
    "A12": (0.421328 * (5.36692**2 - 1.019461**2) / (8 * 5.36692 * 1.019461), 0.954402, 2.15263, 5.83),
    "V": (0.364478, -1.22389, 3.74061, 5.415),
}


@pytest.mark.parametrize("name", BSZ)
@pytest.mark.parametrize("q2", [0.0, 6.0, 15.0])
def test_form_factors_of_bs_to_phi(R: Inputs, name: str, q2: float) -> None:
    *a, pole = BSZ[name]
    M, m = 5.36692, 1.019461
    t_0, t_plus = (M + m) * (np.sqrt(M) - np.sqrt(m)) ** 2, (M + m) ** 2

    def z(x: float) -> float:
        u, v = np.sqrt(t_plus - x), np.sqrt(t_plus - t_0)
        return float((u - v) / (u + v))

    expected = sum(c * (z(q2) - z(0.0)) ** k for k, c in enumerate(a)) / (1 - q2 / pole**2)
    found = getattr(b_to_v(R.form_factors["Bs->phi"], jnp.array([q2])), name)[0]
    assert float(found) == pytest.approx(expected, rel=1e-12)


# form factors of the nominal fit without priors at q2 = 16 GeV^2 and their errors, as distributed with EOS 1.0.21
LATTICE = {
    "Vt": (0.605949, 0.0321),
    "Vperp": (0.930444, 0.0496),
    "V0": (0.754182, 0.0371),
    "At": (0.741959, 0.0370),
    "Aperp": (0.540443, 0.0294),
    "A0": (0.556989, 0.0273),
}


@pytest.mark.parametrize("name", LATTICE)
def test_form_factors_of_the_baryon(name: str) -> None:
    """Central values within half an error (the priors differ); the errors through the nuisances within 15 %."""
    inputs = load_inputs()
    kept = inputs.only("Lambda_b->Lambda")

    def at(z: jax.Array) -> jax.Array:
        return getattr(lambdab_to_lambda(kept.at(z).form_factors["Lambda_b->Lambda"], jnp.array([16.0])), name)[0]

    centre = jnp.zeros(kept.n_nuisance)
    value, error = LATTICE[name]
    assert float(at(centre)) == pytest.approx(value, abs=0.5 * error)
    assert float(jnp.linalg.norm(jax.grad(at)(centre))) == pytest.approx(error, rel=0.15)


def test_axial_form_factors_meet_at_the_end_point(R: Inputs) -> None:
    """g_perp = g_+ at q2_max [arXiv:1602.01399]; the z map is expanded about that point."""
    end = (5.61960 - 1.115683) ** 2
    ff = lambdab_to_lambda(R.form_factors["Lambda_b->Lambda"], jnp.array([end]))
    assert float(ff.Aperp[0]) == pytest.approx(float(ff.A0[0]), rel=1e-12)


@pytest.mark.parametrize("q2", [0.5, 6.0, 14.0])
def test_baryon_without_structure_is_a_quark(q2: float) -> None:
    """With all form factors 1 the functions are spin-averaged traces over quark spinors, done here with matrices."""
    M, m = 4.8, 0.7
    k_0, p_z = (M**2 + m**2 - q2) / (2 * M), np.sqrt(((M + m) ** 2 - q2) * ((M - m) ** 2 - q2)) / (2 * M)
    p, k = np.array([M, 0, 0, 0]), np.array([k_0, 0, 0, p_z])
    q = explicit.METRIC @ (p - k)
    spins = (explicit.slash(k) + m * np.eye(4)), (explicit.slash(p) + M * np.eye(4))
    ones = LambdabToLambda(*([jnp.ones(1)] * 10))
    masses = Masses(*map(jnp.array, (M, m, M, m)))
    H = baryon_hadron(masses, ones, jnp.array([q2]))

    def trace(first: np.ndarray, second: np.ndarray) -> float:
        return float(np.real(np.trace(spins[0] @ first @ spins[1] @ second)) / 2)

    for current, density, J1, J0, S in (
        (np.eye(4), np.eye(4), "V1", "V0", "S"),
        (explicit.GAMMA5,) * 2 + ("A1", "A0", "P"),
    ):
        vertices = [explicit.GAMMA[mu] @ current for mu in range(4)]
        tensor = np.array([[trace(a, b) for b in vertices] for a in vertices])
        timelike = q @ tensor @ q  # q_mu q_nu L^{mu nu}
        spacelike = timelike - q2 * np.sum(explicit.METRIC * tensor)
        total = {c: sum(float(getattr(part, c)[0]) for part in H if getattr(part, c) is not None) for c in (J1, J0, S)}
        assert total[J1] == pytest.approx(spacelike, rel=1e-11)
        assert total[J0] == pytest.approx(timelike, rel=1e-11)
        sign = 1.0 if S == "S" else -1.0  # gamma0 (gamma5)^dagger gamma0 = -gamma5
        assert total[S] == pytest.approx(sign * trace(density, density), rel=1e-11)


@pytest.mark.parametrize(("mode", "value"), [("Bs->phi", 1.72e-5), ("Lambda_b->Lambda", 6.5e-6)])
def test_two_body_rates(R: Inputs, mode: str, value: float) -> None:
    """Left-handed boson of 2.1 GeV, coupling of BR(B+ -> K+ V) = 9.2e-6; as many digits as printed."""
    g = 7.26595e-09
    assert float(line_branching_fraction(VectorBoson(2.1, g_V=g, g_A=-g), mode, R)) == pytest.approx(value, rel=8e-3)


@pytest.mark.parametrize("mode", MODES)
def test_gradient_at_the_end_point_is_finite(R: Inputs, mode: str) -> None:
    couplings = Couplings(continua=(standard_model_neutrinos(R),))
    q2 = jnp.array([0.0, q2_max(transition(mode), R), 23.0])
    slope = jax.grad(lambda x: dBR_dq2(couplings, mode, x, q2).sum(), allow_int=True)(R)
    assert all(np.all(np.isfinite(x)) for x in jax.tree.leaves(slope))


def test_prediction_with_errors() -> None:
    """On request only; relative errors from both lifetimes, |V_tb V_ts|, X_t and form factors."""
    analysis = Analysis("standard_model", experiments=())
    names = ["BR(Bs->phinunu)", "FL(Bs->phinunu)", "BR(Lambda_b->Lambdanunu)"]
    found = analysis.predict({}, names).observables
    assert list(found) == names
    assert all(o.error is not None and 0 < o.error < 0.3 * o.value for o in found.values() if o.value is not None)
