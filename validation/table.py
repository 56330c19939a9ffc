"""Published numbers from CSV files, our numbers beside them, as text and as Markdown."""

from __future__ import annotations

import csv
import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

NUMBERS = Path(__file__).parent / "numbers"
COLUMNS = ("id", "quantity", "value", "tolerance", "kind", "reason", "source")
Kind = Literal["relative", "absolute"]


@dataclasses.dataclass(frozen=True)
class Expected:
    """One published number.

    value : as printed, unit in `quantity`.
    tolerance : on ours / value - 1 if `kind` is "relative", else on ours - value.
    reason : why the tolerance is what it is.   source : where the number stands.
    """

    id: str
    quantity: str
    value: float
    tolerance: float
    kind: Kind
    reason: str
    source: str


@dataclasses.dataclass(frozen=True)
class Row:
    """Ours beside theirs."""

    expected: Expected
    ours: float

    @property
    def deviation(self) -> float:
        """ours / theirs - 1 or ours - theirs, as the tolerance is meant."""
        if self.expected.kind == "relative":
            return self.ours / self.expected.value - 1.0
        return self.ours - self.expected.value

    @property
    def passed(self) -> bool:
        """Within tolerance; a number that is not finite never is."""
        return math.isfinite(self.ours) and abs(self.deviation) <= self.expected.tolerance

    def cells(self) -> tuple[str, ...]:
        """id, quantity, ours, theirs, ratio or difference, tolerance, verdict, source: as text."""
        e = self.expected
        return (
            e.id,
            e.quantity,
            shown(self.ours),
            f"{e.value:.10g}",
            f"{self.ours / e.value:.7g}" if e.kind == "relative" else f"{self.deviation:+.2g} (diff.)",
            f"{e.tolerance:.1g}" if e.kind == "relative" else f"{e.tolerance:.1g} (abs.)",
            "pass" if self.passed else "FAIL",
            e.source,
        )


HEAD = ("id", "quantity", "ours", "theirs", "ratio", "tolerance", "", "source")


class Group(NamedTuple):
    """One table of the page.

    numbers : name of the CSV file.
    compute : id -> our number, for the ids of that file, and for others that only the discussion names.
    discussion : name of a Markdown file to follow the table; {id} in it stands for our number.
    """

    title: str
    intro: str
    numbers: str
    compute: Callable[[], Mapping[str, float]]
    discussion: str | None = None


def shown(x: float) -> str:
    """A number with eight digits, without trailing zeros."""
    return f"{x:.8g}"


def read_numbers(path: Path) -> list[Expected]:
    """The rows of one CSV file; lines that begin with # are comments. Raises ValueError with file, line and fault."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    reader = csv.DictReader(lines)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise ValueError(f"{path.name}: expected the columns {', '.join(COLUMNS)}, found {reader.fieldnames}")
    found = [_expected(path.name, record) for record in reader]
    ids = [e.id for e in found]
    if len(set(ids)) != len(ids):
        raise ValueError(f"{path.name}: ids occur twice: {sorted({i for i in ids if ids.count(i) > 1})}")
    return found


def _expected(name: str, record: dict[str, str]) -> Expected:
    if None in record or None in record.values():
        raise ValueError(f"{name}: {record['id']}: expected {len(COLUMNS)} fields")
    empty = [c for c in COLUMNS if not record[c].strip()]
    if empty:
        raise ValueError(f"{name}: {record['id']}: empty {', '.join(empty)}")
    if record["kind"] not in ("relative", "absolute"):
        raise ValueError(f"{name}: {record['id']}: kind is 'relative' or 'absolute', found '{record['kind']}'")
    value, tolerance = float(record["value"]), float(record["tolerance"])
    if not (math.isfinite(value) and tolerance > 0) or (value == 0 and record["kind"] == "relative"):
        raise ValueError(f"{name}: {record['id']}: value {value}, tolerance {tolerance} {record['kind']}")
    return Expected(**{**record, "value": value, "tolerance": tolerance})


def compare(expected: Sequence[Expected], ours: Mapping[str, float]) -> list[Row]:
    """Rows in the order of the file. Raises KeyError if a number of the file was not computed."""
    missing = [e.id for e in expected if e.id not in ours]
    if missing:
        raise KeyError(f"not computed: {', '.join(missing)}")
    return [Row(e, float(ours[e.id])) for e in expected]


def as_text(rows: Sequence[Row]) -> str:
    """Aligned columns for a terminal."""
    cells = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(c[i]) for c in cells) for i in range(len(HEAD) - 1)]
    return "\n".join("  ".join([*(c[i].ljust(w) for i, w in enumerate(widths)), c[-1]]) for c in cells)


def as_markdown(rows: Sequence[Row]) -> str:
    """A Markdown table, the reason of each tolerance as its last column."""
    head = (*HEAD[:4], "ratio or difference", "tolerance", "verdict", "source", "why this tolerance")
    lines = [head, tuple("---" for _ in head), *((*row.cells(), row.expected.reason) for row in rows)]
    return "\n".join("| " + " | ".join(escaped(cell) for cell in line) + " |" for line in lines)


def escaped(text: str) -> str:
    """Text as a cell of a Markdown table: bars and asterisks are themselves."""
    return text.replace("|", "\\|").replace("*", "\\*")
