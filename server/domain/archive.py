"""The archive: the desk takes a customer out of work, with a reason, and brings it back to a user or into a pool (D-164 to D-168)."""

import hashlib
from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from server.domain import hold_ends, ownership, pool_fit, pools
from server.domain.access import is_archived
from server.domain.feature import Feature, Listing, Verb
from server.domain.needs import Asking, Need, Rows
from shared_schema.notices import Language, Texts, Words
from shared_schema.problem import Code, Problem
from shared_schema.records.archival import Archival, ArchivalState, ArchiveCustomer, UnarchiveCustomer
from shared_schema.records.base import Record
from shared_schema.records.customer import Customer, Moved, Standing
from shared_schema.records.pool import PoolCard
from shared_schema.records.reference import Person
from sync.heard import Heard
from sync.rules import Actor, Entered
from sync.state import State


def to_archive(asking: Asking, asked: ArchiveCustomer | UnarchiveCustomer) -> Iterable[Need]:
    """The customer as for any move; and the user or the pool to which it comes."""
    yield from ownership.to_move(asking, asked)
    if isinstance(asked, UnarchiveCustomer) and asked.to_user_id is not None:
        yield Rows(Person, frozenset({asked.to_user_id}))
    if isinstance(asked, UnarchiveCustomer):
        yield from pool_fit.to_choose(asked)


# into the archive


def archive(actor: Actor, state: State, asked: ArchiveCustomer, entered: Entered) -> tuple[Record, ...]:
    """Nobody's and in no pool from now on (D-164); every collaboration ended. Archived already, nothing changes.

    Raises Problem(out_of_scope | stale_epoch | rule_broken).
    """
    standing = ownership.disposed(actor, state, asked.customer_id)
    if is_archived(standing):
        return ()
    ownership.same_epoch(standing, asked.epoch)
    if not asked.reason.strip():
        raise Problem(Code.rule_broken, "say why: those who followed the customer up read it", field="reason")
    customer, now_ms = state.find(Customer, standing.id), entered.moment.now_ms
    left = pools.left_by_owner(standing, now_ms)
    kept = replace(left, owner_id=None, pool_id=None, epoch=standing.epoch + 1, owned_since_ms=0)
    _tell_followers(actor, state, kept, asked)
    pools.end_collaborations(state, standing.id)
    pools.happened(state, actor, kept, "archived", entered, asked.reason)
    made = Archival(
        _archival_id(kept), 0, standing.id, actor.user_id, now_ms, standing.owner_id, reason=asked.reason, epoch=kept.epoch,
        customer_name=customer.name if customer is not None else "", customer_city=customer.city if customer is not None else "",
    )  # fmt: skip
    known = state.find(PoolCard, standing.id)
    ended = hold_ends.by_desk(actor, state, standing.id, now_ms)
    return (kept, made, *ended, pools.withdrawn(known, kept)) if known is not None and known.pooled else (kept, made)


def _archival_id(standing: Standing) -> bytes:
    """The epoch makes each time a record of its own."""
    return hashlib.sha256(b"archival:" + pools.happening(standing)).digest()[:16]


def _tell_followers(actor: Actor, state: State, kept: Standing, asked: ArchiveCustomer) -> None:
    """Every user who followed the customer up hears it, except the user who archived it."""
    customer, person = state.find(Customer, kept.id), state.find(Person, actor.user_id)
    facts = {"customer": customer.name if customer is not None else "", "actor": person.name if person is not None else ""}
    for user_id in sorted(state.holders(kept.id) - {actor.user_id}):
        state.notices.append(Heard("archived", user_id, pools.happening(kept), {**facts, "reason": asked.reason}, kept.id))


# and back


def unarchive(actor: Actor, state: State, asked: UnarchiveCustomer, entered: Entered) -> tuple[Record, ...]:
    """A user owns it, or it is in a pool with a card (D-167). Where it is there already, nothing changes.

    Raises Problem(out_of_scope | state_wrong | stale_epoch | rule_broken | not_found).
    """
    standing = ownership.disposed(actor, state, asked.customer_id)
    if (asked.to_user_id is not None) + (asked.pool_id is not None) + asked.pool_by_fit != 1:
        raise Problem(Code.rule_broken, "name a user or a pool, one of the two", field="to_user_id")
    if not is_archived(standing):
        if standing.owner_id == asked.to_user_id and (asked.pool_by_fit or standing.pool_id == asked.pool_id):
            return ()
        raise Problem(Code.state_wrong, "the customer is not archived")
    ownership.same_epoch(standing, asked.epoch)
    now_ms = entered.moment.now_ms
    closed = tuple(
        replace(one, state=ArchivalState.back, back_by_id=actor.user_id, back_ms=now_ms) for one in ownership.archivals(state, standing.id)
    )
    if asked.to_user_id is not None:
        ownership.may_hold(actor, state, asked.to_user_id, "to_user_id")
        owned = replace(standing, owner_id=asked.to_user_id, epoch=standing.epoch + 1, owned_since_ms=now_ms)
        _tell_owner(actor, state, owned, asked.to_user_id)
        pools.happened(state, actor, owned, "unarchived", entered, asked.reason)
        return (owned, *closed)
    customer = state.find(Customer, standing.id)
    pool = pool_fit.chosen(state, customer, asked) if customer is not None else None
    if pool is None or customer is None:
        raise Problem(Code.rule_broken, "there is no such pool", field="pool_id")
    pooled = replace(standing, pool_id=pool.id, epoch=standing.epoch + 1)
    pools.happened(state, actor, pooled, "unarchived", entered, asked.reason)
    return (pooled, *closed, pools.card(customer, pooled, pool, now_ms))


def _tell_owner(actor: Actor, state: State, owned: Standing, user_id: bytes) -> None:
    customer, person = state.find(Customer, owned.id), state.find(Person, actor.user_id)
    if user_id != actor.user_id:
        facts = {"customer": customer.name if customer is not None else "", "actor": person.name if person is not None else ""}
        state.notices.append(Heard("assigned", user_id, pools.happening(owned), facts, owned.id))


NOTICES: Final[Texts] = {
    "archived": {
        Language.en: Words(
            "{customer} was archived",
            "{actor} archived {customer}: nobody follows it up now. Nothing you entered is lost. Reason: {reason}",
            "A customer of yours was archived",
        ),
        Language.zh: Words(
            "客户已归档：{customer}",
            "{actor}已将客户“{customer}”归档，暂无人跟进。你录入的内容均已保留。原因：{reason}",
            "你有一位客户已归档",
        ),
    }
}
FEATURE: Final = Feature(
    verbs=(
        Verb(f"{ownership.PATH}/archive", ArchiveCustomer, Moved, ownership.moved, archive, to_archive),
        Verb(f"{ownership.PATH}/unarchive", UnarchiveCustomer, Moved, ownership.moved, unarchive, to_archive),
    ),
    lists=(
        Listing(
            Archival,
            "List the customers that were archived, the newest first (D-166).",
            filters=("state", "customer_id"),
            newest="archived_ms",
        ),
    ),
    notices=NOTICES,
)
