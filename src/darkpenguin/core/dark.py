"""What a model's dark matter does in the early universe, in the sky and in detectors: numbers of one point.

A model computes them with `darkpenguin.cosmology` in its method `dark`. What it cannot say is None: then the observable
does not exist for it. In a compiled program a number that nobody asks for costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import equinox as eqx

from darkpenguin.core.dark_names import DARK_ENTRIES
from darkpenguin.core.types import Scalar


class Dark(eqx.Module):
    """Numbers of one parameter point.

    mass : of the dark matter, GeV.
    omega_h2 : its relic density.   relic_status : 0 where the number is good, else a code of the solver.
    cmb_ratio : energy injected at recombination over the limit of Planck 2018.
    sigma_SI : spin-independent cross section per nucleon, as limits on xenon quote it, cm^2.   sigma_e : on electrons.
    self_scattering : sigma/m at 1000 km/s, cm^2/g.
    mediator_lifetime : seconds.   wdm_ratio : lower bound on the mass of warm dark matter over the mass.
    n_eff : effective number of neutrinos.
    Of a freeze-out, for `explain`: x_freeze, m/T where Y = 2.5 Y_eq.   sigma_v : <sigma v> there, GeV^-2.
    shares : of each annihilation channel in it.
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
    n_eff: Scalar | None = None
    x_freeze: Scalar | None = None
    sigma_v: Scalar | None = None
    shares: Mapping[str, Scalar] | None = None


def dark_number(dark: Dark | None, name: str) -> Scalar | None:
    """An observable of the list by its name; None where the model does not say."""
    return next((getattr(dark, entry.field, None) for entry in DARK_ENTRIES if entry.name == name), None)
