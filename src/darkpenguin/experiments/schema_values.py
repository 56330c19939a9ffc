"""Result files about single numbers: measured values with errors, and quoted upper limits.

See `schema` for the keys that every result has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Discriminator, Field, Tag, model_validator

from darkpenguin.experiments.schema import (
    Entry,
    FloatArray,
    Increasing,
    NotNegative,
    Part,
    Positive,
    ResultFile,
    ScalarObservable,
    Strict,
)

ROUNDING = 1e-9  # asymmetry and negative eigenvalue that the printing of a correlation matrix in doubles can leave
SHARES = 2e-3  # by how much shares of a spectrum may miss 1: they are given with three or four digits


# --- acceptance -------------------------------------------------------------------------------------------------------


class AcceptanceEntry(Strict):
    """How the efficiency of a published branching fraction changes with true q2.

    edges [n + 1] : true q2, GeV^2.   efficiency [n] : in each bin, in any unit.
    standard_model [n] : share of the Standard Model's branching fraction in each bin, over which the efficiency is
        averaged; without it `efficiency` is relative to that average already.
    parts : of the result that it holds for; all by default.   source : where it comes from.
    """

    source: str
    edges: Increasing
    efficiency: Annotated[list[NotNegative], Field(min_length=1)]
    standard_model: list[NotNegative] | None = None
    parts: list[Part] | None = None

    @model_validator(mode="after")
    def _complete(self) -> AcceptanceEntry:
        n = len(self.edges) - 1
        for name, values in (("efficiency", self.efficiency), ("standard_model", self.standard_model)):
            if values is not None and len(values) != n:
                raise ValueError(f"expected {n} entries of {name}, one for each bin, found {len(values)}")
        if self.standard_model is not None and abs(sum(self.standard_model) - 1) > SHARES:
            raise ValueError(f"expected shares that add up to 1, found {sum(self.standard_model):.6g}")
        if not self.average() > 0:
            raise ValueError("expected an efficiency that is not zero everywhere")
        return self

    def average(self) -> float:
        """<epsilon> over the Standard Model's spectrum; 1 if the efficiencies are relative already."""
        if self.standard_model is None:
            return 1.0 if any(self.efficiency) else 0.0
        return float(np.dot(self.efficiency, self.standard_model))

    def relative(self) -> FloatArray:
        """epsilon / <epsilon> in each bin."""
        return np.array(self.efficiency) / self.average()


class RateFile(ResultFile):
    """A result about single numbers, for which the change of the efficiency with q2 may be known."""

    acceptance: list[AcceptanceEntry] = Field(default_factory=list)

    def acceptance_of(self, part: str) -> AcceptanceEntry | None:
        """The entry that holds for a part, if there is one."""
        return next((one for one in self.acceptance if one.parts is None or part in one.parts), None)


# --- gaussian ---------------------------------------------------------------------------------------------------------


class ValueEntry(Strict):
    """One measured value, in the unit of the catalogue."""

    part: Part
    observable: ScalarObservable
    value: float
    overlaps: list[str] = Field(default_factory=list)
    optional: bool = False


class ErrorEntry(Strict):
    """One source of error for all values: `error` (symmetric), or `plus` and `minus`, or a `covariance`.

    kind : "absolute" (units of the observable), or "relative" (fraction of the prediction, symmetric).
    correlation : "none", "full", or a matrix. A correlation matrix may be singular, the sum of all sources may not.
    """

    source: str
    kind: Literal["absolute", "relative"] = "absolute"
    error: list[NotNegative] | None = None
    plus: list[NotNegative] | None = None
    minus: list[NotNegative] | None = None
    covariance: list[list[float]] | None = None
    correlation: Literal["none", "full"] | list[list[float]] = "none"

    @model_validator(mode="after")
    def _complete(self) -> ErrorEntry:
        ways = (self.error is not None, self.plus is not None or self.minus is not None, self.covariance is not None)
        if sum(ways) != 1 or (ways[1] and (self.plus is None or self.minus is None)):
            raise ValueError("expected one of: error; plus and minus; covariance")
        if self.kind == "relative" and self.error is None:
            raise ValueError("a relative source must be symmetric: expected the key error")
        if self.covariance is not None:
            check_symmetric(self.covariance, "covariance")
            if any(row[i] <= 0 for i, row in enumerate(self.covariance)):
                raise ValueError("expected positive variances on the diagonal of the covariance")
            if self.correlation != "none":
                raise ValueError("a covariance holds its own correlation: leave the key correlation out")
        elif not isinstance(self.correlation, str):
            check_symmetric(self.correlation, "correlation")
            if any(abs(row[i] - 1) > ROUNDING for i, row in enumerate(self.correlation)):
                raise ValueError("expected ones on the diagonal of the correlation")
        matrix = self.correlation_matrix()
        if len(matrix) != len(self):
            raise ValueError(f"expected a correlation of {len(self)} values, found {len(matrix)} rows")
        smallest = float(np.linalg.eigvalsh(matrix)[0])
        if smallest < -ROUNDING:
            raise ValueError(
                f"correlations that cannot be: smallest eigenvalue {smallest:.6g} of the correlation matrix"
            )
        return self

    def __len__(self) -> int:
        """Number of values that the source has errors for."""
        return len(self.error or self.plus or self.covariance or [])

    def sizes(self) -> tuple[FloatArray, FloatArray]:
        """Errors upwards and downwards, both positive; fractions for a relative source."""
        if self.covariance is not None:
            sigma = np.sqrt(np.diag(self.covariance))
            return sigma, sigma
        if self.error is not None:
            return np.array(self.error), np.array(self.error)
        return np.array(self.plus), np.array(self.minus)

    def correlation_matrix(self) -> FloatArray:
        """rho of the source."""
        if self.covariance is not None:
            sigma = np.sqrt(np.diag(self.covariance))
            return np.array(self.covariance) / np.outer(sigma, sigma)
        if isinstance(self.correlation, str):
            return np.eye(len(self)) if self.correlation == "none" else np.ones((len(self), len(self)))
        return np.array(self.correlation)


