"""Time ours and the peers in the same run, in turn, on one core, and print one table.

    python -m benchmarks [--only profile yields draws operators start gradient relic] [--rounds 3]

Peers run in the Python named by DARKPENGUIN_PEERS_PYTHON (default .venv-peers/bin/python); without it only ours run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.workers import ROOT, Worker, environment, peers_python, pin


class Line(NamedTuple):
    """One line of the table: seconds per unit, median over the rounds."""

    what: str
    who: str
    wall: float
    cpu: float
    note: str


class Contest(NamedTuple):
    """Measurements of the same thing, ours first: (who, worker, measurement, rounds to take part in)."""

    what: str
    entries: Sequence[tuple[str, Worker, str, int]]


def alternate(contests: Sequence[Contest], rounds: int) -> list[Line]:
    """Every entry once per round, in turn; medians over the rounds. The workers end with it."""
    answers: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for number in range(rounds):
        for contest in contests:
            for who, worker, measurement, most in contest.entries:
                if number < most:
                    answers.setdefault((contest.what, who), []).append(worker.ask(measurement))
    for worker in {id(w): w for contest in contests for _, w, _, _ in contest.entries}.values():
        worker.close()
    return [line(what, who, found) for (what, who), found in answers.items()]


def line(what: str, who: str, found: Sequence[dict[str, Any]]) -> Line:
    """One line from the answers of all rounds; the note is that of the first one, which compiles."""
    wall, cpu = (statistics.median(f[k] for f in found) for k in ("wall", "cpu"))
    value = f"; value {found[0]['value']:.6g}" if found[0]["value"] is not None else ""
    return Line(what, who, wall, cpu, f"{found[0]['note']}{value}; peak {found[-1]['peak_mib']:.0f} MiB")


# --- the parts


def profile(folder: Path, peers: Path | None, rounds: int) -> list[Line]:
    """Fits of the full 232-parameter likelihood at given signal shapes."""
    ours = Worker("ours_profile", str(folder))
    entries = [("ours, batch of 10240", ours, "batch", rounds), ("ours, single", ours, "single", rounds)]
    if peers:
        jax = Worker("peer_pyhf", str(folder), "jax", "scipy", "5", python=peers)
        minuit = Worker("peer_pyhf", str(folder), "numpy", "minuit", "1", python=peers)
        entries += [("pyhf 0.7.6, jax + scipy", jax, "fit", rounds), ("pyhf 0.7.6, numpy + minuit", minuit, "fit", 1)]
    more = [
        ("ours, value and gradient in jit", "gradient"),
        ("ours, free strength", "strength"),
        ("ours, start", "load"),
    ]
    others = Contest("profile fit, other", [(who, ours, measurement, rounds) for who, measurement in more])
    return alternate([Contest("profile fit", entries), others], rounds)


def yields(folder: Path, peers: Path | None, rounds: int) -> list[Line]:
    """From a theory point to the 18 signal yields, and to the profiled likelihood."""
    ours = Worker("ours_yields")
    spectrum = [("ours, batch of 8192", ours, "batch", rounds), ("ours, single", ours, "one", rounds)]
    fits = [("ours, batch of 8192", ours, "fits", rounds), ("ours, single", ours, "fit", rounds)]
    if peers:
        plain = Worker("peer_redist", str(folder), "numpy", python=peers)
        jax = Worker("peer_redist", str(folder), "jax", python=peers)
        spectrum += [
            ("redist 2.0.0, numpy", plain, "yields", rounds),
            ("redist 2.0.0, jit + vmap", jax, "yields_vmap", rounds),
        ]
        fits += [("redist 2.0.0 + pyhf, jax + scipy", jax, "fit", rounds)]
    return alternate([Contest("theory point -> 18 yields", spectrum), Contest("theory point -> profile", fits)], rounds)


def draws(folder: Path, peers: Path | None, rounds: int) -> list[Line]:
    """100 form-factor draws of dBR/dq2(B+ -> K+ nu nubar) at 100 q2."""
    entries = [("ours", Worker("ours_draws"), "draws", rounds)]
    if peers:
        entries += [("EOS 1.0.21", Worker("peer_theory", "eos", python=peers), "eos", rounds)]
        entries += [("flavio 2.7.1", Worker("peer_theory", "flavio", python=peers), "flavio", 1)]
    return alternate([Contest("100 draws x 100 q2", entries)], rounds)


def operators(folder: Path, peers: Path | None, rounds: int) -> list[Line]:
    """Spectra of every operator in every b -> s mode; the neutrino part beside EOS."""
    ours = Worker("ours_operators")
    entries = [("ours", ours, "neutrinos", rounds)]
    if peers:
        entries += [("EOS 1.0.21", Worker("peer_theory", "eos-modes", python=peers), "eos-modes", rounds)]
    names = ("neutrinos, all modes", "scalar pair", "spin-1/2 pair", "vector pair", "spin-3/2 pair")
    alone = Contest("all operators, all b -> s modes x 100 q2", [(name, ours, name, rounds) for name in names])
    return alternate([Contest("K, K*, Lambda nu nu x 100 q2, one point", entries), alone], rounds)


def gradient(folder: Path, peers: Path | None, rounds: int) -> list[Line]:
    """-2 ln L through the whole chain with and without its gradient, per model."""
    from darkpenguin.models.index import BUILT_IN

    ours = Worker("ours_gradient")
    contests = [
        Contest(f"-2 ln L, {name}", [(w, ours, f"{name}:{w}", rounds) for w in ("value", "gradient")])
        for name in BUILT_IN
    ]
    return alternate(contests, rounds)


def relic(folder: Path, peers: Path | None, rounds: int) -> list[Line]:
    """Relic densities and N_eff per point, beside steppers of the same equation; then the whole chain of models."""
    ours = Worker("ours_relic", str(folder))  # tells the peers the points
    plain = Worker("peer_relic", str(folder), "scipy")
    names = {
        "accurate": "ours, ACCURATE, batch of 1000",
        "fast": "ours, FAST, batch of 1000",
        "rest": "ours, a formula for <sigma v>",
        "single": "ours, single",
        "forward": "ours, gradient, forward",
        "reverse": "ours, gradient, reverse",
        "stepped": "ours, freeze_out_stepped",
    }
    general = [(who, ours, name, rounds) for name, who in names.items()]
    through = [
        (f"ours, {who}", ours, name, rounds) for name, who in (("vector", "batch"), ("vector, single", "single"))
    ]
    if peers:
        hazma = Worker("peer_relic", str(folder), "hazma", python=peers)
        through += [(f"hazma 2.2.0, {name}", hazma, name, rounds) for name in ("semi-analytic", "radau")]
        through += [("hazma 2.2.0, radau, converged average", hazma, "converged", 1)]
    other = (("freeze-in", "freeze-in"), ("n_eff", "N_eff"), ("n_eff, forward", "N_eff, gradient, forward"))
    contests = [
        Contest("freeze-out, two channels", [*general, ("scipy Radau, same equation", plain, "radau", 1)]),
        Contest("freeze-out, vector to e+ e-", through),
        *(Contest(who, [("ours, batch of 1000", ours, name, rounds)]) for name, who in other),
        Contest("N_eff, single", [("ours", ours, "n_eff, single", rounds)]),
    ]
    lines = alternate(contests, rounds)
    chain = Worker("ours_chain")
    whats = {
        "likelihood": "profile",
        "signal": "of it, the 18 yields",
        "relic": "relic density",
        "limits": "every published limit, relic density included",
    }
    found = [
        Contest(
            f"whole chain, {name}",
            [(who, chain, f"{name}:{what}", rounds) for what, who in whats.items() if what in has],
        )
        for name, has in CHAIN.items()
    ]
    return lines + alternate(found, rounds)


CHAIN = {
    "two_body_vector": ("likelihood", "signal", "limits"),
    "dark_left_fermion": ("likelihood", "signal", "limits"),
    "dark_photon_portal": ("likelihood", "signal", "relic", "limits"),
    "alp_portal": ("likelihood", "signal", "relic", "limits"),
}


def start(folder: Path, peers: Path | None, rounds: int) -> list[Line]:
    """Whole processes: help, import, first prediction with and without programs compiled by an earlier run."""
    command = str(Path(sys.executable).with_name("darkpenguin"))
    predict = {
        "standard_model, one observable": ["standard_model", "--observable", "BR(B+->K+nunu)"],
        "standard_model, all": ["standard_model"],
        "two_body_scalar, all": ["two_body_scalar", "m_S=2.1", "BR=9e-6"],
    }
    found: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    for number in range(rounds):
        runs = [("start", "darkpenguin --help", [command, "--help"])]
        runs += [("start", "import darkpenguin", [sys.executable, "-c", "import darkpenguin"])]
        for name, arguments in predict.items():
            for state in ("first run ever", "later run"):
                runs.append(("first prediction", f"ours: {name}; {state}", [command, "predict", *arguments]))
        runs += [("first prediction", who, [str(peers), "-c", code]) for who, code in PEER_PREDICTIONS if peers]
        for what, who, argv in runs:
            # compiled programs are kept per user; a folder per round and prediction makes the first run the first
            cache = folder / f"cache {number} {who.split(';')[0]}".replace(":", "")
            found.setdefault((what, who), []).append(whole_process(argv, {"XDG_CACHE_HOME": str(cache)}))
    medians = {key: [statistics.median(column) for column in zip(*rows, strict=True)] for key, rows in found.items()}
    return [Line(*key, wall, cpu, f"peak {peak:.0f} MiB") for key, (wall, cpu, peak) in medians.items()]


PEER_PREDICTIONS = (
    (
        "EOS 1.0.21: BR(B+ -> K+ nu nubar)",
        "import eos; p = eos.Parameters(); k = eos.Kinematics(q2_min=0., q2_max=22.9); "
        "o = eos.Options(**{'form-factors': 'BSZ2015'}); "
        "print(eos.Observable.make('B->Knunu::BR', p, k, o).evaluate())",
    ),
    ("flavio 2.7.1: BR(B+ -> K+ nu nubar)", "import flavio; print(flavio.sm_prediction('BR(B+->Knunu)'))"),
)


def whole_process(command: Sequence[str], extra: Mapping[str, str]) -> tuple[float, float, float]:
    """Wall and CPU seconds, and peak resident MiB, of one process. Raises RuntimeError if it fails."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    variables = {name: value for name, value in environment().items() if name != "JAX_COMPILATION_CACHE_DIR"}
    begin = time.perf_counter()
    process = subprocess.Popen(command, env=variables | extra, cwd=ROOT, **quiet)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


