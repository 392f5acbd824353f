"""The desk's decisions about the holders of a customer: transfer, a pool, collaboration and its end (docs/domain.md, D-107, D-108,
D-125)."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from server.domain import pools
from server.domain.access import FIELD_ROLES
from server.domain.feature import LEADERS, Feature, Job, Verb
from server.domain.needs import Asking, Entering, Every, Leavers, Need, Rows, Whole
from server.domain.tree import parents_of
from shared_schema.notices import Language, Texts, Words
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Record
from shared_schema.records.customer import (
    Collaborate,
    Collaborator,
    Customer,
    EndCollaboration,
    GiveToPool,
    Moved,
    Release,
    Standing,
    Transfer,
)
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.records.reference import Department, Person, Role
from sync.rules import Actor, Entered
from sync.state import Heard, OwnershipEvent, State

Of = Transfer | Collaborate | EndCollaboration | GiveToPool
"""The needs of a request of the desk about one customer."""


class Event(msgspec.Struct, frozen=True):
    """An event of a standing, the user concerned, and the reason in words."""

    kind: str
    user_id: bytes
    reason: str = ""


# the needs


def to_move(asking: Asking, asked: Of) -> Iterable[Need]:
    """The whole family, the people concerned, and the departments that tell the members of each pool."""
    yield from (Whole(asked.customer_id), Every(Pool), Every(Department), Leavers())
    yield Rows(Person, frozenset({asking.actor.user_id, *_people(asked)}))
    if isinstance(asked, GiveToPool):
        yield Entering(asked.pool_id)


def to_end(_asking: Asking, due: Collaborator) -> Iterable[Need]:
    """The whole family."""
    yield Whole(due.customer_id)


def _people(asked: Of) -> set[bytes]:
    match asked:
        case Transfer(to_user_id=user_id) | Collaborate(user_id=user_id):
            return {user_id}
    return set()


# the desk's requests


def transfer(actor: Actor, state: State, asked: Transfer, entered: Entered) -> tuple[Record, ...]:
    """Another user becomes the owner, also of a pooled customer. Raises Problem(out_of_scope | not_found | stale_epoch | state_wrong)."""
    standing = _standing(actor, state, asked.customer_id)
    if asked.epoch is not None and asked.epoch != standing.epoch:
        raise Problem(Code.stale_epoch, f"the customer's standing is at epoch {standing.epoch} by now")
    may_hold(actor, state, asked.to_user_id, "to_user_id")
    if standing.owner_id == asked.to_user_id:
        raise Problem(Code.state_wrong, "this user owns the customer already")
    return transferred(actor, state, standing, asked, entered)


def transferred(actor: Actor, state: State, standing: Standing, asked: Transfer, entered: Entered) -> tuple[Record, ...]:
    """The new standing, and the card that leaves its tile. The users who gain and the users who lose the customer are told."""
    owned = msgspec.structs.replace(standing, owner_id=asked.to_user_id, pool_id=None, owned_since_ms=entered.moment.now_ms)
    after = _next(actor, state, owned, Event("transferred", asked.to_user_id, asked.reason))
    known = state.find(PoolCard, standing.id)
    pools.end_collaborations(state, asked.customer_id, {asked.to_user_id})
    _tell(actor, state, standing.owner_id, after, asked)
    return (after, pools.withdrawn(known, after)) if known is not None and known.pooled else (after,)


def give_to_pool(actor: Actor, state: State, asked: GiveToPool, entered: Entered) -> tuple[Record, ...]:
    """As by phone (D-125). Raises Problem(out_of_scope | stale_epoch | state_wrong | rule_broken | forbidden)."""
    standing = _standing(actor, state, asked.customer_id)
    return pools.release(_with_leavers(actor, state), state, standing, Release(asked.pool_id, asked.epoch, None, asked.reason), entered)


def collaborate(actor: Actor, state: State, asked: Collaborate, entered: Entered) -> tuple[Record, ...]:
    """Another user follows the customer up too; the family enters this user's scopes. Raises Problem(out_of_scope | state_wrong |
    rule_broken)."""
    standing = _standing(actor, state, asked.customer_id)
    may_hold(actor, state, asked.user_id, "user_id")
    if standing.owner_id is None:
        raise Problem(Code.state_wrong, "a pooled customer has no collaborators")
    if asked.user_id in state.holders(asked.customer_id):
        raise Problem(Code.state_wrong, "this user follows up the customer already")
    if asked.until_ms is not None and asked.until_ms <= entered.moment.now_ms:
        raise Problem(Code.rule_broken, "the end of a collaboration lies in the future", field="until_ms")
    after = _next(actor, state, standing, Event("collaborator", asked.user_id))
    return after, Collaborator(collaborator_id(after, asked.user_id), 0, asked.customer_id, asked.user_id, asked.until_ms)


def collaborator_id(standing: Standing, user_id: bytes) -> bytes:
    """Id of a collaboration: the epoch at which it begins makes it one of its own."""
    return hashlib.sha256(b"collaborator:" + pools.happening(standing) + user_id).digest()[:16]


def end_collaboration(actor: Actor, state: State, asked: EndCollaboration, _entered: Entered) -> tuple[Record, ...]:
    """End the collaboration of any user on the actor's customers, of the actor's users on any. Raises Problem(out_of_scope |
    state_wrong)."""
    collaborates = asked.user_id in state.collaborators.get(asked.customer_id, frozenset())
    known = state.standing(asked.customer_id) if collaborates and _leads(actor, state, asked.user_id) else None
    standing = known if known is not None else _standing(actor, state, asked.customer_id)
    if not collaborates:
        raise Problem(Code.state_wrong, "this user is no collaborator of the customer")
    return _ended(actor, state, standing, asked.user_id)


def expired(actor: Actor, state: State, due: Collaborator, _entered: Entered) -> tuple[Record, ...]:
    """The time of a collaboration is over (D-108)."""
    standing = state.standing(due.customer_id)
    return _ended(actor, state, standing, due.user_id) if standing is not None else ()


def _ended(actor: Actor, state: State, standing: Standing, user_id: bytes) -> tuple[Record, ...]:
    pools.end_collaborations(state, standing.id, {user_id})
    return (_next(actor, state, standing, Event("collaborator_ended", user_id)),)


def moved(state: State, asked: Of, counts: Mapping[str, int]) -> Moved:
    """The desk's answer: the epoch to which the customer came, and how many records of each kind changed for somebody."""
    standing = state.standing(asked.customer_id)
    return Moved(epoch=standing.epoch if standing is not None else 0, moved=dict(counts))


