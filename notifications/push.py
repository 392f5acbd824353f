"""One push: to which target, in which words, and for how long."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace


class TargetKind(StrEnum):
    """The ways to a device."""

    fcm_fid = "fcm_fid"
    """An installation of Firebase's."""
    fcm_token = "fcm_token"  # noqa: S105 - the name of a kind
    """A registration token, as apps of before have."""
    webpush = "webpush"


class ChannelName(StrEnum):
    """The ways that a server may have: two providers, the robot of an organisation, and the log."""

    fcm = "fcm"
    webpush = "webpush"
    robot = "robot"
    log = "log"


CHANNEL_OF: Final[Mapping[TargetKind, ChannelName]] = {
    TargetKind.fcm_fid: ChannelName.fcm,
    TargetKind.fcm_token: ChannelName.fcm,
    TargetKind.webpush: ChannelName.webpush,
}


class Target(Struct, frozen=True):
    """Where one device is reached. `address`: the provider's word for it; of WebPush the browser's whole subscription, as JSON.

    `kind` None: no device, but the robot of an organisation (`address`: its settings, as JSON), or the log.
    """

    kind: TargetKind | None
    address: str


class Collapse(StrEnum):
    """What replaces what while a device is away: a later push of a class may stand for an earlier one."""

    sync = "sync"
    reminder = "reminder"
    reclaim = "reclaim"
    instruction = "instruction"


class Push(Struct, frozen=True, kw_only=True):
    """A push. `tag`: one thing on the device; a later push with it replaces the earlier one. `data`: ids, never a customer's data."""

    target: Target
    tag: str
    title: str
    body: str
    collapse: Collapse
    data: Mapping[str, str]
    life_s: int
    urgent: bool = False


def empty(push: Push) -> Push:
    """A push to the same target that says nothing: to ask whether the target or the message is at fault."""
    return replace(push, tag="", title="", body="", data={})
