"""Customers that bear one registration number or telephone number: flagged, told, and decided by a manager (D-150 to D-155)."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from server.domain import numbers, ownership
from server.domain.access import FIELD_ROLES, is_archived
from server.domain.alike import Alike, Form, Met
from server.domain.feature import Feature, Listing, Verb, shown
from server.domain.needs import Above, Asking, Counter, Entering, Every, Leavers, Need, Rows, Whole
from shared_schema.notices import Language, Texts, Words
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Record
from shared_schema.records.customer import Customer, GiveToPool, Standing, Transfer
from shared_schema.records.duplicate import AlikeBy, DecideDuplicate, Duplicate, DuplicateState
from shared_schema.records.pool import Pool
from shared_schema.records.reference import Department, Person, Role
from sync.heard import Heard
from sync.rules import Actor, Entered, Moment
from sync.state import State

DAY_MS: Final = 86_400_000
TOLD_MAX: Final = 10
"""Masked answers that a user gets in a day of the server's clock: who guesses numbers learns no more, and the manager sees each try."""
KINDS: Final = {"registration": AlikeBy.by_registration, "phone": AlikeBy.by_phone}
NUMBERS: Final[Mapping[str, tuple[str, Form]]] = {
    "registration": ("registration_number", numbers.registration),
    "phone": ("phone", numbers.phone),
}


def pair_id(one: bytes, other: bytes) -> bytes:
    """The id of the flag of two customers, whichever was first: a pair is flagged once."""
    return hashlib.sha256(b"duplicate:" + min(one, other) + max(one, other)).digest()[:16]


# flagging


def wants(asking: Asking, met: Sequence[Met]) -> Iterable[Need]:
    """The flags that stand, the customers that met, and the people around the authors."""
    seconds, authors = frozenset(one.second_id for one in met), frozenset(one.author_id for one in met)
    both = seconds.union(one.first_id for one in met)
    yield from (Rows(Duplicate, frozenset(pair_id(one.first_id, one.second_id) for one in met)), Rows(Duplicate, seconds, by="second_id"))
    yield from (Rows(Customer, both), Rows(Standing, both), Every(Pool), Rows(Person, authors))
    for author_id, second_id in dict.fromkeys((one.author_id, one.second_id) for one in met):
        led = _led(asking.state, author_id, second_id)
        if led is not None:
            yield Above(led)
        if _is_told(asking.state, author_id):
            yield Counter(_counter(author_id, asking.now_ms))


def flag(state: State, met: Sequence[Met], moment: Moment) -> None:
    """Flag each pair once (D-152), and tell the manager who is to decide, and the author (D-153)."""
    known = {held.record.second_id for held in state.held.values() if isinstance(held.record, Duplicate)}
    for second_id, author_id in dict.fromkeys((one.second_id, one.author_id) for one in met):
        mine = [one for one in met if (one.second_id, one.author_id) == (second_id, author_id)]
        new = [made for made in (_flagged(state, one, moment) for one in mine) if made is not None]
        for made in new:
            _tell_manager(state, made)
        if new and second_id not in known:
            _tell_author(state, new[0], author_id, moment)
            known.add(second_id)


def _flagged(state: State, met: Met, moment: Moment) -> Duplicate | None:
    """The new flag; none of a pair that was flagged already, or of a customer that is gone by now."""
    record_id = pair_id(met.first_id, met.second_id)
    gone = any(state.find(Customer, one) is None for one in (met.first_id, met.second_id))
    if gone or state.find(Duplicate, record_id) is not None:
        return None
    led = _led(state, met.author_id, met.second_id)
    above = state.leaders.get(led, ()) if led is not None else ()
    made = Duplicate(
        record_id, 0, met.first_id, met.second_id, KINDS[met.kind], author_id=met.author_id, decider_id=above[0] if above else None,
        found_ms=moment.now_ms,
    )  # fmt: skip
    state.write(made)
    return made


