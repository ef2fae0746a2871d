"""The wheel in an empty environment: models and scenarios travel in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
UV = os.environ.get("UV") or shutil.which("uv")


@pytest.mark.skipif(UV is None, reason="needs uv, which `make test` and `uv run pytest` have")
def test_the_wheel_alone_lists_the_models_and_runs_one(tmp_path):
    assert UV is not None

    def call(*args: object, cwd: Path = tmp_path) -> str:
        env = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH")}
        done = subprocess.run(
            [str(arg) for arg in args],
            cwd=cwd,
            env={**env, "RELIEFPERF_LANG": "en"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    call(UV, "build", "--quiet", "--wheel", "--python", sys.executable, "-o", "dist", ROOT)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    call(UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "env")
    call(UV, "pip", "install", "--quiet", "--python", tmp_path / "env", wheel)
    scripts = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    listed = call(scripts / "reliefperf", "models")
    for name in ("india-fc15-rural", "relief-2013", "larger-award"):
        assert name in listed
    call(scripts / "reliefperf", "run", "india-fc15-rural", "-o", "out")
    total = sum(
        int(line.split(",")[3])
        for line in (tmp_path / "out" / "allocation.csv").read_text().splitlines()[1:]
        if ",total," in line
    )
    assert total == 60750


@pytest.mark.skipif(UV is None, reason="needs uv, which `make test` and `uv run pytest` have")
def test_a_folder_that_is_installed_has_its_modules_compiled(tmp_path):
    assert UV is not None
    folder, env = tmp_path / "folder", tmp_path / "env"
    unwanted = shutil.ignore_patterns("__pycache__")
    for name in ("src", "models", "scenarios"):
        shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    for command in (
        (UV, "venv", "--quiet", "--python", sys.executable, env),
        (UV, "pip", "install", "--quiet", "--no-deps", "--python", env, "--editable", folder),
    ):
        subprocess.run([str(part) for part in command], cwd=tmp_path, env=variables, check=True)
    sources = list((folder / "src").rglob("*.py"))
    compiled = {path.name.split(".")[0] for path in (folder / "src").rglob("*.pyc")}
    assert {path.stem for path in sources} == compiled
