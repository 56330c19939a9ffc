"""Worker in the peers' Python: pyhf fits of all nuisances at fixed signal shapes.

The 18 signal bins get shape factors that are held at the shape, so that one compiled model serves every shape.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pyhf

from benchmarks.serve import Timing, serve


def shaped_workspace(folder: Path) -> tuple[pyhf.Workspace, dict[str, str]]:
    """The workspace with a shape factor per signal channel in place of mu; channel -> name of the factor."""
    facts = json.loads((folder / "facts.json").read_text())
    spec = json.loads((folder / "workspace.json").read_text())
    names = {}
    for channel in spec["channels"]:
        for sample in channel["samples"]:
            for modifier in sample["modifiers"]:
                if modifier["name"] == "mu":
                    modifier |= {"name": f"f_{len(names)}", "type": "shapefactor"}
                    names[channel["name"]] = modifier["name"]
    spec["measurements"][0]["config"]["poi"] = ""
    return pyhf.Workspace(spec), {key: names[facts["published"][key]] for key in dict.fromkeys(facts["channels"])}


class Fits:
    """One model, many shapes."""

    def __init__(self, folder: Path, backend: str, optimizer: str) -> None:
        pyhf.set_backend(backend, optimizer)
        workspace, self.factors = shaped_workspace(folder)
        self.model = workspace.model(poi_name=None)
        self.data = workspace.data(self.model)
        self.channels = json.loads((folder / "facts.json").read_text())["channels"]
        self.shapes = np.load(folder / "shapes.npy")
        self.folder, self.next = folder, 0
        self.fixed = self.model.config.suggested_fixed()
        for name in self.factors.values():
            part = self.model.config.par_slice(name)
            self.fixed[part] = [True] * (part.stop - part.start)

    def fit(self, shape: np.ndarray) -> float:
        """-2 ln L at the minimum that pyhf finds."""
        init, bounds = list(self.model.config.suggested_init()), list(self.model.config.suggested_bounds())
        for key, name in self.factors.items():
            values, part = shape[np.array(self.channels) == key].tolist(), self.model.config.par_slice(name)
            init[part], bounds[part] = values, [(0.0, 1e3)] * len(values)
        found = pyhf.infer.mle.fit(self.data, self.model, init, bounds, self.fixed, return_fitted_val=True)
        return float(found[1])

    def several(self, count: int) -> Timing:
        """Mean seconds of the next `count` shapes; note: how far above our minima they end."""
        ours = np.load(self.folder / "profiled.npy")
        picked = range(self.next, self.next + count)
        self.next += count
        wall, cpu, rises, failed = time.perf_counter(), time.process_time(), [], 0
        for i in picked:
            try:
                rises.append(self.fit(self.shapes[i]) - ours[i])
            except pyhf.exceptions.FailedMinimization:
                failed += 1
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        note = f"{count} fits, {failed} failed"
        if rises:
            note += f"; ends {np.median(rises):.1e} (median), {np.max(rises):.1e} (most) above our minimum of -2 ln L"
        return Timing(wall / count, cpu / count, note)


def main(folder: Path, backend: str, optimizer: str, count: int) -> None:
    """Build, compile with one fit, then answer."""
    fits = Fits(folder, backend, optimizer)
    if backend == "jax":
        fits.several(1)
    serve({"fit": lambda: fits.several(count)})


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
