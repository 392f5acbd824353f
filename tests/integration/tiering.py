"""A customer's tier, written as an evaluation writes it: with the feed, and with what is due anew."""

import sqlalchemy as sa
from msgspec.structs import replace

from server.domain.desk import write
from server.domain.needs import Rows
from server.services.act import NOBODY, Deciding, carried_out
from shared_schema.records.customer import Standing, Tier
from shared_schema.records.reference import Role
from sync.rules import Actor
from sync.state import State


def evaluated(conn: sa.Connection, org_id: int, customer_id: bytes, tier: Tier, now_ms: int) -> None:
    """The customer has this tier from now on."""

    def decide(state: State) -> None:
        known = state.standing(customer_id)
        assert known is not None
        write(state, (replace(known, tier=tier),))

    deciding = Deciding(lambda _asking: (Rows(Standing, frozenset({customer_id})),), decide)
    carried_out(conn, Actor(org_id, NOBODY, 0, Role.unknown), deciding, now_ms)
