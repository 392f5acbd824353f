"""Let the files of the database forget what its rows no longer hold (D-479, D-489)."""

import logging
from typing import Final

from server.database import Database
from server.models import RECORD_TABLES
from server.store import mentions, owed
from shared_schema.registry import BY_NUMBER
from sync.forgetting import TELLING

LOGGER: Final = logging.getLogger("outrider.jobs")
TOLD: Final = frozenset(str(RECORD_TABLES[BY_NUMBER[number].name].name) for number in TELLING)
PLACES: Final = TOLD | {"feed", "payload", "quarantine", "retained"}
"""Tables that hold where people were."""
PERSONS: Final = frozenset({*(str(table.name) for table in mentions.searched()), "feed", "attempt", "robot"})
"""Tables that held something of a person."""


async def scrub(database: Database, job: str) -> bool:
    """Scrub where something was deleted since the last time that worked; whether the files are clean.

    Where it fails the mark stays, and the next turn of a job, within a minute, tries again.
    """
    marks = await database.read(owed.marks)
    if marks and not await database.scrub(PLACES | PERSONS):
        LOGGER.warning("the log of the database still holds what was deleted; tried again in a minute", extra={"facts": {"job": job}})
        return False
    if marks:
        await database.write(owed.settle, marks)
    return True
