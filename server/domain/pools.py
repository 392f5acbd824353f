"""Pools: their members, the fields of a card, and how a customer enters and leaves a pool (D-121 to D-126)."""

import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec

from geo.grid import masked, tile
from server.domain import claims, pool_fit
from server.domain.access import FIELD_ROLES, LEADERS, is_archived
from server.domain.feature import Answer, Feature, Listing, Table
from server.domain.look import Places
from server.domain.needs import Asking, Entering, Every, Need, Rows, Whole
from server.domain.tree import Parents, parents_of, subtree
from shared_schema.notices import Language, Texts, Words
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Collaborator, Customer, Release, Standing
from shared_schema.records.hold import TakeHold
from shared_schema.records.pool import HIDEABLE, Claim, Pool, PoolCard, PoolRequest
from shared_schema.records.reference import Department, Organisation, Person, Role
from shared_schema.registry import BY_RECORD
from sync.decode import Intent
from sync.heard import Heard
from sync.rules import Actor, Entered
from sync.state import OwnershipEvent, State

NOWHERE_TILE: Final = 0
"""Tile of customers without a position; the real tile 0 is ice at the south pole."""
NO_SUCH: Final = "no such customer in a pool of yours"
COLLABORATOR: Final = BY_RECORD[Collaborator]


def members_of(pool: Pool, parents: Parents) -> frozenset[bytes] | None:
    """Departments whose users are members; None: everybody is a member (D-121)."""
    return None if pool.department_id is None else subtree(parents, pool.department_id)


def is_member(pool: Pool, actor: Actor | Person, parents: Parents) -> bool:
    """Whether this rep or manager is a member of the pool (D-121); a manager also as one of its admins (D-134)."""
    departments = members_of(pool, parents)
    looks_after = actor.role is Role.manager and (actor.user_id if isinstance(actor, Actor) else actor.id) in pool.admin_ids
    return actor.role in FIELD_ROLES and (departments is None or actor.department_id in departments or looks_after)


def of_member(actor: Actor, state: State) -> list[Pool]:
    """The pools of which the actor is a member, in use or not."""
    parents = parents_of(state)
    found = (held.record for held in state.held.values())
    return [pool for pool in found if isinstance(pool, Pool) and is_member(pool, actor, parents)]


def card(customer: Customer, standing: Standing, pool: Pool, pooled_ms: int) -> PoolCard:
    """The masked card of a pooled customer (D-122): masking belongs to the pool, not to the reader."""
    shown = {field: getattr(standing if field == "tier" else customer, field) for field in HIDEABLE if field not in pool.hidden}
    place = None
    if customer.wgs_latitude_e6 is not None and customer.wgs_longitude_e6 is not None:
        place = masked(customer.wgs_latitude_e6, customer.wgs_longitude_e6)
    return PoolCard(
        customer.id, 0, pool.id, tile(*place) if place is not None else NOWHERE_TILE, pooled=True, epoch=standing.epoch,
        pooled_ms=pooled_ms, latitude_e6=place.latitude_e6 if place else None, longitude_e6=place.longitude_e6 if place else None, **shown,
    )  # fmt: skip


def claim(actor: Actor, state: State, taken: PoolCard, command: Claim, entered: Entered) -> tuple[Standing, PoolCard] | tuple[()]:
    """One winner (D-124): the owner's standing and the card that leaves its tile; a hold was counted before (D-191). Nothing, if the winner
    claims again. Raises the Problems of `judged`."""
    known, now_ms = state.standing(taken.id), entered.moment.now_ms
    if known is not None and known.owner_id == actor.user_id:
        return ()
    pool, standing = judged(actor, state, taken, command, entered)
    if not claims.is_held(actor.user_id, taken, now_ms):
        claims.spend(actor.user_id, state, pool, now_ms)
    owned = msgspec.structs.replace(standing, owner_id=actor.user_id, pool_id=None, epoch=standing.epoch + 1, owned_since_ms=now_ms)
    happened(state, actor, owned, "claimed", entered)
    return owned, withdrawn(taken, owned)


