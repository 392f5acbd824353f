"""The server's part when a customer is entered or changed: its standing and its position in WGS-84."""

from typing import Any, Final

import msgspec

from server.domain.access import FIELD_ROLES
from server.domain.feature import Feature, Kind, alone
from server.domain.imports.contacts import CONTACTS
from server.domain.imports.customers import CUSTOMERS
from server.domain.positions import placed
from shared_schema.places import Datum
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Contact, Customer, FollowUp, Preference, Standing
from sync.rules import Actor, Entry, Moment
from sync.state import State


def complete(actor: Actor, _state: State, entry: Entry, customer: Customer, moment: Moment) -> tuple[Customer] | tuple[Customer, Standing]:
    """The customer with its WGS-84 position (D-111); a new one comes with the standing that makes its author the owner (D-104).

    Raises Problem(forbidden) when somebody of the desk enters a customer by phone.
    """
    if isinstance(entry.before, Customer):
        return (customer if _at(customer) == _at(entry.before) else placed(customer),)
    if actor.role not in FIELD_ROLES:
        raise Problem(Code.forbidden, "reps and managers enter customers; the desk imports them")
    return placed(customer), Standing(customer.id, 0, owner_id=actor.user_id, epoch=1, owned_since_ms=moment.now_ms)


def guard(_state: State, customer: Customer) -> None:
    """Raises Problem(rule_broken) on half a position, or one without its datum (D-110)."""
    given: dict[str, Any] = {"latitude_e6": customer.latitude_e6, "longitude_e6": customer.longitude_e6}
    missing = [slot for slot, value in given.items() if value is None]
    if len(missing) == 1:
        raise Problem(Code.rule_broken, "a position is a latitude and a longitude", field=missing[0])
    if not missing and customer.datum == Datum.unknown:
        raise Problem(Code.rule_broken, "a position names its datum: wgs84, gcj02 or bd09", field="datum")


def _at(customer: Customer) -> tuple[int | None, int | None, Datum]:
    return customer.latitude_e6, customer.longitude_e6, customer.datum


def written(actor: Actor, _state: State, entry: Entry, follow_up: FollowUp, _moment: Moment) -> tuple[FollowUp]:
    """A follow-up keeps the user who entered it first."""
    return (follow_up if entry.before is not None else msgspec.structs.replace(follow_up, author_id=actor.user_id),)


FEATURE: Final = Feature(
    kinds=(
        Kind(Customer, complete, guard),
        Kind(Contact, without=alone),
        Kind(FollowUp, written, without=alone),
        Kind(Preference, without=alone),
    ),
    imports=(CUSTOMERS, CONTACTS),
)
