"""An axion-like particle between quarks and dark fermions. [arXiv:2502.04900]

    L = (d_mu a/2 f_a) [sbar gamma^mu (C_V + C_A gamma5) b + h.c. + sum_f C_f fbar gamma^mu gamma5 f
                        + C_chi chibar gamma^mu gamma5 chi] + C_G alpha_s/(4 pi) (a/f_a) G Gdual + C_gamma (same with F)

The width follows from the couplings, and with it how often the particle escapes. Widths are perturbative: for m_a below
about 1.5 GeV they do not hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from darkpenguin._jax import jnp
from darkpenguin.core.dark import Dark
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.model import parameter
from darkpenguin.core.numerics import safe_divide
from darkpenguin.core.types import Couplings, Quarks, Scalar
from darkpenguin.decays.alp import AlpCouplings, AlpWidths, alp_widths, validity_note
from darkpenguin.decays.constants import light_state_constants
from darkpenguin.decays.mediator import Mediator, axion_like
from darkpenguin.decays.visible_line import VisibleLine
from darkpenguin.flavour.spectral import ScalarBoson
from darkpenguin.models import alp_portal_dark
from darkpenguin.models.seen_or_not import SeenOrNot

REFERENCES = ("Calibbi:2025rpx", "DallaValleGarcia:2023xhh", "Buras:2014fpa")


def _flavour_diagonal(what: str, latex: str, default: float) -> Scalar:
    return parameter("1", -1e4, 1e4, f"axial coupling to {what}", latex=latex, default=default)


class AlpPortal(SeenOrNot):
    """An axion-like particle that couples to every quark and to a Dirac fermion chi. C/f_a is all that enters.

    C_V moves B -> K a, C_A moves B -> K* a.
    """

    name: ClassVar[str] = "alp_portal"
    title: ClassVar[str] = "axion-like particle as portal to a Dirac fermion"
    references: ClassVar[tuple[str, ...]] = REFERENCES
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {
        "equation_16": {"m_a": 2.0, "f_a": 1e8, "boost_B": 0.0},
        "freeze_in": {"m_a": 2.0, "f_a": 1.0 / 6e-9, "C_chi": 1.0, "m_chi": 3e-3},
        "standard_model": {"m_a": 2.0, "f_a": 1e8, "C_V": 0.0, "C_A": 0.0},
    }
    majorana: ClassVar[bool] = False

    m_a: Scalar = parameter("GeV", 0.05, 5.28, "mass of the axion-like particle", latex=r"m_a")
    f_a: Scalar = parameter("GeV", 1e2, 1e16, "decay constant", scale="log", latex=r"f_a")
    C_V: Scalar = parameter("1", -1e4, 1e4, "vector coupling to s b", latex=r"C^V_{sb}", default=1.0)
    C_A: Scalar = parameter("1", -1e4, 1e4, "axial coupling to s b", latex=r"C^A_{sb}", default=1.0)
    C_u: Scalar = _flavour_diagonal("u", "C_u", 1.0)
    C_d: Scalar = _flavour_diagonal("d", "C_d", 1.0)
    C_s: Scalar = _flavour_diagonal("s", "C_s", 1.0)
    C_c: Scalar = _flavour_diagonal("c", "C_c", 1.0)
    C_b: Scalar = _flavour_diagonal("b", "C_b", 1.0)
    C_t: Scalar = _flavour_diagonal("t", "C_t", 1.0)
    C_e: Scalar = _flavour_diagonal("e", "C_e", 0.0)
    C_mu: Scalar = _flavour_diagonal("mu", r"C_\mu", 0.0)
    C_tau: Scalar = _flavour_diagonal("tau", r"C_\tau", 0.0)
    C_G: Scalar = parameter("1", -1e4, 1e4, "direct coupling to gluons", latex="C_G", default=0.0)
    C_gamma: Scalar = parameter("1", -1e4, 1e4, "direct coupling to photons", latex=r"C_\gamma", default=0.0)
    C_chi: Scalar = parameter("1", -1e12, 1e12, "axial coupling to chi", latex=r"C_\chi", default=0.0)
    m_chi: Scalar = parameter("GeV", 0.0, 1e3, "mass of chi", scale="log", latex=r"m_\chi", default=3e-3)

    def notes(self) -> tuple[str, ...]:
        note = validity_note(float(self.m_a))
        return () if note is None else (note,)

    def alp_couplings(self) -> AlpCouplings:
        """The flavour-diagonal couplings."""
        return AlpCouplings(
            f_a=self.f_a,
            quarks=jnp.stack([self.C_u, self.C_d, self.C_s, self.C_c, self.C_b, self.C_t]),
            leptons=jnp.stack([self.C_e, self.C_mu, self.C_tau]),
            chi=self.C_chi,
            G_UV=self.C_G,
            gamma_UV=self.C_gamma,
        )

    def widths(self) -> AlpWidths:
        """Partial widths of the axion-like particle."""
        return alp_widths(
            self.alp_couplings(), self.m_a, self.m_chi, light_state_constants(), majorana=type(self).majorana
        )

    def states(self, inputs: Inputs) -> Couplings:
        return Couplings(lines=(self._line(self.widths(), inputs),))

    def visible_lines(self, inputs: Inputs, quarks: Quarks = "bs") -> tuple[VisibleLine, ...]:
        """The axion-like particle with what it decays to."""
        widths = self.widths()
        total = widths.total()
        seen = {"ee": widths.leptons[0], "mumu": widths.leptons[1], "gammagamma": widths.photons}
        shares = {name: safe_divide(width, total) for name, width in seen.items()}
        shares |= {"invisible": widths.share_invisible()}
        return tuple(VisibleLine(line, shares, quarks) for line in self.couplings_in(quarks, inputs).lines)

    def partial_widths(self, inputs: Inputs) -> Mapping[str, Mapping[str, Scalar]]:
        """Of the axion-like particle."""
        del inputs
        w = self.widths()
        quarks = zip(("u u", "d d", "s s", "c c", "b b", "t t"), w.quarks, strict=True)
        leptons = zip(("e e", "mu mu", "tau tau"), w.leptons, strict=True)
        return {"a": {"g g": w.gluons, **dict(quarks), **dict(leptons), "gamma gamma": w.photons, "chi chi": w.chi}}

    def mediators(self, inputs: Inputs) -> tuple[Mediator, ...]:
        """The axion-like particle by its coupling to photons, loops included."""
        del inputs
        return (axion_like(self.m_a, self.widths()),)

    def dark(self, inputs: Inputs) -> Dark:
        """chi frozen in by decays of the axion-like particle."""
        return alp_portal_dark.dark_matter(
            alp_portal_dark.BottomCouplings(self.C_V, self.C_A, self.C_b, self.f_a),
            self.widths(),
            self.m_a,
            self.m_chi,
            type(self).majorana,
            light_state_constants(),
        )

    def _line(self, widths: AlpWidths, inputs: Inputs) -> ScalarBoson:
        width = widths.total()
        return ScalarBoson(
            self.m_a,
            width=width,
            p_invisible=self.p_invisible(self.m_a, width, widths.share_invisible(), inputs),
            h_V=self.C_V / (2.0 * self.f_a),
            h_A=self.C_A / (2.0 * self.f_a),
        )


class AlpPortalMajorana(AlpPortal):
    """The same with a Majorana fermion chi and the same Lagrangian: twice the width into chi chi."""

    name: ClassVar[str] = "alp_portal_majorana"
    title: ClassVar[str] = "axion-like particle as portal to a Majorana fermion"
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {
        "freeze_in": {"m_a": 2.0, "f_a": 1.0 / 6e-9, "C_chi": 1.0, "m_chi": 3e-3}
    }
    majorana: ClassVar[bool] = True
