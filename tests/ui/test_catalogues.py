"""The catalogues of all apps are one at run time: what several of them say must be said alike."""

from collections import defaultdict
from pathlib import Path

import polib

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "madang"
# Help texts of the command line and words that mean the same; they may differ in wording.
TOLERATED = {
    "Answer in JSON, for programs.", "Data directory of the installation.", "When", "done", "no figure",
    "Records of the log", "There is nothing here, or you may not see it.",
}  # fmt: skip


def test_no_two_apps_translate_one_string_differently() -> None:
    said: dict[tuple[str | None, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in PACKAGE.rglob("locale/ko/LC_MESSAGES/django.po"):
        for entry in polib.pofile(str(path)):
            said[(entry.msgctxt, entry.msgid)][entry.msgstr or entry.msgstr_plural[0]].add(path.parts[-5])
    clashes = {key: dict(words) for key, words in said.items() if len(words) > 1 and key[1] not in TOLERATED}
    assert clashes == {}
