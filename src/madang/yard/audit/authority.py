"""Who may do what: one table of action x role decides everything, and one function asks it.

An actor acts in exactly one role at one place. A role's reach is its place and everything below it: a code reaches
every code that begins with it, so a district's code reaches its dongs. The table says whether the role may take the
action at all; :func:`require` says whether it may here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from madang.numerics.errors import PermissionDenied


class Role(StrEnum):
    """What a person is to the district; the order is the order of the pages."""

    PUBLIC = "public"
    RESIDENT = "resident"
    COUNCIL_MEMBER = "council_member"
    DONG_OFFICER = "dong_officer"
    CARE_MANAGER = "care_manager"
    CARE_WORKER = "care_worker"
    HEALTH_OFFICER = "health_officer"
    ENERGY_OFFICER = "energy_officer"
    PROJECT_OFFICER = "project_officer"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    SYSTEM = "system"


STAFF_ROLES = frozenset(
    {
        Role.DONG_OFFICER,
        Role.CARE_MANAGER,
        Role.CARE_WORKER,
        Role.HEALTH_OFFICER,
        Role.ENERGY_OFFICER,
        Role.PROJECT_OFFICER,
        Role.ADMINISTRATOR,
        Role.AUDITOR,
    }
)

ROLE_NAMES: Mapping[Role, object] = MappingProxyType(
    {
        Role.PUBLIC: _("Visitor"),
        Role.RESIDENT: _("Resident"),
        Role.COUNCIL_MEMBER: _("Residents' council member"),
        Role.DONG_OFFICER: _("Dong officer"),
        Role.CARE_MANAGER: _("Care manager"),
        Role.CARE_WORKER: _("Care worker"),
        Role.HEALTH_OFFICER: _("Public health officer"),
        Role.ENERGY_OFFICER: _("Energy officer"),
        Role.PROJECT_OFFICER: _("Project officer"),
        Role.ADMINISTRATOR: _("District administrator"),
        Role.AUDITOR: _("Auditor"),
        Role.SYSTEM: _("The system itself"),
    }
)


class Action(StrEnum):
    """Everything that can be done to the district's records, in the words `<entity>.<verb>`."""

    # audit
    AUDIT_READ = "audit.read"
    AUDIT_EXPORT = "audit.export"
    RUN_RECORD = "run.record"
    JOB_START = "job.start"
    JOB_CANCEL = "job.cancel"
    # places
    DISTRICT_ADOPT = "district.adopt"
    BOUNDARIES_IMPORT = "boundaries.import"
    # people
    SAMPLE_LOAD = "sample.load"
    USER_ADD = "user.add"
    USER_CLOSE = "user.close"
    SECOND_FACTOR_RESET = "second_factor.reset"
    SESSION_REVOKE = "session.revoke"
    ROLE_GRANT = "role.grant"
    ROLE_REVOKE = "role.revoke"
    ROLE_SWITCH = "role.switch"
    PERSON_ADD = "person.add"
    PERSON_READ = "person.read"
    PERSON_READ_OWN = "person.read_own"
    PERSON_SEARCH = "person.search"
    PERSON_EDIT = "person.edit"
    TOKEN_ISSUE = "token.issue"  # noqa: S105  # the name of an action
    TOKEN_REVOKE = "token.revoke"  # noqa: S105
    KEYS_ROTATE = "keys.rotate"
    KEYS_FORGET = "keys.forget"
    # money
    FUND_OPEN = "fund.open"
    PROGRAMME_OPEN = "programme.open"
    REVENUE_ENTER = "revenue.enter"
    LINE_OPEN = "line.open"
    APPROPRIATION_ENTER = "appropriation.enter"
    TRANSFER_ENTER = "transfer.enter"
    COMMITMENT_ENTER = "commitment.enter"
    COMMITMENT_RELEASE = "commitment.release"
    EXPENDITURE_ENTER = "expenditure.enter"
    ENTRY_REVERSE = "entry.reverse"
    LEDGER_IMPORT = "ledger.import"
    # evidence
    INDICATOR_DEFINE = "indicator.define"
    OBSERVATION_ENTER = "observation.enter"
    SIGNAL_RAISE = "signal.raise"
    SIGNAL_MOVE = "signal.move"
    DOCUMENT_FILE = "document.file"
    DATASET_PUBLISH = "dataset.publish"
    # autonomy: the agenda
    ISSUE_REPORT = "issue.report"
    ISSUE_READ = "issue.read"
    AGENDA_TAKE = "agenda.take"
    AGENDA_DECIDE = "agenda.decide"
    AGENDA_ANSWER = "agenda.answer"
    AGENDA_DELIVER = "agenda.deliver"
    # autonomy: the assembly, its proposals and its conversation
    ASSEMBLY_CALL = "assembly.call"
    PROPOSAL_SUBMIT = "proposal.submit"
    PROPOSAL_WITHDRAW = "proposal.withdraw"
    PROPOSAL_MERGE = "proposal.merge"
    MERGE_ANSWER = "merge.answer"
    PROPOSAL_ESTIMATE = "proposal.estimate"
    PROPOSAL_ANSWER = "proposal.answer"
    ARGUMENT_MAKE = "argument.make"
    STATEMENT_MAKE = "statement.make"
    OPINION_GIVE = "opinion.give"
    WORDS_HIDE = "words.hide"
    # autonomy: the vote
    POLL_PREPARE = "poll.prepare"
    TRUSTEE_SIGN = "trustee.sign"
    BALLOT_TOKEN = "ballot.token"  # noqa: S105
    BALLOT_CAST = "ballot.cast"
    PAPER_ISSUE = "paper.issue"
    PAPER_KEY = "paper.key"
    POLL_CLOSE = "poll.close"
    POLL_OPEN = "poll.open"
    POLL_FUND = "poll.fund"
    # autonomy: the council by lot, and what is handed down to the dongs
    LOTTERY_PREPARE = "lottery.prepare"
    LOTTERY_DRAW = "lottery.draw"
    DEVOLUTION_PUBLISH = "devolution.publish"
    DELEGATION_ENTER = "delegation.enter"
    # projects: pledges and their programmes
    PLEDGES_LOAD = "pledges.load"
    PROJECT_OPEN = "project.open"
    MILESTONE_REACH = "milestone.reach"
    PLEDGE_ASSESS = "pledge.assess"


