"""Limits on the coupling of a mediator: printed numbers, the rules for other decays in their limits, edges, models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import Array
from scipy.optimize import brentq

from darkpenguin._jax import jax, jnp
from darkpenguin.cite import known_keys
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.model import build, complete
from darkpenguin.decays.constants import light_state_constants
from darkpenguin.decays.mediator import Mediator, alone
from darkpenguin.errors import BadData, UnknownName
from darkpenguin.experiments.mediator_search import (
    MediatorSearch,
    load_mediator_search,
    load_mediator_searches,
    mediator_search_names,
    read_table,
    way_to_detector,
)
from darkpenguin.line import model_at
from darkpenguin.models.alp_portal import AlpPortal
from darkpenguin.models.dark_photon_portal import DarkPhotonPortal


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return load_inputs().at()


@pytest.fixture(scope="module")
def searches() -> dict[str, MediatorSearch]:
    return {search.name: search for search in load_mediator_searches()}


def with_dark_decays(kind: Any, mass: Array, coupling: Array, BR_dark: Array) -> Mediator:
    """The mediator alone, at this coupling, with decays to dark states added."""
    lonely = alone(kind, mass)
    shares = {name: (1.0 - BR_dark) * share for name, share in lonely.shares.items()}
    shares["invisible"] = BR_dark + shares.get("invisible", 0.0)
    width = coupling**2 * lonely.width / jnp.where(BR_dark < 1.0, 1.0 - BR_dark, 1e-12)
    return Mediator(kind, mass, coupling, width, shares)


_ratio = eqx.filter_jit(lambda search, m, g, dark: search.ratio(with_dark_decays(search.kind, m, g, dark)))


def ratio(search: MediatorSearch, mass: float, coupling: float, BR_dark: float = 0.0) -> float:
    return float(_ratio(search, *map(jnp.array, (mass, coupling, BR_dark))))


def middle(search: MediatorSearch) -> float:
    """A mass between two rows near the middle of a table."""
    said = np.flatnonzero(np.asarray(search.table.known)[1:] & np.asarray(search.table.known)[:-1])
    i = said[len(said) // 2]
    return float(np.exp(np.asarray(search.table.ln_mass)[i : i + 2].mean()))


def edges(search: MediatorSearch, mass: float) -> tuple[float, float]:
    found = search.edges(jnp.array(mass))
    assert bool(found.said)
    return float(found.lower), float(found.upper)


@pytest.mark.parametrize("name", mediator_search_names())
def test_entries_and_tables_are_sound(name: str, searches: dict[str, MediatorSearch]) -> None:
    search = searches[name]
    assert set(search.references) <= set(known_keys())
    assert 0.0 < search.confidence_level < 1.0
    assert (search.length_ratio > 0) == (search.recast == "displaced")
    assert bool(search.final_states) == (search.kind != "Higgs-mixed scalar")
    assert set(search.final_states) <= {"ee", "mumu", "gammagamma", "invisible"}
    lower = np.exp(np.asarray(search.table.ln_lower))[np.asarray(search.table.known)]
    assert ((lower > 2e-8) & (lower < 1.0)).all()
    mass = np.exp(np.asarray(search.table.ln_mass))
    assert 0.0099 < mass[0] < mass[-1] < 10.4


@pytest.mark.parametrize(
    ("name", "low", "high", "expected"),
    [
        # abstracts: the strongest limit on eps, or sin(theta), or g in GeV^-1, within a range of masses
        ("a1-2014-darkphoton", 0.04, 0.30, (8e-7**0.5, 0.05)),  # eps^2 of about 8e-7
        ("besiii-2024-alp", 0.18, 2.85, (2.2e-4, 0.05)),  # 2.2e-4 GeV^-1
        ("microboone-2021-scalar", 0.10, 0.20, (3.3e-4, 0.05)),  # (3.3 to 4.6)e-4
        ("apex-2011-darkphoton", 0.175, 0.25, (1e-3, 0.2)),  # alpha'/alpha of about 1e-6
        ("hps-2018-darkphoton", 0.019, 0.081, (1e-5**0.5, 0.3)),  # eps^2 of about 1e-5
        ("belle2-2020-alp", 0.2, 9.7, (1e-3, 0.3)),  # "at the level of 1e-3"
    ],
)
def test_printed_numbers(
    name: str, low: float, high: float, expected: tuple[float, float], searches: dict[str, MediatorSearch]
) -> None:
    table = searches[name].table
    mass = np.exp(np.asarray(table.ln_mass))
    inside = np.asarray(table.known) & (mass > low) & (mass < high)
    assert np.exp(np.asarray(table.ln_lower)[inside].min()) == pytest.approx(expected[0], rel=expected[1])


def test_microboone_at_the_light_end(searches: dict[str, MediatorSearch]) -> None:
    """arXiv:2106.00568: theta < 4.6e-4 at 100 MeV."""
    assert edges(searches["microboone-2021-scalar"], 0.1)[0] == pytest.approx(4.6e-4, rel=0.03)


def test_babar(searches: dict[str, MediatorSearch]) -> None:
    """arXiv:1406.2980: 1e-4 to 1e-3 from 0.02 to 10.2 GeV; arXiv:1702.03327: 1e-3 up to 5 GeV and a bit more at 8."""
    visible = searches["babar-2014-darkphoton"].table
    limits = np.exp(np.asarray(visible.ln_lower)[np.asarray(visible.known)])
    assert 1e-4 < limits.min() < np.median(limits) < 1e-3
    for mass in (0.02, 0.5, 1.0, 2.0, 4.0):
        assert 3e-4 < edges(searches["babar-2017-invisible"], mass)[0] < 1.1e-3


@pytest.mark.parametrize(
    ("name", "mass", "lower", "upper"),
    [
        # rows of the repositories named in the tables; thinned to 2 %
        ("babar-2014-darkphoton", 0.44677, 7.5228e-4, np.inf),
        ("babar-2014-darkphoton", 6.4102, 8.9391e-4, np.inf),
        ("lhcb-2019-darkphoton", 1.526, 8.350e-4, np.inf),
        ("na48-2015-darkphoton", 0.038847, 1.0234e-3, np.inf),
        ("e137-darkphoton", 0.011278, 2.9354e-8, 3.5978e-5),
        ("e137-darkphoton", 0.29967, 1.4949e-7, 3.1623e-7),
        ("nucal-darkphoton", 0.75, 8.0434e-8, 1.7776e-7),
        ("lhcb-2019-displaced", 0.2514, 2.308e-5, 5.43e-5),
        ("e137-alp", 0.374001, 1.34332e-7, 7.5e-7),  # upper edge between two vertices
    ],
)
def test_rows(name: str, mass: float, lower: float, upper: float, searches: dict[str, MediatorSearch]) -> None:
    assert edges(searches[name], mass) == pytest.approx((lower, upper), rel=0.025)


@pytest.mark.parametrize("name", mediator_search_names())
def test_published_edges(name: str, searches: dict[str, MediatorSearch]) -> None:
    """Without dark decays the ratio is 1 on the published edges, above 1 between them, below 1 beyond."""
    search = searches[name]
    mass = middle(search)
    lower, upper = edges(search, mass)
    BR_dark = 1.0 if search.final_states == ("invisible",) else 0.0
    assert ratio(search, mass, lower, BR_dark) == pytest.approx(1.0, rel=1e-9)
    assert ratio(search, mass, 0.8 * lower, BR_dark) < 1.0
    assert ratio(search, mass, min(1.05 * lower, (lower * upper) ** 0.5), BR_dark) > 1.0
    if np.isfinite(upper):
        assert ratio(search, mass, upper, BR_dark) == pytest.approx(1.0, rel=1e-9)
        assert 0.0 < ratio(search, mass, 1.2 * upper, BR_dark) < 1.0


@pytest.mark.parametrize("name", mediator_search_names())
def test_dark_decays(name: str, searches: dict[str, MediatorSearch]) -> None:
    """Few dark decays change little; a mediator that decays to nothing else is not seen at all."""
    search = searches[name]
    mass = middle(search)
    lower = edges(search, mass)[0]
    if search.final_states == ("invisible",):
        assert ratio(search, mass, lower) < (mass / 91.19) ** 4  # neutrinos, by mixing with the Z
        assert ratio(search, mass, lower, 0.25) == pytest.approx(0.25, rel=1e-4)
        return
    assert ratio(search, mass, 1.5 * lower, 1e-9) == pytest.approx(ratio(search, mass, 1.5 * lower), rel=1e-6)
    assert ratio(search, mass, 1.5 * lower, 1.0 - 1e-12) < 1e-6
    half = ratio(search, mass, lower, 0.5)
    if search.recast == "prompt":
        assert half == pytest.approx(0.5, rel=1e-9)
    if search.recast == "displaced":  # long-lived: g^2 BR Gamma does not care about dark decays, but the way does
        assert 0.2 < half < 1.0
    if search.recast == "published":
        assert half == 0.0


@pytest.mark.parametrize("name", ["e137-darkphoton", "orsay-darkphoton", "charm-darkphoton", "nucal-alp"])
def test_displaced_rule_against_its_definition(name: str, searches: dict[str, MediatorSearch]) -> None:
    """arXiv:1801.04847 in proper times: t_0 from equal rates at both edges, then rates with dark decays."""
    search = searches[name]
    mass = middle(search)
    low, up = edges(search, mass)
    width = float(alone(search.kind, jnp.array(mass)).width)

    def rate(g: float, t_0: float, dark: float = 0.0) -> float:
        gamma = g**2 * width / (1.0 - dark)
        t_1 = t_0 * (1.0 + search.length_ratio)
        return g**2 * (1.0 - dark) * (np.exp(-t_0 * gamma) - np.exp(-t_1 * gamma))

    lifetime = 1.0 / (up**2 * width)
    t_0 = brentq(lambda t: np.log(rate(low, t) / rate(up, t)), 0.1 * lifetime, 100 * lifetime, xtol=1e-12 * lifetime)
    for g, dark in ((1.3 * low, 0.0), ((low * up) ** 0.5, 0.5), (1.1 * up, 0.9)):
        assert ratio(search, mass, g, dark) == pytest.approx(rate(g, t_0, dark) / rate(low, t_0), rel=1e-7)


_way_and_slope = jax.jit(jax.value_and_grad(way_to_detector))


@settings(max_examples=30, deadline=None)
@given(ln_k=st.floats(-35.0, -1e-3), length_ratio=st.sampled_from([0.009, 0.36, 1.14, 2.0, 50.0]))
def test_way_to_detector(ln_k: float, length_ratio: float) -> None:
    """The equation is solved, and the derivative is that of the solution."""
    k = np.exp(ln_k)

    def ln_inside(x: float) -> float:
        return -x + np.log(-np.expm1(-length_ratio * x))

    x, slope = map(float, _way_and_slope(jnp.array(k), jnp.array(length_ratio)))
    assert ln_inside(x) == pytest.approx(ln_k + ln_inside(k * x), abs=1e-8 * max(1.0, -ln_k))
    below, above = (float(_way_and_slope(jnp.array(k * s), jnp.array(length_ratio))[0]) for s in (1 - 1e-5, 1 + 1e-5))
    assert slope * k == pytest.approx((above - below) / 2e-5, rel=1e-4, abs=1e-7)


@settings(max_examples=40, deadline=None)
@given(
    which=st.integers(0, 20),
    at=st.floats(0.02, 0.98),
    ln_g=st.floats(-20.0, -1.0),
    step=st.floats(1.001, 3.0),
    BR_dark=st.floats(0.01, 0.99),
)
def test_prompt_searches_grow_with_the_coupling(
    which: int, at: float, ln_g: float, step: float, BR_dark: float, searches: dict[str, MediatorSearch]
) -> None:
    prompt = [search for search in searches.values() if search.recast == "prompt"]
    search = prompt[which % len(prompt)]
    ln_mass = np.asarray(search.table.ln_mass)
    mass, g = float(np.exp(ln_mass[0] + at * (ln_mass[-1] - ln_mass[0]))), float(np.exp(ln_g))
    weak, strong = ratio(search, mass, g, BR_dark), ratio(search, mass, step * g, BR_dark)
    said = bool(search.edges(jnp.array(mass)).said)
    assert (weak > 0.0) == said
    assert strong == pytest.approx(weak * step**2, rel=1e-9)


def test_silence(searches: dict[str, MediatorSearch]) -> None:
    babar = searches["babar-2014-darkphoton"]
    for mass in (0.0, 0.005, 0.8, 3.1, 11.0):  # omega and J/psi are left out
        assert ratio(babar, mass, 0.5) == 0.0
    assert ratio(babar, 1.2, 0.0) == 0.0
    lsnd = searches["lsnd-scalar"]
    assert ratio(lsnd, 0.13, 9e-3) > 1.0
    assert ratio(lsnd, 0.13, 1.1e-2) == 0.0  # above the drawing
    assert float(babar.ratio(alone("axion-like particle", jnp.array(1.0)))) == 0.0  # another kind


def test_photon_coupling_of_an_alp(inputs: Inputs) -> None:
    """g = alpha C/(pi f_a), from (g/4) F Fdual = C alpha/(4 pi f_a) F Fdual, and Gamma = g^2 m^3/(64 pi)."""
    no_quarks = dict.fromkeys(("C_u", "C_d", "C_s", "C_c", "C_b", "C_t"), 0.0)
    model = build(AlpPortal, {"m_a": 0.4, "f_a": 1e3, "C_V": 1e-6, "C_gamma": 2.0} | no_quarks, inputs)
    (a,) = model.mediators(inputs)
    alpha = light_state_constants().alpha_em
    assert float(a.coupling) == pytest.approx(alpha * 2.0 / (np.pi * 1e3), rel=1e-12)
    assert float(a.width) == pytest.approx(float(a.coupling) ** 2 * 0.4**3 / (64 * np.pi), rel=1e-12)
    search = load_mediator_search("belle2-2020-alp")
    assert float(search.ratio(a)) == pytest.approx((float(a.coupling) / edges(search, 0.4)[0]) ** 2, rel=1e-9)


def test_portal(inputs: Inputs) -> None:
    """X without dark decays is the dark photon of the curves; dark decays move it to the invisible ones."""
    values = {"m_X": 0.5, "eps": 1e-3, "alpha_X": 0.0, "m_DM": 0.1, "m_phi": 0.13, "sin_theta": 5e-4}
    X, phi = build(DarkPhotonPortal, values, inputs).mediators(inputs)
    babar, single_photon = map(load_mediator_search, ("babar-2014-darkphoton", "babar-2017-invisible"))
    assert float(babar.ratio(X)) == pytest.approx((1e-3 / edges(babar, 0.5)[0]) ** 2, rel=1e-4)
    assert float(single_photon.ratio(X)) < 1e-5
    X, _ = build(DarkPhotonPortal, values | {"alpha_X": 0.1}, inputs).mediators(inputs)
    assert float(babar.ratio(X)) < 1e-3
    assert float(single_photon.ratio(X)) == pytest.approx((1e-3 / edges(single_photon, 0.5)[0]) ** 2, rel=1e-3)
    assert float(load_mediator_search("microboone-2021-scalar").ratio(phi)) > 1.0  # arXiv:2106.00568: 3.7e-4


def test_batches_and_slopes(inputs: Inputs, searches: dict[str, MediatorSearch]) -> None:
    """Every search at once over masses and couplings, zero and the edges of tables among them."""
    base = {"m_X": 0.5, "eps": 1e-3, "alpha_X": 1e-6, "m_DM": 0.1, "sin_theta": 5e-4}
    names = [p.name for p in DarkPhotonPortal.parameters()]
    theta = np.tile([complete(DarkPhotonPortal, base, inputs)[name] for name in names], (40, 1))
    theta[:, names.index("m_X")] = theta[:, names.index("m_phi")] = np.geomspace(0.02, 5.2, 40)
    theta[:, names.index("eps")] = [0.0, *np.geomspace(1e-9, 1.0, 39)]
    theta[5, names.index("m_X")] = 0.094366

    def ratios(at: Array) -> Array:
        pairs = [(m, alone(m.kind, m.mass)) for m in model_at(DarkPhotonPortal, at).mediators(inputs)]
        return jnp.stack([s.ratio(*pair) for s in searches.values() for pair in pairs if s.kind == pair[0].kind])

    both: Callable[[Array], tuple[Array, Array]] = jax.vmap(lambda at: (ratios(at), jax.jacfwd(ratios)(at)))
    values, slopes = map(np.asarray, jax.jit(both)(jnp.asarray(theta)))
    assert np.isfinite(values).all()
    assert np.isfinite(slopes).all()
    assert ((values >= 0) & (values < 1e12)).all()
    assert (values.max(axis=0) > 1).sum() > 10


HEAD = "# comment\nmass,lower,upper\n"


@pytest.mark.parametrize(
    ("rows", "closed", "message"),
    [
        ("1,1e-3,\n0.5,1e-3,\n", False, "increase"),
        ("1,1e-3,\n", False, "increase"),
        ("1,0,\n2,1e-3,\n", False, "0 < lower edge"),
        ("1,1e-3,1e-4\n2,1e-3,1e-2\n", False, "0 < lower edge"),
        ("1,,1e-4\n2,1e-3,\n", False, "0 < lower edge"),
        ("1,1e-3,\n2,1e-3,1e-2\n", False, "an empty one between"),
        ("1,1e-3,1e-2\n2,1e-3,\n", True, "upper edge in every row"),
    ],
)
def test_corrupted_tables(rows: str, closed: bool, message: str) -> None:
    with pytest.raises(BadData, match=message):
        read_table(HEAD + rows, "some table", closed=closed)


def test_unknown_search() -> None:
    with pytest.raises(UnknownName, match="did you mean 'e137-darkphoton'"):
        load_mediator_search("e137-darkfoton")
