"""A progress bar on standard error, only where a person watches."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

import click

T = TypeVar("T")


def bar(items: Iterable[T], label: str, show: bool, length: int | None = None) -> Iterator[T]:
    """The items, one by one, with a bar if `show` and standard error is a terminal."""
    if not (show and sys.stderr.isatty()):
        yield from items
        return
    length = len(items) if isinstance(items, Sized) else length
    with click.progressbar(items, label=label, length=length, file=sys.stderr) as shown:
        yield from shown