_ADMIN = {Role.ADMINISTRATOR, Role.SYSTEM}
_EVERYONE = set(Role) - {Role.AUDITOR}
_SIGNED_IN = set(Role) - {Role.PUBLIC, Role.SYSTEM}
_MONEY = _ADMIN | {Role.DONG_OFFICER}
# Who lives here and speaks for themselves; the system plays the residents of a sample.
_RESIDENTS = {Role.RESIDENT, Role.COUNCIL_MEMBER, Role.SYSTEM}
_ROOM_STAFF = _ADMIN | {
    Role.DONG_OFFICER,
    Role.CARE_MANAGER,
    Role.HEALTH_OFFICER,
    Role.ENERGY_OFFICER,
    Role.PROJECT_OFFICER,
}

# One row an action. What a role may do here it may do at its own place and below, and nowhere else.
MAY: Mapping[Action, frozenset[Role]] = MappingProxyType(
    {
        action: frozenset(roles)
        for action, roles in {
            Action.AUDIT_READ: {Role.AUDITOR, Role.ADMINISTRATOR, Role.SYSTEM},
            Action.AUDIT_EXPORT: set(Role),
            Action.RUN_RECORD: set(Role),
            Action.JOB_START: _ROOM_STAFF | {Role.AUDITOR},
            Action.JOB_CANCEL: _ROOM_STAFF | {Role.AUDITOR},
            Action.DISTRICT_ADOPT: {Role.SYSTEM},
            Action.BOUNDARIES_IMPORT: _ADMIN,
            Action.SAMPLE_LOAD: {Role.SYSTEM},
            Action.USER_ADD: _ADMIN,
            Action.USER_CLOSE: _ADMIN,
            Action.SECOND_FACTOR_RESET: _ADMIN,
            Action.SESSION_REVOKE: set(Role) - {Role.SYSTEM},
            Action.ROLE_GRANT: _ADMIN,
            Action.ROLE_REVOKE: _ADMIN,
            Action.ROLE_SWITCH: set(Role) - {Role.SYSTEM},
            Action.PERSON_ADD: _ADMIN | {Role.DONG_OFFICER, Role.CARE_MANAGER, Role.HEALTH_OFFICER},
            Action.PERSON_READ: _ADMIN | {Role.DONG_OFFICER, Role.CARE_MANAGER, Role.CARE_WORKER, Role.HEALTH_OFFICER},
            Action.PERSON_READ_OWN: _SIGNED_IN,
            Action.PERSON_SEARCH: _ADMIN | {Role.DONG_OFFICER, Role.CARE_MANAGER, Role.HEALTH_OFFICER},
            Action.PERSON_EDIT: _ADMIN | {Role.DONG_OFFICER, Role.CARE_MANAGER},
            Action.TOKEN_ISSUE: _SIGNED_IN,
            Action.TOKEN_REVOKE: _SIGNED_IN,
            Action.KEYS_ROTATE: {Role.SYSTEM},
            Action.KEYS_FORGET: {Role.SYSTEM},
            Action.FUND_OPEN: _ADMIN,
            Action.PROGRAMME_OPEN: _ADMIN,
            Action.REVENUE_ENTER: _ADMIN,
            Action.LINE_OPEN: _MONEY,
            Action.APPROPRIATION_ENTER: _MONEY,
            Action.TRANSFER_ENTER: _ADMIN,
            Action.COMMITMENT_ENTER: _MONEY,
            Action.COMMITMENT_RELEASE: _MONEY,
            Action.EXPENDITURE_ENTER: _MONEY,
            Action.ENTRY_REVERSE: _MONEY,
            Action.LEDGER_IMPORT: _ADMIN,
            Action.INDICATOR_DEFINE: _ADMIN,
            Action.OBSERVATION_ENTER: _ROOM_STAFF,
            Action.SIGNAL_RAISE: _ROOM_STAFF,
            Action.SIGNAL_MOVE: _ROOM_STAFF,
            Action.DOCUMENT_FILE: _ROOM_STAFF,
            Action.DATASET_PUBLISH: _ADMIN,
            Action.ISSUE_REPORT: _EVERYONE,
            Action.ISSUE_READ: _MONEY,
            Action.AGENDA_TAKE: _MONEY | {Role.COUNCIL_MEMBER},
            Action.AGENDA_DECIDE: _ADMIN | {Role.COUNCIL_MEMBER},
            Action.AGENDA_ANSWER: _MONEY,
            Action.AGENDA_DELIVER: _MONEY,
            Action.ASSEMBLY_CALL: _MONEY,
            Action.PROPOSAL_SUBMIT: _RESIDENTS,
            Action.PROPOSAL_WITHDRAW: _RESIDENTS,
            Action.PROPOSAL_MERGE: _MONEY | {Role.COUNCIL_MEMBER},
            Action.MERGE_ANSWER: _RESIDENTS,
            Action.PROPOSAL_ESTIMATE: _MONEY,
            Action.PROPOSAL_ANSWER: _MONEY,
            Action.ARGUMENT_MAKE: _RESIDENTS,
            Action.STATEMENT_MAKE: _RESIDENTS,
            Action.OPINION_GIVE: _RESIDENTS,
            Action.WORDS_HIDE: _MONEY | {Role.COUNCIL_MEMBER},
            Action.POLL_PREPARE: _MONEY,
            Action.TRUSTEE_SIGN: {Role.COUNCIL_MEMBER, Role.SYSTEM},
            Action.BALLOT_TOKEN: _RESIDENTS,
            # A ballot comes from nobody: its token alone says that it may be cast.
            Action.BALLOT_CAST: set(Role),
            Action.PAPER_ISSUE: _MONEY,
            Action.PAPER_KEY: _MONEY | {Role.COUNCIL_MEMBER},
            Action.POLL_CLOSE: _MONEY,
            Action.POLL_OPEN: {Role.COUNCIL_MEMBER, Role.SYSTEM},
            Action.POLL_FUND: _MONEY,
            Action.LOTTERY_PREPARE: _MONEY,
            Action.LOTTERY_DRAW: _MONEY,
            Action.DEVOLUTION_PUBLISH: _ADMIN,
            Action.DELEGATION_ENTER: _ADMIN,
            Action.PLEDGES_LOAD: _ADMIN,
            Action.PROJECT_OPEN: _ADMIN | {Role.DONG_OFFICER, Role.PROJECT_OFFICER},
            Action.MILESTONE_REACH: _ADMIN | {Role.DONG_OFFICER, Role.PROJECT_OFFICER},
            Action.PLEDGE_ASSESS: _ADMIN | {Role.PROJECT_OFFICER},
        }.items()
    }
)

