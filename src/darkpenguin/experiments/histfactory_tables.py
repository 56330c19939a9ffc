"""Tables of a published HistFactory likelihood: reading and checking.

A result folder holds `result.toml` (metadata and the SHA-256 of every table) and the tables as CSV with comment lines.
A row is one (channel, sample, bin); rows of one bin add up to its expected count.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.resources
import math
import tomllib
from collections.abc import Sequence
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

import numpy as np

from darkpenguin.errors import BadData, UnknownName

FloatArray = np.ndarray[Any, np.dtype[np.float64]]
IntArray = np.ndarray[Any, np.dtype[np.int64]]

SELECTIONS = ("combined", "inclusive", "hadronic")
COLUMNS = {
    "channels.csv": ("channel", "tag", "published_name"),
    "observed.csv": ("channel", "bin", "observed"),
    "samples.csv": ("channel", "sample", "signal", "staterror"),
    "yields.csv": ("channel", "sample", "bin", "nominal", "error"),
    "histosys.csv": ("channel", "sample", "parameter", "bin", "lo", "hi"),
    "normsys.csv": ("channel", "sample", "parameter", "lo", "hi"),
}


class RowKey(NamedTuple):
    """Where a row stands: channel key, sample name, bin within the channel."""

    channel: str
    sample: str
    bin: int


class Tables(NamedTuple):
    """The content of the tables, one array entry per row.

    channels : (key, tag, published name, number of bins) in order; bins are numbered through all channels.
    observed [n_bin] : counts.
    rows, row_bin [n_row] : keys and global bins of the rows.
    signal [n_row] : 1 if the row is scaled by the signal strength.
    nominal, error [n_row] : expected events and their absolute statistical error.
    staterror [n_row] : published name of that error.
    histosys : parameter names.
    low, high [n_row, n_histosys] : yields at -1 and +1 standard deviation; nominal where the parameter does nothing.
    shifted [n_row, n_histosys] : 1 where an entry is published.
    normsys : parameter names.
    factors [n_normsys, 2] : (low, high).
    scaled [n_row, n_normsys] : 1 where an entry is published.
    """

    name: str
    channels: tuple[tuple[str, str, str, int], ...]
    observed: FloatArray
    rows: tuple[RowKey, ...]
    row_bin: IntArray
    signal: IntArray
    nominal: FloatArray
    error: FloatArray
    staterror: tuple[str, ...]
    histosys: tuple[str, ...]
    low: FloatArray
    high: FloatArray
    shifted: IntArray
    normsys: tuple[str, ...]
    factors: FloatArray
    scaled: IntArray


def builtin_folder(name: str) -> Traversable:
    """The folder of a result that comes with the package. Raises UnknownName."""
    root = importlib.resources.files("darkpenguin") / "data" / "experiments"
    known = sorted(entry.name for entry in root.iterdir() if (entry / "result.toml").is_file())
    if name not in known:
        raise UnknownName("result folder", name, known)
    return root / name


def read_metadata(folder: Traversable) -> dict[str, Any]:
    """`result.toml` of a result folder. Raises BadData if it is missing or has no list of tables."""
    path = folder / "result.toml"
    if not path.is_file():
        raise BadData(f"{path}: expected a file, found none")
    metadata = tomllib.loads(path.read_text(encoding="utf-8"))
    if not isinstance(metadata.get("tables"), dict):
        raise BadData(f"{path}: expected a section [tables] with a sha256 for each table, found none")
    return metadata


def read_table(folder: Traversable, name: str, columns: Sequence[str], metadata: dict[str, Any]) -> list[list[str]]:
    """Lines of one table as text fields, after the checks of its SHA-256, its columns and the length of every line.

    Raises BadData, naming the file, what was expected and what was found.
    """
    path = folder / name
    if name not in metadata["tables"]:
        raise BadData(f"{folder / 'result.toml'}: expected a sha256 of {name} in [tables], found none")
    if not path.is_file():
        raise BadData(f"{path}: expected a file, found none")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != metadata["tables"][name]:
        raise BadData(f"{path}: expected sha256 {metadata['tables'][name]}, found {found}")
    lines = [line for line in content.decode("utf-8").splitlines() if line and not line.startswith("#")]
    head, *body = list(csv.reader(lines)) or [[]]
    if tuple(head) != tuple(columns):
        raise BadData(f"{path}: expected the columns {','.join(columns)}, found {','.join(head)}")
    for fields in body:
        if len(fields) != len(columns):
            raise BadData(f"{path}: expected {len(columns)} fields in each line, found {','.join(fields)[:80]}")
    return body


def number(path: Traversable, field: str, *, positive: bool = False) -> float:
    """One finite number of a table; positive if asked. Raises BadData."""
    try:
        value = float(field)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or (positive and value <= 0):
        raise BadData(f"{path}: expected a {'positive' if positive else 'finite'} number, found {field!r}")
    return value


def index(path: Traversable, field: str) -> int:
    """One bin number of a table. Raises BadData."""
    if not field.isdecimal():
        raise BadData(f"{path}: expected a bin number, found {field!r}")
    return int(field)


def load_tables(folder: Traversable) -> Tables:
    """Read and check all tables of a HistFactory result.

    Raises BadData for a wrong checksum or column, a number that is not finite, a yield, error or factor that is not
    positive, a row that is missing, unknown or given twice, and for content that the fast profile does not cover (a
    parameter that is histosys and normsys at once, a normsys with two different factors, two signal rows in one bin).
    """
    metadata = read_metadata(folder)
    text = {name: read_table(folder, name, columns, metadata) for name, columns in COLUMNS.items()}
    channels, observed = _observed(folder, text)
    samples = {(channel, sample): (signal == "yes", name) for channel, sample, signal, name in text["samples.csv"]}
    rows, nominal, error = _yields(folder, text["yields.csv"], channels, set(samples))
    start = np.cumsum([0] + [n_bin for *_, n_bin in channels])
    first = {key: int(start[i]) for i, (key, *_) in enumerate(channels)}
    row_bin = np.array([first[row.channel] + row.bin for row in rows], dtype=np.int64)
    signal = np.array([samples[row.channel, row.sample][0] for row in rows], dtype=np.int64)
    if len(set(row_bin[signal == 1].tolist())) != signal.sum():
        raise BadData(f"{folder / 'samples.csv'}: expected at most one signal sample in a channel, found two")
    histosys, low, high, shifted = _histosys(folder, text["histosys.csv"], rows, nominal)
    normsys, factors, scaled = _normsys(folder, text["normsys.csv"], rows, set(samples))
    both = sorted(set(histosys) & set(normsys))
    if both:
        raise BadData(f"{folder}: expected each parameter in histosys.csv or normsys.csv, found {both} in both")
    return Tables(
        name=str(metadata.get("name", folder.name)),
        channels=channels,
        observed=observed,
        rows=rows,
        row_bin=row_bin,
        signal=signal,
        nominal=nominal,
        error=error,
        staterror=tuple(samples[row.channel, row.sample][1] for row in rows),
        histosys=histosys,
        low=low,
        high=high,
        shifted=shifted,
        normsys=normsys,
        factors=factors,
        scaled=scaled,
    )


def _observed(
    folder: Traversable, text: dict[str, list[list[str]]]
) -> tuple[tuple[tuple[str, str, str, int], ...], FloatArray]:
    """The channels with their number of bins, and the observed counts in their order."""
    path = folder / "observed.csv"
    counts: dict[str, dict[int, float]] = {fields[0]: {} for fields in text["channels.csv"]}
    for channel, bin_field, count in text["observed.csv"]:
        value, place = number(path, count), index(path, bin_field)
        if channel not in counts or value < 0 or place in counts[channel]:
            found = f"{channel},{bin_field},{count}"
            raise BadData(f"{path}: expected one count of at least 0 per bin of a known channel, found {found}")
        counts[channel][place] = value
    for key, bins in counts.items():
        if sorted(bins) != list(range(len(bins))) or not bins:
            raise BadData(f"{path}: expected the bins 0, 1, 2, ... of channel {key}, found {sorted(bins)}")
    for key, tag, _ in text["channels.csv"]:
        if tag not in SELECTIONS[1:]:
            raise BadData(f"{folder / 'channels.csv'}: expected the tag inclusive or hadronic of {key}, found {tag}")
    channels = tuple((key, tag, name, len(counts[key])) for key, tag, name in text["channels.csv"])
    return channels, np.array([counts[key][b] for key, *_ in channels for b in sorted(counts[key])])


def _yields(
    folder: Traversable,
    lines: list[list[str]],
    channels: tuple[tuple[str, str, str, int], ...],
    samples: set[tuple[str, str]],
) -> tuple[tuple[RowKey, ...], FloatArray, FloatArray]:
    """Keys, nominal yields and their errors of all rows."""
    path = folder / "yields.csv"
    rows = tuple(RowKey(channel, sample, index(path, place)) for channel, sample, place, *_ in lines)
    expected = {
        RowKey(key, s, b) for key, _, _, n_bin in channels for c, s in samples if c == key for b in range(n_bin)
    }
    wrong = sorted(set(rows) ^ expected)
    if wrong or len(rows) != len(expected):
        detail = f"missing or unknown: {','.join(map(str, wrong[0]))}" if wrong else "one of them twice"
        raise BadData(f"{path}: expected one line per bin and sample ({len(expected)}), found {len(rows)}, {detail}")
    values = np.array([[number(path, x, positive=True) for x in fields[3:]] for fields in lines])
    return rows, values[:, 0], values[:, 1]


def _histosys(
    folder: Traversable, lines: list[list[str]], rows: Sequence[RowKey], nominal: FloatArray
) -> tuple[tuple[str, ...], FloatArray, FloatArray, IntArray]:
    """Names in order of appearance, yields at -1 and +1, and which entries are published."""
    path = folder / "histosys.csv"
    position = {row: i for i, row in enumerate(rows)}
    names = tuple(dict.fromkeys(fields[2] for fields in lines))
    column = {name: i for i, name in enumerate(names)}
    low = np.repeat(nominal[:, None], len(names), axis=1)
    high, shifted = low.copy(), np.zeros(low.shape, dtype=np.int64)
    for channel, sample, name, place_field, lo, hi in lines:
        key = RowKey(channel, sample, index(path, place_field))
        if key not in position or shifted[position[key], column[name]]:
            raise BadData(f"{path}: expected each row of yields.csv at most once per parameter, found {key} of {name}")
        place = position[key], column[name]
        low[place], high[place], shifted[place] = number(path, lo), number(path, hi), 1
    return names, low, high, shifted


def _normsys(
    folder: Traversable, lines: list[list[str]], rows: Sequence[RowKey], samples: set[tuple[str, str]]
) -> tuple[tuple[str, ...], FloatArray, IntArray]:
    """Names in order of appearance, (low, high) factors, and which rows they scale."""
    path = folder / "normsys.csv"
    names = tuple(dict.fromkeys(fields[2] for fields in lines))
    factors: dict[str, tuple[float, float]] = {}
    scaled = np.zeros((len(rows), len(names)), dtype=np.int64)
    for channel, sample, name, lo, hi in lines:
        pair = number(path, lo, positive=True), number(path, hi, positive=True)
        if factors.setdefault(name, pair) != pair:
            raise BadData(f"{path}: expected one pair of factors for {name}, found {factors[name]} and {pair}")
        if (channel, sample) not in samples:
            raise BadData(f"{path}: expected a sample of samples.csv, found {channel},{sample}")
        for i, row in enumerate(rows):
            if (row.channel, row.sample) == (channel, sample):
                scaled[i, names.index(name)] = 1
    return names, np.array([factors[name] for name in names]).reshape(-1, 2), scaled
