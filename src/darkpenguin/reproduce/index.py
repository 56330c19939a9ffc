"""The figures that `darkpenguin reproduce` makes: key, title, and the function that computes its numbers."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from darkpenguin.errors import OutOfDomain, UnknownName
from darkpenguin.figure import FigureData


class Entry(NamedTuple):
    """One figure. function : "module:function", called with as_printed and progress.   printed : what `as_printed`
    changes, empty if the figure has no such option."""

    title: str
    function: str
    printed: str = ""


FIGURES: Mapping[str, Entry] = MappingProxyType(
    {
        "2309.12741:spectra": Entry(
            "normalised spectra of every operator, in true and in reconstructed q2",
            "darkpenguin.reproduce.spectra:operator_spectra",
        ),
        "2309.12741:windows": Entry(
            "scales of contact interactions that explain the excess, operator by operator",
            "darkpenguin.reproduce.windows:windows",
        ),
        "2309.12741:leptoquark-plane": Entry(
            "leptoquarks: R_K and R_K* in the plane of C_R^tautau and C_R^mutau",
            "darkpenguin.reproduce.leptoquarks:leptoquark_plane",
            "numbers of the polynomials rounded to one digit",
        ),
        "2309.12741:r_D": Entry(
            "leptoquark S0: R_D(*) against B -> K(*) nu nubar",
            "darkpenguin.reproduce.leptoquarks:singlet_and_r_d",
            "alpha/pi in place of alpha/(2 pi), CKM factor 1",
        ),
        "2311.14629:bands": Entry(
            "one invisible boson: preferred rate against its mass, likelihood beside recasts",
            "darkpenguin.reproduce.recasts:boson_bands",
        ),
        "2503.19025:masses": Entry(
            "masses that Belle II's spectrum prefers, for every kind of state",
            "darkpenguin.reproduce.masses:best_masses",
        ),
        "2503.19025:polarisation": Entry(
            "rate and longitudinal share of B0 -> K*0 + invisible",
            "darkpenguin.reproduce.polarisation:rate_and_polarisation",
        ),
        "2502.04900:fig1-left": Entry(
            "axion-like particle: couplings from which b quarks keep it in equilibrium",
            "darkpenguin.reproduce.alp_portal:rates",
            "cube in eq. (21), entropy's degrees of freedom in H, gluon width that gives c tau = 65 m",
        ),
        "2502.04900:fig1-right": Entry(
            "axion-like particle: yields in the early universe",
            "darkpenguin.reproduce.alp_portal:yields",
            "cube in eq. (21), entropy's degrees of freedom in H, gluon width that gives c tau = 65 m",
        ),
        "2502.04900:fig2": Entry(
            "axion-like particle: masses of dark matter that give the relic density",
            "darkpenguin.reproduce.alp_portal:relic_contours",
            "as for figure 1, and ranges of the rate in place of the likelihood",
        ),
        "2502.04900:fig3-left": Entry(
            "dark photon: coupling and mixing for dark matter of 0.1 GeV",
            "darkpenguin.reproduce.dark_photon_portal:plane",
            "g_bs = 2.44e-4 eps, K*/K = 1.9, ranges of the rate, eq. (48)",
        ),
        "2502.04900:fig3-right": Entry(
            "dark photon: coupling and mixing for dark matter of 0.8 GeV",
            "darkpenguin.reproduce.dark_photon_portal:plane",
            "g_bs = 2.44e-4 eps, K*/K = 1.9, ranges of the rate, eq. (48)",
        ),
    }
)


def entry(key: str) -> Entry:
    """The figure of that key. Raises UnknownName with the nearest one."""
    if key not in FIGURES:
        raise UnknownName("figure", key, FIGURES)
    return FIGURES[key]


def compute(key: str, *, as_printed: bool = False, progress: bool = False) -> FigureData:
    """The numbers of a figure.

    as_printed : repeat what the source printed, its known mistakes included.   progress : show a bar on a terminal.
    Raises UnknownName for an unknown key, OutOfDomain if the figure has no printed version that differs.
    """
    found = entry(key)
    if as_printed and not found.printed:
        raise OutOfDomain(f"{key}: we know of no mistake in print, so --as-printed has nothing to repeat")
    module, _, name = found.function.partition(":")
    function: Callable[..., FigureData] = getattr(importlib.import_module(module), name)
    return function(key, as_printed=as_printed, progress=progress)
