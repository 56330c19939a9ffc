"""Models against published numbers and symmetries; faults of their parameters."""

from __future__ import annotations

import numpy as np
import pytest

from darkpenguin.core.inputs import load_inputs
from darkpenguin.core.model import AbstractModel, build, check_values, complete
from darkpenguin.errors import CardError
from darkpenguin.flavour.rates import default_edges, mode_spectrum
from darkpenguin.models.index import BUILT_IN, load_model

SET_R, SET_A = load_inputs("reference-R").at(), load_inputs("reference-A").at()


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


def test_identical_particles_double_the_rate() -> None:
    # reference rows S001-O-029 and 031
    for single, double, name, values in (
        ("dark_left_scalar", "dark_left_real_scalar", "m_phi", {"S": 3e-8}),
        ("dark_left_fermion", "dark_left_majorana", "m_chi", {"V2": 1e-8}),
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
