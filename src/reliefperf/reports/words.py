"""Words for the short codes that stand in result tables, and for the kinds of notes."""

from __future__ import annotations

from collections.abc import Mapping

from reliefperf.errors import Lang

_CODES: dict[str, dict[Lang, str]] = {
    "criticism": {"zh": "通报批评", "en": "criticism"},
    "summons": {"zh": "约谈", "en": "summons"},
    "cap_grade": {"zh": "限制等次", "en": "grade capped"},
    "veto": {"zh": "一票否决", "en": "veto"},
    "ineligible": {"zh": "失去分配资格", "en": "ineligible"},
    "deduct": {"zh": "扣分", "en": "points deducted"},
    "value": {"zh": "数值", "en": "value"},
    "points": {"zh": "得分", "en": "points"},
    "score": {"zh": "总分", "en": "score"},
    "improvement": {"zh": "进步", "en": "improvement"},
    "data": {"zh": "数据清洗", "en": "cleaning"},
    "missing": {"zh": "缺失", "en": "missing"},
    "held": {"zh": "封顶", "en": "held"},
    "denominate": {"zh": "换算", "en": "denominated"},
    "screen": {"zh": "筛查", "en": "screened"},
    "impute": {"zh": "填补", "en": "imputed"},
    "winsorise": {"zh": "缩尾", "en": "winsorised"},
    "transform": {"zh": "变换", "en": "transformed"},
    "outliers": {"zh": "异常值处理", "en": "outliers"},
    "cap": {"zh": "截断", "en": "capped"},
    "evaluation": {"zh": "总分", "en": "evaluation"},
    "given": {"zh": "给定", "en": "given"},
    "equal": {"zh": "等权", "en": "equal"},
    "none": {"zh": "不用权重", "en": "none"},
    "ahp": {"zh": "层次分析法", "en": "AHP"},
    "entropy": {"zh": "熵权法", "en": "entropy"},
    "critic": {"zh": "CRITIC 法", "en": "CRITIC"},
    "pca": {"zh": "主成分法", "en": "PCA"},
    "lambda_max": {"zh": "最大特征值", "en": "greatest eigenvalue"},
    "consistency_index": {"zh": "一致性指标 CI", "en": "consistency index"},
    "consistency_ratio": {"zh": "一致性比率 CR", "en": "consistency ratio"},
    "random_index": {"zh": "随机指标表", "en": "random index"},
    "standard_deviation": {"zh": "标准差法", "en": "standard deviation"},
    "coefficient_of_variation": {"zh": "变异系数法", "en": "coefficient of variation"},
    "best_worst": {"zh": "最优最劣法", "en": "best-worst method"},
    "benefit_of_doubt": {"zh": "最有利权重法", "en": "benefit of the doubt"},
    "regions": {"zh": "地区数", "en": "regions"},
    "rounding": {"zh": "取整", "en": "rounding"},
    "deviation": {"zh": "偏差", "en": "deviation"},
    "widest_interval": {"zh": "最宽权重区间", "en": "widest interval"},
    "regions_at_1": {"zh": "得满分的地区数", "en": "regions at 1"},
    "regions_with_other_best_weights": {
        "zh": "最优权重不唯一的地区数",
        "en": "regions with other best weights",
    },
    "allocation": {"zh": "资金分配", "en": "allocation"},
    "proved_within": {"zh": "证明精度", "en": "proved within"},
}

