"""Chinese labels in figures: Noto Sans SC from a package, for the time of a `with` block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

FAMILY = ("DejaVu Sans", "Noto Sans SC")
"""Letters and digits from the first, every Chinese character from the second."""


@cache
def register_chinese() -> str:
    """Make Noto Sans SC known to matplotlib, once; return the path of the font file.

    Its full face has the rare characters of county names (埇沚浉瀍猇硚鄠), which GB 2312 fonts lack.
    """
    from matplotlib.font_manager import fontManager
    from pylopdf_fonts_zh_cn import sans_path

    path = str(sans_path())
    fontManager.addfont(path)
    return path


@contextmanager
def chinese_style() -> Iterator[None]:
    """Draw with Chinese labels inside the block; matplotlib's settings are the same after it.

    >>> import matplotlib
    >>> with chinese_style():
    ...     matplotlib.rcParams["font.family"]
    ['DejaVu Sans', 'Noto Sans SC']
    """
    import matplotlib

    register_chinese()
    settings: Any = {
        "font.family": list(FAMILY),
        "axes.unicode_minus": True,
        "svg.hashsalt": "relief",
    }
    with matplotlib.rc_context(settings):
        yield
