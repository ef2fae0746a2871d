"""The folder that a run writes: tables, workbook, run.json. All of it, or nothing.

Everything is written to a folder beside the target and renamed at the end. Nothing in it tells the
time or the machine's folders: same inputs, same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from importlib.metadata import version
from pathlib import Path
from typing import Any

from reliefperf.errors import InputError, Lang, Mistake
from reliefperf.model.spec_data import Text, in_language
from reliefperf.scenarios.certificates import certificate
from reliefperf.scenarios.comparing import Comparison
from reliefperf.scenarios.fingerprints import digest, fingerprints
from reliefperf.scenarios.inputs import data_file, input_files
from reliefperf.scenarios.own_files import CERTIFICATE, FINGERPRINTS, INPUTS, RUN_FILE, WORKBOOK
from reliefperf.scenarios.results.cells import SIDES, Row, Side
from reliefperf.scenarios.results.equity import equity_tables, has_curves, has_equity
from reliefperf.scenarios.results.intervals import has_samples, intervals_table
from reliefperf.scenarios.results.money import (
    allocation_table,
    calculation_table,
    explanation_table,
    has_calculation,
)
from reliefperf.scenarios.results.points import points_table, scores_table
from reliefperf.scenarios.results.relaxations import (
    is_relaxed,
    relaxations_of,
    relaxations_table,
    relaxed_record,
)
from reliefperf.scenarios.results.rulebook import rulebook_tables
from reliefperf.scenarios.results.rules import factors_table
from reliefperf.scenarios.results.treatments import treatments_table
from reliefperf.scenarios.results.weights import has_weights, weighting_facts, weights_table
from reliefperf.scenarios.running import Run

OWN_FILES = {
    "scores.csv",
    "points.csv",
    "treatments.csv",
    "claims.csv",
    "consequences.csv",
    "decisions.csv",
    "allocation.csv",
    "explanation.csv",
    "calculation.csv",
    "parents.csv",
    "relaxations.csv",
    "factors.csv",
    "formulas.csv",
    "rules.csv",
    "equity.csv",
    "equity_groups.csv",
    "equity.png",
    "weights.csv",
    "intervals.csv",
    WORKBOOK,
    "SYNTHETIC.txt",
    CERTIFICATE,
    FINGERPRINTS,
    RUN_FILE,
    INPUTS,
}
"""What a run writes; a folder with anything else in it is never replaced."""
LANGUAGES: tuple[Lang, ...] = ("zh", "en")
VERSIONS = ("reliefperf", "numpy", "scipy", "pulp", "highspy", "clarabel", "xlsxwriter")


def write_run(run: Run, folder: Path) -> Path:
    """Write a run into `folder`; an older run there is replaced, anything else is refused.

    Raises InputError if the folder holds something that is not a run or cannot be written.
    """
    return write_folder(folder, lambda partial: _write_files(run, partial))


def write_folder(
    folder: Path,
    fill: Callable[[Path], None],
    own: AbstractSet[str] = OWN_FILES,
    record: str = RUN_FILE,
) -> Path:
    """Fill a folder beside `folder` and put it in its place: all of it, or nothing.

    Replaced is only what holds a `record` file and nothing but `own` files.
    """
    check_target(folder, own, record)
    target = folder.absolute()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise _cannot_write(folder, error) from None
    try:
        fill(partial)
        _replace(partial, target)
    except OSError as error:
        raise _cannot_write(folder, error) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def check_target(folder: Path, own: AbstractSet[str] = OWN_FILES, record: str = RUN_FILE) -> None:
    """Refuse a target that holds something other than earlier results of the same kind."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError(
            Mistake.at(
                f"'{folder}' is a file; name a folder for the results",
                f"“{folder}”是文件；请给出存放结果的文件夹",
            )
        )
    inside = {path.name for path in folder.iterdir()}
    strange = inside - own
    if INPUTS in inside:
        strange |= _files_below(folder / INPUTS) - _recorded_files(folder)
    if inside and (record not in inside or strange):
        others = ", ".join(sorted(strange)[:5])
        raise InputError(
            Mistake.at(
                f"the folder '{folder}' holds other files ({others or 'no earlier run'}); name "
                "another folder, so that nothing is lost",
                f"文件夹“{folder}”中有其他文件（{others or '并非以前的运行结果'}）；为避免丢失，请换一个文件夹",
            )
        )


