"""A card: one short TOML file that says which model meets which data. Read with every fault reported at once.

```toml
model = "two_body_scalar"                  # or "path/to/my_model.py:Class", seen from the folder of the card
inputs = "2026-11"                         # dated set of masses, CKM elements, form factors
form_factors = {"B->K" = "hpqcd-2022"}     # optional: other form factors than those of the set
experiments = ["belle2-2023-bknunu"]
nuisances = "workspace"                    # form factors: "workspace" (the experiment's), "theory" (ours), "fixed"
acceptance = "sm"                          # limits: as published, or "shape": with efficiencies in q2 where known
dark_matter = "all"                        # limits from sky and detectors: for all of it, or "share": what it makes up
comparison_only = false                    # true: also take recasts and projections, which are no data
[parameters]
m_S = 2.1                                  # a number: held
BR = {from = 0.0, to = 3e-5, points = 30}  # a range: free in `fit`, a grid in `limits`; scale = "linear" or "log"
[limits]
parameter = "BR"
confidence_level = 0.95
```
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from darkpenguin.card_schema import CardTable, Nuisances, RangeTable, check_types
from darkpenguin.core.description import AcceptanceRule, DarkMatterRule
from darkpenguin.core.inputs import available_form_factors, available_inputs
from darkpenguin.core.model import AbstractModel, Range, check_values
from darkpenguin.errors import BadData, CardError, Problem, UnknownName, suggestion
from darkpenguin.experiments.index import check_comparison_only, check_overlaps, describe, split
from darkpenguin.models.index import available, is_file, load_model, split_file

MAX_BYTES = 1_000_000


@dataclasses.dataclass(frozen=True)
class Limits:
    """What the verb `limits` looks for: an upper limit on `parameter` at `confidence_level`."""

    parameter: str
    confidence_level: float = 0.95


@dataclasses.dataclass(frozen=True)
class Card:
    """A card without faults.

    source : name of the file.   model : a name, or "path/to/file.py:Class" with the folder of the card put in front.
    fixed, free : parameters held at a value, and those given a range.   limits : None if the card has no such table.
    """

    source: str
    model: str
    inputs: str
    form_factors: dict[str, str]
    experiments: tuple[str, ...]
    nuisances: Nuisances
    acceptance: AcceptanceRule
    comparison_only: bool
    dark_matter: DarkMatterRule
    fixed: dict[str, float]
    free: dict[str, Range]
    limits: Limits | None

    def digest(self) -> str:
        """SHA-256 of what the card means: the same for another order of keys, other comments, or defaults written out.

        A model in a file enters with its source, so that an edited model gives another digest.
        """
        plain = dataclasses.asdict(self)
        del plain["source"]
        plain["free"] = {name: list(r) for name, r in self.free.items()}
        plain["experiments"] = sorted(self.experiments)
        if is_file(self.model):
            path, cls = split_file(self.model)
            plain["model"] = [hashlib.sha256(path.read_bytes()).hexdigest(), cls]
        else:
            plain["model"] = self.model.replace("-", "_")
        return hashlib.sha256(json.dumps(plain, sort_keys=True, allow_nan=False).encode()).hexdigest()


def read_card(path: str | Path) -> Card:
    """Read a card.

    Raises CardError with every fault at once: its place, what was expected, and the nearest valid name.
    """
    path = Path(path)
    return card_from_table(read_table(path), path.name, path.parent)


def read_table(path: Path) -> dict[str, Any]:
    """The nested dictionaries of a TOML file, not yet checked. Raises CardError if it cannot be read or is no TOML."""
    return _parse_toml(_text(path), path.name)


def parse_card(text: str, source: str = "card", folder: Path = Path()) -> Card:
    """A card from its text; `folder` is where relative paths of model files start. Raises CardError as `read_card`."""
    return card_from_table(_parse_toml(text, source), source, folder)


def card_from_table(raw: dict[str, Any], source: str = "card", folder: Path = Path()) -> Card:
    """A card from nested dictionaries with the keys of the file. Raises CardError as `read_card`."""
    table, problems = check_types(raw)
    model, more = _model(table, folder, missing=raw.get("model") is None)
    problems += more + _names(table, folder) + _limits(table)
    if model is not None:
        problems += _parameters(table, model, given=_given(raw))
    if problems or model is None or table.model is None:
        order = [*_paths(raw)]
        raise CardError(source, sorted(problems, key=lambda p: _rank(p.where, order)))
    return Card(
        source=source,
        model=_located(table.model, folder),
        inputs=table.inputs,
        form_factors=dict(table.form_factors),
        experiments=tuple(_located_result(name, folder) for name in table.experiments),
        nuisances=table.nuisances,
        acceptance=table.acceptance,
        comparison_only=table.comparison_only,
        dark_matter=table.dark_matter,
        fixed={name: value for name, value in table.parameters.items() if isinstance(value, float)},
        free=_ranges(table, model),
        limits=None if table.limits is None else Limits(table.limits.parameter, table.limits.confidence_level),
    )


# --- the file ---


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise CardError(
                path.name, [Problem("size", f"larger than {MAX_BYTES} bytes, the most that a card may have")]
            )
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        raise CardError(str(path), [Problem("file", "no such file")]) from None
    except OSError as error:
        raise CardError(str(path), [Problem("file", f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        raise CardError(path.name, [Problem(f"byte {error.start}", "not UTF-8 text")]) from None


def _parse_toml(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.fullmatch(r"(.*) \(at (line \d+, column \d+|end of document)\)", str(error), re.DOTALL)
        where, what = (found[2], found[1]) if found else ("file", str(error))
        raise CardError(source, [Problem(where, f"not valid TOML: {what[:1].lower()}{what[1:]}")]) from None
    except (RecursionError, ValueError) as error:  # brackets nested thousands deep; an integer of thousands of digits
        raise CardError(source, [Problem("file", f"not valid TOML: {error}")]) from None


def _paths(raw: Any, stem: str = "") -> Iterator[str]:
    """Every place of the card in its order: "model", "parameters.m_S.from", "experiments[1]"."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            where = f"{stem}.{key}" if stem else key
            yield where
            yield from _paths(value, where)
    elif isinstance(raw, list):
        for i, value in enumerate(raw):
            yield f"{stem}[{i}]"
            yield from _paths(value, f"{stem}[{i}]")


