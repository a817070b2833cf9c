"""A whole vote by the services: from the admitted proposals to a result that anybody can compute again."""

import pytest
from tests.rooms.autonomy.ballots.conftest import Vote

from madang.rooms.autonomy.engine.ballots.count import recount, result_differs
from madang.rooms.autonomy.engine.ballots.verification import verify_box
from madang.rooms.autonomy.formats.box import box_read
from madang.rooms.autonomy.models import WaitingBallot
from madang.rooms.autonomy.selectors.ballots import (
    ReceiptState,
    box_file_lines,
    poll_pabulib,
    poll_result,
    receipt_find,
    winners_of,
)
from madang.rooms.autonomy.services.ballots import (
    PaperDraft,
    PaperIssueDraft,
    SheetsDraft,
    paper_issue,
    paper_key,
    paper_print,
)
from madang.rooms.autonomy.services.ballots.paper import Outcome
from madang.yard.audit.replay import run_replay

pytestmark = pytest.mark.django_db


def test_a_whole_vote(vote: Vote) -> None:
    first, second, third = vote.codes
    devices = [vote.device() for _voter in range(6)]
    choices = [(first, second), (second,), (second, third), (third,), (first,), (second, third)]
    receipts = [vote.cast(device, *chosen) for device, chosen in zip(devices, choices, strict=True)]
    # Four made a batch; two wait.
    assert [row.state for row in receipts].count(ReceiptState.WAITING) >= 2
    assert WaitingBallot.objects.count() == 2
    again = vote.cast(devices[0], third)
    assert receipt_find(vote.now, receipts[0].receipt).state is ReceiptState.REPLACED

    number = paper_print(vote.hall.seo_gu.officer, SheetsDraft(poll=vote.poll.code, count=3))[0].number
    paper_issue(vote.hall.seo_gu.officer, PaperIssueDraft(poll=vote.poll.code, person=vote.hall.resident().person.pk))
    sheet = PaperDraft(poll=vote.poll.code, sheet=number.lower(), choice={"approve": [second]})
    assert paper_key(vote.hall.seo_gu.officer, sheet).outcome is Outcome.FIRST
    keyed = paper_key(vote.keys[0].who.actor, sheet)
    assert keyed.outcome is Outcome.ENTERED

    vote.close()
    assert receipt_find(vote.now, keyed.receipt).state is ReceiptState.IN_BOX
    assert poll_result(vote.now) is None
    vote.open()

    closing = poll_result(vote.now)
    assert closing is not None
    # Approvals: second 5, third 4, first 1 (replaced once): 60 + 90 million fit, 200 more would not.
    assert closing["result"]["winners"] == [second, third]
    assert [winner.votes for winner in winners_of(vote.now)] == [4, 4]
    assert [receipt_find(vote.now, row.receipt).state for row in receipts[1:]] == [ReceiptState.COUNTED] * 5
    assert receipt_find(vote.now, again.receipt[:20]).state is ReceiptState.COUNTED
    old = receipt_find(vote.now, receipts[0].receipt)
    assert old.state is ReceiptState.REPLACED
    assert old.replaced_by == receipt_find(vote.now, again.receipt).seq

    file = box_read(box_file_lines(vote.now), "box")
    verdict = verify_box(file.header, file.lines)
    assert verdict.faults == ()
    assert (verdict.stage, verdict.phone, verdict.paper, verdict.replaced) == ("opened", 6, 1, 1)
    assert result_differs(closing["result"], recount(file.header, verdict.counted)) == []
    assert vote.now.run is not None
    assert run_replay(vote.now.run).equal
    assert poll_pabulib(vote.now).count("\n") > 20
