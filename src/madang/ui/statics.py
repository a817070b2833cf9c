"""Static files with a digest in their names, so that browsers keep them for ever."""

from whitenoise.storage import (  # type: ignore[import-untyped]  # ships no types
    CompressedManifestStaticFilesStorage,
)


class PageStatics(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # the base has no types
    """Hashed and compressed at collect time; plain names where nothing was collected (tests, developers)."""

    manifest_strict = False

    def hashed_name(self, name: str, content: object = None, filename: str | None = None) -> str:
        """Return the hashed name, or the plain one when the file was not collected."""
        try:
            hashed: str = super().hashed_name(name, content, filename)
        except ValueError:
            return name
        return hashed
