"""Points of the freeze-out contest, and what the workers tell each other about them. Standard library and numpy only.

Cross sections as in tests/data/freeze_out.csv, in GeV; each term is zero below its threshold:

    sigma(s) = [A beta(mf)^(2 lf + 1) / ((s - M^2)^2 + M^2 G^2) + C beta(mc)^(2 lfc + 1) beta(m)^(2 lic - 2 li)]
               beta(m)^(2 li - 1) / (8 pi),      beta(m) = sqrt(1 - 4 m^2/s).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

N_KIND = 8
KINDS = "contact, resonance above (twice), below, at threshold, any mass, closed at rest, with a second channel"
Points = dict[str, np.ndarray]


def freeze_out_points(n: int, seed: int = 1) -> Points:
    """Arrays [n] of every parameter, kinds in turn; A and C are 1 or ratios until a relic density is chosen."""
    rng = np.random.default_rng(seed)
    kind, one, none = np.arange(n) % N_KIND, np.ones(n), np.zeros(n)
    m = 10 ** rng.uniform(-2, 2.3, n)
    distance = 10 ** rng.uniform(-4, np.log10(0.5), n)
    sign = rng.choice([-1.0, 1.0], n)
    wide = 0.5 * 10 ** rng.uniform(-1, 1.3, n)
    half_M = np.select(
        [np.isin(kind, (1, 2, 7)), kind == 3, kind == 4, kind >= 5],
        [1 + distance, 1 - distance, 1 + 1e-4 * sign, wide],
        default=1.5 * one,
    )
    M = 2 * m * half_M
    closed = 1 + rng.uniform(0.005, 0.3, n)
    return {
        "kind": kind,
        "m": m,
        "A": np.where(kind == 0, 0.0, M**4),
        "M": M,
        "G": M * 10 ** rng.uniform(-7, 0, n),
        "mf": m * np.where(kind == 6, closed, rng.uniform(0.01, 0.9, n)),
        "li": rng.integers(0, 2, n),
        "lf": rng.integers(0, 2, n),
        "C": np.select([kind == 0, kind == 7], [one, 10 ** rng.uniform(-1, 3, n)], default=none),
        "mc": m * np.where(kind == 7, rng.uniform(0.9, 1.3, n), 0.1),
        "lic": rng.integers(0, 2, n),
        "lfc": rng.integers(0, 2, n),
        "target": 10 ** rng.uniform(-3, 0.7, n),
    }


def vector_points(n: int, seed: int = 1) -> Points:
    """Dark fermions and a vector that couples to them with 1 and to electrons with g; masses in GeV, M above 2 m."""
    rng = np.random.default_rng(seed)
    m = 10 ** rng.uniform(-2, -0.5, n)
    return {"m": m, "M": m * rng.uniform(2.05, 6, n), "g": 10 ** rng.uniform(-4, -2, n)}


def write(folder: Path, **content: object) -> None:
    """What ours tells the peers: arrays, or dictionaries of them, and plain values."""
    (folder / "relic.json").write_text(json.dumps(content, default=np.ndarray.tolist), encoding="utf-8")


def read(folder: Path) -> dict:
    """What `write` wrote."""
    return json.loads((folder / "relic.json").read_text(encoding="utf-8"))
