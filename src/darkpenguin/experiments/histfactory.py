"""A published HistFactory likelihood as arrays: expected rates and log density, equal to pyhf's to rounding.

Every row r = (channel, sample, bin) has its own statistical-error factor gamma_r; the scalar nuisances alpha are either
histosys (additive, interpolation code4p) or normsys (a factor, code4). The signal row of signal bin b is scaled by f_b:

    nu_r = (nom_r + S_r.alpha_h + Q_r.q(alpha_h)) kappa_r f_r,    lambda_b = sum_{r in b} gamma_r nu_r
    L = prod_b Pois(n_b | lambda_b) prod_a N(alpha0_a | alpha_a, 1) prod_r N(gamma0_r | gamma_r, sigma_r)

HistFactory: CERN-OPEN-2012-016; pyhf's defaults for the interpolation.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources.abc import Traversable

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Int

from darkpenguin._jax import jax, jnp
from darkpenguin.errors import UnknownName
from darkpenguin.experiments.histfactory_tables import SELECTIONS, RowKey, Tables, builtin_folder, load_tables

Scalar = Float[Array, ""]

# Below this share of the nominal yield hi + lo - 2 nom is the rounding of the published decimals, not an asymmetry.
ROUNDING = 1e-12


class Data(eqx.Module):
    """What a fit is made to: counts and the centres of the constraint terms (a leading batch axis is allowed).

    counts [n_bin] : events, at least 0, not necessarily integer (Asimov data).
    alpha [n_alpha] : centres of the unit Gaussians, 0 in the observed data.
    gamma [n_row] : centres of the statistical-error factors, 1 in the observed data.
    """

    counts: Float[Array, "*batch n_bin"]
    alpha: Float[Array, "*batch n_alpha"]
    gamma: Float[Array, "*batch n_row"]


class HistFactory(eqx.Module):
    """Arrays of one likelihood. Build it with `HistFactory.load` or `HistFactory.from_tables`.

    observed [n_bin] : counts.
    nominal, sigma [n_row] : expected events; relative statistical error.
    row_bin, group [n_row] : bin of a row; group of rows that share their normsys factors.
    linear S [n_row, n_histosys], curved Q [n_row, n_curved] : (hi - lo) / 2 and (hi + lo - 2 nom) / 16.
    curved_index [n_curved] : the histosys parameters that Q belongs to.
    log_kappa_low, log_kappa_high [n_normsys] : ln of the published factors.
    pattern N [n_group, n_normsys] : 1 where a parameter scales a group.
    signal_row [n_signal] : rows scaled by f, in the order of their bins.
    alpha_names : histosys parameters, then normsys parameters.
    """

    observed: Float[Array, " n_bin"]
    nominal: Float[Array, " n_row"]
    sigma: Float[Array, " n_row"]
    row_bin: Int[Array, " n_row"]
    group: Int[Array, " n_row"]
    linear: Float[Array, "n_row n_histosys"]
    curved: Float[Array, "n_row n_curved"]
    curved_index: Int[Array, " n_curved"]
    log_kappa_low: Float[Array, " n_normsys"]
    log_kappa_high: Float[Array, " n_normsys"]
    pattern: Float[Array, "n_group n_normsys"]
    signal_row: Int[Array, " n_signal"]
    name: str = eqx.field(static=True)
    channels: str = eqx.field(static=True)
    rows: tuple[RowKey, ...] = eqx.field(static=True)
    alpha_names: tuple[str, ...] = eqx.field(static=True)

    @classmethod
    def load(cls, folder: str | Traversable, channels: str = "combined", held: Sequence[str] = ()) -> HistFactory:
        """Read a result folder: a path, or the name of one in the package; options as in `from_tables`."""
        return cls.from_tables(
            load_tables(builtin_folder(folder) if isinstance(folder, str) else folder), channels, held
        )

    @classmethod
    def from_tables(cls, tables: Tables, channels: str = "combined", held: Sequence[str] = ()) -> HistFactory:
        """Arrays of all channels or of one tag.

        channels : "combined", "inclusive" or "hadronic".
        held : nuisances kept at zero, e.g. corr_ff_c1 to corr_ff_c3 where the theory has its own form factors.
        Parameters that act on none of the chosen channels are left out. Raises UnknownName.
        """
        if channels not in SELECTIONS:
            raise UnknownName("channel selection", channels, SELECTIONS)
        for name in held:
            if name not in tables.histosys + tables.normsys:
                raise UnknownName("nuisance parameter", name, tables.histosys + tables.normsys)
        tags = {key: tag for key, tag, *_ in tables.channels}
        rows = np.array([channels in ("combined", tags[row.channel]) for row in tables.rows])
        shift = [h for h, n in enumerate(tables.histosys) if tables.shifted[rows, h].any() and n not in held]
        scale = [p for p, n in enumerate(tables.normsys) if tables.scaled[rows, p].any() and n not in held]
        nominal = tables.nominal[rows]
        low, high = tables.low[rows][:, shift], tables.high[rows][:, shift]
        asymmetry = high + low - 2 * nominal[:, None]
        curved = np.flatnonzero((np.abs(asymmetry) > ROUNDING * nominal[:, None]).any(axis=0))
        bins, row_bin = np.unique(tables.row_bin[rows], return_inverse=True)
        pattern, group = np.unique(tables.scaled[rows][:, scale], axis=0, return_inverse=True)
        signal = np.flatnonzero(tables.signal[rows])
        return cls(
            observed=jnp.asarray(tables.observed[bins]),
            nominal=jnp.asarray(nominal),
            sigma=jnp.asarray(tables.error[rows] / nominal),
            row_bin=jnp.asarray(row_bin),
            group=jnp.asarray(group.ravel()),
            linear=jnp.asarray((high - low) / 2),
            curved=jnp.asarray(asymmetry[:, curved] / 16),
            curved_index=jnp.asarray(curved),
            log_kappa_low=jnp.asarray(np.log(tables.factors[scale, 0])),
            log_kappa_high=jnp.asarray(np.log(tables.factors[scale, 1])),
            pattern=jnp.asarray(pattern, dtype=float),
            signal_row=jnp.asarray(signal[np.argsort(row_bin[signal])]),
            name=tables.name,
            channels=channels,
            rows=tuple(row for row, kept in zip(tables.rows, rows, strict=True) if kept),
            alpha_names=tuple(tables.histosys[h] for h in shift) + tuple(tables.normsys[p] for p in scale),
        )

    @property
    def n_bin(self) -> int:
        """Number of bins."""
        return int(self.observed.shape[0])

    @property
    def n_row(self) -> int:
        """Number of (channel, sample, bin) rows, each with its gamma."""
        return int(self.nominal.shape[0])

    @property
    def n_alpha(self) -> int:
        """Number of scalar nuisances."""
        return len(self.alpha_names)

    @property
    def n_signal(self) -> int:
        """Number of signal factors f."""
        return int(self.signal_row.shape[0])

    def data(self) -> Data:
        """The observed counts, with all constraint terms centred at their nominal values."""
        return Data(counts=self.observed, alpha=jnp.zeros(self.n_alpha), gamma=jnp.ones(self.n_row))

    def row_yields(self, alpha: Float[Array, " n_alpha"], f: Float[Array, " n_signal"]) -> Float[Array, " n_row"]:
        """nu_r: expected events of each row at gamma = 1."""
        n_histosys = self.linear.shape[1]
        shift, scale = alpha[:n_histosys], alpha[n_histosys:]
        add = self.nominal + self.linear @ shift + self.curved @ histosys_curve(shift[self.curved_index])
        log_kappa = log_normsys(scale, self.log_kappa_low, self.log_kappa_high)
        return add * jnp.exp(self.pattern @ log_kappa)[self.group] * jnp.ones(self.n_row).at[self.signal_row].set(f)

    def rates(
        self, alpha: Float[Array, " n_alpha"], gamma: Float[Array, " n_row"], f: Float[Array, " n_signal"]
    ) -> Float[Array, " n_bin"]:
        """lambda_b: expected events of each bin."""
        return jax.ops.segment_sum(gamma * self.row_yields(alpha, f), self.row_bin, num_segments=self.n_bin)

    def log_density(
        self,
        alpha: Float[Array, " n_alpha"],
        gamma: Float[Array, " n_row"],
        f: Float[Array, " n_signal"],
        data: Data | None = None,
    ) -> Scalar:
        """ln L with every constant; equals pyhf's `logpdf` for f_b = mu. Not finite where a rate is negative."""
        data = self.data() if data is None else data
        rates = self.rates(alpha, gamma, f)
        n = data.counts
        poisson = jax.scipy.special.xlogy(n, rates) - rates - jax.scipy.special.gammaln(n + 1)
        pulls = ((data.alpha - alpha) ** 2).sum() + (((data.gamma - gamma) / self.sigma) ** 2).sum()
        return poisson.sum() - pulls / 2 - self.gaussian_constant() / 2

    def gaussian_constant(self) -> Scalar:
        """What the normalisation of all Gaussian constraints adds to -2 ln L: sum of ln(2 pi sigma^2)."""
        return (self.n_alpha + self.n_row) * jnp.log(2 * jnp.pi) + 2 * jnp.log(self.sigma).sum()

    def saturated(self, data: Data | None = None) -> Scalar:
        """-2 ln L of lambda = n, without Gaussian constants: the reference of the saturated chi2."""
        n = self.observed if data is None else data.counts
        return 2 * (n - jax.scipy.special.xlogy(n, n) + jax.scipy.special.gammaln(n + 1)).sum()


