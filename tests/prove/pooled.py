"""Invariants of pools, judged at every request and at the end: one winner of a claim (16), no unmasked byte in a tile (19), and what
was entered after the loss stands beside the customer (31). Raises Break."""

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from server.domain.access import FIELD_ROLES
from server.domain.tree import line_up
from shared_schema.policy import Lane
from shared_schema.problem import Code
from shared_schema.records.contribution import Contribution, ContributionState
from shared_schema.records.customer import Collaborator, Release, Standing
from shared_schema.records.inbox import InboxItem, ItemState, Member
from shared_schema.records.pool import Claim, PoolCard
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import ROWS_DECODER, Kind, Reason, Result, Row, ScopePage, SyncAnswer
from sync.agreed.holds import held_for
from sync.contribution import contribution_id
from sync.decode import understand
from sync.fold import Sent
from sync.scope import Reader
from sync.shelf import MemoryShelf
from tests.prove.replayed import GIVEN, TAKEN, Line, replayed, stand
from tests.prove.rightful import CARD, CUSTOMER, STANDING, alike, cards, pooled
from tests.prove.rights import follows
from tests.prove.store import Store, User
from tests.prove.watch import Turn, need

ONE_WINNER: Final = "16 one winner"
MASKED: Final = "19 nothing unmasked"
LATE: Final = "31 late edits stand beside"
CONTRIBUTION: Final = BY_NAME["contribution"].number
REPLAYED: Final = "16 the history tells who has it"
MOVES: Final = (*GIVEN, *TAKEN)


class Stood(NamedTuple):
    """Whose a customer was before something happened."""

    owner_id: bytes | None
    epoch: int


# one winner


def push_holds(turn: Turn, counts: Counter[str]) -> None:
    """Judge the moves of one request: each follows from what stood, and every command that was taken made exactly one."""
    stood_before = _replayed(turn)
    for sent, command in _commands(turn):
        outcome = turn.after.taken[turn.line_no, sent.n].outcome
        assert sent.mutation is not None
        if outcome.result == Result.applied:
            counts[ONE_WINNER] += isinstance(command, Claim)
            stood = stood_before.get((turn.line_no, sent.n))
            need(stood is not None, ONE_WINNER, f"n {sent.n} was applied and moved nothing")
            named = command.epoch if command.after is None else _led_to(turn, sent.mutation.id, command.after)
            assert stood is not None
            need(named == stood.epoch, ONE_WINNER, f"n {sent.n} named epoch {named} of a customer at epoch {stood.epoch}")
        elif isinstance(command, Claim) and len(turn.pushed.groups) == 1 and outcome.code != Code.server_error.word:
            counts["16 losers have lost"] += 1
            need(_may_lose(turn, sent.mutation.id, command), "16 losers have lost", f"n {sent.n}: {outcome.code}, and nobody was first")


def _commands(turn: Turn) -> Iterator[tuple[Sent, Claim | Release]]:
    for sent in (one for group in turn.pushed.groups for one in group):
        if sent.mutation is not None and sent.mutation.kind == Kind.command and sent.mutation.entity in (CARD, STANDING):
            command = understand(sent.mutation).command
            if isinstance(command, (Claim, Release)):
                yield sent, command


def _replayed(turn: Turn) -> dict[tuple[int, int], Stood]:
    """Replay the new events: epochs without a gap, what is claimed was nobody's; what stood before each command."""
    stood: dict[bytes, Stood] = {}
    before: dict[tuple[int, int], Stood] = {}
    for event in turn.after.events[len(turn.before.events) :]:
        was = stood.get(event.customer_id) or _stands(turn.before, event.customer_id)
        need(event.epoch == was.epoch + 1, ONE_WINNER, f"{event.kind} leads from epoch {was.epoch} to {event.epoch}")
        if event.kind in ("claimed", "released"):
            need((was.owner_id is None) == (event.kind == "claimed"), ONE_WINNER, f"{event.kind}, and its owner was {was.owner_id!r}")
            need((event.line_no, event.n) not in before, ONE_WINNER, f"n {event.n} moved two customers")
            before[event.line_no, event.n] = was
        stood[event.customer_id] = Stood(event.owner_id if event.kind in MOVES else was.owner_id, event.epoch)
    for customer_id, now in stood.items():
        need(_stands(turn.after, customer_id) == now, ONE_WINNER, f"the events lead to {now}, the standing says otherwise")
    return before


