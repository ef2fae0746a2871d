"""The run that a verb is asked about: computed again from its folder, or from a model."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from reliefperf.errors import InputError, Mistake, suggestion
from reliefperf.scenarios.inputs import rerun
from reliefperf.scenarios.loading import load
from reliefperf.scenarios.run_folder import RunFolder, read_run
from reliefperf.scenarios.running import PeriodRun, Run, run_target


def known_period(period: str | None, known: Iterable[str], file: str) -> None:
    """Refuse a period that there is not; raises InputError."""
    periods = list(known)
    if period is not None and period not in periods:
        en, zh = suggestion(period, periods)
        raise InputError(
            Mistake.at(f"no period '{period}'{en}", f"没有“{period}”这一期{zh}", file=file)
        )


def period_of(run: Run, period: str | None, file: str) -> PeriodRun:
    """The period asked for, the last by default; raises InputError."""
    known_period(period, run.periods, file)
    return run.last if period is None else run.periods[period]


def run_again(
    folder: Path, period: str | None, *, by_step: bool = False
) -> tuple[RunFolder, Run, PeriodRun]:
    """The folder, the run computed again with its money, and the period that is asked for."""
    kept = _of_one_model(folder)
    run = rerun(folder, kept.record, allocation=True, by_step=by_step)
    return kept, run, period_of(run, period, str(folder))


def opened(target: str, data: Path | None, encoding: str | None, period: str | None) -> Run:
    """The run of a folder computed again, or of a model or scenario; raises InputError."""
    folder = Path(target)
    if (folder / "run.json").is_file():
        kept = _of_one_model(folder)
        if data is not None or encoding is not None:
            raise InputError(
                Mistake.at(
                    "a run has its data in its folder: --data and --encoding go with a model",
                    "运行结果自带数据：--data 与 --encoding 只用于模型",
                    file=target,
                )
            )
        run = rerun(folder, kept.record, allocation=True, by_step=False)
    else:
        run = run_target(load(target), data, encoding=encoding, by_step=False)
    known_period(period, run.periods, target)
    return run


def _of_one_model(folder: Path) -> RunFolder:
    kept = read_run(folder)
    if kept.is_cascade:
        raise InputError(
            Mistake.at(
                "this needs the run of one model: run the level's model by itself",
                "此命令需要单个模型的运行结果：请单独运行该级的模型",
                file=str(folder),
            )
        )
    return kept
