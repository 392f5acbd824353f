"""Desk routes for what every device holds: the profile, departments, products, price books, prices, custom field definitions (admin)."""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from mobile_api.codec import answer, read
from mobile_api.openapi import contract
from mobile_api.routes.desk.places import id_after
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
from shared_schema.rest import page_of

HttpRequest = Request[Any, Any, Any]
PAGE: Final = ("after",)


@get("/v1/desk/organisation", opt=contract(gives=Organisation))
async def show_organisation(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """Show the organisation's profile."""
    return answer(request, await database.read(catalogue.organisation, claims, now_ms()))


@post("/v1/desk/organisation", status_code=200, opt=contract(takes=OrganisationRequest, gives=Organisation))
async def save_organisation(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """Rename the organisation, or correct its time zone (D-001)."""
    asked = await read(request, OrganisationRequest)
    return answer(request, await database.write(catalogue.save_organisation, claims, asked, now_ms()))


@get("/v1/desk/departments", opt=contract(gives=page_of(Department), query=PAGE))
async def list_departments(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """List the departments."""
    items, after = await database.read(catalogue.page, claims, Department, id_after(request), now_ms())
    return answer(request, page_of(Department)(items=items, after=after))


@post("/v1/desk/departments", status_code=200, opt=contract(takes=DepartmentRequest, gives=Department))
async def save_department(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """Make, rename or move a department."""
    asked = await read(request, DepartmentRequest)
    return answer(request, await database.write(catalogue.save_department, claims, asked, now_ms()))


@get("/v1/desk/products", opt=contract(gives=page_of(Product), query=PAGE))
async def list_products(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """List the products."""
    items, after = await database.read(catalogue.page, claims, Product, id_after(request), now_ms())
    return answer(request, page_of(Product)(items=items, after=after))


@post("/v1/desk/products", status_code=200, opt=contract(takes=ProductRequest, gives=Product))
async def save_product(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """Make or change a product."""
    asked = await read(request, ProductRequest)
    return answer(request, await database.write(catalogue.save_product, claims, asked, now_ms()))


@get("/v1/desk/price-books", opt=contract(gives=page_of(PriceBook), query=PAGE))
async def list_price_books(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """List the price books."""
    items, after = await database.read(catalogue.page, claims, PriceBook, id_after(request), now_ms())
    return answer(request, page_of(PriceBook)(items=items, after=after))


@post("/v1/desk/price-books", status_code=200, opt=contract(takes=PriceBookRequest, gives=PriceBook))
async def save_price_book(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """Make or change a price book."""
    asked = await read(request, PriceBookRequest)
    return answer(request, await database.write(catalogue.save_price_book, claims, asked, now_ms()))


@get("/v1/desk/prices", opt=contract(gives=page_of(Price), query=PAGE))
async def list_prices(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """List the prices."""
    items, after = await database.read(catalogue.page, claims, Price, id_after(request), now_ms())
    return answer(request, page_of(Price)(items=items, after=after))


@post("/v1/desk/prices", status_code=200, opt=contract(takes=PriceRequest, gives=Price))
async def save_price(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """Make or change the price of a product in a price book."""
    asked = await read(request, PriceRequest)
    return answer(request, await database.write(catalogue.save_price, claims, asked, now_ms()))


@get("/v1/desk/field-definitions", opt=contract(gives=page_of(FieldDefinition), query=PAGE))
async def list_field_definitions(
    request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """List the custom fields."""
    items, after = await database.read(catalogue.page, claims, FieldDefinition, id_after(request), now_ms())
    return answer(request, page_of(FieldDefinition)(items=items, after=after))


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
    list_departments,
    save_department,
    list_products,
    save_product,
    list_price_books,
    save_price_book,
    list_prices,
    save_price,
    list_field_definitions,
    save_field_definition,
)
