"""What every model must be: described, finite, the same alone and in a batch, differentiable, right in its limit."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Array, Float

from darkpenguin._jax import jax, jnp
from darkpenguin.core.catalogue import MODES
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.model import AbstractModel, check_values, complete
from darkpenguin.core.types import Couplings
from darkpenguin.flavour.rates import default_edges, mode_spectrum
from darkpenguin.flavour.sm_amplitude import standard_model_neutrinos

STANDARD_MODEL = "standard_model"
"""A benchmark of this name must give the Standard Model's spectra."""

STEP = 1e-4  # relative; the second difference leaves an error of its square
TOLERANCE = 1e-6

Spectra = Callable[[Float[Array, " n_parameter"]], Float[Array, " n_rate"]]


class Line(NamedTuple):
    """One line of the contract. `detail` says what was found."""

    what: str
    passed: bool
    detail: str


def check_model(model: type[AbstractModel]) -> list[Line]:
    """The contract line by line. The numerical lines run only if parameters and benchmarks are sound."""
    lines = [*_description(model), *_parameters(model), *_benchmarks(model)]
    if not all(line.passed for line in lines):
        return lines
    inputs = load_inputs().at()
    spectra = _spectra(model, inputs)
    for name, values in model.benchmarks.items():
        theta = np.array(list(complete(model, values, inputs).values()))
        lines += [
            _finite(name, theta, spectra),
            _batch(name, theta, spectra, model),
            _gradient(name, theta, model, inputs),
        ]
    if STANDARD_MODEL in model.benchmarks:
        lines.append(_standard_model(model, inputs))
    return lines


# --- words ---


def _description(model: type[AbstractModel]) -> list[Line]:
    doc = inspect.cleandoc(model.__dict__.get("__doc__") or "")
    generated = doc.startswith(f"{model.__name__}(")  # what a dataclass makes up when there is none
    lines = [
        Line("has a docstring", bool(doc) and not generated, doc.splitlines()[0] if doc and not generated else "none")
    ]
    for constant in ("name", "title"):
        value = getattr(model, constant, None)
        lines.append(Line(f"has a {constant}", isinstance(value, str) and value != "", str(value)))
    lines.append(Line("has references", len(model.references) > 0, ", ".join(model.references) or "none"))
    return lines


def _parameters(model: type[AbstractModel]) -> list[Line]:
    faults = []
    for p in model.parameters():
        if not (math.isfinite(p.low) and math.isfinite(p.high) and p.low < p.high):
            faults.append(f"{p.name}: range {p.low:g} to {p.high:g} is not finite and rising")
        elif p.default is not None and not p.low <= p.default <= p.high:
            faults.append(f"{p.name}: default {p.default:g} is outside {p.low:g} to {p.high:g}")
        if not p.doc:
            faults.append(f"{p.name}: no meaning given")
    names = ", ".join(p.name for p in model.parameters())
    return [Line("parameters are sound", not faults, "; ".join(faults) or names or "none")]


def _benchmarks(model: type[AbstractModel]) -> list[Line]:
    if not model.benchmarks:
        return [Line("has a benchmark", False, "none")]
    return [
        Line(f"{name}: values are allowed", not faults, "; ".join(f"{p.where}: {p.what}" for p in faults) or "all")
        for name, values in model.benchmarks.items()
        for faults in [check_values(model, values)]
    ]


# --- numbers ---


def _built(model: type[AbstractModel], theta: Float[Array, " n_parameter"], inputs: Inputs) -> Couplings:
    return model(**{p.name: theta[i] for i, p in enumerate(model.parameters())}).couplings(inputs)


def _rates(couplings: Couplings, inputs: Inputs) -> Float[Array, " n_rate"]:
    """Every bin and line of every mode, one after the other."""
    edges = default_edges()
    spectra = [mode_spectrum(couplings, mode, inputs, edges) for mode in MODES]
    return jnp.concatenate([part for s in spectra for part in (s.rate, s.longitudinal, s.line_rate)])


