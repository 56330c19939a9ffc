"""Every code block of the README and of the documentation runs, page by page, in the order of the page.

- ```python : executed, all blocks of a page in one namespace.
- ```console : lines that start with "$ darkpenguin" go through click's runner and must exit with 0. Lines below one
  are what it prints; each must occur in its output, up to blanks. "..." stands for lines left out.
- ```sh, or no language : the same for lines that start with "darkpenguin".
- ```toml and ```python with a file name as their first comment : written to that file, not executed.
- ```text : not run.

Pages share the process, so that nothing compiles twice. Each has a folder of its own with the repository's cards in it,
their grids made coarse to be quick.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import pytest
from click.testing import CliRunner

from darkpenguin.cli.main import main

ROOT = Path(__file__).parents[2]
NOT_OURS = ("_build", "generated")
PAGES = [
    ROOT / "README.md",
    *sorted(p for p in (ROOT / "docs").rglob("*.md") if not set(p.relative_to(ROOT / "docs").parts) & set(NOT_OURS)),
]
FENCE = re.compile(r"^```(?P<language>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (?P<name>[\w-]+\.(?:toml|py))\n")

# `compare` without names fits every hypothesis, which takes minutes: here it fits two
ALL_HYPOTHESES = re.compile(r"^compare(?P<options>( -o \w+)?)$")
TWO = "standard_model rescaled_standard_model"


class Block(NamedTuple):
    """A fenced block: its language, its text, and the line of the page on which the text begins."""

    language: str
    body: str
    line: int


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [Block(m["language"], m["body"], text.count("\n", 0, m.start()) + 2) for m in FENCE.finditer(text)]


def runs(block: Block) -> bool:
    if block.language in ("", "sh"):
        return bool(re.search(r"^darkpenguin ", block.body, re.MULTILINE))
    return block.language in ("python", "console", "toml")


def commands(block: Block) -> list[tuple[str, list[str]]]:
    """Each command of a block, with the output that the page shows below it."""
    found: list[tuple[str, list[str]]] = []
    prompt = "$ darkpenguin " if block.language == "console" else "darkpenguin "
    for line in block.body.splitlines():
        if line.startswith(prompt):
            found.append((line.removeprefix(prompt).split("  #")[0].strip(), []))
        elif block.language == "console" and line.strip() and found:
            found[-1][1].append(" ".join(line.split()))
    return found


def run_command(command: str, shown: list[str], where: str) -> None:
    match = ALL_HYPOTHESES.match(command)
    if match:
        command = f"compare {TWO}{match['options']}"
    # no cache of compiled functions in the home of whoever runs the tests
    runner = CliRunner(env={"JAX_COMPILATION_CACHE_DIR": os.environ.get("JAX_COMPILATION_CACHE_DIR", "")})
    outcome = runner.invoke(main, shlex.split(command))
    if outcome.exception is not None and not isinstance(outcome.exception, SystemExit):
        raise outcome.exception
    assert outcome.exit_code == 0, f"{where}: darkpenguin {command}\n{outcome.output}"
    printed = [" ".join(line.split()) for line in outcome.output.splitlines()]
    missing = [line for line in shown if line != "..." and line not in printed]
    assert not missing, f"{where}: darkpenguin {command} does not print {missing}, but\n{outcome.output}"


def run_block(block: Block, page: Path, namespace: dict[str, object]) -> None:
    where = f"{page.name}, line {block.line}"
    file = FILE.match(block.body)
    if file:
        Path(file["name"]).write_text(block.body, encoding="utf-8")
    elif block.language == "python":
        # as many empty lines before the block as the page has, so that a traceback names the line of the page
        exec(compile("\n" * (block.line - 1) + block.body, str(page), "exec"), namespace)
    elif block.language != "toml":
        for command, shown in commands(block):
            run_command(command, shown, where)


@pytest.mark.parametrize(
    "page", [p for p in PAGES if any(map(runs, blocks(p)))], ids=lambda p: str(p.relative_to(ROOT))
)
def test_blocks_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cards").mkdir()
    for card in (ROOT / "cards").glob("*.toml"):
        coarse = re.sub(r"points = \d+", "points = 4", card.read_text(encoding="utf-8"))
        (tmp_path / "cards" / card.name).write_text(coarse, encoding="utf-8")
    namespace: dict[str, object] = {"__name__": "__page__"}
    with mpl.rc_context({"backend": "agg"}):
        for block in blocks(page):
            if runs(block):
                run_block(block, page, namespace)


def test_every_block_has_a_known_language() -> None:
    """A block with a misspelt language would silently not run."""
    known = {"", "python", "console", "sh", "toml", "text", "{toctree}", "{include} ../CHANGELOG.md", "{eval-rst}"}
    faults = [
        f"{page.relative_to(ROOT)}, line {block.line}: {block.language!r}"
        for page in PAGES
        for block in blocks(page)
        if block.language not in known
    ]
    assert faults == []
