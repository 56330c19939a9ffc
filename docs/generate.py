"""Reference pages written from the package's own data, so that they cannot go stale. Called by conf.py.

Each function returns the Markdown of one page; `write_all` writes them.
"""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path

import click
import numpy as np
from generate_physics import decay_modes, operators
from generate_text import anchor, cite, cites, code, codes, escape, prose, sentence, table

from darkpenguin.cite import bibtex, known_keys
from darkpenguin.cli.main import main
from darkpenguin.core import catalogue
from darkpenguin.core.input_files import read_form_factors
from darkpenguin.core.inputs import Inputs, available_form_factors, available_inputs, input_values
from darkpenguin.core.model import AbstractModel
from darkpenguin.experiments.index import available as available_results
from darkpenguin.experiments.index import describe
from darkpenguin.experiments.reading import read_result
from darkpenguin.experiments.schema import ResultFile, Source
from darkpenguin.experiments.schema_spectra import CurveEntry, CurveFile, FoldedFile
from darkpenguin.experiments.schema_values import GaussianFile, LimitEntry, RateFile, TwoSidedLimit, UpperLimitFile
from darkpenguin.experiments.search_list import every_search
from darkpenguin.experiments.spectra_tables import curve_rows, folded_arrays
from darkpenguin.hypotheses import HYPOTHESES
from darkpenguin.models.index import available as available_models
from darkpenguin.models.index import load_model
from darkpenguin.report.references import parse, plain, who
from darkpenguin.reproduce.index import FIGURES

# --- models -----------------------------------------------------------------------------------------------------------


def models() -> str:
    """Every model with its parameters, benchmarks and references; then the hypotheses of `compare`."""
    parts = ["# Models", "Parameters are given in powers of GeV. A parameter without a default must be given.", ""]
    for name in available_models():
        parts += _model(load_model(name))
    rows = [
        (
            code(name),
            escape(h.title),
            code(h.model),
            ", ".join(
                f"{code(n)} {r.low:g} to {r.high:g}{' (log)' if r.scale == 'log' else ''}" for n, r in h.free.items()
            )
            or "none",
            ", ".join(f"{code(n)} = {v:g}" for n, v in h.fixed.items()) or "none",
        )
        for name, h in HYPOTHESES.items()
    ]
    head = ("hypothesis", "title", "model", "free", "held")
    parts += [
        "## Hypotheses of `compare`",
        "What `darkpenguin compare` fits when no hypothesis is named.",
        "",
        table(head, rows),
    ]
    return "\n".join(parts)


def _model(model: type[AbstractModel]) -> list[str]:
    doc = inspect.cleandoc(model.__doc__ or "")
    rows = [
        (
            code(p.name),
            code(p.unit),
            f"{p.low:g} to {p.high:g}",
            _default(model, p.name, p.default),
            escape(p.doc) + (f" (${p.latex}$)" if p.latex else ""),
        )
        for p in model.parameters()
    ]
    points = [
        (escape(name), ", ".join(f"{code(k)} = {v:g}" for k, v in values.items()) or "defaults")
        for name, values in model.benchmarks.items()
    ]
    return [
        f"## {code(model.name)}",
        sentence(model.title),
        "",
        *(prose(paragraph) + "\n" for paragraph in doc.split("\n\n")),
        table(("parameter", "unit", "range", "default", "meaning"), rows),
        "",
        *([table(("benchmark", "values"), points), ""] if points else []),
        f"References: {cites(model.references)}",
        "",
    ]


def _default(model: type[AbstractModel], name: str, default: float | None) -> str:
    if name in model.set_by_inputs:
        return "from the inputs"
    return "required" if default is None else f"{default:g}"


# --- observables ------------------------------------------------------------------------------------------------------


def observables() -> str:
    """The catalogue, one table for each decay mode."""
    parts = [
        "# Observables",
        "Names as in `--observable`, in `predict` and in result files. Blanks do not count. `nunu` means neutrinos "
        "only, `inv` everything invisible: neutrinos, dark pairs and single dark particles.",
        "",
    ]
    for mode in dict.fromkeys(o.mode for o in catalogue.CATALOGUE):
        rows = [
            (code(o.name), code(o.unit), escape(o.meaning), codes(o.arguments) if o.arguments else "")
            for o in catalogue.CATALOGUE
            if o.mode == mode
        ]
        title = code(mode) if mode else "Without invisible particles"
        parts += [f"## {title}", "", table(("name", "unit", "meaning", "needs"), rows), ""]
    return "\n".join(parts)


