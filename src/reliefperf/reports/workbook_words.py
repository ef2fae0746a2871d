"""Headings of the workbook in both languages, and what its columns hold."""

from __future__ import annotations

from reliefperf.errors import Lang

WORDS: dict[str, dict[Lang, str]] = {
    "summary": {"zh": "说明", "en": "Summary"},
    "scores": {"zh": "得分", "en": "Scores"},
    "points": {"zh": "扣分明细", "en": "Points"},
    "treatments": {"zh": "数据处理", "en": "Treatments"},
    "raw": {"zh": "处理前", "en": "raw"},
    "before": {"zh": "原值", "en": "before"},
    "after": {"zh": "新值", "en": "after"},
    "how": {"zh": "说明", "en": "how"},
    "allocation": {"zh": "资金分配", "en": "Allocation"},
    "explanation": {"zh": "分配过程", "en": "Explanation"},
    "calculation": {"zh": "计算步骤（不发放）", "en": "Calculation (not paid)"},
    "change": {"zh": "变动", "en": "change"},
    "rules": {"zh": "规则", "en": "Rules"},
    "rule": {"zh": "规则编号", "en": "rule"},
    "says": {"zh": "内容说明", "en": "says"},
    "strength": {"zh": "约束", "en": "strength"},
    "rows": {"zh": "限额数", "en": "rows"},
    "binding": {"zh": "起作用处", "en": "binding"},
    "bound": {"zh": "哪些地区或组", "en": "bound regions or groups"},
    "missed": {"zh": "未满足处", "en": "missed"},
    "moved": {"zh": "移动的资金", "en": "money moved"},
    "gaining": {"zh": "增加地区", "en": "gaining"},
    "losing": {"zh": "减少地区", "en": "losing"},
    "in_effect": {"zh": "起作用的规则", "en": "Rules that bind"},
    "entitlement_tier": {"zh": "与测算额的距离", "en": "distance from the entitlements"},
    "change_tier": {"zh": "与上年的变动", "en": "change from last year"},
    "coverage_tier": {"zh": "最低需求满足率", "en": "least coverage"},
    "performance_tier": {"zh": "绩效加权分配额", "en": "performance-weighted award"},
    "shortfall_tier": {"zh": "软性规则的缺口", "en": "shortfall of the soft rules"},
    "tier": {"zh": "分配目标", "en": "objective"},
    "price": {"zh": "影子价格", "en": "shadow price"},
    "meaning": {"zh": "边际含义", "en": "meaning"},
    "claims": {"zh": "自评与核实", "en": "Claims"},
    "consequences": {"zh": "问责结果", "en": "Consequences"},
    "decisions": {"zh": "人工调整", "en": "Decisions"},
    "item": {"zh": "项目", "en": "item"},
    "of": {"zh": "口径", "en": "of"},
    "self": {"zh": "自报（自评）", "en": "self-reported"},
    "verified": {"zh": "核实", "en": "verified"},
    "final": {"zh": "最终", "en": "final"},
    "difference": {"zh": "差额", "en": "difference"},
    "consequence": {"zh": "问责", "en": "consequence"},
    "title": {"zh": "名称", "en": "title"},
    "effect": {"zh": "后果", "en": "effect"},
    "detail": {"zh": "内容", "en": "detail"},
    "findings": {"zh": "问题件数", "en": "findings"},
    "cases": {"zh": "所据问题", "en": "cases"},
    "responsible": {"zh": "责任单位", "en": "responsible unit"},
    "target": {"zh": "对象", "en": "target"},
    "decided_by": {"zh": "决定单位", "en": "decided by"},
    "date": {"zh": "日期", "en": "date"},
    "weights": {"zh": "权重", "en": "Weights"},
    "node": {"zh": "上级", "en": "node"},
    "child": {"zh": "下级", "en": "child"},
    "method": {"zh": "赋权方法", "en": "method"},
    "weight": {"zh": "权重", "en": "weight"},
    "lowest": {"zh": "最低", "en": "lowest"},
    "highest": {"zh": "最高", "en": "highest"},
    "effective_weight": {"zh": "对总分的权重", "en": "effective weight"},
    "fact": {"zh": "检验项", "en": "fact"},
    "notes": {"zh": "提示", "en": "Notes"},
    "period": {"zh": "期别", "en": "period"},
    "region": {"zh": "地区代码", "en": "region"},
    "name": {"zh": "地区", "en": "name"},
    "score": {"zh": "得分", "en": "score"},
    "grade": {"zh": "等次", "en": "grade"},
    "rank": {"zh": "名次", "en": "rank"},
    "improvement": {"zh": "进步", "en": "improvement"},
    "improvement_grade": {"zh": "进步等次", "en": "improvement grade"},
    "improvement_rank": {"zh": "进步名次", "en": "improvement rank"},
    "indicator": {"zh": "指标", "en": "indicator"},
    "value": {"zh": "指标值", "en": "value"},
    "full_marks": {"zh": "满分", "en": "full marks"},
    "lost": {"zh": "扣分", "en": "lost"},
    "reason": {"zh": "理由", "en": "reason"},
    "pool": {"zh": "资金池", "en": "pool"},
    "step": {"zh": "步骤", "en": "step"},
    "amount": {"zh": "金额", "en": "amount"},
    "allotted": {"zh": "分配额", "en": "amount"},
    "entitlement": {"zh": "测算额", "en": "entitlement"},
    "total": {"zh": "合计", "en": "total"},
    "kind": {"zh": "类别", "en": "kind"},
    "place": {"zh": "位置", "en": "place"},
    "count": {"zh": "处数", "en": "count"},
    "text": {"zh": "内容", "en": "text"},
    "model": {"zh": "模型", "en": "Model"},
    "scenario": {"zh": "情景", "en": "Scenario"},
    "basis": {"zh": "依据", "en": "Basis"},
    "data": {"zh": "数据", "en": "Data"},
    "synthetic": {"zh": "注意：数据为合成", "en": "Note: synthetic data"},
    "relaxed": {"zh": "注意：规则已放宽", "en": "Note: rules relaxed"},
    "regions": {"zh": "地区数", "en": "Regions"},
    "unit": {"zh": "金额单位", "en": "Unit of amounts"},
    "budget": {"zh": "预算", "en": "Budget"},
    "paid": {"zh": "分配合计", "en": "Paid"},
    "points_label": {"zh": "得分", "en": "points"},
    "points_note": {
        "zh": "本表只列未得满分的指标和调整项；全部指标见 points.csv",
        "en": "only indicators that lost points, and adjustments; all are in points.csv",
    },
}

