"""Terminal commands about instructions: a manager gives one, a rep answers it. Only giving one needs the network."""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import click

from mobile_api.phone.measures import EPOCH, UnclearError, day, time_text
from mobile_api.phone.screen import Screen, one, short
from shared_schema.records.activity import Visit
from shared_schema.records.base import Command
from shared_schema.records.customer import Customer
from shared_schema.records.instruction import (
    Acknowledge,
    Decline,
    Finish,
    Instruct,
    Instruction,
    Priority,
    Start,
)
from shared_schema.records.reference import Person
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, Kind
from sync.device import Edit

STEPS: Final = ("acknowledge", "start", "finish", "decline")


@click.command("instructions")
@click.pass_obj
def instructions(screen: Screen) -> None:
    """List the instructions that you have or gave, and how far each has come."""
    found = sorted(screen.phone.views(Instruction), key=lambda each: (each.sent_ms, each.id))
    if not found:
        screen.say("no_instructions")
    for each in found:
        people = f"{screen.person(each.author_id)} → {screen.person(each.rep_id)}"
        customer = screen.phone.view(Customer, each.customer_id) if each.customer_id is not None else None
        about = [customer.name] if customer is not None else []
        due = [screen.words("due", time=time_text(each.due_ms))] if each.due_ms is not None else []
        urgent = [screen.words.known(each.priority.name)] if each.priority is Priority.urgent else []
        state = screen.words.known(each.state.name)
        told = [state, each.reason] if each.reason else [state]
        click.echo(f"{people}  {': '.join(told)}  {short(each.id)}{screen.waits(each)}")
        click.echo(f"     {' · '.join([*urgent, *about, each.text, *due])}")


@click.command("instruct")
@click.argument("rep")
@click.argument("text")
@click.option("--customer", help="The customer that it is about.")
@click.option("--due", metavar="DAY", help="Until the end of this day: 2026-01-31, today, tomorrow or +7.")
@click.option("--urgent", is_flag=True, help="It is urgent.")
@click.pass_obj
def instruct(screen: Screen, rep: str, text: str, customer: str | None, due: str | None, *, urgent: bool) -> None:
    """Tell a REP to do a TEXT. Needs the network."""
    person = one(screen.phone.views(Person), rep, lambda each: [each.name], "instructions")
    asked = Instruct(
        screen.phone.new_id(),
        person.id,
        text,
        screen.customer(customer).id if customer is not None else None,
        Priority.urgent if urgent else Priority.normal,
        _end_of(day(due, screen.today())) if due is not None else None,
    )
    given = screen.ask("/v1/desk/instructions", asked, Instruction)
    screen.say("instructed", name=person.name, id=short(given.id))


def _end_of(days: int) -> int:
    """When a day is over on the reader's own clock."""
    after = EPOCH + timedelta(days=days + 1)
    return round(time.mktime((after.year, after.month, after.day, 0, 0, 0, 0, 0, -1)) * 1_000)


@click.command("answer")
@click.argument("instruction")
@click.argument("step", type=click.Choice(STEPS), metavar="STEP")
@click.option("--visited", is_flag=True, help="Done by your newest visit to the customer that it is about.")
@click.option("--reason", help="Why you decline.")
@click.pass_obj
def answer(screen: Screen, instruction: str, step: str, reason: str | None, *, visited: bool) -> None:
    """Take a STEP (acknowledge, start, finish, decline) with an INSTRUCTION: part of its text, or its #id."""
    found = one(screen.phone.views(Instruction), instruction, lambda each: [each.text], "instructions")
    command = _command(screen, found, step, reason, visited=visited)
    screen.enter([Edit(Kind.command, BY_RECORD[Instruction], found.id, command=ENCODER.encode(command))])
    screen.entered("instruction_answer")


def _command(screen: Screen, found: Instruction, step: str, reason: str | None, *, visited: bool) -> Command:
    """Raises UnclearError when there is no such visit, or no reason."""
    match step:
        case "acknowledge":
            return Acknowledge()
        case "start":
            return Start()
        case "finish":
            return Finish(_visit(screen, found).id if visited else None)
    if not reason:
        raise UnclearError("no_reason")
    return Decline(reason)


def _visit(screen: Screen, found: Instruction) -> Visit:
    own = (None, screen.phone.seat().user_id)
    visits = [each for each in screen.phone.views(Visit) if each.author_id in own and found.customer_id in (None, each.customer_id)]
    if not visits:
        raise UnclearError("no_visit_for_it")
    return max(visits, key=lambda each: (each.device_ms, each.id))


COMMANDS: Final = (instructions, instruct, answer)
TEXTS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "no_instructions": ("There are no instructions on this phone.", "本机没有工作指令。"),
    "instructed": ("{name} hears of it with the next sync: {id}", "{name} 将在下次同步时收到：{id}"),
    "due": ("due {time}", "截止 {time}"),
    "no_reason": ("Say why. Next: the same with --reason TEXT", "请说明原因。下一步：加上 --reason 文字"),
    "no_visit_for_it": ("There is no such visit of yours on this phone.", "本机没有您的相应拜访。"),
    "instruction": ("instruction", "工作指令"),
    "instruction_answer": ("Your answer", "您的答复"),
    "normal": ("normal", "普通"),
    "urgent": ("urgent", "紧急"),
    "started": ("started", "进行中"),
    "do_acknowledge": ("acknowledge the instruction", "确认指令"),
    "do_start": ("start on the instruction", "开始执行指令"),
    "do_finish": ("finish the instruction", "完成指令"),
    "do_decline": ("decline the instruction", "拒绝指令"),
}
HELP: Final[Mapping[str, str]] = {
    "List the instructions that you have or gave, and how far each has come.": "列出您收到或下达的工作指令及其进度。",
    "Tell a REP to do a TEXT. Needs the network.": "给业务员（REP）下达指令。需要网络。",
    "The customer that it is about.": "指令所涉及的客户。",
    "Until the end of this day: 2026-01-31, today, tomorrow or +7.": "截至当日结束：2026-01-31、today、tomorrow 或 +7。",
    "It is urgent.": "紧急。",
    "Take a STEP (acknowledge, start, finish, decline) with an INSTRUCTION: part of its text, or its #id.": (
        "对指令（INSTRUCTION，文字一部分或 #编号）作出答复：acknowledge 确认、start 开始、finish 完成、decline 拒绝。"
    ),
    "Done by your newest visit to the customer that it is about.": "由您对该客户最近的拜访完成。",
    "Why you decline.": "拒绝的原因。",
}
