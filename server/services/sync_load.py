"""Load the state which a batch folds into: families locked in order, then one query per entity."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from server.domain.quotes import counter_key
from server.domain.samples import count_id
from server.domain.team import receipt_id
from server.services import handing, returns
from server.services.actors import superiors
from server.store import families, history, load, open_items
from shared_schema.records.customer import Standing
from shared_schema.records.inbox import InboxItem
from shared_schema.records.quote import Quote, QuoteLine
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME, EXTRA, Entity
from shared_schema.scalars import WIRE_INTEGER_MAX
from shared_schema.wire import Kind, Mutation
from sync.awaited import awaited
from sync.decode import WHOLE_KINDS
from sync.fold import Sent
from sync.quotes import copied_id
from sync.rules import Actor
from sync.state import Key, State

INBOX = BY_NAME["inbox_item"]
LINE = BY_NAME["quote_line"]
QUOTE = BY_NAME["quote"]
NOTE = BY_NAME["team_note"]
RECEIPT = BY_NAME["receipt"]
MOVED_BY_COMMAND = frozenset({BY_NAME["standing"].number, BY_NAME["pool_card"].number})
"""A claim is on a pool card, a release on a standing; both bear the customer's id."""


def load_state(conn: sa.Connection, actor: Actor, batch: Sequence[Sent], rev_floor: int, now_ms: int) -> State:
    """Lock what the batch touches, then read it."""
    state = State(rev_floor)
    ids = families.named(batch)
    parents = families.parents(batch)
    sent_up = families.commanded(batch, b"send_to_manager").get(INBOX, set())
    _add(ids, handing.records_in(conn, actor.org_id, sent_up))
    _notes(ids, parents["amends_id"], actor)
    about = {one for found in (*ids.values(), *parents.values()) for one in found}
    waits = open_items.about(conn, actor.org_id, about)
    away = open_items.moved_with(waits, actor.user_id) | families.of_deleted(conn, actor.org_id, batch)
    _add(ids, handing.records_of(open_items.beside(waits)))
    customers = families.families(conn, actor.org_id, ids, parents["customer_id"] | away)
    families.lock_pools(conn, actor.org_id, families.pools_entered(batch))
    customers = families.lock(conn, actor.org_id, customers)
    _lock_own(conn, actor, ids, waits)
    load.standings(conn, state, actor.org_id, customers)
    load.by_ids(conn, state, actor.org_id, BY_NAME["customer"], customers)
    load.former(conn, state, actor.org_id, actor.user_id, _not_held(state, actor, customers))
    for entity in sorted(ids, key=lambda entity: entity.number):
        if entity.name not in ("customer", "standing"):
            load.by_ids(conn, state, actor.org_id, entity, ids[entity])
    _facts(conn, state, actor, batch, parents["amends_id"])
    _quotes(conn, state, actor, ids, parents["quote_id"])
    _revisions(conn, state, actor, batch, ids)
    if _needs_reference(batch):
        load.reference(conn, state, actor.org_id)
    if _of_kind(batch, Kind.command, QUOTE.number):
        _decisions(conn, state, actor, now_ms)
    found = open_items.naming(conn, state, actor.org_id, (actor.user_id, customers), about, _may_come(state, ids))
    if sent_up:
        state.above[actor.user_id] = handing.above(conn, actor.org_id, actor.user_id)
    load.contributions(conn, state, actor.org_id, away)
    state.people[actor.user_id] = actor
    found += _moves(conn, state, actor, batch)
    _returns(conn, state, actor, batch, found)
    handing.load_origins(conn, state, actor.org_id)
    load.tombstones(conn, state, actor, {(entity.number, one) for entity, found in ids.items() for one in found})
    state.changed_ms.update(history.last_changes(conn, actor.org_id, _undone(batch)))
    return state


def bare_state(actor: Actor, rev_floor: int) -> State:
    """A state for what must be refused whatever it names: nothing is read that could fail again."""
    state = State(rev_floor)
    state.people[actor.user_id] = actor
    return state


def _lock_own(conn: sa.Connection, actor: Actor, ids: Mapping[Entity, set[bytes]], waits: Sequence[InboxItem]) -> None:
    """Lock the cards and receipts that the batch names, and cards of the actor's which it may join while somebody judges them anew."""
    joined = {item.id for item in waits if item.holder_id == actor.user_id and awaited(item)}
    families.lock_rows(conn, actor.org_id, INBOX, joined | ids.get(INBOX, set()))
    families.lock_rows(conn, actor.org_id, RECEIPT, ids.get(RECEIPT, ()))


def _add(ids: dict[Entity, set[bytes]], more: Mapping[Entity, set[bytes]]) -> None:
    for entity, found in more.items():
        ids.setdefault(entity, set()).update(found)


def _undone(batch: Sequence[Sent]) -> set[Key]:
    """Records of which a change is taken back."""
    return {(sent.mutation.entity, sent.mutation.id) for sent in _of_kind(batch, Kind.undo) if sent.mutation is not None}


def _decisions(conn: sa.Connection, state: State, actor: Actor, now_ms: int) -> None:
    """Who stands above a manager who decides, and the counter of the numbers of quotes."""
    if actor.role is Role.manager:
        state.superiors = superiors(conn, actor)
    load.lock_counter(conn, state, actor.org_id, counter_key(now_ms, state.organisation.time_zone))


def _facts(conn: sa.Connection, state: State, actor: Actor, batch: Sequence[Sent], amended: set[bytes]) -> None:
    """The facts which others in the batch correct, and the totals which sample entries move."""
    for name in ("visit", "contact_log"):
        load.by_ids(conn, state, actor.org_id, BY_NAME[name], amended)
    counts = {count_id(customer_id, product_id) for customer_id, product_id in families.ledger_places(batch)}
    load.by_ids(conn, state, actor.org_id, BY_NAME["sample_count"], counts)


