"""Tables of a HistFactory result: what is refused, and how; interpolation codes; layout of the model."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkpenguin._jax import jax, jnp
from darkpenguin.errors import BadData, UnknownName
from darkpenguin.experiments.histfactory import HistFactory, histosys_curve, log_normsys
from darkpenguin.experiments.histfactory_pyhf import to_pyhf
from darkpenguin.experiments.histfactory_tables import builtin_folder, load_tables

NAME = "belle2-2023-bknunu"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the result folder, to be damaged."""
    return Path(shutil.copytree(Path(str(builtin_folder(NAME))), tmp_path / NAME))


def change(folder: Path, table: str, old: str, new: str, *, sign: bool = True) -> None:
    """Replace text in a table, and its checksum in result.toml if `sign`."""
    path, meta = folder / table, folder / "result.toml"
    before = path.read_text()
    assert old in before
    after = before.replace(old, new, 1)
    path.write_text(after)
    if sign:
        sums = [hashlib.sha256(text.encode()).hexdigest() for text in (before, after)]
        meta.write_text(meta.read_text().replace(*sums))


def test_corrupted_table_names_file_and_checksums(folder: Path) -> None:
    change(folder, "histosys.csv", "14.183874", "14.183875", sign=False)
    expected = hashlib.sha256((Path(str(builtin_folder(NAME))) / "histosys.csv").read_bytes()).hexdigest()
    found = hashlib.sha256((folder / "histosys.csv").read_bytes()).hexdigest()
    with pytest.raises(BadData, match=f"histosys.csv: expected sha256 {expected}, found {found}"):
        load_tables(folder)


def test_missing_table(folder: Path) -> None:
    (folder / "observed.csv").unlink()
    with pytest.raises(BadData, match=r"observed.csv: expected a file, found none"):
        load_tables(folder)


def test_missing_metadata(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"result.toml: expected a file"):
        load_tables(tmp_path)


