"""Products from a file: known by their code, also those that the desk made."""

from collections.abc import Iterable, Sequence
from typing import Final

from server.domain.imports import cells
from server.domain.imports.frame import Asking, Column, Import, Named, Need, Planned, Row, filled, imported_id, unless
from server.domain.needs import Rows
from shared_schema.records.reference import Product
from shared_schema.scalars import Name, Word

NAME: Final = "products"


def product_of(asking: Asking, code: str, column: str) -> Product | None:
    """The product with this code; None if there is none. Raises FlawError if several have it."""
    found = [one for one in asking.all(Product) if one.code == code]
    unless(len(found) <= 1, "names_many", column, text=code)
    return found[0] if found else None


def wants(asking: Asking, rows: Sequence[Row]) -> Iterable[Need]:
    """The products with these codes."""
    codes = frozenset(row.key[0] for row in rows)
    yield Named(Product, "code", codes)
    found = {one.id for one in asking.all(Product) if one.code in codes}
    yield Rows(Product, frozenset(found | {imported_id(asking.actor.org_id, NAME, code) for code in codes}))


def plan(asking: Asking, row: Row) -> Planned:
    """The product."""
    code = row.key[0]
    known = product_of(asking, code, "code") or asking.state.find(Product, imported_id(asking.actor.org_id, NAME, code))
    return Planned((filled(PRODUCTS, known or Product(imported_id(asking.actor.org_id, NAME, code), 0, code, row.values["name"]), row),))


PRODUCTS: Final = Import(
    name=NAME,
    zh="产品",
    en="Products",
    record=Product,
    key=("code",),
    wants=wants,
    plan=plan,
    columns=(
        Column(
            "code", "代码", "Code", cells.word(Word), "TEA-500", required=True, slot="code", also=("产品代码", "产品编号", "product code")
        ),
        Column("name", "名称", "Name", cells.text(Name), "绿茶 500 克", required=True, slot="name", also=("产品名称", "产品")),
        Column("unit", "单位", "Unit", cells.text(Word), "盒", slot="unit"),
        Column("tax", "税率", "Tax rate", cells.share, "13%", slot="tax_bps", also=("税率%", "tax %")),
        Column("grade", "等级", "Grade", cells.word(Word), "A", slot="grade"),
        Column("active", "启用", "Active", cells.flag, "是", slot="active"),
    ),
)
