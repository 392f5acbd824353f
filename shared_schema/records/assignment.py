"""The rules by which a customer without a named owner finds one."""

from typing import Annotated, Final

from msgspec import Meta

from shared_schema.entity import Entity
from shared_schema.policy import SERVER, Lane, OfAll, Policy
from shared_schema.records.base import Asked, Record, Told
from shared_schema.records.customer import CustomerKind
from shared_schema.scalars import Id, Name, Word

Priority = Annotated[int, Meta(ge=0, le=1_000_000)]
Receivers = Annotated[tuple[Id, ...], Meta(max_length=50)]


class AssignmentRule(Record, frozen=True, array_like=True):
    """To whom a new customer goes (D-182). The rule with the lowest priority is asked first.

    A condition that is empty, or `unknown`, takes every customer. The goal is one of the users, or a pool: `pool_by_fit`:
    the one that fits the customer, and `pool_id` where none fits (D-196).
    """

    name: Annotated[Name, SERVER]
    priority: Annotated[Priority, SERVER] = 0
    active: Annotated[bool, SERVER] = True
    region: Annotated[Word, SERVER] = ""
    city: Annotated[Word, SERVER] = ""
    industry: Annotated[Word, SERVER] = ""
    kind: Annotated[CustomerKind, SERVER] = CustomerKind.unknown
    user_ids: Annotated[Receivers, SERVER] = ()
    pool_id: Annotated[Id | None, SERVER] = None
    pool_by_fit: Annotated[bool, SERVER] = False


class AssignmentRuleRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/assignment-rules."""

    id: Id | None = None
    name: Name
    priority: Priority = 0
    active: bool = True
    region: Word = ""
    city: Word = ""
    industry: Word = ""
    kind: CustomerKind = CustomerKind.unknown
    user_ids: Receivers = ()
    pool_id: Id | None = None
    pool_by_fit: bool = False


class AssignmentTrial(Asked, frozen=True, kw_only=True):
    """An admin asks where a customer with these values would go by the assignment rules (D-185). Nothing is written."""

    city: Word = ""
    industry: Word = ""
    kind: CustomerKind = CustomerKind.unknown


class AssignmentTried(Told, frozen=True, kw_only=True):
    """The rule that fits, and the user or the pool to which it gives; no rule: the desk names an owner."""

    rule_id: Id | None = None
    user_id: Id | None = None
    pool_id: Id | None = None


ENTITIES: Final = (Entity(35, AssignmentRule, Policy.server, Lane.reference, OfAll()),)
