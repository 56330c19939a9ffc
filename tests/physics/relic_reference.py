"""The reference points of the freeze-out tests: cross sections with every kind of trouble, and their solved yields."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from darkpenguin._jax import jax, jnp
from darkpenguin.cosmology.freeze_out import FreezeOut
from darkpenguin.cosmology.thermal_average import ChannelGroup, Resonance

FILE = Path(__file__).parents[1] / "data" / "freeze_out.csv"
Parameters = dict[str, jax.Array]


def read() -> tuple[list[str], Parameters, np.ndarray]:
    """Names, parameters (each [n_point]) and yields of all points."""
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    names = [key for key in rows[0] if key not in ("id", "kind", "Yinf")]
    parameters = {key: jnp.asarray([float(row[key]) for row in rows]) for key in names}
    return [row["id"] for row in rows], parameters, np.array([float(row["Yinf"]) for row in rows])


def sector(p: Parameters) -> FreezeOut:
    """One real scalar with a resonant channel and a contact channel, each with its own threshold."""

    def phase_space(s, final, l_final, l_initial):  # type: ignore[no-untyped-def]
        beta_f, beta_i = 1.0 - 4.0 * final**2 / s, 1.0 - 4.0 * p["m"] ** 2 / s
        return beta_f**l_final * jnp.sqrt(beta_f) * beta_i**l_initial / jnp.sqrt(beta_i) / (8.0 * jnp.pi)

    def resonant(s, propagators):  # type: ignore[no-untyped-def]
        return (p["A"] * phase_space(s, p["mf"], p["lf"], p["li"]) * propagators[0].squared())[None]

    def contact(s, propagators):  # type: ignore[no-untyped-def]
        return (p["C"] * phase_space(s, p["mc"], p["lfc"], p["lic"]))[None]

    groups = (
        ChannelGroup(("resonant",), 2.0 * p["mf"], resonant, (Resonance(p["M"], p["G"]),)),
        ChannelGroup(("contact",), 2.0 * p["mc"], contact),
    )
    return FreezeOut(p["m"], jnp.ones(()), groups)
