"""The reference device: how a phone handles entries, answers and outcomes. Pure over a shelf (P-6xx)."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Raw

from shared_schema.entity import EXTRA, EXTRA_PREFIX, Entity
from shared_schema.records.inbox import Value
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
from sync import rows, sets
from sync.cursor import digest
from sync.decode import FIELD_MAP, WHOLE_KINDS
from sync.merge import value_of
from sync.overlay import own, server_record, understood, view
from sync.shelf import HeldScope, Pending, Seat, Shelf
from sync.state import WHOLE

PUSH_BYTES = 192 * 1024
PUSH_BYTES_LEAST = 4 * 1024


class Edit(msgspec.Struct, frozen=True):
    """One thing the user did. `values`: slot → value, a custom field as `extra.<key>`; `command`: the encoded command."""

    kind: Kind
    entity: Entity
    id: bytes
    values: Mapping[str, Value] = {}
    command: bytes = b""
    bases: Mapping[str, int] | None = None
    """Bases printed on an inbox card; None: the bases of the rows that the screen showed."""


# entering


def enter(shelf: Shelf, edits: Sequence[Edit], device_ms: int) -> list[int]:
    """Write the user's act into the queue as one atomic group; bytes and bases freeze now. Returns the numbers given."""
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
    if edit.kind in (Kind.delete, Kind.restore):
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
    """A delete looks at everything: any own edit that has a base covers it. Operations on sets have none (P-413)."""
    return mutation.kind in WHOLE_KINDS or (bool(mutation.bases) if group == WHOLE else group in mutation.bases)


def _body(shelf: Shelf, edit: Edit) -> Raw:
    if edit.kind == Kind.command:
        return Raw(edit.command)
    if edit.kind == Kind.delete:
        return NIL
    values = dict(edit.values) if edit.kind in WHOLE_KINDS else {**_rest_of_groups(shelf, edit), **edit.values}
    plain: dict[str, object] = {slot: value for slot, value in values.items() if not slot.startswith(EXTRA_PREFIX)}
    extra = {slot[len(EXTRA_PREFIX) :]: value for slot, value in values.items() if slot.startswith(EXTRA_PREFIX)}
    return Raw(ENCODER.encode({**plain, EXTRA: extra} if extra else plain))


def _rest_of_groups(shelf: Shelf, edit: Edit) -> dict[str, Value]:
    """A patch carries every field of each group it touches, as on screen (P-331), but none whose value this app cannot read (P-103)."""
    record = view(shelf, edit.entity, edit.id)
    if record is None:
        return {}
    body = shelf.row((edit.entity.number, edit.id))
    unread = edit.entity.unread(body) if body is not None else frozenset()
    groups = edit.entity.groups
    on_screen = {slot: value_of(record, slot) for group in _groups(edit) for slot in groups.get(group, ())}
    return {slot: value for slot, value in on_screen.items() if value or slot not in unread}


# asking


def keep_tiles(shelf: Shelf, tiles: tuple[int, ...]) -> None:
    """From the next request on the device holds the pooled customers of these tiles, and of no others (P-126)."""
    seat = shelf.seat()
    if seat.tiles != tiles:
        seat.tiles = tiles
        shelf.put_seat(seat)


def request(shelf: Shelf, device_ms: int, app: str, page_bytes: int = PAGE_BYTES) -> SyncRequest:
    """The request to send now: unanswered mutations in whole groups, and the cursor."""
    seat = shelf.seat()
    waiting = [] if seat.forked else [one for one in shelf.pendings() if one.outcome is None]
    whole_groups = _whole_groups(waiting, page_bytes)
    return SyncRequest(PROTOCOL, SCHEMA, app, seat.cursor, seat.acked_n, device_ms, whole_groups, page_bytes, seat.tiles)


