"""The tables of the page, in order."""

from __future__ import annotations

from validation import belle2, belle2_boson, belle2_wet, dark_states, form_factors, standard_model
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
        "Belle II likelihood: neutrino Wilson coefficients",
        "Magnitudes |cVL + cVR|, |cSL + cSR|, |cTL|; inputs of EOS 1.0.21, form factors `belle2-average-published`; "
        "compared with arXiv:2507.12393.",
        "belle2_wet.csv",
        belle2_wet.compute,
        "belle2_wet.md",
    ),
)
