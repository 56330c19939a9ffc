"""Scales of contact interactions that explain the excess: counting with quoted numbers, and Belle II's likelihood."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Array, Float

from darkpenguin import __version__
from darkpenguin._jax import jax, jnp
from darkpenguin.analysis import Analysis
from darkpenguin.compare import BELLE2
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.types import AbstractContinuum, Couplings
from darkpenguin.experiments.published import upper_limits
from darkpenguin.figure import Bar, FigureData, Panel
from darkpenguin.flavour.eft_windows import LambdaWindow, lambda_window
from darkpenguin.flavour.rates import edges_of, mode_spectrum
from darkpenguin.flavour.sm_amplitude import standard_model_neutrinos
from darkpenguin.flavour.spectral import FermionPair, ScalarPair, VectorPair
from darkpenguin.progress import bar
from darkpenguin.setup import Setup

MODES = ("B+->K+", "B0->K0", "B+->K*+", "B0->K*0")
BAND = (1.2e-5, 2.6e-5)  # new physics in B+ -> K+: 1.9(7)e-5, as counted in talks on arXiv:2309.12741
LIMITS = {"B0->K0": 2.3e-5, "B+->K*+": 3.1e-5, "B0->K*0": 1.0e-5}  # 90 % CL, Standard Model subtracted, likewise
PUBLISHED = "belle-2017-bknunu"
STEPS = 241
COUNTED, WITH_LIMITS, LIKELIHOOD, BOTH = (
    "counting, B+ → K+ alone",
    "counting, with the limits on other modes",
    "Belle II's likelihood, 1σ",
    "likelihood, with the limits on other modes",
)


class Case(NamedTuple):
    """One row: a pair of a given mass [GeV] with a single operator. `parameter` is the name of the mass in `model`."""

    pair: type[ScalarPair] | type[FermionPair] | type[VectorPair]
    model: str
    parameter: str
    operator: str
    mass: float

    @property
    def title(self) -> str:
        symbol = {"m_phi": "φ", "m_chi": "χ", "m_X": "X"}[self.parameter]
        return f"{symbol} {self.operator}, {self.mass:g} GeV"

    @property
    def power(self) -> tuple[int, int]:
        """(k, n) of C = m^k / Lambda^n."""
        return self.pair.scaling[self.operator]


def cases() -> tuple[Case, ...]:
    """The operators and masses of the published tables."""
    scalar = [(op, m) for op in ("S", "V") for m in (0.3, 1.0)]
    fermion = [("S1", 0.3), ("V1", 0.6), ("V2", 0.6), ("T1", 0.3), ("T2", 0.6)]
    vector = [(op, 0.6) for op in ("S", "T1", "T2", "V2", "V3", "V4", "V5", "V6")]
    return (
        *(Case(ScalarPair, "dark_left_scalar", "m_phi", *row) for row in scalar),
        *(Case(FermionPair, "dark_left_fermion", "m_chi", *row) for row in fermion),
        *(Case(VectorPair, "dark_left_vector", "m_X", *row) for row in vector),
    )


def windows(key: str, *, as_printed: bool, progress: bool) -> FigureData:
    """Allowed Lambda of each operator."""
    del as_printed
    inputs = load_inputs().at()
    setup = Setup.load(BELLE2)
    bars: list[Bar] = []
    for case in bar(cases(), "operators", progress):
        bars += _bars(case, inputs, setup)
    groups = {
        "pairs of scalars, S": (1e5, 1e9),
        "other pairs of scalars and fermions": (1e3, 1e5),
        "vectors": (0.0, 1e3),
    }
    rows = {title: [b for b in bars if low <= b.high < high] for title, (low, high) in groups.items()}
    panels = tuple(
        Panel(title=title, x_label=r"$\Lambda$ [GeV]", y_label="", bars=tuple(found), x_log=True)
        for title, found in rows.items()
        if found
    )
    return FigureData(
        key=key,
        title="Scales of contact interactions that explain the excess",
        caption="C = 1/Λ (S of scalars), 1/Λ² (other operators of scalars and fermions), m²/Λ³ (S, T of vectors), "
        "m²/Λ⁴ (V2, V4, V5), m/Λ³ (V3, V6); complex fields. Counting: 1.9(7)e-5 in B+ → K+ and 90 % limits with the "
        "Standard Model subtracted. Likelihood: spectrum included, Δ(-2 ln L) = 1 around the best coefficient at this "
        f"mass, none where no coefficient improves on the Standard Model by 1; other modes: {PUBLISHED}, total rate. "
        "All limits took the Standard Model's spectrum.",
        panels=panels,
        inputs="2026-11",
        references=("He:2022ljo", "Belle-II:2023esi", "Belle-II:2025lfq", "Belle:2017oht"),
        version=__version__,
        notes=("Below 246 GeV a scale lies under the electroweak one: no reliable contact interaction.",),
    )


def _bars(case: Case, inputs: Inputs, setup: Setup) -> list[Bar]:
    unit = _rates(_pair(case), inputs)
    counted = _counted(case, unit)
    found = [Bar(case.title, COUNTED, counted.low, counted.high)]
    if counted.allowed is not None:
        found.append(Bar(case.title, WITH_LIMITS, *counted.allowed))
    fitted = _fitted(case, setup)
    if fitted is not None:
        found.append(Bar(case.title, LIKELIHOOD, *fitted))
        lowest = max(_lowest_scales(case, unit, inputs))
        if lowest < fitted[1]:
            found.append(Bar(case.title, BOTH, max(fitted[0], lowest), fitted[1]))
    return found


def _pair(case: Case) -> AbstractContinuum:
    couplings: dict[str, Any] = {case.operator: jnp.ones(())}
    return case.pair(jnp.asarray(case.mass), **couplings)


@jax.jit
def _rates(state: AbstractContinuum, inputs: Inputs) -> Float[Array, " n_mode"]:
    """Branching fraction of each mode."""
    spectra = (mode_spectrum(Couplings(continua=(state,)), mode, inputs, edges_of(mode)) for mode in MODES)
    return jnp.stack([s.total() for s in spectra])


def _scale(case: Case, C: float) -> float:
    k, n = case.power
    return (case.mass**k / C) ** (1.0 / n)


def _counted(case: Case, unit: np.ndarray) -> LambdaWindow:
    """From rates at C = 1 and quoted numbers."""
    limits = [(float(rate), LIMITS[mode]) for mode, rate in zip(MODES, unit, strict=True) if mode in LIMITS]
    return lambda_window(float(unit[0]), _scale(case, 1.0), case.power[1], BAND, limits)


def _fitted(case: Case, setup: Setup) -> tuple[float, float] | None:
    """Lambda at Delta(-2 ln L) = 1 around the best coefficient at this mass."""
    C = np.geomspace(*_range(case), STEPS)
    analysis = Analysis(case.model, setup=setup, fixed={case.parameter: case.mass})
    zero = analysis.line.values(analysis.theta({case.operator: 0.0})[None])[0]
    values = analysis.line.values(np.stack([analysis.theta({case.operator: c}) for c in C]))
    best = values.min()
    if zero - best < 1.0:
        return None
    inside = C[values < best + 1.0]
    return _scale(case, float(inside.max())), _scale(case, float(inside.min()))


def _range(case: Case) -> tuple[float, float]:
    """Coefficients that give B+ -> K+ between 1e-7 and 1e-3."""
    unit = float(_rates(_pair(case), load_inputs().at())[0])
    return (1e-7 / unit) ** 0.5, (1e-3 / unit) ** 0.5


def _lowest_scales(case: Case, unit: np.ndarray, inputs: Inputs) -> list[float]:
    """Lambda at which each mode but B+ -> K+ reaches its published limit, Standard Model included."""
    limits = upper_limits(PUBLISHED)
    neutrinos = np.asarray(_rates(standard_model_neutrinos(inputs), inputs))
    return [
        _scale(case, ((limits[f"BR({mode}inv)"] - sm) / rate) ** 0.5)
        for mode, rate, sm in zip(MODES, unit, neutrinos, strict=True)
        if f"BR({mode}inv)" in limits and mode != "B+->K+" and rate > 0
    ] or [0.0]
