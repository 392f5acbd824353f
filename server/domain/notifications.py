"""Notifications: what a decision lets users hear becomes a record of each reader, once, and ends with its cause (D-9xx)."""

import hashlib
from collections.abc import Iterable
from typing import Any, Final

from msgspec.structs import asdict, replace

from server.domain import time_zones
from server.domain.feature import Answer, Feature, Kind
from server.domain.notice_kinds import FOLLOWER, KINDS, SUBJECTS
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Command, Record
from shared_schema.records.notification import (
    FACTS_MAX,
    NoticeDelivered,
    NoticeDone,
    NoticeOpened,
    NoticeSeen,
    Notification,
    NotificationState,
    UserSettings,
)
from shared_schema.records.reference import Organisation
from shared_schema.registry import BY_NUMBER, BY_RECORD
from sync.access import family_of
from sync.heard import Heard
from sync.rules import Actor, Entered
from sync.state import State

ENTITY: Final = BY_RECORD[Notification]
FACT_CHARACTERS_MAX: Final = 200
DAY_MS: Final = 86_400_000
RECEIPTS: Final = {
    NotificationState.delivered: "delivered_ms",
    NotificationState.seen: "seen_ms",
    NotificationState.opened: "opened_ms",
    NotificationState.done: "done_ms",
}


# how one is made