# the rights


def _standing(actor: Actor, state: State, customer_id: bytes) -> Standing:
    """The standing, if the actor may dispose of it: the actor's own or a report's customer, one in a pool of the actor's; an admin of
    any (D-107)."""
    standing = state.standing(customer_id)
    if standing is None or not _disposes(actor, state, standing):
        raise Problem(Code.out_of_scope, "not a customer of yours or of your reps")
    return standing


def _disposes(actor: Actor, state: State, standing: Standing) -> bool:
    if actor.role is Role.admin:
        return True
    if standing.owner_id is not None:
        return _leads(actor, state, standing.owner_id)
    pool = state.find(Pool, standing.pool_id) if standing.pool_id is not None else None
    return pool is not None and pools.is_member(pool, actor, parents_of(state))


def _leads(actor: Actor, state: State, user_id: bytes) -> bool:
    return user_id == actor.user_id or user_id in actor.report_ids or user_id in state.leavers


def _with_leavers(actor: Actor, state: State) -> Actor:
    return msgspec.structs.replace(actor, report_ids=actor.report_ids | state.leavers)


def may_hold(actor: Actor, state: State, user_id: bytes, named: str) -> None:
    """Whether the actor may give a customer to this user, who follows up customers (D-107). An admin is told if the user does not exist.

    Raises Problem(not_found | out_of_scope) with the field that named the user.
    """
    person = state.find(Person, user_id)
    if actor.role is Role.admin and person is None:
        raise Problem(Code.not_found, "there is no such user", field=named)
    led = actor.role is Role.admin or _leads(actor, state, user_id)
    if not led or person is None or not person.active or person.role not in FIELD_ROLES:
        raise Problem(Code.out_of_scope, "not an active user of yours", field=named)


# the records and the notices


def _next(actor: Actor, state: State, after: Standing, event: Event) -> Standing:
    """The standing at its next epoch, and the ownership event that replays to it."""
    epoch = after.epoch + 1
    state.events.append(OwnershipEvent(after.id, epoch, event.kind, event.user_id, actor.user_id, event.reason))
    return msgspec.structs.replace(after, epoch=epoch)


def _tell(actor: Actor, state: State, old_owner_id: bytes | None, after: Standing, asked: Transfer) -> None:
    """The happening is the epoch: a customer that goes there and back is told each time."""
    customer, person = state.find(Customer, asked.customer_id), state.find(Person, actor.user_id)
    name = customer.name if customer is not None else ""
    told = {"actor": person.name if person is not None else "", "customer": name}
    state.notices.append(Heard("assigned", asked.to_user_id, pools.happening(after), told))
    if old_owner_id is not None and old_owner_id != actor.user_id:
        facts = {"customer": name, "reason": asked.reason}
        state.notices.append(Heard("unassigned", old_owner_id, pools.happening(after), facts))


PATH: Final = "/v1/desk/customers/{customer_id}"
EXPIRE: Final = Job("expire", 30.0, Collaborator, "until_ms", expired, to_end)
NOTICES: Final[Texts] = {
    "assigned": {
        Language.en: Words("New customer: {customer}", "{actor} assigned {customer} to you."),
        Language.zh: Words("新客户：{customer}", "{actor}已将客户“{customer}”分配给您。"),
    },
    "unassigned": {
        Language.en: Words("{customer} moved on", "{customer} is no longer yours. Reason: {reason}. Nothing you entered is lost."),
        Language.zh: Words("客户已转出：{customer}", "客户“{customer}”已不再由您负责，原因：{reason}。您录入的内容均已保留。"),
    },
}
FEATURE: Final = Feature(
    verbs=(
        Verb(f"{PATH}/transfer", Transfer, Moved, LEADERS, moved, transfer, to_move),
        Verb(f"{PATH}/release", GiveToPool, Moved, LEADERS, moved, give_to_pool, to_move),
        Verb(f"{PATH}/collaborators", Collaborate, Moved, LEADERS, moved, collaborate, to_move),
        Verb(f"{PATH}/collaborators/{{user_id}}", EndCollaboration, Moved, LEADERS, moved, end_collaboration, to_move, method="DELETE"),
    ),
    jobs=(EXPIRE,),
    notices=NOTICES,
)