def _stands(store: Store, customer_id: bytes) -> Stood:
    held = store.records.get((STANDING, customer_id))
    return Stood(held.record.owner_id, held.record.epoch) if held is not None and isinstance(held.record, Standing) else Stood(None, 0)


def _led_to(turn: Turn, customer_id: bytes, n: int) -> int | None:
    found = (one.epoch for one in turn.after.events if (one.customer_id, one.line_no, one.n) == (customer_id, turn.line_no, n))
    return next(found, None)


def _may_lose(turn: Turn, customer_id: bytes, command: Claim) -> bool:
    """Whether something stood in the way of a claim that came alone, or its group failed elsewhere."""
    stood = _stands(turn.before, customer_id)
    held = turn.before.records.get((STANDING, customer_id))
    pool_id = held.record.pool_id if held is not None and isinstance(held.record, Standing) else None
    named = command.epoch if command.after is None else _led_to(turn, customer_id, command.after)
    user = turn.after.users[turn.after.lines[turn.line_no].user_id]
    card = turn.before.records.get((CARD, customer_id))
    holder_id = held_for(card.record, turn.now_ms) if card is not None and isinstance(card.record, PoolCard) else None
    free = stood.owner_id is None and named == stood.epoch and holder_id in (None, user.id)
    return len(turn.pushed.groups[0]) > 1 or not free or not _is_member(turn.before, user, pool_id)


def _is_member(store: Store, user: User, pool_id: bytes | None) -> bool:
    """By the department above him, not by those below the pool's."""
    pool = store.pools.get(pool_id or b"")
    above = line_up(store.parents, store.actor_of(user.id, 0).department_id or b"")
    return pool is not None and user.role in FIELD_ROLES and (pool.department_id is None or pool.department_id in above)


# nothing unmasked


def pull_holds(turn: Turn, answer: SyncAnswer, counts: Counter[str]) -> None:
    """A tile says what its cards say, to members alone, and not why one left; every other scope only of customers whom it follows."""
    told = [(page, ROWS_DECODER.decode(page.rows)) for page in answer.pages]
    if not any(rows for _, rows in told):
        return
    store = turn.after
    readers = {head.number: reader for reader, head in store.scopes.items()}
    user = store.users[store.lines[turn.line_no].user_id]
    for page, rows in told:
        reader = readers[page.scope]
        if reader.lane == Lane.tile:
            _of_tile(turn, user, reader, rows)
            counts[MASKED] += len(rows)
        else:
            _of_customers(store, user, page, rows)


def _of_tile(turn: Turn, user: User, reader: Reader, rows: list[Row]) -> None:
    wanted = reader.tile in turn.request.tiles and _is_member(turn.after, user, reader.subject_id)
    need(wanted, MASKED, f"line {turn.line_no} is told of a tile which it may not hold")
    shown = cards(turn.after, [reader])
    for row in rows:
        if row.reason:
            need(row.reason == Reason.left, MASKED, f"a tile tells why a customer left: {Reason(row.reason).name}")
            continue
        card_id: bytes = msgspec.msgpack.decode(row.body)[0]
        need(row.entity == CARD and alike(shown.get((CARD, card_id)), bytes(row.body)), MASKED, "a tile says more than its card")


def _of_customers(store: Store, user: User, page: ScopePage, rows: list[Row]) -> None:
    followed: dict[bytes, bool] = {}
    for row in rows:
        need(row.entity != CARD, MASKED, "a card stands outside its tile")
        if row.reason or not BY_NUMBER[row.entity].in_family:
            continue
        record = BY_NUMBER[row.entity].read(bytes(row.body))
        customer_id: bytes = getattr(record, "customer_id", record.id)
        if customer_id not in followed:
            followed[customer_id] = follows(store, user, customer_id)
        need(followed[customer_id], MASKED, f"scope {page.scope} tells of a customer that is not its user's")


