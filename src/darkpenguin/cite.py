"""Reference keys -> BibTeX, from the package's own data/references.bib."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import resources

from darkpenguin.errors import UnknownName

_ENTRY = re.compile(r"^@\w+\{(?P<key>[^,\s]+),\n.*?^\}\n", re.MULTILINE | re.DOTALL)


def _entries() -> dict[str, str]:
    text = (resources.files("darkpenguin") / "data" / "references.bib").read_text(encoding="utf-8")
    return {found["key"]: found[0] for found in _ENTRY.finditer(text)}


def known_keys() -> tuple[str, ...]:
    """Every reference key, in the order of the file."""
    return tuple(_entries())


def bibtex(keys: Iterable[str]) -> str:
    """BibTeX of the given keys, each once, in the order given. Raises UnknownName with the nearest valid key."""
    entries = _entries()
    wanted = tuple(dict.fromkeys(keys))
    for key in wanted:
        if key not in entries:
            raise UnknownName("reference", key, entries)
    return "\n".join(entries[key] for key in wanted)