def _files_below(folder: Path) -> set[str]:
    return {
        path.relative_to(folder.parent).as_posix() for path in folder.rglob("*") if path.is_file()
    }


def _recorded_files(folder: Path) -> set[str]:
    """The files that an earlier run says it wrote."""
    try:
        return set(json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _cannot_write(folder: Path, error: OSError) -> InputError:
    why = error.strerror or type(error).__name__
    return InputError(
        Mistake.at(
            f"the results cannot be written to '{folder}': {why}",
            f"无法将结果写入“{folder}”：{why}",
        )
    )


def _replace(partial: Path, target: Path) -> None:
    partial.chmod(0o755)
    if not target.exists():
        partial.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    try:
        target.rename(old / "run")
        partial.rename(target)
    except OSError:
        if (old / "run").exists() and not target.exists():
            (old / "run").rename(target)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def write_tables(run: Run, folder: Path, sides: Sequence[Side] = SIDES) -> None:
    """Write everything of a run, or of one side of it, that is text and follows from its inputs."""
    if "scores" in sides:
        _write_scores(run, folder)
    if "money" in sides and run.last.allocation is not None:
        _write_money(run, folder)


def _write_scores(run: Run, folder: Path) -> None:
    if run.model.spec.evaluation is not None:
        write_csv(folder / "scores.csv", *scores_table(run))
        write_csv(folder / "points.csv", *points_table(run))
        if has_weights(run.model):
            write_csv(folder / "weights.csv", *weights_table(run))
        if has_samples(run.model):
            write_csv(folder / "intervals.csv", *intervals_table(run))
    for name, (header, rows) in rulebook_tables(run).items():
        write_csv(folder / f"{name}.csv", header, rows)
    header, changed = treatments_table(run)
    if changed:
        write_csv(folder / "treatments.csv", header, changed)
    write_label(folder, run.model.spec.data.synthetic)


def _write_money(run: Run, folder: Path) -> None:
    write_csv(folder / "allocation.csv", *allocation_table(run))
    write_csv(folder / "explanation.csv", *explanation_table(run))
    if has_calculation(run.model):
        write_csv(folder / "calculation.csv", *calculation_table(run))
    if is_relaxed(run):
        write_csv(folder / "relaxations.csv", *relaxations_table(run))
    for name, (header, rows) in (
        ("factors", factors_table(run)),
        ("formulas", run.formulas_table),
        ("rules", run.rules_table),
    ):
        if rows:
            write_csv(folder / f"{name}.csv", header, rows)
    if has_equity(run.model):
        _write_equity(run, folder)


def write_label(folder: Path, label: Text | None) -> None:
    """Write what a model says of its made-up data; nothing where they are not."""
    if label is not None:
        words = [in_language(label, lang) for lang in LANGUAGES]
        text = "\n".join(dict.fromkeys(["合成数据 / SYNTHETIC DATA", *words])) + "\n"
        (folder / "SYNTHETIC.txt").write_text(text, encoding="utf-8", newline="\n")


def _write_files(run: Run, folder: Path) -> None:
    from reliefperf.reports.workbook import write_workbook

    write_tables(run, folder)
    _write_figures(run, folder)
    write_workbook(run, folder / WORKBOOK)
    write_json(folder / CERTIFICATE, certificate(run))
    finish_folder(folder, input_files(run), run_record(run))


def finish_folder(folder: Path, inputs: Mapping[str, bytes], record: dict[str, Any]) -> None:
    """Add the inputs and, last, the record with the hashes of all files."""
    for name, content in inputs.items():
        path = folder / INPUTS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    write_json(folder / FINGERPRINTS, fingerprints(folder))
    record["files"] = file_hashes(folder)
    record["record"] = digest(record)
    write_json(folder / RUN_FILE, record)


def file_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in a folder, by its name below the folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write_json(path: Path, content: object) -> None:
    """Write a document as UTF-8, one value a line."""
    path.write_text(json_text(content), encoding="utf-8", newline="\n")


def json_text(content: object) -> str:
    """A document as it stands in a file."""
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=False) + "\n"