def _rank(where: str, order: list[str]) -> tuple[int, int]:
    """Place of a fault in the card; faults of what is not there come last."""
    if where in order:
        return (0, order.index(where))
    return (1, 0)


# --- meaning ---


def _located(name: str, folder: Path) -> str:
    """A model file, seen from the folder of the card."""
    if not is_file(name):
        return name
    path, cls = split_file(name)
    return str(folder / path) + (f":{cls}" if cls is not None else "")


def _model(table: CardTable, folder: Path, missing: bool) -> tuple[type[AbstractModel] | None, list[Problem]]:
    if table.model is None:
        return None, [Problem("model", f"required key is missing; known: {', '.join(available())}")] if missing else []
    try:
        return load_model(_located(table.model, folder)), []
    except UnknownName as error:
        return None, [Problem("model", f"'{error.name}' not found{suggestion(error.name, error.known)}")]
    except BadData as error:
        return None, [Problem("model", str(error))]


def _located_result(name: str, folder: Path) -> str:
    """A result in a file, seen from the folder of the card."""
    return str(folder / name) if split(name)[0].endswith(".toml") else name


def _names(table: CardTable, folder: Path) -> list[Problem]:
    """Unknown input set, form factors and experiments; results that are given twice or overlap."""
    experiments = [_located_result(name, folder) for name in table.experiments]
    return check_names(table.inputs, table.form_factors, experiments) + check_comparison_only(
        experiments, allowed=table.comparison_only
    )


