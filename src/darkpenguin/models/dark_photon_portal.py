"""A dark vector X between quarks and Majorana dark matter psi, with its dark Higgs phi. [arXiv:2502.04900]

X couples to the electromagnetic current (eps, kinetic mixing) and, if its mass mixes with that of the Z, on top of what
kinetic mixing alone brings, to the current of the Z (eps_Z): a dark Z. arXiv:2502.04900 takes eps_Z = eps tan(theta_W).
phi mixes with the Higgs and is made in B decays by the top penguin; above 2 m_DM it decays to psi psi.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from jaxtyping import Array

from darkpenguin import units
from darkpenguin.core.dark import Dark
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.model import parameter
from darkpenguin.core.numerics import safe_divide
from darkpenguin.core.types import Couplings, Quarks, Scalar
from darkpenguin.decays import dark_higgs, escape
from darkpenguin.decays.constants import light_state_constants
from darkpenguin.decays.dark_pairs import DarkHiggsWidths, dark_higgs_widths
from darkpenguin.decays.dark_photon import DarkPhotonWidths, VectorMixing, dark_photon_widths, kinetic_eps_Z
from darkpenguin.decays.mediator import Mediator, dark_photon, higgs_mixed
from darkpenguin.decays.visible_line import VisibleLine
from darkpenguin.errors import Problem
from darkpenguin.flavour import dark_photon_penguin as penguin
from darkpenguin.flavour import higgs_penguin
from darkpenguin.flavour.spectral import ScalarBoson, VectorBoson
from darkpenguin.models import dark_photon_dark
from darkpenguin.models.seen_or_not import SeenOrNot

PAPER_EPS = 10**-4.3
PAPER_EPS_Z = 0.5484 * PAPER_EPS
"""eps tan(theta_W) at s_W^2 = 0.23121."""


class DarkPhotonPortal(SeenOrNot):
    """X with kinetic mixing eps, mass mixing eps_Z, and decays X -> psi psi; the dark Higgs phi as a second line.

    Kinetic mixing alone makes B -> K X far too rare: the branching fraction is about 7e-7 eps^2, known to a factor of
    three at best, and only for m_X up to 2.8 GeV, below charmonium. delta_C9 is for long-distance charm, of size 0.5.
    """

    name: ClassVar[str] = "dark_photon_portal"
    title: ClassVar[str] = "dark photon or dark Z as portal to Majorana dark matter"
    references: ClassVar[tuple[str, ...]] = (
        "Calibbi:2025rpx",
        "Davoudiasl:2012ag",
        "Straub:2018kue",
        "Winkler:2018qyg",
        "Ilten:2018crw",
        "Buras:2014fpa",
    )
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {
        "paper": {
            "m_X": 2.0,
            "eps": PAPER_EPS,
            "eps_Z": PAPER_EPS_Z,
            "z_penguin": 3.54,
            "alpha_X": 1e-3,
            "m_DM": 0.1,
            "sin_theta": 1.3e-4,
            "boost_B": 0.0,
        },
        "dark_z": {"m_X": 2.1, "eps": 1e-4, "eps_Z": 8e-5, "alpha_X": 3.6e-4, "m_DM": 0.5, "sin_theta": 1.2e-4},
        "kinetic_only": {"m_X": 2.0, "eps": 1e-3, "alpha_X": 3.2e-4, "m_DM": 0.5},
        "standard_model": {"m_X": 2.0, "eps": 0.0, "alpha_X": 1e-3, "m_DM": 0.1},
    }

    m_X: Scalar = parameter("GeV", 0.02, 5.28, "mass of X", latex=r"m_X")
    eps: Scalar = parameter("1", 0.0, 10.0, "kinetic mixing with the photon", scale="log", latex=r"\varepsilon")
    eps_Z: Scalar = parameter(
        "1", -1.0, 1.0, "mixing with the Z beyond kinetic mixing", latex=r"\varepsilon_Z", default=0.0
    )
    z_penguin: Scalar = parameter(
        "1",
        0.0,
        10.0,
        "factor on the Z penguin; 3.5 for what arXiv:2502.04900 draws",
        latex=r"\kappa_Z",
        default=1.0,
    )
    delta_C9: Scalar = parameter(
        "1", -10.0, 10.0, "long-distance charm in C9, real part", latex=r"\delta C_9", default=0.0
    )
    delta_C9_im: Scalar = parameter(
        "1", -10.0, 10.0, "long-distance charm in C9, imaginary part", latex=r"\mathrm{Im}\,\delta C_9", default=0.0
    )
    mu: Scalar = parameter(
        "GeV",
        penguin.SCALES[0],
        penguin.SCALES[-1],
        "scale of the photon penguin; what it changes is the perturbative error",
        latex=r"\mu",
        default=4.8,
    )
    alpha_X: Scalar = parameter("1", 0.0, 10.0, "dark coupling g_X^2/(4 pi)", scale="log", latex=r"\alpha_X")
    m_DM: Scalar = parameter("GeV", 0.0, 1e3, "mass of psi", latex=r"m_\psi")
    m_phi: Scalar = parameter("GeV", 1.1e-3, 10.0, "mass of the dark Higgs", latex=r"m_\phi", default=4e-3)
    sin_theta: Scalar = parameter(
        "1", 0.0, 1.0, "mixing of the dark Higgs with the Higgs", scale="log", latex=r"\sin\theta", default=0.0
    )

    @classmethod
    def faults(cls, values: Mapping[str, float]) -> list[Problem]:
        """Kinetic mixing alone needs loops that are known below charmonium only."""
        m_X = values.get("m_X", 1.0)
        low, high = (q2**0.5 for q2 in penguin.Q2_RANGE)
        if values.get("eps_Z", 0.0) == 0.0 and values.get("eps", 0.0) != 0.0 and (m_X < low or m_X > high):
            return [
                Problem("m_X", f"kinetic mixing alone: the amplitude is known for {low:.2g} to {high:.3g} GeV only")
            ]
        return []

    def notes(self) -> tuple[str, ...]:
        found = []
        low, high = (q2**0.5 for q2 in penguin.Q2_RANGE)
        if float(self.eps) > 0.0 and not low <= float(self.m_X) <= high:
            found.append(
                f"m_X = {float(self.m_X):.3g} GeV: b -> s X by kinetic mixing is known from {low:.2g} to "
                f"{high:.3g} GeV, and taken at the nearer end"
            )
        if float(self.sin_theta) > 0.0 and 1.0 < float(self.m_phi) < 2.0:
            found.append(f"m_phi = {float(self.m_phi):.3g} GeV: the hadronic width is uncertain by a factor of a few")
        return tuple(found)

    def mixing(self) -> VectorMixing:
        """Couplings to the two currents, what kinetic mixing does to the Z's included."""
        return VectorMixing(self.eps, kinetic_eps_Z(self.eps, self.m_X, light_state_constants()) + self.eps_Z)

    def widths(self) -> DarkPhotonWidths:
        """Partial widths of X."""
        return dark_photon_widths(self.mixing(), self.alpha_X, self.m_X, self.m_DM, light_state_constants())

    def phi_widths(self) -> DarkHiggsWidths:
        """Partial widths of phi."""
        return dark_higgs_widths(self.sin_theta, self.alpha_X, self.m_X, self.m_DM, self.m_phi, light_state_constants())

    def penguin_couplings(self, inputs: Inputs) -> penguin.PenguinCouplings:
        """b -> s X: kinetic mixing at the scale mu, and the Z penguin."""
        kinetic, neutral = self._penguin_parts(inputs)
        return kinetic._replace(g_L=kinetic.g_L + neutral)

    def _penguin_parts(self, inputs: Inputs) -> tuple[penguin.PenguinCouplings, Scalar]:
        """Of kinetic mixing, and what the Z penguin adds to g_L."""
        at = penguin.photon_penguin_between(self.m_X**2, self.mu)
        kinetic = penguin.kinetic_couplings(self.eps, self.m_X, inputs, at, self.delta_C9 + 1j * self.delta_C9_im)
        return kinetic, self.z_penguin * penguin.mass_mixing_coupling(self.eps_Z, inputs)

    def coupling_parts(self, inputs: Inputs) -> Mapping[str, Array]:
        """g_bs of X_mu sbar gamma^mu P_L b, and the dipole f_bs [GeV^-1] of X_{mu nu} sbar sigma^{mu nu} P_R b."""
        kinetic, neutral = self._penguin_parts(inputs)
        return {
            "g_bs, kinetic mixing": kinetic.g_L,
            "g_bs, Z penguin": neutral,
            "g_bs": kinetic.g_L + neutral,
            "f_bs [GeV^-1], kinetic mixing": kinetic.f_R,
        }

    def partial_widths(self, inputs: Inputs) -> Mapping[str, Mapping[str, Scalar]]:
        """Of X and of phi; what phi does by its mixing with the Higgs is one final state here."""
        del inputs
        X, phi = self.widths(), self.phi_widths()
        of_X = dict(zip(("e e", "mu mu", "tau tau"), X.leptons, strict=True))
        return {
            "X": of_X | {"hadrons": X.hadrons, "nu nu": X.neutrinos, "psi psi": X.psi},
            "phi": {"ordinary matter": phi.standard, "psi psi": phi.psi, "X X": phi.X},
        }

    def states(self, inputs: Inputs) -> Couplings:
        return Couplings(lines=(self._vector(self.widths(), inputs), self._scalar(inputs)))

    @classmethod
    def moves(cls, quarks: Quarks, held: Mapping[str, float]) -> bool:
        return super().moves(quarks, held) or (quarks == "sd" and held.get("sin_theta") != 0.0)

    def couplings_in(self, quarks: Quarks, inputs: Inputs) -> Couplings:
        """As in every model with new states, but phi has its own top penguin in s -> d, whatever r_sd."""
        found = super().couplings_in(quarks, inputs)
        if quarks != "sd":
            return found
        X, _ = found.lines
        return Couplings(continua=found.continua, lines=(X, self._scalar_in_kaons(inputs)))

    def visible_lines(self, inputs: Inputs, quarks: Quarks = "bs") -> tuple[VisibleLine, ...]:
        """X and phi with what they decay to; phi above 0.1 GeV (electrons alone below)."""
        widths = self.widths()
        of_X = {name: safe_divide(widths.leptons[i], widths.total()) for i, name in enumerate(("ee", "mumu"))}
        of_X |= {"invisible": widths.share_invisible()}
        phi_widths = self.phi_widths()
        of_phi = {
            "ee": phi_widths.share_standard() * dark_higgs.branching_fraction("e", self.m_phi),
            "mumu": phi_widths.share_standard() * dark_higgs.branching_fraction("mu", self.m_phi),
            "invisible": phi_widths.share_invisible(widths.share_invisible()),
        }
        X, phi = self.couplings_in(quarks, inputs).lines
        return VisibleLine(X, of_X, quarks), VisibleLine(phi, of_phi, quarks)

    def mediators(self, inputs: Inputs) -> tuple[Mediator, ...]:
        """X, produced by eps alone, and phi."""
        del inputs
        return dark_photon(self.eps, self.m_X, self.widths()), higgs_mixed(
            self.sin_theta, self.m_phi, self.phi_widths()
        )

    def dark(self, inputs: Inputs) -> Dark:
        """psi frozen out into pairs of phi and X, and through X into ordinary matter."""
        return dark_photon_dark.dark_matter(
            self.mixing(), self.alpha_X, self.m_X, self.m_DM, self.m_phi, self.sin_theta, light_state_constants()
        )

    def _vector(self, widths: DarkPhotonWidths, inputs: Inputs) -> VectorBoson:
        width, c = widths.total(), self.penguin_couplings(inputs)
        return VectorBoson(
            self.m_X,
            width=width,
            p_invisible=self.p_invisible(self.m_X, width, widths.share_invisible(), inputs),
            g_V=0.5 * c.g_L,
            g_A=-0.5 * c.g_L,
            f_T=0.5 * c.f_R,
            f_T5=0.5 * c.f_R,
        )

    def _scalar(self, inputs: Inputs) -> ScalarBoson:
        widths, dark = self.phi_widths(), self.phi_widths().share_invisible(self.widths().share_invisible())
        unseen = self.p_invisible(self.m_phi, widths.total(), dark, inputs)
        return higgs_penguin.dark_higgs(self.sin_theta, self.m_phi, inputs, widths.total(), unseen)

    def _scalar_in_kaons(self, inputs: Inputs) -> ScalarBoson:
        """phi of a kaon at rest: one that moves, as at NA62, lets it escape more often."""
        widths, dark = self.phi_widths(), self.phi_widths().share_invisible(self.widths().share_invisible())
        boosts = escape.boosts(inputs.m_Kplus, inputs.m_piplus, self.m_phi)
        survives = escape.survival(boosts, widths.total(), self.L * units.to_gev(1.0, "m"))
        unseen = escape.p_invisible(dark, survives)
        return higgs_penguin.dark_higgs_in_kaons(self.sin_theta, self.m_phi, inputs, widths.total(), unseen)
