"""The tables of belle2-2023-bknunu rebuilt from the published files by their make.py, byte for byte.

Needs the files of doi 10.17182/hepdata.166082 (SOURCE.md of the result): set DARKPENGUIN_BELLE2_DIR to their folder.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from darkpenguin.experiments.histfactory_pyhf import to_pyhf
from darkpenguin.experiments.histfactory_tables import builtin_folder, load_tables, read_metadata

FOLDER = Path(str(builtin_folder("belle2-2023-bknunu")))
needs_files = pytest.mark.skipif(
    "DARKPENGUIN_BELLE2_DIR" not in os.environ,
    reason="set DARKPENGUIN_BELLE2_DIR to a folder with the published files (doi 10.17182/hepdata.166082)",
)


@pytest.fixture(scope="module")
def make() -> ModuleType:
    spec = importlib.util.spec_from_file_location("belle2_make", FOLDER / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_checksums_agree(make: ModuleType) -> None:
    """make.py and result.toml name the same originals, and result.toml the tables that are there."""
    metadata = read_metadata(FOLDER)
    assert metadata["source"]["sha256"] == make.SHA256
    for name, checksum in metadata["tables"].items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == checksum


def test_wrong_original_is_refused(make: ModuleType, tmp_path: Path) -> None:
    (tmp_path / make.WORKSPACE).write_text("{}")
    with pytest.raises(SystemExit, match="expected sha256 9ec0d563"):
        make.main([str(tmp_path), str(tmp_path)])
    assert sorted(p.name for p in tmp_path.iterdir()) == [make.WORKSPACE]


@needs_files
def test_rebuilt_tables_are_ours(make: ModuleType, tmp_path: Path) -> None:
    make.main([os.environ["DARKPENGUIN_BELLE2_DIR"], str(tmp_path)])
    names = sorted(p.name for p in tmp_path.iterdir())
    assert names == sorted(read_metadata(FOLDER)["tables"])
    for name in names:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()


def ordered(workspace: dict[str, Any]) -> str:
    """A workspace as text, the order of keys and of the modifiers of a sample left aside."""
    for channel in workspace["channels"]:
        for sample in channel["samples"]:
            sample["modifiers"].sort(key=lambda m: (m["type"], m["name"]))
    return json.dumps(workspace, sort_keys=True)


@needs_files
def test_workspace_from_our_tables_is_the_published_one(make: ModuleType) -> None:
    """Every number of the published workspace comes back as the same double."""
    published = json.loads((Path(os.environ["DARKPENGUIN_BELLE2_DIR"]) / make.WORKSPACE).read_bytes())
    assert ordered(to_pyhf(load_tables(FOLDER))) == ordered(published)
