"""Invariants of who may change and see what, judged at every request from ownership alone: 19, 27, 29, 46. Raises Break."""

from collections import Counter
from typing import Final

from shared_schema.policy import InTile, OfAll, OfFamily, OfTeam, OfUsers, Policy
from shared_schema.records.customer import Customer
from shared_schema.records.inbox import InboxItem
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import ENCODER, Kind, Mutation, Result, SyncAnswer
from sync.state import Held, Key
from tests.prove.rightful import hears
from tests.prove.store import Store, User
from tests.prove.watch import INBOX, Turn, need

EMPTY_BYTES_MAX: Final = 512
COMMON_SCOPES_MAX: Final = 4
"""A rep's own three and the reference scope."""
EFFECTS: Final = (Result.applied, Result.merged, Result.duplicate)
STANDING: Final = BY_NAME["standing"].number


def push_holds(turn: Turn, counts: Counter[str]) -> None:
    """Judge what one request was allowed to do, and what its cards say."""
    numbers = [one.n for group in turn.pushed.groups for one in group]
    counts["27 device order"] += len(numbers) > 1
    need(numbers == sorted(numbers), "27 device order", f"line {turn.line_no}: taken as {numbers}")
    user = turn.after.users[turn.after.lines[turn.line_no].user_id]
    for sent in (one for group in turn.pushed.groups for one in group):
        outcome = turn.after.taken[turn.line_no, sent.n].outcome
        if sent.mutation is not None and outcome.result in EFFECTS and sent.mutation.entity in BY_NUMBER:
            _authorised(turn, user, sent.mutation, counts)
        if outcome.item_id is not None:
            _tells_nothing(turn, user, (INBOX, outcome.item_id), counts)


def _authorised(turn: Turn, user: User, mutation: Mutation, counts: Counter[str]) -> None:
    """29: whoever changed a record held it in that very transaction; a fact may come late from who held its customer once."""
    entity, held = BY_NUMBER[mutation.entity], _stood(turn, (mutation.entity, mutation.id))
    if held is None or (entity.record is Customer and mutation.kind == Kind.create):
        return
    own = False
    match entity.hold:
        case OfFamily(slot=slot):
            customer_id = getattr(held.record, slot)
            late = entity.policy == Policy.fact and _held_once(turn.after, user, customer_id)
            own = late or _followed(turn, user, customer_id)
        case OfUsers(slots=slots):
            own = any(getattr(held.record, slot) == user.id for slot in slots)
        case OfTeam(slot=slot):
            own = hears(turn.after, turn.after.actor(turn.line_no), getattr(held.record, slot))
        case InTile():
            return  # who may claim is the pool's to say: tests/prove/pooled.py
        case OfAll():
            pass  # no phone changes these
    counts["29 authorised at apply"] += 1
    need(own, "29 authorised at apply", f"line {turn.line_no} changed a {entity.name} that is not its own")


def _tells_nothing(turn: Turn, user: User, key: Key, counts: Counter[str]) -> None:
    """19: a card prints what stands only of records which its author may see, and names no customer that he never held."""
    item = turn.after.records[key].record
    assert isinstance(item, InboxItem)
    counts["19 nothing foreign"] += 1
    known = item.customer_id is None or _held_once(turn.after, user, item.customer_id) or _named_before(turn, key, item.customer_id)
    need(known or _followed(turn, user, item.customer_id), "19 nothing foreign", "a card names a foreign customer")
    fresh = {sent.n for group in turn.pushed.groups for sent in group}
    for one in item.members:
        customer_id = customer_of(turn, (one.entity, one.id))
        if one.n not in fresh or not one.theirs or customer_id is None:
            continue
        need(
            _followed(turn, user, customer_id), "19 nothing foreign", f"the card of n {one.n} prints a record which its author may not see"
        )


def _named_before(turn: Turn, key: Key, customer_id: bytes) -> bool:
    """A card keeps the name it was opened with: of one whom a manager led when he entered it, and leads no more."""
    held = turn.before.records.get(key)
    return held is not None and getattr(held.record, "customer_id", None) == customer_id


def pull_holds(turn: Turn, answer: SyncAnswer, counts: Counter[str]) -> None:
    """46: an answer with nothing new carries no page; for a rep it is small."""
    news = answer.outcomes or answer.drop or any(page.begin or bytes(page.rows) != b"\x90" for page in answer.pages)
    if news or turn.request.cursor == b"":
        return
    counts["46 an empty pull is small"] += 1
    need(not answer.pages or not answer.consistent, "46 an empty pull is small", "empty pages are sent")
    common = len(turn.after.scopes_of(turn.after.actor(turn.line_no), turn.request.tiles)) <= COMMON_SCOPES_MAX
    size_bytes = len(ENCODER.encode(answer))
    need(not common or size_bytes <= EMPTY_BYTES_MAX, "46 an empty pull is small", f"{size_bytes} bytes for nothing")


def customer_of(turn: Turn, key: Key) -> bytes | None:
    """The customer of a record, as it stands or stood; None where no customer is concerned."""
    held = _stood(turn, key)
    hold = BY_NUMBER[key[0]].hold if held is not None else None
    return getattr(held.record, hold.slot) if held is not None and isinstance(hold, OfFamily) else None


def _stood(turn: Turn, key: Key) -> Held | None:
    return turn.after.records.get(key) or turn.before.records.get(key)


def follows(store: Store, user: User, customer_id: bytes | None) -> bool:
    """Whether the user, or somebody who reports to him, owns the customer or follows it up."""
    people = {user.id, *user.report_ids}
    standing = store.records.get((STANDING, customer_id)) if customer_id is not None else None
    if standing is not None and getattr(standing.record, "owner_id", None) in people:
        return True
    number = BY_NAME["collaborator"].number
    shared = (held.record for (entity, _), held in store.records.items() if entity == number)
    return any(getattr(one, "customer_id", None) == customer_id and getattr(one, "user_id", None) in people for one in shared)


def _followed(turn: Turn, user: User, customer_id: bytes | None) -> bool:
    """Whether he follows the customer up before this request, after it, or came to hold it meanwhile."""
    fresh = turn.after.events[len(turn.before.events) :]
    between = any(event.customer_id == customer_id and event.owner_id == user.id for event in fresh)
    return between or follows(turn.before, user, customer_id) or follows(turn.after, user, customer_id)


def _held_once(store: Store, user: User, customer_id: bytes) -> bool:
    return any(event.customer_id == customer_id and event.owner_id == user.id for event in store.events)
