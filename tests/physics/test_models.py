"""Models against published numbers and symmetries; faults of their parameters."""

from __future__ import annotations

import explicit_amplitudes as explicit
import numpy as np
import pytest
from test_spectral import Mode

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import load_inputs
from darkpenguin.core.model import AbstractModel, build, check_values, complete
from darkpenguin.errors import CardError
from darkpenguin.flavour.rates import dBR_dq2, default_edges, mode_spectrum
from darkpenguin.flavour.sm_amplitude import standard_model_states
from darkpenguin.models.index import BUILT_IN, load_model

SET_R, SET_A = load_inputs("reference-R").at(), load_inputs("reference-A").at()


LEFT_AND_RIGHT = ("VLL", "VLR", "VRL", "VRR")


def total(model: str, values: dict[str, float], mode: str, inputs=SET_R) -> float:
    """Branching fraction of a mode, everything invisible, minus the Standard Model."""
    found = mode_spectrum(build(load_model(model), values, inputs).couplings(inputs), mode, inputs, default_edges())
    standard = build(load_model("standard_model"), {}, inputs).couplings(inputs)
    return float(found.total() - mode_spectrum(standard, mode, inputs, default_edges()).total())


@pytest.mark.parametrize(
    ("model", "values", "mode", "inputs", "expected", "tolerance"),
    [
        # reference rows BKV_21, gV_fit, BKstV_LL, BKstV_vec (derived by explicit polarisation sums)
        ("two_body_vector", {"m_V": 2.1, "g_V": 1e-8}, "B+->K+", SET_R, 1.74262e-5, 1e-3),
        ("two_body_vector", {"m_V": 2.1, "g_V": 7.26595e-9}, "B+->K+", SET_R, 9.2e-6, 2e-3),
        ("two_body_vector", {"m_V": 2.1, "BR": 9.2e-6, "ratio": -1.0}, "B0->K*0", SET_R, 1.50597e-5, 2e-3),
        ("two_body_vector", {"m_V": 2.1, "BR": 9.2e-6}, "B0->K*0", SET_R, 2.29179e-6, 2e-3),
        # reference rows S001-O-024, 026, 027, 033 (spin sums and brute force)
        ("dark_left_scalar", {"m_phi": 0.3, "S": 5e-8}, "B+->K+", SET_A, 1.66294301005e-5, 1e-4),
        ("dark_left_fermion", {"m_chi": 0.6, "V1": 1.4e-8}, "B+->K+", SET_A, 1.87997985308e-5, 1e-4),
        ("dark_left_fermion", {"m_chi": 0.6, "V2": 1.4e-8}, "B0->K*0", SET_A, 5.61047047996e-6, 1e-4),
        ("dark_left_real_scalar", {"m_phi": 1.0, "S": 4e-8}, "B+->K+", SET_A, 1.43797675128e-5, 1e-4),
        # the same rows with a phase: one operator alone has none
        ("dark_left_fermion", {"m_chi": 0.6, "V1": 0.0, "V1_im": -1.4e-8}, "B+->K+", SET_A, 1.87997985308e-5, 1e-4),
        # reference rows S001-O-028, BKRS_V, BKphi_V; the chiral operators of a vector quark and neutrino current
        ("dark_left_vector", {"m_X": 0.5, "V6": 4e-9}, "B+->K+", SET_A, 1.5597154434e-5, 1e-4),
        ("dark_left_spin_three_half", {"m_Psi": 1.0, "V1": 1e-10}, "B+->K+", SET_R, 1.00573e-8, 2e-3),
        ("two_body_alp", {"m_a": 2.1, "f_a": 1e8, "c_V": 1.0}, "B+->K+", SET_R, 8.22883e-5, 1e-3),
        (
            "sterile_neutrino",
            dict.fromkeys(LEFT_AND_RIGHT, 1.4e-8) | {"m_N": 0.6},
            "B+->K+",
            SET_A,
            1.87997985e-5,
            1e-4,
        ),
    ],
)
def test_rates(model, values, mode, inputs, expected, tolerance) -> None:
    assert total(model, values, mode, inputs) == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize(
    ("values", "ratio_k", "ratio_kst"),
    [
        # reference rows S001-O-039 to 042; the last two also from flavio 2.7.1 to 3e-5
        ({"CR_bsnutaunutau": -12.0}, 3.46566424047, 1.35838342605),
        (
            {"CL_bsnumunutau": 3.0, "CL_bsnuenue": -2.0, "CR_bsnutaunutau": 5.0, "CR_bsnumunutau": 1.5},
            1.09429261257,
            1.84735422716,
        ),
    ],
)
def test_flavoured_coefficients(values, ratio_k, ratio_kst) -> None:
    for mode, expected in (("B+->K+", ratio_k), ("B0->K*0", ratio_kst)):
        standard = total("standard_model", {"mu": 2.0}, mode, SET_A)
        assert 1 + total("weak_effective_flavour", values, mode, SET_A) / standard == pytest.approx(expected, rel=1e-4)


