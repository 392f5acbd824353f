"""The desk's decisions about the holders of a customer: transfer, a pool, collaboration and its end (docs/domain.md, D-107, D-108,
D-125)."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from server.domain import hold_ends, pool_fit, pools
from server.domain.access import FIELD_ROLES, is_archived
from server.domain.feature import Feature, Job, Verb
from server.domain.local_times import local_day
from server.domain.needs import Asking, Every, Leavers, Need, Rows, Whole
from server.domain.tree import parents_of
from shared_schema.notices import Language, Texts, Words
from shared_schema.problem import Code, Problem
from shared_schema.records.archival import Archival, ArchivalState, ArchiveCustomer, UnarchiveCustomer
from shared_schema.records.base import Record
from shared_schema.records.customer import (
    Collaborate,
    Collaborator,
    Customer,
    EndCollaboration,
    GiveToPool,
    LeaveAlone,
    LockCustomer,
    Moved,
    Release,
    Standing,
    Transfer,
)
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.records.reference import Department, Organisation, Person, Role
from shared_schema.records.tier import SetTier
from sync.heard import Heard
from sync.rules import Actor, Entered, Reach
from sync.state import OwnershipEvent, State

Of = Transfer | Collaborate | EndCollaboration | GiveToPool | LeaveAlone | LockCustomer | ArchiveCustomer | UnarchiveCustomer | SetTier
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
    yield Rows(Archival, frozenset({asked.customer_id}), by="customer_id")
    if isinstance(asked, GiveToPool):
        yield from pool_fit.to_choose(asked)
    if isinstance(asked, LeaveAlone):
        yield Every(Organisation)


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
    standing = disposed(actor, state, asked.customer_id)
    same_epoch(standing, asked.epoch)
    require_in_work(standing)
    may_hold(actor, state, asked.to_user_id, "to_user_id")
    if standing.owner_id == asked.to_user_id:
        raise Problem(Code.state_wrong, "this user owns the customer already")
    return transferred(actor, state, standing, asked, entered)


def same_epoch(standing: Standing, epoch: int | None) -> None:
    """Raises Problem(stale_epoch) for a request that names another epoch than that of now; one that names none is about whatever stands."""
    if epoch is not None and epoch != standing.epoch:
        raise Problem(Code.stale_epoch, f"the customer's standing is at epoch {standing.epoch} by now")


def transferred(actor: Actor, state: State, standing: Standing, asked: Transfer, entered: Entered) -> tuple[Record, ...]:
    """The new standing, and the card that leaves its tile. The users who gain and the users who lose the customer are told."""
    left = pools.left_by_owner(standing, entered.moment.now_ms)
    owned = msgspec.structs.replace(left, owner_id=asked.to_user_id, pool_id=None, owned_since_ms=entered.moment.now_ms)
    after = _next(actor, state, owned, Event("transferred", asked.to_user_id, asked.reason))
    known = state.find(PoolCard, standing.id)
    pools.end_collaborations(state, asked.customer_id, {asked.to_user_id})
    _tell(actor, state, standing.owner_id, after, asked)
    return (after, pools.withdrawn(known, after)) if known is not None and known.pooled else (after,)


def give_to_pool(actor: Actor, state: State, asked: GiveToPool, entered: Entered) -> tuple[Record, ...]:
    """As by phone (D-125), or into the pool that fits (D-196). Raises Problem(out_of_scope | stale_epoch | state_wrong | rule_broken |
    forbidden)."""
    standing, customer = disposed(actor, state, asked.customer_id), state.find(Customer, asked.customer_id)
    pool = pool_fit.chosen(state, customer, asked) if customer is not None else None
    if pool is None:
        said = "no pool fits the customer: name one" if asked.pool_by_fit else "there is no such pool"
        raise Problem(Code.rule_broken, said, field="pool_id")
    return pools.release(_with_leavers(actor, state), state, standing, Release(pool.id, asked.epoch, None, asked.reason), entered)


def collaborate(actor: Actor, state: State, asked: Collaborate, entered: Entered) -> tuple[Record, ...]:
    """Another user follows the customer up too; the family enters this user's scopes. Raises Problem(out_of_scope | state_wrong |
    rule_broken)."""
    standing = disposed(actor, state, asked.customer_id)
    may_hold(actor, state, asked.user_id, "user_id")
    if standing.owner_id is None:
        raise Problem(Code.state_wrong, "a customer that nobody owns has no collaborators")
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
    standing = known if known is not None else disposed(actor, state, asked.customer_id)
    if not collaborates:
        raise Problem(Code.state_wrong, "this user is no collaborator of the customer")
    return _ended(actor, state, standing, asked.user_id)


def leave_alone(actor: Actor, state: State, asked: LeaveAlone, entered: Entered) -> tuple[Record, ...]:
    """Nobody claims the customer before a day (D-133), and a hold ends (D-193); the owner does not change. Raises Problem(out_of_scope)."""
    standing = disposed(actor, state, asked.customer_id)
    until_day = _alone_until(state, standing, asked.until_day, entered.moment.now_ms)
    if standing.undisturbed_until_day == until_day:
        return ()
    ended = hold_ends.by_desk(actor, state, standing.id, entered.moment.now_ms) if asked.until_day is not None else ()
    freed = [one for hold in ended for one in hold_ends.freed(state, hold)]
    return (msgspec.structs.replace(standing, undisturbed_until_day=until_day), *freed)


def _alone_until(state: State, standing: Standing, until_day: int | None, now_ms: int) -> int | None:
    """No longer: until today, as long as a day ahead was set. So everybody knows since when the owner may be in touch again (D-142)."""
    today = local_day(now_ms, state.organisation.time_zone if state.organisation is not None else "UTC")
    before = standing.undisturbed_until_day
    return until_day if until_day is not None or before is None else min(before, today)


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


def disposed(actor: Actor, state: State, customer_id: bytes) -> Standing:
    """The standing, if the actor may dispose of it: the actor's own or a report's customer, one in a pool of the actor's, one that they
    archived or owned until then; an admin of any (D-107, D-166)."""
    standing = state.standing(customer_id)
    if standing is None or not _disposes(actor, state, standing):
        raise Problem(Code.out_of_scope, "not a customer of yours or of your reps")
    return standing


def _disposes(actor: Actor, state: State, standing: Standing) -> bool:
    if actor.role is Role.admin:
        return True
    if standing.owner_id is not None:
        return _leads(actor, state, standing.owner_id)
    if is_archived(standing):
        users = {user_id for one in archivals(state, standing.id) for user_id in (one.by_id, one.owner_id)}
        return any(user_id is not None and _leads(actor, state, user_id) for user_id in users)
    pool = state.find(Pool, standing.pool_id) if standing.pool_id is not None else None
    return pool is not None and pools.is_member(pool, actor, parents_of(state))


def archivals(state: State, customer_id: bytes) -> list[Archival]:
    """What tells that the customer is archived now: one record, or none."""
    found = (held.record for held in state.held.values() if isinstance(held.record, Archival))
    return [one for one in found if one.customer_id == customer_id and one.state is ArchivalState.archived]


def require_in_work(standing: Standing) -> None:
    """Raises Problem(state_wrong) for an archived customer: only the archive gives it back (D-165)."""
    if is_archived(standing):
        raise Problem(Code.state_wrong, "the customer is archived: bring it back first")


def _leads(actor: Actor, state: State, user_id: bytes) -> bool:
    return user_id == actor.user_id or user_id in actor.report_ids or user_id in state.leavers


def _with_leavers(actor: Actor, state: State) -> Actor:
    return msgspec.structs.replace(actor, report_ids=actor.report_ids | state.leavers)


def may_hold(actor: Actor, state: State, user_id: bytes, named: str) -> None:
    """Whether the actor may give a customer to this user, who follows up customers (D-107). Who reaches the organisation is told if
    the user does not exist.

    Raises Problem(not_found | out_of_scope) with the field that named the user.
    """
    person = state.find(Person, user_id)
    whole = actor.reach is Reach.organisation
    if whole and person is None:
        raise Problem(Code.not_found, "there is no such user", field=named)
    led = whole or _leads(actor, state, user_id)
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
    state.notices.append(Heard("assigned", asked.to_user_id, pools.happening(after), told, after.id))
    if old_owner_id is not None and old_owner_id != actor.user_id:
        facts = {"customer": name, "reason": asked.reason}
        state.notices.append(Heard("unassigned", old_owner_id, pools.happening(after), facts))


PATH: Final = "/v1/desk/customers/{customer_id}"
EXPIRE: Final = Job("expire", 30.0, Collaborator, "until_ms", expired, to_end)
NOTICES: Final[Texts] = {
    "assigned": {
        Language.en: Words("New customer: {customer}", "{actor} assigned {customer} to you.", "A new customer for you"),
        Language.zh: Words("新客户：{customer}", "{actor}已将客户“{customer}”分配给你。", "你有一位新客户"),
    },
    "unassigned": {
        Language.en: Words(
            "{customer} moved on",
            "{customer} is no longer yours. Nothing you entered is lost. Reason: {reason}",
            "A customer of yours moved on",
        ),
        Language.zh: Words(
            "客户已转出：{customer}",
            "客户“{customer}”已不再由你负责。你录入的内容均已保留。原因：{reason}",
            "你有一位客户已转出",
        ),
    },
}
FEATURE: Final = Feature(
    verbs=(
        Verb(f"{PATH}/transfer", Transfer, Moved, moved, transfer, to_move),
        Verb(f"{PATH}/release", GiveToPool, Moved, moved, give_to_pool, to_move),
        Verb(f"{PATH}/do-not-disturb", LeaveAlone, Moved, moved, leave_alone, to_move),
        Verb(f"{PATH}/collaborators", Collaborate, Moved, moved, collaborate, to_move),
        Verb(f"{PATH}/collaborators/{{user_id}}", EndCollaboration, Moved, moved, end_collaboration, to_move, method="DELETE"),
    ),
    jobs=(EXPIRE,),
    notices=NOTICES,
)
