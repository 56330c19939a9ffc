"""What the dark matter of every model needs: the plasma, before and while neutrinos decouple, and lifetimes."""

from __future__ import annotations

import functools

from darkpenguin import units
from darkpenguin._jax import jax, jnp
from darkpenguin.core.types import Scalar
from darkpenguin.cosmology.neff import Plasma, load_plasma
from darkpenguin.cosmology.thermal_bath import ThermalBath, load_bath

_NARROWEST = 1e-300  # GeV


@functools.cache
def default_bath() -> ThermalBath:
    """The plasma, read once; its arrays are constants even if first asked for inside a compiled program."""
    with jax.ensure_compile_time_eval():
        return load_bath()


@functools.cache
def neutrino_plasma() -> Plasma:
    """Photons, electrons and neutrinos for N_eff, read once, as `default_bath`."""
    with jax.ensure_compile_time_eval():
        return load_plasma()


def seconds(width: Scalar) -> Scalar:
    """Lifetime of a width in GeV; finite for a stable particle."""
    return units.from_gev(1.0, "s") / jnp.maximum(width, _NARROWEST)
