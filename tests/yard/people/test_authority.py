"""Who may do what, cell by cell, from a table of its own; and where.

The table below stands on its own and is not computed from the code: a change of either shows here. A new action needs
its row.
"""

import pytest

from madang.numerics.errors import PermissionDenied
from madang.yard.audit.authority import MAY, ROLE_NAMES, STAFF_ROLES, Action, Actor, Role, may, require

TABLE = """
action               visitor resident council    dong  care-m  care-w  health  energy project   admin auditor  system
audit.read                 .       .       .       .       .       .       .       .       .       x       x       x
audit.export               x       x       x       x       x       x       x       x       x       x       x       x
run.record                 x       x       x       x       x       x       x       x       x       x       x       x
job.start                  .       .       .       x       x       .       x       x       x       x       x       x
job.cancel                 .       .       .       x       x       .       x       x       x       x       x       x
district.adopt             .       .       .       .       .       .       .       .       .       .       .       x
boundaries.import          .       .       .       .       .       .       .       .       .       x       .       x
sample.load                .       .       .       .       .       .       .       .       .       .       .       x
user.add                   .       .       .       .       .       .       .       .       .       x       .       x
user.close                 .       .       .       .       .       .       .       .       .       x       .       x
second_factor.reset        .       .       .       .       .       .       .       .       .       x       .       x
session.revoke             x       x       x       x       x       x       x       x       x       x       x       .
role.grant                 .       .       .       .       .       .       .       .       .       x       .       x
role.revoke                .       .       .       .       .       .       .       .       .       x       .       x
role.switch                x       x       x       x       x       x       x       x       x       x       x       .
person.add                 .       .       .       x       x       .       x       .       .       x       .       x
person.read                .       .       .       x       x       x       x       .       .       x       .       x
person.read_own            .       x       x       x       x       x       x       x       x       x       x       .
person.search              .       .       .       x       x       .       x       .       .       x       .       x
person.edit                .       .       .       x       x       .       .       .       .       x       .       x
token.issue                .       x       x       x       x       x       x       x       x       x       x       .
token.revoke               .       x       x       x       x       x       x       x       x       x       x       .
keys.rotate                .       .       .       .       .       .       .       .       .       .       .       x
keys.forget                .       .       .       .       .       .       .       .       .       .       .       x
fund.open                  .       .       .       .       .       .       .       .       .       x       .       x
programme.open             .       .       .       .       .       .       .       .       .       x       .       x
revenue.enter              .       .       .       .       .       .       .       .       .       x       .       x
line.open                  .       .       .       x       .       .       .       .       .       x       .       x
appropriation.enter        .       .       .       x       .       .       .       .       .       x       .       x
transfer.enter             .       .       .       .       .       .       .       .       .       x       .       x
commitment.enter           .       .       .       x       .       .       .       .       .       x       .       x
commitment.release         .       .       .       x       .       .       .       .       .       x       .       x
expenditure.enter          .       .       .       x       .       .       .       .       .       x       .       x
entry.reverse              .       .       .       x       .       .       .       .       .       x       .       x
ledger.import              .       .       .       .       .       .       .       .       .       x       .       x
indicator.define           .       .       .       .       .       .       .       .       .       x       .       x
observation.enter          .       .       .       x       x       .       x       x       x       x       .       x
signal.raise               .       .       .       x       x       .       x       x       x       x       .       x
signal.move                .       .       .       x       x       .       x       x       x       x       .       x
document.file              .       .       .       x       x       .       x       x       x       x       .       x
dataset.publish            .       .       .       .       .       .       .       .       .       x       .       x
issue.report               x       x       x       x       x       x       x       x       x       x       .       x
issue.read                 .       .       .       x       .       .       .       .       .       x       .       x
agenda.take                .       .       x       x       .       .       .       .       .       x       .       x
agenda.decide              .       .       x       .       .       .       .       .       .       x       .       x
agenda.answer              .       .       .       x       .       .       .       .       .       x       .       x
agenda.deliver             .       .       .       x       .       .       .       .       .       x       .       x
assembly.call             .       .       .       x       .       .       .       .       .       x       .       x
proposal.submit           .       x       x       .       .       .       .       .       .       .       .       x
proposal.withdraw         .       x       x       .       .       .       .       .       .       .       .       x
proposal.merge            .       .       x       x       .       .       .       .       .       x       .       x
merge.answer              .       x       x       .       .       .       .       .       .       .       .       x
proposal.estimate         .       .       .       x       .       .       .       .       .       x       .       x
proposal.answer           .       .       .       x       .       .       .       .       .       x       .       x
argument.make             .       x       x       .       .       .       .       .       .       .       .       x
statement.make            .       x       x       .       .       .       .       .       .       .       .       x
opinion.give              .       x       x       .       .       .       .       .       .       .       .       x
words.hide                .       .       x       x       .       .       .       .       .       x       .       x
poll.prepare              .       .       .       x       .       .       .       .       .       x       .       x
trustee.sign              .       .       x       .       .       .       .       .       .       .       .       x
ballot.token              .       x       x       .       .       .       .       .       .       .       .       x
ballot.cast               x       x       x       x       x       x       x       x       x       x       x       x
paper.issue               .       .       .       x       .       .       .       .       .       x       .       x
paper.key                 .       .       x       x       .       .       .       .       .       x       .       x
poll.close                .       .       .       x       .       .       .       .       .       x       .       x
poll.open                 .       .       x       .       .       .       .       .       .       .       .       x
poll.fund                 .       .       .       x       .       .       .       .       .       x       .       x
lottery.prepare           .       .       .       x       .       .       .       .       .       x       .       x
lottery.draw              .       .       .       x       .       .       .       .       .       x       .       x
devolution.publish        .       .       .       .       .       .       .       .       .       x       .       x
delegation.enter          .       .       .       .       .       .       .       .       .       x       .       x
pledges.load               .       .       .       .       .       .       .       .       .       x       .       x
project.open               .       .       .       x       .       .       .       .       x       x       .       x
milestone.reach            .       .       .       x       .       .       .       .       x       x       .       x
pledge.assess              .       .       .       .       .       .       .       .       x       x       .       x
"""

