"""Worker: from model parameters to Belle II's profiled -2 ln L, to the relic density where the model has one, and to
every published limit."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from benchmarks.serve import Timing, median, serve, timed
from darkpenguin._jax import jax, jnp
from darkpenguin.analysis import Analysis
from darkpenguin.constraints import Constraints
from darkpenguin.core.inputs import load_inputs
from darkpenguin.line import model_at
from darkpenguin.models.index import load_model
from darkpenguin.setup import Setup

N_POINT, CHUNK = 2048, 64
MODELS = ("two_body_vector", "dark_left_fermion", "dark_photon_portal", "alp_portal")
BENCHMARK = {"alp_portal": "freeze_in"}


def main() -> None:
    """Compile one model after the other, when it is asked for."""
    setup, inputs = Setup.load(inputs="belle2-2023"), load_inputs("belle2-2023").at()

    @functools.cache
    def points(name: str) -> tuple[Analysis, np.ndarray]:
        """Every parameter within 5 % of a benchmark point of the model."""
        model = load_model(name)
        benchmark = model.benchmarks[BENCHMARK.get(name, next(iter(model.benchmarks)))]
        analysis = Analysis(model, setup=setup, fixed=benchmark)
        theta = analysis.theta({})
        return analysis, theta * np.random.default_rng(4).uniform(0.95, 1.05, (N_POINT, len(theta)))

    def measured(call: Callable[[np.ndarray], np.ndarray], thetas: np.ndarray, what: str) -> Timing:
        first = timed(lambda: call(thetas))[0]
        note = f"{N_POINT} points, {np.isfinite(call(thetas)).sum()} with {what}; first call {first:.1f} s"
        return median(lambda: call(thetas), 3, N_POINT, note)

    def likelihood(name: str) -> Timing:
        analysis, thetas = points(name)
        return measured(analysis.line.values, thetas, "a value")

    def signal(name: str) -> Timing:
        analysis, thetas = points(name)
        return measured(lambda t: analysis.line.factors(t).sum(axis=1), thetas, "yields")

    @functools.cache
    def relic_program(name: str) -> Callable[[jax.Array], jax.Array]:
        model_class = points(name)[0].line.model_class

        def one(theta: jax.Array) -> jax.Array:
            return model_at(model_class, theta).dark(inputs).omega_h2

        return jax.jit(lambda t: jax.lax.map(one, t, batch_size=CHUNK))

    def relic(name: str) -> Timing:
        program, thetas = relic_program(name), points(name)[1]
        return measured(lambda t: np.asarray(program(jnp.asarray(t))), thetas, "a relic density")

    def limits(name: str) -> Timing:
        analysis, thetas = points(name)
        values = zip(analysis.line.names, analysis.theta({}).tolist(), strict=True)
        constraints = Constraints(analysis.line.model_class, setup, dict(values))
        what = f"{len(constraints.described)} limits and searches, the relic density among them"
        return measured(lambda t: constraints.at(t).over_limit.max(axis=1, initial=0.0), thetas, what)

    answers = {"likelihood": likelihood, "signal": signal, "relic": relic, "limits": limits}
    serve({f"{n}:{w}": lambda n=n, answer=answer: answer(n) for n in MODELS for w, answer in answers.items()})


if __name__ == "__main__":
    main()
