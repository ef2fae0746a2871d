"""Make the synthetic data of the model `relief-2013`: counties.csv and provinces.csv.

THE FIGURES ARE SYNTHETIC. Real are the names and codes (GB/T 2260 of 2024) and what stands in
published/: national totals, population and dibao standards by province. See README.md.

Run `python models/relief-2013/generate.py` from the repository's root to write both files again.

The bytes are the same on every machine. For that, only raw 64-bit words are drawn (numpy promises
the stream of a bit generator, not that of its distributions), each column has its own stream, and
the arithmetic keeps to operations that IEEE 754 fixes: + - * / and square roots, element by
element; no exp or log of the platform, no sum whose order depends on the width of a vector unit.
"""

from __future__ import annotations

import csv
import math
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
SEED = 2013161
KEYS = ("code", "name", "province", "zone")
STATES = np.array(["无", "有制度无落实", "完善"])
MAY_BE_MISSING = (
    "departments_matched",
    "relatives_registered",
    "certified_checkers",
    "training_person_times",
    "temporary_days",
    "checked_households",
    "complaints_closed",
    "circulars",
    "months_uploaded",
    "satisfied",
)
MISSING_SHARE = 0.0195
"""Chance of an empty cell in a variable that may be missing: 0.3 % of all cells."""
CORE_DISTRICTS = (
    *("110101", "110102", "110107"),
    *("120101", "120102", "120103", "120104", "120105", "120106"),
    *("310101", "310104", "310105", "310106", "310107", "310109", "310110"),
)
"""Inner districts of Beijing, Tianjin and Shanghai, taken as wholly urban: no rural schemes."""
PREVIOUS_SHARES = (0.83, 0.15, 0.02)
"""How last year's money is split into the three pools: the modeller's choice."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Table = dict[str, list[Any]]


class Variable(NamedTuple):
    """One row of variables.csv, as far as the generator needs it."""

    name: str
    decimals: int
    rollup: str


class County(NamedTuple):
    """A real county-level unit; `province` is a code."""

    code: str
    name: str
    province: str


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV file as a list of rows."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_variables() -> list[Variable]:
    """Read which columns there are, in their order, and how a province's value is made."""
    rows = read_rows(HERE / "variables.csv")
    return [Variable(r["name"], int(r["decimals"] or 0), r["province"]) for r in rows]


def read_provinces() -> dict[str, dict[str, str]]:
    """Read the published facts by province, in the order of codes."""
    rows = read_rows(HERE / "published" / "provinces.csv")
    return {r["code"]: r for r in sorted(rows, key=lambda r: r["code"])}


def read_totals() -> dict[str, float]:
    """Read the published national totals by variable."""
    rows = read_rows(HERE / "published" / "national.csv")
    return {r["variable"]: float(r["value"]) for r in rows if r["variable"]}


def read_counties() -> list[County]:
    """Read the county-level units of GB/T 2260 for 2024, in the order of their codes."""
    from reliefperf.data.regions import Regions

    table = Regions.gb2260(2024)
    codes = sorted(table.at_level("county"))
    return [County(code, table.name(code), code[:2] + "0000") for code in codes]


def exponential(x: Floats) -> Floats:
    """Approximate e**x as (1 + x / 2**20) ** (2**20) by squaring: the same bits everywhere."""
    power = 1.0 + x / 2.0**20
    for _ in range(20):
        power = power * power
    return power


def logistic(x: Floats) -> Floats:
    """Turn any number into a chance."""
    return 1.0 / (1.0 + exponential(-x))


def whole(x: Floats) -> Ints:
    """Round to integers, halves to even."""
    return np.rint(x).astype(np.int64)


