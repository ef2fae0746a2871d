"""Small cascades written to a folder, for the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import pandas as pd

from reliefperf.errors import InputError, Mistake
from reliefperf.scenarios.cascades import Cascade, CascadeRun, load_cascade, run_cascade

MODEL = """\
model: {name}
language: en
data: {{region: code, name: null}}
variables:
  up: {{type: text}}
  need: {{missing: error}}
allocation:
  unit: yuan
  budget: 1000
  pools:
    base: {{share: 0.8, weight: need}}
    award: {{share: 0.2, weight: 1}}
{rules}
"""


def model_text(name: str, rules: str = "", **replaced: str) -> str:
    """A model with two pools; `replaced` are pieces of the text and what stands there instead."""
    listed = f"  rules:\n    - {rules}" if rules else ""
    text = MODEL.format(name=name, rules=listed)
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    return text


def cascade_in(
    folder: Path, models: Mapping[str, str], keys: Mapping[str, str] | None = None
) -> Cascade:
    """A cascade of the models, whose parents stand in `up`; `keys` are more words of a level."""
    return load_cascade(cascade_file(folder, models, keys))


def cascade_file(
    folder: Path, models: Mapping[str, str], keys: Mapping[str, str] | None = None
) -> Path:
    """The file of such a cascade."""
    lines = ["cascade: test", "levels:"]
    for place, (level, text) in enumerate(models.items()):
        (folder / f"{level}.yaml").write_text(dedent(text), encoding="utf-8")
        more = (keys or {}).get(level, "parent: up" if place else "")
        lines.append(f"  - {{id: {level}, model: {level}.yaml{', ' if more else ''}{more}}}")
    file = folder / "cascade.yaml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def tables_of(tree: Mapping[str, Mapping[str, tuple[str, float]]]) -> dict[str, pd.DataFrame]:
    """Data by level from {level: {code: (parent, need)}}."""
    return {
        level: pd.DataFrame(
            {
                "code": list(rows),
                "up": [up for up, _ in rows.values()],
                "need": [need for _, need in rows.values()],
            }
        )
        for level, rows in tree.items()
    }


TREE: dict[str, dict[str, tuple[str, float]]] = {
    "province": {"P": ("", 3.0), "Q": ("", 4.0)},
    "county": {"a": ("P", 3.0), "b": ("P", 4.0), "c": ("Q", 7.0), "d": ("Q", 0.5)},
}


def run_tree(
    cascade: Cascade, tree: Mapping[str, Mapping[str, tuple[str, float]]] = TREE, jobs: int = 1
) -> CascadeRun:
    """Run a cascade on a tree."""
    return run_cascade(cascade, tables_of(tree), jobs=jobs)


def amounts(run: CascadeRun) -> dict[tuple[str, str], int]:
    """Whole amounts by region and pool."""
    rows: Sequence[Any] = run.allocation.itertuples()
    return {(row.region, row.pool): int(row.amount) for row in rows}


def mistakes_of_cascade(make: Any) -> tuple[Mistake, ...]:
    """The mistakes of what cannot be loaded or run; each is said in both languages."""
    try:
        make()
    except InputError as error:
        assert all(m.en and m.zh and m.en != m.zh for m in error.mistakes)
        return error.mistakes
    return ()