def test_universal_coefficients_default_to_the_standard_model() -> None:
    cls = load_model("weak_effective")
    assert complete(cls, {}, SET_R)["cVL"] == pytest.approx(6.32326, rel=1e-5)  # reference row sm_CL
    assert total("weak_effective", {}, "B+->K+") == pytest.approx(0.0, abs=1e-15)


def test_rate_of_a_boson_is_what_was_asked_for() -> None:
    for model, mass in (("two_body_scalar", "m_S"), ("two_body_vector", "m_V")):
        values = {mass: 1.3, "BR": 7e-6, "p_invisible": 0.25}
        assert total(model, values, "B+->K+") == pytest.approx(0.25 * 7e-6, rel=1e-9)


@pytest.mark.parametrize("mass", [SET_R.m_Bplus - SET_R.m_Kplus, 5.0, 5.28])
def test_a_closed_channel_gives_nothing(mass) -> None:
    # at threshold a rate cannot be asked for: the boson is simply absent, without NaN
    assert total("two_body_scalar", {"m_S": float(mass), "BR": 1e-5}, "B+->K+") == pytest.approx(0.0, abs=1e-18)
    assert total("two_body_scalar", {"m_S": float(mass), "g_S": 1e-8}, "B+->K+") == pytest.approx(0.0, abs=1e-18)
    assert total("dark_left_scalar", {"m_phi": min(float(mass) / 2, 2.7), "S": 1e-7}, "B0->K*0") == 0.0


def chiral_rate(hadron, q2: float, masses: tuple[float, float], values: dict[str, complex]) -> np.ndarray:
    """Operators of sterile neutrinos with explicit projectors on both sides; spins summed, directions averaged."""
    projector = {x: 0.5 * (np.eye(4) + s * explicit.GAMMA5) for x, s in (("L", -1), ("R", 1))}
    structure = {"V": (explicit.GAMMA, "current"), "S": (np.eye(4), "density"), "T": (explicit.SIGMA, "tensor")}
    currents = hadron | {"T5": explicit.sigma_gamma5(hadron["T"])}
    with_5 = {"V": ("V", "A", 1), "S": ("S", "P", -1j), "T": ("T", "T5", 1)}  # gamma5 = -i (i gamma5)
    total = np.zeros(len(hadron["V"]))
    parts = []
    for name, c in values.items():
        gamma, kind = structure[name[0]]
        plain, other, factor = with_5[name[0]]
        sign = -1 if name[1] == "L" else 1
        quark = sum(f * currents[n] for n, f in ((plain, 0.5), (other, 0.5 * sign * factor)) if n in currents)
        dark = explicit.fermion_bilinears(q2, masses[0], gamma @ projector[name[2]], masses[1])
        parts.append([(w, c * explicit.contract(kind, quark, d)) for w, d in dark])
    for terms in zip(*parts, strict=True):
        total = total + terms[0][0] * (np.abs(sum(a for _, a in terms)) ** 2).sum(axis=(1, 2))
    return total


