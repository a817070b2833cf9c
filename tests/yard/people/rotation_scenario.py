"""What the processes of the rotation test do; run as a script, one verb each, one JSON line an event."""

import json
import os
import random
import sys
import uuid
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
django.setup()

# Django comes first.
# ruff: noqa: E402
from django.contrib.sessions.models import Session
from django.utils import timezone

from madang.numerics.errors import Conflict
from madang.yard.audit.authority import SYSTEM
from madang.yard.audit.selectors import audit_verify
from madang.yard.people.keyring import KeyUse
from madang.yard.people.keyring_file import keyring_current, keyring_reread
from madang.yard.people.models import Person
from madang.yard.people.selectors import damaged_values, leaks_find, personal_values
from madang.yard.people.selectors.keys import keys_used
from madang.yard.people.selectors.persons import person_matches
from madang.yard.people.services import PersonDraft, keys_prepare, keys_rotate, person_add, person_edit, persons_load
from madang.yard.places.models import District, Dong

DONG = "2914010100"


def tell(**event: object) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def prepare(count: int) -> None:
    call_command("migrate", verbosity=0, interactive=False)
    keys_prepare()
    district = District.objects.create(
        code="29140", name_ko="구", name_en="Gu", sido_ko="시", sido_en="Si", source="test", boundary_digest="0" * 64,
        area_m2=1.0, map_width=1, map_height=1, is_sample=True, sample_seed=1, sample_scale=1.0,
    )  # fmt: skip
    Dong.objects.create(
        district=district, code=DONG, name_ko="동", name_en="Dong", boundary=b"", outline="", label_x=0, label_y=0,
        lon=126.9, lat=35.1, area_m2=1.0,
    )  # fmt: skip
    persons_load(SYSTEM, (PersonDraft(dong=DONG, name=f"예시{number}", notes="0") for number in range(count)))
    tell(prepared=count)


def told_to_stop() -> bool:
    return (Path(settings.MADANG_DATA) / "stop").exists()


def write(seed: int) -> None:
    """Correct and enter persons until told to stop; tell each one that was acknowledged."""
    choose = random.Random(seed)  # noqa: S311  # a test's choices
    ids = list(Person.objects.order_by("pk").values_list("pk", flat=True))
    tell(writing=os.getpid())
    while not told_to_stop():
        text = uuid.uuid4().hex
        if choose.random() < 0.2:
            made = person_add(SYSTEM, PersonDraft(dong=DONG, name=f"새{text[:6]}", notes=text))
            tell(id=str(made.pk), version=made.version, notes=text)
            continue
        person = Person.objects.get(pk=choose.choice(ids))
        draft = PersonDraft(dong=DONG, name=person.name or "", notes=text)
        try:
            done = person_edit(SYSTEM, person.pk, draft, person.version)
        except Conflict:
            continue
        tell(id=str(done.pk), version=done.version, notes=text)


def read() -> None:
    """Open every person again and again; the process ends with an error if one cannot be opened."""
    rounds, keys = 0, set()
    tell(reading=os.getpid())
    while not told_to_stop():
        for name, notes in Person.objects.values_list("name", "notes").iterator(chunk_size=200):
            if not name or not notes:
                raise AssertionError("a person came out empty")
        rounds += 1
        keys.add(keyring_current().primary(KeyUse.DATA).id)
    tell(rounds=rounds, keyrings=len(keys))


def rotate() -> None:
    done = keys_rotate(SYSTEM, lambda fraction, _step: tell(fraction=fraction))
    tell(rotated=done.rows, resumed=done.resumed, primary=list(done.primary), seconds=done.seconds)


def leaks() -> None:
    """Change persons, then look for any of them in the files while the journal still holds the changes."""
    values = personal_values() | {"예시로 9, 어딘가"}
    for person in Person.objects.order_by("pk")[:60]:
        draft = PersonDraft(dong=DONG, name=person.name or "", address="예시로 9, 어딘가", notes="새 메모 " * 3)
        person_edit(SYSTEM, person.pk, draft, person.version)
    values |= personal_values()
    folder = Path(settings.MADANG_DATA)
    files = [file for file in folder.rglob("*") if file.is_file()]
    journal = folder / "madang.sqlite3-wal"
    found = leaks_find(files, values)
    # The same search finds a value that is put there in clear, so it is not blind.
    Session.objects.create(session_key="planted", session_data="예시로 9, 어딘가", expire_date=timezone.now())
    tell(
        leaks=len(found),
        files=len(files),
        journal=journal.stat().st_size if journal.exists() else 0,
        planted=bool(leaks_find([journal, folder / "madang.sqlite3"], values)),
    )


def check() -> None:
    ring = keyring_reread()
    rows = Person.objects.values_list("pk", "name", "notes", "version")
    persons = {str(key): [notes, version] for key, _name, notes, version in rows}
    names = [row[1] for row in rows[:200]]
    tell(
        persons=persons,
        keys=sorted(keys_used()),
        primary=sorted(ring.primary(use).id for use in KeyUse),
        damaged=len(damaged_values()),
        found=all(person_matches(SYSTEM, name=name or "").exists() for name in names),
        log=audit_verify().sound,
    )


if __name__ == "__main__":
    verb, *arguments = sys.argv[1:]
    {
        "prepare": lambda: prepare(int(arguments[0])),
        "write": lambda: write(int(arguments[0])),
        "read": read,
        "rotate": rotate,
        "leaks": leaks,
        "check": check,
    }[verb]()
