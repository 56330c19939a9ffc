"""The catalogue of observables, and what a prediction gives for each."""

from __future__ import annotations

import numpy as np
import pytest

from darkpenguin._jax import jnp
from darkpenguin.core import catalogue
from darkpenguin.core.likelihood import Prediction, observe
from darkpenguin.core.types import ModeSpectrum
from darkpenguin.errors import OutOfDomain, UnknownName


def spectrum(
    rate: list[float], longitudinal: list[float], line_rate: float = 0.0, line_q2: float = 4.0
) -> ModeSpectrum:
    """A spectrum in bins of 1 GeV^2 with one longitudinal line."""
    return ModeSpectrum(
        edges=jnp.arange(len(rate) + 1.0),
        rate=jnp.asarray(rate),
        longitudinal=jnp.asarray(longitudinal),
        line_q2=jnp.asarray([line_q2]),
        line_width=jnp.zeros(1),
        line_rate=jnp.asarray([line_rate]),
        line_longitudinal=jnp.asarray([line_rate]),
    )


def test_names_are_unique_and_have_no_blanks() -> None:
    names = catalogue.names()
    assert len(set(names)) == len(names)
    assert not any(" " in name for name in names)


@pytest.mark.parametrize(
    ("name", "kind", "mode", "part", "unit"),
    [
        ("BR(B+->K+nunu)", "branching_fraction", "B+->K+", "nunu", "1"),
        ("BR(B0->K0inv)", "branching_fraction", "B0->K0", "inv", "1"),
        ("FL(B0->K*0nunu)", "longitudinal_fraction", "B0->K*0", "nunu", "1"),
        ("FL(B+->K*+inv)", "longitudinal_fraction", "B+->K*+", "inv", "1"),
        ("dBR/dq2(B+->K+inv)", "differential", "B+->K+", "inv", "GeV^-2"),
        ("FL(Bs->phinunu)", "longitudinal_fraction", "Bs->phi", "nunu", "1"),
        ("BR(Lambda_b->Lambdainv)", "branching_fraction", "Lambda_b->Lambda", "inv", "1"),
        ("R(B+->K+inv)", "ratio", "B+->K+", "inv", "1"),
    ],
)
def test_entries(name: str, kind: str, mode: str, part: str, unit: str) -> None:
    entry = catalogue.find(name)
    assert (entry.kind, entry.mode, entry.part, entry.unit) == (kind, mode, part, unit)


def test_the_default_is_b_to_k() -> None:
    assert {o.mode for o in catalogue.CATALOGUE if o.is_default} == {"B+->K+", "B0->K0", "B+->K*+", "B0->K*0"}


def test_blanks_do_not_count() -> None:
    assert catalogue.find("spectrum(B+ -> K+ inv)").name == "spectrum(B+->K+inv)"


def test_a_pseudoscalar_has_no_polarisation() -> None:
    with pytest.raises(UnknownName):
        catalogue.find("FL(B+->K+inv)")


@pytest.mark.parametrize(
    ("wrong", "nearest"), [("BR(B+->Knunu)", "BR(B+->K+nunu)"), ("fl(b0->k*0inv)", "FL(B0->K*0inv)")]
)
def test_unknown_name_gets_the_nearest(wrong: str, nearest: str) -> None:
    with pytest.raises(UnknownName, match="did you mean") as caught:
        catalogue.find(wrong)
    assert f"'{nearest}'" in str(caught.value)


def test_observe() -> None:
    # 1 + 2 + 3 in bins and 4 in the line: sums and shares done by hand
    prediction = Prediction(
        modes={"B0->K*0": spectrum([1e-6, 2e-6, 3e-6], [1e-6, 0.5e-6, 0.0], 4e-6)},
        neutrinos={"B0->K*0": spectrum([1e-6, 2e-6, 3e-6], [1e-6, 0.5e-6, 0.0])},
        standard_model={"B0->K*0": spectrum([1e-6, 1e-6, 3e-6], [0.0, 0.0, 0.0])},
    )
    expected = {
        "BR(B0->K*0inv)": 10e-6,
        "BR(B0->K*0nunu)": 6e-6,
        "FL(B0->K*0inv)": 5.5 / 10,
        "FL(B0->K*0nunu)": 1.5 / 6,
        "R(B0->K*0inv)": 2.0,
        "R(B0->K*0nunu)": 1.2,
    }
    found = {name: float(observe(name, prediction)) for name in expected}
    np.testing.assert_allclose(list(found.values()), list(expected.values()), rtol=1e-14)


def test_observe_refuses() -> None:
    prediction = Prediction(modes={"B+->K+": spectrum([1e-6], [1e-6])})
    with pytest.raises(OutOfDomain, match="not one number"):
        observe("dBR/dq2(B+->K+inv)", prediction)
    with pytest.raises(OutOfDomain, match="not one number"):
        observe("spectrum(B+->K+inv)", prediction)
    with pytest.raises(UnknownName, match="B0->K0"):
        observe("BR(B0->K0inv)", prediction)
    with pytest.raises(UnknownName, match="BR\\(B\\+->K\\+nunu\\)"):
        observe("BR(B+->K+nunu)", prediction)
