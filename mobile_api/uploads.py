"""Files that the desk sends: bounded while they arrive, read beside the event loop, one at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from litestar import Request

from mobile_api.codec import receive_file
from server.domain.imports.sentences import said
from server.domain.imports.sheet import REQUEST, Sheet, SheetError
from server.sheets import files
from shared_schema.problem import Code, Problem

MEDIA: Final = frozenset(
    {
        "text/csv",
        "application/x-ndjson",
        "application/jsonl",
        "application/octet-stream",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)
"""The names that a file may have; its bytes tell its format."""
_WAITING_MAX: Final = 4


class ImportGate:
    """One import at a time in a process: a workbook takes memory, and phones want the database too."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn. Raises Problem(busy) when too many wait."""
        if self._waiting >= _WAITING_MAX:
            raise Problem(Code.busy, "another file is being read or written; try again when that has ended")
        self._waiting += 1
        try:
            async with self._turn:
                yield
        finally:
            self._waiting -= 1


def is_file(request: Request[Any, Any, Any]) -> bool:
    """Whether the body is a file, and no message."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() in MEDIA


async def sheet_of(request: Request[Any, Any, Any]) -> Sheet:
    """The rows of the file in a body. Raises Problem(rule_broken) and those of `receive_file`."""
    raw = await receive_file(request, REQUEST.file_bytes)
    try:
        return await asyncio.to_thread(files.read, raw, REQUEST)
    except SheetError as error:
        raise refused(error) from None


def refused(error: SheetError) -> Problem:
    """A file that cannot be read, in words of both languages."""
    return Problem(Code.rule_broken, f"{said(error.flaw, 'en')} ({said(error.flaw, 'zh')})")
