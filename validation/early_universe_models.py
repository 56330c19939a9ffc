"""Dark sectors of the reference rows as channels of annihilation, to be frozen out."""

from __future__ import annotations

import dataclasses
import functools

from darkpenguin._jax import jax, jnp
from darkpenguin.cosmology.freeze_out import FreezeOut
from darkpenguin.cosmology.thermal_average import Channel, ChannelGroup, ClosedForm, Energy2, Propagator, Resonance
from darkpenguin.cosmology.thermal_bath import ThermalBath, load_bath
from darkpenguin.decays import lmu_ltau_annihilation as ann
from darkpenguin.decays import lmu_ltau_scalars as scalars
from darkpenguin.decays.constants import light_state_constants
from darkpenguin.decays.lmu_ltau_scalars import LMuLTau

K = light_state_constants()
ZERO = jnp.zeros(())
WIDTH_H = jnp.array(4.07e-3)
BENCHMARKS = {"BP1": (5e-4, 0.0115), "BP2": (1e-4, 0.01)}
"""g and m_Z' [GeV] of the two benchmarks; Q_Phi = 0.4."""

Propagators = tuple[Propagator, ...]
Number = jax.Array | float


def benchmark(name: str, m_1: Number, m_X: Number, lam: Number, sin_theta: Number = 6e-3) -> LMuLTau:
    """A point of the benchmark "BP1" or "BP2" with Q_X = 1."""
    g, m_Z = map(jnp.asarray, BENCHMARKS[name])
    m_1, m_X, lam, sin_theta = map(jnp.asarray, (m_1, m_X, lam, sin_theta))
    return LMuLTau(
        g, jnp.ones(()), scalars.vev(m_Z, g, jnp.array(0.4)), lam, m_X, m_Z, m_1, jnp.array(125.2), sin_theta
    )


def resonances(p: LMuLTau, running: Number) -> tuple[Resonance, Resonance, Resonance]:
    """H_1, H_2, Z'. running: 0 for a fixed width of H_1, 1 for one that runs; a number: one program does both."""

    def w(s: Energy2) -> Energy2:
        return running * scalars.self_energy_1(s, p) + (1.0 - running) * p.m_1 * scalars.width_1(p, K)

    return (
        Resonance(p.m_1, scalars.width_1(p, K), w),
        Resonance(p.m_2, scalars.width_2(p, K, WIDTH_H)),
        Resonance(p.m_Z, scalars.width_Z(p, K)),
    )


def lmu_ltau(p: LMuLTau, running: Number = 0.0) -> FreezeOut:
    """All channels of X X* of a dark U(1) of L_mu - L_tau; mu and tau through scalars and Z'."""
    H_1, H_2, Z = resonances(p, running)

    def scalar_pair(s: Energy2, D: Propagators) -> Channel:
        return ann.sigma_H1H1(s, *D, p, K)[None]

    def vector_pair(s: Energy2, D: Propagators) -> Channel:
        return ann.sigma_ZZ(s, *D, p)[None]

    def mixed(s: Energy2, D: Propagators) -> Channel:
        return ann.sigma_ZH1(s, *D, p)[None]

    def neutrinos(s: Energy2, D: Propagators) -> Channel:
        return ann.sigma_nunu(s, *D, p)[None]

    def leptons(s: Energy2, D: Propagators, m_l: float) -> Channel:
        return (ann.sigma_ff(s, D[0], D[1], m_l, p, K) + ann.sigma_ll(s, D[2], m_l, p))[None]

    def charged(name: str, m_l: float) -> ChannelGroup:
        return ChannelGroup((name,), jnp.array(2.0 * m_l), functools.partial(leptons, m_l=m_l), (H_1, H_2, Z))

    groups = (
        ChannelGroup(("H1 H1",), 2.0 * p.m_1, scalar_pair, (H_1, H_2)),
        ChannelGroup(("Z' Z'",), 2.0 * p.m_Z, vector_pair, (H_1, H_2)),
        ChannelGroup(("Z' H1",), p.m_Z + p.m_1, mixed, (Z,)),
        ChannelGroup(("nu nu",), ZERO, neutrinos, (Z,)),
        charged("mu mu", K.m_mu),
        charged("tau tau", K.m_tau),
    )
    return FreezeOut(p.m_X, jnp.ones(()), groups, self_conjugate=False)


def constant(sigma_v: Number, m: Number, self_conjugate: bool, degrees: float = 1.0) -> FreezeOut:
    """A cross section whose thermal average is the same at all temperatures."""
    form = ClosedForm(("all",), lambda x: jnp.full((1, x.shape[0]), sigma_v))
    return FreezeOut(jnp.asarray(m), jnp.array(degrees), (form,), self_conjugate)


