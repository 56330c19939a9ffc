"""What holds for any dark matter: monotony, scaling, detailed balance, gradients, and no NaN anywhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from darkpenguin._jax import jax, jnp
from darkpenguin.cosmology import freeze_in as freeze_in_module
from darkpenguin.cosmology import freeze_out as freeze_out_module
from darkpenguin.cosmology.freeze_in import FreezeIn, freeze_in
from darkpenguin.cosmology.freeze_out import FAST, FreezeOut, freeze_out
from darkpenguin.cosmology.thermal_average import ChannelGroup, Resonance
from darkpenguin.cosmology.thermal_bath import load_bath
from darkpenguin.cosmology.thermal_rates import scattering_density

FEW = settings(max_examples=20, deadline=None)
BATH = load_bath()


def resonant(m: jax.Array, M: jax.Array, width: jax.Array, coupling: jax.Array, final: jax.Array) -> FreezeOut:
    """chi chi -> R -> f f, sigma = coupling beta_f / (8 pi beta_i) * s / ((s - M^2)^2 + M^2 Gamma^2)."""

    def sigma(s, p):  # type: ignore[no-untyped-def]
        beta_f, beta_i = jnp.sqrt(1 - 4 * final**2 / s), jnp.sqrt(1 - 4 * m**2 / s)
        return (coupling * beta_f / beta_i / (8 * jnp.pi) * s * p[0].squared())[None]

    group = ChannelGroup(("f f",), 2 * final, sigma, (Resonance(M, width),))
    return FreezeOut(m, jnp.ones(()), (group,))


@jax.jit
def relic(m, M, width, coupling, final):  # type: ignore[no-untyped-def]
    return freeze_out(resonant(m, M, width, coupling, final), BATH, FAST)


@jax.jit
def ln_omega_slope(theta):  # type: ignore[no-untyped-def]
    return jax.grad(lambda t: jnp.log(freeze_out(resonant(*t), BATH, FAST).omega_h2))(theta)


LOG_MASS = st.floats(-2.0, 2.0)


@given(LOG_MASS, st.floats(0.3, 3.0), st.floats(-7.0, -0.5), st.floats(-6.0, -3.0), st.floats(0.05, 0.95))
@FEW
def test_more_annihilation_leaves_less(
    log_m: float, ratio: float, log_width: float, log_c: float, final: float
) -> None:
    m = 10.0**log_m
    point = (m, 2 * m * ratio, 2 * m * ratio * 10.0**log_width)
    # coupling in the units of a weak cross section, so that freeze-out is cold
    weak, strong = (relic(*point, c * 10.0**log_c * m**2, final * m) for c in (1.0, 1.5))
    assume(int(weak.status) == freeze_out_module.GOOD and int(strong.status) == freeze_out_module.GOOD)
    # Omega falls slower than 1/sigma v: equilibrium is held longer, freeze-out comes later
    assert 1.0 < float(weak.omega_h2 / strong.omega_h2) < 1.5
    assert float(strong.x_freeze) > float(weak.x_freeze)
    assert float(weak.error) > 0.0


# any double (XLA takes subnormal ones for zero), and positive ones of every size
NUMBER = st.one_of(
    st.floats(allow_subnormal=False), st.floats(-300.0, 300.0).map(lambda e: 10.0**e), st.floats(1e-3, 1e3)
)


@given(NUMBER, NUMBER, NUMBER, NUMBER, NUMBER)
@example(1.0856608883079813e120, 1.0, 0.0, 0.0, 0.0)
@settings(max_examples=200, deadline=None)
def test_any_numbers_give_a_status_and_no_nan(m: float, M: float, width: float, coupling: float, final: float) -> None:
    result = relic(m, M, width, coupling, final)
    assert all(np.all(np.isfinite(leaf)) for leaf in jax.tree.leaves(result))
    assert int(result.status) in freeze_out_module.STATUS
    if not np.all(np.isfinite([m, M, width, coupling, final])) or m <= 0.0 or width < 0.0 or coupling <= 0.0:
        assert int(result.status) != freeze_out_module.GOOD


@pytest.mark.parametrize("ratio", [0.7, 0.999, 1.0, 1.02, 1.5])
@pytest.mark.parametrize("final", [0.3, 1.0, 1.15])
def test_gradient_across_resonance_and_threshold(ratio: float, final: float) -> None:
    """Mass, coupling and width: below, on and above the pole; open, degenerate and forbidden final states."""
    m = 1.3
    theta = jnp.asarray([m, 2 * m * ratio, 0.01, 3e-7, final * m])
    assert int(relic(*theta).status) == freeze_out_module.GOOD
    slope = np.asarray(ln_omega_slope(theta)) * np.asarray(theta)
    assert np.all(np.isfinite(slope))
    step = 1e-5
    for i in range(5):
        if i in (0, 4) and final == 1.0:
            continue  # the threshold passes twice the mass here: the lower end of the integral has a kink
        high, low = (jnp.log(relic(*theta.at[i].multiply(1 + s * step)).omega_h2) for s in (1, -1))
        # the numerical error of the solver, up to 2e-5, moves with x_1, which has no gradient: 1e-3 of a slope
        assert float(high - low) / (2 * step) == pytest.approx(slope[i], rel=3e-3, abs=3e-3)


def test_vmap_is_a_loop() -> None:
    masses = jnp.asarray([0.05, 1.0, 30.0])
    together = jax.jit(jax.vmap(lambda m: freeze_out(resonant(m, 3 * m, 0.1 * m, 1e-8 * m**2, 0.2 * m), BATH, FAST)))
    alone = [relic(m, 3 * m, 0.1 * m, 1e-8 * m**2, 0.2 * m).omega_h2 for m in masses]
    np.testing.assert_allclose(together(masses).omega_h2, jnp.stack(alone), rtol=1e-10)


@jax.jit
def frozen_in(m_chi, m_a, visible, dark):  # type: ignore[no-untyped-def]
    one = jnp.ones(())
    return freeze_in(FreezeIn(m_chi, 4 * one, m_a, one, visible, dark, jnp.zeros_like), BATH, 256)


@given(st.floats(-3.0, -0.7), st.floats(-18.0, -16.0), st.floats(-30.0, -24.0))
@FEW
def test_feeble_dark_matter_is_linear_in_its_width(log_m: float, log_visible: float, log_dark: float) -> None:
    point = (10.0**log_m, 1.0, 10.0**log_visible)
    one, two = (frozen_in(*point, c * 10.0**log_dark) for c in (1.0, 2.0))
    # the mediator loses 2 Gamma_dark instead of Gamma_dark; Richardson's error moves with the end point
    assert float(two.Y / one.Y) == pytest.approx(2.0, rel=1e-4)
    assert int(one.status) == freeze_in_module.GOOD


def test_freeze_in_gradient() -> None:
    """Feeble, intermediate and thermal dark matter, with a mediator that decays early or late."""
    points = jnp.asarray([[0.01, 1.0, 1e-17, 1e-28], [0.2, 3.0, 1e-20, 1e-20], [0.1, 1.0, 1e-14, 1e-14]])
    along = jax.jit(lambda t, u: jax.jvp(lambda q: jnp.log(frozen_in(*q).Y), (t,), (u,))[1])
    step = 1e-4
    for point in points:
        for i in range(4):
            slope = along(point, jnp.zeros(4).at[i].set(point[i]))
            high, low = (jnp.log(frozen_in(*point.at[i].multiply(1 + s * step)).Y) for s in (1, -1))
            # the end point moves with the width, without gradient: the error of 256 steps, 1e-5, moves with it
            assert float(high - low) / (2 * step) == pytest.approx(float(slope), rel=2e-3, abs=2e-3)


def test_a_mediator_that_never_decays_is_reported() -> None:
    assert int(frozen_in(0.1, 1.0, 0.0, 1e-60).status) == freeze_in_module.LONG_LIVED


@given(NUMBER, NUMBER, NUMBER, NUMBER)
@settings(max_examples=200, deadline=None)
def test_freeze_in_of_any_numbers_has_no_nan(m_chi: float, m_a: float, visible: float, dark: float) -> None:
    result = frozen_in(m_chi, m_a, visible, dark)
    assert all(np.all(np.isfinite(leaf)) for leaf in jax.tree.leaves(result))
    assert int(result.status) in freeze_in_module.STATUS
    if not np.all(np.isfinite([m_chi, m_a, visible, dark])) or min(m_chi, m_a) <= 0.0 or min(visible, dark) < 0.0:
        assert int(result.status) != freeze_in_module.GOOD


@given(st.floats(0.2, 3.0), st.floats(0.0, 2.0), st.floats(0.05, 5.0))
@FEW
def test_detailed_balance(m_1: float, m_2: float, T: float) -> None:
    """1 1 -> 2 2 and 2 2 -> 1 1 happen equally often in equilibrium: p_1^2 sigma_12 = p_2^2 sigma_21."""

    def p2(s, m):  # type: ignore[no-untyped-def]
        return s - 4 * m**2

    def forward(s):  # type: ignore[no-untyped-def]
        return 1 / s * jnp.sqrt(jnp.maximum(p2(s, m_2), 0.0) / p2(s, m_1))

    def back(s):  # type: ignore[no-untyped-def]
        return forward(s) * p2(s, m_1) / p2(s, m_2)

    temperature = jnp.asarray([T])
    there = scattering_density(forward, (m_1, m_1), (1.0, 1.0), 2 * m_2, temperature)
    again = scattering_density(back, (m_2, m_2), (1.0, 1.0), 2 * m_1, temperature)
    # the same integral from different integrands: 3e-8 of the rule, worse where 1/p is cut at its first node
    np.testing.assert_allclose(there, again, rtol=2e-6)


@jax.jit
def one_more(mass, T):  # type: ignore[no-untyped-def]
    with_more = BATH.with_species(mass, 2.0, False)
    return with_more.h(T) - BATH.h(T), with_more.g(T) - BATH.g(T)


@given(st.floats(1e-4, 10.0), st.floats(-4.0, 2.0))
@FEW
def test_a_species_adds_entropy_and_keeps_the_second_law(mass: float, log_T: float) -> None:
    T = 10.0**log_T
    more_h, more_g = one_more(mass, T)
    assert -1e-12 <= float(more_h) <= 2.0 + 1e-6
    # p = T s - rho > 0, and p < rho/3 for a massive gas: g < 4/3 h is p > 0, h <= g is p <= rho/3
    assert float(more_h) <= float(more_g) * (1 + 1e-6) + 1e-9
    assert float(more_g) <= 4 / 3 * float(more_h) + 1e-9
