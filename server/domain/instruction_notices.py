"""Notices about instructions: who hears them, and their words (D-808, D-812)."""

import hashlib
from typing import Final

from shared_schema.notices import Language, Texts, Words
from shared_schema.records.customer import Customer
from shared_schema.records.instruction import Instruction
from shared_schema.records.reference import Person
from sync.heard import Heard
from sync.rules import Actor
from sync.state import State


def readers(state: State, instruction: Instruction) -> tuple[bytes, ...]:
    """The users who hear of an instruction that was given: the author, then the managers above, the nearest first. If the author has left,
    the managers above the rep (D-504). The needs: the author, and `Above` the user concerned."""
    author_id = instruction.author_id
    if has_left(state, author_id):
        return state.leaders.get(instruction.rep_id, ())
    return (author_id, *state.leaders.get(author_id, ()))


def has_left(state: State, user_id: bytes) -> bool:
    """Whether this user, if loaded, is no longer active."""
    person = state.find(Person, user_id)
    return person is not None and not person.active


def tell(actor: Actor, state: State, heard: Heard) -> None:
    """Nobody is told of an own instruction, answer or decision."""
    if heard.user_id != actor.user_id:
        state.notices.append(heard)


def facts(actor: Actor, state: State, instruction: Instruction) -> dict[str, str]:
    """What the words of the notices name."""
    customer = state.find(Customer, instruction.customer_id) if instruction.customer_id is not None else None
    return {
        "actor": _name(state, actor.user_id),
        "rep": _name(state, instruction.rep_id),
        "customer": customer.name if customer is not None else "",
        "text": instruction.text,
        "reason": instruction.reason,
    }


def _name(state: State, user_id: bytes) -> str:
    person = state.find(Person, user_id)
    return person.name if person is not None else ""


def happening(instruction: Instruction) -> bytes:
    """What a notice is about: the instruction; in a later round that round of it, for each round is told on its own."""
    if instruction.round == 1:
        return instruction.id
    return hashlib.sha256(instruction.id + instruction.round.to_bytes(8, "big")).digest()[:16]


NOTICES: Final[Texts] = {
    "instructed": {
        Language.en: Words("Instruction from {actor}", "{text}", "A new instruction for you"),
        Language.zh: Words("{actor}的工作指令", "{text}", "你有一条新的工作指令"),
    },
    "instruction_answered": {
        Language.en: Words("{actor} has the instruction", "{actor} has understood: {text}", "An instruction was understood"),
        Language.zh: Words("{actor}已收到指令", "{actor}已确认指令：{text}", "你的一条指令已被确认"),
    },
    "instruction_declined": {
        Language.en: Words("{actor} declined an instruction", "{text} (reason: {reason})", "An instruction was declined"),
        Language.zh: Words("{actor}未接受指令", "指令：{text}（原因：{reason}）", "你的一条指令未被接受"),
    },
    "instruction_done": {
        Language.en: Words("{actor} is done", "Done: {text}", "An instruction was carried out"),
        Language.zh: Words("{actor}已完成指令", "已完成：{text}", "你的一条指令已完成"),
    },
    "instruction_confirmed": {
        Language.en: Words("{actor} confirmed your work", "Confirmed as done: {text}", "An instruction to you was confirmed"),
        Language.zh: Words("{actor}已确认你的完成情况", "已确认完成：{text}", "你完成的一条指令已获确认"),
    },
    "instruction_returned": {
        Language.en: Words(
            "{actor} returned an instruction", "It is open again: {text} (reason: {reason})", "An instruction to you is open again"
        ),
        Language.zh: Words("{actor}退回了指令", "请继续执行：{text}（原因：{reason}）", "你的一条指令被退回"),
    },
    "instruction_cancelled": {
        Language.en: Words("{actor} cancelled an instruction", "No longer needed: {text}", "An instruction to you was cancelled"),
        Language.zh: Words("{actor}取消了指令", "无需再执行：{text}", "你的一条指令已取消"),
    },
    "instruction_unread": {
        Language.en: Words("{rep} has not read an instruction", "Unread: {text}", "An instruction is unread"),
        Language.zh: Words("{rep}尚未阅读指令", "未读：{text}", "有一条指令尚未阅读"),
    },
    "instruction_unanswered": {
        Language.en: Words("{rep} has not acknowledged an instruction", "No answer yet: {text}", "An instruction has no answer"),
        Language.zh: Words("{rep}尚未确认指令", "尚无答复：{text}", "有一条指令尚未确认"),
    },
    "instruction_overdue": {
        Language.en: Words("An instruction to {rep} is overdue", "Overdue: {text}", "An instruction is overdue"),
        Language.zh: Words("{rep}的指令已逾期", "已逾期：{text}", "有一条指令已逾期"),
    },
}
