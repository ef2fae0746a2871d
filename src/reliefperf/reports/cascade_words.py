"""Sentences on the levels of a cascade, the same on the terminal and in the workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reliefperf.errors import Lang, Note
from reliefperf.model.spec_data import in_language
from reliefperf.reports.amounts import money as money_text
from reliefperf.reports.words import code_word
from reliefperf.scenarios.cascades.binding import RuleSum
from reliefperf.scenarios.cascades.running import CascadeRun, LevelRun
from reliefperf.scenarios.results.titling import Titling, titled


def level_title(level: LevelRun, lang: Lang) -> str:
    """What a level is called."""
    return in_language(level.level.spec.title, lang, level.id)


def effect_words(one: RuleSum, title: str, unit: str, lang: Lang) -> str:
    """At how many parents and limits a rule binds, and what it moves."""
    moved = f"{money_text(one.moved, cents=True)} {unit}"
    if lang == "zh":
        place = "" if one.parents == 1 else f"{one.parents} 个上级中 {one.binds_at} 个起作用；"
        return (
            f"{title}：{place}{one.rows} 处限额中 {one.binding} 处，调整金额 {moved}；"
            f"{one.gaining} 个地区增加，{one.losing} 个减少"
        )
    place = "" if one.parents == 1 else f"at {one.binds_at} of {one.parents} parents, "
    return (
        f"{title}: {place}{one.binding} of {one.rows} limits, moves {moved}; "
        f"{one.gaining} gain, {one.losing} lose"
    )


def pools_words(level: LevelRun, titles: Mapping[str, str], lang: Lang) -> str:
    """What the regions of a level are paid from each pool, in one line; '' where there is one."""
    money = level.level.model.spec.allocation
    pools = list(money.paid_pools) if money is not None else []
    if len(pools) < 2:
        return ""
    parts = [f"{titles.get(pool, pool)} {money_text(level.total(pool))}" for pool in pools]
    return ("，" if lang == "zh" else ", ").join(parts)


def bears_of(level: LevelRun, titles: Mapping[str, str], lang: Lang) -> dict[str, str]:
    """By what measure the limits of a pool are carried, for the pools that say so."""
    money = level.level.model.spec.allocation
    stated = {} if money is None else {pool: one.bear for pool, one in money.pools.items()}
    return {
        pool: titled(bear.text, titles, lang) for pool, bear in stated.items() if bear is not None
    }


def titled_notes(run: CascadeRun, lang: Lang) -> Iterator[tuple[Note, str, str]]:
    """Each note with its place and its text, with titles in place of the names of levels and rules."""
    levels = {level.id: level_title(level, lang) for level in run.levels}
    titlings = {level.id: Titling(level.level.alone, lang) for level in run.levels}
    for note in run.notes:
        text = note.zh if lang == "zh" else note.en
        mark, end = ("“", "”级") if lang == "zh" else ("level '", "'")
        own = next((name for name in levels if text.startswith(f"{mark}{name}{end}")), None)
        titles: Mapping[str, str] = {}
        if own is not None:
            titling = titlings[own]
            head = f"{mark}{own}{end}"
            text = f"{mark}{levels[own]}{end}{titling.quoted(text.removeprefix(head))}"
            titles = titling.titles
        place = titles.get(note.place) or code_word(note.place, lang)
        yield note, place, text
