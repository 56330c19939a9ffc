"""What every worker process does: get ready, then time one thing per request. Standard library and numpy only.

A request is a line with the name of a measurement; the answer is a line of JSON with the fields of `Timing`.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping

Measures = Mapping[str, Callable[[], "Timing"]]


class Timing(dict):
    """wall, cpu : seconds per unit (median).   note : what was seen.   value : a number to compare, or None."""

    def __init__(self, wall: float, cpu: float, note: str = "", value: float | None = None) -> None:
        super().__init__(wall=wall, cpu=cpu, note=note, value=value)


def timed(call: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu


def median(
    call: Callable[[], object], repeats: int, units: int = 1, note: str = "", value: float | None = None
) -> Timing:
    """Median of several calls, per unit."""
    times = [timed(call) for _ in range(repeats)]
    return Timing(*(statistics.median(t[i] for t in times) / units for i in (0, 1)), note, value)


def serve(measures: Measures) -> None:
    """Say ready, then answer requests until the input ends."""
    answers = sys.stdout
    sys.stdout = sys.stderr  # what a library prints must not mix with the answers
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        answer = measures[line.strip()]()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({**answer, "peak_mib": peak}), file=answers, flush=True)