def _led(state: State, author_id: bytes, customer_id: bytes) -> bytes | None:
    """The user below whose manager the pair is decided: the author; for the entries of an admin the owner."""
    person, standing = state.find(Person, author_id), state.standing(customer_id)
    if person is None or person.role in FIELD_ROLES:
        return author_id
    return standing.owner_id if standing is not None else None


def _is_told(state: State, author_id: bytes) -> bool:
    """Whether the author hears of it: an admin reads the list of all pairs."""
    person = state.find(Person, author_id)
    return person is not None and person.role in FIELD_ROLES


def _tell_manager(state: State, made: Duplicate) -> None:
    """The pairs of an import are one notice a day: its report names the rows."""
    author, customer = state.find(Person, made.author_id or b""), state.find(Customer, made.second_id)
    if made.decider_id is not None and author is not None and customer is not None:
        happening = made.id if author.role in FIELD_ROLES else made.decider_id
        facts = {"actor": author.name, "customer": customer.name}
        state.notices.append(Heard("duplicate_found", made.decider_id, happening, facts, made.id))


def _tell_author(state: State, made: Duplicate, author_id: bytes, moment: Moment) -> None:
    """Once for each customer that was entered, a few times a day: that it exists, owned or in which pool, and no more."""
    key = _counter(author_id, moment.now_ms)
    told = state.counters.get(key, 0)
    customer, first = state.find(Customer, made.second_id), state.standing(made.first_id)
    if not _is_told(state, author_id) or told >= TOLD_MAX or customer is None or first is None:
        return
    state.counters[key] = told + 1
    pool = state.find(Pool, first.pool_id) if first.owner_id is None and first.pool_id is not None else None
    named = {"customer": customer.name}
    if is_archived(first):
        heard = Heard("exists_archived", author_id, made.second_id, named, made.second_id, once="once")
    elif pool is None:
        heard = Heard("exists_owned", author_id, made.second_id, named, made.second_id, once="once")
    else:
        heard = Heard("exists_pooled", author_id, made.second_id, {**named, "pool": pool.name}, made.second_id, once="once")
    state.notices.append(heard)


def _counter(user_id: bytes, now_ms: int) -> str:
    return f"exists:{user_id.hex()}:{now_ms // DAY_MS}"


# deciding


def to_decide(asking: Asking, asked: DecideDuplicate) -> Iterable[Need]:
    """The flag, the family that may move, and how the other customer stands."""
    yield from (Rows(Duplicate, frozenset({asked.duplicate_id})), Rows(Standing, frozenset({asked.first_id, asked.second_id})))
    yield from (Whole(asked.second_id), Every(Pool), Every(Department), Leavers())
    first = asking.state.standing(asked.first_id)
    owner = {first.owner_id} if first is not None and first.owner_id is not None else set()
    yield Rows(Person, frozenset({asking.actor.user_id, *owner}))
    if asked.pool_id is not None:
        yield Entering(asked.pool_id)


def decide(actor: Actor, state: State, asked: DecideDuplicate, entered: Entered) -> tuple[Record, ...]:
    """Close the flag; of two that are the same, the second goes to the owner of the first, or into a pool as the first (D-154). The same
    decision again changes nothing.

    Raises Problem(not_found | field_wrong | state_wrong | out_of_scope | rule_broken | forbidden).
    """
    known = state.find(Duplicate, asked.duplicate_id)
    if known is None or not _may_decide(actor, state, known):
        raise Problem(Code.not_found, "no such pair of yours")
    if (known.first_id, known.second_id) != (asked.first_id, asked.second_id):
        raise Problem(Code.field_wrong, "this pair is of other customers", field="second_id")
    verdict = DuplicateState[asked.verdict]
    if known.state is verdict:
        return ()
    if known.state is not DuplicateState.undecided:
        raise Problem(Code.state_wrong, f"the pair was decided already: {known.state.name}")
    now_ms = entered.moment.now_ms
    decided = msgspec.structs.replace(known, state=verdict, decided_by=actor.user_id, decided_ms=now_ms, reason=asked.reason)
    return (decided, *(_joined(actor, state, asked, entered) if verdict is DuplicateState.same else ()))


