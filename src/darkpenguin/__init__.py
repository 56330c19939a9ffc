"""darkpenguin: b -> s + invisible, from model parameters to Belle II's published likelihood, fits, limits and a verdict."""

from __future__ import annotations

__version__ = "0.1.0"
