"""Whatever is changed in a run folder is found and named; what was written holds."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from reliefperf.cli import main
from reliefperf.errors import InputError
from reliefperf.reports.cells import cells_of_workbook
from reliefperf.reports.folder import json_text, write_tables
from reliefperf.scenarios.fingerprints import digest
from reliefperf.scenarios.loading import load
from reliefperf.scenarios.running import run, run_model
from reliefperf.scenarios.verifying import verify
from tests.scenarios.tampering import (
    loaded_solvers,
    require_cell_named,
    require_values_named,
    rows_of,
    said,
    signed_again,
    with_workbook_text,
)

MODEL = """\
model: small
language: en
data: {file: data.csv}
variables: {need: {missing: error}, last: {missing: error}, x: {}, zone: {type: text}}
evaluation:
  tree:
    - id: all
      children:
        - {id: a, points: 60, value: x, missing: zero, score: {goalposts: [0, 10]}}
        - {id: b, points: 40, value: need, score: {goalposts: [0, 60]}}
  grades: {bands: [{grade: good, at_least: 40}, {grade: poor}]}
allocation:
  unit: dollar
  smallest: 1
  budget: 1000
  pools:
    base: {share: 0.8, weight: need}
    award: {share: 0.2, weight: need * score, eligible: "grade == 'good'"}
  rules:
    - {id: ratio, ratio: 0.5, pool: award, to: base}
    - {id: keep, hold_harmless: 0.9, previous: last}
    - {id: wish, floor: 400, soft: 1, where: zone == 'w'}
    - {id: west, group_share: zone, at_least: 0.3, where: zone == 'w'}
"""
DATA = """\
region,name,need,last,x,zone
r1,甲县,10,60,5,w
r2,乙县,20,300,7,w
r3,丙县,30,200,9,e
r4,丁县,47,250,2,e
r5,戊县,13,80,,e
"""


def small(folder: Path, model: str = MODEL) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.yaml").write_text(model, encoding="utf-8")
    (folder / "data.csv").write_text(DATA, encoding="utf-8")
    run(folder, output=folder.parent / "out")
    return folder.parent / "out"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("verify") / "model")


@pytest.fixture
def out(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "copy")
    return tmp_path / "copy"


def test_a_run_holds_wherever_it_stands(out: Path) -> None:
    found = verify(out)
    assert found.holds, said(found)
    proof = found.proofs[""]
    assert proof.programs >= 3
    assert proof.rows > 8
    assert proof.largest_gap < 1e-6
    assert proof.moves < 1e-6


def outcome_side_by_side(folder: Path) -> str:
    """What verifying finds where every run counts as large."""
    program = (
        "import sys, reliefperf.scenarios.verifying as v, reliefperf.scenarios.verifying.again as a; "
        "a.LARGE = 0; found = v.verify(sys.argv[1]); "
        "print([found.failures, found.n_cells, [p.rows for p in found.proofs.values()]])"
    )
    command = [sys.executable, "-c", program, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8")
    return done.stdout.strip()


def outcome(folder: Path) -> str:
    """The same, one part after the other."""
    found = verify(folder)
    return str([found.failures, found.n_cells, [p.rows for p in found.proofs.values()]])


@pytest.mark.parametrize("side", ["", "scores.csv", "allocation.csv"])
def test_the_parts_of_a_run_are_checked_at_once_with_the_same_outcome(out: Path, side: str) -> None:
    if side:
        path = out / side
        path.write_text(path.read_text(encoding="utf-8").replace("r3", "r9"), encoding="utf-8")
    assert outcome_side_by_side(out) == outcome(out)
    assert verify(out).holds == (not side)


def test_scores_that_look_at_what_was_paid_before_are_checked_with_it(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text(
        """\
model: chain
language: en
data: {file: data.csv, region: code, period: year}
variables: {n: {missing: error}, x: {missing: error}}
evaluation:
  tree:
    - {id: a, value: x + previous(amount) / 10, missing: zero, score: {goalposts: [0, 200]}}
