"""Every example in docs/ is run, and every word of the language stands on its page."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reliefperf.allocation.relaxing import Relax
from reliefperf.evaluation.scoring.base import ScoringRule
from reliefperf.model.building import RESERVED, build_model
from reliefperf.model.document import parse_document
from reliefperf.model.functions import FUNCTIONS
from reliefperf.model.registry import Register, RuleSpec
from reliefperf.model.spec import ModelSpec, ScenarioSpec
from reliefperf.model.spec_allocation import RULES
from reliefperf.model.spec_cascade import CascadeSpec
from reliefperf.model.spec_data import Spec
from reliefperf.model.spec_evaluation import AGGREGATORS, SCORING, TREATMENTS, WEIGHTINGS
from reliefperf.model.spec_study import FACTORS, StudySpec
from reliefperf.model.validation import validate
from reliefperf.reports.study import study_cell
from reliefperf.scenarios.analysis.analysing import analyse
from reliefperf.scenarios.analysis.tables import cell
from reliefperf.scenarios.analysis.tables import tables as analysis_tables
from reliefperf.scenarios.cascades import CascadeRun, run_cascade
from reliefperf.scenarios.cascades import tables as cascades
from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.results.cells import Row
from reliefperf.scenarios.results.equity import equity_tables
from reliefperf.scenarios.results.formulas import formulas_table
from reliefperf.scenarios.results.intervals import intervals_table
from reliefperf.scenarios.results.money import (
    allocation_table,
    calculation_table,
    explanation_table,
)
from reliefperf.scenarios.results.points import points_table, scores_table
from reliefperf.scenarios.results.relaxations import relaxations_table
from reliefperf.scenarios.results.rulebook import claims_table, consequences_table, decisions_table
from reliefperf.scenarios.results.rules import factors_table, rules_table
from reliefperf.scenarios.results.treatments import treatments_table
from reliefperf.scenarios.results.weights import weights_table
from reliefperf.scenarios.running import Run, read_data, run_model
from reliefperf.scenarios.studies import Study, study
from reliefperf.scenarios.studies import tables as studies

DOCS = Path(__file__).parent.parent / "docs"
PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted(DOCS.glob("*.md"))}
TEXT = PAGES["language.md"]
BLOCK = re.compile(r"^```(\w+) (.+?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Example:
    """A model, its files, and the result files that the page shows, with the place it starts at."""

    place: str
    model: str
    start: str = "model.yaml"
    files: dict[str, str] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)


def analysed(run: Run, name: str) -> tuple[list[str], list[Row]]:
    """A table of `reliefperf analyse --stage points`."""
    header, rows = analysis_tables(analyse(run, stages=["points"]))[name]
    return header, [tuple(cell(value) for value in row) for row in rows]


RESULTS: dict[str, Callable[[Run], tuple[list[str], Iterable[Row]]]] = {
    "scores.csv": scores_table,
    "points.csv": points_table,
    "allocation.csv": allocation_table,
    "explanation.csv": explanation_table,
    "calculation.csv": calculation_table,
    "treatments.csv": treatments_table,
    "claims.csv": claims_table,
    "consequences.csv": consequences_table,
    "decisions.csv": decisions_table,
    "weights.csv": weights_table,
    "intervals.csv": intervals_table,
    "factors.csv": factors_table,
    "formulas.csv": formulas_table,
    "rules.csv": rules_table,
    "relaxations.csv": relaxations_table,
    "equity.csv": lambda run: equity_tables(run)[0],
    "equity_groups.csv": lambda run: equity_tables(run)[1],
    "alpha.csv": lambda run: analysed(run, "alpha"),
    "importance.csv": lambda run: analysed(run, "importance"),
}
"""What an example may show as a result; every other file is an input of the model."""

STUDY_RESULTS: dict[str, Callable[[Study], studies.Table]] = {
    "variants.csv": studies.variants_table,
    "regions.csv": studies.regions_table,
    "indices.csv": studies.indices_table,
    "failures.csv": studies.failures_table,
    "reversals.csv": studies.reversals_table,
}
"""What an example with a study.yaml may show besides."""

CASCADE_RESULTS: dict[str, Callable[[CascadeRun], cascades.Table]] = {
    "allocation.csv": cascades.allocation_table,
    "explanation.csv": cascades.explanation_table,
    "calculation.csv": cascades.calculation_table,
    "parents.csv": cascades.parents_table,
    "rules.csv": cascades.rules_of,
}
"""What an example with a cascade.yaml may show."""


def blocks() -> Iterator[tuple[str, str, str, str]]:
    for page, text in PAGES.items():
        for found in BLOCK.finditer(text):
            line = text[: found.start()].count("\n") + 1
            yield f"{page}:{line}", found[1], found[2], found[3]


def examples() -> list[Example]:
    made: list[Example] = []
    for place, _, name, body in blocks():
        if name in ("model.yaml", "cascade.yaml"):
            made.append(Example(place, body, name))
        elif name in RESULTS or name in STUDY_RESULTS or name in CASCADE_RESULTS:
            made[-1].results[name] = body
        elif name.endswith((".csv", ".yaml")):
            made[-1].files[name] = body
    return made


def fragments() -> list[tuple[str, str, str]]:
    return [(place, name, body) for place, _, name, body in blocks() if name.startswith("fragment")]


def as_csv(header: list[str], rows: list[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow("" if cell is None else cell for cell in row)
    return text.getvalue()


def written(run: Run, name: str) -> str:
    header, rows = RESULTS[name](run)
    return as_csv(header, list(rows))


def written_of_study(made: Study | None, name: str) -> str:
    assert made is not None, f"{name} needs a study.yaml"
    header, rows = STUDY_RESULTS[name](made)
    return as_csv(header, [tuple(study_cell(cell) for cell in row) for row in rows])


def test_the_page_has_examples() -> None:
    assert len(examples()) >= 4
    assert len(fragments()) >= 10
    assert all(example.files and example.results for example in examples())


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.place)
def test_an_example_gives_what_the_page_shows(example: Example, tmp_path: Path) -> None:
    (tmp_path / example.start).write_text(example.model, encoding="utf-8")
    for name, body in example.files.items():
        (tmp_path / name).write_text(body, encoding="utf-8")
    if example.start == "cascade.yaml":
        whole = run_cascade(tmp_path / "cascade.yaml")
        for name, shown in example.results.items():
            assert as_csv(*CASCADE_RESULTS[name](whole)) == shown, f"{name} after {example.place}"
        return
    model = load_model(tmp_path)
    relax: Relax = "apply" if "relaxations.csv" in example.results else "never"
    run = run_model(model, read_data(model), relax=relax)
    studied = study(tmp_path / "study.yaml") if "study.yaml" in example.files else None
    for name, shown in example.results.items():
        made = written(run, name) if name in RESULTS else written_of_study(studied, name)
        assert made == shown, f"{name} after {example.place}"


@pytest.mark.parametrize("fragment", fragments(), ids=lambda fragment: fragment[0])
def test_a_fragment_has_only_keys_of_the_language(fragment: tuple[str, str, str]) -> None:
    place, name, body = fragment
    kinds = {
        "fragment scenario": ScenarioSpec,
        "fragment study": StudySpec,
        "fragment cascade": CascadeSpec,
    }
    spec: type[Spec] = kinds.get(name, ModelSpec)
    text = body if name in kinds else f"model: x\n{body}"
    _, mistakes, _ = validate(spec, parse_document(text, f"fragment at {place}"))
    assert [mistake.text("en") for mistake in mistakes] == []


def section(title: str, text: str = TEXT) -> str:
    """The text under a heading, up to the next of its level."""
    level = title.split(" ", maxsplit=1)[0]
    start = text.index(f"\n{title}\n") + len(title) + 2
    after = re.search(rf"^#{{1,{len(level)}}} ", text[start:], re.MULTILINE)
    return text[start : start + after.start()] if after else text[start:]


def test_every_function_is_on_the_page() -> None:
    on_page = section("## Expressions")
    missing = [name for name in [*FUNCTIONS, "previous"] if f"`{name}(" not in on_page]
    assert missing == []


def test_no_function_is_on_the_page_that_does_not_exist() -> None:
    rows = [line for line in section("## Expressions").splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+)\(", row.split("|")[1])}
    assert named == {*FUNCTIONS, "previous"}


@pytest.mark.parametrize(
    ("page", "title", "register"),
    [
        ("language.md", "### How children combine", AGGREGATORS),
        ("weights.md", "## Methods", WEIGHTINGS),
        ("treatment.md", "## Steps", TREATMENTS),
        ("robustness.md", "## Factors", FACTORS),
    ],
)
def test_every_registered_rule_is_on_its_page(
    page: str, title: str, register: Register[Any]
) -> None:
    text = section(title, PAGES.get(page, f"\n{title}\n"))
    named = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert named == set(register.rules)


def test_every_scoring_rule_is_on_the_page_and_its_example_is_sound() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \| ", section("### Scoring rules"), re.MULTILINE))
    assert set(rows) == set(SCORING.rules)
    for key, shown_as in rows.items():
        for shown in re.findall(r"`(.+?)`", shown_as):
            score = shown.removeprefix("score: ")
            value = "state" if key == "states" else "x"
            text = f"""\
