"""Pages on decay modes and on operators: what feeds what is found by evaluating both sides of the master formula."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from generate_text import code, codes, escape, table

from darkpenguin._jax import jnp
from darkpenguin.core.input_files import read_form_factors
from darkpenguin.core.inputs import Inputs, available_form_factors, load_inputs
from darkpenguin.core.types import Channels
from darkpenguin.flavour.form_factors import BToP, BToV, LambdabToLambda
from darkpenguin.flavour.hadrons import Hadron, Masses, baryon_hadron, pseudoscalar_hadron, vector_hadron
from darkpenguin.flavour.invisible import fermion_pair, vector_pair
from darkpenguin.flavour.invisible.bosons import ScalarBoson, VectorBoson
from darkpenguin.flavour.spectral import FermionPair, RaritaSchwingerPair, ScalarPair, VectorPair
from darkpenguin.flavour.transitions import TRANSITIONS, Transition, q2_max
from darkpenguin.models import dark_left

Q2 = 6.0  # GeV^2, where the two sides are evaluated
QUARKS = {"bs": "b → s", "bd": "b → d", "sd": "s → d", "cu": "c → u"}
SMALL = 1e-9  # relative: what rounding leaves of an interference that is absent


# --- decay modes ----------------------------------------------------------------------------------------------------


def decay_modes() -> str:
    """Every mode with its inputs and channels, then the form factors behind each channel."""
    inputs = load_inputs().at()
    rows = [
        (
            code(t.name),
            QUARKS[t.quarks],
            _form_factors(t, inputs),
            codes(_present(t, inputs)),
            f"{float(q2_max(t, inputs)):.3f}" if not t.annihilation else "",
            "; ".join(_remarks(t)),
        )
        for t in TRANSITIONS
    ]
    parts = [
        "# Decay modes",
        "A mode sees a model through channels: pairings of a quark current with a spin of the invisible system. "
        "{doc}`../../explanation/master_formula` has the formulas, {doc}`operators` what each operator feeds. "
        r"Amplitudes of a model in b → d are those of b → s times $|V_{td}/V_{ts}|$, in s → d and c → u zero, unless "
        "the model says otherwise (parameters `r_bd`, `r_sd`, `r_cu`).",
        "",
        table(("mode", "quarks", "form factors, default set", "channels", "end point [GeV²]", "remarks"), rows),
        "",
        "## Form factors of each channel",
        "Found by changing one form factor at a time. T and L: transverse and longitudinal daughter (for a baryon: "
        "helicity of the invisible system).",
        "",
    ]
    for name, kind in HADRONS.items():
        parts += [f"### {name}", "", table(("channel", "T", "L"), _sensitivity(kind)), ""]
    return "\n".join(parts)


def _form_factors(transition: Transition, inputs: Inputs) -> str:
    name = transition.form_factors
    if name not in inputs.form_factors:
        return code(name)
    coefficients = np.asarray(inputs.form_factors[name].coefficients)
    for info in available_form_factors():
        if info.transition == name:
            central = read_form_factors(info.transition, info.name).central
            if central.shape == coefficients.shape and np.array_equal(central, coefficients):
                return f"{code(name)}: {code(info.name)}"
    raise AssertionError(f"no file holds the default form factors of {name}")


def _present(transition: Transition, inputs: Inputs) -> list[str]:
    at = 0.5 * q2_max(transition, inputs)
    hadron = transition.hadron(inputs, at[None])
    return [c for c in Channels._fields if any(getattr(part, c) is not None for part in hadron)]


def _remarks(transition: Transition) -> list[str]:
    remarks = []
    if transition.factor != 1.0:
        remarks.append(f"times {transition.factor:g}, isospin")
    if transition.k_long:
        remarks.append("both flavours of the parent act")
    if transition.annihilation:
        remarks.append("one value of q²; a single particle has no phase space")
    return remarks


class HadronKind(NamedTuple):
    """form_factors : their names.   hadron : H_c from masses and form factors."""

    form_factors: type
    hadron: Callable[..., Hadron]


HADRONS = {
    "Pseudoscalar daughter": HadronKind(BToP, pseudoscalar_hadron),
    "Vector daughter": HadronKind(BToV, vector_hadron),
    "Baryons": HadronKind(LambdabToLambda, baryon_hadron),
}


def _sensitivity(kind: HadronKind) -> list[tuple[str, str, str]]:
    masses = Masses(*map(jnp.asarray, (5.28, 0.9, 4.2, 0.08)))
    names = kind.form_factors._fields
    values = dict.fromkeys(names, jnp.ones(1))

    def at(**changed: jnp.ndarray) -> Hadron:
        return kind.hadron(masses, kind.form_factors(**(values | changed)), jnp.array([Q2]))

    nominal, moved = at(), {name: at(**{name: 2.0 * jnp.ones(1)}) for name in names}

    def on(part: int, channel: str) -> list[str] | None:
        value = getattr(nominal[part], channel)
        if value is None:
            return None
        return [name for name, other in moved.items() if not np.allclose(getattr(other[part], channel), value)]

    rows = []
    for channel in Channels._fields:
        found = [on(part, channel) for part in (0, 1)]
        if any(f is not None for f in found):
            rows.append((code(channel), *("" if f is None else codes(f) for f in found)))
    return rows


# --- operators ------------------------------------------------------------------------------------------------------


class State(NamedTuple):
    """A family of invisible states: how to build one with given coefficients, and its operator table."""

    title: str
    build: Callable[..., Channels]
    operators: tuple[tuple[str, str, str], ...]  # name, unit, text
    scaling: dict[str, tuple[int, int]]
    vanishing: tuple[str, ...]
    models: str
    particle: str


def _pair(cls: type) -> Callable[..., Channels]:
    return lambda **c: cls(0.6, **c).spectral(jnp.array([Q2]))


def _boson(cls: type) -> Callable[..., Channels]:
    return lambda **c: cls(2.1, **c).residues()


def _table(operators: Iterable[dark_left.Operator]) -> tuple[tuple[str, str, str], ...]:
    return tuple((o.name, o.unit, o.text) for o in operators)


SCALAR_BOSON = (
    ("g_S", "1", "(s b) S"),
    ("g_P", "1", "(s i gamma5 b) S"),
    ("h_V", "GeV^-1", "(s gamma^mu b) d_mu S"),
    ("h_A", "GeV^-1", "(s gamma^mu gamma5 b) d_mu S"),
)
VECTOR_BOSON = (
    ("g_V", "1", "(s gamma^mu b) X_mu"),
    ("g_A", "1", "(s gamma^mu gamma5 b) X_mu"),
    ("f_T", "GeV^-1", "(s sigma^munu b) X_munu"),
    ("f_T5", "GeV^-1", "(s sigma^munu gamma5 b) X_munu"),
    ("d_V", "GeV^-2", "(s gamma_mu b) d_nu X^munu"),
    ("d_A", "GeV^-2", "(s gamma_mu gamma5 b) d_nu X^munu"),
)
STATES = (
    State(
        "Pair of scalars",
        _pair(ScalarPair),
        _table(dark_left.SCALAR),
        dict(ScalarPair.scaling),
        ("V", "A"),
        "`dark_left_scalar`, `dark_left_real_scalar`",
        "a real scalar",
    ),
    State(
        "Pair of fermions, spin 1/2",
        _pair(FermionPair),
        _table(dark_left.FERMION),
        dict(FermionPair.scaling),
        fermion_pair.VANISHING,
        "`dark_left_fermion`, `dark_left_majorana`",
        "a Majorana fermion",
    ),
    State(
        "Pair of vectors",
        _pair(VectorPair),
        _table(dark_left.VECTOR),
        dict(VectorPair.scaling),
        vector_pair.VANISHING,
        "`dark_left_vector`, `dark_left_real_vector`",
        "a real vector",
    ),
    State(
        "Pair of spin 3/2",
        _pair(RaritaSchwingerPair),
        _table(dark_left.SPIN_THREE_HALF),
        dict(RaritaSchwingerPair.scaling),
        fermion_pair.VANISHING,
        "`dark_left_spin_three_half`",
        "a Majorana particle",
    ),
    State(
        "One scalar",
        _boson(ScalarBoson),
        SCALAR_BOSON,
        dict(ScalarBoson.scaling),
        (),
        "`two_body_scalar`, `two_body_alp`",
        "",
    ),
    State("One vector", _boson(VectorBoson), VECTOR_BOSON, dict(VectorBoson.scaling), (), "`two_body_vector`", ""),
)


def operators() -> str:
    """Every operator of every state: normalisation, channels, the modes that it reaches, interferences."""
    inputs = load_inputs().at()
    shown = ("B+->K+", "B0->K*0", "Lambda_b->Lambda", "Bs->vacuum")
    reached = {t.name: set(_present(t, inputs)) for t in TRANSITIONS if t.name in shown}
    parts = [
        "# Operators",
        r"$\mathcal L=\sum_iC_iO_i+\text{h.c.}$ with complex $C_i$, flavours $(\bar s,b)$, no further factor, and no "
        "1/2 for identical particles; in the models `C` is the real part and `C_im` the imaginary part. A scale means "
        r"$C=m^k/\Lambda^n$, $m$ the mass of the produced particle. Real scalars, Majorana fermions, real vectors: the "
        "same Lagrangian, twice the rate. {doc}`../../explanation/conventions` says more, "
        "{doc}`../../explanation/invisible_states` derives the functions, {doc}`decay_modes` names the form factors of "
        "each channel.",
        "",
        "Channels and interferences in these tables are found by evaluating the functions. Every pseudoscalar daughter "
        "(K, π) is reached like K, every vector (ρ, φ) like K\\*, inclusive decays like Λ. Columns of modes: "
        "● reached, a blank: no rate.",
        "",
    ]
    for state in STATES:
        parts += _state(state, reached)
    return "\n".join(parts)


def _state(state: State, reached: dict[str, set[str]]) -> list[str]:
    modes = ("K", "K\\*", "Λ", "Bs → inv")[: 4 if state.title.startswith("Pair") else 3]  # one particle: no phase space
    rows = []
    for name, unit, text in state.operators:
        channels = _nonzero(state.build(**{name: 1.0}))
        marks = ["●" if channels & found else "" for found in reached.values()][: len(modes)]
        rows.append((code(name), escape(text), code(unit), _scale(state, name), codes(sorted(channels)), *marks))
    head = ("operator", "L / C", "unit of C", "scale", "channels", *modes)
    vanishing = f" Vanish identically for {state.particle}: {codes(state.vanishing)}." if state.vanishing else ""
    found = _interferences(state)
    return [
        f"## {state.title}",
        f"Models: {state.models}.{vanishing}",
        "",
        table(head, rows),
        "",
        "Interference:" if found else "No two operators interfere.",
        "",
        *([table(("operators", "through", "channels"), found), ""] if found else []),
    ]


def _scale(state: State, name: str) -> str:
    if name not in state.scaling:
        return ""
    k, n = state.scaling[name]
    if n == 0:
        return ""
    power = {1: "m", 2: "m^2"}.get(k, "1")
    return rf"${power}/\Lambda^{n}$" if n > 1 else rf"${power}/\Lambda$"


def _nonzero(channels: Channels) -> set[str]:
    return {c for c in Channels._fields if (v := getattr(channels, c)) is not None and float(np.abs(v).max()) > 0.0}


def _interferences(state: State) -> list[tuple[str, str, str]]:
    """Pairs whose rate is not the sum of two: for coefficients 1, 1 (real part of C_1 C_2*), or 1, i (imaginary)."""
    names = [name for name, _, _ in state.operators]
    single = {name: state.build(**{name: 1.0}) for name in names}
    found = []
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            for phase, what in ((1.0, "real part"), (1j, "imaginary part")):
                both = state.build(**{a: 1.0, b: phase})
                channels = [c for c in Channels._fields if _differs(both, (single[a], single[b]), c)]
                if channels:
                    found.append((codes((a, b)), f"{what} of $C_1C_2^*$", codes(channels)))
    return found


def _differs(both: Channels, alone: tuple[Channels, Channels], channel: str) -> bool:
    values = [0.0 if getattr(x, channel) is None else float(getattr(x, channel)[0]) for x in (both, *alone)]
    scale = max(abs(v) for v in values)
    return abs(values[0] - values[1] - values[2]) > SMALL * scale
