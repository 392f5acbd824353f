"""What changes scopes: managers move customers, people change teams, removals are forgotten, months pass."""

from collections.abc import Callable
from typing import Final, TypeVar

from msgspec import Struct

from shared_schema.policy import Lane
from shared_schema.records.customer import Collaborate, Collaborator, EndCollaboration, Standing, Transfer
from shared_schema.registry import BY_NAME
from sync.steps import DAY_MS, UNDO_DAYS
from tests.prove import desk
from tests.prove.desk import Expire, HandOver, Regroup
from tests.prove.faults import small_page
from tests.prove.handset import Handset
from tests.prove.history import History
from tests.prove.store import Store, purge

A = TypeVar("A", bound=Struct)

SCOPE_CHANGES: Final = (
    *("created", "transferred", "claimed", "released", "collaborator", "collaborator_ended"),
    *("revoked and granted", "report gained", "report lost", "handed over", "pool closed"),
)
"""What must happen to scopes in a proof: the kinds of ownership events, and what leaves no event of its own."""


def transfer(history: History, _: Handset) -> bool:
    customer_id, user_id = _customer(history), _rep(history)
    return customer_id is not None and at_desk(history, desk.ask, Transfer(customer_id, user_id))


def collaborate(history: History, _: Handset) -> bool:
    customer_id, user_id = _customer(history), _rep(history)
    until_ms = history.now_ms + history.dice.randrange(1, DAY_MS) if history.dice.random() < 0.5 else None
    return customer_id is not None and at_desk(history, desk.ask, Collaborate(customer_id, user_id, until_ms))


def part(history: History, _: Handset) -> bool:
    customer_id, user_id = _customer(history), _rep(history)
    return customer_id is not None and at_desk(history, desk.ask, EndCollaboration(customer_id, user_id))


def expire(history: History, _: Handset) -> bool:
    """A collaboration whose time is over ends; nobody ends one before. Some hours pass."""
    history.now_ms += history.dice.randrange(DAY_MS)
    shared = [held.record for held in history.store.records.values() if isinstance(held.record, Collaborator)]
    if not shared:
        return False
    one = history.dice.choice(sorted(shared, key=lambda one: one.id))
    return at_desk(history, desk.expire, Expire(one.id))


def hand_over(history: History, _: Handset) -> bool:
    """A rep leaves, or stays away for long: another goes on with what is his."""
    leaver_id, to_user_id = history.dice.sample(sorted({phone.user.id for phone in history.handsets[:3]}), 2)
    held = any(isinstance(one.record, Standing) and one.record.owner_id == leaver_id for one in history.store.records.values())
    history.counts["scope handed over"] += held
    return held and at_desk(history, desk.hand_over, HandOver(leaver_id, to_user_id))


def revoke_and_grant(history: History, _: Handset) -> bool:
    """A customer goes away and comes back while nobody looks: as if nothing had happened."""
    customer_id, user_id = _customer(history), _rep(history)
    if customer_id is None:
        return False
    owner_id = next((one.id for one in history.store.users.values() if _owns(history, customer_id, one.id)), None)
    moved = at_desk(history, desk.ask, Transfer(customer_id, user_id))
    back = moved and owner_id is not None and at_desk(history, desk.ask, Transfer(customer_id, owner_id))
    history.counts["scope revoked and granted"] += back
    return back


def _owns(history: History, customer_id: bytes, user_id: bytes) -> bool:
    held = history.store.records.get((BY_NAME["standing"].number, customer_id))
    return held is not None and getattr(held.record, "owner_id", None) == user_id


def at_desk(history: History, service: Callable[[Store, A, int], bool], asked: A) -> bool:
    """The desk does something, in memory and really; whether it was allowed."""
    after = history.store.copy()
    done = service(after, asked, history.now_ms)
    if done:
        history.store = after
    history.side.desk(asked, done, history.now_ms)
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
    away = sorted({phone.user.id for phone in history.handsets[:3]} - history.store.users[manager.id].report_ids)
    rep_id = history.dice.choice(away) if away and history.dice.random() < 0.4 else _rep(history)
    there = rep_id in history.store.users[manager.id].report_ids
    history.counts["scope report lost" if there else "scope report gained"] += 1
    return at_desk(history, desk.regroup, Regroup(rep_id, manager.id, history.elsewhere_id if there else history.team_id))


def purge_removals(history: History, _: Handset) -> bool:
    """Ninety days pass: removals of some scopes are forgotten, their floors rise."""
    after = history.store.copy()
    done = [purge(after, scope, reader) for reader, scope in history.store.scopes.items() if reader.lane != Lane.reference]
    history.store = after
    history.side.purged(history.now_ms)
    return any(done)


def months_pass(history: History, _: Handset) -> bool:
    """Longer than a change can be taken back."""
    history.now_ms += (UNDO_DAYS + 1) * DAY_MS
    return True
