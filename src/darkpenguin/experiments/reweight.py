"""From the q2 spectrum of any invisible final state to the signal factors f_b of a likelihood.

The density n_bk holds the expected standard-model events in fit bin b with true q2 in bin k, detector resolution
included; the simulation was weighted to a known spectrum, the null, with branching fraction I_k in bin k. A model with
branching fractions R_k expects

    nu_b = n_b,out w_out + sum_k n_bk R_k / I_k,     f_b = nu_b / sum_k n_bk,

and f_b scales the signal row of bin b. Method: arXiv:2402.08417; applied to this measurement in arXiv:2507.12393.
"""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import Any, Literal

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Int

from darkpenguin import result
from darkpenguin._jax import jax, jnp
from darkpenguin.core.types import ModeSpectrum
from darkpenguin.errors import BadData, UnknownName
from darkpenguin.experiments.histfactory_tables import (
    SELECTIONS,
    FloatArray,
    builtin_folder,
    number,
    read_metadata,
    read_table,
)

Scalar = Float[Array, ""]
LineRule = Literal["membership", "linear"]

VALID, INVALID_SPECTRUM, OUT_OF_RANGE, FEW_EVENTS = range(4)
# The status codes in words. With FEW_EVENTS the factors are computed, but single simulated events dominate them.
STATUS_NAMES = (result.OK, result.INVALID, result.OUT_OF_DOMAIN, "few simulated events")
N_Q2 = 100
NARROW = 1e-4  # m Gamma in units of a bin of true q2


class SignalFactors(eqx.Module):
    """Signal factors with a status code.

    f [n_signal] : yield of each signal bin over its standard-model yield; NaN where the status is 1 or 2.
    status : one of VALID, INVALID_SPECTRUM, OUT_OF_RANGE, FEW_EVENTS.
    """

    f: Float[Array, " n_signal"]
    status: Int[Array, ""]


