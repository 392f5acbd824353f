"""Rules that find an owner for a customer, and a customer that is entered by one."""

from collections.abc import Mapping
from typing import Any, Final

from mobile_api.routes.desk.verbs import body_of
from server.database import Database
from server.domain.desk import VERB_OF
from server.domain.imports.sheet import REQUEST
from server.services import import_file, tables
from server.services.act import act
from server.services.import_file import Asked
from server.sheets import files
from shared_schema.records.assignment import AssignmentRuleRequest, AssignmentTrial
from shared_schema.records.customer import CUSTOMER, NewCustomer
from shared_schema.wire import ENCODER
from tests.prove.crash_listed import Operation
from tests.prove.crash_stage import Scene
from tests.prove.proof import Proof

TRIAL: Final = VERB_OF[AssignmentTrial]
RULE: Final = b"r" * 16
CUSTOMER_ID: Final = b"R" * 16


async def keep(database: Database, scene: Scene) -> object:
    """Keep a rule that fits one city alone: no other operation is led by it."""
    asked = AssignmentRuleRequest(id=RULE, name="Made", city="Crashville", user_ids=(scene.ids["gus"],))
    return ENCODER.encode(await database.write(tables.save, scene.claims["admin"], asked, scene.now_ms))


async def enter(database: Database, scene: Scene) -> object:
    await keep(database, scene)
    asked = NewCustomer(CUSTOMER_ID, CUSTOMER.create_type(name="Ruled", city="Crashville"))
    return ENCODER.encode(await database.write(act, scene.claims["admin"], asked, scene.now_ms))


async def bring(database: Database, scene: Scene) -> object:
    await keep(database, scene)
    sheet = files.read(b"external_id,name,city\nR-1,One,Crashville\nR-2,Two,Crashville\nR-3,None,Elsewhere\n", REQUEST)
    asked = Asked(scene.claims["admin"], "customers", False, scene.now_ms)
    report = await import_file.take(database, asked, sheet, lambda _more, _all: None)
    return report.taken + report.same, report.wrong


async def ask(database: Database, scene: Scene) -> object:
    """Where a customer would go: nothing is written but the rule before."""
    await keep(database, scene)
    return (await database.write(act, scene.claims["admin"], AssignmentTrial(city="Crashville"), scene.now_ms)).user_id


def theft(ids: Mapping[str, str]) -> dict[str, Any]:
    """The victim's rule, which would lead customers into the victim's pool."""
    return {"id": ids["assignment_rule"], "name": "Thief", "pool_id": ids["pool"]}


PROOF: Final = Proof(
    operations=(
        Operation("keep an assignment rule", keep, same=True, touches=("assignment_rule",)),
        Operation(
            "enter a customer by a rule",
            enter,
            same=True,
            touches=("assignment_rule", "customer", "standing", "change", "notification", "push"),
        ),
        Operation("import customers by a rule", bring, same=True, touches=("assignment_rule", "customer", "standing")),
        Operation("ask where a customer would go", ask, same=True, touches=("assignment_rule",)),
    ),
    asks={"/v1/desk/assignment-rules": theft, TRIAL.path: lambda _ids: {"city": "Crashville"}},
    bodies={
        TRIAL.path: (body_of(TRIAL), {"city": "上海", "industry": "hardware", "kind": 1}),
        "/v1/desk/assignment-rules": (AssignmentRuleRequest, {"name": "East", "region": "华东", "kind": 1, "user_ids": [b"u" * 16]}),
    },
)
