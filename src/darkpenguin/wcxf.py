"""Wilson coefficient files in the exchange format WCxf, to and from the model weak_effective_flavour.

A file states eft, basis, scale in GeV, and values: a real number, or {Re = , Im = }. [WCxf, arXiv:1712.05298] The basis
`flavio` of the EFT `WET` holds our own coefficients, sector `sbnunu`; it is read as it is. The vector operators of
neutrinos do not run in QCD, so that their scale does not matter between m_b and m_W. Every other basis, and the SMEFT,
is matched and run once by the package `wilson`, an optional dependency, and the result is kept on disk.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import json
import math
import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from darkpenguin.errors import BadData, CardError, Problem, suggestion

FLAVOURS = ("e", "mu", "tau")
NAMES = tuple(f"{c}_bsnu{i}nu{j}" for c in ("CL", "CR") for i in FLAVOURS for j in FLAVOURS)
"""The sector sbnunu of WET, basis flavio; our parameters have the same names, imaginary parts end in _im."""

EFTS = ("WET", "SMEFT")
WET_SCALES = (2.0, 200.0)
SCALE_MB = 4.8
INSTALL = "pip install 'darkpenguin[wilson]'"
IMAGINARY = "_im"


class WilsonFile(NamedTuple):
    """What a WCxf file says. values: complex, in the normalisation of the basis.  digest: SHA-256 of the content."""

    eft: str
    basis: str
    scale: float
    values: dict[str, complex]
    digest: str


def read_wcxf(path: Path | str) -> WilsonFile:
    """Read a JSON or YAML file. Raises BadData where it cannot be read, CardError with every fault of its content."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadData(f"{path}: cannot be read ({error.strerror})") from None
    table = _parse(path, text)
    problems, values = _faults(table), {}
    for name, value in _values(table).items():
        number = _number(value)
        if number is None:
            problems.append(Problem(f"values.{name}", f"expected a number or Re and Im, found {value!r}"))
        else:
            values[name] = number
    if problems:
        raise CardError(str(path), problems)
    scale, digest = float(table["scale"]), hashlib.sha256(text.encode()).hexdigest()
    return WilsonFile(table["eft"], table["basis"], scale, values, digest)


def parameters_of(file: WilsonFile, source: str = "file", cache: Path | None = None) -> dict[str, float]:
    """Parameters of weak_effective_flavour: real parts, and imaginary parts where they are not 0.

    cache : folder that keeps what `wilson` gave; <cache of the user>/darkpenguin/wcxf where None.
    Raises CardError for coefficients of another sector and unknown ones, and for a scale outside the WET; BadData where
    `wilson` is needed and missing, or refuses the file.
    """
    if (file.eft, file.basis) != ("WET", "flavio"):
        return _as_parameters(_run(file, cache or _user_cache()))
    low, high = WET_SCALES
    problems = [
        Problem(f"values.{name}", f"not a coefficient of b -> s nu nu in basis flavio{suggestion(name, NAMES)}")
        for name in file.values
        if name not in NAMES
    ]
    if not low <= file.scale <= high:
        problems.append(
            Problem("scale", f"{file.scale:g} GeV is outside the five-flavour WET, {low:g} to {high:g} GeV")
        )
    if problems:
        raise CardError(source, problems)
    return _as_parameters(file.values)


def load_parameters(path: Path | str, cache: Path | None = None) -> dict[str, float]:
    """`read_wcxf`, then `parameters_of`."""
    return parameters_of(read_wcxf(path), str(path), cache)


def write_wcxf(path: Path | str, parameters: Mapping[str, float], scale: float = SCALE_MB) -> None:
    """Write parameters of weak_effective_flavour as JSON, WET, basis flavio; zeros are left out.

    Raises CardError for a parameter that is not zero and has no place in the basis: right-handed neutrinos, and
    operators that violate lepton number.
    """
    values: dict[str, complex] = {}
    problems = []
    for name, value in parameters.items():
        plain = name.removesuffix(IMAGINARY)
        if value == 0.0:
            continue
        if plain not in NAMES:
            problems.append(Problem(name, f"has no coefficient in WCxf basis flavio{suggestion(plain, NAMES)}"))
        values[plain] = values.get(plain, 0j) + (1j * value if name.endswith(IMAGINARY) else value)
    if problems:
        raise CardError(str(path), problems)
    written = {n: {"Re": v.real, "Im": v.imag} if v.imag else v.real for n, v in values.items()}
    table = {"eft": "WET", "basis": "flavio", "scale": scale, "values": written}
    Path(path).write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")


