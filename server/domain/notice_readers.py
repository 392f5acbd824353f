"""The notices that users hear because they stand above somebody: who may hear them by the department tree of this moment (D-908)."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from server.domain.access import LEADERS
from server.domain.follow_ups import FOLLOW_UP, follower
from server.domain.instruction_notices import has_left
from server.domain.notice_kinds import FOLLOWER, KINDS
from server.domain.notifications import moved_customers, passed_on, risen
from server.domain.reclaims import WARN
from server.domain.silent_devices import SILENT
from shared_schema.records.base import Record
from shared_schema.records.customer import FollowUp
from shared_schema.records.extension import Extension, ExtensionState
from shared_schema.records.notification import Notification, NotificationState
from shared_schema.records.pool import Pool
from shared_schema.records.reference import Department, Person, Role
from shared_schema.registry import BY_NUMBER, BY_RECORD
from sync.access import family_of
from sync.state import State

Subject = tuple[str, bytes]
"""(rule of the due index, record)."""


class Upwards(Struct, frozen=True):
    """A kind of notice whose readers stand above a user.

    `concerned`: of whom it tells; the managers above may hear it, the nearest first. None: nobody need hear it. `besides`: whether a reader
    may hear it who stands above nobody. `all_above`: all managers above hear it, not the nearest alone. `people`: users whom the other
    answers ask for, beside the reader. `every`: kinds of records that they ask for. `rule`: the reminder that tells the next reader; None:
    the next reader hears the notice as it stands.
    """

    concerned: Callable[[State, Any, Notification], bytes | None]
    besides: Callable[[State, Any, bytes], bool] = lambda _state, _record, _reader_id: False
    all_above: bool = False
    people: Callable[[Any], Iterable[bytes]] = lambda _record: ()
    every: tuple[type[Record], ...] = ()
    rule: str | None = None


def _named(state: State, follow_up: FollowUp, notice: Notification) -> bytes | None:
    """The user whom the notice names, while that user follows the customer up, else the owner."""
    return follower(state, follow_up.customer_id, bytes.fromhex(notice.facts.get(FOLLOWER, "")))


def _asking(state: State, asked: Extension, _notice: Notification) -> bytes | None:
    """The author, who owns the customer: else the request lapses (D-163), and stays so when the author owns the customer again."""
    standing = state.standing(asked.customer_id)
    owns = standing is not None and standing.owner_id == asked.author_id
    return asked.author_id if owns and asked.state is not ExtensionState.lapsed else None


def _looks_after(state: State, _record: Record, reader_id: bytes) -> bool:
    """An admin of the organisation, or of a pool: each hears where nobody stands above (D-146)."""
    reader = state.find(Person, reader_id)
    if reader is None or not reader.active or reader.role not in LEADERS:
        return False
    pools = (held.record for held in state.held.values() if isinstance(held.record, Pool))
    return reader.role is Role.admin or any(reader_id in pool.admin_ids for pool in pools)


_BELOW: Final = Upwards(_named, rule=FOLLOW_UP.name)
_INSTRUCTION: Final = Upwards(
    lambda state, record, _notice: record.rep_id if has_left(state, record.author_id) else record.author_id,
    lambda state, record, reader_id: reader_id == record.author_id and not has_left(state, record.author_id),
    people=lambda record: (record.author_id,),
)
"""The author hears; then the managers above the author, or above the rep once the author has left (D-808, D-812)."""
ABOVE: Final[Mapping[str, Upwards]] = {
    "follow_up_overdue_below": _BELOW,
    "follow_up_at_risk_below": _BELOW,
    "reclaim_warning_below": Upwards(lambda _state, record, _notice: record.owner_id, _looks_after, every=(Pool,), rule=WARN.name),
    "extension_asked": Upwards(_asking),
    "quote_submitted": Upwards(lambda state, record, _notice: follower(state, record.customer_id, record.author_id), all_above=True),
    "device_silent": Upwards(lambda _state, record, _notice: record.user_id, rule=SILENT.name),
    **{kind: _INSTRUCTION for kind in KINDS if kind.startswith("instruction_") and "author" in KINDS[kind].readers},
}
NAMED: Final = frozenset({"handed", "duplicate_found", "contested", "given_back_below"})
"""Kinds whose reader is the user to whom their record is given for a decision: the record stays with that user, and so does the notice."""


def is_regrouped(state: State) -> bool:
    """Whether somebody stands elsewhere in the department tree than before this transaction."""
    return any(True for _ in regrouped(state))


def regrouped(state: State) -> Iterable[Person | Department]:
    """The people and departments, as they were, that stand elsewhere now."""
    for key in state.touched:
        before = state.originals[key].record if key in state.originals and key not in state.created else None
        if isinstance(before, (Person, Department)) and _place(before) != _place(state.held[key].record):
            yield before


def _place(record: Record) -> tuple[object, ...]:
    """The place of a person or a department, as far as others stand above or below."""
    if isinstance(record, Person):
        return record.department_id, record.active, record.role is Role.manager
    return (record.parent_id,) if isinstance(record, Department) else ()


def doubtful(state: State, subject_ids: Collection[bytes], made: Collection[Notification]) -> list[Notification]:
    """The open notices of these kinds whose readers may be the wrong ones: about these records, about a customer with other followers now,
    and the new ones."""
    moved, new = moved_customers(state), {one.id for one in made}
    kept = (held.record for held in list(state.held.values()))
    found = (one for one in kept if isinstance(one, Notification) and one.kind in ABOVE and one.state is not NotificationState.done)
    return [one for one in found if one.id in new or one.subject_id in subject_ids or _customer(state, one) in moved]


def _customer(state: State, notice: Notification) -> bytes:
    record = subject(state, notice)
    return family_of(BY_RECORD[type(record)], record) if record is not None else b""


def subject(state: State, notice: Notification) -> Record | None:
    """The record that a notice is about."""
    held = state.held.get((notice.subject_entity, notice.subject_id or b"")) if notice.subject_entity in BY_NUMBER else None
    return held.record if held is not None else None


def concerned(state: State, notice: Notification) -> bytes | None:
    """Of whom a notice tells, if that user is known; the record is loaded."""
    record = subject(state, notice)
    return ABOVE[notice.kind].concerned(state, record, notice) if record is not None else None


class Withdrawn(NamedTuple):
    """The notices of those who hear it next, and the records that reminders must judge again."""

    made: list[Notification]
    again: set[Subject]


def withdraw(state: State, notices: Iterable[Notification], now_ms: int) -> Withdrawn:
    """Close those whose readers may hear them no more, and empty them; the next readers hear.

    Their records are loaded, and the managers above those concerned.
    """
    lost = [one for one in notices if subject(state, one) is not None and not _may_hear(state, one)]
    for one in lost:
        state.write(replace(risen(one, NotificationState.done, now_ms), facts={}))
    found = Withdrawn([], set())
    for one in {(each.kind, each.subject_id): each for each in lost}.values():
        rule = ABOVE[one.kind].rule
        if rule is not None and one.subject_id is not None:
            found.again.add((rule, one.subject_id))
        elif rule is None:
            found.made.extend(_pass_on(state, one, now_ms))
    return found


def _may_hear(state: State, notice: Notification) -> bool:
    record, kind, of = subject(state, notice), ABOVE[notice.kind], concerned(state, notice)
    is_above = of is not None and notice.user_id in state.leaders.get(of, ())
    return is_above or kind.besides(state, record, notice.user_id)


def _pass_on(state: State, lost: Notification, now_ms: int) -> list[Notification]:
    """Those above hear it who did not yet; one who was told and lost it hears it again."""
    of = concerned(state, lost)
    above = state.leaders.get(of, ()) if of is not None else ()
    notices = (held.record for held in state.held.values() if isinstance(held.record, Notification))
    told = {one.user_id for one in notices if (one.kind, one.subject_id) == (lost.kind, lost.subject_id) and one.facts}
    readers = above if ABOVE[lost.kind].all_above else above[:1]
    made = [passed_on(lost, reader_id, now_ms) for reader_id in readers if reader_id not in told]
    for one in made:
        state.write(one)
    return made
