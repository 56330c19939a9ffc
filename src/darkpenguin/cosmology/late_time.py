"""What dark matter and its mediator still do when the CMB forms and when nuclei form.

Annihilation during recombination heats the plasma and blurs the CMB. Planck limits, at 95 %,

    p_ann = sum_i f_i <sigma v>_i / m        for self-conjugate dark matter,

with f the share of the energy that is deposited. For a particle with an antiparticle the rate per mass density is half
as large, so the limit is twice as weak. [Planck:2018vyg; Slatyer:2015jla]
"""

from __future__ import annotations

import csv
import hashlib
import io
from typing import Literal

import equinox as eqx
import numpy as np
from jaxtyping import Array, Bool, Float

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import Scalar
from darkpenguin.cosmology.constants import cosmology_folder, read_constants
from darkpenguin.cosmology.freeze_out import FreezeOut
from darkpenguin.cosmology.thermal_average import ClosedForm
from darkpenguin.errors import BadData, UnknownName

Injected = Literal["electrons", "photons"]

# our tables of the numbers of arXiv:1506.03811, as tabulated in LoganAMorrison/Hazma, hazma/cmb_data/f_eff_ep.dat and
# f_eff_g.dat, commit cbe5555c2974; energies in eV
_TABLES = {
    "electrons": ("cmb_electrons.csv", "8427ad1dacb2556817b6f961f24b32de83236c17cb42a214883ea832d1725288"),
    "photons": ("cmb_photons.csv", "17dc24b4b46460eaa31a1658eadb516fe8c9a7d238b62d0edb030c0150ed2cab"),
}
_CMB_LIMITS = {"planck-2018": "p_ann_2018", "planck-2015": "p_ann_2015"}


class Efficiency(eqx.Module):
    """f_eff of pairs of e+ e- or of photons against the kinetic energy of one particle, from 5 keV to 6 TeV.

    ln_E [n] : of the energy in GeV. f [n].
    """

    ln_E: Float[Array, " n"]
    f: Float[Array, " n"]

    def __call__(self, E: Float[Array, " *shape"]) -> Float[Array, " *shape"]:
        """f_eff at E [GeV], linear in ln E; the end values beyond the table, see `inside`."""
        return jnp.interp(jnp.log(E), self.ln_E, self.f)

    def of_spectrum(self, E: Float[Array, " n_E"], share: Float[Array, " n_E"]) -> Scalar:
        """f_eff of a spectrum: share [n_E] of the energy of one annihilation goes to particles of energy E [GeV].

        Shares that do not add up to 1 leave the rest invisible (neutrinos).
        """
        return jnp.sum(share * self(E))

    def inside(self, E: Float[Array, " *shape"]) -> Bool[Array, " *shape"]:
        """Whether E lies in the table."""
        return (jnp.log(E) >= self.ln_E[0]) & (jnp.log(E) <= self.ln_E[-1])


def load_efficiency(injected: Injected) -> Efficiency:
    """The table for "electrons" or "photons". Raises UnknownName, and BadData if the table was changed."""
    if injected not in _TABLES:
        raise UnknownName("injected particle", injected, _TABLES)
    file, sha256 = _TABLES[injected]
    data = (cosmology_folder() / file).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise BadData(f"{file}: expected SHA-256 {sha256}, found {found}; the table was changed")
    _, *rows = csv.reader(io.StringIO(data.decode("utf-8")))
    E, f = np.array(rows, dtype=float).T
    return Efficiency(jnp.asarray(np.log(E * 1e-9)), jnp.asarray(f))


def late_sigma_v(sector: FreezeOut, v: float = 1e-4) -> Float[Array, " n_channel"]:
    """sigma v [GeV^-2] of each channel at relative velocity v, where the thermal average has become a number.

    A p-wave is left with its v^2; a channel that is closed at rest is 0. Below v = 1e-6 a cross section loses digits.
    """
    s = 4.0 * sector.mass**2 / (1.0 - 0.25 * v**2)
    parts = []
    for group in sector.groups:
        if isinstance(group, ClosedForm):
            parts.append(group.average(jnp.asarray([6.0 / v**2]))[:, 0])  # <v^2> = 6/x
            continue
        is_open = s > group.threshold**2
        at = jnp.where(is_open, s, (1.0 + 1e-6) * group.threshold**2)
        sigma = group.cross_section(at, tuple(r.propagator(at) for r in group.resonances)).real
        parts.append(jnp.where(is_open, sigma * v, 0.0))
    return jnp.concatenate(parts)


def cmb_ratio(
    sector: FreezeOut,
    sigma_v: Float[Array, " n_channel"],
    efficiency: Float[Array, " n_channel"],
    limit: str = "planck-2018",
) -> Scalar:
    """sum_i f_i <sigma v>_i / m over its limit at 95 %: allowed below 1.

    sigma_v : GeV^-2, as from `late_sigma_v`. efficiency : f_eff of each channel; 0 for neutrinos.
    limit : "planck-2018" or "planck-2015" (TT, TE, EE + lowP). For dark matter with the full relic density; multiply by
    the square of its share if it is only a part. Raises UnknownName.
    """
    if limit not in _CMB_LIMITS:
        raise UnknownName("CMB limit", limit, _CMB_LIMITS)
    kinds = 1.0 if sector.self_conjugate else 2.0
    return jnp.sum(efficiency * sigma_v) / (kinds * read_constants()[_CMB_LIMITS[limit]].value * sector.mass)


def nucleosynthesis_ratio(width: Scalar) -> Scalar:
    """Lifetime over 0.1 s: an abundant particle that decays to hadrons or muons should be gone by then (below 1).

    An order of magnitude; the full limit depends on abundance, mass and decay modes. [Fradette:2017sdd]
    """
    tau = jnp.where(width > 0.0, 1.0 / jnp.where(width > 0.0, width, 1.0), jnp.inf)
    return tau / read_constants()["tau_nucleosynthesis"].value