def judged(actor: Actor, state: State, taken: PoolCard, command: Claim | TakeHold, entered: Entered) -> tuple[Pool, Standing]:
    """The pool and the standing of a card that the actor may claim or hold now. Raises Problem(out_of_scope | not_member |
    claimed_by_other | not_in_pool | stale_epoch), and those of `claims.judge`."""
    pool, standing = state.find(Pool, taken.pool_id), state.standing(taken.id)
    if pool is None or standing is None:
        raise Problem(Code.out_of_scope, NO_SUCH)
    if not is_member(pool, actor, parents_of(state)):
        raise _no_member(actor, standing)
    if standing.owner_id is not None:
        raise Problem(Code.claimed_by_other, "somebody else was first", first_id=standing.owner_id)
    if standing.pool_id != pool.id:
        raise Problem(Code.not_in_pool, "the customer is in another pool by now")
    now_ms = entered.moment.now_ms
    claims.judge(actor, state, claims.Wish(pool, taken, standing, command, not may_claim(state, taken.held_by_id, pool)), now_ms)
    _require_epoch(actor, state, standing, command, entered)
    return pool, standing


def may_claim(state: State, user_id: bytes | None, pool: Pool) -> bool:
    """Whether this user, if any, is still at work, and a member: else a hold of the user keeps nobody away (D-193)."""
    holder = state.find(Person, user_id) if user_id is not None else None
    return holder is not None and holder.active and is_member(pool, holder, parents_of(state))


def _no_member(actor: Actor, standing: Standing) -> Problem:
    """The last owner was told into which pool the customer went; to every other user the customer is unknown (D-136, P-424)."""
    told = standing.owner_id is None and standing.last_owner_id == actor.user_id
    return (
        Problem(Code.not_member, "the customer is in a pool of others")
        if told and not is_archived(standing)
        else Problem(Code.out_of_scope, NO_SUCH)
    )


def release(actor: Actor, state: State, standing: Standing, command: Release, entered: Entered) -> tuple[Standing, PoolCard]:
    """Into a pool (D-125): nobody's from now on, every collaboration ended, and a card in its tile. A rep releases no locked one (D-160).

    Raises Problem(state_wrong | forbidden | rule_broken | stale_epoch).
    """
    if standing.owner_id is None:
        said = "the customer is archived: bring it back first" if is_archived(standing) else "the customer is in a pool already"
        raise Problem(Code.state_wrong, said)
    if actor.user_id != standing.owner_id and standing.owner_id not in actor.report_ids and actor.role != Role.admin:
        raise Problem(Code.forbidden, "a customer is released by its owner, the owner's manager or an admin")
    if actor.role is Role.rep and (standing.locked_until_ms or 0) > entered.moment.now_ms:
        raise Problem(Code.state_wrong, "the customer is locked: a manager releases it")
    pool, customer = state.find(Pool, command.pool_id), state.find(Customer, standing.id)
    if pool is None or not pool.active or customer is None:
        raise Problem(Code.rule_broken, "there is no such pool", field="pool_id")
    _require_epoch(actor, state, standing, command, entered)
    left = left_by_owner(standing, entered.moment.now_ms)
    pooled = msgspec.structs.replace(left, owner_id=None, pool_id=pool.id, epoch=standing.epoch + 1, owned_since_ms=0)
    facts = {"customer": customer.name, "pool": pool.name, "reason": command.reason}
    _tell(actor, state, pooled, facts)
    end_collaborations(state, standing.id)
    happened(state, actor, pooled, "released", entered, command.reason)
    return pooled, card(customer, pooled, pool, entered.moment.now_ms)


def left_by_owner(standing: Standing, now_ms: int) -> Standing:
    """The standing remembers the owner who lets go of the customer now; one that nobody owns remembers whom it did (D-131).

    A lock and an extension belong to that ownership, and end with it (D-160, D-163).
    """
    if standing.owner_id is None:
        return standing
    ended = msgspec.structs.replace(standing, locked_until_ms=None, lock_reason="", extended_until_ms=None)
    return msgspec.structs.replace(ended, last_owner_id=standing.owner_id, last_owned_until_ms=now_ms)


