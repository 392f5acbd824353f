"""The reference device: what a phone does with entries, answers and outcomes. Pure over a shelf (P-6xx)."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Raw

from shared_schema.records.base import Record
from shared_schema.records.inbox import InboxItem, Member, Value
from shared_schema.registry import BY_NUMBER, BY_RECORD, EXTRA, EXTRA_PREFIX, Entity
from shared_schema.wire import (
    ENCODER,
    MUTATION_DECODER,
    MUTATIONS_MAX,
    NIL,
    OUTCOME_DECODER,
    PAGE_BYTES,
    PROTOCOL,
    SCHEMA,
    GroupPlace,
    Kind,
    Mutation,
    Outcome,
    Result,
    Shows,
    SyncAnswer,
    SyncRequest,
)
from sync import rows
from sync.cursor import digest
from sync.merge import value_of
from sync.overlay import own, server_record, view
from sync.shelf import HeldScope, Pending, Seat, Shelf
from sync.state import WHOLE

PUSH_BYTES = 192 * 1024
ITEM = BY_RECORD[InboxItem]


class Edit(msgspec.Struct, frozen=True):
    """One thing the user did. `values`: slot → value, a custom field as `extra.<key>`; `command`: the encoded command."""

    kind: Kind
    entity: Entity
    id: bytes
    values: Mapping[str, Value] = {}
    command: bytes = b""
    bases: Mapping[str, int] | None = None
    """Bases printed on an inbox card; None: what the screen showed."""


# entering


def enter(shelf: Shelf, edits: Sequence[Edit], device_ms: int) -> list[int]:
    """Write what the user did into the queue as one atomic group; bytes and bases freeze now. The numbers given."""
    seat = shelf.seat()
    first_n = seat.next_n
    for index, edit in enumerate(edits):
        n = first_n + index
        mutation = Mutation(
            n, GroupPlace(first_n, index, len(edits)), int(edit.kind), edit.entity.number, edit.id,
            _bases(shelf, edit), _body(shelf, edit), device_ms,
        )  # fmt: skip
        shelf.put_pending(Pending(n, ENCODER.encode(mutation)))
    seat.next_n = first_n + len(edits)
    shelf.put_seat(seat)
    return list(range(first_n, seat.next_n))


def _groups(edit: Edit) -> set[str]:
    if edit.kind == Kind.delete:
        return {WHOLE}
    if edit.kind not in (Kind.patch, Kind.undo):
        return set()
    named = (slot if slot.startswith(EXTRA_PREFIX) else edit.entity.group_of.get(slot) for slot in edit.values)
    return {group for group in named if group is not None}  # the server refuses the others by name


def _bases(shelf: Shelf, edit: Edit) -> dict[str, int]:
    """Per group: the rev of the server body on screen, or the base of an own edit that covers the group (P-330)."""
    if edit.bases is not None:
        return dict(edit.bases)
    key = (edit.entity.number, edit.id)
    record = server_record(shelf, key)
    seen = record.rev if record is not None else 0
    bases = {}
    groups = _groups(edit)
    covering = own(shelf, key) if groups else []
    for group in groups:
        inherited = [_inherited(intent.mutation, group) for _, intent in covering if _covers(intent.mutation, group)]
        bases[group] = min(inherited, default=seen)
    return bases


def _inherited(mutation: Mutation, group: str) -> int:
    return min(mutation.bases.values(), default=0) if group == WHOLE else mutation.bases.get(group, 0)


def _covers(mutation: Mutation, group: str) -> bool:
    """A delete looks at everything: any own edit covers it."""
    return group == WHOLE or mutation.kind == Kind.create or group in mutation.bases


def _body(shelf: Shelf, edit: Edit) -> Raw:
    if edit.kind == Kind.command:
        return Raw(edit.command)
    if edit.kind == Kind.delete:
        return NIL
    values = dict(edit.values) if edit.kind == Kind.create else {**_rest_of_groups(shelf, edit), **edit.values}
    plain: dict[str, object] = {slot: value for slot, value in values.items() if not slot.startswith(EXTRA_PREFIX)}
    extra = {slot[len(EXTRA_PREFIX) :]: value for slot, value in values.items() if slot.startswith(EXTRA_PREFIX)}
    return Raw(ENCODER.encode({**plain, EXTRA: extra} if extra else plain))


def _rest_of_groups(shelf: Shelf, edit: Edit) -> dict[str, Value]:
    """A patch carries every field of each group it touches, as on screen (P-331)."""
    record = view(shelf, edit.entity, edit.id)
    groups = edit.entity.groups
    slots = [slot for group in _groups(edit) for slot in groups.get(group, ())]
    return {slot: value_of(record, slot) for slot in slots} if record is not None else {}


# asking


def request(shelf: Shelf, device_ms: int, app: str, page_bytes: int = PAGE_BYTES) -> SyncRequest:
    """What to send now: unanswered mutations in whole groups, and the cursor."""
    seat = shelf.seat()
    waiting = [] if seat.forked else [one for one in shelf.pendings() if one.outcome is None]
    return SyncRequest(PROTOCOL, SCHEMA, app, seat.cursor, seat.acked_n, device_ms, _whole_groups(waiting), page_bytes)


def _whole_groups(waiting: Sequence[Pending]) -> list[Raw]:
    raws: list[Raw] = []
    size = at = 0
    while at < len(waiting):
        place = MUTATION_DECODER.decode(waiting[at].raw).group
        group = waiting[at : at + place.count - place.index]
        size += sum(len(one.raw) for one in group)
        if raws and (size > PUSH_BYTES or len(raws) + len(group) > MUTATIONS_MAX):
            break
        raws.extend(Raw(one.raw) for one in group)
        at += len(group)
    return raws


# applying


def apply(shelf: Shelf, answer: SyncAnswer) -> bool:
    """Take in an answer in one local transaction. False: it was computed from another cursor and changed nothing (P-604)."""
    seat = shelf.seat()
    if answer.answers != digest(seat.cursor):
        return False
    if seat.epoch != answer.epoch:
        rows.doubt(shelf)
        _void_places(shelf)
    seat.epoch = answer.epoch
    _take_outcomes(shelf, seat, answer)
    for page in answer.pages:
        rows.take(shelf, page)
    for scope in (*answer.drop, *(rows.doubted(shelf) if answer.consistent else ())):
        rows.drop(shelf, scope)
    seat.cursor = answer.cursor
    seat.backed_up_n = answer.backed_up_n
    shelf.put_seat(seat)
    _end_overlays(shelf, seat)
    return True


def _take_outcomes(shelf: Shelf, seat: Seat, answer: SyncAnswer) -> None:
    pendings = {one.n: one for one in shelf.pendings()}
    for raw in answer.outcomes:
        outcome = OUTCOME_DECODER.decode(raw)
        if outcome.result == Result.forked:
            seat.forked = True
        elif outcome.n in pendings:
            pendings[outcome.n].outcome = outcome
            shelf.put_pending(pendings[outcome.n])
    if answer.last_n >= seat.next_n:
        seat.forked = True
    if answer.resend_from is not None:
        _send_again(shelf, seat, pendings, answer.resend_from)
    unanswered = [one.n for one in pendings.values() if one.outcome is None]
    seat.acked_n = min(unanswered, default=seat.next_n) - 1


def _void_places(shelf: Shelf) -> None:
    """Places of another epoch are never passed: what an outcome of then named shows when its scope has begun anew (P-606)."""
    for one in shelf.pendings():
        if one.outcome is not None and one.outcome.shows is not None:
            one.outcome = msgspec.structs.replace(one.outcome, shows=Shows(one.outcome.shows.scope, 0))
            shelf.put_pending(one)


def _send_again(shelf: Shelf, seat: Seat, pendings: Mapping[int, Pending], resend_from: int) -> None:
    """The server forgot (it was restored): what it had acknowledged goes again, byte for byte (P-315)."""
    for one in pendings.values():
        if one.n >= resend_from and one.outcome is not None:
            one.outcome, one.overlay = None, True
            shelf.put_pending(one)


def _end_overlays(shelf: Shelf, seat: Seat) -> None:
    """An overlay ends when the cursor has passed the place its outcome named, at once if it named none (P-606).

    With it end earlier ones on the same record: a value that was parked is not drawn over a later one that stands.
    """
    scopes = shelf.scopes()
    standing: set[tuple[int, bytes]] = set()
    for one in reversed(shelf.pendings()):
        if one.outcome is None:
            continue
        if one.overlay:
            mutation = MUTATION_DECODER.decode(one.raw)
            key = (mutation.entity, mutation.id)
            if key in standing or _visible(one.outcome, scopes):
                one.overlay = False
                shelf.put_pending(one)
                standing |= {key} if one.outcome.result in (Result.applied, Result.merged) else set()
        if not one.overlay and one.n <= min(seat.acked_n, seat.backed_up_n):
            shelf.drop_pending(one.n)


def _visible(outcome: Outcome, scopes: Mapping[int, HeldScope]) -> bool:
    shows = outcome.shows
    if shows is None:
        return True
    scope = scopes.get(shows.scope)
    return scope is None or (not scope.filling and scope.position >= shows.seq)


# forks and decisions


def take_new_line(shelf: Shelf, org_id: int, user_id: bytes, line_no: int) -> None:
    """A new line; what is pending is renumbered from 1 with the same record ids and bases (P-312).

    After `forked` the server has all that it answered; a server that does not know the line (it was restored) gets everything still kept.
    """
    pendings = shelf.pendings()
    forked = shelf.seat().forked
    waiting = [MUTATION_DECODER.decode(one.raw) for one in pendings if one.outcome is None or not forked]
    for one in pendings:
        shelf.drop_pending(one.n)
    number = {mutation.n: index for index, mutation in enumerate(waiting, 1)}
    for mutation in waiting:
        place = msgspec.structs.replace(mutation.group, first_n=number[mutation.n] - mutation.group.index)
        again = msgspec.structs.replace(mutation, n=number[mutation.n], group=place)
        shelf.put_pending(Pending(again.n, ENCODER.encode(again)))
    rows.doubt(shelf)
    # a void cursor of its own: a late answer to the old line's first request must not fit
    shelf.put_seat(Seat(org_id, user_id, line_no, b"line %d" % line_no, shelf.seat().epoch, len(waiting) + 1))


def use_mine(shelf: Shelf, item: InboxItem) -> list[Edit]:
    """The edits which put the author's parked values in place, based on the revs printed on the card (P-503). A command is given anew."""
    return [_again(shelf, one) for one in item.members if one.kind != Kind.command]


