"""Posts of a robot in a group of WeCom, DingTalk or Feishu, for teams whose phones no provider of push reaches."""

import ssl
import time
from collections.abc import Collection
from typing import Final

import aiohttp
import msgspec

from notifications.push import Push
from notifications.reaction import Said, Word
from notifications.robot import Robot, kind_of, post, said

TIMEOUT_S: Final = 10
ANSWER_BYTES_MAX: Final = 65_536


class Told(msgspec.Struct, frozen=True):
    """What a robot answers; each kind calls its code otherwise."""

    errcode: int | None = None
    code: int | None = None


class RobotChannel:
    """Posts to the robots of organisations. `added`: host:port of robots besides those of the three makers, as in tests."""

    def __init__(self, added: Collection[str] = (), connector: aiohttp.BaseConnector | None = None) -> None:
        self._added = tuple(added)
        trusting = connector or aiohttp.TCPConnector(ssl=ssl.create_default_context())  # its own one is made at import
        self._session = aiohttp.ClientSession(connector=trusting, timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))

    async def send(self, push: Push, *, dry: bool = False) -> Said:
        """Post one message. A robot cannot be asked whether it would take one, so `dry` tells nothing."""
        if dry:
            return Said(Word.unheard)
        robot = msgspec.json.decode(push.target.address, type=Robot)
        kind = kind_of(robot.url, self._added)
        if kind is None:
            return Said(Word.gone)  # the operator took its host away
        posted = post(robot, kind, push, time.time_ns() // 1_000_000)
        try:
            async with self._session.post(posted.url, json=dict(posted.body), allow_redirects=False) as answer:
                return said(answer.status, _code(await answer.content.read(ANSWER_BYTES_MAX)))
        except (aiohttp.ClientError, TimeoutError, OSError):
            return Said(Word.unheard)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()


def _code(body: bytes) -> int | None:
    try:
        told = msgspec.json.decode(body, type=Told)
    except msgspec.MsgspecError:
        return None
    return told.errcode if told.errcode is not None else told.code
