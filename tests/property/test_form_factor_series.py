"""What holds for any coefficients and any q2: linearity, end-point relations, finite values and gradients."""

import equinox as eqx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from darkpenguin._jax import jax, jnp
from darkpenguin.core.form_factor_series import FormFactors
from darkpenguin.core.inputs import load_inputs
from darkpenguin.flavour.form_factors import series, z

SETS = {
    "BSZ": load_inputs(form_factors={"B->K": "grvdv-2023"}).templates["B->K"],
    "HPQCD": load_inputs(form_factors={"B->K": "hpqcd-2022"}).templates["B->K"],
    "vector": load_inputs(form_factors={"B->K*": "bsz-2015"}).templates["B->K*"],
    "BCL": load_inputs(form_factors={"B->pi": "lmvd-2021"}).templates["B->pi"],
}
FEW = settings(max_examples=25, deadline=None)
# one shape for all examples, so that each set compiles once
Q2 = st.lists(st.floats(0.0, 19.0), min_size=4, max_size=4).map(np.array)


@jax.jit
def evaluate(ff: FormFactors, coefficients: jax.Array, q2: jax.Array) -> jax.Array:
    return series(eqx.tree_at(lambda f: f.coefficients, ff, coefficients), q2)


def coefficients(n: int) -> st.SearchStrategy[np.ndarray]:
    return arrays(np.float64, n, elements=st.floats(-5.0, 5.0))


@pytest.mark.parametrize("name", SETS)
@given(data=st.data())
@FEW
def test_linear_in_the_coefficients(name: str, data: st.DataObject) -> None:
    ff = SETS[name]
    a, b = (data.draw(coefficients(len(ff.names))) for _ in range(2))
    x, q2 = data.draw(st.floats(-3.0, 3.0)), data.draw(Q2)
    mixed = evaluate(ff, a + x * b, q2)
    # values are sums of at most five terms of size 5 times the pole factor (below 3): rounding
    np.testing.assert_allclose(mixed, evaluate(ff, a, q2) + x * evaluate(ff, b, q2), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", SETS)
@given(data=st.data())
@FEW
def test_relations_at_zero_for_any_coefficients(name: str, data: st.DataObject) -> None:
    ff = SETS[name]
    values = dict(
        zip(
            ff.functions,
            np.asarray(evaluate(ff, data.draw(coefficients(len(ff.names))), np.zeros(4)))[:, 0],
            strict=True,
        )
    )
    if name == "vector":
        m_B, m_V = 5.27966, 0.89555
        assert values["T1"] == pytest.approx(values["T2"], rel=1e-13, abs=1e-14)
        assert values["A12"] == pytest.approx(values["A0"] * (m_B**2 - m_V**2) / (8 * m_B * m_V), rel=1e-13, abs=1e-14)
    else:
        assert values["f+"] == pytest.approx(values["f0"], rel=1e-13, abs=1e-14)


@pytest.mark.parametrize("name", SETS)
@given(q2=st.lists(st.floats(-10.0, 60.0), min_size=4, max_size=4).map(np.array))
@FEW
def test_values_and_gradients_are_finite_everywhere(name: str, q2: np.ndarray) -> None:
    """Also at the cut t_+ and at a pole, where masked bins of a closed channel may put a node."""
    ff = SETS[name]
    q2[:2] = float(ff.t_plus), float(ff.poles[0]) ** 2
    slope = gradient(ff, jnp.asarray(q2))
    assert np.all(np.isfinite(evaluate(ff, ff.coefficients, q2)))
    assert np.all(np.isfinite(slope))


@jax.jit
def gradient(ff: FormFactors, q2: jax.Array) -> jax.Array:
    return jax.jacfwd(lambda t: series(ff, t))(q2)


@pytest.mark.parametrize("name", SETS)
@given(q2=Q2)
@FEW
def test_gradient_equals_difference(name: str, q2: np.ndarray) -> None:
    ff, h = SETS[name], 1e-4
    q2 = np.clip(q2, 0.1, 18.9)
    slope = np.einsum("fqq->fq", gradient(ff, jnp.asarray(q2)))
    difference = (evaluate(ff, ff.coefficients, q2 + h) - evaluate(ff, ff.coefficients, q2 - h)) / (2 * h)
    # truncation h^2 f''' / 6 below 1e-8, rounding 1e-16 / h = 1e-12
    np.testing.assert_allclose(slope, difference, rtol=1e-6, atol=1e-8)


@given(q2=st.floats(-20.0, 33.2), step=st.floats(1e-3, 5.0))
@FEW
def test_z_falls_and_stays_in_the_unit_disc(q2: float, step: float) -> None:
    ff = SETS["BSZ"]
    low, high = np.asarray(z(jnp.asarray([q2, q2 + step]), ff.t_plus, ff.t_0))
    assert -1.0 <= high < low < 1.0
    assert float(z(ff.t_0[None], ff.t_plus, ff.t_0)[0]) == 0.0


@pytest.mark.parametrize("name", SETS)
def test_vmap_equals_a_loop(name: str) -> None:
    ff, rng = SETS[name], np.random.default_rng(4)
    draws, q2 = jnp.asarray(rng.normal(size=(5, len(ff.names)))), jnp.linspace(0.0, 19.0, 4)
    batch = jax.vmap(lambda a: evaluate(ff, a, q2))(draws)
    loop = jnp.stack([evaluate(ff, a, q2) for a in draws])
    np.testing.assert_allclose(batch, loop, rtol=1e-13, atol=1e-14)
