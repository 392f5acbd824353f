"""Terminal commands about notices: the list, what the reader does with one, and how the reader wants to hear; none needs the network."""

import time
from collections.abc import Mapping
from datetime import date
from typing import Final

import click

from mobile_api.phone.measures import EPOCH, UnclearError, day_text, time_text
from mobile_api.phone.screen import Screen, short
from mobile_api.phone.terminal_settings import TEXTS as SETTINGS_TEXTS
from mobile_api.phone.terminal_settings import settings
from mobile_api.phone.words import Words
from notifications.messages import Message, message
from server.domain.notice_kinds import KINDS
from server.domain.notices import NOTICES
from shared_schema.notices import Language
from shared_schema.records.base import Command
from shared_schema.records.notification import NoticeDone, NoticeOpened, NoticeSeen, Notification, NotificationState, Urgency
from shared_schema.registry import BY_NAME, BY_NUMBER, BY_RECORD
from shared_schema.wire import ENCODER, Kind
from sync import overlay
from sync.agreed.notices import Listed, is_unread, sections, state_shown
from sync.device import Edit

ENTITY: Final = BY_RECORD[Notification]
STEPS: Final[Mapping[str, tuple[type[Command], NotificationState]]] = {
    "open": (NoticeOpened, NotificationState.opened),
    "done": (NoticeDone, NotificationState.done),
}


@click.command("notices")
@click.argument("step", type=click.Choice(tuple(STEPS)), required=False, metavar="[STEP]")
@click.argument("place", type=click.IntRange(1), required=False)
@click.pass_obj
def notices(screen: Screen, step: str | None, place: int | None) -> None:
    """List your notices, which counts as having seen them; or take a STEP (open, done) with the one at PLACE."""
    listed = _listed(screen)
    if step is not None:
        _take(screen, step, place, [one for day in listed for one in day[1]])
        return
    if not listed:
        screen.say("no_notices_here")
        return
    states = [_state(screen, one) for _, found in listed for one in found]
    screen.say("notices_unread", unread=sum(map(is_unread, states)), count=len(states))
    at = 0
    for heading, found in listed:
        click.echo(heading)
        for one in found:
            at += 1
            _print(screen, at, one)
    for _, found in listed:
        for one in found:
            _give(screen, one, NoticeSeen, NotificationState.seen)


def _listed(screen: Screen) -> list[tuple[str, list[Notification]]]:
    """What is not done yet: day and group as a heading, with the notices below."""
    own = [one for one in screen.phone.views(Notification) if one.user_id == screen.phone.seat().user_id]
    states = {one.id: _state(screen, one) for one in own}
    known = {one.id: one for one in own if states[one.id] < NotificationState.done}
    listed = [Listed(one.id, one.made_ms, _day(one.made_ms), _group(one), states[one.id]) for one in known.values()]
    return [
        (f"{day_text(part.day)}  {screen.words(f'group_{part.group}')}", [known[record_id] for record_id in part.ids])
        for part in sections(listed)
    ]


def _state(screen: Screen, one: Notification) -> int:
    entered = overlay.own(screen.phone.shelf, (ENTITY.number, one.id))
    return state_shown(one.state, [str(intent.command.__struct_config__.tag) for _, intent in entered if intent.command is not None])


def _day(moment_ms: int) -> int:
    """The reader's day, since 1970."""
    local = time.localtime(moment_ms / 1000)
    return (date(local.tm_year, local.tm_mon, local.tm_mday) - EPOCH).days


def _group(one: Notification) -> str:
    return str(KINDS[one.kind].group) if one.kind in KINDS else "other"


def _print(screen: Screen, at: int, one: Notification) -> None:
    told = _words(screen, one)
    new = [screen.words("notice_new")] if is_unread(_state(screen, one)) else []
    urgent = [screen.words("notice_urgent")] if one.urgency is Urgency.critical else []
    click.echo(f"{at:>3}. {' · '.join([*urgent, *new, told.title])}  {time_text(one.made_ms)}")
    if told.body:
        click.echo(f"     {told.body}")


