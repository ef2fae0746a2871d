"""Titles in place of the names of pools, rules and columns, in sentences that people read."""

from __future__ import annotations

import re

from reliefperf.errors import Lang
from reliefperf.model.model import Model
from reliefperf.model.spec_data import in_language

_QUOTED = r"“(?P<zh>[^“”]+)”|(?<![A-Za-z])'(?P<en>[^']+)'(?![A-Za-z])"
_BARE = r"|(?<![A-Za-z0-9_.])(?P<bare>[A-Za-z_][A-Za-z0-9_]*)(?![A-Za-z0-9_(])"


class Titling:
    """The titles of one model in one language."""

    def __init__(self, model: Model, lang: Lang) -> None:
        spec, self.lang = model.spec, lang
        self.columns = {
            name: in_language(one.title, lang, name) for name, one in spec.variables.items()
        }
        self.titles: dict[str, str] = {}
        if spec.allocation is not None:
            for rule in spec.allocation.rules:
                self.titles[rule.id] = in_language(rule.title, lang, rule.id)
            for name, pool in spec.allocation.pools.items():
                self.titles[name] = in_language(pool.title, lang, name)

    def quoted(self, text: str) -> str:
        """`text` with titles where names of pools and rules stand in quotation marks."""
        return re.sub(_QUOTED, self._word, text)

    def sentence(self, text: str) -> str:
        """The same, and in Chinese with the titles of reported columns that stand bare in it.

        In English a column's name could be a word of the sentence, so there it stays.
        """
        return re.sub(_QUOTED + _BARE if self.lang == "zh" else _QUOTED, self._word, text)

    def _word(self, found: re.Match[str]) -> str:
        bare = found.groupdict().get("bare")
        if bare:
            return self.columns.get(bare, bare)
        if found["zh"]:
            return f"“{'、'.join(self.titles.get(name, name) for name in found['zh'].split('、'))}”"
        return f"'{self.titles.get(found['en'], found['en'])}'"
