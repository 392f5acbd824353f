"""The message of a robot in a group of WeCom, DingTalk or Feishu: what it says, how it is signed, and where it may go. Pure.

The group reads it, so it says what kind of notice, how many and for whom, and nothing of a customer.
"""

import base64
import hashlib
import hmac
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from msgspec import Struct

from notifications.push import Push
from notifications.reaction import Said, Word

HOSTS: Final = {
    "qyapi.weixin.qq.com": "wecom",
    "oapi.dingtalk.com": "dingtalk",
    "api.dingtalk.com": "dingtalk",
    "open.feishu.cn": "feishu",
    "open.larksuite.com": "feishu",
}
TOO_MUCH: Final = frozenset({45_009, 130_101, 410_100, 11_232, 9_499})
"""Codes in a robot's answer that say: more messages than a minute may have."""


class RobotKind(StrEnum):
    """Whose robot it is."""

    wecom = "wecom"
    dingtalk = "dingtalk"
    feishu = "feishu"


class Robot(Struct, frozen=True):
    """Where a robot is and how it is signed. `mention`: the reader's name there; empty: nobody is named."""

    url: str
    secret: str = ""
    mention: str = ""


class Post(Struct, frozen=True):
    """What is posted."""

    url: str
    body: Mapping[str, Any]


def kind_of(url: str, added: Collection[str] = ()) -> RobotKind | None:
    """Whose robot an address is; None for an address that is no robot's. `added`: host:port of a robot of tests, told by its path."""
    try:
        address = urlsplit(url)
        plain = address.scheme == "https" and address.username is None and address.password is None
        port = address.port or 443
    except ValueError:
        return None
    host = address.hostname or ""
    if plain and port == 443 and host in HOSTS:
        return RobotKind(HOSTS[host])
    first = address.path.strip("/").partition("/")[0]
    return RobotKind(first) if plain and f"{host}:{port}" in added and first in RobotKind.__members__ else None


def post(robot: Robot, kind: RobotKind, push: Push, now_ms: int) -> Post:
    """The signed text message."""
    count = push.data.get("count", "")
    text = push.body + (f" ×{count}" if count and count not in push.body else "")
    if kind is RobotKind.wecom:
        mentioned = [robot.mention] if robot.mention else []
        return Post(robot.url, {"msgtype": "text", "text": {"content": text, "mentioned_list": mentioned}})
    if kind is RobotKind.dingtalk:
        at = {"atUserIds": [robot.mention] if robot.mention else []}
        shown = f"@{robot.mention} {text}" if robot.mention else text
        return Post(_signed(robot, now_ms), {"msgtype": "text", "text": {"content": shown}, "at": at})
    shown = f'<at user_id="{robot.mention}"></at> {text}' if robot.mention else text
    stamp = str(now_ms // 1_000)
    sign = {"timestamp": stamp, "sign": _digest(f"{stamp}\n{robot.secret}", "")} if robot.secret else {}
    return Post(robot.url, {**sign, "msg_type": "text", "content": {"text": shown}})


def said(status: int, code: int | None) -> Said:
    """The word in a robot's answer; `code`: `errcode` or `code` of its body, 0 for taken."""
    if status >= 500:
        return Said(Word.ill)
    if status == 429 or code in TOO_MUCH:
        return Said(Word.too_much)
    return Said(Word.taken) if status == 200 and code == 0 else Said(Word.forbidden)


def _signed(robot: Robot, now_ms: int) -> str:
    if not robot.secret:
        return robot.url
    mark = "&" if "?" in robot.url else "?"
    return robot.url + mark + urlencode({"timestamp": str(now_ms), "sign": _digest(robot.secret, f"{now_ms}\n{robot.secret}")})


def _digest(key: str, words: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), words.encode(), hashlib.sha256).digest()).decode()
