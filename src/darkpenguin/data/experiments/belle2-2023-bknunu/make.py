"""Rebuild the tables of this folder from the published record (standard library only).

    python make.py FOLDER [OUTPUT]

FOLDER holds the four files of the likelihood release of arXiv:2507.12393 (doi 10.17182/hepdata.166082, see SOURCE.md);
OUTPUT is where the tables go, by default the folder of this script. A file whose checksum is not the recorded one
stops the run. The same input always gives the same bytes: numbers are written with `repr`, so every double is kept.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

WORKSPACE = "combined_likelihood.json"
SHA256 = {
    WORKSPACE: "9ec0d563197912e03e31de202f04fea10babe39a10de99b9770d9292df285ab3",
    "number_density_ita_regA.csv": "ba6ecf3dc4ba7b5f74ae5f3b9f9bbbfd35bd0cae680af8b444e25ea2050f3366",
    "number_density_ita_regB.csv": "c8b7f5b29fbef0635565877a8b589b11c25c0d6043c412849d386bc9965ce3c9",
    "number_density_hta.csv": "2ef413de554d4d5553557e31c0f55e0f1afa01a52aafacc820d09dc72c41b4bb",
}
DENSITIES = {
    "A": "number_density_ita_regA.csv",
    "B": "number_density_ita_regB.csv",
    "sgn1_had": "number_density_hta.csv",
}
DATE = "2026-11-21"
Row = Sequence[str | int | float]


def read_checked(folder: Path, name: str) -> bytes:
    """The bytes of one published file, refused if its SHA-256 is not the recorded one."""
    content = (folder / name).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256[name]:
        raise SystemExit(f"{folder / name}: expected sha256 {SHA256[name]}, found {found}")
    return content


def short(channel: str) -> str:
    """The key of a channel in our tables: A, B, C, D for the inclusive tag, `sgn1_had` for the hadronic one."""
    return channel.split("__")[0]


def modifiers(workspace: dict[str, Any], kind: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(channel, sample, modifier) for every modifier of one kind, in the order of the published file."""
    for channel in workspace["channels"]:
        for sample in channel["samples"]:
            for modifier in sample["modifiers"]:
                if modifier["type"] == kind:
                    yield short(channel["name"]), sample["name"], modifier


def check_kinds(workspace: dict[str, Any]) -> None:
    """Refuse a workspace with content that the tables cannot hold."""
    known = {"normfactor", "normsys", "histosys", "staterror"}
    for channel in workspace["channels"]:
        for sample in channel["samples"]:
            unknown = {m["type"] for m in sample["modifiers"]} - known
            if unknown:
                raise SystemExit(f"{channel['name']}, {sample['name']}: unknown modifiers {sorted(unknown)}")
            if [m["type"] for m in sample["modifiers"]].count("staterror") != 1:
                raise SystemExit(f"{channel['name']}, {sample['name']}: expected one staterror")


def channel_rows(workspace: dict[str, Any]) -> Iterator[Row]:
    names = {observation["name"] for observation in workspace["observations"]}
    for channel in workspace["channels"]:
        if channel["name"] not in names:
            raise SystemExit(f"{channel['name']}: no observation")
        key = short(channel["name"])
        yield key, "hadronic" if key.endswith("_had") else "inclusive", channel["name"]


def observed_rows(workspace: dict[str, Any]) -> Iterator[Row]:
    counts = {observation["name"]: observation["data"] for observation in workspace["observations"]}
    for channel in workspace["channels"]:
        for index, count in enumerate(counts[channel["name"]]):
            yield short(channel["name"]), index, count


def sample_rows(workspace: dict[str, Any]) -> Iterator[Row]:
    scaled = {(channel, sample) for channel, sample, _ in modifiers(workspace, "normfactor")}
    for channel, sample, modifier in modifiers(workspace, "staterror"):
        yield channel, sample, "yes" if (channel, sample) in scaled else "no", modifier["name"]


