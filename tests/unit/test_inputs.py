"""Input sets: units, nuisances, and the refusal of unsound files."""

import csv
import shutil
from pathlib import Path

import equinox as eqx
import numpy as np
import pytest

from darkpenguin._jax import jax, jnp
from darkpenguin.core import input_files
from darkpenguin.core.inputs import (
    CONSTANTS,
    DEFAULT,
    InputSet,
    available_form_factors,
    available_inputs,
    input_values,
    load_inputs,
)
from darkpenguin.errors import BadData, UnknownName

FOLDER = Path(str(input_files.inputs_folder()))
HBAR = 6.582119569e-25  # GeV s, CODATA 2022


@pytest.fixture(scope="module")
def default() -> InputSet:
    return load_inputs()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the data that a test may spoil."""
    return Path(shutil.copytree(FOLDER, tmp_path / "inputs"))


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) >= 1
    file.write_text(text.replace(old, new, 1))


def test_default_values_are_in_gev(default: InputSet) -> None:
    inputs = default.at()
    # PDG 2026: tau(B+) = 1.637(4) ps, m(B+) = 5279.41(7) MeV; ten digits of hbar
    assert float(inputs.tau_Bplus) == pytest.approx(1.637e-12 / HBAR, rel=1e-9)
    assert float(inputs.m_Bplus) == pytest.approx(5.27941, rel=1e-15)
    assert float(inputs.tau_tau) == pytest.approx(290.3e-15 / HBAR, rel=1e-9)
    assert all(getattr(inputs, name).dtype == jnp.float64 for name in CONSTANTS)
    assert set(inputs.form_factors) == set(input_files.FOLDERS)


def test_zero_nuisances_are_the_central_values(default: InputSet) -> None:
    assert bool(eqx.tree_equal(default.at(), default.at(jnp.zeros(default.n_nuisance))))


def test_one_sigma(default: InputSet) -> None:
    """X_t = 1.462 with 0.0171 moves log-normally; nothing else moves with it."""
    z = jnp.zeros(default.n_nuisance).at[default.nuisances("X_t")[0]].set(1.0)
    moved, central = default.at(z), default.at()
    assert float(moved.X_t) == pytest.approx(1.462 * np.exp(0.0171 / 1.462), rel=1e-14)
    assert float(moved.V_tb_V_ts) == float(central.V_tb_V_ts)
    assert np.array_equal(moved.form_factors["B->K"].coefficients, central.form_factors["B->K"].coefficients)


@pytest.mark.parametrize("sign", [-8.0, 8.0])
def test_log_normal_inputs_stay_positive(default: InputSet, sign: float) -> None:
    inputs = default.at(jnp.full(default.n_nuisance, sign))
    assert all(float(getattr(inputs, name)) > 0 for name in CONSTANTS)


@pytest.mark.parametrize("transition", ["B->K", "B->K*"])
def test_nuisances_reproduce_the_covariance(default: InputSet, transition: str) -> None:
    """The Jacobian of the coefficients squared is the covariance table, read here without the package's reader."""
    jacobian = jax.jacobian(lambda z: default.at(z).form_factors[transition].coefficients)(
        jnp.zeros(default.n_nuisance)
    )
    file = FOLDER / "form_factors" / input_files.FOLDERS[transition] / "grvdv-2023.csv"
    rows = list(csv.reader(line for line in file.read_text().splitlines() if not line.startswith("#")))
    assert tuple(rows[0]) == default.templates[transition].names
    table = np.array(rows[1:], dtype=float)
    # the Cholesky factor of a 19 x 19 matrix with condition number 1e6 in float64
    np.testing.assert_allclose(jacobian @ jacobian.T, table, rtol=0, atol=1e-12 * np.max(table))


def test_sampled_statistics(default: InputSet) -> None:
    """Mean and covariance of 20000 draws of the B->K coefficients within 5 sigma of the sampling error."""
    n = 20_000
    z = jnp.asarray(np.random.default_rng(1).normal(size=(n, default.n_nuisance)))
    draws = np.asarray(jax.vmap(lambda z: default.at(z).form_factors["B->K"].coefficients)(z))
    expected = np.asarray(default.templates["B->K"].coefficients)
    block = np.asarray(default.factor)[len(CONSTANTS) : len(CONSTANTS) + 8]
    covariance = block @ block.T
    sigma = np.sqrt(np.diag(covariance))
    assert np.all(np.abs(draws.mean(axis=0) - expected) < 5 * sigma / np.sqrt(n))
    # the variance of a sampled covariance is (C_ii C_jj + C_ij^2) / n
    spread = np.sqrt((np.outer(sigma**2, sigma**2) + covariance**2) / n)
    assert np.all(np.abs(np.cov(draws.T) - covariance) < 5 * spread)


