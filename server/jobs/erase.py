"""Every minute: delete where users were who are erased, a batch in each transaction; then the files forget the persons (D-487, D-489)."""

import logging
from typing import Final

from server import chance
from server.database import Database
from server.jobs.pieces import attempt
from server.services.erase_places import places
from server.store import erased_places, mentions

NAME: Final = "erase places"
EVERY_S: Final = 60.0
LOGGER: Final = logging.getLogger("outrider.jobs")
HELD: Final = frozenset({*(str(table.name) for table in mentions.searched()), "feed", "attempt", "robot"})
"""Tables that held something of a person."""


async def run(database: Database) -> int:
    """Work until nothing is left; how much it was. An erasure that fails is told in the log and tried again in a minute."""
    total, waiting = 0, await database.read(erased_places.waiting)
    for org_id, user_id in waiting:
        while done := await attempt(database.write(places, org_id, user_id, chance.now_ms()), NAME, org_id, user_id):
            total += done
    if waiting and not await database.scrub(HELD):
        LOGGER.warning("the log of the database still holds who was erased", extra={"facts": {"job": NAME}})
    return total