CODED = (
    "item",
    "of",
    "consequence",
    "effect",
    "target",
    "step",
    "node",
    "child",
    "method",
    "fact",
)
"""Columns whose cells are ids or codes."""
WRAPPED = 40
"""Columns from this width on hold sentences, which are wrapped."""
TWO_DECIMALS = "#,##0.00"
"""How money is shown that has digits beyond the smallest amount, and points; cells hold all."""
FOUR_DECIMALS = ("weight", "lowest", "highest", "effective_weight")
"""Columns of weights, shown to four decimals; the cells hold them in full."""

WIDTHS = {
    **{"item": 26, "effect": 16, "consequence": 22, "target": 26, "responsible": 24, "kind": 20},
    **{"node": 22, "child": 30, "method": 18, "fact": 24},
    **{"name": 18, "reason": 60, "how": 60, "text": 90, "indicator": 26, "place": 30, "step": 22},
    **{"cases": 60, "basis": 40, "title": 26, "rule": 18, "says": 44, "bound": 40},
    **{"tier": 18, "meaning": 60, "pool": 16},
}
MONEY = {"explanation": ("amount",), "calculation": ("amount",), "rules": ("moved",)}
"""Columns of sheets that hold money with digits beyond the smallest amount."""

RULES_TEXTS = (
    *("period", "rule", "title", "says", "basis", "strength", "bound", "tier"),
    "meaning",
)
"""Columns of the rules that hold texts."""
