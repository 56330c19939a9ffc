"""Worker: -2 ln L at one point through the whole chain, and the same with its gradient in all parameters, per model."""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import numpy as np

from benchmarks.serve import Timing, median, serve, timed
from darkpenguin._jax import jnp
from darkpenguin.analysis import Analysis
from darkpenguin.line import Line, signal
from darkpenguin.models.index import BUILT_IN, load_model
from darkpenguin.setup import Setup

REPEATS = 201
NO_Z = np.zeros(0)


class Case(NamedTuple):
    """One model at its first benchmark point."""

    line: Line
    theta: np.ndarray

    def value(self) -> float:
        """-2 ln L by the program without derivatives."""
        arguments = self.line.model_class, self.line.input_set, self.line.setup.likelihoods
        found = plain_signal(*arguments, jnp.asarray(self.theta), jnp.asarray(NO_Z))
        return float(self.line.setup.profilers[0](found.factors[0]).minus_two_log_likelihood)

    def gradient(self) -> tuple[float, np.ndarray]:
        """-2 ln L and its gradient in every parameter of the model, as fits use it."""
        return self.line.value_and_gradient(self.theta, NO_Z, self.line.names)


plain_signal = eqx.filter_jit(signal)


def main() -> None:
    """Compile one model after the other, when it is asked for."""
    setup = Setup.load(inputs="belle2-2023")
    cases: dict[str, Case] = {}

    def measure(name: str, what: str) -> Timing:
        if name not in cases:
            model = load_model(name)
            analysis = Analysis(model, setup=setup, fixed=next(iter(model.benchmarks.values())))
            cases[name] = Case(analysis.line, analysis.theta({}))
        call = getattr(cases[name], what)
        first = timed(call)[0]
        return median(call, REPEATS, 1, f"{len(cases[name].theta)} parameters; first call {first:.1f} s")

    jobs = [(name, what) for name in BUILT_IN for what in ("value", "gradient")]
    serve({f"{name}:{what}": lambda name=name, what=what: measure(name, what) for name, what in jobs})


if __name__ == "__main__":
    main()
