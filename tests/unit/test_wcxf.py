"""Wilson coefficient files: what is read and written, and what is said when they cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from darkpenguin import wcxf
from darkpenguin.errors import BadData, CardError
from darkpenguin.models.weak_effective import WeakEffectiveFlavour

FILE = {
    "eft": "WET",
    "basis": "flavio",
    "scale": 4.8,
    "values": {"CL_bsnuenue": {"Re": 1.0, "Im": 0.5}, "CR_bsnutaunutau": -12.0},
}


def write(folder: Path, table: object, name: str = "point.json") -> Path:
    path = folder / name
    path.write_text(table if isinstance(table, str) else json.dumps(table))
    return path


def test_names_are_parameters() -> None:
    """The names are those of the sector sbnunu in WCxf's own list, and of the model."""
    known = {p.name for p in WeakEffectiveFlavour.parameters()}
    assert {n + end for n in wcxf.NAMES for end in ("", "_im")} <= known
    assert len(wcxf.NAMES) == 18


def test_json(tmp_path: Path) -> None:
    expected = {"CL_bsnuenue": 1.0, "CL_bsnuenue_im": 0.5, "CR_bsnutaunutau": -12.0}
    assert wcxf.load_parameters(write(tmp_path, FILE)) == expected


def test_yaml(tmp_path: Path) -> None:
    """As `wilson` 2.5.2 writes it, and with a number that YAML 1.1 takes for text."""
    pytest.importorskip("yaml")
    text = (
        "basis: flavio\neft: WET\nscale: 4.8\n"
        "values:\n  CL_bsnuenue:\n    Im: 0.5\n    Re: 1.0\n  CR_bsnutaunutau: -12.0\n  CL_bsnumunue: 1e-1\n"
    )
    assert wcxf.load_parameters(write(tmp_path, text, "point.yaml")) == {
        "CL_bsnuenue": 1.0,
        "CL_bsnuenue_im": 0.5,
        "CR_bsnutaunutau": -12.0,
        "CL_bsnumunue": 0.1,
    }


def test_round_trip(tmp_path: Path) -> None:
    values = {"CL_bsnumunutau": 0.25, "CL_bsnumunutau_im": -3.0, "CR_bsnuenue": 1e-9, "CSL_bsnuenue": 0.0}
    wcxf.write_wcxf(tmp_path / "point.json", values)
    assert wcxf.load_parameters(tmp_path / "point.json") == {n: v for n, v in values.items() if v}


def test_all_faults_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, {"eft": "WETT", "scale": -1, "values": {"CL_bsnuenue": "one", "CR_bsnuenue": {"re": 1}}})
    with pytest.raises(CardError) as caught:
        wcxf.read_wcxf(path)
    said = {p.where: p.what for p in caught.value.problems}
    assert set(said) == {"eft", "basis", "scale", "values.CL_bsnuenue", "values.CR_bsnuenue"}
    assert "did you mean 'WET'" in said["eft"]


def test_sector_and_scale(tmp_path: Path) -> None:
    path = write(tmp_path, FILE | {"scale": 1000, "values": {"CL_bsnuenu": 1.0, "C9_bsmumu": 1.0}})
    with pytest.raises(CardError) as caught:
        wcxf.load_parameters(path)
    said = {p.where: p.what for p in caught.value.problems}
    assert set(said) == {"scale", "values.CL_bsnuenu", "values.C9_bsmumu"}
    assert "did you mean 'CL_bsnuenue'" in said["values.CL_bsnuenu"]


def test_writer_refuses_other_operators(tmp_path: Path) -> None:
    with pytest.raises(CardError, match="CSL_bsnuenue"):
        wcxf.write_wcxf(tmp_path / "point.json", {"CSL_bsnuenue": 1.0})
    assert not (tmp_path / "point.json").exists()


@pytest.mark.parametrize("text", ["{", "[1]", ""])
def test_no_table(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadData, match=r"point\.json"):
        wcxf.read_wcxf(write(tmp_path, text))


SMEFT = {"eft": "SMEFT", "basis": "Warsaw", "scale": 1000.0, "values": {"lq1_3323": 1e-8, "lq3_3323": -2e-8}}


def test_smeft_without_wilson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wcxf, "find_spec", lambda name: None)
    with pytest.raises(BadData, match=r"pip install 'darkpenguin\[wilson\]'"):
        wcxf.load_parameters(write(tmp_path, SMEFT), tmp_path)


def test_smeft_with_wilson(tmp_path: Path) -> None:
    """wilson 2.5.2 gives -18.848 - 0.353i: K (C_lq1 - C_lq3) with K = pi/(sqrt2 alpha G_F V_tb V_ts*), and running."""
    pytest.importorskip("wilson")
    path = write(tmp_path, SMEFT)
    found = wcxf.load_parameters(path, tmp_path / "cache")
    assert found["CL_bsnutaunutau"] == pytest.approx(-18.847781907768375, rel=1e-3)
    assert found["CL_bsnutaunutau_im"] == pytest.approx(-0.353027181679298, rel=1e-2)
    assert len(list((tmp_path / "cache").iterdir())) == 1
    assert wcxf.load_parameters(path, tmp_path / "cache") == found
