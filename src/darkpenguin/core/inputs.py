"""Numbers from outside: constants and form factors, their errors, and the nuisances that move them.

A nuisance is always a unit normal number: `inputs = input_set.at(z)` with prior exp(-z.z/2). Constants with map
"log-normal" move as value * exp(z * error/value) and stay positive; the median is the quoted value. Form-factor
coefficients move together through the Cholesky factor of their covariance.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from importlib.resources.abc import Traversable
from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Bool, Float

from darkpenguin import units
from darkpenguin._jax import jnp
from darkpenguin.core import input_files
from darkpenguin.core.form_factor_series import FormFactors, form_factors
from darkpenguin.core.input_files import FormFactorFile, InputValue
from darkpenguin.errors import UnknownName

DEFAULT = "2026-11"

Scalar = Float[Array, ""]


def _is(unit: str, doc: str) -> dict[str, str]:
    return {"unit": unit, "doc": doc}


class Inputs(eqx.Module):
    """Every constant at one point of the nuisances: float64 numbers in powers of GeV, and the form factors.

    Every V is a modulus; arg_V_..., between 0 and 2 pi, is the phase of a product in the PDG convention. Lifetimes in
    GeV^-1. Quark masses: MSbar at the scale m_b(m_b) unless the name says otherwise.
    """

    G_F: Scalar = eqx.field(metadata=_is("GeV^-2", "Fermi constant"))
    alpha_em_mZ: Scalar = eqx.field(metadata=_is("1", "electromagnetic coupling at m_Z, MSbar"))
    alpha_em_mb: Scalar = eqx.field(
        metadata=_is("1", "electromagnetic coupling at m_b, for rates into charged leptons")
    )
    sin2_theta_W: Scalar = eqx.field(metadata=_is("1", "weak mixing angle at m_Z, MSbar"))
    X_t: Scalar = eqx.field(metadata=_is("1", "short-distance function of b -> s nu nu"))
    V_tb_V_ts: Scalar = eqx.field(metadata=_is("1", "|V_tb V_ts*|"))
    V_tb_V_td: Scalar = eqx.field(metadata=_is("1", "|V_tb V_td*|"))
    V_ub: Scalar = eqx.field(metadata=_is("1", "|V_ub|"))
    V_us: Scalar = eqx.field(metadata=_is("1", "|V_us|"))
    V_cb: Scalar = eqx.field(metadata=_is("1", "|V_cb|"))
    V_cs: Scalar = eqx.field(metadata=_is("1", "|V_cs|"))
    V_ts_V_td: Scalar = eqx.field(metadata=_is("1", "|V_ts* V_td|"))
    V_cs_V_cd: Scalar = eqx.field(metadata=_is("1", "|V_cs* V_cd|"))
    arg_V_tb_V_ts: Scalar = eqx.field(metadata=_is("1", "phase of V_tb V_ts* in rad, close to pi"))
    arg_V_tb_V_td: Scalar = eqx.field(metadata=_is("1", "phase of V_tb V_td* in rad"))
    arg_V_ts_V_td: Scalar = eqx.field(metadata=_is("1", "phase of V_ts* V_td in rad"))
    arg_V_cs_V_cd: Scalar = eqx.field(metadata=_is("1", "phase of V_cs* V_cd in rad, close to pi"))
    P_c: Scalar = eqx.field(
        metadata=_is("1", "charm part of s -> d nu nu over |V_us|^4, light quarks included, mean of the three flavours")
    )
    m_b: Scalar = eqx.field(metadata=_is("GeV", "b-quark mass, MSbar, m_b(m_b)"))
    m_s: Scalar = eqx.field(metadata=_is("GeV", "s-quark mass, MSbar, m_s(m_b)"))
    m_d: Scalar = eqx.field(metadata=_is("GeV", "d-quark mass, MSbar, m_d(m_b)"))
    m_s_2GeV: Scalar = eqx.field(metadata=_is("GeV", "s-quark mass, MSbar, m_s(2 GeV)"))
    m_d_2GeV: Scalar = eqx.field(metadata=_is("GeV", "d-quark mass, MSbar, m_d(2 GeV)"))
    m_c_3GeV: Scalar = eqx.field(metadata=_is("GeV", "c-quark mass, MSbar, m_c(3 GeV)"))
    m_u_3GeV: Scalar = eqx.field(metadata=_is("GeV", "u-quark mass, MSbar, m_u(3 GeV)"))
    m_b_1S: Scalar = eqx.field(metadata=_is("GeV", "b-quark mass in the 1S scheme, for inclusive rates"))
    kappa_Xs: Scalar = eqx.field(metadata=_is("1", "QCD correction factor of the inclusive rate"))
    m_e: Scalar = eqx.field(metadata=_is("GeV", "electron mass"))
    m_mu: Scalar = eqx.field(metadata=_is("GeV", "muon mass"))
    m_tau: Scalar = eqx.field(metadata=_is("GeV", "tau mass"))
    tau_tau: Scalar = eqx.field(metadata=_is("GeV^-1", "tau lifetime"))
    f_B: Scalar = eqx.field(metadata=_is("GeV", "decay constant of the B+"))
    f_Bs: Scalar = eqx.field(metadata=_is("GeV", "decay constant of the Bs"))
    f_D: Scalar = eqx.field(metadata=_is("GeV", "decay constant of the D0"))
    f_K: Scalar = eqx.field(metadata=_is("GeV", "decay constant of the K+"))
    delta_K_pi0: Scalar = eqx.field(metadata=_is("1", "isospin breaking f(K+ -> pi0) / f(K0 -> pi-) - 1"))
    m_Bplus: Scalar = eqx.field(metadata=_is("GeV", "B+ mass"))
    m_B0: Scalar = eqx.field(metadata=_is("GeV", "B0 mass"))
    m_Kplus: Scalar = eqx.field(metadata=_is("GeV", "K+ mass"))
    m_K0: Scalar = eqx.field(metadata=_is("GeV", "K0 mass"))
    m_Kstplus: Scalar = eqx.field(metadata=_is("GeV", "K*(892)+ mass"))
    m_Kst0: Scalar = eqx.field(metadata=_is("GeV", "K*(892)0 mass"))
    m_piplus: Scalar = eqx.field(metadata=_is("GeV", "pi+ mass"))
    m_pi0: Scalar = eqx.field(metadata=_is("GeV", "pi0 mass"))
    m_rho: Scalar = eqx.field(metadata=_is("GeV", "rho(770) mass, both charges"))
    m_D0: Scalar = eqx.field(metadata=_is("GeV", "D0 mass"))
    m_Dplus: Scalar = eqx.field(metadata=_is("GeV", "D+ mass"))
    m_Bs: Scalar = eqx.field(metadata=_is("GeV", "Bs mass"))
    m_phi: Scalar = eqx.field(metadata=_is("GeV", "phi(1020) mass"))
    m_Lambdab: Scalar = eqx.field(metadata=_is("GeV", "Lambda_b mass"))
    m_Lambda: Scalar = eqx.field(metadata=_is("GeV", "Lambda mass"))
    tau_Bplus: Scalar = eqx.field(metadata=_is("GeV^-1", "B+ lifetime"))
    tau_B0: Scalar = eqx.field(metadata=_is("GeV^-1", "B0 lifetime"))
    tau_Bs: Scalar = eqx.field(metadata=_is("GeV^-1", "Bs lifetime, mean of both mass eigenstates"))
    tau_Lambdab: Scalar = eqx.field(metadata=_is("GeV^-1", "Lambda_b lifetime"))
    tau_Kplus: Scalar = eqx.field(metadata=_is("GeV^-1", "K+ lifetime"))
    tau_KL: Scalar = eqx.field(metadata=_is("GeV^-1", "K_L lifetime"))
    tau_D0: Scalar = eqx.field(metadata=_is("GeV^-1", "D0 lifetime"))
    tau_Dplus: Scalar = eqx.field(metadata=_is("GeV^-1", "D+ lifetime"))
    y_s: Scalar = eqx.field(metadata=_is("1", "Delta Gamma_s / (2 Gamma_s), relative width difference of the Bs"))
    Delta_m_s: Scalar = eqx.field(metadata=_is("GeV", "mass difference of the two Bs states"))
    form_factors: dict[str, FormFactors]


def isospin_partner(inputs: Inputs) -> Inputs:
    """The same inputs with every charged meson and its neutral partner exchanged, so that B+ -> K+ gives B0 -> K0."""
    pairs = (("m_Bplus", "m_B0"), ("m_Kplus", "m_K0"), ("m_Kstplus", "m_Kst0"), ("tau_Bplus", "tau_B0"))
    swapped = {a: getattr(inputs, b) for pair in pairs for a, b in (pair, pair[::-1])}
    return dataclasses.replace(inputs, **swapped)


CONSTANTS: dict[str, str] = {f.name: f.metadata["unit"] for f in dataclasses.fields(Inputs) if "unit" in f.metadata}


class InputSet(eqx.Module):
    """A named set of inputs with its covariance. n: nuisances; n_number: constants, then coefficients.

    names [n] : the nuisances, e.g. "X_t", "B->K f+_0".
    mean [n_number] : central values in powers of GeV.
    factor [n_number, n] : block Cholesky factor; a fixed constant has a row of zeros, log-normal ones their error too.
    log [n_number] : which numbers move log-normally.
    form_factor_sets : (transition, set) for each transition, sorted.
    constant_references, form_factor_references : keys of the constants, and (transition, keys) of each set.  digest :
    SHA-256 over the content of the files used.
    """

    mean: Float[Array, " n_number"]
    factor: Float[Array, "n_number n"]
    log: Bool[Array, " n_number"]
    templates: dict[str, FormFactors]
    name: str = eqx.field(static=True)
    names: tuple[str, ...] = eqx.field(static=True)
    form_factor_sets: tuple[tuple[str, str], ...] = eqx.field(static=True)
    constant_references: tuple[str, ...] = eqx.field(static=True)
    form_factor_references: tuple[tuple[str, tuple[str, ...]], ...] = eqx.field(static=True)
    digest: str = eqx.field(static=True)

    @property
    def n_nuisance(self) -> int:
        """Number of nuisances: the length of z."""
        return len(self.names)

    @property
    def references(self) -> tuple[str, ...]:
        """Keys of every number in the set."""
        return self.references_for(self.templates)

    def references_for(self, transitions: Iterable[str]) -> tuple[str, ...]:
        """Keys of the constants and of the form factors of these transitions."""
        wanted = set(transitions)
        of_sets = [r for name, keys in self.form_factor_references if name in wanted for r in keys]
        return tuple(dict.fromkeys([*self.constant_references, *of_sets]))

    def at(self, z: Float[Array, " n"] | None = None) -> Inputs:
        """The inputs at unit-normal nuisances z; the central values at z = None or 0."""
        shift = jnp.zeros_like(self.mean) if z is None else self.factor @ z
        scale = jnp.where(self.log, self.mean, 1.0)
        moved = jnp.where(self.log, self.mean * jnp.exp(jnp.where(self.log, shift / scale, 0.0)), self.mean + shift)
        at, sets = len(CONSTANTS), {}
        for transition in sorted(self.templates):
            template = self.templates[transition]
            n = len(template.names)
            sets[transition] = eqx.tree_at(lambda ff: ff.coefficients, template, moved[at : at + n])
            at += n
        return Inputs(**{name: moved[i] for i, name in enumerate(CONSTANTS)}, form_factors=sets)

    def nuisances(self, prefix: str) -> tuple[int, ...]:
        """Positions in z of one constant ("X_t") or of one transition's coefficients ("B->K").

        None for a constant that is fixed. Raises UnknownName.
        """
        found = tuple(i for i, name in enumerate(self.names) if name.split(" ")[0] == prefix)
        if not found and prefix not in CONSTANTS:
            raise UnknownName("nuisance", prefix, dict.fromkeys(name.split(" ")[0] for name in self.names))
        return found

    def only(self, *prefixes: str) -> InputSet:
        """The same set with all nuisances held at 0 but those named, in the order of the set. Raises UnknownName."""
        kept = sorted({i for prefix in prefixes for i in self.nuisances(prefix)})
        names = tuple(self.names[i] for i in kept)
        return dataclasses.replace(self, factor=self.factor[:, np.array(kept, dtype=int)], names=names)


class InputSetInfo(NamedTuple):
    """One line of the list of input sets, or of form-factor sets (then with its transition)."""

    name: str
    date: str
    note: str
    transition: str = ""


def available_inputs() -> tuple[InputSetInfo, ...]:
    """The input sets of the package: name, date, note."""
    files = (input_files.read_constants(name, CONSTANTS) for name in input_files.set_names(input_files.inputs_folder()))
    return tuple(InputSetInfo(f.name, f.date, f.note) for f in files)


def available_form_factors(transition: str | None = None) -> tuple[InputSetInfo, ...]:
    """The form-factor sets of one transition, or of all. Raises UnknownName."""
    if transition is not None and transition not in input_files.FOLDERS:
        raise UnknownName("transition", transition, input_files.FOLDERS)
    infos = []
    for wanted in input_files.FOLDERS if transition is None else (transition,):
        folder = input_files.inputs_folder() / "form_factors" / input_files.FOLDERS[wanted]
        files = (input_files.read_form_factors(wanted, name) for name in input_files.set_names(folder))
        infos += [InputSetInfo(f.name, f.date, f.note, f.transition) for f in files]
    return tuple(infos)


def input_values(name: str = DEFAULT) -> tuple[InputValue, ...]:
    """The constants of a set as its file states them, with unit and source. Raises UnknownName, BadData."""
    return input_files.read_constants(name, CONSTANTS).values


def load_inputs(
    name: str = DEFAULT, form_factors: Mapping[str, str] | None = None, folder: Traversable | None = None
) -> InputSet:
    """Load a set of inputs.

    form_factors : set to use for a transition in place of the one that the file chooses, e.g. {"B->K": "hpqcd-2022"}.
    folder : where the files lie, in the layout of data/inputs; the package's own by default.
    Raises UnknownName for a set or a transition that does not exist, BadData for a file that is not sound.
    """
    constants = input_files.read_constants(name, CONSTANTS, folder)
    overrides = dict(form_factors or {})
    for transition in overrides:
        if transition not in constants.form_factors:
            raise UnknownName("transition", transition, constants.form_factors)
    chosen = constants.form_factors | overrides
    sets_folder = None if folder is None else folder / "form_factors"
    sets = [input_files.read_form_factors(transition, chosen[transition], sets_folder) for transition in sorted(chosen)]
    return _assemble(constants.name, constants.values, sets, constants.digest)


def _assemble(name: str, values: tuple[InputValue, ...], sets: list[FormFactorFile], digest: str) -> InputSet:
    moving = [v for v in values if v.map != "fixed"]
    n_number = len(values) + sum(len(s.names) for s in sets)
    names = [v.name for v in moving] + [f"{s.transition} {c}" for s in sets for c in s.names]
    factor = np.zeros((n_number, len(names)))
    for column, v in enumerate(moving):
        factor[values.index(v), column] = units.to_gev(v.error, v.unit)
    row, column = len(values), len(moving)
    for s in sets:
        n = len(s.names)
        factor[row : row + n, column : column + n] = np.linalg.cholesky(s.covariance)
        row, column = row + n, column + n
    mean = np.concatenate([[units.to_gev(v.value, v.unit) for v in values], *(s.central for s in sets)])
    return InputSet(
        mean=jnp.asarray(mean),
        factor=jnp.asarray(factor),
        log=jnp.asarray([v.map == "log-normal" for v in values] + [False] * (n_number - len(values))),
        templates={s.transition: form_factors(s.transition, s.series, s.names, s.central) for s in sets},
        name=name,
        names=tuple(names),
        form_factor_sets=tuple((s.transition, s.name) for s in sets),
        constant_references=tuple(dict.fromkeys(v.reference for v in values)),
        form_factor_references=tuple((s.transition, tuple(s.references)) for s in sets),
        digest=hashlib.sha256("".join([digest, *(s.digest for s in sets)]).encode()).hexdigest(),
    )
