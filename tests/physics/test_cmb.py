"""Annihilation at recombination and decays during nucleosynthesis: published limits and tables."""

from __future__ import annotations

import numpy as np
import pytest

from darkpenguin._jax import jax, jnp
from darkpenguin.core.dark import Dark
from darkpenguin.core.likelihood import Prediction
from darkpenguin.cosmology.freeze_out import FreezeOut
from darkpenguin.cosmology.late_time import (
    cmb_ratio,
    late_sigma_v,
    load_efficiency,
    nucleosynthesis_ratio,
)
from darkpenguin.cosmology.thermal_average import ChannelGroup
from darkpenguin.errors import UnknownName
from darkpenguin.experiments.index import load

CM3_PER_S = 1.0 / 1.167330e-17  # GeV^-2; (hbar c)^2 c = 0.3893794e-27 cm^2 GeV^2 times 2.99792458e10 cm/s


def sector(m: float, self_conjugate: bool = True) -> FreezeOut:
    """s-wave, p-wave, and a channel that is closed at rest, each of size 1e-9 GeV^-2 where open."""

    def sigma(power: float):  # type: ignore[no-untyped-def]
        return lambda s, _: (1e-9 * (1.0 - 4.0 * m**2 / s) ** power / 2.0)[None]

    groups = (
        ChannelGroup(("s",), jnp.zeros(()), sigma(-0.5)),
        ChannelGroup(("p",), jnp.zeros(()), sigma(0.5)),
        ChannelGroup(("closed",), jnp.asarray(2.5 * m), sigma(-0.5)),
    )
    return FreezeOut(jnp.asarray(m), jnp.ones(()), groups, self_conjugate)


def test_late_cross_sections() -> None:
    # sigma v = (1e-9 / 2 beta) 2 beta at rest; a p-wave has beta^2 = v^2/4; (v/1e-4)^2 rounding 4e-8
    np.testing.assert_allclose(late_sigma_v(sector(1.0)), [1e-9, 1e-9 * 0.25e-8, 0.0], rtol=1e-6)
    assert np.all(np.isfinite(jax.grad(lambda m: late_sigma_v(sector(m)).sum())(1.0)))


def test_limit_of_a_reference_point() -> None:
    """Reference row S000-O051: p_ann = 4.1e-28, f = 0.5, m = 0.05 GeV, complex: <sigma v> < 8.2e-29 cm^3/s."""
    at_limit = jnp.asarray([8.2e-29 * CM3_PER_S, 0.0, 0.0])
    half = jnp.full(3, 0.5)
    assert float(cmb_ratio(sector(0.05, False), at_limit, half, "planck-2015")) == pytest.approx(1.0, rel=1e-5)
    assert float(cmb_ratio(sector(0.05, True), at_limit, half, "planck-2015")) == pytest.approx(2.0, rel=1e-5)
    newer = cmb_ratio(sector(0.05, False), at_limit, half)
    assert float(newer) == pytest.approx(4.1 / 3.2, rel=1e-5)


def test_thermal_relic_to_electrons() -> None:
    """Planck 2018 (arXiv:1807.06209): s-wave relics to e+ e- are excluded below about 30 GeV (f = 0.5)."""
    f = load_efficiency("electrons")

    def ratio(m: float) -> float:
        zero = jnp.zeros(())
        efficiency = jnp.stack([f(jnp.asarray(m)), zero, zero])
        return float(cmb_ratio(sector(m), jnp.asarray([2.2e-26 * CM3_PER_S, 0.0, 0.0]), efficiency))

    assert ratio(10.0) > 1.5
    assert ratio(100.0) < 0.7


def test_efficiency_tables() -> None:
    for injected in ("electrons", "photons"):
        f = load_efficiency(injected)
        assert np.all((np.asarray(f.f) > 0) & (np.asarray(f.f) < 1.1))
        E = jnp.asarray([1e-9, 1e-3, 1e5])
        assert f.inside(E).tolist() == [False, True, False]
        # a spectrum of two lines with a third of the energy in neutrinos
        two = f.of_spectrum(jnp.asarray([1e-3, 1.0]), jnp.asarray([1 / 3, 1 / 3]))
        assert float(two) == pytest.approx(float(f(jnp.asarray(1e-3)) + f(jnp.asarray(1.0))) / 3)
    # arXiv:1506.03811: at high energies the efficiency tends to 0.4
    assert float(load_efficiency("electrons")(jnp.asarray(1000.0))) == pytest.approx(0.41, abs=0.02)
    with pytest.raises(UnknownName):
        load_efficiency("muons")  # type: ignore[arg-type]
    with pytest.raises(UnknownName):
        cmb_ratio(sector(1.0), jnp.zeros(3), jnp.zeros(3), "planck-2013")


def test_lifetime_against_nucleosynthesis() -> None:
    # hbar = 6.582119569e-25 GeV s
    assert float(nucleosynthesis_ratio(jnp.asarray(6.582119569e-24))) == pytest.approx(1.0, rel=1e-9)
    assert float(nucleosynthesis_ratio(jnp.asarray(0.0))) == np.inf


def test_lifetime_as_a_result() -> None:
    """At 0.1 s -2 ln L is the square of the two-sided 95 % point of a normal, 1.96; quadratic below."""
    likelihood = load("fradette-2017-bbn")

    def value(seconds: float) -> float:
        return float(
            likelihood.minus_two_log_likelihood(Prediction({}, dark=Dark(mediator_lifetime=jnp.asarray(seconds))))
        )

    assert value(0.1) == pytest.approx(1.9599640**2, rel=1e-6)
    assert value(0.001) == pytest.approx(1.9599640**2 * 1e-4, rel=1e-6)
    assert any("muons" in text for text in likelihood.about.assumptions)
