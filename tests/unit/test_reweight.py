"""Reweighting: the null spectrum, the recipe, lines in bins, and what is refused."""

from __future__ import annotations

import csv
import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from darkpenguin._jax import jax, jnp
from darkpenguin.core.types import ModeSpectrum
from darkpenguin.errors import BadData, UnknownName
from darkpenguin.experiments.histfactory_tables import builtin_folder, read_metadata
from darkpenguin.experiments.reweight import (
    FEW_EVENTS,
    INVALID_SPECTRUM,
    OUT_OF_RANGE,
    VALID,
    JointDensity,
    null_form_factor,
    null_spectrum,
)

NAME = "belle2-2023-bknunu"
FOLDER = Path(str(builtin_folder(NAME)))


@pytest.fixture(scope="module")
def density() -> JointDensity:
    return JointDensity.load(NAME)


@pytest.fixture(scope="module")
def counts() -> np.ndarray:
    """Expected events [18, 101] straight from the table, column 0 outside the bins."""
    lines = [line for line in (FOLDER / "density.csv").read_text().splitlines() if not line.startswith("#")]
    return np.array([[float(x) for x in fields[2:]] for fields in list(csv.reader(lines))[1:]])


# --- the null ---------------------------------------------------------------------------------------------------------


def test_null_integral(density: JointDensity) -> None:
    """4.9661e-6 over [0, 22.885] GeV^2, the 4.97e-6 of arXiv:2311.14647; five digits are given."""
    assert float(density.null.sum()) == pytest.approx(4.9661e-6, rel=1e-5)


def test_null_against_adaptive_quadrature() -> None:
    """Formula written out again in q2 and integrated by scipy: first, middle and last bin (where p_K^3 vanishes)."""
    c = read_metadata(FOLDER)["null"]
    edges = np.linspace(0, 22.885, 101)

    def rate(q2: float) -> float:
        lam = (
            c["m_B"] ** 4
            + c["m_K"] ** 4
            + q2**2
            - 2 * (c["m_B"] ** 2 * c["m_K"] ** 2 + (c["m_B"] ** 2 + c["m_K"] ** 2) * q2)
        )
        constants = (
            c["G_F"] ** 2 / c["alpha_inverse"] ** 2 * c["X_t"] ** 2 * c["V_tb_V_ts"] ** 2 * c["tau_B"] / c["hbar"]
        )
        form_factor = float(null_form_factor(c, np.array([q2]))[0])
        return constants / (32 * np.pi**5 * c["sin2_theta_W"] ** 2) * (lam**0.5 / (2 * c["m_B"])) ** 3 * form_factor**2

    found = null_spectrum(c, edges)
    for k in (0, 50, 98, 99):
        assert found[k] == pytest.approx(quad(rate, edges[k], edges[k + 1], epsrel=1e-12)[0], rel=1e-9)


def test_null_form_factor_at_zero() -> None:
    """arXiv:2207.12468: t_0 = 0, so z(0) = 0 and f_+(0) = L a_0 = 1.304 x 0.2545; the paper has f_+(0) = 0.332(12)."""
    value = float(null_form_factor(read_metadata(FOLDER)["null"], np.array([0.0]))[0])
    assert value == pytest.approx(1.304 * 0.2545, rel=1e-14)
    assert abs(value - 0.332) < 0.012


# --- the recipe -------------------------------------------------------------------------------------------------------


def test_null_gives_one(density: JointDensity) -> None:
    found = density.factors(density.null)
    assert np.allclose(found.f, 1.0, rtol=1e-14)
    assert int(found.status) == VALID


def test_recipe_by_hand(density: JointDensity, counts: np.ndarray) -> None:
    """nu_b = n_b0 + sum_k n_bk R_k / I_k over the row sum, in loops, for an arbitrary spectrum."""
    rate = np.asarray(density.null) * (1 + np.sin(np.arange(100)) ** 2)
    found = np.asarray(density.factors(jnp.asarray(rate)).f)
    for b, row in enumerate(counts):
        nu = row[0] + sum(row[1 + k] * rate[k] / float(density.null[k]) for k in range(100))
        assert found[b] == pytest.approx(nu / row.sum(), rel=1e-13)


def test_zero_spectrum_leaves_what_is_outside(density: JointDensity, counts: np.ndarray) -> None:
    """Outside: nothing for the inclusive tag, 0.15 to 0.22 % for the hadronic one; with weight 0 nothing is left."""
    found = density.factors(jnp.zeros(100))
    assert int(found.status) == VALID
    assert np.allclose(found.f, counts[:, 0] / counts.sum(axis=1), rtol=1e-14)
    assert (np.asarray(found.f[:12]) == 0).all()
    assert ((np.asarray(found.f[12:]) > 0.0015) & (np.asarray(found.f[12:]) < 0.0022)).all()
    assert (np.asarray(density.factors(jnp.zeros(100), outside=0.0).f) == 0).all()


