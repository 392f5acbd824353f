"""What the crash matrix runs. A new operation joins by standing in OPERATIONS: what is asked, as the route or job asks it."""

import asyncio
import threading
from pathlib import Path
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from notifications.push import ChannelName, Push
from notifications.reaction import Said, Word
from server.database import Database
from server.domain.exchange import LATE_MS
from server.domain.tokens import Claims
from server.jobs.push import Sender
from server.services import devices, enrol, login, sessions, sync_pull, users
from server.services.act import act
from server.services.device_lines import Phone
from shared_schema.problem import Code
from shared_schema.records.customer import Collaborate, EndCollaboration, Transfer
from shared_schema.records.reference import Role
from shared_schema.rest import SignedIn, UserRequest
from shared_schema.wire import ENCODER, Result
from tests.features import PROOFS
from tests.prove import crash_archive, crash_desk, crash_imports, crash_phones, crash_tables
from tests.prove.crash_listed import KEY, LostError, Operation, exchange, push, refused
from tests.prove.crash_scene import SIGNER
from tests.prove.crash_stage import Scene


async def push_mixed(database: Database, scene: Scene) -> object:
    return await exchange(database, scene, "ann", "mixed")


async def push_lost(database: Database, scene: Scene) -> object:
    return await exchange(database, scene, "dee", "lost")


async def push_lost_and_more(database: Database, scene: Scene) -> object:
    return await exchange(database, scene, "dee", "lost and more")


async def push_confirm(database: Database, scene: Scene) -> object:
    return await exchange(database, scene, "eve", "confirm")


async def push_together(database: Database, scene: Scene) -> object:
    """Three phones whose pushes wait for the writer and so share one commit; their pulls, which take no turns, are left out."""
    entered, gate = threading.Event(), threading.Event()

    def hold(_: sa.Connection) -> None:
        entered.set()
        gate.wait()

    holding = asyncio.create_task(database.write(hold))
    await asyncio.to_thread(entered.wait)
    pushes = [asyncio.create_task(push(database, scene, name, name)) for name in ("fay", "gus", "hal")]
    await asyncio.sleep(0)  # each puts its unit into the queue
    gate.set()
    await holding
    return [await one for one in pushes]


async def pull(database: Database, scene: Scene) -> object:
    pulled = await database.read(sync_pull.pull, scene.claims["ann"], sync_pull.Asked(b"", 10**6), KEY, scene.now_ms)
    return ENCODER.encode(pulled)


async def transfer(database: Database, scene: Scene) -> object:
    move = Transfer(scene.ids["customer"], scene.ids["bo"], None, "nearer")
    return (await database.write(act, scene.claims["manager"], move, scene.now_ms)).moved


async def add_collaborator(database: Database, scene: Scene) -> object:
    asked = Collaborate(scene.ids["customer"], scene.ids["cy"])
    return (await database.write(act, scene.claims["manager"], asked, scene.now_ms)).moved


async def remove_collaborator(database: Database, scene: Scene) -> object:
    asked = EndCollaboration(scene.ids["customer"], scene.ids["bo"])
    return (await database.write(act, scene.claims["manager"], asked, scene.now_ms)).moved


async def log_in(database: Database, scene: Scene) -> object:
    """A new phone; comparing the password is no matter of the database."""
    credential = await database.write(login.admit, f"org{scene.org_id}", "ann", "127.0.0.1", scene.now_ms)
    phone = Phone(scene.ids["new 0"], "phone", "test")
    return refused(await database.write(login.finish, SIGNER, credential, phone, True, scene.now_ms))


async def log_in_by_code(database: Database, scene: Scene) -> object:
    attempt = refused(await database.write(enrol.admit, f"org{scene.org_id}", scene.texts["code"], "127.0.0.1", scene.now_ms))
    phone = Phone(scene.ids["new 0"], "phone", "test")
    return refused(await database.write(enrol.finish, SIGNER, attempt, phone, "-", scene.now_ms))


async def refresh(database: Database, scene: Scene) -> object:
    return refused(await database.write(sessions.renew, SIGNER, scene.texts["refresh"], scene.now_ms))


