"""The tables behind `make validate`: files well formed, verdicts right, the page written, the exit code honest.

Only the two cheapest groups are computed here; `make validate` computes all.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:  # `validation` is a folder of the repository, not part of the installed package
    sys.path.insert(0, str(ROOT))

from validation import __main__ as command  # noqa: E402
from validation.groups import GROUPS  # noqa: E402
from validation.table import COLUMNS, NUMBERS, Expected, Group, Row, as_markdown, as_text, compare, read_numbers  # noqa: E402

HEAD = ",".join(COLUMNS)


def expected(value: float = 2.0, tolerance: float = 0.1, kind: str = "relative") -> Expected:
    return Expected("one", "a number", value, tolerance, kind, "print", "a paper")


def write(folder: Path, *lines: str) -> Path:
    path = folder / "numbers.csv"
    path.write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
    return path


def test_every_file_is_read_and_belongs_to_a_group():
    used = {group.numbers for group in GROUPS}
    assert used == {path.name for path in NUMBERS.glob("*.csv")}
    ids = [e.id for name in used for e in read_numbers(NUMBERS / name)]
    assert len(ids) == len(set(ids))
    assert len(ids) > 150
    assert {group.discussion for group in GROUPS if group.discussion} == {path.name for path in NUMBERS.glob("*.md")}


@pytest.mark.parametrize(
    ("ours", "kind", "passed"),
    [
        (2.19, "relative", True),
        (2.21, "relative", False),
        (2.09, "absolute", True),
        (1.89, "absolute", False),
        (float("nan"), "relative", False),
        (float("inf"), "absolute", False),
    ],
)
def test_verdict(ours, kind, passed):
    assert Row(expected(kind=kind), ours).passed is passed


def test_ratio_or_difference():
    assert Row(expected(), 2.1).deviation == pytest.approx(0.05)
    assert Row(expected(value=0.0, kind="absolute"), -0.05).deviation == -0.05


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a,q,1,0.1,relative,,s", "empty reason"),
        ("a,q,1,0.1,about,r,s", "kind is"),
        ("a,q,0,0.1,relative,r,s", "value 0.0"),
        ("a,q,1,0,absolute,r,s", "tolerance 0.0"),
        ("a,q,nan,0.1,absolute,r,s", "value nan"),
        ("a,q,1,0.1,absolute,r", "expected 7 fields"),
        ("a,q,1,0.1,absolute,r,s\na,q,1,0.1,absolute,r,s", "ids occur twice"),
    ],
)
def test_a_bad_file_is_refused(tmp_path, line, message):
    with pytest.raises(ValueError, match=message):
        read_numbers(write(tmp_path, line))


def test_missing_number_and_wrong_columns(tmp_path):
    with pytest.raises(KeyError, match="one"):
        compare([expected()], {"two": 1.0})
    path = tmp_path / "x.csv"
    path.write_text("id,value\na,1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="expected the columns"):
        read_numbers(path)


def test_text_and_markdown_show_the_same_cells():
    rows = [Row(expected(), 2.1), Row(expected(value=0.0, kind="absolute"), 0.3)]
    text, page = as_text(rows), as_markdown(rows)
    assert text.count("\n") == 2
    assert "FAIL" in text.splitlines()[2]
    assert "FAIL" not in text.splitlines()[1]
    assert all(cell in page for row in rows for cell in row.cells())
    assert {line.count("|") for line in page.splitlines()} == {10}


def test_markdown_cells_keep_bars_and_asterisks():
    row = Row(Expected("one", "|f_+| of B -> K*", 1.0, 0.1, "relative", "print", "a paper"), 1.0)
    assert r"\|f_+\| of B -> K\*" in as_markdown([row])


def test_exit_code_and_page(tmp_path, monkeypatch, capsys):
    numbers = tmp_path / "numbers"
    numbers.mkdir()
    write(numbers, "a,first,1,0.1,absolute,r,s", "b,second,5,0.1,relative,r,s")
    (numbers / "text.md").write_text("The other number is {c:.1f}.", encoding="utf-8")
    ours = {"a": 1.05, "b": 5.0, "c": 7.0}
    monkeypatch.setattr(command, "NUMBERS", numbers)
    monkeypatch.setattr(command, "GROUPS", (Group("Title", "Intro.", "numbers.csv", lambda: ours, "text.md"),))
    page = tmp_path / "page.md"
    assert command.main(["--write", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "## Title" in text
    assert "The other number is 7.0." in text
    assert "2 of 2 numbers are within their tolerance." in text
    ours["b"] = 6.0
    assert command.main([]) == 1
    assert "off: b second" in capsys.readouterr().out


def test_unknown_group_is_refused():
    with pytest.raises(SystemExit):
        command.main(["--only", "nothing"])


@pytest.mark.parametrize("numbers", ["form_factors.csv", "dark_pairs_differential.csv"])
def test_cheap_groups_pass(numbers):
    (group,) = [g for g in GROUPS if g.numbers == numbers]
    rows = compare(read_numbers(NUMBERS / numbers), group.compute())
    assert [row.cells() for row in rows if not row.passed] == []
