"""The list of observables of a model's dark matter: name, unit, meaning. Their numbers are fields of `core.dark`."""

from __future__ import annotations

import dataclasses

RELIC_DENSITY = "Omega_h2"


@dataclasses.dataclass(frozen=True)
class DarkEntry:
    """One observable: its name, the field of `Dark`, unit, meaning.

    power : what is seen of it goes with this power of the share that the particle has in the dark matter.
    """

    name: str
    field: str
    unit: str
    meaning: str
    power: int = 0


DARK_ENTRIES: tuple[DarkEntry, ...] = (
    DarkEntry("m_DM", "mass", "GeV", "mass of the dark matter"),
    DarkEntry(RELIC_DENSITY, "omega_h2", "1", "relic density of the dark matter; measured: 0.120(1)"),
    DarkEntry("p_ann/limit", "cmb_ratio", "1", "energy injection at recombination over the limit of Planck 2018", 2),
    DarkEntry("sigma_SI", "sigma_SI", "cm^2", "spin-independent cross section per nucleon, on xenon", 1),
    DarkEntry("sigma_e", "sigma_e", "cm^2", "cross section on free electrons", 1),
    DarkEntry("sigma_self/m", "self_scattering", "cm^2/g", "self-scattering per mass at 1000 km/s", 2),
    DarkEntry("tau_mediator", "mediator_lifetime", "s", "lifetime of the mediator that lives longest"),
    DarkEntry("m_WDM/m_DM", "wdm_ratio", "1", "lower bound on the mass of warm dark matter over the mass"),
    DarkEntry("N_eff", "n_eff", "1", "effective number of neutrinos; 3.05 in the Standard Model as computed here"),
)
