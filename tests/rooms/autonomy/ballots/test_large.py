"""Three thousand ballots by the services: every receipt checks. For 300,000 see `benchmarks/ballots.py`."""

import numpy as np
import pytest
from tests.rooms.autonomy.ballots.conftest import Vote, open_vote
from tests.rooms.autonomy.conftest import Hall

from madang.rooms.autonomy.engine.ballots.count import recount, result_differs
from madang.rooms.autonomy.engine.ballots.verification import verify_box
from madang.rooms.autonomy.formats.box import box_read
from madang.rooms.autonomy.models import BoxEntry, WaitingBallot
from madang.rooms.autonomy.selectors.ballots import ReceiptState, box_file_lines, poll_result, receipt_find

VOTERS, TURNS = 150, 20


@pytest.mark.slow
@pytest.mark.django_db
def test_every_receipt_of_many_checks(hall: Hall) -> None:
    vote: Vote = open_vote(hall, batch=50)
    random = np.random.default_rng(5)
    devices = [vote.device() for _voter in range(VOTERS)]
    receipts: dict[int, list[str]] = {number: [] for number in range(VOTERS)}
    for _turn in range(TURNS):
        for number in map(int, random.permutation(VOTERS)):
            chosen = random.choice(vote.codes, random.integers(1, 3), replace=False).tolist()
            receipts[number].append(vote.cast(devices[number], *chosen).receipt)
    assert BoxEntry.objects.count() + WaitingBallot.objects.count() == VOTERS * TURNS
    vote.close()
    vote.open()
    poll = vote.now
    for own in receipts.values():
        found = [receipt_find(poll, digits[:20]) for digits in own]
        assert [row.receipt for row in found] == own
        assert {row.state for row in found[:-1]} == {ReceiptState.REPLACED}
        assert found[-1].state is ReceiptState.COUNTED
        assert {row.replaced_by for row in found[:-1]} == {found[-1].seq}
    file = box_read(box_file_lines(poll), "box")
    verdict = verify_box(file.header, file.lines)
    assert verdict.sound
    assert (verdict.entries, len(verdict.counted)) == (VOTERS * TURNS, VOTERS)
    closing = poll_result(poll)
    assert closing is not None
    assert result_differs(closing["result"], recount(file.header, verdict.counted)) == []
