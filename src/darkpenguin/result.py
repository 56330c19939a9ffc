"""What the verbs return: small named containers of plain numbers, saved to and loaded from JSON.

A number that could not be computed is None and has a status beside it; NaN and infinity never reach a file.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from darkpenguin.errors import BadData
from darkpenguin.exclusion import ExclusionPlane, LimitAtPoint

CONVERGED = "converged"
NOT_CONVERGED = "not converged"
INVALID = "invalid input"
CLOSED = "channel closed"
OUT_OF_DOMAIN = "out of domain"
OK = "ok"

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Quantity:
    """A predicted number with its theory error (one standard deviation, symmetric) and unit."""

    value: float | None
    error: float | None
    unit: str


@dataclasses.dataclass(frozen=True)
class LikelihoodValue:
    """-2 ln L of one experimental result at one point, profiled over that result's own nuisances."""

    minus_two_log_likelihood: float | None
    status: str


@dataclasses.dataclass(frozen=True)
class Point:
    """All observables and likelihoods of one model at one parameter point.

    searches : predicted rate over the limit of each search for a mediator of the model; above 1: excluded.
    warnings : where the formulas of the model may not hold.
    """

    model: str
    parameters: dict[str, float]
    inputs: str
    observables: dict[str, Quantity]
    likelihoods: dict[str, LikelihoodValue]
    status: str
    warnings: tuple[str, ...] = ()
    searches: dict[str, float] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Estimate:
    """Best value with profile-likelihood errors (Delta(-2 ln L) = 1); both errors positive, None where the scan meets
    a bound."""

    value: float
    error_low: float | None
    error_high: float | None
    unit: str = "1"


@dataclasses.dataclass(frozen=True)
class GoodnessOfFit:
    """Saturated-likelihood chi2. Its p-value takes chi2 with `ndof`; it ignores that the auxiliary data fluctuate too.

    p_value_toys: from pseudo-experiments, None unless asked for.
    """

    chi2: float
    ndof: int
    p_value: float
    p_value_toys: float | None = None


@dataclasses.dataclass(frozen=True)
class FitResult:
    """A model fitted to data.

    best_fit : free parameters.   fixed : parameters held.   observables : predictions at the best fit.
    delta_chi2 : -2 ln L(Standard Model) + 2 ln L(best fit), same data, inputs and treatment of nuisances.
    significance, p_value : of delta_chi2 with `significance_dof` degrees of freedom, as `significance_definition` says.
    pulls : fitted value of each nuisance in units of its prior width.
    warnings : where the formulas of the model may not hold at the best fit.
    """

    model: str
    hypothesis: str
    experiments: tuple[str, ...]
    inputs: str
    nuisances: str
    best_fit: dict[str, Estimate]
    fixed: dict[str, float]
    minus_two_log_likelihood: float | None
    delta_chi2: float | None
    significance: float | None
    significance_dof: int
    significance_definition: str
    p_value: float | None
    goodness_of_fit: GoodnessOfFit | None
    pulls: dict[str, float]
    observables: dict[str, Quantity]
    likelihoods: dict[str, LikelihoodValue]
    references: tuple[str, ...]
    status: str
    warnings: tuple[str, ...] = ()


def ranked(fits: Sequence[FitResult]) -> list[FitResult]:
    """Most significant first, then the larger gain, both to three decimals so that equal fits keep their order.

    Fits that did not converge come last.
    """

    def place(fit: FitResult) -> tuple[bool, float, float]:
        if fit.status != CONVERGED or fit.delta_chi2 is None:
            return True, 0.0, 0.0
        return False, -round(fit.significance or 0.0, 3), -round(fit.delta_chi2, 3)

    return sorted(fits, key=place)


@dataclasses.dataclass(frozen=True)
class LimitPoint:
    """Asymptotic CLs upper limit on `parameter` with the other parameters held.

    expected : background-only expectation at -2, -1, 0, 1, 2 sigma.
    """

    parameter: str
    unit: str
    parameters: dict[str, float]
    confidence_level: float
    observed: float | None
    expected: tuple[float | None, ...]
    status: str