PARTS: dict[str, Callable[[Path, Path | None, int], list[Line]]] = {
    "profile": profile,
    "yields": yields,
    "draws": draws,
    "operators": operators,
    "start": start,
    "gradient": gradient,
    "relic": relic,
}

LIMITS = {
    "profile": (
        "What limits ours. Batch: the number of steps, three to four Gauss-Newton and about ten L-BFGS, of "
        "a few us each; lanes of a chunk wait for the slowest. Single: the same steps on arrays too short "
        "to fill vector units. Start: compiling the solver. The values of pyhf's fits end above ours "
        "because its minimisers stop earlier. The peers fit a few of the same shapes; the time per fit is "
        "to be multiplied."
    ),
    "yields": (
        "What limits ours. Batch: the spectral functions at the nodes of all bins. Single: "
        "the call of a compiled function. Equal `value` of two lines: the sum of the 18 factors, or -2 ln "
        "L, at one theory point."
    ),
    "draws": (
        "What limits ours: about 4 ns per point of the spectrum, polynomials in z. EOS evaluates one point "
        "at a time; flavio draws every input."
    ),
    "operators": (
        "What limits ours: the spectral functions of all operators at every q2 of every mode, and their overlaps; "
        "the notes give the time of the first call, nearly all of it compilation. EOS evaluates one q2 at a time."
    ),
    "start": (
        "What limits ours. First run ever: compiling the profile and the chain. Later runs: importing jax, "
        "equinox and scipy.stats, tracing, and compiling the small programs that are not kept."
    ),
    "gradient": (
        "What limits ours: forward derivatives along all parameters at once. The gradient is as exact as the value."
    ),
    "relic": (
        "What limits ours. Freeze-out: half of the time is the thermal average, seen from the line in which a formula "
        "replaces it; the rest is the window and the look-ups of g*. Gradient: reverse mode, also for four parameters. "
        "FAST saves little; it is off by 5e-5 at its worst point, late annihilation near a resonance. Freeze-in: the "
        "1024 steps; the scatterings of an axion-like particle (alp_portal) add a third. Whole chain: the profile, and "
        "for dark_photon_portal self-scattering, N_eff, energy at recombination and relic density, 0.1 to 0.3 ms each. "
        "hazma: Python at every step; its thermal average is off by percents, with a converged one it agrees. "
        "For orientation, not measured here: micrOMEGAs 6.0 takes 14 to 120 ms a point (scalar singlet)."
    ),
}


