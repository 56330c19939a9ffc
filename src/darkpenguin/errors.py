"""The errors that a user can cause, all gathered before they are raised, each with the nearest valid name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import NamedTuple


class DarkpenguinError(Exception):
    """Base of every error that darkpenguin raises on purpose."""


class BadData(DarkpenguinError):
    """A data file that is missing, corrupted or inconsistent. The message names the file, the expectation and the
    finding."""


class OutOfDomain(DarkpenguinError):
    """A value outside the range in which a formula, table or result is valid. The message names the allowed range."""


class UnknownName(DarkpenguinError):
    """A name that does not exist. The message gives the nearest valid one.

    Parameters
    ----------
    kind : what the name was taken for, e.g. "model".
    name : the name that was given.
    known : the valid names.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, tuple(known)
        super().__init__(f"unknown {kind} '{name}'{suggestion(name, self.known)}")


class Problem(NamedTuple):
    """One fault of a card: where it is, and what is wrong there."""

    where: str
    what: str


class CardError(DarkpenguinError):
    """All faults of one card (or of one set of arguments) at once.

    Parameters
    ----------
    source : the name of the card, e.g. "card.toml".
    problems : the faults, in the order of the card.
    """

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.source, self.problems = source, tuple(problems)
        width = max((len(p.where) for p in self.problems), default=0) + 2
        count = f"{len(self.problems)} problem" + ("s" if len(self.problems) != 1 else "")
        lines = [f"{source}: {count}", *(f"  {p.where:<{width}}{p.what}" for p in self.problems)]
        super().__init__("\n".join(lines))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The valid name nearest to `name`, compared without case, hyphens and underscores; None if none is near."""

    def plain(text: str) -> str:
        return text.lower().replace("-", "_")

    table = {plain(k): k for k in known}
    found = difflib.get_close_matches(plain(name), table, n=1, cutoff=0.5)
    return table[found[0]] if found else None


def suggestion(name: str, known: Iterable[str]) -> str:
    """The tail of a message about an unknown name: "; did you mean 'x'?", or the list if it is short."""
    known = tuple(known)
    near = nearest(name, known)
    if near is not None:
        return f"; did you mean '{near}'?"
    return f"; known: {', '.join(sorted(known))}" if len(known) <= 12 else ""
