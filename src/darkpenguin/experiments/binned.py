"""A published binned likelihood that sees a spectrum through a joint density of true q2 and fit bin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import equinox as eqx
from jaxtyping import Array, Float

from darkpenguin.core.description import ResultDescription
from darkpenguin.core.likelihood import Prediction, ProfiledLikelihood
from darkpenguin.errors import UnknownName
from darkpenguin.experiments.histfactory import HistFactory
from darkpenguin.experiments.reweight import JointDensity, LineRule, SignalFactors


class BinnedLikelihood(ProfiledLikelihood):
    """Binned counts with nuisances; the signal of each bin follows from the spectrum of one decay mode.

    model : the published likelihood.   density : the response of its signal bins to true q2.
    lines : how a line falls into bins of true q2, see `JointDensity.factors`; "linear" keeps -2 ln L continuous in m_X.
    """

    model: HistFactory
    density: JointDensity
    about: ResultDescription = eqx.field(static=True)
    lines: LineRule = eqx.field(static=True, default="linear")

    @classmethod
    def load(
        cls, folder: Path, about: ResultDescription, held: Sequence[str] = (), lines: LineRule = "linear"
    ) -> BinnedLikelihood:
        """Read the tables of a result folder; `held`: nuisances kept at zero. Raises BadData, UnknownName."""
        channels = "combined" if len(about.selected) != 1 else about.selected[0]
        model = HistFactory.load(folder, channels, held)
        return cls(model=model, density=JointDensity.load(folder, channels), about=about, lines=lines)

    def signal_factors(self, prediction: Prediction) -> SignalFactors:
        """Signal factors with their status code (see `reweight`)."""
        (mode,) = self.about.modes
        if mode not in prediction.modes:
            raise UnknownName("decay mode", mode, prediction.modes)
        return self.density.factors_of(prediction.modes[mode], lines=self.lines)

    def factors(self, prediction: Prediction) -> Float[Array, " n_signal"]:
        """Signal factors; NaN where the spectrum is refused."""
        return self.signal_factors(prediction).f