def _may_decide(actor: Actor, state: State, known: Duplicate) -> bool:
    return actor.role is Role.admin or known.decider_id in {actor.user_id, *actor.report_ids, *state.leavers}


def _joined(actor: Actor, state: State, asked: DecideDuplicate, entered: Entered) -> tuple[Record, ...]:
    """The second customer moves to the owner or the pool of the first, by the existing move. Nothing is merged."""
    first, second = state.standing(asked.first_id), state.standing(asked.second_id)
    if first is None or second is None:
        raise Problem(Code.out_of_scope, "one of the customers is gone")
    if is_archived(first) or is_archived(second):
        return ()
    if first.owner_id == second.owner_id:  # also if both are in pools
        return ()
    if first.owner_id is None:
        if asked.pool_id is None:
            raise Problem(Code.rule_broken, "the other customer is in a pool: name the pool for this one", field="pool_id")
        return ownership.give_to_pool(actor, state, GiveToPool(second.id, asked.pool_id, None, asked.reason), entered)
    owner = state.find(Person, first.owner_id)
    if owner is None or not owner.active:
        raise Problem(Code.rule_broken, "the owner of the other customer has left: hand those customers over first")
    standing = ownership.disposed(actor, state, second.id)
    return ownership.transferred(actor, state, standing, Transfer(second.id, first.owner_id, None, asked.reason), entered)


PATH: Final = "/v1/desk/duplicates"
NOTICES: Final[Texts] = {
    "duplicate_found": {
        Language.en: Words(
            "Possible duplicate: {customer}",
            "{actor} entered {customer}, whose number another customer bears. Decide whether they are the same.",
            "A customer may be a duplicate",
        ),
        Language.zh: Words(
            "疑似重复客户：{customer}", "{actor}录入的“{customer}”与另一客户的号码相同，请判断是否为同一客户。", "有一位疑似重复的客户"
        ),
    },
    "exists_owned": {
        Language.en: Words(
            "{customer} may exist already",
            "Another customer with the number of {customer} exists and has an owner. Your manager decides.",
            "A customer that you entered may exist already",
        ),
        Language.zh: Words(
            "客户可能已存在：{customer}", "已有与“{customer}”号码相同的客户，且已有负责人。你的经理将作出判断。", "你录入的客户可能已存在"
        ),
    },
    "exists_archived": {
        Language.en: Words(
            "{customer} may exist already",
            "Another customer with the number of {customer} exists and is archived. Your manager decides.",
            "A customer that you entered may exist already",
        ),
        Language.zh: Words(
            "客户可能已存在：{customer}", "与“{customer}”号码相同的客户已归档。你的经理将作出判断。", "你录入的客户可能已存在"
        ),
    },
    "exists_pooled": {
        Language.en: Words(
            "{customer} may exist already",
            "Another customer with the number of {customer} is in the pool {pool}. Your manager decides.",
            "A customer that you entered may exist already",
        ),
        Language.zh: Words(
            "客户可能已存在：{customer}", "与“{customer}”号码相同的客户在公海“{pool}”中。你的经理将作出判断。", "你录入的客户可能已存在"
        ),
    },
}
FEATURE: Final = Feature(
    verbs=(
        Verb(
            f"{PATH}/{{duplicate_id}}/decision",
            DecideDuplicate,
            Duplicate,
            lambda state, asked, _: shown(state, Duplicate, asked.duplicate_id),
            decide,
            to_decide,
        ),
    ),
    lists=(
        Listing(
            Duplicate,
            "List pairs of customers that bear one number, the newest first (D-154).",
            filters=("state", "author_id", "second_id"),
            newest="found_ms",
            about=("first_id", "second_id"),
        ),
    ),
    alike=Alike(NUMBERS, wants, flag),
    notices=NOTICES,
)
