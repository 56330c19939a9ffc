"""From the tables of a HistFactory result back to a workspace that pyhf reads. Needs no pyhf."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from darkpenguin.errors import UnknownName
from darkpenguin.experiments.histfactory_tables import SELECTIONS, Tables


def to_pyhf(tables: Tables, channels: str = "combined") -> dict[str, Any]:
    """The workspace in pyhf's JSON schema 1.0.0, as a dictionary; parameter of interest `mu`, the signal strength.

    Interpolation codes are not part of a workspace: the published likelihood means pyhf's defaults, code4 (normsys) and
    code4p (histosys). Raises UnknownName for a selection that does not exist.
    """
    if channels not in SELECTIONS:
        raise UnknownName("channel selection", channels, SELECTIONS)
    spec, observations, start = [], [], 0
    for key, tag, published, n_bin in tables.channels:
        if channels in ("combined", tag):
            samples = dict.fromkeys(row.sample for row in tables.rows if row.channel == key)
            spec.append({"name": published, "samples": [_pyhf_sample(tables, key, sample) for sample in samples]})
            observations.append({"name": published, "data": tables.observed[start : start + n_bin].tolist()})
        start += n_bin
    measurement = {"name": "Measurement", "config": {"poi": "mu", "parameters": []}}
    return {"channels": spec, "observations": observations, "measurements": [measurement], "version": "1.0.0"}


def _pyhf_sample(tables: Tables, channel: str, sample: str) -> dict[str, Any]:
    """One sample of the workspace with its modifiers."""
    found = [i for i, row in enumerate(tables.rows) if (row.channel, row.sample) == (channel, sample)]
    places = sorted(found, key=lambda i: tables.rows[i].bin)
    return {
        "name": sample,
        "data": tables.nominal[places].tolist(),
        "modifiers": list(_pyhf_modifiers(tables, places)),
    }


def _pyhf_modifiers(tables: Tables, places: list[int]) -> Iterator[dict[str, Any]]:
    """The modifiers of the rows `places` of one sample: staterror, normfactor, histosys, normsys."""
    first = places[0]
    yield {"name": tables.staterror[first], "type": "staterror", "data": tables.error[places].tolist()}
    if tables.signal[first]:
        yield {"name": "mu", "type": "normfactor", "data": None}
    for h in np.flatnonzero(tables.shifted[first]):
        data = {"lo_data": tables.low[places, h].tolist(), "hi_data": tables.high[places, h].tolist()}
        yield {"name": tables.histosys[h], "type": "histosys", "data": data}
    for p in np.flatnonzero(tables.scaled[first]):
        data = {"lo": float(tables.factors[p, 0]), "hi": float(tables.factors[p, 1])}
        yield {"name": tables.normsys[p], "type": "normsys", "data": data}
