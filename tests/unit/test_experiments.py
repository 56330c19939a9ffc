"""Every result that comes with the package, and files that must be refused."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from darkpenguin import cite
from darkpenguin.core import catalogue
from darkpenguin.core.likelihood import DirectLikelihood, ProfiledLikelihood
from darkpenguin.errors import BadData, CardError, UnknownName
from darkpenguin.experiments import index
from darkpenguin.experiments.gaussian import GaussianLikelihood
from darkpenguin.experiments.reading import ResultFileError, read_result
from darkpenguin.experiments.schema_values import GaussianFile, total_covariance

GOOD = """
name = "lab-2030-bknunu"
title = "two numbers"
references = ["Belle-II:2023esi"]
likelihood = "gaussian"
assumptions = ["none"]
[source]
arxiv = "2311.14647"
retrieved = 2026-11-21
[[values]]
part = "K+"
observable = "BR(B+->K+inv)"
value = 2.0e-5
[[values]]
part = "K*0"
observable = "BR(B0->K*0inv)"
value = 1.0e-5
[[errors]]
source = "stat"
error = [1e-6, 2e-6]
[[errors]]
source = "syst"
plus = [3e-6, 1e-6]
minus = [2e-6, 1e-6]
correlation = "full"
"""


def written(folder: Path, text: str, name: str = "lab-2030-bknunu.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: Path) -> dict[str, str]:
    """Place -> what, of a file that must be refused."""
    with pytest.raises(ResultFileError) as caught:
        read_result(path)
    return dict(caught.value.problems)


# --- every result of the package --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", index.available())
def test_built_in_result(name: str) -> None:
    about = index.describe(name)  # schema, checksums, references, observables, covariance
    path = Path(about.path)
    assert name == about.name == (path.parent.name if path.name == "result.toml" else path.stem)
    assert set(about.references) <= set(cite.known_keys())
    assert all(catalogue.find(observable) for observable in about.observables)
    assert all(mode in catalogue.MODES for mode in about.modes)
    assert name in str(about)
    for stated in about.overlaps:
        other = index.describe(stated)
        assert other.name != about.name
        assert index.check_overlaps([name, stated])
        assert index.check_overlaps([stated, name])


@pytest.mark.parametrize("name", index.available())
def test_built_in_result_loads_with_each_part(name: str) -> None:
    about = index.describe(name)
    for selection in (name, *(f"{name}:{part}" for part in about.parts)):
        likelihood = index.load(selection)
        assert isinstance(likelihood, (DirectLikelihood, ProfiledLikelihood))
        assert likelihood.about == index.describe(selection)
        assert hash(likelihood.about) == hash(index.describe(selection))  # static under jit


def test_covariance_of_built_in_results_is_positive_definite() -> None:
    found = [index.load(name) for name in index.available()]
    gaussians = [one for one in found if isinstance(one, GaussianLikelihood)]
    assert gaussians
    for one in gaussians:
        covariance = np.asarray(one.covariance(one.value))
        np.testing.assert_allclose(covariance, covariance.T)
        assert np.linalg.eigvalsh(covariance)[0] > 0


def test_every_table_has_a_checksum() -> None:
    folder = Path(index.describe("belle2-2023-bknunu").path).parent
    assert {path.name for path in folder.glob("*.csv")} == set(read_result(folder / "result.toml").tables)


# --- names ------------------------------------------------------------------------------------------------------------


def test_importing_reads_nothing() -> None:
    program = (
        "import sys\n"
        "def watch(event, arguments):\n"
        "    if event == 'open' and str(arguments[0]).endswith(('.toml', '.csv', '.bib')):\n"
        "        sys.exit('read ' + str(arguments[0]))\n"
        "sys.addaudithook(watch)\n"
        "import darkpenguin.experiments.index\n"
        "sys.exit('jax' if 'jax' in sys.modules else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("wrong", ["bele2-2023-bknunu", "belle2_2023_bknunu", "Belle2-2023-BKNUNU"])
def test_unknown_result(wrong: str) -> None:
    with pytest.raises(UnknownName, match="did you mean 'belle2-2023-bknunu'"):
        index.load(wrong)


def test_unknown_part() -> None:
    with pytest.raises(UnknownName, match=r"unknown part of belle-2017-bknunu 'K\*'; did you mean 'K\*[0+]'"):
        index.load("belle-2017-bknunu:K*")
    with pytest.raises(UnknownName, match="did you mean 'inclusive'"):
        index.load("belle2-2023-bknunu:inclusiv")


def test_selection() -> None:
    about = index.describe("belle-2017-bknunu:K*0,K+")
    assert about.name == "belle-2017-bknunu:K+,K*0"
    assert about.observables == ("BR(B+->K+inv)", "BR(B0->K*0inv)")
    assert about.modes == ("B+->K+", "B0->K*0")
    assert index.describe("belle-2017-bknunu:K*0").overlaps == ()
    assert index.describe("belle-2017-bknunu:K+,K0,K*+,K*0").name == "belle-2017-bknunu"


def test_channels_of_the_binned_result() -> None:
    bins = {}
    for name in ("belle2-2023-bknunu", "belle2-2023-bknunu:inclusive", "belle2-2023-bknunu:hadronic"):
        likelihood = index.load(name)
        assert isinstance(likelihood, ProfiledLikelihood)
        bins[name] = likelihood.model.n_bin
    # arXiv:2507.12393: 24 bins of the inclusive tag and 6 of the hadronic one
    assert list(bins.values()) == [30, 24, 6]
    held = index.load("belle2-2023-bknunu", held=("corr_ff_c1", "corr_ff_c2", "corr_ff_c3"))
    assert isinstance(held, ProfiledLikelihood)
    assert len(index.load("belle2-2023-bknunu").model.alpha_names) - len(held.model.alpha_names) == 3


@pytest.mark.parametrize(
    ("names", "count"),
    [
        (["belle2-2023-bknunu", "babar-2013-bknunu", "belle-2017-bknunu", "belle-2013-bknunu", "babar-2010-bknunu"], 0),
        (["average-2023-bknunu", "belle-2017-bknunu:K*0", "babar-2013-bknunu:K0,K*+"], 0),
        (["belle-2017-bknunu:K*0", "belle-2017-bknunu:K+"], 0),
        (["average-2023-bknunu", "belle-2017-bknunu"], 1),
        (["belle-2017-bknunu:K+", "average-2023-bknunu"], 1),
        (["average-2023-bknunu", "belle2-2023-bknunu", "belle2-2023-bknunu-br"], 3),
        (["belle2-2023-bknunu:inclusive", "average-2023-bknunu"], 1),
        (["belle2-2023-bknunu:inclusive", "belle2-2023-bknunu:hadronic"], 1),
        (["belle2-2023-bknunu", "belle2-2023-bknunu:hadronic"], 1),
        (["belle-2017-bknunu", "belle-2017-bknunu:K0"], 1),
        (["belle-2017-bknunu", "belle-2017-bknunu"], 1),
        (["no such result", "belle2-2023-bknunu"], 0),
    ],
)
def test_overlaps(names: list[str], count: int) -> None:
    problems = index.check_overlaps(names)
    assert len(problems) == count
    assert all(any(name in problem.what for name in names) for problem in problems)


def test_a_file_of_the_user(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    about = index.describe(f"{path}:K*0")
    assert (about.name, about.observables) == ("lab-2030-bknunu:K*0", ("BR(B0->K*0inv)",))
    assert isinstance(index.load(str(path)), GaussianLikelihood)
    assert len(index.check_overlaps([str(path), f"{path}:K+"])) == 1


def test_a_result_of_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, GOOD, "result.toml")
    (tmp_path / "lab_results.py").write_text("from pathlib import Path\nRESULT = Path(__file__).parent\nWRONG = 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    points = [
        EntryPoint(name, f"lab_results:{target}", index.ENTRY_POINT_GROUP)
        for name, target in (("lab-2030-bknunu", "RESULT"), ("wrong", "WRONG"), ("absent", "NOTHING"))
    ]
    monkeypatch.setattr(index, "entry_points", lambda group: points if group == index.ENTRY_POINT_GROUP else [])
    assert index.available()[-3:] == ("lab-2030-bknunu", "wrong", "absent")
    assert index.describe("lab-2030-bknunu").title == "two numbers"
    with pytest.raises(BadData, match="expected a path, found 3"):
        index.describe("wrong")
    with pytest.raises(BadData, match="NOTHING"):
        index.describe("absent")


OWN = """
name = "lab-2030-own"
title = "own class"
references = ["Belle-II:2023esi"]
likelihood = "{kind}"
assumptions = ["none"]
observables = ["BR(B+->K+inv)"]
[source]
url = "https://example.org"
retrieved = 2026-11-21
[data]
limit = 3.0
"""

OWN_CLASS = """
import equinox as eqx
from darkpenguin._jax import jnp
from darkpenguin.core.likelihood import DirectLikelihood, observe