def withdrawn(known: PoolCard, standing: Standing) -> PoolCard:
    """The card of a customer that is somebody's again: no scope holds it, and it says nothing any more."""
    return PoolCard(known.id, known.rev, known.pool_id, known.tile, pooled=False, epoch=standing.epoch)


def held(known: PoolCard, holder_id: bytes | None, until_ms: int | None) -> PoolCard:
    """The card of a customer that is held for a member, or for nobody any more (D-192)."""
    return msgspec.structs.replace(known, held_by_id=holder_id, held_until_ms=until_ms)


def shown_anew(customer: Customer, standing: Standing, pool: Pool, known: PoolCard) -> PoolCard:
    """A card as its pool shows the customer by now; it stands there since when it did, and is held as it was."""
    return held(card(customer, standing, pool, known.pooled_ms), known.held_by_id, known.held_until_ms)


def differs(known: PoolCard, fresh: PoolCard) -> bool:
    """Whether a card has other content, whatever its rev."""
    return msgspec.structs.replace(fresh, rev=known.rev) != known


def end_collaborations(state: State, customer_id: bytes, user_ids: Iterable[bytes] | None = None) -> None:
    """Bury the collaborations of a customer: all of them, or those of these users."""
    ended = [one.record for one in state.held.values() if isinstance(one.record, Collaborator) and one.record.customer_id == customer_id]
    for record in ended:
        if user_ids is None or record.user_id in user_ids:
            state.bury(COLLABORATOR, record.id, state.next_rev(record.rev), customer_id)


def _tell(actor: Actor, state: State, pooled: Standing, facts: dict[str, str]) -> None:
    """Every user who followed the customer up is told that it went, except the user who released it (D-126)."""
    for user_id in sorted(state.holders(pooled.id) - {actor.user_id}):
        state.notices.append(Heard("released", user_id, happening(pooled), facts))


def followed(state: State, customer: Customer) -> tuple[PoolCard, ...]:
    """The card of a pooled customer, if it shows something else now (D-122)."""
    known, standing = state.find(PoolCard, customer.id), state.standing(customer.id)
    pool = state.find(Pool, known.pool_id) if known is not None and known.pooled else None
    if known is None or standing is None or pool is None:
        return ()
    fresh = shown_anew(customer, standing, pool, known)
    return (fresh,) if differs(known, fresh) else ()


def happening(standing: Standing) -> bytes:
    """The id of a move of a customer: each is told on its own, also of customers that were made in the same millisecond."""
    return hashlib.sha256(standing.id + standing.epoch.to_bytes(8, "big")).digest()[:16]


def _require_epoch(actor: Actor, state: State, standing: Standing, command: Claim | Release | TakeHold, entered: Entered) -> None:
    """Raises Problem(stale_epoch) unless a device's command names the standing that its author saw, or made by an earlier command
    (P-341)."""
    after = command.after if not isinstance(command, TakeHold) else None
    named = command.epoch if after is None else state.epochs_after.get((standing.id, actor.line_no, after))
    if named != standing.epoch and (entered.n or named is not None):
        raise Problem(Code.stale_epoch, f"the customer's standing is at epoch {standing.epoch} by now")


def happened(state: State, actor: Actor, standing: Standing, kind: str, entered: Entered, reason: str = "") -> None:
    """The move in the history of the customer's holders, as its standing is after it."""
    held = (standing.owner_id, actor.user_id, reason, actor.line_no if entered.n else 0, entered.n, standing.pool_id)
    state.events.append(OwnershipEvent(standing.id, standing.epoch, kind, *held))
    if entered.n:
        state.epochs_after[standing.id, actor.line_no, entered.n] = standing.epoch


