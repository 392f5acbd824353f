"""Where the index of places should have each customer, computed anew from the records alone, beside what it says."""

from collections.abc import Iterator

import sqlalchemy as sa

from geo.grid import cell, masked
from server.models import RECORD_TABLES, spot
from shared_schema.places import Position

Spot = tuple[bytes, int, bytes, int, int]
"""(holder, cell, customer, latitude, longitude)."""


def misplaced(conn: sa.Connection, org_id: int) -> list[str]:
    """Customers that stand there and should not, or the other way round; none in any state between two transactions."""
    table = sa.select(spot.c.holder_id, spot.c.cell, spot.c.id, spot.c.latitude_e6, spot.c.longitude_e6).where(spot.c.org_id == org_id)
    told, wanted = {tuple(row) for row in conn.execute(table)}, set(_expected(conn, org_id))
    return sorted(f"place {'missing' if one in wanted else 'wrong'}: {one}" for one in told ^ wanted)


def _expected(conn: sa.Connection, org_id: int) -> Iterator[Spot]:
    customer, standing, collaborator = (RECORD_TABLES[name] for name in ("customer", "standing", "collaborator"))
    at = sa.select(customer.c.id, customer.c.wgs_latitude_e6, customer.c.wgs_longitude_e6).where(customer.c.org_id == org_id)
    places = {row[0]: Position(row[1], row[2]) for row in conn.execute(at) if row[1] is not None}
    holders = sa.select(collaborator.c.user_id, collaborator.c.customer_id).where(collaborator.c.org_id == org_id)
    owners = sa.select(standing.c.owner_id, standing.c.id).where(standing.c.org_id == org_id, standing.c.owner_id.is_not(None))
    for holder_id, customer_id in (*conn.execute(holders), *conn.execute(owners)):
        if customer_id in places:
            yield (holder_id, cell(*places[customer_id]), customer_id, *places[customer_id])
    pooled = sa.select(standing.c.pool_id, standing.c.id).where(standing.c.org_id == org_id, standing.c.owner_id.is_(None))
    for pool_id, customer_id in conn.execute(pooled.where(standing.c.pool_id.is_not(None))):
        if customer_id in places:
            middle = masked(*places[customer_id])
            yield (pool_id, cell(*middle), customer_id, *middle)
