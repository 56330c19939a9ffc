"""What the verbs share: options, reading of arguments, aligned text, exit codes."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import click

from darkpenguin.errors import CardError, DarkpenguinError, Problem, suggestion

if TYPE_CHECKING:
    from darkpenguin.card import Card

GOOD, BAD_INPUT, SOME_FAILED, INTERRUPTED = 0, 2, 3, 130

F = TypeVar("F", bound=Callable[..., Any])


def json_option(function: F) -> F:
    """--json: the result as JSON on standard output."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")(function)


class DataChoice(NamedTuple):
    """What the options of `data_options` said; empty where the card or the defaults hold."""

    experiments: tuple[str, ...] = ()
    inputs: str | None = None
    form_factors: tuple[str, ...] = ()
    acceptance: str | None = None
    comparison_only: bool = False
    dark_matter: str | None = None
    benchmark: str | None = None


NOTHING_CHOSEN = DataChoice()


def data_options(function: F) -> F:
    """Options that say which data and inputs to use, and --benchmark, given on as one `data`."""

    @functools.wraps(function)
    def gathered(**values: Any) -> Any:
        data = DataChoice(**{name: values.pop(name) for name in DataChoice._fields})
        return function(data=data, **values)

    wrapped: Any = gathered
    for option in (
        click.option("--benchmark", metavar="NAME", help="Start from a named point of the model; KEY=VALUE replaces."),
        click.option("--comparison-only", is_flag=True, help="Also allow recasts and projections, which are no data."),
        click.option(
            "--dark-matter",
            type=click.Choice(("all", "share")),
            help="Limits from sky and detectors: for all of the dark matter, or the particle's share. [default: all]",
        ),
        click.option(
            "--acceptance",
            type=click.Choice(("sm", "shape")),
            help="Limits as published for the SM's spectrum, or with efficiencies in q2. [default: sm]",
        ),
        click.option(
            "--form-factors",
            multiple=True,
            metavar="TRANSITION=SET",
            help='Form factors other than those of the input set, e.g. "B->K=hpqcd-2022". May be repeated.',
        ),
        click.option(
            "--inputs", metavar="NAME", help="Input set: masses, CKM elements, form factors. [default: 2026-11]"
        ),
        click.option(
            "--experiments",
            multiple=True,
            metavar="NAME",
            help="Experimental result. May be repeated; 'none' for none. [default: belle2-2023-bknunu]",
        ),
    ):
        wrapped = option(wrapped)
    return cast(F, wrapped)


def card_of(
    target: str,
    assignments: Sequence[str] = (),
    data: DataChoice = NOTHING_CHOSEN,
    faults: Sequence[Problem] = (),
) -> Card:
    """The card that a command line stands for: a card file or a model name, with what the options put in or replace.

    faults : found elsewhere on the command line.   Raises CardError with every fault at once.
    """
    from darkpenguin.card import card_from_table, read_table

    is_card = target.endswith(".toml")
    path = Path(target)
    raw: dict[str, Any] = read_table(path) if is_card else {"model": target}
    source, folder = (path.name, path.parent) if is_card else ("arguments", Path())
    named, unknown = _benchmark(raw.get("model"), data.benchmark)
    problems = [*_malformed(assignments, data.form_factors), *faults, *unknown]
    raw["parameters"] = _merged(raw, "parameters", [*named.items(), *_pairs(assignments, _number)])
    table = raw.get("limits")
    if isinstance(table, dict) and table.get("parameter") in dict(_pairs(assignments, str)):
        del raw["limits"]  # one point has no limit, and the rest of the card is still checked
    raw["form_factors"] = _merged(raw, "form_factors", _pairs(data.form_factors, str))
    if data.inputs is not None:
        raw["inputs"] = data.inputs
    if data.experiments:
        raw["experiments"] = [name for name in data.experiments if name != "none"]
    if data.acceptance is not None:
        raw["acceptance"] = data.acceptance
    if data.dark_matter is not None:
        raw["dark_matter"] = data.dark_matter
    if data.comparison_only:
        raw["comparison_only"] = True
    try:
        card = card_from_table(raw, source, folder)
    except CardError as error:
        raise CardError(source, [*problems, *error.problems]) from None
    if problems:
        raise CardError(source, problems)
    return card


def _benchmark(model: object, name: str | None) -> tuple[dict[str, float], list[Problem]]:
    """The values of a named point of a model, or what is wrong with the name; a wrong model is left to the card."""
    if name is None or not isinstance(model, str):
        return {}, []
    from darkpenguin.models.index import load_model

    try:
        known = load_model(model).benchmarks
    except DarkpenguinError:
        return {}, []
    if name not in known:
        has = f"; it has {', '.join(known)}" if known else "; it has none"
        return {}, [Problem("--benchmark", f"'{model}' has no point '{name}'{suggestion(name, known)}{has}")]
    return dict(known[name]), []


def point_of(card: Card) -> dict[str, float]:
    """The parameter values of a card that stands for one point. Raises CardError if it leaves a parameter open."""
    if card.free:
        what = "needs one value here, not a range: add {0}=VALUE"
        raise CardError(card.source, [Problem(f"parameters.{name}", what.format(name)) for name in card.free])
    return card.fixed


def _malformed(assignments: Sequence[str], form_factors: Sequence[str]) -> list[Problem]:
    problems = [Problem(text, "expected KEY=VALUE, e.g. m_S=2.1") for text in assignments if "=" not in text]
    problems += [
        Problem(text, "expected TRANSITION=SET, e.g. B->K=hpqcd-2022") for text in form_factors if "=" not in text
    ]
    names = [key for key, _ in _pairs(assignments, str)]
    return problems + [Problem(name, "given twice") for name in dict.fromkeys(names) if names.count(name) > 1]


def _merged(raw: dict[str, Any], key: str, pairs: Iterable[tuple[str, Any]]) -> Any:
    """A table of the card with entries added; what is no table is left for the check of the card to report."""
    found = raw.get(key, {})
    return found | dict(pairs) if isinstance(found, dict) else found


def _pairs(texts: Iterable[str], read: Callable[[str], Any]) -> list[tuple[str, Any]]:
    parts = [text.rpartition("=") for text in texts if "=" in text]
    return [(key.strip(), read(value.strip())) for key, _, value in parts]


def _number(text: str) -> float | str:
    """A number; text that is none stays text, for the check of the card to name it."""
    try:
        return float(text)
    except ValueError:
        return text


def print_json(value: Any) -> None:
    """A result on standard output as JSON."""
    from darkpenguin.result import to_json

    click.echo(to_json(value))


def finish(statuses: Iterable[str]) -> None:
    """Exit code 3 if some point failed. A closed channel is a valid answer, not a failure."""
    from darkpenguin.result import CLOSED, CONVERGED, OK

    if any(status not in (OK, CONVERGED, CLOSED) for status in statuses):
        sys.exit(SOME_FAILED)


def watched() -> bool:
    """Whether somebody sees standard error: only then is progress shown."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
