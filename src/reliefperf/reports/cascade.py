"""What a cascade leaves behind: one run folder for all levels, and a summary on the terminal."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from reliefperf.errors import InputError, Mistake
from reliefperf.model.spec_data import in_language
from reliefperf.reports import console
from reliefperf.reports.folder import (
    LANGUAGES,
    VERSIONS,
    finish_folder,
    plain_document,
    write_csv,
    write_folder,
)
from reliefperf.scenarios.cascades.inputs import cascade_inputs
from reliefperf.scenarios.cascades.running import CascadeRun, LevelRun, run_cascade
from reliefperf.scenarios.cascades.tables import (
    allocation_table,
    explanation_table,
    parents_table,
    points_of,
    scores_of,
)
from reliefperf.scenarios.inputs import data_file
from reliefperf.scenarios.run_folder import RunFolder

MOST_NOTES = 8


def write_cascade(run: CascadeRun, folder: Path) -> Path:
    """Write a cascade into `folder`; an older run there is replaced, anything else is refused.

    Raises InputError if the folder holds something that is not a run or cannot be written.
    """
    return write_folder(folder, lambda partial: _fill(run, partial))


def _fill(run: CascadeRun, folder: Path) -> None:
    write_cascade_tables(run, folder)
    finish_folder(folder, cascade_inputs(run), cascade_record(run))


def write_cascade_tables(run: CascadeRun, folder: Path) -> None:
    """Write the tables of all levels, and the label of synthetic data."""
    if any(level.run.model.spec.evaluation is not None for level in run.levels):
        write_csv(folder / "scores.csv", *scores_of(run))
        write_csv(folder / "points.csv", *points_of(run))
    write_csv(folder / "allocation.csv", *allocation_table(run))
    write_csv(folder / "explanation.csv", *explanation_table(run))
    write_csv(folder / "parents.csv", *parents_table(run))
    if run.is_synthetic:
        (folder / "SYNTHETIC.txt").write_text(_synthetic(run), encoding="utf-8", newline="\n")


def _synthetic(run: CascadeRun) -> str:
    lines = ["合成数据 / SYNTHETIC DATA"]
    for level in run.levels:
        label = level.run.model.spec.data.synthetic
        if label is not None:
            lines += [f"{level.id}: {in_language(label, lang)}" for lang in LANGUAGES]
    return "\n".join(dict.fromkeys(lines)) + "\n"


def cascade_record(run: CascadeRun) -> dict[str, Any]:
    """What run.json says of a cascade: definitions, inputs' hashes, versions, totals, notes."""
    cascade = run.cascade
    return {
        "format": 1,
        "cascade": cascade.name,
        "title": cascade.spec.title,
        "synthetic": run.is_synthetic,
        "levels": [_level_record(level) for level in run.levels],
        "results": {"": {"unit": run.unit}},
        "inputs": {"cascade": dict(cascade.files)},
        "versions": {name: version(name) for name in VERSIONS},
        "notes": [
            {"kind": n.kind, "place": n.place, "count": n.count, "en": n.en, "zh": n.zh}
            for n in run.notes
        ],
        "definition": plain_document(cascade.document.data),
    }


def _level_record(level: LevelRun) -> dict[str, Any]:
    dataset, model = level.run.dataset, level.level.alone
    money = model.spec.allocation
    assert money is not None
    return {
        "id": level.id,
        "title": level.level.spec.title,
        "model": model.name,
        "inputs": {
            "model": dict(sorted(model.files.items())),
            "data": {Path(dataset.source).name: dataset.sha256},
            "data_file": data_file(level.run),
            "encoding": dataset.encoding,
        },
        "regions": len(level.run.last.env.codes),
        "parents": len(level.parents),
        "unit": money.unit,
        "paid": {pool: _exact(level, pool) for pool in (*money.pools, "total")},
        "definition": plain_document(model.document.data),
    }


