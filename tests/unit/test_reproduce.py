"""The verb `reproduce`: its list, its files, and the figures that are quick to compute."""

from __future__ import annotations

import csv
import importlib
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from darkpenguin.cli.main import main
from darkpenguin.errors import OutOfDomain, UnknownName
from darkpenguin.figure import Bar, Curve, FigureData, Panel, Region, as_csv
from darkpenguin.plot.figure import figure
from darkpenguin.reproduce.index import FIGURES, compute, entry
from darkpenguin.result import load


def test_every_entry_has_its_function() -> None:
    for key, found in FIGURES.items():
        module, _, name = found.function.partition(":")
        assert callable(getattr(importlib.import_module(module), name)), key


def test_wrong_names_and_options() -> None:
    with pytest.raises(UnknownName, match=r"2309\.12741:spectra"):
        entry("2309.12741:spectrum")
    with pytest.raises(OutOfDomain, match="no mistake in print"):
        compute("2309.12741:spectra", as_printed=True)


def r_D_at(data: FigureData, R: float) -> float:
    curve = data.panels[0].curves[0]
    return float(np.interp(R, np.array(curve.x), np.array(curve.y)))


def test_singlet_leptoquark() -> None:
    """R = 3.5 gives 1.030 with alpha/2pi and CKM factor 1 (the slide: 1.06 with alpha/pi); R of about 28 gives 1.13.

    Internal derivation, sections on the talk: 1.030 and 1.061 for CKM factor 1; ours has F = 0.97 and shifts 3 % of it.
    """
    ours, printed = (compute("2309.12741:r_D", as_printed=flag) for flag in (False, True))
    assert r_D_at(ours, 3.5) - 1.0 == pytest.approx(0.030, rel=0.05)
    assert r_D_at(printed, 3.5) - 1.0 == pytest.approx(0.061, rel=0.02)
    assert r_D_at(ours, 28.0) == pytest.approx(1.13, abs=0.01)


def test_files(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["reproduce", "2309.12741:r_D", "-o", str(tmp_path), "--format", "png"])
    assert result.exit_code == 0, result.output
    names = {p.name for p in tmp_path.iterdir()}
    assert names == {f"2309.12741_r_D.{kind}" for kind in ("png", "csv", "json")}
    data = load(tmp_path / "2309.12741_r_D.json", FigureData)
    assert data.key == "2309.12741:r_D"
    lines = [x for x in (tmp_path / "2309.12741_r_D.csv").read_text().splitlines() if not x.startswith("#")]
    rows = list(csv.DictReader(lines))
    assert {row["item"] for row in rows} == {"S0", "measured, r_D", "measured, r_Dst"}


def test_list_and_unknown_key(tmp_path: Path) -> None:
    listed = CliRunner().invoke(main, ["reproduce", "--list"])
    assert listed.exit_code == 0
    assert all(key in listed.output for key in FIGURES)
    wrong = CliRunner().invoke(main, ["reproduce", "2309.12741:r_D", "nonsense", "-o", str(tmp_path / "new")])
    assert wrong.exit_code == 2
    assert not (tmp_path / "new").exists(), "names are checked before anything is computed"


def sample() -> FigureData:
    grid = tuple(tuple(float((x - 1) ** 2 + y**2) for x in range(4)) for y in range(3))
    panels = (
        Panel(
            "curves and a region",
            "x",
            "y",
            curves=(Curve("line", (0.0, 1.0), (1.0, None)), Curve("band", (0.0, 1.0), low=(0.0, 0.1), high=(1.0, 2.0))),
            regions=(
                Region("inside", (0.0, 1.0, 2.0, 3.0), (0.0, 1.0, 2.0), grid, (1.5, 4.0)),
                Region("outline", (0.0, 1.0, 2.0, 3.0), (0.0, 1.0, 2.0), grid, (1.5, 4.0), filled=False),
            ),
        ),
        Panel("bars", "x", "", bars=(Bar("a", "one", 1.0, 2.0), Bar("a", "two", 3.0, 4.0)), x_log=True),
    )
    return FigureData("k", "title", "caption", panels, "2026-11", (), "0")


def test_drawing_and_numbers_of_any_figure() -> None:
    data = sample()
    drawn = figure(data)
    assert len(drawn.axes) == len(data.panels)
    shown = {text.get_text() for ax in drawn.axes for text in ax.get_legend().get_texts()}
    assert {"line", "band", "inside", "outline", "one", "two"} <= shown
    rows = list(csv.DictReader(x for x in as_csv(data).splitlines() if not x.startswith("#")))
    assert len(rows) == 2 + 4 + 2 * 12 + 4
    assert {r["panel"] for r in rows} == {"curves and a region", "bars"}
