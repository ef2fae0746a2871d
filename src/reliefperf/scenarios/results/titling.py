"""Titles in place of the names of pools, rules and columns, in sentences that people read."""

from __future__ import annotations

import re
from collections.abc import Mapping

from reliefperf.data.headings import expected_heading
from reliefperf.errors import Lang
from reliefperf.model.model import Model
from reliefperf.model.spec_data import in_language

_PARTS = r"'[^']*'|\"[^\"]*\"|[^\W\d]\w*|\*\*|[<>=!]=|\*"
"""Texts in quotes, names and signs of an expression."""
_TEXT = r"(?<=')[^',]+(?=')|(?<=\")[^\",]+(?=\")"
_LISTED = r"\[(?:'[^']*'|\"[^\"]*\")(?:, (?:'[^']*'|\"[^\"]*\"))*\]"
_SPACED = r"(?P<kept>“[^“”]*”)|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])"
_TWICE = r"“(?P<zh>[^“”]+)”（(?P=zh)）|'(?P<en>[^']+)' \((?P=en)\)"
"""A title in quotation marks and again after them, where a message names id and title."""
_QUOTED = r"“(?P<zh>[^“”]+)”|(?<![A-Za-z])'(?P<en>[^']+)'(?![A-Za-z])"
_BARE = r"|(?<![A-Za-z0-9_.])(?P<bare>[A-Za-z_][A-Za-z0-9_]*)(?![A-Za-z0-9_(])"


_CHINESE = {
    **{"score": "得分", "grade": "等次", "rank": "名次", "budget": "预算", "improvement": "进步"},
    **{"region": "地区代码", "region_name": "地区", "parent": "上级", "period": "期别"},
    **{"share": "占比", "total": "合计", "count": "计数", "mean": "均值", "median": "中位数"},
    **{"lowest": "最低", "highest": "最高", "quantile": "分位数", "stdev": "标准差"},
    **{"min": "取较小值", "max": "取较大值", "clip": "限于", "abs": "绝对值", "sqrt": "平方根"},
    **{"where": "若", "round": "四舍五入", "floor": "舍去", "ceil": "进一", "previous": "上期"},
    **{"if_missing": "缺失时取", "is_missing": "缺失", "cumulative": "累计"},
    **{"by": "分组", "tie_break": "同值比", "weight": "权重", "order": "次序", "ties": "并列"},
    **{"findings": "查实问题数", "consequence": "问责", "claimed": "自评分"},
    **{"at": "取自所指地区", "to": "指向"},
    **{"self": "自报值", "verified": "核实值", "fit": "可足额安排"},
    **{"and": "且", "or": "或", "not": "非", "in": "属于", "missing": "缺失"},
}
"""Chinese words for functions and names of the language."""
_BARE_NAMES = ("score", "grade", "rank", "improvement", "budget")
"""Names of the language that may stand bare in a Chinese sentence."""


def closed(text: str) -> str:
    """The text without spaces between two Chinese characters; what stands in quotes stays."""
    return re.sub(_SPACED, lambda found: found["kept"] or "", text)


def column_titles(model: Model, lang: Lang) -> dict[str, str]:
    """What variables, parameters, tables and derived columns are called: the title, else the name."""
    spec = model.spec
    named: dict[str, object] = {
        **spec.variables,
        **spec.parameters,
        **spec.tables,
        **spec.derived,
    }
    return {
        name: in_language(getattr(one, "title", None), lang, name) for name, one in named.items()
    }


def titled(expression: str, titles: Mapping[str, str], lang: Lang) -> str:
    """An expression with titles for the names in it, as people write it: × for *.

    Texts in quotes stay; in Chinese functions and the names of the language have words.
    """
    words = _CHINESE if lang == "zh" else {}
    signs = {"**": "^", "*": "×", ">=": "≥", "<=": "≤", "!=": "≠", "==": "="}

    def word(found: re.Match[str]) -> str:
        part = found[0]
        return signs.get(part) or titles.get(part) or words.get(part, part)

    found = titles.get(expression) or re.sub(_PARTS, word, expression)
    return re.sub(_LISTED, lambda one: _listed(one[0], lang), found)


def _listed(texts: str, lang: Lang) -> str:
    """A list of texts as people write it."""
    return f"({('、' if lang == 'zh' else ', ').join(re.findall(_TEXT, texts))})"


def heading_titles(model: Model, titles: Mapping[str, str]) -> dict[str, str]:
    """`titles`, and those of variables by their headings in the file, where a title stands for both."""
    headings = {
        expected_heading(name, one): titles[name]
        for name, one in model.spec.variables.items()
        if name in titles
    }
    return {**headings, **titles}


def _once(text: str) -> str:
    """The text with a title only once, where it stood for the id and beside it."""
    return re.sub(_TWICE, lambda two: f"“{two['zh']}”" if two["zh"] else f"'{two['en']}'", text)


class Titling:
    """The titles of one model in one language."""

    def __init__(self, model: Model, lang: Lang) -> None:
        spec, self.lang = model.spec, lang
        self.columns = column_titles(model, lang)
        self.titles: dict[str, str] = {}
        if spec.allocation is not None:
            for rule in spec.allocation.rules:
                self.titles[rule.id] = in_language(rule.title, lang, rule.id)
            for name, pool in spec.allocation.pools.items():
                self.titles[name] = in_language(pool.title, lang, name)

    def quoted(self, text: str) -> str:
        """`text` with titles where names of pools and rules stand in quotation marks, each once."""
        return _once(re.sub(_QUOTED, self._word, text))

    def sentence(self, text: str) -> str:
        """The same, and in Chinese with the titles of reported columns that stand bare in it.

        In English a column's name could be a word of the sentence, so there it stays.
        """
        return _once(re.sub(_QUOTED + _BARE if self.lang == "zh" else _QUOTED, self._word, text))

    def _word(self, found: re.Match[str]) -> str:
        bare = found.groupdict().get("bare")
        if bare:
            word = _CHINESE[bare] if bare in _BARE_NAMES else bare
            return self.columns.get(bare, word)
        if found["zh"]:
            return f"“{'、'.join(self.titles.get(name, name) for name in found['zh'].split('、'))}”"
        return f"'{self.titles.get(found['en'], found['en'])}'"
