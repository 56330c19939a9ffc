"""Result files about spectra: limits and bands as functions of a boson's mass, and counts folded by hand.

See `schema` for the keys that every result has.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, field_validator, model_validator

from darkpenguin.core import catalogue
from darkpenguin.core.catalogue import decay_name
from darkpenguin.core.dark_names import DARK_ENTRIES
from darkpenguin.errors import suggestion
from darkpenguin.experiments.schema import Entry, Increasing, NotNegative, Part, Positive, ResultFile, Strict
from darkpenguin.experiments.schema_values import ErrorEntry


def _mode(name: str) -> str:
    known = [mode for mode in catalogue.MODES if mode not in catalogue.ANNIHILATION_MODES]
    if name not in known:
        raise ValueError(f"unknown decay mode '{name}'{suggestion(name, known)}")
    return name


Mode = Annotated[str, AfterValidator(_mode)]
TableName = Annotated[str, Field(pattern=r"^[\w.-]+\.csv$")]


def spectrum_name(mode: str) -> str:
    """The observable "everything that a mode shows", which a result about a spectrum needs."""
    return f"spectrum({decay_name(mode, 'inv')})"


# --- curve ------------------------------------------------------------------------------------------------------------

MASS_OF_DARK_MATTER = "m_DM"
CURVE_COLUMNS = {"limit": ("mass", "limit"), "band": ("mass", "value", "low", "high")}


class BaseCurve(Strict):
    """Something against a mass.

    form : "limit", an upper limit; "band", a value with the two ends of its interval.
    points : rows of mass [GeV] and limit, or of mass, value, low end, high end; or a `table` with these columns.
    """

    part: Part
    form: Literal["limit", "band"] = "limit"
    points: list[list[float]] | None = None
    table: TableName | None = None
    overlaps: list[str] = Field(default_factory=list)
    optional: bool = False

    @model_validator(mode="after")
    def _one_source(self) -> BaseCurve:
        if (self.points is None) == (self.table is None):
            raise ValueError("expected one of: points; table")
        return self


class CurveEntry(BaseCurve):
    """Branching fraction of mode + one invisible boson against its mass.

    gaps : ranges of mass inside the table in which the search says nothing [GeV].
    """

    mode: Mode
    gaps: list[Annotated[Increasing, Field(max_length=2)]] = Field(default_factory=list)


class CurveFile(ResultFile):
    """`likelihood = "curve"`.

    confidence_level : of all limits, or of the intervals of a band.   method : how they were made.
    """

    confidence_level: Annotated[float, Field(gt=0.5, lt=1)]
    method: str
    curves: Annotated[list[CurveEntry], Field(min_length=1)]

    def entries(self) -> tuple[Entry, ...]:
        return tuple(Entry(c.part, spectrum_name(c.mode), tuple(c.overlaps), c.optional) for c in self.curves)


# --- dark curve -------------------------------------------------------------------------------------------------------


def _dark_observable(name: str) -> str:
    known = [entry.name for entry in DARK_ENTRIES]
    if name not in known:
        raise ValueError(f"'{name}' is no observable of dark matter{suggestion(name, known)}")
    return name


class DarkCurveEntry(BaseCurve):
    """Upper limit on an observable of dark matter against its mass [GeV]."""

    observable: Annotated[str, AfterValidator(_dark_observable)]
    form: Literal["limit"] = "limit"


class DarkCurveFile(ResultFile):
    """`likelihood = "dark_curve"`.

    confidence_level : of all limits.   method : how they were made.
    """

    confidence_level: Annotated[float, Field(gt=0.5, lt=1)]
    method: str
    curves: Annotated[list[DarkCurveEntry], Field(min_length=1)]

    def entries(self) -> tuple[Entry, ...]:
        return tuple(Entry(c.part, c.observable, tuple(c.overlaps), c.optional) for c in self.curves)

    def also_needed(self) -> tuple[str, ...]:
        return (MASS_OF_DARK_MATTER,)


# --- folded -----------------------------------------------------------------------------------------------------------


class Sample(Strict):
    """Number of parent mesons, 2 f n_BB.

    n_BB : produced pairs.   f : share of the pairs that are of the charge in question, f_+- or f_00, about 1/2.
    """

    n_BB: Positive
    f: Annotated[float, Field(gt=0, le=1)]


class TableEfficiency(Strict):
    """epsilon at q2 [GeV^2], a straight line between the points and constant beyond them."""

    form: Literal["table"]
    q2: Increasing | None = None
    values: list[NotNegative] | None = None
    table: TableName | None = None

    @model_validator(mode="after")
    def _one_source(self) -> TableEfficiency:
        inline = self.q2 is not None and self.values is not None
        if inline == (self.table is not None):
            raise ValueError("expected q2 and values, or a table with the columns q2,efficiency")
        if self.q2 is not None and self.values is not None and len(self.q2) != len(self.values):
            raise ValueError(f"expected as many values as q2, found {len(self.values)} and {len(self.q2)}")
        return self


class ExponentialEfficiency(Strict):
    """epsilon = scale exp(-q2 / slope), slope in GeV^2."""

    form: Literal["exponential"]
    scale: Positive
    slope: Positive


class PolynomialEfficiency(Strict):
    """epsilon = sum_k coefficients[k] q2^k, zero where that is negative; GeV^-2k."""

    form: Literal["polynomial"]
    coefficients: Annotated[list[float], Field(min_length=1)]


class GaussianSmearing(Strict):
    """Reconstructed q2 is Gaussian around true q2 + bias with width sigma, GeV^2; it may leave the physical range."""

    form: Literal["gaussian"]
    sigma: Positive
    bias: float = 0.0


class MatrixSmearing(Strict):
    """Probability of each reconstructed bin (row) for each bin of true q2 (column); columns add up to at most 1.

    edges [n_true + 1] : true q2, GeV^2; outside nothing is reconstructed.
    matrix : rows; or a `table` with columns true_0, true_1, ... and a line for each reconstructed bin.
    """

    form: Literal["matrix"]
    edges: Increasing
    matrix: list[list[NotNegative]] | None = None
    table: TableName | None = None

    @model_validator(mode="after")
    def _one_source(self) -> MatrixSmearing:
        if (self.matrix is None) == (self.table is None):
            raise ValueError("expected one of: matrix; table")
        return self


class Bins(Strict):
    """Reconstructed bins: `edges` of q2 [GeV^2], `observed` counts and expected `background` events in each.

    table : a table with the columns low,high,observed,background in place of the three.
    """

    edges: Increasing | None = None
    observed: list[NotNegative] | None = None
    background: list[NotNegative] | None = None
    table: TableName | None = None

    @model_validator(mode="after")
    def _complete(self) -> Bins:
        given = [x is not None for x in (self.edges, self.observed, self.background)]
        if (self.table is not None and any(given)) or (self.table is None and not all(given)):
            raise ValueError("expected edges, observed and background, or a table")
        if self.edges is not None and self.observed is not None and self.background is not None:
            n = len(self.edges) - 1
            for name, values in (("observed", self.observed), ("background", self.background)):
                if len(values) != n:
                    raise ValueError(f"expected {n} entries of {name}, one for each bin, found {len(values)}")
        return self


def _by_form(value: Any) -> str | None:
    return value.get("form") if isinstance(value, dict) else getattr(value, "form", None)


Efficiency = Annotated[
    Annotated[TableEfficiency, Tag("table")]
    | Annotated[ExponentialEfficiency, Tag("exponential")]
    | Annotated[PolynomialEfficiency, Tag("polynomial")],
    Discriminator(_by_form),
]
Smearing = Annotated[
    Annotated[GaussianSmearing, Tag("gaussian")] | Annotated[MatrixSmearing, Tag("matrix")], Discriminator(_by_form)
]


class FoldedFile(ResultFile):
    """`likelihood = "folded"`: counts in bins of reconstructed q2, and how a spectrum of true q2 becomes counts.

    errors : sources of error of the background; "absolute" in events, "relative" as a fraction of it; symmetric.
    """

    mode: Mode
    sample: Sample
    efficiency: Efficiency
    smearing: Smearing
    bins: Bins
    errors: list[ErrorEntry] = Field(default_factory=list)

    def entries(self) -> tuple[Entry, ...]:
        return (Entry("all", spectrum_name(self.mode)),)

    def parts(self) -> tuple[str, ...]:
        return ()

    @field_validator("errors")
    @classmethod
    def _symmetric(cls, errors: list[ErrorEntry]) -> list[ErrorEntry]:
        if any(e.plus is not None for e in errors):
            raise ValueError("errors of a background are symmetric: expected error or covariance")
        return errors