class JointDensity(eqx.Module):
    """Joint density of fit bin and true q2, with the spectrum it was made with.

    response [n_signal, n_q2] : n_bk / (I_k sum_k n_bk), so that f = outside w_out + response @ rate.
    outside [n_signal] : share of the events with true q2 outside the bins (below 0.3 %).
    null [n_q2] : I_k, branching fraction of the null in each bin.   edges [n_q2 + 1] : true q2, GeV^2.
    line_q2_max : largest m_X^2 of a line that the simulated events still resolve, GeV^2.
    """

    null: Float[Array, " n_q2"]
    response: Float[Array, "n_signal n_q2"]
    outside: Float[Array, " n_signal"]
    edges: Float[Array, " n_edge"]
    line_q2_max: Scalar

    @classmethod
    def load(cls, folder: str | Traversable, channels: str = "combined") -> JointDensity:
        """Read a result folder, a path or the name of one in the package; rows as in the HistFactory of `channels`.

        Raises BadData (checksum, shape, a negative or empty row, a null that misses its integral) and UnknownName.
        """
        if channels not in SELECTIONS:
            raise UnknownName("channel selection", channels, SELECTIONS)
        folder = builtin_folder(folder) if isinstance(folder, str) else folder
        metadata = read_metadata(folder)
        name = metadata["density"]["table"]
        edges = np.linspace(0.0, metadata["density"]["upper_edge"], N_Q2 + 1)
        null = null_spectrum(metadata["null"], edges)
        stated = metadata["null"]["integral"]
        if abs(null.sum() / stated - 1) > 1e-4:  # the integral is stated with five digits
            raise BadData(f"{folder / 'result.toml'}: expected a null spectrum of {stated}, found {null.sum():.6g}")
        columns = ("channel", "bin", "outside", *(f"q2_{k}" for k in range(N_Q2)))
        tags = {f[0]: f[1] for f in read_table(folder, "channels.csv", ("channel", "tag", "published_name"), metadata)}
        lines = [f for f in read_table(folder, name, columns, metadata) if channels in ("combined", tags.get(f[0]))]
        density = np.array([[number(folder / name, x) for x in fields[2:]] for fields in lines])
        if (density < 0).any() or (density[:, 1:].sum(axis=1) <= 0).any():
            raise BadData(f"{folder / name}: expected entries of at least 0 and no empty row, found others")
        total = density.sum(axis=1, keepdims=True)
        return cls(
            null=jnp.asarray(null),
            response=jnp.asarray(density[:, 1:] / null / total),
            outside=jnp.asarray(density[:, 0] / total[:, 0]),
            edges=jnp.asarray(edges),
            line_q2_max=jnp.asarray(metadata["validity"]["line_mass"][1] ** 2),
        )

    def factors(
        self,
        rate: Float[Array, " n_q2"],
        line_rate: Float[Array, " n_line"] | None = None,
        line_q2: Float[Array, " n_line"] | None = None,
        line_width: Float[Array, " n_line"] | None = None,
        *,
        lines: LineRule = "membership",
        outside: float = 1.0,
    ) -> SignalFactors:
        """Signal factors of a spectrum.

        rate : branching fraction of the continua in each bin of true q2 (`edges`).
        line_rate, line_q2, line_width : branching fraction, m_X^2 [GeV^2], Gamma_X [GeV, 0: a true line] of each line.
        lines : how a true line falls into bins. "membership": all of it in the bin that holds m_X^2. "linear": shared
            between the two nearest bin centres by distance, so that f is continuous in m_X. A line with a width is a
            Breit-Wigner in q2 integrated over each bin (`breit_wigner_shares`) under either rule, from `NARROW` on.
        outside : weight of the standard-model events outside the bins: 1 if the spectrum contains the standard model,
            0 if it is a component to be added to factors that already do (f is linear: f = f_SM + f_X).
        Status 1 for a rate, line or width that is negative or not finite; 2 for a line with m_X^2 beyond the last edge.
        """
        total, ok = rate, (jnp.isfinite(rate) & (rate >= 0)).all()
        beyond = sparse = jnp.asarray(False)
        if line_rate is not None and line_q2 is not None:
            width = jnp.zeros_like(line_q2) if line_width is None else line_width
            given = jnp.stack([line_rate, line_q2, width])
            ok = ok & (jnp.isfinite(given) & (given >= 0)).all()
            present = line_rate > 0
            beyond = (present & (line_q2 > self.edges[-1])).any()
            sparse = (present & (line_q2 > self.line_q2_max)).any()
            total = total + line_rate @ self.line_shares(line_q2, width, lines)
        known = jnp.where(beyond, OUT_OF_RANGE, jnp.where(sparse, FEW_EVENTS, VALID))
        status = jnp.where(ok, known, INVALID_SPECTRUM).astype(int)
        refused = (status == INVALID_SPECTRUM) | (status == OUT_OF_RANGE)
        return SignalFactors(jnp.where(refused, jnp.nan, outside * self.outside + self.response @ total), status)

    def factors_of(
        self, spectrum: ModeSpectrum, *, lines: LineRule = "membership", outside: float = 1.0
    ) -> SignalFactors:
        """Signal factors of a spectrum with its lines.

        Its first bins must be those of `edges` (else status 1); bins beyond them have no density and are left out.
        """
        found = self.factors(
            spectrum.rate[:N_Q2],
            spectrum.line_rate,
            spectrum.line_q2,
            spectrum.line_width,
            lines=lines,
            outside=outside,
        )
        same = (jnp.abs(spectrum.edges[: N_Q2 + 1] - self.edges) < 1e-9).all()  # rounding of edges built in another way
        return SignalFactors(jnp.where(same, found.f, jnp.nan), jnp.where(same, found.status, INVALID_SPECTRUM))

    def line_shares(
        self, line_q2: Float[Array, " n_line"], line_width: Float[Array, " n_line"], lines: LineRule = "membership"
    ) -> Float[Array, "n_line n_q2"]:
        """Share of each line in each bin, by the rules of `factors`; for a line inside the edges they add up to 1.

        A Breit-Wigner far narrower than a bin falls into one bin, whatever the rule says of a true line: the rule takes
        over where m Gamma is below `NARROW` of a bin, smoothly.
        """
        rule = {"membership": membership_shares, "linear": linear_shares}
        if lines not in rule:
            raise UnknownName("line rule", lines, rule)
        true_line = rule[lines](line_q2, self.edges)
        wide = line_width * line_q2 > 0
        shape = breit_wigner_shares(jnp.where(wide, line_q2, 1.0), jnp.where(wide, line_width, 1.0), self.edges)
        scale = jnp.sqrt(jnp.where(wide, line_q2, 1.0)) * line_width / (self.edges[1] - self.edges[0])
        narrow = jnp.exp(-((scale / NARROW) ** 2))[:, None]
        return narrow * true_line + (1.0 - narrow) * jnp.where(wide[:, None], shape, true_line)

    def line_shape(
        self, mass: Float[jax.typing.ArrayLike, ""], width: Float[jax.typing.ArrayLike, ""]
    ) -> Float[Array, " n_q2"]:
        """Share of a Breit-Wigner line of `mass` and `width` [GeV] in each bin, 1 in all; both must be positive."""
        return breit_wigner_shares(jnp.asarray(mass)[None] ** 2, jnp.asarray(width)[None], self.edges)[0]


