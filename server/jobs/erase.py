"""Every minute: delete where users were who are erased, a batch in each transaction; then the files forget the persons (D-487, D-489)."""

from typing import Final

from server import chance
from server.database import Database
from server.jobs.pieces import attempt
from server.jobs.scrub import scrub
from server.services.erase_places import places
from server.store import erased_places

NAME: Final = "erase places"
EVERY_S: Final = 60.0


async def run(database: Database) -> int:
    """Work until nothing is left; how much it was. An erasure that fails, and a scrub, is told in the log and tried again in a minute."""
    total, waiting = 0, await database.read(erased_places.waiting)
    for org_id, user_id in waiting:
        while done := await attempt(database.write(places, org_id, user_id, chance.now_ms()), NAME, org_id, user_id):
            total += done
    await scrub(database, NAME)
    return total
