"""Instructions that a manager gives, and how far each rep has come with them."""

from collections.abc import Iterator, Mapping
from typing import Final

import sqlalchemy as sa

from mobile_api.routes.desk.verbs import body_of
from server.database import Database
from server.domain.desk import VERB_OF
from server.services.act import act
from shared_schema.records.activity import Visit
from shared_schema.records.base import Command
from shared_schema.records.customer import Standing
from shared_schema.records.instruction import Acknowledge, Decline, Finish, Instruct, Instruction, InstructionState, Start
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, Kind, Result
from sync.device import Edit
from sync.overlay import understood
from tests.prove import desk
from tests.prove.crash_listed import Operation, sending
from tests.prove.crash_rows import every
from tests.prove.crash_stage import Scene, Stage
from tests.prove.entries import shown
from tests.prove.handset import Handset
from tests.prove.history import History
from tests.prove.ledger import takings
from tests.prove.moves import at_desk
from tests.prove.proof import CANARY, Author, Proof
from tests.prove.watch import need
from tests.world import START_MS, Phone

INSTRUCTION: Final = BY_NAME["instruction"]
VISIT: Final = BY_NAME["visit"]
PATH: Final = "/v1/desk/instructions"
ANSWERS: Final = "35 an instruction stands at its highest answer"
LEVELS: Final[Mapping[type[Command], InstructionState]] = {
    Acknowledge: InstructionState.acknowledged,
    Start: InstructionState.started,
    Finish: InstructionState.done,
    Decline: InstructionState.declined,
}
AGAIN_SHARE: Final = 0.5


def give_instruction(history: History, _: Handset) -> bool:
    """The director tells a rep to do something, about a customer perhaps; the same request again changes nothing."""
    rep_id = history.dice.choice(history.handsets[:3]).user.id
    owned = [one.record.id for one in history.store.records.values() if isinstance(one.record, Standing) and one.record.owner_id == rep_id]
    customer_id = history.dice.choice(sorted(owned)) if owned and history.dice.random() < AGAIN_SHARE else None
    asked = Instruct(history.new_id(), rep_id, history.word(), customer_id)
    done = at_desk(history, desk.ask, asked)
    if done and history.dice.random() < AGAIN_SHARE:
        before = history.store.records[INSTRUCTION.number, asked.id]
        at_desk(history, desk.ask, asked)
        need(history.store.records[INSTRUCTION.number, asked.id] == before, ANSWERS, "the same request changed an instruction")
    return done


def answer_instruction(history: History, phone: Handset) -> bool:
    """Two answers, in any order; also by who only sees the instruction, and with a visit that may be somebody else's."""
    if not phone.shown("instruction"):
        give_instruction(history, phone)
        history.sync(phone)
    found = shown(history, phone, "instruction")
    if found is None:
        return False
    visit = shown(history, phone, "visit")
    by_visit = isinstance(visit, Visit) and history.dice.random() < AGAIN_SHARE
    finish = Finish(visit.id if by_visit and visit is not None else None)
    for command in history.dice.sample([Acknowledge(), Start(), Finish(), finish, Decline(history.word())], 2):
        edit = Edit(Kind.command, INSTRUCTION, found.id, command=ENCODER.encode(command))
        phone.enter([edit], None, history.now_ms)
        if history.dice.random() < AGAIN_SHARE and not phone.shelf.seat().forked:
            history.sync(phone)
    return True


def judge(history: History) -> None:
    """An instruction stands at the highest answer that its rep gave, in whatever order the phones were heard; nobody else answers. The
    visit by which it was done is the rep's own."""
    found = {held.record.id: held.record for held in history.store.records.values() if isinstance(held.record, Instruction)}
    highest = dict.fromkeys(found, InstructionState.sent)
    for user_id, instruction_id, level in _taken(history):
        need(user_id == found[instruction_id].rep_id, ANSWERS, "somebody answered in the rep's place")
        highest[instruction_id] = max(level, highest[instruction_id])
    history.counts[ANSWERS] += sum(level > InstructionState.sent for level in highest.values())
    need({one.id: one.state for one in found.values()} == highest, ANSWERS, "an instruction is not at the highest answer")
    for one in found.values():
        need(one.visit_id is None or _is_its_visit(history, one, one.visit_id), ANSWERS, "an instruction was done by a visit not the rep's")