def test_names_and_blocks(default: InputSet) -> None:
    assert len(set(default.names)) == default.n_nuisance == len(default.names)
    block = default.nuisances("B->K")
    assert [default.names[i] for i in block] == [f"B->K {c}" for c in default.templates["B->K"].names]
    assert len(default.nuisances("B->K*")) == 19
    with pytest.raises(UnknownName, match="did you mean 'X_t'"):
        default.nuisances("Xt")


def test_only_keeps_the_named_nuisances(default: InputSet) -> None:
    kept = default.only("B->K", "X_t")
    assert kept.names == ("X_t", *(f"B->K {c}" for c in default.templates["B->K"].names))
    z = np.random.default_rng(2).normal(size=kept.n_nuisance)
    full = np.zeros(default.n_nuisance)
    full[[*default.nuisances("X_t"), *default.nuisances("B->K")]] = z
    np.testing.assert_allclose(kept.mean + kept.factor @ z, default.mean + default.factor @ full, rtol=1e-14)
    assert default.only().n_nuisance == 0
    assert float(default.only().at(jnp.zeros(0)).X_t) == 1.462


def test_jit_and_vmap_agree_with_a_loop(default: InputSet) -> None:
    z = jnp.asarray(np.random.default_rng(3).normal(size=(3, default.n_nuisance)))
    batch = jax.jit(lambda s, z: jax.vmap(s.at)(z))(default, z)
    for i in range(3):
        one = default.at(z[i])
        for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(jax.tree.map(lambda x, i=i: x[i], batch)), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-15)


def test_override_of_a_form_factor_set(default: InputSet) -> None:
    other = load_inputs(form_factors={"B->K": "hpqcd-2022"})
    assert dict(other.form_factor_sets) == dict(default.form_factor_sets) | {"B->K": "hpqcd-2022"}
    assert "Parrott:2022rgu" in other.references
    assert "Parrott:2022rgu" not in default.references
    assert other.digest != default.digest == load_inputs().digest


def test_every_set_of_the_package_loads() -> None:
    names = [info.name for info in available_inputs()]
    assert DEFAULT in names
    assert {"2026-11", "belle2-2023", "eos-1.0.21", "flavio-2.7.1", "reference-A", "reference-R"} <= set(names)
    for name in names:
        assert np.all(np.isfinite(load_inputs(name).mean))
    for info in available_form_factors():
        assert load_inputs(form_factors={info.transition: info.name}).n_nuisance > 0
    assert {"hpqcd-2022", "flag-2021"} <= {info.name for info in available_form_factors("B->K")}


def test_values_carry_unit_and_source() -> None:
    values = {v.name: v for v in input_values()}
    assert values["tau_B0"].unit == "ps"
    assert values["tau_B0"].value == 1.5113
    assert values["X_t"].reference == "Brod:2021hsj"


def test_set_that_extends_another_keeps_the_rest() -> None:
    belle2, default = ({v.name: v.value for v in input_values(name)} for name in ("belle2-2023", "2026-11"))
    assert belle2["m_Kplus"] == belle2["m_K0"] == 0.495644
    assert belle2["f_B"] == default["f_B"]


def test_unknown_names() -> None:
    with pytest.raises(UnknownName, match="unknown input set '2026-12'; did you mean '2026-11'"):
        load_inputs("2026-12")
    with pytest.raises(UnknownName, match="did you mean 'hpqcd-2022'"):
        load_inputs(form_factors={"B->K": "hpqcd2022"})
    with pytest.raises(UnknownName, match="unknown transition"):
        load_inputs(form_factors={"B->Kst": "bsz-2015"})
    with pytest.raises(UnknownName, match="unknown transition"):
        available_form_factors("B->D")


def test_all_faults_of_a_set_are_reported_at_once(copied: Path) -> None:
    file = copied / "2026-11.toml"
    spoil(file, 'unit = "ps"', 'unit = "pz"')
    spoil(file, "[values.V_us]", "[values.Vus]")
    spoil(file, 'reference = "Brod:2021hsj"', 'reference = "Brod:2021hsk"')
    spoil(file, 'value = 4.186\nerror = 0.006\nunit = "GeV"', 'value = 4.186\nerror = 0.006\nunit = "GeV^2"')
    spoil(file, "value = 0.1557\nerror = 0.0003", "value = 0.1557\nerror = 0.0")
    with pytest.raises(BadData) as caught:
        load_inputs(folder=copied)
    message = str(caught.value)
    assert message.startswith("2026-11.toml: 6 faults")
    for part in (
        "V_us: missing",
        "Vus: not an input",
        "tau_Bplus: unknown unit 'pz'",
        "did you mean 'Brod:2021hsj'",
        "m_b: unit 'GeV^2' has not the dimension of 'GeV'",
        "f_K: error 0.0 does not suit map 'log-normal'",
    ):
        assert part in message


