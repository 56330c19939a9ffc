"""Sphinx settings. Pages below reference/generated are written here, from the package's data, before Sphinx looks."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "_ext")]
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import generate  # noqa: E402

import darkpenguin  # noqa: E402

project = "darkpenguin"
author = "The darkpenguin developers"
copyright = "The darkpenguin developers, BSD-3-Clause"
version = release = darkpenguin.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "plain_docstrings"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "_ext"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "show-inheritance": True}
python_maximum_signature_line_length = 88

html_theme = "pydata_sphinx_theme"
html_title = f"darkpenguin {release}"
html_static_path = ["_static"]
html_css_files = ["darkpenguin.css"]
html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": "darkpenguin"},
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "show_prev_next": True,
    "header_links_before_dropdown": 8,
    "secondary_sidebar_items": {
        "**": ["page-toc"],
        "index": [],
        "validation": [],
        "reference/generated/inputs": [],
        "reference/generated/operators": [],
    },
    "navbar_persistent": [],
    "navbar_end": ["search-button", "theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"index": [], "changelog": [], "corrections": [], "validation": []}

generate.write_all(HERE / "reference" / "generated")
