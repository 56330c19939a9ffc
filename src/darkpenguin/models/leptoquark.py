"""Leptoquarks that couple to left-handed leptons, exchanged at tree level; one multiplet at a time.

    L = lambda_S0 qbar^c_L i tau2 l_L S0* + lambda_S12t dbar_R l_L S12t* + lambda_S1 qbar^c_L i tau2 tau.S1* l_L
      + lambda_V12 dbar^c_R gamma_mu l_L V12^mu* + lambda_V1 qbar_L gamma_mu tau.V1^mu* l_L + h.c.

[arXiv:2309.12741; notation and Standard Model representations: arXiv:1603.04993]. lambda^{qf}: rows d, s, b, mass basis
of the down quarks; columns e, mu, tau. After a Fierz transformation L = X (pbar gamma_mu P b)(fbar_i gamma^mu P_L f_j),
with X = w lambda^{bj} lambda*^{pi} / M^2, or w lambda^{pj} lambda*^{bi} / M^2 where quark and antiquark change places.
The weights w of neutrinos and of charged leptons differ in the multiplets of quark doublets, and their difference is
the coefficient of cbar b lbar nu: weak isospin. Loops, Bs mixing among them, are not included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from jaxtyping import Array, Complex

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.model import parameter
from darkpenguin.core.types import Couplings, Quarks, Scalar
from darkpenguin.core.visible import LEPTONS, Matrix, Visible
from darkpenguin.errors import Problem
from darkpenguin.flavour.matching import matching_factor
from darkpenguin.flavour.sm_amplitude import SQRT2, standard_model_states
from darkpenguin.flavour.spectral import NeutrinoPair
from darkpenguin.models.coefficients import HasOperators, Operator, with_coefficients

QUARKS = ("d", "s", "b")
YUKAWA_RANGE = 3.5  # about sqrt(4 pi)
ROWS: dict[Quarks, tuple[str, str]] = {"bs": ("s", "b"), "bd": ("d", "b"), "sd": ("s", "d")}
"""(p, r) of the operator (pbar r) that a quark transition is described with."""


def positive_ckm_parameter() -> Scalar:
    """The option of published estimates."""
    return parameter("1", 0.0, 1.0, "1: |V_tb V_ts*| in the matching; 0: the complex product", default=0.0)


def option_faults(values: Mapping[str, float]) -> list[Problem]:
    """`positive_ckm` is a switch."""
    if values.get("positive_ckm", 0.0) not in (0.0, 1.0):
        return [Problem("positive_ckm", "expected 0 (complex CKM product) or 1 (its modulus)")]
    return []


def _yukawa(quark: str, lepton: str) -> Operator:
    symbol = {"e": "e", "mu": r"\mu", "tau": r"\tau"}[lepton]
    text = f"the interaction of leptoquark, {quark} and {lepton} doublet"
    return Operator(
        f"lam_{quark}{lepton}", "1", text, -YUKAWA_RANGE, YUKAWA_RANGE, "linear", rf"\lambda^{{{quark}{symbol}}}"
    )


@with_coefficients
class Leptoquark(HasOperators):
    """What the five multiplets share. A subclass states its weights.

    weight_neutrino, weight_charged : w of neutrinos and of charged leptons.
    right_handed : the quark current is right-handed (then the two weights are equal).
    swapped : X = w lambda^{pj} lambda*^{bi} / M^2.
    """

    references: ClassVar[tuple[str, ...]] = ("He:2023bnk", "Dorsner:2016wpm", "Buras:2014fpa")
    operators: ClassVar[tuple[Operator, ...]] = tuple(_yukawa(q, f) for q in QUARKS for f in LEPTONS)
    weight_neutrino: ClassVar[float]
    weight_charged: ClassVar[float]
    right_handed: ClassVar[bool] = False
    swapped: ClassVar[bool] = False

    M: Scalar = parameter("GeV", 500.0, 1e6, "leptoquark mass", scale="log", latex="M")
    positive_ckm: Scalar = positive_ckm_parameter()

    @classmethod
    def faults(cls, values: Mapping[str, float]) -> list[Problem]:
        return super().faults(values) + option_faults(values)

    def yukawas(self) -> dict[str, Complex[Array, " 3"]]:
        """lambda^{q .}, the three leptons of each quark."""
        c = self.coefficients()
        return {q: jnp.stack([c[f"lam_{q}{f}"] for f in LEPTONS]) for q in QUARKS}

    def exchange(self, p: str, r: str) -> Matrix:
        """X^{ij} / w of (pbar r)(fbar_i f_j), GeV^-2."""
        lam = self.yukawas()
        absorbed, emitted = (lam[p], lam[r]) if self.swapped else (lam[r], lam[p])
        return jnp.conj(emitted)[:, None] * absorbed[None, :] / self.M**2

    def coefficients_in(self, quarks: Quarks, inputs: Inputs) -> Matrix:
        """K X / w in a quark transition, pure number."""
        return matching_factor(inputs, quarks, self.positive_ckm) * self.exchange(*ROWS[quarks])

    def couplings(self, inputs: Inputs) -> Couplings:
        return self._with_neutrinos("bs", inputs)

    def couplings_in(self, quarks: Quarks, inputs: Inputs) -> Couplings:
        """b -> d and s -> d with the couplings of the d quark; in c -> u nothing, up-type modes are not worked out."""
        if quarks == "cu":
            return Couplings(continua=standard_model_states(inputs, "cu"))
        return self._with_neutrinos(quarks, inputs)

    def _with_neutrinos(self, quarks: Quarks, inputs: Inputs) -> Couplings:
        (standard,) = standard_model_states(inputs, quarks)
        new = self.weight_neutrino * self.coefficients_in(quarks, inputs)
        left, right = (standard.C_L, new) if self.right_handed else (standard.C_L + new, None)
        return Couplings(continua=(NeutrinoPair(standard.normalisation, left, C_R=right),))

    def visible(self, inputs: Inputs) -> Visible:
        """b -> s l l' and, for quark doublets, b -> c l nu."""
        C = self.weight_charged * self.coefficients_in("bs", inputs)
        if self.right_handed:
            return Visible(C9p=C, C10p=-C)
        return Visible(C9=C, C10=-C, charged_current=self.charged_current(inputs))

    def charged_current(self, inputs: Inputs) -> Matrix:
        """b -> c l_i nu_j over the Standard Model: -(w_l - w_nu) sum_p V_cp X_pb / w / (2 sqrt2 G_F V_cb)."""
        V_cd = inputs.V_cs_V_cd / inputs.V_cs * jnp.exp(1j * inputs.arg_V_cs_V_cd)
        V_c = {"d": V_cd, "s": inputs.V_cs, "b": inputs.V_cb}
        up = sum((V_c[p] * self.exchange(p, "b") for p in QUARKS), jnp.zeros((3, 3)))
        weight = self.weight_charged - self.weight_neutrino
        return -weight * up / (2.0 * SQRT2 * inputs.G_F * inputs.V_cb)


