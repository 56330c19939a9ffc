"""What every model must be: described, finite, the same alone and in a batch, differentiable, right in its limit."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Array, Float

from darkpenguin._jax import jax, jnp
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.model import AbstractModel, check_values, complete
from darkpenguin.core.types import Couplings
from darkpenguin.flavour.rates import default_edges, mode_spectrum
from darkpenguin.flavour.sm_amplitude import standard_model_neutrinos

STANDARD_MODEL = "standard_model"
"""A benchmark of this name must give the Standard Model's spectra."""

MODES = ("B+->K+", "B0->K*0")  # one with a pseudoscalar, one with a vector: together they meet every channel
STEP = 1e-4  # relative; central differences leave an error of its square
TOLERANCE = 1e-6

Theta = Float[Array, " n_parameter"]
Rates = Float[Array, "n_mode n_rate"]


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
    functions = _compiled(model, inputs)
    for name, values in model.benchmarks.items():
        lines += _numbers(name, complete(model, values, inputs), model, functions)
    if STANDARD_MODEL in model.benchmarks:
        lines.append(_standard_model(model, inputs, functions))
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


class _Functions(NamedTuple):
    """Compiled once for a model. alone: rates, and slopes of the total of each mode. together: rates of a batch."""

    alone: Callable[[Theta], tuple[Rates, Float[Array, "n_mode n_parameter"]]]
    together: Callable[[Float[Array, "n n_parameter"]], Float[Array, "n n_mode n_rate"]]


def _compiled(model: type[AbstractModel], inputs: Inputs) -> _Functions:
    def rates(theta: Theta) -> Rates:
        return _rates(model(**{p.name: theta[i] for i, p in enumerate(model.parameters())}).couplings(inputs), inputs)

    def totals_and_rates(theta: Theta) -> tuple[Float[Array, " n_mode"], Rates]:
        found = rates(theta)
        return found.sum(axis=1), found

    def alone(theta: Theta) -> tuple[Rates, Float[Array, "n_mode n_parameter"]]:
        slopes, values = jax.jacfwd(totals_and_rates, has_aux=True)(theta)
        return values, slopes

    return _Functions(jax.jit(alone), jax.jit(jax.vmap(rates)))


def _rates(couplings: Couplings, inputs: Inputs) -> Rates:
    """Branching fraction of every bin of q2 and of every line, one row for each mode."""
    spectra = [mode_spectrum(couplings, mode, inputs, default_edges()) for mode in MODES]
    return jnp.stack([jnp.concatenate([s.rate, s.line_rate]) for s in spectra])


def _numbers(name: str, values: dict[str, float], model: type[AbstractModel], functions: _Functions) -> list[Line]:
    """The lines of one benchmark: finite; a batch equals a loop; the gradient equals central differences."""
    theta = np.array(list(values.values()))
    steps = np.diag(STEP * theta)
    points = np.concatenate([theta[None], theta + steps, theta - steps])
    batch = np.asarray(functions.together(jnp.asarray(points)))
    first, slopes = (np.asarray(x) for x in functions.alone(jnp.asarray(theta)))
    wrong = int((~((first >= 0) & np.isfinite(first))).sum())
    detail = f"{first.size} rates" if not wrong else f"{wrong} of {first.size} rates are negative or not finite"
    lines = [Line(f"{name}: finite and not negative", wrong == 0, detail)]
    if wrong:
        return lines
    last = np.asarray(functions.alone(jnp.asarray(points[-1]))[0])
    scale = max(first.max(), last.max()) or 1.0
    off = max(float(np.abs(batch[0] - first).max()), float(np.abs(batch[-1] - last).max())) / scale
    lines.append(
        Line(f"{name}: a batch equals a loop", off < 1e-12, f"largest difference {off:.1e} of the largest rate")
    )
    return [*lines, _gradient(name, theta, batch.sum(axis=2), slopes, [p.name for p in model.parameters()])]


def _gradient(name: str, theta: np.ndarray, totals: np.ndarray, slopes: np.ndarray, names: list[str]) -> Line:
    """Slopes [n_mode, n_parameter] against central differences, for parameters that are not 0 and so have a scale.

    totals [1 + 2 n_parameter, n_mode] : at the point, at the steps up, at the steps down.
    """
    n = len(names)
    if not np.isfinite(slopes).all():
        where = ", ".join(names[i] for i in range(n) if not np.isfinite(slopes[:, i]).all())
        return Line(f"{name}: gradient equals difference", False, f"not finite for {where}")
    worst, where = 0.0, ""
    for i in np.flatnonzero(theta):
        difference = (totals[1 + i] - totals[1 + n + i]) / (2.0 * STEP * theta[i])
        scale = np.abs(difference) + totals[0] / abs(theta[i])
        off = float((np.abs(slopes[:, i] - difference) / np.where(scale > 0, scale, 1.0)).max())
        off = off if math.isfinite(off) else math.inf
        worst, where = max((worst, where), (off, f" ({names[i]})"))
    return Line(
        f"{name}: gradient equals difference", worst < TOLERANCE, f"largest relative difference {worst:.1e}{where}"
    )


def _standard_model(model: type[AbstractModel], inputs: Inputs, functions: _Functions) -> Line:
    theta = jnp.array(list(complete(model, model.benchmarks[STANDARD_MODEL], inputs).values()))
    ours = np.asarray(functions.alone(theta)[0])
    sm = np.asarray(_rates(Couplings(continua=(standard_model_neutrinos(inputs),)), inputs))
    off = float(np.abs(ours[:, : sm.shape[1]] - sm).max() + ours[:, sm.shape[1] :].sum()) / float(sm.max())
    return Line("has the Standard Model as a limit", off < 1e-12, f"largest difference {off:.1e} of the largest rate")
