"""Desk routes for what every device holds: the profile, departments, products, price books, prices, custom field definitions (admin)."""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from mobile_api.codec import answer, read
from mobile_api.openapi import contract
from server.chance import now_ms
from server.database import Database
from server.domain.tokens import Claims
from server.services import catalogue
from shared_schema.records.reference import (
    Department,
    DepartmentRequest,
    FieldDefinition,
    FieldDefinitionRequest,
    Organisation,
    OrganisationRequest,
    Price,
    PriceBook,
    PriceBookRequest,
    PriceRequest,
    Product,
    ProductRequest,
)

HttpRequest = Request[Any, Any, Any]


@get("/v1/desk/organisation", opt=contract(gives=Organisation))
async def show_organisation(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """Show the organisation's profile."""
    return answer(request, await database.read(catalogue.organisation, claims, now_ms()))


@post("/v1/desk/organisation", status_code=200, opt=contract(takes=OrganisationRequest, gives=Organisation))
async def save_organisation(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """Rename the organisation, or correct its time zone (D-001)."""
    asked = await read(request, OrganisationRequest)
    return answer(request, await database.write(catalogue.save_organisation, claims, asked, now_ms()))


@post("/v1/desk/departments", status_code=200, opt=contract(takes=DepartmentRequest, gives=Department))
async def save_department(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """Make, rename or move a department."""
    asked = await read(request, DepartmentRequest)
    return answer(request, await database.write(catalogue.save_department, claims, asked, now_ms()))


@post("/v1/desk/products", status_code=200, opt=contract(takes=ProductRequest, gives=Product))
async def save_product(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """Make or change a product."""
    asked = await read(request, ProductRequest)
    return answer(request, await database.write(catalogue.save_product, claims, asked, now_ms()))


@post("/v1/desk/price-books", status_code=200, opt=contract(takes=PriceBookRequest, gives=PriceBook))
async def save_price_book(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """Make or change a price book."""
    asked = await read(request, PriceBookRequest)
    return answer(request, await database.write(catalogue.save_price_book, claims, asked, now_ms()))


@post("/v1/desk/prices", status_code=200, opt=contract(takes=PriceRequest, gives=Price))
async def save_price(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """Make or change the price of a product in a price book."""
    asked = await read(request, PriceRequest)
    return answer(request, await database.write(catalogue.save_price, claims, asked, now_ms()))


@post("/v1/desk/field-definitions", status_code=200, opt=contract(takes=FieldDefinitionRequest, gives=FieldDefinition))
async def save_field_definition(
    request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """Define a custom field, or change its labels and choices."""
    asked = await read(request, FieldDefinitionRequest)
    return answer(request, await database.write(catalogue.save_field_definition, claims, asked, now_ms()))


HANDLERS: Final = (
    show_organisation,
    save_organisation,
    save_department,
    save_product,
    save_price_book,
    save_price,
    save_field_definition,
)
