"""One table of status codes for relic densities, whatever made them, and the sentences that follow from them."""

from __future__ import annotations

from jaxtyping import Array, Bool, Int

from darkpenguin._jax import jnp
from darkpenguin.core.dark import Dark
from darkpenguin.cosmology import freeze_in, freeze_out
from darkpenguin.cosmology.freeze_in import FrozenIn
from darkpenguin.cosmology.freeze_out import Relic

GOOD = 0
NOT_PERTURBATIVE = 9
FREEZE_IN = 10
NO_DECAY, THERMAL = FREEZE_IN + 8, FREEZE_IN + 9
_THERMAL_FROM = 0.3

STATUS = {
    **freeze_out.STATUS,
    NOT_PERTURBATIVE: "a coupling of the dark sector is above sqrt(4 pi): at lowest order the number means nothing",
    **{FREEZE_IN + code: text for code, text in freeze_in.STATUS.items() if code != freeze_in.GOOD},
    NO_DECAY: "the mediator does not decay to dark matter; production without a real mediator is left out",
    THERMAL: "the dark matter comes into equilibrium; its annihilation is left out: the number is an upper limit",
}
"""0 to 8: of `freeze_out`; 10 more than those of `freeze_in`; and three of the models."""

Flag = Bool[Array, ""]
Code = Int[Array, ""]


def of_freeze_out(relic: Relic, strong: Flag) -> Code:
    """Status of a freeze-out; strong: whether perturbation theory fails."""
    return jnp.where((relic.status == freeze_out.GOOD) & strong, NOT_PERTURBATIVE, relic.status)


def of_freeze_in(relic: FrozenIn, closed: Flag) -> Code:
    """Status of a freeze-in; closed: whether the mediator cannot decay to dark matter."""
    good = jnp.where(relic.thermal > _THERMAL_FROM, THERMAL, GOOD)
    good = jnp.where(closed, NO_DECAY, good)
    return jnp.where(relic.status == freeze_in.GOOD, good, FREEZE_IN + relic.status)


def usable(dark: Dark | None) -> Flag:
    """Whether a relic density is good, or an upper limit to the true one."""
    if dark is None or dark.relic_status is None:
        return jnp.asarray(True)
    return (dark.relic_status == GOOD) | (dark.relic_status == THERMAL)


def dark_warnings(dark: Dark) -> tuple[str, ...]:
    """A sentence if the relic density is not to be trusted; for concrete numbers, not inside a compiled program."""
    code = GOOD if dark.relic_status is None else int(dark.relic_status)
    return () if code == GOOD else (f"relic density: {STATUS[code]} (status {code})",)
