"""Instructions that a manager gives, and how far each rep has come with them."""

from collections.abc import Iterator, Mapping
from typing import Final, Literal

import msgspec
import sqlalchemy as sa

from mobile_api.routes.desk.verbs import body_of
from server.database import Database
from server.domain.desk import VERB_OF
from server.domain.instruction_decisions import ENDED
from server.domain.instruction_escalations import ESCALATE
from server.domain.instruction_moves import UNDONE
from server.jobs.turn import run
from server.services.act import act
from shared_schema.records.activity import Visit
from shared_schema.records.base import Command, Record
from shared_schema.records.customer import Collaborator, Standing, Transfer
from shared_schema.records.instruction import (
    Acknowledge,
    Cancel,
    Confirm,
    DecideInstruction,
    Decline,
    Deliver,
    Finish,
    Instruct,
    Instruction,
    InstructionState,
    Read,
    Requires,
    Return,
    Start,
)
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, Kind, Result
from sync.device import Edit
from sync.overlay import understood
from tests.prove import desk
from tests.prove.crash_listed import Operation, Run, sending
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
STANDING: Final = BY_NAME["standing"]
PATH: Final = "/v1/desk/instructions"
ANSWERS: Final = "35 an instruction stands at its highest answer"
ROUNDS: Final = "35 the steps of an instruction lead to its state"
MOVES: Final = "35 an undone instruction follows its customer"
LEVELS: Final[Mapping[type[Command], InstructionState]] = {
    Deliver: InstructionState.delivered,
    Read: InstructionState.read,
    Acknowledge: InstructionState.acknowledged,
    Start: InstructionState.started,
    Finish: InstructionState.done,
    Decline: InstructionState.declined,
}
AGAIN_SHARE: Final = 0.5
ABOUT_SHARE: Final = 0.7
LATE_SHARE: Final = 0.2
DECISIONS: Final[tuple[Literal["confirm", "return", "cancel"], ...]] = ("confirm", "return", "cancel")


def give_instruction(history: History, _: Handset) -> bool:
    """The director tells reps to do something, about a customer perhaps; the same request again changes nothing."""
    asked = _asked(history)
    done = at_desk(history, desk.ask, asked)
    if done and history.dice.random() < AGAIN_SHARE:
        before = {one.id: one for one in _all(history)}
        at_desk(history, desk.ask, asked)
        need({one.id: one for one in _all(history)} == before, ANSWERS, "the same request changed an instruction")
    return done


def _asked(history: History) -> Instruct:
    """To one rep, to two, or to all who follow up a customer; it may require a reply or a visit."""
    rep_id, other_id = history.dice.sample(sorted({phone.user.id for phone in history.handsets[:3]}), 2)
    owned = [one.record.id for one in history.store.records.values() if isinstance(one.record, Standing) and one.record.owner_id == rep_id]
    customer_id = history.dice.choice(sorted(owned)) if owned and history.dice.random() < ABOUT_SHARE else None
    wanted = [Requires.nothing, Requires.nothing, Requires.reply, *([Requires.visit] if customer_id is not None else [])]
    said = Instruct(id=history.new_id(), text=history.word(), customer_id=customer_id, requires=history.dice.choice(wanted))
    forms = [{"rep_id": rep_id}, {"user_ids": (rep_id, other_id)} if customer_id is None else {"followers": True}]
    return msgspec.structs.replace(said, **history.dice.choice(forms))


def answer_instruction(history: History, phone: Handset) -> bool:
    """Two answers, in any order; also by a user who only sees the instruction, and with a visit that may be somebody else's."""
    if not phone.shown("instruction"):
        give_instruction(history, phone)
        history.sync(phone)
    found = shown(history, phone, "instruction")
    if not isinstance(found, Instruction):
        return False
    visit = shown(history, phone, "visit")
    by_visit = isinstance(visit, Visit) and history.dice.random() < AGAIN_SHARE
    round_ = history.dice.choice([0, found.round])
    finish = Finish(visit.id if by_visit and visit is not None else None, history.word(), round_)
    steps = [Deliver(round_), Read(round_), Acknowledge(round_), Start(round_)]
    for command in history.dice.sample([*steps, Finish(round=round_), finish, finish, Decline(history.word(), round_)], 2):
        _enter(history, phone, found.id, command)
    return True


def decide_instruction(history: History, _: Handset) -> bool:
    """The director decides about one that a rep has answered, or about any, in the round that was seen or in an earlier one."""
    found = sorted(_all(history), key=lambda one: (one.state not in ENDED, one.id))
    if not found:
        return False
    one = found[0] if history.dice.random() < ABOUT_SHARE else history.dice.choice(found)
    round_ = max(1, one.round - (history.dice.random() < LATE_SHARE))
    return at_desk(history, desk.ask, DecideInstruction(one.id, history.dice.choice(DECISIONS), round_, history.word()))


