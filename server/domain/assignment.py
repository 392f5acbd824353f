"""The rules by which a customer without a named owner finds one: which rule fits, and to whom it gives (D-182, D-183)."""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol, TypeVar

import msgspec

from server.domain import pool_fit
from server.domain.access import FIELD_ROLES
from server.domain.city_names import city_name, region_of
from server.domain.claims import owned
from server.domain.feature import Feature, Listing, Table, Verb
from server.domain.needs import Asking, Counter, EnteringAny, Every, Many, Need, Rows
from shared_schema.problem import Code, Problem
from shared_schema.records.assignment import AssignmentRule, AssignmentRuleRequest, AssignmentTrial, AssignmentTried
from shared_schema.records.base import Record
from shared_schema.records.customer import CustomerKind, Standing
from shared_schema.records.pool import Pool
from shared_schema.records.reference import Person
from shared_schema.records.region import City
from shared_schema.text import plain
from sync.rules import Actor, Entered
from sync.state import State

R = TypeVar("R", bound=Record)


class Traits(pool_fit.Situated, Protocol):
    """A customer, or the values from which one is made."""

    @property
    def kind(self) -> CustomerKind: ...


# the needs


def to_assign(asking: Asking, traits: Traits) -> Iterable[Need]:
    """The rules with the cities, the users and the pools that they name; of the users of the fitting rule, how many customers each owns."""
    yield EnteringAny()
    yield from (Every(record) for record in (AssignmentRule, City, Pool))
    yield Rows(Person, frozenset(user_id for rule in _all(asking.state, AssignmentRule) if rule.active for user_id in rule.user_ids))
    rule = fitting(asking.state, traits)
    for user_id in able(asking.state, rule) if rule is not None else ():
        yield from (Counter(f"owned:{user_id.hex()}"), Many(Standing, "owner_id", user_id))


# the decision


def fitting(state: State, traits: Traits) -> AssignmentRule | None:
    """The first active rule whose conditions the customer meets, and whose goal takes customers. Of one priority the lower id is first."""
    region = region_of(_all(state, City), traits.city)
    found = [one for one in _all(state, AssignmentRule) if one.active and _meets(one, traits, region) and _takes(state, one, traits)]
    return min(found, key=lambda one: (one.priority, one.id), default=None)


def receiver(state: State, traits: Traits) -> bytes | Pool:
    """The user who owns the fewest customers among those of the fitting rule, or the pool into which it gives.

    Raises Problem(rule_broken).
    """
    rule = fitting(state, traits)
    if rule is None:
        raise Problem(Code.rule_broken, "no assignment rule fits this customer: name an owner", field="owner_id")
    pool = pool_fit.chosen(state, traits, rule)
    return pool if pool is not None else min(able(state, rule), key=lambda user_id: (owned(user_id, state), user_id))


def able(state: State, rule: AssignmentRule) -> list[bytes]:
    """The users of a rule who take customers now: active reps and managers."""
    people = [person for user_id in rule.user_ids if (person := state.find(Person, user_id)) is not None]
    return [person.id for person in people if person.active and person.role in FIELD_ROLES]


def _meets(rule: AssignmentRule, traits: Traits, region: str) -> bool:
    return (
        rule.region in ("", region)
        and rule.city in ("", city_name(traits.city))
        and rule.industry in ("", plain(traits.industry))
        and rule.kind in (CustomerKind.unknown, traits.kind)
    )


def _takes(state: State, rule: AssignmentRule, traits: Traits) -> bool:
    return bool(able(state, rule)) or pool_fit.chosen(state, traits, rule) is not None


def _all(state: State, record: type[R]) -> list[R]:
    return [held.record for held in state.held.values() if isinstance(held.record, record)]


# the rules themselves


def named_by(_asking: Asking, asked: AssignmentRuleRequest) -> Iterable[Need]:
    """The goal."""
    yield Rows(Person, frozenset(asked.user_ids))
    if asked.pool_id is not None:
        yield Rows(Pool, frozenset({asked.pool_id}))


def judge(state: State, rule: AssignmentRule) -> tuple[AssignmentRule]:
    """The rule with its conditions as they are compared. One that is switched off may name users who have left.

    Raises Problem(rule_broken).
    """
    if bool(rule.user_ids) == (rule.pool_by_fit or rule.pool_id is not None):
        raise Problem(Code.rule_broken, "a rule gives to users or into a pool, one of the two", field="user_ids")
    kept = msgspec.structs.replace(
        rule,
        region=plain(rule.region),
        city=city_name(rule.city),
        industry=plain(rule.industry),
        user_ids=tuple(dict.fromkeys(rule.user_ids)),
    )
    pool = state.find(Pool, rule.pool_id) if rule.pool_id is not None else None
    if rule.active and rule.pool_id is not None and (pool is None or not pool.active):
        raise Problem(Code.rule_broken, "there is no such pool in use", field="pool_id")
    if rule.active and len(able(state, kept)) != len(kept.user_ids):
        raise Problem(Code.rule_broken, "the users of a rule are active reps or managers", field="user_ids")
    return (kept,)


# the trial


def tried(state: State, asked: AssignmentTrial, _counts: Mapping[str, int]) -> AssignmentTried:
    """Where such a customer would go now (D-185)."""
    rule = fitting(state, asked)
    if rule is None:
        return AssignmentTried()
    to = receiver(state, asked)
    return AssignmentTried(rule_id=rule.id, pool_id=to.id) if isinstance(to, Pool) else AssignmentTried(rule_id=rule.id, user_id=to)


def write_nothing(_actor: Actor, _state: State, _asked: AssignmentTrial, _entered: Entered) -> tuple[()]:
    """A trial changes nothing."""
    return ()


FEATURE: Final = Feature(
    verbs=(Verb("/v1/desk/assignment-rules/trial", AssignmentTrial, AssignmentTried, tried, write_nothing, to_assign),),
    lists=(Listing(AssignmentRule, "List the assignment rules (D-182)."),),
    tables=(Table(AssignmentRule, AssignmentRuleRequest, "Make or change an assignment rule (D-182).", wants=named_by, judge=judge),),
)
