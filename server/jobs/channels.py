"""The channels of a server, opened in the loop of their sender.

Their libraries are loaded by name, for only a process that sends needs them.
"""

from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

from notifications.channels import Channel
from notifications.channels.log import LogChannel
from notifications.push import ChannelName
from server.settings import Settings

ROOM: Final = "notifications.channels"
Opens = Callable[[Settings], Channel]


def ways(settings: Settings) -> frozenset[ChannelName]:
    """The channels that these settings give."""
    found = {ChannelName.robot, ChannelName.log}
    found |= {ChannelName.fcm} if settings.push_fcm_account else set()
    found |= {ChannelName.webpush} if settings.push_vapid else set()
    return frozenset(found)


def _fcm(settings: Settings) -> Channel:
    module = import_module(f"{ROOM}.fcm")
    channel: Channel = module.FcmChannel(module.read_account(Path(settings.push_fcm_account)), settings.push_fcm_url)
    return channel


def _webpush(settings: Settings) -> Channel:
    module = import_module(f"{ROOM}.webpush")
    channel: Channel = module.WebPushChannel(module.read_keys(Path(settings.push_vapid).read_bytes()), settings.push_contact)
    return channel


def _robot(settings: Settings) -> Channel:
    channel: Channel = import_module(f"{ROOM}.robot").RobotChannel(settings.push_services)
    return channel


def _log(_settings: Settings) -> Channel:
    return LogChannel()


OPENS: Final[Mapping[ChannelName, Opens]] = {
    ChannelName.fcm: _fcm,
    ChannelName.webpush: _webpush,
    ChannelName.robot: _robot,
    ChannelName.log: _log,
}


async def opened(name: ChannelName, settings: Settings) -> Channel:
    """The channel of this name, for the event loop that runs. Raises ValueError or OSError for settings that cannot be used."""
    return OPENS[name](settings)


def refused(settings: Settings, names: Collection[ChannelName]) -> list[str]:
    """Files of the settings that cannot be read, each as a sentence."""
    files = {ChannelName.fcm: ("push_fcm_account", settings.push_fcm_account), ChannelName.webpush: ("push_vapid", settings.push_vapid)}
    named = [files[name] for name in sorted(names) if name in files]
    return [f"{setting}: {file} cannot be read" for setting, file in named if not Path(file).is_file()]
