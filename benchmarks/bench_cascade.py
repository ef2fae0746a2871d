"""How the time of a cascade grows with the number of townships, made-up data, four levels.

Province -> prefecture -> county -> township, one pool with bounds (a floor, hold-harmless, a growth
limit) at every level, and last year's amounts. `coupled` has two pools with a ratio between them
among the children of every parent instead, so that each parent is a linear program. Prints the
seconds of all, and the processor seconds (of this process and of others that have ended) of the run,
of writing the folder and of verifying it, which other work on the machine does not move as much; the
parents, and the peak of memory of the process. The last column is the processor time of the run over
that of the smallest case, for each township.

    python benchmarks/bench_cascade.py [JOBS] [coupled] [LARGEST]
"""

from __future__ import annotations

import os
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from reliefperf.scenarios.cascades import load_cascade, run_cascade
from reliefperf.scenarios.verifying import verify

SIZES = (1_000, 5_000, 10_000, 20_000, 40_000)
LEVELS = ("province", "prefecture", "county", "township")
SHARES = (1290, 118, 14, 1)
"""One region of each level for so many townships."""

HEAD = """\
model: {level}
language: en
data: {{region: code, name: null, synthetic: made up for a benchmark}}
variables:
  up: {{type: text}}
  need: {{missing: error}}
  last: {{missing: error}}
allocation:
  unit: yuan
  budget: total(need)
"""
MODEL = (
    HEAD
    + """\
  pools:
    base: {{share: 1, weight: need, leftover: redistribute_then_return}}
  rules:
    - {{id: keep, hold_harmless: 0.5, previous: last}}
    - {{id: growth, growth_limit: 2, previous: last}}
    - {{id: least, floor: 1}}
"""
)

COUPLED = (
    HEAD
    + """\
  pools:
    base: {{share: 0.8, weight: need, leftover: redistribute_then_return}}
    award: {{share: 0.2, weight: last, leftover: redistribute_then_return}}
  rules:
    - {{id: ratio, ratio: 0.24, pool: award, to: base}}
"""
)


def tables(n_townships: int) -> dict[str, pd.DataFrame]:
    """A tree whose needs and last year's amounts add up from the townships."""
    rng = np.random.default_rng(2013)
    need = rng.integers(200, 2_000, n_townships)
    last = np.maximum(1, (need * rng.uniform(0.85, 1.1, n_townships)).astype(int))
    codes = np.array([f"t{i:06d}" for i in range(n_townships)])
    found: dict[str, pd.DataFrame] = {}
    for level, share, below in zip(LEVELS[::-1], SHARES[::-1], (*SHARES[::-1][1:], 0), strict=True):
        n = len(codes)
        n_above = max(1, round(n_townships / below)) if below else 0
        up = np.arange(n) * n_above // n if below else np.zeros(n, dtype=int)
        parents = np.array([f"{level[0]}u{share}-{i:05d}" for i in range(n_above)])
        above = parents[up] if below else np.full(n, "")
        found[level] = pd.DataFrame({"code": codes, "up": above, "need": need, "last": last})
        if below:
            need, last = np.bincount(up, need).astype(int), np.bincount(up, last).astype(int)
            codes = parents
    return found


def processor_seconds() -> float:
    """Of this process and of the others that have ended."""
    return sum(os.times()[:4])


def main(jobs: int, model: str, largest: int) -> None:
    """Print one line a size."""
    with tempfile.TemporaryDirectory() as folder:
        for level in LEVELS:
            (Path(folder) / f"{level}.yaml").write_text(model.format(level=level))
        lines = [f"  - {{id: {x}, model: {x}.yaml, parent: up}}" for x in LEVELS]
        lines[0] = f"  - {{id: {LEVELS[0]}, model: {LEVELS[0]}.yaml}}"
        file = Path(folder) / "cascade.yaml"
        file.write_text("cascade: bench\nlevels:\n" + "\n".join(lines) + "\n")
        cascade = load_cascade(file)
        print(f"{platform.machine()}, Python {platform.python_version()}, jobs {jobs}")
        heads = ("seconds", "run", "writing", "verifying", "peak GB", "growth")
        print(f"{'townships':>10} {'parents':>8}" + "".join(f"{head:>10}" for head in heads))
        first = 0.0
        for size in (size for size in SIZES if size <= largest):
            data = tables(size)
            start, used = time.perf_counter(), processor_seconds()
            run = run_cascade(cascade, data, jobs=jobs)
            ran = processor_seconds()
            out = Path(folder) / f"out-{size}"
            run.write(out)
            wrote = processor_seconds()
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
            held = verify(out).holds
            checked, seconds = processor_seconds(), time.perf_counter() - start
            used = ran - used
            first = first or used / size
            n_parents = sum(len(level.parents) for level in run.levels)
            figures = (seconds, used, wrote - ran, checked - wrote, peak, used / size / first)
            shown = "".join(f"{figure:>10.2f}" for figure in figures)
            print(
                f"{size:>10,} {n_parents:>8,}{shown}{'' if held else ' NOT verified'}", flush=True
            )


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    main(
        numbers[0] if numbers else 1,
        COUPLED if "coupled" in sys.argv else MODEL,
        numbers[1] if len(numbers) > 1 else SIZES[-1],
    )
