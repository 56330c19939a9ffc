"""The page in a real browser: nothing sticks out on a telephone, figures stay readable, it prints on A4."""

from __future__ import annotations

import html
import json
import re
import runpy
import shutil
import subprocess
from pathlib import Path

import matplotlib.image
import pytest

from darkpenguin.report.html import write_report

BROWSER = next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no chromium, chromium-browser or google-chrome on this machine: the page is not looked at"
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
# Runs inside a frame of the width to be tested: the browser's own window is never narrower than 500 pixels.
MEASURE = """<script>
const wide = document.documentElement.clientWidth;
const free = e => !e.closest("svg svg, svg *, pre, thead");  // parts of a figure; what scrolls or is hidden by itself
const out = [...document.querySelectorAll("body *")]
  .filter(e => free(e) && e.getBoundingClientRect().right > wide + 0.5).map(e => e.outerHTML.slice(0, 80));
const scale = s => s.getBoundingClientRect().width / s.viewBox.baseVal.width;
const figures = [...document.querySelectorAll("figure svg")].map(scale);
const text = getComputedStyle(document.body).fontSize;
const scroll = document.documentElement.scrollWidth;
parent.document.body.dataset.found = JSON.stringify({wide, scroll, out, figures, text});
</script></body>"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sample = runpy.run_path(str(Path(__file__).parents[1] / "unit" / "sample_comparison.py"))
    return write_report(sample["full"](), tmp_path_factory.mktemp("report"))


def browse(page: Path, folder: Path, *arguments: str) -> str:
    """Run the browser with a profile of its own and return what it prints."""
    assert BROWSER is not None
    command = [BROWSER, *FLAGS, f"--user-data-dir={folder / 'profile'}", *arguments, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


@pytest.mark.parametrize(("width", "smallest"), [(390, 9.0), (1280, 11.0)])
def test_fits_the_width(page: Path, tmp_path: Path, width: int, smallest: float) -> None:
    """Measured by a small script in a copy of the page; the labels of a figure are 9.5 pt, `smallest` is in pixels."""
    inside = html.escape(page.read_text(encoding="utf-8").replace("</body>", MEASURE))
    frame = tmp_path / "frame.html"
    style = f"border: 0; width: {width}px; height: 900px"
    frame.write_text(f'<!DOCTYPE html><meta charset="utf-8"><body><iframe style="{style}" srcdoc="{inside}"></iframe>')
    dom = browse(frame, tmp_path, "--window-size=1600,1000", "--virtual-time-budget=2000", "--dump-dom")
    attribute = re.search(r'data-found="([^"]*)"', dom)
    assert attribute is not None
    found = json.loads(html.unescape(attribute[1]))
    assert found["wide"] == width
    assert found["scroll"] == width
    assert found["out"] == []
    assert len(found["figures"]) == 8
    assert min(found["figures"]) * 9.5 > smallest  # the SVG's own unit is the point
    assert found["text"] == "16px"


@pytest.mark.parametrize("width", [390, 1280])
def test_screenshot(page: Path, tmp_path: Path, width: int) -> None:
    shot = tmp_path / "shot.png"
    browse(page, tmp_path, f"--window-size={width},2400", f"--screenshot={shot}")
    pixels = matplotlib.image.imread(shot)[..., :3]
    assert pixels.shape[:2] == (2400, width)
    dark = (pixels.min(axis=2) < 0.7).mean(axis=1)
    assert (dark > 0).mean() > 0.3  # lines of text and figures all the way down
    margin = pixels[:, -8:]
    assert (margin > 0.99).all()  # nothing runs into the right edge


def test_prints_on_a4(page: Path, tmp_path: Path) -> None:
    target = tmp_path / "page.pdf"
    browse(page, tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={target}")
    content = target.read_bytes()
    assert content.startswith(b"%PDF")
    sizes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert 3 <= len(sizes) <= 14
    for w, h in sizes:
        assert (float(w), float(h)) == pytest.approx((595.3, 841.9), abs=1.5)  # 210 mm x 297 mm, rounded to pixels


# Presses the arrow to the right, then switches the second limit off; leaves what the page says behind.
ANSWERS = """<script>
const figure = document.querySelector("figure.plane"), svg = figure.querySelector("svg");
const area = () => figure.querySelector(".cells").getAttribute("d").split("M").length - 1;
const told = () => figure.querySelector("output").textContent;
const first = [told(), area()];
svg.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
const moved = told();
const box = figure.querySelectorAll("input[type=checkbox]")[1];
box.checked = false;
box.dispatchEvent(new Event("change"));
document.body.dataset.found = JSON.stringify({ first, moved, switched: [told(), area()] });
</script></body>"""


def test_a_plane_answers(page: Path, tmp_path: Path) -> None:
    """Starts at the best point that is left, x = 10, y = 1, with 12 cells; one step right is x = 15.8; without the
    limit on B0 -> K*0 a third row of six cells is left."""
    copy = tmp_path / "page.html"
    copy.write_text(page.read_text(encoding="utf-8").replace("</body>", ANSWERS), encoding="utf-8")
    dom = browse(copy, tmp_path, "--virtual-time-budget=2000", "--dump-dom")
    attribute = re.search(r'data-found="([^"]*)"', dom)
    assert attribute is not None
    found = json.loads(html.unescape(attribute[1]))
    assert "= 10, " in found["first"][0]
    assert found["first"][1] == 12
    assert "= 15.8, " in found["moved"]
    assert "K*⁰" in found["moved"]
    assert "K*⁰" not in found["switched"][0]
    assert found["switched"][1] == 18
