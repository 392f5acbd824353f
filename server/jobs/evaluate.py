"""One turn of the evaluation: customers of whom something changed, then the pass through all customers of the scheduled period.

A batch is a transaction; an organisation at which one fails holds up no other.
"""

from collections.abc import Callable
from typing import Any

from server import chance
from server.database import Database
from server.jobs.pieces import attempt
from server.services import evaluate
from server.store import evaluations


async def run(database: Database) -> int:
    """Evaluate the customers whose turn it is; how many were looked at."""
    done = 0
    for org_id in await database.read(evaluations.waiting):
        done += await _batches(database, evaluate.touched, org_id)
    for org_id in await database.read(evaluations.organisations):
        done += await _batches(database, evaluate.scheduled, org_id)
    return done


async def _batches(database: Database, batch: Callable[..., Any], org_id: int) -> int:
    done = 0
    while seen := await attempt(database.write(batch, org_id, chance.now_ms()), "evaluate", org_id, 0):
        done += seen
    return done
