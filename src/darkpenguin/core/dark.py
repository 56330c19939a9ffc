"""What a model's dark matter does in the early universe, in the sky and in detectors: numbers, and their names.

A model computes them with `darkpenguin.cosmology` in its method `dark`. What it cannot say is None: then the observable
does not exist for it. In a compiled program a number that nobody asks for costs nothing.
"""

from __future__ import annotations

import dataclasses

import equinox as eqx

from darkpenguin.core.types import Scalar


class Dark(eqx.Module):
    """Numbers of one parameter point.

    mass : of the dark matter, GeV.
    omega_h2 : its relic density.   relic_status : 0 where the number is good, else a code of the solver.
    cmb_ratio : energy injected at recombination over the limit of Planck 2018.
    sigma_SI : spin-independent cross section per nucleon, as limits on xenon quote it, cm^2.   sigma_e : on electrons.
    self_scattering : sigma/m at 1000 km/s, cm^2/g.
    mediator_lifetime : seconds.   wdm_ratio : lower bound on the mass of warm dark matter over the mass.
    """

    mass: Scalar | None = None
    omega_h2: Scalar | None = None
    relic_status: Scalar | None = None
    cmb_ratio: Scalar | None = None
    sigma_SI: Scalar | None = None
    sigma_e: Scalar | None = None
    self_scattering: Scalar | None = None
    mediator_lifetime: Scalar | None = None
    wdm_ratio: Scalar | None = None


@dataclasses.dataclass(frozen=True)
class DarkEntry:
    """One observable: its name, the field of `Dark`, unit, meaning."""

    name: str
    field: str
    unit: str
    meaning: str


DARK_ENTRIES: tuple[DarkEntry, ...] = (
    DarkEntry("m_DM", "mass", "GeV", "mass of the dark matter"),
    DarkEntry("Omega_h2", "omega_h2", "1", "relic density of the dark matter; measured: 0.120(1)"),
    DarkEntry("p_ann/limit", "cmb_ratio", "1", "energy injection at recombination over the limit of Planck 2018"),
    DarkEntry("sigma_SI", "sigma_SI", "cm^2", "spin-independent cross section per nucleon, on xenon"),
    DarkEntry("sigma_e", "sigma_e", "cm^2", "cross section on free electrons"),
    DarkEntry("sigma_self/m", "self_scattering", "cm^2/g", "self-scattering per mass at 1000 km/s"),
    DarkEntry("tau_mediator", "mediator_lifetime", "s", "lifetime of the mediator"),
    DarkEntry("m_WDM/m_DM", "wdm_ratio", "1", "lower bound on the mass of warm dark matter over the mass"),
)
