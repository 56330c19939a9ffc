"""references.bib: every key that code or data name exists, and every entry is complete."""

import re
from importlib import resources

import pytest

from darkpenguin.cite import bibtex, known_keys
from darkpenguin.errors import UnknownName

PACKAGE = resources.files("darkpenguin")
KEY = re.compile(r'"((?:[A-Z]|darkpenguin)[\w-]*:(?:\d{4}[a-z]{2,4}|\d{4,6}|manual))"')


def _text_files(folder=PACKAGE):
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _text_files(entry)
        elif entry.name.endswith((".py", ".toml")):
            yield entry


def test_every_key_named_in_the_package_is_known() -> None:
    named = {key for file in _text_files() for key in KEY.findall(file.read_text(encoding="utf-8"))}
    assert "Parrott:2022rgu" in named
    assert named - set(known_keys()) == set()


def test_keys_are_unique() -> None:
    text = (PACKAGE / "data" / "references.bib").read_text(encoding="utf-8")
    keys = re.findall(r"^@\w+\{([^,]+),", text, re.MULTILINE)
    assert tuple(keys) == known_keys()
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("key", known_keys())
def test_entry_is_complete(key: str) -> None:
    entry = bibtex([key])
    fields = dict(re.findall(r"^  (\w+) = \{(.*)\},$", entry, re.MULTILINE))
    assert {"author", "title", "year"} <= set(fields)
    assert entry.count("{") == entry.count("}")
    assert re.fullmatch(r"(19|20)\d\d", fields["year"])
    if "eprint" in fields:
        assert re.fullmatch(r"\d{4}\.\d{4,5}|hep-(ex|ph|lat)/\d{7}", fields["eprint"])
        # the number of an arXiv paper starts with its year and month; print may follow later, never years before
        number = fields["eprint"].split("/")[-1]
        year = 2000 + int(number[:2]) if int(number[:2]) < 90 else 1900 + int(number[:2])
        assert year <= int(fields["year"]) <= year + 2


def test_bibtex_keeps_the_order_and_drops_repeats() -> None:
    text = bibtex(["Cowan:2010js", "Belle-II:2023esi", "Cowan:2010js"])
    assert re.findall(r"^@\w+\{([^,]+),", text, re.MULTILINE) == ["Cowan:2010js", "Belle-II:2023esi"]


def test_unknown_key_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"unknown reference 'Belle-II:2023ezi'; did you mean 'Belle-II:2023esi'\?"):
        bibtex(["Belle-II:2023ezi"])
