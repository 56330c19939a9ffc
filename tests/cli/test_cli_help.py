"""Help texts, speed and lightness of the command line, errors that are not physics."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from darkpenguin import __version__
from darkpenguin.cli.cache import keep_compiled
from darkpenguin.cli.main import main

VERBS = sorted(main.commands)
HEAVY = ("jax", "numpy", "scipy", "equinox", "pydantic", "iminuit", "matplotlib")


def test_help(run, golden) -> None:
    golden("help.txt", run("--help").stdout)


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb(run, golden, verb: str) -> None:
    golden(f"help_{verb}.txt", run(verb, "--help").stdout)


def test_help_loads_nothing_heavy_and_is_quick() -> None:
    code = (
        "import sys; sys.argv = ['darkpenguin', '--help']\n"
        "from darkpenguin.cli.main import main\n"
        "try: main()\n"
        f"finally: print([name for name in {HEAVY} if name in sys.modules])"
    )
    times = []
    for _ in range(3):
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        times.append(time.perf_counter() - start)
    assert done.stdout.splitlines()[-1] == "[]"
    assert min(times) < 1.0, "0.1 s where nothing else runs; ten times that is a heavy import"


def test_version(run) -> None:
    assert run("--version").stdout.strip() == f"darkpenguin, version {__version__}"


def test_misspelt_verb(run) -> None:
    assert "no verb 'predct'; did you mean 'predict'?" in run("predct", code=2).stderr


def test_misspelt_option(run) -> None:
    assert "--observable" in run("predict", "standard_model", "--observble", "x", code=2).stderr


def test_missing_argument(run) -> None:
    assert "Missing argument" in run("fit", code=2).stderr


def test_ctrl_c(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("darkpenguin.models.index.available", interrupt)
    assert run("models", code=130).stderr == "interrupted\n"


# --- the cache of compiled functions ---


def test_cache_goes_where_it_can_be_written(tmp_path: Path) -> None:
    environment = {"XDG_CACHE_HOME": str(tmp_path)}
    keep_compiled(environment)
    folder = Path(environment["JAX_COMPILATION_CACHE_DIR"])
    assert folder.is_dir()
    assert folder.parent == tmp_path / "darkpenguin"


def test_cache_of_the_user_is_respected(tmp_path: Path) -> None:
    environment = {"XDG_CACHE_HOME": str(tmp_path), "JAX_COMPILATION_CACHE_DIR": "elsewhere"}
    keep_compiled(environment)
    assert environment["JAX_COMPILATION_CACHE_DIR"] == "elsewhere"
    assert list(tmp_path.iterdir()) == []


def test_no_cache_where_none_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    environment = {"XDG_CACHE_HOME": str(tmp_path / "file")}
    keep_compiled(environment)
    assert environment.keys() == {"XDG_CACHE_HOME"}


def test_the_command_fills_the_cache(tmp_path: Path) -> None:
    code = "import sys; sys.argv = ['darkpenguin', 'models']; from darkpenguin.cli.main import main; main()"
    code = f"try:\n    {code}\nexcept SystemExit:\n    import jax\n    jax.jit(lambda x: jax.numpy.sin(x) * 2)(1.0)"
    changed = {"XDG_CACHE_HOME": str(tmp_path), "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}
    environment = {k: v for k, v in os.environ.items() if k != "JAX_COMPILATION_CACHE_DIR"} | changed
    subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert list((tmp_path / "darkpenguin").glob("*/*"))