@pytest.mark.parametrize("hadron", ["K", "K*"])
@pytest.mark.parametrize("model", ["sterile_neutrino", "sterile_neutrino_mixed"])
def test_chiral_operators_of_sterile_neutrinos(model, hadron) -> None:
    """The states of the models against explicit projectors, all coefficients at once, each with a phase."""
    mode, q2, m_N = Mode(hadron), 6.0, 0.9
    cls = load_model(model)
    rng = np.random.default_rng(11)
    values = {o.name: complex(*rng.uniform(-1, 1, 2)) for o in cls.operators}
    given = {n: c.real for n, c in values.items()} | {f"{n}_im": c.imag for n, c in values.items()}
    (pair,) = build(cls, {"m_N": m_N, **given}, SET_R).states(SET_R).continua
    masses = (m_N, m_N) if model == "sterile_neutrino" else (0.0, m_N)
    velocity = np.sqrt((q2 - (masses[0] + masses[1]) ** 2) * (q2 - (masses[0] - masses[1]) ** 2)) / q2
    ours = mode.rates(pair.spectral(jnp.array([q2])), 0.0) / velocity
    np.testing.assert_allclose(ours, mode.split(chiral_rate(mode.explicit, q2, masses, values)), rtol=1e-11)


def test_majorana_neutrinos_are_dirac_ones_without_the_vector_current() -> None:
    """N gamma P_R N = -N gamma P_L N: VLR - VLL of the Dirac model over 2 each, twice the rate."""
    common = {"m_N": 0.8, "SLR": 2e-8}
    majorana = total("sterile_neutrino_majorana", {**common, "VRR": 3e-8}, "B0->K*0")
    dirac = total("sterile_neutrino", {**common, "VRR": 1.5e-8, "VRL": -1.5e-8}, "B0->K*0")
    assert majorana == pytest.approx(2 * dirac, rel=1e-12)


def test_complex_coefficients_interfere() -> None:
    """C1 = 1e-8, C2 = 7e-9 i of V2 and S2: reference row S001-O-046, dGamma/dq2 at 6 GeV^2."""
    values = {"m_chi": 0.55, "V2": 1e-8, "S2_im": 7e-9}
    model = build(load_model("dark_left_fermion"), values, SET_A)
    rate = dBR_dq2(model.states(SET_A), "B+->K+", SET_A, jnp.array([6.0]))[0] / SET_A.tau_Bplus
    assert float(rate) == pytest.approx(1.83252332973e-19, rel=1e-9)


@pytest.mark.parametrize("model", ["dark_left_majorana", "dark_left_real_vector", "dark_left_real_scalar"])
def test_operators_that_vanish_identically_are_explained(model: str) -> None:
    cls = load_model(model)
    for name in cls.vanishing:
        for given in (name, f"{name}_im"):
            faults = [p for p in check_values(cls, {given: 1e-8}) if "vanishes identically" in p.what]
            assert [p.where for p in faults] == [given]
            assert "those that survive: S" in faults[0].what


def test_every_coefficient_has_an_imaginary_part() -> None:
    for name in BUILT_IN:
        cls = load_model(name)
        declared = {p.name: p for p in cls.parameters()}
        for operator in getattr(cls, "operators", ()):
            real, imaginary = declared[operator.name], declared[f"{operator.name}_im"]
            assert (real.unit, real.low, real.high) == (imaginary.unit, imaginary.low, imaginary.high)
            assert imaginary.default == 0.0


