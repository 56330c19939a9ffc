"""One load of Belle II's likelihood serves every test of a process: compiling it costs seconds."""

from __future__ import annotations

import pytest

from darkpenguin.setup import Setup


@pytest.fixture(scope="session")
def belle2() -> Setup:
    """Belle II's combined likelihood with the Standard Model that its simulation is weighted to."""
    return Setup.load(("belle2-2023-bknunu",), "belle2-2023", None, "workspace")
