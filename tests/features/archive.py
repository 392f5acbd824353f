"""The archive: the director takes customers out of work and brings them back, also while their holders work on."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa

from mobile_api.routes.desk.verbs import body_of
from server.database import Database
from server.domain.desk import VERB_OF
from server.services.act import act
from shared_schema.records.archival import Archival, ArchivalState, ArchiveCustomer, UnarchiveCustomer
from shared_schema.records.customer import CUSTOMER, Standing
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind
from sync.device import Edit
from tests.prove import desk
from tests.prove.crash_listed import Operation
from tests.prove.crash_rows import every
from tests.prove.crash_stage import Scene, Stage
from tests.prove.handset import Handset
from tests.prove.history import History
from tests.prove.moves import at_desk
from tests.prove.proof import CANARY, Author, Proof
from tests.prove.watch import need
from tests.world import START_MS, Phone

STANDING: Final = BY_RECORD[Standing].number
ARCHIVE: Final = VERB_OF[ArchiveCustomer]
UNARCHIVE: Final = VERB_OF[UnarchiveCustomer]
TOLD: Final = "37 an archived customer is told as such"
AGAIN_SHARE: Final = 0.3
POOL_SHARE: Final = 0.3


def archive_customer(history: History, phone: Handset) -> bool:
    """The director archives any customer; some holders work on with it out of reach, and some ask again."""
    standings = sorted((one for one in _all(history, Standing)), key=lambda one: one.id)
    if not standings:
        return False
    one = history.dice.choice(standings)
    if not at_desk(history, desk.ask, ArchiveCustomer(one.id, "closed down")):
        return False
    if any(shown.id == one.id for shown in phone.shown(CUSTOMER.name)) and not phone.shelf.seat().forked:
        phone.enter([Edit(Kind.patch, CUSTOMER, one.id, {"note": history.word()})], None, history.now_ms)
        history.sync(phone)
    if history.dice.random() < AGAIN_SHARE:
        at_desk(history, desk.ask, ArchiveCustomer(one.id, "closed down"))
    return True


def bring_back(history: History, _: Handset) -> bool:
    """The director brings a customer back, to a rep or into a pool."""
    archived = sorted({one.customer_id for one in _all(history, Archival) if one.state is ArchivalState.archived})
    if not archived:
        return False
    customer_id = history.dice.choice(archived)
    if history.store.pools and history.dice.random() < POOL_SHARE:
        return at_desk(history, desk.ask, UnarchiveCustomer(customer_id, pool_id=history.dice.choice(sorted(history.store.pools))))
    return at_desk(history, desk.ask, UnarchiveCustomer(customer_id, history.dice.choice(history.handsets[:3]).user.id))


def judge(history: History) -> None:
    """Of a customer that is nobody's and in no pool one record tells so; of any other none does."""
    told = [one.customer_id for one in _all(history, Archival) if one.state is ArchivalState.archived]
    need(len(told) == len(set(told)), TOLD, "a customer is archived twice")
    for one in _all(history, Standing):
        archived = one.owner_id is None and one.pool_id is None
        history.counts[TOLD] += archived
        need(archived == (one.id in told), TOLD, "the standing and the archive differ")


def _all(history: History, record: type[Any]) -> list[Any]:
    return [held.record for held in history.store.records.values() if isinstance(held.record, record)]


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """A customer with a collaborator that goes into the archive, and one that lies there."""
    rep = reps["cy"]
    for name in ("to archive", "archived"):
        stage.ids[name] = rep.create("customer", name=name)
    await rep.sync()
    asked = ArchiveCustomer(stage.ids["archived"], "closed down")
    await stage.world.database.write(act, stage.admin, asked, stage.world.now_ms)


async def archive(database: Database, scene: Scene) -> object:
    asked = ArchiveCustomer(scene.ids["to archive"], "closed down")
    return (await database.write(act, scene.claims["admin"], asked, scene.now_ms)).epoch


async def back(database: Database, scene: Scene) -> object:
    asked = UnarchiveCustomer(scene.ids["archived"], pool_id=scene.ids["pool"])
    return (await database.write(act, scene.claims["admin"], asked, scene.now_ms)).epoch


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """The standing and the archive say the same."""
    told = {one.customer_id for one in every(conn, org_id, Archival) if one.state is ArchivalState.archived}
    for one in every(conn, org_id, Standing):
        if (one.owner_id is None and one.pool_id is None) != (one.id in told):
            yield f"standing {one.id.hex()}: the archive says otherwise"


def canary(author: Author) -> None:
    """What told that a customer of the author's was archived, before it came back."""
    author.put(
        Archival(
            b"an archived one.",
            0,
            author.raw_id("customer"),
            author.raw_id("user mia"),
            START_MS,
            author.raw_id("user ann"),
            ArchivalState.back,
            customer_name=CANARY,
            customer_city=CANARY,
            reason=CANARY,
        )
    )


PROOF: Final = Proof(
    actions={archive_customer: 2, bring_back: 3},
    judge=judge,
    invariants=(TOLD,),
    operations=(
        Operation("archive a customer", archive, same=True, touches=("archival", "standing", "ownership_event", "notification")),
        Operation("bring a customer back", back, same=True, touches=("archival", "standing", "pool_card", "ownership_event")),
    ),
    prepare=prepare,
    agree=agree,
    canary=canary,
    shown=("archival",),
    asks={ARCHIVE.path: lambda _: {"reason": "mine"}, UNARCHIVE.path: lambda ids: {"to_user_id": ids["user ann"]}},
    bodies={
        ARCHIVE.path: (body_of(ARCHIVE), {"reason": "closed down", "epoch": 3}),
        UNARCHIVE.path: (body_of(UNARCHIVE), {"to_user_id": b"u" * 16, "pool_id": None, "epoch": 3, "reason": "open again"}),
    },
)
