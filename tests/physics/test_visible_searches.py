"""Limits on particles that are seen: tables against printed numbers, edges, and models."""

from __future__ import annotations

import numpy as np
import pytest

from darkpenguin import units
from darkpenguin._jax import jax, jnp
from darkpenguin.cite import known_keys
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.model import build
from darkpenguin.errors import UnknownName
from darkpenguin.experiments.visible_search import VisibleSearch, load_search, load_searches, search_names
from darkpenguin.flavour.rates import line_branching_fraction
from darkpenguin.models.alp_portal import AlpPortal
from darkpenguin.models.dark_photon_portal import DarkPhotonPortal

CM = units.to_gev(1.0, "cm")


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return load_inputs().at()


@pytest.mark.parametrize("name", search_names())
def test_tables_are_sound(name: str) -> None:
    search = load_search(name)
    assert set(search.references) <= set(known_keys())
    limits = np.asarray(search.log10_limit)[np.asarray(search.known)]
    assert ((limits > -11) & (limits < 0)).all()
    assert float(search.mass[0]) > 0.02
    assert float(search.mass[-1]) < 4.79


@pytest.mark.parametrize(
    ("name", "mass", "ctau", "log10"),
    [
        # rows of the repositories named in the tables, four digits there, three here
        ("belle2-2023-bkmumu", 0.21271, 0.001, -6.6078),
        ("belle2-2023-bkmumu", 0.21271, 1.0, -7.4775),
        ("belle2-2023-bkee", 0.025, 0.1, -6.519),
        ("babar-2021-bkgammagamma", 0.26, 1.0, -6.7174),
        ("lhcb-2015-bkstmumu", 0.214, 0.0029979, -8.3205),
    ],
)
def test_nodes(name: str, mass: float, ctau: float, log10: float) -> None:
    # a hair inside the first row and column
    limit, says = load_search(name).limit(jnp.array(mass * (1 + 1e-9)), jnp.array(ctau * CM * (1 + 1e-9)))
    assert bool(says)
    assert np.log10(float(limit)) == pytest.approx(log10, abs=6e-4)


def test_lhcb_for_short_lifetimes() -> None:
    """arXiv:2502.04900 quotes 3.6e-9 for a prompt X of 2 GeV; the limit on displaced ones is up to four times lower."""
    limit, _ = load_search("lhcb-2016-bkmumu").limit(jnp.array(2.0), jnp.array(0.0032 * CM))
    assert 1e-9 / 4 < float(limit) < 3.6e-9


def silent(search: VisibleSearch, mass: float, ctau_cm: float) -> bool:
    ratio = float(search.ratio(jnp.array(1.0), jnp.array(mass), jnp.array(ctau_cm * CM)))
    return ratio == 0.0


def test_no_statement_beyond_the_table() -> None:
    belle2 = load_search("belle2-2023-bkmumu")
    assert not silent(belle2, 1.0, 1.0)
    assert silent(belle2, 0.2, 1.0)
    assert silent(belle2, 4.79, 1.0)
    assert silent(belle2, 1.0, 9e-4)
    assert silent(belle2, 1.0, 101.0)
    lhcb = load_search("lhcb-2016-bkmumu")
    assert silent(lhcb, 3.097, 0.01)  # J/psi
    assert silent(belle2, 1.0, 0.0)


def test_slopes_are_finite() -> None:
    search = load_search("lhcb-2016-bkmumu")
    for mass, ctau in ((1.0, 0.01), (3.097, 0.01), (0.1, 0.01), (2.0, 0.0)):
        slope = jax.grad(lambda m, t: search.ratio(jnp.array(1e-8), m, t), argnums=(0, 1))(
            jnp.array(mass), jnp.array(ctau * CM)
        )
        assert np.isfinite(np.asarray(slope)).all()


def test_kstar_of_belle2_counts_the_charged_pair() -> None:
    ratios = [
        float(load_search(name).ratio(jnp.array(1e-7), jnp.array(1.0), jnp.array(CM)))
        / float(jnp.array(1e-7) / load_search(name).limit(jnp.array(1.0), jnp.array(CM))[0])
        for name in ("belle2-2023-bkstmumu", "belle2-2023-bkmumu")
    ]
    assert ratios == pytest.approx([2 / 3, 1.0])


def test_models(inputs: Inputs) -> None:
    """A dark Higgs of 0.31 GeV with sin(theta) = 1e-3 lies inside what arXiv:1612.07818 excludes."""
    values = {"m_X": 2.0, "eps": 0.0, "alpha_X": 1e-3, "m_DM": 0.1, "m_phi": 0.31, "sin_theta": 1e-3}
    portal = build(DarkPhotonPortal, values, inputs)
    assert isinstance(portal, DarkPhotonPortal)
    _, phi = portal.visible_lines(inputs)
    search = load_search("lhcb-2016-bkmumu")
    ratio = float(search.ratio_of(phi, inputs))
    product = line_branching_fraction(phi.line, "B+->K+", inputs) * phi.shares["mumu"]
    limit, says = search.limit(phi.line.mass, 1.0 / phi.line.width)
    assert bool(says)
    assert ratio == pytest.approx(float(product / limit), rel=1e-12)
    assert ratio > 1.0


def test_photons_of_an_alp(inputs: Inputs) -> None:
    """An axion-like particle with nothing but photons: BaBar limits f_a; every other search is silent."""
    only_photons = dict.fromkeys(("C_u", "C_d", "C_s", "C_c", "C_b", "C_t"), 0.0) | {"C_gamma": 1.0}
    model = build(AlpPortal, {"m_a": 1.5, "f_a": 2e3, "C_V": 1e-4} | only_photons, inputs)
    assert isinstance(model, AlpPortal)
    (a,) = model.visible_lines(inputs)
    assert float(a.shares["gammagamma"]) == pytest.approx(1.0)
    ratios = {s.name: float(s.ratio_of(a, inputs)) for s in load_searches()}
    assert [name for name, ratio in ratios.items() if ratio > 0] == ["babar-2021-bkgammagamma"]


def test_unknown_search() -> None:
    with pytest.raises(UnknownName, match="did you mean 'lhcb-2016-bkmumu'"):
        load_search("lhcb-2016-bkmumi")
