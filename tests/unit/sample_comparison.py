"""A comparison as the report gets it, made up for tests of pictures and pages.

Event counts and nominal templates are those of Belle II's public likelihood (HEPData 10.17182/hepdata.166082) to 0.1;
everything else is invented to be of the right size, with odd cases: a fit that did not converge, missing numbers, long
names, Greek.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from darkpenguin import result as r
from darkpenguin.exclusion import ExclusionPlane, LimitGrid, PublishedLimit, grid_of

_LIGHT = (
    (31.2, 14.8, 5.1, 18.0, 6.9, 1.0, 5.4, 2.2, 0.4),
    (131.9, 51.7, 18.0, 62.2, 17.5, 8.4, 13.5, 1.7, 1.2),
    (303.6, 88.8, 25.4, 121.5, 29.8, 6.1, 25.0, 4.3, 1.3),
)
_A = {
    "signal": (15.9, 14.2, 10.0, 18.6, 13.9, 7.5, 24.6, 11.9, 3.5),
    "ddbar": _LIGHT[0],
    "uubar": _LIGHT[1],
    "ssbar": _LIGHT[2],
    "ccbar": (473.9, 241.8, 112.5, 217.6, 80.2, 28.3, 47.9, 12.8, 4.1),
    "charged": (385.2, 745.3, 1028.2, 308.0, 476.9, 505.9, 242.8, 217.0, 148.0),
    "mixed": (243.6, 484.2, 512.2, 185.2, 277.6, 211.7, 103.4, 102.5, 41.6),
    "taupair": (27.9, 14.8, 9.6, 6.8, 7.5, 2.4, 0.6, 1.8, 0.0),
}
_B = {
    "signal": (14.0, 14.0, 12.1),
    "ddbar": (86.1, 35.7, 14.7),
    "uubar": (258.4, 109.9, 44.9),
    "ssbar": (531.3, 210.3, 48.9),
    "ccbar": (871.8, 549.1, 296.8),
    "charged": (448.6, 1030.6, 1691.1),
    "mixed": (315.4, 697.5, 973.9),
    "taupair": (26.7, 30.8, 13.7),
}
_C = {
    "ddbar": (4.8, 1.2, 0.2, 1.9, 0.5, 0.2, 1.2, 0.1, 0.0),
    "uubar": (15.0, 4.6, 2.5, 7.2, 3.1, 0.5, 1.8, 0.2, 0.0),
    "ssbar": (30.0, 8.3, 2.6, 13.7, 2.8, 0.7, 2.0, 0.2, 0.2),
    "ccbar": (53.3, 26.1, 12.2, 26.2, 10.9, 3.2, 6.3, 1.8, 0.2),
    "taupair": (4.7, 1.3, 2.4, 0.7, 1.0, 1.1, 0.0, 0.2, 0.0),
}
_D = {
    "ddbar": (6.6, 3.7, 1.4),
    "uubar": (32.9, 14.3, 4.9),
    "ssbar": (56.0, 19.8, 5.2),
    "ccbar": (108.9, 60.0, 38.1),
    "taupair": (5.2, 2.9, 3.9),
}
_HAD = {
    "sgn_1_had": (1.4, 1.3, 1.3, 1.3, 1.3, 1.4),
    "bbbar_1_had": (58.2, 35.3, 25.4, 15.5, 8.9, 4.2),
    "qqbar_1_had": (18.9, 12.3, 1.6, 1.3, 0.6, 0.0),
    "ccbar_1_had": (18.0, 4.3, 4.1, 1.7, 0.6, 0.0),
}
_Q2 = ("−1–4", "4–8", "8–25")
_A_BINS = tuple(f"{group} | {q2}" for group in ("0.94–0.96", "0.96–0.98", "0.98–1") for q2 in _Q2)
_CHANNELS = (
    ("A", "Inclusive tag, signal region, Υ(4S)", _A_BINS, (1830, 1837, 1685, 1064, 955, 758, 536, 431, 197), _A),
    ("B", "Inclusive tag, control region, Υ(4S)", tuple(f"0.92–0.94 | {q2}" for q2 in _Q2), (2946, 2945, 3098), _B),
    ("C", "Inclusive tag, signal region, off resonance", _A_BINS, (157, 79, 33, 77, 23, 4, 19, 3, 1), _C),
    ("D", "Inclusive, control, off res.", tuple(f"0.92–0.94 | {q2}" for q2 in _Q2), (285, 134, 78), _D),
    ("sgn1_had", "Hadronic tag", tuple(f"{i}" for i in range(1, 7)), (110, 67, 26, 28, 14, 7), _HAD),
)
X, TWO, SM, WET, LONG = (
    "Light boson X on top of the Standard Model",
    "Pair of fermions χχ̄, vector current",
    "Standard Model",
    "Heavy new physics: free rate, SM shape",
    "A hypothesis with a very long name that somebody wrote in one breath without thinking of narrow telephones: "
    "λ₁₂–portal <b>&amp;</b> $g_1",
)
BKPLUS, BKSTAR0, BKSTARPLUS = "BR(B+->K+inv)", "BR(B0->K*0inv)", "BR(B+->K*+inv)"


def channel(
    name: str, title: str, bins: tuple[str, ...], data: tuple[int, ...], nominal: dict[str, tuple[float, ...]]
) -> r.Yields:
    """One channel: charm scaled by 1.45 and signal by 3 "after the fit"."""
    scale = {"ccbar": 1.45, "ccbar_1_had": 0.8, "signal": 3.0, "sgn_1_had": 3.0, "qqbar_1_had": 1.3}
    samples = {k: tuple(scale.get(k, 1.0) * v for v in values) for k, values in nominal.items()}
    prefit = tuple(sum(column) for column in zip(*nominal.values(), strict=True))
    postfit = tuple(sum(column) for column in zip(*samples.values(), strict=True))
    return r.Yields(
        channel=name,
        title=title,
        bins=bins,
        data=tuple(float(d) for d in data),
        prefit=prefit,
        prefit_error=tuple(0.12 * v for v in prefit),
        postfit=postfit,
        postfit_error=tuple(0.02 * v + 0.4 for v in postfit),
        samples=samples,
        signal=tuple(k for k in samples if k in {"signal", "sgn_1_had"}),
        pulls=tuple((d - v) / math.sqrt(v) for d, v in zip(data, postfit, strict=True)),
    )


def fit(
    hypothesis: str, model: str, best: dict[str, r.Estimate], delta: float | None, dof: int, **other: object
) -> r.FitResult:
    """A fit with the Standard Model's chi2 of 34.019 in 30 bins lowered by `delta`."""
    chi2 = None if delta is None else 34.019 - delta
    rate = 4.97e-6 + (0.0 if delta is None or delta == 0.0 else 0.69e-6 * delta)
    values: dict[str, object] = {
        "model": model,
        "hypothesis": hypothesis,
        "experiments": ("belle2-2023-bknunu",),
        "inputs": "2026-11",
        "nuisances": "profile",
        "best_fit": best,
        "fixed": {},
        "minus_two_log_likelihood": None if delta is None else -15.957 - delta,
        "delta_chi2": delta,
        "significance": {13.136: 2.99, 7.377: 2.716, 9.4: 2.37}.get(delta or 0.0),
        "significance_dof": dof,
        "significance_definition": "one-sided normal quantile of the chi2 tail probability, Wilks",
        "p_value": {13.136: 1.40e-3, 7.377: 3.3e-3, 9.4: 9.1e-3}.get(delta or 0.0),
        "goodness_of_fit": None if chi2 is None else r.GoodnessOfFit(chi2, 30 - dof, 0.28 if not delta else 0.79),
        "pulls": {"corr_contD": 1.236, "mu_bkg_ccbar": 1.201, "norm_qqbar_1_had": 0.778, "corr_nnbar": -0.456},
        "observables": {
            BKPLUS: r.Quantity(rate, 0.05 * rate, "1"),
            BKSTAR0: r.Quantity(9.5e-6 + 0.8 * (rate - 4.97e-6), 1.1e-6, "1"),
            BKSTARPLUS: r.Quantity(10.2e-6 + 3.8 * (rate - 4.97e-6), 1.2e-6, "1"),
        },
        "likelihoods": {"belle2-2023-bknunu": r.LikelihoodValue(None if delta is None else -15.957 - delta, r.OK)},
        "references": ("Belle-II:2023esi",),
        "status": r.CONVERGED,
    }
    return r.FitResult(**(values | other))  # type: ignore[arg-type]


