"""What a result file must contain. `reading.read_result` reports every fault at once, each with its place.

A result is one file `<name>.toml`, or a folder `<name>/` with `result.toml` and tables. Keys of every kind: `name`,
`title`, `references`, `likelihood`, `source`, `assumptions`; optional `overlaps`, `validity`, `tables` (SHA-256 of each
table), `needs`. The other keys depend on `likelihood`: see the classes below.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from darkpenguin.core import catalogue
from darkpenguin.errors import UnknownName, suggestion

ROUNDING = 1e-9  # asymmetry and negative eigenvalue that the printing of a correlation matrix in doubles can leave

FloatArray = np.ndarray[Any, np.dtype[np.float64]]


# --- single values ----------------------------------------------------------------------------------------------------


def _observable(name: str) -> str:
    try:
        return catalogue.find(name).name
    except UnknownName as error:
        raise ValueError(str(error)) from None


def _scalar_observable(name: str) -> str:
    known = _observable(name)
    if not catalogue.find(known).is_scalar:
        raise ValueError(f"'{known}' is not one number; expected e.g. a branching fraction")
    return known


def _reference(key: str) -> str:
    from darkpenguin.cite import known_keys

    known = known_keys()
    if key not in known:
        raise ValueError(f"reference '{key}' is not in references.bib{suggestion(key, known)}")
    return key


def _part(name: str) -> str:
    if not name or any(c in name for c in ":, "):
        raise ValueError("expected a name without colon, comma and blanks")
    return name


ObservableName = Annotated[str, AfterValidator(_observable)]
ScalarObservable = Annotated[str, AfterValidator(_scalar_observable)]
Reference = Annotated[str, AfterValidator(_reference)]
Part = Annotated[str, AfterValidator(_part)]
ResultName = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Checksum = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Source(_Strict):
    """Where the numbers were taken from and when; at least one address. `sha256` is that of the originals."""

    retrieved: datetime.date
    arxiv: str | None = None
    doi: str | None = None
    hepdata: str | None = None
    url: str | None = None
    where: str | None = None  # table, figure, page
    note: str | None = None
    version: int | None = None
    sha256: Checksum | dict[str, Checksum] | None = None

    @model_validator(mode="after")
    def _has_address(self) -> Source:
        if not (self.arxiv or self.doi or self.hepdata or self.url):
            raise ValueError("expected at least one of arxiv, doi, hepdata, url")
        return self


class Entry(NamedTuple):
    """One measured number (or one selection of channels) that can be used alone: the `part` of "result:part"."""

    part: str
    observable: str
    overlaps: tuple[str, ...] = ()


class ResultFile(_Strict):
    """The keys that every result has. `overlaps` holds for all parts; an entry may have more of its own."""

    name: ResultName
    title: str
    references: Annotated[list[Reference], Field(min_length=1)]
    likelihood: str
    source: Source
    assumptions: Annotated[list[str], Field(min_length=1)]
    needs: list[Literal["spectrum"]] = ["spectrum"]
    overlaps: list[str] = []
    validity: dict[str, Annotated[list[float], Field(min_length=2, max_length=2)]] = {}
    tables: dict[str, Checksum] = {}

    def entries(self) -> tuple[Entry, ...]:
        """The measured numbers, in the order of the file."""
        return ()

    def parts(self) -> tuple[str, ...]:
        """What may follow the colon in "name:part"."""
        return tuple(entry.part for entry in self.entries())


# --- gaussian ---------------------------------------------------------------------------------------------------------


class ValueEntry(_Strict):
    """One measured value, in the unit of the catalogue."""

    part: Part
    observable: ScalarObservable
    value: float
    overlaps: list[str] = []


class ErrorEntry(_Strict):
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


class GaussianFile(ResultFile):
    """`likelihood = "gaussian"`: measured values and the sources of their errors."""

    values: Annotated[list[ValueEntry], Field(min_length=1)]
    errors: Annotated[list[ErrorEntry], Field(min_length=1)]

    def entries(self) -> tuple[Entry, ...]:
        return tuple(Entry(v.part, v.observable, tuple(v.overlaps)) for v in self.values)


# --- upper limits -----------------------------------------------------------------------------------------------------


class HalfNormalLimit(_Strict):
    """A limit of which nothing else is published."""

    part: Part
    observable: ScalarObservable
    limit: Positive
    overlaps: list[str] = []
    form: Literal["half_normal"] = "half_normal"


class TruncatedGaussianLimit(_Strict):
    """A limit with central value and errors (added in quadrature), in events or in the unit of the observable."""

    part: Part
    observable: ScalarObservable
    limit: Positive
    overlaps: list[str] = []
    form: Literal["truncated_gaussian"]
    central: float
    errors: Annotated[list[Positive], Field(min_length=1)]
    unit: Literal["events", "observable"]


class CountingLimit(_Strict):
    """A limit with observed events and expected background events."""

    part: Part
    observable: ScalarObservable
    limit: Positive
    overlaps: list[str] = []
    form: Literal["counting"]
    observed: Annotated[int, Field(ge=0)]
    background: Positive
    background_error: NotNegative


def _form(value: Any) -> str | None:
    return value.get("form", "half_normal") if isinstance(value, dict) else getattr(value, "form", None)


LimitEntry = Annotated[
    Annotated[HalfNormalLimit, Tag("half_normal")]
    | Annotated[TruncatedGaussianLimit, Tag("truncated_gaussian")]
    | Annotated[CountingLimit, Tag("counting")],
    Discriminator(_form),
]


class UpperLimitFile(ResultFile):
    """`likelihood = "upper_limit"`: quoted limits.

    confidence_level : of all limits.   method : how the experiment made them.
    """

    confidence_level: Annotated[float, Field(gt=0.5, lt=1)]
    method: str
    limits: Annotated[list[LimitEntry], Field(min_length=1)]

    def entries(self) -> tuple[Entry, ...]:
        return tuple(Entry(limit.part, limit.observable, tuple(limit.overlaps)) for limit in self.limits)


# --- others -----------------------------------------------------------------------------------------------------------


class HistFactoryFile(ResultFile):
    """`likelihood = "histfactory"`: a folder with tables; their content is checked when the likelihood is built."""

    observable: ObservableName
    tables: Annotated[dict[str, Checksum], Field(min_length=1)]
    density: dict[str, Any]
    null: dict[str, Any]

    def entries(self) -> tuple[Entry, ...]:
        return (Entry("inclusive", self.observable), Entry("hadronic", self.observable))


class OwnFile(ResultFile):
    """`likelihood = "module:Class"`: a class of the user's own; all its numbers are in `data`."""

    observables: Annotated[list[ObservableName], Field(min_length=1)]
    data: dict[str, Any] = {}

    def entries(self) -> tuple[Entry, ...]:
        return tuple(Entry(name, name) for name in self.observables)

    def parts(self) -> tuple[str, ...]:
        return ()


KINDS: dict[str, type[ResultFile]] = {
    "gaussian": GaussianFile,
    "histfactory": HistFactoryFile,
    "upper_limit": UpperLimitFile,
}


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