class ScalarSinglet(Leptoquark):
    """S0, (3bar, 1, 1/3): neutrinos and b -> c l nu, nothing in b -> s l l at tree level."""

    name: ClassVar[str] = "leptoquark_S0"
    title: ClassVar[str] = "scalar leptoquark S0, weak singlet"
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {
        "tau": {"M": 3000.0, "lam_stau": 0.5, "lam_btau": 0.5},
    }
    weight_neutrino: ClassVar[float] = 0.5
    weight_charged: ClassVar[float] = 0.0


class ScalarTriplet(Leptoquark):
    """S1, (3bar, 3, 1/3): C9 = -C10 = 2 C_L."""

    name: ClassVar[str] = "leptoquark_S1"
    title: ClassVar[str] = "scalar leptoquark S1, weak triplet"
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {
        "tau": {"M": 3000.0, "lam_stau": 0.5, "lam_btau": 0.5},
    }
    weight_neutrino: ClassVar[float] = 0.5
    weight_charged: ClassVar[float] = 1.0


class ScalarDoublet(Leptoquark):
    """S~1/2, (3, 2, 1/6): right-handed quarks, C9' = -C10' = C_R."""

    name: ClassVar[str] = "leptoquark_S12t"
    title: ClassVar[str] = "scalar leptoquark S~1/2, weak doublet"
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {
        "right_handed_tau": {"M": 3000.0, "lam_stau": -0.6, "lam_btau": 0.6},
    }
    weight_neutrino: ClassVar[float] = -0.5
    weight_charged: ClassVar[float] = -0.5
    right_handed: ClassVar[bool] = True
    swapped: ClassVar[bool] = True


class VectorDoublet(Leptoquark):
    """V1/2, (3bar, 2, 5/6): right-handed quarks, C9' = -C10' = C_R."""

    name: ClassVar[str] = "leptoquark_V12"
    title: ClassVar[str] = "vector leptoquark V1/2, weak doublet"
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {
        "right_handed_tau": {"M": 3000.0, "lam_stau": 0.4, "lam_btau": 0.4},
    }
    weight_neutrino: ClassVar[float] = 1.0
    weight_charged: ClassVar[float] = 1.0
    right_handed: ClassVar[bool] = True


class VectorTriplet(Leptoquark):
    """V1, (3, 3, 2/3): C9 = -C10 = C_L / 2."""

    name: ClassVar[str] = "leptoquark_V1"
    title: ClassVar[str] = "vector leptoquark V1, weak triplet"
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {
        "tau": {"M": 3000.0, "lam_stau": -0.3, "lam_btau": 0.3},
    }
    weight_neutrino: ClassVar[float] = -2.0
    weight_charged: ClassVar[float] = -1.0
    swapped: ClassVar[bool] = True
