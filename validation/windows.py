"""Windows of the scale of each operator: an excess in B+ -> K+, cut by limits on three other modes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import AbstractContinuum, Couplings
from darkpenguin.flavour.eft_windows import LambdaWindow, lambda_window
from darkpenguin.flavour.rates import default_edges, mode_spectrum
from darkpenguin.flavour.spectral import FermionPair, ScalarPair, VectorPair
from validation.chain import inputs

EXCESS = (1.2e-5, 2.6e-5)  # new physics in B+ -> K+: (1.9 +- 0.7)e-5, from Belle II 2023 alone
AVERAGE = (0.6e-5, 1.4e-5)  # (1.0 +- 0.4)e-5, the average with older measurements
LIMITS = {"B0->K0": 2.3e-5, "B+->K*+": 3.1e-5, "B0->K*0": 1.0e-5}
SHORT = {"B0->K0": "K0", "B+->K*+": "Kstp", "B0->K*0": "Kst0"}


class Case(NamedTuple):
    """One operator at one mass [GeV]; C = m^k / Lambda^n."""

    state: Callable[..., AbstractContinuum]
    operator: str
    mass: float
    k: int
    n: int

    def at(self, scale: float) -> AbstractContinuum:
        """The pair whose only coefficient stands for that scale [GeV]."""
        coefficient: dict[str, Any] = {self.operator: self.mass**self.k / scale**self.n}
        return self.state(self.mass, **coefficient)


def _case(state: Any, operator: str, mass: float) -> Case:
    return Case(state, operator, mass, *state.scaling[operator])


CASES = {
    "phi_S_300": _case(ScalarPair, "S", 0.3),
    "phi_S_1000": _case(ScalarPair, "S", 1.0),
    "phi_V_300": _case(ScalarPair, "V", 0.3),
    "phi_V_1000": _case(ScalarPair, "V", 1.0),
    "chi_S1_300": _case(FermionPair, "S1", 0.3),
    "chi_V1_600": _case(FermionPair, "V1", 0.6),
    "chi_V2_600": _case(FermionPair, "V2", 0.6),
    "chi_T1_300": _case(FermionPair, "T1", 0.3),
    "chi_T2_600": _case(FermionPair, "T2", 0.6),
    **{f"X_{o}_600": _case(VectorPair, o, 0.6) for o in ("S", "T1", "T2", "V2", "V3", "V4", "V5", "V6")},
}


@eqx.filter_jit
def _rates(state: AbstractContinuum, inputs: Inputs) -> Any:
    """BR of B+ -> K+, then of the modes in `LIMITS`."""
    couplings = Couplings(continua=(state,))
    modes = ("B+->K+", *LIMITS)
    return jnp.stack([mode_spectrum(couplings, mode, inputs, default_edges()).total() for mode in modes])


def window(case: Case, x: Inputs, band: tuple[float, float]) -> LambdaWindow:
    """The window with the limits of the source."""
    scale = 1e3
    signal, *others = (float(rate) for rate in _rates(case.at(scale), x))
    return lambda_window(signal, scale, case.n, band, zip(others, LIMITS.values(), strict=True))


def compute() -> dict[str, float]:
    """Ends of the band and of what is left of it, bounds of each limit; GeV."""
    x = inputs("reference-A")
    found: dict[str, float] = {}
    for name, case in CASES.items():
        new, average = window(case, x, EXCESS), window(case, x, AVERAGE)
        found |= {f"{name}_low": new.low, f"{name}_high": new.high}
        found |= {f"{name}_{SHORT[m]}": bound for m, bound in zip(LIMITS, new.bounds, strict=True)}
        for label, one in (("new", new), ("average", average)):
            found[f"{name}_{label}_open"] = float(one.allowed is not None)
            if one.allowed is not None:
                found |= {f"{name}_{label}_from": one.allowed[0], f"{name}_{label}_to": one.allowed[1]}
    return found
