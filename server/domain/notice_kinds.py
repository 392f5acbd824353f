"""The register of notices: for each kind its trigger, its readers, its class, how long it is worth hearing, and what ends it (D-903).

The words of a kind stand with its noun; a test compares both.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct

from server.domain.notice_ends import (
    Ends,
    is_answered,
    is_at,
    is_back,
    is_closed,
    is_decided,
    is_delivered,
    is_done,
    is_left,
    is_over,
    is_ruled,
    is_settled,
    never,
    went_on,
)
from shared_schema.records.base import Record
from shared_schema.records.contest import Contest
from shared_schema.records.customer import Collaborator, Contact, FollowUp, Standing
from shared_schema.records.duplicate import Duplicate
from shared_schema.records.extension import Extension
from shared_schema.records.hold import PoolHold
from shared_schema.records.inbox import InboxItem
from shared_schema.records.instruction import Instruction, InstructionState
from shared_schema.records.notification import Notification, Urgency
from shared_schema.records.quote import Quote, QuoteStatus
from shared_schema.records.reclaim import ReclaimBasis
from shared_schema.registry import BY_RECORD
from sync.agreed.reclaim import since_ms

DAY_MS: Final = 86_400_000
WEEK_MS: Final = 7 * DAY_MS
MONTH_MS: Final = 30 * DAY_MS
Outdated = Callable[[Any, Mapping[str, str]], bool]
"""(the record as it stands, the notice's facts) → whether the notice tells of something older."""


class Group(StrEnum):
    """The classes of notices, of which a user chooses those that come as a push; and what replaces what on a device."""

    inbox = "inbox"
    customers = "customers"
    quotes = "quotes"
    instructions = "instructions"
    reminders = "reminders"
    devices = "devices"


class NoticeKind(Struct, frozen=True):
    """One kind of notice. `about`: the kind of record that its reader opens, and whose state ends it; None: it is about none.

    `life_ms`: how long it is worth hearing. `trigger`, `readers`, `ended_by`: in words, for the documents.
    """

    group: Group
    about: type[Record] | None
    trigger: str
    readers: str
    life_ms: int = WEEK_MS
    urgency: Urgency = Urgency.normal
    ends: Ends = lambda record, _user_id: record is None
    ended_by: str = "the record's end"
    outdated: Outdated = lambda _record, _facts: False
    followers: bool = False
    """Whether only a user who follows the customer up need hear it: it ends for a user who no longer does."""


FOLLOWER: Final = "follower"
"""The fact that names the user of whom a manager hears, in hex: the notice ends when that user no longer follows the customer up."""


def _about_ownership(trigger: str, readers: str) -> NoticeKind:
    """The kind of a word to the owner of a customer: another owner need not hear it."""
    return NoticeKind(Group.customers, Standing, trigger, readers, ends=went_on, ended_by="another owner")


def _follow_up(trigger: str, readers: str, urgency: Urgency = Urgency.normal, *, followers: bool = True) -> NoticeKind:
    """The kind of a step of a follow-up."""
    return NoticeKind(
        Group.reminders,
        FollowUp,
        trigger,
        readers,
        MONTH_MS,
        urgency,
        is_done,
        "the follow-up's end, another day, a contact",
        lambda follow_up, facts: facts.get("day") != str(follow_up.due_day),
        followers,
    )


def _birthday() -> NoticeKind:
    """The kind of a birthday by either calendar."""
    return NoticeKind(
        Group.reminders,
        Contact,
        "08:00 of the day before",
        "the owner",
        ended_by="another date, another owner, the contact's end",
        outdated=lambda contact, facts: facts.get("birthday") != contact.birthday,
        followers=True,
    )


def _keeping_end(what: str, slot: str) -> NoticeKind:
    """The kind of the end of what keeps a customer with its owner."""
    trigger, ended_by = f"08:00, 3 days before {what} ends", "another end, another owner"
    is_other: Outdated = lambda standing, facts: facts.get("ends") != str(getattr(standing, slot))  # noqa: E731
    return NoticeKind(Group.reminders, Standing, trigger, "the owner", ends=went_on, ended_by=ended_by, outdated=is_other)


def _quote_end(trigger: str) -> NoticeKind:
    """The kind of a step of a quote's validity."""
    return NoticeKind(
        Group.reminders,
        Quote,
        trigger,
        "the follower",
        ends=is_left(*OFFERED),
        ended_by="its next state, a move",
        followers=True,
    )


def _is_touched(standing: Standing, facts: Mapping[str, str]) -> bool:
    """Whether the days count anew since a warning: by a touch, by another owner, or in a pool."""
    basis = facts.get("basis", "")
    begins_ms = since_ms(standing, ReclaimBasis(int(basis))) if basis.isdigit() else 0
    return standing.owner_id is None or facts.get("since") != str(begins_ms)


def _reclaim(trigger: str, readers: str) -> NoticeKind:
    return NoticeKind(
        Group.reminders, Standing, trigger, readers, MONTH_MS, ended_by="a touch, another owner, the fall", outdated=_is_touched
    )


OFFERED: Final = (QuoteStatus.submitted, QuoteStatus.approved)
ANSWERED: Final = InstructionState.declined
READ: Final = InstructionState.read
KINDS: Final[Mapping[str, NoticeKind]] = {
    "tried": NoticeKind(
        Group.devices, None, "an operator tries a push", "the user named", DAY_MS, Urgency.critical, ends=never, ended_by="nothing"
    ),
    "parked": NoticeKind(Group.inbox, InboxItem, "an entry waits", "the author", MONTH_MS, ends=is_closed, ended_by="the decision"),
    "handed": NoticeKind(Group.inbox, InboxItem, "a card came up", "the manager", MONTH_MS, ends=is_closed, ended_by="the decision"),
    "assigned": _about_ownership("a customer came to a user", "the new owner"),
    "unassigned": NoticeKind(Group.customers, None, "a customer went elsewhere", "the old owner", ends=never, ended_by="nothing"),
    "released": NoticeKind(Group.customers, None, "a customer went to a pool", "its former followers", ends=never, ended_by="nothing"),
    "archived": NoticeKind(
        Group.customers, Standing, "a customer was archived", "its former followers", ends=is_back, ended_by="the customer's return"
    ),
    "hold_ended": NoticeKind(Group.customers, None, "the desk ended a hold before its time", "the holder", ends=never, ended_by="nothing"),
    "hold_lapsed": NoticeKind(
        Group.customers, None, "the holder is no member of the pool any more", "the holder", ends=never, ended_by="nothing"
    ),
    "hold_ending": NoticeKind(
        Group.reminders, PoolHold, "1 hour before a hold ends", "the holder", DAY_MS, ends=is_over, ended_by="the end of the hold"
    ),
    "duplicate_found": NoticeKind(
        Group.customers,
        Duplicate,
        "two customers bear one number",
        "the manager above the author",
        MONTH_MS,
        ends=is_settled,
        ended_by="the decision",
    ),
    "extension_asked": NoticeKind(
        Group.customers, Extension, "an owner asks for more time", "the manager above", MONTH_MS, ends=is_answered, ended_by="the decision"
    ),
    "extension_granted": _about_ownership("more time was granted", "the owner who asked"),
    "extension_refused": _about_ownership("more time was refused", "the owner who asked"),
    "customer_locked": _about_ownership("a customer was locked", "its owner"),
    "customer_unlocked": _about_ownership("a lock was taken off", "its owner"),
    "exists_owned": NoticeKind(Group.customers, Standing, "an entered customer exists, owned", "the author"),
    "exists_archived": NoticeKind(Group.customers, Standing, "an entered customer exists, archived", "the author"),
    "exists_pooled": NoticeKind(Group.customers, Standing, "an entered customer exists, in a pool", "the author"),
    "quote_approved": NoticeKind(
        Group.quotes, Quote, "a quote was approved", "its author", ends=is_left(QuoteStatus.approved), ended_by="the quote's next state"
    ),
    "quote_rejected": NoticeKind(
        Group.quotes, Quote, "a quote was rejected", "its author", ends=is_left(QuoteStatus.rejected), ended_by="the quote's next state"
    ),
    "quote_returned": NoticeKind(
        Group.quotes, Quote, "a quote came back", "its author", ends=is_left(QuoteStatus.returned), ended_by="the quote's next state"
    ),
    "instructed": NoticeKind(
        Group.instructions, Instruction, "an instruction was given", "the rep", MONTH_MS, ends=is_at(ANSWERED), ended_by="the last answer"
    ),
    "instruction_returned": NoticeKind(
        Group.instructions, Instruction, "its author returned it", "the rep", MONTH_MS, ends=is_at(ANSWERED), ended_by="the last answer"
    ),
    "instruction_confirmed": NoticeKind(Group.instructions, Instruction, "its author confirmed it", "the rep"),
    "instruction_cancelled": NoticeKind(Group.instructions, Instruction, "its author cancelled it", "the rep"),
    "instruction_answered": NoticeKind(
        Group.instructions, Instruction, "a rep answered", "the author", ends=is_at(ANSWERED), ended_by="the last answer"
    ),
    "instruction_declined": NoticeKind(
        Group.instructions, Instruction, "a rep declined", "the author", ends=is_decided, ended_by="the author's decision"
    ),
    "instruction_done": NoticeKind(
        Group.instructions, Instruction, "a rep is done", "the author", ends=is_decided, ended_by="the author's decision"
    ),
    "instruction_moved": NoticeKind(Group.instructions, Instruction, "it followed its customer", "the author"),
    "instruction_back": NoticeKind(Group.instructions, Instruction, "nobody has it any more", "the author"),
    "instruction_unread": NoticeKind(
        Group.instructions, Instruction, "2 hours unread", "the author, then the manager above", ends=is_at(READ), ended_by="the reading"
    ),
    "instruction_unanswered": NoticeKind(
        Group.instructions,
        Instruction,
        "24 hours unacknowledged",
        "the author, then the manager above",
        ends=is_at(InstructionState.acknowledged),
        ended_by="the acknowledgement",
    ),
    "instruction_overdue": NoticeKind(
        Group.instructions,
        Instruction,
        "its deadline passed",
        "the author, then the manager above",
        ends=is_at(ANSWERED),
        ended_by="the last answer",
    ),
    "follow_up_tomorrow": _follow_up("18:00 of the day before", "the follower"),
    "follow_up_today": _follow_up("08:00 of the day", "the follower"),
    "follow_up_overdue": _follow_up("08:00, 1 and 3 days after", "the follower"),
    "follow_up_at_risk": _follow_up("08:00, 7 days after", "the follower", Urgency.critical),
    "follow_up_overdue_below": _follow_up("08:00, 3 days after", "the manager", followers=False),
    "follow_up_at_risk_below": _follow_up("08:00, 7 days after", "the manager", Urgency.critical, followers=False),
    "no_contact": NoticeKind(
        Group.reminders,
        Standing,
        "1.5 cadences without a contact",
        "the owner",
        MONTH_MS,
        Urgency.normal,
        went_on,
        "a contact, another owner",
        lambda standing, facts: facts.get("contact") != str(standing.last_contact_ms or 0),
    ),
    "reclaim_warning": _reclaim("7, 3, 1 days before the fall", "the owner"),
    "reclaim_warning_below": _reclaim("the same, and the owner's devices are silent", "the manager, else an admin"),
    "contested": NoticeKind(
        Group.customers,
        Contest,
        "a late contact contests a reclaim",
        "the manager above both",
        MONTH_MS,
        ends=is_ruled,
        ended_by="the decision",
    ),
    "contest_opened": NoticeKind(
        Group.customers, Contest, "the same", "the former owner", MONTH_MS, ends=is_ruled, ended_by="the decision"
    ),
    "given_back": _about_ownership("a proven visit brought a pooled customer back", "the former owner"),
    "given_back_below": NoticeKind(Group.customers, Contest, "the same", "the manager above"),
    "contest_kept": NoticeKind(Group.customers, Contest, "the manager left the customer where it is", "the former owner"),
    "reclaimed": NoticeKind(Group.customers, None, "a customer fell into a pool", "its former followers", ends=never, ended_by="nothing"),
    "quote_submitted": NoticeKind(
        Group.quotes,
        Quote,
        "a quote was submitted",
        "the managers above its author",
        ends=is_left(QuoteStatus.submitted),
        ended_by="the decision",
    ),
    "quote_expiring": _quote_end("08:00, 3 days before its last day"),
    "quote_expired": _quote_end("08:00 of the day after its last"),
    "collaboration_ending": NoticeKind(Group.reminders, Collaborator, "3 days before the end", "the collaborator", ended_by="the end"),
    "lock_ending": _keeping_end("a lock", "locked_until_ms"),
    "extension_ending": _keeping_end("more time", "extended_until_ms"),
    "festival": NoticeKind(Group.reminders, None, "08:00 of the day before", "reps and managers", ends=never, ended_by="its day"),
    "birthday": _birthday(),
    "birthday_lunar": _birthday(),
    "device_silent": NoticeKind(
        Group.devices, Notification, "24 hours without contact, something due", "the manager", ends=is_delivered, ended_by="the delivery"
    ),
}
SUBJECTS: Final = frozenset(BY_RECORD[kind.about].number for kind in KINDS.values() if kind.about is not None)
"""Entities whose changes may end a notice."""
PLACES: Final[Mapping[int, str]] = {
    BY_RECORD[Standing].number: "customers/{id}",
    BY_RECORD[Quote].number: "quotes/{id}",
    BY_RECORD[InboxItem].number: "inbox",
}
"""Entity that a notice is about → its address in the apps; any other is opened from the list of notices."""