def _totals(couplings: Couplings, inputs: Inputs) -> Float[Array, " n_mode"]:
    edges = default_edges()
    return jnp.stack([mode_spectrum(couplings, mode, inputs, edges).total() for mode in MODES])


def _spectra(model: type[AbstractModel], inputs: Inputs) -> Spectra:
    return jax.jit(lambda theta: _rates(_built(model, theta, inputs), inputs))


def _finite(name: str, theta: np.ndarray, spectra: Spectra) -> Line:
    rates = np.asarray(spectra(jnp.asarray(theta)))
    wrong = int((~(rates >= 0)).sum() + np.isinf(rates).sum())
    detail = f"{rates.size} rates" if not wrong else f"{wrong} of {rates.size} rates are negative or not finite"
    return Line(f"{name}: finite and not negative", wrong == 0, detail)


def _batch(name: str, theta: np.ndarray, spectra: Spectra, model: type[AbstractModel]) -> Line:
    """The point and two neighbours, one by one and together."""
    low, high = (np.array([getattr(p, end) for p in model.parameters()]) for end in ("low", "high"))
    points = np.stack([np.clip(theta * factor, low, high) for factor in (1.0, 0.99, 1.01)])
    alone = np.stack([np.asarray(spectra(jnp.asarray(point))) for point in points])
    together = np.asarray(jax.vmap(spectra)(jnp.asarray(points)))
    scale = np.abs(alone).max(initial=0.0) or 1.0
    worst = float(np.abs(together - alone).max(initial=0.0) / scale)
    return Line(f"{name}: a batch equals a loop", worst < 1e-12, f"largest difference {worst:.1e} of the largest rate")


def _gradient(name: str, theta: np.ndarray, model: type[AbstractModel], inputs: Inputs) -> Line:
    """d(total rate of each mode)/d(parameter) against central differences, for parameters that are not 0 there."""

    def totals(x: Float[Array, " n_parameter"]) -> Float[Array, " n_mode"]:
        return _totals(_built(model, x, inputs), inputs)

    compiled = jax.jit(totals)
    slope = np.asarray(jax.jit(jax.jacfwd(totals))(theta))
    if not np.isfinite(slope).all():
        return Line(f"{name}: gradient", False, f"{int((~np.isfinite(slope)).sum())} entries are not finite")
    value, worst, where = np.asarray(compiled(theta)), 0.0, ""
    for i, p in enumerate(model.parameters()):
        if theta[i] == 0.0:
            continue  # no scale for a step
        step = np.zeros_like(theta)
        step[i] = STEP * theta[i]
        difference = (np.asarray(compiled(theta + step)) - np.asarray(compiled(theta - step))) / (2.0 * step[i])
        scale = np.abs(difference) + value / abs(theta[i])
        off = float((np.abs(slope[:, i] - difference) / np.where(scale > 0, scale, 1.0)).max())
        worst, where = max((worst, where), (off, f" ({p.name})"))
    return Line(
        f"{name}: gradient equals difference", worst < TOLERANCE, f"largest relative difference {worst:.1e}{where}"
    )


def _standard_model(model: type[AbstractModel], inputs: Inputs) -> Line:
    theta = jnp.array(list(complete(model, model.benchmarks[STANDARD_MODEL], inputs).values()))
    couplings = _built(model, theta, inputs)
    edges = default_edges()
    worst = 0.0
    for mode in MODES:
        ours = mode_spectrum(couplings, mode, inputs, edges)
        sm = mode_spectrum(Couplings(continua=(standard_model_neutrinos(inputs),)), mode, inputs, edges)
        off = float(jnp.abs(ours.rate - sm.rate).max() + ours.line_rate.sum())
        worst = max(worst, off / float(sm.rate.max()))
    return Line(
        "has the Standard Model as a limit", worst < 1e-12, f"largest difference {worst:.1e} of the largest rate"
    )
