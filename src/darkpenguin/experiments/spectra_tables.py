"""Numbers of curves and folded results, from the result file itself or from a CSV table beside it, with all faults."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from darkpenguin.errors import Problem
from darkpenguin.experiments.schema import FloatArray
from darkpenguin.experiments.schema_spectra import (
    CURVE_COLUMNS,
    BaseCurve,
    DarkCurveEntry,
    FoldedFile,
    MatrixSmearing,
    TableEfficiency,
)
from darkpenguin.experiments.schema_values import total_covariance

UNITY = 1e-6  # by how much the printed probabilities of a smearing matrix may add up to more than 1


class Table(NamedTuple):
    """Rows of numbers [n_row, n_column] and what is wrong with them; without rows if they could not be read."""

    rows: FloatArray
    problems: list[Problem]


def read_csv(folder: Path, name: str, columns: Sequence[str], where: str) -> Table:
    """A table with the given columns; lines that begin with # are comments. Faults carry the file and its line."""

    def fault(what: str) -> Table:
        return Table(np.zeros((0, len(columns))), [Problem(where, f"{name}: {what}")])

    try:
        text = (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return fault(f"no such file in {folder}")
    except (OSError, UnicodeDecodeError) as error:
        return fault(f"cannot be read ({error})")
    lines = [(i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]
    fields = list(csv.reader(line for _, line in lines))
    if not fields or [f.strip() for f in fields[0]] != list(columns):
        return fault(f"expected the columns {','.join(columns)}, found {','.join(fields[0]) if fields else 'none'}")
    rows = []
    for (number, line), found in zip(lines[1:], fields[1:], strict=True):
        try:
            rows.append([float(x) for x in found])
        except ValueError:
            return fault(f"line {number}: expected numbers, found {line[:60]}")
        if len(found) != len(columns) or not np.isfinite(rows[-1]).all():
            return fault(f"line {number}: expected {len(columns)} finite numbers, found {line[:60]}")
    return Table(np.array(rows).reshape(len(rows), len(columns)), [])


def curve_rows(entry: BaseCurve, folder: Path, where: str) -> Table:
    """Rows of a curve, see `CURVE_COLUMNS`: masses increasing from 0 or more, limits positive, bands in order."""
    columns = CURVE_COLUMNS[entry.form]
    if entry.table is not None:
        rows, problems = read_csv(folder, entry.table, columns, f"{where}.table")
    else:
        points = entry.points or []
        wrong = [i for i, p in enumerate(points) if len(p) != len(columns)]
        problems = [
            Problem(f"{where}.points[{i}]", f"expected {', '.join(columns)}, found {len(points[i])} numbers")
            for i in wrong
        ]
        rows = np.array(points if not wrong else []).reshape(-1, len(columns))
    if problems:
        return Table(rows, problems)
    if len(rows) < 2:
        return Table(rows, [Problem(where, f"expected at least 2 masses, found {len(rows)}")])
    mass, numbers = rows[:, 0], rows[:, 1:]
    if mass[0] < 0 or (np.diff(mass) <= 0).any():
        problems.append(Problem(where, "expected masses that increase, from 0 or more"))
    if isinstance(entry, DarkCurveEntry) and mass[0] == 0:
        problems.append(Problem(where, "expected masses of dark matter above 0"))
    if entry.form == "limit" and (numbers <= 0).any():
        problems.append(Problem(where, "expected limits above 0"))
    if entry.form == "band" and not ((numbers[:, 1] <= numbers[:, 0]) & (numbers[:, 0] < numbers[:, 2])).all():
        problems.append(Problem(where, "expected low <= value < high in each row"))
    return Table(rows, problems)


class FoldedArrays(NamedTuple):
    """Numbers of a folded result.

    edges [n_bin + 1] : reconstructed q2, GeV^2.   observed, background [n_bin], covariance [n_bin, n_bin] : events.
    efficiency [n, 2] : q2 and epsilon, empty for a formula.   matrix [n_bin, n_true] : empty for a Gaussian.
    """

    edges: FloatArray
    observed: FloatArray
    background: FloatArray
    covariance: FloatArray
    efficiency: FloatArray
    matrix: FloatArray
    problems: list[Problem]


def folded_arrays(file: FoldedFile, folder: Path) -> FoldedArrays:
    """All arrays of a folded result; sizes, ranges and the tables are checked."""
    edges, observed, background, problems = _bins(file, folder)
    n = len(observed)
    problems += [
        Problem(f"errors[{i}]", f"expected errors of {n} bins, found {len(e)}")
        for i, e in enumerate(file.errors)
        if len(e) != n and n
    ]
    fits = all(len(e) == n for e in file.errors)
    covariance = total_covariance(background.tolist(), file.errors) if fits else np.zeros((n, n))
    efficiency = _efficiency(file, folder)
    matrix = _matrix(file, folder, n)
    problems += efficiency.problems + matrix.problems
    return FoldedArrays(edges, observed, background, covariance, efficiency.rows, matrix.rows, problems)


def _bins(file: FoldedFile, folder: Path) -> tuple[FloatArray, FloatArray, FloatArray, list[Problem]]:
    if file.bins.table is None:
        inline = (file.bins.edges, file.bins.observed, file.bins.background)
        edges, observed, background = (np.array(x, dtype=float) for x in inline)
        return edges, observed, background, []
    rows, problems = read_csv(folder, file.bins.table, ("low", "high", "observed", "background"), "bins.table")
    low, high, observed, background = rows.T
    if not problems and not (len(rows) and (low < high).all() and (low[1:] == high[:-1]).all()):
        problems.append(Problem("bins.table", "expected bins that follow on each other, each with low < high"))
    if (rows[:, 2:] < 0).any():
        problems.append(Problem("bins.table", "expected counts and backgrounds of at least 0"))
    return np.append(low, high[-1:]), observed, background, problems


def _efficiency(file: FoldedFile, folder: Path) -> Table:
    given = file.efficiency
    if not isinstance(given, TableEfficiency):
        return Table(np.zeros((0, 2)), [])
    if given.table is None:
        return Table(np.array([given.q2, given.values], dtype=float).T, [])
    rows, problems = read_csv(folder, given.table, ("q2", "efficiency"), "efficiency.table")
    if not problems and (len(rows) < 2 or (np.diff(rows[:, 0]) <= 0).any() or (rows[:, 1] < 0).any()):
        problems.append(
            Problem("efficiency.table", "expected at least two q2 that increase, and no negative efficiency")
        )
    return Table(rows, problems)


def _matrix(file: FoldedFile, folder: Path, n_bin: int) -> Table:
    given = file.smearing
    if not isinstance(given, MatrixSmearing):
        return Table(np.zeros((0, 0)), [])
    n_true = len(given.edges) - 1
    if given.table is not None:
        columns = [f"true_{i}" for i in range(n_true)]
        rows, problems = read_csv(folder, given.table, columns, "smearing.table")
    else:
        problems = []
        lengths = {len(row) for row in given.matrix or []}
        if lengths != {n_true}:
            return Table(
                np.zeros((n_bin, n_true)),
                [Problem("smearing.matrix", f"expected rows of {n_true} columns, one for each bin of true q2")],
            )
        rows = np.array(given.matrix)
    where = "smearing.table" if given.table is not None else "smearing.matrix"
    if not problems and len(rows) != n_bin:
        problems.append(Problem(where, f"expected {n_bin} rows, one for each reconstructed bin, found {len(rows)}"))
    if (rows < 0).any() or (rows.sum(axis=0) > 1 + UNITY).any():
        problems.append(Problem(where, "expected probabilities of at least 0 whose columns add up to at most 1"))
    return Table(rows, problems)