def fits() -> tuple[r.FitResult, ...]:
    """Five hypotheses, most significant first: three gain (one at a bound), the Standard Model, one that failed."""
    nothing = {k: r.Quantity(None, None, "1") for k in (BKPLUS, BKSTAR0)}
    return (
        fit(
            X,
            "two-body-vector",
            {"m_X": r.Estimate(2.10, 0.14, 0.27, "GeV"), "BR_X": r.Estimate(9.07e-6, 2.6e-6, 2.6e-6)},
            13.136,
            2,
        ),
        fit(WET, "weak-effective", {"mu": r.Estimate(4.599, 1.326, 1.349)}, 7.377, 1),
        fit(
            TWO,
            "dark-left",
            {"m_chi": r.Estimate(0.61, None, 0.35, "GeV"), "C_V": r.Estimate(1.3e-2, 0.2e-2, 0.2e-2, "TeV^-2")},
            9.4,
            2,
        ),
        fit(SM, "standard-model", {}, 0.0, 0, significance=None, p_value=None),
        fit(
            LONG,
            "two-body-scalar",
            {"g_sb": r.Estimate(3.0e-9, None, None)},
            None,
            3,
            observables=nothing,
            likelihoods={"belle2-2023-bknunu": r.LikelihoodValue(None, r.NOT_CONVERGED)},
            status=r.NOT_CONVERGED,
        ),
    )


