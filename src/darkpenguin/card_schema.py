"""The keys of a card and their types; what is wrong with them, in the words of a card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError

from darkpenguin.core.description import AcceptanceRule, DarkMatterRule
from darkpenguin.core.inputs import DEFAULT
from darkpenguin.errors import Problem, suggestion

MAX_POINTS = 10_000
Nuisances = Literal["workspace", "theory", "fixed"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class RangeTable(_Strict):
    """A free parameter: {from, to, points, scale}. The scale is the model's own if None."""

    low: float = Field(alias="from")
    high: float = Field(alias="to")
    points: int = Field(default=30, ge=2, le=MAX_POINTS)
    scale: Literal["linear", "log"] | None = None


class LimitsTable(_Strict):
    """The table [limits]."""

    parameter: str
    confidence_level: float = Field(default=0.95, gt=0.5, lt=1.0)


def _number_or_range(value: Any) -> str:
    return "range" if isinstance(value, dict) else "number"


_Value = Annotated[
    Annotated[RangeTable, Tag("range")] | Annotated[float, Tag("number")],
    Discriminator(_number_or_range),
]


class CardTable(_Strict):
    """The keys of a card. The model has a default only so that the other faults are found when it is missing."""

    model: str | None = None
    inputs: str = DEFAULT
    form_factors: dict[str, str] = {}
    experiments: list[str] = ["belle2-2023-bknunu"]
    nuisances: Nuisances = "workspace"
    acceptance: AcceptanceRule = "sm"
    comparison_only: bool = False
    dark_matter: DarkMatterRule = "all"
    parameters: dict[str, _Value] = {}
    limits: LimitsTable | None = None


_KEYS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    (): tuple(CardTable.model_fields),
    ("parameters",): ("from", "to", "points", "scale"),
    ("limits",): tuple(LimitsTable.model_fields),
}


def check_types(raw: dict[str, Any]) -> tuple[CardTable, list[Problem]]:
    """The card with every entry of a wrong type left out, and the faults of those entries."""
    try:
        return CardTable.model_validate(raw), []
    except ValidationError as error:
        problems = [_in_words(e) for e in error.errors(include_url=False)]
        bad = {e["loc"] for e in error.errors(include_url=False)}
        return CardTable.model_validate(_without(raw, bad)), problems


def _without(raw: dict[str, Any], bad: set[tuple[int | str, ...]]) -> dict[str, Any]:
    """The card without the entries that are wrong: a key, or one parameter, experiment or form factor."""
    kept: dict[str, Any] = {}
    for key, value in raw.items():
        if (key,) in bad or (key == "limits" and any(loc[0] == key for loc in bad)):
            continue
        wrong = {loc[1] for loc in bad if loc[0] == key and len(loc) > 1}
        if isinstance(value, dict):
            kept[key] = {k: v for k, v in value.items() if k not in wrong}
        elif isinstance(value, list):
            kept[key] = [v for i, v in enumerate(value) if i not in wrong]
        else:
            kept[key] = value
    return kept


def _in_words(error: Mapping[str, Any]) -> Problem:
    """One pydantic error in the words of a card."""
    loc = [part for i, part in enumerate(error["loc"]) if not (i == 2 and part in ("number", "range"))]
    where = str(loc[0]) + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc[1:])
    found = _short(error["input"])
    match error["type"]:
        case "extra_forbidden":
            known = _KEYS[tuple(str(part) for part in loc[:1] if len(loc) > 1)]
            return Problem(where, f"unknown key{suggestion(str(loc[-1]), known)}")
        case "missing":
            return Problem(where, "required key is missing")
        case "finite_number":
            return Problem(where, f"{found} is not a finite number")
        case "literal_error":
            expected = error["ctx"]["expected"]
            return Problem(where, f"expected {expected}, found {found}")
        case "float_type" if loc[0] == "parameters" and len(loc) == 2:
            return Problem(where, f"expected a number or a range {{from = ..., to = ...}}, found {found}")
    expected = {
        "string_type": "text",
        "float_type": "a number",
        "int_type": "a whole number",
        "bool_type": "true or false",
        "list_type": "a list",
        "dict_type": "a table",
        "model_type": "a table",
    }.get(error["type"])
    return Problem(
        where, f"expected {expected}, found {found}" if expected else f"{error['msg'].lower()}, found {found}"
    )


def _short(value: Any) -> str:
    text = repr(value) if not isinstance(value, bool) else str(value).lower()
    return text if len(text) <= 40 else f"{text[:36]}..."
