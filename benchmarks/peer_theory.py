"""Workers in the peers' Python: form-factor draws of dBR/dq2(B+ -> K+ nu nubar) with EOS and with flavio."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from benchmarks.serve import Timing, median, serve, timed

Q2 = np.linspace(0.01, 22.8, 100)


def eos_draws() -> Timing:
    """100 draws x 100 q2: parameters set, observables evaluated one by one, as EOS is used."""
    import _eos_data
    import eos
    import yaml

    parameters = eos.Parameters()
    options = eos.Options(**{"form-factors": "BSZ2015"})
    observables = [
        eos.Observable.make("B->Knunu::dBR/dq2", parameters, eos.Kinematics(q2=float(q)), options) for q in Q2
    ]
    file = Path(next(iter(_eos_data.__path__))) / "constraints/theoretical/B-to-P-form-factors.yaml"
    entry = yaml.safe_load(file.read_text())["B->K::FormFactors[parametric,LCSRLattice]@GKvD:2018A"]
    names, mean = [str(n) for n in entry["observables"]], np.array(entry["means"], float)
    if "covariance" in entry:
        covariance = np.array(entry["covariance"], float)
    else:
        error = np.array(entry["sigma-stat-hi"], float)
        covariance = np.array(entry["correlations"], float) * np.outer(error, error)
    sample = np.random.default_rng(0).multivariate_normal(mean, covariance, size=100)
    handles = [parameters[n] for n in names]
    found = np.empty((len(sample), len(Q2)))

    def draws() -> None:
        for i, values in enumerate(sample):
            for handle, value in zip(handles, values, strict=True):
                handle.set(float(value))
            found[i] = [o.evaluate() for o in observables]

    draws()
    return median(draws, 9, 1, "default form factors", float(found.std(axis=0)[0]))


def flavio_draws() -> Timing:
    """100 draws at 5 of the 100 q2, times 20; flavio draws all inputs, not only the form factors."""
    import flavio

    def draws() -> None:
        for q in Q2[::20]:
            flavio.sm_uncertainty("dBR/dq2(B+->Knunu)", q2=float(q), N=100)

    wall, cpu = timed(draws)
    return Timing(20 * wall, 20 * cpu, "5 q2 timed, times 20; all inputs drawn", None)


if __name__ == "__main__":
    serve({"eos": eos_draws} if sys.argv[1] == "eos" else {"flavio": flavio_draws})
