"""One light boson: on its mass shell, or with a large width."""

from __future__ import annotations

from typing import ClassVar

import equinox as eqx
from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import Nodes, peak_nodes
from darkpenguin.core.types import AbstractContinuum, AbstractLine, Channels, Entry, Scalar
from darkpenguin.flavour.invisible.couplings import Coupling, Scaling, abs2, coupling, of_k_long, real


class ScalarBoson(AbstractLine):
    """One light scalar or axion-like particle. [arXiv:2403.13887]

    L = phi sbar (g_S + i g_P gamma5) b + (d_mu phi) sbar gamma^mu (h_V + h_A gamma5) b + h.c.
    g_S, g_P dimensionless; h_V, h_A in GeV^-1; mass, width in GeV.
    By the equations of motion these are g_S + i (m_b - m_s) h_V and g_P - (m_b + m_s) h_A, interference included.
    """

    scaling: ClassVar[Scaling] = {"h_V": (0, 1), "h_A": (0, 1)}

    mass: Scalar = eqx.field(converter=real)
    width: Scalar = eqx.field(converter=real, default=0.0, kw_only=True)
    p_invisible: Scalar = eqx.field(converter=real, default=1.0, kw_only=True)
    g_S: Coupling | None = coupling()
    g_P: Coupling | None = coupling()
    h_V: Coupling | None = coupling()
    h_A: Coupling | None = coupling()

    def residues(self) -> Channels:
        return Channels(
            S=_square(self.g_S),
            P=_square(self.g_P),
            V0=_square(self.h_V),
            A0=_square(self.h_A),
            SV=None if self.h_V is None or self.g_S is None else -2.0 * jnp.imag(_overlap(self.h_V, self.g_S)),
            PA=None if self.h_A is None or self.g_P is None else -2.0 * jnp.real(_overlap(self.h_A, self.g_P)),
        )

    def k_long(self) -> ScalarBoson:
        """See `couplings.of_k_long`."""
        return of_k_long(self, even=("g_S", "g_P", "h_A"), odd=("h_V",))


class VectorBoson(AbstractLine):
    """One light vector. [d = 4: arXiv:2403.13887; d = 4, 5, 6: arXiv:2311.14629, eq. (2)]

    L = X_mu sbar gamma^mu (g_V + g_A gamma5) b + X_{mu nu} sbar sigma^{mu nu} (f_T + f_T5 gamma5) b
        + (d_nu X^{mu nu}) sbar gamma_mu (d_V + d_A gamma5) b + h.c.,   X_{mu nu} = d_mu X_nu - d_nu X_mu

    g_V, g_A dimensionless; f_T, f_T5 in GeV^-1; d_V, d_A in GeV^-2; mass > 0 and width in GeV.
    On the mass shell d_nu X^{mu nu} = m^2 X^mu: only g + m^2 d counts. g_V interferes with f_T, g_A with f_T5.
    Rates of g grow as 1/m^2 towards small masses (longitudinal vector), the others do not.
    """

    scaling: ClassVar[Scaling] = {
        "g_V": (1, 1),
        "g_A": (1, 1),
        "f_T": (0, 1),
        "f_T5": (0, 1),
        "d_V": (0, 2),
        "d_A": (0, 2),
    }

    mass: Scalar = eqx.field(converter=real)
    width: Scalar = eqx.field(converter=real, default=0.0, kw_only=True)
    p_invisible: Scalar = eqx.field(converter=real, default=1.0, kw_only=True)
    g_V: Coupling | None = coupling()
    g_A: Coupling | None = coupling()
    f_T: Coupling | None = coupling()
    f_T5: Coupling | None = coupling()
    d_V: Coupling | None = coupling()
    d_A: Coupling | None = coupling()

    def residues(self) -> Channels:
        """Per polarisation e: J^i = (g + m^2 d) e^i and J^{0i} = i m f_T e^i; sigma gamma5 exchanges E and B."""
        g_V, g_A = self._on_shell(self.g_V, self.d_V), self._on_shell(self.g_A, self.d_A)
        return Channels(
            V1=_square(g_V, 1.0 / self.mass**2),
            A1=_square(g_A, 1.0 / self.mass**2),
            TE=_square(self.f_T),
            TB=_square(self.f_T5),
            VT=None if g_V is None or self.f_T is None else 2.0 * jnp.real(_overlap(g_V, self.f_T)),
            AT=None if g_A is None or self.f_T5 is None else -2.0 * jnp.real(_overlap(g_A, self.f_T5)),
        )

    def _on_shell(self, g: Coupling | None, d: Coupling | None) -> Coupling | None:
        if d is None:
            return g
        return self.mass**2 * d if g is None else g + self.mass**2 * d

    def k_long(self) -> VectorBoson:
        """See `couplings.of_k_long`; sbar sigma gamma5 b is antihermitian."""
        return of_k_long(self, even=("g_A", "d_A", "f_T5"), odd=("g_V", "d_V", "f_T"))


def _square(c: Coupling | None, factor: Scalar | float = 1.0) -> Entry:
    return None if c is None else abs2(c) * factor * jnp.ones(1)


def _overlap(a: Coupling, b: Coupling) -> Array:
    return a * jnp.conj(b) * jnp.ones(1)


class BroadBoson(AbstractContinuum):
    """One boson with a large width: rho_c = R_c 2 m Gamma / ((q2 - m^2)^2 + m^2 Gamma^2) * p_invisible, from q2 = 0 on.

    The denominator has a fixed width. A vector is taken to couple to a conserved current of massless particles: then
    no J = 0 part appears, and the imaginary part grows as q2, which a constant residue of the dimensionless rho_V1
    contains. For Gamma -> 0 the line itself is recovered.
    """

    boson: AbstractLine

    def threshold(self) -> Scalar:
        return jnp.zeros(())

    def spectral(self, q2: Float[Array, " n_q2"]) -> Channels:
        b = self.boson
        m_Gamma = b.mass * b.width
        peak = b.p_invisible * 2.0 * m_Gamma / ((q2 - b.mass**2) ** 2 + m_Gamma**2)
        return Channels(*(None if R is None else R * peak for R in b.residues()))

    def nodes(self, edges: Float[Array, " n_edge"], q2_max: Scalar, n_node: int) -> Nodes:
        b = self.boson
        # the flattened peak leaves a steep hadron side where a bin holds many widths
        return peak_nodes(edges, self.threshold(), q2_max, b.mass**2, b.mass * b.width, 2 * n_node)

    def k_long(self) -> BroadBoson:
        """The boson as a K_L makes it."""
        return BroadBoson(self.boson.k_long())
