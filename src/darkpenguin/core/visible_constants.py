"""Constants that only visible processes need, from data/visible.toml. They have no nuisance: they are held fixed."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import NamedTuple

from darkpenguin import units


class VisibleConstants(NamedTuple):
    """C9_SM, C10_SM : short-distance coefficients of b -> s l l with alpha(m_b), charm loops left out.
    m_Z, m_W : GeV.  m_t : m_t(m_t) in MSbar, GeV.  alpha_s_mZ : strong coupling, five flavours.
    eta_B : QCD factor of Bs mixing.  B_1, B_4, B_5 : bag parameters of the Bs at m_b [arXiv:1904.00940].
    """

    C9_SM: float
    C10_SM: float
    m_Z: float
    m_W: float
    m_t: float
    alpha_s_mZ: float
    eta_B: float
    B_1: float
    B_4: float
    B_5: float


@functools.cache
def _table() -> dict[str, dict[str, float | str]]:
    return tomllib.loads((resources.files("darkpenguin") / "data" / "visible.toml").read_text("utf-8"))["values"]


def visible_constants() -> VisibleConstants:
    """The constants of the package, in powers of GeV."""
    table = _table()
    return VisibleConstants(
        **{
            name: units.to_gev(float(table[name]["value"]), str(table[name]["unit"]))
            for name in VisibleConstants._fields
        }
    )


def visible_references() -> tuple[str, ...]:
    """Keys of the sources of these constants."""
    return tuple(dict.fromkeys(str(entry["reference"]) for entry in _table().values()))