model: x
parameters: {{target: 5}}
variables: {{x: {{}}, rate: {{}}, state: {{type: text}}, zone: {{type: text}}}}
evaluation:
  combine: arithmetic
  tree: [{{id: i, value: {value}, score: {score}}}]
"""
            model = build_model(parse_document(text, f"{key}.yaml"), None)
            assert model.spec.evaluation is not None
            rule = model.spec.evaluation.tree[0].score
            assert isinstance(rule, ScoringRule)
            assert rule.key == key


def test_every_rule_on_amounts_is_on_the_page_and_its_example_is_sound() -> None:
    shown = re.findall(r"^\| `(\{.+?\})` \| ", section("### Rules"), re.MULTILINE)
    keys: set[str] = set()
    for rule in shown:
        text = f"""\
model: x
variables: {{previous_amount: {{}}, own_funds: {{}}, merit: {{}}, need: {{}}, zone: {{type: text}}}}
allocation:
  unit: yuan
  budget: 100
  pools: {{base: {{share: 0.5, weight: 1}}, award: {{share: 0.5, weight: 1}}}}
  rules: [{{id: r, {rule[1:]}]
"""
        model = build_model(parse_document(text, "rule.yaml"), None)
        assert model.spec.allocation is not None
        keys.add(model.spec.allocation.rules[0].key)
    assert keys == set(RULES.rules)


def test_every_option_of_a_rule_is_on_the_page() -> None:
    everywhere = {"id", "title", "basis", "note", "where", "soft"}
    for what, rules in (("### Scoring rules", SCORING.rules), ("### Rules", RULES.rules)):
        on_page = section(what)
        for key, rule in rules.items():
            assert issubclass(rule, RuleSpec)
            missing = [
                name
                for name in rule.model_fields
                if name not in everywhere and not re.search(rf"\b{name}\b", on_page)
            ]
            assert missing == [], key


def test_every_option_of_a_method_of_weighting_is_on_its_page() -> None:
    for key, rule in WEIGHTINGS.rules.items():
        named = [name for name in rule.model_fields if f"`{name}" not in PAGES["weights.md"]]
        missing = [name for name in named if f"{name}:" not in PAGES["weights.md"]]
        assert missing == [], key


def test_every_option_of_a_treatment_step_is_on_its_page() -> None:
    text = PAGES["treatment.md"]
    for key, step in TREATMENTS.rules.items():
        names = [field.alias or name for name, field in step.model_fields.items()]
        missing = [name for name in names if not re.search(rf"`{name}\b|\b{name}:", text)]
        assert missing == [], key


def test_every_option_of_a_factor_is_on_its_page() -> None:
    for key, rule in FACTORS.rules.items():
        names = [name for name in rule.model_fields if f"`{name}" not in PAGES["robustness.md"]]
        assert [name for name in names if f"{name}:" not in PAGES["robustness.md"]] == [], key


def test_every_example_of_a_treatment_step_is_sound() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| ", section("## Steps", PAGES["treatment.md"]), re.M)
    assert rows
    for key, shown_as in rows:
        for shown in re.findall(r"`(.+?)`", shown_as):
            text = f"""\
model: x
variables: {{x: {{}}, y: {{}}, population: {{}}, gdp: {{}}, zone: {{type: text}}}}
evaluation:
  combine: arithmetic
  treatment: [{shown}]
  tree:
    - id: health
      combine: arithmetic
      children: [{{id: visits, value: x, score: as_is}}, {{id: imports, value: y, score: as_is}}]
"""
            model = build_model(parse_document(text, f"{key}.yaml"), None)
            assert model.spec.evaluation is not None
            assert model.spec.evaluation.treatment[0].key == key


def test_reserved_names_are_on_the_page() -> None:
    found = re.search(r"Reserved are `(.+?)`", TEXT)
    assert found is not None
    assert set(found[1].split()) == RESERVED
