"""Complex coefficients of operators as pairs of real model parameters, declared from a table."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, TypeVar, cast

from darkpenguin.core.model import AbstractModel, parameter
from darkpenguin.core.types import Scalar
from darkpenguin.errors import Problem
from darkpenguin.flavour.invisible.couplings import Coupling

IMAGINARY = "_im"


class Operator(NamedTuple):
    """One operator of a model. Its coefficient C gives the parameters `name` (Re C) and `name`_im (Im C, default 0).

    text : the operator, as shown to the user.
    low, high, scale, latex, default : those of the real part; the imaginary part takes the range but not the default.
    """

    name: str
    unit: str
    text: str
    low: float = -1.0
    high: float = 1.0
    scale: Any = "log"
    latex: str = ""
    default: float | None = 0.0

    def declared(self) -> dict[str, Any]:
        """The two parameters."""
        latex = (self.latex, rf"\mathrm{{Im}}\,{self.latex}") if self.latex else ("", "")
        texts = f"coefficient of {self.text}", f"imaginary part of {self.name}"
        names = self.name, self.name + IMAGINARY
        return {
            name: parameter(self.unit, self.low, self.high, text, scale=self.scale, latex=symbol, default=default)
            for name, text, symbol, default in zip(names, texts, latex, (self.default, 0.0), strict=True)
        }


class HasOperators(AbstractModel):
    """A model with an operator table; `with_coefficients` declares its parameters.

    operators : the table.
    vanishing : names that a user may expect but that vanish identically; giving one is answered with the reason.
    """

    operators: ClassVar[tuple[Operator, ...]] = ()
    vanishing: ClassVar[tuple[str, ...]] = ()

    def coefficients(self) -> dict[str, Coupling]:
        """Every coefficient as a complex number, by operator name."""
        return {o.name: getattr(self, o.name) + 1j * getattr(self, o.name + IMAGINARY) for o in self.operators}

    @classmethod
    def faults(cls, values: Mapping[str, float]) -> list[Problem]:
        """A coefficient of an operator that vanishes identically."""
        survive = ", ".join(o.name for o in cls.operators)
        return super().faults(values) + [
            Problem(
                name, f"this operator vanishes identically for a self-conjugate field; those that survive: {survive}"
            )
            for name in values
            if name.removesuffix(IMAGINARY) in cls.vanishing
        ]


Model = TypeVar("Model", bound=HasOperators)


def with_coefficients(cls: type[Model]) -> type[Model]:
    """Class decorator: declare Re C and Im C of every row of `cls.operators`, in the order of the table.

    Fields of a dataclass must exist when the class is made. So this returns a class of the same name derived from the
    decorated one, with the parameters behind those that are written there by hand.
    """
    fields: dict[str, Any] = {}
    for operator in cls.operators:
        fields |= operator.declared()
    namespace = {
        "__annotations__": dict.fromkeys(fields, Scalar),
        "__doc__": cls.__doc__,
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        **fields,
    }
    return cast(type[Model], types.new_class(cls.__name__, (cls,), exec_body=lambda body: body.update(namespace)))
