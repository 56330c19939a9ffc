"""The generated reference pages hold what the data files hold, and plain docstrings become sound markup."""

from __future__ import annotations

import csv
import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from types import ModuleType

import pytest

from darkpenguin.cli.main import main
from darkpenguin.core import catalogue
from darkpenguin.experiments.reading import read_result
from darkpenguin.flavour.transitions import TRANSITIONS
from darkpenguin.models.index import BUILT_IN, load_model
from darkpenguin.reproduce.index import FIGURES

DOCS = Path(__file__).parents[2] / "docs"
DATA = Path(str(resources.files("darkpenguin") / "data"))
SYNTHETIC = Path(__file__).parents[1] / "data" / "synthetic-folding.toml"
if str(DOCS) not in sys.path:  # as conf.py does: the pages share pieces
    sys.path.insert(0, str(DOCS))


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    made: dict[str, Callable[[], str]] = _module(DOCS / "generate.py").PAGES
    return {name: page() for name, page in made.items()}


def test_every_parameter_of_every_model_is_there(pages: dict[str, str]) -> None:
    sections = dict(re.findall(r"^## `(\w+)`\n(.*?)(?=^## |\Z)", pages["models"], re.MULTILINE | re.DOTALL))
    for name in BUILT_IN:
        for p in load_model(name).parameters():
            row = next(line for line in sections[name].splitlines() if line.startswith(f"| `{p.name}` |"))
            assert f"| `{p.unit}` | {p.low:g} to {p.high:g} |" in row


def test_code_in_a_description_keeps_its_blanks(pages: dict[str, str]) -> None:
    assert "three massless neutrinos; `mu` rescales the rate" in pages["models"]


def test_every_observable_and_verb_is_there(pages: dict[str, str]) -> None:
    assert [name for name in catalogue.names() if f"| `{name}` |" not in pages["observables"]] == []
    assert [verb for verb in main.commands if f"## `{verb}`" not in pages["command_line"]] == []
    assert [key for key in FIGURES if f"| `{key}` |" not in pages["figures"]] == []


def test_every_number_of_the_default_inputs_is_there(pages: dict[str, str]) -> None:
    """Against the TOML file itself, read here."""
    values = tomllib.loads((DATA / "inputs" / "2026-11.toml").read_text(encoding="utf-8"))["values"]
    section = pages["inputs"].split("## `")[1]
    assert section.startswith("2026-11")
    for name, entry in values.items():
        row = next(line for line in section.splitlines() if line.startswith(f"| `{name}`<br>"))
        assert f"| {entry['value']:.10g}" in row
        assert entry["reference"] in row.replace("\\", "")


def test_every_result_states_source_and_assumptions(pages: dict[str, str]) -> None:
    plain = pages["experiments"].replace("\\", "")
    files = [*(DATA / "experiments").glob("*.toml"), *(DATA / "experiments").glob("*/result.toml")]
    assert len(files) >= 7
    for path in files:
        result = tomllib.loads(path.read_text(encoding="utf-8"))
        section = plain.split(f"## `{result['name']}`\n")[1].split("\n## ")[0]
        assert all(text in section for text in result["assumptions"])
        assert all(f"{entry['limit']:g}" in section for entry in result.get("limits", []))


def test_every_curve_is_there(pages: dict[str, str]) -> None:
    """Number of points, masses and gaps, against the CSV tables, read here."""
    plain = pages["experiments"].replace("\\", "")
    found = 0
    for path in DATA.glob("experiments/*/result.toml"):
        result = tomllib.loads(path.read_text(encoding="utf-8"))
        section = plain.split(f"## `{result['name']}`\n")[1].split("\n## ")[0]
        assert ("for comparison only" in section) is result.get("comparison_only", False)
        for curve in result.get("curves", []):
            text = (path.parent / curve["table"]).read_text(encoding="utf-8")
            rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
            masses = [float(row["mass"]) for row in rows]
            row = next(line for line in section.splitlines() if line.startswith(f"| `{curve['part']}`"))
            assert f"| {len(rows)} | {min(masses):g} to {max(masses):g} |" in row
            assert all(f"{low:g} to {high:g}" in row for low, high in curve.get("gaps", []))
            found += 1
    assert found >= 8


def test_counts_folded_by_hand() -> None:
    """No built-in result is of this kind: the invented one of the tests, its numbers read here."""
    generate = _module(DOCS / "generate.py")
    lines = "\n".join(generate._numbers(read_result(SYNTHETIC), SYNTHETIC.parent)).replace("\\", "")
    file = tomllib.loads(SYNTHETIC.read_text(encoding="utf-8"))
    bins = file["bins"]
    for low, high, n, b in zip(bins["edges"], bins["edges"][1:], bins["observed"], bins["background"], strict=False):
        assert f"| {low:g} to {high:g} | {n:g} | {b:g} |" in lines
    assert "| parent mesons | 2 × 0.5 × 3.87e+08 |" in lines
    assert "exponential, scale = 0.13, slope = 9" in lines
    assert "gaussian, sigma = 1" in lines