def test_changed_table_is_refused_by_name(copied: Path) -> None:
    spoil(copied / "form_factors" / "b_to_k" / "grvdv-2023.csv", "0.0001062", "0.0001063")
    with pytest.raises(BadData, match=r"grvdv-2023.csv: expected SHA-256 \w+, found \w+; the table was changed"):
        load_inputs(folder=copied)


def test_missing_table_is_refused(copied: Path) -> None:
    (copied / "form_factors" / "b_to_k" / "grvdv-2023.csv").unlink()
    with pytest.raises(BadData, match=r"grvdv-2023.csv: the table does not exist"):
        load_inputs(folder=copied)


def test_form_factor_faults_are_reported_at_once(copied: Path) -> None:
    file = copied / "form_factors" / "b_to_k" / "grvdv-2023.toml"
    spoil(file, 'form = "BSZ"', 'form = "BZL"')
    spoil(file, '"f+_1"', '"f+_3"')
    spoil(file, '"fT" = 5.415\n', "")
    with pytest.raises(BadData) as caught:
        load_inputs(folder=copied)
    message = str(caught.value)
    assert "3 faults" in message
    for part in (
        "'BZL' is none of BSZ, HPQCD, DM",
        "series.poles: 'fT' is missing",
        "coefficients.names: expected f+_0, f+_1",
    ):
        assert part in message


def test_broken_toml_is_refused(copied: Path) -> None:
    spoil(copied / "2026-11.toml", "[values.G_F]", "[values.G_F")
    with pytest.raises(BadData, match=r"2026-11.toml: not valid TOML"):
        load_inputs(folder=copied)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1.0, 0.5], [0.4, 1.0]], "not finite and symmetric"),
        ([[1.0, np.nan], [np.nan, 1.0]], "not finite and symmetric"),
        ([[1.0, 0.0], [0.0, -1.0]], "variance is not positive"),
        ([[1.0, 2.0], [2.0, 1.0]], r"smallest eigenvalue of the correlation -1$"),
        # a correlation rounded in print: eigenvalue -5e-7
        ([[1.0, 1.0000005], [1.0000005, 1.0]], r"smallest eigenvalue of the correlation -5e-07"),
        ([[4.0, 2.0], [2.0, 1.0]], "not positive definite"),
    ],
)
def test_unsound_covariance_is_refused(matrix: list[list[float]], message: str) -> None:
    with pytest.raises(BadData, match=message):
        input_files.positive_definite(np.array(matrix), "table.csv")


def test_declared_regularisation_keeps_the_variances() -> None:
    matrix = np.array([[4.0, 6.000003], [6.000003, 9.0]])
    regular = input_files.positive_definite(matrix, "table.csv", eigenvalue_floor=1e-5)
    np.testing.assert_allclose(np.diag(regular), [4.0, 9.0], rtol=1e-14)
    assert np.linalg.eigvalsh(regular)[0] > 0
    # eigenvalues 1 + r and 1 - r -> floor, normalised again: r' = (1 + r - floor) / (1 + r + floor)
    assert regular[0, 1] == pytest.approx(6.0 * (2.0000005 - 1e-5) / (2.0000005 + 1e-5), rel=1e-12)


@pytest.mark.parametrize("name", [info.name for info in available_inputs()])
def test_ckm_products_are_unitary(name: str) -> None:
    """lambda_t = V_ts* V_td = -(lambda_c + lambda_u), real parts to first order: Im lambda_t = -Im lambda_c.

    And V_ts* V_td is the product of the two entries V_tb V_ts* and V_tb V_td* over |V_tb|^2 = 0.9982.
    """
    x = load_inputs(name).at()
    top = float(x.V_ts_V_td) * np.exp(1j * float(x.arg_V_ts_V_td))
    charm = float(x.V_cs_V_cd) * np.exp(1j * float(x.arg_V_cs_V_cd))
    # phases of the charm product are printed to 1e-6 rad; V_us V_ud is real
    assert top.imag == pytest.approx(-charm.imag, rel=0.01)
    if not name.startswith("reference"):  # whose moduli are chosen
        phase = (float(x.arg_V_tb_V_ts) - float(x.arg_V_tb_V_td)) % (2 * np.pi)
        assert phase == pytest.approx(float(x.arg_V_ts_V_td), abs=1e-4)
        if name != "belle2-2023":  # with its own |V_tb V_ts*|
            assert abs(top) == pytest.approx(float(x.V_tb_V_ts * x.V_tb_V_td) / 0.99822, rel=1e-3)


def test_wrong_set_for_a_mode_is_refused() -> None:
    with pytest.raises(UnknownName, match="lmvd-2021"):
        load_inputs(form_factors={"B->pi": "lmvd-2012"})
    with pytest.raises(UnknownName, match="B->rho"):
        load_inputs(form_factors={"B->rhoo": "bsz-2015"})
    with pytest.raises(UnknownName, match="gvdv-2020"):
        load_inputs(form_factors={"Bs->phi": "hpqcd-2022"})