def _of_kind(batch: Sequence[Sent], kind: Kind, entity: int | None = None) -> list[Sent]:
    """Mutations of one kind, on records of one entity or of any."""
    of_kind = [sent for sent in batch if sent.mutation is not None and sent.mutation.kind == kind]
    return [sent for sent in of_kind if sent.mutation is not None and entity in (None, sent.mutation.entity)]


def _notes(ids: dict[Entity, set[bytes]], amended: set[bytes], actor: Actor) -> None:
    """Notes that are amended, and the actor's receipts of every note that the batch names."""
    if amended:
        ids.setdefault(NOTE, set()).update(amended)
    if NOTE in ids:
        ids.setdefault(RECEIPT, set()).update(receipt_id(note_id, actor.user_id) for note_id in ids[NOTE])


def _may_come(state: State, ids: Mapping[Entity, set[bytes]]) -> set[bytes]:
    """Records that the batch names and that are not there: it may make them."""
    return {one for entity, found in ids.items() for one in found if (entity.number, one) not in state.held}


def _moves(conn: sa.Connection, state: State, actor: Actor, batch: Sequence[Sent]) -> list[InboxItem]:
    """Commands by which customers change hands need the whole family, the pools, and what earlier commands led to; what waits for them."""
    commands = [one.mutation for one in batch if one.mutation is not None and one.mutation.kind == Kind.command]
    moving = {one.id for one in commands if one.entity in MOVED_BY_COMMAND}
    if not moving:
        return []
    load.family(conn, state, actor.org_id, moving)
    given = [families.fields(one) for one in commands if one.id in moving]
    load.pools(conn, state, actor.org_id)
    load.reference(conn, state, actor.org_id)
    load.epochs_after(conn, state, actor.org_id, actor.line_no, {one["after"] for one in given if _is_number(one.get("after"))})
    return returns.of_moved(conn, state, actor.org_id, moving)


def _returns(conn: sa.Connection, state: State, actor: Actor, batch: Sequence[Sent], found: Sequence[InboxItem]) -> None:
    """Cards that wait for what the batch makes or moves, with the families of what it makes (P-512)."""
    if not found:
        return
    making = [one.mutation for one in batch if one.mutation is not None and one.mutation.kind != Kind.command]
    homes = {_home(one) for one in making if one.kind in WHOLE_KINDS}
    quotes = (state.find(Quote, one.mutation.id) for one in _of_kind(batch, Kind.command, QUOTE.number) if one.mutation is not None)
    load.family(conn, state, actor.org_id, homes.union(one.customer_id for one in quotes if one is not None))
    holders = (state.holders(standing.record.id) for standing in state.held.values() if isinstance(standing.record, Standing))
    returns.load_waiting(conn, state, actor.org_id, found, frozenset({actor.user_id}).union(*holders))


def _home(making: Mutation) -> bytes:
    """The customer at whom a record is made: the one that it names, or itself; read loosely, as everything before the fold."""
    named = families.fields(making).get("customer_id")
    return named if isinstance(named, bytes) and len(named) == len(making.id) else making.id


def _is_number(value: object) -> bool:
    """Whether a database takes this for the number of a mutation; the fold refuses what is none."""
    return type(value) is int and 0 < value <= WIRE_INTEGER_MAX


def _not_held(state: State, actor: Actor, customers: set[bytes]) -> set[bytes]:
    """Customers for which only the past can speak for the actor."""
    standings = {customer_id: state.standing(customer_id) for customer_id in customers}
    return {customer_id for customer_id, standing in standings.items() if standing is not None and standing.owner_id != actor.user_id}


def _quotes(conn: sa.Connection, state: State, actor: Actor, ids: dict[Entity, set[bytes]], named: set[bytes]) -> None:
    """Quotes of the lines in the batch, and every line of the quotes in it: totals are sums."""
    of_lines = {line.quote_id for line in (state.find(QuoteLine, one) for one in ids.get(LINE, ())) if line is not None}
    quotes = ids.get(QUOTE, set()) | named | of_lines
    load.by_ids(conn, state, actor.org_id, QUOTE, quotes - ids.get(QUOTE, set()))
    load.quote_lines(conn, state, actor.org_id, quotes)


def _revisions(conn: sa.Connection, state: State, actor: Actor, batch: Sequence[Sent], ids: dict[Entity, set[bytes]]) -> None:
    """Quotes that are superseded when their revision is approved, and whether the ids which a revision gives are free."""
    revised: set[bytes] = set()
    copies: set[bytes] = set()
    for sent in _of_kind(batch, Kind.command, QUOTE.number):
        quote_id = sent.mutation.id if sent.mutation is not None else b""
        quote = state.find(Quote, quote_id)
        revised |= {quote.revises_id} if quote is not None and quote.revises_id is not None else set()
        copies |= {copied_id(new_id, line.id) for new_id in families.new_quotes(sent) for line in state.lines(quote_id)}
    load.by_ids(conn, state, actor.org_id, QUOTE, revised - ids.get(QUOTE, set()))
    load.by_ids(conn, state, actor.org_id, LINE, copies - ids.get(LINE, set()))
    if copies:
        ids.setdefault(LINE, set()).update(copies)


def _needs_reference(batch: Sequence[Sent]) -> bool:
    """Quotes ask for the organisation's way of pricing; custom fields for their definitions."""
    numbers = {LINE.number, QUOTE.number}
    return any(
        sent.mutation is not None and (sent.mutation.entity in numbers or EXTRA.encode() in bytes(sent.mutation.body)) for sent in batch
    )