async def use(database: Database, scene: Scene, answer: SignedIn) -> object:
    """The successor that arrived is used when a lost one beside it is no longer late, but over: it works, and the lost one ends."""
    return refused(await database.write(sessions.renew, SIGNER, answer.refresh_token, scene.now_ms + LATE_MS))


async def fork(database: Database, scene: Scene) -> object:
    return refused(await database.write(devices.fork, SIGNER, scene.claims["bo"], scene.now_ms))


async def last_upload(database: Database, scene: Scene) -> object:
    """The last upload of a revoked line: kept once, and the phone is told to wipe itself."""
    claims = Claims(scene.org_id, scene.ids["hal"], int(scene.texts["revoked line"]))
    return (await database.write(devices.quarantine, claims, b"the last upload", scene.now_ms)).code


async def make_user(database: Database, scene: Scene) -> object:
    asked = UserRequest(login="ida", name="Ida", role=Role.rep, department_id=scene.ids["department"])
    await database.write(users.save, scene.claims["admin"], asked, "-", scene.now_ms)
    return None


class FileSends:
    """A provider that remembers across deaths what it was given, in a file beside the database."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, _name: ChannelName, push: Push, *, dry: bool = False) -> Said:
        with self._path.open("a") as heard:
            heard.write(UUID(push.data["id"]).hex + "\n")
        return Said(Word.unheard if dry else Word.taken)


async def notify(database: Database, scene: Scene) -> object:
    return await sent_all(Sender(database, FileSends(Path(scene.texts["beside"], "heard")), {ChannelName.log}))


async def sent_all(sender: Sender) -> int:
    """Without telling the other workers how it stands with the provider: what a dead worker counted is lost, and may be."""
    worked = 0
    while taken := await sender.turn():
        worked += taken
        await sender.idle()
    return worked


async def every_notice_was_heard(database: Database, scene: Scene, _: object) -> None:
    """What the outbox calls sent was given to the provider. Twice is no fault: it has one id, by which the phone shows it once."""
    heard = _heard(Path(scene.texts["beside"], "heard"))
    sent = await database.read(_sent)
    if not sent or {one.hex() for one in sent} - heard:
        raise LostError(f"{len(sent)} notices are marked as sent, the provider heard {len(heard)}")


def _heard(path: Path) -> set[str]:
    return set(path.read_text().split()) if path.exists() else set()


def _sent(conn: sa.Connection) -> list[bytes]:
    return list(conn.execute(sa.text("SELECT notification_id FROM push WHERE state = 'sent' AND line_no <> 0")).scalars())


MIXED: Final = frozenset({Result.applied, Result.merged, Result.parked, Result.rejected})
LATER_MS: Final = 10 * 60_000
OPERATIONS: Final = (
    Operation("push a mixed batch", push_mixed, same=True, results=MIXED),
    Operation("push again what was taken", push_lost, same=True),
    Operation("push again, and more", push_lost_and_more, same=True),
    Operation("confirm outcomes", push_confirm, same=True),
    Operation("three pushes, one commit", push_together, same=True, databases=("sqlite",)),
    Operation("pull", pull, same=True),
    Operation("transfer a customer", transfer, again=frozenset({Code.state_wrong})),
    Operation("add a collaborator", add_collaborator, again=frozenset({Code.state_wrong})),
    Operation("remove a collaborator", remove_collaborator, again=frozenset({Code.state_wrong})),
    Operation("log in", log_in, settle=use),
    Operation("log in by code", log_in_by_code, settle=use),
    Operation("refresh a session", refresh, settle=use),
    Operation("fork a line", fork, settle=use),
    Operation("last upload of a revoked line", last_upload),
    Operation("make a user", make_user, again=frozenset({Code.account_taken})),
    Operation(
        "deliver notices",
        notify,
        settle=every_notice_was_heard,
        later_ms=LATER_MS,
        apart=True,
        ignored=frozenset({("push", name) for name in ("tries", "due_ms", "tried_ms", "sent_ms")}),
    ),
    *crash_phones.OPERATIONS,
    *crash_desk.OPERATIONS,
    *crash_imports.OPERATIONS,
    *crash_tables.OPERATIONS,
    *crash_archive.OPERATIONS,
    *(operation for proof in PROOFS.values() for operation in proof.operations),
)
