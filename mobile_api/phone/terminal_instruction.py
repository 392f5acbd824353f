"""Terminal commands about instructions: who stands where with each, and the rep's receipts and answers, all without a network."""

from collections.abc import Mapping
from itertools import groupby
from typing import Final

import click

from mobile_api.phone.measures import UnclearError, time_text
from mobile_api.phone.screen import Screen, one, short
from shared_schema.records.activity import Visit
from shared_schema.records.base import Command
from shared_schema.records.customer import Customer
from shared_schema.records.instruction import (
    Acknowledge,
    Decline,
    Deliver,
    Finish,
    Instruction,
    InstructionState,
    Priority,
    Read,
    Requires,
    Start,
)
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, Kind
from sync.device import Edit

RECEIPTS: Final = {"deliver": Deliver, "read": Read, "acknowledge": Acknowledge, "start": Start}
STEPS: Final = (*RECEIPTS, "finish", "decline")
ESCALATED: Final = ((48, "is_overdue"), (12, "is_unanswered"), (3, "is_unread"))
"""Bits of `Instruction.escalated`, the most pressing first, and the words of each."""


@click.command("instructions")
@click.pass_obj
def instructions(screen: Screen) -> None:
    """List the instructions that you have or gave, who stands where and since when: overdue and escalated ones first."""
    found = sorted(screen.phone.views(Instruction), key=lambda each: (each.sent_ms, each.batch_id or each.id, each.id))
    if not found:
        screen.say("no_instructions")
    batches = [list(of_one) for _, of_one in groupby(found, key=lambda each: each.batch_id or each.id)]
    for batch in sorted(batches, key=lambda batch: -max(_pressing(screen, each) for each in batch)):
        for each in sorted(batch, key=lambda each: -_pressing(screen, each)):
            click.echo(f"{_who(screen, each)}  {_where(screen, each)}  {short(each.id)}{screen.waits(each)}")
        click.echo(f"     {_what(screen, batch[0])}")


def _pressing(screen: Screen, each: Instruction) -> int:
    """How much it presses: what was told to more people first, then what this phone knows to be overdue."""
    return 2 * each.escalated + _is_overdue(screen, each)


def _is_overdue(screen: Screen, each: Instruction) -> bool:
    return each.due_ms is not None and each.due_ms < screen.phone.clock() and each.state < InstructionState.declined


def _who(screen: Screen, each: Instruction) -> str:
    return f"{screen.person(each.author_id)} → {screen.person(each.rep_id)}"


def _where(screen: Screen, each: Instruction) -> str:
    """The state, since when, and what presses."""
    state = screen.words.known(each.state.name)
    told = f"{state}: {each.reason}" if each.reason else state
    since = time_text(each.steps[-1].occurred_ms if each.steps else each.changed_ms or each.sent_ms)
    bits = next((name for bits, name in ESCALATED if each.escalated & bits), "is_overdue" if _is_overdue(screen, each) else "")
    pressing = [f"! {screen.words(bits)}"] if bits else []
    again = [screen.words("again", round=each.round)] if each.round > 1 else []
    reply = [f"“{each.reply}”"] if each.reply else []
    return " · ".join([told, *pressing, screen.words("since", time=since), *again, *reply])


def _what(screen: Screen, each: Instruction) -> str:
    """What is to be done, where, by when, and what it requires."""
    customer = screen.phone.view(Customer, each.customer_id) if each.customer_id is not None else None
    about = [customer.name] if customer is not None else []
    due = [screen.words("due", time=time_text(each.due_ms))] if each.due_ms is not None else []
    urgent = [screen.words.known(each.priority.name)] if each.priority is Priority.urgent else []
    wanted = each.requires not in (Requires.unknown, Requires.nothing)
    requires = [screen.words("requires_it", what=screen.words.known(each.requires.name))] if wanted else []
    return " · ".join([*urgent, *about, *([each.place] if each.place else []), each.text, *due, *requires])


