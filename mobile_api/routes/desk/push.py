"""The desk's question how push stands."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency

from mobile_api.codec import answer
from mobile_api.openapi import contract
from server.chance import now_ms
from server.database import Database
from server.domain.tokens import Claims
from server.jobs.channels import ways
from server.services import push_health
from server.settings import Settings
from shared_schema.push_health import PushHealth

HttpRequest = Request[Any, Any, Any]


@get("/v1/desk/push/health", opt=contract(gives=PushHealth))
async def show_push_health(
    request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims], settings: NamedDependency[Settings]
) -> Response[bytes]:
    """Show what became of the organisation's notices and pushes in the last 24 hours, and how each way stands (admin, D-946)."""
    return answer(request, await database.read(push_health.told, claims, ways(settings), now_ms()))


HANDLERS: Final = (show_push_health,)
