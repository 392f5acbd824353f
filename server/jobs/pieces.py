"""One piece of a job: a piece that fails is told in the log, holds up none of the others, and is tried again at the job's next turn."""

import logging
from collections.abc import Awaitable
from typing import Final

LOGGER: Final = logging.getLogger("outrider.jobs")


async def attempt(piece: Awaitable[int], job: str, org_id: int, subject: bytes | int) -> int:
    """The result of a piece, 0 if it failed. `subject`: the record or scope that it was about, for the log."""
    try:
        return await piece
    except Exception:
        about = subject.hex() if isinstance(subject, bytes) else subject
        LOGGER.exception("piece of a job failed", extra={"facts": {"job": job, "org": org_id, "subject": about}})
        return 0
