"""models, experiments, inputs, cite."""

from __future__ import annotations

import json

import pytest

from darkpenguin.cite import known_keys
from darkpenguin.core.inputs import available_form_factors, available_inputs
from darkpenguin.experiments.index import available as available_experiments
from darkpenguin.models.index import available as available_models


def test_models(run) -> None:
    text = run("models").stdout
    assert json.loads(run("models", "--json").stdout).keys() == set(available_models())
    assert all(name in text for name in available_models())


@pytest.mark.parametrize("name", available_models())
def test_one_model(run, name: str) -> None:
    facts = json.loads(run("models", name, "--json").stdout)
    text = run("models", name).stdout
    assert facts["name"] == name
    assert all(p["unit"] and p["doc"] and p["low"] < p["high"] for p in facts["parameters"].values())
    assert all(p in text for p in facts["parameters"])


def test_default_from_the_inputs_is_said(run) -> None:
    line = next(x for x in run("models", "weak_effective").stdout.splitlines() if x.startswith("cVL"))
    assert "from inputs" in line


def test_experiments(run) -> None:
    names = json.loads(run("experiments", "--json").stdout).keys()
    assert names == set(available_experiments())
    assert "belle2-2023-bknunu" in names
    for name in names:
        assert json.loads(run("experiments", name, "--json").stdout)["assumptions"]
    text = run("experiments", "belle2-2023-bknunu").stdout
    assert "BR(B+->K+inv)" in text or "spectrum(B+->K+inv)" in text
    assert "assumes" in text


def test_searches_for_mediators_are_listed(run) -> None:
    text = run("experiments").stdout
    assert "lhcb-2016-bkmumu" in text.split("searches for a mediator")[1]
    assert "e137-darkphoton" in text
    about = json.loads(run("experiments", "e137-darkphoton", "--json").stdout)
    assert about["recast"] == "displaced"
    assert "lifetime of a dark photon" in run("experiments", "e137-darkphoton").stdout


def test_inputs(run) -> None:
    names = [info["name"] for info in json.loads(run("inputs", "--json").stdout)]
    assert names == [info.name for info in available_inputs()]
    sets = json.loads(run("inputs", "--form-factors", "--json").stdout)
    assert len(sets) == len(available_form_factors())
    assert "hpqcd-2022" in run("inputs", "--form-factors").stdout
    one = json.loads(run("inputs", "hpqcd-2022", "--form-factors", "--json").stdout)
    assert [info["transition"] for info in one] == ["B->K"]


def test_constants_with_unit_error_and_source(run) -> None:
    facts = json.loads(run("inputs", "2026-11", "--json").stdout)
    # X_t = 1.462 +- 0.017 +- 0.002, arXiv:2105.02868
    assert facts["X_t"]["value"] == 1.462
    assert facts["X_t"]["unit"] == "1"
    assert "X_t" in run("inputs", "2026-11").stdout


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("models", "two_bdy_scalar"), "unknown model 'two_bdy_scalar'; did you mean 'two_body_scalar'?"),
        (("experiments", "bele2-2023-bknunu"), "did you mean 'belle2-2023-bknunu'?"),
        (("inputs", "2026-12"), "did you mean '2026-11'?"),
        (("inputs", "hpqcd2022", "--form-factors"), "did you mean 'hpqcd-2022'?"),
        (("cite", "two_bdy_scalar"), "did you mean 'two_body_scalar'?"),
        (("cite", "nowhere.toml"), "no such file"),
    ],
)
def test_misspelt_name(run, arguments: tuple[str, ...], what: str) -> None:
    assert what in run(*arguments, code=2).stderr


def test_cite_model_and_card(run, tmp_path) -> None:
    card = tmp_path / "card.toml"
    card.write_text('model = "standard_model"\nexperiments = ["belle2-2023-bknunu"]')
    facts = json.loads(run("cite", card, "--json").stdout)
    # the model's papers, the measurement, the sources of the input numbers
    assert {"Buras:2014fpa", "Belle-II:2023esi", "ParticleDataGroup:2026"} <= set(facts["keys"])
    assert set(facts["keys"]) <= set(known_keys())
    text = run("cite", card).stdout
    assert all(f"{{{key}," in text for key in facts["keys"])
    assert text.count("@") == text.count("\n}\n"), "as many entries begin as end"
    only = json.loads(run("cite", "standard_model", "--json").stdout)["keys"]
    assert set(only) < set(facts["keys"])


def test_cite_names_keys_that_nobody_knows(run, tmp_path) -> None:
    model = tmp_path / "mine.py"
    model.write_text(
        "from darkpenguin.core.model import AbstractModel\n"
        "class Mine(AbstractModel):\n"
        "    name, title, references = 'mine', 'mine', ('Me:2026abc', 'Buras:2014fpa')\n"
        "    def couplings(self, inputs):\n"
        "        raise NotImplementedError\n"
    )
    text = run("cite", f"{model}:Mine").stdout
    assert "Buras:2014fpa," in text
    assert "% Me:2026abc: not among darkpenguin's references" in text
