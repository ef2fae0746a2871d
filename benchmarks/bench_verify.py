"""Verify the runs of national models, beside reading and hashing their files and the runs.

`relief-2013` is the shipped model, `twelve` the same with the twelve rules of bench_national.py. All in processes of their own, one after the other in turns, seconds of processor time and of the
clock, the fastest of each. `hash` reads every file of the folder and takes its sha256, `load` also
loads the modules that verifying needs, `verify` is the verb, `run` the run that wrote the folder.
Without compiled modules (PYTHONDONTWRITEBYTECODE and none written before) every process compiles
them anew, which is a second or more: the head of the table says whether they are kept. With a second
core tables and amounts are checked side by side: the clock is then ahead of the processor. By hand:

    python benchmarks/bench_verify.py [MODEL ...]
"""

from __future__ import annotations

import importlib.util
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_national import with_rules

from reliefperf.scenarios.library import library_folder

HASH = (
    "import hashlib, pathlib, sys; "
    "[hashlib.sha256(p.read_bytes()) for p in pathlib.Path(sys.argv[1]).rglob('*') if p.is_file()]"
)
LOAD = "; import reliefperf.cli, reliefperf.reports.verifying, reliefperf.reports.workbook"
VERB = "import sys; from reliefperf.cli import main; main(sys.argv[2:])"


def timed(*command: str) -> tuple[float, float]:
    """Seconds of the clock and of the processor that a process took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", *command], check=True, stdout=subprocess.DEVNULL)
    clock = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


REPEATS = 3


def twelve(folder: Path) -> Path:
    """The shipped model with other rules, in a folder of its own."""
    shutil.copytree(library_folder("models") / "relief-2013", folder)
    path = folder / "model.yaml"
    path.write_text(with_rules(path.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


def main(name: str) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = str(Path(made) / "out")
        model = str(twelve(Path(made) / "model")) if name == "twelve" else name
        taken: dict[str, list[tuple[float, float]]] = {}
        taken["run"] = [timed(VERB, folder, "run", model, "-o", folder)]
        for _ in range(REPEATS):
            for what, command in (
                ("hash", (HASH, folder)),
                ("load", (HASH + LOAD, folder)),
                ("verify", (VERB, folder, "verify", folder)),
            ):
                taken.setdefault(what, []).append(timed(*command))
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    found = importlib.util.find_spec("reliefperf.scenarios.verifying")
    kept = found is not None and found.cached is not None and Path(found.cached).is_file()
    print(
        f"{name}: {size / 1e6:.1f} MB; Python {platform.python_version()}, {os.cpu_count()} cores"
    )
    print(f"modules are {'compiled already' if kept else 'compiled by each process'}")
    print(f"{'':8}{'clock s':>9}{'cpu s':>9}{'verify / it (cpu)':>20}")
    best = {what: tuple(map(min, zip(*pairs, strict=True))) for what, pairs in taken.items()}
    for what in ("hash", "load", "verify", "run"):
        clock, cpu = best[what]
        print(f"{what:8}{clock:9.2f}{cpu:9.2f}{best['verify'][1] / cpu:20.2f}")


if __name__ == "__main__":
    for model in sys.argv[1:] or ["relief-2013", "twelve"]:
        main(model)
