"""Parking, joining and closing: nothing that could not be applied disappears (P-5xx)."""

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

from shared_schema.entity import EXTRA, EXTRA_PREFIX
from shared_schema.policy import Policy
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Customer
from shared_schema.records.inbox import InboxItem, ItemState, Member, Values
from shared_schema.registry import BY_NUMBER, BY_RECORD
from shared_schema.scalars import EXTRA_KEYS_MAX
from shared_schema.wire import Kind, Mutation
from sync import sets
from sync.access import customer_named, customer_of, family_of, stands
from sync.asked import refused_claim
from sync.awaited import parents
from sync.decode import WHOLE_KINDS, Intent, mine
from sync.merge import GroupChange, read, value_of
from sync.rules import Actor, Holding, Moment, Turn
from sync.state import WHOLE, Held, Key, State

ITEM = BY_RECORD[InboxItem]
EARLIER_MAX = 20
MEMBERS_MAX = 500
"""As many as an atomic group has; later entries have a card of their own."""
EXTENDED = frozenset({Code.conflict, Code.moved, Code.gone})
"""Refusals of which one open card per place is enough: entering again extends it."""


def item_id(actor: Actor, n: int, group: str, again_of: bytes = b"") -> bytes:
    """Id of the item which this mutation opens, or opens again: the same on every try, so a repeated transaction opens one."""
    return hashlib.sha256(f"item:{actor.org_id}:{actor.line_no}:{n}:{group}".encode() + again_of).digest()[:16]


def conflict_members(intent: Intent, held: Held, clashes: Iterable[GroupChange]) -> list[Member]:
    """One member per field group in conflict: the values that stand, and the values that the author wanted."""
    m = intent.mutation
    return [
        Member(m.n, m.kind, m.entity, m.id, c.group, m.bases.get(c.group, 0), held.record.rev, None, {}, c.after, c.before) for c in clashes
    ]


def member(mutation: Mutation, intent: Intent | None, held: Held | None) -> Member:
    """A whole mutation that waits. `held` is the record that stands, None where the author may not see it."""
    entity = BY_NUMBER.get(mutation.entity)
    values: Values = _values(intent) if intent is not None else mine(mutation.body, entity.slots if entity is not None else ())
    theirs = read(held.record, facing(mutation.kind, held, values)) if held is not None else {}
    groups = [group for group in intent.values if group != WHOLE and group not in intent.entity.sets] if intent else []
    base = min((mutation.bases.get(group, 0) for group in groups or mutation.bases), default=0)
    rev = held.record.rev if held is not None else 0
    return Member(mutation.n, mutation.kind, mutation.entity, mutation.id, WHOLE, base, rev, None, {}, values, theirs)


def _values(intent: Intent) -> Values:
    """A command's name and the words that its author gave with it; its other fields are known to the app only."""
    command = intent.command
    if command is None:
        return {slot: sets.plain(value) for group in intent.values.values() for slot, value in group.items()}
    given = {name: getattr(command, name) for name in command.__struct_fields__}
    return {"command": command.__struct_config__.tag, **{name: value for name, value in given.items() if isinstance(value, str) and value}}


def facing(kind: int, held: Held, values: Values) -> Values:
    """Slots to print beside the author's: those that the author named; all of the record for a delete; none for a command."""
    if kind == Kind.command:
        return {}
    if kind != Kind.delete:
        return _known(held, values)
    entity = BY_RECORD[type(held.record)]
    slots = [slot for slot in (*entity.group_of, *entity.sets) if slot != EXTRA]
    return dict.fromkeys([*slots, *(f"{EXTRA_PREFIX}{key}" for key in getattr(held.record, EXTRA, {}))])


def _known(held: Held, values: Values) -> Values:
    """Values whose slots the record has: a refused entry may name any slot."""
    slots = held.record.__struct_fields__
    return {slot: v for slot, v in values.items() if (EXTRA if slot.startswith(EXTRA_PREFIX) else slot) in slots}


def park(turn: Turn, members: Sequence[Member], problem: Problem) -> InboxItem:
    """Open one item for these members, or extend the open item of the same place (P-502)."""
    state, actor, first = turn.state, turn.actor, members[0]
    open_item = _same_place(state, actor, first, problem.code) if len(members) == 1 else None
    if open_item is not None:
        (before,) = open_item.members
        gathered = sets.gathered(before.mine, first.mine)
        latest = msgspec.structs.replace(first, mine=gathered, theirs={**before.theirs, **first.theirs}, base_rev=_base_rev(before, first))
        rev = state.next_rev(open_item.rev)
        item = msgspec.structs.replace(open_item, rev=rev, members=(latest,), earlier=(*open_item.earlier, before))
    else:
        fresh_id = item_id(actor, first.n, first.group, state.again_of)
        item = InboxItem(
            fresh_id, state.next_rev(), actor.user_id, actor.line_no, problem.code.word, ItemState.open,
            turn.moment.now_ms, _customer_id(turn, first), tuple(members), (), problem.field,
            retry_at_ms=problem.retry_at_ms, distance_mm=problem.distance_mm,
        )  # fmt: skip
    state.put(ITEM, Held(item, {}))
    return item


