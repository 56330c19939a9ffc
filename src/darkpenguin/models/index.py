"""Where the models are: built in, in installed packages, or in a file of the user's. Listing imports none of them."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import re
import sys
import traceback
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING

from darkpenguin.errors import BadData, UnknownName

if TYPE_CHECKING:
    from darkpenguin.core.model import AbstractModel

BUILT_IN: Mapping[str, str] = MappingProxyType(
    {
        "standard_model": "darkpenguin.models.standard_model:StandardModel",
        "weak_effective": "darkpenguin.models.weak_effective:WeakEffective",
        "weak_effective_flavour": "darkpenguin.models.weak_effective:WeakEffectiveFlavour",
        "two_body_scalar": "darkpenguin.models.two_body:TwoBodyScalar",
        "two_body_vector": "darkpenguin.models.two_body:TwoBodyVector",
        "two_body_alp": "darkpenguin.models.two_body:TwoBodyAlp",
        "alp_portal": "darkpenguin.models.alp_portal:AlpPortal",
        "alp_portal_majorana": "darkpenguin.models.alp_portal:AlpPortalMajorana",
        "dark_photon_portal": "darkpenguin.models.dark_photon_portal:DarkPhotonPortal",
        "dark_left_scalar": "darkpenguin.models.dark_left:DarkLeftScalar",
        "dark_left_real_scalar": "darkpenguin.models.dark_left:DarkLeftRealScalar",
        "dark_left_fermion": "darkpenguin.models.dark_left:DarkLeftFermion",
        "dark_left_majorana": "darkpenguin.models.dark_left:DarkLeftMajorana",
        "dark_left_vector": "darkpenguin.models.dark_left:DarkLeftVector",
        "dark_left_real_vector": "darkpenguin.models.dark_left:DarkLeftRealVector",
        "dark_left_spin_three_half": "darkpenguin.models.dark_left:DarkLeftSpinThreeHalf",
        "sterile_neutrino": "darkpenguin.models.sterile_neutrino:SterileNeutrino",
        "sterile_neutrino_majorana": "darkpenguin.models.sterile_neutrino:SterileNeutrinoMajorana",
        "sterile_neutrino_mixed": "darkpenguin.models.sterile_neutrino:SterileNeutrinoMixed",
        "leptoquark_S0": "darkpenguin.models.leptoquark:ScalarSinglet",
        "leptoquark_S1": "darkpenguin.models.leptoquark:ScalarTriplet",
        "leptoquark_S12t": "darkpenguin.models.leptoquark:ScalarDoublet",
        "leptoquark_V12": "darkpenguin.models.leptoquark:VectorDoublet",
        "leptoquark_V1": "darkpenguin.models.leptoquark:VectorTriplet",
        "zprime": "darkpenguin.models.zprime:ZPrime",
    }
)
ENTRY_POINT_GROUP = "darkpenguin.models"

# what a user's own file can do wrong while Python runs it
FAULTS_OF_USER_CODE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
_FILE = re.compile(r"(?P<path>.*\.py)(?::(?P<cls>.*))?", re.DOTALL)


def available() -> tuple[str, ...]:
    """Names of the built-in models, then of those that installed packages declare."""
    return (*BUILT_IN, *(name for name in _installed() if name not in BUILT_IN))


def is_file(name: str) -> bool:
    """Whether a model is given as "path/to/my_model.py" or "path/to/my_model.py:Class"."""
    return _FILE.fullmatch(name) is not None


def split_file(name: str) -> tuple[Path, str | None]:
    """The path and the class name in "path/to/my_model.py:Class"; None where no class is named."""
    match = _FILE.fullmatch(name)
    if match is None:
        raise UnknownName("model file", name, ())
    return Path(match["path"]), match["cls"]


def load_model(name: str) -> type[AbstractModel]:
    """The class of a model.

    name : a name of `available()` ('-' and '_' are equal), or "path/to/my_model.py:Class"; the class may be left out if
        the file has one model only.
    Raises UnknownName with the nearest valid name, BadData if a file or package cannot be used; the message says why.
    """
    if is_file(name):
        path, cls = split_file(name)
        return _pick(path, models_in_file(path), cls)
    plain = name.replace("-", "_")
    if plain in BUILT_IN:
        module, _, cls = BUILT_IN[plain].partition(":")
        found: type[AbstractModel] = getattr(importlib.import_module(module), cls)
        return found
    installed = _installed()
    if plain in installed:
        return _load_installed(installed[plain])
    raise UnknownName("model", name, available())


def models_in_file(path: Path) -> dict[str, type[AbstractModel]]:
    """The models that a Python file defines, by class name, in order.

    Raises BadData if the file is missing or is no valid Python, or if it fails when it is run (with the line).
    """
    from darkpenguin.core.model import AbstractModel

    module = _run_file(path)
    return {
        cls.__name__: cls
        for cls in vars(module).values()
        if isinstance(cls, type) and issubclass(cls, AbstractModel) and cls.__module__ == module.__name__
    }


def _pick(path: Path, found: dict[str, type[AbstractModel]], name: str | None) -> type[AbstractModel]:
    if name is None:
        if len(found) != 1:
            listing = ", ".join(found) or "none"
            raise BadData(
                f"{path}: write '{path}:Class', since the file does not define exactly one model (found: {listing})"
            )
        return next(iter(found.values()))
    if name not in found:
        if hasattr(_run_file(path), name):
            raise BadData(
                f"{path}: '{name}' is not a model: it must be a class of this file derived from AbstractModel"
            )
        raise UnknownName(f"model class in {path}", name, found)
    return found[name]


def _run_file(path: Path) -> ModuleType:
    """The module of a file. A file that has not changed gives the same module again, so that nothing compiles twice."""
    try:
        source = path.read_bytes()
    except FileNotFoundError:
        raise BadData(f"{path}: no such file") from None
    except OSError as error:
        raise BadData(f"{path}: cannot be read ({error.strerror})") from None
    stem = re.sub(r"\W", "_", path.stem)
    digest = hashlib.sha256(str(path.resolve()).encode() + b"\0" + source).hexdigest()[:16]
    name = f"darkpenguin_user_{stem}_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BadData(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up here
    try:
        exec(compile(source, str(path), "exec"), vars(module))
    except FAULTS_OF_USER_CODE as error:
        del sys.modules[name]
        raise BadData(_where(path, error)) from None
    return module


def _where(path: Path, error: BaseException) -> str:
    """One line on what went wrong in a user's file, with the line of that file."""
    if isinstance(error, SyntaxError):
        line: int | None = error.lineno
        what = error.msg
    else:
        frames = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
        line = frames[-1] if frames else None
        what = str(error)
    return f"{path}{f', line {line}' if line else ''}: {type(error).__name__}: {what}"


def _installed() -> dict[str, EntryPoint]:
    return {point.name.replace("-", "_"): point for point in entry_points(group=ENTRY_POINT_GROUP)}


def _load_installed(point: EntryPoint) -> type[AbstractModel]:
    from darkpenguin.core.model import AbstractModel

    try:
        found = point.load()
    except FAULTS_OF_USER_CODE as error:
        raise BadData(
            f"model '{point.name}' of an installed package, {point.value}: {type(error).__name__}: {error}"
        ) from None
    if not (isinstance(found, type) and issubclass(found, AbstractModel)):
        raise BadData(
            f"model '{point.name}' of an installed package, {point.value}: not a class derived from AbstractModel"
        )
    return found