def move_instruction(history: History, _: Handset) -> bool:
    """A rep is told to do something at a customer, and the customer goes to another rep before it is done."""
    rep_ids = sorted({phone.user.id for phone in history.handsets[:3]})
    standings = [held.record for held in history.store.records.values() if isinstance(held.record, Standing)]
    owned = sorted((one.id, one.owner_id) for one in standings if one.owner_id in rep_ids)
    if not owned:
        return False
    customer_id, owner_id = history.dice.choice(owned)
    asked = Instruct(id=history.new_id(), rep_id=owner_id, text=history.word(), customer_id=customer_id)
    to_user_id = history.dice.choice([one for one in rep_ids if one != owner_id])
    return at_desk(history, desk.ask, asked) and at_desk(history, desk.ask, Transfer(customer_id, to_user_id))


def _enter(history: History, phone: Handset, instruction_id: bytes, command: Command) -> None:
    edit = Edit(Kind.command, INSTRUCTION, instruction_id, command=ENCODER.encode(command))
    phone.enter([edit], None, history.now_ms)
    if history.dice.random() < AGAIN_SHARE and not phone.shelf.seat().forked:
        history.sync(phone)


def _all(history: History) -> list[Instruction]:
    return [held.record for held in history.store.records.values() if isinstance(held.record, Instruction)]


def judge(history: History) -> None:
    """An instruction that nothing ended stands at the highest answer that its rep gave, in whatever order the phones were heard. Nobody
    else answers or decides; an undone one about a customer is with a user who follows the customer up."""
    found = {one.id: one for one in _all(history)}
    highest = dict.fromkeys(found, InstructionState.sent)
    for user_id, instruction_id, command in _taken(history):
        one = found[instruction_id]
        level = LEVELS.get(type(command))
        need(user_id == (one.author_id if level is None else one.rep_id), ANSWERS, "somebody answered or decided in another's place")
        if level is not None:
            highest[instruction_id] = max(level, highest[instruction_id])
    for one in found.values():
        _judge_one(history, one, highest[one.id])


def _judge_one(history: History, one: Instruction, highest: InstructionState) -> None:
    reached = [step.state for step in one.steps]
    late = reached[-1:] == [InstructionState.done] and one.state > InstructionState.done
    rising = reached[:-1] if late else reached
    need(rising == sorted(set(rising)) and rising[-1:] == [one.state], ROUNDS, "the steps of an instruction do not lead to its state")
    if one.round == 1 and one.state <= InstructionState.done:
        history.counts[ANSWERS] += highest > InstructionState.sent
        need(one.state == highest, ANSWERS, "an instruction is not at the highest answer")
    history.counts[ROUNDS] += one.round > 1 or one.state in (InstructionState.confirmed, InstructionState.cancelled)
    need(one.visit_id is None or _is_its_visit(history, one, one.visit_id), ANSWERS, "an instruction was done by a visit not the rep's")
    history.counts[MOVES] += one.from_id is not None
    standing = history.store.records.get((STANDING.number, one.customer_id)) if one.customer_id is not None else None
    if standing is not None and one.state in UNDONE:
        need(one.rep_id in _followers(history, standing.record), MOVES, "an undone instruction stays with a user who lost the customer")


def _followers(history: History, standing: Record) -> set[bytes | None]:
    shared = (held.record for held in history.store.records.values())
    users = {one.user_id for one in shared if isinstance(one, Collaborator) and one.customer_id == standing.id}
    return users | ({standing.owner_id} if isinstance(standing, Standing) else set())


def _is_its_visit(history: History, instruction: Instruction, visit_id: bytes) -> bool:
    """D-804."""
    visit = history.store.records[VISIT.number, visit_id].record
    assert isinstance(visit, Visit)
    return visit.author_id == instruction.rep_id and instruction.customer_id in (None, visit.customer_id)


def _taken(history: History) -> Iterator[tuple[bytes, bytes, Command]]:
    """(author, instruction, command) of each answer and decision that the server took."""
    for entry in history.ledger.entries:
        intent = understood(history.ledger.raws[entry.aliases[0]]) if entry.entity is INSTRUCTION else None
        results = {one.outcome.result for one in takings(history.store, entry)}
        if intent is not None and intent.command is not None and results & {Result.applied, Result.duplicate}:
            yield history.handsets[entry.phone].user.id, entry.id, intent.command


async def give(database: Database, scene: Scene) -> object:
    """At the desk, about a customer of the rep's."""
    asked = Instruct(id=scene.ids["new 11"], rep_id=scene.ids["ann"], text="Count the shelves", customer_id=scene.ids["customer"])
    return ENCODER.encode(await database.write(act, scene.claims["manager"], asked, scene.now_ms))


def deciding(decision: Literal["confirm", "return", "cancel"]) -> Run:
    """The author's decision at the desk about an instruction that is done, or about one that is not."""

    async def decided(database: Database, scene: Scene) -> object:
        subject = scene.ids["instruction sent" if decision == "cancel" else "instruction done"]
        asked = DecideInstruction(subject, decision, 1, "as agreed")
        return ENCODER.encode(await database.write(act, scene.claims["manager"], asked, scene.now_ms))

    return decided