def _is_its_visit(history: History, instruction: Instruction, visit_id: bytes) -> bool:
    """D-804."""
    visit = history.store.records[VISIT.number, visit_id].record
    assert isinstance(visit, Visit)
    return visit.author_id == instruction.rep_id and instruction.customer_id in (None, visit.customer_id)


def _taken(history: History) -> Iterator[tuple[bytes, bytes, InstructionState]]:
    """(author, instruction, level) of each answer that the server took."""
    for entry in history.ledger.entries:
        intent = understood(history.ledger.raws[entry.aliases[0]]) if entry.entity is INSTRUCTION else None
        level = LEVELS.get(type(intent.command)) if intent is not None and intent.command is not None else None
        results = {one.outcome.result for one in takings(history.store, entry)}
        if level is not None and results & {Result.applied, Result.duplicate}:
            yield history.handsets[entry.phone].user.id, entry.id, level


async def give(database: Database, scene: Scene) -> object:
    """At the desk, about a customer of the rep's."""
    asked = Instruct(scene.ids["new 11"], scene.ids["ann"], "Count the shelves", scene.ids["customer"])
    return ENCODER.encode(await database.write(act, scene.claims["manager"], asked, scene.now_ms))


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """An instruction that a rep has, and is about to do by a visit."""
    rep, world = reps["cy"], stage.world
    shop_id = rep.create("customer", name="Shop of an instruction")
    await rep.sync()
    asked = Instruct(next(world.ids), rep.user_id, "Count the shelves", shop_id)
    await world.database.write(act, stage.manager.claims, asked, world.now_ms)

    def enter(phone: Phone) -> None:
        visit_id = phone.create("visit", customer_id=shop_id, device_ms=START_MS, note="counted")
        for command in (Acknowledge(), Finish(visit_id)):
            phone.command("instruction", asked.id, command)

    await stage.about_to("instruction", rep.user_id, enter)


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """The visit by which an instruction was done is there."""
    visits = {one.id for one in every(conn, org_id, Visit)} | {None}
    yield from (
        f"instruction {one.id.hex()}: its visit is nowhere" for one in every(conn, org_id, Instruction) if one.visit_id not in visits
    )


def canary(author: Author) -> None:
    """An instruction to the author about the author's customer, and the answer to it."""
    asked = {"id": "019e7044-8800-7914-a9bd-84f8db096139", "rep_id": author.ids["user ann"], "text": CANARY}
    author.ids["instruction"] = author.led(PATH, {**asked, "customer_id": author.ids["customer"]})["id"]
    author.enter(Kind.command, "instruction", {"command": "decline", "reason": CANARY})


def theft(ids: Mapping[str, str]) -> dict[str, str]:
    """Somebody else's rep and customer, under the id of what is there."""
    return {"id": ids["instruction"], "rep_id": ids["user ann"], "customer_id": ids["customer"], "text": "Thief"}


HONEST: Final = {"id": b"i" * 16, "rep_id": b"u" * 16, "text": "数一下货架 and call", "priority": 2, "due_ms": START_MS}
PROOF: Final = Proof(
    actions={give_instruction: 2, answer_instruction: 3},
    judge=judge,
    invariants=(ANSWERS,),
    operations=(
        Operation("give an instruction", give, same=True, touches=("instruction", "notice")),
        Operation(
            "answer an instruction, with a visit",
            sending("instruction"),
            same=True,
            results=frozenset({Result.applied}),
            touches=("instruction", "visit", "notice"),
        ),
    ),
    prepare=prepare,
    agree=agree,
    canary=canary,
    shown=("instruction",),
    attacks=({"command": "acknowledge"}, {"command": "start"}, {"command": "finish"}, {"command": "decline", "reason": "x"}),
    asks={PATH: theft},
    entered=[[Edit(Kind.command, INSTRUCTION, b"i" * 16, command=ENCODER.encode(Decline("周会")))]],
    bodies={PATH: (body_of(VERB_OF[Instruct]), HONEST)},
)
