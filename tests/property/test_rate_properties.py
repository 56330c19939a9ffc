"""Properties of numerics, spectral functions and rates that hold for all parameters."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from darkpenguin._jax import jax, jnp
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.numerics import kallen
from darkpenguin.core.types import Couplings
from darkpenguin.flavour.rates import dBR_dq2, default_edges, line_branching_fraction, mode_spectrum
from darkpenguin.flavour.spectral import BroadBoson, FermionPair, NeutrinoPair, ScalarBoson, ScalarPair, VectorBoson

hypothesis.settings.register_profile("rates", max_examples=25, deadline=None, derandomize=True)
settings = hypothesis.settings.get_profile("rates")

FERMION = ("S1", "S2", "P1", "P2", "V1", "V2", "A1", "A2", "T1", "T2")
MODES = ("B+->K+", "B0->K*0")

masses = st.floats(0.0, 6.0)
pair_masses = st.floats(0.0, 3.0)
coupling = st.complex_numbers(max_magnitude=1.0, allow_nan=False, allow_infinity=False)
couplings = st.lists(coupling, min_size=10, max_size=10)


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return load_inputs("reference-A").at()


@pytest.fixture(scope="module")
def fermion_spectrum(inputs):
    """(mass, ten couplings) -> rate [n_bin], longitudinal [n_bin], for both modes; compiled once."""

    def run(mass, c):
        pair = FermionPair(mass, **dict(zip(FERMION, c, strict=True)))
        found = [mode_spectrum(Couplings(continua=(pair,)), mode, inputs, default_edges()) for mode in MODES]
        return [(s.rate, s.longitudinal) for s in found]

    return jax.jit(run)


def as_array(values) -> jnp.ndarray:
    return jnp.asarray(values, dtype=jnp.complex128)


def strong(value: float) -> jnp.ndarray:
    """Never a weakly typed scalar, which would compile everything again."""
    return jnp.asarray(value, dtype=jnp.float64)


@settings
@hypothesis.given(masses, masses, masses)
def test_kallen_is_symmetric(a, b, c):
    values = [float(kallen(*map(jnp.asarray, order))) for order in ((a, b, c), (b, c, a), (c, b, a), (b, a, c))]
    scale = (a + b + c) ** 4
    np.testing.assert_allclose(values, values[0], rtol=0, atol=1e-14 * scale)
    expanded = a**4 + b**4 + c**4 - 2 * (a * a * b * b + b * b * c * c + c * c * a * a)
    np.testing.assert_allclose(values[0], expanded, rtol=0, atol=1e-13 * scale)


@settings
@hypothesis.given(pair_masses, couplings)
def test_rates_are_positive_and_vanish_below_threshold(fermion_spectrum, mass, c):
    """Every operator, complex couplings: interference never exceeds the squares (Cauchy-Schwarz), bin by bin."""
    edges = np.asarray(default_edges())
    for rate, longitudinal in fermion_spectrum(strong(mass), as_array(c)):
        rate, longitudinal = np.asarray(rate), np.asarray(longitudinal)
        rounding = 1e-12 * rate.max()
        assert np.all(np.isfinite(rate))
        assert np.all(longitudinal >= -rounding)
        assert np.all(rate - longitudinal >= -rounding)
        assert np.all(rate[edges[1:] <= 4 * mass**2] == 0.0)


@settings
@hypothesis.given(pair_masses, st.floats(0.1, 10.0), couplings)
def test_rates_scale_with_the_square_of_the_couplings(fermion_spectrum, mass, factor, c):
    plain = fermion_spectrum(strong(mass), as_array(c))
    scaled = fermion_spectrum(strong(mass), factor * np.exp(0.7j) * as_array(c))
    for (a, _), (b, _) in zip(plain, scaled, strict=True):
        np.testing.assert_allclose(b, factor**2 * a, rtol=1e-11, atol=1e-13 * float(b.max()))


@settings
@hypothesis.given(couplings)
def test_massless_fermions_do_not_tell_scalar_from_pseudoscalar_or_vector_from_axial(fermion_spectrum, c):
    """chi S1 = S2, V1 = V2, T1 = T2 in B -> K, and no interference, at m = 0."""
    c = np.asarray(c)
    swapped = c[[1, 0, 3, 2, 5, 4, 7, 6, 9, 8]]
    (a, _), (b, _) = (fermion_spectrum(strong(0.0), as_array(x))[0] for x in (c, swapped))
    np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13 * float(a.max()))


def test_massless_vector_and_axial_current_is_one_neutrino_flavour(fermion_spectrum, inputs):
    """V1 and V2 with coefficient c: one flavour with C_L N/2 = c in B -> K; with A1 and A2 also in B -> K*."""
    N, C_L = 1e-9, 5.0
    one_flavour = NeutrinoPair(N, jnp.diag(jnp.array([C_L, 0.0, 0.0])))
    c = 0.5 * N * C_L
    chiral = dict.fromkeys(FERMION, 0.0) | {"V1": c, "V2": -c, "A1": -c, "A2": c}
    found = fermion_spectrum(strong(0.0), as_array(list(chiral.values())))
    for mode, (rate, longitudinal) in zip(MODES, found, strict=True):
        expected = mode_spectrum(Couplings(continua=(one_flavour,)), mode, inputs, default_edges())
        np.testing.assert_allclose(rate, expected.rate, rtol=1e-10)
        np.testing.assert_allclose(longitudinal, expected.longitudinal, rtol=1e-10)


@settings
@hypothesis.given(st.floats(0.01, 2.0), st.floats(0.0, 20.0))
def test_ward_identity_of_the_axial_current(mass, above):
    """q2 rho_0(axial) = 4 m^2 rho(pseudoscalar) / q2: d_mu (chibar gamma^mu gamma5 chi) = 2m chibar i gamma5 chi."""
    q2 = jnp.array([4 * mass**2 + above])
    rho = FermionPair(mass, A2=1.0, S2=1.0).spectral(q2)
    np.testing.assert_allclose(q2 * rho.A0, 4 * mass**2 * rho.S / q2, rtol=1e-13)


@settings
@hypothesis.given(st.floats(0.0, 3.0), st.just(0.0) | st.floats(1e-12, 30.0))
def test_scalar_current_below_threshold(mass, q2):
    rho = ScalarPair(mass, S=1.0, V=1.0).spectral(jnp.array([q2]))
    is_open = q2 > 4 * mass**2
    assert (float(rho.S[0]) > 0) == is_open
    assert float(rho.V1[0]) >= 0


def test_vmap_is_a_loop(fermion_spectrum):
    rng = np.random.default_rng(3)
    mass = jnp.asarray(np.append(rng.uniform(0, 2.6, 6), [0.0, 2.4]))
    c = as_array(rng.normal(size=(8, 10)) + 1j * rng.normal(size=(8, 10)))
    together = jax.vmap(fermion_spectrum)(mass, c)
    for k in range(8):
        alone = fermion_spectrum(mass[k], c[k])
        for a, b in zip(jax.tree.leaves(alone), jax.tree.leaves(together), strict=True):
            np.testing.assert_allclose(b[k], a, rtol=1e-12, atol=1e-14 * float(np.max(a)))


def test_vmap_over_bosons(inputs):
    """A batch of masses across the threshold, finite values and gradients everywhere."""

    def rate(mass):
        line = ScalarBoson(mass, g_S=1.0, h_V=1.0)
        vector = VectorBoson(mass, g_V=1.0)
        return line_branching_fraction(line, "B+->K+", inputs), line_branching_fraction(vector, "B+->K+", inputs)

    end = float(inputs.m_Bplus - inputs.m_Kplus)
    mass = jnp.array([0.01, 1.0, 4.0, end - 1e-6, end, end + 1e-9, 5.2796, 5.415, 30.0])
    for value in jax.jit(jax.vmap(rate))(mass) + jax.jit(jax.vmap(jax.jacfwd(rate)))(mass):
        assert np.all(np.isfinite(np.asarray(value)))
    scalar, vector = jax.vmap(rate)(mass)
    assert np.all(np.asarray(scalar)[4:] == 0.0)
    assert np.all(np.asarray(vector)[4:] == 0.0)


# --- gradients ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mass_gradient(inputs):
    """total(mass, mode index) of a pair with all operators, and its forward and reverse derivative."""

    def total(mass):
        c = {name: 1e-8 * (1 + 0.1j * k) for k, name in enumerate(FERMION)}
        pairs = (FermionPair(mass, **c), ScalarPair(mass, S=1e-8, P=1e-8, V=1e-8, A=1e-8))
        return jnp.stack(
            [mode_spectrum(Couplings(continua=pairs), mode, inputs, default_edges()).rate.sum() for mode in MODES]
        )

    return jax.jit(total), jax.jit(jax.jacfwd(total)), jax.jit(jax.jacrev(total))


# near a threshold of one mode, on a bin edge (4 m^2 = 10 * 0.22885), in the middle
@pytest.mark.parametrize("mass", [0.05, 0.7, np.sqrt(2.2885) / 2 + 1e-7, 1.5, 2.15, 2.19, 2.3, 2.39])
def test_mass_gradient_against_differences(mass_gradient, mass):
    total, forward, reverse = mass_gradient
    h = 1e-4 if mass < 2.1 else 2e-5
    points = [np.asarray(total(strong(mass + k * h))) for k in (-2, -1, 1, 2)]
    difference = (points[0] - 8 * points[1] + 8 * points[2] - points[3]) / (12 * h)
    ours = np.asarray(forward(strong(mass)))
    np.testing.assert_allclose(ours, np.asarray(reverse(strong(mass))), rtol=1e-10, atol=1e-18)
    # the five-point rule is good to h^4 times a fifth derivative that grows towards the threshold
    scale = np.maximum(np.abs(difference), np.asarray(total(strong(mass))))
    np.testing.assert_array_less(np.abs(ours - difference), 2e-5 * scale + 1e-14)


@pytest.mark.parametrize("mass", [0.0, 2.3928315, 2.4, 10.0])
def test_gradients_are_finite_at_and_beyond_thresholds(mass_gradient, mass):
    total, forward, reverse = mass_gradient
    for value in (total(strong(mass)), forward(strong(mass)), reverse(strong(mass))):
        assert np.all(np.isfinite(np.asarray(value)))
    if mass > 2.3929:
        assert np.all(np.asarray(forward(strong(mass))) == 0.0)


def test_input_gradients_against_differences(inputs):
    """Every constant and coefficient moves the rate through phase space, form factors and thresholds alike."""
    input_set = load_inputs("2026-11")

    @jax.jit
    def log_rates(z):
        x = input_set.at(z)
        states = (NeutrinoPair.universal(1e-9, C_L=5.0, C_SL=1.0, C_TL=1.0), FermionPair(1.1, V2=1e-8, S2=1e-8j))
        return jnp.stack(
            [jnp.log(mode_spectrum(Couplings(continua=states), mode, x, default_edges()).total()) for mode in MODES]
        )

    zero = jnp.zeros(input_set.n_nuisance)
    gradient = np.asarray(jax.jit(jax.jacfwd(log_rates))(zero))
    h = 1e-4
    for k in range(input_set.n_nuisance):
        step = zero.at[k].set(h)
        difference = (np.asarray(log_rates(step)) - np.asarray(log_rates(-step))) / (2 * h)
        np.testing.assert_allclose(gradient[:, k], difference, rtol=1e-5, atol=1e-8)


# --- sums -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_binnings(inputs):
    """The same spectrum in the default bins and in 37 uneven ones that share the first and last edge."""
    coarse = jnp.asarray(np.concatenate([[0.0], np.sort(np.random.default_rng(5).uniform(0.0, 23.2, 36)), [23.2]]))

    def run(mass, width):
        states = (ScalarPair(0.5 * mass, S=1.0, V=0.3), BroadBoson(ScalarBoson(mass, width=width, g_S=1.0)))
        return [
            mode_spectrum(Couplings(continua=states), "B+->K+", inputs, e).total() for e in (default_edges(), coarse)
        ]

    return jax.jit(run)


@settings
@hypothesis.given(st.floats(0.3, 4.3), st.floats(0.1, 1.0))
def test_total_does_not_depend_on_the_bins(two_binnings, mass, width):
    fine, coarse = two_binnings(strong(mass), strong(width))
    # the wider bins are up to 3 GeV^2, where six (twelve) nodes are good to this
    assert float(fine) == pytest.approx(float(coarse), rel=1e-5)


def test_spectrum_is_the_integral_of_the_density(inputs):
    """A single bin from 7 to 7.01 GeV^2 against the density in its middle: the second derivative is 1e-8 of it."""
    state = FermionPair(0.6, V2=1e-8, S2=1e-8j, T1=1e-8, A1=1e-8)
    for mode in ("B0->K0", "B+->K*+"):
        c = Couplings(continua=(state,))
        rate = mode_spectrum(c, mode, inputs, jnp.array([7.0, 7.01])).rate[0]
        density = dBR_dq2(c, mode, inputs, jnp.array([7.005]))[0]
        assert float(rate) == pytest.approx(0.01 * float(density), rel=1e-6)
