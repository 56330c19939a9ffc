"""Worker processes pinned to one core, one XLA thread, one BLAS thread."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ONE_THREAD = {
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
}


def peers_python() -> Path | None:
    """The Python with the peers in it, from DARKPENGUIN_PEERS_PYTHON; None if there is none."""
    path = ROOT / os.environ.get("DARKPENGUIN_PEERS_PYTHON", ".venv-peers/bin/python")
    return path if path.exists() else None


def pin() -> None:
    """Keep this process and its children on one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def environment() -> dict[str, str]:
    """The environment of every process that is timed."""
    return os.environ | ONE_THREAD


class Worker:
    """One process that answers measurements; it keeps what it compiled between requests."""

    def __init__(self, module: str, *arguments: str, python: Path | None = None) -> None:
        self.module = module
        command = [str(python or sys.executable), "-m", f"benchmarks.{module}", *arguments]
        start = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if not os.environ.get("BENCH_DEBUG") else None,
        )
        self._answer()
        self.ready_after = time.perf_counter() - start

    def ask(self, measurement: str) -> dict[str, Any]:
        """Wall and CPU seconds per unit, note, value, peak memory."""
        assert self.process.stdin is not None
        self.process.stdin.write(measurement + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            tail = self.process.stderr.read().strip()[-600:] if self.process.stderr else ""
            raise RuntimeError(f"{self.module} ended: {tail}")
        return dict(json.loads(line))

    def close(self) -> None:
        """End the process: it reads until its input ends."""
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        self.process.wait(timeout=60)