class Cut(DirectLikelihood):
    limit: float
    about: object = eqx.field(static=True)

    @classmethod
    def from_file(cls, file, about):
        return cls(limit=file.data["limit"], about=about)

    def minus_two_log_likelihood(self, prediction):
        return jnp.where(observe(self.about.observables[0], prediction) < self.limit, 0.0, jnp.inf)
"""


def test_a_class_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lab_own_likelihood.py").write_text(OWN_CLASS)
    monkeypatch.syspath_prepend(tmp_path)
    likelihood = index.load(str(written(tmp_path, OWN.format(kind="lab_own_likelihood:Cut"))))
    assert isinstance(likelihood, DirectLikelihood)
    assert likelihood.limit == 3.0
    for kind, message in (
        ("lab_own_likelihood:Nothing", "cannot be imported"),
        ("no_such_module_here:Cut", "cannot be imported"),
        ("pathlib:Path", "expected in 'pathlib:Path' a class derived from DirectLikelihood"),
    ):
        with pytest.raises(BadData, match=message):
            index.load(str(written(tmp_path, OWN.format(kind=kind))))


# --- files that must be refused ---------------------------------------------------------------------------------------


def test_the_pattern_of_the_bad_files_is_good(tmp_path: Path) -> None:
    file = read_result(written(tmp_path, GOOD))
    assert isinstance(file, GaussianFile)
    # by hand: 1 + ((3 + 2) / 2)^2, 4 + 1, and 2.5 between them, in units of 1e-12
    covariance = total_covariance([v.value for v in file.values], file.errors)
    np.testing.assert_allclose(covariance, np.array([[7.25, 2.5], [2.5, 5.0]]) * 1e-12, rtol=1e-12)


FIVE_FAULTS = (
    ('title = "two numbers"\n', ""),
    ('["Belle-II:2023esi"]', '["Belle-II:2023es"]'),
    ('"BR(B+->K+inv)"', '"BR(B+->Kinv)"'),
    ("value = 1.0e-5", "value = nan"),
    ("correlation = ", "corelation = "),
)


def test_five_faults_at_once(tmp_path: Path) -> None:
    text = GOOD
    for good, bad in FIVE_FAULTS:
        assert text.count(good) == 1
        text = text.replace(good, bad)
    path = written(tmp_path, text)
    with pytest.raises(CardError) as caught:
        read_result(path)
    assert str(caught.value).splitlines() == [
        f"{path}: 5 problems",
        "  title                 required key is missing",
        "  references[0]         reference 'Belle-II:2023es' is not in references.bib; "
        "did you mean 'Belle-II:2023esi'?",
        "  values[0].observable  unknown observable 'BR(B+->Kinv)'; did you mean 'BR(B+->K+inv)'?",
        "  values[1].value       expected a finite number, found nan",
        "  errors[1].corelation  unknown key; did you mean 'correlation'?",
    ]
    assert isinstance(caught.value, BadData)


@pytest.mark.parametrize(
    ("good", "bad", "where", "what"),
    [
        ('"gaussian"', '"gausian"', "likelihood", "did you mean 'gaussian'"),
        ('likelihood = "gaussian"\n', "", "likelihood", "required key is missing; known: gaussian"),
        ('"lab-2030-bknunu"', '"Lab 2030"', "name", "expected text of the form"),
        ("value = 1.0e-5", 'value = "1.0e-5"', "values[1].value", "expected a number, found '1.0e-5'"),
        ("2026-11-21", '"2026-11-21"', "source.retrieved", "expected a date"),
        ('arxiv = "2311.14647"\n', "", "source", "at least one of arxiv, doi, hepdata, url"),
        ('part = "K*0"', 'part = "K+"', "values.part", "'K+' is there 2 times"),
        ('part = "K*0"', 'part = "K:0"', "values[1].part", "without colon"),
        ("error = [1e-6, 2e-6]", "error = [1e-6]", "errors[0]", "expected errors of 2 values, found 1"),
        ("error = [1e-6, 2e-6]", "error = [1e-6, -2e-6]", "errors[0].error[1]", "at least 0, found -2e-06"),
        ("minus = [2e-6, 1e-6]\n", "", "errors[1]", "expected one of: error; plus and minus; covariance"),
        ('"full"', "[[1, 0.5], [0.4, 1]]", "errors[1]", "found 0.4 in row 2, column 1 and 0.5 opposite"),
        ('"full"', "[[1, 0.5], [0.5]]", "errors[1]", "square correlation, found 2 rows of lengths 2, 1"),
        ('"full"', "[[1, 0.5], [0.5, 2]]", "errors[1]", "ones on the diagonal"),
        ('"full"', "[[1, 1.2], [1.2, 1]]", "errors[1]", "smallest eigenvalue -0.2"),
        ('"full"', "[[1]]", "errors[1]", "expected a correlation of 2 values, found 1 rows"),
        ('source = "stat"', 'source = "stat"\nkind = "relative"', "errors", "relative and asymmetric errors"),
        ('"BR(B0->K*0inv)"', '"dBR/dq2(B0->K*0inv)"', "values[1].observable", "is not one number"),
        ("[source]", "[validity]\nq2 = [3.0, 1.0]\n[source]", "validity.q2", "a low end below the high end"),
        ("[source]", '[tables]\n"x.csv" = "' + "0" * 64 + '"\n[source]', "tables.x.csv", "no such file"),
        ("[source]", '[tables]\n"../x.csv" = "' + "0" * 64 + '"\n[source]', "tables.../x.csv", "in the folder"),
    ],
)
def test_one_fault(tmp_path: Path, good: str, bad: str, where: str, what: str) -> None:
    assert GOOD.count(good) == 1
    found = faults(written(tmp_path, GOOD.replace(good, bad)))
    assert list(found) == [where]
    assert what in found[where]


def test_singular_covariance_shows_the_eigenvalue(tmp_path: Path) -> None:
    text = GOOD.replace("error = [1e-6, 2e-6]", 'error = [1e-6, 2e-6]\ncorrelation = "full"')
    text = text.replace("plus = [3e-6, 1e-6]\nminus = [2e-6, 1e-6]", "error = [1e-6, 2e-6]")
    found = faults(written(tmp_path, text))
    assert list(found) == ["errors"]
    assert "not positive definite: smallest eigenvalue" in found["errors"]


def test_value_without_error(tmp_path: Path) -> None:
    text = GOOD.replace("error = [1e-6, 2e-6]", "error = [1e-6, 0]").replace("[3e-6, 1e-6]", "[3e-6, 0]")
    found = faults(written(tmp_path, text.replace("[2e-6, 1e-6]", "[2e-6, 0]")))
    assert found == {"values[1]": "has no error in any source"}


LIMIT = """
name = "lab-2030-limit"
title = "a limit"
references = ["Belle-II:2023esi"]
likelihood = "upper_limit"
confidence_level = 0.9
method = "CLs"
assumptions = ["none"]
[source]
arxiv = "2311.14647"
retrieved = 2026-11-21
[[limits]]
part = "K+"
observable = "BR(B+->K+inv)"
limit = 2.0e-5
"""


@pytest.mark.parametrize(
    ("good", "bad", "where", "what"),
    [
        ("limit = 2.0e-5", "limit = 0.0", "limits[0].limit", "a number greater than 0, found 0.0"),
        ("limit = 2.0e-5", 'limit = 2.0e-5\nform = "normal"', "limits[0]", "'half_normal', 'truncated_gaussian'"),
        (
            "limit = 2.0e-5",
            'limit = 2.0e-5\nform = "counting"\nobserved = 1\nbackground = 1.0',
            "limits[0].background_error",
            "missing",
        ),
        ("confidence_level = 0.9", "confidence_level = 90.0", "confidence_level", "less than 1, found 90.0"),
        ('method = "CLs"\n', "", "method", "required key is missing"),
    ],
)
def test_bad_limit(tmp_path: Path, good: str, bad: str, where: str, what: str) -> None:
    assert index.load(str(written(tmp_path, LIMIT))).about.kind == "upper_limit"
    found = faults(written(tmp_path, LIMIT.replace(good, bad)))
    assert list(found) == [where]
    assert what in found[where]


def test_corrupted_table(tmp_path: Path) -> None:
    source = Path(index.describe("belle2-2023-bknunu").path).parent
    folder = tmp_path / "copy"
    shutil.copytree(source, folder)
    assert index.describe(str(folder / "result.toml")).name == "belle2-2023-bknunu"
    table = folder / "observed.csv"
    table.write_text(table.read_text() + "\n")
    found = faults(folder / "result.toml")
    assert list(found) == ["tables.observed.csv"]
    assert "expected sha256 " in found["tables.observed.csv"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        (b"name = ", "expected a TOML file"),
        (b"\xff\xfe", "expected UTF-8 text"),
        (b"#" * 1_000_001, "expected at most 1000000 bytes"),
    ],
)
def test_unreadable_file(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "result.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadData, match=message) as caught:
        read_result(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "content", ["", "values = 3\nerrors = 1\nlikelihood = 'gaussian'\ntables = 1\nvalidity = 2\nlimits = [1]"]
)
def test_nonsense_is_reported_and_not_raised(tmp_path: Path, content: str) -> None:
    found: dict[str, Any] = faults(written(tmp_path, content))
    assert "name" in found
