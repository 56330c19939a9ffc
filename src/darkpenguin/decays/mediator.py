"""A mediator as searches for it know it: its mass, one coupling, its width, and what it decays to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import equinox as eqx

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import safe_divide, safe_sqrt
from darkpenguin.core.types import Scalar
from darkpenguin.decays import dark_higgs
from darkpenguin.decays.alp import AlpWidths
from darkpenguin.decays.constants import light_state_constants
from darkpenguin.decays.dark_pairs import DarkHiggsWidths
from darkpenguin.decays.dark_photon import DarkPhotonWidths, VectorMixing, dark_photon_widths, kinetic_eps_Z

Kind = Literal["dark photon", "Higgs-mixed scalar", "axion-like particle"]


class Mediator(eqx.Module):
    """One mediator.

    coupling : eps of a dark photon (coupling eps e Q), sin(theta) of a Higgs-mixed scalar, or g [GeV^-1] of an
        axion-like particle, L = -(g/4) a F Fdual.
    mass, width : GeV, all decays.   shares : branching fractions: "ee", "mumu", "gammagamma", "invisible".
    """

    kind: Kind = eqx.field(static=True)
    mass: Scalar
    coupling: Scalar
    width: Scalar
    shares: Mapping[str, Scalar]

    def share(self, final_states: tuple[str, ...]) -> Scalar:
        """Sum of branching fractions; 0 for final states that the mediator does not have."""
        return sum((self.shares[f] for f in final_states if f in self.shares), jnp.zeros(()))


def dark_photon(eps: Scalar, mass: Scalar, widths: DarkPhotonWidths) -> Mediator:
    """A vector with mixing eps; other couplings enter by the widths alone."""
    total = widths.total()
    shares = {name: safe_divide(widths.leptons[i], total) for i, name in enumerate(("ee", "mumu"))}
    return Mediator("dark photon", mass, eps, total, shares | {"invisible": widths.share_invisible()})


def higgs_mixed(sin_theta: Scalar, mass: Scalar, dark: DarkHiggsWidths | None = None) -> Mediator:
    """A scalar with the Higgs' couplings times sin(theta); its shares hold from 0.1 GeV on.

    dark : its widths with those to psi and X, which count as unseen; None: it has no other decays.
    """
    none = jnp.zeros(())
    widths = dark or DarkHiggsWidths(dark_higgs.width(sin_theta, mass, light_state_constants()), none, none)
    standard = 1.0 if dark is None else widths.share_standard()
    channels = {"ee": "e", "mumu": "mu"}
    shares = {name: standard * dark_higgs.branching_fraction(channel, mass) for name, channel in channels.items()}
    return Mediator(
        "Higgs-mixed scalar", mass, sin_theta, widths.total(), shares | {"invisible": 1.0 - standard + none}
    )


def axion_like(mass: Scalar, widths: AlpWidths) -> Mediator:
    """An axion-like particle; g^2 = 64 pi Gamma(a -> gamma gamma)/m^3, that is g = alpha |C_gamma|/(pi f_a).

    [convention of arXiv:1709.00009]
    """
    total = widths.total()
    seen = {"gammagamma": widths.photons, "ee": widths.leptons[0], "mumu": widths.leptons[1]}
    shares = {name: safe_divide(width, total) for name, width in seen.items()}
    g = safe_sqrt(64.0 * jnp.pi * widths.photons / mass**3)
    return Mediator("axion-like particle", mass, g, total, shares | {"invisible": widths.share_invisible()})


def _dark_photon_alone(mass: Scalar) -> Mediator:
    k, one, none = light_state_constants(), jnp.ones(()), jnp.zeros(())
    mixing = VectorMixing(one, kinetic_eps_Z(one, mass, k))
    return dark_photon(one, mass, dark_photon_widths(mixing, none, mass, none, k))


def _axion_like_alone(mass: Scalar) -> Mediator:
    none = jnp.zeros(())
    photons = mass**3 / (64.0 * jnp.pi)
    return axion_like(mass, AlpWidths(none, photons, jnp.zeros(6), jnp.zeros(3), none))


def alone(kind: Kind, mass: Scalar) -> Mediator:
    """The mediator at unit coupling that has this coupling and no other: what published curves assume.

    Its width goes with the square of the coupling, its shares do not change.
    """
    made: dict[Kind, Callable[[Scalar], Mediator]] = {
        "dark photon": _dark_photon_alone,
        "Higgs-mixed scalar": lambda m: higgs_mixed(jnp.ones(()), m),
        "axion-like particle": _axion_like_alone,
    }
    return made[kind](mass)
