"""The page: complete, self-contained, well-formed, and its sentences follow from the numbers."""

from __future__ import annotations

import dataclasses
import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import sample_comparison as sample

from darkpenguin import result as r
from darkpenguin.cite import bibtex, known_keys
from darkpenguin.errors import BadData
from darkpenguin.report import references, table, words
from darkpenguin.report.html import write_report
from darkpenguin.report.verdict import ABOVE, BELOW, NEAR, UNKNOWN, compare, ranked, verdict

VOID = {"meta", "br", "input"}
LOADING = {"link", "iframe", "img", "object", "embed", "audio", "video", "source", "base", "form", "image"}


class Page(HTMLParser):
    """What the tests ask about a page; fails on tags that do not nest."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.used: list[str] = []
        self.tags: list[str] = []
        self.figures: list[dict[str, str | None]] = []
        self.scopes: list[str | None] = []
        self.scripts: list[str] = []
        self.text: list[str] = []
        self.stack: list[str] = []
        self.feed(source)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        if tag not in VOID:
            self.stack.append(tag)
        self._collect(tag, values)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._collect(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.stack):
            self.text.append(data)

    def _collect(self, tag: str, values: dict[str, str | None]) -> None:
        if values.get("id"):
            self.ids.append(values["id"] or "")
        if tag == "a":
            self.links.append(values.get("href") or "")
        if tag == "use":
            self.used.append(values.get("href") or "")
        if tag == "svg":
            self.figures.append(values)
        if tag == "th":
            self.scopes.append(values.get("scope"))
        if tag == "script":
            self.scripts.append(values.get("type") or "text/javascript")
        assert not {"src", "srcset", "onload", "onclick", "background"} & set(values)
        assert all("url(" not in (v or "") or "url(#" in (v or "") for v in values.values())

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    assert write_report(sample.full(), folder) == folder / "index.html"
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page((folder / "index.html").read_text(encoding="utf-8"))


def plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", text)).replace("\N{NO-BREAK SPACE}", " ")


# --- the page ---------------------------------------------------------------------------------------------------------


def test_nothing_is_loaded_from_anywhere(page: Page, folder: Path) -> None:
    assert not LOADING & set(page.tags)
    outside = [x for x in page.links if not re.match(r"https://(arxiv\.org/abs|doi\.org)/", x)]
    assert outside
    assert all((folder / x).is_file() for x in outside)
    sheet = (folder / "index.html").read_text(encoding="utf-8").partition("<style>")[2].partition("</style>")[0]
    assert "@import" not in sheet
    assert "url(" not in sheet


def test_ids_are_unique_and_every_reference_has_its_target(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    assert page.used
    assert {u.removeprefix("#") for u in page.used} <= set(page.ids)


def test_every_figure_has_a_description_and_a_caption(page: Page) -> None:
    assert len(page.figures) == page.tags.count("figure") == page.tags.count("figcaption") == 8
    for attributes in page.figures:
        assert attributes["role"] == "img"
        assert len(attributes["aria-label"] or "") > 40
    assert all(f"Figure {i}." in page.words for i in range(1, 9))
    assert page.scopes.count("col") == 7
    assert page.scopes.count("row") == 5


def test_planes_answer_from_numbers_of_their_own(folder: Path, page: Page) -> None:
    """Two blocks of numbers and one script that loads nothing; the numbers are those of the planes."""
    assert page.scripts == ["application/json", "application/json", "text/javascript"]
    source = (folder / "index.html").read_text(encoding="utf-8")
    blocks = re.findall(r'<script type="application/json">(.*?)</script>', source, re.DOTALL)
    first = json.loads(blocks[0])
    plane = sample.exclusion_plane()
    assert (len(first["x"]), len(first["y"])) == (11, 9)
    assert first["limits"][0]["label"].startswith("Planck 2018")
    assert np.array(first["delta"]) == pytest.approx(np.array(plane.delta_chi2), rel=1e-2)
    left, top, width, height = first["box"]
    assert 0 < left < left + width < 360
    assert 0 < top < top + height
    assert not re.search(r"fetch|XMLHttp|import|eval|src=", source.rpartition("<script>")[2])


def test_what_is_left_in_words(page: Page) -> None:
    """12 of 33 preferred points; the limit that takes most first; nothing is left where a third limit is exceeded."""
    assert "Of what the data prefer, 36 % is not excluded" in page.words
    assert "Excluded by Planck 2018: not more dark matter than there is (45 %), Belle, BR(B⁰ → K*⁰" in page.words
    nothing = "Nothing that the data prefer survives: at best it exceeds Third: everywhere the same by a factor of 3.0"
    assert nothing in page.words


@pytest.mark.parametrize("make", [sample.full, sample.bare])
def test_no_machine_words(make, tmp_path: Path) -> None:
    source = write_report(make(), tmp_path).read_text(encoding="utf-8")
    words_shown = Page(source).words
    assert not re.search(r"\b(nan|NaN|None|null|inf\.|undefined|True|False)\b", words_shown)
    assert "nan" not in re.findall(r'aria-label="([^"]*)"', source)
    assert "<b>&amp;</b>" not in source.replace("&lt;b&gt;&amp;amp;&lt;/b&gt;", "")  # a name is never taken as HTML


def test_table_shows_the_numbers(page: Page) -> None:
    for expected in (
        "2.99 σ",
        "13.1",
        "20.9 / 28",
        "p = 0.79",
        "(9.1 ± 2.6) × 10⁻⁶",
        "+0.27",
        "−0.14",
        "(4.97 ± 0.25) × 10⁻⁶",
    ):
        assert expected in page.words.replace("\N{THIN SPACE}", " "), expected
    assert "the fit did not converge" in page.words
    assert "to bound" in page.words
    assert "errors not available" in page.words
    assert "one-sided normal quantile of the chi2 tail probability, Wilks" in page.words
    models = ("two-body-vector", "weak-effective", "dark-left", "standard-model", "two-body-scalar")
    order = [page.words.index(f"model {name}") for name in models]
    assert order == sorted(order)


def test_only_the_most_significant_are_drawn(tmp_path: Path) -> None:
    comparison = sample.full()
    many = tuple(dataclasses.replace(comparison.mass_scans[0], hypothesis=f"H{i}") for i in range(8))
    fits = tuple(dataclasses.replace(comparison.fits[0], hypothesis=f"H{i}", significance=0.1 * i) for i in range(8))
    changed = dataclasses.replace(comparison, fits=(*fits, comparison.fits[3]), best_hypothesis="H7", mass_scans=many)
    page = Page(write_report(changed, tmp_path).read_text(encoding="utf-8"))
    assert "Shown are the 6 most significant hypotheses; 2 more are in the file of numbers." in page.words
    scan = next(f for f in page.figures if "Delta chi squared" in (f["aria-label"] or ""))
    assert re.findall(r"H\d", scan["aria-label"] or "") == ["H7", "H6", "H5", "H4", "H3", "H2"]


def test_captions_say_what_is_assumed(page: Page) -> None:
    assert "The largest is 3.5 (Inclusive tag, signal region, off resonance, 0.94–0.96, 4–8)." in page.words
    assert "No limit at 1 of 21 points" in page.words
    assert "within 2.30 and 6.18" in page.words
    assert "its height has no meaning" in page.words


def test_notes_references_and_how_to_repeat(page: Page) -> None:
    assert "Breit-Wigner in q2 & <normalised>" in page.words
    assert "https://arxiv.org/abs/2311.14647" in page.links
    assert "somebody:2031xyz (no entry in the library's list)" in page.words
    assert " ".join(bibtex(["Belle-II:2023esi"]).split()) in page.words
    assert "darkpenguin compare --inputs 2026-11 --experiments belle2-2023-bknunu -o report" in page.words


def test_drawn_again_from_the_saved_numbers_it_is_the_same(folder: Path, tmp_path: Path) -> None:
    again = r.load(folder / "comparison.json", r.Comparison)
    write_report(again, tmp_path)
    names = sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    assert len(names) == 10
    for name in names:
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_bare_comparison(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "plane.svg").write_text("of an earlier report")
    (tmp_path / "figures" / "mine.svg").write_text("kept")
    page = Page(write_report(sample.bare(), tmp_path, command="darkpenguin compare 'a b'").read_text(encoding="utf-8"))
    assert "There is nothing to rank: no alternative to the Standard Model was fitted successfully." in page.words
    assert "Not part of this comparison: event yields, spectra" in page.words
    assert "darkpenguin compare 'a b'" in page.words
    assert [p.name for p in (tmp_path / "figures").iterdir()] == ["mine.svg"]
    assert json.loads((tmp_path / "comparison.json").read_text())["result"]["fits"][0]["delta_chi2"] is None
    none = Page(write_report(dataclasses.replace(sample.bare(), fits=()), tmp_path).read_text(encoding="utf-8"))
    assert "There is nothing to rank: no hypothesis was fitted." in none.words


def test_best_hypothesis_must_be_one_of_the_fits(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="best_hypothesis 'another' is none of the fitted ones"):
        write_report(dataclasses.replace(sample.full(), best_hypothesis="another"), tmp_path)
    assert list(tmp_path.iterdir()) == []


# --- the verdict ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("delta", "sigma", "expected"),
    [
        (-0.2, 0.0, "No hypothesis describes the data better than the Standard Model."),
        (
            1.0,
            0.5,
            "No hypothesis is clearly preferred to the Standard Model; H comes closest (Δχ² = 1.0, 0.50 σ",
        ),
        (9.4, 2.37, "The data mildly prefer H to the Standard Model (Δχ² = 9.4, 2.37 σ for 2 degrees of freedom)."),
        (20.0, 4.1, "The data prefer H to the Standard Model (Δχ² = 20.0, 4.10 σ"),
        (40.0, 6.0, "The data strongly prefer H to the Standard Model"),
        (5.0, None, "Compared with the Standard Model, H describes the data best (Δχ² = 5.0)."),
    ],
)
def test_headline_follows_the_significance(delta: float, sigma: float | None, expected: str) -> None:
    comparison = sample.full()
    fit = dataclasses.replace(comparison.fits[0], hypothesis="H", delta_chi2=delta, significance=sigma)
    found = verdict(dataclasses.replace(comparison, fits=(comparison.fits[3], fit)))
    assert plain(found.headline).startswith(expected)


def test_details_of_the_verdict() -> None:
    details = [plain(d) for d in verdict(sample.full()).details]
    assert details[0].startswith(
        "3 of 3 alternatives gain two standard deviations or more. Next comes Heavy new physics"
    )
    assert details[0].endswith("5.8 units of χ² behind.")
    assert details[1].startswith("Standard Model is itself an acceptable description of the data: χ² = 34.0 for 30 ")
    assert details[1].endswith("p = 0.28.")
    assert "above the published limit 4.00 × 10⁻⁵" in details[2]
    assert details[3].startswith("Of the 3 alternatives with two standard deviations or more and an acceptable shape,")
    assert "2 stay below the limits on the other modes: Heavy new physics" in details[3]
    assert "1 is above one at the best point, by a factor of 1.1 (limits set with" in details[3]
    left = "a dark <thing> of 2 GeV: Of what the data prefer, 36 % is not excluded; best there is"
    assert details[4].startswith(left)
    assert "not corrected for the number of hypotheses" in details[6]
    assert details[7].startswith("Not ranked: A hypothesis with a very long name")
    poor = r.GoodnessOfFit(60.0, 30, 0.001)
    fits = tuple(dataclasses.replace(f, goodness_of_fit=poor) for f in sample.full().fits)
    changed = verdict(dataclasses.replace(sample.full(), fits=fits))
    assert any("describes the data poorly" in d for d in changed.details)


def test_more_parameters_gain_more_but_do_not_lead() -> None:
    base = sample.fits()
    greedy = dataclasses.replace(base[2], hypothesis="G", delta_chi2=15.0, significance=2.5, significance_dof=6)
    found = verdict(dataclasses.replace(sample.full(), fits=(greedy, base[0], base[3])))
    assert plain(found.headline).startswith(f"The data mildly prefer {sample.X}")
    assert "1.9 units of χ² ahead, with more parameters." in plain(found.details[0])


def test_ranking_puts_failures_last() -> None:
    fits = sample.fits()
    assert [f.hypothesis for f in ranked(fits[::-1])] == [f.hypothesis for f in fits]
    failed = dataclasses.replace(fits[0], status=r.NOT_CONVERGED)
    assert ranked((failed, *fits[1:]))[-2:] == [failed, fits[4]]


@pytest.mark.parametrize(
    ("value", "error", "limit", "side"),
    [
        (1.0, 0.1, 2.0, BELOW),
        (2.1, 0.2, 2.0, NEAR),
        (2.5, 0.2, 2.0, ABOVE),
        (2.5, None, 2.0, ABOVE),
        (None, None, 2.0, UNKNOWN),
        (1.0, 0.1, None, UNKNOWN),
    ],
)
def test_prediction_against_limit(value: float | None, error: float | None, limit: float | None, side: str) -> None:
    assert compare(r.Quantity(value, error, "1"), r.Quantity(limit, None, "1")) == side
    assert compare(None, r.Quantity(limit, None, "1")) == UNKNOWN


def test_limits_are_matched_without_blanks_and_missing_predictions_show_a_dash() -> None:
    comparison = dataclasses.replace(
        sample.full(),
        limits_on_other_modes={
            "BR(B0 -> K*0 inv)": r.Quantity(1.8e-5, None, "1"),
            "BR(Bs->inv)": r.Quantity(5e-4, None, "1"),
        },
    )
    shown = plain(table.table(comparison))
    assert "B⁰ → K*⁰ inv(1.68 ± 0.11) × 10⁻⁵< 1.80 × 10⁻⁵" in shown
    assert "Bs → inv—limit 5.00 × 10⁻⁴" in shown
    tight = dataclasses.replace(comparison, limits_on_other_modes={sample.BKSTAR0: r.Quantity(1.6e-5, None, "1")})
    assert '<span class="calm" title="above, within theory error">≳&nbsp;1.60' in table.table(tight)
    tight = dataclasses.replace(comparison, limits_on_other_modes={sample.BKSTAR0: r.Quantity(1.5e-5, None, "1")})
    assert '<span class="warning" title="above">&gt;&nbsp;1.50' in table.table(tight)


# --- words and references ---------------------------------------------------------------------------------------------


def test_words() -> None:
    assert words.symbol("m_X") == "<i>m</i><sub>X</sub>"
    assert words.symbol("mu") == "<i>μ</i>"
    assert words.symbol("<x>") == "&lt;x&gt;"
    assert plain(words.estimate(r.Estimate(1.3e-2, 0.2e-2, 0.2e-2, "TeV^-2"))) == "(0.0130 ± 0.0020) TeV−2"
    assert words.unit("GeV^-2") == "&nbsp;GeV<sup>−2</sup>"
    assert plain(words.quantity(r.Quantity(0.5, None, "GeV"))) == "0.500 GeV"
    assert 'aria-label="not available"' in words.quantity(r.Quantity(None, None, "1"))
    assert plain(words.goodness(r.GoodnessOfFit(20.88, 28, 0.83, 0.81))).endswith(
        "p = 0.83, 0.81 from pseudo-experiments"
    )
    assert words.status("another <status>") == "another &lt;status&gt;"
    assert words.status(r.CLOSED) == "the decay is kinematically closed"


def test_every_reference_reads_as_text() -> None:
    entries = references.parse(bibtex(known_keys()))
    assert set(entries) == set(known_keys())
    for key, fields in entries.items():
        shown = plain(references.human(fields))
        assert not re.search(r"[\\{}$^]", shown), (key, shown)
        assert references.who(fields), key
        assert plain(references.plain(fields["title"])) in shown


def test_reference_fields() -> None:
    entry = r"""@article{Some:2020abc,
  author = {M{\"u}ller, {\'E}va and van Dyk, Danny and others},
  title = {{A study of $B^+ \to K^{*+} \nu\bar\nu$, 50\% done}},
  journal = "J. Test", volume = 7, year = {2020}, eprint = {2001.00001}, doi = {10.1/a<b},
}
"""
    fields = references.parse(entry)["Some:2020abc"]
    shown = references.human(fields)
    assert plain(shown) == (
        "Éva Müller et al., A study of B⁺ → K*⁺ νν\N{COMBINING MACRON}, 50% done, J. Test 7 (2020), arXiv:2001.00001, "
        "doi:10.1/a<b."
    )
    assert 'href="https://doi.org/10.1/a&lt;b"' in shown
    assert references.who({"collaboration": "Belle II"}) == "Belle II Collaboration"
    assert references.who({"author": "A, B and C, D and E, F and G, H"}) == "B A et al."


@pytest.mark.parametrize(("density", "share"), [(0.118, "all of it"), (0.03, "too little"), (4.0, "too much")])
def test_relic_density_of_a_hypothesis(density: float, share: str) -> None:
    comparison = sample.full()
    fit = comparison.fits[0]
    with_relic = dataclasses.replace(fit, observables=fit.observables | {"Omega_h2": r.Quantity(density, None, "1")})
    found = verdict(dataclasses.replace(comparison, fits=(with_relic, *comparison.fits[1:])))
    (sentence,) = (plain(d) for d in found.details if "Relic density" in d)
    assert share in sentence
    assert not any("Relic density" in d for d in verdict(comparison).details)
