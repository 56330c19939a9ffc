"""Where the experimental results are: built-in files, those of installed packages, and a file of the user's own.

A name may be followed by a selection of its parts: "belle2-2023-bknunu:hadronic", "belle-2017-bknunu:K*0",
"my/result.toml:K+,K0". Nothing is read before a function here is called.
"""

from __future__ import annotations

import importlib
import importlib.resources
import re
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from darkpenguin.core.description import AcceptanceRule, ResultDescription
from darkpenguin.errors import BadData, Problem, UnknownName
from darkpenguin.experiments.reading import read_result
from darkpenguin.experiments.schema import HistFactoryFile, ResultFile
from darkpenguin.experiments.schema_spectra import CurveFile, DarkCurveFile, FoldedFile
from darkpenguin.experiments.schema_values import GaussianFile, UpperLimitFile

if TYPE_CHECKING:
    from darkpenguin.core.likelihood import AbstractLikelihood

ENTRY_POINT_GROUP = "darkpenguin.experiments"
_SELECTION = re.compile(r"(?P<result>.*\.toml|[^:]*)(?::(?P<parts>.*))?", re.DOTALL)


def available() -> tuple[str, ...]:
    """Names of the built-in results, then of those that installed packages declare."""
    built_in = tuple(sorted(_built_in()))
    return (*built_in, *(name for name in _installed() if name not in built_in))


def describe(name: str) -> ResultDescription:
    """What a result (or a selection of its parts) states about itself; its file is read and checked.

    name : one of `available()`, or "path/to/result.toml"; ":part" or ":part,part" after it selects.
    Raises UnknownName with the nearest valid name or part; BadData if the file cannot be used, as ResultFileError with
    all faults at once where it can be read at all.
    """
    return _read(name)[1]


def load(
    name: str,
    *,
    held: Sequence[str] = (),
    acceptance: AcceptanceRule = "sm",
    full_density: float | None = None,
) -> AbstractLikelihood:
    """The likelihood of a result, or of a selection of its parts; names and errors as in `describe`.

    held : nuisances of binned results kept at zero, e.g. an experiment's form factors when the theory has its own.
    acceptance : what a published branching fraction or limit is compared with. "sm": the predicted branching fraction,
        as if the efficiency were the Standard Model's. "shape": the prediction weighted with the efficiency as a
        function of q2, where the result states it (see `tested`); other results stay as they are.
    full_density : Omega h^2 of all dark matter, to reduce cross sections by the share of the particle; None: it is all.
    """
    from darkpenguin.experiments.tested import with_acceptance, with_share

    file, about = _read(name)
    about = with_share(about, full_density)
    if isinstance(file, HistFactoryFile):
        from darkpenguin.experiments.binned import BinnedLikelihood

        return BinnedLikelihood.load(Path(about.path).parent, about, held)
    if isinstance(file, CurveFile):
        from darkpenguin.experiments.curve import CurveLikelihood

        return CurveLikelihood.from_file(file, about)
    if isinstance(file, DarkCurveFile):
        from darkpenguin.experiments.dark_curve import DarkCurveLikelihood

        return DarkCurveLikelihood.from_file(file, about)
    if isinstance(file, FoldedFile):
        from darkpenguin.experiments.folded import FoldedLikelihood

        return FoldedLikelihood.from_file(file, about)
    if isinstance(file, GaussianFile):
        from darkpenguin.experiments.gaussian import GaussianLikelihood

        return GaussianLikelihood.from_file(file, with_acceptance(file, about, acceptance))
    if isinstance(file, UpperLimitFile):
        from darkpenguin.experiments.upper_limit import UpperLimitLikelihood

        return UpperLimitLikelihood.from_file(file, with_acceptance(file, about, acceptance))
    return _own(file, about)


def check_overlaps(names: Sequence[str]) -> list[Problem]:
    """Every pair of results that hold the same data; unknown names are left to `describe`.

    Two results overlap if one names the other (or the part of it that is in use) in `overlaps`, two selections of one
    result if they share a part. Selections of one binned result always overlap: they share systematic uncertainties.
    """
    found = _described(names)
    within = [
        Problem("experiments", f"parts of '{name}' hold the same data: {', '.join(a.selected)}; take one of them")
        for name, a in found
        if _names(a, a)
    ]
    return within + [
        Problem("experiments", f"'{first}' and '{second}' {why}: take one of them")
        for i, (second, b) in enumerate(found)
        for first, a in found[:i]
        if (why := _overlap(a, b))
    ]


def check_comparison_only(names: Sequence[str], *, allowed: bool = False) -> list[Problem]:
    """Every result that must not enter a combination unless it is asked for; unknown names are left to `describe`.

    These are recasts by third parties, of data that other results hold, and projections, which measured nothing.
    allowed : asked for; then nothing is refused.
    """
    return [
        Problem("experiments", f"'{name}' is {what}: not for a combination with data unless asked for")
        for name, about in ([] if allowed else _described(names))
        if (what := "a projection" if about.projection else "for comparison only" if about.comparison_only else "")
    ]