def to_move(asking: Asking, intent: Intent) -> Iterable[Need]:
    """The whole family, the pool that it enters, the departments that tell the members of each, and the limits of the claimer.

    The pool of a claim may follow from an earlier entry of the batch: the limits of each pool are asked for.
    """
    command = intent.command
    if isinstance(command, (Claim, Release)):
        yield Whole(intent.mutation.id, command.after)
        yield from (Every(Pool), Every(Department))
    if isinstance(command, Claim):
        yield Every(Organisation)
        yield from of_claimer(asking, intent.mutation.id)
    if isinstance(command, Release):
        yield Entering(command.pool_id)


def of_claimer(asking: Asking, customer_id: bytes) -> Iterable[Need]:
    """The limits of each pool of which the claimer is a member, and the user who holds the card."""
    for pool in of_member(asking.actor, asking.state):
        yield from claims.counted(asking, pool)
    known = asking.state.find(PoolCard, customer_id)
    if known is not None and known.held_by_id is not None:
        yield Rows(Person, frozenset({known.held_by_id}))


def named_by(_asking: Asking, asked: PoolRequest) -> Iterable[Need]:
    """The department whose users are the members, and the admins."""
    yield Rows(Person, frozenset(asked.admin_ids))
    if asked.department_id is not None:
        yield Rows(Department, frozenset({asked.department_id}))


def judge(state: State, pool: Pool) -> tuple[Pool | PoolCard, ...]:
    """The pool, and every card in it as it is masked from now on: what it hides goes from the cards at once (D-123).

    Raises Problem(rule_broken).
    """
    if wrong := sorted(set(pool.hidden) - set(HIDEABLE)):
        raise Problem(Code.rule_broken, f"a card has no field {wrong[0]}; it hides {', '.join(HIDEABLE)}", field="hidden")
    if pool.department_id is not None and state.find(Department, pool.department_id) is None:
        raise Problem(Code.rule_broken, "there is no such department", field="department_id")
    for user_id in pool.admin_ids:
        person = state.find(Person, user_id)
        if person is None or not person.active or person.role not in LEADERS:
            raise Problem(Code.rule_broken, "the admins of a pool are active managers or admins", field="admin_ids")
    fits = {"regions": pool_fit.kept(pool.regions), "industries": pool_fit.kept(pool.industries)}
    ordered = msgspec.structs.replace(pool, hidden=tuple(field for field in HIDEABLE if field in pool.hidden), **fits)
    return (ordered, *_masked_anew(state, ordered))


def _masked_anew(state: State, pool: Pool) -> Iterable[PoolCard]:
    """Every card as the pool shows it now. A customer that went to another pool before its family was locked has that one's card."""
    for known in [held.record for held in state.held.values() if isinstance(held.record, PoolCard)]:
        customer, standing = state.find(Customer, known.id), state.standing(known.id)
        if known.pooled and known.pool_id == pool.id and customer is not None and standing is not None:
            yield shown_anew(customer, standing, pool, known)


NOTICES: Final[Texts] = {
    "released": {
        Language.en: Words(
            "{customer} went to a pool",
            "{customer} is in the pool {pool} now and no longer yours. Nothing you entered is lost. Reason: {reason}",
            "A customer of yours went to a pool",
        ),
        Language.zh: Words(
            "客户已退回公海：{customer}",
            "客户“{customer}”已退回公海“{pool}”，不再由你负责。你录入的内容均已保留。原因：{reason}",
            "你有一位客户已退回公海",
        ),
    }
}
POOLS: Final = Table(
    Pool,
    PoolRequest,
    "Make a pool, or change who its members are and what its cards hide (D-121, D-123).",
    wants=named_by,
    judge=judge,
)
FEATURE: Final = Feature(
    answers=(Answer(PoolCard, Claim, claim, to_move), Answer(Standing, Release, release, to_move)),
    lists=(Listing(Pool, "List the pools, with who their members are and what their cards hide (D-121, D-122)."),),
    tables=(POOLS,),
    places=Places((Pool, Department), of_member, lambda pool: pool.active),
    notices=NOTICES,
)
