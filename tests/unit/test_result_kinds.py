"""Result files of curves and folded counts, with references of one's own and efficiency shapes: good and bad ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from darkpenguin.errors import UnknownName
from darkpenguin.experiments import index
from darkpenguin.experiments.reading import ResultFileError, read_result
from darkpenguin.report.references import parse

HEAD = """
name = "lab-2030"
title = "a result"
references = ["Belle-II:2023esi"]
likelihood = "{kind}"
assumptions = ["none"]
"""
SOURCE = """
[source]
url = "https://example.org"
retrieved = 2026-11-21
"""
CURVE = (
    HEAD.format(kind="curve")
    + 'confidence_level = 0.9\nmethod = "CLs"\n'
    + SOURCE
    + '[[curves]]\npart = "K+"\nmode = "B+->K+"\npoints = [[0.0, 1e-5], [2.0, 2e-5]]\n'
)
FOLDED = (
    HEAD.format(kind="folded")
    + 'mode = "B+->K+"\n'
    + SOURCE
    + """
[sample]
n_BB = 387e6
f = 0.5
[efficiency]
form = "table"
q2 = [0.0, 20.0]
values = [0.1, 0.05]
[smearing]
form = "matrix"
edges = [0.0, 5.0, 10.0]
matrix = [[0.9, 0.1], [0.1, 0.8]]
[bins]
edges = [0.0, 4.0, 9.0]
observed = [3, 4]
background = [2.5, 3.5]
[[errors]]
source = "background"
kind = "relative"
error = [0.1, 0.2]
"""
)
LIMIT = (
    HEAD.format(kind="upper_limit")
    + 'confidence_level = 0.9\nmethod = "CLs"\n'
    + SOURCE
    + """
