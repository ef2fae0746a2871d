"""From a model of twelve rules to paid whole amounts, beside HiGHS given the same program as arrays.

The data of relief-2013 (2,846 counties, synthetic) under three pools and twelve rules, one of them
soft, so that there are two tiers: least shortfall, then least distance from the entitlements. The
rules are made up for this measurement. `direct` is HiGHS with its own settings on one thread, the
unfolded program ready as arrays, tier by tier; it pays no whole amounts and treats nobody equally.
All in one run, by hand:

    python benchmarks/bench_national.py [repeats]
"""

from __future__ import annotations

import os
import platform
import statistics
import sys

from bench_program import clock, direct

from reliefperf import read_data
from reliefperf.allocation.allocate import allocate_period
from reliefperf.allocation.folding import FoldedLp, column_colours, fold
from reliefperf.allocation.projection import project
from reliefperf.allocation.pulp_model import compile_program
from reliefperf.allocation.solver import solve_tiers
from reliefperf.model.building import build_model
from reliefperf.model.document import parse_document
from reliefperf.scenarios.explaining.without import copy_of
from reliefperf.scenarios.library import library_folder
from reliefperf.scenarios.running import run_model

RULES = """
  rules:
    - {id: expense-floor, floor: 20 * counties, pool: expense_grant}
    - {id: expense-cap, cap: 0.2 * previous_total + 100, pool: expense_grant}
    - {id: award-ratio, ratio: 0.4, pool: award, to: base}
    - {id: hold-harmless, hold_harmless: 0.90, previous: previous_total}
    - {id: growth-limit, growth_limit: 1.80, previous: previous_total, where: previous_total >= 200 * counties}
    - {id: west-share, group_share: zone, where: zone == '西部', at_least: 0.42}
    - {id: middle-share, group_share: zone, where: zone == '中部', at_least: 0.30}
    - {id: east-share, group_share: zone, where: zone == '东部', at_most: 0.30}
    - {id: base-floor, floor: 0.6 * previous_base, pool: base}
    - {id: base-growth, growth_limit: 2.2, previous: previous_base, pool: base, where: previous_base >= 200}
    - {id: award-cap, cap: 3 * previous_award + 500, pool: award}
    - {id: base-wish, floor: 0.97 * previous_base, pool: base, soft: 1}
"""


def with_rules(text: str) -> str:
    """The text of the shipped model with RULES in place of its own."""
    start, end = text.index("\n  rules:\n"), text.index("\n  rounding: largest_remainder")
    return text[:start] + RULES + text[end:]


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, ", end="")
    print(f"Python {platform.python_version()}; median of {repeats}")
    folder = library_folder("models") / "relief-2013"
    text = (folder / "model.yaml").read_text(encoding="utf-8")
    document = parse_document(with_rules(text), "model.yaml")
    model = build_model(document, folder)
    data = read_data(model)
    scored = run_model(model, data, allocation=False).last
    names = data.tables[data.periods[-1]].names

    def pay(*, by_step: bool) -> object:
        return allocate_period(model, copy_of(scored.env), names, by_step=by_step)

    paid = allocate_period(model, copy_of(scored.env), names, by_step=False)
    assert paid.program is not None
    program = paid.program.program(paid.program.last)
    lp = compile_program(program)
    folded = fold(lp)
    assert isinstance(folded, FoldedLp)
    print(
        f"{len(program.families)} families, {lp.matrix.shape[0]:,} rows, folded "
        f"{folded.matrix.shape[0]:,} x {folded.matrix.shape[1]:,}; {paid.total():,} {paid.unit}"
    )
    vertices, face = solve_tiers(folded, lp.objectives)
    value = direct(lp)
    assert abs(vertices[-1].value * lp.objectives[-1].factor - value) < 1e-5 * (1 + abs(value))

    def equal_treatment() -> object:
        colours = column_colours(folded, program.targets, [o.costs for o in lp.objectives])
        return project(folded, face, vertices[-1].point, program.targets, colours)

    tasks = {
        "highspy, arrays direct, two tiers": lambda: direct(lp),
        "model to paid amounts": lambda: pay(by_step=False),
        "  of which equal treatment": equal_treatment,
        "model to paid amounts, every step explained": lambda: pay(by_step=True),
    }
    # in turns, so that what slows the machine down slows all of them
    turns = [[clock(1, task) for task in tasks.values()] for _ in range(repeats)]
    seconds = [statistics.median(column) for column in zip(*turns, strict=True)]
    print(f"{'':46}{'seconds':>9}{'ratio':>8}")
    for name, took in zip(tasks, seconds, strict=True):
        print(f"{name:46}{took:9.3f}{took / seconds[0]:8.2f}")


if __name__ == "__main__":
    main()
