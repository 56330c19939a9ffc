"""Write our tables of limits on the coupling of a mediator against its mass from published ones.

    python tools/tabulate_mediator_searches.py FOLDER

FOLDER holds CSV files with '#' comment lines and one line of column names, taken from the public repositories named
below at the commits stated there. Numbers only. Every table begins with its source and the SHA-256 of what was read.

Rows are mass in GeV and the lower and upper edge of the excluded couplings. An empty upper edge: excluded, or drawn, to
any larger coupling. Both empty: nothing is said.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from tabulate_light_states import DATA, FORESEE, GAMBIT, read, thinned, write

DARKCAST = "micha-a-schmidt/darkcast, commit db9a0f66ec99, GPL-2.0 (numbers only)"
NONE = 1e4  # a limit at or above it says nothing
MASSES = (0.0099, 10.4)  # GeV, kept
STEP = 0.0025  # of ln(mass), for reading contours
TOLERANCE = 0.02

# table: file, source, end of the masses kept
CURVES = {
    "babar-2014-darkphoton": ("dark_photon/dp_BaBar_Lees2014xha", DARKCAST, MASSES[1]),
    "lhcb-2019-darkphoton": ("dark_photon/dp_LHCb_Aaij2019bvg_prompt", DARKCAST, MASSES[1]),
    "na48-2015-darkphoton": ("dark_photon/dp_NA48_Batley2015lha", DARKCAST, MASSES[1]),
    # the paper assumes decays to leptons alone
    "kloe-2012-darkphoton": ("dark_photon/dp_KLOE_Babusci2012cr", DARKCAST, 0.279),
    "kloe-2015-darkphoton": ("dark_photon/dp_KLOE_Anastasi2015qla", DARKCAST, MASSES[1]),
    "kloe-2018-darkphoton": ("dark_photon/dp_KLOE_Anastasi2018azp_combined", DARKCAST, MASSES[1]),
    "a1-2014-darkphoton": ("dark_photon/dp_A1_Merkel2014avp", DARKCAST, MASSES[1]),
    "besiii-2017-darkphoton": ("dark_photon/dp_BESIII_Ablikim2017aab", DARKCAST, MASSES[1]),
    "apex-2011-darkphoton": ("dark_photon/dp_APEX_Abrahamyan2011gv", DARKCAST, MASSES[1]),
    "hps-2018-darkphoton": ("dark_photon/dp_HPS_Adrian2018scb", DARKCAST, MASSES[1]),
    "babar-2017-invisible": ("dark_photon/dp_BaBar_Lees2017lec", DARKCAST, MASSES[1]),
    "na62-2019-invisible": ("dark_photon/dp_NA62_CortinaGil2019nuo", DARKCAST, MASSES[1]),
    "na64-2023-invisible": ("dark_photon_invisible/na64e_2023_invisible", GAMBIT, MASSES[1]),
}
# table: file, source; columns mass, lower, upper
ISLANDS = {
    "e137-darkphoton": ("dark_photon/dp_E137_Andreas2012mt", DARKCAST),
    "orsay-darkphoton": ("dark_photon/dp_Orsay_Davier1989wz", DARKCAST),
    "kek-darkphoton": ("dark_photon/dp_KEK_Konaka1986cb", DARKCAST),
    "charm-darkphoton": ("dark_photon/dp_CHARM_Tsai2019mtm", DARKCAST),
    "nucal-darkphoton": ("dark_photon/dp_NuCAL_Tsai2019mtm", DARKCAST),
    "nomad-darkphoton": ("dark_photon/dp_NOMAD_Astier2001ck", DARKCAST),
    "ps191-darkphoton": ("dark_photon/dp_PS191_Bernardi1985ny", DARKCAST),
}
# table: files with contours, end of the drawing, smallest mass kept, whether upper edges are known. The drawing closes
# contours where the search goes on: a row whose upper edge lies there has no upper edge
CONTOURS = {
    "lhcb-2019-displaced": (("dark_photon/dp_LHCb2019_island1", "dark_photon/dp_LHCb2019_island2"), 1.0, 0.01, True),
    # below 0.2136 GeV the contour has no upper edge, though a scalar with a large mixing decays in the shielding
    "charm-scalar": (("dark_higgs/dh_CHARM",), 0.5, 0.2136, True),
    "microboone-2021-scalar": (("dark_higgs/dh_MicroBooNE",), 0.5, 0.01, True),
    "lsnd-scalar": (("dark_higgs/dh_LSND",), 9.8e-3, 0.01, True),
    "belle2-2020-alp": (("alp_photon/alpgg_Belle2_2020",), 0.02, 0.01, False),
    "besiii-2024-alp": (("alp_photon/alpgg_BESIII_2024",), 0.018, 0.01, False),
    "lep-alp": (("alp_photon/alpgg_LEP",), 9.0, 0.01, False),
    "primex-alp": (("alp_photon/alpgg_PrimEx",), 9.5e-3, 0.01, False),
    "e137-alp": (("alp_photon/alpgg_E137",), 0.098, 0.01, True),
    "nucal-alp": (("alp_photon/alpgg_NuCal",), 1.0, 0.01, True),
}

Rows = list[list[str]]


def row(mass: float, *edges: float) -> list[str]:
    return [f"{mass:.6g}", *("" if np.isnan(e) else f"{e:.4g}" for e in edges), *[""] * (2 - len(edges))]


def curve(table: np.ndarray, last: float) -> Rows:
    """Rows of a one-sided curve, cut where it says nothing."""
    said = table[:, 1] < NONE
    kept = (table[:, 0] >= MASSES[0]) & (table[:, 0] <= last)
    rows: Rows = []
    for part in np.split(np.arange(len(table)), np.flatnonzero(np.diff(said)) + 1):
        mass, limit = table[part][kept[part]].T
        if said[part[0]] and len(mass) > 1:
            rows += [row((float(rows[-1][0]) * mass[0]) ** 0.5)] if rows else []
            rows += both_edges(mass, limit, np.full(len(mass), np.nan))
    return rows


def both_edges(mass: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> Rows:
    """Rows of an interval, thinned; the upper edge may be missing (nan) everywhere."""
    x, kept = np.log(mass), set()
    for edge in (lower, np.where(np.isnan(upper), lower, upper)):
        kept |= set(thinned(x, np.log(edge), 0.0, TOLERANCE))
    return [row(mass[i], lower[i], upper[i]) for i in sorted(kept)]


def crossings(contour: np.ndarray, mass: float) -> np.ndarray:
    """Couplings at which a closed contour of straight lines in logarithms meets a mass, in order."""
    x, y = np.log(np.vstack([contour, contour[:1]])).T
    at = np.log(mass)
    a, b = x[:-1], x[1:]
    i = np.flatnonzero((np.minimum(a, b) <= at) & (np.maximum(a, b) > at))
    return np.sort(np.exp(y[i] + (y[i + 1] - y[i]) * (at - x[i]) / (x[i + 1] - x[i])))


def interval(contour: np.ndarray, end: float, first: float, closes: bool) -> Rows:
    """Lowest and highest coupling of a contour at each mass."""
    inside = contour[contour[:, 0] > 0, 0]
    low, high = max(first, inside.min()), min(inside.max(), MASSES[1])
    grid = np.exp(np.arange(np.log(low) + 1e-4, np.log(high) - 1e-4, STEP))
    found: list[tuple[float, float, float]] = []
    for m in grid:
        edges = crossings(contour, m)
        lower, upper = edges[0], edges[-1]
        if lower >= end or upper < lower * 1.001:
            found.append((m, np.nan, np.nan))
        else:
            found.append((m, lower, upper if closes and upper < end else np.nan))
    rows: Rows = []
    table = np.array(found)
    kind = np.isnan(table[:, 1]) + 2 * np.isnan(table[:, 2])  # closed, open, or nothing: 0, 2, 3
    for part in np.split(np.arange(len(table)), np.flatnonzero(np.diff(kind)) + 1):
        if kind[part[0]] < 3 and len(part) > 1:
            rows += [row((float(rows[-1][0]) * table[part[0], 0]) ** 0.5)] if rows else []
            rows += both_edges(*table[part].T)
    return rows


def save(name: str, comments: list[str], rows: Rows) -> None:
    while rows[-1][1] == "":
        rows.pop()
    head = "mass in GeV; edges of the excluded couplings; no upper: none known; both empty: nothing said"
    write(DATA / "limits" / "mediators" / f"{name}.csv", [head, *comments], ["mass", "lower", "upper"], rows)


def mediators(folder: Path) -> None:
    for name, (file, source, last) in CURVES.items():
        _, table, sha = read(folder / "limits" / f"{file}.csv")
        save(name, [f"as tabulated in {source}; thinned to {100 * TOLERANCE:g} %; sha256 {sha}"], curve(table, last))
    for name, (file, source) in ISLANDS.items():
        _, table, sha = read(folder / "limits" / f"{file}.csv")
        table = table[np.unique(table[:, 0], return_index=True)[1]]
        table = table[table[:, 0] >= MASSES[0]]
        comment = f"as tabulated in {source}; thinned to {100 * TOLERANCE:g} %; sha256 {sha}"
        save(name, [comment], both_edges(*table.T))
    for name, (files, end, first, closes) in CONTOURS.items():
        rows, comments = [], []
        for file in files:
            _, contour, sha = read(folder / "limits" / f"{file}.csv")
            rows += [row((float(rows[-1][0]) * contour[:, 0].min()) ** 0.5)] if rows else []
            rows += interval(contour[contour[:, 0] > 0], end, first, closes)
            comments.append(f"contour as tabulated in {FORESEE}; thinned to {100 * TOLERANCE:g} %; sha256 {sha}")
        save(name, comments, rows)


if __name__ == "__main__":
    mediators(Path(sys.argv[1]))
