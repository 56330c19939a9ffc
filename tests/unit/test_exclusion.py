"""What is left of a plane: counted by hand on a small grid."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import sample_comparison as sample

from darkpenguin import exclusion, result
from darkpenguin.exclusion import ExclusionPlane

PLANE = sample.exclusion_plane()


def test_preferred_and_allowed() -> None:
    """30 log10(y)^2 < 6.18: |log10 y| < 0.454, so y = 10^-1/4, 1, 10^1/4; y < 1.5 leaves two, x >= 10 six of eleven."""
    wanted, fine = exclusion.preferred(PLANE), exclusion.allowed(PLANE)
    assert wanted.sum() == 3 * 11
    assert fine.sum() == 2 * 6
    assert not (fine & ~wanted).any()


def test_what_is_left() -> None:
    """Best among points that the data cannot tell apart: the one with most dark matter, at x = 10."""
    found = exclusion.left(PLANE)
    assert found is not None
    assert found.share == pytest.approx(12 / 33)
    assert found.best == pytest.approx((10.0, 1.0))
    assert found.omega_h2 == pytest.approx(0.12)
    assert [(one.limit.name, share) for one, share in found.takers] == [
        ("relic", pytest.approx(5 / 11)),
        ("kstar", pytest.approx(1 / 3)),
    ]
    assert found.closest is None


def test_nothing_left() -> None:
    """A limit three times exceeded everywhere: the closest points exceed that one, by three."""
    found = exclusion.left(sample.exclusion_plane(third=3.0))
    assert found is not None
    assert (found.share, found.best) == (0.0, None)
    assert found.closest is not None
    assert found.closest[0] == pytest.approx(3.0)
    assert found.closest[1].limit.name == "third"
    nowhere = dataclasses.replace(PLANE, delta_chi2=exclusion.grid_of(np.full((9, 11), np.nan)))
    assert exclusion.left(nowhere) is None


def test_needed_covers_everything_excluded() -> None:
    chosen = exclusion.needed(PLANE)
    assert {one.limit.name for one in chosen} == {"kstar", "relic"}
    union = np.any([exclusion.excluded(one) for one in PLANE.limits], axis=0)
    assert (np.any([exclusion.excluded(one) for one in chosen], axis=0) == union).all()
    assert [one.limit.name for one in exclusion.needed(sample.exclusion_plane(third=3.0))] == ["third"]


def test_saved_and_loaded(tmp_path: Path) -> None:
    result.save(PLANE, tmp_path / "plane.json")
    assert result.load(tmp_path / "plane.json", ExclusionPlane) == PLANE
