"""Cards: what a good one means; every fault is found, all at once, with its place and the nearest valid name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkpenguin.card import MAX_BYTES, Card, Limits, card_from_table, parse_card, read_card
from darkpenguin.core.model import Range
from darkpenguin.errors import CardError, Problem

GOOD = """
model = "two-body-scalar"
inputs = "belle2-2023"
form_factors = {"B->K*" = "bsz-2015"}
experiments = ["belle2-2023-bknunu"]
nuisances = "theory"
[parameters]
m_S = 2
BR = {from = 0, to = 3e-5, points = 7}
[limits]
parameter = "BR"
"""


def problems(text: str, folder: Path = Path()) -> dict[str, str]:
    """Place -> message of every fault of a card that must have some."""
    with pytest.raises(CardError) as caught:
        parse_card(text, "card.toml", folder)
    return dict(caught.value.problems)


def test_good_card() -> None:
    card = parse_card(GOOD, "card.toml")
    assert card == Card(
        source="card.toml",
        model="two-body-scalar",
        inputs="belle2-2023",
        form_factors={"B->K*": "bsz-2015"},
        experiments=("belle2-2023-bknunu",),
        nuisances="theory",
        acceptance="sm",
        comparison_only=False,
        dark_matter="all",
        fixed={"m_S": 2.0},
        free={"BR": Range(0.0, 3e-5, 7, "linear")},
        limits=Limits("BR", 0.95),
    )
    assert isinstance(card.fixed["m_S"], float)


def test_defaults() -> None:
    card = parse_card('model = "standard_model"')
    assert (card.inputs, card.experiments, card.nuisances) == ("2026-11", ("belle2-2023-bknunu",), "workspace")
    assert (card.fixed, card.free, card.limits) == ({}, {}, None)


def test_scale_is_that_of_the_model_where_it_can_be() -> None:
    card = parse_card('model = "dark_left_scalar"\n[parameters]\nm_phi = 0.3\nS = {from = 1e-9, to = 1e-6}')
    assert card.free["S"].scale == "log"
    card = parse_card('model = "dark_left_scalar"\n[parameters]\nm_phi = 0.3\nS = {from = 0.0, to = 1e-6}')
    assert card.free["S"].scale == "linear"


# place in the card, a piece of the message, the card
FAULTS = [
    ("model", "required key is missing", 'inputs = "2026-11"'),
    ("model", "'two_bdy_scalar' not found; did you mean 'two_body_scalar'?", 'model = "two_bdy_scalar"'),
    ("model", "expected text, found 3", "model = 3"),
    ("model", "no such file", 'model = "nowhere.py:Model"'),
    ("inputs", "'2026-12' not found; did you mean '2026-11'?", 'model = "standard_model"\ninputs = "2026-12"'),
    ("mdoel", "unknown key; did you mean 'model'?", 'mdoel = "x"'),
    ("nuisances", "expected 'workspace', 'theory' or 'fixed', found 'profile'", 'nuisances = "profile"'),
    ("experiments", "expected a list, found 'belle2'", 'experiments = "belle2"'),
    ("experiments[0]", "did you mean 'belle2-2023-bknunu'?", 'experiments = ["bele2-2023-bknunu"]'),
    ("experiments[1]", "is there twice", 'experiments = ["belle2-2023-bknunu", "belle2-2023-bknunu"]'),
    (
        "experiments[0]",
        "part of belle2-2023-bknunu 'hadronc' not found",
        'experiments = ["belle2-2023-bknunu:hadronc"]',
    ),
    (
        "experiments",
        "share systematic uncertainties",
        'experiments = ["belle2-2023-bknunu:hadronic", "belle2-2023-bknunu:inclusive"]',
    ),
    ("form_factors.B->K", "did you mean 'hpqcd-2022'?", 'form_factors = {"B->K" = "hpqcd2022"}'),
    ("form_factors.B->Kst", "unknown transition", 'form_factors = {"B->Kst" = "bsz-2015"}'),
    ("form_factors.B->K", "expected text, found 2", 'form_factors = {"B->K" = 2}'),
    ("parameters.m_S", "required parameter of 'two_body_scalar' is missing", 'model = "two_body_scalar"'),
    ("parameters", "expected a table, found 3", 'model = "two_body_scalar"\nparameters = 3'),
]
PARAMETER_FAULTS = [
    ("parameters.m_s", "unknown parameter of 'two_body_scalar'; did you mean 'm_S'?", "m_s = 2.0"),
    ("parameters.m_S", "9 GeV is outside the allowed range 0 to 5.28 GeV", "m_S = 9.0"),
    ("parameters.m_S", "nan is not a finite number", "m_S = nan"),
    ("parameters.m_S", "-inf is not a finite number", "m_S = -inf"),
    ("parameters.m_S", "expected a number or a range {from = ..., to = ...}, found true", "m_S = true"),
    ("parameters.m_S", "expected a number or a range {from = ..., to = ...}, found '2.1'", 'm_S = "2.1"'),
    ("parameters.m_S", "expected a number or a range {from = ..., to = ...}, found [1.0, 2.0]", "m_S = [1.0, 2.0]"),
    ("parameters.m_S", "found 1000", "m_S = 1" + 400 * "0"),
    ("parameters.m_S.to", "7 GeV is outside the allowed range", "m_S = {from = 1.0, to = 7.0}"),
    ("parameters.m_S", "'from' must be less than 'to', found 3 and 2", "m_S = {from = 3.0, to = 2.0}"),
    ("parameters.m_S.to", "required key is missing", "m_S = {from = 3.0}"),
    ("parameters.m_S.point", "unknown key; did you mean 'points'?", "m_S = {from = 1.0, to = 2.0, point = 3}"),
    ("parameters.m_S.points", "expected a whole number, found 2.5", "m_S = {from = 1.0, to = 2.0, points = 2.5}"),
    ("parameters.m_S.points", "greater than or equal to 2", "m_S = {from = 1.0, to = 2.0, points = 1}"),
    ("parameters.m_S.points", "less than or equal to 10000", "m_S = {from = 1.0, to = 2.0, points = 1000000}"),
    ("parameters.m_S.from", "inf is not a finite number", "m_S = {from = inf, to = 2.0}"),
    ("parameters.m_S.scale", "expected 'linear' or 'log', found 'ln'", 'm_S = {from = 1.0, to = 2.0, scale = "ln"}'),
    ("parameters.m_S.from", "must be positive for scale", 'm_S = {from = 0.0, to = 2.0, scale = "log"}'),
    ("parameters.BR", "give either BR or g_S, not both", "m_S = 2.0\nBR = {from = 0.0, to = 1e-5}\ng_S = 1e-8"),
    ("limits.parameter", "'m_S' is held at a value", 'm_S = 2.0\n[limits]\nparameter = "m_S"'),
    (
        "limits.parameter",
        "not among the parameters with a range; did you mean 'm_S'?",
        'm_S = {from = 1.0, to = 2.0}\n[limits]\nparameter = "m_X"',
    ),
    (
        "limits.confidence_level",
        "less than 1",
        'm_S = {from = 1.0, to = 2.0}\n[limits]\nparameter = "m_S"\nconfidence_level = 95',
    ),
]


@pytest.mark.parametrize(("where", "what", "text"), FAULTS)
def test_fault_is_named(where: str, what: str, text: str) -> None:
    found = problems(text)
    assert where in found, found
    assert what in found[where]


@pytest.mark.parametrize(("where", "what", "text"), PARAMETER_FAULTS)
def test_fault_of_a_parameter_is_named(where: str, what: str, text: str) -> None:
    found = problems(f'model = "two_body_scalar"\n[parameters]\n{text}')
    assert what in found.pop(where)
    assert list(found) in ([], ["parameters.m_S"]), "a misspelt m_S is missing as well"


def test_all_faults_at_once_in_the_order_of_the_card() -> None:
    text = """