def _base_rev(before: Member, latest: Member) -> int:
    """The base of all that gathers on a card: the lowest, for each value must be safe with it. A change of sets alone has none."""
    sets_alone = BY_NUMBER[latest.entity].sets.keys()
    return min((one.base_rev for one in (before, latest) if not one.mine or one.mine.keys() - sets_alone), default=0)


def _same_place(state: State, actor: Actor, wanted: Member, code: Code) -> InboxItem | None:
    """The newest open card of this line for the same field group, or for the same kind of entry on a record that may not be changed.

    None also where it is full.
    """
    if code not in EXTENDED or wanted.kind not in (Kind.patch, Kind.delete):
        return None
    place = (wanted.kind, wanted.entity, wanted.id, wanted.group)
    found: list[tuple[int, InboxItem]] = []
    for item in state.open_items.values():
        if len(item.members) == 1 and item.line_no == actor.line_no and item.code == code.word:
            (here,) = item.members
            if (here.kind, here.entity, here.id, here.group) == place:
                found.append((here.n, item))
    _, newest = max(found, key=lambda one: one[0], default=(0, None))
    return newest if newest is not None and _has_room(newest, wanted) else None


def _has_room(item: InboxItem, wanted: Member) -> bool:
    """One mutation must be able to enter all values that gather on a card (P-503)."""
    both = sets.gathered(item.members[0].mine, wanted.mine)
    extra = sum(slot.startswith(EXTRA_PREFIX) for slot in both)
    return len(item.earlier) < EARLIER_MAX and extra <= EXTRA_KEYS_MAX and sets.fits(both)


def _customer_id(turn: Turn, first: Member) -> bytes | None:
    """The customer a card is about. None if its holder never followed it up: a card must not say to whom an id belongs (P-424)."""
    held = turn.state.held.get((first.entity, first.id))
    if held is not None and isinstance(held.record, InboxItem) and held.record.holder_id != turn.actor.user_id:
        return None  # somebody else's card, whose id can be computed: the answer does not even tell whether there is one
    found = customer_named(first.entity, first.mine) if held is None else customer_of(BY_NUMBER[first.entity], held.record)
    known = found is not None and turn.rules.holding(turn.actor, turn.state, found) != Holding.none
    return found if known else None


def waiting_for(turn: Turn, intent: Intent) -> InboxItem | None:
    """The open item in which the create of this mutation's record, or of its parent, is parked: the mutation joins it (P-505). A record at
    a customer that the author claimed in vain, and does not hold, joins the claim (P-513).

    A create entered anew, or a restore, does not wait for its own parked try. No entry waits for a record that exists by now.
    """
    state, actor = turn.state, turn.actor
    own = () if intent.mutation.kind in WHOLE_KINDS else ((intent.entity.number, intent.mutation.id),)
    for key in (*own, *parents(intent.entity.number, intent.values.get(WHOLE, {}))):
        item = _parked_create(state, actor, key)
        if item is not None and len(item.members) < MEMBERS_MAX:
            return item
    claim = refused_claim(state, actor, intent)
    if claim is None or len(claim.members) >= MEMBERS_MAX:
        return None
    holding = stands(turn.rules, actor, state, intent.entity, intent.values[WHOLE].get)
    return claim if holding == Holding.none else None


def _parked_create(state: State, actor: Actor, key: Key) -> InboxItem | None:
    """Of several tries the newest: it bears the author's wish of now, wherever a batch ends."""
    if key in state.held:
        return None
    cards = (state.open_items[one] for one in state.parked_creates.get((actor.user_id, key), ()))
    tries = [card for card in cards if card.line_no == actor.line_no]  # a card names its entries by number, so all are of one line
    return max(tries, key=lambda item: (item.created_ms, item.members[0].n, item.id), default=None)


def join(state: State, item: InboxItem, joining: Member) -> InboxItem:
    """Add a mutation to the item that waits for its record."""
    joined = msgspec.structs.replace(item, rev=state.next_rev(item.rev), members=(*item.members, joining))
    state.put(ITEM, Held(joined, {}))
    return joined


