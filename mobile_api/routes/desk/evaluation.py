"""Desk routes for the evaluation of customers by profit."""

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
from server.services import evaluation_models
from shared_schema.rest_evaluation import (
    EvaluationModel,
    EvaluationModels,
    EvaluationShown,
    NewEvaluationModel,
    Previewed,
    PreviewRequest,
)

HttpRequest = Request[Any, Any, Any]
MODELS: Final = "/v1/desk/evaluation-models"


@get(MODELS, opt=contract(gives=EvaluationModels))
async def list_evaluation_models(
    request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """List the versions of the point model, the newest first (admin, D-651)."""
    return answer(request, await database.read(evaluation_models.listed, claims, now_ms()))


@post(MODELS, status_code=200, opt=contract(takes=NewEvaluationModel, gives=EvaluationModel))
async def make_evaluation_model(
    request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """Put a version of the point model into force from a day on (admin, D-651)."""
    asked = await read(request, NewEvaluationModel)
    return answer(request, await database.write(evaluation_models.make, claims, asked, now_ms()))


@post("/v1/desk/evaluation/preview", status_code=200, opt=contract(takes=PreviewRequest, gives=Previewed))
async def preview_evaluation(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """Show which customers would move under a draft of the point model, a page at a time (admin, D-660)."""
    asked = await read(request, PreviewRequest)
    return answer(request, await database.read(evaluation_models.preview, claims, asked, now_ms()))


@get("/v1/desk/customers/{customer_id:str}/evaluation", opt=contract(gives=EvaluationShown))
async def show_evaluation(
    request: HttpRequest, customer_id: FromPath[str], database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """Show why a customer has its tier: what each factor adds, by which version (manager, finance, admin; D-661)."""
    return answer(request, await database.read(evaluation_models.shown, claims, id_in_path(customer_id), now_ms()))


HANDLERS: Final = (list_evaluation_models, make_evaluation_model, preview_evaluation, show_evaluation)
