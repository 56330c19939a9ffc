"""Workers in the peers' Python: form-factor draws of B+ -> K+ nu nubar with EOS and flavio; more modes with EOS."""

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


def eos_modes() -> Timing:
    """B -> K, B -> K*, Lambda_b -> Lambda + nu nubar at 100 q2 each, for 5 values of the two vector coefficients."""
    import eos

    parameters = eos.Parameters()
    options = eos.Options(**{"form-factors": "BSZ2015", "model": "WET"})
    baryon = eos.Options(**{"form-factors": "DM2016", "model": "WET"})
    ends = {"B->Knunu": 22.8, "B->K^*nunu": 19.2, "Lambda_b->Lambdanunu": 20.2}
    observables = [
        eos.Observable.make(
            f"{decay}::dBR/dq2", parameters, eos.Kinematics(q2=float(q)), baryon if "Lambda" in decay else options
        )
        for decay, end in ends.items()
        for q in np.linspace(0.01, end, 100)
    ]
    left, right = parameters["sbnunu::Re{cVL}"], parameters["sbnunu::Re{cVR}"]
    points = np.random.default_rng(0).uniform(0.0, 1.0, (5, 2))
    total = [0.0]

    def spectra() -> None:
        for a, b in points:
            left.set(6.3 + float(a))
            right.set(float(b))
            total[0] = sum(o.evaluate() for o in observables)

    spectra()
    return median(spectra, 9, len(points), "3 modes x 100 q2", total[0])


def flavio_draws() -> Timing:
    """100 draws at 5 of the 100 q2, times 20; flavio draws all inputs, not only the form factors."""
    import flavio

    def draws() -> None:
        for q in Q2[::20]:
            flavio.sm_uncertainty("dBR/dq2(B+->Knunu)", q2=float(q), N=100)

    wall, cpu = timed(draws)
    return Timing(20 * wall, 20 * cpu, "5 q2 timed, times 20; all inputs drawn", None)


if __name__ == "__main__":
    every = {"eos": eos_draws, "eos-modes": eos_modes, "flavio": flavio_draws}
    serve({sys.argv[1]: every[sys.argv[1]]})