def check_names(inputs: str, form_factors: Mapping[str, str], experiments: Sequence[str]) -> list[Problem]:
    """All faults in the names of an input set, of form factors by transition, and of experimental results."""
    known = [description.name for description in available_inputs()]
    problems = [] if inputs in known else [Problem("inputs", f"'{inputs}' not found{suggestion(inputs, known)}")]
    transitions = sorted({description.transition for description in available_form_factors()})
    for transition, name in form_factors.items():
        where = f"form_factors.{transition}"
        sets = (
            [description.name for description in available_form_factors(transition)]
            if transition in transitions
            else []
        )
        if transition not in transitions:
            problems.append(Problem(where, f"unknown transition{suggestion(transition, transitions)}"))
        elif name not in sets:
            problems.append(Problem(where, f"'{name}' not found for {transition}{suggestion(name, sets)}"))
    return problems + _experiments(experiments)


def _experiments(names: Sequence[str]) -> list[Problem]:
    problems, good = [], []
    for i, name in enumerate(names):
        where = f"experiments[{i}]"
        if name in names[:i]:
            problems.append(Problem(where, f"'{name}' is there twice"))
            continue
        try:
            describe(name)
            good.append(name)
        except UnknownName as error:
            what = f"'{name}'" if error.kind == "experimental result" else f"{error.kind} '{error.name}'"
            problems.append(Problem(where, f"{what} not found{suggestion(error.name, error.known)}"))
        except BadData as error:
            problems.append(Problem(where, " ".join(str(error).split())))
    return problems + check_overlaps(good)


def _given(raw: Mapping[str, Any]) -> list[str]:
    """Names of the parameters that the card gives, rightly or wrongly."""
    table = raw.get("parameters")
    return list(table) if isinstance(table, dict) else []


def _parameters(table: CardTable, model: type[AbstractModel], given: Sequence[str]) -> list[Problem]:
    """Unknown names, values and ends of ranges outside what the model allows, required parameters that are missing."""
    known = {p.name: p for p in model.parameters()}
    ranges = {name: v for name, v in table.parameters.items() if isinstance(v, RangeTable)}
    # one value for everything that is given, so that only what is absent counts as missing
    values = {name: known[name].low for name in given if name in known}
    values |= {name: v.high if isinstance(v, RangeTable) else v for name, v in table.parameters.items()}
    joint = model.faults(values)
    single = [p for p in check_values(model, values) if p not in joint and not (p.where in known and p.where in ranges)]
    ends = [p for name, r in ranges.items() if name in known for p in _range(model, name, r)]
    return [Problem(f"parameters.{p.where}", p.what) for p in (*single, *ends, *joint)]


def _range(model: type[AbstractModel], name: str, r: RangeTable) -> list[Problem]:
    problems = []
    for key, end in (("from", r.low), ("to", r.high)):
        problems += [Problem(f"{name}.{key}", p.what) for p in check_values(model, {name: end}, missing=False)]
    if not r.low < r.high:
        problems.append(Problem(name, f"'from' must be less than 'to', found {r.low:g} and {r.high:g}"))
    if r.scale == "log" and r.low <= 0.0:
        problems.append(Problem(f"{name}.from", f'must be positive for scale = "log", found {r.low:g}'))
    return problems


def _ranges(table: CardTable, model: type[AbstractModel]) -> dict[str, Range]:
    """The free parameters. A scale not given is the model's own, but linear where the range reaches 0 or below."""
    own = {p.name: p.scale for p in model.parameters()}
    return {
        name: Range(r.low, r.high, r.points, r.scale or (own[name] if r.low > 0.0 else "linear"))
        for name, r in table.parameters.items()
        if isinstance(r, RangeTable)
    }


def _limits(table: CardTable) -> list[Problem]:
    """A limit needs a parameter with a range: its allowed interval."""
    if table.limits is None:
        return []
    name = table.limits.parameter
    free = [key for key, value in table.parameters.items() if isinstance(value, RangeTable)]
    if name in free:
        return []
    if name in table.parameters:
        return [Problem("limits.parameter", f"'{name}' is held at a value; give it a range {{from = ..., to = ...}}")]
    return [Problem("limits.parameter", f"'{name}' is not among the parameters with a range{suggestion(name, free)}")]
