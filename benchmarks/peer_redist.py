"""Worker in the peers' Python: redist's reweighting of the 18 signal bins at new theory points, and profile fits."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pyhf
from redist import modifier

from benchmarks.serve import Timing, serve
from benchmarks.wet_numpy import null, rate

NAMES = ("cVL", "cSL", "cTL")


class Reweighting:
    """Three modifiers, one per channel with signal, as in the public example of arXiv:2507.12393."""

    def __init__(self, folder: Path, backend: str) -> None:
        pyhf.set_backend(backend, "scipy")
        self.folder, self.facts = folder, json.loads((folder / "facts.json").read_text())
        xp = np
        if backend == "jax":
            import jax.numpy as xp
        pars = {n: {"inits": (1.0,), "bounds": ((0.0, 20.0),), "paramset_type": "unconstrained"} for n in NAMES}
        density, channels = np.load(folder / "density.npy"), np.array(self.facts["channels"])
        bins = [[-1.0, *self.facts["edges"]]]
        self.modifiers = {
            key: modifier.Modifier(
                pars,
                rate(self.facts, xp),
                null(self.facts, xp),
                density[channels == key],
                bins,
                name=key,
                cutoff=((0.0, bins[0][-1]),),
                quad="gauss",
            )
            for key in dict.fromkeys(self.facts["channels"])
        }
        self.next = 0

    def points(self, count: int) -> np.ndarray:
        """The next theory points [count, 3]; never the same twice, or the cache of redist answers."""
        c = np.random.default_rng(self.next).uniform([5, 0, 0], [16, 15, 11], (count, 3))
        self.next += 1
        return c

    def factors(self, c: np.ndarray) -> np.ndarray:
        pars = dict(zip(NAMES, c, strict=True))
        return np.concatenate([np.asarray(m.weight_func(pars)()) for m in self.modifiers.values()])

    def yields(self, count: int) -> Timing:
        """Seconds per theory point."""
        points = self.points(count)
        wall, cpu = time.perf_counter(), time.process_time()
        for c in points:
            self.factors(c)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        check = self.factors(np.array([11.3, 3.0, 8.21]))
        return Timing(wall / count, cpu / count, f"{count} new points", float(check.sum()))

    def yields_vmap(self, count: int) -> Timing:
        """The same with jax.jit and jax.vmap put around redist by hand."""
        import jax

        def one(c):
            pars = dict(zip(NAMES, c, strict=True))
            return [m.map @ m.get_weights(pars) / m.nominal for m in self.modifiers.values()]

        if not hasattr(self, "compiled"):
            self.compiled = jax.jit(jax.vmap(one))
            jax.block_until_ready(self.compiled(self.points(count)))
        points = self.points(count)
        wall, cpu = time.perf_counter(), time.process_time()
        jax.block_until_ready(self.compiled(points))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        check = sum(float(part.sum()) for part in one(np.array([11.3, 3.0, 8.21])))
        return Timing(wall / count, cpu / count, f"{count} points at once; jit and vmap written by the user", check)

    def model(self) -> pyhf.Model:
        """The likelihood with the three modifiers in place of mu."""
        workspace = pyhf.Workspace(json.loads((self.folder / "workspace.json").read_text())).prune(modifiers=["mu"])
        model, known = workspace.model(poi_name=None), {}
        for m in self.modifiers.values():
            known |= m.expanded_pyhf
        for key in self.modifiers:
            spec = {"name": f"{key}_theory", "type": key, "data": {"expr": f"{key}_weight_fn"}}
            where = [self.facts["published"][key]], [self.facts["signal_samples"][key]]
            model = modifier.add_to_model(model, *where, known, spec, poi_name=None)
        self.data = workspace.data(model, include_auxdata=False) + model.config.auxdata
        return model

    def fits(self, count: int) -> Timing:
        """Seconds per fit of the nuisances at a new theory point."""
        if not hasattr(self, "built"):
            self.built = self.model()
            self.fixed = self.built.config.suggested_fixed()
            for name in NAMES:
                self.fixed[self.built.config.par_slice(name)] = [True]
            self.fit(self.points(1)[0])
        points = self.points(count)
        wall, cpu = time.perf_counter(), time.process_time()
        for c in points:
            self.fit(c)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return Timing(wall / count, cpu / count, f"{count} fits", self.fit(np.array([11.3, 3.0, 8.21])))

    def fit(self, c: np.ndarray) -> float:
        init = list(self.built.config.suggested_init())
        for name, value in zip(NAMES, c, strict=True):
            init[self.built.config.par_slice(name)] = [float(value)]
        return float(pyhf.infer.mle.fit(self.data, self.built, init, None, self.fixed, return_fitted_val=True)[1])


def main(folder: Path, backend: str) -> None:
    """Build, then answer."""
    work = Reweighting(folder, backend)
    measures = {"yields": lambda: work.yields(100)}
    if backend == "jax":
        measures = {"yields_vmap": lambda: work.yields_vmap(1000), "fit": lambda: work.fits(3)}
    serve(measures)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