_NOTES: dict[str, str] = {
    "absent-column": "缺列",
    "adjustment-missing": "调整分缺失",
    "before-rules": "按测算额计算",
    "borne-by-none": "不分担者变动",
    "blank-line": "空行",
    "cleaned": "数据清洗",
    "condition-unknown": "条件缺失",
    "constant": "常数",
    "dated-parameter": "分期参数",
    "decision-held": "人工调整封顶",
    "direction": "方向不明",
    "division-by-zero": "除数为零",
    "empty-column": "空列",
    "encoding": "文件编码",
    "fairness": "公平性",
    "finding-outside": "期外问题",
    "finding-pending": "问题未查实",
    "gains-scaled": "增量缩放",
    "group-mean": "以组均值填补",
    "heading": "列名",
    "held-at-full": "按满分计",
    "held-at-posts": "按界限取值",
    "ignored-column": "未用的列",
    "ignored-variable": "未用的变量",
    "imputed": "填补",
    "ineligible": "失去分配资格",
    "left-out": "未计入",
    "left-out-of-weights": "未计入赋权",
    "leftover": "结余资金",
    "limit-missing": "界限缺失",
    "limited": "受限额影响",
    "limits-crossed": "上下限颠倒",
    "minimum-grant": "低于最低拨付额",
    "minimum-grant-kept": "仍予拨付",
    "missing": "缺失",
    "name-differs": "名称不一致",
    "no-denominator": "无分母",
    "no-group": "无分组",
    "nothing-left": "无剩余下级",
    "tie-break-missing": "并列先后缺失",
    "no-improvement": "无进步值",
    "no-peer": "不作参照",
    "no-previous-period": "无上一期",
    "no-reference": "无参照值",
    "no-spread": "取值全同",
    "no-values": "无数值",
    "nobody": "无人参与",
    "nobody-to-compare": "无可比较地区",
    "not-compared": "未比较",
    "not-defined": "无定义",
    "not-eligible": "无资格",
    "not-imputed": "未填补",
    "nothing-last-year": "上年为零",
    "nothing-to-weigh": "无可赋权",
    "other-value": "以其他值代替",
    "outliers-remain": "仍有异常值",
    "outliers-untested": "未检验异常值",
    "outside-reference": "超出参照范围",
    "percent-mixed": "百分号不一致",
    "period-left-out": "缺少期别",
    "period-order": "期别顺序",
    "relaxed": "规则已放宽",
    "rounded": "取整",
    "rounding-not-proved": "取整未证最近",
    "rounding-repaired": "取整后调整",
    "rule-missed": "规则未满足",
    "rule-not-applied": "规则不适用",
    "scaled": "按比例缩减",
    "score-missing": "得分缺失",
    "screened": "筛除",
    "sheet": "工作表",
    "skipped": "略过",
    "skipped-as-zero": "略过按零计",
    "small-growth-limit": "增长上限偏低",
    "text": "文字",
    "turned": "反向处理",
    "unequal": "分配不一",
    "unknown-state": "未列状态",
    "unverified": "未经核实",
    "zero": "按零分计",
    "zero-filled": "按零计",
    "zero-in-mean": "均值含零",
    "zero-under-bounds": "占比界限不成立",
    "zero-weight": "权重为零",
}
"""Kinds of notes in Chinese."""

_NOTES_EN: dict[str, str] = {
    "missing": "no data",
    "zero": "no value, scored zero",
    "skipped": "no value, left out of the score",
    "skipped-as-zero": "left out of the score as zero",
    "group-mean": "filled with the group's mean",
    "left-out": "left out across regions",
    "cleaned": "cells cleaned",
    "zero-filled": "no data, counted as 0",
}
"""Kinds of notes in English whose code is not yet their words."""


def code_word(code: str, lang: Lang) -> str:
    """An effect, a step, a kind of claim, a method or fact of weighting in words; else as it is."""
    return _CODES[code][lang] if code in _CODES else code


def note_word(kind: str, lang: Lang) -> str:
    """The kind of a note in words."""
    return (_NOTES if lang == "zh" else _NOTES_EN).get(kind, kind.replace("-", " "))


def with_names(listed: str, names: Mapping[str, str], lang: Lang) -> str:
    """Codes listed between blanks with the names of their regions; groups and pairs keep their words."""
    words = listed.split(" ")
    if not any(names.get(word) for word in words):
        return listed
    named = {word: f"{word} {names.get(word, '')}".strip() for word in words if word in names}
    if {">=", "="} & set(words):
        return " ".join(named.get(word, word) for word in words)
    rest = " ".join(word for word in words if word not in named)
    if lang == "zh":
        return "、".join(named.values()) + (f" {rest}" if rest else "")
    return ", ".join(named.values()) + (f" {rest}" if rest else "")
