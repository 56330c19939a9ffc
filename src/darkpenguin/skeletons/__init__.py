"""Working examples that `darkpenguin new` writes: a card, a model of one's own with its test, a result."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from darkpenguin.errors import DarkpenguinError
from darkpenguin.result import write_text

KINDS = {"card": ("card.toml",), "model": ("my_model.py", "test_my_model.py"), "result": ("result.toml",)}
SUFFIX = {"card": ".toml", "model": ".py", "result": ".toml"}


def write_skeleton(kind: str, path: Path) -> list[Path]:
    """Write the example of a kind ("card", "model", "result"); a model comes with test_<name>.py beside it.

    Returns the files written. Raises DarkpenguinError, and writes none, if one exists or the name has a wrong suffix.
    """
    if path.suffix != SUFFIX[kind] or (not path.stem.isidentifier() and kind == "model"):
        example = KINDS[kind][0]
        raise DarkpenguinError(f"{path}: a {kind} needs a name such as {example}")
    targets = [path, *([path.with_name(f"test_{path.name}")] if kind == "model" else [])]
    for target in targets:
        if target.exists():
            raise DarkpenguinError(f"{target}: exists already; nothing was written")
    for target, name in zip(targets, KINDS[kind], strict=True):
        text = (resources.files("darkpenguin") / "skeletons" / name).read_text(encoding="utf-8")
        write_text(target, text.replace("my_model", path.stem))
    return targets