def _whole_groups(waiting: Sequence[Pending], page_bytes: int) -> list[Raw]:
    """As many mutations as a request holds. A phone that asks for small pages on a bad network sends small requests too (P-613)."""
    most = min(PUSH_BYTES, max(page_bytes, PUSH_BYTES_LEAST))
    raws: list[Raw] = []
    size = at = 0
    while at < len(waiting):
        place = MUTATION_DECODER.decode(waiting[at].raw).group
        group = waiting[at : at + place.count - place.index]
        size += sum(len(one.raw) for one in group)
        if raws and (size > most or len(raws) + len(group) > MUTATIONS_MAX):
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
    if answer.anew or seat.epoch != answer.epoch:
        rows.doubt(shelf)
    if seat.epoch != answer.epoch:
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
        _send_again(shelf, pendings, answer.resend_from)
        # the server asks for entries that this device no longer keeps: only a new line can carry the rest
        seat.forked = seat.forked or min(pendings, default=seat.next_n) > max(answer.resend_from, answer.last_n + 1)
    unanswered = [one.n for one in pendings.values() if one.outcome is None]
    seat.acked_n = min(unanswered, default=seat.next_n) - 1


def _void_places(shelf: Shelf) -> None:
    """Places of another epoch are never passed: an outcome that named such a place shows when its scope has begun anew (P-606)."""
    for one in shelf.pendings():
        if one.outcome is not None and one.outcome.shows is not None:
            one.outcome = msgspec.structs.replace(one.outcome, shows=Shows(one.outcome.shows.scope, 0))
            shelf.put_pending(one)


def _send_again(shelf: Shelf, pendings: Mapping[int, Pending], resend_from: int) -> None:
    """The server forgot (it was restored): entries that it had acknowledged go again, byte for byte (P-315)."""
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


# forks


def take_new_line(shelf: Shelf, org_id: int, user_id: bytes, line_no: int) -> None:
    """A new line: pending entries are renumbered from 1 with the same record ids, bases and bodies (P-312), but for tags of sets (P-416).

    After `forked` the server has every entry that it answered; a server that does not know the line (it was restored) gets every entry
    still kept.
    """
    pendings = shelf.pendings()
    forked = shelf.seat().forked
    waiting = [MUTATION_DECODER.decode(one.raw) for one in pendings if one.outcome is None or not forked]
    for one in pendings:
        shelf.drop_pending(one.n)
    number = {mutation.n: index for index, mutation in enumerate(waiting, 1)}
    tags = {n: (line_no, again) for n, again in number.items()}
    old_line_no = shelf.seat().line_no
    for mutation in waiting:
        place = msgspec.structs.replace(mutation.group, first_n=number[mutation.n] - mutation.group.index)
        body = _retagged(mutation, old_line_no, tags)
        again = msgspec.structs.replace(mutation, n=number[mutation.n], group=place, body=body)
        shelf.put_pending(Pending(again.n, ENCODER.encode(again)))
    rows.doubt(shelf)
    # a void cursor of its own: a late answer to the old line's first request must not fit
    shelf.put_seat(Seat(org_id, user_id, line_no, b"line %d" % line_no, shelf.seat().epoch, len(waiting) + 1))


def _retagged(mutation: Mutation, old_line_no: int, tags: Mapping[int, sets.Tag]) -> Raw:
    """The body on the new line: a remove of an own waiting add names the add's new tag too (P-416), `after` the new n (P-341)."""
    intent = understood(ENCODER.encode(mutation))
    values = {slot: value for group in intent.values.values() for slot, value in group.items()} if intent is not None else {}
    operations = {slot: value for slot, value in values.items() if sets.is_change(value)}
    changes: dict[str, object] = {slot: sets.renumbered(value, old_line_no, tags) for slot, value in operations.items()}
    after = getattr(intent.command, "after", None) if intent is not None else None
    if after is not None:
        changes["after"] = tags[after][1] if after in tags else None  # of the old line: no number here, so it is refused, not mistaken
    return Raw(ENCODER.encode({**FIELD_MAP.decode(mutation.body), **changes})) if changes else mutation.body
