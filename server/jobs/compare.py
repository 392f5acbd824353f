"""One turn of the comparison: the numbers of customers that phones entered since the last one, of the organisations that have some."""

from server import chance
from server.database import Database
from server.jobs.pieces import attempt
from server.services.compare import compare
from server.store.alike import waiting


async def run(database: Database) -> int:
    """Compare what waits; how many pushes there were. An organisation at which it fails holds up no other one, and waits itself."""
    done = 0
    for org_id in await database.read(waiting):
        while compared := await attempt(database.write(compare, org_id, chance.now_ms()), "compare", org_id, 0):
            done += compared
    return done
