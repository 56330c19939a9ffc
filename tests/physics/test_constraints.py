"""Everything published against a model: ratios by hand from result files and predictions, and the planes of portals."""

from __future__ import annotations

import numpy as np
import pytest

from darkpenguin.analysis import Analysis
from darkpenguin.constraints import Constraints
from darkpenguin.core.model import Range
from darkpenguin.errors import CardError, UnknownName
from darkpenguin.exclusion import left
from darkpenguin.setup import Setup

DARK_Z = {"m_X": 2.1, "eps": 1e-4, "m_DM": 0.5}
POINT = {"eps_Z": 8e-5, "alpha_X": 3.6e-4}


@pytest.fixture(scope="module")
def portal(belle2: Setup) -> Analysis:
    free = {"alpha_X": Range(1e-4, 1e-2, 5, "log"), "eps_Z": Range(2e-5, 2e-4, 5, "log")}
    return Analysis("dark_photon_portal", setup=belle2, fixed=DARK_Z, free=free)


@pytest.fixture(scope="module")
def at_point(portal: Analysis) -> dict[str, float | None]:
    return {one.limit.name: one.over_limit for one in portal.constraints(POINT).limits}


def test_predicted_over_allowed(portal: Analysis, at_point: dict[str, float | None]) -> None:
    """Observables of `predict` over limits as published: Belle 1702.03224, Planck 1807.06209 (0.12 + 1.645 x 0.0012),
    1.25 cm^2/g of the Bullet Cluster."""
    names = ("BR(B0->K*0inv)", "BR(B+->K+inv)", "Omega_h2", "sigma_self/m", "p_ann/limit", "N_eff")
    found = {name: q.value for name, q in portal.predict(POINT, names).observables.items()}
    for name, limit, observable in (
        ("belle-2017-bknunu:K*0", 1.8e-5, "BR(B0->K*0inv)"),
        ("belle-2017-bknunu:K+", 1.9e-5, "BR(B+->K+inv)"),
        ("planck-2018-relic-bound:Omega_h2", 0.12197, "Omega_h2"),
        ("bullet-cluster-2008:self", 1.25, "sigma_self/m"),
        ("planck-2018-cmb:p_ann", 1.0, "p_ann/limit"),
    ):
        assert at_point[name] == pytest.approx(found[observable] / limit, rel=1e-6), name
    # two-sided: 2.99 +- 1.96 x 0.17
    assert at_point["planck-2018-neff:N_eff"] == pytest.approx(abs(found["N_eff"] - 2.99) / 0.3332, rel=1e-6)


def test_what_is_not_compared(at_point: dict[str, float | None]) -> None:
    """Recasts and projections are no limits; s -> d is left alone at r_sd = 0; LZ says nothing below 9 GeV."""
    assert not {"altmannshofer-2023-bkx", "belle2-2022-projection-50ab"} & {name.split(":")[0] for name in at_point}
    assert "koto-2024-klpi0nunu:pi0" not in at_point
    assert at_point["lz-2024-si:SI"] == 0.0


def test_other_transitions_come_in_with_their_couplings(belle2: Setup) -> None:
    fixed = {"m_S": 0.2, "BR": 1e-6}
    closed, opened = (Analysis("two_body_scalar", setup=belle2, fixed={**fixed, "r_sd": r}) for r in (0.0, 1e-3))
    observables = [{o.limit.observable for o in a.constraints().limits} for a in (closed, opened)]
    assert not any(name.startswith(("BR(K", "BR(KL", "spectrum(K")) for name in observables[0])
    assert any(name.startswith(("BR(K", "spectrum(K")) for name in observables[1])


def test_a_plane_is_its_points(portal: Analysis) -> None:
    """Each column of a plane is what the point alone gives, and the verdict follows from them."""
    plane = portal.exclusions("alpha_X", "eps_Z")
    i, j = 3, 2
    alone = {
        o.limit.name: o.over_limit for o in portal.constraints({"alpha_X": plane.x[j], "eps_Z": plane.y[i]}).limits
    }
    for one in plane.limits:
        assert one.over_limit[i][j] == pytest.approx(alone[one.limit.name], rel=1e-3), (
            one.limit.name
        )  # four digits kept
    relic = np.array(plane.omega_h2, dtype=float)
    assert (np.diff(relic, axis=1) < 0.0).all()  # a larger dark coupling leaves less dark matter
    found = left(plane)
    assert found is not None
    assert plane.gain == pytest.approx(13.0, abs=1.5)  # one invisible particle near 2.1 GeV
    with pytest.raises(UnknownName, match="free parameter"):
        portal.exclusions("alpha_X", "m_X")


def test_a_model_without_dark_matter(belle2: Setup) -> None:
    found = Analysis("two_body_scalar", setup=belle2, fixed={"m_S": 2.1, "BR": 9e-6}).constraints()
    assert found.omega_h2 is None
    assert {o.limit.observable for o in found.limits} >= {"BR(B0->K*0inv)", "BR(B->Xsinv)"}
    with pytest.raises(CardError, match="m_S"):
        Analysis("two_body_scalar", setup=belle2).constraints({"BR": 9e-6})


def test_a_relic_density_that_means_nothing_excludes_nothing(belle2: Setup) -> None:
    """Without any dark coupling nothing freezes out: no number, and no verdict from it."""
    analysis = Analysis("dark_photon_portal", setup=belle2, fixed={**DARK_Z, "eps_Z": 8e-5, "alpha_X": 0.0})
    found = analysis.constraints()
    assert found.omega_h2 is None
    relic = next(o for o in found.limits if o.limit.name == "planck-2018-relic-bound:Omega_h2")
    assert relic.over_limit is None


def test_no_constraint_at_all(belle2: Setup) -> None:
    from darkpenguin.models.standard_model import StandardModel

    constraints = Constraints(StandardModel, belle2, {})
    assert constraints.at(np.ones((3, 1))).over_limit.shape == (3, len(constraints.described))