def test_flavour_matrices() -> None:
    """C_SL, C_SR symmetric, C_TL antisymmetric; the others as given; imaginary parts included."""
    values = {"CSL_bsnuenumu": 2.0, "CTL_bsnuenutau": 3.0, "CLp_bsnutaunumu": 1.0, "CLp_bsnutaunumu_im": -4.0}
    model = build(load_model("weak_effective_flavour"), values, SET_A)
    (pair,) = model.couplings(SET_A).continua
    np.testing.assert_array_equal(pair.C_SL, [[0, 2, 0], [2, 0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(pair.C_TL, [[0, 0, 3], [0, 0, 0], [-3, 0, 0]])
    np.testing.assert_array_equal(pair.C_Lp, [[0, 0, 0], [0, 0, 0], [0, 1 - 4j, 0]])
    assert len(model.parameters()) == 2 * (4 * 9 + 2 * 6 + 3)


def test_new_states_in_other_quark_transitions() -> None:
    """Amplitude ratios: |V_td / V_ts| from the inputs in b -> d, none elsewhere unless given; neutrinos stay."""
    q2 = jnp.array([1.0])
    for name, values in (("dark_left_vector", {"m_X": 0.3, "S": 1e-8}), ("two_body_vector", {"m_V": 1.0, "BR": 1e-6})):
        model = build(load_model(name), {**values, "r_cu": 2.0}, SET_R)
        assert model.couplings_in("bs", SET_R).continua[0].C_L.shape == (3, 3)
        for quarks, ratio in (("bd", float(SET_R.V_tb_V_td / SET_R.V_tb_V_ts)), ("sd", 0.0), ("cu", 2.0)):
            found, own = model.couplings_in(quarks, SET_R), model.states(SET_R)
            standard = standard_model_states(SET_R, quarks)
            assert len(found.continua) == len(standard) + len(own.continua)
            assert len(found.lines) == len(own.lines)
            for ours, state in zip(found.continua[len(standard) :], own.continua, strict=True):
                assert float(ours.spectral(q2).S[0]) == pytest.approx(ratio**2 * float(state.spectral(q2).S[0]))
            for ours, line in zip(found.lines, own.lines, strict=True):
                assert float(ours.residues().V1[0]) == pytest.approx(ratio**2 * float(line.residues().V1[0]))
    given = build(load_model("dark_left_vector"), {"m_X": 0.3, "S": 1e-8, "r_bd": 0.0}, SET_R)
    assert float(given.couplings_in("bd", SET_R).continua[-1].spectral(q2).S[0]) == 0.0
    assert [p.name for p in given.parameters()][-3:] == ["r_bd", "r_sd", "r_cu"]


def test_identical_particles_double_the_rate() -> None:
    # reference rows S001-O-029 and 031
    for single, double, name, values in (
        ("dark_left_scalar", "dark_left_real_scalar", "m_phi", {"S": 3e-8}),
        ("dark_left_fermion", "dark_left_majorana", "m_chi", {"V2": 1e-8}),
        ("dark_left_vector", "dark_left_real_vector", "m_X", {"S": 1e-9, "V3": 1e-9, "SFd_im": 1e-9}),
    ):
        one, two = (total(model, {name: 0.7, **values}, "B+->K+") for model in (single, double))
        assert two / one == pytest.approx(2.0, rel=1e-9)


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_model_documents_itself(name: str) -> None:
    cls = load_model(name)
    assert issubclass(cls, AbstractModel)
    assert cls.name == name
    assert cls.__doc__
    assert cls.references
    assert cls.benchmarks
    for p in cls.parameters():
        assert p.doc
        assert p.unit
        assert p.low < p.high
    for values in cls.benchmarks.values():
        assert not check_values(cls, values)
        couplings = build(cls, values, SET_R).couplings(SET_R)
        rate = mode_spectrum(couplings, "B+->K+", SET_R, default_edges())
        assert np.isfinite(float(rate.total()))


def test_all_faults_at_once() -> None:
    with pytest.raises(CardError) as error:
        build(load_model("two_body_scalar"), {"m_s": 1.0, "BR": 1.0, "g_S": 1e-5, "width": -1.0}, SET_R)
    text = str(error.value)
    assert "4 problems" in text or "5 problems" in text
    assert "did you mean 'm_S'" in text
    assert "outside the allowed range 0 to 0.001" in text
    assert "not both" in text
    assert "required parameter" in text
