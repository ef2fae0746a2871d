# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 社会救助绩效考评与奖补资金分配
# # Social-assistance performance and award funding
#
# 民发〔2013〕161号要求对社会救助工作开展监督检查和年度绩效考评，并把结果与补助资金、工作经费挂钩。
# 本笔记本读入模型 `relief-2013`，给 2,846 个县评分、分钱，再看分数与资金的关系。
#
# This notebook scores the 2,846 counties of the model `relief-2013`, pays them, and looks at scores
# against money.
#
# > **合成数据。** 县名和代码真实，数字绝大多数随机生成，不得据此评价任何地区。
# >
# > **Synthetic data.** Names and codes are real, nearly all figures are drawn at random.

# %%
# %matplotlib inline
import reliefperf
from reliefperf.reports.figures import grade_counts, money_by_group, scores_against_money

model = reliefperf.load_model("relief-2013")
data = reliefperf.read_data(model)
model

# %% [markdown]
# ## 一、评分与分配 Score and allocate
# 先评分定等次，再按规则把 1,374.55 亿元分到县；金额以万元为单位，全为整数。
#
# The 137.455 billion yuan are paid in whole units of 10,000 yuan.

# %%
result = reliefperf.allocate(model, data)
result

# %% [markdown]
# 结果里记下了所有未经要求而做的处理：缺报、按零分计、取整调整。
#
# Everything that was done to the data without being asked is noted.

# %%
for note in result.notes:
    print(f"{note.place or '—'}：{note.zh}")

# %% [markdown]
# ## 二、等次 Grades
# 等次界限 90、80、60 分出自民发〔2016〕242号第七条，“以上”含本数。
#
# The limits 90, 80 and 60 are those of 民发〔2016〕242号, Art. 7.

# %%
grade_counts(result, by="zone")

# %% [markdown]
# ## 三、分数与资金 Scores against money
# 良好以上才有以奖代补，所以 80 分处有一个台阶，90 分处因系数由 0.7 升为 1.0 又有一个台阶。
#
# Only good and excellent counties get an award, hence the steps at 80 and 90.

# %%
scores_against_money(result, per="assisted", heads="救助人数")

# %%
scores_against_money(result, per="assisted", heads="救助人数", pool="award")

# %% [markdown]
# ## 四、基本补助与以奖代补 Base and award
# 人均基本补助各等次相近，差别主要来自奖补。
#
# The base per head differs little by grade; the award makes the difference.

# %%
money_by_group(result, by="grade", per="assisted", heads="救助人数")

# %%
money_by_group(result, by="zone", per="assisted", heads="救助人数")

# %% [markdown]
# ## 五、一个县的账 One county's account
# 每一分、每一元都能说清：各行相加正好等于得分和金额。
#
# Every point and every yuan is accounted for: the rows add up exactly.

# %%
code = "130102"
points = result.points[result.points["region"] == code]
lost = points[points["points"] != points["full_marks"]]
lost[["indicator", "value", "points", "full_marks", "reason"]].reset_index(drop=True)

# %%
steps = result.explanation[result.explanation["region"] == code]
steps.pivot_table(index="step", columns="pool", values="amount", aggfunc="sum", sort=False)
