"""What changes scopes: managers move customers, people change teams, removals are forgotten."""

from collections.abc import Callable

from shared_schema.policy import Lane
from shared_schema.registry import BY_NAME
from tests.prove import desk
from tests.prove.faults import small_page
from tests.prove.handset import Handset
from tests.prove.history import History
from tests.prove.store import Store, User, purge


def transfer(history: History, _: Handset) -> bool:
    customer_id, user_id = _customer(history), _rep(history)
    return customer_id is not None and _desk(history, lambda store: desk.transfer(store, customer_id, user_id))


def collaborate(history: History, _: Handset) -> bool:
    customer_id, user_id, record_id = _customer(history), _rep(history), history.new_id()
    return customer_id is not None and _desk(history, lambda store: desk.collaborate(store, customer_id, user_id, record_id))


def part(history: History, _: Handset) -> bool:
    customer_id, user_id = _customer(history), _rep(history)
    return customer_id is not None and _desk(history, lambda store: desk.part(store, customer_id, user_id))


def revoke_and_grant(history: History, _: Handset) -> bool:
    """A customer goes away and comes back while nobody looks: as if nothing had happened."""
    customer_id, user_id = _customer(history), _rep(history)
    if customer_id is None:
        return False
    owner_id = next((one.id for one in history.store.users.values() if _owns(history, customer_id, one.id)), None)
    moved = _desk(history, lambda store: desk.transfer(store, customer_id, user_id))
    return moved and owner_id is not None and _desk(history, lambda store: desk.transfer(store, customer_id, owner_id))


def _owns(history: History, customer_id: bytes, user_id: bytes) -> bool:
    held = history.store.records.get((BY_NAME["standing"].number, customer_id))
    return held is not None and getattr(held.record, "owner_id", None) == user_id


def _desk(history: History, service: Callable[[Store], bool]) -> bool:
    after = history.store.copy()
    done = service(after)
    if done:
        history.store = after
    return done


def _customer(history: History) -> bytes | None:
    found = [key[1] for key in history.store.records if key[0] == BY_NAME["customer"].number]
    return history.dice.choice(found) if found else None


def _rep(history: History) -> bytes:
    return history.dice.choice(history.handsets[:3]).user.id


def regroup(history: History, _: Handset) -> bool:
    """A rep leaves the manager's team or joins it: whole scopes go from the manager's phone, or come."""
    manager = history.handsets[3].user
    if history.dice.random() < 0.3:
        purge_removals(history, history.handsets[3])
        small_page(history, history.handsets[3])
    after = history.store.copy()
    rep_id = _rep(history)
    report_ids = after.users[manager.id].report_ids ^ {rep_id}
    after.users[manager.id] = User(manager.id, manager.role, report_ids)
    history.store = after
    return True


def purge_removals(history: History, _: Handset) -> bool:
    """Ninety days pass: removals of some scopes are forgotten, their floors rise."""
    after = history.store.copy()
    done = [purge(after, scope, reader) for reader, scope in history.store.scopes.items() if reader[1] != Lane.reference]
    history.store = after
    return any(done)
