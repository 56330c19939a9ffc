"""Spectra of every operator: normalised, in true q2 and as shares of Belle II's bins of reconstructed q2."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from darkpenguin import __version__
from darkpenguin._jax import jax, jnp
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.likelihood import Prediction
from darkpenguin.core.types import AbstractContinuum, Couplings, ModeSpectrum
from darkpenguin.experiments.binned import BinnedLikelihood
from darkpenguin.experiments.index import load
from darkpenguin.figure import Curve, FigureData, Panel
from darkpenguin.flavour.rates import edges_of, mode_spectrum
from darkpenguin.flavour.sm_amplitude import standard_model_neutrinos
from darkpenguin.flavour.spectral import FermionPair, RaritaSchwingerPair, ScalarPair, VectorPair
from darkpenguin.progress import bar

MODE = "B+->K+"
RESULT = "belle2-2023-bknunu:inclusive"
REC_EDGES = (-1.0, 4.0, 8.0, 25.0)  # GeV^2 [arXiv:2311.14647]
VECTOR = ("S", "SF", "SFd", "V2", "V3", "V4", "V5", "V6", "T1", "T2")
SPIN_3_2 = ("S1", "S2", "V1", "V2", "T1", "T2")


class Operator(NamedTuple):
    """One curve: the pair with a single operator; the mass [GeV] is that of the talk's figures."""

    group: str
    label: str
    state: AbstractContinuum


def operators() -> tuple[Operator, ...]:
    """Every operator that feeds B -> K, with unit coefficient; normalised spectra do not depend on it."""
    rows = (
        ("scalar pair", ScalarPair, {"S": 0.3, "V": 0.3}),
        ("spin-1/2 pair", FermionPair, {"S1": 0.3, "S2": 0.3, "V1": 0.6, "V2": 0.6, "T1": 0.3, "T2": 0.6}),
        ("vector pair", VectorPair, dict.fromkeys(VECTOR, 0.6)),
        ("spin-3/2 pair", RaritaSchwingerPair, dict.fromkeys(SPIN_3_2, 0.6)),
    )
    return tuple(
        Operator(group, f"{name}, m = {m:g} GeV", _single(pair, name, m))
        for group, pair, ms in rows
        for name, m in ms.items()
    )


def _single(pair: type[AbstractContinuum], name: str, mass: float) -> AbstractContinuum:
    couplings: dict[str, Any] = {name: jnp.ones(())}
    return pair(mass, **couplings)


def operator_spectra(key: str, *, as_printed: bool, progress: bool) -> FigureData:
    """The figure of that key."""
    del as_printed
    inputs = load_inputs().at()
    experiment = load(RESULT)
    assert isinstance(experiment, BinnedLikelihood)
    shown = [Operator("", "Standard Model", standard_model_neutrinos(inputs)), *operators()]
    spectra = [_spectrum(o.state, inputs) for o in bar(shown, "spectra", progress)]
    groups = dict.fromkeys(o.group for o in shown if o.group)
    panels = []
    for group in groups:
        chosen = [(o, s) for o, s in zip(shown, spectra, strict=True) if o.group in ("", group)]
        panels.append(
            Panel(
                title=f"B+ → K+ + {group}",
                x_label=r"true $q^2$ [GeV$^2$]",
                y_label=r"$\mathrm{d}\Gamma/\mathrm{d}q^2$ / $\Gamma$  [GeV$^{-2}$]",
                curves=tuple(_curve(o, s) for o, s in chosen),
                x_range=(0.0, 23.0),
            )
        )
        panels.append(
            Panel(
                title=f"{group}: events of the inclusive tag",
                x_label=r"reconstructed $q^2$ [GeV$^2$]",
                y_label="share of the signal",
                curves=tuple(_shares(o, s, experiment) for o, s in chosen),
                y_range=(0.0, 1.0),
            )
        )
    return FigureData(
        key=key,
        title="Normalised spectra of every operator",
        caption="One operator at a time. True q2: rate normalised to 1. Reconstructed q2: shares of the signal that "
        "Belle II's inclusive tag would count in its three bins, from the published joint density.",
        panels=tuple(panels),
        inputs="2026-11",
        references=("He:2022ljo", "Bolton:2024egx", "Belle-II:2023esi", "Belle-II:2025lfq"),
        version=__version__,
        columns=2,
    )


@jax.jit
def _spectrum(state: AbstractContinuum, inputs: Inputs) -> ModeSpectrum:
    return mode_spectrum(Couplings(continua=(state,)), MODE, inputs, edges_of(MODE))


def _curve(operator: Operator, spectrum: ModeSpectrum) -> Curve:
    edges, rate = np.asarray(spectrum.edges), np.asarray(spectrum.rate)
    density = rate / rate.sum() / np.diff(edges)
    centres = (edges[1:] + edges[:-1]) / 2
    return Curve(operator.label, tuple(centres[:-1].tolist()), tuple(density[:-1].tolist()))


def _shares(operator: Operator, spectrum: ModeSpectrum, experiment: BinnedLikelihood) -> Curve:
    """Signal in each bin of reconstructed q2, all bins of the classifier together."""
    factors = np.asarray(experiment.factors(Prediction(modes={MODE: _visible(spectrum)})))
    model = experiment.model
    nominal = np.asarray(model.nominal)[np.asarray(model.signal_row)]
    n = len(REC_EDGES) - 1
    bins = [model.rows[int(row)].bin % n for row in np.asarray(model.signal_row)]  # reconstructed q2 runs fastest
    events = np.bincount(bins, weights=factors * nominal, minlength=n)
    share = events / events.sum()
    steps = np.repeat(REC_EDGES, 2)[1:-1]
    return Curve(operator.label, tuple(steps.tolist()), tuple(np.repeat(share, 2).tolist()))


def _visible(spectrum: ModeSpectrum) -> ModeSpectrum:
    """The spectrum with a rate like the Standard Model's, so that events without true q2 keep their share."""
    scale = 5e-6 / jnp.sum(spectrum.rate)
    return ModeSpectrum(
        edges=spectrum.edges,
        rate=scale * spectrum.rate,
        longitudinal=scale * spectrum.longitudinal,
        line_q2=spectrum.line_q2,
        line_width=spectrum.line_width,
        line_rate=spectrum.line_rate,
        line_longitudinal=spectrum.line_longitudinal,
    )
