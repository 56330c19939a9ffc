"""Write data/penguin: short-distance coefficients of b -> s photon*, and their loops with four quarks, from flavio.

    python tools/tabulate_photon_penguin.py        (with flavio 2.7.1 and particle < 1 installed)

The loops are Y of hep-ph/0106067 and the two-loop matrix elements of hep-ph/0403185 and arXiv:0810.4077 as coded there.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

SCALES = (2.5, 3.5, 4.8, 5.4)
DATA = Path(__file__).parents[1] / "src" / "darkpenguin" / "data" / "penguin"


def main() -> None:
    import flavio
    from flavio.physics.bdecays import matrixelements
    from flavio.physics.bdecays.wilsoncoefficients import wctot_dict
    from flavio.physics.running import running

    par = flavio.default_parameters.get_central_all()
    coefficients, loops = [], []
    for mu in SCALES:
        wc = wctot_dict(flavio.WilsonCoefficients(), "bsmumu", mu, par, nf_out=5)
        row = (running.get_mb(par, mu), wc["C7eff_bs"].real, wc["C9_bsmumu"].real, wc["C10_bsmumu"].real)
        coefficients.append(",".join([f"{mu:g}", *(f"{x:.5f}" for x in row)]))
        for q2 in np.round(np.geomspace(0.05, 8.0, 41), 5):
            Y = matrixelements.Y(q2, wc, par, mu, "bs")
            d9 = matrixelements.delta_C9(par, wc, q2, mu, "bs")
            d7 = matrixelements.delta_C7(par, wc, q2, mu, "bs")
            numbers = (Y.real, Y.imag, d9.real, d9.imag, d7.real, d7.imag)
            loops.append(",".join([f"{mu:g}", f"{q2:.5g}", *(f"{x:.5f}" for x in numbers)]))
    DATA.mkdir(parents=True, exist_ok=True)
    source = "# written by tools/tabulate_photon_penguin.py with flavio 2.7.1\n"
    (DATA / "coefficients.csv").write_text(
        source + "# Wilson coefficients of b -> s at the scale mu [GeV]; m_b: MSbar mass at mu [GeV]\n"
        "mu,m_b,C7eff,C9,C10\n" + "\n".join(coefficients) + "\n"
    )
    (DATA / "loops.csv").write_text(
        source + "# one-loop Y and two-loop corrections to C9 and C7 at q2 [GeV^2]\n"
        "mu,q2,re_Y,im_Y,re_dC9,im_dC9,re_dC7,im_dC7\n" + "\n".join(loops) + "\n"
    )


if __name__ == "__main__":
    main()
