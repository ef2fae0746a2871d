"""Words for the short codes that stand in result tables."""

from __future__ import annotations

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
}


def code_word(code: str, lang: Lang) -> str:
    """An effect, a step, a kind of claim, a method or fact of weighting in words; else as it is."""
    return _CODES[code][lang] if code in _CODES else code
