"""The OpenAPI document is valid, covers every route, and its schemas describe what the twin really writes."""

import re
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from mobile_api.app import create_app
from mobile_api.openapi import document
from server.database import open_database
from server.domain.tokens import Signer
from server.settings import Settings
from shared_schema import export, twin
from shared_schema.records.customer import Customer
from shared_schema.wire import SyncAnswer, SyncRequest
from tests.contract.documents import DOCS

pytestmark = pytest.mark.anyio
ID = bytes(range(16))
PROTOCOL_TEXT, DOMAIN_TEXT = ((DOCS / name).read_text("utf-8") for name in ("protocol.md", "domain.md"))


@pytest.fixture
async def app(tmp_path: Any) -> Any:
    """The application on an empty file: its document asks no table."""
    database = open_database(f"sqlite:///{tmp_path}/empty.db")
    yield create_app(Settings(), database, Signer(bytes(32)))
    await database.close()


async def test_the_document_is_valid(app: Litestar) -> None:
    validate(document(app))


async def test_every_route_is_in_the_document_and_has_its_contract(app: Litestar) -> None:
    paths = document(app)["paths"]
    served = {route.path_format for route in app.routes}
    assert set(paths) == served
    unsaid = {
        path
        for path, operations in paths.items()
        if path.startswith("/v1/") and "{" not in path and "requestBody" not in operations.get("post", {"requestBody": None})
    }
    assert unsaid <= {"/v1/logout", "/v1/device/fork"}, "a route that takes a body says which"


CITED = {
    "get /v1/nearby": {"D-460": "lists customers by distance from a place", "D-464": "The cursor of a page keeps the place"},
    "post /v1/sync": {"P-301": "is committed before the pull"},
    "get /v1/wake": {"P-801": "tells a device that there is something to sync"},
    "put /v1/device/push-target": {
        "P-810": "says where push reaches a device",
        "P-811": "The same address on another line of the organisation moves there",
    },
    "delete /v1/device/push-target": {"P-810": "`DELETE` withdraws it"},
    "get /v1/device/push-key": {"P-812": "the key with which a browser subscribes"},
    "put /v1/desk/robot": {"D-945": "An organisation may have a robot"},
    "get /v1/desk/push/health": {"D-946": "An admin sees how push stands"},
    "get /v1/desk/evaluation-models": {"D-651": "The point model of an organisation has versions"},
    "post /v1/desk/evaluation-models": {"D-651": "The point model of an organisation has versions"},
    "post /v1/desk/evaluation/preview": {"D-660": "An admin asks who would move under a draft"},
    "get /v1/desk/customers/{customer_id}/evaluation": {"D-661": "The desk shows why a customer has its tier"},
    "post /v1/desk/customers/{customer_id}/tier": {"D-656": "sets a tier by hand"},
    "get /v1/desk/robot": {"D-945": "An organisation may have a robot"},
    "delete /v1/desk/robot": {"D-945": "An organisation may have a robot"},
    "get /v1/desk/service-accounts": {"D-498": "The admin sees each account"},
    "post /v1/desk/service-accounts": {"D-496": "An admin makes a service account"},
    "post /v1/desk/service-accounts/{service_account_id}/keys": {"D-497": "A key is told once"},
    "post /v1/desk/organisation": {"D-001": "An organisation's time zone is a name of the IANA database"},
    "post /v1/quotes/{quote_id}/decisions": {"D-321": "decides, by phone or at the desk"},
    "get /v1/desk/sales-orders": {"D-331": "An order has the id that the desk gave it"},
    "get /v1/desk/receivables": {"D-333": "A receivable has a document's number"},
    "post /v1/desk/sales-orders": {"D-331": "An order has the id that the desk gave it"},
    "post /v1/quotes/{quote_id}/order": {"D-338": "Of an approved quote one order is made"},
    "post /v1/desk/receivables": {"D-333": "A receivable has a document's number"},
    "post /v1/desk/collections": {"D-334": "A collection pays the receivables of its customer"},
    "get /v1/desk/customers": {"D-494": "lists the customers that the role reaches"},
    "get /v1/customers/{customer_id}": {"D-494": "shows one with its contacts"},
    "post /v1/desk/customers": {"D-112": "enters a customer at the desk", "D-183": "goes where the rules send it"},
    "post /v1/desk/customers/{customer_id}": {"D-113": "At the desk a manager changes the customers"},
    "post /v1/desk/contacts": {"D-114": "The same holds for contacts"},
    "post /v1/desk/contacts/{contact_id}": {"D-114": "The same holds for contacts"},
    "post /v1/desk/customers/{customer_id}/transfer": {"D-107": "A customer goes to an active rep or"},
    "post /v1/desk/customers/{customer_id}/collaborators": {"D-107": "only about the collaboration"},
    "delete /v1/desk/customers/{customer_id}/collaborators/{user_id}": {"D-107": "only about the collaboration"},
    "post /v1/desk/customers/{customer_id}/release": {"D-125": "A release puts a customer into an active pool"},
    "post /v1/desk/customers/{customer_id}/do-not-disturb": {"D-133": "says at the desk until which day it is left alone"},
    "post /v1/desk/customers/{customer_id}/lock": {"D-160": "locks it at the desk until a day"},
    "get /v1/desk/assignment-rules": {"D-182": "An assignment rule"},
    "post /v1/desk/assignment-rules/trial": {"D-185": "where a customer of a city"},
    "post /v1/desk/assignment-rules": {"D-182": "An assignment rule"},
    "get /v1/desk/cities": {"D-180": "lies in one region"},
    "post /v1/desk/cities": {"D-180": "lies in one region"},
    "get /v1/desk/consents": {"D-471": "an admin sees everybody's"},
    "get /v1/desk/extensions": {"D-162": "decides at the desk"},
    "post /v1/desk/extensions/{extension_id}/decision": {"D-162": "decides at the desk"},
    "post /v1/desk/users/{user_id}/hand-over": {"D-109": "A leaver is handed over customer by customer"},
    "post /v1/desk/imports/{kind}": {
        "D-701": "a file that was taken twice counts once",
        "D-703": "A row is taken whole or not at all",
        "D-707": "A dry run decides everything in the same way and writes nothing",
    },
    "get /v1/desk/imports/{kind}/template": {"D-702": "the template's example is one"},
    "get /v1/desk/pools": {"D-121": "Members of a pool", "D-122": "less what its pool hides"},
    "get /v1/desk/pool-holds": {"D-194": "The desk lists holds"},
    "post /v1/pool-cards/{customer_id}/hold": {"D-190": "with the network alone", "D-191": "wins, also if it was made offline"},
    "post /v1/pool-holds/{pool_hold_id}/end": {"D-193": "A hold ends"},
    "get /v1/desk/duplicates": {"D-154": "The manager who is to decide"},
    "post /v1/desk/duplicates/{duplicate_id}/decision": {"D-154": "The manager who is to decide"},
    "get /v1/desk/archivals": {"D-166": "is listed"},
    "post /v1/desk/customers/{customer_id}/archive": {"D-164": "archives it at the desk, with a reason"},
    "post /v1/desk/customers/{customer_id}/unarchive": {"D-167": "An archived customer comes back"},
    "get /v1/desk/users/{user_id}/disclosure": {"D-481": "The answer about a user"},
    "get /v1/desk/contacts/{contact_id}/disclosure": {"D-482": "The answer about a contact"},
    "post /v1/desk/contacts/{contact_id}/erase": {"D-484": "A contact is erased at the desk"},
    "post /v1/desk/users/{user_id}/erase": {"D-487": "A user who has left is erased by an admin"},
    "get /v1/desk/erasures": {"D-486": "Each erasure leaves a line for ever"},
    "get /v1/desk/placings": {"D-218": "and names the proposal that was on the screen"},
    "post /v1/desk/customers/{customer_id}/placing/confirm": {"D-218": "confirms or declines it at the desk"},
    "post /v1/desk/customers/{customer_id}/placing/decline": {"D-218": "confirms or declines it at the desk"},
    "get /v1/desk/contests": {"D-172": "The manager who is to decide"},
    "post /v1/desk/contests/{contest_id}/decision": {"D-172": "The manager who is to decide"},
    "post /v1/desk/pools": {"D-121": "Members of a pool", "D-123": "When the desk changes what a pool hides"},
    "get /v1/desk/tier-policies": {"D-670": "has versions"},
    "post /v1/desk/tier-policies": {"D-670": "Each change is a new version"},
    "post /v1/desk/tier-policy/preview": {"D-676": "An admin asks whom a draft concerns"},
    "get /v1/desk/reclaim-rules": {"D-141": "has versions"},
    "post /v1/desk/reclaim-rules": {"D-141": "Each change is a new version"},
    "post /v1/desk/reclaim/preview": {"D-149": "asks who would fall, and on which day, under a draft"},
}
"""Route → the rules that its summary cites, with the words of each that are meant."""


