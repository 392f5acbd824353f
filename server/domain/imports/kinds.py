"""Every kind of import, one line each."""

from collections.abc import Mapping
from typing import Final

from server.domain.imports.contacts import CONTACTS
from server.domain.imports.customers import CUSTOMERS
from server.domain.imports.departments import DEPARTMENTS
from server.domain.imports.frame import Import
from server.domain.imports.prices import PRICES
from server.domain.imports.products import PRODUCTS
from server.domain.imports.users import USERS

IMPORTS: Final = (DEPARTMENTS, USERS, CUSTOMERS, CONTACTS, PRODUCTS, PRICES)
"""In the order in which a new organisation brings them over: a record comes before the records that name it."""
BY_NAME: Final[Mapping[str, Import]] = {one.name: one for one in IMPORTS}
