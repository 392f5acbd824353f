"""What names a record that the server did not know, or that was foreign, is carried out when it comes to its author: after a restore the
order of devices does not matter (41). Judged at the end, from records and ownership alone. Raises Break."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from shared_schema.problem import Code
from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.inbox import InboxItem, ItemState, Member
from shared_schema.records.quote import Quote, QuoteLine
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME, BY_NUMBER, BY_RECORD
from shared_schema.wire import Kind
from tests.prove.rights import follows
from tests.prove.store import Store
from tests.prove.watch import need

ORDER: Final = "41 the order of devices does not matter"
CUSTOMER: Final = BY_NAME["customer"].number
FACTS: Final = frozenset(BY_RECORD[record].number for record in (Visit, ContactLog))


def judge(store: Store, counts: Counter[str]) -> None:
    """No open card waits for what is there by now, and is its author's."""
    for held in store.records.values():
        item = held.record
        if isinstance(item, InboxItem) and item.state == ItemState.judged_anew and item.code != Code.moved.word:
            counts[ORDER] += 1
            _tells_its_author_alone(store, item)
        if isinstance(item, InboxItem) and item.state == ItemState.open and _waits(item):
            need(
                not _could_be_entered(store, item),
                ORDER,
                f"{item.code}, n {item.members[0].n}: all that it names is there, and its author's",
            )


def _tells_its_author_alone(store: Store, item: InboxItem) -> None:
    """Who never held the customer does not hear by his card that what he named is there (P-424)."""
    made = {(one.entity, one.id): one for one in item.members}
    customer_ids = {_customer_of(store, made, key) for one in item.members for key in _named(one)} - {None}
    held = {event.customer_id for event in store.events if event.owner_id == item.holder_id}
    rep = store.users[item.holder_id].role is Role.rep
    need(not rep or customer_ids <= held, "19 nothing foreign", f"the card of n {item.members[0].n} tells that a foreign record has come")


def _waits(item: InboxItem) -> bool:
    """A card of one's own, of edits alone, that was refused because of what it names."""
    commands = any(one.kind == Kind.command for one in item.members)
    return not commands and item.origin_id is None and item.code in (Code.out_of_scope.word, Code.rule_broken.word)


def _could_be_entered(store: Store, item: InboxItem) -> bool:
    """Whether everything stands of which the card speaks, at one customer whom its author follows up."""
    entered = (*item.earlier, *item.members)
    made = {(one.entity, one.id): one for one in entered if one.kind == Kind.create}
    found: set[bytes | None] = set()
    for one in entered:
        if one.entity not in BY_NUMBER or not BY_NUMBER[one.entity].in_family:
            return False
        found |= {_customer_of(store, made, key) for key in _named(one)}
        if item.code == Code.rule_broken.word and not _keeps_the_rules(store, item, one, made):
            return False
    (customer_id, *others) = found
    return customer_id is not None and not others and _is_mine(store, item, customer_id)


def _named(one: Member) -> Iterator[tuple[int, bytes]]:
    yield one.entity, one.id
    for slot, number in (("customer_id", CUSTOMER), ("quote_id", BY_RECORD[Quote].number), ("amends_id", one.entity)):
        if isinstance(one.mine.get(slot), bytes):
            yield number, one.mine[slot]


def _customer_of(store: Store, made: dict[tuple[int, bytes], Member], key: tuple[int, bytes]) -> bytes | None:
    """Of what stands, or of what the card makes itself; None where nobody knows."""
    held = store.records.get(key)
    if held is not None:
        return getattr(held.record, "customer_id", held.record.id)
    return made[key].mine.get("customer_id") if key in made else None


def _keeps_the_rules(store: Store, item: InboxItem, one: Member, made: dict[tuple[int, bytes], Member]) -> bool:
    """Of a broken rule only that is judged which asks whether something is there: what is corrected, and the quote of a line."""
    if one.entity == BY_RECORD[QuoteLine].number:
        held = store.records.get((BY_RECORD[Quote].number, one.mine.get("quote_id") or b""))
        return held is not None and one.kind == Kind.create
    first = store.records.get((one.entity, one.mine.get("amends_id") or b""))
    told = first.record if first is not None else None
    return isinstance(told, (Visit, ContactLog)) and told.author_id == item.holder_id and told.amends_id is None


def _is_mine(store: Store, item: InboxItem, customer_id: bytes) -> bool:
    """Whether the card's author follows the customer up. Who joined a manager's team since the card was opened is no move."""
    holder = store.users[item.holder_id]
    alone = holder._replace(report_ids=frozenset())
    led = holder if holder.role is Role.manager and item.created_ms > store.regrouped_ms else alone
    return follows(store, led, customer_id)
