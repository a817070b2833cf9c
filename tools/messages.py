"""Keep every app's Korean catalogue in step with its English strings.

Run `python tools/messages.py` to extract (translations are kept, vanished strings dropped), `--check` to fail where a
string is missing or untranslated. English is the source language, so only Korean catalogues exist.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import polib
from babel.messages.extract import extract_from_dir

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "madang"
METHODS = [
    ("**/migrations/**.py", "ignore"),
    ("**/templates/**.html", "jinja2.ext.babel_extract"),
    ("**/templates/**.txt", "jinja2.ext.babel_extract"),
    ("**.py", "python"),
]
KEYWORDS = {
    "_": None, "translate": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "N_": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
}  # fmt: skip
OPTIONS = {"**/templates/**.html": {"extensions": "jinja2.ext.do", "trimmed": "true", "silent": "false"}}


def homes() -> list[Path]:
    """Return the folders that carry a catalogue: every app, and the package itself for the rest."""
    apps = sorted(path.parent for path in PACKAGE.rglob("apps.py"))
    return [*apps, PACKAGE]


def strings(home: Path) -> Iterator[tuple[str, str, str | None, str | None]]:
    """Yield (reference, msgid, plural, context) of one home, leaving out the homes inside it."""
    inner = [other for other in homes() if other != home and home in other.parents]
    found = extract_from_dir(str(home), METHODS, OPTIONS, KEYWORDS, (), strip_comment_tags=True)
    for name, line, message, _comments, context in found:
        path = home / name
        if any(other in path.parents for other in inner):
            continue
        single, plural = (message[0], message[1]) if isinstance(message, tuple) else (message, None)
        if single:
            yield f"{name}:{line}", single, plural, context


def merged(home: Path) -> tuple[polib.POFile, str]:
    """Return the catalogue of a home as it should be, and the text it has now."""
    path = catalogue(home)
    before = polib.pofile(str(path)) if path.exists() else polib.POFile()
    kept = {(entry.msgctxt, entry.msgid): entry for entry in before}
    after = polib.POFile(wrapwidth=110)
    after.metadata = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": "ko",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    seen: dict[tuple[str | None, str], polib.POEntry] = {}
    for _reference, single, plural, context in strings(home):
        if (context, single) in seen:
            continue
        old = kept.get((context, single))
        entry = polib.POEntry(msgid=single, msgctxt=context)
        if plural is not None:
            entry.msgid_plural = plural
            entry.msgstr_plural = dict(old.msgstr_plural) if old and old.msgstr_plural else {0: ""}
        else:
            entry.msgstr = old.msgstr if old else ""
        if "%(" in single or "%s" in single:
            entry.flags.append("python-format")
        seen[(context, single)] = entry
    after.extend(sorted(seen.values(), key=lambda entry: (entry.msgid, entry.msgctxt or "")))
    return after, path.read_text() if path.exists() else ""


def catalogue(home: Path) -> Path:
    """Return where a home's Korean catalogue lies."""
    return home / "locale" / "ko" / "LC_MESSAGES" / "django.po"


def untranslated(po: polib.POFile) -> list[str]:
    """Return the strings of a catalogue that have no Korean yet."""
    return [entry.msgid for entry in po if not (entry.msgstr or all((entry.msgstr_plural or {0: ""}).values()))]


def main() -> int:
    """Extract, or check."""
    check = "--check" in sys.argv[1:]
    only = [Path(argument).resolve() for argument in sys.argv[1:] if not argument.startswith("--")]
    faults = 0
    for home in homes():
        if only and home not in only:
            continue
        after, text = merged(home)
        missing = untranslated(after)
        name = home.relative_to(PACKAGE.parent)
        if check:
            for msgid in missing:
                print(f"{name}: not translated: {msgid!r}")
            if str(after) + "\n" != text and after:
                print(f"{name}: catalogue is not in step; run python tools/messages.py")
                faults += 1
            faults += len(missing)
            continue
        if after:
            catalogue(home).parent.mkdir(parents=True, exist_ok=True)
            catalogue(home).write_text(str(after) + "\n")
            after.save_as_mofile(str(catalogue(home).with_suffix(".mo")))
        print(f"{name}: {len(after)} strings, {len(missing)} without Korean")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
