"""darkpenguin models, experiments, inputs: what is there, with units, ranges and sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from darkpenguin.cli.common import json_option, print_json
from darkpenguin.errors import UnknownName
from darkpenguin.text import paragraph, table, with_errors

if TYPE_CHECKING:
    from darkpenguin.core.description import ResultDescription
    from darkpenguin.core.model import AbstractModel


@click.command(short_help="List the models, or show one.")
@click.argument("name", required=False)
@json_option
def models(name: str | None, as_json: bool) -> None:
    """List the models, or show the parameters, benchmarks and references of the model NAME."""
    from darkpenguin.models.index import available, load_model

    if name is None:
        titles = {key: load_model(key).title for key in available()}
        if as_json:
            print_json(titles)
        else:
            click.echo(table(list(titles.items())))
        return
    model = load_model(name)
    if as_json:
        print_json(_model_facts(model))
    else:
        click.echo(_model_text(model))


def _model_facts(model: type[AbstractModel]) -> dict[str, Any]:
    return {
        "name": model.name,
        "title": model.title,
        "description": _description(model),
        "parameters": {p.name: p for p in model.parameters()},
        "benchmarks": model.benchmarks,
        "references": model.references,
    }


def _model_text(model: type[AbstractModel]) -> str:
    rows = [
        (p.name, p.unit, f"{p.low:g} to {p.high:g}", _default(model, p.name, p.default), p.doc)
        for p in model.parameters()
    ]
    benchmarks = [
        (f"  {name}", ", ".join(f"{k} = {v:g}" for k, v in values.items())) for name, values in model.benchmarks.items()
    ]
    parts = [f"{model.name}: {model.title}", _description(model)]
    parts.append(table(rows, header=("parameter", "unit", "range", "default", "meaning")))
    if benchmarks:
        parts.append("benchmarks\n" + table(benchmarks))
    parts.append(f"references: {', '.join(model.references) or 'none'}")
    return "\n\n".join(parts)


def _description(model: type[AbstractModel]) -> str:
    import inspect

    return inspect.cleandoc(model.__doc__ or "")


def _default(model: type[AbstractModel], name: str, default: float | None) -> str:
    if name in model.set_by_inputs:
        return "from inputs"
    return "required" if default is None else f"{default:g}"


@click.command(short_help="List the experimental results, or show one.")
@click.argument("name", required=False)
@json_option
def experiments(name: str | None, as_json: bool) -> None:
    """List the experimental results, or show what the result NAME states about itself."""
    from darkpenguin.experiments.index import available, describe
    from darkpenguin.experiments.search_list import every_search

    searches = every_search()
    if name is None:
        titles = {key: describe(key).title for key in available()}
        if as_json:
            print_json(titles)
        else:
            click.echo(table(list(titles.items())))
            click.echo("\nsearches for a mediator, compared by predict; not for cards\n")
            click.echo(table([(key, about["title"]) for key, about in searches.items()]))
        return
    if name in searches:
        about = {"name": name, **searches[name]}
        if as_json:
            print_json(about)
        else:
            click.echo(table([(key.replace("_", " "), _plain(value)) for key, value in about.items()]))
        return
    found = describe(name)
    if as_json:
        print_json(found)
    else:
        click.echo(_result_text(found))


def _plain(value: Any) -> str:
    return (", ".join(value) or "any") if isinstance(value, list) else str(value)


def _result_text(found: ResultDescription) -> str:
    rows = [
        ("name", found.name),
        ("kind", found.kind),
        ("parts", ", ".join(found.parts) or "none"),
        ("observables", ", ".join(found.observables)),
        ("references", ", ".join(found.references)),
        ("overlaps with", ", ".join(found.overlaps) or "none"),
        *((f"valid for {quantity}", f"{low:g} to {high:g}") for quantity, low, high in found.validity),
    ]
    assumed = "\n".join(paragraph(a, indent="    ") for a in found.assumptions)
    return f"{found.title}\n\n{table(rows, indent='  ')}\n\n  assumes\n{assumed}"


@click.command(short_help="List the input sets, or show one.")
@click.argument("name", required=False)
@click.option("--form-factors", is_flag=True, help="List the form-factor sets.")
@json_option
def inputs(name: str | None, form_factors: bool, as_json: bool) -> None:
    """List the input sets, or show the constants of the set NAME with errors, units and sources."""
    from darkpenguin.core.inputs import available_form_factors, available_inputs, input_values

    if form_factors or name is None:
        everything = available_form_factors() if form_factors else available_inputs()
        infos = [info for info in everything if name in (None, info.name)]
        if not infos:
            raise UnknownName("form-factor set", str(name), dict.fromkeys(info.name for info in everything))
        if as_json:
            print_json([info._asdict() for info in infos])
        else:
            for info in infos:
                click.echo(f"{info.transition}  {info.name}  ({info.date})".strip())
                click.echo(paragraph(info.note, indent="    "))
        return
    values = input_values(name)
    if as_json:
        print_json({v.name: v._asdict() for v in values})
        return
    rows = [(v.name, with_errors(v.value, v.error, v.error, v.unit, digits=10), v.reference, v.note) for v in values]
    click.echo(table(rows, header=("name", "value", "reference", "note")))