def _words(screen: Screen, one: Notification) -> Message:
    """Title and body; a plain sentence for a kind that is newer than this program, the short line where a fact is missing (D-930)."""
    if one.kind not in NOTICES:
        return Message(screen.words("notice_unknown"), "")
    words = NOTICES[one.kind][Language(screen.words.language)]
    try:
        return message(words, {**one.facts, "record": _record(screen.words, one.facts.get("record", ""))})
    except ValueError:
        return Message(words.line, "")


def _record(words: Words, told: str) -> str:
    """A record without a name of its own is told by its kind, within a sentence."""
    if told not in BY_NAME:
        return told
    kind = words.known(told)
    return f"the {kind.removeprefix('The ')}" if words.language == Language.en else kind


def _take(screen: Screen, step: str, place: int | None, found: list[Notification]) -> None:
    """Raises UnclearError when no notice stands there."""
    if place is None or place > len(found):
        raise UnclearError("no_notice_there", count=len(found), step=step)
    one = found[place - 1]
    command, level = STEPS[step]
    _give(screen, one, command, level)
    title = _words(screen, one).title
    screen.say("notice_done" if step == "done" else "notice_opened", title=title, about=_about(screen, one))


def _about(screen: Screen, one: Notification) -> str:
    """The record that it is about, as people name it."""
    entity = BY_NUMBER.get(one.subject_entity)
    if entity is None or one.subject_id is None:
        return screen.words("about_nothing")
    record = screen.phone.view(entity.record, one.subject_id)
    name = str(getattr(record, "name", "") or getattr(record, "title", "") or getattr(record, "text", "") or "")
    kind = "customer" if entity.name == "standing" else entity.name
    return " ".join(filter(None, [screen.words.known(kind), name, short(one.subject_id)]))


def _give(screen: Screen, one: Notification, command: type[Command], level: NotificationState) -> None:
    """A receipt, an act of its own; none where the notice has come as far."""
    if _state(screen, one) < level:
        screen.enter([Edit(Kind.command, ENTITY, one.id, command=ENCODER.encode(command()))])


COMMANDS: Final = (notices, settings)
TEXTS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "no_notices_here": ("No notices wait on this phone.", "本机没有待处理的通知。"),
    "notices_unread": ("{unread} unread of {count}", "{count} 条中有 {unread} 条未读"),
    "notice_new": ("new", "未读"),
    "notice_urgent": ("! urgent", "！紧急"),
    "notice_unknown": ("A notice of a kind that this program does not know yet", "此版本尚不认识的通知"),
    "notice_done": ("Done: {title}", "已处理：{title}"),
    "notice_opened": ("Opened: {title}: {about}", "已打开：{title}：{about}"),
    "about_nothing": ("it is about no record", "不涉及具体记录"),
    "no_notice_there": (
        "There is no such notice; the list has {count}. Next: outrider device notices, then the number there behind {step}",
        "没有这条通知，列表中共 {count} 条。下一步：outrider device notices，再在 {step} 后写上列表中的序号",
    ),
    "group_inbox": ("Your decisions", "待决定"),
    "group_customers": ("Customers", "客户"),
    "group_quotes": ("Quotes", "报价"),
    "group_instructions": ("Instructions", "工作指令"),
    "group_reminders": ("Reminders", "提醒"),
    "group_devices": ("Devices", "设备"),
    "group_other": ("Other", "其他"),
    **SETTINGS_TEXTS,
}
HELP: Final[Mapping[str, str]] = {
    "List your notices, which counts as having seen them; or take a STEP (open, done) with the one at PLACE.": (
        "列出你的通知（列出即视为已查看）；或对第 PLACE 条进行操作（STEP）：open 打开、done 标为已处理。"
    ),
    ("Show how you want to hear, or change it: quiet 22:00 07:00 | quiet off | zone Europe/Paris | push off quotes robot | language zh."): (
        "查看或修改通知设置：quiet 22:00 07:00 免打扰 | quiet off 与组织相同 | quiet none 不设 | zone Europe/Paris 时区 | "
        "push off quotes 不推送报价 | push off quotes robot 报价不发群消息 | language zh 语言。"
    ),
}
