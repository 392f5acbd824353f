"""The rights of persons: what the organisation holds about one, as a zipped file that is written to the disk first; and who was erased."""

import tempfile
from collections.abc import AsyncIterator
from typing import Any, BinaryIO, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from mobile_api.codec import answer
from mobile_api.openapi import contract
from mobile_api.routes.desk.places import id_in_path
from mobile_api.uploads import ImportGate
from server.chance import now_ms
from server.database import Database
from server.domain.desk import DISCLOSURES
from server.domain.rights import Disclosure
from server.domain.tokens import Claims
from server.services import disclose, erasures
from shared_schema.rest_rights import ErasurePage

HttpRequest = Request[Any, Any, Any]
MEDIA: Final = "application/zip"
PIECE_BYTES: Final = 1 << 16


async def _sent(file: BinaryIO) -> AsyncIterator[bytes]:
    """The bytes of a written file, piece by piece; then it is gone."""
    with file:
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            yield piece


def route(declared: Disclosure) -> HTTPRouteHandler:
    """The handler of a disclosure."""
    (place,) = (part[1:-1] for part in declared.path.split("/") if part.startswith("{"))

    async def handle(
        request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims], import_gate: NamedDependency[ImportGate]
    ) -> Stream:
        person_id = id_in_path(request.path_params[place])
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
        try:
            async with import_gate.turn():
                await database.read(disclose.disclose, claims, declared, person_id, file, now_ms())
        except BaseException:
            file.close()
            raise
        headers = {"Content-Disposition": 'attachment; filename="person.zip"', "Cache-Control": "no-store"}
        return Stream(_sent(file), media_type=MEDIA, headers=headers)

    handle.__doc__ = declared.tells
    made: HTTPRouteHandler = get(declared.path.replace("}", ":str}"), opt=contract(media=MEDIA))(handle)
    return made


@get("/v1/desk/erasures", opt=contract(gives=ErasurePage))
async def list_erasures(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """List which records of persons were erased, by whom and when (admin, D-486)."""
    return answer(request, await database.read(erasures.listed, claims, now_ms()))


HANDLERS: Final = (*(route(declared) for declared in DISCLOSURES), list_erasures)