def _spectra() -> tuple[r.SpectrumCurve, ...]:
    q2 = tuple(0.2 * i for i in range(115))
    end = {"B+->K+": 22.9, "B0->K*0": 19.3}

    def curve(
        hypothesis: str, mode: str, scale: float, threshold: float, lines: tuple[tuple[float, float], ...] = ()
    ) -> r.SpectrumCurve:
        value = tuple(
            scale * max(0.0, (1 - q / end[mode])) ** 1.4 * max(0.0, 1 - threshold / max(q, 1e-9)) ** 1.5 for q in q2
        )
        return r.SpectrumCurve(
            hypothesis, mode, q2, value, tuple(0.9 * v for v in value), tuple(1.1 * v for v in value), lines
        )

    return (
        curve(SM, "B+->K+", 4.6e-7, 0.0),
        curve(TWO, "B+->K+", 2.4e-6, 1.5),
        curve(X, "B+->K+", 0.0, 0.0, ((4.41, 9.07e-6),)),
        curve(SM, "B0->K*0", 9.0e-7, 0.0),
        curve(TWO, "B0->K*0", 4.4e-6, 1.5),
    )


def _scans() -> tuple[r.MassScan, ...]:
    mass = tuple(round(0.05 * i, 2) for i in range(1, 94))
    gain = tuple(13.14 * math.exp(-(((m - 2.1) / (0.35 if m < 2.1 else 0.7)) ** 2)) + 0.4 for m in mass)
    rate = tuple(9e-6 * math.exp(-(((m - 2.1) / 0.8) ** 2)) - (3e-6 if 2.9 < m < 3.6 else 0.0) for m in mass)
    holes = tuple(None if m > 4.3 else v for m, v in zip(mass, gain, strict=True))
    pair = tuple(9.4 * math.exp(-(((m - 0.6) / 0.8) ** 2)) for m in mass)
    return (r.MassScan(X, mass, rate, holes), r.MassScan(TWO, mass, tuple(0.7 * v for v in rate), pair))


def _plane() -> r.Plane:
    x = tuple(1.5 + 0.03 * i for i in range(51))
    y = tuple(0.5e-6 * i for i in range(41))

    def value(mass: float, rate: float) -> float | None:
        if mass > 2.95 and rate > 1.9e-5:
            return None
        width = 0.13 if mass < 2.1 else 0.5
        return ((mass - 2.1) / width) ** 2 * min(1.0, rate / 9e-6) + (
            (rate - 9.07e-6 + 2e-6 * max(0.0, mass - 2.1)) / 2.58e-6
        ) ** 2

    return r.Plane(X, "m_X", "GeV", "BR_X", "1", x, y, tuple(tuple(value(a, b) for a in x) for b in y), (2.10, 9.07e-6))


def _limits() -> tuple[r.LimitPoint, ...]:
    points = []
    for i in range(1, 22):
        mass = 0.2 * i
        median = 0.27e-5 * (1.0 + 0.35 * mass**2)
        observed = median * (1.25 + 1.5 * math.exp(-(((mass - 2.1) / 0.5) ** 2)))
        bad = i == 14
        expected = tuple(None if bad else median * f for f in (0.53, 0.72, 1.0, 1.42, 1.95))
        status = r.NOT_CONVERGED if bad else r.OK
        points.append(
            r.LimitPoint(
                "BR(B+->K+ X)", "1", {"m_X": mass, "width": 0.1}, 0.95, None if bad else observed, expected, status
            )
        )
    return tuple(points)


