"""The prepared database of the crash matrix: one organisation, and for each operation the bytes its phone or desk is about to send."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from server.database import open_database
from server.domain import tokens
from server.domain.tokens import Signer
from server.models import counter, push
from server.services import backup, devices, enrol, sessions, sync_push
from server.services.act import act
from server.store import archive, schema
from shared_schema.problem import Problem
from shared_schema.records.customer import Transfer
from shared_schema.records.inbox import Value
from shared_schema.records.quote import Quote, QuoteLine, Submit
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.rest import SignedIn
from shared_schema.wire import ENCODER, REQUEST_DECODER, Kind
from sync import overlay
from sync.agreed.quotes import content_hash
from sync.device import Edit
from tests.features import PROOFS
from tests.prove.crash_scene_desk import ending, leaving, returning, waiting
from tests.prove.crash_scene_edits import entered
from tests.prove.crash_stage import Scene, Stage
from tests.world import KEY, START_MS, Phone, Team, World, team_of

SIGNER: Final = Signer(b"s" * 32)
LINES_BEFORE: Final = 100
"""The world numbers its lines by itself; the server's counter begins behind them."""


async def prepare(url: str, file: Path) -> Scene:
    """Migrate and fill the database at `url`, and save it into an archive."""
    await schema.migrate(url)
    database = open_database(url)
    try:
        scene = await _scene(await team_of(database))
        with archive.created(file, replace=False) as opened:
            await database.read(backup.save, opened, "test", scene.now_ms, lambda _more, _total: None)
        return scene
    finally:
        await database.close()


async def _scene(team: Team) -> Scene:
    world = team.world
    admin = await world.phone(await world.user("admin", Role.admin))
    names = ("cy", "dee", "eve", "fay", "gus", "hal", "lou")
    phones = {name: await world.phone(await world.user(name)) for name in names}
    customers = {name: await _customer(phone, name) for name, phone in phones.items()}
    requests = {"mixed": await _mixed(team), **await _sent(team, phones, customers)}
    stage = Stage(world, admin.claims, team.manager)
    await _staged(stage, {name: await stage.phone(phones[name].user_id) for name in names})
    await world.database.write(_heard_before)
    await world.database.write(act, team.manager.claims, _handed(customers, phones), world.now_ms)
    texts = await _let_in(world, team.ann, phones["hal"], admin)
    claims = {name: phone.claims for name, phone in phones.items()}
    claims |= {"admin": admin.claims, "manager": team.manager.claims}
    for name, phone in (("ann", team.ann), ("bo", team.bo)):
        begun = await _begun(world, phone)
        claims[name] = tokens.read(SIGNER, begun.access_token, world.now_ms)
        texts |= {"refresh": begun.refresh_token} if phone is team.ann else {}
    users = {name: one.user_id for name, one in claims.items()}
    fresh = {f"new {at}": next(world.ids) for at in range(12)}
    ids = {**users, **stage.ids, "customer": team.customer_id, "department": world.department_id, **fresh}
    return Scene(world.org_id, world.now_ms, claims | stage.claims, requests | stage.requests, ids, texts | stage.texts)