def contact_pair(name: str, m: float, m_f: float, strength: float) -> ChannelGroup:
    """sigma v = strength beta_f/(8 pi s): a constant amplitude into two scalars of mass m_f."""

    def sigma(s: Energy2, _: Propagators) -> Channel:
        beta = jnp.sqrt(1.0 - 4.0 * m_f**2 / s) / jnp.sqrt(1.0 - 4.0 * m**2 / s)
        return (strength * beta / (16.0 * jnp.pi * s))[None]

    return ChannelGroup((name,), jnp.array(2.0 * m_f), sigma)


def mesons(m: float, C_ss: float, C_dd: float, B: float) -> tuple[ChannelGroup, ...]:
    """phi phi -> K+ K-, K0 K0bar, eta eta, pi pi by L = (1/2) phi^2 (C_ss sbar s + C_dd dbar d), leading chiral order.

    The amplitude is B C, with C = C_ss, C_ss + C_dd, (4 C_ss + C_dd)/3 for eta_8, C_dd for pi+ pi- and pi0 pi0; pairs
    of identical particles count half.  [arXiv:2403.12485; derived]
    """
    pairs = (
        ("K+ K-", 0.493677, C_ss, 1.0),
        ("K0 K0", 0.497611, C_ss + C_dd, 1.0),
        ("eta eta", 0.547862, (4.0 * C_ss + C_dd) / 3.0, 0.5),
        ("pi+ pi-", 0.13957, C_dd, 1.0),
        ("pi0 pi0", 0.134977, C_dd, 0.5),
    )
    return tuple(contact_pair(name, m, m_f, weight * (B * C) ** 2) for name, m_f, C, weight in pairs)


class Electroweak:
    """Inputs of the real singlet of micrOMEGAs 6.0: its model files SingletDM/work/models/vars1.mdl, func1.mdl.

    The mass of the top quark is that at the scale Q of the parameter file, 14 GeV: the pole mass. width_h is a guess,
    without effect.
    """

    e, sin_W, m_Z, m_h, m_t, width_h = 0.31223, 0.481, 91.187, 125.0, 173.5, 4.1e-3
    m_W = m_Z * (1.0 - sin_W**2) ** 0.5
    v = 2.0 * m_W / e * sin_W


def singlet(m_S: jax.Array, la_SH: float) -> FreezeOut:
    """Real S with L = -la_SH S^2 |H|^2: S S -> W W, Z Z, t t through h, and h h; vertices h S S: -2 la_SH v, h h S S.

    sigma v = 2 mu^2 Gamma_h(sqrt s)/(sqrt(s) |D_h|^2) with mu = 2 la_SH v; h h is that of `sigma_H1H1` without mixing.
    [arXiv:1306.4710]
    """
    x = Electroweak
    lam, m_h, v, m_t, one = (jnp.array(y) for y in (2.0 * la_SH, x.m_h, x.v, x.m_t, 1.0))
    unmixed = LMuLTau(ZERO, ZERO, v, lam, m_S, one, m_h, one, ZERO)
    h = Resonance(m_h, jnp.array(x.width_h))

    def through_h(s: Energy2, D: Propagators, width_over_m: Energy2) -> Channel:
        exchange = 2.0 * (lam * v) ** 2 * width_over_m * D[0].squared()
        return (exchange / (2.0 * jnp.sqrt(1.0 - 4.0 * m_S**2 / s)))[None]

    def bosons(s: Energy2, D: Propagators, m_V: float, kinds: float) -> Channel:
        r = m_V**2 / s
        return through_h(
            s, D, kinds * s / (32.0 * jnp.pi * v**2) * jnp.sqrt(1.0 - 4.0 * r) * (1.0 - 4.0 * r + 12.0 * r**2)
        )

    def top(s: Energy2, D: Propagators) -> Channel:
        return through_h(s, D, 3.0 * m_t**2 / (8.0 * jnp.pi * v**2) * (1.0 - 4.0 * m_t**2 / s) ** 1.5)

    def pair(s: Energy2, D: Propagators) -> Channel:
        nothing = (jnp.full_like(s, jnp.inf, complex), jnp.full_like(s, jnp.inf, complex))
        return ann.sigma_H1H1(s, D[0], nothing, unmixed, K)[None]

    groups = (
        ChannelGroup(("W W",), jnp.array(2.0 * x.m_W), functools.partial(bosons, m_V=x.m_W, kinds=2.0), (h,)),
        ChannelGroup(("Z Z",), jnp.array(2.0 * x.m_Z), functools.partial(bosons, m_V=x.m_Z, kinds=1.0), (h,)),
        ChannelGroup(("t t",), 2.0 * m_t, top, (h,)),
        ChannelGroup(("h h",), 2.0 * m_h, pair, (h,)),
    )
    return FreezeOut(m_S, jnp.ones(()), groups)


def flat_bath(degrees: float) -> ThermalBath:
    """g = h at all temperatures."""
    bath = load_bath()
    level = jnp.log(degrees)
    nodes = jnp.zeros_like(bath.nodes).at[:, 0].set(level).at[:, 2].set(level)
    return dataclasses.replace(bath, nodes=nodes, fine=jnp.full_like(bath.fine, degrees**0.5))