DAMAGE = {
    "sigma zero": (
        "yields.csv",
        "A,signal,0,15.854724,1.663812",
        "A,signal,0,15.854724,0.0",
        "positive number, found '0.0'",
    ),
    "sigma negative": ("yields.csv", "1.663812", "-1.663812", "positive number, found '-1.663812'"),
    "yield NaN": ("yields.csv", "15.854724", "nan", "positive number, found 'nan'"),
    "yield text": ("yields.csv", "15.854724", "many", "positive number, found 'many'"),
    "row twice": ("yields.csv", "A,signal,1,", "A,signal,0,", "missing or unknown: A,signal,1"),
    "unknown sample": ("yields.csv", "A,signal,0,", "A,sygnal,0,", "missing or unknown"),
    "bin text": ("yields.csv", "A,signal,0,", "A,signal,-1,", "expected a bin number, found '-1'"),
    "columns": (
        "yields.csv",
        "nominal,error",
        "error,nominal",
        "expected the columns channel,sample,bin,nominal,error",
    ),
    "fields": ("yields.csv", "A,signal,0,15.854724,1.663812", "A,signal,0,15.854724", "expected 5 fields"),
    "negative count": ("observed.csv", "A,0,1830.0", "A,0,-1830.0", "expected one count of at least 0"),
    "count missing": ("observed.csv", "A,0,1830.0\n", "", "expected the bins 0, 1, 2"),
    "tag": (
        "channels.csv",
        "A,inclusive",
        "A,exclusive",
        "expected the tag inclusive or hadronic of A, found exclusive",
    ),
    "two signals": ("samples.csv", "A,ddbar,no", "A,ddbar,yes", "at most one signal sample"),
    "factors differ": (
        "normsys.csv",
        "A,ddbar,mu_bkg_ddbar,0.5,1.5",
        "A,ddbar,mu_bkg_ddbar,0.5,1.6",
        "one pair of factors",
    ),
    "factor zero": (
        "normsys.csv",
        "A,ddbar,mu_bkg_ddbar,0.5",
        "A,ddbar,mu_bkg_ddbar,0.0",
        "positive number, found '0.0'",
    ),
    "both kinds": ("normsys.csv", "nBB", "corr_DKL_c1", "in both"),
    "shift of nothing": (
        "histosys.csv",
        "A,signal,corr_pid_c1,0,",
        "A,signal,corr_pid_c1,9,",
        "at most once per parameter",
    ),
    "shift infinite": ("histosys.csv", "14.18359,", "inf,", "finite number, found 'inf'"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_bad_content_is_refused(case: str, folder: Path) -> None:
    """Each fault is named with its file, even if the checksum was renewed."""
    table, old, new, message = DAMAGE[case]
    change(folder, table, old, new)
    with pytest.raises(BadData, match=re.escape(message)):
        load_tables(folder)


def test_unknown_names() -> None:
    with pytest.raises(UnknownName, match="did you mean 'belle2-2023-bknunu'"):
        HistFactory.load("belle2-2023-bknnu")
    with pytest.raises(UnknownName, match="did you mean 'inclusive'"):
        HistFactory.load(NAME, channels="inclusiv")
    with pytest.raises(UnknownName, match="did you mean 'corr_ff_c1'"):
        HistFactory.load(NAME, held=("corr_ff_1",))
    with pytest.raises(UnknownName, match="did you mean 'hadronic'"):
        to_pyhf(load_tables(builtin_folder(NAME)), "hadronics")


@pytest.mark.parametrize(
    ("channels", "sizes"),
    # bins, rows, signal bins, nuisances: 9 + 3 + 9 + 3 and 6 bins; 8, 8, 5, 5 and 4 samples; 16 nuisances in both
    [("combined", (30, 180, 18, 51)), ("inclusive", (24, 156, 12, 40)), ("hadronic", (6, 24, 6, 27))],
)
def test_sizes(channels: str, sizes: tuple[int, int, int, int]) -> None:
    """Numbers of the release (arXiv:2507.12393): 30 bins, 51 constrained scalars, 180 statistical errors."""
    h = HistFactory.load(NAME, channels)
    assert (h.n_bin, h.n_row, h.n_signal, h.n_alpha) == sizes
    assert len(h.rows) == h.n_row
    assert {h.rows[int(r)].sample for r in h.signal_row} <= {"signal", "sgn_1_had"}
    assert np.asarray(h.row_bin)[np.asarray(h.signal_row)].tolist() == sorted(np.asarray(h.row_bin)[h.signal_row])


def test_observed_counts() -> None:
    """Hadronic tag: 110, 67, 26, 28, 14, 7 events in the six bins."""
    assert HistFactory.load(NAME, "hadronic").observed.tolist() == [110, 67, 26, 28, 14, 7]


def test_held_parameter_is_zero() -> None:
    """Holding a nuisance is the same as setting it to zero, apart from its constraint term."""
    full, held = HistFactory.load(NAME), HistFactory.load(NAME, held=("corr_ff_c2", "nBB"))
    kept = [i for i, name in enumerate(full.alpha_names) if name in held.alpha_names]
    assert len(kept) == 49
    alpha = np.zeros(51)
    alpha[kept] = np.linspace(-1.5, 1.5, 49)
    f = jnp.linspace(0.5, 2.0, 18)
    expected = full.row_yields(jnp.asarray(alpha), f)
    assert np.allclose(held.row_yields(jnp.asarray(alpha[kept]), f), expected, rtol=1e-14, atol=0)


def test_import_reads_no_data() -> None:
    """Modules hold no arrays: everything is read when asked for."""
    from darkpenguin.experiments import histfactory, histfactory_tables, reweight

    for module in (histfactory, histfactory_tables, reweight):
        assert not [k for k, v in vars(module).items() if isinstance(v, np.ndarray | jax.Array)]


# --- interpolation ----------------------------------------------------------------------------------------------------

factor = st.floats(0.3, 3.0)


@settings(max_examples=25, deadline=None)
@given(low=factor, high=factor, a=st.floats(1.0, 4.0))
def test_code4_outside(low: float, high: float, a: float) -> None:
    """kappa(a) = high^a for a >= 1 and low^-a for a <= -1."""
    found = log_normsys(jnp.array([a, -a]), jnp.log(jnp.array([low, low])), jnp.log(jnp.array([high, high])))
    assert np.allclose(np.exp(found), [high**a, low**a], rtol=1e-12)


@pytest.mark.parametrize(("low", "high"), [(0.5, 1.5), (0.985, 1.015), (0.7, 1.3)])
@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_code4_is_smooth_at_one(low: float, high: float, side: float) -> None:
    """Value, slope and curvature agree on both sides of |a| = 1 (definition of code4)."""

    def kappa(a: jax.Array) -> jax.Array:
        return jnp.exp(log_normsys(a[None], jnp.log(jnp.array([low])), jnp.log(jnp.array([high]))))[0]

    derivative = kappa
    for order in range(3):
        inside, outside = derivative(jnp.asarray(side * (1 - 1e-9))), derivative(jnp.asarray(side * (1 + 1e-9)))
        assert float(inside) == pytest.approx(float(outside), abs=1e-7), order  # 1e-9 times the next derivative
        derivative = jax.grad(derivative)


def test_code4p() -> None:
    """nom + a (hi - lo) / 2 + q(a) (hi + lo - 2 nom) / 16 passes through hi and lo and goes on linearly (code4p)."""
    nom, lo, hi = 10.0, 8.5, 13.0

    def shifted(a: float) -> float:
        return float(nom + a * (hi - lo) / 2 + histosys_curve(jnp.array([a]))[0] * (hi + lo - 2 * nom) / 16)

    assert [shifted(-1.0), shifted(0.0), shifted(1.0)] == pytest.approx([lo, nom, hi], rel=1e-14)
    assert [shifted(-2.0), shifted(3.0)] == pytest.approx([nom + 2 * (lo - nom), nom + 3 * (hi - nom)], rel=1e-14)
    slope = jax.grad(lambda a: histosys_curve(a[None])[0])
    assert float(slope(jnp.asarray(1 - 1e-9))) == pytest.approx(8.0, abs=1e-6)
    assert float(slope(jnp.asarray(0.0))) == 0.0
