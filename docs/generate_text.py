"""Pieces of Markdown that the generated pages share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

SPECIAL = re.compile(r"([\\`*_\[\]<>$|#~^])")


def escape(text: str) -> str:
    """Plain text inside Markdown, on one line."""
    return SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def prose(text: str) -> str:
    """Plain text with `code` kept as code."""
    parts = " ".join(text.split()).split("`")
    return "".join(code(part) if i % 2 else SPECIAL.sub(r"\\\1", part) for i, part in enumerate(parts))


def sentence(text: str) -> str:
    """A title as a sentence of its own."""
    return f"{prose(text[:1].upper() + text[1:])}."


def code(text: str) -> str:
    return f"`{text}`"


def codes(names: Iterable[str]) -> str:
    return ", ".join(code(name) for name in names) or "none"


def cite(key: str) -> str:
    """A reference key that links to its entry on the page of references."""
    return f"[{escape(key)}](references.md#{anchor(key)})"


def cites(keys: Iterable[str]) -> str:
    return ", ".join(cite(key) for key in keys) or "none"


def anchor(key: str) -> str:
    return "ref-" + re.sub(r"[^a-z0-9]+", "-", key.lower())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; cells are Markdown already."""
    lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)
