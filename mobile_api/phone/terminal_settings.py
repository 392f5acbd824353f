"""The terminal command about how its user wants to hear: quiet hours, time zone, language, and which notices come as a push."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import click

from mobile_api.phone.measures import UnclearError
from mobile_api.phone.screen import Screen
from server.domain import time_zones
from server.domain.notice_kinds import Group
from shared_schema.notices import Language
from shared_schema.records.inbox import Value
from shared_schema.records.notification import UserSettings
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind
from sync.device import Edit

TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
HOUR_MINUTES: Final = 60
GROUPS: Final = tuple(str(group) for group in Group)
CHANNELS: Final = ("webpush", "fcm", "robot")


@click.command("settings")
@click.argument("wanted", nargs=-1, metavar="[WHAT VALUE…]")
@click.pass_obj
def settings(screen: Screen, wanted: tuple[str, ...]) -> None:
    """Show how you want to hear, or change it: quiet 22:00 07:00 | quiet off | zone Europe/Paris | push off quotes robot | language zh."""
    user_id = screen.phone.seat().user_id
    known = screen.phone.view(UserSettings, user_id)
    if wanted:
        changed = _changed(known or UserSettings(user_id, 0, user_id), wanted)
        kind = Kind.create if known is None else Kind.patch
        whole: dict[str, Value] = {"user_id": user_id} if known is None else {}
        screen.enter([Edit(kind, BY_RECORD[UserSettings], user_id, whole | changed)])
        screen.entered("user_settings")
    _show(screen, screen.phone.view(UserSettings, user_id))


def _changed(known: UserSettings, wanted: Sequence[str]) -> dict[str, Value]:
    """The new values. Raises UnclearError."""
    match list(wanted):
        case ["quiet", "off"]:
            return {"quiet_from": None, "quiet_until": None}
        case ["quiet", "none"]:
            return {"quiet_from": 0, "quiet_until": 0}
        case ["quiet", begin, end]:
            return _quiet(begin, end)
        case ["zone", name]:
            return _zone(name)
        case ["language", name] if name in set(Language):
            return {"language": name}
        case ["push", "on" | "off" as how, group] if group in GROUPS:
            others = [one for one in known.listed if one != group]
            return {"listed": [*others, group] if how == "off" else others}
        case ["push", "on" | "off" as how, group, channel] if group in GROUPS and channel in CHANNELS:
            rest = [one for one in known.muted if one != f"{channel}:{group}"]
            return {"muted": [*rest, f"{channel}:{group}"] if how == "off" else rest}
    raise UnclearError("settings_unclear", groups=", ".join(GROUPS), channels=", ".join(CHANNELS))


def _quiet(begin: str, end: str) -> dict[str, Value]:
    first, last = _minute(begin), _minute(end)
    if first == last:
        raise UnclearError("quiet_same")
    return {"quiet_from": first, "quiet_until": last}


def _minute(text: str) -> int:
    """22:00 → 1320."""
    found = TIME.fullmatch(text)
    if found is None:
        raise UnclearError("bad_clock", text=text)
    return int(found[1]) * HOUR_MINUTES + int(found[2])


def _zone(name: str) -> dict[str, Value]:
    if not time_zones.is_known(name):
        raise UnclearError("bad_zone", text=name)
    return {"time_zone": name}


def _clock(minute: int) -> str:
    return f"{minute // HOUR_MINUTES:02}:{minute % HOUR_MINUTES:02}"


def _show(screen: Screen, known: UserSettings | None) -> None:
    zone = known.time_zone if known is not None else ""
    language = known.language if known is not None else ""
    listed = known.listed if known is not None else ()
    screen.say("setting_zone", zone=zone or screen.words("of_organisation", zone=screen.organisation().time_zone))
    screen.say("setting_language", language=language or screen.words("of_account"))
    _show_quiet(screen, known)
    pushed = [screen.words(f"group_{group}") for group in GROUPS if group not in listed]
    screen.say("setting_push", groups=", ".join(pushed) or screen.words("nothing_pushed"))
    muted = known.muted if known is not None else ()
    for channel in CHANNELS:
        groups = [screen.words(f"group_{group}") for group in GROUPS if f"{channel}:{group}" in muted]
        if groups:
            screen.say("setting_muted", channel=screen.words(f"channel_{channel}"), groups=", ".join(groups))


def _show_quiet(screen: Screen, known: UserSettings | None) -> None:
    """The user's own quiet hours, else the organisation's."""
    own = known is not None and known.quiet_from is not None and known.quiet_until is not None
    hours = known if own else screen.organisation()
    if hours is None or hours.quiet_from is None or hours.quiet_until is None or hours.quiet_from == hours.quiet_until:
        screen.say("setting_no_quiet")
        return
    screen.say("setting_quiet" if own else "setting_common_quiet", begin=_clock(hours.quiet_from), end=_clock(hours.quiet_until))


TEXTS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "setting_zone": ("time zone: {zone}", "时区：{zone}"),
    "of_organisation": ("{zone}, the organisation's", "{zone}（与组织相同）"),
    "setting_language": ("language: {language}", "语言：{language}"),
    "of_account": ("the account's", "与账号相同"),
    "setting_quiet": ("quiet hours: {begin} to {end}; urgent notices come all the same", "免打扰：{begin} 至 {end}，紧急通知除外"),
    "setting_common_quiet": (
        "quiet hours: {begin} to {end}, the organisation's; urgent notices come all the same",
        "免打扰：{begin} 至 {end}（与组织相同），紧急通知除外",
    ),
    "setting_muted": ("not by {channel}: {groups}", "不用{channel}通知：{groups}"),
    "channel_webpush": ("browser", "浏览器"),
    "channel_fcm": ("phone app", "手机应用"),
    "channel_robot": ("group chat", "群消息"),
    "setting_no_quiet": ("quiet hours: none", "免打扰：未设置"),
    "setting_push": ("come as a push: {groups}; the others stand in the list", "推送：{groups}；其余仅在列表中"),
    "nothing_pushed": ("urgent ones alone", "仅紧急通知"),
    "settings_unclear": (
        "This is no setting. Nothing was changed. Next: outrider device settings --help; groups are {groups}; channels are {channels}",
        "没有这样的设置，未作任何修改。下一步：outrider device settings --help；类别有 {groups}；方式有 {channels}",
    ),
    "bad_clock": ("{text} is no time of a day. Next: write it like 22:00", "{text} 不是时刻。下一步：写成 22:00 的形式"),
    "quiet_same": (
        "Quiet hours cannot begin and end at the same time. Next: two different times, or settings quiet off",
        "免打扰的开始和结束不能相同。下一步：填写两个不同的时刻，或 settings quiet off",
    ),
    "bad_zone": (
        "{text} is no time zone. Next: a name of the IANA database, like Asia/Shanghai or Europe/Paris",
        "{text} 不是时区。下一步：用 IANA 名称，如 Asia/Shanghai、Europe/Paris",
    ),
}
