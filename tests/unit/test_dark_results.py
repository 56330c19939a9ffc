"""Results about dark matter: limits as functions of the mass, a density that must not be exceeded, and their files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from darkpenguin._jax import jnp
from darkpenguin.core.dark import Dark
from darkpenguin.core.likelihood import AbstractLikelihood, LimitLikelihood, Prediction
from darkpenguin.experiments import index
from darkpenguin.experiments.reading import ResultFileError, read_result

FILE = """
name = "lab-2030"
title = "a result"
references = ["LZ:2024zvo"]
likelihood = "dark_curve"
assumptions = ["none"]
confidence_level = 0.9
method = "CLs"

[source]
url = "https://example.org"
retrieved = 2026-11-21

[[curves]]
part = "SI"
observable = "sigma_SI"
points = [[1.0, 1e-40], [100.0, 1e-44]]

[[curves]]
part = "e"
observable = "sigma_e"
points = [[0.01, 1e-37], [1.0, 1e-39]]
"""


def prediction(**dark: float) -> Prediction:
    fields = {"Omega_h2": "omega_h2", "m_DM": "mass", "SI": "sigma_SI", "e": "sigma_e", "N_eff": "n_eff"}
    return Prediction(modes={}, dark=Dark(**{fields[k]: jnp.asarray(v) for k, v in dark.items()}))


def value(name: str, **dark: float) -> float:
    return float(index.load(name).minus_two_log_likelihood(prediction(**dark)))


def test_dark_curve(tmp_path: Path) -> None:
    """At 10 GeV ln L along ln m is that of 1e-42; there -2 ln L is the square of the 95 % point of a normal."""
    path = tmp_path / "lab.toml"
    path.write_text(FILE, encoding="utf-8")
    one = f"{path}:SI"
    expected = norm.ppf(0.95) ** 2
    assert value(one, m_DM=10.0, SI=1e-42) == pytest.approx(expected, rel=1e-12)
    assert value(one, m_DM=10.0, SI=2e-42) == pytest.approx(4 * expected, rel=1e-12)
    assert value(str(path), m_DM=1.0, SI=1e-40, e=1e-39) == pytest.approx(2 * expected, rel=1e-12)
    # outside the table, and for no mass at all, nothing is said
    assert value(one, m_DM=0.99, SI=1.0) == value(one, m_DM=101.0, SI=1.0) == value(one, m_DM=0.0, SI=1.0) == 0.0
    assert value(one, m_DM=10.0, SI=np.nan) == value(one, m_DM=np.nan, SI=0.0) == np.inf
    assert index.describe(one).observables == ("sigma_SI", "m_DM")


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ('"sigma_e"', '"sigma_f"', "curves[1].observable", "did you mean 'sigma_e'"),
        ('"sigma_e"', '"BR(B+->K+inv)"', "curves[1].observable", "no observable of dark matter"),
        ("[1.0, 1e-40]", "[0.0, 1e-40]", "curves[0]", "masses of dark matter above 0"),
        ("[1.0, 1e-40]", "[1.0, 0.0]", "curves[0]", "limits above 0"),
        ('part = "e"', 'part = "SI"', "curves.part", "2 times"),
        ('part = "e"', 'part = "e"\nform = "band"', "curves[1].form", "'limit'"),
    ],
)
def test_faults(tmp_path: Path, old: str, new: str, where: str, what: str) -> None:
    path = tmp_path / "lab.toml"
    path.write_text(FILE.replace(old, new), encoding="utf-8")
    with pytest.raises(ResultFileError) as caught:
        read_result(path)
    assert what in dict(caught.value.problems)[where]


def test_density() -> None:
    """0.1200 +- 0.0012 [arXiv:1807.06209]: two errors above and below, as a measurement and as a bound."""
    for name, below in (("planck-2018-relic", 4.0), ("planck-2018-relic-bound", 0.0)):
        assert value(name, Omega_h2=0.1224) == pytest.approx(4.0, rel=1e-9)
        assert value(name, Omega_h2=0.1176) == pytest.approx(below, rel=1e-9)
    assert index.check_overlaps(["planck-2018-relic", "planck-2018-relic-bound"])


def test_number_of_neutrinos() -> None:
    """2.99 +- 0.17 [arXiv:1807.06209]: too few are as bad as too many, and 1.96 errors away lies the limit."""
    limit = index.load("planck-2018-neff")
    assert isinstance(limit, LimitLikelihood)
    for sign in (1, -1):
        assert value("planck-2018-neff", N_eff=2.99 + sign * 0.34) == pytest.approx(4.0, rel=1e-9)
        at_limit = prediction(N_eff=2.99 + sign * norm.ppf(0.975) * 0.17)
        assert limit.over_limit(at_limit).tolist() == pytest.approx([1.0], rel=1e-4)  # four digits of the file
    assert value("planck-2018-neff", N_eff=np.nan) == np.inf
    assert np.isnan(limit.over_limit(prediction(N_eff=np.nan))[0])


def test_published_minima() -> None:
    """Strongest limits, in the abstracts: 2.2e-48 cm^2 at 40 GeV [arXiv:2410.17036], 1.7e-47 at 30 GeV
    [arXiv:2502.18005]. Two digits are printed and the points are digitised: 5 %.
    """
    for name, mass, limit in (("lz-2024-si", 40.0, 2.2e-48), ("xenonnt-2025-si", 30.0, 1.7e-47)):
        (curve,) = index.load(name).curves
        assert float(curve.limit(jnp.asarray(mass))) == pytest.approx(limit, rel=0.05)


def test_part_of_the_dark_matter() -> None:
    """A quarter of the dark matter scatters a quarter as often and annihilates a sixteenth as much; more than all of it
    counts as all, and so does a density that means nothing."""
    share = index.load("lz-2024-si", full_density=0.12)
    whole = index.load("lz-2024-si")
    assert "Omega_h2" in share.about.observables
    assert share.about.assumptions[:-1] == whole.about.assumptions
    assert "in place of all of the dark matter" in share.about.assumptions[-1]

    def ratio(limit: AbstractLikelihood, **dark: float) -> float:
        assert isinstance(limit, LimitLikelihood)
        return float(limit.over_limit(prediction(m_DM=40.0, SI=1e-47, **dark))[0])

    full = ratio(whole)
    assert full == pytest.approx(1e-47 / 2.12e-48, rel=0.01)  # LZ at 40 GeV
    assert ratio(share, Omega_h2=0.03) == pytest.approx(full / 4, rel=1e-12)
    assert ratio(share, Omega_h2=0.5) == ratio(share, Omega_h2=0.0) == pytest.approx(full, rel=1e-12)
    cmb = index.load("planck-2018-cmb", full_density=0.12)
    assert isinstance(cmb, LimitLikelihood)
    dark = Dark(omega_h2=jnp.array(0.03), cmb_ratio=jnp.array(8.0))
    assert float(cmb.over_limit(Prediction(modes={}, dark=dark))[0]) == pytest.approx(0.5, rel=1e-12)
    assert index.load("lyman-alpha-2021-freeze-in", full_density=0.12).about.full_density is None
