"""Worker: relic densities by freeze-out and freeze-in, and N_eff, per point, with gradients."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.relic_points import Points, freeze_out_points, vector_points, write
from benchmarks.serve import Timing, median, serve, timed
from darkpenguin._jax import jax, jnp
from darkpenguin.cosmology.constants import cosmology_folder, read_constants
from darkpenguin.cosmology.freeze_in import FreezeIn, freeze_in
from darkpenguin.cosmology.freeze_out import ACCURATE, FAST, Accuracy, FreezeOut, freeze_out
from darkpenguin.cosmology.freeze_out_stepped import freeze_out_stepped
from darkpenguin.cosmology.neff import LightBoson, load_plasma, n_eff
from darkpenguin.cosmology.thermal_average import ChannelGroup, ClosedForm, Resonance, thermal_average
from darkpenguin.cosmology.thermal_bath import ThermalBath, load_bath
from darkpenguin.cosmology.thermal_rates import decay_density, equilibrium_density

N_POINT, CHUNK, N_STEPPED, N_VECTOR = 1000, 250, 100, 24
PEER_BATH = "drees-hajkarim-schmitz-2015"  # the table that hazma carries
X_TYPICAL, SIGMA_V_TYPICAL = 22.0, 2e-9  # GeV^-2, near Omega h^2 = 0.12
M_E = read_constants()["m_e"].value
GRADIENT_OF = ("m", "A", "M", "G")

Point = dict[str, jax.Array]


def two_channels(p: Point) -> FreezeOut:
    """The cross section of relic_points: a resonant channel and a contact channel, two states."""

    def phase_space(s: jax.Array, final: jax.Array, l_final: jax.Array, l_initial: jax.Array) -> jax.Array:
        beta_f, beta_i = 1.0 - 4.0 * final**2 / s, 1.0 - 4.0 * p["m"] ** 2 / s
        return beta_f**l_final * jnp.sqrt(beta_f) * beta_i**l_initial / jnp.sqrt(beta_i) / (8.0 * jnp.pi)

    def resonant(s: jax.Array, propagators: Any) -> jax.Array:
        return (p["A"] * phase_space(s, p["mf"], p["lf"], p["li"]) * propagators[0].squared())[None]

    def contact(s: jax.Array, _: Any) -> jax.Array:
        return (p["C"] * phase_space(s, p["mc"], p["lfc"], p["lic"]))[None]

    groups = (
        ChannelGroup(("resonant",), 2.0 * p["mf"], resonant, (Resonance(p["M"], p["G"]),)),
        ChannelGroup(("contact",), 2.0 * p["mc"], contact),
    )
    return FreezeOut(p["m"], jnp.asarray(2.0), groups)


def constant(p: Point) -> FreezeOut:
    """No cross section to average: what is left of the time."""
    sigma_v = SIGMA_V_TYPICAL * 0.12 / p["target"]
    return FreezeOut(
        p["m"], jnp.asarray(2.0), (ClosedForm(("constant",), lambda x: jnp.broadcast_to(sigma_v, (1, *x.shape))),)
    )


def vector(p: Point) -> FreezeOut:
    """chi chibar -> V -> e+ e-, coupling 1 to chi, g to e; hazma counts particles alone, so no antiparticles here."""
    m, M, g = p["m"], p["M"], p["g"]

    def sigma(s: jax.Array, propagators: Any) -> jax.Array:
        beta = jnp.sqrt(1.0 - 4.0 * M_E**2 / s) / jnp.sqrt(1.0 - 4.0 * m**2 / s)
        top = g**2 * beta * (s + 2.0 * M_E**2) * (s + 2.0 * m**2) / (12.0 * jnp.pi * s)
        return (top * propagators[0].squared())[None]

    width = partial_width(jnp.ones(()), M, m) + partial_width(g, M, jnp.asarray(M_E))
    return FreezeOut(
        m, jnp.asarray(2.0), (ChannelGroup(("e e",), 2.0 * M_E * jnp.ones(()), sigma, (Resonance(M, width),)),)
    )


def partial_width(g: jax.Array, M: jax.Array, m: jax.Array) -> jax.Array:
    """Of a vector to a pair of Dirac fermions: g^2 sqrt(M^2 - 4 m^2) (M^2 + 2 m^2) / (12 pi M^2), M > 2 m."""
    return g**2 * jnp.sqrt(M**2 - 4.0 * m**2) * (M**2 + 2.0 * m**2) / (12.0 * jnp.pi * M**2)


def mapped(one: Callable[[Any], Any], chunk: int = CHUNK) -> Callable[[Any], Any]:
    """One compiled program for many points."""
    return jax.jit(lambda points: jax.lax.map(one, points, batch_size=chunk))


def chosen(bath: ThermalBath) -> Points:
    """The points with couplings that lead near their relic densities."""
    points = freeze_out_points(N_POINT)
    average = mapped(lambda p: thermal_average(two_channels(p).groups, p["m"]).total(jnp.asarray([X_TYPICAL]))[0])
    scale = SIGMA_V_TYPICAL * 0.12 / points["target"] / np.asarray(average(as_jax(points)))
    return {**points, "A": points["A"] * scale, "C": points["C"] * scale}


def as_jax(points: Points) -> Point:
    """Every column as doubles."""
    return {name: jnp.asarray(column, float) for name, column in points.items()}


def compared(found: np.ndarray, reference: np.ndarray) -> str:
    """Median and largest relative difference."""
    error = np.abs(found / reference - 1.0)
    return f"median {np.median(error):.1g}, largest {error.max():.1g}"


def batch(program: Callable[[], Any], n: int, note: str, repeats: int = 3) -> Callable[[], Timing]:
    """Compile when asked for the first time, then time the whole batch per point."""
    first: list[float] = []

    def ask() -> Timing:
        first.append(timed(lambda: jax.block_until_ready(program()))[0])
        return median(lambda: jax.block_until_ready(program()), repeats, n, f"{note}; first call {first[0]:.1f} s")

    return ask


def freeze_in_sector(p: Point) -> FreezeIn:
    """A mediator made by the decay of a heavier particle in the plasma: the system alone, at the price of no rate."""
    m = 2.0 * p["m_a"]

    def production(T: jax.Array) -> jax.Array:
        safe = jnp.maximum(T, m / 60.0)
        rate = decay_density(m, 6.0, p["width"] * m, safe) / equilibrium_density(p["m_a"], 1.0, safe)
        return jnp.where(m / T < 60.0, rate, 0.0)

    return FreezeIn(p["m_chi"], jnp.asarray(4.0), p["m_a"], jnp.ones(()), p["visible"], p["dark"], production)


def freeze_in_points(n: int) -> Point:
    """Widths from feeble to thermal."""
    rng = np.random.default_rng(2)
    ranges = {"m_a": (-0.3, 1.0), "m_chi": (-4, -1), "width": (-24, -16), "visible": (-24, -14), "dark": (-24, -14)}
    return {name: jnp.asarray(10 ** rng.uniform(*ends, n)) for name, ends in ranges.items()}


def main(folder: Path) -> None:
    """Choose the points, tell the peers, then answer."""
    bath, peer_bath, plasma = load_bath(), load_bath(PEER_BATH), load_plasma()
    points, vectors = chosen(bath), vector_points(N_VECTOR)
    p, few, one = as_jax(points), as_jax({k: v[:N_STEPPED] for k, v in points.items()}), {}
    one = {name: column[1] for name, column in p.items()}

    def relics(accuracy: Accuracy) -> Callable[[Any], Any]:
        return mapped(lambda q: freeze_out(two_channels(q), bath, accuracy))

    accurate, fast, rest = relics(ACCURATE), relics(FAST), mapped(lambda q: freeze_out(constant(q), bath))
    relic = accurate(p)
    good = np.asarray(relic.status) == 0
    through_vector = mapped(lambda q: freeze_out(vector(q), peer_bath))
    v = as_jax(vectors)
    many_v = {name: jnp.tile(column, 40) for name, column in v.items()}
    write(
        folder,
        points=points,
        good=good,
        Y=np.asarray(relic.Y),
        Y_fast=np.asarray(fast(p).Y),
        vectors=vectors,
        Y_vector=np.asarray(through_vector(v).Y),
        table=str(cosmology_folder() / "thermal_bath" / f"{bath.name}.csv"),
        M_Planck=float(bath.M_Planck),
    )
    omega = np.asarray(relic.omega_h2)[good]
    about = f"{N_POINT} points, {good.sum()} with status 0, Omega h2 {omega.min():.1g} to {omega.max():.1g}"
    stepped = mapped(lambda q: freeze_out_stepped(two_channels(q), bath).Y, 25)
    both = good[:N_STEPPED]
    difference = compared(np.asarray(stepped(few))[both], np.asarray(relic.Y)[:N_STEPPED][both])

    def ln_omega(q: Point, x: jax.Array) -> jax.Array:
        return jnp.log(freeze_out(two_channels({**q, **dict(zip(GRADIENT_OF, x, strict=True))}), bath).omega_h2)

    def gradient(derivative: Callable[..., Any]) -> Callable[[Any], Any]:
        return mapped(lambda q: derivative(ln_omega, argnums=1)(q, jnp.stack([q[name] for name in GRADIENT_OF])))

    forward, reverse = gradient(jax.jacfwd), gradient(jax.grad)
    single = jax.jit(lambda q: freeze_out(two_channels(q), bath))
    single_v = jax.jit(lambda q: freeze_out(vector(q), peer_bath))
    one_v = {name: column[0] for name, column in v.items()}
    inward = freeze_in_points(N_POINT)
    frozen = mapped(lambda q: freeze_in(freeze_in_sector(q), bath))
    rng = np.random.default_rng(3)
    bosons = jnp.asarray(np.stack([rng.uniform(5e-3, 4e-2, N_POINT), 10 ** rng.uniform(-27, -22, N_POINT)], axis=1))
    number = mapped(lambda b: n_eff(LightBoson(b[0], b[1]), plasma).n_eff)
    number_slopes = mapped(jax.jacfwd(lambda b: n_eff(LightBoson(b[0], b[1]), plasma).n_eff))
    single_number = jax.jit(lambda b: n_eff(LightBoson(b[0], b[1]), plasma).n_eff)

    def call(compiled: Callable[[Any], Any], argument: Any, value: Callable[[Any], Any]) -> Callable[[], Timing]:
        def ask() -> Timing:
            found = float(value(jax.block_until_ready(compiled(argument))))
            return median(lambda: jax.block_until_ready(compiled(argument)), 51, 1, "one jitted call", found)

        return ask

    serve(
        {
            "accurate": batch(lambda: accurate(p), N_POINT, about),
            "fast": batch(
                lambda: fast(p), N_POINT, "against accurate: " + compared(*fast_and_accurate(fast(p), relic))
            ),
            "rest": batch(lambda: rest(p), N_POINT, "no cross section"),
            "single": call(single, one, lambda r: r.omega_h2),
            "forward": batch(lambda: forward(p), N_POINT, f"ACCURATE, {len(GRADIENT_OF)} parameters"),
            "reverse": batch(lambda: reverse(p), N_POINT, f"ACCURATE, {len(GRADIENT_OF)} parameters"),
            "stepped": batch(lambda: stepped(few), N_STEPPED, f"{N_STEPPED} points, against accurate: {difference}", 1),
            "vector": batch(lambda: through_vector(many_v), 40 * N_VECTOR, f"{N_VECTOR} points, 40 times"),
            "vector, single": call(single_v, one_v, lambda r: r.Y),
            "freeze-in": batch(lambda: frozen(inward), N_POINT, f"{N_POINT} points, one decay makes the mediator"),
            "n_eff": batch(lambda: number(bosons), N_POINT, f"{N_POINT} bosons of 5 to 40 MeV, 512 steps"),
            "n_eff, forward": batch(lambda: number_slopes(bosons), N_POINT, "2 parameters"),
            "n_eff, single": call(single_number, bosons[0], lambda x: x),
        }
    )


def fast_and_accurate(fast: Any, accurate: Any) -> tuple[np.ndarray, np.ndarray]:
    """Yields of both where both are good."""
    both = (np.asarray(fast.status) == 0) & (np.asarray(accurate.status) == 0)
    return np.asarray(fast.Y)[both], np.asarray(accurate.Y)[both]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
