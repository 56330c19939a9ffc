"""Compute every group, print the tables, write the page if asked to; exit 1 if any number is off."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from validation.groups import GROUPS
from validation.table import NUMBERS, Group, Row, as_markdown, as_text, compare, read_numbers

PREAMBLE = """# Validation

Every published number that this version reproduces: ours, theirs, and how close. `make validate` computes all of them
and writes this page; it fails if one number leaves its tolerance. The numbers to reproduce, with their sources, lie in
`validation/numbers/`.

"Internal derivation" marks numbers of a separate implementation, written before this library and without its
code; spin sums there were done symbolically and by brute force, and rates were compared with flavio and EOS.
"Reference row" is the label of a number in its list. The column "ratio or difference" gives ours / theirs, or
ours - theirs where the tolerance is absolute.
"""


def run(group: Group) -> tuple[list[Row], str]:
    """Rows of one group, and its section of the page."""
    ours = group.compute()
    rows = compare(read_numbers(NUMBERS / group.numbers), ours)
    discussion = []
    if group.discussion:
        discussion.append((NUMBERS / group.discussion).read_text(encoding="utf-8").format(**ours).strip())
    return rows, "\n\n".join([f"## {group.title}", group.intro, as_markdown(rows), *discussion])


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 if every number is within its tolerance, 1 if not."""
    parser = argparse.ArgumentParser(prog="python -m validation", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="write the tables as a Markdown page")
    parser.add_argument("--only", nargs="+", metavar="FILE", help="groups by the name of their CSV file, without .csv")
    options = parser.parse_args(arguments)
    names = {Path(g.numbers).stem: g for g in GROUPS}
    unknown = [n for n in options.only or () if n not in names]
    if unknown:
        parser.error(f"no group {', '.join(unknown)}; groups: {', '.join(names)}")
    if options.only and options.write:
        parser.error("--write needs all groups")
    sections, every, summary = [], [], []
    for name in options.only or names:
        start = time.perf_counter()
        rows, section = run(names[name])
        print(f"\n{names[name].title} ({time.perf_counter() - start:.0f} s)\n\n{as_text(rows)}", flush=True)
        sections.append(section)
        every += rows
        summary.append(f"| {names[name].title} | {len(rows)} | {sum(row.passed for row in rows)} |")
    failed = [row for row in every if not row.passed]
    verdict = f"{len(every) - len(failed)} of {len(every)} numbers are within their tolerance."
    print("\n" + verdict + "".join(f"\n  off: {row.expected.id} {row.expected.quantity}" for row in failed))
    if options.write:
        contents = "\n".join(["| group | numbers | within tolerance |", "| --- | --- | --- |", *summary])
        options.write.write_text("\n\n".join([PREAMBLE + "\n" + verdict, contents, *sections]) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
