"""Neutrino couplings of leptoquarks: where B -> K and B -> K* nu nubar can be had together, and what r_D(*) says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from darkpenguin import __version__
from darkpenguin._jax import jax, jnp
from darkpenguin.analysis import Analysis
from darkpenguin.compare import BELLE2
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.model import Range
from darkpenguin.experiments.published import measured, upper_limits
from darkpenguin.figure import Curve, FigureData, Panel, Region
from darkpenguin.flavour.charged_leptons import r_D_of_C_L
from darkpenguin.flavour.clfv_bounds import coefficient_bounds
from darkpenguin.flavour.neutrino_ratios import R_K, ROUNDED, NeutrinoCoefficients, Polynomial, R_Kst, kappa, polynomial

NEW, AVERAGE = (
    (5.3, 1.7),
    (3.0, 1.0),
)  # R_K of Belle II 2023 and of the average, as counted in talks on arXiv:2309.12741
K_STAR = {"R_K* < 2.7, Belle combined": 2.7, "R_K* < 1.9, neutral mode": 1.9}  # 90 % CL, likewise
PLANE_X, PLANE_Y = np.linspace(-30.0, 15.0, 181), np.linspace(0.0, 40.0, 161)
REFERENCES = ("He:2023bnk", "Buras:2014fpa", "Belle-II:2023esi", "Belle-II:2025lfq", "Belle:2017oht")


def leptoquark_plane(key: str, *, as_printed: bool, progress: bool) -> FigureData:
    """C_R^tautau against C_R^mutau = C_R^taumu, and R_K* against R_K along lines of one kind of coupling."""
    del progress
    inputs = load_inputs().at()
    numbers = ROUNDED if as_printed else polynomial(inputs, kappa(inputs))
    return FigureData(
        key=key,
        title="B → K(*) ν ν̄ from leptoquarks",
        caption="New physics in right-handed quark currents, one diagonal coefficient and a symmetric off-diagonal one "
        "(S̃1/2 and V1/2). Left: where R_K and R_K* lie in the quoted ranges, and where Belle II's likelihood is within "
        "Δ(-2 ln L) = 1 of its best rate. Right: R_K* against R_K for one kind of coefficient at a time."
        + (" Polynomials with the rounded numbers of the talk." if as_printed else ""),
        panels=(_plane(numbers, inputs), _ratios(numbers)),
        inputs="2026-11",
        references=REFERENCES,
        version=__version__,
        columns=2,
    )


def _plane(numbers: Polynomial, inputs: Inputs) -> Panel:
    def of(function: Callable[[NeutrinoCoefficients, Polynomial], jax.Array]) -> np.ndarray:
        def at(x: jax.Array, y: jax.Array) -> jax.Array:
            C_R = jnp.zeros((3, 3)).at[2, 2].set(x).at[1, 2].set(y).at[2, 1].set(y)
            return function(NeutrinoCoefficients.of(C_R=C_R), numbers)

        return np.asarray(
            jax.jit(jax.vmap(jax.vmap(at, (0, None)), (None, 0)))(jnp.asarray(PLANE_X), jnp.asarray(PLANE_Y))
        )

    r_k, r_kst = of(R_K), of(R_Kst)
    regions = [
        _region("R_K = 5.3(1.7), Belle II", np.abs(r_k - NEW[0]) / NEW[1]),
        _region("R_K = 3(1), average", np.abs(r_k - AVERAGE[0]) / AVERAGE[1]),
        _region("Belle II's likelihood, 1σ", _likelihood(r_k)),
    ]
    contours = [_region(name, r_kst / limit) for name, limit in K_STAR.items()]
    limits = {name: limit for name, limit in upper_limits("babar-2012-bktaul").items() if "mu" in name}
    largest = min(float(found.at_mZ) for found in coefficient_bounds(limits, inputs))
    bound = Curve("B+ → K+ μτ, 90 %", (float(PLANE_X[0]), float(PLANE_X[-1])), (largest, largest), mark="dashed")
    return Panel(
        title="right-handed quark current",
        x_label=r"$C_R^{\tau\tau}$",
        y_label=r"$C_R^{\mu\tau}=C_R^{\tau\mu}$",
        regions=(*regions, *contours),
        curves=(bound,),
        x_range=(float(PLANE_X[0]), float(PLANE_X[-1])),
        y_range=(0.0, 40.0),
    )


def _region(label: str, z: np.ndarray) -> Region:
    return Region(label, tuple(PLANE_X.tolist()), tuple(PLANE_Y.tolist()), tuple(map(tuple, z.tolist())), (1.0,))


def _likelihood(r_k: np.ndarray) -> np.ndarray:
    """Delta(-2 ln L) from the best rate; the spectrum of B -> K stays that of the Standard Model."""
    analysis = Analysis("standard_model", experiments=BELLE2, free={"mu": Range(0.0, 40.0)})
    mu = np.linspace(0.0, 40.0, 401)
    values = analysis.line.values(np.stack([analysis.theta({"mu": m}) for m in mu]))
    return np.interp(r_k, mu, values - values.min())


def _ratios(numbers: Polynomial) -> Panel:
    """R_K and R_K* along coefficients of one kind; the quoted ranges as crosses of lines."""
    steps = np.linspace(-25.0, 25.0, 201)
    kinds = {
        r"$C_L^{\tau\tau}$ alone": lambda c: NeutrinoCoefficients.of(C_L=jnp.zeros((3, 3)).at[2, 2].set(c)),
        r"$C_R^{\tau\tau}$ alone": lambda c: NeutrinoCoefficients.of(C_R=jnp.zeros((3, 3)).at[2, 2].set(c)),
        r"$C_R^{ii}$, three equal": lambda c: NeutrinoCoefficients.of(C_R=c * jnp.eye(3)),
        r"$C_R^{\mu\tau}$ alone": lambda c: NeutrinoCoefficients.of(C_R=jnp.zeros((3, 3)).at[1, 2].set(c)),
    }
    curves = []
    for label, coefficients in kinds.items():
        points = np.array([[float(f(coefficients(c), numbers)) for f in (R_K, R_Kst)] for c in steps])
        points = points[np.argsort(steps)]
        curves.append(Curve(label, tuple(points[:, 0].tolist()), tuple(points[:, 1].tolist())))
    limit = Curve("R_K* < 1.9", (0.0, 8.0), (1.9, 1.9), mark="dashed")
    band = Curve("R_K = 3(1)", (2.0, 4.0), low=(0.0, 0.0), high=(8.0, 8.0))
    return Panel(
        title="one kind of coefficient at a time",
        x_label=r"$R_K^{\nu\nu}$",
        y_label=r"$R_{K^*}^{\nu\nu}$",
        curves=(band, *curves, limit),
        x_range=(0.0, 8.0),
        y_range=(0.0, 8.0),
    )


def _measured(name: str) -> Curve:
    """A band of one standard deviation."""
    value, error = measured("hflav-2024-rd")[name]
    ends = (value - error,) * 2, (value + error,) * 2
    return Curve(f"measured, {name}", (0.0, 40.0), low=ends[0], high=ends[1])


def singlet_and_r_d(key: str, *, as_printed: bool, progress: bool) -> FigureData:
    """r_D(*) of the scalar singlet S0 against R of the neutrino modes, coupled to taus alone."""
    del progress
    inputs = load_inputs().at()
    numbers = polynomial(inputs, 0.0)
    steps = jnp.linspace(0.0, -60.0, 241)

    def point(c: jax.Array) -> tuple[jax.Array, jax.Array]:
        C_L = jnp.zeros((3, 3)).at[2, 2].set(c)
        alpha = 2.0 * inputs.alpha_em_mZ if as_printed else inputs.alpha_em_mZ
        ckm = 1.0 if as_printed else None
        return R_K(NeutrinoCoefficients.of(C_L=C_L), numbers), r_D_of_C_L(C_L, inputs, ckm, alpha)

    R, r = jax.vmap(point)(steps)
    return FigureData(
        key=key,
        title="Scalar singlet S0: B → K(*) ν ν̄ against R_D(*)",
        caption="C_L^ττ from 0 to -60, all others 0. Bands: measured R_D and R_D* over the Standard Model, one sigma."
        + (" As printed: alpha/π in place of alpha/2π and CKM factor 1." if as_printed else ""),
        panels=(
            Panel(
                title="leptoquark S0, taus alone",
                x_label=r"$R_K^{\nu\nu}=R_{K^*}^{\nu\nu}$",
                y_label=r"$r_D=r_{D^*}$",
                curves=(
                    Curve("S0", tuple(np.asarray(R).tolist()), tuple(np.asarray(r).tolist())),
                    *(_measured(name) for name in ("r_D", "r_Dst")),
                ),
                x_range=(0.0, 30.0),
                y_range=(0.95, 1.3),
            ),
        ),
        inputs="2026-11",
        references=("He:2023bnk", "Buras:2014fpa", "HFLAV:2022esi"),
        version=__version__,
    )
