"""What the peers need of our tables, as plain files: workspace, signal shapes, joint densities, null, theory inputs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.shapes import hypotheses
from darkpenguin.core.inputs import load_inputs
from darkpenguin.experiments.histfactory import HistFactory
from darkpenguin.experiments.histfactory_pyhf import to_pyhf
from darkpenguin.experiments.histfactory_tables import builtin_folder, load_tables, read_metadata
from darkpenguin.experiments.reweight import JointDensity

RESULT = "belle2-2023-bknunu"
INPUTS = "belle2-2023"
N_SHAPE = 10240


def write(folder: Path) -> None:
    """Fill `folder`."""
    tables = load_tables(builtin_folder(RESULT))
    model, density = HistFactory.from_tables(tables), JointDensity.load(RESULT)
    (folder / "workspace.json").write_text(json.dumps(to_pyhf(tables)), encoding="utf-8")
    np.save(folder / "shapes.npy", hypotheses(N_SHAPE, model, density))
    nominal = np.asarray(model.nominal)[np.asarray(model.signal_row)]
    counts = np.asarray(density.response) * np.asarray(density.null) * nominal[:, None]
    np.save(folder / "density.npy", np.column_stack([np.asarray(density.outside) * nominal, counts]))
    channels = [model.rows[i].channel for i in np.asarray(model.signal_row)]
    inputs = load_inputs(INPUTS, {"B->K": "belle2-average-published"}).at()
    numbers = {
        name: float(getattr(inputs, name)) for name in ("G_F", "V_tb_V_ts", "alpha_em_mZ", "m_b", "m_s", "tau_Bplus")
    }
    numbers |= {"m_B": float(inputs.m_Bplus), "m_K": float(inputs.m_Kplus)}
    ff = inputs.form_factors["B->K"]
    series = {
        name: np.asarray(getattr(ff, name)).tolist() for name in ("coefficients", "poles", "t_plus", "t_0", "z_0")
    }
    facts = {
        "channels": channels,
        "published": {key: name for key, _, name, _ in tables.channels},
        "signal_samples": {row.channel: row.sample for row in (model.rows[i] for i in np.asarray(model.signal_row))},
        "edges": np.asarray(density.edges).tolist(),
        "null": read_metadata(builtin_folder(RESULT))["null"],
        "inputs": numbers,
        "form_factors": series,
    }
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
