"""Docstrings of darkpenguin are plain text; this turns them into safe reStructuredText for autodoc.

What is kept: paragraphs, indented blocks (formulas: shown as they are), fenced blocks, bullets, and lists of the form

    name [shape] : meaning, continued on lines below.   name : another one after at least two blanks

Everything else that reStructuredText might take for markup is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

NAME = r"[A-Za-z_][\w*.]*(?: \[[^\]]*\])?"
ENTRY = re.compile(rf"^(?P<names>{NAME}(?:, {NAME}){{0,13}}(?: or None)?) : (?P<text>\S.*)$")
SEVERAL = re.compile(r"(?<=\S) {2,}(?=[A-Za-z_][^:]{0,80}? : )")
LITERAL = re.compile(r"`([^`]+)`")
MARKUP = re.compile(r"([\\*|_])")


def escape(text: str) -> str:
    """Text with `code` as a literal and every other sign of markup escaped."""
    parts = LITERAL.split(text)
    plain = (MARKUP.sub(r"\\\1", part.replace("`", "'")) for part in parts[::2])
    code = (f"``{part}``" for part in parts[1::2])
    out = [next(plain)]
    for literal, after in zip(code, plain, strict=True):
        out += [literal, after if not after[:1].isalnum() else rf"\ {after}"]
    return "".join(out)


def blocks(lines: list[str]) -> Iterator[list[str]]:
    """Runs of lines between blank lines; a fenced block stays in one piece."""
    run: list[str] = []
    fenced = False
    for line in lines:
        fence = line.strip().startswith("```")
        if fence and not fenced and run:
            yield run
            run = []
        fenced ^= fence
        if not line.strip() and not fenced:
            if run:
                yield run
            run = []
            continue
        run.append(line)
        if fence and not fenced:
            yield run
            run = []
    if run:
        yield run


def literal(lines: list[str], language: str = "text") -> list[str]:
    """A block shown as it is."""
    indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return [f".. code-block:: {language}", "", *(f"   {line[indent:]}".rstrip() for line in lines), ""]


def entries(lines: list[str]) -> list[str]:
    """A paragraph whose lines may open entries of a list: entries become a definition list."""
    out: list[str] = []
    names, text = "", []

    def close() -> None:
        if names:
            out.extend([f"**{escape(names)}**", f"   {escape(' '.join(text))}"])
        elif text:
            out.extend([escape(" ".join(text)), ""])

    for line in (part for given in lines for part in SEVERAL.split(given)):
        found = ENTRY.match(line)
        bullet = line.startswith(("- ", "* "))
        if found or bullet or (names and not line.startswith(" ")):
            close()
            if names and not found:
                out.append("")
            names, text = "", []
        if found:
            names, text = found["names"], [found["text"].strip()]
        elif bullet:
            out.append(f"- {escape(line[2:])}")
        elif out and out[-1].startswith("- ") and not text:
            out[-1] += " " + escape(line.strip())
        else:
            text.append(line.strip())
    close()
    return [*out, ""] if out[-1:] != [""] else out


def convert(lines: list[str]) -> list[str]:
    """The reStructuredText of one docstring."""
    out: list[str] = []
    for block in blocks(lines):
        if block[0].strip().startswith("```"):
            out += literal(block[1:-1], block[0].strip("` ") or "text")
        elif all(line.startswith(" ") for line in block):
            out += literal(block)
        elif len(block) == 2 and set(block[1]) == {"-"}:
            out += [f"**{escape(block[0])}**", ""]
        else:
            if len(block) > 2 and set(block[1]) == {"-"}:
                out += [f"**{escape(block[0])}**", ""]
                block = block[2:]
            out += entries(block)
    return out


def process(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """autodoc-process-docstring"""
    lines[:] = convert(lines)


def skip(app: Any, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:
    """autodoc-skip-member: fields of named tuples have no docstring of their own."""
    doc = getattr(obj, "__doc__", None) or ""
    return True if doc.startswith("Alias for field number") else None


def shorten(app: Any, what: str, name: str, obj: Any, options: Any, signature: str, returns: str) -> tuple[Any, Any]:
    """autodoc-process-signature: Array for jaxlib._jax.Array."""
    return tuple(text and re.sub(r"(?:jaxlib\._jax\.|jax\.)(?=Array)", "", text) for text in (signature, returns))


def setup(app: Any) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", process)
    app.connect("autodoc-process-signature", shorten)
    app.connect("autodoc-skip-member", skip)
    return {"parallel_read_safe": True}
