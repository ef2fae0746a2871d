"""Where amounts are one program, a run states counter-examples that can be checked without a solver."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.allocation import proving, solver
from reliefperf.allocation.certificate import Recorded
from reliefperf.allocation.relaxing import RELAXED
from reliefperf.cli import main
from reliefperf.errors import Note
from reliefperf.scenarios.explaining.fairness import noting
from reliefperf.scenarios.explaining.fairness.recorded import again, records, trial_failures
from reliefperf.scenarios.inputs import read_inputs
from reliefperf.scenarios.loading import load
from reliefperf.scenarios.running import Run, run, run_target
from reliefperf.scenarios.verifying import verify
from tests.allocation.paying import amounts, pay
from tests.scenarios.tampering import loaded_solvers, require_values_named, said, signed_again

HEAD = "model: small\nlanguage: en\ndata: {file: data.csv, region: code}\n"

# The award of a is at most half its base. More base lifts that bound: a takes award from b, and b
# loses more of it than its tenth of the base gives back.
BOUND = """
variables: {need: {}, merit: {}}
allocation:
  unit: u
  pools:
    base: {amount: BASE, weight: need}
    award: {amount: 1000, weight: merit}
  rules: [{id: half, ratio: 0.5, pool: award, to: base, where: need > 50}]
"""
COLUMNS: dict[str, list[object]] = {"need": [90, 10], "merit": [9, 1]}
BOUND_DATA = "code,need,merit\n001,90,9\n002,10,1\n"

# A better score has less weight.
WORSE = """
variables: {need: {}, work: {}, zone: {type: text}}
evaluation:
  full_marks: 10
  tree: [{id: all, points: 10, value: work, score: {goalposts: [0, 10]}}]
allocation:
  unit: u
  budget: 1000
  pools: {p: {share: 1, weight: need * (20 - score)}}
  rules: [{id: west, group_share: zone, at_least: 0.5, where: zone == 'w'}]
