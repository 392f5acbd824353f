"""Who has each customer: by the standings, and once more by the ownership events alone. Nothing here asks the code under test."""

from typing import Final

import sqlalchemy as sa

from server.models import RECORD_TABLES, ownership_event
from server.store.convert import from_row
from shared_schema.records.customer import Standing
from shared_schema.registry import BY_RECORD
from tests.prove.claims_found import Found
from tests.prove.claims_scene import Scene
from tests.prove.replayed import GIVEN, TAKEN, Line, Stand, replayed, stand

STANDING: Final = RECORD_TABLES["standing"]
COLLABORATOR: Final = RECORD_TABLES["collaborator"]


async def owners(scene: Scene) -> dict[bytes, bytes | None]:
    """Customer → owner."""
    return {customer_id: one.owner_id for customer_id, one in (await scene.world.database.read(_stands, scene.world.org_id)).items()}


async def events(scene: Scene) -> dict[bytes, list[Line]]:
    """Customer → its events in order."""
    return await scene.world.database.read(_events, scene.world.org_id)


async def replay(scene: Scene, found: Found) -> None:
    """The events of each customer lead to where it stands; and no customer went to somebody while somebody else had it."""
    stands, told = await scene.world.database.read(_stands, scene.world.org_id), await events(scene)
    for customer_id, stood in stands.items():
        found.replayed_otherwise += replayed(told.get(customer_id, [])) != stood
        found.double_winners += _claimed_while_owned(told.get(customer_id, []))


def _claimed_while_owned(told: list[Line]) -> bool:
    owner: bytes | None = None
    for one in told:
        if one.kind == "claimed" and owner is not None:
            return True
        owner = one.user_id if one.kind in GIVEN else None if one.kind in TAKEN else owner
    return False


def _stands(conn: sa.Connection, org_id: int) -> dict[bytes, Stand]:
    beside: dict[bytes, set[bytes]] = {}
    for row in conn.execute(sa.select(COLLABORATOR.c.customer_id, COLLABORATOR.c.user_id).where(COLLABORATOR.c.org_id == org_id)):
        beside.setdefault(bytes(row.customer_id), set()).add(bytes(row.user_id))
    return {
        one.id: stand(one, beside.get(one.id, ()))
        for row in conn.execute(sa.select(STANDING).where(STANDING.c.org_id == org_id))
        if isinstance(one := from_row(BY_RECORD[Standing], [getattr(row, slot) for slot in BY_RECORD[Standing].slots]), Standing)
    }


def _events(conn: sa.Connection, org_id: int) -> dict[bytes, list[Line]]:
    table, found = ownership_event, dict[bytes, list[Line]]()
    for row in conn.execute(sa.select(table).where(table.c.org_id == org_id).order_by(table.c.customer_id, table.c.epoch)):
        one = Line(bytes(row.customer_id), row.epoch, row.kind, _bytes(row.owner_id), _bytes(row.pool_id), row.at_ms)
        found.setdefault(one.customer_id, []).append(one)
    return found


def _bytes(value: bytes | None) -> bytes | None:
    return bytes(value) if value is not None else None