inputs = "2026-1"
experiments = ["belle2-2023-bknunu", "bele2-2023-bknunu"]
model = "two_body_scalar"
color = "red"
[parameters]
BR = "large"
g_T = 1.0
"""
    found = problems(text)
    assert list(found) == ["inputs", "experiments[1]", "color", "parameters.BR", "parameters.g_T", "parameters.m_S"]


def test_message_has_the_form_of_the_guide() -> None:
    with pytest.raises(CardError) as caught:
        parse_card(
            'model = "two_body_scalar"\nexperiments = ["bele2-2023-bknunu"]\n[parameters]\nm_s = 2.0\nm_S = 1',
            "card.toml",
        )
    assert str(caught.value) == (
        "card.toml: 2 problems\n"
        "  experiments[0]  'bele2-2023-bknunu' not found; did you mean 'belle2-2023-bknunu'?\n"
        "  parameters.m_s  unknown parameter of 'two_body_scalar'; did you mean 'm_S'?"
    )


# --- files that are no cards ---


@pytest.mark.parametrize(
    ("content", "where", "what"),
    [
        (b"", "model", "required key is missing"),
        (b'model = "standard_model"\nexperiments = [', "end of document", "not valid TOML"),
        (b'model = "standard_model"\n\nmodel = "x"\n', "line 3, column 12", "not valid TOML: cannot overwrite a value"),
        (b"\xff\xfe\x00m", "byte 0", "not UTF-8"),
        (b"x = " + 5000 * b"[", "file", "not valid TOML"),
        (b"x = " + 5000 * b"9", "file", "not valid TOML"),
        (b"#" * (MAX_BYTES + 1), "size", "larger than 1000000 bytes"),
    ],
    ids=["empty", "cut off", "key twice", "not UTF-8", "nested", "long number", "huge"],
)
def test_not_a_card(tmp_path: Path, content: bytes, where: str, what: str) -> None:
    path = tmp_path / "card.toml"
    path.write_bytes(content)
    with pytest.raises(CardError) as caught:
        read_card(path)
    assert dict(caught.value.problems).keys() == {where}
    assert what in caught.value.problems[0].what


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "card.toml", tmp_path):
        with pytest.raises(CardError, match=r"1 problem\n  file"):
            read_card(path)


def test_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "card.toml"
    path.write_text('model = "standard_model"', encoding="utf-8-sig")
    assert read_card(path).model == "standard_model"


# --- digest ---


def test_digest_depends_on_the_meaning_only() -> None:
    same = """