def shelf_holds(shelf: MemoryShelf, counts: Counter[str]) -> None:
    """A phone that knows a customer by its card has nothing else of it; judged when it holds all that it should."""
    for key in [key for key in shelf._rows if key[0] == CARD]:
        counts[MASKED] += 1
        bare = (CUSTOMER, key[1]) not in shelf._rows and (STANDING, key[1]) not in shelf._rows
        need(bare, MASKED, "a phone holds a pooled customer beside its card")


# the end


def judge(store: Store, counts: Counter[str]) -> None:
    """Each pooled customer has one card, which says what its pool shows; late edits stand where they should."""
    own = {card.id: card for card in pooled(store)}
    told = {held.record.id: held.record for held in store.records.values() if isinstance(held.record, PoolCard) and held.record.pooled}
    counts["19 cards of pooled customers"] += len(own)
    need(own == told, "19 cards of pooled customers", f"{len(own.keys() ^ told.keys())} customers have a card too many, or none")
    for held in store.records.values():
        if isinstance(held.record, InboxItem) and held.record.code == Code.moved.word:
            _judge_late(store, held.record, counts)
    _judge_history(store, counts)


def _judge_history(store: Store, counts: Counter[str]) -> None:
    """Replaying its ownership events gives the standing of each customer: owner, pool, epoch, the owner before, and the users beside."""
    lines: dict[bytes, list[Line]] = {}
    for event in store.events:
        lines.setdefault(event.customer_id, []).append(Line(event.customer_id, event.epoch, event.kind, event.owner_id, event.pool_id))
    records = [held.record for held in store.records.values()]
    beside = [one for one in records if isinstance(one, Collaborator)]
    for one in [one for one in records if isinstance(one, Standing)]:
        users = [each.user_id for each in beside if each.customer_id == one.id]
        counts[REPLAYED] += 1
        told, stands = replayed(lines.get(one.id, ())), stand(one, users, moments=False)
        need(told == stands, REPLAYED, f"{one.id.hex()}: the events lead to {told}, it stands {stands}")


def _judge_late(store: Store, item: InboxItem, counts: Counter[str]) -> None:
    """What waits for a customer stands beside it, as entered; when its author holds the customer, nothing waits."""
    entered = [one for one in (*item.earlier, *item.members) if one.kind != Kind.command]
    about = item.customer_id is not None and all(_customer_of(store, one) == item.customer_id for one in entered)
    if item.customer_id is None or item.origin_id is not None or not entered or not about:
        return
    held = store.records.get((CONTRIBUTION, contribution_id(item.id, item.customer_id)))
    beside = held.record if held is not None else None
    need(isinstance(beside, Contribution) and beside.customer_id == item.customer_id, LATE, f"{item.id.hex()} stands beside no customer")
    assert isinstance(beside, Contribution)
    counts[LATE] += 1
    said = {each.n: each for each in beside.members}
    missing = [one.n for one in entered if one.n not in said or not _gathers(one, said[one.n])]
    need(not missing, LATE, f"n {missing} are on the card and not beside the customer")
    need(not any(one.theirs or one.before for one in (*beside.members, *entered)), LATE, "a late edit prints what stands")
    if item.state != ItemState.open or len(entered) < len(item.earlier) + len(item.members):
        need(
            item.state != ItemState.judged_anew or beside.state != ContributionState.open, LATE, "an edit that was judged anew still waits"
        )
        return
    need(not _holds(store, item), LATE, f"{item.id.hex()} waits, and its author holds the customer")


def _gathers(card: Member, entered: Member) -> bool:
    """Whether a card's member says what was entered: of one place it says all that was entered there, last (P-502)."""
    return all(slot in card.mine and (card.mine[slot] == value or isinstance(value, dict)) for slot, value in entered.mine.items())


def _customer_of(store: Store, one: Member) -> bytes | None:
    held = store.records.get((one.entity, one.id))
    return getattr(held.record, "customer_id", held.record.id) if held is not None else None


def _holds(store: Store, item: InboxItem) -> bool:
    standing = _stands(store, item.customer_id or b"")
    shared = [held.record for held in store.records.values() if isinstance(held.record, Collaborator)]
    return item.holder_id in [standing.owner_id, *(one.user_id for one in shared if one.customer_id == item.customer_id)]
