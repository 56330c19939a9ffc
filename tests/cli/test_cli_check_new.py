"""check and new; a user's own model and result, each in one file, through the command line and from Python."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from darkpenguin.analysis import Analysis
from darkpenguin.models.index import available, load_model

CARDS = sorted((Path(__file__).parents[2] / "cards").glob("*.toml"))


@pytest.mark.parametrize("card", CARDS, ids=lambda p: p.stem)
def test_ready_cards_have_no_faults(run, card: Path) -> None:
    assert f"{card}: good" in run("check", card).stdout


# --- new ---


@pytest.mark.parametrize(("kind", "name"), [("card", "mine.toml"), ("model", "mine.py"), ("result", "mine.toml")])
def test_skeleton_passes_check_and_is_not_overwritten(run, tmp_path: Path, kind: str, name: str) -> None:
    path = tmp_path / name
    written = json.loads(run("new", kind, path, "--json").stdout)["written"]
    assert written[0] == str(path)
    assert json.loads(run("check", path, "--json").stdout)["passed"] is True
    before = path.read_text()
    assert "exists already; nothing was written" in run("new", kind, path, code=2).stderr
    assert path.read_text() == before


def test_nothing_is_written_when_only_the_test_exists(run, tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text("")
    run("new", "model", tmp_path / "mine.py", code=2)
    assert [p.name for p in tmp_path.iterdir()] == ["test_mine.py"]


@pytest.mark.parametrize(("kind", "name"), [("card", "mine.py"), ("model", "mine.toml"), ("model", "my-model.py")])
def test_wrong_suffix(run, tmp_path: Path, kind: str, name: str) -> None:
    assert f"a {kind} needs a name such as" in run("new", kind, tmp_path / name, code=2).stderr
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_made(run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "file" in run("new", "card", tmp_path / "file" / "card.toml", code=2).stderr


# --- a model of one's own ---


def test_own_model_from_the_command_line_a_card_and_python(run, tmp_path: Path) -> None:
    run("new", "model", tmp_path / "mine.py")
    name, wanted = f"{tmp_path / 'mine.py'}:LightScalar", "BR(B+->K+inv)"
    arguments = ("--experiments", "none", "--observable", wanted, "--json")
    line = json.loads(run("predict", name, "m_S=2.1", "g=1e-8", *arguments).stdout)
    card = tmp_path / "card.toml"
    card.write_text('model = "mine.py:LightScalar"\nexperiments = []\n[parameters]\nm_S = 2.1\ng = 1e-8')
    assert json.loads(run("predict", card, "--observable", wanted, "--json").stdout) == line
    python = Analysis(load_model(name), experiments=()).predict({"m_S": 2.1, "g": 1e-8}, [wanted])
    assert python.observables[wanted].value == line["observables"][wanted]["value"]
    # the same Lagrangian as the built-in model
    ours = json.loads(run("predict", "two_body_scalar", "m_S=2.1", "g_S=1e-8", *arguments).stdout)
    assert ours["observables"][wanted]["value"] == pytest.approx(line["observables"][wanted]["value"], rel=1e-12)
    # and the test that came with it passes
    spec = importlib.util.spec_from_file_location("test_mine", tmp_path / "test_mine.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.test_rate_grows_as_coupling_squared()


@pytest.mark.parametrize("name", available())
def test_built_in_models_keep_the_contract(run, name: str) -> None:
    facts = json.loads(run("check", name, "--json").stdout)
    assert facts["passed"] is True


GOOD = '''"""One broken thing at a time."""
from typing import ClassVar
from darkpenguin._jax import jnp
from darkpenguin.core.model import AbstractModel, parameter
from darkpenguin.core.types import Couplings
from darkpenguin.flavour.sm_amplitude import standard_model_neutrinos


class Mine(AbstractModel):
    """Scaled neutrinos."""

    name: ClassVar[str] = "mine"
    title: ClassVar[str] = "mine"
    references: ClassVar[tuple[str, ...]] = ("Buras:2014fpa",)
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {"standard_model": {"k": 1.0}}
    k: float = parameter("1", 0.0, 3.0, "amplitude")

    def couplings(self, inputs):
        return Couplings(continua=(standard_model_neutrinos(inputs, scale=self.k),))
'''


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('    """Scaled neutrinos."""\n', "", "has a docstring"),
        ('("Buras:2014fpa",)', "()", "has references"),
        ('{"standard_model": {"k": 1.0}}', "{}", "has a benchmark"),
        ('{"k": 1.0}', '{"k": 4.0}', "standard_model: values are allowed"),
        ('{"k": 1.0}', '{"q": 1.0}', "standard_model: values are allowed"),
        ('{"k": 1.0}', '{"k": 2.0}', "has the Standard Model as a limit"),
        ("0.0, 3.0", "3.0, 0.0", "parameters are sound"),
        ('"amplitude")', '"amplitude", default=7.0)', "parameters are sound"),
        ("scale=self.k", "scale=self.k / 0.0", "standard_model: finite and not negative"),
        ("scale=self.k", "scale=jnp.floor(self.k) + 1e-3 * jnp.round(1e4 * self.k)", "gradient equals difference"),
        ("scale=self.k", "scale=1.0 + jnp.sqrt(jnp.abs(self.k - 1.0))", "standard_model: gradient"),
    ],
)
def test_broken_contract_is_found(run, tmp_path: Path, old: str, new: str, line: str) -> None:
    assert old in GOOD
    path = tmp_path / "mine.py"
    path.write_text(GOOD.replace(old, new))
    report = run("check", path, code=2).stdout
    assert "Mine: FAILED" in report
    assert any(x.startswith("  FAILED") and line in x for x in report.splitlines()), report


def test_sound_model_passes(run, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(GOOD)
    report = run("check", path).stdout
    assert "FAILED" not in report
    assert "has the Standard Model as a limit" in report


def test_file_without_model(run, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("x = 1")
    assert "no model found" in run("check", path, code=2).stderr


# --- a result of one's own ---


def test_own_result_from_the_command_line(run, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    run("new", "result", path)
    arguments = ("standard_model", "mu=1", "--inputs", "belle2-2023", "--observable", "BR(B+->K+inv)", "--json")
    found = json.loads(run("predict", *arguments, "--experiments", path).stdout)
    (likelihood,) = found["likelihoods"].values()
    assert likelihood["status"] == "ok"
    rate = found["observables"]["BR(B+->K+inv)"]["value"]
    # below the central value 1.2e-5 the lower errors count: about ((1.2e-5 - BR) / hypot(0.4e-5, 0.3e-5))^2
    assert likelihood["minus_two_log_likelihood"] == pytest.approx(((1.2e-5 - rate) / 0.5e-5) ** 2, rel=0.2)


def test_faults_of_a_result(run, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    run("new", "result", path)
    path.write_text(path.read_text().replace("value = 1.2e-5", "value = nan").replace("B+->K+inv", "B+->K+invs"))
    text = run("check", path, code=2).stderr
    assert "2 problems" in text
    assert "BR(B+->K+inv)" in text
