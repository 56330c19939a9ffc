"""A heavy neutral vector boson with flavour-changing quark couplings, exchanged at tree level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.model import parameter
from darkpenguin.core.types import Couplings, Quarks, Scalar
from darkpenguin.core.visible import LEPTONS, Matrix, Visible
from darkpenguin.errors import Problem
from darkpenguin.flavour.matching import matching_factor
from darkpenguin.flavour.mixing import mass_difference_ratio
from darkpenguin.flavour.sm_amplitude import standard_model_states
from darkpenguin.flavour.spectral import NeutrinoPair
from darkpenguin.models.coefficients import HasOperators, Operator, with_coefficients
from darkpenguin.models.leptoquark import option_faults, positive_ckm_parameter

COUPLING_RANGE = 3.5  # about sqrt(4 pi)
SYMBOLS = {"e": "e", "mu": r"\mu", "tau": r"\tau"}


def _quark(name: str, hand: str) -> Operator:
    text = f"Z'_mu sbar_{hand} gamma^mu b_{hand}"
    return Operator(name, "1", text, -1.0, 1.0, "log", rf"g_{hand}")


def _off_diagonal(i: str, j: str) -> Operator:
    text = f"Z'_mu nubar_{i} gamma^mu P_L nu_{j}; the transposed entry is its conjugate"
    return Operator(
        f"g_{i}{j}", "1", text, -COUPLING_RANGE, COUPLING_RANGE, "linear", rf"g_\nu^{{{SYMBOLS[i]}{SYMBOLS[j]}}}"
    )


def _diagonal(i: str) -> Scalar:
    symbol = rf"g_\nu^{{{SYMBOLS[i]}{SYMBOLS[i]}}}"
    text = f"coefficient of Z'_mu nubar_{i} gamma^mu P_L nu_{i}"
    return parameter("1", -COUPLING_RANGE, COUPLING_RANGE, text, latex=symbol, default=0.0)


@with_coefficients
class ZPrime(HasOperators):
    """L = Z'_mu [gL sbar_L gamma^mu b_L + gR sbar_R gamma^mu b_R + h.c. + g_ij nubar_i gamma^mu P_L nu_j
    + g_ij lbar_i gamma^mu (x_L P_L + x_R P_R) l_j], g hermitian. [arXiv:2309.12741]

    C_L = -K gL g / M^2, C_R = -K gR g / M^2, with charged leptons C9 = (x_L + x_R) C_L, C10 = (x_R - x_L) C_L, primed
    alike from C_R. x_L = 1: lepton doublets. Bs mixing: C_VLL = -gL^2/(2 M^2), C_VRR = -gR^2/(2 M^2),
    C_VLR = -gL gR/M^2 at the scale M. No couplings to other quarks: b -> d and s -> d are those of the Standard Model.
    """

    name: ClassVar[str] = "zprime"
    title: ClassVar[str] = "flavour-changing Z'"
    references: ClassVar[tuple[str, ...]] = ("He:2023bnk", "Buras:2014fpa")
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {
        "left_handed": {"M": 1000.0, "gL": 4e-3, "g_tautau": -1.0},
        "no_shift_of_mixing": {"M": 1000.0, "gL": 1.6e-2, "gR": 1.78e-3, "g_tautau": -1.0},
    }
    operators: ClassVar[tuple[Operator, ...]] = (
        _quark("gL", "L"),
        _quark("gR", "R"),
        _off_diagonal("e", "mu"),
        _off_diagonal("e", "tau"),
        _off_diagonal("mu", "tau"),
    )

    M: Scalar = parameter("GeV", 100.0, 1e6, "mass", scale="log", latex="M_{Z'}")
    g_ee: Scalar = _diagonal("e")
    g_mumu: Scalar = _diagonal("mu")
    g_tautau: Scalar = _diagonal("tau")
    x_L: Scalar = parameter("1", -10.0, 10.0, "left-handed charged leptons over neutrinos", latex="x_L", default=1.0)
    x_R: Scalar = parameter("1", -10.0, 10.0, "right-handed charged leptons over neutrinos", latex="x_R", default=0.0)
    positive_ckm: Scalar = positive_ckm_parameter()

    @classmethod
    def faults(cls, values: Mapping[str, float]) -> list[Problem]:
        return super().faults(values) + option_faults(values)

    def lepton_matrix(self) -> Matrix:
        """g_ij, hermitian."""
        c = self.coefficients()
        upper = jnp.array(
            [
                [0.0, c["g_emu"], c["g_etau"]],
                [0.0, 0.0, c["g_mutau"]],
                [0.0, 0.0, 0.0],
            ]
        )
        return upper + jnp.conj(upper.T) + jnp.diag(jnp.stack([getattr(self, f"g_{f}{f}") for f in LEPTONS]))

    def left_and_right(self, inputs: Inputs) -> tuple[Matrix, Matrix]:
        """C_L and C_R of new physics."""
        c = self.coefficients()
        exchanged = -matching_factor(inputs, "bs", self.positive_ckm) * self.lepton_matrix() / self.M**2
        return c["gL"] * exchanged, c["gR"] * exchanged

    def couplings(self, inputs: Inputs) -> Couplings:
        (standard,) = standard_model_states(inputs)
        left, right = self.left_and_right(inputs)
        return Couplings(continua=(NeutrinoPair(standard.normalisation, standard.C_L + left, C_R=right),))

    def couplings_in(self, quarks: Quarks, inputs: Inputs) -> Couplings:
        """The Standard Model outside b -> s."""
        return self.couplings(inputs) if quarks == "bs" else Couplings(continua=standard_model_states(inputs, quarks))

    def visible(self, inputs: Inputs) -> Visible:
        """b -> s l l' and Bs mixing."""
        c, (left, right) = self.coefficients(), self.left_and_right(inputs)
        return Visible(
            C9=(self.x_L + self.x_R) * left,
            C10=(self.x_R - self.x_L) * left,
            C9p=(self.x_L + self.x_R) * right,
            C10p=(self.x_R - self.x_L) * right,
            C_VLL=-(c["gL"] ** 2) / (2.0 * self.M**2),
            C_VRR=-(c["gR"] ** 2) / (2.0 * self.M**2),
            C_VLR=-c["gL"] * c["gR"] / self.M**2,
            matching_scale=self.M,
        )


def largest_coefficient(M: Scalar, inputs: Inputs, shift: float, g_over_M: float) -> Scalar:
    """Largest |C_L^ii| with gR = 0 and mass M [GeV] when Delta M_s may grow by the relative amount `shift`.

    g_over_M : largest g_ii / M, GeV^-1; published statements such as R <= 2 need a value for it.
    """
    # real and in phase with the Standard Model the shift is quadratic in gL
    unit = Visible(C_VLL=-jnp.exp(2j * inputs.arg_V_tb_V_ts) / (2.0 * M**2), matching_scale=M)
    gL = jnp.sqrt(shift / (mass_difference_ratio(unit, inputs) - 1.0))
    return jnp.abs(matching_factor(inputs)) * gL / M * g_over_M
