"""Reading and checking the files below data/inputs: sets of constants, and sets of form factors with their covariance.

A file may name another one of its kind in `extends` and state only what differs. Every fault of a file is reported at
once, in one BadData that names the file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import tomllib
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

import numpy as np

from darkpenguin import cite, units
from darkpenguin.core.form_factor_series import FORMS, Series, free_coefficients, functions_of
from darkpenguin.errors import BadData, UnknownName

FOLDERS = {
    "B->K": "b_to_k",
    "B->K*": "b_to_kstar",
    "Bs->phi": "bs_to_phi",
    "Lambda_b->Lambda": "lambdab_to_lambda",
    "B->pi": "b_to_pi",
    "B->rho": "b_to_rho",
    "Bs->K": "bs_to_k",
    "K->pi": "k_to_pi",
    "D->pi": "d_to_pi",
}
MAPS = ("fixed", "normal", "log-normal")

Table = dict[str, Any]


class InputValue(NamedTuple):
    """One constant as its file states it. `map`: how it varies; not at all, Gaussian, or Gaussian in its logarithm."""

    name: str
    value: float
    error: float
    unit: str
    reference: str
    map: str
    note: str


class ConstantsFile(NamedTuple):
    """One set of constants, checked. `form_factors`: the set chosen for each transition. `digest`: SHA-256."""

    name: str
    date: str
    note: str
    values: tuple[InputValue, ...]
    form_factors: dict[str, str]
    digest: str


class FormFactorFile(NamedTuple):
    """One set of form-factor coefficients, checked; `covariance` [n, n] in the order of `names`."""

    name: str
    transition: str
    date: str
    note: str
    references: tuple[str, ...]
    series: Series
    names: tuple[str, ...]
    central: np.ndarray
    covariance: np.ndarray
    digest: str


def inputs_folder() -> Traversable:
    """The folder of the package's own input files."""
    return resources.files("darkpenguin") / "data" / "inputs"


def set_names(folder: Traversable) -> tuple[str, ...]:
    """Names of the TOML files in a folder, sorted."""
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def read_constants(name: str, expected: Mapping[str, str], folder: Traversable | None = None) -> ConstantsFile:
    """Read one set of constants.

    expected : name -> unit (which fixes the dimension) of each constant that the set must give.
    Raises UnknownName for a set that does not exist, BadData with all faults of the file.
    """
    folder = folder or inputs_folder()
    table = _read_table("input set", name, folder)
    values = table.get("values", {})
    faults = [f"{n}: missing" for n in expected if n not in values]
    faults += [f"{n}: not an input" for n in values if n not in expected]
    known_references = cite.known_keys()
    for n in values:
        if n in expected:
            faults += [f"{n}: {fault}" for fault in _value_faults(values[n], expected[n], known_references)]
    faults += [f"form_factors: no set chosen for '{t}'" for t in FOLDERS if t not in table.get("form_factors", {})]
    _refuse(f"{name}.toml", faults)
    entries = tuple(_value(n, values[n]) for n in expected)
    return ConstantsFile(name, str(table["date"]), table["note"], entries, dict(table["form_factors"]), _digest(table))


def read_form_factors(transition: str, name: str, folder: Traversable | None = None) -> FormFactorFile:
    """Read one set of form factors with its covariance.

    Raises UnknownName for a transition or a set that does not exist, BadData with all faults of the file, for a table
    whose checksum differs from the stated one, and for a covariance that is not positive definite.
    """
    if transition not in FOLDERS:
        raise UnknownName("transition", transition, FOLDERS)
    folder = (folder or inputs_folder() / "form_factors") / FOLDERS[transition]
    table = _read_table(f"{transition} form-factor set", name, folder)
    label = f"{FOLDERS[transition]}/{name}.toml"
    faults = _form_factor_faults(table, transition, name)
    _refuse(label, faults)
    coefficients, series, covariance = table["coefficients"], table["series"], table["covariance"]
    names = tuple(coefficients["names"])
    matrix = read_matrix(folder / covariance["file"], covariance["sha256"], names)
    if covariance["kind"] == "correlation":
        matrix = matrix * np.outer(coefficients["errors"], coefficients["errors"])
    matrix = positive_definite(
        matrix, f"{FOLDERS[transition]}/{covariance['file']}", covariance.get("eigenvalue_floor")
    )
    return FormFactorFile(
        name,
        transition,
        str(table["date"]),
        table["note"],
        tuple(table["references"]),
        Series(**series),
        names,
        np.array(coefficients["central"], dtype=float),
        matrix,
        _digest(table),
    )


def read_matrix(path: Traversable, sha256: str, names: tuple[str, ...]) -> np.ndarray:
    """A square table with `names` as its header; lines that start with # are comments.

    Raises BadData if the file is missing, its SHA-256 differs, or header or shape are not those of `names`.
    """
    if not path.is_file():
        raise BadData(f"{path.name}: the table does not exist")
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise BadData(f"{path.name}: expected SHA-256 {sha256}, found {found}; the table was changed")
    lines = [line for line in io.StringIO(data.decode("utf-8")) if not line.startswith("#")]
    header, *rows = csv.reader(lines)
    if tuple(header) != names:
        raise BadData(f"{path.name}: expected the columns {', '.join(names)}, found {', '.join(header)}")
    if len(rows) != len(names) or any(len(row) != len(names) for row in rows):
        raise BadData(f"{path.name}: expected {len(names)} rows of {len(names)} numbers")
    return np.array(rows, dtype=float)


