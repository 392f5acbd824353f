"""A provider in the test's own process that remembers what it was given, and the devices that are reached there."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa
from msgspec import Struct

from notifications.push import ChannelName, Push, TargetKind
from notifications.reaction import Said, Word
from server.models import device
from server.services.targets import address_hash
from server.store import targets
from tests.world import Phone

TAKEN = Said(Word.taken)


class Heard(Struct, frozen=True):
    """One push as it came. `address`: of its target."""

    channel: ChannelName
    push: Push

    @property
    def kind(self) -> str:
        return self.push.data["kind"]

    @property
    def id(self) -> bytes:
        return UUID(self.push.data["id"]).bytes

    @property
    def address(self) -> str:
        return self.push.target.address


class Ear:
    """`answers`: address → what is said in turn, the last for ever; the rest is taken. `dry`: the same for empty messages."""

    def __init__(self, answers: Mapping[str, list[Said]] | None = None, dry: Said = TAKEN) -> None:
        self.heard: list[Heard] = []
        self.answers = {address: list(said) for address, said in (answers or {}).items()}
        self.dry = dry
        self.asked: Counter[str] = Counter()
        self.gate: asyncio.Event | None = None
        self.busy, self.wanted = asyncio.Event(), 1
        """Set when so many pushes wait at the gate."""

    async def send(self, name: ChannelName, push: Push, *, dry: bool = False) -> Said:
        if dry:
            self.asked["dry"] += 1
            return self.dry
        self.asked[push.target.address] += 1
        if self.gate is not None and push.target.address:
            self.wanted -= 1
            if self.wanted <= 0:
                self.busy.set()
            await self.gate.wait()
        said = self.answers.get(push.target.address, [TAKEN])
        answer = said.pop(0) if len(said) > 1 else said[0]
        if answer == TAKEN:
            self.heard.append(Heard(name, push))
        return answer


async def reach(phone: Phone, address: str = "", kind: TargetKind = TargetKind.fcm_fid) -> str:
    """Let the phone have a session and a target; its address."""
    address = address or f"phone {phone.claims.line_no}"

    phone.session_id = session_id = b"s" * 16

    def put(conn: sa.Connection) -> None:
        mine = (device.c.org_id == phone.world.org_id, device.c.line_no == phone.claims.line_no)
        conn.execute(sa.update(device).where(*mine).values(session_id=session_id))
        values = {"kind": kind.value, "address": address, "hash": address_hash(kind, address), "user_id": phone.user_id}
        targets.put(conn, phone.world.org_id, phone.claims.line_no, {**values, "session_id": session_id, "since_ms": phone.world.now_ms})

    await phone.world.database.write(put)
    return address