def test_components_add_up(density: JointDensity) -> None:
    """Standard Model plus a component with weight 0 outside = both in one spectrum."""
    line = jnp.array([3e-6]), jnp.array([4.0]), jnp.array([0.1])
    together = density.factors(density.null, *line).f
    apart = density.factors(density.null).f + density.factors(jnp.zeros(100), *line, outside=0.0).f
    assert np.allclose(together, apart, rtol=1e-13)


@pytest.mark.parametrize(("channels", "rows"), [("inclusive", slice(0, 12)), ("hadronic", slice(12, 18))])
def test_one_tag(channels: str, rows: slice, density: JointDensity) -> None:
    assert np.array_equal(JointDensity.load(NAME, channels).response, density.response[rows])


# --- lines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mass", "width"), [(2.1, 0.1), (0.5, 0.1), (4.0, 0.001), (1.0, 1.5)])
def test_breit_wigner_against_quadrature(mass: float, width: float, density: JointDensity) -> None:
    """1 / [(q2 - m^2)^2 + m^2 Gamma^2] by scipy over each of three bins and over [0, 22.885]."""
    found = np.asarray(density.line_shape(mass, width))
    assert found.sum() == pytest.approx(1, abs=1e-14)

    def integral(low: float, high: float) -> float:
        near = [x for x in (mass**2 - mass * width, mass**2, mass**2 + mass * width) if low < x < high]
        return quad(
            lambda q2: 1 / ((q2 - mass**2) ** 2 + (mass * width) ** 2), low, high, points=near, epsrel=1e-12, limit=500
        )[0]

    total, edges = integral(0.0, 22.885), np.asarray(density.edges)
    peak = int(mass**2 / 0.22885)
    for k in {0, peak, 99}:
        assert found[k] == pytest.approx(integral(edges[k], edges[k + 1]) / total, rel=1e-8)


def test_narrow_line_is_membership(density: JointDensity) -> None:
    """As the width goes to zero the shares become those of a true line."""
    q2 = jnp.array([4.41])
    narrow = density.line_shares(q2, jnp.array([1e-12]))
    assert np.allclose(narrow, density.line_shares(q2, jnp.zeros(1)), atol=1e-11)


@settings(max_examples=30, deadline=None)
@given(q2=st.floats(0.0, 22.885))
def test_line_rules(q2: float) -> None:
    """Shares between 0 and 1 that add up to 1; by the linear rule their mean is q2 inside the outer centres."""
    density = JointDensity.load(NAME)
    centres = (np.asarray(density.edges)[1:] + np.asarray(density.edges)[:-1]) / 2
    for rule in ("membership", "linear"):
        shares = np.asarray(density.line_shares(jnp.array([q2]), jnp.zeros(1), rule))[0]
        assert shares.min() >= 0
        assert shares.sum() == pytest.approx(1, abs=1e-12)
        error = abs(shares @ centres - q2)
        assert error <= (0.5 * 0.22885 + 1e-9 if rule == "membership" or not centres[0] <= q2 <= centres[-1] else 1e-9)


def test_line_at_the_edges(density: JointDensity) -> None:
    """The lower edge belongs to the bin, the last upper edge to the last bin."""
    shares = density.line_shares(density.edges[jnp.array([0, 1, 100])], jnp.zeros(3))
    assert np.argmax(shares, axis=1).tolist() == [0, 1, 99]


def test_membership_and_linear_differ_within_a_bin(density: JointDensity) -> None:
    """The rules agree at a bin centre; between centres the linear one moves smoothly while the other jumps."""
    centre = (density.edges[20] + density.edges[21]) / 2

    def f(q2: jax.Array, rule: str) -> jax.Array:
        return density.factors(jnp.zeros(100), jnp.array([1e-5]), q2[None], lines=rule, outside=0.0).f

    assert np.allclose(f(centre, "linear"), f(centre, "membership"), rtol=1e-9)
    slope = jax.jacfwd(lambda q2: f(q2, "linear"))(centre + 0.05)
    difference = (f(centre + 0.051, "linear") - f(centre + 0.049, "linear")) / 0.002
    assert np.allclose(slope, difference, rtol=1e-9, atol=1e-12)
    assert np.isfinite(slope).all()
    assert (np.asarray(jax.jacfwd(lambda q2: f(q2, "membership"))(centre)) == 0).all()