async def test_each_rule_that_a_route_cites_is_the_one_that_is_meant(app: Litestar) -> None:
    rules = dict(re.findall(r"^- \*\*([PD]-\d+)\*\* (.*(?:\n  .*)*)", PROTOCOL_TEXT + DOMAIN_TEXT, re.MULTILINE))
    found = {
        f"{method} {path}": cited
        for path, operations in document(app)["paths"].items()
        for method, one in operations.items()
        if (cited := re.findall(r"[PD]-\d+", one["summary"]))
    }
    assert found == {route: list(told) for route, told in CITED.items()}
    wrong = [(route, rule) for route, told in CITED.items() for rule, words in told.items() if words not in " ".join(rules[rule].split())]
    assert wrong == []


def schema_of(type_: Any) -> dict[str, Any]:
    """A schema of one type that stands alone."""
    schemas = export.Schemas([type_], "#/$defs/{name}")
    return {"$defs": schemas.components, **schemas.reference(type_)}


def test_what_the_twin_writes_fits_its_schema() -> None:
    checked = OAS31Validator(schema_of(Customer))
    named = msgspec.json.decode(twin.to_json(Customer(ID, 1, "Lu Xun Tea House", extra={"size": "large"})))
    checked.validate(named)
    for wrong in ({**named, "id": "x"}, {**named, "name": ""}, {**named, "rev": -1}):
        assert not checked.is_valid(wrong)


def test_a_request_and_an_answer_fit_their_schemas() -> None:
    mutation = {"n": 1, "group": {"first_n": 1, "index": 0, "count": 1}, "kind": 2, "entity": 1, "id": twin.id_text(ID)}
    mutation |= {"bases": {}, "body": {"name": "b"}, "device_ms": 1}
    request = {"protocol": 1, "schema": 1, "app": "a", "cursor": "", "acked_n": 0, "device_ms": 5, "mutations": [mutation]}
    twin.sync_request_from_json(msgspec.json.encode(request))
    checked = OAS31Validator(schema_of(SyncRequest))
    checked.validate(request)
    assert not checked.is_valid({**request, "mutations": [{**mutation, "body": {"owner_id": twin.id_text(ID)}}]}), "a server-owned field"
    answer = SyncAnswer(1, 1, 1, b"x" * 8, b"c", 0, 0, None, [], [], [], False, True)
    OAS31Validator(schema_of(SyncAnswer)).validate(msgspec.json.decode(twin.sync_answer_to_json(answer)))
