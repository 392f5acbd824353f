"""The TypeScript device in a process of Node, asked by lines of JSON; and the words in which both sides tell a shelf, an edit, a value."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from shared_schema.elements import IdChange, TaggedId, TaggedWord, WordChange
from shared_schema.entity import EXTRA, EXTRA_PREFIX, Entity
from shared_schema.records.base import Record
from shared_schema.registry import BY_RECORD, ENTITIES
from shared_schema.twin import bytes_text, id_text, to_named
from shared_schema.wire import ENCODER, Outcome
from sync import overlay
from sync.decode import Intent
from sync.device import Edit
from sync.shelf import MemoryShelf
from tests.features import PROOFS

ROOT: Final = Path(__file__).parents[2]
CLIENT: Final = ROOT / "mobile_api/web/client"
CANONICAL: Final = msgspec.msgpack.Encoder(order="deterministic")
ID_BYTES: Final = 16
Told = dict[str, Any]


class Difference(Exception):  # noqa: N818 - what the proof looks for, not an error
    """The two devices did not do the same."""


def node() -> str:
    """The Node that `make setup` installed, or the one that OUTRIDER_NODE names."""
    return os.environ.get("OUTRIDER_NODE") or str(Path(sys.prefix) / "bin/node")


class Node:
    """The other process. `client`: the folder of its source."""

    def __init__(self, client: Path = CLIENT) -> None:
        command = [node(), str(client / "stdio.ts")]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def ask(self, op: str, **more: object) -> Told:
        """What it answers. Raises Difference when it cannot."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps({"op": op, **more}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise Difference(f"{op}: Node ended: {self.process.stderr.read()[-2_000:] if self.process.stderr else ''}")
        told: Told = json.loads(line)
        if "error" in told:
            raise Difference(f"{op}: {told['error']}")
        return told

    def close(self) -> None:
        """End it, by the end of its questions."""
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        self.process.wait(10)


# words of both sides


def canonical(value: object) -> str:
    """JSON with sorted keys."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def again(raw: bytes) -> str:
    """The same msgpack with sorted keys, as hex: sets of Python have no order, nor have the keys that come from them."""
    return CANONICAL.encode(msgspec.msgpack.decode(raw)).hex()


def named(value: Any) -> Any:
    """A value as the app holds it: ids and other bytes as text, a tagged element as a short list."""
    if isinstance(value, (WordChange, IdChange)):
        return {"add": named(value.add), "remove": named(value.remove)}
    if isinstance(value, (TaggedWord, TaggedId)):
        return [named(value.element), value.line_no, value.n]
    if isinstance(value, bytes):
        return id_text(value) if len(value) == ID_BYTES else bytes_text(value)
    if isinstance(value, (list, tuple)):
        return [named(one) for one in value]
    if isinstance(value, dict):
        return {key: named(one) for key, one in value.items()}
    return int(value) if isinstance(value, IntEnum) else value


def shown(record: Record) -> Told:
    """A record as on the JSON twin, but tagged elements as short lists."""
    told: Told = to_named(record)
    return {**told, **{slot: named(getattr(record, slot)) for slot in BY_RECORD[type(record)].sets}}


def screens(shelf: MemoryShelf) -> str:
    """All that the screens show, and what the phone computes of it as the server does."""
    told = {entity.name: f"[{','.join(_told(entity, ENCODER.encode(one)) for one in overlay.views(shelf, entity))}]" for entity in ENTITIES}
    computed = [proof.computed(shelf) for proof in PROOFS.values() if proof.computed is not None]
    told["hashes"] = canonical([named(one) for each in computed for one in each])
    return f"{{{','.join(f'{json.dumps(name)}:{told[name]}' for name in sorted(told))}}}"


@lru_cache(10_000)
def _told(entity: Entity, body: bytes) -> str:
    return canonical(shown(entity.body_decoder.decode(body)))


def fingerprint(shelf: MemoryShelf) -> bytes:
    """Changes with all that the shelf holds."""
    held = [[scope, list(held.items())] for scope, held in shelf._holds.items()]
    parts = (shelf._seat, list(shelf._scopes.values()), list(shelf._rows.items()), held, list(shelf._pendings.values()))
    return hashlib.sha256(ENCODER.encode(parts)).digest()


def state(shelf: MemoryShelf, *, exact: bool) -> Told:
    """All that a shelf holds. `exact`: own bytes as they are; else with sorted keys, for comparison."""
    seat = msgspec.structs.asdict(shelf._seat)
    seat |= {"user_id": id_text(seat["user_id"]) if seat["user_id"] else "", "cursor": seat["cursor"].hex(), "tiles": list(seat["tiles"])}
    return {
        "seat": seat,
        "scopes": [msgspec.structs.asdict(scope) for _, scope in sorted(shelf._scopes.items())],
        "rows": [[entity, id_text(record_id), body.hex()] for (entity, record_id), body in sorted(shelf._rows.items())],
        "holds": sorted(
            [scope, entity, id_text(record_id), generation]
            for scope, held in shelf._holds.items()
            for (entity, record_id), generation in held.items()
        ),
        "pendings": [
            [n, one.raw.hex() if exact else again(one.raw), None if one.outcome is None else _outcome(one.outcome), one.overlay]
            for n, one in sorted(shelf._pendings.items())
        ],
    }


def _outcome(outcome: Outcome) -> str:
    return CANONICAL.encode([getattr(outcome, name) for name in outcome.__struct_fields__]).hex()


def copied(shelf: MemoryShelf) -> MemoryShelf:
    """Another shelf that holds the same."""
    other = MemoryShelf()
    other._seat = shelf.seat()
    other._scopes = shelf.scopes()
    other._rows = shelf._rows.copy()
    other._holds = {scope: held.copy() for scope, held in shelf._holds.items()}
    other._pendings = {one.n: one for one in shelf.pendings()}
    return other


def asked(edit: Edit) -> Told | None:
    """An edit, to be made over there. None: no app makes it, its command is no encoded struct."""
    command = None
    if edit.command:
        try:
            read = edit.entity.command_decoder.decode(edit.command)
        except (msgspec.DecodeError, ValueError):
            return None
        if not edit.entity.commands or again(ENCODER.encode(read)) != again(edit.command):
            return None
        command = to_named(read)
    bases = None if edit.bases is None else dict(edit.bases)
    told = {"kind": int(edit.kind), "entity": edit.entity.number, "id": id_text(edit.id), "values": named(edit.values)}
    return {**told, "command": command, "bases": bases}


def told_edit(edit: Edit) -> list[Any]:
    """An edit as both sides tell one that they made."""
    bases = None if edit.bases is None else dict(edit.bases)
    command = again(edit.command) if edit.command else ""
    return [int(edit.kind), edit.entity.number, id_text(edit.id), again(ENCODER.encode(_flat(edit.values))), command, bases]


def _flat(values: Mapping[str, Any]) -> Told:
    plain = {slot: value for slot, value in values.items() if not slot.startswith(EXTRA_PREFIX)}
    extra = {slot.removeprefix(EXTRA_PREFIX): value for slot, value in values.items() if slot.startswith(EXTRA_PREFIX)}
    return {**plain, EXTRA: extra} if extra else plain


def told_intent(intent: Intent) -> str:
    """The meaning of an entry."""
    command = to_named(intent.command) if intent.command is not None else None
    return canonical([intent.mutation.kind, intent.entity.number, id_text(intent.mutation.id), named(intent.values), command])