@pytest.mark.parametrize("rule", ["membership", "linear"])
def test_gradients_are_finite(rule: str, density: JointDensity) -> None:
    """In rate, mass and width, at a massless line, a vanishing width and a closed channel too."""

    def total(rate: jax.Array, q2: jax.Array, width: jax.Array) -> jax.Array:
        return density.factors(density.null, rate, q2, width, lines=rule).f.sum()

    rate, q2, width = jnp.array([1e-6, 1e-6, 0.0]), jnp.array([0.0, 4.0, 24.0]), jnp.array([0.1, 0.0, 0.0])
    for slope in jax.grad(total, argnums=(0, 1, 2))(rate, q2, width):
        assert np.isfinite(slope).all()


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1e-12])
def test_bad_rate_gets_a_status(bad: float, density: JointDensity) -> None:
    found = density.factors(density.null.at[3].set(bad))
    assert int(found.status) == INVALID_SPECTRUM
    assert np.isnan(found.f).all()


def test_bad_lines_get_a_status(density: JointDensity) -> None:
    def status(rate: float, q2: float, width: float) -> int:
        return int(density.factors(density.null, jnp.array([rate]), jnp.array([q2]), jnp.array([width])).status)

    assert status(1e-6, 4.0, 0.0) == VALID
    assert status(-1e-6, 4.0, 0.0) == INVALID_SPECTRUM
    assert status(1e-6, np.nan, 0.0) == INVALID_SPECTRUM
    assert status(1e-6, 4.0, -0.1) == INVALID_SPECTRUM
    assert status(1e-6, 22.89, 0.0) == OUT_OF_RANGE
    assert status(0.0, 22.89, 0.0) == VALID  # a closed channel
    assert status(1e-6, 4.3**2, 0.0) == FEW_EVENTS
    assert np.isfinite(density.factors(density.null, jnp.array([1e-6]), jnp.array([4.3**2])).f).all()


def test_spectrum_with_other_edges(density: JointDensity) -> None:
    """A spectrum with one bin beyond ours is taken, one with shifted bins refused."""
    edges = jnp.concatenate([density.edges, jnp.array([23.2])])
    rate = jnp.concatenate([density.null, jnp.array([1e-9])])
    none = jnp.zeros(0)

    def spectrum(edges: jax.Array) -> ModeSpectrum:
        return ModeSpectrum(edges, rate, rate, none, none, none, none)

    found = density.factors_of(spectrum(edges))
    assert int(found.status) == VALID
    assert np.allclose(found.f, 1.0, rtol=1e-14)
    assert int(density.factors_of(spectrum(edges + 0.01)).status) == INVALID_SPECTRUM


def test_unknown_rule_and_channels(density: JointDensity) -> None:
    with pytest.raises(UnknownName, match="did you mean 'linear'"):
        density.line_shares(jnp.ones(1), jnp.zeros(1), "linar")
    with pytest.raises(UnknownName, match="did you mean 'combined'"):
        JointDensity.load(NAME, "combine")


def damaged(tmp_path: Path, old: str, new: str, table: str = "density.csv", *, sign: bool = True) -> Path:
    """A copy of the result folder with one replacement, checksum renewed if `sign`."""
    folder = Path(shutil.copytree(FOLDER, tmp_path / NAME))
    before = (folder / table).read_text()
    assert old in before
    after = before.replace(old, new, 1)
    (folder / table).write_text(after)
    if sign:
        meta = folder / "result.toml"
        sums = [hashlib.sha256(text.encode()).hexdigest() for text in (before, after)]
        meta.write_text(meta.read_text().replace(*sums))
    return folder


@pytest.mark.parametrize(
    ("old", "new", "sign", "message"),
    [
        ("0.7730846064834341", "0.7730846064834342", False, "density.csv: expected sha256"),
        ("0.7730846064834341", "-0.77", True, "density.csv: expected entries of at least 0"),
        ("0.7730846064834341", "nan", True, "density.csv: expected a finite number, found 'nan'"),
        ("0.7730846064834341,", "", True, "density.csv: expected 103 fields"),
    ],
)
def test_damaged_density(old: str, new: str, sign: bool, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadData, match=message):
        JointDensity.load(damaged(tmp_path, old, new, sign=sign))


def test_mistyped_null(tmp_path: Path) -> None:
    folder = damaged(tmp_path, "X_t = 1.468", "X_t = 1.486", "result.toml", sign=False)
    with pytest.raises(BadData, match=r"result.toml: expected a null spectrum of 4.9661e-06, found 5.0"):
        JointDensity.load(folder)