def _write_equity(run: Run, folder: Path) -> None:
    measures, groups = equity_tables(run)
    write_csv(folder / "equity.csv", *measures)
    write_csv(folder / "equity_groups.csv", *groups)


def _write_figures(run: Run, folder: Path) -> None:
    """Figures say nothing that no table says; verifying a run compares the tables alone."""
    if run.last.allocation is None or not has_equity(run.model):
        return
    from reliefperf.reports.equity_figure import equity_curves

    if has_curves(run):
        equity_curves(run).savefig(folder / "equity.png", metadata={"Software": None})


def cell_text(value: object) -> str:
    """A cell as it stands in a file."""
    if value is None:
        return ""
    return value if isinstance(value, str) else format(value, "f")


def write_csv(path: Path, header: list[str], rows: Iterable[Row]) -> None:
    """Write a table as UTF-8 with line feeds."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(
            [cell if type(cell) is str else cell_text(cell) for cell in row] for row in rows
        )


def run_record(run: Run) -> dict[str, Any]:
    """What run.json says: the whole definition, the inputs' hashes, versions, totals, notes."""
    model, dataset = run.model, run.dataset
    record: dict[str, Any] = {
        "format": 1,
        "model": model.name,
        "title": model.title(),
        "synthetic": run.is_synthetic,
        "scenario": None,
        "inputs": {
            "model": dict(sorted(model.files.items())),
            "data": {Path(dataset.source).name: dataset.sha256},
            "data_file": data_file(run),
            "encoding": dataset.encoding,
        },
        "versions": {name: version(name) for name in VERSIONS},
        "results": _totals(run),
        "notes": [
            {"kind": n.kind, "place": n.place, "count": n.count, "en": n.en, "zh": n.zh}
            for n in run.notes
        ],
        "definition": plain_document(model.document.data),
    }
    if run.scenario is not None:
        spec = run.scenario.spec
        record["scenario"] = {
            "name": spec.scenario,
            "title": spec.title,
            "set": plain_document(spec.set),
        }
        record["inputs"]["scenario"] = run.scenario.files
    return record


def _totals(run: Run) -> dict[str, Any]:
    totals: dict[str, Any] = {}
    for period, result in run.periods.items():
        entry: dict[str, Any] = {"regions": len(result.env.codes)}
        if result.evaluation is not None:
            scores = result.evaluation.score
            entry["scored"] = int((scores == scores).sum())
            if facts := weighting_facts(result.evaluation):
                entry["weights"] = facts
        if result.allocation is not None:
            money = result.allocation
            entry["unit"] = money.unit
            entry["paid"] = {
                pool: format(money.total(pool), "f") for pool in (*money.pools, "total")
            }
            if relaxed := relaxed_record(relaxations_of(money)):
                entry["relaxed"] = relaxed
        totals[period] = entry
    return totals


def plain_document(value: Any) -> Any:
    """Document data with keys as text, for JSON."""
    if isinstance(value, dict):
        return {str(key): plain_document(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain_document(item) for item in value]
    return value


def write_changes(comparison: Comparison, path: Path) -> None:
    """Write every difference between two runs as CSV, whole or not at all."""
    header = ["period", "region", "name", "what", "first", "second", "difference"]
    rows: list[Row] = [
        (c.period, c.region, c.name, c.what, c.first, c.second, c.difference)
        for c in comparison.changes
    ]
    if not any(row[0] for row in rows):
        header, rows = header[1:], [row[1:] for row in rows]
    write_table(path, header, rows)


def write_table(path: Path, header: list[str], rows: Iterable[Row]) -> None:
    """Write one table as CSV, whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_csv(partial, header, rows)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise _cannot_write(path, error) from None
