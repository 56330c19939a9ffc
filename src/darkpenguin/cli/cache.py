"""Keeping compiled functions between runs of the command: most of the time of a short run is compilation."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import MutableMapping
from pathlib import Path

FOLDER = "JAX_COMPILATION_CACHE_DIR"
SHORTEST = "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"


def keep_compiled(environment: MutableMapping[str, str]) -> None:
    """Point JAX's own cache to <cache>/darkpenguin/<kind of processor>, unless the user has set where it is.

    <cache> is XDG_CACHE_HOME or ~/.cache. Nothing is set where that cannot be written. This must run before JAX is
    imported. A folder for each kind of processor: compiled code of one may not run on another that shares the home.
    """
    if FOLDER in environment:
        return
    base = Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "darkpenguin" / _processor()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    if not os.access(folder, os.W_OK):
        return
    environment[FOLDER] = str(folder)
    environment.setdefault(SHORTEST, "0")


def _processor() -> str:
    """A name for what compiled code depends on: the architecture and the instruction sets of this processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = [platform.processor()]
    facts = sorted({line for line in lines if line.startswith(("flags", "Features", "model name"))}) or lines[:1]
    return f"{platform.machine()}-{hashlib.sha256(repr(facts).encode()).hexdigest()[:12]}"
