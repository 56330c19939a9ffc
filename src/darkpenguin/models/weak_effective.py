"""b -> s nu nubar with free Wilson coefficients of the weak effective theory."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from jaxtyping import Array

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import Couplings
from darkpenguin.flavour.invisible.couplings import Matrix
from darkpenguin.flavour.sm_amplitude import normalisation, standard_model_coefficient
from darkpenguin.flavour.spectral import NeutrinoPair
from darkpenguin.models.coefficients import HasOperators, Operator, with_coefficients

FLAVOURS = ("e", "mu", "tau")
COEFFICIENT_RANGE = 200.0


def _operator(name: str, text: str, latex: str, default: float | None = 0.0) -> Operator:
    return Operator(name, "1", text, -COEFFICIENT_RANGE, COEFFICIENT_RANGE, "linear", latex, default)


def _universal(name: str, text: str, latex: str) -> Operator:
    return _operator(name, f"{text}, equal for all flavours", latex)


@with_coefficients
class WeakEffective(HasOperators):
    """Flavour-universal vector, scalar and tensor coefficients [arXiv:2111.04327; arXiv:2507.12393].

    H = (4 G_F / sqrt2) V_tb V_ts* alpha/(2 pi) sum_i c_i O_i + h.c. with massless neutrinos; the scalar and tensor
    operators violate lepton number and interfere with nothing. The coefficients are totals: cVL holds the Standard
    Model's X_t / s_W^2, which is also its value when none is given. B -> K feels |cVL + cVR|, |cSL + cSR| and |cTL|
    only.
    """

    name: ClassVar[str] = "weak_effective"
    title: ClassVar[str] = "vector, scalar and tensor contact interactions of neutrinos"
    references: ClassVar[tuple[str, ...]] = ("Felkl:2021uxi", "Belle-II:2025lfq", "Buras:2014fpa")
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {"mode_of_2507.12393": {"cVL": 11.3, "cSL": 0.0, "cTL": 8.21}}
    set_by_inputs: ClassVar[tuple[str, ...]] = ("cVL",)
    operators: ClassVar[tuple[Operator, ...]] = (
        _operator("cVL", "(s gamma P_L b)(nu gamma P_L nu), Standard Model included", "C_{VL}", default=None),
        _universal("cVR", "(s gamma P_R b)(nu gamma P_L nu)", "C_{VR}"),
        _universal("cSL", "(s P_L b)(nu^c P_L nu)", "C_{SL}"),
        _universal("cSR", "(s P_R b)(nu^c P_L nu)", "C_{SR}"),
        _universal("cTL", "(s sigma P_L b)(nu^c sigma P_L nu)", "C_{TL}"),
    )

    @classmethod
    def input_defaults(cls, inputs: Inputs) -> dict[str, float]:
        return {"cVL": -float(standard_model_coefficient(inputs))}

    def couplings(self, inputs: Inputs) -> Couplings:
        c = self.coefficients()
        pair = NeutrinoPair.universal(
            normalisation(inputs), C_L=-c["cVL"], C_R=-c["cVR"], C_SL=c["cSL"], C_SR=c["cSR"], C_TL=c["cTL"]
        )
        return Couplings(continua=(pair,))


def _pairs(use: Callable[[int, int], bool]) -> list[tuple[str, str]]:
    return [(x, y) for i, x in enumerate(FLAVOURS) for j, y in enumerate(FLAVOURS) if use(i, j)]


def _vector(name: str, quark: str, neutrino: str, latex: str) -> tuple[Operator, ...]:
    """A 3 x 3 matrix of new physics in (s gamma P_quark b)(nu_i gamma (1 +- gamma5) nu_j)."""
    return tuple(
        _operator(
            f"{name}_bsnu{i}nu{j}",
            f"new physics (s gamma P_{quark} b)(nu_{i} gamma (1 {neutrino} gamma5) nu_{j})",
            f"{latex}^{{{i}{j}}}",
        )
        for i, j in _pairs(lambda i, j: True)
    )


def _violating(name: str, text: str, latex: str, use: Callable[[int, int], bool]) -> tuple[Operator, ...]:
    """The part of a matrix that acts: lepton number violated, nu^c_i with nu_j."""
    return tuple(
        _operator(f"{name}_bsnu{i}nu{j}", text.format(i=i, j=j), f"{latex}^{{{i}{j}}}") for i, j in _pairs(use)
    )


@with_coefficients
class WeakEffectiveFlavour(HasOperators):
    """Every contact interaction of light neutrinos with flavour, new physics on top of the Standard Model.

    H = -(4 G_F / sqrt2) V_tb V_ts* alpha/(4 pi) sum_ij (C_L^ij O_L^ij + C_R^ij O_R^ij + C_Lp^ij O_Lp^ij
    + C_Rp^ij O_Rp^ij + 2 C_SL^ij O_SL^ij + 2 C_SR^ij O_SR^ij + 2 C_TL^ij O_TL^ij) + h.c.

    O_L^ij = (s gamma_mu P_L b)(nu_i gamma^mu (1 - gamma5) nu_j), O_R with P_R: names and normalisation of the WCxf
    basis `flavio`, C_L^SM = -X_t / s_W^2. O_Lp, O_Rp: the same with right-handed neutrinos, (1 + gamma5). O_SL, O_SR
    and O_TL violate lepton number, (s P_L b)(nu^c_i P_L nu_j), (s P_R b)(..) and with sigma: C_SL, C_SR are symmetric
    matrices and C_TL is antisymmetric, given by their entries with i <= j.
    """

    name: ClassVar[str] = "weak_effective_flavour"
    title: ClassVar[str] = "flavour-resolved contact interactions of neutrinos"
    references: ClassVar[tuple[str, ...]] = ("Buras:2014fpa", "Aebischer:2017ugx", "Felkl:2021uxi")
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {"right_handed_tau": {"CR_bsnutaunutau": -12.0}}
    operators: ClassVar[tuple[Operator, ...]] = (
        *_vector("CL", "L", "-", "C_L"),
        *_vector("CR", "R", "-", "C_R"),
        *_vector("CLp", "L", "+", "C'_L"),
        *_vector("CRp", "R", "+", "C'_R"),
        *_violating("CSL", "(s P_L b)(nu^c_{i} P_L nu_{j})", "C_{SL}", lambda i, j: i <= j),
        *_violating("CSR", "(s P_R b)(nu^c_{i} P_L nu_{j})", "C_{SR}", lambda i, j: i <= j),
        *_violating("CTL", "(s sigma P_L b)(nu^c_{i} sigma P_L nu_{j})", "C_{TL}", lambda i, j: i < j),
    )

    def matrix(self, name: str, transpose: float = 0.0) -> Matrix:
        """A coefficient matrix; entries that are no parameter are `transpose` times those across the diagonal."""
        c = self.coefficients()

        def entry(i: str, j: str) -> Array:
            given = c.get(f"{name}_bsnu{i}nu{j}")
            across = c.get(f"{name}_bsnu{j}nu{i}", jnp.zeros(()))
            return transpose * across if given is None else given

        return jnp.array([[entry(i, j) for j in FLAVOURS] for i in FLAVOURS])

    def couplings(self, inputs: Inputs) -> Couplings:
        pair = NeutrinoPair(
            normalisation(inputs),
            standard_model_coefficient(inputs) * jnp.eye(3) + self.matrix("CL"),
            C_R=self.matrix("CR"),
            C_Lp=self.matrix("CLp"),
            C_Rp=self.matrix("CRp"),
            C_SL=self.matrix("CSL", 1.0),
            C_SR=self.matrix("CSR", 1.0),
            C_TL=self.matrix("CTL", -1.0),
        )
        return Couplings(continua=(pair,))