COLUMNS = {
    "visitor": Role.PUBLIC,
    "resident": Role.RESIDENT,
    "council": Role.COUNCIL_MEMBER,
    "dong": Role.DONG_OFFICER,
    "care-m": Role.CARE_MANAGER,
    "care-w": Role.CARE_WORKER,
    "health": Role.HEALTH_OFFICER,
    "energy": Role.ENERGY_OFFICER,
    "project": Role.PROJECT_OFFICER,
    "admin": Role.ADMINISTRATOR,
    "auditor": Role.AUDITOR,
    "system": Role.SYSTEM,
}

_HEAD, *_ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [
    (row[0], COLUMNS[column], mark == "x") for row in _ROWS for column, mark in zip(_HEAD[1:], row[1:], strict=True)
]

DISTRICT, DONG, OTHER_DONG = "29140", "2914010100", "2914010200"
NEXT_DISTRICT, FOREIGN_DONG = "29141", "2914110100"


def test_the_table_has_every_action_and_every_role() -> None:
    assert [row[0] for row in _ROWS] == [action.value for action in Action], "give each new action its row above"
    assert set(COLUMNS.values()) == set(Role)
    assert all(set(row[1:]) <= {"x", "."} for row in _ROWS)
    assert set(MAY) == set(Action)
    assert set(ROLE_NAMES) == set(Role)


@pytest.mark.parametrize(("action", "role", "allowed"), CELLS)
def test_every_cell(action: str, role: Role, allowed: bool) -> None:
    actor = Actor(role=role, place=DISTRICT, user="u")
    assert may(actor, Action(action)) is allowed
    assert may(actor, Action(action), DONG) is allowed
    if not allowed:
        with pytest.raises(PermissionDenied):
            require(actor, Action(action), DONG)


def test_staff_are_those_who_work_for_the_district() -> None:
    assert set(Role) - STAFF_ROLES == {Role.PUBLIC, Role.RESIDENT, Role.COUNCIL_MEMBER, Role.SYSTEM}


@pytest.mark.parametrize(
    ("own", "place", "reached"),
    [
        # a dong reaches itself and nothing else
        (DONG, DONG, True),
        (DONG, OTHER_DONG, False),
        (DONG, DISTRICT, False),
        (DONG, FOREIGN_DONG, False),
        # a dong's code is nobody's prefix, whatever somebody imports
        (DONG, DONG + "01", False),
        ("29140101", DONG, False),
        # a district reaches itself and its dongs, administrative ones too
        (DISTRICT, DISTRICT, True),
        (DISTRICT, DONG, True),
        (DISTRICT, "2914052000", True),
        (DISTRICT, "29140520", True),
        # and no other district, whatever digits they share
        (DISTRICT, NEXT_DISTRICT, False),
        (DISTRICT, FOREIGN_DONG, False),
        (NEXT_DISTRICT, DONG, False),
        # a piece of a code is no place
        ("2914", DISTRICT, False),
        ("2914", DONG, False),
        ("29", DISTRICT, False),
        ("2", DONG, False),
        ("", DISTRICT, False),
        ("", "", False),
        (DISTRICT, "", False),
        (DISTRICT, "2914", False),
        (" ", DONG, False),
    ],
)
def test_reach(own: str, place: str, reached: bool) -> None:
    actor = Actor(role=Role.DONG_OFFICER, place=own, user="u")
    assert actor.reaches(place) is reached
    assert may(actor, Action.PERSON_READ, place) is reached


def test_the_system_acts_everywhere_and_a_visitor_reports_anywhere() -> None:
    assert Actor(role=Role.SYSTEM).reaches(FOREIGN_DONG)
    assert may(Actor(role=Role.PUBLIC), Action.ISSUE_REPORT, DONG)
    assert may(Actor(role=Role.RESIDENT, place=DONG), Action.ISSUE_REPORT, OTHER_DONG)


def test_a_refusal_names_role_action_and_place_but_no_person() -> None:
    with pytest.raises(PermissionDenied) as caught:
        require(Actor(role=Role.RESIDENT, place=DONG, user="u"), Action.PERSON_READ, DONG)
    assert caught.value.data == {"role": "resident", "action": "person.read", "place": DONG}
