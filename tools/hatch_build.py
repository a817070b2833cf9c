"""Build hook: compile every gettext catalogue, so that a wheel and an editable install carry their translations."""

from pathlib import Path
from typing import Any

import polib
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface):  # type: ignore[type-arg]
    """Write a .mo file beside each .po file under src/madang."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # signature is hatchling's
        """Compile the catalogues before files are collected."""
        for source in Path(self.root, "src", "madang").rglob("*.po"):
            polib.pofile(str(source)).save_as_mofile(str(source.with_suffix(".mo")))
