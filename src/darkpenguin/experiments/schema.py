"""What a result file must contain. `reading.read_result` reports every fault at once, each with its place.

A result is one file `<name>.toml`, or a folder `<name>/` with `result.toml` and tables. Keys of every kind: `name`,
`title`, `references`, `likelihood`, `source`, `assumptions`; optional `overlaps`, `validity`, `tables` (SHA-256 of each
table), `needs`, `bibliography` (references that the package does not know), `comparison_only` and `projection`. The
other keys depend on `likelihood`: see below, `schema_values` and `schema_spectra`.
"""

from __future__ import annotations

import datetime
import itertools
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from darkpenguin.core import catalogue
from darkpenguin.errors import UnknownName, suggestion

ROUNDING = 1e-9  # asymmetry and negative eigenvalue that the printing of a correlation matrix in doubles can leave

SHARES = 2e-3  # by how much shares of a spectrum may miss 1: they are given with three or four digits

FloatArray = np.ndarray[Any, np.dtype[np.float64]]


# --- single values ----------------------------------------------------------------------------------------------------


def _observable(name: str) -> str:
    try:
        return catalogue.find(name).name
    except UnknownName as error:
        raise ValueError(str(error)) from None


def _scalar_observable(name: str) -> str:
    known = _observable(name)
    if not catalogue.find(known).is_scalar:
        raise ValueError(f"'{known}' is not one number; expected e.g. a branching fraction")
    return known


def _reference(key: str, info: ValidationInfo) -> str:
    from darkpenguin.cite import known_keys

    known = (*known_keys(), *(info.context or {}).get("bibliography", ()))
    if key not in known:
        raise ValueError(f"reference '{key}' is not in references.bib{suggestion(key, known)}")
    return key


def _part(name: str) -> str:
    if not name or any(c in name for c in ":, "):
        raise ValueError("expected a name without colon, comma and blanks")
    return name


def _increasing(values: list[float]) -> list[float]:
    if any(b <= a for a, b in itertools.pairwise(values)):
        raise ValueError(f"expected increasing numbers, found {', '.join(f'{x:g}' for x in values[:6])}")
    return values


ObservableName = Annotated[str, AfterValidator(_observable)]
ScalarObservable = Annotated[str, AfterValidator(_scalar_observable)]
Reference = Annotated[str, AfterValidator(_reference)]
Part = Annotated[str, AfterValidator(_part)]
ResultName = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Checksum = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Increasing = Annotated[list[float], Field(min_length=2), AfterValidator(_increasing)]


class Strict(BaseModel):
    """A table of a result file: no unknown keys, no conversions, finite numbers."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Source(Strict):
    """Where the numbers were taken from and when; at least one address. `sha256` is that of the originals."""

    retrieved: datetime.date
    arxiv: str | None = None
    doi: str | None = None
    hepdata: str | None = None
    url: str | None = None
    where: str | None = None  # table, figure, page
    note: str | None = None
    version: int | None = None
    sha256: Checksum | dict[str, Checksum] | None = None

    @model_validator(mode="after")
    def _has_address(self) -> Source:
        if not (self.arxiv or self.doi or self.hepdata or self.url):
            raise ValueError("expected at least one of arxiv, doi, hepdata, url")
        return self


class BibliographyEntry(Strict):
    """A reference of the user's own, in the table `bibliography` under its key."""

    authors: str
    title: str
    year: int | None = None
    journal: str | None = None
    arxiv: str | None = None
    doi: str | None = None
    url: str | None = None

    @model_validator(mode="after")
    def _can_be_found(self) -> BibliographyEntry:
        if not (self.journal or self.arxiv or self.doi or self.url):
            raise ValueError("expected at least one of journal, arxiv, doi, url")
        return self

    def bibtex(self, key: str) -> str:
        """The entry in BibTeX."""
        fields = {
            "author": self.authors,
            "title": "{" + self.title + "}",
            "journal": self.journal,
            "year": self.year,
            "archivePrefix": "arXiv" if self.arxiv else None,
            "eprint": self.arxiv,
            "doi": self.doi,
            "url": self.url,
        }
        lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value is not None]
        return f"@article{{{key},\n{''.join(lines)}}}\n"


BibliographyKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9:._+-]*$")]


class Entry(NamedTuple):
    """One measured number (or one selection of channels) that can be used alone: the `part` of "result:part".

    optional : in use only if it is named.
    """

    part: str
    observable: str
    overlaps: tuple[str, ...] = ()
    optional: bool = False


class ResultFile(Strict):
    """The keys that every result has. `overlaps` holds for all parts; an entry may have more of its own.

    comparison_only : somebody's reading of data that another result holds; to look at, not to combine.
    projection : expected, not measured.
    """

    name: ResultName
    title: str
    references: Annotated[list[Reference], Field(min_length=1)]
    likelihood: str
    source: Source
    assumptions: Annotated[list[str], Field(min_length=1)]
    needs: list[Literal["spectrum"]] = ["spectrum"]
    overlaps: list[str] = []
    validity: dict[str, Annotated[list[float], Field(min_length=2, max_length=2)]] = {}
    tables: dict[str, Checksum] = {}
    bibliography: dict[BibliographyKey, BibliographyEntry] = {}
    comparison_only: bool = False
    projection: bool = False

    def entries(self) -> tuple[Entry, ...]:
        """The measured numbers, in the order of the file."""
        return ()

    def parts(self) -> tuple[str, ...]:
        """What may follow the colon in "name:part"."""
        return tuple(entry.part for entry in self.entries())

    def also_needed(self) -> tuple[str, ...]:
        """Observables that the likelihood needs, whatever the parts, beside those of its entries."""
        return ()


# --- others -----------------------------------------------------------------------------------------------------------


class HistFactoryFile(ResultFile):
    """`likelihood = "histfactory"`: a folder with tables; their content is checked when the likelihood is built."""

    observable: ObservableName
    tables: Annotated[dict[str, Checksum], Field(min_length=1)]
    density: dict[str, Any]
    null: dict[str, Any]

    def entries(self) -> tuple[Entry, ...]:
        return (Entry("inclusive", self.observable), Entry("hadronic", self.observable))


class OwnFile(ResultFile):
    """`likelihood = "module:Class"`: a class of the user's own; all its numbers are in `data`."""

    observables: Annotated[list[ObservableName], Field(min_length=1)]
    data: dict[str, Any] = {}

    def entries(self) -> tuple[Entry, ...]:
        return tuple(Entry(name, name) for name in self.observables)

    def parts(self) -> tuple[str, ...]:
        return ()