def close_met(state: State, key: Key, decided_by: Actor, bases: dict[str, int], moment: Moment) -> None:
    """After a record changed, close items that no longer ask: the values met, or the holder decided anew (P-506)."""
    for item in list(state.open_items.values()):
        if any((one.entity, one.id) == key for one in item.members):
            own = item.holder_id == decided_by.user_id
            if (own and _decided(item, bases)) or (_may_meet(state, item, key, decided_by) and _met(item, state)):
                close(state, item, ItemState.used_mine if own else ItemState.met, moment)


def _may_meet(state: State, item: InboxItem, key: Key, decided_by: Actor) -> bool:
    """Whether the holder may see every record that would have to stand. By closing, a card tells how these records stand, and it must tell
    nothing else.

    The holder has seen a record that the holder just changed.
    """
    own = item.holder_id == decided_by.user_id
    holder = decided_by if own else state.people.get(item.holder_id)
    people = frozenset({item.holder_id}) | (holder.report_ids if holder is not None else frozenset())
    others = {(one.entity, one.id) for one in item.members} - ({key} if own else set())
    return (own or item.customer_id is not None) and all(_sees(state, people, item.holder_id, each) for each in others)


def _sees(state: State, people: frozenset[bytes], holder_id: bytes, key: Key) -> bool:
    """Whether one of these users follows up the record's customer, or the holder entered this fact."""
    held = state.held.get(key)
    if held is None:  # so is every entry of a kind that nobody knows
        customer_id = state.tombstone_customers.get(key)
    else:
        entity = BY_NUMBER[key[0]]
        if entity.policy == Policy.fact and entity.author is not None and getattr(held.record, entity.author) == holder_id:
            return True
        customer_id = family_of(entity, held.record)
    return customer_id is not None and not state.holders(customer_id).isdisjoint(people)


def _decided(item: InboxItem, bases: dict[str, int]) -> bool:
    """The holder wrote this field group again, having seen the values that stand on the card."""
    (one, *more) = item.members
    return not more and one.group in bases and one.kind != Kind.delete and bases[one.group] >= one.their_rev


def _met(item: InboxItem, state: State) -> bool:
    """Whether all that waits stands: the last value of each slot, or the deletion. A command never meets anything."""
    if any(one.kind == Kind.command for one in item.members):
        return False
    wanted: dict[Key, Values] = {}
    for one in item.members:
        key = (one.entity, one.id)
        wanted[key] = sets.gathered(wanted.get(key, {}), one.mine)
    deleted = {(one.entity, one.id) for one in item.members if one.kind == Kind.delete}
    return all(key in state.tombstones if key in deleted else _stands(state.held.get(key), mine) for key, mine in wanted.items())


def _stands(held: Held | None, values: Values) -> bool:
    if held is None or not values or len(_known(held, values)) < len(values):
        return False
    return all(sets.stands(value_of(held.record, slot), value) for slot, value in values.items())


def close(state: State, item: InboxItem, how: ItemState, moment: Moment) -> InboxItem:
    """Close an item, and with it the one that was sent up to its holder (P-532); their content stays readable."""
    closed = msgspec.structs.replace(item, rev=state.next_rev(item.rev), state=how, decided_ms=moment.now_ms)
    state.put(ITEM, Held(closed, {}))
    origin = state.find(InboxItem, item.origin_id) if item.origin_id is not None else None
    if origin is not None and origin.state == ItemState.sent:
        close(state, origin, how, moment)
    return closed


def open_item(state: State, actor: Actor, record_id: bytes) -> InboxItem:
    """An open item of the actor's own. Raises Problem(OUT_OF_SCOPE | STATE_WRONG)."""
    held = state.get(ITEM, record_id)
    if held is None or not isinstance(held.record, InboxItem) or held.record.holder_id != actor.user_id:
        raise Problem(Code.out_of_scope, "no such inbox item of yours")
    if held.record.state != ItemState.open:
        raise Problem(Code.state_wrong, f"the item is already {held.record.state.name}")
    return held.record


def facts_of(state: State, item: InboxItem, *, is_holder: bool) -> dict[str, str]:
    """The facts of a notice about an item. It names the customer if the item's holder follows it up now (`is_holder`), else the kind of
    record: a refused entry may name anybody's customer."""
    customer = state.find(Customer, item.customer_id) if is_holder and item.customer_id is not None else None
    entity = BY_NUMBER.get(item.members[0].entity)
    return {"record": customer.name if customer is not None else entity.name if entity else ""}