def yield_rows(workspace: dict[str, Any]) -> Iterator[Row]:
    for channel in workspace["channels"]:
        for sample in channel["samples"]:
            (error,) = [m["data"] for m in sample["modifiers"] if m["type"] == "staterror"]
            for index, (nominal, sigma) in enumerate(zip(sample["data"], error, strict=True)):
                yield short(channel["name"]), sample["name"], index, nominal, sigma


def histosys_rows(workspace: dict[str, Any]) -> Iterator[Row]:
    for channel, sample, modifier in modifiers(workspace, "histosys"):
        low, high = modifier["data"]["lo_data"], modifier["data"]["hi_data"]
        for index, (lo, hi) in enumerate(zip(low, high, strict=True)):
            yield channel, sample, modifier["name"], index, lo, hi


def normsys_rows(workspace: dict[str, Any]) -> Iterator[Row]:
    for channel, sample, modifier in modifiers(workspace, "normsys"):
        yield channel, sample, modifier["name"], modifier["data"]["lo"], modifier["data"]["hi"]


def density_rows(folder: Path) -> Iterator[Row]:
    for channel, name in DENSITIES.items():
        for index, line in enumerate(read_checked(folder, name).decode().split()):
            yield channel, index, *(float(number) for number in line.split(","))


def text(title: str, sources: Sequence[str], columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """One table: comment lines, one line of column names, the rows."""
    lines = [f"# {title}", "# source: Belle II, arXiv:2507.12393, doi 10.17182/hepdata.166082 (see SOURCE.md)"]
    lines += [f"# original: {name} sha256 {SHA256[name]}" for name in sources]
    lines += [f"# built: {DATE} by make.py", ",".join(columns)]
    lines += [",".join(repr(x) if isinstance(x, float) else str(x) for x in row) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def tables(folder: Path) -> dict[str, bytes]:
    """Every table of this folder, by file name, from the published files in `folder`."""
    workspace = json.loads(read_checked(folder, WORKSPACE))
    check_kinds(workspace)
    one = [WORKSPACE]
    density_columns = ["channel", "bin", "outside", *(f"q2_{k}" for k in range(100))]
    return {
        "channels.csv": text(
            "Channels: our key, tag, name in the published workspace",
            one,
            ["channel", "tag", "published_name"],
            channel_rows(workspace),
        ),
        "observed.csv": text(
            "Observed events in each bin (count)", one, ["channel", "bin", "observed"], observed_rows(workspace)
        ),
        "samples.csv": text(
            "Samples: is the sample scaled by the signal strength; name of its per-bin statistical error",
            one,
            ["channel", "sample", "signal", "staterror"],
            sample_rows(workspace),
        ),
        "yields.csv": text(
            "Nominal yield and its absolute statistical error (expected events; signal at strength 1)",
            one,
            ["channel", "sample", "bin", "nominal", "error"],
            yield_rows(workspace),
        ),
        "histosys.csv": text(
            "Yield with one parameter moved by -1 and +1 prior standard deviation (expected events)",
            one,
            ["channel", "sample", "parameter", "bin", "lo", "hi"],
            histosys_rows(workspace),
        ),
        "normsys.csv": text(
            "Factor on the yield with one parameter moved by -1 and +1 prior standard deviation (dimensionless)",
            one,
            ["channel", "sample", "parameter", "lo", "hi"],
            normsys_rows(workspace),
        ),
        "density.csv": text(
            "Expected signal events at strength 1 by true q2: `outside` collects true q2 in [-1, 0] GeV^2, "
            "q2_k is [k, k + 1] * 0.22885 GeV^2",
            list(DENSITIES.values()),
            density_columns,
            density_rows(folder),
        ),
    }


def main(arguments: Sequence[str]) -> None:
    """Write the tables, each aside first and then renamed, and print their checksums."""
    if len(arguments) not in (1, 2):
        raise SystemExit(__doc__)
    output = Path(arguments[1]) if len(arguments) == 2 else Path(__file__).parent
    for name, content in tables(Path(arguments[0])).items():
        aside = output / f"{name}.tmp"
        aside.write_bytes(content)
        aside.replace(output / name)
        print(f'"{name}" = "{hashlib.sha256(content).hexdigest()}"')


if __name__ == "__main__":
    main(sys.argv[1:])
