"""Constants of the decays of light states, from data/decays/constants.toml. They have no nuisance: they are fixed."""

from __future__ import annotations

import functools
import math
import tomllib
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

from darkpenguin import cite, units
from darkpenguin.errors import BadData, UnknownName


class LightStateConstants(NamedTuple):
    """Masses in GeV: quarks as in the PDG without running, m_t of direct measurements.

    alpha_em : at zero momentum.  sin2_theta_W : MSbar at m_Z.  G_F : GeV^-2.  alpha_s : at 2 GeV.
    L_Belle2 : size of the detector, GeV^-1.  beta_gamma_B : boost of the B at Belle II.
    """

    m_u: float
    m_d: float
    m_s: float
    m_c: float
    m_b: float
    m_t: float
    m_e: float
    m_mu: float
    m_tau: float
    m_W: float
    m_Z: float
    alpha_em: float
    sin2_theta_W: float
    G_F: float
    alpha_s: float
    L_Belle2: float
    beta_gamma_B: float

    @property
    def quark_masses(self) -> tuple[float, ...]:
        """u, d, s, c, b, t."""
        return self.m_u, self.m_d, self.m_s, self.m_c, self.m_b, self.m_t

    @property
    def lepton_masses(self) -> tuple[float, float, float]:
        """e, mu, tau."""
        return self.m_e, self.m_mu, self.m_tau

    @property
    def v_H(self) -> float:
        """Vacuum expectation value of the Higgs field, (sqrt2 G_F)^(-1/2), GeV."""
        return (math.sqrt(2.0) * self.G_F) ** -0.5

    @property
    def e(self) -> float:
        """Electric charge of the positron at zero momentum."""
        return math.sqrt(4.0 * math.pi * self.alpha_em)


def decays_folder() -> Traversable:
    """The folder of the package's tables for decays of light states."""
    return resources.files("darkpenguin") / "data" / "decays"


@functools.cache
def _values() -> dict[str, dict[str, Any]]:
    return tomllib.loads((decays_folder() / "constants.toml").read_text(encoding="utf-8"))["values"]


@functools.cache
def light_state_constants() -> LightStateConstants:
    """The constants of the package. Raises BadData for a reference that is not in references.bib."""
    known, found = cite.known_keys(), _values()
    for name, entry in found.items():
        if entry["reference"] not in known:
            raise BadData(f"decays/constants.toml: {name}: {UnknownName('reference', entry['reference'], known)}")
    return LightStateConstants(
        **{name: units.to_gev(float(found[name]["value"]), found[name]["unit"]) for name in LightStateConstants._fields}
    )


def constant_references() -> tuple[str, ...]:
    """Keys of the sources of these constants."""
    return tuple(dict.fromkeys(entry["reference"] for entry in _values().values()))