allocation: {unit: yuan, budget: 1000, pools: {g: {share: 1, weight: n}}}
""",
        encoding="utf-8",
    )
    data = "code,year,n,x\na,2022,10,50\nb,2022,20,60\na,2023,10,50\nb,2023,20,60\n"
    (tmp_path / "data.csv").write_text(data, encoding="utf-8")
    run(tmp_path, output=tmp_path / "out")
    assert "2023,a,a,83.3," in (tmp_path / "out/points.csv").read_text(encoding="utf-8")
    assert outcome_side_by_side(tmp_path / "out") == outcome(tmp_path / "out")
    assert verify(tmp_path / "out").holds


def test_neither_pulp_nor_highs_is_loaded(out: Path) -> None:
    assert loaded_solvers(out) == "[]"


@pytest.mark.parametrize("forged", [False, True])
@pytest.mark.parametrize("name", ["scores.csv", "points.csv", "allocation.csv", "explanation.csv"])
def test_every_changed_cell_of_a_table_is_named(
    original: Path, tmp_path: Path, name: str, forged: bool
) -> None:
    rows = rows_of(original / name)
    places = [(i, j) for i in range(len(rows)) for j in range(len(rows[i]))]
    # every column in some row, every row in some column
    chosen = [(i, j) for i, j in places if (i + 3 * j) % max(7, len(rows) // 4) == 1]
    for number, (i, j) in enumerate(chosen):
        require_cell_named(original, tmp_path / str(number), name, i, j, forged=forged)


def test_every_changed_cell_of_the_data_is_named(original: Path, tmp_path: Path) -> None:
    rows = [line.split(",") for line in DATA.splitlines()]
    for i in range(1, len(rows)):
        for j in range(len(rows[i])):
            folder = tmp_path / f"{i}-{j}"
            shutil.copytree(original, folder)
            changed = [list(row) for row in rows]
            changed[i][j] = {"e": "w", "w": "e"}.get(rows[i][j], rows[i][j] + "1")
            text = "\n".join(",".join(row) for row in changed) + "\n"
            (folder / "inputs" / "data.csv").write_text(text, encoding="utf-8")
            found = said(verify(folder))
            assert f"inputs/data.csv: row {i + 1}" in found
            assert f"column {rows[0][j]}: found {changed[i][j]!r}" in found


def test_a_changed_line_of_the_model_is_named(out: Path) -> None:
    path = out / "inputs" / "model.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("0.9,", "0.8,"), encoding="utf-8")
    assert "inputs/model.yaml: row 21: found '    - {id: keep, hold_harmless: 0.8" in said(
        verify(out)
    )


@pytest.mark.parametrize("name", ["run.json", "certificate.json", "fingerprints.json"])
def test_every_changed_value_of_a_record_is_found_and_named(
    original: Path, tmp_path: Path, name: str
) -> None:
    require_values_named(original, tmp_path, name)


def test_a_changed_cell_of_the_workbook_is_named(out: Path) -> None:
    with_workbook_text(out, "丙县", "丙区")
    text = said(verify(out))
    assert "results.xlsx: Scores row 4 (r3), column name: found '丙区', computed '丙县'" in text


def _last_digit(line: str) -> str:
    """Another last digit of the last number of a line."""
    at = max(i for i, sign in enumerate(line) if sign.isdigit())
    return line[:at] + str((int(line[at]) + 1) % 10) + line[at + 1 :]


def _as_float(line: str) -> str:
    first, *rest = line.split(",")
    at = next(i for i, cell in enumerate(rest) if cell.isdigit())
    return ",".join([first, *rest[:at], rest[at] + ".0", *rest[at + 1 :]])


TABLES = ["scores.csv", "points.csv", "allocation.csv", "explanation.csv", "rules.csv"]


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("kind", ["digit", "one", "zero", "twice", "swapped", "end", "quoted"])
def test_every_kind_of_change_of_a_table_is_named(out: Path, name: str, kind: str) -> None:
    path = out / name
    lines = path.read_text(encoding="utf-8").split("\n")
    row = len(lines) // 2
    if kind == "digit":
        lines[row] = _last_digit(lines[row])
    elif kind == "one":
        row = next(
            i for i, line in enumerate(lines) if i and any(map(str.isdigit, line.split(",")))
        )
        lines[row] = _as_float(lines[row])
    elif kind == "zero":
        row = next((i for i, line in enumerate(lines) if ",," in line), 0)
        if not row:
            pytest.skip("no empty cell in this table")
        lines[row] = lines[row].replace(",,", ",0,", 1)
    elif kind == "twice":
        lines.insert(row, lines[row])
        row += 1
    elif kind == "swapped":
        row = 1
        lines[1], lines[2] = lines[2], lines[1]
    elif kind == "end":
        assert lines.pop() == ""
        row = len(lines) - 1
    else:
        first, rest = lines[row].split(",", 1)
        lines[row] = f'"{first}",{rest}'
    path.write_text("\n".join(lines), encoding="utf-8", newline="")
    text = said(verify(out))
    assert f"{name}: row {row + 1}" in text, text


def test_a_cell_of_every_sheet_of_the_workbook_is_named(original: Path, tmp_path: Path) -> None:
    import zipfile

    from reliefperf.reports.grids import parse_workbook

    book = parse_workbook(original / "results.xlsx")
    assert book is not None
    names = book.names
    with zipfile.ZipFile(original / "results.xlsx") as book:
        parts = {name: book.read(name) for name in book.namelist()}
    cell = re.compile(rb'<c r="([A-Z]+\d+)"[^>]*>(?:<f>[^<]*</f>)?<v>[^<]*</v></c>')
    for number, sheet in enumerate(names, start=1):
        part = f"xl/worksheets/sheet{number}.xml"
        *_, last = cell.finditer(parts[part])
        place = last[1]
        for kind, put in (
            ("number", b'<c r="%b"><v>777</v></c>' % place),
            ("truth", b'<c r="%b" t="b"><v>1</v></c>' % place),
            ("text", b'<c r="%b" t="str"><v>1</v></c>' % place),
            ("gone", b""),
        ):
            changed = parts[part][: last.start()] + put + parts[part][last.end() :]
            folder = tmp_path / f"{number}-{kind}"
            shutil.copytree(original, folder)
            with zipfile.ZipFile(folder / "results.xlsx", "w") as book:
                for name, content in (parts | {part: changed}).items():
                    book.writestr(name, content)
            row = int(re.sub(r"\D", "", place.decode()))
            found = said(verify(folder))
            assert f"results.xlsx: {sheet} row {row} " in found, (sheet, kind, found)


@pytest.mark.parametrize("change", ["}\n", '"format": 2,\n "format": 1', "  "])
def test_run_json_written_otherwise_is_found(out: Path, change: str) -> None:
    path = out / "run.json"
    text = path.read_text(encoding="utf-8")
    if change == "}\n":
        text = text.removesuffix("\n")
    elif change == "  ":
        text = text.replace(" ", "  ", 1)
    else:
        text = text.replace('"format": 1', change, 1)
    path.write_text(text, encoding="utf-8")
    assert "run.json: line " in said(verify(out))


@pytest.mark.parametrize("name", ["data.csv", "model.yaml"])
def test_other_bytes_and_missing_or_strange_files_of_the_inputs_are_named(
    original: Path, tmp_path: Path, name: str
) -> None:
    for kind in ("end", "missing", "strange"):
        folder = tmp_path / kind
        shutil.copytree(original, folder)
        path = folder / "inputs" / name
        if kind == "end":
            path.write_bytes(path.read_bytes()[:-1])
        elif kind == "missing":
            path.unlink()
        else:
            path = path.with_name("other.csv")
            path.write_text("a\n", encoding="utf-8")
        assert f"inputs/{path.name}: " in said(verify(folder)), kind


def test_rules_that_choose_say_how_far_their_proof_goes(tmp_path: Path) -> None:
    model = MODEL.replace(
        "    - {id: wish, floor: 400, soft: 1, where: zone == 'w'}\n",
        "    - {id: least, minimum_grant: 5, pool: award}\n"
        "    - {id: in-order, order: need, per: need, pool: award}\n",
    )
    out = small(tmp_path / "model", model)
    found = verify(out)
    assert found.holds, said(found)
    words = [en for en, _ in found.proofs[""].bounds]
    parts = ["rule least", "rule in-order", "rounding"]
    assert [line.split(":")[0] for line in words] == parts
    assert "pass an order" in words[2]
    assert all("is not proved" in line for line in words)
    shown = CliRunner().invoke(main, ["--lang", "zh", "verify", str(out)])
    assert "规则“least”" in shown.output


def test_programs_are_called_by_what_they_are_for(tmp_path: Path) -> None:
    model = MODEL.replace(
        "budget: 1000",
        "budget: 1000\n  need: need\n  objectives: [{name: coverage, within: 0.01}, entitlement]",
    )
    model = "\n".join(line for line in model.split("\n") if "id: wish" not in line)
    out = small(tmp_path / "model", model)
    assert verify(out).holds
    path = out / "certificate.json"
    stated = json.loads(path.read_text(encoding="utf-8"))
    numbers = [program["rules"] for program in stated["periods"][""]["programs"]]
    at = next(i for i, number in enumerate(numbers) if number >= 10**6)
    program = stated["periods"][""]["programs"][at]
    program["tiers"][0]["reached"] += 1
    path.write_text(json.dumps(stated, indent=1) + "\n", encoding="utf-8")
    text = said(verify(out))
    assert "program up to objective 'coverage', with " in text
    assert "到目标“coverage”为止" in text
    assert "1000003 rules" not in text
    del stated["periods"][""]["programs"][at]
    path.write_text(json.dumps(stated, indent=1) + "\n", encoding="utf-8")
    assert "the program up to objective 'coverage'" in said(verify(out))


def test_missing_and_strange_files_are_named(out: Path) -> None:
    (out / "points.csv").unlink()
    (out / "more.csv").write_text("a\n", encoding="utf-8")
    text = said(verify(out))
    assert "points.csv: the file is missing" in text
    assert "more.csv: the file does not belong to the run" in text


def test_other_line_ends_are_other_bytes(out: Path) -> None:
    path = out / "scores.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert "scores.csv" in said(verify(out))


def test_worse_amounts_that_keep_every_rule_fail_on_the_gap(
    tmp_path: Path,
) -> None:
    lines = [line for line in MODEL.split("\n") if "id: wish" not in line and "keep" not in line]
    out = small(tmp_path / "model", "\n".join(lines))
    path = out / "certificate.json"
    stated = json.loads(path.read_text(encoding="utf-8"))
    final = stated["periods"][""]["programs"][-1]
    # money goes from r3 to r1, which has more than its entitlement already
    final["amounts"][2] -= 5
    final["amounts"][0] += 5
    path.write_text(json.dumps(stated, indent=1) + "\n", encoding="utf-8")
    text = said(verify(out))
    assert "tier 'entitlement': other amounts may be better by up to 10.000000" in text
    # from r3 to r4, which both have less: as good for the tier, but not the nearest
    final["amounts"][0] -= 5
    final["amounts"][3] += 5
    path.write_text(json.dumps(stated, indent=1) + "\n", encoding="utf-8")
    text = said(verify(out))
    assert "may be better" not in text
    assert "away from the amounts nearest to the entitlements" in text


def test_other_whole_units_are_found_even_when_the_sums_stay(out: Path) -> None:
    path = out / "certificate.json"
    stated = json.loads(path.read_text(encoding="utf-8"))
    units = stated["periods"][""]["rounding"]["units"]
    units[2] += 40
    units[3] -= 40
    path.write_text(json.dumps(stated, indent=1) + "\n", encoding="utf-8")
    signed_again(out)
    text = said(verify(out))
    assert "allocation.csv: row" in text
    assert "whole units are not those of the largest remainder" in text or "allowed is" in text


@pytest.mark.parametrize(
    "change",
    [
        ("budget: 1000", "budget: 1000\n  need: need\n  objectives: [coverage, entitlement]"),
        (
            "budget: 1000",
            "budget: 1000\n  previous_amount: last\n  objectives: [shortfall, change]",
        ),
        ("    - {id: ratio, ratio: 0.5, pool: award, to: base}\n", ""),
        ("smallest: 1\n", "smallest: '0.01'\n"),
    ],
)
def test_runs_of_other_shapes_hold(change: tuple[str, str], tmp_path: Path) -> None:
    model = MODEL.replace(*change)
    if "coverage" in model:
        model = "\n".join(line for line in model.split("\n") if "id: wish" not in line)
    found = verify(small(tmp_path / "model", model))
    assert found.holds, said(found)


def test_a_run_without_money_holds(tmp_path: Path) -> None:
    found = verify(small(tmp_path / "model", MODEL.split("allocation:", maxsplit=1)[0]))
    assert found.holds, said(found)
    assert not found.proofs


def test_pools_settled_alone_hold(tmp_path: Path) -> None:
    model = MODEL.split("  rules:", maxsplit=1)[0] + "  rules: [{id: cap, cap: 400, pool: base}]\n"
    found = verify(small(tmp_path / "model", model))
    assert found.holds, said(found)
    assert found.proofs[""].programs == 0
    assert found.proofs[""].rows > 0


def test_the_verb_says_what_it_checked_and_ends_with_its_status(out: Path, tmp_path: Path) -> None:
    good = CliRunner().invoke(main, ["--lang", "zh", "verify", str(out)])
    assert good.exit_code == 0
    assert "核验通过" in good.output
    (out / "scores.csv").write_text("region\n", encoding="utf-8")
    bad = CliRunner().invoke(main, ["--lang", "en", "verify", str(out)])
    assert bad.exit_code == 1
    assert "NOT verified" in bad.output
    assert CliRunner().invoke(main, ["verify", str(tmp_path)]).exit_code == 2
    with pytest.raises(InputError):
        verify(tmp_path)


@pytest.mark.parametrize("name", ["relief-2013", "us-child-support"])
def test_scores_are_the_same_without_the_money(name: str, tmp_path: Path) -> None:
    """The copy that checks the scores of a large run does not share out the money."""
    model = load(name)
    found = []
    for allocation in (False, True):
        one = run_model(model, allocation=allocation, by_step=False)
        folder = tmp_path / str(allocation)
        folder.mkdir()
        write_tables(one, folder, ("scores",))
        tables = {path.name: path.read_bytes() for path in folder.iterdir()}
        found.append((tables, cells_of_workbook(one, ("scores",))))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("results", value) for value in (5, [], None, "x", {}, {"": 5}, {"": None})),
        *(("inputs/data", value) for value in (5, [], None, {}, {"data.csv": 1})),
        *(("inputs/model", value) for value in (None, 5)),
        *(("inputs/encoding", value) for value in (5, [])),
        ("files", {"inputs/model.yaml": []}),
    ],
)
def test_values_of_another_kind_in_run_json_are_named(out: Path, key: str, value: object) -> None:
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    *lead, last = key.split("/")
    inside = record[lead[0]] if lead else record
    inside[last] = (
        {**record["files"], **value}
        if isinstance(value, dict) and not lead and last == "files"
        else value
    )
    record["record"] = digest(record)
    (out / "run.json").write_text(json_text(record), encoding="utf-8")
    found = verify(out)
    assert not found.holds
    assert any(f.file == "run.json" and f"key {key}:" in f.en for f in found.failures), said(found)


def test_a_record_nested_beyond_reason_is_no_run(out: Path) -> None:
    (out / "run.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(InputError, match="no readable run.json"):
        verify(out)


@pytest.mark.parametrize("change", ["format", "more", "name"])
def test_what_no_answer_needs_is_found_in_a_certificate(out: Path, change: str) -> None:
    path = out / "certificate.json"
    stated = json.loads(path.read_text(encoding="utf-8"))
    if change == "format":
        stated["format"] = 2
    elif change == "more":
        stated["periods"][""]["more"] = 1
    else:
        stated["periods"][""]["programs"][0]["tiers"][0]["name"] = "other"
    path.write_text(json_text(stated), encoding="utf-8")
    signed_again(out)
    found = verify(out)
    assert any(f.file == "certificate.json" for f in found.failures), said(found)


def test_a_soft_rule_on_a_group_without_anybody_verifies(tmp_path: Path) -> None:
    model = MODEL.replace(
        "{id: west, group_share: zone, at_least: 0.3, where: zone == 'w'}",
        "{id: west, group_share: zone, least_amount: 50, soft: 2, where: zone == 'w'}",
    ).replace(
        "base: {share: 0.8, weight: need}",
        "base: {share: 0.8, weight: need, eligible: zone == 'e'}",
    )
    model = model.replace("eligible: \"grade == 'good'\"", "eligible: zone == 'e'")
    model = model.replace("    - {id: wish, floor: 400, soft: 1, where: zone == 'w'}\n", "")
    out = small(tmp_path / "model", model)
    found = verify(out)
    assert found.holds, said(found)
    assert "west" in (out / "run.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("reliefperf.scenarios.verifying", ("numpy", "pydantic", "rich", "reliefperf.model")),
        ("reliefperf.scenarios.verifying.again", ("scipy.sparse", "rich.console", "pandas")),
        ("reliefperf.reports.workbook", ("scipy.sparse", "rich.console", "matplotlib", "pandas")),
    ],
)
def test_what_is_needed_later_or_never_is_not_loaded_first(
    module: str, heavy: tuple[str, ...]
) -> None:
    program = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


def test_a_file_with_another_number_of_rows_is_named_by_both_numbers(out: Path) -> None:
    path = out / "inputs" / "data.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8")
    n = len(lines)
    text = said(verify(out))
    assert f"inputs/data.csv: the file has {n - 1} rows, not {n} | " in text
    assert f"文件现有 {n - 1} 行，应为 {n} 行" in text
    path.write_bytes(b"")
    assert f"inputs/data.csv: the file has 0 rows, not {n} | " in said(verify(out))


@pytest.mark.parametrize(
    ("key", "value", "en", "zh"),
    [
        ("amounts", [1.0, 2.0], "2 amounts instead of 8", "有 2 个金额，应为 8 个"),
        ("amounts", ["x"] * 8, "a value is not of the kind that is needed", "不是所需的类型"),
        ("missed", None, "there is no 'missed'", "没有“missed”"),
    ],
)
def test_an_answer_that_cannot_be_is_said_in_words(
    out: Path, key: str, value: object, en: str, zh: str
) -> None:
    path = out / "certificate.json"
    stated = json.loads(path.read_text(encoding="utf-8"))
    program = stated["periods"][""]["programs"][-1]
    if value is None:
        del program[key]
    else:
        program[key] = value
    path.write_text(json_text(stated), encoding="utf-8")
    signed_again(out)
    failure = next(f for f in verify(out).failures if "does not fit the run" in f.en)
    assert en in failure.en
    assert zh in failure.zh
    assert "与该运行结果不相符：含 " in failure.zh
    assert "Error" not in failure.en + failure.zh