def _described(names: Sequence[str]) -> list[tuple[str, ResultDescription]]:
    found = []
    for name in names:
        try:
            found.append((name, describe(name)))
        except (UnknownName, BadData):
            continue
    return found


def _overlap(a: ResultDescription, b: ResultDescription) -> str:
    """In words why two results must not be combined; empty if they may."""
    if a.path == b.path:
        shared = [part for part in a.selected if part in b.selected]
        if a.kind == "histfactory" or shared or not a.parts:
            return "hold the same data" if shared or not a.parts else "share systematic uncertainties"
    return "hold the same data" if _names(a, b) or _names(b, a) else ""


def _names(a: ResultDescription, b: ResultDescription) -> bool:
    """Whether the overlaps that `a` states hold `b`."""
    for stated in a.overlaps:
        result, parts = split(stated)
        if result == b.result and (parts is None or any(part in b.selected for part in parts)):
            return True
    return False


def split(name: str) -> tuple[str, tuple[str, ...] | None]:
    """The result and the selected parts in "result:part,part"; None where nothing is selected."""
    match = _SELECTION.fullmatch(name)
    if match is None:
        return name, None
    return match["result"], None if match["parts"] is None else tuple(p.strip() for p in match["parts"].split(","))


def _read(name: str) -> tuple[ResultFile, ResultDescription]:
    result, parts = split(name)
    path = _path(result)
    file = read_result(path)
    for part in parts or ():
        if part not in file.parts():
            raise UnknownName(f"part of {file.name}", part, file.parts())
    default = [entry for entry in file.entries() if not entry.optional]
    entries = default if parts is None else [entry for entry in file.entries() if entry.part in parts]
    selection = "" if entries == default else ":" + ",".join(entry.part for entry in entries)
    overlaps = [*file.overlaps, *(name for entry in entries for name in entry.overlaps)]
    return file, ResultDescription(
        name=file.name + selection,
        result=file.name,
        title=file.title,
        kind=file.likelihood,
        parts=file.parts(),
        selected=tuple(entry.part for entry in entries),
        observables=(*(entry.observable for entry in entries), *file.also_needed()),
        references=tuple(file.references),
        overlaps=tuple(dict.fromkeys(overlaps)),
        assumptions=tuple(file.assumptions),
        validity=tuple((quantity, low, high) for quantity, (low, high) in file.validity.items()),
        path=str(path.resolve()),
        bibliography=tuple((key, entry.bibtex(key)) for key, entry in file.bibliography.items()),
        comparison_only=file.comparison_only,
        projection=file.projection,
    )


def _path(result: str) -> Path:
    """The file of a result. Raises UnknownName, BadData if an installed package points to no file."""
    if result.endswith(".toml"):
        return Path(result)
    built_in, installed = _built_in(), _installed()
    if result in built_in:
        return built_in[result]
    if result in installed:
        return _of_package(installed[result])
    raise UnknownName("experimental result", result, (*sorted(built_in), *installed))


def _built_in() -> dict[str, Path]:
    folder = Path(str(importlib.resources.files("darkpenguin") / "data" / "experiments"))
    single = {path.stem: path for path in folder.glob("*.toml")}
    return single | {path.parent.name: path for path in folder.glob("*/result.toml")}


def _installed() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}


def _of_package(point: EntryPoint) -> Path:
    """An entry point names a Path (or text) of a result file or of its folder: `my-result = "my_package:RESULT"`."""
    try:
        found = point.load()
    except (AttributeError, ImportError) as error:
        raise BadData(f"result '{point.name}' of an installed package, {point.value}: {error}") from None
    if not isinstance(found, (str, Path)):
        raise BadData(f"result '{point.name}' of an installed package, {point.value}: expected a path, found {found!r}")
    path = Path(found)
    return path / "result.toml" if path.is_dir() else path


def _own(file: ResultFile, about: ResultDescription) -> AbstractLikelihood:
    """The likelihood of `likelihood = "module:Class"`, built with `Class.from_file(file, about)`."""
    from darkpenguin.core.likelihood import DirectLikelihood, ProfiledLikelihood

    module, _, name = file.likelihood.partition(":")
    try:
        cls = getattr(importlib.import_module(module), name)
    except (AttributeError, ImportError) as error:
        raise BadData(f"{about.path}: likelihood '{file.likelihood}' cannot be imported ({error})") from None
    if not (
        isinstance(cls, type) and issubclass(cls, (DirectLikelihood, ProfiledLikelihood)) and hasattr(cls, "from_file")
    ):
        raise BadData(
            f"{about.path}: expected in '{file.likelihood}' a class derived from DirectLikelihood or "
            "ProfiledLikelihood, with a class method from_file(file, about)"
        )
    likelihood: AbstractLikelihood = cls.from_file(file, about)
    return likelihood