class GaussianFile(RateFile):
    """`likelihood = "gaussian"`: measured values and the sources of their errors."""

    values: Annotated[list[ValueEntry], Field(min_length=1)]
    errors: Annotated[list[ErrorEntry], Field(min_length=1)]

    def entries(self) -> tuple[Entry, ...]:
        return tuple(Entry(v.part, v.observable, tuple(v.overlaps), v.optional) for v in self.values)


# --- upper limits -----------------------------------------------------------------------------------------------------


class BaseLimit(Strict):
    """What every limit has.

    share : of the observable that the limit is on, e.g. of an inclusive rate in one region of the hadronic mass.
    """

    part: Part
    observable: ScalarObservable
    limit: Positive
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    overlaps: list[str] = Field(default_factory=list)
    optional: bool = False


class HalfNormalLimit(BaseLimit):
    """A limit of which nothing else is published."""

    form: Literal["half_normal"] = "half_normal"


class TruncatedGaussianLimit(BaseLimit):
    """A limit with central value and errors (added in quadrature), in events or in the unit of the observable."""

    form: Literal["truncated_gaussian"]
    central: float
    errors: Annotated[list[Positive], Field(min_length=1)]
    unit: Literal["events", "observable"]


class CountingLimit(BaseLimit):
    """A limit with observed events and expected background events."""

    form: Literal["counting"]
    observed: Annotated[int, Field(ge=0)]
    background: Positive
    background_error: NotNegative


class OneSidedLimit(BaseLimit):
    """A measured value that must not be exceeded: less than it is as good as it, because something else may add up."""

    form: Literal["one_sided"]
    central: float
    errors: Annotated[list[Positive], Field(min_length=1)]


class TwoSidedLimit(BaseLimit):
    """A measured value that counts as a limit in both directions; `limit` is how far a model may be from it."""

    form: Literal["two_sided"]
    central: float
    errors: Annotated[list[Positive], Field(min_length=1)]


def _form(value: Any) -> str | None:
    return value.get("form", "half_normal") if isinstance(value, dict) else getattr(value, "form", None)


LimitEntry = Annotated[
    Annotated[HalfNormalLimit, Tag("half_normal")]
    | Annotated[TruncatedGaussianLimit, Tag("truncated_gaussian")]
    | Annotated[CountingLimit, Tag("counting")]
    | Annotated[OneSidedLimit, Tag("one_sided")]
    | Annotated[TwoSidedLimit, Tag("two_sided")],
    Discriminator(_form),
]


class UpperLimitFile(RateFile):
    """`likelihood = "upper_limit"`: quoted limits.

    confidence_level : of all limits.   method : how the experiment made them.
    """

    confidence_level: Annotated[float, Field(gt=0.5, lt=1)]
    method: str
    limits: Annotated[list[LimitEntry], Field(min_length=1)]

    def entries(self) -> tuple[Entry, ...]:
        return tuple(Entry(e.part, e.observable, tuple(e.overlaps), e.optional) for e in self.limits)


# --- matrices ---------------------------------------------------------------------------------------------------------


def check_symmetric(rows: Sequence[Sequence[float]], what: str) -> None:
    """Raises ValueError, with the place, if the rows are no symmetric square matrix."""
    n = len(rows)
    if any(len(row) != n for row in rows):
        raise ValueError(f"expected a square {what}, found {n} rows of lengths {', '.join(str(len(r)) for r in rows)}")
    for i in range(n):
        for j in range(i):
            if abs(rows[i][j] - rows[j][i]) > ROUNDING * max(abs(rows[i][j]), abs(rows[j][i])):
                place = f"{rows[i][j]:g} in row {i + 1}, column {j + 1} and {rows[j][i]:g} opposite"
                raise ValueError(f"expected a symmetric {what}, found {place}")


def total_covariance(values: Sequence[float], errors: Sequence[ErrorEntry]) -> FloatArray:
    """Sum of all sources [n, n] at the measured values; the mean of the two errors where they differ."""
    total = np.zeros((len(values), len(values)))
    for error in errors:
        sigma = np.mean(error.sizes(), axis=0) * (np.abs(values) if error.kind == "relative" else 1.0)
        total += np.outer(sigma, sigma) * error.correlation_matrix()
    return total