def positive_definite(matrix: np.ndarray, where: str, eigenvalue_floor: float | None = None) -> np.ndarray:
    """The matrix itself if it is a covariance; BadData with the eigenvalue if it is not.

    The smallest eigenvalue is that of the correlation matrix, which does not depend on units. eigenvalue_floor: the
    regularisation that a data file declares; eigenvalues of the correlation below it are raised to it, variances kept.
    """
    if not np.all(np.isfinite(matrix)) or not np.allclose(matrix, matrix.T, rtol=1e-9, atol=0.0):
        raise BadData(f"{where}: the covariance is not finite and symmetric")
    if not np.all(np.diag(matrix) > 0):
        raise BadData(f"{where}: a variance is not positive")
    sigma = np.sqrt(np.diag(matrix))
    eigenvalues, vectors = np.linalg.eigh(matrix / np.outer(sigma, sigma))
    if eigenvalue_floor is not None:
        raised = (vectors * np.maximum(eigenvalues, eigenvalue_floor)) @ vectors.T
        norm = np.sqrt(np.diag(raised))
        return raised / np.outer(norm, norm) * np.outer(sigma, sigma)
    if eigenvalues[0] < 1e-12:
        smallest = f"smallest eigenvalue of the correlation {eigenvalues[0]:.3g}"
        raise BadData(f"{where}: the covariance is not positive definite; {smallest}")
    return 0.5 * (matrix + matrix.T)


def _read_table(kind: str, name: str, folder: Traversable) -> Table:
    """The TOML file of a set, merged over the one that it extends."""
    if name not in set_names(folder):
        raise UnknownName(kind, name, set_names(folder))
    file = folder / f"{name}.toml"
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadData(f"{name}.toml: not valid TOML: {error}") from error
    missing = [key for key in ("name", "date", "note") if key not in table]
    if missing or table["name"] != name:
        raise BadData(
            f"{name}.toml: expected name = '{name}', date and note; missing or wrong: {', '.join(missing) or 'name'}"
        )
    parent = table.pop("extends", None)
    return _merge(_read_table(kind, parent, folder), table) if parent is not None else table


def _merge(below: Table, above: Table) -> Table:
    both = below | above
    nested = [key for key in above if isinstance(above[key], dict) and isinstance(below.get(key), dict)]
    return both | {key: _merge(below[key], above[key]) for key in nested}


def _value(name: str, entry: Table) -> InputValue:
    numbers = float(entry["value"]), float(entry["error"])
    return InputValue(name, *numbers, entry["unit"], entry["reference"], entry["map"], entry.get("note", ""))


def _value_faults(entry: Table, unit: str, known_references: tuple[str, ...]) -> list[str]:
    missing = [key for key in ("value", "error", "unit", "reference", "map") if key not in entry]
    if missing:
        return [f"{key} is missing" for key in missing]
    faults = []
    if not (math.isfinite(entry["value"]) and entry["value"] > 0):
        faults.append(f"value {entry['value']} is not positive")
    if entry["map"] not in MAPS:
        faults.append(f"map '{entry['map']}' is none of {', '.join(MAPS)}")
    elif not (math.isfinite(entry["error"]) and entry["error"] >= 0) or (
        entry["map"] != "fixed" and entry["error"] == 0
    ):
        faults.append(f"error {entry['error']} does not suit map '{entry['map']}'")
    try:
        if units.parse(entry["unit"]).power != units.parse(unit).power:
            faults.append(f"unit '{entry['unit']}' has not the dimension of '{unit}'")
    except UnknownName as error:
        faults.append(str(error))
    if entry["reference"] not in known_references:
        faults.append(str(UnknownName("reference", entry["reference"], known_references)))
    return faults


def _form_factor_faults(table: Table, transition: str, name: str) -> list[str]:
    missing = [key for key in ("transition", "references", "series", "coefficients", "covariance") if key not in table]
    if missing:
        return [f"{key} is missing" for key in missing]
    known = cite.known_keys()
    faults = [str(UnknownName("reference", key, known)) for key in table["references"] if key not in known]
    if table["transition"] != transition:
        faults.append(f"transition: expected '{transition}', found '{table['transition']}'")
    series, coefficients, covariance = table["series"], table["coefficients"], table["covariance"]
    if series.get("form") not in FORMS:
        faults.append(f"series.form: '{series.get('form')}' is none of {', '.join(FORMS)}")
    faults += [f"series.{key}: missing" for key in ("m_B", "m_M", "poles") if key not in series]
    faults += [f"series.poles: '{f}' is missing" for f in functions_of(transition) if f not in series.get("poles", {})]
    faults += [str(UnknownName("series entry", key, Series._fields)) for key in series if key not in Series._fields]
    names = coefficients.get("names", [])
    wanted_names = free_coefficients(transition, series.get("form", ""))
    if sorted(names) != sorted(wanted_names):
        faults.append(f"coefficients.names: expected {', '.join(wanted_names)}, each once")
    wanted = ("central", "errors") if covariance.get("kind") == "correlation" else ("central",)
    faults += [
        f"coefficients.{key}: expected {len(names)} numbers"
        for key in wanted
        if len(coefficients.get(key, [])) != len(names)
    ]
    if covariance.get("kind") not in ("covariance", "correlation"):
        faults.append("covariance.kind: expected 'covariance' or 'correlation'")
    return faults + [f"covariance.{key}: missing" for key in ("file", "sha256") if key not in covariance]


def _refuse(file: str, faults: list[str]) -> None:
    if faults:
        raise BadData("\n  ".join([f"{file}: {len(faults)} fault" + ("s" if len(faults) > 1 else ""), *faults]))


def _digest(table: Table) -> str:
    # the checksum of a covariance is part of its TOML, so this covers the tables too
    return hashlib.sha256(json.dumps(table, sort_keys=True, default=str).encode()).hexdigest()
