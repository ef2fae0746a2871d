"""Where the models and scenarios that travel with the package stand."""

from __future__ import annotations

from pathlib import Path

from reliefperf.errors import InputError, Mistake, suggestion

PACKAGE = Path(__file__).resolve().parent.parent


def library_folder(kind: str) -> Path:
    """The folder `models` or `scenarios`: inside the wheel, or at the top of the source tree."""
    shipped = PACKAGE / "library" / kind
    return shipped if shipped.is_dir() else PACKAGE.parent.parent / kind


def model_names() -> list[str]:
    """The names of the models that travel with the package."""
    folder = library_folder("models")
    return sorted(path.parent.name for path in folder.glob("*/model.yaml"))


def scenario_names() -> list[str]:
    """The names of the scenarios that travel with the package."""
    return sorted(path.stem for path in library_folder("scenarios").glob("*.yaml"))


def find(target: str | Path, beside: Path | None = None) -> Path:
    """The folder or file that a name or path means: a path first, then the library.

    A folder without a model that has the name of a shipped model, such as that of its results,
    stands back behind the shipped one.

    `beside` is the folder that a relative path may start from. Raises InputError with the near
    names for what cannot be found.
    """
    text = str(target)
    given = [base / text for base in (beside, Path()) if base is not None]
    shipped = [library_folder("models") / text, library_folder("scenarios") / f"{text}.yaml"]
    if "/" in text or "\\" in text:
        shipped = []
    models = [path for path in given if path.is_file() or (path / "model.yaml").is_file()]
    for path in (*models, *shipped, *given):
        if path.exists():
            return path
    known = [*model_names(), *scenario_names()]
    en, zh = suggestion(text, known)
    raise InputError(
        Mistake.at(
            f"no such file, folder or shipped model: '{text}'{en}",
            f"没有这个文件、文件夹或内置模型：“{text}”{zh}",
        )
    )
