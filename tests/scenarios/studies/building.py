"""A small study on disk, for the tests."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from reliefperf.errors import InputError, Mistake
from reliefperf.scenarios.studies.loading import Plan, load_study

MODEL = """\
model: small
language: en
data: {file: data.csv, region: code, name: name}
variables: {x: {}, y: {}, z: {}, wrong: {}, checked: {}}
evaluation:
  combine: arithmetic
  tree:
    - {id: first, weight: 50, value: x, score: {minmax: higher}}
    - id: group
      weight: 50
      combine: arithmetic
      children:
        - {id: second, weight: 60, value: y, score: {minmax: higher}}
        - {id: third, weight: 40, value: z, score: {minmax: lower}}
  grades: {bands: [{grade: A, at_least: 60}, {grade: B, at_least: 30}, {grade: C}]}
allocation:
  unit: yuan
  budget: 1000
  pools: {award: {share: 1, weight: score}}
"""
DATA = """\
code,name,x,y,z,wrong,checked
"01",North,10,1,5,1,50
"02",East,8,6,3,0,40
"03",South,6,3,9,9,60
"04",West,1,9,1,2,20
"05",Middle,4,5,7,3,30
"""
STUDY = """\
study: small-study
model: .
factors:
  how: {choose: evaluation.combine, among: [arithmetic, {power: 0.5}]}
  out: {leave_out: each}
"""


def folder_of(path: Path, study: str = STUDY, model: str = MODEL, data: str = DATA) -> Path:
    """Write a model, its data and a study; the study's path."""
    for name, text in (("model.yaml", model), ("data.csv", data), ("study.yaml", study)):
        (path / name).write_text(dedent(text), encoding="utf-8")
    return path / "study.yaml"


def factors(text: str, **more: str) -> str:
    """A study of the small model with these factors."""
    lines = "\n".join(f"  {line}" for line in dedent(text).strip().splitlines())
    rest = "".join(f"{key}: {value}\n" for key, value in more.items())
    return f"study: small-study\nmodel: .\nfactors:\n{lines}\n{rest}"


def mistakes_of_study(path: Path, study: str, model: str = MODEL) -> list[Mistake]:
    """What is wrong with a study; each mistake in two languages."""
    try:
        load_study(folder_of(path, study, model))
    except InputError as error:
        for mistake in error.mistakes:
            assert mistake.en != mistake.zh
        return list(error.mistakes)
    return []


def plan_of(path: Path, study: str = STUDY, model: str = MODEL) -> Plan:
    """A study made ready."""
    return load_study(folder_of(path, study, model))
