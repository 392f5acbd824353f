"""Who may do what at the desk (D-491): a row for each request says which roles may ask, and how far each reaches there."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from shared_schema.records.reference import Role
from sync.rules import Reach

OWN: Final = Reach.own
DEPARTMENT: Final = Reach.department
ORGANISATION: Final = Reach.organisation


class Row(Struct, frozen=True):
    """One request. A role that is not named is refused. `service`: whether a service account may have it in its scope."""

    reaches: Mapping[Role, Reach]
    service: bool = False

    @property
    def roles(self) -> frozenset[Role]:
        """Who may ask."""
        return frozenset(self.reaches)


def to(*, service: bool = False, **reaches: Reach) -> Row:
    """A row, the roles by their names."""
    return Row({Role[name]: reach for name, reach in reaches.items()}, service)


ADMIN: Final = to(admin=ORGANISATION)
FEED: Final = to(admin=ORGANISATION, service=True)
LEADER: Final = to(manager=DEPARTMENT, admin=ORGANISATION)
FIELD: Final = to(rep=OWN, manager=DEPARTMENT)
CLERK: Final = to(manager=DEPARTMENT, assistant=DEPARTMENT, admin=ORGANISATION, service=True)
READER: Final = to(manager=DEPARTMENT, assistant=DEPARTMENT, finance=ORGANISATION, admin=ORGANISATION, service=True)
QUOTE_READER: Final = to(rep=OWN, manager=DEPARTMENT, assistant=DEPARTMENT, finance=ORGANISATION, admin=OWN, service=True)
CATALOGUE: Final = to(assistant=ORGANISATION, finance=ORGANISATION, admin=ORGANISATION, service=True)
ORDERER: Final = to(manager=DEPARTMENT, assistant=DEPARTMENT, finance=ORGANISATION, admin=ORGANISATION, service=True)
BOOKKEEPER: Final = to(finance=ORGANISATION, admin=ORGANISATION, service=True)
WORKER: Final = to(rep=OWN, manager=DEPARTMENT, admin=OWN)

MATRIX: Final[Mapping[str, Row]] = {
    # customers: the assistant enters and corrects those of the department; only a manager or an admin says whose they are
    "GET /v1/desk/customers": READER,
    "GET /v1/customers/{customer_id}": to(rep=OWN, **{role.name: reach for role, reach in READER.reaches.items()}, service=True),
    "POST /v1/desk/customers": CLERK,
    "POST /v1/desk/customers/{customer_id}": CLERK,
    "POST /v1/desk/contacts": CLERK,
    "POST /v1/desk/contacts/{contact_id}": CLERK,
    "POST /v1/desk/contacts/{contact_id}/erase": LEADER,
    "GET /v1/desk/contacts/{contact_id}/disclosure": LEADER,
    "POST /v1/desk/customers/{customer_id}/transfer": LEADER,
    "POST /v1/desk/customers/{customer_id}/release": LEADER,
    "POST /v1/desk/customers/{customer_id}/do-not-disturb": LEADER,
    "POST /v1/desk/customers/{customer_id}/collaborators": LEADER,
    "DELETE /v1/desk/customers/{customer_id}/collaborators/{user_id}": LEADER,
    "POST /v1/desk/customers/{customer_id}/lock": LEADER,
    "POST /v1/desk/customers/{customer_id}/tier": LEADER,
    "GET /v1/desk/customers/{customer_id}/evaluation": to(manager=DEPARTMENT, finance=ORGANISATION, admin=ORGANISATION),
    "GET /v1/desk/evaluation-models": ADMIN,
    "POST /v1/desk/evaluation-models": ADMIN,
    "POST /v1/desk/evaluation/preview": ADMIN,
    "POST /v1/desk/customers/{customer_id}/archive": LEADER,
    "POST /v1/desk/customers/{customer_id}/unarchive": LEADER,
    "GET /v1/desk/archivals": LEADER,
    "POST /v1/desk/customers/{customer_id}/placing/confirm": LEADER,
    "POST /v1/desk/customers/{customer_id}/placing/decline": LEADER,
    "GET /v1/desk/placings": LEADER,
    "POST /v1/desk/users/{user_id}/hand-over": LEADER,
    "GET /v1/desk/duplicates": LEADER,
    "POST /v1/desk/duplicates/{duplicate_id}/decision": LEADER,
    # pools
    "POST /v1/pool-cards/{customer_id}/hold": FIELD,
    "POST /v1/pool-holds/{pool_hold_id}/end": to(rep=OWN, manager=DEPARTMENT, admin=ORGANISATION),
    "GET /v1/desk/pool-holds": LEADER,
    "GET /v1/desk/pools": LEADER,
    "POST /v1/desk/pools": ADMIN,
    "GET /v1/desk/tier-policies": READER,
    "POST /v1/desk/tier-policies": ADMIN,
    "POST /v1/desk/tier-policy/preview": ADMIN,
    "GET /v1/desk/reclaim-rules": LEADER,
    "POST /v1/desk/reclaim-rules": ADMIN,
    "POST /v1/desk/reclaim/preview": ADMIN,
    "GET /v1/desk/extensions": LEADER,
    "POST /v1/desk/extensions/{extension_id}/decision": LEADER,
    "GET /v1/desk/contests": LEADER,
    "POST /v1/desk/contests/{contest_id}/decision": LEADER,
    "GET /v1/desk/assignment-rules": ADMIN,
    "POST /v1/desk/assignment-rules": ADMIN,
    "POST /v1/desk/assignment-rules/trial": ADMIN,
    # the day: positions of reps are for the rep and the managers above alone
    "GET /v1/desk/visits": FIELD,
    "GET /v1/desk/timeline": WORKER,
    "GET /v1/desk/contact-logs": to(rep=OWN, manager=DEPARTMENT, assistant=DEPARTMENT),
    "GET /v1/desk/consents": LEADER,
    "GET /v1/desk/instructions": WORKER,
    "GET /v1/desk/instructions/board": WORKER,
    "POST /v1/desk/instructions": LEADER,
    "POST /v1/desk/instructions/{instruction_id}/decisions": LEADER,
    # quotes
    "GET /v1/desk/quotes": QUOTE_READER,
    "GET /v1/quotes/{quote_id}": QUOTE_READER,
    "POST /v1/quotes/{quote_id}/decisions": to(manager=DEPARTMENT),
    # orders and money: who enters customers enters their orders; money is booked by finance
    "GET /v1/desk/sales-orders": READER,
    "GET /v1/desk/receivables": READER,
    "POST /v1/desk/sales-orders": ORDERER,
    "POST /v1/quotes/{quote_id}/order": ORDERER,
    "POST /v1/desk/receivables": BOOKKEEPER,
    "POST /v1/desk/collections": BOOKKEEPER,
    # the catalogue
    "GET /v1/desk/products": CATALOGUE,
    "GET /v1/desk/price-books": CATALOGUE,
    "GET /v1/desk/prices": CATALOGUE,
    "POST /v1/desk/products": FEED,
    "POST /v1/desk/price-books": FEED,
    "POST /v1/desk/prices": FEED,
    # imports: each kind of file is a row; the blank file goes with it
    "POST /v1/desk/imports/customers": CLERK,
    "POST /v1/desk/imports/contacts": CLERK,
    "POST /v1/desk/imports/products": FEED,
    "POST /v1/desk/imports/prices": FEED,
    "POST /v1/desk/imports/cities": FEED,
    "POST /v1/desk/imports/order_lines": BOOKKEEPER,
    "POST /v1/desk/imports/receivables": BOOKKEEPER,
    "POST /v1/desk/imports/collections": BOOKKEEPER,
    "POST /v1/desk/imports/costs": BOOKKEEPER,
    "POST /v1/desk/imports/exchange_rates": BOOKKEEPER,
    "POST /v1/desk/imports/departments": ADMIN,
    "POST /v1/desk/imports/users": ADMIN,
    # the organisation
    "GET /v1/desk/departments": FEED,
    "GET /v1/desk/field-definitions": FEED,
    "GET /v1/desk/cities": FEED,
    "GET /v1/desk/organisation": ADMIN,
    "POST /v1/desk/organisation": ADMIN,
    "POST /v1/desk/departments": ADMIN,
    "POST /v1/desk/field-definitions": ADMIN,
    "POST /v1/desk/cities": ADMIN,
    "GET /v1/desk/users": ADMIN,
    "GET /v1/desk/users/{user_id}/disclosure": ADMIN,
    "GET /v1/desk/erasures": ADMIN,
    "POST /v1/desk/users/{user_id}/erase": ADMIN,
    "POST /v1/desk/users": ADMIN,
    "POST /v1/desk/codes": ADMIN,
    "GET /v1/desk/devices": LEADER,
    "POST /v1/desk/devices/{line_no}/approve": ADMIN,
    "POST /v1/desk/devices/{line_no}/revoke": ADMIN,
    "GET /v1/desk/robot": ADMIN,
    "PUT /v1/desk/robot": ADMIN,
    "DELETE /v1/desk/robot": ADMIN,
    "GET /v1/desk/push/health": ADMIN,
    "GET /v1/desk/service-accounts": ADMIN,
    "POST /v1/desk/service-accounts": ADMIN,
    "POST /v1/desk/service-accounts/{service_account_id}/keys": ADMIN,
    # what the desk shows, as a workbook
    "POST /v1/desk/sheets": to(rep=OWN, manager=DEPARTMENT, assistant=DEPARTMENT, finance=ORGANISATION, admin=ORGANISATION),
}
"""Method and path, as the route is declared → who may ask, and how far."""