def test_every_mode_is_there(pages: dict[str, str]) -> None:
    rows = {line.split("`")[1]: line for line in pages["decay_modes"].splitlines() if line.startswith("| `")}
    assert [t.name for t in TRANSITIONS if t.name not in rows] == []
    assert "`B->K`: `grvdv-2023`" in rows["B+->K+"]
    assert "| 22.903 |" in rows["B+->K+"]  # (5.27934 - 0.493677)^2
    assert "times 0.5" in rows["D0->pi0"]
    vector = pages["decay_modes"].split("### Vector daughter")[1].split("###")[0]
    # arXiv:1409.4557: V in the transverse vector part, A1 and A12 in the axial one
    assert "| `V1` | `V` |  |" in vector
    assert "| `A1` | `A1` | `A12` |" in vector


def test_operators_and_their_interferences(pages: dict[str, str]) -> None:
    """Every operator of every model; modes and pairs as in arXiv:2309.12741 and in the explicit sums of other tests."""
    sections = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", pages["operators"], re.MULTILINE | re.DOTALL))
    models = {
        "Pair of scalars": "dark_left_scalar",
        "Pair of fermions, spin 1/2": "dark_left_fermion",
        "Pair of vectors": "dark_left_vector",
        "Pair of spin 3/2": "dark_left_spin_three_half",
    }
    for title, name in models.items():
        rows = sections[title].splitlines()
        assert [
            o.name for o in load_model(name).operators if not any(r.startswith(f"| `{o.name}` |") for r in rows)
        ] == []
    fermions = sections["Pair of fermions, spin 1/2"]
    pairs = set(re.findall(r"^\| `(\w+)`, `(\w+)` \| (real|imaginary)", fermions, re.MULTILINE))
    real = {("P2", "A2", "real"), ("V1", "T1", "real"), ("A1", "T2", "real")}
    assert pairs == real | {("S2", "V2", "imaginary")}
    axial = next(line for line in fermions.splitlines() if line.startswith("| `A1` |"))
    assert axial.endswith("| `A1` |  | ● | ● |  |")  # not to K, and no Bs -> invisible through a conserved current


def test_every_form_factor_error_is_the_root_of_its_variance(pages: dict[str, str]) -> None:
    """Against the covariance table of one set, read here."""
    path = DATA / "inputs" / "form_factors" / "b_to_k" / "belle2-average.csv"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    names, *rows = csv.reader(lines)
    section = pages["form_factors"].split("## `belle2-average` ")[1].split("\n## ")[0]
    for i, (name, row) in enumerate(zip(names, rows, strict=True)):
        assert re.search(rf"\| `{re.escape(name)}` \| \S+ \| {float(row[i]) ** 0.5:.3g} \|", section)


def test_every_reference_is_there(pages: dict[str, str]) -> None:
    keys = re.findall(r"^@\w+\{([^,]+),", (DATA / "references.bib").read_text(encoding="utf-8"), re.MULTILINE)
    assert [key for key in keys if f"`{key}`" not in pages["references"]] == []
    links = re.findall(r"references\.md#([\w-]+)", "".join(pages.values()))
    assert [link for link in links if f"({link})=" not in pages["references"]] == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["T_+ and |V_ts*| in `x_y`."], [r"T\_+ and \|V\_ts\*\| in ``x_y``.", ""]),
        (
            ["a, b [n] : first", "    goes on", "c : second"],
            ["**a, b [n]**", "   first goes on", "**c**", "   second", ""],
        ),
        (["a : one.   b : two."], ["**a**", "   one.", "**b**", "   two.", ""]),
        (["Text:", "", "    x = y_1"], ["Text:", "", ".. code-block:: text", "", "   x = y_1", ""]),
        (["```toml", "a = 1", "", "b = 2", "```"], [".. code-block:: toml", "", "   a = 1", "", "   b = 2", ""]),
    ],
)
def test_docstrings(given: list[str], expected: list[str]) -> None:
    assert _module(DOCS / "_ext" / "plain_docstrings.py").convert(given) == expected


def test_documentation_builds_without_warnings(tmp_path: Path) -> None:
    pytest.importorskip("sphinx", reason="the documentation needs the extra docs")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "dummy", "-d", str(tmp_path / "trees")]
    done = subprocess.run([*command, str(DOCS), str(tmp_path / "out")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
