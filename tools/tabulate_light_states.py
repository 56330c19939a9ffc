"""Write our tables for light states from published ones: hadronic cross-section ratio, dark Higgs, visible searches.

    python tools/tabulate_light_states.py FOLDER

FOLDER holds CSV files with '#' comment lines and one line of column names, taken from the public repositories named
below at the commits stated there. Numbers only: thinned, joined, rounded. Every table begins with its source and the
SHA-256 of what was read.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import sys
from pathlib import Path

import numpy as np

DATA = Path(__file__).parents[1] / "src" / "darkpenguin" / "data"
ALP_ACA = "alp-aca/alp-aca, commit 3f9827369da5, MIT licence"
GAMBIT = "GambitBSM/gambit, commit 1af34f98d822, BSD licence"
FORESEE = "KlingFelix/FORESEE, commit 2d6431f6f6e9, MIT licence"
CHANNELS = {
    "e_e": "e",
    "mu_mu": "mu",
    "tau_tau": "tau",
    "pi_pi": "pi",
    "K_K": "K",
    "4pi": "4pi",
    "s_s": "s",
    "c_c": "c",
    "g_g": "g",
}
IN_B_DECAYS = (
    ("lhcb_BpKpS_mumu_2d", "lhcb-2016-bkmumu", 1, 2),
    ("lhcb_B0KstS_mumu_2d", "lhcb-2015-bkstmumu", 2, 2),
    ("belle2_BpKpS_mumu_2d", "belle2-2023-bkmumu", 4, 1),
    ("belle2_BpKpS_ee_2d", "belle2-2023-bkee", 4, 1),
    ("belle2_B0KstS_mumu_2d", "belle2-2023-bkstmumu", 4, 1),
    ("belle2_B0KstS_ee_2d", "belle2-2023-bkstee", 4, 1),
    ("babar_BKa_gammagamma_2d", "babar-2021-bkgammagamma", 1, 1),
)
IN_K_DECAYS = (
    ("na62_Kp_pip_X_2025_2d", "na62-2025-kpix-lifetime", 2),
    ("e949_Kp_pip_X_2d", "e949-2009-kpix-lifetime", 2),
    ("na62_pi0window_Kp_pip_X_2d", "na62-2021-kpix-pi0-lifetime", 2),
    ("na62_Kp_pip_mumu_2d", "na62-2022-kpimumu", 1),
    ("na482_Kp_pip_mumu_2d", "na482-2017-kpimumu", 1),
    ("na62_Kp_pip_gg_2d", "na62-2024-kpigammagamma", 1),
)
# file, table, every n-th mass, every n-th lifetime
SEARCHES = (
    *((f"b_displaced/{source}", name, n_mass, n_ctau) for source, name, n_mass, n_ctau in IN_B_DECAYS),
    *((f"kaon/{source}", name, n_mass, 1) for source, name, n_mass in IN_K_DECAYS),
)
PROMPT_CM = 0.01  # where the limit for prompt decays, c tau = 0, enters a table in ln(c tau)


def read(path: Path) -> tuple[list[str], np.ndarray, str]:
    """Column names, rows, checksum."""
    data = path.read_bytes()
    lines = [line for line in data.decode("utf-8").splitlines() if line.strip() and not line.startswith("#")]
    header, *rows = csv.reader(lines)
    return header, np.array(rows, dtype=float), hashlib.sha256(data).hexdigest()


def thinned(x: np.ndarray, y: np.ndarray, tolerance: float, absolute: float = 1e-4) -> np.ndarray:
    """Indices of a subset between which straight lines stay within a relative tolerance and an absolute one."""
    keep, i = [0], 0
    while i < len(x) - 1:
        j = i + 2
        while j < len(x):
            line = np.interp(x[i : j + 1], [x[i], x[j]], [y[i], y[j]])
            if np.any(np.abs(line - y[i : j + 1]) > tolerance * np.abs(y[i : j + 1]) + absolute):
                break
            j += 1
        i = j - 1
        keep.append(i)
    return np.array(keep)


def write(path: Path, comments: list[str], columns: list[str], rows: list[list[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = [*(f"# {line}" for line in comments), ",".join(columns), *(",".join(row) for row in rows)]
    path.write_text("\n".join(text) + "\n", encoding="utf-8")


def r_ratio(folder: Path) -> None:
    """Smooth curve up to 2 GeV, means of the data above: the curve has no open charm."""
    _, smooth, sha_smooth = read(folder / "rratio" / "rratio_darkcast_smooth.csv")
    _, data, sha_data = read(folder / "rratio" / "rratio_pdg2020_data.csv")
    low = smooth[smooth[:, 0] <= 2.0]
    low = low[thinned(low[:, 0], low[:, 1], 0.005)]
    edges = np.concatenate([[2.0, 2.5, 3.08], [3.12, 3.35, 3.6], np.arange(3.65, 4.61, 0.05), [4.8, 5.3]])
    high = []
    for a, b in itertools.pairwise(edges):
        inside = (data[:, 0] >= a) & (data[:, 0] < b)
        if a != 3.08 and inside.any():
            high.append(data[inside].mean(axis=0))
    rows = np.vstack([low, high])
    write(
        DATA / "decays" / "r_ratio.csv",
        [
            "R = sigma(e+ e- -> hadrons) / sigma(e+ e- -> mu+ mu-) against sqrt(s) in GeV; straight lines between rows",
            f"to 2 GeV: arXiv:1801.04847, as tabulated in {GAMBIT}, thinned to 0.5 %; sha256 {sha_smooth}",
            f"above: means in bins of the data of the PDG 2020 compilation, {GAMBIT}; sha256 {sha_data}",
            "J/psi and psi(2S) are not in it",
        ],
        ["sqrt_s", "R"],
        [[f"{x:.5g}", f"{y:.4g}"] for x, y in rows],
    )


def dark_higgs(folder: Path) -> None:
    rows, shas = [], []
    _, lifetime, sha = read(folder / "limits" / "dark_higgs" / "darkhiggs_ctau_winkler.csv")
    shas.append(sha)
    rows += [["ctau", f"{m:.6g}", f"{y:.5g}"] for m, y in lifetime if m <= 10.0]
    for name, channel in CHANNELS.items():
        _, table, sha = read(folder / "limits" / "dark_higgs" / f"darkhiggs_BR_{name}.csv")
        shas.append(sha)
        rows += [[channel, f"{m:.6g}", f"{y:.5g}"] for m, y in table if m <= 10.0]
        if table[-1, 0] == 2.0:  # mesons end where quarks and gluons begin
            rows.append([channel, "2", "0"])
    write(
        DATA / "decays" / "dark_higgs.csv",
        [
            "scalar that mixes with the Higgs: c tau in m at sin(theta) = 1, and branching fractions; mass in GeV",
            f"arXiv:1809.01876, as tabulated in {FORESEE}, up to 10 GeV",
            f"sha256 of the ten files, joined and hashed: {hashlib.sha256(''.join(shas).encode()).hexdigest()}",
        ],
        ["channel", "mass", "value"],
        rows,
    )


def searches(folder: Path) -> None:
    for source, name, n_mass, n_ctau in SEARCHES:
        header, table, sha = read(folder / "limits" / f"{source}.csv")
        ctau = np.array([float(h.rsplit("_", 1)[1]) for h in header[1:]])
        ctau[ctau == 0.0] = PROMPT_CM
        order = np.argsort(ctau)[::n_ctau]
        rows = [
            [f"{row[0]:.5g}", *("" if np.isnan(v) else f"{v:.3f}" for v in row[1:][order])] for row in table[::n_mass]
        ]
        write(
            DATA / "limits" / name / "limit.csv",
            [
                "log10 of the upper limit; rows: mass in GeV, columns: c tau in cm; empty: no limit",
                f"digitised or tabulated in {ALP_ACA}; every {n_mass}. mass and {n_ctau}. lifetime kept; sha256 {sha}",
            ],
            ["mass", *(f"{c:.5g}" for c in ctau[order])],
            rows,
        )


if __name__ == "__main__":
    where = Path(sys.argv[1])
    r_ratio(where)
    dark_higgs(where)
    searches(where)
