"""The tables of the page, in order."""

from __future__ import annotations

from validation import (
    belle2,
    belle2_bands,
    belle2_boson,
    belle2_wet,
    dark_states,
    early_universe,
    folding,
    form_factors,
    heavy,
    other_modes,
    portals,
    shapes,
    spectra,
    standard_model,
    windows,
)
from validation.belle2 import collected
from validation.table import Group

GROUPS = (
    Group(
        "Form factors",
        "B -> K and B -> K\\* form factors at single q2. `ff_*`: HPQCD 2022 and Bharucha-Straub-Zwicky 2015, input "
        "set `reference-R`. `S001-*`: arXiv:2305.06301 and arXiv:1503.05534, input set `reference-A`.",
        "form_factors.csv",
        form_factors.compute,
    ),
    Group(
        "Standard Model",
        "Short-distance b -> s nu nubar, and the tree-level tau background. Input set `reference-R` unless the "
        "quantity says otherwise.",
        "standard_model.csv",
        standard_model.rates,
    ),
    Group(
        "Neutrino Wilson coefficients",
        "Left- and right-handed quark currents with neutrino flavour, input set `reference-A`.",
        "wilson_coefficients.csv",
        standard_model.wilson_coefficients,
    ),
    Group(
        "Standard Model rates of papers and other codes",
        "With the inputs of each source: sets `flavio-2.7.1`, `eos-1.0.21`, `belle2-2023`; the last three rows compare "
        "with papers whose inputs are not all printed.",
        "published_rates.csv",
        standard_model.published,
    ),
    Group(
        "Dark pairs: spectral functions and differential rates",
        "Unit coefficients in the spectral functions; C = 1e-8 in units of GeV in the rates, input set `reference-A`, "
        "form factors as given numbers except in the last two rows.",
        "dark_pairs_differential.csv",
        collected(dark_states.spectral_functions, dark_states.differential_rates),
    ),
    Group(
        "Dark pairs and bosons: branching fractions",
        "`S001-*`: input set `reference-A`; the others: `reference-R`.",
        "dark_rates.csv",
        collected(dark_states.pairs, dark_states.bosons),
    ),
    Group(
        "Dark pairs: normalised spectra",
        "(1/Gamma) dGamma/dq2 at 100 points each, input set `reference-A`: the largest relative deviation from a "
        "separate implementation.",
        "spectra.csv",
        spectra.compute,
        "spectra.md",
    ),
    Group(
        "Maxima of true spectra",
        "B+ -> K+ with one operator at a time, input set `reference-A`, no efficiency; "
        "see {doc}`corrections` on scalars or fermions.",
        "shapes.csv",
        shapes.compute,
    ),
    Group(
        "Windows of the scale of one operator",
        "Scales [GeV] that (1.9 +- 0.7)e-5 of new physics in B+ -> K+ (Belle II 2023), or (1.0 +- 0.4)e-5 (average), "
        "leaves if limits on B0 -> K0, B+ -> K\\*+ and B0 -> K\\*0 are taken at face value, as in arXiv:2309.12741. "
        "Input set `reference-A`; complex phi, Dirac chi, complex X.",
        "windows.csv",
        windows.compute,
        "windows.md",
    ),
    Group(
        "Other decay modes",
        "b -> d, s -> d and c -> u, the inclusive decay, Lambda_b -> Lambda, Bs to nothing visible. With the inputs of "
        "each source; kaons and the inclusive decay: default set; dark states: `reference-R`.",
        "other_modes.csv",
        collected(other_modes.neutrinos, other_modes.dark_states),
    ),
    Group(
        "Heavy mediators and charged leptons",
        "Tree-level matching of leptoquarks, ratios to the Standard Model in B -> K(\\*) nu nubar, r_D(\\*), decays "
        "into two lepton flavours with their limits as quoted in the talk, Bs mixing by a Z'. Input set `reference-A`.",
        "heavy.csv",
        heavy.compute,
        "heavy.md",
    ),
    Group(
        "Portals and their dark matter",
        "An axion-like particle and a dark photon with dark matter behind them: decays, rates of B mesons, the early "
        "universe, detectors. Inputs of the source: form factors `flavio-2.7.1`, plasma `saikawa-shirai-2018`.",
        "portals.csv",
        portals.compute,
    ),
    Group(
        "Early universe and detection",
        "`S000-*`, and `relic_*`: complex scalar dark matter in a dark U(1) of L_mu - L_tau (arXiv:2401.10112): "
        "widths, annihilation, relic density, N_eff, scattering. `S001-*`: a real scalar that annihilates to mesons "
        "(arXiv:2403.12485). Then the solver on cross sections of all kinds, and other codes. Masses in GeV; plasma "
        "`saikawa-shirai-2018` for the former, `drees-hajkarim-schmitz-2015` for hazma and micrOMEGAs.",
        "early_universe.csv",
        early_universe.compute,
        "early_universe.md",
    ),
    Group(
        "Folding by hand",
        "An invented result: efficiency 0.13 exp(-q2 / 9 GeV^2), Gaussian resolution of 1 GeV^2, 387 million B mesons, "
        "bins from -1 to 4, 8, 25 GeV^2; and a likelihood of three bins with a correlated background.",
        "folding.csv",
        collected(folding.counts, folding.strength),
    ),
    Group(
        "Belle II likelihood",
        "B+ -> K+ nu nubar, the public likelihood of arXiv:2507.12393. mu = 1 stands for 4.97e-6.",
        "belle2.csv",
        collected(belle2.log_densities, belle2.strengths, belle2.profiles),
    ),
    Group(
        "Belle II likelihood: one invisible boson",
        "Standard Model at mu = 1 plus B+ -> K+ X, a Breit-Wigner in q2 with a width of 0.1 GeV unless said; "
        "compared with arXiv:2602.09666.",
        "belle2_boson.csv",
        belle2_boson.compute,
        "belle2_boson.md",
    ),
    Group(
        "Belle II likelihood: one narrow boson and recasts of others",
        "Standard Model at mu = 1 plus B+ -> K+ X with a width of 1 MeV: best branching fraction at each mass.",
        "belle2_bands.csv",
        belle2_bands.compute,
        "belle2_bands.md",
    ),
    Group(
        "Belle II likelihood: neutrino Wilson coefficients",
        "Magnitudes |cVL + cVR|, |cSL + cSR|, |cTL|; inputs of EOS 1.0.21, form factors `belle2-average-published`; "
        "compared with arXiv:2507.12393.",
        "belle2_wet.csv",
        belle2_wet.compute,
        "belle2_wet.md",
    ),
)
