"""Desk routes for service accounts and their keys."""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from mobile_api.codec import answer, read
from mobile_api.openapi import contract
from mobile_api.routes.desk.places import id_in_path
from server.chance import now_ms
from server.database import Database
from server.domain.tokens import Claims
from server.services import service_accounts
from shared_schema.rest_services import ServiceAccount, ServiceAccountRequest, ServiceAccounts, ServiceKeyRequest, ServiceKeyTold

HttpRequest = Request[Any, Any, Any]
PATH: Final = "/v1/desk/service-accounts"


@get(PATH, opt=contract(gives=ServiceAccounts))
async def list_service_accounts(
    request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """List the organisation's service accounts, with the keys that still open (admin, D-498)."""
    return answer(request, await database.read(service_accounts.listed, claims, now_ms()))


@post(PATH, status_code=200, opt=contract(takes=ServiceAccountRequest, gives=ServiceAccount))
async def save_service_account(
    request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """Make or change a service account; its end is the end of its keys (admin, D-496)."""
    asked = await read(request, ServiceAccountRequest)
    return answer(request, await database.write(service_accounts.save, claims, asked, now_ms()))


@post(f"{PATH}/{{service_account_id:str}}/keys", status_code=200, opt=contract(takes=ServiceKeyRequest, gives=ServiceKeyTold))
async def make_service_key(
    request: HttpRequest, service_account_id: FromPath[str], database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """Give a service account a new key, which is shown this once; the key before it opens for some hours more (admin, D-497)."""
    asked = await read(request, ServiceKeyRequest)
    return answer(request, await database.write(service_accounts.new_key, claims, id_in_path(service_account_id), asked, now_ms()))


HANDLERS: Final = (list_service_accounts, save_service_account, make_service_key)
