"""One module per noun. Each ends with `HANDLERS`, a tuple of its route handlers; this list is all that the application serves."""

from collections.abc import Sequence
from typing import Final

from litestar.handlers import HTTPRouteHandler

from mobile_api.routes import health, identity, looks, pages, records, sync, wake
from mobile_api.routes.desk import customers, imports, lists, people, tables, verbs

HANDLERS: Final[Sequence[HTTPRouteHandler]] = (
    *health.HANDLERS,
    *identity.HANDLERS,
    *sync.HANDLERS,
    *wake.HANDLERS,
    *records.HANDLERS,
    *looks.HANDLERS,
    *people.HANDLERS,
    *tables.HANDLERS,
    *verbs.HANDLERS,
    *lists.HANDLERS,
    *customers.HANDLERS,
    *imports.HANDLERS,
    *pages.HANDLERS,
)
