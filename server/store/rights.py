"""Each kind of right to see or do something is written by one function: there a number of the organisation can be raised.

Log-ins, the last sight of a device or use of a key, and moves of customers are no rights: none of these columns is theirs.
"""

from collections.abc import Callable
from typing import Final

import sqlalchemy as sa
from msgspec import Struct

from server.models import RECORD_TABLES, account, device, scope, service_account, service_key
from server.store import devices, identity, service_accounts, write
from shared_schema.registry import BY_NAME, PLACE


class Right(Struct, frozen=True):
    """One kind of right: its table, its columns, and its only writer; `columns` empty: all of them.

    A function that inserts or deletes a row writes all columns.
    """

    table: sa.Table
    writer: Callable[..., None]
    columns: frozenset[str] = frozenset()


RIGHTS: Final = (
    Right(account, identity.put_account),
    Right(device, devices.put_line, frozenset({"user_id", "installation_id", "state", "wiped_ms"})),
    Right(scope, identity.insert_scopes, frozenset({"lane", "subject_id", "tile"})),
    Right(service_account, service_accounts.put),
    Right(service_key, service_accounts.put_key, frozenset({"user_id", "made_ms", "until_ms"})),
    *(Right(RECORD_TABLES[entity.name], write.put_rows) for entity in (BY_NAME["person"], BY_NAME["department"], PLACE)),
)
"""A person has a role and a department, a department its parents, a pool the department of its members."""
