"""b -> s nu nubar with free Wilson coefficients of the weak effective theory."""

from __future__ import annotations

from typing import ClassVar

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.model import AbstractModel, parameter
from darkpenguin.core.types import Couplings, Scalar
from darkpenguin.flavour.sm_amplitude import normalisation, standard_model_coefficient
from darkpenguin.flavour.spectral import NeutrinoPair

COEFFICIENT_RANGE = (-200.0, 200.0)


def _universal(name: str, operator: str) -> Scalar:
    return parameter(
        "1", *COEFFICIENT_RANGE, f"coefficient of {operator}, equal for all flavours", latex=name, default=0.0
    )


class WeakEffective(AbstractModel):
    """Flavour-universal vector, scalar and tensor coefficients [arXiv:2111.04327; arXiv:2507.12393].

    H = (4 G_F / sqrt2) V_tb V_ts* alpha/(2 pi) sum_i c_i O_i + h.c. with massless neutrinos; the scalar and tensor
    operators violate
    lepton number and interfere with nothing. The coefficients are totals: cVL holds the Standard Model's X_t / s_W^2,
    which is also
    its value when none is given. B -> K feels |cVL + cVR|, |cSL + cSR| and |cTL| only.
    """

    name: ClassVar[str] = "weak_effective"
    title: ClassVar[str] = "vector, scalar and tensor contact interactions of neutrinos"
    references: ClassVar[tuple[str, ...]] = ("Felkl:2021uxi", "Belle-II:2025lfq", "Buras:2014fpa")
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {"mode_of_2507.12393": {"cVL": 11.3, "cSL": 0.0, "cTL": 8.21}}
    set_by_inputs: ClassVar[tuple[str, ...]] = ("cVL",)

    cVL: Scalar = parameter(
        "1",
        *COEFFICIENT_RANGE,
        "coefficient of (s gamma P_L b)(nu gamma P_L nu), Standard Model included",
        latex="C_{VL}",
    )
    cVR: Scalar = _universal("C_{VR}", "(s gamma P_R b)(nu gamma P_L nu)")
    cSL: Scalar = _universal("C_{SL}", "(s P_L b)(nu^c P_L nu)")
    cSR: Scalar = _universal("C_{SR}", "(s P_R b)(nu^c P_L nu)")
    cTL: Scalar = _universal("C_{TL}", "(s sigma P_L b)(nu^c sigma P_L nu)")

    @classmethod
    def input_defaults(cls, inputs: Inputs) -> dict[str, float]:
        return {"cVL": -float(standard_model_coefficient(inputs))}

    def couplings(self, inputs: Inputs) -> Couplings:
        pair = NeutrinoPair.universal(
            normalisation(inputs), C_L=-self.cVL, C_R=-self.cVR, C_SL=self.cSL, C_SR=self.cSR, C_TL=self.cTL
        )
        return Couplings(continua=(pair,))


def _flavoured(side: str, i: str, j: str) -> Scalar:
    operator = f"(s gamma P_{side} b)(nu_{i} gamma (1 - gamma5) nu_{j})"
    return parameter("1", *COEFFICIENT_RANGE, f"new physics in {operator}", latex=rf"C_{side}^{{{i}{j}}}", default=0.0)


class WeakEffectiveFlavour(AbstractModel):
    """Left- and right-handed quark currents with full neutrino flavour, new physics on top of the Standard Model.

    H = -(4 G_F / sqrt2) V_tb V_ts* alpha/(4 pi) sum_ij (C_L^ij O_L^ij + C_R^ij O_R^ij) + h.c. with
    O_L^ij = (s gamma_mu P_L b)(nu_i gamma^mu (1 - gamma5) nu_j): names and normalisation of the WCxf basis `flavio`;
    C_L^SM = -X_t / s_W^2.
    """

    name: ClassVar[str] = "weak_effective_flavour"
    title: ClassVar[str] = "flavour-resolved left and right vector interactions of neutrinos"
    references: ClassVar[tuple[str, ...]] = ("Buras:2014fpa", "Aebischer:2017ugx")
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {"right_handed_tau": {"CR_bsnutaunutau": -12.0}}

    CL_bsnuenue: Scalar = _flavoured("L", "e", "e")
    CL_bsnuenumu: Scalar = _flavoured("L", "e", "mu")
    CL_bsnuenutau: Scalar = _flavoured("L", "e", "tau")
    CL_bsnumunue: Scalar = _flavoured("L", "mu", "e")
    CL_bsnumunumu: Scalar = _flavoured("L", "mu", "mu")
    CL_bsnumunutau: Scalar = _flavoured("L", "mu", "tau")
    CL_bsnutaunue: Scalar = _flavoured("L", "tau", "e")
    CL_bsnutaunumu: Scalar = _flavoured("L", "tau", "mu")
    CL_bsnutaunutau: Scalar = _flavoured("L", "tau", "tau")
    CR_bsnuenue: Scalar = _flavoured("R", "e", "e")
    CR_bsnuenumu: Scalar = _flavoured("R", "e", "mu")
    CR_bsnuenutau: Scalar = _flavoured("R", "e", "tau")
    CR_bsnumunue: Scalar = _flavoured("R", "mu", "e")
    CR_bsnumunumu: Scalar = _flavoured("R", "mu", "mu")
    CR_bsnumunutau: Scalar = _flavoured("R", "mu", "tau")
    CR_bsnutaunue: Scalar = _flavoured("R", "tau", "e")
    CR_bsnutaunumu: Scalar = _flavoured("R", "tau", "mu")
    CR_bsnutaunutau: Scalar = _flavoured("R", "tau", "tau")

    def couplings(self, inputs: Inputs) -> Couplings:
        left = jnp.array(
            [
                [self.CL_bsnuenue, self.CL_bsnuenumu, self.CL_bsnuenutau],
                [self.CL_bsnumunue, self.CL_bsnumunumu, self.CL_bsnumunutau],
                [self.CL_bsnutaunue, self.CL_bsnutaunumu, self.CL_bsnutaunutau],
            ]
        )
        right = jnp.array(
            [
                [self.CR_bsnuenue, self.CR_bsnuenumu, self.CR_bsnuenutau],
                [self.CR_bsnumunue, self.CR_bsnumunumu, self.CR_bsnumunutau],
                [self.CR_bsnutaunue, self.CR_bsnutaunumu, self.CR_bsnutaunutau],
            ]
        )
        total_left = standard_model_coefficient(inputs) * jnp.eye(3) + left
        return Couplings(continua=(NeutrinoPair(normalisation(inputs), total_left, C_R=right),))
