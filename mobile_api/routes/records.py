"""Reading by REST: records, their history, the inbox."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from mobile_api.codec import answer
from mobile_api.openapi import contract
from mobile_api.routes.desk.places import id_after, id_in_path, id_in_query
from server.chance import now_ms
from server.database import Database
from server.domain.tokens import Claims
from server.services import records
from shared_schema import rest

HttpRequest = Request[Any, Any, Any]


@get("/v1/records/{entity:str}", opt=contract(gives=rest.RecordPage, query=("after", "customer_id")))
async def list_records(
    request: HttpRequest, entity: FromPath[str], database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """List the records of one entity that the caller may see."""
    wanted = records.Wanted(entity, id_after(request), id_in_query(request, "customer_id"))
    items, after = await database.read(records.listed, claims, wanted, now_ms())
    return answer(request, rest.RecordPage(entity=entity, items=items, after=after))


@get("/v1/records/{entity:str}/{record_id:str}", opt=contract(media="application/json"))
async def one_record(
    request: HttpRequest,
    entity: FromPath[str],
    record_id: FromPath[str],
    database: NamedDependency[Database],
    claims: NamedDependency[Claims],
) -> Response[bytes]:
    """Read one record."""
    return answer(request, await database.read(records.one, claims, entity, id_in_path(record_id), now_ms()))


@get("/v1/records/{entity:str}/{record_id:str}/history", opt=contract(gives=rest.History))
async def record_history(
    request: HttpRequest,
    entity: FromPath[str],
    record_id: FromPath[str],
    database: NamedDependency[Database],
    claims: NamedDependency[Claims],
) -> Response[bytes]:
    """Read the history of one record, by field group."""
    return answer(request, rest.History(items=await database.read(records.changes, claims, entity, id_in_path(record_id), now_ms())))


@get("/v1/inbox", opt=contract(gives=rest.RecordPage, query=("after",)))
async def inbox(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """List the caller's inbox items; a manager's reports' too."""
    items, after = await database.read(records.listed, claims, records.Wanted("inbox_item", id_after(request)), now_ms())
    return answer(request, rest.RecordPage(entity="inbox_item", items=items, after=after))


HANDLERS: Final = (list_records, one_record, record_history, inbox)