def _exact(level: LevelRun, pool: str) -> str:
    totals = [part.allocation.total(pool) for part in level.parents.values()]
    return format(sum(totals[1:], totals[0]), "f")


def say_cascade(run: CascadeRun, folder: Path) -> None:
    """Sum a cascade up, level by level, and say where its results are."""
    lang = console.lang()
    out = console.out()
    out.print(f"{run.cascade.title(lang)} ({run.cascade.name})", style="bold", markup=False)
    if run.is_synthetic:
        console.say("SYNTHETIC DATA", "合成数据", style="bold red")
    for level in run.levels:
        left = sum(part.left for part in level.parents.values())
        title = in_language(level.level.spec.title, lang, level.id)
        paid = f"{float(level.total()):,.10g} {run.unit}"
        n_paid = sum(len(part.allocation.codes) for part in level.parents.values())
        more_en = f", {float(left):,.10g} left with the level above" if left else ""
        more_zh = f"，上级留存 {float(left):,.10g}" if left else ""
        console.say(
            f"  {title}: {paid} to {n_paid} regions of {len(level.parents)} parent(s){more_en}",
            f"  {title}：{len(level.parents)} 个上级向 {n_paid} 个地区分配 {paid}{more_zh}",
        )
    if run.notes:
        console.say(f"  notes: {len(run.notes)}", f"  提示：{len(run.notes)} 条")
    for note in run.notes[:MOST_NOTES]:
        out.print(f"  - {note.text(lang)}", markup=False)
    if len(run.notes) > MOST_NOTES:
        rest = len(run.notes) - MOST_NOTES
        console.say(f"  - ... and {rest} more in run.json", f"  - ……其余 {rest} 条见 run.json")
    console.say(f"results: {folder}", f"结果：{folder}", style="bold")


def run_and_say(target: str, output: Path, what: str, jobs: int, *, has_data: bool) -> None:
    """Run a cascade file, write the folder and sum it up."""
    from reliefperf.reports.terminal import progress

    if what == "score":
        raise InputError(
            Mistake.at(
                "a cascade hands money down: score each level's model, or use `reliefperf run`",
                "逐级分配用于下达资金：请对各级模型分别评分，或用 reliefperf run",
            )
        )
    if has_data:
        raise InputError(
            Mistake.at(
                "a cascade has data for each of its levels: state `data` of a level in its file",
                "逐级分配的每一级各有数据：请在文件中为各级写 data",
            )
        )
    with progress() as step:
        step("reading data, scoring, allocating level by level", "读取数据、评分、逐级分配")
        result = run_cascade(target, jobs=jobs)
        step("writing the results", "写出结果")
        result.write(output)
    say_cascade(result, output)


def say_chain(run: RunFolder, code: str) -> None:
    """Show what the regions above a region received, from the top down to the region itself."""
    chain: list[list[str]] = []
    titles = run.titles(console.lang())
    at = code
    while at:
        rows = [row for row in run.allocation if row["region"] == at]
        if not rows:
            break
        level = titles.get(rows[0]["level"], rows[0]["level"])
        name = f"{at} {run.names.get(at, '')}".strip()
        chain = [[level, name, titles.get(r["pool"], r["pool"]), r["amount"]] for r in rows] + chain
        at = rows[0]["parent"]
    console.table(
        "",
        (
            ("level", "级别", False),
            ("region", "地区", False),
            ("pool", "资金池", False),
            ("amount", "金额", True),
        ),
        chain,
    )


def refuse_outlook(run: RunFolder) -> None:
    """Refuse to look ahead in a cascade, whose levels are runs of their own."""
    if run.is_cascade:
        raise InputError(
            Mistake.at(
                "`--lift` and `--since` need the run of one model: run the level's model by itself",
                "--lift 和 --since 需要单个模型的运行结果：请单独运行该级的模型",
                file=str(run.folder),
            )
        )
