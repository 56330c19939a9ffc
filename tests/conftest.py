"""Settings of all tests: programs compile fast and are kept; one load of Belle II's likelihood serves a process."""

from __future__ import annotations

import ctypes
import gc
import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

# before JAX is imported; compiling dominates the time of the tests, and the workers can share it
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(Path(__file__).parents[1] / ".pytest_cache" / "jax"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
# A test runs most of its programs once: with the optimiser off the suite takes half the time. XLA_FLAGS= (empty) tests
# what users run. Another release of XLA may not know a flag, and then refuses to start.
if version("jaxlib").startswith("0.10."):
    os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false")

from darkpenguin.setup import Setup


@pytest.fixture(scope="session")
def belle2() -> Setup:
    """Belle II's combined likelihood with the Standard Model that its simulation is weighted to."""
    return Setup.load(("belle2-2023-bknunu",), "belle2-2023", None, "workspace")


MOST_MEMORY = 2.5  # GB of one process, above which the compiled programs of earlier tests are dropped


@pytest.fixture(autouse=True)
def _memory() -> Iterator[None]:
    """Two thousand tests compile thousands of programs, which JAX keeps until it is told not to."""
    yield
    statm = Path("/proc/self/statm")
    if statm.exists() and int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") > MOST_MEMORY * 1e9:
        import jax

        jax.clear_caches()
        gc.collect()
        # the C library keeps what is freed: without this the process stays as large, and the next test is here again
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
