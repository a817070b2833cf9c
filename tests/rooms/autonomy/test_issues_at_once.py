"""The same report sent by eight at once. SQLite needs a file for that: its databases in memory know no waiting."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import django
import pytest

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "madang.site.settings"
    django.setup()

from django.db import connection, connections

from madang.rooms.autonomy.models import Issue
from madang.rooms.autonomy.services import IssueDraft, issue_report
from madang.yard.audit.authority import SYSTEM, VISITOR
from madang.yard.audit.models import Record
from madang.yard.audit.selectors import audit_verify
from madang.yard.people.keyring_file import keyring_create
from madang.yard.places.services import district_adopt

SENDERS, REPORTS = 8, 5


def send_at_once() -> dict[str, object]:
    """Send five reports, each eight times at once, and return what came of it."""
    district = district_adopt(SYSTEM, "29140")
    dong = district.dongs.values_list("code", flat=True)[0]
    receipts: list[set[str]] = []
    faults: list[str] = []
    for number in range(REPORTS):
        found: list[str] = []
        barrier = threading.Barrier(SENDERS)
        draft = IssueDraft(key=f"the-same-key-of-report-{number}", text=f"report {number}", category="road", dong=dong)

        def send(draft: IssueDraft = draft, found: list[str] = found, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            try:
                found.append(issue_report(VISITOR, draft).receipt or "")
            except Exception as error:  # noqa: BLE001  # whatever it is, the test names it
                faults.append(repr(error))
            finally:
                connections.close_all()

        threads = [threading.Thread(target=send) for _sender in range(SENDERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        receipts.append(set(found))
    return {
        "faults": faults,
        "receipts": [len(found) for found in receipts],
        "issues": Issue.objects.count(),
        "records": Record.objects.filter(action="issue.report").count(),
        "sound": audit_verify().sound,
    }


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_is_sent_at_once_is_kept_once(tmp_path: Path) -> None:
    if connection.vendor == "postgresql":
        found = send_at_once()
    else:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MADANG_")}
        done = subprocess.run(
            [sys.executable, __file__], capture_output=True, text=True, check=False,
            env={**environment, "MADANG_DATA": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[3])},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
    assert found == {
        "faults": [], "receipts": [1] * REPORTS, "issues": REPORTS, "records": REPORTS, "sound": True,
    }  # fmt: skip


def main() -> None:
    from django.conf import settings
    from django.core.management import call_command

    keyring_create(settings.MADANG_KEYRING)
    call_command("migrate", verbosity=0, interactive=False)
    print(json.dumps(send_at_once()))  # noqa: T201  # read by the test that started this


if __name__ == "__main__":
    main()