@click.command("answer")
@click.argument("instruction")
@click.argument("step", type=click.Choice(STEPS), metavar="STEP")
@click.option("--visited", is_flag=True, help="Done by your newest visit to the customer that it is about.")
@click.option("--reply", default="", help="What you have to say to it.")
@click.option("--reason", help="Why you decline.")
@click.pass_obj
def answer(screen: Screen, instruction: str, step: str, reply: str, reason: str | None, *, visited: bool) -> None:
    """Take a STEP (deliver, read, acknowledge, start, finish, decline) with an INSTRUCTION: part of its text, or its #id."""
    found = one(screen.phone.views(Instruction), instruction, lambda each: [each.text], "instructions")
    if step in RECEIPTS:
        command: Command = RECEIPTS[step](found.round)
    elif step == "finish":
        command = Finish(_visit(screen, found).id if visited else None, reply, found.round)
    else:
        command = _declined(found, reason)
    screen.enter([Edit(Kind.command, BY_RECORD[Instruction], found.id, command=ENCODER.encode(command))])
    screen.entered("instruction_answer")


def _declined(found: Instruction, reason: str | None) -> Command:
    """Raises UnclearError without a reason."""
    if not reason:
        raise UnclearError("no_reason")
    return Decline(reason, found.round)


def _visit(screen: Screen, found: Instruction) -> Visit:
    """Raises UnclearError when there is no such visit."""
    own = (None, screen.phone.seat().user_id)
    visits = [each for each in screen.phone.views(Visit) if each.author_id in own and found.customer_id in (None, each.customer_id)]
    if not visits:
        raise UnclearError("no_visit_for_it")
    return max(visits, key=lambda each: (each.device_ms, each.id))


COMMANDS: Final = (instructions, answer)
TEXTS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "no_instructions": ("There are no instructions on this phone.", "本机没有工作指令。"),
    "due": ("due {time}", "截止 {time}"),
    "since": ("since {time}", "自 {time}"),
    "again": ("{round}. time", "第 {round} 轮"),
    "requires_it": ("done by a {what}", "须以“{what}”完成"),
    "is_overdue": ("overdue", "已逾期"),
    "is_unanswered": ("not acknowledged", "未确认"),
    "is_unread": ("unread", "未读"),
    "no_reason": ("Say why. Next: the same with --reason TEXT", "请说明原因。下一步：加上 --reason 文字"),
    "no_visit_for_it": ("There is no such visit of yours on this phone.", "本机没有你的相应拜访。"),
    "instruction": ("instruction", "工作指令"),
    "instruction_answer": ("Your answer", "你的答复"),
    "started": ("started", "进行中"),
    "confirmed": ("confirmed", "已确认完成"),
    "cancelled": ("cancelled", "已取消"),
    "moved": ("went on", "已转出"),
    "reply": ("reply", "回复"),
    "steps": ("steps", "进度"),
    "escalated": ("escalated", "已上报"),
    "tell_ms": ("next reminder", "下次提醒"),
    "do_deliver": ("receive the instruction", "收到指令"),
    "do_read": ("read the instruction", "阅读指令"),
    "do_acknowledge": ("acknowledge the instruction", "确认指令"),
    "do_start": ("start on the instruction", "开始执行指令"),
    "do_finish": ("finish the instruction", "完成指令"),
    "do_decline": ("decline the instruction", "拒绝指令"),
}
HELP: Final[Mapping[str, str]] = {
    "List the instructions that you have or gave, who stands where and since when: overdue and escalated ones first.": (
        "列出你收到或下达的工作指令、每人的进度及起始时间，逾期和已上报的排在前面。"
    ),
    "Take a STEP (deliver, read, acknowledge, start, finish, decline) with an INSTRUCTION: part of its text, or its #id.": (
        "对指令（INSTRUCTION，文字一部分或 #编号）作出答复："
        "deliver 收到、read 已读、acknowledge 确认、start 开始、finish 完成、decline 拒绝。"
    ),
    "Done by your newest visit to the customer that it is about.": "由你对该客户最近的拜访完成。",
    "What you have to say to it.": "你的回复。",
    "Why you decline.": "拒绝的原因。",
}
