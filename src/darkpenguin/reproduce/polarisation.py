"""What B -> K* adds: its rate and its longitudinal share.

Each state gives B+ -> K+ the rate that Belle II's data like best.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Array, Float

from darkpenguin import __version__
from darkpenguin._jax import jax, jnp
from darkpenguin.compare import INPUTS
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.types import AbstractContinuum, AbstractLine, Couplings, Scalar
from darkpenguin.experiments.published import upper_limits
from darkpenguin.figure import Curve, FigureData, Panel
from darkpenguin.flavour.rates import edges_of, mode_spectrum
from darkpenguin.flavour.sm_amplitude import standard_model_neutrinos
from darkpenguin.flavour.spectral import FermionPair, ScalarPair, VectorBoson
from darkpenguin.hypotheses import HYPOTHESES
from darkpenguin.progress import bar
from darkpenguin.reproduce.masses import REFERENCES, mass_scans

K, KSTAR = "B+->K+", "B0->K*0"
State = AbstractContinuum | AbstractLine


class Scenario(NamedTuple):
    """One curve. state : of a given mass, any strength.   hypothesis : whose B+ -> K+ rate it is scaled to."""

    label: str
    hypothesis: str
    state: Callable[[Scalar], State]


def scenarios() -> tuple[Scenario, ...]:
    """Chiral and vector-like quark currents for each state."""
    one = jnp.ones(())
    return (
        Scenario("vector, left-handed quarks", "invisible_vector_left", lambda m: VectorBoson(m, g_V=one, g_A=-one)),
        Scenario("vector, vector current", "invisible_vector_left", lambda m: VectorBoson(m, g_V=one)),
        Scenario("scalar pair V, left-handed", "scalar_pair_V", lambda m: ScalarPair(m, V=one, A=-one)),
        Scenario("scalar pair V", "scalar_pair_V", lambda m: ScalarPair(m, V=one)),
        Scenario("scalar pair S, chiral", "scalar_pair_S", lambda m: ScalarPair(m, S=one, P=one)),
        Scenario("fermion pair V1, left-handed", "fermion_pair_V1", lambda m: FermionPair(m, V1=one, A1=-one)),
        Scenario("fermion pair V1", "fermion_pair_V1", lambda m: FermionPair(m, V1=one)),
        Scenario("fermion pair V2, left-handed", "fermion_pair_V2", lambda m: FermionPair(m, V2=one, A2=-one)),
        Scenario("fermion pair S1, chiral", "fermion_pair_S1", lambda m: FermionPair(m, S1=one, P1=one)),
        Scenario("fermion pair T1", "fermion_pair_T1", lambda m: FermionPair(m, T1=one)),
    )


def rate_and_polarisation(key: str, *, as_printed: bool, progress: bool) -> FigureData:
    """F_L against the rate of B0 -> K*0 + invisible, Standard Model included; along a curve the mass grows."""
    del as_printed
    inputs = load_inputs(INPUTS).at()
    names = dict.fromkeys(s.hypothesis for s in scenarios())
    scans = mass_scans({name: HYPOTHESES[name] for name in names}, progress)
    neutrinos = _rates(standard_model_neutrinos(inputs), inputs)
    curves = []
    for scenario in bar(scenarios(), "scenarios", progress):
        scan = scans[scenario.hypothesis]
        states = [scenario.state(jnp.asarray(m)) for m in scan.mass]
        found = np.array([_rates(state, inputs) for state in states])
        wanted = np.array([np.nan if rate is None else rate for rate in scan.rate])
        scale = np.divide(wanted, found[:, 0], out=np.full(len(wanted), np.nan), where=found[:, 0] > 0)
        total = neutrinos[1] + scale * found[:, 1]
        longitudinal = neutrinos[2] + scale * found[:, 2]
        good = np.isfinite(total) & (wanted > 0)
        curves.append(Curve(scenario.label, tuple(total[good].tolist()), tuple((longitudinal / total)[good].tolist())))
    sm = Curve("Standard Model", (float(neutrinos[1]),), (float(neutrinos[2] / neutrinos[1]),), mark="points")
    highest = upper_limits("belle-2017-bknunu:K*0")["BR(B0->K*0inv)"]
    limit = Curve("Belle 2017, 90 %", (highest, highest), (0.0, 1.0), mark="dashed")
    return FigureData(
        key=key,
        title="Rate and polarisation of B0 → K*0 + invisible",
        caption="Each state gives B+ → K+ the rate that Belle II's likelihood prefers; along a curve the mass "
        "runs over the scanned range. Belle's limit took the Standard Model's spectrum.",
        panels=(
            Panel(
                title="Standard Model plus one new state",
                x_label=r"BR$(B^0\to K^{*0}\,\mathrm{inv})$",
                y_label=r"$F_L$",
                curves=(sm, limit, *curves),
                x_log=True,
                y_range=(0.0, 1.0),
            ),
        ),
        inputs=INPUTS,
        references=(*REFERENCES, "Belle:2017oht"),
        version=__version__,
    )


@jax.jit
def _rates(state: State, inputs: Inputs) -> Float[Array, " 3"]:
    """BR(B+ -> K+), BR(B0 -> K*0), and its longitudinal part."""
    couplings = Couplings(continua=(state,)) if isinstance(state, AbstractContinuum) else Couplings(lines=(state,))
    k = mode_spectrum(couplings, K, inputs, edges_of(K))
    kstar = mode_spectrum(couplings, KSTAR, inputs, edges_of(KSTAR))
    return jnp.stack([k.total(), kstar.total(), kstar.longitudinal.sum() + kstar.line_longitudinal.sum()])