# --- reading ----------------------------------------------------------------------------------------------------------


def _parse(path: Path, text: str) -> dict[str, Any]:
    if path.suffix in (".yaml", ".yml"):
        if find_spec("yaml") is None:
            raise BadData(f"{path}: YAML needs a package that is not installed: {INSTALL}, or write the file as JSON")
        yaml = importlib.import_module("yaml")
        try:
            table = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise BadData(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    else:
        try:
            table = json.loads(text)
        except json.JSONDecodeError as error:
            raise BadData(f"{path}: not JSON: {error}") from None
    if not isinstance(table, dict):
        raise BadData(f"{path}: expected the keys eft, basis, scale, values")
    return table


def _values(table: dict[str, Any]) -> dict[str, Any]:
    values = table.get("values")
    return values if isinstance(values, dict) else {}


def _faults(table: dict[str, Any]) -> list[Problem]:
    """What is wrong with the keys."""
    problems = [Problem(key, "missing") for key in ("eft", "basis", "scale", "values") if key not in table]
    eft = table.get("eft", EFTS[0])
    if eft not in EFTS:
        problems.append(Problem("eft", f"'{eft}' is not one of {', '.join(EFTS)}{suggestion(str(eft), EFTS)}"))
    if not isinstance(table.get("basis", ""), str):
        problems.append(Problem("basis", "expected a name"))
    scale = _plain(table.get("scale", 1.0))
    if scale is None or scale <= 0:
        problems.append(Problem("scale", f"expected a positive number of GeV, found {table['scale']!r}"))
    if not isinstance(table.get("values", {}), dict):
        problems.append(Problem("values", "expected a table of coefficients"))
    return problems


def _plain(value: Any) -> float | None:
    """A finite real number, written as one or as text (YAML 1.1 takes 1e-9 for text)."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _number(value: Any) -> complex | None:
    if isinstance(value, dict):
        parts = {key: _plain(value.get(key, 0.0)) for key in ("Re", "Im")}
        if not value or set(value) - set(parts) or parts["Re"] is None or parts["Im"] is None:
            return None
        return complex(parts["Re"], parts["Im"])
    plain = _plain(value)
    return None if plain is None else complex(plain)


def _as_parameters(values: Mapping[str, complex]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, value in values.items():
        found[name] = value.real
        if value.imag != 0.0:
            found[name + IMAGINARY] = value.imag
    return found


# --- matching and running by wilson -----------------------------------------------------------------------------------


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "darkpenguin" / "wcxf"


def _run(file: WilsonFile, cache: Path) -> dict[str, complex]:
    """The sector sbnunu in WET, basis flavio, at m_b; computed once per content and version of wilson."""
    if find_spec("wilson") is None:
        raise BadData(
            f"{file.eft}, basis {file.basis}: only WET in the basis flavio is read without the package wilson, which "
            f"does matching and running: {INSTALL}"
        )
    version = importlib.metadata.version("wilson")
    kept = cache / f"{file.digest}-wilson-{version}.json"
    if kept.exists():
        return {name: complex(*parts) for name, parts in json.loads(kept.read_text(encoding="utf-8")).items()}
    found = _match_and_run(file)
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}.tmp")
    unfinished.write_text(json.dumps({n: [v.real, v.imag] for n, v in found.items()}), encoding="utf-8")
    unfinished.replace(kept)
    return found


def _match_and_run(file: WilsonFile) -> dict[str, complex]:
    wilson = importlib.import_module("wilson")
    try:
        given = wilson.Wilson(file.values, scale=file.scale, eft=file.eft, basis=file.basis)
        found = given.match_run(scale=SCALE_MB, eft="WET", basis="flavio", sectors=("sbnunu",))
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise BadData(f"wilson refuses the file ({file.eft}, basis {file.basis}): {error}") from None
    return {name: complex(value) for name, value in found.dict.items() if name in NAMES}
