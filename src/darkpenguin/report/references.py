"""The reference list: BibTeX of the library, and the same entries for people, with links."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from darkpenguin.cite import bibtex, known_keys
from darkpenguin.report.words import escape

_SYMBOLS = {
    r"\to": "→",
    r"\rightarrow": "→",
    r"\nu": "ν",
    r"\bar\nu": "ν̄",
    r"\bar{\nu}": "ν̄",
    r"\ell": "ℓ",
    r"\epsilon": "ε",
    r"\varepsilon": "ε",
    r"\mu": "μ",
    r"\tau": "τ",
    r"\gamma": "γ",
    r"\pi": "π",
    r"\phi": "φ",
    r"\Lambda": "Λ",
    r"\Upsilon": "Υ",
    r"^\pm": "±",
    r"^\mp": "∓",
    r"^{\pm}": "±",
    r"^{\mp}": "∓",
    r"\pm": "±",
    r"\chi": "χ",
    r"\psi": "ψ",
    r"\{": "(",
    r"\}": ")",
    r"\&": "&",
    r"\%": "%",
    r"\,": " ",
    "``": "“",
    "''": "”",
    "--": "–",
    "~": " ",
}
_RAISED, _LOWERED = str.maketrans("+-0()", "⁺⁻⁰⁽⁾"), str.maketrans("0123456789s", "₀₁₂₃₄₅₆₇₈₉ₛ")
_ACCENTS = {"'": "\u0301", "`": "\u0300", '"': "\u0308", "^": "\u0302", "~": "\u0303", "c": "\u0327", "v": "\u030c"}


def split_keys(keys: Sequence[str]) -> tuple[list[str], list[str]]:
    """Keys that the library has an entry for, and those it has not; each once, in order."""
    known = set(known_keys())
    unique = list(dict.fromkeys(keys))
    return [k for k in unique if k in known], [k for k in unique if k not in known]


def reference_list(keys: Sequence[str]) -> str:
    """Items of an ordered list, one per key; a key without an entry is shown as it is."""
    known, unknown = split_keys(keys)
    entries = parse(bibtex(known)) if known else {}
    items = [f"<li>{human(entries.get(k, {}))} <code>{escape(k)}</code></li>" for k in known]
    items += [f"<li><code>{escape(k)}</code> (no entry in the library's list)</li>" for k in unknown]
    return "".join(items)


def parse(text: str) -> dict[str, dict[str, str]]:
    """Fields of BibTeX entries by key, names of fields in lower case, braces inside values kept."""
    entries: dict[str, dict[str, str]] = {}
    for start in re.finditer(r"@\w+\s*\{\s*([^,\s]+)\s*,", text):
        body, fields = _balanced(text, start.end()), {}
        for field in re.finditer(r"(\w+)\s*=\s*", body):
            if _depth(body[: field.start()]) == 0:
                fields[field[1].lower()] = _value(body, field.end())
        entries[start[1]] = fields
    return entries


def human(fields: dict[str, str]) -> str:
    """One reference as HTML: who, what, where, with links to arXiv and DOI."""
    parts = [who(fields)]
    if fields.get("title"):
        parts.append(f"<cite>{escape(plain(fields['title']))}</cite>")
    where = " ".join(
        plain(fields[f]) for f in ("journal", "volume", "pages", "publisher", "howpublished", "number") if fields.get(f)
    )
    year = plain(fields.get("year", ""))
    parts.append(escape(f"{where} ({year})" if where and year else where or year))
    eprint, doi = plain(fields.get("eprint", "")), plain(fields.get("doi", ""))
    if eprint:
        parts.append(f'<a href="https://arxiv.org/abs/{escape(eprint)}">arXiv:{escape(eprint)}</a>')
    if doi:
        parts.append(f'<a href="https://doi.org/{escape(doi)}">doi:{escape(doi)}</a>')
    return ", ".join(p for p in parts if p) + "."


def who(fields: dict[str, str]) -> str:
    """The collaboration, or up to three authors."""
    group = plain(fields.get("collaboration", ""))
    if group:
        return escape(group if re.search(r"(?i)group|authors|collaboration", group) else f"{group} Collaboration")
    names = [plain(n) for n in re.split(r"\s+and\s+", fields.get("author", "")) if n.strip()]
    turned = [" ".join(reversed([p.strip() for p in n.split(",", 1)])) for n in names]
    named = [n for n in turned if n != "others"]
    more = len(named) < len(turned) or len(named) > 3
    return escape(", ".join(named[: 1 if more else 3]) + (" et al." if more else ""))


def plain(text: str) -> str:
    """LaTeX of a title or name as plain text: accents, the few symbols of our titles, no braces or dollar signs."""

    def accent(found: re.Match[str]) -> str:
        return found[2] + _ACCENTS[found[1]]

    text = re.sub(r"\\(['`\"^~]|[cv](?![a-zA-Z]))\s*\{?([A-Za-z])\}?", accent, text)
    for latex in sorted(_SYMBOLS, key=len, reverse=True):
        text = re.sub(re.escape(latex) + (r"(?![A-Za-z])" if latex[-1].isalpha() else ""), _SYMBOLS[latex], text)
    text = re.sub(r"\^\{?([+\-0*()]+)\}?", lambda m: m[1].translate(_RAISED), text)
    text = re.sub(r"_\{?([0-9s])\}?(?![A-Za-z])", lambda m: m[1].translate(_LOWERED), text)
    text = re.sub(r"\\[a-zA-Z]+\s*", "", text)
    return " ".join(unicodedata.normalize("NFC", re.sub(r"[{}$]", "", text)).split())


def _depth(text: str) -> int:
    return text.count("{") - text.count("}")


def _balanced(text: str, start: int) -> str:
    depth = 0
    for i in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth < 0:
            return text[start:i]
    return text[start:]


def _value(body: str, start: int) -> str:
    if body[start : start + 1] == "{":
        return _balanced(body, start + 1)
    found = re.match(r'"([^"]*)"|([^,\n]*)', body[start:])
    return (found[1] or found[2] or "").strip() if found else ""
