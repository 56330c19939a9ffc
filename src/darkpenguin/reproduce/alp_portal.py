"""An axion-like particle of 2 GeV as portal: when the early plasma makes it, and which dark matter follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from darkpenguin import __version__
from darkpenguin._jax import jax, jnp
from darkpenguin.analysis import Analysis
from darkpenguin.compare import BELLE2, INPUTS
from darkpenguin.core.model import Range
from darkpenguin.cosmology.bessel import k1_over_k2
from darkpenguin.cosmology.thermal_rates import equilibrium_density
from darkpenguin.decays.constants import light_state_constants
from darkpenguin.figure import Curve, FigureData, Numbers, Panel, Region
from darkpenguin.reproduce import alp_freeze_in as early
from darkpenguin.reproduce.alp_freeze_in import M_A, Choices

REFERENCES = ("Calibbi:2025rpx", "Hall:2009bx")
BELLE2_REFERENCES = ("Belle-II:2023esi", "Belle-II:2025lfq")
BENCHMARK = 6e-9  # GeV^-1, C_q/f = C_chi/f
BENCHMARK_M_CHI = 3e-3
OMEGA_H2 = 0.12  # as the paper draws it
WARM = 1.5e-5  # GeV; lighter dark matter from such decays washes out small structures
M_CHI = {"100 keV": 1e-4, "1 MeV": 1e-3, "3 MeV": 3e-3, "100 MeV": 0.1}
LARGEST_YIELD = 3.0**0.5 / 4.0 * M_A  # the mass at which a -> chi chi gives most dark matter for given C_chi/f
PRINTED_BR = 1.7e-5  # of B+ -> K+ a at C_q/f = 1e-8 GeV^-1, eq. (20)
PRINTED_RANGES = ((0.5e-5, 0.9e-5), (0.4e-5, 1.1e-5))
PRINTED_BANDS = "as printed: BR in [0.5, 0.9], [0.4, 1.1]e-5"
BANDS_CAPTION = " Dashed outlines: the bands of the paper, from ranges of the rate for 1 and 2 sigma."
X_PLANE = np.geomspace(1e-11, 1e-7, 41)
WARM_CAPTION = (
    " Too warm: the limit of 15 keV is one on the velocity. A particle that decays late gives faster dark matter: its "
    "mass must then be up to some MeV. Dashed curve: 15 keV everywhere, as in print."
)
AS_PRINTED = " As printed: cube in eq. (21), entropy's degrees of freedom in H, gluon width that gives c tau = 65 m."


def numbers(values: object) -> Numbers:
    """Plain numbers; None where not finite."""
    return tuple(v if np.isfinite(v) else None for v in np.asarray(values, dtype=float).tolist())


# --- what Belle II says about C_q/f -----------------------------------------------------------------------------------


class Preference(NamedTuple):
    """Delta(-2 ln L) on a grid of C_q/f [GeV^-1]."""

    C: np.ndarray
    delta: np.ndarray

    def interval(self, level: float) -> tuple[float, float]:
        """Ends of where it lies below the level."""
        inside = self.C[self.delta < level]
        return float(inside[0]), float(inside[-1])

    def best(self) -> float:
        return float(self.C[self.delta.argmin()])

    def level_band(self, label: str, x: tuple[float, float], filled: bool = True) -> Region:
        """1 and 2 sigma as a level band, C_q/f upward."""
        z = tuple((v, v) for v in numbers(self.delta))
        return Region(label, x, tuple(self.C.tolist()), z, (1.0, 4.0), filled)

    def upright_band(self, label: str, y: tuple[float, float], filled: bool = True) -> Region:
        """The same with C_q/f to the right."""
        z = numbers(self.delta)
        return Region(label, tuple(self.C.tolist()), y, (z, z), (1.0, 4.0), filled)


def preferred(as_printed: bool) -> Preference:
    """From Belle II's likelihood, escape from the detector included; in print, from two ranges of the rate."""
    C = np.linspace(3e-9, 1.1e-8, 161)
    if as_printed:
        return Preference(C, from_ranges(PRINTED_BR * (C / 1e-8) ** 2))
    analysis = Analysis(
        "alp_portal", experiments=BELLE2, inputs=INPUTS, fixed={"m_a": M_A}, free={"f_a": Range(1e7, 1e10)}
    )
    values = analysis.line.values(np.stack([analysis.theta({"f_a": 1.0 / c}) for c in C]))
    return Preference(C, values - values.min())


