"""One light boson on its mass shell, on top of the Standard Model's neutrinos: b -> s S and b -> s V."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import equinox as eqx

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.model import AbstractModel, parameter
from darkpenguin.core.numerics import safe_divide
from darkpenguin.core.types import AbstractLine, Couplings, Scalar
from darkpenguin.errors import Problem
from darkpenguin.flavour.rates import line_branching_fraction
from darkpenguin.flavour.rescaled import RescaledLine
from darkpenguin.flavour.sm_amplitude import standard_model_neutrinos
from darkpenguin.flavour.spectral import ScalarBoson, VectorBoson

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


class TwoBodyScalar(AbstractModel):
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

    def couplings(self, inputs: Inputs) -> Couplings:
        common = {"mass": self.m_S, "width": self.width, "p_invisible": self.p_invisible}
        by_coupling = ScalarBoson(g_S=self.g_S, g_P=self.g_P, **common)
        by_rate = with_rate(ScalarBoson(g_S=jnp.ones(()), g_P=self.ratio, **common), self.BR, inputs)
        return Couplings(continua=(standard_model_neutrinos(inputs),), lines=(by_coupling, by_rate))


class TwoBodyVector(AbstractModel):
    """L = V_mu sbar gamma^mu (g_V + g_A gamma5) b + h.c. [arXiv:2403.13887]; or BR = BR(B+ -> K+ V), with g_A / g_V =
    ratio.

    ratio = -1 is a left-handed quark current. The K mode feels g_V only, the K* mode both. Rates grow as 1/m_V^2.
    """

    name: ClassVar[str] = "two_body_vector"
    title: ClassVar[str] = "one invisible vector"
    references: ClassVar[tuple[str, ...]] = ("Bolton:2024egx", "Buras:2014fpa")
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
    width: Scalar = parameter("GeV", 0.0, 1.0, "total width; 0: a line", latex=r"\Gamma_V", default=0.0)
    p_invisible: Scalar = parameter(
        "1", 0.0, 1.0, "probability to stay invisible", latex=r"P_\mathrm{inv}", default=1.0
    )

    @classmethod
    def faults(cls, values: Mapping[str, float]) -> list[Problem]:
        return rate_or_coupling(values, ("g_V", "g_A"))

    def couplings(self, inputs: Inputs) -> Couplings:
        common = {"mass": self.m_V, "width": self.width, "p_invisible": self.p_invisible}
        by_coupling = VectorBoson(g_V=self.g_V, g_A=self.g_A, **common)
        by_rate = with_rate(VectorBoson(g_V=jnp.ones(()), g_A=self.ratio, **common), self.BR, inputs)
        return Couplings(continua=(standard_model_neutrinos(inputs),), lines=(by_coupling, by_rate))
