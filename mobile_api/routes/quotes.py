"""Quotes by REST: one with its lines and content hash."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from mobile_api.codec import answer
from mobile_api.openapi import contract
from mobile_api.routes.desk.places import id_in_path
from server.chance import now_ms
from server.database import Database
from server.domain.tokens import Claims
from server.services import quotes
from shared_schema.records.quote import QuoteShown

HttpRequest = Request[Any, Any, Any]


@get("/v1/quotes/{quote_id:str}", opt=contract(gives=QuoteShown))
async def show(
    request: HttpRequest, quote_id: FromPath[str], database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """Read a quote with its lines, and the content hash which a decision about it carries."""
    return answer(request, await database.read(quotes.shown, claims, id_in_path(quote_id), now_ms()))


HANDLERS: Final = (show,)
