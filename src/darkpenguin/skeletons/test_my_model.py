"""Test of my_model.py: the contract that every model keeps, and one number."""

from pathlib import Path

from darkpenguin.analysis import Analysis
from darkpenguin.contract import check_model
from darkpenguin.models.index import load_model

MODEL = f"{Path(__file__).with_name('my_model.py')}:LightScalar"


def test_contract() -> None:
    assert [line for line in check_model(load_model(MODEL)) if not line.passed] == []


def test_rate_grows_as_coupling_squared() -> None:
    analysis = Analysis(MODEL, experiments=())

    def rate(g: float) -> float:
        found = analysis.predict({"m_S": 2.1, "g": g}, ["BR(B+->K+inv)"]).observables["BR(B+->K+inv)"].value
        assert found is not None
        return found

    background = rate(0.0)
    assert abs((rate(2e-8) - background) / (rate(1e-8) - background) - 4.0) < 1e-9
