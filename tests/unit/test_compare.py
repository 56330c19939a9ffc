"""The comparison of hypotheses: ranking, further data, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from darkpenguin import result
from darkpenguin.compare import compare
from darkpenguin.errors import CardError, OutOfDomain


def test_k_star_data_pull_the_rescaled_standard_model_back() -> None:
    data = ("belle2-2023-bknunu", "belle-2017-bknunu:K*0")
    found = compare(["standard_model", "rescaled_standard_model"], experiments=data)
    best = found.fits[0]
    assert best.hypothesis == found.best_hypothesis == "Standard Model, free rate"
    # Belle: B0 -> K*0 nu nu below 1.8e-5 at 90 %, about twice the Standard Model; Belle II alone wants 4.6 times
    assert 1.0 < best.best_fit["mu"].value < 2.5
    assert best.significance is not None
    assert best.significance < 1.5
    assert found.limits == ()
    assert any("CLs limits" in note for note in found.notes)


def test_the_saved_comparison_reads_back(tmp_path) -> None:
    found = compare(["standard_model", "rescaled_standard_model"])
    result.save(found, tmp_path / "comparison.json")
    assert result.load(tmp_path / "comparison.json", result.Comparison) == found
    yields = {y.channel: y for y in found.yields}
    assert sum(len(y.data) for y in yields.values()) == 30
    for y in yields.values():
        total = np.sum(list(y.samples.values()), axis=0)
        np.testing.assert_allclose(total, y.postfit, rtol=1e-9)
        assert np.isfinite(y.postfit_error).all()
    assert len(found.nuisance_parameters) == 51
    assert found.limits_on_other_modes["BR(B0->K*0inv)"].value == 1.8e-5  # Belle, arXiv:1702.03224


def test_refusals() -> None:
    with pytest.raises(OutOfDomain, match="exactly one binned result"):
        compare(["standard_model"], experiments=("babar-2013-bknunu",))
    with pytest.raises(CardError, match=r"2 problems(.|\n)*did you mean 'wet_vector'"):
        compare(["wet_vectr", "nothing_like_it"])