def membership_shares(q2: Float[Array, " n_line"], edges: Float[Array, " n_edge"]) -> Float[Array, "n_line n_q2"]:
    """1 in the bin that holds q2 (lower edge included, the last bin closed above), 0 elsewhere."""
    x, low, high = q2[:, None], edges[None, :-1], edges[None, 1:]
    at_end = (x == high) & (high == edges[-1])
    return jnp.where((low <= x) & ((x < high) | at_end), 1.0, 0.0)


def linear_shares(q2: Float[Array, " n_line"], edges: Float[Array, " n_edge"]) -> Float[Array, "n_line n_q2"]:
    """Hat functions on the centres of equal bins, constant before the first and after the last centre."""
    n = edges.shape[0] - 1
    place = jnp.clip(q2[:, None] / (edges[1] - edges[0]) - 0.5, 0.0, n - 1.0)
    return jnp.maximum(0.0, 1.0 - jnp.abs(place - jnp.arange(n)[None]))


def breit_wigner_shares(
    q2: Float[Array, " n_line"], width: Float[Array, " n_line"], edges: Float[Array, " n_edge"]
) -> Float[Array, "n_line n_q2"]:
    """1 / [(q2 - m^2)^2 + m^2 Gamma^2] integrated over each bin and normalised between the outer edges.

    The integral is arctan(x_high) - arctan(x_low), x = (q2 - m^2) / (m Gamma), written as one arctan2 so that nothing
    cancels in the tails. q2 : m^2 > 0 [GeV^2], width : Gamma > 0 [GeV].
    """
    scale = jnp.sqrt(q2)[:, None] * width[:, None]
    x = edges[None] - q2[:, None]
    low, high = x[:, :-1], x[:, 1:]
    area = jnp.arctan2(scale * (high - low), scale**2 + high * low)
    return area / area.sum(axis=1, keepdims=True)


def null_spectrum(constants: dict[str, Any], edges: FloatArray) -> FloatArray:
    """I_k: branching fraction in each bin of the spectrum the simulation was weighted to.

    dB/dq2 = G_F^2 alpha^2 X_t^2 |V_tb V_ts|^2 tau / (32 pi^5 sin^4 theta_W) p_K^3 f_+^2, summed over the neutrinos, no
    tau-mediated part (arXiv:2507.12393 and its public code). Integrated in x = sqrt(q2_max - q2), in which p_K^3 is
    smooth at the end point, with 16 Gauss-Legendre nodes a bin. `edges` in GeV^2, not beyond (m_B - m_K)^2.
    """
    c = constants
    prefactor = (c["G_F"] / c["alpha_inverse"] * c["X_t"] * c["V_tb_V_ts"] / c["sin2_theta_W"]) ** 2
    prefactor *= c["tau_B"] / c["hbar"] / (32 * np.pi**5)
    q2_max = (c["m_B"] - c["m_K"]) ** 2
    nodes, weights = np.polynomial.legendre.leggauss(16)
    x = np.sqrt(q2_max - edges)
    half, middle = (x[:-1] - x[1:]) / 2, (x[:-1] + x[1:]) / 2
    at = middle[:, None] + half[:, None] * nodes
    q2 = q2_max - at**2
    kallen = (q2_max - q2) * ((c["m_B"] + c["m_K"]) ** 2 - q2)
    momentum = np.sqrt(kallen) / (2 * c["m_B"])
    integrand = prefactor * momentum**3 * null_form_factor(c, q2) ** 2 * 2 * at
    return half * (integrand @ weights)


def null_form_factor(constants: dict[str, Any], q2: FloatArray) -> FloatArray:
    """f_+(q2) of the null, arXiv:2207.12468: L / (1 - q2/M^2) sum_{n<3} a_n [z^n - (n/3) (-1)^(n-3) z^3]."""
    c = constants
    t_plus, t_0 = (c["m_B"] + c["m_K"]) ** 2, c["t_0"]
    z = (np.sqrt(t_plus - q2) - np.sqrt(t_plus - t_0)) / (np.sqrt(t_plus - q2) + np.sqrt(t_plus - t_0))
    n_term = len(c["f_plus"])
    terms = [a * (z**n - n / n_term * (-1.0) ** (n - n_term) * z**n_term) for n, a in enumerate(c["f_plus"])]
    return c["chiral_log"] / (1 - q2 / c["pole_mass"] ** 2) * np.sum(terms, axis=0)
