"""Records by their names among people: few of an organisation, found without an index of their own."""

from collections.abc import Collection

import sqlalchemy as sa

from server.models import RECORD_TABLES, account
from server.store.convert import columns
from server.store.load import held
from shared_schema.entity import Entity
from shared_schema.registry import BY_NAME
from sync.state import State

TEXTS_MAX = 500
"""Of one statement: more than the rows of an import's transaction."""


def load(conn: sa.Connection, state: State, org_id: int, entity: Entity, column: str, texts: Collection[str] | Collection[bytes]) -> None:
    """Load the records of an entity whose column is one of these."""
    table = RECORD_TABLES[entity.name]
    chosen = sa.select(*(table.c[name] for name in columns(entity)[1:])).where(table.c.org_id == org_id)
    ordered = sorted(texts)
    for at in range(0, len(ordered), TEXTS_MAX):
        for row in conn.execute(chosen.where(table.c[column].in_(ordered[at : at + TEXTS_MAX])).order_by(table.c.id)):
            state.load(entity, held(entity, tuple(row)))


def accounts(conn: sa.Connection, state: State, org_id: int, logins: Collection[str]) -> list[tuple[bytes, str, str]]:
    """(user, login, language) of the accounts with these logins; their persons are loaded."""
    found: list[tuple[bytes, str, str]] = []
    ordered = sorted(logins)
    for at in range(0, len(ordered), TEXTS_MAX):
        chosen = sa.select(account.c.user_id, account.c.login, account.c.language).where(
            account.c.org_id == org_id, account.c.login.in_(ordered[at : at + TEXTS_MAX])
        )
        found += [(bytes(row.user_id), row.login, row.language) for row in conn.execute(chosen.order_by(account.c.user_id))]
    load(conn, state, org_id, BY_NAME["person"], "id", [user_id for user_id, _, _ in found])
    return found