# --- experiments ------------------------------------------------------------------------------------------------------


def experiments() -> str:
    """Every result file: numbers, source, assumptions, validity."""
    parts = [
        "# Experimental results",
        "Each result is one data file. A colon selects parts: `belle2-2023-bknunu:hadronic`. Results that hold the "
        "same data name each other as overlaps; an analysis that takes both is refused.",
        "",
    ]
    for name in available_results():
        parts += _result(name)
    rows = [
        (
            code(name),
            escape(about["title"]),
            cites(about["references"]),
            escape(about.get("assumption", about.get("note"))),
        )
        for name, about in every_search().items()
    ]
    parts += [
        "## Searches for a mediator",
        "`darkpenguin predict` compares the mediators of a model with these; see "
        "[Portals](../../explanation/portals.md). They are limits, not likelihoods, and no card names them.",
        "",
        table(("search", "title", "references", "assumption, or what is left out"), rows),
    ]
    return "\n".join(parts)


def _result(name: str) -> list[str]:
    about = describe(name)
    file = read_result(Path(about.path))
    facts = [
        ("likelihood", code(about.kind)),
        ("parts", codes(about.parts)),
        ("observables", codes(dict.fromkeys(about.observables))),
        ("references", cites(about.references)),
        ("source", _source(file.source)),
        ("overlaps", codes(about.overlaps)),
        *([("status", "for comparison only: not for a combination")] if about.comparison_only else []),
        *([("status", "projection: expected, not measured")] if about.projection else []),
        *((f"valid for {escape(quantity)}", f"{low:g} to {high:g}") for quantity, low, high in about.validity),
    ]
    level = getattr(file, "confidence_level", None)
    if level is not None:
        facts.append(("confidence level", f"{level:.0%}"))
        facts.append(("method", escape(file.method)))
    return [
        f"## {code(name)}",
        sentence(about.title),
        "",
        table(("", ""), facts),
        "",
        *_numbers(file, Path(about.path).parent),
        "Assumed:",
        "",
        *(f"- {escape(a)}" for a in about.assumptions),
        "",
    ]


def _source(source: Source) -> str:
    links = [
        (f"arXiv:{source.arxiv}", f"https://arxiv.org/abs/{source.arxiv}") if source.arxiv else None,
        (f"doi:{source.doi}", f"https://doi.org/{source.doi}") if source.doi else None,
        (source.url, source.url) if source.url else None,
    ]
    parts = [f"[{escape(text)}]({url})" for text, url in filter(None, links)]
    parts += [f"HEPData record {source.hepdata}"] if source.hepdata else []
    parts += [escape(text) for text in (source.where, source.note) if text]
    return "; ".join([*parts, f"retrieved {source.retrieved}"])


def _numbers(file: ResultFile, folder: Path) -> list[str]:
    """The measured values, limits, curves or counts of a file, as tables."""
    match file:
        case GaussianFile():
            tables = [_values(file)]
        case UpperLimitFile():
            tables = [_limits(file)]
        case CurveFile():
            tables = [_curves(file, folder)]
        case FoldedFile():
            tables = [_folding(file), _counts(file, folder)]
        case _:
            tables = []
    if isinstance(file, RateFile):
        tables += [_acceptance(file)] if file.acceptance else []
    return [line for one in tables for line in (one, "")]


def _values(file: GaussianFile) -> str:
    sizes = [(error.source, *error.sizes()) for error in file.errors]
    rows = [
        (code(v.part), code(v.observable), f"{v.value:g}", *(_error(p[i], m[i]) for _, p, m in sizes))
        for i, v in enumerate(file.values)
    ]
    return table(("part", "observable", "value", *(escape(s) for s, _, _ in sizes)), rows)


def _limits(file: UpperLimitFile) -> str:
    rows = [(code(e.part), code(e.observable), _allowed(e), escape(e.form.replace("_", " "))) for e in file.limits]
    return table(("part", "observable", "limit", "form assumed"), rows)