# a comment
nuisances = "theory"
model = "two_body_scalar"
experiments = ["belle2-2023-bknunu"]
inputs = "belle2-2023"
limits = {parameter = "BR", confidence_level = 0.95}
form_factors = {"B->K*" = "bsz-2015"}
[parameters]
BR = {to = 3.0e-5, from = 0.0, points = 7, scale = "linear"}
m_S = 2.0
"""
    assert parse_card(GOOD).digest() == parse_card(same, "other.toml").digest()
    assert parse_card(GOOD).digest() != parse_card(GOOD.replace("3e-5", "4e-5")).digest()
    assert parse_card(GOOD).digest() != parse_card(GOOD.replace("theory", "fixed")).digest()


MODEL = """
from darkpenguin.core.model import AbstractModel, parameter
class Mine(AbstractModel):
    name = "mine"
    title = "mine"
    m: float = parameter("GeV", 0.0, {high}, "mass")
    def couplings(self, inputs):
        raise NotImplementedError
"""


def test_model_file_is_found_from_the_card_and_enters_the_digest(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MODEL.format(high=3.0))
    (tmp_path / "card.toml").write_text('model = "mine.py:Mine"\n[parameters]\nm = 2.5')
    card = read_card(tmp_path / "card.toml")
    assert card.model == f"{tmp_path / 'mine.py'}:Mine"
    before = card.digest()
    (tmp_path / "mine.py").write_text(MODEL.format(high=4.0))
    assert read_card(tmp_path / "card.toml").digest() != before
    (tmp_path / "mine.py").write_text(MODEL.format(high=1.0))
    with pytest.raises(CardError, match=r"2\.5 GeV is outside the allowed range 0 to 1 GeV"):
        read_card(tmp_path / "card.toml")


# --- anything ---

KEYS = st.sampled_from(["model", "inputs", "form_factors", "experiments", "nuisances", "parameters", "limits", "other"])
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["two_body_scalar", "BR"]),
)
NAMES = st.sampled_from(["m_S", "BR", "from", "to", "points", "scale", "parameter", "B->K", "x"])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=8
)


def outcome(read: Callable[[], Card]) -> tuple[Problem, ...] | str:
    """The digest of a card, or its faults."""
    try:
        return read().digest()
    except CardError as error:
        return error.problems


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_any_table_is_a_card_or_a_list_of_faults(raw: dict[str, object]) -> None:
    assert outcome(lambda: card_from_table(raw)) != ()


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet='model="[]{}.,0123eE-+nai_S\n', max_size=60))
def test_any_text_is_a_card_or_a_list_of_faults(text: str) -> None:
    assert outcome(lambda: parse_card(text)) != ()
