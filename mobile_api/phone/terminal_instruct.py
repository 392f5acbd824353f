"""Terminal commands by which a manager gives instructions and decides about them. Only giving needs the network."""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import click
from msgspec.structs import replace

from mobile_api.phone.measures import EPOCH, UnclearError, day
from mobile_api.phone.screen import Screen, one, short
from shared_schema.records.base import Command
from shared_schema.records.instruction import Cancel, Confirm, Instruct, Instructed, Instruction, Priority, Requires, Return
from shared_schema.records.reference import Department, Person
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, Kind
from sync.device import Edit

PATH: Final = "/v1/desk/instructions"
REQUIRED: Final = ("nothing", "reply", "visit")
DECISIONS: Final = ("confirm", "return", "cancel")
Told = Callable[..., Any]


def _said(command: Told) -> Told:
    """The options of each command that gives one."""
    for option in (
        click.option("--due", metavar="DAY", help="Until the end of this day: 2026-01-31, today, tomorrow or +7."),
        click.option("--urgent", is_flag=True, help="It is urgent."),
        click.option(
            "--requires", type=click.Choice(REQUIRED), default="nothing", metavar="WHAT", help="Done by: nothing, reply or visit."
        ),
        click.option("--place", default="", help="Where: a few words."),
    ):
        command = option(command)
    return command


def _asked(screen: Screen, text: str, due: str | None, requires: str, place: str, *, urgent: bool) -> Instruct:
    return Instruct(
        id=screen.phone.new_id(),
        text=text,
        priority=Priority.urgent if urgent else Priority.normal,
        due_ms=_end_of(day(due, screen.today())) if due is not None else None,
        requires=Requires[requires],
        place=place,
    )


@click.command("instruct")
@click.argument("rep")
@click.argument("text")
@click.option("--customer", help="The customer that it is about.")
@_said
@click.pass_obj
def instruct(screen: Screen, /, rep: str, text: str, customer: str | None, **said: Any) -> None:
    """Tell a REP, or several with commas between, to do a TEXT. Needs the network."""
    people = [one(screen.phone.views(Person), name, lambda each: [each.name], "instructions") for name in rep.split(",")]
    customer_id = screen.customer(customer).id if customer is not None else None
    to: dict[str, Any] = {"rep_id": people[0].id} if len(people) == 1 else {"user_ids": tuple(person.id for person in people)}
    _give(screen, replace(_asked(screen, text, **said), customer_id=customer_id, **to))


@click.command("instruct-department")
@click.argument("department")
@click.argument("text")
@_said
@click.pass_obj
def instruct_department(screen: Screen, /, department: str, text: str, **said: Any) -> None:
    """Tell each rep and manager of a DEPARTMENT and of all below it to do a TEXT. Needs the network."""
    found = one(screen.phone.views(Department), department, lambda each: [each.name], "instructions")
    _give(screen, replace(_asked(screen, text, **said), department_id=found.id))


@click.command("instruct-followers")
@click.argument("customer")
@click.argument("text")
@_said
@click.pass_obj
def instruct_followers(screen: Screen, /, customer: str, text: str, **said: Any) -> None:
    """Tell the owner and the collaborators of a CUSTOMER to do a TEXT. Needs the network."""
    _give(screen, replace(_asked(screen, text, **said), customer_id=screen.customer(customer).id, followers=True))


def _give(screen: Screen, asked: Instruct) -> None:
    given = screen.ask(PATH, asked, Instructed)
    names = ", ".join(screen.person(each.rep_id) for each in given.items)
    screen.say("instructed", name=names, id=short(given.items[0].id if len(given.items) == 1 else given.id))


def _end_of(days: int) -> int:
    """When a day is over on the reader's own clock."""
    after = EPOCH + timedelta(days=days + 1)
    return round(time.mktime((after.year, after.month, after.day, 0, 0, 0, 0, 0, -1)) * 1_000)


@click.command("judge")
@click.argument("instruction")
@click.argument("decision", type=click.Choice(DECISIONS), metavar="DECISION")
@click.option("--reason", default="", help="Why you return or cancel it.")
@click.option("--due", metavar="DAY", help="Until the end of this day: 2026-01-31, today, tomorrow or +7.")
@click.pass_obj
def judge(screen: Screen, instruction: str, decision: str, reason: str, due: str | None) -> None:
    """Take a DECISION (confirm, return, cancel) about an INSTRUCTION that you gave: part of its text, or its #id."""
    mine = [each for each in screen.phone.views(Instruction) if each.author_id == screen.phone.seat().user_id]
    found = one(mine, instruction, lambda each: [screen.person(each.rep_id), each.text], "instructions")
    due_ms = _end_of(day(due, screen.today())) if due is not None else None
    command = _decision(found, decision, reason, due_ms)
    screen.enter([Edit(Kind.command, BY_RECORD[Instruction], found.id, command=ENCODER.encode(command))])
    screen.entered("instruction_decision")


def _decision(found: Instruction, decision: str, reason: str, due_ms: int | None) -> Command:
    """Raises UnclearError for a return without a reason."""
    if decision == "confirm":
        return Confirm(found.round)
    if decision == "cancel":
        return Cancel(reason, found.round)
    if not reason:
        raise UnclearError("no_reason")
    return Return(reason, due_ms, found.round)


COMMANDS: Final = (instruct, instruct_department, instruct_followers, judge)
TEXTS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "instructed": ("{name} hears of it with the next sync: {id}", "{name} 将在下次同步时收到：{id}"),
    "instruction_decision": ("Your decision", "你的决定"),
    "normal": ("normal", "普通"),
    "urgent": ("urgent", "紧急"),
    "nothing": ("nothing", "无要求"),
    "photo": ("photo", "照片"),
    "requires": ("required", "完成要求"),
    "place": ("place", "地点"),
    "batch": ("request", "批次"),
    "round": ("round", "轮次"),
    "from": ("from", "来自"),
    "do_confirm": ("confirm that the instruction is done", "确认指令已完成"),
    "do_return": ("return the instruction", "退回指令"),
    "do_cancel": ("cancel the instruction", "取消指令"),
}
HELP: Final[Mapping[str, str]] = {
    "Tell a REP, or several with commas between, to do a TEXT. Needs the network.": ("给业务员（REP，多人用逗号隔开）下达指令。需要网络。"),
    "Tell each rep and manager of a DEPARTMENT and of all below it to do a TEXT. Needs the network.": (
        "给部门（DEPARTMENT）及其下级部门的业务员和经理下达指令。需要网络。"
    ),
    "Tell the owner and the collaborators of a CUSTOMER to do a TEXT. Needs the network.": (
        "给客户（CUSTOMER）的负责人和协作人下达指令。需要网络。"
    ),
    "The customer that it is about.": "指令所涉及的客户。",
    "Until the end of this day: 2026-01-31, today, tomorrow or +7.": "截至当日结束：2026-01-31、today、tomorrow 或 +7。",
    "It is urgent.": "紧急。",
    "Done by: nothing, reply or visit.": "完成要求：nothing 无、reply 回复、visit 拜访。",
    "Where: a few words.": "地点说明。",
    "Take a DECISION (confirm, return, cancel) about an INSTRUCTION that you gave: part of its text, or its #id.": (
        "对你下达的指令（INSTRUCTION，文字一部分或 #编号）作出决定：confirm 确认完成、return 退回、cancel 取消。"
    ),
    "Why you return or cancel it.": "退回或取消的原因。",
}
