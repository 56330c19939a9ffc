"""Finding models: built in, in packages, in a file; and what is said when one cannot be used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from darkpenguin.core.model import AbstractModel
from darkpenguin.errors import BadData, UnknownName
from darkpenguin.models.index import available, load_model, models_in_file

MODEL = '''
from darkpenguin.core.model import AbstractModel, parameter

class First(AbstractModel):
    """First."""
    name = "first"
    title = "first"
    m: float = parameter("GeV", 0.0, 3.0, "mass")
    def couplings(self, inputs):
        raise NotImplementedError

number = 3
'''


def write(folder: Path, text: str) -> Path:
    path = folder / "my_model.py"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", available())
def test_built_in_models_load_under_their_own_name(name: str) -> None:
    model = load_model(name)
    assert issubclass(model, AbstractModel)
    assert model.name == name
    assert load_model(name.replace("_", "-")) is model


def test_misspelt_name() -> None:
    with pytest.raises(UnknownName, match="unknown model 'two_bdy_scalar'; did you mean 'two_body_scalar'"):
        load_model("two_bdy_scalar")


def test_listing_imports_no_model_and_no_jax() -> None:
    code = "import sys; from darkpenguin.models.index import available; available(); print('jax' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_model_in_a_file(tmp_path: Path) -> None:
    path = write(tmp_path, MODEL)
    model = load_model(f"{path}:First")
    assert model.name == "first"
    assert load_model(str(path)) is model, "one model: the class may be left out, and an unchanged file is run once"
    assert models_in_file(path) == {"First": model}
    write(tmp_path, MODEL.replace('name = "first"', 'name = "second"'))
    assert load_model(f"{path}:First").name == "second", "a changed file is run again"


@pytest.mark.parametrize(
    ("text", "cls", "what"),
    [
        (MODEL, ":Frist", "unknown model class in .*; did you mean 'First'"),
        (MODEL, ":number", "'number' is not a model"),
        (MODEL, ":AbstractModel", "'AbstractModel' is not a model"),
        ("x = 1", "", "does not define exactly one model .found: none."),
        (MODEL + MODEL.replace("First", "Second"), "", "found: First, Second"),
        ("x = (1,\ny = 2", ":First", "line 1: SyntaxError"),
        ("x = 1\nimport no_such_module_anywhere", ":First", "line 2: ModuleNotFoundError"),
        ("def f():\n    return missing\n\nf()", ":First", "line 2: NameError: name 'missing' is not defined"),
        ("\0", ":First", "SyntaxError"),
    ],
)
def test_file_that_cannot_be_used(tmp_path: Path, text: str, cls: str, what: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises((BadData, UnknownName), match=what):
        load_model(f"{path}{cls}")


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="no such file"):
        load_model(f"{tmp_path / 'nowhere.py'}:First")
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(BadData, match="cannot be read"):
        load_model(f"{tmp_path / 'folder.py'}:First")


def test_model_of_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "some_package.py").write_text(MODEL)
    info = tmp_path / "some_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: some-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[darkpenguin.models]\nfirst-of-all = some_package:First\n"
        "bad = some_package:number\nlost = no_such_module_anywhere:X\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "first_of_all" in available()
    assert load_model("first-of-all").name == "first"
    with pytest.raises(BadData, match="not a class derived from AbstractModel"):
        load_model("bad")
    with pytest.raises(BadData, match="ModuleNotFoundError"):
        load_model("lost")
    assert models_in_file(tmp_path / "some_package.py").keys() == {"First"}