async def _staged(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """What is about to happen at the desk, on single phones, and with each noun."""
    await ending(stage, reps)
    await entered(stage, reps["cy"])
    await waiting(stage, reps["fay"])
    await leaving(stage, reps["lou"], reps["eve"])
    await returning(stage, reps["hal"], reps)
    for proof in PROOFS.values():
        if proof.prepare is not None:
            await proof.prepare(stage, reps)


def _heard_before(conn: sa.Connection) -> None:
    """Nobody waits for what was to be told of the preparation."""
    conn.execute(sa.update(push).values(state="dropped", due_ms=None))


def _handed(customers: Mapping[str, bytes], phones: Mapping[str, Phone]) -> Transfer:
    """A transfer that has happened: two notices to send, a family of removals to forget."""
    return Transfer(customers["cy"], phones["gus"].user_id, None, "nearer")


async def _customer(phone: Phone, name: str) -> bytes:
    made = phone.create("customer", name=f"Shop of {name}", phone="1")
    phone.create("contact", customer_id=made, name="Lee")
    await phone.sync()
    return made


async def _mixed(team: Team) -> bytes:
    """Ann's offline day: something of each kind, some of it against what Bo wrote meanwhile."""
    ann, bo, customer_id = team.ann, team.bo, team.customer_id
    known, doomed = (ann.create("contact", customer_id=customer_id, name=name) for name in ("Known", "Doomed"))
    quote = _quote(team)
    await ann.sync()
    bo.patch("customer", customer_id, phone="of bo")
    await bo.sync()
    made = ann.create("customer", name="New shop")
    ann.create("contact", customer_id=made, name="New contact")
    ann.create("contact_log", customer_id=customer_id, device_ms=START_MS, note="talked")
    ann.patch("contact", known, phone="7")
    ann.patch("customer", customer_id, phone="of ann")
    ann.patch("customer", customer_id, city="Port")
    ann.delete("contact", doomed)
    _quote(team)
    _submit(ann, quote)
    ann.create("contact", customer_id=bytes(16), name="of a stranger")
    return ENCODER.encode(ann.ask())


def _quote(team: Team) -> bytes:
    """A quote and its two lines, one group."""
    head = Edit(Kind.create, BY_NAME["quote"], next(team.world.ids), {"customer_id": team.customer_id, "currency": "CNY"})
    values: dict[str, Value] = {"customer_id": team.customer_id, "quote_id": head.id, "product_id": bytes(16), "unit": "box"}
    lines = [
        Edit(Kind.create, BY_NAME["quote_line"], next(team.world.ids), {**values, "quantity_thousandths": 1000, "price_minor": price})
        for price in (100, 250)
    ]
    team.ann.enter(head, *lines)
    return head.id


def _submit(phone: Phone, quote_id: bytes) -> None:
    shown = phone.view("quote", quote_id)
    assert isinstance(shown, Quote)
    lines = [one for one in overlay.views(phone.shelf, BY_NAME["quote_line"]) if isinstance(one, QuoteLine) and one.quote_id == quote_id]
    phone.command("quote", quote_id, Submit(content_hash(shown, lines)))


async def _sent(team: Team, phones: Mapping[str, Phone], customers: Mapping[str, bytes]) -> dict[str, bytes]:
    """Requests whose answer was lost, one that only confirms, and three that arrive together."""
    dee, eve = phones["dee"], phones["eve"]
    dee.patch("customer", customers["dee"], phone="2")
    dee.create("contact", customer_id=customers["dee"], name="Second")
    lost = ENCODER.encode(dee.ask())
    await team.world.database.write(sync_push.push, dee.claims, REQUEST_DECODER.decode(lost), KEY, team.world.now_ms)
    dee.create("contact", customer_id=customers["dee"], name="Third")
    requests = {"lost": lost, "lost and more": ENCODER.encode(dee.ask())}
    eve.patch("customer", customers["eve"], phone="2")
    await eve.sync()
    requests["confirm"] = ENCODER.encode(eve.ask())
    for name in ("fay", "gus", "hal"):
        phones[name].patch("customer", customers[name], phone="2")
        phones[name].create("contact", customer_id=customers[name], name="Second")
        requests[name] = ENCODER.encode(phones[name].ask())
    return requests


async def _let_in(world: World, ann: Phone, hal: Phone, admin: Phone) -> dict[str, str]:
    """A code to enrol with, a line that was revoked."""
    database = world.database
    await database.write(_count_lines, world.org_id)
    code = await database.write(enrol.new_code, world.org_id, ann.user_id, world.now_ms)
    lost = await world.phone(hal.user_id)
    await database.write(devices.revoke, admin.claims, lost.claims.line_no, world.now_ms)
    return {"code": code.code, "revoked line": str(lost.claims.line_no)}


async def _begun(world: World, phone: Phone) -> SignedIn:
    begun = await world.database.write(sessions.begin, SIGNER, world.org_id, phone.claims.line_no, world.now_ms)
    assert not isinstance(begun, Problem)
    return begun


def _count_lines(conn: sa.Connection, org_id: int) -> None:
    conn.execute(sa.insert(counter).values(org_id=org_id, key="line", value=LINES_BEFORE))
