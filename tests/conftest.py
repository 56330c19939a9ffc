"""Settings of all tests: compiled programs are kept, and one load of Belle II's likelihood serves a whole process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# before JAX is imported; compiling dominates the time of the tests, and the workers can share it
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(Path(__file__).parents[1] / ".pytest_cache" / "jax"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")

from darkpenguin.setup import Setup


@pytest.fixture(scope="session")
def belle2() -> Setup:
    """Belle II's combined likelihood with the Standard Model that its simulation is weighted to."""
    return Setup.load(("belle2-2023-bknunu",), "belle2-2023", None, "workspace")