def _allowed(limit: LimitEntry) -> str:
    return f"{limit.central:g} ± {limit.limit:g}" if isinstance(limit, TwoSidedLimit) else f"{limit.limit:g}"


def _curves(file: CurveFile, folder: Path) -> str:
    head = ("part", "mode", "form", "points", "masses [GeV]", "gaps [GeV]", "branching fraction")
    return table(head, (_curve(entry, folder) for entry in file.curves))


def _curve(entry: CurveEntry, folder: Path) -> tuple[str, ...]:
    rows = curve_rows(entry, folder, "curves").rows
    mass, value = rows[:, 0], rows[:, 1]
    gaps = ", ".join(f"{low:g} to {high:g}" for low, high in entry.gaps) or "none"
    optional = ", only if named" if entry.optional else ""
    spread = f"{value.min():.3g} to {value.max():.3g}"
    return (
        code(entry.part) + optional,
        code(entry.mode),
        "upper limit" if entry.form == "limit" else "value and interval",
        f"{len(rows)}",
        f"{mass.min():g} to {mass.max():g}",
        gaps,
        spread,
    )


def _folding(file: FoldedFile) -> str:
    """Everything between a spectrum and its counts."""
    rows = [
        ("mode", code(file.mode)),
        ("parent mesons", f"2 × {file.sample.f:g} × {file.sample.n_BB:g}"),
        ("efficiency", _settings(file.efficiency.model_dump(exclude_none=True))),
        ("resolution", _settings(file.smearing.model_dump(exclude_none=True))),
    ]
    return table(("", ""), rows)


def _settings(given: dict[str, object]) -> str:
    return ", ".join(
        escape(str(v)) if k == "form" else f"{escape(k)} = {escape(f'{v:g}' if isinstance(v, float) else str(v))}"
        for k, v in given.items()
    )


def _counts(file: FoldedFile, folder: Path) -> str:
    arrays = folded_arrays(file, folder)
    sigma = np.sqrt(np.diag(arrays.covariance))
    rows = zip(arrays.edges, arrays.edges[1:], arrays.observed, arrays.background, sigma, strict=False)
    head = ("reconstructed q² [GeV²]", "observed", "background", "its error")
    return table(head, ((f"{a:g} to {b:g}", f"{n:g}", f"{m:g}", f"{s:.3g}") for a, b, n, m, s in rows))


def _acceptance(file: RateFile) -> str:
    """Efficiency in q2 relative to its average over the Standard Model."""
    rows = [
        (codes(one.parts or file.parts()), f"{low:g} to {high:g}", f"{value:.3g}", escape(one.source))
        for one in file.acceptance
        for low, high, value in zip(one.edges, one.edges[1:], one.relative(), strict=False)
    ]
    return table(("parts", "true q² [GeV²]", "efficiency over its average", "source"), rows)


def _error(plus: float, minus: float) -> str:
    return f"± {plus:g}" if plus == minus else f"+{plus:g} -{minus:g}"


# --- inputs -----------------------------------------------------------------------------------------------------------


def inputs() -> str:
    """Every number of every input set with error, unit and source."""
    parts = [
        "# Inputs",
        "An input set holds constants and names one form-factor set for each transition. Errors of a set are "
        "nuisances: `log-normal` moves a number in its logarithm, `fixed` leaves it alone. "
        "See {doc}`../../explanation/conventions`.",
        "",
    ]
    meaning = {f.name: f.metadata["doc"] for f in dataclasses.fields(Inputs) if "doc" in f.metadata}
    for info in available_inputs():
        rows = [
            (
                f"{code(v.name)}<br>{escape(meaning[v.name])}",
                f"{v.value:.10g}" + (f"<br>± {v.error:g}" if v.error else ""),
                code(v.unit),
                v.map,
                cite(v.reference) + (f"<br>{prose(v.note)}" if v.note else ""),
            )
            for v in input_values(info.name)
        ]
        head = ("name", "value", "unit", "varies", "source, note")
        parts += [f"## {code(info.name)}", f"{escape(info.note)} ({info.date})", "", table(head, rows), ""]
    return "\n".join(parts)