def histosys_curve(a: Float[Array, " n"]) -> Float[Array, " n"]:
    """q(a) of code4p, the even part of a shift in units of (hi + lo - 2 nom) / 16: sextic inside |a| <= 1."""
    inside = jnp.abs(a) <= 1
    x2 = jnp.where(inside, a, 0.0) ** 2
    return jnp.where(inside, x2 * (15 - 10 * x2 + 3 * x2**2), 8 * jnp.abs(a))


def normsys_polynomial(log_low: Float[Array, " n"], log_high: Float[Array, " n"]) -> Float[Array, "7 n"]:
    """Coefficients c_0 = 1, c_1, ..., c_6 of code4 for |a| <= 1.

    The six are fixed by value, slope and curvature of hi^a at a = 1 and lo^-a at a = -1: with s_k and d_k half the sum
    and half the difference of the k-th derivatives, odd and even powers decouple into two systems of three equations.
    """
    hi, lo = jnp.exp(log_high), jnp.exp(log_low)
    s0, d0 = (hi + lo) / 2 - 1, (hi - lo) / 2
    s1, d1 = (hi * log_high - lo * log_low) / 2, (hi * log_high + lo * log_low) / 2
    s2, d2 = (hi * log_high**2 + lo * log_low**2) / 2, (hi * log_high**2 - lo * log_low**2) / 2
    c1, c3, c5 = (15 * d0 - 7 * s1 + d2) / 8, (-5 * d0 + 5 * s1 - d2) / 4, (3 * d0 - 3 * s1 + d2) / 8
    c2, c4, c6 = (24 * s0 - 9 * d1 + s2) / 8, (-12 * s0 + 7 * d1 - s2) / 4, (8 * s0 - 5 * d1 + s2) / 8
    return jnp.stack([jnp.ones_like(hi), c1, c2, c3, c4, c5, c6])


def log_normsys(a: Float[Array, " n"], log_low: Float[Array, " n"], log_high: Float[Array, " n"]) -> Float[Array, " n"]:
    """ln kappa(a) of code4: a ln hi for a > 1, -a ln lo for a < -1, the logarithm of the sextic between."""
    inside = jnp.abs(a) <= 1
    x = jnp.where(inside, a, 0.0)
    kappa = jnp.polyval(normsys_polynomial(log_low, log_high)[::-1], x)
    return jnp.where(inside, jnp.log(kappa), jnp.where(a > 0, a * log_high, -a * log_low))
