"""Operations of the crash matrix: what the desk keeps for every device, a record of each table."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from server.database import Database
from server.services import tables
from shared_schema.records.reference import (
    DepartmentRequest,
    FieldDefinitionRequest,
    FieldKind,
    OrganisationRequest,
    PriceBookRequest,
    PriceRequest,
    ProductRequest,
)
from shared_schema.registry import BY_NAME
from tests.prove.crash_listed import Operation, Run
from tests.prove.crash_stage import Scene


def _id(number: int) -> bytes:
    return (0xC4A5 << 64 | number).to_bytes(16, "big")


PRODUCT: Final = ProductRequest(id=_id(3), code="CRASH", name="Made")
BOOK: Final = PriceBookRequest(id=_id(4), name="Made")
KEPT: Final[Mapping[str, Sequence[Struct]]] = {
    "organisation": [OrganisationRequest(name="Renamed", time_zone="Asia/Shanghai")],
    "department": [DepartmentRequest(id=_id(1), name="Made")],
    "field_definition": [
        FieldDefinitionRequest(
            id=_id(2), entity=BY_NAME["contact"].number, key="crash", kind=FieldKind.text, label_zh="新", label_en="Made"
        )
    ],
    "product": [PRODUCT],
    "price": [PRODUCT, BOOK, PriceRequest(id=_id(5), price_book_id=_id(4), product_id=_id(3), price_minor=950)],
}
"""Table → what the desk asks, one after the other. Asked again, it changes nothing."""


def keeping(asked: Sequence[Struct]) -> Run:
    async def run(database: Database, scene: Scene) -> object:
        stands = [await database.write(tables.save, scene.claims["admin"], one, scene.now_ms) for one in asked]
        return [(type(one).__name__, one.id) for one in stands]

    return run


OPERATIONS: Final = tuple(
    Operation(f"keep a {name.replace('_', ' ')}", keeping(asked), same=True, touches=(name,)) for name, asked in KEPT.items()
)
