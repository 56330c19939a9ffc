"""One light boson on its mass shell, on top of the Standard Model's neutrinos: b -> s S and b -> s V."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import equinox as eqx

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.model import parameter
from darkpenguin.core.numerics import safe_divide
from darkpenguin.core.types import AbstractLine, Couplings, Scalar
from darkpenguin.errors import Problem
from darkpenguin.flavour.rates import line_branching_fraction
from darkpenguin.flavour.rescaled import RescaledLine
from darkpenguin.flavour.spectral import ScalarBoson, VectorBoson
from darkpenguin.models.new_states import NewStates

REFERENCE_MODE = "B+->K+"


def with_rate(boson: AbstractLine, rate: Scalar, inputs: Inputs) -> RescaledLine:
    """The boson, rescaled so that BR(B+ -> K+ X) = rate before its probability to be invisible; zero where the channel
    is closed."""
    certain = eqx.tree_at(lambda b: b.p_invisible, boson, jnp.ones(()))
    return RescaledLine(boson, safe_divide(rate, line_branching_fraction(certain, REFERENCE_MODE, inputs)))


def rate_or_coupling(values: Mapping[str, float], couplings: tuple[str, ...]) -> list[Problem]:
    """A rate and a coupling at once would count the boson twice."""
    given = [name for name in couplings if values.get(name, 0.0) != 0.0]
    if values.get("BR", 0.0) != 0.0 and given:
        return [Problem("BR", f"give either BR or {' and '.join(given)}, not both")]
    return []


class TwoBodyScalar(NewStates):
    """L = S sbar (g_S + i g_P gamma5) b + h.c. [arXiv:2403.13887]; or the rate BR = BR(B+ -> K+ S), with g_P / g_S =
    ratio.

    The K mode feels g_S only, the K* mode g_P only.
    """

    name: ClassVar[str] = "two_body_scalar"
    title: ClassVar[str] = "one invisible scalar"
    references: ClassVar[tuple[str, ...]] = ("Bolton:2024egx", "Buras:2014fpa")
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {"best_fit_of_2602.09666": {"m_S": 2.1, "BR": 9.2e-6}}

    m_S: Scalar = parameter("GeV", 0.0, 5.28, "mass", latex=r"m_S")
    BR: Scalar = parameter(
        "1", 0.0, 1e-3, "BR(B+ -> K+ S)", scale="linear", latex=r"\mathcal{B}(B^+\to K^+S)", default=0.0
    )
    ratio: Scalar = parameter("1", -1e3, 1e3, "g_P / g_S when BR is given", latex=r"g_P/g_S", default=0.0)
    g_S: Scalar = parameter("1", -1e-3, 1e-3, "scalar coupling", latex=r"g_S", default=0.0)
    g_P: Scalar = parameter("1", -1e-3, 1e-3, "pseudoscalar coupling", latex=r"g_P", default=0.0)
    width: Scalar = parameter("GeV", 0.0, 1.0, "total width; 0: a line", latex=r"\Gamma_S", default=0.0)
    p_invisible: Scalar = parameter(
        "1", 0.0, 1.0, "probability to stay invisible", latex=r"P_\mathrm{inv}", default=1.0
    )

    @classmethod
    def faults(cls, values: Mapping[str, float]) -> list[Problem]:
        return rate_or_coupling(values, ("g_S", "g_P"))

    def states(self, inputs: Inputs) -> Couplings:
        common = {"mass": self.m_S, "width": self.width, "p_invisible": self.p_invisible}
        by_coupling = ScalarBoson(g_S=self.g_S, g_P=self.g_P, **common)
        by_rate = with_rate(ScalarBoson(g_S=jnp.ones(()), g_P=self.ratio, **common), self.BR, inputs)
        return Couplings(lines=(by_coupling, by_rate))


class TwoBodyVector(NewStates):
    """L = V_mu sbar gamma^mu (g_V + g_A gamma5) b + V_{mu nu} sbar sigma^{mu nu} (f_T + f_T5 gamma5) b
    + (d_nu V^{mu nu}) sbar gamma_mu (d_V + d_A gamma5) b + h.c. [arXiv:2403.13887, arXiv:2311.14629]

    Or BR = BR(B+ -> K+ V), with g_A / g_V = ratio and no other coupling. On the mass shell d acts as m_V^2 d beside g.
    ratio = -1 is a left-handed quark current. The K mode feels g_V, f_T, d_V only, the K* mode all. Rates
    of g grow as 1/m_V^2.
    """

    name: ClassVar[str] = "two_body_vector"
    title: ClassVar[str] = "one invisible vector"
    references: ClassVar[tuple[str, ...]] = ("Bolton:2024egx", "Altmannshofer:2023hkn", "Buras:2014fpa")
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {
        "best_fit_of_2602.09666": {"m_V": 2.1, "BR": 9.2e-6},
        "left_handed": {"m_V": 2.1, "BR": 9.2e-6, "ratio": -1.0},
    }

    m_V: Scalar = parameter("GeV", 1e-3, 5.28, "mass", latex=r"m_V")
    BR: Scalar = parameter(
        "1", 0.0, 1e-3, "BR(B+ -> K+ V)", scale="linear", latex=r"\mathcal{B}(B^+\to K^+V)", default=0.0
    )
    ratio: Scalar = parameter("1", -1e3, 1e3, "g_A / g_V when BR is given", latex=r"g_A/g_V", default=0.0)
    g_V: Scalar = parameter("1", -1e-3, 1e-3, "vector coupling", latex=r"g_V", default=0.0)
    g_A: Scalar = parameter("1", -1e-3, 1e-3, "axial coupling", latex=r"g_A", default=0.0)
    f_T: Scalar = parameter("GeV^-1", -1.0, 1.0, "tensor coupling", latex=r"f_T", default=0.0)
    f_T5: Scalar = parameter("GeV^-1", -1.0, 1.0, "tensor coupling with gamma5", latex=r"f_{T5}", default=0.0)
    d_V: Scalar = parameter("GeV^-2", -1.0, 1.0, "vector coupling of d_nu V^munu", latex=r"d_V", default=0.0)
    d_A: Scalar = parameter("GeV^-2", -1.0, 1.0, "axial coupling of d_nu V^munu", latex=r"d_A", default=0.0)
    width: Scalar = parameter("GeV", 0.0, 1.0, "total width; 0: a line", latex=r"\Gamma_V", default=0.0)
    p_invisible: Scalar = parameter(
        "1", 0.0, 1.0, "probability to stay invisible", latex=r"P_\mathrm{inv}", default=1.0
    )

    @classmethod
    def faults(cls, values: Mapping[str, float]) -> list[Problem]:
        return rate_or_coupling(values, ("g_V", "g_A", "f_T", "f_T5", "d_V", "d_A"))

    def states(self, inputs: Inputs) -> Couplings:
        common = {"mass": self.m_V, "width": self.width, "p_invisible": self.p_invisible}
        names = ("g_V", "g_A", "f_T", "f_T5", "d_V", "d_A")
        by_coupling = VectorBoson(**{name: getattr(self, name) for name in names}, **common)
        by_rate = with_rate(VectorBoson(g_V=jnp.ones(()), g_A=self.ratio, **common), self.BR, inputs)
        return Couplings(lines=(by_coupling, by_rate))


class TwoBodyAlp(NewStates):
    """L = (d_mu a / f_a) sbar gamma^mu (c_V + c_A gamma5) b + h.c.: an axion-like particle. [arXiv:2311.14629]

    The K mode feels c_V only, the K* mode c_A only. f_a and the c enter as c / f_a; fix one of them.
    """

    name: ClassVar[str] = "two_body_alp"
    title: ClassVar[str] = "one invisible axion-like particle"
    references: ClassVar[tuple[str, ...]] = ("Altmannshofer:2023hkn", "Bolton:2024egx", "Buras:2014fpa")
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {"vector": {"m_a": 2.1, "f_a": 3e8, "c_V": 1.0}}

    m_a: Scalar = parameter("GeV", 0.0, 5.28, "mass", latex=r"m_a")
    f_a: Scalar = parameter("GeV", 1e2, 1e16, "decay constant", scale="log", latex=r"f_a")
    c_V: Scalar = parameter("1", -1e3, 1e3, "vector coupling", latex=r"c_V", default=0.0)
    c_A: Scalar = parameter("1", -1e3, 1e3, "axial coupling", latex=r"c_A", default=0.0)
    width: Scalar = parameter("GeV", 0.0, 1.0, "total width; 0: a line", latex=r"\Gamma_a", default=0.0)
    p_invisible: Scalar = parameter(
        "1", 0.0, 1.0, "probability to stay invisible", latex=r"P_\mathrm{inv}", default=1.0
    )

    def states(self, inputs: Inputs) -> Couplings:
        boson = ScalarBoson(
            self.m_a,
            width=self.width,
            p_invisible=self.p_invisible,
            h_V=self.c_V / self.f_a,
            h_A=self.c_A / self.f_a,
        )
        return Couplings(lines=(boson,))
