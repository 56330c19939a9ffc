"""Reading and checking a result file: every fault at once, each with its place in the file."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from darkpenguin.cite import known_keys
from darkpenguin.errors import BadData, CardError, Problem, suggestion
from darkpenguin.experiments.schema import BibliographyEntry, HistFactoryFile, OwnFile, ResultFile, Source
from darkpenguin.experiments.schema_spectra import (
    Bins,
    CurveEntry,
    CurveFile,
    DarkCurveEntry,
    DarkCurveFile,
    ExponentialEfficiency,
    FoldedFile,
    GaussianSmearing,
    MatrixSmearing,
    PolynomialEfficiency,
    Sample,
    TableEfficiency,
)
from darkpenguin.experiments.schema_values import (
    AcceptanceEntry,
    CountingLimit,
    ErrorEntry,
    GaussianFile,
    OneSidedLimit,
    TruncatedGaussianLimit,
    UpperLimitFile,
    ValueEntry,
    total_covariance,
)
from darkpenguin.experiments.spectra_tables import curve_rows, folded_arrays

MAX_BYTES = 1_000_000
SINGULAR = 1e-12  # smallest eigenvalue of a correlation matrix that is told from zero in doubles
KINDS: dict[str, type[ResultFile]] = {
    "gaussian": GaussianFile,
    "upper_limit": UpperLimitFile,
    "curve": CurveFile,
    "dark_curve": DarkCurveFile,
    "folded": FoldedFile,
    "histfactory": HistFactoryFile,
}
OWN_CLASS = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


class ResultFileError(CardError, BadData):
    """All faults of one result file at once."""


def read_result(path: Path) -> ResultFile:
    """A result file without faults.

    Raises BadData if the file is missing, too large, not UTF-8 or not TOML; ResultFileError with every fault of its
    content at once: keys, names of observables and references, numbers that are not finite, parts given twice, the
    covariance, and the SHA-256 of each table.
    """
    raw = _parse(path)
    kind = raw.get("likelihood")
    cls = KINDS.get(kind) if isinstance(kind, str) else None
    if cls is None and isinstance(kind, str) and OWN_CLASS.fullmatch(kind):
        cls = OwnFile
    problems = [] if cls is not None else [_unknown_kind(raw)]
    cls = cls or ResultFile
    file = None
    try:
        file = cls.model_validate(raw, context={"bibliography": _own_keys(raw)})
    except ValidationError as error:
        found = [_in_words(e, cls) for e in error.errors(include_url=False)]
        # without a kind nobody knows which keys belong to it
        problems += [p for p in found if cls is not ResultFile or not _follows_from_kind(p)]
    problems += _repeated(raw) + _bibliography(raw) + _covariance(raw) + _acceptance(raw) + _validity(raw)
    problems += _tables(raw, path.parent)
    if file is not None and not problems:  # contents of tables, once the keys that name them are good
        problems += _contents(file, path.parent)
    if problems or file is None:
        raise ResultFileError(str(path), problems)
    return file


def _parse(path: Path) -> dict[str, Any]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise BadData(f"{path}: no such file") from None
    except OSError as error:
        raise BadData(f"{path}: cannot be read ({error.strerror})") from None
    if len(content) > MAX_BYTES:
        raise BadData(
            f"{path}: expected at most {MAX_BYTES} bytes, found {len(content)}; put tables into files of their own"
        )
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadData(f"{path}: expected UTF-8 text ({error})") from None
    except tomllib.TOMLDecodeError as error:
        raise BadData(f"{path}: expected a TOML file ({error})") from None


def _unknown_kind(raw: Mapping[str, Any]) -> Problem:
    if "likelihood" not in raw:
        return Problem("likelihood", f"required key is missing; known: {', '.join(KINDS)}, module:Class")
    found = raw["likelihood"]
    near = suggestion(found, KINDS) if isinstance(found, str) else ""
    return Problem("likelihood", f"expected one of {', '.join(KINDS)}, module:Class, found {found!r}{near}")


def _follows_from_kind(problem: Problem) -> bool:
    return problem.where == "likelihood" or problem.what.startswith("unknown key")


# --- the words of pydantic's errors -----------------------------------------------------------------------------------

_EXPECTED = {
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a whole number",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "date_type": "a date such as 2026-01-31",
    "string_pattern_mismatch": "text of the form {pattern}",
    "greater_than": "a number greater than {gt:g}",
    "greater_than_equal": "a number of at least {ge:g}",
    "less_than": "a number less than {lt:g}",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
    "literal_error": "{expected}",
    "union_tag_invalid": "{expected_tags}",
}


_KEYS_OF: dict[str, tuple[str, ...]] = {
    "source": tuple(Source.model_fields),
    "values": tuple(ValueEntry.model_fields),
    "errors": tuple(ErrorEntry.model_fields),
    "limits": tuple(
        {**TruncatedGaussianLimit.model_fields, **CountingLimit.model_fields, **OneSidedLimit.model_fields}
    ),
    "curves": tuple({**CurveEntry.model_fields, **DarkCurveEntry.model_fields}),
    "acceptance": tuple(AcceptanceEntry.model_fields),
    "bibliography": tuple(BibliographyEntry.model_fields),
    "sample": tuple(Sample.model_fields),
    "bins": tuple(Bins.model_fields),
    "efficiency": tuple(
        {**TableEfficiency.model_fields, **ExponentialEfficiency.model_fields, **PolynomialEfficiency.model_fields}
    ),
    "smearing": tuple({**GaussianSmearing.model_fields, **MatrixSmearing.model_fields}),
}


_BRANCH_AT = {"limits": 2, "efficiency": 1, "smearing": 1}


def _in_words(error: Mapping[str, Any], cls: type[ResultFile]) -> Problem:
    """One pydantic error in the words of a result file."""
    # pydantic names the branch of a union in the place: limits -> 0 -> half_normal -> limit
    branch = _BRANCH_AT.get(str(error["loc"][0])) if error["loc"] else None
    loc = [part for i, part in enumerate(error["loc"]) if i != branch]
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".") or "file"
    context = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return Problem(where, "required key is missing")
        case "extra_forbidden":
            known = cls.model_fields if len(loc) == 1 else _KEYS_OF.get(str(loc[0]), ())
            return Problem(where, f"unknown key{suggestion(str(loc[-1]), known) if known else ''}")
        case "value_error":
            return Problem(where, str(context["error"]))
        case "finite_number":
            return Problem(where, f"expected a finite number, found {_short(error['input'])}")
    if error["type"] in _EXPECTED:
        expected = _EXPECTED[error["type"]].format(**context)
        found = f"{len(error['input'])}" if error["type"].startswith("too_") else _short(error["input"])
        return Problem(where, f"expected {expected}, found {found}")
    return Problem(where, f"{error['msg']}, found {_short(error['input'])}")


def _short(value: Any) -> str:
    text = repr(value) if not isinstance(value, bool) else str(value).lower()
    return text if len(text) <= 60 else f"{text[:56]}..."


# --- checks across keys: each takes the file as it is and says nothing about what pydantic refuses --------------------


def _repeated(raw: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for key in ("values", "limits", "curves"):
        entries = raw.get(key)
        parts = [e.get("part") for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []
        repeated = {part for part in parts if part is not None and parts.count(part) > 1}
        problems += [
            Problem(f"{key}.part", f"'{part}' is there {parts.count(part)} times")
            for part in sorted(map(str, repeated))
        ]
    return problems


def _covariance(raw: Mapping[str, Any]) -> list[Problem]:
    """Number of errors in each source, a value without error, a total covariance that is not positive definite."""
    if raw.get("likelihood") != "gaussian":
        return []
    try:
        values = TypeAdapter(list[ValueEntry]).validate_python(raw.get("values"))
        errors = TypeAdapter(list[ErrorEntry]).validate_python(raw.get("errors"))
    except ValidationError:
        return []
    n = len(values)
    wrong = [
        Problem(f"errors[{i}]", f"expected errors of {n} values, found {len(e)}")
        for i, e in enumerate(errors)
        if len(e) != n
    ]
    relative = any(e.kind == "relative" for e in errors)
    if relative and any(not np.array_equal(*e.sizes()) for e in errors if len(e) == n):
        wrong.append(
            Problem("errors", "relative and asymmetric errors in one result: give the relative ones as absolute")
        )
    if wrong or not values or not errors:
        return wrong
    total = total_covariance([v.value for v in values], errors)
    sigma = np.sqrt(np.diag(total))
    bare = [Problem(f"values[{i}]", "has no error in any source") for i in range(n) if sigma[i] == 0]
    if bare:
        return bare
    smallest = float(np.linalg.eigvalsh(total / np.outer(sigma, sigma))[0])
    if smallest < SINGULAR:
        what = f"covariance is not positive definite: smallest eigenvalue {smallest:.6g} (of its correlation matrix)"
        return [Problem("errors", what)]
    return []


def _own_keys(raw: Mapping[str, Any]) -> tuple[str, ...]:
    own = raw.get("bibliography")
    return tuple(own) if isinstance(own, dict) else ()


def _bibliography(raw: Mapping[str, Any]) -> list[Problem]:
    """Own references under a key of the package, and those that nothing refers to."""
    known, cited = known_keys(), raw.get("references")
    problems = [
        Problem(f"bibliography.{key}", "is a reference of the package: leave it out, or take another key")
        for key in _own_keys(raw)
        if key in known
    ]
    return problems + [
        Problem(f"bibliography.{key}", "is not named in references")
        for key in _own_keys(raw)
        if isinstance(cited, list) and key not in cited and key not in known
    ]


def _acceptance(raw: Mapping[str, Any]) -> list[Problem]:
    """Parts that do not exist or have two entries, and observables that no efficiency reweights."""
    entries = raw.get("acceptance")
    measured: list[Any] = next((raw[key] for key in ("values", "limits") if isinstance(raw.get(key), list)), [])
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in (*entries, *measured)):
        return []
    observables = {e.get("part"): e.get("observable") for e in measured}
    named = [(i, part) for i, e in enumerate(entries) for part in _parts_of(e, observables)]
    problems = []
    for n, (i, part) in enumerate(named):
        where = f"acceptance[{i}].parts"
        if part not in observables:
            problems.append(Problem(where, f"unknown part '{part}'{suggestion(str(part), map(str, observables))}"))
        elif part in [other for _, other in named[:n]]:
            problems.append(Problem(where, f"a second acceptance of part '{part}'"))
        elif not str(observables[part]).startswith("BR("):
            problems.append(Problem(where, f"expected a branching fraction, and '{part}' is {observables[part]}"))
    return problems


def _parts_of(entry: Mapping[str, Any], observables: Mapping[Any, Any]) -> list[Any]:
    parts = entry.get("parts")
    return list(parts) if isinstance(parts, list) else list(observables)


def _validity(raw: Mapping[str, Any]) -> list[Problem]:
    ranges = raw.get("validity")
    items = ranges.items() if isinstance(ranges, dict) else ()
    numbers = [
        (k, v) for k, v in items if isinstance(v, list) and len(v) == 2 and all(isinstance(x, (int, float)) for x in v)
    ]
    return [
        Problem(f"validity.{k}", f"expected a low end below the high end, found {v}")
        for k, v in numbers
        if not v[0] < v[1]
    ]


def _tables(raw: Mapping[str, Any], folder: Path) -> list[Problem]:
    """Tables that are missing or whose SHA-256 is not the stated one."""
    problems = []
    tables = raw.get("tables")
    for name, expected in tables.items() if isinstance(tables, dict) else ():
        path = folder / str(name)
        if not path.resolve().is_relative_to(folder.resolve()):
            problems.append(Problem(f"tables.{name}", "expected a file in the folder of the result"))
        elif not path.is_file():
            problems.append(Problem(f"tables.{name}", f"no such file in {folder}"))
        elif (found := hashlib.sha256(path.read_bytes()).hexdigest()) != expected:
            problems.append(Problem(f"tables.{name}", f"expected sha256 {expected}, found {found}"))
    return problems


def _contents(file: ResultFile, folder: Path) -> list[Problem]:
    """Numbers in the tables of curves and of folded results, their sizes and ranges."""
    if isinstance(file, (CurveFile, DarkCurveFile)):
        return [p for i, curve in enumerate(file.curves) for p in curve_rows(curve, folder, f"curves[{i}]").problems]
    return folded_arrays(file, folder).problems if isinstance(file, FoldedFile) else []