def share_out(total: int, weights: Floats, least: int = 0) -> Ints:
    """Split a whole number by weights, exactly: largest remainder, ties to the first region."""
    parts = [round(weight * 2**20) for weight in weights.tolist()]
    rest = total - least * len(parts)
    products = [rest * part for part in parts]
    shares = [product // sum(parts) for product in products]
    order = sorted(range(len(parts)), key=lambda i: (-(products[i] % sum(parts)), i))
    for i in order[: rest - sum(shares)]:
        shares[i] += 1
    return np.array([least + share for share in shares], dtype=np.int64)


def share_out_capped(total: int, weights: Floats, most: Ints) -> Ints:
    """Split a whole number by weights under a limit for each region; what is over goes round."""
    amounts = np.minimum(share_out(total, weights), most)
    while (left := total - int(amounts.sum())) > 0:
        open_weights = np.where(amounts < most, weights, 0.0)
        amounts = np.minimum(amounts + share_out(left, open_weights), most)
    return amounts


class Draws:
    """Random columns, one value a county; each label has a stream of its own."""

    def __init__(self, n_counties: int) -> None:
        self.n = n_counties

    def uniform(self, label: str, times: int = 1) -> Floats:
        """Draw numbers in [0, 1), shaped (times, counties)."""
        seed = np.random.SeedSequence([SEED, zlib.crc32(label.encode("utf-8"))])
        words = np.random.PCG64(seed).random_raw(times * self.n)
        unit = (words >> np.uint64(11)).astype(np.float64) * 2.0**-53
        return unit.reshape(times, self.n)

    def normal(self, label: str) -> Floats:
        """Draw nearly standard normal numbers, cut at 2.5: the sum of twelve uniforms less 6."""
        total = np.zeros(self.n)
        for row in self.uniform(label, 12):
            total = total + row
        return np.clip(total - 6.0, -2.5, 2.5)

    def successes(self, label: str, trials: Ints, chance: Floats) -> Ints:
        """Draw how many of `trials` succeed: one by one up to 300, else by the normal limit."""
        largest = int(trials.max())
        if largest > 300:
            spread = np.sqrt(trials * chance * (1.0 - chance))
            return np.clip(whole(trials * chance + spread * self.normal(label)), 0, trials)
        done = np.zeros(self.n, dtype=np.int64)
        for turn, row in enumerate(self.uniform(label, largest)):
            done = done + ((row < chance) & (turn < trials))
        return done

    def cases(self, label: str, mean: Floats) -> Ints:
        """Draw Poisson counts with the given means, at most 40."""
        dice = self.uniform(label)[0]
        chance = exponential(-mean)
        reached = chance
        count = np.zeros(self.n, dtype=np.int64)
        for k in range(1, 41):
            count = count + (dice > reached)
            chance = chance * mean / k
            reached = reached + chance
        return count


class Maker:
    """Makes the county columns, stage by stage; what is made stands in `columns`."""

    def __init__(self, counties: Sequence[County]) -> None:
        self.n = len(counties)
        self.counties = counties
        self.facts = read_provinces()
        self.totals = read_totals()
        self.draw = Draws(self.n)
        self.columns: dict[str, NDArray[Any]] = {"counties": np.ones(self.n, dtype=np.int64)}
        codes = np.array([county.province for county in counties])
        self.members = {code: np.flatnonzero(codes == code) for code in self.facts}
        self.zone = np.array([self.facts[county.province]["zone"] for county in counties])
        self.municipality = np.isin(codes, ["110000", "120000", "310000"])
        # Sansha's two districts are islets: by the usual draw they would get 100,000 residents.
        self.islet = np.array([county.code.startswith("4603") for county in counties])
        effect = np.zeros(self.n)
        for inside, value in zip(
            self.members.values(), self.draw.normal("province capacity"), strict=False
        ):
            effect[inside] = value
        self.ability = (
            0.5 * effect + 0.75 * self.draw.normal("capacity") + self.by_zone(0.0, -0.3, -0.5)
        )
        self.poverty = 0.7 * self.draw.normal("poverty") + self.by_zone(-0.5, 0.1, 0.4)

    def by_zone(self, east: float, central: float, west: float) -> Floats:
        """Give each county the value of its zone."""
        return np.where(self.zone == "东部", east, np.where(self.zone == "中部", central, west))

    def by_kind(self, district: float, city: float, banner: float, county: float) -> Floats:
        """Give each county the value of its kind: 区, 市, 旗, or 县 and all else."""
        kinds = {"区": district, "市": city, "旗": banner}
        return np.array([kinds.get(item.name[-1], county) for item in self.counties])

    def chance(self, centre: float, slope: float = 0.9) -> Floats:
        """Chance of success that grows with a county's ability; `centre` is its log-odds."""
        return logistic(centre + slope * self.ability)

    def yes(self, label: str, chance: Floats) -> Ints:
        """1 with the given chance, else 0."""
        return (self.draw.uniform(label)[0] < chance).astype(np.int64)

    def state(self, label: str, full: float, paper: float) -> NDArray[Any]:
        """A graded state: in full above `full`, on paper only above `paper`, else none."""
        level = self.ability + 0.7 * self.draw.normal(label)
        return STATES[(level > paper).astype(np.int64) + (level > full)]

    def make_people(self) -> None:
        """Make residents (published by province), their urban share, and townships."""
        draw, columns = self.draw, self.columns
        size = self.by_kind(1.0, 1.5, 0.6, 0.9) * exponential(0.42 * draw.normal("size"))
        size = np.where(self.islet, 0.005, size)
        population = np.zeros(self.n, dtype=np.int64)
        urban = self.by_kind(0.84, 0.58, 0.45, 0.4) + 0.09 * draw.normal("urban share")
        inner = np.array([county.code in CORE_DISTRICTS for county in self.counties])
        core = (urban > 0.93) | self.islet | inner
        urban = np.clip(urban, 0.1, 0.93)
        for code, inside in self.members.items():
            people = round(float(self.facts[code]["population_10k"]) * 10_000)
            population[inside] = share_out(people, size[inside])
            share = float(self.facts[code]["urban_share"]) / 100
            urban[inside] = fit_share(population[inside], urban[inside], core[inside], share)
        self.urban_people = population * urban
        self.rural_people = population * (1.0 - urban)
        columns["resident_population"] = population
        town_weights = np.sqrt(population) * np.where(core, 0.6, 1.0)
        columns["towns"] = share_out(int(self.totals["towns"]), town_weights, 1)

    def make_recipients(self) -> None:
        """Make recipients and households of each scheme, to the published totals."""
        draw, columns, totals = self.draw, self.columns, self.totals
        rates = {
            "urban": self.by_zone(0.011, 0.03, 0.032) * exponential(0.4 * self.poverty),
            "rural": self.by_zone(0.05, 0.08, 0.1) * exponential(0.35 * self.poverty),
            "tekun": exponential(0.15 * self.poverty),
        }
        people = {
            "urban": self.urban_people,
            "rural": self.rural_people,
            "tekun": self.rural_people,
        }
        for scheme, rate in rates.items():
            name = f"{scheme}_recipients"
            weights = people[scheme] * rate * exponential(0.3 * draw.normal(name))
            columns[name] = share_out(int(totals[name]), weights)
        for scheme in ("urban", "rural"):
            persons, name = columns[f"{scheme}_recipients"], f"{scheme}_households"
            weights = persons * (1.0 + 0.06 * draw.normal(name))
            columns[name] = share_out_capped(int(totals[name]), weights, persons)
        self.households = columns["urban_households"] + columns["rural_households"]
        self.recipients = sum(columns[f"{scheme}_recipients"] for scheme in rates)

    def make_standards(self) -> None:
        """Make the standards around each province's published mean, and consumption per head."""
        draw, columns = self.draw, self.columns
        n_members = {code: len(inside) for code, inside in self.members.items()}
        urban_mean = {c: float(f["urban_standard_2011_06"]) for c, f in self.facts.items()}
        growth = self.totals["urban_standard"] * self.n
        growth /= math.fsum(urban_mean[code] * n_members[code] for code in self.facts)
        shape = {"urban": 1.0 + 0.08 * draw.normal("urban line")}
        shape["rural"] = 1.0 + 0.1 * draw.normal("rural line")
        for scheme in shape:
            standard = np.zeros(self.n, dtype=np.int64)
            for code, inside in self.members.items():
                rural_mean = float(self.facts[code]["rural_standard_2015q3"])
                mean = urban_mean[code] * growth if scheme == "urban" else rural_mean
                if code in ("110000", "310000"):  # one standard in the whole municipality
                    standard[inside] = round(mean)
                else:
                    standard[inside] = share_out(round(mean * len(inside)), shape[scheme][inside])
            columns[f"{scheme}_standard"] = standard
        urban_ratio = 0.335 + 0.012 * self.ability + 0.042 * draw.normal("urban ratio")
        rural_ratio = 0.395 + 0.014 * self.ability + 0.042 * draw.normal("rural ratio")
        columns["urban_consumption"] = whole(columns["urban_standard"] * 12 / urban_ratio)
        columns["rural_consumption"] = whole(columns["rural_standard"] / rural_ratio)

    def make_spending(self) -> None:
        """Make spending to the published totals, and how the money was raised and used."""
        draw, columns = self.draw, self.columns
        for scheme in ("urban", "rural"):
            weights = columns[f"{scheme}_recipients"] * columns[f"{scheme}_standard"]
            weights = weights * (1.0 + 0.07 * draw.normal(f"{scheme} supplement"))
            name = f"{scheme}_spending"
            columns[name] = share_out(int(self.totals[name]), weights / 2.0**10)
        spending = self.spending = columns["urban_spending"] + columns["rural_spending"]
        growth = 1.05 + 0.015 * draw.normal("growth of need")
        need = whole(spending * growth + 0.4 * columns["tekun_recipients"])
        columns["spending_need"] = np.maximum(need, 1)
        target = np.where(self.municipality, 70.0, self.by_zone(40.0, 20.0, 15.0))
        columns["local_share_target"] = target
        effort = 1.1 + 0.09 * self.ability + 0.1 * draw.normal("local effort")
        columns["local_funds"] = whole(spending * np.clip(target * effort / 100, 0.03, 0.95))
        unspent = np.clip(0.055 - 0.022 * self.ability + 0.03 * draw.normal("unspent"), 0.002, 0.25)
        columns["unspent_balance"] = whole(spending * unspent / (1.0 - unspent))
        columns["funds_available"] = spending + columns["unspent_balance"]
        late = np.maximum(0.012 - 0.012 * self.ability + 0.018 * draw.normal("late"), 0.0)
        columns["on_time_amount"] = spending - whole(spending * late)
        diverted = self.yes("diverted", logistic(-3.0 - 0.9 * self.ability))
        amount = np.rint(10.0 * (1.0 + 60.0 * draw.uniform("diverted amount")[0] ** 2)) / 10.0
        columns["diverted_amount"] = diverted * np.minimum(amount, np.rint(spending * 0.2) / 10.0)
        late_households = np.maximum(0.0002 - 0.0008 * self.ability, 0.0)
        late_households = late_households + np.maximum(0.0009 * draw.normal("paid directly"), 0.0)
        columns["direct_paid_households"] = self.households - whole(
            self.households * late_households * self.yes("not all direct", np.full(self.n, 0.7))
        )
        a_head = np.clip(11.5 + 2.2 * self.ability + 2.4 * draw.normal("expenses"), 2.0, 25.0)
        expenses = np.rint(self.recipients * a_head / 1000) / 10.0
        columns["work_expenses"] = np.maximum(expenses, 0.1)

    def make_policy(self) -> None:
        """Make dimension 1: documents, mechanism, departments, townships at the line."""
        draw, columns = self.draw, self.columns
        columns["relief_document"] = self.yes("relief document", self.chance(3.6))
        columns["coordination_state"] = self.state("coordination", -0.75, -2.3)
        matched = whole(5.2 + 1.1 * self.ability + 1.1 * draw.normal("departments"))
        columns["departments_matched"] = np.clip(matched, 0, 9)
        below = self.yes("towns below", logistic(-2.1 - 0.9 * self.ability))
        below = below * (1 + draw.cases("how many towns below", np.full(self.n, 0.6)))
        columns["towns_at_line"] = np.maximum(columns["towns"] - below, 0)

    def make_operation(self) -> None:
        """Make dimension 2: what an inspection found, relatives of staff, public notice."""
        draw, columns = self.draw, self.columns
        sample = 60 + self.households // 150 + whole(8.0 * draw.normal("sample"))
        sample = np.minimum(np.clip(sample, 40, 220), np.maximum(self.households, 1))
        columns["sampled_households"] = sample
        wrongful = logistic(-4.65 - 0.5 * self.ability)
        columns["wrongful_cases"] = draw.successes("wrongful", sample, wrongful)
        columns["omitted_cases"] = draw.cases("omitted", exponential(-0.5 - 0.55 * self.ability))
        columns["fraud_cases"] = draw.cases("fraud", exponential(-1.35 - 0.5 * self.ability))
        columns["favour_cases"] = draw.cases("favour", exponential(-0.95 - 0.6 * self.ability))
        known = whole(self.households * 0.006 * exponential(0.4 * draw.normal("relatives")))
        known = np.minimum(known + 1, np.maximum(self.households, 1))
        columns["relatives_known"] = known
        slips = self.yes("relatives slip", logistic(-0.9 - 0.9 * self.ability))
        missed = draw.successes("relatives missed", known, np.full(self.n, 0.035))
        columns["relatives_registered"] = known - slips * missed
        notice = self.chance(3.0)
        columns["towns_public_notice"] = draw.successes("notice", columns["towns"], notice)

    def make_capacity(self) -> None:
        """Make dimension 4: staff, checkers, training, one-stop windows."""
        draw, columns = self.draw, self.columns
        per_10k = 1.12 + 0.16 * self.ability + 0.2 * draw.normal("staff")
        staff = whole(columns["resident_population"] * np.clip(per_10k, 0.35, 2.5) / 10_000)
        columns["staff"] = staff = np.maximum(staff, 2)
        checkers = whole(3.1 + 0.9 * self.ability + 1.1 * draw.normal("checkers"))
        columns["certified_checkers"] = np.minimum(np.clip(checkers, 0, 12), staff)
        times = np.clip(2.15 + 0.35 * self.ability + 0.35 * draw.normal("training"), 0.2, 5.0)
        columns["training_person_times"] = whole(staff * times)
        columns["towns_one_stop"] = draw.successes("one stop", columns["towns"], self.chance(2.6))

    def make_events(self) -> None:
        """Make dimension 5: plan, sudden events, temporary assistance."""
        draw, columns = self.draw, self.columns
        columns["emergency_plan_state"] = self.state("emergency plan", -0.95, -2.4)
        sudden = draw.cases("sudden", 0.7 * exponential(0.2 * draw.normal("exposure")))
        columns["sudden_events"] = sudden
        columns["events_in_time"] = draw.successes("in time", sudden, self.chance(2.4))
        major = draw.successes("major", sudden, np.full(self.n, 0.15))
        columns["major_events"] = major
        columns["major_reported"] = draw.successes("reported", major, self.chance(2.6))
        cases = columns["resident_population"] * 0.006 * exponential(0.5 * draw.normal("temporary"))
        columns["temporary_cases"] = whole(cases) + 1
        days = 13.2 - 1.5 * self.ability + 2.2 * draw.normal("days")
        columns["temporary_days"] = np.rint(10.0 * np.clip(days, 3.0, 40.0)) / 10.0

    def make_supervision(self) -> None:
        """Make dimensions 6 and 7: re-checks, complaints, circulars, systems, satisfaction."""
        draw, columns = self.draw, self.columns
        applied = whole(self.households * 0.07 * exponential(0.35 * draw.normal("applications")))
        columns["applications"] = applied = applied + 1
        share = np.clip(0.38 + 0.05 * self.ability + 0.07 * draw.normal("re-check"), 0.08, 1.0)
        columns["rechecked_households"] = np.minimum(whole(np.ceil(applied * share)), applied)
        checked = np.clip(0.97 + 0.03 * self.ability + 0.05 * draw.normal("checked"), 0.3, 1.0)
        columns["checked_households"] = whole(applied * checked)
        rate = 0.00004 * exponential(0.5 * draw.normal("complaints") - 0.25 * self.ability)
        received = whole(columns["resident_population"] * rate)
        columns["complaints_received"] = received
        columns["complaints_closed"] = draw.successes("closed", received, self.chance(3.1))
        columns["hotline"] = self.yes("hotline", self.chance(3.4))
        columns["circulars"] = draw.cases("circulars", 4.5 * exponential(0.2 * self.ability))
        columns["accountability_state"] = self.state("accountability", -0.7, -2.1)
        twelve = np.full(self.n, 12, dtype=np.int64)
        columns["months_uploaded"] = draw.successes("uploaded", twelve, self.chance(3.0))
        surveyed = 100 + 10 * whole(10.0 * draw.uniform("surveyed")[0])
        columns["surveyed"] = surveyed = np.minimum(surveyed, np.maximum(self.recipients, 1))
        columns["satisfied"] = draw.successes("satisfied", surveyed, self.chance(2.55, 0.35))

    def make_adjustments(self) -> None:
        """Make the rare events outside the 100 points, and the bonus for innovation."""
        draw, columns = self.draw, self.columns
        rare = {"falsified_reports": 0.002, "grave_opinion_events": 0.0016}
        rare |= {"audit_findings_major": 0.006}
        for name, rate in rare.items():
            columns[name] = self.yes(name, rate * exponential(-0.6 * self.ability))
        bonus = whole(self.ability + 0.9 * draw.normal("innovation") - 0.6)
        columns["innovation_points"] = np.clip(bonus, 0, 3)

    def make_funds(self) -> None:
        """Make the fiscal coefficient and last year's amounts of the three pools."""
        draw, columns = self.draw, self.columns
        difficulty = 1.0 + 0.16 * self.poverty + 0.07 * draw.normal("difficulty")
        difficulty = difficulty - np.where(self.municipality, 0.25, 0.0)
        columns["fiscal_difficulty"] = np.rint(100.0 * np.clip(difficulty, 0.5, 1.5)) / 100.0
        total = int(self.totals["previous_base + previous_award + previous_expenses"])
        award, expenses = (round(total * share) for share in PREVIOUS_SHARES[1:])
        central = np.maximum(self.spending - columns["local_funds"], 1).astype(np.float64)
        base_weights = central * (1.0 + 0.06 * draw.normal("previous base"))
        columns["previous_base"] = share_out(total - award - expenses, base_weights, 1)
        good = self.ability + 0.5 * draw.normal("previous award") > -0.5
        award_weights = np.where(good, central * np.clip(1.0 + 0.2 * self.ability, 0.4, 1.6), 0.0)
        columns["previous_award"] = share_out(award, award_weights)
        columns["previous_expenses"] = share_out(expenses, np.sqrt(self.recipients + 1.0), 1)

    def make(self) -> Table:
        """Make everything, and empty the cells that are missing."""
        self.make_people()
        self.make_recipients()
        self.make_standards()
        self.make_spending()
        self.make_policy()
        self.make_operation()
        self.make_capacity()
        self.make_events()
        self.make_supervision()
        self.make_adjustments()
        self.make_funds()
        table: Table = {
            "code": [county.code for county in self.counties],
            "name": [county.name for county in self.counties],
            "province": [self.facts[county.province]["name"] for county in self.counties],
            "zone": self.zone.tolist(),
        }
        for variable in read_variables():
            table[variable.name] = self.columns[variable.name].tolist()
        for name in MAY_BE_MISSING:
            dice = self.draw.uniform(f"missing {name}")[0].tolist()
            cells = zip(dice, table[name], strict=True)
            table[name] = [None if die < MISSING_SHARE else value for die, value in cells]
        return table


def fit_share(people: Ints, share: Floats, fixed: NDArray[np.bool_], wanted: float) -> Floats:
    """Move the shares so that their mean by people is about `wanted`; the fixed ones become 1."""
    free = np.where(fixed, 0, people)
    n_free = int(free.sum())
    target = (wanted * int(people.sum()) - (int(people.sum()) - n_free)) / max(n_free, 1)
    mean = math.fsum((free * share).tolist()) / max(n_free, 1)
    moved = share * (target / mean)
    if target > mean:
        moved = 1.0 - (1.0 - share) * ((1.0 - target) / (1.0 - mean))
    return np.where(fixed, 1.0, np.clip(moved, 0.04, 0.96))


def roll_up(counties: Table) -> Table:
    """Make the provinces' rows: each variable by the rule that variables.csv states for it."""
    facts = read_provinces()
    rows: dict[str, list[int]] = {code: [] for code in facts}
    for row, code in enumerate(counties["code"]):
        rows[code[:2] + "0000"].append(row)
    names = [fact["name"] for fact in facts.values()]
    table: Table = {"code": list(facts), "name": names, "province": names}
    table["zone"] = [fact["zone"] for fact in facts.values()]
    for variable in read_variables():
        table[variable.name] = [roll_up_one(counties, variable, inside) for inside in rows.values()]
    return table


def roll_up_one(counties: Table, variable: Variable, inside: Iterable[int]) -> Any:
    """Make one province's value from its counties; empty cells count for nothing."""
    values = {i: v for i in inside if (v := counties[variable.name][i]) is not None}
    if variable.rollup == "median state":
        levels = [STATES.tolist().index(value) for value in values.values()]
        reached = [sum(level >= k for level in levels) * 2 >= len(levels) for k in range(3)]
        return STATES.tolist()[max(k for k in range(3) if reached[k])]
    if variable.rollup == "sum":
        total = math.fsum(values.values())
        return round(total, variable.decimals) if variable.decimals else round(total)
    weights = dict.fromkeys(values, 1)
    if variable.rollup != "mean":
        by = variable.rollup.removeprefix("mean by ").split(" + ")
        weights = {i: sum(counties[name][i] for name in by) for i in values}
    weighted = math.fsum(value * weights[i] for i, value in values.items())
    return round(weighted / sum(weights.values()), variable.decimals)


def as_text(value: Any, decimals: int) -> str:
    """Write one cell: text and whole numbers as they are, others with fixed decimals."""
    if value is None:
        return ""
    return f"{value:.{decimals}f}" if isinstance(value, float) else str(value)


def write_table(path: Path, table: Table) -> None:
    """Write a table as CSV: UTF-8 without BOM, lines ended by a line feed."""
    decimals = {variable.name: variable.decimals for variable in read_variables()}
    columns = [
        [name, *(as_text(value, decimals.get(name, 0)) for value in cells)]
        for name, cells in table.items()
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(zip(*columns, strict=True))


def generate(folder: Path) -> None:
    """Write counties.csv and provinces.csv into the folder."""
    counties = Maker(read_counties()).make()
    write_table(folder / "counties.csv", counties)
    write_table(folder / "provinces.csv", roll_up(counties))


if __name__ == "__main__":
    generate(HERE)
