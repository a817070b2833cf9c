"""A vote in an installation of its own, with the ballots of its voters made beforehand: what crash and load tests send.

Run as a program, because the installation's settings are the process's: `installed.py DATA DONG VOTERS BATCH TARGET`.
"""

import json
import secrets
import sys
from pathlib import Path
from typing import Any


def set_up(dong: str, voters: int, batch: int) -> dict[str, Any]:
    """Call an assembly, fix its vote, give every voter a token, and return the vote with two ballots of each voter."""
    from django.db import transaction
    from tests.rooms.autonomy.ballots.conftest import MANIFEST, Device
    from tests.rooms.autonomy.conftest import spans_at

    from madang.rooms.autonomy.engine.ballots.encoding import b64
    from madang.rooms.autonomy.engine.ballots.seal import public_point, scalar_drawn
    from madang.rooms.autonomy.engine.phases import Phase
    from madang.rooms.autonomy.models import AssemblyPhase, Proposal
    from madang.rooms.autonomy.selectors.ballots import poll_get, poll_header
    from madang.rooms.autonomy.services import AssemblyDraft, assembly_call
    from madang.rooms.autonomy.services.ballots import (
        PollDraft,
        TokenDraft,
        TrusteeDraft,
        poll_freeze,
        poll_prepare,
        token_issue,
        trustee_register,
    )
    from madang.yard.audit.authority import SYSTEM
    from madang.yard.ledger.models import Fund, FundLevel
    from madang.yard.people.models import Person
    from madang.yard.places.models import Dong

    place = Dong.objects.get(code=dong)
    Fund.objects.create(code="vote-fund", name_ko="기금", level=FundLevel.DONG, place=dong, fiscal_year=2027)
    assembly = assembly_call(
        SYSTEM,
        AssemblyDraft(
            dong=dong, year=2027, title="연습 총회", budget_won=300_000_000, fund="vote-fund",
            spans=spans_at(Phase.DISCUSS),
        ),
    )  # fmt: skip
    with transaction.atomic():
        people = Person.objects.bulk_create(
            Person(dong=place, name=f"주민{number}", birth_date="1960-01-02") for number in range(voters)
        )
    for number, cost in enumerate((200_000_000, 60_000_000, 90_000_000), 1):
        Proposal.objects.create(
            assembly=assembly, code=f"P{number}", idempotency_key=f"proposal-number-{number}", title=f"제안 {number}",
            text="글", category="park", author=people[0], state="admitted", cost_won=cost, cost_basis="견적",
            reason="됨",
        )  # fmt: skip
    poll = poll_prepare(SYSTEM, PollDraft(assembly=assembly.pk, manifest=MANIFEST, threshold=2, batch=batch))
    keys = [(scalar_drawn(secrets.token_bytes), scalar_drawn(secrets.token_bytes)) for _trustee in range(2)]
    for sign, box in keys:
        draft = TrusteeDraft(poll=poll.code, sign=b64(public_point(sign)), box=b64(public_point(box)))
        trustee_register(SYSTEM, draft)
    poll = poll_freeze(SYSTEM, poll.code)
    turn_to(assembly.pk, Phase.VOTE)
    header = poll_header(poll_get(poll.code))
    ballots = []
    for number, person in enumerate(people):
        device = Device(header=header)
        draft_token = TokenDraft(poll=poll.code, blinded=device.ask(), person=person.pk)
        device.take(token_issue(SYSTEM, draft_token))
        choices = [["P2"], ["P2", "P3"]] if number % 2 else [["P3"], ["P2"]]
        made = [device.ballot({"approve": chosen}) for chosen in choices]
        ballots.append(
            {
                "person": str(person.pk),
                "blinded": b64(device.blinded),
                "ballots": [{"body": dict(one.body), "sealed": one.sealed} for one in made],
            }
        )
    assert AssemblyPhase.objects.filter(assembly=assembly).count() == len(Phase)
    return {"poll": poll.code, "assembly": assembly.pk, "keys": keys, "voters": ballots}


def turn_to(assembly: int, phase: Any) -> None:
    """Let it be the middle of a phase."""
    from tests.rooms.autonomy.conftest import spans_at

    from madang.rooms.autonomy.models import AssemblyPhase

    AssemblyPhase.objects.filter(assembly=assembly).delete()
    AssemblyPhase.objects.bulk_create(
        AssemblyPhase(assembly_id=assembly, phase=span.phase.value, begins_at=span.begins_at, ends_at=span.ends_at)
        for span in spans_at(phase)
    )


def close_and_open(made: dict[str, Any]) -> str:
    """Close the vote, let the trustees sign and give their shares, open the ballots, and return the box's file."""
    from madang.rooms.autonomy.engine.ballots.box import head_message
    from madang.rooms.autonomy.engine.ballots.encoding import b64, unb64
    from madang.rooms.autonomy.engine.ballots.seal import private_key, signed, unsealed
    from madang.rooms.autonomy.engine.phases import Phase
    from madang.rooms.autonomy.models import Trustee
    from madang.rooms.autonomy.selectors.ballots import box_file_lines, box_state, poll_get
    from madang.rooms.autonomy.services.ballots import (
        HeadDraft,
        ShareDraft,
        head_sign,
        poll_close,
        poll_open,
        share_post,
    )
    from madang.yard.audit.authority import SYSTEM

    code = made["poll"]
    turn_to(made["assembly"], Phase.COUNT)
    poll_close(SYSTEM, code)
    state = box_state(poll_get(code))
    for number, (sign, box) in enumerate(made["keys"], 1):
        signature = b64(signed(head_message(code, state.entries, state.head), sign))
        head_sign(SYSTEM, HeadDraft(poll=code, seq=state.entries, head=state.head, signature=signature, trustee=number))
        closed = unb64(Trustee.objects.get(poll__code=code, number=number).sealed_share)
        share = unsealed(closed, private_key(box), poll=code, associated=f"share:{number}".encode())
        share_post(SYSTEM, ShareDraft(poll=code, share=b64(share), trustee=number))
    poll_open(SYSTEM, code)
    return b"".join(box_file_lines(poll_get(code))).decode()


def main(arguments: list[str]) -> None:
    """Set a vote up, or close the one that stands."""
    from madang.ops.installation import open_installation

    data, deed, *rest, target = arguments
    open_installation(Path(data))
    if deed == "close":
        made = json.loads(Path(rest[0]).read_text(encoding="utf-8"))
        Path(target).write_text(close_and_open(made), encoding="utf-8")
    else:
        dong, voters, batch = rest
        Path(target).write_text(json.dumps(set_up(dong, int(voters), int(batch))), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
