"""Shared small models on disk, and the command line run in a process of its own or in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner, Result
from hypothesis import settings

# no test fails for being slow; where CI is set the examples are the same in every run
settings.register_profile(
    "reliefperf", settings.get_profile("ci" if "CI" in os.environ else "default"), deadline=None
)
settings.load_profile("reliefperf")

FIRST = """\
model: first
language: en
data: {file: data.csv, region: code, name: name}
variables:
  recipients: {unit: person, type: integer, min: 0, missing: error}
  wrongful: {unit: case, min: 0, missing: error}
evaluation:
  full_marks: 10
  tree:
    - {id: accuracy, points: 10, value: wrongful, score: {deduct: 1, above: 0}}
  grades:
    bands: [{grade: good, at_least: 8}, {grade: pass}]
allocation:
  unit: yuan
  budget: 1000
  pools:
    base: {share: 0.8, weight: recipients}
    award: {share: 0.2, eligible: grade == 'good', weight: recipients * score}
"""
DATA = """\
code,name,recipients,wrongful
"010",North,100,0
"020",Middle,200,3
"030",South,300,1
"""


@pytest.fixture
def make_model(tmp_path: Path) -> Callable[..., Path]:
    """Write a model folder; files by name (`model.yaml`, `data.csv`, ...)."""

    def make(name: str = "first", **files: str) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        content = {"model_yaml": FIRST, "data_csv": DATA} | files
        for key, text in content.items():
            path = folder / key.replace("_", ".", 1)
            path.write_text(dedent(text), encoding="utf-8")
        return folder

    return make


@pytest.fixture
def cli() -> Callable[..., Result]:
    """Run the command line in this process."""
    from reliefperf.cli import main

    def call(*args: object) -> Result:
        return CliRunner().invoke(main, [str(arg) for arg in args])

    return call


@pytest.fixture
def process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line as a person does."""

    def call(
        *args: object, env: dict[str, str] | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "reliefperf.cli", *map(str, args)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **(env or {})},
            cwd=cwd,
            check=False,
        )

    return call
