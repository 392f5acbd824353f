"""Receivables and the money that pays them: by the document that a payment names, else the oldest first (D-333 to D-335)."""

from collections.abc import Iterable
from typing import Protocol

from msgspec.structs import replace

from server.domain.books import TURN, Allocation, Collection
from server.domain.needs import Beside, Every, InTurn, Rows, Unsettled
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Standing
from shared_schema.records.order import Receivable
from shared_schema.records.reference import Organisation
from sync.state import State


class Loaded(Protocol):
    """What asks for needs: the desk, or an import."""

    @property
    def state(self) -> State:
        """What is loaded so far."""
        ...


Needs = Every | InTurn | Rows
Beyond = Unsettled | Beside | Rows


def to_lock(customer_ids: frozenset[bytes], receivable_ids: frozenset[bytes]) -> Iterable[Needs]:
    """What is locked and known before all else: the turn of the books, the families, the organisation for its currency."""
    yield InTurn(TURN)
    yield Every(Organisation)
    yield Rows(Standing, customer_ids)
    yield Rows(Receivable, receivable_ids)


def to_settle(asking: Loaded, customer_ids: frozenset[bytes], named: frozenset[bytes]) -> Iterable[Beyond]:
    """What is open of these customers on both sides, and what the `named` receivables and collections took and gave."""
    rows = asking.state.beside
    yield Unsettled(Receivable, "customer_id", customer_ids, "open_minor")
    yield Beside(Collection, "customer_id", customer_ids, open="unapplied_minor")
    yield Beside(Collection, "id", named)
    yield Beside(Allocation, "receivable_id", named)
    yield Beside(Allocation, "collection_id", frozenset(one.id for one in rows.every(Collection)))
    yield Beside(Collection, "id", frozenset(one.collection_id for one in rows.every(Allocation, lambda one: one.receivable_id in named)))
    yield Rows(Receivable, frozenset(one.receivable_id for one in rows.every(Allocation, lambda one: one.collection_id in named)))


def owe(state: State, wanted: Receivable) -> str:
    """A receivable as it shall stand, by its amount; how much of it is open follows. Then whatever fits is settled.

    Returns taken, changed or same. Raises Problem(rule_broken) for one of another customer or in another currency than it was.
    """
    known = state.find(Receivable, wanted.id)
    if known is not None and (known.customer_id, known.currency) != (wanted.customer_id, wanted.currency):
        raise Problem(Code.rule_broken, "a receivable keeps its customer and its currency", field="customer")
    paid = known.amount_minor - known.open_minor if known is not None else 0
    if paid > max(wanted.amount_minor, 0):
        _release(state, known, paid - max(wanted.amount_minor, 0))
        paid = max(wanted.amount_minor, 0)
    stands = state.find(Receivable, wanted.id)
    paid_day = stands.paid_day if stands is not None and paid else None
    record = replace(wanted, rev=stands.rev if stands is not None else 0, open_minor=wanted.amount_minor - paid, paid_day=paid_day)
    if record != stands:
        state.write(record)
    settle(state, wanted.customer_id, wanted.currency)
    return "taken" if known is None else "same" if state.find(Receivable, wanted.id) == known else "changed"


def collect(state: State, wanted: Collection) -> str:
    """Money that came: a known collection gives back what it paid and pays anew; then all that fits is settled.

    Returns taken, changed or same. Raises Problem(rule_broken) for one of another customer or in another currency than it was.
    """
    known = state.beside.find(Collection, wanted.id)
    if known is not None:
        if (known.customer_id, known.currency) != (wanted.customer_id, wanted.currency):
            raise Problem(Code.rule_broken, "a collection keeps its customer and its currency", field="customer")
        if replace(wanted, unapplied_minor=known.unapplied_minor) == known:
            return "same"
        for one in state.beside.every(Allocation, lambda one: one.collection_id == wanted.id):
            _give_back(state, one, one.amount_minor)
    state.beside.put(replace(wanted, unapplied_minor=wanted.amount_minor))
    if wanted.reference:
        for receivable in open_ones(state, wanted.customer_id, wanted.currency):
            if receivable.number == wanted.reference:
                _pay(state, wanted.id, receivable.id)
    settle(state, wanted.customer_id, wanted.currency)
    return "taken" if known is None else "changed"


def settle(state: State, customer_id: bytes, currency: str) -> None:
    """The oldest money pays the oldest receivable, until one of both is used up: money that nothing took stands beside no debt (D-334)."""
    unapplied = state.beside.every(
        Collection, lambda one: one.customer_id == customer_id and one.currency == currency and one.unapplied_minor > 0
    )
    for collection in sorted(unapplied, key=lambda one: (one.day, one.id)):
        for receivable in open_ones(state, customer_id, currency):
            if not _pay(state, collection.id, receivable.id):
                break


def open_ones(state: State, customer_id: bytes, currency: str) -> list[Receivable]:
    """The receivables of a customer of which something is owed, the one that was due first before the others."""
    held = (one.record for one in state.held.values())
    mine = [one for one in held if isinstance(one, Receivable) and (one.customer_id, one.currency) == (customer_id, currency)]
    return sorted((one for one in mine if one.open_minor > 0), key=lambda one: (one.due_day, one.day, one.id))


def _pay(state: State, collection_id: bytes, receivable_id: bytes) -> bool:
    """A collection pays of a receivable what it can; whether it has something left to pay with."""
    collection, receivable = state.beside.find(Collection, collection_id), state.find(Receivable, receivable_id)
    assert collection is not None  # noqa: S101 - both are loaded
    assert receivable is not None  # noqa: S101
    amount = min(collection.unapplied_minor, receivable.open_minor)
    if amount > 0:
        known = state.beside.find(Allocation, collection_id, receivable_id)
        paid = amount + (known.amount_minor if known is not None else 0)
        state.beside.put(Allocation(collection_id, receivable_id, receivable.customer_id, paid))
        state.beside.put(replace(collection, unapplied_minor=collection.unapplied_minor - amount))
        last_day = max(receivable.paid_day or 0, collection.day)
        state.write(replace(receivable, open_minor=receivable.open_minor - amount, paid_day=last_day))
    return collection.unapplied_minor > amount


def _release(state: State, receivable: Receivable | None, excess_minor: int) -> None:
    """A receivable became less than what was paid of it: the latest money comes free first."""
    assert receivable is not None  # noqa: S101 - something was paid of it
    mine = state.beside.every(Allocation, lambda one: one.receivable_id == receivable.id and one.amount_minor > 0)
    days = {one.id: one.day for one in state.beside.every(Collection)}
    for one in sorted(mine, key=lambda one: (days[one.collection_id], one.collection_id), reverse=True):
        amount = min(excess_minor, one.amount_minor)
        _give_back(state, one, amount)
        excess_minor -= amount


def _give_back(state: State, allocation: Allocation, amount_minor: int) -> None:
    collection, receivable = state.beside.find(Collection, allocation.collection_id), state.find(Receivable, allocation.receivable_id)
    assert collection is not None  # noqa: S101 - both are loaded
    assert receivable is not None  # noqa: S101
    if amount_minor == 0:
        return
    state.beside.put(replace(allocation, amount_minor=allocation.amount_minor - amount_minor))
    state.beside.put(replace(collection, unapplied_minor=collection.unapplied_minor + amount_minor))
    open_minor = receivable.open_minor + amount_minor
    state.write(replace(receivable, open_minor=open_minor, paid_day=receivable.paid_day if open_minor < receivable.amount_minor else None))