def form_factors() -> str:
    """Every form-factor set: form, coefficients, errors, sources."""
    parts = [
        "# Form-factor sets",
        "Coefficients are dimensionless. Errors are square roots of the diagonal of the covariance in use.",
        "",
    ]
    for info in available_form_factors():
        parts += _form_factors(info.transition, info.name)
    return "\n".join(parts)


def _form_factors(transition: str, name: str) -> list[str]:
    found = read_form_factors(transition, name)
    sigma = found.covariance.diagonal() ** 0.5
    rows = [
        (code(n), f"{x:.6g}", f"{s:.3g}")
        for n, x, s in zip(found.names, found.central.tolist(), sigma.tolist(), strict=True)
    ]
    poles = ", ".join(f"{code(n)} {m:g}" for n, m in found.series.poles.items())
    return [
        f"## {code(name)} ({escape(transition)})",
        escape(found.note),
        "",
        f"Form `{found.series.form}`; z map with masses {found.series.m_B:g} and {found.series.m_M:g} GeV; "
        f"poles [GeV]: {poles}. Sources: {cites(found.references)}",
        "",
        table(("coefficient", "centre", "error"), rows),
        "",
    ]


# --- figures ----------------------------------------------------------------------------------------------------------


def figures() -> str:
    """What `darkpenguin reproduce` knows."""
    rows = [(code(key), sentence(entry.title), prose(entry.printed)) for key, entry in FIGURES.items()]
    return "\n".join(
        [
            "# Figures",
            "Published figures and tables that `darkpenguin reproduce KEY` makes anew; {doc}`../../how-to/reproduce` "
            "says how. The part before the colon is the arXiv number of the source.",
            "",
            table(("key", "what", "with `--as-printed`"), rows),
        ]
    )


# --- command line -----------------------------------------------------------------------------------------------------


def command_line() -> str:
    """--help of every verb."""
    parts = [
        "# Command line",
        "The same text as `darkpenguin --help` and `darkpenguin VERB --help`.",
        "",
        *_help(main, "darkpenguin"),
    ]
    for name in main.list_commands(click.Context(main)):
        parts += [f"## {code(name)}", "", *_help(main.commands[name], f"darkpenguin {name}")]
    return "\n".join(parts)


def _help(command: click.Command, name: str) -> list[str]:
    context = click.Context(command, info_name=name, terminal_width=100, max_content_width=100)
    return ["```text", command.get_help(context), "```", ""]


# --- references -------------------------------------------------------------------------------------------------------


def references() -> str:
    """Every entry of references.bib, with links."""
    parts = [
        "# References",
        "Every key that the code, the inputs and the results name. `darkpenguin cite` prints BibTeX.",
        "",
    ]
    for key, fields in parse(bibtex(known_keys())).items():
        parts += [f"({anchor(key)})=", f"{code(key)}", f": {_entry(fields)}", ""]
    return "\n".join(parts)


def _entry(fields: dict[str, str]) -> str:
    where = " ".join(
        plain(fields[f]) for f in ("journal", "volume", "pages", "publisher", "howpublished") if f in fields
    )
    year, eprint, doi = (plain(fields.get(f, "")) for f in ("year", "eprint", "doi"))
    parts = [
        escape(_unescaped(who(fields))),
        f"*{escape(plain(fields['title']))}*" if "title" in fields else "",
        escape(f"{where} ({year})" if where and year else where or year),
        f"[arXiv:{eprint}](https://arxiv.org/abs/{eprint})" if eprint else "",
        f"[doi:{escape(doi)}](https://doi.org/{doi})" if doi else "",
    ]
    return ", ".join(p for p in parts if p) + "."


def _unescaped(text: str) -> str:
    return text.replace("&amp;", "&").replace("&#x27;", "'").replace("&lt;", "<").replace("&gt;", ">")


PAGES = {
    "models": models,
    "operators": operators,
    "decay_modes": decay_modes,
    "observables": observables,
    "experiments": experiments,
    "inputs": inputs,
    "form_factors": form_factors,
    "figures": figures,
    "command_line": command_line,
    "references": references,
}


def write_all(folder: Path) -> None:
    """Write every page; one that has not changed is left alone, so that Sphinx does not read it again."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        path, text = folder / f"{name}.md", page() + "\n"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