def _nuisances() -> tuple[r.Nuisance, ...]:
    named = [
        ("corr_contD", 1.236),
        ("mu_bkg_ccbar", 1.201),
        ("norm_qqbar_1_had", 0.778),
        ("corr_nnbar", -0.456),
        ("gbc_1_had", 0.452),
    ]
    named += [("uncorr_bkguncrt_charged_zoomSR_Y4S[7]", -0.393)] + [
        (f"corr_br_c{i}", 0.3 * math.cos(i)) for i in range(1, 25)
    ]
    impacts = [(-0.30e-6, 0.31e-6), (-0.9e-6, 1.1e-6), (0.2e-6, -0.22e-6)]
    return tuple(
        r.Nuisance(
            name,
            value,
            None if name == "gbc_1_had" else 0.9,
            *(impacts[i] if i < 3 else (None, None) if i == 4 else (-0.4e-6 / (i + 1), 0.35e-6 / (i + 1))),
            "1",
        )
        for i, (name, value) in enumerate(named)
    )


def exclusion_plane(third: float = 0.0) -> ExclusionPlane:
    """An 11 x 9 plane: the data prefer y near 1; one limit cuts y > 1.5 y_0, the relic density x < 10.

    third : predicted over allowed of a third limit, the same everywhere.
    """
    x, y = np.geomspace(1.0, 100.0, 11), np.geomspace(0.1, 10.0, 9)
    xs, ys = np.meshgrid(x, y)

    def one(name: str, title: str, observable: str, over: np.ndarray) -> LimitGrid:
        return LimitGrid(PublishedLimit(name, title, observable, 0.9, ("Belle:2017oht",)), grid_of(over))

    return ExclusionPlane(
        title="a dark <thing> of 2 GeV",
        model="dark_photon_portal",
        experiments=("belle2-2023-bknunu",),
        inputs="2026-11",
        fixed={"m_X": 2.1, "L": 0.0},
        x_name="alpha_X",
        x_unit="1",
        x=tuple(x.tolist()),
        y_name="eps_Z",
        y_unit="GeV",
        y=tuple(y.tolist()),
        delta_chi2=grid_of(30.0 * np.log10(ys) ** 2),
        gain=12.0,
        omega_h2=grid_of(np.where(xs > 90.0, np.nan, 0.12 * 10.0 / xs)),
        measured_omega_h2=0.12,
        limits=(
            one("far", "Far: nothing", "BR(B->Xsinv)", 1e-3 * ys),
            one("kstar", "Belle: B -> K(*) nu nubar", "BR(B0->K*0inv)", ys / 1.5),
            one("relic", "Planck 2018: not more dark matter than there is", "Omega_h2", 10.0 / xs * 0.99),
            one("third", "Third: everywhere the same", "sigma_SI", third + 0.0 * xs),
        ),
        version="0.1.0",
    )


def full() -> r.Comparison:
    """All parts present."""
    return r.Comparison(
        title="B⁺ → K⁺ + invisible at Belle II",
        version="0.1.0",
        inputs="2026-11",
        nuisances="profile",
        experiments=("belle2-2023-bknunu",),
        fits=fits(),
        best_hypothesis=X,
        yields=tuple(channel(*c) for c in _CHANNELS),
        spectra=_spectra(),
        mass_scans=_scans(),
        plane=_plane(),
        limits=_limits(),
        nuisance_parameters=_nuisances(),
        exclusions=(exclusion_plane(), exclusion_plane(third=3.0)),
        measured_omega_h2=0.12,
        limits_on_other_modes={BKSTAR0: r.Quantity(1.8e-5, None, "1"), BKSTARPLUS: r.Quantity(4.0e-5, None, "1")},
        references=("Belle-II:2023esi", "somebody:2031xyz"),
        notes=(
            "The efficiency depends on the true q2 only.",
            "Width of X: 0.1 GeV, Breit-Wigner in q2 & <normalised>.",
        ),
        status=r.CONVERGED,
    )


def bare() -> r.Comparison:
    """Fits alone: nothing to draw, no best hypothesis, not-a-number where a number should be."""
    failed = dataclasses.replace(
        fits()[-1], best_fit={"m_X": r.Estimate(float("nan"), None, None, "GeV")}, delta_chi2=float("nan")
    )
    return dataclasses.replace(
        full(),
        fits=(failed,),
        best_hypothesis="",
        yields=(),
        spectra=(),
        mass_scans=(),
        plane=None,
        limits=(),
        nuisance_parameters=(),
        exclusions=(),
        limits_on_other_modes={},
        references=(),
        notes=(),
        status=r.NOT_CONVERGED,
    )
