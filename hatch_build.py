"""What is done when the package is installed from its folder."""

import compileall
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileHook(BuildHookInterface):
    """Compiles the modules once, which uv, unlike pip, leaves to the first import."""

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Called with version "editable" where the folder itself is installed."""
        if version == "editable":
            compileall.compile_dir(Path(self.root) / "src", quiet=1)
