"""One parameter point, each step of the chain as text, with formulas, numbers, units and references."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from darkpenguin import units
from darkpenguin._jax import jnp
from darkpenguin.core.catalogue import decay_name
from darkpenguin.core.dark import Dark
from darkpenguin.core.dark_names import DARK_ENTRIES
from darkpenguin.core.form_factor_series import BARYON, PSEUDOSCALAR, VECTOR, functions_of
from darkpenguin.core.inputs import Inputs, input_values
from darkpenguin.core.likelihood import Prediction
from darkpenguin.core.model import AbstractModel
from darkpenguin.core.types import Channels, Couplings
from darkpenguin.cosmology.relic_status import dark_warnings
from darkpenguin.flavour.form_factors import b_to_k, b_to_v, lambdab_to_lambda
from darkpenguin.flavour.rates import as_produced, dBR_dq2, edges_of, mode_spectrum
from darkpenguin.flavour.transitions import Transition, q2_max, transition
from darkpenguin.line import couplings_for, model_at
from darkpenguin.models.standard_model import StandardModel
from darkpenguin.result import Quantity
from darkpenguin.text import number, paragraph, table, with_errors

if TYPE_CHECKING:
    from darkpenguin.analysis import Analysis

MASTER = "dBR/dq2 = tau_B sqrt(lambda) / (32 pi^2 m_B^3) * sum_c H_c(q2) rho_c(q2),   lambda = lambda(m_B^2, m_M^2, q2)"
LINE = "BR(B -> M X) = P_inv tau_B sqrt(lambda) / (16 pi m_B^3) * sum_c H_c R_c at q2 = m_X^2"

PSEUDOSCALAR_H = {
    "S": "(m_B^2 - m_M^2)^2 f_0^2 / (m_b - m_s)^2",
    "V1": "lambda f_plus^2",
    "V0": "(m_B^2 - m_M^2)^2 f_0^2",
    "TE": "4 q2 lambda f_T^2 / (m_B + m_M)^2",
    "SV": "(m_B^2 - m_M^2)^2 f_0^2 / (m_b - m_s)",
    "VT": "2 lambda f_plus f_T / (m_B + m_M)",
}
VECTOR_H = {
    "P": "lambda A0^2 / (m_b + m_s)^2",
    "V1": "2 q2 lambda V^2 / (m_B + m_M)^2",
    "A1": "2 q2 (m_B + m_M)^2 A1^2 + 64 m_B^2 m_M^2 A12^2",
    "A0": "lambda A0^2",
    "TE": "8 lambda T1^2",
    "TB": "8 (m_B^2 - m_M^2)^2 T2^2 + 64 q2 m_B^2 m_M^2 T23^2 / (m_B + m_M)^2",
    "PA": "lambda A0^2 / (m_b + m_s)",
    "VT": "4 lambda V T1 / (m_B + m_M)",
    "AT": "4 (m_B + m_M)^2 (m_B - m_M) A1 T2 + 64 m_B^2 m_M^2 A12 T23 / (m_B + m_M)",
}
BARYON_H = {
    "S": "(m_B - m_M)^2 ((m_B + m_M)^2 - q2) Vt^2 / (m_b - m_s)^2",
    "P": "(m_B + m_M)^2 ((m_B - m_M)^2 - q2) At^2 / (m_b + m_s)^2",
    "V1": "2 q2 ((m_B - m_M)^2 - q2) Vperp^2 + (m_B + m_M)^2 ((m_B - m_M)^2 - q2) V0^2",
    "V0": "(m_B - m_M)^2 ((m_B + m_M)^2 - q2) Vt^2",
    "A1": "2 q2 ((m_B + m_M)^2 - q2) Aperp^2 + (m_B - m_M)^2 ((m_B + m_M)^2 - q2) A0^2",
    "A0": "(m_B + m_M)^2 ((m_B - m_M)^2 - q2) At^2",
    "SV": "(m_B - m_M)^2 ((m_B + m_M)^2 - q2) Vt^2 / (m_b - m_s)",
    "PA": "(m_B + m_M)^2 ((m_B - m_M)^2 - q2) At^2 / (m_b + m_s)",
    "TE": "8 (m_B + m_M)^2 ((m_B - m_M)^2 - q2) Tperp^2 + 4 q2 ((m_B - m_M)^2 - q2) T0^2",
    "TB": "8 (m_B - m_M)^2 ((m_B + m_M)^2 - q2) T5perp^2 + 4 q2 ((m_B + m_M)^2 - q2) T50^2",
    "VT": "4 (m_B + m_M) ((m_B - m_M)^2 - q2) Vperp Tperp + 2 (m_B + m_M) ((m_B - m_M)^2 - q2) V0 T0",
    "AT": "4 (m_B - m_M) ((m_B + m_M)^2 - q2) Aperp T5perp + 2 (m_B - m_M) ((m_B + m_M)^2 - q2) A0 T50",
}
"""H_c of `flavour.transitions`, all polarisations together, in words; a test holds them to the functions there."""

# the functions of each kind of hadron: how they are evaluated, and H_c in words
HADRONS: dict[tuple[str, ...], tuple[Callable[..., Any], dict[str, str]]] = {
    PSEUDOSCALAR: (b_to_k, PSEUDOSCALAR_H),
    VECTOR: (b_to_v, VECTOR_H),
    BARYON: (lambdab_to_lambda, BARYON_H),
}

VACUUM_H = {"P": "f^2 m_B^4 / (m_b + m_s)^2", "A0": "f^2 m_B^4", "PA": "f^2 m_B^4 / (m_b + m_s)"}
ANNIHILATION = "BR = tau_B / (2 m_B) * sum_c H_c rho_c at q2 = m_B^2"

SHOWN_PULLS = 8


def explain(analysis: Analysis, values: Mapping[str, float]) -> str:
    """One point step by step, with formulas, numbers, units and references.

    values : parameters that the analysis does not fix. Raises CardError for unknown, missing or out-of-range ones.
    """
    point = analysis.predict(values)
    theta = analysis.theta(values)
    inputs = analysis.setup.input_set.at()
    model = model_at(analysis.model_class, jnp.asarray(theta))
    modes = analysis.setup.modes or ("B+->K+",)
    by_mode = {mode: couplings_for(model, mode, inputs) for mode in modes}
    steps = [
        ("Parameters", _parameters(analysis, theta)),
        ("Inputs", _inputs(analysis, inputs)),
        ("Couplings", _couplings(model.couplings(inputs))),
        *_coupling_parts(model, inputs),
        *_partial_widths(model, inputs),
        *_mediators(model, inputs),
        *((f"Hadron side and rate of {mode}", _hadron(mode, c, inputs)) for mode, c in by_mode.items()),
        *((f"Spectrum of {mode}", _spectrum(mode, c, inputs)) for mode, c in by_mode.items()),
        ("Observables, with theory errors", _observables(point.observables)),
        *((f"Yields: {one.about.name}", _yields(analysis, i, theta)) for i, one in enumerate(analysis.setup.profiled)),
        *_dark_matter(model, inputs),
        ("Likelihood", _likelihood(analysis, theta)),
        ("Validity", "\n".join(map(paragraph, point.warnings)) or "no scale of a contact interaction is too low"),
        ("References", _references(analysis)),
    ]
    title = f"{analysis.model_class.name}: {analysis.model_class.title}   (status: {point.status})"
    blocks = [f"{i}. {name}\n{'-' * (len(name) + 3)}\n{text}" for i, (name, text) in enumerate(steps, start=1)]
    return "\n\n".join([title, inspect.cleandoc(analysis.model_class.__doc__ or ""), *blocks])


def _parameters(analysis: Analysis, theta: np.ndarray) -> str:
    rows = [
        (p.name, f"= {number(x, 6)}", p.unit, p.doc)
        for p, x in zip(analysis.model_class.parameters(), theta, strict=True)
    ]
    return table(rows)


def _inputs(analysis: Analysis, inputs: Inputs) -> str:
    """Constants with errors and sources, then the form-factor coefficients."""
    chosen = analysis.setup.input_set
    rows = [
        (v.name, with_errors(v.value, v.error, v.error, v.unit, digits=10), v.reference)
        for v in input_values(chosen.name)
    ]
    error = np.sqrt((np.asarray(chosen.factor) ** 2).sum(axis=1))[len(rows) :]
    i = 0
    for name, ff in inputs.form_factors.items():
        for coefficient, value in zip(ff.names, np.asarray(ff.coefficients), strict=True):
            rows.append((f"{name} {coefficient}", with_errors(float(value), float(error[i]), float(error[i])), ""))
            i += 1
    return f"set {chosen.name}\n{table(rows)}"


# --- couplings ---


def _couplings(couplings: Couplings) -> str:
    """The numbers of every invisible final state, and what they mean, once for each kind of state."""
    states = (*couplings.continua, *couplings.lines)
    blocks = [f"final state {i}: {_title(s)}\n{table(_numbers(s))}" for i, s in enumerate(states, start=1)]
    kinds = dict.fromkeys(type(part) for state in states for part in _parts(state))
    return "\n\n".join([*blocks, *(f"{kind.__name__}: {inspect.cleandoc(kind.__doc__ or '')}" for kind in kinds)])


def _coupling_parts(model: AbstractModel, inputs: Inputs) -> list[tuple[str, str]]:
    """What adds up to the coupling of quarks to a mediator; no step for a model that does not say."""
    parts = {name: complex(value) for name, value in model.coupling_parts(inputs).items()}
    rows = [(f"  {name}", f"= {_complex(value)}", f"size {number(abs(value))}") for name, value in parts.items()]
    return [("Parts of the couplings", table(rows))] if rows else []


def _partial_widths(model: AbstractModel, inputs: Inputs) -> list[tuple[str, str]]:
    """Widths, branching fractions and lifetime of each mediator; no step for a model that does not say."""
    blocks = []
    for name, found in model.partial_widths(inputs).items():
        widths = {final: float(width) for final, width in found.items()}
        total = sum(widths.values())
        rows = [(f"  {f}", f"{number(w)} GeV", f"{number(w / total)}") for f, w in widths.items() if w > 0.0]
        rows.append(("  total", f"{number(total)} GeV", _lifetime(total)))
        none = [f for f, w in widths.items() if w <= 0.0]
        blocks.append(table(rows, header=(f"{name} to", "width", "branching fraction")))
        blocks += [f"  closed or without coupling: {', '.join(none)}"] if none else []
    return [("Partial widths", "\n".join(blocks))] if blocks else []


def _lifetime(width: float) -> str:
    """Lifetime of a width in GeV, as time and as length."""
    if width <= 0.0:
        return "stable"
    seconds, metres = (number(units.from_gev(1.0 / width, unit)) for unit in ("s", "m"))
    return f"tau = {seconds} s, c tau = {metres} m"


def _mediators(model: AbstractModel, inputs: Inputs) -> list[tuple[str, str]]:
    """Width, flight and decays of each particle that may be seen; no step for a model without any."""
    rows: list[tuple[str, str]] = []
    for i, visible in enumerate(model.visible_lines(inputs), start=1):
        line, width = visible.line, float(visible.line.width)
        rows += [
            (f"  particle {i}: {_title(line)}", f"m = {number(float(line.mass), 6)} GeV"),
            ("    width", f"= {number(width)} GeV, {_lifetime(width)}"),
            ("    probability to stay unseen", f"= {number(float(line.p_invisible), 6)}"),
        ]
        rows += [(f"    share of {final}", f"= {number(float(share))}") for final, share in visible.shares.items()]
    return [("Mediators and their decays", table(rows))] if rows else []


def _dark_matter(model: AbstractModel, inputs: Inputs) -> list[tuple[str, str]]:
    """What the model says of its dark matter, with the status of the relic density; no step where it says nothing."""
    if type(model).dark is AbstractModel.dark:
        return []
    found = eqx.filter_jit(lambda m, i: m.dark(i))(model, inputs)
    values = [(e, getattr(found, e.field)) for e in DARK_ENTRIES]
    rows = [(f"  {e.name}", f"= {number(float(v))}", e.unit, e.meaning) for e, v in values if v is not None]
    rows += _freeze_out(found)
    return [("Dark matter", "\n".join([table(rows), *map(paragraph, dark_warnings(found))]))]


def _freeze_out(found: Dark) -> list[tuple[str, str, str, str]]:
    """When and by what the dark matter froze out; nothing where the model does not say."""
    if found.x_freeze is None or found.sigma_v is None:
        return []
    shares = sorted(((float(s), c) for c, s in (found.shares or {}).items()), reverse=True)
    sigma_v = number(units.from_gev(float(found.sigma_v), "cm^3/s"))
    return [
        ("  x_f", f"= {number(float(found.x_freeze))}", "1", "m/T of freeze-out, where Y = 2.5 Y_eq"),
        ("  <sigma v>", f"= {sigma_v}", "cm^3/s", "thermal average at x_f"),
        *((f"  share of {channel}", f"= {number(share)}", "1", "of it") for share, channel in shares),
    ]


def _parts(state: eqx.Module) -> list[eqx.Module]:
    """A state and the states inside it."""
    return [state, *(p for value in vars(state).values() if isinstance(value, eqx.Module) for p in _parts(value))]


def _title(state: eqx.Module) -> str:
    return " of ".join(type(part).__name__ for part in _parts(state))


def _numbers(state: eqx.Module, stem: str = "  ") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in vars(state).items():
        if isinstance(value, eqx.Module):
            rows += _numbers(value, f"{stem}{name}.")
        elif value is not None and value is not False:
            rows.append((f"{stem}{name}", f"= {_coupling(value)}"))
    return rows


def _coupling(value: object) -> str:
    """A number, real or complex; a matrix row by row, or as a multiple of the unit matrix."""
    array = np.asarray(value)
    if array.ndim == 2 and np.array_equal(array, array[0, 0] * np.eye(len(array))):
        return f"{_complex(array[0, 0])} x unit matrix"
    if array.ndim == 2:
        return "[" + "; ".join(", ".join(map(_complex, row)) for row in array) + "]"
    return _complex(array.item()) if array.ndim == 0 else str(value)


def _complex(x: complex) -> str:
    if isinstance(x, bool):
        return "yes" if x else "no"
    real, imaginary = float(np.real(x)) + 0.0, float(np.imag(x))  # + 0.0: no sign on a zero
    return number(real, 6) if imaginary == 0.0 else f"{number(real, 6)} {imaginary:+.6g} i"


# --- hadron side, rate, spectrum ---


def _form_factors(
    decay: Transition, inputs: Inputs, q2: Float[Array, " n_q2"]
) -> tuple[dict[str, Array], dict[str, str]]:
    """Form factors at q2, and H_c in words; a free quark has the formulas of the baryon with form factors 1."""
    if decay.form_factors not in inputs.form_factors:
        return {}, BARYON_H
    form_factors, formulas = HADRONS[functions_of(decay.form_factors)]
    values: dict[str, Array] = form_factors(inputs.form_factors[decay.form_factors], q2)._asdict()
    return values, formulas


def _annihilation(decay: Transition, couplings: Couplings, inputs: Inputs) -> str:
    """The fully invisible decay: both sides at the one value of q2."""
    q2 = decay.masses(inputs).m_B[None] ** 2
    rows = [
        row
        for state in couplings.continua
        for row in _channels(decay.name, state.spectral(q2), inputs, q2, _title(state))
    ]
    head = table(rows, header=("  at q2 = m_B^2 =", f"{float(q2[0]):.5f} GeV^2")) if rows else "  no state couples"
    return "\n".join([ANNIHILATION, head, *(f"  H_{c} = {formula}" for c, formula in VACUUM_H.items())])


def _hadron(mode: str, couplings: Couplings, inputs: Inputs) -> str:
    """Form factors, and the product of the two sides channel by channel, at three points of q2."""
    decay = transition(mode)
    model_couplings, couplings = couplings, as_produced(couplings, decay)
    if decay.annihilation:
        return _annihilation(decay, couplings, inputs)
    end = float(q2_max(decay, inputs))
    q2 = jnp.array([0.1, 0.5, 0.9]) * end
    m = decay.masses(inputs)
    factors, formulas = _form_factors(decay, inputs, q2)
    free_quark = [] if factors else ["free quarks: form factors 1, every H_c times the QCD factor kappa_Xs"]
    lines = [
        *free_quark,
        f"m_B = {float(m.m_B):.5f}, m_M = {float(m.m_M):.5f}, m_b = {float(m.m_b):.4g}, m_s = {float(m.m_s):.4g} GeV",
        f"q2 up to (m_B - m_M)^2 = {end:.4f} GeV^2",
        MASTER,
    ]
    rows = [(f"  {name}", *(number(float(x)) for x in values)) for name, values in factors.items()]
    for state in couplings.continua:
        rows += _channels(decay.name, state.spectral(q2), inputs, q2, _title(state))
    rate = dBR_dq2(model_couplings, mode, inputs, q2)
    rows.append(("  dBR/dq2 [GeV^-2], continua", *(number(float(x)) for x in rate)))
    lines.append(table(rows, header=("  q2 [GeV^2]", *(number(float(x)) for x in q2))))
    shown = {c for state in couplings.continua for c, rho in state.spectral(q2)._asdict().items() if rho is not None}
    shown |= {c for line in couplings.lines for c, R in line.residues()._asdict().items() if R is not None}
    lines += [f"  H_{c} = {formula}" for c, formula in formulas.items() if c in shown]
    return "\n".join(lines)


def _channels(
    mode: str, rho: Channels, inputs: Inputs, q2: Float[Array, " n_q2"], state: str, side: str = "rho"
) -> list[tuple[str, ...]]:
    """H_c and rho_c of the channels that the hadrons and one state share."""
    hadron = transition(mode).hadron(inputs, q2)
    rows = []
    for name, transverse, longitudinal, r in zip(Channels._fields, *hadron, rho, strict=True):
        parts = [h for h in (transverse, longitudinal) if h is not None]
        if parts and r is not None:
            rows.append((f"  H_{name}", *(number(float(x)) for x in sum(parts[1:], start=parts[0]))))
            values = jnp.broadcast_to(r, q2.shape) + 0.0  # no sign on a zero
            rows.append((f"  {side}_{name} of {state}", *(number(float(x)) for x in values)))
    return rows


def _spectrum(mode: str, couplings: Couplings, inputs: Inputs, group: int = 10) -> str:
    """Branching fraction in coarse bins of true q2, one column per continuum, then the lines."""
    if transition(mode).annihilation:
        total = mode_spectrum(couplings, mode, inputs, jnp.zeros(2)).total()
        return f"no spectrum: q2 = m_B^2\ntotal BR({decay_name(mode, 'inv')}) = {number(float(total))}"
    edges = np.asarray(edges_of(mode))
    parts = [
        np.asarray(mode_spectrum(Couplings(continua=(state,)), mode, inputs, jnp.asarray(edges)).rate)
        for state in couplings.continua
    ]
    starts = np.arange(0, len(edges) - 1, group)
    ends = [*edges[starts[1:]], edges[-1]]
    rows = [
        (f"  {edges[s]:6.3f} to {e:6.3f}", *(number(float(part[s : s + group].sum())) for part in parts))
        for s, e in zip(starts, ends, strict=True)
    ]
    rows.append(("  total", *(number(float(part.sum())) for part in parts)))
    text = [table(rows, header=("  true q2 [GeV^2]", *map(_title, couplings.continua)))]
    found = mode_spectrum(couplings, mode, inputs, jnp.asarray(edges))
    if couplings.lines:
        text.append(LINE)
    for line, q2, rate in zip(couplings.lines, np.asarray(found.line_q2), np.asarray(found.line_rate), strict=True):
        where = f"{_title(line)} at q2 = m_X^2 = {number(float(q2), 5)} GeV^2"
        if q2 >= float(q2_max(transition(mode), inputs)):
            text.append(f"  {where}: above the end point, channel closed")
            continue
        text.append(f"  {where}, width {number(float(line.width))} GeV: BR = {number(float(rate))}")
        text.append(
            table(_channels(mode, line.residues(), inputs, jnp.asarray(q2)[None], _title(line), "R"), indent="  ")
        )
    return "\n".join([*text, f"total BR({mode}inv) = {number(float(found.total()))}"])


def _observables(found: Mapping[str, Quantity]) -> str:
    return table([(f"  {name}", with_errors(q.value, q.error, q.error, q.unit)) for name, q in found.items()])


# --- likelihood ---


def _yields(analysis: Analysis, position: int, theta: np.ndarray) -> str:
    """Nominal signal, factor and signal of each signal bin of one binned result."""
    one = analysis.setup.profiled[position]
    inputs = analysis.setup.input_set.at()
    model = model_at(analysis.model_class, jnp.asarray(theta))
    modes = {
        mode: mode_spectrum(couplings_for(model, mode, inputs), mode, inputs, edges_of(mode))
        for mode in one.about.modes
    }
    f = np.asarray(one.factors(Prediction(modes=modes)))
    histfactory = analysis.setup.profilers[position].histfactory
    nominal = np.asarray(histfactory.nominal)[np.asarray(histfactory.signal_row)]
    keys = [histfactory.rows[int(row)] for row in np.asarray(histfactory.signal_row)]
    rows = [
        (f"  {key.channel}", str(key.bin), f"{n:.3f}", f"{factor:.4f}", f"{n * factor:.3f}")
        for key, n, factor in zip(keys, nominal, f, strict=True)
    ]
    head = "f_b = [n_b,out + sum_k n_bk R_k / I_k] / sum_k n_bk: R_k, I_k of model and simulation in q2 bin k"
    return f"{head}\n{table(rows, header=('  channel', 'bin', 'simulated SM', 'f_b', 'signal'))}"


def _likelihood(analysis: Analysis, theta: np.ndarray) -> str:
    """-2 ln L of each result here and in the Standard Model, and the largest pulls."""
    if not analysis.setup.likelihoods:
        return "no experiment in this analysis"
    here = analysis.line.likelihood_values(theta)
    reference = analysis.with_model(StandardModel)
    sm = reference.line.likelihood_values(reference.theta({}))
    rows = []
    for name, value in here.items():
        a, b = value.minus_two_log_likelihood, sm[name].minus_two_log_likelihood
        gain = None if a is None or b is None else b - a
        rows.append((f"  {name}", number(a, 8), number(b, 8), number(gain, 4), value.status))
    text = [table(rows, header=("  result", "-2 ln L", "Standard Model", "better by", "status"))]
    pulls = analysis.line.pulls(theta, np.zeros(analysis.line.n_z))
    largest = sorted(pulls.items(), key=lambda item: -abs(item[1]))[:SHOWN_PULLS]
    if largest:
        text.append(paragraph("largest pulls: " + ", ".join(f"{name}={value:+.2f}" for name, value in largest)))
    for one in analysis.setup.likelihoods:
        text += [f"{one.about.name} assumes", *(paragraph(a, indent="    ") for a in one.about.assumptions)]
    return "\n".join(text)


def _references(analysis: Analysis) -> str:
    return paragraph(", ".join(analysis.references())) + "\nBibTeX: darkpenguin cite"
