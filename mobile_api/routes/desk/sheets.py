"""A table of the desk as a workbook: the server writes the rows that the desk shows, and reads nothing of its own."""

import asyncio
from typing import Any, Final

from litestar import Request, Response, post
from litestar.di import NamedDependency

from mobile_api.codec import read
from mobile_api.openapi import contract
from mobile_api.uploads import ImportGate
from server.chance import now_ms
from server.database import Database
from server.domain.tokens import Claims
from server.services import actors
from server.sheets import workbook
from shared_schema.rest_sheets import SHEET_VALUES_MAX, SheetRequest

HttpRequest = Request[Any, Any, Any]
MEDIA: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COMPRESSED_BYTES_MAX: Final = 2 * 1024 * 1024


@post("/v1/desk/sheets", status_code=200, opt=contract(takes=SheetRequest, media=MEDIA))
async def write_sheet(
    request: HttpRequest,
    database: NamedDependency[Database],
    claims: NamedDependency[Claims],
    import_gate: NamedDependency[ImportGate],
) -> Response[bytes]:
    """Write a table, as the desk shows it, into a workbook."""
    await database.read(actors.entitled, claims, now_ms(), "POST /v1/desk/sheets")
    asked = await read(request, SheetRequest, COMPRESSED_BYTES_MAX, SHEET_VALUES_MAX)
    async with import_gate.turn():
        body = await asyncio.to_thread(workbook.write_table, asked)
    headers = {"Content-Disposition": 'attachment; filename="table.xlsx"', "Cache-Control": "no-store"}
    return Response(body, media_type=MEDIA, headers=headers)


HANDLERS: Final = (write_sheet,)