def from_ranges(BR: np.ndarray) -> np.ndarray:
    """What stands for Delta(-2 ln L) where the paper takes ranges of the rate for 1 and 2 sigma: 1 and 4 at their ends.

    Straight lines between, 9 at half the lower and twice the upper end.
    """
    (low, high), (lowest, highest) = PRINTED_RANGES
    ends = (0.5 * lowest, lowest, low, 0.5 * (low + high), high, highest, 2.0 * highest)
    return np.interp(BR, ends, (9.0, 4.0, 1.0, 0.0, 1.0, 4.0, 9.0))


def source(as_printed: bool) -> str:
    """Name of what gives 1 and 2 sigma."""
    return "BR in [0.5, 0.9], [0.4, 1.1]e-5" if as_printed else "Belle II's likelihood, 1 and 2σ"


# --- rates ------------------------------------------------------------------------------------------------------------


def rates(key: str, *, as_printed: bool, progress: bool) -> FigureData:
    """The coupling from which each process is faster than the expansion, against temperature."""
    del progress
    found = preferred(as_printed)
    x = np.geomspace(0.01, 40.0, 120)
    span = (float(x[0]), float(x[-1]))
    bands = [found.level_band(source(as_printed), span)]
    if not as_printed:
        bands.append(preferred(as_printed=True).level_band(PRINTED_BANDS, span, filled=False))
    return FigureData(
        key=key,
        title="When b quarks keep an axion-like particle of 2 GeV in equilibrium",
        caption="Coupling C_q/f at which a rate equals the expansion rate H: above a line the process is faster. Rates "
        "are per axion-like particle in equilibrium, as in the Boltzmann equation, unless the line says otherwise; the "
        "paper does not say which it draws. Decay to gluons and quarks counts in 'all'. Best C_q/f: "
        f"{found.best():.1e} GeV^-1." + (AS_PRINTED if as_printed else BANDS_CAPTION),
        panels=(rates_panel(x, early.choices(as_printed), bands),),
        inputs=INPUTS,
        references=(*REFERENCES, *BELLE2_REFERENCES),
        version=__version__,
    )


def rates_panel(x: np.ndarray, chosen: Choices, regions: Sequence[Region] = ()) -> Panel:
    """C_q/f [GeV^-1] against x = m_b/T where rate = H. [arXiv:2502.04900, figure 1 left]"""
    k = light_state_constants()
    T = jnp.asarray(k.m_b / x)
    made, H = early.densities(T, chosen.exponent), chosen.bath.hubble(T)
    per_b = 2.0 * equilibrium_density(jnp.asarray(k.m_b), 6.0, T)
    decays, scatterings = (early.per_particle(part, T) for part in (made.decay, made.scattering))
    zero = jnp.zeros(())
    back = early.widths(jnp.ones(()), zero, zero, chosen.loop_argument).visible() * k1_over_k2(M_A / T)
    lines = {
        "scattering of b": scatterings,
        "b → s a": decays,
        "all, with a → gluons and quarks": decays + scatterings + back,
        "b → s a, per b quark": made.decay / per_b,
    }
    curves = [Curve(label, numbers(x), numbers(jnp.sqrt(H / rate))) for label, rate in lines.items()]
    return Panel(
        title="rate = H",
        x_label=r"$m_b/T$",
        y_label=r"$C_q/f_a$ [GeV$^{-1}$]",
        curves=tuple(curves),
        regions=tuple(regions),
        x_log=True,
        y_log=True,
        x_range=(float(x[0]), float(x[-1])),
        y_range=(1e-10, 1e-6),
    )


# --- yields -----------------------------------------------------------------------------------------------------------


def yields(key: str, *, as_printed: bool, progress: bool) -> FigureData:
    """Yields of the axion-like particle and of chi at the paper's benchmark."""
    del progress
    chosen = early.choices(as_printed)
    panel, omega_h2 = yields_panel(chosen)
    return FigureData(
        key=key,
        title="An axion-like particle that thermalises, and dark matter from its decays",
        caption=f"C_q/f = C_chi/f = 6e-9 GeV^-1, m_a = 2 GeV, m_chi = 3 MeV; particle and antiparticle together. "
        f"Omega h^2 = {omega_h2:.3f}; the paper prints 0.1." + AS_PRINTED * as_printed,
        panels=(panel,),
        inputs=INPUTS,
        references=REFERENCES,
        version=__version__,
    )


