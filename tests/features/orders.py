"""Orders and receivables of a customer: what the devices of its family hold of them, and what the desk enters."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from mobile_api.routes.desk.verbs import body_of
from server.database import Database
from server.domain.desk import VERB_OF
from server.domain.imports.sheet import COMMAND
from server.services import import_file, tables
from server.services.act import act
from server.sheets import files
from shared_schema.records.order import EnterCollection, EnterOrder, EnterReceivable, NewLine, OrderFromQuote, Receivable, SalesOrder
from shared_schema.records.reference import ProductRequest
from shared_schema.wire import ENCODER
from tests.features.books import agree
from tests.prove.crash_listed import Operation, Run
from tests.prove.crash_stage import Scene, Stage
from tests.prove.proof import CANARY, Author, Proof
from tests.world import Phone

DAY: Final = 20_000
ORDER: Final = VERB_OF[EnterOrder].path
OF_QUOTE: Final = VERB_OF[OrderFromQuote].path
OWE: Final = VERB_OF[EnterReceivable].path
COLLECT: Final = VERB_OF[EnterCollection].path
PRODUCT: Final = b"a product at 001"


def canary(author: Author) -> None:
    """An order of the author's customer, and what is owed for it."""
    customer_id = author.raw_id("customer")
    author.put(SalesOrder(b"an order of ann ", 0, customer_id, CANARY, DAY, "CNY", 12_300, external_id=CANARY))
    author.put(Receivable(b"a debt to ann 00", 0, customer_id, CANARY, "CNY", 12_300, 12_300, DAY, DAY + 30))


def _order(scene_id: bytes, customer_id: bytes, quantity: int) -> EnterOrder:
    lines = (NewLine("1", PRODUCT, quantity, 2_550, 50, 300), NewLine("2", PRODUCT, 1_000, 2_550, is_return=True))
    return EnterOrder(id=scene_id, customer_id=customer_id, number="A-1", day=DAY, due_day=DAY + 30, lines=lines)


async def prepare(stage: Stage, _reps: Mapping[str, Phone]) -> None:
    """A product that is sold, and an order of the team's customer, for which something is owed."""
    world = stage.world
    made = ProductRequest(id=PRODUCT, code="CRASH", name="Tea")
    await world.database.write(tables.save, stage.admin, made, world.now_ms)
    customers = import_file.Asked(stage.admin, "customers", False, world.now_ms)
    sheet = files.read(b"external_id,name,owner\nCRASH,Shop of files,ann\n", COMMAND)
    await import_file.take(world.database, customers, sheet, lambda _more, _all: None)
    asked = _order(b"an order at 0001", await _customer(stage), 3_000)
    await world.database.write(act, stage.manager.claims, asked, world.now_ms)


async def _customer(stage: Stage) -> bytes:
    """A customer of its own: nothing else is open of it."""
    customer_id = stage.manager.create("customer", name="Shop of orders")
    await stage.manager.sync()
    stage.ids["customer of orders"] = customer_id
    return customer_id


async def _asked(database: Database, scene: Scene, who: str, asked: Struct) -> object:
    return ENCODER.encode(await database.write(act, scene.claims[who], asked, scene.now_ms))


async def enter(database: Database, scene: Scene) -> object:
    return await _asked(database, scene, "manager", _order(scene.ids["new 8"], scene.ids["customer of orders"], 5_000))


async def change(database: Database, scene: Scene) -> object:
    return await _asked(database, scene, "manager", _order(b"an order at 0001", scene.ids["customer of orders"], 1_000))


async def collect(database: Database, scene: Scene) -> object:
    asked = EnterCollection(external_id="P-1", customer_id=scene.ids["customer of orders"], amount_minor=9_999, day=DAY + 1)
    return await _asked(database, scene, "admin", asked)


def importing(kind: str, text: str) -> Run:
    """A file of the business system, that an admin imports."""

    async def run(database: Database, scene: Scene) -> object:
        asked = import_file.Asked(scene.claims["admin"], kind, False, scene.now_ms)
        report = await import_file.take(database, asked, files.read(text.encode(), COMMAND), lambda _more, _all: None)
        return ENCODER.encode(report.wrong)

    return run


FILES: Final = {
    "order_lines": "order,line,customer,day,product,quantity,price,due_day\nS-1,1,CRASH,2024-10-05,CRASH,2,9.00,2024-11-01\n",
    "receivables": "external_id,customer,amount,due_day\nI-1,CRASH,5.00,2024-11-01\n",
    "collections": "external_id,customer,amount,day\nP-1,CRASH,7.00,2024-11-01\n",
    "costs": "product,from_day,cost\nCRASH,2024-01-01,1.00\n",
    "exchange_rates": "currency,from_day,rate\nUSD,2024-01-01,7.1\n",
}
TOUCHES: Final = {
    "order_lines": ("sales_order", "receivable", "order_line", "profit_month"),
    "receivables": ("receivable",),
    "collections": ("collection",),
    "costs": ("product_cost", "order_line", "profit_month"),
    "exchange_rates": ("exchange_rate",),
}


def theft(ids: Mapping[str, str]) -> dict[str, Any]:
    """An order of the victim's customer."""
    return {"external_id": "thief", "customer_id": ids["customer"], "number": "thief", "day": DAY}


def claim(ids: Mapping[str, str]) -> dict[str, Any]:
    return {**theft(ids), "amount_minor": 100, "due_day": DAY}


def money(ids: Mapping[str, str]) -> dict[str, Any]:
    return {"external_id": "thief", "customer_id": ids["customer"], "amount_minor": 100, "day": DAY}


def of_quote(_ids: Mapping[str, str]) -> dict[str, Any]:
    return {"day": DAY}


LINE: Final = {"line": "1", "product_id": b"p" * 16, "quantity_thousandths": 1_000, "price_minor": 100}
NAMED: Final = {"id": b"o" * 16, "customer_id": b"c" * 16, "number": "A-1", "day": DAY}
ORDERS: Final = ("sales_order", "receivable", "order_line", "profit_month")
PROOF: Final = Proof(
    operations=(
        Operation("enter an order", enter, same=True, touches=ORDERS),
        Operation("change an order", change, same=True, touches=ORDERS),
        Operation("book a collection", collect, same=True, touches=("receivable", "collection", "allocation")),
        *(Operation(f"import {kind}", importing(kind, text), same=True, touches=TOUCHES[kind]) for kind, text in FILES.items()),
    ),
    prepare=prepare,
    agree=agree,
    canary=canary,
    shown=("sales_order", "receivable"),
    asks={ORDER: theft, OF_QUOTE: of_quote, OWE: claim, COLLECT: money},
    bodies={
        ORDER: (body_of(VERB_OF[EnterOrder]), {**NAMED, "lines": [LINE]}),
        OF_QUOTE: (body_of(VERB_OF[OrderFromQuote]), {"day": DAY}),
        OWE: (body_of(VERB_OF[EnterReceivable]), {**NAMED, "amount_minor": 100, "due_day": DAY}),
        COLLECT: (body_of(VERB_OF[EnterCollection]), {"id": b"o" * 16, "customer_id": b"c" * 16, "amount_minor": 1, "day": DAY}),
    },
)