DISTRICT_DIGITS = 5
"""Length of a district's code; a dong's is longer and begins with it."""

# What anyone may do anywhere: a visitor has no place of their own.
_NO_PLACE_NEEDED = frozenset({Role.PUBLIC, Role.SYSTEM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, in which role, where and for what purpose.

    Attributes
    ----------
    role : Role
        The one role in which the person acts now.
    place : str
        Official code of the district or dong the role was granted for; empty for visitors and the system.
    user : str or None
        Key of the account; None for visitors and the system.
    purpose : str
        Why personal data is read; written to the audit log with each read.
    """

    role: Role
    place: str = ""
    user: str | None = None
    purpose: str = ""

    def reaches(self, place: str) -> bool:
        """Return whether a place is the actor's own or lies below it."""
        if self.role in _NO_PLACE_NEEDED:
            return True
        if not self.place:
            return False
        # Only a whole district code is a prefix of anything: "2914" or a dong's code is not a place above others.
        return place == self.place or (len(self.place) == DISTRICT_DIGITS and place.startswith(self.place))

    def for_purpose(self, purpose: str) -> "Actor":
        """Return the same actor with a stated purpose."""
        return replace(self, purpose=purpose)


VISITOR = Actor(role=Role.PUBLIC)
SYSTEM = Actor(role=Role.SYSTEM)


def may(actor: Actor, action: Action, place: str | None = None) -> bool:
    """Return whether an actor may take an action at a place.

    Parameters
    ----------
    actor : Actor
        Who asks.
    action : Action
        What they ask for.
    place : str, optional
        Code of the place that the action touches; None for an action that belongs to no place.
    """
    if actor.role not in MAY[action]:
        return False
    # A resident of one dong may report what they see in the next.
    if place is None or action is Action.ISSUE_REPORT:
        return True
    return actor.reaches(place)


def require(actor: Actor, action: Action, place: str | None = None) -> None:
    """Refuse with :class:`PermissionDenied` unless the actor may take the action at the place.

    Raises
    ------
    PermissionDenied
        With the role, action and place as data; the pages show it as "not found" where existence is itself private.
    """
    if not may(actor, action, place):
        raise PermissionDenied(
            "not_permitted",
            _("Your role does not allow this here. Sign in with the role that does, or ask the district office."),
            {"role": actor.role.value, "action": action.value, "place": place},
        )


def actor_in(request: object) -> Actor:
    """Return who acts in a request (the middleware of `people` sets it); a visitor where nobody signed in."""
    actor: Actor = getattr(request, "actor", VISITOR)
    return actor
