"""The formulas that `explain` prints are those of the hadron side."""

from __future__ import annotations

import ast
import operator
import re

import numpy as np
import pytest

from darkpenguin._jax import jnp
from darkpenguin.analysis import Analysis
from darkpenguin.core.inputs import load_inputs
from darkpenguin.explain import BARYON_H, PSEUDOSCALAR_H, VECTOR_H, explain
from darkpenguin.flavour.form_factors import b_to_k, b_to_v, lambdab_to_lambda
from darkpenguin.flavour.transitions import transition

OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}

PORTAL = {"m_X": 2.0, "eps": 5e-5, "eps_Z": 9e-5, "alpha_X": 3.2e-4, "m_DM": 0.5}


def value(formula: str, symbols: dict[str, np.ndarray]) -> np.ndarray:
    """A printed formula as a number: blanks between factors are products, ^ is a power."""
    tokens = re.findall(r"[A-Za-z_]\w*|\d+|[-+/^()]", formula)
    text = ""
    for previous, token in zip(["+", *tokens], tokens, strict=False):
        operand_before = previous == ")" or re.match(r"\w", previous)
        operand_next = token == "(" or re.match(r"\w", token)
        text += ("*" if operand_before and operand_next else "") + {"^": "**", "lambda": "lam"}.get(token, token)

    def walk(node: ast.expr) -> np.ndarray:
        match node:
            case ast.BinOp(left, op, right):
                return OPERATORS[type(op)](walk(left), walk(right))
            case ast.Constant(number):
                return np.asarray(float(number))
            case ast.Name(name):
                return symbols[name]
        raise AssertionError(f"cannot read {ast.dump(node)} in {formula}")

    return walk(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize(
    ("mode", "formulas", "form_factors"),
    [
        ("B+->K+", PSEUDOSCALAR_H, b_to_k),
        ("B0->K*0", VECTOR_H, b_to_v),
        ("Lambda_b->Lambda", BARYON_H, lambdab_to_lambda),
    ],
)
def test_printed_formulas_are_those_of_the_code(mode: str, formulas: dict[str, str], form_factors) -> None:
    inputs = load_inputs().at()
    q2 = jnp.array([0.5, 9.0, 17.0])
    decay = transition(mode)
    m = decay.masses(inputs)
    a, b, c = m.m_B**2, m.m_M**2, q2
    symbols = {"q2": q2, "lam": a**2 + b**2 + c**2 - 2 * (a * b + a * c + b * c)}  # the Kallen function as in textbooks
    symbols |= m._asdict() | form_factors(inputs.form_factors[decay.form_factors], q2)._asdict()
    hadron = decay.hadron(inputs, q2)
    shown = set()
    for name, transverse, longitudinal in zip(hadron.transverse._fields, *hadron, strict=True):
        parts = [h for h in (transverse, longitudinal) if h is not None]
        if parts:
            shown.add(name)
            np.testing.assert_allclose(value(formulas[name], symbols), sum(parts[1:], start=parts[0]), rtol=1e-12)
    assert shown == formulas.keys()


def test_mediators_and_dark_matter_of_a_portal() -> None:
    """Numbers as from `predict`; alpha_X = 3.2e-4 at 0.5 GeV gives about the observed density."""
    text = explain(Analysis("dark_photon_portal", experiments=()), PORTAL)
    assert "Mediators and their decays" in text
    assert re.search(r"particle 1: VectorBoson +m = 2 GeV", text)
    found = re.search(r"Omega_h2 += ([\d.]+) ", text)
    assert found
    assert 0.115 < float(found[1]) < 0.125
    plain = explain(Analysis("standard_model", experiments=()), {})
    assert "Dark matter" not in plain