def key_of(heard: Heard, now_ms: int) -> bytes:
    """The id of the notification: the same happening is told to the same user once."""
    once = heard.once or str(now_ms // DAY_MS)
    said = b"\0".join((heard.user_id, heard.kind.encode(), heard.happening, once.encode()))
    return hashlib.sha256(b"notification:" + said).digest()[:16]


def announce(state: State, now_ms: int) -> list[Notification]:
    """Make a record of everything that is heard and was not told before; the new ones. Those of the same ids are loaded."""
    made = []
    for heard in state.notices:
        record_id = key_of(heard, now_ms)
        if state.find(Notification, record_id) is None:
            made.append(_made(heard, record_id, now_ms))
            state.write(made[-1])
    return made


def _made(heard: Heard, record_id: bytes, now_ms: int) -> Notification:
    kind = KINDS[heard.kind]
    return Notification(
        record_id,
        0,
        user_id=heard.user_id,
        kind=heard.kind,
        made_ms=now_ms,
        subject_entity=BY_RECORD[kind.about].number if kind.about is not None else 0,
        subject_id=(heard.about or heard.happening) if kind.about is not None else None,
        facts={name: _cut(text) for name, text in list(heard.facts.items())[:FACTS_MAX]},
        urgency=kind.urgency,
        deadline_ms=heard.until_ms if heard.until_ms is not None else now_ms + kind.life_ms,
    )


def passed_on(lost: Notification, reader_id: bytes, now_ms: int) -> Notification:
    """The same to another reader: what one user heard is that user's no more (D-908)."""
    record_id = hashlib.sha256(b"notification passed on:" + lost.id + reader_id).digest()[:16]
    return Notification(
        record_id, 0, reader_id, lost.kind, now_ms, lost.subject_entity, lost.subject_id, lost.facts, lost.urgency, lost.deadline_ms
    )


def _cut(text: str) -> str:
    return text if len(text) <= FACT_CHARACTERS_MAX else text[: FACT_CHARACTERS_MAX - 1] + "…"


def tried(user_id: bytes, happening: bytes, organisation: str) -> Heard:
    """The operator of an organisation tries whether pushes reach a user."""
    return Heard("tried", user_id, happening, {"actor": organisation})


# how one ends


def changed_subjects(state: State) -> set[bytes]:
    """The records that this transaction changed or buried, or whose customer has other followers now, and that a notice may be about."""
    moved = moved_customers(state)
    passed_on = (key for key, held in state.held.items() if family_of(BY_NUMBER[key[0]], held.record) in moved) if moved else ()
    return {record_id for number, record_id in (*state.touched, *state.buried, *passed_on) if number in SUBJECTS}


def moved_customers(state: State) -> set[bytes]:
    """Customers whose followers are others than before this transaction."""
    return {customer_id for customer_id, before in state.holders_before.items() if state.holders(customer_id) != before}


def end(state: State, now_ms: int) -> None:
    """Close the notices whose cause is over now (D-904). Those about the changed records are loaded."""
    changed = changed_subjects(state)
    open_ones = [held.record for held in state.held.values() if isinstance(held.record, Notification)] if changed else []
    for one in open_ones:
        if one.subject_id in changed and one.state != NotificationState.done and _is_over(state, one):
            state.write(risen(one, NotificationState.done, now_ms))


def _is_over(state: State, one: Notification) -> bool:
    """Whether nobody need hear it any more."""
    kind, key = KINDS.get(one.kind), (one.subject_entity, one.subject_id or b"")
    held = state.held.get(key)
    if kind is None or (held is None and key not in state.buried):  # the state does not know how the record stands now
        return False
    record = held.record if held is not None else None
    if record is None or kind.ends(record, one.user_id):
        return kind.ends(record, one.user_id)
    whom = one.user_id.hex() if kind.followers else one.facts.get(FOLLOWER)
    return kind.outdated(record, one.facts) or (whom is not None and not _follows(state, record, bytes.fromhex(whom)))


def _follows(state: State, record: Record, user_id: bytes) -> bool:
    return user_id in state.holders(family_of(BY_RECORD[type(record)], record))


def settle(state: State, now_ms: int) -> list[Notification]:
    """Make records of what is heard, then close those whose cause is over; the new ones."""
    made = announce(state, now_ms)
    end(state, now_ms)
    return made


# receipts


def risen(known: Notification, to: NotificationState, now_ms: int) -> Notification:
    """The notification with one more receipt; the first moment of each stays."""
    slot = RECEIPTS[to]
    at_ms = getattr(known, slot)
    return replace(known, state=max(known.state, to), **{slot: at_ms if at_ms is not None else now_ms})


def _answer(to: NotificationState) -> Any:
    def answered(_actor: Actor, _state: State, known: Notification, _command: Command, entered: Entered) -> tuple[Notification, ...]:
        """The receipt of a device; nothing when it is no news, so that the order of arrival does not matter (D-902)."""
        after = risen(known, to, entered.moment.now_ms)
        return () if after == known else (after,)

    return answered


def joined(stood: Notification, mine: Notification) -> Notification:
    """Two versions that grew from one: the higher value of each slot that rises."""
    slots: Iterable[str] = ENTITY.rising
    before, after = asdict(stood), asdict(mine)
    higher = {slot: max((one for one in (before[slot], after[slot]) if one is not None), default=None) for slot in slots}
    return replace(stood, **higher)


# settings


def guard(_state: State, settings: UserSettings) -> None:
    """Raises Problem(rule_broken) for settings of somebody else, half of the quiet hours, or a zone that is none (D-905)."""
    if settings.id != settings.user_id:
        raise Problem(Code.rule_broken, "the settings of a user have the user's own id", field="user_id")
    require_both(settings)
    if settings.time_zone:
        time_zones.require_known(settings.time_zone)


def require_both(settings: UserSettings | Organisation) -> None:
    """Raises Problem(rule_broken) for half of the quiet hours."""
    if (settings.quiet_from is None) != (settings.quiet_until is None):
        missing = "quiet_from" if settings.quiet_from is None else "quiet_until"
        raise Problem(Code.rule_broken, "quiet hours have a beginning and an end", field=missing)


FEATURE: Final = Feature(
    kinds=(Kind(UserSettings, guard=guard),),
    answers=(
        Answer(Notification, NoticeDelivered, _answer(NotificationState.delivered)),
        Answer(Notification, NoticeSeen, _answer(NotificationState.seen)),
        Answer(Notification, NoticeOpened, _answer(NotificationState.opened)),
        Answer(Notification, NoticeDone, _answer(NotificationState.done)),
    ),
)