# --- the table


def shown(seconds: float) -> str:
    """Three digits in s, ms or us."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"


def table(lines: Sequence[Line]) -> str:
    """Aligned; the last column of numbers is the CPU time over that of the first line about the same thing."""
    first = {one.what: one.cpu for one in reversed(lines)}
    rows = [("what", "who", "wall", "cpu", "ratio", "notes")]
    rows += [(o.what, o.who, shown(o.wall), shown(o.cpu), f"{o.cpu / first[o.what]:.3g}", o.note) for o in lines]
    widths = [max(len(r[i]) for r in rows) for i in range(5)]
    return "\n".join("  ".join([*(r[i].ljust(w) for i, w in enumerate(widths)), r[5]]) for r in rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the parts that are asked for and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    pin()
    peers = peers_python()
    if peers is None:
        print("no Python with the peers: set DARKPENGUIN_PEERS_PYTHON (docs/how-to/benchmarks.md); timing ours alone")
    print("one core, one thread of XLA and BLAS, medians of alternating rounds; ratio: CPU time over the first line")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if {"profile", "yields"} & set(options.only):
            subprocess.run([sys.executable, "-m", "benchmarks.exchange", name], env=environment(), cwd=ROOT, check=True)
        for part in options.only:
            begin = time.perf_counter()
            lines = PARTS[part](folder, peers, options.rounds)
            load = os.getloadavg()[0]
            print(f"\n{part} ({time.perf_counter() - begin:.0f} s, load {load:.1f})\n{table(lines)}")
            print(textwrap.fill(LIMITS[part], 118), flush=True)


if __name__ == "__main__":
    main()
