"""What a likelihood is: a function of a prediction, with a description of where it comes from.

Two kinds exist. A direct likelihood gives -2 ln L of a prediction, and one made from a published limit also tells how
far a prediction lies above it; a profiled one gives the signal factors of a binned likelihood, whose own nuisances
`inference.profile` profiles away.
"""

from __future__ import annotations

import abc

import equinox as eqx
from jaxtyping import Array, Bool, Float

from darkpenguin._jax import jnp
from darkpenguin.core import catalogue
from darkpenguin.core.dark import Dark, dark_number
from darkpenguin.core.dark_names import DARK_ENTRIES, RELIC_DENSITY
from darkpenguin.core.description import ResultDescription
from darkpenguin.core.types import ModeSpectrum, Scalar
from darkpenguin.errors import OutOfDomain, UnknownName


class Prediction(eqx.Module):
    """What the chain of one parameter point gives to the likelihoods.

    modes : spectrum of each decay mode ("B+->K+", ...), everything invisible: the sum of all continua, lines apart.
    neutrinos : the neutrino part of the same, where somebody asks for it.
    standard_model : the Standard Model's prediction with the same inputs, where a ratio to it is asked for.
    visible : observables without invisible particles, by name.   dark : the model's dark matter, if it was asked for.
    """

    modes: dict[str, ModeSpectrum]
    neutrinos: dict[str, ModeSpectrum] = eqx.field(default_factory=dict)
    standard_model: dict[str, ModeSpectrum] = eqx.field(default_factory=dict)
    visible: dict[str, Scalar] = eqx.field(default_factory=dict)
    dark: Dark | None = None


def observe(name: str, prediction: Prediction) -> Scalar:
    """Value of an observable that is one number, e.g. "BR(B+->K+inv)", in the unit of the catalogue.

    Raises UnknownName if the name, or the spectrum it needs, does not exist; OutOfDomain if the observable needs an
    argument, is a whole spectrum, or is one of dark matter that the model does not say.
    """
    entry = catalogue.find(name)
    if not entry.is_scalar:
        raise OutOfDomain(f"{entry.name} is not one number; expected an observable without arguments")
    if entry.part == "visible":
        if entry.name not in prediction.visible:
            raise UnknownName("prediction of a visible observable", entry.name, prediction.visible)
        return prediction.visible[entry.name]
    if entry.part == "dark":
        value = dark_number(prediction.dark, entry.name)
        if value is None:
            raise OutOfDomain(f"the prediction says nothing about {entry.name}")
        return value
    spectra = prediction.modes if entry.part == "inv" else prediction.neutrinos
    spectrum = _spectrum(spectra, entry.mode, f"spectrum for {entry.name}")
    if entry.kind == "branching_fraction":
        return spectrum.total()
    if entry.kind == "longitudinal_fraction":
        return spectrum.longitudinal_fraction()
    return spectrum.total() / _spectrum(prediction.standard_model, entry.mode, f"spectrum for {entry.name}").total()


def observe_share(name: str, prediction: Prediction, full_density: float | None) -> Scalar:
    """The observable as an experiment sees it if the particle is only a part of the dark matter.

    full_density : Omega h^2 of all dark matter; None: the particle is all of it. With a relic density Omega h^2 below
    it, scattering goes with the share s = Omega h^2/full_density; energy from annihilation, and the mass that a cluster
    loses by scattering of the part on itself, with s^2. A density that means nothing (0) counts as all.
    """
    value = observe(name, prediction)
    power = next((entry.power for entry in DARK_ENTRIES if entry.name == name), 0)
    if full_density is None or power == 0:
        return value
    density = observe(RELIC_DENSITY, prediction)
    share = jnp.where(density > 0.0, jnp.minimum(density / full_density, 1.0), 1.0)
    return value * share**power


def _spectrum(spectra: dict[str, ModeSpectrum], mode: str, kind: str) -> ModeSpectrum:
    if mode not in spectra:
        raise UnknownName(kind, mode, spectra)
    return spectra[mode]


class AbstractLikelihood(eqx.Module):
    """One experimental result. `about` says what it measured, where it was published, and what must not go with it."""

    about: eqx.AbstractVar[ResultDescription]

    def in_domain(self, prediction: Prediction) -> Bool[Array, ""]:
        """False if a line with a non-zero rate lies outside the stated validity range, or a rate is not finite.

        Ranges that count here: "q2" [GeV^2] and "line_mass" [GeV]. A continuum is taken as it is: what of it the
        experiment can see is part of the result's assumptions.
        """
        inside = jnp.asarray(True)
        for mode in self.about.modes:
            spectrum = _spectrum(prediction.modes, mode, "decay mode")
            q2 = spectrum.line_q2
            allowed = jnp.ones_like(q2, dtype=bool)
            for quantity, power in (("q2", 1), ("line_mass", 2)):
                limits = self.about.range_of(quantity)
                if limits is not None:
                    allowed &= (q2 >= limits[0] ** power) & (q2 <= limits[1] ** power)
            inside &= jnp.all(allowed | (spectrum.line_rate == 0.0)) & jnp.isfinite(spectrum.total())
        return inside


class DirectLikelihood(AbstractLikelihood):
    """A result whose -2 ln L needs no further nuisances than those of the inputs."""

    @abc.abstractmethod
    def minus_two_log_likelihood(self, prediction: Prediction) -> Scalar:
        """-2 ln L up to a constant of the result; +infinity if the prediction is not finite."""


class LimitLikelihood(DirectLikelihood):
    """A result that says how large something may be at most, at a confidence level."""

    confidence_level: eqx.AbstractVar[float]

    @abc.abstractmethod
    def over_limit(self, prediction: Prediction) -> Float[Array, " n_part"]:
        """Predicted over published limit for each part in `about.selected`: above 1 is excluded; 0: nothing is said."""


class ProfiledLikelihood(AbstractLikelihood):
    """A binned result with nuisances of its own.

    model : the published statistical model, here the arrays of a HistFactory likelihood.
    """

    model: eqx.AbstractVar[eqx.Module]

    @abc.abstractmethod
    def factors(self, prediction: Prediction) -> Float[Array, " n_signal"]:
        """Predicted over nominal signal yield in each signal bin."""
