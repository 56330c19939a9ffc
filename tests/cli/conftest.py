"""Running verbs in this process, so that compiled functions are shared, and comparing text with golden files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from darkpenguin.cli.main import main

GOLDEN = Path(__file__).parents[1] / "golden"
UPDATE = "DARKPENGUIN_UPDATE_GOLDEN"

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def run() -> Run:
    """Run a verb and demand an exit code: `run("predict", "standard_model", code=0)`. No exception may pass."""
    # no cache of compiled functions in the home of whoever runs the tests
    runner = CliRunner(env={"JAX_COMPILATION_CACHE_DIR": os.environ.get("JAX_COMPILATION_CACHE_DIR", "")})

    def invoke(*arguments: object, code: int = 0) -> Result:
        result = runner.invoke(main, [str(a) for a in arguments], prog_name="darkpenguin")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        if code in (2, 130):
            assert result.stdout == "" or code != 2 or "FAILED" in result.stdout or "passed" in result.stdout
            assert result.stderr.strip() or result.stdout.strip()
        return result

    return invoke


@pytest.fixture(scope="session")
def golden() -> Callable[[str, str], None]:
    """Compare text with tests/golden/NAME; the environment variable DARKPENGUIN_UPDATE_GOLDEN=1 writes it."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get(UPDATE) == "1":
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{path} is missing: run once with {UPDATE}=1 and look at the file"
        assert text == path.read_text(encoding="utf-8"), f"differs from {path}; {UPDATE}=1 writes it anew"

    return compare
