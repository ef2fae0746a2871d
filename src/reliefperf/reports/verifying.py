"""What `reliefperf verify` says."""

from __future__ import annotations

from reliefperf.reports.console import lang, say
from reliefperf.scenarios.verifying.found import Verified

MOST_LINES = 60


def say_verified(found: Verified) -> bool:
    """Say what was checked and name every failure; whether all holds."""
    say(
        f"{found.n_files} files and {found.n_cells:,} cells compared with the inputs computed again",
        f"已核对 {found.n_files} 个文件、{found.n_cells:,} 个单元格（由输入重新计算）",
    )
    if found.n_sums:
        say(
            f"{found.n_sums:,} sums of pools, steps, parents and levels made exactly from the files",
            f"按文件精确核对各资金池、步骤、上级与各级合计 {found.n_sums:,} 项",
        )
    for period, proof in found.proofs.items():
        lead = f"{period}: " if period else ""
        say(
            f"{lead}{proof.rows:,} limits hold exactly for the paid amounts",
            f"{lead}实付金额逐条满足 {proof.rows:,} 项限额（精确算术）",
        )
        if proof.programs:
            n_tiers = len(proof.gaps)
            say(
                f"{lead}{proof.programs} programs, {n_tiers} tiers: largest gap "
                f"{proof.largest_gap:.2g}; nearest point within {proof.moves:.2g}; whole units "
                f"within {float(proof.rounded):.3g} of the amounts",
                f"{lead}{proof.programs} 个规划、{n_tiers} 个目标：最大差距 {proof.largest_gap:.2g}；"
                f"与最近点相差不超过 {proof.moves:.2g}；取整偏离不超过 {float(proof.rounded):.3g} 个单位",
            )
        for en, words in proof.bounds:
            say(f"{lead}{en}", f"{lead}{words}")
    zh = lang() == "zh"
    for remark in found.remarks:
        say(f"{remark.file}: {remark.en}", f"{remark.file}：{remark.zh}")
    for failure in found.failures[:MOST_LINES]:
        text = f"{failure.file}：{failure.zh}" if zh else f"{failure.file}: {failure.en}"
        say(text, text, style="red")
    rest = len(found.failures) - MOST_LINES
    if rest > 0:
        say(f"... and {rest} more", f"……另有 {rest} 项")
    if found.holds:
        say("verified", "核验通过", style="green")
    else:
        say(
            f"NOT verified: {len(found.failures)} failures", f"核验不通过：{len(found.failures)} 项"
        )
    return found.holds