def yields_panel(chosen: Choices, n: int = 8000) -> tuple[Panel, float]:
    """Yields against m_b/T, and the relic density of the solver. [arXiv:2502.04900, figure 1 right]"""
    k, C, m_chi = light_state_constants(), jnp.asarray(BENCHMARK), jnp.asarray(BENCHMARK_M_CHI)
    table = early.production_table(chosen.exponent)
    sector = early.sector(C, C, m_chi, table, chosen)
    x_a = jnp.geomspace(M_A / 418.0, M_A / 0.02, n + 1)
    Y_a, Y_chi = jax.jit(lambda x: early.yields(sector, chosen.bath, x))(x_a)
    shown = slice(None, None, max(n // 250, 1))
    T = M_A / x_a[shown]
    entropy = chosen.bath.entropy_density(T)

    def equilibrium(m: float, degrees: float) -> Numbers:
        return numbers(equilibrium_density(jnp.asarray(m), degrees, T) / entropy)

    x = numbers(k.m_b / T)
    panel = Panel(
        title="yields n/s",
        x_label=r"$m_b/T$",
        y_label=r"$Y=n/s$",
        curves=(
            Curve("a", x, numbers(Y_a[shown])),
            Curve("a in equilibrium", x, equilibrium(M_A, 1.0), mark="dashed"),
            Curve("χ, made by a → χχ", x, numbers(Y_chi[shown])),
            Curve("b in equilibrium", x, equilibrium(k.m_b, 12.0), mark="dashed"),
        ),
        x_log=True,
        y_log=True,
        x_range=(0.01, 100.0),
        y_range=(1e-14, 1e-1),
    )
    return panel, float(jax.jit(lambda c: early.relic(c, c, m_chi, table, chosen).omega_h2)(C))


# --- relic contours ---------------------------------------------------------------------------------------------------


def relic_contours(key: str, *, as_printed: bool, progress: bool) -> FigureData:
    """Masses of chi that are all of the dark matter, in the plane of the two couplings."""
    del progress
    found, ends = preferred(as_printed), (1e-12, 1e-4)
    bands = [found.upright_band(source(as_printed), ends)]
    if not as_printed:
        bands.append(preferred(as_printed=True).upright_band(PRINTED_BANDS, ends, filled=False))
    return FigureData(
        key=key,
        title="Dark matter from the decays of an axion-like particle of 2 GeV",
        caption="Lines: mass of chi for which Omega h^2 = 0.12, the lower of two solutions. One coupling C_q/f to all "
        "quarks and to s b. Below C_q/f of about 3e-9 GeV^-1 the particle decays out of equilibrium and gives more "
        "dark matter; a line ends where the particles do not suffice even if all of them decay to chi. Best C_q/f: "
        f"{found.best():.1e} GeV^-1." + (AS_PRINTED if as_printed else WARM_CAPTION + BANDS_CAPTION),
        panels=(relic_panel(X_PLANE, early.choices(as_printed), M_CHI, bands, one_limit=as_printed),),
        inputs=INPUTS,
        references=(*REFERENCES, *BELLE2_REFERENCES),
        version=__version__,
    )


def relic_panel(
    C_q: np.ndarray,
    chosen: Choices,
    masses: dict[str, float],
    regions: Sequence[Region] = (),
    *,
    one_limit: bool = False,
) -> Panel:
    """C_chi/f against C_q/f for masses of chi [GeV]. [arXiv:2502.04900, figure 2]

    one_limit : chi is too warm below 15 keV wherever it was made; else by its momentum.
    """
    table = early.production_table(chosen.exponent)

    def coupling(m_chi: float) -> np.ndarray:
        return early.coupling_for(OMEGA_H2, jnp.asarray(C_q), jnp.asarray(m_chi), table, chosen)

    x, n = numbers(C_q), len(C_q)
    warm, largest = coupling(WARM), coupling(LARGEST_YIELD)
    too_warm = [Curve("too warm, below 15 keV", x, low=numbers(warm), high=numbers(np.full(n, 1e-4)))]
    if not one_limit:
        lightest = early.lightest_cold(OMEGA_H2, jnp.asarray(C_q), table, chosen)
        corrected = early.coupling_for(OMEGA_H2, jnp.asarray(C_q), jnp.asarray(lightest), table, chosen)
        label, high = "shaded: too warm; dashed: 15 keV", numbers(np.full(n, 1e-4))
        too_warm = [Curve(label, x, numbers(warm), low=numbers(corrected), high=high, mark="dashed")]
    curves = [Curve(f"$m_\\chi$ = {name}", x, numbers(coupling(m))) for name, m in masses.items()]
    return Panel(
        title=r"$\Omega_\chi h^2=0.12$",
        x_label=r"$C_q/f_a$ [GeV$^{-1}$]",
        y_label=r"$C_\chi/f_a$ [GeV$^{-1}$]",
        curves=(
            *too_warm,
            Curve("no mass gives enough", x, low=numbers(np.full(n, 1e-12)), high=numbers(largest)),
            *curves,
        ),
        regions=tuple(regions),
        x_log=True,
        y_log=True,
        x_range=(float(C_q[0]), float(C_q[-1])),
        y_range=(1e-12, 1e-4),
    )