[[limits]]
part = "K+"
observable = "BR(B+->K+inv)"
limit = 2.0e-5
[[limits]]
part = "R"
observable = "R(B+->K+inv)"
limit = 4.0
optional = true
[[acceptance]]
source = "invented"
parts = ["K+"]
edges = [0.0, 8.0, 23.0]
efficiency = [1.0, 0.0]
standard_model = [0.5, 0.5]
"""
)
OWN_REFERENCE = HEAD.format(kind="gaussian").replace("Belle-II:2023esi", "Lab:2030abc") + SOURCE
OWN_REFERENCE += """
[bibliography."Lab:2030abc"]
authors = "Doe, Jane"
title = "A measurement"
year = 2030
arxiv = "3001.00001"
[[values]]
part = "K+"
observable = "BR(B+->K+inv)"
value = 2.0e-5
[[errors]]
source = "stat"
error = [1e-5]
"""
KINDS = {"curve": CURVE, "folded": FOLDED, "limit": LIMIT, "own": OWN_REFERENCE}


def written(folder: Path, text: str) -> Path:
    path = folder / "lab.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: Path) -> dict[str, str]:
    with pytest.raises(ResultFileError) as caught:
        read_result(path)
    return dict(caught.value.problems)


@pytest.mark.parametrize("kind", KINDS)
def test_good_files(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, KINDS[kind])
    assert index.load(str(path)).about.path == str(path)


@pytest.mark.parametrize(
    ("kind", "good", "bad", "where", "what"),
    [
        ("curve", '"B+->K+"', '"B+->K"', "curves[0].mode", "unknown decay mode 'B+->K'; did you mean 'B+->K+'"),
        ("curve", '"B+->K+"', '"Bs->vacuum"', "curves[0].mode", "unknown decay mode"),
        ("curve", "[2.0, 2e-5]", "[2.0]", "curves[0].points[1]", "expected mass, limit, found 1 numbers"),
        ("curve", "[2.0, 2e-5]", "[2.0, 0.0]", "curves[0]", "limits above 0"),
        ("curve", "[2.0, 2e-5]", "[0.0, 2e-5]", "curves[0]", "masses that increase"),
        ("curve", "[[0.0, 1e-5], [2.0, 2e-5]]", "[[0.0, 1e-5]]", "curves[0]", "at least 2 masses, found 1"),
        ("curve", "points = [[0.0, 1e-5], [2.0, 2e-5]]", "", "curves[0]", "expected one of: points; table"),
        ("curve", "points = [[0.0, 1e-5], [2.0, 2e-5]]", 'table = "x.csv"', "curves[0].table", "no such file in"),
        ("curve", "points = [[0.0, 1e-5], [2.0, 2e-5]]", 'table = "../x.csv"', "curves[0].table", "text of the form"),
        ("curve", 'mode = "B+->K+"', 'mode = "B+->K+"\nform = "band"', "curves[0].points[0]", "mass, value, low, high"),
        ("curve", 'mode = "B+->K+"', 'mode = "B+->K+"\ngaps = [[2.0, 1.0]]', "curves[0].gaps[0]", "increasing"),
        ("curve", "points =", "point =", "curves[0].point", "unknown key; did you mean 'points'"),
        ("folded", "n_BB = 387e6", "n_BB = 0.0", "sample.n_BB", "greater than 0"),
        ("folded", "n_BB = 387e6", "n_B = 387e6", "sample.n_B", "unknown key; did you mean 'n_BB'"),
        ("folded", "values = [0.1, 0.05]", "values = [0.1]", "efficiency", "as many values as q2, found 1 and 2"),
        ("folded", 'form = "table"', 'form = "tabel"', "efficiency", "'table', 'exponential', 'polynomial'"),
        ("folded", "q2 = [0.0, 20.0]", "q = [0.0, 20.0]", "efficiency.q", "unknown key; did you mean 'q2'"),
        ("folded", "observed = [3, 4]", "observed = [3]", "bins", "expected 2 entries of observed"),
        ("folded", "observed = [3, 4]", "observed = [3, -4]", "bins.observed[1]", "at least 0"),
        ("folded", "[0.1, 0.8]]", "[0.2, 0.8]]", "smearing.matrix", "columns add up to at most 1"),
        ("folded", "[[0.9, 0.1], [0.1, 0.8]]", "[[0.9, 0.1]]", "smearing.matrix", "expected 2 rows"),
        ("folded", "[[0.9, 0.1], [0.1, 0.8]]", "[[0.9], [0.1]]", "smearing.matrix", "rows of 2 columns"),
        ("folded", "error = [0.1, 0.2]", "error = [0.1]", "errors[0]", "expected errors of 2 bins, found 1"),
        ("folded", 'kind = "relative"\nerror', "plus = [1.0, 1.0]\nminus", "errors", "symmetric"),
        ("folded", "edges = [0.0, 4.0, 9.0]", "edges = [0.0, 9.0, 4.0]", "bins.edges", "increasing numbers"),
        ("limit", 'parts = ["K+"]', 'parts = ["K-"]', "acceptance[0].parts", "unknown part 'K-'; did you mean 'K+'"),
        ("limit", 'parts = ["K+"]', 'parts = ["R"]', "acceptance[0].parts", "expected a branching fraction"),
        ("limit", 'parts = ["K+"]', 'parts = ["K+", "K+"]', "acceptance[0].parts", "a second acceptance"),
        ("limit", "efficiency = [1.0, 0.0]", "efficiency = [1.0]", "acceptance[0]", "2 entries of efficiency"),
        ("limit", "efficiency = [1.0, 0.0]", "efficiency = [0.0, 0.0]", "acceptance[0]", "not zero everywhere"),
        ("limit", "standard_model = [0.5, 0.5]", "standard_model = [0.5, 0.6]", "acceptance[0]", "add up to 1"),
        ("limit", "limit = 2.0e-5", "limit = 2.0e-5\nshare = 1.5", "limits[0].share", "1.5"),
        ("own", 'arxiv = "3001.00001"\n', "", 'bibliography.Lab:2030abc', "at least one of journal, arxiv, doi, url"),
        ("own", 'authors = "Doe, Jane"\n', "", "bibliography.Lab:2030abc.authors", "required key is missing"),
        ("own", '["Lab:2030abc"]', '["Belle-II:2023esi"]', "bibliography.Lab:2030abc", "is not named in references"),
    ],
)  # fmt: skip
def test_one_fault(tmp_path: Path, kind: str, good: str, bad: str, where: str, what: str) -> None:
    assert KINDS[kind].count(good) >= 1
    found = faults(written(tmp_path, KINDS[kind].replace(good, bad, 1)))
    assert where in found
    assert len(found) <= 2  # a misspelt key is unknown, and the right one missing
    assert what in found[where]


def test_several_faults_at_once(tmp_path: Path) -> None:
    text = FOLDED.replace("n_BB = 387e6", "n_BB = -1.0").replace('"B+->K+"', '"B->K"').replace("observed", "observe")
    assert set(faults(written(tmp_path, text))) >= {"sample.n_BB", "mode", "bins.observe"}


def test_a_key_of_the_package_is_not_redefined(tmp_path: Path) -> None:
    text = OWN_REFERENCE.replace("Lab:2030abc", "Belle-II:2023esi")
    assert "is a reference of the package" in faults(written(tmp_path, text))["bibliography.Belle-II:2023esi"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("mass,limit\n0,1e-5\n1,2e-5\n", ""),
        ("# a comment\nmass,limit\n\n0,1e-5\n1,2e-5\n", ""),
        ("mass,limits\n0,1e-5\n1,2e-5\n", "expected the columns mass,limit, found mass,limits"),
        ("mass,limit\n0,1e-5\n1,x\n", "line 3: expected numbers, found 1,x"),
        ("mass,limit\n0,1e-5\n1\n", "line 3: expected 2 finite numbers, found 1"),
        ("mass,limit\n0,1e-5\n1,nan\n", "line 3: expected 2 finite numbers"),
        ("", "expected the columns mass,limit, found none"),
    ],
)
def test_tables_of_a_curve(tmp_path: Path, content: str, what: str) -> None:
    (tmp_path / "x.csv").write_text(content, encoding="utf-8")
    path = written(tmp_path, CURVE.replace("points = [[0.0, 1e-5], [2.0, 2e-5]]", 'table = "x.csv"'))
    if what:
        assert what in faults(path)["curves[0].table"]
    else:
        assert index.load(str(path)).about.kind == "curve"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("low,high,observed,background\n0,4,3,2\n5,9,4,3\n", "bins that follow on each other"),
        ("low,high,observed,background\n0,4,-3,2\n4,9,4,3\n", "at least 0"),
        ("low,high,observed\n0,4,3\n", "expected the columns"),
    ],
)
def test_table_of_bins(tmp_path: Path, content: str, what: str) -> None:
    (tmp_path / "bins.csv").write_text(content, encoding="utf-8")
    head, rest = FOLDED.split("[bins]")
    text = head + '[bins]\ntable = "bins.csv"\n[[errors]]' + rest.split("[[errors]]")[1]
    assert what in faults(written(tmp_path, text))["bins.table"]


# --- what a description says ------------------------------------------------------------------------------------------


def test_own_references_come_with_the_description(tmp_path: Path) -> None:
    about = index.describe(str(written(tmp_path, OWN_REFERENCE)))
    ((key, entry),) = about.bibliography
    assert about.references == (key,) == ("Lab:2030abc",)
    fields = parse(entry)["Lab:2030abc"]
    assert (fields["author"], fields["eprint"], fields["year"]) == ("Doe, Jane", "3001.00001", "2030")
    assert json.dumps(about.bibliography)  # plain text, hashable with the description
    assert hash(about)


def test_optional_parts_are_in_use_only_if_named(tmp_path: Path) -> None:
    path = written(tmp_path, LIMIT)
    assert index.describe(str(path)).selected == ("K+",)
    assert index.describe(f"{path}:R").name == "lab-2030-upper_limit:R" or index.describe(f"{path}:R").selected == (
        "R",
    )
    assert index.describe("belle2-2025-bxsnunu").selected == ("all",)
    assert index.describe("belle2-2025-bxsnunu:low,middle").name == "belle2-2025-bxsnunu:low,middle"
    with pytest.raises(UnknownName, match="did you mean 'low'"):
        index.describe("belle2-2025-bxsnunu:lo")


@pytest.mark.parametrize(
    ("names", "count"),
    [
        (["belle2-2025-bxsnunu:low,middle,high"], 0),
        (["belle2-2025-bxsnunu:all,low"], 1),
        (["belle2-2025-bxsnunu", "belle2-2025-bxsnunu:high"], 1),
        (["belle2-2025-bxsnunu:low", "belle2-2025-bxsnunu:high"], 0),
        (["na62-2024-kpinunu", "na62-2025-kpix"], 1),
        (["na62-2024-kpinunu", "na62-2021-kpix-pi0", "koto-2018-klpi0x", "e949-2009-kpix"], 0),
        (["altmannshofer-2023-bkx", "belle2-2023-bknunu:hadronic"], 1),
    ],
)
def test_overlaps(names: list[str], count: int) -> None:
    assert len(index.check_overlaps(names)) == count


def test_what_is_not_for_a_combination() -> None:
    names = ["belle2-2023-bknunu", "altmannshofer-2023-bkx:belle2", "belle2-2022-projection-50ab", "no such result"]
    problems = index.check_comparison_only(names)
    assert [p.what.split(":")[0].split("'")[1] for p in problems] == names[1].split(":")[:1] + names[2:3]
    assert "is a projection" in problems[1].what
    assert index.check_comparison_only(names, allowed=True) == []
    for name in index.available():
        about = index.describe(name)
        assert about.comparison_only == (name in ("altmannshofer-2023-bkx", "aleph-2023-brhox", "bsll-ranges-2024"))
        assert about.projection == ("projection" in name)
        assert ("status" in str(about)) == (about.comparison_only or about.projection)