async def escalate(database: Database, _: Scene) -> object:
    return await run(database, ESCALATE)


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """An instruction that a rep has, and is about to do by a visit."""
    rep, world = reps["cy"], stage.world
    shop_id = rep.create("customer", name="Shop of an instruction")
    await rep.sync()
    asked = Instruct(id=next(world.ids), rep_id=rep.user_id, text="Count the shelves", customer_id=shop_id)
    await world.database.write(act, stage.manager.claims, asked, world.now_ms)

    def enter(phone: Phone) -> None:
        visit_id = phone.create("visit", customer_id=shop_id, device_ms=START_MS, note="counted")
        for command in (Acknowledge(), Finish(visit_id)):
            phone.command("instruction", asked.id, command)

    await stage.about_to("instruction", rep.user_id, enter)
    for name in ("sent", "done"):
        one = Instruct(id=next(world.ids), rep_id=rep.user_id, text=f"Call the mill: {name}")
        await world.database.write(act, stage.manager.claims, one, world.now_ms)
        stage.ids[f"instruction {name}"] = one.id
    await rep.sync()
    rep.command("instruction", stage.ids["instruction done"], Finish())
    await rep.sync()

    def decide(phone: Phone) -> None:
        phone.command("instruction", stage.ids["instruction done"], Return("count again", round=1))
        phone.command("instruction", stage.ids["instruction sent"], Cancel(round=1))

    await stage.about_to("instruction decided", stage.manager.user_id, decide)

    def confirm(phone: Phone) -> None:
        phone.command("instruction", stage.ids["instruction done"], Confirm(1))

    await stage.about_to("instruction confirmed", stage.manager.user_id, confirm)


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """The visit by which an instruction was done is there."""
    visits = {one.id for one in every(conn, org_id, Visit)} | {None}
    yield from (
        f"instruction {one.id.hex()}: its visit is nowhere" for one in every(conn, org_id, Instruction) if one.visit_id not in visits
    )


def canary(author: Author) -> None:
    """An instruction to the author about the author's customer, and the answer to it."""
    asked = {"id": "019e7044-8800-7914-a9bd-84f8db096139", "rep_id": author.ids["user ann"], "text": CANARY}
    author.ids["instruction"] = author.led(PATH, {**asked, "customer_id": author.ids["customer"]})["items"][0]["id"]
    author.enter(Kind.command, "instruction", {"command": "decline", "reason": CANARY})


def theft(ids: Mapping[str, str]) -> dict[str, str]:
    """Somebody else's rep and customer, under the id of what is there."""
    return {"id": ids["instruction"], "rep_id": ids["user ann"], "customer_id": ids["customer"], "text": "Thief"}


HONEST: Final = {"id": b"i" * 16, "rep_id": b"u" * 16, "text": "数一下货架 and call", "priority": 2, "due_ms": START_MS}
TOLD: Final = ("instruction", "notification")
PROOF: Final = Proof(
    actions={give_instruction: 2, answer_instruction: 3, decide_instruction: 2, move_instruction: 1},
    judge=judge,
    invariants=(ANSWERS, ROUNDS, MOVES),
    operations=(
        Operation("give an instruction", give, same=True, touches=("instruction", "notification", "push")),
        Operation(
            "answer an instruction, with a visit",
            sending("instruction"),
            same=True,
            results=frozenset({Result.applied}),
            touches=("instruction", "visit", "notification", "push"),
        ),
        *(
            Operation(
                f"{name} by phone", sending(name), same=True, results=frozenset({Result.applied}), touches=("instruction", "notification")
            )
            for name in ("instruction decided", "instruction confirmed")
        ),
        *(
            Operation(f"{decision} an instruction at the desk", deciding(decision), same=True, touches=("instruction", "notification"))
            for decision in DECISIONS
        ),
        Operation("escalate instructions", escalate, on_day=1, apart=True, touches=("instruction", "notification")),
    ),
    prepare=prepare,
    agree=agree,
    canary=canary,
    shown=("instruction",),
    attacks=tuple({"command": name} for name in ("deliver", "read", "acknowledge", "start", "finish", "confirm", "cancel"))
    + tuple({"command": name, "reason": "x"} for name in ("decline", "return")),
    asks={PATH: theft, VERB_OF[DecideInstruction].path: lambda _: {"decision": "confirm", "round": 1}},
    entered=[[Edit(Kind.command, INSTRUCTION, b"i" * 16, command=ENCODER.encode(Decline("周会")))]],
    bodies={
        PATH: (body_of(VERB_OF[Instruct]), HONEST),
        VERB_OF[DecideInstruction].path: (body_of(VERB_OF[DecideInstruction]), {"decision": "return", "round": 1, "reason": "再数一遍"}),
    },
)