def _again(shelf: Shelf, one: Member) -> Edit:
    entity = BY_NUMBER[one.entity]
    if one.kind == Kind.delete:
        return Edit(Kind.delete, entity, one.id, bases={WHOLE: one.their_rev})
    exists = server_record(shelf, (one.entity, one.id)) is not None
    if one.kind == Kind.create and not exists:
        return Edit(Kind.create, entity, one.id, one.mine)
    values = {slot: value for slot, value in one.mine.items() if slot in entity.group_of or slot.startswith(EXTRA_PREFIX)}
    groups = {slot if slot.startswith(EXTRA_PREFIX) else entity.group_of[slot] for slot in values}
    return Edit(Kind.patch, entity, one.id, values, bases=dict.fromkeys(groups, one.their_rev))


def decision(item: InboxItem, command: bytes) -> Edit:
    """Keep theirs, or dismiss: a command on the item."""
    return Edit(Kind.command, ITEM, item.id, command=command)


def inbox(shelf: Shelf) -> list[InboxItem]:
    """Every inbox item on the device, oldest first."""
    items: list[Record] = [ITEM.body_decoder.decode(body) for _, body in shelf.rows(ITEM.number)]
    return sorted((item for item in items if isinstance(item, InboxItem)), key=lambda item: (item.created_ms, item.id))