"""
WORSE_DATA = "code,need,work,zone\na,5,3,w\nb,6,4,e\nc,7,5,e\n"

FAIR = WORSE.replace("(20 - score)", "score").replace("at_least: 0.5", "at_least: 0.1")
FAIR_DATA = "code,need,work,zone\na,5,4,w\nb,5,4,e\n"

# The least grants of a third pool exceed it, and give way.
SHORT = BOUND.replace("BASE", "1000").replace(
    "  rules: [",
    """    extra: {amount: 10, weight: 1}
  rules: [{id: least, floor: 8, pool: extra}, """,
)


def fairness_of(result: Run) -> list[Note]:
    return [note for note in result.notes if note.kind == "fairness"]


def written(folder: Path, text: str, data: str) -> Path:
    """A run folder of a model and its data."""
    model = folder / "model"
    model.mkdir(parents=True)
    (model / "model.yaml").write_text(HEAD + text, encoding="utf-8")
    (model / "data.csv").write_text(data, encoding="utf-8")
    run(model, output=folder / "out")
    return folder / "out"


def certificate_of(folder: Path) -> Any:
    return json.loads((folder / "certificate.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def bound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("bound"), BOUND.replace("BASE", "1000"), BOUND_DATA)


def test_more_money_that_costs_somebody_is_said_with_amounts_that_are_true() -> None:
    (note,) = fairness_of(pay(BOUND.replace("BASE", "1000"), **COLUMNS))
    assert "base raised by 2, from 1 more: 002, in all, 650 against 649 u" in note.en
    assert "by the rules: before whole units 649.65 against 649.3" in note.en
    assert "资金池“base”的总额增加 2（此前增加 1）" in note.zh
    # the same money by the ordinary way, with the totals written into the model
    less, more = (pay(BOUND.replace("BASE", str(base)), **COLUMNS) for base in (1001, 1002))
    assert (amounts(less)[1], amounts(more)[1]) == (650, 649)
    # by hand: b has a tenth of the base, and what half of a's base leaves of the award
    for found, base in ((less, 1001), (more, 1002)):
        assert found.last.allocation is not None
        before = found.last.allocation.before_units("total")[1]
        wanted = Fraction(base, 10) + 1000 - Fraction(base * 9, 20)
        assert abs(before - wanted) < Fraction(1, 10**6)


def test_large_totals_grow_by_about_a_thousandth() -> None:
    text = BOUND.replace("BASE", "100000").replace("1000,", "100000,")
    (note,) = fairness_of(pay(text, **COLUMNS))
    assert "base raised by 100, from 0 more: 002, in all, 65,000 against 64,965 u" in note.en


def test_a_score_that_costs_money_is_said(tmp_path: Path) -> None:
    out = written(tmp_path, WORSE, WORSE_DATA)
    trials = certificate_of(out)["periods"][""]["trials"]
    # half of all money for b and c: by 6 x 16 and 7 x 15, then by 6 x 15 and 7 x 15
    assert trials["score"]["of"] == "b"
    assert trials["score"]["money"][0]["rounding"]["units"] == [500, 231, 269]
    record = (out / "run.json").read_text(encoding="utf-8")
    assert "score of b from 4 to 5: b, pool 'p', 239 against 231 u" in record
    assert "before whole units 238.80597 against 230.769231" in record
    assert verify(out).holds, said(verify(out))
    assert loaded_solvers(out) == "[]"


def test_where_nothing_breaks_nothing_is_said_and_nothing_kept(tmp_path: Path) -> None:
    out = written(tmp_path, FAIR, FAIR_DATA)
    assert "fairness" not in (out / "run.json").read_text(encoding="utf-8")
    assert list(certificate_of(out)["periods"][""]) == ["programs", "rounding"]
    assert verify(out).holds, said(verify(out))


def test_a_stated_counter_example_is_verified_without_a_solver(
    bound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = certificate_of(bound)["periods"][""]["trials"]
    assert list(trials) == ["budget"]
    assert trials["budget"]["raised"] == [1, 2]
    assert len(trials["budget"]["money"]) == 2
    assert loaded_solvers(bound) == "[]"

    def refuse(*_: object) -> None:
        raise AssertionError("the solver was asked")

    monkeypatch.setattr(solver.LiveSolver, "minimise", refuse)
    assert verify(bound).holds, said(verify(bound))


def test_only_the_last_period_is_tried(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    head = HEAD.replace("region: code", "region: code, period: year")
    (model / "model.yaml").write_text(head + BOUND.replace("BASE", "1000"), encoding="utf-8")
    rows = [f"{year},{row}" for year in (2020, 2021) for row in BOUND_DATA.splitlines()[1:]]
    (model / "data.csv").write_text("year,code,need,merit\n" + "\n".join(rows) + "\n")
    run(model, output=tmp_path / "out")
    periods = certificate_of(tmp_path / "out")["periods"]
    assert [year for year, period in periods.items() if "trials" in period] == ["2021"]
    assert verify(tmp_path / "out").holds, said(verify(tmp_path / "out"))


def test_every_changed_value_of_a_trial_is_named(bound: Path, tmp_path: Path) -> None:
    require_values_named(bound, tmp_path, "certificate.json")


def forged(folder: Path, to: Path, change: Any) -> Path:
    """The folder of a run all of whose files follow from a changed certificate."""
    stated = certificate_of(folder)
    change(stated["periods"][""]["trials"])
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    answers = {key: Recorded(value) for key, value in stated["periods"].items()}
    read_inputs(folder, record).run(allocation=True, answers=answers).write(to)
    return to


def test_a_run_forged_from_a_false_trial_fails_by_its_proof(bound: Path, tmp_path: Path) -> None:
    # b's loss made greater, in amounts that keep every rule and whole units that fit them
    def change(trials: Any) -> None:
        for money, moved in zip(trials["budget"]["money"], (20, 10), strict=True):
            for values in (money["programs"][0]["amounts"], money["rounding"]["units"]):
                values[2] -= moved
                values[3] += moved

    found = verify(forged(bound, tmp_path / "out", change))
    assert not found.holds
    assert {failure.file for failure in found.failures} == {"certificate.json"}
    assert all("trial of 'budget'" in failure.en for failure in found.failures)
    assert "tier 'entitlement': other amounts may be better by up to 40" in said(found)
    assert "“budget”的检验" in said(found)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"raised": [0, 1]}, "breaks nothing"),
        ({"raised": [2, 1]}, "no such trial"),
        ({"raised": [0.5, 1]}, "no such trial"),
        ({"of": "nothing"}, "no such trial"),
        ({"money": []}, "fewer values than are needed"),
        ({"money": [{}, {}]}, "with 1 rule"),
        ({"money": [[], []]}, "the programs: a value is not of the kind that is needed"),
        ({"money": [{"programs": [{"rules": RELAXED}]}, {}]}, "rules give way"),
    ],
)
def test_a_trial_that_cannot_be_is_no_traceback(
    bound: Path, tmp_path: Path, changed: dict[str, Any], words: str
) -> None:
    out = tmp_path / "out"
    shutil.copytree(bound, out)
    stated = certificate_of(out)
    stated["periods"][""]["trials"]["budget"] |= changed
    (out / "certificate.json").write_text(json.dumps(stated), encoding="utf-8")
    signed_again(out)
    text = said(verify(out))
    assert "certificate.json: does not fit the run: the trial of 'budget'" in text
    assert words in text


def test_trials_that_are_no_table_or_of_another_promise_are_refused(
    bound: Path, tmp_path: Path
) -> None:
    for number, trials in enumerate(([], {"rows": {"of": "", "raised": [], "money": []}})):
        out = tmp_path / str(number)
        shutil.copytree(bound, out)
        stated = certificate_of(out)
        stated["periods"][""]["trials"] = trials
        (out / "certificate.json").write_text(json.dumps(stated), encoding="utf-8")
        signed_again(out)
        assert "certificate.json: does not fit the run" in said(verify(out))


def test_after_rules_gave_way_they_give_way_in_the_trials(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "model.yaml").write_text(HEAD + SHORT, encoding="utf-8")
    (model / "data.csv").write_text(BOUND_DATA, encoding="utf-8")
    result = run_target(load(model), relax="apply")
    assert any(note.kind == "relaxed" for note in result.notes)
    (note,) = fairness_of(result)
    assert "base raised by 2, from 1 more: 002" in note.en
    out = tmp_path / "out"
    result.write(out)
    (money, _) = certificate_of(out)["periods"][""]["trials"]["budget"]["money"]
    assert [program["rules"] for program in money["programs"]] == [RELAXED]
    assert verify(out).holds, said(verify(out))
    assert loaded_solvers(out) == "[]"


def test_many_tied_amounts_are_left_to_the_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noting, "MOST_TIED", 3)
    (note,) = fairness_of(pay(BOUND.replace("BASE", "1000"), **COLUMNS))
    assert "'half' ties many amounts together" in note.en
    assert "reliefperf fairness DIR" in note.en
    assert "“half”把大量金额联系在一起" in note.zh


TWO = """
variables: {{need: {{}}, merit: {{}}}}
allocation:
  unit: u
  pools:
    base: {{amount: {base}, weight: need}}
    award: {{amount: {award}, weight: merit}}
  rules: [{{id: half, ratio: {ratio}, pool: award, to: base, where: need > 50}}]
"""


@given(
    base=st.integers(500, 3000),
    award=st.integers(500, 3000),
    ratio=st.sampled_from([0.3, 0.5, 0.8]),
    columns=st.integers(2, 5).flatmap(
        lambda n: st.tuples(
            st.lists(st.integers(1, 100), min_size=n, max_size=n).filter(lambda x: min(x) <= 50),
            st.lists(st.integers(1, 100), min_size=n, max_size=n),
        )
    ),
)
@settings(max_examples=25, deadline=None)
def test_every_stated_loss_is_paid_by_the_ordinary_way_and_proved_from_its_record(
    base: int, award: int, ratio: float, columns: tuple[list[int], list[int]]
) -> None:
    need, merit = ([*column] for column in columns)
    totals = {"base": base, "award": award}
    result = pay(TWO.format(ratio=ratio, **totals), need=need, merit=merit)
    for one in result.counter_examples:
        example, of = one.tried.against, one.tried.of
        assert example is not None
        assert example.second < example.first
        for raised, stated in zip(one.tried.raised, (example.first, example.second), strict=True):
            more = totals | {of: totals[of] + raised}
            paid = pay(TWO.format(ratio=ratio, **more), need=need, merit=merit)
            assert amounts(paid)[int(example.region) - 1] == stated
    stated = json.loads(json.dumps({"trials": records(result.counter_examples)}))
    replayed = again(result, Recorded(stated))
    assert [one.finding for one in replayed] == [one.finding for one in result.counter_examples]
    assert list(trial_failures(replayed)) == []


def test_the_verb_lets_rules_give_way_in_every_trial_as_in_the_run(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "model.yaml").write_text(HEAD + SHORT, encoding="utf-8")
    (model / "data.csv").write_text(BOUND_DATA, encoding="utf-8")
    run_target(load(model), relax="apply").write(tmp_path / "out")
    done = CliRunner().invoke(main, ["--lang", "en", "fairness", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "order of rows changes nothing            holds in all" in done.output
    assert "more money, nobody gets less: not so. base raised by" in done.output


SEATS = """
variables: {people: {}, zone: {type: text}}
allocation:
  unit: seats
  budget: 10
  pools: {seats: {share: 1, weight: people}}
  rules: [{id: most, group_share: zone, at_most: 0.9}]
"""


def test_whole_units_alone_count_only_as_the_largest_remainder_gives_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Hamilton's method: the region of 2 people falls from 2 of 10 seats to 1 of 11.
    result = pay(SEATS, people=[6, 6, 2], zone=["a", "b", "a"])
    (note,) = fairness_of(result)
    assert "2 against 1 seats (by whole units alone" in note.en
    stated = {"trials": records(result.counter_examples)}
    replayed = again(result, Recorded(stated))
    assert list(trial_failures(replayed)) == []
    # as if the largest remainder had broken a rule, and other units had been chosen
    monkeypatch.setattr(proving, "prove", lambda *_: proving.Proof(mended=True))
    ((en, zh),) = trial_failures(replayed)
    assert "trial of 'budget': whole units that had to be mended" in en
    assert "经调整的整数单位" in zh
