"""What a model is: a frozen set of documented parameters that yields couplings."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array

from darkpenguin._jax import jnp
from darkpenguin.core.dark import Dark
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import Couplings, Quarks, Scalar
from darkpenguin.core.visible import Visible
from darkpenguin.errors import CardError, Problem, suggestion

if TYPE_CHECKING:
    from darkpenguin.decays.mediator import Mediator
    from darkpenguin.decays.visible_line import VisibleLine

REQUIRED = None


class Range(NamedTuple):
    """A free parameter: fitted within [low, high]; scans and limits use `points` values on `scale`."""

    low: float
    high: float
    points: int = 30
    scale: Literal["linear", "log"] = "linear"

    def grid(self) -> np.ndarray:
        """The scan values, both ends included."""
        space = np.geomspace if self.scale == "log" else np.linspace
        return space(self.low, self.high, self.points)


@dataclasses.dataclass(frozen=True)
class Parameter:
    """Unit, allowed range and meaning of one model parameter. `default` is None when the user must give a value."""

    name: str
    unit: str
    low: float
    high: float
    doc: str
    scale: Literal["linear", "log"]
    latex: str
    default: float | None

    @property
    def in_unit(self) -> str:
        """The unit behind a number, with the blank; nothing for a pure number."""
        return "" if self.unit == "1" else f" {self.unit}"


def _strong(value: Any) -> Scalar:
    # a bare Python float would give a weak type, and with it a second compilation
    return jnp.asarray(value, dtype=jnp.float64)


def parameter(
    unit: str,
    low: float,
    high: float,
    doc: str,
    *,
    scale: Literal["linear", "log"] = "linear",
    latex: str = "",
    default: float | None = REQUIRED,
) -> Any:
    """Declare a model parameter.

    unit : e.g. "GeV", "GeV^-2", "1".
    low, high : allowed range, both ends included.
    scale : the scale on which scans and plots run.
    default : the value when the user gives none; None makes the parameter required.
    """
    declared = (unit, low, high, doc, scale, latex, default)
    metadata = {"darkpenguin": dict(zip(_KEYS, declared, strict=True))}
    if default is None:
        return eqx.field(converter=_strong, metadata=metadata, kw_only=True)
    return eqx.field(converter=_strong, default=default, metadata=metadata, kw_only=True)


class AbstractModel(eqx.Module):
    """Parameters -> couplings. A subclass declares parameters and writes `couplings`; that is all it needs.

    Class constants: `name` (as in cards), `title`, `references` (keys of data/references.bib), `benchmarks` (named
    points).
    """

    name: ClassVar[str]
    title: ClassVar[str]
    references: ClassVar[tuple[str, ...]] = ()
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {}
    set_by_inputs: ClassVar[tuple[str, ...]] = ()
    """Parameters that take a Standard Model value from the inputs when the user gives none; see `input_defaults`."""

    @abc.abstractmethod
    def couplings(self, inputs: Inputs) -> Couplings:
        """Everything invisible that b -> s can produce in this model, the Standard Model's neutrinos included."""

    def couplings_in(self, quarks: Quarks, inputs: Inputs) -> Couplings | None:
        """The same for b -> d, s -> d or c -> u. None: the rule of `flavour.quark_flavours.couplings_of` holds."""
        del quarks, inputs
        return None

    @classmethod
    def moves(cls, quarks: Quarks, held: Mapping[str, float]) -> bool:
        """Whether the model may add something of its own in a quark transition, with some parameters held."""
        del held
        return quarks == "bs" or cls.couplings_in is not AbstractModel.couplings_in

    def visible(self, inputs: Inputs) -> Visible:
        """New physics in decays into charged leptons and in mixing; none unless the model says so."""
        del inputs
        return Visible()

    def dark(self, inputs: Inputs) -> Dark | None:
        """The dark matter of the model in cosmology and detectors; None: it has none, or does not say."""
        del inputs
        return None

    def visible_lines(self, inputs: Inputs, quarks: Quarks = "bs") -> tuple[VisibleLine, ...]:
        """Particles that may decay within the detector, as a quark transition makes them, with what they decay to.

        None by default.
        """
        del inputs, quarks
        return ()

    def partial_widths(self, inputs: Inputs) -> Mapping[str, Mapping[str, Scalar]]:
        """Mediator -> final state -> width in GeV, every final state that the total width counts; none by default."""
        del inputs
        return {}

    def coupling_parts(self, inputs: Inputs) -> Mapping[str, Array]:
        """What adds up to the coupling of quarks to a mediator, complex, by name; none by default."""
        del inputs
        return {}

    def mediators(self, inputs: Inputs) -> tuple[Mediator, ...]:
        """The mediators as searches for their own couplings know them; none by default."""
        del inputs
        return ()

    def notes(self) -> tuple[str, ...]:
        """Sentences on where formulas of the model do not hold at this point; for concrete numbers only."""
        return ()

    @classmethod
    def input_defaults(cls, inputs: Inputs) -> dict[str, float]:
        """Values for the names in `set_by_inputs`."""
        del inputs
        return {}

    @classmethod
    def faults(cls, values: Mapping[str, float]) -> list[Problem]:
        """Faults that involve several parameters at once; a model overrides this where it has such rules."""
        del values
        return []

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """The declared parameters, in order."""
        fields = (f for f in dataclasses.fields(cls) if "darkpenguin" in f.metadata)
        return tuple(Parameter(name=f.name, **{k: f.metadata["darkpenguin"][k] for k in _KEYS}) for f in fields)


_KEYS = ("unit", "low", "high", "doc", "scale", "latex", "default")


def check_values(cls: type[AbstractModel], values: Mapping[str, float], *, missing: bool = True) -> list[Problem]:
    """All faults of parameter values: unknown names, values out of range or not finite, required ones missing."""
    known = {p.name: p for p in cls.parameters()}
    own = cls.faults(values)
    answered = {p.where for p in own}
    problems = [
        Problem(name, f"unknown parameter of '{cls.name}'{suggestion(name, known)}")
        for name in values
        if name not in known and name not in answered
    ]
    for name, value in values.items():
        p = known.get(name)
        if p is not None and not (np.isfinite(value) and p.low <= value <= p.high):
            problems.append(
                Problem(name, f"{value:g}{p.in_unit} is outside the allowed range {p.low:g} to {p.high:g}{p.in_unit}")
            )
    if missing:
        problems += [
            Problem(
                p.name, f"required parameter of '{cls.name}' is missing: {p.doc}, {p.low:g} to {p.high:g}{p.in_unit}"
            )
            for p in known.values()
            if p.default is None and p.name not in values and p.name not in cls.set_by_inputs
        ]
    return problems + own


def defaults(cls: type[AbstractModel], inputs: Inputs) -> dict[str, float]:
    """Every parameter that has a default, declared or from the inputs, with it."""
    declared = {p.name: float(p.default) for p in cls.parameters() if p.default is not None}
    return declared | cls.input_defaults(inputs)


def complete(cls: type[AbstractModel], values: Mapping[str, float], inputs: Inputs) -> dict[str, float]:
    """The given values, and the default of every other parameter, in the order of declaration."""
    known = defaults(cls, inputs) | dict(values)
    return {p.name: float(known[p.name]) for p in cls.parameters()}


def build(
    cls: type[AbstractModel], values: Mapping[str, float], inputs: Inputs, source: str = "parameters"
) -> AbstractModel:
    """A model at the given parameter values.

    Raises CardError with every fault at once: unknown name, value out of range, required parameter missing.
    """
    problems = check_values(cls, values)
    if problems:
        raise CardError(source, problems)
    return cls(**complete(cls, values, inputs))