@dataclasses.dataclass(frozen=True)
class Yields:
    """Events of one channel of a binned likelihood, bin by bin.

    samples : post-fit expectation of each sample; the signal samples are those listed in `signal`.
    prefit, postfit : total expectation at the nominal Standard Model and at the best fit; *_error: one standard
        deviation.
    pulls : (data - postfit) / sqrt(postfit).
    """

    channel: str
    title: str
    bins: tuple[str, ...]
    data: tuple[float, ...]
    prefit: tuple[float, ...]
    prefit_error: tuple[float, ...]
    postfit: tuple[float, ...]
    postfit_error: tuple[float, ...]
    samples: dict[str, tuple[float, ...]]
    signal: tuple[str, ...]
    pulls: tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class SpectrumCurve:
    """dBR/dq2 of one mode in true q2 [GeV^-2 against GeV^2], with the one-sigma theory band; lines as (q2, branching
    fraction)."""

    hypothesis: str
    mode: str
    q2: tuple[float, ...]
    value: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    lines: tuple[tuple[float, float], ...] = ()


@dataclasses.dataclass(frozen=True)
class MassScan:
    """Best rate and Delta(-2 ln L) against the Standard Model at each mass [GeV]; positive delta_chi2 favours the
    model."""

    hypothesis: str
    mass: tuple[float, ...]
    rate: tuple[float | None, ...]
    delta_chi2: tuple[float | None, ...]


@dataclasses.dataclass(frozen=True)
class Plane:
    """Delta(-2 ln L) from the minimum on a grid; delta_chi2[i][j] belongs to y[i], x[j]."""

    hypothesis: str
    x_name: str
    x_unit: str
    y_name: str
    y_unit: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    delta_chi2: tuple[tuple[float | None, ...], ...]
    best: tuple[float, float]


@dataclasses.dataclass(frozen=True)
class PointConstraints:
    """Every published limit that a model meets, at one point, the farthest exceeded first.

    omega_h2 : relic density, None where the model does not say or its number means nothing.
    """

    model: str
    parameters: dict[str, float]
    inputs: str
    omega_h2: float | None
    limits: tuple[LimitAtPoint, ...]


@dataclasses.dataclass(frozen=True)
class Nuisance:
    """One nuisance parameter at the best fit, in units of its prior width.

    impact_low, impact_high : shift of the fitted rate when the auxiliary measurement moves by -1 and +1 (unit
        `impact_unit`).
    """

    name: str
    value: float
    error: float | None
    impact_low: float | None
    impact_high: float | None
    impact_unit: str


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Several hypotheses fitted to the same data, ranked, with all that the report shows."""

    title: str
    version: str
    inputs: str
    nuisances: str
    experiments: tuple[str, ...]
    fits: tuple[FitResult, ...]
    best_hypothesis: str
    yields: tuple[Yields, ...]
    spectra: tuple[SpectrumCurve, ...]
    mass_scans: tuple[MassScan, ...]
    plane: Plane | None
    limits: tuple[LimitPoint, ...]
    nuisance_parameters: tuple[Nuisance, ...]
    exclusions: tuple[ExclusionPlane, ...]
    limits_on_other_modes: dict[str, Quantity]
    measured_omega_h2: float
    references: tuple[str, ...]
    notes: tuple[str, ...]
    status: str


def to_plain(value: Any) -> Any:
    """Nested dictionaries, lists and numbers ready for JSON; NaN and infinity become None."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): to_plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(v) for v in value]
    if hasattr(value, "tolist"):
        return to_plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def to_json(value: Any) -> str:
    """A result as JSON text."""
    return json.dumps(to_plain(value), indent=2, allow_nan=False, ensure_ascii=False)


def write_text(path: Path, text: str) -> None:
    """Write aside, then rename: a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(aside, 0o666 & ~umask)
        os.replace(aside, path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def save(value: Any, path: Path) -> None:
    """Save a result as JSON, tagged with its type."""
    write_text(
        path, json.dumps({"type": type(value).__name__, "result": to_plain(value)}, allow_nan=False, ensure_ascii=False)
    )


def load(path: Path, kind: type[T]) -> T:
    """Load a result of the given type.

    Raises BadData if the file is missing, is no JSON, holds another type, or lacks a field; the message says which.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadData(f"{path}: no such file") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadData(f"{path}: not a JSON file ({error})") from None
    found = raw.get("type") if isinstance(raw, dict) else type(raw).__name__
    if found != kind.__name__:
        raise BadData(f"{path}: expected a {kind.__name__}, found {found}")
    try:
        return TypeAdapter(kind).validate_python(raw["result"])
    except ValidationError as error:
        raise BadData(f"{path}: {error}") from None
