"""How numbers of pairwise comparisons are shown: 3, 1/3."""

from __future__ import annotations


def ratio_text(ratio: float) -> str:
    """A ratio as people write it: 3, 1/3, or four digits."""
    for part, form in ((ratio, "{}"), (1 / ratio if ratio else 0.0, "1/{}")):
        if 0.5 < part < 1e6 and abs(part - round(part)) < 1e-9:
            return form.format(round(part))
    return f"{ratio:.4g}"
