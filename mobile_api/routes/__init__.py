"""One module per noun. Each ends with `HANDLERS`, a tuple of its route handlers; this list is all that the application serves."""

from collections.abc import Sequence
from typing import Final

from litestar.handlers import HTTPRouteHandler

from mobile_api.routes import apps, health, identity, landing, looks, nearby, records, sync, targets, wake
from mobile_api.routes.desk import (
    customers,
    disclosures,
    evaluation,
    imports,
    lists,
    people,
    push,
    robot,
    service_accounts,
    sheets,
    tables,
    verbs,
)

HANDLERS: Final[Sequence[HTTPRouteHandler]] = (
    *health.HANDLERS,
    *identity.HANDLERS,
    *sync.HANDLERS,
    *wake.HANDLERS,
    *targets.HANDLERS,
    *records.HANDLERS,
    *looks.HANDLERS,
    *nearby.HANDLERS,
    *people.HANDLERS,
    *push.HANDLERS,
    *robot.HANDLERS,
    *evaluation.HANDLERS,
    *service_accounts.HANDLERS,
    *tables.HANDLERS,
    *verbs.HANDLERS,
    *lists.HANDLERS,
    *customers.HANDLERS,
    *imports.HANDLERS,
    *disclosures.HANDLERS,
    *sheets.HANDLERS,
    *landing.HANDLERS,
    *apps.HANDLERS,
)
